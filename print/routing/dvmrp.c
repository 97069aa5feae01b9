/* DVMRP, RFC 1075, as mrouted's version 3 (draft-ietf-idmr-dvmrp-v3) has it: a message of IGMP. */
#include "routing.h"

enum { HEADER = 8 };

enum code {
        PROBE = 1,
        REPORT,
        ASK_NEIGHBORS,
        NEIGHBORS,
        ASK_NEIGHBORS_2,
        NEIGHBORS_2,
        PRUNE,
        GRAFT,
        GRAFT_ACK
};

static void put_too_short(struct printer *printer, const char *what, uint32_t length,
                          uint32_t least)
{
        putf(printer, "[%s %u < %u]", what, length, least);
        put_invalid(printer);
}

static void probe_print(struct printer *printer, struct packet packet)
{
        const bool lines = printer->options.verbose > 1;

        if (packet.length < 4) {
                put_char(printer, ' ');
                put_too_short(printer, "full length", packet.length, 4);
                return;
        }
        put(printer, lines ? "\n\t" : " ");
        putf(printer, "genid %u", get32(printer, packet, 0));
        if (!lines)
                return;
        while ((packet = packet_from(packet, 4)).length > 0) {
                if (packet.length < 4) {
                        put_too_short(printer, "remaining length", packet.length, 4);
                        return;
                }
                need_hard(printer, packet, 0, 4);
                put_ipv4_labelled(printer, "\n\tneighbor ", packet, 0);
        }
}

/* Networks under a mask, until one has the last metric. Of the mask, the last three bytes are sent;
 * of a network, as many as the mask has, so that the rest is zero. Returns what follows; nothing if
 * it makes no sense. */
static struct packet networks_print(struct printer *printer, struct packet packet)
{
        enum { LAST = 0x80 };
        uint8_t mask[4] = {0xff}, metric;
        uint32_t size = 1;

        for (uint32_t i = 1; i < 4; i++) {
                mask[i] = get8(printer, packet, i - 1);
                if (mask[i] != 0)
                        size = i + 1;
        }
        put(printer, "\n\tMask ");
        putf(printer, "%u.%u.%u.%u", mask[0], mask[1], mask[2], mask[3]);
        packet = packet_from(packet, 3);
        do {
                uint8_t network[4] = {0};

                if (packet.length < size + 1) {
                        put(printer, "\n\t  [Truncated Report]");
                        put_invalid(printer);
                        return packet_cut(packet, 0);
                }
                memcpy(network, bytes_at(printer, packet, 0, size), size);
                metric = get8(printer, packet, size);
                putf(printer, "\n\t  %u.%u.%u.%u metric %u", network[0], network[1], network[2],
                     network[3], metric & (LAST - 1u));
                packet = packet_from(packet, size + 1);
        } while (!(metric & LAST));
        return packet;
}

static void report_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                if (packet.length < 3) {
                        put_char(printer, ' ');
                        put_too_short(printer, "length", packet.length, 3);
                        return;
                }
                packet = networks_print(printer, packet);
        }
}

static void neighbors_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 7 };

        while (packet.length > 0) {
                const uint8_t *address;
                uint32_t count;

                if (packet.length < FIXED) {
                        put_char(printer, ' ');
                        put_too_short(printer, "length", packet.length, FIXED);
                        return;
                }
                address = bytes_at(printer, packet, 0, FIXED);
                count = address[6];
                packet = packet_from(packet, FIXED);
                for (; count > 0; count--, packet = packet_from(packet, 4)) {
                        if (packet.length < 4) {
                                put_char(printer, ' ');
                                put_too_short(printer, "length", packet.length, 4);
                                return;
                        }
                        put(printer, " [");
                        put_ipv4(printer, address);
                        put(printer, " ->");
                        need_hard(printer, packet, 0, 4);
                        put_ipv4_labelled(printer, " ", packet, 0);
                        putf(printer, ", (%u/%u)]", address[4], address[5]);
                }
        }
}

static void put_neighbor_flags(struct printer *printer, uint8_t flags)
{
        static const struct name names[] = {{0x01, "/tunnel"},  {0x02, "/srcrt"},
                                            {0x40, "/querier"}, {0x20, "/disabled"},
                                            {0x10, "/down"},    {0, NULL}};

        for (const struct name *name = names; name->name; name++)
                if (flags & name->value)
                        put(printer, name->name);
}

static void neighbors_2_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 8 };

        while (packet.length > 0) {
                const uint8_t *address;
                uint32_t count;

                if (packet.length < FIXED) {
                        put_char(printer, ' ');
                        put_too_short(printer, "length", packet.length, FIXED);
                        return;
                }
                address = bytes_at(printer, packet, 0, FIXED);
                count = address[7];
                packet = packet_from(packet, FIXED);
                for (; count > 0 && packet.length > 0; count--, packet = packet_from(packet, 4)) {
                        if (packet.length < 4) {
                                put_damage(printer, " [length %u < 4]", packet.length);
                                put_invalid(printer);
                                return;
                        }
                        put(printer, " [");
                        put_ipv4(printer, address);
                        put_ipv4_labelled(printer, " -> ", packet, 0);
                        putf(printer, " (%u/%u", address[4], address[5]);
                        put_neighbor_flags(printer, address[6]);
                        put(printer, ")]");
                }
                if (count > 0) {
                        put(printer, " [invalid ncount]");
                        put_invalid(printer);
                        return;
                }
        }
}

static void pair_print(struct printer *printer, struct packet packet, bool timer)
{
        need_hard(printer, packet, 0, 8);
        put_ipv4_labelled(printer, " src ", packet, 0);
        put_ipv4_labelled(printer, " grp ", packet, 4);
        if (timer) {
                put(printer, " timer ");
                put_duration(printer, get32(printer, packet, 8));
        }
}

void dvmrp_print(struct printer *printer, struct packet packet)
{
        static const struct name codes[] = {{PROBE, " Probe"},
                                            {REPORT, " Report"},
                                            {ASK_NEIGHBORS, " Ask-neighbors(old)"},
                                            {NEIGHBORS, " Neighbors(old)"},
                                            {ASK_NEIGHBORS_2, " Ask-neighbors2"},
                                            {NEIGHBORS_2, " Neighbors2"},
                                            {PRUNE, " Prune"},
                                            {GRAFT, " Graft"},
                                            {GRAFT_ACK, " Graft-ACK"},
                                            {0, NULL}};
        struct packet rest = packet_from(packet, HEADER);
        uint8_t code;

        put(printer, "igmp dvmrp");
        if (packet.length < HEADER) {
                putf(printer, " [len %u]", packet.length);
                return;
        }
        printer->protocol = "dvmrp";
        code = get8(printer, packet, 1);
        put_name(printer, codes, " [type %u]", code);
        switch (code) {
        case PROBE:
                if (printer->options.verbose)
                        probe_print(printer, rest);
                break;
        case REPORT:
                if (printer->options.verbose > 1)
                        report_print(printer, rest);
                break;
        case NEIGHBORS: neighbors_print(printer, rest); break;
        case NEIGHBORS_2:
                putf(printer, " (v %u.%u):", get8(printer, packet, 7), get8(printer, packet, 6));
                neighbors_2_print(printer, rest);
                break;
        case PRUNE:
        case GRAFT:
        case GRAFT_ACK: pair_print(printer, rest, code == PRUNE); break;
        }
}
