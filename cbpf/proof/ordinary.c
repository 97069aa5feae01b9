/* Ordinary packets, put together from headers, with addresses for documentation (RFC 5737, RFC
 * 3849).
 */
#include "ordinary.h"

#include "net/checksum.h"
#include "net/link_types.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <string.h>

enum {
        IPV4_HEADER = 20,
        IPV6_HEADER = 40,
        CHANGED_NAME = 2,   /* an address, a port, or what is carried */
        CHANGED_HEADER = 6, /* what headers say */
        IGMP = 2,
        SCTP = 132,
};

static const uint8_t destination_mac[] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x02};
static const uint8_t source_mac[] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x01};
static const uint8_t ipv4_addresses[] = {192, 0, 2, 1, 198, 51, 100, 2};
static const uint8_t ipv6_addresses[] = {0x20, 0x01, 0x0d, 0xb8, 0, 0,    0,    0,    0,    0, 0,
                                         0,    0,    0,    0,    1, 0x20, 0x01, 0x0d, 0xb8, 0, 0,
                                         0,    0,    0,    0,    0, 0,    0,    0,    0,    2};

static void put(struct ordinary *ordinary, const void *bytes, size_t size)
{
        if (ordinary->size + size > ORDINARY_SIZE)
                return;
        memcpy(ordinary->bytes + ordinary->size, bytes, size);
        ordinary->size += (uint32_t)size;
}

static void put16(struct ordinary *ordinary, uint32_t value)
{
        uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};

        put(ordinary, bytes, sizeof bytes);
}

static void put_zeros(struct ordinary *ordinary, size_t count)
{
        static const uint8_t zeros[ORDINARY_SIZE];

        put(ordinary, zeros, count);
}

/* Headers of links; each ends with what announces `ethertype`. */

static void put_ethernet(struct ordinary *ordinary, uint16_t ethertype)
{
        put(ordinary, destination_mac, sizeof destination_mac);
        put(ordinary, source_mac, sizeof source_mac);
        put16(ordinary, ethertype);
}

static uint16_t ppp_protocol(uint16_t ethertype)
{
        return ethertype == ETHERTYPE_IP ? 0x21 : ethertype == ETHERTYPE_IPV6 ? 0x57 : ethertype;
}

static void put_sll2(struct ordinary *ordinary, uint16_t ethertype)
{
        static const uint8_t rest[] = {0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 0, 0, 0x5e, 0, 0x53, 1, 0, 0};

        put16(ordinary, ethertype);
        put(ordinary, rest, sizeof rest);
}

static void put_sll(struct ordinary *ordinary, uint16_t ethertype)
{
        static const uint8_t start[] = {0, 0, 0, 1, 0, 6, 0, 0, 0x5e, 0, 0x53, 1, 0, 0};

        put(ordinary, start, sizeof start);
        put16(ordinary, ethertype);
}

/* A data frame to the distribution system, and SNAP. */
static void put_wireless(struct ordinary *ordinary, uint16_t ethertype)
{
        static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0};

        put(ordinary, "\x08\x01\x00\x00", 4);
        put(ordinary, destination_mac, sizeof destination_mac);
        put(ordinary, source_mac, sizeof source_mac);
        put(ordinary, destination_mac, sizeof destination_mac);
        put16(ordinary, 0);
        put(ordinary, snap, sizeof snap);
        put16(ordinary, ethertype);
}

/* Zeros, with the number of the network protocol where the link type has it. */
static void put_other(struct ordinary *ordinary, int link_type, uint16_t ethertype)
{
        const struct net_link_type *known = net_link_type(link_type);
        uint32_t payload = known ? net_link_payload_offset(known) : 0;
        uint32_t number = known ? net_link_type_offset(known) : 0;

        put_zeros(ordinary, payload);
        if (number + 2 <= ordinary->size) {
                ordinary->bytes[number] = (uint8_t)(ethertype >> 8);
                ordinary->bytes[number + 1] = (uint8_t)ethertype;
        }
}

