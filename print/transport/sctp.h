/* Shared by SCTP and what it carries. */
#pragma once

#include "print/printer/printer.h"

/* MTP3 user adaptation, RFC 4666. */
void m3ua_print(struct printer *printer, struct packet packet);

/* Forwarding and control element separation, RFC 5810. */
void forces_print(struct printer *printer, struct packet packet);
