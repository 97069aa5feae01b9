/* The differences compare finds, printed as they are found: which packet, who has it, and its line.
 */
#include "compare.h"
#include "print/print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 3 };

int compare_report_open(struct compare_report *report, struct compare_result *result,
                        const struct capture *like, const char *file)
{
        struct print_options options = {
            .nanoseconds = capture_info(like)->nanoseconds,
        };

        *report = (struct compare_report){
            .result = result,
            .printer = printer_new(&options),
            .link_type = capture_info(like)->link_type,
            .file = file,
            .silent = compare_inconclusive(result),
        };
        return report->printer ? STATUS_DONE : out_of_memory();
}

void compare_report_free(struct compare_report *report)
{
        uint64_t differences = report->result->differences;

        if (differences > SHOWN && !report->silent)
                printf("... %" PRIu64 " more\n", differences - SHOWN);
        if (differences > 0 && !report->silent)
                putchar('\n');
        printer_free(report->printer);
}

/* The packet as text, each line set in. */
static void show(struct compare_report *report, const struct capture_record *record)
{
        const struct print_packet packet = {.packet = record->packet,
                                            .link_type = report->link_type,
                                            .time = record->time,
                                            .interface = record->on ? record->on->name : NULL};
        size_t length;
        const char *text = printer_print(report->printer, &packet, &length);

        for (const char *end; text && (end = strchr(text, '\n')); text = end + 1)
                printf("  %.*s\n", (int)(end - text), text);
}

void compare_report(struct compare_report *report, const struct capture_record *record,
                    const char *format, ...)
{
        va_list arguments;

        if (report->result->differences++ >= SHOWN || report->silent)
                return;
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
        show(report, record);
}
