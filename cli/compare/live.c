/* compare -i: both programs listen at the same time, and then what they wrote is compared.
 *
 * They start and stop at different moments, so what counts is a window: from when both have said
 * that they listen, until we decide to stop. That is well before they are told to, as packets stay
 * in the kernel for a while (for tcpdump up to a second), and are lost to a program that stops.
 *
 * What they write goes to memory (memfd), as much as arrives: a pipe would make the faster one
 * wait for the slower, and lose packets by that. */
#include "base/clock.h"
#include "base/text.h"
#include "compare.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        STEP_MS = 20,
        PROGRESS_STEPS = 25,
        GRACE_MS = 1300,     /* tcpdump lets the kernel collect packets for 1000 ms */
        CATCH_UP_MS = 10000, /* beyond that, for a program that lags behind */
        LISTEN_MS = 10000,   /* to open the interface, beyond the time to compile */
        MAX_BYTES = 1 << 30, /* collected by both together; ends the capture */
        CLOCK_TOLERANCE_NS = 50000000,
};

/* Counts the packets in a capture file that is still growing. */
struct follower {
        int fd;
        off_t offset;    /* of the next record; 0: not even the file's header is there */
        int64_t unit;    /* nanoseconds of a record's fraction */
        uint64_t count;  /* records since the window's start */
        int64_t last;    /* time of the last one */
        int64_t reached; /* time of the one that made `count` enough, or 0 */
};

struct live {
        const struct compare_options *options;
        struct runner runners[SIDES];
        struct follower followers[SIDES];
        struct compare_window window;
        sigset_t stop_signals; /* blocked, and taken while we wait */
        bool progress;         /* a progress line is on the terminal */
};

/* Waits a step; true if a signal came that asks to stop. */
static bool wait_step(const struct live *live)
{
        static const struct timespec step = {.tv_nsec = STEP_MS * 1000000};

        return sigtimedwait(&live->stop_signals, NULL, &step) > 0;
}

/* The records were written on this machine, so in its byte order. Formats: pcap-savefile(5). */
static void follow(struct follower *follower, int64_t start, uint64_t enough)
{
        enum { FILE_HEADER = 24, RECORD_HEADER = 16, NANOSECOND_MAGIC = (int)0xa1b23c4du };
        uint32_t header[RECORD_HEADER / 4];
        struct stat info;

        if (fstat(follower->fd, &info) < 0)
                return;
        if (follower->offset == 0) {
                if (info.st_size < FILE_HEADER || pread(follower->fd, header, 4, 0) != 4)
                        return;
                follower->unit = header[0] == (uint32_t)NANOSECOND_MAGIC ? 1 : 1000;
                follower->offset = FILE_HEADER;
        }
        while (pread(follower->fd, header, RECORD_HEADER, follower->offset) == RECORD_HEADER) {
                off_t end = follower->offset + RECORD_HEADER + (off_t)header[2];
                int64_t time = header[0] * INT64_C(1000000000) + header[1] * follower->unit;

                if (end > info.st_size)
                        return;
                follower->offset = end;
                if (time < start)
                        continue;
                follower->last = time;
                if (++follower->count == enough)
                        follower->reached = time;
        }
}

static void show_progress(struct live *live, int64_t started)
{
        char left[64] = "Ctrl-C ends it";
        struct text line = {0};
        int64_t seconds = (clock_now(CLOCK_MONOTONIC) - started) / 1000000000;

        if (live->options->packets)
                snprintf(left, sizeof left, "of %" PRIu64, live->options->packets);
        else if (live->options->duration)
                snprintf(left, sizeof left, "%" PRId64 " s left",
                         (int64_t)live->options->duration / 1000 - seconds);
        text_string(&line, "\r\033[Klistening on ");
        text_show(&line, live->options->device, strlen(live->options->device));
        text_format(&line, ": packets: tcpdump %" PRIu64 ", filt %" PRIu64 "; %s",
                    live->followers[TCPDUMP].count, live->followers[FILT].count, left);
        if (!line.failed)
                write_standard_error(line.start, line.length);
        text_free(&line);
        live->progress = true;
}

static void end_progress(struct live *live)
{
        if (live->progress)
                fputs("\r\033[K", stderr);
        live->progress = false;
}

