# Stacks of layers: every link header before every network header, every tunnel in every network header, and tunnels in
# tunnels, to four. Each layer has addresses, ports, tags and numbers of its own, so that a filter can ask for one.
use strict;
use warnings;

our (%captures);

# A layer is made from the inside out; $depth numbers it from the outside.
my $frame = sub { my ($depth, $type, $rest) = @_; mac("02:00:00:00:0$depth:01") . mac("02:00:00:00:0$depth:02") . pack('n', $type) . $rest };
my @ends4 = map { [from => "198.51.$_.1", to => "198.51.$_.2"] } 0 .. 9;
my @ends6 = map { [from => "2001:db8:$_\::1", to => "2001:db8:$_\::2"] } 0 .. 9;
my $v4 = sub { my ($depth, $protocol, $payload, @options) = @_; [0x0800, ipv4($protocol, $payload, @{$ends4[$depth]}, @options)] };
my $v6 = sub { my ($depth, $protocol, $payload, @options) = @_; [0x86dd, ipv6($protocol, $payload, @{$ends6[$depth]}, @options)] };

# IPv6 with extension headers.
my $extended = sub {
        my ($depth, $protocol, $payload, @kinds) = @_;
        for my $kind (reverse @kinds) {
                $payload = ($kind == 44 ? pack('CCnN', $protocol, 0, 1, 7) : $kind == 51 ? pack('CCnNN', $protocol, 4, 0, 7, 1) . 'i' x 12 :
                        $kind == 43 ? pack('CC', $protocol, 2) . h('0300 00000000') . ip6('2001:db8::9') :
                        $kind == 135 ? pack('CC', $protocol, 0) . h('0000 0000 0000') : pack('CC', $protocol, 0) . h('0104 0000 0000')) . $payload;
                $protocol = $kind;
        }
        $v6->($depth, $protocol, $payload);
};
my $authenticated = sub { my ($depth, $protocol, $payload) = @_; $v4->($depth, 51, pack('CCnNN', $protocol, 4, 0, 7, 1) . 'i' x 12 . $payload) };

# What comes before a network header, from its type and it.
my @links = (
        sub { @_ },
        (map { my $type = $_; sub { my ($t, $n) = @_; ($type, pack('nn', 5, $t) . $n) } } 0x8100, 0x88a8, 0x9100),
        sub { my ($t, $n) = @_; (0x88a8, pack('nnnn', 100, 0x8100, 7, $t) . $n) },
        sub { my ($t, $n) = @_; (0x8100, pack('nnnnnnnn', 1, 0x8100, 2, 0x8100, 3, 0x8100, 4, $t) . $n) },
        sub { my ($t, $n) = @_; $t != 0x0800 && $t != 0x86dd ? ($t, $n) : (0x8847, label(18, 0, 1, 64) . $n) },
        sub { my ($t, $n) = @_; $t != 0x0800 && $t != 0x86dd ? ($t, $n) : (0x8847, label(16, 0, 0, 64) . label(17, 0, 0, 64) . label(18, 0, 1, 64) . $n) },
        sub { my ($t, $n) = @_; $t != 0x0800 && $t != 0x86dd ? ($t, $n) : (0x8100, pack('nn', 9, 0x8847) . label(19, 0, 1, 64) . $n) },
        sub { my ($t, $n) = @_; $t != 0x0800 && $t != 0x86dd ? ($t, $n) : (0x8864, h('1100') . pack('nnn', 21, 2 + length $n, $t == 0x0800 ? 0x21 : 0x57) . $n) },
        sub { my ($t, $n) = @_; $t != 0x0800 && $t != 0x86dd ? ($t, $n) : (0x8100, pack('nn', 6, 0x8864) . h('1100') . pack('nnn', 22, 2 + length $n, $t == 0x0800 ? 0x21 : 0x57) . $n) },
);

