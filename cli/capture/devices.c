/* Interfaces and what else libpcap can capture on: their list, their numbers, their link types. */
#include "base/array.h"
#include "capture.h"

#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const int time_stamp_types[] = {
    [TIME_STAMPS_HOST] = PCAP_TSTAMP_HOST,
    [TIME_STAMPS_HOST_LOW] = PCAP_TSTAMP_HOST_LOWPREC,
    [TIME_STAMPS_HOST_HIGH] = PCAP_TSTAMP_HOST_HIPREC,
    [TIME_STAMPS_HOST_UNSYNCED] = PCAP_TSTAMP_HOST_HIPREC_UNSYNCED,
    [TIME_STAMPS_ADAPTER] = PCAP_TSTAMP_ADAPTER,
    [TIME_STAMPS_ADAPTER_UNSYNCED] = PCAP_TSTAMP_ADAPTER_UNSYNCED,
};

/* All interfaces; complains and returns NULL if there is none. Freed with pcap_freealldevs(). Where
 * memory is short, libpcap's message speaks of a path, but errno tells. */
static pcap_if_t *find_devices(void)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_if_t *devices = NULL;

        errno = 0;
        if (pcap_findalldevs(&devices, message) < 0) {
                if (errno == ENOMEM)
                        out_of_memory();
                else
                        complain("list of interfaces: %s", message);
                return NULL;
        }
        if (!devices)
                complain("there is no interface to capture on");
        return devices;
}

static void print_flags(unsigned flags)
{
        static const struct {
                unsigned flag;
                const char *name;
        } names[] = {
            {PCAP_IF_UP, "Up"},
            {PCAP_IF_RUNNING, "Running"},
            {PCAP_IF_LOOPBACK, "Loopback"},
            {PCAP_IF_WIRELESS, "Wireless"},
        };
        static const char *const connection[] = {
            [PCAP_IF_CONNECTION_STATUS_CONNECTED >> 4] = "Connected",
            [PCAP_IF_CONNECTION_STATUS_DISCONNECTED >> 4] = "Disconnected",
            [PCAP_IF_CONNECTION_STATUS_NOT_APPLICABLE >> 4] = NULL,
        };
        const char *state = connection[(flags & PCAP_IF_CONNECTION_STATUS) >> 4];
        const char *separator = " [";

        for (size_t i = 0; i < array_count(names); i++)
                if (flags & names[i].flag) {
                        printf("%s%s", separator, names[i].name);
                        separator = ", ";
                }
        if (state)
                printf("%s%s", separator, state);
        puts(state || *separator == ',' ? "]" : " [none]");
}

int list_devices(void)
{
        pcap_if_t *devices = find_devices();
        int number = 0;

        if (!devices)
                return STATUS_FAILED;
        for (pcap_if_t *device = devices; device; device = device->next) {
                printf("%d.", ++number);
                print_shown(stdout, device->name);
                if (device->description) {
                        fputs(" (", stdout);
                        print_shown(stdout, device->description);
                        putchar(')');
                }
                print_flags(device->flags);
        }
        pcap_freealldevs(devices);
        return STATUS_DONE;
}

int list_link_types(FILE *stream, const char *device, const int *link_types, size_t count)
{
        fputs("Data link types for ", stream);
        print_shown(stream, device);
        fputs(" (use option -y to set):\n", stream);
        for (size_t i = 0; i < count; i++) {
                const char *name = pcap_datalink_val_to_name(link_types[i]);
                const char *description = pcap_datalink_val_to_description(link_types[i]);

                fprintf(stream, "  %s (%s)%s\n", name ? name : "?", description ? description : "?",
                        link_types[i] == DLT_DOCSIS ? " (printing not supported)" : "");
        }
        return STATUS_DONE;
}

int list_time_stamp_types(const char *device)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *handle = pcap_create(device, message);
        int *types = NULL;
        int count = handle ? pcap_list_tstamp_types(handle, &types) : 0;

        if (!handle)
                return complain("%s: %s", device, message);
        fprintf(stderr,
                count > 0 ? "Time stamp types for %s (use option -j to set):\n"
                          : "Time stamp type cannot be set for %s\n",
                device);
        for (int i = 0; i < count; i++)
                fprintf(stderr, "  %s (%s)\n", pcap_tstamp_type_val_to_name(types[i]),
                        pcap_tstamp_type_val_to_description(types[i]));
        pcap_free_tstamp_types(types);
        pcap_close(handle);
        return STATUS_DONE;
}

