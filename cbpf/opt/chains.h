/* Inside the optimizer: chains of switches that become one switch or change places. */
#pragma once

#include "rewrite.h"

struct chains {
        struct rewrite rewrite;
        uint32_t *parents;      /* by node: how many nodes lead to it */
        uint32_t *parent_value; /* by node: what all parents test, but for masks, or GRAPH_NONE */
        uint32_t *next;         /* by node: what follows it in its chain, or GRAPH_NONE */
        bool *absorbed;         /* by node: it is in the chain of another */
};

/* The pass ends with rewrite_end(). */
void chains_start(struct chains *chains, struct graph *graph);

/* Makes the new graph: `rebuild` returns the node that becomes of the chain that `head` begins. */
void chains_rebuild(struct chains *chains, uint32_t (*rebuild)(struct chains *, uint32_t head));

/* The value that a term is a masked part of: with that in the accumulator, the term needs no load.
 */
uint32_t chains_unmasked(const struct graph *graph, uint32_t term);

/* An interval of values that leads to one target. */
struct claim {
        uint32_t low, high;
        uint32_t to;
};

struct claims {
        struct claim *items; /* the caller's, with enough room */
        uint32_t count;
};

void claims_add(struct claims *claims, const struct node *node, uint32_t arm, uint32_t to);

/* The switch in which each value goes where the first claim to it says; every value has a claim. */
uint32_t claims_switch(struct chains *chains, uint32_t term, const struct claims *claims);
