#!/bin/bash
# Colours: they mark fields, and change nothing else. Captures of one link type and byte order are printed as one,
# because there are many.
. "$(dirname "$0")/../tap.sh"

unset FILT_COLORS NO_COLOR
escape=$'\033'
# What takes the colours away; any other sequence stays, and so does one that nothing ends.
strip() { sed -E "s/$escape\[[0-9;]+m([^$escape]*)$escape\[0m/\1/g"; }

# The kind of a pcap file: byte order, precision and link type, from its header.
kind_of() { od -An -tx1 -v -N 24 "$1" | tr -d ' \n' | cut -c 1-8,41-48; }

declare -A groups
for capture in pcaps/*.pcap; do groups[$(kind_of "$capture")]+=" $capture"; done
inputs=(pcaps/*.pcapng)
for kind in "${!groups[@]}"; do
        read -ra captures <<<"${groups[$kind]}"
        # Of the headers, with a snapshot length that cuts nothing: 262144.
        [[ $kind = a1* ]] && length='\0\4\0\0' || length='\0\0\4\0'
        {
                head -c 16 "${captures[0]}"
                printf '%b' "$length"
                head -c 24 "${captures[0]}" | tail -c 4
                for capture in "${captures[@]}"; do tail -c +25 "$capture"; done
        } >"$scratch/$kind.pcap"
        inputs+=("$scratch/$kind.pcap")
done
# Some damaged and cut off everywhere.
pcaps/craft "$scratch" damaged
inputs+=("$scratch/damaged.pcap")
for name in tcp-mptcp dns arp icmp-errors wlan; do
        tests/vary "pcaps/$name.pcap" 1 1 >"$scratch/$name-varied.pcap"
        inputs+=("$scratch/$name-varied.pcap")
done
for input in "${inputs[@]}"; do
        wrong=''
        for set in -n -ne -nv -nevv -nevvv -nq -nXX -nA '-nevvv --lengths -#' -ntttt; do
                # shellcheck disable=SC2086 # a set is several words
                "$filt" --color=never $set -r "$input" >"$scratch/plain" 2>/dev/null
                # shellcheck disable=SC2086
                "$filt" --color=always $set -r "$input" 2>/dev/null | strip >"$scratch/stripped"
                cmp -s "$scratch/plain" "$scratch/stripped" || wrong+=" $set"
                # Nothing of a packet steers a terminal.
                LC_ALL=C grep -q $'[^\t -~]' "$scratch/plain" && wrong+=" control characters with $set"
        done
        is "$wrong" '' "${input##*/}: without its colours the text is that without colours"
done

# ---- Fields ----

# fields OPTIONS... CAPTURE: the coloured parts, with the names of their colours in front.
fields() {
        FILT_COLORS='ti=:pr=1:ad=2:po=3:fl=4:le=5:re=6:er=7:nu=8' "$filt" --color=always -t "${@:1:$#-1}" -r "${!#}" 2>/dev/null |
                grep -o "$escape\[[1-8]m[^$escape]*" | sed -E "s/$escape\[(.)m/\1 /;s/^1/protocol/;s/^2/address/;s/^3/port/
                        s/^4/flags/;s/^5/length/;s/^6/refusal/;s/^7/damage/;s/^8/numbering/"
}
# has NAME FIELD... -- OPTIONS... CAPTURE: among the fields are these.
has() {
        local name=$1 want missing=''
        shift
        local wanted=()
        while [ "$1" != -- ]; do wanted+=("$1") && shift; done
        fields "${@:2}" >"$scratch/fields"
        for want in "${wanted[@]}"; do grep -qxF -- "$want" "$scratch/fields" || missing+="[$want]"; done
        is "$missing" '' "$name" || note "$(head -40 "$scratch/fields")"
}
has TCP 'protocol IP' 'address 192.0.2.1' 'port 5000' 'flags S.' 'length 5' -- -n pcaps/tcp.pcap
has 'TCP with -e and -v' 'address 02:00:00:00:00:01' 'protocol IPv4' 'flags DF' 'protocol TCP' 'length 66' -- -nev pcaps/tcp.pcap
has UDP 'protocol UDP' 'port 5999' 'length 18' -- -n pcaps/icmp-errors.pcap
has ICMP 'protocol ICMP' 'refusal unreachable' 'port 5999' -- -n pcaps/icmp-errors.pcap
has DNS 'protocol AAAA' 'address 2001:db8::80' 'flags +' 'length 72' -- -n pcaps/dns.pcap
has DHCP 'protocol BOOTP/DHCP' 'protocol Discover' 'address 192.0.2.100' 'address 02:00:00:00:00:01' -- -nv pcaps/dhcp-isc.pcap
has ARP 'protocol ARP' 'address 192.0.2.2' 'address 02:00:00:00:00:02' 'length 28' -- -n pcaps/arp.pcap
has STP 'protocol 802.1w' 'flags Learn, Forward' 'address 8001.02:00:00:00:00:02' -- -nv pcaps/stp.pcap
has 802.11 'protocol Beacon' 'address 02:00:00:00:00:03' 'protocol Probe Request' 'damage [|802.11]' -- -ne pcaps/wlan.pcap
has TLS 'protocol TLS' 'protocol client hello' 'address www.example.org' 'refusal handshake failure' 'length 250' -- -n pcaps/tls.pcap
has QUIC 'protocol QUIC' 'protocol initial' 'protocol client hello' 'address www.example.org' 'protocol 1-RTT' \
        'address df56a8450bd0a77e800bc41c11ff16ea48' 'protocol version negotiation' 'length 1200' -- -n pcaps/quic.pcap
