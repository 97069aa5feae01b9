/* filt's own capture on one of the demo's hosts: opened, compiled, attached and printed by what the
 * capture command uses too. */
#include "base/text.h"
#include "cli/taps/taps.h"
#include "demo.h"
#include "print/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct demo_tap {
        enum network_host host;
        const char *device, *filter;
        struct capture *capture;
        struct tap_source *source;              /* NULL if there is no more than a packet socket */
        struct bpf_program program;             /* of that */
        struct extended *extended[DEMO_PLACES]; /* of other places, by their taps */
        struct tap_point points[TAP_POINTS_MOST * DEMO_PLACES];
};

/* --- Opening --- */

static int compile(void *context, const struct capture_interface *interface,
                   struct capture_program *program, struct error *error)
{
        struct demo_tap *tap = context;
        uint32_t number = tap->source ? taps_number(tap->source, interface) : TAPS_SOCKET;
        struct cbpf_target target = {.link_type = interface->link_type,
                                     .snapshot_length = CAPTURE_MAX_SNAPSHOT,
                                     .place = CBPF_LIVE,
                                     .netmask = CBPF_NETMASK_UNKNOWN};

        if (number == TAPS_SOCKET) {
                *program = (struct capture_program){&tap->program, -1};
                return cbpf_compile(tap->filter, &target, 0, &tap->program, error);
        }
        taps_set_target(tap->source, number, &target);
        if (!tap->extended[number])
                tap->extended[number] =
                    taps_compile(tap->source, number, tap->filter, &target, error);
        if (!tap->extended[number])
                return -1;
        *program = (struct capture_program){NULL, extended_program(tap->extended[number])};
        return 0;
}

/* Undoes open_at(). */
static void close_all(struct demo_tap *tap)
{
        capture_close(tap->capture);
        tap->capture = NULL;
        tap->source = NULL;
        cbpf_program_free(&tap->program);
        tap->program = (struct bpf_program){0};
        for (int i = 0; i < DEMO_PLACES; i++) {
                extended_free(tap->extended[i]);
                tap->extended[i] = NULL;
        }
}

/* Opens the capture at the packet socket and at `count` points. */
static struct capture *open_points(struct demo_tap *tap, size_t count, struct error *error)
{
        enum {
                BUFFER = 256 << 10
        }; /* bytes: for a few packets, as large ones take time to clear */
        const struct capture_live_options options = {.snapshot_length = CAPTURE_MAX_SNAPSHOT,
                                                     .buffer = BUFFER};
        const struct tap_options places = {
            .points = tap->points,
            .point_count = count,
            .devices = &tap->device,
            .device_count = 1,
            .buffer = BUFFER,
            .kept = CAPTURE_MAX_SNAPSHOT,
            .filter = tap->filter,
            .socket = capture_open_live(&tap->device, 1, &options, error),
            .wake = -1,
            .joins = true,
        };

        if (count == 0 || !places.socket)
                return places.socket;
        return taps_open(&places, &tap->source, error);
}

/* Starts the capture at the packet socket and at those of `places`, a set of bits. Returns 0, or -1
 * with `error` filled and nothing open. */
static int open_at(struct demo_tap *tap, unsigned places, struct error *error)
{
        size_t count = 0;

        for (int i = 0; i < DEMO_PLACES; i++)
                if (places >> i & 1)
                        count += tap_points_read(demo_places[i].name, &tap->points[count]);
        tap->capture = open_points(tap, count, error);
        if (tap->capture)
                capture_set_filter(tap->capture, compile, tap);
        if (tap->capture && capture_start(tap->capture, error) == 0)
                return 0;
        close_all(tap);
        return -1;
}

/* Those of the host's places beside the packet socket that can be had, each tried by itself; why
 * the others cannot be is told in `captured`. */
static unsigned find_places(struct demo_tap *tap, unsigned wanted, struct demo_captured *captured)
{
        unsigned found = 0;

        for (int i = 0; i < DEMO_PLACES; i++) {
                struct error error;

                if (!(wanted >> i & 1))
                        continue;
                if (open_at(tap, 1u << i, &error) == 0)
                        found |= 1u << i;
                else
                        snprintf(captured[i].reason, sizeof captured[i].reason, "%.*s",
                                 (int)sizeof captured[i].reason - 1, error.message);
                close_all(tap);
        }
        return found;
}

static int open_everywhere(struct demo_tap *tap, struct demo_captured *captured,
                           struct error *error)
{
        unsigned wanted = 0;

