/* The decision graph: what a filter asks of a packet, without registers or order of evaluation.
 *
 * Terms are pure values of 32 bits. Nodes are switches of a term over all its values, and leaves.
 * Both are hash-consed: equal terms and equal subgraphs are the same number, and a number is always
 * greater than those it is made of, so descending numbers are a topological order from the root.
 *
 * Variables let paths that found the same thing at different places of the packet go on together.
 * The passes know them only as values that stay. So they run where each variable has one place
 * to be set at, in front of all that uses it, or before anything sets it.
 *
 * Short packets need no nodes. A load past the captured bytes rejects wherever it happens, so a
 * graph asks for no more bytes than the terms on the path taken. Dropping a test together with its
 * loads is therefore always right (what is decided without them is decided so for every completion
 * of the packet); a load may not be added to a path that accepts without it. */
#pragma once

#include "base/arena.h"
#include "base/hash.h"
#include "cbpf/program/program.h"

#define GRAPH_NONE UINT32_MAX

enum term_kind {
        TERM_CONSTANT,  /* k */
        TERM_LENGTH,    /* bytes of the packet on the wire */
        TERM_ARGUMENT,  /* what the last call passed in A (k 0) or X (k 1); only in outlined graphs
                         */
        TERM_VARIABLE,  /* what the last NODE_SET of variable k has set it to */
        TERM_LOAD,      /* `code` (BPF_W, BPF_H, BPF_B) at k, plus term `a` unless GRAPH_NONE */
        TERM_OPERATION, /* a `code` b, one of BPF_ADD … BPF_XOR; BPF_NEG has no b */
        TERM_EQUAL,     /* a == b, neither a constant; 0 or 1 */
        TERM_GREATER,   /* a > b, likewise */
};

enum owed {
        OWED_ANYWHERE = 1,
        OWED_IN_FILE = 2,
};

struct term {
        uint8_t kind;
        uint8_t code;
        uint8_t owed; /* OWED bits: it is or contains an owed load; not part of its identity */
        uint32_t a, b;
        uint32_t k;
        /* Not part of its identity: what is known of its value anywhere. */
        uint32_t low, high, possible; /* least and greatest; bits that can be set */
};

/* The values from `from` up to the next arm's `from`, or to the greatest value. */
struct arm {
        uint32_t from;
        uint32_t to; /* node */
};

enum node_kind {
        NODE_RETURN, /* k, 0 to reject */
        NODE_RETURN_TERM,
        NODE_SWITCH,
        NODE_CALL, /* one arm; `term` goes to A and term `k` to X, each unless GRAPH_NONE */
        NODE_SET,  /* one arm; variable `k` becomes `term`; `from` of the arm is a term of before
                    * that, which goes to A as a call's does, or GRAPH_NONE */
};

struct node {
        uint8_t kind;
        uint32_t term;
        uint32_t k;
        uint32_t count; /* arms; ascending, the first from 0, neighbours lead to different nodes */
        const struct arm *arms;
};

/* All zero but for graph_free() is an empty graph. */
struct graph {
        struct arena arena;
        struct term *terms;
        uint32_t term_count, term_room;
        struct hash_table term_table;
        struct node *nodes;
        uint32_t node_count, node_room;
        struct hash_table node_table;
        uint32_t root;
        uint32_t
            variables;    /* from 0 up to this number; every path to a use of one sets it before */
        bool keeps_terms; /* graph_collect() drops nodes only */
        /* Memory ran short. Functions that make terms and nodes then return any valid number or 0,
         * so that only the caller of the whole has to look. */
        bool failed;
};

/* Makes sure that there is something at number 0 even if memory runs short; to be called before
 * terms and nodes are made. Returns false if it does already. */
bool graph_start(struct graph *graph);

void graph_free(struct graph *graph);

/* Drops the terms and nodes that neither the root nor the nodes in `held`, pointers to numbers or
 * GRAPH_NONE, lead to, if that is much. The others keep their order, but not their numbers: those
 * of the root and of what is held are brought up to date. Time O(n). */
void graph_collect(struct graph *graph, uint32_t *const *held, size_t held_count);

/* Gives back memory that is for more terms and nodes: there are hardly to be any. */
void graph_trim(struct graph *graph);

/* Terms. Constants are folded, and terms that are the same for all packets become one. */
uint32_t graph_constant(struct graph *graph, uint32_t k);
uint32_t graph_length(struct graph *graph);
uint32_t graph_load(struct graph *graph, unsigned size, uint32_t base, uint32_t offset);

