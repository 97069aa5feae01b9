/* Live packets from AF_PACKET sockets: the capture, which runs the listeners. See internal.h. */
#include "base/array.h"
#include "internal.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- Starting --- */

static void live_set_filter(struct capture *capture, capture_filter *filter, void *context)
{
        struct live *live = (struct live *)capture;

        live->filter = filter;
        live->filter_context = context;
}

static int live_start(struct capture *capture, struct error *error)
{
        struct live *live = (struct live *)capture;

        live->started = true;
        for (size_t i = 0; i < live->count; i++) {
                struct listener *listener = live->listeners[i];

                if (live_start_listener(live, listener, error) < 0)
                        return -1;
                if (!listener->link.up && listener->known)
                        live_tell(live, listener->link.name,
                                  "the interface is down; the capture goes on once it is up");
        }
        return 0;
}

/* --- Packets --- */

/* Fills `line` with the next thing to be told. Returns false if there is none. */
static bool take_news(struct live *live, struct error *line)
{
        const char *news = news_next(&live->news);

        if (news)
                error_set(line, "%s", news);
        return news;
}

static void add_count(struct capture_statistics *total, struct listener *listener)
{
        listener_count(listener);
        total->received += listener->received;
        total->dropped += listener->dropped;
}

/* Takes leave of listeners that have delivered all. */
static void retire_ended(struct live *live)
{
        struct listener *listener;

        while ((listener = order_take_ended(&live->order))) {
                add_count(&live->retired, listener);
                live_retire(live, listener);
        }
        if (live->spare_returned)
                live_try_refused(live);
}

static enum capture_result nothing_left(struct live *live, struct error *error)
{
        if (live->stopped)
                return CAPTURE_END;
        if (live->options.wait && !live->broken)
                return CAPTURE_EMPTY;
        *error = live->end;
        return CAPTURE_ERROR;
}

/* An interface is `on` of what is known of it. */
static void count_delivered(const struct capture_record *record)
{
        if (record->on)
                ((struct known *)record->on)->on.delivered++;
}

void capture_reject(const struct capture_record *record)
{
        if (record->on)
                ((struct known *)record->on)->on.delivered--;
}

/* The packets are of one listener: those in its block that are next for sure. */
static void take_packets(struct order *order, const struct listener *listener,
                         struct capture_record *records, size_t room, size_t *count)
{
        *count = 0;
        do {
                struct capture_record *record = &records[(*count)++];

                listener_record(listener, record);
                count_delivered(record);
        } while (*count < room && order_goes_on(order));
}

static enum capture_result live_next(struct capture *capture, struct capture_record *records,
                                     size_t room, size_t *count, struct error *error)
{
        struct live *live = (struct live *)capture;

        if (live->news.length > 0 && take_news(live, error))
                return CAPTURE_CHANGE;
        for (;;) {
                struct listener *listener = order_next(&live->order);

                if (listener) {
                        take_packets(&live->order, listener, records, room, count);
                        return CAPTURE_PACKET;
                }
                if (live->order.ended)
                        retire_ended(live);
                if (live->count == 0)
                        return nothing_left(live, error);
                if (!live->stopped)
                        return CAPTURE_EMPTY;
                poll(NULL, 0, STEP_MS);
        }
}

/* --- Waiting --- */

enum { OTHERS = 3 }; /* descriptors: `wake`, for new namespaces, for changes */

/* Returns the number of descriptors to poll: of those that have no packet, then of all else. */
static size_t choose_polled(struct live *live, int wake)
{
        size_t count = live->order.idle_count, all = count + OTHERS + live->space_count;

        if (!array_grow(live->polled, live->polled_room, all))
                return 0;
        for (size_t i = 0; i < count; i++)
                live->polled[i] =
                    (struct pollfd){.fd = live->order.idle[i]->socket, .events = POLLIN};
        live->polled[count] = (struct pollfd){.fd = wake, .events = POLLIN}; /* -1 is ignored */
        live->polled[count + 1] = (struct pollfd){.fd = live->watched, .events = POLLIN};
        live->polled[count + 2] = (struct pollfd){.fd = live->links, .events = POLLIN};
        for (size_t i = 0; i < live->space_count; i++)
                live->polled[count + OTHERS + i] =
                    (struct pollfd){.fd = live->spaces[i]->links, .events = POLLIN};
        return all;
}

/* Whether one of the descriptors from number `from` on has something. */
static bool has_changed(const struct live *live, size_t from, size_t count)
{
        while (from < count && !live->polled[from].revents)
                from++;
        return from < count;
}

static void take_failure(struct live *live, struct listener *listener)
{
        int reason = listener_error(listener);

        if (reason == ENETDOWN)
                live_look_for_interface(live, listener);
        else if (listener->state == LISTENER_LISTENS)
                live_lose(live, listener, LISTENER_BROKEN, reason ? reason : EIO);
}

static int live_wait(struct capture *capture, int wake, int timeout_ms, struct error *error)
{
        struct live *live = (struct live *)capture;
        size_t idle = live->order.idle_count, count = choose_polled(live, wake);

        if (count == 0)
                return error_memory(error);
        if (poll(live->polled, count, order_timeout(&live->order, timeout_ms)) < 0) {
                if (errno == EINTR)
                        return 0;
                return error_set(error, "waiting for packets: poll: %s", strerror(errno));
        }
        for (size_t i = 0; i < idle; i++)
                if (live->polled[i].revents & (POLLERR | POLLHUP))
                        take_failure(live, live->order.idle[i]);
        if (has_changed(live, idle + 2, count) && live_read_changes(live, error) < 0)
                return -1;
        if (live->polled[idle + 1].revents)
                live->came(live->came_context);
        return 0;
}

