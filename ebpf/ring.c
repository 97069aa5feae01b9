/* The consumer of a BPF ring buffer. Layout (linux/bpf.h): one page with the consumer's position,
 * one with the producers', then the data, mapped twice in a row so that no record wraps.
 *
 * libbpf's reader updates the position after each record until the ring is empty; whenever it
 * catches up, the next writer, the traced process, pays for a wake-up. This one reads what is there
 * and updates the position once. */
#include "ring.h"

#include <linux/bpf.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int ring_open(struct ring *ring, int map, size_t size)
{
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        void *area = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

        *ring = (struct ring){0};
        if (area == MAP_FAILED)
                return -1;
        ring->consumer = area;
        ring->size = size;
        ring->page = page;
        area = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, map, (off_t)page);
        if (area == MAP_FAILED) {
                ring_close(ring);
                return -1;
        }
        ring->producer = area;
        ring->data = (const char *)area + page;
        return 0;
}

void ring_close(struct ring *ring)
{
        if (ring->producer)
                munmap((void *)ring->producer, ring->page + 2 * ring->size);
        if (ring->consumer)
                munmap(ring->consumer, ring->page);
        *ring = (struct ring){0};
}

const void *ring_next(const struct ring *ring, unsigned long *position, size_t *size)
{
        const unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);

        while (*position < end) {
                const char *record = ring->data + (*position & (ring->size - 1));
                uint32_t header = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);

                if (header & BPF_RINGBUF_BUSY_BIT) /* reserved, not yet written */
                        break;
                *size = header & ~BPF_RINGBUF_DISCARD_BIT;
                *position += (*size + BPF_RINGBUF_HDR_SZ + 7) & ~(size_t)7;
                if (!(header & BPF_RINGBUF_DISCARD_BIT))
                        return record + BPF_RINGBUF_HDR_SZ;
        }
        return NULL;
}

void ring_release(struct ring *ring, unsigned long position)
{
        __atomic_store_n(ring->consumer, position, __ATOMIC_SEQ_CST);
}

unsigned long ring_end(const struct ring *ring)
{
        return __atomic_load_n(ring->producer, __ATOMIC_SEQ_CST);
}

size_t ring_read(struct ring *ring, void (*take)(void *context, const void *record, size_t size),
                 void *context)
{
        const unsigned long start = *ring->consumer;
        unsigned long position = start;
        const void *record;
        size_t size;

        while ((record = ring_next(ring, &position, &size)))
                take(context, record, size);
        ring_release(ring, position);
        return position - start;
}

size_t ring_round(size_t size)
{
        size_t rounded = (size_t)sysconf(_SC_PAGESIZE);

        while (rounded < size && rounded < (size_t)1 << 31)
                rounded *= 2;
        return rounded;
}

bool ring_is_empty(const struct ring *ring)
{
        return ring_end(ring) == *ring->consumer;
}