/* Bytes that a load takes. */
static inline uint32_t graph_load_size(const struct term *load)
{
        return load->code == BPF_W ? 4 : load->code == BPF_H ? 2 : 1;
}

/* True if `part` is the term or within it, looking at some thousands of terms at most. */
bool graph_contains(const struct graph *graph, uint32_t term, uint32_t part);

/* The result of a BPF operation (BPF_ADD and so on; `b` is not used by BPF_NEG). `*defined` is
 * cleared where the kernel and libpcap's interpreter differ, or reject; the result is 0 then. */
uint32_t graph_compute(unsigned operation, uint32_t a, uint32_t b, bool *defined);

/* True if a load at `offset` after `base` always rejects: past the end of any packet. A sum that
 * wraps does not, as the kernel lets it. */
bool graph_is_beyond(const struct graph *graph, uint32_t base, uint32_t offset);
uint32_t graph_operation(struct graph *graph, unsigned operation, uint32_t a, uint32_t b);

uint32_t graph_comparison(struct graph *graph, unsigned kind, uint32_t a, uint32_t b);
uint32_t graph_argument(struct graph *graph, uint32_t k);

enum {
        GRAPH_MAX_VARIABLES = 8, /* a variable takes a word of scratch memory for itself */
};

/* Variable number `k`, below GRAPH_MAX_VARIABLES. */
uint32_t graph_variable(struct graph *graph, uint32_t k);

static inline bool graph_is_constant(const struct graph *graph, uint32_t term)
{
        return graph->terms[term].kind == TERM_CONSTANT;
}

static inline bool graph_commutes(unsigned operation)
{
        return operation == BPF_ADD || operation == BPF_MUL || operation == BPF_AND ||
               operation == BPF_OR || operation == BPF_XOR;
}

/* True if the term is 4*([k]&0xf), what `ldxb` loads; then `*k` is its offset. */
bool graph_is_header_length(const struct graph *graph, uint32_t term, uint32_t *k);

/* Nodes. Arms may be out of normal form but for their order; they are copied. */
uint32_t graph_return(struct graph *graph, uint32_t k);
uint32_t graph_return_term(struct graph *graph, uint32_t term);
uint32_t graph_switch(struct graph *graph, uint32_t term, const struct arm *arms, uint32_t count);

uint32_t graph_call(struct graph *graph, uint32_t a, uint32_t x, uint32_t to);

/* Sets variable number `k` to `term`, passes `a` (or GRAPH_NONE), whose value is that of before,
 * and goes on at `to`. */
uint32_t graph_set(struct graph *graph, uint32_t k, uint32_t term, uint32_t a, uint32_t to);

/* What a conditional jump does: `jump` is BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET. */
uint32_t graph_branch(struct graph *graph, unsigned jump, uint32_t a, uint32_t b, uint32_t yes,
                      uint32_t no);

/* The arm of a switch that holds `value`. O(log n). */
uint32_t graph_arm(const struct node *node, uint32_t value);

/* The target of the widest arm, which listings have once, as what happens otherwise. */
uint32_t graph_usual_target(const struct node *node);

/* The greatest value of arm number `arm`. */
static inline uint32_t graph_arm_end(const struct node *node, uint32_t arm)
{
        return arm + 1 < node->count ? node->arms[arm + 1].from - 1 : UINT32_MAX;
}

/* All bits up to the highest of `value`. */
static inline uint32_t graph_bits_up_to(uint32_t value)
{
        return value ? UINT32_MAX >> __builtin_clz(value) : 0;
}

/* The least value from `from` on that has no bit outside `mask`; UINT32_MAX or more if there is
 * none. */
uint64_t graph_next_possible(uint64_t from, uint32_t mask);

/* Fills `graph`, empty before, with the meaning of `program`, which must keep all rules of
 * cbpf_check() but the length. Returns 0; 1 if it cannot: the program jumps back, or has too many
 * states; -1 if memory is short. Time and memory O(n). */
int graph_lift(struct graph *graph, const struct bpf_program *program);

/* The same, but a graph that keeps the bounds of loads as tests of `captured`, a term for the
 * number of bytes captured: it says what `program` does with a packet cut short, too, and its loads
 * need no rule. Loads of ancillary data that struct cbpf_ancillary has are terms if `live`; all
 * others reject, as in cbpf_execute(). More than one program may be lifted into a graph. */
