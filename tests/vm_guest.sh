#!/bin/bash
# vm_guest.sh [PART...]: what tests/vm runs in another kernel: each program of the corpora in its verifier, captures of
# live interfaces, the places of --at, write-trace, the demo. What a kernel is too old for, filt has to say in one line.

. "$(dirname "$0")/tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip ping setpriv

# since VERSION: whether the kernel is as new as that.
since() { [ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ]; }

listen() { background ip netns exec "$b" "$filt" -n "$@"; }
pings() { in_a ping -q -c "$1" -i 0.1 -W 5 -I "${2:-192.0.2.1}" 192.0.2.2 >ping.out; }
requests() { grep -c 'echo request' live.out; }
said() { grep -Ev '^filt: (listening on|[0-9]+ packets? captured)' live.err; }

corpora() {
        local report
        report=$(cd "$top" && build/tests/tools/extended 2>&1)
        is $? 0 'every program of the corpora is taken, and answers alike'
        note "$(tail -c 3000 <<<"$report")"
        hosts 20000 'host %s' ' or ' >list
        report=$(cd "$top" && build/tests/tools/extended -f "$scratch/list" 2>&1)
        is $? 0 'so is a program longer than a jump of 16 bits reaches' || note "$(tail -c 3000 <<<"$report")"
}

# only_matching NAME OPTION...: 3 pings of a host that the filter names, 5 of another; the kernel picks the 6 packets.
only_matching() {
        local name=$1
        shift
        listen -i b0 "$@"
        pings 3 192.0.2.77
        pings 5
        stop
        is "$(said)" '' "$name: filt has nothing to say"
        is "$(grep -c '192.0.2.77' live.out) $(grep -o '[0-9]* received by filter' live.err)" '6 6 received by filter' \
                "$name: the kernel picks the packets"
}

# hosts COUNT FORMAT SEPARATOR: as many tests, of addresses that are not here, and of one that is.
hosts() {
        awk -v count="$1" -v format="$2" -v separator="$3" 'BEGIN {
                for (i = 1; i <= count; i++)
                        printf format separator, "10." int(i * 7 / 65536) "." int(i * 7 / 256) % 256 "." i * 7 % 256, i % 60
                printf format "\n", "192.0.2.77", 0 }'
}

live() {
        "$filt" -i lo -n -c 2 icmp >lo.out 2>lo.err &
        wait_for 20 grep -q 'listening on' lo.err
        ping -q -c 1 127.0.0.1 >ping.out
        wait $!
        is "$(grep -c 'ICMP echo' lo.out)" 2 'lo: a ping and its answer'
        only_matching 'a short filter' icmp and host 192.0.2.77
        hosts 1000 'host %s' ' or ' >list
        only_matching 'a classic program of 1,000 hosts' -F list
        hosts 10000 'host %s' ' or ' >list
        only_matching 'an expression of 10,000 hosts' -F list
        hosts 50000 %s '\n' >hosts
        only_matching 'a set of 50,000 hosts' host in hosts
        awk 'BEGIN { for (i = 0; i < 10000; i++) print "10." int(i / 256) "." i % 256 ".0/24"; print "192.0.2.76/31" }' >networks
        only_matching 'a set of 10,000 networks' net in networks
        hosts 1000 '(icmp and host %s and ip[8] > %d)' ' or ' >tests
        only_matching 'a filter that is long and no list' -F tests
}

# sees PLACE INTERFACE 'REQUESTS REPLIES' FROM MESSAGE: 3 pings; on a kernel older than FROM, one line that has the message.
sees() {
        local place=$1 interface=$2
        if since "$4"; then
                # shellcheck disable=SC2086 # words
                listen $interface --at "$place" icmp
                pings 3
                stop
                is "$(said)" '' "--at $place: filt has nothing to say"
                is "$(requests) $(grep -c 'echo reply' live.out)" "$3" "--at $place: requests and replies"
        else
                # shellcheck disable=SC2086 # words
                run ip netns exec "$b" "$filt" -n $interface --at "$place" icmp
                is "$status:$(wc -l <"$scratch/err")" 1:1 "--at $place: one line"
                like "$(<"$scratch/err")" "$5" "--at $place: that says what it takes" && note "$(<"$scratch/err")"
        fi
}

# What the processes of a cgroup send and receive.
sees_cgroup() {
        mkdir /cgroup/filt
        listen --at cgroup:/cgroup/filt icmp
        pings 2
        (echo "$BASHPID" >/cgroup/filt/cgroup.procs && pings 3)
        stop
        is "$(said)" '' '--at cgroup: filt has nothing to say'
        is "$(requests) $(grep -c 'echo reply' live.out)" '3 3' '--at cgroup: requests and replies, and none of others'
        rmdir /cgroup/filt
        run "$filt" --at cgroup:/proc icmp
        is "$status:$err" '1:filt: cgroup-ingress:proc: no folder of a cgroup (version 2)' '--at cgroup: a folder of another kind'
}

places() {
        sees xdp '-i b0' '3 0' 5.18 'Linux 5\.18'
        sees xdp:generic '-i b0' '3 0' 5.18 'Linux 5\.18'
        sees_cgroup
        sees tc-ingress '-i b0' '3 0' 5.8 'Linux 5\.8'
        sees tc-egress '-i b0' '0 3' 5.8 'Linux 5\.8'
        sees nf:input '' '3 0' 6.4 'Linux 6\.4'
}

trace() {
        run "$filt" write-trace -o lines -- /bin/echo one
        like "$status:$out:$(<lines)" '^0:one:[0-9]+ +write\(1, "one\\n", 4\) += 4' 'write-trace: a command'
        is "$err" 'filt: write-trace: 1 call shown, 0 lost' 'write-trace: nothing lost'
        run "$filt" write-trace --minimal -c 1
        is "$status" 0 'write-trace --minimal' || note "$err"
        run setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all --inh-caps=-all "$filt" write-trace -- /bin/true
        like "$status:$(wc -l <"$scratch/err"):$err" '^1:1:filt: .*(CAP_BPF|root|sudo)' 'write-trace without privileges: one line'
}

demo() {
        run "$filt" demo
        is "$status" 0 'demo: captures pings that iptables drops' || note "$err"
}

top=$PWD
at_end network_down
network_up || exit 1
ip -n "$a" addr add 192.0.2.77/24 dev a0
# However long it takes, no ARP comes of a host that a filter names.
ip -n "$b" neigh replace 192.0.2.77 lladdr 02:00:00:00:00:01 dev b0 nud permanent
ip -n "$a" neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev a0 nud permanent
cd "$scratch" || exit 1
chmod 755 .
for part in ${*:-live places trace demo corpora}; do
        SECONDS=0
        $part
        note "$part: $SECONDS seconds"
done
done_testing
