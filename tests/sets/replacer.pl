# Puts one file after the other into the place of the set, by a new name or, asked to read it, in place, and waits each time
# until it is said to be in force.
use strict;
use Time::HiRes qw(sleep time);
my ($pid, $times, @sets) = @ARGV;
open my $said, '<', 'live.err' or die;
my $seen = 0;
for my $i (1 .. $times) {
        my $set = $sets[$i % @sets];
        if ($i % 2) { system("cp $set set.new && mv set.new set") == 0 or die }
        else { system("cp $set set") == 0 or die; kill HUP => $pid }
        my $end = time + 20;
        while ($seen < $i) {
                seek $said, 0, 1;
                /^filt: set: .* \(was/ and $seen++ while <$said>;
                sleep 0.001 if $seen < $i;
                time < $end or die "replacement $i is not in force\n";
        }
}
