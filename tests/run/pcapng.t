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
Capture comment: merged" 'several files: packets keep their comments'
mistake 2 '--comment goes into a pcapng file' '--comment in a classic file' -r one.pcapng -w x.pcap --comment no
mistake 2 '--comment has no effect without -w' '--comment without a file' -r one.pcapng --comment no

# --- Names

printf '127.0.0.1 localhost\n192.0.2.1 one.example\n192.0.2.2 two.example\n2001:db8::1 six.example\n' >hosts
unshare -m sh -c 'mount --bind hosts /etc/hosts && exec "$@"' sh "$filt" -r one.pcapng --resolve -w names.pcapng 2>/dev/null
is "$(tshark -2 -N n -r names.pcapng 2>/dev/null | head -1 | grep -o '[a-z]*\.example' | tr '\n' ' ')" 'one.example two.example ' \
        '--resolve -w: tshark has the names from the file'
is "$(blocks names.pcapng | grep -c '^Record: IPv4')" 2 'which has them once'

done_testing
