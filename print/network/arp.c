/* ARP and its relatives, RFC 826, 903, 2390. */
#include "print/printer/printer.h"

enum operation {
        REQUEST = 1,
        REPLY = 2,
        REVERSE_REQUEST = 3,
        REVERSE_REPLY = 4,
        INVERSE_REQUEST = 8,
        INVERSE_REPLY = 9,
        NACK = 10,
};

static const struct name operations[] = {
    {REQUEST, "Request"},
    {REPLY, "Reply"},
    {REVERSE_REQUEST, "Reverse Request"},
    {REVERSE_REPLY, "Reverse Reply"},
    {INVERSE_REQUEST, "Inverse Request"},
    {INVERSE_REPLY, "Inverse Reply"},
    {NACK, "NACK Reply"},
    {0, NULL},
};

static const struct name hardware_names[] = {
    {1, "Ethernet"}, {6, "TokenRing"},  {7, "ArcNet"},      {15, "FrameRelay"},
    {23, "Strip"},   {24, "IEEE 1394"}, {32, "InfiniBand"}, {0, NULL},
};

/* What the fixed header says, and where the four addresses are. */
struct arp {
        uint16_t hardware, protocol, operation;
        uint8_t hardware_size, protocol_size;
        uint32_t sender_hardware, sender_protocol, target_hardware, target_protocol;
};

/* RFC 893's trailers share IPv4's addresses. */
static bool is_ipv4(uint16_t protocol)
{
        return protocol == ETHERTYPE_IPV4 || protocol == 0x1000;
}

static void put_protocol_address(struct printer *printer, struct packet packet,
                                 const struct arp *arp, uint32_t offset)
{
        if (!is_ipv4(arp->protocol))
                put(printer, "<wrong proto type>");
        else if (arp->protocol_size != 4)
                put(printer, "<wrong len>");
        else
                put_ipv4_at(printer, packet, offset);
}

static void put_hardware_address(struct printer *printer, struct packet packet,
                                 const struct arp *arp, uint32_t offset)
{
        if (arp->hardware_size == 6)
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
        case REQUEST: request_print(printer, packet, arp); return true;
        case REPLY:
                put_protocol_address(printer, packet, arp, arp->sender_protocol);
                put(printer, " is-at ");
                put_hardware_address(printer, packet, arp, arp->sender_hardware);
                return true;
        case REVERSE_REQUEST:
        case INVERSE_REQUEST:
                put(printer, "who-is ");
                put_hardware_address(printer, packet, arp, arp->target_hardware);
                put(printer, " tell ");
                put_hardware_address(printer, packet, arp, arp->sender_hardware);
                return true;
        case REVERSE_REPLY:
                put_hardware_address(printer, packet, arp, arp->target_hardware);
                put(printer, " at ");
                put_protocol_address(printer, packet, arp, arp->target_protocol);
                return true;
        case INVERSE_REPLY:
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
        arp.protocol = get16(printer, packet, 2);
        arp.hardware_size = get8(printer, packet, 4);
        arp.protocol_size = get8(printer, packet, 5);
        arp.operation = get16(printer, packet, 6);
        arp.sender_hardware = 8;
        arp.sender_protocol = arp.sender_hardware + arp.hardware_size;
        arp.target_hardware = arp.sender_protocol + arp.protocol_size;
        arp.target_protocol = arp.target_hardware + arp.hardware_size;
        need_hard(printer, packet, 0, arp.target_protocol + arp.protocol_size);
        if (!printer->options.link_header)
                put(printer, "ARP, ");
        usual = is_ipv4(arp.protocol) && arp.protocol_size == 4 && arp.hardware_size != 0;
        if (!usual || printer->options.verbose) {
                put_name(printer, hardware_names, "Unknown Hardware (%u)", arp.hardware);
                putf(printer, " (len %u), ", arp.hardware_size);
                put_name(printer, ethertype_names, "Unknown Protocol (0x%04x)", arp.protocol);
                putf(printer, " (len %u)", arp.protocol_size);
                if (printer->options.verbose)
                        put(printer, ", ");
        }
        if (usual || printer->options.verbose) {
                put_name(printer, operations, "Unknown (%u)", arp.operation);
                put_char(printer, ' ');
                if (!operation_print(printer, packet, &arp)) {
                        dump_hex_ascii(printer, "\n\t", packet, packet.captured);
                        return;
                }
        }
        putf(printer, ", length %u", packet.length);
}
