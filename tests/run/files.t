#!/bin/bash
# Files in many forms: compressed, pcapng, several at once, large ones with several threads; and the files
# that -w writes, by name, size and time. The reference is what tcpdump, mergecap and tshark make of the same input.

. "$(dirname "$0")/../tap.sh"
needs tcpdump tshark mergecap editcap gzip zstd script strace

cp -r pcaps "$scratch/pcaps"
cd "$scratch" || exit 1

# written NAME FILE WANTED ARGUMENT...: filt succeeds silently, and FILE is the same as WANTED.
written() {
        local name=$1 file=$2 wanted=$3
        shift 3
        run "$filt" "$@"
        is "$status $(said)$(cmp "$file" "$wanted" 2>&1)" '0 ' "$name"
}

# Some megabytes: ordinary packets, and packets full of bytes that look like packet records.
{ cat pcaps/tcp.pcap; for _ in {1..300}; do tail -c +25 pcaps/tcp.pcap; done; } >big.pcap
perl -e 'binmode STDOUT; my $inner = pack("V4", 1700000000, 7, 44, 44) . "x" x 44;
        print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1);
        for my $n (1 .. 4000) {
                my $bytes = pack("H*", "020000000001020000000002") . "\x08\x00" . substr($inner x 30, 0, $n * 37 % 1500);
                print pack("V4", 1700000000 + $n, $n, length $bytes, length $bytes), $bytes;
        }' >nested.pcap

# --- Compressed files, by content