static void put_link(struct ordinary *ordinary, int link_type, uint16_t ethertype)
{
        ordinary->ethertype = ethertype;
        switch (link_type) {
        case DLT_EN10MB: put_ethernet(ordinary, ethertype); break;
        case DLT_LINUX_SLL: put_sll(ordinary, ethertype); break;
        case DLT_LINUX_SLL2: put_sll2(ordinary, ethertype); break;
        case DLT_RAW:
        case DLT_IPV4:
        case DLT_IPV6: break;
        case DLT_NULL: {
                uint32_t family = ethertype == ETHERTYPE_IPV6 ? AF_INET6 : AF_INET;

                put(ordinary, &family, sizeof family);
                break;
        }
        case DLT_LOOP:
                put16(ordinary, 0);
                put16(ordinary, ethertype == ETHERTYPE_IPV6 ? AF_INET6 : AF_INET);
                break;
        case DLT_PPP:
        case DLT_PPP_SERIAL:
                put16(ordinary, 0xff03);
                put16(ordinary, ppp_protocol(ethertype));
                break;
        case DLT_IEEE802_11: put_wireless(ordinary, ethertype); break;
        case DLT_IEEE802_11_RADIO:
                put(ordinary, "\x00\x00\x08\x00\x00\x00\x00\x00", 8);
                put_wireless(ordinary, ethertype);
                break;
        default: put_other(ordinary, link_type, ethertype);
        }
        ordinary->network = ordinary->size;
}

/* Transports, without checksums. */
static void put_transport(struct ordinary *ordinary, unsigned protocol)
{
        static const uint8_t tcp[] = {0xc0, 0, 0,    80, 0,    0,    0, 1, 0, 0,
                                      0,    0, 0x50, 2,  0xfa, 0xf0, 0, 0, 0, 0};
        static const uint8_t udp[] = {0xc0, 0, 0, 53, 0, 8, 0, 0};
        static const uint8_t echo[] = {8, 0, 0, 0, 0, 1, 0, 1};
        static const uint8_t echo6[] = {128, 0, 0, 0, 0, 1, 0, 1};
        static const uint8_t igmp[] = {0x11, 100, 0, 0, 0, 0, 0, 0};
        static const uint8_t sctp[] = {0xc0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 20,
                                       0,    0, 0, 1,  0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1};
        static const uint8_t gre[] = {0, 0, 0x08, 0};

        switch (protocol) {
        case IPPROTO_TCP: put(ordinary, tcp, sizeof tcp); break;
        case IPPROTO_UDP: put(ordinary, udp, sizeof udp); break;
        case IPPROTO_ICMP: put(ordinary, echo, sizeof echo); break;
        case IPPROTO_ICMPV6: put(ordinary, echo6, sizeof echo6); break;
        case IGMP: put(ordinary, igmp, sizeof igmp); break;
        case SCTP: put(ordinary, sctp, sizeof sctp); break;
        case IPPROTO_GRE: put(ordinary, gre, sizeof gre); break;
        default: put_zeros(ordinary, 8);
        }
}

static void put_ipv4(struct ordinary *ordinary, unsigned protocol)
{
        const uint8_t rest[] = {64, (uint8_t)protocol, 0, 0};

        put16(ordinary, 0x4500);
        put_zeros(ordinary, 2);
        put16(ordinary, 1);
        put16(ordinary, 0);
        put(ordinary, rest, sizeof rest);
        put(ordinary, ipv4_addresses, sizeof ipv4_addresses);
        put_transport(ordinary, protocol);
}

static void put_ipv6(struct ordinary *ordinary, unsigned protocol)
{
        const uint8_t rest[] = {(uint8_t)protocol, 64};

        put16(ordinary, 0x6000);
        put_zeros(ordinary, 4);
        put(ordinary, rest, sizeof rest);
        put(ordinary, ipv6_addresses, sizeof ipv6_addresses);
        put_transport(ordinary, protocol);
}

