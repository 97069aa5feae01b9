/* What a capture listens on: interfaces that are named or match a pattern, those that are there at
 * the start and, where that is waited for, those that appear later. Opening a socket needs a
 * privilege that a running capture has given up; so sockets for later ones are opened before. */
#include "base/array.h"
#include "internal.h"
#include "net/link_types.h"

#include <errno.h>
#include <fnmatch.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
        SPARED_DESCRIPTORS = 64, /* for what else a capture opens */

        /* Bytes of a ring, unless the user says how many; of all rings, as long as none becomes
         * smaller than that for it. */
        MAX_BUFFER = 16 << 20,
        MIN_BUFFER = 2 << 20,
        ALL_BUFFERS = 64 << 20,
};

/* --- Telling --- */

void live_tell(struct live *live, const char *name, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        news_add(&live->news, name, format, arguments);
        va_end(arguments);
}

/* --- Names and patterns --- */

static bool is_pattern(const char *device)
{
        return strpbrk(device, "*?[") != NULL;
}

static bool matches(const char *device, const char *name)
{
        return strcmp(device, name) == 0 || (is_pattern(device) && fnmatch(device, name, 0) == 0);
}

static bool has_other_name(const struct link_state *link, const char *name)
{
        const char *other = link->other_names;

        while (*other && strcmp(other, name) != 0)
                other += strlen(other) + 1;
        return *other;
}

bool live_is_named(const struct live *live, const struct link_state *link)
{
        for (size_t i = 0; i < live->device_count; i++)
                if (strcmp(live->devices[i], link->name) == 0 ||
                    has_other_name(link, live->devices[i]))
                        return true;
        return false;
}

static bool is_wanted(const struct live *live, const struct link_state *link)
{
        for (size_t i = 0; i < live->device_count; i++)
                if (matches(live->devices[i], link->name))
                        return true;
        return live_is_named(live, link);
}

static bool is_there(const char *name)
{
        struct link_state link;

        return if_nametoindex(name) != 0 || links_find(name, 0, &link);
}

/* --- Listeners --- */

struct listener *live_find(const struct live *live, int index)
{
        for (size_t i = 0; i < live->count; i++)
                if (live->listeners[i]->interface == index &&
                    live->listeners[i]->state == LISTENER_LISTENS)
                        return live->listeners[i];
        return NULL;
}

static int link_type_of(const struct live *live, const struct link_state *link)
{
        return live->options.docsis && link->hardware_type == ARPHRD_ETHER
                   ? DLT_DOCSIS
                   : net_link_type_of_hardware(link->hardware_type);
}

struct listener *live_add(struct live *live, int socket, const struct link_state *link,
                          struct space *space)
{
        int link_type = link ? link_type_of(live, link) : live->interfaces.any_link_type;
        struct known *known =
            link ? interfaces_know(&live->interfaces, socket, link, link_type) : NULL;
        struct listener *listener = calloc(1, sizeof *listener);

        if (!listener || !array_grow(live->listeners, live->room, live->count + 1) ||
            (link && (!known || !interfaces_list(&live->interfaces, known)))) {
                free(listener);
                close(socket);
                return NULL;
        }
        *listener = (struct listener){
            .options = &live->options,
            .interfaces = &live->interfaces,
            .known = known,
            .space = space,
            .link = {.name = "any", .up = true},
            .interface = link ? link->index : 0,
            .loopback = live->loopback,
            .link_type = link_type,
            .cooked = link_type == DLT_LINUX_SLL2 || !link,
            .socket = socket,
            .mark = live->mark,
        };
        if (link)
                listener->link = *link;
        listener->was_up = listener->link.up;
        if (known)
                known->on.counted = true;
        live->listeners[live->count++] = listener;
        /* Also when one was renamed, and there is another one of its name. */
        live->capture.info.several_interfaces |= live->interfaces.listed_count > 1;
        return listener;
}

struct description {
        struct live *live;
        bool failed; /* memory was short */
};

