# BGP updates: path attributes, and reachability of each address family.
use strict;
use warnings;
our (%captures, $station);

my @values = map { h($_) } '', '01', '0102', '020300', '02010001', 'c0000201', '0000000000', '000100000002', '0102030405060708', '00000001c0000201', '00 01020304 0a0b0c0d ff', '020200010002 0101 0003';
$captures{'bgp-attributes'} = sub {
        (map({ my $type = $_; map { bgp_attribute($type, $_, 0xc0) } @values } 1 .. 10, 14 .. 18, 22, 26, 32, 128), map({ my $type = $_; map { bgp_attribute($type, $_, 0xc0) } @values[0, 8] } 0, 11 .. 13, 19 .. 21, 23 .. 25, 27 .. 31, 33, 40, 127, 129, 255), map({ bgp_attribute(1, h('00'), $_) } map { $_ << 4 } 0 .. 15), bgp_attribute(1, h('00'), 0x4f),
                map({ bgp_attribute(1, chr $_) } 0 .. 4), 
                # paths of two and four bytes an AS
                map({ my $type = $_; map { bgp_attribute($type, h($_)) } '0202 fde8 fde9', '0201 fde8 0400', '0300 0201 fde8', '0100 0100 0101 0000fde8', '0202 0000fde8 0000fde9', '0202 00010000 00010001', '0102 0001 0002', '0302 0001 0002', '0402 0001 0002', '0502 0001 0002', '0001 0001', '0201 0001 0201 0002', '0201 0001 0101 0002 0203', '02ff 0001', '0200', '02', '0202 00000001 00000002 0102 00000003 00000004', '0301 00000001 0201 00000002', '0204 0001 0002 0003 0004', '0201 fde8 0102 fde9 fdea', '0102 00000001 00000002' } 2, 17),
                # aggregator
                map({ bgp_attribute($_, h('fde8') . ip('192.0.2.1')), bgp_attribute($_, h('0001fde8') . ip('192.0.2.1')), bgp_attribute($_, h('0000fde8') . ip('192.0.2.1')) } 7, 18),
                # accumulated metric
                map({ bgp_attribute(26, h($_)) } '01 000b 0000000000000064', '01 000b 0000000000000064 01 000b 00000000000000ff', '02 000b 0000000000000064', '01 000a 00000000000064', '01 0002', '01 0003', '01 00ff 01', '01 00', '', 'ff 0004 01', '01 000c 000000000000006401', '00 0000', '02 0003 01 000b 0000000000000001'),
                # large communities
                map({ bgp_attribute(32, $_) } pack('N3', 65000, 1, 2), pack('N6', 65000, 1, 2, 4294967295, 3, 4), pack('N2', 1, 2), ''),
                # tunnels of provider multicast
                map({ my $type = $_; map { bgp_attribute(22, h('01') . chr($type) . h('000640') . h($_)) } '', 'c0000201', 'c0000201 e0000001', '0000 1234 c0000201', '06 0001 04 c0000201 0005 0102030405', 'e0000001 c0000201 07', '06 0002 10 20010db800000000000000000000000100', '06 0001 04 c0000201 000c 01 0004 00000001 02 0001 01' } 0 .. 9, 255), bgp_attribute(22, h('00')), bgp_attribute(22, h('0006')), bgp_attribute(22, h('0006 0000')), bgp_attribute(22, h('8006 000641')), bgp_attribute(22, h('0006 00064f 00000000')),
                # a set of attributes
                bgp_attribute(128, pack('N', 65001) . attribute(1, h('00')) . attribute(2, h('0201 0001'))), bgp_attribute(128, pack('N', 65001)), bgp_attribute(128, pack('N', 65001) . attribute(128, pack('N', 65002) . attribute(1, h('01')))), bgp_attribute(128, h('00000001 40')), bgp_attribute(128, h('00000001 4001')), bgp_attribute(128, h('00000001 4001 05 00')), bgp_attribute(128, h('00000001 5001 0001 02 4003 04') . ip('192.0.2.1')),
                bgp_attribute(128, join '', map { attribute($_ > 1 ? 128 : 128, pack('N', $_)) } 1), (sub { my $value = attribute(1, h('00')); $value = attribute(128, pack('N', $_) . $value) for 1 .. 14; bgp4(bgp_update($value)) })->(),
                # the message itself
                bgp4(bgp_update('')), bgp4(bgp_update(attribute(1, h('00')) . attribute(2, '') . attribute(3, ip('192.0.2.1')) . attribute(4, pack('N', 100), 0x80) . attribute(5, pack('N', 200)) . attribute(6, '') . attribute(7, h('fde8') . ip('192.0.2.1'), 0xc0), h('18 0a0102 00 20 0a010203 07 fe 09 0a80'))), bgp4(bgp_update('', '', h('18 0a0102 10 0a03'))), bgp4(bgp_update(attribute(1, h('00')), '', h('00'))),
                bgp4(bgp_update('', h('21 0a01020304'))), bgp4(bgp_update('', h('18 0a'))), bgp4(bgp_update('', h('18'))), bgp4(bgp_update('', '', h('21 0a01020304'))), bgp4(bgp_update('', '', h('18 0a'))), bgp4(bgp(2, h('0000'))), bgp4(bgp(2, '')), bgp4(bgp(2, h('00'))), bgp4(bgp(2, h('0010 18 0a0102'))), bgp4(bgp(2, h('0000 0010 4001 01 00'))), bgp4(bgp(2, h('0000 0003 4001 01'))), bgp4(bgp(2, h('0000 0004 5001 0100'))), bgp4(bgp(2, h('0000 0002 4001'))), bgp4(bgp(2, h('0000 0001 40'))),
                bgp4(bgp_update(attribute(2, 'x' x 300))), bgp4(bgp_update(attribute(8, h('fde80001') x 70))), bgp4(bgp_update('', h('00000001 18 0a0102 00000002 18 0a0103'))), bgp4(bgp_update('', h('00000001 20 0a010201'))));
};
$captures{'bgp-communities'} = sub {
                # communities
                bgp_attribute(8, pack 'N*', 0, 0xfde80001, 0x00010002, 0xffffffff, 0xffff0000 .. 0xffff0008, 0xffff029a, map { 0xffffff00 + $_ } 0 .. 9),
                bgp_attribute(9, ip('192.0.2.9')), bgp_attribute(10, ip('192.0.2.9') . ip('192.0.2.8')),
                # extended communities
                map({ bgp_attribute(16, pack('n', $_) . h('0102 0304 0506')) } map({ my $high = $_; map { $high << 8 | $_ } 0 .. 12 } 0 .. 3, 0x40, 0x80), 0x4104, 0xc006, 0xffff, 0x8800 .. 0x8806, 0xf109 .. 0xf10b), map({ bgp_attribute(16, h('030c 0000 0000') . pack('n', $_)) } 0 .. 18), map({ bgp_attribute(16, h('0306') . ip('192.0.2.1') . chr($_) . h('01')) } 0 .. 8, 129), map({ bgp_attribute(16, h('4004 fde8') . pack('N', $_)) } 0x7f800000, 0x7fc00000, 0xbf800000, 0x7f7fffff, 1, 0x447a0000),
                bgp_attribute(16, h('0002 fde8 00000001 0102 c0000201 0001 0202 0000fde8 0001 0003 fde8 00000002 4004 fde8 4d1502f9')), bgp_attribute(16, h('800a 1302 05dc 0000 0300 0000 0000 0003 0305 c0000201 0505 8009 fde8 447a0000')),
                bgp_attribute(16, h('8006 0000 47f42400 8006 0001 00000000 8006 0000 7f800000 8007 0000 00000003 8008 fde8 00000064 8009 0000 0000000a')), map({ bgp_attribute(16, h('0306') . ip('192.0.2.1') . $_) } h('0000'), h('0101'), h('0201'), h('0301'), h('0401'), h('0501'), h('0600'), h('ffff')), map({ bgp_attribute(16, h('800a') . chr($_) . h('0205dc0000')) } 0 .. 26, 39 .. 45, 100, 255), map({ bgp_attribute(16, h('800a04') . chr($_) . h('05dc0000')) } map { 1 << $_ } 0 .. 7);
};
1;
