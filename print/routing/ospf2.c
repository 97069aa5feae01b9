/* OSPF version 2, RFC 2328: hellos, and the link states that routers exchange. */
#include "ospf.h"

enum state {
        ROUTER = 1,
        NETWORK,
        SUMMARY,
        BOUNDARY,
        EXTERNAL,
        MULTICAST,
        NSSA,
        OPAQUE_LINK = 9,
        OPAQUE_AREA,
        OPAQUE_DOMAIN
};

enum opaque { TRAFFIC = 1, GRACE = 3, INFORMATION = 4 };

static const struct name option_names[] = {
    {0x01, "MultiTopology"}, {0x02, "External"}, {0x04, "Multicast"},
    {0x08, "NSSA"},          {0x10, "LLS"},      {0x20, "Demand Circuit"},
    {0x40, "Opaque"},        {0x80, "Up/Down"},  {0, NULL},
};

static const struct name states[] = {
    {ROUTER, "Router"},
    {NETWORK, "Network"},
    {SUMMARY, "Summary"},
    {BOUNDARY, "ASBR Summary"},
    {EXTERNAL, "External"},
    {MULTICAST, "Multicast Group"},
    {NSSA, "NSSA"},
    {OPAQUE_LINK, "Link Local Opaque"},
    {OPAQUE_AREA, "Area Local Opaque"},
    {OPAQUE_DOMAIN, "Domain Wide Opaque"},
    {0, NULL},
};

static const struct name opaques[] = {{TRAFFIC, "Traffic Engineering"},
                                      {GRACE, "Graceful restart"},
                                      {INFORMATION, "Router Information"},
                                      {0, NULL}};

static bool is_opaque(uint32_t type)
{
        return type >= OPAQUE_LINK && type <= OPAQUE_DOMAIN;
}

/* RFC 4915. */
static void put_topology(struct printer *printer, uint32_t topology)
{
        static const struct name names[] = {
            {0, "default"}, {1, "multicast"}, {2, "management"}, {0, NULL}};

        putf(printer, "\n\t\ttopology %s (%u)", name_or(names, topology, "Unknown"), topology);
}

/* A link of a router, with a metric for each topology. Returns its size; 0 if its type is unknown.
 */
static uint32_t link_print(struct printer *printer, struct packet packet)
{
        enum { STUB = 3, SIZE = 12 };
        static const struct name kinds[] = {{1, "Neighbor Router-ID"},
                                            {2, "Neighbor Network-ID"},
                                            {STUB, "Stub Network"},
                                            {4, "Virtual Link: Neighbor Router-ID"},
                                            {0, NULL}};
        uint32_t more;
        uint8_t kind;

        need_hard(printer, packet, 0, SIZE);
        kind = get8(printer, packet, 8);
        more = get8(printer, packet, 9);
        if (!name_find(kinds, kind)) {
                putf(printer, "\n\t      Unknown Router Link Type (%u)", kind);
                return 0;
        }
        putf(printer, "\n\t      %s: ", name_find(kinds, kind));
        put_ipv4_at(printer, packet, 0);
        put_ipv4_labelled(printer, kind == STUB ? ", Mask: " : ", Interface Address: ", packet, 4);
        put_topology(printer, 0);
        putf(printer, ", metric %u", get16(printer, packet, 10));
        for (uint32_t i = 1; i <= more; i++) {
                uint32_t at = SIZE + 4 * (i - 1);

                need_hard(printer, packet, at, 4);
                put_topology(printer, get8(printer, packet, at));
                putf(printer, ", metric %u", get16(printer, packet, at + 2));
        }
        return SIZE + more * 4;
}

/* False if the type of a link is unknown. */
static bool router_print(struct printer *printer, struct packet packet)
{
        static const struct name flags[] = {{0x01, "ABR"},      {0x02, "ASBR"}, {0x04, "Virtual"},
                                            {0x08, "Wildcard"}, {0x10, "Nt"},   {0x80, "Host"},
                                            {0, NULL}};
        uint32_t count;

        put_flag_list(printer, "\n\t    Router LSA Options: [", flags, get8(printer, packet, 0));
        count = get16(printer, packet, 2);
        packet = packet_from(packet, 4);
        need_hard(printer, packet, 0, 12);
        while (count-- > 0) {
                uint32_t size = link_print(printer, packet);

                if (size == 0)
                        return false;
                packet = packet_from(packet, size);
        }
        return true;
}

static void put_mask(struct printer *printer, struct packet packet)
{
        need_hard(printer, packet, 0, 4);
        put_ipv4_labelled(printer, "\n\t    Mask ", packet, 0);
}

/* Metrics, one for each topology, in the lower three bytes. */
static void metrics_print(struct printer *printer, struct packet packet)
{
        for (; packet.length > 0; packet = packet_from(packet, 4)) {
                uint32_t value = get32(printer, packet, 0);

                put_topology(printer, value >> 24 & 0x7f);
                putf(printer, " metric %u", value & 0xffffff);
        }
}

