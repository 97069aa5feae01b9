/* Programs of machines run on symbols: what their registers and their stack hold are terms, and
 * what they do with a packet becomes a decision graph, for the proof (cbpf/proof/). The machines
 * are x86-64, as far as the just-in-time compiler writes it (machine_x86_64.c), and extended BPF,
 * as far as the emitter does (machine_ebpf.c). What is not modelled is named, and nothing is said
 * of the program then.
 *
 * Jumps lead forward only. A block is run once for each different state of what is still read. */
#pragma once

#include "cbpf/ir/ir.h"

enum {
        MACHINE_REGISTERS = 16,
        MACHINE_STACK = 512, /* bytes below the frame pointer */
};

enum value_kind {
        VALUE_NONE,    /* not known; is not used */
        VALUE_NUMBER,  /* 32 bits of a term, above which all are 0. The lowest `swap` of them are in
                        * the  other byte order */
        VALUE_BYTES,   /* of the packet, behind `term` (or GRAPH_NONE) and `k`: `order` says which,
                        * from   1, from the lowest on; 0 for none */
        VALUE_SUM,     /* a number of 64 bits: `term` (or GRAPH_NONE) and `k` */
        VALUE_PACKET,  /* the address of a byte of the packet, likewise */
        VALUE_END,     /* the address behind the bytes that can be read directly, */
        VALUE_ROOM,    /* how many these are, */
        VALUE_REST,    /* and how many the others */
        VALUE_FRAME,   /* the frame pointer and `k` */
        VALUE_CONTEXT, /* the address of what the program is called with, */
        VALUE_OBJECT,  /* and of the kernel's own structure of the packet */
        VALUE_MAP,     /* number `k` */
        VALUE_ENTRY,   /* the address of an entry of a map, of class `k`; 0 if `k` is */
        VALUE_FAILURE, /* a number below 0 */
        VALUE_FLAGS,   /* enum flags: what was done with the two registers before this one */
};

/* Values are compared as bytes. */
struct value {
        uint8_t kind, swap, order[4], unused[2];
        uint32_t term, unused_too;
        int64_t k;
};

/* A byte on the stack. */
struct cell {
        uint8_t
            kind; /* VALUE_NONE; VALUE_NUMBER: byte `part` of that; VALUE_BYTES: of the packet */
        uint8_t part, swap, unused;
        uint32_t term;
        uint32_t k;
};

struct machine_state {
        struct value registers[MACHINE_REGISTERS];
        struct cell stack[MACHINE_STACK];
};

/* What a state's end depends on. */
struct condition {
        enum {
                CONDITION_COMPARISON, /* `jump` (BPF_JEQ, JGT, JGE, JSET) of the terms a and b */
                CONDITION_THERE, /* so many bytes (`b`) behind term `a` (or GRAPH_NONE) are there */
                CONDITION_DIRECT, /* and can be read directly */
        } kind;
        uint8_t jump;
        uint32_t a, b;
};

/* A set of values of some words, each with a class from 1. */
struct machine_set {
        unsigned words;
        bool ranges;
        uint32_t count;
        const uint32_t *values;
        const uint8_t *prefixes, *classes;
};

/* What is read and written, for the states to hold no more. */
struct effects {
        uint32_t reads, writes;   /* registers, a bit each */
        int reads_from, reads_to; /* bytes from the frame pointer */
        int writes_from, writes_to;
        uint32_t next[2]; /* where it goes on; UINT32_MAX for nowhere */
        bool splits;      /* states differ behind it */
};

struct machine {
        struct graph *graph;
        uint32_t captured; /* the term for how many bytes are */
        uint32_t direct;   /* a term of any value: no more than so many can be read directly;
                            * GRAPH_NONE   if all can */
        uint32_t length;   /* instructions */
        const void *code;
        void (*effects)(const void *code, uint32_t at, struct effects *effects);
        /* Does what instruction `at` does; then goes on behind it, or calls one of the functions
         * below that end a state. */
        void (*step)(struct machine *machine, uint32_t at, struct machine_state *state);
        const char *unmodelled; /* why there is no graph; NULL if there is one */
        struct machine_run *run;
};

