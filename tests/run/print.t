#!/bin/bash
# Every capture in pcaps/ printed as tcpdump prints it, byte for byte.
. "$(dirname "$0")/../tap.sh"
needs tcpdump

for capture in pcaps/*.pcap pcaps/*.pcapng; do
        out=$(tests/compare_print "$capture")
        report $? "$capture" || note "$(head -c 1500 <<<"$out")"
done
done_testing
