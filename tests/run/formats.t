#!/bin/bash
# Programs in and out: --format writes what other tools accept, --program reads it back. The kernel runs what
# is pasted into iptables and tc, and counts what filt counts; an independent C compiler and assembler
# accept the rest.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root iptables-nft iptables-legacy ip6tables-nft tc ping perl gcc bpfc ip env

corpus=$PWD/tests/corpus.txt
pcaps=$PWD/pcaps
cd "$scratch" || exit 1

# mistake STATUS PATTERN NAME ARGUMENT...: filt ends with STATUS, having printed nothing but a message
# whose first line matches.
mistake() {
        local wanted=$1 pattern=$2 name=$3
        shift 3
        run "$filt" "$@"
        is "$status $out" "$wanted " "$name: status $wanted, nothing printed"
        like "$(said | head -n 1)" "^filt: $pattern" "$name: it says what"
}

# --- Every form, out and in again

# Some of each link type. The library's unit test has them all; this is about the command line, and tools
# that know nothing about filt.
number=0
while IFS=$'\t' read -r link_type expression; do
        number=$((number + 1))
        "$filt" -ddd -y "$link_type" -- "$expression" >"$number.ddd" 2>err || touch "$number.failed"
        for form in d dd ddd asm c json; do
                "$filt" -d --format "$form" -y "$link_type" -- "$expression" >"$number.$form" 2>err
                cmp "$number.ddd" <("$filt" -ddd --program "$number.$form" 2>&1) ||
                        cp err "$number.$form.failed"
        done
        bpfc -b -f tcpdump -i "$number.asm" >"$number.bpfc" 2>&1
        # Names of the kernel's data are those of bpf_asm; bpfc has others.
        grep -q '#[a-z]' "$number.asm" || cmp <(tail -n +2 "$number.ddd") "$number.bpfc" || touch "$number.bpfc.failed"
done < <(grep -v '^#' "$corpus" | grep . | awk 'NR % 37 == 1 && !/protochain/') >cmp.out 2>&1
ok "$number expressions were tried" test "$number" -ge 35
is "$(ls ./*.failed 2>/dev/null)" '' 'each form reads as the same program; bpfc assembles asm to it, too'
is "$(ls ./*.c | wc -l)" "$number" 'each has its C'
ok 'a C compiler takes it without a warning' \
        gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only ./*.c
ok 'and JSON is JSON' perl -MJSON::PP -e 'local $/; for (@ARGV) { open my $f, "<", $_ or die; decode_json(<$f>) }' ./*.json
rm -f ./*.c

"$filt" -d --format c 'tcp port 80' >filter.c
cat >attach.c <<'END'
#include <linux/filter.h>
#include <stdio.h>
#include <sys/socket.h>
extern struct sock_fprog filter;
int main(void)
{
        struct sock_filter got[4096];
        socklen_t length = 4096;
        int fd = socket(AF_INET, SOCK_DGRAM, 0);
        if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0 ||
            getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &length) < 0)
                return 1;
        for (socklen_t i = 0; i < length; i++)
                printf("{ 0x%x, %u, %u, 0x%08x },\n", got[i].code, got[i].jt, got[i].jf, got[i].k);
        return 0;
}
END
gcc -o attach attach.c filter.c && ./attach >attached
is "$(cat attached)" "$("$filt" -dd 'tcp port 80')" 'compiled C attaches, and the kernel has the same program'

is "$("$filt" -d --format json -s 96 'ip or "'"$(printf '\t')"'"arp' 2>&1 | head -n 1)" \
        "$("$filt" -d -s 96 'ip or "'"$(printf '\t')"'"arp' 2>&1 | head -n 1)" 'JSON of what does not compile: the same error'
"$filt" -d --format json -s 96 ip >ip.json
is "$(perl -MJSON::PP -e 'local $/; my $p = decode_json(<STDIN>);
        print join " ", map { "$_=$p->{$_}" } grep { !ref $p->{$_} } sort keys %$p;
        print "\n$_->{index} $_->{code} $_->{jt} $_->{jf} $_->{k} $_->{text}" for @{ $p->{instructions} }' <ip.json)" \
        'expression=ip format=filt-program length=4 link_type=EN10MB longest_path=3 place=file snapshot_length=96 version=1
0 40 0 0 12 ldh [12]
1 21 0 1 2048 jeq #0x800 jt 2 jf 3
2 6 0 0 96 ret #96
3 6 0 0 0 ret #0' 'JSON has all the manual page promises'

for form in d:-d dd:-dd ddd:-ddd; do
        is "$("$filt" -d --format "${form%:*}" icmp)" "$("$filt" "${form#*:}" icmp)" "--format ${form%:*} is ${form#*:}"
done
is "$("$filt" -d --format asm 'ip and len > 5')" '/* ip and len > 5 (EN10MB) */
	ldh [12]
	jne #0x800, L5
	ld #pktlen
	jlt #0x6, L5
	ret #262144
