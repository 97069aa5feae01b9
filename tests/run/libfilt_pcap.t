#!/bin/bash
# libfilt-pcap in front of libpcap: programs of Debian, which know nothing of it, do what they do without it, on files
# and live in private networks; long filters besides.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root ip perl ping tcpdump tshark dumpcap ngrep tcpflow p0f dnstop arpwatch sngrep netsniff-ng \
        nmap unshare pgrep
build=$PWD/${BUILD:-build}
shim=$build/libfilt-pcap.so
pcaps=$PWD/pcaps

is "$(nm -DPu "$shim" | grep -E '^(pcap|bpf|filt)_')" '' 'it can be preloaded where there is no libpcap'
is "$(nm -DPg --defined-only "$shim" | sed 's/ .*//' | sort)" "$(sed -n 's/^\t\t\([bp].*\);/\1/p' libfilt/pcap/pcap.map)" \
        'it exports what its map says'
is "$(LD_PRELOAD=$shim sh -c 'echo well')" well 'such a process does not notice'

# --- libpcap's functions, by each way of reading

for tried in 'dns udp' 'ping icmp[icmptype] == icmp-echo' 'vlan vlan and ip' 'ping less 1' 'tcp-md5 tcp[13] & 2 != 0' 'arp '; do
        capture=$pcaps/${tried%% *}.pcap
        is "$(LD_PRELOAD=$shim "$build/tests/libfilt/pcap_calls" "$capture" "${tried#* }" 2>&1)" \
                "$("$build/tests/libfilt/pcap_calls" "$capture" "${tried#* }" 2>&1)" "each call does the same: $tried"
done

# --- Programs, on files. They run without a network, and so ask nobody for names.

# Numbers that differ from run to run: addresses in memory, seconds of processor time, sizes of processes.
steady() {
        sed -E 's/\(0x[0-9a-f]+\)//g; s/[0-9]+ usec in total//; /<(utime|stime|maxrss|minflt|majflt|nswap|inblock|oublock|clocktime|pid|start_time|execution_environment)/d
                s/ in [0-9.]+ seconds//; s/Starting Nmap.*//; s/(Dialog count: [0-9]+)+//; s/at [0-9-]+ [0-9:]+//; s/[0-9.]+s latency//'
}
# outcome COMMAND: all it prints, its status, and the files it leaves, in an empty folder.
outcome() {
        local folder status
        folder=$(mktemp -d "$scratch/run.XXXXXX")
        (cd "$folder" && eval "timeout -k 5 60 unshare -n $1" >out 2>err </dev/null; echo "status $?" >>out)
        (cd "$folder" && for file in out err $(ls | grep -v -e '^out$' -e '^err$'); do
                echo "-- $file"
                cat "$file"
        done) | tr -d '\0' | steady
        rm -r "$folder"
}
# same COMMAND...: with the library as without it; it prints something, and the library is what compiles.
same() {
        local command plain by_filt
        for command; do
                plain=$(outcome "$command")
                by_filt=$(LD_PRELOAD=$shim outcome "$command")
                is "$by_filt" "$plain" "$command"
                ok '... by filt' bash -c "cd $scratch && LD_DEBUG=bindings LD_PRELOAD=$shim timeout 60 unshare -n $command 2>&1 </dev/null |
                        grep -aE 'binding file [^ ]+ .*to $shim .*pcap_compile'"
        done
}
# dnstop, in which lines of equal counts stand in any order.
cat >"$scratch/dnstop" <<'END'
#!/bin/sh
dnstop "$@" | awk '{ print $1, $2, $3 }' | sort
END
chmod +x "$scratch/dnstop"
same "tcpdump -nr $pcaps/dns.pcap 'udp port 53'" "tcpdump -nr $pcaps/any.pcap icmp" "tcpdump -nr $pcaps/vlan.pcap 'vlan and icmp'" \
        "tcpdump -nr $pcaps/ping.pcap -c 1 'icmp[icmptype] = icmp-echoreply'" \
        "ngrep -qI $pcaps/dns.pcap -W single . port 53" \
        "tcpflow -r $pcaps/http.pcap -o . 'tcp port 80'" \
        "p0f -r $pcaps/http.pcap 'tcp port 80'" \
        "$scratch/dnstop -b 'udp port 53' $pcaps/dns.pcap" \
        "sngrep -N -q -I $pcaps/dns.pcap -O out.pcap udp" \
        "netsniff-ng --in $pcaps/dns.pcap --out out.pcap -s -f 'udp port 53'"
same "bash -c ': >stations; exec arpwatch -d -N -f stations -r $pcaps/arp.pcap'"

# --- Long filters and messages

hosts=$(perl -e 'print join " or ", map { "host 10." . ($_ % 250) . "." . int($_ / 250) . ".1" } 0 .. 999')
is "$(LD_PRELOAD=$shim timeout 60 tcpdump -d "$hosts" 2>"$scratch/err")" "$("$filt" -d "$hosts")" 'tcpdump -d prints the program of filt'
is "$(LD_PRELOAD=$shim tcpdump -dO 'tcp port 80' 2>"$scratch/err")" "$(tcpdump -dO 'tcp port 80' 2>"$scratch/err")" 'with -O that of libpcap'
like "$(LD_PRELOAD=$shim tcpdump -d 'tcp and (' 2>&1)" "tcpdump: the expression ends after '\('" 'errors are those of filt'
is "$(LD_PRELOAD=$shim tcpdump -nr "$pcaps/ping.pcap" "$hosts or host 192.0.2.1" 2>"$scratch/err" | wc -l)" \
        "$(tcpdump -nr "$pcaps/ping.pcap" 'host 192.0.2.1' 2>"$scratch/err" | wc -l)" 'a long filter judges a file'

# --- Live, in a private network

network_up || exit 1
network_known
# live COMMAND...: what it captures of pings that are answered and of other traffic, which goes on until it has enough;
# $scratch/programs has how many extended programs it holds.
traffic() {
        in_a ping -qc 1 -s 100 192.0.2.2
        in_a ping -qc 1 -s 40 192.0.2.2
        in_a bash -c 'echo x >/dev/udp/192.0.2.2/9'
}
# family PROCESS: it, and all that it has started.
family() {
        local child
        echo "$1"
        for child in $(pgrep -P "$1"); do family "$child"; done
}
live() {
        local pid process
        : >"$scratch/live.err" # of the one before, whose words are not to be waited for
        in_b timeout 60 "$@" >"$scratch/live" 2>"$scratch/live.err" &
        pid=$!
        wait_for 20 grep -aqi -e 'listening on' -e 'Capturing on' "$scratch/live.err" || note "$(cat "$scratch/live.err")"
        for process in $(family $pid); do cat /proc/"$process"/fdinfo/*; done 2>"$scratch/gone" | grep -c ^prog_type >"$scratch/programs"
        while kill -0 $pid; do traffic; done >"$scratch/traffic" 2>&1
        wait "$pid"
        sed -E 's/^ +[0-9]+ +[0-9.]+ / /; s/(id|seq)[ =][0-9a-fx\/]+/\1/g; s/ \(.* in [0-9]+\)//' "$scratch/live"
}
expression='icmp[icmptype] == icmp-echo and greater 100'
# More instructions than a socket takes: in the kernel by eBPF, otherwise here. As root, which Debian's tcpdump gives up
# before it sets a filter, and then may load none.
long=$(perl -e 'print join " or ", map { "src host 10." . ($_ % 250) . "." . int($_ / 250) . ".1" } 0 .. 4899')
long="$expression and (src host 192.0.2.1 or $long)"
for interface in b0 any; do
        plain=$(live tcpdump -nt -i $interface -c 2 "$expression")
        like "$plain" 'echo request.*echo request' "tcpdump -i $interface, live"
        is "$(LD_PRELOAD=$shim live tcpdump -nt -i $interface -c 2 "$expression")" "$plain" 'it captures the same'
        is "$(LD_PRELOAD=$shim live tcpdump -nt -i $interface -Z root -c 2 "$long")" "$plain" 'and with a long filter'
        like "$(cat "$scratch/programs")" '^[1-9]' 'which is in the kernel'
        is "$(LD_PRELOAD=$shim live tcpdump -nt -i $interface -c 2 "$long")" "$plain" 'without the right to that'
        is "$(cat "$scratch/programs")" 0 'it is not'
        is "$(FILT_REFUSED_PROGRAMS=1 LD_PRELOAD=$shim:$build/tests/preload/refuse_programs.so live tcpdump -nt -i $interface -Z root -c 2 "$long")" \
                "$plain" 'nor where the kernel takes none'
done
is "$(LD_PRELOAD=$shim live tshark -n -i b0 -c 2 -f 'icmp[icmptype] == icmp-echo and greater 100')" \
        "$(live tshark -n -i b0 -c 2 -f 'icmp[icmptype] == icmp-echo and greater 100')" 'tshark, by dumpcap, whose standard error is a protocol'
like "$(in_b env LD_PRELOAD="$shim" tshark -n -i b0 -c 2 -f 'icmp and (' 2>&1)" "the expression ends after" 'which tells errors, too'
scan() { in_a "$@" nmap -n -Pn -sS -p 9,80 --max-retries 1 192.0.2.2 2>&1 | steady; }
is "$(scan env LD_PRELOAD="$shim")" "$(scan)" 'nmap'
like "$(scan env LD_PRELOAD="$shim")" '80/tcp closed http' '... hears answers'
done_testing
