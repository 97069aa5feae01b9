/* PPP, RFC 1661 and 1662, and what it negotiates: LCP, the protocols that set up the networks
 * above, PAP (RFC 1334) and CHAP (RFC 1994). */
#include "ppp.h"
#include "link.h"

#include "base/array.h"

#include <pcap/dlt.h>

enum {
        HEADER = 4,       /* code, identifier, length */
        FRAME_HEADER = 4, /* address, control, protocol */
        COMPRESSED = 0xfd,
        FLAG = 0x7e, /* of frames as they are sent, RFC 1662 */
        ESCAPE = 0x7d,
};

static const struct name codes[] = {
    {0, "Vendor-Extension"}, {1, "Conf-Request"}, {2, "Conf-Ack"},
    {3, "Conf-Nack"},        {4, "Conf-Reject"},  {5, "Term-Request"},
    {6, "Term-Ack"},         {7, "Code-Reject"},  {8, "Prot-Reject"},
    {9, "Echo-Request"},     {10, "Echo-Reply"},  {11, "Disc-Req"},
    {12, "Ident"},           {13, "Time-Rem"},    {14, "Reset-Req"},
    {15, "Reset-Ack"},       {0, NULL},
};

/* The body of a message other than Configure. False if its code is unknown. */
static bool message_print(struct printer *printer, struct packet packet, uint32_t size,
                          uint8_t code, const char *name)
{
        enum { VENDOR = 0, REJECT = 8, IDENTIFICATION = 12, TIME_REMAINING = 13 };
        /* What a body must have for any of it to be shown; 0 where nothing ever is. */
        static const uint8_t least[] = {
            [VENDOR] = 7, [REJECT] = 2, 4, 4, 4, 4, [TIME_REMAINING] = 8};

        if (code >= array_count(least))
                return false;
        if (least[code] == 0 || size < least[code])
                return true;
        if (code == REJECT) {
                uint16_t protocol = get16(printer, packet, 0);

                putf(printer, "\n\t  Rejected %s Protocol (0x%04x)",
                     name_or(ppp_protocol_names, protocol, "unknown"), protocol);
                if (size > 2) {
                        put(printer, "\n\t  Rejected Packet");
                        /* The count exceeds the message here too. */
                        dump_hex(printer, "\n\t    ", packet_from(packet, 2), size + 2);
                }
                return true;
        }
        putf(printer, "\n\t  Magic-Num 0x%08x", get32(printer, packet, 0));
        if (code == VENDOR) {
                ppp_vendor_print(printer, " Vendor: ", get24(printer, packet, 4));
        } else if (code == TIME_REMAINING) {
                putf(printer, ", Seconds-Remaining %us", get32(printer, packet, 4));
        } else if (size > 4 && code == IDENTIFICATION) {
                put(printer, "\n\t  Message\n\t    ");
                /* The count exceeds the message, as in tcpdump. */
                if (!characters_print(printer, packet, 4, size))
                        ppp_cut_print(printer, name);
        } else if (size > 4) {
                put_damage(printer, "\n\t  -----trailing data-----");
                if (has(packet, 4, size - 4))
                        dump_hex(printer, "\n\t  ", packet_from(packet, 4), size - 4);
                else
                        ppp_cut_print(printer, name);
        }
        return true;
}