L5:     ret #0' 'assembler, in full'

# --- The kernel counts what filt counts

network_up || exit 1
network_known
ip -n "$b" link add sink type ifb && ip -n "$b" link set sink up
ip -n "$a" link add sink type ifb && ip -n "$a" link set sink up

# Sends the frames of captures from a0, whatever they are, then some of its own as a host does.
cat >frames.pl <<'END'
my $interface = shift;
open(my $number, '<', "/sys/class/net/$interface/ifindex") or die "$interface: $!";
socket(my $socket, 17, 3, 0) or die "socket: $!";
my $to = pack('SnlSCCa8', 17, 3, <$number>, 0, 0, 6, "\2");
for my $path (@ARGV) {
        open(my $file, '<:raw', $path) or die "$path: $!";
        read $file, my $header, 24;
        while (read($file, my $record, 16) == 16) {
                read $file, my $frame, unpack 'x8V', $record;
                send($socket, $frame, 0, $to) or die "send: $!" if length $frame <= 1514;
        }
}
END
send_frames() {
        in_a perl frames.pl a0 "$pcaps"/{tcp,http,dns,udp,fragments,icmp-errors,ndp,arp,vlan,qinq}.pcap
}
send_packets() {
        in_a ping -q -c 5 -i 0.01 -W 0.1 192.0.2.2
        in_a ping -q -c 3 -i 0.01 -W 0.1 -6 2001:db8::2
        in_a perl -MSocket -e 'for my $port (53, 53, 80, 5353, 6000, 6001) {
                socket(my $s, AF_INET, SOCK_DGRAM, 0); send($s, "x" x ($port % 100), 0, sockaddr_in($port, inet_aton("192.0.2.2")));
                socket($s, AF_INET, SOCK_STREAM, 0); connect($s, sockaddr_in($port, inet_aton("192.0.2.2"))) }'
}

pids=()
# counting NAMESPACE INTERFACE DIRECTION NUMBER EXPRESSION: filt counts, until counted() ends it.
counting() {
        : >"count.$4.err" # that of the one before
        ip netns exec "$1" env --default-signal=INT "$filt" -i "$2" -Q "$3" --count "$5" >"count.$4" 2>"count.$4.err" &
        pids+=($!)
}
listening() { [ "$(cat count.*.err | grep -c '^filt: listening on')" = "${#pids[@]}" ]; }
ended() { ! kill -0 "${pids[@]}" 2>/dev/null; }
counted() {
        kill -INT "${pids[@]}"
        wait_for 5 ended
        pids=()
}
count() { sed -n 's/ packets\?$//p' "count.$1"; }

# iptables, as pasted.
v4=('icmp' 'tcp port 80 or udp port 53' 'udp portrange 5000-6000' 'tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn'
        'host 192.0.2.1 and not icmp' 'src net 192.0.2.0/24 and udp[4:2] > 60' 'not tcp' '' 'ip6')
number=0
for expression in "${v4[@]}"; do
        counting "$b" b0 in "v4-$number" "ip${expression:+ and ($expression)}"
        line=$("$filt" -d --format iptables "$expression" 2>err)
        for variant in nft legacy; do
                eval "in_b iptables-$variant ${line#iptables }"
        done
        number=$((number + 1))
done
counting "$b" b0 in v6 'ip6 and icmp6[0] = 128'
eval "in_b ip6tables-nft $("$filt" -d --format iptables 'ip6[40] = 128 and icmp6' 2>err | sed 's/^iptables//')"
ok 'all listen' wait_for 5 listening
send_packets >/dev/null 2>&1
sleep 0.1
for variant in nft legacy; do
        in_b iptables-$variant -L INPUT -vnx | awk 'NR > 2 { print $1 }' >rules.$variant
