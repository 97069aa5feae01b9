# LSP ping, RFC 4379: requests and replies with all codes, TLVs and target FECs.
use strict;
use warnings;
our %captures;

sub lsp_tlv { my ($type, $value, $size) = @_; pack('nn', $type, $size // length $value) . $value . "\0" x (-length($value) % 4) }
sub lsp_ping { my ($tlvs, %o) = @_; pack('nnCCCC', $o{version} // 1, $o{flags} // 0, $o{type} // 1, $o{mode} // 2, $o{code} // 0, $o{subcode} // 0) . pack('N6', 0x11223344, $o{sequence} // 7, 3900000000, 0x80000000, $o{received} // 0, 0) . $tlvs }
sub lsp4 { udp4(50153, 3503, lsp_ping(@_), to => '127.0.0.1', ttl => 1, options => h('94040000')) }
my $rd = h('0000 fde8 00000001');
# Of each kind of target: its right form, and others.
my %fecs = (1 => ['0a010200 18', '0a010200', '0a010200 18 000000', '0a010200 21', ''], 2 => ['20010db8000000010000000000000000 40', '20010db8', '20010db8000000010000000000000000 40 000000', ''], 3 => ['c0000202 0000 0001 c0000201 c0000201 0000 0002', 'c0000202', 'c0000202 0000 0001 c0000201 c0000201 0000 0002 0000', ''], 4 => ['20010db8000000000000000000000002 0000 0001' . '20010db8000000000000000000000001' x 2 . '0000 0002', '20010db8', ''],
        6 => [unpack('H*', $rd) . '0a010200 18', unpack('H*', $rd), unpack('H*', $rd) . '0a010200 18 000000', ''], 7 => [unpack('H*', $rd) . '20010db8000000010000000000000000 40', '00', ''], 8 => [unpack('H*', $rd) . '0001 0002 0004', unpack('H*', $rd) . '0001 0002 0005', '0001', ''], 9 => ['c0000202 00000064 0005', 'c0000202 00000064 0005 0000', 'c0000202', ''], 10 => ['c0000201 c0000202 00000064 0005', 'c0000201 c0000202 00000064 8005 0000', 'c0000201', ''], 11 => ['20010db8', ''], 12 => ['0a010200 18', '0a010200', '0a010200 18 000000', ''], 13 => ['20010db8000000010000000000000000 40', '2001', '']);
my $ok = lsp_tlv(1, lsp_tlv(1, h('0a010200 18')));

$captures{'lsp-ping'} = sub {
        (lsp4(''), lsp4($ok), udp6(50153, 3503, lsp_ping($ok)), udp4(3503, 50153, lsp_ping('', type => 2, code => 3, received => 3900000001)), map({ lsp4('', type => $_) } 0 .. 6, 255), map({ lsp4('', mode => $_) } 0 .. 6), map({ lsp4('', type => 2, code => $_, subcode => 1) } 0 .. 20, 255), lsp4('', flags => 1), lsp4('', flags => 2), lsp4('', flags => 0xffff), lsp4('', version => 0), lsp4('', version => 2), lsp4('', received => 3900000001),
                # targets
                map({ my $kind = $_; map { lsp4(lsp_tlv(1, lsp_tlv($kind, h($_)))) } @{$fecs{$kind}} } sort { $a <=> $b } keys %fecs), map({ lsp4(lsp_tlv(1, lsp_tlv($_, h('01020304 05060708')))) } 0, 5, 14 .. 20, 255), lsp4(lsp_tlv(1, lsp_tlv(1, h('0a010200 18')) . lsp_tlv(12, h('0a010300 18')))), lsp4(lsp_tlv(1, '')), lsp4(lsp_tlv(1, h('0001'))), lsp4(lsp_tlv(1, h('0001 0009 0a010200'))), lsp4(lsp_tlv(1, h('0001 0000'))), lsp4(lsp_tlv(1, lsp_tlv(10, h('c0000201 c0000202 00000064 0005')) . lsp_tlv(9, h('c0000202 00000065 0004')))),
                # downstream mapping
                map({ my $type = $_; map { lsp4(lsp_tlv(2, pack('nCC', 1500, $type, 0) . h($_))) } 'c0000201 c0000202 00 00 0000', 'c0000201 00000005 00 00 0000', 'c0000201 c0000202 08 04 0004 7f000001 00064103 000650ff', '20010db8000000000000000000000001 20010db8000000000000000000000002 00 00 0000 00064103', '20010db8000000000000000000000001 00000005 02 00 0000', 'c0000201 c0000202 02 00 0008 7f000000 7f0000ff', 'c000', '' } 0 .. 5, 7), map({ lsp4(lsp_tlv(2, pack('nCC', 1500, 1, $_) . h('c0000201 c0000202 00 00 0000 00064103'))) } 1, 2, 3, 0xff), map({ lsp4(lsp_tlv(2, h('05dc 01 00 c0000201 c0000202') . chr($_) . h('00 0000'))) } 0 .. 10), lsp4(lsp_tlv(2, h('05dc 01 00 c0000201 c0000202 00 00 0000') . join '', map { pack 'N', 16 << 12 | $_ } map { 0x100 | $_ } 0 .. 6)),
                # the others
                map({ lsp4(lsp_tlv($_, h('00000001'))) } 0, 3 .. 22, 255, 0xfc00, 0xffff), lsp4(lsp_tlv(5, h('00000001 00000002'))), lsp4(lsp_tlv(9, $ok)), lsp4(lsp_tlv(9, lsp_tlv(1, lsp_tlv(6, $rd . h('0a010200 18'))) . lsp_tlv(10, h('01000000')))), lsp4(lsp_tlv(10, h('01'))), lsp4(lsp_tlv(10, h('c0ffee'))), map({ lsp4(lsp_tlv(10, pack 'N', $_)) } 0x01000000, 0x02000000, 0x03000000), lsp4(lsp_tlv(15, h('7f'))), map({ lsp4(lsp_tlv(15, h($_))) } '00000005', '00000005 00', '', '0005', '01234567 89'), lsp4(lsp_tlv(3, 'padding')), lsp4(lsp_tlv(3, h('01') . 'a' x 20)), lsp4(lsp_tlv(3, '')), lsp4($ok . lsp_tlv(3, h('01') . 'a' x 7) . lsp_tlv(10, h('01000000'))), lsp4(h('0001')), lsp4(h('0001 0010 00')), lsp4(h('0003 0000')), lsp4(h('0003 ffff') . 'x' x 8), lsp4(lsp_tlv(9, h('0001'))), lsp4(lsp_tlv(7, h('000186a0'))), lsp4(lsp_tlv(5, 'abc')), udp4(50153, 3503, 'short'), udp4(50153, 3503, ''), udp4(50153, 3503, substr lsp_ping(''), 0, 31), lsp4(join '', (lsp_tlv(9, lsp_tlv(9, lsp_tlv(9, h('00000001')))))));
};
1;
