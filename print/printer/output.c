/* Text into the printer's buffer: strings, numbers, addresses, names from tables. These run for
 * every packet, so none of them uses the locale, and but for fractions none printf(). */
#include "printer.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char hex_digits[] = "0123456789abcdef";

void printer_abandon_short(struct printer *printer)
{
        longjmp(printer->abandon, ABANDON_SHORT);
}

void printer_abandon_softly(struct printer *printer)
{
        longjmp(printer->abandon, ABANDON_SOFTLY);
}

void printer_abandon_silently(struct printer *printer)
{
        longjmp(printer->abandon, ABANDON_SILENTLY);
}

char *output_grow(struct printer *printer, size_t size)
{
        char *at = text_grow(&printer->text, size);

        if (!at)
                longjmp(printer->abandon, ABANDON_MEMORY);
        return at;
}

void put_hex_bytes(struct printer *printer, struct packet packet, uint32_t offset, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                put_hex(printer, get8(printer, packet, offset + i), 2);
}

struct conversion {
        bool left, zeros, wide;
        unsigned width;
        char letter;
};

static const char *conversion_parse(const char *format, struct conversion *conversion)
{
        *conversion = (struct conversion){0};
        for (;; format++) {
                if (*format == '-')
                        conversion->left = true;
                else if (*format == '0')
                        conversion->zeros = true;
                else
                        break;
        }
        for (; *format >= '0' && *format <= '9'; format++)
                conversion->width = conversion->width * 10 + (unsigned)(*format - '0');
        for (; *format == 'l'; format++)
                conversion->wide = true;
        conversion->letter = *format;
        return *format ? format + 1 : format;
}

static void put_padded(struct printer *printer, const struct conversion *conversion,
                       const char *text, size_t length)
{
        size_t padding = conversion->width > length ? conversion->width - length : 0;

        for (size_t i = 0; !conversion->left && i < padding; i++)
                put_char(printer, conversion->zeros ? '0' : ' ');
        put_bytes(printer, text, length);
        for (size_t i = 0; conversion->left && i < padding; i++)
                put_char(printer, ' ');
}

static void put_integer(struct printer *printer, const struct conversion *conversion,
                        uint64_t value, bool negative)
{
        char buffer[1 + NUMBER_DECIMAL];
        char *start = buffer + 1;
        char *end =
            conversion->letter == 'x' ? number_hex(start, value, 1) : number_decimal(start, value);

        if (negative)
                *--start = '-';
        put_padded(printer, conversion, start, (size_t)(end - start));
}

