# LLDP: data center bridging before IEEE had it, whole, cut and too short; and management addresses.
# EAP: packets whose two lengths differ.
use strict;
use warnings;

our %captures;

$captures{'lldp-dcbx'} = sub {
        my @made;
        my $frame = sub { my ($type, $hex) = @_; push @made, ethernet($type, h($hex)) };
        my $tlv = sub { my ($t, $v) = @_; $v =~ s/\s//g; sprintf('%04x', $t << 9 | length($v) / 2) . $v };
        my $base=$tlv->(1,"04 020000000001").$tlv->(2,"05 65746830").$tlv->(3,"0078");
        my @parts=($tlv->(1,"01 02 00000003 00000004"),$tlv->(2,"01 02 e0 00 01234567 0a141e2832000000 08"),$tlv->(3,"01 02 40 00 08 04"),$tlv->(4,"01 02 80 00 8906 001b21 08 0cbc 401b21 10 1234 ffffff ff"),$tlv->(5,"0102"));
        for my $s (0..3) { $frame->(0x88cc,$base.$tlv->(127,"001b21".sprintf("%02x",$s).join('',@parts)).$tlv->(0,'')) }
        for my $p (@parts) { my $n=length($p)/2; $frame->(0x88cc,$base.$tlv->(127,"001b2102".$p).$tlv->(0,'')); $frame->(0x88cc,$base.$tlv->(127,"001b2102".substr($p,0,2*$_)).$tlv->(0,'')) for 0..$n-1; for my $k (0..$n-2) { my $v=substr($p,4,2*$k); my $t=hex(substr $p,0,4)>>9; $frame->(0x88cc,$base.$tlv->(127,"001b2102".$tlv->($t,$v).$parts[2]).$tlv->(0,'')) } }
        $frame->(0x88cc,$base.$tlv->(127,"001b2102".$tlv->(0,"01").$parts[0]).$tlv->(0,'')); $frame->(0x88cc,$base.$tlv->(127,"001b2102".$tlv->(1,"").$parts[0]).$tlv->(0,''));
        $frame->(0x88cc, $base . $tlv->(8, $_) . $tlv->(0, '')) for '05 01 c0000201 02 00000001 03 2b0601', '07 06 020000000001 03 00000003 00', '06 06 0200000001 03 00000003 00', '02 00 02 02 00000001 00', '02 03 02 02 00000001 00';
        @made;
};

$captures{'eap-lengths'} = sub { map({ my $length = $_; map { ethernet(0x888e, h('0100') . pack('n', $length) . h('0101') . pack('n', $_) . h('0161626364')) } 0 .. 9 } 0 .. 9), map { ethernet(0x888e, substr h('0100 0008 0101 0008 01616263'), 0, $_) } 0 .. 12 };

1;
