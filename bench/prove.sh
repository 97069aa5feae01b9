#!/bin/bash
# Proving: the median of a pair of the corpus, filt's program and libpcap's, and lists of hosts in another order. See
# README.md.

. "$(dirname "$0")/common.sh"

"$build/tests/tools/verify" -j 1 tests/expressions.txt tests/corpus.txt | tail -n 1

# hosts N SEED: a list of N hosts, in the order of SEED.
hosts() {
        perl -MList::Util=shuffle -e '
                srand 1;
                my @hosts = map { "host " . join ".", 1 + int rand 223, map { int rand 256 } 1 .. 3 } 1 .. $ARGV[0];
                srand $ARGV[1];
                print join " or ", shuffle @hosts;
        ' "$1" "$2"
}

for count in 1000 10000; do
        hosts "$count" 2 >"$scratch/a"
        hosts "$count" 3 >"$scratch/b"
        for ((run = 0; run < runs; run++)); do
                TIMEFORMAT=%3R
                { time ./filt prove -F "$scratch/a" -F "$scratch/b" >/dev/null; } 2>>"$scratch/$count"
        done
        printf '%6d hosts in another order: %s s\n' "$count" "$(median "$scratch/$count" 1)"
done
