# HSRP, RFC 2281: all operations and states, times, keys and groups; also version 2, which has the same port.
use strict;
use warnings;
our %captures;

# hsrp OPERATION, STATE, OPTIONS
sub hsrp { my ($operation, $state, %o) = @_; pack('C8', $o{version} // 0, $operation, $state, $o{hello} // 3, $o{hold} // 10, $o{priority} // 100, $o{group} // 1, $o{reserved} // 0) . ($o{key} // 'cisco' . h('000000')) . ip($o{address} // '192.0.2.100') }
sub hsrp4 { udp4(1985, 1985, $_[0], ttl => 1, to => '224.0.0.2') }

$captures{hsrp} = sub {
        (map({ hsrp4(hsrp($_, 16)) } 0 .. 4, 255), map({ hsrp4(hsrp(0, $_)) } 0 .. 33, 64, 255), map({ hsrp4(hsrp(0, 8, @$_)) } [hello => 0, hold => 0], [hello => 255, hold => 255], [priority => 0], [priority => 255, group => 255], [key => h('00' x 8)], [key => 'abcdefgh'], [key => h('01 80 ff 0a 41 00 42 43')], [address => '0.0.0.0'], [version => 1], [version => 2], [version => 255], [reserved => 9], [group => 0], [key => "a\tb c\"d\0"]),
                map({ hsrp4($_) } '', h('00'), substr(hsrp(0, 16), 0, 7), substr(hsrp(0, 16), 0, 16), hsrp(0, 16) . 'more', hsrp(1, 4) . h('041c 01000000') . 'x' x 24, h('0128 02000604 0001 020000000001 00000064 00000bb8 00002710 c0000264 00000000 00000000 00000000'), h('0200 0000')), udp4(1985, 50000, hsrp(0, 16)), udp4(50000, 1985, hsrp(0, 16)), udp4(2029, 2029, hsrp(0, 16)), udp6(2029, 2029, hsrp(0, 16)), udp6(1985, 1985, hsrp(2, 4)));
};
1;