for file in tcp.pcap nanosecond.pcap sample.pcapng; do
        format=${file#*.}
        for tool in gzip zstd; do
                $tool -c "pcaps/$file" >"packed" 2>/dev/null
                written "$file, $tool" got.$format pcaps/$file -r packed -w got.$format
                cat packed | "$filt" -r - -w got.$format 2>/dev/null
                ok "$file, $tool, from a pipe" cmp got.$format pcaps/$file
        done
done
cat big.pcap | zstd -q -c | "$filt" -r - --count >out 2>/dev/null
is "$(cat out)" "$((301 * 49)) packets" 'a large one from a pipe'
gzip -c pcaps/tcp.pcap | head -c 1000 >cut.gz
run "$filt" -r cut.gz -w got.pcap
like "$status $(said)" '^1 filt: cut.gz: after [0-9]+ packets?: gzip data at byte 1000 of the compressed file: truncated$' \
        'a cut one: status 1, told where'
head -c "$(stat -c %s got.pcap)" pcaps/tcp.pcap >wanted.pcap
ok 'the packets before are saved' cmp got.pcap wanted.pcap
ok 'and there are some' test "$(stat -c %s got.pcap)" -gt 24
{ gzip -c pcaps/tcp.pcap | head -c 1000; head -c 4000 /dev/zero | tr '\0' '\377'; } >spoiled.gz
run "$filt" -r spoiled.gz --count
like "$status $(said)" '^1 filt: spoiled.gz: after [0-9]+ packets?: [a-z].* byte [0-9]+' 'a spoiled one: the same'

# --- Compressed files, by name

written 'plain' got.pcap pcaps/tcp.pcap -r pcaps/tcp.pcap -w got.pcap
for suffix in gz zst; do
        run "$filt" -r big.pcap -w got.pcap.$suffix
        if [ $suffix = gz ]; then gzip -dc got.pcap.gz; else zstd -qdc got.pcap.zst; fi >got.pcap
        is "$status $(said)$(cmp got.pcap big.pcap 2>&1)" '0 ' "-w .$suffix compresses"
        ok "-w .$suffix makes it smaller" test "$(stat -c %s got.pcap.$suffix)" -lt 2000000
        run "$filt" -r pcaps/sample.pcapng -w got.pcapng.$suffix
        run "$filt" -r got.pcapng.$suffix -w got.pcapng
        ok ".pcapng.$suffix, and back" cmp got.pcapng pcaps/sample.pcapng
done

# --- pcapng

# fields FILE: what tshark sees of each packet.
fields() {
        tshark -r "$1" -T fields -e frame.number -e frame.time_epoch -e frame.len -e frame.cap_len \
                -e frame.encap_type -e frame.comment -e ip.src -e ip.id -e tcp.seq_raw 2>/dev/null
}
for file in tcp-s40 raw any nanosecond big-endian; do
        written "$file.pcap to pcapng and back" back.pcap <("$filt" -r pcaps/$file.pcap -w - 2>/dev/null) \
                -r <("$filt" -r pcaps/$file.pcap -w - --format pcapng 2>/dev/null) -w back.pcap \
                $([ $file = nanosecond ] || echo --micro)
        "$filt" -r pcaps/$file.pcap -w got.pcapng 2>/dev/null
        is "$(fields got.pcapng)" "$(fields pcaps/$file.pcap)" "$file.pcap as pcapng: tshark sees the same"
done
is "$(fields got.pcapng | wc -l)" 6 'and it sees the packets'
written 'nothing passes' got.pcapng <("$filt" -r pcaps/ping.pcap -w - --format pcapng 2>/dev/null tcp) \
        -r pcaps/ping.pcap -w got.pcapng tcp
is "$(tshark -r got.pcapng 2>/dev/null)$("$filt" -r got.pcapng 2>&1 | grep -o 'type EN10MB')" 'type EN10MB' \
        'a pcapng file without packets has its link type'

# A file with comments, on itself and on packets, an interface with a name and one of another link type.
editcap -F pcapng -a '1:the first' -a '3:a third' --capture-comment 'all of it' pcaps/ping.pcap commented.pcapng
written 'a pcapng file is copied as it is' got.pcapng commented.pcapng -r commented.pcapng -w got.pcapng
"$filt" -r commented.pcapng -w got.pcapng 'icmp[icmptype] = icmp-echo' 2>/dev/null
is "$(fields got.pcapng | cut -f 2-)" "$(fields commented.pcapng | sed -n '1p;3p;5p' | cut -f 2-)" \
        'filtered: packets, times and comments of those that pass'
is "$(capinfos -k -r got.pcapng 2>/dev/null | grep -c 'all of it')" 1 'and the comment on the file'
mergecap -F pcapng -I none -w two.pcapng pcaps/ping.pcap pcaps/raw.pcap
run "$filt" -r two.pcapng --count icmp
is "$status $out" "0 $(("$("$filt" -r pcaps/ping.pcap --count icmp 2>/dev/null | tr -dc 0-9)" + \
        "$("$filt" -r pcaps/raw.pcap --count icmp 2>/dev/null | tr -dc 0-9)")) packets" \
        'two link types: each packet is filtered by its own'
run "$filt" -r two.pcapng --count 'icmp and host not.invalid or icmp'
like "$status $err" "^2 .*unknown host 'not.invalid'" 'a name that is unknown'
run "$filt" -r two.pcapng --count 'icmp or host localhost or tcp port http'
is "$status $out" '0 10 packets' 'and one for all of them: names are looked up while that is possible'
run "$filt" -t -r two.pcapng icmp
is "$(sort <<<"$out")" "$({ tcpdump -tnr pcaps/ping.pcap icmp; tcpdump -tnr pcaps/raw.pcap icmp; } 2>/dev/null | sort)" \
        'and printed by its own'
"$filt" -r two.pcapng -w got.pcapng icmp 2>/dev/null
is "$(fields got.pcapng | cut -f 5 | sort | uniq -c | tr -s ' ')" "$(tshark -r two.pcapng -Y icmp -T fields -e frame.encap_type 2>/dev/null |
        sort | uniq -c | tr -s ' ')" 'and copied with its own'
mistake 1 'got.pcap: packets of link type RAW after some of EN10MB.* write pcapng' 'two link types do not go into a pcap file' \
        -r two.pcapng -w got.pcap
for files in '-r two.pcapng' '-r pcaps/ping.pcap -r pcaps/raw.pcap'; do
        "$filt" -r pcaps/raw.pcap -w wanted.pcap 'net 198.51.100.0/24' 2>/dev/null
        # shellcheck disable=SC2086
        written "$files: those of the second pass, and only they" got.pcap wanted.pcap --micro $files -w got.pcap \
                'net 198.51.100.0/24'
        # shellcheck disable=SC2086
        run "$filt" $files -w got.pcap 'udp port 1'
        like "$status $("$filt" -r got.pcap 2>&1)" '^0 .*link-type EN10MB' 'none pass: the link type of the first'
