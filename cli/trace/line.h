/* An event as text: strace's line, or a JSON object. */
#pragma once

#include "base/colors.h"
#include "base/text.h"
#include "ebpf/writes.h"
#include <stdbool.h>
#include <stdint.h>

enum trace_time {
        TRACE_NO_TIME,
        TRACE_TIME_OF_DAY,       /* -t */
        TRACE_TIME_OF_DAY_MICRO, /* -tt */
        TRACE_EPOCH_MICRO        /* -ttt */
};

enum trace_hex {
        TRACE_HEX_NEVER,
        TRACE_HEX_FOREIGN, /* -x: strings and names with bytes that are no ASCII */
        TRACE_HEX_ALL      /* -xx */
};

struct trace_style {
        enum trace_time time;
        enum trace_hex hex;
        bool relative;    /* -r: since the previous line */
        bool durations;   /* -T */
        bool names;       /* -Y: the task's name behind its number */
        bool plain_pids;  /* begin with the task's ID without "[pid ]", as in strace's files */
        size_t data_most; /* as in struct writes_options */
        const struct colors *colors; /* NULL without */
};

/* State kept from line to line; all zero at first. */
struct trace_state {
        int64_t wall_offset; /* CLOCK_REALTIME minus CLOCK_MONOTONIC, ns; updated by the caller */
        uint64_t before;     /* start of the previous event */
        int64_t second;      /* shown by `clock` */
        char clock[9];       /* "HH:MM:SS" */
        size_t sequences;    /* bytes of the line that are no columns, but colours */
};

/* Adds the line of a call, an exit or a signal, as strace prints it. It begins with the task if
 * `several`. */
void trace_line(struct text *text, const struct writes_event *event,
                const struct trace_style *style, struct trace_state *state, bool several);

/* Adds a signal as strace prints it: "--- SIGPIPE {si_signo=SIGPIPE, ...} ---". `information` is
 * the start of a siginfo_t, of WRITES_SIGINFO bytes. */
void trace_signal(struct text *text, const char *information);

/* Adds the name of a signal. */
void trace_signal_name(struct text *text, int number);

/* The kernel returns errors as numbers from -1 to -4095. */
static inline bool trace_is_error(int64_t result)
{
        return result < 0 && result >= -4095;
}

/* Adds the JSON object, on one line, of a call, a fork, an exit or a signal. docs/write-trace.md
 * lists its members. */
void trace_json(struct text *text, const struct writes_event *event,
                const struct trace_style *style, const struct trace_state *state);
