/* Cisco's UniDirectional Link Detection, RFC 5171. */
#include "link.h"

enum { HEADER = 4, FIELD_HEADER = 4 };

enum type { ECHO = 3, INTERVAL = 4, TIMEOUT = 5, SEQUENCE = 7 };

static const struct name types[] = {
    {1, "Device-ID TLV"},
    {2, "Port-ID TLV"},
    {ECHO, "Echo TLV"},
    {INTERVAL, "Message Interval TLV"},
    {TIMEOUT, "Timeout Interval TLV"},
    {6, "Device Name TLV"},
    {SEQUENCE, "Sequence Number TLV"},
    {0, NULL},
};

static const struct name operations[] = {
    {0, "Reserved"}, {1, "Probe message"}, {2, "Echo message"}, {3, "Flush message"}, {0, NULL},
};

static const struct name flag_names[] = {
    {0x01, "RT"},    {0x02, "RSY"},   {0x04, "MBZ-2"}, {0x08, "MBZ-3"}, {0x10, "MBZ-4"},
    {0x20, "MBZ-5"}, {0x40, "MBZ-6"}, {0x80, "MBZ-7"}, {0, NULL},
};

/* False if the value has a wrong size. */
static bool value_print(struct printer *printer, struct packet value, uint16_t type)
{
        switch (type) {
        case 1:
        case 2:
        case 6:
                put(printer, ", ");
                put_until_zero(printer, value);
                break;
        case ECHO:
                put(printer, ", ");
                if (!characters_print(printer, value, 0, value.length))
                        printer_abandon_short(printer);
                break;
        case INTERVAL:
        case TIMEOUT:
                if (value.length != 1)
                        return false;
                putf(printer, ", %us", get8(printer, value, 0));
                break;
        case SEQUENCE:
                if (value.length != 4)
                        return false;
                putf(printer, ", %u", get32(printer, value, 0));
                break;
        default: need_hard(printer, value, 0, value.length); break;
        }
        return true;
}

static void fields_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                uint16_t type;
                uint32_t size;

                if (packet.length < FIELD_HEADER) {
                        put_invalid_rest(printer, packet);
                        return;
                }
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                putf(printer, "\n\t%s (0x%04x) TLV, length %u", name_or(types, type, "Unknown"),
                     type, size);
                if (size <= FIELD_HEADER || size > packet.length) {
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

void udld_print(struct printer *printer, struct packet packet)
{
        uint8_t first, flags;

        printer->protocol = "udld";
        if (packet.length < HEADER) {
                put_invalid_rest(printer, packet);
                return;
        }
        first = get8(printer, packet, 0);
        flags = get8(printer, packet, 1);
        putf_as(printer, ROLE_PROTOCOL, "UDLDv%u", first >> 5);
        putf(printer, ", Code %s (%x), ", name_or(operations, first & 0x1f, "Reserved"),
             first & 0x1fu);
        put_flag_list(printer, "Flags [", flag_names, flags);
        putf(printer, " (0x%02x), length %u", flags, packet.length);
        if (!printer->options.verbose) {
                need_hard(printer, packet, 0, packet.length);
                return;
        }
        putf(printer, "\n\tChecksum 0x%04x (unverified)", get16(printer, packet, 2));
        fields_print(printer, packet_from(packet, HEADER));
}
