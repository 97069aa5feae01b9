/* A capture whose packets come with their fates: each waits for its end, and those behind it wait
 * with it, as packets stay in order. */
#include "internal.h"

#include "base/array.h"
#include "base/clock.h"
#include "cbpf/extended.h"
#include "cli/common/cli.h"
#include "ebpf/program.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
        BUFFER = 16 << 20, /* bytes of the ring, if none are given */
        FRAMES = 16,       /* of the stack: as in cli/drops */
        LINES = 1 << 15,   /* that wait at most: a power of two */
        EVENTS = 4096,     /* that are taken at once */
        WAITING = 1024,    /* packets of UDP */
        NEWS = 64,         /* ends that came late, and are still to be told */
        NS_PER_MS = 1000000,
        GATHER_MS = 5, /* after the first of some events */
};

/* A packet that waits to be given. */
struct line {
        struct capture_record record;
        uint8_t *bytes;
        struct drops_record *told; /* what names the packet: without most of its bytes */
        uint64_t packet, time;
        size_t stop; /* of the journey */
};

/* One that is given, with what its record points to. */
struct given {
        uint8_t *bytes;
        struct text words, members;
};

/* A packet of UDP that may wait in a socket. */
struct waiting {
        uint64_t packet; /* 0: not any more */
        uint32_t network_namespace;
        uint16_t port, peer_port;
};

struct fate_source {
        struct fate_settings settings;
        struct fate *fate;
        struct extended *filters[FATE_FILTERS];
        struct guide guide;
        struct frames *frames;
        struct journeys *journeys;
        struct line *lines;
        size_t first, count;
        struct given *given;
        size_t given_count, given_room;
        struct waiting waiting[WAITING];
        uint64_t waiting_next;
        char *news[NEWS];
        size_t news_count;
        uint64_t number;           /* of lines given */
        struct fate_counts counts; /* at the end */
        uint64_t taken;
        uint64_t stopped; /* when: nanoseconds of CLOCK_MONOTONIC; or 0 */
        bool failed;
};

static uint64_t now(void)
{
        return (uint64_t)clock_now(CLOCK_MONOTONIC);
}

/* --- Filters --- */

/* Each where packets are as it has them; they mean the same. */
static int make_filter(struct fate_source *source, enum fate_filter which, struct error *error)
{
        static const enum cbpf_start starts[FATE_FILTERS] = {
            [FATE_FILTER_RECEIVED] = CBPF_START_DATA,
            [FATE_FILTER_SENT] = CBPF_START_NETWORK,
            [FATE_FILTER_DROPPED] = CBPF_START_FOUND,
        };
        const struct cbpf_target target = {
            .link_type = DLT_LINUX_SLL2,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .place = CBPF_LIVE_NETWORK,
            .netmask = CBPF_NETMASK_UNKNOWN,
            .sets = source->settings.sets,
        };
        const struct extended_tap tap = {
            .context = CBPF_CONTEXT_TRACEPOINT,
            .kind = EBPF_RAW_TRACEPOINT,
            .table = fate_table(source->fate, which),
            .start = starts[which],
            .has_device = which != FATE_FILTER_DROPPED,
            .receiver = which == FATE_FILTER_DROPPED ? fate_receiver(source->fate) : 0,
        };

        source->filters[which] =
            extended_for_tap(source->settings.expression, &target, &tap, error);
        return source->filters[which] ? 0 : -1;
}

/* What is dropped before an interface has it is only told where its filter can be asked. */
static int start(void *context, struct error *error)
{
        struct fate_source *source = context;
        int programs[FATE_FILTERS] = {-1, -1, -1};

        for (enum fate_filter i = 0; *source->settings.expression && i < FATE_FILTERS; i++) {
                if (make_filter(source, i, error) < 0) {
                        struct error reason = *error;

                        if (reason.kind == ERROR_MEMORY)
                                return -1;
                        return error_set(error,
                                         "--fate: the kernel cannot run this filter where packets "
                                         "are followed: %s",
                                         reason.message);
                }
                programs[i] = extended_program(source->filters[i]);
        }
        return fate_attach(source->fate, programs, error);
}

static void set_filter(void *context, capture_filter *filter, void *filter_context)
{
        (void)context;
        (void)filter;
        (void)filter_context;
}

/* --- Packets come in --- */

static struct line *line_at(const struct fate_source *source, size_t i)
{
        return &source->lines[(source->first + i) & (LINES - 1)];
}

static struct drops_record *copy_told(const struct drops_record *record)
{
        enum { HEADERS = 80 };
        const uint32_t kept = record->captured < HEADERS ? record->captured : HEADERS;
        struct drops_record *told = malloc(sizeof *told + kept);

        if (!told)
                return NULL;
        memcpy(told, record, sizeof *told + kept);
        told->captured = kept;
        return told;
}

