/* The options of EDNS, RFC 6891; https://www.iana.org/assignments/dns-parameters */
#include "application.h"

#include "base/array.h"

/* The printers of options do not get empty ones. */
static void put_invalid_option(struct printer *printer)
{
        put_char(printer, ' ');
        put_invalid(printer);
}

static void hex_print(struct printer *printer, struct packet option)
{
        put_char(printer, ' ');
        put_hex_bytes(printer, option, 0, option.length);
}

static void size_print(struct printer *printer, struct packet option)
{
        putf(printer, " (%u)", option.length);
}

/* RFC 7871: a prefix of the client's address. */
static void subnet_print(struct printer *printer, struct packet option)
{
        enum { IPV4 = 1, IPV6 = 2, FIXED = 4 };
        uint8_t address[16] = {0};
        uint16_t family;
        uint8_t source, scope;
        uint32_t size;

        put_char(printer, ' ');
        if (option.length < FIXED) {
                put_invalid(printer);
                return;
        }
        family = get16(printer, option, 0);
        source = get8(printer, option, 2);
        scope = get8(printer, option, 3);
        size = option.length - FIXED;
        if ((family != IPV4 && family != IPV6) || size > (family == IPV4 ? 4u : 16u)) {
                put_invalid(printer);
                return;
        }
        for (uint32_t i = 0; i < size; i++)
                address[i] = get8(printer, option, FIXED + i);
        if (family == IPV4)
                put_ipv4(printer, address);
        else
                put_ipv6(printer, address);
        putf(printer, "/%u/%u", source, scope);
}

static void expire_print(struct printer *printer, struct packet option)
{
        if (option.length != 4)
                put_invalid_option(printer);
        else
                putf(printer, " %u sec", get32(printer, option, 0));
}

/* RFC 7873: the client's part, then perhaps the server's. */
static void cookie_print(struct printer *printer, struct packet option)
{
        enum { CLIENT = 8, MIN_SERVER = 16, MOST = 40 };

        if (option.length < CLIENT || (option.length > CLIENT && option.length < MIN_SERVER) ||
            option.length > MOST) {
                put_invalid_option(printer);
                return;
        }
        put_char(printer, ' ');
        put_hex_bytes(printer, option, 0, CLIENT);
        if (option.length > CLIENT) {
                put_char(printer, ' ');
                put_hex_bytes(printer, option, CLIENT, option.length - CLIENT);
        }
}

/* RFC 7828: tenths of a second. */
static void keepalive_print(struct printer *printer, struct packet option)
{
        if (option.length != 2)
                put_invalid_option(printer);
        else
                putf(printer, " %u.%u sec", get16(printer, option, 0) / 10u,
                     get16(printer, option, 0) % 10u);
}

/* tcpdump reads the name as far as it goes, and counts pointers from the option's end. */
static void chain_print(struct printer *printer, struct packet option)
{
        put_char(printer, ' ');
        domain_name_print_from(printer, option, 0, option.length);
}

static void key_tag_print(struct printer *printer, struct packet option)
{
        if (option.length < 2 || option.length % 2 != 0) {
                put_invalid_option(printer);
                return;
        }
        for (uint32_t at = 0; at < option.length; at += 2)
                putf(printer, " %u", get16(printer, option, at));
}

static void numbers_print(struct printer *printer, struct packet option, const struct name *names)
{
        for (uint32_t at = 0; at < option.length; at++) {
                put_char(printer, ' ');
                put_name(printer, names, "Alg_%u", get8(printer, option, at));
        }
}

static const struct name algorithms[] = {{0, "DELETE"},
                                         {1, "RSAMD5"},
                                         {2, "DH"},
                                         {3, "DS"},
                                         {5, "RSASHA1"},
                                         {6, "DSA-NSEC3-SHA1"},
                                         {7, "RSASHA1-NSEC3-SHA1"},
                                         {8, "RSASHA256"},
                                         {10, "RSASHA512"},
                                         {12, "ECC-GOST"},
                                         {13, "ECDSAP256SHA256"},
                                         {14, "ECDSAP384SHA384"},
                                         {15, "ED25519"},
                                         {16, "ED448"},
                                         {252, "INDIRECT"},
                                         {253, "PRIVATEDNS"},
                                         {254, "PRIVATEOID"},
                                         {0, NULL}};
static const struct name digests[] = {
    {1, "SHA-1"}, {2, "SHA-256"}, {3, "GOST_R_34.11-94"}, {4, "SHA-384"}, {0, NULL}};
static const struct name hashes[] = {{1, "SHA-1"}, {0, NULL}};

static const struct {
        const char *name;
        void (*print)(struct printer *printer, struct packet option);
        const struct name *numbers; /* instead of `print`: the option is a list of these */
} options[] = {
    [1] = {"LLQ", .print = hex_print},          [2] = {"UL", .print = hex_print},
    [3] = {"NSID", .print = hex_print},         [5] = {"DAU", .numbers = algorithms},
    [6] = {"DHU", .numbers = digests},          [7] = {"N3U", .numbers = hashes},
    [8] = {"ECS", .print = subnet_print},       [9] = {"EXPIRE", .print = expire_print},
    [10] = {"COOKIE", .print = cookie_print},   [11] = {"KEEPALIVE", .print = keepalive_print},
    [12] = {"PADDING", .print = size_print},    [13] = {"CHAIN", .print = chain_print},
    [14] = {"KEY-TAG", .print = key_tag_print}, [16] = {"CLIENT-TAG", .print = hex_print},
    [17] = {"SERVER-TAG", .print = hex_print},
};

void edns_print(struct printer *printer, struct packet message, uint32_t at, uint32_t end)
{
        enum { HEADER = 4, CHAIN = 13 };

        if (at == end)
                return;
        put(printer, " [");
        for (bool first = true; at < end; first = false) {
                struct packet option;
                uint16_t code, size;
                bool known;

                if (!first)
                        put_char(printer, ',');
                need(printer, message, at, 2);
                code = get16(printer, message, at);
                known = code < array_count(options) && options[code].name;
                if (known)
                        put(printer, options[code].name);
                else
                        putf(printer, "Opt%u", code);
                need(printer, message, at + 2, 2);
                size = get16(printer, message, at + 2);
                need(printer, message, at + HEADER, size);
                option = packet_from(message, at + HEADER);
                if (code == CHAIN)
                        option.length = size;
                else
                        option = packet_cut(option, size);
                if (size > 0 && known && options[code].numbers)
                        numbers_print(printer, option, options[code].numbers);
                else if (size > 0)
                        (known ? options[code].print : hex_print)(printer, option);
                at += HEADER + size;
        }
        put_char(printer, ']');
}
