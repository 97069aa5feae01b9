#!/bin/bash
# The clock is set while packets are captured, an hour back or forward: a duration, the files of -G and what is written to them
# go by a clock that is never set. No clock of this machine is touched: only what filt is told of it (tests/preload/set_clock.c).

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump perl ip ping

library=$PWD/${BUILD:-build}/tests/preload/set_clock.so
at_end network_down
network_up || exit 1
cd "$scratch" || exit 1

# set_clock HOURS: how wrong the clock is from now on.
set_clock() { perl -e 'open(my $clock, "+<", "clock") or die; print $clock pack("q", $ARGV[0] * 3600e9)' -- "$1"; }
perl -e 'print pack("q", 0)' >clock

# start ARGUMENT...: filt on host b in the background, with the clock right.
start() {
        set_clock 0
        background ip netns exec "$b" env LD_PRELOAD="$library" FILT_CLOCK=clock "$filt" "$@"
}
pings() { in_a ping -q -c "$1" -i 0.005 -W 0.05 192.0.2.2 >/dev/null 2>&1; }
packets() { for file; do tcpdump -tnr "$file" 2>/dev/null; done | wc -l; }
holds() { [ "$(packets "$1")" = "$2" ]; }
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

for hours in -1 1; do
        set_clock $hours
        told=$(LD_PRELOAD=$library FILT_CLOCK=clock date +%s)
        is $(((told - $(date +%s) + 1800 * hours) / 3600)) $hours "the clock can be set by $hours hour"
done

# --- A duration

for hours in -1 1; do
        before=$(milliseconds)
        start --duration 2s -i b0 -w duration.pcap icmp
        set_clock $hours
        pings 1
        ok "--duration, the clock set by $hours hour: packets are written" wait_for 5 holds duration.pcap 2
        finish
        is "$status" 0 'it ends'
        ok 'and not before its time' test $(($(milliseconds) - before)) -ge 2000
done

# --- Files

# seconds: those of the names, in order.
seconds() { ls names | tr -dc '0-9\n' | sort -n; }
# around HOURS: how many files have begun at a time that is wrong by so much.
around() { seconds | awk -v wanted="$(($(date +%s) + $1 * 3600))" '$1 > wanted - 1800 && $1 < wanted + 1800' | wc -l; }
several() { [ "$(around "$1")" -ge 2 ]; }

mkdir names
before=$(milliseconds)
start -G 1 -i b0 -w 'names/t-%s.pcap' icmp
for hours in 0 -1 1; do
        set_clock $hours
        ok "-G, the clock set to $hours hours: files go on" wait_for 20 several $hours
        pings 1
done
stop
is "$status $(packets names/*)" '0 6' 'and they have all packets'
ok 'no more files than seconds' test "$(ls names | wc -l)" -le $((($(milliseconds) - before) / 1000 + 2))

# --- Packets of several interfaces, which are put into the order of their time stamps

start -i b0 -i lo -w several.pcap icmp
sent=0
for hours in -1 1; do
        set_clock $hours
        pings 1
        in_b ping -q -c 1 127.0.0.1 >/dev/null
        sent=$((sent + 4))
        ok "several interfaces, the clock set by $hours hour: packets are written soon" wait_for 5 holds several.pcap $sent
done
stop
is "$status" 0 'and it ends'

done_testing
