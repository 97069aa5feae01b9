/* Names for what terms hold: which field of which header, metadata, or what is calculated of them;
 * and names for their values. The fields are those of the RFCs and of
 * https://www.tcpdump.org/linktypes.html. */
#include "field.h"
#include "cbpf/ir/symbolic_execution.h"
#include "net/protocols.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
        MAX_DEPTH = 5, /* of calculations that are written out */
        ARGUMENTS = 2, /* of calls (graph.h) */
        PLACES = CHAIN_OFFSET + 1,
};

static const char *const layer_names[LAYERS] = {
    [LAYER_ETHERNET] = "Ethernet",
    [LAYER_SLL] = "SLL",
    [LAYER_SLL2] = "SLL2",
    [LAYER_FAMILY] = "loopback",
    [LAYER_HDLC] = "PPP",
    [LAYER_PPP] = "PPP",
    [LAYER_PPP_ETHER] = "PPPoE",
    [LAYER_VLAN] = "VLAN",
    [LAYER_MPLS] = "MPLS",
    [LAYER_PPPOE] = "PPPoE",
    [LAYER_LLC] = "802.2",
    [LAYER_RAW] = "IP",
    [LAYER_IPV4] = "IPv4",
    [LAYER_IPV6] = "IPv6",
    [LAYER_FRAGMENT] = "IPv6 fragment",
    [LAYER_ARP] = "ARP",
    [LAYER_RARP] = "RARP",
    [LAYER_DECNET] = "DECnet",
    [LAYER_ISO] = "OSI",
    [LAYER_TRANSPORT] = "transport",
    [LAYER_TCP] = "TCP",
    [LAYER_UDP] = "UDP",
    [LAYER_SCTP] = "SCTP",
    [LAYER_ICMP] = "ICMP",
    [LAYER_IGMP] = "IGMP",
    [LAYER_ICMP6] = "ICMPv6",
    [LAYER_ESP] = "ESP",
    [LAYER_AH] = "AH",
    [LAYER_OTHER] = "payload",
};

/* The fields of each header. */
static const struct header_field {
        uint8_t layer, offset, size, value;
        const char *name;
        bool named_by_layer; /* the layer's name goes in front */
} header_fields[] = {
    {LAYER_ETHERNET, 0, 6, VALUE_MAC, "destination MAC", false},
    {LAYER_ETHERNET, 6, 6, VALUE_MAC, "source MAC", false},
    {LAYER_ETHERNET, 12, 2, VALUE_ETHERTYPE, "EtherType", false},

    {LAYER_SLL, 0, 2, VALUE_DIRECTION, "packet type", false},
    {LAYER_SLL, 2, 2, VALUE_NUMBER, "hardware type", false},
    {LAYER_SLL, 4, 2, VALUE_NUMBER, "link-layer address length", false},
    {LAYER_SLL, 6, 8, VALUE_MAC, "link-layer address", false},
    {LAYER_SLL, 14, 2, VALUE_ETHERTYPE, "EtherType", false},

    {LAYER_SLL2, 0, 2, VALUE_ETHERTYPE, "EtherType", false},
    {LAYER_SLL2, 4, 4, VALUE_NUMBER, "interface index", false},
    {LAYER_SLL2, 8, 2, VALUE_NUMBER, "hardware type", false},
    {LAYER_SLL2, 10, 1, VALUE_DIRECTION, "packet type", false},
    {LAYER_SLL2, 11, 1, VALUE_NUMBER, "link-layer address length", false},
    {LAYER_SLL2, 12, 8, VALUE_MAC, "link-layer address", false},

    {LAYER_FAMILY, 0, 4, VALUE_FAMILY, "address family", false},

    {LAYER_HDLC, 0, 1, VALUE_BITS, "address", true},
    {LAYER_HDLC, 1, 1, VALUE_BITS, "control field", true},
    {LAYER_PPP, 0, 2, VALUE_PPP_PROTOCOL, "protocol", true},

    {LAYER_VLAN, 0, 2, VALUE_TAG, "tag", true},
    {LAYER_VLAN, 2, 2, VALUE_ETHERTYPE, "EtherType behind the VLAN tag", false},

    {LAYER_MPLS, 0, 4, VALUE_LABEL, "header", true},

    {LAYER_PPPOE, 0, 1, VALUE_BITS, "version and type", true},
    {LAYER_PPPOE, 1, 1, VALUE_NUMBER, "code", true},
    {LAYER_PPPOE, 2, 2, VALUE_NUMBER, "session", true},
    {LAYER_PPPOE, 4, 2, VALUE_NUMBER, "length", true},

    {LAYER_LLC, 0, 1, VALUE_SAP, "DSAP", true},
    {LAYER_LLC, 1, 1, VALUE_SAP, "SSAP", true},
    {LAYER_LLC, 2, 1, VALUE_BITS, "control field", true},
    {LAYER_LLC, 3, 3, VALUE_BITS, "organization", true},
    {LAYER_LLC, 6, 2, VALUE_ETHERTYPE, "EtherType", true},

    {LAYER_RAW, 0, 1, VALUE_VERSION, "version and header length", true},

    {LAYER_IPV4, 0, 1, VALUE_VERSION, "version and header length", true},
    {LAYER_IPV4, 1, 1, VALUE_BITS, "type of service", true},
    {LAYER_IPV4, 2, 2, VALUE_NUMBER, "total length", true},
    {LAYER_IPV4, 4, 2, VALUE_NUMBER, "identification", true},
    {LAYER_IPV4, 6, 2, VALUE_FRAGMENT, "flags and fragment offset", true},
    {LAYER_IPV4, 8, 1, VALUE_NUMBER, "TTL", true},
    {LAYER_IPV4, 9, 1, VALUE_PROTOCOL, "protocol", true},
    {LAYER_IPV4, 10, 2, VALUE_BITS, "header checksum", true},
    {LAYER_IPV4, 12, 4, VALUE_IPV4, "source address", true},
    {LAYER_IPV4, 16, 4, VALUE_IPV4, "destination address", true},

    {LAYER_IPV6, 0, 4, VALUE_BITS, "version, traffic class and flow label", true},
    {LAYER_IPV6, 4, 2, VALUE_NUMBER, "payload length", true},
    {LAYER_IPV6, 6, 1, VALUE_PROTOCOL, "next header", true},
    {LAYER_IPV6, 7, 1, VALUE_NUMBER, "hop limit", true},
    {LAYER_IPV6, 8, 16, VALUE_IPV6, "source address", true},
    {LAYER_IPV6, 24, 16, VALUE_IPV6, "destination address", true},

    {LAYER_FRAGMENT, 0, 1, VALUE_PROTOCOL, "next header", true},
    {LAYER_FRAGMENT, 2, 2, VALUE_BITS, "offset and flags", true},
    {LAYER_FRAGMENT, 4, 4, VALUE_BITS, "identification", true},

    {LAYER_ARP, 0, 2, VALUE_NUMBER, "hardware type", true},
    {LAYER_ARP, 2, 2, VALUE_ETHERTYPE, "protocol type", true},
    {LAYER_ARP, 4, 1, VALUE_NUMBER, "hardware address length", true},
    {LAYER_ARP, 5, 1, VALUE_NUMBER, "protocol address length", true},
    {LAYER_ARP, 6, 2, VALUE_NUMBER, "operation", true},
    {LAYER_ARP, 8, 6, VALUE_MAC, "sender MAC", true},
    {LAYER_ARP, 14, 4, VALUE_IPV4, "sender address", true},
    {LAYER_ARP, 18, 6, VALUE_MAC, "target MAC", true},
    {LAYER_ARP, 24, 4, VALUE_IPV4, "target address", true},

    {LAYER_ISO, 0, 1, VALUE_BITS, "network protocol", true},
    {LAYER_ISO, 4, 1, VALUE_NUMBER, "IS-IS packet type", false},

    {LAYER_TRANSPORT, 0, 2, VALUE_NUMBER, "source port", true},
    {LAYER_TRANSPORT, 2, 2, VALUE_NUMBER, "destination port", true},

    {LAYER_TCP, 0, 2, VALUE_NUMBER, "source port", true},
    {LAYER_TCP, 2, 2, VALUE_NUMBER, "destination port", true},
    {LAYER_TCP, 4, 4, VALUE_NUMBER, "sequence number", true},
    {LAYER_TCP, 8, 4, VALUE_NUMBER, "acknowledgment number", true},
    {LAYER_TCP, 12, 1, VALUE_BITS, "header length (in the upper 4 bits)", true},
    {LAYER_TCP, 13, 1, VALUE_TCP_FLAGS, "flags", true},
    {LAYER_TCP, 14, 2, VALUE_NUMBER, "window", true},
    {LAYER_TCP, 16, 2, VALUE_BITS, "checksum", true},
    {LAYER_TCP, 18, 2, VALUE_NUMBER, "urgent pointer", true},

    {LAYER_UDP, 0, 2, VALUE_NUMBER, "source port", true},
    {LAYER_UDP, 2, 2, VALUE_NUMBER, "destination port", true},
    {LAYER_UDP, 4, 2, VALUE_NUMBER, "length", true},
    {LAYER_UDP, 6, 2, VALUE_BITS, "checksum", true},

    {LAYER_SCTP, 0, 2, VALUE_NUMBER, "source port", true},
    {LAYER_SCTP, 2, 2, VALUE_NUMBER, "destination port", true},
    {LAYER_SCTP, 4, 4, VALUE_BITS, "verification tag", true},
    {LAYER_SCTP, 8, 4, VALUE_BITS, "checksum", true},

    {LAYER_ICMP, 0, 1, VALUE_ICMP_TYPE, "type", true},
    {LAYER_ICMP, 1, 1, VALUE_NUMBER, "code", true},
    {LAYER_ICMP, 2, 2, VALUE_BITS, "checksum", true},
    {LAYER_IGMP, 0, 1, VALUE_BITS, "type", true},
    {LAYER_IGMP, 4, 4, VALUE_IPV4, "group address", true},
    {LAYER_ICMP6, 0, 1, VALUE_ICMP6_TYPE, "type", true},
    {LAYER_ICMP6, 1, 1, VALUE_NUMBER, "code", true},
    {LAYER_ICMP6, 2, 2, VALUE_BITS, "checksum", true},
};

