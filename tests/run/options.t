#!/bin/bash
# The capture command without a network: the result of each mistake (one clear line, the right exit
# status, everything before it delivered), and files read and written as by tcpdump.

. "$(dirname "$0")/../tap.sh"
needs tcpdump setpriv pkg-config
build=$PWD/${BUILD:-build}

PATH=$PATH:/usr/sbin:/sbin
chmod 755 "$scratch"
cp -r pcaps "$scratch/pcaps"
cp "$filt" "$scratch/filt" # where an ordinary user can reach it, wherever this folder is
filt=$scratch/filt
cd "$scratch" || exit 1

# --- Usage

mistake 2 "option --color: 'pink' is none of auto, always and never" 'unknown --color' --color=pink -r pcaps/ping.pcap

mistake 2 'unknown option -o' 'unknown option' -o
mistake 2 'unknown option -o' 'unknown option after others' -neo icmp
mistake 2 'unknown option --zzz' 'unknown long option' --zzz
mistake 2 'option --no is ambiguous: --no-[a-z-]+, --no-[a-z-]+ ' 'ambiguous long option' --no
mistake 2 'option --number takes no argument' 'argument where none is taken' --number=3
mistake 2 'option --count takes no argument' 'the same, long only' --count=3
mistake 2 'option -c needs an argument' 'missing argument' -c
mistake 2 'option --direction needs an argument' 'missing argument of a long option' --direction
for value in 0 -1 x 3x '' ' 3' 0x10 18446744073709551616; do
        mistake 2 "option -c: '$value' is not a number from 1" "-c '$value'" -r pcaps/ping.pcap -c "$value"
done
for value in -1 x 262145 99999999999999999999; do
        mistake 2 "option -s: '$value' is not a number from 0 to 262144" "-s $value" -s "$value"
done
for value in 0 x -4 4194304; do
        mistake 2 "option -B: '$value' is not a number from 1" "-B $value" -B "$value"
done
mistake 2 "option -Q: 'up' is none of in, out" 'unknown direction' -Q up
mistake 2 "option --time-stamp-precision: 'pico' is neither" 'unknown precision' --time-stamp-precision pico
mistake 2 "option -y: unknown link type 'TOKENS'" 'unknown link type' -y TOKENS -d
mistake 2 '-i captures live and -r reads a file' '-i and -r' -i lo -r pcaps/ping.pcap
mistake 2 '-y does not go with -r' '-y and -r' -y EN10MB -r pcaps/ping.pcap
mistake 2 '--stats is about the program that -d prints' '--stats without -d' -r pcaps/ping.pcap --stats

printf icmp >expression

# Options that contradict each other, or are repeated without adding up: status 2, and both are named.
while IFS='|' read -r arguments message; do
        # shellcheck disable=SC2086
        mistake 2 "$message" "contradiction: $arguments" $arguments
done <<'END'
--count --json -r pcaps/ping.pcap|--count and --json exclude each other
--json -w x -r pcaps/ping.pcap|--json says how packets are printed, and -w writes them to a file: add --print
--nano --micro|--micro and --nano exclude each other
--nano --time-stamp-precision=micro|--nano and --time-stamp-precision exclude each other
-i any -i lo|-i any is all interfaces: give it alone
--snapshot-length 1 -s 2|option -s is given twice
-w a -w b -r pcaps/ping.pcap|option -w is given twice
-c 1 -c 1 -r pcaps/ping.pcap|option -c is given twice
--count --count|option --count is given twice
-d -O --optimize icmp|-O and --optimize exclude each other
-d --no-optimize --optimize icmp|--no-optimize and --optimize exclude each other
-d -F expression --program x|-F and --program exclude each other
--progress --no-progress|--progress and --no-progress exclude each other
-n --resolve|-n and --resolve exclude each other
-d -w x|-d and -w exclude each other
-d --json icmp|-d and --json exclude each other
-D -L|-D and -L exclude each other
-V expression -i lo|-i captures live and -r reads a file
-V expression -V expression|option -V is given twice
-W 3 -w x|-W limits the files that -C or -G make
-C 3|-C and -G begin one file after another: -w has to name them
explain --stage ast --dot icmp|--stage and --dot exclude each other
explain --svg x --html y icmp|--svg and --html exclude each other
explain --packet 1 icmp|--packet is one of a file
explain --live -r pcaps/ping.pcap|--live does not go with -r
explain -O --optimize icmp|-O and --optimize exclude each other
explain -r x -r y icmp|option -r is given twice
debug -r pcaps/ping.pcap -c 3 icmp|-c has no effect without --trace
debug -r pcaps/ping.pcap --trace --trace icmp|option --trace is given twice
compare -r pcaps/ping.pcap -p icmp|-p has no effect without -i
demo --table --json|--table and --json exclude each other
drops --interval 1|--interval has no effect without --summary
drops --print icmp|--print has no effect without -w
drops --summary -v|--summary
write-trace --minimal --json|--minimal traces filt itself
write-trace --interval 1|--interval has no effect without --summary
write-trace -c 1 --summary|-c counts lines, and --summary has none
END

