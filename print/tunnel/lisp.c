/* LISP's control messages, RFC 6833: the records of Map-Register and Map-Notify; the names of the
 * others. */
#include "print/printer/printer.h"

enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };

/* An address, behind `label`. Returns its size; 0 if its family is none of these. */
static uint32_t address_print(struct printer *printer, struct packet packet, uint32_t at,
                              uint16_t family, const char *label)
{
        if (family == FAMILY_IPV4) {
                need_hard(printer, packet, at, 4);
                put_ipv4_labelled(printer, label, packet, at);
                return 4;
        }
        if (family == FAMILY_IPV6) {
                need_hard(printer, packet, at, 16);
                put_ipv6_labelled(printer, label, packet, at);
                return 16;
        }
        return 0;
}

static uint32_t locator_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 8 };
        static const struct name flags[] = {
            {4, "Local-Locator"}, {2, "RLoc-Probed"}, {1, "Reachable"}, {0, NULL}};
        bool verbose = printer->options.verbose;
        uint16_t family;
        uint32_t size;

        need(printer, packet, 0, FIXED);
        put(printer, verbose ? "\n       " : "");
        family = get16(printer, packet, 6);
        if (family == FAMILY_IPV4 || family == FAMILY_IPV6)
                need(printer, packet, FIXED, family == FAMILY_IPV4 ? 4 : 16);
        size = address_print(printer, packet, FIXED, family, " LOC ");
        if (!verbose)
                return FIXED + size;
        putf(printer, "\n          Priority/Weight %u/%u, Multicast Priority/Weight %u/%u,",
             get8(printer, packet, 0), get8(printer, packet, 1), get8(printer, packet, 2),
             get8(printer, packet, 3));
        put_flag_list(printer, " flags [", flags, get16(printer, packet, 4));
        put_char(printer, ',');
        return FIXED + size;
}

/* The record of an endpoint identifier. Returns its size, 0 if nothing can follow. */
static uint32_t record_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 12, AUTHORITATIVE = 0x1000, ACTION_SHIFT = 13, VERSION = 0x0fff };
        static const struct name actions[] = {{0, "No-Action"},
                                              {1, "Natively-Forward"},
                                              {2, "Send-Map-Request"},
                                              {3, "Drop"},
                                              {0, NULL}};
        bool verbose = printer->options.verbose;
        uint16_t action;
        uint8_t count;
        uint32_t at = FIXED, size;

        need(printer, packet, 0, FIXED);
        put_char(printer, '\n');
        count = get8(printer, packet, 4);
        action = get16(printer, packet, 6);
        if (verbose) {
                putf(printer, "      Record TTL %u, %s, %s, Map Version: %u,",
                     get32(printer, packet, 0),
                     action & AUTHORITATIVE ? "Authoritative" : "Non-Authoritative",
                     name_or(actions, action >> ACTION_SHIFT, "unknown"),
                     get16(printer, packet, 8) & VERSION);
        }
        size = address_print(printer, packet, at, get16(printer, packet, 10), " EID ");
        if (size == 0)
                return 0;
        at += size;
        putf(printer, "/%u, %u locator(s)", get8(printer, packet, 5), count);
        for (; count > 0; count--)
                at += locator_print(printer, packet_from(packet, at));
        return at;
}

static void records_print(struct printer *printer, struct packet packet, uint8_t type)
{
        enum { NOTIFY = 4, FIXED = 16, HAS_IDENTIFIER = 0x80000, IDENTIFIER = 16, SITE = 8 };
        enum { REGISTER_HAS_IDENTIFIER = 0x20000 };
        static const struct name register_flags[] = {{0x80000, "P-Proxy-Map-Reply"},
                                                     {0x40000, "S-LISP-SEC-Capable"},
                                                     {REGISTER_HAS_IDENTIFIER, "I-xTR-ID-Present"},
                                                     {0x10000, "R-Build-For-RTR"},
                                                     {1, "M-Want-Map-Notify"},
                                                     {0, NULL}};
        static const struct name notify_flags[] = {
            {HAS_IDENTIFIER, "I-xTR-ID-Present"}, {0x40000, "R-Build-For-RTR"}, {0, NULL}};
        static const struct name authentications[] = {
            {0, "None"}, {1, "SHA1"}, {2, "SHA256"}, {0, NULL}};
        bool verbose = printer->options.verbose;
        uint32_t flags = get24(printer, packet, 0), length = packet.length;
        uint8_t count = get8(printer, packet, 3);
        uint16_t size = get16(printer, packet, 14), at;

        if (verbose) {
                put_flag_list(printer, " flags [", type == NOTIFY ? notify_flags : register_flags,
                              flags);
                put(printer, ",\n   ");
        }
        putf(printer, " %u record(s),", count);
        if (verbose)
                putf(printer, " Authentication %s,",
                     name_or(authentications, get16(printer, packet, 12), "unknown-type"));
        if (size > 0 && verbose) {
                dump_hex(printer, "\n    Authentication-Data: ",
                         packet_cut(packet_from(packet, FIXED), size), size);
                need_hard(printer, packet, FIXED, size);
        }
        at = (uint16_t)(FIXED + size); /* wraps around, as in tcpdump */
        packet = packet_from(packet, at);
        if (count == 0) {
                put_invalid(printer);
                return;
        }
        /* What begins within the message is shown to the end, if that was captured. */
        for (int64_t left = (int64_t)length - at; count > 0 && left > 0; count--) {
                uint32_t used = record_print(printer, packet);

                if (used == 0)
                        return;
                packet = packet_from(packet, used);
                left -= used;
        }
        if (flags & (type == NOTIFY ? HAS_IDENTIFIER : REGISTER_HAS_IDENTIFIER)) {
                if (!has(packet, 0, IDENTIFIER + SITE)) {
                        put_invalid(printer);
                        return;
                }
                dump_hex(printer, "\n    xTR-ID: ", packet_cut(packet, IDENTIFIER), IDENTIFIER);
                putf(printer, "\n    SITE-ID: %llu",
                     (unsigned long long)get64(printer, packet, IDENTIFIER));
        } else if (packet.captured > 0) {
                dump_hex(printer, "\n    Data: ", packet, packet.captured);
        }
}

void lisp_print(struct printer *printer, struct packet packet)
{
        enum { REGISTER = 3, NOTIFY = 4, FIXED = 16 };
        static const struct name types[] = {{0, "LISP-Reserved"},
                                            {1, "LISP-Map-Request"},
                                            {2, "LISP-Map-Reply"},
                                            {REGISTER, "LISP-Map-Register"},
                                            {NOTIFY, "LISP-Map-Notify"},
                                            {8, "LISP-Encapsulated-Contol-Message"},
                                            {0, NULL}};
        uint8_t type;

        printer->protocol = "lisp";
        need(printer, packet, 0, FIXED);
        type = get8(printer, packet, 0) >> 4;
        put_name(printer, types, "unknown-type-%u", type);
        put_char(printer, ',');
        if (type == REGISTER || type == NOTIFY)
                records_print(printer, packet, type);
}
