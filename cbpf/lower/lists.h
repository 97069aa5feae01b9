/* Lists: the same test asked for many values (`host a or host b or …`, `not port p and not port
 * q`). They are lowered as one test, so that the work for a list grows with n log n and the graph
 * asks for each field once.
 *
 * For libpcap a list is one test for one value, a marker; in the graph that comes of it, the marker
 * is then replaced by all the list's values at once. So what a list means on which link type is
 * left to what compiles a single test. */
#ifndef CBPF_LISTS_H
#define CBPF_LISTS_H

#include "cbpf/ir/graph.h"
#include "cbpf/syntax/tree.h"

struct list;
struct pairs;

struct lists {
        struct arena *arena; /* of the tree; the lists live there too */
        struct list *lists;
        uint32_t count, room;
        bool gather_pairs;   /* as well; for native lowering only */
        struct pairs *pairs; /* the runs (pairs.h) */
        uint32_t pair_runs;
};

enum {
        LISTS_MAX_WORDS = 4, /* of a value */
};

struct interval {
        uint32_t first, last;
};

/* A value is read word by word, in the order in which the program tests them. */
struct value {
        struct interval words[LISTS_MAX_WORDS];
};

/* The kind under which a test can be gathered: TREE_IPV4, TREE_IPV6, TREE_MAC or TREE_PORT; or -1.
 */
int lists_kind(const struct tree *test);
/* What it asks for. */
struct value lists_value(const struct tree *test);
/* The values of list number `list`, and how to be rid of them. */
const struct value *lists_values_of(const struct lists *lists, uint32_t list, uint32_t *count);
void lists_forget(struct lists *lists, uint32_t list);

/* Puts values in order and drops what is in others. Returns how many are left. */
uint32_t lists_order(struct value *values, uint32_t count, uint32_t words);
/* As lists_switch() for values in that order. */
uint32_t lists_switch_values(struct graph *graph, const struct value *values, uint32_t count,
                             uint32_t words, const uint32_t *terms, uint32_t yes, uint32_t no);

/* Gathers each list of `tree` into the place of its first test, which then stands for all of it.
 * Returns 0, or -1 if memory is short. Time O(n log n). */
int lists_gather(struct lists *lists, struct tree *tree);
void lists_free(struct lists *lists);

/* The number of values in all lists. */
size_t lists_values(const struct lists *lists);

/* Puts the values of each list in order, once before lists_switch(). */
void lists_sort(const struct lists *lists);

/* Makes the nodes that lead to `yes` if the words of a packet, which `terms` are, have one of the
 * values of list number `list` (as in tree->list), else to `no`. Time O(n log n). */
uint32_t lists_switch(const struct lists *lists, uint32_t list, struct graph *graph,
                      const uint32_t *terms, uint32_t yes, uint32_t no);

/* The same where it makes no difference in which order words are loaded: words that all values of a
 * long list have in common are asked for once, before the others. */
uint32_t lists_switch_reordered(const struct lists *lists, uint32_t list, struct graph *graph,
                                const uint32_t *terms, uint32_t yes, uint32_t no);

/* Has each test in `tree` that stands for a list ask for a marker. `seed` varies the markers.
 * Returns 0, or -1 if memory is short. Time grows with lists times tests. */
int lists_mark(struct lists *lists, struct tree *tree, uint32_t seed);

/* Replaces the markers in `graph`, which must not have been optimized yet: it would have drawn
 * conclusions from them. Returns 0; 1 if some marker is not where it should be (the graph is then
 * of no use); -1 if memory is short. */
int lists_put_back(const struct lists *lists, struct graph *graph);

#endif
