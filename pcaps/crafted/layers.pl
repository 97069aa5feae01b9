# A packet on its way through a provider's network: two VLAN tags, VXLAN, and in it the packet that matters. Then the
# same without tags, another in GRE behind an IPv6 extension header, and one with nothing around it.
use strict;
use warnings;
our %captures;

$captures{layers} = sub {
        my $request = ipv4(6, tcp(51812, 80, 0x18, "GET / HTTP/1.0\r\n\r\n"), from => '10.0.0.1', to => '10.0.0.2');
        my $vxlan = sub { udp(50000, 4789, h('08 000000 000007 00') . ethernet(0x0800, shift)) };
        my $tagged = h('0064 8100 0005 0800'); # numbers 100 and 5

        (ethernet(0x88a8, $tagged . ipv4(17, $vxlan->($request))), ethernet(0x0800, ipv4(17, $vxlan->($request))),
                ethernet(0x86dd, ipv6(60, h('2f00 0104 0000 0000') . h('0000 0800') . $request)), ethernet(0x0800, $request));
};
1;
