#!/bin/bash
# Hints: which expressions get one, where it points, and when hints are shown.
. "${BASH_SOURCE[0]%/*}/../tap.sh"
. tests/net.sh
needs root perl ip script

# hinted EXPRESSION COLUMN TEXT: a hint at this column (from 0) whose text matches.
hinted() {
        run "$filt" --hints -d "$1"
        like "$err" "^filt: hint: .*$3" "$1"
        is "$(sed -n 3p <<<"$err" | sed 's/^  //; s/\^.*//' | tr -d '\n' | wc -c)" "$2" "$1: the place"
}
unhinted() {
        run "$filt" --hints -d "$1"
        is "$status $err" '0 ' "no hint: $1"
}

hinted 'vlan and tcp or udp' 16 'behind the vlan header even in packets without one'
hinted '(vlan and tcp) or udp port 53' 18 'behind the vlan header'
hinted '(ip[1] == 14) or (mpls and ip[1] == 14) or tcp port 80' 43 'behind the mpls header'
hinted '(mpls and udp) or ip[1] = 14' 18 'behind the mpls header'
hinted 'not vlan and udp' 13 "'not vlan' says is not there"
hinted '!pppoes && host 192.0.2.1' 11 "'not pppoes' says"
hinted 'ip[0] > 255' 0 'false for every packet'
hinted 'udp and tcp[13] & 2 == 1' 8 'false for every packet'
hinted 'tcp[13] >= 0' 0 'true for every packet that has the bytes'
hinted 'len >= 0' 0 'true for every packet'
hinted 'ip6 and tcp[13] & 2 != 0' 8 'of IPv4 only'
hinted 'ip6 host 2001:db8::1 and udp[4:2] > 8' 25 'of IPv4 only'
hinted 'ip[6:2] & 0x1fff != 0 and port 53' 26 'only the first fragment'
hinted 'tcp or udp and port 80' 0 "means '.tcp or udp. and"
hinted 'tcp and port 80 or udp and port 53' 0 'put parentheses'
hinted 'deep (ip[0] > 255)' 6 'false for every packet'

for type in IEEE802_11 IEEE802_11_RADIO PPI PFLOG; do
        run "$filt" --hints -y $type -d 'udp or geneve'
        like "$err" "^filt: hint: on this link type, libpcap's 'geneve' looks for IP at the start of the packet.*
  udp or geneve
         [\^]+\$" "geneve on $type"
        run "$filt" --hints -y $type -d 'inner (tcp port 80)'
        is "$status $err" '0 ' "what the hint suggests compiles on $type, without a hint"
done

for expression in 'vlan and tcp' 'udp or (vlan and udp)' 'udp and not vlan' 'mpls and host 192.0.2.1' 'vlan 5 or vlan 6' \
        '(tcp or udp) and port 80' 'tcp and port 80 or udp' '(tcp and port 80) or (udp and port 53)' 'tcp[13] & 2 != 0' \
        'ip6 and port 80' 'ip[6:2] & 0x1fff = 0 and port 53' 'len > 100' 'not (tcp or udp)' 'vlan or less 100' \
        'deep (ip6 and tcp[13] & 2 != 0)' 'geneve and tcp' 'inbound' '(vlan and udp) or ether[0] = 1'; do
        unhinted "$expression"
done

# Every hint is about what compiles, and points into the expression.
while IFS=$'\t' read -r type expression; do
        "$filt" --hints -y "$type" -d "$expression" 2>&1 >/dev/null | grep -v '^filt: hint: \|^  ' && echo "$type $expression"
done < <(grep -v '^#' tests/expressions.txt | grep .) >"$scratch/others"
is "$(cat "$scratch/others")" '' 'nothing but hints is said of expressions that compile'

