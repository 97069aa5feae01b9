#!/bin/bash
# filt drops: packets are dropped in all the ways that a host has, and for each the place and the reason are those that were
# set up; nothing else is shown. Then what is done with them: lines, JSON, files, sums, losses, ends.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
. tests/ends.sh
needs root ip iptables iptables-legacy nft tc ping perl jq tshark setpriv script

at_end network_down
network_up || exit 1
top=$PWD
cd "$scratch" || exit 1
ends_network 02:00:00:00:00:02

listen() { background ip netns exec "$b" "$filt" drops --no-rules "$@"; }
shown() { [ "$(grep -c "$1" live.out)" -ge "$2" ]; }

# fates: what is said of the packets, how often, without the numbers that differ.
fates() { sed -n 's/.*✗ //p' live.out | sort | uniq -c | sed 's/^ *//'; }

# dropped FATE COUNT NAME EXPRESSION COMMAND...: the command's packets that match meet with that fate, so often.
dropped() {
        local fate=$1 count=$2 name=$3 expression=$4
        shift 4
        listen "$expression"
        "$@"
        wait_for 10 shown '✗' "$count"
        stop
        is "$status:$(fates)" "0:$count $fate" "$name"
}

# --- Rules

in_b iptables -A INPUT -p icmp -j DROP
dropped 'dropped in INPUT (NETFILTER_DROP)' 3 'iptables: INPUT' icmp pings 192.0.2.2
in_b iptables -F
in_b iptables -t raw -A PREROUTING -p icmp -j DROP
dropped 'dropped in PREROUTING (NETFILTER_DROP)' 3 'iptables: PREROUTING' icmp pings 192.0.2.2
in_b iptables -t raw -F
in_b iptables -A FORWARD -d 198.51.100.2 -j DROP
dropped 'dropped in FORWARD (NETFILTER_DROP)' 3 'iptables: FORWARD' icmp pings 198.51.100.2
in_b iptables -F
in_b iptables -A OUTPUT -p udp -j DROP
dropped 'dropped in OUTPUT (NETFILTER_DROP)' 3 'iptables: OUTPUT' udp in_b_udp 192.0.2.1 9
like "$(head -n 1 live.out)" ' Out IP 192\.0\.2\.2\.[0-9]+ > 192\.0\.2\.1\.9: UDP, length 1 ' 'it is on its way out'
in_b iptables -F
in_b iptables -t mangle -A POSTROUTING -p udp -j DROP
dropped 'dropped in POSTROUTING (NETFILTER_DROP)' 3 'iptables: POSTROUTING' udp in_b_udp 192.0.2.1 9
in_b iptables -t mangle -F
in_b iptables-legacy -A INPUT -p icmp -j DROP
dropped 'dropped in INPUT (NETFILTER_DROP)' 3 'legacy iptables' icmp pings 192.0.2.2
in_b iptables-legacy -F
in_b ip6tables -A INPUT -p icmpv6 --icmpv6-type echo-request -j DROP
dropped 'dropped in INPUT (NETFILTER_DROP)' 3 'ip6tables' icmp6 pings 2001:db8::2
like "$(head -n 1 live.out)" ' b0    In  IP6 2001:db8::1 > 2001:db8::2: ICMP6, echo request' 'its line, and the interface'
in_b ip6tables -F
nft_chain() { in_b nft "add table $1 t; add chain $1 t c { type filter hook $2 priority 0; $3 }; $4"; }
nft_chain inet input 'policy drop;' ''
dropped 'dropped in INPUT (NETFILTER_DROP)' 3 'nftables: a policy' icmp pings 192.0.2.2
in_b nft delete table inet t
nft_chain netdev 'ingress device b0' '' 'add rule netdev t c icmp type echo-request drop'
dropped 'dropped in nftables ingress (NETFILTER_DROP)' 3 'nftables: ingress' icmp pings 192.0.2.2
in_b nft delete table netdev t
nft_chain netdev 'egress device b0' '' 'add rule netdev t c icmp type echo-reply drop'
dropped 'dropped in nftables egress (NETFILTER_DROP)' 3 'nftables: egress' icmp pings 192.0.2.2
in_b nft delete table netdev t

# --- Sockets

