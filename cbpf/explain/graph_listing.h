/* Inside explain: a decision graph in words. */
#pragma once

#include "cbpf/cbpf.h"
#include "cbpf/ir/ir.h"

/* Where in a text a node is. */
struct node_text {
        size_t start, end; /* the same if it is not there */
};

/* A term, and what it is called at a node. */
struct named_term {
        uint32_t node, term;
        uint32_t number; /* the caller's own */
        char name[80];
};

/* Terms to be named, sorted by node. */
struct named_terms {
        struct named_term *terms;
        uint32_t count;
};

/* Lists what the nodes ask, as fresh memory; NULL if memory is short. `places`, by node and all
 * zero before, is filled if it is not NULL, and so are the names of terms. Adds terms to the graph.
 */
char *graph_list(struct graph *graph, const struct cbpf_target *target, struct node_text *places,
                 struct named_terms *names);
