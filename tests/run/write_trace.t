#!/bin/bash
# filt write-trace on the running kernel: what is selected, how it ends, what is lost, what it leaves
# behind, and its messages where something is missing. Its lines: write_trace_strace.t.

# In a private mount namespace where tracefs is unmounted, because filt has to mount it by itself.
if [ "$(id -u)" = 0 ] && [ -z "${FILT_TEST_PRIVATE:-}" ]; then
        FILT_TEST_PRIVATE=1 exec unshare --mount --propagation private "$0"
fi
. "$(dirname "$0")/../tap.sh"
needs root bpftool setpriv unshare script python3
PATH=$PATH:/usr/sbin:/sbin
umount /sys/kernel/tracing /sys/kernel/debug/tracing /sys/kernel/debug 2>/dev/null
writer=$PWD/${BUILD:-build}/tests/tools/writer
mounts() { grep -E 'tracefs|bpf|debugfs' /proc/mounts; }
mounts=$(mounts)

# Our programs that are loaded now. Those of others may come and go meanwhile.
loaded() { bpftool prog list | grep -cE ' name (enter_write|exit_write|exit_later_writ|follow_exit|signal_) ?'; }
nothing_loaded() { [ "$(loaded)" = 0 ] && ! bpftool map list | grep -qE ' name (ring|calls|followed) '; }
is_loaded() { [ "$(loaded)" -gt 0 ]; }
lines() { grep -c "$1" "$2"; }
has_lines() { [ "$(wc -l <"$2")" -ge "$1" ]; }
is "$(loaded)" 0 'no such program is loaded at the start'

# trace OPTION...: runs it, with its lines in $scratch/lines.
trace() { run "$filt" write-trace -o "$scratch/lines" "$@"; }
all() { cat "$scratch/lines"; }

# A command.
trace -- sh -c 'echo one; echo two; (echo three)'
is "$out" 'one
two
three' 'the command has its standard output'
is "$status:$err:$(lines 'write(' "$scratch/lines")" '0:filt: write-trace: 3 calls shown, 0 lost:3' 'three calls'
run "$filt" write-trace -q -- sh -c 'echo one; exit 3'
is "$status:$out:$err" '3:one:write(1, "one\n", 4)                    = 4
+++ exited with 3 +++' 'without -o the lines go to standard error; the exit status is the command'"'s"
trace -- sh -c 'kill -TERM $$'
is "$status" 143 'a signal that killed it is 128 + its number'
trace -- "$scratch/none"
is "$status:$err" "127:filt: $scratch/none: No such file or directory" 'a command that does not exist'
run sh -c "trap '' USR1; '$filt' write-trace -q -- grep SigIgn /proc/self/status 2>/dev/null"
like "$out" "SigIgn:.*200$" 'a signal ignored before stays so in the command'
trace -- unshare --pid --fork --mount-proc sh -c 'echo inside'
is "$(lines 'inside' "$scratch/lines")" 1 'children in a PID namespace of their own are followed'
run unshare --pid --fork --mount-proc "$filt" write-trace -f -o "$scratch/lines" -- sh -c 'echo $$; (echo sub)'
is "$(lines '^[0-9] .*write' "$scratch/lines"):$(sed -n 's/^\([0-9]*\) *write(1, "\1\\n", 2).*/own/p' "$scratch/lines")" \
        '2:own' 'in a PID namespace the numbers are those that count there'
# More than 64 bytes of data are kept in another kind of map.
for options in '' '--data 100' -T; do
        # shellcheck disable=SC2086
        trace $options -- "$writer" exec 1
        is "$status:$(lines 'write(' "$scratch/lines")" 0:10 "a thread that becomes a program when the first has ended: $options"
        # shellcheck disable=SC2086
        trace $options -- "$writer" exec 0
        is "$status:$(lines 'write(' "$scratch/lines"):$(lines superseded "$scratch/lines")" 0:10:2 \
                "... while the first waits: $options"
done
trace -- setsid sh -c '(sleep 0.3; echo late) & echo early'
is "$(lines 'write' "$scratch/lines"):$(lines late "$scratch/lines")" 2:1 'children that outlive the command are waited for'

