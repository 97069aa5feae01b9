/* The write tracepoint: loads ebpf/write_trace.bpf.c and reads what it reports.
 *
 * A library: it prints nothing. */
#ifndef WRITE_TRACE_H
#define WRITE_TRACE_H

#include <sys/types.h>

struct write_trace;

struct write_trace_error {
        char message[512]; /* what is missing (privilege, BTF, tracefs, tracepoint) and what to do */
};

/* Opens the skeleton, sets its my_pid to `pid` (in the PID namespace of the kernel's helper, the
 * initial one), loads it, attaches it to the tracepoint sys_enter_write and opens trace_pipe.
 * Returns NULL with `error` filled if any of it cannot be done. */
struct write_trace *write_trace_open(pid_t pid, struct write_trace_error *error);

/* Detaches and unloads the program. */
void write_trace_close(struct write_trace *trace);

#endif