static void control_print(struct printer *printer, struct packet packet, uint16_t protocol)
{
        struct packet message = packet_from(packet, 2);
        uint32_t size;
        const char *name = name_find(ppp_protocol_names, protocol);
        uint8_t code;

        putf(printer, "%s, ", name);
        if (message.length < HEADER || !has(message, 0, 2)) {
                ppp_cut_print(printer, name);
                return;
        }
        code = get8(printer, message, 0);
        putf(printer, "%s (0x%02x), id %u, length %u", name_or(codes, code, "Unknown Opcode"), code,
             get8(printer, message, 1), packet.length);
        if (!printer->options.verbose)
                return;
        size = get16(printer, message, 2);
        if (size < HEADER) {
                putf(printer, "\n\tencoded length %u (< 4))", size);
                return;
        }
        if (size > message.length) {
                putf(printer, "\n\tencoded length %u (> packet length %u))", size, message.length);
                return;
        }
        putf(printer, "\n\tencoded length %u (=Option(s) length %u)", size, size - HEADER);
        if (size == HEADER)
                return;
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t", packet_cut(packet, 6), 6);
        message = packet_from(message, HEADER);
        size -= HEADER;
        if (code >= 1 && code <= 4) {
                message.length = size; /* bytes behind it are read, if an option is longer */
                ppp_options_print(printer, message, protocol, size + HEADER);
                return;
        }
        if (!message_print(printer, message, size, code, name) && printer->options.verbose < 2)
                dump_hex(printer, "\n\t  ", packet, size + HEADER + 2);
}

static void put_characters(struct printer *printer, struct packet packet, uint32_t at,
                           uint32_t count)
{
        if (!characters_print(printer, packet, at, count))
                printer_abandon_short(printer);
}

/* The header of PAP and CHAP. False if it is not all there. */
static bool header_print(struct printer *printer, struct packet packet, const char *cut,
                         const char *protocol, const struct name *names)
{
        uint8_t code;

        if (packet.length < 1) {
                put_damage(printer, "[|%s]", cut);
                return false;
        }
        code = get8(printer, packet, 0);
        if (packet.length < HEADER) {
                put_damage(printer, "[|%s 0x%02x]", cut, code);
                return false;
        }
        putf(printer, "%s, %s (0x%02x)", protocol, name_or(names, code, "unknown"), code);
        putf(printer, ", id %u", get8(printer, packet, 1));
        return true;
}

static void pap_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {
            {1, "Auth-Req"}, {2, "Auth-ACK"}, {3, "Auth-NACK"}, {0, NULL}};
        uint32_t first, second, size;
        uint8_t code;

        if (!header_print(printer, packet, "pap", "PAP", names))
                return;
        code = get8(printer, packet, 0);
        size = get16(printer, packet, 2);
        if (size > packet.length) {
                putf(printer, ", length %u > packet size", size);
                return;
        }
        if (size < HEADER) {
                putf(printer, ", length %u < PAP header length", size);
                return;
        }
        packet.length = size;
        if (code < 1 || code > 3)
                return;
        if (size < (code == 1 ? HEADER + 2 : HEADER + 1)) {
                put_damage(printer, "[|pap]");
                return;
        }
        first = get8(printer, packet, HEADER);
        if (size < HEADER + 1 + first)
                return;
        put(printer, code == 1 ? ", Peer " : ", Msg ");
        put_characters(printer, packet, HEADER + 1, first);
        if (code != 1 || size == HEADER + 1 + first)
                return;
        second = get8(printer, packet, HEADER + 1 + first);
        if (size < HEADER + 2 + first + second)
                return;
        put(printer, ", Name ");
        put_characters(printer, packet, HEADER + 2 + first, second);
}

static void chap_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {
            {1, "Challenge"}, {2, "Response"}, {3, "Success"}, {4, "Fail"}, {0, NULL}};
        uint32_t size, value;
        uint8_t code;

        if (!header_print(printer, packet, "chap", "CHAP", names))
                return;
        code = get8(printer, packet, 0);
        size = get16(printer, packet, 2);
        if (code == 1 || code == 2) {
                if (packet.length == HEADER)
                        return;
                value = get8(printer, packet, HEADER);
                if (packet.length < HEADER + 1 + value)
                        return;
                put(printer, ", Value ");
                put_hex_bytes(printer, packet, HEADER + 1, value);
                put(printer, ", Name ");
                value += HEADER + 1;
        } else if (code == 3 || code == 4) {
                put(printer, ", Msg ");
                value = HEADER;
        } else {
                return;
        }
        /* If the length is too small, tcpdump reads to the end. */
        put_characters(printer, packet, value, size < value ? UINT32_MAX : size - value);
}

