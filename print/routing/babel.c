/* Babel, RFC 8966: with -v its TLVs and their sub-TLVs, those of diversity (draft-chroboczek-babel-
 * diversity-routing), of delays (RFC 9616), of routes by source (draft-boutier-babel-source-
 * specific) and of authentication (RFC 7298 and 8967). */
#include "print/printer/printer.h"

enum { HEADER = 4, TLV_HEADER = 2, MAGIC = 42, VERSION = 2 };

enum type {
        PAD1,
        PADN,
        ACKNOWLEDGMENT_REQUEST,
        ACKNOWLEDGMENT,
        HELLO,
        IHU,
        ROUTER_ID,
        NEXT_HOP,
        UPDATE,
        ROUTE_REQUEST,
        SEQNO_REQUEST,
        TIMESTAMP,
        HMAC,
        SOURCE_UPDATE,
        SOURCE_REQUEST,
        SOURCE_SEQNO_REQUEST,
        MAC,
        PACKET_COUNTER,
        CHALLENGE_REQUEST,
        CHALLENGE_REPLY,
};

/* RFC 8966, 4.1.4: how an address is encoded. */
enum encoding { WILDCARD, IPV4, IPV6, LINK_LOCAL };

enum { NO_ADDRESS = -1 };

/* Where the bytes that an update leaves out are from: earlier ones of the same packet. */
struct prefixes {
        uint8_t ipv4[16], ipv6[16];
};

/* IPv4's addresses are kept as IPv6's that stand for them. */
static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void put_interval(struct printer *printer, uint16_t hundredths)
{
        if (hundredths == 0)
                put(printer, "0.0s (bogus)");
        else
                putf(printer, "%u.%02us", hundredths / 100u, hundredths % 100u);
}

static void put_update_interval(struct printer *printer, uint16_t hundredths)
{
        if (hundredths == UINT16_MAX)
                put(printer, "infinity");
        else
                put_interval(printer, hundredths);
}

static void put_identifier(struct printer *printer, struct packet packet, uint32_t at)
{
        for (uint32_t i = 0; i < 8; i++)
                putf(printer, "%s%02x", i > 0 ? ":" : "", get8(printer, packet, at + i));
}

/* An address before any of its bytes is read. */
static void address_start(uint8_t address[16], uint8_t encoding)
{
        memset(address, 0, 16);
        if (encoding == IPV4)
                memcpy(address, mapped, sizeof mapped);
        if (encoding == LINK_LOCAL) {
                address[0] = 0xfe;
                address[1] = 0x80;
        }
}

/* Reads an address, and returns how many bytes it has, or NO_ADDRESS. */
static int read_address(uint8_t address[16], uint8_t encoding, struct packet packet)
{
        static const uint32_t sizes[] = {0, 4, 16, 8};
        uint32_t size;

        address_start(address, encoding);
        if (encoding > LINK_LOCAL)
                return NO_ADDRESS;
        size = sizes[encoding];
        if (packet.length < size)
                return NO_ADDRESS;
        memcpy(address + 16 - size, packet.data, size);
        return (int)size;
}

/* A prefix of `length` bits, of which `omitted` bytes are those of an earlier one. */
struct compressed {
        uint8_t encoding, length, omitted;
};

/* The same of a prefix. */
static int read_prefix(uint8_t prefix[16], struct compressed form, const struct prefixes *before,
                       struct packet packet)
{
        uint32_t size = (form.length + 7u) / 8, most = form.encoding == IPV4 ? 4 : 16, given;
        uint32_t omitted = form.omitted;
        uint8_t *start = prefix + 16 - most;

        address_start(prefix, form.encoding);
        if (size > 16)
                return NO_ADDRESS;
        if (form.encoding == WILDCARD)
                return 0;
        if (form.encoding > LINK_LOCAL || size > most)
                return NO_ADDRESS;
        if (form.encoding == LINK_LOCAL) {
                omitted = 8;
        } else if (omitted > 0) {
                if (!before || omitted > most)
                        return NO_ADDRESS;
                memcpy(start, (form.encoding == IPV4 ? before->ipv4 : before->ipv6) + 16 - most,
                       omitted);
        }
        given = size > omitted ? size - omitted : 0;
        if (packet.length < given)
                return NO_ADDRESS;
        memcpy(start + omitted, packet.data, given);
        return (int)given;
}

static bool is_mapped(const uint8_t address[16])
{
        return memcmp(address, mapped, sizeof mapped) == 0;
}

static void put_address(struct printer *printer, const uint8_t address[16])
{
        if (is_mapped(address))
                put_ipv4(printer, address + 12);
        else
                put_ipv6(printer, address);
}

