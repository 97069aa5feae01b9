#!/bin/bash
# --resolve: names as tcpdump prints them without -n, and a name server that never answers, which must not
# delay printing.
. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root tcpdump ip unshare perl

network_up || { report 1 'a private network'; done_testing; }
printf '%s\n' '127.0.0.1 localhost' '192.0.2.1 host-a' '192.0.2.2 host-b' '2001:db8::1 host-a.example.org' \
        '2001:db8::2 host-b.example.org' >"$scratch/hosts"
echo 'nameserver 192.0.2.9' >"$scratch/resolv.conf"
# The host with this address accepts everything and never answers.
ip -n "$a" neighbor add 192.0.2.9 lladdr 02:00:00:00:00:09 dev a0

# Before a command: names come from the two files above.
# shellcheck disable=SC2016 # for the inner shell
with_names=(ip netns exec "$a" unshare -m sh -c 'mount --bind "$0/hosts" /etc/hosts &&
        mount --bind "$0/resolv.conf" /etc/resolv.conf && exec "$@"' "$scratch")

for capture in tcp udp http; do
        run "${with_names[@]}" tcpdump -tr pcaps/$capture.pcap
        expected=$out
        run "${with_names[@]}" "$filt" --resolve -tr pcaps/$capture.pcap
        is "$out" "$expected" "$capture: addresses and ports by name as tcpdump prints them"
done
like "$out" 'host-a.* > host-b.*\.http: ' 'they are names'

printf '192.0.2.1 evil\033[31m.test\n192.0.2.2 \303\251\302\233.test\n' >"$scratch/hosts"
printf 'ev\033il 80/tcp\n' >"$scratch/services"
run "${with_names[@]}" sh -c 'mount --bind "$0" /etc/services && exec "$@"' "$scratch/services" "$filt" --resolve -tr pcaps/http.pcap
like "$out" '^IP evil\^\[\[31m.test.[0-9]+ > éM-BM-\^\[.test.ev\^\[il: ' 'a name cannot control the terminal'
unlike "$out" $'[\033]|\302\233' 'nowhere'
run "${with_names[@]}" "$filt" --json --resolve -tr pcaps/http.pcap
unlike "$out" $'[\033]|\302\233' 'nor in JSON'
mkdir "$scratch/etc" && cp /etc/nsswitch.conf /etc/passwd /etc/services "$scratch/etc"
printf '02:00:00:00:00:01 st\033ation\n' >"$scratch/etc/ethers"
named() { run unshare -m sh -c 'mount --bind "$0/etc" /etc && exec "$@"' "$scratch" "$filt" --resolve -te -r "$@"; }
named pcaps/http.pcap
like "$out" 'st\^\[ation' 'nor that of a station'

: >"$scratch/hosts"
run "$filt" -tr pcaps/icmp-errors.pcap
numbers=$out
begin=$(date +%s%N)
run "${with_names[@]}" "$filt" --resolve -tr pcaps/icmp-errors.pcap
took=$((($(date +%s%N) - begin) / 1000000))
is "$status" 0 'no name server: done'
is "$(cut -d ' ' -f 2 <<<"$out")" "$(cut -d ' ' -f 2 <<<"$numbers")" 'no name server: numbers'
[ $took -lt 2500 ]
report $? "no name server: no waiting (took $took ms)"

# A name server that answers: each address is host.example.org.
cat >"$scratch/server.pl" <<'END'
use strict;
use warnings;
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '192.0.2.2', LocalPort => 53, Proto => 'udp') or die "$!\n";
$| = 1;
print "ready\n";
while (my $from = $server->recv(my $query, 512)) {
        my ($id, undef, undef, undef, undef, undef, $question) = unpack 'n6 a*', $query;
        my $end = index($question, "\0") + 5;
        my $name = pack '(C/a)3 C', 'host', 'example', 'org', 0;
        $server->send(pack('n6 a* n n n N n/a', $id, 0x8580, 1, 1, 0, 0, substr($question, 0, $end), 0xc00c, 12, 1, 60, $name));
}
END
ip netns exec "$b" perl "$scratch/server.pl" >"$scratch/server.out" &
wait_for 5 grep -q ready "$scratch/server.out"
echo 'nameserver 192.0.2.2' >"$scratch/resolv.conf"
run "${with_names[@]}" "$filt" --resolve -tr pcaps/tcp.pcap
like "$out" 'IP host.* > host.*: ' 'a name server: its names, asked for from inside the sandbox'

# -m: SNMP's objects have the names of modules. tcpdump does it if it is built with libsmi, which Debian's is not.
cat >"$scratch/FILT-TEST-MIB" <<'MIB'
FILT-TEST-MIB DEFINITIONS ::= BEGIN
system OBJECT IDENTIFIER ::= { iso 3 6 1 2 1 1 }
name OBJECT IDENTIFIER ::= { system 5 }
END
MIB
sed 's/system/enterprises/; s/2 1 1/4 1/; s/name .*//; s/^FILT/OTHER/' "$scratch/FILT-TEST-MIB" >"$scratch/OTHER-TEST-MIB"
for options in -n '' -nv; do
        # shellcheck disable=SC2086
        run "$filt" $options -r pcaps/snmp.pcap
        numbers=$out
        # shellcheck disable=SC2086
        run "$filt" $options -r pcaps/snmp.pcap -m "$scratch/FILT-TEST-MIB" -m "$scratch/OTHER-TEST-MIB"
        like "$out" ' FILT-TEST-MIB::name\.0="host1" FILT-TEST-MIB::system\.3\.0=123456 .*=OTHER-TEST-MIB::enterprises\.8072\.10' "-m $options"
        is "$(sed 's/FILT-TEST-MIB::name/FILT-TEST-MIB::system.5/g; s/FILT-TEST-MIB::system/.1.3.6.1.2.1.1/g; s/OTHER-TEST-MIB::enterprises/.1.3.6.1.4.1/g' <<<"$out")" \
                "$numbers" 'all else is as without'
done
run env SMIPATH="$scratch" "$filt" -nr pcaps/snmp.pcap -c 1 -m FILT-TEST-MIB
like "$out" 'FILT-TEST-MIB::name' 'a module by its name'
for module in "$scratch/none" /dev/null "$scratch" NO-SUCH-MIB ''; do
        run "$filt" -nr pcaps/snmp.pcap -m "$module"
        is "$status $out" '2 ' "refused: -m '$module'"
        like "$(said)" 'option -m: .*: no such module' 'and said why'
done
done_testing
