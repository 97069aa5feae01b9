/* Hilscher's netANALYZER: Ethernet behind a header that is not shown, LINKTYPE_NETANALYZER, and
 * with the frame's preamble, LINKTYPE_NETANALYZER_TRANSPARENT. */
#include "link.h"

#include <pcap/dlt.h>

static void frame_print(struct printer *printer, struct packet packet, uint32_t header)
{
        need_hard(printer, packet, 0, header);
        printer->link_header += header;
        protocol_print(printer, LINK_TYPE, DLT_EN10MB, packet_from(packet, header));
}

void netanalyzer_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "netanalyzer";
        frame_print(printer, packet, 4);
}

void netanalyzer_transparent_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "netanalyzer_transparent";
        frame_print(printer, packet, 4 + 8);
}
