#!/bin/bash
# filt compare: equal and different packets, from files and live; and every way in which a comparison
# can fail. Where tcpdump has to misbehave, a script of that name precedes it.
. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs script root tcpdump ip ping perl unshare

tcpdump=$(command -v tcpdump)
fake=$scratch/fake
file=$scratch/some.pcap
export TZ=UTC
mkdir "$fake"

# fake_tcpdump <<SCRIPT: what `with_fake` runs as tcpdump; $tcpdump is the real one.
fake_tcpdump() {
        { printf '#!/bin/bash\ntcpdump=%q scratch=%q\n' "$tcpdump" "$scratch" && cat; } >"$fake/tcpdump"
        chmod +x "$fake/tcpdump"
}
with_fake() { run tests/in_front "$fake" "$@"; }

# make_file FILE [PERL]: four packets from 192.168.1.1, three of ICMP and a UDP one, a second apart; PERL
# may change @packets ([seconds, bytes, length on the wire]) before they are written.
make_file() {
        perl -e '
                sub packet {
                        my ($number, $protocol) = @_;
                        my $data = $protocol == 1 ? pack("CCnnna8", 8, 0, 0, 7, $number, "filtfilt")
                                                  : pack("nnnna8", 5353, 53, 16, 0, "filtfilt");
                        my $ip = pack("CCnnnCCnC4C4", 0x45, 0, 20 + length $data, $number, 0, 64,
                                      $protocol, 0, 192, 168, 1, 1, 9, 9, 9, 9);
                        my $bytes = pack("H12 H12 n", "020000000002", "020000000001", 0x800) . $ip . $data;
                        [1700000000 + $number, $bytes, length $bytes];
                }
                @packets = (packet(1, 1), packet(2, 17), packet(3, 1), packet(4, 1));
                eval $ARGV[0] // "";
                print pack("LSSlLLL", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1);
                print pack("LLLL", $$_[0], 250000, length $$_[1], $$_[2]), $$_[1] for @packets;
        ' -- "${2:-}" >"$1"
}

make_file "$file"

# --- files

run "$filt" compare -r "$file" icmp
is "$status" 0 "the same packets: exit status 0"
like "$out" "tcpdump: ([0-9]+) instructions +filt: ([0-9]+) instructions" "the lengths of both programs"
like "$out" "\(000\) ldh +\[12\] +\(000\) ldh +\[12\]" "the programs side by side"
like "$out" "tcpdump matched 3 packets, filt 3, of 4 in $file" "how many each matched"
like "$out" "The same packets: bytes, lengths and time stamps" "and that they are the same"

run "$filt" compare -r "$file"
like "$status $out" "^0 .*matched 4 packets, filt 4, of 4" "no expression: all packets"

run "$filt" compare -r "$file" -O 'icmp and tcp'
like "$status $out" "^0 .*matched 0 packets, filt 0, of 4 .*neither matched any" "no matches on either side are equal, too"

fake_tcpdump <<'EOF'
exec $tcpdump "${@/#icmp/udp}"
EOF
with_fake "$filt" compare -r "$file" icmp
is "$status" 1 "different packets: exit status 1"
like "$out" "Packet 1 of $file: matched by filt, not by tcpdump
  .*Packet 2 of $file: matched by tcpdump, not by filt
  .*Packet 3 of $file: matched by filt, not by tcpdump
  .*
... 1 more" "the first three, by their number in the file, and which program has them"
like "$out" "tcpdump matched 1 packet, filt 3, of 4" "how many each matched, when they differ"
like "$out" "Different: 4 packets" "and how many differ"
like "$out" "jeq +#0x11 +jt [0-9]+ +jf [0-9]+ +\| \(" "instructions that differ are marked"

optimizer_bug='host 192.168.1.1 and not ((host 1.2.3.4 or host 5.6.7.8) and icmp) and not (host 5.6.7.8 or host 192.168.1.1)'
with_options=$("$tcpdump" -r "$file" -O "$optimizer_bug" 2>/dev/null | wc -l)
run "$filt" compare -r "$file" --tcpdump-options=-O "$optimizer_bug"
is "$with_options" 0 "no packet matches a filter that contradicts itself"
like "$out" "tcpdump matched 0 packets, filt" "--tcpdump-options reach tcpdump"

# What tcpdump "wrote" comes from a file made for it.
fake_tcpdump <<'EOF'
case " $* " in
*" -w "*) exec cat "$scratch/written.pcap" ;;
*) exec $tcpdump "$@" ;;
esac
EOF
make_file "$scratch/written.pcap" 'substr($packets[2][1], 40) = ""'
with_fake "$filt" compare -r "$file"
like "$status $out" "^1 .*Packet 3 of $file: matched by both, but tcpdump keeps fewer bytes of it" \
        "a packet truncated further is a difference"
make_file "$scratch/written.pcap" '$packets[3][0]++'
with_fake "$filt" compare -r "$file"
like "$status $out" "^1 .*Packet 4 of $file: matched by both, but with different time stamps" \
        "another time stamp is a difference"
