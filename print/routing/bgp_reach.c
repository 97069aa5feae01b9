/* What a BGP update announces or withdraws in address families other than plain IPv4 unicast,
 * RFC 4760: next hops and routes. */
#include "bgp.h"

struct family;

/* Prints one next hop at the beginning of the packet. Returns its size, 0 if its length is invalid.
 */
typedef uint32_t hop_printer(struct printer *printer, struct packet packet);

static uint32_t hop4_print(struct printer *printer, struct packet packet)
{
        if (packet.length < 4)
                return 0;
        put_ipv4_at(printer, packet, 0);
        return 4;
}

static uint32_t hop6_print(struct printer *printer, struct packet packet)
{
        if (packet.length < 16)
                return 0;
        put_ipv6_at(printer, packet, 0);
        return 16;
}

static uint32_t hop_nsap_print(struct printer *printer, struct packet packet)
{
        bgp_put_nsap(printer, bytes_at(printer, packet, 0, packet.length), packet.length);
        return packet.length;
}

static void put_hop_distinguisher(struct printer *printer, struct packet packet)
{
        put(printer, "RD: ");
        put_route_distinguisher(printer, packet, 0);
        put(printer, ", ");
}

static uint32_t hop_vpn4_print(struct printer *printer, struct packet packet)
{
        if (packet.length < BGP_DISTINGUISHER + 4)
                return 0;
        put_hop_distinguisher(printer, packet);
        put_ipv4_at(printer, packet, BGP_DISTINGUISHER);
        return BGP_DISTINGUISHER + 4;
}

static uint32_t hop_vpn6_print(struct printer *printer, struct packet packet)
{
        if (packet.length < BGP_DISTINGUISHER + 16)
                return 0;
        put_hop_distinguisher(printer, packet);
        put_ipv6_at(printer, packet, BGP_DISTINGUISHER);
        return BGP_DISTINGUISHER + 16;
}

static uint32_t hop_vpn_nsap_print(struct printer *printer, struct packet packet)
{
        enum { RFC_986 = 0x47000601, RFC_1888 = 0x350000, AT = BGP_DISTINGUISHER };

        if (packet.length < BGP_DISTINGUISHER + 1)
                return 0;
        need_hard(printer, packet, 0, packet.length);
        put_hop_distinguisher(printer, packet);
        bgp_put_nsap(printer, packet.data + AT, packet.length - AT);
        if (get32(printer, packet, AT) == RFC_986)
                put_ipv4_labelled(printer, " = ", packet, AT + 4);
        else if (get24(printer, packet, AT) == RFC_1888)
                put_ipv6_labelled(printer, " = ", packet, AT + 3);
        return packet.length;
}

static void put_labelled_prefix(struct printer *printer, struct packet packet, uint32_t bits,
                                uint32_t width)
{
        put(printer, "\n\t      ");
        bgp_put_prefix(printer, packet, 4, bits, width);
        bgp_put_label(printer, packet, 1);
}

/* RFC 8277: a label, then a prefix. Of IPv4, one that is longer than the attribute ends it. */
static enum bgp_route labelled_print(struct printer *printer, struct packet packet, uint32_t width,
                                     uint32_t *size)
{
        enum { LABEL = 24 };
        uint32_t bits, octets;

        if (!has(packet, 0, 4))
                return BGP_ROUTE_CUT;
        bits = get8(printer, packet, 0);
        if (bits < LABEL || bits - LABEL > width)
                return BGP_ROUTE_INVALID;
        bits -= LABEL;
        octets = (bits + 7) / 8;
        *size = 4 + octets;
        if (width == 32 && *size > packet.length)
                return BGP_ROUTE_SHOWN;
        need_hard(printer, packet, 0, *size);
        put_labelled_prefix(printer, packet, bits, width);
        return BGP_ROUTE_SHOWN;
}

static enum bgp_route labelled4_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        return labelled_print(printer, packet, 32, size);
}

static enum bgp_route labelled6_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        return labelled_print(printer, packet, 128, size);
}

/* An OSI prefix. tcpdump reads it three bytes too far. */
static enum bgp_route nsap_print(struct printer *printer, struct packet packet, uint32_t *size)
{
        enum { MOST = 152, AT = 4 };
        uint8_t address[20];
        uint32_t bits, octets;

