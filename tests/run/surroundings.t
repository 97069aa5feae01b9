#!/bin/bash
# Bad surroundings: what hostile input, names, terminals and disks may do, and what they may not.
. "$(dirname "${BASH_SOURCE[0]}")/../tap.sh"
. tests/net.sh
needs root readelf tcpdump strace script setcap setpriv perl unshare

# --- The binary is hardened as Debian's tcpdump is ---

# hardening FILE: what a build was hardened with, a word a line.
hardening() {
        readelf -hW "$1" | grep -o 'Type: *DYN'
        readelf -lW "$1" | grep -o -e GNU_RELRO -e 'GNU_STACK .* RWE* '
        readelf -dW "$1" | grep -ow -e BIND_NOW -e NOW -e PIE
        readelf -W --dyn-syms "$1" | grep -o -e __stack_chk_fail -e '__[vf]*printf_chk' -e __longjmp_chk
}
hardening "$(PATH=$PATH:/usr/sbin command -v tcpdump)" | sort -u >"$scratch/theirs"
hardening "$filt" | sort -u >"$scratch/ours"
like "$(tr '\n' ' ' <"$scratch/theirs")" 'BIND_NOW.*GNU_RELRO.*PIE.*__stack_chk_fail' "tcpdump's hardening is found"
is "$(comm -23 "$scratch/theirs" "$scratch/ours")" '' 'nothing that hardens tcpdump is missing'

# --- A message is one write ---

# writes ARGUMENT...: how often filt writes to standard error, and how many lines come of that.
writes() {
        strace -f -e trace=write,writev -e signal=none -o "$scratch/calls" "$filt" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
        echo "$(grep -cE 'writev?\(2,' "$scratch/calls") $(wc -l <"$scratch/err")"
}
is "$(writes -r no.such)" '1 1' 'a message'
is "$(writes --no.such)" '1 1' 'a message about the command line'
is "$(writes -d 'tcp porz 80')" '1 3' 'a filter that does not compile, with the caret'
printf 'ld [0\n' >"$scratch/program"
is "$(writes -d --program "$scratch/program")" '1 3' 'a program that cannot be read, with the caret'
is "$(writes -d -r no.such$(printf '%09000d' 0))" '1 1' 'a long one'
is "$(writes --stats -c 1 -w /dev/null -r pcaps/ping.pcap)" \
        "$(wc -l <"$scratch/err" | sed 's/.*/& &/')" '--stats: one for each line'

# --- No name steers a terminal ---

# steers FILE: whether a terminal, of 7 bits, of 8 or of UTF-8, would take something in it for a control character.
steers() { perl -ne 'exit 1 if /[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|(?<![\x80-\xff])[\x80-\x9f]/' "$1" && return 1 || return 0; }
printf 'a\302\233b' >"$scratch/c1"
ok 'the test finds C1 in UTF-8' steers "$scratch/c1"
printf 'a\233b' >"$scratch/c1"
ok 'and as bytes' steers "$scratch/c1"
printf 'h\303\251 \342\202\254 \304\233\n' >"$scratch/c1"
ok 'and no control characters in other text' test "$(steers "$scratch/c1"; echo $?)" = 1

network_up || exit 1
device=$(printf 'e\033[2J\233c\302\233d\303\251') # 15 bytes at most
ip -n "$a" link set a0 down && ip -n "$a" link set a0 name "$device" && ip -n "$a" link set "$device" up || exit 1
file=$scratch/$device.pcap
cp pcaps/ping.pcap "$file"
"$filt" -d ip >"$file.txt"
on_a=(ip netns exec "$a")
shown='e\\x1b\[2J\\x9bc\\xc2\\x9bdé'

# harmless NAME PATTERN COMMAND...: what the command says matches the pattern and does not steer.
harmless() {
        local name=$1 pattern=$2
        shift 2
        run "$@"
        cat "$scratch/err" >>"$scratch/out"
        like "$(cat "$scratch/out")" "$pattern" "$name: shown"
        ok "$name: harmless" test "$(steers "$scratch/out"; echo $?)" = 1
}
harmless '-D' "[0-9]\\.$shown \\[Up" "${on_a[@]}" "$filt" -D
harmless '-L' "types for $shown " "${on_a[@]}" "$filt" -L -i "$device"
harmless 'a file that is not there' "no$shown: No such" "$filt" -r "no$device"
harmless 'a file that is read' "reading from file .*$shown.pcap" "$filt" -c 1 -r "$file"
harmless 'an interface that is not there' "$shown: " ip netns exec "$b" "$filt" -i "$device"
harmless 'an interface that is listened on' "listening on $shown" "${on_a[@]}" "$filt" --duration 1s -i "$device" ip
harmless 'compare: a file' "of [0-9]+ in .*$shown.pcap" "$filt" compare -r "$file" icmp
harmless 'compare: an interface' "listening on $shown" "${on_a[@]}" "$filt" compare --duration 1 -i "$device" icmp
harmless 'explain: a program' "Program of .*$shown" "$filt" explain --program "$file.txt"
harmless '--format tc' "tc filter add dev .'e.x1b" "${on_a[@]}" "$filt" -d --format tc -i "$device" ip
harmless '--format iptables' 'iptables' "${on_a[@]}" "$filt" -d --format iptables -i "$device" ip
harmless 'a word of a filter' "host $shown" "$filt" -d "host $device"
in_a ping -i 0.1 192.0.2.2 >/dev/null &
at_end kill $!
harmless 'a packet on any' '^e\^\[\[2JM-\^\[cM-BM-\^\[dé (In|Out) ' "${on_a[@]}" "$filt" -tnc 1 -i any icmp

