# shellcheck shell=bash
# For tests of what becomes of packets, sourced after tap.sh, net.sh and live.sh: a second host that forwards, what is sent
# to it, and what receives there.

# ends_network ADDRESS: after network_up, the second host forwards to a network behind it, whose only other host, with
# that MAC address, answers nothing.
ends_network() {
        network_known
        in_b sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.b0.rp_filter=0 \
                net.ipv4.neigh.b0.mcast_solicit=1 net.ipv4.neigh.b0.retrans_time_ms=100 net.ipv4.icmp_ratelimit=0
        ip -n "$b" link add c0 type veth peer name c1
        ip -n "$b" addr add 198.51.100.1/24 dev c0
        ip -n "$b" link set c0 up
        ip -n "$b" link set c1 up
        ip -n "$b" neigh add 198.51.100.2 lladdr "$1" dev c0 nud permanent
        ip -n "$a" route add default via 192.0.2.2
}

# pings HOST [COUNT [OPTION...]]
pings() { in_a ping -q -c "${2:-3}" -i 0.01 -W 0.2 "${@:3}" "$1" >ping.out 2>&1; }

# udp HOST PORT [COUNT [SIZE]]: datagrams.
udp() {
        perl -MSocket -e 'my ($host, $port, $count, $size) = @ARGV; socket my $s, PF_INET, SOCK_DGRAM, 0;
                send $s, "x" x $size, 0, sockaddr_in($port, inet_aton($host)) for 1 .. $count' "$1" "$2" "${3:-3}" "${4:-1}"
}
in_a_udp() { export -f udp; in_a bash -c "udp $*"; }
in_b_udp() { export -f udp; in_b bash -c "udp $*"; }

# receiver CODE [LATER]: a socket $s for UDP, port 9, on the second host, with which the code is done; LATER at release.
receiver() {
        mkfifo "$scratch/held"
        in_b perl -MSocket -e 'socket $s, PF_INET, SOCK_DGRAM, 0 or die; bind $s, sockaddr_in(9, INADDR_ANY) or die; '"$1"';
                open my $held, "<", $ARGV[0]; readline $held; '"${2:-}" "$scratch/held" &
        receiver=$!
        exec {held}>"$scratch/held"
}
release() {
        exec {held}>&-
        wait "$receiver"
        rm "$scratch/held"
}
