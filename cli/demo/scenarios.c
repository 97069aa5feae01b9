/* The rows of filt demo's table, in the order in which a packet comes to their rules on its way
 * from a socket on host A to one on host B. */
#include "demo.h"

#define NFT_CHAIN(hook, device)                                                    \
        "nft add table netdev t",                                                  \
            "nft add chain netdev t c '{ type filter hook " hook " device " device \
            " priority 0; }'",                                                     \
            "nft add rule netdev t c ip protocol udp counter drop"

/* A classic BPF program of one instruction, "ret #2": 2 is TC_ACT_SHOT. */
#define TC_DROP(hook, device)                 \
        "tc qdisc add dev " device " clsact", \
            "tc filter add dev " device " " hook " protocol ip bpf da bytecode '1,6 0 0 2'"

const struct demo_scenario demo_scenarios[] = {
    {
        .name = "no-route",
        .summary = "the sender has no route to the receiver",
        .host = NETWORK_A,
        .commands = {"ip route delete 192.0.2.0/24 dev a0"},
        .counter = "nstat -asz IpOutNoRoutes",
        .counted = "IpOutNoRoutes",
        .last = DEMO_NOWHERE,
        .why = "ip_route_output_flow(), called by udp_sendmsg(), finds no route: there never is a "
               "packet.",
    },
    {
        .name = "iptables-output",
        .summary = "iptables drops in OUTPUT, on the sender",
        .host = NETWORK_A,
        .commands = {"iptables -A OUTPUT -p udp -j DROP"},
        .counter = "iptables -v -S OUTPUT",
        .counted = "-A OUTPUT -p udp -c",
        .last = DEMO_OUTPUT,
        .fate = "✗ dropped in OUTPUT by -A OUTPUT -p udp -j DROP",
        .why = "__ip_local_out() asks the hook NF_INET_LOCAL_OUT before the packet comes to a "
               "device, and so to a tap.",
    },
    {
        .name = "nft-egress",
        .summary = "nftables drops in the egress hook, on the sender",
        .host = NETWORK_A,
        .commands = {NFT_CHAIN("egress", "a0")},
        .counter = "nft list chain netdev t c",
        .counted = "counter packets",
        .last = DEMO_OUTPUT,
        .fate = "✗ dropped in nftables egress by nft netdev t c: ip protocol udp",
        .why = "__dev_queue_xmit() asks nf_hook_egress() before it sends, and so before the "
               "sender's tap.",
    },
    {
        .name = "tc-egress",
        .summary = "tc drops at egress (clsact), on the sender",
        .host = NETWORK_A,
        .commands = {TC_DROP("egress", "a0")},
        .counter = "tc -s qdisc show dev a0 clsact",
        .counted = "(dropped",
        .last = DEMO_EGRESS,
        .fate = "✗ dropped in tc egress",
        .why = "sch_handle_egress(), next in __dev_queue_xmit(), comes before the sender's tap as "
               "well.",
    },
    {
        .name = "xdp-generic",
        .summary = "an XDP program drops, in generic mode",
        .host = NETWORK_B,
        .xdp = true,
        .last = DEMO_XDP,
        .fate = "✗ dropped in XDP (generic)",
        .why = "__netif_receive_skb_core() calls do_xdp_generic() first of all, before the "
               "receiver's tap. (A driver that runs XDP itself does so earlier still.)",
    },
    {
        .name = "tc-ingress",
        .summary = "tc drops at ingress (clsact)",
        .host = NETWORK_B,
        .commands = {TC_DROP("ingress", "b0")},
        .counter = "tc -s qdisc show dev b0 clsact",
        .counted = "(dropped",
        .last = DEMO_INGRESS,
        .fate = "✗ dropped in tc ingress",
        .why = "__netif_receive_skb_core() calls sch_handle_ingress() after the taps.",
    },
    {
        .name = "nft-ingress",
        .summary = "nftables drops in the ingress hook",
        .host = NETWORK_B,
        .commands = {NFT_CHAIN("ingress", "b0")},
        .counter = "nft list chain netdev t c",
        .counted = "counter packets",
        .last = DEMO_INGRESS,
        .fate = "✗ dropped in nftables ingress by nft netdev t c: ip protocol udp",
        .why = "nf_ingress(), next in __netif_receive_skb_core(), is after the taps too.",
    },
    {
        .name = "iptables-raw",
        .summary = "iptables drops in the raw table's PREROUTING",
        .host = NETWORK_B,
        .commands = {"iptables -t raw -A PREROUTING -p udp -j DROP"},
        .counter = "iptables -t raw -v -S PREROUTING",
        .counted = "-A PREROUTING -p udp -c",
        .last = DEMO_PREROUTING,
        .fate = "✗ dropped in PREROUTING by -t raw -A PREROUTING -p udp -j DROP",
        .why = "ip_rcv() asks the hook NF_INET_PRE_ROUTING: no firewall of iptables is earlier, "
               "yet all of IP comes after the taps.",
    },
    {
        .name = "rp-filter",
        .summary = "the receiver has no route back: reverse path filter",
        .host = NETWORK_B,
        .commands = {"ip route add unreachable 192.0.2.1", "sysctl net.ipv4.conf.b0.rp_filter=1"},
        .counter = "nstat -asz TcpExtIPReversePathFilter",
        .counted = "TcpExtIPReversePathFilter",
        .last = DEMO_PREROUTING,
        .fate = "✗ dropped by the reverse path filter",
        .why = "fib_validate_source(), below ip_rcv_finish(), finds that no answer could go back "
               "through b0.",
    },
    {
        .name = "route-down",
        .summary = "a router's link to the receiver is down, the route gone",
        .host = NETWORK_B,
        .routed = true,
        .commands = {"ip link set b1 down"},
        .counter = "nstat -asz IpExtInNoRoutes",
        .counted = "IpExtInNoRoutes",
        .last = DEMO_PREROUTING,
        .fate = "✗ dropped: no route",
        .why = "ip_route_input_slow(), below ip_rcv_finish(), finds no route to C, and ip_error() "
               "drops.",
    },
    {
        .name = "iptables-forward",
        .summary = "iptables drops in FORWARD, on a router",
        .host = NETWORK_B,
        .routed = true,
        .commands = {"iptables -A FORWARD -p udp -j DROP"},
        .counter = "iptables -v -S FORWARD",
        .counted = "-A FORWARD -p udp -c",
        .last = DEMO_FORWARD,
        .fate = "✗ dropped in FORWARD by -A FORWARD -p udp -j DROP",
        .why = "ip_forward() asks the hook NF_INET_FORWARD, once the route to C is known.",
    },
    {
        .name = "iptables-input",
        .summary = "iptables drops in INPUT",
        .host = NETWORK_B,
        .commands = {"iptables -A INPUT -p udp -j DROP"},
        .counter = "iptables -v -S INPUT",
        .counted = "-A INPUT -p udp -c",
        .last = DEMO_INPUT,
        .fate = "✗ dropped in INPUT by -A INPUT -p udp -j DROP",
        .why = "ip_local_deliver() asks the hook NF_INET_LOCAL_IN, the last one before the socket.",
    },
    {
        .name = "no-rule",
        .summary = "nothing is in the way",
        .host = NETWORK_B,
        .last = DEMO_INPUT,
        .fate = "✓ filt[",
        .why = "each tap is given a copy, in tpacket_rcv(); the packet itself goes on to "
               "udp_queue_rcv_skb(), which puts it into the socket's queue.",
    },
};

const size_t demo_scenario_count = sizeof demo_scenarios / sizeof *demo_scenarios;

bool demo_has_rule(const struct demo_scenario *scenario)
{
        return scenario->counter || scenario->xdp;
}

bool demo_reaches(const struct demo_scenario *scenario, int place)
{
        const int elsewhere = scenario->routed ? DEMO_INPUT : DEMO_FORWARD;

        return place <= scenario->last && place != elsewhere;
}
