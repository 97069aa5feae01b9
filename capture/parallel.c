/* Several threads on one classic pcap file. The file is cut into segments of a megabyte; each
 * thread takes the next one, guesses where in it the first record begins, walks the records from
 * there and has them judged. A guess may be wrong, as packets may hold captures. So nothing is
 * delivered on a guess: the segments are gone through in order, and one whose walk did not begin
 * exactly where the one before ended is walked again from there. The first begins behind the file's
 * header, so all that is delivered is what a single walk finds, in the same order.
 *
 * What is odd (damage, an end in the middle of a record) is left to the file's own reader, which
 * goes on from that place and has the words for it. */
#include "parallel.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
        SEGMENT = 1 << 20,
        PIECE = 128 << 10, /* read and walked at a time, so that it is walked in the cache */
        BEYOND = 2048,     /* read with the last piece: most last records end there */
        LONGEST_RECORD = CAPTURE_MAX_SNAPSHOT + 24,
        MOST_PACKETS = (SEGMENT + LONGEST_RECORD) / 16 + 1,
        MOST_THREADS = 64,
        CHAIN = 8, /* records that have to look right after a guess */
};

enum state {
        FREE,  /* for the next segment nobody has taken */
        TAKEN, /* by a thread */
        READY,
};

struct slot {
        enum state state;
        uint64_t base; /* of `memory` in the file */
        size_t have;   /* bytes at `memory` */
        size_t begin;  /* the walk's first record in `memory` */
        size_t stop;   /* where the walk ended: at or behind the segment's end, unless `odd` */
        bool found;    /* a record to begin with */
        bool odd;
        size_t count;
        struct capture_view *packets;
        uint32_t *verdicts;
        uint8_t *memory;
};

struct parallel {
        struct file *file;
        const struct pcap_layout *layout;
        pthread_mutex_t lock;
        pthread_cond_t changed_for_threads;
        pthread_cond_t changed_for_reader;
        bool stopping;
        bool finished; /* nothing more from here */
        unsigned started;
        pthread_t thread[MOST_THREADS];
        uint64_t base;    /* where the first segment begins */
        uint64_t end;     /* of the file */
        uint64_t count;   /* of segments */
        uint64_t next;    /* segment to be taken */
        uint64_t current; /* segment to be delivered */
        uint64_t at;      /* where the next record to be delivered begins */
        bool delivered;   /* the current one, to be freed with the next call */
        size_t slots;
        struct slot slot[];
};

static struct slot *slot_of(struct parallel *parallel, uint64_t segment)
{
        return &parallel->slot[segment % parallel->slots];
}

static size_t segment_length(const struct parallel *parallel, uint64_t segment)
{
        uint64_t left = parallel->end - parallel->base - segment * SEGMENT;

        return left < SEGMENT ? (size_t)left : SEGMENT;
}

/* Reads on until `wanted` bytes of the slot are there, or the file ends. */
static bool read_to(struct parallel *parallel, struct slot *slot, size_t wanted)
{
        ssize_t got;

        if (slot->have >= wanted)
                return true;
        got = read_at(parallel->file->input.fd, slot->memory + slot->have, wanted - slot->have,
                      slot->base + slot->have);
        if (got > 0)
                slot->have += (size_t)got;
        return slot->have >= wanted;
}

/* Whether a record's header may be at `at`; then `next` is the place behind the record. */
static bool plausible(const struct pcap_layout *layout, const uint8_t *at, size_t *next)
{
        uint32_t fraction = read32(at + 4, layout->swapped);
        uint32_t captured = read32(at + 8, layout->swapped);
        uint32_t length = read32(at + 12, layout->swapped);

        *next = layout->header + (size_t)captured;
        return captured > 0 && captured <= length && captured <= layout->snapshot &&
               captured <= layout->longest && length <= CAPTURE_MAX_SNAPSHOT &&
               fraction < (layout->nanoseconds ? 1000000000 : 1000000);
}

static bool chain_holds(const struct pcap_layout *layout, const struct slot *slot, size_t at)
{
        for (int i = 0; i < CHAIN && at + layout->header <= slot->have; i++) {
                size_t next;

                if (!plausible(layout, slot->memory + at, &next))
                        return false;
                at += next;
        }
        return true;
}

