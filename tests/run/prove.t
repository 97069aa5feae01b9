#!/bin/bash
# filt prove: whether filters are the same, and the packet that tells them apart. Every packet shown is looked at by
# tcpdump, too.
. "$(dirname "$0")/../tap.sh"
needs prlimit tcpdump
tools=${BUILD:-build}/tests/tools
packets=$scratch/packets.pcap

# holds NAME ARGUMENTS...: it does, which the exit status and one line tell.
holds() {
        local name=$1
        shift
        run "$filt" prove "$@"
        is "$status $err $(wc -l <<<"$out")" '0  1' "$name" || note "$out"
}

# fails NAME FILTER-A FILTER-B ARGUMENTS...: it does not, and tcpdump tells the first packet shown from the two filters.
fails() {
        local name=$1 a=$2 b=$3
        shift 3
        run "$filt" prove -w "$packets" "$a" "$b" "$@"
        is "$status $err" '1 ' "$name"
        tcpdump -r "$packets" -c 1 -w "$scratch/first.pcap" 2>/dev/null
        accepted_a=$(tcpdump -O -r "$scratch/first.pcap" --count "$a" 2>/dev/null)
        accepted_b=$(tcpdump -O -r "$scratch/first.pcap" --count "$b" 2>/dev/null)
        unlike "$accepted_a" "^${accepted_b% *} " "and tcpdump answers differently to a packet: $name"
}

# --- The same, or not

run "$filt" prove -w "$packets" 'port 80' 'tcp port 80 or udp port 80'
is "$status" 1 'port 80 is not TCP and UDP alone'
like "$out" '^A accepts this packet, and B rejects it:
  IP 192.0.2.1.49152 > 198.51.100.2.80: sctp .*
  A: accepted: SCTP destination port is 80, as the filter wants: `port 80`
  B: rejected: IPv4 protocol is SCTP, the filter wants TCP or UDP$' 'the packet of SCTP is shown'
is "$(tcpdump -r "$packets" -nv 2>/dev/null | grep -c 'bad\|incorrect\|wrong')" 0 'its checksums are right'
is "$(tcpdump -r "$packets" --count sctp port 80 2>/dev/null)" '1 packet' 'and it is saved'

holds 'with SCTP it is the same' 'port 80' 'tcp port 80 or udp port 80 or sctp port 80'
holds 'the order of a list' 'host 192.0.2.1 or 192.0.2.2' 'host 192.0.2.2 or 192.0.2.1'
holds 'a network as two halves' 'src net 10.0.0.0/8' 'src net 10.0.0.0/9 or src net 10.128.0.0/9'
holds 'bytes in loads of different widths' 'ether[0:4] = 0x01020304' \
        'ether[0:2] = 0x0102 and ether[2] = 3 and ether[3] = 4'
holds 'masks' 'ip[0] & 0xf = 5' 'ip[0] & 0xc = 4 and ip[0] & 3 = 1'
holds 'a range as what is left' 'portrange 0-79 or portrange 81-65535' \
        '(tcp or udp or sctp) and ip[6:2] & 0x1fff = 0 and (src port not 80 or dst port not 80) and (portrange 0-65535) or ip6 and (portrange 0-79 or portrange 81-65535)'
fails 'a direction' 'host 192.0.2.9' 'src host 192.0.2.9'
fails 'a bit of a flag' 'tcp[13] & 2 != 0' 'tcp[13] = 2'
fails 'the length' 'len > 100' 'len >= 100'
fails 'a limit of a range' 'tcp portrange 20-30' 'tcp portrange 20-31'
fails 'an offset that is computed' 'tcp[4] = 7' 'ip[24] = 7 and tcp'
run "$filt" prove 'tcp' 'udp'
like "$out" 'A accepts .*
B accepts this packet, and A rejects it:' 'packets of both sides are shown'

# Of the packets that tell them apart, an ordinary one.

