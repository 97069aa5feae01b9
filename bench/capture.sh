#!/bin/bash
# Live capture, filt against tcpdump: packets captured, packets lost, CPU time. See README.md.

. "$(dirname "$0")/common.sh"
packets=${PACKETS:-2000000}
frame=64
record=$((16 + frame)) # bytes of a packet in the file
namespace=filt-bench-$$

# Output, kernel buffer (KiB, or - for the default), core of the capture (the sender has core 0; "stopped"
# is core 1, but stopped while packets come), filter.
workloads=(
        "file - 1"
        "file - 1 udp"
        "file - 1 port 9"
        "file 65536 1 udp"
        "null - 1 udp"
        "file - 0 udp"
        "file - stopped udp"
        "file 65536 stopped udp"
)

clean_up() {
        ip netns pids "$namespace" | xargs -r kill -9
        ip netns delete "$namespace"
}

inside() { ip netns exec "$namespace" "$@"; }

# A veth pair without traffic of its own: no addresses, no IPv6.
network_up() {
        ip netns add "$namespace" || die "no network namespace (are you root?)"
        inside sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
        inside ip link add out0 type veth peer name in0 || die "no veth pair"
        inside ip link set out0 arp off up
        inside ip link set in0 arp off up
}

arrived() { inside cat /sys/class/net/in0/statistics/rx_packets; }

wait_for_line() {
        local tries
        for ((tries = 0; tries < 250; tries++)); do
                grep -q "$1" "$2" 2>/dev/null && return
                sleep 0.02
        done
        die "no \"$1\" from the capture: $(cat "$2")"
}

# statistic WORDS: the number the program printed before these words when it ended. tcpdump prints a line
# for each, filt one for all.
statistic() { grep -Eo "[0-9]+ (packets? )?$1" "$scratch/messages" | grep -o '^[0-9]*'; }

# measure PROGRAM OUTPUT BUFFER CORE EXPRESSION...: one run. Appends to $scratch/PROGRAM a line: packets
# in the file (or as the program says, if there is none), dropped, milliseconds of user time, of
# system time, of both, milliseconds of sending.
measure() {
        local program=$1 output=$2 buffer=() core=$4 file=/dev/null stopped=0 before saved sending
        [ "$3" != - ] && buffer=(-B "$3")
        shift 4
        [ "$core" = stopped ] && core=1 stopped=1
        [ "$output" = file ] && file=$scratch/out.pcap
        : >"$scratch/messages"

        # The shell's own `time` on the one command; its process id goes to a file, so that it can be ended.
        (
                TIMEFORMAT='%U %S'
                time ip netns exec "$namespace" taskset -c "$core" \
                        bash -c 'echo $$ >"$1/pid"; exec 2>"$1/messages"; shift; exec "$@"' \
                        - "$scratch" "${command[$program]}" -n -i in0 -w "$file" "${buffer[@]}" "$@"
        ) 2>"$scratch/times" &
        local timing=$!
        wait_for_line 'listening on' "$scratch/messages"

        [ "$stopped" = 1 ] && kill -STOP "$(cat "$scratch/pid")"
        before=$(arrived)
        read -r _ sending < <(inside taskset -c 0 "$build/bench/replay" out0 "$packets")
        [ "$(($(arrived) - before))" = "$packets" ] ||
                echo "bench: only $(($(arrived) - before)) of $packets packets crossed the veth pair" >&2
        [ "$stopped" = 1 ] && kill -CONT "$(cat "$scratch/pid")"
        sleep 1.5 # tcpdump sees the last packets up to a second after they arrive
        kill "$(cat "$scratch/pid")"
        wait "$timing" || die "$program failed: $(cat "$scratch/messages")"

        saved=$(statistic captured)
        if [ "$output" = file ]; then
                [ $((($(stat -c %s "$file") - 24) / record)) = "$saved" ] ||
                        die "$program says $saved packets captured, but its file has $(stat -c %s "$file") bytes"
        fi
        awk -v saved="$saved" -v dropped="$(statistic 'dropped by kernel')" -v sending="$sending" \
                '{ print saved, dropped, $1 * 1000, $2 * 1000, ($1 + $2) * 1000, sending * 1000 }' \
                "$scratch/times" >>"$scratch/$program"
}

declare -A command=([tcpdump]=$(command -v tcpdump) [filt]=$PWD/filt)
[ -n "${command[tcpdump]}" ] || die "needs tcpdump"
[ -x "$build/bench/replay" ] && [ -x filt ] || die "build first: make bench does"
[ "$(nproc)" -ge 2 ] || die "needs two cores, one to send and one to capture"
network_up

echo "capture: $packets UDP packets of $frame bytes over a veth pair, at full speed; times in ms"
row='%-24s %-9s %9s %9s %8s %8s %8s %8s\n'
# shellcheck disable=SC2059
printf "$row" 'output -B core filter' program captured dropped user sys cpu sending
for workload in "${workloads[@]}"; do
        read -r output buffer core expression <<<"$workload"
        rm -f "$scratch/tcpdump" "$scratch/filt"
        for ((run = 0; run < runs; run++)); do
                for program in tcpdump filt; do
                        # shellcheck disable=SC2086 # words of the filter
                        measure "$program" "$output" "$buffer" "$core" $expression
                done
        done
        for program in tcpdump filt; do
                medians=()
                for column in 1 2 3 4 5 6; do medians+=("$(median "$scratch/$program" $column)"); done
                # shellcheck disable=SC2059
                printf "$row" "$workload" "$program" "${medians[@]}"
                declare -a "of_$program=(${medians[*]})"
        done
        # shellcheck disable=SC2059,SC2154 # of_* are set above
        printf "$row" '' filt/tcpd. "$(ratio "${of_filt[0]}" "${of_tcpdump[0]}")" \
                "$(ratio "${of_filt[1]}" "${of_tcpdump[1]}")" "$(ratio "${of_filt[2]}" "${of_tcpdump[2]}")" \
                "$(ratio "${of_filt[3]}" "${of_tcpdump[3]}")" "$(ratio "${of_filt[4]}" "${of_tcpdump[4]}")" \
                "$(ratio "${of_filt[5]}" "${of_tcpdump[5]}")"
done
