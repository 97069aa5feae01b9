#!/bin/bash
# filt write-trace --minimal on the running kernel: a line for each dot, nothing left behind, and its messages where
# something is missing.

# In a private mount namespace where tracefs is unmounted, because filt has to mount it by itself.
if [ "$(id -u)" = 0 ] && [ -z "${FILT_TEST_PRIVATE:-}" ]; then
        FILT_TEST_PRIVATE=1 exec unshare --mount --propagation private "$0"
fi
. "$(dirname "$0")/../tap.sh"
needs root strace bpftool setpriv unshare
PATH=$PATH:/usr/sbin:/sbin
umount /sys/kernel/tracing /sys/kernel/debug/tracing /sys/kernel/debug 2>/dev/null

# Others may load programs meanwhile, so only ours are counted.
loaded() { bpftool prog list | grep -c ' name handle_write '; }
nothing_loaded() { [ "$(loaded)" = 0 ] && ! bpftool link list | grep -q sys_enter_write; }
count() { grep -c "$1" "$2"; }
has_lines() { [ "$(wc -l <"$2")" -ge "$1" ]; }

# in_private COMMANDS...: a shell in one more mount namespace, so that what it mounts is gone afterwards.
in_private() { run unshare --mount sh -c "$1"; }

# A witness of everything that eBPF programs print, independent of trace_pipe: our own trace instance.
mkdir "$scratch/tracefs"
mount -t tracefs tracefs "$scratch/tracefs"
at_end umount "$scratch/tracefs"
witness=$scratch/tracefs/instances/filt-test-$$
mkdir "$witness"
at_end rmdir "$witness"
echo 1 >"$witness/events/bpf_trace/bpf_trace_printk/enable"
is "$(cat "$scratch/tracefs/tracing_on")" 1 'tracing is on, as these tests need it'
is "$(loaded)" 0 'no such program is loaded at the start'
mounts() { grep -E 'tracefs|bpf|debugfs' /proc/mounts; }
mounts=$(mounts)

# Until SIGINT, with others writing at the same time.
"$filt" write-trace --minimal >"$scratch/lines" 2>"$scratch/dots" &
pid=$!
at_end kill -9 $pid
sh -c 'while sleep 0.05; do echo "BPF triggered from PID 1."; done' >"$scratch/foreign" &
foreign=$!
at_end kill -9 $foreign
wait_for 10 has_lines 3 "$scratch/lines"
is "$(loaded)" 1 'the program is loaded while it runs'
kill -INT $pid
wait $pid
is $? 0 'SIGINT ends it with status 0'
kill $foreign
wait $foreign 2>/dev/null
dots=$(cat "$scratch/dots")
like "$dots" '^\.{3,4}$' 'standard error got dots and nothing else'
is "$(wc -l <"$scratch/lines")" "${#dots}" 'each dot gave one line'
is "$(count "bpf_trace_printk: BPF triggered from PID $pid\.$" "$scratch/lines")" "${#dots}" \
        'each line has the PID of filt'
ok 'others wrote meanwhile' test -s "$scratch/foreign"
is "$(grep -o 'BPF triggered.*' "$witness/trace" | sort | uniq -c | sed 's/^ *//')" \
        "${#dots} BPF triggered from PID $pid." 'the program printed that and nothing for the others'
ok 'nothing stays loaded' wait_for 5 nothing_loaded
is "$(mounts)" "$mounts" 'nothing stays mounted'

# The other ways to end.
"$filt" write-trace --minimal >"$scratch/lines" 2>/dev/null &
pid=$!
at_end kill -9 $pid
wait_for 10 has_lines 1 "$scratch/lines"
kill -TERM $pid
wait $pid
is $? 0 'SIGTERM ends it with status 0'
rm "$scratch/lines"
"$filt" write-trace --minimal >"$scratch/lines" 2>/dev/null &
pid=$!
at_end kill -9 $pid
wait_for 10 has_lines 1 "$scratch/lines"
is "$(loaded)" 1 'it is loaded before SIGKILL'
kill -9 $pid
wait $pid 2>/dev/null
ok 'nothing stays loaded after SIGKILL' wait_for 5 nothing_loaded
run "$filt" write-trace --minimal --duration 2s
is "$status:$err:$(wc -l <"$scratch/out")" 0:..:2 '--duration 2 is two dots and two lines'
run sh -c "{ '$filt' write-trace --minimal; echo \$? >'$scratch/status'; } | head -n 1"
is "$(cat "$scratch/status"):$(wc -l <"$scratch/out"):$err" 0:1:.. \
        'a reader that closes the pipe ends it quietly'
