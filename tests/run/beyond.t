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
done_testing
