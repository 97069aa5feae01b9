# shellcheck shell=bash
# Private networks for tests, sourced after tap.sh: all traffic of a test stays inside. Everything made
# here goes away when the script ends.

PATH=$PATH:/usr/sbin:/sbin
net=filt-$$

# network_up: two hosts, $a and $b (namespaces), joined by a veth pair: `a0` in $a with 192.0.2.1 and
# 2001:db8::1, `b0` in $b with 192.0.2.2 and 2001:db8::2.
network_up() {
        a=$net-a
        b=$net-b
        at_end network_down
        quiet_host "$a" && quiet_host "$b" || return 1
        ip link add a0 netns "$a" address 02:00:00:00:00:01 type veth \
                peer name b0 netns "$b" address 02:00:00:00:00:02 || return 1
        host_up "$a" a0 1 && host_up "$b" b0 2
}

# quiet_host NAMESPACE: makes it. Its interfaces speak no IPv6, of which the kernel sends multicasts unasked.
quiet_host() {
        ip netns add "$1" && ip netns exec "$1" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
}

# host_up NAMESPACE INTERFACE N: addresses, no duplicate address detection, all links up.
host_up() {
        ip -n "$1" link set lo up &&
                ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=0" \
                        "net.ipv6.conf.$2.accept_dad=0" "net.ipv6.conf.$2.router_solicitations=0" &&
                ip -n "$1" link set "$2" up &&
                ip -n "$1" addr add "192.0.2.$3/24" dev "$2" &&
                ip -n "$1" addr add "2001:db8::$3/64" dev "$2" nodad
}

# network_known: the two know each other's MAC addresses, so that neither asks for them.
network_known() {
        ip -n "$a" neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev a0 nud permanent
        ip -n "$b" neigh replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev b0 nud permanent
}

network_down() {
        local namespace
        for namespace in "$a" "$b"; do
                ip netns pids "$namespace" | xargs -r kill -9
                ip netns delete "$namespace"
        done
}

# in_a COMMAND..., in_b COMMAND...: run it on that host.
in_a() { ip netns exec "$a" "$@"; }
in_b() { ip netns exec "$b" "$@"; }
