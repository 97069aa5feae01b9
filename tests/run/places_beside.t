#!/bin/bash
# --at beside programs of others: filt runs before an XDP program that is there, which misses no packet and is there again at
# the end; clsact for kernels without tcx; and packets in pieces.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip tc ping perl setpriv bpftool nsenter mountpoint
counter=$PWD/build/tests/tools/xdp_counter

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1
chmod 755 .
network_known

listen() { background ip netns exec "$b" "$filt" -n "$@"; }
in_seconds() { wait_for 5 "$@" || note "not within 5 seconds: $*"; }

# occupy [OPTION...]: somebody's XDP program, which counts frames of 1,000 bytes or more; $id, $map, $occupant.
occupy() {
        : >counter.out
        ip netns exec "$b" "$counter" "$@" >counter.out 2>counter.err &
        occupant=$!
        in_seconds grep -q ' ' counter.out
        read -r id map <counter.out
}
vacate() {
        kill "$occupant"
        wait "$occupant" 2>wait.err
        ip -n "$b" link set dev "${1:-b0}" xdp off 2>/dev/null
        ip -n "$b" link set dev "${1:-b0}" xdpgeneric off 2>/dev/null
        true
}
there() { ip -n "$b" link show dev "${1:-b0}" | grep -oE 'prog/xdp.* id [0-9]+ name [a-z_]+' | grep -oE '[0-9]+ name .*'; }
counted() { bpftool -j map lookup id "$map" key 0 0 0 0 | perl -ne '/"value":\[(.*?)\]/ and print unpack "Q", pack "C*", map { hex } $1 =~ /0x(..)/g'; }
is_there() { [ "$(there "${1:-b0}")" = "$id name counter" ]; }
watchers() { ip netns pids "$b" | xargs -r ps -o comm= -p | grep -c filt-taps; }
no_watcher() { [ "$(watchers)" = 0 ]; }

# blast PORT COUNT: frames of 1,200 bytes.
blast() {
        in_a perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; my $to = sockaddr_in($ARGV[0], inet_aton("192.0.2.2"));
                for (1 .. $ARGV[1]) { send $s, "x" x 1158, 0, $to; select undef, undef, undef, 0.0001 }' "$@"
}

# before KIND OPTION...: filt before such a program. Both see each packet, whether the filter accepts it or not, and the
# program is there again, however filt ends.
before() {
        local kind=$1 signal
        shift
        occupy "$@" b0
        for signal in INT KILL; do
                listen -i b0 --at xdp udp port 9
                like "$(<live.err)" "^filt: b0@xdp: filt runs before the XDP program counter \(id $id\) that is there, and puts it back at the end" \
                        "$kind: filt says what it does"
                like "$(there)" 'name filt' "$kind: its filter is there"
                is "$(watchers)" 1 "$kind: and a process that will put the program back"
                blast 9 20
                blast 10 30
                all_shown() { [ "$(grep -c . live.out)" = 20 ]; }
                in_seconds all_shown
                stop $signal
                is "$(grep -c . live.out)" 20 "$kind: filt has what it accepts"
                ok "$kind: the program is there again after SIG$signal" wait_for 5 is_there
        done
        is "$(counted)" 100 "$kind: it has counted what filt accepted and what it did not"
        vacate
}
before 'by netlink'
before 'generic' -g
before 'native' -n
before 'without expected attach type' -u
before 'for packets in pieces' -p
before 'for packets in pieces, untyped' -pu
before 'by a link' -l
before 'by a link, generic' -lg

# All of filt is killed before the program is put back: it goes on all the same, and the next filt puts it back.
left() {
        local kind=$1
        shift
        occupy "$@" b0
        background nsenter --net="/run/netns/$b" "$filt" -n -i b0 --at xdp udp port 9
        ip netns pids "$b" | xargs -r ps -o pid=,comm= -p | awk '$2 == "filt-taps" { print $1 }' >watcher
        is "$(wc -l <watcher)" 1 "$kind: the process that puts it back"
        xargs kill -9 <watcher
        kill -9 "$pid"
        finish
        in_seconds no_watcher
        like "$(there)" 'name filt' "$kind: filt's program is left"
        blast 9 20
        blast 10 30
        in_a ping -q -c 1 -W 5 192.0.2.2 >ping.out
        is "$(counted)" 50 "$kind: the program goes on"
        background nsenter --net="/run/netns/$b" "$filt" -n -i b0 --at xdp udp port 9
        is "$(head -n 1 live.err)" 'filt: b0@xdp: a filt that was killed had left its program before counter, which is put back' "$kind: the next filt says so"
        blast 9 20
        in_a ping -q -c 1 -W 5 192.0.2.2 >ping.out
        stop
        is "$(grep -c . live.out) $(counted)" '20 70' "$kind: both see packets"
        ok "$kind: it is there at the end" wait_for 5 is_there
        is "$(find /sys/fs/bpf -maxdepth 1 -name "filt-$(ip netns exec "$b" stat -Lc %i /proc/self/ns/net)-*")" '' "$kind: nothing is pinned any more"
        vacate
}
mountpoint -q /sys/fs/bpf || { mount -t bpf bpf /sys/fs/bpf && at_end umount /sys/fs/bpf; }
left 'killed, by netlink'
left 'killed, by a link' -l

