# sFlow, version 5 (sflow.org) with all samples and records, and its earlier versions (RFC 3176).
use strict;
use warnings;
our %captures;

sub sflow { my ($samples, %o) = @_; pack('NN', $o{version} // 5, $o{type} // 1) . ($o{agent} // ip('192.0.2.1')) . pack('NNNN', 3, 1234, 5678, $o{count} // scalar @$samples) . join '', @$samples }
sub sflow4 { udp4(50000, 6343, sflow(@_)) }
sub sflow_part { my ($format, $body, $size) = @_; pack('NN', $format, $size // length $body) . $body }
sub flow_sample { my (@records) = @_; sflow_part(1, pack('N8', 7, 0x01000005, 512, 1024, 2, 3, 0x80000004, scalar @records) . join '', @records) }
sub expanded_flow_sample { my (@records) = @_; sflow_part(3, pack('N11', 7, 1, 5, 512, 1024, 2, 1, 3, 2, 4, scalar @records) . join '', @records) }
sub counter_sample { my (@records) = @_; sflow_part(2, pack('N3', 7, 0x02000005, scalar @records) . join '', @records) }
sub expanded_counter_sample { my (@records) = @_; sflow_part(4, pack('N4', 7, 2, 5, scalar @records) . join '', @records) }
sub words { my ($count) = @_; pack 'N*', map { $_ * 0x01010101 } 1 .. $count }
sub raw_record { my ($protocol, $header, $size) = @_; sflow_part(1, pack('N4', $protocol, 1518, 4, $size // length $header) . $header) }

$captures{sflow} = sub {
        my @flow = map { my $format = $_; sflow_part($format, words(12)) } 0, 2 .. 13, 1000 .. 1016, 4096 + 1, 0xfffff001, 2001;
        my @counters = map { my $format = $_; sflow_part($format, words(22)) } 0, 1 .. 8, 1000 .. 1006, 4096 + 1, 2001;
        my $frame = udp4(1, 2, 'payload');
        (sflow4([]), udp4(6343, 50000, sflow([])), udp6(50000, 6343, sflow([])), sflow4([], type => 2, agent => ip6('2001:db8::1')), map({ sflow4([], type => $_) } 0, 3, 255), map({ sflow4([], version => $_) } 0 .. 4, 6, 255), sflow4([], type => 2, version => 2, agent => ip6('2001:db8::1')),
                map({ sflow4([flow_sample($_)]), sflow4([expanded_flow_sample($_)]) } @flow), map({ sflow4([counter_sample($_)]), sflow4([expanded_counter_sample($_)]) } @counters), sflow4([flow_sample(@flow[1 .. 3])]), sflow4([counter_sample(@counters[1 .. 3])]),
                map({ sflow4([flow_sample(raw_record($_, $frame))]) } 0 .. 14, 255), sflow4([flow_sample(raw_record(1, $frame, 10))]), sflow4([flow_sample(raw_record(1, $frame, 1000))]), sflow4([flow_sample(raw_record(1, ''))]), sflow4([expanded_flow_sample(raw_record(1, $frame), raw_record(11, $frame))]),
                # Datagrams shorter than their packets, of every version and kind of address; the same, cut.
                map({ my ($version, $family, $size) = @$_; map { my $packet = eth4(17, pack('n4', 50000, 6343, 8 + $_, 0) . pack('NN', $version, $family) . "\1" x $size . pack('N4', 3, 1234, 5678, 2) . words(8)); ($packet, captured(42 + $_, $packet)) } 0, 7, 8, 27, 28, 29, 36, 39, 40, 41, 47, 48 } [5, 1, 4], [5, 2, 16], [5, 3, 16], [4, 1, 4], [4, 2, 16], [4, 0, 16]),
                map({ sflow4([flow_sample(sflow_part(1, words(4), $_))]) } 0, 4, 8, 12, 15, 17, 100), map({ my $n = $_; map({ sflow4([flow_sample(sflow_part($_, words($n)))]) } 2, 3, 4, 1001 .. 1012), map({ sflow4([counter_sample(sflow_part($_, words($n)))]) } 1 .. 5, 1001) } 0, 1, 2, 3, 5), map({ sflow4([sflow_part($_, words(12))]) } 0, 5, 6, 4096 + 1, 255), map({ my $type = $_; map { sflow4([sflow_part($type, words($_))]) } 0 .. 12 } 1 .. 4),
                sflow4([flow_sample(), counter_sample(), expanded_flow_sample(), expanded_counter_sample()]), sflow4([flow_sample(), counter_sample()], count => 1), sflow4([flow_sample()], count => 5), sflow4([flow_sample()], count => 0), sflow4([flow_sample()], count => 0xffffffff), map({ sflow4([sflow_part(1, words(8), $_)]) } 0, 4, 31, 33, 1000, 0xffffffff), map({ sflow4([sflow_part(2, words(3), $_)]) } 0, 4, 11, 13, 1000),
                map({ sflow4([flow_sample(sflow_part(1003, pack('N*', @$_)))]) } [1, 0x0a000001, 65000, 65001, 65002, 2, 2, 3, 65003, 65004, 65005, 1, 3, 100], [2, 1, 2, 3, 4, 65000], [0, 1]), sflow4([flow_sample(sflow_part(1001, pack('N4', 1, 2, 3, 4)), sflow_part(1002, pack('N4', 1, 0x0a000001, 24, 16)), sflow_part(3, words(8)))]), map({ sflow4([counter_sample(sflow_part(1, pack('N*', 1, 6, 0, 1000000, $_, $_, map { $_ } 1 .. 16)))]) } 0 .. 5), udp4(50000, 6343, ''), udp4(50000, 6343, h('0000 0005')));
};
1;
