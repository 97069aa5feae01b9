/* A capture of taps: what capture/ hands on as it does the packets of sockets. */
#include "base/array.h"
#include "base/clock.h"
#include "cbpf/extended.h"
#include "cli/common/cli.h"
#include "join.h"
#include "places.h"
#include "taps.h"
#include "watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
        BUFFER = 16 << 20,  /* bytes of the ring, if none are given */
        MIN_SNAPSHOT = 128, /* copied of a packet, however few are kept: a record has more room */
        STEP_MS = 5,
        PAUSE_MS = 10,    /* after packets have come, others are let gather */
        PRIORITIES = 100, /* tried for a place that has none of its own */
        FAMILY_IPV4 = 2,  /* NFPROTO_IPV4 and NFPROTO_IPV6 */
        FAMILY_IPV6 = 10,
        SECOND = 1000000000, /* nanoseconds */
};

/* How far the clock of the day is ahead of that of copies, and the most that this may be wrong by,
 * as some time passes between looking at the one and the other. */
struct clock_offset {
        int64_t nanoseconds, error;
};

struct tap_source {
        struct taps *taps;
        struct tap_places places;
        uint32_t kept;
        capture_filter *filter;
        void *filter_context;
        struct capture *socket; /* another place; or NULL */
        struct join *join;      /* NULL if each copy is a packet */
        int any;                /* an epoll descriptor, of all that may wake a capture */
        struct clock_offset offset;
        uint64_t complete; /* when all places were there: nanoseconds of CLOCK_MONOTONIC */
        bool stopped, drained;
        bool busy;                    /* copies have come since the last wait */
        struct taps_lasting *lasting; /* what the watcher attaches, and detaches at the end */
        size_t lasting_count, lasting_room;
        struct watcher *watcher;
        bool failed; /* joining: what is held is still to be given, then the error */
        struct error failure;
};

/* --- Starting --- */

static void set_filter(void *context, capture_filter *filter, void *filter_context)
{
        struct tap_source *source = context;

        source->filter = filter;
        source->filter_context = filter_context;
}

/* At IPv4's hook and at IPv6's. */
static int attach_netfilter(struct tap_source *source, const struct tap_place *place, int filter,
                            struct taps_place *at, struct error *error)
{
        static const int families[] = {FAMILY_IPV4, FAMILY_IPV6};

        at->hook = place->point->netfilter;
        for (size_t i = 0; i < array_count(families); i++) {
                int tries = place->point->priority_chosen ? 1 : PRIORITIES;

                at->family = families[i];
                at->priority = place->point->priority;
                while (taps_attach(source->taps, place->tap, filter, at, error) < 0) {
                        if (error->kind != TAPS_OCCUPIED || --tries == 0)
                                return -1;
                        at->priority++;
                }
        }
        return 0;
}

static struct taps_place place_of(const struct tap_place *place)
{
        return (struct taps_place){
            .interface = place->interface.index,
            .mode = place->point->mode,
            .name = place->interface.name,
        };
}

/* Left to the watcher. */
static int attach_lasting(struct tap_source *source, const struct tap_place *place, int filter,
                          const struct taps_place *at, struct error *error)
{
        if (!array_grow(source->lasting, source->lasting_room, source->lasting_count + 1))
                return error_memory(error);
        source->lasting[source->lasting_count++] =
            (struct taps_lasting){.tap = place->tap, .filter = filter, .place = *at};
        return 0;
}

/* XDP and tc. Kernels without tcx have clsact. */
static int attach_to_interface(struct tap_source *source, const struct tap_place *place, int filter,
                               struct taps_place *at, struct error *error)
{
        if (!taps_lasts(source->taps, place->tap, at)) {
                int result = taps_attach(source->taps, place->tap, filter, at, error);

                if (result == 0 || error->kind != TAPS_NO_TCX || at->mode != TAPS_MODE_ANY)
                        return result;
                at->mode = TAPS_MODE_CLSACT;
        }
        return attach_lasting(source, place, filter, at, error);
}