has HTTP/2 'protocol HTTP/2' 'protocol HEADERS' 'flags end' 'flags ack' 'refusal NO_ERROR' 'length 8893' 'address 192.0.2.2:8080' -- -n pcaps/http2-table.pcap
has SSH 'protocol SSH' 'protocol key exchange init' -- -n pcaps/ssh.pcap
has WireGuard 'protocol WireGuard' 'length 128' -- -n pcaps/wireguard.pcap
has MQTT 'protocol MQTT' 'protocol PUBLISH' 'flags 1' 'flags retain' -- -n pcaps/mqtt.pcap
has Kafka 'protocol Kafka' 'protocol Metadata' 'length 23' -- -n pcaps/kafka.pcap
has PostgreSQL 'protocol PostgreSQL' 'protocol query' 'refusal ERROR' 'refusal 42P01' 'flags idle' -- -n pcaps/postgresql.pcap
has MySQL 'protocol MySQL' 'protocol query' 'refusal error 1142' -- -n pcaps/mysql.pcap
has GTP-U 'protocol GTP-U' 'protocol G-PDU' -- -n pcaps/gtp.pcap
has 'a packet cut off' 'damage [|tcp]' -- -n pcaps/tcp-s40.pcap
has 'a dump' 'numbering 0x0010:' -- -nX pcaps/ping.pcap

# ---- Payload ----

# With text in it that looks like fields and like sequences of a terminal, and with none: the same is coloured.
perl -e '
        my ($folder) = @ARGV;
        my %text = (hostile => "\e[31m\x9b1m IP 192.0.2.9.80 > ::1.1: Flags [R] bad cksum [|tcp] (invalid)\r ARP, ICMP\e[0m UDP");
        $text{plain} = "x" x length $text{hostile};
        sub udp { my ($source, $destination, $payload) = @_;
                my $udp = pack("n4", $source, $destination, 8 + length $payload, 0) . $payload;
                pack("CCnnnCCn", 0x45, 0, 20 + length $udp, 1, 0, 64, 17, 0) . pack("C4C4", 192, 0, 2, 1, 192, 0, 2, 2) . $udp }
        sub tcp { my ($source, $destination, $flags, $payload) = @_;
                my $tcp = pack("nnNNCCn3", $source, $destination, 1, 1, 0x50, $flags, 512, 0, 0) . $payload;
                pack("CCnnnCCn", 0x45, 0, 20 + length $tcp, 1, 0, 64, 6, 0) . pack("C4C4", 192, 0, 2, 1, 192, 0, 2, 2) . $tcp }
        sub capture { my ($name, $type, @packets) = @_;
                open my $file, ">:raw", "$folder/$name.pcap" or die;
                print $file pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 65535, $type);
                print $file pack("V4", 0, 0, (length) x 2), $_ for @packets }
        for my $kind (sort keys %text) {
                my $text = $text{$kind};
                my ($label, $short) = (substr($text, 0, 60), substr($text, 0, 32));
                my $name = chr(length $label) . $label . "\0";
                my $dns = pack("n6", 7, 0x8180, 1, 2, 0, 0) . $name . pack("nn", 1, 1) .
                        "\xc0\x0c" . pack("nnNn", 5, 1, 60, length $name) . $name .
                        "\xc0\x0c" . pack("nnNn", 16, 1, 60, 1 + length $text) . chr(length $text) . $text;
                capture("ip-$kind", 101, tcp(1024, 80, 0x18, "GET /$text HTTP/1.1\r\nHost: $text\r\n\r\n"), tcp(1024, 80, 4, $text),
                        tcp(25, 1024, 0x18, "220 $text\r\n"), udp(53, 1024, $dns), udp(1024, 514, "<13>$text"),
                        udp(1024, 69, "\0\1$text\0octet\0"), udp(1024, 5060, "INVITE $text SIP/2.0\r\nTo: $text\r\n\r\n"), udp(9, 9, $text));
                capture("wlan-$kind", 105, pack("C2v", 0x80, 0, 0) . ("\2\0\0\0\0\1" x 3) . "\0\0" . ("\0" x 8) . pack("vv", 100, 1) .
                        "\0" . chr(length $short) . $short);
        }' "$scratch"