/* What the kernel keeps beside the packet. */
static const struct {
        const char *name;
        uint8_t value;
} metadata[SKF_AD_MAX] = {
    [SKF_AD_PROTOCOL] = {"EtherType (metadata)", VALUE_ETHERTYPE},
    [SKF_AD_PKTTYPE] = {"packet type (metadata)", VALUE_DIRECTION},
    [SKF_AD_IFINDEX] = {"interface index (metadata)", VALUE_NUMBER},
    [SKF_AD_NLATTR] = {"a netlink attribute", VALUE_NUMBER},
    [SKF_AD_NLATTR_NEST] = {"a nested netlink attribute", VALUE_NUMBER},
    [SKF_AD_MARK] = {"mark (metadata)", VALUE_BITS},
    [SKF_AD_QUEUE] = {"receive queue (metadata)", VALUE_NUMBER},
    [SKF_AD_HATYPE] = {"hardware type (metadata)", VALUE_NUMBER},
    [SKF_AD_RXHASH] = {"flow hash (metadata)", VALUE_BITS},
    [SKF_AD_CPU] = {"processor number", VALUE_NUMBER},
    [SKF_AD_ALU_XOR_X] = {"A xor X", VALUE_BITS},
    [SKF_AD_VLAN_TAG] = {"VLAN tag (metadata)", VALUE_TAG},
    [SKF_AD_VLAN_TAG_PRESENT] = {"whether a VLAN tag is in the metadata", VALUE_PRESENT},
    [SKF_AD_PAY_OFFSET] = {"offset of the payload", VALUE_NUMBER},
    [SKF_AD_RANDOM] = {"a random number", VALUE_NUMBER},
    [SKF_AD_VLAN_TPID] = {"EtherType of the VLAN tag (metadata)", VALUE_ETHERTYPE},
};

struct named_value {
        uint8_t kind; /* enum value_kind */
        uint32_t value;
        const char *name;
};

