# shellcheck shell=bash
# TAP for the scripts in tests/run: sourced first. A script calls the functions below and ends with
# `done_testing`. Every script gets a scratch folder, $scratch, that is removed at its end along with
# whatever it registered with `at_end`.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
filt=$PWD/filt
export LC_ALL=C TZ=UTC
tests_run=0
tests_failed=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/filt-test.XXXXXX") || exit 1
cleanups=()

# at_end COMMAND...: run COMMAND when the script ends, however it ends; the last registered first.
at_end() { cleanups+=("$(printf '%q ' "$@")"); }

# Whatever ran the script may have left descriptors open, but tests rely on the number a file will get.
# 255 is bash's own, of the script.
for inherited in /proc/$$/fd/*; do
        inherited=${inherited##*/}
        [ "$inherited" -le 2 ] || [ "$inherited" = 255 ] || exec {inherited}>&-
done

run_cleanups() {
        local i
        for ((i = ${#cleanups[@]} - 1; i >= 0; i--)); do eval "${cleanups[i]}"; done >/dev/null 2>&1
        rm -rf "$scratch"
}
trap run_cleanups EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# report STATUS NAME: one TAP line; STATUS 0 is a pass.
report() {
        tests_run=$((tests_run + 1))
        if [ "$1" = 0 ]; then
                echo "ok $tests_run - $2"
        else
                tests_failed=$((tests_failed + 1))
                echo "not ok $tests_run - $2"
        fi
        return "$1"
}

# said: what the last run() printed to standard error, without the lines about the source of packets.
said() { grep -v '^filt: reading from file' "$scratch/err"; }

# note TEXT...: diagnostics, shown with a failure.
note() { printf '%s\n' "$*" | sed 's/^/# /'; }

# ok NAME COMMAND...: passes if COMMAND succeeds.
ok() {
        local name=$1
        shift
        "$@" >"$scratch/ok.out" 2>&1
        report $? "$name" || note "$* failed:
$(head -c 2000 "$scratch/ok.out")"
}

# is GOT WANTED NAME: passes if the two strings are equal; shows a diff otherwise.
is() {
        [ "$1" = "$2" ]
        report $? "$3" || note "$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$1") | head -30)"
}

# like GOT PATTERN NAME: passes if the extended regular expression matches the string.
like() {
        [[ $1 =~ $2 ]]
        report $? "$3" || note "got:  $(printf '%s' "$1" | head -c 1000)
want: $2"
}

# unlike GOT PATTERN NAME: passes if it does not match.
unlike() {
        ! [[ $1 =~ $2 ]]
        report $? "$3" || note "got:  $(printf '%s' "$1" | head -c 1000)
not:  $2"
}

# run COMMAND...: runs it with nothing on standard input, for at most 60 seconds; leaves $status, $out
# and $err.
run() {
        timeout -k 5 60 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
        status=$?
        out=$(tr -d '\0' <"$scratch/out")
        err=$(tr -d '\0' <"$scratch/err")
}

# mistake STATUS PATTERN NAME ARGUMENT...: filt ends with STATUS after one line of message that
# matches.
mistake() {
        local wanted=$1 pattern=$2 name=$3
        shift 3
        run "$filt" "$@"
        is "$status $(said | wc -l)" "$wanted 1" "$name: status $wanted, one line"
        like "$(said)" "^filt: $pattern" "$name: it says what"
}

# needs root|COMMAND...: skips the script if one is missing. In CI (CI set), nothing may be
# skipped, so it fails.
needs() {
        local need
        for need; do
                if [ "$need" = root ]; then [ "$(id -u)" = 0 ] && continue
                else PATH=$PATH:/usr/sbin:/sbin command -v "$need" >/dev/null && continue; fi
                if [ -n "${CI:-}" ]; then
                        echo "Bail out! $0 needs $need, and in CI nothing may be skipped"
                        exit 1
                fi
                echo "1..0 # SKIP needs $need"
                exit 0
        done
}

# wait_for SECONDS COMMAND...: tries COMMAND until it succeeds; fails after SECONDS.
wait_for() {
        local tries=$(($1 * 50))
        shift
        while ((tries-- > 0)); do
                "$@" >/dev/null 2>&1 && return 0
                sleep 0.02
        done
        return 1
}

# on_terminal COLUMNS COMMAND: what a terminal of that width shows.
on_terminal() {
        NO_COLOR=1 TERM=xterm script -qec "stty cols $1; $2" "$scratch/screen" </dev/null >"$scratch/script.out"
        sed '1d; $d' "$scratch/screen" | tr -d '\r'
}
# widest: the length of the longest line of standard input.
widest() { awk '{ if (length > most) most = length } END { print most }'; }

done_testing() {
        echo "1..$tests_run"
        [ "$tests_failed" = 0 ]
        exit
}
