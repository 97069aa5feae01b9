#!/bin/bash
# What filt prints and tcpdump does not: the values in its lines are those that tshark finds in the same packets, in
# the same order. That `filt tcpdump` prints none of it is print.t's to see.
. "$(dirname "$0")/../tap.sh"
needs tshark perl

# read_capture NAME [TSHARK OPTION...]: what both say of it, at length.
read_capture() {
        capture=$1
        shift
        "$filt" -tv -r "pcaps/$capture.pcap" >"$scratch/filt" 2>"$scratch/err"
        report $? "$capture: printed" || note "$(cat "$scratch/err")"
        tshark -V -n -r "pcaps/$capture.pcap" "$@" >"$scratch/tshark" 2>/dev/null
}

# agree NAME OURS THEIRS: the groups of the Perl pattern OURS in filt's text are those of THEIRS in tshark's.
matches() { perl -0777 -ne 'BEGIN { $pattern = shift } while (/$pattern/mg) { print lc $1, "\n" }' "$@"; }
agree() {
        matches "$2" "$scratch/filt" >"$scratch/ours"
        matches "$3" "$scratch/tshark" >"$scratch/theirs"
        [ -s "$scratch/theirs" ] || echo 'tshark says nothing' >"$scratch/theirs"
        is "$(cat "$scratch/ours")" "$(cat "$scratch/theirs")" "$capture: $1"
}

read_capture tls -d tcp.port==4433,tls
agree 'server names' ', SNI ([^,\n]+)' '^ +Server Name: (.+)'
agree 'protocols' '(?:, ALPN|\G) (h2|http/1.1|nothing)' 'ALPN Next Protocol: (.+)'
agree 'how many ciphers' ', (\d+) ciphers' 'Cipher Suites \((\d+) suite'
agree 'names of ciphers' '\b(TLS_\w+)' 'Cipher Suite: (\w+)'
agree 'groups' '(?:groups:|\G) ((?:x|secp|ffdhe)\w+)' 'Supported Group: (\w+)'
agree 'group of the key' ', group (\w+)' 'Server Hello(?:(?!Handshake Protocol).|\n)*?Key Share Entry: Group: (\w+)'
agree 'signatures' '(?:signatures:|\G) ((?!rsa_pkcs1_sha224|ecdsa_sha|dsa)\w+)' '^ {20}Signature Algorithm: ((?:rsa|ecdsa_secp|ed)\w+) '
agree 'extensions' '(?:extensions:|\G) (\w+)' 'Extension: (\w+)'
agree 'versions' '(?:versions:|\G|server hello, version(?= 1\.3)) (1\.\d)' 'Supported Version: TLS (\S+)'
agree 'certificates' ', SAN ([^,\n ]+)' 'dNSName: (\S+)\n *GeneralName: dNSName'
agree 'alerts' 'alert fatal, (.+)' 'Description: (.+) \(\d+\)'

read_capture quic -d udp.port==4433,quic
# tshark does not know the draft of version 2, but reads a hello of the version that nobody has.
agree 'server names' ', SNI (?!draft)(.+?),(?!(?:.*\n){1,9}.*retry)' 'Server Name: (?!other)(.+)'
agree 'groups of the keys' 'version 1,.* group (\w+)' 'Server Hello(?:(?!Handshake Protocol).|\n)*?Key Share Entry: Group: (\w+)'
agree 'tokens' ', token (\d+)' '^ +Token Length: ([1-9]\d*)'
agree 'versions on offer' '(?:versions|\G) (0x\w+a)\b' 'Supported Version: .*\((0x\w+a)\)'

# Hellos of several packets: whole in the one that completes them. tshark prints none twice, and wants them without overlap.
for capture in hellos quic-pieces tls-pieces tls-records tls-fragments; do
        "$filt" -r "pcaps/$capture.pcap" -w "$scratch/once.pcap" 'not src port (2005 or 2106 or 50004)' 2>/dev/null
        "$filt" -t -r "$scratch/once.pcap" 2>/dev/null | grep -oP 'client hello, version 1.[23], SNI \K[^,]+(?=,[^;]+ciphers(;|$))' >"$scratch/ours"
        tshark -n -r "$scratch/once.pcap" -o tcp.reassemble_out_of_order:TRUE -T fields -e tls.handshake.extensions_server_name 2>/dev/null |
                tr ',' '\n' | grep . >"$scratch/theirs"
        is "$(cat "$scratch/ours")" "$(cat "$scratch/theirs")" "$capture: names of servers"
done
run "$filt" -t -r pcaps/tls-pieces.pcap
like "$out" 'length 300
.*length 500: TLS client hello, version 1.3, SNI early.example, ALPN h3, 1 ciphers
.*length 289: TLS client hello, version 1.3, SNI late.example, ALPN h3, 1 ciphers
.*length 289
' 'tls-pieces: segments out of order, and overlapping'
run "$filt" -t -r pcaps/hellos.pcap
like "$out" 'length 1448: TLS client hello, version 1.3, SNI www.example.org, ALPN .* ciphers( \[\|tls\])?' 'hellos: a first segment may have the name'
run "$filt" -t -r pcaps/quic-pieces.pcap
like "$out" 'number 0, crypto 0:1200 \(810 bytes\)' 'quic-pieces: which bytes are there'
like "$out" 'number 0, client hello, SNI early.example, ALPN h3, 1 ciphers \[\|quic\]
.*number 1, client hello, version 1.3, SNI early.example, ALPN h3, 1 ciphers
.*number 2, client hello, version 1.3, SNI early.example, ALPN h3, 1 ciphers' 'quic-pieces: a beginning with the name, the whole, the same again'

