#!/bin/bash
# filt tcpdump, beside tcpdump: the same output, the same status, for every option of its manual page.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump ip ping perl pgrep

PATH=$PATH:/usr/sbin:/sbin
at_end network_down
network_up || exit 1
cp -r pcaps "$scratch/pcaps"
chmod 755 "$scratch"
cd "$scratch" || exit 1
mkdir bin tcpdump-files filt-files
ln -s "$filt" bin/tcpdump

# --- Files: standard output, standard error and status are the same.

# alike ARGUMENT...
alike() {
        in_a timeout -s INT 20 tcpdump "$@" >want 2>want.err </dev/null
        echo "status $?" >>want
        in_a timeout -s INT 20 bin/tcpdump "$@" >got 2>got.err </dev/null
        echo "status $?" >>got
        ok "tcpdump $*" cmp want got
        [ -z "${errors-}" ] || ok 'with the same on standard error' cmp want.err got.err
}

errors=yes
for options in '' -n -nn -e -q -S -v -vv -vvv -x -xx -X -XX -A -AA -t -tt -ttt -tttt -ttttt -# -K -N -b -u -H -l -U -O -p \
        --number --dont-verify-checksums --absolute-tcp-sequence-numbers --nano --micro --count '-c 2' \
        '--time-stamp-precision nano' '--time-stamp-precision=micro' '-s 96' '-B 4096' '-I' \
        '--immediate-mode' '-Z root' '-a' '-L' '-C 1' '-G 1' '-W 3' '-z true' '-j host' '-XA' '-AX' '-Ax' '-xX' '-xA' '-xAx' \
        '-i a0' '-y EN10MB' '-c 1 -c 3' '--print' '--packet-buffered' -J '-m x' -nvet; do
        # shellcheck disable=SC2086 # several words
        alike $options -r pcaps/tcp.pcap
done
alike -r pcaps/ping.pcap -nr pcaps/arp.pcap
alike -r pcaps/dns.pcap 'udp port 53 and host 192.0.2.2'
alike -nr pcaps/tcp.pcap tcp port 5000 and 'tcp[tcpflags] & tcp-syn != 0'
alike -nr pcaps/nanosecond.pcap
alike --nano -nr pcaps/nanosecond.pcap
alike -nr pcaps/sample.pcapng
# Numbers that no clock gives: fractions of a second and more, and the time 0 first.
perl -e 'print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101);
        print pack("VVVV", @$_, 1, 1), "x" for [0, 0], [1, 1e6], [1, 0], [3, 0xffffffff], [3, 1 << 31], [0, 0], [3, (1 << 31) - 1], [9, 7], [9, 5]' \
        >stamps.pcap
{ printf '\x4d\x3c' && tail -c +3 stamps.pcap; } >nano-stamps.pcap
for options in '' -tt -ttt -tttt -ttttt '-w -'; do
        for file in stamps nano-stamps; do
                # shellcheck disable=SC2086
                alike -nr $file.pcap $options
                # shellcheck disable=SC2086
                alike -nr $file.pcap --nano $options
        done
done
printf 'icmp # comment\n' >expression
alike -nr pcaps/ping.pcap -F expression
alike -nr pcaps/ping.pcap -F expression no such words
printf '%s\n' pcaps/ping.pcap pcaps/arp.pcap >list
alike -nV list
printf '%s\n' pcaps/arp.pcap pcaps/ping.pcap pcaps/any.pcap pcaps/ping.pcap >backwards
alike -nV backwards
for options in '-c 3' '-c 2 icmp' '-#' -ttt -ttttt --count; do
        # shellcheck disable=SC2086
        alike -nV backwards $options
done
for type in domain radius snmp tftp vxlan; do
        alike -nT $type -r pcaps/udp.pcap
        alike -nvT $type -r pcaps/odd.pcap udp
done
for value in '-T Domain' '-Q IN' '-j Host' '-y en10mb' '--time-stamp-precision MICRO'; do
        # shellcheck disable=SC2086
        alike -nr pcaps/udp.pcap $value
done
# Numbers, with what is behind them, too large ones and none, and other values that are not taken.
for number in 0 1 01 +2 -1 ' 1' 1x 1.5 x 0x2 010 2147483648 4294967297 99999999999 99999999999999999999; do
        for option in -c -s -B; do
                alike -nr pcaps/ping.pcap $option "$number"
        done
        for option in '-C 1 -W' '-G 1000 -W' -C -G; do
                # shellcheck disable=SC2086
                alike -r pcaps/ping.pcap -w "$scratch/w" -Z root $option "$number"
        done
