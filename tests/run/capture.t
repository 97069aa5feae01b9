#!/bin/bash
# Live capture between two private hosts: the right packets pass, compared with tcpdump on the same
# traffic, too; the order of system calls; signals; interfaces that go away; users without root.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root tcpdump ping iptables iptables-nft iptables-legacy strace perl setcap setpriv script ip env

at_end network_down
network_up || exit 1
chmod 755 "$scratch"
cd "$scratch" || exit 1
# Neighbours are never looked up, so that there is no traffic except this script's own.
ip -n "$a" neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev a0 nud permanent
ip -n "$a" neigh replace 2001:db8::2 lladdr 02:00:00:00:00:02 dev a0 nud permanent
ip -n "$b" neigh replace 192.0.2.1 lladdr 02:00:00:00:00:01 dev b0 nud permanent
ip -n "$b" neigh replace 2001:db8::1 lladdr 02:00:00:00:00:01 dev b0 nud permanent

# --- Helpers

# start ARGUMENT...: filt on host b in the background, from when it listens; $pid, live.out, live.err.
start() {
        : >live.err
        ip netns exec "$b" "$filt" "$@" >live.out 2>live.err &
        pid=$!
        wait_for 5 grep -q '^filt: listening on' live.err || note "no start: $(cat live.err)"
}

gone() { ! kill -0 "$1"; }

# finish: the status of what start() started, once it ends; 99 if it does not within five seconds.
finish() {
        wait_for 5 gone "$pid" || { kill -9 "$pid"; wait "$pid" 2>wait.err; status=99; return; }
        wait "$pid"
        status=$?
}

# stop [SIGNAL]: end it.
stop() {
        kill -"${1:-INT}" "$pid" 2>/dev/null
        finish
}

# said: its messages on standard error except for the first line and the figures.
said() { grep -Ev '^filt: (listening on|[0-9]+ packets? captured)' live.err; }
figures() { grep -E '^filt: [0-9]+ packets? captured' live.err; }

# pings N [OPTION...]: N pings from a to b, fast.
pings() {
        local count=$1
        shift
        in_a ping -q -c "$count" -i 0.005 -W 0.05 "$@" 192.0.2.2 >ping.out 2>&1
}

# packets FILE [OPTION...]: the packets of a file, without times, as tcpdump sees them.
packets() {
        local file=$1
        shift
        tcpdump -tnr "$file" "$@" 2>/dev/null
}

# frames INTERFACE HEX...: sends these frames from host a.
cat >frames.pl <<'END'
my $interface = shift;
open(my $file, '<', "/sys/class/net/$interface/ifindex") or die "$interface: $!";
socket(my $socket, 17, 3, 0) or die "socket: $!";
my $to = pack('SnlSCCa8', 17, 3, <$file>, 0, 0, 6, "\2");
send($socket, pack('H*', $_), 0, $to) or die "send: $!" for @ARGV;
END
frames() { in_a perl frames.pl "$@"; }

# --- The main job: three pings, dropped by iptables, no reply, all three captured

for iptables in iptables-nft iptables-legacy; do
        in_b $iptables -A INPUT -p icmp -j DROP
        rm -f out.pcap
        start -i b0 -c 3 -w out.pcap icmp
        in_a ping -q -c 1 -W 0.01 -6 2001:db8::2 >/dev/null # not icmp
        pings 3
        finish
        is "$status $(said)" '0 ' "$iptables: -c 3 ends by itself"
        like "$(cat ping.out)" '3 packets transmitted, 0 received' "$iptables: no reply"
        like "$(in_b $iptables -L INPUT -vnx)" '[^0-9]3 +252 DROP' "$iptables: the rule dropped three"
        is "$(packets out.pcap | sed 's/ id [0-9]*/ id N/')" \
                "$(printf 'IP 192.0.2.1 > 192.0.2.2: ICMP echo request, id N, seq %d, length 64\n' 1 2 3)" \
                "$iptables: the file holds exactly those three, and tcpdump reads it"
        is "$(figures)" 'filt: 3 packets captured, 3 received by filter, 0 dropped by kernel' "$iptables: the figures"
        in_b $iptables -F INPUT
