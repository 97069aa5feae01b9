#!/bin/bash
# --follow-sets: sets of files are replaced while a capture runs, whatever runs the filter. No packet is lost, and each is
# judged by the sets before or by those after.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
. tests/sets.sh
needs root ip ping perl setpriv tcpdump pgrep

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1
chmod 755 .
sets_network

listen() { background ip netns exec "$b" "$filt" -n "$@"; }

exact 'classic' 0 0 0 -i b0
exact 'extended' 5000 6000 5000 -i b0
exact 'classic to extended and back' 0 5000 0 -i b0
exact '100,000 to 1,000,000' 100000 1000000 100000 -i b0
exact 'any' 0 5000 3 -i any
exact 'several interfaces' 0 5000 0 -i b0 -i lo
exact 'cut packets' 0 5000 0 -i b0 -s 40
as=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_raw --ambient-caps=+net_raw)
exact 'user space' 5000 5001 5002 -i b0
exact 'classic to user space and back' 0 5000 0 -i b0
exact 'user space to classic and back' 5000 0 5000 -i b0
exact 'classic to user space and back, cut' 0 5000 0 -i b0 -s 40
as=()

# --- Replaced 1,000 times under traffic

chmod 777 .
traffic 'classic' 1000 0 1 -i b0
traffic 'extended' 40 5000 5001 -i b0
traffic 'classic and extended' 40 0 5000 -i b0
traffic 'a file of -w after the other' 40 0 5000 -i b0 -C 1
as=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=+net_raw --ambient-caps=+net_raw)
traffic 'user space' 40 5000 5001 -i b0
traffic 'classic and user space' 40 0 5000 -i b0
as=()

# --- What else becomes of the files

mkdir one.d other.d
hosts 0 77 >one.d/list
hosts 0 78 >other.d/list
ln -s one.d now.d
rm set
ln -s now.d/list set
listen -i b0 --follow-sets icmp and host in set
helper=$(pgrep -P "$pid")
like "$(grep -E '^(NoNewPrivs|Seccomp):' /proc/"$helper"/status | xargs)" 'NoNewPrivs: 1 Seccomp: 2' 'what follows the sets is in a sandbox'
is "$(perl -ne '/^CapEff:\s*(\w+)/ and printf "%x", hex($1) & ~(1 << 2 | 1 << 12 | 1 << 38 | 1 << 39)' /proc/"$helper"/status)" 0 \
        'and has no power but to read files and to load filters'
from 77
ln -s other.d later.d
mv -T later.d now.d
ok 'a symbolic link on the way leads elsewhere' tells 'set: 1 value \(was 1\)'
from 77
from 78
sees() { [ "$(seen)" = "$1" ]; }
ok 'and the members are others' wait_for 10 sees '2 192.0.2.77 2 192.0.2.78'
rm now.d
ok 'a file that is gone is told' tells 'set: No such file or directory; the sets stay as they were$'
printf '192.0.2.79\nexample.com\n' >other.d/list
ln -s other.d now.d
ok 'a line that is wrong is told' tells "set:2: 'example.com' is no IPv4 or IPv6 address.*; the sets stay as they were\$"
kill -HUP "$pid"
twice() { [ "$(grep -c "set:2: 'example.com'" live.err)" = 2 ]; }
ok 'SIGHUP: again' wait_for 20 twice
from 78
from 77
printf '192.0.2.79\n192.0.2.80 # another\n' >other.d/list
ok 'a file is mended' tells 'set: 2 values \(was 1\)'
from 79
from 78
echo '# no value is another' >>other.d/list
kill -HUP "$pid"
ok 'SIGHUP where nothing has changed' tells 'the sets have not changed$'
kill -9 "$helper"
ok 'without what follows the sets, it is told' \
        tells 'the process that follows the sets has ended: the capture goes on with the sets as they are$'
hosts 0 77 >other.d/list
kill -HUP "$pid"
from 77
from 80
stop
is "$status $(seen)" '0 2 192.0.2.77 4 192.0.2.78 2 192.0.2.79 2 192.0.2.80' 'and all members of each time were captured'
rm -f set

# What ends filt ends what follows the sets.
put 0 77
for signal in INT KILL; do
        listen -i b0 --follow-sets icmp and host in set
        helper=$(pgrep -P "$pid")
        stop $signal
        ok "SIG$signal: nothing is left" wait_for 10 gone "$helper"
done

listen -q -i b0 --follow-sets icmp and host in set
put 0 78
kill -HUP "$pid"
captures() { from "$1"; grep -q "192.0.2.$1 > 192.0.2.2" live.out; }
ok '-q: the set is replaced' wait_for 20 captures 78
kill -HUP "$pid" # where nothing has changed
from 78
put 0 79
ok 'and again' wait_for 20 captures 79
stop
is "$(told)" '' 'and nothing is said'

# An interface that comes later is captured on by the sets of then, which are long enough for an extended program.
put 0 77
listen --wait -i c0 --follow-sets udp and dst host in set
hosts 5000 78 >set.new
echo 198.51.100.9 >>set.new
mv set.new set
ok 'before there is an interface' tells 'set: 5002 values \(was 1\)'
in_b ip link add c0 type veth peer name c1
in_b ip link set c1 up
in_b ip addr add 198.51.100.1/24 dev c0
in_b ip link set c0 up
in_b ip neigh replace 198.51.100.9 lladdr 02:00:00:00:00:09 dev c0 nud permanent
in_b ip neigh replace 198.51.100.8 lladdr 02:00:00:00:00:08 dev c0 nud permanent
sends() { in_b perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; send $s, "x", 0, pack_sockaddr_in 9, inet_aton shift' "$1"; }
ok 'an interface comes' tells 'c0: the interface is there'
tells 'c0: the interface is up'
sends 198.51.100.8
sends 198.51.100.9
stop
is "$(grep -oE '> 198.51.100.[0-9]' live.out)" '> 198.51.100.9' 'and its packets are captured'
unlike "$(told)" 'filters it itself' 'in the kernel'

# --- SIGHUP

put 0 77
listen -i b0 icmp and host in set
kill -HUP "$pid"
finish
is "$status" 0 'without --follow-sets, SIGHUP ends a capture'
background ip netns exec "$b" "$filt" -i b0 -w hangup.pcap --follow-sets icmp and host in set
from 77
mv hangup.pcap hangup.old
put 0 78
kill -HUP "$pid"
ok 'with -w, SIGHUP begins the file anew' wait_for 5 test -s hangup.pcap
ok 'and has the sets be read' tells 'set: 1 value \(was 1\)'
from 77
from 78
stop
packets() { "$filt" -nr "$1" --count "icmp and host 192.0.2.$2" 2>/dev/null | cut -d ' ' -f 1; }
is "$status $(($(packets hangup.old 77) + $(packets hangup.pcap 77))) $(packets hangup.pcap 78)" '0 4 4' 'and no packet is missing'

# --- Where there is nothing to follow

mistake 2 "--follow-sets: the expression names no file as a set, as 'host in FILE' does" 'no set' -i lo --follow-sets icmp
mistake 2 "--follow-sets: the expression names no file as a set" 'values in braces' -i lo --follow-sets 'host in {192.0.2.1}'
mistake 2 '--follow-sets is about packets that are still to come: leave it out with -r' 'a file' -r hangup.pcap --follow-sets host in set
mistake 2 '.*--follow-sets.*-d' 'a listing' -d --follow-sets host in set

done_testing
