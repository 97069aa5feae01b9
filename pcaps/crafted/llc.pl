# IEEE 802.2: every kind of frame and service access point, SNAP with every organization and protocol
# number that has a meaning, Novell's raw frames, and lengths that do not fit.
use strict;
use warnings;

our (%captures, $ping4, $ping6, $station);

my $group = mac('01:80:c2:00:00:00');
my $sap = sub { llc($group, h(@_)) };
my $snap = sub { my ($oui, $pid, $payload) = @_; llc($group, h('aaaa03', $oui, $pid) . $payload) };

$captures{llc} = sub {
        my $frame = ethernet(0x0800, $ping4);
        (map({ $sap->('f0f1', sprintf('%02x', $_), '000102030405') } 0 .. 255), map({ $sap->('0001', sprintf('%02x', $_ | 3)) } grep { $_ % 4 == 0 } 0 .. 255),
                map({ my $s = $_; map { $sap->($s, $_, '0102030405060708') } '03', '0000', '0100', 'bf', 'e3' } qw(0303 0200 04f4 0606 0706 0607 4243 7e7e aaaa abab e0e0 e1e0 f0f0 fefe fefc fffe feff ffff aafe)),
                map({ $sap->($_) } qw(), '', '42', '4242', '424203', 'aaaa03', 'aaaa0300', 'aaaa03000000', 'aaaa0300000008', 'aaaa030000000800', 'aaaa0300000c', '0000af', '0001bf', '0000af81', '0000af8101', '0000af810102', '0001bf81010203', '0000bf82', '0000afff010203', '0000e381', '0000e3810102'),
                map({ my $oui = $_; map { $snap->($oui, sprintf('%04x', $_), $frame) } 0 .. 0x10, 0x0800, 0x010b, 0x010c, 0x0111, 0x0600, 0x2000, 0x2003, 0x2004, 0x809b, 0x80f3, 0x86dd, 0x8137, 0x1234, 0x9000, 0xfefe, 0x05dc } qw(000000 00000c 0000f8 0080c2 00a03e 080007 009069 001018 123456)),
                map({ $snap->('0080c2', $_, h('0000') . $frame) } qw(0001 0002 0003 0004 0007 0008 0009 000a)),
                map({ $snap->("0080c2", $_, h("0000 10 40 020000000002 820000000001 06300120 0220 aaaa03 000000 0800") . $ping4), $snap->("0080c2", $_, h("0000 00 51 020000000002 020000000001 aaaa03 000000 0800") . $ping4), $snap->("0080c2", $_, h("0000 01")) } qw(0003 0004 0009 000a)), $snap->('000000', '0800', $ping4), $snap->('0000f8', '86dd', $ping6), $snap->('080007', '0800', $ping4),
                map({ my $length = $_; map { ethernet($length, $_, to => $group) } h('ffff'), h('fefe03'), $ping4, h('424203000000') } 0 .. 5, 46, 1500, 1501, 1535, 1536));
};

1;
