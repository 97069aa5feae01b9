#!/bin/bash
# Live capture on interfaces that come and go, and its end: it goes on where it can, says so once, and at the end takes
# neither more nor less than what passed the filter.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump perl ip ping

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1

# start ARGUMENT...: filt on host b, in the background.
start() { background ip netns exec "$b" "$filt" "$@"; }


changes() { grep -Ev '^filt: (listening on|[0-9]+ packets? captured)' live.err; }
says() { wait_for 5 grep -q "$1" live.err; }
packets() { tcpdump -tnr "$1" 2>/dev/null | grep -vc $'^\t'; }

# spare_up [OPTION...]: c0 and c1, a pair on host b without traffic of its own.
spare_up() {
        ip -n "$b" link add c0 "$@" type veth peer name c1 && ip -n "$b" link set c0 up &&
                ip -n "$b" link set c1 up
}
# frames N: sends N frames into c1, each with its number; they come out of c0.
cat >frames.pl <<'END'
my ($interface, $count) = @ARGV;
open(my $file, '<', "/sys/class/net/$interface/ifindex") or die "$interface: $!";
socket(my $socket, 17, 3, 0) or die "socket: $!";
my $to = pack('SnlSCCa8', 17, 3, <$file>, 0, 0, 6, "\2");
my $sent = 0;
for (1 .. $count) { $sent++ if send($socket, pack('H*', '02000000000202000000000188b5') . pack('Nx40', $_), 0, $to) }
print $sent;
END
frames() { in_b perl frames.pl c1 "$1" >sent; }

# --- It goes on

spare_up
start -i c0 -w updown.pcap
frames 3
ip -n "$b" link set c0 down
says 'went down'
ip -n "$b" link set c0 up
says 'up again'
frames 4
stop
is "$status $(packets updown.pcap)" '0 7' 'down and up: the capture goes on'
is "$(changes)" 'filt: c0: the interface went down; the capture goes on once it is up
filt: c0: the interface is up again' 'and each change is said once'
is "$(tail -1 live.err)" 'filt: 7 packets captured, 7 received by filter, 0 dropped by kernel' 'the figures survive'

start -i c0 -w renamed.pcap
ip -n "$b" link set c0 mtu 1400
says 'MTU'
ip -n "$b" link set c1 down
says 'carrier is lost'
ip -n "$b" link set c1 up
says 'carrier is back'
ip -n "$b" link set c0 down && ip -n "$b" link set c0 name d0 && ip -n "$b" link set d0 up
says 'd0: the interface is up again'
frames 2
stop
is "$status $(packets renamed.pcap)" '0 2' 'a new MTU, no carrier, a new name: the capture goes on'
is "$(changes | grep -Ec 'c0: the MTU is 1400 bytes now|c0: the carrier is lost|c0: the carrier is back|d0: the interface was called c0 before')" 4 \
        'and all is said'
ip -n "$b" link delete d0

# --- It ends, or waits

spare_up
start -i c0 -w gone.pcap
frames 5
ip -n "$b" link delete c0
finish
is "$status $(packets gone.pcap) $(changes | tail -1)" '1 5 filt: c0: the interface is gone' 'deleted: it ends, and all is written'

start --wait -i c0 -w wait.pcap
ok 'an interface that is not there is waited for' kill -0 "$pid"
is "$(ls wait.pcap 2>&1)" "ls: cannot access 'wait.pcap': No such file or directory" 'until then no file is touched'
spare_up
says 'listening on c0'
frames 2
ip -n "$b" link delete c0
says 'waiting for it to come back'
spare_up
says 'there again'
frames 3
stop
is "$status $(packets wait.pcap) $(tail -1 live.err)" \
        '0 5 filt: 5 packets captured, 5 received by filter, 0 dropped by kernel' '--wait: it comes back, and so do the figures'
start --wait -i nosuch
stop
is "$status" 0 'a signal ends the waiting'

ip -n "$b" link set c0 down
ip -n "$b" link set c1 down
start --wait -i c0 -w down.pcap
ip -n "$b" link set c0 up
says 'is up$'
ip -n "$b" link set c1 up # a carrier whose loss was not told does not come back
ip -n "$b" link set c1 down
says 'carrier is lost'
ip -n "$b" link set c1 up
says 'carrier is back'
frames 2
stop
is "$status $(packets down.pcap)" '0 2' '--wait: down from the start'
is "$(changes | sed 's/^filt: c0: the //')" 'interface is down; the capture goes on once it is up
interface is up
carrier is lost
carrier is back' 'what it says goes together'

# --- Stopping captures no more, and loses nothing

ip netns exec "$b" ping -q -f -c 1000000 -W 1 127.0.0.1 >/dev/null 2>&1 & # packets of another interface, which pass the filter
flood=$!
at_end kill "$flood"
foreign=0 wrong=
for round in 1 2 3 4 5 6; do
        start -i c0 -w end.pcap
        ip netns exec "$b" perl frames.pl c1 30000 >sent &
        sender=$!
        sleep "0.0$((round * 13 % 10))"
        stop
        wait "$sender"
        foreign=$((foreign + $(tcpdump -tnr end.pcap ip 2>/dev/null | wc -l)))
        read -r _ captured _ _ received _ _ _ dropped _ < <(tail -1 live.err)
        # The numbers in the frames have no gap but for what was dropped.
        last=$(tcpdump -xtnr end.pcap 2>/dev/null | awk '/0x0000:/ { n = $2 $3 } END { print n }')
        [ "$captured" = "$(packets end.pcap)" ] && [ $((captured + dropped)) = "$received" ] &&
                [ $((0x${last:-0})) -le "$received" ] || wrong="$wrong round $round: $(tail -1 live.err), last 0x$last;"
done
kill "$flood"
is "$foreign" 0 'at the end no packet of another interface comes in'
is "$wrong" '' 'and captured and dropped are all that were received'

# --- What was received is all told

start -vv -i c0 -i c1 -Q in -c 5 -w count.pcap 'ether proto 0x88b5'
frames 75
finish
is "$status $(tail -3 live.err)" '0 filt: 5 packets captured, 5 received by filter, 0 dropped by kernel
filt: c0: 5 received by filter, 0 dropped by kernel
filt: c1: 0 received by filter, 0 dropped by kernel' '-c: the same in each line'

# More instructions than the kernel takes: the filter runs in filt.
{
        echo 'ether[17] & 1 = 0'
        for ((i = 0; i < 1200; i++)); do echo "or ether[$((i + 100)):4] = $((i + 1000))"; done
} >long
start -O -vv -i c0 -i c1 -Q in -w here.pcap -F long
frames 20
stop
ok 'a filter that runs in filt' grep -q 'filters it itself' live.err
is "$status $(tail -3 live.err)" '0 filt: 10 packets captured, 10 received by filter, 0 dropped by kernel
filt: c0: 10 received by filter, 0 dropped by kernel
filt: c1: 0 received by filter, 0 dropped by kernel' 'received is what it accepts'

: >live.err # that of the one before
(ulimit -f 2; trap '' XFSZ; exec ip netns exec "$b" "$filt" -U -i c0 -w full.pcap 2>live.err) &
pid=$!
says 'listening on'
kill -STOP "$pid"
frames 300
kill -CONT "$pid"
finish
read -r _ captured _ _ received _ _ _ dropped _ _ _ undelivered _ < <(tail -1 live.err)
is "$status $received $((captured + dropped + undelivered))" '1 300 300' 'a full disk: what was in the ring is counted'

done_testing
