/* Two tables: of reasons that say enough by themselves, and of functions that are passed on a
 * packet's way. A function's name may have a suffix of the compiler's (".isra.0"). A function that
 * the compiler has put into its caller is not on the stack, so callers are in the table as well:
 * what counts is the first row that is met from the place of the drop outwards. */
#include "place.h"

#include "base/array.h"
#include "cli/rules/rules.h"

#include <string.h>

enum {
        CAUSE = 1,   /* the words say why */
        BY = 4,      /* they say what did it */
        SENDING = 2, /* on the way out */
};

/* --- Reasons --- */

/* `reason` may end in "*". With `within`, the row holds only if that function is on the stack. */
static const struct {
        const char *reason, *within, *words;
        unsigned flags;
} reasons[] = {
    {"IP_INHDR", "ip_forward", "TTL expired", CAUSE},
    {"IP_INHDR", "ip6_forward", "hop limit expired", CAUSE},
    {"NOT_SPECIFIED", "tpacket_rcv", "copy for a packet socket", 0},
    {"NO_SOCKET", NULL, "no socket", CAUSE},
    {"SOCKET_CLOSE", NULL, "socket closed", CAUSE},
    {"SOCKET_FILTER", NULL, "socket filter", BY},
    {"SOCKET_RCVBUFF", NULL, "socket buffer full", CAUSE},
    {"SOCKET_BACKLOG", NULL, "socket backlog full", CAUSE},
    {"PROTO_MEM", NULL, "memory for sockets used up", CAUSE},
    {"PKT_TOO_SMALL", NULL, "packet too short", CAUSE},
    {"PKT_TOO_BIG", NULL, "larger than the MTU", CAUSE},
    {"HDR_TRUNC", NULL, "header cut short", CAUSE},
    {"TCP_CSUM", NULL, "TCP checksum", CAUSE},
    {"UDP_CSUM", NULL, "UDP checksum", CAUSE},
    {"IP_CSUM", NULL, "IP checksum", CAUSE},
    {"ICMP_CSUM", NULL, "ICMP checksum", CAUSE},
    {"SKB_CSUM", NULL, "checksum", CAUSE},
    {"OTHERHOST", NULL, "for another host", CAUSE},
    {"IP_INHDR", NULL, "IP header", CAUSE},
    {"IP_RPFILTER", NULL, "reverse path filter", BY},
    {"UNICAST_IN_L2_MULTICAST", NULL, "unicast in a multicast frame", CAUSE},
    {"XFRM_POLICY", NULL, "IPsec policy", BY},
    {"IP_NOPROTO", NULL, "no such protocol", CAUSE},
    {"IP_OUTNOROUTES", NULL, "no route", CAUSE | SENDING},
    {"IP_INNOROUTES", NULL, "no route", CAUSE},
    {"IP_INADDRERRORS", NULL, "routing", 0},
    {"IP_LOCAL_SOURCE", NULL, "source address is this host's", CAUSE},
    {"IP_INVALID_SOURCE", NULL, "source address", CAUSE},
    {"IP_INVALID_DEST", NULL, "destination address", CAUSE},
    {"IP_LOCALNET", NULL, "loopback address from outside", CAUSE},
    {"IPV6DISABLED", NULL, "IPv6 disabled", CAUSE},
    {"IPV6_BAD_EXTHDR", NULL, "IPv6 extension header", CAUSE},
    {"IPV6_NDISC_*", NULL, "neighbour discovery", 0},
    {"TCP_AUTH_HDR", NULL, "TCP signature", CAUSE},
    {"TCP_MD5*", NULL, "TCP signature", CAUSE},
    {"TCP_AO*", NULL, "TCP signature", CAUSE},
    {"TCP_FLAGS", NULL, "TCP flags", CAUSE},
    {"TCP_INVALID_SYN", NULL, "TCP flags", CAUSE},
    {"TCP_ABORT_ON_DATA", NULL, "socket closed", CAUSE},
    {"TCP_CLOSE", NULL, "socket closed", CAUSE},
    {"TCP_ZEROWINDOW", NULL, "TCP window closed", CAUSE},
    {"TCP_OVERWINDOW", NULL, "outside of the TCP window", CAUSE},
    {"TCP_OLD_DATA", NULL, "TCP sequence", CAUSE},
    {"TCP_OFOMERGE", NULL, "TCP sequence", CAUSE},
    {"TCP_RFC7323_*", NULL, "TCP time stamps", CAUSE},
    {"TCP_OLD_SEQUENCE", NULL, "TCP sequence", CAUSE},
    {"TCP_INVALID_SEQUENCE", NULL, "TCP sequence", CAUSE},
    {"TCP_INVALID_END_SEQUENCE", NULL, "TCP sequence", CAUSE},
    {"TCP_INVALID_ACK_SEQUENCE", NULL, "TCP acknowledgement", CAUSE},
    {"TCP_OLD_ACK", NULL, "TCP acknowledgement", CAUSE},
    {"TCP_TOO_OLD_ACK", NULL, "TCP acknowledgement", CAUSE},
    {"TCP_ACK_UNSENT_DATA", NULL, "TCP acknowledgement", CAUSE},
    {"TCP_LISTEN_OVERFLOW", NULL, "accept queue full", CAUSE},
    {"TCP_RESET", NULL, "TCP reset received", CAUSE},
    {"TCP_FASTOPEN", NULL, "TCP Fast Open", 0},
    {"TCP_OFO_QUEUE_PRUNE", NULL, "socket buffer full", CAUSE},
    {"TCP_OFO_DROP", NULL, "socket buffer full", CAUSE},
    {"TCP_MINTTL", NULL, "TTL below the socket's least", CAUSE},
    {"BPF_CGROUP_EGRESS", NULL, "cgroup egress program", BY | SENDING},
    {"NEIGH_CREATEFAIL", NULL, "neighbour failed", CAUSE | SENDING},
    {"NEIGH_FAILED", NULL, "neighbour failed", CAUSE | SENDING},
    {"NEIGH_DEAD", NULL, "neighbour failed", CAUSE | SENDING},
    {"NEIGH_HH_FILLFAIL", NULL, "neighbour failed", CAUSE | SENDING},
    {"NEIGH_QUEUEFULL", NULL, "neighbour queue full", CAUSE | SENDING},
    {"SECURITY_HOOK", NULL, "security module", BY},
    {"TC_EGRESS", NULL, "tc egress", SENDING},
    {"TC_INGRESS", NULL, "tc ingress", 0},
    {"TC_*", NULL, "tc", 0},
    {"QDISC_DROP", NULL, "queueing discipline", BY | SENDING},
    {"QDISC_OVERLIMIT", NULL, "queue full", CAUSE | SENDING},
    {"QDISC_CONGESTED", NULL, "queue congested", CAUSE | SENDING},
    {"CAKE_FLOOD", NULL, "queue congested", CAUSE | SENDING},
    {"FQ_*", NULL, "queue full", CAUSE | SENDING},
    {"DUALPI2_STEP_DROP", NULL, "queue congested", CAUSE | SENDING},
    {"CPU_BACKLOG", NULL, "processor's backlog full", CAUSE},
    {"XDP", NULL, "XDP (generic)", 0},
    {"UNHANDLED_PROTO", NULL, "nobody takes this protocol", CAUSE},
    {"SKB_GSO_SEG", NULL, "segmentation", 0},
    {"SKB_UCOPY_FAULT", NULL, "memory of the program", 0},
    {"DEV_HDR", NULL, "link header", CAUSE},
    {"DEV_READY", NULL, "interface not ready", CAUSE},
    {"FULL_RING", NULL, "interface's ring full", CAUSE},
    {"NOMEM", NULL, "out of memory", CAUSE},
    {"TAP_*", NULL, "tap filter", BY},
    {"INVALID_PROTO", NULL, "protocol", CAUSE},
    {"DUP_FRAG", NULL, "fragment twice", CAUSE},
    {"FRAG_REASM_TIMEOUT", NULL, "fragments missing", CAUSE},
    {"FRAG_TOO_FAR", NULL, "fragments missing", CAUSE},
    {"QUEUE_PURGE", NULL, "queue emptied", CAUSE},
    {"PACKET_SOCK_ERROR", NULL, "copy for a packet socket", 0},
    {"VXLAN_*", NULL, "VXLAN", 0},
    {"IP_TUNNEL_ECN", NULL, "tunnel", 0},
    {"TUNNEL_TXINFO", NULL, "tunnel", SENDING},
    {"MAC_*", NULL, "bridge", 0},
    {"LOCAL_MAC", NULL, "bridge", 0},
    {"NO_TX_TARGET", NULL, "bridge", 0},
    {"BRIDGE_*", NULL, "bridge", 0},
    {"ARP_PVLAN_DISABLE", NULL, "ARP", 0},
    {"RECURSION_LIMIT", NULL, "loop of interfaces", CAUSE | SENDING},
};

