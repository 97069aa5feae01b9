/* Bytes in hex and ASCII, as dumps show them and payloads that no printer knows. */
#include "printer.h"

#define LINE 16 /* bytes a line */

/* " 4500 0054": bytes in pairs, a space before each. Returns the columns used. */
static unsigned put_pairs(struct printer *printer, const uint8_t *data, uint32_t count)
{
        static const char digits[] = "0123456789abcdef";
        char *start = output_room(printer, LINE * 3);
        char *at = start;

        for (uint32_t i = 0; i < count; i++) {
                if (i % 2 == 0)
                        *at++ = ' ';
                *at++ = digits[data[i] >> 4];
                *at++ = digits[data[i] & 15];
        }
        printer->text.length += (size_t)(at - start);
        return (unsigned)(at - start);
}

static void dump_lines(struct printer *printer, const char *indent, struct packet packet,
                       uint32_t length, bool ascii)
{
        enum { PAIRS_WIDTH = LINE / 2 * 5 };
        uint32_t end = length < packet.captured ? length : packet.captured;

        for (uint32_t offset = 0; offset < end; offset += LINE) {
                uint32_t count = end - offset < LINE ? end - offset : LINE;
                unsigned columns;
                size_t start;

                put(printer, indent);
                start = span_start(printer);
                put(printer, "0x");
                put_hex(printer, offset, 4);
                put(printer, ": ");
                span_end(printer, ROLE_NUMBERING, start);
                columns = put_pairs(printer, packet.data + offset, count);
                if (!ascii)
                        continue;
                for (; columns < PAIRS_WIDTH; columns++)
                        put_char(printer, ' ');
                put(printer, "  ");
                for (uint32_t i = 0; i < count; i++) {
                        uint8_t c = packet.data[offset + i];

                        put_char(printer, c > 0x20 && c < 0x7f ? (char)c : '.');
                }
        }
}

void dump_hex(struct printer *printer, const char *indent, struct packet packet, uint32_t length)
{
        dump_lines(printer, indent, packet, length, false);
}

void dump_hex_ascii(struct printer *printer, const char *indent, struct packet packet,
                    uint32_t length)
{
        dump_lines(printer, indent, packet, length, true);
}

void put_unknown(struct printer *printer, struct packet packet, uint32_t length)
{
        if (!printer->dumps)
                dump_hex_ascii(printer, "\n\t", packet, length);
}
