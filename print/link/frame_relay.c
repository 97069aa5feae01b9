/* Frame Relay, ITU-T Q.922 with RFC 2427: addresses of two to four bytes, and what they carry, by
 * its number in ISO TR 9577 or, as Cisco does, an EtherType; several links as one, FRF.15 and
 * FRF.16. */
#include "link.h"

enum { EXTENDED = 1, UI = 0x03, FRAGMENT_HEADER = 2 };

enum nlpid {
        NLPID_Q933 = 0x08,
        NLPID_SNAP = 0x80,
        NLPID_CLNP = 0x81,
        NLPID_ESIS = 0x82,
        NLPID_ISIS = 0x83,
        NLPID_IPV6 = 0x8e,
        NLPID_FRF15 = 0xb1,
        NLPID_IPV4 = 0xcc,
        NLPID_PPP = 0xcf,
};

struct address {
        uint32_t size; /* 0 if it is invalid */
        uint32_t circuit;
        uint32_t flags; /* those of address_flags */
};

static const struct name address_flags[] = {
    {0x02000000, "C!"},   {0x00020000, "DE"},      {0x00040000, "BECN"},
    {0x00080000, "FECN"}, {0x00000002, "sdlcore"}, {0, NULL},
};

static struct address address_read(struct printer *printer, struct packet packet)
{
        struct address address = {0};
        uint8_t first, second, third, fourth;

        need(printer, packet, 0, 1);
        first = get8(printer, packet, 0);
        if (first & EXTENDED)
                return address;
        need(printer, packet, 0, 2);
        second = get8(printer, packet, 1);
        address.circuit = (first >> 2 & 0x3fu) << 4 | (second >> 4 & 0xfu);
        address.flags = (uint32_t)first << 24 | (uint32_t)second << 16;
        if (second & EXTENDED) {
                address.size = 2;
                return address;
        }
        need(printer, packet, 0, 3);
        third = get8(printer, packet, 2);
        if (third & EXTENDED) {
                address.size = 3;
                address.circuit = address.circuit << 6 | third >> 2;
                address.flags |= third;
                return address;
        }
        need(printer, packet, 0, 4);
        fourth = get8(printer, packet, 3);
        if (fourth & EXTENDED) {
                address.size = 4;
                address.circuit = address.circuit << 13 | (third >> 1 & 0x7fu) << 6 | fourth >> 2;
                address.flags |= fourth;
        }
        return address;
}

/* `size` is that of the header, as far as it has been read. */
static void header_print(struct printer *printer, const struct address *address, uint32_t size,
                         uint16_t number, uint32_t length)
{
        if (printer->options.quiet) {
                putf(printer, "Q.922, DLCI %u, length %u: ", address->circuit, length);
                return;
        }
        putf(printer, "Q.922, hdr-len %u, DLCI %u, Flags [", size, address->circuit);
        put_flags(printer, address_flags, ", ", address->flags);
        if (number > 0xff)
                putf(printer, "], cisco-ethertype %s (0x%04x)",
                     name_or(ethertype_names, number, "unknown"), number);
        else
                putf(printer, "], NLPID %s (0x%02x)", name_or(nlpid_names, number, "unknown"),
                     number);
        putf(printer, ", length %u: ", length);
}

static void sequence_flags_print(struct printer *printer, uint8_t first)
{
        static const struct name flags[] = {
            {0x80, "Begin"}, {0x40, "End"}, {0x20, "Control"}, {0, NULL}};

        put(printer, "Flags [");
        put_flags(printer, flags, ", ", first);
        put_char(printer, ']');
}

/* The bits of a number around the one that is always set. */
static unsigned sequence(uint16_t header)
{
        return (header & 0x1e00u) >> 1 | (header & 0xffu);
}

static void fragment_print(struct printer *printer, struct packet packet)
{
        enum { INTERFACE = 1 };
        uint16_t header;

        need_length(printer, packet, FRAGMENT_HEADER);
        header = get16(printer, packet, 0);
        putf(printer, "FRF.15, seq 0x%03x, ", sequence(header));
        sequence_flags_print(printer, (uint8_t)(header >> 8));
        putf(printer, ",%s Fragmentation, length %u",
             header >> 8 & INTERFACE ? "Interface" : "End-to-End", packet.length);
}

