/* The capture of --process: packets of another one, held until it is known whose they are. They
 * keep their order, so that one that a process is still to read holds up those behind it. */
#include "base/clock.h"
#include "cli/common/cli.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum {
        RING = 8 << 20,      /* bytes of records of processes */
        MAX_HELD = 64 << 20, /* and of packets, before the first is no longer waited for */
        WAIT_MS = 100,       /* for a packet to be read */
        SCAN_MS = 50,        /* between two scans, at least, */
        SCAN_PART = 20,      /* and so often what one takes */
        LOOK_MS = 2,         /* between two looks while a packet is held */
        IDLE_MS = 100,       /* and while none is: the ring must not run over */
        MAX_LOOKS = 4096,    /* at packets that are held, in turn */
        BURST = 64,
};

struct held {
        struct held *next;
        struct capture_record record;
        struct ownership ownership;
        int64_t due; /* when it is no longer waited for */
        char *note, *members, *comment;
        uint8_t bytes[];
};

struct process_source {
        struct process_options options;
        struct capture *capture;
        struct process_watch *watch;
        struct owners *owners;
        struct addresses *addresses;
        struct clock_offset offset;
        uint32_t network_namespace;

        struct held *first, **last; /* those that are held, the oldest first */
        size_t held;                /* their bytes */
        struct held *returned;      /* those of the last call */

        enum capture_result ended; /* CAPTURE_END or CAPTURE_ERROR once there are no more to come */
        struct error error;        /* of the second */
        uint64_t lost;             /* records, as of the last look */
        int64_t unsure_until;      /* of packets before, nothing is known: records were lost */
        int64_t scanned;           /* when the last scan began; 0: never */
        int64_t next_scan;         /* when there may be another one */
};

/* --- Records of processes --- */

static int64_t now(void)
{
        return clock_now(CLOCK_MONOTONIC);
}

static void scan(struct process_source *source)
{
        source->scanned = now();
        owners_begin_scan(source->owners, source->scanned);
        if (process_watch_scan(source->watch, owners_take, source->owners))
                owners_end_scan(source->owners);
        source->next_scan = now() + SCAN_MS * INT64_C(1000000);
        if (source->next_scan < now() + SCAN_PART * (now() - source->scanned))
                source->next_scan = now() + SCAN_PART * (now() - source->scanned);
}

/* What is known is no longer sure, or too much: it begins anew. */
static void forget(struct process_source *source)
{
        for (struct held *held = source->first; held; held = held->next) {
                held->ownership.sender.owner = held->ownership.receiver.owner = NULL;
                held->ownership.sender.decided = held->ownership.receiver.decided = true;
        }
        owners_forget(source->owners);
        process_watch_again(source->watch);
        source->unsure_until = now();
        scan(source);
}

static void read_records(struct process_source *source)
{
        uint64_t lost;

        process_watch_read(source->watch, owners_take, source->owners);
        addresses_read(source->addresses);
        lost = process_watch_lost(source->watch);
        if (lost != source->lost || (owners_full(source->owners) && !source->first))
                forget(source);
        source->lost = process_watch_lost(source->watch);
}

/* --- Packets that are held --- */

static void free_held(struct held *held)
{
        while (held) {
                struct held *next = held->next;

                free(held->note);
                free(held->members);
                free(held->comment);
                free(held);
                held = next;
        }
}

/* Returns false if memory is short. */
static bool hold(struct process_source *source, const struct capture_record *record)
{
        const uint32_t captured = record->packet.captured;
        struct held *held = malloc(sizeof *held + captured);
        int64_t time = record->time.tv_sec * INT64_C(1000000000) + record->time.tv_nsec;

        if (!held)
                return false;
        *held = (struct held){.record = *record, .due = now() + WAIT_MS * INT64_C(1000000)};
        memcpy(held->bytes, record->packet.data, captured);
        held->record.packet.data = held->bytes;
        held->ownership.has_ends = packet_ends_find(&held->record, &held->ownership.ends);
        held->ownership.ends.sent.network_namespace = source->network_namespace;
        held->ownership.passage = record->passage;
        held->ownership.time = time - source->offset.nanoseconds;
        *source->last = held;
        source->last = &held->next;
        source->held += sizeof *held + captured;
        return true;
}

