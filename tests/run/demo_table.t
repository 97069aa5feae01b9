#!/bin/bash
# filt demo's table: the numbers of each scenario, as root and as an ordinary user, also where
# something is missing or a rule does not do what it should; that it leaves nothing behind; and usage.
. "$(dirname "$0")/../tap.sh"
needs root ip iptables iptables-legacy nft tc nstat sysctl bpftool setpriv setsid strace unshare ps perl script

. tests/demo.sh

# The scenario, where its rule is; packets counted by the rule; captured on A at nf:output, tc-egress and socket, on B at xdp,
# socket, tc-ingress, nf:prerouting, nf:forward and nf:input; delivered.
measured='no-route A 5 0 0 0 0 0 0 0 0 0 0
iptables-output A 5 5 0 0 0 0 0 0 0 0 0
nft-egress A 5 5 0 0 0 0 0 0 0 0 0
tc-egress A 5 5 5 0 0 0 0 0 0 0 0
xdp-generic B 5 5 5 5 5 0 0 0 0 0 0
tc-ingress B 5 5 5 5 5 5 5 0 0 0 0
nft-ingress B 5 5 5 5 5 5 5 0 0 0 0
iptables-raw B 5 5 5 5 5 5 5 5 0 0 0
rp-filter B 5 5 5 5 5 5 5 5 0 0 0
route-down B 5 5 5 5 5 5 5 5 0 0 0
iptables-forward B 5 5 5 5 5 5 5 5 5 0 0
iptables-input B 5 5 5 5 5 5 5 5 0 5 0
no-rule - - 5 5 5 5 5 5 5 0 5 5'
# An ordinary user has the packet sockets alone.
sockets=$(sed -E 's/xdp-generic.*/xdp-generic B not measured: see below/
        s/^(\S+ \S+ \S+) \S \S (\S) \S (\S) \S \S \S \S/\1 - - \2 - \3 - - - -/' <<<"$measured")

# The table's rows, without its columns.
rows() { sed -n '/^  scenario/,/^$/p' <<<"$out" | grep -E '^  [a-z]+-' | sed 's/, a router//' | tr -s ' ' | sed 's/^ //'; }

# Namespaces named like "filt-123-a" belong to other tests that run at the same time.
rules() {
        iptables -S
        nft list ruleset
        tc qdisc show
        ip netns 2>/dev/null | grep -v '^filt-' # those of other tests
}
rules_before=$(rules 2>&1)

# What JSON has, by an independent parser: json "KEY KEY.KEY ..." prints a line for each scenario.
json() {
        perl -MJSON::PP -e 'local $/; my $all = JSON::PP->new->decode(<STDIN>);
                sub at { my ($value, @keys) = @_; $value = $value->{$_} for @keys; ref $value eq "ARRAY" ? scalar(@$value) : $value // "null" }
                for my $one (@$all) { print join(" ", map { at($one, split /[.]/) } split / /, $ARGV[0]), "\n" }' "$1" <<<"$out"
}
of_a='captured.A.nf:output captured.A.tc-egress captured.A.socket'
of_b='captured.B.xdp captured.B.socket captured.B.tc-ingress captured.B.nf:prerouting captured.B.nf:forward captured.B.nf:input'

# As root.
run "$filt" demo --table
is "$status $err" "0 " "--table succeeds as root"
is "$(rows)" "$measured" "each rule counts the packets, and each tap gets those that reach it"
is "$(expand <<<"$out" | awk 'length > 80')" "" "it fits into 80 columns"
is "$(grep -oE '[a-z:-]+ on [AB]$' <<<"$out" | xargs)" 'nf:output on A tc-egress on A socket on A xdp on B socket on B tc-ingress on B nf:prerouting on B nf:forward on B nf:input on B' \
        'the places are named in the order of the way'
like "$out" $'tc-egress[^\n]+\n  ---- A\'s tap: dev_queue_xmit_nit.*\n  xdp[^\n]+\n  ---- B\'s tap: ptype_all.*\n  tc-ingress' \
        "the taps are shown where they are"

# As an ordinary user.
run "${nobody[@]}" -i "$filt" demo --table
is "$status $err" "0 " "and as an ordinary user"
is "$(rows)" "$sockets" "with the same numbers at the packet sockets; the other places need more privileges"
like "$out" 'xdp-generic.*Not measured: no permission to load an XDP program: .*CAP_BPF' "it says which ones"
like "$(tr -s ' \n' ' ' <<<"$out")" '-: no capture at tc-egress, tc-ingress: loading a tap .*: no permission: it needs CAP_BPF.* -: no capture at xdp: ' "and why it cannot capture there, once for places of one reason"
is "$(expand <<<"$out" | awk 'length > 80')" "" "in 80 columns, too"
run "${nobody[@]}" "$filt" demo no-rule --json
is "$status $(json "$of_a $of_b" | sed 's/ null/ -/g')" "0 null - 5 - 5 - - - -" "in JSON, too"
like "$(json 'not_captured_at.nf:input not_captured_at.xdp')" 'netfilter.*no permission.* XDP .*no permission' "with the reasons"
run "${nobody[@]}" "$filt" demo xdp-generic
is "$status" 1 "what cannot be measured fails if it was asked for"
like "$err" '^filt: demo: xdp-generic: no permission .*sudo$' "and says so"

wrapper legacy iptables 'exec iptables-legacy "$@"'
run tests/in_front "$scratch/legacy" "${nobody[@]}" "$filt" demo --table
is "$status $err$(rows)" "0 $sockets" "and with iptables-legacy"

# Repeatedly.
is "$(for i in {1..3}; do
        run "$filt" demo --table
        echo "$status $err$(rows)"
done | sort -u)" "$(sort -u <<<"0 $measured")" "three more runs have the same result"

# One scenario.
run "$filt" demo iptables-forward
is "$status $err" "0 " "one scenario"
like "$out" $'host C, 198.51.100.2 .*\n  iptables -A FORWARD -p udp -j DROP\n.*\n  -A FORWARD -p udp -c 5 [0-9]+ -j DROP\n' \
        "it shows the rule and its counter"
is "$(grep -o 'IP 192.0.2.1.* > 198.51.100.2.9: UDP, length [1-5]' <<<"$out" | sed 's/.*length //' | tr -d '\n')" \
        1234512345 "and the packets captured on A and on B"
like "$(tr -s ' \n' ' ' <<<"$out")" 'filt -t -i b0 --at xdp --at socket --at tc-ingress --at nf:prerouting --at nf:forward --at nf:input udp dst port 9 b0@xdp,socket,tc-ingress,nf:prerouting,nf:forward In IP 192' \
        "with the places of each, and the command"
like "$out" $'\nWhy: ip_forward\\(\\) ' "and why"
run "$filt" demo iptables-output
like "$status $out" '^0 .*sendto\(\) failed 5 times on A: Operation not permitted' "and which error the sender got"

run "$filt" demo xdp-generic
is "$status $(grep -c '^  b0@xdp In ' <<<"$out")" '0 5' "what an XDP program drops is captured at xdp and nowhere else on B"

# JSON.
run "$filt" demo --json
is "$status $err" "0 " "--json"
is "$(json "scenario host counted $of_a $of_b delivered" | sed 's/ null/ -/g')" \
        "$measured" "has the same numbers"
is "$(json "state as_expected reason" | sort -u)" "measured 1 null" "all of them measured, and as expected"
is "$(json why | grep -c '[a-z_]*()')" 13 "and each with the kernel's function"
run "${nobody[@]}" "$filt" demo --json xdp-generic
is "$status $(json "scenario state sent counted captured.B.socket as_expected")" "1 xdp-generic unmeasured null null null null" \
        "what is not measured is null"
run "$filt" demo --json nft-ingress
is "$(json "rule counter refused")" "3 ip protocol udp counter packets 5 bytes 155 drop 0" "the rule and its counter"

# Rules that do not do what they should: the numbers are measured, and wrong ones are named.
wrapper accept iptables 'set -- $(echo "$@" | sed s/DROP/ACCEPT/); exec /usr/sbin/iptables "$@"'
run tests/in_front "$scratch/accept" "$filt" demo --table
is "$status" 1 "rules that accept: it fails"
is "$err" "filt: demo: iptables-output: captured on A at tc-egress: 5, but it must be 0
filt: demo: iptables-output: captured on A at socket: 5, but it must be 0
filt: demo: iptables-output: captured on B at xdp: 5, but it must be 0
filt: demo: iptables-output: captured on B at socket: 5, but it must be 0
filt: demo: iptables-output: captured on B at tc-ingress: 5, but it must be 0
filt: demo: iptables-output: captured on B at nf:prerouting: 5, but it must be 0
filt: demo: iptables-output: captured on B at nf:input: 5, but it must be 0
filt: demo: iptables-output: delivered: 5, but it must be 0
filt: demo: iptables-raw: captured on B at nf:input: 5, but it must be 0
filt: demo: iptables-raw: delivered: 5, but it must be 0
filt: demo: iptables-forward: delivered: 5, but it must be 0
filt: demo: iptables-input: delivered: 5, but it must be 0" "each number that is wrong is named"
run tests/in_front "$scratch/accept" "$filt" demo --json iptables-raw
is "$status $(json "counted delivered as_expected")" "1 5 5 0" "in JSON, too"

# Where something is missing: the rows that need it say so, the others are measured.
hide() { for tool in nft tc iptables sysctl nstat; do mount --bind /dev/null "$(readlink -f "$(command -v $tool)")"; done; }
export -f hide
run unshare -m bash -c 'hide && exec "$1" demo --table' bash "$filt"
is "$status $(rows | grep -v 'not measured')" "0 $(grep -E '^(xdp-generic|no-rule)' <<<"$measured")" "without the tools"
is "$(tr -s ' \n' ' ' <<<"$out" | grep -o 'Not measured: [a-z]* is not installed; on Debian: sudo apt-get install [a-z0-9]*' |
        sed 's/Not measured: //; s/is.*install //' | sort | uniq -c | sed 's/^ *//')" "4 iptables iptables
