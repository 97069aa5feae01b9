/* IP as Solaris captures it between its zones (LINKTYPE_IPNET). */
#include "link.h"

/* Offsets into the header; families are numbered as Solaris does. */
enum { FAMILY = 1, SOURCE = 16, DESTINATION = 20, HEADER = 24, FAMILY_IPV4 = 2, FAMILY_IPV6 = 26 };

static const struct name families[] = {{FAMILY_IPV4, "IPv4"}, {FAMILY_IPV6, "IPv6"}, {0, NULL}};

/* The zones' numbers, and what they exchange. */
static void zones_print(struct printer *printer, struct packet packet, uint8_t family)
{
        putf(printer, "%u > %u, ", get32(printer, packet, SOURCE),
             get32(printer, packet, DESTINATION));
        if (printer->options.quiet)
                put_name(printer, families, "Unknown Ethertype (0x%04x)", family);
        else
                putf(printer, "family %s (%u)", name_or(families, family, "Unknown"), family);
        putf(printer, ", length %u: ", packet.length);
}

void ipnet_print(struct printer *printer, struct packet packet)
{
        struct packet inner = packet_from(packet, HEADER);
        uint8_t family;

        printer->protocol = "ipnet";
        need_hard(printer, packet, 0, HEADER);
        printer->link_header += HEADER;
        family = get8(printer, packet, FAMILY);
        if (printer->options.link_header)
                zones_print(printer, packet, family);
        if (family == FAMILY_IPV4) {
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, inner);
        } else if (family == FAMILY_IPV6) {
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, inner);
        } else {
                if (!printer->options.link_header)
                        zones_print(printer, packet, family);
                if (!printer->options.quiet)
                        put_unknown(printer, inner, inner.captured);
        }
}
