/* ARP and its relatives, RFC 826, 903, 2390. */
#include "arp.h"

enum hardware { FRAME_RELAY = 15, ATM = 19 };

static const struct name hardware_names[] = {
    {1, "Ethernet"}, {6, "TokenRing"},  {7, "ArcNet"},      {FRAME_RELAY, "FrameRelay"},
    {23, "Strip"},   {24, "IEEE 1394"}, {32, "InfiniBand"}, {0, NULL},
};

/* What the fixed header says, and where the four addresses are. */
struct arp {
        uint16_t hardware, protocol, operation;
        uint8_t hardware_size, protocol_size;
        uint32_t sender_hardware, sender_protocol, target_hardware, target_protocol;
};

static void put_protocol_address(struct printer *printer, struct packet packet,
                                 const struct arp *arp, uint32_t offset)
{
        if (!arp_is_ipv4(arp->protocol))
                put_damage(printer, "<wrong proto type>");
        else if (arp->protocol_size != 4)
                put_damage(printer, "<wrong len>");
        else
                put_ipv4_at(printer, packet, offset);
}

/* Frame Relay's, Q.922: of 2 to 4 bytes, the last of which says so. It may be shorter than `size`.
 */
static void put_dlci(struct printer *printer, struct packet packet, uint32_t offset, uint32_t size)
{
        enum { LAST = 1 };
        static const struct {
                unsigned bits, shift;
        } parts[] = {{6, 2}, {4, 4}, {7, 1}, {6, 2}};
        uint32_t dlci = 0, i;
        uint8_t byte;

        for (i = 0; i < 4; i++) {
                unsigned part = i;

                if (i == size) {
                        put_damage(printer, "<Truncated>");
                        return;
                }
                byte = get8(printer, packet, offset + i);
                if (i == 2 && byte & LAST)
                        part = 3;
                dlci = dlci << parts[part].bits |
                       (byte >> parts[part].shift & ((1u << parts[part].bits) - 1));
                if (byte & LAST)
                        break;
        }
        if (i == 0 || i == 4)
                put_damage(printer, "<Invalid DLCI>");
        else
                putf(printer, "DLCI %u", dlci);
}

static void put_hardware_address(struct printer *printer, struct packet packet,
                                 const struct arp *arp, uint32_t offset)
{
        if (arp->hardware == FRAME_RELAY && arp->hardware_size > 0)
                put_dlci(printer, packet, offset, arp->hardware_size);
        else if (arp->hardware_size == 6)
                put_ethernet(printer, bytes_at(printer, packet, offset, 6));
        else
                put_link_address(printer, packet, offset, arp->hardware_size);
}

static bool all_zero(struct printer *printer, struct packet packet, uint32_t offset, uint32_t size)
{
        const uint8_t *bytes = bytes_at(printer, packet, offset, size);

        for (uint32_t i = 0; i < size; i++)
                if (bytes[i] != 0)
                        return false;
        return true;
}

static void request_print(struct printer *printer, struct packet packet, const struct arp *arp)
{
        put(printer, "who-has ");
        put_protocol_address(printer, packet, arp, arp->target_protocol);
        if (!all_zero(printer, packet, arp->target_hardware, arp->hardware_size)) {
                put(printer, " (");
                put_hardware_address(printer, packet, arp, arp->target_hardware);
                put_char(printer, ')');
        }
        put(printer, " tell ");
        put_protocol_address(printer, packet, arp, arp->sender_protocol);
}

static bool operation_print(struct printer *printer, struct packet packet, const struct arp *arp)
{
        switch (arp->operation) {
        case ARP_REQUEST: request_print(printer, packet, arp); return true;
        case ARP_REPLY:
                put_protocol_address(printer, packet, arp, arp->sender_protocol);
                put(printer, " is-at ");
                put_hardware_address(printer, packet, arp, arp->sender_hardware);
                return true;
        case ARP_REVERSE_REQUEST:
        case ARP_INVERSE_REQUEST:
                put(printer, "who-is ");
                put_hardware_address(printer, packet, arp, arp->target_hardware);
                put(printer, " tell ");
                put_hardware_address(printer, packet, arp, arp->sender_hardware);
                return true;
        case ARP_REVERSE_REPLY:
                put_hardware_address(printer, packet, arp, arp->target_hardware);
                put(printer, " at ");
                put_protocol_address(printer, packet, arp, arp->target_protocol);
                return true;
        case ARP_INVERSE_REPLY:
                put_hardware_address(printer, packet, arp, arp->sender_hardware);
                put(printer, " at ");
                put_protocol_address(printer, packet, arp, arp->sender_protocol);
                return true;
        default: return false;
        }
}

void arp_print(struct printer *printer, struct packet packet)
{
        struct arp arp;
        bool usual;

        printer->protocol = "arp";
        arp.hardware = get16(printer, packet, 0);
        if (arp.hardware == ATM) {
                arp_atm_print(printer, packet);
                return;
        }
        arp.protocol = get16(printer, packet, 2);
        arp.hardware_size = get8(printer, packet, 4);
        arp.protocol_size = get8(printer, packet, 5);
        arp.operation = get16(printer, packet, 6);
        arp.sender_hardware = 8;
        arp.sender_protocol = arp.sender_hardware + arp.hardware_size;
        arp.target_hardware = arp.sender_protocol + arp.protocol_size;
        arp.target_protocol = arp.target_hardware + arp.hardware_size;
        need_hard(printer, packet, 0, arp.target_protocol + arp.protocol_size);
        if (!printer->options.link_header) {
                put_as(printer, ROLE_PROTOCOL, "ARP");
                put(printer, ", ");
        }
        usual = arp_is_ipv4(arp.protocol) && arp.protocol_size == 4 && arp.hardware_size != 0;
        if (!usual || printer->options.verbose) {
                put_name(printer, hardware_names, "Unknown Hardware (%u)", arp.hardware);
                putf(printer, " (len %u), ", arp.hardware_size);
                put_name_as(printer, ROLE_PROTOCOL, ethertype_names, "Unknown Protocol (0x%04x)",
                            arp.protocol);
                putf(printer, " (len %u)", arp.protocol_size);
                if (printer->options.verbose)
                        put(printer, ", ");
        }
        if (usual || printer->options.verbose) {
                arp_operation_name_print(printer, arp.operation);
                if (!operation_print(printer, packet, &arp)) {
                        dump_hex_ascii(printer, "\n\t", packet, packet_claimed(packet).captured);
                        return;
                }
        }
        put_number_as(printer, ROLE_LENGTH, ", length ", packet.length);
}
