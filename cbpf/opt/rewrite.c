/* Building the graph that a pass makes of another: from the leaves up, by graph_switch(), so that
 * equal subgraphs become one on the way. */
#include "rewrite.h"

enum {
        MAX_ARMS_ON_STACK = 64,
};

void *rewrite_take(struct rewrite *rewrite, size_t size)
{
        void *memory = arena_take(&rewrite->arena, size);

        if (!memory)
                rewrite->graph->failed = true;
        return memory;
}

void rewrite_start(struct rewrite *rewrite, struct graph *graph)
{
        uint32_t nodes = graph->root + 1; /* the others are of earlier passes */

        *rewrite = (struct rewrite){.graph = graph, .nodes = nodes};
        rewrite->reached = rewrite_take(rewrite, nodes * sizeof *rewrite->reached);
        rewrite->copy = rewrite_take(rewrite, nodes * sizeof *rewrite->copy);
}

void rewrite_end(struct rewrite *rewrite)
{
        arena_free(&rewrite->arena);
}

void rewrite_mark_reached(struct rewrite *rewrite)
{
        rewrite->reached[rewrite->graph->root] = true;
        for (uint32_t i = rewrite->nodes; i-- > 0;) {
                const struct node *node = rewrite_node(rewrite, i);

                for (uint32_t arm = 0; rewrite->reached[i] && arm < node->count; arm++)
                        rewrite->reached[node->arms[arm].to] = true;
        }
}

static bool is_changed(const struct rewrite *rewrite, uint32_t number, const struct node *node)
{
        const struct node *before = rewrite_node(rewrite, number);

        if (node->term != before->term || node->count != before->count)
                return true;
        for (uint32_t i = 0; i < node->count; i++)
                if (node->arms[i].from != before->arms[i].from ||
                    rewrite->copy[node->arms[i].to] != before->arms[i].to)
                        return true;
        return false;
}

uint32_t rewrite_rebuild(struct rewrite *rewrite, uint32_t number, const struct node *node)
{
        struct arm few[MAX_ARMS_ON_STACK], *arms = few;

        if (!is_changed(rewrite, number, node))
                return number;
        if (node->kind == NODE_RETURN)
                return graph_return(rewrite->graph, node->k);
        if (node->kind == NODE_RETURN_TERM)
                return graph_return_term(rewrite->graph, node->term);
        if (node->kind == NODE_CALL)
                return graph_call(rewrite->graph, node->term, node->k,
                                  rewrite->copy[node->arms[0].to]);
        if (node->kind == NODE_SET)
                return graph_set(rewrite->graph, node->k, node->term, node->arms[0].from,
                                 rewrite->copy[node->arms[0].to]);
        if (node->count > MAX_ARMS_ON_STACK)
                arms = rewrite_take(rewrite, node->count * sizeof *arms);
        if (!arms)
                return 0;
        for (uint32_t i = 0; i < node->count; i++)
                arms[i] = (struct arm){node->arms[i].from, rewrite->copy[node->arms[i].to]};
        return graph_switch(rewrite->graph, node->term, arms, node->count);
}