# What a network header carries when it carries no tunnel.
my @ends = ([6, tcp(1024, 80, 2, '')], [6, tcp(22, 1025, 16, 'SSH-')], [17, udp(1026, 9, 'x')], [17, udp(9, 1027, 'x')],
        [58, h('8000 0000 0001 0001') . 'ab'], [1, with_checksum(2, h('0800 0000 0001 0001') . 'ab')], [132, sctp(chunk(10, 0, 'x'))], [50, h('0000 0005 0000 0001') . 'x' x 20], [103, h('2000 0000')]);

sub networks {
        my ($depth) = @_;
        my @all;
        for my $end (@ends) {
                push @all, $v4->($depth, @$end) if $end->[0] != 58;
                push @all, $v6->($depth, @$end) if $end->[0] != 1;
        }
        my @tcp = @{$ends[0]};
        push @all, $authenticated->($depth, @tcp), map({ $extended->($depth, @tcp, @$_) } [0], [43], [44], [60], [51], [135], [0, 60, 43, 60, 44], [0, 43, 51, 60, 135, 60, 44, 60]);
        push @all, [0x0806, h('0001 0800 06 04 0001') . mac('02:00:00:00:00:01') . ip("198.51.$depth.1") . mac('00:00:00:00:00:00') . ip("198.51.$depth.2")], [0x8035, h('0001 0800 06 04 0003') . mac('02:00:00:00:00:01') . ip("198.51.$depth.3") . mac('02:00:00:00:00:01') . ip("198.51.$depth.4")];
        push @all, [0x0800, ipv4(17, udp(1026, 9, 'x' x 20), @{$ends4[$depth]}, fragment => 0x2000)], [0x0800, ipv4(17, pack('nn', 1026, 9) . 'x' x 20, @{$ends4[$depth]}, fragment => 0x0010)];
        @all;
}

# Tunnels: from what is carried, a pair of type and header, and the depth of its frame, a protocol and its payload.
my $vxlan_in = sub { my ($port, $n) = @_; sub { my ($t, $h, $d) = @_; [17, udp(40000, $port, vxlan(8, $n) . $frame->($d, $t, $h))] } };
my $gtp = sub { my ($flags, $more) = @_; sub { my ($t, $h) = @_; return unless $t == 0x0800 || $t == 0x86dd; [17, udp(40002, 2152, pack('CCnN', 0x30 | $flags, 255, length($more . $h), 77) . $more . $h)] } };
my @tunnels = (
        sub { my ($t, $h) = @_; $t == 0x0800 ? [4, $h] : $t == 0x86dd ? [41, $h] : () },
        (map { my ($flags, $more) = @$_; sub { my ($t, $h) = @_; $t == 0x0800 || $t == 0x86dd || $t == 0x8847 ? [47, gre($flags, $t, h($more) . $h)] : () } } [0, ''], [0x2000, '00000005'], [0x3000, '00000006 00000001'], [0xb000, '00000000 00000006 00000001']),
        sub { my ($t, $h, $d) = @_; [47, gre(0x2000, 0x6558, h('00000007') . $frame->($d, $t, $h))] },
        $vxlan_in->(4789, 5), $vxlan_in->(4789, 6), $vxlan_in->(8472, 5),
        sub { my ($t, $h, $d) = @_; [17, udp(40001, 6081, h('0000 6558 000005 00') . $frame->($d, $t, $h))] },
        sub { my ($t, $h, $d) = @_; [17, udp(40001, 6081, h('0240 6558 000007 00 0102 8001 01020304') . $frame->($d, $t, $h))] },
        sub { my ($t, $h) = @_; $t == 0x0800 || $t == 0x86dd ? [17, udp(40001, 6081, h('0000') . pack('n', $t) . h('000008 00') . $h)] : () },
        $gtp->(0, ''), $gtp->(2, h('0001 00 00')), $gtp->(4, h('0000 00 85 01 0009 00')), $gtp->(4, h('0000 00 c0 01 0009 85 01 0009 00')),
        sub { my ($t, $h, $d) = @_; [97, h('3000') . $frame->($d, $t, $h)] },
        sub { my ($t, $h, $d) = @_; [115, h('00000007 00000000') . $frame->($d, $t, $h)] },
);

