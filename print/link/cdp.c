/* The Cisco Discovery Protocol: what a device says of itself, in type-length-value fields. */
#include "link.h"

enum { HEADER = 4, FIELD_HEADER = 4 };

enum type { DEVICE_ID = 1, ADDRESS = 2, MANAGEMENT_ADDRESS = 0x16 };

typedef void field_printer(struct printer *printer, struct packet value);

static void put_hex_spaced(struct printer *printer, struct packet packet, uint32_t offset,
                           uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                putf(printer, " %02x", get8(printer, packet, offset + i));
}

/* All characters, zero bytes too. */
static void put_all(struct printer *printer, struct packet value)
{
        if (!characters_print(printer, value, 0, value.length))
                printer_abandon_short(printer);
}

static void text_print(struct printer *printer, struct packet value)
{
        put_char(printer, '\'');
        put_all(printer, value);
        put_char(printer, '\'');
}

/* The lines of the text, indented. */
static void version_print(struct printer *printer, struct packet value)
{
        put(printer, "\n\t  ");
        for (uint32_t i = 0; i < value.length; i++) {
                uint8_t c = get8(printer, value, i);

                if (c == '\n')
                        put(printer, "\n\t  ");
                else
                        put_visible(printer, c);
        }
}

/* One of the addresses; `left` is how many there are with this one. Returns its size, or 0 if it is
 * cut short. */
static uint32_t address_print(struct printer *printer, struct packet value, uint32_t left)
{
        enum { PROTOCOL = 2, NLPID = 1, IPV4_NLPID = 0xcc };
        static const uint8_t ipv6[] = {2, 8, 0xaa, 0xaa, 3, 0, 0, 0, 0x86, 0xdd, 0, 16};
        uint8_t protocol_size;
        uint32_t size;

        if (value.length < PROTOCOL) {
                put(printer, " (not enough space for PT+PL)");
                return 0;
        }
        protocol_size = get8(printer, value, 1);
        if (value.length < PROTOCOL + protocol_size + 2u) {
                put(printer, " (not enough space for P+AL)");
                return 0;
        }
        need_hard(printer, value, PROTOCOL, protocol_size);
        size = get16(printer, value, PROTOCOL + protocol_size);
        if (protocol_size == 1 && get8(printer, value, 0) == NLPID &&
            get8(printer, value, PROTOCOL) == IPV4_NLPID && size == 4) {
                if (value.length < 9) {
                        put(printer, " (not enough space for A)");
                        return 0;
                }
                need_hard(printer, value, 0, 9);
                putf(printer, "IPv4 (%u) ", left);
                put_ipv4_at(printer, value, 5);
                return 9;
        }
        if (value.length >= sizeof ipv6 && has(value, 0, sizeof ipv6) &&
            memcmp(value.data, ipv6, sizeof ipv6) == 0) {
                if (value.length < sizeof ipv6 + 16) {
                        put(printer, " (not enough space for A)");
                        return 0;
                }
                need_hard(printer, value, sizeof ipv6, 16);
                putf(printer, "IPv6 (%u) ", left);
                put_ipv6_at(printer, value, sizeof ipv6);
                return sizeof ipv6 + 16;
        }
        putf(printer, "pt=0x%02x, pl=%u, pb=", get8(printer, value, 0), protocol_size);
        put_hex_spaced(printer, value, PROTOCOL, protocol_size);
        putf(printer, ", al=%u, a=", size);
        if (value.length < PROTOCOL + protocol_size + 2u + size) {
                put(printer, " (not enough space for A)");
                return 0;
        }
        put_hex_spaced(printer, value, PROTOCOL + protocol_size + 2u, size);
        return PROTOCOL + protocol_size + 2u + size;
}

static void addresses_print(struct printer *printer, struct packet value)
{
        uint32_t count;

        if (value.length < 4) {
                put(printer, " (not enough space for num)");
                need_hard(printer, value, 0, value.length);
                return;
        }
        count = get32(printer, value, 0);
        value = packet_from(value, 4);
        for (uint32_t left = count; left > 0; left--) {
                uint32_t size;

                if (left != count)
                        put_char(printer, ' ');
                size = address_print(printer, value, left);
                if (size == 0) {
                        need_hard(printer, value, 0, value.length);
                        return;
                }
                value = packet_from(value, size);
        }
        if (value.length > 0)
                putf(printer, " (%u bytes of stray data)", value.length);
}

