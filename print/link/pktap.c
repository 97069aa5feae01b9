/* Apple's PKTAP (LINKTYPE_PKTAP): a header about the packet and the process, of which the link type
 * of what follows is shown. Little-endian. Dumps leave out what follows the link header inside once
 * more, as tcpdump counts that twice. */
#include "link.h"

enum {
        HEADER = 108,
        SIZE = 0, /* offsets into it */
        RECORD = 4,
        LINK = 8,
        RECORD_NONE = 0,
        RECORD_PACKET = 1,
};

void pktap_print(struct printer *printer, struct packet packet)
{
        struct wrapped wrapped = {.packet = packet, .before = ""};
        uint32_t size, record;

        printer->protocol = "pktap";
        if (packet.length < HEADER) {
                put_damage(printer, " (packet too short, %u < %u)", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        wrapped.link_type = get32_little(printer, packet, LINK);
        size = get32_little(printer, packet, SIZE);
        if (size < HEADER || size > packet.length) {
                if (size < HEADER)
                        put_damage(printer, " (pkt_len too small, %u < %u)", size, HEADER);
                else
                        put_damage(printer, " (pkt_len too big, %u > %u)", size, packet.length);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, size);
        wrapped.size = size;
        if (printer->options.link_header)
                wrapped_print_header(printer, &wrapped);
        printer->outer_header += printer->link_header_times * size;
        record = get32_little(printer, packet, RECORD);
        if (record == RECORD_NONE) {
                put(printer, "no data");
        } else if (record == RECORD_PACKET) {
                wrapped_print(printer, &wrapped);
        }
}
