/* Annotating a program, the first part: what is known of a packet on a way through the program, and
 * which headers it must have for that. */
#ifndef CBPF_LAYERS_H
#define CBPF_LAYERS_H

#include "cbpf/cbpf.h"
#include "cbpf/ir/ir.h"
#include "net/link_types.h"

/* What tests on the way have shown: a term is from `low` to `high`. */
struct fact {
        uint32_t term, low, high;
};

enum {
        MAX_FACTS = 16,
        MAX_LAYERS = 20,
};

/* Only what may tell headers: loads of packet bytes at constant offsets, of metadata, and their
 * bits. Facts that find no room are left out, which is never wrong. */
struct knowledge {
        uint32_t count;
        struct fact facts[MAX_FACTS];
};

struct layer {
        const struct net_header *header;
        /* The filter looks for it here, though it has not asked whether the tag or label before it
         * is there: `vlan or ip` looks for IP as if behind a tag. */
        bool assumed;
        uint32_t base, offset; /* where it starts: a term or GRAPH_NONE, and bytes from there */
};

struct layers {
        uint32_t count;
        struct layer layers[MAX_LAYERS]; /* from the outside in */
};

/* What no header is known of, and a transport header of a kind that is not known. */
extern const struct net_header layer_payload, layer_transport;

/* Where a program looks. */
struct scene {
        struct graph *graph;              /* of terms only */
        const struct net_link_type *link; /* NULL if nothing is known of it */
        bool cooked;                      /* on a live socket that shows no link header */
        /* The one network protocol that the program asks for, as an EtherType; 0 if it asks for
         * none or more than one. Bytes may be loaded before it is asked for. */
        uint32_t only_type;
        bool asks_tags; /* it asks for VLAN tags */
};

/* Adds that `term` is from `low` to `high`. False if that cannot be with what was known. */
bool knowledge_add(struct knowledge *knowledge, const struct graph *graph, uint32_t term,
                   uint32_t low, uint32_t high);

/* What is known of `term`: false if nothing. */
bool knowledge_find(const struct knowledge *knowledge, uint32_t term, uint32_t *low,
                    uint32_t *high);

/* Leaves of `knowledge` what `other` knows, too. */
void knowledge_meet(struct knowledge *knowledge, const struct knowledge *other);

struct scene scene_of(struct graph *graph, const struct cbpf_target *target);

/* The offset of the link header's EtherType; GRAPH_NONE where there is none. */
uint32_t layers_type_offset(const struct scene *scene);

/* Finds the headers. */
void layers_find(struct layers *layers, const struct scene *scene,
                 const struct knowledge *knowledge);

#endif
