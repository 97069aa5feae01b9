/* GTP's user plane, 3GPP TS 29.281: what mobile networks tunnel. */
#include "print/printer/printer.h"

enum { HEADER = 8, OPTIONAL = 4 };
enum flag { NUMBER = 1, SEQUENCE = 2, EXTENSION = 4, PROTOCOL_TYPE = 0x10 };
enum message { TUNNELED = 255 };

static const struct name message_names[] = {
    {1, "echo request"},      {2, "echo response"},
    {26, "error indication"}, {31, "supported extension headers notification"},
    {253, "tunnel status"},   {254, "end marker"},
    {TUNNELED, "G-PDU"},      {0, NULL}};

enum { SESSION_CONTAINER = 0x85 };

static const struct name extension_names[] = {
    {0x03, "long PDCP PDU number"},
    {0x20, "service class indicator"},
    {0x40, "UDP port"},
    {0x81, "RAN container"},
    {0x82, "long PDCP PDU number"},
    {0x83, "Xw RAN container"},
    {0x84, "NR RAN container"},
    {SESSION_CONTAINER, "PDU session container"},
    {0xc0, "PDCP PDU number"},
    {0, NULL},
};

/* 3GPP TS 38.415, 5.5.2: the direction, and the number of the flow of a quality of service. */
static void session_print(struct printer *printer, struct packet content)
{
        putf(printer, " %s, QFI %u", get8(printer, content, 0) >> 4 ? "uplink" : "downlink",
             get8(printer, content, 1) & 0x3fu);
}

/* Each has its length in units of four bytes, and the type of the next at its end. Returns what
 * follows them. */
static struct packet extensions_print(struct printer *printer, struct packet packet, uint8_t type)
{
        while (type != 0) {
                uint32_t size = get8(printer, packet, 0) * 4u;

                put(printer, ", ");
                put_name(printer, extension_names, "extension 0x%02x", type);
                if (size == 0 || size > packet.length) {
                        put_invalid(printer);
                        return packet_from(packet, packet.length);
                }
                if (type == SESSION_CONTAINER)
                        session_print(printer, packet_from(packet, 1));
                type = get8(printer, packet, size - 1);
                packet = packet_from(packet, size);
        }
        return packet;
}

/* IP by its version; other sessions carry Ethernet, or what only their ends know. */
static void inner_print(struct printer *printer, struct packet packet)
{
        uint8_t version = get8(printer, packet, 0) >> 4;

        if (version == 4 || version == 6) {
                put(printer, printer->options.verbose ? "\n\t" : ": ");
                protocol_print(printer, TUNNEL, version == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6,
                               packet);
        } else {
                put_number_as(printer, ROLE_LENGTH, ", payload ", packet.length);
        }
}

void gtp_print(struct printer *printer, struct packet packet)
{
        uint8_t flags, message;
        uint32_t length;

        printer->protocol = "gtp";
        flags = get8(printer, packet, 0);
        if (flags >> 5 != 1 || !(flags & PROTOCOL_TYPE)) {
                put_as(printer, ROLE_PROTOCOL, "GTP");
                putf(printer, " version %u", flags >> 5);
                put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
                return;
        }
        put_as(printer, ROLE_PROTOCOL, "GTP-U");
        put_char(printer, ' ');
        message = get8(printer, packet, 1);
        put_name_as(printer, ROLE_PROTOCOL, message_names, "message %u", message);
        length = get16(printer, packet, 2);
        putf(printer, ", teid 0x%08x", get32(printer, packet, 4));
        packet = packet_from(packet, HEADER);
        if (length > packet.length) {
                put_number_as(printer, ROLE_LENGTH, ", length ", length);
                put_invalid(printer);
                return;
        }
        packet = packet_cut(packet, length);
        if (flags & (NUMBER | SEQUENCE | EXTENSION)) {
                if (flags & SEQUENCE)
                        putf(printer, ", seq %u", get16(printer, packet, 0));
                if (flags & NUMBER)
                        putf(printer, ", N-PDU %u", get8(printer, packet, 2));
                packet = extensions_print(printer, packet_from(packet, OPTIONAL),
                                          flags & EXTENSION ? get8(printer, packet, 3) : 0);
        }
        if (message == TUNNELED && packet.length > 0)
                inner_print(printer, packet);
}
