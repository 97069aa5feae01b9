#!/bin/bash
# filt --netns and --container: captures in another network namespace, which is named in all the ways there are.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip ping setpriv

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1
chmod 755 .
network_known

# seen OPTION...: the packets of one ping of the first host to the second, as filt, started outside, sees them in there.
seen() {
        background "$filt" -n -t "$@" -i b0 icmp
        in_a ping -q -c 1 192.0.2.2 >ping.out
        wait_for 5 eval '[ "$(wc -l <live.out)" = 2 ]'
        stop
        is "$status $(sed 's/, id.*//' live.out)" \
                $'0 IP 192.0.2.1 > 192.0.2.2: ICMP echo request\nIP 192.0.2.2 > 192.0.2.1: ICMP echo reply' "${*/$$/N}"
}
run ip link show b0
is "$status" 1 'the interface is not in here'
seen --netns "$b"
seen --netns "/run/netns/$b"
in_b sleep 1000 &
sleeper=$!
wait_for 5 eval 'sleeper=$(ip netns pids "$b" | head -n 1); [ -n "$sleeper" ]'
seen --netns "$sleeper"
run "$filt" --netns "$b" -D
like "$out" 'b0 ' '-D lists the interfaces in there'

for folder in /sys/fs/cgroup/unified /sys/fs/cgroup; do
        [ "$(stat -f -c %T "$folder")" = cgroup2fs ] && break
done
container=$(printf '%064d' $$)
container=c${container:1}
group=$folder/docker-$container.scope
mkdir "$group"
at_end rmdir "$group"
at_end eval 'echo $sleeper >$folder/cgroup.procs'
echo "$sleeper" >"$group/cgroup.procs"
seen --container "$container"
seen --container "${container:0:12}"

background "$filt" -n -t --netns "$b" --process -i b0 icmp
in_b ping -q -c 1 192.0.2.1 >ping.out
wait_for 5 eval '[ "$(wc -l <live.out)" = 2 ]'
stop
is "$status $(grep -cE ' ping\[[0-9]+\]$' live.out)" '0 2' '--process tells of the processes in there'
run "$filt" -n -t --netns "$b" -i b0 icmp -- ping -q -c 1 192.0.2.1
is "$status $(grep -cE ' ping\[[0-9]+\]$' "$scratch/out")" '0 2' 'a command runs in there'

mistake 1 '--netns nosuch: there is no network namespace of that name' 'a name that is not there' --netns nosuch -i lo
mistake 1 '--netns 4194305: there is no process of that number' 'a process that is not there' --netns 4194305 -i lo
mistake 1 '--netns /nosuch: there is no such file' 'a path that is not there' --netns /nosuch -i lo
mistake 1 '--netns /etc/passwd: that is no network namespace' 'another file' --netns /etc/passwd -i lo
mistake 1 '--container 0123456789ab: no process is in a cgroup of that ID' 'a container that is not there' --container 0123456789ab
mistake 2 '--container web: give the ID' 'a container by name' --container web
mistake 2 '--netns and -r' 'with a file' --netns "$b" -r x.pcap
run setpriv --reuid=65534 --regid=65534 --clear-groups "$filt" --netns "$b" -i b0
is "$status $err" "1 filt: --netns $b: Operation not permitted (that takes CAP_SYS_ADMIN, or root)" 'without the privilege'

done_testing
