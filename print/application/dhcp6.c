/* DHCPv6, RFC 8415: the message, and with -v its options. */
#include "print/printer/printer.h"

#include "base/array.h"

enum { RELAY_FORWARD = 12, RELAY_REPLY = 13, HEADER = 4, RELAY_HEADER = 34, OPTION_HEADER = 4 };

static const struct name types[] = {
    {1, "solicit"},
    {2, "advertise"},
    {3, "request"},
    {4, "confirm"},
    {5, "renew"},
    {6, "rebind"},
    {7, "reply"},
    {8, "release"},
    {9, "decline"},
    {10, "reconfigure"},
    {11, "inf-req"},
    {RELAY_FORWARD, "relay-fwd"},
    {RELAY_REPLY, "relay-reply"},
    {14, "leasequery"},
    {15, "leasequery-reply"},
    {0, NULL},
};

static const struct name statuses[] = {
    {0, "Success"},        {1, "UnspecFail"},    {2, "NoAddrsAvail"},  {3, "NoBinding"},
    {4, "NotOnLink"},      {5, "UseMulticast"},  {6, "NoPrefixAvail"}, {7, "UnknownQueryType"},
    {8, "MalformedQuery"}, {9, "NotConfigured"}, {10, "NotAllowed"},   {0, NULL},
};

/* How the value of an option is shown. */
enum shape {
        NOTHING,
        IDENTIFIER,
        ASSOCIATION, /* with options inside */
        TEMPORARY,
        ADDRESS,
        PREFIX,
        REQUESTED,
        NUMBER8,
        NUMBER16,
        NUMBER32,
        MESSAGE,
        STATUS,
        REASON, /* for reconfiguration */
        AUTHENTICATION,
        REMOTE,
        QUERY,
        RELAYED,
        INSIDE, /* options and nothing else */
        NAME,
        TIME_SERVERS,
        START, /* ten bytes of it in hex */
        ADDRESSES,
        NAMES,
        TEXT,
};

static const struct option {
        uint16_t type;
        const char *name;
        enum shape shape;
} options[] = {
    {1, "client-ID", IDENTIFIER},
    {2, "server-ID", IDENTIFIER},
    {3, "IA_NA", ASSOCIATION},
    {4, "IA_TA", TEMPORARY},
    {5, "IA_ADDR", ADDRESS},
    {6, "option-request", REQUESTED},
    {7, "preference", NUMBER8},
    {8, "elapsed-time", NUMBER16},
    {9, "relay-message", MESSAGE},
    {11, "authentication", AUTHENTICATION},
    {12, "server-unicast", NOTHING},
    {13, "status-code", STATUS},
    {14, "rapid-commit", NOTHING},
    {15, "user-class", NOTHING},
    {16, "vendor-class", NOTHING},
    {17, "vendor-specific-info", NOTHING},
    {18, "interface-ID", START},
    {19, "reconfigure-message", REASON},
    {20, "reconfigure-accept", NOTHING},
    {21, "SIP-servers-domain", NAMES},
    {22, "SIP-servers-address", ADDRESSES},
    {23, "DNS-server", ADDRESSES},
    {24, "DNS-search-list", NAMES},
    {25, "IA_PD", ASSOCIATION},
    {26, "IA_PD-prefix", PREFIX},
    {27, "NIS-server", ADDRESSES},
    {28, "NIS+-server", ADDRESSES},
    {29, "NIS-domain-name", NOTHING},
    {30, "NIS+-domain-name", NOTHING},
    {31, "SNTP-servers", ADDRESSES},
    {32, "lifetime", NUMBER32},
    {33, "BCMCS-domain-name", NOTHING},
    {34, "BCMCS-server", ADDRESSES},
    {36, "Geoconf-Civic", NOTHING},
    {37, "Remote-ID", REMOTE},
    {38, "Subscriber-ID", START},
    {39, "Client-FQDN", NOTHING},
    {40, "PANA-agent", ADDRESSES},
    {41, "POSIX-timezone", TEXT},
    {42, "POSIX-tz-database", TEXT},
    {43, "Echo-request-option", REQUESTED},
    {44, "Lease-query", QUERY},
    {45, "LQ-client-data", INSIDE},
    {46, "Clt-time", NUMBER32},
    {47, "LQ-relay-data", RELAYED},
    {48, "LQ-client-link", ADDRESSES},
    {56, "NTP-server", TIME_SERVERS},
    {64, "AFTR-Name", NAME},
    {112, "MUD-URL", TEXT},
};

