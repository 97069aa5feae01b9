#!/bin/bash
# filt drops: the rule that dropped a packet is the one that did, in the words of the program that made it, of iptables
# (both kinds) and nftables; where that cannot be told, it says so. Then many packets and rules: the sums are those of the
# rules' own counters.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root ip iptables iptables-legacy nft ping perl jq

at_end network_down
network_up || exit 1
top=$PWD
cd "$scratch" || exit 1
network_known
in_b sysctl -qw net.ipv4.icmp_ratelimit=0

listen() { background ip netns exec "$b" "$filt" drops "$@"; }
pings() { in_a ping -q -c "${2:-3}" -i 0.01 -W 0.2 "$1" >ping.out 2>&1; }
udp() {
        in_a perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0;
                for my $port (@ARGV) { send $s, "x", 0, sockaddr_in($port, inet_aton("192.0.2.2")) }' "$@"
}
shown() { [ "$(grep -c '✗' live.out)" -ge "$1" ]; }
fates() { sed -n 's/.*✗ dropped in //p' live.out | sort | uniq -c | sed 's/^ *//'; }

# by FATE NAME EXPRESSION COMMAND...: of three packets.
by() {
        local fate=$1 name=$2 expression=$3
        shift 3
        listen "$expression"
        "$@"
        wait_for 10 shown 3
        stop
        is "$(fates)" "3 $fate (NETFILTER_DROP)" "$name"
}

# --- iptables

in_b iptables -A INPUT -i lo -j ACCEPT
in_b iptables -A INPUT -p tcp -j DROP
in_b iptables -A INPUT -p icmp -s 198.51.100.0/24 -j DROP
in_b iptables -A INPUT -p icmp -m comment --comment 'no pings' -j DROP
in_b iptables -A INPUT -p icmp -j DROP
by 'INPUT by -A INPUT -p icmp -m comment --comment "no pings" -j DROP' 'iptables: the first of those that match' icmp pings 192.0.2.2
in_b iptables -F
in_b iptables -t raw -A PREROUTING ! -i lo -p icmp -j DROP
by 'PREROUTING by -t raw -A PREROUTING ! -i lo -p icmp -j DROP' 'iptables: another table' icmp pings 192.0.2.2
in_b iptables -t raw -F
in_b iptables -N WEB
in_b iptables -N LAST
in_b iptables -A WEB -p udp --sport 1:1023 -j DROP
in_b iptables -A WEB -p udp -m multiport --dports 53,80:90 -j RETURN
in_b iptables -A WEB -j LAST
in_b iptables -A LAST -m limit --limit 1/hour -j LOG
in_b iptables -A LAST -j DROP
in_b iptables -A INPUT -p udp --dport 80:99 -j WEB
in_b iptables -A INPUT -d 192.0.2.0/24 -p udp -j REJECT
by 'INPUT by -A LAST -j DROP' 'iptables: in a chain of a chain' 'udp port 99' udp 99 99 99
by 'INPUT by -A INPUT -d 192.0.2.0/24 -p udp -j REJECT --reject-with icmp-port-unreachable' 'iptables: back from a chain' 'udp port 85' udp 85 85 85
in_b iptables -F
in_b iptables -P INPUT DROP
by 'INPUT by -P INPUT DROP' 'iptables: a policy' icmp pings 192.0.2.2
in_b iptables -P INPUT ACCEPT
in_b ip6tables -A INPUT -p icmpv6 --icmpv6-type echo-request -j DROP
by 'INPUT by ip6tables -A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP' 'ip6tables' 'icmp6[0] == 128' pings 2001:db8::2
in_b ip6tables -F
in_b iptables-legacy -A INPUT -p icmp -j DROP
by 'INPUT by iptables-legacy -A INPUT -p icmp -j DROP' 'legacy iptables' icmp pings 192.0.2.2
in_b iptables-legacy -F
in_b iptables -A OUTPUT -o b0 -p icmp -j DROP
by 'OUTPUT by -A OUTPUT -o b0 -p icmp -j DROP' 'iptables: OUTPUT' icmp pings 192.0.2.2
in_b iptables -F

# --- nftables

