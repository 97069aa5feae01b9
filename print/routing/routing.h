/* What printers of routing protocols share. */
#pragma once

#include "print/printer/printer.h"

/* What a pseudowire carries, RFC 4446. */
extern const struct name layer2_encapsulations[];

/* A bandwidth in bytes a second, a 32-bit IEEE 754 number, in megabits: "1000.000". */
void put_megabits(struct printer *printer, struct packet packet, uint32_t offset);
