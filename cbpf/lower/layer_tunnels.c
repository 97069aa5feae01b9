/* Tunnels: what their headers lead to. */
#include "base/array.h"
#include "layers.h"

#include <netinet/in.h>

enum {
        ETHERIP_HEADER = 2,
        /* The session, without a cookie, and the sublayer that Linux sends by default. */
        L2TP_HEADER = 8,
        UDP_HEADER = 8,
        PORT_GTP = 2152,
        PORT_VXLAN = 4789,
        PORT_VXLAN_OF_LINUX = 8472,
        PORT_GENEVE = 6081,
        VXLAN_HEADER = 8,
        VXLAN_HAS_NETWORK = 0x08,
        GENEVE_HEADER = 8,
        NETWORK_SHIFT = 8, /* above so many bits of other things */

        GRE_HEADER = 4,
        GRE_UNKNOWN = 0x4007, /* source routes, and a version that is not 0 */
        GRE_OPTION = 4,

        GTP_HEADER = 8,
        GTP_OPTIONS = 4,
        GTP_MAX_EXTENSIONS = 2,
};

static uint32_t test_tunnel(struct walk *walk, const struct tree *tree, uint32_t tunnel,
                            uint32_t network, uint32_t yes, uint32_t no)
{
        const struct tree_test *test = tree->test;
        uint32_t wanted = tree->kind == TREE_GENEVE ? TUNNEL_GENEVE : test->word;

        if (wanted != tunnel && (wanted != TUNNEL_VNI || network == GRAPH_NONE))
                return no;
        return test->has_number ? lower_equal(&walk->lower, network, test->number, yes, no) : yes;
}

/* Enters a tunnel: forgets the facts of the layer outside, and notes what carries the one inside.
 * `network` is the term of its number, or GRAPH_NONE. */
static uint32_t enter(struct walk *walk, enum tree_tunnel tunnel, uint32_t network, uint32_t to)
{
        for (uint32_t i = walk->layers->fact_count; i-- > 0;) {
                const struct fact *fact = &walk->layers->facts[i];

                if (walk_asks(fact, walk->level + 1) &&
                    (fact->tree->kind == TREE_TUNNEL || fact->tree->kind == TREE_GENEVE))
                        to = test_tunnel(walk, fact->tree, tunnel, network,
                                         walk_mark(walk, fact->mark, to), to);
        }
        return walk_forget_facts(walk, to);
}

/* What a type in a tunnel's header leads to, LAYER_HEAD being behind that header. */
static uint32_t by_tunnel_type(struct walk *walk, uint32_t term, const struct entries *inside)
{
        struct place head = walk_variable(walk, LAYER_HEAD);
        struct values values;

        walk_begin_values(&values, inside->other);
        walk_add_value(&values, ETHERTYPE_IPV4, inside->ipv4);
        walk_add_value(
            &values, ETHERTYPE_BRIDGING,
            walk_move(walk, LAYER_HEAD, walk_behind(head, ETHERNET_HEADER), inside->frame));
        walk_add_value(&values, ETHERTYPE_IPV6, inside->ipv6);
        walk_add_value(&values, ETHERTYPE_MPLS, inside->mpls);
        walk_add_value(&values, ETHERTYPE_MPLS_MULTICAST, inside->mpls);
        return walk_end_values(walk, &values, term);
}

/* Passes how long GRE's header is, of which `length` bytes are known without options number `i` and
 * those behind it. */
static uint32_t pass_gre_length(struct walk *walk, uint32_t flags, size_t i, uint32_t length,
                                uint32_t to)
{
        static const uint16_t options[] = {0x8000, 0x2000, 0x1000}; /* checksum, key, number */

        if (i == array_count(options))
                return walk_pass(walk, walk_constant(walk, length), to);
        return lower_jump(&walk->lower, BPF_JSET, flags, options[i],
                          pass_gre_length(walk, flags, i + 1, length + GRE_OPTION, to),
                          pass_gre_length(walk, flags, i + 1, length, to));
}

/* RFC 2784 and 2890. */
static uint32_t gre(struct walk *walk, const struct entries *inside)
{
        struct place body = walk_variable(walk, LAYER_BODY);
        struct place payload = {walk_operation(walk, BPF_ADD, body.base, walk_passed(walk)), 0};
        uint32_t flags = walk_load(walk, body, 0, BPF_H);
        uint32_t node = by_tunnel_type(walk, walk_load(walk, body, 2, BPF_H), inside);

        node = walk_set(walk, LAYER_HEAD, walk_term(walk, payload), node);
        node = pass_gre_length(walk, flags, 0, GRE_HEADER, node);
        node = enter(walk, TUNNEL_GRE, GRAPH_NONE, node);
        return lower_jump(&walk->lower, BPF_JSET, flags, GRE_UNKNOWN, walk->end, node);
}

/* RFC 7348. */
static uint32_t vxlan(struct walk *walk, const struct entries *inside)
{
        struct place payload = walk_behind(walk_variable(walk, LAYER_BODY), UDP_HEADER);
        uint32_t network = walk_load(walk, payload, 4, BPF_W);
        uint32_t node = walk_move(
            walk, LAYER_HEAD, walk_behind(payload, VXLAN_HEADER + ETHERNET_HEADER), inside->frame);

        network = walk_operation(walk, BPF_RSH, network, walk_constant(walk, NETWORK_SHIFT));
        node = enter(walk, TUNNEL_VXLAN, network, node);
        return lower_jump(&walk->lower, BPF_JSET, walk_load(walk, payload, 0, BPF_B),
                          VXLAN_HAS_NETWORK, node, walk->end);
}

