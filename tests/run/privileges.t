#!/bin/bash
# What a running capture may still do: nothing but capture.

. "$(dirname "$0")/../tap.sh"
. tests/net.sh
. tests/live.sh
needs root tcpdump perl ip ping gcc setcap setpriv strace dot

at_end network_down
network_up || exit 1
chmod 755 "$scratch"
cd "$scratch" || exit 1

here=(ip netns exec "$b")
state() { awk -v wanted="$1" '$1 == wanted ":" { print $2 }' "/proc/$pid/status"; }
capabilities() { grep -c '^Cap[A-Z][a-z]*:.0*$' "/proc/$pid/status"; }

# --- Root

background "${here[@]}" "$filt" -i b0 -w root.pcap icmp
is "$(state Uid)" "$(id -u tcpdump 2>/dev/null || id -u nobody)" 'root becomes another user'
is "$(state Groups) $(capabilities) $(state NoNewPrivs) $(state Seccomp)" ' 5 1 2' \
        'without groups and capabilities, never to get any, and limited in its system calls'
stop
is "$status" 0 'and ends in order'
background "${here[@]}" "$filt" -Z nobody -i b0 icmp
is "$(state Uid) $(capabilities)" "$(id -u nobody) 5" '-Z nobody'
stop
background "${here[@]}" "$filt" -Z root -i b0 icmp
is "$(state Uid) $(capabilities) $(state Seccomp)" '0 5 2' '-Z root: root, but without capabilities'
stop
# Asking for a name in time is a thread's work: none of them, and not the one that captures, is outside.
threads() {
        for task in /proc/"$pid"/task/*; do
                awk '/^(Uid|CapPrm|CapEff|CapBnd|NoNewPrivs|Seccomp):/ { printf " %s", $2 } END { print "" }' "$task/status"
        done | sort | uniq -c | xargs
}
background "${here[@]}" "$filt" --resolve -Z root -i b0 -w names.pcapng icmp
is "$(threads)" "5 0 0000000000000000 0000000000000000 0000000000000000 1 2" '--resolve: all threads are inside'
stop
background "${here[@]}" "$filt" --no-sandbox -i b0 icmp
is "$(state Uid) $(state Seccomp)" '0 0' '--no-sandbox: everything is kept'
stop
mkdir -m 755 outer && mkdir -m 777 outer/inner
cat >after <<'END'
#!/bin/sh
{ id -u; id -g; id -G; grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status | cut -f2; env | grep -cE '^(HOME|USER)='; } | xargs
cat "$1" >"$1.copy" && rm "$1"
END
chmod 755 after
cp "$OLDPWD/pcaps/tcp.pcap" given.pcap
none=0000000000000000
run "$filt" -Z nobody -r given.pcap -w outer/inner/x.pcap -z ./after
is "$status $out $(stat -c '%n %U' outer/inner/*)" \
        "0 $(id -u nobody) $(id -g nobody) $(id -g nobody) $none $none $none $none $none 1 0 outer/inner/x.pcap.copy nobody" \
        '-Z nobody: -z runs as that user without any privileges, and may read and remove the file'
ok 'which has all packets' cmp outer/inner/x.pcap.copy given.pcap
run "$filt" -Z nobody -r given.pcap -w outer/y.pcap
is "$status $(stat -c '%U %G %a' outer/y.pcap)" "0 nobody $(id -gn nobody) 600" 'files are theirs, also in a folder of root'"'"'s'
owner=$(stat -c %U /dev/null)
run "$filt" -Z nobody -r given.pcap -w /dev/null
is "$status $(stat -c %U /dev/null)" "0 $owner" 'but no device'
run "$filt" -r given.pcap -w outer/z.pcap -z ./after
is "$status ${out%% *} $(stat -c '%U' outer/z.pcap.copy)" '0 0 root' 'without -Z, both are the caller'"'"'s'
install -m 700 after secret
mistake 1 '-z ./secret: the user of -Z may not execute it' 'a command that the user may not run' -Z nobody -r given.pcap -w outer/q.pcap -z ./secret
ok 'nothing is written' test ! -e outer/q.pcap
printf 'tcpdump:x:0:0::/:/bin/sh\nnobody:x:0:0::/:/bin/sh\n' >roots
for users in /dev/null roots; do
        background "${here[@]}" unshare -m sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$users" "$filt" -i b0 icmp
        is "$(state Uid) $(state Gid) $(grep -c sandbox: live.err)" '65534 65534 0' "with no such users ($users): the one that is nobody's"
        stop
done
run unshare -m sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' roots "$filt" -Z nobody -r "$OLDPWD/pcaps/ping.pcap" -c 1
like "$status $err" '^0 filt: sandbox: filt is still root, and so is nobody' '-Z with a user that is root by another name: it says so'
run unshare -r true # which a kernel may forbid
if [ "$status" = 0 ]; then
        run unshare -r "$filt" -r "$OLDPWD/pcaps/ping.pcap" -c 1
        like "$status $err" '^0 filt: sandbox: filt is still root: it cannot become another user: ' 'where there is no other user, it says so, too'
fi
mistake 1 '-Z no-such-user: there is no such user' '-Z' -r "$OLDPWD/pcaps/tcp.pcap" -Z no-such-user
mistake 2 '-Z and --no-sandbox exclude each other' 'contradictions' -Z nobody --no-sandbox -i lo

# --- Ordinary users

cp "$filt" capable
setcap cap_net_raw+ep capable
mkdir -m 700 theirs && chown nobody theirs
background "${here[@]}" setpriv --reuid=nobody --regid=nogroup --clear-groups "$scratch/capable" -i b0 -w theirs/x.pcap icmp
# The bounding set is not an ordinary user's to change.
is "$(state Uid) $(capabilities) $(state NoNewPrivs) $(state Seccomp)" "$(id -u nobody) 4 1 2" 'with the capability alone: gone as well'
stop
is "$(stat -c '%U %a' theirs/x.pcap)" 'nobody 600' 'files are the calling user'"'"'s'
run "${here[@]}" setpriv --reuid=nobody --regid=nogroup --clear-groups "$scratch/capable" -i b0 -w root.pcap icmp
like "$status $err" '^1 .*root.pcap: Permission denied' 'and those of others stay closed'
cp "$filt" setuid && chmod 4755 setuid
run "${here[@]}" setpriv --reuid=nobody --regid=nogroup --clear-groups "$scratch/setuid" -i b0 icmp
like "$status $err" '^1 filt: .*setuid' 'as a setuid program it does not run'
ln -s precious link.pcap
run "${here[@]}" "$filt" -i b0 -c 1 -w link.pcap icmp
like "$status $err" '^1 .*link.pcap: is a symbolic link, which root does not follow' 'root follows no link'
precious=$(mktemp /dev/shm/filt-test.XXXXXX) && at_end rm -f "$precious" "$precious.link"
ln -s "$precious" "$precious.link"
for name in "$precious.link" "/dev/..$precious.link"; do
        run "$filt" -r "$OLDPWD/pcaps/ping.pcap" -w "$name"
        like "$status $err $(wc -c <"$precious")" '^1 .*: is a symbolic link, which root does not follow.* 0$' 'nor one below /dev'
done
for name in /dev/stdout /dev/fd/1 /dev/fd/5 /proc/self/fd/5; do
        "$filt" -r "$OLDPWD/pcaps/ping.pcap" -w "$name" 5>five >one 2>err
        ok "but it writes to $name, which is its own" cmp -n 24 "$OLDPWD/pcaps/ping.pcap" "$([ -s one ] && echo one || echo five)"
done
"$filt" -r "$OLDPWD/pcaps/ping.pcap" -w >(cat >substituted) 2>err
ok 'and to what the shell puts there' wait_for 5 cmp "$OLDPWD/pcaps/ping.pcap" substituted

# --- Files are looked into only then

# sandboxed NAME ARGUMENT...: the first byte of ping.pcap is read after the list of system calls is in force.
# What tcpdump, which compare starts, reads is its own affair: there, filt itself is watched.
cp "$OLDPWD/pcaps/ping.pcap" ping.pcap
sandboxed() {
        local name=$1 children=-f
        shift
        [ "$1" != compare ] || children=
        run strace $children -y -o calls -e trace=read,pread64,prctl "$filt" "$@" <<<''
        is "$status $(grep -oE 'PR_SET_SECCOMP,.*= 0|ping.pcap>, .*' calls | cut -c1-9 | head -2 | xargs)" '0 PR_SET_SE ping.pcap' \
                "$name"
}
sandboxed 'capture' -r ping.pcap icmp
sandboxed 'explain' explain --packet 1 -r ping.pcap icmp
sandboxed 'explain --svg' explain --svg x.svg -r ping.pcap icmp
sandboxed 'explain --html' explain --html x.html -r ping.pcap icmp
sandboxed 'debug' debug --trace -r ping.pcap icmp
sandboxed 'compare' compare -r ping.pcap icmp

# --- The programs that filt runs

mkdir "$scratch/bad" && printf '#!/bin/sh\ntouch %q\nexec %q "$@"\n' "$scratch/bad/ran" "$(command -v tcpdump)" >"$scratch/bad/tcpdump"
cat >told <<'END'
#!/bin/sh
env >"$1.env"
END
chmod 755 bad/tcpdump told
cp "$filt" plain
run env PATH="$scratch/bad:$PATH" "$filt" compare -r "$scratch/ping.pcap" icmp
is "$status $(ls bad)" '0 tcpdump' 'root has programs searched in the folders of the system alone'
run env PATH="$scratch/bad:$PATH" setpriv --reuid=nobody --regid=nogroup --clear-groups "$scratch/capable" compare \
        -r "$scratch/ping.pcap" icmp
is "$(ls bad)" 'tcpdump' 'and so has a user whose filt has capabilities'
chmod 777 bad
run env PATH="$scratch/bad:$PATH" setpriv --reuid=nobody --regid=nogroup --clear-groups env "$scratch/plain" compare \
        -r "$scratch/ping.pcap" icmp
is "$(ls bad)" 'ran
tcpdump' 'other users have theirs'
run env LD_DEBUG_OUTPUT=x BASH_ENV=x TZ=UTC "$filt" -r "$scratch/ping.pcap" -z "$scratch/told" -w told.pcap
is "$(cut -d= -f1 told.pcap.env | grep -vE '^(HOME|LANG|LC_ALL|TERM|USER|PWD|SHLVL|_)$' | sort | xargs)" 'PATH TZ' 'and little of the environment is handed on'

# --- A printer taken over by a packet: what it tries is refused

cat >takeover.c <<'END'
/* Preloaded: the first packet printed makes the process try what an intruder would. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void attempt(const char *what, long result)
{
        dprintf(2, "%s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

struct tm *localtime_r(const time_t *time, struct tm *broken)
{
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x7f000001)};
        static int tried;
        int fd;

        if (!tried++ && getenv("TAKEOVER")) {
                attempt("open", open("/etc/passwd", O_RDONLY));
                attempt("create", open("created", O_WRONLY | O_CREAT, 0600));
                attempt("unlink", unlink("precious"));
                fd = socket(AF_INET, SOCK_DGRAM, 0);
                attempt("socket", fd);
                attempt("connect", connect(fd, (struct sockaddr *)&address, sizeof address));
                attempt("exec", execl("/bin/true", "true", NULL));
                attempt("fork", fork());
                attempt("setuid", setuid(0));
                attempt("kill", kill(getppid(), 0));
                attempt("ptrace", ptrace(PTRACE_ATTACH, getppid(), 0, 0));
        }
        return gmtime_r(time, broken);
}
END
sed -i 's/#include <stdio.h>/#include <signal.h>\n#include <stdio.h>\n#include <stdlib.h>/' takeover.c
gcc -shared -fPIC -o takeover.so takeover.c || exit 1
touch precious
pcap=$OLDPWD/pcaps/tcp.pcap
wanted='open create unlink socket exec fork setuid kill ptrace'
# taken_over COMMAND...: runs filt so; $refused is what it tried in vain.
taken_over() {
        run "$@"
        refused=$(grep -E ': (Operation not permitted|Permission denied|Bad file descriptor)$' <<<"$err" | cut -d: -f1 | grep -v connect | xargs)
}
intruder=(env TAKEOVER=1 LD_PRELOAD="$scratch/takeover.so" "$filt")
for sandbox in '' --no-sandbox; do
        taken_over "${intruder[@]}" $sandbox -tttt -c 1 -r "$pcap"
        if [ -z "$sandbox" ]; then
                is "$refused" "$wanted" 'a file is read: open, create, connect, exec and the like are refused'
                is "$status $(wc -l <<<"$out")" '0 1' 'and the packet is printed'
        else
                unlike "$refused" 'open' 'without the sandbox they are not: the test would notice'
        fi
done
touch precious
taken_over "${intruder[@]}" explain --html page.html -r "$pcap" tcp
is "$refused" "$wanted" 'explain --html: they are refused'
is "$status $(tail -n 1 page.html)" '0 </html>' 'and the page is written'
taken_over "${intruder[@]}" compare -r "$pcap" --tcpdump-options '-c 1' tcp
is "$refused" "$wanted" 'compare -r: they are refused'
like "$status $out" '^1 .*Packet 2 of .*Different: [0-9]+ packets' 'and it tells of the packets'
"${here[@]}" ping -q -i 0.05 192.0.2.1 >ping.out 2>&1 &
pinging=$!
taken_over "${here[@]}" "${intruder[@]}" compare -i b0 --duration 1 --tcpdump-options '-Q in' icmp
kill $pinging
is "$refused" "$wanted" 'compare -i: they are refused'
like "$status $out" "^1 .*tcpdump does not have it.*Different: [0-9]+ packets" 'and it tells of the packets'

done_testing
