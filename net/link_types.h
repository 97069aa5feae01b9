/* Link types: what all parts of the program must know of each.
 *
 * A new link type needs a row here, the way it tests for protocols in cbpf/lower/link.c, and a
 * printer. */
#ifndef NET_LINK_TYPES_H
#define NET_LINK_TYPES_H

#include "headers.h"

struct net_link_type {
        int number;                       /* DLT_* */
        const struct net_header *header;  /* the outermost */
        const struct net_header *network; /* the only one it carries; NULL if there are more */
        uint8_t packet_type_offset;       /* of PACKET_* of <linux/if_packet.h>, and */
        uint8_t packet_type_size;         /* how many bytes it has; 0: it is not in the header */
        uint8_t interface_offset;         /* of the interface's index, 4 bytes */
        bool has_interface;
        bool ethernet; /* has MAC addresses, VLAN tags and 802.3 frames */
        bool cooked;   /* a live socket shows no link header, which is made of metadata */
};

/* NULL if nothing is known of `link_type` (DLT_*). */
const struct net_link_type *net_link_type(int link_type);

/* The link type (DLT_*) of an interface of `hardware_type` (ARPHRD_* of <linux/if_arp.h>): that of
 * the frames that Linux delivers, or DLT_LINUX_SLL2 where they are of no use. */
int net_link_type_of_hardware(unsigned hardware_type);

/* The bytes from the start of the link header to the number that says what it carries, and to what
 * it carries. Where two headers always come together, both count. */
uint32_t net_link_type_offset(const struct net_link_type *link_type);
uint32_t net_link_payload_offset(const struct net_link_type *link_type);

#endif
