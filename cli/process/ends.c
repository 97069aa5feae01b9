/* The ends of a captured packet, as process.bpf.c has those of what is sent. */
#include "internal.h"

#include <net/ethernet.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <string.h>

enum { FRAGMENT_HEADER = 8, IPV4_HEADER = 20, IPV6_HEADER = 40 };

static uint16_t get16(const uint8_t *at)
{
        return (uint16_t)(at[0] << 8 | at[1]);
}

/* Where the network header is; 0 if that is not known. */
static uint32_t find_network(const struct capture_record *record, uint16_t *protocol)
{
        const uint8_t *data = record->packet.data;
        uint32_t captured = record->packet.captured, at;

        switch (record->link_type) {
        case DLT_EN10MB: at = 12; break;
        case DLT_LINUX_SLL: at = 14; break;
        case DLT_LINUX_SLL2:
                if (captured < 20)
                        return 0;
                *protocol = get16(data);
                return 20;
        default: return 0;
        }
        if (captured < at + 2)
                return 0;
        *protocol = get16(data + at);
        at += 2;
        while ((*protocol == ETHERTYPE_VLAN || *protocol == 0x88a8) && captured >= at + 4) {
                *protocol = get16(data + at + 2);
                at += 4;
        }
        return at;
}

static void map_address(uint8_t to[16], const uint8_t *address)
{
        static const uint8_t mapped[12] = {[10] = 0xff, 0xff};

        memcpy(to, mapped, sizeof mapped);
        memcpy(to + sizeof mapped, address, 4);
}

static bool has_ports(uint8_t protocol)
{
        return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
               protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
}

/* Of echo replies, the process is the one that sends the requests. */
static bool is_echo(uint8_t protocol, uint8_t type)
{
        enum { REPLY = 0, REQUEST = 8, REQUEST6 = 128, REPLY6 = 129 };

        return protocol == IPPROTO_ICMP ? type == REPLY || type == REQUEST
                                        : type == REPLY6 || type == REQUEST6;
}

/* `length`: of what is there and, on the wire, of what belongs to it. */
static void read_transport(struct packet_ends *ends, const uint8_t *at, uint32_t captured,
                           uint32_t length)
{
        struct process_ends *sent = &ends->sent;

        if (captured < 8)
                return;
        if (has_ports(sent->protocol)) {
                sent->local_port = get16(at);
                sent->remote_port = get16(at + 2);
                ends->can_be_received = true;
        } else if (sent->protocol == IPPROTO_ICMP || sent->protocol == IPPROTO_ICMPV6) {
                sent->local_port = get16(at + 4);
                sent->remote_port = at[0];
                ends->can_be_received =
                    is_echo(sent->protocol, at[0]) && (at[0] == 0 || at[0] == 129);
        }
        if (sent->protocol == IPPROTO_TCP && captured >= 14) {
                enum { SYN = 2, ACK = 16 };

                ends->synchronizes = (at[13] & (SYN | ACK)) == SYN;
                ends->has_payload = length > (at[12] >> 4) * 4u;
        }
}

static bool find_ipv4(struct packet_ends *ends, const uint8_t *at, uint32_t captured)
{
        uint32_t header = (at[0] & 15) * 4u, length = get16(at + 2);

        map_address(ends->sent.local, at + 12);
        map_address(ends->sent.remote, at + 16);
        ends->sent.protocol = at[9];
        if ((at[6] & 0x1f) || at[7]) {
                ends->sent.local_port = get16(at + 4);
                ends->sent.remote_port = UINT16_MAX;
        } else if (header >= IPV4_HEADER && header <= captured) {
                read_transport(ends, at + header, captured - header,
                               length > header ? length - header : 0);
        }
        return true;
}

static bool find_ipv6(struct packet_ends *ends, const uint8_t *at, uint32_t captured)
{
        uint32_t length = get16(at + 4);

        memcpy(ends->sent.local, at + 8, 16);
        memcpy(ends->sent.remote, at + 24, 16);
        ends->sent.protocol = at[6];
        at += IPV6_HEADER;
        captured -= IPV6_HEADER;
        if (ends->sent.protocol == IPPROTO_FRAGMENT) {
                if (captured < FRAGMENT_HEADER)
                        return false;
                ends->sent.protocol = at[0];
                if (at[2] || (at[3] & 0xf8)) {
                        ends->sent.local_port = get16(at + 6);
                        ends->sent.remote_port = UINT16_MAX;
                        return true;
                }
                at += FRAGMENT_HEADER;
                captured -= FRAGMENT_HEADER;
                length -= length < FRAGMENT_HEADER ? length : FRAGMENT_HEADER;
        }
        read_transport(ends, at, captured, length);
        return true;
}

bool packet_ends_find(const struct capture_record *record, struct packet_ends *ends)
{
        const uint8_t *data = record->packet.data;
        uint32_t captured = record->packet.captured, at = 0;
        uint16_t protocol = 0;

        *ends = (struct packet_ends){.sent.network_namespace = 0};
        if (record->link_type == DLT_RAW && captured > 0)
                protocol = data[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
        else if ((at = find_network(record, &protocol)) == 0)
                return false;
        captured -= at;
        if (protocol == ETHERTYPE_IP && captured >= IPV4_HEADER && data[at] >> 4 == 4)
                return find_ipv4(ends, data + at, captured);
        return protocol == ETHERTYPE_IPV6 && captured >= IPV6_HEADER && data[at] >> 4 == 6 &&
               find_ipv6(ends, data + at, captured);
}
