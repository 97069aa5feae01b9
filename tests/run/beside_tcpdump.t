#!/bin/bash
# filt and tcpdump (or dumpcap) at once, on the same packets: what a file holds at any moment, what signals and changes of the
# interface do to it, and what power is kept. filt's part is to be at least as good in each.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump dumpcap capinfos tshark ip ping

at_end network_down
network_up || exit 1
chmod 755 "$scratch" # tcpdump creates its files as another user
cd "$scratch" || exit 1
here=(ip netns exec "$b")

pings() { in_a ping -q -c "$1" -i 0.005 -W 0.05 192.0.2.2 >/dev/null 2>&1; }
packets() { tcpdump -tnr "$1" 2>/dev/null | wc -l; }
holds() { [ "$(packets "$1")" = "$2" ]; }
size() { stat -c %s "$1"; }
header=24 # bytes, of a file without packets

# both ARGUMENT...: filt and tcpdump on host b in the background, each writing its own file; $pid and $their_pid.
both() {
        rm -f ours.pcap theirs.pcap
        background "${here[@]}" "$filt" -w ours.pcap "$@"
        : >theirs.err
        "${here[@]}" tcpdump -w theirs.pcap "$@" 2>theirs.err &
        their_pid=$!
        wait_for 5 grep -q '^tcpdump: listening on' theirs.err || note "no start: $(cat theirs.err)"
}

# end_both [SIGNAL]: ends them, and leaves $status and $their_status.
end_both() {
        kill -"${1:-INT}" "$pid" "$their_pid" 2>/dev/null
        pid=$their_pid finish
        their_status=$status
        finish
}

# no_worse OURS THEIRS NAME: passes if the first number is not less than the second.
no_worse() {
        [ "$1" -ge "$2" ]
        report $? "$3" || note "ours: $1, tcpdump's: $2"
}

# --- A quiet interface

both -i b0 icmp
ours=$(size ours.pcap) theirs=$(size theirs.pcap)
is "$ours" "$header" 'the header is there before the first packet'
no_worse "$ours" "$theirs" "no less than tcpdump's"
pings 3
ok 'a few packets are in the file within two seconds' wait_for 2 holds ours.pcap 6
no_worse "$(packets ours.pcap)" "$(packets theirs.pcap)" "no fewer than tcpdump's"
is "$(size ours.pcap)" "$((header + 6 * (16 + 98)))" 'whole ones'
pings 20
sleep 2
end_both KILL 2>killed.err
is "$(packets ours.pcap)" 46 'kill -9 two seconds after the last packet: all are in the file'
no_worse "$(packets ours.pcap)" "$(packets theirs.pcap)" "no fewer than in tcpdump's"

# --- A reader who is stopped for a while

# As many moments at which packets come as have room in the ring, however few bytes each brings.
lost() { sed -n 's/.* \([0-9]*\) \(packets \)\{0,1\}dropped by kernel.*/\1/p; s/^\([0-9]*\) packets dropped by kernel/\1/p' "$1"; }
both -i b0 icmp
kill -STOP "$pid" "$their_pid"
in_a ping -q -c 60 -i 0.06 -W 0.05 192.0.2.2 >ping.out 2>&1
kill -CONT "$pid" "$their_pid"
pings 1
end_both
is "$(packets ours.pcap) $(lost live.err)" '122 0' 'stopped for some seconds while few packets come: none is lost'
no_worse "$(packets ours.pcap)" "$(packets theirs.pcap)" "no more than tcpdump loses"

# --- Signals

# flushed PID FILE N: tcpdump hands over what the kernel has given it, which may take a second.
flushed() { kill -USR2 "$1" && holds "$2" "$3"; }
both -i b0 icmp
pings 1
ok 'SIGUSR2: all is written' wait_for 5 flushed "$pid" ours.pcap 2
ok 'by tcpdump, too' wait_for 5 flushed "$their_pid" theirs.pcap 2
pings 2
ok 'and the capture goes on' wait_for 5 flushed "$pid" ours.pcap 6
ok "as tcpdump's does" wait_for 5 flushed "$their_pid" theirs.pcap 6
end_both
is "$status $their_status $(packets ours.pcap) $(packets theirs.pcap)" '0 0 6 6' 'to its end'

