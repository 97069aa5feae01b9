#!/bin/bash
# What is captured is not lost: files are readable at every moment, whatever ends the capture; and every reader can be left.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump perl ip ping gzip zstd

at_end network_down
network_up || exit 1
pcaps=$PWD/pcaps
cd "$scratch" || exit 1

# start ARGUMENT...: filt on host b, in the background.
start() { background ip netns exec "$b" "$filt" "$@"; }

pings() { in_a ping -q -c "$1" -i 0.005 -W 0.05 "${@:2}" 192.0.2.2 >/dev/null 2>&1; }
packets() { tcpdump -tnr "$1" 2>tcpdump.err | wc -l; }
holds() { [ "$(packets "$1")" = "$2" ]; }
whole() { ! grep -qi 'truncated\|cut short\|bad' tcpdump.err; }
size() { stat -c %s "$1"; }

# --- Readable at every moment

for name in now.pcap now.pcapng; do
        start -i b0 -w $name icmp
        wait_for 5 test -s $name
        is "$(packets $name)" 0 "$name: the header is there from the start"
        like "$(stat -c %a $name)" '^600$' 'and only its owner reads it'
        pings 3
        ok "$name: packets are there soon after they came" wait_for 5 holds $name 6
        kill -9 "$pid"
        finish
        is "$(packets $name) $(whole && echo whole)" '6 whole' "$name: and after kill -9"
done
for suffix in gz zst; do
        start -i b0 -w now.pcap.$suffix icmp
        pings 2
        unpack() { if [ $suffix = gz ]; then gzip -dc now.pcap.gz; else zstd -qdc now.pcap.zst; fi; }
        complete() { unpack >unpacked 2>unpack.err && [ ! -s unpack.err ] && holds unpacked "$1"; }
        ok "$suffix: the file ends in a complete frame" wait_for 5 complete 4
        pings 1
        ok "$suffix: and another one" wait_for 5 complete 6
        kill -9 "$pid"
        finish
        ok "$suffix: and after kill -9" complete 6
done

# --- Slow pipes

# produce COUNT: writes the first packets of ping.pcap and half of the next to the pipe that filt reads, which stays open.
mkfifo slow
exec {producer}<>slow
produce() { head -c $((24 + $1 * 114 + 50)) "$pcaps/ping.pcap" >&$producer; }

# slow ARGUMENT...: filt reads that pipe, in the background; $pid.
slow() {
        dd if=slow of=/dev/null bs=1M count=1 iflag=nonblock 2>/dev/null # what the one before has left
        : >slow.err
        "$filt" -r slow "$@" >slow.out 2>slow.err &
        pid=$!
}
# readable FILE: with what it holds unpacked, every record is whole.
readable() { "$filt" -r "$1" -w unpacked 2>unpack.err && ! grep -q truncated unpack.err && holds unpacked 3; }

for name in slow.pcap slow.pcapng slow.pcap.gz slow.pcapng.zst; do
        for more in '' '-C 1' '-G 3600' "-r $pcaps/tcp.pcap"; do
                # shellcheck disable=SC2086
                slow $more -w $name
                produce 3
                ok "$name, from a slow pipe${more:+, ${more%% *}}: what has come is in it" wait_for 5 readable $name
                ok 'while filt waits for more' kill -0 "$pid"
                stop
                rm -f $name
        done
done
slow -w slow.pcap
produce 1
wait_for 5 holds slow.pcap 1
kill -USR1 "$pid"
ok 'signals are answered meanwhile' wait_for 5 grep -q '^filt: 1 packet captured' slow.err
mv slow.pcap slow.old
kill -HUP "$pid"
ok 'SIGHUP: the file is begun anew' wait_for 5 test -s slow.pcap
stop
is "$status $(packets slow.old)" '0 1' 'SIGINT ends it'
slow
produce 3
three() { [ "$(wc -l <slow.out)" = 3 ]; }
ok 'and lines are printed' wait_for 5 three
stop
slow -w slow.pcap
tail -c +25 "$pcaps/ping.pcap" | head -c 114 >packet
(
        head -c 24 "$pcaps/ping.pcap"
        while [ ! -e enough ]; do cat packet; sleep 0.02; done
) >&$producer &
writer=$!
some() { [ "$(packets slow.pcap)" -gt 0 ]; }
ok 'packets that come without a pause are in the file soon' wait_for 5 some
touch enough
wait $writer
stop
dd if=slow of=/dev/null bs=1M count=1 iflag=nonblock 2>/dev/null
(ulimit -f 1; trap '' XFSZ; exec "$filt" -r slow -w slow.pcap 2>slow.err) &
pid=$!
{ head -c 24 "$pcaps/ping.pcap"; for _ in {1..20}; do cat packet; done; } >&$producer
finish
is "$status $(tail -1 slow.err)" '1 filt: slow.pcap: File too large; it holds the first 8 packets' 'what cannot be written ends it'
exec {producer}>&-

