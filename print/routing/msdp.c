/* MSDP, RFC 3618: which sources of multicast are active in other domains. */
#include "routing.h"

enum {
        SOURCES = 1,
        REQUEST,
        RESPONSE,
        KEEPALIVE,
        NOTIFICATION,
        LAST_TYPE = 7,

        HEADER = 3, /* type and length */
        LONGEST = 1500,
        LONG = 1400, /* one longer than that is shown with its length */
};

/* Where the entries end, the first packet of a source may follow. */
static void sources_print(struct printer *printer, struct packet packet, uint32_t length)
{
        enum { ENTRIES = 8, ENTRY = 12 };
        uint8_t count = get8(printer, packet, HEADER);
        uint32_t end = ENTRIES + (uint32_t)count * ENTRY;

        putf(printer, " %u entries", count);
        if (end >= length)
                return;
        put(printer, " [w/data]");
        if (printer->options.verbose < 2)
                return;
        put_char(printer, ' ');
        protocol_print_quote(printer, ETHERTYPE, ETHERTYPE_IPV4,
                             packet_from(packet_part(packet, length), end));
}

static void message_print(struct printer *printer, struct packet packet, uint8_t type,
                          uint32_t length)
{
        switch (type) {
        case SOURCES:
        case RESPONSE:
                put(printer, type == SOURCES ? " SA" : " SA-Response");
                sources_print(printer, packet, length);
                break;
        case REQUEST:
                put(printer, " SA-Request");
                need_hard(printer, packet, 4, 4);
                put_ipv4_labelled(printer, " for ", packet, 4);
                break;
        case KEEPALIVE:
                put(printer, " Keepalive");
                if (length != HEADER)
                        putf(printer, "[len=%u] ", length);
                break;
        case NOTIFICATION: put(printer, " Notification"); break;
        default: putf(printer, " [type=%u len=%u]", type, length);
        }
}

void msdp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "msdp";
        put_as(printer, ROLE_PROTOCOL, ": msdp");
        /* A segment that does not begin with a message continues one. */
        need_hard(printer, packet, 0, HEADER);
        if (get8(printer, packet, 0) < SOURCES || get8(printer, packet, 0) > LAST_TYPE ||
            get16(printer, packet, 1) < HEADER || get16(printer, packet, 1) > LONGEST)
                printer_abandon_softly(printer);
        while (packet.length > 0) {
                uint8_t type;
                uint32_t length;

                need_hard(printer, packet, 0, HEADER);
                type = get8(printer, packet, 0);
                length = get16(printer, packet, 1);
                if (length > LONG || printer->options.verbose)
                        putf(printer, " [len %u]", length);
                if (length < HEADER || length > packet.length)
                        printer_abandon_softly(printer);
                message_print(printer, packet, type, length);
                packet = packet_from(packet, length);
        }
}
