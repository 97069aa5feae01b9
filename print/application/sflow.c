/* sFlow, version 5, https://sflow.org/sflow_version_5.txt: samples of packets and of counters that
 * a switch sends. */
#include "print/printer/printer.h"

enum { SAMPLE_HEADER = 8, RECORD_HEADER = 8 };

/* A record: its format's name, the bytes that have to be there, and the lines that show them: "%4"
 * stands for a number of 4 bytes, "%8" for one of 8, "%-" for 8 bytes that are not shown. */
struct record_form {
        uint32_t format;
        const char *name;
        uint32_t least;
        const char *lines;
};

static const struct record_form flow_records[] = {
    {1, "Raw packet", 16, ""},
    {2, "Ethernet frame", 24, "\n\t      frame len %4%-%-, type %4"},
    {3, "IPv4 Data", 0, ""},
    {4, "IPv6 Data", 0, ""},
    {1001, "Extended Switch data", 16,
     "\n\t      src vlan %4, src pri %4, dst vlan %4, dst pri %4"},
    {1002, "Extended Router data", 0, ""},
    {1003, "Extended Gateway data", 0, ""},
    {1004, "Extended User data", 0, ""},
    {1005, "Extended URL data", 0, ""},
    {1006, "Extended MPLS data", 0, ""},
    {1007, "Extended NAT data", 0, ""},
    {1008, "Extended MPLS tunnel", 0, ""},
    {1009, "Extended MPLS VC", 0, ""},
    {1010, "Extended MPLS FEC", 0, ""},
    {1011, "Extended MPLS LVP FEC", 0, ""},
    {1012, "Extended VLAN Tunnel", 0, ""},
    {0, NULL, 0, ""},
};

static const struct record_form counter_records[] = {
    {1, "Generic counter", 88, ""},
    {2, "Ethernet counter", 52,
     "\n\t      align errors %4, fcs errors %4, single collision %4, multiple collision %4, "
     "test error %4"
     "\n\t      deferred %4, late collision %4, excessive collision %4, mac trans error %4"
     "\n\t      carrier error %4, frames too long %4, mac receive errors %4, symbol errors %4"},
    {3, "Token ring counter", 0, ""},
    {4, "100 BaseVG counter", 80,
     "\n\t      in high prio frames %4, in high prio octets %8"
     "\n\t      in norm prio frames %4, in norm prio octets %8"
     "\n\t      in ipm errors %4, oversized %4, in data errors %4, null addressed frames %4"
     "\n\t      out high prio frames %4, out high prio octets %8, trans into frames %4"
     "\n\t      in hc high prio octets %8, in hc norm prio octets %8, out hc high prio octets %8"},
    {5, "Vlan counter", 28,
     "\n\t      vlan_id %4, octets %8, unicast_pkt %4, multicast_pkt %4, broadcast_pkt %4, "
     "discards %4"},
    {1001, "Processor counter", 28,
     "\n\t      5sec %4, 1min %4, 5min %4, total_mem %8, total_mem %8"},
    {0, NULL, 0, ""},
};

/* Bytes that the line at the start of `lines` shows. */
static uint32_t line_size(const char *lines)
{
        uint32_t size = 0;

        for (lines++; *lines && *lines != '\n'; lines++)
                if (*lines == '%')
                        size += lines[1] == '4' ? 4 : 8;
        return size;
}

/* Returns the offset behind what was read. */
static uint32_t lines_print(struct printer *printer, struct packet packet, uint32_t at,
                            const char *lines)
{
        while (*lines) {
                size_t plain = *lines == '%' ? 0 : strcspn(lines + 1, "%\n") + 1;

                if (*lines == '\n')
                        need_hard(printer, packet, at, line_size(lines));
                put_bytes(printer, lines, plain);
                lines += plain;
                if (*lines != '%')
                        continue;
                if (lines[1] == '4')
                        put_decimal(printer, get32(printer, packet, at));
                else if (lines[1] == '8')
                        put_decimal(printer, get64(printer, packet, at));
                at += lines[1] == '4' ? 4 : 8;
                lines += 2;
        }
        return at;
}