static void free_line(struct line *line)
{
        free(line->bytes);
        free(line->told);
}

static bool add_line(struct fate_source *source, const struct journey *journey,
                     const struct fate_event *event, const struct drops_record *record)
{
        const int64_t offset = clock_now(CLOCK_REALTIME) - clock_now(CLOCK_MONOTONIC);
        const struct drop drop = {.record = record};
        struct line *line = line_at(source, source->count);

        *line = (struct line){
            .packet = event->packet,
            .time = event->time,
            .stop = journey && journey->stop_count > 0 ? journey->stop_count - 1 : 0,
        };
        if (event->kind == FATE_DROPPED)
                line->stop = JOURNEY_STOPS; /* it has been nowhere */
        if (!frames_fill(source->frames, &drop, offset, &line->record))
                return false;
        line->bytes = malloc(line->record.packet.captured + (size_t)1);
        line->told = copy_told(record);
        if (!line->bytes || !line->told) {
                free_line(line);
                return false;
        }
        memcpy(line->bytes, line->record.packet.data, line->record.packet.captured);
        line->record.packet.data = line->bytes;
        source->count++;
        source->taken++;
        return true;
}

/* --- Ends that come late --- */

/* "packet 12, 192.0.2.1.53 > 192.0.2.2.1024 UDP: ✓ nc[812], after 1.2 s" */
static void add_news(struct fate_source *source, struct journey *journey)
{
        struct text words = {0}, members = {0};
        struct verdict verdict = {.words = &words, .members = &members};

        if (journey->line == 0 || source->news_count == NEWS)
                return;
        end_tell(journey, journey->line_stop, false, &source->guide, &verdict);
        if (verdict.settled && verdict.known &&
            !(journey->line_was_sent && journey->end == END_SENT)) {
                struct text news = {0};

                text_format(&news, "packet %llu", (unsigned long long)journey->line);
                if (journey->name)
                        text_format(&news, ", %s", journey->name);
                text_format(&news, ": %.*s, after %.1f s", (int)words.length, words.start,
                            (double)(journey->end_time - journey->line_time) / 1e9);
                source->news[source->news_count] = text_take(&news);
                source->news_count += source->news[source->news_count] != NULL;
        }
        if (verdict.settled)
                journey->line = 0;
        text_free(&words);
        text_free(&members);
}

/* --- Packets of UDP, which wait to be read --- */

static void waiting_add(struct fate_source *source, const struct fate_event *event,
                        const struct drops_record *record)
{
        struct rules_packet packet;
        struct waiting *waiting = &source->waiting[source->waiting_next % WAITING];

        if (event->kind != FATE_RECEIVED)
                return;
        drop_describe(record, false, &packet);
        if (packet.protocol != IPPROTO_UDP || !packet.has_ports)
                return;
        source->waiting_next++;
        *waiting = (struct waiting){
            .packet = event->packet,
            .network_namespace = event->network_namespace,
            .port = packet.destination_port,
            .peer_port = packet.source_port,
        };
}

/* Sockets are read in the order in which packets came to them: the first that fits. Returns its
 * journey; NULL if there is none. */
static struct journey *waiting_read(struct fate_source *source, const struct fate_event *event)
{
        const uint64_t first = source->waiting_next > WAITING ? source->waiting_next - WAITING : 0;

        for (uint64_t i = first; i < source->waiting_next; i++) {
                struct waiting *waiting = &source->waiting[i % WAITING];
                struct journey *journey;

                if (waiting->packet == 0 || waiting->port != event->port ||
                    waiting->network_namespace != event->network_namespace ||
                    (event->peer_port && waiting->peer_port != event->peer_port))
                        continue;
                journey = journeys_find(source->journeys, waiting->packet);
                waiting->packet = 0;
                if (journey && journey_was_read(journey, event))
                        return journey;
        }
        return NULL;
}

static void take_events(struct fate_source *source)
{
        const struct drops_record *record;
        const struct fate_event *event;

        for (int i = 0; i < EVENTS && source->count < LINES && source->news_count < NEWS &&
                        (event = fate_next(source->fate, &record));
             i++) {
                struct journey *journey =
                    event->kind == FATE_READ
                        ? waiting_read(source, event)
                        : journeys_take(source->journeys, event, record, &source->guide);

                if (record && event->flags & FATE_CAPTURED &&
                    (!source->stopped || event->time < source->stopped)) {
                        source->failed |= !add_line(source, journey, event, record);
                        waiting_add(source, event, record);
                } else if (journey) {
                        add_news(source, journey);
                }
        }
        fate_release(source->fate);
}

/* --- Packets go out --- */

static void free_given(struct fate_source *source)
{
        while (source->given_count > 0) {
                struct given *given = &source->given[--source->given_count];

                free(given->bytes);
                text_free(&given->words);
                text_free(&given->members);
        }
}

