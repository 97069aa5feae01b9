/* write-trace: what its parts share. */
#pragma once

#include "ebpf/writes.h"
#include "line.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct trace_options {
        struct writes_options selection;
        struct trace_style style;
        bool json;
        bool quiet;
        const char *output;   /* -o; NULL: none */
        char *const *command; /* NULL: none */
        uint64_t calls;       /* end after so many; 0: no limit */
        uint64_t duration;    /* milliseconds, then the end; 0: no limit */
        uint64_t interval;    /* milliseconds between tables of a summary; 0: one, at the end */
};

/* minimal.c: prints dots and traces its own writes with ebpf/minimal.bpf.c, until `lines` lines or
 * `duration` milliseconds; 0 is no limit. Returns the exit status. */
int trace_minimal(uint64_t lines, uint64_t duration);

/* events.c: traces and prints as the options ask. Returns the exit status. */
int trace_events(struct trace_options *options);

/* summary.c: adds the totals to `text`, as a table or as JSON; `text->failed` if memory is short.
 */
struct summary_style {
        int screen; /* a terminal: over the previous table, and no larger than it; -1: none */
        bool json;
        bool by_descriptor;
};
void trace_summary(struct text *text, const struct writes *writes,
                   const struct summary_style *style);
