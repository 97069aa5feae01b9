# shellcheck shell=bash
# What a capture at each place of --at costs the kernel a packet, by its own statistics. See README.md, "places".
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
packets=${PACKETS:-300000}
namespace=filt-bench-$$

inside() { ip netns exec "$namespace" "$@"; }
clean_up() {
        sysctl -qw "kernel.bpf_stats_enabled=$statistics_before"
        ip netns pids "$namespace" | xargs -r kill -9
        ip netns delete "$namespace"
        rm -rf "$scratch"
}
[ "$(id -u)" = 0 ] || die 'places: as root'
statistics_before=$(sysctl -n kernel.bpf_stats_enabled) || die 'places: this kernel keeps no statistics of programs'
trap clean_up EXIT
sysctl -qw kernel.bpf_stats_enabled=1
ip netns add "$namespace" || die 'no network namespace'
inside sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
inside ip link add out0 type veth peer name in0 address 02:00:00:00:00:02
inside ip link set out0 arp off up
inside ip link set in0 arp off up

# The program that is attached, by the descriptors that the capture holds: its links' programs, or a socket's.
statistics() {
        local id
        for id in $(cat /proc/"$1"/fdinfo/* 2>/dev/null | awk '/^link_id:/ { link = 1 } /^prog_id:/ && link { print $2; link = 0 }'); do
                bpftool prog show id "$id" 2>/dev/null
        done | grep -oE 'run_time_ns [0-9]+ run_cnt [0-9]+' | awk '{ time += $2; count += $4 } END { if (count) printf "%.0f", time / count; else print "-" }'
}

# measure PLACE FILTER...: a line "kernel's nanoseconds, sender's nanoseconds, captured, dropped".
measure() {
        local place=$1 capture before after spent
        shift
        ip netns exec "$namespace" taskset -c 1 "$build/filt" -i in0 --at "$place" -w "$scratch/out.pcapng" "$@" 2>"$scratch/messages" &
        capture=$!
        until grep -q '^filt: listening' "$scratch/messages"; do kill -0 "$capture" 2>/dev/null || die "$(cat "$scratch/messages")"; sleep 0.02; done
        before=$(date +%s%N)
        inside taskset -c 0 "$build/bench/replay" out0 "$packets" >"$scratch/replay"
        after=$(date +%s%N)
        spent=$(statistics "$capture")
        kill -INT "$capture"
        wait "$capture"
        awk -v spent="$spent" -v sender=$(((after - before) / packets)) '/captured/ { print spent, sender, $2, $9 }' "$scratch/messages"
}

printf '\nplaces: %d datagrams of 64 bytes, medians of %d\n\n%-14s %-10s %12s %12s %10s %8s\n' "$packets" "$runs" place filter 'kernel ns' 'sender ns' captured dropped
for place in socket xdp:generic xdp tc-ingress; do
        for filter in udp 'tcp port 443'; do
                for ((run = 0; run < runs; run++)); do
                        # shellcheck disable=SC2086 # words
                        measure $place $filter
                done | sort -n | awk -v place="$place" -v filter="$filter" '{ line[NR] = $0 }
                        END { split(line[int((NR + 1) / 2)], f, " "); printf "%-14s %-10s %12s %12s %10s %8s\n", place, filter, f[1], f[2], f[3], f[4] }'
        done
done
