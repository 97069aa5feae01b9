#!/bin/bash
# Every snapshot length, however small: frames with and without a VLAN tag keep their length on the wire, on their
# interface and on `any`, and are kept up to the snapshot length.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root perl ip

host=$net-snapshot
at_end ip netns delete "$host"
quiet_host "$host" || exit 1
ip -n "$host" link add a0 type veth peer name b0 || exit 1
ip -n "$host" link set a0 up && ip -n "$host" link set b0 up || exit 1
cd "$scratch" || exit 1

# Three frames: without a tag, with one, with two: 100, 104 and 108 bytes.
cat >frames.pl <<'END'
my @frames = map { "020000000002020000000001$_" . '88b5' . '00' x 86 } '', '81000007', '88a8006481000007';
socket(my $socket, 17, 3, 0) or die "socket: $!";
open(my $file, '<', "/sys/class/net/a0/ifindex") or die "a0: $!";
my $to = pack('SnlSCCa8', 17, 3, <$file>, 0, 0, 6, "\2");
send($socket, pack('H*', $_), 0, $to) or die "send: $!" for @frames;
END
# lengths FILE: kept/of, for each packet of a pcap file.
cat >lengths.pl <<'END'
open(my $file, '<:raw', $ARGV[0]) or die "$ARGV[0]: $!";
read($file, my $header, 24);
while (read($file, my $record, 16) == 16) {
        my ($kept, $length) = unpack('x8VV', $record);
        read($file, my $packet, $kept) == $kept or die "cut off";
        push @lengths, "$kept/$length";
}
print "@lengths\n";
END
# start NAME ARGUMENT...: in the background, until three packets have come.
start() {
        ip netns exec "$host" timeout 30 "$filt" -c 3 -Q in -B 1 -w "$1.pcap" "${@:2}" 2>"$1.err" &
}
all_came() { for length in {1..30}; do [ "$(stat -c %s "$length.pcap")" = $((24 + 3 * (16 + length))) ] || return; done; }
all_listen() { [ "$(cat ./*.err | grep -c '^filt: listening')" = "$1" ]; }

for interface in b0 any; do
        rm -f ./*.err ./*.pcap
        wanted='' got=''
        if [ $interface = b0 ]; then of=(100 104 108); else of=(106 110 114); fi
        for length in {1..30}; do
                start "$length" -s "$length" -i "$interface"
                wanted+="-s $length: ${of[*]/#/$length/}"$'\n'
        done
        start longer -s 5 -i "$interface" "len > ${of[1]}"
        start equal -s 5 -i "$interface" "len = ${of[1]}"
        wait_for 20 all_listen 32 || note "$(cat ./*.err)"
        ip netns exec "$host" perl frames.pl
        wait_for 10 all_came
        kill $(jobs -p) 2>kill.err
        wait
        for length in {1..30}; do got+="-s $length: $(perl lengths.pl "$length.pcap")"$'\n'; done
        is "$got" "$wanted" "$interface: lengths, kept and on the wire"
        is "$(perl lengths.pl longer.pcap) $(perl lengths.pl equal.pcap)" "5/${of[2]} 5/${of[1]}" "$interface: filters see these lengths"
done
done_testing
