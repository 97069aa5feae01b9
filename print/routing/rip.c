/* RIP: version 1, RFC 1058, and 2, RFC 2453, with the authentication of RFC 4822. */
#include "routing.h"

enum { HEADER = 4, ENTRY = 20, PAYLOAD = 4 /* of an entry, where its family and tag end */ };

enum { AUTHENTICATION = 0xffff, IPV4 = 2 };

/* The address families of BSD systems, which RIP has its numbers from. */
static const struct name families[] = {{6, "NS"},    {7, "ISO"},   {16, "Appletalk"}, {23, "IPX"},
                                       {24, "IPv6"}, {28, "IPv6"}, {30, "IPv6"},      {0, NULL}};

enum { DIGEST = 1, PASSWORD = 2, CRYPTOGRAPHIC = 3 };

/* An entry of version 1 is an address and a metric; what else is there has to be zero. */
static void entry_1_print(struct printer *printer, struct packet packet)
{
        uint16_t family = get16(printer, packet, 0);
        uint16_t tag = get16(printer, packet, 2);

        if (family != 0 && family != IPV4) {
                put(printer, "\n\t AFI ");
                put_name(printer, families, "Unknown (%u)", family);
                put(printer, ", ");
                dump_hex(printer, "\n\t  ", packet_from(packet, PAYLOAD), ENTRY - PAYLOAD);
                return;
        }
        if (tag != 0 || get32(printer, packet, 8) != 0 || get32(printer, packet, 12) != 0) {
                dump_hex(printer, "\n\t  ", packet, ENTRY);
                return;
        }
        put(printer, family == 0 ? "\n\t  AFI 0, " : "\n\t  ");
        put_ipv4_at(printer, packet, 4);
        putf(printer, ", metric: %u", get32(printer, packet, 16));
}

/* Here and below, a last entry of which the message claims a part is printed with what was captured
 * behind it, as in tcpdump. */
static void entries_1_print(struct printer *printer, struct packet packet)
{
        for (; packet_claimed(packet).captured > 0; packet = packet_from(packet, ENTRY)) {
                if (packet_claimed(packet).captured < ENTRY) {
                        put_truncated(printer);
                        return;
                }
                entry_1_print(printer, packet);
        }
}

/* -1 where the ones are not all in front. */
static int prefix_length(uint32_t mask)
{
        int length = 32;

        for (; length > 0 && !(mask & 1); mask >>= 1)
                length--;
        return (uint64_t)mask + 1 == (uint64_t)1 << length ? length : -1;
}

static void route_print(struct printer *printer, struct packet packet, uint16_t family)
{
        putf(printer, "\n\t  AFI %s, ", family == IPV4 ? "IPv4" : "0");
        put_ipv4_right(printer, bytes_at(printer, packet, 4, 4));
        putf(printer,
             "/%-2d, tag 0x%04x, metric: %u, next-hop: ", prefix_length(get32(printer, packet, 8)),
             get16(printer, packet, 2), get32(printer, packet, 16));
        if (get32(printer, packet, 12) == 0)
                put(printer, "self");
        else
                put_ipv4_at(printer, packet, 12);
}

static void password_print(struct printer *printer, struct packet packet)
{
        for (uint32_t i = 0; i < ENTRY - PAYLOAD; i++) {
                uint8_t c = get8(printer, packet, i);

                if (c == 0)
                        return;
                put_visible(printer, c);
        }
}

/* Returns false where the rest of the packet belongs to it. */
static bool authentication_print(struct printer *printer, struct packet packet)
{
        uint16_t type = get16(printer, packet, 2);
        struct packet data = packet_from(packet, PAYLOAD);

        switch (type) {
        case PASSWORD:
                put(printer, "\n\t  Simple Text Authentication data: ");
                password_print(printer, data);
                return true;
        case CRYPTOGRAPHIC:
                putf(printer, "\n\t  Auth header: Packet Len %u, Key-ID %u, Auth Data Len %u",
                     get16(printer, data, 0), get8(printer, data, 2), get8(printer, data, 3));
                putf(printer, ", SeqNo %u, MBZ %u, MBZ %u", get32(printer, data, 4),
                     get32(printer, data, 8), get32(printer, data, 12));
                return true;
        case DIGEST: put(printer, "\n\t  Auth trailer:"); break;
        default: putf(printer, "\n\t  Unknown (%u) Authentication data:", type);
        }
        dump_hex(printer, "\n\t  ", data, data.length);
        return false;
}

