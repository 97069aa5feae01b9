#!/usr/bin/perl
# examples.pl DOCUMENT: runs the examples of a Markdown file or manual page in the current folder, and compares
# what they print with what the document shows. It prints `ok NAME`, or `not ok NAME` and lines of diagnostics,
# for each; examples.t prepares the folder, the network and the files that the documents assume.
#
# Examples in Markdown are indented by four spaces:
# - `$ COMMAND` with the output below it, up to the next `$`. A line `...` stands for omitted lines. The output
#   is everything that the command prints, to either stream; the exit status is 0.
# - lines that are all commands, without output: the exit status has to be 0. A comment may follow.
# - in the text, between backquotes, a command with `./filt ARGUMENT` in it: likewise.
# - `make TARGET` is not run; the Makefile has to have the target.
# In a manual page every .Dl line is a command.
#
# An HTML comment before a block says what the block does not show:
#   <!-- status N -->       the exit status of its commands
#   <!-- any order -->      processes run at the same time: lines may come in any order
#   <!-- while COMMAND -->  COMMAND runs meanwhile
#   <!-- from FILE -->      not a command, but text from this file
#   <!-- no example -->     not an example
#
# Because the tests run as root, `sudo` is left out. Without output shown, a live command that has no count or
# duration gets Ctrl-C soon after it has printed something. Live commands get three tries: other processes
# run on this machine, and a packet or a task's name may come a moment too late.
use strict;
use warnings;
use Fcntl qw(:flock);
use IO::Select;
use POSIX qw(setsid WNOHANG);
use Time::HiRes qw(sleep time);

use constant { LIMIT => 20, AFTER_OUTPUT => 0.3, TRIES => 3 };

# What differs from run to run, in the document and in the output: a pattern and its replacement.
my @volatile = (
        [qr/\b\d\d:\d\d:\d\d\.\d{6}\b/,                     sub { 'TIME' }],
        [qr/\bICMP echo (request|reply), id \d+, seq \d+/,  sub { "ICMP echo $1, id N, seq N" }],
        [qr/\d+ received by filter/,                        sub { 'N received by filter' }],
        # trace_pipe: task, processor, flags, seconds since boot
        [qr/^ *\S+-\d+ +\[\d+\] \S+ +\d+\.\d+: /m,          sub { 'TASK: ' }],
        [qr/\bPID \d+/,                                     sub { 'PID N' }],
        # strace's lines: the task, the duration, a pipe's number, and the line that has a PID in it
        [qr/^(?:\[pid +\d+\]|\d+) +(?=[a-z]+\(|TIME|\+\+\+|---)/m, sub { 'TASK ' }],
        # a signal names its task only if there happens to be another at that moment
        [qr/^(?:TASK )?(?=TIME --- SIG)/m,                  sub { 'TASK ' }],
        [qr/<0\.\d{6}>/,                                    sub { '<SECONDS>' }],
        [qr/pipe:\[\d+\]/,                                  sub { 'pipe:[N]' }],
        [qr/si_pid=\d+/,                                    sub { 'si_pid=N' }],
        [qr/ +filt-\d+ .*?iov_len=\d+\}\], 1\) = \d+/,      sub { 'LINE' }],
        [qr/"(time|pid|tid|duration_ns)":[\d.]+/,           sub { "\"$1\":N" }],
        # a row of the summary: all but name, calls, bytes and errors
        [qr/^ +\d+ (\w+ +\d+ +\d+ +\d+) +\d+\.\d\d .*/m,    sub { "PID $1 LATENCIES" }],
        # bpftool's program: numbers that the kernel or the compiler assigns
        [qr/^\d+: tracepoint /m,                            sub { 'N: tracepoint ' }],
        [qr/\b(tag|loaded_at|xlated|jited|map_ids|btf_id|pids) \S+/, sub { "$1 X" }],
);

my $root = $ENV{FILT_ROOT} or die "FILT_ROOT is the folder of the sources\n";
my $document = shift or die "which document?\n";
my $lock = $ENV{FILT_LOCK} or die "FILT_LOCK is a file\n";
my %count = map { $_ => 0 } 'examples', 'excerpts', 'make targets', 'blocks that are no example';
$| = 1;