static int attach(struct tap_source *source, const struct tap_place *place, int filter,
                  struct error *error)
{
        const struct tap_point *point = place->point;
        struct taps_place at = place_of(place);
        int result;

        if (point->hook == TAPS_NETFILTER)
                return attach_netfilter(source, place, filter, &at, error);
        if (!point->cgroup)
                return attach_to_interface(source, place, filter, &at, error);
        at.cgroup = open(point->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (at.cgroup < 0)
                return error_set(error, "--at %s: %s", point->text, strerror(errno));
        result = taps_attach(source->taps, place->tap, filter, &at, error);
        close(at.cgroup);
        return result;
}

/* --- In the watcher --- */

static int attach_all(void *context, struct error *error)
{
        struct tap_source *source = context;

        for (size_t i = 0; i < source->lasting_count; i++)
                if (taps_lasting_attach(source->taps, &source->lasting[i], error) < 0)
                        return -1;
        return 0;
}

static void check_all(void *context)
{
        struct tap_source *source = context;
        struct error error;

        for (size_t i = 0; i < source->lasting_count; i++)
                if (taps_lasting_check(source->taps, &source->lasting[i], &error) < 0)
                        complain("%s", error.message);
}

/* The last first: the one before may have made the qdisc that both are in. */
static void detach_all(void *context)
{
        struct tap_source *source = context;
        struct error error;

        for (size_t i = source->lasting_count; i-- > 0;)
                if (taps_lasting_detach(source->taps, &source->lasting[i], &error) < 0)
                        complain("%s", error.message);
}

/* --- Starting, with the watcher --- */

static void tell_of_occupants(const struct tap_source *source)
{
        for (size_t i = 0; i < source->lasting_count; i++) {
                const struct taps_lasting *lasting = &source->lasting[i];
                const struct taps_occupant *occupant = taps_occupant(source->taps, lasting->tap);

                if (occupant)
                        complain("%s: filt runs before the XDP program %s (id %u) that is there, "
                                 "and puts it back at the end",
                                 lasting->place.name, occupant->name, occupant->id);
        }
}

static int start_watcher(struct tap_source *source, struct error *error)
{
        int *kept = malloc((source->lasting_count * TAPS_LASTING_DESCRIPTORS + 1) * sizeof *kept);
        struct watcher_task task = {attach_all, check_all, detach_all, source, kept, 0};

        if (!kept)
                return error_memory(error);
        for (size_t i = 0; i < source->lasting_count; i++)
                task.kept_count += taps_lasting_descriptors(source->taps, &source->lasting[i],
                                                            kept + task.kept_count);
        source->watcher = watcher_start(&task, error);
        free(kept);
        if (!source->watcher)
                return -1;
        tell_of_occupants(source);
        return 0;
}

static int start(void *context, struct error *error)
{
        struct tap_source *source = context;

        for (size_t i = 0; i < source->places.count; i++) {
                const struct tap_place *place = source->places.all[i];
                struct capture_program program;

                if (source->filter(source->filter_context, &place->interface, &program, error) <
                        0 ||
                    attach(source, place, program.extended, error) < 0)
                        return -1;
        }
        if (source->lasting_count > 0 && start_watcher(source, error) < 0)
                return -1;
        if (source->socket) {
                capture_set_filter(source->socket, source->filter, source->filter_context);
                if (capture_start(source->socket, error) < 0)
                        return -1;
        }
        source->complete = (uint64_t)clock_now(CLOCK_MONOTONIC);
        return 0;
}

/* --- Packets --- */

static struct clock_offset measure_offset(void)
{
        enum { TRIES = 8, SMALL = SECOND / 1000000 };
        struct clock_offset best = {0, INT64_MAX};