/* False if no printer knows it. */
static bool payload_print(struct printer *printer, struct packet packet, uint8_t number)
{
        struct packet inner = packet_from(packet, 1);

        switch (number) {
        case NLPID_IPV4: return protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, inner);
        case NLPID_IPV6: return protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, inner);
        case NLPID_CLNP:
        case NLPID_ESIS:
        case NLPID_ISIS: return protocol_print(printer, LLC_SAP, SAP_ISO, packet);
        case NLPID_Q933: q933_print(printer, inner); return true;
        case NLPID_FRF15: fragment_print(printer, inner); return true;
        case NLPID_PPP: ppp_print_inside(printer, inner); return true;
        default: return false;
        }
}

/* Of frames in one of FRF.16, dumps leave out what that has in front alone. */
static void hide(struct printer *printer, bool inside, uint32_t size)
{
        if (!inside)
                printer->link_header = size;
}

/* What Cisco's routers send: an EtherType behind the address. False if that is not known. */
static bool ethertype_print(struct printer *printer, struct packet packet,
                            const struct address *address)
{
        uint32_t size = address->size;
        uint16_t type;

        if (packet.length < size + 2 || !has(packet, size, 2))
                return false;
        type = get16(printer, packet, size);
        if (printer->options.link_header)
                header_print(printer, address, size, type, packet.length);
        return protocol_print(printer, ETHERTYPE, type, packet_from(packet, size + 2));
}

static void unknown_print(struct printer *printer, struct packet packet)
{
        dump_hex_ascii(printer, "\n\t", packet, packet.length);
        need_hard(printer, packet, 0, packet.length);
}

static void frame_print(struct printer *printer, struct packet packet, bool inside)
{
        enum { PAD = 0 };
        struct address address;
        uint32_t size;
        uint8_t number;

        printer->protocol = "fr";
        hide(printer, inside, 0);
        address = address_read(printer, packet);
        size = address.size;
        if (size == 0) {
                put_damage(printer, "Q.922, invalid address");
                return;
        }
        need(printer, packet, size, 1);
        if (packet.data[size] != UI && address.circuit != 0) {
                hide(printer, inside, size + 2);
                if (ethertype_print(printer, packet, &address))
                        return;
                putf(printer, "UI %02x! ", packet.data[size]);
                hide(printer, inside, 0);
        }
        need(printer, packet, ++size, 1);
        if (packet.data[size] == PAD) {
                if (address.size != 3)
                        put(printer, "Pad! ");
                size += 1;
        } else if (address.size == 3) {
                put(printer, "No pad! ");
        }
        need(printer, packet, size, 1);
        number = packet.data[size];
        if (printer->options.link_header)
                header_print(printer, &address, address.size, number, packet.length);
        hide(printer, inside, size + 1);
        if (number == NLPID_SNAP) {
                if (snap_print(printer, packet_from(packet, size + 1),
                               (struct stations){NULL, NULL}, 0))
                        return;
                if (!printer->options.link_header)
                        header_print(printer, &address, size + 1, number, packet.length);
                if (!printer->options.quiet && !printer->dumps)
                        unknown_print(printer, packet);
        } else if (!payload_print(printer, packet_from(packet, size), number)) {
                if (!printer->options.link_header)
                        header_print(printer, &address, address.size, number, packet.length);
                if (printer->options.dump != PRINT_DUMP_HEX &&
                    printer->options.dump != PRINT_DUMP_HEX_LINK)
                        unknown_print(printer, packet_from(packet, size + 1));
        }
}

void frame_relay_print(struct printer *printer, struct packet packet)
{
        enum { LEAST = 4 };

        printer->protocol = "fr";
        printer->link_header = packet.captured;
        need(printer, packet, 0, LEAST);
        frame_print(printer, packet, false);
}

void frame_relay_print_inside(struct printer *printer, struct packet packet)
{
        frame_print(printer, packet, true);
}

/* ---- FRF.16 ---- */

