#!/bin/bash
# filt --process: whose packets are, by processes that note what they send and read: short ones, servers that fork, and
# sockets that go from one process to another. Then where it is told: lines, JSON, pcapng; by whom it may be asked, and what
# is left of it after any end.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip ping perl curl jq tshark setpriv bpftool

at_end network_down
network_up || exit 1
top=$PWD
talkers=$top/build/tests/tools/talkers
cd "$scratch" || exit 1
chmod 755 .
network_known

listen() { background ip netns exec "$a" "$filt" -n --process "$@"; }
lines() { [ "$(wc -l <live.out)" -ge "$1" ]; }
loaded() { bpftool prog show | grep -cE ' name (queued|received_leng|received_length|state_set|holder) '; }
loaded_before=$(loaded)

# talk MODE COUNT: what talkers did, and what filt says of their packets.
talk() {
        listen -i lo -w talk.pcapng
        in_a "$talkers" "$@" >talk.log 2>talk.err || note "talkers: $(cat talk.err)"
        stop
        tshark -n -r talk.pcapng -T fields -e frame.comment -e udp.payload -e tcp.payload -e tcp.srcport -e tcp.dstport \
                >talk.fields 2>/dev/null
        verdict=$("$top/tests/owners" talk.log talk.fields)
}
# all_known LEAST NAME: no owner is wrong, and of 1,000 at most one is unknown; there are so many packets at least.
all_known() {
        local packets right unknown wrong
        read -r packets _ right _ unknown _ wrong _ <<<"$verdict"
        ok "$2" test "$packets" -ge "$1" -a "$wrong" = 0 -a "$((right + unknown))" = "$((2 * packets))" \
                -a "$((1000 * unknown))" -le "$((2 * packets))" || note "$verdict"
}

# --- Owners

talk udp 1000
all_known 2000 '1,000 short processes, UDP'
talk tcp 200
all_known 1800 '200 short processes, TCP, and a server that forks for each'
for times in 1 2 3 4 5; do
        talk turns 6
        is "${verdict%%$'\n'*}" '12 packets: 24 right, 0 unknown, 0 wrong' "processes that have the same port, one after the other, $times" ||
                note "$verdict"
done
talk exec 600
all_known 1202 'a socket that is handed on over exec'
talk rights 400
all_known 1600 'a socket that is handed on in a message'
# Which of the processes that have a socket open read a datagram, only its answer tells.
talk forked 400
read -r packets _ right _ unknown _ wrong _ <<<"$verdict"
ok 'processes that share a socket: none is wrong, and most are known' \
        test "$packets $wrong" = '800 0' -a "$((unknown * 10))" -le "$right" || note "$verdict"

# --- Between hosts; curl

in_b perl -MSocket -e '$0 = "web"; socket my $s, PF_INET, SOCK_STREAM, 0; setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1;
        bind $s, sockaddr_in(80, INADDR_ANY) or die; listen $s, 9;
        while (accept my $c, $s) { sysread $c, my $request, 999; syswrite $c, "HTTP/1.0 200 OK\r\n\r\nhello\n"; close $c }' &
wait_for 5 in_a curl -s http://192.0.2.2/
listen -i a0 tcp port 80
in_a curl -s http://192.0.2.2/ >curl.out
wait_for 5 lines 8
stop
is "$status $(grep -vcE ' curl\[[0-9]+\]$' live.out)" '0 0' 'every packet of curl is that of curl, behind its line'
is "$(sed 's/.* //' live.out | sort -u | wc -l)" 1 'with the same number'
like "$(tail -n 1 live.err)" '^filt: [0-9]+ packets captured, [0-9]+ received by filter, 0 dropped' 'none is lost'

background ip netns exec "$b" "$filt" -n --process -i b0 tcp port 80
in_a curl -s http://192.0.2.2/ >curl.out
wait_for 5 lines 8
stop
is "$(sed -E 's/.* //; s/[0-9]+/N/' live.out | sort -u)" 'web[N]' 'where it is received: the server, which listened before the start'

# --- What is not known is said to be

listen -i a0 icmp or arp
in_b ping -q -c 1 192.0.2.1 >ping.out
wait_for 5 lines 2
in_a ping -q -c 1 192.0.2.2 >ping.out
wait_for 5 lines 4
stop
is "$(sed -E 's/.*(request|reply),[^]]* ([^ ]*)$/\1 \2/; s/[0-9]+/N/' live.out)" \
        $'request [unknown]\nreply [unknown]\nrequest ping[N]\nreply ping[N]' 'ping is known, and the kernel, which answers, is nobody'
listen -i a0 udp
in_b perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; send $s, "x", 0, sockaddr_in(9, inet_aton("192.0.2.1"))'
wait_for 5 lines 1
stop
like "$(cat live.out)" 'UDP, length 1 \[unknown\]$' 'a datagram that nobody waits for'

# --- Sockets that were open before

in_a perl -MSocket -e '$0 = "waiter"; socket my $s, PF_INET, SOCK_DGRAM, 0; bind $s, sockaddr_in(53, INADDR_ANY) or die;
        open my $ready, ">", "ready"; print $ready $$; close $ready; sleep 100' &
