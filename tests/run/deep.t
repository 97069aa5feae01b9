#!/bin/bash
# Filters that ask for layers (filt(1), LAYERS), on packets that other programs made or judge: against tshark's display
# filters, in which a field means any occurrence; and live, where the kernel takes the outermost VLAN tag out of a frame: the
# filter passes what it passes of the file that was saved.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root tshark perl ip ping

# --- tshark as the judge ---

# What is compared: a filter, a tab, and a display filter that means the same.
cat >"$scratch/pairs" <<'END'
deep tcp	tcp
deep udp	udp
deep sctp	sctp
deep icmp	ip && icmp
deep icmp6	icmpv6
deep igmp	ip.proto == 2
deep pim	pim
deep esp	esp
deep ip	ip
deep ip6	ipv6
deep (arp or rarp)	arp
deep vlan	vlan || ieee8021ad
deep vlan 5	(vlan.id == 5 || ieee8021ad.id == 5)
deep vlan 7	(vlan.id == 7 || ieee8021ad.id == 7)
deep vlan 4	(vlan.id == 4 || ieee8021ad.id == 4)
deep mpls	mpls
deep mpls 18	mpls.label == 18
deep mpls 17	mpls.label == 17
deep pppoes	pppoes && pppoe.code == 0
deep pppoes 21	pppoe.session_id == 21 && pppoe.code == 0
deep pppoes 22	pppoe.session_id == 22 && pppoe.code == 0
deep pppoed	pppoed
deep gre	gre
deep vxlan	vxlan
deep vxlan 5	vxlan.vni == 5
deep vxlan 6	vxlan.vni == 6
deep geneve	geneve
deep geneve 7	geneve.vni == 7
deep vni 5	vxlan.vni == 5 || geneve.vni == 5
deep gtp	gtp.message == 255
deep host 192.0.2.1	ip.addr == 192.0.2.1 || arp.src.proto_ipv4 == 192.0.2.1 || arp.dst.proto_ipv4 == 192.0.2.1
deep ip host 192.0.2.2	ip.addr == 192.0.2.2
deep src host 198.51.1.1	ip.src == 198.51.1.1 || arp.src.proto_ipv4 == 198.51.1.1
deep dst host 2001:db8:2::2	ipv6.dst == 2001:db8:2::2
deep ip src 198.51.4.1	ip.src == 198.51.4.1
deep ip net 198.51.0.0/16	ip.addr == 198.51.0.0/16
deep net 192.0.2.0/24	ip.addr == 192.0.2.0/24 || arp.src.proto_ipv4 == 192.0.2.0/24 || arp.dst.proto_ipv4 == 192.0.2.0/24
deep arp host 198.51.1.2	arp.src.proto_ipv4 == 198.51.1.2 || arp.dst.proto_ipv4 == 198.51.1.2
deep host 2001:db8::1	ipv6.addr == 2001:db8::1
deep src host 2001:db8:1::1	ipv6.src == 2001:db8:1::1
deep dst host 2001:db8:4::2	ipv6.dst == 2001:db8:4::2
deep ip6 net 2001:db8::/32	ipv6.addr == 2001:db8::/32
deep ip6 net 2001:db8:1::/48	ipv6.addr == 2001:db8:1::/48
deep ip6 multicast	ipv6.dst == ff00::/8
deep ip multicast	ip.dst >= 224.0.0.0
deep port 80	tcp.port == 80 || udp.port == 80 || sctp.port == 80
deep tcp port 80	tcp.port == 80
deep tcp src port 22	tcp.srcport == 22
deep tcp dst port 443	tcp.dstport == 443
deep udp port 53	udp.port == 53
deep udp dst port 9	udp.dstport == 9
deep udp src port 1026	udp.srcport == 1026
deep sctp port 5000	sctp.port == 5000
deep udp portrange 5000-6000	udp.port in {5000..6000}
deep (tcp[13] & 2 != 0)	tcp.flags.syn == 1
deep (tcp[13] & 4 != 0)	tcp.flags.reset == 1
deep (icmp[0] = 8)	icmp.type == 8
deep (icmp6[0] = 128)	icmpv6.type == 128
deep (ip[8] = 64)	ip.ttl == 64
deep (ip6[7] = 64)	ipv6.hlim == 64
deep ether host 02:00:00:00:01:01	eth.addr == 02:00:00:00:01:01
deep ether src 02:00:00:00:02:02	eth.src == 02:00:00:00:02:02
deep ether broadcast	eth.dst == ff:ff:ff:ff:ff:ff
deep ether multicast	eth.dst.ig == 1
deep dns	tcp.port == 53 || udp.port == 53
deep http	tcp.port == 80
deep (arp[6:2] = 1 or rarp[6:2] = 1)	arp.opcode == 1
deep (udp[4:2] = 9)	udp.length == 9
deep (sctp or esp)	sctp || esp
deep tcp and deep udp	tcp && udp
not deep (tcp or udp)	!(tcp || udp)
deep (ip and not tcp)	ip && !tcp
deep (vlan 5 and not mpls)	(vlan.id == 5 || ieee8021ad.id == 5) && !mpls
deep gre and not deep udp	gre && !udp
deep ah	ah
deep ah and deep tcp	ah && tcp
deep proto 44	ipv6.fraghdr
deep ip6 proto 0	ipv6.hopopts
deep ip6 proto 43	ipv6.routing
deep gre and deep vlan	gre && (vlan || ieee8021ad)
deep rarp host 198.51.0.3	arp.opcode == 3 && arp.src.proto_ipv4 == 198.51.0.3
END

