# GeoNetworking, with all types of headers and transports, and CALM FAST.
use strict;
use warnings;

our %captures;

$captures{geonet} = sub {
        my $rest = h('0001020000000001 00000001 1a2b3c4d 80112233 8000 0001 0002 0003');
        my $count = join '', map { chr } 1 .. 60;
        my $geonet = sub { my ($next, $type, $payload, $ethertype) = @_; ethernet($ethertype // 0x8947, pack('CC', $next, $type) . h('02c0 0004 0a01') . $rest . $payload) };
        (map({ my $type = $_; map { $geonet->($_, $type, $count) } 0 .. 3 } 0x00, 0x10, 0x20, 0x40, 0x50, 0x51), map({ $geonet->(1, $_, $count) } 0x01, 0x11, 0x21, 0x22, 0x23, 0x30 .. 0x33, 0x41 .. 0x43, 0x52, 0x60 .. 0x62, 0x70, 0xf0, 0xff), map({ $geonet->($_, 0x50, $count) } 4, 15, 16, 31, 255), map({ my $ht = $_; map { $geonet->(2, $ht, 'x' x $_) } 0 .. 6, 31 .. 37 } 0x50, 0x51), map({ $geonet->(1, 0x50, h('07d107d2') . chr($_) x 3) } 0 .. 3), $geonet->(1, 0x50, $count, 0x707),
                map({ ethernet(0x8947, h('01' x $_)) } 0, 1, 8, 35, 36), map({ ethernet(0x1111, h($_)) } '', '01', '0102', '7f80 0102030405'));
};

1;
