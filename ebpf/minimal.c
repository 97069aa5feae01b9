/* Loads and attaches minimal.bpf.c and reads trace_pipe, where bpf_printk() writes. Needs no kernel
 * BTF, as the program reads no kernel structure. Nothing is pinned, so all of it is gone when the
 * process ends, even if killed. */
#include "minimal.h"

#include "ebpf/minimal.skel.h"
#include "libbpf_log.h"
#include "trace_failure.h"
#include "trace_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct minimal {
        struct minimal_bpf *skeleton;
        int pipe; /* trace_pipe */
        pid_t pid;
        uint64_t lost;
        struct trace_lines lines;
        struct libbpf_log log;
};

static int check_tracing_on(int folder, const char *place, struct error *error)
{
        int file = openat(folder, "tracing_on", O_RDONLY | O_CLOEXEC);
        char state = '\0';
        ssize_t got;

        if (file < 0)
                return ebpf_fail_for_file(error, place, "tracing_on");
        got = read(file, &state, 1);
        close(file);
        if (got == 1 && state == '0')
                return error_set(error,
                                 "tracing is switched off, so nothing would be reported; switch it "
                                 "on with: echo 1 > %stracing_on",
                                 place);
        return 0;
}

static int open_pipe(int folder, const char *place, struct error *error)
{
        int pipe = openat(folder, "trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

        if (pipe >= 0)
                return pipe;
        if (errno == EBUSY)
                return error_set(
                    error, "%strace_pipe is being read by another program; end that one first",
                    place);
        return ebpf_fail_for_file(error, place, "trace_pipe");
}

/* Checks what the trace needs of tracefs. Returns trace_pipe, or -1. */
static int open_trace_pipe(struct error *error)
{
        const char *place;
        int folder = ebpf_open_tracefs(&place, error);
        int pipe = -1;

        if (folder < 0)
                return -1;
        if (ebpf_check_tracepoint(folder, place, "write", error) == 0 &&
            check_tracing_on(folder, place, error) == 0)
                pipe = open_pipe(folder, place, error);
        close(folder);
        return pipe;
}

/* Discards older lines, which may come from another process with the same PID. Bounded, as others
 * may write faster than we read. */
static void drain(int pipe)
{
        char text[4096];

        for (int reads = 0; reads < 10000; reads++)
                if (read(pipe, text, sizeof text) <= 0)
                        return;
}

/* Identifies our PID namespace for the kernel's helper, which takes the device in the kernel's
 * encoding, unlike stat(2)'s: 12 bits of major and 20 of minor number. */
static int set_namespace(struct minimal_bpf *skeleton, struct error *error)
{
        static const char path[] = "/proc/self/ns/pid";
        struct stat status;

        if (stat(path, &status) < 0)
                return error_set(error, "%s: %s; it needs a mounted /proc", path, strerror(errno));
        skeleton->bss->namespace_device =
            (uint64_t)major(status.st_dev) << 20 | minor(status.st_dev);
        skeleton->bss->namespace_inode = status.st_ino;
        return 0;
}

static int load_and_attach(struct minimal *trace, struct error *error)
{
        int status;

        trace->skeleton = minimal_bpf__open();
        if (!trace->skeleton)
                return ebpf_fail_for_program(error, "open the eBPF program", errno, &trace->log);
        trace->skeleton->bss->my_pid = trace->pid;
        if (set_namespace(trace->skeleton, error) < 0)
                return -1;
        status = minimal_bpf__load(trace->skeleton);
        if (status != 0)
                return ebpf_fail_for_program(error, "load the eBPF program", -status, &trace->log);
        drain(trace->pipe);
        status = minimal_bpf__attach(trace->skeleton);
        if (status != 0)
                return ebpf_fail_for_program(error, "attach to syscalls:sys_enter_write", -status,
                                             &trace->log);
        return 0;
}

/* On failure minimal_close() closes what was opened. */
static int open_all(struct minimal *trace, struct error *error)
{
        int failed;

        trace->pipe = open_trace_pipe(error);
        if (trace->pipe < 0)
                return -1;
        libbpf_log_start(&trace->log);
        failed = load_and_attach(trace, error);
        libbpf_log_stop(&trace->log);
        return failed;
}

struct minimal *minimal_open(pid_t pid, struct error *error)
{
        struct minimal *trace = calloc(1, sizeof *trace);

        if (!trace) {
                error_memory(error);
                return NULL;
        }
        trace->pid = pid;
        if (open_all(trace, error) < 0) {
                minimal_close(trace);
                return NULL;
        }
        return trace;
}

void minimal_close(struct minimal *trace)
{
        if (!trace)
                return;
        minimal_bpf__destroy(trace->skeleton);
        if (trace->pipe >= 0)
                close(trace->pipe);
        free(trace);
}

int minimal_descriptor(const struct minimal *trace)
{
        return trace->pipe;
}

/* Returns the next of our lines among those already read, or NULL. */
static const char *next_of_ours(struct minimal *trace, size_t *length)
{
        const char *line;

        while ((line = trace_lines_next(&trace->lines, length))) {
                if (trace_line_is_from(line, *length, trace->pid))
                        return line;
                trace->lost += trace_line_lost(line, *length);
        }
        return NULL;
}

enum minimal_result minimal_next(struct minimal *trace, const char **line, size_t *length,
                                 struct error *error)
{
        size_t size;
        char *room;
        ssize_t got;

        *line = next_of_ours(trace, length);
        if (*line)
                return MINIMAL_LINE;
        /* One read at most, so that others' lines cannot block the caller. */
        room = trace_lines_room(&trace->lines, &size);
        got = read(trace->pipe, room, size);
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
                error_set(error, "trace_pipe: %s", strerror(errno));
                return MINIMAL_ERROR;
        }
        if (got > 0)
                trace_lines_filled(&trace->lines, (size_t)got);
        *line = next_of_ours(trace, length);
        return *line ? MINIMAL_LINE : MINIMAL_EMPTY;
}

uint64_t minimal_lost(const struct minimal *trace)
{
        return trace->lost;
}
