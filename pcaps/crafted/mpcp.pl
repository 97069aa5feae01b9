# MAC control: pause, and every message of the multipoint control protocol.
use strict;
use warnings;

our %captures;

$captures{mpcp} = sub {
        my $control = sub { ethernet(0x8808, h(@_), to => mac('01:80:c2:00:00:01')) };
        (map({ $control->($_) } '', '00', '0001', '0001ffff', '0001 ffff', '00', '0002', '0002 0000', '0001 00000000', '0001 0001', '00' x 42), map({ $control->(sprintf('%04x', $_), '00000001') } 0 .. 8, 65535),
                $control->('0002 00000001 4f', '00000002 0003' x 7), map({ $control->('0002 00000001', sprintf('%02x', $_), '00000002 0003' x ($_ & 7), '1234', '00' x 20) } 0 .. 8, 0x19, 0x21, 0x40, 0x84, 0xf4),
                $control->('0003 00000001 02 01 00 0001 0002 03 ff 0003', '0004' x 7), $control->('0003 00000001 04 03 0001 0002 ff', '0003' x 8, '00 80 1234'), $control->('0003 00000001 01 ff'), $control->('0003 00000001 00'), $control->('0003 00000001 02 03 0001'),
                map({ $control->('0004 00000001', sprintf('%02x', $_), '10', '00' x 30) } 0 .. 8, 255), map({ $control->('0005 00000001 0007', sprintf('%02x', $_), '0010 10', '00' x 30) } 0 .. 8, 255), map({ $control->('0006 00000001 0007', sprintf('%02x', $_), '0010', '00' x 30) } 0 .. 3, 255));
};

1;
