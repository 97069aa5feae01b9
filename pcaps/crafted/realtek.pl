# Realtek's protocols and tags: every type, and all operations of RRCP.
use strict;
use warnings;

our %captures;

$captures{realtek} = sub {
        my $data = h('2379 0a0b 1a1b1c1d 01020304 0506 0708 090a0b0c0d0e');
        (map({ ethernet(0x8899, chr($_) . h('00') . $data) } 0 .. 255), map({ ethernet(0x8899, h('01') . chr($_) . $data) } 0 .. 4, 0x7f .. 0x83, 0xff), map({ ethernet(0x8899, h($_)) } '', '01', '0100', '01002379', '0181237900', '90'), llc(mac('ff:ff:ff:ff:ff:ff'), h('aaaa03 000000 8899 0100') . $data));
};

1;
