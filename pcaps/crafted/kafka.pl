# Kafka (kafka.apache.org/protocol): headers of requests and answers, matched by their number, and what is malformed.
use strict;
use warnings;
our %captures;

$captures{kafka} = sub {
        my $request = sub { my ($kind, $version, $number, $client, $rest) = @_; pack 'N/a', pack('nnN', $kind, $version, $number) . ($client eq '-' ? h('ffff') : pack 'n/a', $client) . ($rest // '') };
        my $answer = sub { my ($number, $rest) = @_; pack 'N/a', pack('N', $number) . ($rest // 'abcd') };
        my $to = sub { eth4(6, tcp(40000, 9092, 0x18, $_[0])) };
        my $from = sub { eth4(6, tcp(9092, 40000, 0x18, $_[0]), from => '192.0.2.2', to => '192.0.2.1') };
        ($to->($request->(18, 3, 1, 'rdkafka')), $from->($answer->(1)), $to->($request->(3, 9, 2, 'rdkafka', 'topics')), $to->($request->(0, 7, 3, 'producer', 'x' x 200)),
                $from->($answer->(3)), $from->($answer->(2)), $to->($request->(1, 11, 4, '-')), $from->($answer->(4, 'y' x 900)), $from->($answer->(99)), $to->($request->(60, 0, 5, '')),
                $to->($request->(59, 0, 6, 'a')), $to->($request->(1, 99, 7, 'a')), $to->(substr $request->(1, 1, 8, 'a'), 0, 13), $to->($request->(1, 1, 9, "odd\x01\xff")), $to->('xxxxxxxxxxxxxxxx'), $from->('y' x 20),
                eth6(6, tcp(40000, 9092, 0x18, $request->(10, 2, 10, 'six'))), eth6(6, tcp(9092, 40000, 0x18, $answer->(10)), from => '2001:db8::2', to => '2001:db8::1'));
};
1;
