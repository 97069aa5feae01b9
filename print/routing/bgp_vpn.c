/* The routes of BGP's address families: plain prefixes, RFC 4271, and those of virtual private
 * networks, RFC 4364, 4684, 4761, 6037 and 6514. */
#include "bgp.h"

void bgp_put_nsap(struct printer *printer, const uint8_t *address, uint32_t size)
{
        enum { MOST = 20 };

        if (size < 1 || size > MOST) {
                put_damage(printer, "isonsap_string: illegal length");
                return;
        }
        for (uint32_t i = 0; i < size; i++) {
                put_hex(printer, address[i], 2);
                if (i % 2 == 0 && i + 1 < size)
                        put_char(printer, '.');
        }
}

void bgp_put_prefix(struct printer *printer, struct packet packet, uint32_t offset, uint32_t bits,
                    uint32_t width)
{
        uint8_t address[16] = {0};
        uint32_t octets = (bits + 7) / 8;

        for (uint32_t i = 0; i < octets; i++)
                address[i] = get8(printer, packet, offset + i);
        if (bits % 8 != 0)
                address[octets - 1] &= (uint8_t)(0xff00 >> bits % 8);
        if (width == 32)
                put_ipv4(printer, address);
        else
                put_ipv6(printer, address);
        putf(printer, "/%u", bits);
}

void bgp_put_label(struct printer *printer, struct packet packet, uint32_t offset)
{
        uint32_t label = get24(printer, packet, offset);

        putf(printer, ", label:%u %s", label >> 4,
             label & 1 ? "(bottom)" : "(BOGUS: Bottom of Stack NOT set!)");
}

/* ---- Plain prefixes ---- */

/* Whether routes with `extra` bytes before each would fit, and in `*zero` whether one is the
 * default route. Those that are not captured fit. */
static bool prefixes_fit(struct packet packet, uint32_t width, uint32_t extra, bool *zero)
{
        uint32_t at = 0;

        *zero = false;
        while (at < packet.length) {
                at += extra;
                if (!has(packet, at, 1))
                        break;
                if (packet.data[at] > width)
                        return false;
                *zero |= packet.data[at] == 0;
                at += 1 + (packet.data[at] + 7u) / 8;
        }
        return at <= packet.length;
}

/* There are identifiers if the routes make sense with them, but not without: a default route has no
 * reason to stand beside others. */
bool bgp_has_path_ids(struct packet packet, uint32_t width)
{
        bool zero;

        if (packet.length < 5 || !prefixes_fit(packet, width, 4, &zero))
                return false;
        return !prefixes_fit(packet, width, 0, &zero) || zero;
}

enum bgp_route bgp_prefix_print(struct printer *printer, struct packet packet, uint32_t width,
                                bool path_id, const char *indent, uint32_t *size)
{
        uint32_t at = path_id ? 4 : 0;
        uint32_t bits, octets;

        if (path_id)
                need_hard(printer, packet, 0, at);
        if (!has(packet, at, 1))
                return BGP_ROUTE_CUT;
        if (packet.length < at + 1)
                return BGP_ROUTE_LONG;
        bits = get8(printer, packet, at);
        if (bits > width)
                return BGP_ROUTE_INVALID;
        octets = (bits + 7) / 8;
        *size = at + 1 + octets;
        if (*size > packet.length)
                return BGP_ROUTE_LONG;
        need_hard(printer, packet, 0, *size);
        put(printer, indent);
        bgp_put_prefix(printer, packet, at + 1, bits, width);
        if (path_id)
                putf(printer, "   Path Id: %u", get32(printer, packet, 0));
        return BGP_ROUTE_SHOWN;
}

/* ---- Of virtual private networks ---- */

/* A label, a route distinguisher and a prefix of at most `most` bits. `*bits` are the prefix's. */
static enum bgp_route vpn_check(struct printer *printer, struct packet packet, uint32_t most,
                                uint32_t *bits, uint32_t *size)
{
        enum { BITS = 24 + 64 };

        need_hard(printer, packet, 0, 1);
        *bits = get8(printer, packet, 0);
        if (*bits < BITS || *bits - BITS > most)
                return BGP_ROUTE_INVALID;
        *bits -= BITS;
        *size = 1 + BITS / 8 + (*bits + 7) / 8;
        need_hard(printer, packet, 0, *size);
        return BGP_ROUTE_SHOWN;
}

