# The link management protocol, RFC 4204: all messages and objects.
use strict;
use warnings;
our %captures;

sub lmp_object { my ($class, $type, $value, %o) = @_; pack('CCn', ($o{negotiable} ? 0x80 : 0) | $type, $class, $o{size} // 4 + length $value) . $value }
sub lmp { my ($type, $objects, %o) = @_; pack('nCCnn', ($o{version} // 1) << 12, $o{flags} // 0, $type, $o{length} // 8 + length $objects, 0) . $objects }
sub lmp4 { udp4(701, 701, lmp(@_)) }
sub lmp_with { lmp4(6, lmp_object(@_)) }

my ($v4, $v6) = (ip('192.0.2.1'), ip6('2001:db8::1'));
my @rates = map { pack 'f>', $_ } 1250000, 1.25e9;

$captures{lmp} = sub {
        my $channel = lmp_object(1, 1, pack('N', 7));
        (map({ lmp4($_, $channel) } 0 .. 21, 49 .. 53, 255), map({ lmp4(4, '', flags => $_) } 1 .. 4, 255), lmp4(1, '', version => 0), lmp4(1, '', version => 2), map({ lmp4(4, $channel, length => $_) } 0, 7, 8, 10, 12, 15, 17, 100), lmp4(4, 'abc'), lmp4(4, 'abcd'), lmp4(4, $channel . 'ab'), udp4(701, 701, 'short'), udp6(50153, 701, lmp(4, $channel)), udp4(701, 50153, lmp(4, $channel)), map({ lmp_with(1, 1, pack('N', 7), size => $_) } 0, 3, 4, 5, 10, 12, 100), lmp_with(1, 1, pack('N', 7), negotiable => 1), lmp4(1, $channel . lmp_object(99, 5, 'abcd') . $channel),
                # each known type: cut short, right, and longer
                map({ my ($class, $type, $size) = @$_; map { lmp_with($class, $type, pack 'C*', map { $_ * 7 & 255 } 1 .. $_) } $size > 4 ? $size - 4 : 0, $size, $size + 4 } [1, 1, 4], [1, 2, 4], [2, 1, 4], [2, 2, 4], [3, 1, 4], [3, 2, 4], [3, 3, 16], [3, 4, 16], [3, 5, 4], [3, 6, 4], [4, 1, 4], [4, 2, 4], [4, 3, 16], [4, 4, 16], [4, 5, 4], [4, 6, 4], [5, 1, 4], [5, 2, 4], [6, 1, 4], [7, 1, 8], [8, 1, 20], [9, 1, 4], [10, 1, 4], [11, 1, 12], [11, 2, 36], [11, 3, 12], [12, 1, 12], [12, 2, 36], [12, 3, 12], [13, 1, 8], [13, 2, 20], [13, 3, 8], [14, 1, 4], [14, 2, 16], [14, 3, 4], [20, 1, 4], [20, 2, 4], [51, 1, 4], [51, 2, 16], [51, 3, 8], [51, 4, 4]),
                map({ my $class = $_; map { lmp_with($class, $_, 'abcd') } 0, 3, 7, 17, 127 } 0 .. 14, 15, 20, 51, 52, 255), map({ lmp_with(8, 1, pack('nnN', $_, 5, 6) . h('0500 8001') . $rates[0] . pack('N', 1550)) } 0 .. 4), map({ lmp_with(8, 1, pack('nnNCCn', 0, 5, 6, $_, 0, 1) . $rates[1] . pack('N', 0)) } 0 .. 12), map({ lmp_with(11, 1, chr($_) . h('000000') . $v4 x 2) } 0 .. 4, 255), map({ lmp_with(12, 1, chr($_) . h('000000') . $v4 x 2) } 0 .. 8, 255), map({ my $kind = $_; map { lmp_with(20, $kind, pack 'N', $_) } 0, map({ 1 << $_ } 0 .. 7), 0x3f, 0xffffffff } 1, 2), map({ lmp_with(13, 1, $v4 . pack 'N', $_) } 0 .. 4, 0x80000001, 0x40000002, 0xc0000003, 0xffffffff), lmp_with(13, 2, $v6 . h('80000001') . $v6 . h('40000003')), lmp_with(13, 1, ''), lmp_with(14, 3, ''),
                map({ my $parts = h($_); map { lmp_with(12, $_->[0], h('01000000') . $_->[1] x 2 . $parts) } [1, $v4], [2, $v6], [3, pack 'N', 5] } '010c 0105 499896804e9502f9', '010c 3307 499896804e9502f9 0208 0000 0000060e', '0304 0000', '0308 0000 00000000 0208 0000 00000001', '0100 0000', '0003 0000', '0106 0000', '0110 0000', '0104 0105', '0204 0000'), map({ lmp_with(51, 1, pack('CCn', $_, 7, 9)) } 0 .. 4, 255), map({ my $link = $_; map { lmp_with(51, 2, pack('CCCCnnnn', $link, $_, $_ & 7, $_ & 1, 1, 2, 3, 4) . $v4) } 0, 4 .. 13 } 0, 5, 6, 7), lmp_with(51, 2, h('05 05 ff ff 00010002 00030004') . $v4), map({ lmp_with(51, 3, pack('NN', $_, $_)) } 0 .. 4, 0xffffffff), map({ lmp_with(51, 4, pack('N', $_)) } 0 .. 8, 0xffffffff));
};
1;
