/* The tracer of write calls: loads ebpf/writes.bpf.c for a selection of calls and processes and
 * delivers its records. Prints nothing. */
#pragma once

#include "base/error.h"
#include "writes_event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct writes;

/* What to trace: calls that match all criteria. PIDs are of the caller's namespace; a process
 * without one there, and the calling process, are never traced. */
struct writes_options {
        bool calls[WRITES_CALLS]; /* the system calls, at least one */
        const pid_t *pids;        /* processes, with all threads; NULL: any */
        size_t pid_count;
        bool follow; /* and their descendants */
        bool by_uid;
        uid_t uid;          /* in the initial user namespace */
        const char *comm;   /* task name, truncated to 15 characters; NULL: any */
        const char *cgroup; /* folder of a cgroup (version 2), with those below it; NULL: any */
        bool by_fd;
        uint32_t fd;
        uint64_t bytes_least; /* minimum requested */

        bool summary; /* no records; see writes_totals() */
        bool by_descriptor;

        size_t data_most; /* bytes of data to keep; at most WRITES_DATA_MAX */
        bool with_paths;  /* report what the descriptor refers to */
        bool with_comm;   /* fill `comm`, */
        bool with_times;  /* `start` and `duration`; without, events come in order of their end */
        bool with_sum;    /* and `requested` of vectors */
        size_t ring_size; /* bytes, rounded up to a size that the kernel accepts */
};

/* Returns the size of an event in bytes. */
size_t writes_event_size(const struct writes_event *event);

/* Returns what the call's descriptor refers to, or NULL if the event does not have it. */
const struct writes_path *writes_event_path(const struct writes_event *event);

/* Writes the name of what a descriptor refers to ("/dev/null", "pipe:[1234]"), truncated to `size`.
 * Returns false if it refers to nothing. */
bool writes_path_name(const struct writes_path *path, char *name, size_t size);

/* Returns the name of a system call. */
const char *writes_call_name(enum writes_call call);

/* Starts tracing: on return every selected call is reported, or counted as lost. Returns NULL with
 * `error` filled on failure. Nothing is pinned: all of it is gone when the process ends.
 *
 * If tracefs is not mounted, the calling thread permanently moves to a mount namespace of its own
 * and mounts it there. libbpf's process-wide print function is replaced while this runs. */
struct writes *writes_open(const struct writes_options *options, struct error *error);

/* Ends tracing. Records in the ring can still be read. */
void writes_stop(struct writes *writes);
void writes_close(struct writes *writes);

/* Returns a descriptor that is readable when a record arrives in an empty ring: see ring_read(). */
int writes_descriptor(const struct writes *writes);

/* Passes all records to `take`, in order of the calls' ends, and sets `*fullness` to how full of
 * them the ring was, from 0 to 1. Returns true if more have arrived: call again instead of polling.
 */
bool writes_read(struct writes *writes,
                 void (*take)(void *context, const struct writes_event *event), void *context,
                 double *fullness);

/* Sets `lost` to the counts so far. Returns false if memory is short. */
bool writes_lost(const struct writes *writes, uint64_t lost[WRITES_LOSSES]);

/* Deselects a process of `pids` that has ended, as its PID may be reused. */
void writes_forget(struct writes *writes, pid_t pid);

/* Returns whether tasks found by `follow` are still running. */
bool writes_has_followed(const struct writes *writes);

/* Passes each total of a summary to `take`. Counting continues meanwhile. */
void writes_totals(const struct writes *writes,
                   void (*take)(void *context, const struct writes_key *key,
                                const struct writes_total *total),
                   void *context);
