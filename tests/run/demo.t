#!/bin/bash
# The first part of filt demo: the pings, as root and as an ordinary user; its messages where it cannot run; and that
# it leaves nothing behind, however it ends.
. "$(dirname "$0")/../tap.sh"
needs root ip iptables iptables-legacy ping setpriv setsid strace setcap unshare ps

. tests/demo.sh

# rows: the numbers and the packets of a run, without the id that ping chose.
rows() { grep -E '^ +[0-9]+ |-c [0-9]+ [0-9]+|echo' <<<"$out" | sed 's/ id [0-9]*,/ id N,/; s/ *$//'; }

wanted='      3 requests sent    |     3 packets dropped   |     3 packets captured
      0 replies received |                         |
  -A INPUT -p icmp -c 3 252 -j DROP
  IP 192.0.2.1 > 192.0.2.2: ICMP echo request, id N, seq 1, length 64
  IP 192.0.2.1 > 192.0.2.2: ICMP echo request, id N, seq 2, length 64
  IP 192.0.2.1 > 192.0.2.2: ICMP echo request, id N, seq 3, length 64'

rules() {
        iptables -S
        iptables-legacy-save | grep '^-' # -S would create the tables it lists
}
rules_before=$(rules 2>&1)

# As root.
run "$filt" demo
is "$status $err" "0 " "filt demo succeeds as root"
is "$(rows)" "$wanted" "three pings sent, dropped and captured, no reply"
like "$out" $'\n  \(000\) .*\n  \([0-9]+\) +ret +#262144\n' "the filter's program is listed"
like "$out" '__netif_receive_skb_core.*ip_local_deliver' "it says why"
like "$out" $'layer.*already has its copy.\n\nWhat the tap sees.*\n  no-rule +- +- [- 05]+ 5\n' "the table follows"
is "$(expand <<<"$out" | awk 'length > 80')" "" "it fits into 80 columns"

# As an ordinary user: with an empty environment, with a filt that has the capability to
# capture, with the other iptables.
run "${nobody[@]}" -i "$filt" demo
is "$status $err" "0 " "and as an ordinary user"
is "$(rows)" "$wanted" "with the same numbers"

cp "$filt" "$scratch/filt-capable"
setcap cap_net_raw+ep "$scratch/filt-capable"
run "${nobody[@]}" "$scratch/filt-capable" demo iptables-input
is "$status $err$(rows)" "0 $wanted" "and with setcap cap_net_raw+ep"
like "$out" $'already has its copy.\n\nHost A sends 5 UDP packets to host B; filt captures on both:\n\n *captured by filt at\n.*delivered\n  iptables-input +B +5 [- 05]+ 0\n.*\nWhy: ip_local' \
        'one scenario: what follows is a row, and why'
unlike "$out" 'What the tap sees' 'without what tables are introduced by'

wrapper legacy iptables 'exec iptables-legacy "$@"'
run tests/in_front "$scratch/legacy" "${nobody[@]}" "$filt" demo iptables-input
is "$status $err$(rows)" "0 $wanted" "and with iptables-legacy"

# Numbers that are not as expected: this rule lets the pings through.
wrapper accept iptables 'set -- $(echo "$@" | sed s/DROP/ACCEPT/); exec /usr/sbin/iptables "$@"'
run tests/in_front "$scratch/accept" "$filt" demo iptables-input
is "$status" 1 "a reply is a failure"
like "$err" 'replies received: 3, but it must be 0' "the number is named"
like "$err" 'packets captured: 6, but it must be 3' "and so are the replies captured"
unlike "$err" 'packets dropped' "and no other number of the pings"

# Where something is missing.
for tool in ip:iproute2 iptables:iptables ping:iputils-ping; do
        file=$(readlink -f "$(command -v "${tool%:*}")")
        run unshare -m sh -c 'mount --bind /dev/null "$1" && exec "$2" demo iptables-input' sh "$file" "$filt"
        is "$status $err" "1 filt: demo: ${tool%:*} is not installed; on Debian: sudo apt-get install ${tool#*:}" \
                "without ${tool%:*}, the message names the package"
        case ${tool%:*} in
        ip) is "$out" "" "and nothing is measured" ;;
        iptables) like "$out" $'\n  iptables-input .*not measured' "and the table says so" ;;
        *) like "$out" $'\n  iptables-input +B +5 +5 ' "and the table is there all the same" ;;
        esac
done

run "${nobody[@]}" strace -qq -o /dev/null -e inject=unshare:error=EPERM "$filt" demo
is "$status" 1 "no user namespaces: it fails"
like "$err" '^filt: private network: making a user namespace: Operation not permitted; .*root' \
        "and says what it needs"

echo 0 >"$scratch/zero"
run unshare -m sh -c 'mount --bind "$1" /proc/sys/user/max_user_namespaces && shift && exec "$@"' sh \
        "$scratch/zero" "${nobody[@]}" strace -qq -o /dev/null -e inject=unshare:error=ENOSPC "$filt" demo
is "$status" 1 "user.max_user_namespaces=0: it fails"
like "$err" 'max_user_namespaces is 0: .*sudo sysctl user.max_user_namespaces=' "and names the setting"

wrapper no-netfilter iptables \
        'exec strace -qq -o /dev/null -e inject=socket:error=EPROTONOSUPPORT /usr/sbin/iptables-nft "$@"'
run tests/in_front "$scratch/no-netfilter" "$filt" demo iptables-input
is "$status" 1 "no netfilter in the kernel: it fails"
like "$err" '^filt: demo: iptables -A INPUT: .*Protocol not supported.*modprobe' "and says so"

wrapper no-veth ip 'case "$*" in *veth*) set -- link add a0 type none-such ;; esac; exec /usr/sbin/ip "$@"'
run tests/in_front "$scratch/no-veth" "$filt" demo
is "$status" 1 "no veth devices: it fails"
like "$err" '^filt: private network: ip link add .*Unknown device type[^
]*modprobe veth\)$' "and says so, once"

# Interrupted while ping runs, which would run for another minute.
wrapper endless ping 'exec /usr/bin/ping "$@" -c 300'
interrupted ping TERM ''
interrupted ping KILL ''
interrupted ping KILL '' "${nobody[@]}"

is "$(rules 2>&1)" "$rules_before" "the system's own rules are unchanged"

done_testing
