/* Inside the eBPF emitter: the emission of one graph.
 *
 * Bytes of the packet are read in one of two ways. Directly: r7 is the packet's start and r8 its
 * end or, where the verifier need not see that, the number of bytes from there; before bytes are
 * read, what is to be read is compared with that. Or by copies: a helper function copies them to
 * the stack, or says that they are not there. Where a program reads directly, but not all packets
 * are in one piece, it goes on by copies where the comparison fails: the graph is then emitted a
 * second time. */
#pragma once

#include "code.h"

enum {
        VALUES = 6,  /* r0 to r5 hold values of terms; a call to a helper overwrites them */
        CONTEXT = 6, /* registers */
        START = 7,
        END = 8,
        PLACE = 9, /* directly: the place in the packet of a base; by copies: the base's value */

        /* The stack, in bytes below the frame pointer. */
        ARGUMENTS = 2, /* what a call passes */
        VARIABLE_AREA = 8 * (GRAPH_MAX_VARIABLES + ARGUMENTS),
        SINGLES = 4,
        SINGLE_AREA = VARIABLE_AREA + 8 * SINGLES, /* loads that are copied by themselves */
        BASE_ROOM = 128,
        BASE_AREA = SINGLE_AREA + BASE_ROOM,
        START_ROOM = 160,
        START_AREA = BASE_AREA + START_ROOM,
        DYNPTR_AREA = START_AREA + 16,
        LENGTH_AREA = DYNPTR_AREA + 8, /* the packet's length, where it is found once */
        METADATA = 9,                  /* of a packet by its address (skb.c) */
        METADATA_AREA = LENGTH_AREA + 40,
        KEY_AREA = METADATA_AREA + 24, /* what a map is asked for */
        ZERO_AREA = KEY_AREA + 8,      /* 0, but the verifier does not know */
};

enum way {
        DIRECT,
        BY_COPIES,
        WAYS,
};

/* What is in the registers and known of the packet, on all ways to a node. */
struct state {
        bool arrived;
        uint8_t swapped; /* by register: the value is as it was loaded, of the other byte order */
        uint32_t values[VALUES]; /* terms, or GRAPH_NONE */
        uint32_t checked;        /* bytes that are there from the packet's start */
        uint32_t base;           /* what PLACE is for; base 0 if it is for none */
        uint32_t base_checked;   /* bytes that are there from it */
};

struct emission {
        const struct graph *graph;
        const struct cbpf_extended_target *target;
        const struct context *context;
        struct needs needs;
        struct code code;
        enum way way;
        struct state state;        /* where the next instruction is */
        struct state *states;      /* by way and node: at its begin */
        uint32_t *labels;          /* by way and node, or NOWHERE */
        uint8_t pinned;            /* by register: in use by the term being computed */
        uint32_t turn;             /* the register to be overwritten next */
        uint32_t singles[SINGLES]; /* terms: loads of this node that were copied by themselves */
        uint8_t *uses;             /* by term: 0, 1, or 2 for more */
        bool uses_context;
        uint32_t reject; /* label of where packets go that are too short, or NOWHERE */
        bool impossible;
        struct cbpf_extended_map *maps;
        uint32_t map_count, map_room;
        uint32_t *paths; /* by node, where there may be maps */
        uint32_t steps;  /* along them, that are left */
};

/* Whether the packet's length is asked of a helper, once, and kept on the stack. */
static inline bool emission_keeps_length(const struct emission *emission)
{
        return emission->target->fragments && emission->context->length_helper;
}

/* Targets (targets.c) */

/* What is known at the begin of a node, and its label, if something has gone there. */
struct state *emission_state(struct emission *emission, enum way way, uint32_t node);
uint32_t *emission_label(struct emission *emission, enum way way, uint32_t node);

/* The node's label in a way, with what is known here added to what is known there. */
uint32_t emission_target(struct emission *emission, enum way way, uint32_t node);

/* Where packets that are too short go. */
uint32_t emission_reject(struct emission *emission);

/* Where a variable or an argument is kept, from the frame pointer. */
static inline int32_t emission_slot(unsigned kind, uint32_t k)
{
        return -8 * (int32_t)(k + 1 + (kind == TERM_ARGUMENT ? GRAPH_MAX_VARIABLES : 0));
}