/* RFC 8926. */
static uint32_t geneve(struct walk *walk, const struct entries *inside)
{
        struct place payload = walk_behind(walk_variable(walk, LAYER_BODY), UDP_HEADER);
        uint32_t start = walk_load(walk, payload, 0, BPF_B);
        uint32_t network = walk_load(walk, payload, 4, BPF_W), length, node;

        length = walk_operation(walk, BPF_AND, start, walk_constant(walk, 0x3f));
        length = walk_operation(walk, BPF_LSH, length, walk_constant(walk, 2));
        length = walk_operation(walk, BPF_ADD, length, payload.base);
        node = by_tunnel_type(walk, walk_load(walk, payload, 2, BPF_H), inside);
        node =
            walk_move(walk, LAYER_HEAD, (struct place){length, payload.add + GENEVE_HEADER}, node);
        network = walk_operation(walk, BPF_RSH, network, walk_constant(walk, NETWORK_SHIFT));
        node = enter(walk, TUNNEL_GENEVE, network, node);
        return lower_jump(&walk->lower, BPF_JSET, start, 0xc0, walk->end, node);
}

/* An extension header of GTP begins with its length in units of four bytes and ends with the type
 * of the next one. LAYER_HEAD is at one, and goes on behind it: at `last` if it is the last. */
static uint32_t pass_gtp_header(struct walk *walk, uint32_t to, uint32_t last)
{
        struct place head = walk_variable(walk, LAYER_HEAD), behind_it;
        uint32_t length =
            walk_operation(walk, BPF_LSH, walk_load(walk, head, 0, BPF_B), walk_constant(walk, 2));

        behind_it = (struct place){walk_operation(walk, BPF_ADD, length, head.base), 0};
        to = lower_equal(&walk->lower, walk_load(walk, head, (uint32_t)-1, BPF_B), 0, last, to);
        to = walk_move(walk, LAYER_HEAD, behind_it, to);
        return lower_equal(&walk->lower, length, 0, walk->end, to);
}

/* 3GPP TS 29.281: user data (255) of version 1. */
static uint32_t gtp(struct walk *walk, const struct entries *inside)
{
        struct place payload = walk_behind(walk_variable(walk, LAYER_BODY), UDP_HEADER);
        struct place options = walk_behind(payload, GTP_HEADER + GTP_OPTIONS);
        uint32_t start = walk_load(walk, payload, 0, BPF_H),
                 flags = walk_load(walk, payload, 0, BPF_B);
        uint32_t data = walk_by_version(walk, walk_variable(walk, LAYER_HEAD), inside),
                 node = walk->end;
        uint32_t plain;

        for (int i = 0; i < GTP_MAX_EXTENSIONS; i++)
                node = pass_gtp_header(walk, node, data);
        node =
            lower_equal(&walk->lower, walk_load(walk, options, (uint32_t)-1, BPF_B), 0, data, node);
        node = lower_jump(&walk->lower, BPF_JSET, flags, 0x04, node, data);
        node = walk_move(walk, LAYER_HEAD, options, node);
        plain = walk_move(walk, LAYER_HEAD, walk_behind(payload, GTP_HEADER), data);
        node = lower_jump(&walk->lower, BPF_JSET, flags, 0x07, node, plain);
        node = enter(walk, TUNNEL_GTP, GRAPH_NONE, node);
        return lower_masked(&walk->lower, start, 0xf0ff, 0x30ff, node, walk->end);
}

static uint32_t udp(struct walk *walk, const struct entries *inside)
{
        uint32_t port = walk_load(walk, walk_variable(walk, LAYER_BODY), 2, BPF_H);
        uint32_t of_vxlan = vxlan(walk, inside);
        struct values values;

        walk_begin_values(&values, walk->end);
        walk_add_value(&values, PORT_GTP, gtp(walk, inside));
        walk_add_value(&values, PORT_VXLAN, of_vxlan);
        walk_add_value(&values, PORT_GENEVE, geneve(walk, inside));
        walk_add_value(&values, PORT_VXLAN_OF_LINUX, of_vxlan);
        return walk_end_values(walk, &values, port);
}

uint32_t walk_enter_tunnel(struct walk *walk, uint32_t number, const struct entries *inside)
{
        struct place body = walk_variable(walk, LAYER_BODY);
        uint32_t node;

        switch (number) {
        case IPPROTO_IPIP:
                return enter(walk, TUNNEL_IPIP, GRAPH_NONE,
                             walk_move(walk, LAYER_HEAD, body, inside->ipv4));
        case IPPROTO_IPV6:
                return enter(walk, TUNNEL_IPIP, GRAPH_NONE,
                             walk_move(walk, LAYER_HEAD, body, inside->ipv6));
        case IPPROTO_GRE: return gre(walk, inside);
        case IPPROTO_UDP: return udp(walk, inside);
        case PROTOCOL_ETHERIP: /* RFC 3378 */
                return enter(walk, TUNNELS, GRAPH_NONE,
                             walk_move(walk, LAYER_HEAD,
                                       walk_behind(body, ETHERIP_HEADER + ETHERNET_HEADER),
                                       inside->frame));
        case PROTOCOL_L2TP: /* RFC 3931; session 0 is for control */
                node = enter(walk, TUNNELS, GRAPH_NONE,
                             walk_move(walk, LAYER_HEAD,
                                       walk_behind(body, L2TP_HEADER + ETHERNET_HEADER),
                                       inside->frame));
                return lower_equal(&walk->lower, walk_load(walk, body, 0, BPF_W), 0, walk->end,
                                   node);
        default: return walk->end;
        }
}
