#!/bin/bash
# --at: captures at XDP, tc, cgroups and netfilter. What a place sees and what it does not, exact counts under load, names
# in files, ends of all kinds, and clear words where something is missing.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip iptables ping perl setpriv bpftool capinfos tshark jq mount

preloaded=$PWD/${BUILD:-build}/tests/preload/refuse_programs.so
at_end network_down
network_up || exit 1
cd "$scratch" || exit 1
chmod 755 .
network_known

listen() { background ip netns exec "$b" "$filt" -n "$@"; }
pings() { in_a ping -q -c "$1" -i 0.01 -W 0.2 192.0.2.2 >ping.out; }
requests() { grep -c 'echo request' live.out; }
replies() { grep -c 'echo reply' live.out; }

# after COMMAND...: runs it on the first host, and waits until all that it has sent has been received: a ping that the same
# processor sends comes behind it.
after() {
        in_a taskset -c "$cpu" "$@"
        in_a taskset -c "$cpu" ping -q -c 1 -W 10 192.0.2.2 >ping.out
}
cpu=$(taskset -cp $$ | grep -oE '[0-9]+$')

# Each place sees what passes it: 5 requests come in, 5 replies go out.
sees() {
        local place=$1 interface=$2
        # shellcheck disable=SC2086 # words
        listen $interface --at "$place" icmp
        pings 5
        stop
        is "$(requests) $(replies)" "$3" "$place: requests and replies"
        is "$(grep -o '[0-9]* received by filter, [0-9]* dropped' live.err)" "$4 received by filter, 0 dropped" "$place: no other packet is copied"
}
sees xdp '-i b0' '5 0' 5
sees xdp:generic '-i b0' '5 0' 5
sees xdp:native '-i b0' '5 0' 5
sees tc-ingress '-i b0' '5 0' 5
sees tc-egress '-i b0' '0 5' 5
sees tc '-i b0' '5 5' 10
sees nf:prerouting '' '5 0' 5
sees nf:input:-10 '' '5 0' 5
sees nf:output '' '0 5' 5
sees nf:postrouting:200 '' '0 5' 5
sees nf:forward '' '0 0' 0

# A drop at netfilter: nothing behind it sees the packet.
in_b iptables -A INPUT -p icmp -j DROP
listen -i b0 --at xdp --at tc-ingress --at nf:prerouting --at nf:input:-1 --at nf:input:1 icmp
pings 4
stop
is "$(grep -o 'b0@.* IP 192.0.2.1 > 192.0.2.2' live.out | sort | uniq -c | xargs)" '4 b0@xdp,tc-ingress,nf:prerouting,nf:input:-1 In IP 192.0.2.1 > 192.0.2.2' \
        'a packet that INPUT drops, once, with the places up to there'
in_b iptables -F

listen -i b0 --at xdp --at socket --at tc --at nf:input --at nf:output icmp
pings 3
stop
is "$(grep -oE '(b0@|nf:).* IP [0-9.]+ > [0-9.]+' live.out | sort | uniq -c | xargs)" \
        '3 b0@xdp,socket,tc-ingress,nf:input In IP 192.0.2.1 > 192.0.2.2 3 nf:output,b0@tc-egress,socket Out IP 192.0.2.2 > 192.0.2.1' \
        'a column of the places, in their order, the packet socket among them'
listen -i b0 --at xdp --at nf:input --json icmp
pings 1
stop
is "$(jq -r '."frame.interface_name"' live.out)" 'b0@xdp,nf:input' '--json has them'

# A cgroup sees its own processes.
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
mkdir "$groups/filt-$$"
at_end rmdir "$groups/filt-$$"
background nsenter --net="/run/netns/$a" "$filt" -n --at "cgroup:$groups/filt-$$" icmp
pings 3
(echo "$BASHPID" >"$groups/filt-$$/cgroup.procs" && exec ip netns exec "$a" ping -q -c 4 -i 0.01 192.0.2.2) >ping.out
stop
is "$(grep -c "cgroup-egress:filt-$$ Out .*echo request" live.out) $(grep -c "cgroup-ingress:filt-$$ In .*echo reply" live.out)" '4 4' 'a cgroup: what its processes send and receive'
is "$(grep -c . live.out)" 8 'and nothing of others'

