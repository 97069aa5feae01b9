# Small headers around Ethernet and IP: Symantec's firewall, netANALYZER, Solaris' ipnet, Apple's PKTAP; Linux's vsock; and
# link types without a printer.
use strict;
use warnings;

our (%captures, %link_types, $ping4, $ping6, $station);

my $isis = h('feff 0303 8314 0100 0f01 0000');
my @frames = (ethernet(0x0800, $ping4), ethernet(0x86dd, $ping6), ethernet(0x8100, h('2005 0800') . $ping4), ethernet(0x1234, 'unknown'), ethernet(12, h('4242 0300 0000 0000') . 'abcd'), ethernet(0x0806, h('0001 0800 06')));
# all_cuts PACKET...: cut everywhere, in the middle of headers too
sub all_cuts { map { my $packet = $_; map { substr $packet, 0, $_ } 1 .. length $packet } @_ }

$link_types{symantec} = 99;
sub symantec { my ($type, $payload) = @_; 'eth-s1' . pack('n', $type) . join('', map { chr } 1 .. 36) . $payload }
$captures{symantec} = sub { (map({ symantec(@$_) } [0x0800, $ping4], [0x86dd, $ping6], [0x0806, h('0001 0800 0604 0001') . 'a' x 20], [0x8100, h('2005 0800') . $ping4], [0x8847, label(16, 0, 1, 64) . $ping4], [0x1234, 'unknown'], [0x1234, ''], map { [$_, 'more'] } 0, 1, 1500, 1501, 1535, 1536, 0xffff), all_cuts(symantec(0x0800, $ping4))) };

$link_types{netanalyzer} = 240;
$captures{netanalyzer} = sub { my @packets = map { h('01020304') . $_ } @frames; (@packets, all_cuts($packets[0])) };
$link_types{'netanalyzer-transparent'} = 241;
$captures{'netanalyzer-transparent'} = sub { my @packets = map { h('01020304 5555555555 5555d5') . $_ } @frames; (@packets, all_cuts($packets[0])) };

$link_types{ipnet} = 226;
sub ipnet { my ($family, $payload) = @_; pack('CCnNNNNN', 1, $family, 2, 3, 0, 4, 5, 0xfffffffe) . $payload }
$captures{ipnet} = sub { (map({ ipnet($_, $ping4) } 0 .. 3, 10, 24 .. 30, 255), ipnet(26, $ping6), ipnet(2, $ping6), ipnet(2, ''), ipnet(26, ''), ipnet(3, ''), all_cuts(ipnet(2, $ping4))) };

$link_types{vsock} = 271;
# vsock OPERATION, TRANSPORT, PAYLOAD
sub vsock { my ($operation, $transport, $payload, $from, $to) = @_; pack('Q<Q<VVvvvv', $from // 2, $to // 3, 1024, 0xffffffff, $operation, $transport, 0, 0) . $payload }
sub virtio { my ($type, $operation, $payload) = @_; pack('Q<Q<VVVvvVVV', 2, 3, 1024, 22, length $payload, $type, $operation, 3, 0x80000000, 77) . $payload }
$captures{vsock} = sub { (map({ my $operation = $_; map { my $transport = $_; map { vsock($operation, $transport, $_) } '', 'x' x 20, virtio(1, 5, 'hello'), virtio(1, 1, '') } 0 .. 3, 0xffff } 0 .. 5), map({ my $type = $_; map { vsock(4, 2, virtio($type, $_, 'some')) } 0 .. 9, 0xffff } 0 .. 2), vsock(1, 2, '', ~0, ~0 - 1), vsock(0xfffe, 2, virtio(0xffff, 1, 'a' x 40)), all_cuts(vsock(4, 2, virtio(1, 5, 'hello')))) };

$link_types{pktap} = 258;
# pktap LINK_TYPE, PAYLOAD, RECORD, SIZE, MORE
sub pktap { my ($link_type, $payload, $record, $size, $more) = @_; pack('VVV', $size // 108, $record // 1, $link_type) . pack('a24', 'en0') . join('', map { chr } 100 .. 171) . ($more // '') . $payload }
$captures{pktap} = sub { (
        # Inner headers that are cut: of ARCNET, IPFC, IEEE 1394, USB, Bluetooth and Broadcom.
        map({ my ($type, $size) = @$_; map { my $cut = $_; map { pktap($type, substr $_ x 70, 0, $cut) } "\0", "\xff" } 0, 2, $size - 1, $size } [7, 6], [7, 10], [129, 8], [122, 16], [138, 18], [189, 48], [220, 64], [201, 4], [282, 4]),
        map({ pktap(1, $_) } @frames), map({ pktap(@$_) } map({ [$_, ''] } 0, 1, 8, 9, 12, 15, 50, 104, 105, 107, 108, 113, 127, 192, 228, 229, 258), [12, "\x45"], [12, $ping4], [12, $ping6], [0, h('02000000') . $ping4], [108, h('00000018') . $ping6], [50, h('ff03 0021') . $ping4], [50, h('ee03 0021') . $ping4], [276, h('0800 0000 00000001 0001 04 06 020000000001 0000') . $ping4], [105, h('08000000 ffffffffffff 020000000001 020000000001 0000')], [101, $ping4], [147, 'user'], [147, ''], [231, 'dbus'], [77, 'unnamed'], [0xffffffff, 'none'], [258, 'short'], [258, pktap(1, $frames[0])], [258, pktap(258, pktap(12, $ping4))], [192, h('00000800 01000000') . $frames[0]], [99, symantec(0x0800, $ping4)], [240, 'abcd' . $frames[0]], [226, ipnet(2, $ping4)], [271, vsock(4, 1, 'hello')], [1, $frames[0], 0], [1, $frames[0], 2], [1, $frames[0], 0xffffffff], [1, '', 0], map { [1, $frames[0], $_->[0], $_->[1], $_->[2]] } [1, 112, 'more'], [1, 107], [1, 0], [1, 109], [1, 108 + length $frames[0]], [1, 109 + length $frames[0]], [1, 0xffffffff], [0, 0], [0, 112], [2, 107]), all_cuts(pktap(1, $frames[0])), map { pktap(258, substr(pktap(1, $frames[0]), 0, $_)) } 107, 108, 109) };

# The address families, in both byte orders of LINKTYPE_NULL
my %families = (2 => $ping4, 7 => h('8314 0100 0f01 0000') . 'x' x 20, 16 => h('0801 1111 2222 3333 44 55 06') . 'apple', 23 => h('ffff 0026 00 05 00000001 020000000001 0452 00000002 020000000002 0453 0001 0002'), 24 => $ping6, 28 => $ping6, 30 => $ping6);
my @families = map { my $family = $_; map { [$family, $_] } exists $families{$family} ? ($families{$family}, '', substr $families{$family}, 0, 7) : 'unknown' } 0 .. 31, 255;
$link_types{'null-families'} = 0;
$captures{'null-families'} = sub { map { my ($family, $payload) = @$_; map { $_ . $payload } pack('N', $family), pack('V', $family) } @families };
$link_types{'loop-families'} = 108;
$captures{'loop-families'} = sub { map { pack('N', $_->[0]) . $_->[1] } @families };

# D-Bus, and one without a name
$link_types{dbus} = 231;
$captures{dbus} = sub { ('l', "l\1\0\1" . join('', map { chr } 0 .. 255), 'x' x 16, 'x' x 17) };
$link_types{unnamed} = 147;
$captures{unnamed} = $captures{dbus};

1;
