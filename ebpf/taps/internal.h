/* Inside ebpf/taps: what a capture's taps are, for taps.c, which attaches by links, and lasting.c.
 */
#pragma once

#include "ebpf/ring.h"
#include "load.h"
#include "taps.h"

struct tap {
        struct tap_object object;
        int table;
        enum taps_hook hook;
        enum ebpf_kind kind;
        int link_type;
        struct taps_occupant occupant; /* number 0 if there is none */
        bool alone;                    /* at one place only */
        uint32_t *places;              /* their `where`, of struct taps_record */
        size_t place_count, place_room;
};

/* Entries of the table. */
enum { ON_ACCEPT, ON_REJECT, ENTRIES };

struct tap_link {
        int link; /* descriptor */
        int tap;
        uint32_t where;
};

struct taps {
        struct tap *taps;
        size_t count, room;
        struct tap_link *links;
        size_t link_count, link_room;
        struct ring ring;
        unsigned long taken; /* the position in the ring up to which records were returned */
        size_t ring_size;
        uint32_t snapshot; /* bytes copied of a packet by a new tap */
        struct libbpf_log log;
        bool detached;
};
