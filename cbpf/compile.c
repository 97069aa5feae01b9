/* Filter text to classic BPF, by libpcap's compiler; what is wrong with a text it refuses is found
 * by the project's own parser, which knows where. */
#include "internal.h"
#include "lex.h"
#include "tree.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        /* libpcap walks its programs recursively and overflows the stack on long ones, somewhere
         * above 10,000 tests or operators. A text this short cannot hold that many. */
        MOST_NODES = 5000,
        SHORT_EXPRESSION = 5000,
};

static size_t count_nodes(const struct tree *tree)
{
        size_t count = 0;

        for (const struct tree *node = tree ? tree_first(tree) : NULL; node; node = tree_next(node))
                count++;
        return count;
}

/* Refuses what libpcap would crash on. */
static int guard(const char *expression, struct cbpf_error *error)
{
        struct arena arena = {0};
        struct tree *tree;
        size_t count;

        if (strlen(expression) < SHORT_EXPRESSION)
                return 0;
        if (cbpf_parse(expression, PARSE_NO_NAMES, &arena, &tree, error)) {
                arena_free(&arena);
                return -1;
        }
        count = count_nodes(tree);
        arena_free(&arena);
        if (count <= MOST_NODES)
                return 0;
        error_at(error, CBPF_NO_OFFSET, 0,
                 "the expression has %zu tests and operators: more than %d cannot be compiled",
                 count, MOST_NODES);
        return -1;
}

/* Points `error` at what its message quotes, if that stands in the expression. */
static void find_quoted(const char *expression, struct cbpf_error *error)
{
        const char *start = strpbrk(error->message, "'\"");
        const char *end = start ? strchr(start + 1, *start) : NULL;
        char quoted[sizeof error->message];
        const char *place;

        if (!end || end == start + 1)
                return;
        snprintf(quoted, sizeof quoted, "%.*s", (int)(end - start - 1), start + 1);
        place = strstr(expression, quoted);
        if (!place)
                return;
        error->offset = (size_t)(place - expression);
        error->length = strlen(quoted);
}

/* Says why libpcap refused: in the parser's words, or in its own where the expression is well
 * formed and only not possible for this link type. */
static void explain(const char *expression, pcap_t *handle, struct cbpf_error *error)
{
        struct arena arena = {0};
        struct tree *tree;

        if (!cbpf_parse(expression, 0, &arena, &tree, error)) {
                error_at(error, CBPF_NO_OFFSET, 0, "%s", pcap_geterr(handle));
                find_quoted(expression, error);
        }
        arena_free(&arena);
}

/* The program that no packet passes. libpcap's optimizer refuses to give it. */
static int reject_all(struct bpf_program *program, struct cbpf_error *error)
{
        program->bf_insns = malloc(sizeof *program->bf_insns);
        if (!program->bf_insns) {
                error_at(error, CBPF_NO_OFFSET, 0, "out of memory");
                return -1;
        }
        program->bf_insns[0] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, 0);
        program->bf_len = 1;
        return 0;
}

static int compile(pcap_t *handle, const char *expression, const struct cbpf_target *target,
                   unsigned flags, struct bpf_program *program, struct cbpf_error *error)
{
        if (!pcap_compile(handle, program, expression, !(flags & CBPF_UNOPTIMIZED),
                          target->netmask))
                return 0;
        *program = (struct bpf_program){0};
        if (strcmp(pcap_geterr(handle), "expression rejects all packets") == 0)
                return reject_all(program, error);
        explain(expression, handle, error);
        return -1;
}

/* Makes `program` one for a cooked socket. */
static int cook(struct bpf_program *program, struct cbpf_error *error)
{
        if (cbpf_cook(program) == 0)
                return 0;
        cbpf_program_free(program);
        error_at(error, CBPF_NO_OFFSET, 0,
                 "it asks for a field of the link header that the kernel cannot tell");
        error->only_in_file = true;
        return -1;
}

int cbpf_compile(const char *expression, const struct cbpf_target *target, unsigned flags,
                 struct bpf_program *program, struct cbpf_error *error)
{
        pcap_t *handle;
        int failed;

        *program = (struct bpf_program){0};
        *error = (struct cbpf_error){.offset = CBPF_NO_OFFSET};
        if (guard(expression, error))
                return -1;
        handle = cbpf_open_handle(target);
        if (!handle) {
                error_at(error, CBPF_NO_OFFSET, 0, "out of memory");
                return -1;
        }
        failed = compile(handle, expression, target, flags, program, error);
        pcap_close(handle);
        if (failed || target->place != CBPF_LIVE || target->link_type != DLT_LINUX_SLL2)
                return failed;
        return cook(program, error);
}

void cbpf_program_free(struct bpf_program *program)
{
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}