for name in ip wlan; do
        for set in -n -nvK -nevvvK -nA -nX -q; do
                fields $set "$scratch/$name-plain.pcap" >"$scratch/plain"
                fields $set "$scratch/$name-hostile.pcap" >"$scratch/hostile"
                [ -s "$scratch/plain" ]
                report $? "$name $set: fields are coloured"
                is "$(cat "$scratch/hostile")" "$(cat "$scratch/plain")" "$name $set: what the payload says changes no colour"
                "$filt" --color=always $set -r "$scratch/$name-hostile.pcap" 2>/dev/null | strip | LC_ALL=C grep -n $'[^\t -~]' >"$scratch/out"
                is "$(cat -v "$scratch/out")" '' "$name $set: nor is anything of it a control character"
        done
done

# ---- Listings ----

# same NAME COMMAND...: colours come, and nothing else changes.
same() {
        "$filt" "${@:2}" --color=never >"$scratch/plain" 2>&1
        "$filt" "${@:2}" --color=always >"$scratch/colored" 2>&1
        ! cmp -s "$scratch/plain" "$scratch/colored"
        report $? "$1: colours"
        is "$(strip <"$scratch/colored")" "$(cat "$scratch/plain")" "$1: nothing else changes"
}
same -d -d 'tcp port 80'
like "$("$filt" -d --color=always icmp)" "$escape\[2m\(005\)$escape\[0m$escape\[1m ret$escape\[0m$escape\[31m +#0$escape\[0m" \
        '-d: a rejection'
same explain explain 'tcp port 80'
for stage in graph passes cbpf ebpf native; do same "explain --stage $stage" explain --stage $stage 'tcp port 80'; done
same 'debug --trace' debug --trace -c 2 -r pcaps/tcp.pcap 'tcp port 80'
for form in dd ddd; do is "$("$filt" -$form --color=always icmp)" "$("$filt" -$form icmp)" "-$form has none"; done

# ---- Choices ----

shown() { "$filt" -t -n -c 1 -r pcaps/tcp.pcap "$@" 2>/dev/null; }
colored=$(shown --color=always)
like "$colored" "^$escape\\[1mIP$escape\\[0m $escape\\[36m192.0.2.1$escape\\[0m\\." 'defaults'
is "$(shown)" "$(shown --color=never)" 'none in a file'
on_terminal() { env TERM="${TERM_IS-xterm}" "$@" script -qec "'$filt' -t -n -c 1 -r pcaps/tcp.pcap 2>/dev/null" /dev/null </dev/null | tr -d '\r'; }
is "$(on_terminal)" "$colored" 'on a terminal'
is "$(on_terminal NO_COLOR=1)" "$(shown)" 'not with NO_COLOR'
is "$(on_terminal NO_COLOR=)" "$colored" 'an empty one does not count'
is "$(TERM_IS=dumb on_terminal)" "$(shown)" 'not on one that has none'
is "$(NO_COLOR=1 shown --color=always)" "$colored" '--color=always counts more'
like "$(FILT_COLORS='ad=1;4' shown --color=always)" "^$escape\\[1mIP$escape\\[0m $escape\\[1;4m192" 'FILT_COLORS replaces one'
like "$(FILT_COLORS='pr=:ad=:po=33' shown --color=always)" "^IP 192.0.2.1.$escape\\[33m50418$escape\\[0m > " 'and takes some away'
is "$(FILT_COLORS="ad=3${escape}c:xx=1:ad:pr=$(printf '%050d' 0):=:" shown --color=always)" "$colored" 'it can say nothing else'

# System calls, as far as this user may trace them.
if "$filt" write-trace -o "$scratch/lines" -- true 2>/dev/null; then
        trace() { "$filt" write-trace "$@" -- bash -c 'printf "\e[31m= -1 ENOSPC (" >/dev/null; echo x >/dev/full' 2>/dev/null; }
        trace -o "$scratch/plain"
        is "$(grep -c "$escape" "$scratch/plain")" 0 'write-trace: none in a file'
        trace -o "$scratch/colored" --color=always
        is "$(strip <"$scratch/colored" | sed 's/^[0-9]* *//')" "$(sed 's/^[0-9]* *//' "$scratch/plain")" \
                'write-trace: nothing else changes, not where columns begin'
        like "$(cat "$scratch/colored")" "$escape\\[1mwrite$escape\\[0m\\($escape\\[36m1$escape\\[0m, \"x" 'write-trace: the call'
        like "$(cat "$scratch/colored")" "= $escape\\[1;31m-1 ENOSPC" 'write-trace: an error'
        unlike "$(cat "$scratch/colored")" "$escape\\[31m= -1" 'write-trace: what is written is none'
fi
done_testing
