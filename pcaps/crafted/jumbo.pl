# EtherTypes whose number could be a length, LLC in jumbo frames, and Novell's IPX without LLC in cooked captures.
use strict;
use warnings;
our (%captures, %link_types, $ping4);

my $ipx = h('ffff 0026 00 04 00000001 020000000001 0452 00000002 020000000002 4003 0001 0004');
my $llc = h('aaaa03 000000 0800') . $ping4;
my @types = (0xfe, 0x200, 0x500, 0x8870, 4, 1);
$captures{jumbo} = sub { ethernet(0x8870, $llc), ethernet(0x8870, $llc . 'x' x 2000), ethernet(0x8870, ''), ethernet(0x8100, h('0005 8870') . $llc), eth4(47, gre(0, 0x6558, ethernet(0x8870, $llc))), map { ethernet(0x0806, h('0001') . pack('n', $_) . h('0604 0001') . 'x' x 20) } @types };
$link_types{'sll-types'} = 113;
$captures{'sll-types'} = sub { map({ my $type = $_; map { h('0000 0001 0006 0000000000010000') . pack('n', $type) . $_ } $ipx, $llc } @types), map({ h('0000 0001 0006 0000000000010000 8100 0005') . pack('n', $_) . $ipx } @types), map { h('0000 0001 0006 0000000000010000') . pack('n', $_) . h('01020304') x 12 } 0x0707, 0x1111, 0x8947 };
1;