done
like "$("$filt" -r pcaps/unnamed.pcap 2>&1)" 'reading from file pcaps/unnamed.pcap, link-type 147, snapshot' \
        'a link type without a name'
mistake 2 "option --format with -w: 'csv' is neither pcap nor pcapng" '--format csv' -r pcaps/ping.pcap -w x --format csv
mistake 2 '--format says how -d prints the program, or what -w writes' '--format without -w' -r pcaps/ping.pcap --format pcap

# --- Several files

mergecap -F pcap -w wanted.pcap pcaps/ping.pcap pcaps/tcp.pcap pcaps/dns.pcap
written '-r three times' got.pcap wanted.pcap -r pcaps/ping.pcap -r pcaps/tcp.pcap -r pcaps/dns.pcap -w got.pcap
printf '%s\n\n' pcaps/ping.pcap pcaps/tcp.pcap pcaps/dns.pcap >list
written '-V' got.pcap wanted.pcap -V list -w got.pcap
"$filt" -V - -w got.pcap <list 2>/dev/null
ok '-V -' cmp got.pcap wanted.pcap
tcpdump -r wanted.pcap -w filtered.pcap 'udp or icmp' 2>/dev/null
written '-V with a filter' got.pcap filtered.pcap -V list -w got.pcap 'udp or icmp'
is "$(grep -c '^filt: reading from file pcaps' "$scratch/err")" 3 'each file is announced'
run "$filt" -V list -c 20
is "$status $out" "0 $(tcpdump -nr wanted.pcap -c 20 2>/dev/null)" '-V with -c, printed'
mergecap -F pcapng -I none -w wanted.pcapng pcaps/ping.pcap pcaps/raw.pcap
"$filt" -r pcaps/ping.pcap -r pcaps/raw.pcap -w got.pcapng 2>/dev/null
is "$(fields got.pcapng)" "$(fields wanted.pcapng)" 'of different link types, as pcapng'
"$filt" -r commented.pcapng -r pcaps/sample.pcapng -w got.pcapng icmp or udp 2>/dev/null
is "$(fields got.pcapng | cut -f 2-)" "$(mergecap -w - commented.pcapng pcaps/sample.pcapng | fields - | cut -f 2-)" \
        'two pcapng files: packets, times and comments are kept'
run "$filt" -r pcaps/broken/truncated.pcap -r pcaps/tcp.pcap --count
is "$status $out $(said)" "1 54 packets filt: pcaps/broken/truncated.pcap: after 5 packets: truncated: the packet of the record at byte 594 has 20 of 98 bytes" \
        'one breaks off: the other is read to its end'
for _ in {1..60}; do echo pcaps/ping.pcap; done >list60
is "$(ulimit -Sn 50 && "$filt" -V list60 --count 2>/dev/null)" '360 packets' 'more files than may be open usually'
mistake 1 'nowhere: No such file' 'one is missing' -r pcaps/ping.pcap -r nowhere
mistake 1 'nowhere: No such file' 'no list' -V nowhere
mistake 2 'option -V is given twice' 'two lists' -V list -V list
cp pcaps/ping.pcap same.pcap
mistake 1 'same.pcap: is the file being read' 'any of them may not be written to' -r pcaps/tcp.pcap -r same.pcap -w same.pcap

# --- Several threads

for file in big nested; do
        for filter in '' 'tcp[13] & 1 != 0' 'less 500'; do
                tcpdump -r $file.pcap -w wanted.pcap "$filter" 2>/dev/null
                for threads in 1 2 3; do
                        written "$file.pcap, -j $threads, '$filter'" got.pcap wanted.pcap \
                                -j $threads -r $file.pcap -w got.pcap "$filter"
                done
        done
