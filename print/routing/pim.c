/* PIM, RFC 7761: the kind of message, and with -v the options of a hello, and joins and prunes. */
#include "routing.h"

#include "base/array.h"
#include "net/checksum.h"

enum type {
        HELLO,
        REGISTER,
        REGISTER_STOP,
        JOIN_PRUNE,
        BOOTSTRAP,
        ASSERT,
        GRAFT,
        GRAFT_ACK,
        CANDIDATE,
        PRUNE_REFRESH,
        DF_ELECTION
};

enum { HEADER = 4, PLAIN = 0x0f, NULL_REGISTER = 0x40000000, BORDER = 0x80000000 };

static const struct name types[] = {
    {HELLO, "Hello"},
    {REGISTER, "Register"},
    {REGISTER_STOP, "Register Stop"},
    {JOIN_PRUNE, "Join / Prune"},
    {BOOTSTRAP, "Bootstrap"},
    {ASSERT, "Assert"},
    {GRAFT, "Graft"},
    {GRAFT_ACK, "Graft Acknowledgement"},
    {CANDIDATE, "Candidate RP Advertisement"},
    {PRUNE_REFRESH, "Prune Refresh"},
    {DF_ELECTION, "DF Election"},
    {11, "ECMP Redirect"},
    {0, NULL},
};

static const struct name hello_options[] = {
    {1, "Hold Time"},
    {2, "LAN Prune Delay"},
    {18, "DR Priority (Old)"},
    {19, "DR Priority"},
    {20, "Generation ID"},
    {21, "State Refresh Capability"},
    {22, "Bi-Directional Capability"},
    {24, "Address List"},
    {65001, "Address List (Old)"},
    {0, NULL},
};

/* What is left of a message. */
struct message {
        struct packet rest;
        uint32_t
            plain; /* the size of addresses without family and encoding, as in RFC 2117; or 0 */
};

static void skip(struct message *message, uint32_t size)
{
        message->rest = packet_from(message->rest, size);
}

/* What the message has no more of is missed softly, what was not captured is not. */
static uint8_t take8(struct printer *printer, struct packet packet, uint32_t at)
{
        need_length(printer, packet, at + 1);
        return get8(printer, packet, at);
}

static uint16_t take16(struct printer *printer, struct packet packet, uint32_t at)
{
        need_length(printer, packet, at + 2);
        return get16(printer, packet, at);
}

static void put_seconds(struct printer *printer, const char *label, uint32_t seconds)
{
        put(printer, label);
        put_duration(printer, seconds);
}

/* The label is shown even if the seconds are cut off. */
static void seconds_print(struct printer *printer, const char *label, struct packet packet,
                          uint32_t at)
{
        put(printer, label);
        put_duration(printer, take16(printer, packet, at));
}

static void put_hold_time(struct printer *printer, const char *label, uint16_t seconds)
{
        if (seconds == 0xffff)
                putf(printer, "%sinfinite", label);
        else
                put_seconds(printer, label, seconds);
}

/* The size of the address that follows, by the family and encoding that stand before it, RFC 7761,
 * 4.9.1, if they do. Abandons the packet if it is not an IP address in native encoding. */
static uint32_t address_size(struct printer *printer, struct message *message)
{
        uint8_t family;

        if (message->plain) {
                if (message->plain != 4)
                        printer_abandon_softly(printer);
                return message->plain;
        }
        need_length(printer, message->rest, 2);
        family = get8(printer, message->rest, 0);
        if ((family != 1 && family != 2) || get8(printer, message->rest, 1) != 0)
                printer_abandon_softly(printer);
        skip(message, 2);
        return family == 1 ? 4 : 16;
}

/* These print the encoded address at the front and go on behind it. */
static void address_take(struct printer *printer, struct message *message, uint32_t size)
{
        need(printer, message->rest, 0, size);
        if (size == 4)
                put_ipv4(printer, message->rest.data);
        else
                put_ipv6(printer, message->rest.data);
        skip(message, size);
}

static void unicast_take(struct printer *printer, const char *label, struct message *message)
{
        put(printer, label);
        address_take(printer, message, address_size(printer, message));
}

