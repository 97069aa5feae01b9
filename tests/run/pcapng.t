#!/bin/bash
# What pcapng files say besides packets: read, shown, kept, and written as Wireshark's dumpcap writes it. The reference is
# what capinfos and tshark make of the files.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tshark dumpcap capinfos editcap mergecap perl ip ping unshare

pcaps=$PWD/pcaps
at_end network_down
network_up || exit 1
cd "$scratch" || exit 1

# blocks FILE: all its blocks, by tshark's dissector of pcapng files.
blocks() { tshark -X 'read_format:MIME Files Format' -r "$1" -V 2>/dev/null | sed 's/^ *//'; }

# section FILE: what capinfos says of the section.
section() { capinfos "$1" 2>/dev/null | grep -E '^Capture (hardware|oper-sys|application|comment)' | sed 's/:  */: /'; }

# interface FILE N: what capinfos says of an interface.
interface() { capinfos "$1" 2>/dev/null | sed -n "/^Interface #$2 /,/Number of packets/s/^  *//p"; }

# --- What a file says is shown

editcap -F pcapng --capture-comment 'of all' --capture-comment 'and more' -a '2:of the second' "$pcaps/ping.pcap" one.pcapng
mergecap -F pcapng -I none -w two.pcapng "$pcaps/ping.pcap" "$pcaps/raw.pcap"
application=$(section one.pcapng | sed -n 's/^Capture application: //p')
run "$filt" -L -r one.pcapng
is "$status $out" "0 section 1 of one.pcapng:
  application: $application
  comment: of all
  comment: and more
  interface 0:
    link type: EN10MB (Ethernet)
    snapshot length: 262144 bytes
    time resolution: 1000000 per second
    packets: 6
Data link types of one.pcapng:
  EN10MB (Ethernet)" '-L -r: what a file says'
cat one.pcapng two.pcapng >several.pcapng
run "$filt" -L -r several.pcapng -r "$pcaps/raw.pcap"
is "$status $(grep -Ev '^  +(os|application|comment|snapshot|time)' <<<"$out")" '0 section 1 of several.pcapng:
  interface 0:
    link type: EN10MB (Ethernet)
    packets: 6
section 2 of several.pcapng:
  interface 0:
    link type: EN10MB (Ethernet)
    packets: 6
  interface 1:
    link type: RAW (Raw IP)
    packets: 26
Data link types of several.pcapng:
  EN10MB (Ethernet)
  RAW (Raw IP)
Data link types of '"$pcaps/raw.pcap:
  RAW (Raw IP)" 'of each section, and of each file'
head -c -20 several.pcapng >cut.pcapng
run "$filt" -L -r cut.pcapng
is "$status $(grep -c 'packets: 2[56]\|RAW' <<<"$out") $(said | wc -l)" '1 3 1' 'a damaged one: what is before the damage'
run "$filt" -v -r one.pcapng -c 1
is "$(said | grep -v ' [0-9]* packets')" "filt: one.pcapng: application: $application
filt: one.pcapng: comment: of all
filt: one.pcapng: comment: and more" '-v says it before the packets'
is "$("$filt" -v -r several.pcapng -c 7 2>&1 | sed -n 's/^filt: \(section . of several.pcapng\): app.*/\1/p; s/.*ICMP echo.*/packet/p' | uniq -c | xargs)" \
        '6 packet 1 section 2 of several.pcapng 1 packet' 'and where another section begins, what that one says'
run "$filt" -v -r "$pcaps/ping.pcap" -r several.pcapng -r several.pcapng --count
is "$(said | grep -c 'section 2 of several.pcapng: application')" 2 'also of files that are merged'
printf 'bad \033[31m \302\233 name' >bad
editcap -F pcapng --capture-comment "$(cat bad)" "$pcaps/ping.pcap" bad.pcapng
run "$filt" -L -r bad.pcapng
unlike "$out" $'\033' 'control characters are not shown'
like "$out" 'comment: bad \\x1b\[31m \\xc2\\x9b name' 'but escaped'

# --- It is kept, and more is said