done
for value in '-B 2097152' '-B 4194305' '-C 9223372036854' '-C 9223372036855' '-Q up' '-T nosuch' '-y NOSUCH' '-j nosuch' \
        '--time-stamp-precision x'; do
        # shellcheck disable=SC2086
        alike -nr pcaps/ping.pcap $value
done

# Files that are none, or break off, and expressions that do not compile.
head -c 100 pcaps/ping.pcap >broken
head -c 10 pcaps/ping.pcap >short
: >empty
perl -pe 'substr($_, 4, 1) = "\x09" if $. == 1' pcaps/ping.pcap >version
perl -0777 -pe 'substr($_, 32, 4) = pack "V", 9999999' pcaps/ping.pcap >long
# Of its first section the second length, which tcpdump does not look at, and the same of a later one.
perl -0777 -pe 'substr($_, unpack("V", substr $_, 4, 4) - 4, 4) = "\5\0\0\0"' pcaps/sample.pcapng >trailer
cat pcaps/sample.pcapng trailer >later-trailer
for minor in 1 2; do perl -0777 -pe "substr(\$_, 14, 1) = chr $minor" pcaps/sample.pcapng >version-1.$minor; done
for version in 1.7 2.0; do # of a second section
        { cat pcaps/sample.pcapng; perl -0777 -pe "substr(\$_, 12, 4) = pack 'v2', split /\\./, '$version'" pcaps/sample.pcapng; } >later-$version
done
for file in nosuch broken short empty version version-1.1 version-1.2 trailer later-trailer later-1.7 later-2.0 long list; do alike -nr $file; done
for expression in foo 'tcp prot 80' '(' ')' help 'host 300.1.1.1' 'net 192.0.2.1/24' 'vlan 9999' 'tcp[0:3] = 1' 'len / 0 = 1' 'portrange 5-x' \
        'tcp port nosuch' 'gateway x' 'wlan type foo' 'ip proto nosuch' 'arp port 1'; do
        alike -nr pcaps/ping.pcap "$expression"
        alike -d "$expression"
        alike -d -y RAW "$expression"
done
for options in -d -d\ -e -d\ -i\ a0 -d\ -y\ RAW; do
        # shellcheck disable=SC2086
        in_a tcpdump $options icmp 2>want.err >/dev/null
        # shellcheck disable=SC2086
        in_a bin/tcpdump $options icmp 2>got.err >/dev/null
        ok "tcpdump $options says of the link type what tcpdump does" cmp want.err got.err
done

for program in -d -dd -ddd '-d -O' '-d -y RAW' '-dO -i a0'; do
        # shellcheck disable=SC2086
        ok "tcpdump $program lists a program" in_a bin/tcpdump $program icmp
done

# What is not there.
for options in '-i nosuch' '-i nosuch -L' '-i nosuch -d icmp' '-V nosuch' '-i a0 -F nosuch'; do
        # shellcheck disable=SC2086
        alike $options
done

# Options that are not there, among them filt's own, or that lack a value. The program's name, its versions and the order
# of several names that begin alike are left out.
for mask in 022 077; do
        run bash -c "umask $mask; rm -f mode; '$PWD/bin/tcpdump' -r pcaps/ping.pcap -w mode"
        their=$(bash -c "umask $mask; rm -f mode.theirs; tcpdump -Z root -r pcaps/ping.pcap -w mode.theirs" 2>&1; stat -c %a mode.theirs)
        is "$status $(stat -c %a mode)" "0 ${their##*$'\n'}" "the mode of files under a umask of $mask"
done
usage_shape() { sed -E "s|^[^ ]*tcpdump: |tcpdump: |; s/^(tcpdump version [0-9.]+) \\(filt .*/\\1/; /^OpenSSL /d" "$1" |
        perl -pe 's/possibilities:\K.*/join "", sort split m{(?= )}, $&/e'; }
for mistake in -@ -k -r -n@ -Z --foo --foo=3 --snap --snapshot-length --number=3 --n --time-stamp --version -nZ --wait --no-progress \
        --program=x '--program x' --at=xdp --stats --deep --hints --no-hints --optimize --optimize=size --no-jit --format=c --comment=x \
        --duration=1 --size=1 --sync --resolve --color=always --json --no-sandbox --progress; do
        # shellcheck disable=SC2086
        in_a timeout 20 tcpdump -r pcaps/ping.pcap $mistake >want.out 2>want.err
        echo "status $?" >>want.out
        # shellcheck disable=SC2086
        in_a timeout 20 bin/tcpdump -r pcaps/ping.pcap $mistake >got.out 2>got.err
        echo "status $?" >>got.out
        for file in {want,got}.{out,err}; do usage_shape $file >$file.shape; done
        ok "tcpdump $mistake: the same is said" cmp want.err.shape got.err.shape
        ok 'with the same on standard output' cmp want.out.shape got.out.shape
