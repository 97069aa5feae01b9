/* OSPF version 3, for IPv6, RFC 5340: hellos, and with -vv the link states that routers
 * exchange. */
#include "ospf.h"

/* Types of link states, with their scope in front. */
enum state {
        ROUTER = 0x2001,
        NETWORK = 0x2002,
        PREFIX = 0x2003,
        EXTERNAL = 0x4005,
        LINK = 0x0008,
        INTRA_AREA = 0x2009,
        TRAFFIC = 0x000a, /* as tcpdump has it; RFC 5329 gives it the scope of an area */
        GRACE = 0x000b,
        NUMBER = 0x1fff, /* the type without its scope */
};

static const struct name option_names[] = {
    {0x01, "V6"},
    {0x02, "External"},
    {0x04, "Deprecated"},
    {0x08, "NSSA"},
    {0x10, "Router"},
    {0x20, "Demand Circuit"},
    {0x100, "AFs Support"},
    {0x200, "LLS"},
    {0x400, "Authentication Trailer"},
    {0, NULL},
};

static void put_options(struct printer *printer, const char *indent, uint32_t options)
{
        putf(printer, "\n\t%sOptions [", indent);
        put_flags(printer, option_names, ", ", options & 0xffffff);
        put_char(printer, ']');
}

/* Type and identity of a link state. */
static void put_state_type(struct printer *printer, struct packet packet)
{
        static const struct name states[] = {{1, "Router"},
                                             {2, "Network"},
                                             {3, "Inter-Area Prefix"},
                                             {4, "Inter-Area Router"},
                                             {5, "External"},
                                             {6, "Deprecated"},
                                             {7, "NSSA"},
                                             {8, "Link"},
                                             {9, "Intra-Area Prefix"},
                                             {10, "Intra-Area TE"},
                                             {11, "Grace"},
                                             {12, "Router Information"},
                                             {13, "Inter-AS-TE"},
                                             {14, "Layer 1 VPN"},
                                             {0, NULL}};
        static const char *const scopes[] = {"Link Local", "Area Local", "Domain Wide", "Unknown"};
        uint16_t type = get16(printer, packet, 2), number = type & NUMBER;

        need_hard(printer, packet, 4, 4);
        putf(printer, "\n\t    %s LSA (%u), %s Scope%s, LSA-ID ",
             name_or(states, number, "Unknown"), number, scopes[type >> 13 & 3],
             type & 0x8000 ? ", transitive" : "");
        put_ipv4_at(printer, packet, 4);
}

static void state_header_print(struct printer *printer, struct packet packet)
{
        need_hard(printer, packet, 0, OSPF_STATE_HEADER);
        put_ipv4_labelled(printer, "\n\t  Advertising Router ", packet, 8);
        /* A length below the header's own wraps, as in tcpdump. */
        putf(printer, ", seq 0x%08x, age %us, length %llu", get32(printer, packet, 12),
             get16(printer, packet, 0),
             (unsigned long long)get16(printer, packet, 18) - OSPF_STATE_HEADER);
        put_state_type(printer, packet);
}

static void router_print(struct printer *printer, struct packet packet)
{
        static const struct name flags[] = {
            {0x01, "ABR"},        {0x02, "External"},        {0x04, "Virtual-Link Endpoint"},
            {0x08, "Deprecated"}, {0x10, "NSSA Translator"}, {0, NULL}};
        static const struct name kinds[] = {{1, "Neighbor Router-ID"},
                                            {2, "Neighbor Network-ID"},
                                            {4, "Virtual Link: Neighbor Router-ID"},
                                            {0, NULL}};

        need_length(printer, packet, 4);
        put_options(printer, "      ", get32(printer, packet, 0));
        put_flag_list(printer, ", RLA-Flags [", flags, get8(printer, packet, 0));
        for (packet = packet_from(packet, 4); packet.length > 0; packet = packet_from(packet, 16)) {
                uint8_t kind;

                need_length(printer, packet, 16);
                need(printer, packet, 0, 16);
                kind = get8(printer, packet, 0);
                if (!name_find(kinds, kind)) {
                        putf(printer, "\n\t      Unknown Router Links Type 0x%02x", kind);
                        return;
                }
                putf(printer, "\n\t      %s ", name_find(kinds, kind));
                put_ipv4_at(printer, packet, 12);
                put_ipv4_labelled(printer, "\n\t      Neighbor Interface-ID ", packet, 8);
                put_ipv4_labelled(printer, ", Interface ", packet, 4);
                putf(printer, ", metric %u", get16(printer, packet, 2));
        }
}