static const struct name reasons[] = {{5, "renew"}, {11, "inf-req"}, {0, NULL}};

static const struct name queries[] = {{1, "by-address"}, {2, "by-clientID"}, {0, NULL}};

static void options_print(struct printer *printer, struct packet packet);
static void message_print(struct printer *printer, struct packet packet);

/* Returns the option; NULL if it is not known. */
static const struct option *put_option_name(struct printer *printer, uint16_t type)
{
        for (size_t i = 0; i < array_count(options); i++)
                if (options[i].type == type) {
                        put(printer, options[i].name);
                        return &options[i];
                }
        putf(printer, "opt_%u", type);
        return NULL;
}

/* A DUID, RFC 8415, 11. */
static void identifier_print(struct printer *printer, struct packet value)
{
        enum { TIMED = 1, VENDOR = 2, LINK = 3 };
        static const uint8_t sizes[] = {2, 8, 10, 4};
        uint16_t kind = value.length < 2 ? 0 : get16(printer, value, 0);

        if (value.length < sizes[kind > LINK ? 0 : kind]) {
                put(printer, " ?");
                return;
        }
        switch (kind) {
        case TIMED:
                putf(printer, " hwaddr/time type %u time %u ", get16(printer, value, 2),
                     get32(printer, value, 4));
                put_hex_bytes(printer, value, 8, value.length - 8);
                break;
        case VENDOR:
                put(printer, " vid ");
                put_hex_bytes(printer, value, 2, 8);
                break;
        case LINK:
                putf(printer, " hwaddr type %u ", get16(printer, value, 2));
                put_hex_bytes(printer, value, 4, value.length - 4);
                break;
        default: putf(printer, " type %u", kind);
        }
}

/* Names in the form of DNS, with pointers that count from the end, as tcpdump has it; false if they
 * are broken. */
static bool names_print(struct printer *printer, struct packet value)
{
        uint32_t at = 0;

        while (at < value.length) {
                put_char(printer, ' ');
                at = domain_name_print_from(printer, value, at, value.length);
                if (at == 0)
                        return false;
        }
        return true;
}

/* One name; the last label has no dot behind it. */
static void name_print(struct printer *printer, struct packet value)
{
        put_char(printer, ' ');
        while (value.length > 0 && get8(printer, value, 0) != 0) {
                uint32_t size = value.data[0];

                if (size + 1 >= value.length) {
                        put(printer, " ?");
                        return;
                }
                put_until_zero(printer, packet_cut(packet_from(value, 1), size));
                value = packet_from(value, size + 1);
                if (get8(printer, value, 0) != 0)
                        put_char(printer, '.');
        }
}

static void put_start(struct printer *printer, struct packet value, uint32_t offset)
{
        for (uint32_t i = offset; i < value.length && i < offset + 10; i++)
                put_hex(printer, get8(printer, value, i), 2);
        put(printer, "...");
}

static void put_words(struct printer *printer, struct packet value, uint32_t at)
{
        for (uint32_t i = 0; i < 4; i++)
                putf(printer, " %08x", get32(printer, value, at + 4 * i));
}

/* What depends on the protocol: RFC 3315, 21.4.1 and 21.5.1. */
static void authentication_data_print(struct printer *printer, struct packet value,
                                      uint8_t protocol)
{
        enum { DELAYED = 2, RECONFIGURE = 3, DELAYED_LEAST = 20, RECONFIGURE_SIZE = 17 };
        static const struct name types[] = {
            {1, " reconfig-key"}, {2, " type: HMAC-MD5"}, {0, NULL}};
        uint32_t realm = value.length - DELAYED_LEAST;

        if (protocol == DELAYED && value.length == 0)
                return;
        if (protocol == DELAYED && value.length >= DELAYED_LEAST) {
                if (realm > 0) {
                        put(printer, ", realm: ");
                        put_hex_bytes(printer, value, 0, realm);
                }
                putf(printer, ", key ID: %08x, HMAC-MD5:", get32(printer, value, realm));
                put_words(printer, value, realm + 4);
        } else if (protocol == RECONFIGURE && value.length == RECONFIGURE_SIZE) {
                put(printer, name_or(types, get8(printer, value, 0), " type: ?\?"));
                put(printer, " value:");
                put_words(printer, value, 1);
        } else {
                put(printer, " ?\?");
        }
}

