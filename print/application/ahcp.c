/* The Ad-Hoc Configuration Protocol, draft-chroboczek-ahcp-00. */
#include "print/printer/printer.h"

#include <time.h>

enum { IPV4_SIZE = 4, IPV6_SIZE = 16 };

/* The time since 1970, as a date. */
static void time_print(struct printer *printer, struct packet value)
{
        time_t seconds;
        struct tm date;
        char text[32];

        if (value.length != 4) {
                put_invalid_rest(printer, value);
                return;
        }
        seconds = get32(printer, value, 0);
        gmtime_r(&seconds, &date);
        strftime(text, sizeof text, ": %Y-%m-%d %H:%M:%S UTC", &date);
        put(printer, text);
}

static void seconds_print(struct printer *printer, struct packet value)
{
        if (value.length != 4) {
                put_invalid_rest(printer, value);
                return;
        }
        putf(printer, ": %us", get32(printer, value, 0));
}

/* A list of addresses, or of prefixes, which have one more byte. */
static void list_print(struct printer *printer, struct packet value, uint32_t size, bool prefix)
{
        const char *separator = ": ";

        for (; value.length > 0; value = packet_from(value, size + prefix)) {
                if (value.length < size + prefix) {
                        put_invalid_rest(printer, value);
                        return;
                }
                need_hard(printer, value, 0, size + prefix);
                put(printer, separator);
                if (size == IPV4_SIZE)
                        put_ipv4_at(printer, value, 0);
                else
                        put_ipv6_at(printer, value, 0);
                if (prefix)
                        put_labelled(printer, "/", get8(printer, value, size));
                separator = ", ";
        }
}

static void addresses4_print(struct printer *printer, struct packet value)
{
        list_print(printer, value, IPV4_SIZE, false);
}

static void addresses6_print(struct printer *printer, struct packet value)
{
        list_print(printer, value, IPV6_SIZE, false);
}

static void prefixes4_print(struct printer *printer, struct packet value)
{
        list_print(printer, value, IPV4_SIZE, true);
}

static void prefixes6_print(struct printer *printer, struct packet value)
{
        list_print(printer, value, IPV6_SIZE, true);
}

static const struct option {
        const char *name;
        void (*print)(struct printer *printer, struct packet value); /* NULL: only its length */
} options[] = {
    {"Pad", NULL},
    {"Mandatory", NULL},
    {"Origin Time", time_print},
    {"Expires", seconds_print},
    {"My-IPv6-Address", addresses6_print},
    {"My-IPv4-Address", addresses4_print},
    {"IPv6 Prefix", prefixes6_print},
    {"IPv4 Prefix", NULL}, /* tcpdump does not show them */
    {"IPv6 Address", addresses6_print},
    {"IPv4 Address", addresses4_print},
    {"IPv6 Prefix Delegation", prefixes6_print},
    {"IPv4 Prefix Delegation", prefixes4_print},
    {"Name Server", addresses6_print},
    {"NTP Server", addresses6_print},
};

static void options_print(struct printer *printer, struct packet packet)
{
        enum { MANDATORY = 1, HEADER = 2 };

        while (packet.length > 0) {
                uint8_t type = get8(printer, packet, 0);
                const struct option *option =
                    type < sizeof options / sizeof *options ? &options[type] : NULL;
                uint32_t size;

                put(printer, "\n\t ");
                if (option)
                        put(printer, option->name);
                else
                        putf(printer, "Unknown-%u", type);
                if (type <= MANDATORY) {
                        packet = packet_from(packet, 1);
                        continue;
                }
                if (packet.length < HEADER) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                size = get8(printer, packet, 1);
                packet = packet_from(packet, HEADER);
                if (size > packet.length) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                if (option && option->print) {
                        option->print(printer, packet_cut(packet, size));
                } else {
                        putf(printer, " (Length %u)", size);
                        need_hard(printer, packet, 0, size);
                }
                packet = packet_from(packet, size);
        }
}

static void identifier_print(struct printer *printer, const char *label, struct packet packet)
{
        enum { SIZE = 8 };

        need_hard(printer, packet, 0, SIZE);
        put(printer, label);
        put_link_address(printer, packet, 0, SIZE);
}

static void version1_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 22, BODY_HEADER = 4 };
        static const char *const types[] = {"Discover", "Offer", "Request",
                                            "Ack",      "Nack",  "Release"};
        uint8_t type;
        uint16_t length;

        if (packet.length < HEADER) {
                put_invalid_rest(printer, packet);
                return;
        }
        if (printer->options.verbose) {
                put_labelled(printer, "\n\tHopcount ", get8(printer, packet, 0));
                put_labelled(printer, ", Original Hopcount ", get8(printer, packet, 1));
                putf(printer, ", Nonce 0x%08x", get32(printer, packet, 2));
                identifier_print(printer, ", Source Id ", packet_from(packet, 6));
                identifier_print(printer, ", Destination Id ", packet_from(packet, 14));
        } else {
                need_hard(printer, packet, 0, HEADER);
        }
        packet = packet_from(packet, HEADER);
        if (packet.length < BODY_HEADER) {
                put_invalid_rest(printer, packet);
                return;
        }
        type = get8(printer, packet, 0);
        length = get16(printer, packet, 2);
        if (printer->options.verbose) {
                if (type < sizeof types / sizeof *types)
                        putf(printer, "\n\t%s", types[type]);
                else
                        putf(printer, "\n\tUnknown-%u", type);
                if (get8(printer, packet, 1) != 0)
                        put_labelled(printer, ", MBZ ", get8(printer, packet, 1));
                put_labelled(printer, ", Length ", length);
        }
        packet = packet_from(packet, BODY_HEADER);
        if (length > packet.length) {
                put_invalid_rest(printer, packet);
                return;
        }
        if (printer->options.verbose > 1)
                options_print(printer, packet_cut(packet, length));
        else
                need_hard(printer, packet, 0, length);
}

void ahcp_print(struct printer *printer, struct packet packet)
{
        enum { MAGIC = 43 };
        uint8_t version;

        printer->protocol = "ahcp";
        put(printer, "AHCP");
        if (packet.length < 2 || get8(printer, packet, 0) != MAGIC) {
                put_invalid_rest(printer, packet);
                return;
        }
        version = get8(printer, packet, 1);
        putf(printer, " Version %u", version);
        packet = packet_from(packet, 2);
        if (version == 1) {
                version1_print(printer, packet);
                return;
        }
        put(printer, " (unknown)");
        need_hard(printer, packet, 0, packet.length);
}
