/* The network time protocol, RFC 5905, and its control messages, RFC 9327. */
#include "print/printer/printer.h"

enum mode { CLIENT = 3, SERVER = 4, BROADCAST = 5, CONTROL = 6, PRIVATE = 7 };

enum {
        SIZE = 48,
        REFERENCE = 16,
        ORIGINATE = 24,
        RECEIVE = 32,
        TRANSMIT = 40,
        CONTROL_SIZE = 12,
};

static const struct name modes[] = {
    {0, "unspecified"},           {1, "symmetric active"}, {2, "symmetric passive"},
    {CLIENT, "Client"},           {SERVER, "Server"},      {BROADCAST, "Broadcast"},
    {CONTROL, "Control Message"}, {PRIVATE, "Reserved"},   {0, NULL}};

static const struct name leaps[] = {
    {0x00, ""}, {0x40, "+1s"}, {0x80, "-1s"}, {0xc0, "clock unsynchronized"}, {0, NULL}};

static const struct name strata[] = {{0, "unspecified"}, {1, "primary reference"}, {0, NULL}};

/* 16 bits of seconds, 16 of a fraction. */
static void put_short(struct printer *printer, uint32_t value)
{
        putf(printer, "%u.", value >> 16);
        put_decimal_padded(printer, (uint64_t)(value & 0xffff) * 1000000 >> 16, 6);
}

static void put_fraction(struct printer *printer, uint32_t fraction)
{
        put_char(printer, '.');
        put_decimal_padded(printer, (uint64_t)fraction * 1000000000 >> 32, 9);
}

/* The second minus the first. */
static void put_offset(struct printer *printer, struct packet packet, uint32_t first,
                       uint32_t second)
{
        uint64_t from = get64(printer, packet, first);
        uint64_t to = get64(printer, packet, second);
        uint64_t difference;

        if (from == 0) {
                put_ntp_time(printer, packet, second);
                return;
        }
        difference = to > from ? to - from : from - to;
        put_char(printer, to > from ? '+' : '-');
        put_decimal(printer, difference >> 32);
        put_fraction(printer, (uint32_t)difference);
}

/* False if nothing follows it. */
static bool reference_print(struct printer *printer, struct packet packet, uint8_t stratum)
{
        enum { INFO_QUERY = 62, INFO_REPLY = 63 }; /* of the protocol's first years */
        const uint8_t *id;

        need(printer, packet, 12, 4);
        id = packet.data + 12;
        put(printer, ", Reference-ID: ");
        if (stratum == 0) {
                put(printer, "(unspec)");
        } else if (stratum == 1) {
                for (int i = 0; i < 4; i++)
                        put_visible(printer, id[i]);
        } else if (stratum == INFO_QUERY || stratum == INFO_REPLY) {
                put_ipv4(printer, id);
                put(printer, stratum == INFO_QUERY ? " INFO_QUERY" : " INFO_REPLY");
                return false;
        } else {
                putf(printer, "0x%08x", get32(printer, packet, 12));
        }
        return true;
}

/* The message is malformed; if it is cut as well, that is shown too. */
static void invalid_print(struct printer *printer, struct packet packet)
{
        put_invalid(printer);
        need(printer, packet, 0, packet.length);
}

static void authentication_print(struct printer *printer, struct packet packet)
{
        enum { KEY = 4, MD5 = 16, SHA1 = 20 };
        uint32_t extra = packet.length - SIZE;

        if (packet.length == SIZE)
                return;
        if (extra != KEY && extra != KEY + MD5 && extra != KEY + SHA1) {
                putf(printer, "\n\t(%u more bytes after the header)", extra);
                return;
        }
        need_hard(printer, packet, SIZE, 4);
        putf(printer, "\n\tKey id: %u", get32(printer, packet, SIZE));
        if (extra == KEY)
                return;
        need(printer, packet, SIZE + KEY, extra - KEY);
        put(printer, "\n\tAuthentication: ");
        put_hex_bytes(printer, packet, SIZE + KEY, extra - KEY);
}