done
in_b ip6tables-nft -L INPUT -vnx | awk 'NR > 2 { print $1 }' >rules.v6
counted
number=0
total=0
for expression in "${v4[@]}"; do
        for variant in nft legacy; do
                is "$(sed -n "$((number + 1))p" rules.$variant)" "$(count "v4-$number")" \
                        "iptables-$variant counts what filt counts, $(count "v4-$number") packets: '$expression'"
        done
        total=$((total + $(count "v4-$number")))
        number=$((number + 1))
done
ok "$total packets in all" test "$total" -ge 60
is "$(count v4-8)" 0 'and none where none are'
is "$(cat rules.v6) $(count v6)" '3 3' 'ip6tables takes it, too'

# It acts when told to.
in_b iptables-nft -F INPUT
in_b iptables-legacy -F INPUT
eval "in_b $("$filt" -d --format iptables 'icmp[icmptype] = icmp-echo and len > 500' 2>err) -j DROP"
like "$(in_a ping -q -c 2 -i 0.01 -W 0.2 192.0.2.2)" ' 2 received' 'with -j DROP: what is shorter passes'
like "$(in_a ping -q -c 2 -i 0.01 -W 0.2 -s 473 192.0.2.2)" ' 0 received' 'what is longer is dropped'
in_b iptables-nft -F INPUT

# tc, as pasted, both ways. An action counts: one that a kernel has which has few, and goes on.
frames=('' 'icmp' 'tcp port 80' 'vlan' 'vlan 7 and ip' 'vlan 100 and vlan 7' 'arp' 'ip6 and udp' 'ip[6:2] & 0x1fff != 0'
        'host 192.0.2.2 and not tcp' 'not vlan and ip' 'ether[0] & 1 = 1' 'greater 500' 'tcp[tcpflags] & tcp-syn != 0')
# From here on nothing is sent unasked: the kernel repeats its reports of IPv6 multicast groups at random times.
in_a sysctl -qw net.ipv6.conf.a0.disable_ipv6=1
in_b sysctl -qw net.ipv6.conf.b0.disable_ipv6=1
in_a tc qdisc add dev a0 clsact
in_b tc qdisc add dev b0 clsact
number=0
rm -f count.*
for expression in "${frames[@]}"; do
        counting "$b" b0 in "in-$number" "$expression"
        counting "$a" a0 out "out-$number" "$expression"
        # The kernel has stripped the outer tag from received packets, but not from frames sent here as they are.
        eval "DEV=b0; in_b $("$filt" -d --format tc "$expression" 2>err | sed "s/ ingress / ingress prio $((number + 1)) /") \
                action mirred egress mirror dev sink continue"
        eval "in_a $(in_a "$filt" -d --format tc -i a0 "$expression" 2>err | sed "s/ ingress / egress prio $((number + 1)) /") \
                action mirred egress mirror dev sink continue"
        number=$((number + 1))
done
ok 'all listen' wait_for 5 listening
send_frames >/dev/null 2>&1
sleep 0.1
# The counters by priority.
counters() { awk '/ pref [0-9]+ bpf/ { sub(/.* pref /, ""); prio = $1 } /Sent .* pkt/ { print prio, $4 }' | sort -n; }
in_b tc -s filter show dev b0 ingress | counters >filters.in
in_a tc -s filter show dev a0 egress | counters >filters.out
counted
number=0
total=0
for expression in "${frames[@]}"; do
        for way in in out; do
                is "$(awk -v prio=$((number + 1)) '$1 == prio { print $2 }' filters.$way)" "$(count "$way-$number")" \
                        "tc, $way, counts what filt counts, $(count "$way-$number") packets: '$expression'"
                ok "there are some" test "$(count "$way-$number")" -gt 0
                total=$((total + $(count "$way-$number")))
        done
        number=$((number + 1))
done
ok "$total packets in all" test "$total" -ge 500

# --- What does not fit is reported

