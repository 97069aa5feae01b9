// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Copies packets into a ring, each program at one kind of place. A filter goes on to it by a tail
 * call for the packets that it accepts. What becomes of a packet is not changed. */
#include <linux/bpf.h> /* first: the next ones need its types */

#include "tap.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum {
        XDP_GO_ON = XDP_PASS,
        TC_GO_ON = -1, /* to the next program, if there is one: TCX_NEXT, TC_ACT_UNSPEC */
        CGROUP_GO_ON = 1,
};

/* Where a program was before: the one that goes on with the packet. */
struct {
        __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, __u32);
} before SEC(".maps");

static __always_inline long load_skb(void *packet, __u32 offset, void *to, __u32 length)
{
        return bpf_skb_load_bytes(packet, offset, to, length);
}

static __always_inline void keep_skb(struct __sk_buff *context, __u32 type, bool has_link)
{
        struct packet packet = {
            .length = context->len,
            .where = has_link ? context->ifindex : 0,
            .type = (__u8)type,
        };

        if (has_link && context->vlan_present) {
                packet.tagged = 1;
                packet.protocol = (__be16)context->vlan_proto;
                packet.tag = bpf_htons(context->vlan_tci);
        }
        keep(load_skb, context, &packet);
}

SEC("tc")
int tap_tc_ingress(struct __sk_buff *context)
{
        keep_skb(context, context->pkt_type, true);
        return TC_GO_ON;
}

SEC("tc")
int tap_tc_egress(struct __sk_buff *context)
{
        keep_skb(context, OUTGOING, true);
        return TC_GO_ON;
}

SEC("cgroup/skb")
int tap_cgroup_ingress(struct __sk_buff *context)
{
        keep_skb(context, context->pkt_type, false);
        return CGROUP_GO_ON;
}

SEC("cgroup/skb")
int tap_cgroup_egress(struct __sk_buff *context)
{
        keep_skb(context, OUTGOING, false);
        return CGROUP_GO_ON;
}

static __always_inline long load_xdp(void *packet, __u32 offset, void *to, __u32 length)
{
        return bpf_xdp_load_bytes(packet, offset, to, length);
}

/* Who the frame is for is not known yet, but by its address; and a program at a bonding interface
 * is told those that are bound. */
SEC("xdp")
int tap_xdp(struct xdp_md *context)
{
        const struct packet packet = {
            .length = (__u32)bpf_xdp_get_buff_len(context),
            .where = constants.where ? constants.where : context->ingress_ifindex,
            .type = HOST,
        };

        keep(load_xdp, context, &packet);
        bpf_tail_call(context, &before, 0);
        return XDP_GO_ON;
}
