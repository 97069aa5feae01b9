/* Inside explain: a decision graph in words. */
#pragma once

#include "cbpf/cbpf.h"
#include "cbpf/ir/ir.h"

/* Where in a text a node is. */
struct node_text {
        size_t start, end; /* the same if it is not there */
};

/* Lists what the nodes ask, as fresh memory; NULL if memory is short. `places`, by node and all
 * zero before, is filled if it is not NULL. Adds terms to the graph. */
char *graph_list(struct graph *graph, const struct cbpf_target *target, struct node_text *places);