/* Returns the flags. */
static uint8_t masked_take(struct printer *printer, struct message *message)
{
        uint32_t size = address_size(printer, message);
        uint8_t flags, bits;

        need(printer, message->rest, 0, 2);
        flags = get8(printer, message->rest, 0);
        bits = get8(printer, message->rest, 1);
        skip(message, 2);
        address_take(printer, message, size);
        if (bits != size * 8)
                putf(printer, "/%u", bits);
        return flags;
}

static void group_take(struct printer *printer, struct message *message)
{
        uint8_t flags = masked_take(printer, message);

        if (flags)
                putf(printer, "(0x%02x)", flags);
}

static void sources_take(struct printer *printer, struct message *message, uint32_t count,
                         const char *kind)
{
        for (uint32_t i = 0; i < count; i++) {
                uint8_t flags;

                putf(printer, "\n\t      %s source #%u: ", kind, i + 1);
                flags = masked_take(printer, message);
                if (flags)
                        putf(printer, "(%s%s%s", flags & 4 ? "S" : "", flags & 2 ? "W" : "",
                             flags & 1 ? "R" : "");
                if (flags & 0xf8)
                        putf(printer, "+0x%02x", flags & 0xf8u);
                if (flags)
                        put_char(printer, ')');
        }
}

static void join_prune_print(struct printer *printer, struct message message, uint8_t type)
{
        uint32_t groups;

        /* tcpdump reads none in an acknowledgment. */
        if (type != GRAFT_ACK)
                unicast_take(printer, ", upstream-neighbor: ", &message);
        need(printer, message.rest, 0, 4);
        groups = get8(printer, message.rest, 1);
        putf(printer, "\n\t  %u group(s)", groups);
        if (type != GRAFT_ACK)
                put_hold_time(printer, ", holdtime: ", get16(printer, message.rest, 2));
        skip(&message, 4);
        for (uint32_t i = 0; i < groups; i++) {
                uint32_t joined, pruned;

                putf(printer, "\n\t    group #%u: ", i + 1);
                group_take(printer, &message);
                need(printer, message.rest, 0, 4);
                joined = get16(printer, message.rest, 0);
                pruned = get16(printer, message.rest, 2);
                putf(printer, ", joined sources: %u, pruned sources: %u", joined, pruned);
                skip(&message, 4);
                sources_take(printer, &message, joined, "joined");
                sources_take(printer, &message, pruned, "pruned");
        }
}

static void register_print(struct printer *printer, struct packet packet)
{
        static const struct name flag_names[] = {
            {NULL_REGISTER, "Null"}, {BORDER, "Border"}, {0, NULL}};
        uint8_t version;

        need(printer, packet, 0, 4);
        putf(printer, ", Flags [ %s ]\n\t", name_or(flag_names, get32(printer, packet, 0), "none"));
        packet = packet_from(packet, 4);
        need_length(printer, packet, 1);
        version = get8(printer, packet, 0) >> 4;
        if (version == 0) {
                need_hard(printer, packet, 0, 20);
                put(printer, "IP-Null-header ");
                put_ipv4(printer, packet.data + 12);
                put(printer, " > ");
                put_ipv4(printer, packet.data + 16);
        } else if (version == 4) {
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
        } else if (version == 6) {
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet);
        } else {
                putf(printer, "IP ver %u", version);
        }
}

static void pair_take(struct printer *printer, struct message *message, const char *label)
{
        put(printer, " group=");
        group_take(printer, message);
        unicast_take(printer, label, message);
}

static void assert_print(struct printer *printer, struct message message)
{
        uint32_t preference;

        pair_take(printer, &message, " src=");
        need(printer, message.rest, 0, 8);
        preference = get32(printer, message.rest, 0);
        if (preference >> 31)
                put(printer, " RPT");
        putf(printer, " pref=%u metric=%u", preference & 0x7fffffff,
             get32(printer, message.rest, 4));
}

