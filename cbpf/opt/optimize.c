/* Making a graph smaller. Four passes take turns until nothing changes:
 *
 *   thread   carries down the graph what is known, leads every arm past the tests whose outcome is
 *            known, and drops arms that cannot be taken;
 *   skip     replaces a node by the one that all ways from it lead to;
 *   flatten  makes one switch of switches of the same term that follow one another;
 *   gather   brings tests of the same term together where others stand between them.
 *
 * No pass copies a node, so no pass makes the graph larger. Each builds its result by
 * graph_switch() from the leaves up, so equal subgraphs become one on the way. */
#include "cbpf/internal.h"
#include "cbpf/ir/verifier.h"
#include "cbpf/lower/lists.h"
#include "pass.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_ROUNDS = 16,
        WORTH_MANY_ROUNDS = 20000, /* arms; in large graphs the first round finds nearly all */
        FEW_ARMS = 64,
};

void *pass_take(struct pass *pass, size_t size)
{
        void *memory = arena_take(&pass->arena, size);

        if (!memory)
                pass->graph->failed = true;
        return memory;
}

void pass_start(struct pass *pass, struct graph *graph)
{
        uint32_t nodes = graph->root + 1; /* the others are of earlier passes */

        *pass = (struct pass){.graph = graph, .nodes = nodes};
        pass->reached = pass_take(pass, nodes * sizeof *pass->reached);
        pass->copy = pass_take(pass, nodes * sizeof *pass->copy);
}

void pass_end(struct pass *pass)
{
        free(pass->pieces);
        free(pass->order);
        arena_free(&pass->arena);
}

static bool is_changed(const struct pass *pass, uint32_t number, const struct node *node)
{
        const struct node *before = pass_node(pass, number);

        if (node->count != before->count)
                return true;
        for (uint32_t i = 0; i < node->count; i++)
                if (node->arms[i].from != before->arms[i].from ||
                    pass->copy[node->arms[i].to] != before->arms[i].to)
                        return true;
        return false;
}

uint32_t pass_rebuild(struct pass *pass, uint32_t number, const struct node *node)
{
        struct arm few[FEW_ARMS], *arms = few;

        if (!is_changed(pass, number, node))
                return number;
        if (node->kind == NODE_RETURN)
                return graph_return(pass->graph, node->k);
        if (node->kind == NODE_RETURN_TERM)
                return graph_return_term(pass->graph, node->term);
        if (node->count > FEW_ARMS)
                arms = pass_take(pass, node->count * sizeof *arms);
        if (!arms)
                return 0;
        for (uint32_t i = 0; i < node->count; i++)
                arms[i] = (struct arm){node->arms[i].from, pass->copy[node->arms[i].to]};
        return graph_switch(pass->graph, node->term, arms, node->count);
}

/* Comparisons it may take, roughly. */
static size_t graph_size(const struct graph *graph)
{
        size_t size = 0;

        for (uint32_t i = 0; i <= graph->root; i++)
                size += graph->nodes[i].count;
        return size;
}

int graph_optimize(struct graph *graph, unsigned how)
{
        enum { PASSES = 4 };
        int rounds = graph_size(graph) < WORTH_MANY_ROUNDS ? MAX_ROUNDS : 1;
        int unchanged = 0; /* passes, the last ones */

        for (int i = 0; i < rounds * PASSES && unchanged < PASSES && !graph->failed; i++) {
                uint32_t before = graph->root;

                switch (i % PASSES) {
                case 0: pass_thread(graph, how); break;
                case 1: pass_skip(graph); break;
                case 2: pass_flatten(graph); break;
                case 3: pass_gather(graph, how & GRAPH_REUSE); break;
                }
                unchanged = graph->root == before ? unchanged + 1 : 0;
        }
        return graph->failed ? -1 : 0;
}

enum {
        WORTH_MANY_TRIES = 200, /* instructions */
        WORTH_TWO_TRIES = 2000, /* comparisons */
};

/* Puts the shorter of the two into `best`, empty at first, and frees the other. */
static void keep_shorter(struct bpf_program *best, struct bpf_program *other)
{
        struct bpf_program longer = *other;

        if (!best->bf_insns || other->bf_len < best->bf_len) {
                longer = *best;
                *best = *other;
        }
        cbpf_program_free(&longer);
}

static int copy_program(const struct bpf_program *in, struct bpf_program *out)
{
        out->bf_insns = malloc(in->bf_len * sizeof *in->bf_insns);
        if (!out->bf_insns)
                return -1;
        memcpy(out->bf_insns, in->bf_insns, in->bf_len * sizeof *in->bf_insns);
        out->bf_len = in->bf_len;
        return 0;
}

