#!/bin/bash
# filt --fate: packets come to all kinds of ends, and behind each line stands the one that was set up.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
. tests/ends.sh
needs root ip iptables iptables-legacy nft tc ping perl jq tshark bpftool setpriv

at_end network_down
network_up || exit 1
top=$PWD
cd "$scratch" || exit 1
ends_network 02:00:00:00:00:09

follow() { background ip netns exec "$b" "$filt" --fate "$@"; }
captured() { [ "$(grep -cE '  (✓|✗|→|\?) ' live.out)" -ge "$1" ]; }

# fates: what is said behind the lines, how often, without the numbers of processes.
fates() { sed -nE 's/.*  ((✓|✗|→|\?) )/\1/p' live.out | sed -E 's/\[[0-9]+\]/[PID]/' | sort | uniq -c | sed 's/^ *//'; }

# meets FATE COUNT NAME "OPTIONS EXPRESSION" COMMAND...: the command's packets that match meet with that fate, so often.
meets() {
        local fate=$1 count=$2 name=$3 asked=$4
        shift 4
        # shellcheck disable=SC2086
        follow $asked
        "$@"
        wait_for 10 captured "$count"
        stop
        is "$status:$(fates)" "0:$count $fate" "$name" || note "$(cat live.out live.err)"
}

# --- Delivered

in_b perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; bind $s, sockaddr_in(9, INADDR_ANY) or die; open my $f, ">", "ready"; close $f;
        alarm 20; recv $s, my $x, 9, 0 for 1 .. 3' &
receiver=$!
wait_for 5 test -e ready
follow -i b0 'udp port 9'
in_a_udp 192.0.2.2 9
wait_for 10 captured 3
stop
is "$status:$(fates)" '0:3 ✓ perl[PID]' 'UDP: delivered to the process' || note "$(cat live.out live.err)"
like "$(grep -o '✓.*' live.out | sort -u)" "^✓ perl\\[[0-9]+\\]\$" 'which is one alone'
wait "$receiver"
rm ready

meets '✓ kernel (ICMP)' 3 'an echo request: the kernel answers' '-i b0 icmp[0]=8' pings 192.0.2.2
meets '✓ ping[PID]' 3 'an echo reply: the process that asked' '-i b0 icmp[0]=0' in_b ping -q -c 3 -i 0.01 -W 1 192.0.2.1

# A connection, from the first packet to the last.
serve() {
        in_b perl -MSocket -e 'socket my $l, PF_INET, SOCK_STREAM, 0; setsockopt $l, SOL_SOCKET, SO_REUSEADDR, 1;
                bind $l, sockaddr_in(80, INADDR_ANY) or die; listen $l, 5; open my $f, ">", "ready"; close $f; accept my $c, $l;
                sysread $c, my $x, 100; syswrite $c, "answer"; 1 while sysread $c, $x, 100' &
        server=$!
        wait_for 5 test -e ready
}
connect() {
        in_a perl -MSocket -e 'socket my $s, PF_INET, SOCK_STREAM, 0; connect $s, sockaddr_in(80, inet_aton("192.0.2.2")) or die;
                syswrite $s, "question"; sysread $s, my $x, 100'
}
serve
follow -i b0 'tcp dst port 80'
connect
wait "$server"
wait_for 10 grep -q 'Flags \[F' live.out
stop
like "$(grep -F 'Flags [S]' live.out)" '  ✓ kernel \(TCP\)$' 'TCP: SYN'
like "$(grep -F 'Flags [P.]' live.out)" "  ✓ perl\[[0-9]+\]\$" 'TCP: data, to the process that reads them'
is "$(grep -c '?' live.out)" 0 'TCP: none is unknown, the last of the handshake included' || note "$(<live.out)"
is "$(grep -c '✗' live.out)" 0 'TCP: nothing is said to be dropped' || note "$(<live.out)"

# --- Forwarded and sent

