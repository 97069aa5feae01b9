/* What decrypts the first packets of a QUIC connection: quic_initial.c. */
#pragma once

#include "printer.h"

/* A packet whose keys follow from a connection ID that is in the clear: RFC 9001, 5.2. */
struct quic_initial {
        uint32_t version;
        const uint8_t *connection; /* the destination of the client's first packet, */
        uint32_t connection_size;  /* at most 20 bytes */
        bool from_server;
        struct packet packet; /* from its first byte to the end that its length states */
        uint32_t number_at;   /* where its packet number is */
};

/* Whether keys are known for this version. */
bool quic_version_is_known(uint32_t version);
/* Decrypts it. `text` has its frames, `*number` the packet's number; valid until the packet is
 * printed. Returns false if it is not what it says. One that is not all captured cannot be checked.
 */
bool quic_initial_open(struct printer *printer, const struct quic_initial *initial,
                       struct packet *text, uint32_t *number);
