#!/bin/bash
# The files of -w, one after another: their names, how many there are, when one begins, and what is run after each.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump perl ip ping

at_end network_down
network_up || exit 1
cd "$scratch" || exit 1

# start ARGUMENT...: filt on host b, in the background.
start() { background ip netns exec "$b" "$filt" "$@"; }

pings() { in_a ping -q -c "$1" -i 0.005 -W 0.05 "${@:2}" 192.0.2.2 >/dev/null 2>&1; }
packets() { for file; do tcpdump -tnr "$file" 2>/dev/null; done | wc -l; }
number() { tcpdump -tnr "$1" 2>/dev/null | grep -vc $'^\t'; } # of packets, where tcpdump dumps them
at_least() { [ "$(ls "$2" | wc -l)" -ge "$1" ]; }

# A capture of two seconds and 3.4 MB: 3,000 packets, a third of them a second.
perl -e 'print pack("LSSlLLL", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1);
        for my $i (0 .. 2999) {
                my $packet = pack("H28", "020000000002020000000001" . "88b5") . pack("N", $i) . "x" x 1100;
                print pack("LLLL", 1700000000 + int($i / 1000), $i % 1000 * 1000, length $packet, length $packet), $packet;
        }' >big.pcap

# --- Names

mkdir names
"$filt" -r big.pcap -w names/x.pcapng.zst -C 1 2>/dev/null
is "$(ls names | xargs)" 'x-1.pcapng.zst x-2.pcapng.zst x-3.pcapng.zst x.pcapng.zst' 'the number stands before the suffix'
rm names/*
"$filt" -r big.pcap -w names/v1.2/x -C 1 2>names.err
like "$(cat names.err)" 'names/v1.2/x: No such file or directory' 'a folder that is not there'
mkdir names/v1.2
"$filt" -r big.pcap -w names/v1.2/x -C 2 2>/dev/null
is "$(ls names/v1.2 | xargs)" 'x x-1' 'a dot in a folder is no suffix'
is "$(packets names/v1.2/x names/v1.2/x-1 | cat)" "$(packets big.pcap)" 'no packet is lost between files'
rm -r names/v1.2

"$filt" -r big.pcap -w names/x.PCAPNG.Gz -c 1 2>/dev/null
is "$(head -c 2 names/x.PCAPNG.Gz | od -An -tx1 | tr -d ' ') $(gunzip <names/x.PCAPNG.Gz | head -c 4 | od -An -tx1 | tr -d ' ')" \
        '1f8b 0a0d0d0a' 'suffixes count in upper case, too'
for suffix in bz2 xz LZ4 zip zstd; do
        mistake 2 "-w names/x.pcap.$suffix: filt does not compress so" ".$suffix" -r big.pcap -w names/x.pcap.$suffix
done
run "$filt" -r big.pcap --format pcap -w names/x.xz -c 1
is "$status $(head -c 4 names/x.xz | od -An -tx1 | tr -d ' ')" '0 d4c3b2a1' '--format counts more than the suffix'
mistake 2 'option -w: the name of the file is empty' '-w without a name' -r big.pcap -w ''
rm names/*
warned() { grep -c 'warning: -G: each file has the name of the one before' "$scratch/err"; }
run "$filt" -r big.pcap -w names/x.pcap -G 1
is "$status $(warned)" '0 1' '-G without a time in the name: a warning'
run "$filt" -r big.pcap -w names/%d.pcap -G 3600
is "$status $(warned)" '0 1' 'and with one that repeats at once'
for name in '-w names/%s.pcap -G 1' '-w names/%d.pcap -G 86400' '-w names/x.pcap -G 1 -W 1'; do
        # shellcheck disable=SC2086
        run "$filt" -r big.pcap $name
        is "$status $(warned)" '0 0' "not so $name"
done
rm names/*

# --- How many

"$filt" -r big.pcap -w names/ring.pcap -C 1 -W 2 2>/dev/null
is "$(ls names | xargs)" 'ring-0.pcap ring-1.pcap' '-C -W 2: two files, the latest'
"$filt" -r big.pcap -w 'names/%s.pcap' -G 1 2>/dev/null
is "$(ls names | grep -c 17)" 3 '-r with -G: slices of the packets'"'"' times'
is "$(packets names/1700000001.pcap)" "$(($(packets big.pcap) / 3))" 'each has the packets of its second'
rm names/*
"$filt" -r big.pcap -w 'names/%s.pcap' -G 1 -W 2 2>names.err
is "$(ls names | xargs) $(grep -c 'maximum of 2 files' names.err)" '1700000000.pcap 1700000001.pcap 1' '-G -W 2: stops after two'
rm names/*
run "$filt" -r big.pcap -w 'names/%s.pcap' -G 3 -W 1 # not at a multiple of 3
is "$(number names/1700000000.pcap) $(said)" '3000 ' '-G 3 -W 1: three seconds from the first packet on'
rm names/*
run "$filt" -r big.pcap -w 'names/%s.pcap' -G 2 -W 1 --print
is "$(number names/1700000000.pcap) $(grep -vc $'^\t' <<<"$out") $(said)" '2000 2000 filt: the maximum of 1 file is reached' '-G 2 -W 1: two'
rm names/*
run "$filt" -r big.pcap -w 'names/%s.pcap' -G 3
is "$(ls names | xargs)" '1700000000.pcap 1700000001.pcap' 'without -W, slices begin at multiples'
rm names/*
"$filt" -r big.pcap -w 'names/%s.pcap' -G 1 -C 1 -W 3 2>/dev/null
is "$(ls names | wc -l) $(ls names | grep -c 1700000000)" '3 0' '-C, -G and -W: the latest three, whatever their names'
rm names/*

# --- When: by a timer

start -i b0 -G 1 -w 'names/t-%s.pcap' icmp
ok 'a slice ends also when nothing arrives' wait_for 10 at_least 3 names
stop
is "$status" 0 'and it ends in order'
seconds() { ls names | tr -dc '0-9\n' | sort -n; }
is "$(seconds | awk 'NR > 1 && $1 != last + 1 { gaps++ } { last = $1 } END { print gaps + 0 }')" 0 'each slice begins a second after the one before'
rm names/*
begun=${EPOCHREALTIME/./}
start -i b0 -G 1 -W 2 -w 'names/t-%s.pcap' icmp
finish
ok '-G 1 -W 2 takes two full seconds' test $((${EPOCHREALTIME/./} - begun)) -ge 1990000
is "$status $(ls names | wc -l)" '0 2' 'and makes two files'
rm names/*

# --- Up to a size: 24 bytes, and 1,134 for each packet

run "$filt" -r big.pcap -w size.pcap --size 5000 --print
is "$(number size.pcap) $(grep -vc $'^\t' <<<"$out")" '5 5' '--size: up to the packet that reaches it'
run "$filt" -r big.pcap -w size.pcap --size 5694 --count
is "$(number size.pcap) $out" '5 5 packets' 'and that are counted'
run "$filt" -r big.pcap -w size.pcap --size 5695 -C 1
is "$(number size.pcap)" '6' 'not before'

# --- What is run after each

cat >after <<'END'
#!/bin/sh
echo "$# $(tcpdump -tnr "$1" 2>/dev/null | wc -l) $1" >>"$(dirname "$0")/after.log"
END
chmod +x after
"$filt" -r big.pcap -w 'names/a b;c.pcap' -C 2 -z "$scratch/after" 2>/dev/null
is "$(sort after.log)" "$(printf '1 %d names/a b;c%s.pcap\n' "$(packets 'names/a b;c-1.pcap')" -1 "$(packets 'names/a b;c.pcap')" '' | sort)" \
        '-z: its only argument is the name, and every file is complete'
rm names/*
mistake 1 '-z no-such-command: there is no such command' '-z: a command that is not there' -r big.pcap -w names/y.pcap -z no-such-command
mistake 1 '-z ./big.pcap: it cannot be executed' '-z: no program' -r big.pcap -w names/y.pcap -z ./big.pcap
mistake 1 '-z ./names: it cannot be executed' '-z: a folder' -r big.pcap -w names/y.pcap -z ./names
is "$(ls names)" '' 'and no file is begun'
run "$filt" -r big.pcap -w names/y.pcap -C 2 -z false
is "$status $(said | sort | uniq -c | xargs)" '1 2 filt: -z false: ended with status 1' '-z: a command that fails'
echo true >names/script && chmod +x names/script
mistake 1 '-z names/script: it cannot be executed' '-z: the kernel does not take it' -r big.pcap -w names/y.pcap -z names/script
run bash -c 'cd names && exec "$@"' - "$filt" -r ../big.pcap -w -dash.pcap -z "$scratch/after"
is "$status $(tail -1 after.log | cut -d' ' -f3)" '0 ./-dash.pcap' '-z: no name is an option'
run env --ignore-signal=CHLD "$filt" -r big.pcap -w names/y.pcap -z false
is "$status $(said)" '1 filt: -z false: ended with status 1' '-z: SIGCHLD ignored from before'
printf '#!/bin/sh\necho $$ >hangs.pid\nsleep 60\n' >hangs
printf '#!/bin/sh\ntrap "" TERM\necho $$ >hangs.pid\nsleep 60\nsleep 60\n' >deaf
chmod +x hangs deaf
for command in ./hangs ./deaf; do
        rm -f hangs.pid
        start -i b0 -w names/hangs.pcap -z $command
        kill -INT "$pid"
        wait_for 8 test -s hangs.pid
        ok "$command: it is waited for" kill -0 "$pid"
        kill -INT "$pid"
        if [ $command = ./deaf ]; then
                sleep 0.3
                ok 'which does not heed SIGTERM' kill -0 "$pid"
                kill -INT "$pid"
        fi
        finish
        like "$status $(cat live.err)" "^1 .*filt: (-z ./hangs: ended by signal 15|the process .* was killed)" 'until one more signal'
        ok 'and is gone' wait_for 5 gone "$(cat hangs.pid)"
done
mistake 2 '-z has no effect without -w' '-z alone' -r big.pcap -z true
mistake 2 '-z runs its command with the name of a file' '-z and standard output' -r big.pcap -w - -z true

# --- As another user: the files are made all the same

rm names/*
chmod 700 names
start -i b0 -U -C 1 -w names/root.pcap icmp
uid=$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")
for _ in 1 2 3; do pings 200 -s 1400; done
ok 'a file follows after privileges are gone' wait_for 10 at_least 2 names
stop
ok 'which are gone' test "$uid" != 0
is "$status $(packets names/root*.pcap)" '0 1200' 'and all packets are in the files'

mkdir names/gone
start -i b0 -U -C 1 -w names/gone/x.pcap icmp
ln names/gone/x.pcap names/kept.pcap && rm -r names/gone
pings 500 -s 1400
finish
is "$status $(grep -c 'gone/x-1.pcap: No such file' live.err) $(grep -o '[0-9]* packets captured' live.err)" \
        "1 1 $(packets names/kept.pcap) packets captured" 'a folder that is gone: what is counted is what is saved'

done_testing
