/* Inside the eBPF emitter: the graph as a function in C.
 *
 * The function has what the emitter's code has: a label for each node that is jumped to, and a
 * comparison with the packet's end, or a copy, before what all accepting paths load. clang finds
 * the registers. */
#pragma once

#include "base/text.h"
#include "emission.h"

/* What is known of the packet on all ways to a node, and whether something jumps there. */
struct c_state {
        bool arrived, named;
        uint32_t checked;      /* bytes that are there from the packet's start */
        uint32_t base;         /* what `offset` and `at` are for; base 0 if for none */
        uint32_t base_checked; /* bytes that are there from it */
};

/* Variables of the function, which is declared once it is written. */
enum c_variable {
        C_DATA,
        C_START,
        C_OFFSET,
        C_AT,
        C_NEAR,
        C_VALUE,
        C_KEPT,
        C_PACKET,
        C_VARIABLES,
};

struct c_writer {
        const struct graph *graph;
        const struct cbpf_extended_target *target;
        const struct context *context;
        struct needs needs;
        struct text text; /* the function's statements */
        enum way way;
        struct c_state state;   /* where the next statement is */
        struct c_state *states; /* by way and node: at its begin */
        uint32_t next;          /* node that the last statement goes on to, or GRAPH_NONE */
        uint32_t singles[SINGLES];
        int left; /* terms that may be written for this node */
        bool used[C_VARIABLES];
        bool used_variables[GRAPH_MAX_VARIABLES], used_arguments[ARGUMENTS];
        uint32_t used_singles;
        bool impossible;
};

/* Targets (c_targets.c) */

/* What the function looks like from outside. */
struct c_outside {
        const char *section, *argument;
        const char *accept, *reject; /* names of its verdicts, or NULL */
};

const struct c_outside *c_outside(const struct c_writer *writer);

const struct node *c_node(const struct c_writer *writer, uint32_t node);
struct c_state *c_state_at(const struct c_writer *writer, enum way way, uint32_t node);

/* What is known here holds there only if it does on all other ways, too. */
void c_arrive(struct c_writer *writer, enum way way, uint32_t node);

void c_label(struct c_writer *writer, enum way way, uint32_t node);

/* `goto`, or `return` at the graph's end. */
void c_goto(struct c_writer *writer, enum way way, uint32_t node);

/* `return` of what stands for this value. */
void c_return(struct c_writer *writer, uint32_t value);

/* Packets at tracepoints (c_skb.c) */

/* What the function is declared after: the kernel's structures, and how the packet is found. */
void c_skb_declare(const struct c_writer *writer, struct text *text);

/* The function's begin: the packet is found, or it returns. */
void c_skb_begin(const struct c_writer *writer, struct text *text);

/* The value of the ancillary load at `k`. */
void c_skb_field(struct c_writer *writer, uint32_t k);

/* Terms (c_terms.c) */

/* The statements after which all bytes are there that a node's term loads. */
void c_prepare(struct c_writer *writer, uint32_t node, uint32_t term);

/* The term as an expression of type __u32. */
void c_term(struct c_writer *writer, uint32_t term);

/* Forgets a base that is made of a variable or an argument which is set. */
void c_forget(struct c_writer *writer, unsigned kind, uint32_t k);
