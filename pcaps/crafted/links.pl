# Link types with little of their own: USB, Bluetooth, FDDI, token ring, ARCNET, IP over Fibre Channel, over IEEE 1394 and over InfiniBand, SLIP.
use strict;
use warnings;
our (%captures, %link_types, $ping4, $ping6);

my $arp = h('0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202');
my ($to, $from) = (h('020000000002'), h('020000000001'));
sub snap { my ($type, $payload) = @_; h('aaaa03 000000') . pack('n', $type) . $payload }
# What LLC carries, for all link types that have it.
my @llc = (snap(0x0800, $ping4), snap(0x86dd, $ping6), snap(0x0806, $arp), snap(0x1234, 'unknown'), h('4242 03 0000 00 00 00 8000 020000000001 00000000 8000 020000000001 8001 0000 1400 0200 0f00'), h('0e0e 03') . 'none', h('0404 0100'), h('aa'), '');
my @types = map { my ($type, $payload) = @$_; [pack('n', $type), $payload] } [0x0800, $ping4], [0x86dd, $ping6], [0x0806, $arp], [0x1234, 'unknown'], [0x8847, label(16, 0, 1, 64) . $ping4], [4, 'abcdef'], [0x0800, ''];

sub usb {
        my ($event, $transfer, $endpoint, $device, $bus, $more) = @_;
        pack('Q<aC3S<C2 Q<L<l<L<2 x8', 1, $event, $transfer, $endpoint, $device, $bus, 0, 60, 1700000000, 5, -2, 18, 18) . $more;
}
my @usb = map { my $event = $_; map { my $transfer = $_; map { usb($event, $transfer, $_, 5, 2, 'x' x 16 . 'data') } 0, 0x81 } 0 .. 4, 255 } 'S', 'C', 'E', 'X', "\0";
@link_types{qw(usb usb-mapped)} = (189, 220);
$captures{usb} = sub { @usb, usb('S', 2, 0x80, 1, 0x1234, '') };
$captures{'usb-mapped'} = sub { @usb[0 .. 11], usb('C', 2, 0x80, 127, 0xffff, 'x' x 16) };

$link_types{bluetooth} = 201;
$captures{bluetooth} = sub { map { h($_) } '00000000 01 030c 00', '00000001 04 0e 04 01 030c 00', '00000003 02 2000 0500 0100 0400 41', '01000000', 'ffffffff 05' };

$link_types{fddi} = 10;
$captures{fddi} = sub { map({ h('50') . $to . $from . $_ } @llc), map { chr($_) . $to . $from . 'payload' } 0, 0x1f, 0x40 .. 0x43, 0x4e .. 0x51, 0x5f, 0x60, 0x6f, 0x80, 0x81, 0xc0 .. 0xc4, 0xcf, 0xd0, 0xdf, 0xe0, 0xef, 0xf0 };

my $routed = h('820000000001');
$link_types{'token-ring'} = 6;
$captures{'token-ring'} = sub {
        map({ h('1040') . $to . $from . $_ } @llc), map({ h('1040') . $to . $routed . h('0830 0011 0022 0030') . $_ } @llc), map({ chr . h('40') . $to . $from . $llc[0] } 0, 0x08, 0x10, 0xf8), map({ h('10') . chr($_) . $to . $from . 'payload' } 0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xff),
                map({ h('1040') . $to . $routed . pack('n', $_) . $llc[0] } 0x0200, 0x0210, 0x8270, 0xc2f0, 0x4220, 0, 0x0100, 0x0300), h('1040') . $to . $routed . h('1e40') . h('0123') x 14 . $llc[0], h('1000') . $to . $routed . h('0630 0011 0022') . 'payload', h('1040') . $to . $routed . h('0e30 0011'), h('1040') . $to . $routed;
};

$link_types{ipfc} = 122;
$captures{ipfc} = sub { map { h('1000') . $to . h('2000') . $from . $_ } @llc };
$link_types{ieee1394} = 138;
$captures{ieee1394} = sub { map { h('0102030405060708 1112131415161718') . $_->[0] . $_->[1] } @types };
$link_types{ipoib} = 242;
$captures{ipoib} = sub { map { h('00') x 20 . h('6000000000000000') . h('aa') x 12 . $_->[0] . h('0000') . $_->[1] } @types };

my @arcnet = ([0xd4, $ping4], [0xc4, $ping6], [0xd5, $arp], [0xd6, $arp], [0xf7, 'banyan'], [0xdd, h('0015 0000 0001 0002 05 06 04 04 04') . 'datagram'], [0xfa, h('ffff 0026 00 11 00000000 ffffffffffff 0453 00000001 020000000001 0453 0001 ffffffff 0001 0002')], [0x99, 'unknown'], [0, 'none']);
@link_types{qw(arcnet arcnet-linux)} = (7, 129);
$captures{arcnet} = sub {
        map({ my ($type, $payload) = @$_; map { h('01 02') . chr($type) . chr($_) . h('0011') . $payload } 0 .. 4 } @arcnet), map({ h('01 fe d4 ff 0000 0000 0022') . $_ } $ping4, ''), map({ h('01 fe d4 ff 0000 00') . chr($_) . h('0022') . $ping4 } 1, 2, 7, 8, 255),
                h('01 00 f0') . $ping4, h('01 00 f1') . $arp, h('01 00 80') . 'diagnosis', h('01 02 d4'), h('01 02 d4 ff 0000 0000'), h('01 02 d4 00 0001'), h('01 02 f0');
};
$captures{'arcnet-linux'} = sub { map({ my ($type, $payload) = @$_; map { h('01 02 ab cd') . chr($type) . chr($_) . h('0011') . $payload } 0 .. 2 } @arcnet), h('01 00 aa bb f0') . $ping4, h('01 00 aa bb f1') . $arp, h('01 00 aa bb 80') . 'diagnosis', h('01 02 aa bb d4 00'), h('01 02 aa bb f0') };

my $segment = ipv4(6, tcp(1000, 1001, 0x18, 'data'));
sub slip { my ($direction, $head, $packet) = @_; chr($direction) . substr($head . "\0" x 15, 0, 15) . $packet }
@link_types{qw(slip slip-bsdos)} = (8, 102);
$captures{slip} = sub {
        map({ my $direction = $_; map { slip($direction, $_, $segment) } h('45'), h('70 000000 000000 0000 07'), h('80 1234'), h('8b 1234'), h('8f 1234'), h('c4 05 1234 09'), h('cf 05 1234'), h('e7 05 1234 07') } 0, 1, 2, 255), slip(0, h('40'), $ping6), slip(0, h('40'), h('50') . 'x' x 20), slip(1, h('60'), $ping4),
                map({ slip(0, chr($_) . h('1234 010203'), $segment) } 0x81, 0x82, 0x84, 0x88, 0x8c, 0x8d, 0x8e, 0xa0, 0xaf, 0xbf), map({ slip(0, chr($_) . h('06 1234 00 0102 00 8203 00 0304 00 0405'), $segment) } 0xc1, 0xc2, 0xc3, 0xc6, 0xcc, 0xe7, 0xff), slip(0, h('80'), $ping4), slip(0, h('70'), $ping4), slip(1, h('45'), ''), slip(0, h('8b'), h('40') . substr($segment, 1));
};
$captures{'slip-bsdos'} = sub { map { slip(0, h('16'), $_) } $segment, $ping4, $ping6, '', h('55') . 'x' x 30 };
1;