static void put_route_start(struct printer *printer, struct packet packet, uint32_t offset)
{
        put(printer, "\n\t      RD: ");
        put_route_distinguisher(printer, packet, offset);
        put(printer, ", ");
}

static enum bgp_route vpn_print(struct printer *printer, struct packet packet, uint32_t width,
                                uint32_t *size)
{
        uint32_t bits;
        enum bgp_route result = vpn_check(printer, packet, width, &bits, size);

        if (result != BGP_ROUTE_SHOWN)
                return result;
        put_route_start(printer, packet, 4);
        bgp_put_prefix(printer, packet, 12, bits, width);
        bgp_put_label(printer, packet, 1);
        return BGP_ROUTE_SHOWN;
}

enum bgp_route bgp_vpn4_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        return vpn_print(printer, packet, 32, size);
}

enum bgp_route bgp_vpn6_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        return vpn_print(printer, packet, 128, size);
}

enum bgp_route bgp_vpn_nsap_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        enum { MOST = 152 };
        uint8_t address[20];
        uint32_t bits, octets;
        enum bgp_route result = vpn_check(printer, packet, MOST, &bits, size);

        if (result != BGP_ROUTE_SHOWN)
                return result;
        octets = (bits + 7) / 8;
        for (uint32_t i = 0; i < octets; i++)
                address[i] = get8(printer, packet, 12 + i);
        if (bits % 8 != 0)
                address[octets - 1] &= (uint8_t)(0xff00 >> bits % 8);
        put_route_start(printer, packet, 4);
        bgp_put_nsap(printer, address, octets);
        putf(printer, "/%u", bits);
        bgp_put_label(printer, packet, 1);
        return BGP_ROUTE_SHOWN;
}

/* ---- Route targets, RFC 4684 ---- */

static void put_target_hex(struct printer *printer, const uint8_t target[8], uint32_t bits)
{
        for (uint32_t i = 0; i < (bits + 7) / 8; i++)
                putf(printer, "%s%02x", i > 0 && i % 2 == 0 ? " " : "", target[i]);
}

static void put_target(struct printer *printer, const uint8_t bytes[8], uint32_t bits)
{
        struct packet target = {bytes, 8, 8};
        uint16_t type = get16(printer, target, 0);

        if (bits == 0) {
                put(printer, ", route-target: 0:0/0");
                return;
        }
        if (bits < 16) {
                put(printer, ", route-target: partial-type: (");
                put_target_hex(printer, bytes, bits);
                putf(printer, "/%u)", bits);
                return;
        }
        switch (type) {
        case 0x0002:
                putf(printer, ", route-target: %u:%u", get16(printer, target, 2),
                     get32(printer, target, 4));
                break;
        case 0x0102:
                put(printer, ", route-target: ");
                put_ipv4_numeric(printer, bytes + 2);
                putf(printer, ":%u", get16(printer, target, 6));
                break;
        case 0x0202:
                put(printer, ", route-target: ");
                put_autonomous_system(printer, get32(printer, target, 2));
                putf(printer, ":%u", get16(printer, target, 6));
                break;
        default:
                putf(printer, ", route target: unknown-type(%04x) (", type);
                put_target_hex(printer, bytes, bits);
                putf(printer, "/%u)", bits);
                return;
        }
        putf(printer, "/%u (", bits);
        put_target_hex(printer, bytes, bits);
        put_char(printer, ')');
}

