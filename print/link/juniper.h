/* Shared by the printers of Juniper's link types. */
#pragma once

#include "base/array.h"
#include "link.h"

/* An interface card. */
struct juniper_pic {
        const char *protocol; /* for "[|juniper_…]" */
        const char *name;     /* as lines show it; NULL where no cookie follows the header */
        uint8_t cookie_size;  /* of most cookies */
        bool bundles;         /* of links: cookies tell of them */
        bool bare_fragments;  /* FRF.16 fragments have no cookie */
};

enum juniper_cookie { JUNIPER_PLAIN, JUNIPER_LINK_SERVICES, JUNIPER_SERVICES };

struct juniper {
        enum juniper_cookie kind;
        const uint8_t *cookie;
        uint32_t cookie_size;
        uint32_t header;   /* bytes up to and with the cookie */
        uint16_t protocol; /* of what follows, as the card numbers it */
        uint16_t bundle;   /* of links */
        bool in;
};

/* Prints the header and reads the cookie. Returns false if the packet is done with. Otherwise,
 * juniper_header_end() follows. */
bool juniper_header_print(struct printer *printer, struct packet packet,
                          const struct juniper_pic *pic, struct juniper *juniper);

/* Prints the header's end, and takes it off the packet. */
void juniper_header_end(struct printer *printer, struct packet *packet,
                        const struct juniper *juniper);

/* Both. Returns false if the packet is done with. */
static inline bool juniper_header_take(struct printer *printer, struct packet *packet,
                                       const struct juniper_pic *pic, struct juniper *juniper)
{
        if (!juniper_header_print(printer, *packet, pic, juniper))
                return false;
        juniper_header_end(printer, packet, juniper);
        return true;
}

/* Prints IP of whatever version the first byte says. False if it says none. */
bool juniper_ip_print(struct printer *printer, struct packet packet);

/* Prints what a link type holds, whose own header dumps show. */
void juniper_link_print(struct printer *printer, uint32_t link_type, struct packet packet);
