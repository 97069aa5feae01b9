/* What all taps share: a packet becomes a record in the ring. */
#pragma once

#include "record.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>

enum {
        ADDRESSES = 12, /* bytes before a VLAN tag */
        TAG = 4,
        HOST = 0, /* PACKET_* */
        OUTGOING = 4,
};

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 4096); /* set before it is created */
} ring SEC(".maps");

const volatile struct taps_constants constants;
struct taps_state state;

/* What is known of a packet beside its bytes. */
struct packet {
        __u32 length; /* of its bytes */
        __u32 where;  /* see struct taps_record */
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
        if (state.armed) {
                state.armed = 0;
                return BPF_RB_FORCE_WAKEUP;
        }
        return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= state.many ? BPF_RB_FORCE_WAKEUP
                                                                         : BPF_RB_NO_WAKEUP;
}

/* The room is a constant, as the kernel wants it to be. */
static __always_inline bool keep_in(__u32 room, load *load, void *from, const struct packet *packet,
                                    __u32 length, __u32 captured)
{
        struct taps_record *record = bpf_ringbuf_reserve(&ring, sizeof(*record) + room, 0);
        __u64 number = __sync_fetch_and_add(&state.accepted, 1);
        bool loaded;

        /* As its result is used, the addition is a barrier: state.armed is read after the record is
         * in the ring, and its reader sees the one or the other. */
        asm volatile("" : : "r"(number));
        if (!record)
                return false;
        *record = (struct taps_record){
            .time = bpf_ktime_get_ns(),
            .tap = constants.tap,
            .where = packet->where,
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

/* Each place that shares the tap has a counter of its own, if there is room for so many. */
static __always_inline void count_lost(__u32 where)
{
        __sync_fetch_and_add(&state.lost, 1);
#pragma unroll
        for (__u32 i = 0; i < TAPS_LOSS_TRIES; i++) {
                struct taps_loss *loss = &state.losses[(where + i) % TAPS_LOSSES];

                if (loss->where == where) {
                        __sync_fetch_and_add(&loss->count, 1);
                        return;
                }
        }
}

/* A record takes the smallest of some sizes that it fits. */
static __always_inline void keep(load *load, void *from, const struct packet *packet)
{
        const __u32 length = packet->length + (packet->tagged ? TAG : 0);
        const __u32 captured = length < state.snapshot ? length : state.snapshot;
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
                count_lost(packet->where);
}
