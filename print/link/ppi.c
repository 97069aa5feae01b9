/* Per-Packet Information (LINKTYPE_PPI): fields, which are skipped, and the link type of what
 * follows them. Little-endian. Dumps leave out what follows the link header inside once more, as
 * tcpdump counts that twice. */
#include "link.h"

#include <pcap/pcap.h>
#include <stdio.h>

enum {
        HEADER = 8, /* version, flags, its size with the fields, link type */
        MOST = 65532,
};

void wrapped_print_header(struct printer *printer, const struct wrapped *wrapped)
{
        const char *name = pcap_datalink_val_to_name((int)wrapped->link_type);

        if (!name)
                name = "UNKNOWN";
        if (printer->options.quiet)
                put(printer, name);
        else
                putf(printer, "%sDLT %s (%u) len %u", wrapped->before, name, wrapped->link_type,
                     wrapped->size);
        putf(printer, ", length %u: ", wrapped->packet.length);
}

void wrapped_print(struct printer *printer, const struct wrapped *wrapped)
{
        struct packet inner = packet_from(wrapped->packet, wrapped->size);
        bool known = false;

        printer->link_header_times *= 2;
        if (printer->depth++ < MAX_DEPTH)
                known = protocol_print(printer, LINK_TYPE, wrapped->link_type, inner);
        printer->depth--;
        if (known)
                return;
        if (!printer->options.link_header)
                wrapped_print_header(printer, wrapped);
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}

void ppi_print(struct printer *printer, struct packet packet)
{
        struct wrapped wrapped = {.packet = packet};
        char version[8];
        uint32_t size;

        printer->protocol = "ppi";
        if (!has(packet, 0, HEADER)) {
                printer->link_header += packet.captured;
                put_truncated(printer);
                return;
        }
        size = get16_little(printer, packet, 2);
        wrapped.link_type = get32_little(printer, packet, 4);
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
        snprintf(version, sizeof version, "V.%u ", get8(printer, packet, 0));
        wrapped.size = size;
        wrapped.before = version;
        if (printer->options.link_header)
                wrapped_print_header(printer, &wrapped);
        printer->outer_header += printer->link_header_times * size;
        wrapped_print(printer, &wrapped);
}
