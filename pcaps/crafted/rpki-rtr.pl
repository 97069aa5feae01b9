# RPKI to router, RFC 6810 and 8210: all PDU types, errors with and without text and PDU, several PDUs a segment.
use strict;
use warnings;
our %captures;

sub rpki { my ($type, $session, $body, %o) = @_; pack('CCnN', $o{version} // 0, $type, $session, $o{length} // 8 + length $body) . $body }
sub rpki4 { eth4(6, tcp(323, 40000, 0x18, join '', @_)) }
sub rpki_error { my ($code, $pdu, $text, %o) = @_; rpki(10, $code, pack('N', $o{pdu_length} // length $pdu) . $pdu . pack('N', $o{text_length} // length $text) . $text, %o) }

$captures{'rpki-rtr'} = sub {
        my $prefix4 = rpki(4, 0, h('01 18 20 00') . ip('192.0.2.0') . pack('N', 65000));
        my $prefix6 = rpki(6, 0, h('00 20 30 00') . ip6('2001:db8::') . pack('N', 65536));
        my $query = rpki(1, 0x1234, pack('N', 7));
        (rpki4(rpki(0, 0x1234, pack('N', 42))), eth6(6, tcp(40000, 323, 0x18, $query)), rpki4($query), rpki4(rpki(2, 0, '')), rpki4(rpki(3, 0x1234, '')), rpki4($prefix4), rpki4($prefix6), rpki4(rpki(4, 0, h('ff 21 80 ff') . ip('192.0.2.0') . pack('N', 1))), rpki4(rpki(7, 0x1234, pack('N', 43))), rpki4(rpki(7, 0x1234, pack('N4', 43, 3600, 600, 7200), version => 1)), rpki4(rpki(8, 0, '')), rpki4(rpki(9, 0x100, h('00' x 20) . pack('N', 65000) . 'k' x 91, version => 1)),
                map({ rpki4(rpki_error($_, '', '')) } 0 .. 9, 255, 65535), rpki4(rpki_error(2, '', 'no data')), rpki4(rpki_error(3, $query, 'what?')), rpki4(rpki_error(3, $query, '')), rpki4(rpki_error(3, rpki_error(2, '', 'inner'), 'outer')), rpki4(rpki_error(3, $prefix4, h('c3a9 00 0a ff'))), rpki4(rpki_error(3, $query, 'text', pdu_length => 100)), rpki4(rpki_error(3, $query, 'text', text_length => 100)), rpki4(rpki_error(3, $query, 'text', text_length => 0)), rpki4(rpki_error(3, $query, 'text', pdu_length => 4)), rpki4(rpki_error(3, substr($query, 0, 6), 'text')), rpki4(rpki_error(3, rpki(1, 5, pack('N', 7), length => 100), 'text')),
                map({ rpki4(rpki($_, 0, '')) } 0 .. 12, 255), map({ rpki4(rpki($_, 0, 'abcd')) } 0 .. 12, 255), map({ rpki4(rpki($_, 0, 'x' x 40)) } 0 .. 12), map({ my $length = $_; map { rpki4(rpki($_, 0, 'y' x 24, length => $length)) } 0 .. 10 } 0, 7, 8, 9, 12, 31, 33), map({ rpki4(rpki(0, 1, pack('N', 2), version => $_)) } 1, 2, 255), rpki4($query, $query), rpki4($prefix4, $prefix6, rpki(7, 1, pack('N', 2))), rpki4($query, 'tail'), rpki4($query, 'longer tail', 'x' x 20), rpki4(''), rpki4('abc'), rpki4(h('00')), rpki4(h('000100010000000c')), rpki4(h('0001000100000000'), $query), rpki4(rpki(1, 1, 'abc', length => 11), $query));
};
1;
