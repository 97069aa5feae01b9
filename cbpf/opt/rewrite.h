/* Inside the optimizer: building the graph that a pass makes of another.
 *
 * Numbers descend along paths, so a pass that goes from number 0 up to the root finds for each node
 * the copies of its targets made. */
#pragma once

#include "pass.h"

struct rewrite {
        struct graph *graph;
        struct arena arena;
        uint32_t nodes; /* at the start, up to the root */
        bool *reached;  /* by node: from the root */
        uint32_t *copy; /* by node: what it becomes */
};

void rewrite_start(struct rewrite *rewrite, struct graph *graph);
void rewrite_end(struct rewrite *rewrite);

/* Memory that lasts as long as the pass; NULL, and graph->failed, if there is none. */
void *rewrite_take(struct rewrite *rewrite, size_t size);

/* Fills `reached`, which must be all false. */
void rewrite_mark_reached(struct rewrite *rewrite);

static inline const struct node *rewrite_node(const struct rewrite *rewrite, uint32_t node)
{
        return &rewrite->graph->nodes[node];
}

/* Node `number`, which is `node` now (with another term, or other arms), with its targets replaced
 * by their copies. */
uint32_t rewrite_rebuild(struct rewrite *rewrite, uint32_t number, const struct node *node);
