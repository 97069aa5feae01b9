#!/bin/bash
# Packets that are said to tell filters apart do so in the kernel: each is sent over a veth pair to a socket with the one
# filter and to one with the other, and, of any link type, as a datagram.
. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root ip

counterexamples=${BUILD:-build}/tests/tools/counterexamples
host=$net-counterexamples
at_end ip netns delete "$host"
quiet_host "$host" || exit 1
ip -n "$host" link add a0 index 3 mtu 65535 type veth peer name b0 index 2 address 00:00:5e:00:53:02 mtu 65535 || exit 1
ip -n "$host" link set a0 up && ip -n "$host" link set b0 up || exit 1

run ip netns exec "$host" "$counterexamples" b0 a0 500 1
is "$status $(tail -n 1 <<<"$out")" '0 wrong: 0' 'the kernel answers to every packet as it was said' || note "$out$err"
# at_least NUMBER WHAT NAME: that many frames of these pairs were sent.
at_least() {
        local sent
        sent=$(sed -n "s/^$2: .*as frames: \([0-9]*\);.*/\1/p" <<<"$out")
        report $((${sent:-0} < $1)) "$3" || note "$out"
}
at_least 12 'optimizer faults' "faults of libpcap's optimizer"
at_least 80 'changed programs' 'programs of which an instruction was changed'
at_least 200 'changed live programs' 'live programs, likewise'
done_testing
