/* SLIP: IP behind what LINKTYPE_SLIP adds in front of each packet: the direction, and how it was on
 * the line, where headers of TCP may be compressed (RFC 1144); here they are whole. Of
 * LINKTYPE_SLIP_BSDOS that is not shown. */
#include "link.h"

enum {
        HEADER = 16,
        COMPRESSED = 1, /* where the packet's first bytes are that were on the line */

        FORM_MASK = 0xf0, /* of the first one */
        FORM_IP = 0x40,
        FORM_UNCOMPRESSED_TCP = 0x70,
        FORM_COMPRESSED_TCP = 0x80, /* the bits below tell what changed, RFC 1144, A.1 */
        NEW_CONNECTION = 0x40,
        NEW_IDENTIFICATION = 0x20,
        NEW_SEQUENCE = 8,
        NEW_ACKNOWLEDGMENT = 4,
        NEW_WINDOW = 2,
        NEW_URGENT = 1,
        CHANGES = 0x0f,
        /* Combinations that cannot occur stand for frequent cases: data has come as has been
         * echoed, or was sent after more of the same size. */
        SPECIAL_ECHO = NEW_SEQUENCE | NEW_WINDOW | NEW_URGENT,
        SPECIAL_DATA = NEW_SEQUENCE | NEW_ACKNOWLEDGMENT | NEW_WINDOW | NEW_URGENT,
};

/* The size of the headers of IP and TCP. Fails if they are cut short. */
static uint32_t headers_size(struct printer *printer, struct packet packet)
{
        enum { TCP_HEADER = 20, TCP_OFFSET = 12 };
        uint32_t ip_size = (get8(printer, packet, HEADER) & 15u) * 4;

        need_hard(printer, packet, HEADER + ip_size, TCP_HEADER);
        return ip_size + (get8(printer, packet, HEADER + ip_size + TCP_OFFSET) >> 4) * 4u;
}

/* How much a value changed. Where it takes more than a byte, two follow a zero. Returns where the
 * next one is; of a byte, tcpdump reads it again. */
static uint32_t change_print(struct printer *printer, struct packet packet, uint32_t at,
                             const char *label)
{
        unsigned change = get8(printer, packet, at);

        if (change == 0) {
                change = get16(printer, packet, at + 1);
                at += 3;
        }
        putf(printer, " %s%u", label, change);
        return at;
}

static uint32_t window_change_print(struct printer *printer, struct packet packet, uint32_t at)
{
        int change = get8(printer, packet, at);

        if (change == 0) {
                change = (int16_t)get16(printer, packet, at + 1);
                at += 3;
        }
        putf(printer, change >= 0 ? " W+%d" : " W%d", change);
        return at;
}

static void compressed_print(struct printer *printer, struct packet packet, unsigned direction)
{
        struct slip *slip = &printer->slip;
        uint32_t at = COMPRESSED + 1;
        uint8_t flags = get8(printer, packet, COMPRESSED);
        uint32_t *data;

        if (flags & NEW_CONNECTION) {
                slip->connection = get8(printer, packet, at++);
                putf(printer, "ctcp %u", slip->connection);
        } else {
                put(printer, "ctcp *");
        }
        data = &slip->data[direction][slip->connection];
        at += 2; /* the checksum of TCP */
        switch (flags & CHANGES) {
        case SPECIAL_ECHO: putf(printer, " *SA+%u", *data); break;
        case SPECIAL_DATA: putf(printer, " *S+%u", *data); break;
        default:
                if (flags & NEW_URGENT)
                        at = change_print(printer, packet, at, "U=");
                if (flags & NEW_WINDOW)
                        at = window_change_print(printer, packet, at);
                if (flags & NEW_ACKNOWLEDGMENT)
                        at = change_print(printer, packet, at, "A+");
                if (flags & NEW_SEQUENCE)
                        at = change_print(printer, packet, at, "S+");
        }
        if (flags & NEW_IDENTIFICATION)
                at = change_print(printer, packet, at, "I+");
        *data = packet.length - HEADER - headers_size(printer, packet);
        putf(printer, " %u (%u)", *data, at - COMPRESSED);
        put(printer, ": ");
}

/* tcpdump looks at the headers only if the direction is right. */
static void uncompressed_print(struct printer *printer, struct packet packet, bool has_direction,
                               unsigned direction)
{
        enum { IP_PROTOCOL_AT = 9 }; /* where the connection's number is on the line */
        struct slip *slip = &printer->slip;

        slip->connection = get8(printer, packet, COMPRESSED + IP_PROTOCOL_AT);
        putf(printer, "utcp %u: ", slip->connection);
        if (has_direction)
                slip->data[direction][slip->connection] =
                    packet.length - HEADER - headers_size(printer, packet);
}

static void header_print(struct printer *printer, struct packet packet)
{
        unsigned direction = get8(printer, packet, 0), form = get8(printer, packet, COMPRESSED);
        bool has_direction = direction < 2;

        if (has_direction)
                put(printer, direction == 0 ? "I " : "O ");
        else
                put_damage(printer, "Invalid direction %u ", direction);
        if ((form & FORM_MASK) == FORM_IP)
                putf(printer, "ip %u: ", packet.length);
        else if ((form & FORM_MASK) == FORM_UNCOMPRESSED_TCP)
                uncompressed_print(printer, packet, has_direction, direction);
        else if (!has_direction)
                return;
        else if (form & FORM_COMPRESSED_TCP)
                compressed_print(printer, packet, direction);
        else
                putf(printer, "slip-%u!: ", form);
}

static void payload_print(struct printer *printer, struct packet packet)
{
        unsigned version;

        version = get8(printer, packet, 0) >> 4;
        if (version == 4)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
        else if (version == 6)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet);
        else
                putf(printer, "ip v%u", version);
}

void slip_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "slip";
        printer->link_header = 0;
        need_hard(printer, packet, 0, HEADER);
        printer->link_header = HEADER;
        if (printer->options.link_header)
                header_print(printer, packet);
        payload_print(printer, packet_from(packet, HEADER));
}

void slip_bsdos_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "slip_bsdos";
        printer->link_header = 0;
        need_hard(printer, packet, 0, HEADER);
        printer->link_header = HEADER;
        protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet_from(packet, HEADER));
}
