/* Lowering: what its parts share.
 *
 * Nodes are made from the end to the beginning: every function that makes the node of a test takes
 * the nodes to go on to, `yes` and `no`, and returns the node it made. */
#pragma once

#include "lists.h"
#include "net/link_types.h"
#include "net/protocols.h"

struct lower;

/* A term plus a number. */
struct place {
        uint32_t base; /* GRAPH_NONE: 0 */
        uint32_t add;
};

/* A step on the way to where headers of varying length start. Makes the nodes of all that follows.
 */
typedef uint32_t lower_step(struct lower *lower);

/* How a link type tests for protocols. What its header is like, net/link_types.h says. */
struct link {
        int link_type;
        uint32_t (*test_type)(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no);
        uint32_t mpls;         /* the type of MPLS; 0 where it is not supported */
        uint32_t network_8022; /* from the payload to the network header behind an 802.2 header */
        bool tags;             /* VLAN tags may follow, and behind them Ethernet's types */
        /* Where headers vary in length, and otherwise NULL and 0: */
        lower_step *find; /* the first step to where they start */
        uint32_t type;    /* from the payload to its type */
        uint32_t network; /* from the payload to the network header */
        bool in_front;    /* the link header has something of that kind in front of it */
        bool wlan;        /* the link header is that of 802.11 */
};

/* Where a test finds the headers. */
struct headers {
        const struct link *link;
        const struct net_link_type *link_type; /* NULL where headers vary in length */
        struct place link_header, type, payload;
        uint32_t network, network_8022; /* offsets from the payload */
        uint32_t mpls_labels;           /* that there were before */
        bool inside;                    /* of a tunnel */
};

/* Where the headers in a tunnel start: terms. */
struct inside {
        uint32_t type, link, payload;
};

enum header {
        HEADER_LINK,
        HEADER_TYPE,
        HEADER_PAYLOAD,
        HEADER_NETWORK,
        HEADER_NETWORK_8022,
};

/* The starts of headers that come behind those of varying length. */
enum start {
        START_PAYLOAD,
        START_LINK,
        STARTS,
};

/* What may reject even packets of which nothing is missing. */
struct reach {
        bool beyond;   /* some load rejects all packets */
        uint32_t owed; /* one more than the term of an owed load (cbpf/ir/ir.h), or 0 */
};

struct lower {
        struct graph *graph;
        const struct lists *lists;
        const struct layers *layers; /* NULL where nothing asks for them */
        const struct layer *layer;   /* the one at hand */
        const struct cbpf_target *target;
        struct arena arena;
        bool cooked;                   /* a live program for a cooked socket */
        bool foreign;                  /* something was met that is not known here */
        bool tunnels;                  /* behind headers of varying length there is `geneve` */
        const struct headers *headers; /* of the test at hand */
        struct reach reach;            /* of the loads made since it was last cleared */
        uint32_t starts[STARTS];       /* found so far, terms; GRAPH_NONE for 0 */
        bool keeps_starts;             /* in variables of the same numbers */
        bool asked[STARTS];            /* whether that is asked for */
        bool used[STARTS];             /* by loads made since it was last cleared */
        unsigned used_headers;         /* likewise, a bit by enum header */
        lower_step *rest;              /* the last step: what depends on the starts */
};

/* Says that something is foreign; returns any node or term. */
static inline uint32_t lower_foreign(struct lower *lower)
{
        lower->foreign = true;
        return 0;
}

/* Memory until the end of lowering; NULL, and graph->failed, if memory is short. */
static inline void *lower_take(struct lower *lower, size_t size)
{
        void *memory = arena_take(&lower->arena, size);

        if (!memory)
                lower->graph->failed = true;
        return memory;
}

/* field.c: terms for fields of the packet. `size` is BPF_B, BPF_H or BPF_W. */
uint32_t lower_load(struct lower *lower, enum header header, uint32_t offset, unsigned size);
/* The same from the start of the packet. */
uint32_t lower_load_outermost(struct lower *lower, uint32_t offset, unsigned size);
uint32_t lower_load_outermost_indexed(struct lower *lower, uint32_t index, unsigned size);
/* At a computed offset. */
uint32_t lower_load_indexed(struct lower *lower, enum header header, uint32_t index,
                            uint32_t offset, unsigned size);
