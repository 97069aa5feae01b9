/* Lowering: the syntax tree to the decision graph, without libpcap.
 *
 * What a test means on which link type, which bytes it reads and in which order is libpcap's
 * (1.10.3, without its optimizer), quirks included: the graph comes out the same as graph_lift() of
 * its program. What is not known here is called foreign: then the whole expression is left to
 * libpcap, which also words the error where a link type does not support a test.
 *
 * Lists are the same test of many values (`host a or host b or …`, `not port p and not port q`).
 * They are lowered as one test, so that the work for a list grows with n log n and the graph tests
 * each field once. To libpcap a list is a test of one value, a marker; in the graph of its program
 * the list's values then replace the marker. So what a list means on which link type is left to
 * what compiles a single test. */
#pragma once

#include "cbpf/ir/ir.h"
#include "cbpf/syntax/syntax.h"

struct list;
struct pairs;
struct tuples;

struct lists {
        struct arena *arena; /* of the tree; the lists live there too */
        struct list *lists;
        uint32_t count, room;
        bool gather_pairs;   /* too, and tuples; for graph_lower() only */
        bool within_layers;  /* no tuples there */
        struct pairs *pairs; /* the runs (lists.h) */
        uint32_t pair_runs, pair_room;
        struct tuples *tuples; /* the runs (lists.h) */
        uint32_t tuple_runs, tuple_room;
};

/* Puts tests of lists, and pairs, in the place of sets. Returns 0, or -1 if memory is short. */
int lists_spread_sets(struct lists *lists, struct tree *tree);

/* With more pairs, only the search for them is compiled. */
enum { PAIRS_MAX_BOTH_TRIED = 32 };

/* Gathers each list of `tree` into the place of its first test, which then stands for all of it.
 * Returns 0, or -1 if memory is short. Time O(n log n). */
int lists_gather(struct lists *lists, struct tree *tree);
void lists_free(struct lists *lists);

/* The number of values in all lists. */
size_t lists_values(const struct lists *lists);

/* The number of pairs of a host and a port in all runs of them, and of other tuples. */
size_t pairs_count(const struct lists *lists);
size_t tuples_count(const struct lists *lists);

/* Makes each test in `tree` that stands for a list ask for a marker. `seed` varies the markers.
 * Returns 0, or -1 if memory is short. Time grows with lists times tests. */
int lists_mark(struct lists *lists, struct tree *tree, uint32_t seed);

/* Replaces the markers in `graph`, which must not have been optimized yet: the optimizer would have
 * drawn conclusions from them. Returns 0; 1 if some marker is not where it should be (the graph is
 * then of no use); -1 if memory is short. */
int lists_put_back(const struct lists *lists, struct graph *graph);

/* What `deep`, `outer` and `inner` ask for (layers.h). */
struct layers;

/* Finds it in `tree`; `only` is the target's `only_layer`. Returns 0, with `*layers` NULL if
 * nothing does; or -1, with `error` filled.
 */
int layers_collect(struct tree *tree, struct lists *lists, unsigned only, struct arena *arena,
                   struct layers **layers, struct error *error);
void layers_free(struct layers *layers);

/* Makes `graph`, of which only a part has been lowered, smaller: gives it another root of the same
 * meaning, and drops the nodes that neither the root nor `held` (as for graph_collect()) lead to,
 * but no terms. Returns 0, or -1 if memory is short. */
typedef int lower_condense(struct graph *graph, uint32_t *const *held, size_t held_count);

/* Fills `graph`, empty before, with what `tree` means for `target`. Where `lists` is given, tests
 * that stand for a list ask for all its values. `layers` is what layers_collect() found. Returns 0;
 * 1 if something in it is foreign; -1 if memory is short. Time O(n log n), the stack is constant.
 *
 * Where headers vary in length, as behind `geneve`, a graph has a copy for each of their lengths.
 * With `keep_starts` there is one for all, in which variables stand for where the headers start.
 * For link types whose own do, graph_find_starts() completes it.
 *
 * A large graph is made smaller by `condense` (NULL: it is not) on the way, as each part may take
 * many nodes that become few. */
int graph_lower(struct graph *graph, const struct tree *tree, const struct lists *lists,
                const struct layers *layers, const struct cbpf_target *target, bool keep_starts,
                lower_condense *condense);

/* Whether the headers of the target's link type vary in length. */
bool graph_starts_vary(const struct cbpf_target *target);

/* Puts in front of `graph`, which may have been optimized since, what finds the starts of headers
 * and keeps them, where they vary. Returns 0, or -1 if memory is short. */
int graph_find_starts(struct graph *graph, const struct cbpf_target *target);

/* Puts the walk through the layers of a packet in front of `graph`, which graph_lower() has filled
 * with the same `layers`, and which may have been optimized since. Returns as graph_lower(). */
int graph_add_walk(struct graph *graph, struct layers *layers, const struct lists *lists,
                   const struct cbpf_target *target);

/* Makes of `graph`, which means packets as they are saved, one that means the same to the kernel,
 * which keeps the outermost VLAN tag of a live frame beside it: frames of an Ethernet socket
 * (CBPF_LIVE) or those that are saved behind LINUX_SLL2 headers (CBPF_LIVE_ANY, CBPF_LIVE_NETWORK).
 * Returns 0; 1 if it asks for what classic BPF cannot ask there; -1 if memory is short. Time O(n).
 */
int graph_strip_tag(struct graph *graph, enum cbpf_place place);