# VLAN tags are in the frame at XDP, and are put back at tc.
vlan_frame=0200000000020200000000018100000a0800450000200001000040117cc7c0000201c00002020035003500000000
send() {
        after perl -e '
        use Socket; my ($interface, $frame, $count) = @ARGV;
        socket my $s, 17, SOCK_RAW, 0 or die; my $index = 0;
        open my $f, "<", "/sys/class/net/$interface/ifindex" or die; chomp($index = <$f>);
        my $to = pack "S n i S C C a8", 17, 3, $index, 0, 0, 6, "\0" x 8;
        send $s, pack("H*", $frame), 0, $to or die $! for 1 .. $count' "$@"
}
for place in xdp:generic tc-ingress; do
        listen -e -i b0 --at $place vlan 10 and udp port 53
        send a0 $vlan_frame 3
        stop
        is "$(grep -c 'vlan 10, p 0, .*192.0.2.1.53 > 192.0.2.2.53' live.out)" 3 "$place: tagged frames"
done

# Everything of a burst is there, in one of the files or counted as lost.
listen -i b0 --at xdp --at tc-ingress --at nf:prerouting -w all.pcapng udp
after perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; my $to = sockaddr_in(9, inet_aton("192.0.2.2"));
        send $s, pack("N", $_), 0, $to for 1 .. 20000'
stop
received=$(grep -oE '^filt: [0-9]+ packets captured, [0-9]+ received by filter, [0-9]+' live.err)
read -r _ captured _ _ filtered _ _ _ dropped <<<"${received//,/}"
is "$filtered" 60000 'a burst of 20,000 packets at three places: each is counted'
is "$((captured + dropped))" 60000 'each is captured or counted as lost'
is "$dropped" 0 'none is lost with the usual ring'
is "$("$filt" -nr all.pcapng --count 2>/dev/null)" "$captured packets" 'the file has them all'
is "$(capinfos all.pcapng | grep -o 'Name = .*' | sort | tr '\n' ' ')" 'Name = b0@tc-ingress Name = b0@xdp Name = nf:prerouting ' 'pcapng names the places'
listen -i b0 --at xdp -B 4 -w few.pcapng udp
kill -STOP "$pid"
after perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; my $to = sockaddr_in(9, inet_aton("192.0.2.2"));
        send $s, "x" x 1000, 0, $to for 1 .. 500'
kill -CONT "$pid"
stop
received=$(grep -oE '^filt: [0-9]+ packets? captured, [0-9]+ received by filter, [0-9]+' live.err)
read -r _ captured _ _ filtered _ _ _ dropped <<<"${received//,/}"
is "$filtered $((captured + dropped))" '500 500' 'a ring too small: received is captured and lost'
ok 'some are lost' [ "$dropped" -gt 0 ]

# A filter of any length, with sets in maps; and the snapshot length.
{ perl -e 'printf "10.%d.%d.%d\n", $_ >> 16 & 255, $_ >> 8 & 255, $_ & 255 for 1 .. 100000'; echo 192.0.2.1; } >hosts
for place in '-i b0 --at xdp' '-i b0 --at tc-ingress' '--at nf:input'; do
        # shellcheck disable=SC2086 # words
        listen $place src host in hosts and icmp
        pings 3
        stop
        is "$(requests)" 3 "$place: a set of 100,001 hosts"
        # shellcheck disable=SC2086 # words
        listen $place not src host in hosts and icmp
        pings 3
        stop
        is "$(grep -c . live.out)" 0 "$place: and its opposite"
done

listen -i b0 --at xdp --at tc -s 40 -w short.pcapng icmp
pings 2
stop
is "$(tshark -r short.pcapng -T fields -e frame.cap_len -e frame.len 2>tshark.err | sort | uniq -c | xargs)" '6 40 98' '-s: bytes kept'

