/* filt write-trace: reads the options and hands on to what does the work. */
#include "trace.h"

#include "base/array.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct request {
        struct trace_options trace;
        bool minimal;
        int color;              /* --color, enum color_choice */
        uint64_t fd, data_most; /* --fd, --data */
        pid_t *pids;
        size_t pid_room;
};

enum { MOST = 1000000000 };

static bool take_calls(void *place, const struct cli_option *option, const char *value)
{
        bool *calls = place;

        (void)option;
        memset(calls, 0, WRITES_CALLS * sizeof *calls);
        do {
                size_t length = strcspn(value, ",");
                bool all = length == 3 && strncmp(value, "all", length) == 0;
                bool known = all;

                for (int i = 0; i < WRITES_CALLS; i++) {
                        const char *name = writes_call_name(i);

                        if (all || (strlen(name) == length && strncmp(name, value, length) == 0))
                                known = calls[i] = true;
                }
                if (!known) {
                        complain("option --syscalls: '%.*s' is none of write, writev, pwrite64, "
                                 "pwritev, pwritev2, all",
                                 (int)length, value);
                        return false;
                }
                value += length;
                value += *value == ',';
        } while (*value);
        return true;
}

static bool take_pids(void *place, const struct cli_option *option, const char *value)
{
        struct request *request = place;
        struct writes_options *selection = &request->trace.selection;

        for (; *value; value += strspn(value, ", ")) {
                size_t length = strcspn(value, ", ");
                char one[24];
                uint64_t pid;

                if (!array_grow(request->pids, request->pid_room, selection->pid_count + 1)) {
                        out_of_memory();
                        return false;
                }
                snprintf(one, sizeof one, "%.*s", (int)length, value);
                if (!take_number(&pid, option, one))
                        return false;
                request->pids[selection->pid_count++] = (pid_t)pid;
                value += length;
        }
        if (!request->pids) {
                complain("option -p: no process is given");
                return false;
        }
        selection->pids = request->pids;
        return true;
}

static bool take_user(void *place, const struct cli_option *option, const char *value)
{
        struct writes_options *selection = place;
        const struct passwd *user = getpwnam(value);
        uint64_t number;

        selection->by_uid = true;
        if (user) {
                selection->uid = user->pw_uid;
                return true;
        }
        if (*value < '0' || *value > '9') {
                complain("option --uid: there is no user '%s'", value);
                return false;
        }
        if (!take_number(&number, option, value))
                return false;
        selection->uid = (uid_t)number;
        return true;
}

/* A number of bytes, perhaps with K, M or G. */
static bool take_size(void *place, const struct cli_option *option, const char *value)
{
        static const char units[] = "KMG";
        const size_t most = (size_t)1 << 30;
        char *end;
        unsigned long long number;
        const char *unit;

        errno = 0;
        number = strtoull(value, &end, 10);
        unit = *end ? strchr(units, *end & ~0x20) : NULL;
        if (unit && end[1] == '\0')
                for (const char *u = units; u <= unit && number <= most; u++)
                        number *= 1024;
        else if (*end)
                number = 0;
        if (*value < '0' || *value > '9' || errno || number < 4096 || number > most) {
                complain("option --buffer: '%s' is not a size from 4096 to 1G", value);
                return false;
        }
        (void)option;
        *(size_t *)place = number;
        return true;
}

static bool take_summary(void *place, const struct cli_option *option, const char *value)
{
        struct writes_options *selection = place;
        int by = 0;

        selection->summary = true;
        if (value && !take_word(&by, option, value))
                return false;
        selection->by_descriptor = by == 1;
        return true;
}

#define AT(member) offsetof(struct request, member)