bool has_time_stamps(const char *device, enum capture_time_stamps type)
{
        char message[PCAP_ERRBUF_SIZE];
        pcap_t *handle = pcap_create(device, message);
        int *types = NULL;
        int count = handle ? pcap_list_tstamp_types(handle, &types) : 0;
        bool found = false;

        for (int i = 0; i < count; i++)
                found |= types[i] == time_stamp_types[type];
        pcap_free_tstamp_types(types);
        if (handle)
                pcap_close(handle);
        return found;
}

const char *time_stamps_name(enum capture_time_stamps type)
{
        return pcap_tstamp_type_val_to_name(time_stamp_types[type]);
}

bool is_down(const char *device)
{
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ifreq request = {0};
        bool known;

        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
        known = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0;
        if (fd >= 0)
                close(fd);
        return known && !(request.ifr_flags & IFF_UP);
}

/* A fresh copy; NULL after a complaint. */
static char *copy_name(const char *name)
{
        char *copy = strdup(name);

        if (!copy)
                out_of_memory();
        return copy;
}

/* The device with this number in the list of -D; 0 for the first. NULL after a complaint. */
static char *device_number(unsigned long wanted)
{
        pcap_if_t *devices = find_devices();
        unsigned long number = 0;
        char *name = NULL;
        bool found = false;

        if (!devices)
                return NULL;
        for (pcap_if_t *device = devices; device && !found; device = device->next) {
                found = ++number == wanted || wanted == 0;
                if (found)
                        name = copy_name(device->name);
        }
        pcap_freealldevs(devices);
        if (!found && !refused("number of -i", ""))
                complain("interface %lu: there are %lu (filt -D lists them)", wanted, number);
        return name;
}

char *choose_device(const char *text)
{
        char *end;
        unsigned long number;

        if (!text)
                return device_number(0);
        number = strtoul(text, &end, 10);
        if (*text >= '1' && *text <= '9' && *end == '\0' && if_nametoindex(text) == 0)
                return device_number(number);
        return copy_name(text);
}

/* The first interface that is not in `before`; NULL if there is none. */
static const char *new_interface(const struct if_nameindex *before,
                                 const struct if_nameindex *after)
{
        for (; after->if_index; after++) {
                const struct if_nameindex *same = before;

                while (same->if_index && same->if_index != after->if_index)
                        same++;
                if (!same->if_index)
                        return after->if_name;
        }
        return NULL;
}

/* libpcap adds a monitor interface next to the one it is asked for, and takes it away when it is
 * closed: so it stays open. */
char *monitor_device(const char *device)
{
        char message[PCAP_ERRBUF_SIZE];
        struct if_nameindex *before = if_nameindex();
        pcap_t *handle = pcap_create(device, message);
        int result = handle ? pcap_can_set_rfmon(handle) : PCAP_ERROR;
        struct if_nameindex *after = NULL;
        const char *name = device;
        char *copy = NULL;

        if (result == 0) {
                if (!refused("-I", device))
                        complain("%s: that device does not support monitor mode", device);
        } else if (result < 0 || pcap_set_rfmon(handle, 1) < 0 || pcap_activate(handle) < 0) {
                complain("%s: monitor mode: %s", device, handle ? pcap_geterr(handle) : message);
        } else if (before && (after = if_nameindex())) {
                const char *added = new_interface(before, after);

                name = added ? added : device;
                copy = copy_name(name);
        }
        if (handle && !copy)
                pcap_close(handle);
        if (before)
                if_freenameindex(before);
        if (after)
                if_freenameindex(after);
        return copy;
}

bool device_network(const char *device, uint32_t *network, uint32_t *netmask)
{
        char message[PCAP_ERRBUF_SIZE];

        return pcap_lookupnet(device, network, netmask, message) == 0;
}

uint32_t device_netmask(const char *device)
{
        uint32_t network, netmask;

        return device_network(device, &network, &netmask) ? netmask : 0;
}
