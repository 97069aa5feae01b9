/* Ethernet and IP in UDP: VXLAN (RFC 7348), its generic extension, and OTV, which looks the same.
 */
#include "print/printer/printer.h"

enum { HEADER = 8 };

void vxlan_print(struct printer *printer, struct packet packet)
{
        uint8_t flags;

        printer->protocol = "vxlan";
        put(printer, "VXLAN");
        if (packet.length < HEADER) {
                put_invalid(printer);
                return;
        }
        flags = get8(printer, packet, 0);
        putf(printer, ", flags [%s] (0x%02x), ", flags & 8 ? "I" : "invalid", flags);
        need_hard(printer, packet, 1, 3);
        putf(printer, "vni %u\n", get24(printer, packet, 4));
        need_hard(printer, packet, 7, 1);
        protocol_print(printer, TUNNEL, ETHERTYPE_BRIDGING, packet_from(packet, HEADER));
}

void otv_print(struct printer *printer, struct packet packet)
{
        uint8_t flags;

        printer->protocol = "otv";
        put(printer, "OTV, ");
        if (packet.length < HEADER) {
                putf(printer, "[length %u < %u]", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        flags = get8(printer, packet, 0);
        putf(printer, "flags [%s] (0x%02x), ", flags & 8 ? "I" : ".", flags);
        need_hard(printer, packet, 1, 3);
        putf(printer, "overlay %u, ", get24(printer, packet, 1));
        need_hard(printer, packet, 4, 3);
        putf(printer, "instance %u\n", get24(printer, packet, 4));
        need_hard(printer, packet, 7, 1);
        protocol_print(printer, TUNNEL, ETHERTYPE_BRIDGING, packet_from(packet, HEADER));
}

/* draft-ietf-nvo3-vxlan-gpe. */
void vxlan_gpe_print(struct printer *printer, struct packet packet)
{
        enum { INSTANCE = 8, PROTOCOL = 4 };
        static const uint16_t ethertypes[] = {0, ETHERTYPE_IPV4, ETHERTYPE_IPV6,
                                              ETHERTYPE_BRIDGING};
        static const struct name flag_names[] = {
            {INSTANCE, "I"}, {PROTOCOL, "P"}, {2, "B"}, {1, "O"}, {0, NULL}};
        uint8_t flags, next;
        struct packet inner;

        printer->protocol = "vxlan_gpe";
        put(printer, "VXLAN-GPE");
        put(printer, ", ");
        if (packet.length < HEADER) {
                putf(printer, " (len %u < %u)", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        flags = get8(printer, packet, 0);
        put(printer, "flags [");
        put_flags(printer, flag_names, "", flags);
        put_char(printer, ']');
        put(printer, ", ");
        need_hard(printer, packet, 3, 5);
        next = get8(printer, packet, 3);
        putf(printer, "vni %u", get24(printer, packet, 4));
        put(printer, printer->options.verbose ? "\n    " : ": ");
        inner = packet_from(packet, HEADER);
        if (next >= sizeof ethertypes / sizeof *ethertypes ||
            !protocol_print(printer, TUNNEL, ethertypes[next], inner)) {
                put(printer, "ERROR: unknown-next-protocol");
                put_invalid(printer);
        }
}
