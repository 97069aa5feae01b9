/* Link types whose header is no more than a protocol number, or nothing. */
#include "base/array.h"
#include "link.h"

/* The headers of NULL and LOOP hold the address family as the capturing system numbers it; IPv6 has
 * a different number on nearly every BSD. */
static const struct name families[] = {
    {2, "IPv4"},  {6, "NS"},    {7, "ISO"},   {16, "Appletalk"}, {23, "IPX"},
    {24, "IPv6"}, {28, "IPv6"}, {30, "IPv6"}, {0, NULL},
};

static const struct payload {
        uint32_t family;
        enum number_space space;
        uint32_t number;
} payloads[] = {
    {2, ETHERTYPE, ETHERTYPE_IPV4},  {24, ETHERTYPE, ETHERTYPE_IPV6},
    {28, ETHERTYPE, ETHERTYPE_IPV6}, {30, ETHERTYPE, ETHERTYPE_IPV6},
    {7, LLC_SAP, SAP_ISO},           {23, LLC_SAP, SAP_IPX},
    {16, ETHERTYPE, FAMILY_ATALK},
};

static void put_family(struct printer *printer, uint32_t family, uint32_t length)
{
        if (!printer->options.quiet)
                putf(printer, "AF %s (%u)", name_or(families, family, "Unknown"), family);
        else
                put_name(printer, families, "Unknown AF %u", family);
        putf(printer, ", length %u: ", length);
}

static void null_print_family(struct printer *printer, struct packet packet, uint32_t family)
{
        struct packet inner = packet_from(packet, 4);

        printer->link_header = 4;
        if (printer->options.link_header)
                put_family(printer, family, packet.length);
        for (size_t i = 0; i < array_count(payloads); i++) {
                if (payloads[i].family == family) {
                        protocol_print(printer, payloads[i].space, payloads[i].number, inner);
                        return;
                }
        }
        /* With nothing else known, show the family. */
        if (!printer->options.link_header)
                put_family(printer, family, packet.length);
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}

/* DLT_NULL: in the byte order of the capturing machine, recognized by its value being small. */
void null_print(struct printer *printer, struct packet packet)
{
        uint32_t family;

        printer->protocol = "null";
        need_hard(printer, packet, 0, 4);
        memcpy(&family, packet.data, 4);
        if (family & 0xffff0000)
                family = __builtin_bswap32(family);
        null_print_family(printer, packet, family);
}

/* "IP" or "IP6", whichever the first byte says. */
void raw_print(struct printer *printer, struct packet packet)
{
        uint8_t version;

        printer->protocol = "ipn";
        printer->link_header = 0;
        if (printer->options.link_header)
                put(printer, "ip: ");
        /* Inside another link header only. */
        if (packet.length == 0) {
                put_damage(printer, "truncated-ip 0");
                return;
        }
        version = get8(printer, packet, 0) >> 4;
        if (version == 4)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
        else if (version == 6)
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet);
        else
                putf(printer, "unknown ip %u", version);
}
