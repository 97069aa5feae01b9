/* Devices that are no network interfaces: libpcap opens them, and runs the filter for them in this
 * process. They are captured alone. See internal.h. */
#include "base/array.h"
#include "internal.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* A packet, `at` this place in the bytes of all. */
struct kept {
        size_t at;
        uint32_t captured, length;
        struct timespec time;
};

struct device {
        struct capture capture;
        pcap_t *pcap;
        char *name;
        struct capture_interface on;
        capture_filter *filter;
        void *filter_context;
        int descriptor; /* readable once there is something to read */
        bool stopped;
        bool lacks_memory;
        struct kept *kept; /* the packets of one message, of which those before `next` are given */
        size_t next, count, kept_room;
        uint8_t *bytes;
        size_t used, room;
};

/* What their names begin with: numbers follow, or the name of a bus. */
static const char *const families[] = {"nflog", "nfqueue", "bluetooth", "usbmon", "dbus-"};

bool by_libpcap(const char *name)
{
        for (size_t i = 0; i < array_count(families); i++)
                if (strncmp(name, families[i], strlen(families[i])) == 0 && !strpbrk(name, "*?[") &&
                    if_nametoindex(name) == 0)
                        return true;
        return false;
}

/* --- Starting --- */

static void device_set_filter(struct capture *capture, capture_filter *filter, void *context)
{
        struct device *device = (struct device *)capture;

        device->filter = filter;
        device->filter_context = context;
}

/* libpcap says why, or only what kind of failure it was. */
static int fail(const struct device *device, int status, struct error *error)
{
        const char *reason = pcap_geterr(device->pcap);

        return error_set(error, "%s: %s", device->name,
                         *reason ? reason : pcap_statustostr(status));
}

static int device_start(struct capture *capture, struct error *error)
{
        struct device *device = (struct device *)capture;
        struct capture_program program;

        if (!device->filter)
                return 0;
        if (device->filter(device->filter_context, &device->on, &program, error) < 0)
                return -1;
        if (pcap_setfilter(device->pcap, (struct bpf_program *)program.classic) < 0)
                return fail(device, PCAP_ERROR, error);
        return 0;
}

/* libpcap takes it if it is valid, and then drops the one before. */
static int device_filter_again(struct capture *capture, struct error *error)
{
        return device_start(capture, error);
}

/* --- Packets --- */

/* Called for each packet of a message: all are kept, as only that message can be waited for. */
static void keep(u_char *context, const struct pcap_pkthdr *header, const u_char *data)
{
        struct device *device = (struct device *)context;
        long units = device->capture.info.nanoseconds ? 1 : 1000;
        size_t end = device->used + header->caplen;

        if (!array_grow(device->kept, device->kept_room, device->count + 1) ||
            !array_grow(device->bytes, device->room, end)) {
                device->lacks_memory = true;
                return;
        }
        memcpy(device->bytes + device->used, data, header->caplen);
        device->kept[device->count++] = (struct kept){
            .at = device->used,
            .captured = header->caplen,
            .length = header->len,
            .time = {.tv_sec = header->ts.tv_sec, .tv_nsec = header->ts.tv_usec * units},
        };
        device->used = end;
}

/* Reads a message if there is one: then libpcap does not wait, as it otherwise would. */
static enum capture_result read_message(struct device *device, struct error *error)
{
        struct pollfd polled = {.fd = device->descriptor, .events = POLLIN};
        int status;

        device->next = device->count = device->used = 0;
        if (poll(&polled, 1, 0) <= 0)
                return CAPTURE_EMPTY;
        status = pcap_dispatch(device->pcap, -1, keep, (u_char *)device);
        if (device->lacks_memory) {
                error_memory(error);
                return CAPTURE_ERROR;
        }
        if (status < 0) {
                fail(device, status, error);
                return CAPTURE_ERROR;
        }
        return device->count > 0 ? CAPTURE_PACKET : CAPTURE_EMPTY;
}

static enum capture_result device_next(struct capture *capture, struct capture_record *records,
                                       size_t room, size_t *count, struct error *error)
{
        struct device *device = (struct device *)capture;

        if (device->next == device->count) {
                enum capture_result result =
                    device->stopped ? CAPTURE_END : read_message(device, error);

                if (result != CAPTURE_PACKET)
                        return result;
        }
        for (*count = 0; *count < room && device->next < device->count; device->next++) {
                const struct kept *kept = &device->kept[device->next];

                records[(*count)++] = (struct capture_record){
                    .packet = {device->bytes + kept->at, kept->captured, kept->length},
                    .time = kept->time,
                    .on = &device->on,
                    .link_type = capture->info.link_type,
                };
        }
        device->on.delivered += *count;
        return CAPTURE_PACKET;
}