static void put_prefix(struct printer *printer, uint8_t encoding, const uint8_t prefix[16],
                       uint8_t length)
{
        unsigned bits = encoding == IPV4 ? 96u + length : length;

        if (bits >= 96 && is_mapped(prefix)) {
                put_ipv4(printer, prefix + 12);
                bits -= 96;
        } else {
                put_ipv6(printer, prefix);
        }
        putf(printer, "/%u", bits);
}

static void put_channels(struct printer *printer, struct packet packet)
{
        if (packet.length == 0)
                put(printer, " empty");
        for (uint32_t i = 0; i < packet.length; i++) {
                uint8_t channel = get8(printer, packet, i);

                put_char(printer, i == 0 ? ' ' : '-');
                if (channel == 0)
                        put(printer, "reserved");
                else if (channel == 255)
                        put(printer, "all");
                else
                        put_decimal(printer, channel);
        }
}

static void put_timestamp(struct printer *printer, struct packet packet, uint32_t at)
{
        uint32_t microseconds = get32(printer, packet, at);

        putf(printer, "%u.%06us", microseconds / 1000000, microseconds % 1000000);
}

/* Returns false where they are too short. */
static bool put_timestamps(struct printer *printer, struct packet packet, enum type type)
{
        if (type != HELLO && type != IHU) {
                put(printer, " (bogus)");
                return true;
        }
        if (packet.length < (type == HELLO ? 4 : 8)) {
                put_invalid(printer);
                return false;
        }
        put_char(printer, ' ');
        put_timestamp(printer, packet, 0);
        if (type == IHU) {
                put_char(printer, '|');
                put_timestamp(printer, packet, 4);
        }
        return true;
}

/* Those of a TLV of `type`. */
static void sub_tlvs_print(struct printer *printer, struct packet packet, enum type type)
{
        enum { DIVERSITY = 2, TIMESTAMPS = 3, MANDATORY = 0x80 };

        while (packet.length > 0) {
                uint8_t kind = get8(printer, packet, 0);
                struct packet value;

                if (kind == PAD1) {
                        put(printer, " sub-pad1");
                        packet = packet_from(packet, 1);
                        continue;
                }
                if (kind & MANDATORY)
                        put(printer, " (M)");
                if (packet.length < TLV_HEADER ||
                    packet.length - TLV_HEADER < get8(printer, packet, 1)) {
                        put_invalid(printer);
                        return;
                }
                value = packet_cut(packet_from(packet, TLV_HEADER), get8(printer, packet, 1));
                switch (kind) {
                /* TLVs and sub-TLVs share these two. */
                case PADN: put(printer, " sub-padn"); break;
                case DIVERSITY:
                        put(printer, " sub-diversity");
                        put_channels(printer, value);
                        if (value.length > 0 && type != UPDATE && type != SOURCE_UPDATE)
                                put(printer, " (bogus)");
                        break;
                case TIMESTAMPS:
                        put(printer, " sub-timestamp");
                        if (!put_timestamps(printer, value, type))
                                return;
                        break;
                default: putf(printer, " sub-unknown-0x%02x", kind);
                }
                packet = packet_from(packet, TLV_HEADER + value.length);
        }
}

/* The printers of TLVs return false where the rest of the packet makes no sense. `packet` is the
 * value, which is all captured and at least as long as the table below says. */
struct context {
        struct prefixes before;
};

static bool request_print(struct printer *printer, struct packet packet, struct context *context)
{
        (void)context;
        putf(printer, "%04x ", get16(printer, packet, 2));
        put_interval(printer, get16(printer, packet, 4));
        return true;
}

static bool acknowledgment_print(struct printer *printer, struct packet packet,
                                 struct context *context)
{
        (void)context;
        putf(printer, "%04x", get16(printer, packet, 0));
        return true;
}

static bool hello_print(struct printer *printer, struct packet packet, struct context *context)
{
        enum { FIXED = 6, UNICAST = 0x8000 };
        uint16_t interval = get16(printer, packet, 4);

        (void)context;
        if (get16(printer, packet, 0) & UNICAST)
                put(printer, "(Unicast) ");
        putf(printer, "seqno %u ", get16(printer, packet, 2));
        if (interval == 0) {
                put(printer, "unscheduled");
        } else {
                put(printer, "interval ");
                put_interval(printer, interval);
        }
        sub_tlvs_print(printer, packet_from(packet, FIXED), HELLO);
        return true;
}

