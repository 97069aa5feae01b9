/* Shared by the BGP files. Lengths bound what is printed as a list, but bytes are read wherever
 * they were captured, past the end of a part or even of the message, as tcpdump reads them. A
 * function that returns bool returns false where bytes are missing: "[|bgp]" is to follow. */
#pragma once

#include "routing.h"

enum {
        BGP_DISTINGUISHER = 8, /* bytes of a route distinguisher */
        BGP_ROUTE_TEXT = 171,  /* tcpdump prints as much of a route's line, with its indentation */
};

/* What is said of the addresses of a family (SAFI, RFC 4760). */
extern const struct name bgp_subsequent_families[];

/* "AFI IPv4 (1), SAFI Unicast (1)". */
void bgp_family_print(struct printer *printer, uint32_t family, uint32_t subsequent);

bool bgp_open_print(struct printer *printer, struct packet packet);

/* An update's attributes: the first `length` bytes of the packet, which ends where the message
 * does. */
bool bgp_attributes_print(struct printer *printer, struct packet packet, uint32_t length);
/* Attributes with communities. */
bool bgp_communities_print(struct printer *printer, struct packet packet);
bool bgp_large_communities_print(struct printer *printer, struct packet packet);
bool bgp_extended_communities_print(struct printer *printer, struct packet packet);

/* Attributes MP_REACH_NLRI and MP_UNREACH_NLRI, RFC 4760. */
bool bgp_reach_print(struct printer *printer, struct packet packet);
bool bgp_unreach_print(struct printer *printer, struct packet packet);

/* What became of a route. */
enum bgp_route {
        BGP_ROUTE_SHOWN,
        BGP_ROUTE_INVALID, /* its length is */
        BGP_ROUTE_CUT,     /* bytes are not captured */
        BGP_ROUTE_LONG,    /* longer than the list it is in */
};

/* One route each, at the beginning of the packet, which ends where its list does. They write
 * nothing unless they return BGP_ROUTE_SHOWN; then `*size` is the route's. */
typedef enum bgp_route bgp_route_printer(struct printer *printer, struct packet packet,
                                         uint32_t *size);
bgp_route_printer bgp_vpn4_print, bgp_vpn6_print, bgp_vpn_nsap_print, bgp_target_print,
    bgp_multicast_vpn_print, bgp_mdt_print, bgp_layer2_print;

/* Whether an identifier (RFC 7911) stands before each of the packet's prefixes, of at most `width`
 * bits: only their looks tell. */
bool bgp_has_path_ids(struct packet packet, uint32_t width);
/* One route of plain IP, as above, after `indent`. */
enum bgp_route bgp_prefix_print(struct printer *printer, struct packet packet, uint32_t width,
                                bool path_id, const char *indent, uint32_t *size);

/* ---- What printers of routes share ---- */

/* The address at `offset`, of which `bits` count; of IPv4 if `width` is 32, else of IPv6. */
void bgp_put_prefix(struct printer *printer, struct packet packet, uint32_t offset, uint32_t bits,
                    uint32_t width);
void bgp_put_label(struct printer *printer, struct packet packet, uint32_t offset);
/* An OSI address, of up to 20 bytes. */
void bgp_put_nsap(struct printer *printer, const uint8_t *address, uint32_t size);
