/* BGP's communities: RFC 1997, extended ones of RFC 4360 and those that extend it, large ones of
 * RFC 8092. */
#include "bgp.h"

enum community {
        TARGET_AS2 = 0x0002,
        ORIGIN_AS2 = 0x0003,
        DOMAIN_AS2 = 0x0005,
        SOURCE_AS = 0x0009,
        LAYER2_ID_AS2 = 0x000a,
        TARGET_IP = 0x0102,
        ORIGIN_IP = 0x0103,
        DOMAIN_IP = 0x0105,
        ROUTER_ID = 0x0107,
        ROUTE_IMPORT = 0x010b,
        TARGET_AS4 = 0x0202,
        ORIGIN_AS4 = 0x0203,
        DOMAIN_AS4 = 0x0205,
        ROUTE_TYPE = 0x0306,
        ENCAPSULATION = 0x030c,
        BANDWIDTH = 0x4004,
        ROUTE_TYPE_VENDOR = 0x8000,
        ROUTER_ID_VENDOR = 0x8001,
        DOMAIN_VENDOR = 0x8005,
        LAYER2 = 0x800a,
        LAYER2_ID_IP = 0xf10a
};

static const struct name communities[] = {
    {TARGET_AS2, "target"},
    {ORIGIN_AS2, "origin"},
    {DOMAIN_AS2, "ospf-domain"},
    {SOURCE_AS, "source-AS"},
    {LAYER2_ID_AS2, "l2vpn-id"},
    {TARGET_IP, "target"},
    {ORIGIN_IP, "origin"},
    {DOMAIN_IP, "ospf-domain"},
    {ROUTER_ID, "ospf-router-id"},
    {ROUTE_IMPORT, "vrf-route-import"},
    {TARGET_AS4, "target"},
    {ORIGIN_AS4, "origin"},
    {DOMAIN_AS4, "ospf-domain"},
    {ROUTE_TYPE, "ospf-route-type"},
    {ENCAPSULATION, "encapsulation"},
    {BANDWIDTH, "link-BW"},
    {ROUTE_TYPE_VENDOR, "ospf-route-type"},
    {ROUTER_ID_VENDOR, "ospf-router-id"},
    {DOMAIN_VENDOR, "ospf-domain"},
    {LAYER2, "layer2-info"},
    {0x8800, "eigrp-general-route (flag, tag)"},
    {0x8801, "eigrp-route-metric (AS, delay)"},
    {0x8802, "eigrp-route-metric (reliability, nexthop, bandwidth)"},
    {0x8803, "eigrp-route-metric (load, MTU)"},
    {0x8804, "eigrp-external-route (remote-AS, remote-ID)"},
    {0x8805, "eigrp-external-route (remote-proto, remote-metric)"},
    {LAYER2_ID_IP, "l2vpn-id"},
    {0, NULL}};

/* RFC 4577: which OSPF route became a BGP one. */
static void route_type_print(struct printer *printer, struct packet packet)
{
        enum { EXTERNAL = 5, NSSA = 7, SECOND_TYPE = 1 };
        static const struct name types[] = {
            {1, "Router"},           {2, "Network"},         {3, "Summary"}, {EXTERNAL, "External"},
            {NSSA, "NSSA External"}, {129, "MPLS-VPN Sham"}, {0, NULL}};
        uint8_t type = get8(printer, packet, 6);

        put_ipv4_labelled(printer, "area:", packet, 2);
        put(printer, ", router-type:");
        put_name(printer, types, "unknown (0x%02x)", type);
        put(printer, ", metric-type:");
        if (get8(printer, packet, 7) & SECOND_TYPE)
                put(printer, "E2");
        if (type == EXTERNAL || type == NSSA)
                put(printer, "E1");
}

