# LDP, RFC 5036: all messages and TLVs, over UDP and TCP, and what RFC 4447 and 3479 add.
use strict;
use warnings;
our %captures;

sub ldp_tlv { my ($type, $value) = @_; pack('nn', $type, length $value) . $value }
sub ldp_message { my ($type, $body, $size) = @_; pack('nnN', $type, $size // 4 + length $body, 7) . $body }
sub ldp_pdu { my ($messages, %o) = @_; pack('nn', $o{version} // 1, $o{length} // 6 + length $messages) . ip('192.0.2.1') . pack('n', $o{space} // 0) . $messages }
sub ldp_udp { udp4(646, 646, join('', @_), to => '224.0.0.2', ttl => 1) }
sub ldp_tcp { eth4(6, tcp(40000, 646, 0x18, join '', @_)) }
# One TLV in a message of its own.
sub ldp_with { my ($tlv, $type) = @_; ldp_tcp(ldp_pdu(ldp_message($type // 0x0400, $tlv))) }

my @fecs = map { h($_) } '01', '02 0001 18 0a0102', '02 0001 00', '02 0001', '02 0001 18 0a01', '02 0002 40 20010db8000000', '02 0001 20 0a010203', '02 0001 21 0a01020304', '02 0002 40 20010db800000001', '02 0002 81' . '00' x 17, '02 0002 80 20010db8000000000000000000000001', '03 0001 04 0a010203', '03 0002 10 20010db8000000000000000000000001', '02 0003 08 0a', '02', '02 0001', '02 0001 18 0a', '02 00ff 08 0a',
        '80 0005 08 00000001 00000064 0104 05dc', '80 8004 04 00000001', '80 0005 00 00000001', '80 0005 0c 00000001 00000064 01 04 05dc 03 04 6162', '80 0011 14 00000001 00000064 0104 05dc 0206 00000001 0304 6162 0404 0100 0504 0001', '80 0005 08', '80 0005 08 00000001', '80 0005 09 00000001 00000064 0104 05dc 00', '80 0005 10 00000001 00000064 0c04 0303 0104 05dc 0504 0064',
        '80 0005 0a 00000001 00000064 0306 61626364', '80 0005 08 00000001 00000064 ff04 0102', '80 0005 08 00000001 00000064 0100 05dc', '80 0005 08 00000001 00000064 0101 05dc', '80 0005 08 00000001 00000064 01ff 05dc', '80 0005 ff 00000001 00000064 0104 05dc', '81', '04 0001', '82 00', '80 7fff 04 00000001', '02 0001 18 0a0102 02 0001 10 0a03';
my %tlvs = (0x0100 => \@fecs, 0x0101 => [map { h($_) } '0001 c0000201 c0000202', '0001', '', '00', '0002 20010db8000000000000000000000001 20010db8000000000000000000000002', '0003 0102', '0001 c0000201 c000', '0001 c0', '0002 2001'], 0x0103 => [map { h($_) } '05', '', '0102', 'ff'], 0x0104 => [map { h($_) } 'c0000201', 'c0000201 c0000202', ''], 0x0200 => [map { h($_) } '00000010', '000fffff', 'ffffffff', '', '0001', '0000001000'],
        0x0201 => [map { h($_) } '00100020', '30100020', ''], 0x0202 => [map { h($_) } '00100020', ''], 0x0300 => [map({ h('0000') . pack('n', $_) . h('00000007 0400') } 0 .. 0x20, 0x2c .. 0x33), map({ h($_) } '80000001 00000007 0400', 'c0000001 00000007 0400', 'ffffffff 00000000 0000', '', '0000', '00000001', '00000001 00000007', '00000001 00000007 0400 00', '40000010 00000007 0200')], 0x0301 => [map { h($_) } '00000001', ''], 0x0302 => [map { h($_) } '0400 0000', ''], 0x0303 => [map { h($_) } '0400 0000', ''],
        0x0400 => [map { h($_) } '000f 0000', '000f 8000', '000f 4000', '000f c000', 'ffff e000', '000f', '', '000f 0000 00'], 0x0401 => [map { h($_) } 'c0000201', '', 'c000', 'c000020100'], 0x0402 => [map { h($_) } '00000005', '', '0005'], 0x0403 => [map { h($_) } '20010db8000000000000000000000001', '', '2001'], 0x0500 => [map { h($_) } '0001 00b4 00 00 1000 c0000202 0000', '0001 00b4 80 00 1000 c0000202 0000', '0001 00b4 40 05 1000 c0000202 0001', '0001 00b4 ff ff ffff c0000202 0000', '0001', '', '0001 00b4 00 00 1000 c0000202', '0001 00b4 00 00 1000'],
        0x0501 => [map { h($_) } '00000000', '40000001 00100020 00300040', ''], 0x0502 => [map { h($_) } '40000001 00100020 00300040', ''], 0x0503 => [map { h($_) } '8000 0000 0001d4c0 0001d4c0', '0000 0000 00000000 00000000', 'ffff ffff ffffffff ffffffff', '8000', '8000 0000', '8000 0000 0001d4c0', '', '8000 0000 0001d4c0 0001d4c0 00'], 0x0600 => [map { h($_) } '00000005', ''], 0x096a => [map { h($_) } '05dc', '05', '', '05dc00'], 0x0506 => ['x'], 0x0508 => ['ab'], 0x050b => ['ab'], 0x0096 => ['abc'], 0x3e00 => ['vendor'], 0x3f00 => ['experiment'], 0x7fff => ['x'], 0x0000 => ['', 'zero']);

$captures{'ldp-tlvs'} = sub {
        (map { my $type = $_; map { ldp_with(ldp_tlv($type, $_)) } @{$tlvs{$type}} } sort { $a <=> $b } keys %tlvs), map({ ldp_with(ldp_tlv($_, h('00000001 0002 0003'))) } 0x0102, 0x0105, 0x0203, 0x0304, 0x0404, 0x0504, 0x0505, 0x0507, 0x0509, 0x050a, 0x050c, 0x0601, 0x0800, 0x0810, 0x0820, 0x0901, 0x096b, 0x8100, 0x4200, 0xc400, 0xffff), ldp_with(h('0200 0010 00000001')), ldp_with(h('0200 0003 000000')), ldp_with(h('0200 00')), ldp_with(h('02')), ldp_with(h('0200 0000')), ldp_with(h('0200 ffff') . 'x' x 20),
                # Cut within a pseudowire's class, with and without more than its group.
                map({ my $segment = tcp(40000, 646, 0x18, ldp_pdu(ldp_message(0x0400, ldp_tlv(0x0100, h($_))))); map { eth4(6, substr($segment, 0, 42 + $_), length => 20 + length $segment, raw => 1) } 0 .. 12 } '80 8004 04 00000001 00000064', '80 0005 00 00000001');
};
$captures{'ldp-messages'} = sub {
        my $hello = ldp_message(0x0100, ldp_tlv(0x0400, h('000f 0000')) . ldp_tlv(0x0401, ip('192.0.2.1')) . ldp_tlv(0x0402, h('00000001')));
        my $keepalive = ldp_message(0x0201, '');
        my $mapping = ldp_message(0x0400, ldp_tlv(0x0100, h('02 0001 18 0a0102')) . ldp_tlv(0x0200, h('00000010')));
        (ldp_udp(ldp_pdu($hello)), udp6(646, 646, ldp_pdu(ldp_message(0x0100, ldp_tlv(0x0400, h('000f 0000')) . ldp_tlv(0x0403, ip6('2001:db8::1'))))), udp4(50153, 646, ldp_pdu($hello)), udp4(646, 50153, ldp_pdu($hello)), map({ ldp_tcp(ldp_pdu(ldp_message($_, ldp_tlv(0x0200, h('00000010'))))) } 0 .. 2, 0x0100, 0x0200, 0x0201, 0x0202, 0x0300, 0x0301, 0x0302, 0x0400 .. 0x0405, 0x0001, 0x0003, 0x0500, 0x3e00, 0x3e01, 0x3eff, 0x3f00, 0x3f01, 0x3fff, 0x4000, 0x8100, 0x8201, 0xc000, 0xffff),
                ldp_tcp(ldp_pdu($keepalive)), ldp_tcp(ldp_pdu($keepalive . $mapping . $mapping)), ldp_tcp(ldp_pdu($keepalive), ldp_pdu($mapping)), ldp_tcp(ldp_pdu($keepalive, space => 5)), ldp_tcp(ldp_pdu($keepalive, version => 2)), ldp_tcp(ldp_pdu($keepalive, version => 0)), map({ ldp_tcp(ldp_pdu($keepalive, length => $_)) } 0, 1, 5, 6, 7, 13, 15, 100, 0xffff), map({ ldp_tcp(ldp_pdu(ldp_message(0x0201, '', $_))) } 0, 3, 4, 5, 12, 0xffff), map({ ldp_tcp(ldp_pdu(ldp_message(0x0400, ldp_tlv(0x0200, h('00000010')), $_))) } 0, 3, 4, 5, 8, 9, 13, 100), ldp_tcp(''), ldp_tcp('a'), ldp_tcp(h('0001')), ldp_tcp(h('0001 0006 c0000201 0000')), ldp_tcp(h('0001 000a c0000201 0000 0201 0004')),
                ldp_tcp(ldp_pdu(ldp_message(0x0200, ldp_tlv(0x0500, h('0001 00b4 00 00 1000 c0000202 0000')) . ldp_tlv(0x0503, h('8000 0000 0001d4c0 0001d4c0'))))), ldp_tcp(ldp_pdu(ldp_message(0x0001, ldp_tlv(0x0300, h('80000014 00000000 0000'))))), ldp_tcp(ldp_pdu(ldp_message(0x0300, ldp_tlv(0x0101, h('0001 c0000201 c0000202'))))), ldp_tcp(ldp_pdu($keepalive), 'tail'), ldp_tcp(ldp_pdu($keepalive), h('0001 00')),
                # UDP that ends before the unit does.
                map({ my $unit = ldp_pdu(ldp_message(0x0100, ldp_tlv(0x0400, h('000f 2000')))); eth4(17, pack('n4', 646, 646, 8 + $_, 0) . $unit) } 17 .. 20, 25, 26));
};
1;
