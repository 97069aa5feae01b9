/* The parts of a packet's output around what the protocols print. */
#pragma once

#include "print/printer/printer.h"

/* A table for each number space: of all protocols, and of those that tcpdump has. */
extern const struct protocol *const protocols[NUMBER_SPACES],
    *const tcpdump_protocols[NUMBER_SPACES];

/* What is known by the look of a payload. */
extern const struct content tcp_contents[], udp_contents[], no_contents[];

void time_print(struct printer *printer, struct timespec time);

enum { PRINT_LONGEST = 262144 };

/* Whether a record can be a packet: it is not empty, no longer than tcpdump reads, and no longer in
 * the capture than on the wire. Others are printed as invalid, without a dump. */
static inline bool packet_is_valid(const struct packet *packet)
{
        return packet->captured != 0 && packet->captured <= packet->length &&
               packet->length <= PRINT_LONGEST;
}

void dump_print(struct printer *printer, const struct packet *packet);

/* Other forms of the text so far, which ends at `end`; they return where theirs begins. */
size_t color_print(struct printer *printer, size_t end);
size_t json_print(struct printer *printer, const struct print_packet *packet, size_t end);

/* The member "layers" of a JSON object. */
void layers_print(struct printer *printer, struct packet packet, int link_type);
