/* Bytes, packets, rate, time left: a line on standard error, four times a second from the first
 * second on. */
#include "base/clock.h"
#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const int64_t first_after = 1000000000; /* nanoseconds */
static const int64_t every = 250000000;
static const double mega = 1e6;

static void tell(struct progress *progress, const struct capture *capture, int64_t now)
{
        struct capture_progress at = capture_progress(capture);
        double seconds = (double)(now - progress->begun) / 1e9;
        double rate = seconds > 0 ? (double)at.read / seconds : 0;
        char size[48] = "";
        char left[32] = "";

        fflush(stdout); /* whole lines, if they go to the same terminal */
        if (at.size > 0 && at.size >= at.read) {
                snprintf(size, sizeof size, " of %.1f MB (%.0f%%)", (double)at.size / mega,
                         100.0 * (double)at.read / (double)at.size);
                if (rate > 0)
                        snprintf(left, sizeof left, ", %.0f s left",
                                 (double)(at.size - at.read) / rate);
        }
        fprintf(stderr, "%sfilt: %.1f MB%s, %s, %.1f MB/s%s%s", progress->terminal ? "\r" : "",
                (double)at.read / mega, size, counted(progress->packets, "packet").text,
                rate / mega, left, progress->terminal ? "\033[K" : "\n");
        fflush(stderr);
        standing_line(progress->terminal);
        progress->told = now;
        progress->shown = true;
}

void progress_start(struct progress *progress, int wanted, bool prints)
{
        progress->terminal = isatty(STDERR_FILENO) && !(prints && isatty(STDOUT_FILENO));
        progress->asked = wanted == 1;
        progress->enabled = progress->asked || (wanted < 0 && progress->terminal);
        if (progress->enabled)
                progress->begun = clock_now(CLOCK_MONOTONIC);
        progress->told = progress->begun;
}

void progress_step(struct progress *progress, const struct capture *capture, uint64_t packets)
{
        int64_t now;

        progress->packets += packets;
        if (!progress->enabled)
                return;
        now = clock_now(CLOCK_MONOTONIC);
        if (now - progress->begun >= first_after && now - progress->told >= every)
                tell(progress, capture, now);
}

/* What nobody asked for goes away again; what was asked for is told at least once. */
void progress_end(struct progress *progress, const struct capture *capture)
{
        if (!progress->enabled)
                return;
        if (progress->asked)
                tell(progress, capture, clock_now(CLOCK_MONOTONIC));
        standing_line(false);
        if (progress->terminal && progress->shown)
                fputs(progress->asked ? "\n" : "\r\033[K", stderr);
}
