/* Per-Packet Information (LINKTYPE_PPI): fields, which are skipped, and the link type of what
 * follows them. Little-endian. Dumps leave out what follows the link header inside once more, as
 * tcpdump counts that twice. */
#include "link.h"

#include <pcap/pcap.h>

enum {
        HEADER = 8, /* version, flags, its size with the fields, link type */
        MOST = 65532,
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
                putf(printer, "V.%u DLT %s (%u) len %u", get8(printer, packet, 0), name, link_type,
                     size);
        putf(printer, ", length %u: ", packet.length);
}

void ppi_print(struct printer *printer, struct packet packet)
{
        uint32_t size, link_type;
        struct packet inner;
        bool known = false;

        printer->protocol = "ppi";
        if (!has(packet, 0, HEADER)) {
                printer->link_header += packet.captured;
                put_truncated(printer);
                return;
        }
        size = __builtin_bswap16(get16(printer, packet, 2));
        link_type = __builtin_bswap32(get32(printer, packet, 4));
        if (size < HEADER || size > MOST) {
                printer->link_header += packet.captured;
                putf(printer, " [length %u < %u or > %u]", size, HEADER, MOST);
                put_invalid(printer);
                return;
        }
        if (!has(packet, 0, size)) {
                printer->link_header += packet.captured;
                put_truncated(printer);
                return;
        }
        if (printer->options.link_header)
                header_print(printer, packet, link_type, size);
        inner = packet_from(packet, size);
        printer->outer_header += printer->link_header_times * size;
        printer->link_header_times *= 2;
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
