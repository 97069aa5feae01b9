/* Captures of Juniper's routers: the header in front of what an interface card (PIC) has seen. It
 * has flags, perhaps extensions that name the interface, and a cookie of a size that depends on the
 * card. */
#include "juniper.h"

enum {
        MAGIC = 0x4d4743,
        FLAGS = 3,
        SIZE = 4,
        FLAG_IN = 0x01,
        FLAG_NO_LINK = 0x02, /* a number, and IP */
        FLAG_EXTENSIONS = 0x80,
        COOKIE_LINK_SERVICES = 0x54, /* first bytes of cookies */
        COOKIE_SERVICES = 0x47,
        COOKIE_MAX = 8,
};

static const struct name flag_names[] = {
    {FLAG_EXTENSIONS, "Ext"}, {0x40, "Filter"}, {0x04, "IIF"},
    {FLAG_NO_LINK, "no-L2"},  {FLAG_IN, "In"},  {0, NULL},
};

static const struct name media[] = {
    {1, "Ethernet"},
    {2, "FDDI"},
    {3, "Token-Ring"},
    {4, "PPP"},
    {5, "Frame-Relay"},
    {6, "Cisco-HDLC"},
    {7, "SMDS-DXI"},
    {8, "ATM-PVC"},
    {9, "PPP-CCC"},
    {10, "Frame-Relay-CCC"},
    {11, "IP-over-IP"},
    {12, "GRE"},
    {13, "PIM-Encapsulator"},
    {14, "PIM-Decapsulator"},
    {15, "Cisco-HDLC-CCC"},
    {16, "VLAN-CCC"},
    {17, "Multilink-PPP"},
    {18, "Multilink-FR"},
    {19, "Multilink"},
    {20, "LSI"},
    {22, "ATM-CCC-Cell-Relay"},
    {23, "IPSEC-over-IP"},
    {24, "GGSN"},
    {27, "PPP-TCC"},
    {28, "Frame-Relay-TCC"},
    {29, "Cisco-HDLC-TCC"},
    {30, "Ethernet-CCC"},
    {31, "VPN-Loopback-tunnel"},
    {32, "Extended-VLAN-CCC"},
    {33, "Ethernet-over-ATM"},
    {34, "Monitor"},
    {35, "Ethernet-TCC"},
    {36, "VLAN-TCC"},
    {37, "Extended-VLAN-TCC"},
    {38, "Controller"},
    {39, "Multilink-FR-UNI-NNI"},
    {40, "LinkService"},
    {41, "VPLS"},
    {42, "VLAN-VPLS"},
    {43, "Extended-VLAN-VPLS"},
    {44, "Logical-tunnel"},
    {45, "General-Services"},
    {46, "Ethernet-VPLS-over-ATM"},
    {48, "Extended FR-CCC"},
    {49, "Extended FR-TCC"},
    {50, "Flexible-FrameRelay"},
    {52, "Flexible-Ethernet-Services"},
    {53, "Flow-collection"},
    {56, "PPPoE"},
    {57, "PPP-Subordinate"},
    {59, "Dynamic-Flow-Capture"},
    {60, "PIC Peer"},
    {0, NULL},
};

static const struct name encapsulations[] = {
    {2, "ATM SNAP"},
    {3, "ATM NLPID"},
    {4, "ATM VCMUX"},
    {5, "ATM LLC"},
    {6, "PPP over ATM VCMUX"},
    {7, "PPP over ATM LLC"},
    {8, "PPP over FUNI"},
    {9, "CCC over ATM"},
    {10, "FR NLPID"},
    {11, "FR SNAP"},
    {12, "FR PPP"},
    {13, "FR CCC"},
    {14, "Ethernet"},
    {17, "PPP"},
    {18, "C-HDLC"},
    {19, "PPP CCC"},
    {20, "IPIP"},
    {21, "PIM Null"},
    {22, "GRE NULL"},
    {23, "PPP over GRE"},
    {24, "PIMd"},
    {25, "C-HDLC CCC"},
    {26, "CISCO compatible NLPID"},
    {27, "VLAN CCC"},
    {28, "MLPPP"},
    {29, "MLFR"},
    {30, "LSI Null"},
    {32, "ATM CCC Cell Relay"},
    {33, "Crypto"},
    {34, "GGSN"},
    {35, "ATM VCMUX TCC"},
    {36, "FR TCC"},
    {37, "PPP TCC"},
    {38, "C-HDLC TCC"},
    {39, "Ethernet CCC"},
    {40, "VT"},
    {41, "Ethernet over ATM LLC"},
    {42, "Extended VLAN CCC"},
    {43, "ATM SNAP TCC"},
    {44, "Monitor"},
    {45, "Ethernet TCC"},
    {46, "VLAN TCC"},
    {47, "Extended VLAN TCC"},
    {48, "MFR"},
    {49, "VPLS"},
    {50, "VLAN VPLS"},
    {51, "Extended VLAN VPLS"},
    {52, "General Services"},
    {53, "Ethernet VPLS over ATM LLC"},
    {54, "FR CCC"},
    {55, "MLPPP over ATM LLC"},
    {56, "Ethernet over ATM CCC"},
    {57, "LT VLAN"},
    {58, "Collector"},
    {59, "Aggregator"},
    {60, "LAPD"},
    {61, "PPPoE over ATM LLC"},
    {62, "PPPoE over Ethernet"},
    {63, "PPPoE"},
    {64, ""},
    {65, "C-HDLC via dialer"},
    {0, NULL},
};

