/* PPP, RFC 1661 and 1662, and what it negotiates: LCP, the protocols that set up the networks
 * above, PAP (RFC 1334) and CHAP (RFC 1994). */
#include "link.h"

#include "base/array.h"

#include <pcap/dlt.h>

enum {
        HEADER = 4,       /* code, identifier, length */
        FRAME_HEADER = 4, /* address, control, protocol */
        PAP = 0xc023,
        CHAP = 0xc223,
        SPAP = 0xc027,
        OLD_SPAP = 0xc123,
        EAP_IN_PPP = 0xc227,
        COMPRESSED = 0xfd,
};

static const struct name protocols[] = {
    {0x0021, "IP"},         {0x0023, "OSI"},
    {0x0025, "NS"},         {0x0027, "DECNET"},
    {0x0029, "APPLE"},      {0x002b, "IPX"},
    {0x002d, "VJC IP"},     {0x002f, "VJNC IP"},
    {0x0031, "BRPDU"},      {0x0033, "STII"},
    {0x0035, "VINES"},      {0x003d, "MLPPP"},
    {0x0057, "IP6"},        {0x00fd, "Compressed"},
    {0x0201, "HELLO"},      {0x0281, "MPLS"},
    {0x0283, "MPLS"},       {0x8021, "IPCP"},
    {0x8023, "OSICP"},      {0x8025, "NSCP"},
    {0x8027, "DECNETCP"},   {0x8029, "APPLECP"},
    {0x802b, "IPXCP"},      {0x8033, "STIICP"},
    {0x8035, "VINESCP"},    {0x8057, "IP6CP"},
    {0x80fd, "CCP"},        {0x8281, "MPLSCP"},
    {0xc021, "LCP"},        {PAP, "PAP"},
    {0xc025, "LQM"},        {SPAP, "SPAP"},
    {0xc02b, "BACP"},       {0xc02d, "BAP"},
    {OLD_SPAP, "Old-SPAP"}, {CHAP, "CHAP"},
    {EAP_IN_PPP, "EAP"},    {0, NULL},
};

static const struct name codes[] = {
    {0, "Vendor-Extension"}, {1, "Conf-Request"}, {2, "Conf-Ack"},
    {3, "Conf-Nack"},        {4, "Conf-Reject"},  {5, "Term-Request"},
    {6, "Term-Ack"},         {7, "Code-Reject"},  {8, "Prot-Reject"},
    {9, "Echo-Request"},     {10, "Echo-Reply"},  {11, "Disc-Req"},
    {12, "Ident"},           {13, "Time-Rem"},    {14, "Reset-Req"},
    {15, "Reset-Ack"},       {0, NULL},
};

/* How the value of an option is shown. */
enum shape {
        DUMP,
        NONE,
        NUMBER16,
        NUMBER32,
        IPV4,
        INTERFACE,
        AUTHENTICATION,
        QUALITY,
        CALLBACK,
        COMPRESSION,
        ORGANIZATION,
        DISCRIMINATOR,
        HEX16,
        IPV4_PAIR,
};

struct option {
        uint8_t type;
        const char *name;
        enum shape shape;
        uint8_t length; /* required; 0: any */
        uint8_t rule;
};

/* How an option's length is checked. */
enum {
        LEAST = 1, /* a minimum */
        GO_ON = 2, /* if it is wrong, go on to the next option */
};

