# shellcheck shell=bash
# What --fate and drops cost the kernel a packet, over all tracepoints, by its own statistics. See README.md, "fate".
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
packets=${PACKETS:-200000}
namespace=filt-bench-$$

inside() { ip netns exec "$namespace" "$@"; }
clean_up() {
        sysctl -qw "kernel.bpf_stats_enabled=$statistics_before"
        ip netns pids "$namespace" | xargs -r kill -9
        ip netns delete "$namespace"
        rm -rf "$scratch"
}
[ "$(id -u)" = 0 ] || die 'fate: as root'
statistics_before=$(sysctl -n kernel.bpf_stats_enabled) || die 'fate: this kernel keeps no statistics of programs'
trap clean_up EXIT
sysctl -qw kernel.bpf_stats_enabled=1
ip netns add "$namespace" || die 'no network namespace'
inside ip link set lo up

# statistics PROCESS: nanoseconds and runs of all programs that it has attached.
statistics() {
        local id
        for id in $(cat /proc/"$1"/fdinfo/* 2>/dev/null | awk '/^link_id:/ { link = 1 } /^prog_id:/ && link { print $2; link = 0 }'); do
                bpftool prog show id "$id" 2>/dev/null
        done | grep -oE 'run_time_ns [0-9]+ run_cnt [0-9]+' | awk '{ time += $2; count += $4 } END { print time + 0, count + 0 }'
}

# Datagrams over lo, which one process sends and another reads: port 9; or nobody: port 10.
inside perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; setsockopt $s, SOL_SOCKET, 33, 1 << 26;
        bind $s, sockaddr_in(9, INADDR_LOOPBACK) or die; recv $s, my $x, 2000, 0 while 1' &
send() {
        inside perl -MSocket -e 'socket my $s, PF_INET, SOCK_DGRAM, 0; my ($port, $count) = @ARGV;
                send $s, "x" x 100, 0, sockaddr_in($port, INADDR_LOOPBACK) for 1 .. $count' "$1" "$packets"
        sleep 0.5
}

# measure PORT ARGUMENT...: "nanoseconds a packet, runs a packet".
measure() {
        local port=$1 pid before after
        shift
        inside "$build/filt" "$@" >"$scratch/out" 2>"$scratch/messages" &
        pid=$!
        until grep -q '^filt: listening' "$scratch/messages"; do kill -0 "$pid" 2>/dev/null || die "$(cat "$scratch/messages")"; sleep 0.02; done
        pid=$(pgrep -x filt -P "$pid" | head -n 1 || true)
        pid=${pid:-$!}
        before=$(statistics "$pid")
        send "$port"
        after=$(statistics "$pid")
        kill -INT "$pid"
        wait "$pid" 2>/dev/null
        echo "$before $after $packets" | awk '{ printf "%.0f %.1f\n", ($3 - $1) / $5, ($4 - $2) / $5 }'
}

row() {
        local name=$1 i
        shift
        for ((i = 0; i < runs; i++)); do measure "$@"; done >"$scratch/row" 2>/dev/null
        printf '%-44s %9s %9s\n' "$name" "$(median "$scratch/row" 1)" "$(median "$scratch/row" 2)"
}

echo
echo "fate: nanoseconds and runs of programs, a packet, over all tracepoints; $packets datagrams over lo"
row '--fate, the packet does not match' 9 --fate -i lo 'tcp port 443'
row '--fate, none of 1,000 hosts' 9 --fate -i lo "$(perl -e 'print join " or ", map { sprintf "host 10.1.%d.%d", $_ >> 8, $_ & 255 } 1 .. 1000')"
row '--fate -w, the packet matches' 9 --fate -B 262144 -i lo -w /dev/null 'udp port 9'
row 'drops, the dropped packet does not match' 10 drops --no-rules 'tcp port 443'
row 'drops, it matches' 10 drops --no-rules -B 65536 --summary 'udp port 10'
