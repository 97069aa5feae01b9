/* MAC security, IEEE 802.1AE: the security tag. What it protects can be read if only integrity is
 * protected. */
#include "ethernet.h"

enum {
        HEADER = 6,
        IDENTIFIER = 8, /* of the secure channel */
        INTEGRITY = 16, /* the check value at the end */
        /* Bits of the first byte. */
        VERSION = 0x80,
        ENCRYPTED = 0x08,
        CHANGED = 0x04,
        CHANNEL = 0x20,
        ASSOCIATION = 0x03,
        /* Bits of the second. */
        SHORT_LENGTH = 0x3f,
        RESERVED = 0xc0,
};

static const struct name flag_names[] = {{ENCRYPTED, "E"}, {CHANGED, "C"}, {0x40, "S"},
                                         {0x10, "B"},      {CHANNEL, "I"}, {0, NULL}};

static void tag_print(struct printer *printer, struct packet tag, uint8_t flags,
                      uint32_t short_length)
{
        putf(printer, "an %u, pn %u, flags ", flags & ASSOCIATION, get32(printer, tag, 2));
        put_flags(printer, flag_names, "", flags);
        if (short_length != 0)
                putf(printer, ", sl %u", short_length);
        if (flags & CHANNEL) {
                put(printer, ", sci ");
                put_hex_bytes(printer, tag, HEADER, IDENTIFIER);
        }
        put(printer, ", ");
}

bool macsec_print(struct printer *printer, struct ethernet *ethernet)
{
        struct packet packet = ethernet->inner;
        uint32_t size = HEADER, short_length;
        const char *outer = printer->protocol;
        uint8_t flags, second;

        printer->protocol = "macsec";
        if (!has(packet_claimed(packet), 0, HEADER))
                ethernet_cut_abandon(printer, ethernet);
        flags = get8(printer, packet, 0);
        second = get8(printer, packet, 1);
        if (flags & CHANNEL) {
                size += IDENTIFIER;
                if (!has(packet_claimed(packet), 0, size))
                        ethernet_cut_abandon(printer, ethernet);
        }
        if (flags & VERSION || second & RESERVED) {
                put_invalid(printer);
                *ethernet->link_header += packet_claimed(packet).captured;
                return false;
        }
        short_length = second & SHORT_LENGTH;
        if (printer->options.link_header) {
                tag_print(printer, packet, flags, short_length);
        } else if (flags & (ENCRYPTED | CHANGED)) {
                put_ethernet(printer, printer->stations.source);
                put(printer, " > ");
                put_ethernet(printer, printer->stations.destination);
                put(printer, " 802.1AE MACsec, ");
                tag_print(printer, packet, flags, short_length);
        }
        packet = packet_from(packet, size);
        *ethernet->link_header += size;
        if (flags & (ENCRYPTED | CHANGED)) {
                if (!printer->options.quiet)
                        put_unknown(printer, packet, packet.length);
                return false;
        }
        ethernet->inner = packet;
        if (!has(packet_claimed(packet), 0, INTEGRITY))
                ethernet_cut_abandon(printer, ethernet);
        /* Of a packet cut short, too, tcpdump takes the last bytes for the check value. */
        packet.captured -= INTEGRITY;
        packet.length -= INTEGRITY;
        if (short_length != 0) {
                if (packet.captured < short_length || packet.length < short_length)
                        ethernet_cut_abandon(printer, ethernet);
                packet.length = short_length;
        }
        printer->protocol = outer;
        ethernet->inner = packet;
        return true;
}