# ordinary FILTER-A FILTER-B LINE: the first packet shown is that, and nothing in it is wrong.
ordinary() {
        run "$filt" prove -w "$packets" "$1" "$2"
        is "$status $err $(sed -n 2p <<<"$out")" "1    $3" "ordinary: $1, but $2"
        is "$(tcpdump -r "$packets" -c 1 -nv 2>/dev/null | grep -c 'bad\|incorrect\|invalid\|wrong\|unknown\|\[|')" 0 \
                'and nothing is wrong in it' || note "$(tcpdump -r "$packets" -nv)"
}
ordinary 'host 192.0.2.1' 'src host 192.0.2.1' 'IP 192.0.2.2.49152 > 192.0.2.1.80: Flags [S], seq 1, win 64240, length 0'
ordinary 'udp' 'tcp' 'IP 192.0.2.1.50000 > 198.51.100.2.7: UDP, length 0'
ordinary 'port 53' 'tcp port 53' 'IP 192.0.2.1.50000 > 198.51.100.2.53: 1+ A? example.org. (29)'
ordinary 'dst net 224.0.0.0/4' 'ip multicast' 'ARP, Request who-has 224.51.100.2 tell 192.0.2.1, length 28'
ordinary 'mpls' 'mpls 5' 'MPLS (label 100, tc 0, [S], ttl 64) IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [S], seq 1, win 64240, length 0'
ordinary 'pppoes' 'pppoes 7' 'PPPoE  [ses 0x1] IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [S], seq 1, win 64240, length 0'
ordinary 'pppoes and len > 200' 'arp' 'PPPoE  [ses 0x1] IP 192.0.2.1.49152 > 198.51.100.2.80: Flags [S], seq 1:140, win 64240, length 139: HTTP'
ordinary 'ip src and dst net 10.0.0.0/8' 'arp' 'IP 10.0.2.1.49152 > 10.51.100.2.80: Flags [S], seq 1, win 64240, length 0'

# What bytes alone do not decide.
holds 'arithmetic' 'ip[0] * 2 = 138' 'ip[0] = 69'
holds 'lengths that loads imply' 'tcp port 80 and len >= 20' 'tcp port 80'
fails 'arithmetic that differs' 'ip[2:2] + ip[4:2] = 77' 'ip[2:2] + ip[6:2] = 77'
run "$filt" prove --limit 0 'tcp port 80 and len >= 20' 'tcp port 80'
is "$status $out" '3 ' 'without time for it, that is not decided'
like "$err" '^filt: not decided within 0 seconds \(--limit\)$' 'which is said'

# --- Other questions

holds '--implies' --implies 'tcp dst port 80' 'port 80'
run "$filt" prove --implies 'port 80' 'tcp dst port 80'
is "$status" 1 '--implies has a direction'
holds '--disjoint' --disjoint 'tcp' 'udp'
run "$filt" prove --disjoint 'src host 192.0.2.1' 'dst host 192.0.2.2'
like "$status $out" '^1 A and B accept this packet:
  .*192.0.2.1\.[0-9]+ > 192.0.2.2' 'what is not disjoint'
holds '--empty' --empty 'tcp and udp'
run "$filt" prove --empty 'tcp'
is "$status" 1 'what is not empty'
holds '--always' --always 'ip or not ip'
tcpdump -ddd -O -y EN10MB 'ether[0] >= 0' >"$scratch/loads" 2>/dev/null
run "$filt" prove --always --program "$scratch/loads"
like "$status $out" '^1 A rejects this packet:
.*
  A: rejected: .* only 0 are captured' 'a packet that is cut short is rejected'
tcpdump -ddd -O -y EN10MB 'ether[60] >= 0' >"$scratch/loads" 2>/dev/null
run "$filt" prove --whole --always --program "$scratch/loads"
like "$status $out" '^1 ' 'one that is short is whole'
unlike "$out" 'cut short' '--whole shows no other'

# --- Filters from elsewhere

echo 'tcp port 80 # a comment' >"$scratch/expression"
tcpdump -ddd -O -y EN10MB 'tcp port 80' >"$scratch/program" 2>/dev/null
"$filt" -d --format asm 'tcp port 80' >"$scratch/assembly"
holds '-F' -F "$scratch/expression" 'tcp port 80'
holds '--program, with filt' --whole --program "$scratch/program" 'tcp port 80'
holds 'two programs, in different forms' --whole --program "$scratch/program" --program "$scratch/assembly"
run "$filt" prove --implies 'tcp dst port 80' -F "$scratch/expression"
is "$status" 0 'filters are in the order of the command line'
run "$filt" prove --implies -F "$scratch/expression" 'tcp dst port 80'
is "$status" 1 'also if a file comes first'
run "$filt" prove --program "$scratch/program" 'tcp port 81'
like "$out" '  A: (accepted|rejected): instruction [0-9]+, `jeq #0x[0-9a-f]+`, ' \
        'of a program, the instruction is told that decided'
holds 'other link types' -y LINUX_SLL2 'ip proto 6' 'ip proto \tcp'
holds 'live programs' --live 'vlan and ether[14:2] & 0xfff = 5' 'vlan 5'
run "$filt" prove --live 'inbound and ifindex 7' 'inbound'
like "$status $out" '^1 B accepts this packet, and A rejects it:
.*
  with it: interface 2, to this host
