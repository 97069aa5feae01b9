#!/bin/bash
# filt explain: how an expression is understood, the annotated program, its stages, and why a packet
# is accepted or rejected.
. "$(dirname "$0")/../tap.sh"
needs script
needs tcpdump dot

# Everything: the expression as understood, the annotated program, its size compared with libpcap's.
run "$filt" explain --optimize=size port 80
is "$status" 0 "an expression is explained"
like "$out" 'source or destination port of TCP, UDP or SCTP is 80, over IPv4 \(not in later fragments' \
        "port 80 is put into words"
like "$out" '\(000\) ldh      \[12\]  +EtherType' "instructions have notes"
like "$out" 'jt 20   jf 21   destination port 80\? accept, else reject' "accept and reject are named"
like "$out" '22 instructions, at most 14 of them for one packet; libpcap.s optimizer: 24, at most 15' \
        "lengths and paths are compared"
run "$filt" explain 'tcp port http and not (vlan or host 192.0.2.1)'
like "$out" '\(tcp port 80\) and \(not \(\(vlan\) or \(host 192.0.2.1\)\)\)' \
        "names are resolved, all parentheses are there"
run "$filt" explain -y LINUX_SLL2 --live ip6
like "$out" 'EtherType \(metadata\)' "on a cooked socket the type is metadata"
run "$filt" explain 'ip and geneve and icmp'
like "$out" 'X = Geneve length of options \+ 8.*Geneve protocol type.*inner Ethernet EtherType.*inner IPv4 protocol' \
        "headers in Geneve are named"
run "$filt" explain -O 'geneve and tcp port 80'
like "$out" 'inner TCP source port 80\? accept' "those in libpcap's programs, too"
run "$filt" explain -r pcaps/raw.pcap ip
like "$out" 'Program for RAW' "-r tells the link type"
run "$filt" explain ''
like "$out" 'every packet' "an empty expression"

# A protocol's name means one thing as a test and another before an offset.
run "$filt" explain 'tcp and tcp[0] < 5'
like "$out" 'tcp +TCP \(protocol 6\).*
  tcp\[\] +bytes from the start of its header' "a test and a load of the same protocol are explained"

# If libpcap takes too long, the comparison is given up.
perl -e 'srand 7; print join " or ", map { "host " . join ".", map { 1 + int rand 254 } 1 .. 4 } 1 .. 5000' \
        >"$scratch/hosts"
run "$filt" explain -F "$scratch/hosts"
is "$status" 0 "a list of 5,000 hosts"
like "$(tail -n 2 "$scratch/out")" "libpcap('s optimizer had not ended after 2 seconds| crashes on it)" \
        "libpcap is given up on"
like "$out" 'address or IPv4 source address at least [0-9.]+\?' "searches of lists are annotated"

# Stages.
run "$filt" explain --stage ast 'ip and (tcp port 80 or not udp)'
is "$out" 'and
  ip
  or
    tcp port 80
    not
      udp' "the syntax tree"
run "$filt" explain --stage graph icmp
like "$out" 'n[0-9]+: EtherType
      IPv4 +-> (n[0-9]+)
      otherwise +-> reject' "the decision graph"
run "$filt" explain --stage passes 'ip and ip and not tcp'
is "$(grep '^#' <<<"$out")" '# lower
# jump-threading, round 1' "the passes that changed the graph"
is "${out##*round 1}" '
%1 = load.h 12
n1: switch %1 { 0x800 -> n2; else -> reject }