make_file "$scratch/written.pcap" '$packets[3][2]++'
with_fake "$filt" compare -r "$file"
like "$status $out" "^1 .*tcpdump's packet 4: not in $file" "another length on the wire is a difference"
make_file "$scratch/written.pcap" 'push @packets, $packets[0]'
with_fake "$filt" compare -r "$file"
like "$status $out" "^1 .*tcpdump's packet 5: not in $file" "an extra packet is a difference"
head -c -5 "$file" >"$scratch/written.pcap"
with_fake "$filt" compare -r "$file"
like "$status $err" "^1 .*what tcpdump wrote cannot be read" "so is truncated output"
like "$out" "Packet 4 of $file: matched by filt, not by tcpdump" "the part before that is compared"

head -c -5 "$file" >"$scratch/cut.pcap"
run "$filt" compare -r "$scratch/cut.pcap"
is "$status" 1 "a file that ends within a packet: exit status 1"
like "$out" "tcpdump matched 3 packets, filt 3, of 3 in .*No difference, as far as it went" \
        "the packets before are compared"
is "$(grep -c . <<<"$err")" 1 "and there is one complaint about the file"
like "$err" "^filt: .*cut\.pcap" "by its name"

printf 'icmp %200000s' >"$scratch/long"
run "$filt" compare -r "$file" -F "$scratch/long"
like "$status $out" "^0 .*matched 3 packets, filt 3" "an expression too long for an argument"

# --- no comparison

run "$filt" compare -r "$file" 'icmp and and'
is "$status" 2 "both reject the expression: exit status 2"
like "$err" "^filt: .*not 'and'" "with filt's message"

fake_tcpdump <<'EOF'
echo "tcpdump: no such primitive" >&2
exit 1
EOF
with_fake "$filt" compare -r "$file" icmp
is "$status" 1 "only one rejects the expression: exit status 1"
like "$out" "tcpdump: no program +filt: [0-9]+ instr.*Different: filt has a program for this, tcpdump has none" \
        "reported as a difference"
like "$err" "tcpdump failed with exit status 1:.tcpdump: no such primitive" "with the reason"

fake_tcpdump <<'EOF'
echo $$ >"$scratch/pid"
exec sleep 100
EOF
SECONDS=0
with_fake "$filt" compare -r "$file" --timeout 1 icmp
is "$status" 1 "tcpdump never finishes compiling: exit status 1"
ok "after the time given" test "$SECONDS" -le 5
like "$err" "tcpdump did not compile the expression within 1 s" "with a message"
ok "and it is ended" wait_for 2 eval "! kill -0 $(cat "$scratch/pid") || grep -q 'State:.Z' /proc/$(cat "$scratch/pid")/status"

fake_tcpdump <<'EOF'
kill -SEGV $$
EOF
with_fake "$filt" compare -r "$file" icmp
like "$status $err" "^1 filt: tcpdump crashed: signal 11" "tcpdump crashes"

fake_tcpdump <<'EOF'
case " $* " in
*" -w "*) kill -SEGV $$ ;;
*) exec $tcpdump "$@" ;;
esac
EOF
with_fake "$filt" compare -r "$file" icmp
like "$status $err" "^1 filt: tcpdump crashed: signal 11" "tcpdump crashes on the packets"

run unshare -m bash -c 'mount --bind /dev/null "$1" && exec "$2" compare -r "$3" icmp' - \
        "$(readlink -f "$tcpdump")" "$filt" "$file"
like "$status $err" "^1 filt: tcpdump: not found; it is in the package tcpdump" "tcpdump is missing"

run "$filt" compare -r "$scratch/nowhere" icmp
like "$status $err" "^1 filt: .*nowhere: No such file" "no such file"

while IFS='|' read -r arguments message; do
        # shellcheck disable=SC2086
        run "$filt" compare $arguments
        like "$status $err" "^2 filt: .*$message" "usage: compare $arguments"
done <<EOF
|one of -r FILE and -i INTERFACE is needed
-r $file -i lo|one of -r FILE and -i INTERFACE is needed
-r $file -c 3|-c has no effect without -i
-r $file --duration 3|--duration has no effect without -i
-r - icmp|not a regular file
-i lo -c 0|'0' is not a number from 1
-i lo --duration x|'x' is not a number, alone or with one of the units ms, s, m, h or d
-i lo --duration 24856d|'24856' is not a number from 1 to 24855
-r $file --timeout 0|'0' is not a number from 1
-r $file --nonsense|unknown option --nonsense
-r|option -r needs an argument
-r $file --program docs/pings.asm|--program docs/pings.asm: tcpdump takes expressions only
-r $file -F /dev/null|the file is empty
-r $file -F $file icmp|-F gives the expression; 'icmp' is one too many
EOF

# --- live

network_up || { echo "Bail out! no network namespaces"; exit 1; }

ip netns exec "$a" ping -q -i 0.05 192.0.2.2 >/dev/null &
pinging=$!
run ip netns exec "$b" "$filt" compare -i b0 -c 6 'icmp[icmptype] == icmp-echo'
is "$status" 0 "live: the same packets"
like "$out" "tcpdump matched 6 packets, filt 6 while both were listening on b0" "as many as -c asks for"