static void authentication_print(struct printer *printer, struct packet value)
{
        static const struct name protocols[] = {{2, "delayed"}, {3, "reconfigure"}, {0, NULL}};
        static const struct name algorithms[] = {{1, "HMAC-MD5"}, {0, NULL}};
        static const struct name methods[] = {{0, "mono"}, {0, NULL}};

        put(printer, " proto: ");
        put_name(printer, protocols, "%u", get8(printer, value, 0));
        put(printer, ", alg: ");
        put_name(printer, algorithms, "%u", get8(printer, value, 1));
        put(printer, ", RDM: ");
        put_name(printer, methods, "%u", get8(printer, value, 2));
        put(printer, ", RD:");
        for (uint32_t at = 3; at < 11; at += 2)
                putf(printer, " %04x", get16(printer, value, at));
        authentication_data_print(printer, packet_from(value, 11), get8(printer, value, 0));
}

/* Takes the option at the start of `packet`; only its length is cut, as names in it may go on
 * behind it. False if it is cut short, or there is none. */
static bool option_take(struct printer *printer, struct packet *packet, uint16_t *type,
                        struct packet *value)
{
        uint32_t size;

        if (packet->length < OPTION_HEADER)
                return false;
        *type = get16(printer, *packet, 0);
        size = get16(printer, *packet, 2);
        *value = packet_from(*packet, OPTION_HEADER);
        if (size > value->length)
                return false;
        *packet = packet_from(*value, size);
        value->length = size;
        return true;
}

/* RFC 5908. False if a suboption is cut short. */
static bool time_servers_print(struct printer *printer, struct packet value)
{
        enum { UNICAST = 1, MULTICAST = 2, NAME = 3 };
        struct packet option;
        uint16_t type;

        while (value.length > OPTION_HEADER) {
                if (!option_take(printer, &value, &type, &option))
                        return false;
                putf(printer, " subopt:%u", type);
                if ((type == UNICAST || type == MULTICAST) && option.length == 16) {
                        put_ipv6_labelled(printer, " ", option, 0);
                } else if (type == NAME) {
                        put_char(printer, ' ');
                        domain_name_print(printer, option, 0);
                } else {
                        put(printer, " ?");
                }
        }
        return true;
}

static void inner_options_print(struct printer *printer, struct packet value, uint32_t header)
{
        if (value.length <= header)
                return;
        if (++printer->depth >= MAX_DEPTH)
                printer_abandon_softly(printer);
        options_print(printer, packet_from(value, header));
        printer->depth--;
}

static void fixed_print(struct printer *printer, struct packet value, enum shape shape)
{
        switch (shape) {
        case ASSOCIATION:
                putf(printer, " IAID:%u T1:%u T2:%u", get32(printer, value, 0),
                     get32(printer, value, 4), get32(printer, value, 8));
                inner_options_print(printer, value, 12);
                break;
        case TEMPORARY:
                putf(printer, " IAID:%u", get32(printer, value, 0));
                inner_options_print(printer, value, 4);
                break;
        case ADDRESS:
                put_ipv6_labelled(printer, " ", value, 0);
                putf(printer, " pltime:%u vltime:%u", get32(printer, value, 16),
                     get32(printer, value, 20));
                inner_options_print(printer, value, 24);
                break;
        case PREFIX:
                put_ipv6_labelled(printer, " ", value, 9);
                putf(printer, "/%u pltime:%u vltime:%u", get8(printer, value, 8),
                     get32(printer, value, 0), get32(printer, value, 4));
                inner_options_print(printer, value, 25);
                break;
        case NUMBER8: putf(printer, " %u", get8(printer, value, 0)); break;
        case NUMBER16: putf(printer, " %u", get16(printer, value, 0)); break;
        case NUMBER32: putf(printer, " %u", get32(printer, value, 0)); break;
        case STATUS:
                put_char(printer, ' ');
                put_name(printer, statuses,
                         get16(printer, value, 0) > 255 ? "INVALID code" : "code%u",
                         get16(printer, value, 0));
                break;
        case REASON:
                put(printer, " for ");
                put_name(printer, reasons, "?\?\?(%02x)", get8(printer, value, 0));
                break;
        case REMOTE:
                putf(printer, " %u ", get32(printer, value, 0));
                put_start(printer, value, 4);
                break;
        case QUERY:
                put(printer, " ");
                put_name(printer, queries, "type_%u", get8(printer, value, 0));
                put_ipv6_labelled(printer, " ", value, 1);
                inner_options_print(printer, value, 17);
                break;
        case INSIDE: inner_options_print(printer, value, 0); break;
        case RELAYED:
                put_ipv6_labelled(printer, " ", value, 0);
                put_char(printer, ' ');
                put_start(printer, value, 16);
                break;
        default: break;
        }
}

