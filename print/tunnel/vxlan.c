/* Ethernet and IP in UDP: VXLAN (RFC 7348), its generic extension, and OTV, which looks the same.
 */
#include "print/printer/printer.h"

#include "base/array.h"

enum { HEADER = 8 };

/* Flags and a number, then Ethernet. OTV has one more number in what is reserved in VXLAN. */
static void ethernet_in_udp_print(struct printer *printer, struct packet packet, bool otv)
{
        uint8_t flags = get8(printer, packet, 0);
        const char *name = flags & 8 ? "I" : otv ? "." : "invalid";

        putf(printer, "%sflags [%s] (0x%02x), ", otv ? "" : ", ", name, flags);
        need_hard(printer, packet, 1, 3);
        if (otv) {
                putf(printer, "overlay %u, ", get24(printer, packet, 1));
                need_hard(printer, packet, 4, 3);
        }
        putf(printer, "%s %u\n", otv ? "instance" : "vni", get24(printer, packet, 4));
        need_hard(printer, packet, 7, 1);
        protocol_print(printer, TUNNEL, ETHERTYPE_BRIDGING, packet_from(packet, HEADER));
}

void vxlan_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "vxlan";
        put(printer, "VXLAN");
        if (packet.length < HEADER) {
                put_invalid(printer);
                return;
        }
        ethernet_in_udp_print(printer, packet, false);
}

/* On the port that Linux has for it, which tcpdump takes for OTV's: OTV has a number where VXLAN
 * has zeros. */
bool vxlan_fits(struct packet payload, uint16_t source, uint16_t destination)
{
        enum { LINUX_PORT = 8472 };
        static const uint8_t start[] = {8, 0, 0, 0};

        (void)source;
        return destination == LINUX_PORT && has(payload, 0, HEADER) &&
               memcmp(payload.data, start, sizeof start) == 0 && payload.data[HEADER - 1] == 0;
}

void otv_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "otv";
        put_as(printer, ROLE_PROTOCOL, "OTV, ");
        if (packet.length < HEADER) {
                putf(printer, "[length %u < %u]", packet.length, HEADER);
                put_invalid_rest(printer, packet);
                return;
        }
        ethernet_in_udp_print(printer, packet, true);
}

/* draft-ietf-nvo3-vxlan-gpe. */
void vxlan_gpe_print(struct printer *printer, struct packet packet)
{
        enum { INSTANCE = 8, PROTOCOL = 4 };
        static const uint16_t ethertypes[] = {0, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_BRIDGING,
                                              ETHERTYPE_NSH};
        static const struct name flag_names[] = {
            {INSTANCE, "I"}, {PROTOCOL, "P"}, {2, "B"}, {1, "O"}, {0, NULL}};
        uint8_t flags, next;

        printer->protocol = "vxlan_gpe";
        put_as(printer, ROLE_PROTOCOL, "VXLAN-GPE, ");
        if (packet.length < HEADER) {
                putf(printer, " (len %u < %u)", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        flags = get8(printer, packet, 0);
        put(printer, "flags [");
        put_flags(printer, flag_names, "", flags);
        put(printer, "], ");
        need_hard(printer, packet, 3, 5);
        next = get8(printer, packet, 3);
        putf(printer, "vni %u%s", get24(printer, packet, 4),
             printer->options.verbose ? "\n    " : ": ");
        if (next >= array_count(ethertypes) ||
            !protocol_print(printer, ethertypes[next] == ETHERTYPE_NSH ? ETHERTYPE : TUNNEL,
                            ethertypes[next], packet_from(packet, HEADER))) {
                put_damage(printer, "ERROR: unknown-next-protocol");
                put_invalid(printer);
        }
}