static const struct option lcp_options[] = {
    {0, "Vend-Ext", ORGANIZATION, 6, LEAST | GO_ON},
    {1, "MRU", NUMBER16, 4, GO_ON},
    {2, "ACCM", NUMBER32, 6, GO_ON},
    {3, "Auth-Prot", AUTHENTICATION, 4, LEAST | GO_ON},
    {4, "Qual-Prot", QUALITY, 4, LEAST},
    {5, "Magic-Num", NUMBER32, 6, 0},
    {6, "deprecated(6)", DUMP, 0, 0},
    {7, "PFC", NONE, 0, 0},
    {8, "ACFC", NONE, 0, 0},
    {9, "FCS-Alt", DUMP, 0, 0},
    {10, "SDP", DUMP, 0, 0},
    {11, "Num-Mode", DUMP, 0, 0},
    {12, "deprecated(12)", DUMP, 0, 0},
    {13, "Call-Back", CALLBACK, 3, LEAST},
    {14, "deprecated(14)", DUMP, 0, 0},
    {15, "deprecated(15)", DUMP, 0, 0},
    {16, "deprecated(16)", DUMP, 0, 0},
    {17, "MRRU", NUMBER16, 4, 0},
    {18, "12-Bit seq #", DUMP, 0, 0},
    {19, "End-Disc", DISCRIMINATOR, 3, LEAST},
    {20, "Proprietary", DUMP, 0, 0},
    {21, "DCE-Id", DUMP, 0, 0},
    {22, "MP+", DUMP, 0, 0},
    {23, "Link-Disc", HEX16, 4, 0},
    {24, "LCP-Auth-Opt", DUMP, 0, 0},
    {25, "COBS", DUMP, 0, 0},
    {26, "Prefix-elision", DUMP, 0, 0},
    {27, "Multilink-header-Form", DUMP, 0, 0},
    {28, "I18N", DUMP, 0, 0},
    {29, "SDL-over-SONET/SDH", DUMP, 0, 0},
    {0, NULL, DUMP, 0, 0},
};

static const struct option ipcp_options[] = {
    {1, "IP-Addrs", IPV4_PAIR, 10, GO_ON},
    {2, "IP-Comp", COMPRESSION, 4, LEAST},
    {3, "IP-Addr", IPV4, 6, 0},
    {4, "Home-Addr", IPV4, 6, 0},
    {129, "Pri-DNS", IPV4, 6, 0},
    {130, "Pri-NBNS", IPV4, 6, 0},
    {131, "Sec-DNS", IPV4, 6, 0},
    {132, "Sec-NBNS", IPV4, 6, 0},
    {0, NULL, DUMP, 0, 0},
};

static const struct option ip6cp_options[] = {
    {1, "Interface-ID", INTERFACE, 10, GO_ON},
    {0, NULL, DUMP, 0, 0},
};

static const struct option ccp_options[] = {
    {0, "OUI", DUMP, 0, 0},       {1, "Pred-1", DUMP, 0, 0},    {2, "Pred-2", DUMP, 0, 0},
    {3, "Puddle", DUMP, 0, 0},    {16, "HP-PPC", DUMP, 0, 0},   {17, "Stac-LZS", DUMP, 0, 0},
    {18, "MPPC", DUMP, 0, 0},     {19, "Gand-FZA", DUMP, 0, 0}, {20, "V.42bis", DUMP, 0, 0},
    {21, "BSD-Comp", DUMP, 0, 0}, {23, "LZS-DCP", DUMP, 0, 0},  {24, "MVRCA", DUMP, 0, 0},
    {25, "DEC", DUMP, 0, 0},      {26, "Deflate", DUMP, 0, 0},  {255, "Reserved", DUMP, 0, 0},
    {0, NULL, DUMP, 0, 0},
};

static void authentication_print(struct printer *printer, struct packet option, uint32_t size)
{
        static const struct name algorithms[] = {
            {5, "MD5"}, {6, "SHA-1"}, {128, "MS-CHAPv1"}, {129, "MS-CHAPv2"}, {0, NULL}};
        uint16_t protocol = get16(printer, option, 2);

        if (protocol != CHAP) {
                /* tcpdump's message for others, verbatim. */
                putf(printer, ": %s", name_or(protocols, protocol, "Unknown Auth Proto (0x04x)"));
                if (protocol != PAP && protocol != SPAP && protocol != OLD_SPAP &&
                    protocol != EAP_IN_PPP)
                        dump_hex(printer, "\n\t", option, size);
                return;
        }
        put(printer, ": CHAP");
        need_hard(printer, option, 4, 1);
        put(printer, ", ");
        put_name(printer, algorithms, "Unknown Auth Alg %u", get8(printer, option, 4));
}

static void callback_print(struct printer *printer, struct packet option)
{
        static const struct name operations[] = {{0, "UserAuth"}, {1, "DialString"}, {2, "LocalID"},
                                                 {3, "E.164"},    {4, "X.500"},      {6, "CBCP"},
                                                 {0, NULL}};
        uint8_t operation;

        put(printer, ": ");
        operation = get8(printer, option, 2);
        putf(printer, ": Callback Operation %s (%u)", name_or(operations, operation, "Unknown"),
             operation);
}

