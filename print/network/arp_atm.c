#include "arp.h"

/* Of one of the two parties: where its address of either kind is. */
struct party {
        uint32_t number, subaddress, protocol_address;
        uint8_t number_size, subaddress_size, protocol_size;
};

/* The sizes of the parts of an address are in the lower bits, and their form in the others. */
static struct party party_read(struct printer *printer, struct packet packet, uint32_t sizes,
                               uint32_t protocol_size, uint32_t offset)
{
        enum { SIZE = 0x3f };
        struct party party;

        party.number_size = get8(printer, packet, sizes) & SIZE;
        party.subaddress_size = get8(printer, packet, sizes + 1) & SIZE;
        party.protocol_size = get8(printer, packet, protocol_size);
        party.number = offset;
        party.subaddress = party.number + party.number_size;
        party.protocol_address = party.subaddress + party.subaddress_size;
        return party;
}

static void put_hardware_address(struct printer *printer, struct packet packet,
                                 const struct party *party)
{
        if (party->number_size == 0) {
                put(printer, "<No address>");
                return;
        }
        put_link_address(printer, packet, party->number, party->number_size);
        if (party->subaddress_size > 0) {
                put_char(printer, ',');
                put_link_address(printer, packet, party->subaddress, party->subaddress_size);
        }
}

static void put_protocol_address(struct printer *printer, struct packet packet,
                                 const struct party *party, const char *wrong_size)
{
        if (!arp_is_ipv4(get16(printer, packet, 2)))
                put_damage(printer, "<wrong proto type>");
        else if (party->protocol_size != 4)
                put(printer, wrong_size);
        else
                put_ipv4_at(printer, packet, party->protocol_address);
}

static bool operation_print(struct printer *printer, struct packet packet, uint16_t operation,
                            const struct party *sender, const struct party *target)
{
        switch (operation) {
        case ARP_REQUEST:
                put(printer, "who-has ");
                put_protocol_address(printer, packet, target, "<wrong tplen>");
                if (target->number_size != 0) {
                        put(printer, " (");
                        put_hardware_address(printer, packet, target);
                        put_char(printer, ')');
                }
                put(printer, " tell ");
                put_protocol_address(printer, packet, sender, "<wrong splen>");
                return true;
        case ARP_REPLY:
                put_protocol_address(printer, packet, sender, "<wrong splen>");
                put(printer, " is-at ");
                put_hardware_address(printer, packet, sender);
                return true;
        case ARP_INVERSE_REQUEST:
                put(printer, "who-is ");
                put_hardware_address(printer, packet, target);
                put(printer, " tell ");
                put_hardware_address(printer, packet, sender);
                return true;
        case ARP_INVERSE_REPLY:
                put_hardware_address(printer, packet, sender);
                put(printer, "at ");
                put_protocol_address(printer, packet, sender, "<wrong splen>");
                return true;
        case ARP_NACK:
                put(printer, "for ");
                put_protocol_address(printer, packet, sender, "<wrong splen>");
                return true;
        default: return false;
        }
}

void arp_atm_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 12 };
        struct party sender, target;
        uint16_t protocol, operation;
        bool usual;

        need_hard(printer, packet, 0, HEADER);
        protocol = get16(printer, packet, 2);
        operation = get16(printer, packet, 6);
        sender = party_read(printer, packet, 4, 8, HEADER);
        target = party_read(printer, packet, 9, 11, sender.protocol_address + sender.protocol_size);
        need_hard(printer, packet, target.protocol_address, target.protocol_size);
        if (!printer->options.link_header)
                put_as(printer, ROLE_PROTOCOL, "ARP, ");
        usual = arp_is_ipv4(protocol) && sender.protocol_size == 4 && target.protocol_size == 4;
        if (!usual || printer->options.verbose) {
                put_as(printer, ROLE_PROTOCOL, "ATM, ");
                put_name(printer, ethertype_names, "Unknown Protocol (0x%04x)", protocol);
                putf(printer, " (len %u/%u)", sender.protocol_size, target.protocol_size);
                if (printer->options.verbose)
                        put(printer, ", ");
        }
        if (usual || printer->options.verbose) {
                arp_operation_name_print(printer, operation);
                if (!operation_print(printer, packet, operation, &sender, &target)) {
                        dump_hex_ascii(printer, "\n\t", packet, packet_claimed(packet).captured);
                        return;
                }
        }
        putf(printer, ", length %u", packet.length);
}