%2 = load.b 23
n2: switch %2 { 6 -> reject; else -> accept 262144 }' "and the graph after the last"
run "$filt" explain --stage passes=switch-formation 'port 80 or port 443'
is "$(grep '^#' <<<"$out" | sort -u)" '# switch-formation, round 1' "one pass alone"
run "$filt" explain --stage passes=switch-formation ip
is "$status:$out:$err" '0::filt: switch-formation leaves the graph as it is' 'a pass that changes nothing says so'
run "$filt" explain --stage passes=outlining 'udp port 80'
like "$out" 'n[0-9]+: call n[0-9]+ x=%[0-9]+' "outlining makes calls"
run "$filt" explain --stage passes=lowering icmp
is "$status" 2 "no such pass"
like "$err" "^filt: option --stage: no pass 'lowering' runs here" "and filt says so"
run "$filt" explain --stage passes 'ip protochain 6'
is "$status|$out" '1|' "a program that jumps back has no passes"
run "$filt" explain --stage passes 'ip and nonsense'
is "$status|$out" '2|' "nor does something that is not an expression"
run "$filt" explain --stage unoptimized 'ip and ip'
is "$(grep -c 'IPv4?' <<<"$out")" 2 "the program before it is optimized"
run "$filt" explain --stage cbpf icmp
is "$(cut -c 1-40 <<<"$out" | sed 's/ *$//' | head -1)|$(wc -l <<<"$out")" '(000) ldh      [12]|6' "the classic program"
run "$filt" explain --stage ebpf icmp
like "$out" 'r9 = \*\(u32 \*\)\(r6 \+ skb->len\)' "eBPF: where the packet is"
like "$out" '\(001\) jeq .* *
 *21: if r0 != 0x800 goto ([0-9]+)
' "eBPF: jumps"
target=$(sed -n 's/.*if r0 != 0x800 goto \([0-9]*\)$/\1/p' <<<"$out")
like "$out" "\\(005\\) ret      #0
 *$target: w0 = 0x0
" "eBPF: they lead to the right instruction"
run "$filt" explain --stage ebpf --at tc 'tcp port 80'
like "$out" '^Extended BPF, compiled by filt for tc and link type EN10MB; it returns -1 to accept' "the extended program: for what"
like "$out" 'n([0-9]+): EtherType
 +IPv4 +-> n[0-9]+
 +IPv6 +-> n[0-9]+
 +otherwise +-> reject
.*if r1 > r8 goto pc\+[0-9]+ +are 24 bytes there\? no: n\1, in pieces
 +8: \(69\) r1 = \*\(u16 \*\)\(r7 \+12\)
' "its nodes above their instructions, and what is checked"
like "$out" 'are 16 bytes there from r9 on\? no: n[0-9]+, in pieces' "bytes at a computed place"
like "$out" 'the packet is in pieces: n[0-9]+: TCP source port
 +80 +-> accept
' "the way of packets in pieces"
like "$out" 'call bpf_skb_load_bytes#26 +copy bytes 12 to 23
.*copy 2 bytes from a computed place on' "what is copied"
like "$out" '
accept
 *[0-9]+: \(b4\) w0 = -1
.*exit
reject
 *[0-9]+: \(b4\) w0 = 0
' "verdicts"
run "$filt" explain --stage ebpf --at xdp inbound
like "$out" '^No extended program: .*The classic program, translated' "what is not known at a place: the classic one alone"
: >"$scratch/differing"
while read -r expression; do
        for at in socket tc xdp cgroup; do
                "$filt" -d --format ebpf --at $at -- "$expression" >"$scratch/plain" 2>/dev/null || continue
                "$filt" explain --stage ebpf --at $at -- "$expression" 2>&1 | sed '/^The classic program/,$d' |
                        grep -E '^ *[0-9]+: \([0-9a-f]{2}\)' | cut -c 1-46 | sed 's/ *$//' | cmp -s - <(cut -c 1-46 "$scratch/plain" | sed 's/ *$//') ||
                        echo "$at: $expression" >>"$scratch/differing"
        done
done < <(awk -F'\t' '$1 == "EN10MB" && $2 !~ /protochain/ && ++n % 60 == 1 { print $2 }' tests/corpus.txt; echo 'deep tcp port 80')
is "$(cat "$scratch/differing")" '' "the instructions are those of -d --format ebpf"

# The classic program beside the extended one.
run "$filt" explain --beside 'tcp port 80'
is "$status" 0 "the two programs side by side"
like "$out" '^Classic BPF, 18 instructions, beside extended BPF, 44 instructions.
The extended program is for xdp and link type EN10MB; it returns XDP_PASS' "which they are"
like "$out" 'n[0-9]+: EtherType
 +IPv4 +-> n[0-9]+
 +IPv6 +-> n[0-9]+
 +otherwise +-> reject
 +0 ldh  \[12\] +EtherType +\| +2 r0 = r7
