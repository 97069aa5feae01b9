# GTP's user plane (3GPP TS 29.281): messages, optional fields, extension headers, what it tunnels; another version and what is malformed.
use strict;
use warnings;
our (%captures, $ping4, $ping6);

sub gtp { my ($flags, $type, $rest, %o) = @_; pack('CCnN', $flags, $type, $o{length} // length $rest, $o{teid} // 0x01020304) . $rest }

$captures{gtp} = sub {
        my $container = sub { my ($type, $content, $next) = @_; pack('C', (length($content) + 2) / 4) . $content . pack('C', $next) };
        my $session = $container->(0x85, h('00 09'), 0);
        my $inner = ipv4(17, udp(5000, 53, h('1234 0100 0001 0000 0000 0000 03') . 'www' . h('07') . 'example' . h('03') . 'org' . h('00 0001 0001')));
        map { udp4(2152, 2152, $_) } gtp(0x30, 255, $ping4), gtp(0x30, 255, $ping6), gtp(0x32, 255, h('0007 00 00') . $ping4),
                gtp(0x34, 255, h('0000 00 85') . $session . $ping4), gtp(0x34, 255, h('0000 00 85') . $container->(0x85, h('10 4a'), 0) . $inner),
                gtp(0x36, 255, h('0102 00 c0') . $container->(0, h('0001'), 0x40) . $container->(0, h('1234'), 0x7f) . $container->(0, h('0000'), 0) . $ping6),
                gtp(0x31, 255, h('0000 05 00') . $ping4), gtp(0x32, 1, h('0001 00 00'), teid => 0), gtp(0x32, 2, h('0001 00 00 0e 00'), teid => 0),
                gtp(0x32, 26, h('0002 00 00 10 00000007 85 0004') . ip('192.0.2.9'), teid => 0), gtp(0x30, 31, h('8d 02 85 c0')), gtp(0x30, 254, ''),
                gtp(0x30, 253, ''), gtp(0x30, 99, 'abcd'), gtp(0x30, 255, h('60')), gtp(0x30, 255, ''), gtp(0x30, 255, ethernet(0x0800, $ping4)),
                gtp(0x30, 255, $ping4, length => 4000), gtp(0x34, 255, h('0000 00 85 00')), gtp(0x34, 255, h('0000 00 85 09 00')), gtp(0x34, 255, h('0000')),
                gtp(0x48, 255, $ping4), gtp(0x20, 255, $ping4), h('30'), '', gtp(0x30, 255, ipv4(17, udp(2152, 2152, gtp(0x30, 255, $ping4))));
};
1;
