# PTP, over Ethernet and UDP: every message, flag and control, and messages too short.
use strict;
use warnings;

our %captures;

$captures{ptp} = sub {
        my $header = sub { my ($type, %o) = @_; h(sprintf '%02x%02x%04x %02x%02x %04x %s %08x 020000fffe000001 0001 %04x %02x %02x', $type, $o{version} // 2, $o{length} // 44, $o{domain} // 0, $o{reserved} // 0, $o{flags} // 0x0200, $o{correction} // '0000000000018000', $o{reserved2} // 0, 7, $o{control} // 0, $o{interval} // 0) };
        my $body = h('000065d0a1b2 075bcd15 0025 00 80 f8 fe ffff 80 020000fffe000001 0001 a0', '00' x 20);
        (map({ ethernet(0x88f7, $header->($_) . $body) } 0 .. 31), map({ ethernet(0x88f7, $header->(0, flags => 1 << $_, domain => $_, reserved => $_, reserved2 => $_ << 28, control => $_, interval => 240 + $_, correction => 'ffffffffffff0001') . $body) } 0 .. 15),
                map({ ethernet(0x88f7, $header->(0, version => $_) . $body) } 0, 1, 3, 0x12, 0x15, 0x21, 255), map({ my $type = $_; map { ethernet(0x88f7, $header->($type) . h('ffffffffffff') . h('ff' x $_)) } 0, 3, 4, 13, 14, 22, 24 } 0 .. 3, 8 .. 13), map({ ethernet(0x88f7, h('00' x $_)) } 0 .. 2, 33),
                udp4(319, 319, $header->(0) . $body), udp4(50000, 320, $header->(11) . $body), udp6(320, 50000, $header->(9) . $body), udp4(319, 319, 'short'));
};

1;
