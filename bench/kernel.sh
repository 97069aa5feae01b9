# shellcheck shell=bash
# What filters cost in the kernel, as classic and as extended BPF. See README.md, "kernel".
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ "$(id -u)" = 0 ] || die 'kernel: as root'
mergecap -F pcap -w "$scratch/packets.pcap" pcaps/{tcp,udp,ping,http,dns}.pcap || die "cannot make a capture"
"$build/bench/kernel" "$runs" "$scratch/packets.pcap"
