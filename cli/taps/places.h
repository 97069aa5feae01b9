/* Inside cli/taps: the places at which a capture has taps, each an interface of the capture. */
#pragma once

#include "taps.h"

struct tap_place {
        struct capture_interface interface;
        const struct tap_point *point;
        char *device; /* NULL if it has none */
        char *name, *description;
        int tap;
        bool gone, told; /* the device is deleted; that was told */
};

struct tap_places {
        struct tap_place **all;
        size_t count, room;
        size_t present;
        int changes; /* descriptor on which the kernel tells of interfaces; -1: none */
};

/* Finds the devices of each point. Returns 0, or -1 with `error` filled; tap_places_free() either
 * way. */
int tap_places_find(struct tap_places *places, const struct tap_options *options,
                    struct error *error);

/* Returns whether there is news, which `news` is filled with: a device is gone. */
bool tap_places_tell(struct tap_places *places, struct error *news);
void tap_places_free(struct tap_places *places);