# In several records, too. tshark takes an alert in between for none.
read_capture tls-fragments
agree 'server names' 'version 1.\d, SNI ([^,\n]+)' '^ +Server Name: (.+)'
agree 'certificates' '\bcertificate, .*(host-\d+).example www.*\n\tserver key' 'dNSName: (host-060)\S+\n *GeneralName: dNSName'
run "$filt" -t -r pcaps/tls-records.pcap
like "$out" 'length 1314: TLS client hello, version 1.3, SNI one.example, ALPN h3, 1 ciphers; change cipher spec
.*length 207: TLS client hello, 1 ciphers \[\|tls\]
.*length 200
.*length 907: TLS client hello, version 1.3, SNI cut.example, ALPN h3, 1 ciphers; change cipher spec
.*length 100: TLS client hello, 1 ciphers \[\|tls\]
.*length 714
.*length 500: TLS client hello, version 1.3, SNI late.example, ALPN h3, 1 ciphers
.*, SNI first.example, ALPN h3, 1 ciphers; client hello, 1 ciphers \[\|tls\]
.*length 400
.*, SNI second.example, ALPN h3, 1 ciphers; client hello, version 1.3, SNI third.example' 'tls-records: in one segment, cut anywhere, out of order, several'
like "$out" 'ciphers \[\|tls\]; alert fatal, handshake failure; encrypted' 'tls-records: an alert ends what is not complete'

read_capture ssh -d tcp.port==2222,ssh
agree 'key exchanges' 'kex: ([^,\n]+)' 'kex_algorithms string[^:]*: ([^,\n]+)'
agree 'keys of hosts' 'host key: ([^,\n]+)' 'server_host_key_algorithms string[^:]*: ([^,\n]+)'

read_capture http2 -d tcp.port==50051,http2 -d tcp.port==8080,http2
agree 'frames' '^\t([A-Z_]+)' 'Stream: ([A-Z_]+),'
agree 'header fields' '^\t  (:?[a-z-]+: .*)$' 'Header: (.*?)(?: OK| Not Found)?$'

# What an earlier segment put into the table, and frames that go on in the next segment: that one has them whole.
read_capture http2-table -d tcp.port==8080,http2
perl -0777 -i -pe 's/^\tHEADERS.*\n(?:\t  .*\n)*?\t  .*\[\|http2\]\n//mg' "$scratch/filt"
agree 'frames' '^\t([A-Z_]+)' 'Stream: ([A-Z_]+),'
agree 'header fields' '^\t  (:?[a-z-]+: .*)$' 'Header: (.*?)(?: OK| Not Found)?$'
unlike "$(cat "$scratch/filt")" '\?:|: \?$' 'http2-table: no field is unknown'
# What is sent again adds nothing; after a segment that is missing, what was added before is unknown.
run "$filt" -tv -r pcaps/http2-segments.pcap
like "$out" 'stream 3 end
.  x-second: two
.  x-first: one
.* 76:87,.*stream 3 end
.  \?: \?
.*stream 5 end
.  x-second: three
.  x-second: three
.  x-first: one
' 'http2-segments: what earlier segments added, and one that comes again'
like "$out" 'length 19: HTTP/2
.HEADERS stream 7 end
.  x-split: four
.  x-split: four
.*length 160: HTTP/2
.DATA stream 9 length 30
.DATA stream 9 length 100 end
.PING
.*length 59: HTTP/2
.HEADERS stream 13 end
.  x-split: four
' 'http2-segments: frames that go on, and those behind them'
like "$out" 'stream 23 end
.  \?: \?
.  x-more: v+
.*stream 25 end
.  \?: \?
.*stream 27 end
.  \?: \?
.  x-new: five
.*stream 29 end
.  x-new: five
.  \?: \?
' 'http2-segments: long fields, and a gap'

is "$("$filt" -tv -r pcaps/http2-segments.pcap 2>/dev/null | tail -6 | tr -d '\t')" 'CONTINUATION stream 1
  x-parts: seven
  x-whole: eight
  x-parts: seven
HEADERS stream 3 end
  x-whole: eight' 'http2-segments: a block in several frames, cut in its fields, as tshark has it'

read_capture mqtt
agree 'topics' '"(house[^"]*)"' 'Topic: (.+)'
agree 'clients' 'client "(.+?)"' 'Client ID: (.+)'

read_capture postgresql
agree 'queries' 'query "(.*?)"(?:;|$)' 'Query: (.+)'
agree 'errors' ' (\d\w{4}) "' '^ +Code: (\w+)'

read_capture mysql
agree 'versions' 'version "(.+?)"' '^ +Version: (\S+)'
agree 'queries' 'query "(.*)"$' 'Statement: (.+)'
agree 'errors' 'error (\d+)' 'Error Code: (\d+)'

read_capture gtp
agree 'flows' 'QFI (\d+)' '\(QFI\): (\d+)'

# These two are crafted, and tshark wants more of a conversation.
run "$filt" -t -r pcaps/kafka.pcap
like "$out" 'Metadata v9 request, id 2, client "rdkafka", length 23.*Produce v7 response, id 3, length 8.*Metadata v9 response, id 2' 'kafka: answers have the names of their requests'
run "$filt" -t -r pcaps/wireguard.pcap
like "$out" '\.1234: UDP, length 48.*\.1234: WireGuard handshake initiation, sender 0x11223344.*\.1234: WireGuard data, receiver 0xaabbccdd, counter 1, length 128' \
        'wireguard: data is known on any port after a handshake'
run "$filt" -t -r pcaps/vxlan.pcap
like "$out" '\.8472: VXLAN, flags \[I\] \(0x08\), vni 42' "vxlan: on Linux's own port, too"
run "$filt" tcpdump -nt -r pcaps/vxlan.pcap
like "$out" '\.8472: OTV' 'vxlan: filt tcpdump takes that for OTV'
done_testing
