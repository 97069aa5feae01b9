/* Shared by the application protocols. */
#pragma once

#include "print/printer/printer.h"

/* Prints the options of an OPT record. */
void edns_print(struct printer *printer, struct packet message, uint32_t at, uint32_t end);

protocol_printer ssh_print;
/* " AAAA" */
void dns_type_print(struct printer *printer, uint16_t type);
extern const struct name dns_class_names[];
/* "1d2h3s" */
void dns_duration_print(struct printer *printer, uint32_t seconds);

/* Prints an SNMP object by its names as far as they are known: its identifier as encoded, and all
 * arcs of that. */
void snmp_object_print(struct printer *printer, struct packet object, const uint32_t *arcs,
                       size_t count);

/* Prints the name that the modules of -m have for the object, or for the one that it is an instance
 * of: "IF-MIB::ifDescr". Returns how many of the arcs that stands for; 0 if there is none. */
size_t mibs_object_print(struct printer *printer, const uint32_t *arcs, size_t count);

/* For protocols that are lines of text: prints `title`, and the first line, or with -v all lines,
 * if the first begins with one of `commands` or is a reply with a three-digit code. Without
 * commands, any text. `protocol` is for "[|protocol]". */
void text_print(struct printer *printer, struct packet packet, const char *protocol,
                const char *title, const char *const *commands, size_t count);
