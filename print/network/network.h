/* Shared by the protocols of the IP family. */
#pragma once

#include "print/printer/printer.h"

/* Prints what an IP header carries, by network->protocol. */
void transport_print(struct printer *printer, struct packet packet, const struct network *network);

const char *transport_name(uint8_t protocol); /* NULL if it has none */

/* True if the transport's own first bytes are ports, printed behind the addresses. */
bool transport_has_ports(uint8_t protocol);

void ipv4_print(struct printer *printer, struct packet packet);

/* `packet` starts after the quoted packet; `announced`: the message has the length field that
 * announces an extension. */
void icmp_extension_print(struct printer *printer, struct packet packet, bool announced);