# Selection. Meanwhile another writer is running that is not selected.
"$writer" slowly 5 &
other=$!
at_end kill -9 $other
"$writer" slowly 20 &
pid=$!
at_end kill -9 $pid
trace -p $pid -c 5
is "$status:$(sort -u "$scratch/lines")" '0:write(3, "tick\n", 5)                   = 5' '-p: that process and no other'
is "$(wc -l <"$scratch/lines")" 5 '-c 5: five lines'
sh -c 'sleep 2; echo once; exec sleep 20' >"$scratch/once" &
silent=$!
at_end kill -9 $silent
trace -c 1 -p $silent
ok '-c 1 ends with the first line, not with what happens next' kill -0 $silent
kill -9 $silent
wait $silent 2>/dev/null
run "$filt" write-trace -p "$pid,$other" -c 20 -o "$scratch/both"
is "$(sort -u "$scratch/both" | sed "s/^$pid  *//; s/^$other  *//" | sort -u)" 'write(3, "tick\n", 5)             = 5' '-p with two' ||
        note "$(head -3 "$scratch/both")"
trace -p $pid --duration 1s
is "$status" 0 '--duration ends it'
trace --comm writer --fd 3 -c 10 -Y
is "$(grep -cE "^($pid|$other)<writer> write\(3" "$scratch/lines"):$(wc -l <"$scratch/lines")" 10:10 '--comm and --fd'
# A user that no other test uses, again and again until the tracer has seen it.
trace --uid 64321 --min-bytes 4 -c 1 &
tracer=$!
while kill -0 $tracer 2>/dev/null; do
        setpriv --reuid 64321 --clear-groups sh -c 'echo no; echo nobody' >/dev/null
done
wait $tracer
is "$(sed 's/^[0-9]* *//' "$scratch/lines")" 'write(1, "nobody\n", 7)           = 7' '--uid and --min-bytes'
group=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -n "$group" ] && mkdir "$group/filt-test-$$" "$group/filt-test-$$/below"; then
        at_end rmdir "$group/filt-test-$$/below" "$group/filt-test-$$"
        trace --cgroup "$group/filt-test-$$" -c 1 &
        wait_for 5 is_loaded
        sh -c "echo \$\$ >'$group/filt-test-$$/below/cgroup.procs'; exec '$writer' slowly 10" &
        inside=$!
        at_end kill -9 $inside
        wait %?trace 2>/dev/null || wait_for 5 has_lines 1 "$scratch/lines"
        is "$(cut -d ' ' -f 1 "$scratch/lines")" $inside '--cgroup: what is below it'
        kill -9 $inside
        wait $inside 2>/dev/null
else
        ok 'a cgroup2 file system to test --cgroup in' false
fi
run "$filt" write-trace --cgroup / -c 1
like "$status:$err" '^1:filt: write-trace: / is not a cgroup' 'a folder that is no cgroup'
trace --duration 1 -Y
ok 'without a selection the whole system is traced' grep -q tick "$scratch/lines"
is "$(lines '<filt>.*tick' "$scratch/lines")" 0 '... but filt itself'
# It starts one after another until one of them has been seen.
sh -c "until [ -e '$scratch/seen' ]; do sh -c 'echo child; exec sleep 0.1' >/dev/null; done" &
parent=$!
at_end kill -9 $parent
timeout 60 "$filt" write-trace -f -p $parent -o "$scratch/lines" 2>"$scratch/err" &
tracer=$!
wait_for 50 grep -q child "$scratch/lines"
touch "$scratch/seen"
wait $tracer
status=$?
is "$(grep -c child "$scratch/lines" | sed 's/[1-9][0-9]*/some/'):$status" some:0 '-p with -f: what it starts; ends when they have ended'
kill -9 $pid
wait $pid 2>/dev/null

# Order, times and JSON.
trace -ttt -- "$writer" threads 8
is "$(awk '{ print $2 }' "$scratch/lines")" "$(awk '{ print $2 }' "$scratch/lines" | sort -n)" \
        'lines of several threads are in the order of their time'
