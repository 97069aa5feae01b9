/* Generic routing encapsulation: RFC 2784 and 2890, with the source routes of RFC 1701, and the
 * variant of PPTP, RFC 2637. */
#include "print/printer/fields.h"

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
        if (offset % size != 0) {
                putf(printer, ", badoffset=%u)", offset);
                return;
        }
        if (length % size != 0) {
                putf(printer, ", badlength=%u)", length);
                return;
        }
        if (offset >= length) {
                putf(printer, ", badoff/len=%u/%u)", offset, length);
                return;
        }
        for (uint32_t at = 0; at < length && has(packet, at, size); at += size) {
                put(printer, at == offset ? " *" : " ");
                if (family == AF_IP)
                        put_ipv4_numeric_at(printer, packet, at);
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

/* False if it is not known. */
static bool payload_print(struct printer *printer, struct packet packet, uint16_t protocol,
                          bool pptp)
{
        enum { ISO = 0x00fe };

        /* Either carries PPP alone, or all but PPP. */
        if (pptp != (protocol == ETHERTYPE_PPP))
                return false;
        switch (protocol) {
        case ISO: return protocol_print(printer, LLC_SAP, SAP_ISO, packet);
        case ETHERTYPE_ATALK: return protocol_print(printer, ETHERTYPE, FAMILY_ATALK, packet);
        case ETHERTYPE_IPX: return protocol_print(printer, LLC_SAP, SAP_IPX, packet);
        case ETHERTYPE_MPLS_MULTICAST: return false;
        default: return protocol_print(printer, TUNNEL, protocol, packet);
        }
}

void gre_print(struct printer *printer, struct packet packet)
{
        uint32_t length = packet.length;
        uint16_t flags, protocol;
        bool pptp, payload;

        printer->protocol = "gre";
        need(printer, packet, 0, 2);
        flags = get16(printer, packet, 0);
        putf_as(printer, ROLE_PROTOCOL, "GREv%u", flags & VERSION);
        if ((flags & VERSION) > 1) {
                put_damage(printer, " ERROR: unknown-version");
                return;
        }
        pptp = (flags & VERSION) == 1;
        payload = !pptp || (flags & SEQUENCE);
        if (printer->options.verbose)
                put_flag_list(printer, ", Flags [", flag_names, flags);
        protocol = (uint16_t)take32(printer, &packet);
        if (!pptp && (flags & (CHECKSUM | ROUTING))) {
                need(printer, packet, 0, 2);
                if (printer->options.verbose)
                        putf(printer, ", sum 0x%x", get16(printer, packet, 0));
                putf(printer, ", off 0x%x", take32(printer, &packet) & 0xffff);
        }
        if (flags & KEY) {
                uint32_t key = take32(printer, &packet);

                if (pptp)
                        putf(printer, ", call %u", key & 0xffff);
                else
                        putf(printer, ", key=0x%x", key);
        }
        if (flags & SEQUENCE)
                putf(printer, ", seq %u", take32(printer, &packet));
        if (pptp && (flags & ACKNOWLEDGMENT))
                putf(printer, ", ack %u", take32(printer, &packet));
        if (!pptp && (flags & ROUTING))
                packet = routes_print(printer, packet);
        if (!payload)
                put(printer, ", no-payload");
        if (printer->options.link_header)
                putf(printer, ", proto %s (0x%04x)", name_or(ethertype_names, protocol, "unknown"),
                     protocol);
        putf(printer, ", length %u", length);
        if (!payload)
                return;
        put(printer, printer->options.verbose ? "\n\t" : ": ");
        if (!payload_print(printer, packet, protocol, pptp))
                putf(printer, "gre-proto-0x%x", protocol);
}

/* Those of the optional words. */
void gre_fields(struct printer *printer, struct packet packet)
{
        uint16_t flags = get16(printer, packet, 0);
        bool pptp = (flags & VERSION) == 1;
        uint32_t at = 4;

        if ((flags & VERSION) > 1)
                return;
        if (!pptp && (flags & (CHECKSUM | ROUTING))) {
                if (flags & CHECKSUM)
                        field_hex(printer, "gre.checksum", get16(printer, packet, at), 4);
                at += 4;
        }
        if (flags & KEY) {
                if (pptp)
                        field_number(printer, "gre.key.call_id", get16(printer, packet, at + 2));
                else
                        field_hex(printer, "gre.key", get32(printer, packet, at), 8);
                at += 4;
        }
        if (flags & SEQUENCE) {
                field_number(printer, "gre.sequence_number", get32(printer, packet, at));
                at += 4;
        }
        if (pptp && (flags & ACKNOWLEDGMENT))
                field_number(printer, "gre.ack_number", get32(printer, packet, at));
}