static void put_arp(struct ordinary *ordinary)
{
        static const uint8_t start[] = {0, 1, 8, 0, 6, 4, 0, 1};

        put(ordinary, start, sizeof start);
        put(ordinary, source_mac, sizeof source_mac);
        put(ordinary, ipv4_addresses, 4);
        put_zeros(ordinary, sizeof destination_mac);
        put(ordinary, ipv4_addresses + 4, 4);
}

static void put_vlan(struct ordinary *ordinary, unsigned protocol)
{
        put16(ordinary, 100);
        put16(ordinary, ETHERTYPE_IP);
        ordinary->network = ordinary->size;
        put_ipv4(ordinary, protocol);
}

/* A configuration BPDU. */
static void put_stp(struct ordinary *ordinary)
{
        static const uint8_t bridges[] = {1, 0x80, 0xc2, 0, 0,  0,    0,    0, 0x5e,
                                          0, 0x53, 1,    0, 38, 0x42, 0x42, 3};

        put(ordinary, bridges, sizeof bridges);
        put_zeros(ordinary, 35);
}

size_t ordinary_packets(int link_type, struct ordinary packets[ORDINARY_MAX])
{
        static const uint8_t ipv4[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, SCTP,
                                       IGMP,        IPPROTO_GRE, IPPROTO_ESP};
        static const uint8_t ipv6[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6, SCTP};
        size_t count = 0;

        memset(packets, 0, ORDINARY_MAX * sizeof *packets);
        for (size_t i = 0; i < sizeof ipv4 && link_type != DLT_IPV6; i++) {
                put_link(&packets[count], link_type, ETHERTYPE_IP);
                put_ipv4(&packets[count++], ipv4[i]);
        }
        for (size_t i = 0; i < sizeof ipv6 && link_type != DLT_IPV4; i++) {
                put_link(&packets[count], link_type, ETHERTYPE_IPV6);
                put_ipv6(&packets[count++], ipv6[i]);
        }
        if (link_type != DLT_RAW && link_type != DLT_IPV4 && link_type != DLT_IPV6) {
                put_link(&packets[count], link_type, ETHERTYPE_ARP);
                put_arp(&packets[count++]);
        }
        if (link_type == DLT_EN10MB) {
                for (int i = 0; i < 2; i++) {
                        put_link(&packets[count], link_type, ETHERTYPE_VLAN);
                        put_vlan(&packets[count++], ipv4[i]);
                }
                put_stp(&packets[count++]);
        }
        put_zeros(&packets[count++], 64);
        for (size_t i = 0; i < count; i++)
                for (unsigned what = 0; what < ORDINARY_MENDS; what++)
                        ordinary_mend(&packets[i], what, packets[i].bytes, packets[i].size);
        return count;
}

unsigned ordinary_cost(const struct ordinary *ordinary, uint32_t offset)
{
        uint32_t in = offset - ordinary->network, header;
        unsigned version = ordinary->bytes[ordinary->network] >> 4;

        if (offset >= ordinary->size)
                return CHANGED_NAME;
        if (offset < ordinary->network)
                return offset < ordinary->network - 2 ? CHANGED_NAME : CHANGED_HEADER;
        header = version == 4 ? IPV4_HEADER : IPV6_HEADER;
        if (in >= header) /* ports, and what is carried */
                return CHANGED_NAME;
        return (version == 4 && in >= 12) || (version == 6 && in >= 8) ? CHANGED_NAME
                                                                       : CHANGED_HEADER;
}

bool ordinary_is_header(const struct ordinary *ordinary, uint32_t offset)
{
        return ordinary_cost(ordinary, offset) == CHANGED_HEADER;
}

/* Mending */

/* The headers of a packet as they are now. */
struct layout {
        uint8_t *network, *transport;
        unsigned version, protocol;
        uint32_t network_length, transport_length; /* from there to the packet's end */
};

