#!/bin/bash
# Tracing writes, filt against strace and bpftrace: what tracing adds to a write. See README.md.

. "$(dirname "$0")/common.sh"

writes=${WRITES:-300000}
[ "$(id -u)" = 0 ] || die "write-trace needs root"
tool=$build/bench/writes
[ -x "$tool" ] || die "$tool is missing: make bench builds it"
for peer in strace bpftrace; do
        command -v $peer >/dev/null || echo "write-trace: no $peer here (apt-get install $peer)"
done
# bpftrace looks for tracefs in its usual place; mounted here, it is not visible to anyone else.
if [ -z "${FILT_BENCH_PRIVATE:-}" ]; then
        FILT_BENCH_PRIVATE=1 exec unshare --mount --propagation private bash bench/write-trace.sh
fi
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null

# What strace shows of a call, from bpftrace.
print='tracepoint:syscalls:sys_enter_write { @fd[tid] = args->fd; @buf[tid] = args->buf; @count[tid] = args->count; }
tracepoint:syscalls:sys_exit_write /@buf[tid]/ {
        printf("%d write(%d, %r, %d) = %d\n", tid, @fd[tid], buf(@buf[tid], @count[tid]), @count[tid], args->ret);
        delete(@fd[tid]); delete(@buf[tid]); delete(@count[tid]); }'
count='tracepoint:syscalls:sys_enter_write { @[pid] = count(); }'
export BPFTRACE_PERF_RB_PAGES=4096

declare -A run=(
        [none]=''
        [strace]="strace -f -e trace=write -o $scratch/lines"
        [bpftrace]='bpftrace'
        [filt]="./filt write-trace -o $scratch/lines --"
        [filt -T]="./filt write-trace -T -o $scratch/lines --"
        [bpftrace, counting]='bpftrace'
        [filt --summary]="./filt write-trace --summary -o $scratch/lines --"
)
tracers=(none strace bpftrace filt 'filt -T' 'bpftrace, counting' 'filt --summary')

# measure TRACER: one run; a line "us_a_write lines_shown" in the tracer's file.
measure() {
        local name=$1 file=$scratch/${1// /_}
        rm -f "$scratch/lines" "$scratch/time"
        case $name in
        bpftrace) bpftrace -e "$print" -o "$scratch/lines" -c "$tool $writes $scratch/time" ;;
        bpftrace,*) bpftrace -e "$count" -o "$scratch/lines" -c "$tool $writes $scratch/time" ;;
        *) ${run[$name]} "$tool" "$writes" "$scratch/time" ;;
        esac >"$scratch/said" 2>&1
        [ -s "$scratch/time" ] || die "$name: $(tail -n 1 "$scratch/said")"
        echo "$(cat "$scratch/time") $(grep -c '0123456789abcdef' "$scratch/lines" 2>/dev/null)" >>"$file"
}

for ((i = 0; i < runs; i++)); do
        for name in "${tracers[@]}"; do
                command -v "${name%%[ ,]*}" >/dev/null || [ "${name%% *}" = filt ] || [ "$name" = none ] || continue
                measure "$name"
        done
done

base=$(median "$scratch/none" 1)
added() { awk -v a="$(median "$scratch/${1// /_}" 1)" -v b="$base" 'BEGIN { printf "%.3f", a - b }'; }
# share NAME PEER: NAME's added time as a fraction of PEER's.
share() {
        [ -e "$scratch/${2// /_}" ] || { echo -; return; }
        awk -v a="$(added "$1")" -v b="$(added "$2")" 'BEGIN { printf "1/%.1f", b / a }'
}

printf 'write-trace: %d writes to /dev/null, each %.3f us untraced; what tracing adds\n' "$writes" "$base"
printf '%-20s %12s %12s  %s\n' tracer 'us a write' 'lines' "filt's part"
for name in "${tracers[@]:1}"; do
        [ -e "$scratch/${name// /_}" ] || continue
        case $name in
        filt | 'filt -T') part="$(share "$name" strace) of strace, $(share "$name" bpftrace) of bpftrace" ;;
        'filt --summary') part="$(share "$name" 'bpftrace, counting') of bpftrace, counting" ;;
        *) part= ;;
        esac
        printf '%-20s %12s %12s  %s\n' "$name" "$(added "$name")" "$(median "$scratch/${name// /_}" 2)" "$part"
done
