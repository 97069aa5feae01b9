# IPv6 with a jumbo payload option or without the one it needs, RFC 2675: no packet is really that long.
use strict;
use warnings;
our %captures;

# hop_by_hop NEXT, OPTIONS: padded
sub hop_by_hop { my ($next, $options) = @_; my $size = 2 + length $options; $options .= "\0" x (-$size % 8); pack('CC', $next, (2 + length $options) / 8 - 1) . $options }
sub jumbo_option { tlv8(0xc2, pack 'N', $_[0]) }

$captures{jumbograms} = sub {
        my @options = ('', jumbo_option(65536), jumbo_option(65535), jumbo_option(0), jumbo_option(0xffffffff), jumbo_option(0xffffffd7), jumbo_option(0xffffffd8), jumbo_option(0x80000000), jumbo_option(100000) . jumbo_option(70000), jumbo_option(100000) . jumbo_option(5), jumbo_option(5) . jumbo_option(100000), h('c2 03 000100'), h('c2 05 0001000000'), h('c2 08 0001000000000000'), h('c2 04 0001'), h('0502 0000'), h('0502 0000') . jumbo_option(65536), h('0503 000000'), jumbo_option(65536) . h('0503 000000'), h('0503 000000') . jumbo_option(65536), jumbo_option(5) . h('0503 000000'), h('0501 00'), h('0102 0000') . jumbo_option(65536), h('0120'), jumbo_option(65536) . h('0120 00'), h('1e04 01020304') . jumbo_option(65536), h('c910') . ip6('2001:db8::77'), h('c911') . 'a' x 17, h('c90f') . 'a' x 15, jumbo_option(65536) . h('c90f') . 'a' x 15);
        my $udp = udp(1024, 1025, 'a' x 20);
        my $zero = $udp;
        substr($zero, 4, 2) = "\0\0";
        my $home = ip6('2001:db8::77');
        (map({ eth6(0, hop_by_hop(59, tlv8(0xc9, $home . h($_)))) } '00', '000000', '0100', '0101', '01020000', '0103', '02', '0200', '02020001', '02030001', '0310' . 'ab' x 16, '0402 0102', '0202 0001 00 0100 0302 ffff', 'ff02 0102', '0502'), map({ my $options = $_; map { my ($next, $length) = @$_; eth6(0, hop_by_hop($next, $options) . ($next == 58 ? h('8000 1234 00010002') . 'abcd' : $next == 17 ? $udp : hop_by_hop(17, $options) . $udp), defined $length ? (length => $length) : ()) } [58], [58, 0], [17, 0], [60, 0], [60], [0, 0], [0], [59, 0] } @options),
        map({ eth6(17, $_, length => 0, raw => 1), eth6(0, hop_by_hop(17, jumbo_option(65536)) . $_, length => 0), eth6(60, hop_by_hop(17, jumbo_option(65536)) . $_, length => 0), eth6(60, hop_by_hop(17, jumbo_option(65536)) . $_) } $udp, $zero, ''),
        map({ eth6(0, substr(hop_by_hop(58, jumbo_option(65536)) . 'abcd', 0, $_), length => 0) } 0 .. 9), map({ eth6(0, pack('CC', 58, $_) . jumbo_option(65536) . h('8000 1234 00010002') . 'abcd', length => 0) } 1, 2, 3, 255), eth6(6, tcp(1, 2, 2, ''), length => 0), eth6(58, h('8000'), length => 0, raw => 1), eth6(0, '', length => 0), eth6(44, h('1100 0000 00000001') . $udp, length => 0), eth6(43, h('1100 0000 00000000') . $udp, length => 0), eth6(135, h('3b00 0000 1234 0000'), length => 0), eth6(0, hop_by_hop(44, jumbo_option(65536)) . h('1100 0009 00000001') . $udp, length => 0), eth6(0, hop_by_hop(44, jumbo_option(65536)) . h('1100 0001 00000001') . $udp, length => 0), eth6(0, hop_by_hop(43, jumbo_option(65536)) . h('1100 0000 00000000') . $udp, length => 0), eth6(0, hop_by_hop(51, jumbo_option(65536)) . h('1104 0000 00000001 00000001 000000000000000000000000') . $udp, length => 0), eth6(0, hop_by_hop(135, jumbo_option(65536)) . h('3b00 0000 1234 0000'), length => 0));
};
1;
