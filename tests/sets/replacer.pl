# Puts one file after the other into the place of the set, by a new name or, asked to read it, in place, and waits each time
# until it is said to be in force. The files have different numbers of values, one a line.
#
# filt may just be reading once more what was there before. So what is written in place is written over the old, by one
# write: the file is never empty, and has at its beginning, which both have alike but for the hosts of the test, one or the
# other.
use strict;
use Time::HiRes qw(sleep time);
my ($pid, $times, @sets) = @ARGV;

sub content {
        open my $file, '<', $_[0] or die "$_[0]: $!\n";
        local $/;
        return <$file>;
}

sub put_in_place {
        my ($content) = @_;
        open my $file, '+<', 'set' or die "set: $!\n";
        syswrite($file, $content) == length $content or die "set: $!\n";
        truncate $file, length $content or die "set: $!\n";
}

open my $said, '<', 'live.err' or die;
my ($line, $in_force) = ('', 0);

# How many values the set in force has, as was said last.
sub look {
        seek $said, 0, 1;
        while (my $part = <$said>) {
                $line .= $part;
                next if $line !~ /\n$/;
                $in_force = $1 if $line =~ /^filt: set: (\d+) values? \(was/;
                $line = '';
        }
        return $in_force;
}

for my $i (1 .. $times) {
        my $content = content($sets[$i % @sets]);
        my $values = $content =~ tr/\n//;
        if ($i % 2) { system("cp $sets[$i % @sets] set.new && mv set.new set") == 0 or die }
        else { put_in_place($content); kill HUP => $pid }
        my $end = time + 20;
        while (look() != $values) {
                sleep 0.001;
                time < $end or die "replacement $i is not in force\n";
        }
}