static int device_wait(struct capture *capture, int wake, int timeout_ms, struct error *error)
{
        const struct device *device = (const struct device *)capture;
        struct pollfd polled[] = {{.fd = device->descriptor, .events = POLLIN},
                                  {.fd = wake, .events = POLLIN}};
        const struct timeval *longest = pcap_get_required_select_timeout(device->pcap);
        int step = longest ? (int)(longest->tv_sec * 1000 + longest->tv_usec / 1000) : -1;

        if (step >= 0 && (timeout_ms < 0 || step < timeout_ms))
                timeout_ms = step;
        if (poll(polled, array_count(polled), timeout_ms) >= 0 || errno == EINTR)
                return 0;
        return error_set(error, "waiting for packets: poll: %s", strerror(errno));
}

/* --- The end --- */

static struct capture_statistics device_statistics(struct capture *capture)
{
        struct device *device = (struct device *)capture;
        struct pcap_stat counts;

        if (pcap_stats(device->pcap, &counts) < 0)
                return (struct capture_statistics){.received = device->on.delivered};
        device->on.counted = true;
        device->on.received = counts.ps_recv;
        device->on.dropped = counts.ps_drop;
        return (struct capture_statistics){.received = counts.ps_recv, .dropped = counts.ps_drop};
}

static const struct capture_interface *device_interface(const struct capture *capture,
                                                        uint32_t number)
{
        return number == 0 ? &((const struct device *)capture)->on : NULL;
}

static void device_stop(struct capture *capture)
{
        ((struct device *)capture)->stopped = true;
}

static void device_close(struct capture *capture)
{
        struct device *device = (struct device *)capture;

        if (device->pcap)
                pcap_close(device->pcap);
        free(device->kept);
        free(device->bytes);
        free(device->name);
        free(device);
}

static const struct capture_source device_source = {
    .set_filter = device_set_filter,
    .start = device_start,
    .next = device_next,
    .wait = device_wait,
    .stop = device_stop,
    .filter_again = device_filter_again,
    .statistics = device_statistics,
    .interface = device_interface,
    .close = device_close,
};

/* --- Opening --- */

/* What libpcap cannot do for a device it may say here; it then goes on without. */
static void configure(const struct device *device, const struct capture_live_options *options)
{
        uint32_t length = options->kept ? options->kept : options->snapshot_length;

        pcap_set_snaplen(device->pcap, (int)length);
        pcap_set_promisc(device->pcap, options->promiscuous);
        pcap_set_immediate_mode(device->pcap, 1);
        pcap_set_tstamp_precision(device->pcap, PCAP_TSTAMP_PRECISION_NANO);
        if (options->buffer && options->buffer <= INT32_MAX)
                pcap_set_buffer_size(device->pcap, (int)options->buffer);
}

static int activate(struct device *device, const struct capture_live_options *options,
                    struct error *error)
{
        bool fine;
        int status;

        configure(device, options);
        status = pcap_activate(device->pcap);
        if (status < 0)
                return fail(device, status, error);
        fine = pcap_get_tstamp_precision(device->pcap) == PCAP_TSTAMP_PRECISION_NANO;
        device->descriptor = pcap_get_selectable_fd(device->pcap);
        device->on = (struct capture_interface){
            .link_type = pcap_datalink(device->pcap),
            .snapshot_length = (uint32_t)pcap_snapshot(device->pcap),
            .name = device->name,
            .filter = options->filter,
            .units = fine ? 1000000000 : 1000000,
        };
        device->capture.info = (struct capture_info){
            .link_type = device->on.link_type,
            .snapshot_length = options->snapshot_length,
            .nanoseconds = fine,
            .by_libpcap = true,
            .answers = strncmp(device->name, "nfqueue", strlen("nfqueue")) == 0,
        };
        return 0;
}

struct capture *by_libpcap_open(const char *name, const struct capture_live_options *options,
                                struct error *error)
{
        struct device *device = calloc(1, sizeof *device);
        char message[PCAP_ERRBUF_SIZE];

        if (!device || !(device->name = strdup(name))) {
                free(device);
                error_memory(error);
                return NULL;
        }
        device->capture.source = &device_source;
        device->pcap = pcap_create(name, message);
        if (!device->pcap)
                error_set(error, "%s: %s", name, message);
        else if (activate(device, options, error) == 0)
                return &device->capture;
        device_close(&device->capture);
        return NULL;
}
