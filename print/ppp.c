/* PPP, RFC 1661 and 1662, and what it negotiates: LCP, the protocols that set up the networks
 * above, PAP (RFC 1334) and CHAP (RFC 1994). */
#include "print/internal.h"

enum {
        HEADER = 4,       /* code, identifier, length */
        FRAME_HEADER = 4, /* address, control, protocol */
        PAP = 0xc023,
        CHAP = 0xc223,
        COMPRESSED = 0xfd,
};

static const struct name protocols[] = {
    {0x0021, "IP"},    {0x0057, "IP6"},   {0x00fd, "Compressed"},
    {0x0281, "MPLS"},  {0x0283, "MPLS"},  {0x8021, "IPCP"},
    {0x8057, "IP6CP"}, {0x80fd, "CCP"},   {0x8281, "MPLSCP"},
    {0x8053, "ECP"},   {0x8031, "BPDU"},  {0xc021, "LCP"},
    {PAP, "PAP"},      {0xc025, "LQM"},   {CHAP, "CHAP"},
    {0xc227, "EAP"},   {0xc029, "CBCP"},  {0xc02b, "BACP"},
    {0xc02d, "BAP"},   {0x003d, "MLPPP"}, {0x00fb, "CompressedMP"},
    {0, NULL},
};

static const struct name codes[] = {
    {0, "Vend-Ext"},    {1, "Conf-Request"},    {2, "Conf-Ack"},    {3, "Conf-Nack"},
    {4, "Conf-Reject"}, {5, "Term-Request"},    {6, "Term-Ack"},    {7, "Code-Reject"},
    {8, "Prot-Reject"}, {9, "Echo-Request"},    {10, "Echo-Reply"}, {11, "Disc-Req"},
    {12, "Ident"},      {13, "Time-Remaining"}, {14, "Reset-Req"},  {15, "Reset-Ack"},
    {0, NULL},
};

/* How the value of an option is shown. */
enum shape {
        DUMP,
        NONE,
        NUMBER8,
        NUMBER16,
        NUMBER32,
        IPV4,
        INTERFACE,
        AUTHENTICATION,
        QUALITY,
        CALLBACK,
        COMPRESSION
};

struct option {
        uint8_t type;
        const char *name;
        enum shape shape;
        uint8_t length; /* that it must have; 0: any */
};

static const struct option lcp_options[] = {
    {0, "Vend-Ext", DUMP, 0},
    {1, "MRU", NUMBER16, 4},
    {2, "ACCM", NUMBER32, 6},
    {3, "Auth-Prot", AUTHENTICATION, 0},
    {4, "Qual-Prot", QUALITY, 0},
    {5, "Magic-Num", NUMBER32, 6},
    {6, "deprecated(6)", DUMP, 0},
    {7, "PFC", NONE, 0},
    {8, "ACFC", NONE, 0},
    {9, "FCS-Alt", NUMBER8, 3},
    {10, "SDP", DUMP, 0},
    {11, "Numbered-Mode", DUMP, 0},
    {12, "deprecated(12)", DUMP, 0},
    {13, "Call-Back", CALLBACK, 0},
    {14, "deprecated(14)", DUMP, 0},
    {15, "deprecated(15)", DUMP, 0},
    {16, "deprecated(16)", DUMP, 0},
    {17, "MRRU", NUMBER16, 4},
    {18, "12-Bit seq #", DUMP, 0},
    {19, "End-Disc", DUMP, 0},
    {20, "Proprietary", DUMP, 0},
    {21, "DCE-Id", DUMP, 0},
    {22, "MP+", DUMP, 0},
    {23, "Link-Disc", NUMBER16, 4},
    {24, "LCP-Auth-Opt", DUMP, 0},
    {0, NULL, DUMP, 0},
};

static const struct option ipcp_options[] = {
    {1, "IP-Addrs", DUMP, 0},  {2, "IP-Comp", COMPRESSION, 0}, {3, "IP-Addr", IPV4, 6},
    {4, "Home-Addr", IPV4, 6}, {129, "Pri-DNS", IPV4, 6},      {130, "Pri-NBNS", IPV4, 6},
    {131, "Sec-DNS", IPV4, 6}, {132, "Sec-NBNS", IPV4, 6},     {0, NULL, DUMP, 0},
};

