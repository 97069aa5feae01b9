#!/bin/bash
# --resolve: names as tcpdump prints them without -n, and a name server that never answers, which must not
# delay printing.
. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root tcpdump ip unshare

network_up || { report 1 'a private network'; done_testing; }
printf '%s\n' '127.0.0.1 localhost' '192.0.2.1 host-a' '192.0.2.2 host-b' '2001:db8::1 host-a.example.org' \
        '2001:db8::2 host-b.example.org' >"$scratch/hosts"
echo 'nameserver 192.0.2.9' >"$scratch/resolv.conf"
# The host with this address accepts everything and never answers.
ip -n "$a" neighbor add 192.0.2.9 lladdr 02:00:00:00:00:09 dev a0

# Before a command: names come from the two files above.
# shellcheck disable=SC2016 # for the inner shell
with_names=(ip netns exec "$a" unshare -m sh -c 'mount --bind "$0/hosts" /etc/hosts &&
        mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"' "$scratch")

for capture in tcp udp http; do
        run "${with_names[@]}" tcpdump -tr pcaps/$capture.pcap
        expected=$out
        run "${with_names[@]}" "$filt" --resolve -tr pcaps/$capture.pcap
        is "$out" "$expected" "$capture: addresses and ports by name as tcpdump prints them"
done
like "$out" 'host-a.* > host-b.*\.http: ' 'they are names'

: >"$scratch/hosts"
run "$filt" -tr pcaps/icmp-errors.pcap
numbers=$out
begin=$(date +%s%N)
run "${with_names[@]}" "$filt" --resolve -tr pcaps/icmp-errors.pcap
took=$((($(date +%s%N) - begin) / 1000000))
is "$status" 0 'no name server: done'
is "$(cut -d ' ' -f 2 <<<"$out")" "$(cut -d ' ' -f 2 <<<"$numbers")" 'no name server: numbers'
[ $took -lt 2500 ]
report $? "no name server: no waiting (took $took ms)"
done_testing
