/* What Juniper's interface cards put behind the header that juniper.c prints: a link type for each
 * kind of card. */
#include "juniper.h"

#include <pcap/dlt.h>

/* ---- Frames as on the wire ---- */

void juniper_ether_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {.protocol = "juniper_ether"};
        struct juniper juniper;

        if (juniper_header_take(printer, &packet, &pic, &juniper))
                protocol_print(printer, LINK_TYPE, DLT_EN10MB, packet);
}

void juniper_ppp_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {.protocol = "juniper_ppp"};
        struct juniper juniper;

        if (juniper_header_take(printer, &packet, &pic, &juniper))
                ppp_print_inside(printer, packet);
}

void juniper_frame_relay_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {.protocol = "juniper_frelay"};
        struct juniper juniper;

        if (juniper_header_take(printer, &packet, &pic, &juniper))
                frame_relay_print_inside(printer, packet);
}

void juniper_chdlc_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {.protocol = "juniper_chdlc"};
        struct juniper juniper;

        if (juniper_header_take(printer, &packet, &pic, &juniper))
                juniper_link_print(printer, DLT_C_HDLC, packet);
}

void juniper_pppoe_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {.protocol = "juniper_pppoe", .name = "PPPoE"};
        struct juniper juniper;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        printer->tunnels++;
        protocol_print(printer, LINK_TYPE, DLT_EN10MB, packet);
        printer->tunnels--;
}

void juniper_pppoe_atm_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {.protocol = "juniper_pppoe_atm",
                                               .name = "PPPoE ATM"};
        struct juniper juniper;
        uint16_t type;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        type = get16(printer, packet, 0);
        if (!protocol_print(printer, ETHERTYPE, type, packet_from(packet, 2)))
                putf(printer, "unknown ethertype 0x%04x", type);
}

/* ---- Services ---- */

/* Prints what precedes an encrypted packet. Returns its size. */
static uint32_t association_print(struct printer *printer, struct packet packet)
{
        enum { INDEX = 0, TTL = 2, TYPE = 3, SPI = 4, SOURCE = 8, DESTINATION = 12, SIZE = 16 };
        enum { ENCRYPTED = 1, ENCRYPTED_BY_HEADER };
        static const struct name types[] = {{ENCRYPTED, "ESP ENCR-AUTH"},
                                            {ENCRYPTED_BY_HEADER, "ESP ENCR-AH AUTH"},
                                            {3, "ESP AUTH"},
                                            {4, "AH AUTH"},
                                            {5, "ESP ENCR"},
                                            {0, NULL}};
        const char *name;
        uint8_t type;
        bool tunnel;

        need_hard(printer, packet, 0, SIZE);
        type = get8(printer, packet, TYPE);
        name = name_find(types, type);
        if (!name) {
                put_damage(printer, "ES Invalid type %u, length %u", type, packet.length);
                return UINT32_MAX;
        }
        tunnel = type != ENCRYPTED && type != ENCRYPTED_BY_HEADER;
        if (printer->options.link_header) {
                putf(printer, "ES SA, index %u, ttl %u type %s (%u)", get16(printer, packet, INDEX),
                     get8(printer, packet, TTL), name, type);
                if (tunnel) {
                        putf(printer, ", spi %u", get32(printer, packet, SPI));
                        put_ipv4_labelled(printer, ", Tunnel ", packet, SOURCE);
                        put_ipv4_labelled(printer, " > ", packet, DESTINATION);
                }
                putf(printer, ", length %u\n", packet.length - (tunnel ? SIZE : 0));
        }
        return tunnel ? SIZE : 0;
}

void juniper_es_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {.protocol = "juniper_es", .name = "ES"};
        struct juniper juniper;
        uint32_t size;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        size = association_print(printer, packet);
        if (size != UINT32_MAX)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet_from(packet, size));
}

void juniper_ggsn_print(struct printer *printer, struct packet packet)
{
        enum { PROTOCOL = 2, VLAN = 4, IPV4 = 2, IPV6 = 6 };
        static const struct juniper_pic pic = {
            .protocol = "juniper_ggsn", .name = "GGSN", .cookie_size = 8};
        static const struct name protocols[] = {
            {1, "Null"}, {IPV4, "IPv4"}, {IPV6, "IPv6"}, {0, NULL}};
        struct juniper juniper;
        uint8_t protocol;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        protocol = juniper.cookie[PROTOCOL];
        if (printer->options.link_header)
                putf(printer, "proto %s (%u), vlan %u: ", name_or(protocols, protocol, "Unknown"),
                     protocol, juniper.cookie[VLAN] << 8 | juniper.cookie[VLAN + 1]);
        if (protocol == IPV4)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
        else if (protocol == IPV6)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet);
        else if (!printer->options.link_header)
                putf(printer, "unknown GGSN proto (%u)", protocol);
}

enum { SERVICE_HEADER = 8 };

void juniper_services_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {
            .protocol = "juniper_services", .name = "AS", .cookie_size = 8};
        struct juniper juniper;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        need_hard(printer, packet, 0, SERVICE_HEADER);
        if (printer->options.link_header)
                putf(printer, "service-id %u flags 0x%02x service-set-id 0x%04x iif %u: ",
                     get8(printer, packet, 0), get8(printer, packet, 1), get16(printer, packet, 2),
                     get24(printer, packet, 5));
        /* As tcpdump does: not behind the service's header. */
        juniper_ip_print(printer, packet);
}

void juniper_monitor_print(struct printer *printer, struct packet packet)
{
        static const struct juniper_pic pic = {
            .protocol = "juniper_monitor", .name = "MONITOR", .cookie_size = 8};
        struct juniper juniper;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        need_hard(printer, packet, 0, SERVICE_HEADER);
        if (printer->options.link_header)
                putf(printer, "service-id %u, iif %u, pkt-type %u: ", get32(printer, packet, 4),
                     get16(printer, packet, 2), get8(printer, packet, 0));
        juniper_ip_print(printer, packet);
}
