#!/bin/bash
# Filtering, counting and printing a large capture, filt against tcpdump. See README.md.

. "$(dirname "$0")/common.sh"
runs=${RUNS:-7}
packets=${FILE_PACKETS:-2000000}
folder=$(mktemp -d "${FILE_FOLDER:-/var/tmp}/filt-bench.XXXXXX") || die "FILE_FOLDER: no folder to put a capture in"
clean_up() { rm -rf "$folder"; }
big=$folder/big.pcap

expressions=(
        "icmp"
        "tcp port 80"
        "host 10.1.2.3"
        "tcp and port 443 and (host 10.1.2.3 or net 10.2.0.0/16)"
)

# measure NAME COMMAND...: one run; appends wall time and CPU time in ms and peak memory in KiB to $scratch/NAME.
measure() {
        local name=$1 begin end
        shift
        begin=${EPOCHREALTIME/./}
        /usr/bin/time -a -o "$scratch/$name.usage" -f '%U %S %M' "$@" >"$scratch/out" 2>"$scratch/messages" ||
                die "$* failed: $(tail -1 "$scratch/messages")"
        end=${EPOCHREALTIME/./}
        tail -1 "$scratch/$name.usage" | awk -v wall=$(((end - begin))) \
                '{ print wall / 1000, ($1 + $2) * 1000, $3 }' >>"$scratch/$name"
}

# compare TITLE NAME...: a line for each NAME with its medians, and tcpdump's time over its own.
compare() {
        local title=$1 name reference
        shift
        for name; do
                [ -e "$scratch/$name" ] || continue
                reference=$([ -e "$scratch/tcpdump" ] && median "$scratch/tcpdump" 1 || echo 0)
                printf '%-34s %-9s %9.1f %9.0f %9d %9s %9s\n' "$title" "$name" "$(median "$scratch/$name" 1)" \
                        "$(median "$scratch/$name" 2)" "$(median "$scratch/$name" 3)" \
                        "$(ratio "$reference" "$(median "$scratch/$name" 1)")" \
                        "$(ratio "$(median "$scratch/$name" 1)" "$loop")"
                title=
        done
        rm -f "$scratch"/{tcpdump,filt,filt-j1,walk}{,.usage}
}

# same TITLE FILE FILE: both outputs have to be the same.
same() { cmp -s "$2" "$3" || die "$1: filt's output is not tcpdump's"; }

[ -x "$build/bench/traffic" ] && [ -x "$build/bench/walk" ] && [ -x filt ] || die "build first: make bench does"
"$build/bench/traffic" "$packets" >"$big" || die "no room for the capture"
# From the disk into the page cache, as for any file that is read: in larger pieces than those left by the small
# writes that made it.
sync "$big"
dd if="$big" iflag=nocache count=0 status=none
cat "$big" >/dev/null
hosts=$(awk 'BEGIN { for (i = 0; i < 1000; i++) printf "%shost 10.%d.%d.%d", i ? " or " : "", i % 64, i % 251, i * 7 % 253 }')

echo "files: $packets packets, $(($(stat -c %s "$big") / 1000000)) MB in the page cache of $(df --output=fstype "$big" | tail -1); wall and CPU time in ms, peak memory in KiB"
printf '%-34s %-9s %9s %9s %9s %9s %9s\n' what program wall cpu memory 'tcpd./it' 'it/loop'
for ((run = 0; run < runs; run++)); do measure walk "$build/bench/walk" "$big"; done
loop=$(median "$scratch/walk" 1)
compare 'bare loop over the record headers' walk

for to in /dev/null "$scratch/out.pcap"; do
        for expression in "${expressions[@]}"; do
                for ((run = 0; run < runs; run++)); do
                        rm -f "$scratch/out.pcap" "$scratch/reference.pcap"
                        measure tcpdump tcpdump -r "$big" -w "${to/out./reference.}" "$expression"
                        measure filt ./filt -r "$big" -w "$to" "$expression"
                        [ "$to" = /dev/null ] || same "$expression" "$to" "$scratch/reference.pcap"
                        measure filt-j1 ./filt -j 1 -r "$big" -w "$to" "$expression"
                        [ "$to" = /dev/null ] || same "$expression" "$to" "$scratch/reference.pcap"
                done
                compare "$([ "$to" = /dev/null ] && echo null || echo file) ${expression:0:28}" tcpdump filt filt-j1
        done
done

# tcpdump takes almost a minute to compile a thousand hosts: one run.
measure tcpdump tcpdump -r "$big" --count "$hosts"
for ((run = 0; run < runs; run++)); do
        measure filt ./filt -r "$big" --count "$hosts"
        measure filt-j1 ./filt -j 1 -r "$big" --count "$hosts"
done
compare 'count, 1000 hosts (tcpdump: once)' tcpdump filt filt-j1

for ((run = 0; run < runs; run++)); do
        measure tcpdump tcpdump -nr "$big"
        measure filt ./filt -nr "$big"
done
compare 'print' tcpdump filt

# Memory must not depend on the size of the file.
"$build/bench/traffic" $((packets / 10)) >"$scratch/small.pcap"
for ((run = 0; run < runs; run++)); do measure filt ./filt -r "$scratch/small.pcap" -w /dev/null icmp; done
compare 'null icmp, a tenth of the packets' filt
