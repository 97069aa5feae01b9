#!/bin/bash
# libfilt as others have it: installed, found by pkg-config, linked with the examples; its binary interface; each of
# its allocations failing; threads.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
needs root ip make cc pkg-config mandoc abidiff nm ping perl
build=${BUILD:-build}

# --- Installed

staging=$scratch/staging
make BUILD="$build" install DESTDIR="$staging" PREFIX=/opt/filt >"$scratch/make.out" 2>&1
is "$?" 0 'make install'
library=$staging/opt/filt/lib
is "$(readlink "$library/libfilt.so") $(readlink "$library/libfilt.so.0")" \
        "libfilt.so.0 libfilt.so.0.$(sed -n 's/^VERSION := //p' Makefile)" 'links lead to the library'
export PKG_CONFIG_PATH=$library/pkgconfig PKG_CONFIG_SYSROOT_DIR=$staging
ok 'pkg-config finds it' pkg-config --exists libfilt
is "$(pkg-config --modversion libfilt)" "$(sed -n 's/^VERSION := //p' Makefile)" 'its version'
ok 'the pages can be read' mandoc -Tlint -Wwarning "$staging"/opt/filt/share/man/man3/*.3
is "$(perl -0ne 'print "$_\n" for /FILT_API\s[^(]*?(filt_\w+)\(/g' libfilt/filt.h | sort)" \
        "$(sed -n 's/^\.Fn \(filt_[a-z_]*\) .*/\1/p' docs/man3/*.3 | sort -u)" 'each function has a page'

# --- Names

exported() { nm -Pg --defined-only "$@" | awk 'NF > 2 && $2 != "A" { sub(/@.*/, "", $1); print $1 }' | sort; }
is "$(exported -D "$library/libfilt.so.0")" "$(sed -n 's/^\t\t\(filt_.*\);/\1/p' libfilt/filt.map)" \
        'the shared library exports what its map says'
is "$(exported "$library/libfilt.a")" "$(exported -D "$library/libfilt.so.0")" 'the archive defines no other name'
is "$(nm -Pu "$library/libfilt.a" | grep -E '^(pcap|bpf|btf|json|abort|exit|_exit|std|printf|puts|signal|sigaction|setlocale)')" '' \
        'it prints nothing, ends nothing, and needs no other library'
# Constants with addresses are in .data.rel.ro; what may change is the handle of libpcap.
is "$(nm -P "$library/libfilt.a" | awk '$2 ~ /^[bBC]$/ { print $1 }'; readelf -SW "$library/libfilt.a" |
        sed -n 's/.* \(\.bss[^ ]*\|\.data\.[a-qs-z][^ ]*\) .* \([0-9a-f]*\) 00  WA.*/\1 \2/p' | grep -v ' 000000$')" '' \
        'no variables but one'
echo '#include <filt.h>
int main() { return filt_version() == nullptr; }' >"$scratch/plus.cc"
cc -x c++ -fsyntax-only -Wall -Wextra -Werror -pedantic -Ilibfilt "$scratch/plus.cc" 2>"$scratch/err"
is "$? $(cat "$scratch/err")" '0 ' 'the header is C++ as well'
echo '#include <filt.h>' >"$scratch/plain.c"
ok 'and C11' cc -std=c11 -fsyntax-only -Wall -Wextra -Werror -pedantic -Ilibfilt "$scratch/plain.c"

# --- The binary interface is what it was: `make abi` notes a change that adds to it

abidiff --no-show-locs --header-file2 libfilt/filt.h --drop-private-types libfilt/filt.abi "$build/libfilt.so.0" >"$scratch/abi" 2>&1
is "$? $(cat "$scratch/abi")" '0 ' 'abidiff finds nothing'

# --- The examples, with the shared library and with the archive

for name in attach buffer untrusted; do
        # shellcheck disable=SC2046
        ok "$name.c compiles" cc -Wall -Wextra -Werror "examples/$name.c" $(pkg-config --cflags --libs libfilt) \
                -o "$scratch/$name"
        ok "$name.c compiles with the archive" cc -Wall -Wextra -Werror "examples/$name.c" \
                $(pkg-config --cflags libfilt) "$library/libfilt.a" -lpthread -o "$scratch/$name-static"
done
export LD_LIBRARY_PATH=$library

