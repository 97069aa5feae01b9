# Sun RPC (RFC 5531) and its port mapper (RFC 1833): to port 111, and as -T rpc shows it.
use strict;
use warnings;
our %captures;
$captures{sunrpc} = sub {
        my $call = sub { my ($program, $version, $procedure, $arguments, %o) = @_; pack('N6', $o{xid} // 0x1234, $o{direction} // 0, $o{rpc} // 2, $program, $version, $procedure) . ($o{auth} // pack('NNNN', 0, 0, 0, 0)) . $arguments };
        my $getport = pack('N4', 100003, 3, 17, 0);
        my @c = ((map { my $v = $_; map { $call->(100000, $v, $_, $getport) } 0..8, 255 } 1..4), (map { $call->($_, 2, 1, $getport) } 100000..100030, 100200, 300019, 0, 1), $call->(100000, 2, 3, $getport, rpc=>3), $call->(100000, 2, 3, $getport, direction=>1), $call->(100000, 2, 3, $getport, direction=>2), $call->(100000, 2, 5, pack('N3', 100005, 3, 1)),
         $call->(100000, 2, 3, $getport, auth => pack('NN', 1, 8).'abcdefgh'.pack('NN',0,0)),$call->(100000, 2, 3, $getport, auth => pack('NN', 1, 7).'abcdefgh'.pack('NN',2,5).'zyxwvuts')  );
        (map({ udp4(700, 111, $_) } @c), udp4(111, 700, $c[0]), udp4(111, 700, pack('N6', 0x1234, 1, 0, 0, 0, 0) . pack('N', 2049)), udp4(111,111,$c[3]), udp6(700, 111, $c[3]), udp6(111, 700, $c[3]),eth4(6, tcp(700, 111, 0x18, pack('N', 0x80000038).$c[3])),eth4(6, tcp(700, 111, 0x18, $c[3])),eth4(6, tcp(111,700, 0x18, $c[3])));
};
