// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Filters as a person would write them for XDP: what lengths.sh compares filt's programs with. The
 * line above each is the expression that it stands for, with libpcap's meaning. */
#include <linux/bpf.h> /* first: the next ones need its types */

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <stdbool.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define FILTER(name)                                                                               \
        static __always_inline bool accept_##name(void *data, void *end);                          \
        SEC("xdp")                                                                                 \
        int name(struct xdp_md *context)                                                           \
        {                                                                                          \
                return accept_##name((void *)(long)context->data, (void *)(long)context->data_end) \
                           ? XDP_PASS                                                              \
                           : XDP_DROP;                                                             \
        }                                                                                          \
        static __always_inline bool accept_##name(void *data, void *end)

struct ports {
        __be16 source, destination;
};

struct arp {
        __u8 fixed[14];
        __u8 sender[4];
        __u8 target_hardware[6];
        __u8 target[4];
};

struct fragment {
        __u8 next_header, reserved;
        __be16 offset;
        __be32 identification;
};

/* The EtherType, 0 if there is none; what follows begins at `*next`. */
static __always_inline __be16 ethertype(void *data, void *end, void **next)
{
        struct ethhdr *ethernet = data;

        *next = ethernet + 1;
        return (void *)(ethernet + 1) > end ? 0 : ethernet->h_proto;
}

static __always_inline struct iphdr *ipv4(void *data, void *end)
{
        struct iphdr *ip;

        if (ethertype(data, end, (void **)&ip) != bpf_htons(ETH_P_IP) || (void *)(ip + 1) > end)
                return NULL;
        return ip;
}

static __always_inline struct ipv6hdr *ipv6(void *data, void *end)
{
        struct ipv6hdr *ip;

        if (ethertype(data, end, (void **)&ip) != bpf_htons(ETH_P_IPV6) || (void *)(ip + 1) > end)
                return NULL;
        return ip;
}

