# Looks at what was captured: each number of A's once; of B's and C's at most once, and one of them; nothing of others. At
# each replacement, one group may have both, or neither: it falls between its own datagrams.
use strict;
my ($sent, $replacements) = @ARGV;
my (%seen, $others);
while (<STDIN>) {
        my ($from, $to, $number) = /^192\.0\.2\.(\d+)>192\.0\.2\.(\d+) (\d+)$/ or die "what is $_";
        $seen{"$from,$to"}[$number]++;
        $others++ if "$from,$to" !~ /^(77,2|78,102|79,103)$/;
}
my ($a, $again, $odd) = (0, 0, 0);
for my $number (1 .. $sent) {
        my @counts = map { $seen{$_}[$number] // 0 } qw(77,2 78,102 79,103);
        $a += $counts[0] == 1;
        $again += grep { $_ > 1 } @counts;
        $odd++ if $counts[1] + $counts[2] != 1;
}
printf "%s of A, %d again, %d of others, %s\n", $a == $sent ? 'all' : "$a of $sent", $again, $others // 0,
        $sent > $replacements && $odd <= $replacements ? 'no more in between than replacements' : "$odd of $sent in between";
