/* Network and transport protocols: hosts, ports and what is inside what. */
#include "lowering.h"

#include <netinet/in.h>

enum {
        IPV4_FRAGMENT = 6, /* offsets */
        IPV4_PROTOCOL = 9,
        IPV4_DESTINATION = 16,
        IPV6_NEXT = 6,
        IPV6_DESTINATION = 24,
        IPV6_LENGTH = 40,
        ISIS_TYPE = 4,

        FRAGMENT_OFFSET = 0x1fff,

        ISO_CLNP = 0x81,
        ISO_ESIS = 0x82,
        ISO_ISIS = 0x83,
};

static uint32_t byte_equals(struct lower *lower, uint32_t offset, uint32_t value, uint32_t yes,
                            uint32_t no)
{
        return lower_equal(lower, lower_load(lower, HEADER_NETWORK, offset, BPF_B), value, yes, no);
}

/* --- Protocols --- */

static uint32_t ipv4_proto(struct lower *lower, uint32_t number, uint32_t yes, uint32_t no)
{
        return lower_type(lower, ETHERTYPE_IPV4, byte_equals(lower, IPV4_PROTOCOL, number, yes, no),
                          no);
}

/* A fragment header may come first. */
static uint32_t ipv6_proto(struct lower *lower, uint32_t number, uint32_t yes, uint32_t no)
{
        uint32_t inside = byte_equals(lower, IPV6_LENGTH, number, yes, no);
        uint32_t fragment = byte_equals(lower, IPV6_NEXT, IPPROTO_FRAGMENT, inside, no);

        return lower_type(lower, ETHERTYPE_IPV6,
                          byte_equals(lower, IPV6_NEXT, number, yes, fragment), no);
}

static uint32_t iso_proto(struct lower *lower, uint32_t number, uint32_t yes, uint32_t no)
{
        uint32_t byte = lower_load(lower, HEADER_NETWORK_8022, 0, BPF_B);

        return lower_type(lower, SAP_ISO, lower_equal(lower, byte, number, yes, no), no);
}

static uint32_t isis_proto(struct lower *lower, uint32_t number, uint32_t yes, uint32_t no)
{
        uint32_t byte = lower_load(lower, HEADER_NETWORK_8022, ISIS_TYPE, BPF_B);

        return iso_proto(lower, ISO_ISIS, lower_equal(lower, byte, number, yes, no), no);
}

static uint32_t proto(struct lower *lower, enum tree_protocol protocol, uint32_t number,
                      uint32_t yes, uint32_t no)
{
        switch (protocol) {
        case PROTOCOL_DEFAULT:
                return ipv4_proto(lower, number, yes, ipv6_proto(lower, number, yes, no));
        case PROTOCOL_LINK: return lower_type(lower, number, yes, no);
        case PROTOCOL_IP: return ipv4_proto(lower, number, yes, no);
        case PROTOCOL_IP6: return ipv6_proto(lower, number, yes, no);
        case PROTOCOL_ISO: return iso_proto(lower, number, yes, no);
        case PROTOCOL_ISIS: return isis_proto(lower, number, yes, no);
        default: return lower_foreign(lower);
        }
}

uint32_t lower_proto(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        if (tree->test->qualifiers.direction != DIRECTION_DEFAULT)
                return lower_foreign(lower);
        return proto(lower, tree->test->qualifiers.protocol, tree->test->number, yes, no);
}

/* --- Chains of headers --- */

enum {
        CHAIN_MAX_HEADERS = 8,  /* IPv6's, in a chain; the program is as long as that is */
        CHAIN_MAX_IPV4_AHS = 3, /* in one of IPv4 */
        CHAIN_MAX_AHS = 1,      /* in one of IPv6 */
        CHAIN_NO_NEXT = 59,     /* the protocol that ends all chains */
};

/* A place in a chain: the number of the header there, and how many more may be passed. */
struct chain {
        uint32_t wanted; /* protocol */
        uint32_t next;   /* term */
        uint32_t start;  /* term: where the header starts, behind the network header's start */
        uint32_t headers, ahs;
};