# What a filter does not see of a file.
run "$filt" --hints --count -r pcaps/layers.pcap tcp port 80
like "$err" 'filt: hint: 3 packets behind tags, .* would match with --deep' 'packets in tunnels'
for expression in 'deep tcp port 80' 'tcp port 81' 'vlan and tcp' 'not tcp port 80'; do
        run "$filt" --hints --count -r pcaps/layers.pcap "$expression"
        is "$(grep 'hint: .*--deep' <<<"$err")" '' "no hint at tunnels: $expression"
done
run "$filt" --count -r pcaps/layers.pcap tcp port 80
is "$(grep hint <<<"$err")" '' 'nor without --hints'

# And of an interface: at once, when the first such packet came, and not of packets that are no different with --deep.
cat >"$scratch/send.pl" <<'END'
use strict;
socket(my $socket, 17, 3, 0) or die "socket: $!";
open(my $index, '<', "/sys/class/net/$ARGV[0]/ifindex") or die "$ARGV[0]: $!";
my $to = pack('SnlSCCa8', 17, 3, <$index>, 0, 0, 6, "\2");
open(my $file, '<:raw', $ARGV[1]) or die;
read($file, my $header, 24);
while (read($file, my $record, 16) == 16) {
        read($file, my $data, (unpack 'V4', $record)[2]);
        send($socket, $data, 0, $to);
}
END
network_up || { report 1 'two hosts'; done_testing; }
for namespace in "$a" "$b"; do # nothing comes unasked
        ip netns exec "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
missed='^filt: hint: packets come behind tags, .* that would match with --deep$'
# live HINTS CAPTURE ARGUMENT...: sends a capture to a live one, which gives that many hints (0 or 1): $before its end, and
# $after it.
live() {
        local hints=$1 sent=$2 capturing
        shift 2
        : >"$scratch/live.err" # that of the one before
        ip netns exec "$b" "$filt" "$@" >/dev/null 2>"$scratch/live.err" &
        capturing=$!
        wait_for 10 grep -q '^filt: listening' "$scratch/live.err"
        in_a perl "$scratch/send.pl" a0 "$sent"
        if [ "$hints" = 0 ]; then sleep 0.3; else wait_for 20 grep -q "$missed" "$scratch/live.err"; fi
        before=$(grep -c "$missed" "$scratch/live.err")
        kill "$capturing"
        wait "$capturing"
        after=$(grep -c "$missed" "$scratch/live.err")
}
for interface in b0 any; do
        live 1 pcaps/layers.pcap --hints -i "$interface" tcp port 80
        is "$before $after" '1 1' "$interface: once, while packets are waited for"
done
live 1 pcaps/qinq.pcap --hints -i b0 -w "$scratch/live.pcap" icmp
is "$before $after" '1 1' 'tagged packets, which are not saved'
live 0 pcaps/layers.pcap --hints -i b0 tcp port 81
is "$before $after" '0 0' 'none that would match'
live 0 pcaps/http.pcap --hints -i b0 udp
is "$before $after" '0 0' 'none behind tags'
live 0 pcaps/layers.pcap --hints -i b0 deep tcp port 80
is "$before $after" '0 0' 'not with deep'
live 0 pcaps/layers.pcap -i b0 tcp port 80
is "$before $after" '0 0' 'not in a pipe'

# When.
run "$filt" -d 'not vlan and udp'
is "$status $err" '0 ' 'not in a pipe'
shown=$(script -qec "'$filt' -d 'not vlan and udp' >/dev/null" /dev/null </dev/null)
like "$shown" 'hint: this is looked for' 'on a terminal'
shown=$(script -qec "'$filt' --no-hints -d 'not vlan and udp' >/dev/null" /dev/null </dev/null)
is "$shown" '' 'not with --no-hints'
shown=$(script -qec "'$filt' tcpdump -d -y EN10MB 'not vlan and udp' >/dev/null" /dev/null </dev/null)
is "$shown" '' 'not as tcpdump'
run "$filt" --hints --no-hints -d udp
is "$status" 2 'both at once are refused'

done_testing
