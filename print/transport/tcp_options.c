/* The options of a TCP header; https://www.iana.org/assignments/tcp-parameters. */
#include "tcp.h"

#include "print/printer/fields.h"

enum kind {
        END = 0,
        NOP = 1,
        MAXIMUM_SEGMENT = 2,
        WINDOW_SCALE = 3,
        SACK_PERMITTED = 4,
        SACK = 5,
        ECHO = 6,
        ECHO_REPLY = 7,
        TIMESTAMP = 8,
        CC = 11,
        CC_NEW = 12,
        CC_ECHO = 13,
        MD5 = 19,
        SCPS = 20,
        USER_TIMEOUT = 28,
        AUTHENTICATION = 29,
        MULTIPATH = 30,
        FAST_OPEN = 34,
        EXPERIMENT = 254,
};

enum { FAST_OPEN_EXPERIMENT = 0xf989 }; /* the predecessor of option 34, RFC 7413, 4.1.1 */

/* What the functions that print a value return instead of the bytes of it that they used. */
#define BAD_OPTION (-1)
#define CUT_OPTION (-2)

/* Returns unless the options have room for `size` more bytes from here, and they are captured.
 * `value` extends past the option, to the end of all options and further: an option may state less
 * than its kind needs. */
#define REQUIRE(size)                      \
        do {                               \
                if ((size) > value.length) \
                        return BAD_OPTION; \
                if (!has(value, 0, size))  \
                        return CUT_OPTION; \
        } while (0)

#define VARIABLE 255

/* The name of each kind, and the size of its value. */
static const struct option {
        const char *name;
        uint8_t size;
} options[256] = {
    [END] = {"eol", 0},
    [NOP] = {"nop", 0},
    [MAXIMUM_SEGMENT] = {"mss", 2},
    [WINDOW_SCALE] = {"wscale", 1},
    [SACK_PERMITTED] = {"sackOK", 0},
    [SACK] = {"sack", VARIABLE},
    [ECHO] = {"echo", 4},
    [ECHO_REPLY] = {"echoreply", 4},
    [TIMESTAMP] = {"TS", 8},
    [CC] = {"cc", 4},
    [CC_NEW] = {"ccnew", 4},
    [CC_ECHO] = {"", 4},
    [MD5] = {"md5", 16},
    [SCPS] = {"scps", 2},
    [USER_TIMEOUT] = {"uto", 2},
    [AUTHENTICATION] = {"tcp-ao", VARIABLE},
    [MULTIPATH] = {"mptcp", VARIABLE},
    [FAST_OPEN] = {"tfo", VARIABLE},
    [EXPERIMENT] = {"exp", VARIABLE},
};

static void digest_print(struct printer *printer, struct packet value,
                         const struct tcp_segment *segment)
{
        enum { SIZE = 16 };

        if (segment->whole && printer->options.digest_secret) {
                if (tcp_digest_is_valid(printer, segment->packet, segment->header,
                                        bytes_at(printer, value, 0, SIZE))) {
                        put(printer, " valid");
                } else {
                        put_char(printer, ' ');
                        put_invalid(printer);
                }
                return;
        }
        put(printer, segment->whole ? " shared secret not supplied with -M, can't check - "
                                    : " snaplen too short, can't check - ");
        put_hex_bytes(printer, value, 0, SIZE);
}

static int fixed_print(struct printer *printer, struct packet value, uint32_t size, uint8_t kind,
                       const struct tcp_segment *segment)
{
        uint16_t timeout;

        REQUIRE(size);
        switch (kind) {
        case END:
        case NOP:
        case SACK_PERMITTED: break;
        case MAXIMUM_SEGMENT: put_labelled(printer, " ", get16(printer, value, 0)); break;
        case WINDOW_SCALE: put_labelled(printer, " ", get8(printer, value, 0)); break;
        case TIMESTAMP:
                put_labelled(printer, " val ", get32(printer, value, 0));
                put_labelled(printer, " ecr ", get32(printer, value, 4));
                break;
        case MD5: digest_print(printer, value, segment); break;
        case SCPS:
                putf(printer, " cap %02x id %u", get8(printer, value, 0), get8(printer, value, 1));
                break;
        case USER_TIMEOUT: /* RFC 5482: the lowest bit selects minutes or seconds, as tcpdump prints
                              it. */
                timeout = get16(printer, value, 0);
                putf(printer, " 0x%x %u", timeout, (timeout >> 1) * (timeout & 1 ? 60u : 1u));
                break;
        default: put_labelled(printer, " ", get32(printer, value, 0));
        }
        return (int)size;
}

