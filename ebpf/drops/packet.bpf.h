// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What a program at a tracepoint finds out about a packet: where it is, which of its bytes are
 * there, and what its record says of it. Of a packet, as tracepoints have them in any state: `dev`
 * may have been overwritten by whoever queued it, the link header may be missing, and the data may
 * begin behind the network header. All of it is checked before it is believed. */
#pragma once

#include <linux/bpf.h> /* first: the next ones need its types */
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "ebpf/kernel.bpf.h"
#include "record.h"

struct net_device {
        char name[DROPS_NAME];
        int ifindex;
        unsigned short type;
        possible_net_t nd_net;
} KERNEL;

struct sock_common {
        unsigned short skc_family;
        unsigned short skc_num; /* its port, in host byte order */
        __be16 skc_dport;
        possible_net_t skc_net;
} KERNEL;

struct sock {
        struct sock_common __sk_common;
        __u16 sk_protocol;
} KERNEL;

struct sk_buff {
        struct net_device *dev;
        struct sock *sk;
        unsigned int len;
        __u8 pkt_type : 3;
        __u8 vlan_present : 1; /* before Linux 6.2 */
        int skb_iif;
        __be16 vlan_proto;
        __u16 vlan_tci;
        __be16 protocol;
        __u16 network_header;
        __u16 mac_header;
        unsigned int tail;
        unsigned char *head;
        unsigned char *data;
} KERNEL;

enum {
        ETHERNET = 1, /* ARPHRD_* */
        LOOPBACK = 772,
        ETHERNET_HEADER = 14,
        SENDER = 6, /* where its address is in an Ethernet header */
        NOT_SET = 0xffff,
};

/* The numbers of namespaces' inodes in /proc begin here (PROC_DYNAMIC_FIRST), and the initial
 * one's, fixed since Linux 6.18, right before. What was read through a stray pointer hardly is such
 * a number. */
#define FIRST_INODE 0xefffff00u

/* The arguments of the tracepoint. (BPF_CORE_READ() takes no member of it: it would take that for
 * one of the kernel's.) */
struct drop {
        struct sk_buff *packet;
        __u64 location;
        __u32 reason;
        struct sock *receiver; /* or NULL */
};

/* Where the packet is. */
struct place {
        struct net_device *device; /* NULL if not known */
        __u32 network_namespace;
};

/* Of its bytes. */
struct layout {
        __u8 *head, *start; /* the buffer, and the network header in it */
        __u32 length;       /* from there on */
        __u32 captured;     /* of it, what lies in this buffer */
        __u16 protocol;     /* EtherType */
};

static __always_inline __u32 namespace_of(struct net *net)
{
        __u32 number = net ? BPF_CORE_READ(net, ns.inum) : 0;

        return number >= FIRST_INODE ? number : 0;
}

static __always_inline __u32 namespace_of_socket(struct sock *socket)
{
        return socket ? namespace_of(BPF_CORE_READ(socket, __sk_common.skc_net.net)) : 0;
}

/* A device that is none has no namespace. The packet's own socket comes last: it may be another
 * namespace's, from which the packet came. */
static __always_inline struct place find_place(const struct drop *drop)
{
        struct sk_buff *packet = drop->packet;
        struct net_device *device = BPF_CORE_READ(packet, dev);
        struct place place = {
            .device = device,
            .network_namespace = device ? namespace_of(BPF_CORE_READ(device, nd_net.net)) : 0,
        };

        if (!place.network_namespace)
                place.device = NULL;
        if (!place.network_namespace)
                place.network_namespace = namespace_of_socket(drop->receiver);
        if (!place.network_namespace)
                place.network_namespace = namespace_of_socket(BPF_CORE_READ(packet, sk));
        return place;
}

/* The EtherType of an IP packet that has none yet, by its socket; 0 for what is no packet of a
 * network, as of Unix domain sockets and netlink. */
static __always_inline __u16 protocol_of_socket(const struct drop *drop)
{
        struct sk_buff *packet = drop->packet;
        struct sock *socket = drop->receiver ? drop->receiver : BPF_CORE_READ(packet, sk);
        __u16 family = socket ? BPF_CORE_READ(socket, __sk_common.skc_family) : 0;

        return family == INET ? IPV4 : family == INET6 ? IPV6 : 0;
}

