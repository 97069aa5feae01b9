#!/bin/bash
# filt write-trace compared with strace: the same programs under both, and the same lines.

. "$(dirname "$0")/../tap.sh"
needs root strace python3 gcc git tar setarch perl
writer=${BUILD:-build}/tests/tools/writer
[ -x "$writer" ] || writer=$PWD/build/tests/tools/writer

# by_process FILE: its lines without what differs from run to run: process numbers and how their
# lines interleave. Each process becomes one paragraph, sorted by text. SIGCHLD is left out: how
# many signals of dying children merge into one depends on how long their parent takes.
by_process() {
        perl -e '
                my (%lines, %open);
                while (<>) {
                        chomp;
                        s/^(\d+) +// or die "no process in: $_";
                        my $pid = $1;
                        next if /^--- SIGCHLD /;
                        if (s/ <unfinished \.\.\.>$//) { $open{$pid} = $_; next }
                        s/^<\.\.\. \w+ resumed>/delete $open{$pid}/e;
                        s/\) +(= \S)/) $1/;
                        s/si_pid=\d+/si_pid=N/;
                        s/execve in pid \d+/execve in pid N/;
                        s/\[\d+\]>/[N]>/;
                        s/#\d+>/#N>/;
                        push @{$lines{$pid}}, $_;
                }
                print sort map { join "\n", @$_, "\n" } values %lines;
        ' "$1"
}

# same NAME COMMAND...: whether both show the same, and it does the same. Addresses are not randomized.
syscalls=write
options=
same() {
        local name=$1 theirs ours
        shift
        setarch -R strace -f $options -e "trace=$syscalls" -o "$scratch/strace" "$@" </dev/null >"$scratch/out" 2>/dev/null
        theirs="$? $(md5sum <"$scratch/out")"
        setarch -R "$filt" write-trace -q $options --syscalls "$syscalls" -o "$scratch/filt" -- "$@" \
                </dev/null >"$scratch/out" 2>/dev/null
        ours="$? $(md5sum <"$scratch/out")"
        by_process "$scratch/strace" >"$scratch/theirs" || theirs="broken lines"
        by_process "$scratch/filt" >"$scratch/ours" || ours="broken lines"
        cmp -s "$scratch/theirs" "$scratch/ours" && [ "$theirs" = "$ours" ]
        report $? "$name: $(grep -c 'write' "$scratch/filt") calls, as strace shows them" ||
                note "strace: $theirs, filt: $ours
$(diff "$scratch/theirs" "$scratch/ours" | head -20)"
}

mkdir "$scratch/project"
cat >"$scratch/project/main.c" <<'END'
#include <stdio.h>
int main(void) { return printf("hello\n") < 0; }
END
(
        cd "$scratch/project" && git init -q . && git add . &&
                git -c user.name=t -c user.email=t@t commit -q -m 'Say hello'
)

same 'ls -l' ls -l /usr/bin/env /etc/passwd
same 'a pipeline' sh -c 'seq 2000 | sort -r | uniq | tail -n 3'
same 'gcc' gcc -o "$scratch/project/main" "$scratch/project/main.c"
same 'python3' python3 -c 'import sys
for i in range(50): print("line", i, flush=True)
sys.stderr.write("d\u00e9j\u00e0 vu\n")'
same 'git' git -C "$scratch/project" log --stat
same 'tar' tar -C "$scratch" -cf "$scratch/project.tar" --exclude=.git project
same 'perl, gzip and a here document' bash -c 'gzip -c <<<"some text" | gzip -dc | perl -pe "s/e/3/g"'
same 'find and xargs' sh -c 'find /usr/share/doc/bash -type f | sort | xargs -n 2 echo'
same 'a program of threads' "$writer" threads 8
same 'a thread that becomes a program' "$writer" exec 0
same 'every byte' "$writer" binary
same 'every size' "$writer" sizes 70
same 'EBADF, EPIPE, and data that is not in memory' "$writer" errors
same 'death by SIGPIPE' "$writer" pipe
same '1,000 children' "$writer" forks 1000
same 'a shell killed' sh -c 'echo before; kill -9 $$'
same 'a shell that fails' sh -c 'echo fails >&9; exit 7'
same 'unreadable names' sh -c 'printf "\001\0011\033[0m\t\"\\\\" >/dev/null'
syscalls=write,writev,pwrite64,pwritev,pwritev2
same 'vectors' "$writer" vectors
options='-s 0'
same 'vectors without their data' /usr/bin/python3 -c 'import os
for call in (lambda v: os.writev(1, v), lambda v: os.pwritev(os.open("/dev/null", os.O_WRONLY), v, 5)):
    for vector in ([b"one"], [b"one", b""], []): call(vector)'
