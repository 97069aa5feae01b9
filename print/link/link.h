/* Shared by the link layers; EAP is also carried by RADIUS. */
#pragma once

#include "print/printer/printer.h"

/* IEEE 802.2. False if something should still show the payload, which no printer knows. */
bool llc_print(struct printer *printer, struct packet packet, struct stations stations);

/* What follows LLC's header if that says so: an organization, a number of its, and what that stands
 * for. Bridged frames stand behind `padding` bytes. False if something should still show the
 * payload. */
bool snap_print(struct printer *printer, struct packet packet, struct stations stations,
                uint32_t padding);

/* A frame without the least size of one that a link holds; dumps show its header. */
void frame_relay_print_inside(struct printer *printer, struct packet packet);

/* A cell of ATM's management, without the checksum of its header. `before` bytes of the packet in
 * front of it count for its length alone. */
void atm_cell_print(struct printer *printer, struct packet packet, uint32_t before);

/* Signalling of Frame Relay, behind its number among ISO's network layer protocols. */
void q933_print(struct printer *printer, struct packet packet);

/* The tag control field. */
void vlan_tag_print(struct printer *printer, uint16_t tag);

/* From the protocol number on, or an address and control byte before it. */
void ppp_print_inside(struct printer *printer, struct packet packet);
/* The same, and adds the size of PPP's own header to `*link_header`. */
void ppp_print_counted(struct printer *printer, struct packet packet, uint32_t *link_header);

void eap_print(struct printer *printer, struct packet packet);

/* A packet whose header, of `size` bytes, states the link type of what follows it: PPI, PKTAP. */
struct wrapped {
        struct packet packet;
        uint32_t link_type, size;
        const char *before; /* what stands in front of the header's line */
};

/* That line; wrapped_print() shows what follows, and the line where that is of an unknown link
 * type and -e has not shown it. */
void wrapped_print_header(struct printer *printer, const struct wrapped *wrapped);
void wrapped_print(struct printer *printer, const struct wrapped *wrapped);
