#!/bin/bash
# Filters that are too long for the kernel as classic programs run there as extended ones: packets that do not match are
# never copied, which the socket's own counter shows. Who may not load such programs filters in user space.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip ping perl setpriv bpftool
preloaded=$PWD/${BUILD:-build}/tests/preload/refuse_programs.so

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1
chmod 755 .
ip -n "$a" addr add 192.0.2.77/24 dev a0
ip -n "$a" neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev a0 nud permanent
for host in 1 77; do ip -n "$b" neigh replace 192.0.2.$host lladdr 02:00:00:00:00:01 dev b0 nud permanent; done

# hosts COUNT: as many addresses, none of them of this network.
hosts() { perl -e 'printf "10.%d.%d.%d\n", $_ >> 16 & 255, $_ >> 8 & 255, $_ & 255 for map { $_ * 7 + 1 } 1 .. shift' "$1"; }

listen() {
        local hide=
        [ -z "${without_btf:-}" ] || hide='mount -t tmpfs none /sys/kernel/btf &&'
        background ip netns exec "$b" bash -c "$hide"' exec "$@"' - "$filt" -n -i b0 "$@"
}

# exchange: 3 pings from an address that is in the lists, 5 from one that is not, each with its reply.
exchange() {
        in_a ping -q -c 3 -i 0.01 -W 0.5 -I 192.0.2.77 192.0.2.2 >ping.out
        in_a ping -q -c 5 -i 0.01 -W 0.5 -I 192.0.2.1 192.0.2.2 >ping.out
}

said() { grep -Ev '^filt: (listening on|[0-9]+ packets? captured)' live.err; }
traffic=exchange inside=192.0.2.77
matching() { echo "$(grep -c "$inside" live.out) $(grep -vc "$inside" live.out)"; }

# in_kernel NAME ARGUMENT...: captures the exchange; the kernel, and not filt, picks the 6 packets out of 16.
in_kernel() {
        local name=$1
        shift
        listen "$@"
        $traffic
        stop
        is "$(said)" '' "$name: filt has nothing to say"
        is "$(matching)" '6 0' "$name: the right packets"
        is "$(grep -o '[0-9]* received by filter' live.err)" '6 received by filter' "$name: the others are not copied"
}

{ hosts 5000; echo 192.0.2.77; } | sed 's/^/host /; 2,$s/^/or /' >list
in_kernel 'an expression of 5,000 hosts' -F list
{ hosts 100000; echo 192.0.2.77; } >hosts
in_kernel 'a set of 100,000 hosts' host in hosts
without_btf=1 in_kernel 'a set of 100,000 hosts, without BTF' host in hosts
perl -e 'printf "10.%d.%d.0/%d\n", $_ >> 8, $_ & 255, 24 for 0 .. 9999; print "192.0.2.76/31\n"' >networks
in_kernel 'a set of 10,000 networks' net in networks

# Values of 48 and of 64 bits: MAC addresses, which both hosts have in one list and none in the other, and pairs.
stations() {
        perl -e 'srand 5; printf "%s\n", join ":", map { sprintf "%02x", rand 252 } 1 .. 6 for 1 .. shift' "$1"
}
stations 100000 >others
{ cat others; echo 02:00:00:00:00:01; } >stations
in_kernel 'a set of 100,000 MAC addresses, with theirs' ether host in stations and host 192.0.2.77
in_kernel 'a set of 100,000 MAC addresses, without' ether host in others or host 192.0.2.77

# exchange_more: 6 datagrams to a port and from an address that are in the lists, 10 beside one of them.
exchange_more() {
        in_a perl -MSocket -e '
                for (["192.0.2.77", 7, 6], ["192.0.2.77", 8, 5], ["192.0.2.1", 7, 5]) {
                        my ($from, $port, $count) = @$_;
                        socket my $socket, AF_INET, SOCK_DGRAM, 0 or die $!;
                        bind $socket, pack_sockaddr_in($port, inet_aton($from)) or die $!;
                        send $socket, "x", 0, pack_sockaddr_in(9, inet_aton("192.0.2.2")) or die $! for 1 .. $count;
                }'
}
# exchange6: as exchange.
exchange6() {
        in_a ping -q -c 3 -i 0.01 -W 0.5 -I 2001:db8::77 2001:db8::2 >ping.out
        in_a ping -q -c 5 -i 0.01 -W 0.5 -I 2001:db8::1 2001:db8::2 >ping.out
}
{ hosts 9000 | sed 's/$/:9/'; echo 192.0.2.77:7; } | perl -pe 's/:9$/":" . (1 + $. * 13 % 60000)/e' >pairs
traffic=exchange_more
in_kernel 'a set of 9,000 pairs' src host:port in pairs
ip -n "$a" addr add 2001:db8::77/64 dev a0 nodad
ip -n "$a" neigh replace 2001:db8::2 lladdr 02:00:00:00:00:02 dev a0 nud permanent
for host in 1 77; do ip -n "$b" neigh replace 2001:db8::$host lladdr 02:00:00:00:00:01 dev b0 nud permanent; done
perl -e 'printf "2001:db8:%x:%x::%x\n", $_ >> 12, $_ & 4095, $_ * 7 & 65535 for 1 .. 100000; print "2001:db8::77\n"' >hosts6
traffic=exchange6 inside=2001:db8::77
in_kernel 'a set of 100,000 IPv6 hosts' 'ip6 host in hosts6 and icmp6[0] >= 128 and icmp6[0] <= 129'
perl -e 'printf "2001:db8:%x:%x::/64\n", $_ >> 12, $_ & 4095 for 1 .. 5000; print "2001:db8::70/124\n"' >networks6
in_kernel 'a set of IPv6 networks' 'net in networks6 and icmp6[0] >= 128 and icmp6[0] <= 129'
traffic=exchange inside=192.0.2.77

