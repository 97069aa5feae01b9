/* RTP and RTCP, RFC 3550, and what came before them in vat: no port says that it is one of these,
 * so -T does. */
#include "print/printer/printer.h"

void vat_print(struct printer *printer, struct packet packet)
{
        enum { OTHER = 0xf060, MARKER = 0x800000, LEAST = 2, HEADER = 8 };
        uint16_t first;
        uint32_t word;

        printer->protocol = "vat";
        if (packet.length < LEAST) {
                putf(printer, "udp/va/vat, length %u < %u", packet.length, LEAST);
                return;
        }
        first = get16(printer, packet, 0);
        if (first & OTHER) {
                putf(printer, "udp/vt %u %u / %u", packet.length, first & 0x3ff, first >> 10);
                return;
        }
        if (packet.length < HEADER) {
                putf(printer, "udp/vat, length %u < %u", packet.length, HEADER);
                return;
        }
        need_hard(printer, packet, 0, HEADER);
        word = get32(printer, packet, 0);
        putf(printer, "udp/vat %u c%u %u%s", packet.length - HEADER, word & 0xffff,
             get32(printer, packet, 4), word & MARKER ? "*" : "");
        if (word & 0x1f0000)
                putf(printer, " f%u", word >> 16 & 0x1f);
        if (word & 0x3f000000)
                putf(printer, " s%u", word >> 24 & 0x3f);
}

/* Those of version 1 in front of the payload, up to one with the final bit. False if they are
 * malformed. */
static bool options_skip(struct printer *printer, struct packet packet, uint32_t *at)
{
        uint32_t option;

        do {
                uint32_t size;

                option = get32(printer, packet, *at);
                size = (option >> 16 & 0xff) * 4;
                if (size == 0 || size > packet.length - *at) {
                        put(printer, " !opt");
                        return false;
                }
                *at += size;
        } while (!(option >> 31));
        return true;
}

void rtp_print(struct printer *printer, struct packet packet)
{
        enum { LEAST = 8, FIXED = 12, EXTENSION = 0x1000, MARKER = 0x80, H261 = 31 };
        uint16_t first;
        uint8_t version, type;
        uint32_t header;

        printer->protocol = "rtp";
        if (packet.length < LEAST) {
                putf(printer, "udp/rtp, length %u < %u", packet.length, LEAST);
                return;
        }
        need_hard(printer, packet, 0, LEAST);
        first = get16(printer, packet, 0);
        version = (uint8_t)(first >> 14);
        if (version == 1) {
                header = LEAST;
                type = first & 0x3f;
                /* Its options and its end of synchronization stand elsewhere. */
                first = (uint16_t)((first & 0x80 ? EXTENSION : 0) | (first & 0x40 ? MARKER : 0));
        } else {
                header = FIXED;
                type = first & 0x7f;
        }
        if (packet.length < header) {
                putf(printer, "udp/rtp, length %u < %u", packet.length, header);
                return;
        }
        putf(printer, "udp/%s %u c%u %s%s %u %u", version == 1 ? "rtpv1" : "rtp",
             packet.length - header, type, first & EXTENSION ? "+" : "", first & MARKER ? "*" : "",
             get16(printer, packet, 2), get32(printer, packet, 4));
        if (!printer->options.verbose)
                return;
        putf(printer, " %u", get32(printer, packet, 8));
        if (version == 1 && first & EXTENSION && !options_skip(printer, packet, &header))
                return;
        if (version != 1 && first & EXTENSION) {
                uint32_t size;

                size = get16(printer, packet, header + 2) * 4u + 4;
                if (size > packet.length - header) {
                        put(printer, " !ext");
                        return;
                }
                header += size;
        }
        if (type == H261)
                putf(printer, " 0x%04x", get32(printer, packet, header) >> 16);
}

/* 16 bits and 16 of a fraction, or 32 and 32. */
static double fixed32(uint32_t value)
{
        return value / 65536.0;
}

/* A packet of a compound. Returns its size. */
static uint32_t control_print(struct printer *printer, struct packet packet)
{
        enum { SENDER = 200, RECEIVER, DESCRIPTION, GOODBYE };
        enum { HEADER = 4, SENDER_INFORMATION = 20, BLOCK = 24, COUNT = 0x1f };
        uint16_t first = get16(printer, packet, 0);
        uint32_t size = (get16(printer, packet, 2) + 1u) * 4, at = HEADER;
        unsigned count = first >> 8 & COUNT;

        switch (first & 0xff) {
        case SENDER:
                put(printer, " sr");
                if (size != count * BLOCK + 8 + SENDER_INFORMATION)
                        putf(printer, " [%u]", size);
                if (printer->options.verbose)
                        putf(printer, " %u", get32(printer, packet, at));
                at += 4;
                need(printer, packet, at, SENDER_INFORMATION);
                put(printer, " @");
                put_real(printer,
                         get32(printer, packet, at) + get32(printer, packet, at + 4) / 4294967296.0,
                         2);
                putf(printer, " %u %up %ub", get32(printer, packet, at + 8),
                     get32(printer, packet, at + 12), get32(printer, packet, at + 16));
                at += SENDER_INFORMATION;
                break;
        case RECEIVER:
                put(printer, " rr");
                if (size != count * BLOCK + 8)
                        putf(printer, " [%u]", size);
                if (printer->options.verbose)
                        putf(printer, " %u", get32(printer, packet, at));
                at += 4;
                break;
        case DESCRIPTION:
        case GOODBYE:
                putf(printer, " %s %u", (first & 0xff) == DESCRIPTION ? "sdes" : "bye", size);
                if (printer->options.verbose)
                        putf(printer, " %u", get32(printer, packet, at));
                count = 0;
                break;
        default: putf(printer, " type-0x%x %u", first & 0xff, size); count = 0;
        }
        if (count > 1)
                putf(printer, " c%u", count);
        /* tcpdump shows the first block each time. */
        for (; count > 0; count--) {
                need(printer, packet, at, BLOCK);
                if (printer->options.verbose)
                        putf(printer, " %u", get32(printer, packet, at));
                putf(printer, " %ul %us %uj @", get32(printer, packet, at + 4) & 0xffffff,
                     get32(printer, packet, at + 8), get32(printer, packet, at + 12));
                put_real(printer, fixed32(get32(printer, packet, at + 16)), 2);
                put_char(printer, '+');
                put_real(printer, fixed32(get32(printer, packet, at + 20)), 2);
        }
        return size;
}

void rtcp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "rtcp";
        while (packet.captured > 0) {
                uint32_t size;

                need(printer, packet, 0, 8);
                size = control_print(printer, packet);
                packet = packet_from(packet, size);
        }
}