/* RFC 5059: groups, each with the rendezvous points that serve it. */
static void bootstrap_print(struct printer *printer, struct message message)
{
        putf(printer, " tag=%x", take16(printer, message.rest, 0));
        putf(printer, " hashmlen=%u", take8(printer, message.rest, 2));
        need(printer, message.rest, 3, 2);
        putf(printer, " BSRprio=%u", take8(printer, message.rest, 3));
        skip(&message, 4);
        unicast_take(printer, " BSR=", &message);
        for (uint32_t i = 0; message.rest.length > 0; i++) {
                uint8_t points;

                putf(printer, " (group%u: ", i);
                group_take(printer, &message);
                putf(printer, " RPcnt=%u", take8(printer, message.rest, 0));
                points = take8(printer, message.rest, 1);
                putf(printer, " FRPcnt=%u", points);
                need_length(printer, message.rest, 4);
                skip(&message, 4);
                for (uint32_t j = 0; j < points && message.rest.length > 0; j++) {
                        putf(printer, " RP%u=", j);
                        unicast_take(printer, "", &message);
                        need_length(printer, message.rest, 2);
                        seconds_print(printer, ",holdtime=", message.rest, 0);
                        putf(printer, ",prio=%u", take8(printer, message.rest, 2));
                        need_length(printer, message.rest, 4);
                        skip(&message, 4);
                }
                put_char(printer, ')');
        }
}

static void candidate_print(struct printer *printer, struct message message)
{
        uint32_t count = take8(printer, message.rest, 0);

        putf(printer, " prefix-cnt=%u", count);
        putf(printer, " prio=%u", take8(printer, message.rest, 1));
        need_length(printer, message.rest, 4);
        seconds_print(printer, " holdtime=", message.rest, 2);
        skip(&message, 4);
        unicast_take(printer, " RP=", &message);
        for (uint32_t i = 0; i < count && message.rest.length > 0; i++) {
                putf(printer, " Group%u=", i);
                group_take(printer, &message);
        }
}

static void refresh_print(struct printer *printer, struct message message)
{
        unicast_take(printer, " src=", &message);
        put(printer, " grp=");
        group_take(printer, &message);
        unicast_take(printer, " forwarder=", &message);
        need_length(printer, message.rest, 2);
        seconds_print(printer, " TUNR ", message.rest, 0);
}

/* The address of a rendezvous point or a router, and its route's preference and metric. */
static void bid_take(struct printer *printer, struct message *message, const char *address,
                     const char *name)
{
        unicast_take(printer, address, message);
        putf(printer, " %s pref=%u", name, get32(printer, message->rest, 0));
        putf(printer, " %s metric=%u", name, get32(printer, message->rest, 4));
        skip(message, 8);
}

/* Of bidirectional PIM, RFC 5015, 3.7; the subtype is in the header. */
static void election_print(struct printer *printer, struct message message, uint8_t subtype)
{
        enum { OFFER = 1, WINNER, BACKOFF, PASS };
        static const struct name subtypes[] = {
            {OFFER, "Offer"}, {WINNER, "Winner"}, {BACKOFF, "Backoff"}, {PASS, "Pass"}, {0, NULL}};

        putf(printer, "\n\t  %s,", name_or(subtypes, subtype, "Unknown"));
        bid_take(printer, &message, " rpa=", "sender");
        if (subtype == BACKOFF) {
                bid_take(printer, &message, "\n\t  offer addr=", "offer");
                putf(printer, " interval %ums", get16(printer, message.rest, 0));
        } else if (subtype == PASS) {
                bid_take(printer, &message, "\n\t  new winner addr=", "new winner");
        }
}

/* Options of fixed length; 0 for others. */
static uint32_t hello_option_size(uint16_t type)
{
        return type == 1 ? 2 : type == 2 || (type >= 18 && type <= 21) ? 4 : 0;
}

/* Those that begin within the first `size` bytes, though the last may go on behind them. */
static void addresses_print(struct printer *printer, struct message message, uint32_t size)
{
        const uint8_t *end = message.rest.data + size;

        while (message.rest.data < end)
                unicast_take(printer, "\n\t    ", &message);
}

/* False if its length is invalid, which ends parsing. */
static bool hello_value_print(struct printer *printer, struct packet value, uint16_t type,
                              uint32_t size, uint32_t plain)
{
        uint32_t expected = hello_option_size(type);

        if ((type == 18 || type == 19) && size == 0) {
                put(printer, "Bi-Directional Capability (Old)");
                return true;
        }
        if (expected && size != expected) {
                putf(printer, "[option length %u != %u]", size, expected);
                put_invalid(printer);
                return false;
        }
        switch (type) {
        case 1: put_hold_time(printer, "", get16(printer, value, 0)); break;
        case 2:
                putf(printer, "\n\t    T-bit=%u, LAN delay %ums, Override interval %ums",
                     get8(printer, value, 0) >> 7, get16(printer, value, 0) & 0x7fffu,
                     get16(printer, value, 2));
                break;
        case 18:
        case 19: put_decimal(printer, get32(printer, value, 0)); break;
        case 20: putf(printer, "0x%08x", get32(printer, value, 0)); break;
        case 21:
                putf(printer, "v%u", get8(printer, value, 0));
                if (get8(printer, value, 1))
                        put_seconds(printer, ", interval ", get8(printer, value, 1));
                if (get16(printer, value, 2))
                        putf(printer, " ?0x%04x?", get16(printer, value, 2));
                break;
        case 22: break;
        case 24:
        case 65001:
                if (printer->options.verbose > 1)
                        addresses_print(printer, (struct message){value, plain}, size);
                break;
        default:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t    ", value, size);
        }
        return true;
}