# Packets of which the two are known to say different things: a display filter that finds them, a tab, and why the
# standard is with filt, or the manual page is.
cat >"$scratch/aside" <<'END'
mipv6	a mobility header is followed by nothing (RFC 6275, section 6.1.1), for tshark; filt passes what is there
ip.frag_offset > 0 || ipv6.fraghdr.offset > 0	a later fragment has a protocol, but no header of it
icmp.type == 3 || icmp.type == 4 || icmp.type == 5 || icmp.type == 11 || icmp.type == 12	a packet quoted in an ICMP error is none of its layers
icmpv6.type < 128 || icmpv6.type == 137	the same in ICMPv6
_ws.malformed || _ws.short	tshark stops, where filt looks at what is there
ip.opt.type == 131 || ip.opt.type == 137	the destination of a source route that tshark shows is not the header's
eth.type == 0x9200 || vlan.etype == 0x9200	tshark does not know 0x9200 as a tag
llc	the walk does not pass 802.2 headers
macsec || avsp || nsh	the walk does not pass these headers
udp.port == 4790 || (vxlan && vxlan.flag_i == 0)	VXLAN-GPE is none of the tunnels; without the flag a network number is not valid (RFC 7348, section 5)
geneve.version > 0	of a version that is not known (RFC 8926, section 3.4)
gre.flags.version > 0 || gre.flags.routing == 1	GRE of PPTP, and source routes
(udp.dstport == 4789 || udp.dstport == 6081) && udp.length < 16	the walk goes by what is captured, not by UDP's length
udp.port == 6635 || udp.port == 6636 || udpencap || lisp || lisp-data || tftp || (udp && mpls && !vxlan && !geneve && !gre)	tunnels in UDP that the walk does not enter, and protocols of the other port
pwethheuristic || pwethcw || pwethnocw	behind MPLS labels is IPv4 or IPv6
pim.type == 1 || msdp || openflow_v1 || openflow_v4	a packet within a message of an application
ipv6.nxt == 1	ICMP of IPv4
ip.proto == 2 && pim	PIM version 1 has IGMP's protocol number
ipcomp	tshark guesses what is compressed
gtpprime || frame.protocols contains "gtp:eth" || gtp.ext_hdr.udp_port	GTP' is none of the tunnels; Ethernet in GTP; more than two extension headers
(udp.dstport == 2152 || udp.dstport == 8472) && udp.length < 20 || l2tp && ip.len < 40 || ip.proto == 47 && ip.len < 28 || ip.proto == 132 && ip.len < 32	packets that end within a header
END

