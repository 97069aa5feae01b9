#!/bin/bash
# --format ebpf, ebpf-c and elf: the kernel takes what clang makes of the C, and the object file; both give the
# verdicts of libpcap's unoptimized program on packets of captures; bpftool lists the program as filt does; tc
# and ip attach it.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root clang bpftool tc ip ping unshare mount readelf

verdicts=$PWD/${BUILD:-build}/tests/tools/kernel_verdicts
corpus=$PWD/tests/corpus.txt
captures=("$PWD"/pcaps/{tcp,http,dns,udp,fragments,icmp-errors,ndp,arp,vlan,qinq}.pcap)
cd "$scratch" || exit 1
mkdir bpf && mount -t bpf filt-test bpf || exit 1
at_end umount "$scratch/bpf"

compile() {
        clang -O2 -g -target bpf -Wall -Werror -idirafter "/usr/include/$(clang -print-multiarch)" -c "$1" -o "$2"
}

# judge PLACE OBJECT EXPRESSION: loads the object file, compares its verdicts, and leaves what bpftool lists in
# `dumped`, but for nf, which not every bpftool knows. Verdicts are counted in `judged`.
judge() {
        if [ "$1" = nf ]; then
                "$verdicts" nf "$2" "$3" "${captures[@]}" >said 2>&1 || { echo "wrong: $1 $3"; cat said; } >>failures
                tail -n 1 said >>judged
                return
        fi
        rm -f bpf/program
        bpftool prog load "$2" bpf/program >>failures 2>&1 || { echo "not loaded: $1 $3" >>failures; return; }
        "$verdicts" "$1" bpf/program "$3" "${captures[@]}" >said 2>&1 || { echo "wrong: $1 $3"; cat said; } >>failures
        tail -n 1 said >>judged
        bpftool prog dump xlated pinned bpf/program >dumped
}

# What the kernel rewrites when it loads a program: the context's fields, and helpers' numbers.
comparable() { sed -E 's/#[0-9]+$//; s/\([0-9a-f]{2}\) (r[0-9]+) = \*\(u(32|64) \*\)\((r1|r6) .*/\1 = field/'; }

: >failures
: >judged
: >compared
number=0
while read -r expression; do
        number=$((number + 1))
        for at in socket tc xdp cgroup nf; do
                "$filt" -d --format elf --at $at -- "$expression" >program.o 2>err || continue
                "$filt" -d --format ebpf-c --at $at -- "$expression" >program.c 2>err ||
                        echo "not in C: $at $expression" >>failures
                compile program.c compiled.o >>failures 2>&1 || echo "not compiled: $at $expression" >>failures
                judge $at compiled.o "$expression"
                judge $at program.o "$expression"
                [ $at = nf ] && continue
                "$filt" -d --format ebpf --at $at -- "$expression" 2>err | comparable >listed
                # Loads of metadata, and of a packet's length, take several instructions of the kernel.
                # Metadata takes several instructions of the kernel, and what the verifier finds to be
                # unreachable is gone.
                grep -q '(r6 +' <("$filt" -d --format ebpf --at $at -- "$expression" 2>err) && continue
                [ "$(wc -l <listed)" = "$(wc -l <dumped)" ] || continue
                echo "$at" >>compared
                cmp listed <(comparable <dumped) >>failures 2>&1 || echo "listed otherwise: $at $expression" >>failures
        done
done < <(
        awk -F'\t' '$1 == "EN10MB" && $2 != "" && $2 !~ /protochain|inbound|outbound|ifindex/ && ++n % 40 == 1 { print $2 }' "$corpus"
        cat <<'END'
tcp port 80
host 192.0.2.1 and not port 53
port 53 or port 80 or port 443 or port 8080 or portrange 6000-6999 or port 22
ip[(ip[0] & 15) * 4] = 8 or tcp[((tcp[12] & 0xf0) >> 2):2] = 0x4745
len > 100 and udp[4:2] > udp[0:2] / 3
ip[8] << ip[1] > 5 or ip[4:2] % 7 = 3
vlan and ip
outer tcp port 80
deep (tcp port 80)
END
)
ok "$number expressions were tried" test "$number" -ge 25
is "$(head -c 3000 failures)" '' 'programs and what clang makes of C load and answer right; bpftool lists them so'
awk '{ accepted += $1; rejected += $3 } END { print accepted + 0, rejected + 0 }' judged >sums
ok "on many packets of both kinds: $(cat sums)" awk '{ exit !($1 > 2000 && $2 > 2000) }' sums

ok "$(wc -l <compared) listings were compared" test "$(wc -l <compared)" -ge 40

