/* IS-IS: identifiers of systems, nodes and messages. */
#include "isis.h"

void isis_put_id(struct printer *printer, struct packet packet, uint32_t offset, uint32_t size)
{
        const uint8_t *id = bytes_at(printer, packet, offset, size);
        size_t start = span_start(printer);

        for (uint32_t i = 0; i < size; i++) {
                put_hex(printer, id[i], 2);
                if (i == 1 || i == 3 || (i == 5 && size > ISIS_SYSTEM))
                        put_char(printer, '.');
                if (i == 6 && size == ISIS_LSP)
                        put_char(printer, '-');
        }
        span_end(printer, ROLE_ADDRESS, start);
}
