/* See places.h. */
#include "places.h"

#include "base/array.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <fnmatch.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- Finding --- */

/* The last folder of a path, which may end in slashes, and its length. */
static const char *last_folder(const char *path, int *length)
{
        const char *end = path + strlen(path), *begin;

        while (end > path + 1 && end[-1] == '/')
                end--;
        begin = end;
        while (begin > path && begin[-1] != '/')
                begin--;
        *length = (int)(end - begin);
        return begin;
}

/* "eth0@xdp", "nf:input", "cgroup-egress:ssh.service" */
static char *name_of(const struct tap_place *place)
{
        const struct tap_point *point = place->point;
        const char *kind = tap_point_name(point), *folder;
        char *name;
        int length;

        if (place->device) {
                length = asprintf(&name, "%s@%s", place->device, kind);
        } else if (point->cgroup) {
                folder = last_folder(point->cgroup, &length);
                length = asprintf(&name, "%s:%.*s", kind, length, folder);
        } else {
                length = asprintf(&name, "%s", point->text);
        }
        return length < 0 ? NULL : name;
}

static int describe(struct tap_place *place, const struct tap_options *options, int link_type,
                    uint32_t index, struct error *error)
{
        place->name = name_of(place);
        if (asprintf(&place->description, "%s%s%s", place->point->text, place->device ? " of " : "",
                     place->device ? place->device : "") < 0)
                place->description = NULL;
        place->interface = (struct capture_interface){
            .index = index,
            .link_type = link_type,
            .snapshot_length = options->kept,
            .name = place->name,
            .description = place->description,
            .filter = options->filter,
            .units = 1000000000,
        };
        return place->name && place->description ? 0 : error_memory(error);
}

/* `device` is NULL for a point without interfaces. */
static int add(struct tap_places *places, const struct tap_options *options,
               const struct tap_point *point, const char *device, int link_type, uint32_t index,
               struct error *error)
{
        struct tap_place *place = calloc(1, sizeof *place);

        if (!place || !array_grow(places->all, places->room, places->count + 1)) {
                free(place);
                return error_memory(error);
        }
        places->all[places->count++] = place;
        places->present++;
        place->point = point;
        if (device && !(place->device = strdup(device)))
                return error_memory(error);
        return describe(place, options, link_type, index, error);
}

/* The link type of what tc and XDP see there: frames of Ethernet or, without link headers, of IP.
 * -1 if it is neither. */
static int link_type_of(const char *device)
{
        struct ifreq request = {0};
        int query = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
        result = ioctl(query, SIOCGIFHWADDR, &request);
        if (query >= 0)
                close(query);
        if (result < 0)
                return -1;
        switch (request.ifr_hwaddr.sa_family) {
        case ARPHRD_ETHER:
        case ARPHRD_LOOPBACK: return DLT_EN10MB;
        case ARPHRD_NONE:
        case ARPHRD_TUNNEL:
        case ARPHRD_TUNNEL6:
        case ARPHRD_SIT:
        case ARPHRD_IPGRE:
        case ARPHRD_PPP: return DLT_RAW;
        default: return -1;
        }
}

/* An interface may be given twice, or match two patterns. */
static bool has(const struct tap_places *places, const struct tap_point *point, uint32_t index)
{
        for (size_t i = 0; i < places->count; i++)
                if (places->all[i]->point == point && places->all[i]->interface.index == index)
                        return true;
        return false;
}

static int add_device(struct tap_places *places, const struct tap_options *options,
                      const struct tap_point *point, const char *device, struct error *error)
{
        uint32_t index = if_nametoindex(device);
        int link_type = link_type_of(device);

        if (index == 0) {
                error_set(error, "%s: no such interface (filt -D lists them)", device);
                error->kind = CAPTURE_NO_INTERFACE;
                return -1;
        }
        if (has(places, point, index))
                return 0;
        if (link_type < 0)
                return error_set(error,
                                 "%s: its packets are neither Ethernet's nor IP's: filt captures "
                                 "them at socket only",
                                 device);
        return add(places, options, point, device, link_type, index, error);
}

