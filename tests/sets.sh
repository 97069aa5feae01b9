# shellcheck shell=bash
# --follow-sets for tests, sourced after tap.sh, net.sh and live.sh: what is sent, how sets are replaced meanwhile, and what
# the capture must then have.

programs=$PWD/tests/sets

# What filt runs behind: a command, and another one in that.
where=()
as=()
# The names of its places in the file, where it has several.
places=('')

# sets_network: after network_up, more addresses on both hosts, which know each other.
sets_network() {
        for host in 77 78 79 80; do
                ip -n "$a" addr add 192.0.2.$host/24 dev a0
                ip -n "$b" neigh replace 192.0.2.$host lladdr 02:00:00:00:00:01 dev b0 nud permanent
        done
        for host in 102 103; do ip -n "$b" addr add 192.0.2.$host/24 dev b0; done
        for host in 2 102 103; do ip -n "$a" neigh replace 192.0.2.$host lladdr 02:00:00:00:00:02 dev a0 nud permanent; done
        where=(ip netns exec "$b")
}

# hosts COUNT HOST...: these of the network, and as many others.
hosts() {
        local count=$1
        shift
        printf '192.0.2.%d\n' "$@"
        perl -e 'printf "10.%d.%d.%d\n", $_ >> 16 & 255, $_ >> 8 & 255, $_ & 255 for map { $_ * 7 + 1 } 1 .. shift' "$count"
}
# put COUNT HOST...: the set of these, at once: what was there before may just be read once more.
put() {
        hosts "$@" >set.new
        mv set.new set
}
# `bytes` of data are sent.
bytes=56
from() { in_a ping -q -c 2 -i 0.01 -W 5 -s "$bytes" -I "192.0.2.$1" 192.0.2.2 >ping.out; }
# The requests that were captured: those of each host in a row.
seen() { grep -oE '192\.0\.2\.[0-9]+ > 192\.0\.2\.2:' live.out | cut -d ' ' -f 1 | uniq -c | xargs; }
replaced() { [ "$(grep -c '^filt: set: .* (was' live.err)" -ge "$1" ]; }
told() { grep -Ev '^filt: (listening on|[0-9]+ packets? captured)' live.err; }
tells() { wait_for 20 grep -Eq "^filt: $1" live.err; }

# exact NAME COUNT COUNT COUNT ARGUMENT...: in turn, one host of two is in a set of so many others. `also`: what else the
# filter asks.
also=
exact() {
        local name=$1 counts=("$2" "$3" "$4")
        shift 4
        put "${counts[0]}" 77
        background "${where[@]}" "${as[@]}" "$filt" -n --follow-sets "$@" "icmp and host in set$also"
        from 77
        from 78
        put "${counts[1]}" 78
        wait_for 60 replaced 1
        from 77
        from 78
        kill -HUP "$pid" # what was there before is then not read once more while there is only a part of this
        wait_for 60 grep -q '^filt: the sets have not changed' live.err
        hosts "${counts[2]}" 77 >set
        wait_for 60 replaced 2
        from 77
        from 78
        stop
        is "$status $(seen)" '0 2 192.0.2.77 2 192.0.2.78 2 192.0.2.77' "$name: the members of each time"
        like "$(told)" "filt: set: $((counts[1] + 1)) values? \(was $((counts[0] + 1))\)
(.*
)*filt: set: $((counts[2] + 1)) values? \(was $((counts[1] + 1))\)" "$name: what it says"
        like "$(tail -n 1 live.err)" ' 0 dropped by kernel' "$name: nothing is lost"
}

# numbers PLACE: from, to and number of each datagram of lines with -A that was captured there, perhaps among others; ''
# where there is one place.
numbers() {
        place=$1 perl -ne '
                /^[0-9:.]+ (?:(\S+) +\w+ +)?IP 192\.0\.2\.(\d+)\.\d+ > 192\.0\.2\.(\d+)\./ and ($on, $from, $to) = ($1 // "", $2, $3);
                my ($number) = /#(\d+)#/ or next;
                print "192.0.2.$from>192.0.2.$to ", $number + 0, "\n"
                        if $ENV{place} eq "" || grep { $_ eq $ENV{place} } split /[@,]/, $on'
}

# captured: the lines of all that traffic() has captured.
captured() {
        [ -s live.out ] && cat live.out
        for file in traffic.pcapng*; do [ -e "$file" ] && "$filt" -nAr "$file" 2>/dev/null; done
}

# traffic NAME TIMES COUNT COUNT ARGUMENT...: sets of so many others, one with A and B, the other with A and C, replaced by
# one another under traffic. `sender`: what runs what sends; `saves`: the options by which it is saved, or printed.
sender=()
saves=(-w traffic.pcapng)
traffic() {
        local name=$1 times=$2 sends place
        hosts "$3" 77 78 2 102 >one
        hosts "$4" 77 79 2 103 >other
        shift 4
        cp other set
        rm -f traffic.pcapng*
        background "${where[@]}" "${as[@]}" "$filt" -n -B 65536 "${saves[@]}" --follow-sets "$@" \
                'udp and src host in set and dst host in set'
        "${sender[@]}" ip netns exec "$a" perl "$programs/sender.pl" >sent 2>sender.err &
        sends=$!
        perl "$programs/replacer.pl" "$pid" "$times" other one 2>replacer.err
        is "$? $(cat replacer.err)" '0 ' "$name: $times replacements"
        kill -TERM $sends
        wait $sends || note "$(cat sender.err)"
        in_a ping -q -c 1 -W 5 192.0.2.2 >ping.out
        stop
        for place in "${places[@]}"; do
                is "$(captured | numbers "$place" | perl "$programs/judge.pl" "$(cat sent)" "$times")" \
                        'all of A, 0 again, 0 of others, no more in between than replacements' "$name: ${place:+$place: }each packet by one set or the other"
        done
        like "$(tail -n 1 live.err)" ' 0 dropped by kernel' "$name: nothing is lost"
        note "$(cat sent) groups; $(tail -n 1 live.err)"
}
