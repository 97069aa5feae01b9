/* The differences compare finds, printed as they are found: which packet, who has it, and its line.
 */
#include "cli/common/cli.h"
#include "compare.h"
#include "print/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 3 };

int compare_report_open(struct compare_report *report, struct compare_result *result,
                        const struct capture *like, const char *file)
{
        struct print_options options = {
            .link_type = capture_info(like)->link_type,
            .nanoseconds = capture_info(like)->nanoseconds,
        };

        *report = (struct compare_report){
            .result = result,
            .printer = printer_new(&options),
            .file = file,
            .silent = compare_inconclusive(result),
        };
        if (report->printer)
                return 0;
        out_of_memory();
        return -1;
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

/* Counts a difference; true if it is to be shown. */
static bool next(struct compare_report *report)
{
        return report->result->differences++ < SHOWN && !report->silent;
}

/* The packet as text, each line set in. */
static void show(struct compare_report *report, const struct capture_record *record)
{
        size_t length;
        const char *text = printer_print(report->printer, &record->packet, &record->time, &length);

        for (const char *end; text && (end = strchr(text, '\n')); text = end + 1)
                printf("  %.*s\n", (int)(end - text), text);
}

void compare_report_only(struct compare_report *report, enum side side, uint64_t number,
                         const struct capture_record *record)
{
        const char *other = side_name(side == TCPDUMP ? FILT : TCPDUMP);

        if (!next(report))
                return;
        if (report->file)
                printf("Packet %" PRIu64 " of %s: matched by %s, not by %s\n", number, report->file,
                       side_name(side), other);
        else
                printf("%s's packet %" PRIu64 ": %s does not have it\n", side_name(side), number,
                       other);
        show(report, record);
}

void compare_report_unlike(struct compare_report *report, uint64_t number, const char *what,
                           const struct capture_record *record)
{
        if (!next(report))
                return;
        printf("Packet %" PRIu64 " of %s: matched by both, but %s\n", number, report->file, what);
        show(report, record);
}

void compare_report_foreign(struct compare_report *report, enum side side, uint64_t number,
                            const struct capture_record *record)
{
        if (!next(report))
                return;
        printf("%s's packet %" PRIu64 ": not in %s\n", side_name(side), number, report->file);
        show(report, record);
}
