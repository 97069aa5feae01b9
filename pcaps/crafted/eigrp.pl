# EIGRP, RFC 7868: all operations, flags and TLVs, of IPv4, IPv6, AppleTalk and IPX, internal and external, with prefixes of
# all lengths, several in one TLV, and wrong lengths.
use strict;
use warnings;
our %captures;

# eigrp OPERATION, TLVs, OPTIONS
sub eigrp { my ($operation, $tlvs, %o) = @_; with_checksum(2, pack('CCnN4', $o{version} // 2, $operation, 0, $o{flags} // 0, $o{sequence} // 0, $o{acknowledge} // 0, $o{system} // 100) . $tlvs) }
sub eigrp_tlv { my ($type, $value, $length) = @_; pack('nn', $type, $length // 4 + length $value) . $value }
sub eigrp4 { eth4(88, eigrp(@_), ttl => 2, tos => 0xc0, to => '224.0.0.10') }

$captures{eigrp} = sub {
        my $metric = h('00028000 00000a00 0005dc 03 ff 01 00 00');
        my $unreachable = h('ffffffff ffffffff 010203 ff 01 ff ff ff');
        my $external = ip('192.0.2.9') . h('00000064 00000007 00000014 0000 03 01');
        my $parameters = eigrp_tlv(1, h('01 00 01 00 00 00 000f'));
        my @general = ($parameters, eigrp_tlv(1, h('ff ff ff ff ff ff ffff')), eigrp_tlv(1, h('01 02 03 04 05 06 0000')), eigrp_tlv(1, h('01 00 01 00 00')), eigrp_tlv(1, h('01 00 01 00 00 00 0e10 aa')), eigrp_tlv(2, h('0002 0010 00000001 00000000 00000000 00000000') . 'd' x 16), eigrp_tlv(2, ''),
                eigrp_tlv(3, h('04') . ip('192.0.2.7')), eigrp_tlv(3, h('04') . ip('192.0.2.7') . h('04') . ip('192.0.2.8')), eigrp_tlv(3, h('10') . ip6('2001:db8::7')), eigrp_tlv(3, h('00')), eigrp_tlv(3, ''), eigrp_tlv(3, h('05') . 'abcde'), eigrp_tlv(3, h('04') . 'ab'), eigrp_tlv(4, h('0c04 0102')), eigrp_tlv(4, h('0f00 0200')), eigrp_tlv(4, h('0f')), eigrp_tlv(4, h('ffffffffff')),
                eigrp_tlv(5, h('00000007')), eigrp_tlv(5, h('ffffffff')), eigrp_tlv(5, h('0007')), eigrp_tlv(6, h('0009')), eigrp_tlv(6, h('ff')), eigrp_tlv(7, ''), eigrp_tlv(8, h('0102')), eigrp_tlv(0, ''), eigrp_tlv(0, 'abcd'), eigrp_tlv(0xf5, h('0001')), eigrp_tlv(0xffff, 'abcdefgh'));
        my $prefix = sub { my ($length, $size) = @_; chr($length) . substr(h('c6336455') x 8, 0, $size // int(($length + 7) / 8)) };
        my $prefix6 = sub { my ($length, $size) = @_; chr($length) . substr(ip6('2001:db8:1:2:3:4:5:6'), 0, $size // int(($length + 7) / 8)) };
        my @internal = (map({ eigrp_tlv(0x0102, ip('0.0.0.0') . $metric . $prefix->($_)) } 0 .. 33, 64, 255), eigrp_tlv(0x0102, ip('192.0.2.3') . $metric . $prefix->(24)), eigrp_tlv(0x0102, ip('192.0.2.3') . $unreachable . $prefix->(24)), eigrp_tlv(0x0102, ip('0.0.0.0') . $metric . $prefix->(24) . $prefix->(16) . $prefix->(32)), map({ eigrp_tlv(0x0102, ip('0.0.0.0') . $metric . $_) } '', h('18'), h('18 0a'), h('18 0a0b'), h('20 0a0b0c'), $prefix->(24) . h('21 0a0b0c0d0e'), $prefix->(24) . h('00'), h('00') x 5, $prefix->(8) . 'ab'), eigrp_tlv(0x0102, ''), eigrp_tlv(0x0102, ip('192.0.2.3')), eigrp_tlv(0x0102, ip('192.0.2.3') . substr($metric, 0, 15)));
        my @external = (map({ eigrp_tlv(0x0103, ip('0.0.0.0') . ip('192.0.2.9') . h('00000064 00000007 00000014 0000') . chr($_) . h('00') . $metric . $prefix->(24)) } 0 .. 13, 255), map({ eigrp_tlv(0x0103, ip('0.0.0.0') . ip('192.0.2.9') . h('00000064 00000007 00000014 0000 03') . chr($_) . $metric . $prefix->(24)) } 1, 2, 3, 4, 8, 0x80, 255), eigrp_tlv(0x0103, ip('192.0.2.5') . $external . $unreachable . $prefix->(20) . $prefix->(0) . $prefix->(9)), map({ eigrp_tlv(0x0103, ip('192.0.2.5') . $external . $metric . $_) } '', h('18 0a'), h('28 0a0b0c0d0e')), eigrp_tlv(0x0103, 'short'), eigrp_tlv(0x0104, h('0102030405060708')));
        my @six = (map({ eigrp_tlv(0x0402, ip6('::') . $metric . $prefix6->($_)) } 0, 1, 8, 16, 48, 63, 64, 65, 127, 128, 129, 255), eigrp_tlv(0x0402, ip6('fe80::9') . $metric . $prefix6->(64) . $prefix6->(48)), map({ eigrp_tlv(0x0402, ip6('fe80::9') . $metric . $_) } '', h('40'), h('40 2001')), eigrp_tlv(0x0402, 'short'), map({ eigrp_tlv(0x0403, ip6('::') . $external . $metric . $prefix6->($_)) } 0, 32, 64, 128, 200), eigrp_tlv(0x0403, ip6('fe80::9') . $external . $unreachable . $prefix6->(64) . $prefix6->(56)), eigrp_tlv(0x0403, ip6('fe80::9') . $external . $unreachable), eigrp_tlv(0x0403, 'short'));
        my $apple = ip('192.0.2.9') . h('0064 00000007 02 01');
        my @apple = (eigrp_tlv(0x0202, h('0000 0000') . $metric . h('0001 00ff')), eigrp_tlv(0x0202, h('0007 0009') . $unreachable . h('ffff 8000')), eigrp_tlv(0x0202, h('0000 0000') . $metric . h('0001 00ff 0100 0101')), eigrp_tlv(0x0202, 'short'), eigrp_tlv(0x0203, h('0000 0000') . $apple . $metric . h('0001 00ff')), eigrp_tlv(0x0203, h('0007 0009') . h('00010009 0064 00000007 0200 0b03') . $metric . h('0001 00ff')), eigrp_tlv(0x0203, h('0007 0009') . h('00000009 00000064 00000007 0b 00 00 00') . $metric . h('0001 00ff')), eigrp_tlv(0x0203, 'short'), eigrp_tlv(0x0204, h('0001 00ff 0007 09')), eigrp_tlv(0x0204, h('0001 00ff 0007 09 00')), eigrp_tlv(0x0204, h('0001')), eigrp_tlv(0x0202, h('00000000') . $metric . h('0001')));
        my @ipx = map { eigrp_tlv($_, h('00000001 020000000001') . $metric . h('00000002')), eigrp_tlv($_, h('00') x 60), eigrp_tlv($_, '') } 0x0302, 0x0303, 0x0304, 0x0404, 0x0602, 0x0603, 0x0502, 0x0205;
        (map({ eigrp4($_, $parameters) } 0 .. 13, 255), map({ eigrp4(5, $parameters, flags => $_) } 1, 2, 3, 4, 8, 16, 0x80000000, 0xffffffff), eigrp4(5, ''), eigrp4(5, '', acknowledge => 77), eigrp4(1, '', sequence => 99, acknowledge => 77, system => 0x00070064), eigrp4(5, $parameters, system => 0xffffffff), (map { eigrp4(5, $parameters, version => $_) } 0, 1, 3, 255),
                map({ eigrp4(1, $_, sequence => 9) } @general, @internal, @external, @six, @apple, @ipx), eigrp4(5, $parameters . $general[14] . $general[7]), eigrp4(1, $internal[24] . $internal[25] . $external[3] . $six[6]), map({ eigrp4(1, $_) } h('00'), h('0001'), h('000100'), h('0000 0000'), h('0001 0000'), h('0001 0003'), h('0001 0004'), eigrp_tlv(1, 'abcdefgh', 8), eigrp_tlv(1, 'abcdefgh', 13), eigrp_tlv(0x0102, ip('0.0.0.0') . $metric . $prefix->(24), 200), eigrp_tlv(0x0102, ip('0.0.0.0') . $metric . $prefix->(24), 20), $parameters . h('0000 0000 0000'), $parameters . h('00')),
                map({ eth4(88, $_) } '', h('02'), substr(eigrp(5, ''), 0, 19), h('02 05 1234 00000000 00000000 00000000 00000064')), map { eth6(88, $_, to => 'ff02::a', from => 'fe80::1') } eigrp(5, $parameters), eigrp(1, $six[4] . $six[12]), h('02 05 1234 00000000 00000000 00000000 00000064'));
};
1;
