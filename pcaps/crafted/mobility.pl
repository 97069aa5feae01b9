# IPv6's mobility header, RFC 6275; the encapsulation of RFC 2004.
use strict;
use warnings;
our (%captures, $ping);

# mobility TYPE, DATA, HEADER_LENGTH: padded with zeros, which are options
sub mobility { my ($type, $data, $length, $next) = @_; $data .= "\0" x (-(6 + length $data) % 8); pack('CCCCn', $next // 59, $length // (6 + length $data) / 8 - 1, $type, 0, 0x1234) . $data }

$captures{mobility} = sub {
        my $data = h('1234 0102030405060708090a0b0c0d0e0f1011121314151617181920212223');
        my $refresh = sub { mobility(0, h('0000') . join '', @_) };
        my $advice = tlv8(2, h('0020'));
        my $binding = sub { my ($bits, $options) = @_; mobility(5, pack('nnn', 17, $bits, 900) . ($options // '')) };
        my $options = join '', $advice, tlv8(3, ip6('2001:db8::55')), tlv8(4, h('00010002')), tlv8(1, "\0" x 3), "\0", tlv8(5, 'a' x 12);
        (map({ my $type = $_; map { eth6(135, mobility($type, $_)) } '', substr($data, 0, 10), substr($data, 0, 18), $data, substr($data, 0, 2) . $options } 0 .. 9, 16, 255),
        map({ my $option = $_; map { eth6(135, $refresh->(tlv8($option, substr $data, 0, $_))) } 0 .. 5, 10 .. 19 } 1 .. 6, 255),
        map({ eth6(135, $binding->($_)) } 0, map({ 1 << $_ } 0 .. 15), 0xffff), map({ eth6(135, mobility(6, pack('CCnn', $_, $_, $_, $_) . $options)) } 0, 1, 127, 128, 255),
        map({ eth6(135, mobility(7, pack('CC', $_, 0) . ip6('2001:db8::77') . $options)) } 0, 1, 2, 255),
        eth6(135, $binding->(0xc000, $options)), eth6(135, $refresh->($options)), eth6(135, $refresh->("\0" x 20)), eth6(135, $refresh->($options, h('ff'))), eth6(135, $refresh->(h('02'))), map({ eth6(135, h('3b01 0000 1234 0000') . h($_)) } '0000000000000002', '0000000000000202', '0000000000000105', '0000000000020200', '0000000202000005', '0000000000050c61', '00000000000000ff'),
        map({ my $length = $_; map { eth6(135, mobility($_, $data, $length)) } 0 .. 9 } 0 .. 6, 255), map({ my $next = $_; map { eth6(135, mobility($_, $data, 4, $next) . $ping) } 0, 3, 9 } 0, 1, 6, 17, 43, 44, 58, 59, 60, 135),
        map({ my $type = $_; map { eth6(135, substr mobility($type, $data), 0, $_) } 0 .. 16, 23, 24, 31 } 0 .. 7, 99), map({ eth4(135, $_) } mobility(0, h('0000')), mobility(1, $data)),
        eth6(62, mobility(1, $data)), eth6(60, h('8700 0104 00000000') . mobility(1, $data)));
};
sub mobile { my ($protocol, $flags, $rest) = @_; with_checksum(2, pack('CCn', $protocol, $flags, 0) . $rest) }
$captures{'mobile-ip'} = sub {
        my ($home, $agent) = map { ip($_) } '10.0.0.1', '10.0.0.2';
        my $header = sub { my ($size, $packet) = @_; with_checksum(2, substr $packet, 0, $size) . substr $packet, $size };
        (map({ my ($protocol, $flags) = @$_; map { eth4(55, $_) } mobile($protocol, $flags, $home . $agent . $ping), $header->(8, pack('CCn', $protocol, $flags, 0) . $home . $agent . $ping . 'x'), $header->(12, pack('CCn', $protocol, $flags, 0) . $home . $agent . $ping . 'y'), pack('CCn', $protocol, $flags, 0xffff) . $home . $agent . 'abc' } [1, 0x80], [1, 0], [6, 0x80], [17, 0x40], [255, 0xc0], [1, 0xff], [0, 1]),
        map({ my $flags = $_; map { eth4(55, substr mobile(1, $flags, $home . $agent . 'abcd'), 0, $_) } 0 .. 15 } 0, 0x80), map { eth6(55, mobile(1, $_, $home . $agent)) } 0, 0x80);
};
1;