sub report {
        my ($fine, $name, @notes) = @_;
        $name =~ s/\n.*//s;
        print $fine ? 'ok' : 'not ok', " $document:$name\n";
        return if $fine;
        print "# $_\n" for map { split /\n/ } @notes;
}

sub read_file {
        my $path = shift;
        open my $file, '<', $path or return;
        local $/;
        return scalar <$file>;
}

sub normalized {
        my $text = shift;
        $text =~ s/[ \t]+$//mg;
        for my $rule (@volatile) {
                my ($pattern, $replacement) = @$rule;
                $text =~ s/$pattern/$replacement->()/ge;
        }
        return $text;
}

# True if the output matches what is shown, where `...` stands for any lines.
sub is_as_shown {
        my ($shown, $output, $any_order) = @_;
        if ($any_order) { $_ = join '', sort map { "$_\n" } split /\n/ for $shown, $output }
        my $pattern = join '', map { $_ eq '...' ? '(?:.*\n)*?' : quotemeta "$_\n" } split /\n/, $shown;
        return $output =~ /\A$pattern\z/;
}

# --- Running

# Starts a command in a process group of its own; returns its PID and where its output can be read.
sub start {
        my $command = shift;
        $command =~ s/\bsudo //g;
        $command =~ s/-p 1234\b/-p $ENV{FILT_WRITER}/;
        pipe my $in, my $out or die;
        my $pid = fork // die;
        if (!$pid) {
                setsid();
                open STDIN, '<', '/dev/null';
                open STDOUT, '>&', $out;
                open STDERR, '>&', $out;
                exec 'bash', '-o', 'pipefail', '-c', $command or die;
        }
        close $out;
        return $pid, $in;
}

# Ends the process group of a command that is still running, as Ctrl-C does.
sub interrupt { kill 'INT', -shift }

# Runs a command; returns its exit status and output. An endless one gets Ctrl-C.
sub run {
        my ($command, $endless) = @_;
        my ($pid, $in) = start($command);
        my ($output, $began, $first, $pressed) = ('', time);
        my $select = IO::Select->new($in);
        while (1) {
                if ($select->can_read(0.05)) {
                        sysread $in, $output, 65536, length $output or last;
                        $first //= time;
                }
                if ($endless && !$pressed && $first && time - $first > AFTER_OUTPUT) {
                        interrupt($pid);
                        $pressed = 1;
                }
                if (time - $began > LIMIT) {
                        kill 'KILL', -$pid;
                        $output .= "examples.pl: not ended after ${\LIMIT} seconds\n";
                        last;
                }
        }
        waitpid $pid, 0;
        return ($? & 127 ? 128 + ($? & 127) : $? >> 8, $output);
}

sub check_make {
        my ($name, $command) = @_;
        my @targets = grep { $_ ne 'make' && !/=/ } split ' ', $command =~ s/#.*//r;
        my $makefile = read_file("$root/Makefile");
        my @missing = grep { $makefile !~ /^\Q$_\E:/m } @targets;
        $count{'make targets'}++;
        report(!@missing, $name, "the Makefile has no target @missing");
}

# `shown` is undefined if the document shows no output.
sub check_command {
        my ($name, $command, $shown, $mark) = @_;
        return check_make("$name $command", $command) if $command =~ /^make\b/;
        my $live = $command =~ /\bsudo / || $mark->{while};
        my $endless = !defined $shown && $live && $command !~ / (?:-c|--duration|--) /;
        my $wanted = $mark->{status} // 0;
        my ($status, $output, $fine);
        for my $try (1 .. ($live ? TRIES : 1)) {
                sleep 0.5 if $try > 1;
                ($status, $output) = run($command, $endless);
                $fine = $status == $wanted && (!defined $shown ||
                        is_as_shown(normalized($shown), normalized($output), $mark->{'any order'}));
                last if $fine;
        }
        $count{examples}++;
        report($fine, "$name $command", "exit status $status, not $wanted", 'it printed',
                map({ "  $_" } split /\n/, normalized($output)),
                defined $shown ? ('the document shows', map { "  $_" } split /\n/, normalized($shown)) : ());
}

# --- Taking documents apart