fake_tcpdump <<'EOF'
exec $tcpdump "${@/#icmp/icmp[0] == 0}"
EOF
with_fake ip netns exec "$b" "$filt" compare -i b0 --duration 1s icmp
is "$status" 1 "live: different packets"
like "$out" "filt's packet [0-9]+: tcpdump does not have it
  .*echo request" "and the line of the different packet is shown"
like "$out" "tcpdump matched ([0-9]+) packets, filt ([0-9]+) while" "and the numbers of both"
[[ $out =~ matched\ ([0-9]+)\ packets,\ filt\ ([0-9]+) ]]
replies=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]}
ok "--duration 1 gives what came in a second" test "$all" -ge 20 -a "$all" -le 60
ok "where half of it is replies" test $((all - 2 * replies)) -ge -1 -a $((all - 2 * replies)) -le 1

fake_tcpdump <<'EOF'
# All that is said has to be there by the end of this script.
exec 2> >(exec sed -u 's/^0 packets dropped/7 packets dropped/' >&2)
sed=$!
$tcpdump "${@/#icmp/icmp[0] == 0}" &
tcpdump=$!
trap 'kill -INT $tcpdump' INT TERM
wait $tcpdump
status=$?
[ $status -lt 128 ] || { wait $tcpdump; status=$?; }
exec 2>&-
wait $sed
exit $status
EOF
with_fake ip netns exec "$b" "$filt" compare -i b0 -c 2 icmp
is "$status" 1 "live: packets dropped by the kernel"
like "$out" "Inconclusive: 7 dropped by the kernel \(tcpdump 7, filt 0\)" "make it inconclusive"
unlike "$out" "does not have it|Different" "and no filter is blamed"

# Two processors may deliver two packets to two sockets in different orders: here, every pair is swapped.
fake_tcpdump <<'EOF'
case " $* " in *" -d "*) exec $tcpdump "$@" ;; esac
exec $tcpdump "$@" > >(exec perl -e '
        sub record {
                read(STDIN, my $header, 16) == 16 or exit;
                read(STDIN, my $data, (unpack("L4", $header))[2]);
                $header . $data;
        }
        read(STDIN, my $header, 24);
        syswrite(STDOUT, $header);
        while (1) { my $first = record(); syswrite(STDOUT, record() . $first); }')
EOF
with_fake ip netns exec "$b" "$filt" compare -i b0 --duration 1 icmp
like "$status $out" "^0 .*matched [1-9][0-9]+ packets.*The same packets" "live: order does not matter"

# When a signal ends it, it compares what it has; when killed, it leaves nothing running.
children() { pgrep -P "$1" | wc -l; }
ip netns exec "$b" "$filt" compare -i b0 icmp >"$scratch/signal.out" 2>&1 &
comparing=$!
wait_for 5 eval "[ \$(children $comparing) = 2 ]"
sleep 0.8
kill -TERM $comparing
wait $comparing
is $? 0 "live: a signal ends it"
like "$(cat "$scratch/signal.out")" "matched [1-9][0-9]* packets.*The same packets" "and it compares what it has"

ip netns exec "$b" "$filt" compare -i b0 icmp >"$scratch/kill.out" 2>&1 &
comparing=$!
wait_for 5 eval "[ \$(children $comparing) = 2 ]"
sleep 0.3
left=$(pgrep -P $comparing)
kill -KILL $comparing
{ wait $comparing; } 2>/dev/null
ended() {
        local process
        for process in $left; do
                [ -e "/proc/$process" ] && ! grep -q 'State:.Z' "/proc/$process/status" && return 1
        done
        return 0
}
ok "killed, it leaves no process" wait_for 3 ended

ip netns exec "$b" "$filt" compare -i b0 icmp >"$scratch/gone.out" 2>&1 &
comparing=$!
wait_for 5 eval "[ \$(children $comparing) = 2 ]"
sleep 0.3
kill $pinging
ip -n "$b" link delete b0
wait $comparing
is $? 1 "live: the interface goes away"
like "$(cat "$scratch/gone.out")" "filt: (tcpdump|filt) ended early" "with a message"

run ip netns exec "$b" "$filt" compare -i nothere icmp
like "$status $err" "^1 filt: nothere: " "no such interface"

# On a terminal, the two listings stand beside one another in its width.
shown=$(on_terminal 80 "$filt compare -r pcaps/tcp.pcap 'tcp[((tcp[12] & 0xf0) >> 2):4] = 1 or arp host 1.2.3.4'")
like "$(widest <<<"$shown")" '^(7[0-9]|80)$' "80 columns"
like "$shown" $'\n\(001\) jeq +#0x800 +jt 2 jf 14 +[| ] \(001\) jeq +#0x800 +jt 2 jf 14\n' "nothing of an instruction is lost"
is "$(on_terminal 98 "$filt compare -r pcaps/tcp.pcap arp")" "$("$filt" compare -r pcaps/tcp.pcap arp)" "in 98 columns as in a pipe"

done_testing
