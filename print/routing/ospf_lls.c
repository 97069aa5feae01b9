/* What stands behind an OSPF packet: link-local signaling, RFC 5613, and version 3's
 * authentication, RFC 7166. */
#include "ospf.h"

void ospf_lls_print(struct printer *printer, struct packet packet)
{
        enum { OPTIONS = 1, AUTHENTICATION = 2, DIGEST = 20 };
        static const struct name names[] = {
            {OPTIONS, "Extended Options"}, {AUTHENTICATION, "MD5 Authentication"}, {0, NULL}};
        static const struct name flags[] = {{1, "LSDB resync"}, {2, "Restart"}, {0, NULL}};

        putf(printer, "\n\t  LLS: checksum: 0x%04x", get16(printer, packet, 0));
        putf(printer, ", length: %u", get16(printer, packet, 2));
        packet = packet_from(packet, 4);
        while (packet.length > 0) {
                uint16_t type = get16(printer, packet, 0);
                uint32_t size;

                putf(printer, "\n\t    %s (%u)", name_or(names, type, "Unknown TLV"), type);
                size = get16(printer, packet, 2);
                putf(printer, ", length: %u", size);
                packet = packet_from(packet, 4);
                if (type == OPTIONS) {
                        if (size != 4)
                                put(printer, " [should be 4]");
                        putf(printer, "\n\t      Options: 0x%08x [", get32(printer, packet, 0));
                        if (get32(printer, packet, 0) & 3)
                                put_flags(printer, flags, ", ", get32(printer, packet, 0));
                        else
                                put_char(printer, '?');
                        put_char(printer, ']');
                        size = 4;
                } else if (type == AUTHENTICATION) {
                        if (size != DIGEST)
                                putf(printer, " [should be %u]", DIGEST);
                        putf(printer, "\n\t      Sequence number: 0x%08x",
                             get32(printer, packet, 0));
                        size = DIGEST;
                }
                packet = packet_from(packet, size);
        }
}

static void authentication_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 16 };
        static const struct name types[] = {{1, "HMAC"}, {0, NULL}};
        uint32_t size;

        need_length(printer, packet, HEADER);
        need_hard(printer, packet, 0, 2);
        put(printer, "\n\tAuthentication Type ");
        put_name(printer, types, "unknown (0x%04x)", get16(printer, packet, 0));
        size = get16(printer, packet, 2);
        putf(printer, ", Length %u", size);
        if (size < HEADER)
                printer_abandon_softly(printer);
        need_length(printer, packet, size);
        putf(printer, ", SAID %u", get16(printer, packet, 6));
        putf(printer, ", CSN 0x%08x", get32(printer, packet, 8));
        putf(printer, ":%08x", get32(printer, packet, 12));
        need(printer, packet, 0, size);
        if (size > HEADER && printer->options.verbose > 1)
                dump_hex(printer, "\n\tAuthentication Data ", packet_from(packet, HEADER),
                         size - HEADER);
}

void ospf_3_trailer_print(struct printer *printer, struct packet packet, bool signaling)
{
        enum { HEADER = 4 };

        if (signaling && packet.length > 0) {
                uint32_t size;

                need_length(printer, packet, HEADER);
                putf(printer, "\n\tLLS Checksum 0x%04x", get16(printer, packet, 0));
                size = get16(printer, packet, 2);
                putf(printer, ", Data Length %u", size);
                if (size < HEADER)
                        printer_abandon_softly(printer);
                need_length(printer, packet, size);
                need(printer, packet, 0, size);
                packet = packet_from(packet, size);
        }
        if (packet.length > 0)
                authentication_print(printer, packet);
}