/* Counts a packet where two processes may read what comes. */
static void count_received(struct process_source *source, const struct ownership *ownership)
{
        struct process_ends ends = ownership->ends.sent;
        struct conversation *conversation;

        memcpy(ends.local, ownership->ends.sent.remote, sizeof ends.local);
        memcpy(ends.remote, ownership->ends.sent.local, sizeof ends.remote);
        ends.local_port = ownership->ends.sent.remote_port;
        ends.remote_port = ownership->ends.sent.local_port;
        conversation = owners_conversation(source->owners, &ends);
        if (conversation)
                conversation->received++;
}

/* Takes what has come. Returns CAPTURE_PACKET to go on; another result is to be returned. */
static enum capture_result take_packets(struct process_source *source, struct error *error)
{
        struct capture_record records[BURST];
        enum capture_result result;
        size_t count;

        while (source->ended == CAPTURE_PACKET && source->held < MAX_HELD) {
                result = capture_next_live(source->capture, records, BURST, &count, error);
                if (result == CAPTURE_PACKET)
                        clock_follow(&source->offset);
                for (size_t i = 0; result == CAPTURE_PACKET && i < count; i++)
                        if (!hold(source, &records[i])) {
                                error_memory(error);
                                return CAPTURE_ERROR;
                        }
                switch (result) {
                case CAPTURE_PACKET: break;
                case CAPTURE_EMPTY: return CAPTURE_PACKET;
                case CAPTURE_CHANGE: return result;
                case CAPTURE_END:
                case CAPTURE_ERROR:
                        source->ended = result;
                        source->error = *error;
                        break;
                }
        }
        return CAPTURE_PACKET;
}

static bool look_at(struct process_source *source, struct held *held)
{
        if (held->ownership.time < source->unsure_until)
                held->ownership.has_ends = false;
        return ownership_decide(&held->ownership, source->owners, source->addresses, false);
}

/* What is known of a packet now may be forgotten when those before it are decided. */
static void look_at_all(struct process_source *source)
{
        struct held *held = source->first;

        for (int i = 0; held && i < MAX_LOOKS; i++) {
                look_at(source, held);
                held = held->next;
        }
}

/* Whether the packet's processes are decided. */
static bool decide(struct process_source *source, struct held *held)
{
        struct ownership *ownership = &held->ownership;
        int64_t time = now();

        if (look_at(source, held))
                return true;
        if (source->held < MAX_HELD && (time < held->due || source->scanned < held->due)) {
                if ((time < held->due && !ownership->wants_scan) || time < source->next_scan)
                        return false;
                scan(source);
                return ownership_decide(ownership, source->owners, source->addresses,
                                        time >= held->due);
        }
        return ownership_decide(ownership, source->owners, source->addresses, true);
}

static char *make(const struct ownership *ownership,
                  void (*words)(struct text *, const struct ownership *))
{
        struct text text = {0};

        words(&text, ownership);
        return text_take(&text);
}

static bool describe(const struct process_source *source, struct held *held)
{
        struct capture_record *record = &held->record;

        held->note = make(&held->ownership, words_note);
        if (source->options.members)
                held->members = make(&held->ownership, words_members);
        if (source->options.comments)
                held->comment = make(&held->ownership, words_comment);
        record->note = held->note;
        record->members = held->members;
        record->comment = held->comment;
        return held->note && (held->members || !source->options.members) &&
               (held->comment || !source->options.comments);
}

static bool is_followed(const struct party *party)
{
        return party->applies && party->owner && party->owner->followed;
}

static bool is_wanted(const struct process_source *source, const struct held *held)
{
        const struct ownership *ownership = &held->ownership;

        if (source->options.only && !is_followed(&ownership->sender) &&
            !is_followed(&ownership->receiver))
                return false;
        return !source->options.language ||
               process_language_accepts(source->options.language, &held->record, ownership);
}

/* Moves the first packet to those that are returned. */
static struct held *release(struct process_source *source, struct held ***end)
{
        struct held *held = source->first;

        source->first = held->next;
        if (!source->first)
                source->last = &source->first;
        source->held -= sizeof *held + held->record.packet.captured;
        held->next = NULL;
        **end = held;
        *end = &held->next;
        return held;
}

/* --- The calls of a feed --- */

