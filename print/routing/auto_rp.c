/* Cisco's auto-RP: who may be, and who is, the rendezvous point of multicast groups. */
#include "routing.h"

void auto_rp_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 8, NEGATIVE = 1, BIDIRECTIONAL = 2, VERSIONS = 3 };
        static const char *const versions[] = {"PIMv?", "PIMv1", "PIMv2", "PIMv1+2"};
        static const struct name types[] = {
            {0x11, "candidate-advert"}, {0x12, "mapping"}, {0, NULL}};
        uint8_t count;
        uint32_t at = FIXED;
        uint16_t hold;

        printer->protocol = "cisco_autorp";
        if (packet.length < FIXED) {
                put_truncated(printer);
                return;
        }
        put(printer, " auto-rp ");
        put_name(printer, types, "type-0x%02x", get8(printer, packet, 0));
        count = get8(printer, packet, 1);
        put(printer, " Hold ");
        hold = get16(printer, packet, 2);
        if (hold)
                put_duration(printer, hold);
        else
                put(printer, "FOREVER");
        for (; count > 0; count--) {
                uint8_t version, groups;
                char separator = ' ';

                need_length(printer, packet, at + 4);
                need_hard(printer, packet, at, 4);
                put_ipv4_labelled(printer, " RP ", packet, at);
                need_length(printer, packet, at + 5);
                version = get8(printer, packet, at + 4);
                putf(printer, " %s", versions[version & VERSIONS]);
                if (version & ~VERSIONS)
                        putf(printer, " [rsvd=0x%02x]", version & ~VERSIONS);
                need_length(printer, packet, at + 6);
                groups = get8(printer, packet, at + 5);
                for (at += 6; groups > 0; groups--, at += 6) {
                        uint8_t flags, mask;

                        need_length(printer, packet, at + 6);
                        flags = get8(printer, packet, at);
                        mask = get8(printer, packet, at + 1);
                        need_hard(printer, packet, at + 2, 4);
                        putf(printer, "%c%s", separator, flags & NEGATIVE ? "!" : "");
                        put_ipv4_at(printer, packet, at + 2);
                        putf(printer, "/%u", mask);
                        if (flags & BIDIRECTIONAL)
                                put(printer, " bidir");
                        if (flags & ~(NEGATIVE | BIDIRECTIONAL))
                                putf(printer, "[rsvd=0x%02x]", flags & ~(NEGATIVE | BIDIRECTIONAL));
                        separator = ',';
                }
        }
}
