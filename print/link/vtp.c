/* Cisco's VLAN Trunking Protocol. */
#include "link.h"

enum {
        /* Where fields are in a message. */
        TYPE = 1,
        DETAIL = 2,
        DOMAIN_SIZE = 3,
        DOMAIN = 4,
        HEADER = 36,
        REVISION = 36,
        UPDATER = 40,
        TIME = 44,
        DIGEST = 56,
        SUMMARY_SIZE = 72,
        VLANS = 40,
        MAX_DOMAIN = 32,
        /* In the description of a VLAN. */
        STATUS = 1,
        KIND = 2,
        NAME_SIZE = 3,
        NUMBER = 4,
        MTU = 6,
        SAID = 8,
        NAME = 12,
};

enum message { SUMMARY = 1, SUBSET = 2, REQUEST = 3, JOIN = 4 };

enum field { STP_TYPE = 3, PRUNING = 6, BRIDGE_TYPE = 7, HOPS = 9, BACKUP = 10 };

static const struct name messages[] = {
    {SUMMARY, "Summary advertisement"},
    {SUBSET, "Subset advertisement"},
    {REQUEST, "Advertisement request"},
    {JOIN, "Join message"},
    {0, NULL},
};

/* What the third byte of the header is. */
static const struct name details[] = {
    {SUMMARY, "Followers"}, {SUBSET, "Seq number"}, {REQUEST, "Rsvd"}, {JOIN, "Rsvd"}, {0, NULL},
};

static const struct name kinds[] = {
    {1, "Ethernet"}, {2, "FDDI"}, {3, "TrCRF"}, {4, "FDDI-net"}, {5, "TrBRF"}, {0, NULL},
};

static const struct name states[] = {{0, "Operational"}, {1, "Suspended"}, {0, NULL}};

static const struct name field_names[] = {
    {1, "Source-Routing Ring Number TLV"},
    {2, "Source-Routing Bridge Number TLV"},
    {STP_TYPE, "STP type TLV"},
    {4, "Parent VLAN TLV"},
    {5, "Translationally bridged VLANs TLV"},
    {PRUNING, "Pruning TLV"},
    {BRIDGE_TYPE, "Bridge Type TLV"},
    {8, "Max ARP Hop Count TLV"},
    {HOPS, "Max STE Hop Count TLV"},
    {BACKUP, "Backup CRF Mode TLV"},
    {0, NULL},
};

static void summary_print(struct printer *printer, struct packet packet)
{
        need_hard(printer, packet, REVISION, 8);
        putf(printer, "\n\t  Config Rev %x, Updater ", get32(printer, packet, REVISION));
        put_ipv4_at(printer, packet, UPDATER);
        need_hard(printer, packet, TIME, DIGEST - TIME);
        putf(printer, ", Timestamp 0x%08x", get32(printer, packet, TIME));
        putf(printer, " 0x%08x", get32(printer, packet, TIME + 4));
        putf(printer, " 0x%08x", get32(printer, packet, TIME + 8));
        need_hard(printer, packet, DIGEST, 16);
        put(printer, ", MD5 digest: ");
        for (uint32_t i = 0; i < 16; i += 4)
                put_hex(printer, get32(printer, packet, DIGEST + i), 8);
}

static void field_print(struct printer *printer, struct packet field, uint8_t type)
{
        enum { VALUE = 2 };
        static const struct name stp_types[] = {{1, "SRT"}, {2, "SRB"}, {3, "Auto"}, {0, NULL}};
        uint16_t value = get16(printer, field, VALUE);

        switch (type) {
        case STP_TYPE:
                putf(printer, ", %s (%u)", name_or(stp_types, value, "Unknown"), value);
                break;
        case PRUNING: putf(printer, ", %s (%u)", value == 1 ? "Enabled" : "Disabled", value); break;
        case BRIDGE_TYPE: putf(printer, ", %s (%u)", value == 1 ? "SRB" : "SRT", value); break;
        case HOPS: putf(printer, ", %u", value); break;
        case BACKUP: putf(printer, ", %s (%u)", value == 1 ? "Backup" : "Not backup", value); break;
        default: dump_hex(printer, "\n\t\t  ", field, field.length); break;
        }
}

