/* OpenBSD's pflog interfaces: what the packet filter pf logged, which rule made it, and the packet
 * from its IP header on. */
#include "link.h"

enum {
        LEAST = 45, /* headers of the first version end behind the rule's number */
        HEADER = 64,
        FAMILY = 1,
        ACTION = 2,
        REASON = 3,
        INTERFACE = 4,
        RULESET = 20,
        NAME_SIZE = 16,
        RULE = 36,
        SUBRULE = 40,
        DIRECTION = 60,
};

/* tcpdump has no 3. */
static const struct name reasons[] = {
    {0, "0(match)"},
    {1, "1(bad-offset)"},
    {2, "2(fragment)"},
    {4, "3(short)"},
    {5, "5(memory)"},
    {6, "6(bad-timestamp)"},
    {7, "7(congestion)"},
    {8, "8(ip-option)"},
    {9, "9(proto-cksum)"},
    {10, "10(state-mismatch)"},
    {11, "11(state-insert)"},
    {12, "12(state-limit)"},
    {13, "13(src-limit)"},
    {14, "14(synproxy)"},
    {0, NULL},
};

static const struct name actions[] = {
    {0, "pass"},  {1, "block"},          {2, "scrub"},   {4, "nat"},
    {5, "nonat"}, {6, "binat"},          {7, "nobinat"}, {8, "rdr"},
    {9, "nordr"}, {10, "synproxy-drop"}, {0, NULL},
};

static const struct name directions[] = {{0, "in/out"}, {1, "in"}, {2, "out"}, {0, NULL}};

static void header_print(struct printer *printer, struct packet packet)
{
        enum { NO_SUBRULE = 0xffffffff };
        uint32_t subrule = get32(printer, packet, SUBRULE);

        putf(printer, "rule %u", get32(printer, packet, RULE));
        if (subrule != NO_SUBRULE) {
                put_char(printer, '.');
                put_until_zero(printer, packet_cut(packet_from(packet, RULESET), NAME_SIZE));
                putf(printer, ".%u", subrule);
        }
        put_named8(printer, "/", reasons, "unkn(%u)", packet, REASON);
        put_named8(printer, ": ", actions, "unkn(%u)", packet, ACTION);
        put_named8(printer, " ", directions, "unkn(%u)", packet, DIRECTION);
        put(printer, " on ");
        put_until_zero(printer, packet_cut(packet_from(packet, INTERFACE), NAME_SIZE));
        put(printer, ": ");
}

void pflog_print(struct printer *printer, struct packet packet)
{
        enum { IPV4 = 2, OPENBSD_IPV6 = 24, FREEBSD_IPV6 = 28, DARWIN_IPV6 = 30, ALIGNMENT = 4 };
        struct packet inner;
        uint32_t size;

        printer->protocol = "pflog";
        printer->link_header = packet.captured;
        need(printer, packet, 0, 1);
        size = packet.data[0];
        if (size < LEAST) {
                printer->link_header = size;
                put_damage(printer, "[pflog: invalid header length!]");
                return;
        }
        size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        need(printer, packet, 0, size);
        printer->link_header = size;
        need(printer, packet, 0, HEADER);
        if (printer->options.link_header)
                header_print(printer, packet);
        inner = packet_from(packet, size);
        switch (packet.data[FAMILY]) {
        case IPV4: protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, inner); break;
        case OPENBSD_IPV6:
        case FREEBSD_IPV6:
        case DARWIN_IPV6: protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, inner); break;
        default:
                if (!printer->options.link_header)
                        header_print(printer, packet);
                if (!printer->options.quiet)
                        put_unknown(printer, inner, inner.captured);
        }
}
