/* Numbers as text, without printf() and the locale: these run for every packet and every traced
 * call. Each function writes at `at`, without a NUL, and returns the end of what it wrote. */
#pragma once

#include <stdint.h>
#include <string.h>

enum {
        NUMBER_DECIMAL = 20, /* digits of UINT64_MAX in decimal, */
        NUMBER_HEX = 16,     /* and in hexadecimal */
};

/* "00" to "99", one after the other. */
extern const char number_pairs[200];

/* Two digits; `value` is below 100. */
static inline char *number_pair(char *at, uint32_t value)
{
        memcpy(at, number_pairs + value * 2, 2);
        return at + 2;
}

/* For number_decimal(): 2^32 and above. */
char *number_decimal_long(char *at, uint64_t value);

/* The value of a digit in a base up to 16; 16 for any other byte. ASCII only, whatever the locale.
 */
static inline unsigned number_digit(char c)
{
        if (c >= '0' && c <= '9')
                return (unsigned)(c - '0');
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/* Four digits, zeros in front. */
static inline char *number_four(char *at, uint32_t value)
{
        return number_pair(number_pair(at, value / 100), value % 100);
}

/* A number below 10,000. */
static inline char *number_short(char *at, uint32_t value)
{
        if (value >= 1000)
                return number_four(at, value);
        if (value >= 100) {
                *at = (char)('0' + value / 100);
                return number_pair(at + 1, value % 100);
        }
        if (value >= 10)
                return number_pair(at, value);
        *at = (char)('0' + value);
        return at + 1;
}

/* Decimal, up to NUMBER_DECIMAL bytes. From the front, in groups of four digits that do not wait
 * for one another. */
static inline char *number_decimal(char *at, uint64_t value)
{
        if (value < 10000)
                return number_short(at, (uint32_t)value);
        if (value < 100000000) {
                at = number_short(at, (uint32_t)value / 10000);
                return number_four(at, (uint32_t)value % 10000);
        }
        return number_decimal_long(at, value);
}

/* The last `digits` digits, with leading zeros. */
char *number_padded(char *at, uint64_t value, unsigned digits);

/* Lower-case hexadecimal, at least `digits` digits, with leading zeros; up to NUMBER_HEX bytes, or
 * `digits` if that is more. */
char *number_hex(char *at, uint64_t value, unsigned digits);
