# PPPoE: sessions and discovery with what their headers deny: other versions, no session, and lengths
# that cut their tags.
use strict;
use warnings;

our %captures;

$captures{'pppoe-lengths'} = sub {
        map {
                my $type = $_;
                (map({ ethernet($type, h($_)) } '1109 0000 0004 01010000', '1109 0001 0004 01010000', '1100 0000 0004 c0210000', '1100 0001 0004 c0210000', '1100 0000 0002 0021', '1200 0000 0002 0021', '21ff 0001 0002 0021', '1109 0000 0004 02010004 41424344', '1165 0007 0006 01030002 0102'), map({ my $code = $_; map { ethernet($type, h($code, '0000', sprintf('%04x', $_), '01010000') . chr(0) x ($_ - 4)) } 1477 .. 1479, 1484, 1485, 1490 } qw(1109 1107)),
                        map({ my $code = $_; map { ethernet($type, h($code, '0005', sprintf('%04x', $_), '0101 0000 0103 0004 41424344 0102 0003 010203')) } 0 .. 24 } qw(1109 1107 1119 1165 11a7)))
        } 0x8863, 0x8864;
};

1;
