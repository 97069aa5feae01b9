/* The minimal tracer of write(2): loads ebpf/minimal.bpf.c and reads its lines. Prints nothing. */
#pragma once

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct minimal;

/* Loads the program for process `pid` (in the caller's PID namespace), attaches it to the
 * tracepoint sys_enter_write and opens trace_pipe: from now on each write(2) of that process yields
 * a line. Returns NULL with `error` filled, and nothing loaded, on failure.
 *
 * If tracefs is not mounted, the calling thread permanently moves to a mount namespace of its own
 * and mounts it there: call this before starting threads. libbpf's process-wide print function is
 * replaced while this runs. */
struct minimal *minimal_open(pid_t pid, struct error *error);

/* Detaches and unloads the program, as the kernel does when the process dies. */
void minimal_close(struct minimal *trace);

/* Returns a descriptor to poll(2) for input. */
int minimal_descriptor(const struct minimal *trace);

enum minimal_result {
        MINIMAL_LINE,
        MINIMAL_EMPTY, /* no line yet: poll, which may return at once */
        MINIMAL_ERROR,
};

/* Returns the program's next line, without waiting. `*line`, `*length` bytes with the final
 * newline, is valid until the next call. Reading trace_pipe consumes: lines of others are skipped,
 * and lost to them. */
enum minimal_result minimal_next(struct minimal *trace, const char **line, size_t *length,
                                 struct error *error);

/* Returns how many events, ours or others', were overwritten in the trace buffer unread. */
uint64_t minimal_lost(const struct minimal *trace);
