# LISP's control messages, RFC 6833: Map-Register and Map-Notify with their records, the others by name.
use strict;
use warnings;
our %captures;

sub lisp { udp4(4342, 4342, join '', @_) }
sub lisp_register { my ($first, $records, %o) = @_; lisp(pack('CCCCN2nn', $first, $o{a} // 0, $o{b} // 1, $o{count} // 1, 1, 2, $o{key} // 1, length($o{auth} // '')) . ($o{auth} // '') . $records . ($o{tail} // '')) }
sub lisp_eid { my ($afi, $eid, $locators, %o) = @_; pack('NCCnnn', 1440, $o{count} // 1, $o{mask} // 32, $o{act} // 0x1000, $o{version} // 5, $afi) . $eid . $locators }
sub lisp_locator { my ($afi, $address, $flags) = @_; pack('CCCCnn', 1, 100, 2, 50, $flags // 5, $afi) . $address }

$captures{lisp} = sub {
        my ($l4, $l6) = (lisp_locator(1, ip('192.0.2.9')), lisp_locator(2, ip6('2001:db8::9')));
        my $eid = lisp_eid(1, ip('10.0.0.0'), $l4);
        (map({ lisp(chr($_ << 4) . 'x' x 40) } 0 .. 15), map({ lisp_register($_, $eid, auth => 'a' x 20) } 0x30, 0x40, 0x38, 0x48, 0x3f, 0x4f, 0x34, 0x32, 0x31), map({ lisp_register(0x30, $eid, b => $_) } 0, 1, 2, 4, 8, 0x10, 0x80, 0xff), map({ lisp_register(0x30, $eid, a => $_) } 1, 0x80, 0xff), map({ lisp_register(0x40, $eid, a => $_, b => $_) } 1, 0x80, 0xff), map({ lisp_register(0x30, $eid, key => $_) } 0 .. 4), map({ lisp_register(0x30, $eid, count => $_) } 0, 2, 255), lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), $l4 . $l6, count => 2)), lisp_register(0x30, lisp_eid(2, ip6('2001:db8::'), $l4, mask => 64)), lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), '', count => 0)), map({ lisp_register(0x30, lisp_eid($_, ip('10.0.0.0'), $l4)) } 0, 3, 6, 16387), lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), lisp_locator(0, ''))), lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), lisp_locator(3, 'abcdef'))), map({ lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), lisp_locator(1, ip('192.0.2.9'), $_))) } 0, 1, 2, 4, 7, 8, 0xffff), map({ lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), $l4, act => $_)) } 0, 0x2000, 0x4000, 0x6000, 0x8000, 0xa000, 0xe000, 0x1000, 0x0fff), map({ lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), $l4, version => $_)) } 0, 0x0fff, 0xf001), map({ lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), $l4, mask => $_)) } 0, 33, 255), lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), $l4, count => 5)), lisp_register(0x30, lisp_eid(1, ip('10.0.0.0'), $l4, count => 0)),
                lisp_register(0x38, $eid, auth => 'a' x 20, b => 1, tail => 'x' x 24), lisp_register(0x38, $eid, tail => 'x' x 23), lisp_register(0x30, $eid . $eid, count => 2), lisp_register(0x48, $eid, b => 3, auth => 'k' x 32, tail => bytes(24)), lisp(''), lisp('3'), lisp(h('30000001')), lisp_register(0x30, ''), lisp_register(0x30, 'x' x 11), lisp(pack('CCCCN2nn', 0x30, 0, 1, 1, 1, 2, 1, 1000)), udp4(40000, 4342, h('30')), udp4(4341, 4341, h('80000001 00000000') . ipv4(17, udp(1, 2, 'a'))), udp4(40000, 4341, h('80000001 00000000') . ipv4(17, udp(1, 2, 'a'))), udp6(4342, 4342, h('30000001')));
};
1;
