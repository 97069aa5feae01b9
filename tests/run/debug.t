#!/bin/bash
# filt debug: stepping packets through a program by commands on standard input, and --trace.
. "$(dirname "$0")/../tap.sh"
needs script

# debug OPTIONS...: runs it with the commands from standard input; leaves $status, $out and $err.
debug() {
        timeout -k 5 30 "$filt" debug "$@" >"$scratch/out" 2>"$scratch/err"
        status=$?
        out=$(cat "$scratch/out")
        err=$(cat "$scratch/err")
}

debug -r pcaps/ping.pcap icmp <<<''
is "$status" 0 "ends with its input"
first=$("$filt" -r pcaps/ping.pcap 2>/dev/null | head -n 1)
is "$(sed -n 2p <<<"$out")" "  $first" "the packet as a capture prints it"
like "$out" '^packet 1, 98 bytes
  [^>]*> 192[^>]*
-> \(000\) ldh +\[12\] +EtherType' "starts before the first instruction"

debug -r pcaps/ping.pcap icmp <<<'step
'
like "$out" '   \(000\) ldh +\[12\] +A=0x00000800 X=0x00000000  \[12-13\] 0800
-> \(001\) jeq' "step shows the instruction, the registers after it and the bytes read"
is "$(grep -c -- '^->' <<<"$out")" 3 "an empty line repeats: two steps"

debug -r pcaps/ping.pcap icmp <<<'s 3
b 2
b 100
b'
is "$(sed -n 's/^-> (\([0-9]*\)).*/\1/p' <<<"$out" | tr '\n' ' ')" '000 003 001 000 000 ' "steps back"
like "$out" 'this is the first step' "and says when it is at the first"

debug -r pcaps/ping.pcap icmp <<<'continue
s
b'
like "$out" '=> packet 1 accepted: at most 262144 bytes are kept, after 5 steps' "continue runs to the verdict"
like "$out" 'there is no step after the verdict' "no step after it"
like "$out" '-> \(004\) ret' "but stepping back from it works"

debug -r pcaps/ping.pcap icmp <<<'break 2
c
r
x
c
delete 2
p 1
c'
is "$(sed -n 's/^\(->\|=>\) (*\([0-9a-z]*\).*/\2/p' <<<"$out" | tr '\n' ' ')" '000 002 packet 000 packet ' \
        "breakpoints stop it until they are deleted"
like "$out" 'A=0x00000800 \(2048\)  X=0x00000000 \(0\)' "registers"
debug -r pcaps/ping.pcap icmp <<<'s
x
s 2
x'
like "$out" '0x0000 .* 01\[08 00\]45 00' "hex marks two bytes just read"
like "$out" '0x0010 .* 40\[01\]' "and one byte"
is "$(grep -c '\[08 00\]' <<<"$out")" 1 "not those read before"

debug -r pcaps/tcp.pcap 'tcp[tcpflags] & tcp-fin != 0' <<<'next
next match
next reject
next match
next match
next match'
verdicts=$("$filt" debug --trace -r pcaps/tcp.pcap 'tcp[tcpflags] & tcp-fin != 0' | grep -n '^=>' | cut -d: -f2)
first=$(grep -m 1 accepted <<<"$verdicts" | cut -d' ' -f3)
after=$(sed "1,${first}d" <<<"$verdicts" | grep -m 1 rejected | cut -d' ' -f3)
is "$(sed -n 's/^packet \([0-9]*\),.*/\1/p' <<<"$out" | tr '\n' ' ')" "1 2 $first $after " "next, next match, next reject"
like "$out" 'no more packets; the last was packet 49' "the end of the file"
is "$(grep '^  [0-9].*IP' <<<"$out" | sed -n 2p)" "  $("$filt" -r pcaps/tcp.pcap 2>/dev/null | sed -n 2p)" "the line of the next packet"

debug -r pcaps/tcp.pcap ip <<<'p 49
p 2
p 50
p
n match
list'
is "$(sed -n 's/^packet \([0-9]*\),.*/\1/p' <<<"$out" | tr '\n' ' ')" '1 49 2 2 3 ' "packet N goes forward and back"
like "$err" 'there is no packet 50; the last is 49' "one past the end is refused"
is "$(grep -cxF "  $("$filt" -r pcaps/tcp.pcap 2>/dev/null | sed -n 2p)" <<<"$out")" 2 "going back shows the same line"
like "$out" ' > \(000\) ldh' "list shows the current instruction"

