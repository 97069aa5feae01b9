# What firewalls log, and IPsec's packets inside their protection: OpenBSD's PFLOG and ENC, Linux's NFLOG; and PPP with directions.
use strict;
use warnings;
our (%captures, %link_types, $ping4, $ping6);

@link_types{qw(enc pflog nflog ppp-pppd ppp-bsdos)} = (109, 117, 239, 166, 103);
$captures{enc} = sub {
        map({ my $order = $_; map({ pack("${order}N$order", 2, 0x100, $_) . $ping4 } 0, 0x400, 0x800, 0xc00, 0x1000, 0xd00, 0x400 | 1 << 31, 0xffffffff), map({ pack("${order}N$order", $_, 0x12345678, 0x800) . $ping6 } 24, 28, 30, 10), map { pack("${order}N$order", $_, 7, 0xc00) . 'payload' } 0, 1, 255, 0xffff, 0x10002 } 'N', 'V'),
                map { h($_) } '00000002 00000100 00000800', '00000002 00000100 000008', '02000000', '18000000 00000001 00000000 60';
};

sub pflog {
        my (%o) = @_;
        my $header = pack 'CCCCa16a16NNNNNNCx3', $o{size} // 61, $o{family} // 2, $o{action} // 0, $o{reason} // 0, $o{interface} // 'em0', $o{ruleset} // '', $o{rule} // 3, $o{subrule} // 0xffffffff, 1000, 1234, 0, 0, $o{direction} // 1;
        ($o{cut} ? substr $header, 0, $o{cut} : $header) . ($o{payload} // $ping4);
}
$captures{pflog} = sub {
        map({ pflog(action => $_) } 0 .. 11, 255), map({ pflog(reason => $_) } 0 .. 16, 255), map({ pflog(direction => $_) } 0 .. 3, 255), map({ pflog(family => $_, payload => $ping6) } 24, 28, 30, 10, 0, 26, 255),
                pflog(ruleset => 'authpf', subrule => 0), pflog(ruleset => "a\n\xff", subrule => 7, interface => "b\e\x80"), pflog(ruleset => 'r' x 16, interface => 'i' x 16, subrule => 0xfffffffe, rule => 0xffffffff), pflog(ruleset => 'unused'),
                map({ pflog(size => $_) } 0, 1, 44, 45, 46, 48, 49, 56, 60, 61, 62, 63, 64, 65, 68, 72, 100, 101, 255), map({ pflog(size => $_, payload => "\0" x 36 . $ping4) } 69, 100), map({ pflog(size => 48, cut => $_) } 45, 48, 60), map { substr pflog(), 0, $_ } 1, 44, 45, 47, 48, 60, 61, 63, 64, 70;
};

sub field { my ($type, $value, $size) = @_; pack('vv', $size // 4 + length $value, $type) . $value . "\0" x (-length($value) % 4) }
$captures{nflog} = sub {
        my @about = map { field(@$_) } [1, h('0800 01 00')], [10, "ssh: \0"], [3, h('00000020')], [4, h('00000002')], [5, h('00000003')], [6, h('00000003')], [7, h('00000004')], [8, h('0006 0000 020000000001 0000')], [11, h('00000007')], [12, h('00000001')], [13, h('00000002')], [14, h('000003e8')], [15, h('0001')], [16, 'x' x 14], [17, h('000e')], [2, h('00000000 6553f100 00000000 0003d090')];
        my $header = h('02000001');
        (map({ $header . $_ . field(9, $ping4) } @about, join('', @about), ''), map({ h($_) . $about[0] . field(9, $ping6) } '0a000002', '00000003', '07001234', '0c000000', 'ff00ffff', '02010001', '0aff0001'), $header . join('', @about), $header, h('00000001'), h('0a000001') . $about[1],
                map({ $header . field(9, $ping4, $_) } 0, 1, 3, 4, 5, 8, 40, 41, 44, 255, 0xffff), map({ $header . field(10, 'ab', $_) . field(9, $ping4) } 0, 1, 4, 5, 7, 8, 9, 12, 255), $header . field(9, $ping4) . $about[1], h('00000001') . field(9, 'payload') . $about[1], h('00000001') . field(9, ''), $header . field(9, ''), map { h($_) } '02', '0200', '020000', '02000001 04', '02000001 0400', '02000001 04000a', '02000001 04000900');
};

my $lcp = h('c021 0101 000e 01 04 05d4 05 06 01020304');
$captures{'ppp-pppd'} = sub { map { my $address = h($_); map { $address . $_ } h('0021') . $ping4, h('21') . $ping4, h('0057') . $ping6, $lcp, h('4321 01'), '' } '0003', '0103', 'ff03', '0203', '' };
$captures{'ppp-bsdos'} = sub { h('00'), "\0" x 24 . h('0021') . $ping4, $ping4 };
1;