meets '→ forwarded out of c0' 3 'forwarded' '-i b0 icmp[0]=8' pings 198.51.100.2
elsewhere='→ sent, then ✗ dropped: for another host (OTHERHOST)'
meets "$elsewhere" 3 'sent, and what became of it where it arrived' '-i c0 icmp[0]=8' pings 198.51.100.2
follow -i b0 -i c0 'icmp[0]=8'
pings 198.51.100.2
wait_for 10 captured 6
stop
is "$(fates | xargs -d '\n')" "3 → forwarded out of c0 3 $elsewhere" 'on both interfaces: each line has its own'
meets "→ sent, then ✗ dropped: no socket (NO_SOCKET) in netns $a" 3 'sent, and dropped where it arrives' '-i b0 udp port 9' in_b_udp 192.0.2.1 9

# --- Dropped

by_rule='-A INPUT -p icmp -j DROP (NETFILTER_DROP)'
in_b iptables -A INPUT -p icmp -j DROP
meets "✗ dropped in INPUT by $by_rule" 3 'iptables: INPUT' '-i b0 icmp' pings 192.0.2.2
in_b iptables -F
in_b iptables -t raw -A PREROUTING -p icmp -j DROP
meets '✗ dropped in PREROUTING by -t raw -A PREROUTING -p icmp -j DROP (NETFILTER_DROP)' 3 'iptables: PREROUTING' '-i b0 icmp' pings 192.0.2.2
in_b iptables -t raw -F
in_b iptables -A FORWARD -d 198.51.100.2 -j DROP
meets '✗ dropped in FORWARD by -A FORWARD -d 198.51.100.2/32 -j DROP (NETFILTER_DROP)' 3 'iptables: FORWARD' '-i b0 icmp' pings 198.51.100.2
in_b iptables -F
in_b iptables -A OUTPUT -p udp -j DROP
meets '✗ dropped in OUTPUT by -A OUTPUT -p udp -j DROP (NETFILTER_DROP)' 3 'iptables: OUTPUT, before an interface has it' \
        '-i any udp' in_b_udp 192.0.2.1 9
in_b iptables -F
in_b iptables -t mangle -A POSTROUTING -p icmp -j DROP
meets '✗ dropped in POSTROUTING by -t mangle -A POSTROUTING -p icmp -j DROP (NETFILTER_DROP)' 3 'iptables: POSTROUTING' '-i b0 icmp[0]=8' pings 198.51.100.2
in_b iptables -t mangle -F
in_b iptables-legacy -A INPUT -p icmp -j DROP
meets "✗ dropped in INPUT by iptables-legacy $by_rule" 3 'legacy iptables' '-i b0 icmp' pings 192.0.2.2
in_b iptables-legacy -F
in_b nft 'add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c ip protocol icmp drop'
meets '✗ dropped in INPUT by nft inet t c: ip protocol icmp drop (NETFILTER_DROP)' 3 'nftables' '-i b0 icmp' pings 192.0.2.2
in_b nft delete table inet t
meets '✗ dropped: no socket (NO_SOCKET)' 3 'no socket: UDP' '-i b0 udp port 9' in_a_udp 192.0.2.2 9
refused() { in_a perl -MSocket -e 'socket my $s, PF_INET, SOCK_STREAM, 0; exit !connect $s, sockaddr_in(9, inet_aton("192.0.2.2"))'; }
meets '✗ dropped: no socket (NO_SOCKET)' 1 'no socket: TCP' '-i b0 tcp dst port 9' refused
receiver 'setsockopt $s, SOL_SOCKET, SO_RCVBUF, 1 or die'
follow -i b0 'udp port 9'
in_a_udp 192.0.2.2 9 50 1000
wait_for 10 captured 50
stop
like "$(fates | grep ✗)" '^4[0-9] ✗ dropped: socket buffer full \(SOCKET_RCVBUFF\)$' 'receive buffer full'
is "$(fates | grep -v ✗ | sed 's/^[0-9]* //')" '? unknown' 'those that wait in it for a reader have no end yet'
release
meets '✗ dropped: TTL expired (IP_INHDR)' 3 'TTL' '-i b0 icmp[0]=8' pings 198.51.100.2 3 -t 1
meets '✗ dropped: no route (IP_INNOROUTES)' 3 'no route' '-i b0 icmp[0]=8' pings 203.0.113.1
ip -n "$b" route add unreachable 192.0.2.1
in_b sysctl -qw net.ipv4.conf.b0.rp_filter=1
meets '✗ dropped by the reverse path filter (IP_RPFILTER)' 3 'reverse path filter' '-i b0 icmp' pings 192.0.2.2
ip -n "$b" route delete unreachable 192.0.2.1
in_b sysctl -qw net.ipv4.conf.b0.rp_filter=0
meets '✗ dropped: neighbour failed (NEIGH_FAILED)' 3 'neighbour: the packet waits, and goes nowhere' '-i any udp port 9' in_b_udp 192.0.2.77 9
in_b tc qdisc add dev b0 clsact
in_b tc filter add dev b0 ingress bpf da bytecode '1,6 0 0 2'
meets '✗ dropped in tc ingress (TC_INGRESS)' 3 'tc: ingress' '-i b0 icmp' pings 192.0.2.2
in_b tc filter delete dev b0 ingress
in_b tc qdisc delete dev b0 clsact

