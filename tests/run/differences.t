#!/bin/bash
# tests/differences.txt: the packets that filt prints otherwise than tcpdump, each as it is said there.
. "$(dirname "$0")/../tap.sh"
needs tcpdump perl

# make LINKTYPE EXPRESSION: a capture of those packets, or, of link type `-`, a file that is what the expression says.
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
# NFS 3, about one on a disk of VMS with this name, or more than that.
sub disk { udp(2049, pack('N11', 1, 0, 2, 100003, 3, 1, 0, 0, 0, 0, 64) . pack('a64', "\1$_[0]")) }
# OpenFlow about a packet of which only the Ethernet header was sent.
sub packet_in {
        my $message = pack('CCnNNnnn', 1, 10, 32, 1, 0xffffffff, 100, 1, 0) . "\2\0\0\0\0\1\2\0\0\0\0\2\10\0";
        my $tcp = pack('nnNNCCnnn', 40000, 6653, 1, 1, 0x50, 0x18, 100, 0, 0) . $message;
        "\2\0\0\0\0\2\2\0\0\0\0\1\10\0" . pack('CCnnnCCna4a4', 0x45, 0, 20 + length $tcp, 1, 0, 64, 6, 0, "\300\0\2\1", "\300\0\2\2") . $tcp;
}
# A classic file of link type 101 with an IPv4 header alone, of no protocol, at that second.
sub at {
        my $ip = pack('CCnnnCCnC8', 0x45, 0, 20, 1, 0, 64, 59, 0, 192, 0, 2, 1, 192, 0, 2, 2);
        pack('VvvVVVV', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101) . pack('VVVV', shift, 0, 20, 20) . $ip;
}
# A pcapng file of blocks: an interface with options CODE, VALUE, ...; and such a packet of one, behind a header of its link type.
sub block { my ($type, $body) = @_; pack('VV', $type, 12 + length $body) . $body . pack 'V', 12 + length $body }
sub option { my ($code, $value) = @_; pack('vv', $code, length $value) . $value . "\0" x (-length($value) % 4) }
sub interface {
        my ($link, $snapshot, @options) = @_;
        my $options = '';
        $options .= option(splice @options, 0, 2) while @options;
        block(1, pack('vvV', $link, 0, $snapshot) . $options);
}
sub packet {
        my ($interface, $link, $time) = @_;
        my $bytes = ($link == 1 ? "\2\0\0\0\0\2\2\0\0\0\0\1\10\0" : '') . substr at(0), 40;
        block(6, pack('VVVVV', $interface, $time >> 32, $time & 0xffffffff, (length $bytes) x 2) . $bytes . "\0" x (-length($bytes) % 4));
}
sub pcapng { join '', block(0x0a0d0d0a, pack 'VvvVV', 0x1a2b3c4d, 1, 0, 0xffffffff, 0xffffffff), @_ }
my ($link, $expression) = @ARGV;
my @packets = eval $expression;
die $@ if $@;
print pack('VvvVVVV', 0xa1b2c3d4, 2, 4, 0, 0, 262144, $link) if $link ne '-';
print map { ($link eq '-' ? '' : pack('VVVV', 1, 0, length, length)) . $_ } @packets;
END

trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }
count=0
while IFS='|' read -r link packet options theirs ours reason; do
        [[ $link = '#'* || -z $link ]] && continue
        count=$((count + 1))
        perl "$scratch/make.pl" "$(trim "$link")" "$packet" >"$scratch/packet.pcap"
        options=$(trim "$options")
        [[ $options = *-[VF] ]] || options+=' -r'
        like "$(tcpdump $options "$scratch/packet.pcap" 2>&1 | tr '\n\0' '~0')" "$(trim "$theirs")" "tcpdump: $(trim "$reason")"
        got=$("$filt" tcpdump $options "$scratch/packet.pcap" 2>&1 | tr '\n\0' '~0')
        like "$got" "$(sed 's/^ *//; s/ *$//' <<<"$ours")" 'filt: so'
        [[ $got =~ $(trim "$theirs") ]]
        report $((! $?)) 'filt: otherwise than tcpdump'
done <tests/differences.txt
is "$((count > 0))" 1 'there are some'
done_testing
