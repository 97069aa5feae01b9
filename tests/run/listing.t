#!/bin/bash
# filt -O -d, -dd and -ddd print what tcpdump prints, for every line of tests/expressions.txt; and
# filt's own optimizer gives no longer programs than libpcap's.

. "$(dirname "$0")/../tap.sh"
needs tcpdump

PATH=$PATH:/usr/sbin:/sbin

# all_listings COMMAND LINK_TYPE EXPRESSION: its three listings, each with its exit status.
all_listings() {
        local listing
        for listing in -d -dd -ddd; do
                echo "$listing"
                "$1" $listing -O -y "$2" "$3" 2>/dev/null
                echo "status $?"
        done
}

# length COMMAND LINK_TYPE EXPRESSION: the instructions of its optimized program.
length() {
        "$1" -ddd -y "$2" "$3" 2>/dev/null | head -n 1
}

compared=0
shorter=0
while IFS=$'\t' read -r link_type expression; do
        wanted=$(all_listings tcpdump "$link_type" "$expression")
        # The file holds valid filters only; two equal refusals would prove nothing.
        unlike "$wanted" 'status [^0]' "tcpdump takes $link_type: '$expression'"
        is "$(all_listings "$filt" "$link_type" "$expression")" "$wanted" \
                "listings of $link_type: '$expression'"
        own=$(length "$filt" "$link_type" "$expression")
        theirs=$(length tcpdump "$link_type" "$expression")
        ok "$own instructions, libpcap's $theirs" test "$own" -le "${theirs:-1}"
        shorter=$((shorter + (own < ${theirs:-1})))
        compared=$((compared + 1))
done < <(grep -v '^#' tests/expressions.txt)
ok 'at least 100 expressions were compared' test "$compared" -ge 100
ok "$shorter are shorter" test "$shorter" -ge 40

# Two that libpcap's optimizer gets wrong (tests/optimizer-faults.txt has more): the first rejects
# every packet, the second accepts them all.
is "$("$filt" -d 'host 192.168.1.1 and not ((host 1.2.3.4 or host 5.6.7.8) and icmp) and not
        (host 5.6.7.8 or host 192.168.1.1)' 2>/dev/null)" '(000) ret      #0' 'a filter that rejects all'
is "$("$filt" -n -r pcaps/ping.pcap 'len >= 2147483648 & 2147483648 or len < 0 | 2147483648' 2>/dev/null)" \
        "$(tcpdump -nr pcaps/ping.pcap 2>/dev/null)" 'a filter that takes all'

# Without -y both assume Ethernet; an expression may be several words; -s is the value returned.
for options in '' '-s 96' '-s 0' '-y PPP'; do
        # shellcheck disable=SC2086
        is "$("$filt" -O -d $options tcp port 80 or \( udp and port 53 \))" \
                "$(tcpdump -O -d $options tcp port 80 or \( udp and port 53 \) 2>/dev/null)" \
                "-d ${options:-without options}, an expression of several words"
done
is "$("$filt" -d -d -d icmp)" "$(tcpdump -d -d -d icmp 2>/dev/null)" '-d three times is -ddd'
is "$("$filt" -d)" "$(tcpdump -d 2>/dev/null)" 'no expression: accept all'

done_testing
