/* A graph to the shortest program that is found: with and without sharing parts that look alike,
 * and with values loaded early. Small programs are worth many tries. */
#include "cbpf/opt/outlining.h"
#include "emit.h"

#include <stdlib.h>
#include <string.h>

enum {
        LONG_PROGRAM = 600, /* instructions */
        LONG_LIST = 4000,   /* values; more do not go into the kernel anyway */
        MAX_ROUNDS = 8,
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
        for (int round = 0; round < MAX_ROUNDS && attempt->tries > 0; round++) {
                uint32_t root = graph_share(attempt->graph, &attempt->tries, is_shorter, attempt);

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

static int copy_program(const struct bpf_program *in, struct bpf_program *out)
{
        *out = (struct bpf_program){in->bf_len, malloc(in->bf_len * sizeof *in->bf_insns)};
        if (!out->bf_insns)
                return -1;
        memcpy(out->bf_insns, in->bf_insns, in->bf_len * sizeof *in->bf_insns);
        return 0;
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
        shared.uses = plain.uses;
        if (copy_program(&plain.best, &shared.best) < 0) {
                cbpf_program_free(&plain.best);
                return -1;
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

/* The most values that one switch asks for, if they are single ones. */
static uint32_t longest_list(const struct graph *graph)
{
        uint32_t arms = 0;

        for (uint32_t i = 0; i <= graph->root; i++)
                if (graph->nodes[i].kind == NODE_SWITCH && graph->nodes[i].count > arms)
                        arms = graph->nodes[i].count;
        return arms / 2;
}

/* What a packet's way through a list of so many values may take. */
static uint32_t path_allowed(uint32_t values)
{
        uint32_t bits = 0;

        while (values >> bits > 1)
                bits++;
        return 20 + 2 * bits;
}

static int length_in_style(struct graph *graph, const struct style *style, uint32_t *length)
{
        struct bpf_program program;
        struct uses uses;
        int failure = emit_program(graph, style, &program, &uses);

        if (failure)
                return failure;
        *length = program.bf_len;
        cbpf_program_free(&program);
        return 0;
}

/* Long chains make short programs and long paths. The longest chain is taken with which the path
 * keeps within what is allowed, if the program is then no longer than with whole lists in a chain
 * and nothing shared, which is what libpcap makes. If both cannot be had, of short lists the
 * program is the shortest, and of long ones the path is as allowed. */
static int choose_chain(struct graph *graph, uint32_t values, struct bpf_program *program)
{
        static const uint32_t chains[] = {CODE_LONGEST_CHAIN, 26, 20, 15, 12, 10, 8,
                                          CODE_SHORT_CHAIN};
        struct style style = {.longest_chain = CODE_LONGEST_CHAIN};
        struct bpf_program found = {0}; /* what to take if both cannot be had */
        uint32_t most, path;
        int failure = length_in_style(graph, &style, &most);

        for (size_t i = 0; i < sizeof chains / sizeof *chains && failure == 0; i++) {
                struct bpf_program other;

                style.longest_chain = chains[i];
                failure = attempt_in_style(graph, &style, &other);
                if (failure)
                        break;
                if (cbpf_longest_path(&other, &path) == 0 && path <= path_allowed(values) &&
                    (other.bf_len <= most || !found.bf_insns)) {
                        cbpf_program_free(&found);
                        found = other;
                        break;
                }
                if (i == 0 && values <= CODE_LONGEST_CHAIN)
                        found = other;
                else
                        cbpf_program_free(&other);
        }
        if (found.bf_insns) {
                cbpf_program_free(program);
                *program = found;
        }
        return failure < 0 ? -1 : 0;
}

/* A large program gets short chains at once: that is what its lists need. */
int graph_emit(struct graph *graph, struct bpf_program *program)
{
        uint32_t values = longest_list(graph);
        struct style style = {.longest_chain =
                                  values > LONG_LIST ? CODE_SHORTEST_CHAIN : CODE_SHORT_CHAIN};
        int failure = attempt_in_style(graph, &style, program);

        if (failure || program->bf_len > LONG_PROGRAM || values < CODE_SHORT_CHAIN)
                return failure;
        if (choose_chain(graph, values, program) == 0)
                return 0;
        cbpf_program_free(program);
        return -1;
}

int graph_emit_length(struct graph *graph, uint32_t *length)
{
        struct style style = {.longest_chain = CODE_SHORT_CHAIN};

        return length_in_style(graph, &style, length);
}
