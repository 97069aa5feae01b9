/* Reads one classic pcap file with several threads. Each takes the next segment of some megabytes,
 * guesses where its first record begins, walks the records from there and filters them. A guess may
 * be wrong, as packets may contain captures. So segments are delivered in order, and one whose walk
 * did not start exactly where the previous walk ended is walked again from there. The first starts
 * after the file's header, so the result is that of a single walk, in the same order.
 *
 * A segment is read in pieces, and only the records that pass are kept: the next piece overwrites
 * the others, in memory that is still in the processor's cache. If all pass, nothing is moved.
 *
 * Damage, and a record cut by the end of the file, are left to the file's own reader, which
 * continues from there and reports them. */
#include "reader.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
        PAGE = 4096,
        MIN_SEGMENT = 256 << 10,
        MAX_SEGMENT = 4 << 20,
        SEGMENTS = 8,     /* per thread, at least, so that all end at about the same time */
        PIECE = 64 << 10, /* read and walked at a time, while it is in the cache */
        BEYOND = 2048,    /* read past the last piece: most last records end there */
        LONGEST_RECORD = CAPTURE_MAX_SNAPSHOT + 24,
        SHORTEST_RECORD = 16,
        MAX_THREADS = 64,
        CHAIN = 8, /* records that must look valid for a guess to hold */
};

enum state {
        FREE,  /* for the next segment nobody has taken */
        TAKEN, /* by a thread */
        READY,
};

/* A segment. Its memory holds the records that are kept, from `first` to before `kept`, and, from
 * `next` to before `have`, bytes of the file that have not been walked. */
struct slot {
        enum state state;
        uint64_t base; /* of the segment in the file */
        size_t begin;  /* the walk's first record, from there */
        size_t stop;   /* where the walk ended: at or behind the segment's end, unless `odd` */
        bool found;    /* a record to begin with */
        bool odd;
        size_t first, kept, next, have;
        size_t seen;  /* packets walked */
        size_t count; /* of them, kept */
        struct packet *packets;
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
        pthread_t thread[MAX_THREADS];
        size_t segment;   /* bytes */
        size_t most;      /* packets that begin in a segment */
        uint64_t base;    /* where the first segment begins: at a page's beginning */
        size_t start;     /* of the first record, from there */
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
        uint64_t left = parallel->end - parallel->base - segment * parallel->segment;

        return left < parallel->segment ? (size_t)left : parallel->segment;
}

/* Reads until there are `wanted` bytes not yet walked. Returns false if the file ends before. */
static bool read_to(struct parallel *parallel, struct slot *slot, size_t wanted)
{
        size_t waiting = slot->have - slot->next;
        ssize_t got;

        if (waiting >= wanted)
                return true;
        got = read_at(parallel->file->input.fd, slot->memory + slot->have, wanted - waiting,
                      slot->base + slot->stop + waiting);
        if (got > 0)
                slot->have += (size_t)got;
        return slot->have - slot->next >= wanted;
}

/* Returns whether there may be a record's header at `at`, and sets `next` to the record's length.
 */
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

/* Keeps those of `count` filtered packets, from number slot->count on, that pass. */
static void keep(const struct pcap_layout *layout, struct slot *slot, size_t count)
{
        struct packet *packets = slot->packets;
        const size_t end = slot->count + count;

        for (size_t i = slot->count; i < end; i++) {
                const uint8_t *record = packets[i].data - layout->header;
                uint8_t *place = slot->memory + slot->kept;
                size_t length = layout->header + (size_t)packets[i].captured;

                if (slot->verdicts[i] == 0)
                        continue;
                if (place != record)
                        memmove(place, record, length);
                slot->kept += length;
                packets[slot->count] = packets[i];
                packets[slot->count].data = place + layout->header;
                slot->verdicts[slot->count++] = slot->verdicts[i];
        }
}

/* Moves the bytes not yet walked to just before a page boundary, so that the kernel copies from
 * page start to page start, which is faster. If everything was kept, they stay. */
static void make_room(struct slot *slot)
{
        size_t waiting = slot->have - slot->next;
        size_t have = (slot->kept + waiting + PAGE - 1) / PAGE * PAGE;

        if (slot->next == slot->kept || have >= slot->have)
                return;
        memmove(slot->memory + have - waiting, slot->memory + slot->next, waiting);
        slot->next = have - waiting;
        slot->have = have;
}

/* Walks and filters the complete records in the first `length` bytes at slot->next. */
static void walk_to(struct parallel *parallel, struct slot *slot, size_t length)
{
        struct packet *packets = slot->packets + slot->count;
        const uint8_t *next = slot->memory + slot->next;
        size_t count;
        const uint8_t *end = pcap_walk(parallel->layout, next, next + length, packets,
                                       parallel->most - slot->count, &count);

        reader_filter(parallel->file, parallel->file->capture.info.link_type, packets, count,
                      slot->verdicts + slot->count);
        keep(parallel->layout, slot, count);
        slot->seen += count;
        slot->next += (size_t)(end - next);
        slot->stop += (size_t)(end - next);
        make_room(slot);
}

