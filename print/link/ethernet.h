/* Shared by the printers of tags that stand between an Ethernet header and what it carries. */
#pragma once

#include "print/printer/printer.h"

struct ethernet {
        struct packet inner;   /* what follows the headers so far; more may be captured than MACsec
                                  says there is, which what it carries may read */
        uint32_t length;       /* of the frame */
        uint32_t *link_header; /* the size of the headers so far, for dumps */
        bool length_shown;
};

/* IEEE 802.1AE. Returns false if what it protects cannot be printed, and has been dumped. */
bool macsec_print(struct printer *printer, struct ethernet *ethernet);

/* Where a header is cut, a dump leaves out what there is of it. */
static inline void __attribute__((noreturn))
ethernet_cut_abandon(struct printer *printer, struct ethernet *ethernet)
{
        *ethernet->link_header += packet_claimed(ethernet->inner).captured;
        printer_abandon_softly(printer);
}

/* Arista's time stamps. Returns false if what follows is not known. */
bool arista_print(struct printer *printer, struct ethernet *ethernet);

/* A frame whose switch, as that knows more of it, put a tag of its own behind the addresses. The
 * caller has named the protocol. */
void ethernet_print_tagged(struct printer *printer, struct packet frame, uint32_t tag_size,
                           protocol_printer *tag_print);