# The commands of a block with `$`, each with its output.
sub sessions {
        my @lines = @_;
        my @sessions;
        while (@lines) {
                my $command = shift(@lines) =~ s/^\$ //r;
                $command .= "\n" . shift @lines while $command =~ /\\\z/ && @lines;
                if ($command =~ /<<'?(\w+)'?/) {
                        my $end = $1;
                        $command .= "\n" . shift @lines until $command =~ /\n\Q$end\E\z/ || !@lines;
                }
                my $shown = '';
                $shown .= shift(@lines) . "\n" while @lines && $lines[0] !~ /^\$ /;
                push @sessions, [$command, $shown];
        }
        return @sessions;
}

sub is_command { return shift =~ m{^(?:sudo|\./filt|filt|tcpdump|make|perl)(?: |$)} }

sub check_excerpt {
        my ($name, $file, @lines) = @_;
        my ($text, $part) = (read_file("$root/$file") // '', join "\n", @lines);
        s/\s+/ /g for $text, $part;
        $count{excerpts}++;
        report(index($text, $part) >= 0, "$name is in $file", 'it is not there');
}

sub check_block {
        my ($number, $mark, @lines) = @_;
        my @commands = $lines[0] =~ /^\$ / ? sessions(@lines)
                : (grep { $_ ne '' && !is_command($_) } @lines) ? ()
                : map { [$_, undef] } grep { $_ ne '' } @lines;
        return $count{'blocks that are no example'}++ if $mark->{'no example'};
        return check_excerpt($number, $mark->{from}, @lines) if $mark->{from};
        return report(0, "$number: $lines[0]", 'this is no example that could be run, and no markup says what it is')
                if !@commands;

        # There is one trace_pipe, and a program that is looked up by name may be loaded only once at a time.
        open my $held, '>', $lock or die;
        flock $held, LOCK_EX if "@lines $$mark{while}" =~ /--minimal/;
        my $meanwhile;
        ($meanwhile, my $in) = start($mark->{while}) if $mark->{while};
        check_command($number, @$_, $mark) for @commands;
        if ($meanwhile) {
                interrupt($meanwhile);
                waitpid $meanwhile, 0;
        }
}

# What <!-- --> before a block says; undefined if it is not for us.
sub read_mark {
        my $text = shift;
        return { status => $1, while => '' } if $text =~ /^status (\d+)$/;
        return { $1 => $2, while => $1 eq 'while' ? $2 : '' } if $text =~ /^(while|from) (.+)$/;
        return { $text => 1, while => '' } if $text =~ /^(?:any order|no example)$/;
        return;
}

sub check_markdown {
        my @lines = split /\n/, shift;
        my $mark = { while => '' };
        for (my $i = 0; $i < @lines; $i++) {
                my $number = $i + 1;
                if ($lines[$i] =~ /^    / && ($i == 0 || $lines[$i - 1] eq '')) {
                        my @block;
                        push @block, $lines[$i++] =~ s/^    //r while $i < @lines && $lines[$i] =~ /^(?:    |$)/;
                        pop @block while $block[-1] eq '';
                        check_block($number, $mark, @block);
                        $mark = { while => '' };
                        redo if $i < @lines;
                        last;
                }
                if ($lines[$i] =~ /^<!-- (.*) -->$/) {
                        $mark = read_mark($1) // report(0, $number, "unknown markup: $1");
                        next;
                }
                report(0, $number, 'examples are indented, not fenced') if $lines[$i] =~ /^ *(?:```|~~~)/;
                my $text = $lines[$i];
                while ($text =~ /`([^`]+)`/g) {
                        my $code = $1;
                        check_command($number, $code, undef, $mark) if $code =~ m{\./filt \S|^make(?: |$)};
                }
        }
}

sub check_manual {
        my $number = 0;
        for my $line (split /\n/, shift) {
                $number++;
                report(0, $number, 'examples are lines of .Dl') if $line =~ /^\.Bd/;
                next if $line !~ s/^\.Dl //;
                $line =~ s/\\\(aq/'/g;
                $line =~ s/\\-/-/g;
                $line =~ s/\\e/\\/g;
                is_command($line) ? check_command($number, $line, undef, { while => '' })
                        : report(0, "$number: $line", 'this is no command; .D1 is for what is none');
        }
}

my $text = read_file("$root/$document") // die "$document: $!\n";
$document =~ /\.md$/ ? check_markdown($text) : check_manual($text);
print "# $document: ", join(', ', map { "$count{$_} $_" } sort keys %count), "\n";
report($count{examples} > 0, ' has examples', 'none was found');
