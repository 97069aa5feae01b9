# CARP, OpenBSD's answer to VRRP, which has its protocol number: advertisements, other types and versions, of IPv4 and IPv6,
# with right and wrong checksums. Only -T carp tells it from VRRP.
use strict;
use warnings;
our %captures;

# carp OPTIONS
sub carp { my (%o) = @_; my $packet = pack('C6n', ($o{version} // 2) << 4 | ($o{type} // 1), $o{vhid} // 1, $o{skew} // 100, $o{authentication} // 7, $o{demote} // 0, $o{base} // 1, 0) . h($o{counter} // '0123456789abcdef') . h('00112233445566778899aabbccddeeff01234567') . ($o{rest} // ''); defined $o{checksum} ? (substr($packet, 6, 2) = pack 'n', $o{checksum}) : (substr($packet, 6, 2) = pack 'n', checksum($packet)); $packet }

$captures{carp} = sub {
        my @o = (ttl => 255, to => '224.0.0.18');
        (map({ eth4(112, $_, @o) } carp(), map({ carp(type => $_) } 0, 2 .. 15), map({ carp(version => $_) } 0, 1, 3 .. 15), carp(vhid => 255, skew => 255, base => 255), carp(vhid => 0, skew => 0, base => 0, authentication => 0), carp(demote => 240), carp(counter => 'ffffffffffffffff'), carp(counter => '0000000000000000'), carp(checksum => 0), carp(checksum => 0x1234), carp(rest => 'more'), carp(rest => 'x' x 30), carp(authentication => 9), map({ substr carp(), 0, $_ } 0 .. 9, 15, 16, 20, 35)),
                eth4(112, carp(), to => '224.0.0.18', ttl => 1), eth4(112, carp(), to => '224.0.0.18', ttl => 254), eth4(112, carp(), ttl => 255), eth6(112, carp(), to => 'ff02::12', hops => 255), eth6(112, carp(checksum => 1), to => 'ff02::12', hops => 64), eth6(112, carp(version => 3), to => 'ff02::12', hops => 255), eth6(112, substr(carp(), 0, 5), to => 'ff02::12'), udp4(50000, 50001, carp()), udp4(50000, 50001, 'abc'),
                eth4(112, with_checksum(6, h('21 05 64 01 00 01 0000') . ip('192.0.2.100') . h('00' x 8)), @o));
};
1;
