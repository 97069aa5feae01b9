/* Ordinary packets, put together from headers, with addresses for documentation (RFC 5737, RFC
 * 3849).
 */
#include "ordinary.h"

#include "net/checksum.h"
#include "net/link_types.h"
#include "net/protocols.h"

#include <netinet/in.h>
#include <string.h>

enum {
        IPV4_HEADER = 20,
        IPV6_HEADER = 40,
        CHANGED_NAME = 2,     /* the last byte of an address or port, or what is carried */
        CHANGED_NETWORK = 3,  /* another byte of an address or port */
        CHANGED_HEADER = 6,   /* what headers say */
        CHANGED_PAYLOAD = 40, /* what comes next, so that all behind it means something else */
        NO_PROTOCOL = 120,    /* a packet of zeros */
        DNS_PORT = 53,
        LINK_LENGTH = 5, /* that is mended */
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
        memset(ordinary->costs + ordinary->size, CHANGED_HEADER, size);
        ordinary->size += (uint32_t)size;
}

/* Of the bytes put last, counted from the end: what they cost. */
static void mark(struct ordinary *ordinary, uint32_t from_end, uint32_t count, uint8_t cost)
{
        memset(ordinary->costs + ordinary->size - from_end, cost, count);
}

/* An address or a port. */
static void put_name(struct ordinary *ordinary, const void *bytes, size_t size)
{
        put(ordinary, bytes, size);
        mark(ordinary, (uint32_t)size, (uint32_t)size - 1, CHANGED_NETWORK);
        mark(ordinary, 1, 1, CHANGED_NAME);
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
        put_name(ordinary, destination_mac, sizeof destination_mac);
        put_name(ordinary, source_mac, sizeof source_mac);
        put16(ordinary, ethertype);
}

static uint16_t ppp_protocol(uint16_t ethertype)
{
        return ethertype == ETHERTYPE_IPV4 ? 0x21 : ethertype == ETHERTYPE_IPV6 ? 0x57 : ethertype;
}

static void put_sll2(struct ordinary *ordinary, uint16_t ethertype)
{
        static const uint8_t rest[] = {0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 0, 0, 0x5e, 0, 0x53, 1, 0, 0};

        put16(ordinary, ethertype);
        mark(ordinary, 2, 2, CHANGED_PAYLOAD);
        put(ordinary, rest, sizeof rest);
        mark(ordinary, 14, 4, CHANGED_NAME); /* the interface */
        mark(ordinary, 10, 1, CHANGED_NAME); /* the direction */
        mark(ordinary, 8, 8, CHANGED_NAME);  /* the address */
}

static void put_sll(struct ordinary *ordinary, uint16_t ethertype)
{
        static const uint8_t start[] = {0, 0, 0, 1, 0, 6, 0, 0, 0x5e, 0, 0x53, 1, 0, 0};

        put(ordinary, start, sizeof start);
        mark(ordinary, 13, 1, CHANGED_NAME); /* the direction */
        mark(ordinary, 8, 8, CHANGED_NAME);  /* the address */
        put16(ordinary, ethertype);
}

/* A data frame to the distribution system, and SNAP. */
static void put_wireless(struct ordinary *ordinary, uint16_t ethertype)
{
        static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0};

        put(ordinary, "\x08\x01\x00\x00", 4);
        put_name(ordinary, destination_mac, sizeof destination_mac);
        put_name(ordinary, source_mac, sizeof source_mac);
        put_name(ordinary, destination_mac, sizeof destination_mac);
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
        if (ordinary->size >= 2 && link_type != DLT_LINUX_SLL2)
                mark(ordinary, 2, 2, CHANGED_PAYLOAD); /* most have the EtherType there */
        ordinary->network = ordinary->size;
}

static void put_ipv4(struct ordinary *ordinary, unsigned protocol);

