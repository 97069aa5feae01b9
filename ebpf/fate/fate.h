/* Packets that are followed through the kernel, by raw tracepoints. Nothing is pinned: all of it is
 * gone when the process ends, however that happens. */
#pragma once

#include "base/error.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fate;

enum { FATE_MAX_INTERFACES = 16 };

struct fate_options {
        uint32_t network_namespace;               /* the inode of that to capture in */
        uint32_t interfaces[FATE_MAX_INTERFACES]; /* indices of those to capture on; the first is 0
                                                     for all; 0 ends them */
        uint32_t snapshot;                        /* bytes kept of a packet at most */
        uint32_t frames;                          /* of the stack where it is dropped, at most */
        size_t ring;                              /* bytes of the kernel's ring */
};

/* Loads the programs. Returns NULL with `error` filled, and nothing loaded, on failure. libbpf's
 * process-wide print function is replaced while this runs. */
struct fate *fate_open(const struct fate_options *options, struct error *error);
void fate_close(struct fate *fate); /* NULL is fine */

/* Where packets first come up, each with a filter. */
enum fate_filter {
        FATE_FILTER_RECEIVED,
        FATE_FILTER_SENT,
        FATE_FILTER_DROPPED,
        FATE_FILTERS,
};

/* The table by whose entry 0 such a filter goes on. Its packet is the tracepoint's first argument.
 */
int fate_table(const struct fate *fate, enum fate_filter filter);

/* The argument of kfree_skb that is the socket which the packet is for; 0 if there is none. */
uint8_t fate_receiver(const struct fate *fate);

/* Attaches everything, with descriptors of filters, or -1 in each place where there is none.
 * Returns 0, or -1 with `error` filled. */
int fate_attach(struct fate *fate, const int filters[FATE_FILTERS], struct error *error);

/* Detaches. What is in the ring can still be read. */
void fate_detach(struct fate *fate);

/* Returns a descriptor that is readable when events have come. */
int fate_descriptor(const struct fate *fate);

/* Returns the next event, or NULL if there is none yet; with `record` set where one follows it,
 * else to NULL. Both are valid until fate_release(). */
const struct fate_event *fate_next(struct fate *fate, const struct drops_record **record);
void fate_release(struct fate *fate);
bool fate_is_empty(const struct fate *fate);

struct fate_counts {
        uint64_t captured;    /* packets that were to be shown */
        uint64_t lost;        /* of them, those for which the ring had no room */
        uint64_t lost_events; /* of packets that are followed */
};

struct fate_counts fate_counts(const struct fate *fate);