static bool is_pattern(const char *device)
{
        return strcmp(device, "any") == 0 || strpbrk(device, "*?[");
}

/* Those that are there now and that packets can be read of. */
static int add_matching(struct tap_places *places, const struct tap_options *options,
                        const struct tap_point *point, const char *pattern, struct error *error)
{
        struct if_nameindex *interfaces = if_nameindex();
        const char *glob = strcmp(pattern, "any") == 0 ? "*" : pattern;
        bool found = false;
        int result = 0;

        for (size_t i = 0; interfaces && interfaces[i].if_index && result == 0; i++)
                if (fnmatch(glob, interfaces[i].if_name, 0) == 0 &&
                    link_type_of(interfaces[i].if_name) >= 0) {
                        found = true;
                        result = add_device(places, options, point, interfaces[i].if_name, error);
                }
        if (interfaces)
                if_freenameindex(interfaces);
        if (result == 0 && !found) {
                error_set(error, "%s: no interface has such a name", pattern);
                error->kind = CAPTURE_NO_INTERFACE;
                return -1;
        }
        return result;
}

/* Before its interfaces are looked for, so that no change is missed. */
static int open_changes(void)
{
        const struct sockaddr_nl groups = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
        int changes = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

        if (changes >= 0 && bind(changes, (const struct sockaddr *)&groups, sizeof groups) < 0) {
                close(changes);
                changes = -1;
        }
        return changes;
}

int tap_places_find(struct tap_places *places, const struct tap_options *options,
                    struct error *error)
{
        int result = 0;

        places->changes = open_changes();
        for (size_t i = 0; i < options->point_count && result == 0; i++) {
                const struct tap_point *point = &options->points[i];

                if (!tap_point_has_interface(point)) {
                        result = add(places, options, point, NULL, DLT_RAW, 0, error);
                        continue;
                }
                for (size_t j = 0; j < options->device_count && result == 0; j++)
                        result =
                            is_pattern(options->devices[j])
                                ? add_matching(places, options, point, options->devices[j], error)
                                : add_device(places, options, point, options->devices[j], error);
        }
        return result;
}

void tap_places_free(struct tap_places *places)
{
        while (places->count > 0) {
                struct tap_place *place = places->all[--places->count];

                free(place->device);
                free(place->name);
                free(place->description);
                free(place);
        }
        free(places->all);
        if (places->changes >= 0)
                close(places->changes);
}

/* --- Changes --- */

static void lose(struct tap_places *places, int index)
{
        for (size_t i = 0; i < places->count; i++) {
                struct tap_place *place = places->all[i];

                if (place->device && !place->gone && place->interface.index == (uint32_t)index) {
                        place->gone = true;
                        places->present--;
                }
        }
}

static void read_changes(struct tap_places *places)
{
        _Alignas(struct nlmsghdr) char buffer[8192];
        ssize_t got;

        while ((got = recv(places->changes, buffer, sizeof buffer, 0)) > 0) {
                const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;

                for (size_t left = (size_t)got; NLMSG_OK(message, left);
                     message = NLMSG_NEXT(message, left)) {
                        const struct ifinfomsg *link = NLMSG_DATA(message);

                        /* A bridge tells of the ports that leave it in another family. */
                        if (message->nlmsg_type == RTM_DELLINK &&
                            message->nlmsg_len >= NLMSG_LENGTH(sizeof *link) &&
                            link->ifi_family == AF_UNSPEC)
                                lose(places, link->ifi_index);
                }
        }
}

/* Marks all places of a device as told. */
static void note_told(struct tap_places *places, const char *device)
{
        for (size_t i = 0; i < places->count; i++)
                if (places->all[i]->gone && strcmp(places->all[i]->device, device) == 0)
                        places->all[i]->told = true;
}

bool tap_places_tell(struct tap_places *places, struct error *news)
{
        if (places->changes >= 0)
                read_changes(places);
        for (size_t i = 0; i < places->count; i++) {
                const struct tap_place *place = places->all[i];

                if (place->gone && !place->told) {
                        note_told(places, place->device);
                        error_set(news, "%s: the interface is gone", place->device);
                        return true;
                }
        }
        return false;
}
