/* ICMPv6, RFC 4443, with neighbour discovery (RFC 4861) and multicast listener discovery (RFC 2710,
 * 3810). */
#include "network.h"

#include "base/array.h"

#include <netinet/in.h>

enum type {
        UNREACHABLE = 1,
        TOO_BIG = 2,
        TIME_EXCEEDED = 3,
        PARAMETER_PROBLEM = 4,
        ECHO_REQUEST = 128,
        ECHO_REPLY = 129,
        LISTENER_QUERY = 130,
        LISTENER_REPORT = 131,
        LISTENER_DONE = 132,
        ROUTER_SOLICITATION = 133,
        ROUTER_ADVERTISEMENT = 134,
        NEIGHBOR_SOLICITATION = 135,
        NEIGHBOR_ADVERTISEMENT = 136,
        REDIRECT = 137,
        AGENT_DISCOVERY = 144, /* of mobile IPv6, RFC 6275, as are the next three */
        AGENT_REPLY = 145,
        PREFIX_SOLICITATION = 146,
        PREFIX_ADVERTISEMENT = 147,
        LISTENER_REPORT_2 = 143,
        RENUMBERING = 138,
        NODE_QUERY = 139, /* RFC 4620, as is the next */
        NODE_REPLY = 140,
        RPL = 155,
        MTRACE_RESPONSE = 200,
        MTRACE_MESSAGE = 201,
};

static const struct name type_names[] = {
    {UNREACHABLE, "destination unreachable"},
    {TOO_BIG, "packet too big"},
    {TIME_EXCEEDED, "time exceeded in-transit"},
    {PARAMETER_PROBLEM, "parameter problem"},
    {ECHO_REQUEST, "echo request"},
    {ECHO_REPLY, "echo reply"},
    {LISTENER_QUERY, "multicast listener query"},
    {LISTENER_REPORT, "multicast listener report"},
    {LISTENER_DONE, "multicast listener done"},
    {ROUTER_SOLICITATION, "router solicitation"},
    {ROUTER_ADVERTISEMENT, "router advertisement"},
    {NEIGHBOR_SOLICITATION, "neighbor solicitation"},
    {NEIGHBOR_ADVERTISEMENT, "neighbor advertisement"},
    {REDIRECT, "redirect"},
    {RENUMBERING, "router renumbering"},
    {141, "inverse neighbor solicitation"},
    {142, "inverse neighbor advertisement"},
    {LISTENER_REPORT_2, "multicast listener report v2"},
    {AGENT_DISCOVERY, "ha discovery request"},
    {AGENT_REPLY, "ha discovery reply"},
    {PREFIX_SOLICITATION, "mobile router solicitation"},
    {PREFIX_ADVERTISEMENT, "mobile router advertisement"},
    {RPL, "RPL"},
    {MTRACE_RESPONSE, "mtrace response"},
    {MTRACE_MESSAGE, "mtrace message"},
    {NODE_QUERY, "who-are-you request"},
    {NODE_REPLY, "who-are-you reply"},
    {0, NULL},
};

/* Where the quoted packet starts, and its addresses within it. */
enum { QUOTE = 8, QUOTE_SOURCE = QUOTE + 8, QUOTE_DESTINATION = QUOTE + 24, IPV6_HEADER = 40 };

/* The transport of the quoted packet, and where it starts behind the extension headers; 0 if it is
 * not there. */
static uint8_t quoted_transport(struct packet packet, uint32_t *at)
{
        uint8_t next;

        if (!has(packet, QUOTE, IPV6_HEADER))
                return 0;
        next = packet.data[QUOTE + 6];
        *at = QUOTE + IPV6_HEADER;
        while (has(packet, *at, 2)) {
                const uint8_t *header = packet.data + *at;

                switch (next) {
                case IPPROTO_HOPOPTS:
                case IPPROTO_DSTOPTS:
                case IPPROTO_ROUTING: *at += (header[1] + 1u) * 8; break;
                case IPPROTO_FRAGMENT:
                        if (!has(packet, *at, 8) || (header[2] << 8 | header[3]) & ~7)
                                return 0;
                        *at += 8;
                        break;
                case IPPROTO_AH: *at += (header[1] + 2u) * 4; break;
                case IPPROTO_TCP:
                case IPPROTO_UDP: return next;
                default: return 0;
                }
                next = header[0];
        }
        return 0;
}

