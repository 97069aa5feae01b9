/* An event as text: strace's line, or a JSON object. */
#ifndef WRITE_LINE_H
#define WRITE_LINE_H

#include "base/text.h"
#include "ebpf/writes.h"
#include <stdbool.h>
#include <stdint.h>

enum write_line_time {
        WRITE_LINE_NO_TIME,
        WRITE_LINE_TIME_OF_DAY,       /* -t */
        WRITE_LINE_TIME_OF_DAY_MICRO, /* -tt */
        WRITE_LINE_EPOCH_MICRO        /* -ttt */
};

struct write_line_style {
        enum write_line_time time;
        bool relative;    /* -r: since the line before */
        bool durations;   /* -T */
        bool names;       /* -Y: the task's name behind its number */
        bool plain_pids;  /* the task's number in front, without "[pid ]", as in strace's files */
        size_t data_most; /* as the trace has it */
};

/* What one line needs to know of those before. All zero is the start. */
struct write_line_state {
        int64_t
            wall_offset; /* CLOCK_REALTIME less CLOCK_MONOTONIC, ns: the caller keeps it fresh */
        uint64_t before; /* start of the event printed last */
        int64_t second;  /* the second that `clock` tells */
        char clock[9];   /* "HH:MM:SS" */
};

/* Adds the line of a call, an exit or a signal. `several`: put the task in front. */
void write_line(struct text *text, const struct writes_event *event,
                const struct write_line_style *style, struct write_line_state *state, bool several);

/* Adds a signal as strace tells it: "--- SIGPIPE {si_signo=SIGPIPE, ...} ---". `information` is the
 * start of a siginfo_t, of WRITES_SIGINFO bytes. */
void write_line_signal(struct text *text, const char *information);

/* The name of a signal, at least 16 bytes large. */
void write_line_signal_name(char *name, size_t size, int number);

/* Adds the JSON object, on one line, of a call, a fork, an exit or a signal. docs/write-trace.md
 * lists its members. */
void write_line_json(struct text *text, const struct writes_event *event,
                     const struct write_line_style *style, const struct write_line_state *state);

#endif