        need_hard(printer, packet, 0, 1);
        bits = get8(printer, packet, 0);
        if (bits > MOST)
                return BGP_ROUTE_INVALID;
        octets = (bits + 7) / 8;
        need_hard(printer, packet, AT, octets);
        for (uint32_t i = 0; i < octets; i++)
                address[i] = packet.data[AT + i];
        if (bits % 8 != 0)
                address[octets - 1] &= (uint8_t)(0xff00 >> bits % 8);
        put(printer, "\n\t      ");
        bgp_put_nsap(printer, address, octets);
        putf(printer, "/%u", bits);
        *size = 1 + octets;
        return BGP_ROUTE_SHOWN;
}

/* How each family is printed. Plain prefixes have a width instead of a route printer. */
static const struct family {
        uint16_t family;
        uint8_t subsequent;
        uint8_t width;
        hop_printer *hop;
        bgp_route_printer *route;
} families[] = {
    {FAMILY_IPV4, 1, 32, hop4_print, NULL},
    {FAMILY_IPV4, 2, 32, hop4_print, NULL},
    {FAMILY_IPV4, 3, 32, hop4_print, NULL},
    {FAMILY_IPV4, 4, 0, hop4_print, labelled4_print},
    {FAMILY_IPV4, 5, 0, hop4_print, bgp_multicast_vpn_print},
    {FAMILY_IPV4, 66, 0, hop4_print, bgp_mdt_print},
    {FAMILY_IPV4, 128, 0, hop_vpn4_print, bgp_vpn4_print},
    {FAMILY_IPV4, 129, 0, hop_vpn4_print, bgp_vpn4_print},
    {FAMILY_IPV4, 130, 0, hop_vpn4_print, bgp_vpn4_print},
    {FAMILY_IPV4, 132, 0, hop4_print, bgp_target_print},
    {FAMILY_IPV6, 1, 128, hop6_print, NULL},
    {FAMILY_IPV6, 2, 128, hop6_print, NULL},
    {FAMILY_IPV6, 3, 128, hop6_print, NULL},
    {FAMILY_IPV6, 4, 0, hop6_print, labelled6_print},
    {FAMILY_IPV6, 128, 0, hop_vpn6_print, bgp_vpn6_print},
    {FAMILY_IPV6, 129, 0, hop_vpn6_print, bgp_vpn6_print},
    {FAMILY_IPV6, 130, 0, hop_vpn6_print, bgp_vpn6_print},
    {FAMILY_VPLS, 65, 0, hop4_print, bgp_layer2_print},
    {FAMILY_L2VPN, 128, 0, hop4_print, bgp_layer2_print},
    {FAMILY_L2VPN, 129, 0, hop4_print, bgp_layer2_print},
    {FAMILY_L2VPN, 130, 0, hop4_print, bgp_layer2_print},
    {FAMILY_NSAP, 1, 0, hop_nsap_print, nsap_print},
    {FAMILY_NSAP, 2, 0, hop_nsap_print, nsap_print},
    {FAMILY_NSAP, 3, 0, hop_nsap_print, nsap_print},
    {FAMILY_NSAP, 128, 0, hop_vpn_nsap_print, bgp_vpn_nsap_print},
    {FAMILY_NSAP, 129, 0, hop_vpn_nsap_print, bgp_vpn_nsap_print},
    {FAMILY_NSAP, 130, 0, hop_vpn_nsap_print, bgp_vpn_nsap_print},
};

/* Prints which family it is, in the packet's first three bytes. NULL if its routes are unknown. */
static const struct family *family_print(struct printer *printer, struct packet packet)
{
        uint16_t family = get16(printer, packet, 0);
        uint8_t subsequent = get8(printer, packet, 2);

        putf(printer, "\n\t    AFI: %s (%u), %sSAFI: %s (%u)",
             name_or(address_family_names, family, "Unknown AFI"), family,
             subsequent > 128 ? "vendor specific " : "",
             name_or(bgp_subsequent_families, subsequent, "Unknown SAFI"), subsequent);
        for (size_t i = 0; i < sizeof families / sizeof *families; i++)
                if (families[i].family == family && families[i].subsequent == subsequent)
                        return &families[i];
        return NULL;
}

