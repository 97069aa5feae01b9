#!/bin/bash
# filt sample: packets that match a filter, on every path, or just miss it. tcpdump says which do.
. "$(dirname "$0")/../tap.sh"
needs tcpdump
packets=$scratch/packets.pcap

# count EXPRESSION: of the packets saved.
count() { tcpdump -O -r "$packets" --count "$1" 2>/dev/null | sed 's/ packets\?$//'; }

run "$filt" sample -c 20 -w "$packets" 'port 80'
is "$status $err $(count '') $(count 'port 80')" '0  20 20' '20 packets that match'
is "$(tcpdump -r "$packets" -ttnnXX 2>/dev/null | grep '^	' | sort | uniq -c | awk '$1 > 40' | wc -l)" 0 'they differ'
for test in 'ip and tcp src' 'ip and udp dst' 'ip6 and sctp dst' 'ip6 and tcp src' 'ip and sctp src'; do
        unlike "$(count "$test port 80")" '^0$' "every path is taken: $test"
done
is "$(tcpdump -r "$packets" -nv 2>/dev/null | grep -c 'bad cksum\|incorrect')" 0 'checksums are right'
first=$(cksum <"$packets")
run "$filt" sample -c 20 -w "$packets" 'port 80'
is "$(cksum <"$packets")" "$first" 'the same packets again'
run "$filt" sample -c 20 --seed 2 -w "$packets" 'port 80'
unlike "$(cksum <"$packets")" "$first" 'others with --seed'

run "$filt" sample --not -c 8 -w "$packets" 'tcp port 80 and src net 192.0.2.0/24'
is "$status $(count '') $(count 'tcp port 80 and src net 192.0.2.0/24')" '0 8 0' '--not: none matches'
is "$(grep -c '^    rejected: ' <<<"$out")" 8 'and each has its reason'
like "$out" 'IPv4 source address is [0-9.]+, the filter wants 192.0.2.0/24' 'the network'
like "$out" 'port is [0-9]+, the filter wants 80' 'the port'
like "$out" 'IPv4 protocol is [A-Z0-9]+, the filter wants TCP' 'the protocol'
like "$out" 'a later fragment' 'a fragment'

run "$filt" sample --paths -w "$packets" 'icmp or arp'
is "$status $(count '') $(count arp) $(count icmp) $(count 'not (icmp or arp)')" '0 4 1 1 2' '--paths: one for each'
is "$(sed -n 's/^    \([a-z]*\): .*/\1/p' <<<"$out" | sort | uniq -c | xargs)" '2 accepted 2 rejected' 'told which'
run "$filt" sample --paths -w "$packets" 'tcp[13] & 2 != 0'
is "$(count 'tcp[13] & 2 != 0')" "$(grep -c '^    accepted' <<<"$out")" 'as tcpdump says'

run "$filt" sample -c 3 -y LINUX_SLL2 -w "$packets" 'ip6'
is "$status $(count ip6)" '0 3' 'another link type'
run "$filt" sample -c 3 --live -w "$packets" 'vlan 5 and tcp'
is "$status $(count 'vlan 5 and tcp')" '0 3' 'live: the tag is put back'
run "$filt" sample -c 3 --not --live 'vlan 5 and tcp'
like "$out" '    rejected: VLAN number is [0-9]+, the filter wants' 'live ones that miss: why, as a file has it'
"$filt" -ddd 'udp port 53' >"$scratch/program"
run "$filt" sample -c 3 --not -w "$packets" --program "$scratch/program"
is "$status $(count '') $(count 'udp port 53')" '0 3 0' 'a program'
like "$out" 'rejected: instruction [0-9]+, ' 'with the instruction that decided'
run "$filt" sample -c 6 -w "$packets" arp
is "$status $(count arp) $("$filt" -nr "$packets" 2>/dev/null | cut -d ' ' -f 2- | sort -u | wc -l)" '0 6 6' 'ARP of different hosts'
run "$filt" sample -c 60 -w "$packets" ''
is "$status $(count '')" '0 60' 'packets of all kinds'
is "$(tcpdump -r "$packets" -nv 2>/dev/null | grep -c 'bad\|incorrect\|invalid\|wrong\|unknown\|\[|')" 0 \
        'nothing is wrong in them' || note "$(tcpdump -r "$packets" -nv)"
is "$(count 'icmp[1] != 0') $(count 'ip proto 47 and ip[20:4] != 0x800')" '0 0' 'what has no ports is not changed where these would be'
run "$filt" sample -c 4 'ether[0:4] = 1 and ether[4:4] = 5 and ether[8:4] = 3 and ether[12:4] = 0x12345678 and len = 16'
is "$status $err" '0 filt: found 1 packet, not 4' 'fewer than asked for: told; whatever it was made of, none comes twice'
run "$filt" sample 'tcp and udp'
is "$status $err" '1 filt: no such packet was found' 'nothing matches'
# What bytes alone do not tell, a solver finds: the product of two, a checksum's sum, a place that is computed.
for expression in 'ip[2:2] * ip[4:2] = 26000 and udp' 'ip[8] + ip[9] + ip[1] = 300' 'ip[ip[8]] = 77 and ip[8] > 30 and ip[30] = 2' \
        'ether[0:4] * 3 + ether[4:4] / 5 = 123456789'; do
        run "$filt" sample --limit 60 -c 1 -w "$packets" "$expression"
        is "$status $err $(count '') $(count "$expression")" '0  1 1' "arithmetic: $expression"
        run "$filt" sample --not --limit 60 -c 3 -w "$packets" "$expression"
        is "$status $(count "$expression")" '0 0' "and those that miss: $expression"
done
run "$filt" sample --limit 60 --paths -w "$packets" 'udp[4:2] * udp[6:2] = 77'
is "$status $(grep -c '^    accepted' <<<"$out")" '0 1' 'and the paths that they are on'
run "$filt" sample --limit 60 'ip[0] * 2 = 77'
is "$status $err" '1 filt: no such packet was found' 'none, as the solver says'
run "$filt" sample --limit 0 'ether[0:4] * 3 + ether[4:4] / 5 = 123456789'
is "$status $err" '1 filt: 1 path may have a packet that was not found within --limit
filt: no such packet was found' 'without it, it is said that there may be one'

"$filt" sample -c 2 -w - tcp >"$packets" 2>"$scratch/text"
is "$? $(count tcp) $(wc -l <"$scratch/text")" '0 2 2' '-w -: nothing but packets on standard output'
mistake 2 'the filter asks whether packets were received or sent, .*: use --live' 'no direction in a file' sample inbound
mistake 2 '--not and --paths exclude each other' 'two kinds' sample --not --paths tcp
done_testing
