/* Shared by the LDP files. */
#pragma once

#include "routing.h"

/* " [tlv length 2 < 4] (invalid)", and false, if the value is shorter than that. */
bool ldp_long_enough(struct printer *printer, struct packet value, uint32_t least);

/* A forwarding equivalence class. */
void ldp_class_print(struct printer *printer, struct packet value);