{ hosts 1000; echo 192.0.2.77; } |
        perl -ne 'chomp; printf "%s(icmp and host %s and ip[8] > %d)", $. > 1 && " or ", $_, $. % 60' >tests
in_kernel 'a filter that is long and no list' -F tests

# Less room for filters on sockets, as Linux before 6.9 has it.
{ hosts 1000; echo 192.0.2.77; } | sed 's/^/host /; 2,$s/^/or /' >short
room=$(ip netns exec "$b" sysctl -n net.core.optmem_max)
ip netns exec "$b" sysctl -qw net.core.optmem_max=8192
in_kernel 'a socket has no room for the classic program' -F short
background ip netns exec "$b" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_raw \
        --ambient-caps=+net_raw "$filt" -n -i b0 "$(<short)"
exchange
stop
like "$(said)" \
        '^filt: the filter has [0-9]+ instructions, for which a socket has no room \(sysctl net.core.optmem_max is the limit\); as extended BPF: Operation not permitted \(that takes CAP_BPF, or root\): filt copies every packet and filters it itself$' \
        'no room, and without CAP_BPF: filt says what it does'
is "$(matching)" '6 0' 'no room, and without CAP_BPF: the right packets'
ip netns exec "$b" sysctl -qw net.core.optmem_max="$room"

# What it has loaded goes with it, whatever ends it.
listen host in hosts
mapfile -t loaded < <(cat /proc/"$pid"/fdinfo/* 2>/dev/null | awk '/^(prog|map)_id:/ { print substr($1, 1, index($1, "_") - 1), "show", "id", $2 }')
is "${#loaded[@]}" 2 'a program, and the table by which it finds the long one'
stop KILL
gone_too() {
        local object
        # shellcheck disable=SC2086 # words
        for object in "${loaded[@]}"; do ! bpftool $object >/dev/null 2>&1 || return 1; done
}
ok 'nothing stays loaded' wait_for 10 gone_too

# A file of the same packets, filtered in user space, agrees.
background ip netns exec "$b" "$filt" -n -i b0 -w all.pcap
exchange
stop
is "$("$filt" -nr all.pcap --count host in hosts 2>/dev/null)" '6 packets' 'the same filter on a file'

like "$(ip netns exec "$b" "$filt" -d --stats -i b0 host in hosts 2>&1 >listing)" \
        'filt: runs in the kernel as extended BPF: [0-9]+ instructions, and sets of 100001 values' \
        '--stats says where it would run'

# More tests one after the other than the kernel's verifier follows.
{ hosts 9000; echo 192.0.2.77; } |
        perl -ne 'chomp; printf "%s(icmp and host %s and ip[8] > %d)", $. > 1 && " or ", $_, $. % 60' >tests
listen -F tests
exchange
stop
like "$(said)" 'as extended BPF: it asks for more tests in a row than the kernel.s verifier follows: filt copies every packet and filters it itself$' \
        'too long for any program: filt says what it does'
is "$(matching)" '6 0' 'too long for any program: the right packets'

# A program so long that the kernel's verifier may take many minutes.
perl -e 'srand 3; print map { sprintf "(ip[8] = %d and ip[4:2] > %d and (%s)) or ", $_ % 256, rand 65536,
        join " or ", map { sprintf "ip[12:4] = %u", 1 << 31 | rand 1 << 30 } 1 .. 60 } 1 .. 1400; print "host 192.0.2.77"' >searches
: >live.err # that of the capture before
ip netns exec "$b" "$filt" -n -i b0 -F searches >live.out 2>live.err &
pid=$!
wait_for 60 grep -q '^filt: listening' live.err
is $? 0 'verified for too long: filt waits no longer'
exchange
stop
too_long="as extended BPF: the kernel's verifier takes too long: filt copies every packet and filters it itself\$"
too_many="as extended BPF: .*more tests in a row than the kernel's verifier follows: filt copies every packet and filters it itself\$"
like "$(said)" "^\$|$too_long|$too_many" 'verified for too long: filt says what it does, where the verifier gives up or takes too long'
is "$(matching)" '6 0' 'verified for too long: the right packets'

# A verifier that takes too long for any, however fast the machine is.
listen_slowly() {
        : >live.err
        ip netns exec "$b" env LD_PRELOAD="$preloaded" FILT_SLOW_LENGTH=100 "$filt" -n -i b0 -F short >live.out 2>live.err &
        pid=$!
        wait_for 60 grep -q '^filt: listening' live.err
}
ip netns exec "$b" sysctl -qw net.core.optmem_max=8192
ok 'a slow verifier: filt waits no longer' listen_slowly
ip netns exec "$b" sysctl -qw net.core.optmem_max="$room"
exchange
stop
like "$(said)" "$too_long" 'a slow verifier: filt says what it does'
is "$(matching)" '6 0' 'a slow verifier: the right packets'

# Without CAP_BPF.
chmod 644 hosts
background ip netns exec "$b" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_raw \
        --ambient-caps=+net_raw "$filt" -n -i b0 host in hosts
exchange
stop
like "$(said)" \
        '^filt: the filter has [0-9]+ instructions and the kernel takes at most 4096; as extended BPF: Operation not permitted \(that takes CAP_BPF, or root\): filt copies every packet and filters it itself$' \
        'without CAP_BPF: filt says what it does'
is "$(matching)" '6 0' 'without CAP_BPF: the right packets'

done_testing
