# Kerberos: version 4's messages, and the others, of which only the version is shown.
use strict;
use warnings;
our %captures;

sub krb { udp4(40000, 88, join '', @_) }
sub krb4 { my ($type, $order, $body) = @_; krb(pack('CC', 4, $type << 1 | $order) . $body) }

$captures{kerberos} = sub {
        my ($user, $time) = ("user\0inst\0REALM.EXAMPLE\0", pack 'N', 1700000000);
        (map({ krb(chr($_) . "\x02abc") } 0 .. 7, 0x6a, 0x6b, 0x6c, 0x60, 0x7e, 255), map({ my $order = $_; (map({ krb4($_, $order, $user . $time . chr(5) . "krbtgt\0REALM\0") } 0 .. 20), krb4(1, $order, "user\0\0REALM\0" . $time . chr(0) . "krbtgt\0\0"), krb4(1, $order, "user\0\0REALM\0" . $time . chr(255) . "svc\0i\0"), krb4(1, $order, "\0\0\0" . $time . chr(9) . "\0\0"), krb4(1, $order, "u"), krb4(1, $order, "user\0inst\0realm"), krb4(1, $order, "us\x01\xffer\0inst\0realm\0" . $time . chr(3) . "svc\0i\0more"),
                krb4(2, $order, $user . $time . chr(1) . pack('N', 5) . chr(7) . pack($order ? 'v' : 'n', 12) . 'ciphertext12'), krb4(2, $order, "user\0\0REALM\0" . 'x' x 12 . pack($order ? 'v' : 'n', 300)), krb4(3, $order, chr(7) . "REALM\0" . chr(20) . chr(10) . 'ticket'), krb4(4, $order, chr(255) . "REALM\0" . chr(200) . chr(100) . 'ticket'), (map { krb4(5, $order, "user\0inst\0REALM\0" . $time . pack($order ? 'V' : 'N', $_) . "error text\0") } 0 .. 12, 20 .. 30, 31 .. 40, 51 .. 64, 70 .. 80, 255), krb4(5, $order, "user\0\0REALM\0" . $time . pack($order ? 'V' : 'N', 2) . "no nul"), krb4(6, $order, 'private'), krb4(7, $order, 'safe'), krb4(8, $order, 'error')) } 0, 1), krb(''), krb(chr 4), krb(chr(4) . chr(2)), udp4(88, 40000, h('6b81') . 'x' x 40), udp4(750, 40000, h('0402') . "u\0\0r\0aaaa5s\0i\0"), udp4(40000, 750, h('0402') . "u\0\0r\0aaaa5s\0i\0"), udp4(751, 40000, h('0402') . "u\0\0r\0aaaa5s\0i\0"), udp6(40000, 88, h('6a81') . 'x' x 40));
};
1;
