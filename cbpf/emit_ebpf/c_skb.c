/* Packets that a tracepoint is told of, in C: as skb.c has them, but a field is read by its name,
 * which libbpf looks up in the kernel that the program is loaded into. */
#include "c_text.h"

#include <linux/filter.h>

static const char kernel[] =
    "#define KERNEL __attribute__((preserve_access_index))\n"
    "\n"
    "struct net_device {\n"
    "\tint ifindex;\n"
    "\tunsigned short type;\n"
    "} KERNEL;\n"
    "\n"
    "struct sock_common {\n"
    "\tunsigned short skc_family;\n"
    "} KERNEL;\n"
    "\n"
    "struct sock {\n"
    "\tstruct sock_common __sk_common;\n"
    "} KERNEL;\n"
    "\n"
    "struct sk_buff {\n"
    "\tstruct net_device *dev;\n"
    "\tstruct sock *sk;\n"
    "\tunsigned int len, data_len;\n"
    "\t__u8 vlan_present : 1; /* before Linux 6.2 */\n"
    "\t__u32 vlan_all, mark, hash;\n"
    "\t__u16 vlan_tci, vlan_proto, queue_mapping, protocol, mac_header, network_header;\n"
    "\tunsigned char *head, *data;\n"
    "} KERNEL;\n"
    "\n"
    "#define VLAN_PRESENT(skb) \\\n"
    "\t(bpf_core_field_exists((skb)->vlan_all) ? BPF_CORE_READ(skb, vlan_all) != 0 \\\n"
    "\t : (__u32)BPF_CORE_READ_BITFIELD_PROBED(skb, vlan_present))\n"
    "\n"
    "/* The packet's first byte, how many lie there in a row, and how many there are. */\n"
    "struct packet {\n"
    "\tunsigned char *start;\n"
    "\t__u64 end;\n"
    "\t__u32 length, protocol;\n"
    "};\n"
    "\n";

static const char copy[] =
    "static __always_inline long copy(void *to, __u32 length, const struct packet *packet,\n"
    "\t\t\t\t __u64 from)\n"
    "{\n"
    "\treturn from + length > packet->end ||\n"
    "\t       bpf_probe_read_kernel(to, length, packet->start + from);\n"
    "}\n"
    "#define COPY(ctx, from, to, length) copy(to, length, &packet, from)\n"
    "\n";

static const char at_data[] =
    "static __always_inline int find_start(struct packet *packet, struct sk_buff *skb)\n"
    "{\n"
    "\tpacket->start = BPF_CORE_READ(skb, data);\n"
    "\treturn 1;\n"
    "}\n"
    "\n";

static const char at_link[] =
    "static __always_inline int find_start(struct packet *packet, struct sk_buff *skb)\n"
    "{\n"
    "\t__u32 at = BPF_CORE_READ(skb, mac_header);\n"
    "\n"
    "\tpacket->start = BPF_CORE_READ(skb, head) + at;\n"
    "\treturn at != 0xffff;\n"
    "}\n"
    "\n";

static const char at_network[] =
    "static __always_inline int find_start(struct packet *packet, struct sk_buff *skb)\n"
    "{\n"
    "\t__u32 at = BPF_CORE_READ(skb, network_header);\n"
    "\n"
    "\tpacket->start = BPF_CORE_READ(skb, head) + at;\n"
    "\treturn at != 0;\n"
    "}\n"
    "\n";

/* By the address family (AF_INET, AF_INET6) of the socket, if the packet has no EtherType. */
static const char where_it_is[] =
    "static __always_inline __u32 find_protocol(struct sk_buff *skb, struct sock *socket)\n"
    "{\n"
    "\t__u32 protocol = NET16(BPF_CORE_READ(skb, protocol)), family;\n"
    "\n"
    "\tif (protocol)\n"
    "\t\treturn protocol;\n"
    "\tif (!socket)\n"
    "\t\tsocket = BPF_CORE_READ(skb, sk);\n"
    "\tfamily = socket ? BPF_CORE_READ(socket, __sk_common.skc_family) : 0;\n"
    "\treturn family == 2 ? 0x800 : family == 10 ? 0x86dd : 0;\n"
    "}\n"
    "\n"
    "/* Whether the network header may be there. */\n"
    "static __always_inline int fits(const struct packet *packet, __u64 at, __u64 end)\n"
    "{\n"
    "\t__u8 first;\n"
    "\n"
    "\tif (at == 0 || at >= end ||\n"
    "\t    bpf_probe_read_kernel(&first, sizeof(first), packet->start + at))\n"
    "\t\treturn 0;\n"
    "\treturn packet->protocol == 0x800 ? first >> 4 == 4\n"
    "\t     : packet->protocol == 0x86dd ? first >> 4 == 6 : 1;\n"
    "}\n"
    "\n"
    "/* Where the kernel says that it is, at the data, or behind a link header. */\n"
    "static __always_inline int find_start(struct packet *packet, struct sk_buff *skb,\n"
    "\t\t\t\t      struct sock *socket)\n"
    "{\n"
    "\tunsigned char *head = BPF_CORE_READ(skb, head);\n"
    "\t__u64 data = BPF_CORE_READ(skb, data) - head;\n"
    "\t__u64 end = data + BPF_CORE_READ(skb, len) - BPF_CORE_READ(skb, data_len);\n"
    "\t__u64 link = BPF_CORE_READ(skb, mac_header);\n"
    "\t__u64 at = BPF_CORE_READ(skb, network_header);\n"
    "\n"
    "\tpacket->protocol = find_protocol(skb, socket);\n"
    "\tif (!packet->protocol)\n"
    "\t\treturn 0;\n"
    "\tpacket->start = head;\n"
    "\tif (!fits(packet, at, end) && !fits(packet, at = data, end) &&\n"
    "\t    !fits(packet, at = link == 0xffff ? 0 : link + 14, end) &&\n"
    "\t    !fits(packet, at = data + 14, end))\n"
    "\t\treturn 0;\n"
    "\tpacket->start = head + at;\n"
    "\treturn 1;\n"
    "}\n"
    "\n";

