/* Link headers: how each link type encodes the next protocol, and the tests of other fields. */
#include "base/array.h"
#include "lowering.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

enum {
        /* Types in LINUX_SLL headers that are no EtherTypes. */
        SLL_8023 = 1,
        SLL_8022 = 4,

        LLC_CONTROL = 2, /* offset */
};

/* All eight bytes of a SNAP header, the last four first. */
static uint32_t snap(struct lower *lower, uint32_t organization, uint32_t type, uint32_t yes,
                     uint32_t no)
{
        uint32_t first = lower_load(lower, HEADER_PAYLOAD, 0, BPF_W);
        uint32_t second = lower_load(lower, HEADER_PAYLOAD, 4, BPF_W);
        uint32_t start = (uint32_t)SAP_SNAP << 24 | SAP_SNAP << 16 | 0x0300 | organization >> 16;

        yes = lower_equal(lower, first, start, yes, no);
        return lower_equal(lower, second, organization << 16 | type, yes, no);
}

static uint32_t type_field(struct lower *lower)
{
        return lower_load(lower, HEADER_TYPE, 0, BPF_H);
}

/* Both service access points. */
static uint32_t saps(struct lower *lower, uint32_t value, uint32_t yes, uint32_t no)
{
        return lower_equal(lower, lower_load(lower, HEADER_PAYLOAD, 0, BPF_H), value, yes, no);
}

static uint32_t destination_sap(struct lower *lower, uint32_t value, uint32_t yes, uint32_t no)
{
        return lower_equal(lower, lower_load(lower, HEADER_PAYLOAD, 0, BPF_B), value, yes, no);
}

/* The same where libpcap looks behind the type for it: in a tunnel, the payload may be elsewhere.
 */
static uint32_t sap_behind_type(struct lower *lower, uint32_t value, uint32_t yes, uint32_t no)
{
        return lower_equal(lower, lower_load(lower, HEADER_TYPE, 2, BPF_B), value, yes, no);
}

static uint32_t plain_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        return lower_equal(lower, type_field(lower), type, yes, no);
}

/* Ethernet, with a length in place of the type: an 802.2 header follows. */
static uint32_t is_8023(struct lower *lower, uint32_t yes, uint32_t no)
{
        return lower_jump(lower, BPF_JGT, type_field(lower), ETHERNET_MAX_LENGTH, no, yes);
}

/* The same for LINUX_SLL. */
static uint32_t is_sll_8022(struct lower *lower, uint32_t yes, uint32_t no)
{
        return plain_type(lower, SLL_8022, yes, no);
}

/* A type or, behind an 802.2 header, a service access point. */
static uint32_t type_or_sap(struct lower *lower, uint32_t type,
                            uint32_t (*is_8022)(struct lower *lower, uint32_t yes, uint32_t no),
                            uint32_t yes, uint32_t no)
{
        switch (type) {
        case SAP_ISO:
        case SAP_IP:
        case SAP_NETBEUI: return is_8022(lower, saps(lower, type << 8 | type, yes, no), no);
        case ETHERTYPE_ATALK: /* with a SNAP header or without */
                no = is_8022(lower, snap(lower, 0x080007, type, yes, no), no);
                return plain_type(lower, type, yes, no);
        case ETHERTYPE_AARP:
                no = is_8022(lower, snap(lower, 0, type, yes, no), no);
                return plain_type(lower, type, yes, no);
        }
        if (type > ETHERNET_MAX_LENGTH)
                return plain_type(lower, type, yes, no);
        return is_8022(lower, sap_behind_type(lower, type, yes, no), no);
}

static uint32_t ethernet_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        uint32_t other;

        if (type != SAP_IPX)
                return type_or_sap(lower, type, is_8023, yes, no);
        other = saps(lower, 0xffff, yes, no); /* IPX itself, without 802.2 */
        other = destination_sap(lower, SAP_IPX, yes, other);
        other = snap(lower, 0, ETHERTYPE_IPX, yes, other);
        other = is_8023(lower, other, no);
        return plain_type(lower, ETHERTYPE_IPX, yes, other);
}

static uint32_t sll_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        uint32_t other;

        if (type != SAP_IPX)
                return type_or_sap(lower, type, is_sll_8022, yes, no);
        other = snap(lower, 0, ETHERTYPE_IPX, yes, no);
        other = destination_sap(lower, SAP_IPX, yes, other);
        other = is_sll_8022(lower, other, no);
        other = plain_type(lower, SLL_8023, yes, other);
        return plain_type(lower, ETHERTYPE_IPX, yes, other);
}