/* --- Functions --- */

/* `hook` is the place if a hook of netfilter was called there, `words`, with the flags, if not;
 * either may be NULL: then the row tells nothing. */
static const struct {
        const char *function, *hook, *words;
        unsigned flags;
} functions[] = {
    {"ip_local_deliver", "INPUT", NULL, 0},
    {"ip6_input", "INPUT", NULL, 0},
    {"ip_rcv", "PREROUTING", "routing", 0},
    {"ip_list_rcv", "PREROUTING", "routing", 0},
    {"ip_sublist_rcv", "PREROUTING", "routing", 0},
    {"ipv6_rcv", "PREROUTING", "routing", 0},
    {"ipv6_list_rcv", "PREROUTING", "routing", 0},
    {"ip6_sublist_rcv", "PREROUTING", "routing", 0},
    {"ip_forward", "FORWARD", "forwarding", 0},
    {"ip6_forward", "FORWARD", "forwarding", 0},
    {"__ip_local_out", "OUTPUT", NULL, SENDING},
    {"__ip6_local_out", "OUTPUT", NULL, SENDING},
    {"ip6_xmit", "OUTPUT", NULL, SENDING},
    {"raw_sendmsg", "OUTPUT", NULL, SENDING},
    {"rawv6_sendmsg", "OUTPUT", NULL, SENDING},
    {"ndisc_send_skb", "OUTPUT", NULL, SENDING},
    {"mld_sendpack", "OUTPUT", NULL, SENDING},
    {"igmp6_send", "OUTPUT", NULL, SENDING},
    {"ip_output", "POSTROUTING", NULL, SENDING},
    {"ip_mc_output", "POSTROUTING", NULL, SENDING},
    {"ip6_output", "POSTROUTING", NULL, SENDING},
    {"xfrm4_output", "POSTROUTING", "IPsec", SENDING},
    {"xfrm6_output", "POSTROUTING", "IPsec", SENDING},
    {"arp_rcv", "ARP INPUT", "ARP", 0},
    {"arp_xmit", "ARP OUTPUT", "ARP", SENDING},
    {"br_handle_frame", "bridge PREROUTING", "bridge", 0},
    {"br_pass_frame_up", "bridge INPUT", "bridge", 0},
    {"__br_forward", "bridge FORWARD", "bridge", 0},
    {"br_forward_finish", "bridge POSTROUTING", "bridge", SENDING},
    {"br_dev_xmit", "bridge OUTPUT", "bridge", SENDING},
    {"__br_deliver", "bridge OUTPUT", "bridge", SENDING},
    {"__netif_receive_skb_core", "nftables ingress", NULL, 0},
    {"__dev_queue_xmit", "nftables egress", "queueing discipline", BY | SENDING},

    {"do_xdp_generic", NULL, "XDP (generic)", 0},
    {"sch_handle_ingress", NULL, "tc ingress", 0},
    {"sch_handle_egress", NULL, "tc egress", SENDING},
    {"tcf_mirred_act", NULL, "tc redirect", SENDING},
    {"__skb_do_redirect", NULL, "redirect of a BPF program", BY | SENDING},
    {"sk_filter_trim_cap", NULL, "socket filter", BY},
    {"udp_queue_rcv_one_skb", NULL, "UDP", 0},
    {"udpv6_queue_rcv_one_skb", NULL, "UDP", 0},
    {"__udp4_lib_rcv", NULL, "UDP", 0},
    {"__udp6_lib_rcv", NULL, "UDP", 0},
    {"udp_rcv", NULL, "UDP", 0},
    {"udp_recvmsg", NULL, "UDP", 0},
    {"__skb_recv_udp", NULL, "UDP checksum", CAUSE},
    {"tcp_v4_rcv", NULL, "TCP", 0},
    {"tcp_v6_rcv", NULL, "TCP", 0},
    {"tcp_v4_do_rcv", NULL, "TCP", 0},
    {"tcp_v6_do_rcv", NULL, "TCP", 0},
    {"icmp_rcv", NULL, "ICMP", 0},
    {"icmpv6_rcv", NULL, "ICMP", 0},
    {"igmp_rcv", NULL, "IGMP", 0},
    {"raw_rcv", NULL, "raw socket", 0},
    {"raw_local_deliver", NULL, "raw socket", 0},
    {"rawv6_rcv", NULL, "raw socket", 0},
    {"packet_rcv", NULL, "copy for a packet socket", 0},
    {"tpacket_rcv", NULL, "copy for a packet socket", 0},
    {"ip_defrag", NULL, "reassembly", 0},
    {"ip_expire", NULL, "fragments missing", CAUSE},
    {"ip6frag_expire_frag_queue", NULL, "fragments missing", CAUSE},
    {"ipv6_frag_rcv", NULL, "reassembly", 0},
    {"ip_rcv_core", NULL, "IP header", CAUSE},
    {"ip6_rcv_core", NULL, "IP header", CAUSE},
    {"ip_error", NULL, "no route", CAUSE},
    {"ip_fragment", NULL, "fragmentation", SENDING},
    {"ip6_pkt_drop", NULL, "no route", CAUSE},
    {"arp_error_report", NULL, "neighbour failed", CAUSE | SENDING},
    {"ndisc_error_report", NULL, "neighbour failed", CAUSE | SENDING},
    {"neigh_invalidate", NULL, "neighbour failed", CAUSE | SENDING},
    {"__neigh_event_send", NULL, "neighbour failed", CAUSE | SENDING},
    {"neigh_resolve_output", NULL, "neighbour failed", CAUSE | SENDING},
    {"arp_process", NULL, "ARP", 0},
    {"ip_mr_forward", NULL, "multicast routing", 0},
    {"ip_mr_input", NULL, "multicast routing", 0},
    {"enqueue_to_backlog", NULL, "processor's backlog full", CAUSE},
    {"validate_xmit_skb", NULL, "segmentation", SENDING},
    {"qdisc_reset", NULL, "queue emptied", CAUSE | SENDING},
    {"dev_deactivate_many", NULL, "interface down", CAUSE | SENDING},
    {"dev_hard_start_xmit", NULL, "interface", SENDING},
    {"tun_net_xmit", NULL, "TUN or TAP", SENDING},
    {"veth_xmit", NULL, "peer of the interface", SENDING},
    {"nfqnl_reinject", "queue of netfilter", "queue of netfilter", 0},
    {"nfqnl_enqueue_packet", "queue of netfilter", "queue of netfilter", 0},
};