static const struct cli_option rows[] = {
    {.heading = "What to trace"},
    {0, "syscalls", "NAME[,...]", take_calls, AT(trace.selection.calls),
     .help = "these calls: write (the default), writev, pwrite64, pwritev, pwritev2, all"},
    {'p', NULL, "PID[,...]", take_pids, 0, 1, INT32_MAX, .repeats = true,
     .help = "these processes"},
    {'f', NULL, NULL, take_yes, AT(trace.selection.follow),
     .help = "with -p: also the processes they start"},
    {0, "comm", "NAME", take_text, AT(trace.selection.comm), .help = "tasks of this name"},
    {0, "uid", "USER", take_user, AT(trace.selection), 0, UINT32_MAX,
     .help = "tasks of this user, by name or number"},
    {0, "cgroup", "FOLDER", take_text, AT(trace.selection.cgroup),
     .help = "tasks of this cgroup (version 2) and of those below it"},
    {0, "fd", "N", take_number, AT(fd), 0, INT32_MAX, .help = "calls on this descriptor"},
    {0, "min-bytes", "N", take_number, AT(trace.selection.bytes_least), 0, INT64_MAX,
     .help = "calls that ask for at least N bytes"},
    {'c', NULL, "N", take_number, AT(trace.calls), 1, MOST, .help = "stop after N calls"},
    {0, "duration", "TIME", take_duration, AT(trace.duration),
     .help = "stop after this time: 30s, 10m, 2h; without a unit, seconds"},

    {.heading = "What to show"},
    {'s', "data", "N", take_number, AT(data_most), 0, WRITES_DATA_MAX,
     .help = "at most N bytes of what is written (default 32)"},
    {'x', NULL, NULL, take_more, AT(trace.style.hex), 0, TRACE_HEX_ALL,
     .help =
         "strings and names in hex if they have bytes that are no ASCII text; twice: all of them"},
    {'t', NULL, NULL, take_more, AT(trace.style.time), 0, TRACE_EPOCH_MICRO,
     .help = "time of day; with microseconds; seconds since 1970"},
    {'r', NULL, NULL, take_yes, AT(trace.style.relative), .help = "time since the previous line"},
    {'T', NULL, NULL, take_yes, AT(trace.style.durations), .help = "duration of the call"},
    {'y', NULL, NULL, take_yes, AT(trace.selection.with_paths),
     .help = "the file, pipe or socket behind the descriptor"},
    {'Y', NULL, NULL, take_yes, AT(trace.style.names), .help = "names of tasks"},
    {'o', NULL, "FILE", take_text, AT(trace.output),
     .help = "write the lines to a file; otherwise they go to standard output or, with a command, "
             "to standard error"},
    COLOR_OPTION(AT(color), "the parts of lines"),
    {0, "json", NULL, take_yes, AT(trace.json), .help = "a JSON object a line"},
    {0, "summary", "process|fd", take_summary, AT(trace.selection), .optional = true,
     .help = "no lines but, at the end, a table of calls, bytes, errors and latencies, for each "
             "process or each of its descriptors"},
    {0, "interval", "TIME", take_duration, AT(trace.interval),
     .help = "with --summary: print that table every so often, with a TIME as for --duration"},
    {'q', NULL, NULL, take_yes, AT(trace.quiet), .help = "no closing line unless calls were lost"},
    {0, "buffer", "SIZE", take_size, AT(trace.selection.ring_size),
     .help = "size of the kernel's ring of events, with K, M or G (default 16M)",
     .more = "Events that do not fit are lost, and counted."},

    {.heading = "Instead of all that"},
    {0, "minimal", NULL, take_yes, AT(minimal),
     .help = "load the smallest such program, print a dot a second, and the line it leaves in "
             "trace_pipe for the write(2) of each dot",
     .more = "Only -c and --duration go with it."},
    {0},
};

/* What --minimal does not have. */
#define BEYOND_MINIMAL                                                                            \
        "--syscalls -p -f --comm --uid --cgroup --fd --min-bytes -s -x -t -r -T -y -Y -o --json " \
        "--summary --interval -q --buffer"
static const char minimal_alone[] =
    "--minimal traces filt itself: only -c and --duration go with it";

static const struct cli_rule rules[] = {
    {"--minimal", .excludes = BEYOND_MINIMAL, .message = minimal_alone},
    {"-x", .excludes = "--json --summary"},
    {"--interval", .needs = "--summary"},
    {.one_of = "-c --summary", .message = "-c counts lines, and --summary has none"},
    {0},
};

const struct cli_options write_trace_options = {
    .synopsis = "[options] [--] COMMAND [ARGUMENT...]\n"
                "[options] [-p PID[,PID...]]\n"
                "--minimal [-c N] [--duration SECONDS]",
    .about = "Shows write calls, by an eBPF program on their tracepoints, in the format of strace: "
             "those of a command and its children, of running processes, or of the whole system.",
    .rows = rows,
    .rules = rules,
    .end = "Takes root, or CAP_BPF and CAP_PERFMON and the right to read tracefs.",
};

static bool is_consistent(const struct request *request)
{
        const struct writes_options *selection = &request->trace.selection;

        if (request->minimal && request->trace.command)
                complain_usage("%s", minimal_alone);
        else if (request->trace.command && selection->pids)
                complain_usage("-p and a command are two things to trace: choose one");
        else if (selection->follow && !selection->pids && !request->trace.command)
                complain_usage("-f goes with -p");
        else
                return true;
        return false;
}

static int run(struct request *request)
{
        struct trace_options *trace = &request->trace;

        if (request->minimal)
                return trace_minimal(trace->calls, trace->duration);
        trace->selection.with_times =
            trace->json || trace->style.time || trace->style.relative || trace->style.durations;
        trace->selection.with_comm = trace->json || trace->style.names;
        trace->selection.with_sum = trace->json;
        trace->style.plain_pids = trace->output != NULL;
        trace->style.data_most = trace->selection.data_most;
        if (!trace->output || request->color == COLOR_ALWAYS)
                trace->style.colors =
                    choose_colors(request->color, trace->command ? STDERR_FILENO : STDOUT_FILENO);
        return trace_events(trace);
}

int write_trace_run(char **argv)
{
        struct request request = {
            .trace.selection = {.calls[WRITES_WRITE] = true, .ring_size = 16 << 20},
            .fd = UINT64_MAX,
            .data_most = 32,
        };
        struct writes_options *selection = &request.trace.selection;
        struct words words;
        int status = options_read(&write_trace_options, argv, &request, &words);

        selection->by_fd = request.fd != UINT64_MAX;
        selection->fd = (uint32_t)request.fd;
        selection->data_most = request.data_most;
        if (words.count > 0)
                request.trace.command = words.words; /* argv's: NULL stands behind them */
        if (status == GO_ON)
                status = is_consistent(&request) ? run(&request) : STATUS_USAGE;
        free(request.pids);
        return status;
}