static bool guess(const struct parallel *parallel, struct slot *slot)
{
        for (size_t at = 0; at + parallel->layout->header <= slot->have; at++)
                if (chain_holds(parallel->layout, slot, at)) {
                        slot->begin = at;
                        return true;
                }
        return false;
}

/* Walks the records from slot->stop that are whole in the first `end` bytes, and has them judged.
 */
static void walk_to(struct parallel *parallel, struct slot *slot, size_t end)
{
        struct capture *capture = &parallel->file->capture;
        const uint8_t *stop;
        size_t count;

        if (end <= slot->stop) /* the file ends before */
                return;
        stop = pcap_walk(parallel->layout, slot->memory + slot->stop, slot->memory + end,
                         slot->packets + slot->count, MOST_PACKETS - slot->count, &count);

        if (capture->selector)
                capture->selector(capture->selector_context, capture->link_type,
                                  slot->packets + slot->count, count, slot->verdicts + slot->count);
        else
                memset(slot->verdicts + slot->count, 0xff, count * sizeof *slot->verdicts);
        slot->count += count;
        slot->stop = (size_t)(stop - slot->memory);
}

/* The record that begins in the segment and ends behind it. */
static void walk_last(struct parallel *parallel, struct slot *slot)
{
        const struct pcap_layout *layout = parallel->layout;
        size_t header_end = slot->stop + layout->header;
        uint32_t captured;

        slot->odd = true;
        if (!read_to(parallel, slot, header_end))
                return;
        captured = read32(slot->memory + slot->stop + 8, layout->swapped);
        if (captured > layout->longest || captured > layout->snapshot ||
            captured > CAPTURE_MAX_SNAPSHOT || !read_to(parallel, slot, header_end + captured))
                return;
        walk_to(parallel, slot, header_end + captured);
        slot->odd = false;
}

/* Walks the segment from slot->begin, reading as it goes. */
static void walk_segment(struct parallel *parallel, struct slot *slot, size_t length)
{
        slot->stop = slot->begin;
        slot->count = 0;
        slot->odd = false;
        for (size_t end = slot->begin + PIECE; slot->stop < length; end += PIECE) {
                size_t wanted = end < length ? end : length;

                read_to(parallel, slot, end < length ? end : length + BEYOND);
                walk_to(parallel, slot, slot->have < wanted ? slot->have : wanted);
                if (end >= length)
                        break;
        }
        if (slot->stop < length)
                walk_last(parallel, slot);
}

static void process(struct parallel *parallel, uint64_t segment)
{
        struct slot *slot = slot_of(parallel, segment);
        size_t length = segment_length(parallel, segment);

        slot->base = parallel->base + segment * SEGMENT;
        slot->have = 0;
        slot->begin = 0;
        read_to(parallel, slot, length < PIECE ? length : PIECE);
        slot->found = segment == 0 || guess(parallel, slot);
        if (slot->found)
                walk_segment(parallel, slot, length);
}

static void *work(void *context)
{
        struct parallel *parallel = context;

        pthread_mutex_lock(&parallel->lock);
        while (!parallel->stopping && parallel->next < parallel->count) {
                uint64_t segment = parallel->next;
                struct slot *slot = slot_of(parallel, segment);

                if (slot->state != FREE) {
                        pthread_cond_wait(&parallel->changed_for_threads, &parallel->lock);
                        continue;
                }
                parallel->next++;
                slot->state = TAKEN;
                pthread_mutex_unlock(&parallel->lock);
                process(parallel, segment);
                pthread_mutex_lock(&parallel->lock);
                slot->state = READY;
                pthread_cond_signal(&parallel->changed_for_reader);
        }
        pthread_mutex_unlock(&parallel->lock);
        return NULL;
}

/* Waits for the current segment. */
static struct slot *wait_for_slot(struct parallel *parallel)
{
        struct slot *slot = slot_of(parallel, parallel->current);

        pthread_mutex_lock(&parallel->lock);
        while (slot->state != READY)
                pthread_cond_wait(&parallel->changed_for_reader, &parallel->lock);
        pthread_mutex_unlock(&parallel->lock);
        return slot;
}

static void give_back(struct parallel *parallel)
{
        pthread_mutex_lock(&parallel->lock);
        slot_of(parallel, parallel->current)->state = FREE;
        pthread_cond_broadcast(&parallel->changed_for_threads);
        pthread_mutex_unlock(&parallel->lock);
        parallel->current++;
        parallel->delivered = false;
}