# Its verdict counts.
occupy -d b0
listen -i b0 --at xdp icmp or udp port 9
blast 9 10
blast 10 10
in_a ping -q -c 2 -i 0.01 -W 0.2 -s 1200 192.0.2.2 >ping.out
like "$(<ping.out)" '2 packets transmitted, 0 received' 'what the program drops is dropped'
in_a ping -q -c 2 -i 0.01 -W 0.2 192.0.2.2 >ping.out
like "$(<ping.out)" '2 packets transmitted, 2 received' 'what it lets pass is passed'
stop
is "$(grep -c . live.out) $(counted)" '14 22' 'both have seen the packets'
vacate

# Swaps under traffic: the program misses no packet.
under_traffic() {
        local kind=$1 dropped seen=0
        shift
        occupy "$@" b0
        dropped=$(in_a cat /sys/class/net/a0/statistics/tx_dropped)
        rm -f enough
        in_a perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; my @to = map { scalar pack_sockaddr_in($_, inet_aton("192.0.2.2")) } 9, 10;
                my $sent = 0; until (-e "enough") { send $s, "x" x 1158, 0, $to[$sent++ % 2] for 1 .. 8; select undef, undef, undef, 0.0001 }
                print "$sent\n"' >sent &
        local sender=$!
        for signal in INT KILL TERM KILL; do
                listen -i b0 --at xdp udp port 9
                in_seconds test -s live.out
                stop $signal
                [ -s live.out ] && seen=$((seen + 1))
                in_seconds is_there
        done
        touch enough
        wait $sender
        dropped=$(($(in_a cat /sys/class/net/a0/statistics/tx_dropped) - dropped))
        wanted=$(($(<sent) - dropped))
        all_counted() { [ "$(counted)" = "$wanted" ]; }
        wait_for 3 all_counted
        is "$(counted)" "$wanted" "$kind: four swaps and swaps back under traffic, and no packet is missed"
        is "$seen" 4 "$kind: filt saw that traffic"
        vacate
}
under_traffic generic -g
under_traffic native -n
under_traffic 'by a link' -l

# What others do meanwhile stays.
occupy b0
listen -i b0 --at xdp icmp
ip -n "$b" link set dev b0 xdp off
in_seconds grep -q 'somebody' live.err
like "$(<live.err)" 'filt: b0@xdp: somebody else has changed what is there: filt sees no more packets there, and leaves it as it is' \
        'filt says that its program was taken away'
stop
is "$(there) $(grep -c somebody live.err)" ' 1' 'and puts nothing back'
vacate
occupy -l b0
listen -i b0 --at xdp icmp
kill "$occupant"
in_seconds grep -q 'somebody' live.err
stop
is "$(there) $(grep -c somebody live.err)" ' 1' 'a link whose owner ends takes the place along'
occupy b0
listen -i b0 --at xdp icmp
run ip netns exec "$b" "$filt" -i b0 --at xdp -c 1
is "$status $err" '1 filt: b0@xdp: another filt captures there, and only one can' 'two of filt do not nest'
stop
is "$(there)" "$id name counter" 'and the first one puts the program back'

# Where filt cannot go before it.
run ip netns exec "$b" setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all,+bpf,+perfmon,+net_admin \
        --inh-caps=-all,+bpf,+perfmon,+net_admin --ambient-caps=-all,+bpf,+perfmon,+net_admin "$filt" -i b0 --at xdp -c 1
is "$status" 1 'without CAP_SYS_ADMIN: status'
like "$err" "^filt: b0@xdp: an XDP program \(id $id\) is there, and to run before it takes CAP_SYS_ADMIN" 'without CAP_SYS_ADMIN: message'
vacate
occupy -g b0
run ip netns exec "$b" "$filt" -i b0 --at xdp:native -c 1
is "$status $err" "1 filt: b0@xdp: the XDP program counter (id $id) is there, and generic: filt can be before it with xdp or xdp:generic" \
        'another mode'
vacate