/* --- The end --- */

static struct capture_statistics live_statistics(struct capture *capture)
{
        struct live *live = (struct live *)capture;
        struct capture_statistics total = live->retired;

        for (size_t i = 0; i < live->count; i++)
                add_count(&total, live->listeners[i]);
        return total;
}

static const struct capture_interface *live_interface(const struct capture *capture,
                                                      uint32_t number)
{
        const struct interfaces *interfaces = &((const struct live *)capture)->interfaces;

        return number < interfaces->listed_count ? &interfaces->listed[number]->on : NULL;
}

/* Returns when no processor is still at the filter before. */
static void await_filters(void)
{
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
                poll(NULL, 0, STEP_MS);
}

static void live_mark(struct capture *capture)
{
        struct live *live = (struct live *)capture;

        for (size_t i = 0; i < live->count; i++)
                listener_set_mark(live->listeners[i]);
        live->mark++;
}

static bool live_passed_marks(const struct capture *capture)
{
        return order_passed_marks(&((const struct live *)capture)->order);
}

static int live_filter_again(struct capture *capture, struct error *error)
{
        struct live *live = (struct live *)capture;
        int result = 0;

        for (size_t i = 0; i < live->count && result == 0; i++)
                if (live->listeners[i]->state == LISTENER_LISTENS)
                        result = live_set_listener_filter(live, live->listeners[i], error);
        await_filters();
        return result;
}

/* The sockets stay bound, but a filter that rejects all lets nothing in: bound to no protocol or
 * interface they would for a moment be open to others. */
static void live_stop(struct capture *capture)
{
        static struct bpf_insn reject[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
        static const struct bpf_program rejecting = {.bf_len = 1, .bf_insns = reject};
        const struct capture_program nothing = {&rejecting, -1};
        struct live *live = (struct live *)capture;
        struct error ignored;

        for (size_t i = 0; i < live->count; i++)
                listener_set_filter(live->listeners[i], &nothing, &ignored);
        await_filters();
        for (size_t i = 0; i < live->count; i++)
                listener_end(live->listeners[i], LISTENER_STOPPED);
        live->stopped = true;
}

static void live_close(struct capture *capture)
{
        struct live *live = (struct live *)capture;

        while (live->count > 0)
                close(listener_free(live->listeners[--live->count]));
        for (size_t i = 0; i < array_count(live->spares); i++)
                while (live->spare_count[i] > 0)
                        close(live->spares[i][--live->spare_count[i]]);
        if (live->links >= 0)
                close(live->links);
        if (live->query >= 0)
                close(live->query);
        for (size_t i = 0; live->devices && i < live->device_count; i++)
                free(live->devices[i]);
        free(live->devices);
        while (live->space_count > 0)
                space_free(live->spaces[--live->space_count]);
        free(live->spaces);
        free(live->listeners);
        free(live->refused);
        news_free(&live->news);
        free(live->polled);
        order_free(&live->order);
        interfaces_free(&live->interfaces);
        free(live);
}

static const struct capture_source live_source = {
    .set_filter = live_set_filter,
    .start = live_start,
    .next = live_next,
    .wait = live_wait,
    .stop = live_stop,
    .mark = live_mark,
    .passed_marks = live_passed_marks,
    .filter_again = live_filter_again,
    .statistics = live_statistics,
    .interface = live_interface,
    .close = live_close,
};

/* --- Opening --- */

static bool copy_devices(struct live *live, const char *const *devices, size_t count)
{
        live->devices = calloc(count, sizeof *live->devices);
        live->device_count = live->devices ? count : 0;
        for (size_t i = 0; i < live->device_count; i++)
                if (!(live->devices[i] = strdup(devices[i])))
                        return false;
        return live->devices != NULL;
}

/* What memory does not suffice for is read later. */
static void read_changes(void *live)
{
        struct error ignored;

        live_read_changes(live, &ignored);
}

struct capture *capture_open_live(const char *const *devices, size_t count,
                                  const struct capture_live_options *options, struct error *error)
{
        int any_link_type = options->first_cooked ? DLT_LINUX_SLL : DLT_LINUX_SLL2;
        struct live *live;

        if (count == 1 && by_libpcap(devices[0]))
                return by_libpcap_open(devices[0], options, error);
        live = calloc(1, sizeof *live);
        if (!live) {
                error_memory(error);
                return NULL;
        }
        *live = (struct live){
            .capture = {.source = &live_source,
                        .info = {.link_type = any_link_type,
                                 .snapshot_length = options->snapshot_length,
                                 .nanoseconds = true}},
            .options = *options,
            .interfaces = {.any_link_type = any_link_type,
                           .snapshot_length =
                               options->kept ? options->kept : options->snapshot_length,
                           .filter = options->filter,
                           .read_changes = read_changes,
                           .context = live},
            .watched = -1,
            .links = links_open(), /* first, so that no change is missed */
            .query = links_open_query(),
        };
        if (!copy_devices(live, devices, count)) {
                error_memory(error);
        } else if (live_open_devices(live, error) == 0) {
                return &live->capture;
        }
        live_close(&live->capture);
        return NULL;
}