static void time_message_print(struct printer *printer, struct packet packet)
{
        static const char *const stamps[] = {"Reference Timestamp:  ", "Originator Timestamp: ",
                                             "Receive Timestamp:    ", "Transmit Timestamp:   "};
        uint8_t stratum;
        int8_t poll;

        if (packet.length < SIZE) {
                invalid_print(printer, packet);
                return;
        }
        stratum = get8(printer, packet, 1);
        putf(printer, ", Stratum %u (%s)", stratum,
             name_or(strata, stratum, stratum < 16 ? "secondary reference" : "reserved"));
        poll = (int8_t)get8(printer, packet, 2);
        putf(printer, ", poll %d", poll);
        if (poll >= 0 && poll < 32)
                putf(printer, " (%us)", 1u << poll);
        else if (poll < 0 && poll > -32)
                putf(printer, " (1/%us)", 1u << -poll);
        putf(printer, ", precision %d", (int8_t)get8(printer, packet, 3));
        need(printer, packet, 4, 4);
        put(printer, "\n\tRoot Delay: ");
        put_short(printer, get32(printer, packet, 4));
        need(printer, packet, 8, 4);
        put(printer, ", Root dispersion: ");
        put_short(printer, get32(printer, packet, 8));
        if (!reference_print(printer, packet, stratum))
                return;
        for (uint32_t i = 0; i < 4; i++) {
                need(printer, packet, REFERENCE + 8 * i, 8);
                putf(printer, "\n\t  %s", stamps[i]);
                put_ntp_time(printer, packet, REFERENCE + 8 * i);
        }
        put(printer, "\n\t    Originator - Receive Timestamp:  ");
        put_offset(printer, packet, ORIGINATE, RECEIVE);
        put(printer, "\n\t    Originator - Transmit Timestamp: ");
        put_offset(printer, packet, ORIGINATE, TRANSMIT);
        authentication_print(printer, packet);
}

static void control_print(struct printer *printer, struct packet packet)
{
        uint8_t bits;
        uint16_t status, count;

        if (packet.length < CONTROL_SIZE) {
                invalid_print(printer, packet);
                return;
        }
        bits = get8(printer, packet, 1);
        putf(printer, ", %s, %s, %s, OpCode=%u", bits & 0x80 ? "Response" : "Request",
             bits & 0x40 ? "Error" : "OK", bits & 0x20 ? "More" : "Last", bits & 31u);
        put_char(printer, '\n');
        putf(printer, "\tSequence=%u", get16(printer, packet, 2));
        status = get16(printer, packet, 4);
        putf(printer, ", Status=%s%x", status ? "0x" : "", status);
        putf(printer, ", Assoc.=%u", get16(printer, packet, 6));
        putf(printer, ", Offset=%u", get16(printer, packet, 8));
        count = get16(printer, packet, 10);
        putf(printer, ", Count=%u", count);
        if (CONTROL_SIZE + count > (int)packet.length) {
                invalid_print(printer, packet);
        } else if (count > 0) {
                need(printer, packet, CONTROL_SIZE, count);
                put(printer, "\n\tTO-BE-DONE: data not interpreted");
        }
}

void ntp_print(struct printer *printer, struct packet packet)
{
        uint8_t first, mode;

        printer->protocol = "ntp";
        first = get8(printer, packet, 0);
        mode = first & 7;
        putf_as(printer, ROLE_PROTOCOL, "NTPv%u", first >> 3 & 7);
        putf(printer, ", %s, length %u", name_find(modes, mode), packet.length);
        if (!printer->options.verbose)
                return;
        putf(printer, "\n\tLeap indicator: %s (%u)", name_find(leaps, first & 0xc0), first & 0xc0u);
        if (mode == CONTROL)
                control_print(printer, packet);
        else if (mode != PRIVATE)
                time_message_print(printer, packet);
}
