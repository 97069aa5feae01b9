# TIPC: all users, message types and sizes of headers.
use strict;
use warnings;

our %captures;

$captures{tipc} = sub {
        my $tipc = sub { my ($user, $words, @rest) = @_; ethernet(0x88ca, pack('N', 2 << 29 | $user << 25 | $words << 21 | 5 << 17 | 60) . h(@rest)) };
        my @words = qw(20011111 12345678 01001001 0a0b0c0d 1a1b1c1d 01001002 ff003004 2a2b2c2d 3a3b3c3d 4a4b4c4d 5a5b5c5d);
        (map({ $tipc->($_, 10, @words) } 0 .. 15), map({ my $type = sprintf '%08x', $_ << 29 | 0x1fff1234; map { $tipc->($_, 10, $type, @words[1 .. 10]) } 0, 7, 13 } 0 .. 7), map({ $tipc->(1, $_, @words) } 0 .. 15), $tipc->(7, 10, @words[0 .. 7]), $tipc->(13, 10, @words[0 .. 3]), $tipc->(13, 6, @words[0 .. 5]), map({ ethernet(0x88ca, h($_)) } '', '5a', '5a0000', '5a000028', 'ff000028' . '11' x 40));
};

1;