# longer N: an assembler program of N instructions.
longer() { perl -e 'print "ld #$_\n" for 2 .. shift; print "ret #0\n"' "$1"; }
hosts() { perl -e 'print join " or ", map { "host 10.0.$_.1" } 1 .. shift' "$1"; }
longer 64 >64.asm
longer 65 >65.asm
longer 2039 >2039.asm
longer 2040 >2040.asm
longer 4096 >4096.asm
longer 4097 >4097.asm
eval "in_b $("$filt" -d --program 64.asm --format iptables 2>err)"
is $? 0 'iptables takes 64 instructions'
mistake 1 'the program has 65 instructions, .* at most 64' '65 for iptables' -d --program 65.asm --format iptables
mistake 1 'the program has [0-9]* instructions, .* at most 64' 'long lists for iptables' -d --format iptables "$(hosts 100)"
eval "DEV=b0; in_b $("$filt" -d --program 2039.asm --format tc 2>err)"
is $? 0 'tc takes 2039'
mistake 1 'the program has 2040 instructions, .* holds 2039' '2040 for tc' -d --program 2040.asm --format tc
mistake 1 'tc does not tell .* inbound or outbound' 'direction for tc' -d --format tc outbound and ip
run "$filt" -d --format iptables arp
like "$status $err" '^0 .*warning: no packet can match this filter' 'what iptables never sees is warned of'
run "$filt" -d --format iptables --program 64.asm
like "$status $err" '^0 filt: the program is taken as it is: iptables shows it a packet from its IP header on' \
        'that a program must be one for iptables is said'
mistake 1 'the kernel does not take this program: instruction .* jumps back' 'protochain for iptables' \
        -d --format iptables 'ip6 protochain 6'
like "$(in_b "$filt" -d --format tc -i any ip 2>&1)" '^filt: tc works on one interface' 'tc on any'
for arguments in '-y EN10MB' '-i lo' "-r $pcaps/ping.pcap"; do
        # shellcheck disable=SC2086
        mistake 2 '--format iptables ' "iptables $arguments" -d --format iptables $arguments icmp
done
mistake 2 '--format tc is for packets of the kernel' 'tc of a file' -d --format tc -r "$pcaps/ping.pcap" icmp
mistake 2 "option --format: 'xml' is none of d, dd, ddd, asm, c, iptables, tc, json, ebpf, ebpf-c and elf" 'unknown form' -d --format xml icmp
mistake 2 '--format says how -d prints the program, or what -w writes: give -d or -w' '--format alone' --format asm icmp
mistake 2 "option --format with -w: 'asm' is neither pcap nor pcapng" 'a program with -w' -r "$pcaps/ping.pcap" -w x --format asm
mistake 2 "option --format: 'pcapng' is none of d, dd" 'a file with -d' -d --format pcapng icmp
mistake 2 '-dd and --format asm ask for different forms' '-dd --format asm' -dd --format asm icmp
run "$filt" -dd --format dd icmp
is "$status $out" "0 $("$filt" -dd icmp)" '-dd --format dd agree'

# --- Programs in place of expressions

"$filt" -d --format asm 'tcp port 80' >http.asm
is "$("$filt" -r "$pcaps/http.pcap" --program http.asm 2>err)" "$("$filt" -r "$pcaps/http.pcap" tcp port 80 2>err)" 'a file'
is "$("$filt" -r "$pcaps/http.pcap" -r "$pcaps/any.pcap" --count --program http.asm 2>err)" \
        "$("$filt" -r "$pcaps/http.pcap" --count tcp port 80 2>err)" 'several files, of several link types'
is "$("$filt" -r "$pcaps/http.pcap" --count --program - <http.asm 2>err)" \
        "$("$filt" -r "$pcaps/http.pcap" --count tcp port 80 2>err)" 'the program on standard input'
printf 'ldh [12]\njne #0x800, no\nldb [23]\njne #1, no\nret #60\nno: ret #0\n' >icmp.asm
in_b "$filt" -i b0 -c 3 -w got.pcap --program icmp.asm 2>count.live.err &
pids=($!)
ok 'a live capture by a program' wait_for 5 grep -q '^filt: listening' count.live.err
in_a ping -q -c 3 -i 0.01 -W 0.1 192.0.2.2 >/dev/null
wait_for 5 ended || kill "${pids[@]}"
is "$("$filt" -r got.pcap --count icmp and less 60 2>err) $("$filt" -r got.pcap --count 2>err)" '0 packets 3 packets' 'takes its packets'
is "$("$filt" -r got.pcap -x -c 1 2>err | tail -n 1 | wc -w)" 8 'cut to what it returns'
is "$("$filt" -d --program icmp.asm)" "$("$filt" -d -s 60 icmp)" 'what is read is what -d shows'

