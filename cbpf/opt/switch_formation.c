/* Switch formation: switches of the same term that follow one another become one switch. */
#include "chains.h"

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
        uint32_t room = 0;

        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i])
                room += rewrite_node(&pass->rewrite, i)->count;
        claims.items = rewrite_take(&pass->rewrite, room * sizeof *claims.items);
        if (!claims.items)
                return 0;
        for (uint32_t i = head; i != GRAPH_NONE; i = pass->next[i]) {
                const struct node *link = rewrite_node(&pass->rewrite, i);

                for (uint32_t arm = 0; arm < link->count; arm++)
                        if (link->arms[arm].to != pass->next[i])
                                claims_add(&claims, link, arm,
                                           pass->rewrite.copy[link->arms[arm].to]);
        }
        return claims_switch(pass, rewrite_node(&pass->rewrite, head)->term, &claims);
}

void switch_formation(struct graph *graph, unsigned variant)
{
        struct chains pass;

        (void)variant;
        chains_start(&pass, graph);
        for (uint32_t i = graph->root + 1; i-- > 0 && !graph->failed;) {
                const struct node *node = rewrite_node(&pass.rewrite, i);

                if (!pass.rewrite.reached[i] || node->kind != NODE_SWITCH)
                        continue;
                pass.next[i] = same_term_below(&pass, node);
                if (pass.next[i] != GRAPH_NONE)
                        pass.absorbed[pass.next[i]] = true;
        }
        if (!graph->failed)
                chains_rebuild(&pass, flat_switch);
        rewrite_end(&pass.rewrite);
}