"$filt" -r one.pcapng --comment 'mine' --comment 'another' -w copy.pcapng 2>/dev/null
is "$(section copy.pcapng)" "$(section one.pcapng)
Capture comment: mine
Capture comment: another" 'a copy says the same, and the comments of --comment'
is "$(tshark -r copy.pcapng -T fields -e frame.comment | sed -n 2p)" 'of the second' 'and of packets'
"$filt" -r "$pcaps/ping.pcap" --comment 'from pcap' -w converted.pcapng 2>/dev/null
version=$("$filt" --version | head -1)
is "$(section converted.pcapng)" "Capture application: $version
Capture comment: from pcap" 'a converted file says by what, and nothing of this machine'
is "$(interface converted.pcapng 0 | head -1)" 'Encapsulation = Ethernet (1 - ether)' 'and its interface has no name'
"$filt" -r one.pcapng -r two.pcapng --comment merged -w merged.pcapng 2>/dev/null
is "$(tshark -r merged.pcapng -T fields -e frame.comment | grep -c 'of the second')
$(section merged.pcapng)" "1
Capture application: $version
Capture comment: of all
Capture comment: and more
Capture comment: merged" 'several files: packets and sections keep their comments'
mistake 2 '--comment goes into a pcapng file' '--comment in a classic file' -r one.pcapng -w x.pcap --comment no
mistake 2 '--comment has no effect without -w' '--comment without a file' -r one.pcapng --comment no

# --- Merged files, beside mergecap's

# captured FILE ORDER APPLICATION [dropped]: a capture in byte order < or > of two interfaces, the second without packets,
# both with statistics; on the packets a frame check sequence with errors, a hash and two comments.
captured() {
        perl -e '
                my ($order, $application, $dropped) = @ARGV;
                sub p { my $format = shift; pack($format =~ s/[LSQ]/$&$order/gr, @_) }
                sub option { p("S S a*", $_[0], length $_[1], $_[1]) . "\0" x (-length($_[1]) % 4) }
                sub block { my $length = 12 + length $_[1]; p("L L a* L", $_[0], $length, $_[1], $length) }
                sub stamp { p("L L", $_[0] >> 32, $_[0] & 0xffffffff) }
                print block(0x0a0d0d0a, p("L S S Q", 0x1a2b3c4d, 1, 0, ~0) . option(1, "of $application") .
                        option(1, "two\nlines") . option(2, "a machine") . option(3, "an os") . option(4, $application) . option(0, ""));
                print block(1, p("S S L", 1, 0, 2000) . option(2, "$application-$_") . option(5, "\x20\1" . "\0" x 14 . "\x40") . option(8, p("Q", 1e9)) .
                        option(9, "\x09") . option(13, "\4") . option(14, p("Q", 100)) . option(0, "")) for 0, 1;
                print block(6, p("L a* L L a*", 0, stamp(1700000000123456789 + $_ * 1000000 + ($order eq "<" ? 7 : 0)), 60, 64, "\0" x 60) .
                        option(1, "packet $_") . option(2, p("L", 1 | 3 << 2 | 4 << 5 | 1 << 24)) . option(1, "again") . option(3, "\2abcd") .
                        option(4, p("Q", $_)) . option(0, "")) for 1 .. 3;
                print block(5, p("L a*", $_, stamp(1700000001000000000)) . option(2, stamp(1700000000000000000)) .
                        option(3, stamp(1700000001000000000)) . option(4, p("Q", 100 + $_)) . option(5, p("Q", $dropped + $_)) . option(0, "")) for 0, 1;
        ' "$2" "$3" "$4" >"$1"
}
# said_of FILE: what tshark has of each packet.
said_of() {
        tshark -r "$1" -T fields -e frame.time_epoch -e frame.interface_name -e frame.cap_len -e frame.len -e frame.packet_flags \
                -e frame.packet_flags_fcs_length -e frame.packet_flags_crc_error -e frame.comment 2>/dev/null
}
# described FILE: its interfaces.
described() { capinfos "$1" 2>/dev/null | grep -E '^ +(Name|Speed|Time [pt]|Capture length|Encap|FCS)' | sort; }
# counts FILE: what its statistics say: the number of the interface, the two halves of the time, received, dropped.
counts() {
        blocks "$1" | sed -n '/^Block: Interface Statistics/,$p' |
                sed -n 's/^Interface: //p; s/^Timestamp (.*: //p; s/^Option: Number of .* = //p' | xargs -n 5
}
captured little.pcapng '<' one 10
captured big.pcapng '>' other 20
run "$filt" -r little.pcapng -r big.pcapng -w both.pcapng
mergecap -w theirs.pcapng little.pcapng big.pcapng
like "$(said_of both.pcapng | head -1)" $'^1700000100.*other-0\t60\t64\t0x0100008d\t4\t(1|True)\tpacket 1,again$' 'flags and comments are read'
is "$status $(said_of both.pcapng)" "0 $(said_of theirs.pcapng)" 'all packets are those of mergecap, flags and comments included'
is "$(described both.pcapng)" "$(described theirs.pcapng)" 'and so are the interfaces'
is "$(section both.pcapng | tr -d '\n')" "Capture hardware: a machineCapture oper-sys: an osCapture application: ${version}Capture comment: of oneCapture comment: two linesCapture comment: of otherCapture comment: two lines" \
        'the section has all comments, and what the files agree on'
