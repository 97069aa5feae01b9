/* 802.11 frames and what a radio puts in front of them, as the dissector finds them. Written from
 * IEEE 802.11-2020 (section 9.3), radiotap.org, and the notes on the headers of Prism, AVS and PPI;
 * apart from the compiler. */
#pragma once

#include "cbpf/cbpf.h"

#include <stddef.h>

enum radio {
        RADIO_CUT,     /* what tells is missing */
        RADIO_NOTHING, /* nothing that is known */
        RADIO_FOUND,
};

/* Whether packets of that link type have 802.11 frames in them. */
bool radio_link_type(int link_type);

/* Finds where the frame of a packet is, and whether its header is padded; RADIO_NOTHING if the
 * packet is no 802.11 frame. */
enum radio radio_find_frame(const struct packet *packet, int link_type, size_t *frame,
                            bool *padded);

/* Finds the EtherType of what the frame carries. */
enum radio radio_find_type(const struct packet *packet, size_t frame, bool padded, size_t *type);

/* Finds the addresses of who has sent the frame's data and whom they are for. */
enum radio radio_find_addresses(const struct packet *packet, size_t frame, size_t *source,
                                size_t *destination);
