#!/bin/bash
# Failing allocations of short commands; .ci/nightly tries longer ones as well.

exec "$(dirname "$0")/../memory"
