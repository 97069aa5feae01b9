#!/bin/bash
# --at while interfaces and cgroups come and go: what appears is captured at, a new name is that of the lines, what is deleted
# is told; and what places that share a tap have lost is counted for each.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip ping tshark setpriv

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1
chmod 755 .
network_known

listen() { background ip netns exec "$b" "$filt" -n "$@"; }
said() { wait_for 5 grep -Fqx "filt: $1" live.err; }

# pair NAME PEER N: one more veth pair on the second host; NAME reaches 198.51.100.N behind PEER, which does not answer.
pair() {
        ip -n "$b" link add "$1" address 02:00:00:00:01:01 type veth peer name "$2" address 02:00:00:00:01:02
        ip -n "$b" link set "$1" up
        ip -n "$b" link set "$2" up
        ip -n "$b" addr add 198.51.100.1/24 dev "$1"
        ip -n "$b" neigh replace "198.51.100.$3" lladdr 02:00:00:00:01:02 dev "$1" nud permanent
}
# shown PLACES ADDRESS: sends one request to it, and waits for its line.
shown() {
        in_b ping -q -c 1 -W 0.1 "$2" >ping.out
        wait_for 5 grep -q " $1 .* > $2: ICMP echo request" live.out
}

# An interface that appears, gets another name, and goes.
listen -i any --at xdp --at tc icmp
pair new0 new1 2
ok 'an interface that appears: it is told' said 'new0: the interface is there'
ok 'so is another one' said 'new1: the interface is there'
ok 'its packets come from each place' shown 'new0@tc-egress,new1@xdp,tc-ingress' 198.51.100.2
ip -n "$b" link set new1 down
ip -n "$b" link set new1 name old1
ip -n "$b" link set old1 up
ok 'another name is told' said 'old1: the interface was called new1 before'
ip -n "$b" neigh replace 198.51.100.3 lladdr 02:00:00:00:01:02 dev new0 nud permanent
ok 'and stands in the lines' shown 'new0@tc-egress,old1@xdp,tc-ingress' 198.51.100.3
ip -n "$b" link del new0
ok 'one that is deleted is told' said 'new0: the interface is gone'
ok 'so is its peer' said 'old1: the interface is gone'
pair new0 new1 4
wait_for 5 eval '[ "$(grep -c "^filt: new1: the interface is there" live.err)" = 2 ]'
ok 'it comes again' shown 'new0@tc-egress,new1@xdp,tc-ingress' 198.51.100.4
ip -n "$b" tuntap add tun0 mode tun
ok 'an interface without link headers' said 'tun0: the interface is there'
stop
is "$status $(grep -vE 'listening|is there|is gone|was called|packets captured' live.err)" '0 ' 'nothing else is said'
ip -n "$b" link del new0
ip -n "$b" link del tun0

listen -i any --at tc-egress ether src 02:00:00:00:01:01 and icmp
ip -n "$b" tuntap add tun0 mode tun
pair new0 new1 2
ok 'an expression about Ethernet: one without it is left out' \
        said 'tun0: the interface is there, but tc-egress is left out: the expression is none for its link type (RAW)'
ok 'others are not' shown new0@tc-egress 198.51.100.2
stop
ip -n "$b" link del tun0
ip -n "$b" link del new0

# A file has the interfaces that appear; and one that is named by another name of it.
listen -i any --at tc-egress -w any.pcapng icmp
pair new0 new1 2
ok 'with -w' said 'new0: the interface is there'
in_b ping -q -c 2 -i 0.01 -W 0.1 198.51.100.2 >ping.out
stop
is "$(tshark -r any.pcapng -T fields -e frame.interface_name 2>tshark.err | sort | uniq -c | xargs)" '2 new0@tc-egress' 'the file names it'
ip -n "$b" link property add dev new0 altname othername
listen -i othername --at tc-egress icmp
ok 'another name of an interface' shown IP 198.51.100.2
stop
ip -n "$b" link del new0