static __always_inline bool has_ports(__u8 protocol)
{
        return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static __always_inline void *behind_ipv4(struct iphdr *ip)
{
        return ip->frag_off & bpf_htons(0x1fff) ? NULL : (void *)ip + ip->ihl * 4;
}

/* Of IPv4 or IPv6, of one protocol, or of any that has ports if that is 0. */
static __always_inline struct ports *ports_of(void *data, void *end, __u8 wanted)
{
        struct ports *ports = NULL;
        void *network;
        __u8 protocol = 0;

        switch (ethertype(data, end, &network)) {
        case bpf_htons(ETH_P_IP): {
                struct iphdr *ip = network;

                if ((void *)(ip + 1) > end)
                        return NULL;
                protocol = ip->protocol;
                ports = behind_ipv4(ip);
                break;
        }
        case bpf_htons(ETH_P_IPV6): {
                struct ipv6hdr *ip = network;

                if ((void *)(ip + 1) > end)
                        return NULL;
                protocol = ip->nexthdr;
                ports = (void *)(ip + 1);
                break;
        }
        }
        if (!ports || (wanted ? protocol != wanted : !has_ports(protocol)) ||
            (void *)(ports + 1) > end)
                return NULL;
        return ports;
}

static __always_inline bool is_port(const struct ports *ports, __u16 port)
{
        return ports->source == bpf_htons(port) || ports->destination == bpf_htons(port);
}

/* Also behind a fragment header of IPv6. */
static __always_inline bool is_protocol(void *data, void *end, __u8 wanted)
{
        void *network;

        switch (ethertype(data, end, &network)) {
        case bpf_htons(ETH_P_IP): {
                struct iphdr *ip = network;

                return (void *)(ip + 1) <= end && ip->protocol == wanted;
        }
        case bpf_htons(ETH_P_IPV6): {
                struct ipv6hdr *ip = network;
                struct fragment *fragment = (void *)(ip + 1);

                if ((void *)(ip + 1) > end)
                        return false;
                if (ip->nexthdr == wanted)
                        return true;
                return ip->nexthdr == IPPROTO_FRAGMENT && (void *)(fragment + 1) <= end &&
                       fragment->next_header == wanted;
        }
        }
        return false;
}

static __always_inline __be32 address(const __u8 bytes[4])
{
        return *(const __be32 *)bytes;
}

/* Source and destination of IPv4, or sender and target of ARP and RARP. */
static __always_inline bool addresses(void *data, void *end, __be32 *source, __be32 *destination)
{
        void *network;

        switch (ethertype(data, end, &network)) {
        case bpf_htons(ETH_P_IP): {
                struct iphdr *ip = network;

                if ((void *)(ip + 1) > end)
                        return false;
                *source = ip->saddr;
                *destination = ip->daddr;
                return true;
        }
        case bpf_htons(ETH_P_ARP):
        case bpf_htons(ETH_P_RARP): {
                struct arp *arp = network;

                if ((void *)(arp + 1) > end)
                        return false;
                *source = address(arp->sender);
                *destination = address(arp->target);
                return true;
        }
        }
        return false;
}

#define ADDRESS(a, b, c, d) bpf_htonl((__u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* icmp */
FILTER(icmp)
{
        struct iphdr *ip = ipv4(data, end);

        return ip && ip->protocol == IPPROTO_ICMP;
}

/* tcp port 443 */
FILTER(https)
{
        struct ports *ports = ports_of(data, end, IPPROTO_TCP);

        return ports && is_port(ports, 443);
}

/* udp port 53 */
FILTER(dns)
{
        struct ports *ports = ports_of(data, end, IPPROTO_UDP);

        return ports && is_port(ports, 53);
}

/* host 10.0.0.1 */
FILTER(host)
{
        __be32 source = 0, destination = 0;

        return addresses(data, end, &source, &destination) &&
               (source == ADDRESS(10, 0, 0, 1) || destination == ADDRESS(10, 0, 0, 1));
}

/* src net 10.0.0.0/8 */
FILTER(network)
{
        __be32 source = 0, destination = 0;

        return addresses(data, end, &source, &destination) &&
               (source & ADDRESS(255, 0, 0, 0)) == ADDRESS(10, 0, 0, 0);
}

/* tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 */
FILTER(flags)
{
        struct iphdr *ip = ipv4(data, end);
        struct tcphdr *tcp;

        if (!ip || ip->protocol != IPPROTO_TCP)
                return false;
        tcp = behind_ipv4(ip);
        return tcp && (void *)tcp + 14 <= end && (tcp->syn || tcp->fin);
}

/* ip6 */
FILTER(ip6)
{
        void *network;

        return ethertype(data, end, &network) == bpf_htons(ETH_P_IPV6);
}

static __always_inline bool is_mac(const __u8 *mac)
{
        return *(__be32 *)mac == bpf_htonl(0x00112233) && *(__be16 *)(mac + 4) == bpf_htons(0x4455);
}

/* ether host 00:11:22:33:44:55 */
FILTER(mac)
{
        struct ethhdr *ethernet = data;

        return (void *)(ethernet + 1) <= end &&
               (is_mac(ethernet->h_source) || is_mac(ethernet->h_dest));
}

/* port 80 or port 443 or port 8080 */
FILTER(web)
{
        struct ports *ports = ports_of(data, end, 0);

        return ports && (is_port(ports, 80) || is_port(ports, 443) || is_port(ports, 8080));
}

static __always_inline bool is_low(__be16 port)
{
        return bpf_ntohs(port) >= 1 && bpf_ntohs(port) <= 1023;
}

/* portrange 1-1023 */
FILTER(low)
{
        struct ports *ports = ports_of(data, end, 0);

        return ports && (is_low(ports->source) || is_low(ports->destination));
}

/* host 10.0.0.1 and tcp port 80 */
FILTER(host_http)
{
        struct iphdr *ip = ipv4(data, end);
        struct ports *ports;

        if (!ip || ip->protocol != IPPROTO_TCP ||
            (ip->saddr != ADDRESS(10, 0, 0, 1) && ip->daddr != ADDRESS(10, 0, 0, 1)))
                return false;
        ports = behind_ipv4(ip);
        return ports && (void *)(ports + 1) <= end && is_port(ports, 80);
}

static __always_inline bool is_pair(__be32 host)
{
        return host == ADDRESS(10, 0, 0, 1) || host == ADDRESS(10, 0, 0, 2);
}

/* (host 10.0.0.1 or host 10.0.0.2) and (port 80 or port 443) */
FILTER(hosts_web)
{
        struct iphdr *ip = ipv4(data, end);
        struct ports *ports;

        if (!ip || !has_ports(ip->protocol) || (!is_pair(ip->saddr) && !is_pair(ip->daddr)))
                return false;
        ports = behind_ipv4(ip);
        return ports && (void *)(ports + 1) <= end && (is_port(ports, 80) || is_port(ports, 443));
}

/* ip[6:2] & 0x1fff != 0 */
FILTER(later_fragments)
{
        struct iphdr *ip = ipv4(data, end);

        return ip && (ip->frag_off & bpf_htons(0x1fff));
}

/* icmp6 or icmp */
FILTER(any_icmp)
{
        struct iphdr *ip = ipv4(data, end);
        struct ipv6hdr *ip6 = ipv6(data, end);
        struct fragment *fragment = ip6 ? (void *)(ip6 + 1) : NULL;

        if (ip)
                return ip->protocol == IPPROTO_ICMP;
        return ip6 && (ip6->nexthdr == IPPROTO_ICMPV6 ||
                       (ip6->nexthdr == IPPROTO_FRAGMENT && (void *)(fragment + 1) <= end &&
                        fragment->next_header == IPPROTO_ICMPV6));
}

/* vlan and tcp port 80 */
FILTER(tagged_http)
{
        struct ethhdr *ethernet = data;
        struct ports *ports;

        if ((void *)(ethernet + 1) > end || (ethernet->h_proto != bpf_htons(ETH_P_8021Q) &&
                                             ethernet->h_proto != bpf_htons(ETH_P_8021AD) &&
                                             ethernet->h_proto != bpf_htons(ETH_P_QINQ1)))
                return false;
        ports = ports_of(data + 4, end, IPPROTO_TCP);
        return ports && is_port(ports, 80);
}

/* ip6 and tcp dst port 443 */
FILTER(https6)
{
        struct ipv6hdr *ip = ipv6(data, end);
        struct ports *ports = (void *)(ip + 1);

        return ip && ip->nexthdr == IPPROTO_TCP && (void *)(ports + 1) <= end &&
               ports->destination == bpf_htons(443);
}

/* len > 1000 and udp */
FILTER(long_udp)
{
        return end - data > 1000 && is_protocol(data, end, IPPROTO_UDP);
}

/* ip proto 47 or ip proto 50 */
FILTER(tunnels)
{
        struct iphdr *ip = ipv4(data, end);

        return ip && (ip->protocol == IPPROTO_GRE || ip->protocol == IPPROTO_ESP);
}

/* net 192.168.0.0/16 and not net 192.168.1.0/24 and ip */
FILTER(subnets)
{
        struct iphdr *ip = ipv4(data, end);
        const __be32 mask = ADDRESS(255, 255, 0, 0), inner = ADDRESS(255, 255, 255, 0);

        return ip &&
               ((ip->saddr & mask) == ADDRESS(192, 168, 0, 0) ||
                (ip->daddr & mask) == ADDRESS(192, 168, 0, 0)) &&
               (ip->saddr & inner) != ADDRESS(192, 168, 1, 0) &&
               (ip->daddr & inner) != ADDRESS(192, 168, 1, 0);
}

/* not arp and not port 22 */
FILTER(neither)
{
        struct ports *ports;
        void *network;

        if (ethertype(data, end, &network) == bpf_htons(ETH_P_ARP) || (void *)network > end)
                return false;
        ports = ports_of(data, end, 0);
        return !ports || !is_port(ports, 22);
}