static uint32_t chain_load(struct lower *lower, uint32_t start, uint32_t offset)
{
        return lower_load_indexed(lower, HEADER_NETWORK, start, offset, BPF_B);
}

/* The length of the header in units of 2^shift bytes; the field does not count `more` of them. */
static uint32_t chain_length(struct lower *lower, uint32_t start, uint32_t more, uint32_t shift)
{
        struct graph *graph = lower->graph;
        uint32_t length = graph_operation(graph, BPF_ADD, chain_load(lower, start, 1),
                                          graph_constant(graph, more));

        return graph_operation(graph, BPF_LSH, length, graph_constant(graph, shift));
}

static uint32_t chain_at(struct lower *lower, const struct chain *chain, uint32_t yes, uint32_t no);

/* Behind an authentication header, libpcap goes on at that header's length from the network
 * header's start. */
static uint32_t pass_ah(struct lower *lower, const struct chain *chain, uint32_t yes, uint32_t no)
{
        struct chain behind = *chain;

        if (chain->ahs == 0)
                return no;
        behind.ahs--;
        behind.next = chain_load(lower, chain->start, 0);
        behind.start = chain_length(lower, chain->start, 2, 2);
        return chain_at(lower, &behind, yes, no);
}

static uint32_t pass_extension(struct lower *lower, const struct chain *chain, uint32_t yes,
                               uint32_t no)
{
        struct chain behind = *chain;

        behind.headers--;
        behind.next = chain_load(lower, chain->start, 0);
        behind.start = graph_operation(lower->graph, BPF_ADD, chain->start,
                                       chain_length(lower, chain->start, 1, 3));
        return chain_at(lower, &behind, yes, no);
}

/* The recursion is as deep as a chain may be. */
static uint32_t chain_at(struct lower *lower, const struct chain *chain, uint32_t yes, uint32_t no)
{
        static const uint8_t extensions[] = {0, 60, 43, 44};
        uint32_t node =
            lower_equal(lower, chain->next, IPPROTO_AH, pass_ah(lower, chain, yes, no), no);

        if (chain->headers > 0) {
                uint32_t behind = pass_extension(lower, chain, yes, no);

                for (size_t i = 0; i < sizeof extensions; i++)
                        node = lower_equal(lower, chain->next, extensions[i], behind, node);
        }
        node = lower_equal(lower, chain->next, CHAIN_NO_NEXT, no, node);
        return lower_equal(lower, chain->next, chain->wanted, yes, node);
}

static uint32_t ipv4_chain(struct lower *lower, uint32_t wanted, uint32_t yes, uint32_t no)
{
        struct graph *graph = lower->graph;
        uint32_t first = lower_load(lower, HEADER_NETWORK, 0, BPF_B);
        uint32_t words = graph_operation(graph, BPF_AND, first, graph_constant(graph, 0xf));
        struct chain chain = {
            .wanted = wanted,
            .next = lower_load(lower, HEADER_NETWORK, IPV4_PROTOCOL, BPF_B),
            .start = graph_operation(graph, BPF_LSH, words, graph_constant(graph, 2)),
            .ahs = CHAIN_MAX_IPV4_AHS,
        };

        return lower_type(lower, ETHERTYPE_IPV4, chain_at(lower, &chain, yes, no), no);
}

static uint32_t ipv6_chain(struct lower *lower, uint32_t wanted, uint32_t yes, uint32_t no)
{
        struct chain chain = {
            .wanted = wanted,
            .next = lower_load(lower, HEADER_NETWORK, IPV6_NEXT, BPF_B),
            .start = graph_constant(lower->graph, IPV6_LENGTH),
            .headers = CHAIN_MAX_HEADERS,
            .ahs = CHAIN_MAX_AHS,
        };

        return lower_type(lower, ETHERTYPE_IPV6, chain_at(lower, &chain, yes, no), no);
}

