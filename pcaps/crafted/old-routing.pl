# Routing protocols of the past: EGP, RFC 904 and 827; Cisco's IGRP; DVMRP and version 1 of PIM, which are carried in IGMP.
use strict;
use warnings;
our (%captures, $ping4, $ping6);

sub egp { my ($type, $code, $status, $body, %o) = @_; with_checksum(4, pack('C4nnn', $o{version} // 2, $type, $code, $status, 0, $o{as} // 7, $o{sequence} // 9) . ($body // '')) }
sub egp4 { eth4(8, egp(@_)) }

# egp_gateway HOST, DISTANCES: what is known of the networks behind one; tcpdump takes networks' classes from their last byte.
sub egp_gateway { my ($host, @distances) = @_; h($host) . chr(scalar @distances) . join '', map { my ($distance, @networks) = @$_; chr($distance) . chr(scalar @networks) . join '', map { h($_) } @networks } @distances }
sub egp_update { my ($network, $interior, $exterior, @gateways) = @_; chr($interior) . chr($exterior) . ip($network) . join '', @gateways }

$captures{egp} = sub {
        my $reach = h('001e 0078 0000');
        my @gateways = (egp_gateway('010203', [1, '0a', 'ac10', 'c63364'], [255, 'cb0071']), egp_gateway('040506', [3]), egp_gateway('070809'));
        my @odd = (egp_gateway('010203', [1, 'e0', '0a']), egp_gateway('010203', [1, 'ff', '0a']), egp_gateway('010203', [1, '7f', '80ff', 'bfff', 'c0ffee', 'dfffff']));
        (map({ my $type = $_; map { egp4($type, $_, 0, $reach) } 0 .. 3, 255 } 0, 1, 2, 3, 5, 8), map({ my $code = $_; map { egp4(3, $code, $_, $reach) } 0 .. 9, 255 } 0 .. 5), map({ my $status = $_; map({ egp4(5, $_, $status, $reach) } 0 .. 2), egp4(2, 0, $status, h('0000') . ip('192.0.2.0')), egp4(1, 0, $status, egp_update('10.0.0.0', 1, 0, $gateways[0])), egp4(8, 0, $status, h('0002 00000000')) } 0 .. 4, 0x80, 0x81, 0x83, 255), map({ egp4(8, 0, 1, pack('n', $_) . 'abcdefghijkl') } 0 .. 9, 255, 65535), egp4(8, 0, 1, h('0002') . egp(3, 0, 0, $reach)), egp4(2, 0, 1, h('0000') . ip('192.0.2.200')),
                map({ my $network = $_; map { egp4(1, 0, 1, egp_update($network, @$_)) } [1, 0, $gateways[0]], [0, 1, $gateways[0]], [2, 1, @gateways], [1, 2, @gateways], [0, 0], [3, 0, @gateways[0, 1]], [1, 0, @gateways], (map { [1, 1, $_, $gateways[1]] } @odd), [255, 255, @gateways] } '10.0.0.0', '192.0.2.127', '172.16.0.128', '192.0.2.191', '192.0.2.192', '198.51.100.223', '224.0.0.224', '1.2.3.255'), map({ egp4(1, 0, 1, substr egp_update('10.0.0.0', 1, 0, $gateways[0]), 0, $_) } 0, 4, 6, 8 .. 20),
                map({ eth4(8, substr egp(1, 0, 1, ip('192.0.2.0') . h('01 01 02')), 0, $_) } 0 .. 12), (map { egp4(3, 0, 0, $reach, version => $_) } 0, 1, 3, 255), eth4(8, h('02 03 00 00 1234 0007 0009') . $reach), egp4(3, 0, 0, h('001e 0078')), eth6(8, egp(3, 0, 0, $reach)));
};

# igrp VERSION_AND_OPERATION, EDITION, AS, INTERIOR, SYSTEM, EXTERIOR, ROUTES
sub igrp { my ($first, $edition, $as, $interior, $system, $exterior, $routes) = @_; with_checksum(10, pack('CCnnnnn', $first, $edition, $as, $interior, $system, $exterior, 0) . $routes) }
sub igrp_route { my ($network, $delay, $bandwidth, $mtu, $reliability, $load, $hops) = @_; substr(ip($network), 0, 3) . substr(pack('N', $delay), 1) . substr(pack('N', $bandwidth), 1) . pack('nCCC', $mtu, $reliability, $load, $hops) }

$captures{igrp} = sub {
        my ($a, $b, $c, $zero) = (igrp_route('198.51.100.0', 100, 1000, 1500, 255, 1, 0), igrp_route('172.16.5.0', 2000, 6476, 1500, 200, 128, 3), igrp_route('10.1.2.0', 0xffffff, 0xffffff, 65535, 0, 255, 255), igrp_route('0.0.0.0', 0, 0, 0, 0, 0, 0));
        (map({ eth4(9, igrp($_, 7, 100, 0, 0, 0, '')) } 0 .. 0x23, 0xff), map({ eth4(9, igrp(@$_)) } [0x11, 1, 100, 1, 0, 0, $a], [0x11, 1, 100, 0, 1, 0, $b], [0x11, 1, 100, 0, 0, 1, $c], [0x11, 255, 65535, 2, 2, 2, $a . $b . $a . $b . $c . $zero], [0x11, 1, 100, 0, 0, 1, $zero], [0x11, 1, 100, 2, 0, 0, $a], [0x11, 1, 100, 0, 0, 0, $a], [0x11, 1, 100, 1, 0, 0, $a . $b], [0x11, 1, 100, 1, 0, 0, substr($a, 0, 13)], [0x11, 1, 100, 1, 0, 0, ''], [0x11, 1, 100, 1, 1, 0, $a . 'abc'], [0x12, 1, 100, 0, 0, 0, ''], [0x11, 1, 100, 1, 1, 1, $c . $a . $b], [0x11, 1, 100, 0, 65535, 0, $a]),
                map({ eth4(9, substr igrp(0x11, 1, 100, 1, 0, 0, $a), 0, $_) } 0 .. 13), eth4(9, h('11 01 0064 0001 0000 0000 1234') . $a), eth4(9, h('11 01 0064 0001 0000 0000 0000') . $a), map({ eth4(9, igrp(0x11, 1, 100, 0, 0, 1, igrp_route('192.0.2.0', $_, 1, 1, 1, 1, 1))) } 0, 1, 10, 99999), map({ eth4(9, igrp(0x11, 1, 100, 0, 1, 0, igrp_route('192.0.2.0', 1, $_, 1, 1, 1, 1))) } 0, 1, 2, 3, 9999999, 10000000, 10000001), (map { eth4(9, igrp(0x11, 1, 100, 0, 1, 0, igrp_route('192.0.2.0', @$_, 1, 1, 1, 1))) } [0xfffffe, 1], [0xfffffe, 2], [0xffffff, 0], [0x800000, 0x800000], [1, 0xffffff], [0, 0xffffff]), eth6(9, igrp(0x11, 1, 100, 1, 0, 0, $a)), eth4(9, igrp(0x11, 1, 100, 1, 0, 0, $a), from => '10.9.8.7'));
};

sub dvmrp { my ($code, $body) = @_; eth4(2, igmp(pack('CCn', 0x13, $code, 0) . $body), ttl => 1, to => '224.0.0.4') }

$captures{dvmrp} = sub {
        my ($capabilities, $old) = (h('00 0e ff 03'), h('00 00 06 03'));
        my ($own, $a, $b) = map { ip($_) } '192.0.2.1', '192.0.2.2', '192.0.2.3';
        my @reports = (h('ffffff c6336400 81'), h('ffff00 ac1001 ac1002 83 ffffff c63364 02'), h('ff0000 0a 01 0b 82'), h('00ffff 01 81'), h('000000 00 81 ffffff c63364 a0'), h('ffffff c63364 20 c63365 21 c63366 c0'), h('ffff00 ac10 02 ac11 83 ff0000 0a 9f'), h('00 00 00 00 81'), h('ffffff c633'), h('ffff'), h('ffffff c63364'), h('ffffff c63364 01'), '');
        my $neighbor = sub { my ($metric, $threshold, $flags, @peers) = @_; $own . pack('C4', $metric, $threshold, $flags, scalar @peers) . join '', @peers };
        (map({ my $code = $_; map { dvmrp($code, $_) } '', $capabilities, $capabilities . $own, $capabilities . $own . $a, 'abc', $old . $own . $a . $b } 0 .. 12, 255), map({ dvmrp(1, h("00 $_ ff 03") . h('12345678') . $a . $b), dvmrp(1, h("00 $_ 06 03") . h('12345678') . $a) } '00', '01', '02', '04', '08', '10', '20', '0e', 'ff'), dvmrp(1, h('000e 0803') . $a . $b), dvmrp(1, $capabilities . h('12345678') . $a . 'ab'), dvmrp(1, $capabilities . h('1234')), (map { dvmrp(2, $capabilities . $_), dvmrp(2, $old . $_) } @reports), dvmrp(2, $capabilities . $reports[0] x 1 . $reports[2]),
                map({ my $code = $_; (map { dvmrp($code, $capabilities . $neighbor->(1, 1, $_, $a)), dvmrp($code, $capabilities . $neighbor->(1, 1, $_, $a, $b)) } 0, 1, 2, 4, 8, 16, 32, 64, 128, 255), dvmrp($code, $capabilities . $neighbor->(3, 64, 0x20, ip('0.0.0.0'), $a) . $neighbor->(255, 255, 1, $b)), dvmrp($code, $capabilities . $neighbor->(1, 1, 0)), dvmrp($code, $capabilities . $own . h('01 01 00 05') . $a), dvmrp($code, $capabilities . $own . h('01 01')), dvmrp($code, $old . $neighbor->(1, 0, 0, $a)), dvmrp($code, h('00 00 04 0a') . $neighbor->(1, 0, 0, $a)), dvmrp($code, h('00 0e 05 0c') . $neighbor->(1, 0, 0, $a)) } 4, 6), map({ my $code = $_; map { dvmrp($code, $capabilities . $_) } $own . $a . h('00001c20'), $own . $a, $own . $a . h('ffffffff') . h('ffffff00'), $own . $a . h('0000') } 7, 8, 9, 10));
};

sub pim1 { my ($code, $body) = @_; eth4(2, igmp(pack('CCn', 0x14, $code, 0) . $body), ttl => 1, to => '224.0.0.2') }

$captures{'pim-1'} = sub {
        my ($group, $source, $router, $rp) = map { ip($_) } '239.1.2.3', '198.51.100.7', '192.0.2.2', '192.0.2.9';
        my $version = h('10000000');
        my $entry = $group . h('ffffffff') . h('0001 0001') . h('0020') . $source . h('0020') . $source;
        my @pairs = (h('0020') . $source, h('0420') . $source, h('0718') . $source, h('0320') . $source, h('0100') . ip('0.0.0.0'), h('0021') . $source);
        my $join = sub { my ($groups) = @_; $router . h('0000 00d2 00 04 00') . chr(scalar @$groups) . join '', @$groups };
        my $hello = sub { my ($mode, $hold) = @_; pack('CCn', $mode, 0, $hold) };
        my $part = sub { my ($mask, $joined, $pruned) = @_; $group . h($mask) . pack('nn', scalar @$joined, scalar @$pruned) . join('', @$joined, @$pruned) };
                (map({ my $code = $_; map { pim1($code, $_) } '', 'abc', $version, $version . 'abcd', $version . $group, $version . $group . $source, $version . $group . $source . $rp . h('005a 0001'), 'x' x 40 } 0 .. 9, 255), map({ my $mode = $_; pim1(0, $version . $hello->($mode << 4, 105)), pim1(0, $version . $hello->($mode << 4, 0xffff)) } 0 .. 4, 15), pim1(0, h('20000000') . $hello->(0x20, 105)), map({ pim1(1, $version . $_) } $ping4, $ping6, h('40000000') . $ping4, h('80000000') . $ping4, h('45'), h('00') x 24), map({ pim1(2, $version . $group . $source . $_) } '', 'abc'),
                map({ my $code = $_; map { pim1($code, $version . $_) } $join->([$part->('ffffffff', [$pairs[0]], [])]), $join->([$part->('ffffffff', [@pairs], [@pairs])]), $join->([$part->('ffffff00', [], [$pairs[1]]), $part->('ff000000', [$pairs[2]], [])]), $join->([]), $join->([$part->('00ff0000', [], [])]), $router . h('0000 ffff 00 04 00 02') . $part->('ffffffff', [$pairs[0]], []), $router . h('0000 0e10 00 04 00 01') . $group . h('ffffffff 0005 0000') . $pairs[0], $router . h('0000 0000 00 04 00 01') . $group, $router, $router . h('0000') } 3, 6, 7),
                map({ pim1(4, $version . $_) } $group . h('ffffffff') . $rp . h('0000 00d2'), $group . h('ffffffff') . $rp . h('0000 ffff'), $group . h('ffffffff') . $rp, $group . h('ffffff00') . $rp . h('0000 0e11 0000')), map({ pim1(5, $version . $_) } $group . h('ffffffff') . $source . h('80000065 00000014'), $group . h('ffffff00') . $source . h('00000065 00000014'), $group . h('ffffffff') . $source . h('80000065'), $group . h('ff00ff00') . $source . h('ffffffff ffffffff') . 'more', $group), map({ pim1(8, $version . $_) } h('01020304'), $group . $source), map({ my $code = $_; map { pim1($code, h('20000000') . $_) } '', 'abc', $join->([$part->('ffffffff', [$pairs[0]], [])]), $join->([$part->('ffffff00', [], [$pairs[1]])]), $join->([$part->('ffffffff', [@pairs], [@pairs])]), $router, $router . h('0000'), $router . h('0000 0000 00 04 00 01') . $group } 3, 6), map({ pim1(3, $version . $_) } $join->([$part->('ffffffff', [], [h('0160') . $source])]), $join->([$part->('ffffffff', [h('0060') . $source], [])]) . 'x', $join->([$part->('ffffffff', [map { pack('n', $_) . $source } (map { 1 << $_ } 0 .. 15), 0x00c0, 0xffff], [])])), map({ pim1(4, h('20000000') . $_) } '', $group, $group . h('ffffffff') . $rp), map({ pim1(5, h('20000000') . $_) } '', $group, $group . h('ffffffff') . $rp), map({ pim1(2, h('20000000') . $_) } '', $group), map({ pim1(0, h($_) . $hello->(0x20, 105)) } '00000000', '1f000000', 'ff000000', '10ffffff'));
};
1;