dropped 'dropped: no socket (NO_SOCKET)' 3 'no socket: UDP' 'udp port 9' in_a_udp 192.0.2.2 9
connect() { in_a perl -MSocket -e 'socket my $s, PF_INET, SOCK_STREAM, 0; exit !connect $s, sockaddr_in(9, inet_aton("192.0.2.2"))'; }
dropped 'dropped: no socket (NO_SOCKET)' 1 'no socket: TCP' 'tcp port 9' connect

receiver 'setsockopt $s, SOL_SOCKET, SO_RCVBUF, 1 or die'
listen 'udp port 9'
in_a_udp 192.0.2.2 9 50 1000
wait_for 10 shown '✗' 40
stop
like "$(fates)" '^4[0-9] dropped: socket buffer full \(SOCKET_RCVBUFF\)$' 'receive buffer full'
release
receiver 'my $code = pack "S C C L", 6, 0, 0, 0; setsockopt $s, SOL_SOCKET, 26, pack "S x6 P", 1, $code or die'
dropped 'dropped by the socket filter (SOCKET_FILTER)' 3 'socket filter' 'udp port 9' in_a_udp 192.0.2.2 9
release

# --- What is wrong with the packet

# frame TEXT: sends what Perl makes of the text of hexadecimal digits, behind an Ethernet header; it fills in the checksum
# of an IP header that has none.
frame() {
        in_a perl -e 'use Socket; socket my $s, 17, SOCK_RAW, 0 or die; open my $f, "<", "/sys/class/net/a0/ifindex"; chomp(my $index = <$f>);
                my $packet = pack "H*", shift; my $sum = 0; $sum += $_ for unpack "n10", $packet;
                $sum = ($sum & 0xffff) + ($sum >> 16) for 1, 2;
                substr($packet, 10, 2, pack "n", ~$sum & 0xffff) if substr($packet, 10, 2) eq "\0\0";
                send $s, pack("H*", "0200000000020200000000010800") . $packet, 0, pack "S n i S C C a8", 17, 3, $index, 0, 0, 6, "" or die $!' "$1"
}
dropped 'dropped: IP checksum (IP_CSUM)' 1 'IP checksum' ip frame 4500001c0001000040111234c0000201c00002020009000900080000
dropped 'dropped: UDP checksum (UDP_CSUM)' 1 'UDP checksum' udp frame 4500001c0001000040110000c0000201c000020200090009000812ab
dropped 'dropped: TCP checksum (TCP_CSUM)' 1 'TCP checksum' tcp \
        frame 450000280001000040060000c0000201c0000202000900090000000100000000500204005e5e0000
dropped 'dropped: ICMP checksum (ICMP_CSUM)' 1 'ICMP checksum' icmp frame 4500001c0001000040010000c0000201c00002020800123400010001
dropped 'dropped: no such protocol (IP_NOPROTO)' 1 'no such protocol' 'ip proto 253' frame 450000140001000040fd0000c0000201c0000202
dropped 'dropped: TTL expired (IP_INHDR)' 3 'TTL' 'icmp[0] = 8' pings 198.51.100.2 3 -t 1

# --- Routes and neighbours

dropped 'dropped: no route (IP_INNOROUTES)' 3 'no route' 'icmp[0] = 8' pings 203.0.113.1
ip -n "$b" route add unreachable 203.0.113.0/24
dropped 'dropped: no route (NOT_SPECIFIED)' 3 'a route that is unreachable' 'icmp[0] = 8' pings 203.0.113.1
ip -n "$b" route add unreachable 192.0.2.1
in_b sysctl -qw net.ipv4.conf.b0.rp_filter=1
dropped 'dropped by the reverse path filter (IP_RPFILTER)' 3 'reverse path filter' icmp pings 192.0.2.2
ip -n "$b" route delete unreachable 192.0.2.1
in_b sysctl -qw net.ipv4.conf.b0.rp_filter=0
dropped 'dropped: neighbour failed (NEIGH_FAILED)' 3 'neighbour' 'udp port 9' in_b_udp 192.0.2.77 9

# --- Queues and programs

