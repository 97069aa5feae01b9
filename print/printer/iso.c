/* What ISO's network layer protocols share: addresses and the checksum of ISO 8473. */
#include "printer.h"

/* ISO TR 9577. */
const struct name nlpid_names[] = {
    {0x00, "NULL"},     {0x08, "Q.933"},     {0x09, "LMI"},   {0x80, "SNAP"},
    {0x81, "CLNP"},     {0x82, "ES-IS"},     {0x83, "IS-IS"}, {0x84, "CONS"},
    {0x85, "IDRP"},     {0x8a, "X25 ES-IS"}, {0x8e, "IPv6"},  {0xb1, "FRF.15"},
    {0xc1, "ISIS_SPB"}, {0xcc, "IPv4"},      {0xcf, "PPP"},   {0, NULL},
};

void put_nsap(struct printer *printer, struct packet packet, uint32_t offset, uint32_t size)
{
        enum { MAX_SIZE = 20 };
        size_t start = span_start(printer);

        if (size < 1 || size > MAX_SIZE) {
                put_damage(printer, "isonsap_string: illegal length");
                return;
        }
        need_hard(printer, packet, offset, size);
        for (uint32_t i = 0; i < size; i++) {
                put_hex(printer, packet.data[offset + i], 2);
                if (i % 2 == 0 && i + 1 < size)
                        put_char(printer, '.');
        }
        span_end(printer, ROLE_ADDRESS, start);
}

enum { MODULUS = 255 };

/* The octet from 1 to 255 with this value modulo 255; as tcpdump computes it. */
static unsigned iso_octet(int64_t value)
{
        bool negative = value < 0;

        value %= MODULUS;
        if (value <= 0)
                value += MODULUS;
        return negative && value == 1 ? MODULUS : (unsigned)value;
}

/* The two bytes at `offset` that make both sums over the packet zero, modulo 255. */
static uint16_t iso_checksum(struct packet packet, uint32_t offset, uint32_t length)
{
        int64_t first = 0, second = 0, x, y;

        for (uint32_t i = 0; i < length; i++) {
                uint8_t byte = i == offset || i == offset + 1 ? 0 : packet.data[i];

                first = (first + byte) % MODULUS;
                second = (second + first) % MODULUS;
        }
        x = ((int64_t)length - offset - 1) * first - second;
        y = second - ((int64_t)length - offset) * first;
        return (uint16_t)(iso_octet(x) << 8 | iso_octet(y));
}

void iso_checksum_print(struct printer *printer, struct packet packet, uint16_t found,
                        uint32_t offset, uint32_t length)
{
        uint16_t right;

        if (found == 0 || offset == 0 || offset > length || !has(packet, 0, length)) {
                put(printer, " (unverified)");
                return;
        }
        right = iso_checksum(packet, offset, length);
        if (right == found)
                put(printer, " (correct)");
        else
                put_damage(printer, " (incorrect should be 0x%04x)", right);
}