/* Walks the record that begins in the segment and ends after it. */
static void walk_last(struct parallel *parallel, struct slot *slot)
{
        const struct pcap_layout *layout = parallel->layout;
        uint32_t captured;

        slot->odd = true;
        if (!read_to(parallel, slot, layout->header))
                return;
        captured = read32(slot->memory + slot->next + 8, layout->swapped);
        if (captured > layout->longest || captured > layout->snapshot ||
            captured > CAPTURE_MAX_SNAPSHOT ||
            !read_to(parallel, slot, layout->header + (size_t)captured))
                return;
        walk_to(parallel, slot, layout->header + (size_t)captured);
        slot->odd = false;
}

/* Reads and walks the segment from slot->begin, which is at slot->next. */
static void walk_segment(struct parallel *parallel, struct slot *slot, size_t length)
{
        bool last = false;

        slot->stop = slot->begin;
        slot->first = slot->kept = slot->next;
        slot->count = slot->seen = 0;
        slot->odd = false;
        while (slot->stop < length && !last) {
                size_t left = length - slot->stop;
                size_t waiting = slot->have - slot->next;

                last = waiting + PIECE >= left;
                if (!read_to(parallel, slot, last ? left + BEYOND : waiting + PIECE))
                        last = true; /* the file ends */
                waiting = slot->have - slot->next;
                walk_to(parallel, slot, waiting < left ? waiting : left);
        }
        if (slot->stop < length)
                walk_last(parallel, slot);
}

/* Empties the slot; the next read is `offset` bytes after the segment's start. */
static void clear_slot(struct slot *slot, size_t offset)
{
        slot->begin = slot->stop = offset;
        slot->next = slot->have = 0;
}

static void process(struct parallel *parallel, uint64_t segment)
{
        struct slot *slot = slot_of(parallel, segment);
        size_t length = segment_length(parallel, segment);

        slot->base = parallel->base + segment * parallel->segment;
        clear_slot(slot, 0);
        read_to(parallel, slot, length < PIECE ? length : PIECE);
        slot->begin = parallel->start;
        slot->found = segment == 0 || guess(parallel, slot);
        if (!slot->found)
                return;
        slot->next = slot->begin;
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
                        clear_slot(slot, (size_t)(parallel->at - slot->base));
                        walk_segment(parallel, slot, length);
                }
                parallel->at = slot->base + slot->stop;
                file->input.offset = parallel->at;
                parallel->finished = slot->odd;
                parallel->delivered = true;
                if (slot->seen == 0)
                        continue;
                batch->packets = slot->packets;
                batch->verdicts = slot->verdicts;
                batch->count = slot->count;
                batch->seen = slot->seen;
                batch->link_type = file->capture.info.link_type;
                batch->format = parallel->layout->format;
                batch->begin = slot->memory + slot->first;
                batch->end = slot->memory + slot->kept;
                file->packets_read += slot->seen;
                return true;
        }
        input_seek(&file->input, parallel->at);
        file->parallel = NULL;
        parallel_stop(parallel);
        return false;
}

/* Returns the length of segments for a file of so many bytes. */
static size_t choose_segment(uint64_t bytes, unsigned threads)
{
        uint64_t wanted = bytes / threads / SEGMENTS;

        if (wanted < MIN_SEGMENT)
                return MIN_SEGMENT;
        return wanted < MAX_SEGMENT ? (size_t)wanted / PAGE * PAGE : MAX_SEGMENT;
}

static bool allocate_slots(struct parallel *parallel)
{
        const size_t memory = parallel->segment + (LONGEST_RECORD / PAGE + 3) * PAGE;

        parallel->most = parallel->segment / SHORTEST_RECORD + 1;
        for (size_t i = 0; i < parallel->slots; i++) {
                struct slot *slot = &parallel->slot[i];

                slot->memory = aligned_alloc(PAGE, memory);
                slot->packets = malloc(parallel->most * sizeof *slot->packets);
                slot->verdicts = malloc(parallel->most * sizeof *slot->verdicts);
                if (!slot->memory || !slot->packets || !slot->verdicts)
                        return false;
        }
        return true;
}

struct parallel *parallel_start(struct file *file, unsigned threads)
{
        const struct pcap_layout *layout = pcap_layout_of(file);
        const struct input *input = &file->input;
        size_t slots = (size_t)threads + 2; /* one is delivered, one is ready */
        struct parallel *parallel;

        if (!layout || !input->regular || input->decoder || threads > MAX_THREADS ||
            input->size <= input->offset)
                return NULL;
        parallel = calloc(1, sizeof *parallel + slots * sizeof *parallel->slot);
        if (!parallel)
                return NULL;
        parallel->file = file;
        parallel->layout = layout;
        parallel->at = input->offset;
        parallel->base = input->offset / PAGE * PAGE;
        parallel->start = (size_t)(input->offset - parallel->base);
        parallel->end = input->size;
        parallel->segment = choose_segment(parallel->end - parallel->base, threads);
        parallel->count =
            (parallel->end - parallel->base + parallel->segment - 1) / parallel->segment;
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
