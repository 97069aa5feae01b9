/* Link types: the facts that all libraries share.
 *
 * A new link type needs a row in this table, one in that of cbpf/lower/link.c, which says how it
 * tests for protocols, and a printer. */
#pragma once

#include "headers.h"

struct net_link_type {
        int number;                       /* DLT_* */
        const struct net_header *header;  /* the outermost header */
        const struct net_header *network; /* the one that always follows; NULL if several may */
        uint8_t packet_type_offset;       /* of the field with PACKET_* of <linux/if_packet.h> */
        uint8_t packet_type_size;         /* in bytes; 0: there is no such field */
        uint8_t interface_offset;         /* of the interface index, 4 bytes */
        bool has_interface;
        bool ethernet; /* has MAC addresses, VLAN tags and 802.3 frames */
        bool cooked;   /* a live socket hides the link header, which is made up from metadata */
};

/* Returns NULL if `link_type` (DLT_*) is not in the table. */
const struct net_link_type *net_link_type(int link_type);

/* The link type (DLT_*) to capture with on an interface of `hardware_type` (ARPHRD_* of
 * <linux/if_arp.h>): that of its frames if the kernel delivers them whole, else DLT_LINUX_SLL2. */
int net_link_type_of_hardware(unsigned hardware_type);

/* Offsets from the start of the link header of the number that announces the next header, and of
 * that header. If two link headers always come together they count as one. */
uint32_t net_link_type_offset(const struct net_link_type *link_type);
uint32_t net_link_payload_offset(const struct net_link_type *link_type);

/* Where what a walk from header to header passes begins at the earliest. PPP's address and control
 * may be missing, and a PPPoE header is itself passed. */
uint32_t net_link_walk_offset(const struct net_link_type *link_type);
