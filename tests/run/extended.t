#!/bin/bash
# The same filters as extended BPF: in each context the kernel verifies each program of the corpora and of random
# expressions, runs it, and gets the answers of libpcap's unoptimized program.

. "$(dirname "$0")/../tap.sh"
needs root perl

# compare NAME PROGRAMS OPTION...: has the tool compare, at least so many programs in each context.
compare() {
        local name=$1 least=$2 context
        shift 2
        report=$(timeout 600 "${BUILD:-build}/tests/tools/extended" "$@" 2>&1)
        is $? 0 "$name: every program is taken, and answers alike" || note "$(head -c 3000 <<<"$report")"
        for context in socket 'peeking socket' tc xdp netfilter tracepoint; do
                ok "$name: at $context, programs ran" \
                        test "$(grep -m 1 -oP "^$context: \K[0-9]+" <<<"$report")" -ge "$least"
        done
}

compare corpora 1500
compare random 200 -r 300

# Packets that are saved behind a header of LINUX_SLL2, at a tracepoint that has them in any state.
sed -n 's/^EN10MB\t/LINUX_SLL2\t/p' tests/corpus.txt >"$scratch/cooked"
report=$(timeout 600 "${BUILD:-build}/tests/tools/extended" -f "$scratch/cooked" 2>&1)
is $? 0 'packets in any state: every program is taken, and answers alike' || note "$(head -c 3000 <<<"$report")"
ok 'packets in any state: programs ran' test "$(grep -oP '^tracepoint, any state: \K[0-9]+' <<<"$report")" -ge 700

# Without jumps of 32 bits, a program that those of 16 do not cross.
perl -e 'print join " or ", map { sprintf "host 10.%d.%d.%d", $_ * 7 >> 16, $_ * 7 >> 8 & 255, $_ * 7 & 255 } 1 .. 20000; print "\n"' >"$scratch/hosts"
compare 'short jumps' 1 -n -f "$scratch/hosts"

# Long sets become maps: of MAC addresses, IPv6 hosts and networks, and pairs.
perl -e '# Four filters to FILTERS, and to PACKETS some that they name, and some that are one bit beside.
        my ($filters, $packets) = map { open my $file, ">", $_; $file } @ARGV;
        srand 5;
        my (@mac, @host, @network, @pair);
        for (1 .. 2500) {
                push @mac, join ":", map { sprintf "%02x", rand 252 } 1 .. 6;
                push @host, sprintf "2001:db8:%x:%x:0:0:%x:%x", rand 3, map { rand 65536 } 1 .. 3;
                push @network, rand 2 < 1 ? sprintf("2001:db8:%x:%x::/64", rand 9, rand 65536)
                                          : sprintf("2001:db8:%x::/48", 10 + rand 60000);
                push @pair, [sprintf("10.%d.%d.%d", map { rand 256 } 1 .. 3), 1 + rand 60000];
        }
        sub any { my ($format, @of) = @_; "(" . join(" or ", map { sprintf $format, ref $_ ? @$_ : $_ } @of) . ")" }
        print $filters "not ", any("ether host %s", @mac), " and tcp\n", any("ether dst %s", @mac), " and ",
                any("ip6 host %s", @host), "\n", "udp or ", any("net %s", @network), "\n",
                any("(src host %s and src port %d)", @pair), "\n";
        sub bytes6 { pack "n8", map { hex } split /:/, shift }
        binmode $packets;
        print $packets pack "IssIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1;
        for my $i (0 .. 599) {
                my ($mac, $other) = map { pack "C6", map { hex } split /:/, $mac[rand 2500] } 1, 2;
                my $network = $network[$i] =~ s{::/(\d+)}{$1 == 64 ? ":1:2:3:4" : ":1:2:3:4:5"}er;
                my ($host, $port) = @{$pair[$i]};
                my $tcp = pack "nnNNnnnn", $port, 9, 0, 0, 0x5000, 0, 0, 0;
                my @frames = ($mac . $other . pack("nNnCCa16a16", 0x86dd, 0x60000000, 20, 6, 64, bytes6($host[$i]),
                                bytes6($network)) . $tcp,
                        $mac . $other . pack("nNnCCa16a16", 0x86dd, 0x60000000, 20, 6, 64, bytes6($network),
                                bytes6($host[$i])) . $tcp,
                        $mac . $other . pack("nCCnnnCCnC4C4", 0x800, 0x45, 0, 40, 0, 0, 64, 6, 0, split(/\./, $host),
                                10, 0, 0, 1) . $tcp);
                for my $frame (@frames) {
                        vec($frame, rand 8 * length $frame, 1) ^= 1 if $i % 2;
                        substr($frame, 6, 6) = "\2\0\0\0\0\1" if $i % 3 == 0;
                        substr($frame, 0, 6) = "\2\0\0\0\0\2" if $i % 5 == 0;
                        print $packets pack("IIII", 0, 0, (length $frame) x 2), $frame;
                }
        }' "$scratch/sets" "$scratch/sets.pcap"
compare sets 4 -m -p "$scratch/sets.pcap" -f "$scratch/sets"
is "$(grep -oP ': \K[0-9]+(?= sets)' <<<"$report" | sort -u)" 5 'sets: they are maps'
ok 'sets: packets are in them' test "$(grep -oP '^socket: .* \K[0-9]+(?= accepted)' <<<"$report")" -gt 1000

faults=$(timeout 100 "${BUILD:-build}/tests/tools/at_tracepoint" 2>&1)
is "$?:$faults" 0: 'at raw tracepoints: where packets begin, what is not in a row, metadata'

done_testing
