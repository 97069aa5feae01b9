# OLSR, RFC 3626, with IPv4 and IPv6, and its extensions of olsrd (name service, link qualities); several messages in a
# packet, wrong lengths. OLSR version 2 (RFC 7181), whose packets are those of RFC 5444, has another port.
use strict;
use warnings;
our %captures;

sub olsr { my ($body, %o) = @_; pack('nn', $o{length} // 4 + length $body, $o{sequence} // 9) . $body }
# olsr_message TYPE, BODY, OPTIONS
sub olsr_message { my ($type, $body, %o) = @_; my $from = $o{six} ? ip6('2001:db8::1') : ip($o{from} // '192.0.2.1'); pack('CCn', $type, $o{validity} // 0x86, $o{length} // 8 + length($from) + length $body) . $from . pack('CCn', $o{ttl} // 255, $o{hops} // 1, $o{sequence} // 77) . $body }

$captures{olsr} = sub {
        my ($a, $b, $c) = map { ip($_) } '192.0.2.2', '192.0.2.3', '192.0.2.4';
        my ($a6, $b6) = map { ip6($_) } '2001:db8::2', '2001:db8::3';
        my $links = sub { my ($code, @neighbors) = @_; pack('CCn', $code, 0, 4 + length join '', @neighbors) . join '', @neighbors };
        my $hello = sub { my ($time, $will, @links) = @_; h('0000') . pack('CC', $time, $will) . join '', @links };
        my @hellos = (map({ $hello->(5, $_, $links->(6, $a)) } 0, 1, 3, 6, 7, 255), map({ $hello->($_, 3, $links->(6, $a)) } 0, 1, 0x05, 0x86, 0x0f, 0xf0, 0xff), map({ $hello->(5, 3, $links->($_, $a)) } 0 .. 16, 255), $hello->(5, 3), $hello->(5, 3, $links->(6, $a, $b, $c), $links->(10, $b), $links->(1)), $hello->(5, 3, h('0600 0003') . $a), $hello->(5, 3, h('0600 0000') . $a), $hello->(5, 3, h('0600 0064') . $a), $hello->(5, 3, h('0600 0007') . 'abc'), $hello->(5, 3, h('06')), $hello->(5, 3, $links->(6, map { ip("192.0.2.$_") } 1 .. 9)), $hello->(5, 3, h('0600 0003') . $a, $links->(6, $a)), h('0000'), '');
        my @quality = map { my $entries = $_; map { $hello->(5, 3, pack('CCn', $_, 0, 4 + length $entries) . $entries) } 6, 10 } $a . h('ff80 0000'), $a . h('0000 0000') . $b . h('ffff 0000'), $a . h('80') , '';
        my @tc = (h('0007 0000') . $a, h('0007 0000') . $a . $b . $c, h('ffff 0000'), h('0007 00ff') . $a, h('0007'), '', h('0007 0000') . 'ab', h('0007 ffff') . $a . 'ab');
        my @lq_tc = (h('0007 0000') . $a . h('ff80 0000'), h('0007 0000') . $a . h('ffff 0000') . $b . h('0000 0000'), h('0007 0102') . $a, h('0007 0000'), h('00'), h('0007 0000') . $a . h('ff'));
        my @mid = ($a, $a . $b . $c, '', 'ab', $a . 'ab');
        my $net = sub { ip($_[0]) . ip($_[1]) };
        my @hna = ($net->('10.0.0.0', '255.0.0.0'), $net->('0.0.0.0', '0.0.0.0'), $net->('10.1.0.0', '255.255.0.0') . $net->('192.0.2.0', '255.255.255.128') . $net->('1.2.3.4', '255.0.255.0'), $net->('10.0.0.0', '255.0.0.0') x 9, '', 'abcd', $net->('10.0.0.0', '255.0.0.0') . 'abc', $net->('10.0.0.0', '255.0.0.0') . $a);
        my $name = sub { my ($type, $text, $address, $length) = @_; pack('nn', $type, $length // length $text) . $address . $text };
        my $pad = sub { $_[0] . "\0" x (-length($_[0]) % 4) };
        my $names = sub { my ($version, @entries) = @_; pack('nn', $version, scalar @entries) . join '', map { $pad->($_) } @entries };
        my $none = h('00' x 12);
        my @service = (map({ my $fill = $_; ($names->(1, $name->(0, 'node1', $a . $fill)), $names->(1, $name->(1, '192.0.2.53', $a . $fill), $name->(2, 'http://node1:80|tcp|web', $b . $fill), $name->(3, '1.5,2.5', $c . $fill), $name->(9, 'x', $a . $fill)), $names->(0, $name->(0, 'abc', $a . $fill)), $names->(1) . $pad->($name->(0, 'one', $a . $fill)), $names->(1, $name->(0, 'long', $a . $fill, 400)), $names->(1, $name->(0, "odd\x01\xff", $a . $fill)), $names->(1, $name->(0, '', $a . $fill)), $names->(1)) } $none, ''), pack('nn', 1, 5) . $pad->($name->(0, 'one', $a)), $names->(1, $name->(0, 'four', $a), $name->(0, 'cut', $a, 9)), h('0001'), h('000100'), '');
        # Messages that end within an entry.
        push @service, map { my $long = $names->(@$_); map { substr $long, 0, $_ } 8 .. length $long } [1, $name->(1, 'x', $a)], [1, $name->(1, 'x', $a), $name->(1, 'y', $a)];
        my @messages = (map({ olsr_message(1, $_) } @hellos), map({ olsr_message(201, $_) } @hellos[0 .. 5], @quality), map({ olsr_message(2, $_) } @tc), map({ olsr_message(202, $_) } @lq_tc, @tc[3 .. 5]), map({ olsr_message(3, $_) } @mid), map({ olsr_message(4, $_) } @hna), map({ olsr_message(130, $_) } @service), map({ my $type = $_; map { olsr_message($type, $_) } '', 'abcdefgh' } 0, 5 .. 10, 128, 129, 131, 200, 203, 255));
        my $six = sub { my ($type, $body) = @_; olsr_message($type, $body, six => 1) };
        my $net6 = sub { ip6($_[0]) . ip6($_[1]) };
        my @six = (map({ $six->(1, $_) } $hello->(5, 3, $links->(6, $a6)), $hello->(5, 7, $links->(6, $a6, $b6), $links->(10, $b6)), $hello->(5, 3, h('0600 000c') . 'abcdefgh')), map({ $six->(201, $_) } $hello->(5, 3, $links->(6, $a6 . h('ff80 0000'))), $hello->(5, 3, $links->(6, $a6 . h('ff80 0000'), $b6 . h('0001 0000')))), map({ $six->(2, $_) } h('0007 0000') . $a6, h('0007 0000') . $a6 . $b6, h('0007 0000') . 'ab'), map({ $six->(202, $_) } h('0007 0000') . $a6 . h('ff80 0000'), h('0007 0102') . $b6), map({ $six->(3, $_) } $a6, $a6 . $b6, 'ab'), map({ $six->(4, ip6('2001:db8::') . $_) } map { ip6($_) } 'fff5:ff00::', 'ff80::', 'ff81::', 'ffff:f::', 'ffff:fffe::', '1::', '8000::'), map({ $six->(4, $_) } $net6->('2001:db8:1::', 'ffff:ffff:ffff::'), $net6->('::', '::') . $net6->('2001:db8:1::', 'ffff:ff00::'), $net6->('2001::', 'ff00:ff00::'), 'ab'), map({ $six->(130, $_) } $names->(1, $name->(0, 'node6', $a6)), $names->(1, $name->(2, 'http://node6:80|tcp|web', $b6))), map({ $six->($_, 'abcd') } 9, 200));
        (map({ udp4(698, 698, olsr($_), ttl => 1) } @messages), udp4(698, 698, olsr(join '', @messages[0, 40, 60])), map({ udp4(698, 698, olsr(olsr_message(2, $tc[0], @$_))) } [ttl => 0, hops => 255], [sequence => 0], [validity => 0], [validity => 255], [length => 0], [length => 4], [length => 11], [length => 12], [length => 13], [length => 15], [length => 100]), map({ udp4(698, 698, olsr(olsr_message(2, $tc[0]), length => $_)) } 0, 3, 4, 5, 12, 23, 24, 25, 1000), map({ udp4(698, 698, $_) } '', h('00'), h('0004'), h('0004 0009'), h('0008 0009 0286 0004'), olsr('abc')),
                map({ udp6(698, 698, olsr($_), hops => 1) } @six), udp6(698, 698, olsr($messages[0])), udp6(698, 698, ''), udp4(698, 698, olsr($six[0])), udp4(698, 50000, olsr($messages[0])), udp4(269, 269, h('0b 0009') . h('0000 000c') . 'abcdefgh'));
};
1;
