#!/bin/bash
# The compiler against libpcap, on every expression of the three files and on random ones, for files
# and for live sockets: programs that mean the same as libpcap's unoptimized one, and none longer
# than its optimized one where that is right; nor does any take noticeably more steps over the captures.

. "$(dirname "$0")/../tap.sh"
needs root

tool=${BUILD:-build}/tests/tools/differential

# sum REPORT PATTERN: the sum of the numbers that the Perl regular expression matches.
sum() {
        grep -oP "$2" <<<"$1" | awk '{ total += $1 } END { print total + 0 }'
}

# compare NAME OPTION...: has the tester compare; adds up the instructions.
own=0
theirs=0
compare() {
        local name=$1 report status
        shift
        report=$(timeout 300 "$tool" --allow-short "$@" 2>&1)
        status=$?
        is "$status" 0 "$name: no difference, no refusal, no broken rule" ||
                note "$(grep -v '^longer' <<<"$report" | cut -c1-300 | head -20)"
        like "$report" 'compared on [0-9]{5,} packets' "$name: there was something to compare"
        is "$(grep '^longer: ' <<<"$report")" '' "$name: none is longer than libpcap's"
        is "$(awk -F '[ ,:]+' '/^slower: / && $2 > 1.05 * $4' <<<"$report")" '' "$name: none takes more steps"
        own=$((own + $(sum "$report" '^  instructions \K[0-9]+')))
        theirs=$((theirs + $(sum "$report" "libpcap's \K[0-9]+(?=: .*longer)")))
}

files=(tests/expressions.txt tests/corpus.txt tests/optimizer-faults.txt)
compare 'files' "${files[@]}"
compare 'random' --random=500
ok "$own instructions, libpcap $theirs" test $((own * 100)) -le $((theirs * 85))
compare 'live' --live --random=100 --budget=200000 tests/expressions.txt

done_testing