/* Whether the bytes may be that protocol's header. */
static __always_inline bool fits(const __u8 *bytes, __u16 protocol)
{
        __u8 first = 0;

        if (protocol != IPV4 && protocol != IPV6)
                return true;
        return bpf_probe_read_kernel(&first, sizeof(first), bytes) == 0 &&
               first >> 4 == (protocol == IPV4 ? 4 : 6);
}

/* Finds the network header: where the kernel says it is, else at the data, else behind a link
 * header. */
static __always_inline bool find_start(struct sk_buff *packet, struct layout *layout, __u32 tail)
{
        const __u8 *data = BPF_CORE_READ(packet, data);
        const __u32 data_at = (__u32)(data - layout->head);
        const __u32 link = BPF_CORE_READ(packet, mac_header);
        const __u32 candidates[] = {
            BPF_CORE_READ(packet, network_header),
            data_at,
            link == NOT_SET ? NOT_SET : link + ETHERNET_HEADER,
            data_at + ETHERNET_HEADER,
        };

#pragma unroll
        for (int i = 0; i < 4; i++) {
                __u32 at = candidates[i];

                if (at == 0 || at >= tail || !fits(layout->head + at, layout->protocol))
                        continue;
                layout->start = layout->head + at;
                layout->length = BPF_CORE_READ(packet, len) + data_at - at;
                layout->captured = tail - at;
                if (layout->captured > layout->length)
                        layout->captured = layout->length;
                return layout->captured > 0;
        }
        return false;
}

static __always_inline bool find_layout(const struct drop *drop, struct layout *layout)
{
        struct sk_buff *packet = drop->packet;

        layout->head = BPF_CORE_READ(packet, head);
        layout->protocol = bpf_ntohs(BPF_CORE_READ(packet, protocol));
        if (!layout->protocol)
                layout->protocol = protocol_of_socket(drop);
        return layout->protocol && layout->head &&
               find_start(packet, layout, BPF_CORE_READ(packet, tail));
}

static __always_inline void describe_tag(struct drops_record *record, struct sk_buff *packet)
{
        if (bpf_core_field_exists(packet->vlan_present) &&
            !BPF_CORE_READ_BITFIELD_PROBED(packet, vlan_present))
                return;
        record->tag_protocol = bpf_ntohs(BPF_CORE_READ(packet, vlan_proto));
        record->tag = BPF_CORE_READ(packet, vlan_tci);
}

static __always_inline void describe_link(struct drops_record *record, const struct drop *drop,
                                          const struct place *place, const struct layout *layout)
{
        struct net_device *device = place->device;
        struct sk_buff *packet = drop->packet;
        __u32 link = BPF_CORE_READ(packet, mac_header);

        record->interface = (__u32)BPF_CORE_READ(packet, skb_iif);
        record->received = record->interface != 0;
        record->type = BPF_CORE_READ_BITFIELD_PROBED(packet, pkt_type);
        if (!device)
                return;
        record->interface = (__u32)BPF_CORE_READ(device, ifindex);
        record->hardware = BPF_CORE_READ(device, type);
        BPF_CORE_READ_INTO(&record->name, device, name);
        if ((record->hardware != ETHERNET && record->hardware != LOOPBACK) || link == NOT_SET ||
            layout->head + link + ETHERNET_HEADER > layout->start)
                return;
        record->has_address = bpf_probe_read_kernel(record->address, DROPS_ADDRESS,
                                                    layout->head + link + SENDER) == 0;
}

/* The compiler must not know how the number compared is made of `captured`, for the verifier knows
 * only of the number compared. */
static __always_inline bool copy_bytes(struct drops_record *record, const struct layout *layout,
                                       __u32 captured, __u32 room)
{
        __u64 less = (__u64)captured - 1;

        asm volatile("" : "+r"(less));
        return less < room &&
               bpf_probe_read_kernel(record->bytes, (__u32)less + 1, layout->start) == 0;
}
