# AppleTalk: AARP; DDP with RTMP, NBP, ATP and others, on Ethernet, behind SNAP and on LocalTalk.
use strict;
use warnings;
our (%captures, %link_types);

sub ddp { my ($protocol, $payload) = @_; pack('nnnnC5', 13 + length $payload, 0, 0x1234, 0x0102, 0x33, 0x44, 0x81, 0x82, $protocol) . $payload }
sub ddp_short { my ($protocol, $payload) = @_; pack('nC3', 5 + length $payload, 2, 0xfe, $protocol) . $payload }
sub nbp_tuple { my ($address, @strings) = @_; h($address) . join '', map { chr(length) . $_ } @strings }
sub atp { my ($control, $bitmap, $user, $data) = @_; pack('CCnN', $control, $bitmap, 0x1234, $user) . $data }
sub aarp { my ($operation, $form) = @_; h($form // '0001 809b 0604') . pack('n', $operation) . h('020000000001 00 0102 05 020000000002 00 0304 06') }

my $tuple = nbp_tuple('1234 05 06 07', 'printer', 'LaserWriter', '*');
my @names = (
        map({ my $control = $_; map { chr($control) . h('09') . $_ } $tuple, $tuple . nbp_tuple('0102 44 82 01', 'o', 't', 'z'), '' } 0x10, 0x11, 0x20, 0x21, 0x22, 0x30, 0x31, 0x32, 0x3f, 0x41), map({ h('21 09') . nbp_tuple($_, '=', 'x', '*') } '0000 00 00 00', '0000 00 01 00', '0000 01 00 01', '0001 00 00 00'),
        map({ h('31 09') . nbp_tuple($_, '=', 'x', '*') } '0102 44 82 01', '0102 44 82 00', '0102 45 82 01', '0103 44 82 01', '0000 02 fe 01'), h('31 09') . nbp_tuple('0102 44 82 01', 'a@b', "x:\n\xff", ''), h('31 09') . nbp_tuple('0102 44 82 01', 'a' x 33, 'b', 'c'), map({ substr h('21 09') . $tuple, 0, $_ } 7 .. 12, 20), h('32 09') . $tuple . h('0102'),
);
my @transactions = (map({ my $control = $_; map { atp($control, 0x0f, 0x01020304, $_) } '', 'data' } map { $_ * 8 } 0 .. 31), map({ my $bitmap = $_; map { atp($_, $bitmap, 0, '') } 0x40, 0x80, 0xc0 } 0 .. 9, 0x7f, 0x80, 0xfe, 0xff), substr(atp(0x40, 1, 1, ''), 0, 7));
my @ddp = (map({ ddp($_, 'payload') } 0, 1, 4 .. 8, 22, 23, 75, 255), map({ ddp(2, $_) } @names), map { ddp(3, $_) } @transactions);
$captures{appletalk} = sub { map({ ethernet(0x809b, $_) } @ddp, '', substr $ddp[0], 0, 12), map({ llc(mac('09:00:07:ff:ff:ff'), h('aaaa03 080007 809b') . $_) } @ddp[0, 9, 40]), llc(mac('09:00:07:ff:ff:ff'), h('aaaa03 000000 80f3') . aarp(1)), map({ ethernet(0x80f3, aarp($_)) } 0 .. 4), map({ ethernet(0x80f3, aarp(1, $_)) } '0002 809b 0604', '0001 0800 0604', '0001 809b 0504', '0001 809b 0603'), ethernet(0x80f3, h('0001 809b')) };
$link_types{localtalk} = 114;
$captures{localtalk} = sub { map({ h('01 02 02') . $_ } @ddp[0 .. 20], substr $ddp[0], 0, 12), map({ h('01 02 01') . $_ } map({ ddp_short($_, 'payload') } 1, 5, 99), map({ ddp_short(2, $_) } @names), ddp_short(3, $transactions[20]), h('0005 01 02')), map({ captured($_, h('0102 01 0007 02fe 01 00')) } 4 .. 8), map({ h('01 ff') . chr($_) . 'ab' } 0, 3, 0x81, 0x82, 0x84, 0x85), h('01 02'), h('01') };
1;