static void fill_batch(struct parallel *parallel, const struct slot *slot,
                       struct capture_batch *batch)
{
        batch->packets = slot->packets;
        batch->verdicts = slot->verdicts;
        batch->count = slot->count;
        batch->link_type = parallel->file->capture.link_type;
        batch->format = parallel->layout->format;
        batch->begin = slot->memory + slot->begin;
        batch->end = slot->memory + slot->stop;
        parallel->delivered = true;
        parallel->file->packets_read += slot->count;
}

bool parallel_batch(struct file *file, struct capture_batch *batch)
{
        struct parallel *parallel = file->parallel;

        while (!parallel->finished) {
                struct slot *slot;
                size_t length;

                if (parallel->delivered)
                        give_back(parallel);
                if (parallel->current == parallel->count)
                        break;
                slot = wait_for_slot(parallel);
                length = segment_length(parallel, parallel->current);
                if (parallel->at >= slot->base + length) { /* within one long record */
                        give_back(parallel);
                        continue;
                }
                if (!slot->found || slot->base + slot->begin != parallel->at) {
                        slot->begin = (size_t)(parallel->at - slot->base);
                        walk_segment(parallel, slot, length);
                }
                parallel->at = slot->base + slot->stop;
                file->input.offset = parallel->at;
                parallel->finished = slot->odd;
                parallel->delivered = true;
                if (slot->count > 0) {
                        fill_batch(parallel, slot, batch);
                        return true;
                }
        }
        input_seek(&file->input, parallel->at);
        file->parallel = NULL;
        parallel_stop(parallel);
        return false;
}

static bool allocate_slots(struct parallel *parallel)
{
        for (size_t i = 0; i < parallel->slots; i++) {
                struct slot *slot = &parallel->slot[i];

                slot->memory = aligned_alloc(4096, SEGMENT + (LONGEST_RECORD / 4096 + 2) * 4096);
                slot->packets = malloc(MOST_PACKETS * sizeof *slot->packets);
                slot->verdicts = malloc(MOST_PACKETS * sizeof *slot->verdicts);
                if (!slot->memory || !slot->packets || !slot->verdicts)
                        return false;
        }
        return true;
}

struct parallel *parallel_start(struct file *file, unsigned threads)
{
        const struct pcap_layout *layout = pcap_layout_of(file);
        const struct input *input = &file->input;
        size_t slots = 2 * (size_t)threads + 1;
        struct parallel *parallel;

        if (!layout || !input->regular || input->decoder || threads > MOST_THREADS ||
            input->size <= input->offset)
                return NULL;
        parallel = calloc(1, sizeof *parallel + slots * sizeof *parallel->slot);
        if (!parallel)
                return NULL;
        parallel->file = file;
        parallel->layout = layout;
        parallel->base = parallel->at = input->offset;
        parallel->end = input->size;
        parallel->count = (parallel->end - parallel->base + SEGMENT - 1) / SEGMENT;
        parallel->slots = slots;
        pthread_mutex_init(&parallel->lock, NULL);
        pthread_cond_init(&parallel->changed_for_threads, NULL);
        pthread_cond_init(&parallel->changed_for_reader, NULL);
        if (allocate_slots(parallel))
                while (parallel->started < threads &&
                       pthread_create(&parallel->thread[parallel->started], NULL, work, parallel) ==
                           0)
                        parallel->started++;
        if (parallel->started > 0)
                return parallel;
        parallel_stop(parallel);
        return NULL;
}

void parallel_stop(struct parallel *parallel)
{
        if (!parallel)
                return;
        pthread_mutex_lock(&parallel->lock);
        parallel->stopping = true;
        pthread_cond_broadcast(&parallel->changed_for_threads);
        pthread_mutex_unlock(&parallel->lock);
        for (unsigned i = 0; i < parallel->started; i++)
                pthread_join(parallel->thread[i], NULL);
        for (size_t i = 0; i < parallel->slots; i++) {
                free(parallel->slot[i].memory);
                free(parallel->slot[i].packets);
                free(parallel->slot[i].verdicts);
        }
        pthread_mutex_destroy(&parallel->lock);
        pthread_cond_destroy(&parallel->changed_for_threads);
        pthread_cond_destroy(&parallel->changed_for_reader);
        free(parallel);
}
