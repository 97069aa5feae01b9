# BFD, RFC 5880 and 5881, with all flags, states and authentications; BFD on LAGs, RFC 7130; seamless BFD, RFC 7881; and its
# predecessor, version 0.
use strict;
use warnings;
our %captures;

# bfd VERSION_AND_DIAGNOSTIC, STATE_AND_FLAGS, AUTHENTICATION, LENGTH
sub bfd { my ($first, $flags, $authentication, $length) = @_; $authentication //= ''; pack('CCCC', $first, $flags, 3, $length // 24 + length $authentication) . pack('N5', 1, 2, 1000000, 2000000, 50000) . $authentication }
sub bfd4 { my ($port, @rest) = @_; udp4(50153, $port, bfd(@rest), ttl => 255) }

$captures{bfd} = sub {
        my @secrets = (h('0105 02') . 'ab', h('0103 07'), h('0113 01') . 'x' x 16, h('0114 01') . 'x' x 17, h('01ff 01') . 'x' x 30, h('0218 0100 00000005') . h('00112233445566778899aabbccddeeff'), h('0318 0200 00000006') . h('00112233445566778899aabbccddeeff'),
                h('041c 0300 00000007') . h('00112233445566778899aabbccddeeff01020304'), h('051c 0400 00000008') . h('00112233445566778899aabbccddeeff01020304'), h('0017 01') . 'x' x 20, h('0610 01') . 'x' x 13, h('0217 0100 00000005') . 'y' x 15, h('0410 0100 00000005') . 'y' x 8, h('0318 0255 00000006') . 'z' x 16, '', h('01'), h('0102'), h('0202'), h('0303 01'), h('0500 01'), h('0405 010000'));
        (map({ bfd4(3784, 0x20 | $_, 0xc0) } 0 .. 31), map({ bfd4(3784, 0x20, $_) } 0, 0x40, 0x80, map({ 0xc0 | 1 << $_ } 0 .. 5), 0xff), map({ my $secret = $_; map { bfd4(3784, 0x20, $_, $secret) } 0xc4, 0xc0 } @secrets), map({ bfd4($_, 0x20, 0xc0), bfd4($_, 0x20, 0xc4, $secrets[5]), bfd4($_, 0, 0xc0), bfd4($_, 0xff, 0xff), udp4(50153, $_, ''), udp4(50153, $_, 'abc') } 3784, 3785, 4784, 6784, 7784),
                (map { bfd4(3784, $_, 0xc0) } map { $_ << 5 } 0, 2 .. 7), map({ bfd4(3784, $_, $_) } 0 .. 15), map({ bfd4(3784, 0, $_) } 0x80, 0x40, 0x20, 0x10, 8, 4, 2, 1, 0xff), map({ bfd4(3784, 0x20, 0xc0, '', $_) } 0, 1, 4, 23, 25, 255), map({ bfd4(3784, 0, 0xc0, '', $_) } 0, 1, 4, 23, 25, 255), bfd4(3784, 0x20, 0xc4, h('0218 01'), 24), bfd4(3784, 0x20, 0xc4, $secrets[5], 24), bfd4(3784, 0x20, 0xc4, $secrets[5], 26), bfd4(3784, 0x20, 0xc4, $secrets[5] . 'more', 48), bfd4(3784, 0x20, 0xc0, 'more', 28),
                # echo
                map({ udp4($_->[0], $_->[1], $_->[2]) } [3785, 3785, 'echo'], [3785, 3785, bfd(0x20, 0xc0)], [50153, 3785, h('00' x 12)], [7784, 50153, bfd(0x20, 0xc0)], [50153, 7785, bfd(0x20, 0xc0)], [3784, 3784, bfd(0x20, 0xc0)]),
                udp6(50153, 3784, bfd(0x20, 0xc0)), udp6(50153, 4784, bfd(0x20, 0xc4, $secrets[7])), udp6(50153, 7784, bfd(0x20, 0xc0)), udp6(50153, 6784, bfd(0x28, 0x50)));
};
1;