static void unreachable_port_print(struct printer *printer, struct packet packet)
{
        uint32_t at;
        uint8_t protocol = quoted_transport(packet, &at);

        put(printer, ", unreachable port");
        if (protocol == 0)
                printer_abandon_softly(printer);
        need(printer, packet, at, 4);
        put_ipv6_labelled(printer, ", ", packet, QUOTE_DESTINATION);
        put(printer, protocol == IPPROTO_TCP ? " tcp port " : " udp port ");
        put_port(printer, protocol, get16(printer, packet, at + 2));
}

/* False if nothing more should be printed. */
static bool unreachable_print(struct printer *printer, struct packet packet)
{
        static const char *const codes[] = {
            ", unreachable route",
            ",  unreachable prohibited",
            ", beyond scope",
            ", unreachable address",
        };
        uint8_t code = get8(printer, packet, 1);

        if (code == 4) {
                unreachable_port_print(printer, packet);
                return true;
        }
        if (code > 4) {
                putf(printer, ", unknown unreach code (%u)", code);
                return false;
        }
        put(printer, codes[code]);
        need_hard(printer, packet, QUOTE_DESTINATION, 16);
        put_ipv6_labelled(printer, " ", packet, QUOTE_DESTINATION);
        if (code == 2)
                put_ipv6_labelled(printer, ", source address ", packet, QUOTE_SOURCE);
        return true;
}

static void time_exceeded_print(struct printer *printer, struct packet packet)
{
        uint8_t code = get8(printer, packet, 1);

        if (code == 0) {
                need_hard(printer, packet, QUOTE_DESTINATION, 16);
                put_ipv6_labelled(printer, " for ", packet, QUOTE_DESTINATION);
        } else if (code == 1) {
                put(printer, " (reassembly)");
        } else {
                putf(printer, ", unknown code (%u)", code);
        }
}

static void parameter_problem_print(struct printer *printer, struct packet packet)
{
        static const char *const codes[] = {
            "erroneous",
            "next header",
            "option",
            "incomplete header chain",
        };
        uint8_t code = get8(printer, packet, 1);

        need(printer, packet, QUOTE, IPV6_HEADER);
        if (code >= array_count(codes))
                putf(printer, ", code-#%u", code);
        else
                putf(printer, ", %s - octet %u", codes[code], get32(printer, packet, 4));
}

static void put_seconds(struct printer *printer, const char *label, uint32_t seconds)
{
        put(printer, label);
        if (seconds == 0xffffffff)
                put(printer, "infinity");
        else
                putf(printer, "%us", seconds);
}

static const char *preference_name(uint8_t flags)
{
        static const char *const names[] = {"medium", "high", "rsv", "low"};

        return names[flags >> 3 & 3];
}

/* ---- Options of neighbour discovery, https://www.iana.org/assignments/icmpv6-parameters ---- */

static void link_address_print(struct printer *printer, struct packet option)
{
        put_link_address(printer, option, 2, option.length - 2);
}

static void prefix_print(struct printer *printer, struct packet option)
{
        static const struct name flags[] = {
            {0x80, "onlink"},
            {0x40, "auto"},
            {0x20, "router"},
            {0, NULL},
        };

        need_hard(printer, option, 0, 32);
        put_ipv6_at(printer, option, 16);
        putf(printer, "/%u%s, Flags [", get8(printer, option, 2),
             option.length != 32 ? "badlen" : "");
        put_flags(printer, flags, ", ", get8(printer, option, 3));
        put_seconds(printer, "], valid time ", get32(printer, option, 4));
        put_seconds(printer, ", pref. time ", get32(printer, option, 8));
}

static void mtu_print(struct printer *printer, struct packet option)
{
        need(printer, option, 0, 8);
        putf(printer, " %u%s", get32(printer, option, 4),
             option.length != 8 ? "bad option length" : "");
}

static void interval_print(struct printer *printer, struct packet option)
{
        putf(printer, " %ums", get32(printer, option, 4));
}