static void describe(void *context, const struct link_state *link)
{
        struct description *all = context;
        struct live *live = all->live;
        int socket = live->listeners[0]->socket;

        all->failed |=
            !interfaces_know(&live->interfaces, socket, link, live->interfaces.any_link_type);
}

/* Opens a raw socket if the interface delivers complete frames, otherwise a cooked one. For all
 * interfaces, a cooked one would do, but since Linux 6.11 its protocol skips all VLAN tags, so that
 * an inner tag or its type is lost: there, too, a raw one is opened and its packets are cooked
 * here, unless there are link headers of which neither this nor a filter knows the length. */
static int open_any(struct live *live, struct error *error)
{
        int socket = socket_open(SOCK_RAW, "any", error);
        struct description all = {.live = live};
        int others;

        if (socket < 0)
                return -1;
        live->loopback = socket_find_loopback(socket);
        others = live->options.cooked ? 1 : socket_has_other_headers(socket, error);
        if (others != 0) {
                close(socket);
                if (others < 0)
                        return -1;
                socket = socket_open(SOCK_DGRAM, "any", error);
                if (socket < 0)
                        return -1;
        }
        if (!live_add(live, socket, NULL, NULL))
                return error_memory(error);
        live->listeners[0]->any = !others;
        live->capture.info.any = !others;
        if (live->query >= 0 && !links_each(live->query, describe, &all))
                all.failed |= errno == ENOMEM;
        if (all.failed)
                return error_memory(error);
        return 0;
}

/* Opens a listener for an interface that is there at the start. */
static int open_interface(struct live *live, const char *name, struct error *error)
{
        struct link_state link;
        int socket = socket_open(SOCK_RAW, name, error);

        if (socket < 0)
                return -1;
        live->loopback = socket_find_loopback(socket);
        if (socket_find_interface(socket, name, &link, error) < 0) {
                close(socket);
                return -1;
        }
        if (live_find(live, link.index)) { /* another name or pattern meant it, too */
                close(socket);
                return 0;
        }
        if (net_link_type_of_hardware(link.hardware_type) == DLT_LINUX_SLL2) {
                close(socket);
                socket = socket_open(SOCK_DGRAM, name, error);
                if (socket < 0)
                        return -1;
        }
        return live_add(live, socket, &link, NULL) ? 0 : error_memory(error);
}

static int open_matching(struct live *live, const char *pattern, bool *found, struct error *error)
{
        struct if_nameindex *interfaces = links_list(pattern, error);
        int result = 0;

        *found = false;
        if (!interfaces)
                return -1;
        for (size_t i = 0; interfaces[i].if_index && result == 0; i++)
                if (matches(pattern, interfaces[i].if_name)) {
                        *found = true;
                        result = open_interface(live, interfaces[i].if_name, error);
                }
        if_freenameindex(interfaces);
        return result;
}

static int open_device(struct live *live, const char *device, struct error *error)
{
        bool pattern = is_pattern(device) && !is_there(device);
        bool found = true;

        if (pattern) {
                if (open_matching(live, device, &found, error) < 0)
                        return -1;
        } else if (by_libpcap(device)) {
                return error_set(
                    error, "%s: is no network interface: it can only be captured alone", device);
        } else if (live->options.wait && !is_there(device)) {
                found = false;
        } else {
                return open_interface(live, device, error);
        }
        if (found)
                return 0;
        if (!live->options.wait)
                return error_set(error, "%s: no interface matches (filt -D lists them)", device);
        live_tell(live, device, "waiting for the interface");
        return 0;
}

/* --- Sockets to spare --- */

static void open_spares(struct live *live, size_t wanted)
{
        static const int types[] = {SOCK_RAW, SOCK_DGRAM};
        struct rlimit limit;
        struct error ignored;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        for (size_t i = 0; i < array_count(types); i++)
                while (live->spare_count[i] < wanted) {
                        int socket = socket_open(types[i], "", &ignored);

                        if (socket < 0)
                                return;
                        if ((rlim_t)socket + SPARED_DESCRIPTORS > limit.rlim_cur) {
                                close(socket);
                                return;
                        }
                        live->spares[i][live->spare_count[i]++] = socket;
                }
}