/* What has been called where netfilter drops. */
static const char *const hooks[] = {"nf_hook_slow", "nf_hook_slow_list", "nft_do_chain",
                                    "ipt_do_table", "ip6t_do_table",     "arpt_do_table",
                                    "ebt_do_table"};

/* --- Looking them up --- */

static bool is_named(const char *function, const char *name)
{
        const size_t length = strlen(name);

        return function && strncmp(function, name, length) == 0 &&
               (function[length] == '\0' || function[length] == '.');
}

static bool matches(const char *reason, const char *pattern)
{
        const size_t length = strlen(pattern) - 1;

        return pattern[length] == '*' ? strncmp(reason, pattern, length) == 0
                                      : strcmp(reason, pattern) == 0;
}

static bool is_within(const char *name, const char *const *stack, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (is_named(stack[i], name))
                        return true;
        return false;
}

/* Those of iptables and of nftables' families ip, ip6, inet and netdev. */
static int hook_of(const char *words)
{
        static const char *const names[RULES_HOOKS] = {
            [RULES_PREROUTING] = "PREROUTING",   [RULES_INPUT] = "INPUT",
            [RULES_FORWARD] = "FORWARD",         [RULES_OUTPUT] = "OUTPUT",
            [RULES_POSTROUTING] = "POSTROUTING", [RULES_INGRESS] = "nftables ingress",
            [RULES_EGRESS] = "nftables egress",
        };

        for (int i = 0; i < RULES_HOOKS; i++)
                if (strcmp(words, names[i]) == 0)
                        return i;
        return -1;
}

