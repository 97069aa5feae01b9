# IEEE 802.11: management frames of all subtypes with their elements, control frames, data frames in all directions, with
# QoS, encrypted, with a mesh header; behind the headers of radiotap, AVS, Prism and PPI.
use strict;
use warnings;
our (%captures, %link_types, $ping4, $ping6);

my $addresses = h('020000000001 020000000002 020000000003 1032');
my $fourth = h('020000000004');

sub wlan_management { my ($subtype, $body, $flags) = @_; pack('CCv', $subtype << 4, $flags // 0, 314) . $addresses . $body }
sub wlan_control { my ($subtype, $body, $flags) = @_; pack('CCv', $subtype << 4 | 4, $flags // 0, 0xc123) . $body }

sub wlan_data {
        my ($subtype, $flags, $body) = @_;
        pack('CCv', $subtype << 4 | 8, $flags, 48) . $addresses . (($flags & 3) == 3 ? $fourth : '') . ($subtype & 8 ? h('0700') : '') . $body;
}

sub wlan_snap { my ($type, $payload) = @_; h('aaaa03 000000') . pack('n', $type) . $payload }
sub wlan_ping { my ($subtype, $flags) = @_; wlan_data($subtype, $flags, wlan_snap(0x0800, $ping4)) }

my $beacon = sub { my ($capabilities, $elements) = @_; h('1122334455667788 6400') . pack('v', $capabilities) . $elements };
my $network = tlv8(0, 'filt test');
my $rates = tlv8(1, h('82848b96 0c12 1824'));
my @elements = (
        '', $network, $network . $rates . tlv8(3, h('06')) . tlv8(5, h('01020304')) . tlv8(42, h('00')) . tlv8(50, h('30486c')) . tlv8(48, h('0100 000fac04 0100 000fac04 0100 000fac02 0000')),
        tlv8(0, '') . $rates, tlv8(0, h('00') x 8), tlv8(0, "a\n\xff\x7f\0b"), tlv8(0, 'x' x 32), tlv8(0, 'x' x 33), $network . tlv8(0, 'second'), tlv8(0, '') . $network,
        tlv8(1, ''), tlv8(1, '') . $rates, $rates . tlv8(1, h('0204')), tlv8(1, h('02' x 16)), tlv8(1, h('02' x 17)), tlv8(1, h('00 80 7f ff 03')), tlv8(2, h('0102030405')) . $network, tlv8(2, h('01')) . $network,
        tlv8(3, h('0b')) . tlv8(3, h('01')), tlv8(3, h('0102')) . tlv8(3, h('09')), tlv8(3, ''), tlv8(4, h('010203040506')) . $network, tlv8(4, h('01')) . $network, tlv8(5, h('01')) . $network,
        tlv8(5, h('01') x 254) . $network, tlv8(5, h('01') x 255) . $network, tlv8(6, h('0100')) . $network, tlv8(7, 'DE ' . h('010d14')) . $network, tlv8(16, 'c' x 16) . $network, tlv8(16, 'c' x 253) . $network, tlv8(16, 'c' x 254) . $network,
        tlv8(221, h('0050f2 01 0100 0050f202 0100 0050f202 0100 0050f202')) . $network, tlv8(45, h('00') x 26) . tlv8(61, h('00') x 22) . $network, tlv8(191, h('00') x 12) . $network, tlv8(255, h('23') . 'x' x 20) . $network,
        $network . h('01'), $network . h('0108 0204'), $network . h('03 01'), h('00 20') . 'short', $network . h('dd ff 00'),
);
my @frames = (
        map({ my $elements = $_; map { wlan_management(8, $beacon->($_, $elements)) } 0x0001, 0x0012 } @elements), map({ wlan_management(4, $_) } @elements),
        map({ wlan_management(5, $beacon->(0x0431, $_)) } @elements[0 .. 4]), wlan_management(5, $beacon->(0x0401, $elements[2])), map({ wlan_management(0, h('3104 0a00') . $_) } @elements[0 .. 4]), map({ wlan_management(2, h('3104 0a00 02000000000a') . $_) } @elements[0 .. 4]),
        map({ my $subtype = $_; map { wlan_management($subtype, h('3104') . pack('vv', $_, 0xc001) . $rates) } 0, 1, 2, 12, 17, 20, 37, 77, 107, 108, 65535 } 1, 3), wlan_management(1, h('0104 0000 01c0') . $rates),
        map({ my $algorithm = $_; map { wlan_management(11, pack('vvv', $algorithm, $_, 13) . tlv8(16, 'challenge')) } 0 .. 4 } 0 .. 3), wlan_management(11, h('0100 0200 0000') . h('10 ff 31')), wlan_management(11, h('0100 0300 0000'), 0x40),
        map({ wlan_management(10, pack('v', $_)) } 0 .. 67, 65535), map({ wlan_management(12, pack('v', $_)) } 0, 3, 46, 99),
        map({ my $category = $_; map { wlan_management(13, chr($category) . chr($_) . 'abcd') } 0 .. ($category < 9 ? 3 : 11) } 0 .. 9, 13, 14, 15, 127, 255),
        map({ wlan_management($_, h('00' x 30)) } 6, 7, 9, 14, 15), map({ wlan_management($_, h('01020345 ffff'), 0x40) } 0 .. 15), map({ wlan_management(8, $beacon->(1, $network), $_) } map { 1 << $_ } 0 .. 7), wlan_management(8, h('')),
);
my @short = (
        map({ wlan_control($_, substr $addresses, 0, 18) } 0 .. 15), wlan_control(8, h('020000000001 020000000002 0500 30ff')), wlan_control(9, h('020000000001 020000000002 0500 30ff') . h('ff') x 8), map({ wlan_control(11, $addresses, 1 << $_) } 0 .. 7),
        wlan_control(10, h('020000000001 020000000002'), 0xff), h('0c00 0000') . $addresses, h('d7 00 0000') . $addresses,
);
my @data = (
        map({ my $flags = $_; map { wlan_ping($_, $flags) } 0 .. 15 } 0 .. 3), map({ wlan_ping(8, 1 << $_) } 2 .. 7), wlan_data(0, 0x41, h('010203c5 00112233')), wlan_data(8, 0x42, h('ffffff20 ff')), wlan_data(0, 2, wlan_snap(0x86dd, $ping6)),
        wlan_data(0, 2, wlan_snap(0x888e, h('0203 0005 01 02 0005 01'))), wlan_data(0, 0, wlan_snap(0x1234, 'unknown')), wlan_data(8, 0, h('4242 03 0000 00 00 00 8000 020000000001 00000000 8000 020000000001 8001 0000 1400 0200 0f00')), wlan_data(0, 0, h('0e0e 03') . 'none'),
         wlan_data(8, 3, h('aa')), wlan_data(8, 3, ''), wlan_data(8, 0x80, h('01020304') . wlan_snap(0x0800, $ping4)),
        map({ my $flags = $_; map { wlan_data(8, $_, chr($flags) . h('1f 01020304') . h('0a0a0a0a0a0a') x ($flags & 3) . wlan_snap(0x0800, $ping4)) } 1 .. 3 } 0 .. 4, 255),
);
my $ack = wlan_control(13, h('020000000001'));
my $padded = wlan_data(8, 0, h('0000') . wlan_snap(0x0800, $ping4));
my ($more, $vendor, $radio) = (1 << 31, 1 << 30, 1 << 29);

sub radiotap {
        my ($present, $fields, $frame) = @_;
        my $words = pack 'V*', ref $present ? @$present : $present;
        h('0000') . pack('v', 4 + length($words) + length $fields) . $words . $fields . ($frame // $ack);
}
sub vendor_fields { my ($data) = @_; h('00a0b0 01') . pack('v', length $data) . $data }

my $all = h('0807060504030201 12 6c 8509 c000 0102 d8a1 3412 7856 ea 10 03 20 1f 00 0000 0000 80000100 3c14 0711 170407 00 01020304 0500 0900 f701 0404 21 13 00 42 05 0912 0000');
my @radiotap = (
        radiotap(0, ''), radiotap(0x4800482f, h('0000000000000000 10 02 6c09 a000 ce 01') . h('0000 00'), $beacon ? wlan_management(8, $beacon->(0x0431, $elements[2])) . h('deadbeef') : ''), radiotap(0x003c7fff, $all), radiotap(0x0018000e, h('00 82 8509 8004 070707 00 01020304 0100 0000')),
        map({ my $bit = $_; map { radiotap(1 << $bit, $_) } h('00') x 14, h('ff') x 14, h('12345678 9abcdef0 0f1e2d3c 4b5a'), h('01') } 0 .. 31),
        map({ radiotap(4, chr) } 2, 11, 0x7f .. 0x90, 255), map({ radiotap(8, pack 'vv', 5180, $_) } 0x10, 0xa0, 0xc0, 0x140, 0x480, 0x880, 0x8c0, 0x40c0, 0x80c0, 0x4140, 0x8140, 0x4150), map({ radiotap(1 << 18, pack('Vv', $_, 2437) . h('0600')) } 0x10480, 0x20480, 0x40480, 0x60140, 0x70010),
        map({ my $flags = $_; map { radiotap(1 << 19, h('07') . chr($flags) . chr) } 0, 7, 8, 31, 32, 33, 76, 77 } 0 .. 7), radiotap(1 << 19, h('3f 7c 09')), radiotap(1 << 19, h('3d 20 ff')), radiotap(1 << 19 | 8, h('8509 c000 01 01 05')), map({ radiotap(1 << 21, h('4400 04') . chr($_) . h('91 82 00 00 05 00 0000')) } 0 .. 26),
        radiotap([$more | $radio | 4, 4], h('160b')), radiotap([$more | 4, 4], h('160b')), radiotap([$more | $vendor | 4, $more | 0x0f, $more | $radio, 4], h('1600') . vendor_fields('xyz') . h('0b')), radiotap([$more | $vendor, $more | $vendor | 4, $more | $radio, 6], vendor_fields('ab') . vendor_fields('') . h('0216')),
        radiotap([$more | $vendor | $radio | 4, 4], h('160b')), radiotap([$more, $more, 0], ''), radiotap($vendor, ''), radiotap($vendor, vendor_fields('abc')), radiotap([$more | $vendor, 4], h('00a0b0 01 ff00 16')), map({ radiotap([$more | $vendor | 4, $more | $radio, 4], substr h('1603') . vendor_fields('x') . h('160b'), 0, $_) } 0 .. 11),
        map({ my $flags = chr; map { radiotap(2, $flags, $_) } $ack . h('deadbeef'), $padded . h('deadbeef'), wlan_ping(8, 1), wlan_data(8, 3, h('0000') . wlan_snap(0x0800, $ping4)), substr($ack, 0, 5) } 0, 0x10, 0x20, 0x30, 0xcf), $padded, radiotap(0x0000000e, h('10 0b 6c09 a000'), $ack),
        h('0000 0700 00000000') . $ack, h('0000 0000 00000000') . $ack, h('0000 ffff 00000000') . $ack, h('0000 0800 00000080') . $ack, h('0100 0c00 00000000 11223344') . $ack, h('0001 0900 04000000 16') . $ack,
);
sub avs { my ($magic, $size, $frame) = @_; pack('NN', $magic, $size) . h('01') x 56 . $frame }
my @avs = map { my $frame = $_; map { avs(0x80211001, $_, $frame) } 64, 60, 65, 7, 0, 0x1000, 0xffffffff } $ack, wlan_ping(0, 1);
my $prism = h('44000000 90000000 776c616e 30000000 00000000 00000000') . h('44000100 00000400 01020304') x 10;
sub ppi { my ($link, $frame, $fields) = @_; $fields //= ''; pack('CCvV', 0, 0, 8 + length $fields, $link) . $fields . $frame }
my $ethernet = ethernet(0x0800, $ping4);
my @ppi = (
        map({ ppi(105, $_, h('0200 1400') . h('00' x 20)) } $ack, wlan_ping(0, 1), wlan_data(0, 0, wlan_snap(0x1234, 'x' x 80))), ppi(1, $ethernet), ppi(1, ethernet(0x1234, 'x' x 60)), ppi(12, $ping4), ppi(0, h('02000000') . $ping4), ppi(127, radiotap(4, h('16'), wlan_ping(0, 2))), ppi(192, ppi(105, wlan_ping(0, 2))),
        map({ ppi($_, 'abcd') } 147, 143, 999, 0xffffffff), ppi(9, h('ff030021') . $ping4), ppi(113, h('0000 0001 0006 020000000001 0000 0800') . $ping4), pack('CCvV', 1, 1, 8, 105) . $ack, map({ pack('CCvV', 0, 0, $_, 105) . $ack } 0, 7, 9, 18, 19, 65532, 65533, 65535),
);
$link_types{$_} = 105 for qw(wlan wlan-data);
$link_types{radiotap} = 127;
$link_types{avs} = 163;
$link_types{prism} = 119;
$link_types{ppi} = 192;
$captures{wlan} = sub { @frames };
$captures{'wlan-data'} = sub { @short, @data };
$captures{radiotap} = sub { @radiotap };
$captures{avs} = sub { @avs };
$captures{prism} = sub { $prism . $ack, $prism . wlan_ping(0, 1), substr($prism, 0, 143), map({ avs($_, 64, $ack) } 0x80211000 .. 0x80211003, 0x80211ffe, 0x44), @avs[0 .. 4] };
$captures{ppi} = sub { @ppi };
1;
