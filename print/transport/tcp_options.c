/* The options of a TCP header; https://www.iana.org/assignments/tcp-parameters. */
#include "tcp.h"

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

/* Each prints a value and returns how many bytes it used, or TCP_BAD_OPTION. `value` extends past
 * the option, to the end of all options and further: an option may state less than its kind needs.
 */
typedef int value_printer(struct printer *printer, struct packet value, uint32_t size,
                          const struct tcp_segment *segment);

/* Returns unless the options have room for `size` more bytes from here, and they are captured. */
#define REQUIRE(size)                          \
        do {                                   \
                if ((size) > value.length)     \
                        return TCP_BAD_OPTION; \
                if (!has(value, 0, size))      \
                        return TCP_CUT_OPTION; \
        } while (0)

static int number_print(struct printer *printer, struct packet value, uint32_t size,
                        const struct tcp_segment *segment)
{
        (void)size, (void)segment;
        REQUIRE(4);
        putf(printer, " %u", get32(printer, value, 0));
        return 4;
}

static int maximum_segment_print(struct printer *printer, struct packet value, uint32_t size,
                                 const struct tcp_segment *segment)
{
        (void)size, (void)segment;
        REQUIRE(2);
        put_labelled(printer, " ", get16(printer, value, 0));
        return 2;
}

static int window_scale_print(struct printer *printer, struct packet value, uint32_t size,
                              const struct tcp_segment *segment)
{
        (void)size, (void)segment;
        REQUIRE(1);
        put_labelled(printer, " ", get8(printer, value, 0));
        return 1;
}

static int nothing_print(struct printer *printer, struct packet value, uint32_t size,
                         const struct tcp_segment *segment)
{
        (void)printer, (void)value, (void)size, (void)segment;
        return 0;
}

static int sack_print(struct printer *printer, struct packet value, uint32_t size,
                      const struct tcp_segment *segment)
{
        if (size % 8 != 0) {
                put(printer, " invalid sack");
                return (int)size;
        }
        putf(printer, " %u ", size / 8);
        for (uint32_t at = 0; at < size; at += 8) {
                uint32_t start, end;

                REQUIRE(at + 8);
                start = get32(printer, value, at) - segment->peer_base;
                end = get32(printer, value, at + 4) - segment->peer_base;
                putf(printer, "{%u:%u}", start, end);
        }
        return (int)size;
}

static int timestamp_print(struct printer *printer, struct packet value, uint32_t size,
                           const struct tcp_segment *segment)
{
        (void)size, (void)segment;
        REQUIRE(8);
        put_labelled(printer, " val ", get32(printer, value, 0));
        put_labelled(printer, " ecr ", get32(printer, value, 4));
        return 8;
}

/* We have no option for the secret that verifies it. */
static int md5_print(struct printer *printer, struct packet value, uint32_t size,
                     const struct tcp_segment *segment)
{
        (void)size;
        REQUIRE(16);
        put(printer, segment->whole ? " shared secret not supplied with -M, can't check - "
                                    : " snaplen too short, can't check - ");
        put_hex_bytes(printer, value, 0, 16);
        return 16;
}

static int scps_print(struct printer *printer, struct packet value, uint32_t size,
                      const struct tcp_segment *segment)
{
        (void)size, (void)segment;
        REQUIRE(2);
        putf(printer, " cap %02x id %u", get8(printer, value, 0), get8(printer, value, 1));
        return 2;
}

/* RFC 5482: the lowest bit selects minutes or seconds (as tcpdump prints it). */
static int user_timeout_print(struct printer *printer, struct packet value, uint32_t size,
                              const struct tcp_segment *segment)
{
        uint16_t timeout;

        (void)size, (void)segment;
        REQUIRE(2);
        timeout = get16(printer, value, 0);
        putf(printer, " 0x%x %u", timeout, (timeout >> 1) * (timeout & 1 ? 60u : 1u));
        return 2;
}

static int authentication_print(struct printer *printer, struct packet value, uint32_t size,
                                const struct tcp_segment *segment)
{
        (void)segment;
        if (size < 2) {
                put_invalid(printer);
                return (int)size;
        }
        REQUIRE(1);
        putf(printer, " keyid %u", value.data[0]);
        REQUIRE(2);
        putf(printer, " rnextkeyid %u", value.data[1]);
        if (size == 2)
                return 2;
        put(printer, " mac 0x");
        for (uint32_t i = 2; i < size; i++) {
                REQUIRE(i + 1);
                put_hex(printer, value.data[i], 2);
        }
        return (int)size;
}

static int multipath_print(struct printer *printer, struct packet value, uint32_t size,
                           const struct tcp_segment *segment)
{
        REQUIRE(size);
        return mptcp_print(printer, value, size, segment);
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

static int fast_open_print(struct printer *printer, struct packet value, uint32_t size,
                           const struct tcp_segment *segment)
{
        (void)segment;
        REQUIRE(size);
        put_char(printer, ' ');
        cookie_print(printer, value, 0, size);
        return (int)size;
}

/* RFC 6994: the first two bytes identify the experiment. */
static int experiment_print(struct printer *printer, struct packet value, uint32_t size,
                            const struct tcp_segment *segment)
{
        uint16_t magic;

        (void)segment;
        REQUIRE(size);
        if (size < 2)
                return TCP_BAD_OPTION;
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

static int unknown_print(struct printer *printer, struct packet value, uint32_t size,
                         const struct tcp_segment *segment)
{
        (void)segment;
        if (size > 0)
                put(printer, " 0x");
        for (uint32_t i = 0; i < size; i++) {
                REQUIRE(i + 1);
                put_hex(printer, value.data[i], 2);
        }
        return (int)size;
}

static const struct option {
        const char *name;
        value_printer *print;
} options[256] = {
    [END] = {"eol", nothing_print},
    [NOP] = {"nop", nothing_print},
    [MAXIMUM_SEGMENT] = {"mss", maximum_segment_print},
    [WINDOW_SCALE] = {"wscale", window_scale_print},
    [SACK_PERMITTED] = {"sackOK", nothing_print},
    [SACK] = {"sack", sack_print},
    [ECHO] = {"echo", number_print},
    [ECHO_REPLY] = {"echoreply", number_print},
    [TIMESTAMP] = {"TS", timestamp_print},
    [CC] = {"cc", number_print},
    [CC_NEW] = {"ccnew", number_print},
    [CC_ECHO] = {"", number_print},
    [MD5] = {"md5", md5_print},
    [SCPS] = {"scps", scps_print},
    [USER_TIMEOUT] = {"uto", user_timeout_print},
    [AUTHENTICATION] = {"tcp-ao", authentication_print},
    [MULTIPATH] = {"mptcp", multipath_print},
    [FAST_OPEN] = {"tfo", fast_open_print},
    [EXPERIMENT] = {"exp", experiment_print},
};

static bool bad_option(struct printer *printer, bool first)
{
        put(printer, first ? "[bad opt]" : "[bad opt]]");
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
                taken = (option->print ? option->print : unknown_print)(printer, packet,
                                                                        stated - header, segment);
                if (taken == TCP_BAD_OPTION)
                        return bad_option(printer, first);
                if (taken == TCP_CUT_OPTION) {
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