# Writes all packets of Ethernet captures of which nothing is missing to a file in which packet i has the time i.
cat >"$scratch/merge.pl" <<'END'
use strict;
binmode STDOUT;
my $number = 0;
print pack 'VvvVVVV', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1;
for my $name (@ARGV) {
        open my $file, '<:raw', $name or die;
        next if read($file, my $header, 24) != 24;
        my $magic = unpack 'V', $header;
        my $order = $magic == 0xa1b2c3d4 || $magic == 0xa1b23c4d ? 'V' : 'N';
        next unless (unpack("x20$order", $header) & 0xffff) == 1;
        while (read($file, my $record, 16) == 16) {
                my (undef, undef, $captured, $length) = unpack "${order}4", $record;
                last if $captured > 262144 || read($file, my $data, $captured) != $captured;
                next if $captured < $length;
                print pack('V4', ++$number, 0, $captured, $length), $data;
        }
}
print pack('V4', $number + 1, 0, 1, 1), "\0"; # the statistic lacks the last second
END

# judge.pl FILT CAPTURE PAIRS ASIDE: a line for each filter that finds other packets than tshark does. A second has one
# packet, so a statistic by the second has a row for each.
cat >"$scratch/judge.pl" <<'END'
use strict;
my ($filt, $capture, @tables) = @ARGV;
my ($pairs, $aside) = map {
        open my $file, '<', $_ or die;
        [map { chomp; [split /\t/] } grep { /\S/ } <$file>];
} @tables;
my @preferences = map { ('-o', $_) } 'tcp.desegment_tcp_streams:false', 'ip.defragment:false', 'ipv6.defragment:false',
        'l2tp.l2_specific:Default L2-Specific', 'l2tp.cookie_size:None';
my @decode = map { ('-d', $_) } 'udp.port==8472,vxlan', 'l2tp.pw_type==0,eth';
my $any = join ' || ', map { "($_->[0])" } @$aside;
my @found;
open my $table, '-|', 'tshark', '-q', '-r', $capture, @preferences, @decode, '-z', join(',', 'io,stat,1', map({ $_->[1] } @$pairs), $any || 'frame.number == 0') or die;
while (<$table>) {
        my ($second, $columns) = /^\|\s*(\d+) <>\s*(?:\d+|Dur)\s*\|(.*)\|/ or next;
        my @columns = split /\|/, $columns;
        $columns[2 * $_] > 0 and $found[$_]{$second + 1} = 1 for 0 .. @$pairs;
}
close $table or print "tshark failed\n";
for my $i (0 .. $#$pairs) {
        my ($filter, $display) = @{$pairs->[$i]};
        my %passed;
        open my $packets, '-|', $filt, '-r', $capture, '-w', '-', $filter or die;
        binmode $packets;
        read $packets, my $header, 24;
        while (read($packets, my $record, 16) == 16) {
                my ($second, undef, $captured) = unpack 'V3', $record;
                $passed{$second} = 1;
                read $packets, my $data, $captured;
        }
        close $packets or print "$filter: filt failed\n";
        my ($ours, $theirs) = map { my ($one, $other) = @$_; [sort { $a <=> $b } grep { !$other->{$_} && !$found[@$pairs]{$_} } keys %$one] }
                [\%passed, $found[$i]], [$found[$i], \%passed];
        next if !@$ours && !@$theirs && %passed;
        printf "%s: %d packets; by filt alone: %d: %s; by tshark alone: %d: %s\n", $filter, scalar keys %passed,
                map { (scalar @$_, join ' ', @$_[0 .. ($#$_ < 9 ? $#$_ : 9)]) } $ours, $theirs;
}
END

pcaps/craft "$scratch" stacks
perl "$scratch/merge.pl" pcaps/*.pcap "$scratch/stacks.pcap" >"$scratch/all.pcap"
run perl "$scratch/judge.pl" "$filt" "$scratch/all.pcap" "$scratch/pairs" "$scratch/aside"
is "$out" '' "$(wc -l <"$scratch/pairs") filters find the packets that tshark finds"

# --- --deep: the same as the word, whatever the expression takes from outside

for expression in 'tcp port 80' 'host in {10.0.0.1, 10.0.0.9} and vxlan 7' 'host localhost or vxlan 7' 'port http and not gre'; do
        is "$("$filt" --deep --count -r pcaps/layers.pcap "$expression" 2>&1)" \
                "$("$filt" --count -r pcaps/layers.pcap "deep ($expression)" 2>&1)" "--deep '$expression'"
done
run "$filt" --deep --count -r pcaps/layers.pcap 'tcp) or (udp'
is "$status $err" "2 filt: the parentheses in 'tcp) or (udp' do not match" 'parentheses of its own'

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
        cut -f1 "$scratch/pairs"
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
