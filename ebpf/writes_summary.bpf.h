// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The write tracer's summary: calls added up in a map, by process or by descriptor. */
#pragma once

const volatile bool summary = false; /* sum up in `totals`; no records */
const volatile bool summary_by_descriptor = false;

enum { LAST_BUCKET = WRITES_BUCKETS - 1 };

/* Memory is taken as entries come: all of it at once would be some hundred megabytes. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __uint(max_entries, 1);
        __type(key, struct writes_key);
        __type(value, struct writes_total);
} totals SEC(".maps");

/* floor(log2(value)), by halving, unrolled: a loop would cost more. */
static __always_inline __u32 bucket_of(__u64 value)
{
        __u32 bucket = 0;

        if (value >> 32)
                return LAST_BUCKET;
#pragma unroll
        for (int half = 16; half > 1; half /= 2)
                if (value >> half) {
                        value >>= half;
                        bucket += half;
                }
        return bucket + (value >> 1);
}

static __always_inline struct writes_total *new_total(const struct writes_key *key)
{
        static const struct writes_total zero;

        bpf_map_update_elem(&totals, key, &zero, BPF_NOEXIST); /* another thread may be first */
        return bpf_map_lookup_elem(&totals, key);
}

/* Adds a call to its total. Returns false if the map is full. */
static __always_inline bool sum_up(const struct writes_event *call, long result)
{
        __u64 time = bpf_ktime_get_ns() - call->start;
        struct writes_key key = {call->pid, WRITES_NO_DESCRIPTOR};
        struct writes_total *total;

        if (summary_by_descriptor)
                key.fd = call->fd;
        total = bpf_map_lookup_elem(&totals, &key);
        if (!total) {
                total = new_total(&key);
                if (!total)
                        return false;
        }
        __sync_fetch_and_add(&total->calls, 1);
        if (result < 0)
                __sync_fetch_and_add(&total->errors, 1);
        else
                __sync_fetch_and_add(&total->bytes, result);
        __sync_fetch_and_add(&total->time, time);
        __sync_fetch_and_add(&total->histogram[bucket_of(time) & LAST_BUCKET], 1);
        __builtin_memcpy(total->comm, call->comm, sizeof(total->comm));
        return true;
}
