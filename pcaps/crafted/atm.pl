# ATM: RFC 2684 and Classical IP, and SunATM with signalling, management cells, ILMI and LAN emulation.
use strict;
use warnings;
our (%captures, %link_types, $ping4, $ping6);

my $arp = h('0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000202');
my $bridged = h('020000000002 020000000001 0800') . $ping4;
my @snap = map { h('aaaa03') . $_ } h('000000 0800') . $ping4, h('000000 86dd') . $ping6, h('000000 0806') . $arp, h('000000 1234') . 'unknown', h('0080c2 0001 0000') . $bridged . 'fcs!', h('0080c2 0007 0000') . $bridged, h('0080c2 0003 0000 1040 020000000002 020000000001 aaaa03 000000 0800') . $ping4, h('0080c2 000a 000000 50 020000000002 020000000001 aaaa03 000000 0800') . $ping4, h('0080c2 000e 0000 00 00 00 8000 020000000001 00000000 8000 020000000001 8001 0000 1400 0200 0f00'), h('00000c 2000 02b4 0000'), h('123456 7890 01'), h('000000'), '';
my @osi = map { h($_) } '81', '8201', '831b01000f01000001 111111111111 001e 001b 40 111111111111 01', '08 0075 95 010100 03020102', '08', '08 0075 01', 'cc', 'cf0021', 'cf c021 0101 0008 0104 05dc', '00', '33 01', '8e60';
my $header = h('0102030405060708 090a0b0c0d0e0f10 11121314');

@link_types{qw(atm atm-clip sunatm)} = (100, 106, 123);
$captures{atm} = sub {
        @snap, map({ h('fefe03') . $_, h('03') . $_ } @osi), map({ $header . $_ } @snap, h('4242 03 0000 00 00 00 8000 020000000001 00000000 8000 020000000001 8001 0000 1400 0200 0f00'), h('0505 03 01'), h('0404 0100'), h('fefe03cc') . $ping4, h('aa'), ''),
                $ping4, map { h($_) } 'aa', 'aaaa', '03', 'fefe', 'fefe03', '00', '000000', '0303', 'ffffff';
};
$captures{'atm-clip'} = sub { @snap, $ping4, $ping6, map { h($_) } 'aa', 'aaaa03', 'aaaa030000', 'aaaa03000000', 'aaaa030000010800', '45', '4500001c', '450000140001', 'fefe03cc450000', '600000000000', '70', '0f000800000000' };

# cell FUNCTION, INFORMATION: an OAM cell of end-to-end flow F5 with its checksum.
sub cell {
        my ($function, $information, $header) = @_;
        my $payload = chr($function) . substr $information . "\x6a" x 45, 0, 45;
        my $remainder = 0;
        for my $bit (split //, unpack('B*', $payload) . '0' x 16) {
                $remainder = $remainder << 1 | $bit;
                $remainder ^= 0x633 if $remainder & 0x400;
        }
        ($header // h('00 0000064a')) . $payload . pack 'n', $remainder;
}
my $snmp = h('30 29 02 01 00 04 06 7075626c6963 a0 1c 02 04 01020304 02 01 00 02 01 00 30 0e 30 0c 06 08 2b06010201010100 05 00');
my @emulation = (map({ h('ff00 0101') . pack('n', $_) . h('0000 00000007 0001 0000 0000 020000000001 0000 020000000002') } 0 .. 10, 0x101 .. 0x108), map({ h($_) } 'ff00 ff020001', 'ff00 0101 00', 'ff00', 'ff'), map({ h('0001') . $_ } $bridged, h('020000000002 020000000001 0806') . $arp, h('020000000002 020000000001 0025') . $snap[3], h('020000000002 020000000001 0003 424203'), h('020000000002 020000000001 1234 0102'), h('020000000002 020000000001 8100 0007 0800') . $ping4, h('020000000002 0200'), ''), h('1234') . $bridged);
$captures{sunatm} = sub {
        my ($signalling, $ilmi, $segment, $end) = map { pack 'CCn', 6, 0, $_ } 5, 16, 3, 4;
        map({ h('81000064') . $_ } @emulation), map({ h('01640005') . $_ } @emulation[1, -2, -1]), map({ h('02000064') . $_ } @snap, h('fefe0308 0075 01'), h('0404 0100'), h('aa'), ''), map({ pack('CCn', $_, $_ & 3, 200) . $snap[0] } 0, 2 .. 6, 15, 0x81 .. 0x83), h('02030010') . $snmp,
                map({ $signalling . h('09 03 000001') . chr($_) . h('80 0008 0802 80 90') } 0 .. 15, 0x45, 0x46, 0x4d, 0x4e, 0x5a, 0x62, 0x75, 0x7b, 0x7d, 0x80 .. 0x85), map({ $signalling . h($_) } '09 03 800001 5a', '09 03 800001', '09', '00', '0f', '30 01', ''),
                $ilmi . $snmp, $ilmi, $ilmi . h('30'), h('01000010') . h('3003'), h('01000001 aa'), h('01000002 aa'), h('01000000'), h('01000006'), h('0100000f0000'),
                map({ $segment . cell($_, h('01 00000007') . "\xff" x 12 . h('00') x 28) } 0x10, 0x11, 0x12, 0x14, 0x18, 0x20 .. 0x23, 0x80 .. 0x82, 0xf0, 0xf5, 0x00, 0x31, 0x48), map({ $end . cell(0x18, h($_) . h('12345678') . "\x55" x 28) } '00', '02', '03', 'ff'), map({ $end . cell(0x18, h('01 00000001'), h("00 $_")) } '00000000', '00000001', '00000002', '00000004', '00000006', '00000008', '0000000a', '0000000c', '0000000e', '0ff00000', 'f00ffff1', 'ffffffff'), $end . substr(cell(0x18, h('01 00000001')), 0, -1) . 'x', $end . cell(0x10, h('01')) . 'more', map({ $end . substr cell(0x10, ''), 0, $_ } 0, 4, 5, 6, 7, 50, 51, 52), map({ h($_) } '01', '8100', '010000');
};
1;