/* RFC 1990, with short sequence numbers. */
static void multilink_print(struct printer *printer, struct packet packet)
{
        enum { HEADER_SIZE = 2 };
        static const struct name flags[] = {{0x8000, "begin"}, {0x4000, "end"}, {0, NULL}};
        uint16_t header;

        printer->protocol = "mlppp";
        if (!printer->options.link_header)
                put(printer, "MLPPP, ");
        if (packet.length < HEADER_SIZE || !has(packet, 0, HEADER_SIZE)) {
                put_damage(printer, "[|mlppp]");
                return;
        }
        header = get16(printer, packet, 0);
        putf(printer, "seq 0x%03x, ", header & 0xfffu);
        put_flag_list(printer, "Flags [", flags, header);
        putf(printer, ", length %u", packet.length);
}

static void framed_print(struct printer *printer, struct packet packet);

/* `packet` begins two bytes before what `protocol` names. */
static void payload_print(struct printer *printer, struct packet packet, struct packet inner,
                          uint16_t protocol)
{
        if (protocol_print(printer, PPP_PROTOCOL, protocol, inner))
                return;
        switch (protocol) {
        case 0xc021:
        case 0x8021:
        case 0x8057:
        case 0x80fd:
        case 0x8023:
        case 0x8281:
        case 0xc02b: control_print(printer, packet, protocol); return;
        case 0xc02d: return;
        case PAP: pap_print(printer, inner); return;
        case CHAP: chap_print(printer, inner); return;
        case COMPRESSED: put(printer, "compressed PPP data"); return;
        case MULTILINK: multilink_print(printer, inner); return;
        default:
                if (protocol >> 8 == FLAG) {
                        if (inner.length > 0)
                                framed_print(printer, packet_from(packet, 1));
                        return;
                }
                put_name(printer, ppp_protocol_names, "unknown PPP protocol (0x%04x)", protocol);
                put_char(printer, ' ');
                dump_hex(printer, "\n\t", inner, inner.length);
        }
}

/* The packet without the escapes of a frame, valid until the packet is printed. */
static struct packet unescape(struct printer *printer, struct packet packet)
{
        uint8_t *bytes = arena_take(&printer->decrypted, packet.captured);
        uint32_t size = 0;

        if (!bytes)
                longjmp(printer->abandon, ABANDON_MEMORY);
        for (uint32_t i = 0; i < packet.captured; i++) {
                uint8_t byte = packet.data[i];

                if (byte == ESCAPE) {
                        if (++i == packet.captured)
                                break;
                        byte = packet.data[i] ^ 0x20;
                }
                bytes[size++] = byte;
        }
        return (struct packet){bytes, size, size};
}

/* A frame as it was sent, behind its first flag: with escapes, and compressed if that is so. */
static void framed_print(struct printer *printer, struct packet packet)
{
        enum { IPV4 = 0x21, IPV6 = 0x57, ADDRESS = 0xff, CONTROL = 0x03 };
        struct packet frame;
        uint16_t protocol;

        if (packet.captured == 0)
                return;
        frame = unescape(printer, packet);
        need(printer, frame, 0, 1);
        if (frame.data[0] == IPV4 || frame.data[0] == IPV6) {
                protocol_print(printer, PPP_PROTOCOL, frame.data[0], packet_from(frame, 1));
                return;
        }
        need(printer, frame, 0, 2);
        if (frame.data[0] == ADDRESS && frame.data[1] == CONTROL)
                frame = packet_from(frame, 2);
        need(printer, frame, 0, 2);
        protocol = get16(printer, frame, 0);
        if (protocol >> 8 == FLAG)
                put_damage(printer, "(protocol 0x%04x invalid)", protocol);
        else
                payload_print(printer, frame, packet_from(frame, 2), protocol);
}

