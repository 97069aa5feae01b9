/* Events sorted by start time: a sorted array of offsets into one buffer of copies. Nearly all
 * events arrive in order, so a new one is inserted at or near the end. */
#include "event_queue.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

static size_t padded(size_t size)
{
        return (size + 7) & ~(size_t)7;
}

static const struct writes_event *event_at(const struct event_queue *queue, size_t place)
{
        return (const void *)(queue->bytes + queue->places[place].offset);
}

/* Makes room for one more place. */
static bool grow_places(struct event_queue *queue)
{
        if (queue->last < queue->places_room)
                return true;
        if (queue->first > queue->places_room / 2) {
                queue->last -= queue->first;
                memmove(queue->places, queue->places + queue->first,
                        queue->last * sizeof *queue->places);
                queue->first = 0;
                return true;
        }
        return array_grow(queue->places, queue->places_room, queue->last + 1);
}

/* Moves the queued events to a new buffer with room for `size` more. Amortized O(1): the new buffer
 * is at least twice as large as what it holds. */
static bool renew_bytes(struct event_queue *queue, size_t size)
{
        size_t waiting = 0;
        size_t room;
        char *fresh;

        for (size_t i = queue->first; i < queue->last; i++)
                waiting += padded(writes_event_size(event_at(queue, i)));
        room = 2 * waiting + size + 65536;
        fresh = malloc(room);
        if (!fresh)
                return false;
        queue->bytes_used = 0;
        for (size_t i = queue->first; i < queue->last; i++) {
                const struct writes_event *event = event_at(queue, i);
                size_t length = writes_event_size(event);

                memcpy(fresh + queue->bytes_used, event, length);
                queue->places[i].offset = queue->bytes_used;
                queue->bytes_used += padded(length);
        }
        free(queue->bytes);
        queue->bytes = fresh;
        queue->bytes_room = room;
        return true;
}

bool event_queue_add(struct event_queue *queue, const struct writes_event *event)
{
        size_t size = writes_event_size(event);
        size_t place;

        if (queue->first == queue->last)
                queue->first = queue->last = queue->bytes_used = 0;
        if (!grow_places(queue) ||
            (size + 8 > queue->bytes_room - queue->bytes_used && !renew_bytes(queue, size + 8)))
                return false;
        place = queue->last++;
        while (place > queue->first && queue->places[place - 1].start > event->start) {
                queue->places[place] = queue->places[place - 1];
                place--;
        }
        queue->places[place] = (struct event_place){event->start, queue->bytes_used};
        memcpy(queue->bytes + queue->bytes_used, event, size);
        queue->bytes_used += padded(size);
        return true;
}

const struct writes_event *event_queue_take(struct event_queue *queue, uint64_t time)
{
        if (queue->first == queue->last || queue->places[queue->first].start >= time)
                return NULL;
        return event_at(queue, queue->first++);
}

bool event_queue_is_empty(const struct event_queue *queue)
{
        return queue->first == queue->last;
}

void event_queue_free(struct event_queue *queue)
{
        free(queue->places);
        free(queue->bytes);
        *queue = (struct event_queue){0};
}
