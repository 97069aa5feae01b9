/* Apple's PKTAP (LINKTYPE_PKTAP): a header about the packet and the process, of which the link type
 * of what follows is shown. Little-endian. Dumps leave out what follows the link header inside once
 * more, as tcpdump counts that twice. */
#include "link.h"

#include <pcap/pcap.h>

enum {
        HEADER = 108,
        SIZE = 0, /* offsets into it */
        RECORD = 4,
        LINK = 8,
        RECORD_NONE = 0,
        RECORD_PACKET = 1,
};

static void header_print(struct printer *printer, struct packet packet, uint32_t link_type,
                         uint32_t size)
{
        const char *name = pcap_datalink_val_to_name((int)link_type);

        if (!name)
                name = "UNKNOWN";
        if (printer->options.quiet)
                put(printer, name);
        else
                putf(printer, "DLT %s (%u) len %u", name, link_type, size);
        putf(printer, ", length %u: ", packet.length);
}

static void inner_print(struct printer *printer, struct packet packet, uint32_t link_type,
                        uint32_t size)
{
        struct packet inner = packet_from(packet, size);
        bool known = false;

        if (printer->depth++ < MAX_DEPTH)
                known = protocol_print(printer, LINK_TYPE, link_type, inner);
        printer->depth--;
        if (known)
                return;
        if (!printer->options.link_header)
                header_print(printer, packet, link_type, size);
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}

void pktap_print(struct printer *printer, struct packet packet)
{
        uint32_t size, link_type, record;

        printer->protocol = "pktap";
        if (packet.length < HEADER) {
                put_damage(printer, " (packet too short, %u < %u)", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        link_type = get32_little(printer, packet, LINK);
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
        if (printer->options.link_header)
                header_print(printer, packet, link_type, size);
        printer->outer_header += printer->link_header_times * size;
        record = get32_little(printer, packet, RECORD);
        if (record == RECORD_NONE) {
                put(printer, "no data");
        } else if (record == RECORD_PACKET) {
                printer->link_header_times *= 2;
                inner_print(printer, packet, link_type, size);
        }
}
