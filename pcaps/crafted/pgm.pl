# PGM, reliable multicast (RFC 3208), over IP and, as -T pgm shows it, over UDP: all packets and options, and with data
# of ZMTP/1.0 for -T pgm_zmtp1.
use strict;
use warnings;
our %captures;

$captures{pgm} = sub {
        my $pgm = sub { my ($type, $rest, %o) = @_; pack('nnCCn', $o{from} // 1000, $o{to} // 2000, $type, $o{options} // 0, 0) . h('f1f2f3f4f5f6') . pack('n', $o{size} // 9) . $rest };
        my ($four, $six, $unknown) = ('0001 0000 c0000201', '0002 0000 20010db8000000000000000000000009', '0003 0000 20010db8000000000000000000000009');
        my @bodies = (map({ [0, "00000007 00000001 00000005 $_"] } $four, $six, $unknown), map({ [1, "00000007 0001 0002 $_ 00112233 44556677 8899aabb"] } $four, $six, $unknown), [2, '00000007 0001 0000'], [4, '00000007 00000003'], [5, '00000008 00000003'],
                map({ my $type = $_; map({ [$type, "0000000c $_ 00000000 0001 e101 aabbccdd"], [$type, "0000000c $_ 00000000 0002 e101 20010db8 00000000 00000000"], [$type, "0000000c $_ 00000000 0003 e101 20010db8 00000000 00000000"] } $four, $six), [$type, "0000000c $unknown"] } 8 .. 10), [11, '00000007 00ff00ff 01020304'], [12, ''], [12, '00ff00ff'], [3, '01020304'], [0x40, '01020304'], [0xff, '']);
        # Options behind original data: one, in front of others, with a total length.
        my $fins = h('0e04 0000') x 4;
        my $with = sub { my ($options, $total) = @_; $pgm->(4, h('00000007 00000003') . pack('nn', 4, $total // 4 + length $options) . $options . $fins, options => 1) };
        my $option = sub { my ($type, $body) = @_; pack('CCn', $type, 4 + length $body, 0) . $body };
        my %sizes = (0 => 0, 1 => 12, 2 => 8, 3 => 4, 4 => 8, 5 => 8, 6 => 2, 7 => 8, 8 => 4, 9 => 4, 10 => 4, 11 => 0, 12 => 8, 13 => 0, 14 => 0, 15 => 0, 16 => 4, 17 => 0, 18 => 12, 19 => 12, 20 => 4, 0x7f => 1);
        my @options = (map({ my $type = $_; map({ $option->($type, substr('abcdefghijklmnopq', 0, $_)) } $sizes{$type}, $sizes{$type} + 1), $option->($type | 0x80, substr 'abcdefghijklmnopq', 0, $sizes{$type}) } sort { $a <=> $b } keys %sizes), map({ my $type = $_; map({ $option->($type, h($type > 7 ? '00112233' : '', $_)) } $four, $six, $unknown, "$four aabb", "$six aabb", '0002 0000 aabbccdd', '0001 0000', '0001') } 7, 18, 19), $option->(2, ''), $option->(2, 'abcd'), $option->(2, 'ab'), $option->(2, 'abcd' x 10), h('0e00 0000'), h('0e08 0000'), h('0e04 0000 8f04 0000'), h('0e04'), h('0eff'));
        my @whole = (map({ my ($type, $hex) = @$_; map { $pgm->($type, h($hex) . 'payload', options => $_) } 0, 1 } @bodies), map({ $with->($_), $with->($_, 8 + length $_) } @options), map({ $with->(h('8e04 0000'), $_) } 0, 3, 4, 5, 7, 8, 9, 0xffff), map({ $pgm->(4, h('00000007 00000003', $_), options => 1) } '0005 0008', '0003 0008', '8004 0008 8e040000', '0104 0008', '0004', '0004 0004'));
        my $data = sub { my ($size, $rest, $type) = @_; $pgm->($type // 4, h('00000007 00000003') . $rest, size => $size) };
        my @zmtp = (map({ my $n = $_; $data->($n + 8, pack('n', $n) . 'q' x $n . h('0501') . 'abcd'), $data->($n + 2, h('ffff') . 'q' x $n) } 0 .. 3, 20, 128, 200), map({ $data->(12, pack('n', $_) . 'abcd') } 8 .. 11), map({ $data->($_, h('ffff') . 'abcd'), $data->($_, h('0000') . h('0163 0162 0161')) } 0 .. 9), $data->(6, h('0002') . 'abcd'), $data->(9, ''), $data->(9, 'a'), $data->(8, h('0000 0501') . 'abcd', 5), $pgm->(4, h('00000007 00000003 0004 0008 8e040000 0000 0501') . 'abcd', options => 1));
        (map({ eth4(113, $_) } @whole, @zmtp, map { substr $whole[0], 0, $_ } 0 .. 24), map({ eth6(113, $_) } @whole[0, 1, 20], $zmtp[0]), map({ udp4(5, 6, $_) } @whole[0, 2, 7, 20], $zmtp[0], 'abc', ''), udp6(5, 6, $whole[0]), eth4(113, $pgm->(12, '', from => 0x0004, to => 0x0008, options => 1)), eth4(113, $pgm->(12, '', from => 0x0004, to => 0x0010, options => 1)), eth4(113, $pgm->(12, '', from => 53, to => 80)));
};
1;
