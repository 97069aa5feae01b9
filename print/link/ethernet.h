/* Shared by the printers of tags that stand between an Ethernet header and what it carries. */
#pragma once

#include "print/printer/printer.h"

struct ethernet {
        struct packet inner;   /* what follows the headers so far */
        uint32_t length;       /* of the frame */
        uint32_t *link_header; /* the size of the headers so far, for dumps */
        bool length_shown;
};

/* IEEE 802.1AE. Returns false if what it protects cannot be printed, and has been dumped. */
bool macsec_print(struct printer *printer, struct ethernet *ethernet);

/* Arista's time stamps. Returns false if what follows is not known. */
bool arista_print(struct printer *printer, struct ethernet *ethernet);

/* A frame whose switch, as that knows more of it, put a tag of its own behind the addresses. The
 * caller has named the protocol. */
void ethernet_print_tagged(struct printer *printer, struct packet frame, uint32_t tag_size,
                           protocol_printer *tag_print);
