/* What is known of terms at a place in the graph. */
#ifndef CBPF_FACTS_H
#define CBPF_FACTS_H

#include "cbpf/ir/graph.h"

enum {
        /* Sets with more spans are widened: what is known is never wrong, but may be less. */
        MAX_SPANS = 32,
};

struct span {
        uint32_t low, high;
};

/* The values a term can have: in one of the spans (ascending, apart), and with these bits. */
struct set {
        uint32_t known, value; /* bits that are known, and what they are */
        uint32_t count;        /* never 0 */
        struct span spans[MAX_SPANS];
};

/* Facts are persistent: adding one gives new facts that share all but a path with the old ones.
 * NULL knows nothing. */
struct facts;

struct knowledge {
        struct graph *graph;
        struct arena arena;
        /* For each load a few loads of the same base that overlap it. */
        struct overlap *overlaps;
        uint32_t *first_overlap; /* by term; GRAPH_NONE or the start of a chain */
        uint32_t overlap_count;
        uint32_t terms; /* that there were at knowledge_start() */
};

/* Returns 0, or -1 if memory is short, which sets graph->failed. */
int knowledge_start(struct knowledge *knowledge, struct graph *graph);
void knowledge_end(struct knowledge *knowledge);

/* Sets by term one bit: a fact about a term can matter to a question about another one only if
 * both have the same. Returns 0, or -1 if memory is short, which sets graph->failed. */
int knowledge_classes(struct knowledge *knowledge, uint64_t *bits);

/* The values `term` can have where `facts` hold. */
void facts_ask(const struct knowledge *knowledge, const struct facts *facts, uint32_t term,
               struct set *set);

/* `facts`, and that `term` has a value of `set`. */
const struct facts *facts_add(struct knowledge *knowledge, const struct facts *facts, uint32_t term,
                              const struct set *set);

/* What holds where one of both holds. Takes time for the difference only. */
const struct facts *facts_join(struct knowledge *knowledge, const struct facts *one,
                               const struct facts *other);

/* Adds a span, which must not start before the last one; widens the set if it is full. */
void set_append(struct set *set, uint32_t low, uint32_t high);

#endif
