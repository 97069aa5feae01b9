# What -E and -M have secrets for: ESP in each cipher, over both IP versions, with padding that lies and cut short; and the
# MD5 digests of TCP. The ciphers are the openssl command's.
use strict;
use warnings;
use Digest::MD5 'md5';
use IPC::Open2;

our (%captures, $ping, $ping4, $ping6, @v4, @v6);

# What encrypts: name for openssl, key, size of a block.
my %cipher = (
        des3 => ['des-ede3-cbc', '3des-secret-of-24-bytes!', 8],
        aes => ['aes-128-cbc', 'aes-secret-of-16', 16],
        aes256 => ['aes-256-cbc', 'aes-secret-of-thirty-two-bytes!!', 16],
        counter => ['aes-128-ctr', 'aes-secret-of-16', 4, 16],
        des => ['des-cbc', '8 bytes!', 8],
        blowfish => ['bf-cbc', 'blowfish-of-16-b', 8],
        cast => ['cast5-cbc', 'cast128-16-bytes', 8],
);

sub encrypt {
        my ($cipher, $key, $vector, $text) = @_;
        my $pid = open2(my $out, my $in, qw(openssl enc -provider default -provider legacy -nopad), "-$cipher",
                '-K', unpack('H*', $key), '-iv', unpack('H*', $vector));
        binmode $_ for $in, $out;
        print $in $text;
        close $in;
        local $/;
        my $secret = <$out>;
        waitpid $pid, 0;
        $? == 0 or die "esp.pl: openssl enc -$cipher failed\n";
        $secret;
}