static const struct name no_names[] = {{0, NULL}};

/* Values of the last are numbers where there are no names. */
static const struct extension {
        uint8_t type;
        const char *name;
        const struct name *values;
} extensions[] = {
    {1, "Device Interface Index", NULL},
    {2, "Device Interface Name", no_names}, /* never shown */
    {3, "Device Media Type", media},
    {4, "Logical Interface Index", NULL},
    {5, "Logical Unit Number", NULL},
    {6, "Logical Interface Encapsulation", encapsulations},
    {7, "TTP derived Device Media Type", media},
    {8, "TTP derived Logical Interface Encapsulation", encapsulations},
};

static const struct extension unknown_extension = {0, "Unknown", NULL};

static const struct extension *extension_find(uint8_t type)
{
        for (size_t i = 0; i < array_count(extensions); i++)
                if (extensions[i].type == type)
                        return &extensions[i];
        return &unknown_extension;
}

/* Little-endian up to type 127. */
static uint32_t value_get(struct printer *printer, struct packet value, uint8_t type)
{
        uint32_t result = 0;

        for (uint32_t i = 0; i < value.length; i++) {
                uint32_t byte = get8(printer, value, i);

                result = type < 128 ? result | byte << 8 * i : result << 8 | byte;
        }
        return result;
}

static void extension_print(struct printer *printer, uint8_t type, struct packet value)
{
        enum { MAX_SIZE = 4 };
        const struct extension *extension = extension_find(type);
        uint32_t number;

        putf(printer, "\n\t  %s Extension TLV #%u, length %u, value ", extension->name, type,
             value.length);
        if (value.length > MAX_SIZE || extension->values == no_names)
                return;
        number = value_get(printer, value, type);
        if (extension->values)
                putf(printer, "%s (%u)", name_or(extension->values, number, "Unknown"), number);
        else
                put_decimal(printer, number);
}

/* Returns false if they contradict themselves, of which it tells. */
static bool extensions_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 2 };

        while (packet.length > HEADER) {
                uint8_t type = get8(printer, packet, 0);
                uint32_t size = get8(printer, packet, 1);

                if (type == 0 || size == 0)
                        return true;
                if (size + HEADER > packet.length) {
                        put_damage(printer, " [extension_length %u < %u]", packet.length,
                                   size + HEADER);
                        put_invalid(printer);
                        return false;
                }
                if (printer->verbose > 1)
                        extension_print(printer, type,
                                        packet_cut(packet_from(packet, HEADER), size));
                packet = packet_from(packet, HEADER + size);
        }
        return true;
}

bool juniper_ip_print(struct printer *printer, struct packet packet)
{
        uint8_t first = get8(printer, packet, 0);

        if (first >= 0x45 && first <= 0x4f)
                return protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV4, packet);
        if (first >= 0x60 && first <= 0x6f)
                return protocol_print(printer, ETHERTYPE, ETHERTYPE_IPV6, packet);
        return false;
}

/* Without the link header that the interface saw. */
static void bare_print(struct printer *printer, struct packet packet, uint32_t offset)
{
        enum { PREFIX = 4 };

        if (printer->options.link_header)
                put(printer, "no-L2-hdr, ");
        need_hard(printer, packet, offset, PREFIX + 1);
        printer->link_header += offset + PREFIX;
        if (!juniper_ip_print(printer, packet_from(packet, offset + PREFIX)))
                put_damage(printer, "no IP-hdr found!");
}

