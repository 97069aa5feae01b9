/* A packet's bytes: the only struct that points at them. What carries more about a packet (its
 * time, its link type, where it came from) embeds this one. */
#pragma once

#include <stdint.h>

struct packet {
        const uint8_t *data; /* from the link header on */
        uint32_t captured;   /* bytes at `data` */
        uint32_t length;     /* bytes on the wire; `captured` is less if the packet was cut short */
};

/* How a packet passed the interface it was captured on. */
enum packet_passage {
        PASSAGE_UNKNOWN,
        PASSAGE_IN, /* received, for this host */
        PASSAGE_BROADCAST,
        PASSAGE_MULTICAST,
        PASSAGE_OTHER_HOST, /* received in promiscuous mode */
        PASSAGE_OUT,        /* sent */
};
