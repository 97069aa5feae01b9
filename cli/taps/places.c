/* See places.h. */
#include "places.h"

#include "base/array.h"
#include "cli/common/cli.h"

#include <errno.h>
#include <fnmatch.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- A place --- */

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

/* Names the place after its device. Returns false, with its old name, when memory is short. */
static bool name_place(struct tap_place *place)
{
        char *name = name_of(place), *description;

        if (!name ||
            asprintf(&description, "%s%s%s", place->point->text, place->device ? " of " : "",
                     place->device ? place->device : "") < 0) {
                free(name);
                return false;
        }
        free(place->name);
        free(place->description);
        place->interface.name = place->name = name;
        place->interface.description = place->description = description;
        return true;
}

static bool name_after(struct tap_place *place, const char *device)
{
        char *before = place->device;

        if (device && !(place->device = strdup(device))) {
                place->device = before;
                return false;
        }
        if (!name_place(place)) {
                if (device)
                        free(place->device);
                place->device = before;
                return false;
        }
        free(before);
        return true;
}

static void free_place(struct tap_place *place)
{
        free(place->device);
        free(place->name);
        free(place->description);
        free(place);
}

/* `device` is NULL for a point without interfaces. NULL when memory is short. */
static struct tap_place *new_place(const struct tap_options *options, const struct tap_point *point,
                                   const char *device, int link_type, uint32_t index)
{
        struct tap_place *place = calloc(1, sizeof *place);

        if (!place)
                return NULL;
        *place = (struct tap_place){
            .interface = {.index = index,
                          .link_type = link_type,
                          .snapshot_length = options->kept,
                          .filter = options->filter,
                          .units = 1000000000},
            .point = point,
            .mode = point->mode,
            .tap = -1,
            .where = tap_point_has_interface(point) ? index
                     : point->cgroup                ? 0
                                                    : (uint32_t)point->netfilter,
            .watched = -1,
        };
        if (!name_after(place, device)) {
                free_place(place);
                return NULL;
        }
        return place;
}

/* The link type of what tc and XDP see there: frames of Ethernet or, without link headers, of IP.
 * -1 if it is neither. */