void ppp_print_counted(struct printer *printer, struct packet packet, uint32_t *link_header)
{
        struct packet inner;
        uint32_t header = 0, size = packet.length;
        uint16_t protocol;

        printer->protocol = "ppp";
        if (packet.length < 2) {
                put_truncated(printer);
                return;
        }
        /* Where some systems have the address, they say the direction. */
        switch (get16(printer, packet, 0)) {
        case 0x0003:
        case 0x0103:
                if (printer->options.link_header)
                        put(printer, get8(printer, packet, 0) ? "Out " : "In  ");
                /* fall through */
        case 0xff03: header = 2;
        }
        if (packet.length < header + 2) {
                put_truncated(printer);
                return;
        }
        protocol = get8(printer, packet, header);
        if (protocol & 1) {
                header += 1;
        } else {
                protocol = get16(printer, packet, header);
                header += 2;
        }
        *link_header += header;
        inner = packet_from(packet, header);
        if (printer->options.link_header) {
                const char *name = name_find(ppp_protocol_names, protocol);

                putf(printer, "%s (0x%04x), length %u", name ? name : "unknown", protocol, size);
                if (!name)
                        return;
                put(printer, ": ");
        }
        packet = header >= 2 ? packet_from(packet, header - 2) : packet;
        payload_print(printer, packet, inner, protocol);
}

void ppp_print_inside(struct printer *printer, struct packet packet)
{
        ppp_print_counted(printer, packet, &(uint32_t){0});
}

/* Behind its number among ISO's network layer protocols. */
void osi_ppp_print(struct printer *printer, struct packet packet)
{
        ppp_print_inside(printer, packet_from(packet, 1));
}

void ppp_ethernet_print(struct printer *printer, struct packet packet)
{
        if (packet.length == 0)
                return;
        put(printer, ": ");
        ppp_print_inside(printer, packet);
}

void ppp_print(struct printer *printer, struct packet packet)
{
        printer->link_header = FRAME_HEADER;
        if (packet.captured < FRAME_HEADER) {
                printer->protocol = "ppp";
                printer->link_header = packet.captured;
                put_truncated(printer);
                return;
        }
        ppp_print_inside(printer, packet);
}

/* Link type PPP_BSDOS: as tcpdump, which prints it on BSD/OS alone. */
void ppp_bsdos_print(struct printer *printer, struct packet packet)
{
        (void)packet;
        printer->link_header = 0;
}

/* Link type PPP_SERIAL: the address and control bytes are always there, or Cisco's HDLC. */
void ppp_serial_print(struct printer *printer, struct packet packet)
{
        enum { ADDRESS = 0xff, HDLC_UNICAST = 0x0f, HDLC_ALL = 0x8f, ADDRESS_AND_CONTROL = 2 };
        uint16_t protocol;

        printer->protocol = "ppp_hdlc";
        printer->link_header = FRAME_HEADER;
        if (packet.captured >= 2 &&
            (packet.data[0] == HDLC_UNICAST || packet.data[0] == HDLC_ALL)) {
                protocol_print(printer, LINK_TYPE, DLT_C_HDLC, packet);
                return;
        }
        if (packet.captured < FRAME_HEADER) {
                printer->link_header = packet.captured;
                put_truncated(printer);
                return;
        }
        if (printer->options.link_header)
                putf(printer, "%02x %02x %u ", packet.data[0], packet.data[1], packet.length);
        if (packet.data[0] != ADDRESS) {
                putf(printer, "unknown addr %02x; ctrl %02x", packet.data[2], packet.data[3]);
                printer->link_header = ADDRESS_AND_CONTROL;
                return;
        }
        protocol = get16(printer, packet, 2);
        put_name(printer, ppp_protocol_names, "unknown PPP protocol (0x%04x)", protocol);
        put(printer, ": ");
        payload_print(printer, packet_from(packet, 2), packet_from(packet, FRAME_HEADER), protocol);
}