static void raw_packet_print(struct printer *printer, struct packet packet)
{
        static const struct name protocols[] = {
            {1, "Ethernet"}, {11, "IPv4"}, {12, "IPv6"}, {0, NULL}};
        uint32_t protocol = get32(printer, packet, 0);

        putf(printer, "\n\t      protocol %s (%u), length %u, stripped bytes %u, header_size %u",
             name_or(protocols, protocol, "Unknown"), protocol, get32(printer, packet, 4),
             get32(printer, packet, 8), get32(printer, packet, 12));
}

static void generic_counter_print(struct printer *printer, struct packet packet)
{
        static const struct name directions[] = {{0, "unknown"},     {1, "full-duplex"},
                                                 {2, "half-duplex"}, {3, "in"},
                                                 {4, "out"},         {0, NULL}};
        enum { ADMIN_UP = 1, OPERATION_UP = 2 };
        uint32_t at, direction, status;

        need_hard(printer, packet, 0, 20);
        at = lines_print(printer, packet, 0,
                         "\n\t      ifindex %4, iftype %4, ifspeed %8, ifdirection ");
        direction = get32(printer, packet, at);
        putf(printer, "%u (%s)", direction, name_or(directions, direction, "Unknown"));
        status = get32(printer, packet, at + 4);
        putf(printer, "\n\t      ifstatus %u, adminstatus: %s, operstatus: %s", status,
             status & ADMIN_UP ? "up" : "down", status & OPERATION_UP ? "up" : "down");
        lines_print(printer, packet, at + 8,
                    "\n\t      In octets %8, unicast pkts %4, multicast pkts %4, "
                    "broadcast pkts %4, discards %4\n\t      In errors %4, unknown protos %4"
                    "\n\t      Out octets %8, unicast pkts %4, multicast pkts %4, "
                    "broadcast pkts %4, discards %4\n\t      Out errors %4, promisc mode %4");
}

/* `count` records. False if they are malformed: nothing can follow. */
static bool records_print(struct printer *printer, struct packet packet, uint32_t count, bool flow)
{
        /* tcpdump looks for the enterprise of counters further up than it is. */
        enum { FLOW_BITS = 12, COUNTER_BITS = 20, FORMAT = 0xfff };
        enum { RAW_PACKET = 1, GENERIC_COUNTER = 1 };

        for (; count > 0; count--) {
                const struct record_form *form = flow ? flow_records : counter_records;
                uint32_t enterprise, format, size;

                if (packet.length < RECORD_HEADER)
                        return false;
                need_hard(printer, packet, 0, RECORD_HEADER);
                format = get32(printer, packet, 0);
                size = get32(printer, packet, 4);
                enterprise = format >> (flow ? FLOW_BITS : COUNTER_BITS);
                format &= FORMAT;
                while (form->name && (form->format != format || enterprise != 0))
                        form++;
                putf(printer, "\n\t    enterprise %u%s %s (%u) length %u", enterprise,
                     flow ? "" : ",", form->name ? form->name : "Unknown", format, size);
                packet = packet_from(packet, RECORD_HEADER);
                if (size > packet.length || (form->name && form->least > packet.length))
                        return false;
                if (!form->name && enterprise == 0 && printer->options.verbose < 2)
                        dump_hex(printer, "\n\t\t", packet, size);
                else if (form->name && flow && format == RAW_PACKET)
                        raw_packet_print(printer, packet);
                else if (form->name && !flow && format == GENERIC_COUNTER)
                        generic_counter_print(printer, packet);
                else
                        lines_print(printer, packet, 0, form->lines);
                packet = packet_from(packet, size);
        }
        return true;
}

/* Samples say where they come from as the type of an index and the index, in 4 bytes; the expanded
 * ones in 8. */
static const struct sample_form {
        uint32_t type;
        const char *name;
        bool flow, expanded;
        uint32_t header;
} samples[] = {{1, "flow sample", true, false, 32},
               {2, "counter sample", false, false, 12},
               {3, "expanded flow sample", true, true, 44},
               {4, "expanded counter sample", false, true, 16},
               {0, NULL, false, false, 0}};