/* True if one of the two has ended, which it should not have; complains. */
static bool one_ended(struct live *live)
{
        bool ended = false;

        for (int side = 0; side < SIDES; side++)
                if (runner_wait(&live->runners[side], 0)) {
                        end_progress(live);
                        complain("%s ended early", side_name(side));
                        runner_complain(&live->runners[side]);
                        ended = true;
                }
        return ended;
}

/* Both say that they listen only when their sockets are bound and filtered. */
static bool listens(const struct runner *runner)
{
        char *messages = memory_file_read(runner->messages);
        bool found = messages && strstr(messages, ": listening on ");

        free(messages);
        return found;
}

static int wait_until_listening(struct live *live)
{
        int64_t deadline = clock_now(CLOCK_MONOTONIC) + LISTEN_MS * INT64_C(1000000) +
                           (int64_t)live->options->timeout * 1000000000;

        for (;;) {
                bool tcpdump = listens(&live->runners[TCPDUMP]);
                bool filt = listens(&live->runners[FILT]);

                if (one_ended(live) || memory_was_short())
                        return STATUS_FAILED;
                if (tcpdump && filt)
                        return STATUS_DONE;
                if (clock_now(CLOCK_MONOTONIC) > deadline)
                        return complain("%s does not start to listen on %s",
                                        side_name(tcpdump ? FILT : TCPDUMP), live->options->device);
                if (wait_step(live))
                        return complain("interrupted before both were listening");
        }
}

/* True when there is enough to compare; then the window's end is set. */
static bool enough(struct live *live, int64_t started)
{
        const struct compare_options *options = live->options;
        off_t bytes = 0;

        for (int side = 0; side < SIDES; side++) {
                struct follower *follower = &live->followers[side];

                follow(follower, live->window.start, options->packets);
                bytes += follower->offset;
                if (follower->reached && follower->reached < live->window.end)
                        live->window.end = follower->reached;
        }
        if (live->window.end != INT64_MAX)
                return true;
        if (bytes < MAX_BYTES && (!options->duration || clock_now(CLOCK_MONOTONIC) - started <
                                                            (int64_t)options->duration * 1000000))
                return false;
        if (bytes >= MAX_BYTES) {
                end_progress(live);
                complain("ending the capture at %d MiB of packets", MAX_BYTES >> 20);
        }
        live->window.end = clock_now(CLOCK_REALTIME);
        return true;
}

/* Lets both listen through the window. */
static int listen_for_a_while(struct live *live)
{
        bool terminal = isatty(STDERR_FILENO);
        int64_t started = clock_now(CLOCK_MONOTONIC);

        for (unsigned step = 0; !enough(live, started); step++) {
                if (one_ended(live))
                        return STATUS_FAILED;
                if (terminal && step % PROGRESS_STEPS == 0)
                        show_progress(live, started);
                if (wait_step(live))
                        live->window.end = clock_now(CLOCK_REALTIME);
        }
        return STATUS_DONE;
}

/* Waits until both have written all packets of the window: for the time that the kernel may hold
 * them, then as long as one still writes packets from within it. */
static int wait_for_the_rest(struct live *live)
{
        int64_t grace = clock_now(CLOCK_MONOTONIC) + GRACE_MS * INT64_C(1000000);
        int64_t deadline = grace + CATCH_UP_MS * INT64_C(1000000);
        bool lagging = true;

        while (clock_now(CLOCK_MONOTONIC) < (lagging ? deadline : grace)) {
                lagging = false;
                for (int i = 0; i < 5; i++)
                        wait_step(live);
                for (int side = 0; side < SIDES; side++) {
                        struct follower *follower = &live->followers[side];
                        uint64_t before = follower->count;

                        follow(follower, live->window.start, 0);
                        lagging |= follower->count != before && follower->last < live->window.end;
                }
                if (one_ended(live))
                        return STATUS_FAILED;
        }
        return STATUS_DONE;
}

/* Takes the number from "N packets dropped by kernel" (tcpdump) or "N dropped by kernel" (filt). */
static uint64_t parse_dropped(const char *messages)
{
        const char *end = strstr(messages, " dropped by kernel");
        const char *start = end;

        while (start && start > messages && start[-1] != '\n' && start[-1] != ',')
                start--;
        return start ? strtoull(start, NULL, 10) : 0;
}

