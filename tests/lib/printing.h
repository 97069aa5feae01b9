/* Packets to print, and printing them, for the tests of print. Aborts if what is printed is not
 * whole lines of text. */
#pragma once

#include "print/print.h"

#include <stdbool.h>

enum { MAX_PACKET = 65536 };

/* A segment that opens a connection, in hexadecimal: Ethernet, IPv4, TCP with options. */
extern const char tcp_syn[];

/* Returns how many bytes these digits are. */
size_t unhex(const char *text, uint8_t *bytes);

/* A printer without time stamps. */
struct printer *new_printer(struct print_options options);

/* Prints `captured` of `length` bytes from memory that ends where they do, so that AddressSanitizer
 * notices a read past them. */
const char *print_known(struct printer *printer, struct print_packet packet, const uint8_t *bytes,
                        size_t captured, size_t length);
/* The same of a packet of which only its link type is known. */
const char *print_exact(struct printer *printer, int link_type, const uint8_t *bytes,
                        size_t captured, size_t length);

enum { SYN = 2, ACK = 16, FIN = 1 };

/* 20 bytes of IPv4 and 20 of TCP: from 192.0.2.1, this port, to 192.0.2.2, port 80; or back. */
void tcp_segment(uint8_t bytes[40], uint16_t port, bool back, uint8_t flags, uint32_t sequence,
                 uint32_t acknowledgment);

/* The line of the segment that opens a connection, with what a capture knows of it, by a printer
 * with these options. */
const char *print_there(struct print_options options, struct print_packet packet);
