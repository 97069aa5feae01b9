/* What the two files on LLDP share. */
#ifndef PRINT_LLDP_H
#define PRINT_LLDP_H

#include "print/printer/printer.h"

enum lldp_result {
        LLDP_SHOWN,
        LLDP_UNKNOWN, /* nothing knows it: to be shown in hex */
        LLDP_CUT,
};

/* A TLV with the number of an organization in front. */
enum lldp_result lldp_organization_print(struct printer *printer, struct packet packet);

#endif
