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

static void keep_shorter(struct bpf_program *program, struct bpf_program *other)
{
        struct bpf_program longer = *other;

        if (other->bf_len < program->bf_len) {
                longer = *program;
                *program = *other;
        }
        cbpf_program_free(&longer);
}

int graph_emit(struct graph *graph, uint32_t longest_chain, struct bpf_program *program)
{
        struct style style = {.longest_chain = longest_chain};
        struct attempt attempt = {.graph = graph, .style = &style, .tries = FEW_TRIES};
        uint32_t root = graph->root;
        struct uses uses;
        int failure = emit_program(graph, &style, program, &uses);
        bool small;

        if (failure)
                return failure;
        small = program->bf_len <= LONG_PROGRAM;
        if (emit_program(graph, &style, &attempt.best, &attempt.uses))
                attempt.failed = true;
        attempt.tries = small ? MANY_TRIES : FEW_TRIES;
        if (!attempt.failed && small && emit_early(graph, &style, program, &uses) < 0)
                attempt.failed = true;
        if (!attempt.failed)
                share_all(&attempt);
        if (!attempt.failed && small && graph->root != root &&
            emit_early(graph, &style, &attempt.best, &attempt.uses) < 0)
                attempt.failed = true;
        graph->root = root;
        keep_shorter(program, &attempt.best);
        if (attempt.failed)
                cbpf_program_free(program);
        return attempt.failed ? -1 : 0;
}