static void external_print(struct printer *printer, struct packet packet)
{
        enum { SECOND_TYPE = 0x80000000, UNREACHABLE = 0xffffff };

        put_mask(printer, packet);
        need_hard(printer, packet, 4, 4);
        for (packet = packet_from(packet, 4); packet.length > 0; packet = packet_from(packet, 12)) {
                uint32_t value = get32(printer, packet, 0);

                put_topology(printer, value >> 24 & 0x7f);
                putf(printer, ", type %u, metric", value & SECOND_TYPE ? 2 : 1);
                if ((value & 0xffffff) == UNREACHABLE)
                        put(printer, " infinite");
                else
                        putf(printer, " %u", value & 0xffffff);
                put_ipv4_unless_zero(printer, ", forward ", packet, 4);
                put_ipv4_unless_zero(printer, ", tag ", packet, 8);
        }
}

static void multicast_print(struct printer *printer, struct packet packet)
{
        for (; packet.length > 0; packet = packet_from(packet, 8)) {
                uint32_t kind = get32(printer, packet, 0);

                if (kind != 1 && kind != 2) {
                        putf(printer, "\n\t    unknown VertexType (%u)", kind);
                        continue;
                }
                need_hard(printer, packet, 4, 4);
                put_ipv4_labelled(printer,
                                  kind == 1 ? "\n\t    Router Router-ID "
                                            : "\n\t    Network Designated Router ",
                                  packet, 4);
        }
}

/* RFC 7770, 2.4, with its bits in the wrong order, as tcpdump has them. */
static void put_capabilities(struct printer *printer, uint32_t bits)
{
        static const struct name names[] = {{0x001, "Reserved"},
                                            {0x002, "Reserved"},
                                            {0x004, "Reserved"},
                                            {0x008, "Reserved"},
                                            {0x010, "graceful restart capable"},
                                            {0x020, "graceful restart helper"},
                                            {0x040, "Stub router support"},
                                            {0x080, "Traffic engineering"},
                                            {0x100, "p2p over LAN"},
                                            {0x200, "path computation server"},
                                            {0, NULL}};

        put(printer, "Capabilities: ");
        if (bits & 0x3ff)
                put_flags(printer, names, ", ", bits);
        else
                put(printer, "Unknown");
}

/* What a router can do, RFC 7770. tcpdump does not know of the padding. False if nothing can
 * follow. */
static bool information_print(struct printer *printer, struct packet packet)
{
        enum { CAPABILITIES = 1 };

        while (packet.length > 0) {
                uint16_t type;
                uint32_t size;

                need_hard(printer, packet, 0, 4);
                if (packet.length < 4) {
                        putf(printer, "\n\t    Remaining LS length %u < 4", packet.length);
                        return false;
                }
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                packet = packet_from(packet, 4);
                putf(printer, "\n\t    %s TLV (%u), length: %u, value: ",
                     type == CAPABILITIES ? "Router Capabilities" : "unknown", type, size);
                if (size > packet.length) {
                        putf(printer, "\n\t    Bogus length %u > remaining LS length %u", size,
                             packet.length);
                        return false;
                }
                need_hard(printer, packet, 0, size);
                if (type == CAPABILITIES && size != 4) {
                        putf(printer, "\n\t    Bogus length %u != 4", size);
                        return false;
                }
                if (type == CAPABILITIES)
                        put_capabilities(printer, get32(printer, packet, 0));
                else if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t      ", packet, size);
                packet = packet_from(packet, size);
        }
        return true;
}

/* False if nothing can follow. */
static bool opaque_print(struct printer *printer, struct packet packet, uint8_t type)
{
        if (type == TRAFFIC) {
                return ospf_te_print(printer, packet);
        } else if (type == GRACE) {
                return ospf_grace_print(printer, packet);
        } else if (type == INFORMATION) {
                return information_print(printer, packet);
        } else if (printer->options.verbose < 2) {
                dump_hex(printer, "\n\t    ", packet, packet.length);
        }
        return true;
}

/* Which link state of its type. `colon` follows the words in a request. */
static void identity_print(struct printer *printer, struct packet packet, uint32_t type,
                           const char *colon)
{
        uint8_t opaque = get8(printer, packet, 4);

        if (is_opaque(type))
                putf(printer, "Opaque-Type%s %s LSA (%u), Opaque-ID%s %u", colon,
                     name_or(opaques, opaque, "unknown"), opaque, colon, get24(printer, packet, 5));
        else
                put_ipv4_labelled(printer, "LSA-ID: ", packet, 4);
}

/* Returns the length in the header; 0 if that is invalid. */
static uint32_t state_header_print(struct printer *printer, struct packet packet)
{
        uint32_t size;
        uint8_t type;

        need_hard(printer, packet, 18, 2);
        size = get16(printer, packet, 18);
        if (size < OSPF_STATE_HEADER) {
                putf(printer, "\n\t    Bogus length %u < header (%u)", size, OSPF_STATE_HEADER);
                return 0;
        }
        put_ipv4_labelled(printer, "\n\t  Advertising Router ", packet, 8);
        putf(printer, ", seq 0x%08x, age %us, length %u", get32(printer, packet, 12),
             get16(printer, packet, 0), size - OSPF_STATE_HEADER);
        type = get8(printer, packet, 3);
        putf(printer, "\n\t    %s LSA (%u), ", name_or(states, type, "unknown"), type);
        identity_print(printer, packet, type, "");
        put_flag_list(printer, "\n\t    Options: [", option_names, get8(printer, packet, 2));
        return size;
}