static void capability_print(struct printer *printer, struct packet value)
{
        static const struct name names[] = {
            {0x01, "Router"},
            {0x02, "Transparent Bridge"},
            {0x04, "Source Route Bridge"},
            {0x08, "L2 Switch"},
            {0x10, "L3 capable"},
            {0x20, "IGMP snooping"},
            {0x40, "L1 capable"},
            {0, NULL},
        };
        uint32_t bits = get32(printer, value, 0);

        putf(printer, "(0x%08x): ", bits);
        put_flags(printer, names, ", ", bits);
}

static void prefixes_print(struct printer *printer, struct packet value)
{
        enum { PREFIX = 5 };

        if (value.length % PREFIX != 0) {
                putf(printer, " [length %u is not a multiple of 5]", value.length);
                need_hard(printer, value, 0, value.length);
                return;
        }
        putf(printer, " IPv4 Prefixes (%u):", value.length / PREFIX);
        for (uint32_t at = 0; at < value.length; at += PREFIX) {
                need_hard(printer, value, at, PREFIX);
                put_char(printer, ' ');
                put_ipv4_numeric_at(printer, value, at);
                putf(printer, "/%u", get8(printer, value, at + 4));
        }
}

static void vlan_print(struct printer *printer, struct packet value)
{
        put_decimal(printer, get16(printer, value, 0));
}

static void duplex_print(struct printer *printer, struct packet value)
{
        put(printer, get8(printer, value, 0) ? "full" : "half");
}

static void voice_vlan_print(struct printer *printer, struct packet value)
{
        if (value.length == 3)
                putf(printer, "app %u, vlan %u", get8(printer, value, 0), get16(printer, value, 1));
        else
                putf(printer, "unknown 0x%04x", get16(printer, value, 0));
}

static uint32_t get_number(struct printer *printer, struct packet value)
{
        uint32_t number = 0;

        for (uint32_t i = 0; i < value.length; i++)
                number = number << 8 | get8(printer, value, i);
        return number;
}

/* In milliwatts. */
static void power_print(struct printer *printer, struct packet value)
{
        put_real(printer, get_number(printer, value) / 1000.0, 2);
        put_char(printer, 'W');
}

static void mtu_print(struct printer *printer, struct packet value)
{
        putf(printer, "%u bytes", get32(printer, value, 0));
}

static void byte_print(struct printer *printer, struct packet value)
{
        putf(printer, "0x%02x", get8(printer, value, 0));
}

static void location_print(struct printer *printer, struct packet value)
{
        byte_print(printer, value);
        if (value.length > 1) {
                put_char(printer, '/');
                put_all(printer, packet_from(value, 1));
        }
}

/* Indexed by type. A field without a printer is named only. */
static const struct field {
        const char *name;
        field_printer *print;
        uint32_t least, most; /* bytes its value may have; no bound where `most` is 0 */
} fields[] = {
    [DEVICE_ID] = {"Device-ID", text_print, 0, 0},
    [ADDRESS] = {"Address", addresses_print, 0, 0},
    [0x03] = {"Port-ID", text_print, 0, 0},
    [0x04] = {"Capability", capability_print, 4, 4},
    [0x05] = {"Version String", version_print, 0, 0},
    [0x06] = {"Platform", text_print, 0, 0},
    [0x07] = {"Prefixes", prefixes_print, 0, 0},
    [0x08] = {"Protocol-Hello option", NULL, 0, 0},
    [0x09] = {"VTP Management Domain", text_print, 0, 0},
    [0x0a] = {"Native VLAN ID", vlan_print, 2, 2},
    [0x0b] = {"Duplex", duplex_print, 1, 1},
    [0x0e] = {"ATA-186 VoIP VLAN assignment", voice_vlan_print, 3, 3},
    [0x0f] = {"ATA-186 VoIP VLAN request", voice_vlan_print, 2, 3},
    [0x10] = {"power consumption", power_print, 1, 3},
    [0x11] = {"MTU", mtu_print, 4, 4},
    [0x12] = {"AVVID trust bitmap", byte_print, 1, 1},
    [0x13] = {"AVVID untrusted ports CoS", byte_print, 1, 1},
    [0x14] = {"System Name", text_print, 0, 0},
    [0x15] = {"System Object ID (not decoded)", NULL, 0, 0},
    [MANAGEMENT_ADDRESS] = {"Management Addresses", addresses_print, 4, UINT32_MAX},
    [0x17] = {"Physical Location", location_print, 1, UINT32_MAX},
};

