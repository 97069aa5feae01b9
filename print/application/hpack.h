/* HPACK, RFC 7541. */
#pragma once

#include "cursor.h"

struct header_field {
        struct packet name, value;
};

/* The latest fields that were added to the table of one direction of a connection; more than 128 do
 * not fit into one of the usual size. */
enum { HPACK_FIELDS = 128, HPACK_TEXT = 500 };

struct hpack {
        uint32_t added;
        struct {
                bool known;
                uint16_t name, value;     /* bytes of each, */
                uint8_t text[HPACK_TEXT]; /* one behind the other */
        } fields[HPACK_FIELDS];
};

/* The next field of a block. What was added before the table was known reads as "?". Returns false
 * at the block's end, or where it is cut. `field` is valid until the next one is read. */
bool hpack_read(struct printer *printer, struct hpack *hpack, struct cursor *at,
                struct header_field *field);
