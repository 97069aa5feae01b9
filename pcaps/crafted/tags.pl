# Tags between an Ethernet header and its payload: MACsec of every flag, Arista's time stamps, with VLAN tags
# around and inside.
use strict;
use warnings;

our (%captures, $ping4);

my $icv = h('ee' x 16);
my $ping = h('0800') . $ping4;
$captures{macsec} = sub {
        my $macsec = sub { my ($header, @rest) = @_; ethernet(0x88e5, h($header) . join '', @rest) };
        (map({ $macsec->(sprintf('%02x00 0000002a', $_) . ($_ & 0x20 ? '020000000001 0001' : ''), $ping, $icv) } 0 .. 255), map({ $macsec->("00$_ 0000002a", $ping, $icv) } qw(01 02 03 10 25 26 27 3f 40 80 ff)), map({ $macsec->("0c$_ 0000002a", $ping, $icv) } qw(01 10 3f 40)),
                map({ $macsec->('0000 00000001', h('12' x $_), $icv) } 0 .. 3), map({ $macsec->('0000 00000001', 'x' x $_) } 0, 1, 15, 16), map({ $macsec->($_) } '', '00', '2000 00000001', '2000 00000001 02000000000100', '8000 00000001', '0000000000'),
                $macsec->('0000 00000001', h('1234 0000'), $icv), $macsec->('0000 00000001', h('0004 4242 0300'), $icv), $macsec->('0000 00000001', h('8100 0005'), $ping, $icv), $macsec->('0000 00000001', h('88a8 a005 8100 0006'), $ping, $icv), $macsec->('0000 00000001', h('88e5 0000 00000001'), $ping, $icv, $icv), ethernet(0x8100, h('0005 88e5 0000 00000001') . $ping . $icv), $macsec->('0000 00000001', h('d28b 0001 0020 0001 0000000a'), $ping, $icv),
                # A short length that leaves out some of what is there, of payloads known and unknown, and tags.
                map({ my $inner = h($_); map { $macsec->(sprintf('00%02x 0000002a', $_), $inner, $ping, $icv) } 1 .. 12, 16, 20, 24, 28, 37 } '0d00', '0001', '0005 424203', '0015 aaaa03 000024', '0015 aa44af 810102', '8100 0005 0d00', '88e5 0000 00000001 0d00', '88e5 0800 00000001 0d00', '88e5 8000 00000001 0d00', '88e5 0003 00000001 0d00'));
};
$captures{arista} = sub {
        my $arista = sub { my ($header, @rest) = @_; ethernet(0xd28b, h($header) . join '', @rest) };
        my ($long, $short) = ('65d0a1b2 075bcd15', '0001 0000000a');
        (map({ ($arista->("0001 0${_}10 $long", $ping), $arista->("0001 002$_ $short", $ping), $arista->("0001 00${_}0 $long", $ping), $arista->("000$_ 0010 $long", $ping)) } 0 .. 4), $arista->('0001 ff10 65d0a1b2 ffffffff', $ping), $arista->('0001 0020 ffff ffffffff', $ping), $arista->('0001 0010 ffffffff 3b9aca00', $ping),
                map({ $arista->($_) } '', '00', '0001', '000100', '00010010', '0001 0010 65d0a1b2 075bcd', '0001 0020 000000', "0001 0010 $long", "0001 0010 $long 08", '0002', '0002 0000', "0001 0020 $short 1234 5678", "0001 0020 $short 0008 424203 0000 0000 00"), $arista->("0001 0020 $short 8100 0005", $ping), $arista->("0001 0020 $short 88e5 0000 00000001", $ping, $icv), $arista->("0001 0020 $short d28b 0001 0020 $short", $ping),
                ethernet(0x8100, h("0005 d28b 0001 0020 $short") . $ping), ethernet(0x88a8, h("0005 8100 0006 d28b 0003 0020 $short") . $ping));
};

1;
