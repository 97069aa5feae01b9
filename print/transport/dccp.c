/* DCCP, RFC 4340. */
#include "print/printer/printer.h"

#include "base/array.h"
#include "net/checksum.h"

#include <netinet/in.h>

enum type { REQUEST, RESPONSE, DATA, ACK, DATA_ACK, CLOSE_REQ, CLOSE, RESET, SYNC, SYNC_ACK };

/* What the checksum covers of `length` bytes: the header, and as many words of the payload as its
 * coverage says. */
static uint32_t covered(struct printer *printer, struct packet packet, uint32_t length)
{
        uint32_t words = get8(printer, packet, 5) & 15, size;

        if (words == 0)
                return length;
        size = get8(printer, packet, 4) * 4u + (words - 1) * 4;
        return size < length ? size : length;
}

static void checksum_print(struct printer *printer, struct packet packet)
{
        uint16_t found = get16(printer, packet, 6), sum;
        uint32_t length = covered(printer, packet, packet.length), total;

        putf(printer, "cksum 0x%04x ", found);
        /* The pseudo header has the length of all. */
        total =
            (uint16_t)~network_checksum(printer->network, packet, length) + packet.length - length;
        total = (total & 0xffff) + (total >> 16);
        sum = (uint16_t)~total;
        if (sum == 0)
                put(printer, "(correct)");
        else
                put_damage(printer, "(incorrect -> 0x%04x)", checksum_expected(found, sum));
}

static void acknowledgment_print(struct printer *printer, struct packet packet, bool extended)
{
        uint64_t number;

        if (extended) {
                need_hard(printer, packet, 0, 8);
                number = (uint64_t)get16(printer, packet, 2) << 32 | get32(printer, packet, 4);
        } else {
                need_hard(printer, packet, 0, 4);
                number = get24(printer, packet, 1);
        }
        putf(printer, "(ack=%llu) ", (unsigned long long)number);
}

/* The value of an option of `size` bytes, which are there. */
static void value_print(struct printer *printer, struct packet packet, uint8_t type, uint8_t size)
{
        enum { CHANGE_L = 32, CONFIRM_R = 35, DATA_DROPPED = 40, TIMESTAMP, ECHO, ELAPSED, SUM };
        enum { HEADER = 2, CCID_OPTIONS = 128 };
        static const char *const features[] = {
            "reserved",           "ccid",           "allow_short_seqno",
            "sequence_window",    "ecn_incapable",  "ack_ratio",
            "send_ack_vector",    "send_ndp_count", "minimum checksum coverage",
            "check data checksum"};

        if (type >= CHANGE_L && type <= CONFIRM_R) {
                uint8_t feature;

                if (size < 3) {
                        put_damage(printer, " optlen too short");
                        return;
                }
                feature = get8(printer, packet, HEADER);
                if (feature >= array_count(features))
                        return;
                putf(printer, " %s", features[feature]);
                for (uint8_t i = 3; i < size; i++)
                        putf(printer, " %u", get8(printer, packet, i));
                return;
        }
        if (type >= CCID_OPTIONS) {
                switch (size) {
                case 4: putf(printer, " %u", get16(printer, packet, HEADER)); break;
                case 6: putf(printer, " %u", get32(printer, packet, HEADER)); break;
                default: break;
                }
                return;
        }
        switch (type) {
        case 36:
        case 38:
        case 39:
        case DATA_DROPPED:
                if (size > HEADER) {
                        put(printer, " 0x");
                        put_hex_bytes(printer, packet, HEADER, size - HEADER);
                }
                break;
        case 37:
                for (uint8_t i = HEADER; i < size; i++)
                        putf(printer, " %u", get8(printer, packet, i));
                break;
        case TIMESTAMP:
                if (size == 6)
                        putf(printer, " %u", get32(printer, packet, HEADER));
                else
                        put(printer, " [optlen != 6]");
                break;
        case ECHO:
                if (size == 6) {
                        putf(printer, " %u", get32(printer, packet, HEADER));
                } else if (size == 8) {
                        putf(printer, " %u", get32(printer, packet, HEADER));
                        putf(printer, " (elapsed time %u)", get16(printer, packet, 6));
                } else if (size == 10) {
                        putf(printer, " %u", get32(printer, packet, HEADER));
                        putf(printer, " (elapsed time %u)", get32(printer, packet, 6));
                } else {
                        put(printer, " [optlen != 6 or 8 or 10]");
                }
                break;
        case ELAPSED:
                if (size == 4)
                        putf(printer, " %u", get16(printer, packet, HEADER));
                else if (size == 6)
                        putf(printer, " %u", get32(printer, packet, HEADER));
                else
                        put(printer, " [optlen != 4 or 6]");
                break;
        case SUM:
                if (size > HEADER) {
                        put_char(printer, ' ');
                        put_hex_bytes(printer, packet, HEADER, size - HEADER);
                }
                break;
        default: break;
        }
}

