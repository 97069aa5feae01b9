/* IGMP, RFC 2236 and 3376; https://www.iana.org/assignments/igmp-type-numbers. */
#include "network.h"

#include "net/checksum.h"

enum type {
        QUERY = 0x11,
        REPORT_1 = 0x12,
        REPORT_2 = 0x16,
        LEAVE = 0x17,
        TRACE_RESPONSE = 0x1e,
        TRACE = 0x1f,
        REPORT_3 = 0x22,
};

enum { QUERY_3_SIZE = 12, REPORT_3_LEAST = 16 };

/* Tenths of a second, RFC 3376, 4.1.1, in the largest units that suit. */
static void put_response_time(struct printer *printer, uint8_t code)
{
        uint32_t tenths = multicast_interval(code);

        if (tenths < 600) {
                putf(printer, "%u.%us", tenths / 10, tenths % 10);
                return;
        }
        putf(printer, "%um", tenths / 600);
        if (tenths % 600 != 0)
                putf(printer, "%us", tenths % 600 / 10);
}

static void query_3_print(struct printer *printer, struct packet packet)
{
        uint8_t code;

        put(printer, " v3");
        if (packet.length % 4 != 0) {
                put_damage(printer, " [invalid len %u]", packet.length);
                return;
        }
        code = get8(printer, packet, 1);
        /* 100, the default of version 2, is not shown. */
        if (code != 100) {
                put(printer, " [max resp time ");
                put_response_time(printer, code);
                put_char(printer, ']');
        }
        if (get32(printer, packet, 4) == 0)
                return;
        put_ipv4_labelled(printer, " [gaddr ", packet, 4);
        multicast_query_sources_print(printer, packet, QUERY_3_SIZE);
}

static void query_print(struct printer *printer, struct packet packet)
{
        uint8_t code;

        put(printer, "igmp query");
        if (packet.length >= QUERY_3_SIZE) {
                query_3_print(printer, packet);
                return;
        }
        code = get8(printer, packet, 1);
        if (code == 0) {
                put(printer, " v1");
        } else {
                put(printer, " v2");
                if (code != 100)
                        putf(printer, " [max resp time %u]", code);
        }
        if (get32(printer, packet, 4) != 0) {
                put_ipv4_labelled(printer, " [gaddr ", packet, 4);
                put_char(printer, ']');
        }
        if (packet.length != 8)
                putf(printer, " [len %u]", packet.length);
}

static void report_3_print(struct printer *printer, struct packet packet)
{
        put(printer, "igmp v3 report");
        if (packet.length < REPORT_3_LEAST || packet.length % 4 != 0)
                put_damage(printer, " [invalid len %u]", packet.length);
        else
                multicast_report_print(printer, packet);
}

static void trace_print(struct printer *printer, struct packet packet, const char *name)
{
        enum { MULTICAST = 0xe }; /* the upper half of such an address */

        if (packet.length < 24) {
                put_damage(printer, " [invalid len %u]", packet.length);
                return;
        }
        putf(printer, "%s %u: ", name, get24(printer, packet, 21));
        put_ipv4_at(printer, packet, 8);
        put_ipv4_labelled(printer, " to ", packet, 12);
        put_ipv4_labelled(printer, " reply-to ", packet, 16);
        if (get8(printer, packet, 16) >> 4 == MULTICAST)
                putf(printer, " with-ttl %u", get8(printer, packet, 20));
}

static void message_print(struct printer *printer, struct packet packet, uint8_t type)
{
        static const struct name plain[] = {
            {REPORT_1, "igmp v1 report "},
            {REPORT_2, "igmp v2 report "},
            {LEAVE, "igmp leave "},
            {0, NULL},
        };
        const char *text = name_find(plain, type);

        if (text) {
                need_hard(printer, packet, 4, 4);
                put_ipv4_labelled(printer, text, packet, 4);
                if (type == REPORT_1 && packet.length != 8)
                        putf(printer, " [len %u]", packet.length);
                return;
        }
        switch (type) {
        case QUERY: query_print(printer, packet); return;
        case REPORT_3: report_3_print(printer, packet); return;
        case TRACE: trace_print(printer, packet, "mtrace"); return;
        case TRACE_RESPONSE: trace_print(printer, packet, "mresp"); return;
        default:
                if (!protocol_print(printer, IGMP_TYPE, type, packet))
                        putf(printer, "igmp-%u", type);
        }
}

void igmp_print(struct printer *printer, struct packet packet)
{
        if (printer->network->version != 4) {
                put_damage(printer, "[IGMP requires IPv4] (invalid)");
                return;
        }
        printer->protocol = "igmp";
        if (printer->options.quiet) {
                put(printer, "igmp");
                return;
        }
        message_print(printer, packet, get8(printer, packet, 0));
        if (printer->options.verbose && packet.length >= 4 && has(packet, 0, packet.length) &&
            checksum(packet.data, packet.length) != 0)
                put_damage(printer, " bad igmp cksum %x!", get16(printer, packet, 2));
}