/* Returns false where nothing may follow. */
static bool entry_2_print(struct printer *printer, struct packet packet)
{
        uint16_t family = get16(printer, packet, 0);

        if (family == AUTHENTICATION)
                return authentication_print(printer, packet);
        if (family == 0 || family == IPV4) {
                route_print(printer, packet, family);
                return true;
        }
        put(printer, "\n\t  AFI ");
        put_name(printer, families, "Unknown (%u)", family);
        dump_hex(printer, "\n\t  ", packet_from(packet, PAYLOAD), ENTRY - PAYLOAD);
        return true;
}

/* How much of an entry has to be there, by what it begins with. */
static uint32_t least_2(struct packet packet)
{
        uint16_t family, type;

        family = (uint16_t)(packet.data[0] << 8 | packet.data[1]);
        type = (uint16_t)(packet.data[2] << 8 | packet.data[3]);
        if (family == AUTHENTICATION)
                return type == CRYPTOGRAPHIC ? ENTRY : PAYLOAD;
        return family == 0 || family == IPV4 ? ENTRY : PAYLOAD;
}

static void entries_2_print(struct printer *printer, struct packet packet)
{
        for (; packet_claimed(packet).captured > 0; packet = packet_from(packet, ENTRY)) {
                uint32_t left = packet_claimed(packet).captured;

                if (left < PAYLOAD || left < least_2(packet)) {
                        put_truncated(printer);
                        return;
                }
                if (!entry_2_print(printer, packet))
                        return;
                if (left < ENTRY) {
                        putf(printer, " [remaining entries length %u < %u]", left, ENTRY);
                        put_invalid(printer);
                        return;
                }
        }
}

enum command { REQUEST = 1, RESPONSE, TRACE_ON, TRACE_OFF, POLL, POLL_ENTRY };

static void routes_print(struct printer *printer, struct packet packet, uint8_t version)
{
        struct packet entries = packet_from(packet, HEADER);

        switch (version) {
        case 1:
                putf(printer, ", routes: %u", packet.length / ENTRY);
                entries_1_print(printer, entries);
                break;
        case 2:
                putf(printer, ", routes: %u or less", packet.length / ENTRY);
                entries_2_print(printer, entries);
                break;
        default: put(printer, ", unknown version");
        }
}

void rip_print(struct printer *printer, struct packet packet)
{
        static const struct name commands[] = {{REQUEST, "Request"},
                                               {RESPONSE, "Response"},
                                               {TRACE_ON, "Trace on"},
                                               {TRACE_OFF, "Trace off"},
                                               {POLL, "Poll"},
                                               {POLL_ENTRY, "Poll Entry"},
                                               {0, NULL}};
        uint8_t command, version;

        printer->protocol = "rip";
        need(printer, packet, 0, HEADER);
        need_length(printer, packet, HEADER);
        version = get8(printer, packet, 1);
        command = get8(printer, packet, 0);
        putf(printer, "%sRIPv%u", printer->options.verbose ? "\n\t" : "", version);
        if (version == 0) {
                dump_hex(printer, "\n\t", packet, packet.length);
                return;
        }
        put(printer, ", ");
        put_name(printer, commands, "unknown command (%u)", command);
        putf(printer, ", length: %u", packet.length);
        if (!printer->options.verbose)
                return;
        if (command == REQUEST || command == RESPONSE)
                routes_print(printer, packet, version);
        else if ((command < TRACE_OFF || command > POLL_ENTRY) && printer->options.verbose == 1)
                dump_hex(printer, "\n\t", packet, packet.length);
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t", packet, packet.length);
}
