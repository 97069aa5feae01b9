# BGP: all messages and capabilities, well-formed and malformed, and what the other files of BGP use.
use strict;
use warnings;
our (%captures, $station);

sub bgp { my ($type, $body, $size) = @_; h('ff' x 16) . pack('nC', $size // 19 + length $body, $type) . $body }
sub bgp4 { eth4(6, tcp(179, 40000, 0x18, join '', @_)) }
sub capability { my ($code, $value) = @_; pack('CC', $code, length $value) . $value }
sub parameter { my ($type, $value) = @_; pack('CC', $type, length $value) . $value }
sub bgp_open { my ($parameters) = @_; bgp(1, h('04 fde8 00b4') . ip('192.0.2.1') . pack('C', length $parameters) . $parameters) }
sub capabilities { bgp_open(parameter(2, join '', @_)) }

sub attribute {
        my ($type, $value, $flags) = @_;
        $flags //= 0x40;
        $flags |= 0x10 if length $value > 255;
        pack('CC', $flags, $type) . pack($flags & 0x10 ? 'n' : 'C', length $value) . $value;
}

# bgp_update ATTRIBUTES, ROUTES, WITHDRAWN
sub bgp_update {
        my ($attributes, $routes, $withdrawn) = map { $_ // '' } @_[0 .. 2];
        bgp(2, pack('n', length $withdrawn) . $withdrawn . pack('n', length $attributes) . $attributes . $routes);
}
sub bgp_attribute { bgp4(bgp_update(attribute(@_))) }

$captures{'bgp-messages'} = sub {
        my $long = bgp(4, '');
        bgp4(bgp(4, '')), bgp4(bgp(4, ''), bgp(4, '')), bgp4(bgp(4, 'abc')), bgp4(bgp(0, '')), bgp4(bgp(6, 'abcd')), bgp4(bgp(255, '')),
                eth6(6, tcp(40000, 179, 0x18, bgp(4, ''))), bgp4('garbage in front', bgp(4, '')), bgp4('x' x 30), bgp4(h('ff' x 10)), bgp4(h('ff' x 16)), bgp4(h('ff' x 17)), bgp4(h('ff' x 18)),
                bgp4(h('ff' x 16), h('0000 04')), bgp4(h('ff' x 16), h('0012 04')), bgp4(h('ff' x 16), h('ffff 04')), bgp4(h('ff' x 16), h('1001 04')),
                bgp4(bgp(4, ''), 'x', bgp(4, '')), bgp4(bgp(4, '', 25), bgp(4, '')), bgp4('tail', 'x' x 18, h('ff' x 20)), bgp4(h('ff'), bgp(4, '')), bgp4(bgp(4, ''), h('ff' x 8)),
                # open
                bgp4(bgp_open('')), bgp4(bgp(1, h('03 0001 0000') . ip('10.0.0.1') . h('00'))), bgp4(bgp(1, h('04 fde8'))), bgp4(bgp(1, h('04 fde8 00b4') . ip('192.0.2.1') . h('20 02 04 0104'))), bgp4(bgp(1, h('04 fde8 00b4') . ip('192.0.2.1') . h('01 02'))),
                bgp4(bgp_open(parameter(1, h('01 02 03')))), bgp4(bgp_open(parameter(0, ''))), bgp4(bgp_open(parameter(2, ''))), bgp4(bgp_open(parameter(3, 'abc') . parameter(255, h('0003 02 0001 00')))), bgp4(bgp_open(parameter(2, capability(2, '')) . parameter(2, capability(65, h('0001 0203'))))),
                bgp4(bgp_open(h('02 0a 01 04'))), bgp4(bgp_open(h('02 02 01 40'))), bgp4(bgp_open(h('02 01 01'))), bgp4(bgp_open(h('02'))), bgp4(bgp_open(h('02 06 01 04 0001 0001 02'))),
                map({ my $code = $_; map { bgp4(capabilities(capability($code, $_))) } '', h('01'), h('0001'), h('0001 00'), h('0001 0001'), h('8078 0001 0180'), h('0002 0004 0000 0001 0100 0001'), h('0003 6162 63 0364 6566 0001 0203') } 0 .. 9, 64 .. 73, 128 .. 131, 184, 255),
                bgp4(capabilities(capability(64, h('4078 0001 01 80 0002 0104')))), bgp4(capabilities(capability(64, h('0078')))), bgp4(capabilities(capability(69, h('0001 01 01 0002 01 02 0001 80 03 0019 41 00 0001 01 09')))), bgp4(capabilities(capability(1, h('4004 0047')))),
                # notification
                map({ my $code = $_; map { bgp4(bgp(3, pack('CC', $code, $_))) } 0 .. 13 } 0 .. 9), bgp4(bgp(3, h('06'))), bgp4(bgp(3, '')), map({ bgp4(bgp(3, h('06') . $_)) } h('01 0001 01 00000064'), h('01 0001 01 0000'), h('01 0001 01 00000064 00'), h('01 4004 ff 0000ffff'),
                        (map { (h($_) . h('05') . 'bye' . h('00ff')), (h($_) . h('03') . 'bye'), h("$_ 00"), h("$_ 80") . 'x' x 128, h("$_ 81") . 'x' x 129, h("$_ 09") . 'short', h("$_ ff") . 'y' x 255, h("$_ 02 c3a9"), h("$_ 05 0a0d") . 'abc' } '02', '04', '03')),
                bgp4(bgp(3, h('02 06 0000'))), bgp4(bgp(3, h('05 00') . 'abc')),
                # route refresh
                map({ bgp4(bgp(5, $_)) } h('0001 00 01'), h('0001 01 01'), h('0001 02 01'), h('0001 ff 01'), h('0019 00 46'), h('0001 00'), '', h('0001 00 01 02 80 0004 00000000'), h('4004 00 47'), h('0000 00 00'));
};
1;
