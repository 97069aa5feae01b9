#!/bin/bash
# What lines and JSON say of where packets come from: several interfaces and link types in one capture.
. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
cd "$scratch" || exit 1

# pcapng FILE BLOCK...: writes a file. A block is `if LINKTYPE NAME`, or `packet INTERFACE MILLISECONDS FRAME`
# and perhaps FLAGS DROPPED COMMENT; a FRAME is `eth`, `ip` or `sll2.INDEX` and the TCP segment behind it.
cat >pcapng.pl <<'PERL'
use strict;
use warnings;
sub option { my ($code, $value) = @_; pack('SS', $code, length $value) . $value . "\0" x (-length($value) % 4) }
sub block { my ($type, $body) = @_; pack('LL', $type, 12 + length $body) . $body . pack 'L', 12 + length $body }
sub segment {
        my ($end, $flags, $seq, $ack) = @_;
        my @ports = $end ? (80, 1000) : (1000, 80);
        my @ends = $end ? ("\300\0\2\2", "\300\0\2\1") : ("\300\0\2\1", "\300\0\2\2");
        pack('CCnnnCCn', 0x45, 0, 40, 1, 0, 64, 6, 0) . join('', @ends) .
                pack('nnNNCCnnn', @ports, $seq, $ack, 0x50, $flags, 512, 0, 0);
}
my %segments = (syn => [0, 2, 7000, 0], answer => [1, 18, 90000, 7001], ack => [0, 16, 7001, 90001], fin => [0, 17, 7001, 90001]);
print block(0x0a0d0d0a, pack 'LSSq', 0x1a2b3c4d, 1, 0, -1);
for (@ARGV) {
        my ($kind, @about) = split / /, $_, 7;
        if ($kind eq 'if') {
                my ($link, $name) = @about;
                print block(1, pack('SSL', $link, 0, 65535) . (defined $name ? option(2, $name) . option(0, '') : ''));
                next;
        }
        my ($on, $ms, $frame, $flags, $dropped, $comment) = @about;
        my ($link, $which) = $frame =~ /^(.*)-(.*)$/;
        my $bytes = segment(@{ $segments{$which} });
        $bytes = "\2\0\0\0\0\2\2\0\0\0\0\1\10\0$bytes" if $link eq 'eth';
        $bytes = pack('nnNnCCa8', 0x800, 0, $1, 1, 4, 6, "\2\0\0\0\0\1") . $bytes if $link =~ /^sll2\.(\d+)/;
        my $time = 1_700_000_000_000_000 + 1000 * $ms;
        my $options = '';
        $options .= option(1, $comment) if defined $comment;
        $options .= option(2, pack 'L', $flags) if $flags;
        $options .= option(4, pack 'Q', $dropped) if $dropped;
        $options .= option(0, '') if $options;
        print block(6, pack('LLLLL', $on, $time >> 32, $time & 0xffffffff, (length $bytes) x 2) .
                $bytes . "\0" x (-length($bytes) % 4) . $options);
}
PERL
pcapng() {
        local file=$1
        shift
        perl pcapng.pl "$@" >"$file"
}
shown() { "$filt" -n "$@" 2>err; }

# --- One capture, whatever its link types: tcpdump, which reads one only, has all packets in Ethernet

connection=(syn answer ack fin)
ethernet=() mixed=()
for i in 0 1 2 3; do
        ethernet+=("packet 0 $((i * 250)) eth-${connection[i]}")
        mixed+=("packet $((i % 2)) $((i * 250)) $([ $((i % 2)) = 0 ] && echo eth || echo ip)-${connection[i]}")
done
pcapng ethernet.pcapng 'if 1' "${ethernet[@]}"
pcapng mixed.pcapng 'if 1' 'if 101' "${mixed[@]}"
for options in '' '-#' -ttt -ttttt '-# -ttt -v' -S -x; do
        # shellcheck disable=SC2086 # several words
        is "$(shown $options -r mixed.pcapng)" "$(tcpdump -n $options -r ethernet.pcapng 2>/dev/null)" \
                "two link types are one capture: $options"
done
is "$(shown --json -r mixed.pcapng | grep -o '"frame.number":[0-9]*' | tr '\n' ' ')" \
        '"frame.number":1 "frame.number":2 "frame.number":3 "frame.number":4 ' 'in JSON as well'
is "$(shown -r mixed.pcapng | grep -c 'seq 1, ack 1,')" 1 'a connection on both goes on'

# --- Several interfaces

pcapng one.pcapng 'if 1 eth0' "${ethernet[@]}"
is "$(shown -r one.pcapng)" "$(tcpdump -nr one.pcapng 2>/dev/null)" 'one interface is not named'

# In, out, broadcast, multicast, to another host, not known, and of an interface without a name.
pcapng several.pcapng 'if 1 eth0' 'if 101 a-longer-name' 'if 1' 'packet 0 0 eth-syn 5' 'packet 1 250 ip-answer 2' \
        'packet 0 500 eth-ack 13' 'packet 0 500 eth-ack 9' 'packet 0 500 eth-ack 17 7 all of it' 'packet 0 750 eth-fin' \
        'packet 2 750 eth-fin 5'
