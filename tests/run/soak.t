#!/bin/bash
# A short soak; .ci/nightly runs a long one.

exec "$(dirname "$0")/../soak" 5 12
