/* Generic routing encapsulation: RFC 2784 and 2890, with the source routes of RFC 1701, and the
 * variant of PPTP, RFC 2637. */
#include "print/printer/printer.h"

enum {
        CHECKSUM = 0x8000,
        ROUTING = 0x4000,
        KEY = 0x2000,
        SEQUENCE = 0x1000,
        STRICT_ROUTE = 0x0800,
        ACKNOWLEDGMENT = 0x0080,
        VERSION = 7,
};

static const struct name flag_names[] = {
    {CHECKSUM, "checksum present"},
    {ROUTING, "routing present"},
    {KEY, "key present"},
    {SEQUENCE, "sequence# present"},
    {STRICT_ROUTE, "source routing present"},
    {ACKNOWLEDGMENT, "ack present"},
    {0, NULL},
};

static void put_gre_flags(struct printer *printer, uint16_t flags)
{
        if (!printer->options.verbose)
                return;
        put_flag_list(printer, ", Flags [", flag_names, flags);
}

/* The text between header and payload. */
static void announce(struct printer *printer, uint16_t protocol, const char *unknown,
                     uint32_t length)
{
        if (printer->options.link_header) {
                const char *name = name_find(ethertype_names, protocol);

                putf(printer, ", proto %s (0x%04x)", name ? name : unknown, protocol);
        }
        putf(printer, ", length %u", length);
}

static void payload_print(struct printer *printer, struct packet packet, uint16_t protocol)
{
        if (protocol == ETHERTYPE_PPP || !protocol_print(printer, TUNNEL, protocol, packet))
                putf(printer, "gre-proto-0x%x", protocol);
}

/* One source route entry of RFC 1701. */
static void route_print(struct printer *printer, struct packet packet, uint16_t family,
                        uint8_t offset, uint8_t length)
{
        enum { AF_IP = 0x0800, AF_AS = 0xfffe };
        uint32_t size = family == AF_IP ? 4 : 2;

        if (family != AF_IP && family != AF_AS) {
                putf(printer, " (rtaf=0x%x)", family);
                return;
        }
        put(printer, family == AF_IP ? " (rtaf=ip" : " (rtaf=asn");
        if (offset % size != 0 || length % size != 0 || offset > length) {
                if (offset % size != 0 || offset > length)
                        putf(printer, " badoffset=%u", offset);
                else
                        putf(printer, " badlength=%u", length);
                put_char(printer, ')');
                return;
        }
        for (uint32_t at = 0; at < length && has(packet, at, size); at += size) {
                put(printer, at == offset ? " *" : " ");
                if (family == AF_IP)
                        put_ipv4_at(printer, packet, at);
                else
                        putf(printer, "%x", get16(printer, packet, at));
        }
        put_char(printer, ')');
}

static struct packet routes_print(struct printer *printer, struct packet packet)
{
        for (;;) {
                uint16_t family;
                uint8_t offset, length;

                need(printer, packet, 0, 4);
                family = get16(printer, packet, 0);
                offset = get8(printer, packet, 2);
                length = get8(printer, packet, 3);
                packet = packet_from(packet, 4);
                if (family == 0 && length == 0)
                        return packet;
                put_char(printer, ',');
                route_print(printer, packet, family, offset, length);
                need(printer, packet, 0, length);
                packet = packet_from(packet, length);
        }
}

/* Takes an optional field from the front. */
static uint32_t take32(struct printer *printer, struct packet *packet)
{
        uint32_t value;

        need(printer, *packet, 0, 4);
        value = get32(printer, *packet, 0);
        *packet = packet_from(*packet, 4);
        return value;
}

/* The rest of the word that the flags begin. */
static uint16_t protocol_take(struct printer *printer, struct packet *packet, uint16_t flags)
{
        put_gre_flags(printer, flags);
        need(printer, *packet, 2, 2);
        return (uint16_t)take32(printer, packet);
}

static void version_0_print(struct printer *printer, struct packet packet, uint16_t flags)
{
        uint32_t length = packet.length;
        uint16_t protocol = protocol_take(printer, &packet, flags);

        if (flags & (CHECKSUM | ROUTING)) {
                uint16_t sum;

                need(printer, packet, 0, 2);
                sum = get16(printer, packet, 0);
                if (printer->options.verbose)
                        putf(printer, ", sum 0x%x", sum);
                need(printer, packet, 2, 2);
                putf(printer, ", off 0x%x", get16(printer, packet, 2));
                packet = packet_from(packet, 4);
        }
        if (flags & KEY)
                putf(printer, ", key=0x%x", take32(printer, &packet));
        if (flags & SEQUENCE)
                putf(printer, ", seq %u", take32(printer, &packet));
        if (flags & ROUTING)
                packet = routes_print(printer, packet);
        announce(printer, protocol, "unknown", length);
        put(printer, printer->options.verbose ? "\n\t" : ": ");
        payload_print(printer, packet, protocol);
}

static void version_1_print(struct printer *printer, struct packet packet, uint16_t flags)
{
        uint32_t length = packet.length;
        uint16_t protocol = protocol_take(printer, &packet, flags);

        if (flags & KEY) {
                need(printer, packet, 0, 4);
                putf(printer, ", call %u", get16(printer, packet, 2));
                packet = packet_from(packet, 4);
        }
        if (flags & SEQUENCE)
                putf(printer, ", seq %u", take32(printer, &packet));
        if (flags & ACKNOWLEDGMENT)
                putf(printer, ", ack %u", take32(printer, &packet));
        if (!(flags & SEQUENCE))
                put(printer, ", no-payload");
        announce(printer, protocol, "unknown", length);
        if (!(flags & SEQUENCE))
                return;
        put(printer, printer->options.verbose ? "\n\t" : ": ");
        if (protocol != ETHERTYPE_PPP || !protocol_print(printer, TUNNEL, protocol, packet))
                putf(printer, "gre-proto-0x%x", protocol);
}

void gre_print(struct printer *printer, struct packet packet)
{
        uint16_t flags;

        printer->protocol = "gre";
        need(printer, packet, 0, 2);
        flags = get16(printer, packet, 0);
        putf(printer, "GREv%u", flags & VERSION);
        if ((flags & VERSION) == 0)
                version_0_print(printer, packet, flags);
        else if ((flags & VERSION) == 1)
                version_1_print(printer, packet, flags);
        else
                put(printer, " ERROR: unknown-version");
}
