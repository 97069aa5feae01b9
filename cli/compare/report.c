/* The differences compare finds, printed as they are found: which packet, who has it, and its line.
 */
#include "compare.h"
#include "print/print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { SHOWN = 3 };

int compare_report_open(struct compare_report *report, struct compare_result *result,
                        const struct capture *like, const char *file)
{
        *report = (struct compare_report){
            .result = result,
            .printer = packet_printer(like, NULL),
            .file = file,
            .silent = compare_inconclusive(result),
        };
        return report->printer ? STATUS_DONE : STATUS_FAILED;
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

void compare_report(struct compare_report *report, const struct capture_record *record,
                    const char *format, ...)
{
        va_list arguments;
        const char *line;

        if (report->result->differences++ >= SHOWN || report->silent)
                return;
        va_start(arguments, format);
        vprintf(format, arguments);
        va_end(arguments);
        putchar('\n');
        line = packet_line(report->printer, record);
        if (line)
                print_packet_line(line);
}
