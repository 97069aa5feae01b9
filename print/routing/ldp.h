/* Shared by the LDP files. */
#pragma once

#include "routing.h"

/* " [tlv length 2 < 4] (invalid)", and false, if the value is shorter than that. */
static inline bool ldp_long_enough(struct printer *printer, struct packet value, uint32_t least)
{
        if (value.length >= least)
                return true;
        putf(printer, " [tlv length %u < %u]", value.length, least);
        put_invalid(printer);
        return false;
}

/* A forwarding equivalence class. */
void ldp_class_print(struct printer *printer, struct packet value);
