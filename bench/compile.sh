#!/bin/bash
# Compiling long lists: time, memory, instructions and the longest path through them; against tcpdump where
# tcpdump can. See README.md.

. "$(dirname "$0")/common.sh"

# The longest lists for tcpdump; beyond that it takes minutes or crashes.
most_for_tcpdump=300

# expression KIND N: N different values of that kind, at random, the same in every run.
expression() {
        perl -e '
                srand 1;
                my ($kind, $count) = @ARGV;
                my $address = sub { join ".", 1 + int rand 223, map { int rand 256 } 1 .. 3 };
                my $net = sub {
                        my $bits = 12 + int rand 17;
                        join(".", unpack "C4", pack "N", int(rand 0xe0000000) & 0xffffffff << 32 - $bits) . "/$bits";
                };
                my $port = sub { int rand 65536 };
                my $range = sub { my $first = int rand 65000; "$first-" . ($first + int rand 3) };
                my $address6 = sub { sprintf "2001:db8:%x::%x:%x", map { rand 65536 } 1 .. 3 };
                my $net6 = sub { sprintf "2001:db8:%x:%x00::/%d", rand 65536, rand 256, 56 + rand 8 };
                my $mac = sub { sprintf "02:00:%02x:%02x:%02x:%02x", map { rand 256 } 1 .. 4 };
                my %make = (
                        host => sub { "host " . $address->() },
                        net => sub { "net " . $net->() },
                        "src host" => sub { "src host " . $address->() },
                        port => sub { "port " . $port->() },
                        portrange => sub { "portrange " . $range->() },
                        "ip6 host" => sub { "ip6 host " . $address6->() },
                        "ip6 net" => sub { "ip6 net " . $net6->() },
                        "ether host" => sub { "ether host " . $mac->() },
                        pair => sub { "(host " . $address->() . " and port " . $port->() . ")" },
                );
                my @mixture = @make{"host", "net", "port", "ip6 host"};
                $make{mixture} = sub { $mixture[rand @mixture]->() };
                my ($value) = $kind =~ /^(?:not \(|and not |vlan and \()?(.*?)\)?$/;
                my (%seen, @values);
                while (@values < $count) {
                        my $next = $make{$value}->();
                        push @values, $next if !$seen{$next}++;
                }
                my $list = join " or ", @values;
                print $kind =~ /^and not/ ? join(" and ", map { "not $_" } @values)
                        : $kind =~ /^(.*\()/ ? "$1$list)"
                        : $list;
        ' "$1" "$2" >"$scratch/list"
}

# measure NAME PROGRAM: appends the wall time of the whole process, in seconds, to $scratch/NAME.
measure() {
        local TIMEFORMAT=%3R
        { time "$2" -ddd -F "$scratch/list" >"$scratch/$1.out" 2>/dev/null; } 2>>"$scratch/$1"
}

# compile KIND N: RUNS times by filt; sets milliseconds, memory (MiB), instructions, path. False if filt refuses.
compile() {
        expression "$1" "$2"
        : >"$scratch/times"
        for ((run = 0; run < runs; run++)); do
                /usr/bin/time -f '%M' -o "$scratch/memory" ./filt -ddd --stats -F "$scratch/list" >/dev/null 2>"$scratch/said" ||
                        return 1
                # filt: N instructions; longest path: P; compiled in T ms, ...
                sed -n 's/^filt: \([0-9]*\) instructions; longest path: \([^;]*\); compiled in \([0-9.]*\) ms, \(.*\) libpcap$/\1 \2 \3 \4/p' \
                        "$scratch/said" | paste -d' ' - "$scratch/memory" >>"$scratch/times"
        done
        read -r instructions path _ libpcap _ <"$scratch/times"
        milliseconds=$(median "$scratch/times" 3)
        memory=$(awk -v kib="$(median "$scratch/times" 5)" 'BEGIN { printf "%.1f", kib / 1024 }')
}

# The longest path allowed: 2 log2(n) + 20.
bound() { awk -v n="$1" 'BEGIN { printf "%d", 2 * log(n) / log(2) + 20 }'; }

row() {
        if compile "$1" "$2"; then
                printf '%-18s %7d %10.1f %8s %13d %7s %6d  %s\n' "$1" "$2" "$milliseconds" "$memory" "$instructions" \
                        "$path" "$(bound "$2")" "$libpcap"
        else
                printf '%-18s %7d   %s\n' "$1" "$2" "$(head -1 "$scratch/said" | cut -c 1-90)"
        fi
}

printf 'compile: lists joined by or; ms and memory are of compiling alone and of the whole process\n'
printf '%-18s %7s %10s %8s %13s %7s %6s  %s\n' kind values ms MiB instructions path bound libpcap
row host 1000
for kind in host net 'src host' port portrange 'ip6 host' 'ip6 net' 'ether host' mixture pair \
        'not (host)' 'and not host' 'not (mixture)' 'vlan and (host)' 'vlan and (port)'; do
        row "$kind" 10000
done
row host 100000

printf '\nhosts, doubled: ms, and the ratio to half as many\n'
printf '%-18s %7s %10s %8s\n' kind values ms ratio
for kind in host mixture; do
        before=
        for count in 1000 2000 4000 8000 16000 32000 64000 128000; do
                compile "$kind" $count || die "filt failed on $count $kind"
                printf '%-18s %7d %10.1f %8s\n' "$kind" $count "$milliseconds" "$(ratio "$milliseconds" "${before:-0}")"
                before=$milliseconds
        done
done

printf '\nbeside tcpdump: wall time in s of the whole process\n'
printf '%-18s %7s %10s %8s %8s %13s  %s\n' kind values tcpdump filt ratio instructions "tcpdump's"
for kind in host net port 'ip6 host' 'ether host'; do
        for count in 30 100 $most_for_tcpdump; do
                expression "$kind" $count
                rm -f "$scratch/tcpdump" "$scratch/filt"
                for ((run = 0; run < runs; run++)); do
                        measure tcpdump tcpdump || die "tcpdump failed on $count $kind"
                        measure filt ./filt || die "filt failed on $count $kind"
                done
                theirs=$(median "$scratch/tcpdump" 1)
                ours=$(median "$scratch/filt" 1)
                printf '%-18s %7d %10s %8s %8s %13d  %d\n' "$kind" "$count" "$theirs" "$ours" "$(ratio "$ours" "$theirs")" \
                        "$(head -1 "$scratch/filt.out")" "$(head -1 "$scratch/tcpdump.out")"
        done
done
