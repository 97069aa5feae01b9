/* What printers of routing protocols share. */
#pragma once

#include "print/printer/printer.h"

/* https://www.iana.org/assignments/address-family-numbers */
enum address_family {
        FAMILY_IPV4 = 1,
        FAMILY_IPV6 = 2,
        FAMILY_NSAP = 3,
        FAMILY_VPLS = 25,
        FAMILY_L2VPN = 196
};

/* What a pseudowire carries, RFC 4446: in BGP's words, and in those of LDP and LSP ping. */
extern const struct name layer2_encapsulations[], pseudowire_types[];
/* The number of an autonomous system; with -b, one beyond 16 bits in two parts (RFC 5396, asdot).
 */
void put_autonomous_system(struct printer *printer, uint32_t number);
/* RFC 4364, 4.2: eight bytes. */
void put_route_distinguisher(struct printer *printer, struct packet packet, uint32_t offset);

/* A bandwidth in bytes a second, a 32-bit IEEE 754 number, in megabits: "1000.000". */
void put_megabits(struct printer *printer, struct packet packet, uint32_t offset);

/* The same in up to ten digits: "1000". */
void put_megabits_short(struct printer *printer, struct packet packet, uint32_t offset);
/* The same, but "inf" where the bits a second are beyond such numbers, as in tcpdump. */
void put_megabits_scaled(struct printer *printer, struct packet packet, uint32_t offset);
/* An IEEE 754 number of 32 bits, in up to ten digits. */
void put_float(struct printer *printer, struct packet packet, uint32_t offset);

/* Generalized MPLS, RFC 3471: how a label switched path is encoded and switched, and what it
 * carries. */
extern const struct name gmpls_encodings[], gmpls_switchings[], gmpls_payloads[];
/* Models of bandwidth constraints, RFC 4124. */
extern const struct name bandwidth_models[];

/* CARP has VRRP's number: only -T tells them apart. */
void carp_print(struct printer *printer, struct packet packet);

/* Seconds in the largest units: "3m1s". */
void put_duration(struct printer *printer, uint32_t seconds);

/* An address in at least 15 columns, with spaces in front. */
void put_ipv4_right(struct printer *printer, const uint8_t *address);

/* The packet as long as a part of it claims to be; what was captured stays as it is: bytes past the
 * end of a part may still be read, as tcpdump reads them. */
static inline struct packet packet_part(struct packet packet, uint32_t length)
{
        packet.length = length;
        return packet;
}
