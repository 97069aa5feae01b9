/* IPv4, RFC 791. */
#include "network.h"

#include "net/checksum.h"

#include <netinet/in.h>

enum {
        MIN_HEADER = 20,
        FLAG_MORE = 0x2000,
        OFFSET_MASK = 0x1fff,
        /* Options. */
        END = 0,
        NOP = 1,
        RECORD_ROUTE = 7,
        TIMESTAMP = 68,
        TRACE_ROUTE = 82,
        SECURITY = 130,
        LOOSE_ROUTE = 131,
        STRICT_ROUTE = 137,
        ROUTER_ALERT = 148,
};

static const struct name option_names[] = {
    {END, "EOL"},
    {NOP, "NOP"},
    {TIMESTAMP, "timestamp"},
    {SECURITY, "security"},
    {RECORD_ROUTE, "RR"},
    {STRICT_ROUTE, "SSRR"},
    {LOOSE_ROUTE, "LSRR"},
    {ROUTER_ALERT, "RA"},
    {TRACE_ROUTE, "traceroute"},
    {0, NULL},
};

static const struct name fragment_flags[] = {
    {0x2000, "+"},
    {0x4000, "DF"},
    {0x8000, "rsvd"},
    {0, NULL},
};

/* A route of addresses. The pointer, counted from 1 at the option's start, is where the next goes.
 * A size that does not fit is complained of and followed all the same, here and below. */
static void route_print(struct printer *printer, struct packet option, uint32_t length)
{
        uint32_t pointer;

        if (length < 3) {
                put_damage(printer, " [bad length %u]", length);
                return;
        }
        if ((length + 1) % 4 != 0)
                put_damage(printer, " [bad length %u]", length);
        pointer = get8(printer, option, 2) - 1u;
        if (pointer < 3 || (pointer + 1) % 4 != 0 || pointer > length)
                put_damage(printer, " [bad ptr %u]", get8(printer, option, 2));
        for (uint32_t at = 3; at < length; at += 4) {
                need(printer, option, at, 4);
                put_char(printer, ' ');
                put_ipv4(printer, option.data + at);
                if (pointer > at)
                        put_char(printer, ',');
        }
}

static void timestamp_print(struct printer *printer, struct packet option, uint32_t length)
{
        enum { ONLY = 0, WITH_ADDRESS = 1, PRESPECIFIED = 3 };
        static const struct name types[] = {
            {ONLY, "TSONLY"},
            {WITH_ADDRESS, "TS+ADDR"},
            {PRESPECIFIED, "PRESPEC"},
            {0, NULL},
        };
        uint8_t flags;
        uint32_t type, entry, pointer;
        uint32_t at = 0;

        if (length < 4) {
                put_damage(printer, "[bad length %u]", length);
                return;
        }
        put(printer, " TS{");
        flags = get8(printer, option, 3);
        type = flags & 15;
        entry = type == ONLY ? 4 : 8;
        if ((length - 4) % entry != 0)
                put_damage(printer, "[bad length %u]", length);
        pointer = get8(printer, option, 2) - 1u;
        if (pointer < 4 || (pointer - 4) % entry != 0 || pointer > length)
                put_damage(printer, "[bad ptr %u]", get8(printer, option, 2));
        put_name(printer, types, "[bad ts type %u]", type);
        if (name_find(types, type)) {
                for (at = 4; at < length; at += entry) {
                        need(printer, option, at, entry);
                        putf(printer, "%s%u@", pointer == at ? " ^ " : " ",
                             get32(printer, option, at + entry - 4));
                        if (entry == 8)
                                put_ipv4(printer, option.data + at);
                }
        }
        if (pointer == at)
                put(printer, " ^ ");
        if (flags >> 4)
                putf(printer, " [%u hops not recorded]} ", (unsigned)flags >> 4);
        else
                put_char(printer, '}');
}

static void router_alert_print(struct printer *printer, struct packet option, uint32_t length)
{
        if (length < 4) {
                put_damage(printer, " [bad length %u]", length);
                return;
        }
        need(printer, option, 3, 1);
        if (get16(printer, option, 2) != 0)
                putf(printer, " value %u", get16(printer, option, 2));
}

/* False if they are not all there. */
static bool options_print(struct printer *printer, struct packet options)
{
        for (uint32_t at = 0; at < options.length;) {
                struct packet option;
                uint32_t length;
                uint8_t kind;

                if (at > 0)
                        put_char(printer, ',');
                kind = get8(printer, options, at);
                put_name(printer, option_names, "unknown %u", kind);
                if (kind == END)
                        return true;
                if (kind == NOP) {
                        at++;
                        continue;
                }
                length = get8(printer, options, at + 1);
                if (length < 2 || length > options.length - at) {
                        put_damage(printer, " [bad length %u]", length);
                        return true;
                }
                if (!has(options, at, length)) {
                        put_damage(printer, " [truncated-option]");
                        return false;
                }
                option = packet_from(options, at);
                if (kind == TIMESTAMP)
                        timestamp_print(printer, option, length);
                else if (kind == RECORD_ROUTE || kind == LOOSE_ROUTE || kind == STRICT_ROUTE)
                        route_print(printer, option, length);
                else if (kind == ROUTER_ALERT)
                        router_alert_print(printer, option, length);
                at += length;
        }
        return true;
}

