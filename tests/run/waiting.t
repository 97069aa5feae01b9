#!/bin/bash
# --wait: what happens while an interface is waited for, and which interfaces are listened on later: whatever became of
# the changes that the kernel told, of the sockets kept for them, and of their names.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root perl ip prlimit setpriv

host=$net-waiting
at_end ip netns delete "$host"
quiet_host "$host" || exit 1
here=(ip netns exec "$host")
chmod 755 "$scratch"
cd "$scratch" || exit 1
cp "$filt" filt

start() { background "${here[@]}" "$filt" "$@"; }
says() { wait_for 8 grep -q "$1" live.err; }
messages() { grep -Ev '^filt: (listening on|[0-9]+ packets? captured)' live.err; }
link() { ip -n "$host" link "$@"; }

# pair NAME [INDEX]: NAME and qNAME, up; a frame sent into qNAME comes out of NAME.
pair() {
        link add "$1" ${2:+index "$2"} type veth peer name "q$1" && link set "$1" up && link set "q$1" up
}
# frame NAME: sends one into qNAME.
cat >frame.pl <<'PERL'
socket(my $socket, 17, 3, 0) or die "socket: $!";
open(my $file, '<', "/sys/class/net/q$ARGV[0]/ifindex") or die "q$ARGV[0]: $!";
send($socket, pack('H*', '02000000000202000000000188b5') . "\0" x 46, 0, pack('SnlSCCa8', 17, 3, <$file>, 0, 0, 6, "\2")) or die "send: $!";
PERL
frame() { "${here[@]}" perl frame.pl "$1"; }
lines() { grep -c 0x88b5 live.out; }
has_lines() { [ "$(lines)" = "$1" ]; }

# --- While nothing is there

for how in '-w waits.pcap' '-w waits.pcapng' '-e'; do
        # shellcheck disable=SC2086 # two words
        run "${here[@]}" "$filt" --wait -i absent --duration 1 $how
        is "$status $err" '0 filt: waiting for the interface absent
filt: 0 packets captured, 0 received by filter, 0 dropped by kernel' "$how: the duration counts"
done
is "$(echo waits.*) $("$filt" --count -r waits.pcapng 2>&1 | tail -1)" 'waits.pcapng 0 packets' \
        'a file in pcapng format is there without an interface, one in classic format is not'
start --wait -i absent -w waits.pcap
kill -USR1 "$pid"
ok 'SIGUSR1: figures' says '^filt: 0 packets captured, 0 received'
kill -HUP "$pid"
waits_still() { [ "$(grep -c '^filt: waiting for the interface absent$' live.err)" = 3 ]; }
ok 'SIGHUP: it still waits' wait_for 8 waits_still
stop
is "$status $(grep -c '^filt: 0 packets captured' live.err)" '0 2' 'and ends'
start --wait -i 'abs*' -i absent -w waits.pcapng -e -l --print 'ether[13] = 0xb5'
is "$(head -1 live.err)" 'filt: waiting for the interface abs* or absent' 'all are named'
uid=$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")
ok 'without privileges' test "$uid" -gt 0
header() { [ "$(head -c 4 waits.pcapng | od -An -tx1)" = ' 0a 0d 0d 0a' ]; }
ok 'pcapng: its header is there' wait_for 8 header
mv waits.pcapng before.pcapng
kill -HUP "$pid"
ok 'and another one is after SIGHUP' wait_for 8 header
kill -USR1 "$pid"
ok 'figures, too' says '^filt: 0 packets captured, 0 received'
pair absent
says 'absent: the interface is there'
frame absent
ok 'then packets come' wait_for 8 has_lines 1
stop
is "$status $("$filt" -e -r waits.pcapng 2>/dev/null | grep -c 0x88b5) $(tail -1 live.err)" \
        '0 1 filt: 1 packet captured, 1 received by filter, 0 dropped by kernel' 'and are saved'
link delete absent
run "${here[@]}" "$filt" --wait -i absent 'tcp and'
like "$status $err" '^2 filt: the expression ends after' 'an expression is checked before'
run "${here[@]}" "$filt" --wait -i absent --duration 1 'type mgt'
is "$status" 0 'but one that is right for some kind of link is not refused'
run setpriv --reuid=nobody --regid=nogroup --clear-groups env "$scratch/filt" --wait -i absent
like "$status $err" '^1 filt: absent: no permission to capture' 'and so is the permission'

# --- Names

pair ra
start --wait -i ra -e -l
frame ra
ok 'one interface: packets are printed' wait_for 8 has_lines 1
link set ra down && link set ra name rz && link set rz up
says 'rz: the interface is up'
link set qra down && link set qra name qrz && link set qrz up
pair ra
says 'ra: the interface is there'
frame ra
ok 'a new one of the name' wait_for 8 has_lines 2
stop
is "$(awk '/0x88b5/ { print $2 }' live.out | xargs)" '02:00:00:00:00:01 ra' 'renamed, and another one of that name: lines say from where, from then on'
link delete ra
link delete rz

pair c0
link property add dev c0 altname an-altname-of-more-than-15-characters altname short
for name in an-altname-of-more-than-15-characters short; do
        start -i "$name" -e -l -c 1
        frame c0
        finish
        is "$status $(lines) $(grep -o 'listening on c0,' live.err)" '0 1 listening on c0,' "-i $name: another name of c0"
        start --wait -i "$name" -c 1
        is "$(grep -o 'listening on c0,' live.err)" 'listening on c0,' 'with --wait, too'
        stop
done
link set c0 down
run "${here[@]}" "$filt" -i an-altname-of-more-than-15-characters
is "$status $err" "1 filt: c0: the interface is down; bring it up with 'ip link set c0 up', or wait for that with --wait" 'one that is down'
start --wait -i absent -i an-altname-of-more-than-15-characters -l -e
link delete c0
says 'c0: the interface is gone; waiting for it to come back'
pair c0
link property add dev c0 altname an-altname-of-more-than-15-characters
says 'c0: the interface is there again'
frame c0
ok 'by its other name, it is waited for' wait_for 8 has_lines 1
stop
link delete c0

# --- Changes that were lost

pair c0 1000
start --wait -i c0 -i absent -w lost.pcap -e -l --print
for i in {1..3000}; do echo "link set lo alias a$i"; done >aliases
link set lo up # changes of one that is down are not told
kill -STOP "$pid"
ip -n "$host" -batch aliases
link delete c0
kill -CONT "$pid"
says 'c0: the interface is gone'
pair c0 1000
ok 'the kernel told too much: an interface that comes back later is not overlooked' says 'c0: the interface is there again'
frame c0
ok 'and its packets come' wait_for 8 has_lines 1
stop

# --- Sockets

for i in {1..60}; do echo "link add d$i type veth peer name qd$i"; done >many
pair d0
background "${here[@]}" prlimit --nofile=90:90 "$filt" --wait -i 'd*' -l -e
ip -n "$host" -batch many
ok 'more interfaces than sockets: some are left out' says 'd60: the interface is there, but it is left out: no socket is left'
wait_for 8 test "$(grep -c ': the interface is there' live.err)" = 60
listened=$(grep -c 'the interface is there, but down' live.err)
link delete d60
link delete d0
one_more() { [ "$(grep -c 'the interface is there, but down' live.err)" = $((listened + 1)) ]; }
ok 'one goes: another one is listened on' wait_for 8 one_more
is "$(grep -c 'no socket is left' live.err)" $((60 - listened)) 'and nothing more is said of the others'
stop

done_testing
