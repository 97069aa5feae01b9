/* RADIUS, RFC 2865: the kind of message, and with -v its attributes. */
#include "radius.h"

#include "print/link/link.h"

enum { HEADER = 20, EAP_HEADER = 4 };

static const struct name codes[] = {
    {1, "Access-Request"},
    {2, "Access-Accept"},
    {3, "Access-Reject"},
    {4, "Accounting-Request"},
    {5, "Accounting-Response"},
    {11, "Access-Challenge"},
    {12, "Status-Server"},
    {13, "Status-Client"},
    {40, "Disconnect-Request"},
    {41, "Disconnect-ACK"},
    {42, "Disconnect-NAK"},
    {43, "CoA-Request"},
    {44, "CoA-ACK"},
    {45, "CoA-NAK"},
    {255, "Reserved"},
    {0, NULL},
};

static void put_duration(struct printer *printer, uint32_t seconds)
{
        if (seconds < 60)
                putf(printer, "%02u secs", seconds);
        else if (seconds < 3600)
                putf(printer, "%02u:%02u min", seconds / 60, seconds % 60);
        else
                putf(printer, "%02u:%02u:%02u hours", seconds / 3600, seconds / 60 % 60,
                     seconds % 60);
}

/* In the zone of TZ, as ctime() writes it. */
static void put_date(struct printer *printer, uint32_t seconds)
{
        static const char days[] = "SunMonTueWedThuFriSat";
        static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        time_t time = seconds;
        struct tm local;

        if (!localtime_r(&time, &local))
                return;
        put_bytes(printer, days + local.tm_wday * 3, 3);
        put_char(printer, ' ');
        put_bytes(printer, months + local.tm_mon * 3, 3);
        putf(printer, " %2d %02d:%02d:%02d %d", local.tm_mday, local.tm_hour, local.tm_min,
             local.tm_sec, local.tm_year + 1900);
}

/* A tag is from 1 to 31; of text, another first byte is part of it. */
static struct packet tag_take(struct printer *printer, struct packet value, bool text)
{
        uint8_t tag = get8(printer, value, 0);

        if (tag == 0)
                put(printer, "Tag[Unused] ");
        else if (!text || tag <= 0x1f)
                putf(printer, "Tag[%u] ", tag);
        else
                return value;
        return packet_from(value, 1);
}

static void prefix_print(struct printer *printer, struct packet value)
{
        uint8_t prefix[16] = {0};
        uint8_t bits;

        if (value.length < 2 || value.length > 18) {
                put_damage(printer, "ERROR: length %u not in range (2..18)", value.length);
                return;
        }
        if (!has(value, 0, value.length)) {
                put_truncated(printer);
                return;
        }
        bits = get8(printer, value, 1);
        if (bits > 128) {
                put_damage(printer, "ERROR: netmask %u not in range (0..128)", bits);
                return;
        }
        memcpy(prefix, bytes_at(printer, value, 2, value.length - 2), value.length - 2);
        put_ipv6(printer, prefix);
        putf(printer, "/%u", bits);
        if ((bits + 7u) / 8 > value.length - 2)
                put_damage(printer, " (inconsistent prefix length)");
}

/* Reports a length that does not fit between its own header and the end of `packet`. */
static bool is_bogus(struct printer *printer, struct packet packet, uint32_t size, const char *what)
{
        if (size < 2)
                put_damage(printer, " (bogus, must be >= 2)");
        else if (size > packet.length)
                put_damage(printer, " (bogus, goes past end of %s)", what);
        return size < 2 || size > packet.length;
}

static void vendor_print(struct printer *printer, struct packet value)
{
        uint32_t vendor;

        if (value.length < 4) {
                put_truncated(printer);
                return;
        }
        vendor = get32(printer, value, 0);
        put(printer, "Vendor: ");
        put_name(printer, enterprise_names, "Unknown", vendor);
        putf(printer, " (%u)", vendor);
        for (value = packet_from(value, 4); value.length >= 2;) {
                uint32_t size = get8(printer, value, 1);

                putf(printer, "\n\t    Vendor Attribute: %u, Length: %u", get8(printer, value, 0),
                     size < 2 || size > value.length ? size : size - 2);
                if (is_bogus(printer, value, size, "vendor-specific attribute"))
                        return;
                put(printer, ", Value: ");
                for (uint32_t i = 2; i < size; i++)
                        radius_character_print(printer, get8(printer, value, i));
                value = packet_from(value, size);
        }
}

/* RFC 4675: whether frames of a VLAN have a tag. */
static void put_tagging(struct printer *printer, uint8_t tagging)
{
        static const struct name names[] = {{0x31, "Tagged"}, {0x32, "Untagged"}, {0, NULL}};

        put_name(printer, names, "Unknown tag (0x%02x)", tagging);
        put_char(printer, ' ');
}