# Kernels before 6.6 have no jumps of 32 bits (`gotol`, code 06): long programs do without.
perl -e 'print join(" or ", map { sprintf "host 10.%d.%d.%d", $_ >> 8 & 255, $_ & 255, $_ * 7 & 255 } 1 .. 16000), "\n"' >hosts
"$filt" -d --format ebpf -F hosts >listed 2>err
ok 'a program of more instructions than 16 bits count' test "$(wc -l <listed)" -gt 33000
is "$(grep -c '(06)' listed)" 0 'its jumps are of 16 bits'

# The longest of all load, too; the verifier does not lose itself in a walk through layers.
: >failures
number=0
while read -r expression; do
        for at in socket tc xdp cgroup tracepoint; do
                rm -f bpf/long
                "$filt" -d --format elf --at $at -- "$expression" >program.o 2>err || continue
                number=$((number + 1))
                timeout 60 bpftool prog load program.o bpf/long >said 2>&1 || echo "not loaded: $at $expression" >>failures
        done
done < <(
        awk -F'\t' '$1 == "EN10MB" && $2 !~ /protochain|inbound|outbound|ifindex/ { print length($2) "\t" $2 }' "$corpus" |
                sort -rn | head -n 15 | cut -f 2
        cat <<'END'
deep (tcp port 80) and deep (udp port 53)
deep (host 192.0.2.1 or net 10.0.0.0/8 and tcp port 80)
deep (tcp[13] & 2 != 0 and port 443) or outer icmp
deep (ip6 host 2001:db8::1) and not inner udp
END
)
rm -f bpf/long
is "$(head -c 3000 failures)" '' 'the longest filters load at all places'
ok "$number of them" test "$number" -ge 80

# --- Attached

network_up || exit 1
"$filt" -d --format elf --at xdp 'not icmp[0] = 8' >no-echo.o 2>err
like "$(cat err)" 'compiled for xdp .* returns XDP_PASS \(2\) to accept, or XDP_DROP \(1\) to reject' 'it says what is returned'
in_a ping -c 1 -W 2 192.0.2.2 >ping.out 2>&1
ok 'ping passes' grep -q '1 received' ping.out
ok 'ip attaches it' in_b ip link set b0 xdpgeneric obj no-echo.o sec xdp
in_a ping -c 1 -W 1 192.0.2.2 >ping.out 2>&1
ok 'XDP drops what it rejects' grep -q '0 received' ping.out
in_b ip link set b0 xdpgeneric off
"$filt" -d --format elf --at tc 'icmp[0] = 8' >echo.o 2>err
ip -n "$b" link add sink type ifb && ip -n "$b" link set sink up
in_b tc qdisc add dev b0 clsact
ok 'tc attaches it' in_b tc filter add dev b0 ingress bpf obj echo.o sec tc flowid 1:1 action mirred egress mirror dev sink continue
ok 'a ping that counts' in_a ping -c 1 -W 2 192.0.2.2
ok 'and others that do not' in_a ping -6 -c 2 -W 2 2001:db8::2
is "$(in_b tc -s filter show dev b0 ingress | grep -o '[0-9]* pkt')" '1 pkt' 'tc counts what it accepts, and nothing else'

# Raw tracepoints: all verify, in a section by which libbpf attaches them. (What they answer: at_tracepoint.)
: >failures
for name in netif_receive_skb netif_rx net_dev_queue net_dev_start_xmit net_dev_xmit kfree_skb consume_skb; do
        for expression in icmp 'tcp port 80 and host 192.0.2.1' 'vlan 7 or len > 100' 'deep udp port 53'; do
                rm -f bpf/traced
                "$filt" -d --format elf --at "tracepoint:$name" -- "$expression" >program.o 2>err &&
                        bpftool prog load program.o bpf/traced >>failures 2>&1 &&
                        bpftool prog show pinned bpf/traced | grep -q 'raw_tracepoint' &&
                        readelf -SW program.o | grep -q " raw_tracepoint/$name " ||
                        { echo "$name: $expression"; cat err; } >>failures
                rm -f bpf/traced
                "$filt" -d --format ebpf-c --at "tracepoint:$name" -- "$expression" >program.c 2>err &&
                        compile program.c program.o >>failures 2>&1 &&
                        bpftool prog load program.o bpf/traced >>failures 2>&1 &&
                        bpftool prog show pinned bpf/traced | grep -q 'raw_tracepoint' &&
                        readelf -SW program.o | grep -q " raw_tracepoint/$name " ||
                        { echo "$name: $expression, in C"; cat err; } >>failures
        done