.*
 +\| +5 r0 = \*\(u16 \*\)\(r7 \+12\) +r0 = EtherType, bytes swapped
 +\| +6 if w0 == 0x8 goto 21 +-> n[0-9]+
' "what is for a test stands below it, with what registers hold and where jumps lead"
run "$filt" explain --beside --at tc 'udp port 53'
like "$out" 'The extended program is for tc and link type EN10MB.*\| +of packets in pieces: [0-9]+ to [0-9]+' "at another place"
run "$filt" explain --beside --live 'port 53'
like "$out" 'The extended program is for socket.*n[0-9]+: whether a VLAN tag is in the metadata' "of a socket"
run "$filt" explain --beside -y LINUX_SLL2 icmp
like "$out" 'The extended program is for socket and link type LINUX_SLL2' "of another link type"
run script -qec "stty cols 80; '$filt' explain --color=never --beside 'tcp port 80'" /dev/null
is "$(tr -d '\r' <<<"$out" | awk 'length($0) > 80')|$(grep -c '|  *[0-9]' <<<"$out")" '|44' "80 columns do"
like "$out" '12 ldh  \[x \+ 14\] +\| +13 r2 = \*\(u16 \*\)\(r7 \+54\)' "then without notes"
like "$out" 'if w0 != 0xdd86 goto 42  -> reject, else.*
 +\| +n[0-9]+' "and what does not fit goes on below"
run "$filt" explain --beside inbound --at xdp
is "$status|$out|$err" '1||filt: there is no extended program beside this one: it asks for what programs there are not told' "no extended program"
run "$filt" explain --beside --program "$scratch/hosts"
is "$status" 2 "a program has no tests of an expression"
run "$filt" explain --beside --live --at tc icmp
is "$status|$err" "2|filt: --live does not go with --at: the place says what packets are (see filt explain --help)" "a place says what is live"
run "$filt" explain --stage ebpf -F "$scratch/hosts"
is "$status" 1 "too long for the kernel: no eBPF"
like "$err" '^filt: the kernel does not take this program' "and filt says so"
if [ "$(uname -m)" = x86_64 ]; then
        run "$filt" explain --stage native icmp
        like "$out" 'cmp +eax, 0x800.*ret' "machine code"
fi
is "$(grep -c 'instruction.*instruction [0-9]*:' "$scratch/err")" 0 "once"
run "$filt" explain --stage bytecode ip
is "$status" 2 "no such stage"
like "$err" "^filt: option --stage: 'bytecode' is none of ast, graph" "and the existing ones are listed"

# Where the layers of a packet are walked through, notes speak of the header of the layer at hand.
run "$filt" explain 'deep (tcp port 80)'
is "$(grep -c ' held at (\|a calculated number' <<<"$out")" 0 "deep: no note is of unknown values"
for note in 'st +M\[0\] +M\[0\] = place of the layer.s network header' 'ldx +M\[1\] +X = place of what follows the network header, kept in M\[1\]' \
        'ldh +\[x . 12\] +EtherType before the layer.s network header' 'ldb +\[x . 20\] +IPv6 next header' \
        'ldb +\[x . 14\] +next header of the extension header' 'ldh +\[x . 20\] +PPP protocol' \
        'ldh +\[x . 14\] +TCP source port' 'TCP destination port 80'; do
        like "$out" "$note" "deep: $note"