options=
same 'dd and printf' sh -c 'printf "%300s" x | dd bs=7 status=none >/dev/null'

syscalls=write
options=-y
mkdir "$scratch/a <b> \"é\""
same '-y: files, pipes, sockets, devices, and what has no name any more' bash -c 'cd "$0" && echo 1 >"f\\1" &&
        echo 2 | cat >/dev/null; exec 5>gone && rm gone && echo 3 >&5; echo 4 >&6
        cd / && echo 6 >"$0/../x"' "$scratch/a <b> \"é\""
same '-y: sockets and the nameless' /usr/bin/python3 -c 'import os, socket
one, other = socket.socketpair()
os.write(one.fileno(), b"socket")
os.write(os.memfd_create("name"), b"memory")
os.write(os.open("/tmp", os.O_TMPFILE | os.O_RDWR), b"temporary")
try: os.write(os.pidfd_open(os.getpid()), b"process")
except OSError: pass'
cat >"$scratch/named.c" <<'END'
#include <sys/prctl.h>
#include <unistd.h>
int main(void)
{
        prctl(PR_SET_NAME, "a<\33[31m>\"\\\xc3\xa9\1" "7");
        return write(1, "x", 1) != 1;
}
END
gcc -o "$scratch/named" "$scratch/named.c"
named() { sed -E 's/^[0-9]+//; s/\) +=/) =/' "$1"; }
strace -f -Y -e trace=write -o "$scratch/strace" "$scratch/named" >/dev/null
"$filt" write-trace -q -Y -o "$scratch/filt" "$scratch/named" >/dev/null
is "$(named "$scratch/filt")" "$(named "$scratch/strace")" "-Y: a name that would steer the terminal"

for options in -x -xx; do
        same "every byte with $options" "$writer" binary
        same "texts with $options" sh -c 'printf "tab\tand\n"; printf "\033[0m"; printf "\351t\351"; printf "\177"; printf "\""
                printf "%32s\001" x; printf ""'
        options+=' -y'
        same "names of files with $options" bash -c 'echo 1 >"$0/plain"; echo 2 >"$0/f\1"; exec 5>"$0/gone" && rm "$0/gone" && echo 3 >&5' \
                "$scratch/a <b> \"é\""
        same "and all ASCII with $options" sh -c 'echo 1 >/dev/null'
        options=${options% -y}
        # shellcheck disable=SC2086
        strace -f $options -Y -e trace=write -o "$scratch/strace" "$scratch/named" >/dev/null
        # shellcheck disable=SC2086
        "$filt" write-trace -q $options -Y -o "$scratch/filt" "$scratch/named" >/dev/null
        is "$(named "$scratch/filt")" "$(named "$scratch/strace")" "names of tasks with $options"
        syscalls=writev,pwritev
        same "vectors with $options" "$writer" vectors
        syscalls=write
done

# The options that change a line, on one call. Digits of times become 0.
line_of() { # PROGRAM OPTION...
        local run=(strace -e trace=write)
        [ "$1" = filt ] && run=("$filt" write-trace -q)
        shift
        "${run[@]}" "$@" -- sh -c 'echo Kano >/dev/null' 2>&1 >/dev/null | sed -E 's/[0-9]{10}/0/; s/[0-9]{2}(:|\.|>| )|[0-9]{6}/0\1/g; s/[0-9] /0 /g'
}
for options in '' -t -tt -ttt -r '-r -t' -T '-tt -T' '-s 3' '-s 0' -x -xx -f '-f -tt'; do
        # shellcheck disable=SC2086
        is "$(line_of filt ${options/-f/})" "$(line_of strace $options)" "the line with '$options'"
done
done_testing
