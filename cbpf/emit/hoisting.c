/* Hoisting: several places load the same computed value into X (the length of a radio header, say).
 * Computing it once in a node that dominates them all can make the program shorter. Its loads are
 * then made on every path from there on, which is right where every path that accepts makes them
 * anyway (ir/loads.c). */
#include "code.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_CLIMBS = 8,
        MAX_TERM_DEPTH = 32,
};

static bool divides(const struct graph *graph, uint32_t term, int depth)
{
        const struct term *content = &graph->terms[term];

        if (content->kind < TERM_OPERATION)
                return false;
        if (depth == 0 || (content->kind == TERM_OPERATION &&
                           (content->code == BPF_DIV || content->code == BPF_MOD) &&
                           graph->terms[content->b].low == 0))
                return true;
        return divides(graph, content->a, depth - 1) ||
               (content->b != GRAPH_NONE && divides(graph, content->b, depth - 1));
}

static bool may_compute(const struct hoisting *hoisting, uint32_t node, uint32_t term)
{
        if (hoisting->sure[node])
                return true;
        for (; node != hoisting->graph->root; node = hoisting->dominator[node])
                if (loads_are_made_at(hoisting->graph, hoisting->dominator[node], term))
                        return true;
        return false;
}

static uint32_t common_dominator(const struct hoisting *hoisting, uint32_t one, uint32_t other)
{
        while (one != other)
                if (one < other)
                        one = hoisting->dominator[one];
                else
                        other = hoisting->dominator[other];
        return one;
}

/* Numbers descend along paths, so each node is met after all that lead to it. (Cooper, Harvey and
 * Kennedy, "A Simple, Fast Dominance Algorithm", 2001) */
static void find_dominators(struct hoisting *hoisting)
{
        const struct graph *graph = hoisting->graph;

        memset(hoisting->dominator, 0xff, graph->node_count * sizeof *hoisting->dominator);
        hoisting->dominator[graph->root] = graph->root;
        for (uint32_t i = graph->root + 1; i-- > 0;) {
                const struct node *node = &graph->nodes[i];

                if (hoisting->dominator[i] == GRAPH_NONE)
                        continue;
                for (uint32_t arm = 0; arm < node->count; arm++) {
                        uint32_t *dominator = &hoisting->dominator[node->arms[arm].to];

                        *dominator = *dominator == GRAPH_NONE
                                         ? i
                                         : common_dominator(hoisting, *dominator, i);
                }
        }
}

static bool is_switch_of_term(const struct hoisting *hoisting, uint32_t node, uint32_t term)
{
        struct wanted wanted;

        if (hoisting->graph->nodes[node].kind != NODE_SWITCH || hoisting->terms[node] != GRAPH_NONE)
                return false;
        switch_wanted(hoisting->graph, &hoisting->graph->nodes[node], &wanted);
        return wanted.x == GRAPH_NONE && wanted.a != term;
}

static bool has_variable(const struct graph *graph, uint32_t term, int depth)
{
        const struct term *content = &graph->terms[term];

        if (depth == 0 || content->kind == TERM_VARIABLE)
                return true;
        if (content->kind < TERM_LOAD || content->a == GRAPH_NONE)
                return false;
        return has_variable(graph, content->a, depth - 1) ||
               (content->kind != TERM_LOAD && content->b != GRAPH_NONE &&
                has_variable(graph, content->b, depth - 1));
}

uint32_t hoisting_place(struct hoisting *hoisting, const struct uses *uses, uint32_t term)
{
        uint32_t node = GRAPH_NONE;
        bool varies;

        if (divides(hoisting->graph, term, MAX_TERM_DEPTH))
                return GRAPH_NONE;
        for (uint32_t i = 0; i < uses->count; i++) {
                const struct use *use = &uses->uses[i];

                /* Nodes that the emitter made itself have no dominator here. */
                if (use->term != term || use->node > hoisting->graph->root ||
                    hoisting->dominator[use->node] == GRAPH_NONE)
                        continue;
                node = node == GRAPH_NONE ? use->node : common_dominator(hoisting, node, use->node);
        }
        if (node == GRAPH_NONE)
                return GRAPH_NONE;
        loads_find_sure(hoisting->graph, term, hoisting->sure);
        varies = has_variable(hoisting->graph, term, MAX_TERM_DEPTH);
        for (int climbs = 0; climbs < MAX_CLIMBS; climbs++) {
                if (varies && !hoisting->settled[node])
                        return GRAPH_NONE;
                if (!may_compute(hoisting, node, term))
                        return GRAPH_NONE;
                if (is_switch_of_term(hoisting, node, term))
                        return node;
                if (node == hoisting->graph->root)
                        return GRAPH_NONE;
                node = hoisting->dominator[node];
        }
        return GRAPH_NONE;
}

bool hoisting_is_argument(const struct hoisting *hoisting, uint32_t term)
{
        return graph_contains(hoisting->graph, term, hoisting->argument);
}

static void find_settled(struct hoisting *hoisting)
{
        const struct graph *graph = hoisting->graph;

        for (uint32_t i = 0; i < graph->node_count; i++) {
                const struct node *node = &graph->nodes[i];

                hoisting->settled[i] = node->kind != NODE_SET;
                for (uint32_t arm = 0; arm < node->count && hoisting->settled[i]; arm++)
                        hoisting->settled[i] = hoisting->settled[node->arms[arm].to];
        }
}

int hoisting_start(struct hoisting *hoisting, struct graph *graph)
{
        uint32_t nodes = graph->node_count;

        *hoisting = (struct hoisting){.graph = graph, .argument = graph_argument(graph, 1)};
        hoisting->dominator = arena_take(&hoisting->arena, nodes * sizeof *hoisting->dominator);
        hoisting->terms = arena_take(&hoisting->arena, nodes * sizeof *hoisting->terms);
        hoisting->sure = arena_take(&hoisting->arena, nodes * sizeof *hoisting->sure);
        hoisting->settled = arena_take(&hoisting->arena, nodes * sizeof *hoisting->settled);
        if (!hoisting->dominator || !hoisting->terms || !hoisting->sure || !hoisting->settled) {
                hoisting_end(hoisting);
                return -1;
        }
        memset(hoisting->terms, 0xff, nodes * sizeof *hoisting->terms);
        find_dominators(hoisting);
        find_settled(hoisting);
        return 0;
}

void hoisting_end(struct hoisting *hoisting)
{
        arena_free(&hoisting->arena);
}
