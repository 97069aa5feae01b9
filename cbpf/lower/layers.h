/* Layers: what `deep`, `outer` and `inner` ask for.
 *
 * A layer is a network header with what comes before it (MAC addresses, VLAN tags, MPLS labels, a
 * PPPoE session, the tunnel it is carried in) and behind it (extension headers, the transport
 * header). The outermost is number 0; each tunnel begins another. A test within `deep` is one of a
 * layer, `and` and `or` join tests of the same layer, and `not` asks that no layer of the packet
 * has what is behind it.
 *
 * So an expression comes down to queries, each of which some layer has or none, and is a formula of
 * them. layers.c finds the queries, layer_tests.c lowers them for a layer, and layer_walk.c lowers
 * the walk through the packet, in which every layer is asked. */
#pragma once

#include "lowering.h"

/* How far the walk goes. */
enum {
        LAYERS_MAX_TAGS = 4,       /* VLAN tags in each layer */
        LAYERS_MAX_LABELS = 8,     /* MPLS labels in each layer */
        LAYERS_MAX_EXTENSIONS = 8, /* headers between IPv6 and the transport header */
        LAYERS_MAX_TUNNELS = 3,
        LAYERS_COUNT = LAYERS_MAX_TUNNELS + 1,
};

/* The graph's variables. Offsets count from where the payload of the link header begins, so that
 * those of a plain packet are small. */
enum layer_variable {
        LAYER_HEAD,   /* the network header, or what else follows the last tag */
        LAYER_BODY,   /* the transport header, or the next extension header */
        LAYER_LENGTH, /* of a header being passed */
        LAYER_MARKS,  /* a bit for each query that was met, and for each fact of the layer */
        LAYER_FRAME,  /* the 802.11 frame that the outermost layer is in */
};

/* Where a test is made. */
enum layer_stage {
        STAGE_NETWORK,   /* at the network header */
        STAGE_TRANSPORT, /* when what the layer carries is known */
};

/* What becomes of a packet as soon as a query is met. */
enum layer_decision {
        DECIDES_NOTHING,
        DECIDES_ACCEPT,
        DECIDES_REJECT,
};

/* What kind of network header a layer has. */
enum layer_class {
        CLASS_IPV4,
        CLASS_IPV6,
        CLASS_ARP,
        CLASS_RARP,
        CLASS_OTHER, /* `type` says which, if it is one that is asked for */
};

/* A test of what comes before the network header: made where that is met, and noted as a mark. */
struct fact {
        const struct tree *tree;
        uint8_t levels; /* a bit for each layer of which it is asked */
        uint32_t mark;
};

struct query {
        const struct tree *tree;
        uint8_t levels; /* a bit for each layer in which it is asked */
        uint8_t stage;
        bool uses_head; /* needs the network header when it is asked at STAGE_TRANSPORT */
        uint8_t decides;
        uint32_t mark; /* set when it is met; 0 if it decides */
};

struct formula;

enum {
        MAX_QUERIES = 16,
        MAX_FACTS = 16, /* marks are bits of one word */
        MAX_TYPES = 32,
};

struct leaf {
        const struct tree *tree; /* TREE_LAYERS */
        const struct formula *formula;
};

struct layers {
        struct arena *arena; /* of the tree */
        struct leaf *leaves;
        uint32_t leaf_count, leaf_room;
        struct query queries[MAX_QUERIES];
        uint32_t query_count;
        struct fact facts[MAX_FACTS];
        uint32_t fact_count;
        uint16_t types[MAX_TYPES]; /* EtherTypes that are asked for */
        uint32_t type_count;
        bool numbers[256]; /* protocols that are asked for at STAGE_TRANSPORT */
        struct error *error;
};

/* The layer at hand. */
struct layer {
        uint32_t origin; /* where offsets count from */
        uint8_t level;
        uint8_t stage;
        uint8_t class;
        uint16_t type;       /* of CLASS_OTHER; 0: none that is asked for */
        uint16_t number;     /* the protocol carried; 256: none that is asked for */
        bool later_fragment; /* no transport header */
        struct place head, body;
};

/* layer_tests.c */
/* A load from `base` plus `offset`, which may be negative: what is before a header is found where
 * the link type has no header, too. */
uint32_t layer_load_at(struct graph *graph, uint32_t base, uint32_t offset, unsigned size);
uint32_t layer_load(struct lower *lower, struct place place, uint32_t offset, unsigned size);
/* Makes the test of a query in lower->layer. */
uint32_t layer_test(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no);
/* Makes the test of a fact about the frame whose header ends at `place`. */
uint32_t layer_frame_fact(struct lower *lower, const struct tree *tree, struct place place,
                          uint32_t yes, uint32_t no);

/* The extension headers of IPv6, and whether the test asks for the one of that number. IPv4 has the
 * authentication header alone. What was passed is noted as a fact. */
enum {
        PROTOCOL_MOBILITY = 135,
        PROTOCOL_HIP = 139,
        PROTOCOL_SHIM6 = 140,
        LAYERS_NO_EXTENSION = 255, /* ends the list */
};
extern const uint8_t layers_extensions[];
bool layers_is_extension(const struct tree *tree, uint32_t number, bool ipv6);

/* True if the test is made before the network header. */
bool layers_is_fact(const struct tree *tree);

/* --- The walk: what its parts share ---
 *
 * Nodes are made from the end to the beginning, so functions take the node to go on to and return
 * the one they made. */

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

/* Tests a fact of what is at, or ends at, `place`. */
typedef uint32_t walk_fact_test(struct walk *walk, const struct tree *tree, struct place place,
                                uint32_t yes, uint32_t no);

/* Tests each fact that `kind` names, by what `test` makes of it, and notes those that hold. */
uint32_t walk_note_facts(struct walk *walk, enum tree_kind kind, walk_fact_test *test,
                         struct place place, uint32_t to);

/* Facts of a link header, by what `test` makes of them; of an Ethernet header that ends there. */
uint32_t walk_note_frame(struct walk *walk, walk_fact_test *test, struct place place, uint32_t to);
walk_fact_test walk_frame_fact;

/* Whether the number is one of `numbers`, which end with 0; `either_order`: in either byte order.
 */
uint32_t walk_is_number(struct walk *walk, uint32_t number, const uint32_t *numbers,
                        bool either_order, uint32_t yes, uint32_t no);

/* Where only the version number tells what header is at `place`. */
uint32_t walk_by_version(struct walk *walk, struct place place, const struct entries *entries);

/* layer_start.c: finds where the outermost layer begins, behind a link header of varying length.
 * `typed`: what is at LAYER_HEAD has an EtherType before it. */
uint32_t walk_begin_varying(struct walk *walk, const struct entries *entries, uint32_t typed);

/* layer_tunnels.c: what protocol `number`, whose header is at LAYER_BODY, carries. */
uint32_t walk_enter_tunnel(struct walk *walk, uint32_t number, const struct entries *inside);
