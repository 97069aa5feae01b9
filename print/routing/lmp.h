/* Shared by the LMP files. */
#pragma once

#include "routing.h"

/* Prints the value of an object of class type `type`, which is as long as it has to be. Returns
 * whether all of it was shown, so that only -vv dumps it. */
typedef bool lmp_printer(struct printer *printer, struct packet value, uint8_t type);

lmp_printer lmp_te_link_print, lmp_data_link_print, lmp_channel_status_print,
    lmp_channel_request_print, lmp_service_print;
