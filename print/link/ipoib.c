/* IP over InfiniBand (RFC 4391): the global routing header, which is not shown, and an EtherType.
 */
#include "link.h"

static void type_print(struct printer *printer, uint16_t type, uint32_t length)
{
        putf(printer, ", ethertype %s", name_or(ethertype_names, type, "Unknown"));
        if (!printer->options.quiet)
                putf(printer, " (0x%04x)", type);
        putf(printer, ", length %u: ", length);
}

void ipoib_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 44, TYPE = 40 };
        struct packet inner = packet_from(packet, HEADER);
        uint16_t type;

        printer->protocol = "ipoib";
        printer->link_header = HEADER;
        if (!has(packet, 0, HEADER)) {
                printer->link_header = packet.captured;
                put_truncated(printer);
                return;
        }
        type = get16(printer, packet, TYPE);
        if (printer->options.link_header) {
                put(printer, "IPOIB");
                type_print(printer, type, packet.length);
        }
        if (protocol_print(printer, ETHERTYPE, type, inner))
                return;
        if (!printer->options.link_header)
                type_print(printer, type, packet.length);
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}
