#!/bin/bash
# Every capture in pcaps/ printed as tcpdump prints it, byte for byte. Two at a time: there are many.
. "$(dirname "$0")/../tap.sh"
needs tcpdump

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
captures=(pcaps/*.pcap pcaps/*.pcapng)
# shellcheck disable=SC2016 # for the inner shell
printf '%s\0' "${captures[@]}" |
        xargs -0 -n 1 -P 2 sh -c 'out=$0/$(basename "$1"); tests/compare_print "$1" >"$out" || : >"$out.differs"' "$folder"
for capture in "${captures[@]}"; do
        out=$folder/$(basename "$capture")
        [ -e "$out" ] && [ ! -e "$out.differs" ]
        report $? "$capture" || note "$(head -c 1500 "$out")"
done
done_testing
