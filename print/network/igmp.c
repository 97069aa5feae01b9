/* IGMP, RFC 2236 and 3376; https://www.iana.org/assignments/igmp-type-numbers. */
#include "print/printer/printer.h"

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

enum { QUERY_3_SIZE = 12, REPORT_3_HEADER = 8, RECORD_HEADER = 8 };

static void put_group(struct printer *printer, struct packet packet, uint32_t offset)
{
        put_ipv4_at(printer, packet, offset);
}

/* " { 192.0.2.1 192.0.2.2 }" */
static void put_sources(struct printer *printer, struct packet packet, uint32_t count)
{
        put(printer, " {");
        for (uint32_t i = 0; i < count; i++) {
                need_hard(printer, packet, i * 4, 4);
                put_char(printer, ' ');
                put_group(printer, packet, i * 4);
        }
        put(printer, " }");
}

/* Tenths of a second, RFC 3376, 4.1.1, in the largest units that suit. */
static void put_response_time(struct printer *printer, uint8_t code)
{
        uint32_t tenths = code < 128 ? code : ((code & 15u) | 16) << ((code >> 4 & 7) + 3);

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
        uint32_t count;
        uint8_t code;

        put(printer, " v3");
        if (packet.length % 4 != 0) {
                putf(printer, " [invalid len %u]", packet.length);
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
        put(printer, " [gaddr ");
        put_group(printer, packet, 4);
        count = get16(printer, packet, 10);
        if (count > 0) {
                if (packet.length < QUERY_3_SIZE + count * 4)
                        put(printer, " [invalid number of sources]");
                else if (printer->options.verbose > 1)
                        put_sources(printer, packet_from(packet, QUERY_3_SIZE), count);
                else
                        putf(printer, ", %u source(s)", count);
        }
        put_char(printer, ']');
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
                put(printer, " [gaddr ");
                put_group(printer, packet, 4);
                put_char(printer, ']');
        }
        if (packet.length != 8)
                putf(printer, " [len %u]", packet.length);
}

static void report_3_print(struct printer *printer, struct packet packet)
{
        static const struct name kinds[] = {{1, "is_in"}, {2, "is_ex"}, {3, "to_in"}, {4, "to_ex"},
                                            {5, "allow"}, {6, "block"}, {0, NULL}};
        uint32_t at = REPORT_3_HEADER;
        uint32_t count;

        put(printer, "igmp v3 report");
        if (packet.length < REPORT_3_HEADER + RECORD_HEADER || packet.length % 4 != 0) {
                putf(printer, " [invalid len %u]", packet.length);
                return;
        }
        count = get16(printer, packet, 6);
        putf(printer, ", %u group record(s)", count);
        if (!printer->options.verbose)
                return;
        for (uint32_t i = 0; i < count; i++) {
                uint32_t sources;

                if (packet.length < at + RECORD_HEADER) {
                        put(printer, " [invalid number of groups]");
                        return;
                }
                need_hard(printer, packet, at + 4, 4);
                put(printer, " [gaddr ");
                put_group(printer, packet, at + 4);
                put_char(printer, ' ');
                put_name(printer, kinds, " [v3-report-#%u]", get8(printer, packet, at));
                sources = get16(printer, packet, at + 2);
                if (packet.length < at + RECORD_HEADER + sources * 4) {
                        putf(printer, " [invalid number of sources %u]", sources);
                        return;
                }
                at += RECORD_HEADER;
                if (printer->options.verbose > 1)
                        put_sources(printer, packet_from(packet, at), sources);
                else
                        putf(printer, ", %u source(s)", sources);
                put_char(printer, ']');
                at += sources * 4;
        }
}

static void trace_print(struct printer *printer, struct packet packet)
{
        if (packet.length < 24) {
                putf(printer, " [invalid len %u]", packet.length);
                return;
        }
        putf(printer, "mtrace %u: ", get24(printer, packet, 21));
        put_group(printer, packet, 8);
        put(printer, " to ");
        put_group(printer, packet, 12);
        put(printer, " reply-to ");
        put_group(printer, packet, 16);
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
                put(printer, text);
                put_group(printer, packet, 4);
                if (type == REPORT_1 && packet.length != 8)
                        putf(printer, " [len %u]", packet.length);
                return;
        }
        switch (type) {
        case QUERY: query_print(printer, packet); return;
        case REPORT_3: report_3_print(printer, packet); return;
        case TRACE:
        case TRACE_RESPONSE: trace_print(printer, packet); return;
        default: putf(printer, "igmp-%u", type);
        }
}

void igmp_print(struct printer *printer, struct packet packet)
{
        if (printer->network->version != 4) {
                put(printer, "[IGMP requires IPv4] (invalid)");
                return;
        }
        printer->protocol = "igmp";
        if (printer->options.quiet) {
                put(printer, "igmp");
                return;
        }
        message_print(printer, packet, get8(printer, packet, 0));
        if (printer->options.verbose && has(packet, 0, packet.length) &&
            checksum(packet.data, packet.length) != 0)
                putf(printer, " bad igmp cksum %x!", get16(printer, packet, 2));
}