static void home_agent_print(struct printer *printer, struct packet option)
{
        putf(printer, " preference %u, lifetime %u", get16(printer, option, 4),
             get16(printer, option, 6));
}

static void route_print(struct printer *printer, struct packet option)
{
        uint8_t address[16] = {0};
        uint32_t size = option.length - 8 < 16 ? option.length - 8 : 16;

        if (option.length > 24)
                printer_abandon_softly(printer);
        put_char(printer, ' ');
        for (uint32_t i = 0; i < size; i++)
                address[i] = get8(printer, option, 8 + i);
        put_ipv6(printer, address);
        putf(printer, "/%u, pref=%s", get8(printer, option, 2),
             preference_name(get8(printer, option, 3)));
        put_seconds(printer, ", lifetime=", get32(printer, option, 4));
}

static void resolvers_print(struct printer *printer, struct packet option)
{
        put_seconds(printer, " lifetime ", get32(printer, option, 4));
        put_char(printer, ',');
        for (uint32_t at = 8; at + 16 <= option.length; at += 16)
                put_ipv6_labelled(printer, " addr: ", option, at);
}

static void search_list_print(struct printer *printer, struct packet option)
{
        put_seconds(printer, " lifetime ", get32(printer, option, 4));
        put(printer, ", domain(s):");
        for (uint32_t at = 8; at < option.length && get8(printer, option, at) != 0;) {
                put_char(printer, ' ');
                at = domain_name_print(printer, option, at);
                if (at == 0)
                        printer_abandon_softly(printer);
        }
}

static const struct option {
        uint8_t kind;
        const char *name;
        void (*print)(struct printer *printer, struct packet option); /* NULL: in hex */
} options[] = {
    {1, "source link-address", link_address_print},
    {2, "destination link-address", link_address_print},
    {3, "prefix info", prefix_print},
    {4, "redirected header", NULL},
    {5, "mtu", mtu_print},
    {7, "advertisement interval", interval_print},
    {8, "homeagent information", home_agent_print},
    {24, "route info", route_print},
    {25, "rdnss", resolvers_print},
    {31, "dnssl", search_list_print},
};

static void options_print(struct printer *printer, struct packet packet)
{
        for (uint32_t at = 0; at < packet.length;) {
                const struct option *option = NULL;
                uint8_t kind;
                uint32_t size;
                struct packet body;

                if (!has(packet, at, 1)) /* cut between options: show none in part */
                        return;
                need(printer, packet, at, 2);
                kind = get8(printer, packet, at);
                size = get8(printer, packet, at + 1) * 8u;
                if (size == 0)
                        printer_abandon_softly(printer);
                for (size_t i = 0; i < array_count(options); i++)
                        if (options[i].kind == kind)
                                option = &options[i];
                need(printer, packet, at, size);
                putf(printer,
                     "\n\t  %s option (%u), length %u (%u): ", option ? option->name : "unknown",
                     kind, size, size / 8);
                /* What an option has to have may lie behind its end, as in tcpdump. */
                body = packet_from(packet, at);
                body.length = size;
                if (option && option->print) {
                        option->print(printer, body);
                } else if (option) {
                        /* tcpdump shows as many bytes from where the options begin. */
                        dump_hex(printer, "\n\t    ", packet, size);
                } else if (printer->options.verbose < 2) {
                        dump_hex(printer, "\n\t  ", packet_from(body, 2), size - 2);
                        return;
                }
                if (printer->options.verbose > 1)
                        dump_hex(printer, "\n\t    ", packet_from(body, 2), size - 2);
                at += size;
        }
}

/* With -v: the message's length, then its options. */
static void put_length(struct printer *printer, struct packet packet)
{
        if (printer->options.verbose)
                put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
}

static void options_from(struct printer *printer, struct packet packet, uint32_t offset)
{
        if (printer->options.verbose)
                options_print(printer, packet_from(packet, offset));
}

static void router_solicitation_print(struct printer *printer, struct packet packet)
{
        put_length(printer, packet);
        options_from(printer, packet, 8);
}

