/* filt write-trace --minimal: reports this process's own writes. Each second it prints a dot to
 * standard error with fprintf(), which calls write(2), so each dot yields a line.
 *
 * Lines are printed with writev(2), which the tracepoint sys_enter_write does not see. With
 * write(2), each line would cause the next one, forever. So between minimal_open() and
 * minimal_close() only the dots may use write(2) or stdio. */
#include "ebpf/minimal.h"
#include "base/clock.h"
#include "cli/common/cli.h"
#include "trace.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

struct counts {
        uint64_t dots;
        uint64_t lines;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
        (void)signal;
        stopped = 1;
}

/* Without SA_RESTART, so that a blocked write is interrupted too. */
static void handle_signals(void)
{
        struct sigaction action = {.sa_handler = stop};

        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        action.sa_handler = SIG_IGN;
        sigaction(SIGPIPE, &action, NULL);
}

static int64_t now_ms(void)
{
        return clock_now(CLOCK_MONOTONIC) / 1000000;
}

/* Returns the status after a failed write: a closed pipe or a signal ends the run quietly. */
static int write_failed(const char *where)
{
        if (errno == EPIPE || errno == EINTR)
                return STATUS_DONE;
        return complain("%s: %s", where, strerror(errno));
}

static int put_line(const char *line, size_t length)
{
        while (length > 0) {
                struct iovec rest = {.iov_base = (void *)line, .iov_len = length};
                ssize_t put = writev(STDOUT_FILENO, &rest, 1);

                if (put < 0)
                        return write_failed("standard output");
                line += put;
                length -= (size_t)put;
        }
        return GO_ON;
}

/* Prints available lines, at most 100 at a time and `most` (0: no limit) in all, and adds their
 * number to `*count`. */
static int show_lines(struct minimal *trace, uint64_t most, uint64_t *count)
{
        struct error error;
        const char *line;
        size_t length;
        int status;

        for (int round = 0; round < 100; round++) {
                switch (minimal_next(trace, &line, &length, &error)) {
                case MINIMAL_ERROR: return complain("%s", error.message);
                case MINIMAL_EMPTY: return GO_ON;
                case MINIMAL_LINE: break;
                }
                ++*count;
                status = put_line(line, length);
                if (status != GO_ON)
                        return status;
                if (most && *count >= most)
                        return STATUS_DONE;
        }
        return GO_ON;
}

/* Waits for `time`, a line, or a signal. A signal just before poll() is noticed at the next dot. */
static void wait_until(const struct minimal *trace, int64_t time)
{
        struct pollfd pipe = {.fd = minimal_descriptor(trace), .events = POLLIN};
        int64_t left = time - now_ms();

        poll(&pipe, 1, left > 0 ? (int)left : 0);
}

/* Prints a dot a second, and the lines, until a limit or a signal. */
static int write_dots(struct minimal *trace, uint64_t lines, uint64_t duration,
                      struct counts *counts)
{
        int64_t next = now_ms();
        int64_t end = duration ? next + (int64_t)duration : INT64_MAX;
        int status = GO_ON;

        while (status == GO_ON) {
                int64_t now = now_ms();

                if (stopped || now >= end)
                        return STATUS_DONE;
                if (now >= next) {
                        status = fprintf(stderr, ".") < 0 ? write_failed("standard error") : GO_ON;
                        counts->dots++;
                        next = now + 1000;
                }
                if (status == GO_ON)
                        status = show_lines(trace, lines, &counts->lines);
                if (status == GO_ON)
                        wait_until(trace, next < end ? next : end);
        }
        return status;
}

/* Reports dots without lines. */
static void report(const struct counts *counts, uint64_t lost)
{
        if (counts->dots == counts->lines && lost == 0)
                return;
        fputc('\n', stderr);
        complain("%s gave %s; lost unread in the trace buffer: %s",
                 counted(counts->dots, "dot").text, counted(counts->lines, "line").text,
                 counted(lost, "event").text);
}

int trace_minimal(uint64_t lines, uint64_t duration)
{
        struct counts counts = {0};
        struct error error;
        struct minimal *trace;
        uint64_t lost;
        int status;

        handle_signals();
        trace = minimal_open(getpid(), &error);
        if (!trace)
                return complain("write-trace: %s", error.message);
        status = write_dots(trace, lines, duration, &counts);
        lost = minimal_lost(trace);
        minimal_close(trace);
        if (status == STATUS_DONE)
                report(&counts, lost);
        return status;
}