for buffer in buffer buffer-static; do
        is "$("$scratch/$buffer" 'tcp port 80' <pcaps/tcp-md5.pcap) $("$scratch/$buffer" icmp <pcaps/ping.pcap)" \
                "$("$filt" -r pcaps/tcp-md5.pcap 'tcp port 80' 2>/dev/null | wc -l) of $("$filt" -r pcaps/tcp-md5.pcap 2>/dev/null | wc -l) packets $(
                "$filt" -r pcaps/ping.pcap icmp 2>/dev/null | wc -l) of $("$filt" -r pcaps/ping.pcap 2>/dev/null | wc -l) packets" \
                "$buffer counts as filt does"
done

for untrusted in untrusted untrusted-static; do
        is "$(printf '%s\n' 'arp' 'tcp port http' 'ip6 protochain 6' 'host in /etc/passwd' 'tcp port 99999' |
                "$scratch/$untrusted")" '4,40 0 0 12,21 0 1 2054,6 0 0 262144,6 0 0 0
names are not looked up here: write a number or an address
    tcp port http
    ^^^^^^^^^^^^^
only libpcap can compile this filter, and it may not be used
/etc/passwd: files are not read here
    host in /etc/passwd
    ^^^^^^^^^^^^^^^^^^^
99999 is no port: the highest is 65535
    tcp port 99999
             ^^^^^' "$untrusted refuses what it should"
done
is "$(perl -e 'print "host 1.2.3.4 or " x 300, "arp\n"' | "$scratch/untrusted")" \
        'the expression is longer than the limit of 4096 bytes' 'also what is long'

network_up || exit 1
network_known
in_b "$scratch/attach" b0 'icmp[icmptype] == icmp-echo' 2 >"$scratch/attached" &
attached=$!
ok 'attach listens' wait_for 20 grep -q listening "$scratch/attached"
in_a ping -qc 2 -i 0.2 -s 100 192.0.2.2 >/dev/null
wait "$attached"
is "$? $(cat "$scratch/attached")" '0 listening
142 bytes
142 bytes' 'attach is shown echo requests, and no replies'
hosts=$(perl -e 'print join " or ", map { "src host 10." . ($_ % 250) . "." . int($_ / 250) . ".1" } 0 .. 4999')
: >"$scratch/attached" # that of the one before
in_b "$scratch/attach-static" b0 "icmp and ($hosts or src host 192.0.2.1)" 2 >"$scratch/attached" 2>&1 &
attached=$!
ok 'attach listens with a filter that is too long for a classic program' wait_for 20 grep -q listening "$scratch/attached"
in_a ping -qc 2 -i 0.2 -s 100 192.0.2.2 >/dev/null
wait "$attached"
is "$? $(cat "$scratch/attached")" '0 listening
142 bytes
142 bytes' 'it is shown the same'

# --- Each allocation fails in turn

run timeout 600 "$build/tests/libfilt/allocations" tests/libfilt/expressions.txt
like "$status $out" '^0 [0-9]+ expressions, [0-9]{5,} failures$' 'each call fails for lack of memory, and leaves nothing'
for tried in '1 tcp port 80' '60 ip6 protochain 6'; do # every one, every sixtieth
        expression=${tried#* }
        ok "the same in a process, with libpcap: $expression" timeout 600 "$PWD/$build/tests/tools/failing_allocations" \
                -s "${tried%% *}" "$PWD/$build/tests/preload/fail_allocation.so" "$PWD/$build/tests/libfilt/describe" "$expression"
done

# --- Without libpcap, and by threads at once

is "$(LD_PRELOAD=$PWD/$build/tests/preload/no_library.so "$build/tests/libfilt/describe" arp 2>&1 | tail -1)" 'attached: 1' \
        'without libpcap most filters compile'
is "$(LD_PRELOAD=$PWD/$build/tests/preload/no_library.so "$build/tests/libfilt/describe" 'port http' 2>&1)" \
        'filt: this takes libpcap, which cannot be loaded: no such library here: No such file or directory' 'and others say what they lack'
ok 'eight threads do what one does' timeout 300 "$build/tests/libfilt/threads"

make BUILD="$build" uninstall DESTDIR="$staging" PREFIX=/opt/filt >"$scratch/make.out" 2>&1
is "$? $(find "$staging" ! -type d)" '0 ' 'make uninstall leaves nothing'
done_testing
