# Heartbeats of Microsoft's network load balancing.
use strict;
use warnings;

our %captures;

$captures{msnlb} = sub { map { ethernet(0x886f, h($_)) } 'c0de0001 00000001 02000000 c0000201 c0000202 c0000203', 'c0de0001 00000001 ffffff7f 00000000 ffffffff', 'c0de0001', '' };

1;