done
run bin/tcpdump --help
like "$out" '^tcpdump version 4\.99\.3 \(filt .*libpcap version .*Usage: filt tcpdump ' '--help begins with the versions'
unlike "$out" '--(json|deep|resolve|no-sandbox)' 'and has none of the options of filt alone'
for option in '--lengths' '--print-sampling 2' '--skip 1' -g; do
        # shellcheck disable=SC2086
        ok "options of tcpdump's next release are taken: $option" bin/tcpdump -nr pcaps/ping.pcap $option
done
errors=yes
alike --fp-type
run bin/tcpdump --time-t-size
is "$status $out" '0 64' "an option of tcpdump's next release: --time-t-size"
alike -i 99
: >empty
for mistake in '-F nosuch' '-F nosuch icmp' '-F .' '-F nosuch -w written' '-F nosuch -y nosuch' '-F -'; do
        # shellcheck disable=SC2086
        alike -nr pcaps/ping.pcap $mistake <expression
done
for mistake in '-nr nosuch -F nosuch' '-d -F nosuch' '-d -F .' '-dd -y RAW -F -' '-L -i a0 -F nosuch' '-n -V .' '-n -V empty' '-V nosuch' \
        '-D -F nosuch' '-f -V list' '-f -r nosuch' '-V list -r list' '-Z nosuch -i a0'; do
        # shellcheck disable=SC2086
        alike $mistake </dev/null
done
unset errors

# What filt says of other mistakes is its own.
unset errors
alike -nr pcaps/any.pcap -e icmp
alike -nr - -c 1
for mistake in -Q '-Q up' -tttttt '-V list -r list' -c '-c x' '-c 0' '-s 300000' '-B 0' '--zzz' '-y NOSUCH' '-r nosuch' '-r list' '-T nosuch' \
        '-r pcaps/ping.pcap no such' '-W 0 -w x' '-C 0 -w x' '-f -r pcaps/ping.pcap' \
        '-F nosuch -r pcaps/ping.pcap' '-r pcaps/ping.pcap -w nosuch/x' '-d foo' '-k' '-m' '-j nosuch -i a0'; do
        # shellcheck disable=SC2086
        alike $mistake
done

# --- Live

# both ARGUMENT...: the same of a live capture.
both() {
        in_a timeout -s INT 10 tcpdump "$@" >want 2>want.err
        echo "status $?" >>want
        in_a timeout -s INT 10 bin/tcpdump "$@" >got 2>got.err
        echo "status $?" >>got
        sed -i 's/seq [0-9]*/seq/' want got
        sed -i 's|^[0-9]* packets* received|N received|; s|^[0-9]* packets* dropped|N dropped|' want.err got.err
        ok "live: tcpdump $*" cmp want got
        ok 'with the same on standard error' cmp want.err got.err
}
both -D
both -L -i a0
both -L -i any
both -J -i a0
both -i a0 -y LINUX_SLL -c 1
both -i any -y EN10MB -c 1
both -i any -y LINUX_SLL2 -L
both -i lo -y DOCSIS -L
both -i lo -y DOCSIS
both -i a0 -y docsis ip
both -i any no such
both -i any -L -j adapter
both -i nosuch -j adapter
both -i a0 -j host_hiprec -y LINUX_SLL
both -i a0 -I
both -i any -I -L
ip -n "$a" link add down0 type veth peer name down1
for options in -n -L '-y LINUX_SLL' 'no such' '-j adapter' "-w $scratch/nothing"; do
        # shellcheck disable=SC2086 # several words
        both -i down0 $options
done
in_a ping -q -i 0.2 192.0.2.2 >/dev/null &
at_end kill $!
# Where it is stopped after two packets, the counts depend on when.
both -n -q -t -i a0 -c 2 'icmp[icmptype] = icmp-echo'
both -n -q -t -i a0 -c 2 -j adapter_unsynced 'icmp[icmptype] = icmp-echo'
both -n -q -t -i a0 -c 1 -s 18 -y DOCSIS 'len = 98 and link[34] = 8'
both -n -t -i any -c 2 'icmp[icmptype] = icmp-echo and link[10] = 4'
both -n -t -e -i any -y LINUX_SLL -c 2 'icmp[icmptype] = icmp-echo and link[0:2] = 4'

