/* Linux netfilter's logs, LINKTYPE_NFLOG: a family, and type, length and value of what is known of
 * a packet, which is one of them. Types and lengths are in the byte order of the host that
 * captured; they are taken as little-endian. */
#include "link.h"

enum { HEADER = 4, FIELD_HEADER = 4, IPV4 = 2, IPV6 = 10 };

static void header_print(struct printer *printer, struct packet packet, uint32_t length)
{
        static const struct name families[] = {{IPV4, "IPv4"}, {IPV6, "IPv6"}, {0, NULL}};
        uint8_t family = get8(printer, packet, 0);

        putf(printer, "version %u, resource ID %u, ", get8(printer, packet, 1),
             get16(printer, packet, 2));
        if (printer->options.quiet)
                put_name(printer, families, "Unknown NFLOG (0x%02x)", family);
        else
                putf(printer, "family %s (%u)", name_or(families, family, "Unknown"), family);
        putf(printer, ", length %u: ", length);
}

/* From the packet on that is among the fields. */
static struct packet payload_find(struct printer *printer, struct packet fields)
{
        enum { PAYLOAD = 9, ALIGNMENT = 4 };

        while (fields.length > 0) {
                uint32_t size;

                need_length(printer, fields, FIELD_HEADER);
                need(printer, fields, 0, FIELD_HEADER);
                size = get16_little(printer, fields, 0);
                size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                if (size < FIELD_HEADER)
                        printer_abandon_softly(printer);
                need_length(printer, fields, size);
                need(printer, fields, 0, size);
                if (get16_little(printer, fields, 2) == PAYLOAD) {
                        printer->link_header += FIELD_HEADER;
                        return packet_from(fields, FIELD_HEADER);
                }
                printer->link_header += size;
                fields = packet_from(fields, size);
        }
        return fields;
}

void nflog_print(struct printer *printer, struct packet packet)
{
        struct packet inner;

        printer->protocol = "nflog";
        printer->link_header = packet.captured;
        need(printer, packet, 0, HEADER);
        printer->link_header = HEADER;
        if (packet.data[1] != 0) {
                putf(printer, "version %u (unknown)", packet.data[1]);
                return;
        }
        if (printer->options.link_header)
                header_print(printer, packet, packet.length);
        inner = payload_find(printer, packet_from(packet, HEADER));
        if (packet.data[0] == IPV4) {
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, inner);
        } else if (packet.data[0] == IPV6) {
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, inner);
        } else {
                if (!printer->options.link_header)
                        header_print(printer, packet, inner.length + FIELD_HEADER);
                if (!printer->options.quiet)
                        put_unknown(printer, inner, inner.captured);
        }
}
