/* PPP over Ethernet, RFC 2516. */
#include "link.h"

enum { HEADER = 6 };

static const struct name codes[] = {
    {0x09, "PADI"}, {0x07, "PADO"}, {0x19, "PADR"}, {0x65, "PADS"},
    {0xa7, "PADT"}, {0, ""},        {0, NULL},
};

static const struct name tags[] = {
    {0x0000, "EOL"},
    {0x0101, "Service-Name"},
    {0x0102, "AC-Name"},
    {0x0103, "Host-Uniq"},
    {0x0104, "AC-Cookie"},
    {0x0105, "Vendor-Specific"},
    {0x0110, "Relay-Session-ID"},
    {0x0120, "PPP-Max-Payload"},
    {0x0201, "Service-Name-Error"},
    {0x0202, "AC-System-Error"},
    {0x0203, "Generic-Error"},
    {0, NULL},
};

/* Quoted if it starts mostly with text, else in hex. */
static void value_print(struct printer *printer, struct packet packet, uint32_t size)
{
        enum { LOOK = 80 };
        unsigned text = 0, other = 0;

        for (uint32_t i = 0; i < size && i < LOOK; i++) {
                uint8_t c = get8(printer, packet, i);

                if (c >= 0x20 && c < 0x7f)
                        text++;
                else
                        other++;
        }
        if (text > other) {
                put_char(printer, '"');
                for (uint32_t i = 0; i < size; i++) {
                        uint8_t c = get8(printer, packet, i);

                        put_char(printer, c >= 0x20 && c < 0x7f ? (char)c : '.');
                }
                put_char(printer, '"');
                return;
        }
        put(printer, "0x");
        for (uint32_t i = 0; i < size; i++) {
                uint8_t c = get8(printer, packet, i);

                put_char(printer, "0123456789ABCDEF"[c >> 4]);
                put_char(printer, "0123456789ABCDEF"[c & 15]);
        }
}

static void tags_print(struct printer *printer, struct packet packet)
{
        uint16_t type = 0xffff;

        while (type != 0 && packet.length > 0) {
                uint32_t size;

                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                packet = packet_from(packet, 4);
                need_hard(printer, packet, 0, size);
                put(printer, " [");
                put_name(printer, tags, "TAG-0x%x", type);
                if (size) {
                        put_char(printer, ' ');
                        value_print(printer, packet, size);
                }
                put_char(printer, ']');
                packet = packet_from(packet, size);
        }
}

static void pppoe_print_counted(struct printer *printer, struct packet packet,
                                uint32_t *link_header)
{
        enum { PADI = 9, MAX_SIZE = 1484 };
        uint8_t version, type, code;
        uint16_t session;
        uint32_t size;

        printer->protocol = "pppoe";
        if (packet.length < HEADER) {
                putf(printer, " (length %u < %u)", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, HEADER);
        version = get8(printer, packet, 0) >> 4;
        type = get8(printer, packet, 0) & 15;
        code = get8(printer, packet, 1);
        session = get16(printer, packet, 2);
        size = get16(printer, packet, 4);
        packet = packet_from(packet, HEADER);
        if (version != 1)
                putf(printer, " [ver %u]", version);
        if (type != 1)
                putf(printer, " [type %u]", type);
        put_as(printer, ROLE_PROTOCOL, "PPPoE ");
        put_name(printer, codes, "PAD-%x", code);
        if (code == PADI && size > MAX_SIZE - HEADER)
                putf(printer, " [len %u!]", size);
        if (packet.length < size) {
                putf(printer, " [len %u > %u!]", size, packet.length);
                size = packet.length;
        }
        if (session != 0)
                putf(printer, " [ses 0x%x]", session);
        /* Only the length is cut: tags may still be read past it. */
        packet.length = size;
        if (code == 0) {
                put_char(printer, ' ');
                ppp_print_counted(printer, packet, link_header);
        } else {
                tags_print(printer, packet);
        }
}

void pppoe_print(struct printer *printer, struct packet packet)
{
        pppoe_print_counted(printer, packet, &(uint32_t){0});
}

/* Link type PPPOE: from the header on. */
void pppoe_link_print(struct printer *printer, struct packet packet)
{
        printer->link_header = packet.length < HEADER ? 0 : HEADER;
        pppoe_print_counted(printer, packet, &printer->link_header);
}
