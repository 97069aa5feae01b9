# shellcheck shell=bash
# What the benchmarks share; each sources it. It leaves the working directory at the project's root,
# a scratch folder in memory in $scratch, and removes that folder at the end.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
build=${BUILD:-build}
runs=${RUNS:-5}

die() {
        echo "bench: $*" >&2
        exit 1
}

scratch=$(mktemp -d /dev/shm/filt-bench.XXXXXX) || die "no /dev/shm"
clean_up() { :; } # a benchmark may replace it
trap 'clean_up >/dev/null 2>&1; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# machine: one line about the machine.
machine() {
        echo "$(uname -sr), $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1);" \
                "medians of $runs runs, alternating"
}

# median FILE COLUMN: the median of that column.
median() {
        awk -v column="$2" '{ print $column }' "$1" | sort -n |
                awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'
}

# ratio A B: A / B with two digits, or "-" where B is nothing.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else print "-" }'; }

# repeat N FILE...: N packets: those of these captures (all of one link type and byte order) repeated, 20,000 per second.
repeat() {
        perl -e '
                use strict; use warnings;
                my ($wanted, @records) = shift;
                my $header;
                for my $path (@ARGV) {
                        open my $file, "<:raw", $path or die "$path: $!\n";
                        read $file, $header, 24;
                        while (read($file, my $record, 16) == 16) {
                                read $file, my $bytes, unpack "x8V", $record;
                                push @records, [substr($record, 8), $bytes];
                        }
                }
                binmode STDOUT;
                print $header;
                for my $n (0 .. $wanted - 1) {
                        my $record = $records[$n % @records];
                        print pack("VV", 1700000000 + int($n / 20000), $n % 20000 * 50), @$record;
                }' "$@"
}
