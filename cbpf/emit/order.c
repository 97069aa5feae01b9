/* The order in which nodes stand in the program: depth first, each before all that it leads to. */
#include "base/array.h"
#include "code.h"

#include <stdlib.h>

struct visit {
        uint32_t node;
        uint32_t arm;
};

struct ordering {
        const struct graph *graph;
        const uint32_t *guarded;
        bool *seen;      /* by node */
        uint32_t *order; /* filled from its end on */
        uint32_t left;
        struct visit *stack;
        uint32_t depth, room;
};

static bool enter(struct ordering *ordering, uint32_t node)
{
        if (!array_grow(ordering->stack, ordering->room, ordering->depth + (size_t)1))
                return false;
        ordering->seen[node] = true;
        ordering->stack[ordering->depth++] = (struct visit){node, 0};
        return true;
}

/* What a node leads to is put in front of `order` before the node itself. */
static bool order_from(struct ordering *ordering, uint32_t root)
{
        bool done = enter(ordering, root);

        while (done && ordering->depth > 0) {
                struct visit *visit = &ordering->stack[ordering->depth - 1];
                const struct node *node = &ordering->graph->nodes[visit->node];
                uint32_t to;

                if (visit->arm == node->count) {
                        ordering->order[--ordering->left] = visit->node;
                        ordering->depth--;
                        continue;
                }
                to = behind_guards(ordering->guarded, node->arms[visit->arm++].to);
                if (!ordering->seen[to])
                        done = enter(ordering, to);
        }
        free(ordering->stack);
        return done;
}

uint32_t *order_nodes(const struct graph *graph, const uint32_t *guarded, uint32_t root,
                      struct arena *arena, uint32_t *count)
{
        uint32_t nodes = root + 1;
        struct ordering ordering = {
            .graph = graph,
            .guarded = guarded,
            .seen = calloc(nodes, sizeof *ordering.seen),
            .order = arena_take(arena, nodes * sizeof *ordering.order),
            .left = nodes,
        };
        bool done = ordering.seen && ordering.order && order_from(&ordering, root);

        free(ordering.seen);
        *count = nodes - ordering.left;
        return done ? ordering.order + ordering.left : NULL;
}