done
rm -f bpf/traced
is "$(cat failures)" '' 'programs for raw tracepoints load, and libbpf knows for which they are'
"$filt" -d --format elf --at tracepoint icmp >program.o 2>err
like "$(cat err)" 'compiled for tracepoint and link type EN10MB; .*; for this kernel only' 'that they are for one kernel is said'
like "$(readelf -SW program.o)" ' raw_tracepoint/netif_receive_skb ' 'the one that is meant without a name'
"$filt" -d --format ebpf-c --at tracepoint icmp >program.c 2>err
unlike "$(cat err)" 'this kernel only' 'in C, they are for any kernel'
"$filt" -d --format ebpf-c --at tracepoint:kfree_skb icmp >program.c 2>err
like "$(cat err)" 'link type LINUX_SLL2;' 'packets that end may be in any state'
printf '#!/bin/bash\n%s\ncompile "$@"\n' "$(declare -f compile)" >compiler
chmod +x compiler
faults=$(timeout 300 "${verdicts%/*}/at_tracepoint" "$PWD/compiler" 2>&1)
is "$?:$faults" 0: 'what clang makes of their C answers as the others do: where packets begin, what is not in a row, metadata'

# --- The command line

# mistake PATTERN NAME ARGUMENT...: a usage error, said so, with nothing printed.
mistake() {
        local pattern=$1 name=$2
        shift 2
        run "$filt" "$@"
        is "$status $out" '2 ' "$name: status 2, nothing printed"
        like "$(said | tail -n 1)" "^filt: $pattern" "$name: it says what"
}
is "$("$filt" -d --format ebpf -y RAW 'ip[0] > 3' 2>/dev/null)" "$("$filt" -d --format ebpf --at socket -y RAW 'ip[0] > 3' 2>/dev/null)" '--at socket is what is not given'
is "$("$filt" -d --format ebpf --at xdp ip 2>/dev/null)" '   0: (61) r7 = *(u32 *)(r1 +0)
   1: (61) r8 = *(u32 *)(r1 +4)
   2: (bf) r0 = r7
   3: (07) r0 += 14
   4: (2d) if r0 > r8 goto pc+4
   5: (69) r0 = *(u16 *)(r7 +12)
   6: (56) if w0 != 0x8 goto pc+2
   7: (b4) w0 = 2
   8: (95) exit
   9: (b4) w0 = 1
  10: (95) exit' 'a listing in full, with the verdicts of XDP'
like "$("$filt" -d --format ebpf --at nf 'ip and udp' 2>/dev/null)" 'call kernel-function#[0-9]+' 'that of netfilter has a number'
like "$("$filt" -d --format ebpf 'ip and udp' 2>/dev/null)" 'call bpf_skb_load_bytes#26' 'helpers have their names'
mistake 'option --at: .nowhere. is none of socket, xdp, tc, tc-ingress, .* and tracepoint' 'another place' -d --format ebpf --at nowhere ip
mistake '--at is where an extended program runs' '--at of another form' -d --format asm --at tc ip
mistake '--at is where an extended program runs' '--at alone' -d --at tc ip
mistake '--at xdp: it asks for what programs there are not told' 'metadata at XDP' -d --format ebpf --at xdp inbound
mistake '--format ebpf is compiled from an expression' '--program' -d --format ebpf --program /dev/null
mistake '--at nf is the same for all interfaces' '--at nf and an interface' -d --format ebpf --at nf -i lo ip
mistake '--at nf is compiled for link type RAW' '--at nf and a link type' -d --format ebpf --at nf -y EN10MB ip
mistake "option --at tracepoint: 'nosuch' is none of netif_receive_skb, netif_rx, " 'another tracepoint' -d --format elf --at tracepoint:nosuch ip
mistake '--at tracepoint:kfree_skb is the same for all interfaces' '-i where packets end' -d --format ebpf-c --at tracepoint:kfree_skb -i lo ip
mistake '--at tracepoint:kfree_skb is compiled for link type LINUX_SLL2' '-y where packets end' -d --format ebpf --at tracepoint:kfree_skb -y RAW ip
mistake '--at tracepoint is for a program that is written out' 'a capture at a tracepoint' --at tracepoint ip
mistake '-O is about classic programs' '-O' -d -O --format ebpf ip
mistake '--stats is about classic programs' '--stats' -d --stats --format ebpf ip
mistake '--format elf is for packets of the kernel' '-r' -d --format elf -r "${captures[0]}" ip
mistake '--at cgroup is the same for all interfaces' '-i at a cgroup' -d --format ebpf --at cgroup -i lo ip
mistake '--at cgroup is compiled for link type RAW' '-y at a cgroup' -d --format ebpf --at cgroup -y EN10MB ip
ok 'an object file does not go to a terminal' bash -c 'script -qec "$1 -d --format elf ip" /dev/null | grep -q "standard output is a terminal"' - "$filt"

done_testing
