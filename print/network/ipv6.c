/* IPv6, RFC 8200: the header and the chain of extension headers before the transport. */
#include "network.h"

#include <netinet/in.h>

enum {
        HEADER = 40,
        FRAGMENT_HEADER = 8,
        OLD_MOBILITY = 62, /* of drafts */
        /* Options of hop-by-hop and destination headers. */
        PAD1 = 0,
        PADN = 1,
        ROUTER_ALERT = 5,
        HOME_ADDRESS = 0xc9,
        JUMBO = 0xc2,
        JUMBO_LEAST = 65536, /* RFC 2675 */
};

/* State of walking the chain. */
struct chain {
        struct packet packet; /* from the current header on */
        uint8_t protocol;     /* what the current header is */
        uint8_t previous;     /* what carried it, IPPROTO_IPV6 for the first */
        bool first;
        bool hop_by_hop; /* one was seen */
        bool done;       /* nothing more is printed */
        int64_t left;    /* of what the packet's length leaves for the current header; may be less
                            than nothing */
        bool jumbo_seen; /* such an option, in the current header */
        uint32_t jumbo;  /* payload length of a jumbogram, or 0 */
        uint32_t start;  /* what packet.length was at the first header */
};

/* Steps over a header of `size` bytes. */
static void advance(struct printer *printer, struct chain *chain, uint32_t size)
{
        printer->protocol = "ip6";
        chain->left -= size;
        chain->packet = packet_from(chain->packet, size);
}

static void jumbo_print(struct printer *printer, struct packet option, struct chain *chain,
                        bool payload_stated)
{
        uint32_t length = get32(printer, option, 2);
        const char *fault = NULL;

        if (chain->jumbo_seen)
                fault = "already seen";
        else if (chain->protocol == IPPROTO_DSTOPTS)
                fault = "not a hop-by-hop option";
        else if (payload_stated)
                fault = "payload len != 0";
        else if (length < JUMBO_LEAST)
                fault = "< 65536";
        else
                chain->jumbo = length;
        chain->jumbo_seen = true;
        if (printer->options.verbose)
                putf(printer, fault ? "(jumbo: %u - %s) " : "(jumbo: %u) ", length, fault);
}

/* Options in an option, as drafts of mobile IPv6 had them. False if they are malformed. */
static bool suboptions_print(struct printer *printer, struct packet options)
{
        while (options.length > 0) {
                uint8_t kind = get8(printer, options, 0);
                uint32_t size = 1;

                if (kind != PAD1) {
                        if (options.length < 2)
                                return false;
                        size = get8(printer, options, 1) + 2u;
                        if (size > options.length)
                                return false;
                }
                if (kind == PAD1 || kind == PADN)
                        put(printer, kind == PAD1 ? ", pad1" : ", padn");
                else
                        putf(printer, ", sopt_type 0x%02x: len=%u", kind, size - 2);
                options = packet_from(options, size);
        }
        return true;
}

/* One option of a hop-by-hop or destination header, shown with -v and always checked. `left`: the
 * bytes of the header from here on. False if it is malformed. */
static bool option_print(struct printer *printer, struct packet option, struct chain *chain,
                         bool payload_stated, uint32_t left)
{
        static const struct name fixed[] = {
            {ROUTER_ALERT, "rtalert"},
            {JUMBO, "jumbo"},
            {HOME_ADDRESS, "homeaddr"},
            {0, NULL},
        };
        static const struct {
                uint8_t kind, size;
        } sizes[] = {{ROUTER_ALERT, 2}, {JUMBO, 4}, {HOME_ADDRESS, 16}};
        bool verbose = printer->options.verbose > 0;
        uint8_t kind = option.data[0];
        uint8_t size = option.data[1];

        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                if (sizes[i].kind != kind)
                        continue;
                if (left < sizes[i].size + 2u) {
                        putf(printer, "(%s: trunc)", name_find(fixed, kind));
                        return false;
                }
                if (size < sizes[i].size || (kind != HOME_ADDRESS && size != sizes[i].size)) {
                        put_damage(printer, "(%s: invalid len %u)", name_find(fixed, kind), size);
                        return false;
                }
        }
        switch (kind) {
        case PADN:
                if (verbose)
                        put(printer, "(padn)");
                break;
        case ROUTER_ALERT:
                if (verbose)
                        putf(printer, "(rtalert: 0x%04x) ", get16(printer, option, 2));
                break;
        case JUMBO: jumbo_print(printer, option, chain, payload_stated); break;
        case HOME_ADDRESS:
                if (!verbose)
                        break;
                put_ipv6_labelled(printer, "(homeaddr: ", option, 2);
                if (!suboptions_print(printer, packet_from(option, 18)))
                        return false;
                put_char(printer, ')');
                break;
        default:
                if (verbose)
                        putf(printer, "(opt_type 0x%02x: len=%u)", kind, size);
        }
        return true;
}

