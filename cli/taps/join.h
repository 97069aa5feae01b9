/* Inside cli/taps: copies of one packet from several places become one packet, which has been seen
 * at all of them. What a packet is known by: its bytes from the network header on, but for what
 * routers change (time to live, checksum of the header). */
#pragma once

#include "capture/capture.h"

struct join;

/* NULL when memory is short. */
struct join *join_new(void);
void join_free(struct join *join);

/* Takes a copy of a packet, of which `record` speaks, whose time is by CLOCK_REALTIME. It is added
 * to the packet that it is another copy of, if that has been held for less than a tenth of a second
 * and was not seen at the same place. Up to 2 * JOIN_BURST may be taken after join_is_full() has
 * said no. Returns false when memory is short. */
enum { JOIN_BURST = 64 };
bool join_take(struct join *join, const struct capture_record *record);

/* Whether so many are held that join_give() gives some whatever the time. */
bool join_is_full(const struct join *join);

/* Fills `records` with up to `room` packets, in order of time, that have been held for long enough
 * at the time `now`, or, if `all` or if there are too many, with any. Their interface is that of
 * their place or, if they have several, one named after all of them. Valid until the next call.
 * Returns how many. */
size_t join_give(struct join *join, int64_t now, bool all, struct capture_record *records,
                 size_t room);

/* Places have other names. */
void join_rename(struct join *join);

/* The place where a packet was first that has this interface. */
const struct capture_interface *join_first(const struct join *join,
                                           const struct capture_interface *interface);

/* How many milliseconds the next packet is still to be held; -1 if there is none. */
int join_wait(const struct join *join, int64_t now);
