# The network service header: every kind of metadata and payload, and lengths that do not fit; over VXLAN-GPE
# as well.
use strict;
use warnings;

our (%captures, $ping4, $ping6);

$captures{nsh} = sub {
        my $frame = ethernet(0x0800, $ping4);
        my $nsh = sub { my ($header, @rest) = @_; ethernet(0x894f, h($header) . join '', @rest) };
        my @fixed = map { h($_) } '01020304', '05060708', '090a0b0c', '0d0e0f10';
        (map({ my $next = sprintf '%02x', $_; map { $nsh->("0fc2 02$next 00002a05", $_) } $ping4, $ping6, $frame, '' } 0 .. 6, 0xfe, 0xff), map({ $nsh->(sprintf('%02x82 0201 00002a05', $_ << 4), $ping4) } 0 .. 15), map({ $nsh->(sprintf('0fc2 %02x01 00002a05', $_), $ping4) } 0 .. 17, 0xff),
                $nsh->('0fc6 0101 00002a05', @fixed, $ping4), $nsh->('0fc5 0101 00002a05', @fixed, $ping4), $nsh->('0fc7 0101 00002a05', @fixed, $ping4), $nsh->('0fc4 0201 00002a05 0102 0304 deadbeef', $ping4), $nsh->('0fc4 0201 00002a05 0102 8303 deadbeef', $ping4), $nsh->('0fc5 0201 00002a05 0102 0306 deadbeef 01020304', $ping4), $nsh->('0fc3 0201 00002a05 0102 0304', $ping4), $nsh->('0fc5 0201 00002a05 0102 0300 0103 0408', $ping4), $nsh->('0fc4 0201 00002a05 0102 0300 0103 ff80', $ping4), $nsh->('0fc6 0f01 00002a05', @fixed, $ping4), $nsh->('ffc6 f201 ffffffff 0102 0380 0102 0380 0102 0380 0102 0380', $ping4),
                map({ $nsh->("0fc$_ 0201 00002a05", $ping4) } 0 .. 3), $nsh->('0fff 0201 00002a05', $ping4), map({ $nsh->($_) } '', '0f', '0fc2', '0fc2010100002a', '0fc2 0204 00002a05 0fc2 0201 00002a05'), udp4(50000, 4790, h('0c000004 00002a00 0fc2 0201 00002a05') . $ping4), udp4(50000, 4790, h('0c000005 00002a00 00010140') . $ping4), eth4(47, h('0000 894f 0fc2 0203 00002a05') . $frame));
};

1;