/* False if a field is malformed. */
static bool fields_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                uint8_t type;
                uint32_t words, size;

                if (packet.length < 2)
                        return false;
                type = get8(printer, packet, 0);
                words = get8(printer, packet, 1);
                putf(printer, "\n\t\t%s (0x%04x) TLV", name_or(field_names, type, "Unknown"), type);
                size = 2 + 2 * words;
                if (size > packet.length) {
                        put_damage(printer, " (TLV goes past the end of the packet)");
                        return false;
                }
                need_hard(printer, packet, 0, size);
                if (words != 1) {
                        put_damage(printer, " (invalid TLV length %u != 1)", words);
                        return false;
                }
                field_print(printer, packet_cut(packet, size), type);
                packet = packet_from(packet, size);
        }
        return true;
}

/* A VLAN: a fixed part, its name padded to words, and fields. */
static bool vlan_print(struct printer *printer, struct packet vlan)
{
        uint8_t status = get8(printer, vlan, STATUS), kind = get8(printer, vlan, KIND);
        uint32_t name_size, padded;

        need_hard(printer, vlan, 0, NAME);
        putf(printer, "\n\tVLAN info status %s, type ", name_or(states, status, "Unknown"));
        put_name(printer, kinds, "Unknown", kind);
        putf(printer, ", VLAN-id %u, MTU %u, SAID 0x%08x, Name ", get16(printer, vlan, NUMBER),
             get16(printer, vlan, MTU), get32(printer, vlan, SAID));
        name_size = get8(printer, vlan, NAME_SIZE);
        padded = (name_size + 3) / 4 * 4;
        if (NAME + padded > vlan.length)
                return false;
        put_until_zero(printer, packet_cut(packet_from(vlan, NAME), name_size));
        return fields_print(printer, packet_from(vlan, NAME + padded));
}

static bool subset_print(struct printer *printer, struct packet packet)
{
        putf(printer, ", Config Rev %x", get32(printer, packet, REVISION));
        packet = packet_from(packet, VLANS);
        while (packet.length > 0) {
                uint32_t size = get8(printer, packet, 0);

                if (size == 0)
                        return true;
                need_hard(printer, packet, 0, size);
                if (size < NAME || !vlan_print(printer, packet_cut(packet, size)))
                        return false;
                packet = packet_from(packet, size);
        }
        return true;
}

void vtp_print(struct printer *printer, struct packet packet)
{
        uint8_t type;
        uint32_t domain_size;

        printer->protocol = "vtp";
        if (packet.length < HEADER) {
                put_invalid_rest(printer, packet);
                return;
        }
        need_hard(printer, packet, 0, HEADER);
        type = get8(printer, packet, TYPE);
        putf_as(printer, ROLE_PROTOCOL, "VTPv%u", get8(printer, packet, 0));
        putf(printer, ", Message %s (0x%02x), length %u",
             name_or(messages, type, "Unknown message type"), type, packet.length);
        if (!printer->options.verbose) {
                need_hard(printer, packet, 0, packet.length);
                return;
        }
        domain_size = get8(printer, packet, DOMAIN_SIZE);
        put(printer, "\n\tDomain name: ");
        if (domain_size < 1 || domain_size > MAX_DOMAIN) {
                put_damage(printer, " [invalid MgmtD Len %u]", domain_size);
                put_invalid_rest(printer, packet);
                return;
        }
        put_until_zero(printer, packet_cut(packet_from(packet, DOMAIN), domain_size));
        putf(printer, ", %s: %u", name_or(details, type, "Unknown"), get8(printer, packet, DETAIL));
        switch (type) {
        case SUMMARY: summary_print(printer, packet); break;
        case SUBSET:
                if (!subset_print(printer, packet))
                        put_invalid_rest(printer, packet);
                break;
        case REQUEST: putf(printer, "\n\tStart value: %u", get32(printer, packet, HEADER)); break;
        default: break;
        }
}