static const struct option ip6cp_options[] = {
    {1, "Interface-ID", INTERFACE, 10},
    {0, NULL, DUMP, 0},
};

static const struct option ccp_options[] = {
    {0, "OUI", DUMP, 0},       {1, "Pred-1", DUMP, 0},    {2, "Pred-2", DUMP, 0},
    {3, "Puddle", DUMP, 0},    {16, "HP-PPC", DUMP, 0},   {17, "Stac", DUMP, 0},
    {18, "MPPC", DUMP, 0},     {19, "Gand-FZA", DUMP, 0}, {20, "V.42bis", DUMP, 0},
    {21, "BSD-Comp", DUMP, 0}, {23, "LZS-DCP", DUMP, 0},  {24, "MVRCA", DUMP, 0},
    {26, "Deflate", DUMP, 0},  {27, "V.44", DUMP, 0},     {0, NULL, DUMP, 0},
};

static void authentication_print(struct printer *printer, struct view option, uint32_t size)
{
        static const struct name algorithms[] = {
            {5, "MD5"}, {6, "SHA-1"}, {128, "MS-CHAPv1"}, {129, "MS-CHAPv2"}, {0, NULL}};
        uint16_t protocol = get16(printer, option, 2);

        if (protocol != CHAP) {
                put(printer, ": ");
                put_name(printer, protocols, "Auth-Prot unknown (0x%04x)", protocol);
                return;
        }
        put(printer, ": CHAP");
        if (size > 4) {
                uint8_t algorithm = get8(printer, option, 4);

                put(printer, ", ");
                put_name(printer, algorithms, "Unknown Auth Alg %u", algorithm);
        }
}

static void callback_print(struct printer *printer, struct view option)
{
        static const struct name operations[] = {{0, "Location determined by user auth"},
                                                 {1, "Dialing string"},
                                                 {2, "Location identifier"},
                                                 {3, "E.164 number"},
                                                 {4, "X.500 distinguished name"},
                                                 {6, "CBCP"},
                                                 {0, NULL}};
        uint8_t operation;

        put(printer, ": ");
        operation = get8(printer, option, 2);
        put(printer, ": Callback Operation ");
        put_name(printer, operations, "Unknown", operation);
        putf(printer, " (%u)", operation);
}

static void put_cut(struct printer *printer, const char *name)
{
        putf(printer, "[|%s]", name);
}

/* False if the option is cut. */
static bool value_print(struct printer *printer, struct view option, enum shape shape,
                        uint32_t size)
{
        switch (shape) {
        case NUMBER8: putf(printer, ": 0x%02x", get8(printer, option, 2)); break;
        case NUMBER16: putf(printer, ": %u", get16(printer, option, 2)); break;
        case NUMBER32: putf(printer, ": 0x%08x", get32(printer, option, 2)); break;
        case IPV4:
                need_hard(printer, option, 2, 4);
                put(printer, ": ");
                put_ipv4(printer, option.data + 2);
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
        case DUMP:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t    ", view_from(option, 2), size - 2);
                break;
        case NONE: break;
        }
        return true;
}

/* The options of a configuration message. */
static void options_print(struct printer *printer, struct view options, const struct option *table,
                          const char *cut)
{
        while (options.length > 0) {
                const struct option *known = table;
                uint8_t type;
                uint32_t size;

                if (options.length < 2 || !has(options, 0, 2)) {
                        put_cut(printer, cut);
                        return;
                }
                type = get8(printer, options, 0);
                size = get8(printer, options, 1);
                if (options.length < size)
                        return;
                while (known->name && known->type != type)
                        known++;
                if (size < 2) {
                        if (known->name)
                                putf(printer,
                                     "\n\t  %s Option (0x%02x), length %u (length bogus, should be "
                                     ">= 2)",
                                     known->name, type, size);
                        else
                                putf(printer,
                                     "\n\tunknown Option (0x%02x), length %u (length bogus, should "
                                     "be >= 2)",
                                     type, size);
                        return;
                }
                putf(printer, "\n\t  %s Option (0x%02x), length %u",
                     known->name ? known->name : "unknown", type, size);
                if (known->length && known->length != size)
                        putf(printer, " (length bogus, should be = %u)", known->length);
                else if (!value_print(printer, options, known->shape, size))
                        return;
                if (printer->options.verbose > 1)
                        dump_hex(printer, "\n\t    ", view_from(options, 2), size - 2);
                options = view_from(options, size);
        }
}

