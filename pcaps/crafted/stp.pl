# Spanning trees: every version, the parts of multiple and of shortest path bridging, and all lengths.
use strict;
use warnings;

our %captures;

$captures{'stp-versions'} = sub {
        my @made;
        my $st = sub { my $v = shift; "0000 $v 02 " . ($_[0] // '00') . ' 8000 020000000001 00000004 8000 020000000002 8001 0100 1400 0200 0f00 00' };
        my $mst = sub { sprintf('%04x', shift) . '00' . '414243' . '00' x 29 . '0001' . 'ac36177f50283cd4b83821d8ab26de62' . '00000010' . '8000020000000003' . '14' };
        my $msti='7c8001020000000004 00000005 80 70 13';
        my $spb='00'.'616200'.('63'x29).'1234'.'101112131415161718191a1b1c1d1e1f'.'b7'.'00'.'0102'.'0304'.'0506'.'202122232425262728292a2b2c2d2e2f30313233';
        my $spb_part = sub { sprintf('%04x', shift) . join '', $spb, @_ };
        my $grow = sub { my $bytes = h(@_); push @made, map { llc(mac('01:80:c2:00:00:00'), h('424203') . substr $bytes, 0, $_) } 0 .. length $bytes };
        my $message = sub { push @made, llc(mac('01:80:c2:00:00:00'), h('424203', @_)) };
        $message->($st->($_),$mst->(0x40)) for qw(00 01 02 03 04 05);
        $message->($st->('03'),$mst->(0x50),$msti);
        $message->($st->('04'),$mst->(0x40),$spb_part->(85,'00'x40));
        $message->($st->('04','7e'),$mst->(0x50),$msti,$spb_part->(90,'00'x40));
        $message->($st->('04'),$mst->(0x40),$spb_part->($_,'00'x40)) for 80..130;
        $grow->($st->('04').$mst->(0x40).$spb_part->(85,'40'x10));
        $grow->($st->('03').$mst->(0x50).$msti);
        $grow->($st->('02').'00');
        $message->($st->('04'),$mst->($_),$spb_part->(85,'00'x40)) for 0x3d..0x51;
        @made;
};

1;
