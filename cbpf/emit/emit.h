/* Inside the emitter: a term to straight code, and a switch to comparisons. */
#ifndef CBPF_CODE_H
#define CBPF_CODE_H

#include "cbpf/ir/ir.h"

enum {
        MAX_STEPS = 4096, /* of one sequence */
};

/* Terms that a register holds, GRAPH_NONE where unknown; and which words of scratch memory hold the
 * terms they are for. */
struct registers {
        uint32_t a, x;
        uint16_t scratch;
};

/* One instruction of straight code. */
struct step {
        uint16_t code;
        uint32_t k;
        struct registers
            before;             /* what entering here takes; a word that is for no term: no entry */
        struct registers after; /* what the whole sequence has made so far */
};

struct sequence {
        struct step *steps;
        uint32_t count;
};

/* Which term each word of scratch memory is for, all through the program. */
struct slots {
        uint32_t terms[BPF_MEMWORDS];
        uint32_t count;
};

/* The choices an emitter has. */
struct style {
        uint32_t longest_chain; /* as of code_comparisons() */
        /* By node: a term to have in X from there on, beside what the node needs itself; or
         * GRAPH_NONE. NULL: none. */
        const uint32_t *hoisted;
        struct slots slots;
};

/* Where a program loads X, and with what. */
enum {
        MAX_USES = 64,
};

struct uses {
        struct use {
                uint32_t node, term;
        } uses[MAX_USES];
        uint32_t count;
};

/* Fills `program` with code for `graph` in that style, which the caller frees with
 * cbpf_program_free(), and notes the first places where X is loaded. The program keeps all rules of
 * cbpf_check() but the length. Returns 0; -1 if memory is short; 1 if a term needs more scratch
 * memory than there is. */
int emit_program(struct graph *graph, const struct style *style, struct bpf_program *program,
                 struct uses *uses);

/* The length of that program. */
int emit_length_in_style(struct graph *graph, const struct style *style, uint32_t *length);
int emit_length(struct graph *graph, uint32_t *length); /* with short chains */

/* Hoisting: where a value may be loaded into X for several places that load it each by itself. */
struct hoisting {
        const struct graph *graph;
        struct arena arena;
        uint32_t *dominator; /* by node: the nearest on all paths from the root; its own for that */
        uint32_t *terms;     /* by node: what style.hoisted asks for, at first nothing */
        bool *sure;          /* by node: every accepting path from here makes the loads at hand */
        uint32_t argument;   /* the term for X */
};

/* Returns 0, or -1 if memory is short. */
int hoisting_start(struct hoisting *hoisting, struct graph *graph);
void hoisting_end(struct hoisting *hoisting);

/* The last node that all uses of the term pass and where it may be computed, or GRAPH_NONE. */
uint32_t hoisting_place(struct hoisting *hoisting, const struct uses *uses, uint32_t term);

/* True if the value of the term changes with each call. */
bool hoisting_is_of_call(const struct hoisting *hoisting, uint32_t term);

/* What a node's test wants in the registers, and how it asks. */
struct wanted {
        uint32_t a, x; /* x GRAPH_NONE where a constant is compared */
        uint8_t jump;  /* for all but comparisons with constants: BPF_JEQ, BPF_JGT, BPF_JSET */
        bool with_x;
        bool masked; /* jset k */
        uint32_t k;
};

/* A comparison; targets from LOCAL_TARGET on are comparisons of the same switch. */
#define LOCAL_TARGET 0x80000000u
struct comparison {
        uint16_t code;
        uint32_t k;
        uint32_t yes, no;
};

/* Fills `sequence` with code for the two terms (x may be GRAPH_NONE), steps taken from `arena`.
 * Returns 0, 1 if it would be too long or need too much scratch memory, -1 if memory is short. */
int code_sequence(const struct graph *graph, const struct slots *slots, struct arena *arena,
                  uint32_t a, uint32_t x, struct sequence *sequence);

/* How many tables send a value to one node, and its neighbours to another. Comparisons with values
 * that many have come last, so that tables can share the ends of their chains. */
struct ranks {
        struct rank {
                uint32_t value, to, otherwise, count;
        } * slots;
        uint32_t size; /* a power of two */
};

/* Returns -1 if memory is short. */
int code_rank(const struct graph *graph, const uint32_t *nodes, uint32_t count, struct arena *arena,
              struct ranks *ranks);

void code_wanted(const struct graph *graph, const struct node *node, struct wanted *wanted);

/* How many values are compared one after the other before a table is split instead. Each split is
 * a comparison more in the program, and saves many on the path. */
enum {
        CODE_SHORTEST_CHAIN = 3,
        CODE_SHORT_CHAIN = 5,
        CODE_CHAIN = 10,
        CODE_LONGEST_CHAIN = 64,
};

/* Fills `comparisons`, which has room for two an arm and two chains, with tests of the switch.
 * Returns how many. */
uint32_t code_comparisons(const struct graph *graph, const struct node *node,
                          const struct wanted *wanted, const struct ranks *ranks,
                          uint32_t longest_chain, struct comparison *comparisons);

#endif