/* What interests of the cookie, by its first byte. */
static void cookie_read(struct printer *printer, struct juniper *juniper, struct packet cookie)
{
        switch (juniper->kind) {
        case JUNIPER_SERVICES:
                juniper->protocol = get8(printer, cookie, 5) & 0x70;
                juniper->bundle = get16(printer, cookie, 6) >> 3 & 0xfff;
                break;
        case JUNIPER_LINK_SERVICES: juniper->bundle = get8(printer, cookie, 1); break;
        case JUNIPER_PLAIN: juniper->bundle = get8(printer, cookie, 0); break;
        }
}

static bool cookie_print(struct printer *printer, struct packet packet, uint32_t offset,
                         const struct juniper_pic *pic, struct juniper *juniper)
{
        bool linked = printer->options.link_header;
        uint8_t first = get8(printer, packet, offset);

        juniper->kind = JUNIPER_PLAIN;
        juniper->cookie_size = pic->cookie_size;
        if (pic->bare_fragments && (first & 0xc0) == 0xc0)
                juniper->cookie_size = 0;
        if (first == COOKIE_LINK_SERVICES) {
                juniper->kind = JUNIPER_LINK_SERVICES;
                juniper->cookie_size += 2;
        } else if (first == COOKIE_SERVICES) {
                juniper->kind = JUNIPER_SERVICES;
                juniper->cookie_size = COOKIE_MAX;
        }
        if (linked)
                putf(printer, "%s-PIC, cookie-len %u", pic->name, juniper->cookie_size);
        juniper->header = offset + juniper->cookie_size;
        if (juniper->cookie_size > COOKIE_MAX) {
                printer->link_header += juniper->header;
                put_invalid(printer);
                return false;
        }
        juniper->cookie = bytes_at(printer, packet, offset, juniper->cookie_size);
        if (linked && juniper->cookie_size > 0) {
                put(printer, ", cookie 0x");
                put_hex_bytes(printer, packet, offset, juniper->cookie_size);
        }
        if (linked)
                put(printer, ": ");
        juniper->protocol = get16(printer, packet, juniper->header);
        if (pic->bundles && juniper->cookie_size > 0)
                cookie_read(printer, juniper, packet_from(packet, offset));
        return true;
}

bool juniper_header_print(struct printer *printer, struct packet packet,
                          const struct juniper_pic *pic, struct juniper *juniper)
{
        uint32_t offset = SIZE;
        uint8_t flags;

        *juniper = (struct juniper){.header = SIZE};
        printer->protocol = pic->protocol;
        need_hard(printer, packet, 0, SIZE);
        flags = get8(printer, packet, FLAGS);
        if (get24(printer, packet, 0) != MAGIC) {
                put_damage(printer, "no magic-number found!");
                return false;
        }
        juniper->in = flags & FLAG_IN;
        if (printer->options.link_header)
                put(printer, juniper->in ? " In " : "Out ");
        if (printer->verbose > 1)
                put_flag_list(printer, "\n\tJuniper PCAP Flags [", flag_names, flags);
        if (flags & FLAG_EXTENSIONS) {
                uint16_t size = get16(printer, packet, SIZE);

                if (printer->verbose > 1)
                        putf(printer, ", PCAP Extension(s) total length %u", size);
                offset += 2;
                need_hard(printer, packet, offset, size);
                if (!extensions_print(printer, packet_cut(packet_from(packet, offset), size)))
                        return false;
                offset += size;
                if (printer->verbose > 1)
                        put(printer, "\n\t-----original packet-----\n\t");
        }
        if (flags & FLAG_NO_LINK) {
                bare_print(printer, packet, offset);
                return false;
        }
        juniper->header = offset;
        if (pic->name && !cookie_print(printer, packet, offset, pic, juniper))
                return false;
        return true;
}

void juniper_header_end(struct printer *printer, struct packet *packet,
                        const struct juniper *juniper)
{
        if (printer->options.link_header)
                putf(printer, "hlen %u, proto 0x%04x, ", juniper->header, juniper->protocol);
        printer->link_header += juniper->header;
        *packet = packet_from(*packet, juniper->header);
}

void juniper_link_print(struct printer *printer, uint32_t link_type, struct packet packet)
{
        printer->outer_header += printer->link_header_times * printer->link_header;
        printer->link_header_times = 0;
        protocol_print(printer, LINK_TYPE, link_type, packet);
}