/* False if they are malformed. */
static bool options_print(struct printer *printer, struct packet options, struct chain *chain,
                          bool payload_stated)
{
        for (uint32_t at = 0; at < options.length;) {
                uint32_t size;

                if (get8(printer, options, at) == PAD1) {
                        if (printer->options.verbose)
                                put(printer, "(pad1)");
                        at++;
                        continue;
                }
                if (at + 1 >= options.length)
                        return false;
                size = get8(printer, options, at + 1) + 2u;
                if (size > options.length - at)
                        return false;
                if (!option_print(printer, packet_cut(packet_from(options, at), size), chain,
                                  payload_stated, options.length - at))
                        return false;
                at += size;
        }
        if (printer->options.verbose)
                put_char(printer, ' ');
        return true;
}

/* Hop-by-hop and destination headers: the same layout. */
static void options_header_print(struct printer *printer, struct chain *chain, bool payload_stated)
{
        bool hop_by_hop = chain->protocol == IPPROTO_HOPOPTS;
        uint32_t size;
        bool valid;

        chain->jumbo_seen = false;
        printer->protocol = hop_by_hop ? "hbhopt" : "dstopt";
        size = (get8(printer, chain->packet, 1) + 1u) * 8;
        valid = has(chain->packet, 0, size);
        if (valid) {
                put(printer, hop_by_hop ? "HBH " : "DSTOPT ");
                if (hop_by_hop || printer->options.verbose)
                        valid = options_print(printer,
                                              packet_cut(packet_from(chain->packet, 2), size - 2),
                                              chain, payload_stated);
        }
        if (!valid && hop_by_hop && !payload_stated && chain->jumbo == 0) {
                put_truncated(printer); /* and that there is no jumbo payload: see chain_print() */
                return;
        }
        if (!valid)
                printer_abandon_softly(printer);
        chain->protocol = get8(printer, chain->packet, 0);
        advance(printer, chain, size);
}

/* False if the header is malformed. Sets the destination that checksums are over: to tcpdump, this
 * is the route's end even where it has been reached; a list of segments is backwards. */
static bool routing_addresses_print(struct printer *printer, struct packet packet, uint32_t size,
                                    struct network *network)
{
        enum { SEGMENTS = 4, HEADER = 8 };
        bool segments = get8(printer, packet, 2) == SEGMENTS;

        if (size % 2 != 0) {
                put_damage(printer, " (invalid length %u)", size);
                return false;
        }
        for (uint32_t i = 0; i < size / 2; i++) {
                const uint8_t *address = bytes_at(printer, packet, HEADER + i * 16, 16);

                putf(printer, ", [%u]", i);
                put_ipv6(printer, address);
                if (!segments)
                        network->final = address;
        }
        if (segments && has(packet, HEADER, 16))
                network->final = packet.data + HEADER;
        return true;
}

static void routing_print(struct printer *printer, struct chain *chain, struct network *network)
{
        enum { SOURCE_ROUTE = 0, MOBILE = 2, SEGMENTS = 4 };
        struct packet packet = chain->packet;
        uint8_t size, type, left;

        need(printer, packet, 0, 1);
        printer->protocol = "rt6";
        put(printer, "RT6");
        size = get8(printer, packet, 1);
        putf(printer, " (len=%u", size);
        type = get8(printer, packet, 2);
        putf(printer, ", type=%u%s", type, type == SOURCE_ROUTE ? " [Deprecated]" : "");
        left = get8(printer, packet, 3);
        putf(printer, ", segleft=%u", left);
        chain->done = true;
        if (type == SOURCE_ROUTE || type == MOBILE) {
                uint32_t reserved = get32(printer, packet, 4);

                if (reserved != 0 || printer->options.verbose)
                        putf(printer, ", rsv=0x%0x", reserved);
        } else if (type == SEGMENTS) {
                uint8_t flags;

                putf(printer, ", last-entry=%u", get8(printer, packet, 4));
                flags = get8(printer, packet, 5);
                if (flags != 0 || printer->options.verbose)
                        putf(printer, ", flags=0x%0x", flags);
                putf(printer, ", tag=%x", get16(printer, packet, 6));
        } else {
                put(printer, " (unknown type)");
                put_invalid(printer);
                return;
        }
        if (!routing_addresses_print(printer, packet, size, network)) {
                put_invalid(printer);
                return;
        }
        put(printer, ") ");
        chain->done = false;
        chain->protocol = get8(printer, packet, 0);
        advance(printer, chain, (size + 1u) * 8);
}

static void fragment_print(struct printer *printer, struct chain *chain, struct network *network)
{
        struct packet packet = chain->packet;
        uint16_t offset;
        uint64_t length;

        printer->protocol = "frag6";
        offset = get16(printer, packet, 2);
        /* Wraps around if the packet states no length, as in tcpdump. */
        length = (uint64_t)chain->left - FRAGMENT_HEADER;
        if (chain->jumbo != 0)
                length -= chain->start;
        if (printer->options.verbose)
                putf(printer, "frag (0x%08x:", get32(printer, packet, 4));
        else
                put(printer, "frag (");
        putf(printer, "%u|%llu)", offset & ~7u, (unsigned long long)length);
        network->fragment = true;
        if (offset & ~7u) {
                chain->done = true;
                return;
        }
        put_char(printer, ' ');
        if (packet.captured <= FRAGMENT_HEADER) {
                chain->done = true;
                return;
        }
        chain->protocol = get8(printer, packet, 0);
        advance(printer, chain, FRAGMENT_HEADER);
}

