#!/bin/bash
# --follow-sets with --at: sets are replaced while a capture runs at XDP, tc, cgroups and netfilter. No packet is lost, and
# each is judged, at each place, by the sets before or by those after; nothing stays loaded, whatever ends filt.
# An argument says how often sets are replaced under traffic.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
. tests/sets.sh
needs root ip ping perl pgrep bpftool nsenter mountpoint strace
times=${1:-20}
counter=$PWD/build/tests/tools/xdp_counter
refusing=(env LD_PRELOAD="$PWD/${BUILD:-build}/tests/preload/refuse_programs.so")

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1
chmod 777 .
sets_network

listen() { background ip netns exec "$b" "$filt" -n "$@"; }

# --- The members of each time

exact 'xdp' 0 5000 0 -i b0 --at xdp
exact 'xdp:generic' 0 5000 0 -i b0 --at xdp:generic
exact 'tc-ingress' 5000 0 5001 -i b0 --at tc-ingress
exact 'nf:input' 0 5000 0 --at nf:input
exact 'a million' 0 1000000 0 -i b0 --at xdp
exact 'several interfaces' 0 5000 0 -i b0 -i lo --at tc-ingress
exact 'any' 0 5000 3 -i any --at tc-ingress
exact 'cut packets' 0 5000 0 -i b0 --at xdp -s 40
exact 'places joined, with the packet socket' 0 5000 0 -i b0 --at xdp --at socket --at nf:prerouting

# What the verifier does not take runs in filt: here, sets that stand in the program.
as=("${refusing[@]}" FILT_REFUSED_LENGTH=150)
in_user_space='filt: b0@xdp: Invalid argument: filt copies every packet and filters it itself'
exact 'user space' 30 31 32 -i b0 --at xdp
is "$(told | head -n 1)" "$in_user_space" 'that is where it runs'
exact 'kernel to user space and back' 0 30 0 -i b0 --at tc-ingress
is "$(told | head -n 1)" "${in_user_space/xdp/tc-ingress}" 'that is where it goes'
exact 'user space to kernel and back' 30 5000 30 --at nf:input
exact 'user space, cut' 0 30 0 -i b0 --at xdp -s 40
# More than the 128 bytes is asked for that are copied of a packet at least.
bytes=200 also=' and icmp[150] = 0x8e'
exact 'user space, by what is then cut off' 0 30 0 -i b0 --at xdp -s 40
exact 'user space from the start, by what is then cut off' 30 31 0 -i b0 --at tc-ingress -s 40
bytes=56 also=
exact 'user space, joined' 0 30 0 -i b0 --at xdp --at socket
as=()

# A filter that was replaced, or detached, may still run on another processor: filt waits for those before it goes on.
put 0 77
background "${where[@]}" strace -D -f -qq -o calls -e trace=membarrier,bpf "$filt" -n -i b0 --at xdp --follow-sets icmp and host in set
# What the last of these calls are: a filter that is put into its place is followed by a wait.
waits() { perl -ne '/BPF_MAP_UPDATE_ELEM/ and $waits = 0; /membarrier\(MEMBARRIER_CMD_GLOBAL/ and $waits++; END { print $waits // 0 }' calls; }
put 5000 78
wait_for 20 replaced 1
ok 'the filter before is waited for' wait_for 10 eval '[ "$(waits)" = 1 ]'
stop
ok 'and the last one, when it is detached' wait_for 10 eval '[ "$(waits)" = 2 ]'

# --- Replaced under traffic: 200 times in .ci/nightly

traffic 'xdp' "$times" 0 5000 -i b0 --at xdp
traffic 'xdp:generic' "$times" 5000 5001 -i b0 --at xdp:generic
traffic 'tc-ingress' "$times" 0 1 -i b0 --at tc-ingress
traffic 'nf:prerouting' "$times" 0 5000 --at nf:prerouting
where=(ip netns exec "$a")
traffic 'tc-egress' "$times" 0 5000 -i a0 --at tc-egress
where=(ip netns exec "$b")

# Of a cgroup: what its processes send, and what they receive.
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)/filt-sets-$$
mkdir "$groups"
at_end rmdir "$groups"
# shellcheck disable=SC2016 # in that shell
inside=(bash -c 'echo $BASHPID >"$1" && shift && exec "$@"' - "$groups/cgroup.procs")
where=(nsenter --net="/run/netns/$b")
sender=("${inside[@]}")
traffic 'cgroup-egress' "$times" 0 5000 --at "cgroup-egress:$groups"
sender=()
"${inside[@]}" ip netns exec "$b" perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; bind $s, scalar sockaddr_in(9, INADDR_ANY) or die;
        open my $out, ">", "ready"; close $out; recv $s, my $x, 99, 0 while 1' &