static void unknown_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t    no AFI %u / SAFI %u decoder", get16(printer, packet, 0),
             get8(printer, packet, 2));
        if (printer->options.verbose < 2)
                dump_hex(printer, "\n\t    ", packet, packet.length);
}

static bool hops_print(struct printer *printer, struct packet packet, const struct family *family)
{
        if (!has(packet, 0, packet.length))
                return false;
        for (bool first = true; packet.length > 0; first = false) {
                uint32_t size;

                put(printer, first ? "\n\t    nexthop: " : ", ");
                size = family->hop(printer, packet);
                if (size == 0) {
                        put_damage(printer, "invalid len");
                        return true;
                }
                packet = packet_from(packet, size);
        }
        return true;
}

/* Subnetwork points of attachment, which RFC 4760 abolished. */
static bool attachments_print(struct printer *printer, struct packet *packet)
{
        uint8_t count;

        if (packet->length < 1 || !has(*packet, 0, 1))
                return false;
        count = get8(printer, *packet, 0);
        *packet = packet_from(*packet, 1);
        if (count == 0) {
                put(printer, ", no SNPA");
                return true;
        }
        putf(printer, "\n\t    %u SNPA", count);
        for (; count > 0; count--) {
                uint32_t size;

                if (packet->length < 1 || !has(*packet, 0, 1))
                        return false;
                size = get8(printer, *packet, 0);
                putf(printer, "\n\t      %u bytes", size);
                if (packet->length < 1 + size)
                        return false;
                *packet = packet_from(*packet, 1 + size);
        }
        return true;
}

/* tcpdump measures routes against the attribute, all `attribute` bytes of it. */
static bool family_routes_print(struct printer *printer, struct packet packet,
                                const struct family *family, uint32_t attribute)
{
        bool path_ids = family->width > 0 && bgp_has_path_ids(packet, family->width);

        while (packet.length > 0) {
                enum bgp_route result;
                size_t start = printer->text.length;
                uint32_t size = 0;

                if (path_ids)
                        need_hard(printer, packet, 0, 5);
                result = family->route
                             ? family->route(printer, packet_part(packet, attribute), &size)
                             : bgp_prefix_print(printer,
                                                packet_part(packet, attribute + (path_ids ? 4 : 0)),
                                                family->width, path_ids, "\n\t      ", &size);
                switch (result) {
                case BGP_ROUTE_SHOWN:
                        if (printer->text.length - start > BGP_ROUTE_TEXT)
                                output_take_back(printer, start + BGP_ROUTE_TEXT);
                        packet = packet_from(packet, size);
                        break;
                case BGP_ROUTE_INVALID:
                        put_damage(printer, family->route == bgp_target_print
                                                ? "\n\t      (illegal prefix length)"
                                                : "\n\t    (illegal prefix length)");
                        return true;
                case BGP_ROUTE_CUT:
                case BGP_ROUTE_LONG: return false;
                }
        }
        return true;
}

bool bgp_reach_print(struct printer *printer, struct packet packet)
{
        const uint32_t attribute = packet.length;
        const struct family *family;
        uint32_t size;

        if (packet.length < 3 || !has(packet, 0, 3))
                return false;
        family = family_print(printer, packet);
        if (!family) {
                unknown_print(printer, packet);
                return true;
        }
        packet = packet_from(packet, 3);
        if (packet.length < 1 || !has(packet, 0, 1))
                return false;
        size = get8(printer, packet, 0);
        packet = packet_from(packet, 1);
        if (size > packet.length)
                return false;
        if (!hops_print(printer, packet_part(packet, size), family))
                return false;
        putf(printer, ", nh-length: %u", size);
        packet = packet_from(packet, size);
        return attachments_print(printer, &packet) &&
               family_routes_print(printer, packet, family, attribute);
}

bool bgp_unreach_print(struct printer *printer, struct packet packet)
{
        const struct family *family;

        if (!has(packet, 0, 3))
                return false;
        family = family_print(printer, packet);
        if (!family) {
                unknown_print(printer, packet);
                return true;
        }
        if (packet.length == 3) {
                put(printer, "\n\t      End-of-Rib Marker (empty NLRI)");
                return true;
        }
        return family_routes_print(printer, packet_from(packet, 3), family, packet.length);
}
