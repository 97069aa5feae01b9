# Node information queries and replies in ICMPv6, RFC 4620, and those of its drafts.
use strict;
use warnings;
our %captures;

# node_information TYPE, CODE, QTYPE, FLAGS, DATA
sub node_information { my ($type, $code, $qtype, $flags, $data) = @_; eth6(58, pack('CCnnn', $type, $code, 0, $qtype, $flags) . h('0011223344556677') . $data) }

$captures{'node-information'} = sub {
        my @names = ("\4host\3org\0", "\4host\3org\0\0", "\4host\0\0", "\4host", "\3hos", "\5hosta", "\4host\3org\0\0xx", "\0", "\0\0", "\0\0\0", '', "\xc0\0", "\3a.b\0\0", "\3a\xff\n\0\0", "\3abc\0\3def\0", 'a', "\4hostx", "\1a", "\4host\3org", "\4host\3or", "\x3f" . 'a' x 63 . "\0\0", "\x40" . 'a' x 64 . "\0\0", "\x41" . 'a' x 65 . "\0\0", "\4ho\0t\0\0");
        my ($a, $b) = map { ip6("2001:db8::$_") } 8, 9;
        my $ttl = pack 'N', 60;
        (map({ my $code = $_; map { (node_information(139, $code, $_, 0, $a), node_information(139, $code, $_, 0, ''), node_information(139, $code, $_, 0, $names[2]), node_information(139, $code, $_, 0, ip('10.1.2.3')), node_information(139, $code, $_, 0, $a . $b)) } 0 .. 4 } 0 .. 3),
        map({ my $qtype = $_; map { my $type = $_; map { node_information($type, 0, $qtype, $_, '') } map({ 1 << $_ } 0 .. 15), 0xffff } 139, 140 } 0 .. 4),
        map({ my $code = $_; map { (node_information(140, $code, $_, 0, $a), node_information(140, $code, $_, 0, ''), node_information(140, $code, $_, 0, $ttl . $names[2]), node_information(140, $code, $_, 0, $ttl . $a . $ttl . $b), node_information(140, $code, $_, 0, $ttl . ip('10.1.2.3'))) } 0 .. 5 } 0 .. 3),
        map({ node_information(139, 1, 2, 0, $_) } @names), map({ node_information(140, 0, 2, 0, $ttl . $_) } @names), map({ node_information(140, 0, 2, 0, substr $ttl, 0, $_) } 0 .. 4), map({ node_information(140, 0, 2, 1, pack('N', $_) . $names[2]) } 0, 1, 0x7fffffff, 0x80000000, 0xffffffff), map({ node_information(140, 0, 2, 1 << $_, $ttl . $names[2]) } 0 .. 15),
        map({ node_information(140, 0, 3, 0, $ttl . $a . 'a' x $_) } 0, 1, 4, 19, 20, 21), map({ node_information(140, 0, 3, 0, pack('N', $_) . $a) } 0, 0x80000000, 0xffffffff),
        map({ node_information(140, 0, 3, $_, $ttl . $a . $ttl . $b) } 0x80, 0xff7f, 5), map({ my $type = $_; map { eth6(58, substr(pack('CCnnn', $type, 0, 0, 3, 0) . h('0011223344556677'), 0, $_)) } 4 .. 16 } 139, 140));
};
1;
