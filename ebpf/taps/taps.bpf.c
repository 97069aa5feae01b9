// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Copies packets into a ring, each program at one kind of place. A filter goes on to it by a tail
 * call for the packets that it accepts. What becomes of a packet is not changed. */
#include <linux/bpf.h> /* first: the next ones need its types */

#include "record.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define KERNEL __attribute__((preserve_access_index))

struct nf_hook_state {
        unsigned char hook;
} KERNEL;

struct sk_buff {
        unsigned int len;
} KERNEL;

struct bpf_nf_ctx {
        const struct nf_hook_state *state;
        struct sk_buff *skb;
} KERNEL;

extern int bpf_dynptr_from_skb(struct sk_buff *packet, __u64 flags,
                               struct bpf_dynptr *dynptr) __ksym __weak;

enum {
        XDP_GO_ON = XDP_PASS,
        TC_GO_ON = -1, /* to the next program, if there is one: TCX_NEXT, TC_ACT_UNSPEC */
        CGROUP_GO_ON = 1,
        NETFILTER_GO_ON = 1, /* NF_ACCEPT */

        ADDRESSES = 12, /* bytes before a VLAN tag */
        TAG = 4,
        HOST = 0, /* PACKET_* */
        OUTGOING = 4,

        IN_PREROUTING = 0, /* NF_INET_* */
        IN_INPUT = 1,
        IN_OUTPUT = 3,
        IN_POSTROUTING = 4,
};

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 4096); /* set before it is created */
} ring SEC(".maps");

/* Where a program was before: the one that goes on with the packet. */
struct {
        __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, __u32);
} before SEC(".maps");

const volatile __u32 tap; /* the number of this one */

__u32 many;     /* bytes in the ring, from which on its reader is woken up */
__u32 armed;    /* so it is for the next packet */
__u32 snapshot; /* bytes kept of a packet at most; set before it is attached */
__u64 accepted; /* packets */
__u64 lost;     /* of them, those for which the ring had no room */

/* What is known of a packet beside its bytes. */
struct packet {
        __u32 length; /* of its bytes */
        __u8 type;
        __u8 tagged; /* there is a VLAN tag apart from the bytes */
        __be16 protocol, tag;
};

/* Copies bytes of a packet; returns 0, or a number if they are not there. */
typedef long load(void *packet, __u32 offset, void *to, __u32 length);

/* The same of 1 to `most` bytes. The compiler must not know how the number compared is made of
 * `length`, for the verifier knows only of the number compared. */
static __always_inline bool load_some(load *load, void *from, __u32 offset, void *to, __u32 length,
                                      __u32 most)
{
        __u64 less = (__u64)length - 1;

        asm volatile("" : "+r"(less));
        return less < most && load(from, offset, to, (__u32)(less + 1)) == 0;
}

/* The bytes with the tag where it belongs. */
static __always_inline bool load_tagged(load *load, void *from, const struct packet *packet,
                                        __u8 *to, __u32 length, __u32 room)
{
        const __be16 tag[] = {packet->protocol, packet->tag};

        if (load(from, 0, to, ADDRESSES))
                return false;
        __builtin_memcpy(to + ADDRESSES, tag, TAG);
        return load_some(load, from, ADDRESSES, to + ADDRESSES + TAG, length - ADDRESSES - TAG,
                         room - ADDRESSES - TAG);
}

/* To wake up the reader for each packet would cost more than all else. */
static __always_inline __u64 wake_up(void)
{
        if (armed) {
                armed = 0;
                return BPF_RB_FORCE_WAKEUP;
        }
        return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= many ? BPF_RB_FORCE_WAKEUP
                                                                   : BPF_RB_NO_WAKEUP;
}

/* The room is a constant, as the kernel wants it to be. */
static __always_inline bool keep_in(__u32 room, load *load, void *from, const struct packet *packet,
                                    __u32 length, __u32 captured)
{
        struct taps_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record) + room, 0);
        __u64 number = __sync_fetch_and_add(&accepted, 1);
        bool loaded;

        /* As its result is used, the addition is a barrier: `armed` is read after the record is in
         * the ring, and its reader sees the one or the other. */
        asm volatile("" : : "r"(number));
        if (!record)
                return false;
        *record = (struct taps_record){
            .time = bpf_ktime_get_ns(),
            .tap = tap,
            .length = length,
            .captured = captured,
            .type = packet->type,
        };
        if (packet->tagged)
                loaded = load_tagged(load, from, packet, record->bytes, captured, room);
        else
                loaded = load_some(load, from, 0, record->bytes, captured, room);
        if (loaded)
                bpf_ringbuf_submit(record, wake_up());
        else
                bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
        return loaded;
}

/* A record takes the smallest of some sizes that it fits. */
static __always_inline void keep(load *load, void *from, const struct packet *packet)
{
        const __u32 length = packet->length + (packet->tagged ? TAG : 0);
        const __u32 captured = length < snapshot ? length : snapshot;
        bool kept;

        if (captured <= 128)
                kept = keep_in(128, load, from, packet, length, captured);
        else if (captured <= 512)
                kept = keep_in(512, load, from, packet, length, captured);
        else if (captured <= 1600)
                kept = keep_in(1600, load, from, packet, length, captured);
        else if (captured <= 9216)
                kept = keep_in(9216, load, from, packet, length, captured);
        else if (captured <= 66000)
                kept = keep_in(66000, load, from, packet, length, captured);
        else
                kept = keep_in(262144, load, from, packet, length, captured);
        if (!kept)
                __sync_fetch_and_add(&lost, 1);
}

static __always_inline long load_skb(void *packet, __u32 offset, void *to, __u32 length)
{
        return bpf_skb_load_bytes(packet, offset, to, length);
}

static __always_inline void keep_skb(struct __sk_buff *context, __u32 type, bool has_link)
{
        struct packet packet = {
            .length = context->len,
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

/* Who the frame is for is not known yet, but by its address. */
SEC("xdp")
int tap_xdp(struct xdp_md *context)
{
        const struct packet packet = {
            .length = (__u32)bpf_xdp_get_buff_len(context),
            .type = HOST,
        };

        keep(load_xdp, context, &packet);
        bpf_tail_call(context, &before, 0);
        return XDP_GO_ON;
}

static __always_inline long load_dynptr(void *packet, __u32 offset, void *to, __u32 length)
{
        return bpf_dynptr_read(to, length, packet, offset, 0);
}

SEC("?netfilter")
int tap_netfilter(struct bpf_nf_ctx *context)
{
        const struct nf_hook_state *state = context->state;
        const bool leaves = state->hook == IN_OUTPUT || state->hook == IN_POSTROUTING;
        const struct packet packet = {
            .length = context->skb->len,
            .type = leaves ? OUTGOING : HOST,
        };
        struct bpf_dynptr dynptr;

        if (bpf_dynptr_from_skb && bpf_dynptr_from_skb(context->skb, 0, &dynptr) == 0)
                keep(load_dynptr, &dynptr, &packet);
        return NETFILTER_GO_ON;
}