static void stop(struct live *live, struct compare_result *result)
{
        for (int side = 0; side < SIDES; side++) {
                struct runner *runner = &live->runners[side];
                char *messages;

                runner_end(runner);
                if (runner->status != 0) {
                        runner_complain(runner);
                        result->failed = true;
                }
                messages = memory_file_read(runner->messages);
                if (messages)
                        result->dropped[side] = parse_dropped(messages);
                free(messages);
        }
}

/* The captures, opened. Compares them, and returns an exit status. */
static int compare_captures(const struct live *live, struct capture *const captures[SIDES],
                            struct compare_result *result)
{
        int tcpdump = capture_info(captures[TCPDUMP])->link_type;
        int filt = capture_info(captures[FILT])->link_type;
        struct compare_report report;

        if (tcpdump != filt)
                return complain("tcpdump and filt give %s different link types (%d and %d); -y "
                                "chooses one",
                                live->options->device, tcpdump, filt);
        if (compare_report_open(&report, result, captures[FILT], NULL) != STATUS_DONE)
                return STATUS_FAILED;
        compare_align(captures, &live->window, &report);
        compare_report_free(&report);
        return STATUS_DONE;
}

/* The programs have ended: from here on, nothing is asked of the system but to read what they
 * wrote.
 */
static int compare_outputs(struct live *live, struct compare_result *result)
{
        struct capture *captures[SIDES];
        int status = STATUS_DONE;
        struct error error;

        enter_sandbox_to_read(NULL, false);
        for (int side = 0; side < SIDES; side++) {
                int *output = &live->runners[side].output;

                lseek(*output, 0, SEEK_SET); /* it stands where the program stopped writing */
                captures[side] = capture_open_descriptor(*output, "its output", &error);
                *output = -1;
                if (!captures[side] && error.kind == ERROR_MEMORY)
                        status = out_of_memory();
                else if (!captures[side])
                        status = complain("what %s wrote cannot be read: %s", side_name(side),
                                          error.message);
        }
        if (status == STATUS_DONE)
                status = compare_captures(live, captures, result);
        for (int side = 0; side < SIDES; side++)
                capture_close(captures[side]);
        return status;
}

/* Captures. The clocks are looked at twice: where the one of the time stamps was set meanwhile, the
 * window has no meaning. */
static int capture_both(struct live *live, struct compare_result *result)
{
        static const char *const write_out[] = {"-U", "-w", "-", NULL};
        int64_t clocks, drift;

        for (int side = 0; side < SIDES; side++) {
                struct runner *runner = &live->runners[side];

                if (runner_start(runner, live->options, side, write_out, -1) != STATUS_DONE)
                        return STATUS_FAILED;
                live->followers[side].fd = runner->output;
        }
        if (wait_until_listening(live) != STATUS_DONE)
                return STATUS_FAILED;
        live->window.start = clock_now(CLOCK_REALTIME);
        clocks = live->window.start - clock_now(CLOCK_MONOTONIC);
        if (listen_for_a_while(live) != STATUS_DONE)
                return STATUS_FAILED;
        end_progress(live);
        if (wait_for_the_rest(live) != STATUS_DONE)
                return STATUS_FAILED;
        drift = clock_now(CLOCK_REALTIME) - clock_now(CLOCK_MONOTONIC) - clocks;
        result->clock_was_set = llabs(drift) > CLOCK_TOLERANCE_NS;
        stop(live, result);
        return STATUS_DONE;
}

void compare_live(const struct compare_options *options, struct compare_result *result)
{
        static const struct runner unused = {.output = -1, .messages = -1};
        struct live live = {
            .options = options, .runners = {unused, unused}, .window = {.end = INT64_MAX}};
        sigset_t before;
        int status;

        sigemptyset(&live.stop_signals);
        sigaddset(&live.stop_signals, SIGINT);
        sigaddset(&live.stop_signals, SIGTERM);
        sigaddset(&live.stop_signals, SIGHUP);
        sigprocmask(SIG_BLOCK, &live.stop_signals, &before);
        status = capture_both(&live, result);
        end_progress(&live);
        sigprocmask(SIG_SETMASK, &before, NULL);
        if (status == STATUS_DONE)
                status = compare_outputs(&live, result);
        result->failed |= status != STATUS_DONE;
        for (int side = 0; side < SIDES; side++)
                runner_free(&live.runners[side]);
}