receiver=$!
wait_for 5 test -e ready
traffic 'cgroup-ingress' "$times" 0 5000 --at "cgroup-ingress:$groups"
kill "$receiver"
wait "$receiver" 2>wait.err
where=(ip netns exec "$b")

# At several places, each has one generation.
places=(xdp tc-ingress nf:input)
traffic 'three places, two interfaces' "$times" 0 5000 -i b0 -i lo --at xdp --at tc-ingress --at nf:input
saves=(-A)
places=(xdp socket)
traffic 'two places joined, the packet socket one of them' "$times" 5000 5001 -i b0 --at xdp --at socket
as=("${refusing[@]}" FILT_REFUSED_LENGTH=150)
places=(xdp tc-ingress)
traffic 'two places joined, in the kernel and in user space' "$times" 0 30 -i b0 --at xdp --at tc-ingress
saves=(-w traffic.pcapng)
places=('')
traffic 'in the kernel and in user space' "$times" 0 30 -i b0 --at xdp
traffic 'in user space' "$times" 30 31 -i b0 --at tc-ingress
as=()

# --- Nothing stays loaded, whatever ends filt

# loaded PID: what it has loaded, each by the word and number by which bpftool finds it.
loaded() { cat /proc/"$1"/fdinfo/* 2>/dev/null | perl -ne '/^(prog|map|link)_id:\s*(\d+)/ and print "$1 id $2\n"' | sort -u; }
unloaded() {
        local one
        while read -r one; do
                # shellcheck disable=SC2086 # words
                ! bpftool ${one/ / show } >/dev/null 2>&1 || return 1
        done <loaded.out
}
for signal in INT KILL; do
        put 0 77
        listen -i b0 --at xdp --at tc --at nf:input --follow-sets icmp and host in set
        put 5000 78
        ok "SIG$signal: a set is replaced" wait_for 20 replaced 1
        helper=$(pgrep -P "$pid" filt-sets)
        { loaded "$pid"; loaded "$helper"; } | sort -u >loaded.out
        ok "SIG$signal: programs, maps and links are there" [ "$(cut -d ' ' -f 1 loaded.out | sort -u | xargs)" = 'link map prog' ]
        stop $signal
        ok "SIG$signal: none is left" wait_for 10 unloaded
        ok "SIG$signal: nor what follows the sets" wait_for 10 gone "$helper"
done

# Without what follows the sets, the capture goes on with them.
put 0 77
listen -i b0 --at xdp --at nf:input --follow-sets icmp and host in set
put 5000 78
wait_for 20 replaced 1
pgrep -P "$pid" filt-sets | xargs kill -9
ok 'what follows the sets is killed: it is told' \
        tells 'the process that follows the sets has ended: the capture goes on with the sets as they are$'
put 0 79
kill -HUP "$pid"
from 79
from 78
stop
is "$status $(seen)" '0 2 192.0.2.78' 'and the capture goes on with the sets as they are'

# --- Files that are wrong, and sets that cannot be had

put 0 77
background ip netns exec "$b" "${refusing[@]}" "$filt" -n -i b0 --at xdp --at tc-ingress --follow-sets icmp and host in set
rm set
ok 'a file that is gone is told' tells 'set: No such file or directory; the sets stay as they were$'
printf '192.0.2.79\nexample.com\n' >set
ok 'a line that is wrong is told' tells "set:2: 'example.com' is no IPv4 or IPv6 address.*; the sets stay as they were\$"
from 77
from 79
printf '192.0.2.79\n' >set
ok 'a file is mended' tells 'set: 1 value \(was 1\)'
from 79
kill -HUP "$pid"
ok 'SIGHUP where nothing has changed' tells 'the sets have not changed$'
stop
is "$status $(seen)" '0 2 192.0.2.77 2 192.0.2.79' 'and the members of each time were captured'

# --- Interfaces that come later

put 0 77
listen -i any --at xdp --at tc-egress --follow-sets icmp and dst host in set
hosts 5000 78 >set.new
echo 198.51.100.9 >>set.new
mv set.new set
ok 'any: the sets are replaced' wait_for 20 replaced 1
ip -n "$b" link add c0 address 02:00:00:00:01:01 type veth peer name c1 address 02:00:00:00:01:02
ip -n "$b" link set c0 up
ip -n "$b" link set c1 up
ip -n "$b" addr add 198.51.100.1/24 dev c0
for host in 8 9; do ip -n "$b" neigh replace 198.51.100.$host lladdr 02:00:00:00:01:02 dev c0 nud permanent; done
ok 'an interface comes' tells 'c1: the interface is there'
to() { in_b ping -q -c 1 -W 0.1 "198.51.100.$1" >ping.out; }
# The requests to a host at the interfaces that have come.
arrived() { [ "$(grep -oE 'c0@tc-egress,c1@xdp .* > 198\.51\.100\.[0-9]:' live.out | grep -oE '[0-9]:' | xargs)" = "$1" ]; }
to 8
to 9
ok 'its packets are judged by the new sets' wait_for 10 arrived '9:'
hosts 1 77 >set.new
echo 198.51.100.8 >>set.new
mv set.new set
ok 'and the sets are replaced again' wait_for 20 replaced 2
to 9
to 8
ok 'there, too' wait_for 10 arrived '9: 8:'
stop
is "$(grep -cE 'icmp|ICMP' live.out)" 2 'nothing else is captured'
ip -n "$b" link del c0

# Where the driver's XDP is not to be had, the kernel's.
exact 'an interface without XDP of its own' 0 5000 0 -i b0 -i lo --at xdp

# --- Beside an XDP program

occupy() {
        : >counter.out
        ip netns exec "$b" "$counter" "$@" b0 >counter.out 2>counter.err &
        occupant=$!
        wait_for 5 grep -q ' ' counter.out
        read -r id map <counter.out
}
vacate() {
        kill "$occupant"
        wait "$occupant" 2>wait.err
        ip -n "$b" link set dev b0 xdp off 2>/dev/null
        ip -n "$b" link set dev b0 xdpgeneric off 2>/dev/null
        true
}
is_there() { ip -n "$b" link show dev b0 | grep -qE "prog/xdp.* id $id name counter"; }
large() { in_a ping -q -c "$1" -i 0.01 -W 5 -s 1200 -I "192.0.2.$2" 192.0.2.2 >ping.out; }
counted() { bpftool -j map lookup id "$map" key 0 0 0 0 | perl -ne '/"value":\[(.*?)\]/ and print unpack "Q", pack "C*", map { hex } $1 =~ /0x(..)/g'; }
mountpoint -q /sys/fs/bpf || { mount -t bpf bpf /sys/fs/bpf && at_end umount /sys/fs/bpf; }

for kind in '' -l -p; do
        # shellcheck disable=SC2086 # no word, or one
        occupy $kind
        put 0 77
        # so that pins are where they outlast it
        background nsenter --net="/run/netns/$b" "$filt" -n -i b0 --at xdp --follow-sets icmp and host in set
        large 3 77
        large 5 78
        put 5000 78
        ok "a program is there${kind:+ ($kind)}: the set is replaced" wait_for 20 replaced 1
        large 3 77
        large 5 78
        stop
        is "$(seen)" '3 192.0.2.77 5 192.0.2.78' 'the members of each time'
        ok 'the program is there again' wait_for 5 is_there
        is "$(counted)" 16 'and has seen all'
        vacate
done
where=(nsenter --net="/run/netns/$b")
occupy
traffic 'before a program' "$times" 0 5000 -i b0 --at xdp
vacate

# All of filt is killed: the program goes on, and the next filt puts it back.
occupy
put 0 77
background "${where[@]}" "$filt" -n -i b0 --at xdp --follow-sets icmp and host in set
put 5000 78
wait_for 20 replaced 1
ip netns pids "$b" | xargs -r ps -o pid=,comm= -p | awk '$2 == "filt-taps" { print $1 }' | xargs kill -9
kill -9 "$pid"
finish
no_filt() { ! ip netns pids "$b" | xargs -r ps -o comm= -p | grep -q filt; }
wait_for 5 no_filt
large 2 77
large 2 78
is "$(counted)" 4 'all of filt is killed: the program goes on'
background "${where[@]}" "$filt" -n -i b0 --at xdp --follow-sets icmp and host in set
like "$(<live.err)" 'a filt that was killed had left its program before counter, which is put back' 'and the next filt puts it back'
stop
ok 'where it is then' wait_for 5 is_there
vacate

done_testing
