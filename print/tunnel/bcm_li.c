/* What Broadcom's switches put in front of packets they copy for lawful interception. */
#include "print/printer/printer.h"

void bcm_li_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 4, UNDECIDED = 4, IPV4, IPV6, ETHERNET };
        static const struct name directions[] = {
            {1, "unused"}, {2, "egress"}, {3, "ingress"}, {0, NULL}};
        static const struct name types[] = {{UNDECIDED, "undecided"},
                                            {IPV4, "ipv4"},
                                            {IPV6, "ipv6"},
                                            {ETHERNET, "ethernet"},
                                            {0, NULL}};
        static const struct name subtypes[] = {
            {1, "single VLAN tag"}, {2, "double VLAN tag"}, {3, "untagged"}, {0, NULL}};
        uint32_t shim, type, ethertype;

        printer->protocol = "bcm_li";
        if (packet.length < SIZE) {
                putf(printer, " (length %u < %u)", packet.length, SIZE);
                put_invalid(printer);
                return;
        }
        shim = get32(printer, packet, 0);
        type = shim >> 25 & 15;
        putf(printer, "%sBCM-LI-SHIM: direction %s, pkt-type %s, pkt-subtype %s, li-id %u",
             printer->options.verbose ? "\n    " : "", name_or(directions, shim >> 29, "unknown"),
             name_or(types, type, "unknown"), name_or(subtypes, shim >> 22 & 7, "unknown"),
             shim & 0x3fffff);
        if (!printer->options.verbose) {
                need_hard(printer, packet, 0, packet.length); /* shown or not */
                return;
        }
        put(printer, "\n    ");
        ethertype = type == IPV4       ? ETHERTYPE_IPV4
                    : type == IPV6     ? ETHERTYPE_IPV6
                    : type == ETHERNET ? ETHERTYPE_BRIDGING
                                       : 0;
        packet = packet_from(packet, SIZE);
        if (type == UNDECIDED) {
                uint8_t version = get8(printer, packet, 0) >> 4;

                if (version == 4 || version == 6)
                        protocol_print(printer, TUNNEL,
                                       version == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6, packet);
                else
                        put(printer, "unknown payload");
        } else if (ethertype == 0) {
                put_invalid(printer);
        } else {
                protocol_print(printer, TUNNEL, ethertype, packet);
        }
}