static bool sample_print(struct printer *printer, struct packet packet,
                         const struct sample_form *form)
{
        uint32_t at, count;

        if (packet.length < form->header)
                return false;
        need_hard(printer, packet, 0, form->header);
        putf(printer, " seqnum %u", get32(printer, packet, 0));
        if (form->expanded) {
                putf(printer, ", type %u, idx %u", get32(printer, packet, 4),
                     get32(printer, packet, 8));
                at = 12;
        } else {
                putf(printer, ", type %u, idx %u", get8(printer, packet, 4),
                     get24(printer, packet, 5));
                at = 8;
        }
        if (form->flow)
                lines_print(printer, packet, at, ", rate %4, pool %4, drops %4");
        if (form->flow && !form->expanded)
                lines_print(printer, packet, at + 12, ", input %4 output %4");
        count = get32(printer, packet, form->header - 4);
        putf(printer, "%s records %u", form->flow && !form->expanded ? "" : ",", count);
        return records_print(printer, packet_from(packet, form->header), count, form->flow);
}

static void samples_print(struct printer *printer, struct packet packet, uint32_t count)
{
        for (; packet.length > 0 && count > 0; count--) {
                const struct sample_form *form = samples;
                uint32_t type, size;

                need_hard(printer, packet, 0, SAMPLE_HEADER);
                if (packet.length < SAMPLE_HEADER) {
                        put_invalid(printer);
                        return;
                }
                type = get32(printer, packet, 0) & 0xfff;
                size = get32(printer, packet, 4);
                while (form->name && form->type != type)
                        form++;
                putf(printer, "\n\t%s (%u), length %u,", form->name ? form->name : "Unknown", type,
                     size);
                if (type == 0 || size == 0)
                        return;
                packet = packet_from(packet, SAMPLE_HEADER);
                if (size > packet.length) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                need_hard(printer, packet, 0, size);
                if (form->name && !sample_print(printer, packet, form)) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                if (!form->name && printer->options.verbose < 2)
                        dump_hex(printer, "\n\t    ", packet, size);
                packet = packet_from(packet, size);
        }
}

void sflow_print(struct printer *printer, struct packet packet)
{
        enum { VERSION = 5, IPV4 = 1, IPV6 = 2, HEADER_4 = 28, HEADER_6 = 40 };
        uint32_t version, family, agent, at, count;
        bool ipv4;

        printer->protocol = "sflow";
        version = get32(printer, packet, 0);
        family = get32(printer, packet, 4);
        ipv4 = family == IPV4;
        at = ipv4 ? HEADER_4 : HEADER_6;
        /* tcpdump says 28, also where it means 40. */
        if (packet.length < at && (ipv4 || family == IPV6)) {
                putf(printer, "sFlowv%u [length %u < %u]", version, packet.length, HEADER_4);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, HEADER_4);
        if (version != VERSION) {
                putf(printer, "sFlow version %u packet not supported", version);
                return;
        }
        if (printer->options.verbose)
                need_hard(printer, packet, 0, at);
        agent = get32(printer, packet, at - 16);
        putf(printer, "sFlowv%u, %s agent ", version, ipv4 ? "IPv4" : "IPv6");
        if (ipv4)
                put_ipv4_at(printer, packet, 8);
        else
                put_ipv6_at(printer, packet, 8);
        putf(printer, ", agent-id %u", agent);
        if (!printer->options.verbose) {
                put_labelled(printer, ", length ", packet.length);
                return;
        }
        count = get32(printer, packet, at - 4);
        putf(printer, ", seqnum %u, uptime %u, samples %u, length %u",
             get32(printer, packet, at - 12), get32(printer, packet, at - 8), count, packet.length);
        if (packet.length < at) {
                putf(printer, " [tlen %u < %u]", packet.length, at);
                put_invalid(printer);
                return;
        }
        samples_print(printer, packet_from(packet, at), count);
}
