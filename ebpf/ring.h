/* The reading end of a BPF ring buffer. */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
        unsigned long *consumer; /* how far we have read; ours to write */
        const unsigned long *producer;
        const char *data;
        size_t size; /* a power of two, a multiple of the page */
        size_t page;
};

/* Maps the ring of the map `map`, `size` bytes large. Returns 0, or -1 with errno set; a ring that
 * is all zero may be closed. */
int ring_open(struct ring *ring, int map, size_t size);
void ring_close(struct ring *ring);

/* Hands every record that has arrived by now to `take`, oldest first; what arrives meanwhile is
 * left for the next time. A record is valid until `take` returns. Returns how many bytes of the
 * ring that freed.
 *
 * The kernel wakes up a reader that polls the map only for a record that finds the ring empty, so
 * after this, unless ring_is_empty(), do not poll but come back. */
size_t ring_read(struct ring *ring, void (*take)(void *context, const void *record, size_t size),
                 void *context);
bool ring_is_empty(const struct ring *ring);

#endif
