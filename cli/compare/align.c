/* Which packets of two live captures are the same.
 *
 * Three things make this more than comparing record by record:
 *
 * - The programs start and stop at different moments. A packet that one of them alone has is a
 *   difference only if both were listening when it came: that is what the window is for.
 * - Each AF_PACKET socket stamps its packets with its own time, and two processors may deliver two
 *   packets to two sockets in different orders. So packets are paired by length and bytes, over a
 *   stretch of time; time stamps say only in which order to read, and whether a packet without a
 *   partner came within the window.
 * - The captures may be large. They are read side by side, and only packets whose partner has not
 *   come yet are kept: hardly any, if the filters agree. */
#include "compare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum {
        BUCKETS = 4096,
        MAX_WAITING = 16384,      /* records, each side */
        MAX_BYTES = 16 << 20,     /* bytes, each side */
        NANOSECONDS = 1000000000, /* how long a record waits for its partner, in time of capture */
};

struct pending {
        TAILQ_ENTRY(pending) in_order;
        TAILQ_ENTRY(pending) in_bucket;
        uint64_t hash;
        uint64_t number;
        struct capture_record record; /* its data is at `bytes` */
        uint8_t bytes[];
};

TAILQ_HEAD(pending_list, pending);

/* One capture: its next packet, and the records that wait for a partner from the other. */
struct sequence {
        struct capture *capture;
        struct capture_record next;
        bool ended;
        uint64_t number; /* of `next` */
        struct pending_list waiting;
        struct pending_list buckets[BUCKETS];
        size_t count; /* records waiting */
        size_t bytes;
};

struct alignment {
        struct sequence sequences[SIDES];
        const struct compare_window *window;
        struct compare_report *report;
};

/* FNV-1a */
static uint64_t hash_packet(const struct packet *packet)
{
        uint64_t hash = 0xcbf29ce484222325u ^ packet->length;

        for (uint32_t i = 0; i < packet->captured; i++)
                hash = (hash ^ packet->data[i]) * 0x100000001b3u;
        return hash;
}

static bool in_window(const struct alignment *alignment, const struct capture_record *record)
{
        int64_t time = compare_nanoseconds(&record->time);

        return time >= alignment->window->start && time <= alignment->window->end;
}

static void advance(struct sequence *sequence, struct compare_result *result)
{
        struct error error;
        enum capture_result got = capture_next(sequence->capture, &sequence->next, &error);

        sequence->number++;
        sequence->ended = got != CAPTURE_PACKET;
        if (got == CAPTURE_ERROR) {
                complain_error(&error);
                result->failed = true;
        }
}

static void forget(struct sequence *sequence, struct pending *pending)
{
        TAILQ_REMOVE(&sequence->waiting, pending, in_order);
        TAILQ_REMOVE(&sequence->buckets[pending->hash % BUCKETS], pending, in_bucket);
        sequence->count--;
        sequence->bytes -= pending->record.packet.captured;
        free(pending);
}

/* The oldest waiting record that is the same packet, or NULL. */
static struct pending *find(struct sequence *sequence, uint64_t hash, const struct packet *packet)
{
        struct pending *pending;

        TAILQ_FOREACH(pending, &sequence->buckets[hash % BUCKETS], in_bucket)
        {
                if (pending->hash == hash && pending->record.packet.length == packet->length &&
                    pending->record.packet.captured == packet->captured &&
                    memcmp(pending->bytes, packet->data, packet->captured) == 0)
                        return pending;
        }
        return NULL;
}

/* No partner has come for the oldest waiting record of `side`. */
static void judge_oldest(struct alignment *alignment, enum side side)
{
        struct sequence *sequence = &alignment->sequences[side];
        struct pending *pending = TAILQ_FIRST(&sequence->waiting);
        struct compare_result *result = alignment->report->result;

        if (in_window(alignment, &pending->record)) {
                result->matched[side]++;
                compare_report(alignment->report, &pending->record,
                               "%s's packet %" PRIu64 ": %s does not have it", side_name(side),
                               pending->number, side_name(other_side(side)));
        } else {
                result->outside++;
        }
        forget(sequence, pending);
}

