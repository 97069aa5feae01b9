/* What programs are told, by the place where they run: offsets in the structures that <linux/bpf.h>
 * defines for them, and numbers of its helper functions. */
#include "code.h"

#include <linux/filter.h>

/* struct __sk_buff */
enum {
        SKB_LEN = 0,
        SKB_PKT_TYPE = 4,
        SKB_MARK = 8,
        SKB_QUEUE_MAPPING = 12,
        SKB_PROTOCOL = 16,
        SKB_VLAN_PRESENT = 20,
        SKB_VLAN_TCI = 24,
        SKB_VLAN_PROTO = 28,
        SKB_IFINDEX = 40,
        SKB_HASH = 68,
        SKB_DATA = 76,
        SKB_DATA_END = 80,
};

/* struct xdp_md */
enum {
        XDP_DATA = 0,
        XDP_DATA_END = 4,
};

/* Helpers */
enum {
        SKB_LOAD_BYTES = 26,
        XDP_LOAD_BYTES = 189,
};

const struct context emission_contexts[CBPF_CONTEXTS] = {
    [CBPF_CONTEXT_SOCKET] = {.has_length = true,
                             .length = SKB_LEN,
                             .is_skb = true,
                             .load_bytes = SKB_LOAD_BYTES},
    [CBPF_CONTEXT_TC] = {.direct = true,
                         .data = SKB_DATA,
                         .data_end = SKB_DATA_END,
                         .has_length = true,
                         .length = SKB_LEN,
                         .is_skb = true,
                         .load_bytes = SKB_LOAD_BYTES},
    [CBPF_CONTEXT_XDP] = {.direct = true,
                          .data = XDP_DATA,
                          .data_end = XDP_DATA_END,
                          .load_bytes = XDP_LOAD_BYTES},
    [CBPF_CONTEXT_CGROUP] = {.direct = true,
                             .data = SKB_DATA,
                             .data_end = SKB_DATA_END,
                             .has_length = true,
                             .length = SKB_LEN,
                             .is_skb = true,
                             .load_bytes = SKB_LOAD_BYTES},
};

bool context_field(const struct context *context, uint32_t k, uint16_t *field, bool *swapped)
{
        static const struct {
                bool known, swapped;
                uint16_t field;
        } fields[SKF_AD_MAX] = {
            [SKF_AD_PROTOCOL] = {true, true, SKB_PROTOCOL},
            [SKF_AD_PKTTYPE] = {true, false, SKB_PKT_TYPE},
            [SKF_AD_IFINDEX] = {true, false, SKB_IFINDEX},
            [SKF_AD_MARK] = {true, false, SKB_MARK},
            [SKF_AD_QUEUE] = {true, false, SKB_QUEUE_MAPPING},
            [SKF_AD_RXHASH] = {true, false, SKB_HASH},
            [SKF_AD_VLAN_TAG] = {true, false, SKB_VLAN_TCI},
            [SKF_AD_VLAN_TAG_PRESENT] = {true, false, SKB_VLAN_PRESENT},
            [SKF_AD_VLAN_TPID] = {true, true, SKB_VLAN_PROTO},
        };
        uint32_t number = k - (uint32_t)SKF_AD_OFF;

        if (!context->is_skb || number >= SKF_AD_MAX || !fields[number].known)
                return false;
        *field = fields[number].field;
        *swapped = fields[number].swapped;
        return true;
}