static bool ihu_print(struct printer *printer, struct packet packet, struct context *context)
{
        enum { FIXED = 6 };
        uint8_t encoding = get8(printer, packet, 0), address[16];
        struct packet rest = packet_from(packet, FIXED);
        int size = read_address(address, encoding, rest);

        (void)context;
        if (size == NO_ADDRESS) {
                put_truncated(printer);
                return true;
        }
        if (encoding == WILDCARD)
                put(printer, "any");
        else
                put_address(printer, address);
        putf(printer, " rxcost %u interval ", get16(printer, packet, 2));
        put_interval(printer, get16(printer, packet, 4));
        sub_tlvs_print(printer, packet_from(rest, (uint32_t)size), IHU);
        return true;
}

static bool router_id_print(struct printer *printer, struct packet packet, struct context *context)
{
        (void)context;
        put_char(printer, ' ');
        put_identifier(printer, packet, 2);
        return true;
}

static bool next_hop_print(struct printer *printer, struct packet packet, struct context *context)
{
        uint8_t encoding = get8(printer, packet, 0), address[16];

        (void)context;
        if (read_address(address, encoding, packet_from(packet, 2)) == NO_ADDRESS)
                return false;
        if (encoding == WILDCARD) {
                put(printer, " invalid AE 0");
        } else {
                put_char(printer, ' ');
                put_address(printer, address);
        }
        return true;
}

/* Interval, sequence number and metric stand at `at`. */
static void put_route(struct printer *printer, struct packet packet, uint32_t at)
{
        putf(printer, " metric %u seqno %u interval ", get16(printer, packet, at + 4),
             get16(printer, packet, at + 2));
        put_update_interval(printer, get16(printer, packet, at));
}

enum { DEFAULT_PREFIX = 0x80, ROUTER = 0x40 };

static void put_update_flags(struct printer *printer, uint8_t flags)
{
        if (flags & DEFAULT_PREFIX)
                put(printer, "/prefix");
        if (flags & ROUTER)
                put(printer, "/id");
        if (flags & ~(DEFAULT_PREFIX | ROUTER))
                put(printer, "/unknown");
}

static bool update_print(struct printer *printer, struct packet packet, struct context *context)
{
        enum { FIXED = 10 };
        uint8_t flags = get8(printer, packet, 1), prefix[16];
        struct compressed form = {get8(printer, packet, 0), get8(printer, packet, 2),
                                  get8(printer, packet, 3)};
        struct packet rest = packet_from(packet, FIXED);
        int size = read_prefix(prefix, form, &context->before, rest);

        if (size == NO_ADDRESS)
                return false;
        put_update_flags(printer, flags);
        put_char(printer, ' ');
        if (form.encoding == WILDCARD)
                put(printer, "any");
        else
                put_prefix(printer, form.encoding, prefix, form.length);
        put_route(printer, packet, 4);
        if (flags & DEFAULT_PREFIX)
                memcpy(form.encoding == IPV4 ? context->before.ipv4 : context->before.ipv6, prefix,
                       16);
        sub_tlvs_print(printer, packet_from(rest, (uint32_t)size), UPDATE);
        return true;
}

static bool route_request_print(struct printer *printer, struct packet packet,
                                struct context *context)
{
        struct compressed form = {get8(printer, packet, 0), get8(printer, packet, 1), 0};
        uint8_t prefix[16];

        (void)context;
        if (read_prefix(prefix, form, NULL, packet_from(packet, 2)) == NO_ADDRESS)
                return false;
        put(printer, "for ");
        if (form.encoding == WILDCARD)
                put(printer, "any");
        else
                put_prefix(printer, form.encoding, prefix, form.length);
        return true;
}

static bool seqno_request_print(struct printer *printer, struct packet packet,
                                struct context *context)
{
        struct compressed form = {get8(printer, packet, 0), get8(printer, packet, 1), 0};
        uint8_t prefix[16];

        (void)context;
        if (read_prefix(prefix, form, NULL, packet_from(packet, 14)) == NO_ADDRESS)
                return false;
        putf(printer, "(%u hops) for ", get8(printer, packet, 4));
        if (form.encoding == WILDCARD)
                put(printer, "invalid AE 0");
        else
                put_prefix(printer, form.encoding, prefix, form.length);
        putf(printer, " seqno %u id ", get16(printer, packet, 2));
        put_identifier(printer, packet, 6);
        return true;
}

static bool timestamp_print(struct printer *printer, struct packet packet, struct context *context)
{
        (void)context;
        putf(printer, "timestamp %u packetcounter %u", get32(printer, packet, 2),
             get16(printer, packet, 0));
        return true;
}

