/* A capture of taps: what capture/ hands on as it does the packets of sockets. */
#include "base/array.h"
#include "base/clock.h"
#include "cbpf/extended.h"
#include "cli/common/cli.h"
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
        BUFFER = 16 << 20,  /* bytes of the ring, if none are given */
        MIN_SNAPSHOT = 128, /* copied of a packet, however few are kept: a record has more room */
        STEP_MS = 5,
        PAUSE_MS = 10,       /* after packets have come, others are let gather */
        LOOK = 64,           /* bursts of copies, after which changes are read though more come */
        SECOND = 1000000000, /* nanoseconds */
};

/* --- Starting --- */

static void set_filter(void *context, capture_filter *filter, void *filter_context)
{
        struct tap_source *source = context;

        source->filter = filter;
        source->filter_context = filter_context;
}

static int add_tap(struct tap_source *source, struct tap_place *place, struct error *error)
{
        const struct taps_place at = attach_place(place);

        place->tap =
            taps_add(source->taps, place->point->hook, &at, place->interface.link_type, error);
        return place->tap < 0 ? -1 : 0;
}

static int add_and_enter(struct tap_source *source, struct tap_place *place, struct error *error)
{
        if (add_tap(source, place, error) < 0)
                return -1;
        return tap_places_enter(&source->places, place, place->tap, place->where)
                   ? 0
                   : error_memory(error);
}

static int start_place(struct tap_source *source, struct tap_place *place, struct error *error)
{
        struct capture_program program;

        if (source->filter(source->filter_context, &place->interface, &program, error) < 0)
                return -1;
        return attach_filter(source, place, program.extended, error);
}

/* Without the driver's XDP by the kernel's, for which there are another tap and filter. */
static int start_generic(struct tap_source *source, struct tap_place *place, struct error *error)
{
        taps_leave(source->taps, place->tap, place->where);
        place->mode = TAPS_MODE_GENERIC;
        return add_and_enter(source, place, error) < 0 ? -1 : start_place(source, place, error);
}

/* Those of interfaces that may appear are loaded now, while that is allowed. That an expression is
 * none for a link type of which there is no interface is no error. */
static void prepare_spares(struct tap_source *source)
{
        for (size_t i = 0; i < source->places.spare_count; i++) {
                struct tap_place *spare = source->places.spares[i];
                struct capture_program program;
                struct error ignored;

                if (source->filter(source->filter_context, &spare->interface, &program, &ignored) <
                    0)
                        spare->gone = true;
        }
}

static int start(void *context, struct error *error)
{
        struct tap_source *source = context;

        for (size_t i = 0; i < source->places.count; i++) {
                struct tap_place *place = source->places.all[i];

                if (start_place(source, place, error) == 0)
                        continue;
                if (error->kind != TAPS_NO_NATIVE || start_generic(source, place, error) < 0)
                        return -1;
        }
        if (attach_by_watcher(source, error) < 0)
                return -1;
        prepare_spares(source);
        if (source->socket) {
                capture_set_filter(source->socket, source->filter, source->filter_context);
                if (capture_start(source->socket, error) < 0)
                        return -1;
        }
        source->complete = (uint64_t)clock_now(CLOCK_MONOTONIC);
        return 0;
}

/* --- Packets --- */

/* Of the copy that was taken last. */
static uint32_t mark_of_taken(const struct tap_source *source)
{
        unsigned long end = taps_taken(source->taps);

        return source->mark - (end <= source->marked_at[0]) - (end <= source->marked_at[1]);
}

static void fill_record(const struct tap_source *source, struct tap_place *place,
                        const struct taps_record *copy, struct capture_record *record)
{
        int64_t time = (int64_t)copy->time + source->offset.nanoseconds;

        *record = (struct capture_record){
            .mark = mark_of_taken(source),
            .packet = {copy->bytes, copy->captured, copy->length},
            .time = {time / SECOND, time % SECOND},
            .on = &place->interface,
            .passage = capture_passage(copy->type),
            .link_type = place->interface.link_type,
        };
        place->interface.delivered++;
}

/* The next copy and its place. While not all places were there, one does not say which of them its
 * packet passed. */
static const struct taps_record *next_copy(struct tap_source *source, struct tap_place **place)
{
        const struct taps_record *copy;

        while ((copy = taps_next(source->taps))) {
                *place = tap_places_of(&source->places, (int)copy->tap, copy->where);
                if (!*place)
                        continue;
                (*place)->taken++;
                if (!source->join || copy->time >= source->complete)
                        break;
        }
        return copy;
}

