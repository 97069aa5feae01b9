/* The Internet checksum, RFC 1071, of IP headers, ICMP, TCP, UDP and others: the complement of the
 * one's complement sum of 16-bit words. Numbers are in host byte order. */
#pragma once

#include <stdint.h>

/* The checksum of `length` bytes; 0 if they include a correct checksum field. */
uint16_t checksum(const uint8_t *data, uint32_t length);

/* For data in pieces, each of which but the last has an even length: start at 0 or at a pseudo
 * header, add the pieces, finish. */
uint32_t checksum_add(uint32_t sum, const uint8_t *data, uint32_t length);
uint16_t checksum_finish(uint32_t sum);

/* The sum of the pseudo header that a transport's checksum covers: RFC 768, RFC 8200 section 8.1.
 * The addresses have `address_size` bytes, 4 or 16; `length` is that of the transport's header and
 * data. */
uint32_t checksum_pseudo_header(const uint8_t *source, const uint8_t *destination,
                                uint32_t address_size, uint8_t protocol, uint32_t length);

/* What a checksum field should hold, given what it holds and the checksum of the data with it. */
uint16_t checksum_expected(uint16_t found, uint16_t sum);
