// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The tap at netfilter: it alone needs the kernel's BTF, which takes a while to read. */
#include <linux/bpf.h> /* first: the next ones need its types */

#include "tap.bpf.h"

#include <bpf/bpf_core_read.h>

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
        NETFILTER_GO_ON = 1, /* NF_ACCEPT */
        IN_OUTPUT = 3,       /* NF_INET_* */
        IN_POSTROUTING = 4,
};

static __always_inline long load_dynptr(void *packet, __u32 offset, void *to, __u32 length)
{
        return bpf_dynptr_read(to, length, packet, offset, 0);
}

SEC("?netfilter")
int tap_netfilter(struct bpf_nf_ctx *context)
{
        const struct nf_hook_state *at = context->state;
        const bool leaves = at->hook == IN_OUTPUT || at->hook == IN_POSTROUTING;
        const struct packet packet = {
            .length = context->skb->len,
            .where = at->hook,
            .type = leaves ? OUTGOING : HOST,
        };
        struct bpf_dynptr dynptr;

        if (bpf_dynptr_from_skb && bpf_dynptr_from_skb(context->skb, 0, &dynptr) == 0)
                keep(load_dynptr, &dynptr, &packet);
        return NETFILTER_GO_ON;
}
