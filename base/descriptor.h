/* Writing to descriptors that may take nothing for a while: pipes, terminals, sockets. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

/* How long a write waits for its reader. Set by handlers of signals that ask for the end. */
enum hurry {
        HURRY_NONE,
        HURRY_ENDING,    /* as long as it takes, like HURRY_NONE */
        HURRY_IMPATIENT, /* a second */
        HURRY_AT_ONCE,   /* not at all */
};

struct patience {
        volatile sig_atomic_t hurry;        /* enum hurry */
        void (*interrupted)(void *context); /* NULL, or called when a signal may have come */
        void *context;
};

/* Returns whether a call on `fd` that failed with errno `reason` should be repeated; waits for
 * `events`, POLLIN or POLLOUT, before. `patience` may be NULL. Keeps errno. */
bool descriptor_wait(int fd, short events, int reason, const struct patience *patience);

/* Writes all the pieces, of which there may be as many as writev(2) takes; changes them. Returns 0;
 * or -1 with errno set, EINTR or EAGAIN if it was given up for want of a reader. Adds the number of
 * bytes written to `*done`, even then. */
int descriptor_write(int fd, struct iovec *pieces, int count, const struct patience *patience,
                     uint64_t *done);