/* A socket for each name, and some for each pattern. */
static void prepare_to_wait(struct live *live)
{
        size_t wanted = live->device_count;

        for (size_t i = 0; i < live->device_count; i++)
                if (is_pattern(live->devices[i]))
                        wanted = MAX_SPARES;
        open_spares(live, wanted < MAX_SPARES ? wanted : MAX_SPARES);
}

/* No device is there yet, which is told as a whole. */
static int open_without(struct live *live, struct error *error)
{
        int socket = socket_open(SOCK_RAW, live->devices[0], error);

        if (socket < 0)
                return -1;
        live->loopback = socket_find_loopback(socket);
        close(socket);
        news_drop(&live->news);
        return 0;
}

int live_open_devices(struct live *live, struct error *error)
{
        bool without = live->options.wait && live->options.start_without;

        if (strcmp(live->devices[0], "any") == 0)
                return open_any(live, error);
        for (size_t i = 0; i < live->device_count; i++)
                if (open_device(live, live->devices[i], error) < 0)
                        return -1;
        if (live->count == 0 && !without)
                return no_such_interface(live->devices[0], error);
        if (live->count == 0 && open_without(live, error) < 0)
                return -1;
        live->capture.info.link_type = live->count > 0 ? live->listeners[0]->link_type : -1;
        live->capture.info.several_interfaces =
            live->count > 1 ||
            (live->options.wait && (live->device_count > 1 || is_pattern(live->devices[0])));
        if (live->options.wait)
                prepare_to_wait(live);
        return 0;
}

/* --- While the capture runs --- */

static size_t choose_buffer(const struct live *live)
{
        size_t share = ALL_BUFFERS / live->count;

        if (live->options.buffer)
                return live->options.buffer;
        if (share < MIN_BUFFER)
                return MIN_BUFFER;
        return share < MAX_BUFFER ? share : MAX_BUFFER;
}

int live_set_listener_filter(struct live *live, struct listener *listener, struct error *error)
{
        const struct capture_interface all = {.name = "any",
                                              .link_type = live->interfaces.any_link_type};
        struct capture_program program;

        if (!live->filter)
                return 0;
        if (live->filter(live->filter_context, listener->known ? &listener->known->on : &all,
                         &program, error) < 0)
                return -1;
        return listener_set_filter(listener, &program, error);
}

int live_start_listener(struct live *live, struct listener *listener, struct error *error)
{
        bool must_be_up = !live->options.wait && live_is_named(live, &listener->link);

        if (live_set_listener_filter(live, listener, error) < 0)
                return -1;
        if (listener_start(listener, choose_buffer(live), must_be_up, error) < 0)
                return -1;
        return order_add(&live->order, listener) ? 0 : error_memory(error);
}

static bool has_spare(const struct live *live, const struct link_state *link)
{
        bool cooked = net_link_type_of_hardware(link->hardware_type) == DLT_LINUX_SLL2;

        return live->spare_count[cooked] > 0;
}

static bool is_refused(const struct live *live, const struct link_state *link)
{
        for (size_t i = 0; i < live->refused_count; i++)
                if (live->refused[i].index == link->index &&
                    !(live->refused[i].lacked_socket && has_spare(live, link)))
                        return true;
        return false;
}

void live_forget_refused(struct live *live, int index)
{
        for (size_t i = live->refused_count; i-- > 0;)
                if (live->refused[i].index == index)
                        live->refused[i] = live->refused[--live->refused_count];
}

static void refuse(struct live *live, int index, bool lacked_socket)
{
        live_forget_refused(live, index);
        if (array_grow(live->refused, live->refused_room, live->refused_count + 1))
                live->refused[live->refused_count++] = (struct refused){index, lacked_socket};
}

void live_refuse(struct live *live, int index)
{
        refuse(live, index, false);
}

/* Returns NULL after it has told why. */
static struct listener *listen_to(struct live *live, const struct link_state *link)
{
        int link_type = link_type_of(live, link);
        bool cooked = link_type == DLT_LINUX_SLL2;
        const char *name = pcap_datalink_val_to_name(link_type);
        struct listener *listener;
        struct error error;