/* Goes to a node, here and now. */
void emission_go(struct emission *emission, uint32_t node);

/* Whether a node ends the program. */
bool emission_ends(const struct emission *emission, uint32_t node);

/* Reach (reach.c) */

/* Whether a load is within what is checked or copied for its base; others are copied by themselves.
 */
bool reach_is_near(const struct graph *graph, const struct needs *needs, enum way way,
                   const struct term *load);

/* How far from the base to look at once at a node that itself needs `own` bytes: as far as all
 * paths do, if that is near. */
uint32_t reach_end(const struct graph *graph, const struct needs *needs, enum way way,
                   uint32_t base, uint32_t node, uint32_t own);

/* Which of the loads that are copied by themselves a term is, or -1. */
int reach_single(const uint32_t singles[SINGLES], uint32_t number);

enum { REACH_MAX_TERMS = 4096 }; /* that are looked at for one node */

/* How the bytes are had that a node's term loads. One base of a term has its place at a time; loads
 * from others are copied by themselves. */
struct reach {
        const struct graph *graph;
        const struct needs *needs;
        enum way way;
        uint32_t *singles;
        const uint32_t *base; /* that has its place now */
        bool *impossible;
        void *context;
        void (*look_at_start)(void *context, uint32_t node, uint32_t end);
        void (*look_at_base)(void *context, uint32_t node, uint32_t base, uint32_t end);
        void (*copy_single)(void *context, uint32_t number, unsigned slot);
};

/* Calls these, inner loads first, so that all of the term's bytes are there. */
void reach_prepare(const struct reach *reach, uint32_t node, uint32_t term);

/* Terms (values.c) */

/* Makes sure that all bytes which a node's term loads are there: after that, no helper is called.
 */
void values_prepare(struct emission *emission, uint32_t node, uint32_t term);

/* Computes a term. Returns the register it is in, where it stays until the next term. `swapped`: of
 * a load, as it is in the packet. */
unsigned values_compute(struct emission *emission, uint32_t term, bool swapped);

/* Forgets what is known of terms that contain one of `kind`, TERM_VARIABLE or TERM_ARGUMENT, and
 * number `k`. */
void values_forget_kind(struct emission *emission, unsigned kind, uint32_t k);

/* Forgets all values, which a call to a helper overwrites. */
void values_forget(struct emission *emission);

/* Packets by their address (skb.c) */

/* Has START and END be those of the packet. */
void skb_begin(struct emission *emission);

/* The value of the ancillary load at `k`, which skb_begin() has kept. */
void skb_load_metadata(struct emission *emission, unsigned to, uint32_t k);

/* Copies `length` bytes from `offset` in the packet, after what is in register `place` if that is
 * not FRAME, to `below` the frame pointer. The values in registers are lost. */
void skb_copy(struct emission *emission, unsigned place, uint32_t offset, int below,
              uint32_t length);

/* Sets (sets.c) */

enum {
        MAX_CLASSES = 16, /* different targets of what becomes a map, beside the usual one */
};

/* Switches of terms, one behind the other, that become a map. */
struct set {
        uint32_t terms[CBPF_EXTENDED_WORDS];  /* in the order in which the graph asks for them */
        unsigned places[CBPF_EXTENDED_WORDS]; /* by term: which word of the values it is */
        unsigned words;
        uint32_t usual;                /* where all goes on that is not in the map */
        uint32_t targets[MAX_CLASSES]; /* and the classes, numbered from 1 */
        uint32_t classes;
        struct cbpf_extended_map map;
};

/* Before anything is emitted, if there may be maps. Returns false if memory is short. */
bool set_count_paths(struct emission *emission);

/* Whether what begins at a switch is to become a map. If so, set_emit() has to follow. */
bool set_find(struct emission *emission, uint32_t number, struct set *set);

/* Looks the value up, and leads it to its node. */
void set_emit(struct emission *emission, uint32_t number, struct set *set);

/* Switches (switches.c) */

/* Leads each value to its node. */
void switch_emit(struct emission *emission, uint32_t node);