static void put_formatted(struct printer *printer, const char *format, va_list arguments)
{
        struct conversion conversion;

        while (*format) {
                const char *plain = format;

                format = strchrnul(format, '%');
                put_bytes(printer, plain, (size_t)(format - plain));
                if (*format == '\0')
                        break;
                /* By far the most frequent two. */
                if (format[1] == 'u') {
                        put_decimal(printer, va_arg(arguments, unsigned));
                        format += 2;
                        continue;
                }
                if (format[1] == 's') {
                        put(printer, va_arg(arguments, const char *));
                        format += 2;
                        continue;
                }
                format = conversion_parse(format + 1, &conversion);
                switch (conversion.letter) {
                case 's': {
                        const char *text = va_arg(arguments, const char *);

                        put_padded(printer, &conversion, text, strlen(text));
                        break;
                }
                case 'c': put_char(printer, (char)va_arg(arguments, int)); break;
                case 'd': {
                        int64_t value =
                            conversion.wide ? va_arg(arguments, long long) : va_arg(arguments, int);

                        put_integer(printer, &conversion,
                                    value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
                        break;
                }
                case 'u':
                case 'x': {
                        uint64_t value = conversion.wide ? va_arg(arguments, unsigned long long)
                                                         : va_arg(arguments, unsigned);

                        put_integer(printer, &conversion, value, false);
                        break;
                }
                default: put_char(printer, '%');
                }
        }
}

void putf(struct printer *printer, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        put_formatted(printer, format, arguments);
        va_end(arguments);
}

void putf_as(struct printer *printer, enum role role, const char *format, ...)
{
        size_t start = span_start(printer);
        va_list arguments;

        va_start(arguments, format);
        put_formatted(printer, format, arguments);
        va_end(arguments);
        span_end(printer, role, start);
}

void put_damage(struct printer *printer, const char *format, ...)
{
        size_t start = span_start(printer);
        va_list arguments;

        va_start(arguments, format);
        put_formatted(printer, format, arguments);
        va_end(arguments);
        span_end(printer, ROLE_DAMAGE, start);
}

/* Rare, so printf()'s own conversion will do; the program does not set a locale. */
void put_real(struct printer *printer, double value, int digits)
{
        char text[400];

        snprintf(text, sizeof text, "%.*f", digits, value);
        put(printer, text);
}

void octets_make(struct octet octets[256])
{
        for (unsigned i = 0; i < 256; i++) {
                char *end = number_short(octets[i].text, i);

                *end = '.';
                octets[i].length = (uint8_t)(end + 1 - octets[i].text);
        }
}

/* Copies each octet as four bytes; the next one overwrites those past the dot. */
void put_ipv4_numeric(struct printer *printer, const uint8_t *address)
{
        char *start = output_room(printer, 16);
        char *at = start;

        for (int i = 0; i < 4; i++) {
                const struct octet *octet = &printer->octets[address[i]];

                memcpy(at, octet->text, 4);
                at += octet->length;
        }
        printer->text.length += (size_t)(at - start) - 1; /* without the last dot */
        span_end(printer, ROLE_ADDRESS, (size_t)(start - printer->text.start));
}

/* The longest run of two or more zero groups; the first of equals. RFC 5952, 4.2. */
static int zero_run(const uint16_t groups[8], int *length)
{
        int best = -1;

        *length = 1;
        for (int i = 0; i < 8; i++) {
                int end = i;

                while (end < 8 && groups[end] == 0)
                        end++;
                if (end - i > *length) {
                        best = i;
                        *length = end - i;
                }
                if (end > i)
                        i = end - 1;
        }
        return best;
}

static void put_groups(struct printer *printer, const uint8_t *address)
{
        uint16_t groups[8];
        int run_length;
        int run;

        for (int i = 0; i < 8; i++)
                groups[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
        run = zero_run(groups, &run_length);
        for (int i = 0; i < 8; i++) {
                if (i == run) {
                        put_bytes(printer, "::", 2);
                        i += run_length - 1;
                        continue;
                }
                if (i > 0 && i != run + run_length)
                        put_char(printer, ':');
                /* An IPv4 address behind ::/96 or ::ffff:0:0/96 is written in dotted form. */
                if (i == 6 && run == 0 &&
                    (run_length == 6 || (run_length == 5 && groups[5] == 0xffff))) {
                        put_ipv4_numeric(printer, address + 12);
                        return;
                }
                put_hex(printer, groups[i], 1);
        }
}

void put_ipv6_numeric(struct printer *printer, const uint8_t *address)
{
        size_t start = span_start(printer);

        put_groups(printer, address);
        span_end(printer, ROLE_ADDRESS, start);
}

/* Writes the caller's name for an address, if it has one. Whoever gave it may have put anything
 * into it. */
static bool put_address_name(struct printer *printer, int family, const uint8_t *address)
{
        const struct print_names *names = &printer->options.names;
        const char *name = names->address ? names->address(names->context, family, address) : NULL;
        size_t start = span_start(printer);

        if (name)
                put_utf8(printer, name, strlen(name));
        span_end(printer, ROLE_ADDRESS, start);
        return name != NULL;
}

void put_ipv4(struct printer *printer, const uint8_t *address)
{
        if (!put_address_name(printer, AF_INET, address))
                put_ipv4_numeric(printer, address);
}

void put_ipv6(struct printer *printer, const uint8_t *address)
{
        if (!put_address_name(printer, AF_INET6, address))
                put_ipv6_numeric(printer, address);
}

void put_port(struct printer *printer, int ip_protocol, uint16_t port)
{
        const struct print_names *names = &printer->options.names;
        const char *name = names->port ? names->port(names->context, ip_protocol, port) : NULL;
        size_t start = span_start(printer);

        if (name)
                put_utf8(printer, name, strlen(name));
        else
                put_decimal(printer, port);
        span_end(printer, ROLE_PORT, start);
}

void put_ethernet_numeric(struct printer *printer, const uint8_t *address)
{
        char *at = output_room(printer, 18);
        size_t start = span_start(printer);

        for (int i = 0; i < 6; i++, at += 3) {
                at[0] = hex_digits[address[i] >> 4];
                at[1] = hex_digits[address[i] & 15];
                at[2] = ':';
        }
        printer->text.length += 17; /* without the last colon */
        span_end(printer, ROLE_ADDRESS, start);
}

void put_link_address(struct printer *printer, struct packet packet, uint32_t offset, uint32_t size)
{
        size_t start = span_start(printer);

        if (size == 0)
                put(printer, "<empty>");
        for (uint32_t i = 0; i < size; i++)
                putf(printer, i > 0 ? ":%02x" : "%02x", get8(printer, packet, offset + i));
        span_end(printer, ROLE_ADDRESS, start);
}

void put_visible_escaped(struct printer *printer, uint8_t c)
{
        if (printer->fields.raw) {
                put_char(printer, (char)c);
                return;
        }
        if (c & 0x80) {
                put_bytes(printer, "M-", 2);
                c &= 0x7f;
        }
        if (c < 0x20 || c == 0x7f) {
                put_char(printer, '^');
                c ^= 0x40;
        }
        put_char(printer, (char)c);
}

/* JSON's text is ASCII. */
void put_utf8(struct printer *printer, const char *text, size_t length)
{
        while (length > 0) {
                size_t size = text_utf8(text, length);

                if (size < 2 || text_is_control(text, size) || printer->options.json) {
                        put_visible(printer, (uint8_t)*text);
                        size = 1;
                } else {
                        put_bytes(printer, text, size);
                }
                text += size;
                length -= size;
        }
}

void put_passage(struct printer *printer, const char *name, const char *passage)
{
        enum { WIDTH = 5 };
        size_t start = printer->text.length;

        put_utf8(printer, name, strlen(name));
        while (printer->text.length - start < WIDTH)
                put_char(printer, ' ');
        if (passage)
                putf(printer, " %-3s", passage);
        put_char(printer, ' ');
}

bool characters_print(struct printer *printer, struct packet message, uint32_t at, uint32_t count)
{
        for (; count > 0 && has(message, at, 1); count--, at++)
                put_visible(printer, message.data[at]);
        return count == 0;
}

void put_until_zero(struct printer *printer, struct packet packet)
{
        for (uint32_t i = 0; i < packet.length && get8(printer, packet, i) != 0; i++)
                put_visible(printer, packet.data[i]);
}

void put_octal(struct printer *printer, uint32_t value)
{
        unsigned shift = 0;

        while (shift < 30 && value >> (shift + 3))
                shift += 3;
        for (;; shift -= 3) {
                put_char(printer, (char)('0' + (value >> shift & 7)));
                if (shift == 0)
                        return;
        }
}

void put_invalid(struct printer *printer)
{
        put_damage(printer, " (invalid)");
}

void put_truncated(struct printer *printer)
{
        put_damage(printer, " [|%s]", printer->protocol);
}
