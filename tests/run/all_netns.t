#!/bin/bash
# filt --all-netns: captures in all network namespaces at once, as they come and go. In a PID and a mount namespace of its
# own, so that it finds no others than it makes.

[ "${ALL_NETNS_ALONE-}" ] || [ "$(id -u)" != 0 ] ||
        ALL_NETNS_ALONE=yes exec unshare --mount --net --pid --fork --kill-child --mount-proc "$0" "$@"
. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip ping setpriv tshark unshare pgrep

for mounted in $(grep -o ' /run/netns/[^ ]*' /proc/self/mountinfo); do umount "$mounted"; done
mkdir -p /run/netns
mount -t tmpfs none /run/netns || exit 1
network_up || exit 1
cd "$scratch" || exit 1
network_known
ip link set lo up

says() { wait_for 8 grep -q "^filt: $1" live.err; }
lines() { wait_for 5 eval "[ \"\$(grep -c . live.out)\" = $1 ]"; }
seen() { sed 's/, id.*//' live.out | sort; }

# --- Those that are there

background "$filt" --all-netns -n -t --print -w all.pcapng icmp
is "$(grep listening live.err | cut -d, -f1)" 'filt: listening on any in all network namespaces' 'what is captured on'
in_a ping -q -c 1 192.0.2.2 >ping.out
ping -q -c 1 127.0.0.1 >ping.out
lines 6
is "$(seen)" "$(sort <<END
$a/a0 Out IP 192.0.2.1 > 192.0.2.2: ICMP echo request
$b/b0 In  IP 192.0.2.1 > 192.0.2.2: ICMP echo request
$b/b0 Out IP 192.0.2.2 > 192.0.2.1: ICMP echo reply
$a/a0 In  IP 192.0.2.2 > 192.0.2.1: ICMP echo reply
lo    In  IP 127.0.0.1 > 127.0.0.1: ICMP echo request
lo    In  IP 127.0.0.1 > 127.0.0.1: ICMP echo reply
END
)" 'each packet where it is, with the namespace; a loopback interface shows it once'

# --- Those that come and go

quiet_host "$net-c"
says "$net-c: the network namespace is there"
ip -n "$net-c" link set lo up
ip -n "$a" link add a1 type veth peer name c1 netns "$net-c"
ip netns exec "$net-c" ping -q -c 1 127.0.0.1 >ping.out
lines 8
like "$(tail -n 1 live.out)" "^$net-c/lo In  IP 127.0.0.1 > 127.0.0.1: ICMP echo reply" 'a new one is captured in'
ip -n "$net-c" addr add 192.0.2.65/26 dev c1
ip -n "$a" link set a1 up
ip -n "$net-c" link set c1 up
ip -n "$net-c" neigh replace 192.0.2.66 lladdr 02:00:00:00:00:09 dev c1 nud permanent
ip netns exec "$net-c" ping -q -c 1 -W 1 192.0.2.66 >ping.out
lines 10
is "$(seen | grep 2.65)" "$(printf '%s IP 192.0.2.65 > 192.0.2.66: ICMP echo request\n' "$a/a1 P  " "$net-c/c1 Out")" 'with interfaces that it gets'
ip netns delete "$net-c"
says "$net-c: the network namespace is gone"
ok 'the capture does not keep it: the other end of its interface goes, too' \
        wait_for 5 eval "! ip -n $a link show a1"

mkfifo go
unshare --net bash -c 'ip link set lo up; read -r; ping -q -c 1 127.0.0.1; read -r' <go >unnamed.out &
unnamed=$!
exec {to}>go
says "$unnamed: the network namespace is there"
echo >&"$to"
lines 12
like "$(tail -n 1 live.out)" "^$unnamed/lo In  IP" 'one without a name has the number of its process'
exec {to}>&-
wait "$unnamed"
says "$unnamed: the network namespace is gone"
stop
is "$status $(grep captured live.err)" '0 filt: 12 packets captured, 12 received by filter, 0 dropped by kernel' 'all are counted'
is "$(tshark -r all.pcapng -T fields -e frame.interface_name 2>/dev/null | sort | uniq -c | xargs)" \
        "$(xargs -n 2 <<<"2 $unnamed/lo 2 $a/a0 2 $b/b0 1 $net-c/c1 1 $a/a1 2 $net-c/lo 2 lo" | sort -k 2 | xargs)" \
        'each interface is described in the file'
is "$(tshark -r all.pcapng -T fields -e frame.interface_id 2>/dev/null | sort -u | wc -l)" 7 'on its own, though numbers of interfaces are the same'
run "$filt" -n -t -r all.pcapng
is "$out" "$(<live.out)" 'which shows the same lines'
run "$filt" -n -r all.pcapng --json
like "$(head -n 1 "$scratch/out")" "\"frame.interface_name\":\"$a/a0\"" 'JSON names it, too'

# --- What cannot be entered; the end

run setpriv --bounding-set=-sys_admin "$filt" --all-netns -n --duration 0.2 icmp
is "$status $(grep -c all-netns: "$scratch/err")" '0 1' 'without the privilege, one line says so'
like "$err" "--all-netns: 2 network namespaces cannot be entered: $net-[ab], $net-[ab] \(Operation not permitted: that takes CAP_SYS_ADMIN, or root\)" 'and names them'

background "$filt" --all-netns -n icmp
helper=$(pgrep -P "$pid" -x filt-netns)
ok 'a process beside the capture' [ -n "$helper" ]
kill -9 "$pid"
wait "$pid" 2>wait.err
ok 'it ends with it, whatever ends that' wait_for 5 gone "$helper"

mistake 2 '--all-netns and -i exclude each other' 'with an interface' --all-netns -i lo
mistake 2 '--all-netns and -r' 'with a file' --all-netns -r all.pcapng
mistake 2 'a command, whose packets are told by its processes, does not go with .*--all-netns' 'with a command' --all-netns -- true

done_testing