# --- Signals

start -i b0 -w signals.pcap icmp
pings 1
kill -USR2 "$pid"
ok 'SIGUSR2: all is written' wait_for 5 holds signals.pcap 2
pings 1
mv signals.pcap signals.old
kill -HUP "$pid"
ok 'SIGHUP: the file is begun anew by its name' wait_for 5 test -s signals.pcap
pings 2
kill -HUP "$pid" # nobody has renamed it: nothing is lost
sleep 0.2
mv signals.pcap signals.old2
mkdir signals.pcap
kill -HUP "$pid"
ok 'SIGHUP: what cannot be created is told' \
        wait_for 5 grep -q 'signals.pcap: Is a directory; packets go on into the file that had this name' live.err
pings 1
all_old() { [ $(($(packets signals.old) + $(packets signals.old2))) = 10 ]; }
ok 'and packets go into the old file' wait_for 5 all_old
rmdir signals.pcap
kill -HUP "$pid"
ok 'and the next SIGHUP does it' wait_for 5 test -s signals.pcap
pings 1
stop
is "$status $(($(packets signals.old) + $(packets signals.old2) + $(packets signals.pcap)))" '0 12' 'and every packet is in one of the three'

start -i b0 -U -w signals.pcap icmp
kill -9 "$(cat /proc/"$pid"/task/"$pid"/children)"
mv signals.pcap signals.old
kill -HUP "$pid"
ok 'SIGHUP without the process that creates files: it is told' \
        wait_for 5 grep -q '^filt: signals.pcap: it cannot begin anew: the process that creates the files has ended; packets go on' live.err
pings 1
ok 'and packets go on' wait_for 5 holds signals.old 2
stop

# A shell without job control starts its background jobs with SIGINT ignored.
bash -c 'ip netns exec "$1" "$2" -i b0 -w script.pcap icmp 2>script.err & echo $! >script.pid; wait' - "$b" "$filt" &
script=$!
wait_for 5 grep -q 'listening on' script.err
pings 1
kill -INT "$(cat script.pid)"
ok 'SIGINT ends it in a script, too' wait_for 5 gone "$(cat script.pid)"
wait "$script"
is "$(packets script.pcap)" 2 'with everything written'
ip netns exec "$b" env --ignore-signal=HUP "$filt" -i b0 -w nohup.pcap icmp 2>nohup.err &
pid=$!
wait_for 5 grep -q 'listening on' nohup.err
mv nohup.pcap nohup.old
kill -HUP "$pid"
pings 1
stop
is "$status $(packets nohup.old) $(ls nohup.pcap 2>/dev/null)" '0 2 ' 'SIGHUP that is ignored from before stays so'

# --- Limits

start --duration 1s -i b0 -w limit.pcap icmp
finish
is "$status $(packets limit.pcap)" '0 0' '--duration, without a packet'
(pings 100; pings 100) &
start --size 5k -i b0 -w limit.pcap icmp
finish
wait
ok '--size' test "$status $(($(size limit.pcap) >= 5000 && $(size limit.pcap) < 5200))" = '0 1'
mistake 2 "option --duration: '3x' is not a number, alone or with one of the units ms, s, m, h or d" 'a unit that does not exist' --duration 3x -i lo

# A limit of the file's size: what fits is valid.
start -i b0 -w warm.pcap icmp
stop
(ulimit -f 8; trap '' XFSZ; exec ip netns exec "$b" "$filt" -U -i b0 -w small.pcap icmp 2>small.err) &
pid=$!
wait_for 5 grep -q 'listening on' small.err
pings 60
finish
is "$status" 1 'a limit of the size of files ends it'
like "$(cat small.err)" "small.pcap: File too large; it holds the first $(packets small.pcap) packets" 'with what is in the file'
ok 'which is valid' whole