is "$(shown -t -r several.pcapng | sed 's/IP 192.*//' | tr '\n' '|')" \
        'eth0  In  |a-longer-name Out |eth0  B   |eth0  M   |eth0  P   |eth0  |?     In  |' \
        'several are, each with the direction'
is "$(shown -ttttt -r several.pcapng | sed -E 's/([0-9] )[^ ]+ +((In|Out|B|M|P) +)?IP/\1IP/; 4,5d; 7d')" \
        "$(tcpdump -n -ttttt -r ethernet.pcapng 2>/dev/null)" 'behind the time stamp; all else is as before'
is "$(shown -te -r several.pcapng | head -1)" \
        'eth0  In  02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype IPv4 (0x0800), length 54: 192.0.2.1.1000 > 192.0.2.2.80: Flags [S], seq 7000, win 512, length 0' \
        '-e: before the link header'
is "$(shown -tq -r several.pcapng 'len < 50')" 'a-longer-name Out IP 192.0.2.2.80 > 192.0.2.1.1000: tcp 0' \
        'also where the filter leaves one'
like "$(shown -t --color always -r several.pcapng | head -1)" $'^eth0  In  \033\\[1mIP\033' 'and in color'
is "$(shown -tvx -r several.pcapng | grep -A 3 '^eth0  P' | tail -n +2 | cut -c 1-40)" \
        '    192.0.2.1.1000 > 192.0.2.2.80: Flags
	dropped before this packet: 7
	comment: all of it' '-v: drops and comments stand below, before a dump'
unlike "$(shown -tx -r several.pcapng)" 'comment|dropped' 'without -v they do not'