/* PPP has its own numbers for some protocols. */
static uint32_t ppp_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        static const struct {
                uint32_t type, ppp;
        } numbers[] = {
            {ETHERTYPE_IPV4, PPP_IPV4},
            {ETHERTYPE_IPV6, PPP_IPV6},
            {ETHERTYPE_DECNET, PPP_DECNET},
            {ETHERTYPE_ATALK, PPP_ATALK},
            {0x0600, PPP_XNS},
            {SAP_ISO, PPP_ISO},
            {SAP_IPX, PPP_IPX},
            {SAP_SPANNING_TREE, PPP_BRIDGING},
        };

        for (size_t i = 0; i < array_count(numbers); i++)
                if (numbers[i].type == type)
                        return plain_type(lower, numbers[i].ppp, yes, no);
        return plain_type(lower, type, yes, no);
}

/* No type, but the version number of IP. */
static uint32_t raw_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        uint32_t version = lower_load(lower, HEADER_LINK, 0, BPF_B);

        switch (type) {
        case ETHERTYPE_IPV4: return lower_masked(lower, version, 0xf0, 0x40, yes, no);
        case ETHERTYPE_IPV6: return lower_masked(lower, version, 0xf0, 0x60, yes, no);
        default: return no;
        }
}

/* No type: the link type itself says it. */
static uint32_t fixed_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        bool ipv4 = lower->headers->link->link_type == DLT_IPV4;

        return type == (ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6) ? yes : no;
}

/* The address family; in DLT_NULL it is in the byte order of this machine. Of what is saved, it
 * depends on the system. */
static uint32_t loopback_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        uint32_t family = type == ETHERTYPE_IPV4 ? AF_INET : AF_INET6;

        if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
                return no;
        if (lower->target->saved)
                return lower_foreign(lower);
        if (lower->headers->link_type->header->numbers == NET_HOST_FAMILIES)
                family = ntohl(family);
        return lower_equal(lower, lower_load(lower, HEADER_LINK, 0, BPF_W), family, yes, no);
}

/* No types, but 802.2 headers in data frames. */
static uint32_t wlan_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        uint32_t node;

        switch (type) {
        case SAP_ISO:
        case SAP_IP:
        case SAP_NETBEUI: node = saps(lower, type << 8 | type, yes, no); break;
        case ETHERTYPE_ATALK: node = snap(lower, 0x080007, type, yes, no); break;
        default:
                node = type > ETHERNET_MAX_LENGTH ? plain_type(lower, type, yes, no)
                                                  : destination_sap(lower, type, yes, no);
        }
        return lower_wlan_data(lower, node, no);
}

/* --- The log of OpenBSD's packet filter --- */

/* Offsets; the payload follows at a multiple of 4. */
enum {
        PF_LENGTH = 0,
        PF_FAMILY = 1,
        PF_ACTION = 2,
        PF_REASON = 3,
        PF_INTERFACE = 4,
        PF_RULESET = 20,
        PF_RULE = 36,
        PF_SUBRULE = 40,
        PF_DIRECTION = 60,

        PF_INBOUND = 1,
        PF_OUTBOUND = 2,
};

static uint32_t find_behind_pf(struct lower *lower)
{
        struct graph *graph = lower->graph;
        uint32_t end =
            graph_operation(graph, BPF_ADD, lower_load_outermost(lower, PF_LENGTH, BPF_B),
                            graph_constant(graph, 3));

        if (!lower->asked[START_PAYLOAD])
                return lower->rest(lower);
        return lower_start_at(lower, START_PAYLOAD,
                              graph_operation(graph, BPF_AND, end, graph_constant(graph, ~3u)),
                              lower->rest);
}

static uint32_t pf_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        uint32_t family = lower_load(lower, HEADER_LINK, PF_FAMILY, BPF_B);

        switch (type) {
        case ETHERTYPE_IPV4: return lower_equal(lower, family, AF_INET, yes, no);
        case ETHERTYPE_IPV6: return lower_equal(lower, family, AF_INET6, yes, no);
        default: return no;
        }
}

