# RIP: version 1, RFC 1058, and 2, RFC 2453, with all commands and kinds of authentication (RFC 2082 and 4822), entries of
# all address families, cut entries, and version 1's entries that are not zero where they should be.
use strict;
use warnings;
our %captures;

# rip VERSION, COMMAND, ENTRIES...
sub rip { my ($version, $command, @entries) = @_; pack('CCn', $command, $version, 0) . join '', @entries }
sub rip4 { udp4(520, 520, rip(@_), ttl => 1, to => '224.0.0.9') }
# route FAMILY, TAG, ADDRESS, MASK, NEXT_HOP, METRIC
sub rip_route { my ($family, $tag, $address, $mask, $next, $metric) = @_; pack('nn', $family, $tag) . ip($address) . ip($mask) . ip($next) . pack 'N', $metric }

$captures{rip} = sub {
        my $plain = rip_route(2, 0, '198.51.100.0', '0.0.0.0', '0.0.0.0', 1);
        my $masked = rip_route(2, 7, '203.0.113.0', '255.255.255.0', '192.0.2.9', 3);
        my $local = rip_route(2, 0, '10.0.0.0', '255.0.0.0', '0.0.0.0', 16);
        my @odd = (rip_route(0, 0, '0.0.0.0', '0.0.0.0', '0.0.0.0', 16), rip_route(0, 7, '1.2.3.4', '255.255.0.0', '5.6.7.8', 9), rip_route(1, 2, '1.2.3.4', '255.255.0.0', '5.6.7.8', 9), rip_route(10, 0, '1.2.3.4', '0.0.0.0', '0.0.0.0', 2),
                rip_route(2, 0, '0.0.0.0', '0.0.0.0', '0.0.0.0', 1), rip_route(2, 0, '10.1.2.3', '255.0.255.0', '0.0.0.0', 1), rip_route(2, 65535, '10.1.2.3', '255.255.255.255', '1.1.1.1', 0xffffffff), rip_route(2, 0, '10.1.2.3', '255.255.255.254', '0.0.0.0', 17), rip_route(2, 0, '10.1.2.3', '0.0.0.1', '0.0.0.0', 0), rip_route(256, 0, '10.1.2.3', '0.0.0.1', '0.0.0.0', 1));
        my $password = pack('nn', 0xffff, 2) . 'secret' . h('00' x 10);
        my $odd_password = pack('nn', 0xffff, 2) . h('01ff41') . 'x' x 13;
        my $digest = pack('nn', 0xffff, 1) . h('00112233445566778899aabbccddeeff');
        # crypto LENGTH, KEY, DIGEST_LENGTH, SEQUENCE
        my $crypto = sub { my ($length, $key, $size, $sequence) = @_; pack('nnnCCNNN', 0xffff, 3, $length, $key, $size, $sequence, 0, 0) };
        (map({ rip4(0, $_, $plain) } 0 .. 3), rip4(0, 2), map({ rip4(3, $_, $plain, $masked), rip4(255, $_) } 0 .. 7), map({ my $version = $_; (rip4($version, 2, map { rip_route($_, 0, '10.1.2.3', '255.0.0.0', '0.0.0.0', 1) } 6, 7, 16, 23, 24), rip4($version, 2, map { rip_route($_, 0, '10.1.2.3', '255.0.0.0', '0.0.0.0', 1) } 28, 30, 31), map({ rip4($version, $_, $plain, $masked) } 0 .. 13, 255), rip4($version, 1, rip_route(0, 0, '0.0.0.0', '0.0.0.0', '0.0.0.0', 16)), rip4($version, 2), rip4($version, 1), rip4($version, 2, $local, $masked, @odd), map({ rip4($version, 2, $_) } @odd),
                map({ rip4($version, 2, $_), rip4($version, 2, $_, $local), rip4($version, 1, $local, $_, $masked) } $password, $odd_password, $digest, $crypto->(44, 1, 20, 9), $crypto->(24, 1, 16, 5), $crypto->(0, 255, 0, 0xffffffff), $crypto->(1000, 1, 255, 7), (map { pack('nn', 0xffff, $_) . 'password' . h('ff' x 8) } 0, 4, 255, 65535)),
                rip4($version, 2, $crypto->(44, 1, 20, 9), $local, $digest), rip4($version, 2, $crypto->(64, 2, 20, 10), $local, $masked, h('ffff0001') . 'd' x 16), rip4($version, 2, $crypto->(44, 2, 36, 10), $local, h('ffff0001') . 'd' x 32), rip4($version, 2, $crypto->(44, 2, 28, 10), $local, h('ffff0001') . 'd' x 24), rip4($version, 2, $crypto->(44, 2, 4, 10), $local, h('ffff0001') . 'd' x 4), rip4($version, 2, $crypto->(44, 2, 16, 10), $local, h('ffff0002') . 'd' x 16),
                rip4($version, 2, $masked, 'abc'), rip4($version, 2, $masked, 'x' x 19), rip4($version, 2, 'x' x 19), rip4($version, 2, $masked x 25), rip4($version, 9, 'path'), rip4($version, 10, 'path' . h('0a')), rip4($version, 5, $masked . 'more'), rip4($version, 2, ($password, $digest) x 3)) } 1, 2),
                # The datagram is shorter than the packet.
                map({ my ($version, $entry) = @$_; map { eth4(17, pack('n4', 520, 520, 12 + $_, 0) . rip($version, 2, $entry, $masked)) } 0, 3, 4, 9, 19, 20, 24, 30 } [1, $odd[2]], [2, $odd[2]], [1, $plain], [2, $plain], [2, $password], [2, $digest], [2, $crypto->(44, 1, 20, 9)]),
                map({ udp4(520, 520, $_) } '', h('02'), h('0202'), h('020200')), udp6(520, 520, rip(2, 2, $masked, $local)), udp4(520, 50000, rip(1, 2, $plain)), udp4(50000, 520, rip(1, 1, rip_route(0, 0, '0.0.0.0', '0.0.0.0', '0.0.0.0', 16))));
};
1;
