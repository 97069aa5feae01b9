# NFS 2 and 3 (RFC 1094, 1813) over Sun RPC (RFC 5531), UDP and TCP: calls and replies, whole, wrong and cut short.
use strict;
use warnings;
our %captures;

my $xid = 100;
sub rpc_call { my ($program, $version, $procedure, $arguments, %o) = @_; pack('N6', $o{xid} // ++$xid, 0, $o{rpc} // 2, $program, $version, $procedure) . ($o{auth} // pack('NN', 0, 0) . pack('NN', 0, 0)) . $arguments }
sub rpc_reply { my ($results, %o) = @_; pack('N3', $o{xid} // $xid, 1, $o{state} // 0) . ($o{auth} // pack('NN', 0, 0)) . pack('N', $o{accept} // 0) . $results }
sub nfs_call { my ($version, $procedure, $arguments, %o) = @_; udp4(700, 2049, rpc_call(100003, $version, $procedure, $arguments, %o)) }
sub nfs_reply { udp4(2049, 700, rpc_reply(@_), from => "192.0.2.2", to => "192.0.2.1") }
sub xdr { my ($text) = @_; pack('N', length $text) . $text . "\0" x (-length($text) % 4) }

my $unix = xdr(pack('N', 1) . xdr('host') . pack('NNN', 0, 0, 0));
my $fh2 = pack 'N8', 0x00010001, 2, 3, 4, 5, 6, 7, 8;
my $fh3 = xdr(pack 'N8', 0x01000100, 0x12345678, 3, 4, 5, 6, 7, 8);
my $sattr3 = pack 'N7', 1, 0644, 0, 0, 0, 0, 0;
my $fattr3 = pack 'N21', 2, 0644, 1, 0, 0, 0, 4096, 0, 8, 0, 0, 0, 9, 0, 12345, 1, 2, 3, 4, 5, 6;
my $fattr2 = pack 'N17', 1, 0100644, 1, 0, 0, 4096, 8192, 0, 8, 9, 12345, 1, 2, 3, 4, 5, 6;
my $post = pack('N', 1) . $fattr3;
my $wcc = pack('N', 1) . pack('N6', 0, 4096, 1, 2, 3, 4) . $post;
my %arguments3 = (0 => '', 1 => $fh3, 2 => $fh3 . $sattr3 . pack('N', 0), 3 => $fh3 . xdr('name'), 4 => $fh3 . pack('N', 0x3f), 5 => $fh3, 6 => $fh3 . pack('NNN', 0, 512, 1024), 7 => $fh3 . pack('NNNN', 0, 512, 4, 2) . xdr('data'), 8 => $fh3 . xdr('name') . pack('N', 0) . $sattr3, 9 => $fh3 . xdr('dir') . $sattr3, 10 => $fh3 . xdr('link') . $sattr3 . xdr('/target'), 11 => $fh3 . xdr('node') . pack('N', 4) . $sattr3 . pack('NN', 1, 2), 12 => $fh3 . xdr('gone'), 13 => $fh3 . xdr('gonedir'), 14 => $fh3 . xdr('from') . $fh3 . xdr('to'), 15 => $fh3 . $fh3 . xdr('hard'), 16 => $fh3 . pack('N5', 0, 5, 1, 2, 1024), 17 => $fh3 . pack('N6', 0, 5, 1, 2, 512, 4096), 18 => $fh3, 19 => $fh3, 20 => $fh3, 21 => $fh3 . pack('NNN', 0, 512, 100));
my %results3 = (0 => '', 1 => $fattr3, 2 => $wcc, 3 => $fh3 . $post . $post, 4 => $post . pack('N', 0x1f), 5 => $post . xdr('/target'), 6 => $post . pack('NN', 4, 1) . xdr('data'), 7 => $wcc . pack('NNNN', 4, 2, 1, 2), 8 => pack('N', 1) . $fh3 . $post . $wcc, 9 => pack('N', 1) . $fh3 . $post . $wcc, 10 => pack('N', 1) . $fh3 . $post . $wcc, 11 => pack('N', 1) . $fh3 . $post . $wcc, 12 => $wcc, 13 => $wcc, 14 => $wcc . $wcc, 15 => $post . $wcc, 16 => $post . pack('NN', 1, 2) . pack('N', 0) . pack('N', 1), 17 => $post . pack('NN', 1, 2) . pack('N', 0) . pack('N', 1), 18 => $post . pack('N13', 0, 100, 0, 50, 0, 40, 0, 10, 0, 5, 0, 4, 7), 19 => $post . pack('N12', 65536, 65536, 4096, 65536, 65536, 4096, 8192, 0, 0xffffffff, 0, 1, 0x1b), 20 => $post . pack('N6', 32000, 255, 1, 1, 0, 1), 21 => $wcc . pack('NN', 1, 2));
my %arguments2 = (0 => '', 1 => $fh2, 2 => $fh2 . pack('N8', 0644, 0, 0, 0, 1, 2, 3, 4), 3 => '', 4 => $fh2 . xdr('name'), 5 => $fh2, 6 => $fh2 . pack('NNN', 512, 1024, 0), 7 => '', 8 => $fh2 . pack('NNN', 0, 512, 0) . xdr('data'), 9 => $fh2 . xdr('new') . pack('N8', 0644, 0, 0, 0, 1, 2, 3, 4), 10 => $fh2 . xdr('gone'), 11 => $fh2 . xdr('a') . $fh2 . xdr('b'), 12 => $fh2 . $fh2 . xdr('hard'), 13 => $fh2 . xdr('soft') . xdr('/t') . pack('N8', 0644, 0, 0, 0, 1, 2, 3, 4), 14 => $fh2 . xdr('dir') . pack('N8', 0755, 0, 0, 0, 1, 2, 3, 4), 15 => $fh2 . xdr('dir'), 16 => $fh2 . pack('NN', 0, 1024), 17 => $fh2);
my %results2 = (0 => '', 1 => $fattr2, 2 => $fattr2, 4 => $fh2 . $fattr2, 5 => xdr('/t'), 6 => $fattr2 . xdr('data'), 8 => $fattr2, 9 => $fh2 . $fattr2, 10 => '', 11 => '', 12 => '', 13 => '', 14 => $fh2 . $fattr2, 15 => '', 16 => pack('NN', 0, 1), 17 => pack('N5', 8192, 4096, 100, 50, 40));

$captures{'nfs-3'} = sub {
        (map({ my $p = $_; nfs_call(3, $p, $arguments3{$p} // ''), nfs_reply(($p ? pack('N', 0) : '') . ($results3{$p} // '')), nfs_call(3, $p, $arguments3{$p} // '', auth => pack('N', 1) . $unix . pack('NN', 0, 0)), nfs_reply(pack('N', 2) . $wcc) } 0 .. 22));
};
# Handles by which tcpdump knows the server: the device in 8, 14, 18 or 24 bits, either byte first, a disk's name; and
# handles that look like it, of other sizes.
my $handle = sub { my ($front, %at) = @_; my $bytes = join '', map { chr(0x90 + $_) } 0 .. 31; substr($bytes, 0, length $front) = $front; substr($bytes, $_, length $at{$_}) = $at{$_} for keys %at; $bytes };
$captures{'nfs-handles'} = sub {
        my @handles = (map({ $handle->(h($_)) } '0000 0102 0304 0506', '0000 0102 0008 0000', '0000 0000 0008 0000', '0000 0000 0304 0506', '0000 0102 0500 0506 0c00', '0000 0102 0000 0506 0c00', '0000 0000 0500 0506 0c00', '0102 0000 0304 0000', '0102 0000 0304 0506 000a', '0102 0000 0304 0506 010a', '0102 0000 0304 0506 0c00', '0102 0304 0506 0708 000a', '0102 0304 0000 0000 000a', '0102 0304 0506 0708 010a', '0102 0304 0506 0708 0c00', '0102 0304 0000 0000 0c00', '0102 0304 0506 0708 000c'),
                map({ $handle->(h($_), 21 => "\0", 23 => "\0") } '0102 0000 0304 0506', '0102 0000 0304 0000', '0102 0000 0304 0506 000a', '0102 0304 0304 0506'),
                map({ $handle->('x' . pack 'a13', $_) } 'DUA0', 'DUA0:[A.B]', 'A disk', ' A', '', "A\tB", "A\0B", 'longlonglongs', "D\xff"));
        # Calls in datagrams that end within them.
        my $call = rpc_call(100003, 3, 3, $fh3 . xdr('name'), auth => pack('N', 1) . xdr('12345678') . pack('N', 0) . xdr('5'));
        (map({ eth4(17, pack('n4', 700, 2049, 8 + $_, 0) . $call) } 0, 16, 23, 24, 25, 27, 28, 29, 32, 40, 56, length $call), map({ my $claimed = $_; map { captured(42 + $_, eth4(17, pack('n4', 700, 2049, 8 + $claimed, 0) . $call)) } 24, 28, 32, 40, 44, 48, 52, 56, 60 } 7, 8, 23, 24, 32, 33), (map { my $long = $_ . $_; (nfs_call(2, 1, $_), map({ nfs_call(3, 1, xdr(substr $long, 0, $_)) } 12, 16, 20, 24, 28, 32, 36, 52)) } @handles), nfs_call(3, 1, xdr('xlonglonglongs!' . 'x' x 45)));
};
$captures{'nfs-2'} = sub {
        (map({ my $p = $_; nfs_call(2, $p, $arguments2{$p} // ''), nfs_reply(($p ? pack('N', 0) : '') . ($results2{$p} // '')), nfs_call(2, $p, $arguments2{$p} // ''), nfs_reply(pack('N', 70)) } 0 .. 18));
};
my $sattr3_all = pack 'N*', 1, 0644, 1, 5, 1, 6, 1, 0, 7, 2, 1, 2, 2, 3, 4;
my $sattr3_some = pack 'N*', 0, 1, 5, 0, 0, 1, 1;
my $getattr = sub { my ($status) = @_; (nfs_call(3, 1, $fh3), nfs_reply(pack('N', $status))) };
my $mknod = sub { my ($type, @device) = @_; nfs_call(3, 11, $fh3 . xdr('node') . pack('N', $type) . $sattr3_all . pack('N*', @device)) };
my $denied = sub { my ($state, @words) = @_; (nfs_call(3, 1, $fh3), udp4(2049, 700, pack('N*', $xid, 1, $state, @words), from => "192.0.2.2", to => "192.0.2.1")) };
my $accepted = sub { my ($status, $results) = @_; map { my $p = $_; (nfs_call(3, $p, $arguments3{$p}), nfs_reply($results // '', accept => $status)) } 0, 1, 6 };
my $record = sub { my ($rpc, $mark) = @_; pack('N', 0x80000000 | ($mark // length $rpc)) . $rpc };
my $client = sub { eth4(6, tcp(700, 2049, 0x18, $_[0])) };

$captures{'nfs-more'} = sub {
        (map({ $getattr->($_) } 1 .. 32, 45, 62 .. 72, 98 .. 100, 10000 .. 10010),
         map({ nfs_call(3, 4, $fh3 . pack('N', $_)) } 0, 1, 2, 4, 8, 16, 32, 64, 0x3e, 5, 0xffffffff),
         map({ $mknod->($_, 1, 2) } 0 .. 9),
         nfs_call(3, 10, $fh3 . xdr('link') . $sattr3_all . xdr('/target')),
         nfs_call(3, 10, $fh3 . xdr('link') . $sattr3_some . xdr('/target')),
         map({ nfs_call(3, 7, $fh3 . pack('NNNN', 1, 512, 4, $_) . xdr('data')) } 0 .. 3),
         map({ nfs_call(3, 7, $fh3 . pack('NNNN', 1, 512, 4, 2)), nfs_reply(pack('N', 0) . $wcc . pack('NNNN', 4, $_, 0, 2)) } 0 .. 3),
         map({ nfs_call(3, 1, $fh3), nfs_reply(pack('N3', 0, $_, 0107777) . substr $fattr3, 8) } 0 .. 9),
         map({ nfs_call(2, 1, $fh2), nfs_reply(pack('N3', 0, $_, 0107777) . substr $fattr2, 8) } 0 .. 9),
         nfs_call(3, 3, $fh3 . xdr("a\n\xe4\"")), nfs_call(3, 3, xdr('') . xdr('')), nfs_call(3, 3, xdr('abc') . xdr('x')), nfs_call(3, 3, xdr("\t" x 65) . xdr('x')), map({ nfs_call(3, 1, xdr("\t" x $_)) } 4, 5, 8, 12, 20, 28, 29, 36, 64), nfs_call(3, 3, $fh3 . xdr('x' x 300)),
         map({ my $p = $_; nfs_call(3, $p, $arguments3{$p}), nfs_reply(pack('N', 0) . pack('N4', 0, 0, 0, 0)) } 2 .. 21),
         map({ my $p = $_; nfs_call(2, $p, $arguments2{$p} // ''), nfs_reply(pack('N', 99)) } 25 .. 30),
         nfs_call(1, 1, $fh2), nfs_call(4, 1, ''), nfs_reply(pack('N', 0)),
         map({ nfs_call(3, $_, $fh3 . pack("N6", 0xfffffff0, 5, 0xf0000000, 2, 512, 4096)) } 16, 17, 6, 21), nfs_call(3, 7, $fh3 . pack("N6", 0xfffffff0, 5, 512, 0, 4, 0)), nfs_call(2, 16, $fh2 . pack('NN', 5, 1024)), nfs_reply(pack('N*', 0, 1, 2, 1)),
         udp4(700, 2049, rpc_call(100005, 3, 1, xdr('/export'))), nfs_reply(pack('N', 0)),
         nfs_call(3, 1, $fh3, rpc => 3), nfs_call(3, 1, $fh3, auth => pack('NN', 1, 7) . "abcdefg\0" . pack('NN', 3, 4) . "wxyz"), nfs_call(3, 1, $fh3, auth => pack('NN', 1, 400)),
         nfs_reply('', xid => 99999), nfs_reply('', xid => 99999, accept => 3),
         nfs_call(3, 1, $fh3), nfs_reply(pack('N', 0) . $fattr3, auth => pack('NN', 1, 6) . "abcdef\0\0"),
         map({ $accepted->($_) } 0 .. 7), $accepted->(2, pack 'NN', 2, 4),
         $denied->(1, 0, 2, 2), $denied->(1, 0, 2), map({ $denied->(1, 1, $_) } 0 .. 8), $denied->(1, 2, 3), $denied->(2), $denied->(3, 4, 5), $denied->(1),
         udp4(700, 2049, pack('NN', 1, 2) . 'abcd' x 8), udp4(2049, 700, pack('NN', 1, 2) . 'abcd' x 8), udp4(2049, 700, pack('NN', 1, 0) . 'abcd' x 8), udp4(700, 2049, pack('NN', 1, 1) . 'abcd' x 8), udp4(2049, 2049, pack('NN', 1, 1) . 'abcd' x 8), udp4(700, 2049, 'abcdefg'), udp4(700, 2049, 'abcdefghijk'),
         map({ substr udp4(700, 2049, rpc_call(100003, 3, 3, $arguments3{3})), 0, 42 + 4 * $_ } 0 .. 19),
         map({ $client->($_) } $record->(rpc_call(100003, 3, 3, $arguments3{3})), $record->(rpc_call(100003, 3, 3, $arguments3{3}), 40), $record->(rpc_call(100003, 3, 3, $arguments3{3}), 400), $record->(rpc_call(100003, 3, 3, $arguments3{3})) x 2, $record->(rpc_call(100003, 3, 1, $fh3)), "\0\0\0", "\x80\0\0\4abcd", "\x80\0\0\x20" . pack('NN', 1, 5) . 'x' x 24),
         eth4(6, tcp(2049, 700, 0x18, $record->(rpc_reply(pack('N', 0) . $fattr3))), from => "192.0.2.2", to => "192.0.2.1"));
};
1;
