/* OLSR, RFC 3626, over IPv4 and IPv6, with olsrd's messages of link qualities and of names. */
#include "routing.h"

enum type {
        HELLO = 1,
        TC = 2,
        MID = 3,
        HNA = 4,
        POWER_INFO = 128,
        NAME_SERVICE = 130,
        HELLO_LQ = 201,
        TC_LQ = 202,
};

static uint32_t address_size(const struct printer *printer)
{
        return printer->network->version == 4 ? 4 : 16;
}

static void put_node(struct printer *printer, struct packet packet, uint32_t at)
{
        put_network_address(printer, printer->network,
                            bytes_at(printer, packet, at, address_size(printer)));
}

/* RFC 3626, 3.3.2. */
static void put_time(struct printer *printer, uint8_t value)
{
        put_real(printer, (1 + (value >> 4) / 16.0) * (1u << (value & 15)) / 16, 3);
        put_char(printer, 's');
}

/* Four bytes each, as tcpdump shows those of IPv6, too. */
static void neighbors_print(struct printer *printer, struct packet packet)
{
        put(printer, "\n\t      neighbor\n\t\t");
        for (; packet.length >= 4; packet = packet_from(packet, 4)) {
                put_ipv4_at(printer, packet, 0);
                put_char(printer, ' ');
        }
}

static void qualities_print(struct printer *printer, struct packet packet)
{
        uint32_t address = address_size(printer), size = address + 4;

        for (; packet.length >= size; packet = packet_from(packet, size)) {
                need(printer, packet, 0, size);
                put(printer, "\n\t      neighbor ");
                put_node(printer, packet, 0);
                put(printer, ", link-quality ");
                put_real(printer, get8(printer, packet, address) / 2.55, 2);
                put(printer, "%, neighbor-link-quality ");
                put_real(printer, get8(printer, packet, address + 1) / 2.55, 2);
                put_char(printer, '%');
        }
}

static bool hello_print(struct printer *printer, struct packet packet, uint8_t type)
{
        enum { FIXED = 4, LINK = 4 };
        static const struct name links[] = {
            {0, "Unspecified"}, {1, "Asymmetric"}, {2, "Symmetric"}, {3, "Lost"}, {0, NULL}};
        static const struct name neighbors[] = {
            {0, "Not-Neighbor"}, {1, "Symmetric"}, {2, "Symmetric-MPR"}, {0, NULL}};

        if (packet.length < FIXED)
                return false;
        need(printer, packet, 0, FIXED);
        put(printer, "\n\t  hello-time ");
        put_time(printer, get8(printer, packet, 2));
        putf(printer, ", MPR willingness %u", get8(printer, packet, 3));
        packet = packet_from(packet, FIXED);
        while (packet.length >= LINK) {
                struct packet list;
                uint32_t size;
                uint8_t code;

                need(printer, packet, 0, LINK);
                code = get8(printer, packet, 0);
                size = get16(printer, packet, 2);
                putf(printer, "\n\t    link-type %s, neighbor-type %s, len %u",
                     name_or(links, code & 3u, "Unknown"), name_or(neighbors, code >> 2, "Unknown"),
                     size);
                if (size < LINK || size > packet.length) {
                        put_invalid(printer);
                        break;
                }
                list = packet_from(packet_cut(packet, size), LINK);
                need(printer, list, 0, list.length);
                if (type == HELLO)
                        neighbors_print(printer, list);
                else
                        qualities_print(printer, list);
                packet = packet_from(packet, size);
        }
        return true;
}

static bool topology_print(struct printer *printer, struct packet packet, uint8_t type)
{
        enum { FIXED = 4 };

        if (packet.length < FIXED)
                return false;
        need(printer, packet, 0, FIXED);
        putf(printer, "\n\t    advertised neighbor seq 0x%04x", get16(printer, packet, 0));
        if (type == TC)
                neighbors_print(printer, packet_from(packet, FIXED));
        else
                qualities_print(printer, packet_from(packet, FIXED));
        return true;
}

static void interfaces_print(struct printer *printer, struct packet packet)
{
        uint32_t size = address_size(printer);

        for (; packet.length >= size; packet = packet_from(packet, size)) {
                need(printer, packet, 0, size);
                put(printer, "\n\t  interface address ");
                put_node(printer, packet, 0);
        }
}

/* The ones in front; of IPv4, what tcpdump makes of -1 where zeros are between ones. */
static uint32_t prefix_length(const uint8_t *mask, uint32_t size)
{
        uint32_t length = 0;

        while (length < size * 8 && mask[length / 8] & 0x80u >> length % 8)
                length++;
        /* Of IPv6, a byte in which ones follow a zero does not count. */
        if (size == 16 && length < 128 && (uint8_t)(mask[length / 8] << length % 8) != 0)
                length -= length % 8;
        for (uint32_t i = length; size == 4 && i < 32; i++)
                if (mask[i / 8] & 0x80u >> i % 8)
                        return UINT32_MAX;
        return length;
}

/* A speed has three bits of an exponent of ten, behind a mantissa less one; 0 is none. */
static uint32_t link_speed(uint8_t code)
{
        uint32_t speed = (code >> 3) + 1u;

        for (int exponent = code & 7; exponent > 0; exponent--)
                speed *= 10;
        return code == 0 ? 0 : speed;
}

