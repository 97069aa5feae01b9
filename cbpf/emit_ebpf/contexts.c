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
        XDP_INTERFACE = 12, /* ingress_ifindex of struct xdp_md */
        XDP_GET_BUFF_LEN = 188,
        XDP_LOAD_BYTES = 189,
        DYNPTR_READ = 201,
};

/* Of a packet: (context, offset, to, length). Of a dynptr: (to, length, dynptr, offset, flags). */
static const struct copier of_skb = {"bpf_skb_load_bytes", SKB_LOAD_BYTES, 1, 2, 3, 4};
static const struct copier of_xdp = {"bpf_xdp_load_bytes", XDP_LOAD_BYTES, 1, 2, 3, 4};
static const struct copier of_dynptr = {"bpf_dynptr_read", DYNPTR_READ, 3, 4, 1, 2};

const struct context emission_contexts[CBPF_CONTEXTS] = {
    [CBPF_CONTEXT_SOCKET] = {.has_length = true,
                             .length = SKB_LEN,
                             .is_skb = true,
                             .copier = &of_skb},
    [CBPF_CONTEXT_TC] = {.direct = true,
                         .data = SKB_DATA,
                         .data_end = SKB_DATA_END,
                         .unknown = SKB_LEN,
                         .has_length = true,
                         .length = SKB_LEN,
                         .is_skb = true,
                         .copier = &of_skb},
    [CBPF_CONTEXT_XDP] = {.direct = true,
                          .data = XDP_DATA,
                          .data_end = XDP_DATA_END,
                          .unknown = XDP_INTERFACE,
                          .length_name = "bpf_xdp_get_buff_len",
                          .length_helper = XDP_GET_BUFF_LEN,
                          .copier = &of_xdp},
    [CBPF_CONTEXT_CGROUP] = {.direct = true,
                             .data = SKB_DATA,
                             .data_end = SKB_DATA_END,
                             .unknown = SKB_LEN,
                             .has_length = true,
                             .length = SKB_LEN,
                             .is_skb = true,
                             .copier = &of_skb},
    [CBPF_CONTEXT_NETFILTER] = {.is_dynptr = true, .copier = &of_dynptr},
    [CBPF_CONTEXT_TRACEPOINT] = {.is_address = true},
};

/* Fields by the number of the ancillary load. */
static const struct field {
        const char *name; /* NULL if there is none */
        bool swapped;
        uint16_t offset;
} fields[SKF_AD_MAX] = {
    [SKF_AD_PROTOCOL] = {"protocol", true, SKB_PROTOCOL},
    [SKF_AD_PKTTYPE] = {"pkt_type", false, SKB_PKT_TYPE},
    [SKF_AD_IFINDEX] = {"ifindex", false, SKB_IFINDEX},
    [SKF_AD_MARK] = {"mark", false, SKB_MARK},
    [SKF_AD_QUEUE] = {"queue_mapping", false, SKB_QUEUE_MAPPING},
    [SKF_AD_RXHASH] = {"hash", false, SKB_HASH},
    [SKF_AD_VLAN_TAG] = {"vlan_tci", false, SKB_VLAN_TCI},
    [SKF_AD_VLAN_TAG_PRESENT] = {"vlan_present", false, SKB_VLAN_PRESENT},
    [SKF_AD_VLAN_TPID] = {"vlan_proto", true, SKB_VLAN_PROTO},
};

const char *context_field_name(uint32_t k)
{
        uint32_t number = k - (uint32_t)SKF_AD_OFF;

        return number < SKF_AD_MAX ? fields[number].name : NULL;
}

bool context_field(const struct context *context, uint32_t k, uint16_t *field, bool *swapped)
{
        uint32_t number = k - (uint32_t)SKF_AD_OFF;

        if (!context->is_skb || !context_field_name(k))
                return false;
        *field = fields[number].offset;
        *swapped = fields[number].swapped;
        return true;
}