/* A packet within another one, whole. */
static void put_inner(struct ordinary *ordinary)
{
        struct ordinary inner = {0};

        put_ipv4(&inner, IPPROTO_ICMP);
        for (unsigned what = 0; what < ORDINARY_MENDS; what++)
                ordinary_mend(&inner, what, inner.bytes, inner.size);
        put(ordinary, inner.bytes, inner.size);
        mark(ordinary, inner.size, inner.size, CHANGED_NAME);
}

/* Headers of transports, without checksums. What they cost begins as that of what is carried. */
static void put_transport(struct ordinary *ordinary, unsigned protocol)
{
        static const uint8_t tcp[] = {0xc0, 0, 0,    80, 0,    0,    0, 1, 0, 0,
                                      0,    0, 0x50, 2,  0xfa, 0xf0, 0, 0, 0, 0};
        static const uint8_t udp[] = {0xc3, 0x50, 0, 7, 0, 8, 0, 0};
        static const uint8_t echo[] = {8, 0, 0, 0, 0, 1, 0, 1};
        static const uint8_t echo6[] = {128, 0, 0, 0, 0, 1, 0, 1};
        static const uint8_t igmp[] = {0x11, 100, 0, 0, 0, 0, 0, 0};
        static const uint8_t sctp[] = {0xc0, 0, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 20,
                                       0,    0, 0, 1,  0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1};
        static const uint8_t gre[] = {0, 0, 0x08, 0};
        static const uint8_t esp[24] = {0, 0, 0, 1, 0, 0, 0, 1};
        static const uint8_t fragment[] = {IPPROTO_TCP, 0, 0x05, 0xc8, 0, 0, 0, 1,
                                           0,           0, 0,    0,    0, 0, 0, 0};
        uint32_t start = ordinary->size, size;

        switch (protocol) {
        case IPPROTO_TCP: put(ordinary, tcp, sizeof tcp); break;
        case IPPROTO_UDP: put(ordinary, udp, sizeof udp); break;
        case IPPROTO_ICMP: put(ordinary, echo, sizeof echo); break;
        case IPPROTO_ICMPV6: put(ordinary, echo6, sizeof echo6); break;
        case IGMP: put(ordinary, igmp, sizeof igmp); break;
        case SCTP: put(ordinary, sctp, sizeof sctp); break;
        case IPPROTO_GRE: put(ordinary, gre, sizeof gre); break;
        case IPPROTO_FRAGMENT: put(ordinary, fragment, sizeof fragment); break;
        default: put(ordinary, esp, sizeof esp);
        }
        size = ordinary->size - start;
        mark(ordinary, size, size, CHANGED_NAME);
        if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == SCTP) {
                mark(ordinary, size, 1, CHANGED_NETWORK);
                mark(ordinary, size - 2, 1, CHANGED_NETWORK);
        }
        if (protocol == IPPROTO_TCP)
                mark(ordinary, 8, 1, CHANGED_HEADER); /* its length */
        if (protocol == IPPROTO_GRE)
                put_inner(ordinary);
}

static void put_ipv4(struct ordinary *ordinary, unsigned protocol)
{
        const uint8_t rest[] = {64, (uint8_t)protocol, 0, 0};

        put16(ordinary, 0x4500);
        put_zeros(ordinary, 2);
        put16(ordinary, 1);
        put16(ordinary, 0);
        put(ordinary, rest, sizeof rest);
        put_name(ordinary, ipv4_addresses, 4);
        put_name(ordinary, ipv4_addresses + 4, 4);
        mark(ordinary, 19, 1, CHANGED_NETWORK); /* class of service */
        mark(ordinary, 16, 2, CHANGED_NETWORK); /* identification */
        mark(ordinary, 12, 1, CHANGED_NETWORK); /* time to live */
        put_transport(ordinary, protocol);
}

