# MPLS in UDP, RFC 7510.
use strict;
use warnings;
our (%captures, $ping4, $ping6);

$captures{'mpls-udp'} = sub {
        (map({ udp4(50153, 6635, $_) } label(16, 0, 1, 64) . $ping4, label(100, 5, 0, 255) . label(200, 0, 1, 1) . $ping6, label(0, 0, 1, 64) . $ping4, label(2, 0, 1, 64) . $ping6, label(3, 7, 1, 9), label(1, 0, 0, 1), label(14, 0, 1, 1) . 'abcd', label(17, 0, 1, 1) . h('00 00 00 00') . 'data', label(17, 0, 1, 1) . h('10 00 00 21') . 'data', '', 'abc', label(17, 0, 0, 1) x 3, label(0, 0, 1, 1) . h('60'), label(16, 0, 1, 1) . 'E'), udp4(6635, 50153, label(16, 0, 1, 64) . $ping4), udp6(50153, 6635, label(16, 0, 1, 64) . $ping6));
};
1;
