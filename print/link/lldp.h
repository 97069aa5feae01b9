/* Shared by the LLDP files. */
#pragma once

#include "print/printer/printer.h"

enum lldp_result {
        LLDP_SHOWN,
        LLDP_UNKNOWN, /* no printer for it: shown in hex */
        LLDP_CUT,
};

/* An organizationally specific TLV. */
enum lldp_result lldp_organization_print(struct printer *printer, struct packet packet);
/* One of these: data center bridging, before IEEE 802.1Q had it. */
enum lldp_result lldp_dcbx_print(struct printer *printer, struct packet packet);