# What tc is given is the name, byte for byte.
in_a "$filt" -d --format tc -i "$device" ip 2>/dev/null | sed 's/^tc filter add dev \(.*\) ingress.*/printf %s \1/' >"$scratch/word"
is "$(bash "$scratch/word" | od -c)" "$(printf %s "$device" | od -c)" "the shell reads tc's command line as meant"

# --- Saved packets do not go to a terminal ---

run script -qec "'$filt' -r pcaps/ping.pcap -w -" "$scratch/typed"
is "$status" 2 '-w - to a terminal: status 2'
like "$out" 'filt: -w -: standard output is a terminal.*a file or a pipe' '-w - to a terminal: it says what to do'
unlike "$out" $'\324\303\262\241' '-w - to a terminal: nothing is written'
run script -qec "'$filt' -r pcaps/ping.pcap -w - | cat >'$scratch/piped'" "$scratch/typed"
is "$status $("$filt" -r "$scratch/piped" --count 2>/dev/null)" "0 $("$filt" -r pcaps/ping.pcap --count 2>/dev/null)" \
        '-w - to a pipe, from a terminal'

# --- Files are the calling user's ---

cp "$filt" "$scratch/capable"
setcap cap_dac_override,cap_dac_read_search,cap_fowner,cap_net_raw+ep "$scratch/capable"
mkdir -m 755 "$scratch/private" && mkdir -m 777 "$scratch/public" && chmod 755 "$scratch" || exit 1
cp pcaps/ping.pcap "$scratch/private/secret.pcap" && chmod 600 "$scratch/private/secret.pcap"
cp pcaps/ping.pcap "$scratch/public/ping.pcap" && chmod 644 "$scratch/public/ping.pcap"
as_nobody() { run setpriv --reuid=nobody --regid=nogroup --clear-groups "$scratch/capable" "$@"; }
as_nobody -r "$scratch/private/secret.pcap"
like "$status $err" "^1 filt: .*secret.pcap: Permission denied" 'with capabilities, a file the user may not read is not read'
as_nobody -r "$scratch/public/ping.pcap" -w "$scratch/private/new.pcap"
like "$status $err" "^1 .*new.pcap: Permission denied" 'no file is created where the user may not'
as_nobody explain --html "$scratch/private/new.html" ip
like "$status $err" "^1 .*new.html: Permission denied" 'not by explain either'
as_nobody -F "$scratch/private/secret.pcap" -d
like "$status $err" "^1 .*secret.pcap: Permission denied" 'nor is a filter read'
is "$(ls "$scratch/private")" secret.pcap 'nothing was created'
as_nobody -r "$scratch/public/ping.pcap" -w "$scratch/public/new.pcap"
is "$status $(stat -c '%U %a' "$scratch/public/new.pcap")" '0 nobody 600' 'where the user may, the file is the user'"'"'s'

# --- A file that shrinks while it is read ---

{ cat pcaps/ping.pcap; for ((i = 0; i < 200; i++)); do tail -c +25 pcaps/ping.pcap; done; } >"$scratch/some.pcap"
{ cat "$scratch/some.pcap"; for ((i = 0; i < 64; i++)); do tail -c +25 "$scratch/some.pcap"; done; } >"$scratch/whole.pcap"
mkfifo "$scratch/fifo"
for jobs in 1 2; do
        cp "$scratch/whole.pcap" "$scratch/shrinking.pcap"
        "$filt" -j $jobs -r "$scratch/shrinking.pcap" -w - >"$scratch/fifo" 2>"$scratch/err" &
        reader=$!
        exec 5<"$scratch/fifo"
        head -c 1 <&5 >/dev/null # it reads, and waits for us
        truncate -s 24 "$scratch/shrinking.pcap"
        cat <&5 >/dev/null
        exec 5<&-
        wait $reader
        status=$?
        like "$status $(said)" "^1 filt: .*shrinking.pcap: after [0-9]+ packets: cut while it was read: it had $(stat -c %s "$scratch/whole.pcap") bytes, and ends at [0-9]+" \
                "-j $jobs: a file cut while it is read is told, with status 1"
done

# --- write-trace: commands that are not there, many descriptors ---

run "$filt" write-trace -- "$scratch/none"
is "$status $err" "127 filt: $scratch/none: No such file or directory" 'no such command: status 127, one line'
run "$filt" write-trace -- no-such-command-in-path
is "$status $err" "127 filt: no-such-command-in-path: No such file or directory" 'not in PATH either'
run "$filt" write-trace --summary -- "$scratch/whole.pcap"
is "$status $err" "126 filt: $scratch/whole.pcap: Permission denied" 'not executable: status 126, one line'
run "$filt" write-trace --json -- "$scratch/none"
is "$status $out$err" "127 filt: $scratch/none: No such file or directory" 'with --json: no event of it'

ulimit -Hn 20000 && ulimit -Sn 20000 # more than the 16,384 that once were all
run "$filt" write-trace --summary=fd -o "$scratch/table" -- perl -e \
        'for (1 .. 17000) { open my $file, ">", "/dev/null" or die; push @files, $file; syswrite $file, "x" }'
is "$status $err $(($(wc -l <"$scratch/table") - 1))" '0  17000' '--summary=fd: 17,000 descriptors'

done_testing