/* Of olsrd, whose default route says in the mask's place what the gateway has, behind a zero. */
static void gateway_print(struct printer *printer, const uint8_t *mask)
{
        enum { LINK_SPEED = 1 };
        static const struct name abilities[] = {{LINK_SPEED, "LINKSPEED "}, {0x02, "IPV4 "},
                                                {0x04, "IPV4-NAT "},        {0x08, "IPV6 "},
                                                {0x10, "IPv6-PREFIX "},     {0, NULL}};
        bool speed = mask[1] & LINK_SPEED;

        put(printer, "Smart-Gateway: ");
        for (const struct name *ability = abilities; ability->name; ability++)
                if (mask[1] & ability->value)
                        put(printer, ability->name);
        putf(printer, "%u/%u", speed ? link_speed(mask[2]) : 0, speed ? link_speed(mask[3]) : 0);
}

static void networks_print(struct printer *printer, struct packet packet)
{
        uint32_t size = address_size(printer), count = packet.length / (2 * size);

        putf(printer, "\n\t  Advertised networks (total %u)", count);
        for (uint32_t i = 0; i < count; i++, packet = packet_from(packet, 2 * size)) {
                const uint8_t *mask;

                need(printer, packet, 0, 2 * size);
                if (size == 16)
                        put(printer, "\n\t    #0: ");
                else
                        put(printer, i % 4 == 0 ? "\n\t    " : ", ");
                mask = packet.data + size;
                if (size == 4 && get32(printer, packet, 0) == 0 && mask[0] == 0 && mask[1] != 0) {
                        gateway_print(printer, mask);
                        continue;
                }
                put_node(printer, packet, 0);
                putf(printer, "/%u", prefix_length(mask, size));
        }
}

static bool names_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 4, ENTRY = 4 };
        uint32_t address = address_size(printer), count;

        if (packet.length < FIXED)
                return false;
        need_hard(printer, packet, 0, FIXED);
        count = get16(printer, packet, 2);
        putf(printer, "\n\t  Version %u, Entries %u", get16(printer, packet, 0), count);
        /* tcpdump compares with what the fixed part is still in. */
        if (count == 0 || count * (ENTRY + address) > packet.length) {
                put_invalid(printer);
                return true;
        }
        packet = packet_from(packet, FIXED);
        for (uint32_t i = 0; i < count; i++) {
                uint16_t type;
                uint32_t size, padded;

                if (packet.length < ENTRY)
                        break;
                need_hard(printer, packet, 0, ENTRY);
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                putf(printer, "\n\t    #%u: type ", i);
                putf(printer, type == 0 ? "000000" : "0x%04x", type);
                putf(printer, ", length %u", size);
                packet = packet_from(packet, ENTRY);
                if (size == 0 || address + size > packet.length) {
                        put_invalid(printer);
                        break;
                }
                padded = (size + 3) & ~3u;
                need(printer, packet, 0, address + padded);
                put(printer, ", address ");
                put_node(printer, packet, 0);
                put(printer, ", name \"");
                packet = packet_from(packet, address);
                for (uint32_t at = 0; at < size; at++)
                        put_visible(printer, get8(printer, packet, at));
                put_char(printer, '"');
                packet = packet_from(packet, padded);
        }
        return true;
}

/* Returns false where it is cut off. */
static bool body_print(struct printer *printer, struct packet packet, uint8_t type)
{
        switch (type) {
        case HELLO:
        case HELLO_LQ: return hello_print(printer, packet, type);
        case TC:
        case TC_LQ: return topology_print(printer, packet, type);
        case MID: interfaces_print(printer, packet); break;
        case HNA: networks_print(printer, packet); break;
        case NAME_SERVICE: return names_print(printer, packet);
        default: dump_hex(printer, "\n\t    ", packet, packet.length);
        }
        return true;
}

/* `limit` is the length of the packet. Returns the message's, or 0 where nothing follows. */
static uint32_t message_print(struct printer *printer, struct packet packet, uint32_t limit)
{
        static const struct name types[] = {{HELLO, "Hello"},
                                            {TC, "TC"},
                                            {MID, "MID"},
                                            {HNA, "HNA"},
                                            {POWER_INFO, "Powerinfo"},
                                            {NAME_SERVICE, "Nameservice"},
                                            {HELLO_LQ, "Hello-LQ"},
                                            {TC_LQ, "TC-LQ"},
                                            {0, NULL}};
        uint32_t address = address_size(printer), header = 8 + address, size;
        struct packet body;
        uint8_t type;

        need(printer, packet, 0, header);
        type = get8(printer, packet, 0);
        size = get16(printer, packet, 2);
        if (type == 0 || size == 0)
                return 0;
        putf(printer, "\n\t%s Message (0x%02x), originator ", name_or(types, type, "Unknown"),
             type);
        put_node(printer, packet, 4);
        putf(printer, ", ttl %u, hop %u\n\t  vtime ", get8(printer, packet, 4 + address),
             get8(printer, packet, 5 + address));
        put_time(printer, get8(printer, packet, 1));
        putf(printer, ", msg-seq 0x%04x, length %u", get16(printer, packet, 6 + address), size);
        if (size < header || size > limit) {
                put_invalid(printer);
                return 0;
        }
        body = packet_cut(packet_from(packet, header), size - header);
        if (!body_print(printer, body, type)) {
                put_truncated(printer);
                return 0;
        }
        return size;
}

void olsr_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 4 };
        uint32_t length, size;

        printer->protocol = "olsr";
        putf(printer, "OLSRv%u", (unsigned)printer->network->version);
        need_length(printer, packet, HEADER);
        need(printer, packet, 0, HEADER);
        length = get16(printer, packet, 0);
        if (length > packet.length)
                length = packet.length;
        putf(printer, ", seq 0x%04x, length %u", get16(printer, packet, 2), length);
        if (!printer->options.verbose)
                return;
        for (uint32_t at = HEADER; at < length; at += size) {
                size = message_print(printer, packet_from(packet, at), length);
                if (size == 0)
                        return;
        }
}