/* Fills `records` with copies; returns how many. */
static size_t take_copies(struct tap_source *source, struct capture_record *records, size_t room)
{
        const struct taps_record *copy;
        struct tap_place *place;
        size_t count = 0;

        clock_follow(&source->offset);
        taps_release(source->taps);
        while (count < room && (copy = next_copy(source, &place)))
                fill_record(source, place, copy, &records[count++]);
        source->busy |= count > 0;
        if (count > 0 && ++source->bursts % LOOK == 0)
                changes_read(source);
        return count;
}

/* What there is beside copies: CAPTURE_PACKET if `records` were filled with packets of sockets;
 * CAPTURE_END if nothing is left and nothing comes. */
static enum capture_result take_others(struct tap_source *source, struct capture_record *records,
                                       size_t room, size_t *count, struct error *error)
{
        enum capture_result result = source->stopped ? CAPTURE_END : CAPTURE_EMPTY;

        *count = 0;
        if (changes_tell(source, error))
                return changes_leave_any(source) || source->stopped ? CAPTURE_CHANGE
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
        for (size_t i = 0; i < count; i++) {
                if (source->judge && !source->judge(source->judge_context, &records[i]))
                        capture_reject(&records[i]);
                else if (!join_take(source->join, &records[i]))
                        return false;
        }
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

/* --- Other filters --- */

void taps_judge(struct tap_source *source, tap_judge *judge, void *context)
{
        source->judge = judge;
        source->judge_context = context;
}

bool taps_join(const struct tap_source *source)
{
        return source->join;
}

void taps_replace_by(struct tap_source *source, tap_replace *replace, void *context)
{
        source->replace = replace;
        source->replace_context = context;
}

/* A filter runs to its end before another one is put into its place for sure: what comes into the
 * ring after that was judged by the other one. */
static int filter_again(void *context, struct error *error)
{
        struct tap_source *source = context;
        int result = source->replace ? source->replace(source->replace_context, error) : 0;

        taps_settle();
        if (result == 0 && source->socket)
                result = capture_filter_again(source->socket, error);
        return result;
}

static void mark(void *context)
{
        struct tap_source *source = context;

        source->marked_at[1] = source->marked_at[0];
        source->marked_at[0] = taps_end(source->taps);
        source->mark++;
        if (source->socket)
                capture_mark(source->socket);
}

static bool passed_marks(const void *context)
{
        const struct tap_source *source = context;

        return taps_taken(source->taps) >= source->marked_at[0] &&
               (!source->socket || capture_passed_marks(source->socket));
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

/* Copies that lie in the ring, of each place. */
static void count_waiting(struct tap_source *source)
{
        const struct taps_record *copy;
        unsigned long position = 0;

        while ((copy = taps_peek(source->taps, &position))) {
                struct tap_place *place =
                    tap_places_of(&source->places, (int)copy->tap, copy->where);

                if (place)
                        place->interface.received++;
        }
}

static struct capture_statistics statistics(void *context)
{
        struct tap_source *source = context;
        struct capture_statistics total = {0};

        if (source->socket)
                total = capture_statistics(source->socket);
        for (size_t i = 0; i < source->places.count; i++) {
                struct tap_place *place = source->places.all[i];
                uint64_t lost = place->lost;

                if (!place->gone)
                        lost += taps_lost(source->taps, place->tap, place->where);
                place->interface.counted = true;
                place->interface.received = place->taken + lost;
                place->interface.dropped = lost;
        }
        count_waiting(source);
        for (size_t i = 0; i < taps_count(source->taps); i++) {
                struct taps_counts counts = taps_counts(source->taps, (int)i);

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
        changes_close(&source->changes);
        free(source->lasting);
        free(source);
}

/* --- Opening --- */

static int add_taps(struct tap_source *source, struct error *error)
{
        struct tap_places *places = &source->places;

        for (size_t i = 0; i < places->count; i++)
                if (add_and_enter(source, places->all[i], error) < 0)
                        return -1;
        for (size_t i = 0; i < places->spare_count; i++)
                if (add_tap(source, places->spares[i], error) < 0)
                        return -1;
        return 0;
}

static struct capture_info info_of(const struct tap_source *source)
{
        const struct tap_places *places = &source->places;
        struct capture_info info = {
            .link_type = source->first_link_type,
            .snapshot_length = CAPTURE_MAX_SNAPSHOT,
            .nanoseconds = true,
            .several_interfaces = places->count > 1 || source->socket || places->spare_count > 0,
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
        if (changes_open(&source->changes, error) < 0 ||
            tap_places_find(&source->places, source->changes.links, options, error) < 0 ||
            !(source->taps =
                  taps_new(options->buffer ? options->buffer : BUFFER, source->kept, error)) ||
            add_taps(source, error) < 0)
                return -1;
        source->first_link_type =
            source->places.count > 0 ? source->places.all[0]->interface.link_type : -1;
        if (source->any < 0 || !watch(source, taps_descriptor(source->taps)) ||
            !watch(source, capture_links_descriptor(source->changes.links)) ||
            !watch(source, source->changes.cgroups) || !watch(source, options->wake))
                return error_set(error, "epoll: %s", strerror(errno));
        return 0;
}

static const struct capture_feed feed = {
    .set_filter = set_filter,
    .start = start,
    .next = next,
    .wait = wait_for,
    .stop = stop,
    .mark = mark,
    .passed_marks = passed_marks,
    .filter_again = filter_again,
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
            .changes.cgroups = -1,
            .kept = options->kept > MIN_SNAPSHOT ? options->kept : MIN_SNAPSHOT,
            .socket = options->socket,
            .any = -1,
            .offset = CLOCK_OFFSET_UNKNOWN,
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

static const struct tap_place *find_place(const struct tap_source *source,
                                          const struct capture_interface *interface)
{
        const struct tap_places *places = &source->places;

        if (source->join)
                interface = join_first(source->join, interface);
        for (size_t i = 0; i < places->count; i++)
                if (&places->all[i]->interface == interface)
                        return places->all[i];
        for (size_t i = 0; i < places->spare_count; i++)
                if (&places->spares[i]->interface == interface)
                        return places->spares[i];
        return NULL;
}

uint32_t taps_number(const struct tap_source *source, const struct capture_interface *interface)
{
        const struct tap_place *place = find_place(source, interface);

        return place ? (uint32_t)place->tap : TAPS_SOCKET;
}

const char *taps_device(const struct tap_source *source, const struct capture_interface *interface)
{
        return find_place(source, interface)->device;
}

bool taps_is_spare(const struct tap_source *source, const struct capture_interface *interface)
{
        for (size_t i = 0; i < source->places.spare_count; i++)
                if (&source->places.spares[i]->interface == interface)
                        return true;
        return false;
}

bool taps_follow(const struct tap_source *source)
{
        return source->places.spare_count > 0;
}

static enum cbpf_context context_of(const struct tap_source *source, uint32_t tap)
{
        return (enum cbpf_context)tap_hook_context(taps_hook(source->taps, (int)tap));
}

void taps_set_target(const struct tap_source *source, uint32_t tap, struct cbpf_target *target)
{
        program_set_target(PROGRAM_EBPF, context_of(source, tap), 0, target);
}

static struct extended_tap extended_tap(const struct tap_source *source, uint32_t tap)
{
        return (struct extended_tap){
            .context = context_of(source, tap),
            .kind = taps_kind(source->taps, (int)tap),
            .table = taps_table(source->taps, (int)tap),
            .others = taps_occupant(source->taps, (int)tap),
        };
}

struct extended *taps_compile(const struct tap_source *source, uint32_t tap, const char *expression,
                              const struct cbpf_target *target, struct error *error)
{
        const struct extended_tap request = extended_tap(source, tap);

        return extended_for_tap(expression, target, &request, error);
}

struct extended *taps_make_place(const struct tap_source *source, uint32_t tap,
                                 const struct extended *filter, struct error *error)
{
        const struct extended_tap request = extended_tap(source, tap);

        return extended_place(filter, &request, error);
}

void taps_copy_whole(const struct tap_source *source, uint32_t tap, bool whole)
{
        taps_keep(source->taps, (int)tap, whole ? CAPTURE_MAX_SNAPSHOT : source->kept);
}

static const char *name_in(struct tap_place *const *places, size_t count, uint32_t tap)
{
        for (size_t i = 0; i < count; i++)
                if (places[i]->tap == (int)tap)
                        return places[i]->name;
        return NULL;
}

const char *taps_name(const struct tap_source *source, uint32_t tap)
{
        const struct tap_places *places = &source->places;
        const char *name = name_in(places->all, places->count, tap);

        return name ? name : name_in(places->spares, places->spare_count, tap);
}

size_t taps_descriptors(const struct tap_source *source, int *descriptors)
{
        size_t count = taps_count(source->taps);

        for (size_t i = 0; descriptors && i < count; i++)
                descriptors[i] = taps_table(source->taps, (int)i);
        return count;
}