done

# Nanoseconds are kept, unless they are not wanted.
is "$(od -An -tx1 -N4 out.pcap | tr -d ' ')" 4d3cb2a1 \
        'the file has nanosecond stamps'
unlike "$(tcpdump --nano -ttnr out.pcap 2>/dev/null | sed 's/ .*//; s/.*\(...\)$/\1/' | paste -sd ' ')" \
        '^000 000 000$' 'finer than microseconds'
start --micro -i b0 -c 1 -w micro.pcap icmp
pings 1
finish
is "$(od -An -tx1 -N4 micro.pcap | tr -d ' ')" d4c3b2a1 '--micro: microseconds'

# --- The system calls: nothing is received before the filter is there

(sleep 0.3; pings 1) &
in_b timeout 10 strace -qq -e trace=socket,setsockopt,bind -o calls "$filt" -i b0 -c 1 icmp >/dev/null 2>&1
wait $!
# The calls of the socket that is bound to b0: there may be other sockets, and earlier ones with its number.
awk '{ fd = $1; gsub(/[^0-9]/, "", fd) }
        /^socket/ { fd = $NF; calls[fd] = "" }
        { calls[fd] = calls[fd] $0 "\n" }
        /^bind/ && /if_nametoindex\("b0"\)/ { printf "%s", calls[fd] }' calls >own-calls
is "$(sed -E 's/^socket\(AF_PACKET, SOCK_RAW\|SOCK_CLOEXEC, (0|htons\(0[^)]*\))\).*/socket, protocol 0/
        s/.*(SO_ATTACH_FILTER|PACKET_RX_RING).*/\1/; s/^bind.*ETH_P_ALL.*/bind/
        /PACKET_VERSION|PACKET_RESERVE/d' own-calls)" \
        $'socket, protocol 0\nSO_ATTACH_FILTER\nPACKET_RX_RING\nbind' \
        'socket with protocol 0, SO_ATTACH_FILTER, ring, bind'

# --- The same packets as tcpdump

ifindex=$(in_b cat /sys/class/net/b0/ifindex)
traffic() {
        pings 2
        pings 2 -s 300
        in_a ping -q -6 -c 1 -W 0.05 2001:db8::2
        in_b ping -q -c 2 -i 0.005 127.0.0.1
        in_a bash -c 'echo datagram >/dev/udp/192.0.2.2/9'
} >/dev/null 2>&1

# as_tcpdump TRAFFIC ARGUMENT...: both capture at once, and the files are the same except for the time stamps. The
# multicasts with which IPv6 comes up may fall between the start of one and of the other.
as_tcpdump() {
        local make=$1 other wanted
        shift
        : >tcpdump.err
        ip netns exec "$b" tcpdump -Z root --immediate-mode -w tcpdump.pcap "$@" 2>tcpdump.err &
        other=$!
        start -w filt.pcap "$@"
        wait_for 5 grep -q 'listening on' tcpdump.err
        $make
        stop
        sleep 0.02
        kill -TERM $other
        wait $other
        wanted=$(packets tcpdump.pcap -eXX not ip6 multicast)
        is "$status $(packets filt.pcap -eXX not ip6 multicast)" "0 $wanted" "as tcpdump: $*"
        like "$wanted" '0x0000:' "as tcpdump: $*: there are packets"
        is "$(od -An -tx4 -j16 -N8 filt.pcap)" "$(od -An -tx4 -j16 -N8 tcpdump.pcap)" \
                "as tcpdump: $*: snapshot length and link type"
}

as_tcpdump traffic -i b0
as_tcpdump traffic -i b0 -s 50
as_tcpdump traffic -i b0 -Q in
as_tcpdump traffic -i b0 -Q out icmp
as_tcpdump traffic -i lo icmp
as_tcpdump traffic -i any
as_tcpdump traffic -i any -s 60 icmp
as_tcpdump traffic -i any inbound
as_tcpdump traffic -i any "ifindex $ifindex and len > 150"
as_tcpdump traffic -i any -Q out 'icmp and not net 127.0.0.0/8'

