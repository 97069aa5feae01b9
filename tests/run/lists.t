#!/usr/bin/env bash
# Long lists, which are not compiled as libpcap does it: the same answers on packets steered into
# every branch, on all kinds of link types, and sizes that libpcap cannot handle.
. "$(dirname "$0")/../tap.sh"
needs perl

differential=$PWD/${BUILD:-build}/tests/tools/differential

# expressions LINKTYPE...: lists of each kind of value, alone and mixed with other tests, one per line.
expressions() {
        perl -e '
                srand 5;
                sub some { my ($n, $make) = @_; map { $make->() } 1 .. $n }
                sub any { join " or ", map { "$_[0] $_" } @_[1 .. $#_] }
                my $host = sub { join ".", (10, 192, 198)[rand 3], (0, 51)[rand 2], int rand 4, int rand 256 };
                my $net = sub {
                        my $bits = (8, 12, 16, 20, 24, 30, 32)[rand 7];
                        my $net = int(rand 2**32) & (0xffffffff << 32 - $bits);
                        join(".", unpack "C4", pack "N", $net) . "/$bits";
                };
                my $port = sub { 1 + int rand 65535 };
                my $range = sub { my $first = 1 + int rand 65000; "$first-" . ($first + int rand 400) };
                my $host6 = sub { sprintf "2001:db8::%x", 1 + rand 300 };
                my $net6 = sub { sprintf "2001:db8:%x::/%d", rand(0xffff) & 0xff00, (40, 48)[rand 2] };
                my $mac = sub { sprintf "02:00:00:00:%02x:%02x", rand 3, rand 256 };
                my @hosts = some 70, $host;
                my @ports = some 70, $port;
                my @hosts6 = some 66, $host6;
                my @macs = some 66, $mac;
                for my $link (@ARGV) {
                        print "$link\t$_\n" for
                                any("host", @hosts),
                                any("src net", some 66, $net),
                                any("port", @ports),
                                any("tcp dst portrange", some 65, $range),
                                any("ip6 host", @hosts6),
                                any("net", some 64, $net6),
                                "not (" . any("host", @hosts) . ")",
                                join(" and ", map { "not port $_" } @ports),
                                "udp and (" . any("port", @ports[0 .. 39]) . " or " . any("host", @hosts[0 .. 29]) . ")",
                                join(" or ", map { "host $hosts[$_] or port $ports[$_] or src host $hosts6[$_]" } 0 .. 23),
                                "(" . any("host", @hosts) . ") and not (" . any("port", @ports[0 .. 9]) . ")",
                                any("ip6 src host", @hosts6[0 .. 32]) . " or ip6[6] = 17 or " . any("ip6 src host", @hosts6[33 .. 65]);
                }
                print "EN10MB\t$_\n" for
                        any("ether host", @macs),
                        any("ether src", @macs[0 .. 32]) . " or arp or " . any("ether dst", @macs[33 .. 65]),
                        "vlan and (" . any("host", @hosts) . ")",
                        "mpls and (" . any("host", @hosts) . ")",
                        "pppoes and (" . any("port", @ports) . ")";
                # After these words, the same tests look at other offsets: no list extends across them.
                for my $word ("vlan", "vlan 3", "(vlan 99 and ip)", "mpls", "pppoes 3", "geneve", "not vlan") {
                        print "EN10MB\t$_\n" for
                                any("host", @hosts[0 .. 34]) . " or $word or " . any("host", @hosts[35 .. 69]),
                                join(" and ", (map { "not port $_" } @ports[0 .. 34]), "not $word",
                                        map { "not port $_" } @ports[35 .. 69]);
                }
                print "IEEE802_11\t", any("wlan host", @macs), "\n";
        ' "$@"
}

expressions EN10MB LINUX_SLL2 IEEE802_11_RADIO >"$scratch/lists"
run "$differential" --allow-short --budget=100000 "$scratch/lists"
is "$status" 0 "$(wc -l <"$scratch/lists") lists mean what libpcap's unoptimized programs mean" || note "$out"
like "$out" "from files: $(wc -l <"$scratch/lists") expressions, $(wc -l <"$scratch/lists") compared" 'all were compared'

# A list of N different values in random order.
list() { seq "$2" | shuf --random-source=<(yes) | sed "s/.*/$1/" | paste -sd'|' | sed 's/|/ or /g'; }
list 'host 10.0.0.&' 200 >"$scratch/hosts"
ok 'neighbours are joined to an interval' test "$("$filt" -ddd -F "$scratch/hosts" | head -1)" -le 22
perl -e 'print join " or ", map { sprintf "host %d.%d.%d.%d", 1 + $_ % 223, $_ * 7 % 256, $_ * 13 % 256, $_ * 29 % 256 } 1 .. $ARGV[0]' \
        20000 >"$scratch/hosts"
run "$filt" -ddd -F "$scratch/hosts"
is "$status" 0 '20,000 hosts compile'
run "$filt" -r pcaps/ping.pcap --count -F "$scratch/hosts"
is "$out" '0 packets' 'and filter: none of them is in the file'
echo ' or host 192.0.2.1' >>"$scratch/hosts"
run "$filt" -r pcaps/ping.pcap --count -F "$scratch/hosts"
is "$out" "$("$filt" -r pcaps/ping.pcap --count host 192.0.2.1)" 'nor with one more that is'
# figures: the instructions and the longest path of the filter in $scratch/hosts.
figures() {
        "$filt" -d --stats -F "$scratch/hosts" 2>&1 >/dev/null | sed -E 's/.* ([0-9]+) instr.*path: ([0-9]+);.*/\1 \2/'
}
while read -r hosts most_path most_instructions; do
        perl -e 'srand 7; print join " or ", map { "host " . join ".", map { 1 + int rand 254 } 1 .. 4 } 1 .. $ARGV[0]' \
                "$hosts" >"$scratch/hosts"
        read -r instructions path < <(figures)
        ok "$hosts hosts: a path of $path" test "$path" -le "$most_path" # 2 · log2(hosts) + 20
        ok "$hosts hosts: $instructions instructions" test "$instructions" -le "$most_instructions"
done <<<'10 26 40
100 33 260
1000 39 4000
10000 46 28000'
for kind in 'port &' 'udp dst port &' 'ip6 host 2001:db8::&' 'net 10.&.0.0\/16' 'portrange &-6&'; do
        list "$kind" 250 >"$scratch/list"
        run "$filt" -d -F "$scratch/list"
        is "$status" 0 "250 × $kind"
done

done_testing