run /usr/bin/python3 -c 'import os, sys
os.chdir(sys.argv[1])
for i in range(80): os.mkdir("d"); os.chdir("d")
os.execv(sys.argv[2], ["filt", "write-trace", "-y", "-q", "--", "sh", "-c", "echo deep >file"])' "$scratch" "$filt"
like "$err" '^write\(1<\.\.\.(/d)+/file>, ' 'a path that is too deep says so'
TIMEFORMAT=%S
seconds=$({ time "$filt" write-trace -q -y --syscalls all true 2>/dev/null; } 2>&1)
ok "the kernel takes its programs in $seconds seconds" [ "${seconds%.*}" -lt 2 ]
trace --json --syscalls all -- sh -c "echo 'a\"é'; '$writer' errors; kill -9 \$\$"
run python3 -c '
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
calls = [e for e in events if e["type"] == "call"]
first = calls[0]
assert first["call"] == "write" and first["fd"] == 1 and first["comm"] == "sh", first
assert first["data"].encode("latin-1").decode() == "a\"é\n" and first["requested"] == 5 == first["returned"], first
assert first["duration_ns"] > 0 and first["pid"] == first["tid"], first
bad = [e for e in calls if e["fd"] == 99][0]
assert bad["returned"] == -1 and bad["errno"] == 9 and bad["error"] == "EBADF", bad
assert any(e["data"] is None for e in calls)
assert [e["time"] for e in events] == sorted(e["time"] for e in events)
assert [e for e in events if e["type"] == "exit"][-1]["signal"] == 9
assert any(e["type"] == "fork" for e in events)
' "$scratch/lines"
is "$status:$err" 0: '--json: an object a line, as documented'

# Sums.
run "$filt" write-trace --summary --json -o "$scratch/sums" -- sh -c "'$writer' forks 20; '$writer' errors; echo end"
run python3 -c '
import json, sys
totals = [json.loads(line) for line in open(sys.argv[1])]
assert sum(t["calls"] for t in totals) == 22 + 8 + 1, totals
assert sum(t["errors"] for t in totals) == 5, totals
assert sum(t["bytes"] for t in totals) == sum(len("child %d\n" % i) for i in range(20)) + 2 * 11 + 17 + 4, totals
assert all(sum(t["histogram"]) == t["calls"] for t in totals)
assert {t["comm"] for t in totals} == {"writer", "sh"}, totals
' "$scratch/sums"
is "$status:$err" 0: '--summary adds up calls, errors and bytes by process'
trace --summary=fd -- sh -c 'echo out; echo fails >&9'
like "$(all)" "sh  +2 +3 +30 +0 .*"$'\n'".*sh  +1 +1 +4 +0 " '--summary=fd adds up by descriptor'
run script -qec "'$filt' write-trace --summary --interval 1s --duration 3 -p $other" "$scratch/typed"
like "$(grep -ac $'\033\[H\033\[J' "$scratch/typed")" '^[23]$' '--interval redraws the table in a terminal'

# Paths are those that the traced process knows; from outside of its root, those of the system.
mkdir -p "$scratch/root/folder" "$scratch/mounted"
run "$filt" write-trace -q -y -- perl -e 'open OUT, ">", "$ARGV[0]/outside" or die; chroot "$ARGV[0]/root" or die;
        open IN, ">", "/folder/file" or die; syswrite IN, "in"; syswrite OUT, "out"' "$scratch"
is "$(sed -E 's/^write\([0-9]+<(.*)>, .*/\1/; /^\+/d' "$scratch/err")" "/folder/file
$scratch/outside" '-y: paths within another root'
run unshare --mount sh -c 'mount --bind "$1/root" "$1/mounted" && exec "$2" write-trace -q -y -- perl -e "
        chroot q($1/mounted) or die; open IN, q(>), q(/folder/file) or die; syswrite IN, q(in)"' sh "$scratch" "$filt"
like "$err" '^write\([0-9]+</folder/file>, "in", 2\)' '-y: within one that is mounted'