in_b tc qdisc add dev b0 clsact
in_b tc filter add dev b0 ingress bpf da bytecode '1,6 0 0 2'
dropped 'dropped in tc ingress (TC_INGRESS)' 3 'tc: ingress' icmp pings 192.0.2.2
in_b tc filter delete dev b0 ingress
in_b tc filter add dev b0 egress bpf da bytecode '1,6 0 0 2'
dropped 'dropped in tc egress (TC_EGRESS)' 3 'tc: egress' icmp pings 192.0.2.2
in_b tc qdisc delete dev b0 clsact
in_b tc qdisc add dev b0 root tbf rate 8kbit burst 1600 limit 1600
listen 'udp port 9'
in_b_udp 192.0.2.1 9 50 1000
wait_for 10 shown '✗' 40
stop
like "$(fates)" '^4[0-9] dropped by the queueing discipline \(QDISC_DROP\)$' 'a queue that is full'
in_b tc qdisc delete dev b0 root

# --- What is shown

in_b iptables -A INPUT -p icmp -j DROP
listen -c 2 icmp
pings 192.0.2.2 5
finish
is "$status:$(grep -c '✗' live.out):$(tail -n 1 live.err)" '0:2:filt: drops: 2 dropped packets shown, 0 lost' '-c: stops after so many'
listen -v -c 1 icmp
pings 192.0.2.2
finish
like "$(tail -n 1 live.out)" '^    192\.0\.2\.1 > 192\.0\.2\.2: ICMP echo request, .*  ✗ dropped in INPUT \(NETFILTER_DROP, nft_do_chain\+0x[0-9a-f]+\)$' \
        '-v: the kernel'\''s function'
listen -vv -c 1 icmp
pings 192.0.2.2
finish
like "$(tr '\n' ' ' <live.out)" 'called by nf_hook_slow\+0x[0-9a-f]+ 	called by ip_local_deliver\+0x' '-vv: all that called it'
listen --color always -c 1 icmp
pings 192.0.2.2
finish
like "$(<live.out)" $'  \033\[31m✗ dropped in INPUT \\(NETFILTER_DROP\\)\033\[0m$' '--color'

# Packets of all kinds: both ways, IPv6, tagged.
some_drops() {
        pings 192.0.2.2
        in_a ping -q -c 1 -W 0.2 2001:db8::2 >ping.out
        in_a_udp 192.0.2.2 9 2
        frame 4500001c0001000040110000c0000201c000020200090009000812ab
}
in_b ip6tables -A INPUT -p icmpv6 --icmpv6-type echo-request -j DROP
in_schema() { "$top/tests/json_lines" "$top/docs/filt.schema.json" <"$1"; }
listen --json 'icmp or udp or icmp6[0] == 128'
some_drops
wait_for 10 shown filt.drop 7
stop
is "$(jq -r '."filt.drop" | [.reason, .place, (.stack | length > 5)] | @tsv' live.out | sort | uniq -c | xargs)" \
        '4 NETFILTER_DROP INPUT true 2 NO_SOCKET no socket true 1 UDP_CSUM UDP checksum true' '--json: reason, place, stack'
is "$(jq -r '[.text, (.layers | map(.layer) | join(","))] | @tsv' live.out | grep -c '	sll,ip,icmp$')" 3 '--json: beside the packet'"'"'s headers'
ok '--json: it keeps to the schema' in_schema live.out

listen -w drops.pcapng 'icmp or udp or icmp6[0] == 128'
some_drops
wait_for 10 eval '[ "$(tshark -r drops.pcapng 2>/dev/null | wc -l)" = 7 ]'
stop
is "$(wc -c <live.out)" 0 '-w: nothing is printed'
is "$(tshark -r drops.pcapng -T fields -e frame.comment 2>/dev/null | grep -oE '^dropped[^,(]*' | sort | uniq -c | xargs)" \
        '4 dropped in INPUT 1 dropped: UDP checksum 2 dropped: no socket' '-w: comments'
is "$(tshark -r drops.pcapng -T fields -e frame.interface_name -e _ws.malformed 2>/dev/null | sort | uniq -c | xargs)" '7 b0' '-w: interfaces'
is "$(stat -c %a drops.pcapng)" 600 '-w: only the owner reads it'
listen -w more.pcapng --print -c 1 icmp
pings 192.0.2.2
finish
is "$(grep -c '✗' live.out) $("$filt" -nr more.pcapng 2>/dev/null | wc -l)" '1 1' '-w --print: both'

