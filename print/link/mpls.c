/* MPLS, RFC 3032: the stack of labels, then what the bottom label or the first byte says. */
#include "print/printer/printer.h"

enum {
        ENTRY = 4,
        BOTTOM = 0x100,
        EXPLICIT_IPV4 = 0,
        ROUTER_ALERT = 1,
        EXPLICIT_IPV6 = 2,
        IMPLICIT = 3,
        RESERVED = 16,      /* labels below */
        NLPID_FIRST = 0x81, /* numbers of CLNP, ES-IS and IS-IS in ISO TR 9577, not of IP */
        NLPID_LAST = 0x83,
};

static const struct name special[] = {
    {EXPLICIT_IPV4, "IPv4 explicit NULL"},
    {ROUTER_ALERT, "router alert"},
    {EXPLICIT_IPV6, "IPv6 explicit NULL"},
    {IMPLICIT, "implicit NULL"},
    {0, NULL},
};

static void entry_print(struct printer *printer, uint32_t entry)
{
        uint32_t label = entry >> 12;

        putf(printer, "(label %u", label);
        if (printer->options.verbose && label < RESERVED)
                putf(printer, " (%s)", name_or(special, label, "rsvd"));
        putf(printer, ", tc %u%s, ttl %u)", entry >> 9 & 7, entry & BOTTOM ? ", [S]" : "",
             entry & 255);
}

static void payload_print(struct printer *printer, struct packet packet, uint32_t label)
{
        const char *separator = printer->options.verbose ? "\n\t" : " ";
        bool by_label = label == EXPLICIT_IPV4 || label == EXPLICIT_IPV6 || label == IMPLICIT;
        uint8_t first = 0, version = 0;

        if (!by_label) {
                if (packet.length == 0)
                        return;
                first = get8(printer, packet, 0);
                version = first >> 4;
                if (version == 4 && (first & 15) < 5)
                        version = 0;
        }
        if (label == EXPLICIT_IPV6 || (!by_label && version == 6)) {
                put(printer, separator);
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet);
        } else if (by_label || version == 4) {
                put(printer, separator);
                protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
        } else if (first >= NLPID_FIRST && first <= NLPID_LAST) {
                put(printer, separator);
                protocol_print(printer, LLC_SAP, SAP_ISO, packet);
        } else if (!printer->options.quiet) {
                put_unknown(printer, packet,
                            packet.captured < packet.length ? packet.captured : packet.length);
                if (!printer->dumps)
                        need_hard(printer, packet, 0, packet.length);
        }
}

void mpls_print(struct printer *printer, struct packet packet)
{
        const char *separator = " ";
        uint32_t entry;

        printer->protocol = "mpls";
        put(printer, "MPLS");
        do {
                if (packet.length < ENTRY) {
                        put_invalid(printer);
                        need_hard(printer, packet, 0, packet.length);
                        return;
                }
                entry = get32(printer, packet, 0);
                put(printer, separator);
                separator = printer->options.verbose ? "\n\t" : " ";
                entry_print(printer, entry);
                packet = packet_from(packet, ENTRY);
        } while (!(entry & BOTTOM));
        payload_print(printer, packet, entry >> 12);
}