static void router_advertisement_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {
            {0x80, "managed"}, {0x40, "other stateful"}, {0x20, "home agent"}, {0x02, "ipv6 only"},
            {0, NULL},
        };
        uint8_t flags;

        if (!printer->options.verbose)
                return;
        put_length(printer, packet);
        need_hard(printer, packet, 0, 16);
        flags = get8(printer, packet, 5);
        putf(printer, "\n\thop limit %u, Flags [", get8(printer, packet, 4));
        put_flags(printer, names, ", ", flags);
        putf(printer, "], pref %s, router lifetime %us, reachable time %ums, retrans timer %ums",
             preference_name(flags), get16(printer, packet, 6), get32(printer, packet, 8),
             get32(printer, packet, 12));
        options_print(printer, packet_from(packet, 16));
}

static void neighbor_solicitation_print(struct printer *printer, struct packet packet)
{
        put_length(printer, packet);
        need_hard(printer, packet, 8, 16);
        put_ipv6_labelled(printer, ", who has ", packet, 8);
        options_from(printer, packet, 24);
}

static void neighbor_advertisement_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {
            {0x80000000, "router"},
            {0x40000000, "solicited"},
            {0x20000000, "override"},
            {0, NULL},
        };

        put_length(printer, packet);
        need_hard(printer, packet, 8, 16);
        put_ipv6_labelled(printer, ", tgt is ", packet, 8);
        if (!printer->options.verbose)
                return;
        put_flag_list(printer, ", Flags [", names, get32(printer, packet, 4));
        options_print(printer, packet_from(packet, 24));
}

static void redirect_print(struct printer *printer, struct packet packet)
{
        put_length(printer, packet);
        need_hard(printer, packet, 8, 32);
        put_ipv6_labelled(printer, ", ", packet, 24);
        put_ipv6_labelled(printer, " to ", packet, 8);
        options_from(printer, packet, 40);
}

/* ---- Mobile IPv6, RFC 6275, 6.5 to 6.8 ---- */

static void agents_print(struct printer *printer, struct packet packet)
{
        if (!printer->options.verbose)
                return;
        put_length(printer, packet);
        putf(printer, ", id 0x%04x", get16(printer, packet, 4));
        for (uint32_t at = 8; at < packet.length; at += 16) {
                need_hard(printer, packet, at, 16);
                put_ipv6_labelled(printer, ", ", packet, at);
        }
}

static void prefix_advertisement_print(struct printer *printer, struct packet packet)
{
        enum { MANAGED = 0x80, OTHER = 0x40 };
        uint8_t flags;

        if (!printer->options.verbose)
                return;
        put_length(printer, packet);
        putf(printer, ", id 0x%04x", get16(printer, packet, 4));
        flags = get16(printer, packet, 6) >> 8;
        if (flags & (MANAGED | OTHER))
                put_char(printer, ' ');
        if (flags & MANAGED)
                put_char(printer, 'M');
        if (flags & OTHER)
                put_char(printer, 'O');
        options_print(printer, packet_from(packet, 8));
}

/* ---- Multicast listeners ---- */

static void listener_1_print(struct printer *printer, struct packet packet)
{
        if (!has(packet, 0, 24))
                return;
        putf(printer, "max resp delay: %u addr: ", get16(printer, packet, 4));
        put_ipv6_at(printer, packet, 8);
}

/* RFC 3810, 5.1.3: large values have a mantissa and an exponent. */
static uint32_t response_delay(uint16_t code)
{
        return code < 0x8000 ? code : ((code & 0xfffu) | 0x1000) << ((code >> 12 & 7) + 3);
}

static void listener_query_print(struct printer *printer, struct packet packet)
{
        need_hard(printer, packet, 0, 2);
        if (packet.length == 24) {
                listener_1_print(printer, packet);
                return;
        }
        if (packet.length < 28) {
                putf(printer, " unknown-version (len %u) ", packet.length);
                return;
        }
        put(printer, " v2");
        if (printer->options.verbose)
                putf(printer, " [max resp delay=%u]", response_delay(get16(printer, packet, 4)));
        need_hard(printer, packet, 8, 16);
        put_ipv6_labelled(printer, " [gaddr ", packet, 8);
        if (printer->options.verbose) {
                uint8_t flags = get8(printer, packet, 24);
                uint8_t interval = get8(printer, packet, 25);

                if (flags & 8)
                        put(printer, " sflag");
                if (flags & 7)
                        putf(printer, " robustness=%u", flags & 7);
                putf(printer, " qqi=%u", multicast_interval(interval));
        }
        multicast_query_sources_print(printer, packet, 28);
}