# Not compared with tcpdump, which filters its first packets itself and then does not know the direction.
start -i b0 -w inbound.pcap inbound and greater 300
traffic
stop
is "$status $(packets inbound.pcap | sed 's/.*: ICMP/ICMP/; s/ id [0-9]*,//')" \
        $'0 ICMP echo request, seq 1, length 308\nICMP echo request, seq 2, length 308' 'inbound'
start -i b0 -w outbound.pcap outbound and ip protochain 1 and greater 300
traffic
stop
is "$status $(packets outbound.pcap | sed 's/.*: ICMP/ICMP/; s/ id [0-9]*,//')" \
        $'0 ICMP echo reply, seq 1, length 308\nICMP echo reply, seq 2, length 308' 'outbound, and a chain of headers in the kernel'

# On the loopback interface a packet is seen twice, going out and coming in; one is enough.
start -i lo -w lo.pcap icmp
in_b ping -q -c 2 -i 0.005 127.0.0.1 >/dev/null
stop
is "$(packets lo.pcap | grep -c request) $(packets lo.pcap | grep -c reply)" '2 2' 'loopback: each packet once'
start -i any -w lo.pcap icmp
in_b ping -q -c 2 -i 0.005 127.0.0.1 >/dev/null
stop
is "$(packets lo.pcap | grep -c request) $(packets lo.pcap | grep -c reply)" '2 2' 'and once on any'
start -i lo -Q out -w lo.pcap icmp # of which tcpdump shows none
in_b ping -q -c 2 -i 0.005 127.0.0.1 >/dev/null
stop
is "$(packets lo.pcap | grep -c request) $(packets lo.pcap | grep -c reply)" '2 2' 'and with -Q out'

# --- VLAN tags, which the kernel strips on reception

ends=020000000002020000000001
icmp=0800450000260001400040010000c0000201c000020208000000000700010102030405060708090a
frame_7=${ends}81000007$icmp
frame_8=${ends}8100a008$icmp
frame_qinq=${ends}88a8006481000007$icmp
tagged() { frames a0 "$frame_7" "$frame_8" "$frame_qinq" "$ends$icmp"; }
tagged_once() { frames a0 "$frame_7" "$frame_8" "$ends$icmp"; }