# On a screen of 8 lines and 100 columns. The last table, which stays, is a whole one.
cat >"$scratch/many" <<'END'
for i in 1 2 3 4 5 6 7 8 9; do sh -c 'echo x; echo y' >/dev/null; done
until [ -e "$1" ]; do sleep 0.1; done
END
script -qefc "stty rows 8 cols 100; '$filt' write-trace -q --summary --interval 1s -- sh '$scratch/many' '$scratch/go'" \
        "$scratch/typed" >"$scratch/out" 2>&1 &
ok '--interval: on a small screen, it is told how many rows are left out' wait_for 20 grep -aq 'and 4 more' "$scratch/typed"
touch "$scratch/go"
wait $!
tr -d '\r' <"$scratch/typed" | perl -0777 -ne '/.*\e\[H\e\[J\e\[\?7l(.*?and \d+ more\n)\e\[\?7h/s and print $1' >"$scratch/table"
is "$(wc -l <"$scratch/table") $(tail -n 1 "$scratch/table" | xargs)" '7 and 4 more' 'the table leaves a line to the cursor'
is "$(head -n 1 "$scratch/table" | xargs) $(wc -L <"$scratch/table")" 'pid name calls bytes errors mean us <65us <17ms more 93' 'and fits, as columns are merged'
like "$(tr -d '\r' <"$scratch/typed" | grep -ac '^ *[0-9]* sh  *2  *4  *0 ')" '^(9|[1-9][0-9]+)$' 'the last one has all rows'

# Losses: a small ring, and the arithmetic must be exact.
trace --buffer 4096 -- "$writer" flood 400000
shown=$(lines 'write(3' "$scratch/lines")
like "$err" "calls? shown, [1-9][0-9]* lost: the ring was full" 'a small ring loses events and says so'
is "$(sed -n 's/.* \([0-9]*\) calls\? shown, \([0-9]*\) lost.*/\1 \2/p' <<<"$err" | awk -v shown="$shown" '{ print $1 == shown, $1 + $2 }')" \
        '1 400000' 'those shown are the lines, and with those lost all that were written'
# 128 bytes each: the default ring of 16 MiB has room for all of them, however late filt reads them.
trace -- "$writer" flood 100000
is "$err:$(lines 'write(3' "$scratch/lines")" 'filt: write-trace: 100000 calls shown, 0 lost:100000' 'the usual ring loses none'

# Signals to filt.
rm "$scratch/lines"
# (Commands that a shell starts in the background ignore SIGINT.)
env --default-signal=INT "$filt" write-trace -o "$scratch/lines" -- "$writer" slowly 10 2>"$scratch/err" &
pid=$!
at_end kill -9 $pid
wait_for 10 has_lines 3 "$scratch/lines"
ok 'programs are loaded while it runs' is_loaded
kill -INT $pid
wait $pid
is $? 130 'SIGINT is passed on to the command, which dies of it'
is "$(tail -n 1 "$scratch/lines" | sed 's/^[0-9]* *//')" '+++ killed by SIGINT +++' '... as the trace shows to the end'
rm "$scratch/lines"
"$filt" write-trace --duration 1 -o "$scratch/lines" -- "$writer" slowly 10 2>"$scratch/err" &
pid=$!
at_end kill -9 $pid
wait_for 10 grep -q shown "$scratch/err"
kill -TERM $pid
wait $pid
is $? 143 'SIGTERM is passed on to a command that outlives the trace'
"$filt" write-trace -q -o "$scratch/lines" -- sh -c 'sleep 10 & exit 3' &
pid=$!
at_end kill -9 $pid
wait_for 10 grep -q 'exited with 3' "$scratch/lines"
kill -TERM $pid
wait $pid
is $? 3 'the status is that of a command that ended before the signal'
rm "$scratch/lines"
"$filt" write-trace -p $other -o "$scratch/lines" 2>"$scratch/err" &
pid=$!
at_end kill -9 $pid
wait_for 10 has_lines 3 "$scratch/lines"
kill -TERM $pid
wait $pid
is "$?:$(wc -l <"$scratch/lines")" "0:$(sed -n 's/.* \([0-9]*\) calls\? shown, 0 lost/\1/p' "$scratch/err")" \
        'with -p SIGTERM ends it, all lines written'
