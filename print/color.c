/* Colour for terminals: the first line of a packet gets one by its content, further lines are
 * dim. The colours are of the terminal's own palette, never black or white, so they can be read on
 * dark and on light. */
#include "forms.h"

#define RESET "\033[0m"
#define DIM "\033[2m"

/* The first match in the line decides: errors, then ends and starts of connections, then protocols.
 */
static const struct {
        const char *text;
        const char *color;
} colors[] = {
    {"(invalid)", "\033[1;31m"}, {"incorrect", "\033[1;31m"},  {"bad ", "\033[1;31m"},
    {" [|", "\033[1;31m"},       {"wrong ", "\033[1;31m"},     {"truncated-", "\033[1;31m"},
    {"Flags [R", "\033[31m"},    {" unreachable", "\033[31m"}, {"time exceeded", "\033[31m"},
    {"Flags [S", "\033[32m"},    {"Flags [F", "\033[33m"},     {"ARP, ", "\033[36m"},
    {"ICMP", "\033[35m"},        {": UDP", "\033[34m"}};

static const char *color_find(const char *line, size_t length)
{
        for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
                if (memmem(line, length, colors[i].text, strlen(colors[i].text)))
                        return colors[i].color;
        return NULL;
}

size_t color_print(struct printer *printer, size_t end)
{
        size_t start = printer->text.length;
        const char *newline = memchr(printer->text.start, '\n', end);
        size_t first = newline ? (size_t)(newline - printer->text.start) : end;
        const char *color = color_find(printer->text.start, first);
        bool more = first + 1 < end;

        /* The text moves when the room grows, so it grows before the copying. */
        output_room(printer, end + 64);
        put(printer, color ? color : "");
        put_bytes(printer, printer->text.start, first);
        put(printer, color ? RESET : "");
        put(printer, more ? "\n" DIM : "");
        if (more)
                put_bytes(printer, printer->text.start + first + 1, end - first - 1);
        put(printer, more ? RESET : "");
        return start;
}
