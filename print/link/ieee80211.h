/* IEEE 802.11 (section numbers are those of IEEE 802.11-2016), shared by the link types that hold
 * its frames. */
#pragma once

#include "link.h"

/* The frame control field, 9.2.4.1; fields are in little-endian order. */
enum {
        FC_TO_DS = 0x0100,
        FC_FROM_DS = 0x0200,
        FC_MORE_FRAGMENTS = 0x0400,
        FC_RETRY = 0x0800,
        FC_POWER = 0x1000,
        FC_MORE_DATA = 0x2000,
        FC_PROTECTED = 0x4000,
        FC_ORDER = 0x8000,
};

/* Codes without a name are reserved. */
extern const struct name ieee80211_statuses[], ieee80211_reasons[];

/* What precedes a frame may say how it is stored. */
struct ieee80211_form {
        bool padded;       /* the header, to a multiple of four bytes */
        uint32_t fcs_size; /* of the frame check sequence at the end */
};

/* A frame. Adds its headers to those that dumps leave out. */
void ieee80211_frame_print(struct printer *printer, struct packet packet,
                           struct ieee80211_form form);

/* The same behind radiotap's header. */
void radiotap_frame_print(struct printer *printer, struct packet packet);

void ieee80211_management_name_print(struct printer *printer, unsigned subtype);
/* The body of a management frame that is not encrypted; `packet` begins with its header. False if
 * it is cut short. */
bool ieee80211_management_print(struct printer *printer, struct packet packet, unsigned subtype,
                                uint32_t header);
