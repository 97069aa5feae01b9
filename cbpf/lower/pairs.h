/* Pairs: `(host a and port p) or (host b and port q) or …`, the same with its parts the other way
 * round, and `not (host a and port p) and not (host b and port q) …`. A run of them becomes one
 * leaf of the tree, which is lowered to sorted searches (pair_search.c). */
#pragma once

#include "lists.h"

struct pair {
        struct value host;
        struct interval port;
        uint8_t transport; /* as in struct tree_test */
};

/* What all pairs of a run have in common. */
struct pairs_shape {
        uint8_t host;                           /* TREE_IPV4 or TREE_IPV6 */
        uint8_t host_direction, port_direction; /* DIRECTION_DEFAULT, _SRC or _DST */
        bool port_first;                        /* the port is tested before the host */
};

struct pairs {
        struct pairs_shape shape;
        struct pair *pairs; /* in the order of the expression */
        uint32_t count, room;
};

/* Replaces each run of pairs among the operands of one `and` or `or` by a leaf TREE_PAIRS, whose
 * `list` is the number of the run, counted from 1. Returns 0, or -1 if memory is short. */
int pairs_gather(struct lists *lists, struct tree *cluster);
void pairs_free(struct lists *lists);