# Standard output may be a file that holds something else, before or behind what is written to it.
head -c 40000 /dev/zero | tr '\0' x >before
for _ in {1..400}; do tail -c +25 "$pcaps/ping.pcap"; done | cat "$pcaps/ping.pcap" - >many.pcap
mkdir full
export filt
# on_full COMMAND: a shell runs it where full/file, on a file system of 64 KiB, holds `before`; then `after` is a copy of it.
on_full() {
        run unshare -m bash -c 'mount -t tmpfs -o size=64k none full && cp before full/file &&
                { eval "$1"; ended=$?; cp full/file after; exit $ended; }' - "$1"
}
on_full '"$filt" -r many.pcap -w - >>full/file'
like "$status $err" '^1 .*standard output: No space left on device; it holds the first [0-9]+ packets' 'a full disk ends it'
ok 'what was in the file before stays' cmp -n 40000 before after
tail -c +40001 after >added.pcap
ok 'and behind it are whole packets' test "$(packets added.pcap)" -gt 10 -a "$(whole && echo whole)"
on_full '(ulimit -f 2; trap "" XFSZ; exec "$filt" -r many.pcap -w - 1<>full/file)'
is "$status $(stat -c %s after)" '1 40000' 'nor is what comes behind cut off'

# --- Readers

mkfifo stuck
exec {hold}<>stuck
for signals in 1 2; do
        : >live.err
        ip netns exec "$b" "$filt" -l -i b0 -X icmp >stuck 2>live.err &
        pid=$!
        wait_for 5 grep -q 'listening on' live.err
        pings 100
        sleep 0.3
        kill -INT "$pid"
        [ "$signals" = 1 ] || { sleep 0.1; kill -INT "$pid"; }
        finish
        is "$status" 1 "a reader that has stopped: $signals signals end it"
        like "$(cat live.err)" 'standard output: nobody reads it: [0-9]+ bytes were not delivered' 'and it is said'
        dd if=stuck of=/dev/null bs=1M count=1 iflag=nonblock 2>/dev/null
done
for output in '-X' '-w -' '-w - --format pcapng'; do
        : >live.err
        # shellcheck disable=SC2086
        ip netns exec "$b" "$filt" -U -i b0 $output icmp >stuck 2>live.err &
        pid=$!
        wait_for 5 grep -q 'listening on' live.err
        pings 100 -s 1000
        sleep 0.3
        kill -USR1 "$pid"
        ok "$output: statistics are shown while nobody reads" wait_for 5 grep -Eq '^filt: [0-9]+ packets captured' live.err
        kill -INT "$pid"
        finish
        is "$status" 1 "$output: a signal ends it"
        like "$(cat live.err)" 'standard output: nobody reads it: [0-9]+ bytes were not delivered' "$output: and it is said"
        dd if=stuck of=/dev/null bs=1M count=1 iflag=nonblock 2>/dev/null
done
fill() { perl -e 'use Fcntl; sysopen my $pipe, "stuck", O_WRONLY | O_NONBLOCK or die; 1 while syswrite $pipe, "x" x 4096'; }
for saved in '' '-w stuck -U'; do
        : >live.err
        # shellcheck disable=SC2086
        ip netns exec "$b" "$filt" $saved -l -i b0 --duration 2s -X icmp >stuck 2>live.err &
        pid=$!
        wait_for 5 grep -q 'listening on' live.err
        fill
        pings 1
        finish
        is "$status" 1 "${saved:-lines}: --duration ends it"
        like "$(cat live.err)" '(stuck|standard output): nobody reads it: [0-9]+ bytes' 'and it is said'
        dd if=stuck of=/dev/null bs=1M count=1 iflag=nonblock 2>/dev/null
done
: >live.err
ip netns exec "$b" "$filt" -l -i b0 -X icmp >stuck 2>live.err &
pid=$!
wait_for 5 grep -q 'listening on' live.err
pings 200
kill -INT "$pid"
for _ in {1..8}; do # a little, and nothing more after the first second
        sleep 0.2
        dd if=stuck of=/dev/null bs=4k count=1 iflag=nonblock 2>/dev/null