done
run "$filt" -j 3 -r big.pcap -c 5000
is "$status $out" "0 $(tcpdump -nr big.pcap -c 5000 2>/dev/null)" '-j with -c, printed'
head -c -50 nested.pcap >cut.pcap
run "$filt" -j 3 -r cut.pcap --count
is "$status $out $(said | cut -d: -f 2-4)" '1 3999 packets  cut.pcap: after 3999 packets: truncated' '-j on a cut file'
run "$filt" -j 2 -r packed --count
is "$status" 0 '-j on a compressed file: read by one'
mistake 2 "option -j: '0' is not a number from 1" '-j 0' -j 0 -r big.pcap

# --- With and without machine code

filter='tcp[13] & 2 != 0 or less 60'
tcpdump -r big.pcap -w wanted.pcap "$filter" 2>/dev/null
written 'as machine code' got.pcap wanted.pcap -r big.pcap -w got.pcap "$filter"
written '--no-jit' got.pcap wanted.pcap --no-jit -r big.pcap -w got.pcap "$filter"
if [ "$(uname -m)" = x86_64 ]; then
        strace -f -o calls -e mprotect "$filt" --no-jit -r big.pcap --count "$filter" >/dev/null 2>&1
        is "$(grep -c PROT_EXEC calls)" 0 '--no-jit: no memory is made executable'
        strace -f -o calls -e mprotect "$filt" -r big.pcap --count "$filter" >/dev/null 2>&1
        call=$(grep -n PROT_EXEC calls | cut -d : -f 1)
        run strace -f -o calls -e inject=mprotect:error=EACCES:when="$call" "$filt" -j 1 -r big.pcap -w got.pcap "$filter"
        is "$status $(grep -c 'PROT_EXEC.*INJECTED' calls) $(cmp got.pcap wanted.pcap 2>&1)" '0 1 ' \
                'executable memory is denied: the same without'
fi

# --- Truncated at every byte: the whole packets before, and one line; also with threads

"$filt" -r pcaps/ping.pcap -c 1 -w one.pcap 2>/dev/null
"$filt" -r pcaps/ping.pcap -c 1 -w one.pcapng 2>/dev/null
for file in one.pcap one.pcapng; do
        length=$(stat -c %s $file)
        header=24
        [ $file = one.pcap ] || header=$(perl -e 'read STDIN, my $f, 4096; my $s = unpack "x4V", $f;
                print $s + unpack "x$s x4V", $f' <$file)
        wrong=()
        for ((cut = 1; cut <= length; cut++)); do
                head -c "$cut" $file >cut
                text=$("$filt" -j $((cut % 2 + 1)) -r cut 2>&1) && status=0 || status=$?
                text=${text#filt: reading from file *bytes}
                case "$cut $status $text" in
                "$length 0 "*' ICMP '* | "$header 0 ") ;;
                "$length "* | "$header "* | *' ICMP '* | *filt:*filt:*) wrong+=("$cut: $status $text") ;;
                *' 1 '*'filt: '*) ;;
                *) wrong+=("$cut: $status $text") ;;
                esac
        done
        is "${wrong[*]}" '' "$file cut at each of its $length bytes"
done

# --- One file after another

# rotated OPTION...: as many files as tcpdump makes, with the same content one by one. The names differ: filt puts the
# number before the suffix.
rotated() {
        rm -rf ours theirs
        mkdir ours theirs
        (cd theirs && tcpdump -Z root -r ../big.pcap "$@" 2>/dev/null)
        (cd ours && timeout 20 "$filt" -r ../big.pcap "$@" 2>/dev/null)
        is "$? $(cd ours && cat -- $(ls -v | sort -t- -k2n) | md5sum)" "0 $(cd theirs && cat -- $(ls -v) | md5sum)" "as tcpdump: $*"
}
rotated -w part -C 1
is "$(ls ours | tr '\n' ' ')" 'part part-1 part-2 part-3 part-4 ' 'there are several'
rotated -w part -C 1 -W 3
rotated -w part -C 1 -W 12
rotated -w part.pcap -C 2 'tcp[13] & 2 != 0 or greater 300'
rm -rf ours
"$filt" -r commented.pcapng -r big.pcap -w part.pcapng.gz -C 1 2>/dev/null
is "$(ls part*.pcapng.gz | wc -l) $(for part in part*.pcapng.gz; do "$filt" --count -r "$part" 2>/dev/null; done |
        awk '{ sum += $1 } END { print sum }')" "6 $((301 * 49 + 6))" 'pcapng, compressed: each part can be read'
{ for _ in {1..3000}; do cat commented.pcapng; done; } >long.pcapng
"$filt" -r long.pcapng -w cut.pcapng -C 1 2>/dev/null
is "$(ls cut*.pcapng | wc -l) $(for part in cut*.pcapng; do "$filt" --count -r "$part" 2>/dev/null; done |
        awk '{ sum += $1 } END { print sum }')" \
        "$(((($(stat -c %s long.pcapng) / 1000000)) + 1)) 18000" 'pcapng from pcapng: each part has its interfaces'

