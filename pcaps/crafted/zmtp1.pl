# ZMTP/1.0 of ZeroMQ over TCP, as -T zmtp1 shows it: frames whole, empty, with long lengths and cut short.
use strict;
use warnings;
our %captures;

$captures{zmtp1} = sub {
        map({ eth4(6, tcp(700, 5555, 0x18, $_)) } '', map({ h($_) } '01', '0100', '0500', '05', 'ff', 'ff0000', 'ff0000000000000000', 'ff0000000000000001', 'ff000000000000000177', 'ff0000000100000002778899', 'ff8000000000000002778899', 'ff8000000000000000778899', 'ffffffffffffffffff778899', 'ff01 00000000000000  00', '0180', '0000 0100', '01fe 017f 01aa'),
                h('0500') . 'hell' . h('0301') . 'me', h('11 01') . 'hello, hello, hi!' . h('0d'), h('2101') . 'hello' x 6 . 'he', h('ff0000000000000005 7f') . 'hell' . h('0301') . 'me', h('f001') . 'x' x 239 . h('f001') . 'y' x 239, h('8101') . 'x' x 128, h('8201') . 'x' x 129, 'x' x 100);
};
1;