static const struct field unknown_field = {NULL, NULL, 0, 0};

static const char *field_name(uint16_t type)
{
        const char *name = type < sizeof fields / sizeof *fields ? fields[type].name : NULL;

        return name ? name : "unknown field type";
}

/* A field that claims to be smaller than its header. */
static void short_print(struct printer *printer, uint16_t type, uint32_t size)
{
        if (printer->options.verbose)
                put_damage(printer, "\n\t%s (0x%02x), TLV length: %u byte%s (too short)",
                           field_name(type), type, size, size == 1 ? "" : "s");
        else
                put_damage(printer, ", %s TLV length %u too short", field_name(type), size);
}

static void field_print(struct printer *printer, struct packet value, uint16_t type)
{
        bool known = type < sizeof fields / sizeof *fields;
        const struct field *field = known ? &fields[type] : &unknown_field;

        if (printer->options.verbose)
                putf(printer, "\n\t%s (0x%02x), value length: %u byte%s: ", field_name(type), type,
                     value.length, value.length == 1 ? "" : "s");
        else if (type == DEVICE_ID)
                put(printer, ", Device-ID ");
        if (field->most != 0 && (value.length < field->least || value.length > field->most)) {
                put_damage(printer, " (malformed TLV)");
                need_hard(printer, value, 0, value.length);
                dump_hex(printer, "\n\t  ", value, value.length);
        } else if (known && (printer->options.verbose || type == DEVICE_ID)) {
                if (field->print)
                        field->print(printer, value);
                else
                        need_hard(printer, value, 0, value.length);
        } else {
                need_hard(printer, value, 0, value.length);
                dump_hex(printer, "\n\t  ", value, value.length);
        }
}

void cdp_print(struct printer *printer, struct packet packet)
{
        uint32_t whole = packet.length;
        uint8_t version, ttl;

        printer->protocol = "cdp";
        if (packet.length < HEADER) {
                putf(printer, " (packet length %u < 4)", packet.length);
                put_invalid_rest(printer, packet);
                return;
        }
        version = get8(printer, packet, 0);
        ttl = get8(printer, packet, 1);
        putf_as(printer, ROLE_PROTOCOL, "CDPv%u", version);
        putf(printer, ", ttl: %us", ttl);
        need_hard(printer, packet, 2, 2);
        if (printer->options.verbose)
                putf(printer, ", checksum: 0x%04x (unverified), length %u",
                     get16(printer, packet, 2), whole);
        packet = packet_from(packet, HEADER);
        while (packet.length > 0) {
                uint16_t type;
                uint32_t size;

                if (packet.length < FIELD_HEADER) {
                        putf(printer, " (remaining packet length %u < 4)", packet.length);
                        put_invalid_rest(printer, packet);
                        return;
                }
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                if (size < FIELD_HEADER) {
                        short_print(printer, type, size);
                        put_invalid_rest(printer, packet);
                        return;
                }
                if (size > packet.length) {
                        putf(printer, " (TLV length %u > %u)", size, packet.length);
                        put_invalid_rest(printer, packet);
                        return;
                }
                field_print(printer, packet_from(packet_cut(packet, size), FIELD_HEADER), type);
                packet = packet_from(packet, size);
        }
        if (!printer->options.verbose)
                putf(printer, ", length %u", whole);
}