/* Of attributes that are four bytes long, `value` being that number. */
static void number_print(struct printer *printer, struct packet packet,
                         const struct radius_attribute *attribute)
{
        uint32_t value;

        switch (attribute->shape) {
        case TAGGED_NUMBER:
        case TAGGED_CHOICE: tag_take(printer, packet, false); break;
        case VLAN: put_tagging(printer, get8(printer, packet, 0)); break;
        default: break;
        }
        value = get32(printer, packet, 0);
        switch (attribute->shape) {
        case ADDRESS: put_ipv4(printer, packet.data); break;
        case DURATION: put_duration(printer, value); break;
        case DATE: put_date(printer, value); break;
        case CHOICE: put_name(printer, attribute->choices, "#%u", value); break;
        case CHOICE_OR_NUMBER: put_name(printer, attribute->choices, "%u", value); break;
        case TAGGED_NUMBER:
        case VLAN: put_decimal(printer, value & 0xffffff); break;
        case TAGGED_CHOICE: put_name(printer, attribute->choices, "#%u", value & 0xffffff); break;
        case CAUSE:
                putf(printer, "Error cause %u: ", value);
                put_name(printer, radius_causes, "Error-Cause %u not known", value);
                break;
        default: put_decimal(printer, value);
        }
}

static void value_print(struct printer *printer, struct packet value,
                        const struct radius_attribute *attribute)
{
        if (radius_value_print(printer, value, attribute->shape))
                return;
        switch (attribute->shape) {
        case NOTHING: break;
        case TEXT:
        case TAGGED_TEXT:
        case VLAN_NAME:
                if (!has(value, 0, value.length)) {
                        put_truncated(printer);
                        break;
                }
                if (attribute->shape == TAGGED_TEXT)
                        value = tag_take(printer, value, true);
                if (attribute->shape == VLAN_NAME) {
                        put_tagging(printer, value.data[0]);
                        value = packet_from(value, 1);
                }
                radius_text_print(printer, value);
                break;
        case ADDRESS_6:
                if (value.length != 16)
                        put_damage(printer, "ERROR: length %u != 16", value.length);
                else
                        put_ipv6_at(printer, value, 0);
                break;
        case PREFIX_6: prefix_print(printer, value); break;
        case VENDOR: vendor_print(printer, value); break;
        default:
                if (value.length != 4)
                        putf(printer, "%s: length %u != 4",
                             attribute->shape == CAUSE ? "Error" : "ERROR", value.length);
                else
                        number_print(printer, value, attribute);
        }
}

/* An EAP packet, or a part of one. Its header is read even past the attribute. */
static void eap_value_print(struct printer *printer, struct packet packet, uint32_t size)
{
        if (!has(packet, 0, size)) {
                put_truncated(printer);
                return;
        }
        need_hard(printer, packet, 0, EAP_HEADER);
        packet.length = size;
        eap_print(printer, packet);
        printer->protocol = "radius";
}

static void attributes_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                const struct radius_attribute *attribute;
                uint8_t type;
                uint32_t size;

                need_length(printer, packet, 2);
                need(printer, packet, 0, 2);
                type = get8(printer, packet, 0);
                size = get8(printer, packet, 1);
                attribute = &radius_attributes[type];
                putf(printer, "\n\t  %s Attribute (%u), length: %u",
                     attribute->name ? attribute->name : "Unknown", type, size);
                if (is_bogus(printer, packet, size, "packet"))
                        return;
                put(printer, ", Value: ");
                if (size > 2 && attribute->shape == EAP)
                        eap_value_print(printer, packet_from(packet, 2), size - 2);
                else if (size > 2)
                        value_print(printer, packet_from(packet_cut(packet, size), 2), attribute);
                if (printer->options.verbose > 1)
                        dump_hex(printer, "\n\t    ", packet_from(packet, 2), size - 2);
                packet = packet_from(packet, size);
        }
}

void radius_print(struct printer *printer, struct packet packet)
{
        uint32_t size;
        uint8_t code;

        printer->protocol = "radius";
        need(printer, packet, 0, HEADER);
        size = get16(printer, packet, 2);
        if (size < HEADER)
                printer_abandon_softly(printer);
        if (size > packet.length)
                size = packet.length;
        code = get8(printer, packet, 0);
        put_as(printer, ROLE_PROTOCOL, "RADIUS, ");
        if (printer->options.verbose)
                putf(printer, "length: %u\n\t", size);
        put_name(printer, codes, "Unknown Command", code);
        putf(printer, " (%u), id: 0x%02x", code, get8(printer, packet, 1));
        if (!printer->options.verbose) {
                putf(printer, " length: %u", size);
                return;
        }
        put(printer, ", Authenticator: ");
        put_hex_bytes(printer, packet, 4, 16);
        attributes_print(printer, packet_from(packet_cut(packet, size), HEADER));
}
