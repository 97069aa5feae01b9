/* Ordinary packets: what traffic of a link type looks like, and what makes a packet one of these.
 */
#pragma once

#include "proof.h"

enum {
        ORDINARY_MAX = 24,
        ORDINARY_SIZE = 128,
};

struct ordinary {
        uint8_t bytes[ORDINARY_SIZE];
        uint8_t costs[ORDINARY_SIZE]; /* how much less ordinary it is with another byte there */
        uint32_t size;
        uint32_t network;     /* where the IP header is; 0 may mean that there is none */
        uint32_t link_length; /* where the link header tells how many bytes come after that;
                                 0: nowhere */
        uint16_t ethertype;
        uint8_t strange; /* how much less ordinary it is than others, as it is */
};

/* Fills `packets`, and returns how many there are. */
size_t ordinary_packets(int link_type, struct ordinary packets[ORDINARY_MAX]);

/* How much less ordinary a packet is with another value of byte number `offset`. */
unsigned ordinary_cost(const struct ordinary *ordinary, uint32_t offset);

/* True of what headers say, but for addresses, ports and other numbers that differ between packets
 * of one kind. */
bool ordinary_is_header(const struct ordinary *ordinary, uint32_t offset);

/* Things that can be mended, one by one, in a packet of `size` bytes, none of them cut off, that
 * was made of `ordinary` and changed: lengths, then checksums. False if there is no such thing or
 * it is right. */
enum { ORDINARY_MENDS = 6 };
bool ordinary_mend(const struct ordinary *ordinary, unsigned what, uint8_t *bytes, uint32_t size);
