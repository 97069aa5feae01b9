#!/bin/bash
# Filters that ask for layers (filt(1), LAYERS), on packets that other programs made or judge: against tshark's display
# filters, in which a field means any occurrence; and live, where the kernel takes the outermost VLAN tag out of a frame: the
# filter passes what it passes of the file that was saved.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root tshark perl ip ping

# --- tshark as the judge ---

# judged FOUND LINK_TYPE PAIRS CAPTURE...: of the packets of that link type, the filters of a table find what tshark finds,
# and at least FOUND of them find any.
judged() {
        local found=$1 link_type=$2 pairs=$3 said
        shift 3
        tests/deep/merge "$link_type" "$@" >"$scratch/merged.pcap" || report 1 'the captures can be merged'
        tests/deep/judge "$filt" "$scratch/merged.pcap" "$pairs" tests/deep/aside.txt >"$scratch/judged" 2>"$scratch/judge.err" ||
                echo 'the judge failed' >>"$scratch/judged"
        said=$(tail -1 "$scratch/judged")
        is "$(sed '$d' "$scratch/judged")" '' "link type $link_type: the same as tshark: $said" ||
                note "$(tail -3 "$scratch/judge.err")"
        ok "link type $link_type: at least $found filters find some packets" [ "$((${said%% *} + 0))" -ge "$found" ]
}

