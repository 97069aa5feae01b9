/* A packet as one JSON object on one line, with the fields named as Wireshark names them
 * (https://www.wireshark.org/docs/dfref/). Headers are tables of fields; a header says which comes
 * next. Reading stops, without a word, where the captured bytes end, and after MAX_LAYERS headers.
 *
 * To add a protocol: its table of fields, an entry in `layers`, and the number that leads to it. */
#include "internal.h"

#include <netinet/in.h>
#include <pcap/dlt.h>

enum { MAX_LAYERS = 32 };

/* How a field is shown: numbers as JSON numbers, the rest as strings. */
enum kind { NUMBER, IPV4, IPV6, STATION, FLAG, HEX };

struct field {
        const char *name;
        enum kind kind;
        uint8_t offset, size; /* in bytes */
        uint8_t shift;        /* of a NUMBER, FLAG or HEX: to the right, */
        uint32_t mask;        /* then with this; 0 for all of it */
        uint8_t times;        /* the unit it counts, in bytes, if it is not one */
};

enum layer_id {
        NOTHING,
        ETHERNET,
        VLAN,
        MPLS,
        SLL,
        SLL2,
        LOOPBACK,
        RAW,
        PPP,
        ARP,
        IP,
        IP6,
        FRAGMENT,
        TCP,
        UDP,
        SCTP,
        ICMP,
        ICMP6,
        IGMP,
        GRE,
        DNS,
        DHCP,
        DHCP6,
        NTP,
        VXLAN,
};

/* Where the reading is. */
struct position {
        struct view view;
        enum layer_id layer;
};

