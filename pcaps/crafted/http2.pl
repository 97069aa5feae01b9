# HTTP/2's header fields (RFC 7541) that name what earlier segments put into the table, and frames that go on in later segments.
use strict;
use warnings;
our %captures;

$captures{'http2-segments'} = sub {
        my ($next, @segments) = (1000);
        my $frame = sub { my ($type, $flags, $stream, $payload) = @_; substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload };
        my $segment = sub {
                my ($bytes, $at) = @_;
                my $tcp = tcp(3001, 8080, 0x10, $bytes);
                substr($tcp, 4, 4) = pack 'N', $at // $next;
                $next += length $bytes unless defined $at;
                push @segments, eth4(6, $tcp);
        };
        my $field = sub { pack 'C C/a C/a', 0x40, @_ }; # is added to the table
        my $begin = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . $frame->(4, 0, 0, h('0003 00000064'));
        my $place = sub { pack 'C', 0x80 | 61 + $_[0] }; # 1: the latest

        $segment->($begin);
        $segment->($frame->(1, 5, 1, h('82') . $field->('x-first', 'one') . $field->('x-second', 'two')));
        $segment->($frame->(1, 5, 3, $place->(1) . $place->(2)));
        $segment->($frame->(1, 5, 3, $place->(1) . $place->(2)), $next - 11); # again: not added, not known
        $segment->($frame->(1, 5, 5, h('7e 05') . 'three' . $place->(1) . $place->(3))); # the name by its place
        # Frames that go on: fields, a header, data.
        my $split = $frame->(1, 5, 7, $field->('x-split', 'four') . $place->(1));
        $segment->(substr $split, 0, 12);
        $segment->(substr $split, 12);
        $segment->($frame->(1, 5, 9, $place->(1)) . substr $split, 0, 4);
        $segment->(substr $split, 4, 6);
        $segment->((substr $split, 10) . substr $frame->(0, 0, 9, 'd' x 30), 0, 5);
        $segment->((substr $frame->(0, 0, 9, 'd' x 30), 5) . $frame->(0, 1, 9, 'e' x 100) . $frame->(6, 0, 0, 'pingpong'));
        $segment->(substr $frame->(0, 1, 11, 'f' x 100), 0, 60);
        $segment->(substr($frame->(0, 1, 11, 'f' x 100), 60) . $frame->(1, 5, 13, $place->(1)));
        $segment->($frame->(7, 0, 0, h('00000000 00000002') . 'g' x 50) . $frame->(1, 0x2d, 15, h('03 80000000 10') . $place->(1) . "\0\0\0"));
        $segment->($frame->(1, 1, 17, $place->(1)) . $frame->(9, 4, 17, $place->(2) . $field->('x-more', 'v' x 120)));
        $segment->($frame->(1, 5, 19, $place->(1)));
        $segment->($frame->(1, 5, 21, h('40 02') . 'xx' . h('7f 8403') . 'y' x 515)); # too long to be kept
        $segment->($frame->(1, 5, 23, $place->(1) . $place->(2)));
        # A segment is missing; from other settings on, what is added is known again.
        $next += 100;
        $segment->($frame->(1, 5, 25, $place->(1)));
        $segment->($frame->(4, 0, 0, h('0003 00000064')) . $frame->(1, 5, 27, $place->(1) . $field->('x-new', 'five')));
        $segment->($frame->(1, 5, 29, $place->(1) . $place->(2)));
        $segment->($frame->(1, 5, 31, h('40 03') . 'ab')); # cut
        $segment->($frame->(1, 5, 33, $place->(1)));
        # The beginning once more, as of a new connection; then what is no frame.
        $segment->($begin . $frame->(1, 5, 1, $place->(1)));
        $segment->($frame->(1, 5, 3, $field->('x-last', 'six')) . h('ff') x 20);
        $segment->($frame->(1, 5, 5, $place->(1)));
        # A block in several frames, cut in the midst of fields; the table is as it was before.
        my $block = $field->('x-parts', 'seven') . $field->('x-whole', 'eight') . $place->(2);
        $segment->($begin . $frame->(1, 1, 1, substr $block, 0, 5));
        $segment->($frame->(9, 0, 1, substr $block, 5, 8) . substr $frame->(9, 4, 1, substr $block, 13), 0, 12);
        $segment->((substr $frame->(9, 4, 1, substr $block, 13), 12) . $frame->(1, 5, 3, $place->(1)));
        return @segments;
};
1;