static bool hmac_print(struct printer *printer, struct packet packet, struct context *context)
{
        static const char digits[] = "0123456789ABCDEF";

        (void)context;
        putf(printer, "key-id %u digest-%u ", get16(printer, packet, 0), packet.length - 2);
        for (uint32_t i = 2; i < packet.length; i++) {
                put_char(printer, digits[get8(printer, packet, i) >> 4]);
                put_char(printer, digits[get8(printer, packet, i) & 15]);
        }
        return true;
}

/* A prefix and behind it that of sources, which has `source_length` bits. */
struct pair {
        uint8_t encoding, prefix[16], length, source[16], source_length;
};

/* Returns the bytes of both, or NO_ADDRESS. */
static int read_pair(struct pair *pair, struct compressed form, uint8_t source_length,
                     const struct prefixes *before, struct packet packet)
{
        struct compressed source = {form.encoding, source_length, 0};
        int size = read_prefix(pair->prefix, form, before, packet), source_size;

        if (size == NO_ADDRESS)
                return NO_ADDRESS;
        source_size = read_prefix(pair->source, source, NULL, packet_from(packet, (uint32_t)size));
        if (source_size == NO_ADDRESS)
                return NO_ADDRESS;
        pair->encoding = form.encoding;
        pair->length = form.length;
        pair->source_length = source_length;
        return size + source_size;
}

static void put_pair(struct printer *printer, const struct pair *pair, const char *between)
{
        put_prefix(printer, pair->encoding, pair->prefix, pair->length);
        put(printer, between);
        put_prefix(printer, pair->encoding, pair->source, pair->source_length);
}

static bool source_update_print(struct printer *printer, struct packet packet,
                                struct context *context)
{
        enum { FIXED = 10 };
        struct compressed form = {get8(printer, packet, 0), get8(printer, packet, 2),
                                  get8(printer, packet, 3)};
        struct packet rest = packet_from(packet, FIXED);
        struct pair pair;
        int size = read_pair(&pair, form, get8(printer, packet, 1), &context->before, rest);

        if (size == NO_ADDRESS)
                return false;
        put_char(printer, ' ');
        put_pair(printer, &pair, " from ");
        put_route(printer, packet, 4);
        sub_tlvs_print(printer, packet_from(rest, (uint32_t)size), SOURCE_UPDATE);
        return true;
}

static bool source_request_print(struct printer *printer, struct packet packet,
                                 struct context *context)
{
        struct compressed form = {get8(printer, packet, 0), get8(printer, packet, 1), 0};
        struct pair pair;

        (void)context;
        if (read_pair(&pair, form, get8(printer, packet, 2), NULL, packet_from(packet, 3)) ==
            NO_ADDRESS)
                return false;
        put(printer, "for ");
        if (form.encoding == WILDCARD) {
                put(printer, "any");
        } else {
                put_char(printer, '(');
                put_pair(printer, &pair, ", ");
                put_char(printer, ')');
        }
        return true;
}

static bool source_seqno_print(struct printer *printer, struct packet packet,
                               struct context *context)
{
        struct compressed form = {get8(printer, packet, 0), get8(printer, packet, 1), 0};
        struct pair pair;

        (void)context;
        if (read_pair(&pair, form, get8(printer, packet, 5), NULL, packet_from(packet, 14)) ==
            NO_ADDRESS)
                return false;
        putf(printer, "(%u hops) for (", get8(printer, packet, 4));
        put_pair(printer, &pair, ", ");
        putf(printer, ") seqno %u id ", get16(printer, packet, 2));
        put_identifier(printer, packet, 6);
        return true;
}

static bool size_print(struct printer *printer, struct packet packet, struct context *context)
{
        (void)context;
        putf(printer, "len %u", packet.length);
        return true;
}

static bool counter_print(struct printer *printer, struct packet packet, struct context *context)
{
        (void)context;
        putf(printer, " value %u index len %u", get32(printer, packet, 0), packet.length - 4);
        return true;
}

