# DCCP, RFC 4340: all packet types and options.
use strict;
use warnings;
our %captures;

# dccp TYPE, REST, EXTENDED: the generic header, with sequence numbers of 48 or 24 bits, and what follows it.
sub dccp_x { my ($type, $rest, %o) = @_; my $length = 16 + length $rest; eth4(33, pack('nnCCnCCnN', 5001, 5002, $o{offset} // int($length / 4), $o{ccval} // 0, $o{sum} // 0x1234, $type << 1 | 1, 0, 1, $o{seq} // 0x01020304) . $rest . ($o{data} // ''), ) }
sub dccp_s { my ($type, $rest, %o) = @_; my $length = 12 + length $rest; eth4(33, pack('nnCCnN', 5001, 5002, $o{offset} // int($length / 4), $o{ccval} // 0, $o{sum} // 0x1234, ($type << 1) << 24 | 0x010203) . $rest . ($o{data} // ''), ) }

$captures{dccp} = sub {
        my ($ack, $short) = (pack('nnN', 0, 2, 0x0a0b0c0d), pack('N', 0x0a0b0c));
        my %fixed = (0 => pack('N', 0x53455256), 1 => $ack . pack('N', 0x53455256), 2 => '', 3 => $ack, 4 => $ack, 5 => $ack, 6 => $ack, 7 => $ack . h('02010203'), 8 => $ack, 9 => $ack);
        my @options = ('00', '01', '02', '20 06 00000001', '21 05 010203', '22 05 010203', '23 05 010203', '24 08 00000001 0002', '24 04 0001', '26 06 3f01 0203', '27 05 010203', '28 06 00000001', '29 04 0001', '29 06 00000001', '2a 06 00000001', '2a 08 00000001 0002', '2b 04 0005', '2b 06 00000005', '2c 06 00000001', '2d 04 0001', '2e 04 0001', '1f', '03', '7f 04 0102', '80 04 0102', 'a0 04 0102', 'bf 04 0102', 'c0 06 00000001', 'c1 06 00000001', 'c2 06 00000001', 'ff 06 00000001', '20 02', '20 01', '20 00', '20 ff 01', '20', '26 06 0102 0304', '27 0c 0001 0203 0405 0607 0809', '24 02', '29 02', '2b 02');
        map({ my $type = $_; dccp_x($type, $fixed{$type} // ''), dccp_x($type, $fixed{$type} // '', data => 'payload'), dccp_x($type, ''), dccp_x($type, 'ab'), dccp_s($type, ($type == 3 || $type == 4) ? $short : $fixed{$type} // '', data => 'payload'), dccp_s($type, '') } 0 .. 15), map({ my $o = h($_); $o .= "\0" x (-length($o) % 4); dccp_x(3, $ack . $o, data => 'text') } @options), dccp_x(3, $ack . h('01' x 8)), dccp_x(0, $fixed{0} . h('2604 0101 2804 0000 0000 0000')), map({ dccp_x(7, $ack . pack('CCCC', $_, 1, 2, 3)) } 0 .. 15, 255), map({ dccp_x(2, '', offset => $_) } 0, 1, 3, 4, 5, 255), map({ dccp_x(2, '', ccval => $_, data => 'd' x 40) } 0x10, 0xf0, 1, 5, 0x0f, 0xff), dccp_x(2, '', sum => 0), eth4(33, ''), eth4(33, 'ab'), eth4(33, 'abcd'), eth4(33, 'x' x 11), eth4(33, 'x' x 12), eth6(33, pack('nnCCnCCnN', 5001, 5002, 5, 0, 0x1234, 1, 0, 1, 2) . pack('N', 1)), eth4(33, pack('nnCCnCCnN', 5001, 5002, 5, 0, 0x1234, 1, 0, 1, 2) . pack('N', 1), from => '10.0.0.1');
};
1;
