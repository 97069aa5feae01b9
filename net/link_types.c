/* The table of link types (https://www.tcpdump.org/linktypes.html), and those headers that occur
 * only there. */
#include "link_types.h"

#include <linux/if_arp.h>
#include <pcap/dlt.h>

static const struct net_field sll_fields[] = {
    NET_FIELD(0, 2, NET_PACKET_TYPE, "packet type", "sll.pkttype", .complete = true),
    NET_FIELD(2, 2, NET_NUMBER, "hardware type", "sll.hatype", .complete = true),
    NET_FIELD(4, 2, NET_NUMBER, "link-layer address length", "sll.halen", .complete = true),
    NET_FIELD(6, 8, NET_MAC_ADDRESS, "link-layer address", NULL, .complete = true),
    NET_FIELD(6, 6, NET_MAC_ADDRESS, NULL, "sll.src.eth"),
    NET_FIELD(14, 2, NET_ETHERTYPE, "EtherType", "sll.etype", .complete = true),
};

static const struct net_field sll2_fields[] = {
    NET_FIELD(0, 2, NET_ETHERTYPE, "EtherType", "sll.etype", .complete = true),
    NET_FIELD(4, 4, NET_NUMBER, "interface index", "sll.ifindex", .complete = true),
    NET_FIELD(8, 2, NET_NUMBER, "hardware type", "sll.hatype", .complete = true),
    NET_FIELD(10, 1, NET_PACKET_TYPE, "packet type", "sll.pkttype", .complete = true),
    NET_FIELD(11, 1, NET_NUMBER, "link-layer address length", "sll.halen", .complete = true),
    NET_FIELD(12, 8, NET_MAC_ADDRESS, "link-layer address", NULL, .complete = true),
    NET_FIELD(12, 6, NET_MAC_ADDRESS, NULL, "sll.src.eth"),
};

static const struct net_field loopback_fields[] = {
    NET_FIELD(0, 4, NET_FAMILY, "address family", NULL, .complete = true),
};

static const struct net_field framed_ppp_fields[] = {
    NET_FIELD(0, 1, NET_BITS, "address", "ppp.address"),
    NET_FIELD(1, 1, NET_BITS, "control field", "ppp.control"),
    NET_FIELD(2, 2, NET_PPP_PROTOCOL, "protocol", "ppp.protocol"),
};

static const struct net_header sll = NET_HEADER("SLL", "sll", sll_fields, NET_LINK, 16,
                                                .numbers = NET_ETHERTYPES, .next_offset = 14);
static const struct net_header sll2 =
    NET_HEADER("SLL2", "sll", sll2_fields, NET_LINK, 20, .numbers = NET_ETHERTYPES);
static const struct net_header null =
    NET_HEADER("loopback", "null", loopback_fields, NET_LINK, 4, .numbers = NET_HOST_FAMILIES);
static const struct net_header loop =
    NET_HEADER("loopback", "null", loopback_fields, NET_LINK, 4, .numbers = NET_FAMILIES);
/* With address and control fields, as in HDLC. */
static const struct net_header framed_ppp = NET_HEADER(
    "PPP", "ppp", framed_ppp_fields, NET_LINK, 4, .numbers = NET_PPP_PROTOCOLS, .next_offset = 2);

static const struct net_link_type link_types[] = {
    {.number = DLT_EN10MB, .header = &net_ethernet, .ethernet = true},
    {.number = DLT_LINUX_SLL, .header = &sll, .packet_type_offset = 0, .packet_type_size = 2},
    {.number = DLT_LINUX_SLL2,
     .header = &sll2,
     .packet_type_offset = 10,
     .packet_type_size = 1,
     .interface_offset = 4,
     .has_interface = true,
     .cooked = true},
    {.number = DLT_RAW, .header = &net_raw},
    {.number = DLT_IPV4, .header = &net_raw, .network = &net_ipv4},
    {.number = DLT_IPV6, .header = &net_raw, .network = &net_ipv6},
    {.number = DLT_NULL, .header = &null},
    {.number = DLT_LOOP, .header = &loop},
    {.number = DLT_PPP, .header = &framed_ppp},
    {.number = DLT_PPP_SERIAL, .header = &framed_ppp},
    {.number = DLT_PPP_ETHER, .header = &net_pppoe},
};

const struct net_link_type *net_link_type(int link_type)
{
        for (size_t i = 0; i < array_count(link_types); i++)
                if (link_types[i].number == link_type)
                        return &link_types[i];
        return NULL;
}

int net_link_type_of_hardware(unsigned hardware_type)
{
        static const struct {
                unsigned hardware;
                int link_type;
        } frames[] = {
            {ARPHRD_ETHER, DLT_EN10MB},
            {ARPHRD_LOOPBACK, DLT_EN10MB},
            {ARPHRD_NONE, DLT_RAW},
            {ARPHRD_RAWIP, DLT_RAW},
            {ARPHRD_TUNNEL, DLT_RAW},
            {ARPHRD_TUNNEL6, DLT_RAW},
            {ARPHRD_SIT, DLT_RAW},
            {ARPHRD_IPGRE, DLT_RAW},
            {ARPHRD_IP6GRE, DLT_RAW},
            {ARPHRD_IEEE80211, DLT_IEEE802_11},
            {ARPHRD_IEEE80211_PRISM, DLT_PRISM_HEADER},
            {ARPHRD_IEEE80211_RADIOTAP, DLT_IEEE802_11_RADIO},
            {ARPHRD_NETLINK, DLT_NETLINK},
        };

        for (size_t i = 0; i < array_count(frames); i++)
                if (frames[i].hardware == hardware_type)
                        return frames[i].link_type;
        return DLT_LINUX_SLL2;
}

uint32_t net_link_type_offset(const struct net_link_type *link_type)
{
        const struct net_header *header = link_type->header;

        return header->next ? header->size + header->next->next_offset : header->next_offset;
}

uint32_t net_link_payload_offset(const struct net_link_type *link_type)
{
        const struct net_header *header = link_type->header;

        return header->size + (header->next ? header->next->size : 0u);
}

uint32_t net_link_walk_offset(const struct net_link_type *link_type)
{
        switch (link_type->number) {
        case DLT_PPP: return net_ppp.size;
        case DLT_PPP_ETHER: return 0;
        default: return net_link_payload_offset(link_type);
        }
}
