# Between two ports that have a printer each: which of them decides. Neighbours in tcpdump's order, both ways.
use strict;
use warnings;
our %captures;

$captures{ports} = sub {
        my $payload = h('10010014 01020304 05060708') . pack 'C*', 0 .. 59;
        my @udp = (53, 5353, 525, 69, 67, 520, 654, 500, 4500, 7500, 161, 123, 88, 1701, 2104, 7000, 521, 546, 5359, 6696, 8231, 4567, 496, 1645, 1985, 646, 698, 3503, 49152, 3784, 4784, 6784, 3785, 701, 6343, 12223, 12223, 12222, 5060, 514, 8472, 4789, 6081, 4342, 4790, 17754, 6635, 319);
        my @tcp = (25, 179, 21, 80, 554, 53, 639, 323, 646);
        (map({ my ($a, $b) = @udp[$_, $_ + 1]; (udp4($a, $b, $payload), udp4($b, $a, $payload)) } 0 .. $#udp - 1), map { my ($a, $b) = @tcp[$_, $_ + 1]; map { eth4(6, tcp(@$_, 0x18, $payload)) } [$a, $b], [$b, $a] } 0 .. $#tcp - 1);
};
1;
