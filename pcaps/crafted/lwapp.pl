# LWAPP, RFC 5412: control messages with and without the access point's address, data.
use strict;
use warnings;
our (%captures, $station);

# lwapp FLAGS, FRAGMENT, LENGTH, REST
sub lwapp { my ($flags, $fragment, $length, $rest) = @_; pack('CCnCC', $flags, $fragment, $length, 0x11, 0x22) . $rest }
sub lwapp_message { my ($type, $number, $length, $rest) = @_; pack('CCnN', $type, $number, $length // length $rest, 0x0a0b0c0d) . $rest }

$captures{lwapp} = sub {
        my $ap = "\x02\0\0\0\xaa\xbb";
        my $request = lwapp_message(1, 2, undef, 'abcdef');
        my $dot11 = h('0801 0000 020000000001 020000000002 020000000003 1000 aaaa03000000 0800') . 'abcdefghijklmnop';
        (map({ udp4(12223, 12223, $ap . lwapp($_, 5, 14, $request)) } map({ 1 << $_ } 0 .. 7), 0, 6, 7, 0x38, 0x3f, 0xff), map({ udp4(12222, 12222, lwapp($_, 200, length $dot11, $dot11)) } map({ 1 << $_ } 0 .. 7), 0, 6, 7, 0x38, 0x3f, 0xff),
        map({ udp4(12223, 12223, $ap . lwapp(4, 200, 14, lwapp_message($_, 255, undef, 'abcdef'))) } 0 .. 45, 255),
        map({ my ($from, $to) = @$_; map { udp4($from, $to, $_) } $ap . lwapp(4, 5, 14, $request), lwapp(4, 5, 14, $request), lwapp(0, 5, length $dot11, $dot11) } [12222, 12223], [12223, 12222], [12222, 5000], [5000, 12222], [12223, 5000], [5000, 12223], [12222, 12222]),
        map({ udp4(12223, 12223, $ap . lwapp(4, 5, $_, $request)) } 0, 1, 7, 8, 9, 13 .. 16, 100, 65535), map({ udp4(12223, 12223, $ap . lwapp(4, 5, 14, lwapp_message(1, 2, $_, 'abcdef'))) } 0, 1, 5, 7, 8, 100, 65535),
        map({ udp4(12223, 5000, lwapp(4, 5, $_, $request . lwapp_message(2, 3, undef, 'defghi') . lwapp_message(99, 4, undef, ''))) } 13, 14, 15, 28, 29, 36, 40),
        map({ my $flags = $_; map { udp4(12222, 12222, lwapp($flags, 5, $_, 'a' x 20)) } 0, 1, 5, 6, 7, 13, 14, 20, 21, 26, 27, 40, 65535 } 0, 4),
        map({ udp4(12223, 12223, substr $ap . lwapp(4, 5, 14, $request), 0, $_) } 0 .. 25), map({ udp4(12222, 12222, substr lwapp(0, 5, 14, $request), 0, $_) } 0 .. 15), udp6(12222, 12223, $ap . lwapp(4, 5, 14, $request)), udp6(12222, 12222, lwapp(4, 5, 14, $request)));
};
1;