/* Returns the option's size, 0 if nothing can follow. */
static uint32_t option_print(struct printer *printer, struct packet packet)
{
        enum { LAST_SHORT = 31, CCID_OPTIONS = 128 };
        static const struct name options[] = {
            {0, "nop"},        {1, "mandatory"},       {2, "slowreceiver"},  {32, "change_l"},
            {33, "confirm_l"}, {34, "change_r"},       {35, "confirm_r"},    {36, "initcookie"},
            {37, "ndp_count"}, {38, "ack_vector0"},    {39, "ack_vector1"},  {40, "data_dropped"},
            {41, "timestamp"}, {42, "timestamp_echo"}, {43, "elapsed_time"}, {44, "data_checksum"},
            {0, NULL}};
        uint8_t type = get8(printer, packet, 0), size = 1;

        if (type > LAST_SHORT) {
                size = get8(printer, packet, 1);
                if (size >= 2 && size <= packet.length && !has(packet, 0, size)) {
                        put_truncated(printer);
                        return 0;
                }
                size = 1;
        }
        if (type >= CCID_OPTIONS) {
                putf(printer, "CCID option %u", type);
                size = get8(printer, packet, 1);
                if (size < 2) {
                        put_damage(printer, " optlen too short");
                        return 0;
                }
                if (size > packet.length) {
                        put(printer, " optlen goes past header length");
                        return 0;
                }
        } else {
                put_name(printer, options, "Option %u", type);
                if (type > LAST_SHORT) {
                        size = get8(printer, packet, 1);
                        if (size < 2) {
                                put_damage(printer, " optlen too short");
                                return 0;
                        }
                        if (size > packet.length) {
                                put(printer, " optlen goes past header length");
                                return 0;
                        }
                }
        }
        if (type > LAST_SHORT)
                value_print(printer, packet, type, size);
        return size;
}

void dccp_print(struct printer *printer, struct packet packet)
{
        enum { EXTENDED = 1, SHORT_HEADER = 12, LONG_HEADER = 16 };
        static const struct {
                const char *name;
                uint8_t extra; /* bytes behind the generic header, with long sequence numbers */
        } types[] = {{"Request", 4},  {"Response", 12}, {"Data", 0},   {"Ack", 8},  {"DataAck", 8},
                     {"CloseReq", 8}, {"Close", 8},     {"Reset", 12}, {"Sync", 8}, {"SyncAck", 8}};
        static const char *const resets[] = {
            "unspecified",      "closed",       "aborted",         "no_connection",
            "packet_error",     "option_error", "mandatory_error", "connection_refused",
            "bad_service_code", "too_busy",     "bad_init_cookie", "aggression_penalty"};
        struct network network = *printer->network;
        uint32_t header, fixed, at;
        uint8_t type;
        bool extended;

        printer->protocol = "dccp";
        need(printer, packet, 0, SHORT_HEADER);
        extended = get8(printer, packet, 8) & EXTENDED;
        fixed = extended ? LONG_HEADER : SHORT_HEADER;
        if (packet.length < fixed) {
                put_damage(printer, "truncated-dccp - %u bytes missing!", fixed - packet.length);
                return;
        }
        need(printer, packet, 0, fixed);
        network.addressed = true; /* also behind IPv6's options, unlike TCP's */
        endpoints_print(printer, &network, IPPROTO_DCCP, get16(printer, packet, 0),
                        get16(printer, packet, 2));
        put(printer, "DCCP");
        if (printer->options.quiet) {
                header = get8(printer, packet, 4) * 4u;
                putf(printer, " %u", packet.length - header);
                if (header > packet.length)
                        put_damage(printer, " [bad hdr length %u - too long, > %u]", header,
                                   packet.length);
                return;
        }
        put_char(printer, ' ');
        if (printer->options.verbose) {
                putf(printer, "(CCVal %u, CsCov %u", get8(printer, packet, 5) >> 4,
                     get8(printer, packet, 5) & 15);
                if (has(packet, 0, packet.length)) {
                        put(printer, ", ");
                        checksum_print(printer, packet);
                }
                put(printer, ") ");
        }
        type = get8(printer, packet, 8) >> 1 & 15;
        at = fixed;
        if (type < array_count(types)) {
                uint32_t size = fixed + types[type].extra;

                if (packet.length < size) {
                        put_damage(printer, "truncated-DCCP-%s - %u bytes missing!",
                                   types[type].name, size - packet.length);
                        return;
                }
                if (type == REQUEST || type == RESPONSE || type == RESET)
                        need(printer, packet, 0, size);
                putf(printer, "DCCP-%s ", types[type].name);
                at = size;
        } else {
                putf(printer, "unknown-type-%u ", type);
        }
        if (type == REQUEST)
                putf(printer, "(service=%u) ", get32(printer, packet, fixed));
        else if (type == RESPONSE)
                putf(printer, "(service=%u) ", get32(printer, packet, fixed + 8));
        else if (type == RESET)
                putf(printer, "(code=%s) ",
                     get8(printer, packet, fixed + 8) < array_count(resets)
                         ? resets[get8(printer, packet, fixed + 8)]
                         : "invalid");
        if (type != DATA && type != REQUEST)
                acknowledgment_print(printer, packet_from(packet, fixed), extended);
        if (printer->options.verbose < 2)
                return;
        putf(printer, "seq %llu",
             extended
                 ? (unsigned long long)get16(printer, packet, 10) << 32 | get32(printer, packet, 12)
                 : (unsigned long long)get24(printer, packet, 9));
        header = get8(printer, packet, 4) * 4u;
        if (header > at) {
                struct packet rest = packet_from(packet, at);

                rest.length = header - at;
                put(printer, " <");
                while (rest.length > 0) {
                        uint32_t size = option_print(printer, rest);

                        if (size == 0)
                                break;
                        rest = packet_from(rest, size);
                        if (rest.length > 0)
                                put(printer, ", ");
                }
                put_char(printer, '>');
        }
}
