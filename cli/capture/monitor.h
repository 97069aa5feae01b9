/* The process that creates the output files, beside the one that captures. It reads no byte of any
 * packet, and keeps the rights over files that the other one gives up.
 *
 * It does what the capturing process cannot: create the next file after privileges are dropped; run
 * the command of -z; and, after a `kill -9` in the middle of a write, cut the file behind its last
 * whole record. */
#pragma once

#include "base/error.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* One of the files of -w, -C and -G. */
struct monitor_file {
        uint64_t slice;  /* of -G, from 0 */
        uint64_t number; /* of -C in the slice, from 0 */
        time_t begun;    /* when the slice began */
};

/* Called in the monitor, so that the capturing process has no say in names: writes the file's name,
 * as it is shown and opened, to `name`; "-" is standard output. Returns 0, or -1 with `error`
 * filled. */
typedef int monitor_name(void *context, const struct monitor_file *file, char name[PATH_MAX],
                         struct error *error);

struct monitor;

struct user;

struct monitor_options {
        monitor_name *name;
        void *context;
        const char *command; /* of -z, or NULL: it gets the name of each file that is complete */
        const struct user *user; /* who runs it, and owns the files; NULL for the caller */
        uint64_t keep;           /* so many of the latest files are kept; 0 for all */
        mode_t mode;             /* of new files, less the umask */
};

/* Starts the process, while the caller has one thread and its privileges. `options` need not
 * outlive the call. NULL with `error` filled on failure. */
struct monitor *monitor_start(const struct monitor_options *options, struct error *error);

enum { MONITOR_NO_READER = 1 }; /* the kind of an error: the file is a FIFO that nobody reads */

/* Creates or truncates a file, which becomes the one at hand, and writes its name to `name`.
 * Returns a descriptor; or -1 with `error` filled, and the file at hand stays the same. */
int monitor_open(struct monitor *monitor, const struct monitor_file *file, char name[PATH_MAX],
                 struct error *error);

/* Whether the file at hand still has its name: nobody has renamed or removed it. 1 or 0; -1 if the
 * monitor has ended. */
int monitor_has_name(struct monitor *monitor);

/* The file at hand is complete: the command of -z may have it. */
void monitor_complete(struct monitor *monitor);

/* Shared with the monitor: how many bytes of the file at hand are whole records. The writer sets it
 * before and after each write. */
_Atomic uint64_t *monitor_whole(struct monitor *monitor);

/* The descriptor over which requests go. */
int monitor_channel(const struct monitor *monitor);

/* Lets the monitor end, once all commands of -z have ended, and frees. A signal that asks for the
 * end meanwhile ends them with SIGTERM, and one more kills them. `monitor` may be NULL. Returns
 * false if one of the commands failed, which has been said. */
bool monitor_end(struct monitor *monitor);