/* For what comes later. */
static void remember_line(struct fate_source *source, struct journey *journey,
                          const struct line *line)
{
        struct text name = {0};

        if (journey->line > 0)
                return;
        drop_conversation(&name, line->told);
        free(journey->name);
        journey->name = text_take(&name);
        journey->line = source->number;
        journey->line_time = line->time;
        journey->line_stop = line->stop;
        journey->line_was_sent =
            line->stop < journey->stop_count && journey->stops[line->stop].kind == FATE_SENT;
}

/* Fills the record of the first line, if it need not wait any longer. */
static bool give_line(struct fate_source *source, bool all, uint64_t time,
                      struct capture_record *record)
{
        struct line *line = line_at(source, 0);
        struct journey *journey = journeys_find(source->journeys, line->packet);
        const bool last = all || time >= line->time + source->settings.wait * NS_PER_MS;
        struct given *given = &source->given[source->given_count];
        struct verdict verdict = {.words = &given->words, .members = &given->members};

        *given = (struct given){0};
        text_char(&given->words, ' ');
        text_string(&given->members, "\"filt.fate\":{");
        end_tell(journey, line->stop, last, &source->guide, &verdict);
        if (!verdict.settled && !last) {
                text_free(&given->words);
                text_free(&given->members);
                return false;
        }
        source->given_count++;
        source->number++;
        if (source->settings.path && journey)
                end_path(journey, line->stop, &given->words);
        if (!verdict.settled && journey)
                remember_line(source, journey, line);
        text_char(&given->words, '\0');
        text_string(&given->members, "}");
        text_char(&given->members, '\0');
        if (given->words.failed || given->members.failed) {
                source->failed = true;
                return false;
        }
        given->bytes = line->bytes;
        free(line->told);
        *record = line->record;
        record->note = given->words.start;
        record->members = given->members.start;
        record->comment = source->settings.comments ? given->words.start + 1 : NULL;
        source->first = (source->first + 1) & (LINES - 1);
        source->count--;
        return true;
}

static size_t give(struct fate_source *source, struct capture_record *records, size_t room)
{
        const uint64_t time = now();
        const bool full = source->count > LINES / 2;
        size_t count = 0;

        free_given(source);
        if (!array_grow(source->given, source->given_room, room)) {
                source->failed = true;
                return 0;
        }
        while (count < room && source->count > 0 && give_line(source, full, time, &records[count]))
                count++;
        return count;
}

static bool tell_news(struct fate_source *source, struct error *error)
{
        if (source->news_count == 0)
                return false;
        error_set(error, "%s", source->news[0]);
        free(source->news[0]);
        source->news_count--;
        memmove(source->news, source->news + 1, source->news_count * sizeof *source->news);
        return true;
}

static enum capture_result next(void *context, struct capture_record *records, size_t room,
                                size_t *count, struct error *error)
{
        struct fate_source *source = context;

        take_events(source);
        *count = give(source, records, room);
        if (source->failed) {
                error_memory(error);
                return CAPTURE_ERROR;
        }
        if (*count > 0)
                return CAPTURE_PACKET;
        if (tell_news(source, error))
                return CAPTURE_CHANGE;
        if (!source->stopped)
                return CAPTURE_EMPTY;
        if (source->count == 0) {
                fate_detach(source->fate);
                return CAPTURE_END;
        }
        poll(NULL, 0, 1); /* those that are left wait for their ends */
        *count = 0;
        return CAPTURE_EMPTY;
}

static int wait_for(void *context, int wake, int timeout_ms, struct error *error)
{
        struct fate_source *source = context;
        struct rules_source *rules = source->guide.tables.rules;
        struct pollfd polled[] = {
            {.fd = wake, .events = POLLIN},
            {.fd = fate_descriptor(source->fate), .events = POLLIN},
            {.fd = rules_source_changes(rules), .events = POLLIN},
        };

        if (source->count > 0) {
                const uint64_t until = line_at(source, 0)->time + source->settings.wait * NS_PER_MS;
                const uint64_t time = now();
                const int left = until <= time ? 0 : (int)((until - time) / NS_PER_MS) + 1;

                if (timeout_ms < 0 || left < timeout_ms)
                        timeout_ms = left;
        }
        /* The kernel wakes a waiter up only for an event that finds the ring empty. */
        if (!fate_is_empty(source->fate))
                timeout_ms = 0;
        if (poll(polled, array_count(polled), timeout_ms) < 0 && errno != EINTR)
                return error_set(error, "waiting for packets: poll: %s", strerror(errno));
        if (timeout_ms != 0 && polled[1].revents && !polled[0].revents)
                poll(polled, 1, GATHER_MS);
        if (polled[2].revents)
                rules_source_refresh(rules);
        return 0;
}

