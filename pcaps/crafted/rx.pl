# Rx, the remote procedure calls of AFS: packets of all types, and the calls of the services.
use strict;
use warnings;
our %captures;

# rx PORTS, TYPE, FLAGS, BODY: a packet of call 5 of service 1.
sub rx { my ($from, $to, $type, $flags, $body, %o) = @_; udp4($from, $to, pack('NNNNNCCCCnn', 1, $o{cid} // 0x1000, $o{call} // 5, $o{seq} // 1, $o{serial} // 1, $type, $flags, $o{status} // 0, $o{security} // 0, 0, $o{service} // 1) . $body) }
my $name = sub { pack('N', length $_[0]) . $_[0] . "\0" x (-length($_[0]) % 4) };

$captures{rx} = sub {
        my $fid = pack 'NNN', 536870915, 7, 9;
        (map({ rx(7001, 7000, $_, 1, 'x' x 40) } 0 .. 15, 255), map({ rx(7001, 7000, 1, $_, pack('N', 130) . $fid) } 0, 1, 2, 4, 8, 16, 32, 64, 128, 255), map({ rx(7001, 7000, 1, 1, pack('N', 130) . $fid, @$_) } [seq => 2], [seq => 0], [serial => 9], [security => 2], [status => 3], [service => 0xffff], [call => 0]));
};
1;
