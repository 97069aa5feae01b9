/* Processes and the packets they send and receive, by tracepoints and an iterator over open files.
 * Nothing is pinned: all of it is gone when the process ends, however that happens. */
#pragma once

#include "base/error.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct process_watch;

struct process_watch_options {
        uint32_t network_namespace; /* the inode of the only one to look at; 0 for all */
        size_t ring;                /* bytes of the kernel's ring */
        pid_t followed;             /* a process that is marked, with those that descend from it,
                                       or 0 */
};

/* What this kernel does not tell. */
enum process_lack {
        PROCESS_LACKS_USES = 1,  /* who reads from and writes to sockets: Linux 6.3 */
        PROCESS_LACKS_FILES = 2, /* who has them open: Linux 5.11 */
};

/* Loads the programs and attaches them. Returns NULL with `error` filled, and nothing loaded, on
 * failure. libbpf's process-wide print function is replaced while this runs. */
struct process_watch *process_watch_open(const struct process_watch_options *options,
                                         struct error *error);
void process_watch_close(struct process_watch *watch); /* NULL is fine */

/* Enum process_lack, added up. */
unsigned process_watch_lacks(const struct process_watch *watch);

/* Called for what is told; one of the two is NULL. */
typedef void process_watch_take(void *context, const struct process_new *process,
                                const struct process_record *record);

/* Takes all that was told before this call, in order, without waiting for more. */
void process_watch_read(struct process_watch *watch, process_watch_take *take, void *context);

/* The same with PROCESS_HOLDS of each socket and each process that has it open. Returns false if
 * the kernel does not tell, or not all of them were told. */
bool process_watch_scan(struct process_watch *watch, process_watch_take *take, void *context);

/* How many records found no room in the ring. */
uint64_t process_watch_lost(const struct process_watch *watch);

/* Has all be told that was told before. */
void process_watch_again(struct process_watch *watch);
