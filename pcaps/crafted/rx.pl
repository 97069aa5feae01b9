# Rx: packets of all types and flags, acknowledgments, and of the services of AFS every call with its arguments, replies
# with results, and aborts; lists, names and strings of all lengths, and what is remembered of calls.
use strict;
use warnings;
our (%captures, @v4);

# Arguments and results, a letter each: a number, two numbers, a string, a file, a status, an access list, an identifier,
# opaque bytes, a list of files, of callbacks, of numbers.
my $word = 100;
my $string = sub { my ($text) = @_; pack('N', length $text) . $text . "\0" x (-length($text) % 4) };
my %make = (
        u => sub { pack 'N', ++$word }, n => sub { pack 'N', -++$word }, q => sub { pack 'N2', 1, ++$word }, s => sub { $string->('name' . ++$word) },
        F => sub { pack 'N3', map { ++$word } 1 .. 3 }, S => sub { pack 'N6', 31, 1000000, 2, 3, 0755, 4096 }, A => sub { $string->("2\n1\nsystem:any 9\nadmin 127\nnobody 86\n") },
        U => sub { pack 'N11', 0x01020304, 0x5060, 0x7080, 1 .. 8 }, o => sub { pack 'Na8', 8, 'ticket' }, f => sub { pack 'N7', 2, 1 .. 6 }, a => sub { pack 'N7', 2, 1 .. 6 }, i => sub { pack 'N4', 3, 7, -8, 9 },
        t => sub { pack 'N', 1000000000 + ++$word }, g => sub { pack 'N7', 2, 1 .. 6 }, p => sub { pack 'N64', unpack 'C64', pack 'a64', 'user' . ++$word },
        P => sub { pack('N', 2) . pack 'N128', unpack 'C128', pack 'a64a64', 'user', 'group' }, v => sub { pack 'N65', unpack 'C65', pack 'a65', 'volume' . ++$word },
        e => sub { pack 'N67', unpack('C65', pack 'a65', 'root.cell'), 5, 3 }, N => sub { pack 'N66', unpack('C65', pack 'a65', 'root.cell'), 3 }, w => sub { pack 'N*', 20 .. 110 },
        W => sub { pack 'N*', 0x7f000001, 20 .. 240 }, l => sub { pack 'N55', 1, unpack('C32', pack 'a32', 'user.volume'), 1000 .. 1021 },
);
my $fill = sub { join '', map { $make{$_}->() } split //, $_[0] };

my %calls = (
        7000 => '130 Fuu 131 F 132 F 133 FSuuu 134 FA 135 FS 136 Fs 137 FsS 138 FsFs 139 Fss 140 FsF 141 FsS 142 Fs 143 F 144 F 145 F 146 - 147 - 148 s 149 u 150 u 151 - 152 - 153 - 154 s 155 f 156 F 157 F 158 F 159 - 160 - 161 - 162 - 163 - 164 u 220 - 65536 f 65537 Fqq 65538 FSqqq 65539 - 65540 - 65541 u 129 -',
        7001 => '204 fa 205 - 206 - 207 - 208 - 209 - 210 - 211 - 212 - 213 - 214 U 215 - 216 - 217 - 218 - 219 - 65536 - 65537 - 65538 - 203 -',
        7002 => '500 suu 501 n 502 u 503 un 504 P 505 i 506 n 507 un 508 u 509 suu 510 - 511 un 512 n 513 usun 514 n 515 un 516 - 517 n 518 u 519 u 520 us 521 - 522 - 530 n 10000 utuuuu 10001 - 10002 - 10003 u 10004 - 10005 - 10006 - 10007 - 10008 - 9999 - 20000 uu 20001 uu 20002 uuuuuu 20003 uuuu 20004 - 20005 n 20006 unuu 20007 uu 20008 uu 20009 uuun 20010 uu 20011 - 20012 uuuuuu 20013 - 20014 -',
        7003 => '501 vw 502 uu 503 uu 504 s 505 u 506 uuvw 507 uu 508 uu 509 uu 510 u 511 - 512 - 513 - 514 - 515 - 516 - 517 vw 518 uu 519 s 520 uuvw 521 n 522 - 523 - 524 s 525 - 526 - 527 s 528 - 529 - 530 - 531 - 532 - 533 - 534 - 535 - 500 - 10003 u 20001 uu',
        7004 => '1 ss 2 ss 3 usoss 4 ssu 5 ss 6 ss 7 ss 8 ss 9 - 10 - 11 - 12 s 13 - 14 ss 15 ss 16 - 21 ss 22 ss 23 nsoss 24 - 10003 u 20001 uu',
        7005 => '100 usuu 101 u 102 uu 103 utuuuu 104 u 105 uuus 106 uu 107 u 108 uuu 109 ut 110 u 111 uu 112 u 113 u 114 suuu 115 - 116 uu 117 usuuuu 118 - 119 s 120 u 121 uu 122 uu 123 ut 124 uu 125 uu 126 u 127 - 128 utg 129 - 99 - 10003 u 65536 uu 65537 - 65538 utu',
        7006 => '1 u', 7008 => '1 u', 7009 => '1 u',
        7007 => '80 ss 81 s 82 su 83 s 84 u 85 s 86 sn 87 s 88 s 89 u 90 n 91 u 92 u 93 s 94 - 95 u 96 s 97 s 98 su 99 - 100 - 101 - 102 - 103 - 104 s 105 suuu 106 s 107 - 108 s 109 - 110 - 111 - 112 s 113 - 114 s 115 - 116 - 117 - 79 -',
);
my %results = (
        7000 => {131 => 'A', 137 => 'F', 141 => 'F', 151 => 's', 153 => 't'}, 7001 => {213 => 'U'}, 7002 => {504 => 'i', 505 => 'P', 508 => 'i', 510 => 'un', 514 => 'i', 517 => 'i', 518 => 'i', 519 => 'i', 20004 => 'uu'},
        7003 => {503 => 'ew', 504 => 'ew', 505 => 'u', 510 => 'uuew', 518 => 'Nw', 519 => 'Nw', 521 => 'unNw', 526 => 'NW', 527 => 'NW', 529 => 'uuNw'},
        7005 => {100 => 'uu', 104 => 'u', 105 => 'u', 107 => 'u', 108 => 'u', 110 => 'uu', 112 => 's', 113 => 'uuuuuuuuuutttttt', 116 => 'l', 121 => 'l'},
);

my $number = 7; # of the call
my $rx = sub {
        my ($payload, %o) = @_;
        pack('N5C4n2', 0x5f000001, $o{cid} // 0xf0000004, $o{call} // $number, $o{sequence} // 1, $o{serial} // 9, $o{type} // 1, $o{flags} // 0, 0, $o{security} // 2, 0, $o{service} // 1) . $payload;
};
my $call = sub { my ($port, $code, $payload, %o) = @_; udp4(7001, $port, $rx->(pack('N', $code) . $payload, flags => 5, %o)) };
my @back = (from => $v4[1], to => $v4[0]);
my $reply = sub { my ($port, $payload, %o) = @_; udp4($port, 7001, $rx->($payload, flags => 4, %o), @back) };
# Calls, each with an answer; an answer is the arguments of $reply.
my $answered = sub { my ($port, $code, @answers) = @_; map { $number++; ($call->($port, $code, ''), $reply->($port, @$_)) } @answers };
my $error = sub { [pack('N', $_[0]), type => 4, sequence => 0] };

$captures{rx} = sub {
        ($word, $number) = (100, 7);
        my @all;
        for my $port (sort keys %calls) {
                my %kinds = split ' ', $calls{$port};
                for my $code (sort { $a <=> $b } keys %kinds) {
                        $number++;
                        push @all, $call->($port, $code, $fill->($kinds{$code} eq '-' ? '' : $kinds{$code})), $reply->($port, $fill->($results{$port}{$code} // 'u'));
                }
                push @all, map { $answered->($port, $_, $error->(5), $error->(-5)) } (sort keys %kinds)[0, -1];
        }
        @all;
};

$captures{'rx-packets'} = sub {
        $number = 7;
        my $ack = sub { my ($states, $reason, $rest) = @_; udp4(7000, 7001, $rx->(pack('n2N3C2', 17, 34, 0xfffffffe, 68, 85, $reason, length $states) . $states . h('000000') . ($rest // pack 'N4', 1444, 5692, 32, 4), type => 2)) };
        my $states = sub { $ack->(pack('C*', split //, $_[0]), 1) };
        my $whole = $rx->(h('0011 0022 00000033 00000044 00000055 08 03 010001 000000') . pack('N5', 1 .. 5), type => 2);
        (map({ my $type = $_; map { udp4(7001, 7000, $rx->(pack('N*', 1 .. 9), type => $type, flags => $_, sequence => 2)) } 0, 2, 0x20, 0xff } 0 .. 14, 255),
                map({ my $type = $_; map { udp4(7001, 7000, $rx->('', type => $type, flags => $_)) } map { 1 << $_ } 0 .. 7 } 1, 2), map({ udp4(7001, 7000, substr $whole, 0, $_) } 0, 1, 27 .. length $whole), map({ $ack->('', $_) } 0 .. 11, 255),
                map({ $states->($_) } qw(0 1 2 00 01 10 11 000 001 010 011 100 101 110 111 0100110001 210210 112211 020202 122112 002200 120021), '1' x 255), udp4(1024, 7009, $rx->('', sequence => -1, serial => -2, call => -3, cid => 1, security => 255, service => 65535)),
                (map { my $port = $_; udp4($port, 1024, $rx->('')), udp4(1024, $port, $rx->('')), udp4(1024, $port, $rx->('abc', flags => 1)), udp6(1024, $port, $rx->(pack('N', 1), flags => 1)), udp6($port, 1024, $rx->(pack 'N', 1)) } 6999 .. 7010));
};

$captures{'rx-values'} = sub {
        $number = 7;
        my $names = sub { my ($size, @names) = @_; join '', map { pack "N$size", unpack "C$size", pack "a$size", $_ } @names };
        my $words = sub { pack 'N*', @_ };
        my @lists = ("0\n0\n", '', 'x', '1', "1\n0\na", "1\n0\na 5", "-1\n-1\na 5", "0\n2\na 5\nb 6\n", "0\n1\na 5\nb 6\n", ' 1 0 a 3', "1\n0\na\x80b\x01 3\n", "1\n0\na\0b 3\n", "9999999999\n0\na 3\n", "1\n1\na x\nb 3\n", "+1\n0\na +3\n", "1\n0\na 0x10\n", "1\n0\na 3.5\n", "3 1 \x0b\x0c\ra 255\nb -1\nc 128", "1 1 a 99999999999999999999 b -99999999999999999999", "1 1 a -9223372036854775808 b 9223372036854775808", "1 0 a 4294967297", "1 0 a -", '1 0  7', '2 0 a 1 ', '1 0 ' . 'u' x 1018 . ' 77', '1 0 ' . 'u' x 1017 . ' 77', '1 0 ' . 'u' x 1020);
        push @lists, map { "1\n0\nu " . (1 << $_) . "\n" } 0 .. 8;
        my $entry = sub { my ($code, $results) = @_; $answered->(7003, $code, [$results]) };
        ((map { $call->(7000, 134, $words->(1, 2, 3) . $string->($_)) } @lists), map({ $call->(7000, 134, $words->(1, 2, 3, $_) . "1\n0\na 37") } 7, 8, 9, 0x80000000), $call->(7000, 134, $words->(1, 2, 3, 0)), map({ $call->(@$_) } [7002, 20000, 'short'], [7001, 214, 'short'], [7000, 135, $words->(1, 2, 3, 4, 5)], [7003, 502, $words->(1)], [7005, 128, $words->(1, 2)]), $answered->(7001, 213, ['short']), $answered->(7000, 131, map { [$_] } '', $words->(1), $string->("1\n1\na 15\nb 128\n")),
                map({ $call->(7000, 135, $words->(1, 2, 3, $_, -1, -2, -3, -1, -5)) } 0 .. 31, 32, 0x400, 0xffffffff), map({ $call->(7000, 135, $words->(1, 2, 3, 8, 0, 0, 0, $_, 0)) } 0, 7, 8, 0755, 0100644),
                map({ $call->(7000, 136, $words->(1, 2, 3) . $_) } $string->(''), $words->(3) . 'abc', $words->(5) . 'abc', $string->("\n\"\xff\0z"), map({ $string->('x' x $_) } 255 .. 257), map { $words->($_) . 'abc' } 0x7fffffff, 0xfffffffd, 0xffffffff),
                map({ my ($port, $code, $limit) = @$_; map { $call->($port, $code, $string->('y' x $_)) } $limit, $limit + 1 } [7002, 500, 64], [7003, 504, 65], [7004, 12, 64], [7005, 119, 256], [7007, 81, 256]),
                map({ $call->(7000, 155, $words->(@$_)) } [0], [1, 1 .. 3], [3, 1 .. 6], [-1, 1 .. 4], []), map({ $call->(7001, 204, $words->(@$_)) } [1, 1 .. 3, 0], [0, 1, 5, 6, 1], [0, 2, -1, -1, 1], [0, -1, 1, 2, 3], [1, 1 .. 3], [2, 1 .. 3]),
                map({ $call->(7002, 504, $_) } $words->(0), $words->(1) . $names->(64, 'a' x 64), $words->(2) . $names->(64, "b\n\xe4c") . 'short', $words->(1, 65, 0x141, 0x80000042, (0) x 61), $words->(-1) . $names->(64, 'd'), ''), map({ $call->(7002, 505, $words->(@$_)) } [0], [1, -5], [2, 5], [-1, 6], []),
                map({ $call->(7003, 502, $words->(1, $_)) } 0 .. 3, -1), map({ $call->(7005, 128, $words->(1, 2, @$_)) } [0], [1, 3 .. 5], [2, 3 .. 5], [-1, 3 .. 5]), map({ $call->(7005, 109, $words->(1, $_)) } 0, 0x7fffffff, 0x80000000, -1, 951782400, 1709208000),
                map({ my $offer = $_; map { $call->($_->[0], 3, $words->(5) . $string->('d') . $offer . $string->('p') . $string->('i')) } [7004] } $string->(''), $words->(5) . 'ticke', $words->(6) . "\0" x 6, $words->(-1)), map({ $call->(7002, 10000, $words->($_, $_, 1 .. 4)) } 0, 1, -1),
                map({ my $port = $_; $answered->($port, 10000, [$words->(0)], [''], $error->(86400), $error->(-1), ['', type => 4]) } 7002 .. 7004), $answered->(7000, 153, map { $error->($_) } 100 .. 113, -101 .. -99),
                map({ my $port = $_; $answered->($port, 7, [''], ['abc'], ['', type => 4], ['abc', type => 4]) } 7000 .. 7009), map({ my $count = $_; $entry->(503, $names->(65, 'v' x 65) . $words->(7, $count, 1 .. 27)), $entry->(518, $names->(65, 'v') . $words->($count, 14 .. 55)) } 0, 1, 8, 9, 13, 14, -1),
                $entry->(526, $names->(65, 'u') . $words->(2, 0x7f000001, 1 .. 200)), map({ my ($code, $entry_words, @lengths) = @$_; map { $entry->($code, substr $names->(65, 'cut') . $words->(2, 2, 1 .. $entry_words), 0, $_ * 4) } @lengths } [503, 26, 64, 65, 66, 67, 68, 80, 85, 92], [518, 41, 64, 65, 66, 67, 80, 95, 106], [526, 190, 64, 65, 66, 77, 210, 225, 240, 249]), $answered->(7005, 116, map { [$_] } $words->(0), $words->(1) . $names->(32, 'v' x 32) . $words->(5), $words->(2) . $names->(32, 'one') . $words->(1 .. 22) . $names->(32, 'two') . $words->(6), $words->(-1) . $names->(32, 'all') . $words->(1 .. 22), $words->(1)));
};

# Which call a reply belongs to.
$captures{'rx-replies'} = sub {
        $number = 7;
        my $time = pack 'N', 1000000000;
        my $asked = $call->(7000, 153, '');
        my @others = map { $call->(7000, 149, pack('N', $_), call => 100 + $_) } 1 .. 64;
        my $six = sub { my ($from, $to) = @_; (udp6(7001, 7000, $rx->(pack('N', 153), flags => 1), from => $from, to => $to), udp6(7000, 7001, $rx->($time), from => $to, to => $from)) };
        ($reply->(7000, $time), (map { ($asked, $_) } $reply->(7000, $time), map({ $reply->(7000, $time, @$_) } map({ [flags => $_] } 0 .. 5, 0x20, 0x80), [call => 8], [service => 2], [cid => 1], [serial => 1], [security => 0], [sequence => 0], [sequence => 2], map({ [type => $_] } 0 .. 14), [type => 4, flags => 1], [type => 4, sequence => 3]),
                        $reply->(7005, $time), udp4(7000, 7005, $rx->($time), @back), udp4(7000, 7001, $rx->($time)), udp4(7000, 7001, $rx->($time), from => $v4[1], to => '192.0.2.9'), udp4(7000, 7001, $rx->($time), from => '192.0.2.9', to => $v4[0])),
                $asked, @others[0 .. 62], $reply->(7000, $time), $asked, @others, $reply->(7000, $time), $asked, $call->(7000, 149, '', call => 8), $call->(7000, 151, ''), $reply->(7000, $time, call => 8), ($reply->(7000, $time)) x 2,
                udp4(7000, 7005, $rx->(pack('N2', 100, 1), flags => 1)), udp4(7005, 7000, $rx->(pack 'N2', 1, 2), @back), udp4(7001, 1024, $rx->(pack('N', 153), flags => 1)), udp4(1024, 7001, $rx->($time), @back),
                (map { ($call->(7000, 152, ''), udp4(7001, 7000, substr($rx->(pack('N', 153), flags => 1), 0, $_)), $reply->(7000, $time)) } 28, 30, 31, 32), $six->('2001:db8::1', '2001:db8::2'), $six->('fe80::1:2:3', 'fe80::4:5:6'), $six->('2001:db8:1:1::1', '2001:db8:1:1::2'), $asked, $six->('2001:db8::1', '2001:db8::2'));
};
1;