static const struct named_value named_values[] = {
    {VALUE_ETHERTYPE, ETHERTYPE_IPV4, "IPv4"},
    {VALUE_ETHERTYPE, ETHERTYPE_ARP, "ARP"},
    {VALUE_ETHERTYPE, ETHERTYPE_MOPDL, "MOP download"},
    {VALUE_ETHERTYPE, ETHERTYPE_MOPRC, "MOP remote console"},
    {VALUE_ETHERTYPE, ETHERTYPE_DECNET, "DECnet"},
    {VALUE_ETHERTYPE, ETHERTYPE_LAT, "LAT"},
    {VALUE_ETHERTYPE, ETHERTYPE_SCA, "SCA"},
    {VALUE_ETHERTYPE, ETHERTYPE_RARP, "RARP"},
    {VALUE_ETHERTYPE, ETHERTYPE_ATALK, "AppleTalk"},
    {VALUE_ETHERTYPE, ETHERTYPE_AARP, "AppleTalk ARP"},
    {VALUE_ETHERTYPE, ETHERTYPE_VLAN, "VLAN"},
    {VALUE_ETHERTYPE, ETHERTYPE_PROVIDER_VLAN, "provider VLAN"},
    {VALUE_ETHERTYPE, ETHERTYPE_OLD_PROVIDER_VLAN, "old provider VLAN"},
    {VALUE_ETHERTYPE, ETHERTYPE_IPX, "IPX"},
    {VALUE_ETHERTYPE, ETHERTYPE_IPV6, "IPv6"},
    {VALUE_ETHERTYPE, ETHERTYPE_MPLS, "MPLS"},
    {VALUE_ETHERTYPE, ETHERTYPE_PPPOED, "PPPoE discovery"},
    {VALUE_ETHERTYPE, ETHERTYPE_PPPOES, "PPPoE session"},
    {VALUE_ETHERTYPE, 0x0842, "Wake-on-LAN"},
    {VALUE_ETHERTYPE, 0x8809, "slow protocols, such as LACP"},
    {VALUE_ETHERTYPE, 0x8848, "MPLS multicast"},
    {VALUE_ETHERTYPE, 0x888e, "EAPOL"},
    {VALUE_ETHERTYPE, 0x88cc, "LLDP"},
    {VALUE_ETHERTYPE, 0x88e5, "MACsec"},
    {VALUE_ETHERTYPE, 0x88f7, "PTP"},
    {VALUE_PPP_PROTOCOL, 0x21, "IPv4"},
    {VALUE_PPP_PROTOCOL, 0x57, "IPv6"},
    {VALUE_PPP_PROTOCOL, 0x23, "OSI"},
    {VALUE_PPP_PROTOCOL, 0x25, "Xerox NS"},
    {VALUE_PPP_PROTOCOL, 0x27, "DECnet"},
    {VALUE_PPP_PROTOCOL, 0x29, "AppleTalk"},
    {VALUE_PPP_PROTOCOL, 0x2b, "IPX"},
    {VALUE_PPP_PROTOCOL, 0x31, "bridging"},
    {VALUE_PPP_PROTOCOL, 0x281, "MPLS"},
    {VALUE_PROTOCOL, 0, "hop-by-hop options"},
    {VALUE_PROTOCOL, IPPROTO_ICMP, "ICMP"},
    {VALUE_PROTOCOL, IPPROTO_IGMP, "IGMP"},
    {VALUE_PROTOCOL, IPPROTO_TCP, "TCP"},
    {VALUE_PROTOCOL, IPPROTO_UDP, "UDP"},
    {VALUE_PROTOCOL, 9, "IGRP"},
    {VALUE_PROTOCOL, IPPROTO_ROUTING, "routing header"},
    {VALUE_PROTOCOL, IPPROTO_FRAGMENT, "fragment header"},
    {VALUE_PROTOCOL, IPPROTO_GRE, "GRE"},
    {VALUE_PROTOCOL, IPPROTO_ESP, "ESP"},
    {VALUE_PROTOCOL, IPPROTO_AH, "AH"},
    {VALUE_PROTOCOL, IPPROTO_ICMPV6, "ICMPv6"},
    {VALUE_PROTOCOL, IPPROTO_NONE, "no next header"},
    {VALUE_PROTOCOL, IPPROTO_DSTOPTS, "destination options"},
    {VALUE_PROTOCOL, IPPROTO_PIM, "PIM"},
    {VALUE_PROTOCOL, 112, "VRRP"},
    {VALUE_PROTOCOL, IPPROTO_SCTP, "SCTP"},
    {VALUE_FAMILY, AF_INET, "IPv4"},
    {VALUE_FAMILY, AF_INET6, "IPv6"},
    {VALUE_VERSION_ALONE, 0x40, "IPv4"},
    {VALUE_VERSION_ALONE, 0x60, "IPv6"},
    {VALUE_DIRECTION, 0, "to this host"},
    {VALUE_DIRECTION, 1, "broadcast"},
    {VALUE_DIRECTION, 2, "multicast"},
    {VALUE_DIRECTION, 3, "to another host"},
    {VALUE_DIRECTION, 4, "outgoing"},
    {VALUE_PRESENT, 1, "VLAN tag in the metadata"},
    {VALUE_ICMP_TYPE, 0, "echo reply"},
    {VALUE_ICMP_TYPE, 3, "unreachable"},
    {VALUE_ICMP_TYPE, 5, "redirect"},
    {VALUE_ICMP_TYPE, 8, "echo request"},
    {VALUE_ICMP_TYPE, 11, "time exceeded"},
    {VALUE_ICMP6_TYPE, 1, "unreachable"},
    {VALUE_ICMP6_TYPE, 2, "packet too big"},
    {VALUE_ICMP6_TYPE, 128, "echo request"},
    {VALUE_ICMP6_TYPE, 129, "echo reply"},
    {VALUE_ICMP6_TYPE, 133, "router solicitation"},
    {VALUE_ICMP6_TYPE, 134, "router advertisement"},
    {VALUE_ICMP6_TYPE, 135, "neighbor solicitation"},
    {VALUE_ICMP6_TYPE, 136, "neighbor advertisement"},
    {VALUE_SAP, 0x06, "IP"},
    {VALUE_SAP, 0x42, "spanning tree"},
    {VALUE_SAP, 0xaa, "SNAP"},
    {VALUE_SAP, 0xe0, "IPX"},
    {VALUE_SAP, 0xf0, "NetBEUI"},
    {VALUE_SAP, 0xfe, "OSI"},
    {VALUE_SAPS, 0xfefe, "OSI"},
    {VALUE_SAPS, 0x0606, "IP in 802.2"},
    {VALUE_SAPS, 0xf0f0, "NetBEUI"},
    {VALUE_SAPS, 0xffff, "IPX without 802.2"},
    {VALUE_SAPS, 0xaaaa, "SNAP"},
};

