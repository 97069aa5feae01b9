# RTP and RTCP, RFC 3550, which -T rtp and -T rtcp show; vat on its port.
use strict;
use warnings;
our %captures;

sub rtp { my ($first, $second, $rest) = @_; udp4(40000, 40002, pack('CCnNN', $first, $second, 5, 160, 0x01020304) . $rest) }

$captures{rtp} = sub {
        my $sr = pack('NNNNN', 0x83aa7e80, 0x80000000, 160, 100, 16000);
        my $block = sub { pack('NCCnNNNN', 0x05060708, $_[0], 0, $_[1], $_[2], $_[3], 0x00018000, 0x00020000) };
        my $rtcp = sub { my ($type, $count, $body, %o) = @_; pack('CCn', ($o{first} // 0x80) | $count, $type, $o{words} // length($body) / 4) . $body };
        my $ssrc = pack 'N', 0x01020304;
        # Version 1, whose options end with one that has the highest bit set.
        my @old = (map({ udp4(40000, 40002, h('40', $_, '0102 03040506 0708090a')) } qw(07 47 87 c7 27)), map { udp4(40000, 40002, h('4087 0102 03040506', $_)) } '01020304 05060708', '81010000 aabbccdd', '81020000 aabbccdd 11223344', '01010000 81010000 00112233', '01010000 01010000 00112233', '01000000 81010000', '81ff0000 11', '8001', '', '01020000 aabbccdd 81010000 1122');
        my @items = map { pack('CC', $_, 4) . 'name' } 0 .. 9;
        (@old, map({ rtp(0x80, $_, 'payload') } 0 .. 40, 63, 64, 72 .. 77, 95, 96, 127, 0x80, 0xff), map({ rtp($_, 0, 'x' x 40) } 0, 0x40, 0xc0, 0x90, 0xa0, 0xb0, 0x81, 0x82, 0x8f, 0xbf), rtp(0x90, 0, pack('nnN', 0xbede, 1, 7) . 'data'), rtp(0x90, 0, pack('nn', 1, 100)), rtp(0xa0, 0, 'data' . h('000003')), rtp(0x82, 0, pack('NN', 1, 2) . 'data'), rtp(0x80, 0, ''), udp4(40000, 40002, ''), udp4(40000, 40002, 'a'), udp4(40000, 40002, h('8000')), udp4(40000, 40002, h('8000 0005 0000')),
                map({ udp4(40001, 40003, $_) } $rtcp->(200, 0, $ssrc . $sr), $rtcp->(200, 1, $ssrc . $sr . $block->(10, 5, 1000, 30)), $rtcp->(201, 0, $ssrc), $rtcp->(201, 1, $ssrc . $block->(255, 0xffff, 0xffffffff, 1)), $rtcp->(201, 2, $ssrc . $block->(0, 0, 1, 1) . $block->(1, 1, 2, 2)), $rtcp->(202, 1, $ssrc . $items[1] . h('0000')), $rtcp->(202, 2, $ssrc . $items[1] . h('0000') . $ssrc . join('', @items[2 .. 8]) . h('0000')), $rtcp->(203, 1, $ssrc), $rtcp->(203, 2, $ssrc x 2 . h('06') . 'reason' . "\0"), $rtcp->(204, 0, $ssrc . 'name' . 'data'), map({ $rtcp->($_, 1, $ssrc . 'x' x 12) } 192 .. 199, 205 .. 209), $rtcp->(201, 0, $ssrc) . $rtcp->(202, 1, $ssrc . $items[1] . h('0000')), $rtcp->(200, 0, $ssrc . $sr, first => 0xa0), $rtcp->(200, 0, $ssrc . $sr, first => 0), $rtcp->(200, 0, $ssrc . $sr, words => 100), $rtcp->(200, 0, $ssrc . $sr, words => 0), $rtcp->(200, 5, $ssrc . $sr), '', 'abc', h('80c80006')), map({ udp4(40000, 3456, $_) } '', 'a', h('0102'), h('8001 0005 0000000a 01020304') . 'x' x 20, h('0001 0203 0405 0607 0809'), h('4203 00ff') . 'audio' x 4, h('ff' x 8), h('c1020304') . 'x' x 10));
};
1;
