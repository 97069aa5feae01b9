# The protocol of BIND's lightweight resolver: all operations, whole, wrong and cut short.
use strict;
use warnings;
our %captures;

$captures{lwres} = sub {
 my $lw = sub { my ($op,$flags,$rest,%o)=@_; pack('NnnNNNNnn', $o{size} // 28+length $rest, $o{v}//0, $flags, 0x1234, $op, $o{result}//0, 0x4000, $o{auth}//0,$o{al}//0).$rest };
 my $name = sub { pack('n',length $_[0]).$_[0]."\0" };
 my $ad = sub { pack('Nn',$_[0],length $_[1]).$_[1] };
 my $gabnreq = sub { pack('NN',$_[0],$_[1]).$name->($_[2]//'www.example.org') };
 my $gabnrep = pack('Nnn',0,1,2).$name->('www.example.org').$name->('alias.example.org').$ad->(1,ip('192.0.2.1')).$ad->(2,ip6('2001:db8::1'));
 my $gnbareq = pack('N',0).$ad->(1,ip('192.0.2.1')); my $gnbareq6 = pack('N',0).$ad->(2,ip6('2001:db8::1'));
 my $gnbarep = pack('Nn',0,1).$name->('www.example.org').$name->('alias.example.org');
 my $grbnreq = sub { pack('Nnn',$_[0],$_[1],$_[2]).$name->('www.example.org') };
 my $rr = sub { pack('n',length $_[0]).$_[0] };
 my $grbnrep = sub { my($c,$t,$data)=@_; pack('NnnNnn',0,$c,$t,3600,1,1).$name->('www.example.org').$rr->($data).$rr->('SIGSIG') };
 map { udp4($_->[0],$_->[1],$_->[2]) } [4000,921,''],[4000,921,'abc'],(map({[4000,921,$lw->(0x10001,0,$gabnreq->(0,$_))]} 0..4,255), map({[4000,921,$lw->(0x10001,0,$gabnreq->(1<<$_,1))]} 0..3,31),[4000,921,$lw->(0x10002,0,$gnbareq6)],map({[4000,921,$lw->(0x10003,0,$grbnreq->(0,$_->[0],$_->[1]))]} [1,1],[1,28],[3,15],[1,255],[255,16],[4,999]),[921,4000,$lw->(0x10003,1,$grbnrep->(1,28,ip6('2001:db8::1')))],map({[4000,921,$lw->(0,$_,'')]} 0..3,0xffff),[4000,921,$lw->(0,0,'abc')],[921,4000,$lw->(0x10001,1,$gabnrep,result=>4)],[4000,921,$lw->(0x10001,0,$gabnreq->(0,1).'abcd',auth=>1,al=>4)],[4000,921,$lw->(0x10001,0,$gabnreq->(0,1),size=>10)],[4000,921,$lw->(0x10001,0,$gabnreq->(0,1,''))],[4000,921,$lw->(0x10001,0,pack('NN',0,1).h('0003').'abcde')]), [4000,921,$lw->(0,0,'',v=>1)],[4000,921,$lw->(0x10001,5,'')],[4000,921,$lw->(0x77,5,'abc')],[4000,921,$lw->(0x77,1,'abc',size=>28)],[4000,921,$lw->(0x77,1,'',size=>28)],[4000,921,$lw->(0x77,1,'',size=>27)],[4000,921,$lw->(0x77,1,'abc',size=>33)],[921,4000,$lw->(0x10001,1,$gabnrep)],[4000,921,$lw->(0x10002,0,$gnbareq)],map({[4000,921,$lw->(0x10002,0,pack('N',7).$ad->($_->[0],$_->[1]))]} [0,'abcd'],[1,'abc'],[1,'abcdef'],[2,'abcd'],[3,'xyz'],[3,''],[1,''],[2,'abcdefghabcdefghij'],[256,'abcd']),[921,4000,$lw->(0x10002,1,$gnbarep)],[4000,921,$lw->(0x10003,0,$grbnreq->(9,3,1))],[921,4000,$lw->(0x10003,1,$grbnrep->(1,1,ip('192.0.2.1')))],[921,4000,$lw->(0x10003,1,$grbnrep->(9,1,''))], [4000,921,$lw->(0x10001,0,pack('NN',0,1).$name->('a'x70))],[4000,921,$lw->(0x10001,0,pack('NN',0,1).$name->("a\nb\xe4\0c"))],[4000,921,$lw->(0x10001,0,pack('NN',0,1).h('0005').'abcde')],[4000,921,$lw->(0x10001,0,pack('NN',0,1).h('0006').'abcde')],[4000,921,$lw->(0x10001,0,pack('NN',0,1).h('00'))];

};
1;
