# PPTP, RFC 2637: all control messages.
use strict;
use warnings;
our %captures;

sub pptp { my ($type, $body, %o) = @_; eth4(6, tcp(40000, 1723, 0x18, pack('nnNnn', $o{length} // 12 + length $body, $o{message} // 1, $o{magic} // 0x1a2b3c4d, $type, 0) . $body)) }

$captures{pptp} = sub {
        my $names = pack 'a64a64', 'host.example.com', 'vendor';
        my %body = (1 => pack('nxxNNnn', 0x0100, 3, 3, 100, 0x0203) . $names, 2 => pack('nCCNNnn', 0x0100, 1, 2, 3, 3, 100, 0x0203) . $names, 3 => pack('Cxn', 1, 0), 4 => pack('CCn', 1, 2, 0), 5 => pack('N', 7), 6 => pack('NCCn', 7, 1, 0, 0), 7 => pack('nnNNNNnnnxx', 1, 2, 300, 100000, 3, 3, 64, 0, 11) . pack('a64a64', '5551234', 'sub'), 8 => pack('nnCCnNnnN', 1, 2, 1, 0, 0, 64000, 64, 0, 5), 9 => pack('nnNNnn', 1, 2, 3, 4, 7, 8) . pack('a64a64a64', '555', '666', 'sub'), 10 => pack('nnCCnnn', 1, 2, 1, 0, 64, 5, 0), 11 => pack('nnNnnN', 1, 0, 64000, 64, 5, 3), 12 => pack('nn', 1, 0), 13 => pack('nCCn', 1, 1, 0, 5) . pack('n', 0) . pack('a128', 'statistics'), 14 => pack('nnN6', 1, 0, 1 .. 6), 15 => pack('nnNN', 1, 0, 0xffffffff, 0xffffffff));
        my %sizes = map { $_ => length $body{$_} } keys %body;
        (map({ pptp($_, $body{$_}) } 1 .. 15), map({ my $type = $_; map({ pptp($type, 'x' x $_) } 0, 1, $sizes{$type} - 1), pptp($type, "\x01" x $sizes{$type}), pptp($type, "\xff" x $sizes{$type}), pptp($type, "\0" x $sizes{$type}) } 1 .. 15), map({ pptp($_, 'x' x 200) } 0, 16, 17, 255), map({ pptp(1, $body{1}, message => $_) } 0, 2, 3), pptp(1, $body{1}, magic => 0x12345678), map({ pptp(1, $body{1}, length => $_) } 0, 12, 155, 157, 0xffff), map({ my $v = $_; map({ pptp($_, pack('nCC', 0x0100, $v, $v) . substr $body{$_}, 4) } 2), pptp(3, pack('Cxn', $v, 0)), pptp(4, pack('CCn', $v, $v, 0)), pptp(6, pack('NCCn', 7, $v, $v, 0)), pptp(8, pack('nnCCnNnnN', 1, 2, $v, $v, 0, 64000, 64, 0, 5)), pptp(10, pack('nnCCnnn', 1, 2, $v, $v, 64, 5, 0)), pptp(13, pack('nCCnn', 1, $v, $v, 5, 0) . 'x' x 128), pptp(7, pack('nnNNNNnnnxx', 1, 2, 300, 100000, $v, $v, 64, 0, 11) . 'x' x 128), pptp(1, pack('nxxNNnn', $v << 8 | $v, $v, $v, 1, 0x0203) . $names), pptp(9, pack('nnNNnn', 1, 2, $v, 4, 7, 8) . 'y' x 192), pptp(11, pack('nnNnnN', 1, 0, 64000, 64, 5, $v)) } 0 .. 9), eth4(6, tcp(1723, 40000, 0x18, pack('nnNnn', 16, 1, 0x1a2b3c4d, 5, 0) . pack('N', 7))), eth4(6, tcp(40000, 1723, 0x18, '')), eth4(6, tcp(40000, 1723, 0x18, 'ab')), eth4(6, tcp(40000, 1723, 0x18, 'x' x 11)));
};
1;