# Patterns and names: with --wait.
listen --wait -i 'new?' --at tc-egress icmp
like "$(<live.err)" 'waiting for the interface new' '--wait: no interface yet'
pair new0 new1 2
pair other0 other1 2
ok '--wait: one that matches' said 'new0: the interface is there'
ok 'and its packets' shown new0@tc-egress 198.51.100.2
stop
unlike "$(<live.err)" 'other' 'no other one'
listen -i 'new?' --at tc-egress icmp
ip -n "$b" link del new0
finish
is "$status $(grep -Fx 'filt: new0: the interface is gone' live.err)" '1 filt: new0: the interface is gone' 'without --wait: the last one ends the capture'
listen --wait -i other0 --at tc-egress icmp
ip -n "$b" link del other0
ok '--wait: one that is deleted' said 'other0: the interface is gone'
pair other0 other1 3
ok 'comes back' said 'other0: the interface is there'
ok 'with its packets' shown IP 198.51.100.3
stop
is "$status" 0 'and the capture has gone on'
ip -n "$b" link del other0

# A cgroup that is removed.
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)/filt-changes-$$
mkdir "$groups" "$groups/one" "$groups/two"
at_end rmdir "$groups/two" "$groups/one" "$groups"
background nsenter --net="/run/netns/$a" "$filt" -n --at "cgroup-egress:$groups/one" --at "cgroup-egress:$groups/two" icmp
rmdir "$groups/one"
ok 'a cgroup that is removed: it is told' said 'cgroup-egress:one: the cgroup is gone'
(echo "$BASHPID" >"$groups/two/cgroup.procs" && exec ip netns exec "$a" ping -q -c 1 192.0.2.2) >ping.out
ok 'the other one goes on' wait_for 5 grep -q 'cgroup-egress:two .*echo request' live.out
rmdir "$groups/two"
finish
is "$status $(grep two: live.err)" '1 filt: cgroup-egress:two: the cgroup is gone' 'the last one ends the capture'

# What the kernel's own XDP hands on is as it was: tc at the same interface sees the link header.
listen -e -i lo --at xdp --at tc-ingress icmp
in_b ping -q -c 1 127.0.0.1 >ping.out
stop
is "$(grep -c 'lo@xdp,tc-ingress .*ethertype IPv4.*127.0.0.1 > 127.0.0.1' live.out)" 2 'xdp, of the kernel, and tc behind it'

# Places that share a tap: each has its own packets and losses.
pair new0 new1 2
listen -i b0 -i new1 --at tc-ingress -B 4 -w shared.pcapng udp
kill -STOP "$pid"
in_b perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; send $s, "x" x 1000, 0, sockaddr_in(9, inet_aton("198.51.100.2")) for 1 .. 50'
in_a perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; send $s, "x" x 1000, 0, sockaddr_in(9, inet_aton("192.0.2.2")) for 1 .. 70'
in_a ping -q -c 1 -W 5 192.0.2.2 >ping.out
kill -CONT "$pid"
stop
saved() { tshark -r shared.pcapng -Y "frame.interface_name == \"$1@tc-ingress\"" 2>tshark.err | grep -c .; }
statistics() { perl -e '
        open my $file, "<:raw", "shared.pcapng"; local $/; my $bytes = <$file>; my ($at, @name, %lost);
        for ($at = 0; $at + 12 <= length $bytes;) {
                my ($type, $length) = unpack "VV", substr $bytes, $at, 8;
                my $body = substr $bytes, $at + 8, $length - 12;
                my $options = substr $body, $type == 1 ? 8 : 12;
                my $number = unpack "V", $body;
                while (($type == 1 || $type == 5) && length $options >= 4) {
                        my ($code, $size) = unpack "vv", $options; my $value = substr $options, 4, $size;
                        push @name, $value if $type == 1 && $code == 2;
                        $lost{$name[$number]}[$code - 4] = unpack "Q<", $value if $type == 5 && ($code == 4 || $code == 5);
                        $options = substr $options, 4 + ($size + 3 & ~3);
                }
                $at += $length;
        }
        print join " ", map { "$_ @{$lost{$_}}" } sort keys %lost'; }
statistics >statistics.out
read -r _ b0_received b0_lost _ new1_received new1_lost <statistics.out
is "$b0_received $new1_received" '70 50' 'two interfaces, one tap: what each has received'
is "$(saved b0) $(saved new1)" "$((70 - b0_lost)) $((50 - new1_lost))" 'and lost: the rest is in the file'
ok 'some are lost' [ "$((b0_lost + new1_lost))" -gt 0 ]

done_testing
