# Small protocols over UDP: auto-RP, Cisco's VQP, the time synchronization protocol, Broadcom's lawful interception shim.
use strict;
use warnings;
our %captures;

$captures{'auto-rp'} = sub {
        my $rp = sub { my ($address, $version, @groups) = @_; ip($address) . pack('CC', $version, scalar @groups) . join '', map { pack('CC', $_->[0], $_->[1]) . ip($_->[2]) } @groups };
        my @one = ([0, 4, '224.0.0.0']);
        my $message = sub { my ($type, $count, $hold, @rps) = @_; udp4(496, 496, pack('CCnxxxx', $type, $count, $hold) . join '', @rps) };
        (map({ $message->($_, 1, 181, $rp->('192.0.2.1', 2, @one)) } 0x11, 0x12, 0x10, 0x13, 0x21, 0x01, 0xff), map({ $message->(0x11, 1, $_, $rp->('192.0.2.1', 2, @one)) } 0, 1, 60, 3600, 65535), map({ $message->(0x12, 1, 181, $rp->('192.0.2.1', $_, @one)) } 0 .. 8, 0xfc, 0xff), map({ my $flags = $_; map { $message->(0x12, 1, 181, $rp->('192.0.2.1', 2, [$flags, $_, '239.1.2.3'])) } 0, 4, 8, 32, 33, 255 } 0, 1, 2, 0xfe, 0xff), $message->(0x12, 1, 181, $rp->('192.0.2.1', 2, @one, [1, 8, '239.0.0.0'], [0, 16, '239.1.0.0'])), $message->(0x12, 2, 181, $rp->('192.0.2.1', 2, @one), $rp->('192.0.2.2', 1, @one)), $message->(0x12, 0, 181), $message->(0x12, 2, 181, $rp->('192.0.2.1', 2, @one)), $message->(0x12, 1, 181, ip('192.0.2.1') . h('02 05 0004') . ip('224.0.0.0')), $message->(0x12, 1, 181, $rp->('192.0.2.1', 2)), udp4(496, 496, ''), udp4(496, 496, h('1201')), udp4(496, 496, pack('CCnN', 0x11, 1, 181, 0x01020304) . $rp->('192.0.2.1', 2, @one)), udp4(40000, 496, pack('CCnxxxx', 0x11, 0, 181)));
};
# The pseudo-record of EDNS in multicast DNS, where its size has a flag.
$captures{'mdns-edns'} = sub { map { my ($port, $size) = @$_; udp4($port, $port, pack('n6', 7, 0x8400, 0, 0, 0, 1) . h('00 0029') . pack('nNn', $size, 0x8000, 0)) } [5353, 1440], [5353, 0x80d0], [53, 0x80d0] };
$captures{vqp} = sub {
        my $vqp = sub { my ($type, $error, @items) = @_; udp4(1589, 1589, pack('CCCCN', 1, $type, $error, scalar @items, 7) . join '', @items) };
        my $item = sub { my ($type, $value, $length) = @_; pack('Nn', $type, $length // length $value) . $value };
        my $two = pack('CCCCN', 1, 1, 0, 2, 7) . $item->(0x0c01, ip('192.0.2.1')) . $item->(0x0c04, 'abcd');
        (map({ eth4(17, pack('n4', 1589, 1589, 8 + $_, 0) . $two) } 0 .. length $two), map({ $vqp->($_, 0) } 0 .. 6), map({ $vqp->(2, $_) } 0 .. 8), map({ my $type = $_; map { $vqp->(1, 0, $item->($type, $_)) } ip('192.0.2.1'), h('020000000001'), 'text', '', 'a' } 0x0c00 .. 0x0c0a, 0x0d01), $vqp->(1, 0, $item->(0x0c01, ip('192.0.2.1')), $item->(0x0c02, 'Gi0/1'), $item->(0x0c03, '--NONE--'), $item->(0x0c04, 'domain'), $item->(0x0c05, 'x' x 60), $item->(0x0c08, h('020000000001'))), map({ $vqp->(1, 0, $item->(0x0c02, 'port', $_)) } 0, 1, 3, 5, 100), udp4(1589, 1589, ''), udp4(1589, 1589, h('010100')), udp4(1589, 1589, h('01010005 00000007')), udp4(1589, 1589, h('02010000 00000007')), udp4(1589, 1589, h('01010001 00000007 00000c')), udp4(40000, 1589, h('01010000 00000007')));
};
$captures{timed} = sub {
        my $tsp = sub { my ($type, $name, $version) = @_; udp4(525, 525, pack('CCnNN', $type, $version // 1, 9, 100, 5000) . $name) };
        (map({ $tsp->($_, pack 'a64', 'host') } 0 .. 30, 255), $tsp->(1, 'x' x 64), $tsp->(1, "na\x01me\0" . 'x' x 59), $tsp->(1, 'no end'), $tsp->(1, ''), $tsp->(1, pack('a64', 'host'), 2), udp4(525, 525, pack('CCnNN', 1, 1, 9, 0xffffffff, 0xfffffffe) . pack('a64', 'h')), udp4(525, 525, pack('CCnNN', 6, 1, 9, 0xffffffff, 0xfffffffe) . pack('a64', 'h')), udp4(525, 525, pack('CCnNN', 14, 1, 9, 1, 999999) . pack('a64', 'h')), map({ udp4(525, 525, pack('CCnNN', 1, 1, 9, @$_) . "h\0") } [100, 1000000], [0, 0x7fffffff], [0, 0x80000000], [0xffffffff, 0], [0xffffffff, 1000000], [0xfffffffe, 1999999], [0x80000000, 7]), udp4(525, 525, ''), udp4(525, 525, h('0101')), udp4(525, 525, h('01010009 0000')), udp4(525, 525, h('06010009 00000001')), udp4(525, 525, h('11010009 00000001 00000002')));
};
$captures{'bcm-li'} = sub {
        my $shim = sub { udp4(49152, 40000, pack('N', $_[0]) . ($_[1] // ethernet(0x0800, ipv4(17, udp(1, 2, 'in'))))) };
        (map({ $shim->($_ << 29 | 0x12345) } 0 .. 7), map({ $shim->($_ << 25) } 0 .. 15), map({ my $type = $_; map { $shim->($type << 25 | $_ << 21) } 0 .. 15 } 0 .. 15), $shim->(1 << 20), $shim->(0xffffffff), map({ $shim->($_ << 25, ipv4(17, udp(1, 2, 'in'))), $shim->($_ << 25, ipv6(17, udp(1, 2, 'in'))), $shim->($_ << 25, '') } 0 .. 6), udp4(49152, 40000, ''), udp4(49152, 40000, 'abc'), udp4(49152, 49152, 'abcd'), udp4(40000, 49152, 'abcd'), map({ eth4(17, pack('n4', 49152, 40000, 100, 0) . substr(pack('N', 0x20000318) . 'abcdefgh', 0, $_), length => 120) } 0 .. 12));
};
1;
