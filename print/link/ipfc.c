/* IP over Fibre Channel (RFC 2625): two addresses of eight bytes, of which six are shown; LLC. */
#include "link.h"

void ipfc_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 16, DESTINATION = 2, SOURCE = 10 }; /* behind the authority's number */
        struct packet inner = packet_from(packet, HEADER);
        struct stations stations;

        printer->protocol = "ipfc";
        need_hard(printer, packet, 0, HEADER);
        printer->link_header = HEADER;
        stations = (struct stations){packet.data + SOURCE, packet.data + DESTINATION};
        if (printer->options.link_header) {
                put_ethernet(printer, stations.source);
                put(printer, " > ");
                put_ethernet(printer, stations.destination);
                putf(printer, ", length %u: ", packet.length);
        }
        if (!llc_print(printer, inner, stations) && !printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}