/* --- The end --- */

static void stop(void *context)
{
        struct fate_source *source = context;

        if (source->stopped)
                return;
        source->counts = fate_counts(source->fate);
        source->stopped = now();
}

static struct capture_statistics statistics(void *context)
{
        struct fate_source *source = context;
        const struct fate_counts counts =
            source->stopped ? source->counts : fate_counts(source->fate);

        return (struct capture_statistics){.received = source->taken + counts.lost,
                                           .dropped = counts.lost};
}

static const struct capture_interface *interface(const void *context, uint32_t number)
{
        (void)context;
        (void)number;
        return NULL;
}

static void close_source(void *context)
{
        struct fate_source *source = context;

        fate_close(source->fate);
        for (size_t i = 0; i < FATE_FILTERS; i++)
                extended_free(source->filters[i]);
        free_given(source);
        free(source->given);
        while (source->count > 0) {
                free_line(line_at(source, 0));
                source->first = (source->first + 1) & (LINES - 1);
                source->count--;
        }
        free(source->lines);
        while (source->news_count > 0)
                free(source->news[--source->news_count]);
        journeys_free(source->journeys);
        frames_free(source->frames);
        drops_reasons_free(source->guide.tables.reasons);
        drops_symbols_free(source->guide.tables.symbols);
        namespaces_free(source->guide.tables.namespaces);
        rules_source_close(source->guide.tables.rules);
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

static int read_tables(struct fate_source *source, struct error *error)
{
        struct drop_tables *tables = &source->guide.tables;

        if (!(tables->reasons = drops_reasons_read(error)))
                return -1;
        if (!(tables->namespaces = namespaces_read()))
                return error_memory(error);
        tables->symbols = drops_symbols_read(error);
        if (!tables->symbols && error->kind == ERROR_MEMORY)
                return -1;
        if (!tables->symbols)
                complain("--fate: places that only the stack tells are not known: %s",
                         error->message);
        return 0;
}

static int find_interfaces(const struct fate_settings *settings, struct fate_options *options,
                           struct error *error)
{
        if (strcmp(settings->devices[0], "any") == 0)
                return 0;
        if (settings->device_count > FATE_MAX_INTERFACES)
                return error_set(error,
                                 "--fate: more than %d interfaces: leave -i out, or give "
                                 "-i any",
                                 FATE_MAX_INTERFACES);
        for (size_t i = 0; i < settings->device_count; i++) {
                options->interfaces[i] = if_nametoindex(settings->devices[i]);
                if (options->interfaces[i] == 0)
                        return error_set(error, "%s: %s", settings->devices[i], strerror(errno));
        }
        return 0;
}

/* The process that reads rules is started first, while there is one thread. */
static int open_source(struct fate_source *source, struct error *error)
{
        const struct fate_settings *settings = &source->settings;
        struct guide *guide = &source->guide;
        struct fate_options options = {
            .network_namespace = netns_own(),
            .snapshot = settings->kept < DROPS_LONGEST ? settings->kept : DROPS_LONGEST,
            .frames = settings->verbose > 1 ? DROPS_STACK : FRAMES,
            .ring = settings->buffer ? settings->buffer : BUFFER,
        };

        guide->own_namespace = options.network_namespace;
        guide->verbose = settings->verbose;
        if (!options.network_namespace)
                return error_set(error, "/proc/self/ns/net: %s", strerror(errno));
        if (find_interfaces(settings, &options, error) < 0 ||
            !(guide->tables.rules = rules_source_open(error)))
                return -1;
        rules_source_prepare(guide->tables.rules, guide->own_namespace);
        if (!(source->lines = calloc(LINES, sizeof *source->lines)) ||
            !(source->journeys = journeys_new()) ||
            !(source->frames = frames_new(guide->own_namespace)))
                return error_memory(error);
        if (!(source->fate = fate_open(&options, error)))
                return -1;
        return read_tables(source, error);
}

struct capture *fate_capture(const struct fate_settings *settings, struct fate_source **opened,
                             struct error *error)
{
        static const struct capture_info info = {
            .link_type = DLT_LINUX_SLL2,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .nanoseconds = true,
            .several_interfaces = true,
            .any = true,
        };
        struct fate_source *source = calloc(1, sizeof *source);
        struct capture *capture = NULL;

        if (!source) {
                error_memory(error);
                return NULL;
        }
        source->settings = *settings;
        if (open_source(source, error) == 0)
                capture = capture_open_feed(&feed, source, &info, error);
        if (!capture)
                close_source(source);
        *opened = capture ? source : NULL;
        return capture;
}

int fate_channel(const struct fate_source *source)
{
        return rules_source_channel(source->guide.tables.rules);
}

uint64_t fate_lost_events(const struct fate_source *source)
{
        return fate_counts(source->fate).lost_events;
}
