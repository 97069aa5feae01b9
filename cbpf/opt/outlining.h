/* Inside the emitter: making one of parts that look alike. */
#ifndef CBPF_SHARE_H
#define CBPF_SHARE_H

#include "cbpf/ir/graph.h"

/* Makes one of two parts of `graph` that differ only in where in the packet they look: calls
 * `wanted` with the root of each graph that comes of it until that says true, and returns that one;
 * or GRAPH_NONE, at the latest when `*tries`, which `wanted` counts down, is 0. The graph's own
 * root stays. Sets graph->failed if memory is short. */
uint32_t graph_share(struct graph *graph, const int *tries,
                     bool (*wanted)(void *context, uint32_t root), void *context);

#endif