' 'what the kernel tells is shown'
run "$filt" prove --live 'vlan 5' 'vlan and tcp'
like "$out" 'A: accepted: VLAN number is 5, .*
  B: rejected: .*
  A: rejected: VLAN number is [0-9]*, the filter wants `vlan 5`
  B: accepted: ' 'and the reasons, as a file has it'
like "$("$filt" prove --live 'ifindex 7' 'ifindex 8')" '  A: accepted
  B: rejected
' 'but for what no file tells'
run "$filt" prove -e 'vlan' 'vlan 7'
like "$out" 'ethertype 802.1Q \(0x8100\), .* vlan 100, ' '-e shows the link header'
run "$filt" prove -s 20 --empty 'tcp'
is "$status" 0 'packets are no longer than the snapshot length'
run "$filt" prove 'ip6 protochain 6' 'ip6 protochain 6 and ip6'
like "$status $out" '^0 The same: .*, among those with at most 12 headers in a chain\.$' 'a loop is followed so far'

# --- Lists

cat >"$scratch/list" <<'END'
# what a configuration may have
web: tcp port 80 or tcp port 443
http: tcp port 80
transport: tcp or udp
ssh: tcp port 22
nothing: tcp and udp
net 192.0.2.0/24
END
run "$filt" prove --set "$scratch/list"
is "$status $err" '1 ' '--set'
is "$out" 'filter     never matches    contained in    overlaps
web        -                transport       ssh, line 7
http       after web        web, transport  ssh, line 7
transport  -                -               line 7
ssh        after transport  transport       web, http, line 7
nothing    never            -               -
line 7     -                -               web, http, transport, ssh' 'the table'
printf '%s\n' 'a: tcp src port 1' 'b: tcp src port 2' 'c: tcp src port 1 or tcp src port 2' >"$scratch/list"
run "$filt" prove --set "$scratch/list"
like "$out" '
c +after those before +- +-$' 'several together take all'
cat >"$scratch/iptables" <<'END'
# Generated by iptables-save v1.8.9
*filter
:INPUT DROP [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -m comment --comment "no ssh" -j DROP
-A INPUT -p tcp -m multiport --dports 22,80,1000:2000 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 1500 -j ACCEPT
-A INPUT ! -s 10.0.0.0/8 -p udp -m udp --dport 53 -j LOG
-A INPUT ! -s 10.0.0.0/8 -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 65535,6 0 0 0" -j DROP
-A INPUT -s 10.1.1.1/32 -p tcp -j ACCEPT
-A OUTPUT -p tcp -m tcp --dport 1500 -j ACCEPT
COMMIT
END
run "$filt" prove --iptables "$scratch/iptables"
is "$(awk '$3 != "-" { print $1, $2, $3, $4, $5 }' <<<"$out" | tail -n +2)" 'INPUT 5 after INPUT 4
INPUT 9 after INPUT 8' '--iptables: rules that never match'
cat >"$scratch/nftables" <<'END'
table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state established,related accept
		ip saddr 10.0.0.0/8 tcp dport { 22, 80 } counter packets 0 bytes 0 accept
		ip saddr 10.1.0.0/16 tcp dport 22 drop
		meta l4proto { tcp, udp } th dport 53 accept
		ip6 saddr 2001:db8::/32 udp dport 53 drop comment "late"
		tcp dport != 53 log accept
		tcp dport 99 limit rate 5/second accept
	}
}
END
run "$filt" prove --nftables "$scratch/nftables"
is "$(awk '$5 != "-" { print $4, $5, $6, $7, $8, $9, $10 }' <<<"$out" | tail -n +2)" '4 after inet filter input 3 inet
6 after inet filter input 5 inet
8 after inet filter input 7 inet' '--nftables: rules that never match' || note "$out"

cat >"$scratch/nftables.json" <<'END'
{"nftables": [{"table": {"family": "inet", "name": "filter"}},
{"chain": {"family": "inet", "table": "filter", "name": "input", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}},
{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 4, "expr": [
        {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "10.0.0.0", "len": 8}}}},
        {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": {"set": [22, 80]}}}, {"accept": null}]}},
{"rule": {"family": "inet", "table": "filter", "chain": "input", "handle": 7, "expr": [
        {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "10.1.2.3"}},
        {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 80}}, {"drop": null}]}}]}
