/* Tags and tunnels, after which the headers are elsewhere: VLAN, MPLS, PPPoE and Geneve. */
#include "lowering.h"

#include <netinet/in.h>

enum {
        VLAN_TAG = 4, /* bytes, all of them */
        VLAN_TYPE = 2,
        MPLS_LABEL = 4,
        PPPOE_HEADER = 6,
        PPP_PROTOCOL = 2,

        VLAN_NUMBER = 0xfff,
        MPLS_NUMBER_SHIFT = 12, /* above so many bits of other things */
};

/* The type announces a tag. */
static uint32_t tag_type(struct lower *lower, uint32_t yes, uint32_t no)
{
        no = lower_type(lower, ETHERTYPE_OLD_PROVIDER_VLAN, yes, no);
        no = lower_type(lower, ETHERTYPE_PROVIDER_VLAN, yes, no);
        return lower_type(lower, ETHERTYPE_VLAN, yes, no);
}

static uint32_t tag_number(struct lower *lower, const struct tree_test *test, uint32_t yes,
                           uint32_t no)
{
        uint32_t tag = lower_load(lower, HEADER_NETWORK, 0, BPF_H);

        if (!test->has_number)
                return yes;
        return lower_masked(lower, tag, VLAN_NUMBER, test->number, yes, no);
}

uint32_t lower_vlan(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        if (!lower->headers->link->tags || lower->headers->mpls_labels > 0)
                return lower_foreign(lower);
        return tag_type(lower, tag_number(lower, tree->test, yes, no), no);
}

/* The first label is announced by the link type, others by the one before. */
uint32_t lower_mpls(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct link *link = lower->headers->link;
        uint32_t label = lower_load(lower, HEADER_NETWORK, 0, BPF_W);

        if (tree->test->has_number)
                yes = lower_masked(lower, label, UINT32_MAX << MPLS_NUMBER_SHIFT,
                                   tree->test->number << MPLS_NUMBER_SHIFT, yes, no);
        if (lower->headers->mpls_labels > 0)
                return lower_mpls_bottom(lower, no, yes);
        return link->mpls ? lower_type(lower, link->mpls, yes, no) : lower_foreign(lower);
}

uint32_t lower_pppoed(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        (void)tree;
        return lower_type(lower, ETHERTYPE_PPPOED, yes, no);
}

uint32_t lower_pppoes(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        uint32_t session = lower_load(lower, HEADER_NETWORK, 0, BPF_W);

        if (lower->headers->link->find)
                return lower_foreign(lower);
        if (tree->test->has_number)
                yes = lower_masked(lower, session, 0xffff, tree->test->number, yes, no);
        return lower_type(lower, ETHERTYPE_PPPOES, yes, no);
}

void lower_move(const struct tree *tree, struct headers *headers)
{
        struct place payload = headers->payload;

        switch (tree->kind) {
        case TREE_VLAN:
                if (headers->inside) {
                        headers->type.add += VLAN_TAG;
                } else {
                        headers->type = headers->payload;
                        headers->type.add +=
                            headers->link->wlan ? VLAN_TAG + headers->link->type : VLAN_TYPE;
                }
                headers->payload.add += VLAN_TAG;
                if (headers->link->tags && !headers->link->wlan)
                        lower_set_tagged(headers);
                return;
        case TREE_MPLS:
                headers->network += MPLS_LABEL;
                headers->network_8022 += MPLS_LABEL;
                headers->mpls_labels++;
                return;
        case TREE_PPPOES:
                payload.add += headers->network + PPPOE_HEADER;
                lower_set_link(headers, DLT_PPP);
                headers->link_header = headers->type = payload; /* no address and control */
                headers->payload = payload;
                headers->payload.add += PPP_PROTOCOL;
                return;
        }
}

/* --- Geneve ---
 *
 * Where the headers of the packet inside start depends on the packet. So they are asked for in a
 * copy of the tests for each way in, or in one for all, to which variables tell it. Terms are made
 * with the very steps of libpcap's program (field.c says why). */

enum {
        GENEVE_PORT = 6081,
        UDP_LENGTH = 8,
        UDP_DESTINATION = 2, /* offset */

        /* Of Geneve's own header: offsets, bits, and its length without options. */
        GENEVE_FIRST = 0,
        GENEVE_TYPE = 2,
        GENEVE_NETWORK = 4,
        GENEVE_VERSION = 0xc0, /* of the first byte, */
        GENEVE_OPTIONS = 0x3f, /* in units of 4 bytes */
        GENEVE_LENGTH = 8,

        TYPE_BRIDGED = 0x6558, /* an Ethernet frame */
        ETHERNET_TYPE = 12,    /* offset */
        TYPE_LENGTH = 2,
};

static uint32_t add(struct lower *lower, uint32_t term, uint32_t number)
{
        return graph_operation(lower->graph, BPF_ADD, term, graph_constant(lower->graph, number));
}

static uint32_t tunnel_start(struct lower *lower, bool ipv6)
{
        return lower_transport_place(lower, ipv6, UDP_LENGTH);
}

