#!/bin/bash
# Live capture on several interfaces: one stream in order of time, each packet once and with its interface; interfaces
# that match a pattern, that appear later, that are deleted; several link types.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump tshark perl ip

host=$net-several
at_end ip netns delete "$host"
quiet_host "$host" || exit 1
here=(ip netns exec "$host")
cd "$scratch" || exit 1

start() { background "${here[@]}" "$filt" "$@"; }
says() { wait_for 8 grep -q "$1" live.err; }
figures() { grep 'packets\? captured' live.err; }

# pair N: pN and qN, up; a frame sent into qN comes out of pN.
pair() {
        ip -n "$host" link add "p$1" type veth peer name "q$1" && ip -n "$host" link set "p$1" up &&
                ip -n "$host" link set "q$1" up
}

# frames COUNT N...: sends COUNT frames, each with its number, into the interfaces qN by turns.
cat >frames.pl <<'PERL'
my ($count, @interfaces) = @ARGV;
socket(my $socket, 17, 3, 0) or die "socket: $!";
my @to = map {
        open(my $file, '<', "/sys/class/net/q$_/ifindex") or die "q$_: $!";
        pack('SnlSCCa8', 17, 3, <$file>, 0, 0, 6, "\2");
} @interfaces;
for (1 .. $count) { send($socket, pack('H*', '02000000000202000000000188b5') . pack('Nx40', $_), 0, $to[$_ % @to]) or die "send: $!" }
PERL
frames() { "${here[@]}" perl frames.pl "$@"; }

# numbers FILE: those in the frames, in the file's order.
numbers() { tshark -r "$1" -Y 'eth.type == 0x88b5' -T fields -e data.data 2>/dev/null | cut -c1-8; }
counted_to() { perl -e 'printf "%08x\n", $_ for 1 .. shift' "$1"; }
interfaces() { tshark -r "$1" -T fields -e frame.interface_name 2>/dev/null | sort -V | uniq -c | xargs; }

# --- One stream

for i in {1..20}; do pair "$i" || exit 1; done
start -i p1 -i p2 -i p1 -w two.pcapng
frames 60 1 2
stop
is "$(grep listening live.err)" 'filt: listening on p1, p2, link-type EN10MB (Ethernet), snapshot length 262144 bytes' \
        'two interfaces, one of them given twice'
is "$status $(interfaces two.pcapng)" '0 30 p1 30 p2' 'each packet has its interface'
is "$(numbers two.pcapng)" "$(counted_to 60)" 'and comes once, in order of time'

start -v -B 128 -i 'p*' -w twenty.pcapng
frames 20000 {1..20}
stop
like "$(grep listening live.err)" 'on 20 interfaces \(p1, p2, .*, \.\.\.\), link-type' 'twenty, by a pattern'
if figures | grep -q ' 0 dropped'; then
        is "$(numbers twenty.pcapng | cksum)" "$(counted_to 20000 | cksum)" 'each packet once, in order'
else
        ok 'in order' eval 'numbers twenty.pcapng | sort -cu'
fi
is "$(tshark -r twenty.pcapng -T fields -e frame.time_epoch 2>/dev/null | sort -n -c 2>&1)" '' 'times never go back'

# One that is flooded beside one that is quiet, with a ring that the flood fills.
start -i p1 -i p2 -B 256 -w flood.pcapng
kill -STOP "$pid"
frames 5000 1 1 1 1 1 1 1 1 1 2
kill -CONT "$pid"
frames 30000 1 1 1 1 1 1 1 1 1 2
stop
read -r _ captured _ _ received _ _ _ dropped _ < <(figures)
is "$status $((captured + dropped)) $(numbers flood.pcapng | wc -l)" "0 $received $captured" 'captured and dropped are all that were received'
is "$received" 35000 'and all were'
ok 'some were dropped' test "$dropped" -gt 0

# --- They come and go

start -v -i p3 -i p4 -w gone.pcapng
frames 10 3 4
ip -n "$host" link delete p3
says 'p3: the interface is gone'
frames 10 4
ip -n "$host" link delete p4
finish
is "$status $(interfaces gone.pcapng) $(grep -c ' is gone$' live.err)" '1 5 p3 15 p4 2' \
        'the capture ends with the last of them'
like "$(cat live.err)" 'filt: p3: 5 received by filter, 0 dropped by kernel' 'and has figures for each'

start --wait -i 'n*' -i p5 -i later -w wait.pcapng
uid=$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")
grep -q '^filt: later: waiting for the interface' live.err && grep -qF 'filt: n*: waiting' live.err
report $? 'names and patterns are waited for'
for i in 1 2; do
        ip -n "$host" link add "n$i" type veth peer name "qn$i" && ip -n "$host" link set "n$i" up && ip -n "$host" link set "qn$i" up
        says "n$i: the interface is there"