static const char *name_of_value(uint8_t kind, uint32_t value)
{
        if (kind == VALUE_HOST_FAMILY)
                return name_of_value(VALUE_FAMILY, htonl(value));
        for (size_t i = 0; i < sizeof named_values / sizeof *named_values; i++)
                if (named_values[i].kind == kind && named_values[i].value == value)
                        return named_values[i].name;
        return NULL;
}

/* --- Names --- */

struct namer {
        const struct scene *scene;
        const struct layers *layers;
};

__attribute__((format(printf, 2, 3))) static void set_name(struct field *field, const char *format,
                                                           ...)
{
        va_list arguments;
        int length;

        va_start(arguments, format);
        length = vsnprintf(field->name, sizeof field->name, format, arguments);
        va_end(arguments);
        /* A name that is cut could say something else. */
        if (length < 0 || (size_t)length >= sizeof field->name)
                strcpy(field->name, "a calculated number");
}

static void set_layer(struct field *field, const struct layer *layer)
{
        snprintf(field->layer, sizeof field->layer, "%s", layer_names[layer->kind]);
}

static unsigned bytes_of(unsigned size)
{
        return size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
}

/* "byte 4" or "bytes 4-5" */
static const char *bytes_text(char *text, size_t room, uint32_t offset, unsigned size)
{
        if (size == 1)
                snprintf(text, room, "byte %u", offset);
        else
                snprintf(text, room, "bytes %u-%u", offset, offset + size - 1);
        return text;
}

/* Names a part of the header field `whole`, from its byte `from` on. */
static void name_part(struct field *field, const struct header_field *whole, uint32_t from)
{
        char text[32];

        field->value =
            whole->value == VALUE_MAC || whole->value == VALUE_IPV6 ? whole->value : VALUE_BITS;
        if (whole->layer == LAYER_MPLS && field->size == 1 && from == 2) {
                set_name(field, "byte with the bottom-of-stack bit");
                return;
        }
        if (whole->value == VALUE_IPV4 && field->size == 1)
                field->value = VALUE_NUMBER; /* as between the dots */
        if (whole->value == VALUE_MAC && field->size == 1 && from == 0)
                field->value = VALUE_FIRST_MAC_BYTE;
        if (field->size == 1 && (from == 0 || from + 1 == whole->size)) {
                set_name(field, "%s, %s byte", whole->name, from ? "last" : "first");
                return;
        }
        if (from + field->size == whole->size && field->size > 1)
                set_name(field, "%s, last %u bytes", whole->name, field->size);
        else if (from == 0 && field->size > 1)
                set_name(field, "%s, first %u bytes", whole->name, field->size);
        else
                set_name(field, "%s, %s of %u", whole->name,
                         bytes_text(text, sizeof text, from, field->size), whole->size);
}

/* Names 4 bytes that filters load although they are parts of several fields. */
static bool name_across(struct field *field, uint8_t layer, uint32_t offset)
{
        static const struct {
                uint8_t layer, offset, value;
                const char *name;
        } parts[] = {
            {LAYER_PPPOE, 0, VALUE_PPPOE, "version, type, code and session"},
            {LAYER_LLC, 0, VALUE_BITS, "DSAP, SSAP, control field and organization's first byte"},
            {LAYER_LLC, 4, VALUE_BITS, "organization's last 2 bytes and EtherType"},
        };

        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
                if (parts[i].layer == layer && parts[i].offset == offset && field->size == 4) {
                        set_name(field, "%s", parts[i].name);
                        field->value = parts[i].value;
                        return true;
                }
        return false;
}

/* Names what is at `offset` in the header. */
static void name_in_header(struct field *field, const struct layer *layer, uint32_t offset)
{
        uint8_t kind = layer->kind == LAYER_RARP ? LAYER_ARP : layer->kind;
        uint32_t end = offset + field->size;
        const struct header_field *found[3] = {0};
        size_t count = 0;
        char text[32];

        for (size_t i = 0; i < sizeof header_fields / sizeof *header_fields; i++) {
                const struct header_field *at = &header_fields[i];

                if (at->layer == kind && at->offset < end && offset < at->offset + at->size &&
                    count < 3)
                        found[count++] = at;
        }
        field->value = VALUE_BITS;
        if (count == 1 && found[0]->offset <= offset && end <= found[0]->offset + found[0]->size) {
                if (found[0]->named_by_layer)
                        set_layer(field, layer);
                if (field->size == found[0]->size) {
                        set_name(field, "%s", found[0]->name);
                        field->value = found[0]->value;
                        return;
                }
                name_part(field, found[0], offset - found[0]->offset);
                if (layer->base != GRAPH_NONE)
                        return;
                field->whole = found[0]->name;
                field->whole_value = found[0]->value;
                field->whole_offset = layer->offset + found[0]->offset;
                field->whole_size = found[0]->size;
                return;
        }
        set_layer(field, layer);
        if (name_across(field, kind, offset))
                return;
        if (count == 2 && found[0]->offset == offset && found[1]->offset + found[1]->size == end) {
                set_name(field, "%s and %s", found[0]->name, found[1]->name);
                if (kind == LAYER_LLC && offset == 0)
                        field->value = VALUE_SAPS;
                return;
        }
        if (layer->kind == LAYER_TRANSPORT || layer->kind == LAYER_OTHER)
                *field->layer = '\0';
        set_name(field, "%s %s", bytes_text(text, sizeof text, offset, field->size),
                 layer->kind == LAYER_OTHER       ? "of the payload"
                 : layer->kind == LAYER_TRANSPORT ? "behind the IP header"
                                                  : "from the header's start");
}

/* The innermost header with this base that starts at `offset` or before. */
static const struct layer *find_layer(const struct namer *namer, uint32_t base, uint32_t offset)
{
        const struct layer *found = NULL;

        for (uint32_t i = 0; i < namer->layers->count; i++) {
                const struct layer *layer = &namer->layers->layers[i];

                if (layer->base == base && layer->offset <= offset &&
                    (!found || layer->offset >= found->offset))
                        found = layer;
        }
        return found;
}

