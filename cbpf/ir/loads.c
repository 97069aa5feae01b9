/* The central rule of the compiler: no load is added to a path that accepts without it.
 *
 * A load past the captured bytes rejects. So a load may be moved or made earlier only where the
 * packet is known to be long enough for it, as a load that reaches as far was made before, or where
 * every path from there on makes it anyway, and a packet too short is rejected sooner or later. */
#include "ir.h"

enum {
        MAX_TERMS = 64, /* looked at for a node */
        MAX_DEPTH = 32, /* of a term */
};

/* True if whoever has computed `term` has loaded what stands up to `end` after `base`. */
static bool has_loaded(const struct graph *graph, uint32_t term, uint32_t base, uint64_t end,
                       int *budget)
{
        const struct term *content = &graph->terms[term];

        if (content->kind < TERM_LOAD || --*budget < 0)
                return false;
        if (content->kind == TERM_LOAD && content->a == base && content->k <= INT32_MAX &&
            content->k + (uint64_t)graph_load_size(content) >= end)
                return true;
        return (content->a != GRAPH_NONE && has_loaded(graph, content->a, base, end, budget)) ||
               (content->kind != TERM_LOAD && content->b != GRAPH_NONE &&
                has_loaded(graph, content->b, base, end, budget));
}

bool loads_are_made(const struct graph *graph, uint32_t term, uint32_t wanted, int *budget)
{
        const struct term *content = &graph->terms[wanted];

        if (term == wanted || content->kind < TERM_LOAD)
                return true;
        if (--*budget < 0)
                return false;
        if (content->kind == TERM_LOAD) {
                uint64_t end = content->k + (uint64_t)graph_load_size(content);
                uint64_t base = content->a == GRAPH_NONE ? 0 : graph->terms[content->a].high;

                return base + end <= INT32_MAX && has_loaded(graph, term, content->a, end, budget);
        }
        if (content->kind == TERM_OPERATION &&
            (content->code == BPF_DIV || content->code == BPF_MOD) &&
            graph->terms[content->b].low == 0)
                return false;
        return loads_are_made(graph, term, content->a, budget) &&
               (content->b == GRAPH_NONE || loads_are_made(graph, term, content->b, budget));
}

/* True if all loads of the term are at constant offsets into the packet. */
static bool is_absolute(const struct graph *graph, uint32_t term, int depth)
{
        const struct term *content = &graph->terms[term];

        if (depth == 0)
                return false;
        if (content->kind == TERM_LOAD)
                return content->a == GRAPH_NONE && content->k <= INT32_MAX;
        return content->kind < TERM_OPERATION ||
               (is_absolute(graph, content->a, depth - 1) &&
                (content->b == GRAPH_NONE || is_absolute(graph, content->b, depth - 1)));
}

bool loads_are_made_at(const struct graph *graph, uint32_t node, uint32_t wanted)
{
        const struct node *content = &graph->nodes[node];
        int budget = MAX_TERMS;

        return content->kind != NODE_RETURN && content->kind != NODE_CALL &&
               content->kind != NODE_SET &&
               (graph_contains(graph, content->term, wanted) ||
                (is_absolute(graph, wanted, MAX_DEPTH) &&
                 loads_are_made(graph, content->term, wanted, &budget)));
}

void loads_find_sure(const struct graph *graph, uint32_t wanted, bool *sure)
{
        for (uint32_t i = 0; i <= graph->root; i++) {
                const struct node *node = &graph->nodes[i];
                bool all = node->kind == NODE_SWITCH || node->kind == NODE_CALL ||
                           node->kind == NODE_SET || (node->kind == NODE_RETURN && node->k == 0);

                for (uint32_t arm = 0; arm < node->count && all; arm++)
                        all = sure[node->arms[arm].to];
                sure[i] = all || loads_are_made_at(graph, i, wanted);
        }
}
