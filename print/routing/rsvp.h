/* Shared by the RSVP files. Each line begins with an indentation: the objects of a message that is
 * in a bundle stand further in. */
#pragma once

#include "routing.h"

/* What became of an object's value. */
enum rsvp_result {
        RSVP_SHOWN,
        RSVP_UNKNOWN, /* to be dumped */
        RSVP_FAULT,   /* said why; nothing can follow */
};

/* Prints a value of class type `type`. It is as long as the table that calls for it demands. */
typedef enum rsvp_result rsvp_printer(struct printer *printer, struct packet value, uint8_t type,
                                      const char *indent);

/* Explicit and recorded routes, RFC 3209. */
rsvp_printer rsvp_route_print;
/* Flow, sender and path specifications of integrated services, RFC 2210. */
rsvp_printer rsvp_intserv_print;
/* Labels and what is asked of them, RFC 3209 and 3473. */
rsvp_printer rsvp_label_print, rsvp_label_request_print, rsvp_label_set_print, rsvp_uni_print;

/* Says what is wrong with an object. */
static inline enum rsvp_result rsvp_fault(struct printer *printer, const char *indent,
                                          const char *what)
{
        put_damage(printer, "%sERROR: %s", indent, what);
        return RSVP_FAULT;
}