static int sack_print(struct printer *printer, struct packet value, uint32_t size, uint32_t base)
{
        if (size % 8 != 0) {
                put_damage(printer, " invalid sack");
                return (int)size;
        }
        putf(printer, " %u ", size / 8);
        for (uint32_t at = 0; at < size; at += 8) {
                REQUIRE(at + 8);
                putf(printer, "{%u:%u}", get32(printer, value, at) - base,
                     get32(printer, value, at + 4) - base);
        }
        return (int)size;
}

/* In hex, behind `label`, from `at` on. */
static int hex_print(struct printer *printer, struct packet value, uint32_t size, const char *label,
                     uint32_t at)
{
        if (size > at)
                put(printer, label);
        for (uint32_t i = at; i < size; i++) {
                REQUIRE(i + 1);
                put_hex(printer, value.data[i], 2);
        }
        return (int)size;
}

static int authentication_print(struct printer *printer, struct packet value, uint32_t size)
{
        if (size < 2) {
                put_invalid(printer);
                return (int)size;
        }
        REQUIRE(1);
        putf(printer, " keyid %u", value.data[0]);
        REQUIRE(2);
        putf(printer, " rnextkeyid %u", value.data[1]);
        return hex_print(printer, value, size, " mac 0x", 2);
}

static void cookie_print(struct printer *printer, struct packet value, uint32_t at, uint32_t size)
{
        if (size == 0) {
                put(printer, " cookiereq");
        } else if (size % 2 != 0 || size < 4 || size > 16) {
                put_invalid(printer);
        } else {
                put(printer, " cookie ");
                put_hex_bytes(printer, value, at, size);
        }
}

/* RFC 6994: the first two bytes identify the experiment. */
static int experiment_print(struct printer *printer, struct packet value, uint32_t size)
{
        uint16_t magic;

        if (size < 2)
                return BAD_OPTION;
        magic = get16(printer, value, 0);
        put_char(printer, '-');
        if (magic == FAST_OPEN_EXPERIMENT) {
                put(printer, "tfo");
                cookie_print(printer, value, 2, size - 2);
        } else {
                putf(printer, "%04x", magic);
        }
        return (int)size;
}

static int variable_print(struct printer *printer, struct packet value, uint32_t size, uint8_t kind,
                          const struct tcp_segment *segment)
{
        switch (kind) {
        case SACK: return sack_print(printer, value, size, segment->peer_base);
        case AUTHENTICATION: return authentication_print(printer, value, size);
        case MULTIPATH:
                REQUIRE(size);
                return mptcp_print(printer, packet_cut(value, size), segment->flags) ? (int)size
                                                                                     : BAD_OPTION;
        case FAST_OPEN:
                REQUIRE(size);
                put_char(printer, ' ');
                cookie_print(printer, value, 0, size);
                return (int)size;
        case EXPERIMENT: REQUIRE(size); return experiment_print(printer, value, size);
        default: return hex_print(printer, value, size, " 0x", 0);
        }
}

static bool bad_option(struct printer *printer, bool first)
{
        put_damage(printer, first ? "[bad opt]" : "[bad opt]]");
        return false;
}

bool tcp_options_print(struct printer *printer, struct packet packet,
                       const struct tcp_segment *segment)
{
        put(printer, ", options [");
        for (bool first = true; packet.length > 0; first = false) {
                uint8_t kind;
                const struct option *option;
                uint32_t stated = 1;
                uint32_t header = 1;
                int taken;

                if (!first)
                        put_char(printer, ',');
                kind = get8(printer, packet, 0);
                option = &options[kind];
                if (kind != END && kind != NOP) {
                        stated = get8(printer, packet, 1);
                        header = 2;
                        if (stated < 2 || stated > packet.length)
                                return bad_option(printer, first);
                }
                if (option->name)
                        put(printer, option->name);
                else
                        putf(printer, "unknown-%u", kind);
                packet = packet_from(packet, header);
                if (option->name && option->size != VARIABLE)
                        taken = fixed_print(printer, packet, option->size, kind, segment);
                else
                        taken = variable_print(printer, packet, stated - header, kind, segment);
                if (taken == BAD_OPTION)
                        return bad_option(printer, first);
                if (taken == CUT_OPTION) {
                        put_truncated(printer);
                        put(printer, first ? "" : ">");
                        return false;
                }
                if ((uint32_t)taken != stated - header)
                        putf(printer, "[len %u]", stated);
                packet = packet_from(packet, (uint32_t)taken);
                if (kind == END)
                        break;
        }
        put_char(printer, ']');
        return true;
}