static void state_headers_print(struct printer *printer, struct packet packet)
{
        for (; packet.length > 0; packet = packet_from(packet, OSPF_STATE_HEADER))
                if (state_header_print(printer, packet) == 0)
                        return;
}

static uint32_t state_print(struct printer *printer, struct packet packet)
{
        uint32_t size = state_header_print(printer, packet);
        struct packet rest = packet_from(packet, OSPF_STATE_HEADER);
        /* The counts in a router LSA may run past its length; the others are bounded by it. */
        struct packet body = {rest.data, rest.captured, size - OSPF_STATE_HEADER};
        uint8_t type = get8(printer, packet, 3);

        if (size == 0)
                return 0;
        switch (type) {
        case ROUTER:
                if (!router_print(printer, rest))
                        return size;
                break;
        case NETWORK:
                put_mask(printer, body);
                put(printer, "\n\t    Connected Routers:");
                for (uint32_t at = 4; at < body.length; at += 4) {
                        need_hard(printer, body, at, 4);
                        put_ipv4_labelled(printer, "\n\t      ", body, at);
                }
                break;
        case SUMMARY:
                put_mask(printer, body);
                need_hard(printer, body, 4, 4);
                metrics_print(printer, packet_from(body, 4));
                break;
        case BOUNDARY:
                need_hard(printer, body, 0, 8);
                metrics_print(printer, packet_from(body, 4));
                break;
        case EXTERNAL:
        case NSSA: external_print(printer, body); break;
        case MULTICAST: multicast_print(printer, body); break;
        case OPAQUE_LINK:
        case OPAQUE_AREA:
        case OPAQUE_DOMAIN:
                if (!opaque_print(printer, body, get8(printer, packet, 4)))
                        return size;
                break;
        }
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t    ", body, body.length);
        return size;
}

static void hello_print(struct printer *printer, struct packet packet)
{
        put_flag_list(printer, "\n\tOptions [", option_names, get8(printer, packet, 6));
        need_hard(printer, packet, 0, 12);
        putf(printer, "\n\t  Hello Timer %us, Dead Timer %us, Mask ", get16(printer, packet, 4),
             get32(printer, packet, 8));
        put_ipv4_at(printer, packet, 0);
        putf(printer, ", Priority %u", get8(printer, packet, 7));
        ospf_routers_print(printer, packet, 12);
        if (packet.length > 20)
                ospf_neighbors_print(printer, packet_from(packet, 20));
}

static void description_print(struct printer *printer, struct packet packet)
{
        static const struct name flags[] = {
            {4, "Init"}, {2, "More"}, {1, "Master"}, {8, "OOBResync"}, {0, NULL}};

        put_flag_list(printer, "\n\tOptions [", option_names, get8(printer, packet, 2));
        need_hard(printer, packet, 3, 1);
        put_flag_list(printer, ", DD Flags [", flags, get8(printer, packet, 3));
        if (get16(printer, packet, 0))
                putf(printer, ", MTU: %u", get16(printer, packet, 0));
        putf(printer, ", Sequence: 0x%08x", get32(printer, packet, 4));
        state_headers_print(printer, packet_from(packet, 8));
}

static void requests_print(struct printer *printer, struct packet packet)
{
        for (; packet.length > 0; packet = packet_from(packet, 12)) {
                uint32_t type;

                need_hard(printer, packet, 0, 12);
                type = get32(printer, packet, 0);
                put_ipv4_labelled(printer, "\n\t  Advertising Router: ", packet, 8);
                putf(printer, ", %s LSA (%u), ", name_or(states, type, "unknown"), type);
                identity_print(printer, packet, type, ":");
        }
}

static void update_print(struct printer *printer, struct packet packet)
{
        uint32_t count = get32(printer, packet, 0);

        putf(printer, ", %u LSA%s", count, count == 1 ? "" : "s");
        packet = packet_from(packet, 4);
        for (uint32_t i = 1; i <= count; i++) {
                uint32_t size;

                putf(printer, "\n\t  LSA #%u", i);
                size = state_print(printer, packet);
                if (size == 0)
                        printer_abandon_short(printer);
                packet = packet_from(packet, size);
        }
}

void ospf_2_print(struct printer *printer, struct packet packet, uint8_t type)
{
        switch (type) {
        case OSPF_HELLO: hello_print(printer, packet); break;
        case OSPF_DESCRIPTION: description_print(printer, packet); break;
        case OSPF_REQUEST: requests_print(printer, packet); break;
        case OSPF_UPDATE: update_print(printer, packet); break;
        case OSPF_ACKNOWLEDGMENT:
                /* tcpdump does not check for the end, and runs into it. */
                for (;; packet = packet_from(packet, OSPF_STATE_HEADER))
                        if (state_header_print(printer, packet) == 0)
                                return;
        }
}
