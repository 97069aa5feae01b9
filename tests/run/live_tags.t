#!/bin/bash
# What the live filter sees is what the user sees: frames with VLAN tags of every kind, and without, are
# sent through a veth pair; each filter passes the same ones live, on the file saved from the same
# traffic, and by tcpdump on that file. On one interface and on `any`.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root tcpdump perl ip ping

live_filters=${BUILD:-build}/tests/tools/live_filters
[ -x "$live_filters" ] || { report 1 "$live_filters is built"; done_testing; }

# Both ends on one host, on which there is no other traffic.
host=$net-tags
at_end ip netns delete "$host"
quiet_host "$host" || exit 1
ip -n "$host" link set lo up
ip -n "$host" link add a0 type veth peer name b0 || exit 1
ip -n "$host" link set a0 up && ip -n "$host" link set b0 up || exit 1
on_host() { ip netns exec "$host" "$@"; }

# --- Frames: of each kind, behind each combination of tags

cat >"$scratch/frames.pl" <<'END'
use strict;
my ($a, $b) = ('020000000002', '020000000001');
sub ipv4 { my ($protocol, $data, $fragment, $options) = @_;
        $options //= '';
        my $header = sprintf('4%x00%04x0001%s40%02x0000c0000201c0000202%s', 5 + length($options) / 8,
                20 + length($options . $data) / 2, $fragment // '0000', $protocol, $options);
        return "0800$header$data" }
sub ipv6 { my ($next, $data) = @_;
        return sprintf('86dd60000000%04x%02x40', length($data) / 2, $next) .
                '20010db8000000000000000000000001' . '20010db8000000000000000000000002' . $data }
sub tcp { my ($from, $to, $flags, $data) = @_;
        return sprintf('%04x%04x00000001000000005%03x200000000000%s', $from, $to, $flags, $data // '') }
sub udp { my ($from, $to, $data) = @_;
        return sprintf('%04x%04x%04x0000%s', $from, $to, 8 + length($data) / 2, $data) }
sub geneve { my ($network, $type, $data, $options) = @_;
        $options //= '';
        return udp(5, 6081, sprintf('%02x00%s%06x00%s%s', length($options) / 8, $type, $network, $options, $data)) }
my $icmp = '0800000000070001' . '0102030405060708090a';
my @kinds = (
        ipv4(6, tcp(1024, 80, 0x002)), ipv4(6, tcp(80, 1024, 0x012)), ipv4(6, tcp(5, 22, 0x018, '47455420' x 9)),
        ipv4(6, tcp(5, 443, 0x001), '0000', '01010101'), ipv4(17, udp(53, 1053, '00' x 30)),
        ipv4(17, udp(9, 10, '')), ipv4(17, '00' x 16, '2003'), ipv4(1, $icmp),
        ipv4(1, '030100000000000' . '0' . substr(ipv4(17, udp(1, 2, '')), 4)), ipv4(2, '1100eeff00000000'),
        ipv4(132, '0001000200000000000000000100000c'), ipv4(47, '00006558'), ipv4(50, '00' x 8),
        ipv6(6, tcp(1024, 80, 0x002)), ipv6(17, udp(53, 1053, '00' x 30)), ipv6(58, '8700000000000000' . '00' x 16),
        ipv6(44, '1100000000000001' . udp(1, 2, '')), ipv6(0, '3a00050200000000' . '8000000000000000'),
        '0806' . '0001080006040001' . "${b}c0000201000000000000c0000202",
        '0806' . '0001080006040002' . "${b}c0000201${a}c0000202",
        '8035' . '0001080006040003' . "${b}c0000201${a}c0000202",
        '8847' . '00064140' . substr(ipv4(6, tcp(1, 80, 2)), 4), '8847' . '0006404000065140' . substr(ipv4(1, $icmp), 4),
        '8847' . '00064140' . substr(ipv6(17, udp(5, 6, '')), 4),
        '8863' . '110900000004' . '01010000', '8864' . '11000007' . '0018' . '0021' . substr(ipv4(1, $icmp), 4),
        '8864' . '11000008' . '0018' . '0057' . substr(ipv6(17, udp(7, 80, '')), 4),
        '0026' . '424203000000000080000200000000010000000080000200000000018001000014000200' . '0f00',
        '0020' . 'aaaa03000000' . '0800' . substr(ipv4(1, $icmp), 4, 48), '0022' . 'ffff002200' . '00' x 30,
        '001b' . 'fefe03831b0100' . '0f010000' . '00' x 16, '0010' . 'f0f003' . '00' x 13, '05dc' . 'e0e003' . '00' x 40,
        ipv4(17, geneve(1, '6558', "$a$b" . ipv4(6, tcp(1024, 80, 0x002)))),
        ipv4(17, geneve(2, '0800', substr(ipv4(17, udp(53, 1053, '')), 4), '0102030405060708'), '0000', '01010101'),
        ipv4(17, geneve(11, '6558', "ffffffffffff$b" . '81000005' . ipv4(1, $icmp), '01020304')),
        ipv6(17, geneve(1, '86dd', substr(ipv6(6, tcp(80, 1024, 0x012)), 4))),
        ipv6(17, geneve(1, '6558', "$a$b" . ipv4(17, geneve(2, '6558', "$a$b" . ipv4(6, tcp(5, 80, 0x002)))))),
        '0008' . '0707' . '0102030405', '809b' . '00' x 20, '80f3' . '00' x 28, '6003' . '0a00' . '81' . '00' x 30,
        '6004' . '00' x 30, '6001' . '00' x 30, '8137' . 'ffff' . '00' x 30, '88cc' . '00' x 20, '1234' . '00' x 50,
        '0800', '0800' . '45', '0800' . '4500001c', '86dd' . '60', '8100' . '00', '0004' . 'ffff', '' . '0806' . '00');
my @tags = ('', '81000007', '8100a008', '8100001f', '88a80064', '91000064', '8100006481000007', '88a8006481000007',
        '8100000781000064', '9100006481000007', '8100000588a80007', '88a8001f88a80007', '81000001' . '81000002' . '81000003',
        '8100ffff');
my @frames;
for my $tags (@tags) {
        push @frames, "$a$b$tags$_" for @kinds;
        push @frames, "ffffffffffff$b$tags" . ipv4(17, udp(67, 68, '00' x 20)), "01005e000001$b$tags" . ipv4(2, '1100eeff00000000');
}
socket(my $socket, 17, 3, 0) or die "socket: $!";
open(my $file, '<', "/sys/class/net/$ARGV[0]/ifindex") or die "$ARGV[0]: $!";
my $to = pack('SnlSCCa8', 17, 3, <$file>, 0, 0, 6, "\2");
my $sent = 0;
send($socket, pack('H*', $_), 0, $to) and $sent++ for @frames;
print "$sent\n";
END

# --- Filters: the files' for Ethernet, and those that ask for the tag, or for what is around it

own_filters() {
        local offset size tag
        cat <<'END'
ether[14:2] & 0xfff = 31
ether[14:2] & 0xfff = 7
ether proto 0x8100
ether proto 0x88a8
ether proto 0x9100
not ether proto 0x8100 and not ether proto 0x88a8
link[12:2] = 0x8100
link[14:4] = 0x00078100
link[13:4] & 0xffff0000 = 0
len = 46
len & 3 = 2
len - 4 > ether[17]
less 60
less 64
greater 62
greater 100 and vlan
vlan
vlan and ip
vlan or ip
not vlan
ip and vlan 7
vlan 7
vlan 100 and vlan 7
vlan 7 and vlan 100
vlan and vlan and vlan
vlan 31 or vlan 7 and tcp port 80
vlan and (tcp port 80 or udp port 53)
vlan and arp
vlan and host 192.0.2.1 and not icmp
vlan and mpls
vlan and mpls 100
vlan and pppoes and ip
vlan and pppoes 7
vlan and pppoed
vlan and llc
vlan and stp
vlan and ip6 and udp
vlan and icmp6
vlan 7 and ether[20:2] > 3
vlan and ip[8] = 64 and tcp[13] & 2 != 0
vlan and len > 60
ip[0] = 0x45 and vlan and tcp
byte 12 = 0x81
byte 14 > 0
byte 16 = 8
ether[12] = 0x88 and ether[13] = 0xa8
ether[ether[17]] = 0
ether[ether[15]:2] = 0x8100
ether[ether[15] + 5:4] = 0x81000007
ether[ether[14] & 31:2] < 300
ether[ether[17] & 15] = 0x81 or ether[ether[17] & 15:4] = 1
ether[len - 50:2] = 0x81 or ether[0xffffffff - len] = 3
ether[ether[ether[15]]] & 1 = 1
ether dst 02:00:00:00:00:02 and vlan
broadcast and vlan
multicast or vlan 8
mpls or vlan and mpls
geneve or vlan
vlan and ip proto 17
ip proto \tcp and vlan or ip
link[0] & 1 = 0 and link[16:2] = 0x0800
ether[100] > 3 or vlan
END
        for offset in {9..19}; do
                for size in 1 2 4; do
                        echo "ether[$offset:$size] > 0x81"
                        echo "ether[$offset:$size] & 0xff = 7 or ether[$offset:$size] & 0x3f00 = 0x0100"
                done
        done
        for tag in 1 5 7 8 31 64 100 4095; do echo "vlan $tag or ether[14:2] = $tag"; done
}
of_link_type() { sed -n "s/^$1	//p" tests/corpus.txt tests/expressions.txt; }
{
        own_filters
        of_link_type EN10MB | grep -v ifindex # which a file does not know
} | sort -u | grep -v '^$' >"$scratch/ethernet-filters"

# start_filt NAME ARGUMENT...: in the background, from when it listens; all in $filts.
start_filt() {
        local name=$1
        shift
        ip netns exec "$host" "$filt" --nano -w "$scratch/$name.pcap" "$@" 2>"$scratch/$name.err" &
        filts+=($!)
        wait_for 10 grep -q '^filt: listening' "$scratch/$name.err" || note "$(cat "$scratch/$name.err")"
}

# end_all PID...: the status of the last one is that of it all.
end_all() {
        local pid
        for pid; do kill "$pid" && wait "$pid"; done
}

# compare NAME INTERFACE FILTERS [OPTION]: each of the filters live on INTERFACE and on what is saved.
compare() {
        local name=$1 interface=$2 filters=$3 tool
        shift 3
        filts=()
        start_filt "$name" -i "$interface"
        ip netns exec "$host" "$live_filters" "$@" "$interface" "$scratch/$name.pcap" \
                <"$filters" >"$scratch/$name.log" 2>&1 &
        tool=$!
        wait_for 60 grep -q '^ready' "$scratch/$name.log"
        sleep 0.2 # time stamps are switched on a little later
        on_host perl "$scratch/frames.pl" a0 >"$scratch/sent"
        sleep 0.2
        end_all "${filts[@]}" "$tool"
        report $? "$name: live, saved, and by libpcap on the file" || note "$(head -20 "$scratch/$name.log")"
        tail -1 "$scratch/$name.log" | sed 's/^/# /'
        ok "$name: at least 700 expressions" [ "$(tail -1 "$scratch/$name.log" | cut -d' ' -f1)" -ge 700 ]
}

compare ethernet b0 "$scratch/ethernet-filters"
compare unoptimized b0 "$scratch/ethernet-filters" -O
{
        own_filters | grep -Ev 'ether|link|byte|broadcast|multicast|stp'
        of_link_type LINUX_SLL2
        of_link_type EN10MB
} | sort -u | grep -v '^$' >"$scratch/any-filters"
compare any any "$scratch/any-filters"
compare any-unoptimized any "$scratch/any-filters" -O

# --- tcpdump on the file

# packets_of FILE: their bytes, a line each.
cat >"$scratch/packets_of.pl" <<'END'
open(my $file, '<:raw', $ARGV[0]) or die "$ARGV[0]: $!";
read($file, my $header, 24);
while (read($file, my $record, 16) == 16) {
        read($file, my $packet, unpack('x8V', $record));
        print unpack('H*', $packet), "\n";
}
END
packets_of() { perl "$scratch/packets_of.pl" "$1"; }
wrong=
own_filters | head -70 >"$scratch/some"
while read -r expression; do
        tcpdump -r "$scratch/ethernet.pcap" -O -w "$scratch/tcpdump.pcap" "$expression" 2>"$scratch/tcpdump.err"
        "$filt" -r "$scratch/ethernet.pcap" --nano -w "$scratch/filt.pcap" "$expression" 2>"$scratch/filt.err"
        cmp -s <(packets_of "$scratch/tcpdump.pcap") <(packets_of "$scratch/filt.pcap") || wrong+="$expression"$'\n'
done < <(grep -v 'ether\[100\]' "$scratch/some")
is "$wrong" '' 'tcpdump on the saved file passes the same'

# --- filt itself, live

expressions=('ether[14:2] & 0xfff = 31' 'ether proto 0x8100' 'ether proto 0x88a8' 'less 60' 'greater 62 and vlan'
        'link[14:4] = 0x00078100' 'vlan 100 and vlan 7' 'ether[ether[ether[ether[15]]]] & 1 = 1' 'deep (ether[12:2] = 0x0800) or vlan 7')
filts=()
start_filt whole -i b0
for i in "${!expressions[@]}"; do start_filt "live$i" -i b0 "${expressions[i]}"; done
start_filt any-vlan -i any vlan 7
start_filt any-all -i any
on_host perl "$scratch/frames.pl" a0 >"$scratch/sent"
sleep 0.2
end_all "${filts[@]}"
for i in "${!expressions[@]}"; do
        "$filt" -r "$scratch/whole.pcap" --nano -w "$scratch/saved.pcap" "${expressions[i]}" 2>"$scratch/saved.err"
        is "$(packets_of "$scratch/live$i.pcap")" "$(packets_of "$scratch/saved.pcap")" "filt -i b0 ${expressions[i]}"
done
like "$(cat "$scratch/live8.err")" '^filt: the kernel does not tell all that this filter asks of layers: filt copies every packet and filters it itself' 'what the kernel cannot do is said'
run ip netns exec "$host" "$filt" -i b0 -d --stats 'ip protochain 6'
unlike "$err" 'in user space' 'a chain of headers is followed there'
"$filt" -r "$scratch/any-all.pcap" --nano -w "$scratch/saved.pcap" vlan 7 2>"$scratch/saved.err"
is "$(packets_of "$scratch/any-vlan.pcap")" "$(packets_of "$scratch/saved.pcap")" 'filt -i any vlan 7'

# --- What is saved of `any`: all tags, with their types

# after_addresses FILE [INTERFACE]: of each frame, what follows the MAC addresses; lengths of 802.3 frames
# and what LINUX_SLL2 has in their place left out.
cat >"$scratch/after_addresses.pl" <<'END'
my ($path, $interface) = @ARGV;
open(my $file, '<:raw', $path) or die "$path: $!";
read($file, my $header, 24);
while (read($file, my $record, 16) == 16) {
        read($file, my $packet, unpack('x8V', $record));
        if ($interface) {
                next if unpack('x4N', $packet) != $interface;
                $packet = substr($packet, 0, 2) . substr($packet, 20);
        } else {
                $packet = substr($packet, 12);
        }
        substr($packet, 0, 2) = '' if unpack('n', $packet) < 0x600;
        print unpack('H*', $packet), "\n";
}
END
index_of() { on_host cat "/sys/class/net/$1/ifindex"; }
on_b0=$(perl "$scratch/after_addresses.pl" "$scratch/whole.pcap")
is "$(perl "$scratch/after_addresses.pl" "$scratch/any-all.pcap" "$(index_of b0)")" "$on_b0" \
        'any: frames received have the tags that they have on their interface'
on_a0=$(perl "$scratch/after_addresses.pl" "$scratch/any-all.pcap" "$(index_of a0)")
is "$(wc -l <<<"$on_a0")" "$(cat "$scratch/sent")" 'any: all frames sent are there'
is "$(comm -13 <(sort -u <<<"$on_a0") <(sort -u <<<"$on_b0"))" '' 'any: and they have the same tags'
# --- `any` with an interface that has no link header

if [ -c /dev/net/tun ]; then
        ip netns exec "$host" perl -e 'open(my $tun, "+<", "/dev/net/tun") or die "tun: $!";
                my $request = pack("a16sx22", "tun0", 0x1001); # TUNSETIFF, IFF_TUN | IFF_NO_PI
                ioctl($tun, 0x400454ca, $request) or die "TUNSETIFF: $!";
                system("ip link set tun0 up; ip addr add 10.9.0.1/24 dev tun0"); $| = 1; print "up\n"; sleep 60' >"$scratch/tun" &
        tun=$!
        wait_for 10 grep -q up "$scratch/tun"
        filts=()
        start_filt headless -i any 'icmp and ip[8] > 3 and greater 90 and dst host 10.9.0.2'
        start_filt headless-all -i any
        on_host ping -q -c 2 -i 0.1 -W 0.1 10.9.0.2 >"$scratch/ping"
        on_host perl "$scratch/frames.pl" a0 >"$scratch/sent"
        end_all "${filts[@]}"
        "$filt" -r "$scratch/headless-all.pcap" -w "$scratch/saved.pcap" 'icmp and ip[8] > 3 and greater 90 and dst host 10.9.0.2' \
                2>"$scratch/saved.err"
        is "$(packets_of "$scratch/headless.pcap")" "$(packets_of "$scratch/saved.pcap")" 'any: packets without a link header, too'
        is "$(packets_of "$scratch/headless.pcap" | wc -l)" 2 'both of them'
        kill "$tun"
fi
done_testing