static void put_message(struct printer *printer, struct view view, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++) {
                if (!has(view, i, 1)) {
                        put_cut(printer, "LCP");
                        return;
                }
                put_visible(printer, view.data[i]);
        }
}

/* What follows the header of a message that is no configuration. False if nothing knows it. */
static bool message_print(struct printer *printer, struct view view, uint32_t size, uint8_t code)
{
        switch (code) {
        case 5:
        case 6:
        case 7: return true;
        case 8:
                if (size < 2)
                        return true;
                get16(printer, view, 0);
                put(printer, "\n\t  Rejected ");
                put_name(printer, protocols, "unknown (0x%04x)", get16(printer, view, 0));
                putf(printer, " Protocol (0x%04x)", get16(printer, view, 0));
                if (size > 2) {
                        put(printer, "\n\t  Rejected Packet");
                        dump_hex(printer, "\n\t    ", view_from(view, 2), size - 2);
                }
                return true;
        case 9:
        case 10:
        case 11:
        case 12:
                if (size < 4)
                        return true;
                putf(printer, "\n\t  Magic-Num 0x%08x", get32(printer, view, 0));
                if (size > 4 && code == 12) {
                        put(printer, "\n\t  Message\n\t    ");
                        /* The count is of more than the message, as in the reference. */
                        put_message(printer, view_from(view, 4), size);
                } else if (size > 4) {
                        put(printer, "\n\t  -----trailing data-----");
                        if (!has(view, 4, size - 4)) {
                                put_cut(printer, "LCP");
                                return true;
                        }
                        dump_hex(printer, "\n\t  ", view_from(view, 4), size - 4);
                }
                return true;
        default: return false;
        }
}

static void control_print(struct printer *printer, struct view view, uint16_t protocol)
{
        static const struct {
                uint16_t protocol;
                const struct option *options;
                const char *cut;
        } tables[] = {{0xc021, lcp_options, "lcp"},
                      {0x8021, ipcp_options, "ipcp"},
                      {0x8057, ip6cp_options, "ip6cp"},
                      {0x80fd, ccp_options, "ccp"}};
        struct view message = view_from(view, 2);
        uint32_t size;
        const char *name = name_find(protocols, protocol);
        uint8_t code;

        putf(printer, "%s, ", name);
        if (message.length < HEADER || !has(message, 0, 2)) {
                put_cut(printer, name);
                return;
        }
        code = get8(printer, message, 0);
        put_name(printer, codes, "Unknown Opcode", code);
        putf(printer, " (0x%02x), id %u, length %u", code, get8(printer, message, 1), view.length);
        if (!printer->options.verbose)
                return;
        size = get16(printer, message, 2);
        if (size < HEADER) {
                putf(printer, "\n\tencoded length %u (< 4))", size);
                return;
        }
        if (size > message.length) {
                putf(printer, "\n\tencoded length %u (> packet length %u))", size, view.length);
                return;
        }
        putf(printer, "\n\tencoded length %u (=Option(s) length %u)", size, size - HEADER);
        if (size == HEADER)
                return;
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t", view_cut(view, 6), 6);
        message = view_from(message, HEADER);
        size -= HEADER;
        if (code >= 1 && code <= 4) {
                message = view_cut(message, size);
                for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
                        if (tables[i].protocol == protocol)
                                options_print(printer, message, tables[i].options, tables[i].cut);
                return;
        }
        if (!message_print(printer, message, size, code) && printer->options.verbose < 2)
                dump_hex(printer, "\n\t  ", view, view.length);
}

static void put_characters(struct printer *printer, struct view view, uint32_t at, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                put_visible(printer, get8(printer, view, at + i));
}

static void put_message_name(struct printer *printer, const struct name *names, uint8_t code)
{
        const char *name = name_find(names, code);

        putf(printer, "%s (0x%02x)", name ? name : "unknown", code);
}