        for (int i = 0; i < TRIES && best.error > SMALL; i++) {
                int64_t before = clock_now(CLOCK_MONOTONIC), now = clock_now(CLOCK_REALTIME);
                int64_t error = (clock_now(CLOCK_MONOTONIC) - before) / 2;

                if (error < best.error)
                        best = (struct clock_offset){now - before - error, error};
        }
        return best;
}

/* Both run at the same speed, and only that of the day may be set. */
static void follow_clock(struct tap_source *source)
{
        struct clock_offset now = measure_offset();
        int64_t difference = now.nanoseconds - source->offset.nanoseconds;

        if (difference > now.error + source->offset.error ||
            -difference > now.error + source->offset.error || now.error < source->offset.error)
                source->offset = now;
}

static void fill_record(struct tap_source *source, const struct taps_record *copy,
                        struct capture_record *record)
{
        struct tap_place *place = source->places.all[copy->tap];
        int64_t time = (int64_t)copy->time + source->offset.nanoseconds;

        *record = (struct capture_record){
            .packet = {copy->bytes, copy->captured, copy->length},
            .time = {time / SECOND, time % SECOND},
            .on = &place->interface,
            .passage = capture_passage(copy->type),
            .link_type = place->interface.link_type,
        };
        place->interface.delivered++;
}

/* The next copy. While not all places were there, one does not say which of them its packet passed.
 */
static const struct taps_record *next_copy(struct tap_source *source)
{
        const struct taps_record *copy;

        do
                copy = taps_next(source->taps);
        while (copy && source->join && copy->time < source->complete);
        return copy;
}

/* Fills `records` with copies; returns how many. */
static size_t take_copies(struct tap_source *source, struct capture_record *records, size_t room)
{
        const struct taps_record *copy;
        size_t count = 0;

        follow_clock(source);
        taps_release(source->taps);
        while (count < room && (copy = next_copy(source)))
                fill_record(source, copy, &records[count++]);
        source->busy |= count > 0;
        return count;
}

/* What there is beside copies: CAPTURE_PACKET if `records` were filled with packets of sockets;
 * CAPTURE_END if nothing is left and nothing comes. */
static enum capture_result take_others(struct tap_source *source, struct capture_record *records,
                                       size_t room, size_t *count, struct error *error)
{
        enum capture_result result = source->stopped ? CAPTURE_END : CAPTURE_EMPTY;

        *count = 0;
        if (tap_places_tell(&source->places, error))
                return source->places.present > 0 || source->stopped ? CAPTURE_CHANGE
                                                                     : CAPTURE_ERROR;
        if (source->socket)
                result = capture_next_live(source->socket, records, room, count, error);
        if (result == CAPTURE_END && !taps_is_empty(source->taps)) {
                poll(NULL, 0, STEP_MS); /* a program is still writing */
                return CAPTURE_EMPTY;
        }
        return result;
}

static enum capture_result take(struct tap_source *source, struct capture_record *records,
                                size_t room, size_t *count, struct error *error)
{
        *count = take_copies(source, records, room);
        return *count > 0 ? CAPTURE_PACKET : take_others(source, records, room, count, error);
}

static int64_t time_of(const struct capture_record *record)
{
        return record->time.tv_sec * (int64_t)SECOND + record->time.tv_nsec;
}

/* What else comes from the same place is not older than `*now` then. */
static bool join_all(struct tap_source *source, const struct capture_record *records, size_t count,
                     int64_t *now)
{
        for (size_t i = 0; i < count; i++)
                if (!join_take(source->join, &records[i]))
                        return false;
        if (count > 0 && time_of(&records[count - 1]) < *now)
                *now = time_of(&records[count - 1]);
        return true;
}

/* Copies and packets of sockets are read side by side: until all that have come are taken, time is
 * that of the newest one of whichever is behind. What is held is given before an error. */
static enum capture_result next_joined(struct tap_source *source, struct capture_record *records,
                                       size_t room, size_t *count, struct error *error)
{
        struct capture_record burst[JOIN_BURST];
        size_t copies = 0, others = 0;
        enum capture_result result = CAPTURE_PACKET;
        int64_t now = clock_now(CLOCK_REALTIME);
        bool joined;

        *count = 0;
        if (!source->failed && !join_is_full(source->join)) {
                copies = take_copies(source, burst, JOIN_BURST);
                joined = join_all(source, burst, copies, &now);
                if (copies == 0)
                        result = take_others(source, burst, JOIN_BURST, &others, error);
                else if (source->socket)
                        result =
                            capture_next_live(source->socket, burst, JOIN_BURST, &others, error);
                if (result == CAPTURE_CHANGE)
                        return result;
                if (!joined || !join_all(source, burst, others, &now)) {
                        error_memory(error);
                        return CAPTURE_ERROR;
                }
                if (result == CAPTURE_ERROR) {
                        source->failed = true;
                        source->failure = *error;
                }
        }
        source->drained = copies == 0 && others == 0;
        *count = join_give(source->join, now,
                           source->failed || (copies == 0 && result == CAPTURE_END), records, room);
        if (*count > 0)
                return CAPTURE_PACKET;
        if (source->failed)
                *error = source->failure;
        return source->failed ? CAPTURE_ERROR : copies + others > 0 ? CAPTURE_EMPTY : result;
}

static enum capture_result next(void *context, struct capture_record *records, size_t room,
                                size_t *count, struct error *error)
{
        struct tap_source *source = context;

        return source->join ? next_joined(source, records, room, count, error)
                            : take(source, records, room, count, error);
}

/* --- Waiting --- */

static bool watch(const struct tap_source *source, int fd)
{
        struct epoll_event event = {.events = EPOLLIN};

        return fd < 0 || epoll_ctl(source->any, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int sooner(int one, int other)
{
        return one < 0 || (other >= 0 && other < one) ? other : one;
}

static int wait_for(void *context, int wake, int timeout_ms, struct error *error)
{
        struct tap_source *source = context;
        struct pollfd polled[] = {{.fd = source->any, .events = POLLIN},
                                  {.fd = wake, .events = POLLIN}};

        if (source->join)
                timeout_ms = sooner(
                    timeout_ms,
                    source->drained ? join_wait(source->join, clock_now(CLOCK_REALTIME)) : 0);
        if (source->busy)
                timeout_ms = sooner(timeout_ms, PAUSE_MS);
        else if (taps_arm(source->taps), !taps_is_empty(source->taps))
                timeout_ms = 0; /* what came before it was armed has woken up nobody */
        source->busy = false;
        if (source->socket)
                return capture_wait(source->socket, source->any, timeout_ms, error);
        if (poll(polled, array_count(polled), timeout_ms) < 0 && errno != EINTR)
                return error_set(error, "waiting for packets: poll: %s", strerror(errno));
        return 0;
}

/* --- The end --- */

static void detach(struct tap_source *source)
{
        watcher_end(source->watcher);
        source->watcher = NULL;
        if (source->taps)
                taps_detach(source->taps);
}

static void stop(void *context)
{
        struct tap_source *source = context;

        detach(source);
        if (source->socket)
                capture_stop(source->socket);
        source->stopped = true;
}

static struct capture_statistics statistics(void *context)
{
        struct tap_source *source = context;
        struct capture_statistics total = {0};

        if (source->socket)
                total = capture_statistics(source->socket);
        for (size_t i = 0; i < source->places.count; i++) {
                struct tap_place *place = source->places.all[i];
                struct taps_counts counts = taps_counts(source->taps, place->tap);

                place->interface.counted = true;
                place->interface.received = counts.accepted;
                place->interface.dropped = counts.lost;
                total.received += counts.accepted;
                total.dropped += counts.lost;
        }
        return total;
}

static const struct capture_interface *interface(const void *context, uint32_t number)
{
        const struct tap_source *source = context;
        const struct tap_places *places = &source->places;

        if (number < places->count)
                return &places->all[number]->interface;
        return source->socket ? capture_interface(source->socket, number - (uint32_t)places->count)
                              : NULL;
}

static void close_source(void *context)
{
        struct tap_source *source = context;

        detach(source);
        taps_free(source->taps);
        capture_close(source->socket);
        join_free(source->join);
        if (source->any >= 0)
                close(source->any);
        tap_places_free(&source->places);
        free(source->lasting);
        free(source);
}

/* --- Opening --- */

static int add_taps(struct tap_source *source, struct error *error)
{
        for (size_t i = 0; i < source->places.count; i++) {
                struct tap_place *place = source->places.all[i];
                const struct taps_place at = place_of(place);

                place->tap = taps_add(source->taps, place->point->hook, &at, error);
                if (place->tap < 0)
                        return -1;
        }
        return 0;
}

static struct capture_info info_of(const struct tap_source *source)
{
        const struct tap_places *places = &source->places;
        struct capture_info info = {
            .link_type = places->all[0]->interface.link_type,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .nanoseconds = true,
            .several_interfaces = places->count > 1 || source->socket,
        };

        for (size_t i = 1; i < places->count; i++)
                info.link_type_varies |= places->all[i]->interface.link_type != info.link_type;
        if (source->socket) {
                const struct capture_info *socket = capture_info(source->socket);

                info.link_type_varies |=
                    socket->link_type_varies || socket->link_type != info.link_type;
                info.any = socket->any;
        }
        return info;
}

/* What of it is there so far is freed by close_source() if it fails. */
static int open_source(struct tap_source *source, const struct tap_options *options,
                       struct error *error)
{
        source->any = epoll_create1(EPOLL_CLOEXEC);
        if (options->joins && !(source->join = join_new()))
                return error_memory(error);
        if (tap_places_find(&source->places, options, error) < 0 ||
            !(source->taps = taps_new(options->buffer ? options->buffer : BUFFER, error)) ||
            add_taps(source, error) < 0)
                return -1;
        if (source->any < 0 || !watch(source, taps_descriptor(source->taps)) ||
            !watch(source, source->places.changes) || !watch(source, options->wake))
                return error_set(error, "epoll: %s", strerror(errno));
        return 0;
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

struct capture *taps_open(const struct tap_options *options, struct tap_source **opened,
                          struct error *error)
{
        struct tap_source *source = calloc(1, sizeof *source);
        struct capture *capture = NULL;

        if (!source) {
                capture_close(options->socket);
                error_memory(error);
                return NULL;
        }
        *source = (struct tap_source){
            .places.changes = -1,
            .kept = options->kept > MIN_SNAPSHOT ? options->kept : MIN_SNAPSHOT,
            .socket = options->socket,
            .any = -1,
            .offset.error = INT64_MAX / 2,
        };
        if (open_source(source, options, error) == 0) {
                const struct capture_info info = info_of(source);

                capture = capture_open_feed(&feed, source, &info, error);
        }
        if (!capture)
                close_source(source);
        *opened = capture ? source : NULL;
        return capture;
}

/* --- Filters --- */

uint32_t taps_number(const struct tap_source *source, const struct capture_interface *interface)
{
        uint32_t number = 0;

        if (source->join)
                interface = join_first(source->join, interface);
        while (number < source->places.count && &source->places.all[number]->interface != interface)
                number++;
        return number < source->places.count ? number : TAPS_SOCKET;
}

const char *taps_device(const struct tap_source *source, uint32_t number)
{
        return source->places.all[number]->device;
}

void taps_set_target(const struct tap_source *source, uint32_t number, struct cbpf_target *target)
{
        const struct tap_place *place = source->places.all[number];

        target->link_type = place->interface.link_type;
        program_set_target(PROGRAM_EBPF, tap_point_context(place->point), target);
}

struct extended *taps_compile(const struct tap_source *source, uint32_t number,
                              const char *expression, const struct cbpf_target *target, bool whole,
                              struct error *error)
{
        const struct tap_place *place = source->places.all[number];

        const struct extended_tap tap = {
            .context = tap_point_context(place->point),
            .kind = taps_kind(source->taps, place->tap),
            .table = taps_table(source->taps, place->tap),
            .others = taps_occupant(source->taps, place->tap),
        };

        taps_keep(source->taps, place->tap, whole ? CAPTURE_MAX_SNAPSHOT : source->kept);
        return extended_for_tap(expression, target, &tap, error);
}