/* The same behind the IPv4 header; `index` is GRAPH_NONE where it would be 0. */
uint32_t lower_load_transport(struct lower *lower, uint32_t index, uint32_t offset, unsigned size);
/* Where `offset` bytes behind the IPv4 header are, or behind one of IPv6 that nothing extends. */
uint32_t lower_transport_place(struct lower *lower, bool ipv6, uint32_t offset);
uint32_t lower_length(struct lower *lower);
/* Goes on to `node` after loads of this reach, which may not be dropped even where it does not need
 * their values. */
uint32_t lower_reaching(struct lower *lower, struct reach reach, uint32_t node);

/* BPF_B, BPF_H or BPF_W, by bytes. */
unsigned lower_load_size(uint32_t bytes);
/* Goes on to `step` with a header that starts at `term`. */
uint32_t lower_start_at(struct lower *lower, enum start start, uint32_t term, lower_step *step);

/* field.c: tests of terms. */
uint32_t lower_jump(struct lower *lower, unsigned jump, uint32_t term, uint32_t value, uint32_t yes,
                    uint32_t no);
uint32_t lower_equal(struct lower *lower, uint32_t term, uint32_t value, uint32_t yes, uint32_t no);
uint32_t lower_masked(struct lower *lower, uint32_t term, uint32_t mask, uint32_t value,
                      uint32_t yes, uint32_t no);

struct word {
        uint32_t term, mask, value;
};

/* Tests whether the words have their values, or those of the list that `tree` stands for. */
uint32_t lower_match(struct lower *lower, const struct tree *tree, const struct word *words,
                     uint32_t count, uint32_t yes, uint32_t no);

/* Tests whether `term` is the port, in the range of ports, or in the list that `tree` stands for.
 */
uint32_t lower_port(struct lower *lower, const struct tree *tree, uint32_t term, uint32_t yes,
                    uint32_t no);

/* A test of the source, the destination or both. */
struct ends {
        uint32_t (*test)(struct lower *lower, const struct tree *tree, const struct ends *ends,
                         uint32_t offset, uint32_t yes, uint32_t no);
        uint32_t type;                /* for `test` */
        uint32_t source, destination; /* offsets */
};

/* Makes it as the direction of `tree` says. */
uint32_t lower_ends(struct lower *lower, const struct tree *tree, const struct ends *ends,
                    uint32_t yes, uint32_t no);

/* link.c */
/* Makes `link_type` the link header, at the start of the packet. Returns false if it is not known.
 */
bool lower_set_link(struct headers *headers, int link_type);
/* The same for what is in a tunnel, which libpcap takes for Ethernet, whatever it is; but it goes
 * on to count MPLS labels, and looks for what is behind an 802.2 header where that is `outside`. */
void lower_set_inside(struct headers *headers, const struct headers *outside,
                      const struct inside *inside);
/* Makes what comes behind a VLAN tag as it is in Ethernet, whatever the link header. */
void lower_set_tagged(struct headers *headers);
/* Tests for a protocol by EtherType or, up to ETHERNET_MAX_LENGTH, by service access point. */
uint32_t lower_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no);
/* Tests whether the MPLS label before is the last. */
uint32_t lower_mpls_bottom(struct lower *lower, uint32_t yes, uint32_t no);

/* wlan.c: 802.11 frames, and the radio headers in front of them. */
lower_step lower_find_wlan, lower_find_radiotap, lower_find_avs, lower_find_prism, lower_find_ppi;
/* Tests for a data frame, which alone has something for other protocols. */
uint32_t lower_wlan_data(struct lower *lower, uint32_t yes, uint32_t no);

/* network.c: the same by name. */
uint32_t lower_protocol(struct lower *lower, enum tree_protocol protocol, uint32_t yes,
                        uint32_t no);
