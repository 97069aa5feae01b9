/* Domain names, RFC 1035 section 4.1.4, as DNS and others encode them. Names are printed at an
 * offset of the whole message, which compression points back into. */
#include "printer.h"

enum {
        LABEL_TYPE = 0xc0, /* the bits that tell types apart */
        COMPRESSED = 0xc0,
        EXTENDED = 0x40,
        BIT_STRING = 0x41,
        MAX_NAME = 256, /* bytes of labels, each with its size; one more than RFC 1035 has */
};

/* Bytes of a bit-string label (RFC 2673) behind its count. */
static uint32_t bit_string_size(uint8_t count)
{
        return ((count ? count : 256u) + 7) / 8;
}

uint32_t domain_name_skip(struct packet message, uint32_t at)
{
        for (;;) {
                uint8_t size;

                if (!has(message, at, 1))
                        return 0;
                size = message.data[at++];
                if (size == 0)
                        return at;
                if ((size & LABEL_TYPE) == COMPRESSED)
                        return at + 1;
                if (size == BIT_STRING) {
                        if (!has(message, at, 1))
                                return 0;
                        at += 1 + bit_string_size(message.data[at]);
                } else if (size & LABEL_TYPE) {
                        return 0;
                } else {
                        at += size;
                }
        }
}

/* "\[x0102/13]", whose count is captured. Returns where it ends. */
static uint32_t bit_string_print(struct printer *printer, struct packet message, uint32_t at)
{
        uint32_t bits = get8(printer, message, at++);

        if (bits == 0)
                bits = 256;
        put(printer, "\\[x");
        for (uint32_t left = bits; left > 0; left -= left < 8 ? left : 8) {
                uint8_t byte = get8(printer, message, at++);

                if (left > 4)
                        put_hex(printer, byte & (left < 8 ? 0xff00u >> left : 0xffu) & 0xff, 2);
                else
                        put_hex(printer, byte >> 4 & (0xf0u >> left) & 15, 1);
        }
        putf(printer, "/%u]", bits);
        return at;
}

/* Pointers count from `base`. Returns 0 if the name is malformed or, which sets `*cut`, not all
 * captured. */
static uint32_t name_print(struct printer *printer, struct packet message, uint32_t at,
                           uint32_t base, bool *cut)
{
        /* Pointers must go back, each further than the one before. */
        uint32_t limit = at < base ? UINT32_MAX : at - base;
        uint32_t end = 0; /* behind the first pointer */
        uint32_t total = 0;
        bool first = true;

        if (has(message, at, 1) && message.data[at] == 0)
                put_char(printer, '.');
        for (;; first = false) {
                bool label, pointer, last;
                uint32_t size;

                *cut = !has(message, at, 1);
                if (*cut)
                        return 0;
                size = message.data[at++];
                label = size != 0 && (size & LABEL_TYPE) == 0;
                pointer = (size & LABEL_TYPE) == COMPRESSED;
                last = !has(message, at, 1);
                if (last && (label || (pointer && !first))) /* as tcpdump has it */
                        return end ? end : message.captured;
                *cut = last && (pointer || size == BIT_STRING);
                if (*cut)
                        return 0;
                if (pointer) {
                        uint32_t target = (size & ~LABEL_TYPE) << 8 | message.data[at];

                        if (end == 0)
                                end = at + 1;
                        if (target >= limit) {
                                put_damage(printer, "<BAD PTR>");
                                return 0;
                        }
                        limit = target;
                        at = base + target;
                        continue;
                }
                if (size == BIT_STRING) {
                        at = bit_string_print(printer, message, at);
                        put_char(printer, '.');
                        continue;
                }
                if ((size & LABEL_TYPE) == EXTENDED) {
                        putf(printer, "<ELT %u>", size & ~LABEL_TYPE);
                        return 0;
                }
                if (size & LABEL_TYPE) {
                        put_damage(printer, "<BAD LABEL TYPE>");
                        return 0;
                }
                if (total + 1 + size > MAX_NAME) {
                        if (total < MAX_NAME &&
                            !characters_print(printer, message, at, MAX_NAME - 1 - total))
                                return 0;
                        put_damage(printer, "<DOMAIN NAME TOO LONG>");
                        return end ? end : domain_name_skip(message, at - 1);
                }
                if (size == 0)
                        return end ? end : at;
                total += 1 + size;
                if (!characters_print(printer, message, at, size))
                        return 0;
                at += size;
                put_char(printer, '.');
        }
}

uint32_t domain_name_print(struct printer *printer, struct packet message, uint32_t at)
{
        bool cut = false;
        uint32_t end = name_print(printer, message, at, 0, &cut);

        if (cut)
                printer_abandon_softly(printer);
        return end;
}

uint32_t domain_name_print_from(struct printer *printer, struct packet message, uint32_t at,
                                uint32_t base)
{
        bool cut = false;

        return name_print(printer, message, at, base, &cut);
}
