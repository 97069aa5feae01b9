# MSDP: messages of every type, with entries and a packet, and lengths that are too short, too long or another segment's.
use strict;
use warnings;

our %captures;

$captures{msdp} = sub {
        my $segment = sub { eth4(6, tcp(639, 40000, 24, join '', @_)) };
        my $message = sub { my ($type, $value, $length) = @_; pack('Cn', $type, $length // 3 + length $value) . $value };
        my $entry = h('000000 20') . ip('239.177.2.3') . ip('192.0.2.9');
        my ($one, $two) = (h('01') . ip('192.0.2.1') . $entry, h('02') . ip('192.0.2.1') . $entry x 2);
        my $packet = ipv4(17, udp(1, 4096, 'abcdefgh'), to => '239.177.2.3');
        my $alive = $message->(4, '');
        my @whole = ($message->(1, $one), $message->(3, $two), $message->(1, $one . $packet), $message->(2, h('00') . ip('239.177.2.3')), $alive, $message->(4, h('00')), $message->(5, h('0304')), $message->(6, h('01')), $message->(7, ''));
        (map({ $segment->($_) } @whole), $segment->(@whole), $segment->(@whole[2, 4]),
                # What a segment must begin with; messages behind that are judged by their length alone.
                map({ $segment->($message->($_, '')) } 0 .. 8, 255), map({ my $front = $_; map { my $length = $_; map { $segment->($front, $message->(5, $_, $length)) } '', h('00') x 1390, h('00') x 1500 } 0 .. 4, 1400, 1401, 1500, 1501 } '', $alive),
                # Entries that the message does not have, and where what follows them begins.
                map({ $segment->($message->(1, substr $one . $packet, 0, $_)) } 0 .. 24, 43 .. 45), map({ $segment->($message->(1, h('00') . ip('192.0.2.1') . substr $packet, 0, $_)) } 0 .. 3, 20), map({ $segment->($message->(2, substr h('00') . ip('239.177.2.3'), 0, $_)) } 0 .. 4),
                map({ $segment->(substr $alive . $whole[0], 0, $_) } 1 .. 8), eth4(6, tcp(40000, 639, 24, $alive)), eth6(6, tcp(639, 40000, 24, $whole[2])));
};

1;
