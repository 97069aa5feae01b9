# What --json names and other captures do not have: DNS records of many types, text that is no UTF-8, options of TCP and DHCP,
# messages of ICMP, GTP's user plane, fields of HTTP.
use strict;
use warnings;
our %captures;

sub name { join('', map { chr(length) . $_ } @_) . "\0" }
sub record { my ($type, $data, $name) = @_; ($name // h('c00c')) . pack('nnNn', $type, 1, 3600, length $data) . $data }

# answer NAME, RECORD...
sub answer { my ($name, @records) = @_; udp4(53, 50153, pack('n6', 7, 0x8400, 1, scalar @records, 0, 0) . $name . pack('nn', 255, 1) . join '', @records) }

sub tcp4 { my ($from, $to, $sequence, $flags, $options, $payload) = @_; eth4(6, pack('nnNNCCnnn', $from, $to, $sequence, 1, (20 + length $options) / 4 << 4, $flags, 1000, 0, 0) . $options . $payload) }

$captures{fields} = sub {
        my $www = name('www', 'example', 'org');
        my $inner = ipv4(1, with_checksum(2, pack('CCnnn', 8, 0, 0, 7, 1) . 'abcd'));
        (answer($www, record(2, name('ns')), record(6, name('ns') . name('hostmaster') . pack('N5', 1 .. 5)), record(13, "\3cpu\2os"),
                record(35, pack('nn', 1, 2) . "\1u\7E2U+sip\5!a!b!" . name('x')), record(39, name('other')), record(43, pack('nCC', 1, 8, 2) . 'digest'),
                record(44, pack('CC', 1, 2) . 'print'), record(46, pack('nCCNNNn', 1, 8, 3, 3600, 1, 2, 3) . name('org') . 'sig'), record(47, name('b') . h('000140')),
                record(48, pack('nCC', 257, 3, 8) . 'key'), record(52, pack('CCC', 3, 1, 1) . 'hash'), record(65, pack('n', 1) . name('svc')),
                record(99, "\4spf1"), record(257, "\0\5issueca.example")),
                answer(name("b\\c", "\xc3\xa9\xff", "a\"\x01\xc2\x9b"), record(16, "\4\xe2\x82\xac!\2\xe2\x82")),
                map({ udp4(2152, 2152, $_) } h('30ff') . pack('nN', length $inner, 0x1234) . $inner,
                        h('36ff') . pack('nN', 8 + length $inner, 5) . h('0001 00 85 01 0010 00')
                        . $inner, h('3001 0000 00000000'), h('36ff 0010 00000001 0000 00 85 00')),
                tcp4(1000, 2000, 100, 0x10, h('0101 050a 00000001 00000002'), 'x'), tcp4(1000, 2000, 101, 0x10, h('1c04 8005 1d06 0102 aabb 0000'), ''),
                map({ tcp4(1001, 2000, $_, 2, '', '') } 1, 1, 99), tcp4(1002, 2000, 1, 0x10, h('0101 0512 00000001 00000002 00000005 00000009'), ''),
                (map { eth4(1, with_checksum(2, $_)) } h('0501 0000 c0000202') . ipv4(17, udp(1, 2, 'abc')), h('0d00 0000 0001 0002 00000001 00000000 00000000'),
                        h('1200 0000 0001 0002 ffffff00')),
                map({ eth6(58, $_) } h('8300 0000 0000 0000') . ip6('ff02::1:3'), h('8900 0000 00000000') . ip6('fe80::1') . ip6('2001:db8::9') . h('0201 020000000002')),
                tcp4(1003, 80, 1, 0x18, '', "GET /a\\b?\xc3\xa9\xff HTTP/1.1\r\nHost: [2001:db8::1]\r\nUser-Agent:  \"curl\"\t\r\nReferer: /\r\nHost: twice\r\nConnection: close\r\n\r\n"),
                tcp4(80, 1003, 1, 0x18, '', "HTTP/1.1 301 Moved Permanently\r\nLocation: https://example.org/\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nContent-Length: 12x\r\n\r\n"),
                udp4(68, 67, pack('CCCCNnnN4', 1, 1, 6, 0, 9, 0, 0, 0, 0, 0, 0) . mac('02:00:00:00:00:01') . "\0" x 202 . h('63825363 350101 2c04 c0000205 5208 0102 4142 0202 4344 7205') . 'http:'
                        . h('9604 c0000206 a104') . 'mud:' . h('7705 036f7267 00 0c07') . "a\xffhost\0" . h('ff')));
};
1;
