# shellcheck shell=bash
# What the tests of filt demo share: an ordinary user, and programs that misbehave. Sourced after tap.sh.

PATH=$PATH:/usr/sbin:/sbin
chmod 755 "$scratch"
cp "$filt" "$scratch/filt"
filt=$scratch/filt # where an ordinary user can reach it, wherever this folder is
# Through env: setpriv itself still has capabilities, which the next exec takes away.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups env)

# wrapper FOLDER PROGRAM TEXT: a script that replaces PROGRAM where tests/in_front is given the folder.
wrapper() {
        mkdir -p "$scratch/$1"
        printf '#!/bin/sh\n%s\n' "$3" >"$scratch/$1/$2"
        chmod 755 "$scratch/$1/$2"
}

# A demo that is to be interrupted gets a session of its own: its namespaces have no name, so they
# exist for as long as a process of that session does.
session_empty() { ! ps -o pid= -s "$1"; }
session_runs() { ps -o comm= -s "$1" | grep -qx "$2"; }
session_kill() { ps -o pid= -s "$1" | xargs -r kill -9; }

# interrupted PROGRAM SIGNAL OPTION [COMMAND...]: `filt demo OPTION` (none if empty), run by COMMAND, gets
# the signal while PROGRAM runs, which the wrapper folder "endless" makes wait.
interrupted() {
        local program=$1 signal=$2 option=$3 session
        shift 3
        setsid tests/in_front "$scratch/endless" "$@" "$filt" demo ${option:+"$option"} >"$scratch/interrupted" 2>&1 &
        session=$!
        at_end session_kill "$session"
        ok "SIG$signal: it comes while $program is running" wait_for 5 session_runs "$session" "$program"
        kill "-$signal" "$session"
        wait "$session" 2>/dev/null
        ok "SIG$signal: no process is left, and so no namespace" wait_for 5 session_empty "$session"
}
