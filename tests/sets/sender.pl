# Sends groups of six numbered datagrams until a signal ends it: from A to the host; from B to B's partner, from C to C's;
# crosswise, which only a mixture of both sets could accept; and from D.
use strict;
use Socket;
my @flows = map {
        my ($from, $to) = split /,/;
        socket my $socket, PF_INET, SOCK_DGRAM, 0 or die "socket: $!";
        bind $socket, pack_sockaddr_in 0, inet_aton "192.0.2.$from" or die "$from: $!";
        [$socket, pack_sockaddr_in 9, inet_aton "192.0.2.$to"] } qw(77,2 78,102 79,103 78,103 79,102 80,2);
my ($number, $end) = (0, 0);
$SIG{TERM} = sub { $end = 1 };
until ($end) {
        my $payload = sprintf '#%08d#', ++$number;
        for (@flows) { defined send $_->[0], $payload, 0, $_->[1] or die "send: $!\n" }
        select undef, undef, undef, 0.001;
}
print "$number\n";