/* Runs the program, from this state on. Returns 0; 1 if something is not modelled; -1 if memory is
 * short. */
int machine_run(struct machine *machine, const struct machine_state *start);

/* The graph's root, after that; with `faults` of what returns 1 where memory is read that is not
 * there, or something divided by 0, and else 0. */
uint32_t machine_root(struct machine *machine, bool faults);

void machine_free(struct machine *machine);

/* The end of a state */

void machine_return(struct machine *machine, uint32_t term);
void machine_go(struct machine *machine, uint32_t to, const struct machine_state *state);
void machine_branch(struct machine *machine, const struct condition *condition, uint32_t yes,
                    const struct machine_state *if_so, uint32_t no,
                    const struct machine_state *if_not);
/* Looks the words up; `into` changes the state by the class, 0 for none. */
void machine_look_up(struct machine *machine, const struct machine_set *set, const uint32_t *words,
                     uint32_t to, struct machine_state *state,
                     void (*into)(struct machine_state *state, uint32_t class));

/* Names what is not modelled; the first counts. */
void machine_give_up(struct machine *machine, const char *why);

/* Values */

struct value machine_constant(struct machine *machine, uint32_t k);
struct value machine_number(uint32_t term);

/* The term of a number or of bytes. */
uint32_t machine_term(struct machine *machine, const struct value *value);

/* The constant that a value is; false if it is none. */
bool machine_is_constant(struct machine *machine, const struct value *value, uint32_t *k);

/* A value, a number or a sum, with another one added in 64 bits, or an address. */
struct value machine_add(struct machine *machine, const struct value *a, const struct value *b);
struct value machine_add_constant(struct machine *machine, const struct value *value, int64_t k);

/* What 32-bit operations give: one of BPF_ADD to BPF_XOR. */
struct value machine_operate(struct machine *machine, unsigned operation, const struct value *a,
                             const struct value *b);

/* With the lowest 16 or 32 bits in the other byte order; those above become 0. */
struct value machine_swap(struct machine *machine, const struct value *value, unsigned bits);

/* What is at an address in the packet: `size` bytes, as this machine loads them. Faults if they are
 * not there or, with `direct`, cannot be read directly. */
struct value machine_load(struct machine *machine, const struct value *address, unsigned size,
                          bool direct);

/* Faults where the term is 0. */
void machine_divide_by(struct machine *machine, uint32_t term);

/* A place in the packet without a constant in the term, where graph_load() has none. */
struct packet_place {
        uint32_t base, k;
};
struct packet_place machine_place(struct machine *machine, uint32_t base, uint32_t k);

/* Comparing numbers of 32 bits. */
struct condition machine_compare(struct machine *machine, unsigned jump, const struct value *a,
                                 const struct value *b);

/* Whether that many bytes are there: of a sum or an address, how many are before it. */
struct condition machine_reaches(struct machine *machine, const struct value *sum, bool direct);

/* The stack */

void machine_store(struct machine *machine, struct machine_state *state, int64_t at, unsigned size,
                   const struct value *value);
struct value machine_fetch(struct machine *machine, const struct machine_state *state, int64_t at,
                           unsigned size);
/* Bytes of the packet, from an offset on, which is a number; or nothing known, if that is NULL. */
void machine_copy(struct machine *machine, struct machine_state *state, int64_t at, uint32_t size,
                  const struct value *offset);

/* The machines */

struct cbpf_extended_program;
struct cbpf_extended_target;

/* Fills `machine` for the code of a program, and runs it in the graph. `live`: ancillary data are
 * known. Return as machine_run(). */
int machine_run_x86_64(struct machine *machine, const uint8_t *code, size_t size,
                       struct graph *graph, uint32_t captured, bool live);
int machine_run_ebpf(struct machine *machine, const struct cbpf_extended_program *program,
                     const struct cbpf_extended_target *target, struct graph *graph,
                     uint32_t captured);
