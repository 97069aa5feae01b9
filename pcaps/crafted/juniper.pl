# Juniper's link types: the header's flags and extensions, the cookies of each kind of interface card, and what these carry; cut
# everywhere.
use strict;
use warnings;

our (%captures, %link_types, $ping4, $ping6);

# juniper FLAGS, PAYLOAD, EXTENSIONS
sub juniper { my ($flags, $payload, $extensions) = @_; h('4d4743') . pack('C', $flags) . (defined $extensions ? pack('n', length $extensions) . $extensions : '') . $payload }
sub juniper_cuts { map { my $packet = $_; map { substr $packet, 0, $_ } 1 .. length $packet } @_ }

my $mpls = h('00010140') . $ping4;
my $iso = h('8314 0100 0f01 0000') . 'x' x 20;
my @payloads = ($ping4, $ping6, $mpls, $iso, h('0021') . $ping4, h('ff03 0057') . $ping6, h('c021 0101 0004'), h('00' x 24), 'text', '');
my @cookies = map { h($_) } '30a1a2a3a4a5a6a7', '00' x 8, '80a1a2a3a4a5a6a7', '54a1a2a3a4a5a6a7', map { "47a1a2a3a4$_" . 'a6a7' } qw(00 10 20 30 40 8f ff);
# Each kind of cookie in front of each payload; SIZE of plain ones.
sub with_cookies { my ($size, @what) = @_; map { my $cookie = $_; my $first = ord $cookie; my $taken = $first == 0x54 ? $size + 2 : $first == 0x47 ? 8 : $size; map { juniper(0, substr($cookie, 0, $taken) . $_) } @what } @cookies }
# With the protocol's number in front.
sub with_numbers { my ($numbers, @what) = @_; map { my $number = pack 'n', hex; map { $number . $_ } @what } @$numbers }
my @rest = (juniper(1, ''), juniper(2, ''), juniper(3, h('00000002') . $ping4), juniper(2, h('0000001c') . $ping6), juniper(2, h('00000002') . 'text'), juniper(0x82, h('00000002') . $ping4, h('050161')), juniper(0x80, '', h('0909 6162')), 'JNPR1234');

