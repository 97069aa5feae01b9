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

/* command.c: the command to trace. */
struct command {
        pid_t pid;
        int go; /* closed without a write, the command does not start */
        int *error;
};

/* Creates the process, which waits for command_start(). Call this before blocking signals or
 * mounting, as the process inherits both. Complains on failure. */
int command_prepare(struct command *command, char *const argv[]);

/* Lets it execute the command. */
void command_start(struct command *command);

/* Whether it turned out that the command could not be executed. Its end, the only event there is
 * then, is of a process that never was the command. */
bool command_failed(const struct command *command);

/* Call after it has ended. Returns its exit status, 128 + N if signal N ended it; if the command
 * could not be executed, complains and returns 127 if there is none, else 126. */
int command_status(struct command *command, char *const argv[]);

/* summary.c: adds the totals to `text`, as a table or as JSON; `text->failed` if memory is short.
 */
struct summary_style {
        bool redraw; /* on a terminal: over the previous table, cut to the screen */
        bool json;
        bool by_descriptor;
};
void trace_summary(struct text *text, const struct writes *writes,
                   const struct summary_style *style);