uint32_t lower_pf_number(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct {
                uint8_t offset, size;
        } fields[] = {
            [TREE_PF_RULE] = {PF_RULE, BPF_W},
            [TREE_PF_SUBRULE] = {PF_SUBRULE, BPF_W},
            [TREE_PF_REASON] = {PF_REASON, BPF_B},
            [TREE_PF_ACTION] = {PF_ACTION, BPF_B},
        };
        uint32_t field =
            lower_load(lower, HEADER_LINK, fields[tree->kind].offset, fields[tree->kind].size);

        if (lower->headers->link->link_type != DLT_PFLOG)
                return lower_foreign(lower);
        return lower_equal(lower, field, tree->test->number, yes, no);
}

/* The name is compared from its end, four bytes at a time. */
uint32_t lower_pf_text(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const char *text = tree->test->text;
        uint32_t start = tree->kind == TREE_PF_INTERFACE ? PF_INTERFACE : PF_RULESET;
        uint32_t length = (uint32_t)strlen(text), bytes;

        if (lower->headers->link->link_type != DLT_PFLOG || length == 0 ||
            length >= (tree->kind == TREE_PF_INTERFACE ? PF_RULESET : PF_RULE) - start)
                return lower_foreign(lower);
        for (uint32_t at = 0; at < length; at += bytes) {
                uint32_t left = (length - at) % 4;

                bytes = left == 0 ? 4 : left % 2 ? 1 : 2;
                yes = lower_equal(
                    lower, lower_load(lower, HEADER_LINK, start + at, lower_load_size(bytes)),
                    net_read((const uint8_t *)text + at, bytes), yes, no);
        }
        return yes;
}

/* To libpcap, LINUX_SLL2 has EtherTypes only. */
#define WLAN(LINK_TYPE, FIND, TAGS, IN_FRONT)                                                    \
        {                                                                                        \
                .link_type = (LINK_TYPE), .test_type = wlan_type, .network_8022 = 3,             \
                .tags = (TAGS), .find = (FIND), .type = 6, .network = 8, .in_front = (IN_FRONT), \
                .wlan = true                                                                     \
        }
static const struct link links[] = {
    {.link_type = DLT_EN10MB,
     .test_type = ethernet_type,
     .mpls = ETHERTYPE_MPLS,
     .network_8022 = 3,
     .tags = true},
    {.link_type = DLT_RAW, .test_type = raw_type},
    {.link_type = DLT_IPV4, .test_type = fixed_type},
    {.link_type = DLT_IPV6, .test_type = fixed_type},
    {.link_type = DLT_NULL, .test_type = loopback_type},
    {.link_type = DLT_LOOP, .test_type = loopback_type},
    {.link_type = DLT_LINUX_SLL, .test_type = sll_type, .tags = true},
    {.link_type = DLT_LINUX_SLL2, .test_type = plain_type, .tags = true},
    {.link_type = DLT_PPP, .test_type = ppp_type, .mpls = PPP_MPLS},
    {.link_type = DLT_PPP_SERIAL, .test_type = ppp_type},
    {.link_type = DLT_PPP_ETHER, .test_type = ppp_type},
    {.link_type = DLT_PFLOG, .test_type = pf_type, .find = find_behind_pf},
    WLAN(DLT_IEEE802_11, lower_find_wlan, true, false),
    WLAN(DLT_IEEE802_11_RADIO, lower_find_radiotap, true, true),
    WLAN(DLT_IEEE802_11_RADIO_AVS, lower_find_avs, true, true),
    WLAN(DLT_PRISM_HEADER, lower_find_prism, true, true),
    WLAN(DLT_PPI, lower_find_ppi, false, true),
};
#undef WLAN

void lower_set_inside(struct headers *headers, const struct headers *outside,
                      const struct inside *inside)
{
        lower_set_link(headers, DLT_EN10MB);
        headers->network_8022 = outside->network_8022;
        headers->mpls_labels = outside->mpls_labels;
        headers->link_header = (struct place){inside->link, 0};
        headers->type = (struct place){inside->type, 0};
        headers->payload = (struct place){inside->payload, 0};
        headers->inside = true;
}

void lower_set_tagged(struct headers *headers)
{
        headers->link = &links[0];
        headers->network_8022 = headers->link->network_8022;
}

static const struct link *find_link(int link_type)
{
        for (size_t i = 0; i < array_count(links); i++)
                if (links[i].link_type == link_type)
                        return &links[i];
        return NULL;
}