/* The link header ends where nothing is known to follow. */
static bool is_behind(const struct layer *layer, uint32_t offset)
{
        static const uint8_t ends[LAYERS] = {
            [LAYER_ETHERNET] = 14, [LAYER_SLL] = 16,      [LAYER_SLL2] = 20, [LAYER_FAMILY] = 4,
            [LAYER_PPP] = 2,       [LAYER_PPP_ETHER] = 8, [LAYER_VLAN] = 4,  [LAYER_MPLS] = 4,
            [LAYER_PPPOE] = 6,     [LAYER_RAW] = 1,
        };

        return ends[layer->kind] && offset >= layer->offset + ends[layer->kind];
}

static void name_term(const struct namer *namer, struct field *field, uint32_t term,
                      unsigned depth);

static bool is_chain_offset(const struct graph *graph, uint32_t term)
{
        const struct term *at = &graph->terms[term];

        return at->kind == TERM_ARGUMENT && at->k >= ARGUMENTS && at->k < SYMBOLIC_UNIQUE &&
               (at->k - ARGUMENTS) % PLACES == CHAIN_OFFSET;
}

/* The first bytes of an extension header. */
static bool name_chained(const struct namer *namer, struct field *field, uint32_t base,
                         uint32_t offset)
{
        const struct graph *graph = namer->scene->graph;
        const struct layer *layer = find_layer(namer, GRAPH_NONE, offset);
        const struct term *at = &graph->terms[base];

        if (at->kind == TERM_OPERATION && at->code == BPF_ADD && graph_is_constant(graph, at->b)) {
                offset += graph->terms[at->b].k;
                base = at->a;
        }
        if (!layer || !is_chain_offset(graph, base) || field->size != 1)
                return false;
        if (offset == layer->offset) {
                set_name(field, "next header of the chained header");
                field->value = VALUE_PROTOCOL;
        } else if (offset == layer->offset + 1) {
                set_name(field, "length byte of the chained header");
                field->value = VALUE_NUMBER;
        } else {
                return false;
        }
        return true;
}

/* Names a load at a computed offset: `base` plus `offset`. */
static void name_indexed(const struct namer *namer, struct field *field, uint32_t base,
                         uint32_t offset, unsigned depth)
{
        const struct graph *graph = namer->scene->graph;
        const struct term *at = &graph->terms[base];
        const struct layer *layer = find_layer(namer, base, offset);
        uint32_t rest = base;
        struct field inner;
        const char *where;
        char text[32];

        if (layer) {
                name_in_header(field, layer, offset - layer->offset);
                if (layer->assumed)
                        field->aside = ", as if behind a tag";
                return;
        }
        if (name_chained(namer, field, base, offset))
                return;
        if (at->kind == TERM_OPERATION && at->code == BPF_ADD)
                for (int i = 0; i < 2 && !layer; i++) {
                        layer = find_layer(namer, i ? at->b : at->a, offset);
                        rest = i ? at->a : at->b;
                }
        if (!layer) {
                layer = find_layer(namer, GRAPH_NONE, offset);
                rest = base;
        }
        name_term(namer, &inner, rest, depth + 1);
        field->value = VALUE_BITS;
        snprintf(text, sizeof text, field->size == 1 ? "byte" : "%u bytes", field->size);
        where = layer && layer->offset == offset && layer->kind != LAYER_TRANSPORT &&
                        layer->kind != LAYER_OTHER
                    ? layer_names[layer->kind]
                    : NULL;
        if (where)
                set_name(field, "%s at offset %s%s%s from the %s header", text, inner.layer,
                         *inner.layer ? " " : "", inner.name, where);
        else
                set_name(field, "%s at offset %s%s%s + %u", text, inner.layer,
                         *inner.layer ? " " : "", inner.name, offset);
}

/* Names bytes of the packet that belong to no header that is known. */
static void name_bytes(const struct namer *namer, struct field *field, uint32_t offset)
{
        uint32_t type = layers_type_offset(namer->scene);
        char text[32];

        field->value = VALUE_BITS;
        /* Linux counts from other headers there. */
        if (offset >= (uint32_t)SKF_NET_OFF && offset < (uint32_t)SKF_AD_OFF) {
                bytes_text(text, sizeof text, offset - (uint32_t)SKF_NET_OFF, field->size);
                set_name(field, "%s from the network header", text);
                return;
        }
        if (offset >= (uint32_t)SKF_LL_OFF && offset < (uint32_t)SKF_NET_OFF) {
                bytes_text(text, sizeof text, offset - (uint32_t)SKF_LL_OFF, field->size);
                set_name(field, "%s from the link header", text);
                return;
        }
        bytes_text(text, sizeof text, offset, field->size);
        if (namer->scene->asks_tags && type != GRAPH_NONE && namer->layers->count == 1 &&
            offset == type + 4 && field->size == 2)
                set_name(field, "%s, where a tag would have put the EtherType", text);
        else
                set_name(field, "%s of the packet", text);
}

/* Names bytes that are loaded before it is asked what they belong to. */
static bool name_if(const struct namer *namer, struct field *field, uint32_t offset)
{
        static const struct {
                uint16_t type;
                const char *aside;
        } conditions[] = {
            {ETHERTYPE_IPV4, ", if it is IPv4"},
            {ETHERTYPE_IPV6, ", if it is IPv6"},
            {ETHERTYPE_ARP, ", if it is ARP"},
            {ETHERTYPE_RARP, ", if it is RARP"},
        };
        const struct scene *scene = namer->scene;
        uint32_t type_offset = layers_type_offset(scene), type;
        struct knowledge knowledge = {.count = 0};
        struct layers layers;
        struct namer other = {scene, &layers};
        const struct layer *layer;

        if (type_offset == GRAPH_NONE || scene->only_type == 0 || namer->layers->count > 1 ||
            scene->asks_tags)
                return false;
        type = graph_load(scene->graph, BPF_H, GRAPH_NONE, type_offset);
        knowledge_add(&knowledge, scene->graph, type, scene->only_type, scene->only_type);
        layers_find(&layers, scene, &knowledge);
        layer = find_layer(&other, GRAPH_NONE, offset);
        if (!layer || layer->offset < type_offset + 2 || offset > INT32_MAX)
                return false;
        name_in_header(field, layer, offset - layer->offset);
        for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
                if (conditions[i].type == scene->only_type)
                        field->aside = conditions[i].aside;
        return true;
}

