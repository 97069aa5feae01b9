# RIPng, RFC 2080: requests and responses with routes, next hops and odd entries; unknown commands.
use strict;
use warnings;
our %captures;

# ripng COMMAND, ENTRIES...; an entry: ADDRESS, TAG, LENGTH, METRIC
sub ripng { my ($command, @entries) = @_; pack('CCn', $command, 1, 0) . join '', @entries }
sub ripng_route { my ($address, $tag, $length, $metric) = @_; ip6($address) . pack 'nCC', $tag, $length, $metric }
sub ripng6 { udp6(521, 521, $_[0], from => 'fe80::1', to => 'ff02::9', hops => 255) }

$captures{ripng} = sub {
        my ($all, $route, $tagged, $next, $none) = (ripng_route('::', 0, 0, 16), ripng_route('2001:db8:1::', 0, 48, 1), ripng_route('2001:db8:2::', 7, 64, 15), ripng_route('fe80::2', 0, 0, 255), ripng_route('::', 0, 0, 255));
        my @odd = (ripng_route('::', 0, 0, 1), ripng_route('::', 7, 0, 16), ripng_route('::', 0, 1, 16), ripng_route('::1', 0, 0, 16), ripng_route('2001:db8::1', 65535, 128, 0), ripng_route('2001:db8::1', 1, 255, 17), ripng_route('2001:db8::1', 1, 64, 254), ripng_route('fe80::2', 9, 128, 255), ripng_route('::ffff:1.2', 0, 96, 3));
        (map({ ripng6(h($_)) } 'c601', '0101', '0109', '09', 'c60101'), map({ my $command = $_; map { ripng6(ripng($command, @$_)) } [], [$all], [$route], [$tagged], [$next], [$none], [$route, $tagged], [$next, $route, $none, $tagged], [$all, $route], [$route, $all], [$all, $all], (map { [$_] } @odd), [@odd], [($route) x 30], [$route, 'abc'], ['abc'], ['x' x 19], [$all, 'x' x 19], [$tagged, 'x' x 19] } 1, 2),
                map({ my $command = $_; map { ripng6(ripng($command, @$_)) } [], [$route], [$route, $all], ['abc'] } 0, 3 .. 12, 255), map({ ripng6($_) } '', h('02'), h('0201'), h('020100'), h('02020000') . $route, h('02ff0000') . $route, h('0200ffff') . $route, h('02010001') . $route), udp4(521, 521, ripng(2, $route, $next)), udp6(521, 50000, ripng(2, $tagged)), udp6(50000, 521, ripng(1, $all)));
};
1;