static void value_print(struct printer *printer, struct packet packet, uint16_t type)
{
        static const struct name tunnels[] = {{1, "L2TPv3 over IP"},
                                              {2, "GRE"},
                                              {3, "Transmit Tunnel"},
                                              {4, "IPsec"},
                                              {5, "IP in IP with IPsec"},
                                              {6, "MPLS in IP with IPsec"},
                                              {7, "IP in IP"},
                                              {8, "VXLAN"},
                                              {9, "NVGRE"},
                                              {10, "MPLS"},
                                              {11, "MPLS in GRE"},
                                              {12, "VXLAN GPE"},
                                              {13, "MPLS in UDP"},
                                              {14, "IPv6"},
                                              {15, "SR TE"},
                                              {16, "Bare"},
                                              {17, "SR"},
                                              {0, NULL}};

        switch (type) {
        case TARGET_AS2:
        case ORIGIN_AS2:
        case LAYER2_ID_AS2:
                putf(printer, "%u:%u (= ", get16(printer, packet, 2), get32(printer, packet, 4));
                put_ipv4_at(printer, packet, 4);
                put_char(printer, ')');
                break;
        case TARGET_IP:
        case ORIGIN_IP:
        case ROUTE_IMPORT:
        case LAYER2_ID_IP:
                put_ipv4_at(printer, packet, 2);
                putf(printer, ":%u", get16(printer, packet, 6));
                break;
        case TARGET_AS4:
        case ORIGIN_AS4:
                put_autonomous_system(printer, get32(printer, packet, 2));
                putf(printer, ":%u", get16(printer, packet, 6));
                break;
        case DOMAIN_AS2:
        case DOMAIN_IP:
        case DOMAIN_AS4:
        case DOMAIN_VENDOR:
        case ROUTER_ID:
        case ROUTER_ID_VENDOR: put_ipv4_at(printer, packet, 2); break;
        case ROUTE_TYPE:
        case ROUTE_TYPE_VENDOR: route_type_print(printer, packet); break;
        case SOURCE_AS: putf(printer, "AS %u", get16(printer, packet, 2)); break;
        case BANDWIDTH:
                put(printer, "bandwidth: ");
                put_megabits(printer, packet, 4);
                put(printer, " Mbps");
                break;
        case LAYER2:
                putf(printer, "%s Control Flags [0x%02x]:MTU %u",
                     name_or(layer2_encapsulations, get8(printer, packet, 2), "unknown encaps"),
                     get8(printer, packet, 3), get16(printer, packet, 4));
                break;
        case ENCAPSULATION:
                putf(printer, "Tunnel type: %s",
                     name_or(tunnels, get16(printer, packet, 6), "unknown encaps"));
                break;
        default: put_hex_bytes(printer, packet, 2, 6);
        }
}

static void community_print(struct printer *printer, struct packet packet)
{
        static const struct name flags[] = {
            {0x8000, "vendor-specific"}, {0x4000, "non-transitive"}, {0, NULL}};
        uint16_t type = get16(printer, packet, 0);

        putf(printer, "\n\t    %s (0x%04x)",
             name_or(communities, type, "unknown extd community typecode"), type);
        put_flag_list(printer, ", Flags [", flags, type);
        put(printer, ": ");
        value_print(printer, packet, type);
}

/* ---- The attributes ---- */

bool bgp_communities_print(struct printer *printer, struct packet packet)
{
        static const struct name known[] = {{0xffffff01, " NO_EXPORT"},
                                            {0xffffff02, " NO_ADVERTISE"},
                                            {0xffffff03, " NO_EXPORT_SUBCONFED"},
                                            {0, NULL}};

        if (packet.length % 4 != 0) {
                put_damage(printer, "invalid len");
                return true;
        }
        for (; packet.length > 0; packet = packet_from(packet, 4)) {
                uint32_t value;

                if (!has(packet, 0, 4))
                        return false;
                value = get32(printer, packet, 0);
                if (name_find(known, value))
                        put(printer, name_find(known, value));
                else
                        putf(printer, "%u:%u%s", value >> 16, value & 0xffff,
                             packet.length > 4 ? ", " : "");
        }
        return true;
}

bool bgp_large_communities_print(struct printer *printer, struct packet packet)
{
        if (packet.length == 0 || packet.length % 12 != 0) {
                put_damage(printer, "invalid len");
                return true;
        }
        put(printer, "\n\t    ");
        for (; packet.length > 0; packet = packet_from(packet, 12)) {
                if (!has(packet, 0, 12))
                        return false;
                putf(printer, "%u:%u:%u%s", get32(printer, packet, 0), get32(printer, packet, 4),
                     get32(printer, packet, 8), packet.length > 12 ? ", " : "");
        }
        return true;
}

bool bgp_extended_communities_print(struct printer *printer, struct packet packet)
{
        if (packet.length % 8 != 0) {
                put_damage(printer, "invalid len");
                return true;
        }
        for (; packet.length > 0; packet = packet_from(packet, 8)) {
                if (!has(packet, 0, 8))
                        return false;
                community_print(printer, packet);
        }
        return true;
}