/* Metadata that may differ each time has a base that is there to make it another term. */
static bool is_absolute(const struct graph *graph, const struct term *load)
{
        return load->a == GRAPH_NONE || (graph->terms[load->a].kind == TERM_ARGUMENT &&
                                         graph->terms[load->a].k >= SYMBOLIC_UNIQUE);
}

/* Tells a tag behind another from that. */
static void number_tag(const struct namer *namer, struct field *field, const struct layer *layer)
{
        static const char *const ordinals[] = {"second", "third", "further"};
        size_t before = 0;

        for (uint32_t i = 0; i < namer->layers->count; i++)
                before += namer->layers->layers[i].kind == LAYER_VLAN &&
                          namer->layers->layers[i].base == GRAPH_NONE &&
                          namer->layers->layers[i].offset < layer->offset;
        if (before == 0)
                return;
        before = before < 3 ? before : 3;
        if (field->value == VALUE_ETHERTYPE)
                set_name(field, "EtherType behind the %s VLAN tag", ordinals[before - 1]);
        else
                snprintf(field->layer, sizeof field->layer, "%s %s", ordinals[before - 1],
                         layer_names[LAYER_VLAN]);
}

static void name_load(const struct namer *namer, struct field *field, const struct term *load,
                      unsigned depth)
{
        uint32_t ancillary = load->k - (uint32_t)SKF_AD_OFF;
        const struct layer *layer;

        field->size = (uint8_t)bytes_of(load->code);
        if (load->k >= (uint32_t)SKF_AD_OFF && ancillary < SKF_AD_MAX && metadata[ancillary].name &&
            is_absolute(namer->scene->graph, load)) {
                set_name(field, "%s", metadata[ancillary].name);
                field->value = metadata[ancillary].value;
                return;
        }
        if (load->a != GRAPH_NONE) {
                name_indexed(namer, field, load->a, load->k, depth);
                return;
        }
        layer = find_layer(namer, GRAPH_NONE, load->k);
        if (!layer || is_behind(layer, load->k) || load->k > INT32_MAX) {
                if (!name_if(namer, field, load->k))
                        name_bytes(namer, field, load->k);
                return;
        }
        name_in_header(field, layer, load->k - layer->offset);
        if (layer->kind == LAYER_VLAN)
                number_tag(namer, field, layer);
        if (field->value == VALUE_FAMILY && namer->scene->link_type == DLT_NULL)
                field->value = VALUE_HOST_FAMILY;
        if (layer->assumed)
                field->aside = ", as if behind a tag";
}

static bool is_header_length(const struct namer *namer, struct field *field, uint32_t term)
{
        const struct layer *layer;
        uint32_t offset;

        if (!graph_is_header_length(namer->scene->graph, term, &offset))
                return false;
        layer = find_layer(namer, GRAPH_NONE, offset);
        field->value = VALUE_NUMBER;
        if (layer && layer->kind == LAYER_IPV4 && layer->offset == offset) {
                snprintf(field->layer, sizeof field->layer, "IPv4");
                set_name(field, "header length");
                if (layer->assumed)
                        field->aside = ", as if behind a tag";
                return true;
        }
        set_name(field, "4 * the lower 4 bits of byte %u", offset);
        return true;
}

/* (tcp[12] & 0xf0) >> 2 and the like */
static bool is_data_offset(const struct namer *namer, struct field *field, uint32_t term)
{
        const struct graph *graph = namer->scene->graph;
        const struct term *shift = &graph->terms[term], *mask;
        struct field byte;

        if (shift->code != BPF_RSH || !graph_is_constant(graph, shift->b) ||
            graph->terms[shift->b].k != 2)
                return false;
        mask = &graph->terms[shift->a];
        if (mask->kind != TERM_OPERATION || mask->code != BPF_AND ||
            !graph_is_constant(graph, mask->b) || graph->terms[mask->b].k != 0xf0 ||
            graph->terms[mask->a].kind != TERM_LOAD)
                return false;
        byte = *field;
        name_load(namer, &byte, &graph->terms[mask->a], 0);
        if (strcmp(byte.layer, "TCP") != 0 || strncmp(byte.name, "header length", 13) != 0)
                return false;
        snprintf(field->layer, sizeof field->layer, "TCP");
        set_name(field, "header length");
        return true;
}

static const char *operator_text(unsigned operation)
{
        switch (operation) {
        case BPF_ADD: return "+";
        case BPF_SUB: return "-";
        case BPF_MUL: return "*";
        case BPF_DIV: return "/";
        case BPF_MOD: return "%";
        case BPF_AND: return "&";
        case BPF_OR: return "|";
        case BPF_XOR: return "^";
        case BPF_LSH: return "<<";
        case BPF_RSH: return ">>";
        default: return "?";
        }
}

/* Whether values of a part of the bits are written like values of all. */
static bool has_masks(uint8_t kind)
{
        return kind == VALUE_IPV4 || kind == VALUE_IPV6 || kind == VALUE_MAC ||
               kind == VALUE_TCP_FLAGS;
}

/* A field of which only the bits of `mask` are left. */
static void name_masked(struct field *field, uint32_t mask)
{
        field->mask = mask;
        switch (field->value) {
        case VALUE_VERSION:
                if (mask == 0xf0) {
                        strcpy(field->name, "version");
                        field->value = VALUE_VERSION_ALONE;
                        return;
                }
                break;
        case VALUE_FRAGMENT:
                if (mask == 0x1fff) {
                        strcpy(field->name, "fragment offset");
                        field->value = VALUE_NUMBER;
                        return;
                }
                break;
        case VALUE_TAG:
                if (mask == 0xfff) {
                        strcpy(field->name, strstr(field->name, "metadata")
                                                ? "VLAN number (metadata)"
                                                : "number");
                        field->value = VALUE_VLAN;
                        return;
                }
                break;
        case VALUE_PPPOE:
                if (mask == 0xffff) {
                        strcpy(field->name, "session");
                        field->value = VALUE_NUMBER;
                        return;
                }
                break;
        case VALUE_LABEL:
                if (mask == 0xfffff000) {
                        strcpy(field->name, "label");
                        return;
                }
                break;
        }
        field->plain = strlen(field->name);
        if (field->plain + 16 < sizeof field->name)
                sprintf(field->name + field->plain, " & 0x%x", mask);
        if (!has_masks(field->value))
                field->value = VALUE_BITS;
}

