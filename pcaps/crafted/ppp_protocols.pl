# PPP: every protocol number with a name, and others; multilink PPP; frames as they are sent, with escapes.
use strict;
use warnings;

our (%captures, %link_types, $ping4, $ping6);

my @numbers = (map({ hex } qw(0021 0023 0025 0027 0029 002b 002d 002f 0031 0033 0035 003d 003f 0057 00fd 0201 0231 0233 0281 0283 0800 2100 2f45 3d00 5760 7e00 7e21 8021 8023 8025 8027 8029 802b 8033 8035 803f 8057 80fd 8137 8281 86dd c021 c023 c025 c027 c02b c02d c03d c123 c223 c227 c281 ff03 ff04 fefe)));
my @multilink = map { h('003d', $_) } 'c0010203', '8000 04', '4fff 04', '3000', '00', '';
my $escaped = sub { my ($bytes) = @_; $bytes =~ s/([\x00-\x1f\x7d\x7e])/"\x7d" . chr(ord($1) ^ 0x20)/ges; "\x7e$bytes" };
my @framed = (map({ $escaped->(h($_->[0]) . $_->[1]), "\x7e" . h($_->[0]) . $_->[1] } ['21', $ping4], ['57', $ping6], ['ff03 0021', $ping4], ['0021', $ping4], ['ff03 0057', $ping6], ['ff03 c021 0101 0008 0104 05dc', ''], ['c021 0101 0008 0104 05dc', ''], ['ff03 8021 0101 0004', ''], ['ff04 0021', $ping4], ['ff03 21', $ping4], ['7e22', 'x' x 20], ['003d c001', 'y' x 5], ['003d', ''], ['1234', 'unknown'], ['ff03', ''], ['', '']), "\x7e\x7d", "\x7e!E\x7d", $escaped->(h('21') . $ping4) . "\x7e", $escaped->("\x21" . substr $ping4, 0, 19));
my $payload = h('0101 0008 0104 05dc');
my @inner = (map({ my $number = pack 'n', $_; map { $number . $_ } $ping4, $payload, '' } @numbers), @multilink, @framed, map { my $packet = $_; map { substr $packet, 0, $_ } 1 .. length $packet } $multilink[0], $framed[0], $framed[4], $framed[10]);
$link_types{'ppp-protocols'} = 9;
$captures{'ppp-protocols'} = sub { (@inner, map { h('ff03') . $_ } @inner[0 .. 8], @multilink, @framed) };
$link_types{'ppp-serial-protocols'} = 50;
$captures{'ppp-serial-protocols'} = sub { map { h('ff03') . $_ } @inner };

# The options of configuration messages that name no address, and IP header compression with its suboptions.
sub configure { my ($protocol, $options) = @_; pack('nCCn', $protocol, 1, 1, 4 + length $options) . $options }
my @values = map { h($_) } '', '01', 'a55a', '78ff 01', '8841 0203';
$link_types{'ppp-options'} = 9;
$captures{'ppp-options'} = sub { my $compression = h('0061 0001 0002 0003 0004 0005'); my @suboptions = map { h($_) } '', '01', '0102', '0202', '0303 00', '0104 6162 0203 07', '0002', '0100', '0101', '0102 0305 01', '0102 0102 0102', '00'; my $address = h('0306 c0000201');
        (map({ my $type = $_; map { configure(0x80fd, tlv($type, $_)), configure(0x80fd, tlv($type, $_) . tlv(1, '')) } @values } 0 .. 3, 16 .. 27, 255), map({ my $type = $_; map { configure(0xc02b, tlv($type, $_)), configure(0xc02b, tlv($type, $_) . tlv(1, h('01020304'))) } @values } 0 .. 2), map({ configure(0xc021, tlv(30, $_)) } @values), map({ my $option = tlv(2, $compression . $_); configure(0x8021, $option . $address), configure(0x8021, $address . $option . $address) } @suboptions), map({ configure(0x8021, tlv(2, substr($compression, 0, $_)) . $address) } 1 .. 11), map({ configure(0x8021, tlv(2, h($_)) . $address) } '002d', '002d 0f01', '1234'), map { my $packet = $_; map { substr $packet, 0, $_ } 4 .. length $packet } configure(0x80fd, tlv(21, 'a') . tlv(24, 'ab') . tlv(26, 'ab')), configure(0xc02b, tlv(1, 'abcd') x 2), configure(0x8021, tlv(2, $compression . h('0102 0203 07')) . $address)) };
sub tlv { my ($type, $value) = @_; pack('CC', $type, 2 + length $value) . $value }

# A rejected packet with more behind the message, and with less than it says; an option of two addresses, cut in each;
# vendors by their organization's number.
$link_types{'ppp-rejects'} = 9;
$captures{'ppp-rejects'} = sub {
        my $reject = sub { my ($length, $rest) = @_; h('ff03 c021 0801') . pack('n', $length) . h($rest) };
        my $addresses = configure(0x8021, h('010a c0000201 c0000202'));
        my $vendor = sub { my ($number) = @_; (h('c021 0001 000c 00000000') . $number . 'x', configure(0xc021, tlv(0, $number . 'x'))) };
        (map({ $reject->($_, '8057 0101 0004 5701 0100 04aa bbcc ddee ff00') } 6, 7, 10, 18), captured(-3, $reject->(10, '8057 0101 0004')), captured(-3, $reject->(14, '8057 0101 0004 0102 0304')),
                map({ captured($_, $addresses) } 6 .. length $addresses), map { $vendor->(h($_)) } '000000', '000001', '000009', '00000c', '00005e', '0080c2');
};

1;
