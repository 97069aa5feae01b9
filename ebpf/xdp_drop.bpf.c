// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Drops and counts IPv4 UDP packets before they reach the network stack. */
#include <linux/bpf.h> /* first: the next ones need its types */

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
        __uint(type, BPF_MAP_TYPE_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, __u64);
} dropped SEC(".maps");

SEC("xdp")
int drop_udp(struct xdp_md *packet)
{
        void *end = (void *)(long)packet->data_end;
        struct ethhdr *ethernet = (void *)(long)packet->data;
        struct iphdr *ip = (void *)(ethernet + 1);
        __u32 first = 0;
        __u64 *count;

        if ((void *)(ip + 1) > end)
                return XDP_PASS;
        if (ethernet->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != IPPROTO_UDP)
                return XDP_PASS;
        count = bpf_map_lookup_elem(&dropped, &first);
        if (count)
                __sync_fetch_and_add(count, 1);
        return XDP_DROP;
}