/* The numbers that a protocol's name stands for, any of them, ended by 0, and of which protocol. */
const uint16_t *lower_protocol_numbers(enum tree_protocol protocol, enum tree_protocol *below);
uint32_t lower_not_fragment(struct lower *lower, uint32_t yes, uint32_t no);
/* Tests for what stands in front of ports: the protocol in a header of IPv4 or IPv6 (`type`), and
 * that this is no later fragment. */
uint32_t lower_transport(struct lower *lower, uint32_t type, uint32_t transport, uint32_t yes,
                         uint32_t no);
/* The protocols with ports, ended by 0, in the order in which the nodes of their tests are made. */
extern const uint8_t lower_transports[];

/* The tests of the tree, by kind. */
typedef uint32_t lower_test(struct lower *lower, const struct tree *tree, uint32_t yes,
                            uint32_t no);
lower_test lower_mac, lower_llc, lower_link_broadcast, lower_link_multicast, lower_direction,
    lower_ifindex, lower_byte, lower_pf_text, lower_pf_number; /* link.c */
lower_test lower_wlan_type, lower_wlan_direction, lower_wlan_mac, lower_wlan_broadcast,
    lower_wlan_multicast;                                      /* wlan.c */
lower_test lower_vlan, lower_mpls, lower_pppoed, lower_pppoes; /* tag.c */
lower_test lower_ipv4, lower_ipv6, lower_decnet, lower_ports, lower_proto, lower_protochain,
    lower_named_protocol, lower_broadcast, lower_multicast; /* network.c */
lower_test lower_pairs;                                     /* pair_search.c */
lower_test lower_tuples;                                    /* tuple_search.c */
lower_test lower_layers;                                    /* layers.c */

/* tuple_search.c: the search for tuples whose fields `terms` are, each that of the source and that
 * of the destination. */
uint32_t lower_tuple_search(struct lower *lower, const struct tuples *tuples,
                            const uint32_t (*terms)[2], uint32_t yes, uint32_t no);

/* tag.c */
/* What `tree` does to where headers are. */
void lower_move(const struct tree *tree, struct headers *headers);

/* Geneve: what is inside starts in one of several ways: behind IPv4 or IPv6, and with an Ethernet
 * header or without. */
enum {
        GENEVE_WAYS = 4,
};

/* Fills `ways`, by GENEVE_WAYS, with where. */
void lower_geneve_ways(struct lower *lower, struct inside ways[GENEVE_WAYS]);
/* Tests for Geneve, and goes on to the node of `entries` for the way it is. */
uint32_t lower_geneve(struct lower *lower, const struct tree *tree,
                      const uint32_t entries[GENEVE_WAYS], uint32_t no);

/* Variables for where that is, each GRAPH_NONE if nothing asks for it; `start`: of the tunnel's
 * header, which finding the others takes. */
struct geneve_variables {
        uint32_t start, link, type, payload;
};

/* The same test, which sets the variables and goes on to `entry`, whatever the way. */
uint32_t lower_geneve_kept(struct lower *lower, const struct tree *tree,
                           const struct geneve_variables *variables, uint32_t entry, uint32_t no);

/* number.c: numbers are put on a stack, operands before what they belong to. */
struct number;
struct relation;
struct numbers {
        struct number *numbers;
        size_t count, room;
        struct divisor *divisors; /* of the relation being read */
};

/* Reads a node that is a number. */
void lower_number(struct lower *lower, struct numbers *numbers, const struct tree *tree);
/* Reads a relation of the two last numbers; NULL if memory is short. */
struct relation *lower_read_relation(struct lower *lower, struct numbers *numbers);
/* The code of an operation on terms, and the test of a comparison of two (enum tree_operator). */
unsigned lower_operation(enum tree_operator operation);
uint32_t lower_comparison(struct lower *lower, enum tree_operator operation, uint32_t left,
                          uint32_t right, uint32_t yes, uint32_t no);
uint32_t lower_relation(struct lower *lower, const struct tree *tree,
                        const struct relation *relation, uint32_t yes, uint32_t no);