static void listener_report_2_print(struct printer *printer, struct packet packet)
{
        need_hard(printer, packet, 0, 2);
        if (packet.length < 8)
                put_damage(printer, " [invalid len %u]", packet.length);
        else
                multicast_report_print(printer, packet);
}

/* What nothing is known of is shown, unless -v says that headers are what is wanted. */
static void unknown_print(struct printer *printer, struct packet packet)
{
        if (printer->options.verbose < 2)
                dump_hex(printer, "\n\t", packet, packet.length);
}

/* False if nothing more should be printed. */
static bool message_print(struct printer *printer, struct packet packet, uint8_t type)
{
        switch (type) {
        case UNREACHABLE: return unreachable_print(printer, packet);
        case TOO_BIG: putf(printer, ", mtu %u", get32(printer, packet, 4)); break;
        case TIME_EXCEEDED: time_exceeded_print(printer, packet); break;
        case PARAMETER_PROBLEM: parameter_problem_print(printer, packet); break;
        case ECHO_REQUEST:
        case ECHO_REPLY:
                putf(printer, ", id %u, seq %u", get16(printer, packet, 4),
                     get16(printer, packet, 6));
                break;
        case LISTENER_QUERY: listener_query_print(printer, packet); break;
        case LISTENER_REPORT:
        case LISTENER_DONE: listener_1_print(printer, packet); break;
        case ROUTER_SOLICITATION: router_solicitation_print(printer, packet); break;
        case ROUTER_ADVERTISEMENT: router_advertisement_print(printer, packet); break;
        case NEIGHBOR_SOLICITATION: neighbor_solicitation_print(printer, packet); break;
        case NEIGHBOR_ADVERTISEMENT: neighbor_advertisement_print(printer, packet); break;
        case REDIRECT: redirect_print(printer, packet); break;
        case LISTENER_REPORT_2: listener_report_2_print(printer, packet); break;
        case AGENT_DISCOVERY:
        case PREFIX_SOLICITATION: putf(printer, ", id 0x%04x", get16(printer, packet, 4)); break;
        case AGENT_REPLY: agents_print(printer, packet); break;
        case PREFIX_ADVERTISEMENT: prefix_advertisement_print(printer, packet); break;
        case RENUMBERING: renumbering_print(printer, packet); break;
        case NODE_QUERY: node_query_print(printer, packet); break;
        case NODE_REPLY: node_reply_print(printer, packet); break;
        case RPL: rpl_print(printer, packet); break;
        case MTRACE_RESPONSE:
        case MTRACE_MESSAGE:
                get8(printer, packet, 1);
                put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
                return false;
        }
        return true;
}

void icmp6_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;
        const char *name;
        uint8_t type;

        if (network->version != 6) {
                put_damage(printer, "[ICMPv6 requires IPv6] (invalid)");
                return;
        }
        printer->protocol = "icmp6";
        if (packet.length == 0) {
                put_as(printer, ROLE_PROTOCOL, "ICMP6");
                put_number_as(printer, ROLE_LENGTH, ", length ", 0);
                put_invalid(printer);
                return;
        }
        if (printer->options.verbose && !network->fragment)
                network_checksum_print(printer, packet, packet.length, 2, "icmp6");
        type = get8(printer, packet, 0);
        name = name_find(type_names, type);
        if (!name) {
                put_as(printer, ROLE_PROTOCOL, "ICMP6");
                putf(printer, ", unknown icmp6 type (%u)", type);
                get8(printer, packet, 1);
                put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
                unknown_print(printer, packet);
                return;
        }
        put_as(printer, ROLE_PROTOCOL, "ICMP6");
        put(printer, ", ");
        if (type <= PARAMETER_PROBLEM)
                put_as(printer, ROLE_REFUSAL, name);
        else
                put(printer, name);
        if (!message_print(printer, packet, type)) {
                unknown_print(printer, packet);
                return;
        }
        get8(printer, packet, 1);
        if (!printer->options.verbose)
                put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
}
