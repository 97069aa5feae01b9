# The whiteboard wb, as -T wb shows it: all packets and drawing operations, whole, wrong and cut short.
use strict;
use warnings;
our %captures;
my $h=sub{ my($t,$rest,%o)=@_; udp4(4000,4001,h('c0000201 11223344 0000').pack('CC',$t,$o{f}//0).$rest) };
my $pg=sub { pack('N4',0x01020304,5,$_[0],$_[1]) };
my $op=sub { my ($type,$len,$data,$flag)=@_; pack('NnCC',$flag//0x99,$len,0,$type).$data };
$captures{wb} = sub { my $d='abcdefghijklmnopqrstuvwxyz';
 (map({ my $t=$_; $h->(0,$pg->(6,6).$op->($t,8,substr $d,0,8).$op->(3,0,'')) } 0..20,0xff),map({ $h->(0,$pg->($_,9).($op->(3,4,'abcd')x3)) } 0,1,7,8,9,10),
 map({ my $l=$_; $h->(0,$pg->(6,7).$op->(9,$l,'x'x(4*int(($l+3)/4))).$op->(3,0,'')) } 0..8),
  map({ my $ts=$_; my $t=14+$_%2; $h->(0,$pg->(6,9).$op->($t,0,'',$ts).($op->(3,0,'',20))x4) } 0,5,6,7,8,9,10,11,100,0xffffffff),
  $h->(0,$pg->(6,9).$op->(14,0,'',7).$op->(15,0,'',8).$op->(3,0,'')x3), map({$h->(0,$pg->(6,9).$op->(3,0,'').$op->(14,4,'abcd',$_).$op->(3,0,'')x3)} 5..10),
  map({ my $n=$_; $h->(1,pack('N*',1,2,3,4,5,6,$n,map { 100+$_ } 1..8).'site'."\0") } 0,5,0x10000,0x30000,0x1000000), map({ my $n=$_; $h->(1,pack('N*',4,2,3,4,5,6).$n) } "abc\0","abc",pack('n',2).pack('n',0).pack('N*',77,88,99,111).'site'."\0","\0\2\0\0".pack('N*',77,88,99,111).'si',"\0\0\0\0s\xe4te\0x","\0\0\0\0site","\0\1\0\0".pack('N',5)."site\0","\0\1\0\0".pack('N',5)."\0","\0\1\0\0".pack('NN',5,6)."site\0","\0\1\1\0".pack('NN',5,6)."s\0","\0\xff\0\0".pack('NN',5,6)),
  map({ my $n=$_; $h->(7,pack('N*',$n,map({ 100+$_ } 1..9),0x2000000,1,2,3,4,9,10)) } 0..4,10),map({ my $n=$_; $h->(7,pack('N*',2,101,102,103,$n<<24|7,map { 200+$_ } 1..20)) } 0..4,10),$h->(7,pack('C*',1..60)),
map({ $h->(7,substr pack('N*',2,1..10),0,$_) } 0,4,8,12,16,20,24,28,32),
 map({ $h->(5,substr pack('N*',1..10),0,$_) } 0,4,8,11,12,13,16), map({ $h->(2,substr pack('N*',1..10),0,$_) } 0,4,8,16,19,20,21,24),map({ $h->(3,(substr pack('N*',1..3,6,7),0,$_).($_>19 ? $op->(3,0,'').$op->(5,0,''):'')) } 0,4,8,16,19,20), $h->(3,pack('N*',1,1..3,6,7).$op->(3,0,'').$op->(5,0,'')),map({ $h->(4,substr pack('N*',1..10),0,$_)} 0,4),map({ $h->(0,substr pack('N*',1..10),0,$_)} 0,4,8,15,16,20),
 map({my $f=$_; map {$h->($_,'',f=>$f)} 4 } 0,1,2,0x80,0xff), map({ udp4(4000,4001,substr(h('c0000201 11223344 0000 0400'),0,$_)) } 0..12),udp6(4000,4001,h('c0000201 11223344 ffff 0401')) );
};
1;