/* libpcap's program has a loop, which the kernel does not allow: there, a chain has an end. */
uint32_t lower_protochain(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        uint32_t wanted = tree->test->number;

        if (lower->target->place == CBPF_FILE || lower->headers->mpls_labels > 0 ||
            lower->headers->payload.base != GRAPH_NONE ||
            tree->test->qualifiers.direction != DIRECTION_DEFAULT)
                return lower_foreign(lower);
        switch (tree->test->qualifiers.protocol) {
        case PROTOCOL_IP: return ipv4_chain(lower, wanted, yes, no);
        case PROTOCOL_IP6: return ipv6_chain(lower, wanted, yes, no);
        case PROTOCOL_DEFAULT:
                return ipv4_chain(lower, wanted, yes, ipv6_chain(lower, wanted, yes, no));
        default: return lower_foreign(lower);
        }
}

/* What each name stands for: numbers of a protocol below it, any of them, asked in this order. */
static const struct {
        uint8_t below; /* enum tree_protocol */
        uint16_t numbers[6];
} protocols[PROTOCOLS] = {
    [PROTOCOL_IP] = {PROTOCOL_LINK, {ETHERTYPE_IPV4}},
    [PROTOCOL_ARP] = {PROTOCOL_LINK, {ETHERTYPE_ARP}},
    [PROTOCOL_RARP] = {PROTOCOL_LINK, {ETHERTYPE_RARP}},
    [PROTOCOL_SCTP] = {PROTOCOL_DEFAULT, {IPPROTO_SCTP}},
    [PROTOCOL_TCP] = {PROTOCOL_DEFAULT, {IPPROTO_TCP}},
    [PROTOCOL_UDP] = {PROTOCOL_DEFAULT, {IPPROTO_UDP}},
    [PROTOCOL_ICMP] = {PROTOCOL_IP, {IPPROTO_ICMP}},
    [PROTOCOL_IGMP] = {PROTOCOL_IP, {IPPROTO_IGMP}},
    [PROTOCOL_IGRP] = {PROTOCOL_IP, {9}},
    [PROTOCOL_PIM] = {PROTOCOL_DEFAULT, {IPPROTO_PIM}},
    [PROTOCOL_VRRP] = {PROTOCOL_IP, {112}},
    [PROTOCOL_CARP] = {PROTOCOL_IP, {112}},
    [PROTOCOL_IP6] = {PROTOCOL_LINK, {ETHERTYPE_IPV6}},
    [PROTOCOL_ICMP6] = {PROTOCOL_IP6, {IPPROTO_ICMPV6}},
    [PROTOCOL_AH] = {PROTOCOL_DEFAULT, {IPPROTO_AH}},
    [PROTOCOL_ESP] = {PROTOCOL_DEFAULT, {IPPROTO_ESP}},
    [PROTOCOL_ATALK] = {PROTOCOL_LINK, {ETHERTYPE_ATALK}},
    [PROTOCOL_AARP] = {PROTOCOL_LINK, {ETHERTYPE_AARP}},
    [PROTOCOL_DECNET] = {PROTOCOL_LINK, {ETHERTYPE_DECNET}},
    [PROTOCOL_LAT] = {PROTOCOL_LINK, {ETHERTYPE_LAT}},
    [PROTOCOL_SCA] = {PROTOCOL_LINK, {ETHERTYPE_SCA}},
    [PROTOCOL_MOPRC] = {PROTOCOL_LINK, {ETHERTYPE_MOPRC}},
    [PROTOCOL_MOPDL] = {PROTOCOL_LINK, {ETHERTYPE_MOPDL}},
    [PROTOCOL_ISO] = {PROTOCOL_LINK, {SAP_ISO}},
    [PROTOCOL_ESIS] = {PROTOCOL_ISO, {ISO_ESIS}},
    [PROTOCOL_ISIS] = {PROTOCOL_ISO, {ISO_ISIS}},
    [PROTOCOL_CLNP] = {PROTOCOL_ISO, {ISO_CLNP}},
    /* Types of IS-IS packets: hellos 15 (level 1), 16 (level 2), 17 (point to point); link state
     * 18, 20; sequence numbers, complete 24, 25 and partial 26, 27. */
    [PROTOCOL_L1] = {PROTOCOL_ISIS, {26, 24, 18, 15, 17}},
    [PROTOCOL_L2] = {PROTOCOL_ISIS, {27, 25, 20, 16, 17}},
    [PROTOCOL_IIH] = {PROTOCOL_ISIS, {17, 15, 16}},
    [PROTOCOL_LSP] = {PROTOCOL_ISIS, {18, 20}},
    [PROTOCOL_SNP] = {PROTOCOL_ISIS, {27, 26, 24, 25}},
    [PROTOCOL_CSNP] = {PROTOCOL_ISIS, {24, 25}},
    [PROTOCOL_PSNP] = {PROTOCOL_ISIS, {26, 27}},
    [PROTOCOL_STP] = {PROTOCOL_LINK, {SAP_SPANNING_TREE}},
    [PROTOCOL_IPX] = {PROTOCOL_LINK, {SAP_IPX}},
    [PROTOCOL_NETBEUI] = {PROTOCOL_LINK, {SAP_NETBEUI}},
};

