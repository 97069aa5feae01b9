# SOME/IP (AUTOSAR): all types of messages and codes.
use strict;
use warnings;
our %captures;

$captures{someip} = sub {
        my $some = sub { my (%o) = @_; udp4(30490, 30490, pack('nnNnnCCCC', $o{service} // 0x1234, $o{method} // 0x0001, $o{length} // 8 + length($o{data} // ''), $o{client} // 5, $o{session} // 6, $o{version} // 1, $o{interface} // 2, $o{type} // 0, $o{code} // 0) . ($o{data} // '')) };
        (map({ $some->(type => $_) } 0 .. 3, 0x20 .. 0x23, 0x40 .. 0x43, 0x60, 0x80, 0x81, 0x82, 0xa0, 0xa1, 0xc0, 0xc1, 0xe0, 0xe1, 255), map({ $some->(code => $_) } 0 .. 0x10, 0x1f, 0x20, 0x5e, 0x5f, 255), map({ $some->(method => $_) } 0, 0x7fff, 0x8000, 0x8001, 0xffff), $some->(service => 0xffff, method => 0x8100, data => 'service discovery'), map({ $some->(length => $_, data => 'abcd') } 0, 7, 8, 11, 12, 13, 100), $some->(data => 'x' x 20), $some->(version => 2, interface => 255), udp4(30490, 30490, ''), udp4(30490, 30490, 'x' x 15), udp4(40000, 30490, 'x' x 16), udp4(30490, 40000, h('12348001 0000000c 00010002 01010200 61626364')), udp6(30490, 30490, h('12348001 0000000c 00010002 01010200 61626364')));
};
1;