# esp NAME, SPI, NEXT, PAYLOAD: padded to whole blocks as RFC 4303, 2.4 has it. `pad`: what the pad length says;
# `icv`: what stands behind.
sub esp {
        my ($name, $spi, $next, $payload, %o) = @_;
        my ($cipher, $key, $block, $size) = $name ? @{ $cipher{$name} } : ('', '', 4, 0);
        my $pad = -(length($payload) + 2) % $block;
        my $vector = substr h('00112233445566778899aabbccddeeff'), 0, $size // $block;
        my $text = $payload . pack('C*', 1 .. $pad) . pack('CC', $o{pad} // $pad, $next);
        pack('NN', $spi, 1) . $vector . ($name ? encrypt($cipher, $key, $vector, $text) : $text) . ($o{icv} // '');
}

$captures{esp} = sub {
        my $udp = udp(1000, 2000, 'hello');
        my $tcp = tcp(1000, 80, 0x18, "GET / HTTP/1.0\r\n\r\n");
        my $icv = h('c0ffee') x 4;
        my $routed = h('32 02 00 01 00000000') . ip6('2001:db8::3');
        eth4(50, esp('des3', 0x100, 1, $ping)), eth4(50, esp('des3', 0x100, 4, $ping4)), eth4(50, esp('des3', 0x100, 41, $ping6)),
                eth4(50, esp('des3', 0x100, 17, $udp)), eth4(50, esp('des3', 0x100, 6, $tcp)), eth4(50, esp('des3', 0x100, 59, '')),
                eth4(50, esp('des3', 0x100, 200, 'abcd')), eth4(50, esp('des3', 0x100, 0, 'abcd')),
                eth4(50, esp('des3', 0x200, 17, $udp, icv => $icv)), eth4(50, esp('counter', 0x303, 17, $udp)),
                eth4(50, esp('aes', 0x300, 17, $udp)), eth4(50, esp('aes', 0x301, 17, $udp, icv => $icv)), eth4(50, esp('aes256', 0x302, 6, $tcp)),
                eth6(50, esp('des3', 0x500, 17, $udp)), eth6(50, esp('aes', 0x501, 58, substr $ping6, 40)), eth6(50, esp('des3', 0x100, 4, $ping4)),
                eth6(43, $routed . esp('des3', 0x500, 17, $udp)), eth6(44, h('32 00 0001 00000007') . esp('des3', 0x500, 17, $udp)),
                eth6(60, h('32 00 0104 00000000') . esp('des3', 0x500, 17, $udp)),
                eth4(50, esp('des3', 0x100, 17, $udp), options => h('83 07 04 c0000203 00')), eth4(50, esp('des3', 0x100, 17, $udp), fragment => 0x2000),
                udp4(4500, 4500, esp('des3', 0x100, 17, $udp), fragment => 0x2000), eth4(51, h('32 04 0000 00000007 00000001') . $icv . esp('aes', 0x300, 17, $udp), fragment => 0x2000),
                eth4(50, esp('des3', 0x100, 17, $udp), to => '192.0.2.3'), eth4(50, esp('des3', 0x101, 17, $udp)),
                udp4(4500, 4500, esp('des3', 0x100, 17, $udp)), udp4(4500, 4500, esp('des3', 0x100, 6, $tcp)), udp6(4500, 4500, esp('des3', 0x500, 17, $udp)),
                eth4(17, pack('nnnn', 4500, 4500, 8 + 24, 0) . esp('des3', 0x100, 17, $udp)),
                map({ eth4(50, esp('des3', 0x100, 17, $udp, pad => $_)) } 0 .. 3, 5, 6, 9, 10, 13 .. 16, 20 .. 24, 30 .. 34, 255),
                map({ eth4(50, esp('des3', 0x100, 6, $tcp, pad => $_)) } 1, 20, 36 .. 40), map({ eth4(50, esp('des3', 0x100, 4, $ping4, pad => $_)) } 0, 5, 20, 40),
                map({ eth4(50, esp('aes', 0x300, 17, $udp, pad => $_)) } 0, 13 .. 16, 28 .. 32, 255),
                map({ eth4(50, substr(esp('des3', 0x100, 17, $udp), 0, $_)) } 8 .. 31),
                map({ eth4(50, substr(esp('aes', 0x300, 17, $udp), 0, $_)) } 8, 9, 16, 23 .. 25, 38, 39),
                map({ eth4(50, substr(esp('des3', 0x200, 17, $udp, icv => $icv), 0, $_)) } 12, 20, 27 .. 29, 36),
                map({ eth4(50, substr(esp('counter', 0x303, 17, $udp), 0, $_)) } 23 .. 27),
                eth4(50, esp('des3', 0x100, 50, esp('aes', 0x300, 17, $udp))),
                eth4(51, h('04 04 0000 00000007 00000001') . $icv . $ping4),
                eth4(51, h('32 04 0000 00000007 00000001') . $icv . esp('aes', 0x300, 17, $udp)), eth4(50, esp('aes', 0x300, 51, h('11 01 0000 00000007 00000001') . $udp)),
                map({ eth4(132, pack('nnNN', $_, 2, 3, 4) . h('03000010 00000001 00010000 00000000')) } 1, 80), eth6(60, h('84 00 0104 00000000') . pack('nnNN', 80, 2, 3, 4) . h('03000010 00000001 00010000 00000000')),
                eth4(51, h('84 04 0000 00000007 00000001') . $icv . pack('nnNN', 1, 2, 3, 4) . h('03000010 00000001 00010000 00000000')),
                (map { my $in = $_; eth4(50, esp('aes', 0x300, $in->[0], $in->[1])) } [2, h('1600 0904 e0000005')], [89, h('0201 002c 01010101') . h('00') x 36], [132, pack('nnNN', 1, 2, 3, 4) . h('03000010 00000001 00010000 00000000')], [112, h('2101 6401 00 01 0000 c0000201')]);
};

# What tcpdump cannot decrypt or check: ciphers that it names and crashes of, digests behind more than one header.
$captures{'esp-more'} = sub {
        my $udp = udp(1000, 2000, 'hello');
        map({ eth4(50, esp(@$_, 17, $udp)) } [des => 0x400], [blowfish => 0x401], [cast => 0x402], ['' => 0x403]), eth4(50, esp('', 0x404, 17, $udp, icv => h('c0ffee') x 4)),
                eth4(50, esp('', 0x403, 6, signed(ip($v4[0]), ip($v4[1]), 0x18, 'data'))),
                eth6(60, h('06 00 0104 00000000') . signed(ip6($v6[0]), ip6($v6[1]), 2, '')), eth6(60, h('06 00 0104 00000000') . signed(ip6($v6[0]), ip6($v6[1]), 2, '', key => 'other'));
};

# Digests of RFC 2385 with the key "key": right, wrong, of data, over IPv6, of a source route.
sub signed {
        my ($from, $to, $flags, $payload, %o) = @_;
        my $six = length $from == 16;
        my $segment = tcp(1000, 179, $flags, $payload, h('0101 1312' . '00' x 16) . ($o{options} // ''));
        my $length = length $segment;
        my $pseudo = $from . $to . ($six ? pack('NN', $length, 6) : pack('nn', 6, $length));
        my $digest = md5($pseudo, substr($segment, 0, 20), $payload, $o{key} // 'key');
        substr($segment, 24, 16) = $digest;
        $segment;
}

$captures{'tcp-digests'} = sub {
        my ($from, $to) = map { ip($_) } @v4;
        my ($from6, $to6) = map { ip6($_) } @v6;
        eth4(6, signed($from, $to, 2, '')), eth4(6, signed($from, $to, 0x18, 'data')), eth4(6, signed($from, $to, 0x18, 'odd', options => h('0101080a 00000001 00000002'))),
                eth4(6, signed($from, $to, 0x18, 'data', key => 'other')), eth4(6, signed($from, ip('192.0.2.3'), 0x18, 'data')),
                eth4(6, signed($from, ip('192.0.2.3'), 0x18, 'data'), options => h('83 07 04 c0000203 00')), eth4(6, signed($from, $to, 0x18, 'data'), options => h('83 07 04 c0000203 00')),
                eth6(6, signed($from6, $to6, 2, '')), eth6(6, signed($from6, $to6, 0x18, 'data')), eth6(6, signed($from6, $to6, 0x18, 'data', key => 'other')),
                eth4(6, signed($from, $to, 0x18, 'data'), fragment => 0x2000),
                map({ my $size = $_; eth4(6, tcp(1000, 179, 2, '', pack('CC', 19, $size) . h('00') x ($size > 2 ? $size - 2 : 2) . h('00') x (-$size % 4))) } 2, 4, 17, 18, 19, 20), eth4(6, tcp(1000, 179, 2, '', h('1312 0000 0000 0000')));
};

1;