const uint16_t *lower_protocol_numbers(enum tree_protocol protocol, enum tree_protocol *below)
{
        *below = protocols[protocol].below;
        return protocols[protocol].numbers;
}

uint32_t lower_protocol(struct lower *lower, enum tree_protocol protocol, uint32_t yes, uint32_t no)
{
        const uint16_t *numbers = protocols[protocol].numbers;
        size_t count = 0;

        while (numbers[count])
                count++;
        if (count == 0)
                return lower_foreign(lower);
        while (count-- > 0)
                no = proto(lower, protocols[protocol].below, numbers[count], yes, no);
        return no;
}

uint32_t lower_named_protocol(struct lower *lower, const struct tree *tree, uint32_t yes,
                              uint32_t no)
{
        return lower_protocol(lower, tree->test->qualifiers.protocol, yes, no);
}

/* --- Hosts and networks --- */

static uint32_t ipv4_at(struct lower *lower, const struct tree *tree, const struct ends *ends,
                        uint32_t offset, uint32_t yes, uint32_t no)
{
        struct word word = {lower_load(lower, HEADER_NETWORK, offset, BPF_W), tree->test->ipv4.mask,
                            tree->test->ipv4.address};

        return lower_type(lower, ends->type, lower_match(lower, tree, &word, 1, yes, no), no);
}

uint32_t lower_ipv4(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct ends ip = {ipv4_at, ETHERTYPE_IPV4, 12, IPV4_DESTINATION};
        static const struct ends arp = {ipv4_at, ETHERTYPE_ARP, 14, 24};
        static const struct ends rarp = {ipv4_at, ETHERTYPE_RARP, 14, 24};

        if (tree->test->qualifiers.type == TYPE_GATEWAY)
                return lower_foreign(lower);
        switch (tree->test->qualifiers.protocol) {
        case PROTOCOL_DEFAULT:
                /* There is no ARP inside MPLS. */
                if (lower->headers->mpls_labels == 0) {
                        no = lower_ends(lower, tree, &rarp, yes, no);
                        no = lower_ends(lower, tree, &arp, yes, no);
                }
                return lower_ends(lower, tree, &ip, yes, no);
        case PROTOCOL_IP: return lower_ends(lower, tree, &ip, yes, no);
        case PROTOCOL_ARP: return lower_ends(lower, tree, &arp, yes, no);
        case PROTOCOL_RARP: return lower_ends(lower, tree, &rarp, yes, no);
        default: return lower_foreign(lower);
        }
}

/* True if words of an address may be loaded that libpcap does not load: where no match rejects the
 * packet, or they are the source's and a word of the destination comes next. */
