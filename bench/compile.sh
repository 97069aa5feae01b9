#!/bin/bash
# Compiling long lists, filt against tcpdump where tcpdump can: time, memory, instructions. See README.md.

. "$(dirname "$0")/common.sh"

# What tcpdump is asked for, too; above that it takes minutes or crashes.
most_for_tcpdump=300

# values KIND N: an expression of N different values of that kind.
values() {
        perl -e '
                srand 1;
                my %make = (
                        host => sub { "host " . join ".", map { 1 + int rand 254 } 1 .. 4 },
                        net => sub { sprintf "net %d.%d.%d.0/24", 1 + rand 220, rand 256, rand 256 },
                        port => sub { "port " . (1 + int rand 65535) },
                        ip6 => sub { sprintf "ip6 host 2001:db8:%x::%x", rand 65536, rand 65536 },
                        ether => sub { sprintf "ether host 02:00:%02x:%02x:%02x:%02x", map { rand 256 } 1 .. 4 },
                );
                my %seen;
                while (keys %seen < $ARGV[1]) { $seen{ $make{$ARGV[0]}->() } = 1 }
                print join " or ", sort keys %seen;
        ' "$1" "$2"
}

# measure NAME PROGRAM: seconds and KiB of compiling the list, as one more line of $scratch/NAME.
measure() {
        /usr/bin/time -f '%e %M' -a -o "$scratch/$1" "$2" -ddd -F "$scratch/list" >"$scratch/$1.out" 2>/dev/null ||
                die "$2 failed on $(head -c 60 "$scratch/list")..."
}

printf 'compile: lists joined by or; wall time in s, memory in KiB\n'
printf '%-6s %7s  %10s %10s %8s  %10s %8s  %s\n' kind values tcpdump filt ratio instr. memory "tcpdump's instr."
for kind in host net port ip6 ether; do
        for count in 100 300 1000 2000 10000 20000; do
                values $kind $count >"$scratch/list"
                : >"$scratch/tcpdump"
                : >"$scratch/filt"
                for ((run = 0; run < runs; run++)); do
                        ((count > most_for_tcpdump)) || measure tcpdump tcpdump
                        measure filt ./filt
                done
                ours=$(median "$scratch/filt" 1)
                theirs=- length=-
                if ((count <= most_for_tcpdump)); then
                        theirs=$(median "$scratch/tcpdump" 1)
                        length=$(head -1 "$scratch/tcpdump.out")
                fi
                printf '%-6s %7d  %10s %10s %8s  %10s %8s  %s\n' $kind $count "$theirs" "$ours" \
                        "$(ratio "$ours" "$theirs")" "$(head -1 "$scratch/filt.out")" "$(median "$scratch/filt" 2)" "$length"
        done
done
