/* Merges several files into one capture, in order of time, or in turn; packets with equal times in
 * the order of the files. Each file keeps its own order, even if its times go backwards. A damaged
 * file ends at the damage, which is reported after all others have ended. Where memory ends, all
 * end. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

struct input {
        struct capture *capture;
        struct capture_batch batch;
        size_t next; /* packet of the batch, one that passed */
        struct timespec time;
};

struct merge {
        struct capture capture;
        size_t started; /* inputs whose first packet has been looked for */
        bool in_turn;   /* whatever the times */
        bool given;     /* heap[0]'s packet was delivered: advance its input */
        size_t seen;    /* packets read since the previous batch */
        bool broken;
        struct error fault; /* the first, if `broken` */
        size_t count;
        size_t waiting; /* inputs that have a packet: heap[0] has the earliest */
        size_t *heap;   /* numbers of inputs */
        struct input input[];
};

static bool comes_before(const struct merge *merge, size_t a, size_t b)
{
        const struct timespec *x = &merge->input[a].time, *y = &merge->input[b].time;

        if (merge->in_turn)
                return a < b;
        if (x->tv_sec != y->tv_sec)
                return x->tv_sec < y->tv_sec;
        if (x->tv_nsec != y->tv_nsec)
                return x->tv_nsec < y->tv_nsec;
        return a < b;
}

static void sift_down(struct merge *merge, size_t at)
{
        size_t *heap = merge->heap;

        for (;;) {
                size_t least = at;

                for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
                        if (child < merge->waiting && comes_before(merge, heap[child], heap[least]))
                                least = child;
                if (least == at)
                        return;
                size_t moved = heap[at];

                heap[at] = heap[least];
                heap[least] = moved;
                at = least;
        }
}

/* What an input has next. */
enum found {
        FOUND,   /* a packet */
        NOTHING, /* in what was read just now; there may be more */
        ENDED,
};

static enum found find_in_batch(struct input *input)
{
        struct capture_record record;

        while (input->next < input->batch.count && input->batch.verdicts[input->next] == 0)
                input->next++;
        if (input->next == input->batch.count)
                return NOTHING;
        capture_batch_record(&input->batch, input->next, &record);
        input->time = record.time;
        return FOUND;
}

/* What an input says of its interfaces goes for all. */
static void note_interfaces(struct capture *all, const struct capture *one)
{
        if (!all->first_interface)
                all->first_interface = one->first_interface;
        all->info.several_interfaces |=
            one->info.several_interfaces ||
            (one->first_interface && strcmp(one->first_interface, all->first_interface) != 0);
}

/* Advances the input to its next packet that passes, reading one more batch at most: if few pass,
 * the caller needs to regain control in between. */
static enum found advance(struct merge *merge, struct input *input)
{
        struct error error;
        enum capture_result result;

        if (find_in_batch(input) == FOUND)
                return FOUND;
        input->next = 0;
        result = capture_next_batch(input->capture, &input->batch, &error);
        if (result == CAPTURE_PACKET) {
                merge->seen += input->batch.seen;
                note_interfaces(&merge->capture, input->capture);
                return find_in_batch(input);
        }
        input->batch.count = 0;
        if (result == CAPTURE_ERROR && (!merge->broken || error.kind == ERROR_MEMORY)) {
                merge->broken = true;
                merge->fault = error;
        }
        return ENDED;
}

/* Finds the first packet of each input. Returns false if it has to be called again. */
static bool start(struct merge *merge)
{
        while (merge->started < merge->count) {
                struct input *input = &merge->input[merge->started];

                capture_select(input->capture, merge->capture.selector,
                               merge->capture.selector_context);
                switch (advance(merge, input)) {
                case FOUND: merge->heap[merge->waiting++] = merge->started; break;
                case NOTHING: return false;
                case ENDED: break;
                }
                if (++merge->started == merge->count)
                        for (size_t i = merge->waiting; i-- > 0;)
                                sift_down(merge, i);
        }
        return true;
}

/* Replaces the packet delivered last with the next one of its file. Returns as start(). */
static bool step(struct merge *merge)
{
        switch (advance(merge, &merge->input[merge->heap[0]])) {
        case FOUND: break;
        case NOTHING: return false;
        case ENDED: merge->heap[0] = merge->heap[--merge->waiting]; break;
        }
        sift_down(merge, 0);
        merge->given = false;
        return true;
}