run sh -c "'$filt' write-trace --minimal -c 1 >/dev/full"
is "$status" 1 'a full standard output is status 1'
like "$err" 'filt: standard output: No space left on device$' '... and is said'

# Under strace: the dots are the only calls of write(2); the lines are written differently.
run strace -e trace=write -o "$scratch/strace" "$filt" write-trace --minimal -c 2
is "$(grep write "$scratch/strace" | tr -s ' ')" 'write(2, ".", 1) = 1
write(2, ".", 1) = 1' 'strace shows write(2, ".", 1) for each dot and no other write'
is "$(wc -l <"$scratch/out")" 2 '... and write-trace as many lines'

# A PID namespace has its own numbers.
run unshare --pid --fork --mount-proc "$filt" write-trace --minimal -c 1
like "$out" 'BPF triggered from PID 1\.$' 'in a PID namespace it is traced under its PID there'
is "$status:$err" 0:. '... one line for one dot'

# What is missing is named.
cp "$filt" "$scratch/filt"
chmod 755 "$scratch" "$scratch/filt"
nobody="setpriv --reuid=65534 --regid=65534 --clear-groups $scratch/filt write-trace --minimal -c 1"
run $nobody
is "$status:$out" 1: 'an ordinary user gets status 1'
like "$err" '^filt: write-trace: no permission .*missing here: CAP_BPF CAP_PERFMON.*sudo$' \
        '... and reads what is missing and what to do'
is "$(wc -l <"$scratch/err")" 1 '... in one line'
in_private "mount -t tracefs t /sys/kernel/tracing && $nobody"
like "$status:$err" '^1:.*no permission to read /sys/kernel/tracing/.*sudo$' \
        'so it is where tracefs is mounted'
in_private "mount -t tracefs t /sys/kernel/tracing &&
        setpriv --bounding-set=-perfmon,-sys_admin '$filt' write-trace --minimal -c 1"
like "$status:$err" '^1:.*no permission to load .*missing here: CAP_PERFMON\)' \
        'root without CAP_PERFMON cannot load it'
in_private "mount -t tmpfs t /sys/kernel && '$filt' write-trace --minimal -c 1"
like "$status:$err" '^1:filt: write-trace: tracefs is not mounted and cannot be .*CONFIG_FTRACE$' \
        'no tracefs'
in_private "mount -t tracefs t /sys/kernel/tracing &&
        mount -t tmpfs t /sys/kernel/tracing/events/syscalls && '$filt' write-trace --minimal -c 1"
like "$status:$err" '^1:.* no tracepoint syscalls:sys_enter_write; .*CONFIG_FTRACE_SYSCALLS$' \
        'no tracepoint'
in_private "echo 0 >'$scratch/zero'; mount -t tracefs t /sys/kernel/tracing &&
        mount --bind '$scratch/zero' /sys/kernel/tracing/tracing_on && '$filt' write-trace --minimal -c 1"
like "$status:$err" '^1:.*tracing is switched off.*echo 1 > /sys/kernel/tracing/tracing_on$' \
        'tracing switched off'
in_private "mount -t tmpfs t /sys/kernel/btf && '$filt' write-trace --minimal -c 1"
is "$status:$err" 0:. 'it does without the BTF of the kernel'

# Usage.
for bad in '-c 0' '-c x' '-c' '--duration 0' '--duration -1' '--bogus' '-x' 'ls' '-f' '--json'; do
        run "$filt" write-trace --minimal $bad
        like "$status:$out:$err" '^2::filt: ' "'$bad' is bad usage"
done
ok 'nothing stays loaded at the end' wait_for 5 nothing_loaded
done_testing
