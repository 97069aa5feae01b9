# OSPF's link-local signaling, RFC 5613, with its authentication.
use strict;
use warnings;
our %captures;

# A hello or database description with the L bit, then the signaling block.
sub lls { my ($block, %o) = @_; my $packet = ospf($o{type} // 1, $o{body} // ip('255.255.255.0') . h('000a 12 01 00000028') . ip('192.0.2.1') . ip('192.0.2.2') . ip('192.0.2.9')); substr($packet, 14, 2) = pack 'n', $o{authentication} // 0; substr($packet, 16, 8) = h('0000 01 10 00000005') if $o{authentication}; eth4(89, $packet . ($o{authentication} ? 'd' x 16 : '') . $block, ttl => 1, to => '224.0.0.5') }
sub lls_block { my ($tlvs, $words) = @_; pack('nn', 0xabcd, $words // (4 + length $tlvs) / 4) . $tlvs }

$captures{'ospf-lls'} = sub {
        my $restart = lls_block(pack('nnN', 1, 4, 3));
        (map({ lls(lls_block($_)) } map({ pack('nnN', 1, 4, $_) } 0 .. 4, 0x80000001, 0xffffffff), pack('nn', 2, 20) . pack('N', 5) . 'x' x 16, map({ pack('nn', 2, $_) . 'y' x 20 . pack('nnN', 1, 4, 1) } 0, 4, 16, 21), map({ pack('nn', 1, $_) . 'abcd' . pack('nn', 9, 4) . 'wxyz' } 0, 3, 5, 8, 40), map({ pack('nn', 9, $_) . 'abcdefgh' } 0, 4, 5, 8, 40), map({ pack('nn', $_, 4) . 'abcd' } 0, 3, 0x8000, 0xffff)), map({ lls(lls_block(pack('nnN', 1, 4, 1), $_)) } 0, 1, 2, 100), map({ lls(substr $restart, 0, $_) } 0 .. 11), map({ my $body = h($_); lls($restart, type => 2, body => $body), lls($restart, type => 2, body => $body . state2(1, '192.0.2.1', '')) } '05dc 52 07 00001234', '05dc 42 07 00001234'), map({ lls($restart, type => $_, body => h('00000000')) } 3 .. 5), lls($restart, body => ip('255.255.255.0') . h('000a 02 01 00000028') . ip('0.0.0.0') x 2), map({ my $many = $_; map { lls($_ x $many, authentication => 2) } h('00090004 61626364') } 0 .. 5), lls($restart, authentication => 1),
                map({ my $length = $_; my $packet = lls($restart . 'z' x 12); substr($packet, 36, 2) = pack 'n', $length; $packet } 0, 24, 44, 48, 60, 100), map { my $packet = lls(lls_block(pack('nn', 9, 4) . 'abcd' . pack('nn', 9, 20) . 'e' x 20), authentication => 2); substr($packet, 53, 1) = chr $_; $packet } 0, 4, 16, 20, 200);
};

# Version 3: a body, and what stands behind the packet.
sub trailed { my ($type, $body, $trailer, $length) = @_; eth6(89, pack('CCn', 3, $type, $length // 16 + length $body) . ip('192.0.2.1') . ip('0.0.0.0') . h('0000 00 00') . $body . $trailer, from => 'fe80::1', to => 'ff02::5') }

$captures{'ospf3-trailer'} = sub {
        my ($hello, $description) = map { my ($front, $back) = map { h($_) } @$_; sub { $front . substr(pack('N', $_[0]), 1) . $back } } ['00000005 01', '000a 0028 00000000 00000000'], ['00', '05dc 00 07 00001234'];
        my $authentication = h('0001 0024 0000 0005 00000001 00000007 00112233445566778899aabbccddeeff01020304');
        my $signaling = h('abcd 0014 0001 0004 00000001 0002 0004 00000000');
        (map({ my $options = $_; map { my $trailer = $_; (trailed(1, $hello->($options), $trailer), trailed(2, $description->($options), $trailer)) } '', $authentication, $signaling, $signaling . $authentication, 'x' } 0x13, 0x213, 0x413, 0x613), map({ trailed($_, '', $authentication) } 0, 3, 5, 6), trailed(4, h('00000000'), $authentication), map({ trailed(1, $hello->(0x413), substr $authentication, 0, $_) } 1, 3, 4, 15 .. 17, 35), map({ trailed(1, $hello->(0x413), pack('nn', 1, $_) . substr $authentication, 4) } 0, 15 .. 18, 37, 255), trailed(1, $hello->(0x413), h('0002') . substr $authentication, 2), map({ trailed(1, $hello->(0x213), h('abcd') . pack('n', $_) . substr $signaling, 4) } 0, 3, 4, 5, 8, 21, 255), map({ trailed(1, $hello->(0x613), $signaling . $authentication, $_) } 0, 16, 30, 44, 60));
};
1;
