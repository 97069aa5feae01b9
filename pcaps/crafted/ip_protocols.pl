# All 256 protocols of IP, in both versions, and behind the first fragment; IGRP with bytes behind its networks.
use strict;
use warnings;

our %captures;

$captures{'ip-protocols'} = sub { (map({ eth4($_, 'abcd', raw => 1), eth4($_, 'abcdefgh', raw => 1, fragment => 1), eth6($_, h('00' x 24), raw => 1) } 0 .. 255), map { my ($networks, $rest) = @$_; eth4(9, pack('CCnnnnn', 0x11, 1, 1, @$networks, 0) . h('00' x $rest)) } map { my $networks = $_; map { [$networks, $_] } 0, 1, 13, 14, 15, 27, 28, 29, 42, 43 } [0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 0, 2]) };

1;
