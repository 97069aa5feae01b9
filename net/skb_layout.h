/* Where a kernel has the fields of its struct sk_buff that filters at its tracepoints read: found
 * in its BTF by ebpf_kernel_find(), used by the programs of cbpf/extended.h. */
#pragma once

#include <stdint.h>

struct skb_field {
        uint16_t offset; /* bytes from the structure's start */
        uint8_t size;    /* 1, 2, 4 or 8 bytes; 0 if the kernel has no such field */
        uint32_t mask;   /* the bits of it, where it has only some of them; else 0 */
};

struct skb_layout {
        struct skb_field head, data, length, data_length; /* without these, nothing is read */
        struct skb_field mac_header, network_header;
        struct skb_field protocol, mark, queue, hash;
        struct skb_field vlan_present, vlan_tag, vlan_protocol;
        struct skb_field device, socket;
        struct skb_field device_index, device_type; /* of struct net_device */
        struct skb_field family;                    /* of struct sock_common */
};
