/* filt write-trace: reads the options and hands on to what does the work. */
#include "trace.h"

#include "base/array.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: filt write-trace [options] [--] COMMAND [ARGUMENT...]\n"
    "       filt write-trace [options] [-p PID[,PID...]]\n"
    "       filt write-trace --minimal [-c N] [--duration SECONDS]\n"
    "\n"
    "Shows write calls, by an eBPF program on their tracepoints, in the format of strace: those\n"
    "of a command and its children, of running processes, or of the whole system.\n"
    "\n"
    "What to trace:\n"
    "  --syscalls NAME[,...]  write (the default), writev, pwrite64, pwritev, pwritev2, all\n"
    "  -p PID[,PID...]        these processes\n"
    "  -f                     with -p: also the processes they make\n"
    "  --comm NAME            tasks of this name\n"
    "  --uid USER             tasks of this user, by name or number\n"
    "  --cgroup PATH          tasks of this cgroup (version 2) and of those below it\n"
    "  --fd N                 calls on this descriptor\n"
    "  --min-bytes N          calls that ask for at least as many bytes\n"
    "  -c N                   end after N calls\n"
    "  --duration SECONDS     end after that many seconds\n"
    "\n"
    "What to show:\n"
    "  -s, --data N           at most N bytes of what is written (32)\n"
    "  -t, -tt, -ttt          time of day; with microseconds; seconds since 1970\n"
    "  -r                     time since the line before\n"
    "  -T                     duration of the call\n"
    "  -y                     the file, pipe or socket behind the descriptor\n"
    "  -Y                     names of tasks\n"
    "  -o FILE                write the lines to FILE; without: to standard output, or, with a\n"
    "                         command, to standard error\n"
    "  --json                 a JSON object a line\n"
    "  --summary[=process|fd] no lines but, at the end, a table of calls, bytes, errors and\n"
    "                         latencies, for each process or each of its descriptors\n"
    "  --interval SECONDS     with --summary: that table every so often\n"
    "  -q                     no closing line unless calls were lost\n"
    "  --buffer SIZE          of the kernel's ring, with K, M or G (16M)\n"
    "\n"
    "  --minimal              the smallest program of the kind: reports, through trace_pipe, the\n"
    "                         dot a second that filt itself writes\n"
    "  --help                 this text\n"
    "\n"
    "Takes root, or CAP_BPF and CAP_PERFMON and the right to read tracefs.\n";

enum {
        OPTION_SYSCALLS = 256,
        OPTION_COMM,
        OPTION_UID,
        OPTION_CGROUP,
        OPTION_FD,
        OPTION_MIN_BYTES,
        OPTION_DURATION,
        OPTION_JSON,
        OPTION_SUMMARY,
        OPTION_INTERVAL,
        OPTION_BUFFER,
        OPTION_MINIMAL,
        OPTION_HELP
};

static const struct option long_options[] = {
    {"syscalls", required_argument, NULL, OPTION_SYSCALLS},
    {"comm", required_argument, NULL, OPTION_COMM},
    {"uid", required_argument, NULL, OPTION_UID},
    {"cgroup", required_argument, NULL, OPTION_CGROUP},
    {"fd", required_argument, NULL, OPTION_FD},
    {"min-bytes", required_argument, NULL, OPTION_MIN_BYTES},
    {"duration", required_argument, NULL, OPTION_DURATION},
    {"data", required_argument, NULL, 's'},
    {"json", no_argument, NULL, OPTION_JSON},
    {"summary", optional_argument, NULL, OPTION_SUMMARY},
    {"interval", required_argument, NULL, OPTION_INTERVAL},
    {"buffer", required_argument, NULL, OPTION_BUFFER},
    {"minimal", no_argument, NULL, OPTION_MINIMAL},
    {"help", no_argument, NULL, OPTION_HELP},
    {0},
};

struct request {
        struct trace_options trace;
        bool minimal;
        bool help;
        bool beyond_minimal; /* an option was given that --minimal does not have */
        pid_t *pids;
        size_t pid_room;
};

enum { MOST = 1000000000 };

/* Each of these reads an option's value; false after a complaint. */

static bool read_calls(const char *value, bool calls[WRITES_CALLS])
{
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

static bool read_pids(char *value, struct request *request)
{
        struct writes_options *selection = &request->trace.selection;
        uint64_t pid;

        for (char *one = strtok(value, ", "); one; one = strtok(NULL, ", ")) {
                if (!array_grow(request->pids, request->pid_room, selection->pid_count + 1)) {
                        complain("out of memory");
                        return false;
                }
                if (!parse_number("-p", one, 1, INT32_MAX, &pid))
                        return false;
                request->pids[selection->pid_count++] = (pid_t)pid;
        }
        if (!request->pids) {
                complain("option -p: no process is given");
                return false;
        }
        selection->pids = request->pids;
        return true;
}

static bool read_user(const char *value, struct writes_options *selection)
{
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
        if (!parse_number("--uid", value, 0, UINT32_MAX, &number))
                return false;
        selection->uid = (uid_t)number;
        return true;
}

/* A number of bytes, perhaps with K, M or G. */
static bool read_size(const char *value, size_t *size)
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
        *size = number;
        return true;
}

