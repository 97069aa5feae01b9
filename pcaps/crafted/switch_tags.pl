# Tags between a switch and its host: Marvell's and Broadcom's, every field at its ends, and cut.
use strict;
use warnings;

our (%captures, %link_types, $ping4);

my $addresses = h('020000000002 020000000001');
my @words = (0, map({ my $mode = $_; map { $mode << 30 | 1 << $_ } 0 .. 29 } 0 .. 3), map({ 0x80000000 >> $_ } 0 .. 2), map({ $_ << 12 } 0 .. 127), 0x3fffffff, 0x7fffffff, 0xbfffffff, 0xffffffff, 0x12345678, 0x23456789, map({ $_ << 29 } 0 .. 7), map { $_ << 8 | 0x25 } 0 .. 64);
my @tags = map { pack 'N', $_ } @words;
my $behind = sub { my ($before) = @_; my @frames = map({ $addresses . $before . $_ . h('0800') . $ping4 } @tags), map { $addresses . $before . pack('N', 0xc1122345) . $_ } h('0200 424203 0000'), h('0026 424203 0000000000 8000 020000000001 00000004 8000 020000000002 8001 0100 1400 0200 0f00 00'), h('8100 2005 0800') . $ping4, h('1234 00010203'), h('0806 0001'), h('0040 aaaa03 000000 0800') . $ping4; (@frames, map { substr $frames[-4], 0, $_ } 1 .. 40) };
$link_types{dsa} = 284;
$captures{dsa} = sub { $behind->('') };
$link_types{edsa} = 285;
$captures{edsa} = sub { ($behind->(h('dada 0000')), $behind->(h('88cc 0102'))) };
$link_types{'broadcom-tag'} = 281;
$captures{'broadcom-tag'} = sub { $behind->('') };
$link_types{'broadcom-prepended'} = 282;
$captures{'broadcom-prepended'} = sub { my @frames = map({ $_ . ethernet(0x0800, $ping4) } @tags), map { pack('N', 0x12345678) . ethernet($_->[0], h($_->[1])) } [0x0026, '424203 0000000000 8000 020000000001 00000004 8000 020000000002 8001 0100 1400 0200 0f00 00'], [0x1234, '00010203'], [0x0806, '0001']; (@frames, map { substr $frames[-2], 0, $_ } 1 .. 22) };

1;
