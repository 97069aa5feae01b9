/* HPACK, RFC 7541. */
#pragma once

#include "cursor.h"

struct header_field {
        struct packet name, value;
};

/* The latest fields that the packet has added to the table. */
enum { HPACK_FIELDS = 128 };

struct hpack {
        struct header_field fields[HPACK_FIELDS];
        uint32_t added;
};

/* The next field of a block. What an earlier packet has added reads as "?". Returns false at the
 * block's end, or where it is cut. `field` is valid until the packet is printed. */
bool hpack_read(struct printer *printer, struct hpack *hpack, struct cursor *at,
                struct header_field *field);
