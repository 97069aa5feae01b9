# What mobile IPv6 adds to ICMPv6, RFC 6275: home agents and prefixes.
use strict;
use warnings;
our %captures;

$captures{'icmp6-mobility'} = sub {
        my $data = h('0001 c000') . ip6('2001:db8::1') . h('0304 40c0 00000e10 00000708 00000000') . ip6('2001:db8:5::') . h('0101 020000000001');
        my $prefix = h('0304 40c0 00000e10 00000708 00000000') . ip6('2001:db8:5::');
        (map({ my $type = $_; map { eth6(58, substr(pack('CCn', $type, 0, 0) . $data . 'x' x 8, 0, $_)) } 4 .. 9, 12, 16, 24, 32, 40, 60, 72 } 144 .. 147),
        map({ my $flags = $_; map { eth6(58, pack('CCnnn', $_, 0, 0, 0x1234, $flags) . ip6('2001:db8::1') . ip6('2001:db8::2')) } 144 .. 147 } map({ 1 << $_ } 0 .. 15), 0xffff),
        map({ eth6(58, pack('CCnnn', 147, $_, 0, 0x1234, 0x8000) . $prefix . h('0101 020000000001')) } 0, 1));
};
1;
