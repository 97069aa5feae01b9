# OSPF's opaque link states of traffic engineering, RFC 3630, 4124 and 4203, and of router information, RFC 7770 and 8665.
use strict;
use warnings;
our %captures;

sub te { my ($tlvs, $type) = @_; update2(state2($type // 10, '1.0.0.1', $tlvs)) }
sub padded_tlv { my ($type, $value, $size) = @_; pack('nn', $type, $size // length $value) . $value . "\0" x (-length($value) % 4) }
# A link with one statement, and another TLV behind it.
sub te_link { te(padded_tlv(2, padded_tlv(@_)) . padded_tlv(1, ip('192.0.2.1'))) }

my ($rate, $rates) = (pack('f>', 1.25e8), join '', map { pack 'f>', 1.25e6 * $_ } 1 .. 8);
my %statements = (1 => ['01', '02', '03', '0102', ''], 2 => ['c0000202', 'c0000202 c0000203', 'c0', ''], 3 => ['c0000201', 'c0000201 c0000202', ''], 4 => ['c0000201', 'c0'], 5 => ['0000000a', '0a'], 6 => [unpack('H*', $rate), '00'], 7 => [unpack('H*', $rate), '4cbebc2000'], 8 => [unpack('H*', $rates), unpack('H*', $rates) . '00000000', '00'], 9 => ['00000005', 'ffffffff', '05'], 10 => ['01020304', '010203'], 11 => ['00000005 00000006', '00000005', '05'],
        14 => [map({ "${_}000000" } qw(00 01 02 04 08 10 20 40 80 ff)), '01'], 15 => [map({ "${_}020000" . unpack('H*', $rates) . '3f800000 05dc0000' } qw(00 01 02 03 04 33 64 96 c8 ff)), map({ "01${_}0000" . unpack('H*', $rates) } qw(00 01 02 03 05 07 08 09 0b 0c)), '64020000' . unpack('H*', $rates) . '3f800000 01', '01020000'], 16 => ['00000001', '00000001 00000002 00000003', '000000', ''], 17 => [map({ "0${_}000000" . unpack('H*', $rates) } 0 .. 2), '00000000', '00000000' . unpack('H*', $rate), '00', '0000000000', '01000000' . unpack('H*', $rates) . '00000000'], 18 => ['0102'], 32768 => ['01020304'], 0 => ['01020304', '']);

$captures{'ospf-te'} = sub {
        (te(padded_tlv(1, ip('192.0.2.1'))), te(padded_tlv(2, join '', map { padded_tlv($_, h($statements{$_}[0])) } 1 .. 11, 14 .. 17)), te(padded_tlv(1, ip('192.0.2.1')), 9), te(padded_tlv(1, ip('192.0.2.1')), 11), map({ my $type = $_; map { te_link($type, h($_)) } @{$statements{$type}} } sort { $a <=> $b } keys %statements),
                map({ te(h($_)) } '0001 0000', '0001 0002 c0000000', '0001 0008 c0000201 c0000202', '0001 00ff c0000201', '0001 0005 c0000201 c0', '0001', '0001 00', '0002 0000', '0002 0002 0001', '0002 0008 0009 0002 01020000', '0002 0008 0009 0005 01020304', '0002 0007 0001 0001 010000', '0002 0007 000a 0003 010203 00', '0002 0008 0001 0001 01', '0003 0004 01020304', '0003 0003 01020300', '0003 0003 010203', '0000 0004 01020304', 'ffff 0008 01020304 05060708', '0004 0000', '0002 0005 0001 0001 01', '0002 0008 0001 0001 01000000 0001'),
                te(padded_tlv(2, padded_tlv(9, h('00000001')))) , update2(state2(10, '1.0.0.1', padded_tlv(2, padded_tlv(9, h('01')))), state2(1, '192.0.2.1', h('0000 0000'))), update2(state2(10, '1.0.0.1', padded_tlv(2, padded_tlv(9, h('00000001')))), state2(10, '4.0.0.0', padded_tlv(1, h('80000000')))),
                # router information
                map({ update2(state2(10, '4.0.0.0', $_)) } map({ padded_tlv($_, h('01020304')) } 0 .. 16), map({ padded_tlv(1, pack 'N', $_) } map { 1 << $_ } 0 .. 31), padded_tlv(1, h('fc000000') . h('00000001')), padded_tlv(8, h('0001')), padded_tlv(9, h('001f4000') . padded_tlv(1, h('003e80'))), padded_tlv(7, 'router'), padded_tlv(1, h('80000000')) . padded_tlv(8, h('00010000')) . padded_tlv(9, h('001f4000') . padded_tlv(1, h('003e80'))) . padded_tlv(14, h('0003e800') . padded_tlv(1, h('003a98'))), h('0001 0000'), h('0008 0001 00'), h('0008 0040 00000000'), padded_tlv(12, h('01 0a')), ''),
                map({ update2(state2(10, "$_.0.0.1", padded_tlv(1, h('00 00 00 00 0a010200 18')))) } 0, 2, 5 .. 8, 128, 255), te_link(17, h('fe000000') . $rate), map({ update2(state2(9, '3.0.0.1', pack('nnN', 2, 1, $_ << 24))) } 0 .. 4), map({ my $type = $_; map { update2(state2($type, '192.0.2.1', substr h('00000001 00000002'), 0, $_)) } 0, 4, 7 } 3, 4));
};
1;