static void put_vendor(struct printer *printer, const char *label, uint32_t vendor)
{
        putf(printer, "%s%s (%u)", label, name_or(enterprise_names, vendor, "Unknown"), vendor);
}

static void put_cut(struct printer *printer, const char *name)
{
        put_damage(printer, "[|%s]", name);
}

/* A class and an address of it, RFC 1990, 5.1.3. False if the address has another length. */
static bool discriminator_print(struct printer *printer, struct packet option, uint32_t size)
{
        enum { IPV4_CLASS = 2, MAC_CLASS = 3 };
        static const struct name classes[] = {
            {0, "Null"},        {1, "Local"},           {IPV4_CLASS, "IPv4"},
            {MAC_CLASS, "MAC"}, {4, "Magic-Num-Block"}, {5, "PSNDN"},
            {0, NULL}};
        uint8_t class = get8(printer, option, 2);
        uint32_t expected = class == IPV4_CLASS ? 7 : class == MAC_CLASS ? 9 : size;

        if (size != expected) {
                put_damage(printer, " (length bogus, should be = %u)", expected);
                return false;
        }
        put(printer, ": ");
        put_name(printer, classes, "Unknown class %u", class);
        if (class == IPV4_CLASS) {
                put_ipv4_labelled(printer, " ", option, 3);
        } else if (class == MAC_CLASS) {
                put_char(printer, ' ');
                put_ethernet(printer, bytes_at(printer, option, 3, 6));
        }
        return true;
}

/* False if the option is cut. */
static bool value_print(struct printer *printer, struct packet option, enum shape shape,
                        uint32_t size)
{
        switch (shape) {
        case NUMBER16: putf(printer, ": %u", get16(printer, option, 2)); break;
        case NUMBER32: putf(printer, ": 0x%08x", get32(printer, option, 2)); break;
        case IPV4:
                need_hard(printer, option, 2, 4);
                put_ipv4_labelled(printer, ": ", option, 2);
                break;
        case INTERFACE:
                if (!has(option, 2, 8)) {
                        put_cut(printer, "ip6cp");
                        return false;
                }
                putf(printer, ": %04x:%04x:%04x:%04x", get16(printer, option, 2),
                     get16(printer, option, 4), get16(printer, option, 6),
                     get16(printer, option, 8));
                break;
        case AUTHENTICATION: authentication_print(printer, option, size); break;
        case QUALITY:
                put(printer, get16(printer, option, 2) == 0xc025 ? ": LQR" : ": unknown");
                break;
        case CALLBACK: callback_print(printer, option); break;
        case COMPRESSION:
                if (get16(printer, option, 2) == 0x2d)
                        put(printer, ": VJ-Comp (0x2d):");
                else
                        putf(printer, ": Unknown (0x%02x):", get16(printer, option, 2));
                break;
        case HEX16: putf(printer, ": 0x%04x", get16(printer, option, 2)); break;
        case ORGANIZATION: put_vendor(printer, ": Vendor: ", get24(printer, option, 2)); break;
        case IPV4_PAIR:
                put_ipv4_labelled(printer, ": src ", option, 2);
                put_ipv4_labelled(printer, ", dst ", option, 6);
                break;
        case DISCRIMINATOR: return discriminator_print(printer, option, size);
        case DUMP:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t    ", packet_from(option, 2), size - 2);
                break;
        case NONE: break;
        }
        return true;
}

/* False if the length is invalid. */
static bool length_print(struct printer *printer, const struct option *option, uint32_t size)
{
        bool least = option->rule & LEAST;

        if (option->length == 0 || (least ? size >= option->length : size == option->length))
                return true;
        put_damage(printer, " (length bogus, should be %s %u)", least ? ">=" : "=", option->length);
        return false;
}

/* The options of a configuration message of `limit` bytes. `unknown` stands for the name of those
 * not in `table`; if it is NULL, of these the type alone is shown. */
