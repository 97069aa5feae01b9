# What damaged copies of the other captures brought up: headers that contradict each other or end early, in Ethernet, a
# packet or a few of each kind.
use strict;
use warnings;
our (%captures, $ping4, $peer);

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

        # IKE: who began is known by the source alone; CONNECTED whatever the domain; a proposal does not leave its kind behind.
        my $began = h('ab00000000000001');
        my $ike = sub { my ($version, $next, $exchange, $body, $from, $to, %o) = @_; eth4(17, udp(500, 500, ike($version, $next, $exchange, 0, $body, i => $o{i} // $began, r => $o{r} // h('cd' x 8))), from => $from, to => $to) };
        push @made, map { my ($from, $to, $r) = @$_; $ike->(0x10, 8, 2, ike_payload(0, 'hash'), "10.9.0.$from", "10.9.0.$to", r => $r) } [1, 2, h('00' x 8)], map { [@$_, h('cd' x 8)] } [2, 1], [1, 3], [3, 1], [2, 3], [3, 2], [4, 5], [1, 1], [2, 2];
        push @made, eth6(17, udp(500, 500, ike(0x10, 8, 2, 0, ike_payload(0, 'hash'), i => $began)));
        push @made, map { my $domain = $_; map { ike1(5, 11, pack('NCCn', $domain, 1, 0, $_) . 'data') } 8192, 8193, 16383, 16384, 16385, 24575, 24576, 65535 } 0, 1, 127;
        push @made, ike1(2, 1, ike_sa(1, h('00000001'), ike_p(3, 1, 1, '', 1, ike_t(0, 1, 1, tv(1, 5))) . ike_t(0, 1, 1, tv(1, 5))));

        # IKEv2: sizes of proposals, transforms, attributes and identifiers that reach over one another, and other payloads among them.
        my $exchange = sub { udp4(500, 500, ike(0x20, 33, 34, 8, join('', @_), r => h('00' x 8))) };
        my $nonce = ike_payload(0, 'nonce');
        my $transform = sub { my ($type, $attributes, $size, $next) = @_; ike_payload($next // 0, pack('Cxn', $type, 12) . ($attributes // ''), $size) };
        my $proposal = sub { my ($spi, $transforms, $size, $next, $spi_size) = @_; ike_payload($next // 0, pack('CCCC', 1, 1, $spi_size // length $spi, 1) . $spi . $transforms, $size) };
        for my $behind ('', $nonce) {
                my $sa = sub { my ($body, $size) = @_; $exchange->(ike_payload($behind ? 40 : 0, $body, $size), $behind) };
                push @made, map({ $sa->($proposal->('', $transform->(1, '', $_))) } 0, 4, 5, 8, 9, 12, 13), map({ $sa->($proposal->('', $transform->(1), $_)) } 0, 4, 5, 7 .. 13, 16, 17, 20), map({ $sa->($proposal->('', $transform->(1), undef, 0, $_)) } 1 .. 5, 8, 9, 12, 13, 16);
                push @made, map({ $sa->($proposal->('', $transform->(1, substr h('000e 0002 abcd 0001'), 0, $_))) } 1 .. 8), map({ $sa->($proposal->('', $transform->(1, substr h('800e 0100 00'), 0, $_))) } 1 .. 5), map({ $sa->($proposal->('', $transform->(1)), $_) } 5, 7, 8, 12), map { $sa->($proposal->('', '', $_), 12) } 5, 7, 8, 9;
        }
        push @made, map({ $exchange->(ike_payload(0, $proposal->('', $transform->(1, '', undef, $_) . $transform->(2)))), $exchange->(ike_payload(0, $proposal->('', $transform->(1), undef, $_) . $proposal->('', $transform->(1)))) } 1 .. 3, 8, 14, 33, 46, 49, 255), map { $exchange->(ike_payload(0, $proposal->('', $transform->($_, h('800e 0100'))))) } 0 .. 6, 255;
        my $words = sub { join '', map { pack 'N', 5 + $_ } 1 .. 30 };
        for my $behind ($words->(), '') {
                my $sa = sub { my ($body, $size) = @_; $exchange->(ike_payload(40, $body, $size), $behind) };
                push @made, map { my $size = $_; map { $sa->($proposal->('', $transform->(1), undef, 2) . $proposal->('', $transform->(1), $size), $_) } 24, 28, 36 } 5, 8, 16, 17, 24;
                push @made, map { my $size = $_; map { $sa->($proposal->('', $transform->(1), $size, 2) . $proposal->('', $transform->(1)) . "\0" x 12, $_) } 36, 44 } 9, 11, 16, 20, 28;
                push @made, map { my $size = $_; map { $sa->($proposal->('', $transform->(1, '', $size, $_))), $sa->($proposal->('', $transform->(1, '', $size), undef, 2)) } 0, 3 } 8 .. 13, 17;
                push @made, map { $sa->($proposal->('', $transform->(1, '', undef, 3), $_)) } 11 .. 14, 17;
        }

        # IS-IS: encodings and capabilities of links, and segment routing's fields of sizes that leave no room.
        my $lsp = sub { my $fields = join '', @_; llc(mac('01:80:c2:00:00:14'), h('fefe03 831b0100 14010000') . pack('n', 27 + length $fields) . h('04b0 1111111111110000 00000005 abcd 03') . $fields) };
        my $tlv = sub { my ($type, $value) = @_; pack('CC', $type, length $value) . $value };
        push @made, map({ $lsp->($tlv->(22, h('22222222222200 00000a') . $tlv->(21, chr($_) . chr($_) . h('0000') . h('4b189680') x 8 . h('05dc0000')) =~ s/^/\x2f/r)) } 0 .. 12, 51, 100, 150, 200), map { my $size = $_; map { my $sub = $_; map { $lsp->($tlv->(242, h('c000020100 02') . chr($size) . substr h('800003e8') . $sub . h('01020304050607'), 0, $size), $_) } '', $tlv->(137, 'ab') x 3 } h('0201'), h('0202'), h('0203'), h('0103') } 0 .. 5, 7 .. 12;
        my $hello = sub { my $fields = join '', @_; llc(mac('01:80:c2:00:00:14'), h('fefe03 831b0100 0f010000 01 111111111111 001e') . pack('n', 27 + length $fields) . h('40 11111111111101') . $fields) };
        push @made, map({ $hello->($tlv->(143, h('0002') . $tlv->(6, substr h('c0123456 abcd 40000080 0001 00000001 0008'), 0, $_) . $tlv->(6, 'x' x 6))) } 0 .. 14), map({ my $type = $_; map { $hello->($tlv->(143, h('0002') . $tlv->($type, 'x' x $_) . $tlv->(6, 'x' x 6))) } 0, 1, 3, 32, 101 } 4, 5);
        push @made, map({ my $type = $_; map { $lsp->($tlv->($type, substr h('2222222222220100000504020102'), 0, $_), $tlv->(137, 'ab') x 3) } 5 .. 14 } 22, 222, 24), $hello->($tlv->(10, h('01') . 'pass' . h('00') . 'word')), $hello->($tlv->(10, h('01 00') . 'word'));
        # A checksum of which one sum is zero, the other 254.
        push @made, llc(mac('01:80:c2:00:00:14'), h('fefe03 831b0100 14010080 002d04b0 111111111111 0000 00000005 abcd 03 f210 c00002010013 09800003e8 0103003e00'));

        # LLDP: places by other maps.
        push @made, map { ethernet(0x88cc, lldp_tlv(1, h('04 020000000001')) . lldp_tlv(2, h('05') . 'eth0') . lldp_tlv(3, h('0078')) . lldp_tlv(127, h('0012bb 03 01') . "\0" x 15 . chr($_) . "\0") . h('0000'), to => mac('01:80:c2:00:00:0e')) } 0 .. 4;

        # DHCPv6: a name that goes on behind its option.
        push @made, map { my $type = $_; map { udp6(546, 547, h('013b819e') . pack('nn', $type, $_) . h('0002 0000 0027 0015 0006') . 'host-a' . h('07') . 'example' . h('03') . 'org' . h('00 0019 0000')) } 4, 8, 12, 20 } 24, 39, 56;
        # ... and pointers, which count from the option's end; what authenticates, of every size.
        push @made, map { my ($type, $value, $size) = @$_; map { udp6(546, 547, h('013b819e') . pack('nn', $type, $size // length $value) . $value . $_) } '', h('0007 0001 05') } map { [$_->[0], h($_->[1]), $_->[2]] } [24, '016100 c000'], [24, '016100 c001'], [24, '016100 c003'], [21, 'c000'], [21, 'c000 16'], [24, '0161 c000'], [24, '0161 c008'], [24, '0861626364', 5], [24, '01610862'], [24, '3f61'], [24, '016100c0'];
        push @made, map { my $protocol = $_; map { my $rest = $_; map { udp6(546, 547, h('013b819e') . tlv16(11, chr($protocol) . chr($_ + 1) . chr($_) . h('0102030405060708') . $rest)) } 0, 1 } '', 'x', 'x' x 16, h('01') . 'x' x 16, h('02') . 'x' x 16, 'x' x 17, 'x' x 18, 'x' x 19, 'x' x 20, 'realm' . 'x' x 20 } 0 .. 4;

        # IPv6: headers behind where the length says that it ends.
        my $header = sub { my ($type, $next) = @_; pack('C', $next) . { 60 => h('00 0104 00000000'), 43 => h('00 00 00 00000000'), 44 => h('00 0000 00000001') }->{$type} };
        for my $type (60, 43, 44) {
                push @made, map { my $next = $_; my $more = $header->(60, 17); map { my $length = $_; map { eth6($type, $header->($type, $next) . $_ . udp(53, 53, 'x' x 20), length => $length) } exists { 60 => 1, 43 => 1, 44 => 1 }->{$next} ? ($header->($next, 17), $header->($next, 135)) : $more } 0, 4, 8, 15, 16, 17 } 60, 43, 44, 135, 17, 59;
        }

        # L2TP: what it carries is cut, and the brace still closes.
        my $ppp = sub { udp4(1701, 1701, h('0002 0005 0007 ff03') . join '', @_) };
        push @made, map({ $ppp->(h('0021') . substr $ping4, 0, $_) } 1, 19, 20, 24), map({ $ppp->(h('0021') . substr ipv4(17, udp(53, 53, 'abc')), 0, $_) } 20, 24, 27, 28), map { $ppp->(h('0057') . substr $ping4, 0, $_) } 0, 1, 12;

        push @made, map { my $flags = $_; map { my $size = $_; my $made = pack('n', $flags) . ($flags & 0x4000 ? pack 'n', $size : '') . h('0005 0007') . ($flags & 0x200 ? h('0002 abcd') : '') . h('ff03 c021 0105 0008 0104 05dc'); map { eth4(17, $sized->(8 + $_, 1701, 1701, $made), raw => 1) } 5, 9, $size } 3, 6, 8 .. 12, 20 } 0x0002, 0x0202, 0x4002, 0x4202;

        # ISO in Ethernet and SNAP, with nothing.
        push @made, map({ ethernet(0xfefe, h($_)) } '', '00', '0083'), map { llc($peer, h('aaaa03', $_)) } '000000 fefe', '0000f8 fefe', '000000 fefe 00';

        # LISP: records that begin within the message and end behind it, and authentication longer than it.
        my $record = h('000005a0 01 20 1000 0005 0001 0a000000 01640232 0005 0001 c0000209');
        for my $kind (0x30000000, 0x32000000, 0x48000000) {
                my $lisp = sub { my ($size, $count, $key) = @_; eth4(17, $sized->(8 + $size, 4342, 4342, pack('NNNnn', $kind | $count, 1, 2, 1, $key) . $record . pack('C24', 0 .. 23)), raw => 1) };
                push @made, map({ $lisp->($_, 1, 0) } 5, 15, 16, 17, 27, 28, 44, 45, 67, 68), map { my $key = $_; map { $lisp->(68, $_, $key), $lisp->(20, $_, $key) } 0, 1 } 1, 20, 50, 52, 53, 65535;
        }

        # 3Com's EtherTypes of PPPoE; GRE with ISO, AppleTalk, IPX and multicast MPLS.
        push @made, map { ethernet($_, h('1109 0000 0004 0101 0000')), ethernet($_, h('1100 0007 0026 0021') . $ping4), ethernet($_, '') } 0x3c12, 0x3c13;
        push @made, map { my $type = $_; map { eth4(47, gre(0, $type, $_)) } $eigrp, h('83 1b 01 00'), h('00'), h('ffff 001e 00 11 00000000 ffffffffffff 0453 00000001 020000000001 0453'), '' } 0x00fe, 0x809b, 0x8137, 0x8848;

        # IKE: payloads shorter than their fields, and with bytes behind them.
        for my $version (0x10, 0x20) {
                push @made, map { my $type = $_; map { my $size = $_; map { udp4(500, 500, ike($version, $type, 34, 8, $_, r => h('00' x 8))) } pack('CCn', 0, 0, $size) . substr(h('02000001 00000001 0a0b0c0d'), 0, $size - 4), pack('CCn', $version == 0x10 ? 13 : 43, 0, $size) . h('02000001 00000001 0a0b0c0d') . ike_payload(0, 'vendor') } 5 .. 9, 12 } $version == 0x10 ? (1 .. 13) : (33 .. 48);
        }

        # LDP: a unit longer than what is there. IGMP: messages without a checksum.
        push @made, map { my $size = $_; map { $_->(646, 646, pack('nn', 1, $size) . ip('192.0.2.1') . h('0000 0400 0012 00000007 0300 000a 0000001a 00000007 0400')) } sub { eth4(6, tcp($_[0], $_[1], 0x18, $_[2])) }, \&udp4 } 6, 27 .. 30, 40;
        push @made, map { my $type = $_; map { eth4(2, substr chr($type) . h('01 dead 01020304'), 0, $_) } 1 .. 4 } 0x11, 0x13, 0x14, 0x16, 0x1e, 0x1f, 0x22, 0x30;

        # CFM: an address domain with nothing behind it. LSP ping: a target that leaves no room for its padding.
        push @made, map { ethernet(0x8902, h('60 01 80 04 00000001 01') . pack('n', length $_) . $_ . h('80 0001 01 00'), to => mac('01:80:c2:00:00:33')) } h('00 06 020000000001'), h('00 06 020000000001 00'), h('00 06 020000000001 02 0102'), h('00 00'), h('00 07 020000000001');
        my $ping_header = h('00010000 01020000 11223344 00000007 e8754700 80000000 00000000 00000000');
        push @made, map { my $size = $_; map { udp4(50000, 3503, $ping_header . tlv16(1, tlv16(1, 'x' x $size) . $_) . tlv16(12, 'abcd')) } '', h('000000'), h('00') } 0 .. 5, 8;

        # DVMRP: neighbors that are not all there. KIP: nothing in it. DCCP: every feature.
        push @made, map { my $size = $_; map { eth4(2, substr h("1306 0000 00000aff c0000201 0340080$_") . ip('192.0.2.7') . ip('192.0.2.8'), 0, $size) } 0 .. 3 } 15 .. 24;
        push @made, map { udp4(201, 201, substr h('000002') . ddp(4, 'echo'), 0, $_) } 0 .. 4, 15, 16;
        push @made, map { eth4(33, h('1389 138a 0800 1234 0700 0001 0102f004 00000002 0a0b0c0d') . pack('CCC', 34, 5, $_) . h('0203 000000') . 'text') } 0 .. 12;

        # IS-IS: an LSP and a hello with fields that end in different ways, cut after each byte.
        my $fields = join '', map { $tlv->($_->[0], h($_->[1])) } [1, '03490001'], [3, '0a808080 111111111111'], [2, '00 0a808080 22222222222200'], [5, '0a808080 04 4900'], [12, 'abcd'], [13, '02 111111111111 222222222222 00'], [22, '22222222222200 00000a 06 06 04 c0000201'], [128, '0a808080 c0000200 ffffff00'], [132, 'c0000201'], [134, 'c0000201'], [135, '00000a 0a 58 c00002 06 01 04 00000007'], [138, '22222222222200 01 c0000201 c0000202 00000007'], [222, '0002 22222222222200 00000a 00'], [232, '20010db8000000000000000000000001'], [236, '0000000a 00 20 20010db8'], [242, 'c0000201 00 02 09 80 0003e8 01 03 003e80'], [237, '0002 0000000a 00 20 20010db8'];
        my $tlvs = $lsp->($fields);
        push @made, map { captured($_, $tlvs) } 44 .. length($tlvs) - 1;
        my $all = $hello->($tlv->(6, '020202020202'), $tlv->(211, h('01 001e 222222222222')), $tlv->(240, h('00 00000001 222222222222 00000002')), $tlv->(9, h('04b0 1111111111110000 00000005 abcd')));
        push @made, map { captured($_, $all) } 44 .. length($all) - 1;

        # DNS: EDNS options of which the next is not all there, and names of services that run on.
        my $edns = sub { udp4(5000, 53, pack('n6', 1, 0x120, 0, 0, 0, 1) . h('00 0029 04d0 00000000') . pack('n', length $_[0]) . $_[0]) };
        push @made, map { my $first = $_; map { $edns->($first . substr h('0003 0002 6364'), 0, $_) } 0 .. 6 } '', h('0003 0002 6162'), h('000c 0000'), h('ffff 0001 00');
        push @made, map { my $name = $_; map { my $port = $_; map { udp4($port, $port, pack('n6', 0, 0x8400, 0, 1, 0, 1) . h('04') . 'host' . h('00 0021 0001 00000078') . pack('n', 6 + $_) . h('0000 0000 0016') . h($name)) } 0 .. 4, length($name) / 2, length($name) / 2 + 3 } 53, 5353 } '0161 00', '0161', '0361 62', '40 61', '80', 'c0', 'c000', 'c0ff', 'c00c', 'c0c0', '6361', '3f61626364', '0161 c0', '41 08 ff', '0161 41', '0161 41 08', '41';

        # PIM: messages of no more than their first bytes. RPL: a graph's description cut.
        push @made, map { my $type = $_; map { my $size = $_; map { eth6(103, substr h("2$type $_ 0000 00000000"), 0, $size), eth4(103, substr h("2$type $_ 0000 00000000"), 0, $size) } '00', '01' } 1 .. 8 } 0 .. 9, 'a';
        my $graph = eth6(58, with_checksum(2, h('9b01 0000 1e f0 0100 88 f1 00 00 20010db8000000000000000000000001 0400')));
        push @made, map { captured($_, $graph) } 54 .. length($graph) - 1;

        # ES-IS: every option. ZEP: a frame of which the last byte is missing.
        push @made, map { my $option = $_; map { llc($peer, h('fefe03 82'), pack('C', 13 + $_), h('0100 04 012c0000 01 49'), pack('CC', $option, $_), "\1" x $_) } 0 .. 4 } 192 .. 206;
        push @made, map { my $frame = $_; map { captured(length($_) - 1, $_) } udp4(17754, 17754, h('4558 01 0b 0134 00 c8 00000000000000') . chr(length($frame) / 2) . h($frame)) } '0a0000', '020001', '61880001', '410001', '00', '0000';

        # SNMP: operations where a message is expected, cut, and numbers of tags that go on behind what holds them.
        my $operation = h('28 0201 01 0201 00 0201 00 301d 300b 0607 2b060102010101 0400 300e 06082b06010201010300 4302 0102');
        push @made, map { my $tag = $_; map { my ($size, $message) = ($_, udp4(50000, 161, chr($tag) . $operation)); captured(42 + $size, $message) } 1, 2, 3, 20, 41, 42 } 0xa0, 0xa7, 0xa8, 0x30, 0x80, 0x24;
        push @made, map { my $tag = $_; map { udp4(50000, 161, h("300$_ 020103 $tag")), udp4(50000, 161, h("300$_ 020103 $tag 81 02")) } 4, 5, 6 } '5f1f', '5f81', 'bf81', '3f', '1f8181';

        # IKE: more exchanges than are remembered.
        my $nth = sub { my ($n, $from, $to, $r) = @_; $ike->(0x10, 8, 2, ike_payload(0, 'hash'), $from, $to, i => pack('NN', 0xcd, $n), r => h($r x 8)) };
        push @made, map({ $nth->($_, "10.8.0.$_", '10.8.1.1', '00') } 1 .. 24), map({ $nth->($_, '10.8.1.1', "10.8.0.$_", 'cd') } 1 .. 24), $nth->(5, '10.8.0.9', '10.8.1.1', '00'), $nth->(5, '10.8.1.2', '10.8.0.9', 'cd'), $nth->(4, '10.8.0.9', '10.8.1.1', '00'), $ike->(0x10, 8, 2, ike_payload(0, 'hash'), '10.8.0.7', '10.8.1.7', i => h('00' x 8), r => h('00' x 8)), $ike->(0x10, 8, 2, ike_payload(0, 'hash'), '10.8.1.7', '10.8.0.7', i => h('00' x 8)), map { $nth->($_, '10.8.1.1', "10.8.0.$_", 'cd') } 1 .. 24;

        # DNS: data of a type that is printed as it stands. SNMP: what is behind a datagram goes on with no tag.
        push @made, map { my $data = h($_); udp4(53, 53, pack('n6', 0, 0x8400, 0, 1, 0, 0) . h('04') . 'host' . h('00 0068 0001 00000078') . pack('n', length $data) . $data) } '', '00', '616263ff';
        push @made, map { my $packet = udp4(50000, 161, h($_)); $packet, $packet . h('8181') } '3004 020103 5f', '3005 020103 5f81', '3005 020103 5f1f';

        # MACsec: a short length and a length field that is larger.
        push @made, map { my $length = $_; map { my $short = $_; ethernet(0x88e5, h('03', $short, '0000002a') . pack('n', $length) . h('aaaa03 000000 0800') . $ping4 . 'x' x 30) } '00', '15', '20' } 8, 12, 20, 21, 30, 41;

        # sFlow: a counter that says less than it has, cut.
        my $counters = sub { my ($format, $size) = @_; udp4(50000, 6343, h('00000005 00000001 c0000201 00000003 000004d2 0000162e 00000001 00000002 0000006c 00000001 00000001 00000001') . pack('NN', $format, $size) . join '', map { pack 'N', $_ } 1 .. 22) };
        push @made, map { my $format = $_; map { my $packet = $counters->($format, $_); map { captured($_, $packet) } map { 98 + 4 * $_ } 0 .. 21 } 6, 44, 88 } 1 .. 3;

        # DHCPv6: identifiers of every kind, of every size; HNCP: search lists whose names have pointers.
        push @made, map { my $kind = $_; map { my $size = $_; map { udp6(546, 547, h('013b819e') . tlv16($_, substr h($kind, '000100020304050607080910'), 0, $size) . h('0007 0001 05')) } 1, 2 } 0 .. 12 } '0000', '0001', '0002', '0003', '0004';
        push @made, map { my $list = tlv16(24, h($_)); map { $hncp->($dncp->(37, $_)) } $list, $list . h('0007 0001 05') } '016100', '0161c000', 'c000', 'c004', '0161c001', '0161c004', '0161c0', '0161', '0361626300 0162c000', '0361626300 0162c004', '0361626300 c000', '4161', '80', 'c00cc00c';

        # Telnet: several commands, cut.
        my $telnet = eth4(6, tcp(40000, 23, 0x18, h('fffb01 fffd03 fffa18005445fff0 fffa1800', '41' x 20, 'fff0 fff1')));
        push @made, map { captured($_, $telnet) } 54 .. length $telnet;

        # DCCP: ports that have names, of TCP and UDP.
        push @made, map { eth4(33, pack('n2', 49152, $_) . h('0400 1234 0500 0001')) } 1, 22, 53, 123, 514;

        # HNCP: names whose pointers lead to the last bytes of the message, past their option.
        for my $last ('', '00', '03', '41', '410801', 'c0', '01c0', '4108') {
                push @made, map { $hncp->(tlv16(37, tlv16(24, h($_))) . h($last)) } '0361626300 c000', 'c000', '03616263 c001', 'c000 0161 c000', 'c00000', 'c0';
        }

        # BGP: labelled routes withdrawn, that are longer than their attribute.
        push @made, map { my $afi = $_; map { my $size = $_; map { my $attributes = pack('CCCnC', 0x80, 15, 3 + $size, $afi, 4) . substr(h($_), 0, $size) . h('40010100 400810') . h('11223344') x 4;
                eth4(6, tcp(179, 40000, 0x18, h('ff' x 16) . pack('nCnn', 23 + length $attributes, 2, 0, length $attributes) . $attributes)) } '20000641 0a', '38000641 0a0102 03' } 1 .. 8 } 1, 2;

        # IS-IS: subfields that tcpdump does not count in full, and others behind the end of theirs; a key of no size.
        for my $sub ([12, 1], [12, 10], [22, 7], [11, 31], [11, 32], [21, 36], [21, 42], [29, 6], [32, 8]) {
                my ($type, $size) = @$sub;
                push @made, map { my $left = $_; map { $lsp->(tlv8(22, h('22222222222200 00000a') . chr(2 + $size + $left) . tlv8($type, chr($_) x $size)) . h('fa00' x 20)) } 0, 1, 100 } 1, 2, 5, 30;
        }
        push @made, map { my $size = $_; map { $lsp->(tlv8(10, chr($_) . substr h('0102030405'), 0, $size) . tlv8(137, 'host')) } 1, 3, 54 } 0 .. 4;

        # sFlow: samples that say less than they have, cut within their records.
        push @made, map { my $format = $_; map { my $packet = udp4(50000, 6343, h('00000005 00000001 c0000201 00000003 000004d2 0000162e 00000001') . h('00000001 00000001 00000007 01000005 00000200 00000400 00000002 00000003 80000004 00000001') . pack('NN', $format, 24) . join '', map { pack 'N', $_ } 1 .. 6); captured(118 + 4 * $_, $packet) } 0 .. 6 } 1, 2, 3, 1001, 1002;

        # TFTP: strings past what UDP's length leaves. LLDP: organizations, and no more.
        push @made, map { my $message = $_; map { eth4(17, $sized->(8 + $_, 50000, 69, $message), raw => 1) } 3 .. length $message } h('0001') . "boot\0octet\0", h('0006') . "a\0001\0", h('0005 0001') . "no\0";
        push @made, map { ethernet(0x88cc, lldp_tlv(1, h('04 020000000001')) . lldp_tlv(2, h('05') . 'eth0') . lldp_tlv(3, h('0078')) . lldp_tlv(127, h($_)) . h('0000'), to => mac('01:80:c2:00:00:0e')) } '0080c2', '00120f', '0012bb', '001b21', '000081';

        # SNMP: objects with bytes to spare.
        push @made, map { udp4(50000, 161, ber('30', ber('02', h('00')) . ber('04', 'public') . ber('a0', ber('02', h('12')) . ber('02', h('00')) x 2 . ber('30', ber('30', ber('06', h($_)) . h('0500')))))) } '2b0601028001 0500', '802b 0601020105', '2b060102018005', '2b060180 03', '2b06800104 01', '2b06010201';

        # CFM: a sender's chassis that is not understood. OSPFv3: every flag of an external link. PIM: addresses longer than their option.
        for my $chassis ('00 0102', '04 0102', '04 010203040506', '05 01c0000201', '05 01c00002', '05 02c0000201', '07 6162', '08 6162') {
                my $id = h($chassis);
                push @made, map { my $value = chr(length($id) - 1) . $id . h($_); ethernet(0x8902, h('60 03 00 04 000000ff') . pack('Cn', 1, length $value) . $value . h('02 0001 02 00'), to => mac('01:80:c2:00:00:33')) } '', '00 0102', '02aabb 02 1122 33';
        }
        push @made, map { update3(state3(0x4005, '0.0.0.1', pack('C', $_) . h('000014 20000000 20010db8') . h('11' x 20))) } map { 1 << $_ } 0 .. 7;
        push @made, map { my $size = $_; map { my $type = $_; map { eth4(103, h('2000 0000') . pack('nn', $type, $size) . h($_)) } '0100 c0000201 0100 c0000202 00010002 0013', '0200 20010db8000000000000000000000001 00010002 0013' } 24, 65001 } 1, 2, 6, 7, 12, 18, 19;

        # UDP's length within what auto-RP and ZEP have, and TCP's within SSH's first word.
        my $mapping = h('12020014 00000000 c0000201 02 02 00 08 0a000001 01 10 0b000000 c0000202 03 01 00 08 0c000000');
        push @made, map { eth4(17, $sized->(8 + $_, 496, 496, $mapping), raw => 1) } 7 .. length $mapping;
        my $frame = h('4558 01 01 00 00 00 00 00 00000000000000 10') . h('6188 01ef be02 0001 0068 656c 6c6f abcd');
        push @made, map { eth4(17, $sized->(8 + $_, 17754, 17754, $frame), raw => 1) } 14 .. length $frame;
        push @made, map { my $text = $_; map { eth4(6, tcp(22, 40000, 0x18, substr($text, 0, $_))) } 1 .. 5 } "SSH-2.0-x\r\n", "SSH\n", "other";

        # MLD: a type and no more; records with auxiliary data.
        push @made, map { captured(55, eth6(58, chr($_) . h('00 0000 00000001'))) } 130, 131, 132, 143;
        push @made, map { eth6(58, with_checksum(2, h('8f00 0000 0000 0002') . h("04 $_ 0000") . ip6('ff02::1') . h('11223344 55667788') . ip6('ff02::2'))) } '00', '01', '02';

        # OLSR: what gateways of olsrd say in the place of a mask.
        push @made, map { my $mask = h($_); udp4(698, 698, h('0020 0018 04 86 001c c0000201 ff 01 004d') . h('00000000') . $mask . h('0a000000 ffff0000')) } map({ sprintf '00%02x09ff', 1 << $_ } 0 .. 7), '00000900', '00ff0023', '01010000';

        # HTTP, RTSP and SIP: other white space between words than blanks.
        push @made, map { my $space = chr($_); map({ eth4(6, tcp(40000, 80, 0x18, "GET$space/ HTTP/1.1\r\n")), eth4(6, tcp(554, 40000, 0x18, "RTSP/1.0$_\r\n")) } "${space}200 OK", " ${space}200 OK", " 200${space}OK"), udp4(5060, 5060, "INVITE${space}sip:a SIP/2.0\r\n") } 9 .. 13, 32;

        # What single flipped bits brought up. GeoNet: every message of ITS. mtrace: answers to groups. NFS 3: the procedure 25.
        push @made, map { ethernet(0x8947, h('0100 02c0 0004 0a01 0001020000000001 00000001 1a2b3c4d 80112233 8000 0001 0002 0003 1001 1002 02') . chr) } 0, 1, 100 .. 108, 150;
        push @made, map { my $group = h($_); map { eth4(2, pack('C', $_) . h('03 0000 e0010203 c0000207 c0000208') . $group . h('40 000009')) } 0x1e, 0x1f } 'e0000209', 'c0000209', 'efffffff', 'f0000001';
        push @made, map { my $version = $_; map { udp4(700, 2049, pack('N6', 0x1234, 0, 2, 100003, $version, $_) . "\0" x 48) } 21 .. 26 } 2, 3;

        # OSPFv3: external links that end early. EDNS: chains whose pointers lead past their option.
        push @made, map { my $size = $_; map { update3(state3(0x4005, '0.0.0.1', substr pack('C', $_) . h('000014 20000000 20010db8') . h('11' x 20), 0, $size)) } 0, 3, 0x82 } 2 .. 8, 12, 13;
        for my $tail ('', '0162', '000a 0008 1122334455667788') {
                push @made, map { my $name = h($_); my $options = pack('nn', 13, length $name) . $name . h($tail); udp4(5000, 53, h('0001 0120 0001 0000 0000 0001 076578616d706c6503636f6d00 0001 0001 00 0029 04d0 00000000') . pack('n', length $options) . $options) } 'c000', 'c002', '0161c000', '0161c0ff', '0161', 'c0', '41', '0361';
        }

        # Routes of IPv6: checksums where the end has been reached, and of no addresses.
        for my $route ([0, 0, 1], [0, 1, 2], [2, 0, 1], [4, 0, 0], [4, 0, 2], [4, 1, 2]) {
                my ($type, $left, $count) = @$route;
                my $addresses = join '', map { ip6("2001:db8::1$_") } 1 .. $count;
                push @made, map { eth6(43, pack('C4', $_->[0], 2 * $count, $type, $left) . h('00000000') . $addresses . $_->[1], raw => 1) } [6, tcp(1, 2, 2, '')], [17, pack('n4', 1, 2, 28, 0x1234) . 'x' x 20], [58, h('8000 1234 0001 0001 00000000 00000000')], [33, h('0001 0002 0400 1234 0500 0001 00000000')];
        }

        # DHCPv6: a name in an association that goes on behind it.
        push @made, udp6(547, 546, h('02123456') . tlv16(3, h('00000001 00000708 00000b40') . tlv16(21, h('05') . 'host' . h('20'))) . tlv16(23, ip6('2001:db8::53')) . tlv16(24, h('03') . 'net' . h('00')));

        # MACsec: ARP of no known kind that its short length cuts.
        push @made, map { ethernet(0x88e5, h('00') . chr($_) . h('0000002a 0806 45000024 00010000 4040') . 'x' x 40) } 2, 8, 12, 20, 40;

        # IKEv2: cookies of every size.
        push @made, map { udp4(500, 500, ike(0x20, 41, 34, 8, ike_payload(0, h('0000 4006') . 'c' x $_), r => h('00' x 8))) } 0, 1, 9, 10, 11, 29, 30, 31, 40;

        # Babel: what compresses a prefix in the body does not in the trailer. A cookie of IKEv2: the excerpt goes on behind it.
        my $update = sub { my ($flags, $omitted, $prefix) = @_; babel_tlv(8, pack('CCCC', 2, $flags, 128, $omitted) . h('0190 5285 0060') . $prefix) };
        my $whole = $update->(0x80, 0, ip6('2001:db8::1'));
        push @made, babel6($whole . $update->(0, 8, 'abcdefgh'), length => length $whole);
        push @made, map { udp4(500, 500, ike(0x20, 41, 34, 8, ike_payload(41, h("00 $_ 4006")) . ike_payload(0, h('0000 4005') . 'more'), r => h('00' x 8))) } '00', '04', '10', 'ff';

        # OSPFv3: link states of every length, with prefixes up to the end and behind it; traffic engineering of a link.
        for my $state (state3(0x2009, '0.0.0.0', h('0002 2001 00000000') . ip('192.0.2.1') . h('40 00 000a 20010db8 00000000 00 00 0001')), state3(0x2009, '0.0.0.0', h('0000 2001 00000000') . ip('192.0.2.1')), state3(0x0008, '0.0.0.3', h('01 000013') . ip6('fe80::1') . h('00000001 40 00 000a 20010db8 00000000'))) {
                push @made, map { update3(substr($state, 0, 18) . pack('n', $_) . substr $state, 20) } 20 .. length $state;
        }
        push @made, map { my $type = $_; map { update3(state3($type, '0.0.0.3', $_)) } tlv16(1, ip('192.0.2.1')), tlv16(256, 'abcd'), h('0100 0013') . 'abcd' } 0x000a, 0x200a;

        # IS-IS: two words of groups. MSDP: a packet that goes on behind its message. PPP: algorithms of CHAP.
        push @made, map { $lsp->($tlv->(22, h('22222222222200 00000a') . $_ =~ s/^/chr length $_/er)) } map { $tlv->(3, 'g' x $_) } 3, 4, 7, 8, 9;
        my $source = h('01 001c 00') . ip('192.0.2.1') . ipv4(17, udp(1, 4096, 'abcdefgh'), to => '239.177.2.3');
        push @made, map { my $size = $_; eth4(6, tcp(639, 40000, 24, $source =~ s/^(.)../$1 . pack 'n', $size/ser)) } 8, 9, 11, 27, 28, 36, 43;
        push @made, map { $ppp->(h('c021 0101 0009 0305 c223') . chr) } 5 .. 7, 127 .. 130;

        # SNMP: a trap that ends with its time. TCP: source routes, the first of which counts, and those that are longer than the options.
        push @made, map { udp4(50000, 162, ber('30', ber('02', h('00')) . ber('04', 'trap') . ber('a4', ber('06', h('2b06010401bf08')) . ber('40', ip('192.0.2.1')) . ber('02', h('03')) . ber('02', h('00')) . ber('43', h('64')) . $_))) } '', h('30'), h('3000');
        push @made, map { eth4(6, tcp(1000, 179, 24, 'data'), options => h($_)) } '830704c0000203 00', '830904c0000203 00', '832804c0000203 00', '830704c0000203 830704c0000204 0000', '890b04c0000203c0000204 890804c0000205 0000 0000 00', '01830304 890704c0000205 00';

        # Records longer than tcpdump reads.
        push @made, map { my $frame = ethernet(0x0800, $ping4); my $size = $_; map { captured($_, $frame . "\0" x ($size - length $frame)) } 0, 40, length $frame } 262144, 262145, 300000;

        # RADIUS: parts of EAP that are shorter than its header, and what is cut behind EAP.
        push @made, map { my $attributes = $_; map { captured(-$_, udp4(1812, 1812, pack('CCn', 1, 7, 20 + length $attributes) . 'a' x 16 . $attributes)) } 0, 1 } map { h($_) } '4f03 01 020304', '4f04 0102 02040102', '4f06 01020004 020304', '4f06 01020304 0203040503 0304', '4f0a 0300000a01020304 0506', '4f0b 000000000000000000 0203040503';

        # IPCP: suboptions of header compression that end before their option, or are cut.
        push @made, map { my $size = $_; map { my $option = chr(2) . chr($size) . h('0061 0001 0002 0003 0004 0005', $_); map { $ppp->(h('8021 0101') . pack('n', 4 + $_) . $option) } length $option, $size - 2 } '0102', '0306c0000201', '0102 0306c0000201 0102', '0204' } 16, 18, 20, 24, 25;
        @made;
};

1;
