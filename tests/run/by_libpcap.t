#!/bin/bash
# Devices that are no network interfaces, which libpcap opens: packets that iptables logs (nflog), or asks a program
# about (nfqueue), and the messages of a D-Bus bus. tcpdump captures the same beside.
. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump iptables ip ping

host=$net-libpcap
at_end ip netns delete "$host"
quiet_host "$host" && ip -n "$host" link set lo up || exit 1
here=(ip netns exec "$host")
cd "$scratch" || exit 1
start() { background "${here[@]}" "$filt" "$@"; }
rule() { "${here[@]}" iptables "$@"; }
pings() { "${here[@]}" ping -q -n -c "$1" -i 0.01 -W 5 127.0.0.1 | grep -o '[0-9]* received'; }
captured() { grep -Eo '^filt: [0-9]+ packets? captured, [0-9]+' live.err; }

# --- nflog

rule -A INPUT -p icmp -j NFLOG --nflog-group 5 --nflog-prefix 'in '
rule -A INPUT -p icmp -j NFLOG --nflog-group 6 --nflog-prefix 'in '
"${here[@]}" tcpdump -Z root -Uni nflog:6 -w tcpdump.pcap 2>tcpdump.err &
judge=$!
at_end kill "$judge"
wait_for 8 grep -q 'listening on' tcpdump.err
start -i nflog:5 -w filt.pcap
is "$(grep -c '^filt: listening on nflog:5, link-type NFLOG ' live.err)" 1 'nflog: listens'
is "$(pings 3)" '3 received' 'pings pass'
wait_for 5 test "$(stat -c %s tcpdump.pcap)" -gt 1000
stop
kill "$judge" && wait "$judge"
is "$status $(captured)" '0 filt: 6 packets captured, 6' 'each packet that was logged is captured'
# pings FILE: the IP packets, behind the time and the group of their messages.
logged() { tcpdump -tnxxr "$1" 2>/dev/null | tr -d '\n\t ' | sed 's/0x[0-9a-f]*:/\n/g' | tr -d '\n' | grep -o '45000054.\{160\}'; }
is "$(logged filt.pcap)" "$(logged tcpdump.pcap)" 'with the bytes that tcpdump has'
is "$(logged filt.pcap | wc -l)" 6 'of six packets'

start -i nflog:5 -c 2 -w filt.pcapng
pings 3 >pinged
finish
is "$status $(captured | cut -d, -f1)" '0 filt: 2 packets captured' '-c'
is "$("$filt" -L -r filt.pcapng -v 2>&1 | grep -E '^ +(name|link type|packets):' | sed 's/^ *//')" 'name: nflog:5
link type: NFLOG (Linux netfilter log messages)
packets: 2' 'pcapng says what they come from'
run "${here[@]}" "$filt" -L -i nflog:5
is "$status $(tail -1 <<<"$out")" '0   NFLOG (Linux netfilter log messages)' '-L'
start -i nflog:5 --duration 200ms --count
finish
is "$status $(cat live.out)" '0 0 packets' 'a silent one ends when its duration does'
start -i nflog:5 --wait -c 1 --count
pings 1 >pinged
finish
is "$status $(cat live.out)" '0 1 packet' '--wait need not wait'

# --- nfqueue: the packets that are asked about go on, also when power was given up

start -i nfqueue:7 -w queue.pcap
rule -I INPUT -p icmp -j NFQUEUE --queue-num 7
is "$(pings 3)" '3 received' 'nfqueue: pings pass while filt looks'
state=$(grep -E '^(Uid|CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' "/proc/$pid/status" | tr -s '\t ' ' ' | grep -v ': 0 0 0 0$')
is "$(grep -c '^Uid:' <<<"$state") $(grep -v '^Uid' <<<"$state")" '1 CapPrm: 0000000000001000
CapEff: 0000000000001000
CapBnd: 0000000000000000
NoNewPrivs: 1
Seccomp: 2' 'with one capability left, CAP_NET_ADMIN, and another user'
stop
rule -D INPUT -p icmp -j NFQUEUE --queue-num 7
is "$status $(captured)" '0 filt: 6 packets captured, 6' 'all are captured'
is "$(tcpdump -tnr queue.pcap icmp 2>/dev/null | grep -c 'IP 127.0.0.1 > 127.0.0.1: ICMP echo re')" 6 'as IPv4 packets'
start -i nfqueue:7 --count icmp and 'icmp[0] = 8'
rule -I INPUT -p icmp -j NFQUEUE --queue-num 7
is "$(pings 3)" '3 received' 'with a filter, all go on'
stop
rule -D INPUT -p icmp -j NFQUEUE --queue-num 7
is "$status $(cat live.out)" '0 3 packets' 'and those that pass are counted'

# --- What cannot be

run "${here[@]}" "$filt" -i lo -i nflog:5
is "$status $err" '1 filt: nflog:5: is no network interface: it can only be captured alone' 'not with others'
run "${here[@]}" "$filt" -i nflog:99999
like "$status $err" '^1 filt: nflog:99999: .*65535' 'a group that cannot be'
run "${here[@]}" "$filt" -i usbmon98
like "$status $err" '^1 filt: usbmon98: .' 'a device that is not there'
run "${here[@]}" "$filt" -i nflog:5 icmp
is "$status $(sed -n 1p "$scratch/err")" '2 filt: NFLOG link-layer type filtering not implemented' \
        'a filter that libpcap does not have either'

done_testing
