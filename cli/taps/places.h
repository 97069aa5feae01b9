/* Inside cli/taps: the places at which a capture has taps, each an interface of the capture. */
#pragma once

#include "base/hash.h"
#include "taps.h"

#include <limits.h>

struct tap_place {
        struct capture_interface interface;
        const struct tap_point *point;
        enum taps_mode mode; /* that of the point, or TAPS_MODE_GENERIC where that alone goes */
        char *device;        /* NULL if it has none */
        char *name, *description;
        int tap;        /* its number; -1 until there is one */
        uint32_t where; /* what its copies say, see struct taps_record */
        uint64_t taken; /* copies */
        uint64_t lost;  /* before its device was deleted the last time */
        bool gone;      /* the device or cgroup is deleted; of a spare: it has no filter */
        int watched;    /* the number of its cgroup's parent for inotify(7); -1 if there is none */
        char folder[NAME_MAX + 1]; /* of the cgroup, in it */
};

struct tap_places {
        struct tap_options options;
        struct tap_place **all;
        size_t count, room;
        struct tap_place **spares; /* of interfaces that may appear: none of the others */
        size_t spare_count, spare_room;
        struct hash_table by_tap; /* numbers of places, by their tap and what copies say */
};

/* The link type of an interface's packets; -1 if taps do not read them. */
int tap_link_type(const struct capture_link *link);

/* Finds the devices of each point. What `options` point at is used as long as the places. Returns
 * 0, or -1 with `error` filled; tap_places_free() either way. */
int tap_places_find(struct tap_places *places, struct capture_links *links,
                    const struct tap_options *options, struct error *error);

/* Whether an interface of this name is wanted when it appears. */
bool tap_places_want(const struct tap_places *places, const char *name);

/* The place of an interface that is there; NULL if there is none. */
struct tap_place *tap_places_find_at(const struct tap_places *places, const struct tap_point *point,
                                     uint32_t index);

/* Adds the place of an interface that has appeared, or returns the one that it had before. NULL
 * when memory is short. */
struct tap_place *tap_places_add(struct tap_places *places, const struct tap_point *point,
                                 const struct capture_link *link);

/* Copies of this tap that say `where` are those of the place, and no longer those of another one.
 * Returns false when memory is short. */
bool tap_places_enter(struct tap_places *places, struct tap_place *place, int tap, uint32_t where);

/* The place of a copy; NULL if there is none. */
struct tap_place *tap_places_of(const struct tap_places *places, int tap, uint32_t where);

/* The device has another name. Returns false, with the old one, when memory is short. */
bool tap_place_rename(struct tap_place *place, const char *device);

void tap_places_free(struct tap_places *places);
