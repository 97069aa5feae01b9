# SCTP's payload protocols, and M3UA, RFC 4666, in it.
use strict;
use warnings;
our %captures;

sub sctp_data { my ($ppid, $payload, $flags) = @_; eth4(132, sctp(chunk(0, $flags // 3, pack('NnnN', 7, 1, 2, $ppid) . $payload))) }
sub m3ua { my ($class, $type, $body, %o) = @_; sctp_data(3, pack('CCCCN', $o{version} // 1, 0, $class, $type, $o{length} // 8 + length $body) . $body) }
sub m3_parameter { my ($tag, $value, $size) = @_; pack('nn', $tag, $size // 4 + length $value) . $value . "\0" x (-length($value) % 4) }

$captures{'sctp-payload'} = sub {
        (map({ sctp_data($_, 'payload data') } 0 .. 20, 24 .. 28, 46, 0x80000000), map({ my $class = $_; map { m3ua($class, $_, '') } 0 .. 10 } 0 .. 4, 8 .. 11), map({ m3ua(1, 1, m3_parameter($_, 'abcd')) } 0 .. 25, 0x0200 .. 0x0215, 0xffff), map({ m3ua(0, 1, m3_parameter(13, pack('nn', $_->[0], $_->[1]))) } map({ my $t = $_; map { [$t, $_] } 0 .. 5 } 0 .. 3)), map({ m3ua(0, 0, m3_parameter(12, pack('N', $_))) } 0 .. 30), map({ m3ua(1, 1, m3_parameter($_, 'text')) } 4, 6, 7, 11, 17, 18, 19), m3ua(3, 1, m3_parameter(0x11, pack 'N', 5) . m3_parameter(4, 'info!')), map({ m3ua(3, 1, m3_parameter(11, pack('N', $_))) } 0 .. 4), m3ua(1, 1, m3_parameter(0x0210, pack('NNCCCC', 1, 2, 3, 2, 0, 5) . 'data')), map({ m3ua(1, 1, m3_parameter(4, 'abc', $_)) } 0, 3, 4, 5, 100), m3ua(1, 1, '', version => 2), map({ m3ua(1, 1, m3_parameter(4, 'abcd'), length => $_) } 0, 7, 8, 12, 100), sctp_data(3, ''), sctp_data(3, 'abc'), sctp_data(3, pack('CCCCN', 1, 5, 1, 1, 8)));
};
1;