        for (int i = 0; i < DEMO_PLACES; i++) {
                if (demo_places[i].host != tap->host)
                        continue;
                captured[i] = (struct demo_captured){0};
                if (!demo_place_is_socket(i))
                        wanted |= 1u << i;
        }
        if (open_at(tap, wanted, error) == 0)
                return 0;
        return open_at(tap, find_places(tap, wanted, captured), error);
}

struct demo_tap *demo_tap_open(const struct network *network, enum network_host host,
                               const char *filter, struct demo_captured *captured)
{
        static const char *const devices[] = {NETWORK_A_DEVICE, NETWORK_B_DEVICE};
        struct demo_tap *tap;
        struct error error;

        if (network_enter(network, host))
                return NULL;
        tap = calloc(1, sizeof *tap);
        if (!tap) {
                out_of_memory();
                return NULL;
        }
        tap->host = host;
        tap->device = devices[host];
        tap->filter = filter;
        if ((captured ? open_everywhere(tap, captured, &error) : open_at(tap, 0, &error)) == 0)
                return tap;
        complain("demo: %s", error.message);
        demo_tap_close(tap);
        return NULL;
}

void demo_tap_close(struct demo_tap *tap)
{
        if (!tap)
                return;
        close_all(tap);
        free(tap);
}

char *demo_tap_listing(const struct demo_tap *tap)
{
        return cbpf_list(&tap->program, CBPF_LISTING_TEXT);
}

/* --- Packets --- */

/* The place of this host that a part of an interface's name means: "b0@xdp", "nf:input"; the packet
 * socket is called by the device alone, or "socket" among others. */
static int find_place(const struct demo_tap *tap, const char *name, size_t length)
{
        const char *at = memchr(name, '@', length);
        int socket = 0;

        if (at) {
                length -= (size_t)(at + 1 - name);
                name = at + 1;
        }
        for (int i = 0; i < DEMO_PLACES; i++) {
                if (demo_places[i].host != tap->host)
                        continue;
                if (strlen(demo_places[i].name) == length &&
                    strncmp(demo_places[i].name, name, length) == 0)
                        return i;
                if (demo_place_is_socket(i))
                        socket = i;
        }
        return socket;
}

/* Counts a packet at each place that the name of its interface tells. */
static void count_places(const struct demo_tap *tap, const struct capture_record *record,
                         uint64_t counts[DEMO_PLACES])
{
        const char *name = record->on && record->on->name ? record->on->name : tap->device;

        while (true) {
                size_t length = strcspn(name, ",");

                counts[find_place(tap, name, length)]++;
                if (!name[length])
                        return;
                name += length + 1;
        }
}

static int print_to(struct text *lines, struct printer *printer, const struct capture_info *info,
                    const struct capture_record *record)
{
        struct print_packet packet = packet_to_print(record);
        size_t length;
        const char *line;

        packet.several = info->several_interfaces;
        line = printer_print(printer, &packet, &length);
        if (!line)
                return -1;
        text_format(lines, "  %s", line);
        return 0;
}

/* Takes all that has arrived. */
static int take(const struct demo_tap *tap, struct printer *printer, struct text *lines,
                uint64_t counts[DEMO_PLACES], struct error *error)
{
        while (true) {
                struct capture_record record;

                switch (capture_next(tap->capture, &record, error)) {
                case CAPTURE_PACKET:
                        count_places(tap, &record, counts);
                        if (print_to(lines, printer, capture_info(tap->capture), &record) < 0)
                                return error_memory(error);
                        break;
                case CAPTURE_EMPTY:
                case CAPTURE_CHANGE: break;
                case CAPTURE_END: return 0;
                default: return -1;
                }
        }
}

int demo_tap_collect(struct demo_tap *tap, char **lines, uint64_t counts[DEMO_PLACES])
{
        const struct print_options options = {.time = PRINT_TIME_NONE};
        struct printer *printer = printer_new(&options);
        struct error error = {.message = "out of memory"};
        struct text text = {0};
        int result = -1;

        capture_stop(tap->capture);
        if (printer)
                result = take(tap, printer, &text, counts, &error);
        if (result == 0 && capture_statistics(tap->capture).dropped > 0)
                result = error_set(&error, "packets are missing in the ring");
        printer_free(printer);
        if (result == 0) {
                *lines = text_take(&text);
                return *lines ? 0 : out_of_memory();
        }
        text_free(&text);
        return complain("demo: %s", error.message);
}