static bool find_layout(const struct ordinary *ordinary, uint8_t *bytes, uint32_t size,
                        struct layout *layout)
{
        uint32_t header;

        if (size < ordinary->network + IPV4_HEADER || size > UINT16_MAX)
                return false;
        *layout = (struct layout){.network = bytes + ordinary->network,
                                  .network_length = size - ordinary->network};
        layout->version = layout->network[0] >> 4;
        header = layout->version == 4 ? (layout->network[0] & 0xfu) * 4 : IPV6_HEADER;
        if ((layout->version != 4 && layout->version != 6) || header < IPV4_HEADER ||
            header > layout->network_length)
                return false;
        layout->protocol = layout->network[layout->version == 4 ? 9 : 6];
        layout->transport = layout->network + header;
        layout->transport_length = layout->network_length - header;
        return true;
}

static bool set16(uint8_t *place, uint32_t value)
{
        uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};

        if (memcmp(place, bytes, sizeof bytes) == 0)
                return false;
        memcpy(place, bytes, sizeof bytes);
        return true;
}

static bool mend_checksum(uint8_t *field, uint32_t sum, const uint8_t *data, uint32_t length)
{
        uint8_t kept[] = {field[0], field[1]};
        uint32_t right;

        field[0] = field[1] = 0;
        right = checksum_finish(checksum_add(sum, data, length));
        memcpy(field, kept, sizeof kept);
        return set16(field, right);
}

/* CRC32c, RFC 9260 appendix A. */
static bool mend_sctp(const struct layout *layout)
{
        uint8_t kept[4], *field = layout->transport + 8;
        uint32_t sum = UINT32_MAX;

        memcpy(kept, field, sizeof kept);
        memset(field, 0, sizeof kept);
        for (uint32_t i = 0; i < layout->transport_length; i++) {
                sum ^= layout->transport[i];
                for (int bit = 0; bit < 8; bit++)
                        sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78u : 0);
        }
        for (int i = 0; i < 4; i++)
                field[i] = (uint8_t)(~sum >> (8 * i));
        return memcmp(kept, field, sizeof kept) != 0;
}

static bool mend_transport(const struct layout *layout)
{
        uint32_t size = layout->version == 4 ? 4 : 16, room = layout->transport_length;
        const uint8_t *source = layout->network + (layout->version == 4 ? 12 : 8);
        uint8_t *start = layout->transport;
        uint32_t pseudo =
            checksum_pseudo_header(source, source + size, size, (uint8_t)layout->protocol, room);

        if (layout->version == 4 && (layout->network[6] & 0x3f || layout->network[7]))
                return false; /* a fragment */
        switch (layout->protocol) {
        case IPPROTO_TCP: return room >= 20 && mend_checksum(start + 16, pseudo, start, room);
        case IPPROTO_UDP: return room >= 8 && mend_checksum(start + 6, pseudo, start, room);
        case IPPROTO_ICMP:
        case IGMP: return room >= 8 && mend_checksum(start + 2, 0, start, room);
        case IPPROTO_ICMPV6: return room >= 8 && mend_checksum(start + 2, pseudo, start, room);
        case SCTP: return room >= 12 && mend_sctp(layout);
        }
        return false;
}

bool ordinary_mend(const struct ordinary *ordinary, unsigned what, uint8_t *bytes, uint32_t size)
{
        struct layout layout;

        if (!find_layout(ordinary, bytes, size, &layout))
                return false;
        switch (what) {
        case 0: return layout.version == 4 && set16(layout.network + 2, layout.network_length);
        case 1: return layout.version == 6 && set16(layout.network + 4, layout.transport_length);
        case 2:
                return layout.protocol == IPPROTO_UDP && layout.transport_length >= 8 &&
                       set16(layout.transport + 4, layout.transport_length);
        case 3:
                return layout.version == 4 &&
                       mend_checksum(layout.network + 10, 0, layout.network,
                                     (uint32_t)(layout.transport - layout.network));
        case 4: return mend_transport(&layout);
        }
        return false;
}