fields=(frame.interface_name frame.packet_flags_direction frame.packet_flags_reception_type frame.drop_count frame.comment)
is "$(shown --json -r several.pcapng | perl -MJSON::PP -ne 'BEGIN { @f = split / /, shift }
                my $o = decode_json $_; print join("|", map { $o->{$_} // "" } @f), "\n"' "${fields[*]}")" \
        "$(tshark -r several.pcapng -T fields -E separator='|' "${fields[@]/#/-e}" 2>/dev/null |
                perl -pe 's/0x0*(?=[0-9])//g; s/\|0(?=\|)/|/g; s/^unknown\|/|/; s/\\n/\n/' )" \
        'JSON has the fields that tshark has'

# From the block on that describes the second one, however the file is read.
pcapng later.pcapng 'if 1 eth0' 'packet 0 0 eth-syn' 'packet 0 10 eth-syn' 'if 1 eth1' 'packet 0 250 eth-ack 5' 'packet 1 500 eth-fin'
names='|||eth0  In  |eth1  '
is "|$(shown -t -r later.pcapng | sed 's/IP 192.*//' | tr '\n' '|')" "$names|" 'one that is described later'
is "|$(perl -e '$| = 1; print while sysread STDIN, $_, 30' <later.pcapng | shown -t -r - | sed 's/IP 192.*//' | tr '\n' '|')" \
        "$names|" 'from a pipe that dribbles'
pcapng other.pcapng 'if 1 eth1' 'packet 0 100 eth-answer'
is "$(shown -t -r one.pcapng -r other.pcapng | cut -d ' ' -f 1 | uniq -c | tr -s ' ' | tr '\n' ' ')" ' 1 eth0  1 eth1  3 eth0 ' \
        'of several files'
is "$(shown -t -r one.pcapng -r one.pcapng | cut -d ' ' -f 1 | uniq)" IP 'the same name in two files is one'

pcapng hostile.pcapng $'if 1 \033[31m\233\n' 'if 1 eth1' $'packet 0 0 eth-syn 5 0 \033]0;x\a\033[2J'
unlike "$(shown -v -r hostile.pcapng; shown --json -r hostile.pcapng)" $'[\033\233\a]' 'names and comments cannot control the terminal'

# --- LINUX_SLL2: names come from the file; else from this machine, as tcpdump has it, with a warning

pcapng sll2.pcapng 'if 276 lan7' 'packet 0 0 sll2.1-syn' 'packet 0 250 sll2.1-answer'
is "$(shown -t -r sll2.pcapng | cut -d ' ' -f 1-3; grep -c warning err)" 'lan7  Out
lan7  Out
0' 'the name in the file'
for name in '' ' any'; do
        pcapng nameless.pcapng "if 276$name" 'packet 0 0 sll2.1-syn' 'packet 0 250 sll2.1-answer'
        is "$(shown -r nameless.pcapng)" "$(tcpdump -nr nameless.pcapng 2>/dev/null)" "none${name:+ but$name}: this machine's, as tcpdump"
        is "$(grep -c '^filt: warning: nameless.pcapng does not name its interfaces: names are those of this machine$' err)" 1 \
                'with one warning'
done
ok 'within the sandbox, all has been allowed' grep -q '^lo ' <(shown -t -r nameless.pcapng)
pcapng unknown.pcapng 'if 276' 'packet 0 0 sll2.2000000000-syn'
is "$(shown -r unknown.pcapng; grep -c warning err)" "$(tcpdump -nr unknown.pcapng 2>/dev/null)
0" 'and no name here, no warning'
is "$(shown --json -r sll2.pcapng | grep -o '"frame.interface_name":"[^"]*"' | uniq)" '"frame.interface_name":"lan7"' \
        'JSON has the name in the file'

# --- As tcpdump, nothing of this, and the names of LINUX_SLL2's interfaces are this machine's.

pcapng two.pcapng 'if 1 eth0' 'if 1 eth1' 'packet 0 0 eth-syn 5 7 a comment' 'packet 1 250 eth-answer 2' 'packet 1 300 eth-ack'
for file in two sll2 nameless unknown; do
        for options in -nttt -nv -ne -n#; do
                tcpdump $options -r $file.pcapng >want 2>want.err
                "$filt" tcpdump $options -r $file.pcapng >got 2>got.err
                ok "filt tcpdump $options -r $file.pcapng" cmp want got
                ok 'with the same on standard error' cmp want.err got.err
        done
done

# --- Live, in the sandbox

[ "$(id -u)" = 0 ] && network_up || { note 'no network namespaces: live captures are not tested'; done_testing; exit; }
for devices in '-i b0 -i lo' "-i ?[0o]" '-i any'; do
        # shellcheck disable=SC2086 # several words
        background in_b "$filt" -nt $devices -c 4 icmp
        in_a ping -qc 1 192.0.2.2 >ping.out
        in_b ping -qc 1 127.0.0.1 >ping.out
        finish
        is "$(cut -d ' ' -f 1-7 live.out | sort -u | sed 's/IP.*//' | uniq | tr '\n' '|')" \
                "b0    In  |b0    Out |lo    In  |" "$devices" || note "$(cat live.out live.err)"
done
background in_b "$filt" -nt -i b0 -c 1 icmp
in_a ping -qc 1 192.0.2.2 >ping.out
finish
like "$(cat live.out)" '^IP 192' 'one interface is not named'

# --- Filtered by direction

pcapng ways.pcapng 'if 1 eth0' 'packet 0 0 eth-syn 2' 'packet 0 1 eth-answer 5' 'packet 0 2 eth-ack 2' 'packet 0 3 eth-fin 10'
seen() { "$filt" -t -r ways.pcapng "$@" 2>err | grep -o 'Flags [^,]*' | xargs; }
is "$(seen -Q out)" 'Flags [S] Flags [.] Flags [F.]' 'a file: -Q out'
is "$(seen -Q in)" 'Flags [S.]' '-Q in'
is "$("$filt" tcpdump -r ways.pcapng -Q out --count 2>err)" '4 packets' 'as tcpdump, it has no effect'
is "$(seen outbound and tcp dst port 80)" 'Flags [S] Flags [.] Flags [F.]' 'outbound'
is "$(seen -Q out inbound or tcp[13] = 2)" 'Flags [S]' 'both at once'
is "$(seen --no-jit not outbound)$(cat err | grep -c warning)" 'Flags [S.]0' 'not outbound, interpreted'
"$filt" -r ways.pcapng -w out.pcapng -c 2 -Q out 2>/dev/null
is "$(shown -t -r out.pcapng | grep -o 'Flags [^,]*' | xargs)" 'Flags [S] Flags [.]' 'and written'
pcapng other.pcapng 'if 1 eth0' 'packet 0 5 eth-syn 1' 'packet 0 6 eth-ack'
run "$filt" -r ways.pcapng -r other.pcapng --count inbound
is "$status $out $(said)" '0 2 packets filt: warning: packets that do not say whether they were received or sent are left out' \
        'of several files; and of packets without a direction it is said that they are left out'
pcapng cooked.pcapng 'if 276 any' 'packet 0 0 sll2.1-syn' 'packet 0 1 sll2.2-ack'
"$filt" -r cooked.pcapng -w cooked.pcap 2>/dev/null
for file in cooked.pcap cooked.pcapng; do
        run "$filt" -r $file -Q out --count tcp
        is "$status $out $(said)" '0 2 packets ' "$file: -Q out, by the header"
        run "$filt" -r $file -Q in --count tcp
        is "$status $out $(said)" '0 0 packets ' "$file: -Q in"
done
"$filt" -r ways.pcapng -w classic.pcap 2>/dev/null
mistake 2 'classic.pcap: its packets do not say whether they were received or sent, as -Q asks' '-Q' -r classic.pcap -Q in
mistake 2 'classic.pcap: its packets do not say whether they were received or sent, as the filter asks' 'outbound' -r classic.pcap outbound
mistake 2 'ifindex: packets of link type EN10MB in a file do not say which interface' 'ifindex' -r ways.pcapng ifindex 1
run "$filt" explain -r classic.pcap --packet 1 inbound
is "$status $(tail -n 1 <<<"$out")" '0 rejected: the filter asks for packet type (metadata), which the bytes of a packet do not tell' 'explain --packet says it'
run "$filt" debug -r classic.pcap --trace -c 1 inbound
like "$out" 'metadata, not there.*instruction 0 asks for what only the kernel knows of a packet' 'and debug'

done_testing
