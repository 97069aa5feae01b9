// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Puts each packet that the kernel drops into a ring, with the reason, the stack, and what is still
 * known of where it was: the tracepoint skb:kfree_skb, which is not passed by packets that come to
 * a good end. */
#include <linux/bpf.h> /* first: the next ones need its types */

#include "packet.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 4096); /* set before it is created */
} ring SEC(".maps");

/* Where a filter goes on to this program. */
struct {
        __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
        __uint(max_entries, 1);
        __type(key, __u32);
        __type(value, __u32);
} behind_filter SEC(".maps");

const volatile __u32 only_namespace; /* 0 for all */
const volatile __u32 snapshot;       /* bytes kept of a packet at most */
const volatile __u32 frames;         /* of the stack, likewise */
const volatile bool has_reason;      /* what the tracepoint tells: Linux 5.17, */
const volatile bool has_socket;      /* and 6.11 */

__u64 lost; /* packets for which the ring had no room */

static __always_inline void copy_stack(struct drops_record *record, void *context)
{
        const __u32 room = frames < DROPS_STACK ? frames : DROPS_STACK;

        if (bpf_get_stack(context, record->stack, room * (__u32)sizeof(*record->stack), 0) < 0)
                record->stack[0] = 0;
}

/* The room is a constant, as the kernel wants it to be. */
static __always_inline void keep_in(__u32 room, void *context, const struct drop *drop,
                                    const struct place *place, const struct layout *layout,
                                    __u32 captured)
{
        struct drops_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record) + room, 0);

        if (!record) {
                __sync_fetch_and_add(&lost, 1);
                return;
        }
        __builtin_memset(record, 0, sizeof(*record));
        record->time = bpf_ktime_get_ns();
        record->location = drop->location;
        record->reason = drop->reason;
        record->network_namespace = place->network_namespace;
        record->length = layout->length;
        record->captured = captured;
        record->protocol = layout->protocol;
        describe_tag(record, drop->packet);
        describe_link(record, drop, place, layout);
        copy_stack(record, context);
        if (copy_bytes(record, layout, captured, room)) {
                bpf_ringbuf_submit(record, 0);
                return;
        }
        __sync_fetch_and_add(&lost, 1);
        bpf_ringbuf_discard(record, BPF_RB_NO_WAKEUP);
}

/* A record takes the smallest of some sizes that it fits. */
static __always_inline void keep(void *context, const struct drop *drop, const struct place *place,
                                 const struct layout *layout)
{
        const __u32 captured = layout->captured < snapshot ? layout->captured : snapshot;

        if (captured <= 128)
                keep_in(128, context, drop, place, layout, captured);
        else if (captured <= 1600)
                keep_in(1600, context, drop, place, layout, captured);
        else
                keep_in(DROPS_LONGEST, context, drop, place, layout,
                        captured < DROPS_LONGEST ? captured : DROPS_LONGEST);
}

SEC("raw_tp/kfree_skb")
int drop(struct bpf_raw_tracepoint_args *context)
{
        struct drop drop = {
            .packet = (struct sk_buff *)context->args[0],
            .location = context->args[1],
            .reason = has_reason ? (__u32)context->args[2] : 0,
            .receiver = has_socket ? (struct sock *)context->args[3] : NULL,
        };
        struct place place = find_place(&drop);
        struct layout layout = {0};

        if (only_namespace && place.network_namespace != only_namespace)
                return 0;
        if (find_layout(&drop, &layout))
                keep(context, &drop, &place, &layout);
        return 0;
}
