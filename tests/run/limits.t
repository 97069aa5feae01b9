#!/bin/bash
# Expressions far larger than anyone writes: each gets a program or one clear error, within limits of time, memory
# and stack that leave no room for quadratic work or for recursion.

. "$(dirname "$0")/../tap.sh"
needs perl prlimit

most_seconds=20
most_memory=1000000000 # bytes of address space
most_stack=1000000

# Writes all of them, each to a file named after it.
mkdir "$scratch/expressions"
perl -e '
        my ($many, $million) = (100_000, 1_000_000);
        sub address { join ".", 1 + $_[0] % 223, int($_[0] / 223) % 256, int($_[0] / 57088) % 256, 7 }
        sub test { "ip[" . $_[0] % 60 . "] = " . $_[0] % 256 }
        my %make = (
                hosts => sub { join " or ", map { "host " . address($_ % 50_000) } 1 .. 500_000 },
                ports => sub { "port (" . join(" or ", map { $_ % 65536 } 1 .. 1_200_000) . ")" },
                exclusions => sub { join " and ", map { "not host " . address($_) } 1 .. $many },
                pairs => sub { join " or ", map { "(host " . address($_) . " and port " . $_ % 65536 . ")" } 1 .. $many },
                triples => sub { join " or ", map { "(src " . address($_) . " and dst " . address($_ + 9) . " and port " . $_ % 65536 . ")" } 1 .. $many },
                blanks => sub { " " x (10 * $million) . "ip" },
                word => sub { "a" x (10 * $million) },
                digits => sub { "host 1." . "1" x (10 * $million) },
                mac => sub { "ether host 02" . ":02" x (3 * $million) },
                parentheses => sub { "(" x $many . "ip" . ")" x $many },
                open => sub { "(" x (10 * $million) },
                closed => sub { ")" x (10 * $million) },
                "more-parentheses" => sub { "(" x (5 * $million) . "ip" . ")" x (5 * $million) },
                nots => sub { "not " x $many . "ip" },
                "more-nots" => sub { "!" x $million . "ip" },
                chain => sub { join(" ", map { test($_) . ($_ % 3 ? " or" : " and") } 1 .. $many) . " ip" },
                nested => sub { join("", map { test($_) . ($_ % 3 ? " or (" : " and (") } 1 .. $many) . "ip" . ")" x $many },
                tags => sub { join " and ", ("vlan") x $many },
                "left-sum" => sub { "(" x $many . "1" . "+1)" x $many . " = len" },
                "right-sum" => sub { "len = " . "(1+" x $many . "1" . ")" x $many },
                "flat-sum" => sub { "len = " . join "+", 1 .. 1_400_000 },
                lengths => sub { "1 = " . join "+", ("len") x ($million / 2) },
                minuses => sub { "-" x $million . "1 = len" },
                layers => sub { "deep (not vlan and " . join(" and ", map { "ip[" . $_ % 60 . "] != $_" } 1 .. $many / 4) . ")" },
                offsets => sub { "ip[" x $many . "0" . "]" x $many . " = 1" },
        );
        for my $name (keys %make) {
                open my $file, ">", "$ARGV[0]/$name" or die "$name: $!\n";
                print $file $make{$name}->();
                close $file or die "$name: $!\n";
        }
' "$scratch/expressions" || exit

# limited NAME: compiles it, within the limits.
limited() {
        run timeout $most_seconds prlimit --as=$most_memory --stack=$most_stack "$filt" -ddd -F "$scratch/expressions/$1"
}

for name in hosts ports exclusions pairs triples blanks word digits mac parentheses open closed more-parentheses nots more-nots \
        chain nested tags left-sum right-sum flat-sum lengths minuses layers offsets; do
        limited $name
        case $status in
        0) like "${out%%$'\n'*}" '^[1-9][0-9]*$' "$name ($(($(stat -c %s "$scratch/expressions/$name") / 1000)) kB): a program" ;;
        2) like "$(head -c 1000 "$scratch/err" | head -1)" '^filt: ' "$name: an error" ;;
        *) is "$status $(head -c 300 "$scratch/err")" 'status 0 or 2' "$name: a program or an error" ;;
        esac
        unlike "$(head -c 1000 "$scratch/err")" 'out of memory|no memory' "$name: memory suffices"
done

# The error in a large expression shows the place, not the whole expression.
limited closed
ok 'what is said about a large expression is short' test "$(wc -c <"$scratch/err")" -lt 2000

done_testing