# A shell without job control, as the one that runs this, starts its background jobs with SIGINT ignored.
sleep 60 &
like "$(awk '/^SigIgn:/ { print $2 }' /proc/$!/status)" '[2367abef]$' 'what a script starts in the background ignores SIGINT'
kill $!
both -i b0 icmp
pings 5
end_both INT
is "$status $their_status" '0 0' 'yet SIGINT ends both'
is "$(packets ours.pcap)" 10 'with every packet in the file'
no_worse "$(packets ours.pcap)" "$(packets theirs.pcap)" "no fewer than in tcpdump's"

# --- The interface goes down, and comes up

both -i b0 icmp
pings 2
ip -n "$b" link set b0 down
wait_for 5 grep -q 'went down' live.err
ip -n "$b" link set b0 up
wait_for 5 grep -q 'up again' live.err
pings 2
ok 'down and up: the packets after that are captured' wait_for 5 flushed "$pid" ours.pcap 8
ok 'by tcpdump, too' wait_for 5 flushed "$their_pid" theirs.pcap 8
end_both
is "$status $their_status $(packets ours.pcap)" '0 0 8' 'and both end in order'

# --- Several interfaces

both -i lo -i b0 icmp
pings 2
in_b ping -q -c 2 -i 0.005 127.0.0.1 >/dev/null
wait_for 5 flushed "$their_pid" theirs.pcap 4
end_both
is "$status $(packets ours.pcap)" '0 8' '-i lo -i b0: the packets of both'
no_worse 8 "$(packets theirs.pcap)" 'of which tcpdump takes one interface'

# --- Power

state() { awk -v wanted="$2" '$1 == wanted ":" { print $2 }' "/proc/$1/status"; }
# powers PID: capabilities in its sets, of all of them.
powers() { for set in CapInh CapPrm CapEff CapBnd CapAmb; do state "$1" $set; done | sed 's/^0*//' | tr -d '\n' | wc -c; }

both -i b0 icmp
uid=$(state "$pid" Uid) their_uid=$(state "$their_pid" Uid)
ok 'neither is root any more' test "$uid" != 0 -a "$their_uid" != 0
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
        is "$(state "$pid" $set)" 0000000000000000 "$set: empty"
done
no_worse "$(powers "$their_pid")" "$(powers "$pid")" 'tcpdump keeps no fewer capabilities'
is "$(state "$pid" NoNewPrivs) $(state "$pid" Seccomp)" '1 2' 'nor can it get any, and its system calls are limited'
no_worse "$(state "$pid" NoNewPrivs)$(state "$pid" Seccomp)" "$(state "$their_pid" NoNewPrivs)$(state "$their_pid" Seccomp)" \
        "no less than tcpdump's"
end_both

# --- pcapng, beside dumpcap

# told FILE: what capinfos finds of what a capture is to say.
told() {
        capinfos "$1" 2>/dev/null | sed -n 's/^ *Name = /name: /p; s/^ *Filter string = /filter: /p
                s/^Capture oper-sys: *\([^ ]*\) .*/os: \1/p; s/^ *Number of stat entries = /statistics: /p'
}
drops() { tshark -X 'read_format:MIME Files Format' -r "$1" -V 2>/dev/null | sed -n 's/^ *Option: Number of Dropped Packets/drops/p'; }
"${here[@]}" dumpcap -q -i b0 -f icmp -w theirs.pcapng 2>theirs.err &
their_pid=$!
wait_for 20 grep -q '^File: ' theirs.err
background "${here[@]}" "$filt" -i b0 -w ours.pcapng icmp
pings 2
end_both
is "$status $their_status $(told ours.pcapng)" "0 0 $(told theirs.pcapng)" 'pcapng: what dumpcap says, too'
is "$(told ours.pcapng | cut -d: -f1 | sort | xargs) $(drops ours.pcapng | wc -l)" 'filter name os statistics 1' \
        'interface, filter, system, and what was dropped'
is "$(drops theirs.pcapng | wc -l)" 1 'as in that of dumpcap'

done_testing
