# IPX in all its frames: services and routes, asked for and told, full, cut and empty; other sockets.
use strict;
use warnings;

our %captures;

my $ipx = sub {
        my ($socket, $payload, %o) = @_;
        h('ffff') . pack('nCC', $o{length} // 30 + length $payload, 5, $o{type} // 4) . h('00000001 020000000001') . pack('n', $socket) . h('00000002 0200000000024003') . $payload;
};
my $service = sub { my ($type, $name) = @_; pack('n', $type) . pack('a48', $name) . h('00000003 020000000003 0451 0001') };

$captures{ipx} = sub {
        my @packets = ($ipx->(0x453, h('0001 ffffffff 0001 0002')), $ipx->(0x453, h('0001') . h('00000009 0001 0002') x 2), $ipx->(0x453, h('0002') . h('00000102 0001 0002') x 15), $ipx->(0x453, h('0002') . h('00000102 0001 0002') x 16),
                map({ $ipx->(0x453, h($_)) } '', '00', '0001', '0002', '0001 0000', '0002 00000001 0001', '0003 00000001 0001 0002', 'ffff'),
                $ipx->(0x452, h('0002') . $service->(4, 'SERVER') . $service->(7, "PRINTER\x01\xff")), $ipx->(0x452, h('0004') . $service->(0x278, 'A' x 48)), $ipx->(0x452, h('0002') . $service->(4, 'SERVER') x 8), $ipx->(0x452, h('0002') . $service->(4, 'S') x 9),
                map({ $ipx->(0x452, h($_)) } '', '00', '0001', '0001 0004', '0003 ffff', '0003 04', '0001 0004 00', '0002', '0002 0004', '0004', '0004 00', '0005', '0000 0001'),
                $ipx->(0x452, h('0002') . $service->(4, 'SERVER') . 'abc'), map({ $ipx->($_, 'payload') } 0, 0x451, 0x455, 0x456, 0x457, 0x551, 0x553, 0x4003, 0x9001, 0xffff),
                map({ $ipx->(0x453, h('0002 00000102 0001 0002'), length => $_) } 0, 29, 30, 31, 32, 40, 41, 65535));
        (map({ ethernet(0x8137, $_) } @packets), map({ my $packet = $_; map { ethernet(length($_) > 1500 ? 1500 : length, $_) } $packet, h('e0e003') . $packet, h('aaaa03 000000 8137') . $packet, h('aaaa03 0000f8 8137') . $packet, h('e0e0bf') . $packet } @packets[0, 2, 12]),
                ethernet(4, $packets[0]), ethernet(0x8100, h('0005 0036') . $packets[0]));
};

1;
