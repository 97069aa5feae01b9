#!/bin/bash
# Every example in the README, the tutorials and the manual page does and prints what the document shows.
# tests/examples.pl says how examples are written and compared; this script provides what they assume: a network
# with some traffic, a few files, a process. All of it is private to this test.
if [ "$(id -u)" = 0 ] && [ -z "${FILT_TEST_PRIVATE:-}" ]; then
        FILT_TEST_PRIVATE=1 exec unshare --mount --propagation private "$0"
fi
. "$(dirname "$0")/../tap.sh"
needs root ip iptables tc nft tcpdump strace bpftool gcc perl setcap dot zstd make
PATH=$PATH:/usr/sbin:/sbin
export FILT_ROOT=$PWD FILT_LOCK=$scratch/lock FILT_WRITER
documents='README.md docs/tutorial.md docs/write-trace.md docs/filt.1.in'

# An interface eth0, the loopback, and on it pings and TCP connections.
namespace=filt-examples-$$
network_down() {
        ip netns pids "$namespace" | xargs -r kill -9
        ip netns delete "$namespace"
}
at_end network_down
ip netns add "$namespace" || exit 1
ip -n "$namespace" link set lo up
ip -n "$namespace" link add eth0 type veth peer name eth1
ip -n "$namespace" addr add 192.0.2.1/24 dev eth0
ip -n "$namespace" link set eth0 up
ip -n "$namespace" link set eth1 up
ip netns exec "$namespace" timeout 120 ping -q -i 0.2 127.0.0.1 >"$scratch/ping.out" 2>&1 &
ip netns exec "$namespace" timeout 120 perl -MIO::Socket::INET -e '
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 80, Listen => 5) or die;
        while () { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => 80); close $listener->accept; select undef, undef, undef, 0.1 }' \
        >"$scratch/tcp.out" 2>&1 &
disown -a # so that bash does not report when they are killed

# The process that README calls 1234.
timeout 120 sh -c 'while sleep 0.1; do echo; done' >/dev/null &
writer_parent=$!
at_end kill $writer_parent
wait_for 5 pgrep -P $writer_parent sh
FILT_WRITER=$(pgrep -P $writer_parent sh)

# A place for /usr/local/bin/filt, which the manual page mentions, visible only to this test.
mkdir "$scratch/bin"
cp filt "$scratch/bin/filt"
mount --bind "$scratch/bin" /usr/local/bin
at_end umount -l /usr/local/bin

printf '#include <stdio.h>\nint main(void) { fprintf(stderr, "Kano\\n"); }\n' >"$scratch/kano.c"
printf '#include <stdio.h>\nint main(void) { for (int i = 0; i < 1000; i++) printf("Kano %%d\\n", i); }\n' >"$scratch/many.c"
for program in kano many; do gcc -o "$scratch/$program" "$scratch/$program.c"; done

# prepare FOLDER: where a document's examples run; it looks like the source tree.
prepare() {
        mkdir "$1"
        cp -r filt pcaps docs "$scratch/kano" "$scratch/many" "$1"
        ln -s "$PWD/ebpf" "$PWD/cli" "$1"
        printf 'all:\n\t@echo made\n' >"$1/Makefile"
        cp pcaps/http.pcap "$1/big.pcap"
        echo 192.0.2.1 >"$1/suspects"
        cp pcaps/ping.pcap "$1/monday.pcap"
        cp pcaps/icmp-errors.pcap "$1/tuesday.pcap"
        zstd -q "$1/big.pcap" -o "$1/big.pcap.zst"
        "$filt" -r "$1/big.pcap" -w "$1/big.pcapng.zst" 2>/dev/null
}

at_end rm -f /tmp/kano.txt # an example writes it

for document in $documents; do
        folder=$scratch/$(basename "$document")
        prepare "$folder"
        (cd "$folder" && timeout -k 5 100 ip netns exec "$namespace" perl "$FILT_ROOT/tests/examples.pl" "$document") \
                >"$folder.results" 2>&1 &
        runners+=($!)
done
wait "${runners[@]}"

for document in $documents; do
        while IFS= read -r line; do
                case $line in
                'ok '*) report 0 "${line#ok }" ;;
                'not ok '*) report 1 "${line#not ok }" ;;
                *) note "${line#\# }" ;;
                esac
        done <"$scratch/$(basename "$document").results"
        ok "$document: to the end" grep -q 'has examples$' "$scratch/$(basename "$document").results"
done
done_testing
