# Options of neighbour discovery (RFC 4861, 4191, 8106), each in several lengths, right and wrong.
use strict;
use warnings;
our %captures;

$captures{'ndp-options'} = sub {
        my $advertise = sub { eth6(58, h('86 00 0000 40 08 0708 00000000 00000000') . join('', @_), from => 'fe80::1', to => 'ff02::1', hops => 255) };
        my $option = sub { my ($kind, $units, $value) = @_; pack('CC', $kind, $units) . substr $value . "\0" x 64, 0, 8 * $units - 2 };
        my %values = (1 => h('020000000001'), 3 => h('40 c0 00015180 00003840 00000000') . ip6('2001:db8::'), 4 => 'x' x 30, 5 => h('0000 000005dc'), 7 => h('0000 00000064'), 8 => h('0000 0001 0708'), 24 => h('40 08 00000e10') . ip6('2001:db8::'), 25 => h('0000 00000e10') . ip6('2001:db8::1') . ip6('2001:db8::2'), 31 => h('0000 00000e10 02') . 'ab' . h('00 03') . 'abc' . h('00'), 99 => 'unknown');
        my @all = map { my $kind = $_; map { $option->($kind, $_, $values{$kind}) } 1 .. 6 } sort keys %values;
        (map({ $advertise->($_), $advertise->($_, $option->(5, 1, $values{5}), "\0" x 32) } @all), map { my $packet = $advertise->($option->($_, $_ == 3 || $_ == 31 ? 4 : 3, $values{$_})); map { captured(-$_, $packet) } 1 .. 12 } sort keys %values);
};

1;
