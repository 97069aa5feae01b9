/* Switch formation: switches of the same term that follow one another become one switch. */
#include "chains.h"

#include <stdlib.h>

/* A switch of the same term that only `node` leads to. */
static uint32_t same_term_below(const struct chains *pass, const struct node *node)
{
        for (uint32_t i = 0; i < node->count; i++) {
                uint32_t to = node->arms[i].to;
                const struct node *below = rewrite_node(&pass->rewrite, to);

                if (below->kind == NODE_SWITCH && below->term == node->term &&
                    pass->parents[to] == 1)
                        return to;
        }
        return GRAPH_NONE;
}

static uint32_t flat_switch(struct chains *pass, uint32_t head)
{
        struct claims claims = {0};
        uint32_t term = rewrite_node(&pass->rewrite, head)->term, priority = 0, node, room = 0;

        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i])
                room += rewrite_node(&pass->rewrite, i)->count;
        claims.items = malloc(room * sizeof *claims.items);
        if (!claims.items) {
                pass->rewrite.graph->failed = true;
                return 0;
        }
        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i], priority++) {
                const struct node *link = rewrite_node(&pass->rewrite, i);

                for (uint32_t arm = 0; arm < link->count; arm++)
                        if (link->arms[arm].to != pass->next[i])
                                claims_add(&claims, link, arm,
                                           pass->rewrite.copy[link->arms[arm].to], priority);
        }
        node = claims_switch(pass, term, &claims);
        free(claims.items);
        return node;
}

void switch_formation(struct graph *graph, unsigned variant)
{
        struct chains pass;

        (void)variant;
        chains_start(&pass, graph);
        for (uint32_t i = graph->root + 1; i-- > 0 && !graph->failed;) {
                uint32_t below;

                if (!pass.rewrite.reached[i] || rewrite_node(&pass.rewrite, i)->kind != NODE_SWITCH)
                        continue;
                below = same_term_below(&pass, rewrite_node(&pass.rewrite, i));
                pass.next[i] = below;
                if (below != GRAPH_NONE)
                        pass.absorbed[below] = true;
        }
        if (!graph->failed)
                chains_rebuild(&pass, flat_switch);
        chains_end(&pass);
}