static void pap_print(struct printer *printer, struct view view)
{
        static const struct name names[] = {
            {1, "Auth-Req"}, {2, "Auth-ACK"}, {3, "Auth-NACK"}, {0, NULL}};
        uint8_t code = get8(printer, view, 0);
        uint32_t first, second;

        put(printer, "PAP, ");
        put_message_name(printer, names, code);
        putf(printer, ", id %u", get8(printer, view, 1));
        need_hard(printer, view, 2, 2);
        if (code < 1 || code > 3)
                return;
        first = get8(printer, view, HEADER);
        put(printer, code == 1 ? ", Peer " : ", Msg ");
        put_characters(printer, view, HEADER + 1, first);
        if (code != 1)
                return;
        second = get8(printer, view, HEADER + 1 + first);
        put(printer, ", Name ");
        put_characters(printer, view, HEADER + 2 + first, second);
}

static void chap_print(struct printer *printer, struct view view)
{
        static const struct name names[] = {
            {1, "Challenge"}, {2, "Response"}, {3, "Success"}, {4, "Fail"}, {0, NULL}};
        uint8_t code = get8(printer, view, 0);
        uint32_t size, value;

        put(printer, "CHAP, ");
        put_message_name(printer, names, code);
        putf(printer, ", id %u", get8(printer, view, 1));
        size = get16(printer, view, 2);
        if (code == 1 || code == 2) {
                value = get8(printer, view, HEADER);
                put(printer, ", Value ");
                put_hex_bytes(printer, view, HEADER + 1, value);
                put(printer, ", Name ");
                value += HEADER + 1;
        } else if (code == 3 || code == 4) {
                put(printer, ", Msg ");
                value = HEADER;
        } else {
                return;
        }
        if (size > value)
                put_characters(printer, view, value, size - value);
}

/* `view` begins two bytes before what `protocol` names. */
static void protocol_print(struct printer *printer, struct view view, struct view inner,
                           uint16_t protocol)
{
        switch (protocol) {
        case 0x0021: ipv4_print(printer, inner); return;
        case 0x0057: ipv6_print(printer, inner); return;
        case 0x0281:
        case 0x0283: mpls_print(printer, inner); return;
        case 0xc021:
        case 0x8021:
        case 0x8057:
        case 0x80fd: control_print(printer, view, protocol); return;
        case PAP: pap_print(printer, inner); return;
        case CHAP: chap_print(printer, inner); return;
        case 0xc227: eap_print(printer, inner); return;
        case COMPRESSED: put(printer, "compressed PPP data"); return;
        default:
                putf(printer, "unknown PPP protocol (0x%04x) ", protocol);
                dump_hex(printer, "\n\t", inner, inner.length);
        }
}

void ppp_print_inside(struct printer *printer, struct view view)
{
        struct view inner;
        uint32_t header = 0, size = view.length;
        uint16_t protocol;

        printer->protocol = "ppp";
        if (view.length < 2) {
                put_truncated(printer);
                return;
        }
        if (get16(printer, view, 0) == 0xff03)
                header = 2;
        protocol = get8(printer, view, header);
        if (protocol & 1) {
                header += 1;
        } else {
                protocol = get16(printer, view, header);
                header += 2;
        }
        inner = view_from(view, header);
        if (printer->options.link_header) {
                const char *name = name_find(protocols, protocol);

                putf(printer, "%s (0x%04x), length %u", name ? name : "unknown", protocol, size);
                if (!name)
                        return;
                put(printer, ": ");
        }
        view = header >= 2 ? view_from(view, header - 2) : view;
        protocol_print(printer, view, inner, protocol);
}

void ppp_print(struct printer *printer, struct view view)
{
        printer->link_header = FRAME_HEADER;
        if (view.captured < 4) {
                printer->protocol = "ppp";
                printer->link_header = view.captured;
                put_truncated(printer);
                return;
        }
        ppp_print_inside(printer, view);
}

/* Link type PPP_SERIAL: the address and control bytes are always there. */
void ppp_serial_print(struct printer *printer, struct view view)
{
        uint16_t protocol;
        const char *name;

        printer->protocol = "ppp_hdlc";
        printer->link_header = FRAME_HEADER;
        if (view.captured < FRAME_HEADER) {
                printer->link_header = view.captured;
                put_truncated(printer);
                return;
        }
        if (printer->options.link_header)
                putf(printer, "%02x %02x %u ", view.data[0], view.data[1], view.length);
        protocol = get16(printer, view, 2);
        name = name_find(protocols, protocol);
        if (name)
                put(printer, name);
        else
                putf(printer, "unknown PPP protocol (0x%04x)", protocol);
        put(printer, ": ");
        protocol_print(printer, view_from(view, 2), view_from(view, FRAME_HEADER), protocol);
}
