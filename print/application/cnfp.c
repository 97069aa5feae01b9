/* Cisco's NetFlow export, versions 1, 5 and 6, as Cisco's "NetFlow Services Solutions Guide"
 * describes it. */
#include "print/printer/printer.h"

enum { VERSION1 = 1, VERSION5 = 5, VERSION6 = 6, TCP = 6 };

/* Milliseconds. */
static void put_seconds(struct printer *printer, const char *label, uint32_t time)
{
        putf(printer, "%s%u.%03u", label, time / 1000, time % 1000);
}

static void flags_print(struct printer *printer, uint8_t flags)
{
        static const struct name names[] = {{1, "F"},  {2, "S"},  {4, "R"}, {8, "P"},
                                            {16, "A"}, {32, "U"}, {0, NULL}};

        if (flags == 0)
                return;
        if (flags & 0x3f)
                put_flags(printer, names, "", flags);
        put_char(printer, ' ');
}

static void flow_print(struct printer *printer, struct packet flow, uint16_t version)
{
        uint8_t protocol = get8(printer, flow, 38);

        put_seconds(printer, "\n  started ", get32(printer, flow, 24));
        put_seconds(printer, ", last ", get32(printer, flow, 28));
        put(printer, "\n    ");
        put_ipv4_numeric(printer, bytes_at(printer, flow, 0, 4));
        if (version != VERSION1)
                putf(printer, "/%u:%u", get8(printer, flow, 44), get16(printer, flow, 40));
        putf(printer, ":%u > ", get16(printer, flow, 32));
        put_ipv4_numeric(printer, bytes_at(printer, flow, 4, 4));
        if (version != VERSION1)
                putf(printer, "/%u:%u", get8(printer, flow, 45), get16(printer, flow, 42));
        putf(printer, ":%u >> ", get16(printer, flow, 34));
        put_ipv4_numeric(printer, bytes_at(printer, flow, 8, 4));
        put(printer, "\n    ");
        put_ip_protocol_or_number(printer, protocol);
        put_char(printer, ' ');
        if (protocol == TCP)
                flags_print(printer, get8(printer, flow, version == VERSION1 ? 40 : 37));
        putf(printer, "tos %u, %u (%u octets) ", get8(printer, flow, 39), get32(printer, flow, 16),
             get32(printer, flow, 20));
        if (version == VERSION6)
                putf(printer, "(%u<>%u encaps)", get8(printer, flow, 46), get8(printer, flow, 47));
}

void cnfp_print(struct printer *printer, struct packet packet)
{
        enum { HEADER1 = 16, HEADER5 = 24, FLOW1 = 48, FLOW5 = 52 };
        uint32_t header, size, count;
        uint16_t version;

        printer->protocol = "cnfp";
        version = get16(printer, packet, 0);
        header = version == VERSION1 ? HEADER1 : HEADER5;
        size = version == VERSION1 ? FLOW1 : FLOW5;
        if (version != VERSION1 && version != VERSION5 && version != VERSION6) {
                putf(printer, "NetFlow v%x", version);
                return;
        }
        need(printer, packet, 0, header);
        putf(printer, "NetFlow v%x", version);
        /* As tcpdump takes it, from two bytes too many. */
        count = get32(printer, packet, 2);
        put_seconds(printer, ", ", get32(printer, packet, 4));
        putf(printer, " uptime, %u.%09u, ", get32(printer, packet, 8), get32(printer, packet, 12));
        if (version != VERSION1)
                putf(printer, "#%u, ", get32(printer, packet, 16));
        putf(printer, "%2u recs", count);
        for (uint32_t at = header; count > 0; count--, at += size) {
                need(printer, packet, at, size);
                flow_print(printer, packet_from(packet, at), version);
        }
}
