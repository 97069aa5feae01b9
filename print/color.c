/* Colour for terminals: the text once more, with sequences around the fields that printers have
 * noted. The text itself stays what it is, so nothing in a packet can change where they are. */
#include "forms.h"

/* The text moves when the room grows. */
static void put_again(struct printer *printer, size_t from, size_t to)
{
        char *at = output_room(printer, to - from);

        memcpy(at, printer->text.start + from, to - from);
        printer->text.length += to - from;
}

size_t color_print(struct printer *printer, size_t end)
{
        size_t start = printer->text.length, at = 0;

        for (size_t i = 0; i < printer->spans.count; i++) {
                const struct span *span = &printer->spans.list[i];
                const char *sgr = printer->options.colors->sgr[span->role];

                if (span->end > end)
                        break;
                if (!*sgr)
                        continue;
                put_again(printer, at, span->start);
                putf(printer, "\033[%sm", sgr);
                put_again(printer, span->start, span->end);
                put(printer, COLORS_END);
                at = span->end;
        }
        put_again(printer, at, end);
        return start;
}
