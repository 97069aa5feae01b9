# shellcheck shell=bash
# How long filt's programs for XDP are, beside what clang -O2 makes of filters written in C by hand. See README.md, "lengths".
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

source=bench/by_hand.bpf.c
clang -target bpf -O2 -I. -idirafter "/usr/include/$(clang -print-multiarch)" -c -o "$scratch/by_hand.o" "$source" ||
        die "clang does not compile $source"

# "name expression" of each filter.
filters() { perl -0ne 'print "$2 $1\n" while m{/\* (.*?) \*/\nFILTER\((\w+)\)}g' "$source"; }

# A 64-bit constant takes two instructions.
by_hand() { llvm-readelf -s "$scratch/by_hand.o" | awk -v name="$1" '$8 == name { print $3 / 8 }'; }
by_filt() { "$build/filt" -d --format ebpf --at xdp -- "$1" 2>/dev/null | awk '{ count += 1 + /\(18\)/ } END { print count }'; }

printf '\n%s\n\n%-60s %6s %8s %6s\n' 'lengths: instructions at XDP' expression filt 'by hand' ratio
filters | while read -r name expression; do
        filt_count=$(by_filt "$expression") hand_count=$(by_hand "$name")
        printf '%-60s %6d %8d %6.2f\n' "$expression" "$filt_count" "$hand_count" "$(bc -l <<<"$filt_count / $hand_count")"
done | tee "$scratch/lengths"
awk '{ print $NF }' "$scratch/lengths" | sort -n | awk '{ all[NR] = $1 } END { printf "median %.2f, greatest %.2f\n", all[int((NR + 1) / 2)], all[NR] }'