$link_types{'juniper-ethernet'} = 178;
my $frame = ethernet(0x0800, $ping4);
my @extensions = (map({ my $type = $_; map { pack('CC', $type, $_) . substr 'abcdefgh', 0, $_ } 1 .. 5, 8 } 1 .. 9, 127, 128, 255), map({ my $type = $_; map { pack('CCC', $type, 1, $_) } 0 .. 68, 255 } 3, 6), map({ h($_) } '07012c', '08012c', '0302 0100', '0604 00000001'));
$captures{'juniper-ethernet'} = sub { ((map { juniper($_, $frame) } map({ 1 << $_ } 0, 2 .. 6), 0, 0x7d), (map { juniper($_, $frame, h('0501 61')) } 0x80, 0x81, 0xfd), map({ juniper(0x80, $frame, join '', @$_) } map { [@extensions[12 * $_ .. ($_ * 12 + 11 < $#extensions ? $_ * 12 + 11 : $#extensions)]] } 0 .. $#extensions / 12),
        map({ juniper(0x80, $frame, h($_)) } '', '01', '0101', '0100', '0001 05', '0001 0501 61', '0501 61 00 01', '0501 61 05 00 0501 62', '0501 61 05', '0501 61 0501', '0501 61 0502', '0501 61 0503 6162', '0909 6162', '05ff'), juniper(0x80, '', h('0501 61')), juniper(0, 'short'), juniper(0, ethernet(0x1234, 'unknown')), juniper(0, ethernet(0x8100, h('2005 0800') . $ping4)), juniper(0, ethernet(8, h('4242 0300 0000 0000') . 'abcd')),
        map({ juniper(2, h('00000002') . chr($_) . substr $ping4, 1) } 0x40 .. 0x70), @rest, juniper_cuts(juniper(0x81, ethernet(0x0800, $ping4), h('0501 61 0602 6263')))) };
$link_types{'juniper-ppp'} = 179;
$captures{'juniper-ppp'} = sub { (map({ juniper(0, $_) } @payloads, h('800601'), h('7777') . 'unknown'), @rest, juniper_cuts(juniper(0, h('0021') . $ping4))) };
$link_types{'juniper-pppoe'} = 167;
$captures{'juniper-pppoe'} = sub { (with_cookies(0, $frame, ethernet(0x1234, 'unknown'), ethernet(0x8864, h('1100 0001 001e 0021') . $ping4)), @rest, juniper_cuts(juniper(0, $frame))) };
$link_types{'juniper-pppoe-atm'} = 168;
$captures{'juniper-pppoe-atm'} = sub { (with_cookies(0, with_numbers([qw(0800 86dd 8847 8863 1234)], @payloads[0 .. 2], '')), juniper(0, h('8864 1100 0001 0026 0021') . $ping4), @rest, juniper_cuts(juniper(0, h('0800') . $ping4))) };
$link_types{'juniper-mlppp'} = 130;
$captures{'juniper-mlppp'} = sub { (with_cookies(2, @payloads, with_numbers([qw(0000 0010 0020 0030 0040)], @payloads[0 .. 3])), @rest, juniper_cuts(juniper(0, h('3000 0021') . $ping4), juniper(0, $cookies[4] . $ping4), juniper(0, $cookies[3])), map { my $cookie = $_; map { juniper(0, h('47a1a2a3', $cookie, 'a6a7') . $_) } $ping4, h('ff03 0021') . $ping4 } qw(0000 0400 0800 0c00 0c0f 0c10 0d00)) };
my @numbers = qw(0003 0300 0308 0383 03cc 038e fefe 0000 0020 1234);
$link_types{'juniper-mlfr'} = 131;
$captures{'juniper-mlfr'} = sub { (with_cookies(2, with_numbers(\@numbers, @payloads[0, 1, 3, 8])), @rest, juniper_cuts(juniper(0, h('3000 0003') . $iso), juniper(0, $cookies[4] . $ping4))) };
$link_types{'juniper-mfr'} = 134;
$captures{'juniper-mfr'} = sub { (with_cookies(4, with_numbers(\@numbers, @payloads[0, 1, 3, 8]), map { h('0000') . $_ } with_numbers(\@numbers, $ping4)), (map { juniper(0, $_ . h('a1 1841 03cc') . $ping4) } map { chr } 0xc0, 0xdf, 0xe0, 0xe1, 0xff), juniper(0, h('0000 0001 1234') . 'none'), juniper(0, h('e1 00 01 01 0961 6263 6465 00')), @rest, juniper_cuts(juniper(0, h('3000 0000 fefe') . $iso), juniper(0, $cookies[4] . $ping4), juniper(0, h('54 a1 a2 a3 a4 a5 03cc') . $ping4), juniper(0, h('c001 1841 03cc') . $ping4))) };
$link_types{'juniper-es'} = 132;
my @associations = map({ my $type = $_; map { pack('nCCNNN', 1000, 7, $type, 0x9abcdef0, 0xc0000201, 0xc0000202) . $_ } $ping4, $ping6, 'text', '' } 0 .. 6, 255);
$captures{'juniper-es'} = sub { (with_cookies(0, @associations), juniper(0, h('4500 0001') . substr $ping4, 4), @rest, juniper_cuts(juniper(0, $associations[12]))) };
$link_types{'juniper-ggsn'} = 133;
$captures{'juniper-ggsn'} = sub { (with_cookies(8, @payloads[0, 1]), map({ my $number = $_; map { juniper(0, h('3001') . chr($number) . h('03 1234 5678') . $_) } $ping4, $ping6, '' } 0 .. 8, 255), @rest, juniper_cuts(juniper(0, h('3001 0203 1234 5678') . $ping4))) };
$link_types{'juniper-services'} = 136;
my @service = map { h('1122 3344 5566 7788') . $_ } @payloads[0, 1, 8];
$captures{'juniper-services'} = sub { (with_cookies(8, @service, @payloads), map({ juniper(0, $cookies[0] . chr($_) . substr $ping4, 1) } 0x40 .. 0x70), @rest, juniper_cuts(juniper(0, $cookies[0] . $ping4))) };
$link_types{'juniper-monitor'} = 164;
$captures{'juniper-monitor'} = $captures{'juniper-services'};
$link_types{'juniper-frame-relay'} = 180;
$captures{'juniper-frame-relay'} = sub { (map({ juniper(0, $_) } h('1841 03cc') . $ping4, h('1841 038e') . $ping6, h('1841 0800') . $ping4, h('1841 0300 80 0080c2 0007') . $frame, h('1841 0383 0100 0f01 0000'), h('ff03 0021'), h('1841 0377') . 'unknown', h('1841 7777') . 'unknown', h('18'), h('19'), h('1841 03')), @rest, juniper_cuts(juniper(0, h('1841 03cc') . $ping4))) };
$link_types{'juniper-cisco-hdlc'} = 181;
$captures{'juniper-cisco-hdlc'} = sub { (map({ juniper(0, $_) } h('0f00 0800') . $ping4, h('8f00 86dd') . $ping6, h('0f00 8035 00000002 00000001 00000002 ffff 0000 0001'), h('0f00 fefe 0383 0100 0f01 0000'), h('0f00 7777') . 'unknown', h('0f00 08')), @rest, juniper_cuts(juniper(0, h('0f00 0800') . $ping4))) };
# ATM: management cells, LLC, a control byte, PPP, IP, bridged Ethernet.
my @cells = map { h($_->[0]) . h($_->[1]) . "\x6a" x (48 - length h($_->[1])) } ['0230 4568', '10 0001'], ['0000 0034', '11 02'], ['0000 0045', '18 01 00000007'], ['0fff fffe', '18 00 00000007'], ['0800 0000', '21'], ['0000 0000', '80'], ['0123 4567', 'f0'], ['0800 0001', '14'];
my @encapsulated = (@payloads, h('aaaa03 000000 0800') . $ping4, h('aaaa03 0080c2 0007 0000') . $frame, h('aaaa03 001122 0800') . 'x' x 20, h('fefe03 8314 0100 0f01 0000'), h('424203 0000'), h('03cc') . $ping4, h('0383 1401'), map({ h($_) . h('0101 0004') } qw(0021 0023 003d 0057 0281 0283 8021 8023 8057 8281 80fd c021 c023 c223 c025)), $frame);
$link_types{'juniper-atm1'} = 137;
$captures{'juniper-atm1'} = sub { (with_cookies(4, @encapsulated, @cells[0, 2]), map({ juniper(0, h('80a1 a2a3') . $_) } @cells), @rest, juniper_cuts(juniper(0, h('80a1 a2a3') . $cells[2]), juniper(0, h('30a1 a2a3 aaaa03 000000 0800') . $ping4))) };
$link_types{'juniper-atm2'} = 135;
$captures{'juniper-atm2'} = sub { (with_cookies(8, @encapsulated), map({ my $flags = $_; map({ juniper($flags, h('00000001 00000000') . $_) } @encapsulated), map { my $cookie = pack 'NN', $_ < 32 ? (0, 1 << $_) : (1 << $_ - 32, 0); map { juniper($flags, $cookie . $_) } $ping4, h('08000000') . $cells[0], $frame } 0 .. 63 } 0, 1), map({ my $word = $_; map { juniper(0, h('00000000 00000010') . h($word) . $_) } @cells } '00000000', '08000000', '08000001', ''), @rest, juniper_cuts(juniper(0, h('00000000 00000010 00000000') . $cells[2]), juniper(0, h('00' x 8, 'aaaa03 000000 0800') . $ping4))) };

1;
