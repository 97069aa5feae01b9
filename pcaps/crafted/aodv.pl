# AODV, RFC 3561, over IPv4 and IPv6, and with the types that a draft for IPv6 had.
use strict;
use warnings;
our %captures;
my ($a, $b) = map { ip($_) } '10.0.0.1', '10.0.0.2';
my ($a6, $b6) = map { ip6($_) } '2001:db8:1::1', '2001:db8:2::2';
my $rreq = sub { my ($flags, $rest) = @_; pack('CnC', 1, $flags, 3) . pack('N', 0x0a0b0c0d) . $a . pack('N', 17) . $b . pack('N', 18) . ($rest // '') };
my $rrep = sub { my ($flags, $size, $rest) = @_; pack('CCCC', 2, $flags, $size, 3) . $a . pack('N', 17) . $b . pack('N', 3000) . ($rest // '') };
my $rerr = sub { my ($flags, $count, $rest) = @_; pack('CCCC', 3, $flags, 0, $count) . ($rest // '') };
my $rreq6 = sub { my ($flags, $rest) = @_; pack('CnC', 1, $flags, 3) . pack('N', 0x0a0b0c0d) . $a6 . pack('N', 17) . $b6 . pack('N', 18) . ($rest // '') };
my $rrep6 = sub { my ($flags, $size, $rest) = @_; pack('CCCC', 2, $flags, $size, 3) . $a6 . pack('N', 17) . $b6 . pack('N', 3000) . ($rest // '') };
my $draft_rreq = sub { my ($flags, $rest) = @_; pack('CnC', 16, $flags, 3) . pack('NNN', 0x0a0b0c0d, 17, 18) . $a6 . $b6 . ($rest // '') };
my $draft_rrep = sub { my ($flags, $size, $rest) = @_; pack('CCCC', 17, $flags, $size, 3) . pack('N', 17) . $a6 . $b6 . pack('N', 3000) . ($rest // '') };
my $hello = h('01 04 000003e8');

$captures{aodv} = sub {
        my $both = sub { my ($p) = @_; (udp4(654, 654, $p), udp6(654, 654, $p)) };
        my @extensions = map { ref $_ ? $$_ : h($_) } '', '01', '0100', '0104', \$hello, '01 04 000003', '01 03 000003', '01 03 00000307', '01 00 00000307', '01 05 00000003e8', '01 08 00000003 e8e9eaeb', \($hello x 2), '00', '00 00', '02 04 01020304 0104000003e8', '00 04 01020304', 'ff 00', '01 06 0000 03e80000', '03 02 0102', '0308 01';
        (map({ my $m = $_; map { udp4(654, 654, $m->($_)) } map({ 1 << $_ } 0 .. 15), 0, 0xffff } $rreq, $draft_rreq),
        map({ my $m = $_; (map({ $both->($m->($_, 0)) } map({ 1 << $_ } 0 .. 7), 0, 0xff), map { $both->($m->(0, $_)) } 1, 31, 32, 64, 127, 128, 255) } $rrep, $rrep6, $draft_rrep),
        map({ udp4(654, 654, $rerr->($_, 1, $a . pack 'N', 5)) } map({ 1 << $_ } 0 .. 7), 0, 0xff),
        map({ my $n = $_; map { udp4(654, 654, $rerr->(0, $n, ($a . pack('N', 5)) x $_)), map { my $m = $_; (udp6(654, 654, $m), udp4(654, 654, chr(18) . substr($m, 1))) } $rerr->(0x80, $n, ($a6 . pack('N', 5)) x $_) } 0 .. 3 } 0 .. 3, 255),
        map({ udp4(654, 654, $rerr->(0, 1, $_)) } $a, $a . 'abc', $a . 'abcdx', ''), map({ udp6(654, 654, $rerr->(0, 1, $_)) } $a6, $a6 . 'abc', $a6 . 'abcdx', ''),
        map({ $both->(pack('CC', $_, 0)), $both->(pack('C', $_)), $both->(pack('CC', $_, 0) . 'x' x 70) } 0 .. 6, 16 .. 20, 255),
        map({ my $m = $_; map { udp4(654, 654, $m . $_) } @extensions } $rreq->(0), $rrep->(0, 0), $draft_rreq->(0), $draft_rrep->(0, 0)),
        map({ my $m = $_; map { udp6(654, 654, $m . $_) } @extensions[0 .. 6] } $rreq6->(0), $rrep6->(0, 0)),
        map({ udp4(654, 654, substr $rreq->(0), 0, $_) } 1 .. 23), map({ udp4(654, 654, substr $rrep->(0, 0), 0, $_) } 1 .. 19),
        map({ udp6(654, 654, substr $rreq6->(0), 0, $_) } 20, 40 .. 47), map({ udp6(654, 654, substr $rrep6->(0, 0), 0, $_) } 20, 36 .. 43), map({ udp6(654, 654, substr $draft_rreq->(0), 0, $_) } 20, 40 .. 47), map({ udp6(654, 654, substr $draft_rrep->(0, 0), 0, $_) } 20, 36 .. 43),
        $both->(''), udp4(1, 654, $rreq->(0)), udp4(654, 2, $rreq->(0)), udp4(1, 2, $rreq->(0, $hello)), udp6(1, 2, $rreq6->(0)), udp6(1, 2, ''));
};
1;
