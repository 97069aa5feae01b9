/* Hex and ASCII dumps: those the options ask for below a line, and those that stand in for what no
 * dissector knows. */
#include "internal.h"

#include <string.h>

#define LINE 16 /* bytes a line */

static bool visible(uint8_t c)
{
        return c > 0x20 && c < 0x7f;
}

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
        printer->used += (size_t)(at - start);
        return (unsigned)(at - start);
}

static void dump_lines(struct printer *printer, const char *indent, struct view view,
                       uint32_t length, bool ascii)
{
        enum { PAIRS_WIDTH = LINE / 2 * 5 };
        uint32_t end = length < view.captured ? length : view.captured;

        for (uint32_t offset = 0; offset < end; offset += LINE) {
                uint32_t count = end - offset < LINE ? end - offset : LINE;
                unsigned columns;

                put(printer, indent);
                put(printer, "0x");
                put_hex(printer, offset, 4);
                put(printer, ": ");
                columns = put_pairs(printer, view.data + offset, count);
                if (!ascii)
                        continue;
                for (; columns < PAIRS_WIDTH; columns++)
                        put_char(printer, ' ');
                put(printer, "  ");
                for (uint32_t i = 0; i < count; i++) {
                        uint8_t c = view.data[offset + i];

                        put_char(printer, visible(c) ? (char)c : '.');
                }
        }
}

void dump_hex(struct printer *printer, const char *indent, struct view view, uint32_t length)
{
        dump_lines(printer, indent, view, length, false);
}

void dump_hex_ascii(struct printer *printer, const char *indent, struct view view, uint32_t length)
{
        dump_lines(printer, indent, view, length, true);
}

/* -A: text as it is, but for what a terminal might act on. Carriage returns are
 * left out where they end a line, or nearly the packet. */
static void dump_ascii(struct printer *printer, struct view view)
{
        if (view.captured > 0)
                put_char(printer, '\n');
        for (uint32_t i = 0; i < view.captured; i++) {
                uint8_t c = view.data[i];

                if (c == '\r') {
                        if (view.captured - i > 2 && view.data[i + 1] != '\n')
                                put_char(printer, '.');
                        continue;
                }
                if (visible(c) || c == '\t' || c == ' ' || c == '\n') {
                        put_char(printer, (char)c);
                } else {
                        put_char(printer, '.');
                }
        }
}

void dump_print(struct printer *printer, const struct print_packet *packet)
{
        struct view all = {packet->data, packet->captured, packet->captured};
        struct view inner = view_from(all, printer->link_header);

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

void put_unknown(struct printer *printer, struct view view, uint32_t length)
{
        if (!printer->dumps)
                dump_hex_ascii(printer, "\n\t", view, length);
}
