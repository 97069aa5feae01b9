/* ZMTP/1.0, the ZeroMQ message transport protocol, RFC 13 of ZeroMQ: frames of messages. */
#include "print/printer/printer.h"

/* How many of `count` bytes are dumped. */
static uint32_t shown(const struct printer *printer, uint32_t count)
{
        enum { MOST = 128 };

        return printer->options.verbose == 1 && count > MOST ? MOST : count;
}

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

/* A frame that should end before `end`. Returns where the next frame begins. */
static uint32_t frame_print(struct printer *printer, struct packet packet, uint32_t at,
                            uint32_t end)
{
        enum { LONG = 0xff };
        uint64_t size = get8(printer, packet, at);
        uint32_t left, body;

        put(printer, "\n\t frame flags+body ");
        if (size == LONG) {
                put(printer, "(64-bit) length");
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
        left = at < end ? end - at : 0;
        if (size > left)
                putf(printer, " (%u captured)", left);
        else
                left = (uint32_t)size;
        flags_print(printer, get8(printer, packet, at));
        body = left > 0 ? shown(printer, left - 1) : 0;
        if (printer->options.verbose && body > 0) {
                putf(printer, ", first %u byte(s) of body:", body);
                dump_hex_ascii(printer, "\n\t ", packet_from(packet, at + 1), body);
        }
        if (size > packet.captured - at)
                printer_abandon_short(printer);
        return at + (uint32_t)size;
}

static void frames_print(struct printer *printer, struct packet packet, uint32_t at, uint32_t end)
{
        while (at < end)
                at = frame_print(printer, packet, at, end);
}

void zmtp1_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "zmtp1";
        put(printer, ": ZMTP/1.0");
        frames_print(printer, packet, 0, packet.captured);
}

/* In PGM: in front, where the first frame begins, as the message may have begun in an earlier
 * datagram. */
void zmtp1_datagram_print(struct printer *printer, struct packet packet)
{
        enum { OFFSET = 2, NONE = 0xffff };
        uint32_t offset, part, left;

        printer->protocol = "zmtp1";
        need_hard(printer, packet, 0, OFFSET);
        offset = get16(printer, packet, 0);
        putf(printer, "\n\t frame offset 0x%04x", offset);
        if (offset != NONE && offset + OFFSET > packet.length) {
                put(printer, " (exceeds datagram declared length)");
                printer_abandon_short(printer);
        }
        part = offset == NONE ? packet.length - OFFSET : offset;
        left = packet.captured - OFFSET;
        if (part > 0)
                putf(printer, "\n\t frame intermediate part, %u bytes", part);
        if (part > left)
                putf(printer, " (%u captured)", left);
        else
                left = part;
        if (left > 1 && printer->options.verbose) {
                left = shown(printer, left);
                putf(printer, ", first %u byte(s):", left);
                dump_hex_ascii(printer, "\n\t ", packet_from(packet, OFFSET), left);
        }
        frames_print(printer, packet, OFFSET + part, packet_cut(packet, packet.length).captured);
}