static void name_operation(const struct namer *namer, struct field *field, uint32_t term,
                           unsigned depth)
{
        const struct graph *graph = namer->scene->graph;
        const struct term *at = &graph->terms[term];
        struct field left, right;

        if (is_header_length(namer, field, term) || is_data_offset(namer, field, term))
                return;
        if (at->code == BPF_AND && graph_is_constant(graph, at->b) &&
            graph->terms[at->a].kind == TERM_LOAD) {
                name_load(namer, field, &graph->terms[at->a], depth);
                name_masked(field, graph->terms[at->b].k);
                if (depth > 0 && strstr(field->name, " & ")) {
                        left = *field;
                        *field->layer = '\0';
                        set_name(field, "(%s%s%s)", left.layer, *left.layer ? " " : "", left.name);
                }
                return;
        }
        name_term(namer, &left, at->a, depth + 1);
        if (at->code == BPF_NEG) {
                set_name(field, "-(%s%s%s)", left.layer, *left.layer ? " " : "", left.name);
                return;
        }
        name_term(namer, &right, at->b, depth + 1);
        if (at->code == BPF_ADD && graph_is_constant(graph, at->b) &&
            graph->terms[at->b].k > INT32_MAX) {
                set_name(field, "%s%s%s - %u", left.layer, *left.layer ? " " : "", left.name,
                         -graph->terms[at->b].k);
                return;
        }
        set_name(field, depth > 0 ? "(%s%s%s %s %s%s%s)" : "%s%s%s %s %s%s%s", left.layer,
                 *left.layer ? " " : "", left.name, operator_text(at->code), right.layer,
                 *right.layer ? " " : "", right.name);
}

uint32_t field_varying(struct graph *graph, uint32_t at, uint32_t place)
{
        return graph_argument(graph, ARGUMENTS + at * PLACES + place);
}

static void name_varying(struct field *field, uint32_t k)
{
        uint32_t place = (k - ARGUMENTS) % PLACES, at = (k - ARGUMENTS) / PLACES;

        if (place == CHAIN_PROTOCOL) {
                set_name(field, "next header in the chain");
                field->value = VALUE_PROTOCOL;
        } else if (place == CHAIN_OFFSET) {
                set_name(field, "offset of the chained header");
        } else if (place < BPF_MEMWORDS)
                set_name(field, "what M[%u] held at (%03u)", place, at);
        else
                set_name(field, "what %c held at (%03u)", place == BPF_MEMWORDS ? 'A' : 'X', at);
}

static void name_term(const struct namer *namer, struct field *field, uint32_t term, unsigned depth)
{
        const struct term *at = &namer->scene->graph->terms[term];

        *field = (struct field){.aside = "", .size = 4, .mask = UINT32_MAX};
        if (depth > MAX_DEPTH) {
                set_name(field, "a calculated number");
                return;
        }
        switch (at->kind) {
        case TERM_CONSTANT: set_name(field, at->k < 0x10000 ? "%u" : "0x%x", at->k); break;
        case TERM_LENGTH: set_name(field, "packet length"); break;
        case TERM_LOAD: name_load(namer, field, at, depth); break;
        case TERM_OPERATION: name_operation(namer, field, term, depth); break;
        default: name_varying(field, at->k);
        }
}

void field_name(struct field *field, const struct scene *scene, const struct layers *layers,
                uint32_t term)
{
        struct namer namer = {scene, layers};

        name_term(&namer, field, term, 0);
        /* On a cooked socket the link header of 20 bytes is counted, though it is not there. */
        if (strcmp(field->name, "packet length + 20") == 0 && scene->live &&
            scene->link_type == DLT_LINUX_SLL2)
                set_name(field, "packet length, with the link header");
}

/* --- Values --- */