# What happens to an interface.
while read -r change; do
        rm -f tcpdump.err bin/tcpdump.err
        for program in tcpdump bin/tcpdump; do
                ip -n "$a" link add c0 type veth peer name c1
                ip -n "$a" link set c0 up
                ip -n "$a" link set c1 up
                ip netns exec "$a" env --default-signal=INT timeout --foreground 30 "$program" -n -i c0 net 192.0.2.0/24 >changed 2>$program.err &
                changing=$!
                ok "$program listens" wait_for 10 grep -q '^listening' $program.err
                eval "ip -n $a link $change"
                [ "$change" = 'del c0' ] || kill -INT "$(pgrep -P $changing)"
                wait $changing
                echo "status $?" >>$program.err
                sed -i 's/^[0-9]* packets* /N packets /' $program.err
                ip -n "$a" link del c1 2>ignored
        done
        is "$(cat bin/tcpdump.err)" "$(cat tcpdump.err)" "and on 'ip link $change' says the same"
done <<-'CHANGES'
        del c0
        set c0 down
        set c0 down; ip -n "$a" link set c0 up
        set c0 mtu 1400
        set c1 down
CHANGES

for program in tcpdump bin/tcpdump; do
        ip netns exec "$a" env --default-signal=INT timeout --foreground 30 $program -Z root -n -v -i a0 -w got.pcap icmp 2>$program.got &
        counting=$!
        ok "$program -v -w says how many have come" wait_for 10 grep -qP 'Got [1-9][0-9]*\r(.*\r)?Got [0-9]+\r' $program.got
        kill -INT $counting
        wait $counting
done
is "$(tr -d 0-9 <bin/tcpdump.got | sed 's/\(Got \r\)*//; s/packet /packets /')" \
        "$(tr -d 0-9 <tcpdump.got | sed 's/\(Got \r\)*//; s/packet /packets /')" 'and the rest in the same words'
for program in tcpdump bin/tcpdump; do
        [ $program = tcpdump ] && folder=tcpdump-files || folder=filt-files
        in_a timeout -s INT 20 $program -Z root -n -i a0 -G 1 -W 2 -w "$folder/g.pcap" icmp 2>$folder.err
        in_a timeout -s INT 20 $program -Z root -n -i a0 -c 3 -U -w "$folder/x.pcapng" icmp 2>>$folder.err
done
alike -nr pcaps/ping.pcap -Z root -w written --print --count
for program in tcpdump bin/tcpdump; do
        mkdir turned
        $program -Z root -r pcaps/ping.pcap -C 1 -w turned/z.pcap -z rm 2>turned.err
        ok "$program -z: the last file stays" test -s turned/z.pcap
        rm -r turned
done
is "$(head -c 4 filt-files/x.pcapng | od -An -tx1)" "$(head -c 4 tcpdump-files/x.pcapng | od -An -tx1)" 'a file is classic pcap whatever its name'
perl -e 'print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1);
        print pack("VVVV", $_, 0, 60000, 60000), "\0" x 60000 for 1 .. 60' >large.pcap
for program in tcpdump bin/tcpdump; do
        [ $program = tcpdump ] && folder=tcpdump-files || folder=filt-files
        $program -Z root -r large.pcap -C 1 -w $folder/c.pcap 2>>$folder.err
        $program -Z root -r large.pcap -C 1 -W 12 -w $folder/w.pcap 2>>$folder.err
done
# Standard output is the first file.
for program in tcpdump bin/tcpdump; do
        [ $program = tcpdump ] && folder=tcpdump-files || folder=filt-files
        path=$(realpath -s "$(command -v $program)")
        mkdir $folder/dash
        for options in '-C 1' '-C 1 -W 3' '-G 1' '-z rm'; do
                # shellcheck disable=SC2086 # several words
                (cd $folder/dash && "$path" -Z root -r ../../large.pcap -w - $options >>output 2>>../../$folder.dash)
                echo "status $?" >>$folder.dash
        done
done
ok '-w - with -C, -G and -z: the same files' diff -r tcpdump-files/dash filt-files/dash
is "$(ls filt-files/dash)" "$(printf '%s\n' -0 -1 -2 -3 output)" 'that is, standard output and those behind it'
ok 'with the same on standard error' cmp tcpdump-files.dash filt-files.dash
is "$(cd filt-files && stat -c '%n %s' c* w* g.pcap | sed 's/g.pcap.*/g.pcap/')" \
        "$(cd tcpdump-files && stat -c '%n %s' c* w* g.pcap | sed 's/g.pcap.*/g.pcap/')" 'the files of -C, -W and -G have the same names'

# --- The link, and the subcommand

run "$filt" tcpdump -ntr pcaps/ping.pcap
is "$out" "$(bin/tcpdump -ntr pcaps/ping.pcap 2>/dev/null)" 'filt tcpdump is the same as the link'
ln -s "$filt" bin/filt-tcpdump
is "$(bin/filt-tcpdump -ntr pcaps/ping.pcap 2>/dev/null)" "$out" 'and so is filt-tcpdump'

done_testing
