/* What is known about a packet on a path through a program, and which headers follow from that. */
#pragma once

#include "cbpf/cbpf.h"
#include "cbpf/ir/ir.h"
#include "net/link_types.h"

/* What the tests on a path have shown: `term` is between `low` and `high`. */
struct fact {
        uint32_t term, low, high;
};

enum {
        GENEVE_PORT = 6081,
        MAX_FACTS = 24,
        MAX_LAYERS = 20,
};

/* Facts that may identify headers: about loads, metadata, and their bits. Terms are settled
 * (below). Facts beyond MAX_FACTS are dropped, which is always safe. */
struct knowledge {
        uint32_t count;
        struct fact facts[MAX_FACTS];
};

struct layer {
        const struct net_header *header;
        /* The filter expects it here without having tested for the tag or label before it: `vlan or
         * ip` looks for IP as if behind a tag. */
        bool assumed;
        bool inside;           /* a tunnel */
        uint32_t base, offset; /* where it starts: `offset` bytes after term `base` or GRAPH_NONE */
};

struct layers {
        uint32_t count;
        struct layer layers[MAX_LAYERS]; /* the outermost first */
};

/* Bytes of no known header, and a transport header of unknown kind. */
extern const struct net_header layer_payload, layer_transport;

/* What a program runs on. */
struct scene {
        struct graph *graph;              /* of terms only */
        const struct net_link_type *link; /* NULL if unknown */
        bool cooked;                      /* on a live socket; the link header is made up */
        bool any; /* for all interfaces: the kernel shows Ethernet headers in its place */
        /* The EtherType of the only network protocol that the program tests for; 0 if there are
         * none or several. Its bytes may be loaded before that test. */
        uint32_t only_type;
        bool asks_tags; /* it tests for VLAN tags */
        bool wlan;      /* its packets are 802.11 frames with what comes in front of them */
        bool walks;     /* it keeps places (below) in scratch memory */
        bool marks;     /* and which tests were met */
};

/* Places of a walk through the layers: terms of the kind TERM_VARIABLE. The first two, and the
 * marks, are kept in the words of scratch memory with their numbers. Offsets from a place count as
 * in a plain packet, so the header there is as many bytes behind it as the link header is long. */
enum {
        PLACE_HEAD,   /* the network header of the layer at hand */
        PLACE_BODY,   /* the transport header, or an extension header */
        PLACE_PASSED, /* the extension header before PLACE_BODY */
        WALK_MARKS,   /* no place: a bit for each test that was met */
        PLACE_FRAME,  /* the 802.11 frame, kept likewise */
};

/* How far behind a place its header is. */
uint32_t layers_origin(const struct scene *scene);

/* Gives a place, `*offset` bytes after `*base` (GRAPH_NONE: 0), the form that all ways to compute
 * it have in common: the base is a sum without constants, its parts in one order. */
void layers_settle(struct graph *graph, uint32_t *base, uint32_t *offset);

/* `term` with that done to the loads in it. */
uint32_t layers_settled(struct graph *graph, uint32_t term);

/* Adds the fact that `term` is between `low` and `high`. Returns false if that contradicts what is
 * known. */
bool knowledge_add(struct knowledge *knowledge, struct graph *graph, uint32_t term, uint32_t low,
                   uint32_t high);

/* Finds the range of a settled term. Returns false if nothing is known. */
bool knowledge_find(const struct knowledge *knowledge, uint32_t term, uint32_t *low,
                    uint32_t *high);

/* Keeps in `knowledge` only what `other` implies as well. */
void knowledge_meet(struct knowledge *knowledge, const struct knowledge *other);

struct scene scene_of(struct graph *graph, const struct cbpf_target *target);

/* The offset of the link header's EtherType; GRAPH_NONE where there is none. */
uint32_t layers_type_offset(const struct scene *scene);

/* Finds the headers that `knowledge` implies. */
void layers_find(struct layers *layers, const struct scene *scene,
                 const struct knowledge *knowledge);