/* "(class 0xb8, flowlabel 0x12345, hlim 64, ...) " */
static void details_print(struct printer *printer, struct packet packet, uint16_t payload)
{
        uint32_t word = get32(printer, packet, 0);
        uint8_t protocol = get8(printer, packet, 6);

        put_char(printer, '(');
        if (word >> 20 & 0xff)
                putf(printer, "class 0x%02x, ", word >> 20 & 0xff);
        if (word & 0xfffff)
                putf(printer, "flowlabel 0x%05x, ", word & 0xfffff);
        put_labelled(printer, "hlim ", get8(printer, packet, 7));
        put(printer, ", next-header ");
        put_as(printer, ROLE_PROTOCOL, transport_name(protocol));
        put_labelled(printer, " (", protocol);
        put_number_as(printer, ROLE_LENGTH, ") payload length: ", payload);
        put(printer, ") ");
}

/* A hop-by-hop header must come first, and once. */
static bool misplaced(struct printer *printer, const struct chain *chain)
{
        if (chain->protocol != IPPROTO_HOPOPTS || chain->first)
                return false;
        put_damage(printer, chain->hop_by_hop
                                ? "[The Hop-by-Hop Options header was already found]"
                                : "[The Hop-by-Hop Options header don't follow the IPv6 header]");
        put_invalid(printer);
        return true;
}

/* Makes the rest of the packet as long as its option says. */
static void jumbogram_extend(struct printer *printer, struct chain *chain)
{
        uint32_t before = chain->start - chain->packet.length;

        if (chain->jumbo > UINT32_MAX - HEADER || chain->jumbo < before)
                printer_abandon_softly(printer);
        if (chain->jumbo > chain->start)
                put_damage(printer, "truncated-ip6 - %u bytes missing!",
                           chain->jumbo - chain->start);
        chain->packet.length = chain->jumbo - before;
}

static void chain_print(struct printer *printer, struct chain *chain, struct network *network,
                        bool payload_stated)
{
        for (unsigned count = 0; !chain->done && !misplaced(printer, chain); count++) {
                switch (chain->protocol) {
                case IPPROTO_HOPOPTS:
                        options_header_print(printer, chain, payload_stated);
                        chain->hop_by_hop = true;
                        if (!payload_stated && chain->jumbo == 0) {
                                put_damage(printer,
                                           "[No valid Jumbo Payload Hop-by-Hop option found]");
                                put_invalid(printer);
                                return;
                        }
                        break;
                case IPPROTO_DSTOPTS: options_header_print(printer, chain, payload_stated); break;
                case IPPROTO_ROUTING: routing_print(printer, chain, network); break;
                case IPPROTO_FRAGMENT: fragment_print(printer, chain, network); break;
                case IPPROTO_MH:
                case OLD_MOBILITY: mobility_print(printer, chain->packet); return;
                default:
                        if (chain->left < 0)
                                printer_abandon_softly(printer);
                        network->protocol = chain->protocol;
                        if (chain->jumbo != 0)
                                jumbogram_extend(printer, chain);
                        transport_print(printer, packet_cut(chain->packet, chain->packet.length),
                                        network);
                        return;
                }
                chain->first = false;
        }
}

void ipv6_print(struct printer *printer, struct packet packet)
{
        struct network network = {.version = 6};
        struct chain chain = {.first = true};
        uint16_t payload;

        printer->protocol = "ip6";
        need(printer, packet, 0, HEADER);
        if (packet.length < HEADER) {
                put_damage(printer, "truncated-ip6 %u", packet.length);
                return;
        }
        if (!printer->options.link_header)
                put_as(printer, ROLE_PROTOCOL, "IP6 ");
        if (packet.data[0] >> 4 != 6) {
                put_damage(printer, "version error: %u != 6", packet.data[0] >> 4);
                return;
        }
        payload = get16(printer, packet, 4);
        chain.protocol = network.next = get8(printer, packet, 6);
        if (packet.length < payload + (uint32_t)HEADER)
                put_damage(printer, "truncated-ip6 - %u bytes missing!",
                           payload + HEADER - packet.length);
        if (printer->options.verbose)
                details_print(printer, packet, payload);
        if (payload != 0)
                packet = packet_cut(packet, payload + HEADER);
        else if (chain.protocol != IPPROTO_HOPOPTS)
                packet.length = HEADER;
        network.source = packet.data + 8;
        network.destination = network.final = packet.data + 24;
        network.ttl = packet.data[7];
        network.addressed = transport_has_ports(chain.protocol);
        if (!network.addressed)
                endpoints_print_short(printer, &network, ": ");
        chain.packet = packet_from(packet, HEADER);
        chain.start = chain.packet.length;
        chain.left = chain.start;
        if (printer->depth >= MAX_DEPTH) {
                put_invalid(printer);
                return;
        }
        printer->depth++;
        chain_print(printer, &chain, &network, payload != 0);
        printer->depth--;
}
