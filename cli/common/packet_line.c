/* A packet's own line, for subcommands that tell something about the packet. */
#include "base/text.h"
#include "cli.h"
#include "print/print.h"

#include <string.h>

struct printer *packet_printer(const struct capture *capture, const struct colors *colors)
{
        struct print_options options = {
            .nanoseconds = capture_info(capture)->nanoseconds,
            .colors = colors,
        };
        struct printer *printer = printer_new(&options);

        if (!printer)
                out_of_memory();
        return printer;
}

struct print_packet packet_to_print(const struct capture_record *record)
{
        return (struct print_packet){
            .packet = record->packet,
            .link_type = record->link_type,
            .time = record->time,
            .interface = record->on ? record->on->name : NULL,
            .passage = record->passage,
        };
}

const char *packet_line(struct printer *printer, const struct capture_record *record)
{
        const struct print_packet packet = packet_to_print(record);
        size_t length;
        const char *line = printer_print(printer, &packet, &length);

        if (!line)
                out_of_memory();
        return line;
}

void put_packet_note(struct text *line, const struct colors *colors, const char *note, bool bad)
{
        const char *color = colors ? colors->sgr[bad ? ROLE_REFUSAL : ROLE_ACCEPTANCE] : "";
        const char *rest = note + strcspn(note, "\n");

        text_string(line, "  ");
        if (*color)
                text_format(line, "\033[%sm", color);
        text_show(line, note, (size_t)(rest - note));
        if (*color)
                text_string(line, COLORS_END);
        while (*rest++ == '\n') {
                text_string(line, "\n\t");
                text_show(line, rest, strcspn(rest, "\n"));
                rest += strcspn(rest, "\n");
        }
        text_char(line, '\n');
}

void print_packet_line(const char *line)
{
        enum { INDENT = 2, DEEPER = 4 };

        for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
                size_t spaces = strspn(line, " ");
                int at = INDENT + (int)spaces;

                printf("%*s", at, "");
                print_column(at, at + DEEPER, line + spaces, (size_t)(end - line) - spaces);
                putchar('\n');
        }
}