ok '... and leaves the process alone' kill -0 $other
run sh -c "'$filt' write-trace -p $other | head -n 2"
is "$(wc -l <"$scratch/out")" 2 'a reader that has seen enough ends it'
run "$filt" write-trace -p $other -c 1 -o /dev/full
like "$status:$err" '^1:filt: /dev/full: No space left on device' 'a full disk is told'

# Sudden deaths leave nothing behind: filt killed, its terminal, its command.
ok 'nothing is loaded so far' wait_for 5 nothing_loaded
for victim in filt command terminal; do
        rm -f "$scratch/pid" "$scratch/lines"
        case $victim in
        terminal) script -qc "'$filt' write-trace -o '$scratch/lines' -- sh -c 'echo \$\$ >$scratch/pid; exec $writer slowly 10'" \
                /dev/null >/dev/null 2>&1 </dev/zero & ;;
        *) "$filt" write-trace -o "$scratch/lines" -- sh -c "echo \$\$ >$scratch/pid; exec $writer slowly 10" 2>/dev/null & ;;
        esac
        pid=$!
        wait_for 10 has_lines 3 "$scratch/lines"
        command=$(cat "$scratch/pid")
        at_end kill -9 "$command" $pid
        ok "loaded before the $victim is killed" is_loaded
        if [ $victim = command ]; then kill -9 "$command"; else kill -9 $pid; fi
        wait $pid 2>/dev/null
        ok "nothing stays loaded after the $victim was killed" wait_for 5 nothing_loaded
        kill -9 "$command" 2>/dev/null
done
for delay in 0 0.01 0.02 0.03 0.04 0.05 0.06 0.07; do
        "$filt" write-trace -o /dev/null -- timeout 1 "$writer" slowly 10 2>/dev/null &
        pid=$!
        sleep $delay
        kill -9 $pid
        wait $pid 2>/dev/null
done
ok 'killed at any moment of its start it leaves nothing' wait_for 5 nothing_loaded
is "$(mounts)" "$mounts" 'nothing stays mounted'

# What is missing is named.
cp "$filt" "$scratch/filt"
chmod 755 "$scratch" "$scratch/filt"
in_private() { run unshare --mount sh -c "$1"; }
run setpriv --reuid=65534 --regid=65534 --clear-groups "$scratch/filt" write-trace -- echo not run
is "$status:$out" 1: 'an ordinary user gets status 1, and the command does not run'
like "$err" '^filt: write-trace: no permission .*missing here: CAP_BPF CAP_PERFMON.*sudo$' \
        '... and reads what is missing and what to do'
in_private "mount -t tmpfs t /sys/kernel/btf && '$filt' write-trace -c 1"
like "$status:$err" '^1:filt: write-trace: /sys/kernel/btf/vmlinux: .*CONFIG_DEBUG_INFO_BTF' 'no BTF'
in_private "mount -t tracefs t /sys/kernel/tracing &&
        mount -t tmpfs t /sys/kernel/tracing/events/syscalls && '$filt' write-trace --syscalls writev -c 1"
like "$status:$err" '^1:.* no tracepoint syscalls:sys_enter_writev; .*CONFIG_FTRACE_SYSCALLS$' 'no tracepoint'
run "$filt" write-trace -p 999999999
like "$status:$err" '^1:filt: process 999999999: No such process' 'no such process'

# Usage.
while read -r bad; do
        run "$filt" write-trace $bad
        like "$status:$out:$err" '^2::filt: ' "'$bad' is bad usage"
done <<'END'
-c 0
-p
-p x
-p 1 -- true
-f
--syscalls read
--uid nosuchuser
--fd -1
--data 16385
--buffer 1
--buffer 5X
--summary=x
--interval 1
--summary -c 1
--bogus
--minimal -- true
--minimal -f
END
for bad in -p --syscalls; do
        run "$filt" write-trace $bad '' --duration 1
        like "$status:$out:$err" '^2::filt: ' "'$bad' with nothing is bad usage"
done
run "$filt" write-trace --help
like "$status:$err:$out" '^0::Usage: filt write-trace ' '--help'
ok 'nothing stays loaded at the end' wait_for 5 nothing_loaded
done_testing