/* The parenthesis of -v. False if the header is cut short. */
static bool details_print(struct printer *printer, struct packet packet, uint32_t header,
                          uint32_t total)
{
        static const char *const congestion[] = {"", ",ECT(1)", ",ECT(0)", ",CE"};
        bool whole = true;
        uint8_t tos = get8(printer, packet, 1);
        uint8_t ttl = get8(printer, packet, 8);
        uint8_t protocol = get8(printer, packet, 9);
        uint16_t fragment = get16(printer, packet, 6);

        put_labelled_hex(printer, "(tos 0x", tos, 1);
        put(printer, congestion[tos & 3]);
        if (ttl >= 1)
                put_labelled(printer, ", ttl ", ttl);
        put_labelled(printer, ", id ", get16(printer, packet, 4));
        put_labelled(printer, ", offset ", (fragment & OFFSET_MASK) * 8u);
        put_flag_list(printer, ", flags [", fragment_flags, fragment & ~OFFSET_MASK & 0xffffu);
        put(printer, ", proto ");
        put_as(printer, ROLE_PROTOCOL, transport_name(protocol));
        put_labelled(printer, " (", protocol);
        put_number_as(printer, ROLE_LENGTH, "), length ", total);
        if (header > MIN_HEADER) {
                put(printer, ", options (");
                whole = options_print(printer, (struct packet){packet.data + MIN_HEADER,
                                                               packet.captured - MIN_HEADER,
                                                               header - MIN_HEADER});
                put_char(printer, ')');
        }
        if (!printer->options.no_checksums && has(packet, 0, header)) {
                uint16_t sum = checksum(packet.data, header);

                if (sum != 0) {
                        uint16_t found = get16(printer, packet, 10);

                        put_damage(printer, ", bad cksum %x (->%x)!", found,
                                   checksum_expected(found, sum));
                }
        }
        put(printer, printer->options.one_line ? ") " : ")\n    ");
        return whole;
}

/* The final destination, of the first source route: checksums are over that one. */
static const uint8_t *final_destination(struct packet packet, uint32_t header)
{
        for (uint32_t at = MIN_HEADER; at + 1 < header && has(packet, at, 2);) {
                uint8_t kind = packet.data[at];
                uint8_t length = packet.data[at + 1];

                if (kind == END)
                        break;
                if (kind == NOP) {
                        at++;
                        continue;
                }
                if (length < 2 || length > header - at || !has(packet, at, length))
                        break;
                if ((kind == LOOSE_ROUTE || kind == STRICT_ROUTE) && length >= 7)
                        return packet.data + at + length - 4;
                at += length;
        }
        return packet.data + 16;
}

void ipv4_print(struct printer *printer, struct packet packet)
{
        struct network network = {.version = 4};
        uint32_t header, total;
        uint16_t fragment;
        uint8_t version;
        bool first;

        printer->protocol = "ip";
        version = get8(printer, packet, 0) >> 4;
        if (version != 4) {
                if (version == 6)
                        put_damage(printer, "IP6, wrong link-layer encapsulation");
                else
                        putf_as(printer, ROLE_PROTOCOL, "IP%u", version);
                put_invalid(printer);
                return;
        }
        if (!printer->options.link_header)
                put_as(printer, ROLE_PROTOCOL, "IP ");
        need(printer, packet, 0, MIN_HEADER);
        if (packet.length < MIN_HEADER) {
                put_damage(printer, "truncated-ip %u", packet.length);
                return;
        }
        header = (get8(printer, packet, 0) & 15) * 4u;
        if (header < MIN_HEADER) {
                put_damage(printer, "bad-hlen %u", header);
                return;
        }
        total = get16(printer, packet, 2);
        if (packet.length < total)
                put_damage(printer, "truncated-ip - %u bytes missing! ", total - packet.length);
        if (total < header) {
                put_damage(printer, "bad-len %u", total);
                return;
        }
        packet = packet_cut(packet, total);
        fragment = get16(printer, packet, 6);
        network.protocol = network.next = get8(printer, packet, 9);
        network.ttl = get8(printer, packet, 8);
        network.fragment = (fragment & (FLAG_MORE | OFFSET_MASK)) != 0;
        network.source = packet.data + 12;
        network.destination = packet.data + 16;
        network.addressed = true;
        if (printer->options.verbose && !details_print(printer, packet, header, total)) {
                endpoints_print_short(printer, &network, ": ");
                printer_abandon_softly(printer);
        }
        network.final =
            printer->options.verbose ? final_destination(packet, header) : network.destination;
        first = (fragment & OFFSET_MASK) == 0;
        if (packet.captured < header && first) {
                if (!transport_has_ports(network.protocol))
                        endpoints_print_short(printer, &network, ": ");
                put_damage(printer, " [remaining caplen(%u) < header length(%u)]", packet.captured,
                           header);
                printer_abandon_short(printer);
        }
        if (printer->depth >= MAX_DEPTH) {
                put_invalid(printer);
                return;
        }
        printer->depth++;
        if (!first || !transport_has_ports(network.protocol))
                endpoints_print_short(printer, &network, ": ");
        if (first)
                transport_print(printer, packet_from(packet, header), &network);
        else /* later fragments have no header to show */
                put_ip_protocol(printer, network.protocol);
        printer->depth--;
}