is "$(counts both.pcapng)" '1 395812094 1908722176 100 10
2 395812094 1908722176 101 11
0 395812094 1908722176 100 20
3 395812094 1908722176 101 21' 'the statistics of each interface, also of those without packets'
run "$filt" -r big.pcapng -w big-copy.pcapng 'ether[0] = 0'
is "$status $(said_of big-copy.pcapng)" "0 $(said_of big.pcapng)" 'one file: a copy has the same flags'
run "$filt" -r little.pcapng -r "$pcaps/ping.pcap" -w with-pcap.pcapng
is "$status $(section with-pcap.pcapng | head -1)" "0 Capture application: $version" 'a file that says nothing does not agree'
is "$(blocks both.pcapng | grep '^Block: ' | tail -4 | sort -u)" 'Block: Interface Statistics Block' 'which come last'

# --- Names

printf '127.0.0.1 localhost\n192.0.2.1 one.example\n192.0.2.2 two.example\n2001:db8::1 six.example\n' >hosts
unshare -m sh -c 'mount --bind hosts /etc/hosts && exec "$@"' sh "$filt" -r one.pcapng --resolve -w names.pcapng 2>/dev/null
is "$(tshark -2 -N n -r names.pcapng 2>/dev/null | head -1 | grep -o '[a-z]*\.example' | tr '\n' ' ')" 'one.example two.example ' \
        '--resolve -w: tshark has the names from the file'
is "$(blocks names.pcapng | grep -c '^Record: IPv4')" 2 'which has them once'

printf '192.0.2.1 evil\033[31m.example\n192.0.2.2 \377.example\n' >hosts
unshare -m sh -c 'mount --bind hosts /etc/hosts && exec "$@"' sh "$filt" -r one.pcapng --resolve -w names.pcapng 2>/dev/null
is "$(blocks names.pcapng | grep -c '^Record: IPv4')" 0 'but no name that is not text'

# More addresses than the resolver remembers answers for, of which two have names, first and last: both are in the
# file, in blocks of their own. And each of a row of files, which one batch of packets fills, has the names of its own.
perl -e '
        sub packet { pack("L4 H28 n10", $_[0], 0, 34, 34, "02" x 12 . "0800", 0x4500, 20, 0, 0, 0x40fd, 0,
                0x0a00, $_[1], 0x0a00, $_[2]) }
        open(my $many, ">:raw", "many.pcap");
        print $many pack("L S2 L4", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1), map { packet($_, 2 * $_ + 1, 2 * $_ + 2) } 0 .. 1599;
        open(my $hours, ">:raw", "hours.pcap");
        print $hours pack("L S2 L4", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1), map { packet(3600 * $_, $_ + 1, $_ + 1) } 0 .. 2;'
printf '10.0.0.%s\n' '1 one.example' '2 two.example' '3 three.example' >hosts
echo '10.0.12.128 last.example' >>hosts
echo 'hosts: files' >nsswitch.conf
named() {
        unshare -m sh -c 'mount --bind hosts /etc/hosts && mount --bind nsswitch.conf /etc/nsswitch.conf && exec "$@"' \
                sh "$filt" --resolve "$@" 2>/dev/null
}
named -r many.pcap -w many.pcapng
is "$(tshark -2 -N n -r many.pcapng 2>/dev/null | sed -n '1p; $p' | grep -o '[a-z]*\.example' | xargs)" \
        'one.example two.example last.example' 'names that the resolver has forgotten'
is "$(blocks many.pcapng | grep -c '^Block: Name Resolution Block')" 2 'in more than one block'
named -r hours.pcap -G 3600 -w 'hour-%H.pcapng'
for hour in 00 01 02; do blocks hour-$hour.pcapng | grep -o '[a-z]*\.example$'; done >in_hours
is "$(xargs <in_hours)" 'one.example two.example three.example' 'each file of a row has the names in it, and no others'

# --- Live, beside dumpcap on the same packets

# start ARGUMENT...: filt on host b, in the background.
start() { background ip netns exec "$b" "$filt" "$@"; }
pings() { in_a ping -q -c "$1" -i 0.005 -W 1 192.0.2.2 >/dev/null 2>&1; }
packets() { tshark -r "$1" -T fields -e frame.encap_type -e frame.len -e frame.cap_len -e frame.interface_name \
        -e ip.id -e icmp.seq 2>/dev/null; }