# clsact, as before tcx.
requests() { grep -c 'echo request' live.out; }
qdiscs() { in_b tc qdisc show dev b0 | grep -c clsact; }
filters() { in_b tc filter show dev b0 "$1" | grep -c "handle .* $2"; }
free() { [ "$(qdiscs)" = 0 ]; }
for signal in INT KILL; do
        listen -i b0 --at tc:clsact icmp
        is "$(qdiscs) $(filters ingress filt) $(filters egress filt)" '1 1 1' 'clsact: the qdisc and two filters'
        in_a ping -q -c 5 -i 0.01 -W 0.2 192.0.2.2 >ping.out
        all_shown() { [ "$(grep -c . live.out)" = 10 ]; }
        in_seconds all_shown
        stop $signal
        is "$(grep -c 'b0@tc-ingress In .*echo request' live.out) $(grep -c 'b0@tc-egress Out .*echo reply' live.out)" '5 5' \
                'clsact: requests come in, replies go out'
        ok "clsact: neither filter nor qdisc is left after SIG$signal" wait_for 5 free
done
listen -i b0 --at tc-ingress:tcx icmp
is "$(qdiscs)" 0 'tcx takes no qdisc'
stop

# Beside filters of others: before them, and theirs stay.
in_b tc qdisc add dev b0 clsact
"$filt" -d --format elf --at tc not icmp >other.o 2>other.err # ends with ICMP at TC_ACT_OK
in_b tc filter add dev b0 ingress pref 1 bpf direct-action object-file other.o section tc
listen -i b0 --at tc-ingress:clsact --at tc-egress:clsact icmp
in_a ping -q -c 3 -i 0.01 -W 0.2 192.0.2.2 >ping.out
stop
is "$(requests)" 3 'clsact: filt is before a filter that lets none on to the next'
is "$(qdiscs) $(filters ingress 'other.o')" '1 1' 'qdisc and filter of others stay'
in_b tc qdisc del dev b0 clsact
listen -i b0 --at tc-egress:clsact icmp
in_b tc filter add dev b0 ingress pref 5 bpf direct-action object-file other.o section tc
stop
is "$(qdiscs) $(filters ingress other.o) $(filters egress filt)" '1 1 0' \
        'a filter that came meanwhile keeps the qdisc'
in_b tc qdisc del dev b0 clsact
in_b tc qdisc add dev b0 clsact
listen -i b0 --at tc-ingress:clsact icmp
in_b tc filter del dev b0 ingress
in_seconds grep -q somebody live.err
stop
like "$(<live.err)" 'filt: b0@tc-ingress: somebody else has changed what is there' 'clsact: filt says that its filter was taken away'
is "$(qdiscs)" 1 'a qdisc that was there before stays'
in_b tc qdisc del dev b0 clsact
mistake 2 "option --at tc: 'x' is neither tcx nor clsact" 'no way of tc' --at tc:x

# Packets in pieces: native XDP on veth has several pages of a long frame.
ip link add j0 netns "$a" mtu 9000 address 02:00:00:00:01:01 type veth peer name j1 netns "$b" mtu 9000 address 02:00:00:00:01:02
host_up "$a" j0 3 && host_up "$b" j1 4
ip -n "$a" addr add 198.51.100.1/24 dev j0
ip -n "$b" addr add 198.51.100.2/24 dev j1
ip -n "$a" neigh replace 198.51.100.2 lladdr 02:00:00:00:01:02 dev j0 nud permanent
# jumbo BYTE COUNT: datagrams of 8,000 bytes, with that byte at 6,000, behind 8 of UDP's header.
jumbo() {
        in_a perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; my $data = "x" x 8000; substr $data, 6000, 1, chr $ARGV[0];
                send $s, $data, 0, sockaddr_in(9, inet_aton("198.51.100.2")) for 1 .. $ARGV[1]' "$@"
}
for place in xdp:native xdp:generic; do
        listen -i j1 --at $place -w jumbo.pcap 'udp[6008] = 65 and len = 8042'
        jumbo 65 4
        jumbo 66 3
        stop
        is "$("$filt" -nr jumbo.pcap --count 'udp[6008] = 65 and len = 8042 and udp[8007] = 120' 2>/dev/null)" '4 packets' \
                "$place: bytes behind the first page, and the length"
        like "$(<live.err)" '4 packets captured, 4 received by filter' "$place: the others were not copied"
done
occupy -p j1
listen -i j1 --at xdp 'udp[6008] = 65'
jumbo 65 4
jumbo 66 3
stop
is "$(grep -c . live.out) $(counted)" '4 7' 'before a program for packets in pieces'
ok 'which is there again' is_there j1
vacate j1

ok 'no process is left' wait_for 3 no_watcher
done_testing
