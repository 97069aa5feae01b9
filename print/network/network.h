/* Shared by the protocols of the IP family. */
#pragma once

#include "print/printer/printer.h"

/* Prints what an IP header carries, by network->protocol. */
void transport_print(struct printer *printer, struct packet packet, const struct network *network);

const char *transport_name(uint8_t protocol); /* "unknown" if it has none */

/* True if the transport's own first bytes are ports, printed behind the addresses. */
bool transport_has_ports(uint8_t protocol);

void ipv4_print(struct printer *printer, struct packet packet);

/* The types of services in IPX's SAP. */
extern const struct name ipx_service_names[];

/* Times in RFC 3376, 4.1.1 and 4.1.7: large ones have a mantissa and an exponent. */
static inline uint32_t multicast_interval(uint8_t code)
{
        return code < 128 ? code : ((code & 15u) | 16) << ((code >> 4 & 7) + 3);
}

/* The sources of a query of IGMP 3 or MLD 2, whose number ends its header of `header` bytes, "]".
 */
void multicast_query_sources_print(struct printer *printer, struct packet packet, uint32_t header);

/* The groups in a report of IGMP 3 or MLD 2; at least its header of 8 bytes is there. */
void multicast_report_print(struct printer *printer, struct packet packet);

/* `packet` starts after the quoted packet; `announced`: the message has the length field that
 * announces an extension. */
void icmp_extension_print(struct printer *printer, struct packet packet, bool announced);

/* Messages of ICMPv6 with files of their own: all but their names. */
void rpl_print(struct printer *printer, struct packet packet);
void renumbering_print(struct printer *printer, struct packet packet);
void node_query_print(struct printer *printer, struct packet packet);
void node_reply_print(struct printer *printer, struct packet packet);

/* IPv6's mobility header: it ends the chain. */
void mobility_print(struct printer *printer, struct packet packet);