# What tcpdump's users are used to still works, and options may come before and after the expression.
for arguments in -nn -vv -vvvv -ttt -XX '-xx' '-l -U' '-ee -qq -SS' -nnvvXSs0 '-s 0 -s0' '-#'; do
        # shellcheck disable=SC2086
        run "$filt" -r pcaps/ping.pcap $arguments -c 1
        [ "$arguments" = '-s 0 -s0' ] && wanted='2 ' || wanted='0 '
        like "$status $out" "^$wanted" "$arguments"
done
for subcommand in '' explain 'debug --trace' compare; do
        # shellcheck disable=SC2086
        before=$("$filt" $subcommand -r pcaps/ping.pcap -F expression 2>/dev/null; "$filt" $subcommand -r pcaps/ping.pcap icmp)
        # shellcheck disable=SC2086
        behind=$("$filt" $subcommand icmp -r pcaps/ping.pcap 2>/dev/null; "$filt" $subcommand -r pcaps/ping.pcap -- icmp)
        is "$behind" "$before" "filt $subcommand: options behind the expression"
done 2>/dev/null
is "$("$filt" -d --no-opt 'ip or ip')" "$("$filt" -d -O 'ip or ip')" 'a long name cut short'
run "$filt" -d -- icmp -1
like "$status $err" "^2 filt: .*not '-'" 'after -- a word with a dash is one of the expression'

mistake 2 "-F gives the expression; 'tcp' is one too many" 'an expression and -F' -d -F expression tcp

# An error in a filter is followed by the expression and a caret, if the place is known.
for filter in 'icmp and' 'tcp port' 'host 192.0.2.1 and and' '(icmp' 'port 65536' 'vlan 5000' $'\xff'; do
        for source in '-d' '-r pcaps/ping.pcap'; do
                # shellcheck disable=SC2086
                run "$filt" $source "$filter"
                is "$status $out" '2 ' "filter '$filter', $source: status 2, nothing printed"
                like "$(said | head -1)" '^filt: .....' "filter '$filter', $source: it says what"
                like "$(said | wc -l)" '^[13]$' "filter '$filter', $source: a line, or three with the caret"
        done
done
run "$filt" -r pcaps/ping.pcap -w not-made.pcap 'icmp and'
is "$status $(ls not-made.pcap 2>&1)" "2 ls: cannot access 'not-made.pcap': No such file or directory" \
        'a filter that does not parse makes no file'

: >empty
printf ' \n\t\n' >blank
printf 'icmp\0 or tcp' >nul
mistake 2 'empty: the file is empty' 'empty -F file' -d -F empty
mistake 2 'blank: the file is empty' '-F file of white space' -d -F blank
mistake 2 'nul: byte 4 is NUL' 'NUL in the -F file' -d -F nul
is "$(timeout 10 yes | "$filt" -d -F - 2>&1)" \
        'filt: standard input: the file has more than 67108864 bytes; it should hold a filter expression' 'a file without an end'
