/* Cisco's Dynamic Trunking Protocol. */
#include "link.h"

enum { FIELD_HEADER = 4 };

enum type { DOMAIN = 1, STATUS = 2, TRUNK_TYPE = 3, NEIGHBOR = 4 };

static const struct name types[] = {
    {DOMAIN, "Domain"},     {STATUS, "Status"}, {TRUNK_TYPE, "DTP type"},
    {NEIGHBOR, "Neighbor"}, {0, NULL},
};

/* False if the value has a wrong size. */
static bool value_print(struct printer *printer, struct packet value, uint16_t type)
{
        switch (type) {
        case DOMAIN:
                put(printer, ", ");
                put_until_zero(printer, value);
                break;
        case STATUS:
        case TRUNK_TYPE:
                if (value.length != 1)
                        return false;
                putf(printer, ", 0x%x", get8(printer, value, 0));
                break;
        case NEIGHBOR:
                if (value.length != 6)
                        return false;
                need_hard(printer, value, 0, 6);
                put(printer, ", ");
                put_ethernet(printer, bytes_at(printer, value, 0, 6));
                break;
        default: need_hard(printer, value, 0, value.length); break;
        }
        return true;
}

void dtp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "dtp";
        if (packet.length < 1) {
                put(printer, "[zero packet length]");
                put_invalid_rest(printer, packet);
                return;
        }
        putf_as(printer, ROLE_PROTOCOL, "DTPv%u", get8(printer, packet, 0));
        putf(printer, ", length %u", packet.length);
        if (!printer->options.verbose)
                return;
        for (packet = packet_from(packet, 1); packet.length > 0;) {
                uint16_t type;
                uint32_t size;

                if (packet.length < FIELD_HEADER) {
                        putf(printer, "[%u bytes remaining]", packet.length);
                        put_invalid_rest(printer, packet);
                        return;
                }
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                if (type == 0)
                        return;
                putf(printer, "\n\t%s (0x%04x) TLV, length %u", name_or(types, type, "Unknown"),
                     type, size);
                if (size < FIELD_HEADER || size > packet.length) {
                        put_damage(printer, "[invalid TLV length %u]", size);
                        put_invalid_rest(printer, packet);
                        return;
                }
                if (!value_print(printer, packet_from(packet_cut(packet, size), FIELD_HEADER),
                                 type)) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                packet = packet_from(packet, size);
        }
}
