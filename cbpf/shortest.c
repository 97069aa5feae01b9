/* A graph to the shortest program that is found: with and without sharing parts that look alike,
 * and with values loaded early. Small programs are worth many tries. */
#include "code.h"
#include "share.h"

#include <stdlib.h>

enum {
        LONG_PROGRAM = 600, /* instructions */
        MOST_ROUNDS = 8,
        MANY_TRIES = 40,
        FEW_TRIES = 6,
};

struct attempt {
        struct graph *graph;
        const struct style *style;
        struct bpf_program best;
        struct uses uses; /* of the best */
        int tries;        /* left */
        bool failed;
};

/* True if the graph from `root` on makes a shorter program, which then is the best. */
static bool is_shorter(void *context, uint32_t root)
{
        struct attempt *attempt = context;
        uint32_t before = attempt->graph->root;
        struct bpf_program program;
        struct uses uses;
        int failure;

        if (attempt->tries-- <= 0)
                return false;
        attempt->graph->root = root;
        failure = emit_program(attempt->graph, attempt->style, &program, &uses);
        attempt->graph->root = before;
        attempt->failed |= failure < 0;
        if (failure)
                return false;
        if (program.bf_len >= attempt->best.bf_len) {
                cbpf_program_free(&program);
                return false;
        }
        cbpf_program_free(&attempt->best);
        attempt->best = program;
        attempt->uses = uses;
        return true;
}

/* Shares what is worth sharing; the graph has a new root then. */
static void share_all(struct attempt *attempt)
{
        for (int round = 0; round < MOST_ROUNDS && attempt->tries > 0; round++) {
                uint32_t root = graph_share(attempt->graph, is_shorter, attempt);

                attempt->failed |= attempt->graph->failed;
                if (root == GRAPH_NONE || attempt->failed)
                        return;
                attempt->graph->root = root;
        }
}

/* With values loaded early, if the program is small; the graph's root is the attempt's. */
static void load_early(struct attempt *attempt)
{
        if (!attempt->failed && attempt->best.bf_len <= LONG_PROGRAM)
                attempt->failed =
                    emit_early(attempt->graph, attempt->style, &attempt->best, &attempt->uses) < 0;
}

static void give_up_longer(struct attempt *one, struct attempt *other)
{
        struct bpf_program longer = other->best;

        if (other->best.bf_len < one->best.bf_len) {
                longer = one->best;
                one->best = other->best;
        }
        cbpf_program_free(&longer);
        one->failed |= other->failed;
}

static int attempt_in_style(struct graph *graph, const struct style *style,
                            struct bpf_program *program)
{
        struct attempt plain = {.graph = graph, .style = style}, shared = plain;
        uint32_t root = graph->root;
        int failure = emit_program(graph, style, &plain.best, &plain.uses);

        if (failure)
                return failure;
        failure = emit_program(graph, style, &shared.best, &shared.uses);
        if (failure) {
                cbpf_program_free(&plain.best);
                return failure;
        }
        shared.tries = plain.best.bf_len <= LONG_PROGRAM ? MANY_TRIES : FEW_TRIES;
        load_early(&plain);
        share_all(&shared);
        if (graph->root != root)
                load_early(&shared);
        graph->root = root;
        give_up_longer(&plain, &shared);
        *program = plain.best;
        if (plain.failed)
                cbpf_program_free(program);
        return plain.failed ? -1 : 0;
}

int graph_emit(struct graph *graph, struct bpf_program *program)
{
        struct style style = {.longest_chain = CODE_SHORT_CHAIN};

        return attempt_in_style(graph, &style, program);
}

int graph_emit_length(struct graph *graph, uint32_t *length)
{
        struct style style = {.longest_chain = CODE_SHORT_CHAIN};
        struct bpf_program program;
        struct uses uses;
        int failure = emit_program(graph, &style, &program, &uses);

        if (failure)
                return failure;
        *length = program.bf_len;
        cbpf_program_free(&program);
        return 0;
}
