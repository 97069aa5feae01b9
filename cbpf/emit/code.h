/* Inside the emitter: instruction selection (terms to straight code) and switch lowering (a switch
 * to comparisons). */
#pragma once

#include "emit.h"

enum {
        MAX_STEPS = 1 << 16, /* of one sequence */
};

/* Terms that a register holds, GRAPH_NONE where unknown; and which words of scratch memory hold the
 * terms they are for. */
struct registers {
        uint32_t a, x;
        uint16_t scratch;
};

/* Registers, a bit each, as cbpf_registers_of() numbers them. */
enum {
        IN_A = 1u << CBPF_A,
        IN_X = 1u << CBPF_X,
        IN_SCRATCH = IN_A - 1,
};

/* One instruction of straight code. */
struct step {
        uint16_t code;
        uint32_t k;
        uint32_t reads, writes; /* IN_… */
        /* What entering here takes; a word that is for no term: no entry. */
        struct registers before;
        struct registers after; /* what the whole sequence has made so far */
};

struct sequence {
        const struct step *steps;
        uint32_t count;
};

/* What a node's test needs in the registers, and how it compares. */
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

/* Finds the guards, which only test whether a division behind them is one by zero. By node up to
 * the root: the node behind it if it is a guard, else itself. In `arena`; NULL if memory is short.
 */
uint32_t *find_guards(struct graph *graph, struct arena *arena);

/* The one behind all guards. */
static inline uint32_t behind_guards(const uint32_t *guarded, uint32_t node)
{
        while (guarded[node] != node)
                node = guarded[node];
        return node;
}

/* The nodes from `root` on but for guards, in the order of the program, and how many they are. In
 * `arena`; NULL if memory is short. */
uint32_t *order_nodes(const struct graph *graph, const uint32_t *guarded, uint32_t root,
                      struct arena *arena, uint32_t *count);

/* Fills `sequence` with code for the two terms (x may be GRAPH_NONE), steps taken from `arena`.
 * Returns 0, 1 if it would be too long or need too much scratch memory, -1 if memory is short. */
int select_instructions(const struct graph *graph, const struct slots *slots, struct arena *arena,
                        uint32_t a, uint32_t x, struct sequence *sequence);

/* The same for a node that sets a variable: computes the term, puts it into the variable's word,
 * and leaves what is passed, if anything, in A. */
int select_set(const struct graph *graph, const struct slots *slots, struct arena *arena,
               const struct node *node, struct sequence *sequence);

/* How many tables send a value to one node, and its neighbours to another; or begin a range with
 * it. Comparisons with values that many have come last, so that tables can share the ends of their
 * chains. */
struct ranks {
        struct rank {
                uint32_t value, to, otherwise, count;
        } * slots;
        uint32_t size; /* a power of two */
};

/* Returns -1 if memory is short. */
int switch_rank(const struct graph *graph, const uint32_t *nodes, uint32_t count,
                struct arena *arena, struct ranks *ranks);

void switch_wanted(const struct graph *graph, const struct node *node, struct wanted *wanted);

/* Fills `comparisons`, which has room for two an arm and two chains, with tests of the switch.
 * Returns how many. Sets `*has_orders` if style.frequent_first makes a difference. */
uint32_t switch_comparisons(const struct graph *graph, const struct node *node,
                            const struct wanted *wanted, const struct ranks *ranks,
                            const struct style *style, bool *has_orders,
                            struct comparison *comparisons);

/* Origins of the instructions of a program that is placed from its end (origins.c). */
struct origin_list {
        struct cbpf_origin *items; /* in place of instructions, places counted from the end */
        uint32_t count, room;
};

/* Returns false if memory is short. */
bool origins_note(struct origin_list *list, uint32_t place, uint32_t node);

/* Hands those of a program of `length` instructions over to `uses`, in memory of `arena`. Returns
 * false if memory is short. */
bool origins_keep(const struct origin_list *list, uint32_t length, struct arena *arena,
                  struct uses *uses);