static void put_ipv6(struct ordinary *ordinary, unsigned protocol)
{
        const uint8_t rest[] = {(uint8_t)protocol, 64};

        put16(ordinary, 0x6000);
        put_zeros(ordinary, 4);
        put(ordinary, rest, sizeof rest);
        put_name(ordinary, ipv6_addresses, 16);
        put_name(ordinary, ipv6_addresses + 16, 16);
        mark(ordinary, 39, 3, CHANGED_NETWORK); /* traffic class, flow label */
        mark(ordinary, 33, 1, CHANGED_NETWORK); /* hop limit */
        put_transport(ordinary, protocol);
}

/* A question for the addresses of example.org. */
static void put_dns(struct ordinary *ordinary, uint16_t ethertype)
{
        static const uint8_t query[] = {0, 1,   1,   0,   0,   1,   0,   0,   0,   0,
                                        0, 0,   7,   'e', 'x', 'a', 'm', 'p', 'l', 'e',
                                        3, 'o', 'r', 'g', 0,   0,   1,   0,   1};

        if (ethertype == ETHERTYPE_IPV4)
                put_ipv4(ordinary, IPPROTO_UDP);
        else
                put_ipv6(ordinary, IPPROTO_UDP);
        ordinary->bytes[ordinary->size - 5] = DNS_PORT;
        put(ordinary, query, sizeof query);
        mark(ordinary, sizeof query, sizeof query, CHANGED_NAME);
}

static void put_arp(struct ordinary *ordinary)
{
        static const uint8_t start[] = {0, 1, 8, 0, 6, 4, 0, 1};

        put(ordinary, start, sizeof start);
        mark(ordinary, 1, 1, CHANGED_NAME); /* request or reply */
        put_name(ordinary, source_mac, sizeof source_mac);
        put_name(ordinary, ipv4_addresses, 4);
        put_zeros(ordinary, sizeof destination_mac);
        mark(ordinary, sizeof destination_mac, sizeof destination_mac, CHANGED_NAME);
        put_name(ordinary, ipv4_addresses + 4, 4);
}

static void put_tag(struct ordinary *ordinary, uint16_t vlan, uint16_t ethertype)
{
        uint8_t bytes[] = {(uint8_t)(vlan >> 8), (uint8_t)vlan};

        put_name(ordinary, bytes, sizeof bytes);
        put16(ordinary, ethertype);
        mark(ordinary, 2, 2, CHANGED_PAYLOAD);
        ordinary->network = ordinary->size;
}

/* Label 100, the only one. */
static void put_mpls(struct ordinary *ordinary)
{
        static const uint8_t label[] = {0, 6, 0x41, 64};

        put(ordinary, label, sizeof label);
        mark(ordinary, 4, 2, CHANGED_NAME);
        mark(ordinary, 2, 1, CHANGED_PAYLOAD); /* whether it is the last one */
        mark(ordinary, 1, 1, CHANGED_NAME);
        ordinary->network = ordinary->size;
        put_ipv4(ordinary, IPPROTO_TCP);
}

/* Session 1. */
static void put_pppoe(struct ordinary *ordinary, uint16_t ethertype)
{
        static const uint8_t session[] = {0, 1};

        put16(ordinary, 0x1100);
        put_name(ordinary, session, sizeof session);
        ordinary->link_length = ordinary->size;
        put16(ordinary, 0);
        put16(ordinary, ppp_protocol(ethertype));
        mark(ordinary, 2, 2, CHANGED_PAYLOAD);
        ordinary->network = ordinary->size;
        if (ethertype == ETHERTYPE_IPV4)
                put_ipv4(ordinary, IPPROTO_TCP);
        else
                put_ipv6(ordinary, IPPROTO_TCP);
}

/* A configuration BPDU. */
static void put_stp(struct ordinary *ordinary)
{
        static const uint8_t bridges[] = {1, 0x80, 0xc2, 0, 0,  0,    0,    0, 0x5e,
                                          0, 0x53, 1,    0, 38, 0x42, 0x42, 3};

        put(ordinary, bridges, sizeof bridges);
        mark(ordinary, sizeof bridges, 12, CHANGED_NETWORK);
        ordinary->link_length = 12;
        ordinary->network = ordinary->size;
        put_zeros(ordinary, 35);
        mark(ordinary, 35, 35, CHANGED_NAME);
}