done
finish
is "$status" 1 'one that has taken a little since the signal, and then stops'
dd if=stuck of=/dev/null bs=1M count=1 iflag=nonblock 2>/dev/null
: >live.out
ip netns exec "$b" "$filt" -l -i b0 icmp >live.out 2>stuck &
pid=$!
read -rt 5 listening <&$hold
like "$listening" 'listening on' 'messages into a pipe'
fill
kill -USR1 "$pid" # the figures
pings 1
sleep 0.2
kill -INT "$pid"
finish
is "$status" 0 'whose reader has stopped: a signal ends it'
exec {hold}>&-

# A FIFO that nobody reads: filt and its process that opens files wait for a reader, but for nothing else.
mkfifo unread
# unread: filt writes there, in the background; $pid and $opener.
unread() {
        : >live.err
        ip netns exec "$b" "$filt" -U -i b0 -w unread icmp 2>live.err &
        pid=$!
        wait_for 5 pgrep -P $pid -x filt-files >opener
        opener=$(pgrep -P $pid -x filt-files)
        sleep 0.1
}
unread
kill -INT "$pid"
finish
is "$status $(cat live.err)" '1 filt: unread: nobody reads it' 'a FIFO that nobody reads: a signal ends it'
ok 'and no process stays' wait_for 5 gone "$opener"
unread
kill -9 "$pid"
finish
ok 'nor after kill -9' wait_for 5 gone "$opener"
unread
cat unread >read.pcap &
reader=$!
wait_for 5 grep -q 'listening on' live.err
for fd in /proc/"$pid"/fd/*; do
        [ "$(readlink "$fd")" != "$PWD/unread" ] || like "$(cat /proc/"$pid"/fdinfo/"${fd##*/}")" 'flags:[[:space:]]0[0-9]*0001' \
                'once it is read, writes wait for room'
done
pings 2
stop
wait $reader
is "$status $(packets read.pcap)" '0 4' 'and the packets are there'

# --- Big TCP

# One TCP segment over IPv6 of so many bytes, as inside a host that uses big TCP, and left to be split by whoever
# needs that, https://docs.kernel.org/networking/segmentation-offloads.html; it is written to `frame` as well.
cat >big.pl <<'END'
use strict; use Socket;
my $length = $ARGV[0];
my $address = "\x20\x01\x0d\xb8" . "\0" x 11;
my $frame = pack('H12 H12 n', '020000000002', '020000000001', 0x86dd)
        . pack('N n C C', 0x60000000, 0, 6, 64) . "$address\1$address\2"
        . pack('n n N N C C n n n', 5000, 9, 1, 1, 0x50, 0x10, 500, 0, 0);
$frame .= pack 'N*', 1 .. $length / 4;
$frame = substr $frame, 0, $length;
socket my $socket, 17, SOCK_RAW, 0 or die "AF_PACKET: $!";
setsockopt $socket, 263, 15, pack 'i', 1 or die "PACKET_VNET_HDR: $!";
setsockopt $socket, SOL_SOCKET, 32, pack 'i', 4 << 20 or die "SO_SNDBUFFORCE: $!";
open my $index, '<', '/sys/class/net/a0/ifindex' or die;
# struct virtio_net_hdr: the checksum is needed, TCP over IPv6, 74 bytes of headers, segments of 1,428 bytes, and
# the checksum's place.
send $socket, pack('C C S S S S', 1, 4, 74, 1428, 54, 16) . $frame, 0,
        pack 'S n i S C C a8', 17, 0x86dd, <$index>, 0, 0, 6, "\2\0\0\0\0\2" or die "send: $!";
open my $file, '>', 'frame' or die;
print $file $frame;
END
ip -n "$a" link set dev a0 gso_max_size 300000
ip -n "$b" link set dev b0 gso_max_size 300000
for length in 66000 130939 260000; do
        start -i b0 -c 1 -w big.pcap 'ip6 and tcp'
        in_a perl big.pl $length
        finish
        is "$(stat -c %s big.pcap)" $((24 + 16 + length)) "a packet of $length bytes is captured whole"
        ok 'as it was sent' cmp frame <(tail -c $length big.pcap)
done
start -i b0 -c 1 -s 200000 -w big.pcap 'ip6 and tcp'
in_a perl big.pl 260000
finish
ok 'or up to the snapshot length' cmp <(head -c 200000 frame) <(tail -c 200000 big.pcap)
done_testing
