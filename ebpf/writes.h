/* The tracer of write calls: loads ebpf/writes.bpf.c for a selection of calls and processes, and
 * hands on what it reports.
 *
 * A library: it prints nothing. */
#ifndef WRITES_H
#define WRITES_H

#include "base/error.h"
#include "writes_event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct writes;

/* What to trace. All that is given must hold. Process ids count in the caller's PID namespace;
 * other namespaces' processes are seen if they have a number there. The calling process is never
 * traced. */
struct writes_options {
        bool calls[WRITES_CALLS]; /* the system calls, at least one */
        const pid_t *pids;        /* these processes, all their threads; NULL: any */
        size_t pid_count;
        bool follow; /* and the processes they make, and those these make, ... */
        bool by_uid;
        uid_t uid; /* as the initial user namespace counts */
        const char
            *comm; /* the task's name, cut to 15 characters like the kernel does; NULL: any */
        const char
            *cgroup; /* the folder of a cgroup (version 2): its tasks and those below; NULL: any */
        bool by_fd;
        uint32_t fd;
        uint64_t bytes_least; /* calls that ask for at least as many */

        bool summary; /* no records, but writes_totals() */
        bool by_descriptor;

        size_t data_most; /* bytes to keep of what is written; at most WRITES_DATA_MAX */
        bool with_paths;  /* tell what the descriptor refers to */
        bool with_comm;   /* fill struct writes_event's `comm` */
        bool with_times;  /* and `start` and `duration`; without, events come in the order of their
                             end */
        bool with_sum;    /* and `requested` for vectors */
        size_t ring_size; /* bytes; rounded up to what the kernel takes */
};

/* How many bytes an event has in all. */
size_t writes_event_size(const struct writes_event *event);

/* What the call's descriptor refers to; NULL if the event does not tell. */
const struct writes_path *writes_event_path(const struct writes_event *event);

/* Puts together the name of what a descriptor refers to ("/dev/null", "pipe:[1234]") as a string,
 * cut to `size`. Returns false if it refers to nothing. */
bool writes_path_name(const struct writes_path *path, char *name, size_t size);

/* The name of a system call, as in its tracepoint. */
const char *writes_call_name(enum writes_call call);

/* Starts tracing: from the return on every call selected is reported, or counted as lost. NULL with
 * `error` filled if that cannot be. Nothing is pinned: with the process, however it ends, all of it
 * goes.
 *
 * If tracefs is not mounted, the calling thread moves to a mount namespace of its own and mounts it
 * there, for good. While it runs, libbpf's print function, one for the process, is replaced. */
struct writes *writes_open(const struct writes_options *options, struct error *error);

/* Ends tracing. What has been reported can still be read. */
void writes_stop(struct writes *writes);
void writes_close(struct writes *writes);

/* Becomes readable when a record arrives and all before have been read: see ring_read(). */
int writes_descriptor(const struct writes *writes);

/* Hands all records there are to `take`, in the order in which the calls ended. Returns true if
 * there are more by now: come back, do not poll. */
bool writes_read(struct writes *writes,
                 void (*take)(void *context, const struct writes_event *event), void *context);

/* How full the ring was at the last writes_read(), from 0 to 1. */
double writes_fullness(const struct writes *writes);

/* Fills in how much was lost so far. */
void writes_lost(const struct writes *writes, uint64_t lost[WRITES_LOSSES]);

/* A process of `pids` has ended, so its number may become another's. */
void writes_forget(struct writes *writes, pid_t pid);

/* Whether tasks that `follow` found are still running. */
bool writes_has_followed(const struct writes *writes);

/* Hands each sum of a summary to `take`. Counting goes on meanwhile. */
void writes_totals(const struct writes *writes,
                   void (*take)(void *context, const struct writes_key *key,
                                const struct writes_total *total),
                   void *context);

#endif
