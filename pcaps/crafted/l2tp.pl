# L2TP, RFC 2661: all AVPs, control messages, and PPP in it.
use strict;
use warnings;
our %captures;

sub l2tp { udp4(1701, 1701, join '', @_) }
sub avp { my ($type, $value, %o) = @_; pack('nnn', ($o{flags} // 0x8000) | ($o{length} // 6 + length $value), $o{vendor} // 0, $type) . $value }
# A control message: flags T, L and S.
sub l2tp_control { my ($avps, %o) = @_; l2tp(pack('nnnnnn', $o{flags} // 0xc802, $o{length} // 12 + length $avps, 5, 0, 1, 2) . $avps) }
my $type = avp(0, pack 'n', 1);

$captures{l2tp} = sub {
        (map({ l2tp_control(avp(0, pack 'n', $_)) } 0 .. 17, 255), map({ my $value = $_; map { l2tp_control($type . avp($_, $value)) } 0 .. 48, 255 } h('00010203'), 'a text value', h('0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c')), map({ my $avp = $_; map { l2tp_control(avp($avp, 'x' x $_)) } 0 .. 3 } 0 .. 39), map({ l2tp_control($type . avp(1, pack('n', $_->[0]) . $_->[1])) } map({ [$_, ''] } 0 .. 7), [2, pack 'n', 0], map({ [2, pack('n', $_) . 'text'] } 0 .. 9), [6, pack('n', 8) . 'm']), map({ l2tp_control($type . avp(12, pack('nC', 16, $_) . 'advisory')) } 0 .. 2), map({ l2tp_control($type . avp(12, 'x' x $_)) } 0 .. 4), map({ my $value = 1 << $_; map { l2tp_control($type . avp($_, pack 'N', $value)) } 3, 4, 18, 19 } 0 .. 3), map({ l2tp_control($type . avp(29, pack 'n', $_)) } 0 .. 6), map({ l2tp_control($type . avp(46, pack('nnC', $_, 0xc021, $_ & 3) . 'msg')) } 0 .. 25), map({ l2tp_control($type . avp(46, pack('nnC', 1, 0xc021, $_))) } 0 .. 3), map({ l2tp_control($type . avp(46, 'x' x $_)) } 0 .. 5),
                map({ l2tp_control($type . avp(5, 'breaker8', flags => $_)) } 0, 0x4000, 0xc000, 0xbc00), l2tp_control($type . avp(9, 'vendor', vendor => 9)), l2tp_control($type . avp(1, 'vendor', vendor => 0xffff, flags => 0)), map({ l2tp_control($type . avp(7, 'host', length => $_)) } 0, 5, 6, 7, 9, 11, 100, 0x3ff), l2tp_control(''), l2tp_control('abc'), map({ l2tp_control($type, length => $_) } 0, 11, 12, 13, 19, 21, 100), map({ l2tp_control($type, flags => $_) } 0xc800, 0xc803, 0xc80f, 0xcb02, 0xffff, 0xc0f2));
};
$captures{'l2tp-data'} = sub {
        my $ppp = h('ff03 c021 01 05 0008 0104 05dc');
        (map({ my ($flags, $fields) = @$_; l2tp(pack('n', $flags) . h($fields) . $ppp) } [2, '0005 0007'], [0x4002, '0014 0005 0007'], [0x4002, '0005 0005 0007'], [0x4002, '0100 0005 0007'], [0x0802, '0005 0007 0001 0002'], [0x0202, '0005 0007 0000'], [0x0202, '0005 0007 0002 abcd'], [0x0202, '0005 0007 00ff'], [0x0102, '0005 0007'], [0x4b02, '001c 0005 0007 0001 0002 0002 abcd'], [0x4f02, '001a 0005 0007 0001 0002 0000'], [0x3402, '0005 0007'], [0x00f2, '0005 0007'], [0x8002, '0005 0007'], [0xc002, '0014 0005 0007'], [0x8802, '0005 0007 0001 0002'], [1, '0005 0007'], [3, '0005 0007'], [0x4003, '0014 0005']),
                l2tp(h('0002 0005 0007')), l2tp(h('0002 0005 0007 ff03 0021') . ipv4(17, udp(1, 2, 'in ppp'))), l2tp(h('0002 0005 0007 0021') . ipv4(17, udp(1, 2, 'in ppp'))), l2tp(h('4002 0008 0005 0007')), l2tp(''), l2tp('a'), l2tp(h('c802')), l2tp(h('c802 000c 0005')), udp4(40000, 1701, h('0002 0005 0007') . $ppp), map({ l2tp(h('0002 0005 0007', $_) . h('c021 01 05 0008 0104 05dc')) } '0003', '0103', '0203'), udp4(1701, 40000, h('0002 0005 0007') . $ppp), udp6(1701, 1701, h('0002 0005 0007') . $ppp));
};
1;