wait_for 5 test -s ready
waiter=$(cat ready)
listen -i a0 udp
in_b perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; send $s, "x", 0, sockaddr_in(53, inet_aton("192.0.2.1"))'
wait_for 5 lines 1
stop
like "$(cat live.out)" " waiter\[$waiter\]\$" 'who has had a socket since before the start, and does not read'
kill "$waiter"

# --- Where it is told

for folder in /sys/fs/cgroup/unified /sys/fs/cgroup; do
        [ "$(stat -f -c %T "$folder")" = cgroup2fs ] && break
done
container=$(printf '%064d' 7)
group=$folder/filt-test-$$
mkdir -p "$group/docker-$container.scope"
at_end rmdir "$group/docker-$container.scope" "$group"
in_group() { echo "$BASHPID" >"$group/docker-$container.scope/cgroup.procs"; exec ip netns exec "$a" setpriv --reuid=65534 --clear-groups "$@"; }
listen -i a0 --json -v tcp port 80
(in_group curl -s http://192.0.2.2/ >curl.out)
wait_for 5 lines 8
stop
is "$(jq -rc '[."filt.sender", ."filt.receiver"] | map(select(.)) | map([.known, .name, .uid, .cgroup, .container])[]' live.out | sort -u)" \
        "[true,\"curl\",65534,\"/filt-test-$$/docker-$container.scope\",\"$container\"]" 'JSON: name, user, cgroup and container'
is "$(jq -r '."filt.sender".network_namespace | numbers' live.out | sort -u)" "$(stat -L -c %i "/run/netns/$a")" 'and the network namespace'
ok 'as the schema has it' "$top/tests/json_lines" "$top/docs/filt.schema.json" <live.out
like "$(jq -r .text live.out)" ' curl\[[0-9]+\]' 'and the text'

listen -i a0 -v tcp port 80
in_a curl -s http://192.0.2.2/ >curl.out
wait_for 5 lines 20
stop
like "$(cat live.out)" $'\n\tcomment: sent by curl\[[0-9]+\] uid 0 netns [0-9]+ cgroup /' '-v tells more below the line'

listen -i a0 -w saved.pcapng tcp port 80
in_a curl -s http://192.0.2.2/ >curl.out
stop
is "$(tshark -n -r saved.pcapng -T fields -e frame.comment 2>/dev/null | grep -vcE '^(sent|received) by curl\[[0-9]+\] uid 0 ')" 0 \
        'comments in a pcapng file'

# --- Those of a command

in_a "$talkers" udp 300 >other.log &
others=$!
run ip netns exec "$a" "$filt" -n -t -- "$talkers" tcp 5
is "$status $(grep -c ' IP ' "$scratch/out")" "0 $(grep -cE ' IP .*(talkers|client|asker|server|child)\[' "$scratch/out")" 'a command: its end is the end'
ok 'it has its packets, with those of its children' test "$(grep -c ' IP 127.0.0.1.*7000' "$scratch/out")" -ge 40
unlike "$out" ' UDP, ' 'and no others'
wait "$others"
run ip netns exec "$a" "$filt" -n icmp -- sh -c 'ping -q -c 2 192.0.2.2; exit 3' # ping is a child
is "$status $(grep -cE ' ping\[[0-9]+\]$' "$scratch/out")" '3 4' 'its status, and the filter before it'
run ip netns exec "$a" "$filt" -n -i a0 -- nosuch
is "$status $(tail -n 1 <<<"$err")" '127 filt: nosuch: No such file or directory' 'a command that is not there'
run ip netns exec "$a" "$filt" -n -i a0 -c 1 icmp -- sh -c 'ping -q -c 1 192.0.2.2; kill -TERM $$'
is "$status" 143 'one that a signal ends, after all that was asked for was captured'
mistake 2 'a command, whose packets .* does not go with --fate, --follow-sets' 'with sets' --follow-sets -i lo icmp -- true

# --- Tests of processes in an expression

# tested EXPRESSION...: how many packets of 20 askers and as many clients, each a request and an answer, pass.
tested() {
        listen -i lo -w tested.pcapng "$@"
        in_a "$talkers" udp 40 >talk.log
        stop
        tested=$(tshark -n -r tested.pcapng -T fields -e frame.comment 2>/dev/null)
        echo "$tested" | grep -c .
}
is "$(tested comm asker)" 40 'comm'
is "$(tested not comm asker)" 40 'not'
is "$(tested comm asker or comm client)" 80 'or'
is "$(tested comm asker and udp src port 7000)" 20 'and, with another test'
is "$(tested '(comm asker and dst port 7000) or (comm client and src port 7000)')" 40 'in parentheses'
echo 7000 >ports
is "$(tested comm asker and src port in ports)" 20 'with a set of a file'
is "$(tested '(comm asker and dst port in ports) or (comm client and src port in ports)')" 40 'with it twice'
is "$(tested -s 30 comm asker and udp src port 7000)" 20 'with -s'
is "$(tshark -n -r tested.pcapng -T fields -e frame.cap_len 2>/dev/null | sort -un | tail -n 1)" \
        "$(tshark -n -r tested.pcapng -T fields -e frame.len 2>/dev/null | sort -n | awk '{ n = $1 < 30 ? $1 : 30 } END { print n }')" 'which cuts what is kept'
echo nonsense >wrong
run "$filt" --process -i lo 'comm asker and port in wrong'
like "$status $err" '^2 filt: .*wrong.*comm asker and port in wrong' 'a file with a fault: the expression is shown as it was given'
is "$(tested uid 0 and not uid 1)" 80 'uid'
is "$(tested pid 1)" 0 'pid'
is "$(tested "cgroup /filt-test-$$")" 0 'cgroup'
listen -i a0 "cgroup /filt-test-$$ and tcp dst port 80"
in_a curl -s http://192.0.2.2/ >curl.out
(in_group curl -s http://192.0.2.2/ >curl.out)
wait_for 5 lines 4
stop
ok 'a cgroup above that of the process' test "$(grep -c ' > 192.0.2.2.80: .* curl' live.out)" = "$(wc -l <live.out)" -a "$(grep -c 'Flags \[S\]' live.out)" = 1
mistake 2 'pid, uid, comm and cgroup are tests of processes' 'without --process' -i lo pid 5
mistake 2 'pid, uid, comm and cgroup are tests of processes' 'as a program' -d -r saved.pcapng pid 5

# --- Files that tell of processes

# asked FILE EXPRESSION...: how many of its packets pass.
asked() { "$filt" -n -r "$@" 2>asked.err | wc -l; }
listen -i lo -w tested.pcapng --print udp
in_a "$talkers" udp 40 >talk.log
wait_for 5 lines 80
stop
run "$filt" -n -r tested.pcapng
is "$out" "$(<live.out)" 'lines of a file show the processes again'
is "$("$filt" -n -r tested.pcapng --json | grep -cE '"filt.sender":\{"known":true,"name":"[a-z]+","pid":[0-9]+,"uid":0,')" 80 'and JSON'
for expression in 'comm asker' 'not comm asker' 'comm asker or comm client' 'comm asker and udp src port 7000' \
        '(comm asker and dst port 7000) or (comm client and src port 7000)' 'comm asker and src port in ports' 'uid 0 and not uid 1' 'pid 1'; do
        echo "$expression: $(asked tested.pcapng "$expression")"
done >asked.out
is "$(<asked.out)" 'comm asker: 40
not comm asker: 40
comm asker or comm client: 80
comm asker and udp src port 7000: 20
(comm asker and dst port 7000) or (comm client and src port 7000): 40
comm asker and src port in ports: 20
uid 0 and not uid 1: 80
pid 1: 0' 'tests of processes on a file'
one=$(grep -oE 'asker\[[0-9]+\]' live.out | head -n 1 | tr -dc 0-9)
is "$(asked tested.pcapng "pid $one")" "$(grep -c "asker\\[$one\\]" live.out)" 'pid'
is "$(asked tested.pcapng 'cgroup /')" 80 'cgroup'
"$filt" -n -r tested.pcapng -w asker.pcapng comm asker 2>write.err
is "$(asked asker.pcapng) $(asked asker.pcapng 'comm asker')" '40 40' 'what they choose is written with what it tells'
"$filt" -n -r tested.pcapng -w tested.pcap --format=pcap 2>write.err
is "$(asked tested.pcap comm asker) $(grep -c 'no packet says whose it is' asked.err)" '0 1' 'a file that tells nothing'
is "$(asked tested.pcap comm asker and tcp) $(grep -c 'no packet says whose it is' asked.err)" '0 0' 'is not asked in vain for other packets'
run "$filt" --process -i lo 'pid 5 and tcp foo'
like "$status $err" "^2 filt: after 'tcp' should come .*pid 5 and tcp foo" 'another fault keeps its place'

# --- Users, ends

background ip netns exec "$a" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_raw,+bpf,+perfmon \
        --ambient-caps=+net_raw,+bpf,+perfmon "$filt" -n --process -i lo udp
in_a "$talkers" udp 20 >talk.log
wait_for 5 lines 40
stop
is "$status $(grep -c '\] > .*\[[0-9]*\]$' live.out)" '0 40' 'with CAP_BPF, CAP_PERFMON and CAP_NET_RAW alone'
run ip netns exec "$a" setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_raw --ambient-caps=+net_raw \
        "$filt" -n --process -i lo udp
like "$status $err" '^1 filt: loading the programs for processes: no permission: it needs CAP_BPF and CAP_PERFMON' \
        'without the first two, it says what it needs'

listen -i lo udp
ok 'programs are loaded' test "$(loaded)" -gt "$loaded_before"
kill -9 "$pid"
wait "$pid" 2>/dev/null
ok 'and nothing of them is left after kill -9' wait_for 5 eval '[ "$(loaded)" = "$loaded_before" ]'

mistake 2 '--process is about packets that are still to come: leave it out with -r' 'with a file' --process -r x.pcap
mistake 2 '--process.*-d' 'with -d' --process -d icmp

done_testing
