/* What must hold of every graph, and of the program made from one. Debug builds (-DCBPF_DEBUG)
 * check it at the end of each compilation, and the fuzz targets after each step. */
#ifndef CBPF_INVARIANTS_H
#define CBPF_INVARIANTS_H

#include "graph.h"

enum {
        INVARIANT_MESSAGE = 400,
};

/* Whether the terms and nodes of `graph` are in normal form, the numbers they are made of below
 * their own, and no two of them equal. Otherwise fills `message`. */
bool graph_keeps_invariants(const struct graph *graph, char message[INVARIANT_MESSAGE]);

/* Whether `program`, emitted for `graph`, keeps the kernel's rules but for the length, and asks
 * what the graph asks: lifted into the same graph, it is the same node, as it is or optimized
 * again by `optimize`. Otherwise fills `message`. The graph, which must have no calls, gets more
 * terms and nodes and keeps its root. */
bool program_keeps_invariants(struct graph *graph, const struct bpf_program *program,
                              int (*optimize)(struct graph *graph, unsigned variant),
                              char message[INVARIANT_MESSAGE]);

#endif