static void network_print(struct printer *printer, struct packet packet)
{
        need_length(printer, packet, 4);
        put_options(printer, "      ", get32(printer, packet, 0));
        put(printer, "\n\t      Connected Routers:");
        for (packet = packet_from(packet, 4); packet.length > 0; packet = packet_from(packet, 4)) {
                need_length(printer, packet, 4);
                need_hard(printer, packet, 0, 4);
                put_ipv4_labelled(printer, "\n\t\t", packet, 0);
        }
}

/* Takes a prefix from the front: its length in bits, options, a metric or type, then as many words
 * as its bits need. Returns that metric. */
static uint16_t prefix_take(struct printer *printer, struct packet *packet)
{
        static const struct name options[] = {
            {1, "No Unicast"}, {2, "Local address"}, {4, "Deprecated"}, {8, "Propagate"},
            {16, "Down"},      {32, "N-bit"},        {0, NULL}};
        uint8_t prefix[16] = {0};
        uint32_t size;
        uint16_t metric;
        uint8_t bits;

        need_length(printer, *packet, 4);
        need(printer, *packet, 0, 4);
        bits = get8(printer, *packet, 0);
        size = (bits + 31u) / 32 * 4;
        if (size > 16) {
                put_damage(printer, " bogus prefixlen /%u", bits);
                printer_abandon_softly(printer);
        }
        need_length(printer, *packet, 4 + size);
        need_hard(printer, *packet, 4, size);
        memcpy(prefix, packet->data + 4, size);
        put(printer, "\n\t\t");
        put_ipv6(printer, prefix);
        putf(printer, "/%u", bits);
        if (get8(printer, *packet, 1))
                put_flag_list(printer, ", Options [", options, get8(printer, *packet, 1));
        metric = get16(printer, *packet, 2);
        putf(printer, ", metric %u", metric);
        *packet = packet_from(*packet, 4 + size);
        return metric;
}

static void external_print(struct printer *printer, struct packet packet)
{
        /* tcpdump looks for the type of metric in the first bit; it is the sixth. */
        enum { TYPE_2 = 0x80, FORWARDING = 2, TAG = 1 };
        static const struct name flag_names[] = {
            {TYPE_2, "External Type 2"}, {FORWARDING, "Forwarding"}, {TAG, "Tag"}, {0, NULL}};
        uint16_t referenced;
        uint8_t flags;

        need_length(printer, packet, 4);
        need_hard(printer, packet, 0, 4);
        flags = get8(printer, packet, 0);
        put_flag_list(printer, "\n\t     Flags [", flag_names, flags);
        putf(printer, " metric %u", get24(printer, packet, 1));
        need_length(printer, packet, 8);
        packet = packet_from(packet, 4);
        referenced = prefix_take(printer, &packet);
        if (flags & FORWARDING) {
                need_length(printer, packet, 16);
                need_hard(printer, packet, 0, 16);
                put_ipv6_labelled(printer, " forward ", packet, 0);
                packet = packet_from(packet, 16);
        }
        if (flags & TAG) {
                need_length(printer, packet, 4);
                need_hard(printer, packet, 0, 4);
                put_ipv4_labelled(printer, " tag ", packet, 0);
                packet = packet_from(packet, 4);
        }
        /* tcpdump looks at the first byte alone of the referenced link state's type. */
        if (referenced >> 8) {
                need_length(printer, packet, 4);
                need_hard(printer, packet, 0, 4);
                put_ipv4_labelled(printer, " RefLSID: ", packet, 0);
        }
}

static void link_print(struct printer *printer, struct packet packet)
{
        uint32_t count;

        need_length(printer, packet, 4);
        need(printer, packet, 0, 4);
        put_options(printer, "      ", get32(printer, packet, 0));
        need_length(printer, packet, 24);
        need_hard(printer, packet, 4, 20);
        count = get32(printer, packet, 20);
        putf(printer, "\n\t      Priority %u, Link-local address ", get8(printer, packet, 0));
        put_ipv6(printer, packet.data + 4);
        putf(printer, ", Prefixes %u:", count);
        packet = packet_from(packet, 24);
        while (count-- > 0)
                prefix_take(printer, &packet);
}

/* What is referenced, then prefixes. Of the length, tcpdump takes half of what is in front of
 * those, so they may reach behind the link state. */
