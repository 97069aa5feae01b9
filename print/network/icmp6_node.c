/* Node information queries and replies in ICMPv6, RFC 4620, and those of its drafts, in which a
 * name stood behind its size. */
#include "network.h"

enum { HEADER = 16, IPV4_SIZE = 4, IPV6_SIZE = 16, TTL = 4 };

enum qtype { NOOP = 0, SUPPORTED = 1, NAME = 2, ADDRESSES = 3 };

/* What was captured of a query is taken for all of it, as tcpdump does. */
static struct packet what_is_captured(struct packet packet)
{
        return packet_cut(packet,
                          packet.captured < packet.length ? packet.captured : packet.length);
}

static void put_characters(struct printer *printer, struct packet packet, uint32_t at,
                           uint32_t size)
{
        for (uint32_t i = 0; i < size; i++)
                put_visible(printer, get8(printer, packet, at + i));
}

/* A name on its own ends in one zero byte if it is complete, in two if it is not. */
static void labels_print(struct printer *printer, struct packet packet, uint32_t at)
{
        bool first = true;

        while (at < packet.length) {
                uint32_t left;
                uint8_t size = get8(printer, packet, at++);

                left = packet.length - at;
                if (size == 0) {
                        if (left == 0)
                                put_char(printer, '.');
                        else if (left > 1 || get8(printer, packet, at) != 0)
                                put(printer, "???");
                        return;
                }
                if (!first && left > 0)
                        put_char(printer, '.');
                if (size > left) {
                        put(printer, "???");
                        return;
                }
                put_characters(printer, packet, at, size);
                at += size;
                first = false;
        }
}

static void name_print(struct printer *printer, struct packet packet, uint32_t at)
{
        uint8_t size = get8(printer, packet, at);
        bool draft = size == packet.length - at - 1;

        if (draft && printer->options.verbose)
                put(printer, ", 03 draft");
        put(printer, ", \"");
        if (draft)
                put_characters(printer, packet, at + 1, size);
        else
                labels_print(printer, packet, at);
        put_char(printer, '"');
}

static void address_flags_print(struct printer *printer, uint16_t flags, const char *truncated)
{
        const struct name names[] = {{0x40, "a"}, {0x20, "G"}, {0x10, "S"},       {0x08, "L"},
                                     {0x04, "C"}, {0x02, "A"}, {0x01, truncated}, {0, NULL}};

        if (flags == 0)
                return;
        put(printer, " [");
        for (const struct name *name = names; name->name; name++)
                if (flags & name->value)
                        put(printer, name->name);
        put_char(printer, ']');
}

static void supported_print(struct printer *printer, struct packet packet)
{
        enum { COMPRESSED = 1 };
        uint16_t flags = get16(printer, packet, 6);

        put(printer, "supported qtypes");
        if (flags != 0)
                put(printer, flags & COMPRESSED ? " [C]" : " []");
}

/* Whether the subject is an address of this size. */
static bool address_is_there(struct printer *printer, struct packet packet, uint32_t size)
{
        if (!has(packet, HEADER, size))
                return false;
        if (packet.length == HEADER + size)
                return true;
        if (printer->options.verbose)
                put_damage(printer, ", invalid subject len");
        return false;
}

static void subject_print(struct printer *printer, struct packet packet)
{
        uint8_t code = get8(printer, packet, 1);

        if (packet.length == HEADER) {
                put(printer, ", 03 draft");
                return;
        }
        switch (code) {
        case 0:
                if (address_is_there(printer, packet, IPV6_SIZE))
                        put_ipv6_labelled(printer, ", subject=", packet, HEADER);
                break;
        case 1:
                put(printer, ", subject=DNS name");
                name_print(printer, packet, HEADER);
                break;
        case 2:
                if (address_is_there(printer, packet, IPV4_SIZE))
                        put_ipv4_labelled(printer, ", subject=", packet, HEADER);
                break;
        default: put(printer, ", unknown subject");
        }
}

void node_query_print(struct printer *printer, struct packet packet)
{
        enum { OLD_QUERY = 12 };
        bool empty;

        get8(printer, packet, 1);
        packet = what_is_captured(packet);
        if (packet.length == OLD_QUERY) {
                put(printer, " who-are-you request");
                return;
        }
        put(printer, " node information query");
        if (!has(packet, 0, HEADER)) {
                put_truncated(printer);
                return;
        }
        put(printer, " (");
        empty = false;
        switch (get16(printer, packet, 4)) {
        case NOOP:
                put(printer, "noop");
                empty = true;
                break;
        case SUPPORTED:
                supported_print(printer, packet);
                empty = true;
                break;
        case NAME: put(printer, "DNS name"); break;
        case ADDRESSES:
                put(printer, "node addresses");
                address_flags_print(printer, get16(printer, packet, 6), "");
                break;
        default: put(printer, "unknown");
        }
        if (!empty)
                subject_print(printer, packet);
        else if (packet.length != HEADER && printer->options.verbose)
                put_damage(printer, ", invalid len");
        put_char(printer, ')');
}

static void answer_print(struct printer *printer, struct packet packet)
{
        enum { VALID_TTL = 1 };
        uint16_t flags = get16(printer, packet, 6);

        switch (get16(printer, packet, 4)) {
        case NOOP:
                put(printer, "noop");
                if (packet.length != HEADER && printer->options.verbose)
                        put_damage(printer, ", invalid length");
                break;
        case SUPPORTED: supported_print(printer, packet); break;
        case NAME:
                put(printer, "DNS name");
                get32(printer, packet, HEADER);
                name_print(printer, packet, HEADER + TTL);
                if (flags & VALID_TTL)
                        putf(printer, " [TTL=%u]", get32(printer, packet, HEADER));
                break;
        case ADDRESSES:
                put(printer, "node addresses");
                for (uint32_t at = HEADER; at + TTL + IPV6_SIZE <= packet.length;
                     at += TTL + IPV6_SIZE) {
                        put_ipv6_labelled(printer, " ", packet, at + TTL);
                        putf(printer, "(%u)", get32(printer, packet, at));
                }
                address_flags_print(printer, flags, "T");
                break;
        default: put(printer, "unknown");
        }
}

void node_reply_print(struct printer *printer, struct packet packet)
{
        enum { SUCCESS, REFUSED, UNKNOWN };
        uint8_t code;

        get8(printer, packet, 1);
        if (packet.length < HEADER || !has(packet, 0, packet.length)) {
                put_truncated(printer);
                return;
        }
        code = get8(printer, packet, 1);
        put(printer, " node information reply (");
        if (code == SUCCESS) {
                if (printer->options.verbose)
                        put(printer, "success, ");
                answer_print(printer, packet);
        } else if (code <= UNKNOWN) {
                put(printer, code == REFUSED ? "refused" : "unknown");
                if (packet.length != HEADER && printer->options.verbose)
                        put_damage(printer, ", invalid length");
        }
        put_char(printer, ')');
}