void c_skb_declare(const struct c_writer *writer, struct text *text)
{
        static const char *const starts[] = {
            [CBPF_START_DATA] = at_data,
            [CBPF_START_LINK] = at_link,
            [CBPF_START_NETWORK] = at_network,
            [CBPF_START_FOUND] = where_it_is,
        };

        text_string(text, kernel);
        if (writer->used[C_START] || writer->used[C_NEAR] || writer->used_singles)
                text_string(text, copy);
        text_string(text, starts[writer->target->tracepoint->start]);
}

void c_skb_begin(const struct c_writer *writer, struct text *text)
{
        const struct cbpf_extended_tracepoint *tracepoint = writer->target->tracepoint;

        text_format(text,
                    "\tstruct sk_buff *skb = (struct sk_buff *)ctx->args[%u];\n"
                    "\tstruct packet packet = {};\n"
                    "\t__s64 length, elsewhere;\n"
                    "\n",
                    tracepoint->argument);
        if (tracepoint->start != CBPF_START_FOUND)
                text_string(text, "\tif (!find_start(&packet, skb))\n\t\treturn 0;\n");
        else if (tracepoint->receiver == 0)
                text_string(text, "\tif (!find_start(&packet, skb, 0))\n\t\treturn 0;\n");
        else
                text_format(text,
                            "\tif (!find_start(&packet, skb, (struct sock *)ctx->args[%u]))\n"
                            "\t\treturn 0;\n",
                            tracepoint->receiver);
        text_string(
            text, "\tlength = BPF_CORE_READ(skb, data) + BPF_CORE_READ(skb, len) - packet.start;\n"
                  "\telsewhere = BPF_CORE_READ(skb, data_len);\n"
                  "\tif (length < elsewhere)\n"
                  "\t\treturn 0;\n"
                  "\tpacket.length = length;\n"
                  "\tpacket.end = length - elsewhere;\n");
}

void c_skb_field(struct c_writer *writer, uint32_t k)
{
        const struct cbpf_extended_tracepoint *tracepoint = writer->target->tracepoint;
        const char *value = NULL;

        switch (k - (uint32_t)SKF_AD_OFF) {
        case SKF_AD_PROTOCOL:
                value = tracepoint->start == CBPF_START_FOUND
                            ? "packet.protocol"
                            : "NET16(BPF_CORE_READ(skb, protocol))";
                break;
        case SKF_AD_MARK: value = "BPF_CORE_READ(skb, mark)"; break;
        case SKF_AD_QUEUE: value = "(__u32)BPF_CORE_READ(skb, queue_mapping)"; break;
        case SKF_AD_RXHASH: value = "BPF_CORE_READ(skb, hash)"; break;
        case SKF_AD_VLAN_TAG: value = "(__u32)BPF_CORE_READ(skb, vlan_tci)"; break;
        case SKF_AD_VLAN_TAG_PRESENT: value = "VLAN_PRESENT(skb)"; break;
        case SKF_AD_VLAN_TPID: value = "NET16(BPF_CORE_READ(skb, vlan_proto))"; break;
        /* Without a device, what is read of it is 0. */
        case SKF_AD_IFINDEX: value = "(__u32)BPF_CORE_READ(skb, dev, ifindex)"; break;
        case SKF_AD_HATYPE: value = "(__u32)BPF_CORE_READ(skb, dev, type)"; break;
        }
        if (k == (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX) ||
            k == (uint32_t)(SKF_AD_OFF + SKF_AD_HATYPE))
                writer->impossible |= !tracepoint->has_device;
        if (value)
                text_string(&writer->text, value);
        else
                writer->impossible = true;
}
