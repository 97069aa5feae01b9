/* --fate: a live capture that tells of each packet what became of it, by the programs of
 * ebpf/fate/fate.h. */
#pragma once

#include "base/error.h"
#include "capture/capture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cbpf_sets;

struct fate_settings {
        const char *const *devices; /* names, or "any" */
        size_t device_count;
        size_t buffer;          /* bytes; 0 for the default */
        uint32_t kept;          /* bytes of a packet at most */
        const char *expression; /* valid until it is closed, as the sets */
        const struct cbpf_sets *sets;
        uint64_t wait; /* milliseconds that a packet waits for its end, at most */
        bool comments; /* packets have it as a comment, too, for files */
        bool path;     /* tell where it has been, too */
        int verbose;   /* 1: the function that dropped it; 2: all that called it */
};

struct fate_source;

/* Opens a live capture of link type LINUX_SLL2, whose packets have notes. `*source` is the
 * capture's. Call it while there is one thread: a process is started that reads rule sets. Returns
 * NULL with `error` filled on failure. */
struct capture *fate_capture(const struct fate_settings *settings, struct fate_source **source,
                             struct error *error);

/* The socket over which it goes on to send messages. */
int fate_channel(const struct fate_source *source);

/* How many events of packets found no room: what became of these is unknown. */
uint64_t fate_lost_events(const struct fate_source *source);
