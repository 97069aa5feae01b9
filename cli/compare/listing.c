/* The first step of compare: both programs compile the expression, and the results are shown side
 * by side. Each is asked with -d and the options it will capture with: what is shown is what will
 * run, and one that cannot compile the expression, or not in time, is found out before any packet.
 */
#include "base/clock.h"
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        COLUMN = 48,     /* width of the left listing */
        MIN_COLUMN = 36, /* on a terminal */
        SHOWN = 40,      /* lines, unless --full */
};

struct listing {
        char *text;
        const char *next; /* the line to print next */
        size_t lines;
};

static size_t count_lines(const char *text)
{
        size_t lines = 0;

        for (; *text; text++)
                lines += *text == '\n';
        return lines;
}

/* How wide a listing may be for two of them to fit the terminal. */
static int column_width(void)
{
        int width = terminal_columns();

        if (width == 0 || width >= 2 * COLUMN + 2)
                return COLUMN;
        width = (width - 2) / 2;
        return width < MIN_COLUMN ? MIN_COLUMN : width;
}

/* Makes the columns within a line narrower: "(002) jeq   #0x800       jt 3 jf 8". */
static void tighten(char line[COLUMN + 1])
{
        char number[8], mnemonic[8], tight[COLUMN + 16], *operand, *jumps, *rest;
        size_t length;
        int taken, put;

        if (sscanf(line, "%7s %7s %n", number, mnemonic, &taken) < 2)
                return;
        operand = line + taken;
        jumps = strstr(operand, " jt ");
        length = jumps ? (size_t)(jumps - operand) : strlen(operand);
        while (length > 0 && operand[length - 1] == ' ')
                length--;
        put = snprintf(tight, sizeof tight, "%s %-5s %-*.*s", number, mnemonic, jumps ? 12 : 0,
                       (int)length, operand);
        for (char *word = jumps ? strtok_r(jumps, " ", &rest) : NULL; word;
             word = strtok_r(NULL, " ", &rest))
                put += snprintf(tight + put, sizeof tight - (size_t)put, " %s", word);
        snprintf(line, COLUMN + 1, "%.*s", COLUMN, tight);
}

/* Takes the next line of a listing into `line`, tabs made spaces; empty after the last. */
static void take_line(struct listing *listing, char line[COLUMN + 1])
{
        size_t width = 0;
        char c;

        for (; (c = *listing->next) && c != '\n'; listing->next++)
                do {
                        if (width < COLUMN)
                                line[width++] = c == '\t' ? ' ' : c;
                } while (c == '\t' && width % 8 != 0);
        if (c == '\n')
                listing->next++;
        line[width] = '\0';
}

/* A bar marks the lines that differ. On a terminal that is too narrow for two listings, their
 * columns are as narrow as they can be. */
static void show(struct listing listings[SIDES], bool full)
{
        size_t most = listings[TCPDUMP].lines > listings[FILT].lines ? listings[TCPDUMP].lines
                                                                     : listings[FILT].lines;
        size_t shown = full || most <= SHOWN ? most : SHOWN;
        int width = column_width();

        for (int side = 0; side < SIDES; side++) {
                size_t lines = listings[side].lines;
                char head[80];

                snprintf(head, sizeof head, "%s: %s", side_name(side),
                         lines > 0 ? counted(lines, "instruction").text : "no program");
                printf(side == TCPDUMP ? "%-*s  " : "%.*s\n", width, head);
        }
        for (size_t i = 0; i < shown; i++) {
                char left[COLUMN + 1], right[COLUMN + 1];

                take_line(&listings[TCPDUMP], left);
                take_line(&listings[FILT], right);
                if (width < COLUMN) {
                        tighten(left);
                        tighten(right);
                }
                printf("%-*.*s%s%.*s\n", width, width, left,
                       strcmp(left, right) == 0 ? "  "
                       : *right                 ? "| "
                                                : "|",
                       width, right);
        }
        if (shown < most)
                printf("... %s (--full shows them)\n", counted(most - shown, "more line").text);
        putchar('\n');
}

/* Milliseconds left until `seconds` after `start`, at least 0. */
static int time_left(int64_t start, uint64_t seconds)
{
        int64_t left = (int64_t)seconds * 1000 - (clock_now(CLOCK_MONOTONIC) - start) / 1000000;

        return left > 0 ? (int)left : 0;
}

/* Says why `runner` has no program. */
static void complain_no_program(const struct runner *runner, uint64_t timeout)
{
        if (runner->process > 0)
                complain(
                    "%s did not compile the expression within %llu s (--timeout gives it longer)",
                    side_name(runner->side), (unsigned long long)timeout);
        else
                runner_complain(runner);
}

/* Both have ended, or their time has. */
static int judge(const struct runner runners[SIDES], struct listing listings[SIDES],
                 const struct compare_options *options)
{
        const struct runner *tcpdump = &runners[TCPDUMP];
        const struct runner *filt = &runners[FILT];
        bool failed[SIDES];
        char *messages;

        for (int side = 0; side < SIDES; side++)
                failed[side] = runners[side].process > 0 || runners[side].status != 0;
        /* Both say no, each in its own way: ours is the better message. */
        if (failed[TCPDUMP] && failed[FILT] && !tcpdump->process && tcpdump->status == 1 &&
            !filt->process && (filt->status == STATUS_FAILED || filt->status == STATUS_USAGE)) {
                messages = memory_file_read(filt->messages);
                fputs(messages ? messages : "", stderr);
                free(messages);
                return filt->status;
        }
        show(listings, options->full);
        if (!failed[TCPDUMP] && !failed[FILT])
                return STATUS_DONE;
        if (failed[TCPDUMP] && failed[FILT])
                printf("No comparison: neither has a program.\n");
        else
                printf("Different: %s has a program for this, %s has none.\n",
                       side_name(failed[TCPDUMP] ? FILT : TCPDUMP),
                       side_name(failed[TCPDUMP] ? TCPDUMP : FILT));
        fflush(stdout);
        for (int side = 0; side < SIDES; side++)
                if (failed[side])
                        complain_no_program(&runners[side], options->timeout);
        return STATUS_FAILED;
}

int compare_listings(const struct compare_options *options)
{
        static const char *const listing[] = {"-d", NULL};
        struct runner runners[SIDES];
        struct listing listings[SIDES] = {0};
        int64_t start = clock_now(CLOCK_MONOTONIC);
        int status = STATUS_FAILED;
        int started;

        for (started = 0; started < SIDES; started++)
                if (runner_start(&runners[started], options, started, listing, -1) != STATUS_DONE)
                        break;
        for (int side = 0; side < started; side++) {
                runner_wait(&runners[side], time_left(start, options->timeout));
                listings[side].text = memory_file_read(runners[side].output);
                listings[side].next = listings[side].text;
                if (listings[side].text)
                        listings[side].lines = count_lines(listings[side].text);
        }
        if (started == SIDES && listings[TCPDUMP].text && listings[FILT].text)
                status = judge(runners, listings, options);
        for (int side = 0; side < started; side++) {
                free(listings[side].text);
                runner_free(&runners[side]);
        }
        return status;
}