static void options_print(struct printer *printer, struct packet options,
                          const struct option *table, const char *unknown, const char *cut,
                          uint32_t limit)
{
        while (options.length > 0) {
                const struct option *known = table;
                uint8_t type;
                uint32_t size;
                bool good;

                if (!has(options, 0, 2)) {
                        put_cut(printer, cut);
                        return;
                }
                type = get8(printer, options, 0);
                size = get8(printer, options, 1);
                if (size > limit)
                        return;
                while (known->name && known->type != type)
                        known++;
                if (known->name || unknown)
                        putf(printer, "\n\t  %s Option (0x%02x), length %u",
                             known->name ? known->name : unknown, type, size);
                else
                        putf(printer, "\n\tunknown LCP option 0x%02x", type);
                if (size < 2) {
                        if (known->name || unknown)
                                put_damage(printer, " (length bogus, should be >= 2)");
                        return;
                }
                good = length_print(printer, known, size);
                if (!good && !(known->rule & GO_ON))
                        return;
                if (good && (known->name || unknown)) {
                        if (!value_print(printer, options, known->shape, size))
                                return;
                        if (printer->options.verbose > 1)
                                dump_hex(printer, "\n\t    ", packet_from(options, 2), size - 2);
                }
                if (size > options.length) {
                        putf(printer, " [remaining options length %u < %u]", options.length, size);
                        put_invalid(printer);
                        return;
                }
                options = packet_from(options, size);
        }
}

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
                     name_or(protocols, protocol, "unknown"), protocol);
                if (size > 2) {
                        put(printer, "\n\t  Rejected Packet");
                        dump_hex(printer, "\n\t    ", packet_from(packet, 2), packet.length - 2);
                }
                return true;
        }
        putf(printer, "\n\t  Magic-Num 0x%08x", get32(printer, packet, 0));
        if (code == VENDOR) {
                put_vendor(printer, " Vendor: ", get24(printer, packet, 4));
        } else if (code == TIME_REMAINING) {
                putf(printer, ", Seconds-Remaining %us", get32(printer, packet, 4));
        } else if (size > 4 && code == IDENTIFICATION) {
                put(printer, "\n\t  Message\n\t    ");
                /* The count exceeds the message, as in tcpdump. */
                if (!characters_print(printer, packet, 4, size))
                        put_cut(printer, name);
        } else if (size > 4) {
                put_damage(printer, "\n\t  -----trailing data-----");
                if (has(packet, 4, size - 4))
                        dump_hex(printer, "\n\t  ", packet_from(packet, 4), size - 4);
                else
                        put_cut(printer, name);
        }
        return true;
}

static void control_print(struct printer *printer, struct packet packet, uint16_t protocol)
{
        static const struct {
                uint16_t protocol;
                const struct option *options;
                const char *unknown, *cut;
        } tables[] = {{0xc021, lcp_options, NULL, "lcp"},
                      {0x8021, ipcp_options, "unknown", "ipcp"},
                      {0x8057, ip6cp_options, "unknown", "ip6cp"},
                      {0x80fd, ccp_options, "Unknown", "ccp"}};
        struct packet message = packet_from(packet, 2);
        uint32_t size;
        const char *name = name_find(protocols, protocol);
        uint8_t code;

        putf(printer, "%s, ", name);
        if (message.length < HEADER || !has(message, 0, 2)) {
                put_cut(printer, name);
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
                for (size_t i = 0; i < array_count(tables); i++)
                        if (tables[i].protocol == protocol)
                                options_print(printer, message, tables[i].options,
                                              tables[i].unknown, tables[i].cut, size + HEADER);
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
        default:
                put_name(printer, protocols, "unknown PPP protocol (0x%04x)", protocol);
                put_char(printer, ' ');
                dump_hex(printer, "\n\t", inner, inner.length);
        }
}

void ppp_print_inside(struct printer *printer, struct packet packet)
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
        protocol = get8(printer, packet, header);
        if (protocol & 1) {
                header += 1;
        } else {
                protocol = get16(printer, packet, header);
                header += 2;
        }
        inner = packet_from(packet, header);
        if (printer->options.link_header) {
                const char *name = name_find(protocols, protocol);

                putf(printer, "%s (0x%04x), length %u", name ? name : "unknown", protocol, size);
                if (!name)
                        return;
                put(printer, ": ");
        }
        packet = header >= 2 ? packet_from(packet, header - 2) : packet;
        payload_print(printer, packet, inner, protocol);
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
        put_name(printer, protocols, "unknown PPP protocol (0x%04x)", protocol);
        put(printer, ": ");
        payload_print(printer, packet_from(packet, 2), packet_from(packet, FRAME_HEADER), protocol);
}
