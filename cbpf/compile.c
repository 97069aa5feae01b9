/* Filter text to classic BPF: the stages in their order.
 *
 *   text -> tree -> tree with a marker for each list -> libpcap's program, which says what that
 * means
 *        -> graph -> graph with the lists' values for the markers -> optimized graph -> program
 *
 * A program that jumps back (protochain) has no graph and stays as libpcap made it.
 *
 * So far the graph serves where libpcap's own optimizer fails: long lists, on which it spends
 * minutes, and programs that it leaves against the kernel's rules. Other filters still get the
 * program that tcpdump shows, until the graph's is nowhere longer (make differential tells). */
#include "internal.h"
#include "lex.h"
#include "lists.h"

#include <stdlib.h>
#include <string.h>

enum {
        LONG_LIST = 64, /* values; from here on it takes libpcap more than some 10 ms */
};

enum stage {
        STAGE_DONE,
        STAGE_FAILED,     /* with an error message */
        STAGE_IMPOSSIBLE, /* this way; there may be others */
};

static enum stage out_of_memory(struct cbpf_error *error)
{
        error_at(error, CBPF_NO_OFFSET, 0, "out of memory");
        return STAGE_FAILED;
}

/* Compiles `text`, which is `original` with markers for `lists`, through the graph. */
static enum stage compile_text(const char *text, const char *original, const struct lists *lists,
                               const struct cbpf_target *target, struct bpf_program *program,
                               struct cbpf_report *report, struct cbpf_error *error)
{
        struct bpf_program meaning = {0};
        int status;

        report->by_libpcap = true;
        if (cbpf_compile_by_libpcap(text, original, target, false, &meaning, error) < 0)
                return STAGE_FAILED;
        status = cbpf_optimize(&meaning, lists, program);
        if (status > 0 && !lists) {
                *program = meaning;
                return STAGE_DONE;
        }
        cbpf_program_free(&meaning);
        if (status < 0)
                return out_of_memory(error);
        return status ? STAGE_IMPOSSIBLE : STAGE_DONE;
}

/* FNV-1a */
static uint32_t hash_of(const char *text)
{
        uint32_t hash = 2166136261u;

        for (; *text; text++)
                hash = (hash ^ (uint8_t)*text) * 16777619u;
        return hash;
}

/* Has libpcap compile and optimize. */
static enum stage compile_plainly(const char *expression, const struct cbpf_target *target,
                                  struct bpf_program *program, struct cbpf_report *report,
                                  struct cbpf_error *error)
{
        struct cbpf_violation violation;

        report->by_libpcap = true;
        if (cbpf_compile_by_libpcap(expression, expression, target, true, program, error) < 0)
                return STAGE_FAILED;
        if (program->bf_len > CBPF_KERNEL_MAX || cbpf_check(program, &violation) == 0)
                return STAGE_DONE;
        cbpf_program_free(program);
        return compile_text(expression, expression, NULL, target, program, report, error);
}

/* Compiles the expression whose `tree` has markers in the place of `lists`. */
static enum stage compile_lists(const char *expression, struct tree *tree, struct lists *lists,
                                const struct cbpf_target *target, struct bpf_program *program,
                                struct cbpf_report *report, struct cbpf_error *error)
{
        enum stage stage;
        char *text;

        if (lists_mark(lists, tree, hash_of(expression)) < 0)
                return out_of_memory(error);
        text = cbpf_tree_text(tree);
        if (!text)
                return out_of_memory(error);
        stage = compile_text(text, expression, lists, target, program, report, error);
        free(text);
        return stage;
}

static enum stage compile_tree(const char *expression, struct tree *tree, struct lists *lists,
                               const struct cbpf_target *target, struct bpf_program *program,
                               struct cbpf_report *report, struct cbpf_error *error)
{
        enum stage stage = STAGE_IMPOSSIBLE;

        if (lists_gather(lists, tree) < 0)
                return out_of_memory(error);
        if (lists_values(lists) >= LONG_LIST)
                stage = compile_lists(expression, tree, lists, target, program, report, error);
        if (stage != STAGE_IMPOSSIBLE)
                return stage;
        return compile_plainly(expression, target, program, report, error);
}

/* The parser is quick to tell what is wrong, and where, and knows the lists. */
static enum stage compile(const char *expression, const struct cbpf_target *target,
                          struct bpf_program *program, struct cbpf_report *report,
                          struct cbpf_error *error)
{
        struct arena arena = {0};
        struct lists lists = {.arena = &arena};
        enum stage stage = STAGE_FAILED;
        struct tree *tree;

        if (cbpf_parse(expression, 0, &arena, &tree, error) == 0)
                stage = tree
                            ? compile_tree(expression, tree, &lists, target, program, report, error)
                            : compile_plainly(expression, target, program, report, error);
        lists_free(&lists);
        arena_free(&arena);
        return stage;
}

int cbpf_return_constant(uint32_t k, struct bpf_program *program, struct cbpf_error *error)
{
        program->bf_insns = malloc(sizeof *program->bf_insns);
        if (!program->bf_insns) {
                out_of_memory(error);
                return -1;
        }
        program->bf_insns[0] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, k);
        program->bf_len = 1;
        return 0;
}

int cbpf_compile_and_report(const char *expression, const struct cbpf_target *target,
                            unsigned flags, struct bpf_program *program, struct cbpf_report *report,
                            struct cbpf_error *error)
{
        *program = (struct bpf_program){0};
        *report = (struct cbpf_report){0};
        *error = (struct cbpf_error){.offset = CBPF_NO_OFFSET};
        if (expression[strspn(expression, " \t\r\n")] == '\0')
                return cbpf_return_constant(target->snapshot_length, program, error);
        if (!(flags & CBPF_UNOPTIMIZED))
                return compile(expression, target, program, report, error) == STAGE_DONE ? 0 : -1;
        report->by_libpcap = true;
        return cbpf_compile_by_libpcap(expression, expression, target, false, program, error);
}

int cbpf_compile(const char *expression, const struct cbpf_target *target, unsigned flags,
                 struct bpf_program *program, struct cbpf_error *error)
{
        struct cbpf_report report;

        return cbpf_compile_and_report(expression, target, flags, program, &report, error);
}

void cbpf_program_free(struct bpf_program *program)
{
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}