in_b nft -f - <<'END'
table inet t {
        set peers { type ipv4_addr; flags interval; elements = { 192.0.2.0/30, 198.51.100.1 }; }
        chain later { icmp type echo-request drop comment "here"; }
        chain c {
                type filter hook input priority 5; policy drop;
                ip6 saddr 2001:db8::1 meta l4proto udp drop
                ip saddr != 192.0.2.0/24 drop
                ip saddr @peers tcp dport { 1, 5-7 } drop
                ip saddr @peers udp dport { 11, 20-29 } drop
                udp dport vmap { 31: drop, 32: accept, 33: jump later }
                iifname "b*" icmp type echo-request goto later
                udp dport 40 accept
        }
}
END
by 'INPUT by nft inet t later: icmp type echo-request drop comment "here"' 'nftables: goto' icmp pings 192.0.2.2
by 'INPUT by nft inet t c: ip saddr @peers udp dport { 11, 20-29 } drop' 'nftables: sets' 'udp port 25' udp 25 25 25
by 'INPUT by nft inet t c: udp dport vmap { 31 : drop, 32 : accept, 33 : jump later }' 'nftables: a map to verdicts' 'udp port 31' udp 31 31 31
by 'INPUT by nft inet t c: policy drop' 'nftables: the policy' 'udp port 33' udp 33 33 33
listen --json icmp
pings 192.0.2.2 1
wait_for 10 eval '[ -s live.out ]'
stop
number=$(in_b nft -a list chain inet t later | sed -n 's/.*"here" # handle //p')
is "$(jq -c '."filt.drop".rules' live.out)" \
        '[{"text":"nft inet t later: icmp type echo-request drop comment \"here\"","table":"inet t","chain":"later","number":'"$number"'}]' '--json: its table, chain and number'
in_schema() { "$top/tests/json_lines" "$top/docs/filt.schema.json" <live.out; }
ok '--json: it keeps to the schema' in_schema
in_b nft flush ruleset
in_b nft 'add table netdev t; add chain netdev t c { type filter hook ingress device b0 priority 0; }; add rule netdev t c ip protocol icmp drop'
by 'nftables ingress by nft netdev t c: ip protocol icmp drop' 'nftables: ingress' icmp pings 192.0.2.2
in_b nft flush ruleset

# The kernel tells of which family the chain was.
in_b iptables -A INPUT -p icmp -m limit --limit 1/hour --limit-burst 1000 -j DROP
in_b nft 'add table inet t; add chain inet t c { type filter hook input priority 5; }; add rule inet t c icmp type echo-request drop'
by 'INPUT by -A INPUT -p icmp -m limit --limit 1/hour --limit-burst 1000 -j DROP' 'a rule that may have dropped it before another surely does' icmp pings 192.0.2.2
in_b nft flush ruleset

# --- What cannot be told, and what changes

in_b iptables -A INPUT -p icmp -m limit --limit 1/hour --limit-burst 1000 -j DROP
in_b iptables -A INPUT -p icmp -j DROP
listen -v icmp
pings 192.0.2.2
wait_for 10 shown 3
stop
is "$(grep -c '✗ dropped in INPUT by one of 2 rules (' live.out) $(grep -c '^	perhaps by -A INPUT' live.out)" '3 6' 'where two rules may have done it, both are named'
in_b iptables -F
# Between a change and its being read, a packet may have been dropped by a rule of then or of now: never is another named.
listen -v icmp
for address in 192.0.2.1/32 192.0.2.0/28; do
        in_b iptables -F
        in_b iptables -A INPUT -s "$address" -p icmp -j DROP
        pings 192.0.2.2
        wait_for 10 shown $((${count:-0} + 3)) && count=3
done
in_b iptables -F
stop
is "$(grep '✗' live.out | sed -n '4,6p' | grep -cE 'by (-A INPUT -s 192\.0\.2\.0/28 -p icmp -j DROP|one of 2 rules) \(')" 3 'a rule that takes the place of another'
is "$(grep '✗' live.out | sed -n '1,3p' | grep -cF 'by -A INPUT -s 192.0.2.1/32 -p icmp -j DROP (')" 3 'and that one before'

# --- Many

rules() { for port in 10 11 12 13 14 15 16 17 18 19; do echo "-A INPUT -p udp --dport $port ${1:-}"; done; }
{ echo '*filter'; rules '-j DROP'; echo COMMIT; } | in_b iptables-restore
listen --summary --json udp
# shellcheck disable=SC2046 # numbers
udp $(perl -e 'srand 7; print join " ", map { 10 + int rand 20 } 1 .. 4000')
dropped() { in_b iptables -vnxL INPUT 2>list.err | awk '/dpt:/ { print $NF, $1 }' | sort; }
stop
is "$(jq -r 'select(.place | contains(" by -A")) | [(.place | capture("dport (?<port>[0-9]+)").port), .packets] | "dpt:\(.[0]) \(.[1])"' live.out | sort)" "$(dropped)" \
        '4,000 packets and ten rules: the sums are those of the rules'"'"' counters'
is "$(jq -s 'map(.packets) | add' live.out) $(tail -n 1 live.err)" '4000 filt: drops: 4000 dropped packets shown, 0 lost' 'the others met no socket'

# Nothing is left, whatever ends it.
listen icmp
reader=$(pgrep -P "$pid" -x filt-rules)
kill -9 "$pid"
finish
ok 'the process that reads rules ends, too' wait_for 5 gone "$reader"
done_testing
