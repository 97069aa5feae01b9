/* Sorts events by start time on their way from the ring, which has calls in the order in which they
 * ended. Each event is held back briefly, as calls that started earlier may end later. */
#pragma once

#include "ebpf/writes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_place {
        uint64_t start;
        size_t offset; /* in `bytes` */
};

/* All zero is an empty queue. */
struct event_queue {
        struct event_place *places; /* [first] to [last - 1], sorted */
        size_t first;
        size_t last;
        size_t places_room;
        char *bytes; /* copies of the events, each at a multiple of 8 */
        size_t bytes_used;
        size_t bytes_room;
};

/* Adds a copy of `event`, after those with the same start. Returns false if memory is short. */
bool event_queue_add(struct event_queue *queue, const struct writes_event *event);

/* Removes and returns the first event if it started before `time` (CLOCK_MONOTONIC, ns), else NULL.
 * Valid until the next event_queue_add(). */
const struct writes_event *event_queue_take(struct event_queue *queue, uint64_t time);

bool event_queue_is_empty(const struct event_queue *queue);
void event_queue_free(struct event_queue *queue);
