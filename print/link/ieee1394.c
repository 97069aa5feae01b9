/* Apple's IP over IEEE 1394 (LINKTYPE_APPLE_IP_OVER_IEEE1394): two EUI-64 and an EtherType. */
#include "link.h"

enum { ADDRESS = 8 };

static void header_print(struct printer *printer, struct packet packet, uint16_t type)
{
        put_link_address(printer, packet, ADDRESS, ADDRESS);
        put(printer, " > ");
        put_link_address(printer, packet, 0, ADDRESS);
        if (printer->options.quiet) {
                put(printer, ", ");
                put_name(printer, ethertype_names, "Unknown Ethertype (0x%04x)", type);
        } else {
                putf(printer, ", ethertype %s (0x%04x)", name_or(ethertype_names, type, "Unknown"),
                     type);
        }
        putf(printer, ", length %u: ", packet.length);
}

void ieee1394_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 18, TYPE = 16 };
        struct packet inner = packet_from(packet, HEADER);
        uint16_t type;

        printer->protocol = "ap1394";
        need_hard(printer, packet, 0, HEADER);
        printer->link_header = HEADER;
        printer->stations = (struct stations){packet.data + ADDRESS, packet.data};
        printer->stations_are_eui64 = true;
        type = get16(printer, packet, TYPE);
        if (printer->options.link_header)
                header_print(printer, packet, type);
        if (protocol_print(printer, ETHERTYPE, type, inner))
                return;
        if (!printer->options.link_header)
                header_print(printer, packet, type);
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}
