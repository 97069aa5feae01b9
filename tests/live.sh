# shellcheck shell=bash
# A capture in the background, for tests; sourced after tap.sh.

gone() { ! kill -0 "$1"; }

# background COMMAND...: runs it and waits until it listens, or waits for an interface; $pid, live.out, live.err.
background() {
        : >live.err
        "$@" >live.out 2>live.err &
        pid=$!
        wait_for 5 grep -Eq '^filt: (listening on|waiting)' live.err || note "no start: $(cat live.err)"
}

# finish: the status of what runs in the background, once it ends; 99 if it does not within eight seconds.
finish() {
        wait_for 8 gone "$pid" || { kill -9 "$pid"; wait "$pid" 2>wait.err; status=99; return; }
        wait "$pid" 2>wait.err
        status=$?
}

# stop [SIGNAL]: ends it.
stop() {
        kill -"${1:-INT}" "$pid" 2>/dev/null
        finish
}