mistake 2 '-C and -G begin one file after another: -w has to name them' '-C without -w' -r big.pcap -C 1
mistake 2 '-C and -G begin one file after another: -w has to name them' '-G to standard output' -r big.pcap -w - -G 1
mistake 2 '-W limits the files that -C or -G make' '-W alone' -r big.pcap -w x -W 3
for value in 0 x 1k -1; do
        mistake 2 "option -C: '$value' is not a number from 1" "-C $value" -r big.pcap -w x -C "$value"
done

# --- Outputs that end

mistake 1 '/dev/full: No space left on device after 0 bytes' 'a full disk' -r big.pcap -w /dev/full
mknod full.pcap.gz c 1 7
mistake 1 'full.pcap.gz: No space left on device after 0 bytes' 'a full disk, compressed' -r big.pcap -w full.pcap.gz

# -U: what has been read can be read from the copy at once, compressed or not.
for copy in copy.pcap copy.pcap.gz copy.pcap.zst; do
        mkfifo "in-$copy"
        "$filt" -U -r "in-$copy" -w "$copy" 2>/dev/null &
        at_end kill -9 $!
        exec 9>"in-$copy"
        cat pcaps/ping.pcap >&9
        six() { "$filt" --count -r "$copy" 2>/dev/null | grep -q '^6 packets'; }
        ok "-U -w $copy" wait_for 3 six
        exec 9>&-
        wait $!
done

# Pipes that somebody else has made non-blocking.
cat >nonblocking <<'END'
use Fcntl;
fcntl($_, F_SETFL, O_NONBLOCK) or die for *STDIN, *STDOUT;
exec @ARGV;
END
{ head -c 300 big.pcap; sleep 0.2; tail -c +301 big.pcap; } | perl nonblocking "$filt" -r - -w - 2>"$scratch/err" |
        { sleep 0.5; cat; } >got.pcap
is "${PIPESTATUS[1]} $(said)$(cmp got.pcap big.pcap 2>&1)" '0 ' 'non-blocking pipes are waited for'

# --- Progress

run "$filt" -r big.pcap --count
is "$(said)" '' 'no progress is told where no terminal is'
run "$filt" -r big.pcap --count --progress
like "$(said)" "^filt: [0-9.]+ MB of [0-9.]+ MB \(100%\), $((301 * 49)) packets, [0-9.]+ MB/s, 0 s left$" '--progress'
run sh -c 'cat "$1" | "$2" -r - --count --progress' sh big.pcap "$filt"
like "$(said)" "^filt: [0-9.]+ MB, $((301 * 49)) packets, [0-9.]+ MB/s$" '--progress of a pipe has no end to tell of'

# On a terminal it is one line, which messages replace; there is none when packets are printed there.
cat >on_terminal <<'END'
{ cat pcaps/ping.pcap; sleep 1.1; tail -c +25 pcaps/ping.pcap; sleep 0.1; printf cut; } | "$@"
END
# shown WORD...: what a terminal shows while filt reads that slowly.
shown() { timeout 20 script -qec "bash on_terminal '$filt' --color=never -t -r - $*" /dev/null </dev/null | tr -d '\r'; }
erase=$'\033[K'
like "$(shown -w got.pcap)" "[0-9] MB, 12 packets, 0\.0 MB/s${erase//[/\\[}${erase//[/\\[}filt: standard input: after 12 packets" \
        'progress on a terminal, and the message that replaces it'
is "$(shown | grep -c '^IP 192'; shown | grep -c MB/s)" "12"$'\n'0 'none among printed packets'

done_testing