static const char *const tcp_flags[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

/* "SYN", "SYN, ACK", "SYN or ACK" */
static void write_flags(char *text, size_t room, uint32_t flags, const char *between)
{
        size_t length = 0;

        *text = '\0';
        for (int i = 0; i < 8 && length < room; i++)
                if (flags >> i & 1)
                        length += (size_t)snprintf(text + length, room - length, "%s%s",
                                                   length ? between : "", tcp_flags[i]);
        if (flags == 0)
                snprintf(text, room, "none");
}

static void write_bytes(char *text, size_t room, uint32_t value, unsigned size)
{
        size_t length = 0;

        for (unsigned i = size; i-- > 0 && length < room;)
                length += (size_t)snprintf(text + length, room - length, "%02x%s",
                                           value >> 8 * i & 0xff, i ? ":" : "");
}

void field_value(char *text, size_t room, const struct field *field, uint32_t value)
{
        struct in_addr in = {htonl(value)};
        const char *name = name_of_value(field->value, value);

        switch (field->value) {
        case VALUE_IPV4: inet_ntop(AF_INET, &in, text, (socklen_t)room); return;
        case VALUE_MAC: write_bytes(text, room, value, field->size); return;
        case VALUE_IPV6:
                if (field->size == 4)
                        snprintf(text, room, "%x:%x", value >> 16, value & 0xffff);
                else
                        snprintf(text, room, "0x%x", value);
                return;
        case VALUE_TCP_FLAGS: write_flags(text, room, value, ", "); return;
        case VALUE_LABEL: snprintf(text, room, "%u", value >> 12); return;
        case VALUE_ICMP_TYPE:
        case VALUE_ICMP6_TYPE:
                if (name)
                        snprintf(text, room, "%u (%s)", value, name);
                else
                        snprintf(text, room, "%u", value);
                return;
        case VALUE_SAP:
        case VALUE_SAPS:
                if (name)
                        snprintf(text, room, "0x%x (%s)", value, name);
                else
                        snprintf(text, room, "0x%x", value);
                return;
        case VALUE_ETHERTYPE:
        case VALUE_PPP_PROTOCOL:
                if (name)
                        snprintf(text, room, "%s", name);
                else
                        snprintf(text, room, "0x%04x", value);
                return;
        case VALUE_BITS:
        case VALUE_PPPOE:
        case VALUE_TAG:
        case VALUE_FRAGMENT:
        case VALUE_VERSION:
        case VALUE_FIRST_MAC_BYTE: snprintf(text, room, "0x%x", value); return;
        }
        if (name)
                snprintf(text, room, "%s", name);
        else
                snprintf(text, room, field->size == 4 && value > 0xffffff ? "0x%x" : "%u", value);
}

/* A prefix length, or -1 if the mask is none. */
static int prefix_of(uint32_t mask)
{
        int bits = 0;

        while (bits < 32 && mask >> (31 - bits) & 1)
                bits++;
        return bits == 32 || mask << bits == 0 ? bits : -1;
}

/* Replaces the name where a question has words of its own. */
__attribute__((format(printf, 2, 3))) static void ask(struct field *field, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(field->name, sizeof field->name, format, arguments);
        va_end(arguments);
        *field->layer = '\0';
}

static void question_equal(struct field *field, uint32_t value, const char *text, char *rest,
                           size_t room)
{
        int prefix = prefix_of(field->mask);
        char mask[64];

        /* The question has words of its own for the mask. */
        if (has_masks(field->value) && field->plain)
                field->name[field->plain] = '\0';
        switch (field->value) {
        case VALUE_ETHERTYPE:
        case VALUE_PPP_PROTOCOL:
        case VALUE_PROTOCOL:
        case VALUE_FAMILY:
        case VALUE_HOST_FAMILY:
        case VALUE_VERSION_ALONE:
        case VALUE_PRESENT:
                if (name_of_value(field->value, value) && !strstr(field->name, "protocol type")) {
                        ask(field, "%s", text);
                        snprintf(rest, room, "?");
                        return;
                }
                break;
        case VALUE_DIRECTION: ask(field, "packet type"); break;
        case VALUE_IPV4:
        case VALUE_IPV6:
                if (field->mask == UINT32_MAX)
                        break;
                if (prefix >= 0)
                        snprintf(rest, room, " in %s/%d?", text, prefix);
                else
                        snprintf(rest, room, " & 0x%08x is %s?", field->mask, text);
                return;
        case VALUE_MAC:
                if (field->mask != UINT32_MAX) {
                        snprintf(rest, room, " & 0x%x is %s?", field->mask, text);
                        return;
                }
                break;
        case VALUE_TCP_FLAGS:
                if (field->mask == UINT32_MAX)
                        break;
                write_flags(mask, sizeof mask, field->mask & 0xff, ", ");
                snprintf(rest, room, ", of %s: %s?", mask, value ? text : "none");
                return;
        }
        snprintf(rest, room, "%s %s?", strpbrk(field->name, ",()") ? ":" : "", text);
}

static void question_bits(struct field *field, uint32_t bits, char *rest, size_t room)
{
        char text[64];

        switch (field->value) {
        case VALUE_FRAGMENT:
                if (bits == 0x1fff) {
                        ask(field, "a later fragment (IPv4 fragment offset above 0)");
                        snprintf(rest, room, "?");
                        return;
                }
                break;
        case VALUE_TCP_FLAGS:
                if (field->mask == UINT32_MAX && bits < 0x100) {
                        write_flags(text, sizeof text, bits, " or ");
                        snprintf(rest, room, ": %s set?", text);
                        return;
                }
                break;
        case VALUE_FIRST_MAC_BYTE:
                if (bits == 1) {
                        char *comma = strchr(field->name, ',');

                        if (comma)
                                *comma = '\0';
                        snprintf(rest, room, " a group's (multicast or broadcast)?");
                        return;
                }
                break;
        }
        if ((bits & (bits - 1)) == 0)
                snprintf(rest, room, ": bit 0x%x set?", bits);
        else
                snprintf(rest, room, ": any bit of 0x%x set?", bits);
}

/* A value that others are compared with needs its number, as names have no order. */
static void number_text(char *text, size_t room, const struct field *field, uint32_t value)
{
        const char *name = name_of_value(field->value, value);
        bool type = field->value == VALUE_ETHERTYPE || field->value == VALUE_PPP_PROTOCOL;

        if (type)
                snprintf(text, room, name ? "0x%04x (%s)" : "0x%04x", value, name);
        else if (name)
                snprintf(text, room, "%u (%s)", value, name);
}

/* The header begins with the label: some comparisons of all of it are ones of the label. */
static void ask_label(struct field *field, unsigned jump, uint32_t value)
{
        if ((jump == BPF_JGE && (value & 0xfff) == 0) ||
            (jump == BPF_JGT && (value & 0xfff) == 0xfff))
                strcpy(field->name, "label");
        else
                field->value = VALUE_BITS;
}

/* IP's first byte begins with the version: the same of it. */
static bool ask_version(struct field *field, unsigned jump, uint32_t value, char *rest, size_t room)
{
        if (field->value != VALUE_VERSION || jump != BPF_JGE || (value & 0xf) != 0)
                return false;
        ask(field, "IP version");
        snprintf(rest, room, " at least %u?", value >> 4);
        return true;
}

void field_question(struct field *field, unsigned jump, uint32_t value, char *rest, size_t room)
{
        char text[64];

        if (field->value == VALUE_LABEL && field->mask == UINT32_MAX)
                ask_label(field, jump, value);
        if (ask_version(field, jump, value, rest, room))
                return;
        field_value(text, sizeof text, field, value);
        if (jump == BPF_JGT || jump == BPF_JGE)
                number_text(text, sizeof text, field, value);
        switch (jump) {
        case BPF_JEQ: question_equal(field, value, text, rest, room); break;
        case BPF_JGT:
                if (field->value == VALUE_ETHERTYPE && value == ETHERNET_MAX_LENGTH)
                        snprintf(rest, room, " above 1500 (so it is no 802.3 length)?");
                else
                        snprintf(rest, room, " above %s?", text);
                break;
        case BPF_JGE:
                if (field->value == VALUE_ETHERTYPE && value == ETHERNET_MAX_LENGTH + 1)
                        snprintf(rest, room, " above 1500 (so it is no 802.3 length)?");
                else
                        snprintf(rest, room, " at least %s?", text);
                break;
        default: question_bits(field, value, rest, room); break;
        }
}