static void keep_waiting(struct alignment *alignment, enum side side, uint64_t hash)
{
        struct sequence *sequence = &alignment->sequences[side];
        const struct packet *packet = &sequence->next.packet;
        struct pending *pending = malloc(sizeof *pending + packet->captured);

        if (!pending) {
                out_of_memory();
                alignment->report->result->failed = true;
                return;
        }
        pending->hash = hash;
        pending->number = sequence->number;
        pending->record = sequence->next;
        pending->record.packet.data = pending->bytes;
        memcpy(pending->bytes, packet->data, packet->captured);
        TAILQ_INSERT_TAIL(&sequence->waiting, pending, in_order);
        TAILQ_INSERT_TAIL(&sequence->buckets[hash % BUCKETS], pending, in_bucket);
        sequence->count++;
        sequence->bytes += packet->captured;
        while (sequence->count > MAX_WAITING || sequence->bytes > MAX_BYTES)
                judge_oldest(alignment, side);
}

/* Takes the next packet of `side`: finds its partner, or has it wait for one. A pair counts if
 * either stamp is in the window: both had it, so at its edges it does not matter which. */
static void take(struct alignment *alignment, enum side side)
{
        struct sequence *sequence = &alignment->sequences[side];
        struct sequence *other = &alignment->sequences[other_side(side)];
        struct compare_result *result = alignment->report->result;
        uint64_t hash = hash_packet(&sequence->next.packet);
        struct pending *partner = find(other, hash, &sequence->next.packet);

        if (!partner) {
                keep_waiting(alignment, side, hash);
        } else {
                if (in_window(alignment, &sequence->next) ||
                    in_window(alignment, &partner->record)) {
                        result->matched[TCPDUMP]++;
                        result->matched[FILT]++;
                }
                forget(other, partner);
        }
        advance(sequence, result);
}

/* Judges the records of `side` that no packet still to come can be the partner of. */
static void judge_old(struct alignment *alignment, enum side side)
{
        struct sequence *sequence = &alignment->sequences[side];
        const struct sequence *other = &alignment->sequences[other_side(side)];
        const struct pending *oldest;

        while ((oldest = TAILQ_FIRST(&sequence->waiting)) &&
               (other->ended || compare_nanoseconds(&other->next.time) >
                                    compare_nanoseconds(&oldest->record.time) + NANOSECONDS))
                judge_oldest(alignment, side);
}

/* The capture to read from: the one that is behind in time. */
static enum side behind(const struct sequence sequences[SIDES])
{
        if (sequences[TCPDUMP].ended || sequences[FILT].ended)
                return sequences[TCPDUMP].ended ? FILT : TCPDUMP;
        return compare_nanoseconds(&sequences[TCPDUMP].next.time) <=
                       compare_nanoseconds(&sequences[FILT].next.time)
                   ? TCPDUMP
                   : FILT;
}

void compare_align(struct capture *const captures[SIDES], const struct compare_window *window,
                   struct compare_report *report)
{
        struct alignment *alignment = malloc(sizeof *alignment);
        struct sequence *sequences;

        if (!alignment) {
                out_of_memory();
                report->result->failed = true;
                return;
        }
        alignment->window = window;
        alignment->report = report;
        sequences = alignment->sequences;
        for (int side = 0; side < SIDES; side++) {
                sequences[side] = (struct sequence){.capture = captures[side]};
                TAILQ_INIT(&sequences[side].waiting);
                for (int i = 0; i < BUCKETS; i++)
                        TAILQ_INIT(&sequences[side].buckets[i]);
                advance(&sequences[side], report->result);
        }
        while (!sequences[TCPDUMP].ended || !sequences[FILT].ended) {
                take(alignment, behind(sequences));
                judge_old(alignment, TCPDUMP);
                judge_old(alignment, FILT);
        }
        free(alignment);
}
