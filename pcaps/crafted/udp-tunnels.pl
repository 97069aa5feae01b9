# Tunnels in UDP whose length field says less than IP's: Ethernet and IP in them, cut short.
use strict;
use warnings;
our (%captures, $ping4, $ping6);

$captures{'udp-tunnels'} = sub {
        my $frame = ethernet(0x0800, $ping4);
        my $short = sub { my ($length, $port, $payload) = @_; eth4(17, pack('nnnn', 5000, $port, $length, 0) . $payload, raw => 1) };
        (map({ my $length = $_; map { $short->($length, @$_) } [8472, h('08 000001 000002 00') . $frame], [4789, h('08000000 00000200') . $frame], [4790, h('0c000003 00000200') . $frame], [6081, h('00006558 00000200') . $frame], [4790, h('0c000004 00002a00 0fc20203 00002a05') . $frame] } 8 .. 17, 30 .. 33, 45 .. 47, 60 .. 64),
        map({ my $length = $_; map { $short->($length, @$_) } [4790, h('0c000001 00000200') . $ping4], [4790, h('0c000002 00000200') . $ping6] } 8 .. 17, 35 .. 37, 55 .. 58));
};
1;
