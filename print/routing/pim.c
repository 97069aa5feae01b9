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

enum { HEADER = 4, NULL_REGISTER = 0x40000000, BORDER = 0x80000000 };

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

static void put_seconds(struct printer *printer, const char *label, uint32_t seconds)
{
        put(printer, label);
        put_duration(printer, seconds);
}

static void put_hold_time(struct printer *printer, const char *label, uint16_t seconds)
{
        if (seconds == 0xffff)
                putf(printer, "%sinfinite", label);
        else
                put_seconds(printer, label, seconds);
}

/* The size of an address, by the family and encoding that stand before it, RFC 7761, 4.9.1.
 * Abandons the packet if it is not an IP address in native encoding. */
static uint32_t address_size(struct printer *printer, struct packet packet)
{
        uint8_t family;

        need_hard(printer, packet, 0, 2);
        family = get8(printer, packet, 0);
        if (get8(printer, packet, 1) != 0 || (family != 1 && family != 2))
                printer_abandon_softly(printer);
        return family == 1 ? 4 : 16;
}

static void put_address(struct printer *printer, struct packet packet, uint32_t at, uint32_t size)
{
        need(printer, packet, at, size);
        if (size == 4)
                put_ipv4(printer, packet.data + at);
        else
                put_ipv6(printer, packet.data + at);
}

/* These print the encoded address at the front of the packet and return what follows it. */
static struct packet unicast_take(struct printer *printer, const char *label, struct packet packet)
{
        uint32_t size;

        put(printer, label);
        size = address_size(printer, packet);
        put_address(printer, packet, 2, size);
        return packet_from(packet, 2 + size);
}

static struct packet masked_take(struct printer *printer, struct packet packet, uint8_t *flags)
{
        uint32_t size = address_size(printer, packet);
        uint8_t bits;

        need(printer, packet, 2, 2);
        *flags = get8(printer, packet, 2);
        bits = get8(printer, packet, 3);
        put_address(printer, packet, 4, size);
        if (bits != size * 8)
                putf(printer, "/%u", bits);
        return packet_from(packet, 4 + size);
}

static struct packet group_take(struct printer *printer, struct packet packet)
{
        uint8_t flags;

        packet = masked_take(printer, packet, &flags);
        if (flags)
                putf(printer, "(0x%02x)", flags);
        return packet;
}

static struct packet sources_take(struct printer *printer, struct packet packet, uint32_t count,
                                  const char *kind)
{
        for (uint32_t i = 0; i < count; i++) {
                uint8_t flags;

                putf(printer, "\n\t      %s source #%u: ", kind, i + 1);
                packet = masked_take(printer, packet, &flags);
                if (flags)
                        putf(printer, "(%s%s%s", flags & 4 ? "S" : "", flags & 2 ? "W" : "",
                             flags & 1 ? "R" : "");
                if (flags & 0xf8)
                        putf(printer, "+0x%02x", flags & 0xf8u);
                if (flags)
                        put_char(printer, ')');
        }
        return packet;
}

static void join_prune_print(struct printer *printer, struct packet packet, uint8_t type)
{
        uint32_t groups;

        /* tcpdump reads none in an acknowledgment. */
        if (type != GRAFT_ACK)
                packet = unicast_take(printer, ", upstream-neighbor: ", packet);
        need(printer, packet, 0, 4);
        groups = get8(printer, packet, 1);
        putf(printer, "\n\t  %u group(s)", groups);
        if (type != GRAFT_ACK)
                put_hold_time(printer, ", holdtime: ", get16(printer, packet, 2));
        packet = packet_from(packet, 4);
        for (uint32_t i = 0; i < groups; i++) {
                uint32_t joined, pruned;

                putf(printer, "\n\t    group #%u: ", i + 1);
                packet = group_take(printer, packet);
                need(printer, packet, 0, 4);
                joined = get16(printer, packet, 0);
                pruned = get16(printer, packet, 2);
                putf(printer, ", joined sources: %u, pruned sources: %u", joined, pruned);
                packet = sources_take(printer, packet_from(packet, 4), joined, "joined");
                packet = sources_take(printer, packet, pruned, "pruned");
        }
}