static enum capture_result next(void *context, struct capture_record *records, size_t room,
                                size_t *count, struct error *error)
{
        struct process_source *source = context;
        struct held **end = &source->returned;
        enum capture_result result;

        free_held(source->returned);
        source->returned = NULL;
        *count = 0;
        result = take_packets(source, error);
        if (result != CAPTURE_PACKET)
                return result;
        read_records(source);
        look_at_all(source);
        while (*count < room && source->first && decide(source, source->first)) {
                struct held *held = release(source, &end);

                count_received(source, &held->ownership);
                if (!is_wanted(source, held)) {
                        capture_reject(&held->record);
                        continue;
                }
                if (!describe(source, held)) {
                        error_memory(error);
                        return CAPTURE_ERROR;
                }
                records[(*count)++] = held->record;
        }
        if (owners_failed(source->owners)) {
                error_memory(error);
                return CAPTURE_ERROR;
        }
        if (*count > 0)
                return CAPTURE_PACKET;
        if (source->ended == CAPTURE_PACKET || source->first)
                return CAPTURE_EMPTY;
        *error = source->error;
        return source->ended;
}

static int wait_for(void *context, int wake, int timeout_ms, struct error *error)
{
        const struct process_source *source = context;
        int most = source->first ? LOOK_MS : IDLE_MS;

        if (timeout_ms < 0 || timeout_ms > most)
                timeout_ms = most;
        return capture_wait(source->capture, wake, timeout_ms, error);
}

static void set_filter(void *context, capture_filter *filter, void *filter_context)
{
        const struct process_source *source = context;

        capture_set_filter(source->capture, filter, filter_context);
}

static int start(void *context, struct error *error)
{
        struct process_source *source = context;

        scan(source);
        return capture_start(source->capture, error);
}

static void stop(void *context)
{
        const struct process_source *source = context;

        capture_stop(source->capture);
}

static struct capture_statistics statistics(void *context)
{
        const struct process_source *source = context;

        return capture_statistics(source->capture);
}

static const struct capture_interface *interface(const void *context, uint32_t number)
{
        const struct process_source *source = context;

        return capture_interface(source->capture, number);
}

static void close_source(void *context)
{
        struct process_source *source = context;

        capture_close(source->capture);
        process_watch_close(source->watch);
        addresses_close(source->addresses);
        owners_free(source->owners);
        free_held(source->first);
        free_held(source->returned);
        free(source);
}

static const struct capture_feed feed = {
    .set_filter = set_filter,
    .start = start,
    .next = next,
    .wait = wait_for,
    .stop = stop,
    .statistics = statistics,
    .interface = interface,
    .close = close_source,
};

/* --- Opening --- */

static int open_source(struct process_source *source, struct error *error)
{
        const struct process_watch_options options = {
            .network_namespace = source->network_namespace,
            .ring = RING,
            .followed = source->options.only,
        };

        if (capture_info(source->capture)->by_libpcap)
                return error_set(error, "--process is about packets of network interfaces, with "
                                        "sockets: leave it out here");
        source->owners = owners_new();
        if (!source->owners)
                return error_memory(error);
        source->addresses = addresses_open(error);
        if (!source->addresses)
                return -1;
        source->watch = process_watch_open(&options, error);
        return source->watch ? 0 : -1;
}

struct capture *process_open(struct capture *capture, const struct process_options *options,
                             struct process_source **opened, struct error *error)
{
        struct process_source *source = calloc(1, sizeof *source);
        struct capture *made = NULL;

        *opened = NULL;
        if (!source) {
                capture_close(capture);
                error_memory(error);
                return NULL;
        }
        *source = (struct process_source){
            .options = *options,
            .capture = capture,
            .offset = CLOCK_OFFSET_UNKNOWN,
            .network_namespace = netns_own(),
            .ended = CAPTURE_PACKET,
        };
        source->last = &source->first;
        if (open_source(source, error) == 0)
                made = capture_open_feed(&feed, source, capture_info(capture), error);
        if (made)
                *opened = source;
        else
                close_source(source);
        return made;
}

void process_tell_lacks(const struct process_source *source)
{
        unsigned lacks = process_watch_lacks(source->watch);

        if (lacks & PROCESS_LACKS_USES)
                complain(
                    "--process: this kernel (older than Linux 6.3) does not tell who reads from "
                    "sockets: of packets received, the process is mostly unknown");
        if (lacks & PROCESS_LACKS_FILES)
                complain(
                    "--process: this kernel (older than Linux 5.11) does not tell who has "
                    "sockets open: those opened before the start are nobody's until they send");
}

uint64_t process_lost(const struct process_source *source)
{
        return source->lost;
}
