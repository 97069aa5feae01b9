# Protocols where they are rarely carried: in GRE, with 3Com's EtherTypes, behind extension headers, in links that have no
# source address or a longer one, and in monitor mode below the cooked header.
use strict;
use warnings;
our (%captures, %link_types, $ping4, $ping6);

my $bytes = pack 'C*', 1 .. 60;
my $snap = sub { my ($type, $payload) = @_; h('aaaa03 000000') . pack('n', $type) . $payload };

$captures{'gre-protocols'} = sub {
        map { my $protocol = $_; map { eth4(47, pack('nn', 0, $protocol) . $_) } $bytes, "\0" x 44, h('0101'), '' } 0x00fe, 0x809b, 0x8137, 0x8847, 0x8848, 0xfefe;
};
$captures{'pppoe-3com'} = sub {
        map { my $type = $_; map({ ethernet($type, $_) } h('1109 0000 0004 0101 0000'), h('1100 0007 001e 0021') . $ping4, h('1100 00'), h('11a7 0007 0009 0101 0000 0203 0001 41'), "\0" x 40, h('1100 0007 0006 0281 00010140') . 'unknown') } 0x3c12, 0x3c13, 0x8864;
};
$link_types{'pppoe-link'} = 51;
$captures{'pppoe-link'} = sub {
        (map({ h('1100 0007 0030', $_) . $bytes } qw(0021 21 0057 8021 c021 0001 01 ff030021 ff030001 ff0301 fefe 4001 ff 03 0281)), h('1109 0000 0004 0101 0000'), h('1100 0007 0030'), h('1100 0007 0030 00'), h('1100 0007 001e 0021') . $ping4, h('1100 0007 001a 0281 00010140') . $bytes);
};
$captures{'behind-extensions'} = sub {
        my $header = h('0102 0304') . "\0" x 40;
        my $ah = sub { pack('CC', $_[0], 1) . "\0" x 10 . $_[1] };
        map { my $number = $_; (map { my $p = $_; eth4($number, $p), eth6($number, $p, raw => 1), eth4(51, $ah->($number, $p)), eth4(51, $ah->(51, $ah->($number, $p))), map({ eth6($_, pack('C', $number) . h('00 0104 0000 0000') . $p) } 0, 60), eth6(43, pack('C', $number) . h('00 0000 0000 0000') . $p), eth6(44, pack('C', $number) . h('00 0000 00000000') . $p), eth6(51, $ah->($number, $p)) } $header, substr($header, 0, 14), 'a') } 33, 113;
};
$captures{'l2tp-ip6'} = sub { map { udp4(1701, 1701, h('0002 0001 0002 ff03', $_ < 60 ? '0057' : '0021') . substr $_ < 60 ? $ping6 : $ping4, 0, $_ % 60) } 0 .. 41, 60 .. 81 };
$link_types{'ieee1394-stations'} = 138;
$captures{'ieee1394-stations'} = sub { map { my $type = $_; map { h('0001020304050607 08090a0b0c0d0e0f') . pack('n', $type) . $_ } $bytes, 'a', "\1" x 20 } 0x0707, 0x8947, 0x1111, 0x8899 };
$link_types{'atm-stations'} = 100;
$captures{'atm-stations'} = sub { map { my $type = $_; map { $snap->($type, $_) } $bytes, 'a', "\1" x 20 } 0x0707, 0x8947, 0x1111, 0x8899 };
$link_types{'arcnet-ipx'} = 7;
$captures{'arcnet-ipx'} = sub { map { h('0102 fa 00 0001') . $_ } $bytes, "\0" x 40, 'a' };

my $monitored = h('0000 0a00 00000000 0000 8000 0000 ffffffffffff 020000000002 020000000003 0000') . "\0" x 12 . h('0001 04') . 'test';
my @monitored = ($monitored, $ping4, map { substr $monitored, 0, $_ } 0 .. 60);
$link_types{'sll-monitor'} = 113;
$captures{'sll-monitor'} = sub { map { my $type = $_; map { pack('nnn', 0, 803, 6) . h('020000000001 0000') . pack('n', $type) . $_ } @monitored } 0x0800, 4, 1, 0x0019, 0x8100 };
$link_types{'sll2-monitor'} = 276;
$captures{'sll2-monitor'} = sub { map { my $type = $_; map { pack('nnNnCC', $type, 0, 1, 803, 0, 6) . h('020000000001 0000') . $_ } @monitored } 0x0800, 4, 0x8100 };

$captures{'macsec-short'} = sub {
        map { my ($flags, $inner) = @$_; map { my $short = $_; map { ethernet(0x88e5, pack('CC', $flags, $short) . h('00000001') . ($flags & 0x20 ? h('0708090a0b0c0d0e') : '') . substr($inner, 0, $_) . 'i' x 16) } 0 .. 5, 10, 30, 60 } 0 .. 7, 10, 20, 47, 48 } [1, h('0708') . $bytes], [0x20, h('0708') . $bytes], [1, h('8100 0005 0708') . $bytes], [1, h('0800') . $ping4], [1, h('0004 424203') . $bytes], [0, h('0008 aaaa03 000000 0800 4500')], [0, h('0008 aaaa03 000000 86dd 6000')];
};
$captures{'igmp-short'} = sub {
        my $trace = h('05 0000 e0000001 0a000001 0a000002 0a000003 40001234');
        (map({ my $type = $_; map { eth4(2, substr(chr($type) . $trace, 0, $_)) } 1 .. 24 } 0x1e, 0x1f), map { my $type = $_; map { eth4(2, pack('C', $type) . "\1" x $_) } 0 .. 12 } 0x01, 0x11 .. 0x17, 0x22, 0x99);
};
$captures{renumbering} = sub {
        map { my $code = $_; map { eth6(58, with_checksum(2, pack('CCnNCCnN', 138, $code, 0, 7, 5, $_, 100, $_ & 1))) } 0, 1, 7, 8, 16, 32, 64, 128, 255 } 0, 1, 7, 255;
};
$captures{'timed-times'} = sub {
        map { my $type = $_; map { my ($seconds, $micro) = @$_; udp4(525, 525, pack('CCnNN', $type, 1, 9, $seconds, $micro) . pack 'a64', 'host') } [1, 1000000], [1, 0x7fffffff], [5, 0x80000000], [0x80000000, 0], [0xfffffffb, 999], [0xfffffffb, 2000000], [0xffffffff, 1000000], [0xffffffff, 1000001], [0xffffffff, 0], [0x80000000, 2000000] } 1, 5;
};
$captures{'wb-port'} = sub { map { my $p = $_; map { udp4(@$_, $p) } [5, 4567], [4567, 5], [4567, 4567], [496, 4567], [8231, 4567], [4567, 17754] } $bytes, "\0" x 70, '' };

1;
