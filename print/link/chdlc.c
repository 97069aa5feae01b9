/* Cisco's HDLC framing (RFC 1547, 4.3.1): an address, a zero byte, an EtherType; and SLARP, which
 * keeps such links alive and hands out their addresses. */
#include "link.h"

enum { HEADER = 4, UNICAST = 0x0f, BROADCAST = 0x8f, ETHERTYPE_SLARP = 0x8035 };

static void slarp_print(struct printer *printer, struct packet packet)
{
        enum { REQUEST, REPLY, KEEPALIVE, LEAST = 14, MOST = 18 };
        uint32_t code, at = 4;

        printer->protocol = "chdlc_slarp";
        putf(printer, "SLARP (length: %u), ", packet.length);
        need(printer, packet, 0, LEAST);
        code = get32(printer, packet, 0);
        if (code == REQUEST) {
                put(printer, "request");
        } else if (code == REPLY) {
                put(printer, "reply ");
                put_ipv4_at(printer, packet, 4);
                put_char(printer, '/');
                put_ipv4_at(printer, packet, 8);
        } else if (code == KEEPALIVE) {
                putf(printer, "keepalive: mineseen=0x%08x", get32(printer, packet, 4));
                putf(printer, ", yourseen=0x%08x", get32(printer, packet, 8));
                putf(printer, ", reliability=0x%04x", get16(printer, packet, 12));
                if (packet.length >= MOST) {
                        uint32_t seconds = get32(printer, packet, 14) / 1000;

                        putf(printer, ", link uptime=%ud%uh%um%us", seconds / 86400,
                             seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
                        at = MOST;
                }
        } else {
                putf(printer, "0x%02x unknown", code);
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t", packet_from(packet, at), packet.length - at);
        }
        if (packet.length > MOST && printer->options.verbose)
                put_damage(printer, ", (trailing junk: %u bytes)", packet.length - MOST);
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t", packet_from(packet, at), packet.length - at);
}

/* OSI may stand behind a byte that has no meaning. */
static void payload_print(struct printer *printer, struct packet packet)
{
        if (packet.length < 2) {
                printer->link_header += packet.captured;
                put_truncated(printer);
                return;
        }
        switch (get8(printer, packet, 1)) {
        case 0x81:
        case 0x82:
        case 0x83: packet = packet_from(packet, 1);
        }
        protocol_print(printer, LLC_SAP, SAP_ISO, packet);
}

void chdlc_print(struct printer *printer, struct packet packet)
{
        static const struct name addresses[] = {
            {UNICAST, "unicast"}, {BROADCAST, "bcast"}, {0, NULL}};
        struct packet inner = packet_from(packet, HEADER);
        uint16_t type;

        printer->protocol = "chdlc";
        printer->link_header = HEADER;
        if (packet.length < HEADER) {
                printer->link_header = packet.captured;
                put_truncated(printer);
                return;
        }
        type = get16(printer, packet, 2);
        if (printer->options.link_header) {
                put_name(printer, addresses, "0x%02x", get8(printer, packet, 0));
                putf(printer, ", ethertype %s (0x%04x), length %u: ",
                     name_or(ethertype_names, type, "Unknown"), type, packet.length);
        }
        switch (type) {
        case ETHERTYPE_IPV4:
        case ETHERTYPE_IPV6:
        case ETHERTYPE_MPLS:
        case ETHERTYPE_MPLS_MULTICAST: protocol_print(printer, ETHERTYPE, type, inner); return;
        case ETHERTYPE_SLARP: slarp_print(printer, inner); return;
        case ETHERTYPE_OSI: payload_print(printer, inner); return;
        default:
                if (!printer->options.link_header)
                        putf(printer, "unknown CHDLC protocol (0x%04x)", type);
        }
}