/* ---- Fields ---- */

/* Takes an option from the front: its kind, and its value. False if there is none. */
static bool option_take(struct printer *printer, struct packet *packet, uint8_t *kind,
                        struct packet *value)
{
        uint32_t size;

        if (packet->length == 0)
                return false;
        *kind = get8(printer, *packet, 0);
        if (*kind == END || *kind == NOP) {
                *value = packet_cut(packet_from(*packet, 1), 0);
                *packet = *kind == END ? *value : packet_from(*packet, 1);
                return true;
        }
        size = packet->length > 1 ? get8(printer, *packet, 1) : 0;
        if (size < 2 || size > packet->length)
                return false;
        *value = packet_cut(packet_from(*packet, 2), size - 2);
        *packet = packet_from(*packet, size);
        return true;
}

static void sack_fields(struct printer *printer, struct packet value)
{
        static const char *const names[] = {"tcp.options.sack_le", "tcp.options.sack_re"};

        for (uint32_t edge = 0; edge < 2; edge++) {
                field_open(printer, names[edge], '[');
                for (uint32_t at = edge * 4; at + 4 <= value.length; at += 8)
                        field_number(printer, NULL, get32(printer, value, at));
                field_close(printer);
        }
}

static void value_fields(struct printer *printer, struct packet value, uint8_t kind)
{
        switch (kind) {
        case MAXIMUM_SEGMENT:
                field_number(printer, "tcp.options.mss_val", get16(printer, value, 0));
                break;
        case WINDOW_SCALE:
                field_number(printer, "tcp.options.wscale.shift", get8(printer, value, 0));
                break;
        case SACK: sack_fields(printer, value); break;
        case TIMESTAMP:
                field_number(printer, "tcp.options.timestamp.tsval", get32(printer, value, 0));
                field_number(printer, "tcp.options.timestamp.tsecr", get32(printer, value, 4));
                break;
        case MD5: field_bytes(printer, "tcp.options.md5.digest", value, 0, value.length); break;
        case USER_TIMEOUT:
                field_number(printer, "tcp.options.user_to_val",
                             get16(printer, value, 0) & 0x7fffu);
                break;
        case AUTHENTICATION:
                field_number(printer, "tcp.options.ao.keyid", get8(printer, value, 0));
                field_number(printer, "tcp.options.ao.rnextkeyid", get8(printer, value, 1));
                break;
        case MULTIPATH:
                field_number(printer, "tcp.options.mptcp.subtype", get8(printer, value, 0) >> 4);
                break;
        case FAST_OPEN:
                field_bytes(printer, "tcp.options.tfo.cookie", value, 0, value.length);
                break;
        default: break;
        }
}

/* Of an option that occurs twice, the first: members of an object differ. Those whose value has
 * not the size of their kind have none. */
void tcp_option_fields(struct printer *printer, struct packet packet)
{
        struct packet rest = packet, value;
        bool seen[256] = {false};
        uint8_t kind;

        if (packet.length == 0)
                return;
        field_open(printer, "tcp.option_kind", '[');
        while (option_take(printer, &rest, &kind, &value))
                field_number(printer, NULL, kind);
        field_close(printer);
        while (option_take(printer, &packet, &kind, &value)) {
                const struct option *option = &options[kind];

                if (seen[kind] || !option->name)
                        continue;
                seen[kind] = true;
                if (option->size == VARIABLE ? value.length > 0 || kind == FAST_OPEN
                                             : value.length == option->size)
                        value_fields(printer, value, kind);
        }
}