bool lower_set_link(struct headers *headers, int link_type)
{
        headers->link = find_link(link_type);
        headers->link_type = net_link_type(link_type);
        if (!headers->link || (!headers->link_type && !headers->link->find))
                return false;
        headers->link_header = headers->type = headers->payload = (struct place){GRAPH_NONE, 0};
        headers->network = headers->link->network;
        headers->network_8022 = headers->link->network_8022;
        if (headers->link->find) {
                headers->type.add += headers->link->type;
                headers->link_type = NULL;
        } else {
                headers->type.add += net_link_type_offset(headers->link_type);
                headers->payload.add += net_link_payload_offset(headers->link_type);
        }
        return true;
}

/* The label before may be beyond any packet: in front of nothing, where no tunnel was passed. */
uint32_t lower_mpls_bottom(struct lower *lower, uint32_t yes, uint32_t no)
{
        uint32_t label;

        lower->reach = (struct reach){0};
        label = lower_load(lower, HEADER_NETWORK, (uint32_t)-2, BPF_B);
        return lower_reaching(lower, lower->reach, lower_masked(lower, label, 1, 1, yes, no));
}

/* Behind MPLS only the version number tells, and only at the bottom of the stack. */
static uint32_t mpls_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        uint32_t version = lower_load(lower, HEADER_NETWORK, 0, BPF_B);

        if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
                return lower_foreign(lower);
        yes = lower_masked(lower, version, 0xf0, type == ETHERTYPE_IPV4 ? 0x40 : 0x60, yes, no);
        return lower_mpls_bottom(lower, yes, no);
}

uint32_t lower_type(struct lower *lower, uint32_t type, uint32_t yes, uint32_t no)
{
        if (lower->headers->mpls_labels > 0)
                return mpls_type(lower, type, yes, no);
        return lower->headers->link->test_type(lower, type, yes, no);
}

static bool is_ethernet(const struct lower *lower)
{
        return lower->headers->link_type && lower->headers->link_type->ethernet;
}

/* In a tunnel there may be no Ethernet header; then the payload starts in its place. */
static uint32_t has_ethernet(struct lower *lower, uint32_t yes, uint32_t no)
{
        const struct headers *headers = lower->headers;

        if (!headers->inside)
                return yes;
        lower->used_headers |= 1u << HEADER_LINK | 1u << HEADER_PAYLOAD;
        return graph_branch(lower->graph, BPF_JEQ, headers->link_header.base, headers->payload.base,
                            no, yes);
}

static uint32_t mac_at(struct lower *lower, const struct tree *tree, const uint8_t *mac,
                       uint32_t offset, uint32_t yes, uint32_t no)
{
        struct word words[] = {
            {lower_load(lower, HEADER_LINK, offset + 2, BPF_W), UINT32_MAX, net_read(mac + 2, 4)},
            {lower_load(lower, HEADER_LINK, offset, BPF_H), UINT32_MAX, net_read(mac, 2)},
        };

        if (!is_ethernet(lower))
                return lower_foreign(lower);
        return lower_match(lower, tree, words, 2, yes, no);
}

static uint32_t test_mac(struct lower *lower, const struct tree *tree, const struct ends *ends,
                         uint32_t offset, uint32_t yes, uint32_t no)
{
        (void)ends;
        return mac_at(lower, tree, tree->test->mac, offset, yes, no);
}

uint32_t lower_mac(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        static const struct ends ends = {test_mac, 0, 6, 0};

        if (lower->headers->link->wlan)
                return lower_wlan_mac(lower, tree, yes, no);
        return has_ethernet(lower, lower_ends(lower, tree, &ends, yes, no), no);
}