END
run "$filt" prove --nftables "$scratch/nftables.json"
is "$(awk '$5 != "-" { print $4, $5, $6, $7, $8, $9, $10 }' <<<"$out" | tail -n +2)" '2 after inet filter input 1 inet' \
        '--nftables: JSON, too' || note "$out"
cat >"$scratch/ip6tables" <<'END'
# Generated by ip6tables-save v1.8.9
*nat
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353
-A PREROUTING -s 2001:db8::/32 -p udp -m udp --dport 53 -j DNAT --to-destination ::1
COMMIT
END
run "$filt" prove --iptables "$scratch/ip6tables"
is "$(awk '$4 != "-" { print $1, $2, $3, $4, $5, $6, $7 }' <<<"$out" | tail -n +2)" 'nat PREROUTING 2 after nat PREROUTING 1' \
        '--iptables: those of IPv6, and another table' || note "$out"

for rules in '-A INPUT -s 2001:db8::/32 -j ACCEPT' '-A INPUT -p ipv6-icmp -j ACCEPT' \
        '-A INPUT -m iprange --src-range ::4-::7 -j ACCEPT'; do
        printf '%s\n' '*filter' "[1:2] $rules" "${rules/ACCEPT/DROP}" >"$scratch/ip6tables"
        run "$filt" prove --iptables "$scratch/ip6tables"
        is "$(tail -n +2 <<<"$out" | tr -s ' ')" 'INPUT 1 - INPUT 2 -
INPUT 2 after INPUT 1 INPUT 1 -' "--iptables: IPv6 is known without a heading: $rules" || note "$out"
done
printf '%s\n' '*filter' '-A INPUT -s 10.0.0.0/8 -m comment --comment "-s ::1" -p ipv6-icmp -j DROP' >"$scratch/iptables"
run "$filt" prove --iptables "$scratch/iptables"
like "$status $out" '^0 ' '--iptables: what is IPv4 stays that' || note "$out"
printf '%s\n' '*filter' '-A INPUT -s 10.0.0.0/8 -j DROP' '-A INPUT -d ::1/128 -j DROP' >"$scratch/iptables"
mistake 2 'rules of IPv4 and of IPv6 are in one file: give what iptables-save and ip6tables-save write one after the other' \
        '--iptables: not both versions of IP' prove --iptables "$scratch/iptables"

echo 'table inet t { chain c { tcp dport 22 accept; tcp dport 22 drop; } }' >"$scratch/nftables"
run "$filt" prove --nftables "$scratch/nftables"
like "$status $out" '^1 .*
inet t c 2 +after inet t c 1 ' '--nftables: more than one rule on a line' || note "$out"
echo 'table inet t { chain c { icmp type { echo-request, echo-reply } accept; icmp type echo-request drop;
icmpv6 type echo-request accept; icmpv6 type echo-request drop; } }' >"$scratch/nftables"
run "$filt" prove --nftables "$scratch/nftables"
is "$(awk '$5 != "-" { print $4, $5, $9 }' <<<"$out" | tail -n +2)" '2 after 1
4 after 3' '--nftables: names of types of ICMP' || note "$out"
echo 'table inet t { chain c { iifname { "lo", "eth0" } tcp dport 1 accept; meta iifname "eth0" tcp dport 1 drop;
iifname { "lo", "eth1" } tcp dport 1 drop; iifname != "lo" tcp dport 1 drop; oifname "lo" tcp dport 1 drop; } }' \
        >"$scratch/nftables"
run "$filt" prove --nftables "$scratch/nftables"
is "$(awk '$5 != "-" { print $4, $5, $9 }' <<<"$out" | tail -n +2)" '2 after 1' \
        '--nftables: an interface among several' || note "$out"
printf 'table inet t {\n\tchain c {\n\t\ttcp dport 22 accept\n' >"$scratch/nftables"
mistake 2 'the rule set ends inside a chain, or its braces do not match: ' '--nftables: a file that is cut' \
        prove --nftables "$scratch/nftables"

printf '%s\n' '*filter' '-A INPUT -p udplite -m udplite --dport 53 -j DROP' '-A INPUT -p dccp -m multiport --dports 53 -j DROP' >"$scratch/iptables"
run "$filt" prove --iptables "$scratch/iptables"
is "$status $(tail -n +2 <<<"$out" | tr -s ' ')" '0 INPUT 1 - - -
INPUT 2 - - -' '--iptables: UDP-Lite and DCCP have ports, too' || note "$out"

# --- What is written where

