/* Lists: the same test asked for many values (`host a or host b or …`, `not port p and not port
 * q`).
 *
 * A list is compiled as one test for one value, a marker; in the graph that comes of it, the marker
 * is then replaced by all the list's values at once. So the work for a list grows with n log n, the
 * graph asks for each field once, and what a list means on which link type, behind VLAN tags or
 * inside MPLS is left to what compiles a single test. */
#ifndef CBPF_LISTS_H
#define CBPF_LISTS_H

#include "graph.h"
#include "tree.h"

struct list;

struct lists {
        struct arena *arena; /* of the tree; the lists live there too */
        struct list *lists;
        uint32_t count, room;
};

/* Gathers each list of `tree` into the place of its first test, for which a test for a marker then
 * stands. `seed` varies the markers. Returns 0, or -1 if memory is short. Time O(n log n). */
int lists_gather(struct lists *lists, struct tree *tree, uint32_t seed);
void lists_free(struct lists *lists);

/* The number of values in all lists. */
size_t lists_values(const struct lists *lists);

/* Replaces the markers in `graph`, which must not have been optimized yet: it would have drawn
 * conclusions from them. Returns 0; 1 if some marker is not where it should be (the graph is then
 * of no use); -1 if memory is short. */
int lists_put_back(const struct lists *lists, struct graph *graph);

#endif