static struct drop_place place_of(const char *words, unsigned flags, bool by_rules)
{
        return (struct drop_place){
            .words = words,
            .before = flags & CAUSE ? ": "
                      : flags & BY  ? " by the "
                                    : " in ",
            .is_sending = flags & SENDING,
            .by_rules = by_rules,
            .hook = by_rules ? hook_of(words) : -1,
        };
}

static struct drop_place find_by_reason(const char *reason, const char *const *stack, size_t count)
{
        for (size_t i = 0; i < array_count(reasons); i++)
                if (matches(reason, reasons[i].reason) &&
                    (!reasons[i].within || is_within(reasons[i].within, stack, count)))
                        return place_of(reasons[i].words, reasons[i].flags, false);
        return (struct drop_place){0};
}

static bool is_hook(const char *function)
{
        for (size_t i = 0; i < array_count(hooks); i++)
                if (is_named(function, hooks[i]))
                        return true;
        return false;
}

static struct drop_place find_by_function(const char *function, bool hooked)
{
        for (size_t i = 0; i < array_count(functions); i++) {
                const char *words = hooked ? functions[i].hook : functions[i].words;

                if (words && is_named(function, functions[i].function))
                        return place_of(words, functions[i].flags & (hooked ? SENDING : ~0U),
                                        hooked);
        }
        return (struct drop_place){0};
}

static struct drop_place find_by_stack(const char *const *stack, size_t count, bool hooked)
{
        struct drop_place place = {0};

        for (size_t i = 0; i < count && !place.words; i++) {
                hooked = hooked || is_hook(stack[i]);
                place = find_by_function(stack[i], hooked);
        }
        return place;
}

struct drop_place drop_place_find(const char *reason, const char *const *stack, size_t count)
{
        const bool hooked = reason && strcmp(reason, "NETFILTER_DROP") == 0;
        struct drop_place place = {0};

        if (reason && !hooked)
                place = find_by_reason(reason, stack, count);
        return place.words ? place : find_by_stack(stack, count, hooked);
}
