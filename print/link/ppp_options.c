/* The options that PPP's configuration messages negotiate: those of LCP (RFC 1570 and 1661), and of
 * the protocols that set up networks, compression and bandwidth. */
#include "ppp.h"

#include "base/array.h"

/* How the value of an option is shown. */
enum shape {
        DUMP,
        NONE,
        NUMBER16,
        NUMBER32,
        MAGIC,
        IPV4,
        INTERFACE,
        AUTHENTICATION,
        QUALITY,
        CALLBACK,
        COMPRESSION,
        BSD,
        MVRCA,
        DEFLATE,
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
    {30, "PPP-Muxing", DUMP, 0, 0},
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

static const struct option bacp_options[] = {
    {1, "Favored-Peer", MAGIC, 6, GO_ON},
    {0, NULL, DUMP, 0, 0},
};

static const struct option ccp_options[] = {
    {0, "OUI", DUMP, 0, 0},        {1, "Pred-1", DUMP, 0, 0},
    {2, "Pred-2", DUMP, 0, 0},     {3, "Puddle", DUMP, 0, 0},
    {16, "HP-PPC", DUMP, 0, 0},    {17, "Stac-LZS", DUMP, 0, 0},
    {18, "MPPC", DUMP, 0, 0},      {19, "Gand-FZA", DUMP, 0, 0},
    {20, "V.42bis", DUMP, 0, 0},   {21, "BSD-Comp", BSD, 3, LEAST | GO_ON},
    {23, "LZS-DCP", DUMP, 0, 0},   {24, "MVRCA", MVRCA, 4, LEAST | GO_ON},
    {25, "DEC", DUMP, 0, 0},       {26, "Deflate", DEFLATE, 4, LEAST | GO_ON},
    {255, "Reserved", DUMP, 0, 0}, {0, NULL, DUMP, 0, 0},
};

static void authentication_print(struct printer *printer, struct packet option, uint32_t size)
{
        static const struct name algorithms[] = {
            {5, "MD5"}, {128, "MS-CHAPv1"}, {129, "MS-CHAPv2"}, {0, NULL}};
        uint16_t protocol = get16(printer, option, 2);

        if (protocol != CHAP) {
                /* tcpdump's message for others, verbatim. */
                putf(printer, ": %s",
                     name_or(ppp_protocol_names, protocol, "Unknown Auth Proto (0x04x)"));
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

/* IP header compression's, RFC 2509. Moves `at` to where they end, or contradict themselves. False
 * if one is cut. */
static bool suboptions_print(struct printer *printer, struct packet option, uint32_t *at,
                             uint32_t left)
{
        static const struct name names[] = {
            {1, "RTP-Compression"}, {2, "Enhanced RTP-Compression"}, {0, NULL}};

        if (left > 0)
                putf(printer, "\n\t      Suboptions, length %u", left);
        while (left >= 2) {
                uint8_t type, size;

                if (!has(option, *at, 2))
                        return false;
                type = get8(printer, option, *at);
                size = get8(printer, option, *at + 1);
                if (type == 0 || size == 0)
                        break;
                putf(printer, "\n\t\t%s Suboption #%u, length %u", name_or(names, type, "Unknown"),
                     type, size);
                if (size > left) {
                        put_damage(printer, " [remaining suboptions length %u < %u]", left, size);
                        put_invalid(printer);
                        break;
                }
                *at += size;
                left -= size;
        }
        return true;
}

/* What headers are compressed by. Fills `shown` with where -vv's dump begins: behind the
 * suboptions, as tcpdump has it. False if the option is cut. */
static bool compression_print(struct printer *printer, struct packet option, uint32_t size,
                              uint32_t *shown)
{
        enum { VAN_JACOBSON = 0x2d, IP_HEADERS = 0x61, LEAST_SIZE = 14 };
        uint16_t protocol = get16(printer, option, 2);
        uint32_t end = LEAST_SIZE;

        switch (protocol) {
        case VAN_JACOBSON: put(printer, ": VJ-Comp (0x2d):"); return true;
        case IP_HEADERS: break;
        default: putf(printer, ": Unknown (0x%02x):", protocol); return true;
        }
        put(printer, ": IP Header Compression (0x61):");
        if (size < LEAST_SIZE) {
                put_damage(printer, " (length bogus, should be >= %u)", LEAST_SIZE);
                return false;
        }
        if (!has(option, LEAST_SIZE, 2)) {
                ppp_cut_print(printer, "ipcp");
                return false;
        }
        putf(printer, "\n\t    TCP Space %u, non-TCP Space %u, maxPeriod %u, maxTime %u, maxHdr %u",
             get16(printer, option, 4), get16(printer, option, 6), get16(printer, option, 8),
             get16(printer, option, 10), get16(printer, option, 12));
        if (!suboptions_print(printer, option, &end, size - LEAST_SIZE)) {
                ppp_cut_print(printer, "ipcp");
                return false;
        }
        if (size > LEAST_SIZE)
                *shown = end + 2;
        return true;
}

/* False if the option is cut. */
static bool value_print(struct printer *printer, struct packet option, enum shape shape,
                        uint32_t size, uint32_t *shown)
{
        enum { ZLIB = 8 };
        uint8_t first, second;

        switch (shape) {
        case NUMBER16: putf(printer, ": %u", get16(printer, option, 2)); break;
        case NUMBER32: putf(printer, ": 0x%08x", get32(printer, option, 2)); break;
        case MAGIC: putf(printer, ": Magic-Num 0x%08x", get32(printer, option, 2)); break;
        case IPV4:
                need_hard(printer, option, 2, 4);
                put_ipv4_labelled(printer, ": ", option, 2);
                break;
        case INTERFACE:
                if (!has(option, 2, 8)) {
                        ppp_cut_print(printer, "ip6cp");
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
        case COMPRESSION: return compression_print(printer, option, size, shown);
        case BSD:
                first = get8(printer, option, 2);
                putf(printer, ": Version: %u, Dictionary Bits: %u", first >> 5, first & 0x1fu);
                break;
        case MVRCA:
                first = get8(printer, option, 2);
                putf(printer, ": Features: %u, PxP: %s, History: %u, #CTX-ID: %u", first >> 6,
                     first & 0x20 ? "Enabled" : "Disabled", first & 0x1fu,
                     get8(printer, option, 3));
                break;
        case DEFLATE:
                first = get8(printer, option, 2);
                second = get8(printer, option, 3);
                putf(printer, ": Window: %uK, Method: %s (0x%x), MBZ: %u, CHK: %u", first >> 4,
                     (first & 0x0f) == ZLIB ? "zlib" : "unknown", first & 0x0fu, second >> 2,
                     second & 3u);
                break;
        case HEX16: putf(printer, ": 0x%04x", get16(printer, option, 2)); break;
        case ORGANIZATION:
                ppp_vendor_print(printer, ": Vendor: ", get24(printer, option, 2));
                break;
        case IPV4_PAIR:
                need_hard(printer, option, 2, 8);
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

/* -vv's dump. Behind suboptions that end with the packet tcpdump takes it to begin even further on,
 * and remarks that. */
static void value_dump(struct printer *printer, struct packet option, uint32_t at, uint32_t size)
{
        static const char indent[] = "\n\t    ";

        if (at <= option.captured) {
                dump_hex(printer, indent, packet_from(option, at), size);
                return;
        }
        put(printer, indent);
        put(printer, "Dissector error: print_unknown_data called with pointer past end of packet");
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
                        ppp_cut_print(printer, cut);
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
                        uint32_t shown = 2;

                        if (!value_print(printer, options, known->shape, size, &shown))
                                return;
                        if (printer->options.verbose > 1)
                                value_dump(printer, options, shown, size - 2);
                }
                if (size > options.length) {
                        putf(printer, " [remaining options length %u < %u]", options.length, size);
                        put_invalid(printer);
                        return;
                }
                options = packet_from(options, size);
        }
}

void ppp_options_print(struct printer *printer, struct packet options, uint16_t protocol,
                       uint32_t limit)
{
        static const struct {
                uint16_t protocol;
                const struct option *options;
                const char *unknown, *cut;
        } tables[] = {{0xc021, lcp_options, NULL, "lcp"},
                      {0x8021, ipcp_options, "unknown", "ipcp"},
                      {0x8057, ip6cp_options, "unknown", "ip6cp"},
                      {0x80fd, ccp_options, "Unknown", "ccp"},
                      {0xc02b, bacp_options, "Unknown", "bacp"}};

        for (size_t i = 0; i < array_count(tables); i++)
                if (tables[i].protocol == protocol)
                        options_print(printer, options, tables[i].options, tables[i].unknown,
                                      tables[i].cut, limit);
}
