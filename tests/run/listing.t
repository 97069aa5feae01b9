#!/bin/bash
# filt -d, -dd and -ddd print what tcpdump prints, for every line of tests/expressions.txt.

. "$(dirname "$0")/../tap.sh"
needs tcpdump

PATH=$PATH:/usr/sbin:/sbin

# all_listings COMMAND LINK_TYPE EXPRESSION: its six listings, each with its exit status.
all_listings() {
        local listing optimizer
        for listing in -d -dd -ddd; do
                for optimizer in '' -O; do
                        echo "$listing $optimizer"
                        "$1" $listing $optimizer -y "$2" "$3" 2>/dev/null
                        echo "status $?"
                done
        done
}

compared=0
while IFS=$'\t' read -r link_type expression; do
        wanted=$(all_listings tcpdump "$link_type" "$expression")
        # The file holds valid filters only; two equal refusals would prove nothing.
        unlike "$wanted" 'status [^0]' "tcpdump takes $link_type: '$expression'"
        is "$(all_listings "$filt" "$link_type" "$expression")" "$wanted" \
                "listings of $link_type: '$expression'"
        compared=$((compared + 1))
done < <(grep -v '^#' tests/expressions.txt)
ok 'at least 100 expressions were compared' test "$compared" -ge 100

# Without -y both take Ethernet; the words of an expression may come apart; -s is what is returned.
for options in '' '-s 96' '-s 0' '-y PPP'; do
        # shellcheck disable=SC2086
        is "$("$filt" -d $options tcp port 80 or \( udp and port 53 \))" \
                "$(tcpdump -d $options tcp port 80 or \( udp and port 53 \) 2>/dev/null)" \
                "-d ${options:-without options}, an expression of several words"
done
is "$("$filt" -d -d -d icmp)" "$(tcpdump -d -d -d icmp 2>/dev/null)" '-d three times is -ddd'
is "$("$filt" -d)" "$(tcpdump -d 2>/dev/null)" 'no expression: accept all'

done_testing