"$filt" prove -w - tcp udp >"$packets" 2>"$scratch/text"
is "$? $(tcpdump -r "$packets" --count 2>/dev/null)" '1 2 packets' '-w -: nothing but packets on standard output'
like "$(cat "$scratch/text")" '^A accepts this packet, .*
B accepts this packet, ' 'all else is on standard error'
run "$filt" prove --limit 0 'tcp port 80 and len >= 20 or arp' 'tcp port 80'
is "$status $(grep -c 'packet, and' <<<"$out") $err" '1 1 filt: not decided within 0 seconds (--limit)' \
        'that the other side was not decided is told, too' || note "$out"
printf '%s\n' 'one: tcp' 'two: tcp prt 80' >"$scratch/list"
run "$filt" prove --set "$scratch/list"
like "$status $err" "^2 .*did you mean 'port'.
.*
filt: $scratch/list: the filter is 'two'$" 'of a list, the filter that does not compile is named'

printf '\xef\xbb\xbfweb: tcp port 80\r\none: tcp port 80 and ip\r\n' >"$scratch/list"
run "$filt" prove --set "$scratch/list"
is "$(tail -n +2 <<<"$out" | tr -s ' ')" 'web - - -
one after web web -' 'a list as editors of Windows write it' || note "$out"
printf '%s\n' 'web: tcp port 80' 'web: udp port 53' >"$scratch/list"
mistake 2 "--set: two filters of the list are named 'web'; give each a name of its own, or none" 'a name twice' \
        prove --set "$scratch/list"

# --- Usage

mistake 2 "'inbound' asks whether packets were received or sent, which their bytes do not say: use --live" 'no direction in a file' \
        prove inbound tcp
mistake 2 '--set and -w exclude each other' '--set shows no packets' prove --set "$scratch/list" -w "$packets"
mistake 2 'two filters are needed, and there are 3: quote each expression' 'three words' prove tcp port 80
mistake 2 'one filter is needed, and there are 2' 'two for one' prove --empty tcp udp
mistake 2 '--implies and --empty exclude each other' 'two questions' prove --implies --empty a b
run "$filt" prove 'tcp port' 'tcp'
like "$status $err" "^2 filt: 'port' needs a port number" 'no expression'
mistake 2 'the list gives the filters' '--set with another' prove --set "$scratch/list" tcp
mistake 1 '.*/none: No such file' 'a file that is not there' prove --set "$scratch/none"
mistake 1 '.*/none: No such file' 'a program that is not there' prove --program "$scratch/none" tcp
mistake 1 '.*/none: No such file' 'a file of -F that is not there' prove -F "$scratch/none" tcp

# --- The compiler, and the proof itself (more of both at night)

run "$tools/verify" -o tests/optimizer-faults.txt
like "$(tail -n 1 <<<"$out")" '^28 expressions; DIFFERENT: 28;' "every fault of libpcap's optimizer is shown by a packet"
run "$tools/verify" -t 60 -r 60 tests/expressions.txt
like "$(tail -n 1 <<<"$out")" '^[0-9]+ expressions; the same: [0-9]+(; the same, by the solver: [0-9]+)?; median' \
        "filt's programs are proved to mean what libpcap's unoptimized ones mean" || note "$out"
for place in jit 'jit -u' socket peek tc xdp xdp-pieces nf; do
        # shellcheck disable=SC2086
        run "$tools/verify" -t 1 -x $place tests/expressions.txt
        read -r all same < <(sed -nE '$s/^[a-z-]+: ([0-9]+) expressions; the same: ([0-9]+).*/\1 \2/p' <<<"$out")
        is "$status, $((same * 100 >= all * 85))" '0, 1' \
                "$place: what is made is proved to mean the same, nearly all of it without a solver" || note "$out"
done
run "$tools/equivalence" 40 1 100000
is "$status" 0 'rewritten expressions are the same, and changed programs are told apart' || note "$out"
like "$out" '^rewritten: [0-9]+ the same, 0 told apart, 0 not decided' 'all of the former are proved'
# --- Limits of memory and threads

run prlimit --as=60000000 "$filt" prove --implies 'ip[2:2] * 3 = 15' 'ip[2:2] = 5'
like "$status $err" '^3 filt: not decided, as it takes a solver: the limits of this process \(ulimit -v, -d\) leave less than' \
        'where memory is limited, the solver is not begun'
for megabytes in 50 80 150 280 300 350 500; do
        run prlimit --as=$((megabytes << 20)) "$filt" prove 'ip[2:2] - ip[0] * 4 > 20' 'ip[2:2] > ip[0] * 4 + 20'
        like "$status" '^[13]$' "$megabytes MiB: an answer, or none"
done

done_testing