static bool loads_any_order(const struct lower *lower, const struct tree *tree,
                            const struct ends *ends, uint32_t offset, uint32_t no)
{
        const struct node *otherwise = &lower->graph->nodes[no];
        uint8_t direction = tree->test->qualifiers.direction;

        if (otherwise->kind == NODE_RETURN && otherwise->k == 0)
                return true;
        return offset == ends->source &&
               (direction == DIRECTION_DEFAULT || direction == DIRECTION_OR);
}

static uint32_t ipv6_at(struct lower *lower, const struct tree *tree, const struct ends *ends,
                        uint32_t offset, uint32_t yes, uint32_t no)
{
        struct value value = lists_value(tree);
        struct word words[4];

        for (uint32_t i = 0; i < 4; i++) {
                struct interval interval = value.words[i];

                words[i] = (struct word){lower_load(lower, HEADER_NETWORK, offset + 4 * i, BPF_W),
                                         ~(interval.first ^ interval.last), interval.first};
        }
        if (lower->lists && tree->list && loads_any_order(lower, tree, ends, offset, no))
                yes = lists_switch_reordered(
                    lower->lists, tree->list, lower->graph,
                    (uint32_t[]){words[0].term, words[1].term, words[2].term, words[3].term}, yes,
                    no);
        else
                yes = lower_match(lower, tree, words, 4, yes, no);
        return lower_type(lower, ends->type, yes, no);
}

uint32_t lower_ipv6(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct ends ends = {ipv6_at, ETHERTYPE_IPV6, 8, IPV6_DESTINATION};
        uint8_t protocol = tree->test->qualifiers.protocol;

        if (protocol != PROTOCOL_DEFAULT && protocol != PROTOCOL_IP6)
                return lower_foreign(lower);
        return lower_ends(lower, tree, &ends, yes, no);
}

/* One of DECnet's header formats: flags, and the address at `offset` after them. */
static uint32_t decnet_format(struct lower *lower, uint32_t node, bool padded, uint32_t flags,
                              uint32_t offset, uint32_t yes, uint32_t no)
{
        uint32_t address = lower_load(lower, HEADER_NETWORK, 2 + padded + offset, BPF_H);
        uint32_t start = lower_load(lower, HEADER_NETWORK, 2, padded ? BPF_H : BPF_B);

        yes = lower_equal(lower, address, node, yes, no);
        if (padded)
                return lower_masked(lower, start, 0xff07, 0x8100 | flags, yes, no);
        return lower_masked(lower, start, 0x07, flags, yes, no);
}

/* With the long header or the short one, each with a byte of padding or none. */
static uint32_t decnet_at(struct lower *lower, const struct tree *tree, const struct ends *ends,
                          uint32_t offset, uint32_t yes, uint32_t no)
{
        uint32_t node = tree->test->number & 0xffff;
        uint32_t long_offset = offset == ends->source ? 15 : 7;
        uint32_t other = no;

        node = (node & 0xff) << 8 | node >> 8; /* little endian */
        other = decnet_format(lower, node, true, 0x06, long_offset, yes, other);
        other = decnet_format(lower, node, false, 0x06, long_offset, yes, other);
        other = decnet_format(lower, node, true, 0x02, offset, yes, other);
        other = decnet_format(lower, node, false, 0x02, offset, yes, other);
        return lower_type(lower, ends->type, other, no);
}

uint32_t lower_decnet(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct ends ends = {decnet_at, ETHERTYPE_DECNET, 3, 1};

        return lower_ends(lower, tree, &ends, yes, no);
}

/* --- Ports --- */

uint32_t lower_not_fragment(struct lower *lower, uint32_t yes, uint32_t no)
{
        uint32_t field = lower_load(lower, HEADER_NETWORK, IPV4_FRAGMENT, BPF_H);

        return lower_jump(lower, BPF_JSET, field, FRAGMENT_OFFSET, no, yes);
}

