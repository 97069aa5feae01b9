/* Shared by the OSPF files. */
#pragma once

#include "routing.h"

enum ospf_type { OSPF_HELLO = 1, OSPF_DESCRIPTION, OSPF_REQUEST, OSPF_UPDATE, OSPF_ACKNOWLEDGMENT };

enum { OSPF_STATE_HEADER = 20 }; /* of a link state advertisement */

/* What follows the common header: of version 2, RFC 2328, and 3, RFC 5340. `packet` ends where that
 * header says. */
void ospf_2_print(struct printer *printer, struct packet packet, uint8_t type);
void ospf_3_print(struct printer *printer, struct packet packet, uint8_t type);

/* What follows a hello or a database description of version 2. */
void ospf_lls_print(struct printer *printer, struct packet packet);
/* What follows a packet of version 3, which says whether there is signaling. */
void ospf_3_trailer_print(struct printer *printer, struct packet packet, bool signaling);

/* The designated router of a link and its backup, if there are any. */
void ospf_routers_print(struct printer *printer, struct packet packet, uint32_t offset);
void ospf_neighbors_print(struct printer *printer, struct packet packet);
/* Why and for how long a router restarts, RFC 3623. False if it contradicts itself. */
bool ospf_grace_print(struct printer *printer, struct packet packet);
/* TLVs of traffic engineering. False if they contradict themselves. */
bool ospf_te_print(struct printer *printer, struct packet packet);
