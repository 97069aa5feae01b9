/* write_trace: what its parts share. */
#ifndef CLI_WRITE_TRACE_H
#define CLI_WRITE_TRACE_H

#include "ebpf/writes.h"
#include "line.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct trace_options {
        struct writes_options selection;
        struct write_line_style style;
        bool json;
        bool quiet;
        const char *output;   /* -o; NULL: none */
        char *const *command; /* NULL: none */
        uint64_t calls;       /* end after as many; 0: no limit */
        uint64_t seconds;     /* end after as many; 0: no limit */
        uint64_t interval;    /* seconds between tables of a summary; 0: one, at the end */
};

/* write_trace_minimal.c: the dots, traced by ebpf/minimal.bpf.c. 0 is no limit. */
int write_trace_minimal(uint64_t lines, uint64_t seconds);

/* write_trace_events.c: traces as the options say, and prints. Returns the exit status. */
int write_trace_events(struct trace_options *options);

/* write_trace_command.c: the command to trace. */
struct command {
        pid_t pid;
        int go; /* close it unwritten: the command does not start */
        int *error;
};

/* Makes the process, which waits. Call before signals are blocked or file systems mounted, as it
 * inherits that. Returns 0, or -1 after a complaint. */
int command_prepare(struct command *command, char *const argv[]);

/* Lets it go. */
void command_start(struct command *command);

/* Once it has ended: its exit status, 128 + N if signal N ended it, 1 after a complaint if it could
 * not be started. */
int command_status(struct command *command, char *const argv[]);

/* write_trace_summary.c: adds the sums, as a table or as JSON. */
struct summary_style {
        bool redraw; /* over the table before, on a terminal, and no longer than that */
        bool json;
        bool by_descriptor;
};
void write_trace_summary(struct text *text, const struct writes *writes,
                         const struct summary_style *style);

#endif