2 nft nftables
2 nstat iproute2
1 sysctl procps
2 tc iproute2" "the rows that need one name its package"

wrapper no-egress nft 'case "$*" in *egress*) echo "Error: Could not process rule: Not supported" >&2; exit 1 ;; esac
exec /usr/sbin/nft "$@"'
run tests/in_front "$scratch/no-egress" "$filt" demo --table
is "$status $(rows | grep 'not measured')" "0 nft-egress A not measured: see below" "a kernel without the hook"
like "$out" 'Not measured: nft add chain: exit status 1: .*Not supported' "and the tool's message"

# A kernel without netfilter programs (type 32).
run env LD_PRELOAD="$PWD/${BUILD:-build}/tests/preload/refuse_programs.so" FILT_REFUSED_PROGRAMS=32 "$filt" demo no-rule
is "$status $err$(rows)" '0 no-rule - - - 5 5 5 5 5 - - - 5' "a kernel without a place: the others are there"
like "$(tr -s ' \n' ' ' <<<"$out")" '-: no capture at nf:output, nf:prerouting, nf:forward, nf:input: loading a tap for netfilter \(it takes Linux 6.4\): ' \
        "and the reason"

wrapper no-veth ip 'case "$*" in *veth*) set -- link add a0 type none-such ;; esac; exec /usr/sbin/ip "$@"'
run tests/in_front "$scratch/no-veth" "$filt" demo --table
is "$status $(rows | grep -c 'failed')" "1 13" "no network at all: every row says so"
is "$(grep -c 'private network: ip link add' <<<"$err")" 1 "and the message appears once"