static void hello_print(struct printer *printer, struct packet packet, uint32_t plain)
{
        while (packet.length > 0) {
                uint16_t type;
                uint32_t size;

                need_length(printer, packet, 4);
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                putf(printer, "\n\t  %s Option (%u), length %u, Value: ",
                     name_or(hello_options, type, "Unknown"), type, size);
                packet = packet_from(packet, 4);
                need(printer, packet, 0, size);
                if (!hello_value_print(printer, packet, type, size, plain))
                        return;
                if (printer->options.verbose > 1)
                        dump_hex(printer, "\n\t    ", packet, size);
                packet = packet_from(packet, size);
        }
}

static void checksum_print(struct printer *printer, struct packet packet,
                           const struct network *network, uint8_t type)
{
        uint16_t found = get16(printer, packet, 2);
        /* A register is summed only up to the packet inside. */
        uint32_t size = type == REGISTER ? 8 : packet.length;
        uint16_t sum;

        putf(printer, ", cksum 0x%04x ", found);
        if (found == 0 || !has(packet, 0, size) || size > packet.length) {
                put(printer, "(unverified)");
                return;
        }
        if (network->version == 6)
                sum = network_checksum(network, packet, size);
        else
                sum = checksum(packet.data, size);
        /* Some routers sum the whole register, as older drafts specified. */
        if (sum != 0 && type == REGISTER) {
                if (!has(packet, 0, packet.length)) {
                        put(printer, "(unverified)");
                        return;
                }
                sum = checksum(packet.data, packet.length);
        }
        putf(printer, "(%scorrect)", sum ? "in" : "");
}

static void put_short(struct printer *printer, struct packet packet, unsigned least)
{
        putf(printer, "[length %u < %u]", packet.length, least);
        put_invalid(printer);
}

void pim_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        uint8_t version, type;
        struct message message = {packet_from(packet, HEADER), 0};
        const char *name;

        printer->protocol = "pim";
        version = get8(printer, packet, 0) >> 4;
        type = get8(printer, packet, 0) & 15;
        putf_as(printer, ROLE_PROTOCOL, "PIMv%u", version);
        if (version != 2) {
                putf(printer, ", length %u", packet.length);
                return;
        }
        name = name_or(types, type, "Unknown Type");
        if (!printer->options.verbose) {
                putf(printer, ", %s, length %u", name, packet.length);
                return;
        }
        putf(printer, ", length %u\n\t%s", packet.length, name);
        printer->protocol = "pimv2";
        if (packet.length < 2) {
                put_short(printer, packet, 2);
                return;
        }
        message.plain = get8(printer, packet, 1) & PLAIN;
        if (message.plain)
                put(printer, ", RFC2117-encoding");
        if (packet.length < HEADER) {
                put_short(printer, packet, HEADER);
                return;
        }
        checksum_print(printer, packet, network, type);
        switch (type) {
        case HELLO: hello_print(printer, message.rest, message.plain); break;
        case REGISTER: register_print(printer, message.rest); break;
        case REGISTER_STOP: pair_take(printer, &message, " source="); break;
        case JOIN_PRUNE:
        case GRAFT:
        case GRAFT_ACK: join_prune_print(printer, message, type); break;
        case ASSERT: assert_print(printer, message); break;
        case BOOTSTRAP: bootstrap_print(printer, message); break;
        case CANDIDATE: candidate_print(printer, message); break;
        case PRUNE_REFRESH: refresh_print(printer, message); break;
        case DF_ELECTION: election_print(printer, message, get8(printer, packet, 1) >> 4); break;
        default: putf(printer, " [type %u]", type);
        }
}
