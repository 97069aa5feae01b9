#include "checksum.h"

#include <arpa/inet.h>
#include <string.h>

static uint32_t fold(uint64_t sum)
{
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint32_t)sum;
}

/* The carry goes around to the lowest bit. */
static uint64_t add_around(uint64_t sum, uint64_t word)
{
        sum += word;
        return sum + (sum < word);
}

/* In words of eight bytes, in the machine's order: RFC 1071, section 2, shows that the folded sum
 * is the same, but for the order of its own two bytes. */
uint32_t checksum_add(uint32_t sum, const uint8_t *data, uint32_t length)
{
        uint64_t total = 0, word;

        for (; length >= sizeof word; data += sizeof word, length -= sizeof word) {
                memcpy(&word, data, sizeof word);
                total = add_around(total, word);
        }
        if (length > 0) {
                word = 0;
                memcpy(&word, data, length);
                total = add_around(total, word);
        }
        return fold((uint64_t)sum + ntohs((uint16_t)fold(total)));
}

uint16_t checksum_finish(uint32_t sum)
{
        return (uint16_t)~fold(sum);
}

uint16_t checksum(const uint8_t *data, uint32_t length)
{
        return checksum_finish(checksum_add(0, data, length));
}

uint32_t checksum_pseudo_header(const uint8_t *source, const uint8_t *destination,
                                uint32_t address_size, uint8_t protocol, uint32_t length)
{
        uint32_t sum = protocol + (length >> 16) + (length & 0xffff);

        sum = checksum_add(sum, source, address_size);
        return checksum_add(sum, destination, address_size);
}

uint16_t checksum_expected(uint16_t found, uint16_t sum)
{
        /* RFC 1624: taking the field's own value out of the sum again. */
        return (uint16_t)fold((uint64_t)found + sum);
}
