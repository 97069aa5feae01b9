# Cisco's NetFlow export, versions 1, 5, 6 and others, as -T cnfp shows it.
use strict;
use warnings;
our %captures;

$captures{cnfp} = sub {
        my $header = sub { my ($version, $count, $uptime, $rest) = @_; pack('nnNNN', $version, $count, $uptime // 0x12345, 1700000000, 5000000) . ($version == 1 ? '' : pack('N', 7) . h('01020000')) };
        # A flow: its protocol, flags at both places, and type of service.
        my $flow = sub { my ($protocol, $flags, $tos, $more) = @_; h('c0000201 c0000202 c0000203 0001 0002') . pack('N4', 10, 1500, 1000, 2001) . pack('nn', 40000, 80) . pack('CCCC', $flags, $flags, $protocol, $tos) . pack('nn', 65001, 65002) . pack('CCCC', 24, 16, 1, 2) . ($more // '') };
        my @flows = (map({ $flow->(6, $_, 0) } 0, map({ 1 << $_ } 0 .. 7), 0x3f, 0xff), map { $flow->($_, 0x12, 0x10) } 0, 1, 2, 17, 47, 50, 89, 132, 253, 254, 255);
        (map({ my $v = $_; map { udp4(2000, 2055, $_) } $header->($v, 0, 0), $header->($v, 0, 1), $header->($v, 0), $header->($v, 1, 0x20000),
                $header->($v, 1, 5) . $flows[0] . 'abcd',
                $header->($v, 0, 0x10000) . $flows[0] . 'abcdefgh',
                $header->($v, 0, 0x20000) . $flows[0] . 'abcdefgh',
                $header->($v, 0, 0x20000) . $flows[0] . 'abcd' . $flows[1] . 'abcdefgh',
                $header->($v, scalar @flows) . join('', map { $v == 1 ? $_ : $_ . h('01020304') } @flows), $header->($v, 2) . $flow->(6, 2, 0, h('00000000')) x 2, substr $header->($v, 1), 0, 10 } 1, 5, 6),
         map({ udp4(2055, 2000, $header->($_, 1) . $flows[0]) } 0, 2 .. 4, 7 .. 10, 0x1234, 0xffff), udp4(2000, 9995, ''), udp4(2000, 9995, "\0"), udp4(2000, 9995, "\0\5"), udp4(2000, 9995, "\0\5\0\1"), udp6(2000, 9995, $header->(5, 1) . $flows[0] . 'abcd'));
};
1;
