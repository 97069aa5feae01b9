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
        umount "$scratch/bpf"
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

# send: has the datagrams sent; leaves the sender's nanoseconds a packet in $sender.
send() {
        local before after
        before=$(date +%s%N)
        inside taskset -c 0 "$build/bench/replay" out0 "$packets" >"$scratch/replay"
        after=$(date +%s%N)
        sender=$(((after - before) / packets))
        sleep 0.5 # some may still wait for the driver
}

# measure PLACE FILTER...: a line "kernel's nanoseconds, sender's nanoseconds, captured, dropped".
measure() {
        local place=$1 capture spent
        shift
        ip netns exec "$namespace" taskset -c 1 "$build/filt" -i in0 --at "$place" -w "$scratch/out.pcapng" "$@" 2>"$scratch/messages" &
        capture=$!
        until grep -q '^filt: listening' "$scratch/messages"; do kill -0 "$capture" 2>/dev/null || die "$(cat "$scratch/messages")"; sleep 0.02; done
        send
        spent=$(statistics "$capture")
        kill -INT "$capture"
        wait "$capture"
        awk -v spent="$spent" -v sender="$sender" '/captured/ { print spent, sender, $2, $9 }' "$scratch/messages"
}

# The same of tcpdump, and of the program in C of by_hand.bpf.c for tcp port 443.
measure_tcpdump() {
        local capture
        ip netns exec "$namespace" taskset -c 1 tcpdump -n -i in0 -w "$scratch/out.pcap" "$@" 2>"$scratch/messages" &
        capture=$!
        until grep -q 'listening' "$scratch/messages"; do kill -0 "$capture" 2>/dev/null || die "$(cat "$scratch/messages")"; sleep 0.02; done
        send
        kill -INT "$capture"
        wait "$capture"
        awk -v sender="$sender" '/captured/ { captured = $1 } /dropped by kernel/ { dropped = $1 } END { print "-", sender, captured, dropped }' "$scratch/messages"
}
measure_by_hand() {
        inside bpftool net attach xdpgeneric pinned "$scratch/bpf/all/https" dev in0
        send
        bpftool prog show pinned "$scratch/bpf/all/https" | grep -oE 'run_time_ns [0-9]+ run_cnt [0-9]+' |
                awk -v sender="$sender" '{ printf "%.0f %d 0 0\n", $2 / $4, sender }'
        inside bpftool net detach xdpgeneric dev in0
}

mkdir "$scratch/bpf" && mount -t bpf bench "$scratch/bpf" || die 'no BPF file system'
clang -target bpf -O2 -g -I. -idirafter "/usr/include/$(clang -print-multiarch)" -c -o "$scratch/by_hand.o" bench/by_hand.bpf.c ||
        die 'clang does not compile bench/by_hand.bpf.c'
bpftool prog loadall "$scratch/by_hand.o" "$scratch/bpf/all" 2>"$scratch/messages" || die "$(cat "$scratch/messages")"
perl -e 'printf "10.%d.%d.%d\n", $_ >> 16 & 255, $_ >> 8 & 255, $_ & 255 for 1 .. 100000' >"$scratch/hosts"

# row NAME FILTER COMMAND...: a line of the table.
row() {
        local name=$1 filter=$2 run
        shift 2
        for ((run = 0; run < runs; run++)); do "$@"; done | sort -n | awk -v name="$name" -v filter="$filter" '{ line[NR] = $0 }
                END { split(line[int((NR + 1) / 2)], f, " "); printf "%-14s %-22s %10s %10s %9s %8s\n", name, filter, f[1], f[2], f[3], f[4] }'
}

printf '\nplaces: %d datagrams of 64 bytes, medians of %d\n\n%-14s %-22s %10s %10s %9s %8s\n' "$packets" "$runs" place filter 'kernel ns' 'sender ns' captured dropped
for filter in udp 'tcp port 443'; do
        # shellcheck disable=SC2086 # words
        row tcpdump "$filter" measure_tcpdump $filter
        for place in socket xdp:generic xdp tc-ingress; do
                # shellcheck disable=SC2086 # words
                row "$place" "$filter" measure $place $filter
        done
done
row 'C, xdp:generic' 'tcp port 443' measure_by_hand
for place in socket xdp:generic tc-ingress; do
        row "$place" 'one of 100,000 hosts' measure "$place" host in "$scratch/hosts"
done