enum bgp_route bgp_target_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        enum { ORIGIN = 32, MOST = 64 };
        uint8_t target[8] = {0};
        uint32_t bits, octets;

        need_hard(printer, packet, 0, 1);
        bits = get8(printer, packet, 0);
        if (bits == 0) {
                put(printer, "\n\t      default route target");
                *size = 1;
                return BGP_ROUTE_SHOWN;
        }
        if (bits < ORIGIN)
                return BGP_ROUTE_INVALID;
        need_hard(printer, packet, 1, 4);
        if (bits - ORIGIN > MOST)
                return BGP_ROUTE_INVALID;
        bits -= ORIGIN;
        octets = (bits + 7) / 8;
        *size = 5 + octets;
        need_hard(printer, packet, 0, *size);
        for (uint32_t i = 0; i < octets; i++)
                target[i] = get8(printer, packet, 5 + i);
        if (bits % 8 != 0)
                target[octets - 1] &= (uint8_t)(0xff00 >> bits % 8);
        put(printer, "\n\t      origin AS: ");
        put_autonomous_system(printer, get32(printer, packet, 1));
        put_target(printer, target, bits);
        return BGP_ROUTE_SHOWN;
}

/* ---- Multicast, RFC 6514, and its predecessor of RFC 6037 ---- */

static void put_multicast_address(struct printer *printer, struct packet packet, uint32_t bits)
{
        if (bits == 32)
                put_ipv4_at(printer, packet, 0);
        else if (bits == 128)
                put_ipv6_at(printer, packet, 0);
        else
                put_damage(printer, "bogus address length %u", bits);
}

/* A source and a group, each after its length. Returns the bytes of what was there. */
static uint32_t source_group_print(struct printer *printer, struct packet packet)
{
        static const char *const titles[] = {", Source ", ", Group "};
        uint32_t at = 0;

        for (int i = 0; i < 2; i++) {
                uint32_t bits;

                bits = get8(printer, packet, at);
                if (!has(packet, at + 1, bits / 8))
                        return at;
                if (bits > 0) {
                        put(printer, titles[i]);
                        put_multicast_address(printer, packet_from(packet, at + 1), bits);
                }
                at += 1 + bits / 8;
        }
        return at;
}

enum bgp_route bgp_multicast_vpn_print(struct printer *printer, struct packet packet,
                                       uint32_t *size)
{
        enum { INTRA = 1, INTER, SELECTIVE, LEAF, ACTIVE, SHARED_JOIN, SOURCE_JOIN };
        static const struct name types[] = {{INTRA, "Intra-AS I-PMSI"},
                                            {INTER, "Inter-AS I-PMSI"},
                                            {SELECTIVE, "S-PMSI"},
                                            {LEAF, "Intra-AS Segment-Leaf"},
                                            {ACTIVE, "Source-Active"},
                                            {SHARED_JOIN, "Shared Tree Join"},
                                            {SOURCE_JOIN, "Source Tree Join"},
                                            {0, NULL}};
        size_t start = printer->text.length;
        uint32_t length, least;
        uint8_t type;

        need_hard(printer, packet, 0, 2);
        type = packet.data[0];
        length = packet.data[1];
        *size = 2 + length;
        packet = packet_from(packet, 2);
        least = type == INTER || type == SHARED_JOIN || type == SOURCE_JOIN ? BGP_DISTINGUISHER + 4
                : type == LEAF || !name_find(types, type)                   ? 0
                                                                            : BGP_DISTINGUISHER;
        if (!has(packet, 0, least))
                return BGP_ROUTE_CUT;
        putf(printer, "\n\t      Route-Type: %s (%u), length: %u", name_or(types, type, "Unknown"),
             type, length);
        if (least == 0)
                return BGP_ROUTE_SHOWN;
        printer->withdraw = start;
        put(printer, ", RD: ");
        put_route_distinguisher(printer, packet, 0);
        packet = packet_from(packet, BGP_DISTINGUISHER);
        if (least > BGP_DISTINGUISHER) {
                put(printer, ", Source-AS ");
                put_autonomous_system(printer, get32(printer, packet, 0));
                packet = packet_from(packet, 4);
        }
        switch (type) {
        case INTRA:
                put(printer, ", Originator ");
                put_multicast_address(printer, packet, (length - BGP_DISTINGUISHER) << 3);
                break;
        case SELECTIVE: {
                /* tcpdump looks for the originator where the source is. */
                uint32_t rest = length - source_group_print(printer, packet);

                if (!has(packet, 0, rest)) {
                        output_take_back(printer, start);
                        return BGP_ROUTE_CUT;
                }
                put(printer, ", Originator ");
                put_multicast_address(printer, packet, rest << 3);
                break;
        }
        case ACTIVE:
        case SHARED_JOIN:
        case SOURCE_JOIN: source_group_print(printer, packet); break;
        }
        printer->withdraw = SIZE_MAX;
        return BGP_ROUTE_SHOWN;
}

