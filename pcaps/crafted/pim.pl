# PIM version 2: addresses as RFC 2117 had them, without a family, whose size is in the header's reserved byte;
# elections of a designated forwarder (RFC 5015), and refreshed prunes. Whole and cut short.
use strict;
use warnings;
our %captures;

$captures{'pim-2'} = sub {
        my $pim = sub { my ($type, $reserved, $body) = @_; eth4(103, with_checksum(2, pack('CCn', 0x20 | $type, $reserved, 0) . $body), ttl => 1) };
        my ($router, $group, $source) = (h('0a000002'), h('0020 e0000001'), h('0720 0a000003'));
        my @plain = (
                [0, h('0001 0002 0069 0018 0008') . $router x 2], [2, $group . $router], [4, h('1234 1e 64') . $router . $group . h('01 01 0000') . $router . h('0096 01 00')],
                map({ [$_, $router . h('00 01 00d2 0118 e0000001 0001 0001') . $source . h('0f18 0a000004')] } 3, 6, 7), [5, $group . $router . h('80000001 00000002')],
                [8, h('01 01 0096') . $router . $group], [9, $router . $group . $router . h('0e10 0000')], [10, $router . h('00000005 00000007') . $router . h('00000009 0000000a 000b')], [11, h('00000000')]);
        my $offer = h('0100 0a000001 00000005 00000007'); my $better = h('0100 0a000002 00000009 0000000a');
        my @elections = map { [10, $_ << 4, $offer . $better . h('000b 000c')] } 0 .. 5, 15;
        my @messages = ((map { my ($type, $body) = @$_; map { [$type, $_, $body] } 4, 0x14, 1, 0xff } @plain), @elections, (map { [9, 0, h('0100 0a000001 0100 0018 e0000100 0100 0a000002') . pack('n', $_) . h('0000')] } 0, 59, 60, 3600, 65535));
        map({ $pim->(@$_) } @messages), map { my $m = $_; map { $pim->(@$m[0, 1], substr $m->[2], 0, $_) } 0 .. length($m->[2]) - 1 } (map { [$_->[0], 4, $_->[1]] } @plain), @elections[3, 4];
};

1;
