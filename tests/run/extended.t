#!/bin/bash
# The same filters as extended BPF: in each context the kernel verifies each program of the corpora and of random
# expressions, runs it, and gets the answers of libpcap's unoptimized program.

. "$(dirname "$0")/../tap.sh"
needs root perl

# compare NAME PROGRAMS OPTION...: has the tool compare, at least so many programs in each context.
compare() {
        local name=$1 least=$2 report context
        shift 2
        report=$(timeout 600 "${BUILD:-build}/tests/tools/extended" "$@" 2>&1)
        is $? 0 "$name: every program is taken, and answers alike" || note "$(head -c 3000 <<<"$report")"
        for context in socket 'peeking socket' tc xdp netfilter tracepoint; do
                ok "$name: at $context, programs ran" \
                        test "$(grep -oP "^$context: \K[0-9]+" <<<"$report")" -ge "$least"
        done
}

compare corpora 1500
compare random 200 -r 300

# Without jumps of 32 bits, a program that those of 16 do not cross.
perl -e 'print join " or ", map { sprintf "host 10.%d.%d.%d", $_ * 7 >> 16, $_ * 7 >> 8 & 255, $_ * 7 & 255 } 1 .. 20000; print "\n"' >"$scratch/hosts"
compare 'short jumps' 1 -n -f "$scratch/hosts"

faults=$(timeout 100 "${BUILD:-build}/tests/tools/at_tracepoint" 2>&1)
is "$?:$faults" 0: 'at raw tracepoints: where packets begin, what is not in a row, metadata'

done_testing
