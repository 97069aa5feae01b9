/* Filter text to classic BPF: the stages in their order.
 *
 *   text -> tree -> graph -> optimized graph -> program
 *
 * What lower.h calls foreign takes another way to the graph: libpcap compiles the text, without its
 * optimizer, and the program is lifted. Long lists have a marker in that text, which gives way to
 * the list's values in the graph. A program that jumps back (protochain) has no graph and stays as
 * libpcap made it. */
#include "cbpf/lower/lower.h"
#include "cbpf/lower/pairs.h"
#include "cbpf/syntax/lex.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum {
        FEW_PAIRS = 32,
        LONG_LIST = 64, /* values; from here on it takes libpcap more than some 10 ms */
};

enum stage {
        STAGE_DONE,
        STAGE_FAILED,     /* with an error message */
        STAGE_IMPOSSIBLE, /* this way; there may be others */
};

static enum stage out_of_memory(struct error *error)
{
        error_memory(error);
        return STAGE_FAILED;
}

/* Compiles `text`, which is `original` with markers for `lists`, through the graph. */
static enum stage compile_text(const char *text, const char *original, const struct lists *lists,
                               const struct cbpf_target *target, struct bpf_program *program,
                               struct cbpf_report *report, struct error *error)
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

/* Compiles the expression whose `tree` has markers in the place of `lists`. */
static enum stage compile_lists(const char *expression, struct tree *tree, struct lists *lists,
                                const struct cbpf_target *target, struct bpf_program *program,
                                struct cbpf_report *report, struct error *error)
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

/* Compiles what is foreign to the compiler by way of libpcap. */
static enum stage compile_foreign(const char *expression, struct tree *tree, struct lists *lists,
                                  const struct cbpf_target *target, struct bpf_program *program,
                                  struct cbpf_report *report, struct error *error)
{
        enum stage stage = STAGE_IMPOSSIBLE;

        if (lists_values(lists) >= LONG_LIST)
                stage = compile_lists(expression, tree, lists, target, program, report, error);
        if (stage == STAGE_IMPOSSIBLE)
                stage = compile_text(expression, expression, NULL, target, program, report, error);
        return stage;
}

static enum stage compile_natively(const struct tree *tree, const struct lists *lists,
                                   const struct cbpf_target *target, struct bpf_program *program,
                                   struct error *error)
{
        struct graph graph = {0};
        int status = graph_lower(&graph, tree, lists, target);

        if (status == 0)
                status = cbpf_finish(&graph, program);
        graph_free(&graph);
        if (status < 0)
                return out_of_memory(error);
        return status ? STAGE_IMPOSSIBLE : STAGE_DONE;
}

/* Compiles in one way: with pairs (pairs.h) gathered, or without. `*gathered` is how many they are;
 * if there are any, what is foreign is left to the other way, as libpcap does not know what stands
 * for them. The parser knows the lists, and is quick to tell what is wrong, and where. */
static enum stage compile_way(const char *expression, const struct cbpf_target *target,
                              size_t *gathered, struct bpf_program *program,
                              struct cbpf_report *report, struct error *error)
{
        struct arena arena = {0};
        struct lists lists = {.arena = &arena, .gather_pairs = gathered};
        enum stage stage = STAGE_FAILED;
        struct tree *tree;

        if (cbpf_parse(expression, 0, &arena, &tree, error) == 0) {
                if (tree && lists_gather(&lists, tree) < 0)
                        stage = out_of_memory(error);
                else
                        stage = tree ? compile_natively(tree, &lists, target, program, error)
                                     : STAGE_IMPOSSIBLE;
                if (gathered)
                        *gathered = pairs_count(&lists);
                if (stage == STAGE_IMPOSSIBLE && lists.pair_runs == 0)
                        stage = compile_foreign(expression, tree, &lists, target, program, report,
                                                error);
        }
        lists_free(&lists);
        arena_free(&arena);
        return stage;
}

/* Searches for few pairs can be longer than the pairs. */
static enum stage compile(const char *expression, const struct cbpf_target *target,
                          struct bpf_program *program, struct cbpf_report *report,
                          struct error *error)
{
        size_t pairs = 0;
        enum stage stage = compile_way(expression, target, &pairs, program, report, error), other;
        struct bpf_program as_written = {0};

        if (pairs == 0 || stage == STAGE_FAILED || (stage == STAGE_DONE && pairs > FEW_PAIRS))
                return stage;
        other = compile_way(expression, target, NULL, &as_written, report, error);
        if (stage == STAGE_IMPOSSIBLE ||
            (other == STAGE_DONE && as_written.bf_len < program->bf_len)) {
                struct bpf_program replaced = *program;

                *program = as_written;
                as_written = replaced;
                stage = other;
        }
        cbpf_program_free(&as_written);
        return stage;
}

int cbpf_return_constant(uint32_t k, struct bpf_program *program, struct error *error)
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
                            struct error *error)
{
        *program = (struct bpf_program){0};
        *report = (struct cbpf_report){0};
        *error = (struct error){.offset = ERROR_NO_OFFSET};
        if (expression[strspn(expression, " \t\r\n")] == '\0')
                return cbpf_return_constant(target->snapshot_length, program, error);
        if (!(flags & CBPF_UNOPTIMIZED))
                return compile(expression, target, program, report, error) == STAGE_DONE ? 0 : -1;
        report->by_libpcap = true;
        return cbpf_compile_by_libpcap(expression, expression, target, false, program, error);
}

int cbpf_compile(const char *expression, const struct cbpf_target *target, unsigned flags,
                 struct bpf_program *program, struct error *error)
{
        struct cbpf_report report;

        return cbpf_compile_and_report(expression, target, flags, program, &report, error);
}

void cbpf_program_free(struct bpf_program *program)
{
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}