mistake 1 'nowhere: No such file or directory' 'no -F file' -d -F nowhere
mistake 2 "'help' is no word of a filter \(see filt --help\)" 'help' help
run "$filt" -r pcaps/tcp.pcap tcp port http or port no-such-port
is "$status $(said)" "2 filt: unknown port 'no-such-port'
  tcp port http or port no-such-port
                        ^^^^^^^^^^^^" '-r: the name that is not known is told, not one that is'
run "$filt" -r pcaps/tcp.pcap pcaps/ping.pcap pcaps/arp.pcap
like "$status $(said)" "^2 .*'pcaps/ping.pcap' is a file: each one to be read needs -r before it" 'a pattern of files after -r'
echo 192.0.2.1 >set
run "$filt" -r pcaps/tcp.pcap host in set and tcp no-word 80
is "$status $(said)" "2 filt: after 'tcp' should come 'and', 'or' or the end, not 'no-word'
  host in set and tcp no-word 80
                      ^^^^^^^" 'a file that is a set is none to be read'
mistake 1 'pcaps: Is a directory' 'a folder as -F file' -d -F pcaps
mistake 2 'standard input: the file is empty' 'nothing on standard input for -F -' -d -F -

# --- Files

mistake 1 'nowhere.pcap: No such file' 'no such file' -r nowhere.pcap
mistake 2 '--print and -w - would both write to standard output' '--print -w -' -r pcaps/ping.pcap --print -w -
mistake 1 'no.x1bsuch: No such file' 'a file name that would steer the terminal' -r $'no\033such'
mistake 1 'pcaps: Is a directory' 'a folder' -r pcaps
mistake 1 'pcaps/broken/empty.pcap: the file is empty' 'empty file' -r pcaps/broken/empty.pcap
mistake 1 'standard input: the file is empty' 'nothing on standard input' -r -
for file in not-a-capture truncated-file-header; do
        mistake 1 "pcaps/broken/$file.pcap: not a capture file" "$file" -r "pcaps/broken/$file.pcap"
