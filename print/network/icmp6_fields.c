/* What ICMPv6 has besides fields at fixed places: the options of neighbor discovery, RFC 4861,
 * 8106, and which messages quote a packet. */
#include "print/printer/fields.h"

enum {
        QUOTE = 8,
        PARAMETER_PROBLEM = 4, /* the last of the errors that quote */
        ROUTER_SOLICITATION = 133,
        REDIRECT = 137,
};

enum kind { SOURCE = 1, TARGET = 2, PREFIX = 3, MTU = 5, RESOLVERS = 25, SEARCH_LIST = 31 };

static void search_list_field(struct printer *printer, struct packet option)
{
        field_open(printer, "icmpv6.opt.dnssl", '[');
        for (uint32_t at = 8; at < option.length && get8(printer, option, at) != 0;)
                at = field_domain_name(printer, NULL, option, at);
        field_close(printer);
}

static void option_fields(struct printer *printer, struct packet option)
{
        uint8_t kind = get8(printer, option, 0);

        field_number(printer, "icmpv6.opt.type", kind);
        switch (kind) {
        case SOURCE:
        case TARGET:
                field_bytes(printer,
                            kind == SOURCE ? "icmpv6.opt.src_linkaddr"
                                           : "icmpv6.opt.target_linkaddr",
                            option, 2, option.length - 2);
                break;
        case PREFIX:
                field_number(printer, "icmpv6.opt.prefix.length", get8(printer, option, 2));
                field_number(printer, "icmpv6.opt.prefix.valid_lifetime",
                             get32(printer, option, 4));
                field_number(printer, "icmpv6.opt.prefix.preferred_lifetime",
                             get32(printer, option, 8));
                field_ipv6(printer, "icmpv6.opt.prefix", option, 16);
                break;
        case MTU: field_number(printer, "icmpv6.opt.mtu", get32(printer, option, 4)); break;
        case RESOLVERS:
                field_open(printer, "icmpv6.opt.rdnss", '[');
                for (uint32_t at = 8; at + 16 <= option.length; at += 16)
                        field_ipv6(printer, NULL, option, at);
                field_close(printer);
                break;
        case SEARCH_LIST: search_list_field(printer, option); break;
        default: break;
        }
}

void icmp6_fields(struct printer *printer, struct packet packet)
{
        /* Where the options start, from ROUTER_SOLICITATION on. */
        static const uint8_t starts[] = {8, 16, 24, 24, 40};
        uint8_t type = get8(printer, packet, 0);

        if (type < ROUTER_SOLICITATION || type > REDIRECT)
                return;
        packet = packet_from(packet, starts[type - ROUTER_SOLICITATION]);
        if (packet.length == 0)
                return;
        field_open(printer, "options", '[');
        while (packet.length > 0) {
                uint32_t size = get8(printer, packet, 1) * 8u;

                if (size == 0 || size > packet.length)
                        break;
                field_open(printer, NULL, '{');
                option_fields(printer, packet_cut(packet, size));
                field_close(printer);
                packet = packet_from(packet, size);
        }
        field_close(printer);
}

bool icmp6_quotes(struct packet packet)
{
        return has(packet, 0, QUOTE) && packet.data[0] > 0 && packet.data[0] <= PARAMETER_PROBLEM;
}