static void element_print(struct printer *printer, struct packet value, uint8_t type)
{
        enum { BUNDLE = 1, LINK = 2, MAGIC = 3, MAX_NAME = 50 };

        switch (type) {
        case BUNDLE:
        case LINK:
                put_until_zero(
                    printer, packet_cut(value, value.length < MAX_NAME ? value.length : MAX_NAME));
                break;
        case MAGIC:
                if (value.length == 4) {
                        putf(printer, "0x%08x", get32(printer, value, 0));
                } else {
                        put_damage(printer, "[IE data length %u != 4]", value.length);
                        put_invalid(printer);
                }
                break;
        default:
                if (printer->options.verbose == 1)
                        dump_hex(printer, "\n\t  ", value, value.length);
        }
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t  ", value, value.length);
}

/* Dumps leave out a cut message, too. */
static void element_need(struct printer *printer, struct packet packet, uint32_t size)
{
        if (has(packet, 0, size))
                return;
        printer->link_header = printer->current->packet.captured;
        printer_abandon_softly(printer);
}

static void control_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 4, TYPE = 2, ELEMENTS = 3, ELEMENT_HEADER = 2 };
        static const struct name messages[] = {
            {1, "Add Link"},  {2, "Add Link ACK"}, {3, "Add Link Reject"}, {4, "Hello"},
            {5, "Hello ACK"}, {6, "Remove Link"},  {7, "Remove Link ACK"}, {0, NULL}};
        static const struct name names[] = {
            {1, "Bundle ID"}, {2, "Link ID"},          {3, "Magic Number"},
            {5, "Timestamp"}, {6, "Vendor Extension"}, {7, "Cause"},
            {0, NULL}};
        /* As tcpdump counts, which takes a byte too much for the header. */
        int64_t left = (int64_t)packet.length - HEADER;

        put(printer, "FRF.16 Control, ");
        sequence_flags_print(printer, get8(printer, packet, 0));
        put(printer, ", ");
        put_name(printer, messages, "Unknown Message (0x%02x)", get8(printer, packet, TYPE));
        putf(printer, ", length %u", packet.length);
        if (!printer->options.verbose)
                return;
        packet = packet_from(packet, ELEMENTS);
        while (left > 0) {
                uint8_t type, size;

                if (left < ELEMENT_HEADER)
                        return;
                element_need(printer, packet, ELEMENT_HEADER);
                type = get8(printer, packet, 0);
                size = get8(printer, packet, 1);
                putf(printer, "\n\tIE %s (%u), length %u: ", name_or(names, type, "Unknown"), type,
                     size);
                if (type == 0 || size <= ELEMENT_HEADER)
                        return;
                element_need(printer, packet, size);
                element_print(printer,
                              (struct packet){packet.data + ELEMENT_HEADER, size - 2u, size - 2u},
                              type);
                packet = (struct packet){packet.data + size, packet.captured - size, packet.length};
                left -= size;
        }
}

void multilink_frame_relay_print(struct printer *printer, struct packet packet)
{
        enum { LEAST = 4, CONTROL_HEADER = 3, BEGIN = 0x80, CONTROL = 0x20, CONTROL_MASK = 0xe0 };
        uint16_t header;

        printer->protocol = "mfr";
        printer->link_header = packet.captured;
        need(printer, packet, 0, 2);
        header = get16(printer, packet, 0);
        if (packet.length < LEAST) {
                put_damage(printer, "[length %u < %u]", packet.length, LEAST);
                put_invalid(printer);
                return;
        }
        need(printer, packet, 0, LEAST);
        if ((header >> 8 & CONTROL_MASK) == CONTROL_MASK && (header & 0xff) == 0) {
                printer->link_header = CONTROL_HEADER;
                control_print(printer, packet);
                return;
        }
        putf(printer, "FRF.16 Frag, seq %u, ", sequence(header));
        sequence_flags_print(printer, (uint8_t)(header >> 8));
        if ((header >> 8 & (BEGIN | CONTROL)) == BEGIN) {
                put(printer, ", ");
                printer->link_header = FRAGMENT_HEADER;
                frame_print(printer, packet_from(packet, FRAGMENT_HEADER), true);
        } else {
                printer->link_header = 0;
                dump_hex(printer, "\n\t", packet, packet.length);
        }
}
