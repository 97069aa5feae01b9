# What damaged copies of the other captures brought up: headers that contradict each other or end early, in Ethernet, a
# packet or a few of each kind.
use strict;
use warnings;
our (%captures, $ping4);

my $eigrp = h('0205 0000 00000000 00000001 00000002 0000 0001');
my $mask = sub { my ($flags) = @_; h("434d5500 $flags 0000df00 00000000") . ip('192.0.2.1') x 6 };
my $bootp = sub { my ($vendor) = @_; udp4(68, 67, h('01010600 00001234') . "\0" x 20 . h('020000000001') . "\0" x 202 . $vendor) };
my $dncp = sub { my ($type, $value) = @_; pack('nn', $type, length $value) . $value . "\0" x (-length($value) % 4) };
my $hncp = sub { udp4(8231, 8231, join '', @_) };
my $sized = sub { my ($size, $from, $to, $payload) = @_; my $udp = udp($from, $to, $payload); substr($udp, 4, 2) = pack 'n', $size; $udp };

$captures{damaged} = sub {
        my @made;

        # Arista's tag: a length field behind it that is larger than the frame, and behind two.
        my $stamp = h('0001 0020 0001 0000000a');
        push @made, ethernet(0xd28b, $stamp . h('0200 424203 0000')), ethernet(0xd28b, $stamp . h('d28b') . $stamp . h('0200 424203 0000'));

        # AppleTalk: EIGRP as a protocol of DDP.
        push @made, map { ethernet(0x809b, ddp(88, $_)) } $eigrp, $eigrp . h('0001 000c 01 00 01 00 00 00 00 0f'), 'short';

        # DECnet: padding and header longer than the length.
        push @made, map { ethernet(0x6003, h('0600 84aabbcc 020284aabbcc') . h($_)) } '02', '0202', '0202030405060708';

        # Carnegie Mellon's BOOTP: a mask that the flags do not vouch for.
        push @made, map { $bootp->($mask->($_)) } '00000000', '01000000', '02000000', '00000001', '81000000';
        push @made, map { my $size = $_; map { $bootp->(substr h("434d5500 $_ ffffff00 0a000001") . ip('192.0.2.1') x 6, 0, $size) } '00000000', '02000000', '01000000' } 4 .. 20, 39, 40, 64;

        # DHCPv6: options past what UDP's length leaves.
        my $dhcp6 = h('04123456 0001 000e 0001 0001 12345678 020000000001');
        push @made, map { eth6(17, $sized->(8 + $_, 546, 547, $dhcp6), raw => 1) } 3 .. 9, 21, 22;

        # GRE: routes of odd sizes.
        push @made, map { eth4(47, h('40000800 00000000', $_, '00000000') . $ping4) } '0800 01 08 c0000201 c0000202', '0800 00 06 c0000201 c000', '0800 0c 08 c0000201 c0000202', '0800 08 08 c0000201 c0000202', '0800 00 00', 'fffe 00 00', '0800 0c 06 c0000201 c000', '0800 0d 08 c0000201 c0000202', '0800 0d 07 c0000201 c00002', 'fffe 06 04 0001 0002', 'fffe 01 04 0001 0002', 'fffe 00 03 0001 00';

        # HNCP: prefixes longer than an address, with all their bytes, and more behind.
        my $more = $dncp->(4, 'a' x 8);
        for my $bits (129, 183, 255) {
                my $prefix = chr($bits) . 'p' x (($bits + 7) / 8);
                my $aligned = sub { $_[0] . "\0" x (-length($_[0]) % 4) . $more };
                push @made, map { ($hncp->($dncp->(34, $_), $more), $hncp->($dncp->(34, $aligned->($_)), $more)) } h('11121314 15161718') . $prefix;
                push @made, map { ($hncp->($dncp->(35, $_), $more), $hncp->($dncp->(35, $aligned->($_)), $more)) } h('00000001 01') . $prefix;
        }
        @made;
};

1;