static bool read_summary(const char *value, struct writes_options *selection)
{
        selection->summary = true;
        selection->by_descriptor = value && strcmp(value, "fd") == 0;
        if (!value || selection->by_descriptor || strcmp(value, "process") == 0)
                return true;
        complain("option --summary: '%s' is neither process nor fd", value);
        return false;
}

static bool read_option(int option, char *value, struct request *request)
{
        struct trace_options *trace = &request->trace;
        struct writes_options *selection = &trace->selection;
        uint64_t number;

        if (option != 'c' && option != OPTION_DURATION && option != OPTION_MINIMAL &&
            option != OPTION_HELP)
                request->beyond_minimal = true;
        switch (option) {
        case OPTION_SYSCALLS: return read_calls(value, selection->calls);
        case 'p': return read_pids(value, request);
        case 'f': selection->follow = true; return true;
        case OPTION_COMM: selection->comm = value; return true;
        case OPTION_UID: return read_user(value, selection);
        case OPTION_CGROUP: selection->cgroup = value; return true;
        case OPTION_FD:
                selection->by_fd = true;
                if (!parse_number("--fd", value, 0, INT32_MAX, &number))
                        return false;
                selection->fd = (uint32_t)number;
                return true;
        case OPTION_MIN_BYTES:
                return parse_number("--min-bytes", value, 0, INT64_MAX, &selection->bytes_least);
        case 'c': return parse_number("-c", value, 1, MOST, &trace->calls);
        case OPTION_DURATION: return parse_number("--duration", value, 1, MOST, &trace->seconds);
        case 's':
                if (!parse_number("--data", value, 0, WRITES_DATA_MAX, &number))
                        return false;
                selection->data_most = number;
                return true;
        case 't':
                if (trace->style.time < WRITE_LINE_EPOCH_MICRO)
                        trace->style.time++;
                return true;
        case 'r': trace->style.relative = true; return true;
        case 'T': trace->style.durations = true; return true;
        case 'y': selection->with_paths = true; return true;
        case 'Y': trace->style.names = true; return true;
        case 'o': trace->output = value; return true;
        case OPTION_JSON: trace->json = true; return true;
        case OPTION_SUMMARY: return read_summary(value, selection);
        case OPTION_INTERVAL: return parse_number("--interval", value, 1, MOST, &trace->interval);
        case 'q': trace->quiet = true; return true;
        case OPTION_BUFFER: return read_size(value, &selection->ring_size);
        case OPTION_MINIMAL: request->minimal = true; return true;
        default: request->help = true; return true;
        }
}

/* Returns the index of the first argument that is no option, or -1 after a complaint. */
static int read_options(int argc, char **argv, struct request *request)
{
        int option;

        opterr = 0;
        while ((option = getopt_long(argc, argv, "+:p:fc:s:trTyYo:q", long_options, NULL)) != -1) {
                if (option == ':') {
                        complain_usage(argv[0], "option %s needs a value", argv[optind - 1]);
                        return -1;
                }
                if (option == '?') {
                        complain_usage(argv[0], "unknown option '%s'", argv[optind - 1]);
                        return -1;
                }
                if (!read_option(option, optarg, request))
                        return -1;
        }
        return optind;
}

static bool is_consistent(const char *name, const struct request *request)
{
        const struct writes_options *selection = &request->trace.selection;

        if (request->minimal && (request->beyond_minimal || request->trace.command))
                complain_usage(name, "--minimal traces filt itself: only -c and --duration go "
                                     "with it");
        else if (request->trace.command && selection->pids)
                complain_usage(name, "-p and a command are two things to trace: choose one");
        else if (request->trace.interval && !selection->summary)
                complain_usage(name, "--interval goes with --summary");
        else if (request->trace.calls && selection->summary)
                complain_usage(name, "-c counts lines, and --summary has none");
        else if (selection->follow && !selection->pids && !request->trace.command)
                complain_usage(name, "-f goes with -p");
        else
                return true;
        return false;
}

static int run(const struct request *request, struct trace_options *trace)
{
        if (request->minimal)
                return write_trace_minimal(trace->calls, trace->seconds);
        trace->selection.with_times =
            trace->json || trace->style.time || trace->style.relative || trace->style.durations;
        trace->selection.with_comm = trace->json || trace->style.names;
        trace->selection.with_sum = trace->json;
        trace->style.plain_pids = trace->output != NULL;
        trace->style.data_most = trace->selection.data_most;
        return write_trace_events(trace);
}

int write_trace_run(int argc, char **argv)
{
        struct request request = {
            .trace.selection = {.calls[WRITES_WRITE] = true,
                                .data_most = 32,
                                .ring_size = 16 << 20},
        };
        int first = read_options(argc, argv, &request);
        int status = STATUS_USAGE;

        if (first >= 0 && first < argc)
                request.trace.command = argv + first;
        if (request.help) {
                fputs(help, stdout);
                status = STATUS_DONE;
        } else if (first >= 0 && is_consistent(argv[0], &request))
                status = run(&request, &request.trace);
        free(request.pids);
        return status;
}