# --- How it is told

in_b iptables -A INPUT -p icmp -j DROP
follow --json -i b0 'icmp[0]=8 or udp port 9'
pings 192.0.2.2 2
in_a_udp 192.0.2.2 9 2
wait_for 10 eval '[ "$(grep -c filt.fate live.out)" = 4 ]'
stop
is "$(jq -r '."filt.fate" | [.end, .drop.place, .drop.rules[0].text] | @tsv' live.out | sort | uniq -c | xargs)" \
        '2 dropped INPUT -A INPUT -p icmp -j DROP 2 dropped no socket' '--json' || note "$(<live.out)"
in_schema() { "$top/tests/json_lines" "$top/docs/filt.schema.json" <"$1"; }
ok '--json: it keeps to the schema' in_schema live.out
follow -w fates.pcapng -i b0 icmp
pings 192.0.2.2 2
wait_for 10 eval '[ "$(tshark -r fates.pcapng 2>/dev/null | wc -l)" = 2 ]'
stop
is "$(tshark -r fates.pcapng -T fields -e frame.comment 2>/dev/null | sort | uniq -c | xargs)" \
        "2 ✗ dropped in INPUT by $by_rule" '-w: comments of a pcapng file'
follow -v -c 1 -i b0 icmp
pings 192.0.2.2 1
finish
like "$(tail -n 1 live.out)" '  ✗ dropped in INPUT by .* \(NETFILTER_DROP, nft_do_chain\+0x[0-9a-f]+\)$' '-v: the function'
in_b iptables -F
background ip netns exec "$b" "$filt" --fate=path -i b0 'icmp[0]=8'
pings 198.51.100.2 1
wait_for 10 captured 1
stop
like "$(<live.out)" '→ forwarded out of c0 \[b0 received \+[0-9.]+ µs c0 queued \+[0-9.]+ µs c0 sent' '--fate=path: the stops, and the time between'

# A reader that comes late.
receiver '' 'recv $s, my $x, 9, 0'
follow --fate-wait 10ms -i b0 'udp port 9'
in_a_udp 192.0.2.2 9 1
wait_for 10 captured 1
like "$(<live.out)" '  \? unknown$' 'an end that does not come in time is unknown'
echo >&"$held"
wait_for 10 grep -q 'packet 1' live.err
stop
release
like "$(<live.err)" 'filt: packet 1, 192\.0\.2\.1\.[0-9]+ > 192\.0\.2\.2\.9 UDP: ✓ perl\[[0-9]+\], after [0-9.]+ s' 'and is told later, with the packet'

# --- 10,000 packets, of which ten rules drop half, at random

for i in 0 1 2 3 4; do in_b iptables -A INPUT -p udp --dport "100$i" -j DROP; done
in_b nft 'add table inet t; add chain inet t c { type filter hook input priority 10; }'
for i in 5 6 7 8 9; do in_b nft "add rule inet t c udp dport 100$i counter drop"; done
in_b perl -MSocket -e 'my @s; for my $port (2000 .. 2009) {
                socket my $s, PF_INET, SOCK_DGRAM, 0; setsockopt $s, SOL_SOCKET, 33, 1 << 24; # SO_RCVBUFFORCE
                bind $s, sockaddr_in($port, INADDR_ANY) or die; push @s, $s }
        open my $f, ">", "ready"; close $f;
        while (1) { my $want = ""; vec($want, fileno $_, 1) = 1 for @s; select $want, undef, undef, undef;
                for (@s) { recv $_, my $x, 99, 0 if vec $want, fileno $_, 1 } }' &
