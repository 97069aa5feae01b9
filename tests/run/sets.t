#!/bin/bash
# Sets: `host in FILE` and `host in {…}`. Files are read before privileges are given up, in every
# subcommand that compiles; what is wrong in them is told by line.
. "$(dirname "$0")/../tap.sh"
needs perl tcpdump

cd "$scratch" || exit 1
pcaps=$OLDPWD/pcaps
printf '# hosts\r\n10.1.1.1\r\n\r\n10.9.0.0/16 ; a network\n2001:db8::/32\n' >hosts
printf '53\n8000-8080\n' >ports
printf '10.1.1.1:53\n[2001:db8::1]:80-90\n' >pairs
cp hosts 'my hosts'

# same_as LIST SET NAME: both expressions compile to the same program.
same_as() {
        run "$filt" -d "$1"
        local list=$out
        run "$filt" -d "$2"
        is "$status $out" "0 $list" "$2"
}

same_as 'host 10.1.1.1 or net 10.9.0.0/16 or net 2001:db8::/32' 'host in hosts'
same_as 'host 10.1.1.1 or net 10.9.0.0/16 or net 2001:db8::/32' 'host in "my hosts"'
same_as 'not (ip src host 10.1.1.1 or ip src net 10.9.0.0/16)' 'not ip src net in ./hosts'
same_as '(host 10.1.1.1 and port 53) or (host 2001:db8::1 and portrange 80-90)' 'host:port in pairs'
same_as 'port 53 or portrange 8000-8080' 'port in {53, 8000-8080}'
same_as 'ether host 00:11:22:33:44:55' 'ether host in {00-11-22-33-44-55}'
run "$filt" -d host in hosts and port in ports
is "$status" 0 "as words of the command line"
printf '# a comment\nhost in hosts # another\n' >filter
run "$filt" -d -F filter
is "$status" 0 "in a file of -F, with comments"
run "$filt" tcpdump -d -F filter
is "$status" 0 "also as tcpdump"

# More pairs than are tested one by one, of which one occurs, in a layer.
{ for i in {1..40}; do echo "10.$i.0.1:$i"; done; echo '192.0.2.2:4789'; } >many
run "$filt" -nr "$pcaps/vxlan-kernel.pcap" 'deep (host 192.0.2.2 and port 4789)'
expected=$out
run "$filt" -nr "$pcaps/vxlan-kernel.pcap" 'deep (host:port in many)'
is "$status $out" "0 $expected" 'many pairs within deep'
run "$filt" -nr "$pcaps/vxlan-kernel.pcap" 'inner (host:port in many)'
is "$status $out" '0 ' 'none of them in an inner layer'
run "$filt" -d 'deep (host:port in many)'
ok 'they fit into the kernel' [ "$(wc -l <<<"$out")" -le 4096 ]

# What is wrong.
printf '10.1.1.1\nexample.com\n' >bad
run "$filt" -d 'tcp and host in bad'
is "$status $(cat err)" "2 filt: bad:2: 'example.com' is no IPv4 or IPv6 address, network or range of addresses
  tcp and host in bad
          ^^^^^^^^^^^" "a bad line"
run "$filt" -d 'host in missing'
is "$status $(head -n 1 err)" "2 filt: missing: No such file or directory" "a missing file"
run "$filt" -d 'deep host in 192.0.2.1'
is "$status $(head -n 1 err)" "2 filt: there is no file 192.0.2.1; values stand in braces: 'in {192.0.2.1}'" "a value in place of a file"
run "$filt" -d 'host in .'
is "$status $(head -n 1 err)" "2 filt: .: Is a directory" "a folder"
run "$filt" -d 'host in -'
like "$status $(cat err)" "2 filt: '-' is no file" "- is no file"

# Every subcommand has them.
run "$filt" explain 'host in hosts'
like "$out" 'any of 2 addresses or networks of IPv4 and 1 address or network of IPv6, in hosts' "explain counts"
unlike "$out" '10\.9\.0\.0/16' "and does not list the values"
like "$out" "libpcap.s optimizer: [0-9]+" "libpcap is given the values"
run "$filt" explain --stage ast 'host in hosts or tcp'
is "$out" 'or
  host in "hosts"
  tcp' "the tree has the set"
capture=$pcaps/ahcp.pcap
run "$filt" explain --packet 1 -r "$capture" 'host in hosts'
like "$(tail -n 1 <<<"$out")" '^(accepted|rejected): ' "a packet is explained"
run "$filt" debug --trace -r "$capture" 'host in hosts'
is "$status" 0 "debug runs it"
run "$filt" compare -r "$capture" 'host in hosts'
like "$status $out" '^0 .*the same|^0 .*The same' "compare gives tcpdump the values"

# Files of a capture: as many packets as with the list.
for filter in 'host in hosts' 'not port in ports'; do
        run "$filt" -r "$capture" --count "$filter"
        counted=$out
        list=${filter/host in hosts/host 10.1.1.1 or net 10.9.0.0/16 or net 2001:db8::\/32}
        list=${list/port in ports/(port 53 or portrange 8000-8080)}
        run "$filt" -r "$capture" --count "$list"
        is "$counted" "$out" "-r FILE $filter"
done

# A set is read with the rights of who starts filt, before they are given up.
if [ "$(id -u)" = 0 ]; then
        chmod 600 hosts
        run "$filt" -r "$capture" --count -Z nobody 'host in hosts'
        is "$status" 0 "read before privileges are given up"
fi

# A feed.
perl -e 'printf "%d.%d.%d.%d\n", 1 + ($_ >> 18 & 63), $_ >> 10 & 255, $_ >> 2 & 255, ($_ & 3) * 64 for 0 .. 299999' >feed
run "$filt" -ddd 'src host in feed'
is "$status" 0 "a feed of 300,000 lines"
done_testing
