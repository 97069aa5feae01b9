/* Filter text to classic BPF, by libpcap's compiler; what is wrong with a text it refuses is found
 * by the project's own parser, which knows where. */
#include "internal.h"
#include "lex.h"
#include "tree.h"

#include <pcap/pcap.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        /* libpcap walks its programs recursively, a level for each instruction or so: 10,000 hosts
         * overflow a stack of 8 MiB. What is longer than this gets a large stack of its own, and
         * above the second number its time, which grows with the square, is past bearing. */
        SHORT_EXPRESSION = 5000, /* bytes */
        MOST_NODES = 5000,
        LARGE_STACK = 256 << 20,
};

static size_t count_nodes(const struct tree *tree)
{
        size_t count = 0;

        for (const struct tree *node = tree ? tree_first(tree) : NULL; node; node = tree_next(node))
                count++;
        return count;
}

/* Refuses what would take libpcap hours. */
static int guard(const char *expression, struct cbpf_error *error)
{
        struct arena arena = {0};
        struct tree *tree;
        size_t count;

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

        if (strstr(pcap_geterr(handle), "memory exhausted")) {
                error_at(error, CBPF_NO_OFFSET, 0, "the parentheses are nested too deeply");
        } else if (!cbpf_parse(expression, 0, &arena, &tree, error)) {
                error_at(error, CBPF_NO_OFFSET, 0, "%s", pcap_geterr(handle));
                find_quoted(expression, error);
        }
        arena_free(&arena);
}

/* The program that returns `k` for every packet: all pass, on link types libpcap does not know,
 * too; or none, what libpcap's optimizer refuses to give. */
static int return_constant(struct bpf_program *program, uint32_t k, struct cbpf_error *error)
{
        program->bf_insns = malloc(sizeof *program->bf_insns);
        if (!program->bf_insns) {
                error_at(error, CBPF_NO_OFFSET, 0, "out of memory");
                return -1;
        }
        program->bf_insns[0] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, k);
        program->bf_len = 1;
        return 0;
}

/* The arguments and the result of pcap_compile(). */
struct call {
        pcap_t *handle;
        struct bpf_program *program;
        const char *expression;
        int optimize;
        uint32_t netmask;
        int failed;
};

static void *run_call(void *argument)
{
        struct call *call = argument;

        call->failed = pcap_compile(call->handle, call->program, call->expression, call->optimize,
                                    call->netmask);
        return NULL;
}

static int run_call_on_large_stack(struct call *call)
{
        pthread_attr_t attributes;
        pthread_t thread;
        int failed;

        if (pthread_attr_init(&attributes))
                return -1;
        failed = pthread_attr_setstacksize(&attributes, LARGE_STACK) ||
                 pthread_create(&thread, &attributes, run_call, call) || pthread_join(thread, NULL);
        pthread_attr_destroy(&attributes);
        return failed ? -1 : 0;
}

static int compile(struct call *call, struct cbpf_error *error)
{
        if (strlen(call->expression) < SHORT_EXPRESSION) {
                run_call(call);
        } else if (guard(call->expression, error)) {
                return -1;
        } else if (run_call_on_large_stack(call)) {
                error_at(error, CBPF_NO_OFFSET, 0, "no memory for a stack of %d MiB",
                         LARGE_STACK >> 20);
                return -1;
        }
        if (!call->failed)
                return 0;
        *call->program = (struct bpf_program){0};
        if (strcmp(pcap_geterr(call->handle), "expression rejects all packets") == 0)
                return return_constant(call->program, 0, error);
        explain(call->expression, call->handle, error);
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
        struct call call = {
            .program = program,
            .expression = expression,
            .optimize = !(flags & CBPF_UNOPTIMIZED),
            .netmask = target->netmask,
        };
        int failed;

        *program = (struct bpf_program){0};
        *error = (struct cbpf_error){.offset = CBPF_NO_OFFSET};
        if (expression[strspn(expression, " \t\r\n")] == '\0')
                return return_constant(program, target->snapshot_length, error);
        call.handle = cbpf_open_handle(target);
        if (!call.handle) {
                error_at(error, CBPF_NO_OFFSET, 0, "out of memory");
                return -1;
        }
        failed = compile(&call, error);
        pcap_close(call.handle);
        if (failed || target->place != CBPF_LIVE || target->link_type != DLT_LINUX_SLL2)
                return failed;
        return cook(program, error);
}

void cbpf_program_free(struct bpf_program *program)
{
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}