debug -r pcaps/tcp.pcap ip <<<'fly
break
break 99
step x
hex now
help
quit
step'
is "$(wc -l <<<"$err")" 5 "a line for each invalid command"
like "$err" "unknown command 'fly'; \`help\` lists them" "an unknown command"
like "$err" 'break: say which instruction, a number from 0 to 3' "a breakpoint without a number"
like "$out" 'registers r .*A, X and M' "help"
is "$(grep -c -- '^->' <<<"$out")" 1 "quit ends it, an invalid number does not move it"

# A packet that is too short for the filter.
debug -r pcaps/arp-s30.pcap 'arp dst host 192.0.2.2' <<<'c'
like "$out" 'not there' "a load past the end is shown"
like "$out" 'rejected: instruction 2 reads bytes 38 to 41, and only 30 are captured' "and why it rejects"

debug -r pcaps/tcp.pcap ip < <(printf 'step%05000d\nstep\n\n' 0; head -c 100000 /dev/zero)
like "$err" 'a command of more than 1023 characters' "a very long line is refused"
is "$(grep -c '^   (' <<<"$out")" 2 "the lines after it are read, and an empty one repeats the last"

# A trace: all steps of all packets; the verdicts are filt's own.
debug --trace -r pcaps/tcp.pcap 'tcp dst port 5000' <<<''
is "$(grep -c '^packet' <<<"$out")" 49 "a trace has every packet"
is "$(grep -c '^=> .*accepted' <<<"$out")" "$("$filt" -r pcaps/tcp.pcap 'tcp dst port 5000' 2>/dev/null | wc -l)" \
        "the same packets match"
is "$(grep -c '^   (' <<<"$out")" \
        "$(perl -ne '$n += $1 if /after (\d+) steps/; END { print $n }' <<<"$out")" "every step is shown"
debug --trace -c 3 --packet 5 -r pcaps/tcp.pcap ip <<<''
is "$(sed -n 's/^packet \([0-9]*\),.*/\1/p' <<<"$out" | tr '\n' ' ')" '5 6 7 ' "--packet and -c"
is "$("$filt" debug --trace -r pcaps/tcp.pcap ip | head -n 1)" 'packet 1, 74 bytes' "a reader may leave"

# On a terminal, lines fit it.
shown=$(on_terminal 80 "echo list | $filt debug -r pcaps/tcp.pcap 'tcp[tcpflags] & tcp-fin != 0'")
like "$(widest <<<"$shown"):$shown" $'^(7[0-9]|80):.*\(005\) jset .* a later fragment \(IPv4 fragment\n {48}offset' "the list in 80 columns"
shown=$(on_terminal 80 "echo help | $filt debug -r pcaps/tcp.pcap ip")
like "$(widest <<<"$shown"):$shown" $'^(7[0-9]|80):.*bytes; those just read' "help in 80 columns"
like "$shown" $'\n  [0-9:.]+ IP .* seq\n      4291506853, win' "the packet's line is broken between words"
shown=$(on_terminal 80 "$filt debug --color=always --trace -c 1 -r pcaps/tcp.pcap ip")
like "$shown" $'seq\n      4291506853, win' "where colours do not count"
shown=$(on_terminal 80 "$filt debug --trace -c 1 -r pcaps/tcp.pcap ip")
like "$(widest <<<"$shown"):$shown" $'^(7[0-9]|80):.*A=0x00000800 X=0x00000000\n {48}\[12-13\] 0800' "and a trace"

# A program in place of the expression.
printf 'ldh [12]\njne #0x800, drop\nret #42\ndrop: ret #0\n' >"$scratch/ip.asm"
debug -r pcaps/ping.pcap --program "$scratch/ip.asm" <<<'list
continue'
like "$out" '\(002\) ret +#42 +accept: keep at most 42 bytes' "a program is listed with notes"
like "$out" '=> packet 1 accepted: at most 42 bytes are kept, after 3 steps' "and stepped"
debug -r pcaps/tcp.pcap --trace --program - <"$scratch/ip.asm"
is "$(grep -c '^=> .*accepted: at most 42' <<<"$out")" "$("$filt" -r pcaps/tcp.pcap ip 2>/dev/null | wc -l)" \
        "traced, it may come from standard input"
