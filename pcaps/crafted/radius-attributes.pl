# RADIUS attributes of all types, with values of several lengths, and those with fields of their own (RFC 2868, 2869, 5447, 5580).
use strict;
use warnings;
our %captures;

$captures{'radius-attributes'} = sub {
 my $radius = sub { my ($code, $attributes, %o) = @_; udp4(1812, $o{to} // 1812, pack('CCn', $code, 7, $o{size} // 20 + length $attributes) . pack('C16', 1 .. 16) . $attributes) };
 my $at = sub { my ($t,$v)=@_; pack('CC',$t,2+length $v).$v };
 my $seq=pack('C*',1..40); my @v = map { my $size = $_; map { [$_, substr $seq, 0, $size] } 0 .. 130 } 0, 1, 4;
 push @v, [69,substr $seq,0,$_] for 1..4; push @v,[69,"\0\1\2x"],[69,h('0081').'abcdefg'],[69,h('1f81').'abcdefg'],[69,h('2081').'abcdefg'];
 push @v,[70,substr $seq,0,16],[71,substr $seq,0,14],[71,"\0"x14],[71,"\xff"x14],[71,h('0102030405060708090a0b0c0d0e')],[84,substr $seq,0,8], map { [71,pack('CC',$_,8).substr $seq,0,12] } 0..5,7,8,0x80;
 push @v,map({ [124, h(sprintf '%016x', 1<<$_)] } 0..63),[124,h('00'x8)],[124,h('ff'x8)];
 push @v,map({ [125, pack('C',$_). ip6('2001:db8:1:2:3:4:5:6')] } 0,1,7,64,127,128,129,255);
 push @v,map({ [126, chr($_).'name'] } 0x2f..0x36,0x40..0x43,0x7f,0xff);
 my $ntp=h('e6e2f1a080000000'); 
 push @v,map({ [127, pack('nCC',5,@$_).$ntp.$ntp.'method'] } map({[$_,0]} 0..3,255),map({[0,$_]} 0..3,255)),[127,pack('nCC',5,0,0).$ntp.$ntp.''],[127,pack('nCC',5,0,0).$ntp.$ntp.'x'];
 push @v,[128,pack('n',5).'x'],[128,pack('n',5).h('0102ff').'location'];
 push @v,map({[129,pack('n',$_).$ntp]} 0,1,0x8000,0x4000,0xffff,0x0100),[129,pack('n',0).$ntp.'note well'], [129,pack('n',0x8000).$ntp.'n'],[126,'1'],[127,'1'x20],[128,'12'],[129,'1'x9], [129,'1'x10],[129,'1'x11];
 push @v,map({ my $type = $_; map { [$type, pack('CC', 0, $_) . ip6('2001:db8::')] } 0, 64, 128, 129, 255 } 97, 123);
 # Cut within and in front of each value that has parts.
 my @parts = map { [$_, substr $seq, 0, 4] } 8, 25, 26, 56, 58, 64, 65, 79, 81, 83, 97, 101, 123;
 push @parts, [97, substr $seq, 0, 22], [97, 'x'];
 map({ $radius->(1, $at->(@$_)) } @v), map({ my $packet = $radius->(1, $at->(@$_)); map { captured(-$_, $packet) } 1 .. 4 } @parts)
};
1;
