/* Shared by the IS-IS files. */
#pragma once

#include "print/printer/printer.h"

/* How a field was printed. */
enum isis_result {
        ISIS_DONE,
        ISIS_CUT,     /* it says of itself that it is longer than what holds it */
        ISIS_INVALID, /* it contradicts itself, and that has been said */
};

void isis_field_name_print(struct printer *printer, uint8_t type, uint32_t size);

/* A field's value. `value` is as long as the field says, but more may be captured: as in
 * tcpdump, some fields are read past their end. `pdu` is the whole message. */
enum isis_result isis_field_print(struct printer *printer, struct packet pdu, struct packet value,
                                  uint8_t type);

enum { ISIS_SYSTEM = 6, ISIS_NODE = 7, ISIS_LSP = 8 };

/* "1111.1111.1111.00-00": `size` bytes of an identifier. */
void isis_put_id(struct printer *printer, struct packet packet, uint32_t offset, uint32_t size);

/* One topology's number, of what follows. False if it is cut. */
bool isis_topology_print(struct printer *printer, struct packet value);

/* Neighbors and prefixes that a node reaches. */
enum isis_result isis_metric_block_print(struct printer *printer, struct packet packet);
enum isis_result isis_neighbors_print(struct printer *printer, struct packet value, bool alias);
enum isis_result isis_old_prefixes_print(struct printer *printer, struct packet value);
enum isis_result isis_prefixes_print(struct printer *printer, struct packet value, bool ipv6);

/* Shortest path bridging. */
enum isis_result isis_port_capability_print(struct printer *printer, struct packet value);
enum isis_result isis_capability_print(struct printer *printer, struct packet value);

/* The links' traffic engineering, in neighbors' subfields. */
const char *isis_link_subfield_name(uint8_t type);
void isis_link_subfield_print(struct printer *printer, struct packet value, uint8_t type);

/* How many bytes of a subfield tcpdump forgets to count against what is left of the TLV, so that
 * those behind it may reach past the TLV's end. */
uint32_t isis_link_uncounted(uint8_t type, uint32_t size);

static inline void put_mbps(struct printer *printer, struct packet packet, uint32_t offset)
{
        union {
                uint32_t bits;
                float bytes;
        } rate = {.bits = get32(printer, packet, offset)};

        put_real(printer, (double)(rate.bytes * 8 / 1000000), 3);
        put(printer, " Mbps");
}