# statistics FILE: what it says at its end of each interface.
statistics() { blocks "$1" | sed -n 's/^Option: Number of //p'; }
entries() { capinfos "$1" 2>/dev/null | sed -n 's/.*stat entries = //p' | tr '\n' ' '; }

ip -n "$b" link set b0 alias 'to host a'
in_b dumpcap -q -i b0 -f 'icmp' -s 2000 -c 10 -w theirs.pcapng 2>dumpcap.err &
theirs=$!
wait_for 20 grep -q '^File: ' dumpcap.err
start -i b0 -s 2000 -w ours.pcapng --comment 'at night' icmp
pings 5
wait "$theirs"
stop
is "$status $(packets ours.pcapng)" "0 $(packets theirs.pcapng)" 'packets, and the name of their interface'
is "$(interface ours.pcapng 0 | grep -v '^Description\|^Speed\|^Hardware' | sed 's/^\(Op.* Linux [^ ,]*\).*/\1/')" \
        "$(interface theirs.pcapng 0)" 'the interface: what dumpcap says of it'
is "$(interface ours.pcapng 0 | sed -n 's/^Description = //p')" 'to host a' 'and its description'
is "$(interface ours.pcapng 0 | sed -n 's/^Hardware = //p')" 'veth' 'its driver'
for key in hardware oper-sys; do
        theirs=$(section theirs.pcapng | sed -n "s/^Capture $key: //p")
        ours=$(section ours.pcapng | sed -n "s/^Capture $key: //p")
        ok "the same $key" test -n "$ours" -a \( "${ours#"$theirs"}" != "$ours" -o "${theirs#"$ours"}" != "$theirs" \)
done
is "$(section ours.pcapng | tail -2)" "Capture application: $version
Capture comment: at night" 'by what, and the comment'
is "$(statistics ours.pcapng | head -2)" "$(statistics theirs.pcapng)" 'statistics: received and dropped'
is "$(statistics ours.pcapng | tail -3)" 'Accepted Packets = 10
Packets Dropped by OS = 0
Packets Delivered to the User = 10' 'and more'
is "$(tshark -r ours.pcapng -T fields -e ip.src -e frame.packet_flags 2>/dev/null | sort | uniq -c | tr -s ' \t' ' ')" \
        ' 5 192.0.2.1 0x00000005
 5 192.0.2.2 0x00000002' "each packet's direction: received for this host, and sent"
run "$filt" -L -r ours.pcapng
like "$out" '  comment: at night
  interface 0:
    name: b0
    description: to host a
.*    filter: icmp
.*    packets: 10
    received: 10
    dropped: 0
' '-L -r shows it'

# Whatever ends a file, except for SIGKILL.
for signal in TERM QUIT; do
        start -i b0 -w ended.pcapng icmp
        pings 1
        stop $signal
        is "$(entries ended.pcapng)$(statistics ended.pcapng | head -1)" '1 Received Packets = 2' "SIG$signal: statistics"
done
start -i b0 -w killed.pcapng icmp
pings 1
written() { [ "$(packets "$1" | wc -l)" = 2 ]; }
wait_for 10 written killed.pcapng
stop KILL
is "$(entries killed.pcapng)$(packets killed.pcapng | wc -l)$(capinfos killed.pcapng 2>&1 >/dev/null)" '0 2' \
        'SIGKILL: a file without, but a whole one'
start -i b0 -w hung.pcapng icmp
pings 1
wait_for 10 written hung.pcapng
mv hung.pcapng hung.old
kill -HUP "$pid"
wait_for 5 test -s hung.pcapng
pings 2
stop
is "$(for file in hung.old hung.pcapng; do entries $file; statistics $file | tail -1; done)" \
        '1 Packets Delivered to the User = 2
1 Packets Delivered to the User = 6' 'files of a rotation: each has those from the start of the capture'

# --- All interfaces

start -i any -w any.pcapng icmp
pings 2
in_b ping -q -c 1 127.0.0.1 >/dev/null
stop
is "$(tshark -r any.pcapng -T fields -e frame.interface_name -e frame.encap_type 2>/dev/null | sort | uniq -c | tr -s ' \t' ' ')" \
        ' 4 b0 210
 2 lo 210' 'any: each packet has the interface it was on'
run "$filt" -L -r any.pcapng
like "$out" '    name: (b0|lo)
.*    name: (b0|lo)
' 'which the file describes'
is "$(grep -E '^  interface|received|dropped' <<<"$out")" '  interface 0:
    received: 6
    dropped: 0
  interface 1:
  interface 2:' 'what was counted for all of them stands before'

done_testing