/* False if what it holds is cut. */
static bool value_print(struct printer *printer, struct packet value, enum shape shape)
{
        const struct packet whole = value;
        static const struct {
                uint8_t least, most, step;
        } sizes[] = {
            [ASSOCIATION] = {.least = 12},
            [TEMPORARY] = {.least = 4},
            [ADDRESS] = {.least = 24},
            [PREFIX] = {.least = 25},
            [NUMBER8] = {.least = 1, .most = 1},
            [NUMBER16] = {.least = 2, .most = 2},
            [NUMBER32] = {.least = 4, .most = 4},
            [STATUS] = {.least = 2},
            [REASON] = {.least = 1, .most = 1},
            [AUTHENTICATION] = {.least = 11},
            [REMOTE] = {.least = 4},
            [QUERY] = {.least = 17},
            [REQUESTED] = {.step = 2},
            [ADDRESSES] = {.step = 16},
            [RELAYED] = {.least = 16},
            [NAME] = {.least = 3},
            [TIME_SERVERS] = {.least = OPTION_HEADER},
            [TEXT] = {.least = 5},
        };

        value = packet_cut(value, value.length);
        if (value.length < sizes[shape].least ||
            (sizes[shape].most && value.length > sizes[shape].most) ||
            (sizes[shape].step && value.length % sizes[shape].step != 0)) {
                put(printer, " ?");
                return true;
        }
        switch (shape) {
        case NOTHING: break;
        case IDENTIFIER: identifier_print(printer, value); break;
        case REQUESTED:
                for (uint32_t at = 0; at + 2 <= value.length; at += 2) {
                        put_char(printer, ' ');
                        put_option_name(printer, get16(printer, value, at));
                }
                break;
        case MESSAGE:
                put(printer, " (");
                if (++printer->depth >= MAX_DEPTH)
                        printer_abandon_softly(printer);
                message_print(printer, value);
                printer->depth--;
                break;
        case START:
                put_char(printer, ' ');
                put_start(printer, value, 0);
                break;
        case ADDRESSES:
                for (uint32_t at = 0; at + 16 <= value.length; at += 16)
                        put_ipv6_labelled(printer, " ", value, at);
                break;
        case NAMES: return names_print(printer, whole);
        case NAME: name_print(printer, value); break;
        case TIME_SERVERS: return time_servers_print(printer, whole);
        case TEXT:
                put_char(printer, ' ');
                put_until_zero(printer, value);
                break;
        case AUTHENTICATION: authentication_print(printer, value); break;
        default: fixed_print(printer, whole, shape); /* may hold names, which go on behind it */
        }
        return true;
}

static void options_print(struct printer *printer, struct packet packet)
{
        struct packet value;
        uint16_t type;

        if (packet.captured < packet.length)
                packet = packet_cut(packet, packet.captured);
        while (packet.length > 0) {
                const struct option *option;

                if (!option_take(printer, &packet, &type, &value)) {
                        put_truncated(printer);
                        return;
                }
                put(printer, " (");
                option = put_option_name(printer, type);
                if (option && !value_print(printer, value, option->shape)) {
                        put_truncated(printer);
                        return;
                }
                put_char(printer, ')');
        }
}

static void message_print(struct printer *printer, struct packet packet)
{
        uint8_t type;
        bool relay;

        put(printer, "dhcp6");
        if (!has(packet, 0, HEADER)) {
                put_truncated(printer);
                return;
        }
        type = get8(printer, packet, 0);
        relay = type == RELAY_FORWARD || type == RELAY_REPLY;
        put_char(printer, ' ');
        put_name(printer, types, "msgtype-%u", type);
        if (!printer->options.verbose)
                return;
        put(printer, " (");
        if (relay) {
                need_hard(printer, packet, 2, 16);
                put_ipv6_labelled(printer, "linkaddr=", packet, 2);
                need_hard(printer, packet, 18, 16);
                put_ipv6_labelled(printer, " peeraddr=", packet, 18);
        } else {
                putf(printer, "xid=%x", get24(printer, packet, 1));
        }
        options_print(printer, packet_from(packet, relay ? RELAY_HEADER : HEADER));
        put_char(printer, ')');
}

void dhcp6_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "dhcp6";
        message_print(printer, packet);
}
