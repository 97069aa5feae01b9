/* Filter text to classic BPF: the stages in their order.
 *
 *   text -> tree -> tree with a marker for each list -> libpcap's program, which says what that
 * means
 *        -> graph -> graph with the lists' values for the markers -> optimized graph -> program
 *
 * A program that jumps back (protochain) has no graph and stays as libpcap made it. */
#include "internal.h"
#include "lex.h"
#include "lists.h"

#include <stdlib.h>
#include <string.h>

enum {
        WORTH_MANY_TRIES = 1000, /* instructions and list values */
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

/* Optimizes `meaning`, in which the markers of `lists` stand, in one way. Returns as graph_emit().
 */
static int optimize_in(unsigned way, const struct bpf_program *meaning, const struct lists *lists,
                       struct bpf_program *program)
{
        struct graph graph = {0};
        int status = graph_lift(&graph, meaning);

        if (status == 0)
                status = lists_put_back(lists, &graph);
        if (status == 0)
                status = graph_optimize(&graph, way);
        if (status == 0)
                status = graph_emit(&graph, program);
        graph_free(&graph);
        return status;
}

/* Optimizes in several ways, if that is quick, and keeps the shortest result. */
static enum stage optimize(const struct bpf_program *meaning, const struct lists *lists,
                           struct bpf_program *program, struct cbpf_error *error)
{
        static const unsigned ways[] = {GRAPH_LAZY, GRAPH_LAZY | GRAPH_REUSE, GRAPH_LAZIEST,
                                        GRAPH_LAZIEST | GRAPH_REUSE, GRAPH_REUSE};
        size_t tries = sizeof ways / sizeof *ways;
        int status = 0;

        if (meaning->bf_len + lists_values(lists) > WORTH_MANY_TRIES)
                tries = 1;
        for (size_t i = 0; i < tries && status == 0; i++) {
                struct bpf_program other = {0};

                status = optimize_in(ways[i], meaning, lists, &other);
                if (i == 0 || (status == 0 && other.bf_len < program->bf_len)) {
                        cbpf_program_free(program);
                        *program = other;
                } else {
                        cbpf_program_free(&other);
                }
        }
        if (status != 0)
                cbpf_program_free(program);
        if (status < 0)
                return out_of_memory(error);
        return status ? STAGE_IMPOSSIBLE : STAGE_DONE;
}

/* Compiles `text`, which is `original` with markers for `lists`. */
static enum stage compile_text(const char *text, const char *original, const struct lists *lists,
                               const struct cbpf_target *target, struct bpf_program *program,
                               struct cbpf_error *error)
{
        struct bpf_program meaning = {0};
        enum stage stage;

        if (cbpf_compile_by_libpcap(text, original, target, &meaning, error) < 0)
                return STAGE_FAILED;
        stage = optimize(&meaning, lists, program, error);
        if (stage == STAGE_IMPOSSIBLE && lists->count == 0) {
                *program = meaning;
                return STAGE_DONE;
        }
        cbpf_program_free(&meaning);
        return stage;
}

/* FNV-1a */
static uint32_t hash_of(const char *text)
{
        uint32_t hash = 2166136261u;

        for (; *text; text++)
                hash = (hash ^ (uint8_t)*text) * 16777619u;
        return hash;
}

static enum stage compile_lists(const char *expression, struct tree *tree, struct lists *lists,
                                const struct cbpf_target *target, struct bpf_program *program,
                                struct cbpf_error *error)
{
        enum stage stage = STAGE_IMPOSSIBLE;
        char *text;

        if (lists_gather(lists, tree, hash_of(expression)) < 0)
                return out_of_memory(error);
        if (lists->count == 0)
                return compile_text(expression, expression, lists, target, program, error);
        text = cbpf_tree_text(tree);
        if (!text)
                return out_of_memory(error);
        stage = compile_text(text, expression, lists, target, program, error);
        free(text);
        return stage;
}

static enum stage compile_optimized(const char *expression, struct arena *arena,
                                    const struct cbpf_target *target, struct bpf_program *program,
                                    struct cbpf_error *error)
{
        struct lists lists = {.arena = arena};
        struct lists none = {.arena = arena};
        struct tree *tree;
        enum stage stage;

        if (cbpf_parse(expression, 0, arena, &tree, error) < 0)
                return STAGE_FAILED;
        if (!tree)
                return compile_text(expression, expression, &none, target, program, error);
        stage = compile_lists(expression, tree, &lists, target, program, error);
        lists_free(&lists);
        if (stage == STAGE_IMPOSSIBLE)
                stage = compile_text(expression, expression, &none, target, program, error);
        return stage;
}

/* The program for an empty expression. It is the same for all link types, also those that libpcap
 * does not know. */
static int accept_all(const struct cbpf_target *target, struct bpf_program *program,
                      struct cbpf_error *error)
{
        program->bf_insns = malloc(sizeof *program->bf_insns);
        if (!program->bf_insns) {
                out_of_memory(error);
                return -1;
        }
        program->bf_insns[0] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, target->snapshot_length);
        program->bf_len = 1;
        return 0;
}

int cbpf_compile(const char *expression, const struct cbpf_target *target, unsigned flags,
                 struct bpf_program *program, struct cbpf_error *error)
{
        struct arena arena = {0};
        enum stage stage;

        *program = (struct bpf_program){0};
        *error = (struct cbpf_error){.offset = CBPF_NO_OFFSET};
        if (expression[strspn(expression, " \t\r\n")] == '\0')
                return accept_all(target, program, error);
        if (flags & CBPF_UNOPTIMIZED)
                return cbpf_compile_by_libpcap(expression, expression, target, program, error);
        stage = compile_optimized(expression, &arena, target, program, error);
        arena_free(&arena);
        return stage == STAGE_DONE ? 0 : -1;
}

void cbpf_program_free(struct bpf_program *program)
{
        free(program->bf_insns);
        *program = (struct bpf_program){0};
}
