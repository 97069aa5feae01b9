/* OpenFlow 1.0: statistics, asked for and told. */
#include "openflow10.h"

enum { MATCH_SIZE = 40 };
enum stats { DESCRIPTION, FLOW, AGGREGATE, TABLE, PORT, QUEUE, VENDOR = 0xffff };

static const struct name types[] = {{DESCRIPTION, "DESC"}, {FLOW, "FLOW"}, {AGGREGATE, "AGGREGATE"},
                                    {TABLE, "TABLE"},      {PORT, "PORT"}, {QUEUE, "QUEUE"},
                                    {VENDOR, "VENDOR"},    {0, NULL}};

static const struct name tables[] = {{0xfe, "EMERG"}, {0xff, "ALL"}, {0, NULL}};

static enum openflow_result vendor_print(struct printer *printer, struct packet body)
{
        uint32_t vendor;

        if (body.length < 4)
                return OPENFLOW_INVALID;
        vendor = get32(printer, body, 0);
        put(printer, ", vendor ");
        openflow_vendor_print(printer, vendor);
        return openflow_data_print(printer, packet_from(body, 4));
}

static void table_port_print(struct printer *printer, struct packet packet)
{
        put_named8(printer, "\n\t table_id ", tables, "%u", packet, 0);
        need_hard(printer, packet, 1, 1);
        openflow10_port_number(printer, ", out_port ", get16(printer, packet, 2));
}

static void queue_number(struct printer *printer, uint32_t queue)
{
        enum { ALL = 0xffffffff };

        if (queue == (uint32_t)ALL)
                put(printer, ", queue_id ALL");
        else
                putf(printer, ", queue_id %u", queue);
}

enum openflow_result openflow10_stats_request_print(struct printer *printer, struct packet body)
{
        uint16_t type = get16(printer, body, 0), flags;

        put(printer, "\n\t type ");
        put_name(printer, types, "invalid (0x%04x)", type);
        flags = get16(printer, body, 2);
        putf(printer, ", flags 0x%04x%s", flags, flags ? " (bogus)" : "");
        body = packet_from(body, 4);
        switch (type) {
        case DESCRIPTION:
        case TABLE: return body.length == 0 ? OPENFLOW_FINE : OPENFLOW_INVALID;
        case FLOW:
        case AGGREGATE:
                if (body.length != MATCH_SIZE + 4)
                        return OPENFLOW_INVALID;
                openflow10_match_print(printer, body, "\n\t ");
                table_port_print(printer, packet_from(body, MATCH_SIZE));
                break;
        case PORT:
                if (body.length != 8)
                        return OPENFLOW_INVALID;
                openflow10_port_number(printer, "\n\t port_no ", get16(printer, body, 0));
                need_hard(printer, body, 2, 6);
                break;
        case QUEUE:
                if (body.length != 8)
                        return OPENFLOW_INVALID;
                openflow10_port_number(printer, "\n\t port_no ", get16(printer, body, 0));
                need_hard(printer, body, 2, 2);
                queue_number(printer, get32(printer, body, 4));
                break;
        case VENDOR: return vendor_print(printer, body);
        default: return OPENFLOW_UNKNOWN;
        }
        return OPENFLOW_FINE;
}

static enum openflow_result description_print(struct printer *printer, struct packet body)
{
        static const struct {
                const char *label;
                uint32_t size;
        } texts[] = {{"mfr_desc", 256},
                     {"hw_desc", 256},
                     {"sw_desc", 256},
                     {"serial_num", 32},
                     {"dp_desc", 256}};
        enum { SIZE = 1056 };
        uint32_t at = 0;

        if (body.length != SIZE)
                return OPENFLOW_INVALID;
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
                putf(printer, "\n\t  %s ", texts[i].label);
                openflow_text_print(printer, "", body, at, texts[i].size);
                at += texts[i].size;
        }
        return OPENFLOW_UNKNOWN;
}

/* Counters of 64 bits, each with its label. */
static void counters_print(struct printer *printer, struct packet packet, uint32_t at,
                           const char *const *labels, size_t count)
{
        for (size_t i = 0; i < count; i++, at += 8)
                putf(printer, ", %s %llu", labels[i],
                     (unsigned long long)get64(printer, packet, at));
}

static enum openflow_result flow_print(struct printer *printer, struct packet body)
{
        enum { FIXED = 88 };

        while (body.length > 0) {
                struct packet entry, actions;
                uint32_t size;

                if (body.length < FIXED)
                        return OPENFLOW_INVALID;
                size = get16(printer, body, 0);
                putf(printer, "\n\t length %u", size);
                if (size < FIXED || size > body.length)
                        return OPENFLOW_INVALID;
                put_named8(printer, ", table_id ", tables, "%u", body, 2);
                need_hard(printer, body, 3, 1);
                entry = packet_from(body, 4);
                openflow10_match_print(printer, entry, "\n\t  ");
                entry = packet_from(entry, MATCH_SIZE);
                putf(printer, "\n\t  duration_sec %u", get32(printer, entry, 0));
                putf(printer, ", duration_nsec %u", get32(printer, entry, 4));
                putf(printer, ", priority %u", get16(printer, entry, 8));
                putf(printer, ", idle_timeout %u", get16(printer, entry, 10));
                putf(printer, ", hard_timeout %u", get16(printer, entry, 12));
                need_hard(printer, entry, 14, 6);
                putf(printer, ", cookie 0x%016llx", (unsigned long long)get64(printer, entry, 20));
                putf(printer, ", packet_count %llu", (unsigned long long)get64(printer, entry, 28));
                putf(printer, ", byte_count %llu", (unsigned long long)get64(printer, entry, 36));
                actions = packet_from(body, FIXED);
                actions.length = size - FIXED;
                openflow10_actions_print(printer, actions, "\n\t  ");
                body = packet_from(body, size);
        }
        return OPENFLOW_FINE;
}