$captures{stacks} = sub {
        my @packets;
        for my $network (networks(0)) {
                push @packets, map { $frame->(0, $_->(@$network)) } @links;
        }
        # One tunnel, of everything.
        for my $tunnel (@tunnels) {
                for my $network (networks(1)) {
                        for my $link (@links[0, 1, 4, 7, 9]) {
                                my $carried = $tunnel->($link->(@$network), 1) or next;
                                push @packets, $frame->(0, @{$v4->(0, @$carried)});
                        }
                        my $carried = $tunnel->(@$network, 1) or next;
                        push @packets, $frame->(0, @{$v6->(0, @$carried)}), $frame->(0, @{$extended->(0, @$carried, 0, 60)}), $frame->(0, $links[4]->(@{$v4->(0, @$carried)})), $frame->(0, $links[9]->(@{$authenticated->(0, @$carried)}));
                }
        }
        # Two and three.
        my @inside = ($v4->(4, @{$ends[0]}), $v6->(4, @{$ends[2]}));
        for my $outer (@tunnels) {
                for my $inner (@tunnels) {
                        for my $network (@inside) {
                                my $two = $inner->($links[1]->(@$network), 2) || $inner->(@$network, 2) or next;
                                my $one = $outer->(@{$v4->(1, @$two)}, 1) or next;
                                push @packets, $frame->(0, @{$v6->(0, @$one)});
                                my $deeper = $tunnels[(@packets * 7) % @tunnels]->(@{$v6->(2, @$two)}, 2) or next;
                                my $again = $outer->($links[6]->(@{$v4->(1, @$deeper)}), 1) || $outer->(@{$v4->(1, @$deeper)}, 1) or next;
                                push @packets, $frame->(0, @{$v4->(0, @$again)});
                        }
                }
        }
        @packets;
};

# Every sequence of up to six headers behind Ethernet that may follow one another: tags, labels and sessions, IPv4 and
# IPv6 with and without a header behind them, tunnels, and one of the ends in turn.
my @prefixes = @links[1, 2, 6, 9];
my @networks = (
        $v4, sub { my ($depth, $protocol, $payload) = @_; $protocol == 1 ? () : $v6->($depth, $protocol, $payload) },
        sub { my ($depth, $protocol, $payload) = @_; $protocol == 1 ? () : $extended->($depth, $protocol, $payload, (0, 43, 44, 60)[length($payload) % 4]) }, $authenticated,
);
my @kinds = @tunnels[0, 1, 2, 5, 6, 8, 9, 11, 12, 14, 16, 17];
my ($turn, %carried) = 0;
my $carried;
my $inside = sub {
        my ($count, $depth) = @_;
        ($ends[$turn++ % @ends], $count < 3 ? () : map { my $tunnel = $_; map { my $in = $tunnel->(@$_, $depth + 1); $in ? $in : () } @{$carried->($count - 1, $depth + 1)} } @kinds);
};
# All of up to $count headers that are layer $depth and those within, as pairs of EtherType and bytes.
$carried = sub {
        my ($count, $depth) = @_;
        $carried{$count, $depth} //= do {
                my @all = map { my $end = $_; map { my $header = $_->($depth, @$end); $header ? $header : () } $end->[0] == 58 ? @networks[1, 2] : @networks } $inside->($count - 1, $depth);
                if ($count > 2) {
                        my $fewer = $carried->($count - 1, $depth);
                        for my $prefix (@prefixes) {
                                for my $network (@$fewer) {
                                        my @tagged = $prefix->(@$network);
                                        push @all, \@tagged if $tagged[1] ne $network->[1];
                                }
                        }
                }
                \@all;
        };
};
$captures{sequences} = sub { map { $frame->(0, @$_) } @{$carried->(6, 0)} };

1;
