/* The write tracepoint: loads ebpf/minimal.bpf.c and reads what it reports.
 *
 * A library: it prints nothing. */
#ifndef MINIMAL_H
#define MINIMAL_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct minimal;

/* Opens the skeleton, sets its my_pid to `pid` (as the caller's own PID namespace counts), loads
 * it, attaches it to the tracepoint sys_enter_write and opens trace_pipe. From the return on every
 * write(2) of that process gives a line. Returns NULL with `error` filled if any of it cannot be
 * done; nothing stays loaded then.
 *
 * Two things reach beyond the trace itself. If tracefs is not mounted, the calling thread moves to
 * a mount namespace of its own and mounts it there, for good: call this before starting threads.
 * And while it runs, libbpf's print function, which is one for the process, is replaced. */
struct minimal *minimal_open(pid_t pid, struct error *error);

/* Detaches and unloads the program. The kernel does the same when the process dies. */
void minimal_close(struct minimal *trace);

/* A descriptor to poll(2) for input. */
int minimal_descriptor(const struct minimal *trace);

enum minimal_result {
        MINIMAL_LINE,
        MINIMAL_EMPTY, /* no line for now: poll; there may be more to read at once */
        MINIMAL_ERROR,
};

/* Takes the next of the program's lines, without waiting. `*line`, `*length` bytes and a newline
 * last, is as trace_pipe has it; it is owned by the trace and valid until the next call. trace_pipe
 * is one for the machine and reading consumes: what others write to it is passed over, and lost to
 * them. */
enum minimal_result minimal_next(struct minimal *trace, const char **line, size_t *length,
                                 struct error *error);

/* Events of the machine's trace buffer that were overwritten before they could be read, ours
 * perhaps among them. */
uint64_t minimal_lost(const struct minimal *trace);

#endif