uint32_t lower_port(struct lower *lower, const struct tree *tree, uint32_t term, uint32_t yes,
                    uint32_t no)
{
        uint32_t first = tree->test->ports.first, last = tree->test->ports.last;
        struct word word = {term, UINT32_MAX, first};

        if (tree->kind == TREE_PORT || tree->list)
                return lower_match(lower, tree, &word, 1, yes, no);
        if (first > last) {
                first = last;
                last = tree->test->ports.first;
        }
        yes = lower_jump(lower, BPF_JGT, term, last, no, yes);
        return lower_jump(lower, BPF_JGE, term, first, yes, no);
}

static uint32_t port_at(struct lower *lower, const struct tree *tree, const struct ends *ends,
                        uint32_t offset, uint32_t yes, uint32_t no)
{
        uint32_t port = ends->type == ETHERTYPE_IPV4
                            ? lower_load_transport(lower, GRAPH_NONE, offset, BPF_H)
                            : lower_load(lower, HEADER_NETWORK, IPV6_LENGTH + offset, BPF_H);

        return lower_port(lower, tree, port, yes, no);
}

const uint8_t lower_transports[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_SCTP, 0};

uint32_t lower_transport(struct lower *lower, uint32_t type, uint32_t transport, uint32_t yes,
                         uint32_t no)
{
        if (type == ETHERTYPE_IPV6)
                return byte_equals(lower, IPV6_NEXT, transport, yes, no);
        return byte_equals(lower, IPV4_PROTOCOL, transport, lower_not_fragment(lower, yes, no), no);
}

static uint32_t transport_ports(struct lower *lower, const struct tree *tree,
                                const struct ends *ends, uint32_t transport, uint32_t yes,
                                uint32_t no)
{
        yes = lower_ends(lower, tree, ends, yes, no);
        return lower_transport(lower, ends->type, transport, yes, no);
}

static uint32_t ports(struct lower *lower, const struct tree *tree, const struct ends *ends,
                      uint32_t yes, uint32_t no)
{
        uint32_t other = no;

        if (tree->test->ports.transport)
                other = transport_ports(lower, tree, ends, tree->test->ports.transport, yes, no);
        else
                for (const uint8_t *transport = lower_transports; *transport; transport++)
                        other = transport_ports(lower, tree, ends, *transport, yes, other);
        return lower_type(lower, ends->type, other, no);
}

uint32_t lower_ports(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct ends ipv4 = {port_at, ETHERTYPE_IPV4, 0, 2};
        static const struct ends ipv6 = {port_at, ETHERTYPE_IPV6, 0, 2};

        return ports(lower, tree, &ipv6, yes, ports(lower, tree, &ipv4, yes, no));
}

/* --- Broadcasts and multicasts --- */

uint32_t lower_broadcast(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        uint32_t host = ~lower->target->netmask; /* the bits of the host's number */
        uint32_t other;

        if (tree->test->qualifiers.protocol != PROTOCOL_IP)
                return lower_link_broadcast(lower, tree, yes, no);
        if (lower->target->netmask == CBPF_NETMASK_UNKNOWN)
                return lower_foreign(lower);
        other = lower_load(lower, HEADER_NETWORK, IPV4_DESTINATION, BPF_W);
        yes = lower_masked(lower, other, host, 0, yes,
                           lower_masked(lower, other, host, host, yes, no));
        return lower_type(lower, ETHERTYPE_IPV4, yes, no);
}

uint32_t lower_multicast(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        uint32_t byte;

        switch (tree->test->qualifiers.protocol) {
        case PROTOCOL_IP:
                byte = lower_load(lower, HEADER_NETWORK, IPV4_DESTINATION, BPF_B);
                yes = lower_jump(lower, BPF_JGE, byte, 224, yes, no);
                return lower_type(lower, ETHERTYPE_IPV4, yes, no);
        case PROTOCOL_IP6:
                yes = byte_equals(lower, IPV6_DESTINATION, 255, yes, no);
                return lower_type(lower, ETHERTYPE_IPV6, yes, no);
        default: return lower_link_multicast(lower, tree, yes, no);
        }
}
