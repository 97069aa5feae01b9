#!/bin/bash
# tests/differences.txt: the packets that filt prints otherwise than tcpdump, each as it is said there.
. "$(dirname "$0")/../tap.sh"
needs tcpdump perl

# make LINKTYPE EXPRESSION: a capture of that packet.
cat >"$scratch/make.pl" <<'END'
use strict;
use warnings;
sub udp {
        my ($port, $payload) = @_;
        my $udp = pack('nnnn', $port, $port, 8 + length $payload, 0) . $payload;
        my $ip = pack('CCnnnCCna4a4', 0x45, 0, 20 + length $udp, 1, 0, 64, 17, 0, "\300\0\2\1", "\300\0\2\2") . $udp;
        "\2\0\0\0\0\2\2\0\0\0\0\1\10\0" . $ip;
}
sub tlv { my ($type, $value) = @_; pack('nn', $type, length $value) . $value . "\0" x (-length($value) % 4) }
sub hncp { my $states = ''; $states = tlv(5, 'x' x 20 . $states) for 1 .. shift; udp(8231, tlv(33, $states)) }
# NFS 2, about the file with this handle.
sub getattr { udp(2049, pack('N10', 1, 0, 2, 100003, 2, 1, 0, 0, 0, 0) . pack 'H64', $_[0]) }
# OpenFlow about a packet of which only the Ethernet header was sent.
sub packet_in {
        my $message = pack('CCnNNnnn', 1, 10, 32, 1, 0xffffffff, 100, 1, 0) . "\2\0\0\0\0\1\2\0\0\0\0\2\10\0";
        my $tcp = pack('nnNNCCnnn', 40000, 6653, 1, 1, 0x50, 0x18, 100, 0, 0) . $message;
        "\2\0\0\0\0\2\2\0\0\0\0\1\10\0" . pack('CCnnnCCna4a4', 0x45, 0, 20 + length $tcp, 1, 0, 64, 6, 0, "\300\0\2\1", "\300\0\2\2") . $tcp;
}
my ($link, $expression) = @ARGV;
my @packets = eval $expression;
die $@ if $@;
print pack('VvvVVVV', 0xa1b2c3d4, 2, 4, 0, 0, 262144, $link), map { pack('VVVV', 1, 0, length, length) . $_ } @packets;
END

trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }
count=0
while IFS='|' read -r link packet options theirs ours reason; do
        [[ $link = '#'* || -z $link ]] && continue
        count=$((count + 1))
        perl "$scratch/make.pl" "$(trim "$link")" "$packet" >"$scratch/packet.pcap"
        options=$(trim "$options")
        like "$(tcpdump "$options" -r "$scratch/packet.pcap" 2>&1 | tr '\n' '~')" "$(trim "$theirs")" "tcpdump: $(trim "$reason")"
        got=$("$filt" tcpdump "$options" -r "$scratch/packet.pcap" 2>&1 | tr '\n' '~')
        like "$got" "$(sed 's/^ *//; s/ *$//' <<<"$ours")" 'filt: so'
        [[ $got =~ $(trim "$theirs") ]]
        report $((! $?)) 'filt: otherwise than tcpdump'
done <tests/differences.txt
is "$((count > 0))" 1 'there are some'
done_testing