        if (live->options.one_link_type && link_type != live->capture.info.link_type) {
                live_tell(live, link->name,
                          "an interface of this name is there, but with another link type (%s), "
                          "which does not go into the same file: it is left out",
                          name ? name : "unknown");
                return NULL;
        }
        if (!has_spare(live, link)) {
                live_tell(live, link->name,
                          "the interface is there, but it is left out: no socket is left of those "
                          "that were opened for such");
                return NULL;
        }
        listener = live_add(live, live->spares[cooked][--live->spare_count[cooked]], link, NULL);
        if (!listener)
                error_memory(&error);
        else if (live_start_listener(live, listener, &error) == 0)
                return listener;
        live_tell(live, link->name, "the interface is there, but it is left out: %s",
                  error.message);
        if (listener)
                live_retire(live, listener);
        return NULL;
}

void live_try_interface(struct live *live, const struct link_state *link)
{
        size_t listed = live->interfaces.listed_count;
        struct listener *listener;
        bool lacked_socket;

        if (!live->options.wait || live->stopped || !is_wanted(live, link) ||
            is_refused(live, link))
                return;
        lacked_socket = !has_spare(live, link);
        listener = listen_to(live, link);
        if (!listener) {
                refuse(live, link->index, lacked_socket);
                return;
        }
        live_forget_refused(live, link->index);
        live_tell(live, link->name, "the interface is there%s%s",
                  live->interfaces.listed_count == listed ? " again" : "",
                  link->up ? "" : ", but down");
}

static void try_again(void *context, const struct link_state *link)
{
        struct live *live = context;

        if (!live_find(live, link->index))
                live_try_interface(live, link);
}

void live_try_refused(struct live *live)
{
        bool any = false;

        live->spare_returned = false;
        for (size_t i = 0; i < live->refused_count; i++)
                any |= live->refused[i].lacked_socket;
        if (any && live->query >= 0)
                links_each(live->query, try_again, live);
}

/* Without a ring its socket is as new. */
void live_retire(struct live *live, struct listener *listener)
{
        bool cooked = listener->cooked;
        bool serves = listener->state != LISTENER_BROKEN && !listener->space;
        int socket;

        for (size_t i = 0; i < live->count; i++)
                if (live->listeners[i] == listener)
                        live->listeners[i] = live->listeners[--live->count];
        socket = listener_free(listener);
        if (live->options.wait && serves && live->spare_count[cooked] < MAX_SPARES) {
                live->spares[cooked][live->spare_count[cooked]++] = socket;
                live->spare_returned = true;
        } else {
                close(socket);
        }
}

/* --- Waiting for the first one --- */

int capture_has_device(const char *const *devices, size_t count, struct error *error)
{
        struct if_nameindex *interfaces = links_list(devices[0], error);
        bool found = false;

        if (!interfaces)
                return -1;
        for (size_t i = 0; interfaces[i].if_index && !found; i++)
                for (size_t j = 0; j < count && !found; j++)
                        found = matches(devices[j], interfaces[i].if_name);
        if_freenameindex(interfaces);
        for (size_t j = 0; j < count && !found; j++)
                found = is_there(devices[j]) || by_libpcap(devices[j]);
        return found;
}

int capture_await_device(const char *const *devices, size_t count, int wake, int timeout_ms,
                         struct error *error)
{
        struct pollfd polled[] = {{.fd = links_open(), .events = POLLIN},
                                  {.fd = wake, .events = POLLIN}};
        bool ended = false;
        int there;

        if (polled[0].fd < 0)
                return error_set(error, "%s: waiting for the interface: %s", devices[0],
                                 strerror(errno));
        while (!ended && (there = capture_has_device(devices, count, error)) == 0) {
                ended = poll(polled, 2, timeout_ms) <= 0 || polled[1].revents;
                if (!ended && !links_discard(polled[0].fd)) {
                        there = error_memory(error);
                        break;
                }
        }
        close(polled[0].fd);
        return there < 0 ? -1 : !there;
}