/* What else there is on Ethernet. Returns how many these are. */
static size_t put_ethernet_kinds(struct ordinary *packets)
{
        struct ordinary *next = packets;

        put_link(next, DLT_EN10MB, ETHERTYPE_VLAN);
        put_tag(next, 100, ETHERTYPE_IPV4);
        put_ipv4(next++, IPPROTO_TCP);
        put_link(next, DLT_EN10MB, ETHERTYPE_VLAN);
        put_tag(next, 100, ETHERTYPE_IPV4);
        put_ipv4(next++, IPPROTO_UDP);
        put_link(next, DLT_EN10MB, ETHERTYPE_VLAN);
        put_tag(next, 100, ETHERTYPE_IPV6);
        put_ipv6(next++, IPPROTO_TCP);
        put_link(next, DLT_EN10MB, ETHERTYPE_VLAN);
        put_tag(next, 100, ETHERTYPE_VLAN);
        put_tag(next, 200, ETHERTYPE_IPV4);
        put_ipv4(next++, IPPROTO_TCP);
        put_link(next, DLT_EN10MB, ETHERTYPE_MPLS);
        put_mpls(next++);
        put_link(next, DLT_EN10MB, ETHERTYPE_PPPOES);
        put_pppoe(next++, ETHERTYPE_IPV4);
        put_link(next, DLT_EN10MB, ETHERTYPE_PPPOES);
        put_pppoe(next++, ETHERTYPE_IPV6);
        put_stp(next++);
        return (size_t)(next - packets);
}

size_t ordinary_packets(int link_type, struct ordinary packets[ORDINARY_MAX])
{
        static const uint8_t ipv4[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, SCTP,
                                       IGMP,        IPPROTO_GRE, IPPROTO_ESP};
        static const uint8_t ipv6[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMPV6, SCTP,
                                       IPPROTO_FRAGMENT};
        size_t count = 0;

        memset(packets, 0, ORDINARY_MAX * sizeof *packets);
        for (size_t i = 0; i < sizeof ipv4 && link_type != DLT_IPV6; i++) {
                put_link(&packets[count], link_type, ETHERTYPE_IPV4);
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
        if (link_type != DLT_IPV6) {
                put_link(&packets[count], link_type, ETHERTYPE_IPV4);
                put_dns(&packets[count++], ETHERTYPE_IPV4);
        }
        if (link_type != DLT_IPV4) {
                put_link(&packets[count], link_type, ETHERTYPE_IPV6);
                put_dns(&packets[count++], ETHERTYPE_IPV6);
        }
        if (link_type == DLT_EN10MB)
                count += put_ethernet_kinds(packets + count);
        packets[count].strange = NO_PROTOCOL;
        put_zeros(&packets[count++], 64);
        for (size_t i = 0; i < count; i++)
                for (unsigned what = 0; what < ORDINARY_MENDS; what++)
                        ordinary_mend(&packets[i], what, packets[i].bytes, packets[i].size);
        return count;
}

unsigned ordinary_cost(const struct ordinary *ordinary, uint32_t offset)
{
        return offset < ordinary->size ? ordinary->costs[offset] : CHANGED_NAME;
}

bool ordinary_is_header(const struct ordinary *ordinary, uint32_t offset)
{
        return ordinary_cost(ordinary, offset) >= CHANGED_HEADER;
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
        uint32_t carried = ordinary->link_length + 2;
        struct layout layout;

        if (what == LINK_LENGTH)
                return ordinary->link_length && size >= carried && size - carried <= UINT16_MAX &&
                       set16(bytes + ordinary->link_length, size - carried);
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
