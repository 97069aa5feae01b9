# Cisco's protocols in SNAP: CDP, DTP, UDLD and VTP, with every field, of right and wrong sizes.
use strict;
use warnings;

our %captures;

my $cisco = sub { my ($pid, @parts) = @_; llc(mac('01:00:0c:cc:cc:cc'), h('aaaa03 00000c', $pid) . join '', @parts) };
my $field = sub { my ($type, $value) = @_; pack('nn', $type, 4 + length $value) . $value };

$captures{cdp} = sub {
        my $cdp = sub { $cisco->('2000', h('02b4 1234'), @_) };
        my $address = h('0101cc0004c0000201');
        my $address6 = h('0208aaaa0300000086dd0010') . ip6('2001:db8::1');
        ($cdp->(map { $field->($_->[0], $_->[1]) } [1, 'switch.example'], [2, h('00000002') . $address . $address6], [3, 'GigabitEthernet0/1'], [4, h('00000029')], [5, "IOS\nVersion 15\n"], [6, 'cisco WS-C2960'], [7, h('0a00000018 0a00010010')],
                        [8, h('00000c 0112 0000')], [9, 'domain'], [10, h('002a')], [11, h('01')], [14, h('20 2001')], [15, h('20 002a')], [16, h('0bb8')], [17, h('000005dc')], [18, h('00')], [19, h('01')], [20, 'name'], [21, h('0102')], [22, h('00000001') . $address], [23, h('00') . 'rack'], [24, 'x']),
                map({ my $type = $_; map { $cdp->($field->($type, h('000102030405060708' x 2, '') =~ s/^(.{$_}).*/$1/sr)) } 0 .. 5, 9 } 0 .. 0x1a),
                map({ $cdp->($field->(4, pack 'N', 1 << $_)) } 0 .. 8), map({ $cdp->($field->(16, h($_))) } '05', '0f', '19', '0005', '000f', '007d', '0177', 'ffff', '010000', 'ffffff'), map({ $cdp->($field->(15, h($_))) } '20002a', '2000'), map({ $cdp->($field->(11, h($_))) } '00', '02'),
                map({ $cdp->($field->(2, $_), $field->(22, $_)) } h('00000003') . $address . h('0101cc0003c00002 01010400050102030405'), h('00000002 0208aaaa03000000809b0003 010203 0000 0001 ff'), h('00000001 0101'), h('00000001 01'), h('00000001 0101cc'), h('00000001 0101cc0004'), h('00000001 0101cc0004c0'), h('00000001 0101cc0009c0000201'), h('00000001 0208aaaa0300000086dd0010 20010db8'), h('00000000'), h('00000002') . $address, h('ffffffff') . $address x 2, h('00000001 02ff'), h('00000001') . $address . 'x', h('00000002') . $address6 x 2),
                map({ $cdp->(h($_)) } '', '00010003', '00010000', '0001000041', '000100', '0001', '00', '00010004', '0001 0020 4142', '000c 0004', '0005 0007 414243'), map({ $cisco->('2000', h($_)) } '', '02', '02b4', '02b400', '01ff0000'));
};
$captures{dtp} = sub {
        my $dtp = sub { $cisco->('2004', h('01'), @_) };
        ($dtp->($field->(1, "domain\0"), $field->(2, h('81')), $field->(3, h('a5')), $field->(4, mac('02:00:00:00:00:01')), $field->(5, 'x')),
                map({ my $type = $_; map { $dtp->($field->($type, 'A' x $_)) } 0 .. 2, 5 .. 7 } 0 .. 5), $dtp->($field->(1, "a\0b\xff\x01")), map({ $cisco->('2004', h($_)) } '', '02', '0100', '01000100', '0100010004', '0100010003', '0100010000', '01000100054142', '0100010008 4142', '010000 0004', '010004000a 010203'));
};
$captures{udld} = sub {
        my $udld = sub { $cisco->('0111', h('2101 5678'), @_) };
        ($udld->($field->(1, 'FDO1234'), $field->(2, 'Gi0/1'), $field->(3, h('00000001 0003') . 'ABC' . h('0002') . 'DE'), $field->(4, h('0f')), $field->(5, h('05')), $field->(6, "switch\0\xff"), $field->(7, h('0000002a')), $field->(8, 'x')),
                map({ my $type = $_; map { $udld->($field->($type, 'A' x $_)) } 0 .. 5 } 0 .. 8), map({ $cisco->('0111', pack 'CCn', 0x20 | $_, 1 << $_ % 8, 0xffff) } 0 .. 31), map({ $cisco->('0111', h($_)) } '', '21', '2101', '210100', '21010000', '210300000001', '2100000000010003', '2100000000010000', '210000000001000541', '2100000000010009 4142', '410000000000 0004', 'e1ff0000'));
};
$captures{vtp} = sub {
        my $domain = pack 'Ca32', 6, 'domain';
        my $summary = h('0000002a c0000201') . '230101120000' . h('ab' x 16);
        my $vtp = sub { my ($type, $detail, @parts) = @_; $cisco->('2003', pack('CCC', 1, $type, $detail), $domain, @parts) };
        my $vlan = sub {
                my ($status, $kind, $name, $fields) = @_;
                my $rest = pack('CCCnnN', $status, $kind, length $name, 42, 1500, 100042) . $name . "\0" x (-length($name) % 4) . $fields;
                chr(1 + length $rest) . $rest;
        };
        my $subset = sub { $vtp->(2, 1, h('0000002a'), @_) };
        ($vtp->(1, 1, $summary), $cisco->('2003', h('0201 02'), $domain, $summary), $vtp->(1, 0, $summary . 'more'), $vtp->(1, 0, 'short'), $vtp->(3, 0, h('0000002a')), $vtp->(3, 7), $vtp->(4, 1, h('002a 03ea 0102')), $vtp->(4, 0), $vtp->(5, 9), $vtp->(0, 0, 'x'),
                $subset->($vlan->(0, 1, 'default', ''), $vlan->(1, 2, 'fddi', h(map { sprintf '%02x01%04x', $_, $_ } 1 .. 11)), map { $vlan->($_, $_, 'x' x $_, '') } 0 .. 6),
                map({ my $type = $_; $subset->(map { $vlan->(0, 1, 'v', pack 'CCn', $type, 1, $_) } 0 .. 4) } 0 .. 11), map({ $subset->($vlan->(0, 1, 'v', h($_))) } '01', '0100', '0102', '01020001', '010200010002', '0001', '03010001 00'), $subset->(), $subset->(h('00')), $subset->(h('ff00')), $subset->(h('0c 00 01 00 0001 05dc 00000001')), $subset->(h('0c 00 01 20 0001 05dc 00000001')), $subset->(h('05 00010101')), $subset->(h('01')), $subset->(h('01') x 3), $vtp->(2, 0, h('0000')),
                map({ $cisco->('2003', h('010100') . pack 'Ca32', $_, 'd' x 32) } 0, 1, 31, 32, 33, 255), map({ $cisco->('2003', h($_)) } '', '01', '0101', '010100', '010100' . '00' x 32));
};

1;