/* By type. */
static const struct tlv {
        const char *name, *label; /* without and with -v */
        uint32_t least;           /* bytes of its value */
        bool (*print)(struct printer *printer, struct packet packet, struct context *context);
} tlvs[] = {
    [PADN] = {"padN", "", 0, NULL},
    [ACKNOWLEDGMENT_REQUEST] = {"ack-req", "Acknowledgment Request ", 6, request_print},
    [ACKNOWLEDGMENT] = {"ack", "Acknowledgment ", 2, acknowledgment_print},
    [HELLO] = {"hello", "Hello ", 6, hello_print},
    [IHU] = {"ihu", "IHU ", 6, ihu_print},
    [ROUTER_ID] = {"router-id", "Router Id", 10, router_id_print},
    [NEXT_HOP] = {"nh", "Next Hop", 2, next_hop_print},
    [UPDATE] = {"update", "Update", 10, update_print},
    [ROUTE_REQUEST] = {"route-request", "Route Request ", 2, route_request_print},
    [SEQNO_REQUEST] = {"seqno-request", "Seqno Request ", 14, seqno_request_print},
    [TIMESTAMP] = {"tspc", "TS/PC ", 6, timestamp_print},
    [HMAC] = {"hmac", "HMAC ", 18, hmac_print},
    [SOURCE_UPDATE] = {"ss-update", "SS-Update", 10, source_update_print},
    [SOURCE_REQUEST] = {"ss-request", "SS-Request ", 3, source_request_print},
    [SOURCE_SEQNO_REQUEST] = {"ss-mh-request", "SS-MH-Request ", 14, source_seqno_print},
    [MAC] = {"mac", "MAC ", 0, size_print},
    [PACKET_COUNTER] = {"pc", "PC", 4, counter_print},
    [CHALLENGE_REQUEST] = {"challenge_request", "Challenge Request ", 0, size_print},
    [CHALLENGE_REPLY] = {"challenge_reply", "Challenge Reply ", 0, size_print},
};

static const struct tlv *tlv_of(uint8_t type)
{
        return type < sizeof tlvs / sizeof *tlvs && tlvs[type].name ? &tlvs[type] : NULL;
}

/* Without -v. */
static bool tlv_name_print(struct printer *printer, struct packet packet, uint8_t type)
{
        const struct tlv *tlv = tlv_of(type);

        put(printer, tlv ? tlv->name : "unknown");
        if (type != UPDATE)
                return true;
        if (packet.length < tlv->least)
                return false;
        put_update_flags(printer, get8(printer, packet, 1));
        return true;
}

static bool tlv_print(struct printer *printer, struct packet packet, uint8_t type,
                      struct context *context)
{
        const struct tlv *tlv = tlv_of(type);

        if (!tlv) {
                putf(printer, "Unknown message type %u", type);
                return true;
        }
        if (type == PADN) {
                putf(printer, "Pad %u", packet.length + TLV_HEADER);
                return true;
        }
        put(printer, tlv->label);
        return packet.length >= tlv->least && tlv->print(printer, packet, context);
}

/* Returns false where the rest of the packet makes no sense. */
static bool tlvs_print(struct printer *printer, struct packet packet, struct context *context)
{
        const bool verbose = printer->options.verbose > 0;

        while (packet.length > 0) {
                struct packet value;
                uint8_t type;

                type = get8(printer, packet, 0);
                if (type == PAD1) {
                        put(printer, verbose ? "\n\tPad 1" : " pad1");
                        packet = packet_from(packet, 1);
                        continue;
                }
                if (packet.length < TLV_HEADER)
                        return false;
                need(printer, packet, 0, TLV_HEADER);
                value = packet_from(packet, TLV_HEADER);
                if (get8(printer, packet, 1) > value.length)
                        return false;
                value = packet_cut(value, get8(printer, packet, 1));
                need(printer, value, 0, value.length);
                put(printer, verbose ? "\n\t" : " ");
                if (!(verbose ? tlv_print(printer, value, type, context)
                              : tlv_name_print(printer, value, type)))
                        return false;
                packet = packet_from(packet, TLV_HEADER + value.length);
        }
        return true;
}

/* The TLVs of the body, and those of the trailer. */
static bool body_print(struct printer *printer, struct packet packet, uint32_t length)
{
        struct context context = {0};

        if (length > packet.length || !tlvs_print(printer, packet_cut(packet, length), &context))
                return false;
        packet = packet_from(packet, length);
        if (packet.length > 0)
                put(printer, printer->options.verbose ? "\n\t----" : " |");
        context = (struct context){0};
        return tlvs_print(printer, packet, &context);
}

void babel_print(struct printer *printer, struct packet packet)
{
        uint8_t version;
        uint16_t body;

        printer->protocol = "babel";
        put(printer, "babel");
        need(printer, packet, 0, HEADER);
        if (get8(printer, packet, 0) != MAGIC) {
                put(printer, " invalid header");
                return;
        }
        version = get8(printer, packet, 1);
        body = get16(printer, packet, 2);
        putf(printer, " %u", version);
        if (version != VERSION) {
                put(printer, " unknown version");
                return;
        }
        if (packet.length < HEADER) {
                put_invalid(printer);
                return;
        }
        putf(printer, " (%u)", body);
        if (!body_print(printer, packet_from(packet, HEADER), body))
                put_invalid(printer);
}