pcaps/craft "$scratch" stacks sequences
{
        cat tests/deep/chosen.txt
        tests/deep/pairs
} >"$scratch/pairs"
judged 600 1 "$scratch/pairs" pcaps/*.pcap -- "$scratch/stacks.pcap" "$scratch/sequences.pcap"

# Ethernet is above. NULL and LOOP, whose numbers of IPv6 differ by system; PPP with and without address and control, in
# Cisco's framing, and of PPPoE; RAW; LINUX_SLL and LINUX_SLL2.
for link_type in 0 108 9 50 51 101 113 276; do
        judged 9 "$link_type" tests/deep/chosen.txt pcaps/*.pcap
done

# The packet filter's log; 802.11, alone and behind what radios put before it: Prism's header, radiotap, AVS, PPI. With
# packets of Ethernet behind such headers, but those of PPI alone: of others, tshark takes the link type from within.
# LINK_TYPE STEP FOUND:
while read -r link_type step found; do
        tests/deep/rewrap "$link_type" "$step" "$scratch/stacks.pcap" >"$scratch/varying.pcap"
        captures=(pcaps/*.pcap)
        [ "$link_type" != 192 ] || captures=()
        judged "$found" "$link_type" tests/deep/chosen.txt "${captures[@]}" "$scratch/varying.pcap"
done <<'END'
117 3 60
105 1 65
127 1 65
119 7 60
163 7 60
192 7 60
END

# --- --deep: the same as the word, whatever the expression takes from outside

for expression in 'tcp port 80' 'host in {10.0.0.1, 10.0.0.9} and vxlan 7' 'host localhost or vxlan 7' 'port http and not gre'; do
        is "$("$filt" --deep --count -r pcaps/layers.pcap "$expression" 2>&1)" \
                "$("$filt" --count -r pcaps/layers.pcap "deep ($expression)" 2>&1)" "--deep '$expression'"
done
run "$filt" --deep --count -r pcaps/layers.pcap 'tcp) or (udp'
is "$status $err" "2 filt: the parentheses in 'tcp) or (udp' do not match" 'parentheses of its own'

# --- Too much: a refusal says what to write instead ---

many=$(printf 'not deep tcp port %d and ' {1..16})
run "$filt" -d "$many not deep udp"
like "$err" "this asks layers for more than 16 things: write 'not deep \(A or B\)'" '17 things are too many'

# --- What an `or` asks of the same layers is one thing ---

# joined EXPRESSION AS: the programs are the same.
joined() {
        local expression=$1 as=$2
        run "$filt" -d "$expression"
        is "$status $err" '0 ' "compiles: ${expression:0:50}"
        is "$out" "$("$filt" -d "$as" 2>/dev/null)" "as ${as:0:50}"
}
many=$(printf 'deep tcp port %d or ' {1..40})
joined "$many deep udp" "deep (${many//deep/} udp)"
joined 'inner tcp or outer udp or vlan or inner (icmp or ip6) or outer port 5' 'inner (tcp or icmp or ip6) or outer (udp or port 5) or vlan'
joined 'not (deep tcp or deep udp) and outer ip' 'not deep (tcp or udp) and outer ip'

# --- Live: the crafted packets, on one interface and on `any` ---

live_filters=${BUILD:-build}/tests/tools/live_filters
[ -x "$live_filters" ] || { report 1 "$live_filters is built"; done_testing; }
network_up || { report 1 "two hosts"; done_testing; }
for namespace in "$a" "$b"; do # nothing comes unasked
        ip netns exec "$namespace" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done

cat >"$scratch/send.pl" <<'END'
use strict;
socket(my $socket, 17, 3, 0) or die "socket: $!";
open(my $index, '<', "/sys/class/net/$ARGV[0]/ifindex") or die "$ARGV[0]: $!";
my $to = pack('SnlSCCa8', 17, 3, <$index>, 0, 0, 6, "\2");
open(my $file, '<:raw', $ARGV[1]) or die;
read($file, my $header, 24);
my $sent = 0;
while (read($file, my $record, 16) == 16) {
        read($file, my $data, (unpack 'V4', $record)[2]);
        send($socket, $data, 0, $to) and $sent++;
}
print "$sent\n";
END
{
        grep -v '^#' tests/deep/chosen.txt | cut -f1
        cat <<'END'
outer vlan
outer vlan 5
outer vlan 100 and deep vlan 7
outer (tcp port 80)
inner (vlan 5 and ip6)
inner tcp
deep (vlan 1 and vlan 4)
deep (vlan 6 and pppoes 22)
deep (len > 100 and vlan)
deep (less 80)
not deep vlan
vlan and deep tcp port 80
deep (ether host 02:00:00:00:01:01 or ether dst 02:00:00:00:00:01)
deep (ether[12:2] = 0x0800)
inner (ether[12:2] = 0x0800)
END
} >"$scratch/live-expressions"

# compare NAME INTERFACE UNKNOWN: each filter live on INTERFACE, and on what is saved, but for UNKNOWN that ask for what the
# kernel does not tell.
compare() {
        local name=$1 interface=$2 unknown=$3 saver tool
        ip netns exec "$b" "$filt" --nano -w "$scratch/$name.pcap" -i "$interface" 2>"$scratch/$name.err" &
        saver=$!
        wait_for 10 grep -q '^filt: listening' "$scratch/$name.err" || note "$(cat "$scratch/$name.err")"
        ip netns exec "$b" "$live_filters" "$interface" "$scratch/$name.pcap" \
                <"$scratch/live-expressions" >"$scratch/$name.log" 2>&1 &
        tool=$!
        wait_for 60 grep -q '^ready' "$scratch/$name.log"
        sleep 0.2 # time stamps are switched on a little later
        in_a perl "$scratch/send.pl" a0 "$scratch/stacks.pcap" >"$scratch/sent"
        sleep 0.3
        kill "$saver" && wait "$saver"
        kill "$tool" && wait "$tool"
        report $? "$name: live as in the file that was saved" || note "$(head -20 "$scratch/$name.log")"
        tail -1 "$scratch/$name.log" | sed 's/^/# /'
        like "$(tail -1 "$scratch/$name.log")" "; $unknown filtered in user space, 0 not for files" "$name: $unknown filters are none for the kernel"
}
compare interface b0 1 # ether[12:2]: the tag is beside the frame
compare any any 2      # the length of what is saved

# --- Live: a tunnel of the kernel's ---

# tunnel HOST REMOTE N: VXLAN 5, in which the host is 198.51.100.N.
tunnel() {
        ip -n "$1" link add vx type vxlan id 5 remote "$2" dstport 4789 &&
                ip -n "$1" link set vx up && ip -n "$1" addr add "198.51.100.$3/24" dev vx
}
if tunnel "$a" 192.0.2.2 1 && tunnel "$b" 192.0.2.1 2; then
        ip netns exec "$b" "$filt" -i b0 -U -w "$scratch/tunnel.pcap" 2>"$scratch/tunnel.err" &
        all=$!
        ip netns exec "$b" "$filt" -i b0 -U --deep -w "$scratch/pings.pcap" 'icmp and host 198.51.100.1 and vni 5' \
                2>"$scratch/pings.err" &
        some=$!
        wait_for 10 grep -q '^filt: listening' "$scratch/tunnel.err"
        wait_for 10 grep -q '^filt: listening' "$scratch/pings.err"
        in_a ping -q -c 3 -i 0.2 -W 2 198.51.100.2 >/dev/null
        sleep 0.2
        kill "$all" "$some"
        wait "$all" "$some"
        "$filt" -r "$scratch/tunnel.pcap" -w "$scratch/chosen.pcap" --deep 'icmp and host 198.51.100.1 and vni 5' 2>/dev/null
        is "$("$filt" -r "$scratch/pings.pcap" -tnXX 2>/dev/null)" "$("$filt" -r "$scratch/chosen.pcap" -tnXX 2>/dev/null)" \
                'pings through VXLAN: live as in the file'
        ok 'pings through VXLAN: six packets' [ "$(tail -c +25 "$scratch/pings.pcap" | wc -c)" = $((6 * (16 + 14 + 20 + 8 + 8 + 98))) ]
else
        note 'this kernel has no VXLAN: crafted packets only'
fi

done_testing
