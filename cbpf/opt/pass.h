/* The optimizer: passes that make a decision graph smaller, and the manager that runs them.
 *
 * A pass is a function from graph to graph: it leaves the graph with a new root, or failed if
 * memory is short. The meaning of the graph stays (ir.h says what that is). cbpf/compile.c lists
 * the passes in order. */
#pragma once

#include "cbpf/cbpf.h"
#include "cbpf/ir/ir.h"

/* Variants of the passes. Each makes some graphs smaller and others larger. */
enum {
        /* Jump threading leads no arm past a test that stays, on the strength of its values alone…
         */
        PASS_LAZY = 1,
        PASS_LAZIEST = 2, /* … nor for any other reason. */
        PASS_REUSE = 4,   /* Test reordering first tests what the parent has in the accumulator. */
        /* Switches are formed from the second round on only: a test that is not part of one yet can
         * be moved. */
        PASS_APART = 16,
        PASS_AHEAD = 8, /* Jump threading leads an arm straight to the leaf where all paths end. */
};

typedef void pass_function(struct graph *graph, unsigned variant);

struct pass {
        const char *name;
        pass_function *run;
        const char *summary;
        unsigned waits; /* the variants in which it is left out of the first round */
};

/* The optimizer of one compilation. */
struct pass_list {
        const struct pass *passes;
        size_t count;
};

/* Runs the passes in turn until none of them changes the graph. `observer` is called after each
 * one, or NULL. Returns 0, or -1 if memory is short. */
int passes_run(const struct pass_list *list, struct graph *graph, unsigned variant,
               const struct cbpf_pass_observer *observer);

/* The same, dropping what passes have left of a large graph (graph_collect()). */
int passes_run_collecting(const struct pass_list *list, struct graph *graph, unsigned variant,
                          const struct cbpf_pass_observer *observer, uint32_t *const *held,
                          size_t held_count);

/* Whether a pass can be run by itself on the graph, which may be any: one without calls, and
 * without variables, as these may be set in more than one place. */
bool passes_take(const struct graph *graph);

/* The size of a graph: the number of its arms, roughly that of its comparisons. */
size_t pass_graph_size(const struct graph *graph);

/* Merges two parts of `graph`, whose program has `length` instructions, that differ only in where
 * in the packet they look: calls `wanted` with the root of each graph that results until it returns
 * true, and returns that root; or GRAPH_NONE, at the latest when `*tries`, which `wanted` counts
 * down, is 0. The graph's own root stays. Sets graph->failed if memory is short. `largest_first`:
 * large parts are tried first; otherwise the order is that of no property. */
uint32_t outlining(struct graph *graph, uint32_t length, bool largest_first, const int *tries,
                   bool (*wanted)(void *context, uint32_t root), void *context);

/* Merges all parts of `graph`, which has no variables, that differ only in the values
 * they compare with, where that should save instructions, more than `least` in all. Returns the
 * root of the graph that results, which has variables, or GRAPH_NONE. The graph's own root stays.
 * Sets graph->failed if memory is short. Time O(n). */
uint32_t value_outlining(struct graph *graph, uint32_t least);