# hex FILE: its packets' bytes, one line per packet.
hex() { tcpdump -tnxxr "$1" 2>/dev/null | awk '/^\t/ { sub(/.*: /, ""); gsub(/ /, ""); s = s $0; next }
        s { print s; s = "" } END { print s }'; }

start -i b0 -w vlan.pcap ether proto 0x0800 or vlan
tagged
stop
is "$(hex vlan.pcap)" "$frame_7"$'\n'"$frame_8"$'\n'"$frame_qinq"$'\n'"$ends$icmp" 'tags are put back'
start -i b0 -w vlan.pcap vlan 7
tagged
stop
is "$(hex vlan.pcap)" "$frame_7" 'vlan 7: that frame'
start -i b0 -w vlan.pcap vlan 100 and vlan 7
tagged
stop
is "$(hex vlan.pcap)" "$frame_qinq" 'vlan 100 and vlan 7: the frame with both'
start -i b0 -s 20 -w vlan.pcap vlan 8
tagged
stop
is "$(hex vlan.pcap) $(packets vlan.pcap -e | grep -o 'length [0-9]*:')" "${frame_8:0:40} length 56:" \
        'the tag counts in both lengths'
as_tcpdump tagged -i b0 vlan
# On any, tcpdump loses the tags.
start -i any -w vlan.pcap greater 40
tagged_once
stop
is "$(packets vlan.pcap -e | sed 's/^ifb0 *In *ifindex [0-9]* //' | sed 's/[:,] 192.*//')" \
        "02:00:00:00:00:01 ethertype 802.1Q (0x8100), length 62: vlan 7, p 0, ethertype IPv4
02:00:00:00:00:01 ethertype 802.1Q (0x8100), length 62: vlan 8, p 5, ethertype IPv4
02:00:00:00:00:01 ethertype IPv4 (0x0800), length 58" 'tags are put back on any, too'

# --- Lengths

start -i b0 -s 50 -w cut.pcap icmp
pings 1
stop
is "$(od -An -tu4 -j16 -N4 cut.pcap; od -An -tu4 -j32 -N8 cut.pcap)" \
        "$(printf ' %10d\n' 50; printf ' %10d %10d' 50 98)" '-s 50: 50 of 98 bytes, and the file says 50'

# More instructions than the kernel accepts: filtered in user space on whole packets, which are then cut.
{
        echo 'icmp[60] = 0x41'
        for ((i = 0; i < 1200; i++)); do echo "or ip[$((i + 100)):4] = $((i + 1000))"; done
} >long
start -O -i b0 -s 40 -w long.pcap -F long
pings 2 -p 41 -s 80
pings 2 -p 42 -s 80
in_a ping -q -c 1 -W 0.05 -s 20 192.0.2.2 >/dev/null
stop
like "$(said)" '^filt: the filter has [0-9]+ instructions and the kernel takes at most 4096; as extended BPF: -O leaves the program as it is: filt copies every packet and filters it itself$' \
        'a filter too long for the kernel is told'
is "$status $(packets long.pcap | wc -l) $(od -An -tu4 -j32 -N8 long.pcap | tr -s ' ')" '0 4  40 122' \
        'and works, with -s counted in what is kept, not in what is looked at'

# --- Promiscuous mode

promiscuity() { ip -n "$b" -d link show b0 | grep -o 'promiscuity [0-9]*'; }
start -i b0
is "$(promiscuity)" 'promiscuity 1' 'promiscuous mode is the default'
stop
is "$(promiscuity)" 'promiscuity 0' 'and ends with the capture'
start -p -i b0
is "$(promiscuity)" 'promiscuity 0' '-p: not promiscuous'
stop

# --- A lone packet is shown within 100 ms, on a pipe and on a terminal

# delays: milliseconds from the time stamp of each line (-tt) to its output.
cat >delays.pl <<'END'
use Time::HiRes 'time';
$| = 1;
while (<STDIN>) {
        next unless /^(?:\e\[\d+m)?(\d+\.\d+) IP/; # a terminal has colours
        printf("%d\n", (time - $1) * 1000);
}
END
lone_pings() {
        local i
        for i in 1 2 3 4 5 6; do
                sleep "0.0${i}3"
                in_a ping -q -c 1 -W 0.1 192.0.2.2 >/dev/null
                sleep 0.1
        done
}
# One may be late: the machine has other work to do.
in_time() { awk '$1 < 100 { early++ } END { exit !(NR == 6 && early >= 5) }' "$1"; }

# -c ends the pipe, and so perl.
in_b "$filt" -tt -i b0 -c 6 -Q in icmp 2>pipe.err | perl delays.pl >pipe.delays &
wait_for 5 grep -q 'listening on' pipe.err
lone_pings
wait
ok 'shown within 100 ms on a pipe' in_time pipe.delays || note "$(cat pipe.delays)"

in_b script -qefc "'$filt' --color=never -tt -i b0 -c 6 -Q in icmp 2>'$scratch/tty.err'" /dev/null </dev/null |
        perl delays.pl >tty.delays &
wait_for 5 grep -q 'listening on' tty.err
lone_pings
wait
ok 'and on a terminal' in_time tty.delays || note "$(cat tty.delays)"

# --- Signals

start -i b0 -w signals.pcap icmp
pings 4
sleep 0.15
kill -USR1 "$pid"
wait_for 2 grep -q captured live.err
is "$(figures)" 'filt: 8 packets captured, 8 received by filter, 0 dropped by kernel' 'SIGUSR1: the figures so far'
ok 'and the capture goes on' kill -0 "$pid"
pings 1
stop
is "$status $(figures | tail -1) $(packets signals.pcap | wc -l)" \
        '0 filt: 10 packets captured, 10 received by filter, 0 dropped by kernel 10' 'SIGINT after it: all ten'

# At once after the last packet, which the kernel then still holds back.
for signal in INT TERM QUIT ALRM XCPU XFSZ; do
        start -i b0 -w signals.pcap icmp
        pings 5
        stop $signal
        is "$status $(packets signals.pcap | wc -l) $(said)$(figures)" \
                '0 10 filt: 10 packets captured, 10 received by filter, 0 dropped by kernel' \
                "SIG$signal: all is saved, status 0"
done
start -i b0 icmp
pings 5
stop
is "$status $(grep -c 'ICMP echo' live.out)" '0 10' 'SIGINT: all is printed'
hung=0
for _ in {1..10}; do
        start -i lo
        kill -USR1 "$pid"
        kill -INT "$pid"
        wait_for 3 gone "$pid" || hung=$((hung + 1))
        kill -9 "$pid" 2>/dev/null
done
is $hung 0 'SIGUSR1 and then SIGINT at once: never is the second one lost'

start -i b0 -c 3 --count icmp
pings 2
finish
is "$status $(cat live.out)" '0 3 packets' '--count with -c'

# --- Interfaces that do not exist, or not for long

# Two more on host b, without any traffic of their own.
spare_up() {
        ip -n "$b" link add c0 type veth peer name c1 && ip -n "$b" link set c0 up &&
                ip -n "$b" link set c1 up
}
spare_frames() { in_b perl frames.pl c1 "$ends$icmp" "$ends$icmp" "$ends$icmp"; }

spare_up
start -i c0 -w gone.pcap
spare_frames
ip -n "$b" link delete c0
finish
is "$status $(said | grep -v 'went down')" '1 filt: c0: the interface is gone' 'an interface removed: status 1, and said'
is "$(packets gone.pcap | wc -l)" 3 'the packets before are kept'
like "$(figures)" '^filt: 3 packets captured, 3 received' 'and counted'

spare_up
ip -n "$b" link set c0 down
cp out.pcap precious.pcap
run ip netns exec "$b" "$filt" -i c0 -w precious.pcap
is "$status $err" "1 filt: c0: the interface is down; bring it up with 'ip link set c0 up', or wait for that with --wait" \
        'down from the start'
ok 'and the file of -w is not emptied' cmp out.pcap precious.pcap

# With standard error closed, the socket must not get its number, or messages would be sent as frames.
ip -n "$b" link set c0 up
ip netns exec "$b" timeout -s INT 0.5 "$filt" -i c0 2>&-
is "$(in_b cat /sys/class/net/c0/statistics/tx_packets)" "$(in_b cat /sys/class/net/c1/statistics/rx_packets)" \
        'with standard error closed'
is "$(in_b cat /sys/class/net/c0/statistics/tx_packets)" 0 'nothing is sent'

# --- The ring's size

for size in 1 65536; do
        start -i b0 -B $size -w ring.pcap icmp
        pings 20
        stop
        is "$status $(packets ring.pcap | wc -l) $(figures)" \
                '0 40 filt: 40 packets captured, 40 received by filter, 0 dropped by kernel' "-B $size"
done
# A ring that is full for a while: no loss goes unreported.
start -i b0 -B 1 -w ring.pcap icmp
kill -STOP "$pid"
in_a ping -q -f -c 400 -s 1400 192.0.2.2 >/dev/null 2>&1
kill -CONT "$pid"
stop
read -r _ captured _ _ received _ _ _ dropped _ < <(figures)
is "$status $captured $received $(packets ring.pcap | wc -l)" "0 $((800 - dropped)) 800 $captured" \
        'a full ring: captured and dropped add up'
ok 'and some were dropped' test "$dropped" -gt 0

# --- A filter that cannot match anything

start -i b0 'icmp and tcp and len < 0'
pings 1
stop
is "$status $(said)" '0 filt: warning: no packet can match this filter' 'a warning, and the run goes on'

# --- Users without root

nobody=(ip netns exec "$b" setpriv --reuid=65534 --regid=65534 --clear-groups env)
cp "$filt" filt-plain
cp "$filt" filt-capable
setcap cap_net_raw+ep filt-capable
run "${nobody[@]}" ./filt-plain -i b0 -c 1 icmp
is "$status $out" '1 ' 'without the capability: status 1'
like "$err" '^filt: b0: no permission to capture: it needs CAP_NET_RAW; .*setcap cap_net_raw\+ep' 'and which one'
"${nobody[@]}" ./filt-capable -i b0 -c 2 -w - icmp >capable.pcap 2>capable.err &
wait_for 5 grep -q 'listening on' capable.err
is "$(promiscuity)" 'promiscuity 1' 'setcap cap_net_raw+ep: promiscuous, too'
pings 1
wait $!
is "$? $(packets capable.pcap | wc -l)" '0 2' 'setcap cap_net_raw+ep is enough'

# --- Where packets go

# A disk of 64 KiB, mounted where only this command sees it.
(sleep 0.4; pings 100 -s 1400) &
run ip netns exec "$b" timeout 5 sh -c 'mkdir disk && mount -t tmpfs -o size=64k none disk || exit 99
        "$1" -i b0 -U -w disk/full.pcap icmp
        echo "status $?"; cp disk/full.pcap full.pcap' sh "$filt"
wait
is "$out" 'status 1' 'a full disk ends the capture with status 1'
like "$err" 'filt: disk/full.pcap: No space left on device; it holds the first 44 packets' 'and is told, with what there is'
is "$(packets full.pcap | wc -l)" 44 'what fitted is there'

start -i b0 -c 1 -w /dev/full icmp
pings 1
finish
is "$status $(said)" '1 filt: /dev/full: No space left on device after 0 bytes' '-w /dev/full'
run ip netns exec "$b" "$filt" -i b0 -w no/such/folder.pcap
is "$status $err" '1 filt: no/such/folder.pcap: No such file or directory' '-w into a missing folder'

in_b timeout 10 "$filt" -i b0 -U -c 4 -w - icmp 2>save.err | tcpdump -tnr - >piped 2>/dev/null &
wait_for 5 grep -q 'listening on' save.err
pings 2
wait $!
is "$(grep -c 'ICMP echo' piped)" 4 '-w - into tcpdump -r -'

# Readers that close the pipe; with SIGPIPE ignored, write() fails instead.
for signals in --ignore-signal=PIPE --default-signal=PIPE; do
        : >pipe.err
        { ip netns exec "$b" env $signals timeout 5 "$filt" -i lo icmp 2>pipe.err; echo $? >pipe.status; } |
                head -1 >piped &
        wait_for 5 grep -q 'listening on' pipe.err
        in_b ping -q -c 40 -i 0.01 127.0.0.1 >/dev/null
        wait
        is "$(cat pipe.status)" 0 "live | head -1, $signals: it ends"
        is "$(wc -l <piped) $(grep -v listening pipe.err)" '1 ' "live | head -1, $signals: quietly"
done

# A reader that leaves does not affect what is being saved.
: >pipe.err
{ ip netns exec "$b" timeout 5 "$filt" -i lo --print -w both.pcap -c 20 icmp 2>pipe.err; echo $? >pipe.status; } |
        head -1 >piped &
wait_for 5 grep -q 'listening on' pipe.err
in_b ping -q -c 10 -i 0.05 127.0.0.1 >/dev/null
wait
is "$(cat pipe.status) $(packets both.pcap | wc -l) $(wc -l <piped)" '0 20 1' '--print -w | head -1: saving goes on'
is "$(tail -n +2 pipe.err)" 'filt: standard output: its reader has left; nothing more is printed, and saving goes on
filt: 20 packets captured, 20 received by filter, 0 dropped by kernel' 'which is said once'

done_testing
