# AHCP, draft-chroboczek-ahcp-00.
use strict;
use warnings;
our %captures;

# ahcp TYPE, OPTIONS, LENGTH
sub ahcp { my ($type, $options, $length) = @_; h('2b 01 05 0a 01020304 1011121314151617 2021222324252627') . pack('CCn', $type, 0, $length // length $options) . $options }
sub with_mbz { my ($packet, $value) = @_; substr($packet, 25, 1) = chr $value; $packet }
sub ahcp6 { udp6(5359, 5359, ahcp(@_)) }

$captures{ahcp} = sub {
        my $expires = h('03 04 00000e10');
        (map({ ahcp6($_, '') } 0 .. 6, 255),
                # all options, of many lengths
                map({ my $type = $_; map { ahcp6(1, tlv8($type, join '', map { chr } 1 .. $_)) } 0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 19, 20, 32, 33, 34 } 0 .. 15, 255),
                map({ ahcp6(1, tlv8(2, pack 'N', $_)) } 0, 1, 1700000000, 0xffffffff), map({ ahcp6(1, tlv8($_, h('00 ff 64') x 12)) } 6 .. 13),
                # several, and cut ones
                ahcp6(3, h('01') . tlv8(2, pack 'N', 1700000000) . h('00') . $expires . h('01') . tlv8(9, ip('10.0.0.1')) . tlv8(12, ip6('2001:db8::35')) . h('00 01')), ahcp6(3, $expires . h('63 02 0102') . $expires), map({ ahcp6(3, $_ . $expires) } h('03 03 000e10'), h('04 03 000e10')), map({ ahcp6(3, $_) } '03', h('03'), h('01 03'), h('ff'), h('ff 00'), h('ff 01'), h('09 08 00000000'), h('03 05 00000e10')),
                # lengths of the body
                map({ my $length = $_; map { ahcp6(3, $_, $length) } '', $expires, $expires . h('01'), $expires x 2 } 0, 1, 2, 5, 6, 7, 8, 12, 65535),
                udp6(5359, 5359, with_mbz(ahcp(1, $expires), 5)),
                # headers
                map({ udp6(5359, 5359, h($_)) } '', '2b', '2a', '2b01', '2b02', '2b00', '2a01', '2b0105', '2b01050a 01', '2b01050a 01020304 01', '2b02 01020304 05060708', '2a01050a 01020304 1011121314151617 2021222324252627 00000000', '0101050a 01020304 1011121314151617 2021222324252627 00000000'),
                map({ udp6(5359, 5359, substr ahcp(1, $expires), 0, $_) } 8, 16, 23, 24, 25, 26, 27, 28, 29, 30, 33), map({ my $v = $_; my $p = ahcp(1, $expires); substr($p, 1, 1) = chr $v; udp6(5359, 5359, $p) } 0, 2, 255),
                udp6(5359, 1234, ahcp(0, '')), udp4(1234, 5359, ahcp(2, $expires)), udp6(53, 5359, ahcp(0, '')), udp6(5359, 514, ahcp(0, '')));
};
1;