static const struct field ethernet_fields[] = {
    {"eth.dst", STATION, 0, 6, 0, 0, 0},
    {"eth.src", STATION, 6, 6, 0, 0, 0},
    {"eth.type", HEX, 12, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field vlan_fields[] = {
    {"vlan.priority", NUMBER, 0, 2, 13, 7, 0},
    {"vlan.dei", FLAG, 0, 2, 12, 1, 0},
    {"vlan.id", NUMBER, 0, 2, 0, 0xfff, 0},
    {"vlan.etype", HEX, 2, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field mpls_fields[] = {
    {"mpls.label", NUMBER, 0, 4, 12, 0, 0}, {"mpls.exp", NUMBER, 0, 4, 9, 7, 0},
    {"mpls.bottom", FLAG, 0, 4, 8, 1, 0},   {"mpls.ttl", NUMBER, 3, 1, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field sll_fields[] = {
    {"sll.pkttype", NUMBER, 0, 2, 0, 0, 0}, {"sll.hatype", NUMBER, 2, 2, 0, 0, 0},
    {"sll.halen", NUMBER, 4, 2, 0, 0, 0},   {"sll.src.eth", STATION, 6, 6, 0, 0, 0},
    {"sll.etype", HEX, 14, 2, 0, 0, 0},     {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field sll2_fields[] = {
    {"sll.etype", HEX, 0, 2, 0, 0, 0},     {"sll.ifindex", NUMBER, 4, 4, 0, 0, 0},
    {"sll.hatype", NUMBER, 8, 2, 0, 0, 0}, {"sll.pkttype", NUMBER, 10, 1, 0, 0, 0},
    {"sll.halen", NUMBER, 11, 1, 0, 0, 0}, {"sll.src.eth", STATION, 12, 6, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field no_fields[] = {{NULL, NUMBER, 0, 0, 0, 0, 0}};

static const struct field arp_fields[] = {
    {"arp.hw.type", NUMBER, 0, 2, 0, 0, 0},       {"arp.proto.type", HEX, 2, 2, 0, 0, 0},
    {"arp.hw.size", NUMBER, 4, 1, 0, 0, 0},       {"arp.proto.size", NUMBER, 5, 1, 0, 0, 0},
    {"arp.opcode", NUMBER, 6, 2, 0, 0, 0},        {"arp.src.hw_mac", STATION, 8, 6, 0, 0, 0},
    {"arp.src.proto_ipv4", IPV4, 14, 4, 0, 0, 0}, {"arp.dst.hw_mac", STATION, 18, 6, 0, 0, 0},
    {"arp.dst.proto_ipv4", IPV4, 24, 4, 0, 0, 0}, {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field ip_fields[] = {
    {"ip.version", NUMBER, 0, 1, 4, 0, 0},
    {"ip.hdr_len", NUMBER, 0, 1, 0, 15, 4},
    {"ip.dsfield", HEX, 1, 1, 0, 0, 0},
    {"ip.len", NUMBER, 2, 2, 0, 0, 0},
    {"ip.id", HEX, 4, 2, 0, 0, 0},
    {"ip.flags.rb", FLAG, 6, 2, 15, 1, 0},
    {"ip.flags.df", FLAG, 6, 2, 14, 1, 0},
    {"ip.flags.mf", FLAG, 6, 2, 13, 1, 0},
    {"ip.frag_offset", NUMBER, 6, 2, 0, 0x1fff, 8},
    {"ip.ttl", NUMBER, 8, 1, 0, 0, 0},
    {"ip.proto", NUMBER, 9, 1, 0, 0, 0},
    {"ip.checksum", HEX, 10, 2, 0, 0, 0},
    {"ip.src", IPV4, 12, 4, 0, 0, 0},
    {"ip.dst", IPV4, 16, 4, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field ip6_fields[] = {
    {"ipv6.version", NUMBER, 0, 1, 4, 0, 0}, {"ipv6.tclass", HEX, 0, 2, 4, 0xff, 0},
    {"ipv6.flow", HEX, 0, 4, 0, 0xfffff, 0}, {"ipv6.plen", NUMBER, 4, 2, 0, 0, 0},
    {"ipv6.nxt", NUMBER, 6, 1, 0, 0, 0},     {"ipv6.hlim", NUMBER, 7, 1, 0, 0, 0},
    {"ipv6.src", IPV6, 8, 16, 0, 0, 0},      {"ipv6.dst", IPV6, 24, 16, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field fragment_fields[] = {
    {"ipv6.fraghdr.nxt", NUMBER, 0, 1, 0, 0, 0},
    {"ipv6.fraghdr.offset", NUMBER, 2, 2, 3, 0, 0},
    {"ipv6.fraghdr.more", FLAG, 2, 2, 0, 1, 0},
    {"ipv6.fraghdr.ident", HEX, 4, 4, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field tcp_fields[] = {
    {"tcp.srcport", NUMBER, 0, 2, 0, 0, 0},
    {"tcp.dstport", NUMBER, 2, 2, 0, 0, 0},
    {"tcp.seq_raw", NUMBER, 4, 4, 0, 0, 0},
    {"tcp.ack_raw", NUMBER, 8, 4, 0, 0, 0},
    {"tcp.hdr_len", NUMBER, 12, 1, 4, 0, 4},
    {"tcp.flags", HEX, 12, 2, 0, 0xfff, 0},
    {"tcp.flags.urg", FLAG, 13, 1, 5, 1, 0},
    {"tcp.flags.ack", FLAG, 13, 1, 4, 1, 0},
    {"tcp.flags.push", FLAG, 13, 1, 3, 1, 0},
    {"tcp.flags.reset", FLAG, 13, 1, 2, 1, 0},
    {"tcp.flags.syn", FLAG, 13, 1, 1, 1, 0},
    {"tcp.flags.fin", FLAG, 13, 1, 0, 1, 0},
    {"tcp.window_size_value", NUMBER, 14, 2, 0, 0, 0},
    {"tcp.checksum", HEX, 16, 2, 0, 0, 0},
    {"tcp.urgent_pointer", NUMBER, 18, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field udp_fields[] = {
    {"udp.srcport", NUMBER, 0, 2, 0, 0, 0}, {"udp.dstport", NUMBER, 2, 2, 0, 0, 0},
    {"udp.length", NUMBER, 4, 2, 0, 0, 0},  {"udp.checksum", HEX, 6, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field sctp_fields[] = {
    {"sctp.srcport", NUMBER, 0, 2, 0, 0, 0},
    {"sctp.dstport", NUMBER, 2, 2, 0, 0, 0},
    {"sctp.verification_tag", HEX, 4, 4, 0, 0, 0},
    {"sctp.checksum", HEX, 8, 4, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field icmp_fields[] = {
    {"icmp.type", NUMBER, 0, 1, 0, 0, 0},
    {"icmp.code", NUMBER, 1, 1, 0, 0, 0},
    {"icmp.checksum", HEX, 2, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field icmp6_fields[] = {
    {"icmpv6.type", NUMBER, 0, 1, 0, 0, 0},
    {"icmpv6.code", NUMBER, 1, 1, 0, 0, 0},
    {"icmpv6.checksum", HEX, 2, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field igmp_fields[] = {
    {"igmp.type", HEX, 0, 1, 0, 0, 0},
    {"igmp.checksum", HEX, 2, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field gre_fields[] = {
    {"gre.flags_and_version", HEX, 0, 2, 0, 0, 0},
    {"gre.proto", HEX, 2, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field dhcp_fields[] = {
    {"dhcp.type", NUMBER, 0, 1, 0, 0, 0},    {"dhcp.hw.type", HEX, 1, 1, 0, 0, 0},
    {"dhcp.hw.len", NUMBER, 2, 1, 0, 0, 0},  {"dhcp.hops", NUMBER, 3, 1, 0, 0, 0},
    {"dhcp.id", HEX, 4, 4, 0, 0, 0},         {"dhcp.secs", NUMBER, 8, 2, 0, 0, 0},
    {"dhcp.flags", HEX, 10, 2, 0, 0, 0},     {"dhcp.ip.client", IPV4, 12, 4, 0, 0, 0},
    {"dhcp.ip.your", IPV4, 16, 4, 0, 0, 0},  {"dhcp.ip.server", IPV4, 20, 4, 0, 0, 0},
    {"dhcp.ip.relay", IPV4, 24, 4, 0, 0, 0}, {"dhcp.hw.mac_addr", STATION, 28, 6, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field dhcp6_fields[] = {
    {"dhcpv6.msgtype", NUMBER, 0, 1, 0, 0, 0},
    {"dhcpv6.xid", HEX, 0, 4, 0, 0xffffff, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field ntp_fields[] = {
    {"ntp.flags", HEX, 0, 1, 0, 0, 0},       {"ntp.flags.li", NUMBER, 0, 1, 6, 0, 0},
    {"ntp.flags.vn", NUMBER, 0, 1, 3, 7, 0}, {"ntp.flags.mode", NUMBER, 0, 1, 0, 7, 0},
    {"ntp.stratum", NUMBER, 1, 1, 0, 0, 0},  {"ntp.ppoll", NUMBER, 2, 1, 0, 0, 0},
    {"ntp.refid", HEX, 12, 4, 0, 0, 0},      {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field dns_fields[] = {
    {"dns.id", HEX, 0, 2, 0, 0, 0},
    {"dns.flags.response", FLAG, 2, 2, 15, 1, 0},
    {"dns.flags.opcode", NUMBER, 2, 2, 11, 15, 0},
    {"dns.flags.rcode", NUMBER, 2, 2, 0, 15, 0},
    {"dns.count.queries", NUMBER, 4, 2, 0, 0, 0},
    {"dns.count.answers", NUMBER, 6, 2, 0, 0, 0},
    {"dns.count.auth_rr", NUMBER, 8, 2, 0, 0, 0},
    {"dns.count.add_rr", NUMBER, 10, 2, 0, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static const struct field vxlan_fields[] = {
    {"vxlan.flags", HEX, 0, 2, 0, 0, 0},
    {"vxlan.vni", NUMBER, 4, 4, 8, 0, 0},
    {NULL, NUMBER, 0, 0, 0, 0, 0},
};

static uint32_t read_number(const uint8_t *data, uint32_t size)
{
        uint32_t value = 0;

        for (uint32_t i = 0; i < size; i++)
                value = value << 8 | data[i];
        return value;
}

static enum layer_id by_ethertype(uint16_t type)
{
        switch (type) {
        case ETHERTYPE_IPV4: return IP;
        case ETHERTYPE_IPV6: return IP6;
        case ETHERTYPE_ARP:
        case 0x8035: return ARP;
        case 0x8847:
        case 0x8848: return MPLS;
        case 0x6558: return ETHERNET;
        default: return net_is_vlan(type) ? VLAN : NOTHING;
        }
}

static enum layer_id by_protocol(uint8_t protocol)
{
        switch (protocol) {
        case IPPROTO_ICMP: return ICMP;
        case IPPROTO_IGMP: return IGMP;
        case IPPROTO_IPIP: return IP;
        case IPPROTO_TCP: return TCP;
        case IPPROTO_UDP: return UDP;
        case IPPROTO_IPV6: return IP6;
        case IPPROTO_FRAGMENT: return FRAGMENT;
        case IPPROTO_GRE: return GRE;
        case IPPROTO_ICMPV6: return ICMP6;
        case IPPROTO_SCTP: return SCTP;
        default: return NOTHING;
        }
}

static enum layer_id by_version(struct view view)
{
        uint8_t version = has(view, 0, 1) ? view.data[0] >> 4 : 0;

        return version == 4 ? IP : version == 6 ? IP6 : NOTHING;
}

static enum layer_id by_port(struct view view)
{
        static const struct {
                uint16_t port;
                enum layer_id layer;
        } ports[] = {{53, DNS},    {5353, DNS},  {67, DHCP}, {68, DHCP},
                     {546, DHCP6}, {547, DHCP6}, {123, NTP}, {4789, VXLAN}};

        for (uint32_t at = 0; at < 4; at += 2)
                for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
                        if (ports[i].port == read_number(view.data + at, 2))
                                return ports[i].layer;
        return NOTHING;
}

/* Each finds what follows a header that is all there. */
typedef struct position next_finder(struct view view);

static struct position ethernet_next(struct view view)
{
        return (struct position){view_from(view, 14),
                                 by_ethertype((uint16_t)read_number(view.data + 12, 2))};
}

static struct position vlan_next(struct view view)
{
        return (struct position){view_from(view, 4),
                                 by_ethertype((uint16_t)read_number(view.data + 2, 2))};
}

static struct position mpls_next(struct view view)
{
        struct view inner = view_from(view, 4);

        return (struct position){inner, view.data[2] & 1 ? by_version(inner) : MPLS};
}

static struct position sll_next(struct view view)
{
        return (struct position){view_from(view, 16),
                                 by_ethertype((uint16_t)read_number(view.data + 14, 2))};
}

static struct position sll2_next(struct view view)
{
        return (struct position){view_from(view, 20),
                                 by_ethertype((uint16_t)read_number(view.data, 2))};
}

static struct position loopback_next(struct view view)
{
        struct view inner = view_from(view, 4);

        return (struct position){inner, by_version(inner)};
}

static struct position raw_next(struct view view)
{
        return (struct position){view, by_version(view)};
}

static struct position ip_next(struct view view)
{
        uint32_t header = (view.data[0] & 15) * 4u;
        bool later = (read_number(view.data + 6, 2) & 0x1fff) != 0;

        if (header < 20 || later)
                return (struct position){view, NOTHING};
        return (struct position){view_from(view, header), by_protocol(view.data[9])};
}

/* Behind the extension headers that are only skipped. */
static struct position behind_extensions(struct view view, uint8_t protocol)
{
        while (protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_DSTOPTS ||
               protocol == IPPROTO_ROUTING) {
                if (!has(view, 0, 2))
                        return (struct position){view, NOTHING};
                protocol = view.data[0];
                view = view_from(view, (view.data[1] + 1u) * 8);
        }
        return (struct position){view, by_protocol(protocol)};
}

static struct position ip6_next(struct view view)
{
        return behind_extensions(view_from(view, 40), view.data[6]);
}

static struct position fragment_next(struct view view)
{
        if (read_number(view.data + 2, 2) & ~7u)
                return (struct position){view, NOTHING};
        return behind_extensions(view_from(view, 8), view.data[0]);
}

static struct position udp_next(struct view view)
{
        return (struct position){view_from(view, 8), by_port(view)};
}

static struct position gre_next(struct view view)
{
        uint32_t flags = read_number(view.data, 2);
        uint32_t size =
            4 + (flags & 0x8000 ? 4u : 0) + (flags & 0x2000 ? 4u : 0) + (flags & 0x1000 ? 4u : 0);

        if (flags & 0x4007)
                return (struct position){view, NOTHING};
        return (struct position){view_from(view, size),
                                 by_ethertype((uint16_t)read_number(view.data + 2, 2))};
}

static struct position vxlan_next(struct view view)
{
        return (struct position){view_from(view, 8), ETHERNET};
}

static const struct layer {
        const char *name;
        const struct field *fields;
        uint32_t size; /* that must be there for `next` */
        next_finder *next;
} layers[] = {
    [ETHERNET] = {"eth", ethernet_fields, 14, ethernet_next},
    [VLAN] = {"vlan", vlan_fields, 4, vlan_next},
    [MPLS] = {"mpls", mpls_fields, 4, mpls_next},
    [SLL] = {"sll", sll_fields, 16, sll_next},
    [SLL2] = {"sll", sll2_fields, 20, sll2_next},
    [LOOPBACK] = {"null", no_fields, 4, loopback_next},
    [RAW] = {"raw", no_fields, 0, raw_next},
    [PPP] = {"ppp", no_fields, 4, NULL},
    [ARP] = {"arp", arp_fields, 28, NULL},
    [IP] = {"ip", ip_fields, 20, ip_next},
    [IP6] = {"ipv6", ip6_fields, 40, ip6_next},
    [FRAGMENT] = {"ipv6.fraghdr", fragment_fields, 8, fragment_next},
    [TCP] = {"tcp", tcp_fields, 20, NULL},
    [UDP] = {"udp", udp_fields, 8, udp_next},
    [SCTP] = {"sctp", sctp_fields, 12, NULL},
    [ICMP] = {"icmp", icmp_fields, 4, NULL},
    [ICMP6] = {"icmpv6", icmp6_fields, 4, NULL},
    [IGMP] = {"igmp", igmp_fields, 4, NULL},
    [GRE] = {"gre", gre_fields, 4, gre_next},
    [DNS] = {"dns", dns_fields, 12, NULL},
    [DHCP] = {"dhcp", dhcp_fields, 236, NULL},
    [DHCP6] = {"dhcpv6", dhcp6_fields, 4, NULL},
    [NTP] = {"ntp", ntp_fields, 48, NULL},
    [VXLAN] = {"vxlan", vxlan_fields, 8, vxlan_next},
};

static enum layer_id by_link_type(int link_type)
{
        switch (link_type) {
        case DLT_EN10MB: return ETHERNET;
        case DLT_LINUX_SLL: return SLL;
        case DLT_LINUX_SLL2: return SLL2;
        case DLT_NULL:
        case DLT_LOOP: return LOOPBACK;
        case DLT_RAW:
        case DLT_IPV4:
        case DLT_IPV6: return RAW;
        case DLT_PPP:
        case DLT_PPP_SERIAL: return PPP;
        default: return NOTHING;
        }
}

static void put_key(struct printer *printer, const char *name)
{
        put(printer, ",\"");
        put(printer, name);
        put(printer, "\":");
}

static void put_field(struct printer *printer, const struct field *field, const uint8_t *data)
{
        uint32_t value = field->size <= 4 ? read_number(data, field->size) >> field->shift : 0;

        if (field->mask)
                value &= field->mask;
        put_key(printer, field->name);
        switch (field->kind) {
        case NUMBER:
                put_decimal(printer, (uint64_t)value * (field->times ? field->times : 1));
                return;
        case FLAG: put(printer, value ? "true" : "false"); return;
        case HEX:
                put(printer, "\"0x");
                put_hex(printer, value, field->size * 2u);
                break;
        case IPV4:
                put_char(printer, '"');
                put_ipv4_numeric(printer, data);
                break;
        case IPV6:
                put_char(printer, '"');
                put_ipv6_numeric(printer, data);
                break;
        case STATION:
                put_char(printer, '"');
                put_ethernet(printer, data);
                break;
        }
        put_char(printer, '"');
}

static void layers_print(struct printer *printer, struct position position)
{
        put(printer, ",\"layers\":[");
        for (int i = 0; i < MAX_LAYERS && position.layer != NOTHING; i++) {
                const struct layer *layer = &layers[position.layer];

                put(printer, i > 0 ? ",{\"layer\":\"" : "{\"layer\":\"");
                put(printer, layer->name);
                put_char(printer, '"');
                for (const struct field *field = layer->fields; field->name; field++)
                        if (has(position.view, field->offset, field->size))
                                put_field(printer, field, position.view.data + field->offset);
                put_char(printer, '}');
                if (!layer->next || !has(position.view, 0, layer->size))
                        break;
                position = layer->next(position.view);
        }
        put_char(printer, ']');
}

/* A string, quoted; `offset` and not a pointer, as the text moves when it grows. */
static void put_string(struct printer *printer, const char *text, size_t length)
{
        static const char digits[] = "0123456789abcdef";
        char *start = output_room(printer, length * 6 + 2);
        char *at = start;

        *at++ = '"';
        for (size_t i = 0; i < length; i++) {
                unsigned char c = (unsigned char)text[i];

                if (c == '"' || c == '\\') {
                        *at++ = '\\';
                        *at++ = (char)c;
                } else if (c >= 0x20 && c < 0x7f) {
                        *at++ = (char)c;
                } else {
                        memcpy(at, "\\u00", 4);
                        at[4] = digits[c >> 4];
                        at[5] = digits[c & 15];
                        at += 6;
                }
        }
        *at++ = '"';
        printer->used += (size_t)(at - start);
}

size_t json_print(struct printer *printer, const struct print_packet *packet, size_t end)
{
        size_t start = printer->used;
        struct view view = {packet->data, packet->captured, packet->captured};

        put_labelled(printer, "{\"frame.number\":", printer->packets);
        /* A string: no number of JSON's usual readers has so many digits. */
        put_labelled(printer, ",\"frame.time_epoch\":\"", (uint64_t)packet->time.tv_sec);
        put_char(printer, '.');
        put_decimal_padded(printer, (uint64_t)packet->time.tv_nsec, 9);
        put_labelled(printer, "\",\"frame.len\":", packet->length);
        put_labelled(printer, ",\"frame.cap_len\":", packet->captured);
        if (printer->options.interface) {
                put_key(printer, "frame.interface_name");
                put_string(printer, printer->options.interface, strlen(printer->options.interface));
        }
        layers_print(printer, (struct position){view, by_link_type(printer->options.link_type)});
        put_key(printer, "text");
        output_room(printer, end * 6 + 8); /* before there is a pointer into it */
        put_string(printer, printer->text, end);
        put_char(printer, '}');
        return start;
}