static void register_print(struct printer *printer, struct packet packet)
{
        static const struct name flag_names[] = {
            {NULL_REGISTER, "Null"}, {BORDER, "Border"}, {0, NULL}};
        uint8_t version;

        putf(printer, ", Flags [ %s ]\n\t", name_or(flag_names, get32(printer, packet, 0), "none"));
        packet = packet_from(packet, 4);
        if (packet.length == 0)
                return;
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

static struct packet pair_take(struct printer *printer, struct packet packet, const char *label)
{
        put(printer, " group=");
        return unicast_take(printer, label, group_take(printer, packet));
}

static void assert_print(struct printer *printer, struct packet packet)
{
        packet = pair_take(printer, packet, " src=");
        need(printer, packet, 0, 8);
        if (get32(printer, packet, 0) >> 31)
                put(printer, " RPT");
        putf(printer, " pref=%u metric=%u", get32(printer, packet, 0) & 0x7fffffff,
             get32(printer, packet, 4));
}

/* RFC 5059: groups, each with the rendezvous points that serve it. */
static void bootstrap_print(struct printer *printer, struct packet packet)
{
        putf(printer, " tag=%x", get16(printer, packet, 0));
        putf(printer, " hashmlen=%u", get8(printer, packet, 2));
        need(printer, packet, 3, 2);
        putf(printer, " BSRprio=%u", get8(printer, packet, 3));
        packet = unicast_take(printer, " BSR=", packet_from(packet, 4));
        for (uint32_t i = 0; packet.length > 0; i++) {
                uint8_t points;

                putf(printer, " (group%u: ", i);
                packet = group_take(printer, packet);
                putf(printer, " RPcnt=%u", get8(printer, packet, 0));
                points = get8(printer, packet, 1);
                putf(printer, " FRPcnt=%u", points);
                packet = packet_from(packet, 4);
                for (uint32_t j = 0; j < points && packet.length > 0; j++) {
                        putf(printer, " RP%u=", j);
                        packet = unicast_take(printer, "", packet);
                        put_seconds(printer, ",holdtime=", get16(printer, packet, 0));
                        putf(printer, ",prio=%u", get8(printer, packet, 2));
                        packet = packet_from(packet, 4);
                }
                put_char(printer, ')');
        }
}

static void candidate_print(struct printer *printer, struct packet packet)
{
        uint32_t count = get8(printer, packet, 0);

        putf(printer, " prefix-cnt=%u", count);
        putf(printer, " prio=%u", get8(printer, packet, 1));
        put_seconds(printer, " holdtime=", get16(printer, packet, 2));
        packet = unicast_take(printer, " RP=", packet_from(packet, 4));
        for (uint32_t i = 0; i < count && packet.length > 0; i++) {
                putf(printer, " Group%u=", i);
                packet = group_take(printer, packet);
        }
}

static void refresh_print(struct printer *printer, struct packet packet)
{
        packet = unicast_take(printer, " src=", packet);
        put(printer, " grp=");
        packet = group_take(printer, packet);
        packet = unicast_take(printer, " forwarder=", packet);
        putf(printer, " TUNR %u", get16(printer, packet, 0));
}

/* Options of fixed length; 0 for others. */
static uint32_t hello_option_size(uint16_t type)
{
        return type == 1 ? 2 : type == 2 || (type >= 18 && type <= 21) ? 4 : 0;
}

static void addresses_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0)
                packet = unicast_take(printer, "\n\t    ", packet);
}

/* False if its length is invalid, which ends parsing. */
static bool hello_value_print(struct printer *printer, struct packet value, uint16_t type,
                              uint32_t size)
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
                        addresses_print(printer, packet_cut(value, size));
                break;
        default:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t    ", value, size);
        }
        return true;
}

static void hello_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                uint16_t type = get16(printer, packet, 0);
                uint32_t size = get16(printer, packet, 2);

                putf(printer, "\n\t  %s Option (%u), length %u, Value: ",
                     name_or(hello_options, type, "Unknown"), type, size);
                packet = packet_from(packet, 4);
                need(printer, packet, 0, size);
                if (!hello_value_print(printer, packet, type, size))
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

void pim_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        uint8_t version, type;
        struct packet body = packet_from(packet, HEADER);
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
        checksum_print(printer, packet, network, type);
        switch (type) {
        case HELLO: hello_print(printer, body); break;
        case REGISTER: register_print(printer, body); break;
        case REGISTER_STOP: pair_take(printer, body, " source="); break;
        case JOIN_PRUNE:
        case GRAFT:
        case GRAFT_ACK: join_prune_print(printer, body, type); break;
        case ASSERT: assert_print(printer, body); break;
        case BOOTSTRAP: bootstrap_print(printer, body); break;
        case CANDIDATE: candidate_print(printer, body); break;
        case PRUNE_REFRESH: refresh_print(printer, body); break;
        case DF_ELECTION: break;
        default: putf(printer, " [type %u]", type);
        }
}