listen --summary 'icmp or udp'
some_drops
# The last is there: it is counted before its end is asked for.
udp_arrived() { in_b sh -c 'nstat -asz UdpNoPorts | grep -q "UdpNoPorts *[1-9]"'; }
wait_for 5 udp_arrived
stop
is "$(sed -E 's/\.[0-9]{5} > /.N > /; s/  */ /g' live.out)" ' packets place reason from and to
 3 INPUT NETFILTER_DROP 192.0.2.1 > 192.0.2.2 ICMP
 2 no socket NO_SOCKET 192.0.2.1.N > 192.0.2.2.9 UDP
 1 UDP checksum UDP_CSUM 192.0.2.1.9 > 192.0.2.2.9 UDP' '--summary: a row for each place, reason and conversation'
listen --summary --json icmp
pings 192.0.2.2
stop
is "$(jq -c . live.out)" '{"packets":3,"bytes":252,"place":"INPUT","reason":"NETFILTER_DROP","conversation":"192.0.2.1 > 192.0.2.2 ICMP"}' '--summary --json'
cat >redrawn <<END
$filt drops --no-rules --summary --interval 100ms -c 3 icmp 2>live.err
END
: >live.err
in_b script -qec 'stty cols 30; bash redrawn' screen </dev/null >script.out &
pid=$!
wait_for 5 grep -q listening live.err
pings 192.0.2.2 3 -i 0.3
finish
like "$(<screen)" $'\033\[H\033\[J   packets' '--summary on a terminal: drawn anew'
is "$(grep -c 'from and to' screen)" 1 'lines end with the screen, but for the last table'

# --- Namespaces

# By a length that what others drop meanwhile has not.
listen --all-netns 'icmp and ip[2:2] = 1262'
pings 192.0.2.2 3 -s 1234
wait_for 10 shown '✗' 3
stop
is "$(fates)" "3 dropped in INPUT (NETFILTER_DROP) in netns $b" '--all-netns: they are named'
background ip netns exec "$a" "$filt" drops --no-rules icmp
pings 192.0.2.2
stop
is "$(wc -c <live.out)" 0 'otherwise others'"'"' are not shown'

# --- What does not fit, and what goes wrong

listen -B 4 'udp port 9'
kill -STOP "$pid"
in_a_udp 192.0.2.2 9 200 1000
kill -CONT "$pid"
stop
read -r _ _ few _ _ lost _ <<<"$(tail -n 1 live.err | sed 's/ packets*//')"
is "$((few + lost))" 200 'a ring too small: each is shown or counted as lost' && note "$(<live.err)"
ok 'some are lost' [ "$lost" -gt 0 ]
like "$(<live.err)" 'lost: the ring was full \(-B makes it larger\)' 'what to do is said'

# The kernel runs the filter: what does not match takes no room.
listen -B 4 icmp
kill -STOP "$pid"
in_a_udp 192.0.2.2 9 200 1000
pings 192.0.2.2 1
kill -CONT "$pid"
wait_for 5 shown '✗' 1
stop
is "$(tail -n 1 live.err)" 'filt: drops: 1 dropped packet shown, 0 lost' 'what does not match is not copied'
listen 'icmp and not outbound'
pings 192.0.2.2
wait_for 5 shown '✗' 3
stop
is "$(fates)" '3 dropped in INPUT (NETFILTER_DROP)' 'what the kernel cannot be asked, filt asks itself'
like "$(head -n 1 live.err)" 'drops: the kernel does not run this filter, so filt does, on all that is dropped: it asks for' 'and says so'

run "$filt" drops port 80 and
like "$status:$err" $'^2:filt: .*\n.*port 80 and\n' 'an expression that is none'
mistake 1 'nowhere/x: No such file' 'a file that cannot be made' drops -w nowhere/x
run setpriv --reuid=65534 --regid=65534 --clear-groups "$filt" drops
is "$status:$(wc -l <"$scratch/err")" 1:1 'without privileges: one line'
like "$err" 'drops: .*no permission: it needs CAP_BPF and CAP_PERFMON' 'and it says what it takes'
listen icmp
kill -HUP "$pid"
finish
is "$status" 0 'SIGHUP ends it'
: >live.err # that of the one before
in_b sh -c "$filt drops --no-rules icmp 2>live.err | head -n 1" >live.out &
pid=$!
wait_for 5 grep -q listening live.err
pings 192.0.2.2 5
finish
is "$(wc -l <live.out)" 1 'it ends with its reader'
done_testing
