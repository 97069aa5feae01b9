# ZEP: IEEE 802.15.4 frames in UDP, versions 1 and 2, acknowledgments, and lengths that do not fit.
use strict;
use warnings;

our %captures;

$captures{zep} = sub {
        my $zep = sub { udp4(17754, 17754, join '', @_) };
        my $frame = h('6188 01 efbe 0200 0100') . 'hello' . h('abcd');
        my $one = sub { my ($check, $inner) = @_; 'EX' . h('01 0b 1234') . pack('CC', $check, 200) . h('00') x 7 . chr($inner // length $frame) };
        my $two = sub { my ($type, $check, $time, $inner) = @_; 'EX' . pack('CCCnCC', 2, $type, 12, 0x1234, $check, 200) . h($time) . pack('N', 77) . h('00') x 10 . chr($inner // length $frame) };
        my $acknowledgment = 'EX' . h('02 02 0000004e');
        my $time = 'e6b3c0d4 80000000';
        (map({ $zep->($one->($_), $frame) } 0, 1, 255), map({ my $type = $_; map { $zep->($two->($type, $_, $time), $frame) } 0, 1 } 0, 1, 3, 255), $zep->($acknowledgment), $zep->($acknowledgment, $frame), $zep->($two->(2, 0, $time), $frame),
                map({ $zep->($two->(1, 0, $_), $frame) } '00000000 00000000', '00000000 ffffffff', '83aa7e7f 00000003', '83aa7e80 fffffffb', 'ffffffff 12345678', '00000001 fffff000'),
                map({ my $inner = $_; $zep->($one->(0, $inner), $frame), $zep->($two->(1, 0, $time, $inner), $frame) } 0, 1, 2, 15, 17, 36, 128, 255), $zep->($one->(0), $frame, $frame), $zep->($one->(0), h('2340 01') x 5, '+'), $zep->($one->(0, 3), h('040001')), $zep->($one->(0, 3), h('05')), $zep->($one->(0, 3), h('0100')), $zep->($one->(0, 2), h('0100 010203')), $zep->($one->(0, 4), h('0500')),
                map({ $zep->('EX', chr($_), substr $two->(1, 0, $time), 3, 29) } 0, 3, 255), $zep->('AB' . h('01') x 30), $zep->(h('ff00')x 30), map({ $zep->(substr $one->(0), 0, $_) } 0 .. 4, 15, 16), map({ $zep->(substr $two->(1, 0, $time), 0, $_) } 4, 31, 32), map({ $zep->(substr $acknowledgment, 0, $_) } 7),
                udp4(17754, 4000, $acknowledgment), udp4(4000, 17754, $acknowledgment));
};

1;
