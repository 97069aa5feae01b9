/* ZMTP/1.0, the ZeroMQ message transport protocol, RFC 13 of ZeroMQ: frames of messages. */
#include "print/printer/printer.h"

static void flags_print(struct printer *printer, uint8_t flags)
{
        putf(printer, ", flags 0x%02x", flags);
        if (!printer->options.verbose)
                return;
        put(printer, " (");
        for (int bit = 7; bit > 0; bit--)
                put(printer, flags >> bit & 1 ? "MBZ|" : "-|");
        put(printer, flags & 1 ? "MORE)" : "-)");
}

/* Returns where the next frame begins. */
static uint32_t frame_print(struct printer *printer, struct packet packet, uint32_t at)
{
        enum { LONG = 0xff, MOST = 128 };
        uint64_t size = get8(printer, packet, at);
        uint32_t left, body;

        put(printer, "\n\t frame flags+body ");
        if (size == LONG) {
                put(printer, "(64-bit) length");
                need_hard(printer, packet, at + 1, 8);
                size = get64(printer, packet, at + 1);
                at += 9;
        } else {
                put(printer, " (8-bit) length");
                at++;
        }
        putf(printer, " %llu", (unsigned long long)size);
        if (size == 0)
                return at;
        need_hard(printer, packet, at, 1);
        left = packet.captured - at;
        if (size > left)
                putf(printer, " (%u captured)", left);
        else
                left = (uint32_t)size;
        flags_print(printer, get8(printer, packet, at));
        body = left - 1;
        if (printer->options.verbose == 1 && body > MOST)
                body = MOST;
        if (printer->options.verbose && body > 0) {
                putf(printer, ", first %u byte(s) of body:", body);
                dump_hex_ascii(printer, "\n\t ", packet_from(packet, at + 1), body);
        }
        if (size > left)
                printer_abandon_short(printer);
        return at + left;
}

void zmtp1_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "zmtp1";
        put(printer, ": ZMTP/1.0");
        for (uint32_t at = 0; at < packet.captured;)
                at = frame_print(printer, packet, at);
}
