# WireGuard (wireguard.com/protocol): all messages, on its port and on another, with data on an unknown one, and what is malformed.
use strict;
use warnings;
our %captures;

$captures{wireguard} = sub {
        my ($client, $server) = (0x11223344, 0xaabbccdd);
        my $initiation = pack('VV', 1, $client) . 'e' x 32 . 's' x 48 . 't' x 28 . 'm' x 32;
        my $response = pack('VVV', 2, $server, $client) . 'e' x 32 . 'n' x 16 . 'm' x 32;
        my $cookie = pack('VV', 3, $client) . 'n' x 24 . 'c' x 32;
        my $data = sub { my ($counter, $size) = @_; pack('VVQ<', 4, $server, $counter) . 'd' x $size };
        map { my $message = $_; udp4(51820, 51820, $message), udp4(40000, 1234, $message), udp6(40001, 51820, $message) }
                $data->(5, 32), $initiation, $response, $cookie, $data->(0, 16), $data->(1, 112), $data->(2 ** 40, 1440), $data->(3, 17), $data->(4, 8),
                substr($initiation, 0, 147), $response . 'x', h('01000100') . substr($initiation, 4), h('05000000') . 'x' x 28, h('04'), '';
};
1;