uint32_t lower_link_broadcast(struct lower *lower, const struct tree *tree, uint32_t yes,
                              uint32_t no)
{
        static const uint8_t everyone[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

        if (lower->headers->link->wlan)
                return lower_wlan_broadcast(lower, tree, yes, no);
        return has_ethernet(lower, mac_at(lower, tree, everyone, 0, yes, no), no);
}

uint32_t lower_link_multicast(struct lower *lower, const struct tree *tree, uint32_t yes,
                              uint32_t no)
{
        uint32_t byte = lower_load(lower, HEADER_LINK, 0, BPF_B);

        if (lower->headers->link->wlan)
                return lower_wlan_multicast(lower, tree, yes, no);
        if (!is_ethernet(lower))
                return lower_foreign(lower);
        return has_ethernet(lower, lower_jump(lower, BPF_JSET, byte, 1, yes, no), no);
}

/* What an 802.2 control field has, by enum tree_llc. */
static uint32_t llc_control(struct lower *lower, const struct tree_test *test, uint32_t yes,
                            uint32_t no)
{
        uint32_t control = lower_load(lower, HEADER_PAYLOAD, LLC_CONTROL, BPF_B);

        switch (test->word) {
        case LLC_I: return lower_jump(lower, BPF_JSET, control, 1, no, yes);
        case LLC_S: return lower_masked(lower, control, 0x03, 0x01, yes, no);
        case LLC_U: return lower_masked(lower, control, 0x03, 0x03, yes, no);
        case LLC_S_SUBTYPE: return lower_masked(lower, control, 0x0f, test->number, yes, no);
        case LLC_U_SUBTYPE: return lower_masked(lower, control, 0xef, test->number, yes, no);
        default: return yes;
        }
}

/* An 802.3 frame, but none with IPX itself in it, or an 802.11 data frame. */
uint32_t lower_llc(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        if (lower->headers->link->wlan)
                return lower_wlan_data(lower, llc_control(lower, tree->test, yes, no), no);
        if (lower->headers->link->link_type != DLT_EN10MB)
                return lower_foreign(lower);
        yes = llc_control(lower, tree->test, yes, no);
        return is_8023(lower, saps(lower, 0xffff, no, yes), no);
}

/* The packet's direction and interface stand in the outermost header, or beside the packet,
 * wherever other headers are by now. (libpcap looks for them behind `pppoes` then, where other
 * fields are, and beside the packet only if nothing comes in front of the link header.)
 */
static uint32_t load_metadata(struct lower *lower, bool interface)
{
        const struct net_link_type *link_type = net_link_type(lower->target->link_type);

        lower->reach = (struct reach){0};
        if (find_link(lower->target->link_type)->in_front)
                return lower_foreign(lower);
        if (interface)
                return lower_load_outermost(lower,
                                            link_type && link_type->has_interface
                                                ? link_type->interface_offset
                                                : (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX),
                                            BPF_W);
        if (link_type && link_type->packet_type_size > 0)
                return lower_load_outermost(lower, link_type->packet_type_offset,
                                            link_type->packet_type_size == 1 ? BPF_B : BPF_H);
        return lower_load_outermost(lower, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE), BPF_H);
}

uint32_t lower_direction(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        bool inbound = tree->kind == TREE_INBOUND;
        uint32_t type;

        if (lower->target->link_type == DLT_PFLOG && lower->headers->inside)
                return lower_foreign(lower);
        if (lower->target->link_type == DLT_PFLOG)
                return lower_equal(lower, lower_load_outermost(lower, PF_DIRECTION, BPF_B),
                                   inbound ? PF_INBOUND : PF_OUTBOUND, yes, no);
        type = load_metadata(lower, false);
        if (yes == no)
                return lower_reaching(lower, lower->reach, yes);
        return lower_equal(lower, type, PACKET_OUTGOING, inbound ? no : yes, inbound ? yes : no);
}

uint32_t lower_ifindex(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        uint32_t index = load_metadata(lower, true);

        if (yes == no)
                return lower_reaching(lower, lower->reach, yes);
        return lower_equal(lower, index, tree->test->number, yes, no);
}

/* `byte 0 & 1` loads nothing in libpcap: it tests what the test before left in the accumulator. */
uint32_t lower_byte(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct tree_test *test = tree->test;
        uint32_t byte, node;

        lower->reach = (struct reach){0};
        byte = lower_load(lower, HEADER_LINK, test->index, BPF_B);
        switch (test->operation) {
        case TREE_EQUAL: node = lower_equal(lower, byte, test->number, yes, no); break;
        case TREE_GREATER_THAN:
                node = lower_jump(lower, BPF_JGT, byte, test->number, yes, no);
                break;
        case TREE_LESS_THAN: node = lower_jump(lower, BPF_JGE, byte, test->number, no, yes); break;
        default: return lower_foreign(lower);
        }
        return lower_reaching(lower, lower->reach, node);
}