printf 'ldh [12]\nldh [12]\njne #0x800, drop\nret #42\ndrop: ret #0\n' >"$scratch/longer.asm"
debug -r pcaps/ping.pcap --trace -c 1 --optimize --program "$scratch/longer.asm" <<<''
like "$out" 'after 3 steps' "--optimize shortens it"
debug -r pcaps/ping.pcap --trace -c 1 --program "$scratch/longer.asm" <<<''
like "$out" 'after 4 steps' "without --optimize, it stays as it is"
run "$filt" debug -r pcaps/ping.pcap --program -
is "$status" 2 "commands and the program cannot both be standard input"
run "$filt" debug -r pcaps/ping.pcap --program "$scratch/ip.asm" ip
is "$status" 2 "a program and an expression"
run "$filt" debug -r pcaps/ping.pcap --program "$scratch/none.asm"
like "$status:$err" '^1:filt: .*none.asm: No such file' "no such program"

# On a terminal, with libedit: each of the KEYS is typed when the program is silent after its prompt.
# typing KEYS...: leaves the terminal's output in $out.
typing() {
        local keys size=-1 now tries
        rm -f "$scratch/screen"
        mkfifo "$scratch/keys"
        TERM=xterm NO_COLOR=1 timeout -k 5 60 script -qefc "$command" "$scratch/screen" <"$scratch/keys" >"$scratch/script.out" 2>&1 &
        exec {keyboard}>"$scratch/keys"
        for keys; do
                for ((tries = 0; tries < 100; tries++)); do
                        sleep 0.1
                        now=$(stat -c %s "$scratch/screen" 2>/dev/null)
                        [ "$now" = "$size" ] && grep -q 'filt> ' "$scratch/screen" && break
                        size=$now
                done
                # shellcheck disable=SC2059
                printf "$keys" >&"$keyboard"
        done
        wait "$!"
        status=$?
        exec {keyboard}>&-
        rm "$scratch/keys"
        out=$(tr -d '\r' <"$scratch/screen" | sed 's/\x1b\[[0-9;]*[A-Za-z]//g')
}
command="$filt debug -r pcaps/tcp.pcap 'tcp[tcpflags] & tcp-fin != 0'"
typing 'st\t\r' '\003' '\033[A\r' 'b\t' '\t' 'r\t 3\r' 'garbage\003' 'n m\t\r' 'tep\001s\005 2\r' '\022bre' '\r' '\004'
is "$status" 0 "Ctrl-D ends it"
is "$(sed -n 's/^-> (\([0-9]*\)).*/\1/p' <<<"$out" | paste -sd " ")" '000 001 002 000 002' "Tab completes, the arrow brings the last line again, and lines are edited"
like "$out" 'back  break' "Tab again lists what there is"
is "$(grep -c ' breakpoint at (003)' <<<"$out")" 2 "Ctrl-R finds a line"
like "$out" 'garbage\^C' "Ctrl-C gives a line up"
unlike "$out" 'unknown command' "and what it held"
is "$(sed -n 's/^packet \([0-9]*\),.*/\1/p' <<<"$out" | paste -sd " ")" '1 16' "the argument is completed, too"

# A command is interrupted, here one that would never end.
cat >"$scratch/endless" <<'END'
#!/usr/bin/perl
alarm 60;
open my $file, '<', 'pcaps/arp.pcap' or die;
read $file, my $header, 24;
read $file, my $packets, 65536;
print $header;
1 while print $packets x 100;
END
chmod +x "$scratch/endless"
command="bash -c '$filt debug -r <($scratch/endless) icmp'"
typing 'n match\r' '\003' '\004'
like "$out" '\^C.*packet [0-9]+, 42 bytes.*   interrupted' "Ctrl-C interrupts a command, which shows where it is"
command="stty -echo; TERM=dumb $filt debug -r pcaps/ping.pcap icmp"
typing 's\r' 'q\r'
like "$status:$out" '0:.*filt> .*-> \(001\)' "a terminal that can do nothing"

# A file that ends within a packet.
head -c 400 pcaps/tcp.pcap >"$scratch/cut.pcap"
debug -r "$scratch/cut.pcap" ip <<<'n
n
n
n
n
hex'
is "$status" 0 "a file cut short"
like "$err" 'cut.pcap' "is reported"
like "$out" '0x0000 ' "and it stays at the last whole packet"

run "$filt" debug -r pcaps/tcp.pcap --packet 50 ip
is "$status:$err" '1:filt: pcaps/tcp.pcap: there is no packet 50; the last is 49' "a packet past the end"
run "$filt" debug ip
is "$status" 2 "-r is needed"
run "$filt" debug -r - ip
is "$status" 2 "and a file"
run "$filt" debug -r pcaps/tcp.pcap -c 2 ip
is "$status" 2 "-c goes with --trace"
run "$filt" debug -r pcaps/tcp.pcap 'ip andd'
is "$status" 2 "an expression that does not compile"
run "$filt" debug -r "$scratch/none" ip
is "$status" 1 "no such file"

done_testing
