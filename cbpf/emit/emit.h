/* The emitter: a decision graph to a program, in a given style. Which style makes the shortest
 * program is found by trying (cbpf/shortest_program.h). */
#pragma once

#include "cbpf/cbpf.h"
#include "cbpf/ir/ir.h"

/* Spill slots: the term that each word of scratch memory holds throughout the program. A graph's
 * variables come first, each in the word of its own number. */
struct slots {
        uint32_t terms[BPF_MEMWORDS];
        uint32_t count;
};

/* Bounds of the number of values compared one after another; a longer table is split. A split adds
 * a comparison to the program and saves many on the path. */
enum {
        MIN_CHAIN = 3,
        DEFAULT_MAX_CHAIN = 5,
        MAX_CHAIN = 64,
};

/* The choices the emitter has. */
struct style {
        uint32_t longest_chain; /* MIN_CHAIN to MAX_CHAIN */
        bool frequent_first; /* a chain begins with the value that is most frequent, even if other
                                chains could share its test at their end */
        /* By node: a term to have in X from there on, beside what the node needs itself; or
         * GRAPH_NONE. NULL: none. */
        const uint32_t *hoisted;
        struct slots slots;
        bool shares_x; /* a variable that several of a switch's targets load into X is loaded before
                        */
        struct arena *notes; /* where to note the origins of instructions; NULL: nowhere */
};

/* A style for a graph, with default choices. */
struct style style_of(struct graph *graph, uint32_t longest_chain);

/* Where a program loads X, and with what; and what else is to be known of the code. */
enum {
        MAX_USES = 64,
};

struct uses {
        struct use {
                uint32_t node, term;
        } uses[MAX_USES];
        uint32_t count;
        const struct cbpf_origin *origins; /* by instruction, if style.notes asks for them */
        uint32_t origin_count;
        bool has_orders; /* some chain would begin otherwise if style.frequent_first were not as it
                            is */
};

/* Fills `program` with code for `graph` in that style, which the caller frees with
 * cbpf_program_free(), and notes the first places where X is loaded. The program keeps all rules of
 * cbpf_check() but the length. Returns 0; -1 if memory is short; 1 if a term needs more scratch
 * memory than there is. */
int emit_program(struct graph *graph, const struct style *style, struct bpf_program *program,
                 struct uses *uses);

/* Shows the observer what instructions are for: nodes of the graph from its root on. `origins` are
 * in the graph from `merged` on, which outlining has made of that: code of a merged part is for all
 * nodes that it stands for, a call for the part that it calls. `optimized` is for the observer.
 * Returns 0, or -1 if memory is short. */
int origins_show(struct graph *graph, uint32_t optimized, uint32_t merged,
                 const struct cbpf_origin *origins, uint32_t count,
                 const struct cbpf_pass_observer *observer);

/* The length of that program. */
int emit_length(struct graph *graph, const struct style *style, uint32_t *length);

/* Hoisting: where a value may be loaded into X for several places that load it each by itself. */
struct hoisting {
        const struct graph *graph;
        struct arena arena;
        uint32_t *dominator; /* by node: the nearest on all paths from the root; its own for that */
        uint32_t *terms;     /* by node: what style.hoisted asks for, at first nothing */
        bool *sure;          /* by node: every accepting path from here makes the loads at hand */
        bool *settled;       /* by node: nothing below sets a variable */
        uint32_t argument;   /* the term for X */
};

/* Returns 0, or -1 if memory is short. */
int hoisting_start(struct hoisting *hoisting, struct graph *graph);
void hoisting_end(struct hoisting *hoisting);

/* The last node that all uses of the term pass and where it may be computed, or GRAPH_NONE. */
uint32_t hoisting_place(struct hoisting *hoisting, const struct uses *uses, uint32_t term);

/* True if the value of the term changes with each call. */
bool hoisting_is_argument(const struct hoisting *hoisting, uint32_t term);
