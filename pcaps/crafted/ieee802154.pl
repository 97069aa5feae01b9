# IEEE 802.15.4: frames of all types with all kinds of addresses, secured or not, with information elements of header and payload;
# beacons, commands; the TAP header.
use strict;
use warnings;
our (%captures, %link_types);

# The frame check sequence, 7.2.10; and the long one, as tcpdump has it.
sub check_of {
        my ($frame, $polynomial) = @_;
        my $check = 0;
        for my $byte (unpack 'C*', $frame) {
                $check ^= $byte;
                $check = $check >> 1 ^ ($check & 1 ? $polynomial : 0) for 1 .. 8;
        }
        $check;
}
sub with_fcs { my ($frame) = @_; $frame . pack 'v', check_of($frame, 0x8408) }
sub with_long_fcs { my ($frame) = @_; $frame . pack 'V', check_of($frame, 0xedb88320) }
sub lowpan { my ($control, $rest) = @_; pack('v', $control) . h('55') . $rest }
sub header_element { my ($id, $data) = @_; pack('v', $id << 7 | length $data) . $data }
sub payload_element { my ($group, $data) = @_; pack('v', 0x8000 | $group << 11 | length $data) . $data }

my $text = 'abcdefghijklmnopqrstuvwxyz0123456789';
my $elements = header_element(0x7e, '') . payload_element(1, h('021a 0102 0388 010203')) . payload_element(15, '');
my @frames = (
        map({ lowpan($_, $text) } 0 .. 7), map({ my $high = $_; map { my $low = $_; map { lowpan(1 | $_ << 12 | $high << 8 | $low, $text) } 0, 1, 2 } 0, 0x40 } map { my $source = $_; map { $source << 6 | $_ << 2 } 0, 2, 3 } 0, 2, 3),
        lowpan(0x0401, $text), lowpan(0x4001, $text), lowpan(0x0101, $text), lowpan(0x2101, $text), lowpan(0x3841, $text), map({ lowpan(1 | 1 << $_, $text) } 3 .. 15), lowpan(0x2079, h('25') . $text), with_fcs(lowpan(0x8841, $text)), with_fcs(lowpan(2, '')), lowpan(2, ''),
        map({ my $mode = $_ << 3; map { lowpan(9, chr($mode | $_) . $text) } 0 .. 7, 0x25, 0xc2 } 0 .. 3), with_fcs(lowpan(9, h('0d 01020304 07') . $text)), with_fcs(lowpan(0x2209, h('25') . header_element(0x1e, h('0102')) . $text . h('0102'))), lowpan(0x2209, h('25') . $elements . $text), with_fcs(lowpan(0x2209, h('25') . $elements . $text)), lowpan(9, h('2f 01') . 'short'),
        map({ lowpan(0x2201, header_element($_, h('0102030405')) . header_element(0x7f, '') . $text) } 0, 1, 0x19 .. 0x2c, 0x80, 0xff), lowpan(0x2201, $elements . $text), lowpan(0x2201, header_element(0x1a, '') . header_element(0x7e, 'x') . join('', map { payload_element($_, 'ab') } 0 .. 14) . payload_element(15, '') . $text),
        lowpan(0x2201, header_element(0x1e, h('0102'))), lowpan(0x2201, ''), lowpan(0x2201, payload_element(1, 'ab')), lowpan(0x2201, header_element(0x7e, '') . header_element(5, 'ab')), lowpan(0x2201, header_element(0x1e, h('0102')) . h('01')), lowpan(0x2201, header_element(0x7e, '') . h('ff')),
        map({ lowpan(0, pack('v', $_) . h('00 00') . $text) } 0xffff, 0x1000, 0x4000, 0x8000, 0x0321), map({ lowpan(0x8000, h('0302 0100 46cf') . $_) } h('01 05 0100 93 11 aaaa 0102030405060708') . 'rest', h('83 ff 0100 11 0200 22 0300 33 00'), h('00 23') . $text, h('07 7f') . 'x' x 21 . h('77') . 'y' x 80, h('01 00'), h('00 70') . 'short'),
        map({ my $id = chr; map { lowpan(3, $id . $_) } '', 'a', "\x86", 'abc', 'abcdefg', "abcdefg\x81", "abcdefg\x05", 'abcdefghi' } 0 .. 12, 0x13, 0x1c, 0x20, 0x24, 0x25, 255), map({ with_fcs(lowpan(3, h("03 0$_"))) } 0 .. 4), map({ lowpan(3, h('02 3412') . chr) } 0 .. 4, 0x80), map({ with_fcs(lowpan(3, h('01') . chr)) } 0, 0xff), map({ lowpan(3, h('09') . chr) } 0x0f, 0x1f, 0x2f, 0x3f, 0xff), with_fcs(lowpan(3, h('04'))),
        map({ pack('v', 5 | $_) . h('55') . $text } 0, map { 1 << $_ } 3 .. 7), map({ pack('v', 13 | $_) . h('55') . $text } 0, 0xdff0, 0x02a0, 0x01b0, 0x09e0, map { 1 << $_ } 4 .. 15), pack('v', 0x820d) . h('55 25') . $elements . $text, h('05'), h('0d'), h('0500'), h('0500 01'), with_fcs(h('a5 55 1122 3344') . $text),
);
sub lowpan_tap { my ($fields, $frame) = @_; h('0000') . pack('v', 4 + length $fields) . $fields . $frame }
my $frame = with_fcs(lowpan(0x8841, 'x' x 20));
my @tap = (
        lowpan_tap('', $frame), lowpan_tap(h('0000 0100 01000000'), $frame), lowpan_tap(h('0000 0100 02000000 0100 0400 00004842 0300 0300 0b000000'), $frame), lowpan_tap('', lowpan(0x0401, '')), h('0100 0400') . $frame, h('0001 0400') . $frame, h('0000 0300') . $frame, h('0000 0000') . $frame, h('0000 ff00') . $frame,
);
@link_types{qw(ieee802154 ieee802154-nofcs ieee802154-tap)} = (195, 230, 283);
push @frames, with_long_fcs(lowpan(1, $text)), with_long_fcs(lowpan(0, h('0000 00 00'))), map { "\0" x $_ } 1 .. 14;
$captures{ieee802154} = sub { @frames };
$captures{'ieee802154-nofcs'} = sub { @frames[0 .. 20], $frame };
$captures{'ieee802154-tap'} = sub { @tap };
1;
