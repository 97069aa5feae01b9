/* The dump that the options ask for below a packet's line. */
#include "forms.h"

/* -A: plain text without characters that a terminal might act on. Carriage returns are
 * left out where they end a line, or almost end the packet. */
static void dump_ascii(struct printer *printer, struct packet packet)
{
        if (packet.captured > 0)
                put_char(printer, '\n');
        for (uint32_t i = 0; i < packet.captured; i++) {
                uint8_t c = packet.data[i];

                if (c == '\r') {
                        if (packet.captured - i > 2 && packet.data[i + 1] != '\n')
                                put_char(printer, '.');
                        continue;
                }
                put_char(printer, (c >= ' ' && c < 0x7f) || c == '\t' || c == '\n' ? (char)c : '.');
        }
}

void dump_print(struct printer *printer, const struct packet *packet)
{
        struct packet all = {packet->data, packet->captured, packet->captured};
        uint32_t header = printer->outer_header + printer->link_header_times * printer->link_header;
        struct packet inner = packet_from(all, header);

        if (!packet_is_valid(packet))
                return;
        switch (printer->options.dump) {
        case PRINT_DUMP_NONE: return;
        case PRINT_DUMP_HEX: dump_hex(printer, "\n\t", inner, inner.captured); return;
        case PRINT_DUMP_HEX_LINK: dump_hex(printer, "\n\t", all, all.captured); return;
        case PRINT_DUMP_HEX_ASCII: dump_hex_ascii(printer, "\n\t", inner, inner.captured); return;
        case PRINT_DUMP_HEX_ASCII_LINK: dump_hex_ascii(printer, "\n\t", all, all.captured); return;
        case PRINT_DUMP_ASCII: dump_ascii(printer, inner); return;
        case PRINT_DUMP_ASCII_LINK: dump_ascii(printer, all); return;
        }
}
