/* The walk through the layers: what its parts share. Nodes are made from the end to the beginning,
 * so functions take the node to go on to and return the one they made. */
#pragma once

#include "layers.h"

enum {
        ETHERNET_HEADER = 14,
        PROTOCOL_ETHERIP = 97,
        PROTOCOL_L2TP = 115,

        NO_NUMBER = 256, /* a protocol that is not asked for */
        NUMBERS = 256,
};

struct walk {
        struct lower lower;
        struct layers *layers;
        uint32_t level; /* of the layer that is being lowered */
        uint32_t origin;
        uint32_t end; /* where the walk ends: what comes after it */
        uint32_t accept, reject;
};

/* Where another layer goes on, LAYER_HEAD being behind what is named. */
struct entries {
        uint32_t frame; /* an Ethernet header */
        uint32_t mpls;  /* the type of MPLS */
        uint32_t ipv4, ipv6;
        uint32_t other; /* nothing that is known */
};

/* A switch of single values. */
struct values {
        struct arm arms[2 * NUMBERS + 2];
        uint32_t count;
        uint32_t otherwise;
};

void walk_begin_values(struct values *values, uint32_t otherwise);
/* Values come in ascending order. */
void walk_add_value(struct values *values, uint32_t value, uint32_t to);
uint32_t walk_end_values(struct walk *walk, struct values *values, uint32_t term);

/* Places and terms. */
struct place walk_variable(struct walk *walk, enum layer_variable number);
uint32_t walk_constant(struct walk *walk, uint32_t value);
uint32_t walk_operation(struct walk *walk, unsigned code, uint32_t a, uint32_t b);
uint32_t walk_load(struct walk *walk, struct place place, uint32_t offset, unsigned size);
uint32_t walk_term(struct walk *walk, struct place place);

static inline struct place walk_behind(struct place place, uint32_t bytes)
{
        return (struct place){place.base, place.add + bytes};
}

/* Sets a variable to a term, or to a place. */
uint32_t walk_set(struct walk *walk, enum layer_variable number, uint32_t term, uint32_t to);
uint32_t walk_move(struct walk *walk, enum layer_variable number, struct place place, uint32_t to);

/* Passes a term, and what was passed. */
uint32_t walk_pass(struct walk *walk, uint32_t term, uint32_t to);
uint32_t walk_passed(struct walk *walk);

/* Whether a fact is asked of a layer. Where it is not, no byte may be read for it. */
static inline bool walk_asks(const struct fact *fact, uint32_t level)
{
        return fact->levels >> level & 1;
}

/* Sets a bit of LAYER_MARKS; clears those of the facts. */
uint32_t walk_mark(struct walk *walk, uint32_t bit, uint32_t to);
uint32_t walk_forget_facts(struct walk *walk, uint32_t to);

/* Where only the version number tells what header is at `place`. */
uint32_t walk_by_version(struct walk *walk, struct place place, const struct entries *entries);

/* layer_tunnels.c: what protocol `number`, whose header is at LAYER_BODY, carries. */
uint32_t walk_enter_tunnel(struct walk *walk, uint32_t number, const struct entries *inside);