/* Behind the options. */
static uint32_t link_start(struct lower *lower, uint32_t start)
{
        struct graph *graph = lower->graph;
        uint32_t length = graph_load(graph, BPF_B, start, GENEVE_FIRST);

        length = graph_operation(graph, BPF_AND, length, graph_constant(graph, GENEVE_OPTIONS));
        length = graph_operation(graph, BPF_MUL, length, graph_constant(graph, 4));
        return graph_operation(graph, BPF_ADD, add(lower, length, GENEVE_LENGTH), start);
}

/* Without Ethernet, the type is that in Geneve's header. */
static uint32_t type_start(struct lower *lower, uint32_t start, uint32_t link, bool ethernet)
{
        return ethernet ? add(lower, link, ETHERNET_TYPE) : add(lower, start, GENEVE_TYPE);
}

static uint32_t payload_start(struct lower *lower, uint32_t link, bool ethernet)
{
        return ethernet ? add(lower, add(lower, link, ETHERNET_TYPE), TYPE_LENGTH) : link;
}

void lower_geneve_ways(struct lower *lower, struct inside ways[GENEVE_WAYS])
{
        for (uint32_t way = 0; way < GENEVE_WAYS; way++) {
                bool ipv6 = way / 2, ethernet = way % 2;
                uint32_t start = tunnel_start(lower, ipv6), link = link_start(lower, start);

                ways[way] = (struct inside){
                    .type = type_start(lower, start, link, ethernet),
                    .link = link,
                    .payload = payload_start(lower, link, ethernet),
                };
        }
}

static uint32_t load_transport(struct lower *lower, bool ipv6, uint32_t offset, unsigned size)
{
        enum { IPV6_LENGTH = 40 };

        return ipv6 ? lower_load(lower, HEADER_NETWORK, IPV6_LENGTH + offset, size)
                    : lower_load_transport(lower, GRAPH_NONE, offset, size);
}

/* Version 0 of Geneve behind one version of IP. */
static uint32_t behind(struct lower *lower, const struct tree_test *test, bool ipv6, uint32_t yes,
                       uint32_t no)
{
        uint32_t type = ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
        uint32_t port = load_transport(lower, ipv6, UDP_DESTINATION, BPF_H);
        uint32_t first = load_transport(lower, ipv6, UDP_LENGTH + GENEVE_FIRST, BPF_B);
        uint32_t network = load_transport(lower, ipv6, UDP_LENGTH + GENEVE_NETWORK, BPF_W);

        if (test->has_number)
                yes = lower_masked(lower, network, 0xffffff00, test->number << 8, yes, no);
        yes = lower_masked(lower, first, GENEVE_VERSION, 0, yes, no);
        yes = lower_equal(lower, port, GENEVE_PORT, yes, no);
        return lower_type(lower, type, lower_transport(lower, type, IPPROTO_UDP, yes, no), no);
}

static uint32_t if_bridged(struct lower *lower, uint32_t start, uint32_t yes, uint32_t no)
{
        return lower_equal(lower, graph_load(lower->graph, BPF_H, start, GENEVE_TYPE), TYPE_BRIDGED,
                           yes, no);
}

uint32_t lower_geneve(struct lower *lower, const struct tree *tree,
                      const uint32_t entries[GENEVE_WAYS], uint32_t no)
{
        for (uint32_t ipv6 = 2; ipv6-- > 0;) {
                const uint32_t *entry = &entries[2 * ipv6];
                uint32_t node = if_bridged(lower, tunnel_start(lower, ipv6), entry[1], entry[0]);

                no = behind(lower, tree->test, ipv6, node, no);
        }
        return no;
}

static uint32_t set(struct lower *lower, uint32_t variable, uint32_t term, uint32_t node)
{
        if (variable == GRAPH_NONE)
                return node;
        return graph_set(lower->graph, lower->graph->terms[variable].k, term, GRAPH_NONE, node);
}

static uint32_t set_inside(struct lower *lower, const struct geneve_variables *variables,
                           bool ethernet, uint32_t entry)
{
        uint32_t link = variables->link;

        entry = set(lower, variables->payload, payload_start(lower, link, ethernet), entry);
        return set(lower, variables->type, type_start(lower, variables->start, link, ethernet),
                   entry);
}

uint32_t lower_geneve_kept(struct lower *lower, const struct tree *tree,
                           const struct geneve_variables *variables, uint32_t entry, uint32_t no)
{
        if (variables->link != GRAPH_NONE) {
                entry =
                    if_bridged(lower, variables->start, set_inside(lower, variables, true, entry),
                               set_inside(lower, variables, false, entry));
                entry = set(lower, variables->link, link_start(lower, variables->start), entry);
        }
        for (uint32_t ipv6 = 2; ipv6-- > 0;) {
                uint32_t start = tunnel_start(lower, ipv6);

                no =
                    behind(lower, tree->test, ipv6, set(lower, variables->start, start, entry), no);
        }
        return no;
}