#define GRAPH_ENDLESS (GRAPH_NONE - 1)
int graph_lift_exactly(struct graph *graph, const struct bpf_program *program, uint32_t captured,
                       bool live);

/* The test for a load, as such a graph has it: `yes` where the bytes up to before number `end`
 * behind the term `base` (or GRAPH_NONE for the packet's start) are captured, and else `no`. */
uint32_t graph_bound(struct graph *graph, uint32_t captured, uint32_t base, uint32_t end,
                     uint32_t yes, uint32_t no);

/* Symbolic execution: one instruction on registers that hold terms (CBPF_REGISTERS of them). */

/* From this `k` on arguments make terms different that look alike. */
#define SYMBOLIC_UNIQUE 0x80000000u

/* Does what an instruction does that is no jump and no return. Returns the register it sets.
 * `pure`: takes ancillary data that may differ from load to load for pure values. */
uint32_t symbolic_step(struct graph *graph, const struct bpf_insn *instruction, uint32_t *registers,
                       bool pure);

/* The other operand of an operation or a jump. */
uint32_t symbolic_operand(struct graph *graph, const struct bpf_insn *instruction,
                          const uint32_t *registers);

/* The central rule: no load is added to a path (see above). */

/* True if whoever has computed `term` has made all loads of `wanted`, so that no packet is too
 * short for it. Looks at `*budget` terms at most, and counts them down. */
bool loads_are_made(const struct graph *graph, uint32_t term, uint32_t wanted, int *budget);

/* True if that holds of whoever passes node `node`; of indexed loads, only if `wanted` is part of
 * the node's term. */
bool loads_are_made_at(const struct graph *graph, uint32_t node, uint32_t wanted);

/* Fills `sure`, by node: on every path from there that accepts, the loads of `wanted` are made. */
void loads_find_sure(const struct graph *graph, uint32_t wanted, bool *sure);

/* Owed loads: those that the freedom to drop loads does not cover, as hardly a packet that they
 * reject is one cut short. They are loads at an offset that most packets do not reach or that
 * counts from the packet's end and, in files, which may lack them, of ancillary data (`file`). */
bool graph_is_owed(const struct graph *graph, uint32_t term, bool file);

/* True if some term of the graph is or contains one. */
bool graph_has_owed(const struct graph *graph, bool file);

/* A node that makes `load` whatever it is good for, and goes on to `node`. */
uint32_t graph_owe(struct graph *graph, uint32_t load, uint32_t node);

/* The same for `load` only if the test at `node` does not ask for it anyway. */
uint32_t graph_owe_unasked(struct graph *graph, uint32_t load, uint32_t node);

/* What becomes of `root` if graph_owe() leads to each test of owed loads or, with `reject`, each of
 * them rejects; `root` where there is none. Time O(n). */
uint32_t graph_owe_all(struct graph *graph, uint32_t root, bool file, bool reject);

/* Fills `graph`, empty before, from `length` bytes of what cbpf_graph_text() writes. Returns 0; or
 * -1 with `error` filled, its message beginning with the line and the column, and a graph of no use
 * but to graph_free(). Memory is O(length). */
int graph_read(struct graph *graph, const char *text, size_t length, struct error *error);

/* The verifier: what must hold of every graph, and of the program made from one. Debug builds
 * (-DCBPF_DEBUG) run it at the end of each compilation, and the fuzz targets after each step. */
enum {
        VERIFY_MESSAGE = 400,
};

/* True if the terms and nodes of `graph` are in normal form, the numbers they are made of below
 * their own, and no two of them equal. Otherwise fills `message`. */
bool verify_graph(const struct graph *graph, char message[VERIFY_MESSAGE]);

/* True if `program`, emitted for `graph`, keeps the kernel's rules but for the length, and means
 * the same: lifted into the same graph, it is the same node, as it is or optimized again by
 * `optimize`. Otherwise fills `message`. The graph, which must have no calls, gets more terms and
 * nodes and keeps its root. */
bool verify_program(struct graph *graph, const struct bpf_program *program,
                    int (*optimize)(struct graph *graph, unsigned variant),
                    char message[VERIFY_MESSAGE]);

/* Both of these, for the program that `emit` makes. It returns 0; 1 if there is none; or -1 if
 * memory is short, and `message` is then left as it is. */
bool verify_whole(struct graph *graph,
                  int (*emit)(struct graph *graph, struct bpf_program *program),
                  int (*optimize)(struct graph *graph, unsigned variant),
                  char message[VERIFY_MESSAGE]);
