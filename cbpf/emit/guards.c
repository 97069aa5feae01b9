/* Guards: a division by X rejects if X is 0, so what tests for that in front of it is not emitted.
 */
#include "code.h"

enum {
        MAX_GUARD_DEPTH = 8,
        MAX_GUARDS = 8,
};

/* The divisors in a term; there may be more. */
struct divisors {
        uint32_t terms[MAX_GUARDS];
        uint32_t count;
};

static void find_divisors(const struct graph *graph, uint32_t term, int depth,
                          struct divisors *divisors)
{
        const struct term *content = &graph->terms[term];
        bool has_a = content->kind >= TERM_OPERATION ||
                     (content->kind == TERM_LOAD && content->a != GRAPH_NONE);

        if (depth == 0 || !has_a || divisors->count == MAX_GUARDS)
                return;
        find_divisors(graph, content->a, depth - 1, divisors);
        if (content->kind == TERM_LOAD || content->b == GRAPH_NONE)
                return;
        find_divisors(graph, content->b, depth - 1, divisors);
        if (content->kind == TERM_OPERATION && divisors->count < MAX_GUARDS &&
            (content->code == BPF_DIV || content->code == BPF_MOD))
                divisors->terms[divisors->count++] = content->b;
}

/* Notes the guards of the divisions in a node's term; one may stand before another. */
static void note_guards(struct graph *graph, uint32_t node, uint32_t reject, uint32_t *guarded)
{
        uint32_t zero = graph_constant(graph, 0);
        struct divisors divisors = {.count = 0};

        find_divisors(graph, graph->nodes[node].term, MAX_GUARD_DEPTH, &divisors);
        for (uint32_t i = 0; i < divisors.count;) {
                uint32_t guard =
                    graph_branch(graph, BPF_JGT, divisors.terms[i], zero, node, reject);

                i++;
                if (guard > graph->root || guard == node || graph->nodes[guard].kind != NODE_SWITCH)
                        continue;
                guarded[guard] = node;
                node = guard;
                i = 0;
        }
}

static bool divides(const struct graph *graph)
{
        for (uint32_t i = 0; i < graph->term_count; i++)
                if (graph->terms[i].kind == TERM_OPERATION &&
                    (graph->terms[i].code == BPF_DIV || graph->terms[i].code == BPF_MOD))
                        return true;
        return false;
}

uint32_t *find_guards(struct graph *graph, struct arena *arena)
{
        uint32_t *guarded = arena_take(arena, (graph->root + (size_t)1) * sizeof *guarded);
        uint32_t reject = graph_return(graph, 0), nodes = graph->root + 1;

        for (uint32_t i = 0; guarded && i < nodes; i++)
                guarded[i] = i;
        if (!guarded || !divides(graph))
                return guarded;
        for (uint32_t i = 0; i < nodes; i++)
                if (graph->nodes[i].kind == NODE_SWITCH || graph->nodes[i].kind == NODE_RETURN_TERM)
                        note_guards(graph, i, reject, guarded);
        return graph->failed ? NULL : guarded;
}
