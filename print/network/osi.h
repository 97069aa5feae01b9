/* Shared by the printers of the OSI network layer. */
#pragma once

#include "print/printer/printer.h"

/* A length indicator that is too small, and the packet's bytes. */
void osi_short_print(struct printer *printer, struct packet packet, uint32_t size);