done
"$filt" -ddd 'deep (tcp port 80)' >"$scratch/deep.ddd"
run "$filt" explain --program "$scratch/deep.ddd"
unlike "$out" 'the layer|PPP protocol' "of the same program nothing like that is known"
is "$(grep -c ' or .* held at (\| held at (.* or ' <<<"$out")" 0 "and what is not known is not said beside what is"
for target in '' --live '-y RAW' '-y NULL' '-y LOOP' '-y PPP' '-y PPP_SERIAL' '-y PPP_ETHER' '-y LINUX_SLL' '-y LINUX_SLL2' '-y LINUX_SLL2 --live'; do
        # shellcheck disable=SC2086 # words
        run "$filt" explain --stage cbpf $target 'deep (vlan 5 and ah) and deep (tcp port 80)'
        is "$(grep 'M\[' <<<"$out" | grep -v "place of \(the layer's network header\|what follows\)\|marks of the tests that were met\|byte 0 of the layer's network header << 2")" \
                '' "deep ${target:-for Ethernet files}: what is kept in scratch memory has a meaning"
        like "$out" 'or +#0x1 +marks of the tests that were met \| 1' "deep ${target:-for Ethernet files}: marks"
done
out=$("$filt" debug --deep -r pcaps/tcp.pcap tcp port 5000 <<<list)
like "$out" 'M\[0\] = place of the layer.s network header' "debug --deep lists these notes"

# Behind headers of varying length, too.
run "$filt" explain -y IEEE802_11_RADIO 'outer tcp port 80'
for note in 'st +M\[4\] +M\[4\] = place of the 802.11 frame' 'ldb +\[x . 22\] +802.11 fragment number' 'TCP destination port'; do
        like "$out" "$note" "explain on 802.11: ${note:0:40}"
done
run "$filt" explain -y PFLOG 'outer host 192.0.2.1'
like "$out" 'M\[0\] = place of the layer.s network header' 'explain on PFLOG'
like "$out" 'IPv4 source address' 'explain on PFLOG: a field'

# Which layer has it, and in which tunnel.
for sentence in '1 layer 2, within VXLAN, has it' '3 layer 2, within GRE, has it' '4 the outermost layer has it'; do
        run "$filt" explain --packet "${sentence%% *}" -r pcaps/layers.pcap 'deep tcp'
        like "$out" "accepted: ${sentence#* }, as the filter wants" "packet ${sentence%% *}: ${sentence#* }"
done

# IP in IP in IP.
perl -e '
        my $packet = pack("n4N3", 80, 80, 0, 0, 0, 0x50020000, 0);
        for my $depth (0 .. 2) {
                $packet = pack("CCnnnCCnC4C4", 0x45, 0, 20 + length $packet, 0, 0, 64, $depth ? 4 : 6, 0,
                        10, 0, $depth, 1, 10, 0, $depth, 2) . $packet;
        }
        print pack("NnnNNNN", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101), pack("N4", 0, 0, (length $packet) x 2), $packet;
' >"$scratch/nested.pcap"
run "$filt" explain --packet 1 -r "$scratch/nested.pcap" 'deep host 10.0.1.1'
like "$out" 'accepted: layer 2, within an IP in IP tunnel, has it' "the second of three layers"
run "$filt" explain --packet 1 -r "$scratch/nested.pcap" 'deep (tcp and src 10.0.0.1)'
like "$out" 'accepted: layer 3, within an IP in IP tunnel, has it' "the third one"
run "$filt" explain --packet 1 -r "$scratch/nested.pcap" 'deep (src 10.0.1.1 and dst 10.0.0.2)'
like "$out" 'rejected: no layer of the packet has it' "no single one"
run "$filt" explain --packet 1 -r "$scratch/nested.pcap" 'deep src 10.0.1.1 and deep dst 10.0.0.2'
like "$out" 'layer 2, .* and layer 3, ' "two of them"

# On a terminal, texts are broken between words, under their column.
filter='tcp port 80 and host 1.2.3.4 or udp portrange 2000-3000'
shown=$(on_terminal 80 "$filt explain '$filter'")
like "$(widest <<<"$shown")" '^(7[0-9]|80)$' "80 columns"
is "$(tr -s ' \n' ' ' <<<"$shown")" "$("$filt" explain "$filter" | tr -s ' \n' ' ')" "the words are the same"
like "$shown" $'from 2000 to\n {27}3000, over' "under the column of what tests mean"
like "$shown" $' accept:? ?keep at most 262144\n {48}bytes\n' "and of notes"
is "$(on_terminal 200 "$filt explain '$filter'")" "$("$filt" explain "$filter")" "where there is room, nothing changes"
is "$(on_terminal 200 "COLUMNS=80 $filt explain '$filter'")" "$shown" "COLUMNS counts"
is "$(COLUMNS=80 "$filt" explain "$filter" | widest)" "$("$filt" explain "$filter" | widest)" "on terminals only"
like "$(on_terminal 50 "$filt explain '$filter'")" $'\n      IPv6. else reject\n' "a narrow one has notes on lines of their own"
like "$(on_terminal 60 "$filt explain -r pcaps/tcp.pcap --packet 1 port 80")" $'is\n5000, the filter wants 80' "the sentence, too"

# Why a packet is accepted or rejected.
while IFS='|' read -r file packet expression sentence; do
        run "$filt" explain -r "pcaps/$file.pcap" --packet "$packet" "$expression"
        is "$(tail -n 1 <<<"$out")" "$sentence" "why: $expression on $file.pcap, $packet"
done <<'EOF'
tcp|1|tcp dst port 80|rejected: TCP destination port is 5000, the filter wants 80
tcp|1|port 80|rejected: TCP source port is 50418 and destination port is 5000, the filter wants 80
tcp|1|udp or arp|rejected: IPv4 protocol is TCP, the filter wants UDP
tcp|1|tcp[tcpflags] & tcp-fin != 0|rejected: TCP flags are SYN, the filter wants `(tcp[13:1] & 1) != 0`
tcp|1|host 1.1.1.1 or net 10.0.0.0/8|rejected: IPv4 source address is 192.0.2.1 and destination address is 192.0.2.2, the filter wants 1.1.1.1 or 10.0.0.0/8
tcp|1|not (tcp and dst port 5000)|rejected: IPv4 protocol is TCP, which the filter excludes: `tcp`; and TCP destination port is 5000, which the filter excludes: `dst port 5000`
tcp|1|vlan or ip|rejected: `ip` stands after `vlan`, so the filter looks for it behind what `vlan` asks for, which is not there
dns|1|udp port 53|accepted: UDP destination port is 53, as the filter wants: `udp port 53`
dns|1|less 64|rejected: packet length is 98, the filter wants at most 64
dns|1|greater 0|accepted: `greater 0` holds for every packet of this link type
arp|1|tcp port 80|rejected: EtherType is ARP, the filter wants IPv4 or IPv6
ndp|1|ip6 host fe80::1|rejected: IPv6 source address is fe80::ff:fe00:2 and destination address is ff02::1, the filter wants fe80::1
vlan|1|vlan and ip|rejected: EtherType behind the VLAN tag is ARP, the filter wants IPv4
tcp-s40|2|tcp[100] = 3|rejected: only 40 of the packet's 74 bytes are captured, and the filter looks for TCP byte 100 from the header's start (byte 134 of the packet)
http|5|tcp[((tcp[12] & 0xf0) >> 2):4] = 1|rejected: the packet ends after 66 bytes, and the filter looks for 4 bytes at offset TCP header length from the TCP header (byte 66 of the packet)
http|1|ip[2:2] - ((ip[0]&0xf)<<2) - ((tcp[12]&0xf0)>>2) != 0|rejected: IPv4 total length - IPv4 header length is 40 and TCP header length is 40, the filter wants `((ip[2:2] - ((ip[0:1] & 15) << 2)) - ((tcp[12:1] & 240) >> 2)) != 0`
mpls|1|mpls 3|rejected: MPLS label is 16, the filter wants `mpls 3`
mpls|1|ether[14:4] = 5|rejected: MPLS header is 0x10140, the filter wants `ether[14:4] = 5`
ndp|1|ip6 protochain 6|rejected: IPv6 next header is ICMPv6, the filter wants `ip6 protochain 6`
ndp|3|ip6 protochain 17|rejected: the header that the chain comes to is ICMPv6, the filter wants `ip6 protochain 17`
raw|1|ip6 protochain 17|rejected: IP version is 4, the filter wants `ip6 protochain 17`
stp|1|ip|rejected: EtherType (here an 802.3 length) is 0x0026, the filter wants IPv4
stp|1|stp|accepted: 802.2 DSAP is 0x42 (spanning tree), as the filter wants: `stp`
raw|1|ip6|rejected: IP version is 4, the filter wants `ip6`
qinq|2|vlan and vlan 999|rejected: second VLAN number is 7, the filter wants `vlan 999`
tcp|1||accepted: the empty filter wants every packet
EOF

# Above it, the packet as a capture prints it: what is known of its TCP connection comes from the packets before.
fourth=$("$filt" -r pcaps/tcp.pcap 2>/dev/null | sed -n 4p)
like "$fourth" 'seq 1:' "a packet with relative numbers"
run "$filt" explain -r pcaps/tcp.pcap --packet 4 arp
is "$out" "  $fourth
rejected: EtherType is IPv4, the filter wants ARP" "the packet, then the sentence"

# The sentence agrees with the verdict on every packet.
for expression in 'tcp port 5000 and not src 192.0.2.2' 'not ip' 'vlan or arp' 'icmp or udp port 53'; do
        different=0
        for file in tcp arp dns; do
                "$filt" -r "pcaps/$file.pcap" -c 8 -w "$scratch/first.pcap" 2>/dev/null
                verdicts=$("$filt" debug --trace -r "$scratch/first.pcap" "$expression" |
                        sed -n 's/^=> packet [0-9]* \([a-z]*\).*/\1/p')
                number=0
                for verdict in $verdicts; do
                        number=$((number + 1))
                        sentence=$("$filt" explain -r "$scratch/first.pcap" --packet $number "$expression" | tail -n 1)
                        [ "${sentence%%:*}" = "$verdict" ] || different=$((different + 1))
                done
        done
        is "$different" 0 "sentences and verdicts agree: $expression"
done

# A program in place of the expression.
cat >"$scratch/request.asm" <<'EOF'
        ldh [12]
        jne #0x800, drop
        ldb [23]
        jne #1, drop
        ldxb 4*([14]&0xf)
        ldb [x + 14]
        jeq #8, keep
        jne #0, drop
keep:   ret #42
drop:   ret #0
EOF
run "$filt" explain --program "$scratch/request.asm"
like "$out" '^Program of [^,]*request.asm, taken as one for EN10MB' "a program is explained"
like "$out" '\(005\) ldb +\[x \+ 14\] +ICMP type' "it has notes"
unlike "$out" 'libpcap|Understood' "no expression is mentioned"
tcpdump -ddd -y EN10MB -O 'tcp port 80' >"$scratch/tcpdump.ddd" 2>/dev/null
run "$filt" explain --program "$scratch/tcpdump.ddd"
like "$out" '22 instructions, at most 21 of them for one packet; optimized \(--optimize\): 18, at most 12\.$' \
        "it says how much shorter the program could be"
run "$filt" explain --optimize --program - <"$scratch/tcpdump.ddd"
is "$status" 2 "empty standard input is not a program"
out=$("$filt" explain --optimize --program - <"$scratch/tcpdump.ddd")
is "$(grep '^(' <<<"$out")" "$("$filt" explain tcp port 80 | grep '^(')" "--optimize shows the optimized one"
like "$out" 'Program of standard input, optimized.*18 instructions, at most 12 of them for one packet\.$' "and says so"
run "$filt" explain --program "$scratch/request.asm" -y IPV4
like "$out" 'for IPV4 .*\(000\) ldh +\[12\] +IPv4 source address' "-y gives the notes another sense"
run "$filt" explain --stage graph --program "$scratch/request.asm"
like "$out" 'ICMP type' "a program's graph"
run "$filt" explain --stage ebpf --program "$scratch/request.asm"
like "$out" '0x2a' "its eBPF"
run "$filt" explain --dot --program "$scratch/request.asm"
like "$out" 'request.asm.*ret  #42' "its picture"
run "$filt" explain --html "$scratch/request.html" -r pcaps/ping.pcap --program "$scratch/request.asm"
is "$status:$(grep -c '<title>.*request.asm - filt' "$scratch/request.html")" 0:1 "and its page"
while IFS='|' read -r program file packet sentence; do
        printf '%s\n' "$program" | tr ';' '\n' >"$scratch/why.asm"
        [ "$program" = request ] && cp "$scratch/request.asm" "$scratch/why.asm"
        run "$filt" explain -r "pcaps/$file.pcap" --packet "$packet" --program "$scratch/why.asm"
        is "$(tail -n 1 <<<"$out")" "$sentence" "why: $program on $file.pcap, $packet"
done <<'EOF'
request|ping|1|accepted: instruction 6, `jeq #0x8`, holds: ICMP type is 8
request|ping|2|accepted: instruction 7, `jeq #0x0`, holds: ICMP type is 0
request|icmp-errors|2|rejected: instruction 7, `jeq #0x0`, does not hold: ICMP type is 3
request|tcp|1|rejected: instruction 3, `jeq #0x1`, does not hold: IPv4 protocol is 6
request|arp|1|rejected: instruction 1, `jeq #0x800`, does not hold: EtherType is 2054 (0x806)
ld len; ret a|ping|1|accepted: instruction 1 returns A, which is 98
ret #0|ping|1|rejected: instruction 0 returns 0
ld [2000]; ret #1|ping|1|rejected: instruction 0 reads bytes 2000 to 2003, and the packet ends after 98
ldb [2000]; ret #1|tcp-s40|1|rejected: instruction 0 reads byte 2000, and only 40 are captured
ldx #0; ld #1; div x; ret a|ping|1|rejected: a division by zero
ld len; jgt #5, one, two; one: jgt #7, out, out; two: ret #0; out: ret #9|ping|1|accepted: instruction 1, `jgt #0x5`, holds: packet length is 98 (0x62)
ldb [0]; tax; ld len; jgt x, more, less; more: ret #0; less: ret #1|ping|1|rejected: instruction 3, `jgt x`, holds: packet length is 98 (0x62), X is 2
EOF
run "$filt" explain --program "$scratch/request.asm" icmp
is "$status" 2 "a program and an expression"
run "$filt" explain --program "$scratch/request.asm" -F "$scratch/hosts"
is "$status" 2 "a program and a file with an expression"
run "$filt" explain --stage ast --program "$scratch/request.asm"
is "$status" 2 "a program has no syntax tree"
echo 'ld M[3]; ret a' | tr ';' '\n' >"$scratch/why.asm"
run "$filt" explain --program "$scratch/why.asm"
like "$status:$err" '2:filt: .*the kernel would refuse this program: instruction 0: M\[3\]' "a program that breaks a rule"
echo 'ld #vlan_tci; ret a' | tr ';' '\n' >"$scratch/why.asm"
run "$filt" explain --program "$scratch/why.asm" -r pcaps/ping.pcap --packet 1
like "$err" 'warning: .* instruction 0 loads what only the kernel knows' "there is a warning about what a file cannot know"

# Bad input: one clear line.
run "$filt" explain -r pcaps/tcp.pcap --packet 1000 ip
is "$status:$err" '1:filt: pcaps/tcp.pcap: there is no packet 1000; the last is 49' "a packet past the end"
head -c 24 pcaps/tcp.pcap >"$scratch/no-packets.pcap"
for command in "explain --packet 1" debug; do
        # shellcheck disable=SC2086
        run "$filt" $command -r "$scratch/no-packets.pcap" ip
        is "$status:$err" "1:filt: $scratch/no-packets.pcap: there is no packet in it" "$command: a file without packets"
done
run "$filt" explain --packet 1 ip
is "$status" 2 "--packet needs -r"
run "$filt" explain --packet 0 -r pcaps/tcp.pcap ip
is "$status" 2 "packets count from 1"
run "$filt" explain -r "$scratch/none.pcap" ip
is "$status" 1 "no such file"
run "$filt" explain 'tcp prot 80'
is "$status" 2 "an expression that does not compile"
like "$err" '\^' "a caret shows where"
run "$filt" explain --stage ast --packet 1 -r pcaps/tcp.pcap ip
is "$status" 2 "two things to show"
run "$filt" explain --packet=1 --packet=2 -r pcaps/tcp.pcap ip
is "$status" 2 "two packets"
run "$filt" explain --help
like "$out" 'Usage: filt explain' "--help"
"$filt" explain ip 2>"$scratch/full" >/dev/full
is $? 1 "a full disk is noticed"

run "$filt" explain --stage passes ''
is "$status:$out:$err" '0::filt: no pass runs: the filter tests nothing' '--stage passes of the empty filter'
run "$filt" explain --stage passes 'tcp prt'
is "$status" 2 '--stage passes of a filter that does not compile'
done_testing
