#!/bin/bash
# Filters that are too long for the kernel as classic programs run there as extended ones: packets that do not match are
# never copied, which the socket's own counter shows. Who may not load such programs filters in user space.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip ping perl setpriv bpftool

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1
chmod 755 .
ip -n "$a" addr add 192.0.2.77/24 dev a0
ip -n "$a" neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev a0 nud permanent
for host in 1 77; do ip -n "$b" neigh replace 192.0.2.$host lladdr 02:00:00:00:00:01 dev b0 nud permanent; done

# hosts COUNT: as many addresses, none of them of this network.
hosts() { perl -e 'printf "10.%d.%d.%d\n", $_ >> 16 & 255, $_ >> 8 & 255, $_ & 255 for map { $_ * 7 + 1 } 1 .. shift' "$1"; }

listen() { background ip netns exec "$b" "$filt" -n -i b0 "$@"; }

# exchange: 3 pings from an address that is in the lists, 5 from one that is not, each with its reply.
exchange() {
        in_a ping -q -c 3 -i 0.01 -W 0.5 -I 192.0.2.77 192.0.2.2 >ping.out
        in_a ping -q -c 5 -i 0.01 -W 0.5 -I 192.0.2.1 192.0.2.2 >ping.out
}

said() { grep -Ev '^filt: (listening on|[0-9]+ packets? captured)' live.err; }
matching() { echo "$(grep -c '192.0.2.77' live.out) $(grep -vc '192.0.2.77' live.out)"; }

# in_kernel NAME ARGUMENT...: captures the exchange; the kernel, and not filt, picks the 6 packets out of 16.
in_kernel() {
        local name=$1
        shift
        listen "$@"
        exchange
        stop
        is "$(said)" '' "$name: filt has nothing to say"
        is "$(matching)" '6 0' "$name: the right packets"
        is "$(grep -o '[0-9]* received by filter' live.err)" '6 received by filter' "$name: the others are not copied"
}

{ hosts 5000; echo 192.0.2.77; } | sed 's/^/host /; 2,$s/^/or /' >list
in_kernel 'an expression of 5,000 hosts' -F list
{ hosts 100000; echo 192.0.2.77; } >hosts
in_kernel 'a set of 100,000 hosts' host in hosts
perl -e 'printf "10.%d.%d.0/%d\n", $_ >> 8, $_ & 255, 24 for 0 .. 9999; print "192.0.2.76/31\n"' >networks
in_kernel 'a set of 10,000 networks' net in networks
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
perl -e 'srand 5; printf "%s\n", join ":", map { sprintf "%02x", rand 252 } 1 .. 6 for 1 .. 15000' >stations
: >live.err # that of the capture before
ip netns exec "$b" "$filt" -n -i b0 ether host in stations or host 192.0.2.77 >live.out 2>live.err &
pid=$!
wait_for 60 grep -q '^filt: listening' live.err
is $? 0 'verified for too long: filt waits no longer'
exchange
stop
like "$(said)" "^\$|(the kernel's verifier takes too long|verifier follows): filt copies every packet and filters it itself\$" \
        'verified for too long: filt says what it does, where the verifier does take too long'
is "$(matching)" '6 0' 'verified for too long: the right packets'

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