static enum openflow_result aggregate_print(struct printer *printer, struct packet body)
{
        enum { SIZE = 24 };

        if (body.length != SIZE)
                return OPENFLOW_INVALID;
        putf(printer, "\n\t packet_count %llu", (unsigned long long)get64(printer, body, 0));
        putf(printer, ", byte_count %llu", (unsigned long long)get64(printer, body, 8));
        putf(printer, ", flow_count %u", get32(printer, body, 16));
        need_hard(printer, body, 20, 4);
        return OPENFLOW_FINE;
}

static enum openflow_result table_print(struct printer *printer, struct packet body)
{
        static const struct name wildcards[] = {
            {1, "IN_PORT"},       {2, "DL_VLAN"},    {4, "DL_SRC"},
            {8, "DL_DST"},        {0x10, "DL_TYPE"}, {0x20, "NW_PROTO"},
            {0x40, "TP_SRC"},     {0x80, "TP_DST"},  {0x100000, "DL_VLAN_PCP"},
            {0x200000, "NW_TOS"}, {0, NULL}};
        enum { SIZE = 64, ADDRESSES = 0xfff00 };

        for (; body.length > 0; body = packet_from(body, SIZE)) {
                uint32_t any;

                if (body.length < SIZE)
                        return OPENFLOW_INVALID;
                put_named8(printer, "\n\t table_id ", tables, "%u", body, 0);
                openflow_text_print(printer, ", name ", body, 4, 32);
                any = get32(printer, body, 36);
                putf(printer, "\n\t  wildcards 0x%08x", any);
                openflow_bits_print(printer, wildcards, ADDRESSES, any);
                putf(printer, "\n\t  max_entries %u", get32(printer, body, 40));
                putf(printer, ", active_count %u", get32(printer, body, 44));
                putf(printer, ", lookup_count %llu", (unsigned long long)get64(printer, body, 48));
                putf(printer, ", matched_count %llu", (unsigned long long)get64(printer, body, 56));
        }
        return OPENFLOW_FINE;
}

static enum openflow_result port_print(struct printer *printer, struct packet body)
{
        static const char *const labels[] = {
            "rx_packets", "tx_packets", "rx_bytes",     "tx_bytes",    "rx_dropped", "tx_dropped",
            "rx_errors",  "tx_errors",  "rx_frame_err", "rx_over_err", "rx_crc_err", "collisions"};
        enum { SIZE = 104, COUNTERS = 12 };

        for (; body.length > 0; body = packet_from(body, SIZE)) {
                if (body.length < SIZE)
                        return OPENFLOW_INVALID;
                openflow10_port_number(printer, "\n\t  port_no ", get16(printer, body, 0));
                if (printer->options.verbose < 2) {
                        need_hard(printer, body, 0, SIZE);
                        continue;
                }
                need_hard(printer, body, 2, 6);
                counters_print(printer, body, 8, labels, COUNTERS);
        }
        return OPENFLOW_FINE;
}

static enum openflow_result queue_print(struct printer *printer, struct packet body)
{
        static const char *const labels[] = {"tx_bytes", "tx_packets", "tx_errors"};
        enum { SIZE = 32, COUNTERS = 3 };

        for (; body.length > 0; body = packet_from(body, SIZE)) {
                if (body.length < SIZE)
                        return OPENFLOW_INVALID;
                openflow10_port_number(printer, "\n\t  port_no ", get16(printer, body, 0));
                need_hard(printer, body, 2, 2);
                putf(printer, ", queue_id %u", get32(printer, body, 4));
                counters_print(printer, body, 8, labels, COUNTERS);
        }
        return OPENFLOW_FINE;
}

enum openflow_result openflow10_stats_reply_print(struct printer *printer, struct packet body)
{
        static const struct name flags[] = {{1, "MORE"}, {0, NULL}};
        uint16_t type = get16(printer, body, 0);

        put(printer, "\n\t type ");
        put_name(printer, types, "invalid (0x%04x)", type);
        putf(printer, ", flags 0x%04x", get16(printer, body, 2));
        openflow_bits_print(printer, flags, 0, get16(printer, body, 2));
        body = packet_from(body, 4);
        switch (type) {
        case DESCRIPTION: return description_print(printer, body);
        case FLOW: return flow_print(printer, body);
        case AGGREGATE: return aggregate_print(printer, body);
        case TABLE: return table_print(printer, body);
        case PORT: return port_print(printer, body);
        case QUEUE: return queue_print(printer, body);
        case VENDOR: return vendor_print(printer, body);
        default: return OPENFLOW_FINE;
        }
}