int tap_link_type(const struct capture_link *link)
{
        switch (link->hardware_type) {
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

bool tap_place_rename(struct tap_place *place, const char *device)
{
        return name_after(place, device);
}

/* --- All places --- */

static struct tap_place *add(struct tap_places *places, const struct tap_point *point,
                             const char *device, int link_type, uint32_t index)
{
        struct tap_place *place;

        if (!array_grow(places->all, places->room, places->count + 1) ||
            !(place = new_place(&places->options, point, device, link_type, index)))
                return NULL;
        places->all[places->count++] = place;
        return place;
}

/* An interface may be given twice, or match two patterns. */
struct tap_place *tap_places_find_at(const struct tap_places *places, const struct tap_point *point,
                                     uint32_t index)
{
        for (size_t i = 0; i < places->count; i++)
                if (places->all[i]->point == point && places->all[i]->interface.index == index &&
                    !places->all[i]->gone)
                        return places->all[i];
        return NULL;
}

struct tap_place *tap_places_add(struct tap_places *places, const struct tap_point *point,
                                 const struct capture_link *link)
{
        for (size_t i = 0; i < places->count; i++) {
                struct tap_place *place = places->all[i];

                if (place->gone && place->point == point &&
                    place->interface.link_type == tap_link_type(link) &&
                    strcmp(place->device, link->name) == 0) {
                        place->gone = false;
                        place->interface.index = link->index;
                        return place;
                }
        }
        return add(places, point, link->name, tap_link_type(link), link->index);
}

/* --- By copies --- */

static uint32_t hash_of(int tap, uint32_t where)
{
        return hash_fold(hash_mix(hash_mix(0, (uint64_t)tap), where));
}

static uint32_t number_of(const struct tap_places *places, int tap, uint32_t where)
{
        uint32_t hash = hash_of(tap, where), at = hash, number;

        while ((number = hash_next(&places->by_tap, hash, &at)) != HASH_NONE)
                if (places->all[number]->tap == tap && places->all[number]->where == where)
                        break;
        return number;
}

struct tap_place *tap_places_of(const struct tap_places *places, int tap, uint32_t where)
{
        uint32_t number = number_of(places, tap, where);

        return number == HASH_NONE ? NULL : places->all[number];
}

static void leave(struct tap_places *places, int tap, uint32_t where)
{
        uint32_t number = number_of(places, tap, where);

        if (number != HASH_NONE)
                hash_remove(&places->by_tap, hash_of(tap, where), number);
}

bool tap_places_enter(struct tap_places *places, struct tap_place *place, int tap, uint32_t where)
{
        uint32_t number = 0;

        leave(places, place->tap, place->where);
        leave(places, tap, where);
        while (places->all[number] != place)
                number++;
        place->tap = tap;
        place->where = where;
        return hash_put(&places->by_tap, hash_of(tap, where), number);
}

/* --- Finding --- */

static bool is_pattern(const char *device)
{
        return strcmp(device, "any") == 0 || strpbrk(device, "*?[");
}

static bool matches(const char *device, const char *name)
{
        return strcmp(device, "any") == 0 || fnmatch(device, name, 0) == 0;
}

bool tap_places_want(const struct tap_places *places, const char *name)
{
        const struct tap_options *options = &places->options;

        for (size_t i = 0; i < options->device_count; i++)
                if ((options->wait || strcmp(options->devices[i], "any") == 0) &&
                    matches(options->devices[i], name))
                        return true;
        return false;
}

/* Looking for one device among the interfaces that are there. */
struct search {
        struct tap_places *places;
        const struct tap_point *point;
        const char *device;
        uint32_t index; /* of a name, which may be another one of the interface; 0 for a pattern */
        bool found, failed;
        struct error *error;
};

/* Of a pattern, those that packets can be read of. */
static void take_if_wanted(void *context, const struct capture_link *link)
{
        struct search *search = context;
        int link_type = tap_link_type(link);

        bool meant = search->index > 0 ? link->index == search->index
                                       : link_type >= 0 && matches(search->device, link->name);

        if (search->failed || !meant)
                return;
        search->found = true;
        if (tap_places_find_at(search->places, search->point, link->index))
                return;
        search->failed = true;
        if (link_type < 0)
                error_set(search->error,
                          "%s: its packets are neither Ethernet's nor IP's: filt captures them at "
                          "socket only",
                          link->name);
        else if (!add(search->places, search->point, link->name, link_type, link->index))
                error_memory(search->error);
        else
                search->failed = false;
}

static int find(struct tap_places *places, struct capture_links *links,
                const struct tap_point *point, const char *device, struct error *error)
{
        struct search search = {.places = places, .point = point, .device = device, .error = error};

        if (!is_pattern(device))
                search.index = if_nametoindex(device);
        if (!capture_links_each(links, take_if_wanted, &search) && !search.failed) {
                if (errno == ENOMEM)
                        return error_memory(error);
                return error_set(error, "%s: list of interfaces: %s", device, strerror(errno));
        }
        if (search.failed)
                return -1;
        if (search.found || places->options.wait || strcmp(device, "any") == 0)
                return 0;
        error_set(error,
                  is_pattern(device) ? "%s: no interface has such a name"
                                     : "%s: no such interface (filt -D lists them)",
                  device);
        error->kind = CAPTURE_NO_INTERFACE;
        return -1;
}

static int add_spare(struct tap_places *places, const struct tap_point *point, int link_type,
                     enum taps_mode mode, struct error *error)
{
        struct tap_place *spare;

        if (!array_grow(places->spares, places->spare_room, places->spare_count + 1) ||
            !(spare = new_place(&places->options, point, "any", link_type, 0)))
                return error_memory(error);
        spare->mode = mode;
        places->spares[places->spare_count++] = spare;
        return 0;
}

/* What interfaces that appear may have: loading programs takes a privilege, which will be given up.
 */
static int add_spares(struct tap_places *places, const struct tap_point *point, struct error *error)
{
        static const int link_types[] = {DLT_EN10MB, DLT_RAW};
        int result = 0;

        for (size_t i = 0; i < array_count(link_types) && result == 0; i++) {
                result = add_spare(places, point, link_types[i], point->mode, error);
                if (result == 0 && point->hook == TAPS_XDP && point->mode == TAPS_MODE_ANY)
                        result = add_spare(places, point, link_types[i], TAPS_MODE_GENERIC, error);
        }
        return result;
}

static bool wants_others(const struct tap_options *options)
{
        for (size_t i = 0; i < options->device_count; i++)
                if (strcmp(options->devices[i], "any") == 0)
                        return true;
        return options->wait;
}

int tap_places_find(struct tap_places *places, struct capture_links *links,
                    const struct tap_options *options, struct error *error)
{
        int result = 0;

        places->options = *options;
        for (size_t i = 0; i < options->point_count && result == 0; i++) {
                const struct tap_point *point = &options->points[i];

                if (!tap_point_has_interface(point)) {
                        if (!add(places, point, NULL, DLT_RAW, 0))
                                return error_memory(error);
                        continue;
                }
                for (size_t j = 0; j < options->device_count && result == 0; j++)
                        result = find(places, links, point, options->devices[j], error);
                if (result == 0 && wants_others(options))
                        result = add_spares(places, point, error);
        }
        return result;
}

void tap_places_free(struct tap_places *places)
{
        while (places->count > 0)
                free_place(places->all[--places->count]);
        while (places->spare_count > 0)
                free_place(places->spares[--places->spare_count]);
        free(places->all);
        free(places->spares);
        hash_free(&places->by_tap);
}