reader=$!
wait_for 5 test -e ready
follow -B 65536 --fate-wait 5s -i b0 'udp'
in_a perl -MSocket -e 'srand 7; socket my $s, PF_INET, SOCK_DGRAM, 0; my $to = inet_aton "192.0.2.2";
        for (1 .. 10000) { my $port = (rand 2 < 1 ? 1000 : 2000) + int rand 10;
                send $s, pack("N4", $_, 0, 0, $_), 0, sockaddr_in($port, $to); select undef, undef, undef, 0.002 if $_ % 100 == 0 }'
wait_for 30 captured 10000
stop
# Behind each line, its packet's port says what it must be.
wrong=$(perl -ne 'my ($port, $fate) = /> 192\.0\.2\.2\.(\d+): .*?  ([✓✗?→].*)/ or next;
        my $right = $port >= 2000 ? $fate =~ /^✓ perl\[\d+\]$/
                : $port < 1005 ? $fate eq "✗ dropped in INPUT by -A INPUT -p udp -m udp --dport $port -j DROP (NETFILTER_DROP)"
                : $fate =~ /^✗ dropped in INPUT by nft inet t c: udp dport $port (counter )?.*drop \(NETFILTER_DROP\)$/;
        print if !$right' -Mutf8 -CSD live.out)
is "$(wc -l <live.out):$wrong" 10000: 'each of 10,000 packets has its own end' || note "$(head -n 5 <<<"$wrong"; tail -n 3 live.err)"
counted=$(in_b iptables -vnxL INPUT | awk '/dpt:/ { sub(/.*dpt:/, "", $0); print }' | wc -l)
is "$counted" 5 'the rules are there'
rules=$({ in_b iptables -vnxL INPUT | perl -ne 'print "$2 $1\n" if /^\s*(\d+).*dpt:(\d+)/'
        in_b nft list chain inet t c | perl -ne 'print "$1 $2\n" if /udp dport (\d+) counter packets (\d+)/'; } | sort)
is "$(grep '✗' live.out | perl -ne 'print "$1\n" if /dport (\d+)/' | sort | uniq -c | awk '{ print $2, $1 }')" "$rules" \
        'and as many for each rule as the rule has counted'
kill "$reader"
in_b nft delete table inet t
in_b iptables -F

# --- The demonstration

run "$filt" demo --fate
is "$status:$(grep -c '^.* [AB]  *[0-9]' <<<"$out")" 0:13 'demo --fate: all scenarios have the end that their rule makes' || note "$out$err"
is "$(grep -oE '^(tc-egress|rp-filter|iptables-forward|no-rule) .* (✗|✓) [a-z ]*[a-z]' <<<"$out" | tr -s ' ')" 'tc-egress A 5 5 ✗ dropped in tc egress
rp-filter B 5 5 ✗ dropped by the reverse path filter
iptables-forward B 5 5 ✗ dropped in
no-rule B 0 5 ✓ filt' 'demo --fate: what it shows'

# --- What goes wrong, and what is left behind

mistake 2 '--fate follows packets through the kernel: leave it out with -r' '-r' --fate -r x.pcap
run ip netns exec "$b" "$filt" --fate -i b0 inbound
like "$status:$err" '^1:filt: --fate: the kernel cannot run this filter where packets are followed: ' 'a filter that cannot be asked there'
run setpriv --reuid=65534 --regid=65534 --clear-groups "$filt" --fate -i lo icmp
like "$status:$err" '^1:filt: .*no permission: it needs CAP_BPF and CAP_PERFMON' 'without privileges: it says what it takes'
programs() { bpftool prog 2>/dev/null | grep -c 'name \(receive\|consume\|copy\|arrive\|read_socket\)'; }
before=$(programs)
follow -i b0 icmp
during=$(programs)
ok 'while it runs, programs are loaded' [ "$during" -ge "$((before + 5))" ]
child=$(pgrep -P "$pid" -f "$filt" || echo "$pid")
kill -9 $child "$pid" 2>/dev/null
none_left() { [ "$(programs)" -le "$before" ]; }
ok 'nothing stays loaded, even after kill -9' wait_for 5 none_left

done_testing
