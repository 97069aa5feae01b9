/* Geneve, RFC 8926: Ethernet or what an EtherType names, in UDP, with options. */
#include "print/printer/printer.h"

enum { HEADER = 8, CONTROL = 0x80, CRITICAL = 0x40, OPTION_CRITICAL = 0x80, OPTION_HEADER = 4 };

static const struct name flag_names[] = {{CONTROL, "O"}, {CRITICAL, "C"}, {0x20, "R1"},
                                         {0x10, "R2"},   {0x08, "R3"},    {0x04, "R4"},
                                         {0x02, "R5"},   {0x01, "R6"},    {0, NULL}};

/* https://www.iana.org/assignments/nvo3 */
static const char *class_name(uint16_t class)
{
        if (class <= 0xff)
                return "Standard";
        switch (class) {
        case 0x100: return "Linux";
        case 0x101: return "Open vSwitch";
        case 0x102: return "Open Virtual Networking (OVN)";
        case 0x103: return "In-band Network Telemetry (INT)";
        case 0x104: return "VMware";
        }
        return class >= 0xfff0 ? "Experimental" : "Unknown";
}

static void options_print(struct printer *printer, struct packet options)
{
        const char *separator = "";

        while (options.length > 0) {
                uint16_t class;
                uint8_t type;
                uint32_t size;

                put(printer, separator);
                separator = ", ";
                class = get16(printer, options, 0);
                type = get8(printer, options, 2);
                size = OPTION_HEADER + (get8(printer, options, 3) & 31u) * 4;
                putf(printer, "class %s (0x%x) type 0x%x%s len %u", class_name(class), class, type,
                     type & OPTION_CRITICAL ? "(C)" : "", size);
                if (options.length < size) {
                        put_damage(printer, " [bad length]");
                        return;
                }
                if (printer->options.verbose > 1 && size > OPTION_HEADER) {
                        put(printer, " data");
                        for (uint32_t at = OPTION_HEADER; at < size; at += 4)
                                putf(printer, " %08x", get32(printer, options, at));
                }
                options = packet_from(options, size);
        }
}

void geneve_print(struct printer *printer, struct packet packet)
{
        uint8_t version, reserved;
        uint16_t protocol;
        uint32_t size;

        printer->protocol = "geneve";
        put(printer, "Geneve");
        if (packet.length < HEADER) {
                putf(printer, " [length %u < %u]", packet.length, HEADER);
                put_invalid(printer);
                return;
        }
        need(printer, packet, 0, HEADER);
        version = get8(printer, packet, 0) >> 6;
        size = (get8(printer, packet, 0) & 63u) * 4;
        if (version != 0) {
                put_damage(printer, " ERROR: unknown-version %u", version);
                return;
        }
        protocol = get16(printer, packet, 2);
        reserved = get8(printer, packet, 7);
        put(printer, ", Flags [");
        put_flags(printer, flag_names, "", get8(printer, packet, 1));
        putf(printer, "], vni 0x%x", get24(printer, packet, 4));
        if (reserved)
                putf(printer, ", rsvd 0x%x", reserved);
        if (printer->options.link_header)
                putf(printer, ", proto %s (0x%04x)", name_or(ethertype_names, protocol, "unknown"),
                     protocol);
        packet = packet_from(packet, HEADER);
        if (packet.length < size) {
                put_damage(printer, " truncated-geneve - %u bytes missing", size - packet.length);
                return;
        }
        need(printer, packet, 0, size);
        if (size > 0) {
                put(printer, ", options [");
                if (printer->options.verbose)
                        options_print(printer, packet_cut(packet, size));
                else
                        putf(printer, "%u bytes", size);
                put_char(printer, ']');
        }
        put(printer, printer->options.verbose ? "\n\t" : ": ");
        if (!protocol_print(printer, protocol == ETHERTYPE_BRIDGING ? TUNNEL : ETHERTYPE, protocol,
                            packet_from(packet, size)))
                putf(printer, "geneve-proto-0x%x", protocol);
}
