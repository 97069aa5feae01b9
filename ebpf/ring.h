/* The consumer of a BPF ring buffer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
        unsigned long *consumer; /* position read up to; ours to write */
        const unsigned long *producer;
        const char *data;
        size_t size; /* a power of two, a multiple of the page */
        size_t page;
};

/* The size of a ring of at least `size` bytes, which must be a power of two times the page. */
size_t ring_round(size_t size);

/* Maps the ring of map `map`, of `size` bytes. Returns 0, or -1 with errno set. An all-zero ring
 * may be closed. */
int ring_open(struct ring *ring, int map, size_t size);
void ring_close(struct ring *ring);

/* Returns the next record that is present, from `*position` on, which is moved behind it, and its
 * size; NULL if there is none yet. It is valid until ring_release() frees what lies before a
 * position. */
const void *ring_next(const struct ring *ring, unsigned long *position, size_t *size);
void ring_release(struct ring *ring, unsigned long position);

/* The position behind all records, also those that are not present yet. */
unsigned long ring_end(const struct ring *ring);

/* Passes the records present now to `take`, oldest first; each is valid until `take` returns.
 * Returns the bytes freed in the ring. The kernel wakes up a poller only for a record that finds
 * the ring empty, so poll afterwards only if ring_is_empty(). */
size_t ring_read(struct ring *ring, void (*take)(void *context, const void *record, size_t size),
                 void *context);
bool ring_is_empty(const struct ring *ring);