# Unchanged, unless --optimize is given.
"$filt" -dd -O 'tcp port 80' >plain.c
is "$("$filt" -dd --program plain.c) $("$filt" -dd -O --program plain.c)" "$(cat plain.c) $(cat plain.c)" 'a program stays as it is'
is "$("$filt" -dd --optimize --program plain.c)" "$("$filt" -dd tcp port 80)" '--optimize: as compiled from the expression'
printf 'ld #rand\nld #rand\nret a\n' >random.asm
run "$filt" -d --optimize --program random.asm
is "$status $(wc -l <<<"$out")" '0 3' 'what must not be optimized is not'
like "$err" '^filt: random.asm: it stays as it is' 'and it says so'
run "$filt" --count -r "$pcaps/ping.pcap" --program random.asm
is "$status $out" '0 0 packets' 'what only the kernel knows'
like "$(said)" '^filt: warning: random.asm: instruction 0 loads what only the kernel knows' 'is warned of'
run "$filt" -d --stats --program icmp.asm
is "$(said)" 'filt: 6 instructions; longest path: 5' '--stats of a program'

# The kernel's limit applies only to what the kernel runs.
run "$filt" -r "$pcaps/ping.pcap" --count --program 4097.asm
is "$status $out" '0 0 packets' 'a file is filtered by a longer program, too'
mistake 2 '4097.asm: the program has 4097 instructions and the kernel takes at most 4096' 'not so live' -i lo --program 4097.asm
like "$("$filt" -d --format c --program 4097.asm 2>&1 >/dev/null)" 'takes 4096' 'as C: a warning'

# refused TEXT PATTERN NAME: this program is refused with this message.
refused() {
        printf '%s' "$1" >refused.program
        mistake 2 "$2" "$3" -d --program refused.program
}
refused $'ldh [12]\n  jeq #0x800, yes, no\nyes: ret #1\n' "refused.program:2:20: there is no label 'no'" 'no such label'
is "$(said | tail -n 2)" $'    jeq #0x800, yes, no\n                     ^^' 'and shows where'
refused $'ldh [12]\n\tldq [23]\n' "refused.program:2:2: expected an instruction .* or a label, not 'ldq'" 'no such instruction'
refused $'{ 0x28, 0, 0, 0xc },\n{ 0x15, 0, 300, 1 },\n' 'refused.program:2:12: the jf of instruction 1 is more than 255' 'C'
refused $'4\n6 0 0\n' 'refused.program:2:6: the program ends before the k of instruction 0' 'cut short'
refused $'2,6 0 0 0,' 'refused.program:1:11: the listing ends after 1 of the 2 instructions' 'fewer than promised'
refused $'(000) ret #1\n(002) ret #0\n' 'refused.program:2:2: this is instruction 1, not 2' 'a line missing'
refused 'iptables -m bpf --bytecode "1,6 0 0"' 'refused.program:1:36: .*the k of instruction 0' 'a command line'
refused '{"instructions": [{"code": 6, "jt": 0, "jf": 0}]}' 'refused.program: instruction 0 has no "k"' 'JSON'
refused $'lsh #40\nret a' 'refused.program: the kernel would refuse this program: instruction 0: shift by 40 bits' 'a broken rule'
is "$(said | tail -n 1)" 'filt:   (000) lsh      #40' 'and shows the instruction'
refused $'ld #1\nst M[3]' '.*instruction 1: the last instruction must be a return' 'no return'
refused $'loop: ja loop\nret #0' '.*instruction 0: k -1 jumps back' 'a loop'
refused $'ld M[2]\nret a' '.*instruction 0: M\[2\] is read, but not written' 'scratch memory'
refused $'5,1 2 3' '.*opcode|.*ends' 'nonsense'
refused $' \n' '.*the file is empty; it should hold a filter program' 'white space'
refused $'; nothing\n' '.*ends before an instruction' 'nothing but a comment'
mistake 1 'nowhere: No such file' 'no such file' -d --program nowhere
mistake 2 '.*ping.pcap: byte [0-9]* is NUL, so this is no text; it should hold a filter program' 'a capture file' -d --program "$pcaps/ping.pcap"
mistake 2 "--program gives the filter; 'icmp' is one too many" 'and an expression' -d --program icmp.asm icmp

# --- What the kernel takes, it takes optimized, too

for program in "${pcaps%/pcaps}"/tests/programs/*.txt; do
        run "$filt" --program "$program" -ddd
        is "$status" 0 "${program##*/} is a program"
        "$filt" --optimize --program "$program" -ddd >"$scratch/optimized"
        run "$filt" --program "$scratch/optimized" -ddd
        is "$status" 0 'and still one when it is optimized'
done

done_testing
