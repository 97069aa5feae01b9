/* Inside cli/taps: a process that does something and undoes it when this one ends, however that
 * happens. It has a session of its own, all signals blocked, and keeps the privileges that this one
 * gives up. */
#pragma once

#include "base/error.h"

#include <stddef.h>

/* Called in that process, which has a copy of all memory, but only descriptors `kept`. */
struct watcher_task {
        int (*begin)(void *context, struct error *error); /* 0, or -1 with `error` filled */
        void (*look)(void *context);                      /* about once a second */
        void (*end)(void *context);                       /* also if begin() has failed */
        void *context;
        int *kept; /* with room for one more; is put in order */
        size_t kept_count;
};

struct watcher;

/* Starts the process, while this one has one thread, and waits for its beginning. Returns NULL with
 * `error` filled on failure. */
struct watcher *watcher_start(const struct watcher_task *task, struct error *error);

/* Has it come to its end, and waits for that. NULL is fine. */
void watcher_end(struct watcher *watcher);