enum bgp_route bgp_mdt_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        enum { BITS = 128 };

        need_hard(printer, packet, 0, 1);
        if (get8(printer, packet, 0) != BITS)
                return BGP_ROUTE_INVALID;
        *size = 1 + BITS / 8;
        if (!has(packet, 1, BGP_DISTINGUISHER))
                return BGP_ROUTE_CUT;
        need_hard(printer, packet, 0, *size);
        put_route_start(printer, packet, 1);
        put_ipv4_labelled(printer, "VPN IP Address: ", packet, 9);
        put_ipv4_labelled(printer, ", MC Group Address: ", packet, 13);
        return BGP_ROUTE_SHOWN;
}

/* ---- Layer 2, RFC 4761 ---- */

/* What follows a block of labels. tcpdump does not count the TLVs' headers, nor step over values it
 * does not know, nor over a status that finds the text since `start` full. False where bytes are
 * not captured. */
static bool block_tlvs_print(struct printer *printer, struct packet packet, uint32_t left,
                             size_t start)
{
        enum { HEADER = 3, CIRCUIT_STATUS = 1 };

        while (left > 0) {
                uint32_t bits, octets;
                uint8_t type;

                if (left < HEADER) {
                        put_damage(printer, "\n\t\tran past the end");
                        return true;
                }
                need_hard(printer, packet, 0, HEADER);
                type = get8(printer, packet, 0);
                bits = get16(printer, packet, 1);
                octets = (bits + 7) / 8;
                packet = packet_from(packet, HEADER);
                putf(printer,
                     type == CIRCUIT_STATUS ? "\n\t\tcircuit status vector (%u) length: %u: 0x"
                                            : "\n\t\tunknown TLV #%u, length: %u",
                     type, bits);
                for (uint32_t i = 0; type == CIRCUIT_STATUS && i < octets && i < left; i++) {
                        if (!has(packet, 0, 1))
                                return false;
                        if (printer->text.length - start > BGP_ROUTE_TEXT)
                                continue;
                        put_hex(printer, packet.data[0], 2);
                        packet = packet_from(packet, 1);
                }
                if (octets > left) {
                        put_damage(printer, " (ran past the end)");
                        return true;
                }
                left -= octets;
        }
        return true;
}

enum bgp_route bgp_layer2_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        enum { DISCOVERY = 12, BLOCK = 15 };
        size_t start = printer->text.length;
        uint32_t length;
        bool whole;

        need_hard(printer, packet, 0, 2);
        length = get16(printer, packet, 0);
        *size = 2 + length;
        packet = packet_from(packet, 2);
        if (length == DISCOVERY) {
                need_hard(printer, packet, 0, DISCOVERY);
                put_route_start(printer, packet, 0);
                put_ipv4_labelled(printer, "BGPNH: ", packet, 8);
                return BGP_ROUTE_SHOWN;
        }
        if (length <= BLOCK + 2 || !has(packet, 0, BLOCK))
                return BGP_ROUTE_CUT;
        printer->withdraw = start;
        put_route_start(printer, packet, 0);
        putf(printer, "CE-ID: %u, Label-Block Offset: %u, Label Base %u", get16(printer, packet, 8),
             get16(printer, packet, 10), get24(printer, packet, 12) >> 4);
        whole = block_tlvs_print(printer, packet_from(packet, BLOCK), length - BLOCK, start);
        printer->withdraw = SIZE_MAX;
        if (!whole) {
                output_take_back(printer, start);
                return BGP_ROUTE_CUT;
        }
        return BGP_ROUTE_SHOWN;
}
