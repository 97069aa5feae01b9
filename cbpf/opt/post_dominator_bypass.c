/* Post-dominator bypass: where all paths from a node lead to one other node, whatever the tests in
 * between decide, that node replaces it. The leaves count as leading to a common end. */
#include "rewrite.h"

enum {
        TWIN_MAX_ARMS = 16,
};

static uint32_t common(const uint32_t *after, uint32_t one, uint32_t other)
{
        while (one != other) {
                if (one == GRAPH_NONE || other == GRAPH_NONE)
                        return GRAPH_NONE;
                if (one > other)
                        one = after[one];
                else
                        other = after[other];
        }
        return one;
}

/* A target that is a switch of the same term and decides all values as `node` does, or GRAPH_NONE.
 */
static uint32_t find_twin(const struct graph *graph, const struct node *node)
{
        for (uint32_t i = 0; i < node->count && node->count <= TWIN_MAX_ARMS; i++) {
                uint32_t twin = node->arms[i].to, arm = 0;
                const struct node *other = &graph->nodes[twin];

                if (other->kind != NODE_SWITCH || other->term != node->term)
                        continue;
                for (; arm < node->count; arm++) {
                        uint32_t first = graph_arm(other, node->arms[arm].from);

                        if (node->arms[arm].to != twin &&
                            (other->arms[first].to != node->arms[arm].to ||
                             first != graph_arm(other, graph_arm_end(node, arm))))
                                break;
                }
                if (arm == node->count)
                        return twin;
        }
        return GRAPH_NONE;
}

/* Fills `after`, by node: its immediate post-dominator, or GRAPH_NONE if that is the common end. */
static void find_followers(const struct graph *graph, uint32_t *after)
{
        for (uint32_t i = 0; i <= graph->root; i++) {
                const struct node *node = &graph->nodes[i];

                after[i] = node->kind == NODE_SWITCH ? find_twin(graph, node) : GRAPH_NONE;
                if (node->count == 0 || node->kind == NODE_SET || after[i] != GRAPH_NONE)
                        continue;
                after[i] = node->arms[0].to;
                for (uint32_t arm = 1; arm < node->count; arm++)
                        after[i] = common(after, after[i], node->arms[arm].to);
        }
}

/* Numbers descend along paths, so the replacements of all targets are known before the node. */
void post_dominator_bypass(struct graph *graph, unsigned variant)
{
        struct rewrite pass;
        uint32_t *after;
        uint32_t root = graph->root;

        (void)variant;
        rewrite_start(&pass, graph);
        after = rewrite_take(&pass, pass.nodes * sizeof *after);
        if (!graph->failed)
                find_followers(graph, after);
        for (uint32_t i = 0; i <= root && !graph->failed; i++) {
                struct node node = *rewrite_node(&pass, i);

                pass.copy[i] =
                    after[i] != GRAPH_NONE ? pass.copy[after[i]] : rewrite_rebuild(&pass, i, &node);
        }
        if (!graph->failed)
                graph->root = pass.copy[root];
        rewrite_end(&pass);
}