# What the verifier does not take runs in filt.
perl -e 'printf "%s(icmp and host 10.%d.%d.%d and ip[8] > %d)", $_ > 1 && " or ", $_ >> 16 & 255, $_ >> 8 & 255, $_ & 255, $_ % 60 for 1 .. 9000;
        print " or (icmp and src host 192.0.2.1)"' >long
listen -i b0 --at tc-ingress -F long
pings 3
stop
is "$(requests)" 3 'a filter that the verifier refuses'
like "$(<live.err)" 'filt: b0@tc-ingress: .*: filt copies every packet and filters it itself' 'filt says where it runs'
background ip netns exec "$b" env LD_PRELOAD="$preloaded" FILT_SPOILED_LENGTH=20 \
        "$filt" -n -i b0 --at tc-ingress 'icmp and src host 192.0.2.1'
pings 3
stop
is "$(requests)" 3 'a program that the verifier refuses'
like "$(<live.err)" 'filt: b0@tc-ingress: the kernel.s verifier refuses it: instruction 0: R9 !read_ok: filt copies every packet and filters it itself' \
        'filt says at which instruction, why, and what it does'

# Nothing stays, whatever ends it.
loaded() { bpftool link show | grep -cE "prog ($1) "; }
for signal in TERM KILL; do
        listen -i b0 --at xdp --at tc --at nf:input -w out.pcapng icmp
        mapfile -t programs < <(cat /proc/"$pid"/fdinfo/* 2>/dev/null | awk '/^link_id:/ { print $2 }')
        is "${#programs[@]}" 5 'a link for each place, netfilter has two'
        stop $signal
        gone_too() { local id; for id in "${programs[@]}"; do ! bpftool link show id "$id" >/dev/null 2>&1 || return 1; done; }
        ok "nothing stays attached after SIG$signal" wait_for 10 gone_too
done

# More has come than can be held at once: none is lost, and all are joined, in order.
backlog() {
        local count=$1 name=$2
        shift 2
        listen -t -B 65536 -i b0 "$@" udp
        kill -STOP "$pid"
        after perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; my $to = sockaddr_in(9, inet_aton("192.0.2.2"));
                send $s, pack("N", $_), 0, $to for 1 .. shift' "$count"
        kill -CONT "$pid"
        stop
        is "$(grep -oE '[^ ]+ (In|Out)' live.out | sort | uniq -c | xargs)" "$count $name In" "a backlog of $count packets at $name"
}
backlog 5000 b0@socket,nf:prerouting --at nf:prerouting --at socket
backlog 70000 b0@tc-ingress,nf:prerouting --at tc --at nf:prerouting

# A bridge that lets an interface go says that, too, with the word for an interface that is deleted.
ip -n "$b" link add br0 type bridge
ip -n "$b" link add port0 type veth peer name port1
ip -n "$b" link set port0 up master br0
ip -n "$b" link set port1 up
listen -i port0 -i port0 --at tc-ingress arp
ip -n "$b" link set port0 nomaster
in_b perl -e 'socket my $s, 17, 3, 0 or die; open my $f, "<", "/sys/class/net/port1/ifindex"; chomp(my $index = <$f>);
        send $s, pack("H*", "ffffffffffff0200000000030806" . "0001080006040001" . "02" x 20), 0, pack("S n i S C C a8", 17, 3, $index, 0, 0, 6, "") or die' 2>perl.err
wait_for 5 grep -q ARP live.out
stop
is "$(cat perl.err)$(grep -c ARP live.out)" 1 'the capture goes on when a port leaves its bridge, and an interface given twice is one'
ip -n "$b" link del port0
ip -n "$b" link del br0

# An interface that goes away.
ip -n "$b" link add gone0 type veth peer name gone1
ip -n "$b" link set gone0 up
listen -i gone0 --at tc-ingress
ip -n "$b" link del gone0
finish
is "$status" 1 'the capture ends with its interface'
like "$(<live.err)" 'filt: gone0: the interface is gone' 'and says why'

# One of filt at a time.
listen -i b0 --at xdp icmp
run ip netns exec "$b" "$filt" -i b0 --at xdp -c 1
is "$status" 1 'a second XDP program: status'
is "$(<"$scratch/err")" 'filt: b0@xdp: another filt captures there, and only one can' 'and a clear message'
stop

mistake 2 '--at nowhere is no place to capture: there are socket, xdp' 'no place' --at nowhere
mistake 2 "option --at nf: 'x' is none of prerouting, input, forward, output and postrouting" 'no hook' --at nf:x
mistake 2 "--at nf:input:x: 'x' is no priority" 'no priority' --at nf:input:x
mistake 2 '--at nf: give a hook behind a colon' 'no hook at all' --at nf
mistake 2 '--at cgroup: give the folder of a cgroup' 'no cgroup' --at cgroup
mistake 1 '--at cgroup:/nosuch: No such file or directory' 'an absent cgroup' --at cgroup:/nosuch
mistake 1 'cgroup-ingress:proc: no folder of a cgroup \(version 2\)' 'a folder that is no cgroup' --at cgroup:/proc
mistake 2 '--at xdp does not go with -r' 'a file' --at xdp -r x.pcap
mistake 2 '--at xdp does not go with -Q' 'a direction' --at xdp -Q in
mistake 2 '--at xdp:generic: xdp is given twice' 'a place twice' --at xdp --at xdp:generic
mistake 2 '--at tc: tc-ingress is given twice' 'a place twice, in another word' --at tc-ingress --at tc
mistake 2 '--at nf:input is the same for all interfaces' 'netfilter and -i' --at nf:input -i lo
mistake 2 '--at nf:input has no interface to wait for' 'netfilter and --wait' --at nf:input --wait
mistake 1 'nosuch0: no such interface' 'an absent interface' --at xdp -i nosuch0
mistake 1 'lo@xdp: the driver has no XDP of its own: xdp:generic goes without' 'no native XDP' --at xdp:native -i lo

# Of all places, netfilter alone needs the kernel's BTF.
without_btf=(ip netns exec "$b" bash -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' -)
background "${without_btf[@]}" "$filt" -n -i b0 --at xdp --at tc icmp
pings 3
stop
is "$(requests) $(replies)" '3 3' 'a kernel without BTF: xdp and tc'
run "${without_btf[@]}" "$filt" -n --at nf:input
is "$status $err" "1 filt: a tap for netfilter takes the kernel's BTF, and this one has none (/sys/kernel/btf/vmlinux; CONFIG_DEBUG_INFO_BTF)" \
        'and netfilter, which needs it'
run "${without_btf[@]}" "$filt" -d --format elf --at nf icmp
is "$status $err" '1 filt: --at nf: this form of program takes a kernel with filters for netfilter (Linux 6.4, and its BTF): --format ebpf-c does not' \
        'also to write it out'

# A priority that is taken.
listen --at nf:input:-5 icmp
run ip netns exec "$b" "$filt" -n --at nf:input:-5 -c 1
is "$status $err" '1 filt: nf:input:-5: another program has this priority: give another one' 'two captures at one priority'
stop
for limit in 10 11 12 13; do
        run ip netns exec "$b" bash -c "ulimit -n $limit"'; exec "$@"' - "$filt" -n -i b0 --at xdp icmp
        is "$status|$err" '1|filt: loading a tap for XDP (it takes Linux 5.18): Too many open files: raise their limit (ulimit -n)' \
                "no more than $limit files may be open"
done
run ip netns exec "$b" bash -c 'ulimit -n 24; exec "$@"' - "$filt" -n -i any --at tc --at xdp
like "$status $err" '^1 filt: loading a tap for [a-zA-Z]+ [^:]*: Too many open files: raise their limit' 'too few descriptors'

run setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all "$filt" -i lo --at tc
is "$status" 1 'without privileges: status'
like "$(<"$scratch/err")" 'no permission: it needs CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN' 'without privileges: message'

done_testing
