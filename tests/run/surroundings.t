#!/bin/bash
# Bad surroundings: what hostile input, names, terminals and disks may do, and what they may not.
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
needs readelf tcpdump

# --- The binary is hardened as Debian's tcpdump is ---

# hardening FILE: what a build was hardened with, a word a line.
hardening() {
        readelf -hW "$1" | grep -o 'Type: *DYN'
        readelf -lW "$1" | grep -o -e GNU_RELRO -e 'GNU_STACK .* RWE* '
        readelf -dW "$1" | grep -ow -e BIND_NOW -e NOW -e PIE
        readelf -W --dyn-syms "$1" | grep -o -e __stack_chk_fail -e '__[vf]*printf_chk' -e __longjmp_chk
}
hardening "$(PATH=$PATH:/usr/sbin command -v tcpdump)" | sort -u >"$scratch/theirs"
hardening "$filt" | sort -u >"$scratch/ours"
like "$(tr '\n' ' ' <"$scratch/theirs")" 'BIND_NOW.*GNU_RELRO.*PIE.*__stack_chk_fail' "tcpdump's hardening is found"
is "$(comm -23 "$scratch/theirs" "$scratch/ours")" '' 'nothing that hardens tcpdump is missing'

done_testing
