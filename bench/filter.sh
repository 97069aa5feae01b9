#!/bin/bash
# Running a filter, by libpcap's interpreter, by filt's and as machine code. See README.md.

. "$(dirname "$0")/common.sh"

"$build/bench/filter" "$runs"