static void intra_area_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 12, COUNTED = 6 };
        uint32_t length = packet.length, count;

        need_length(printer, packet, 4);
        need(printer, packet, 0, FIXED);
        put_state_type(printer, packet);
        need_length(printer, packet, COUNTED);
        count = get16(printer, packet, 0);
        putf(printer, "\n\t      Prefixes %u:", count);
        packet = packet_from(packet, FIXED);
        packet.length = length - COUNTED;
        while (count-- > 0)
                prefix_take(printer, &packet);
}

static void body_print(struct printer *printer, struct packet body, uint16_t type)
{
        struct packet packet = packet_cut(body, body.length);

        switch (type) {
        case ROUTER: router_print(printer, packet); break;
        case NETWORK: network_print(printer, packet); break;
        case PREFIX:
                need_length(printer, packet, 4);
                putf(printer, ", metric %u", get32(printer, packet, 0) & 0xffffff);
                packet = packet_from(packet, 4);
                while (packet.length > 0)
                        prefix_take(printer, &packet);
                break;
        case EXTERNAL: external_print(printer, packet); break;
        case LINK: link_print(printer, packet); break;
        case INTRA_AREA: intra_area_print(printer, body); break;
        case TRAFFIC:
                if (!ospf_te_print(printer, body))
                        printer_abandon_softly(printer);
                break;
        case GRACE:
                if (!ospf_grace_print(printer, body))
                        printer_abandon_softly(printer);
                break;
        default: dump_hex(printer, "\n\t      ", packet, packet.length);
        }
}

static void updates_print(struct printer *printer, struct packet packet)
{
        uint32_t count = get32(printer, packet, 0);

        packet = packet_from(packet, 4);
        while (count-- > 0 && packet.length > 0) {
                uint32_t size;

                need_length(printer, packet, OSPF_STATE_HEADER);
                state_header_print(printer, packet);
                size = get16(printer, packet, 18);
                if (size < OSPF_STATE_HEADER || size > packet.length)
                        printer_abandon_softly(printer);
                body_print(
                    printer,
                    packet_part(packet_from(packet, OSPF_STATE_HEADER), size - OSPF_STATE_HEADER),
                    get16(printer, packet, 2));
                packet = packet_from(packet, size);
        }
}

static void requests_print(struct printer *printer, struct packet packet)
{
        for (; packet.length > 0; packet = packet_from(packet, 12)) {
                need(printer, packet, 0, 12);
                put_ipv4_labelled(printer, "\n\t  Advertising Router ", packet, 8);
                put_state_type(printer, packet);
        }
}

static void state_headers_print(struct printer *printer, struct packet packet)
{
        for (; packet.length > 0; packet = packet_from(packet, OSPF_STATE_HEADER)) {
                need_length(printer, packet, OSPF_STATE_HEADER);
                state_header_print(printer, packet);
        }
}

static void hello_print(struct printer *printer, struct packet packet)
{
        put_options(printer, "", get32(printer, packet, 4));
        need_hard(printer, packet, 0, 12);
        putf(printer, "\n\t  Hello Timer %us, Dead Timer %us, Interface-ID ",
             get16(printer, packet, 8), get16(printer, packet, 10));
        put_ipv4_at(printer, packet, 0);
        putf(printer, ", Priority %u", get8(printer, packet, 4));
        ospf_routers_print(printer, packet, 12);
        if (printer->options.verbose > 1)
                ospf_neighbors_print(printer, packet_from(packet, 20));
}

static void description_print(struct printer *printer, struct packet packet)
{
        static const struct name flags[] = {
            {4, "Init"}, {2, "More"}, {1, "Master"}, {16, "IPv6 MTU"}, {0, NULL}};

        put_options(printer, "", get32(printer, packet, 0));
        need_hard(printer, packet, 7, 1);
        put_flag_list(printer, ", DD Flags [", flags, get8(printer, packet, 7));
        need_hard(printer, packet, 4, 8);
        putf(printer, ", MTU %u, DD-Sequence 0x%08x", get16(printer, packet, 4),
             get32(printer, packet, 8));
        if (printer->options.verbose > 1)
                state_headers_print(printer, packet_from(packet, 12));
}

void ospf_3_print(struct printer *printer, struct packet packet, uint8_t type)
{
        if (type == OSPF_HELLO)
                hello_print(printer, packet);
        else if (type == OSPF_DESCRIPTION)
                description_print(printer, packet);
        else if (printer->options.verbose < 2)
                return;
        else if (type == OSPF_REQUEST)
                requests_print(printer, packet);
        else if (type == OSPF_UPDATE)
                updates_print(printer, packet);
        else
                state_headers_print(printer, packet);
}