/* A way the graph has been optimized. */
struct candidate {
        uint32_t root;
        uint32_t length; /* of its program as first emitted */
};

enum {
        MAX_CANDIDATES = 16,
        BEST_CANDIDATES = 3, /* whose programs are worth much work */
};

struct candidates {
        struct candidate items[MAX_CANDIDATES]; /* the shortest first */
        size_t count;
};

/* Emits the graph as it is now, and files it. */
static int add_candidate(struct graph *graph, struct candidates *candidates)
{
        struct candidate candidate = {.root = graph->root};
        size_t at = candidates->count;
        int result;

        for (size_t i = 0; i < candidates->count; i++)
                if (candidates->items[i].root == graph->root)
                        return 0;
        result = graph_emit_length(graph, &candidate.length);
        if (result != 0 || at == MAX_CANDIDATES)
                return result < 0 ? -1 : 0;
        for (; at > 0 && candidates->items[at - 1].length > candidate.length; at--)
                candidates->items[at] = candidates->items[at - 1];
        candidates->items[at] = candidate;
        candidates->count++;
        return 0;
}

/* Optimizes from `root` on in one way, and then once more without laziness. */
static int try_way(struct graph *graph, uint32_t root, unsigned how, struct candidates *candidates)
{
        int result = 0;

        graph->root = root;
        if (how & (GRAPH_LAZY | GRAPH_LAZIEST)) {
                result = graph_optimize(graph, how);
                if (result == 0)
                        result = add_candidate(graph, candidates);
        }
        if (result == 0)
                result = graph_optimize(graph, how & (GRAPH_REUSE | GRAPH_AHEAD));
        return result ? result : add_candidate(graph, candidates);
}

/* No order of the passes is the best for every graph; small ones are worth trying them all. */
static int find_candidates(struct graph *graph, struct candidates *candidates)
{
        static const unsigned ways[] = {
            GRAPH_LAZY,
            GRAPH_LAZY | GRAPH_REUSE,
            GRAPH_LAZIEST,
            GRAPH_LAZIEST | GRAPH_REUSE,
            GRAPH_REUSE,
            GRAPH_LAZY | GRAPH_AHEAD,
            GRAPH_LAZIEST | GRAPH_REUSE | GRAPH_AHEAD,
        };
        uint32_t root = graph->root;
        int result = 0;

        for (size_t i = 0; i < sizeof ways / sizeof *ways && result == 0; i++) {
                result = try_way(graph, root, ways[i], candidates);
                if (candidates->count > 0 && candidates->items[0].length >= WORTH_MANY_TRIES)
                        break;
        }
        return result;
}

/* Emits the best of the candidates in full. */
static int emit_best(struct graph *graph, struct bpf_program *out)
{
        struct candidates candidates = {.count = 0};
        int result = find_candidates(graph, &candidates);

        if (result == 0 && candidates.count == 0)
                return 1;
        for (size_t i = 0; i < candidates.count && i < BEST_CANDIDATES && result == 0; i++) {
                struct bpf_program program = {0};

                graph->root = candidates.items[i].root;
                result = graph_emit(graph, &program);
                if (result == 0)
                        keep_shorter(out, &program);
        }
        return result;
}

int cbpf_finish(struct graph *graph, struct bpf_program *out)
{
        int result;

        *out = (struct bpf_program){0};
        if (graph_size(graph) < WORTH_TWO_TRIES) {
                result = emit_best(graph, out);
        } else {
                result = graph_optimize(graph, 0);
                if (result == 0)
                        result = graph_emit(graph, out);
        }
        if (result == 0)
                cbpf_invariants(graph);
        if (result != 0)
                cbpf_program_free(out);
        return result;
}

/* True if the kernel takes it, but for its length. */
static bool keeps_rules(const struct bpf_program *program)
{
        struct cbpf_violation violation;

        return cbpf_check(program, &violation) == 0 || violation.only_length;
}

int cbpf_optimize(const struct bpf_program *in, const struct lists *lists, struct bpf_program *out)
{
        struct graph graph = {0};
        int result = graph_lift(&graph, in);

        *out = (struct bpf_program){0};
        if (result == 0 && lists)
                result = lists_put_back(lists, &graph);
        if (result == 0)
                result = cbpf_finish(&graph, out);
        graph_free(&graph);
        if (result == 0 && !lists && out->bf_len > in->bf_len && keeps_rules(in)) {
                cbpf_program_free(out);
                result = copy_program(in, out);
        }
        return result;
}
