# shellcheck shell=bash
# Printing against tcpdump: a capture of many packets, read and printed to /dev/null. README.md, "print".
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packets=${PACKETS:-2000000}

# measure PROGRAM OPTION...: processor time, user and system, and wall time, in milliseconds.
measure() {
        local TIMEFORMAT='%U %S %R'
        { time "$@" -r "$scratch/packets.pcap" >/dev/null 2>&1; } 2>&1 |
                awk '{ printf "%.0f %.0f\n", ($1 + $2) * 1000, $3 * 1000 }'
}

repeat "$packets" pcaps/{tcp,udp,ping,http,dns}.pcap >"$scratch/packets.pcap" || die "cannot make a capture"
echo "print: $packets packets of TCP, UDP, ICMP, HTTP and DNS from a file in memory to /dev/null, milliseconds"
printf '%-8s %14s %14s %8s %14s %14s %8s\n' options 'tcpdump CPU' 'filt CPU' ratio 'tcpdump wall' 'filt wall' ratio
for options in -n -ne -nv -nX; do
        : >"$scratch/tcpdump"
        : >"$scratch/filt"
        for ((run = 0; run < runs; run++)); do
                measure tcpdump "$options" >>"$scratch/tcpdump"
                measure ./filt "$options" >>"$scratch/filt"
        done
        row=("$options")
        for column in 1 2; do
                theirs=$(median "$scratch/tcpdump" $column)
                ours=$(median "$scratch/filt" $column)
                row+=("$theirs" "$ours" "$(ratio "$ours" "$theirs")")
        done
        printf '%-8s %14s %14s %8s %14s %14s %8s\n' "${row[@]}"
done
