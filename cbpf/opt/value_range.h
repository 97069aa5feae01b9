/* Value ranges and abstract states: what is known of terms at a place in the graph. */
#pragma once

#include "cbpf/ir/ir.h"

enum {
        /* Ranges of more spans are widened: they stay correct, but become less precise. */
        MAX_SPANS = 32,
};

struct span {
        uint32_t low, high;
};

/* The values a term can have: in one of the spans (ascending, apart), and with these bits. */
struct value_range {
        uint32_t known, value; /* bits that are known, and what they are */
        uint32_t count;        /* never 0 */
        struct span spans[MAX_SPANS];
};

/* What is known of terms where the control flow stands. States are persistent: adding to one makes
 * a new one that shares all but a path with the old one. NULL knows nothing. */
struct abstract_state;

struct value_analysis {
        struct graph *graph;
        struct arena arena;
        /* For each load a few loads of the same base that overlap it, those of a term in a row. */
        uint32_t *overlaps, overlap_count, overlap_room;
        uint32_t *first_overlap; /* by term, and one more for the end */
        /* By term: its number among those that some query looks up, in the order in which
         * value_analysis_ask() met them; or GRAPH_NONE. */
        uint32_t *keys;
        uint32_t key_count;
        struct arena states;
        size_t states_size;  /* bytes of these, */
        size_t states_most;  /* from which on those no longer needed are dropped */
        size_t joins;        /* ranges that may still be joined without a look at how many */
        uint32_t allowance;  /* of those, what is left to the join of states at hand */
        uint32_t most_spans; /* of a range that is kept */
        uint32_t terms;      /* that there were at value_analysis_start() */
};

/* Sets graph->failed if memory is short; so do all functions that follow. */
void value_analysis_start(struct value_analysis *analysis, struct graph *graph);
void value_analysis_end(struct value_analysis *analysis);

/* Which terms matter. Before there are states, value_analysis_ask() is called for the term of each
 * query to come, those that come last first; it returns a bit for each term that the query looks
 * up. `key_count` then is a horizon: terms with numbers from there on matter only to queries that
 * have come before. Nothing is known of terms that no query looks up. */
uint64_t value_analysis_ask(struct value_analysis *analysis, uint32_t term);

/* The bits of what becomes known within the horizon if `term` does. */
uint64_t value_analysis_bits(const struct value_analysis *analysis, uint32_t term,
                             uint32_t horizon);

/* Drops all states but the `count` in `states`, if many have been made since it last did so. Time
 * is O(count) then. */
void value_analysis_collect(struct value_analysis *analysis, const struct abstract_state **states,
                            uint32_t count);

/* The values `term` can have in `state`. */
void abstract_state_get(const struct value_analysis *analysis, const struct abstract_state *state,
                        uint32_t term, struct value_range *set);

/* `state`, and that `term` has a value of `set`. */
const struct abstract_state *abstract_state_add(struct value_analysis *analysis,
                                                const struct abstract_state *state, uint32_t term,
                                                const struct value_range *set);

/* What `state` knows within the horizon; nothing if that has none of the bits `asked`. */
const struct abstract_state *abstract_state_forget(struct value_analysis *analysis,
                                                   const struct abstract_state *state,
                                                   uint32_t horizon, uint64_t asked);

/* The join of two states. Takes time for their difference only. In a large graph, where joining all
 * that differs would take quadratic time and memory, most of it is forgotten, which is correct. */
const struct abstract_state *abstract_state_join(struct value_analysis *analysis,
                                                 const struct abstract_state *one,
                                                 const struct abstract_state *other);

/* Adds a span, which must not start before the last one; widens the set if it is full. */
void value_range_append(struct value_range *set, uint32_t low, uint32_t high);
