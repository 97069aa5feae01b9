# RPL in ICMPv6, RFC 6550, and router renumbering, RFC 2894.
use strict;
use warnings;
our %captures;

sub icmp6 { my ($type, $code, $body) = @_; eth6(58, pack('CCn', $type, $code, 0) . $body, from => 'fe80::1', to => 'ff02::1a') }
sub rpl { icmp6(155, @_) }

$captures{rpl} = sub {
        my $dag = ip6('2001:db8::da6');
        my $dio = sub { my ($mop, @options) = @_; pack('CCnCCCC', 30, 240, 256, $mop, 1, 0, 0) . $dag . join '', @options };
        my @options = (chr(0), h('0100'), h('0102 0000'), h('0204 01020304'), h('0306 40 00 00000e10'), pack('CCCCNx4', 3, 30, 64, 0x18, 3600) . ip6('2001:db8::') . 'xxxxxx', h('040e 00 08 0c 0a 0007 0001 0000 00 ff ff3c'), h('0506 00 40 00 00 0000'), pack('CCCC', 5, 18, 0, 128) . ip6('2001:db8::5'), h('0614 00 80 00 ff') . ip6('2001:db8::6'), h('0713 80 00') . ip6('2001:db8::7') . h('01'), h('081e 40 40 00001000 00001000 00000000') . ip6('2001:db8::8'), h('0904 00000001'), h('0a02 0102'), h('ff02 0102'), h('0200'), h('05'), h('0510 00'));
        (map({ my $code = $_; map { rpl($code, $_) } '', bytes(1), bytes(2), bytes(8), bytes(24), bytes(40) } 0 .. 4, 0x80 .. 0x84, 0x8a, 255), map({ rpl(1, $dio->($_)) } 0, 8, 0x10, 0x18, 0x20, 0x38, 0x80, 0x88, 0x87, 0xff), map({ rpl(1, $dio->(0x88, $_)) } @options), rpl(1, $dio->(0x88, @options[2 .. 5])), rpl(1, $dio->(0x88, h('0300'), h('0301 05'))), map({ my $flags = $_; map { rpl(2, pack('CCCC', 1, $flags, 0, 5) . $_) } '', $dag, $dag . $options[8], $dag . $options[8] . $options[9], $options[8] } 0, 0x40, 0x80, 0xc0, 0xff), map({ my $flags = $_; map { rpl(3, pack('CCCC', 1, $flags, 5, 0) . $_) } '', $dag, $dag . $options[6], 'abc' } 0, 0x80, 0xff), map({ rpl(0, pack('n', 0) . $_) } @options), map({ rpl(0x80, h('00 00 00 00') . $_) } '', bytes(20)));
};
$captures{'router-renumbering'} = sub {
        my $rr = sub { my ($code, $flags, $body) = @_; icmp6(138, $code, pack('NCCnN', 7, 3, $flags, 1000, 0) . $body) };
        my $match = sub { my ($op, $rest) = @_; pack('CCCCCCxx', $op, 11, 5, 48, 32, 64) . ip6('2001:db8::') . ($rest // '') };
        my $use = sub { pack('CCCCNNN', 64, 16, $_[0], $_[1], $_[2], $_[3], $_[4]) . ip6('2001:db8:1::') };
        # Operations of lengths that fit their parts and that do not; a second operation; flags that are reserved.
        my $long = sub { my ($units, $rest) = @_; $rr->(0, 0, pack('CCCCCCxx', 1, $units, 5, 48, 32, 64) . ip6('2001:db8::') . $rest) };
        my $one = $use->(0xc0, 0xc0, 3600, 1800, 0);
        (map({ my $units = $_; map { $long->($units, $_) } '', $one, $one x 2 } 0, 2 .. 5, 7, 8, 11, 12, 252), $rr->(0, 0, $match->(1) . $match->(2)), $long->(3, $match->(2)), $rr->(1, 3, ''), map({ captured(-$_, $rr->(0, 0, '')) } 1, 15),
                map({ $rr->($_, 0, '') } 0, 1, 2, 255), map({ $rr->(0, $_, '') } 0x80, 0x40, 0x20, 0x10, 8, 0xff), map({ $rr->(0, 0, $match->($_)) } 0 .. 5), map({ $rr->(0, 0, $match->(1, $use->(@$_))) } [0, 0, 0, 0, 0], [0xc0, 0xc0, 3600, 1800, 0], [0x80, 0x40, 0xffffffff, 0xffffffff, 0xc0000000], [0xff, 0xff, 1, 2, 0xffffffff]), $rr->(0, 0, $match->(1, $use->(1, 2, 3, 4, 5) x 2)), (map { $rr->(1, $_, pack('nCC', 3, 7, 8) . pack('N', 5) . ip6('2001:db8::')) } 0, 0x80), $rr->(1, 0, pack('nCCN', 0xffff, 7, 8, 5) . ip6('2001:db8::') . pack('nCCN', 0, 7, 8, 5) . ip6('2001:db8::')), icmp6(138, 0, ''), icmp6(138, 0, 'abc'), $rr->(0, 0, bytes(10)), $rr->(0, 0, $match->(1, bytes(5))));
};
1;