# Progress, and interrupting it.
run script -qec "stty cols 80; $filt demo --table 2>&1 >/dev/null" /dev/null
like "$out" $'^\r?measuring: 0 of 13\rmeasuring: .*\r\e\\[K\r*$' "progress on a terminal, removed at the end"

wrapper endless nft 'exec sleep 60'
interrupted sleep TERM --table
interrupted sleep KILL --table
interrupted sleep KILL --table "${nobody[@]}"

# Killed while the XDP program is attached: the process that holds it is delayed in its third sendto(), the
# second of the packets to drop.
setsid strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:delay_enter=30s:when=3+ \
        "$filt" demo xdp-generic >/dev/null 2>&1 &
session=$!
at_end session_kill "$session"
loaded() { bpftool prog show | grep drop_udp; }
ok "the XDP program is loaded" wait_for 5 loaded
session_kill "$session" 2>/dev/null
unloaded() { ! loaded; }
ok "it is gone when the demo is killed" wait_for 5 unloaded
wait "$session" 2>/dev/null

is "$(rules 2>&1)" "$rules_before" "the system's own rules and namespaces are unchanged"

# Usage.
run "$filt" demo --list
is "$status $(cut -d' ' -f1 <<<"$out" | tr '\n' ' ')" "0 $(cut -d' ' -f1 <<<"$measured" | tr '\n' ' ')" "--list"
run "$filt" demo --help
like "$status $out" '^0 Usage: filt demo' "--help"
run "$filt" demo iptable-input
is "$status $err" "2 filt: demo: there is no scenario 'iptable-input'; did you mean 'iptables-input'? (see filt demo --help)" \
        "an unknown scenario, with a suggestion"
run "$filt" demo xdp
like "$status $err" "^2 .*did you mean 'xdp-generic'" "the beginning of a name"
run "$filt" demo quagmire
is "$status $err" "2 filt: demo: there is no scenario 'quagmire' (see filt demo --help)" "no similar name"
run "$filt" demo "$(printf 'x%.0s' {1..5000})"
is "$status" 2 "a very long name"
run "$filt" demo --no-such
is "$status $err" "2 filt: unknown option --no-such (see filt demo --help)" "an unknown option"
run "$filt" demo iptables-input more
is "$status" 2 "a second scenario"
run sh -c '"$1" demo --json no-rule >/dev/full' sh "$filt"
is "$status $err" "1 filt: standard output: No space left on device" "a full disk"

done_testing