done
for broken in truncated.pcap:5 truncated-record-header.pcap:5 oversize-record.pcap:5 \
        truncated.pcapng:15; do
        file=pcaps/broken/${broken%:*} count=${broken#*:}
        mistake 1 "$file: after $count packets: " "${broken%:*}" -r "$file"
        is "$out" "$(tcpdump -nr "$file" 2>/dev/null)" "${broken%:*}: the packets before come out"
        is "$(grep -c . <<<"$out")" "$count" "${broken%:*}: all of them"
        mistake 1 "$file: after $count packets: " "${broken%:*}, -w" -r "$file" -w saved.pcap
        is "$("$filt" -r saved.pcap --count 2>/dev/null)" "$count packets" "${broken%:*}: they are saved"
done

mistake 1 'no/such/x.pcap: No such file or directory' '-w into a missing folder' -r pcaps/ping.pcap -w no/such/x.pcap
mistake 2 '--print and -w - would both write to standard output' '--print -w -' -r pcaps/ping.pcap --print -w -
mistake 1 'no.x1bsuch: No such file' 'a file name that would steer the terminal' -r $'no\033such'
mistake 1 'pcaps: Is a directory' '-w onto a folder' -r pcaps/ping.pcap -w pcaps
mistake 1 '/dev/full: No space left on device' '-w to a full disk' -r pcaps/ping.pcap -w /dev/full
for command in '-r pcaps/ping.pcap' '-r pcaps/ping.pcap -l' '-r pcaps/ping.pcap --count' '-d icmp' --help \
        --version -D 'compare --help' 'demo --list' 'write-trace --help'; do
        # shellcheck disable=SC2086
        "$filt" $command >/dev/full 2>err
        is "$? $(said)" '1 filt: standard output: No space left on device' "$command to a full disk"
done
cp pcaps/ping.pcap same.pcap
ln -s same.pcap link.pcap
mistake 1 'link.pcap: is the file being read' '-w onto the file of -r' -r same.pcap -w link.pcap
ok 'which stays as it was' cmp same.pcap pcaps/ping.pcap

mistake 1 'nosuch0: there is no such interface' 'no such interface' -i nosuch0
mistake 1 'a-name-far-too-long-for-one: there is no such' 'no such interface, a long name' -i a-name-far-too-long-for-one
mistake 1 'interface 999: there are [0-9]+' 'no such number' -i 999

# An ordinary user: a file that may not be opened is named, and capturing names the capability.
if [ "$(id -u)" = 0 ]; then
        cp pcaps/ping.pcap secret.pcap
        chmod 600 secret.pcap
        printf icmp >secret
        chmod 600 secret
        cat >as-nobody <<END
#!/bin/sh
exec setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all env "$filt" "\$@"
END
        chmod 755 as-nobody
        filt=./as-nobody
fi
mistake 1 'lo: no permission to capture: it needs CAP_NET_RAW; .*sudo.*setcap cap_net_raw\+ep' \
        'no permission to capture' -i lo
mistake 1 'any: no permission to capture: it needs CAP_NET_RAW' 'nor on any' -i any
mistake 1 '.*: no permission to capture: it needs CAP_NET_RAW' 'nor without -i'
if [ "$filt" = ./as-nobody ]; then
        mistake 1 'secret.pcap: Permission denied' 'a file that may not be read' -r secret.pcap
        mistake 1 'new.pcap: Permission denied' 'a folder that may not be written' -r pcaps/ping.pcap -w new.pcap
        mistake 1 'secret: Permission denied' 'a -F file that may not be read' -d -F secret
fi
run "$filt" -d icmp
is "$status $out" "0 $(tcpdump -d icmp 2>/dev/null)" '-d needs no permission'
filt=$scratch/filt

# --- Commands that only print

run "$filt" --help
is "$status $err" '0 ' '--help succeeds'
like "$out" '^Usage: filt .*--version' '--help shows the usage'
is "$("$filt" -h)" "$out" '-h does the same'
for subcommand in '' compare debug demo drops explain prove sample write-trace; do
        # shellcheck disable=SC2086
        is "$("$filt" $subcommand --help | awk 'length > 80')" '' "its lines fit 80 columns: $subcommand"
done
run "$filt" --version
is "$status $err" '0 ' '--version succeeds'
like "$out" '^filt [0-9]+\.[0-9]+\.[0-9]+'$'\n''libpcap' '--version names filt and libpcap'
like "$out" "zlib $(pkg-config --modversion zlib), zstd $(pkg-config --modversion libzstd), jansson $(pkg-config --modversion jansson)" 'its libraries'
like "$out" "libbpf, libcrypto, libcapstone, libsmi, libedit"$'\n'"Linux $(uname -r): BTF" 'those that it loads when needed, and the kernel'
like "$out" $'\n'"machine code: yes"$'\n'"sandbox: seccomp, (no )?Landlock" 'machine code and the sandbox'
like "$(LD_PRELOAD=$build/tests/preload/no_library.so FILT_NO_LIBRARY=libsmi "$filt" --version)" \
        'libcapstone, libedit'$'\n''without libsmi, which is for -m' 'and what is not there'

# --stats prints to standard error, so that the program can go into a pipe.
run "$filt" -ddd --stats icmp
is "$status $out" "0 $(tcpdump -ddd icmp 2>/dev/null)" '--stats leaves the program on standard output alone'
like "$err" '^filt: 6 instructions; longest path: 5; compiled in [0-9]+\.[0-9]{3} ms, with(out)? libpcap$' \
        'and tells instructions, longest path, time'
run "$filt" -d -O --stats ip or ip
like "$err" ' compiled in .*, with libpcap$' '-O: libpcap had a part in it'
run "$filt" -d --stats
like "$err" '^filt: 1 instruction; longest path: 1; .*, without libpcap$' 'but not in the empty expression'
run "$filt" -d --stats ip6 protochain 6
like "$err" ' longest path: unbounded, for it jumps back; ' 'a program that jumps back'

run "$filt" -D
is "$status $err" '0 ' '-D succeeds'
is "$out" "$(tcpdump -D)" '-D lists what tcpdump -D lists'
is "$("$filt" --list-interfaces)" "$out" '--list-interfaces is -D'
run "$filt" -L -r pcaps/raw.pcap
is "$status" 0 '-L succeeds'
like "$out" '  RAW \(Raw IP\)' '-L names the link type of a file'

# An unknown link type: nothing is known about its packets, but they can be counted.
{ head -c 20 pcaps/tcp.pcap; printf '\025'; tail -c +22 pcaps/tcp.pcap; } >unknown.pcap
run "$filt" --count -r unknown.pcap
is "$status $out" '0 49 packets' 'a file of an unknown link type can be read'

# --- Reading and writing as tcpdump

# Nanoseconds, which filt keeps in a file and tcpdump does not, are compared below.
for file in pcaps/*.pcap; do
        case $file in *nanosecond*) continue ;; esac
        for filter in '' 'icmp or icmp6' 'less 80'; do
                # There may be no such filter for the link type; one that rejects all is no error to filt.
                tcpdump -r "$file" -w wanted.pcap "$filter" 2>refused && want=0 || want=2
                run "$filt" -r "$file" -w got.pcap "$filter"
                if [ $want = 2 ]; then
                        ! grep -q 'rejects all packets' refused || want=0
                        is "$status" $want "-r $file: '$filter' is no filter"
                        continue
                fi
                is "$status$out$(cmp got.pcap wanted.pcap 2>&1)" 0 "-r $file -w '$filter' writes what tcpdump writes"
        done
done
for file in pcaps/nanosecond.pcap pcaps/big-endian-nanosecond.pcap pcaps/nanosecond.pcapng; do
        tcpdump --nano -r "$file" -w wanted.pcap 2>/dev/null
        run "$filt" -r "$file" -w got.pcap
        is "$status$(cmp got.pcap wanted.pcap 2>&1)" 0 "-r $file -w keeps nanoseconds"
        tcpdump -r "$file" -w wanted.pcap 2>/dev/null
        run "$filt" --micro -r "$file" -w got.pcap
        is "$status$(cmp got.pcap wanted.pcap 2>&1)" 0 "-r $file -w --micro is what tcpdump writes"
done

# same OPTION...: filt prints what tcpdump -n prints.
same() {
        run "$filt" "$@"
        is "$status $out" "0 $(tcpdump -n "$@" 2>/dev/null)" "as tcpdump: $*"
}
for count in 1 5 6 7 99999; do
        same -r pcaps/ping.pcap -c $count
        same -r pcaps/ping.pcap -c $count --count
        same -r pcaps/tcp.pcap -c $count icmp or tcp
done
same -r pcaps/ping.pcap --count
same -r pcaps/ping.pcap --count tcp
same -r pcaps/ping.pcap -c 1 --count icmp
same -r pcaps/tcp.pcap -s 20 # a file's packets stay as they are
same -r pcaps/tcp.pcap -XX -s 20 -c 2
for time in '' -t -tt -ttt -tttt -ttttt; do
        # shellcheck disable=SC2086
        same -r pcaps/ping.pcap $time
        # shellcheck disable=SC2086
        same -r pcaps/nanosecond.pcap --nano $time
done
same -r pcaps/nanosecond.pcap
same -r pcaps/tcp.pcap -# -e -v -S -x
same -r pcaps/ping.pcap 'icmp[icmptype] = icmp-echo'
same -r pcaps/ping.pcap icmp and src 192.0.2.1 -c 2 -e # options after the expression
same -r pcaps/ping.pcap -F expression
same --number --count -r pcaps/ping.pcap

tcpdump -r pcaps/tcp.pcap -s 20 -w wanted.pcap 2>/dev/null
"$filt" -r pcaps/tcp.pcap -s 20 -w got.pcap 2>/dev/null
ok '-r with -s and -w: as tcpdump' cmp got.pcap wanted.pcap
is "$("$filt" -r pcaps/ping.pcap -w got.pcap --print 2>/dev/null; cat got.pcap | md5sum)" \
        "$(tcpdump -nr pcaps/ping.pcap 2>/dev/null; md5sum <pcaps/ping.pcap)" '-w --print does both'
is "$("$filt" -r pcaps/ping.pcap -w got.pcap 2>/dev/null)" '' '-w alone prints nothing'

# Pipes.
wanted=$(tcpdump -nr pcaps/tcp.pcap 2>/dev/null)
is "$("$filt" -r - <pcaps/tcp.pcap 2>/dev/null)" "$wanted" '-r - from a file'
is "$(cat pcaps/tcp.pcap | "$filt" -r - 2>/dev/null)" "$wanted" '-r - from a pipe'
is "$("$filt" -r pcaps/tcp.pcap -w - 2>/dev/null | md5sum)" "$(md5sum <pcaps/tcp.pcap)" '-w - to a pipe'
is "$("$filt" -r pcaps/tcp.pcap -w - tcp 2>/dev/null | "$filt" -r - 2>/dev/null)" \
        "$(tcpdump -nr pcaps/tcp.pcap tcp 2>/dev/null)" 'from one filt into another'
is "$(printf 'icmp\n' | "$filt" -d -F -)" "$(tcpdump -d icmp 2>/dev/null)" '-F - reads standard input'
is "$(printf 'icmp\nor\n\ttcp port 80\n' | "$filt" -d -F -)" "$("$filt" -d icmp or tcp port 80)" \
        '-F with several lines'

# A pipe whose writer waits: its packets are printed at once with -l, and a signal ends it cleanly.
mkfifo slow
"$filt" -l -r slow >slow.out 2>slow.err &
slow=$!
at_end kill -9 $slow
exec 9>slow
cat pcaps/ping.pcap >&9
ok 'packets of a pipe are shown while it is open' wait_for 2 grep -q 'reply, id .*, seq 3' slow.out
for signal in USR1 TERM; do kill -$signal $slow; done
ended() { ! kill -0 $slow; }
ok 'SIGTERM ends the wait for more' wait_for 2 ended
wait $slow
is "$? $(cat slow.out)" "0 $(tcpdump -nr pcaps/ping.pcap 2>/dev/null)" 'with status 0 and everything shown'
exec 9>&-

# --- A reader that has seen enough: for lines that is the end, for a file to be saved an error

{ cat pcaps/tcp.pcap; for _ in {1..300}; do tail -c +25 pcaps/tcp.pcap; done; } >big.pcap
for arguments in '-r big.pcap' '-l -r big.pcap' '-w - -r big.pcap' '-U -w - -r big.pcap'; do
        case $arguments in
        *-w*) wanted='^1 filt: standard output: Broken pipe after [0-9]+ bytes$' ;;
        *) wanted='^0 $' ;;
        esac
        for signal in ignore default; do
                # shellcheck disable=SC2086
                env --$signal-signal=PIPE "$filt" $arguments 2>err | head -c 100 >/dev/null
                like "${PIPESTATUS[0]} $(said)" "$wanted" "$arguments | head, $signal SIGPIPE"
        done
done

"$filt" -d icmp >&- 2>err
is "$? $(said)" '1 filt: standard output: Bad file descriptor' 'standard output closed: an error'

# With a standard stream closed, a file opened later must not get its number.
"$filt" -r pcaps/ping.pcap -w got.pcap --print >&- 2>/dev/null
ok 'standard output closed: the file is whole' cmp got.pcap pcaps/ping.pcap
"$filt" -r pcaps/ping.pcap -w got.pcap 2>&-
ok 'standard error closed: the file is whole' cmp got.pcap pcaps/ping.pcap
"$filt" -r pcaps/ping.pcap -w got.pcap <&- >&- 2>&-
is "$? $(cmp got.pcap pcaps/ping.pcap 2>&1)" '0 ' 'all three closed: the file is whole'

# --- A filter that cannot match anything causes a warning.
run "$filt" -r pcaps/ping.pcap --count 'icmp and tcp and len < 0'
is "$status $out" '0 0 packets' 'a filter that can match nothing: the run goes on'
is "$(said)" 'filt: warning: no packet can match this filter' 'with a warning'

done_testing