/* A batch has one packet, or none if all packets read were rejected. */
static enum capture_result merge_next_batch(struct capture *capture, struct capture_batch *batch,
                                            struct error *error)
{
        struct merge *merge = (struct merge *)capture;
        bool ready = merge->given ? step(merge) : start(merge);
        struct input *input;

        if (merge->broken && merge->fault.kind == ERROR_MEMORY) {
                *error = merge->fault;
                return CAPTURE_ERROR;
        }
        if (ready && merge->waiting == 0) {
                if (merge->broken)
                        *error = merge->fault;
                return merge->broken ? CAPTURE_ERROR : CAPTURE_END;
        }
        *batch = (struct capture_batch){.seen = merge->seen}; /* not to be copied: no format */
        merge->seen = 0;
        if (!ready)
                return CAPTURE_PACKET;
        input = &merge->input[merge->heap[0]];
        batch->keeper = input->batch.keeper;
        batch->link_type = input->batch.link_type;
        batch->packets = input->batch.packets + input->next;
        batch->verdicts = input->batch.verdicts + input->next;
        if (input->batch.extents)
                batch->extents = input->batch.extents + input->next;
        batch->count = 1;
        input->next++;
        merge->given = true;
        return CAPTURE_PACKET;
}

static struct capture_progress merge_progress(const struct capture *capture)
{
        const struct merge *merge = (const struct merge *)capture;
        struct capture_progress sum = {0};
        bool known = true;

        for (size_t i = 0; i < merge->count; i++) {
                struct capture_progress one = capture_progress(merge->input[i].capture);

                sum.read += one.read;
                sum.size += one.size;
                known &= one.size > 0;
        }
        if (!known)
                sum.size = 0;
        return sum;
}

static void merge_interrupt(struct capture *capture)
{
        struct merge *merge = (struct merge *)capture;

        for (size_t i = 0; i < merge->count; i++)
                capture_interrupt(merge->input[i].capture);
}

static void merge_watch_stream(struct capture *capture, capture_stream_wait *wait, void *context)
{
        struct merge *merge = (struct merge *)capture;

        for (size_t i = 0; i < merge->count; i++)
                capture_watch_stream(merge->input[i].capture, wait, context);
}

static void merge_close(struct capture *capture)
{
        struct merge *merge = (struct merge *)capture;

        for (size_t i = 0; i < merge->count; i++)
                capture_close(merge->input[i].capture);
        free(merge->heap);
        free(merge);
}

static struct capture *merge_merged(const struct capture *capture, size_t i)
{
        const struct merge *merge = (const struct merge *)capture;

        return i < merge->count ? merge->input[i].capture : NULL;
}

static const struct capture_source merge_source = {
    .next_batch = merge_next_batch,
    .progress = merge_progress,
    .interrupt = merge_interrupt,
    .watch_stream = merge_watch_stream,
    .merged = merge_merged,
    .close = merge_close,
};

struct capture *capture_merge(struct capture *const *captures, size_t count, bool in_turn)
{
        struct merge *merge = calloc(1, sizeof *merge + count * sizeof *merge->input);

        if (!merge || !(merge->heap = calloc(count, sizeof *merge->heap))) {
                free(merge);
                return NULL;
        }
        merge->count = count;
        merge->in_turn = in_turn;
        merge->capture = *captures[0];
        merge->capture.source = &merge_source;
        for (size_t i = 0; i < count; i++) {
                const struct capture_info *one = capture_info(captures[i]);
                struct capture_info *all = &merge->capture.info;

                merge->input[i].capture = captures[i];
                captures[i]->keeps_statistics = true;
                note_interfaces(&merge->capture, captures[i]);
                if (one->snapshot_length > all->snapshot_length)
                        all->snapshot_length = one->snapshot_length;
                all->nanoseconds |= one->nanoseconds;
                all->link_type_varies |= one->link_type_varies || one->link_type != all->link_type;
                if (one->link_type_extension != all->link_type_extension)
                        all->link_type_extension = 0;
        }
        return &merge->capture;
}