done
frames 10 n1 n2 5
ip -n "$host" link delete n1
says 'n1: the interface is gone'
ip -n "$host" link add n1 type veth peer name qn1 && ip -n "$host" link set n1 up && ip -n "$host" link set qn1 up
says 'n1: the interface is there again'
ip -n "$host" link add later type veth peer name qlater && ip -n "$host" link set later up && ip -n "$host" link set qlater up
says 'later: the interface is there'
frames 10 n1 n2 later
stop
is "$status $(interfaces wait.pcapng)" '0 3 later 6 n1 8 n2 3 p5' '--wait: those that appear are listened on, too'
ok 'without privileges' test "$uid" -gt 0
is "$(tshark -r wait.pcapng -T fields -e frame.time_epoch 2>/dev/null | sort -n -c 2>&1)" '' 'in order'


# --- Interfaces that are gone when their packets are looked at, on `any`

start -i any --print -w short.pcapng
for i in 101 102 103 104 103 103; do
        pair $i
        frames 1 $i
        ip -n "$host" link delete "q$i"
done
stop
is "$(awk '{ print $2 }' live.out | grep '^[pq?]' | sort -V | uniq -c | xargs)" \
        '1 p101 1 p102 3 p103 1 p104 1 q101 1 q102 3 q103 1 q104' 'short-lived interfaces have their names in print'
is "$(interfaces short.pcapng)" '1 p101 1 p102 3 p103 1 p104 1 q101 1 q102 3 q103 1 q104' 'and in the file'

# --- Link types

cat >tunnel.pl <<'PERL'
open(my $tunnel, '+<', '/dev/net/tun') or die "tun: $!";
ioctl($tunnel, 0x400454ca, pack('a16sx22', $ARGV[0], 0x1001)) or die "TUNSETIFF: $!"; # IFF_TUN | IFF_NO_PI
system("ip link set $ARGV[0] up") == 0 or die;
$| = 1;
print "up\n";
while (<STDIN>) { syswrite($tunnel, pack('H*', '4500001c00004000401100000a0000010a00000200350035000800000000')) or die "write: $!" }
PERL
start --wait -i p5 -i 't?' -w late.pcapng 'udp port 53 or greater 54'
start_late() { "${here[@]}" "$filt" --wait -i p5 -i 't?' -w late.pcap 'udp port 53 or greater 54' >/dev/null 2>late.err & }
start_late
classic=$!
wait_for 5 grep -q 'listening on' late.err
coproc tunnel { "${here[@]}" perl tunnel.pl t0; }
at_end kill "$tunnel_PID"
to_tunnel=${tunnel[1]}
read -r _ <&"${tunnel[0]}"
says 't0: the interface is there'
ok 'a classic file leaves out one of another link type that appears' \
        wait_for 5 grep -q '^filt: t0: an interface of this name is there, but with another link type (RAW)' late.err
echo >&"$to_tunnel"
frames 1 5
stop
is "$status $(interfaces late.pcapng)" '0 1 p5 1 t0' 'pcapng takes it; its program is made when it appears'
kill -INT "$classic" && wait "$classic"
is "$? $(tcpdump -nr late.pcap 2>/dev/null | grep -vc $'^\t')" '0 1' 'the other capture goes on'
run "${here[@]}" "$filt" -i p5 -i t0 -w kinds.pcap
like "$status $err" 'kinds.pcap: packets of p5 \(EN10MB\) and of t0 \(RAW\) do not go into one pcap file; write pcapng' 'two link types, classic pcap'
is "$(ls kinds.pcap 2>/dev/null)" '' 'nothing is written'
run "${here[@]}" "$filt" -i p5 -i t0 -d udp
like "$status $err" '^1 filt: these interfaces have different programs' '-d'
run "${here[@]}" "$filt" -i p5 -i p6 -d udp
is "$status $out" "0 $("${here[@]}" "$filt" -i p5 -d udp)" '-d for two of one kind'
run "${here[@]}" "$filt" -i p5 -i t0 -w kinds.pcapng 'ether src 02:00:00:00:00:01'
like "$status $err" '^2 .*ethernet addresses supported only on ethernet' 'an expression that is wrong for one of them'
start -i p5 -i t0 -w kinds.pcapng 'udp port 53 or greater 54'
is "$(grep -c listening live.err)" 2 'each link type is announced'
echo >&"$to_tunnel"
frames 1 5
echo >&"$to_tunnel"
tunnel_seen() { [ "$(interfaces kinds.pcapng)" = '1 p5 2 t0' ]; }
ok 'both kinds of packets pass, each by its own program' wait_for 8 tunnel_seen
stop
is "$(tshark -r kinds.pcapng -T fields -e frame.encap_type 2>/dev/null | sort -n | xargs)" '1 7 7' 'and have their link types'

# --- What does not go together

mistake 2 '-i any is all interfaces: give it alone' 'any with others' -i any -i lo
run "${here[@]}" "$filt" -i 'zz*'
is "$status $err" '1 filt: zz*: no interface matches (filt -D lists them)' 'a pattern that matches nothing'
run "${here[@]}" "$filt" -i p5 -i nosuch
is "$status $err" '1 filt: nosuch: there is no such interface (filt -D lists them)' 'a name that does not exist'
run "${here[@]}" "$filt" -L -i p5 -i t0
is "$(grep '^  ' <<<"$out" | xargs)" 'EN10MB (Ethernet) RAW (Raw IP)' '-L'
run "${here[@]}" "$filt" -y RAW -i t0 -i p5
like "$status $err" '^1 filt: p5: link type RAW is not' '-y'

done_testing
