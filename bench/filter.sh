#!/bin/bash
# Running a filter with libpcap's interpreter, with filt's, and as machine code. See README.md.

. "$(dirname "$0")/common.sh"

"$build/bench/filter" "$runs"
