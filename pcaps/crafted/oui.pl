# Stations of all makers that have a name, and of those whose numbers are the next ones; SNAP with these makers' numbers.
use strict;
use warnings;

our %captures;

my @named = (0x000000, 0x00000c, 0x00005e, 0x000081, 0x0000f8, 0x00049f, 0x0004ea, 0x001018, 0x00120f, 0x0012bb, 0x0015ad, 0x001b21, 0x002320, 0x002481, 0x0080c2, 0x009069, 0x00a03e, 0x00e004, 0x00e02f, 0x080007, 0x080009, 0x5c16c7, 0x748771, 0xa42305, 0xb0d2f5, 0xd0f0db);
$captures{oui} = sub { map({ my $oui = $_; map { my $maker = substr pack('N', $_), 1; my $station = $maker . h('000102'); (ethernet(0x1234, '', from => $station), ethernet(0x1234, '', to => $station), ethernet(13, h('aaaa 03') . $maker . h('fedc') . 'abcde')) } $oui ? $oui - 1 : 0xffffff, $oui, $oui + 1 } @named), map { ethernet(0x1234, '', to => pack('N', $_) . 'ab') } 0x0180c200, 0x01005e01, 0x33330000, 0xffffffff };

1;
