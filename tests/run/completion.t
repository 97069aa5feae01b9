#!/bin/bash
# Installation, and the completions: those of bash and fish driven as the shell drives them, those of bash and zsh
# also in an interactive shell.

. "$(dirname "$0")/../tap.sh"
needs make script mandoc zsh fish

completion=$PWD/${BUILD:-build}/filt.bash
PATH=$PWD:$PATH

# --- make install

destination=$scratch/staging
make BUILD="${BUILD:-build}" install DESTDIR="$destination" PREFIX=/opt/filt >"$scratch/make.out" 2>&1
is "$?" 0 'make install'
is "$(cd "$destination" && find . -type f -printf '%m %p\n' | grep -v -e /man3/ -e /include/ -e /lib/ | sort)" '644 ./opt/filt/share/bash-completion/completions/filt
644 ./opt/filt/share/filt/filt.schema.json
644 ./opt/filt/share/fish/vendor_completions.d/filt.fish
644 ./opt/filt/share/man/man1/filt.1
644 ./opt/filt/share/zsh/site-functions/_filt
755 ./opt/filt/bin/filt' 'the program, its manual page and the completions'
like "$("$destination/opt/filt/bin/filt" --version)" '^filt [0-9]' 'it runs'
ok "the page can be read" mandoc -Tlint -Wwarning "$destination/opt/filt/share/man/man1/filt.1"
ok 'the completion is the one that is tested here' cmp "$destination/opt/filt/share/bash-completion/completions/filt" "$completion"
make BUILD="${BUILD:-build}" uninstall DESTDIR="$destination" PREFIX=/opt/filt >"$scratch/make.out" 2>&1
is "$? $(find "$destination" ! -type d)" '0 ' 'make uninstall leaves nothing'

# --- Completion

# complete_line WORD...: the completions of the last of these words, sorted, on one line.
complete_line() {
        bash --norc -c '. "$0" && COMP_WORDS=("$@") && COMP_CWORD=$(($# - 1)) &&
                _filt filt "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" &&
                ((${#COMPREPLY[@]})) && printf "%s\n" "${COMPREPLY[@]}" | LC_ALL=C sort -u | paste -sd " "' "$completion" "$@" 2>&1
}

# completes WANTED WORD...: the last word is completed to WANTED.
completes() {
        local wanted=$1
        shift
        is "$(complete_line "$@")" "$wanted" "$*"
}

# offers PATTERN WORD...: something offered for the last word matches the pattern.
offers() {
        local pattern=$1
        shift
        like " $(complete_line "$@") " " $pattern " "$*: $pattern"
}

completes 'write-trace' filt wri
completes 'host' filt hos
offers 'demo' filt ''
offers 'icmp6-echoreply' filt ''
unlike " $(complete_line filt icmp d) " ' demo ' 'a subcommand is the first word only'
completes 'portrange' filt -d tcp and portr
completes 'portrange' filt -n -r x.pcap not portr
completes 'tcp and portrange' filt -d "'tcp and portr"
completes 'tcp and (portrange' filt "\"tcp and (portr"
completes 'port portrange' filt compare -r x.pcap por
completes '' filt write-trace por

# What is offered depends on the word before.
completes '[ and dst or port portrange src' filt -n tcp ''
completes 'and or port portrange' filt tcp dst ''
completes 'and host net or' filt udp or ip6 src ''
completes 'and host or' filt ether src ''
completes 'and host net or port portrange' filt udp and src ''
completes '[ and dst or port portrange src' filt -r x.pcap not udp ''
completes 'and host net or' filt explain ip src ''
completes '[ and or' filt icmp ''
completes 'in' filt port ''
completes 'and or' filt port 80 ''
completes 'and or' filt host 1.2.3.4 ''
completes '' filt portrange ''
completes 'tcp and dst' filt "'tcp and ds"
completes 'not (tcp dst' filt "'not (tcp ds"
offers 'icmp' filt -r x.pcap ''
offers 'icmp' filt tcp and ''
unlike " $(complete_line filt tcp and '') " ' (and|or|in|mask) ' 'no connective behind another'
offers 'tcp' filt debug ''
unlike " $(complete_line filt debug '') " ' (and|demo) ' 'nor at the beginning'
# What is offered can be meant: something of it compiles.
for word in tcp ip ip6 arp ether icmp src; do
        for next in $(complete_line filt "$word" ''); do
                for rest in '' ' 80' ' 1.2.3.4' ' 2-3' ' 1.2.3.0/24' ' ::1' ' port 80' ' host 1.2.3.4' ' tcp' ' 6' ' 02:00:00:00:00:01' '0] = 1' ' dst port 80'; do
                        "$filt" -d "$word $next$rest" >"$scratch/out" 2>&1 && continue 2
                done
                echo "$word $next"
        done
done >"$scratch/meant"
is "$(cat "$scratch/meant")" '' 'what is offered behind a word can stand there'

completes '--list-data-link-types --list-interfaces --list-time-stamp-types' filt --list
completes '--optimize' filt --opti
offers '-d' filt -
offers '--direction' filt -
completes '--duration' filt compare --du
completes '--full' filt compare --fu
offers '--duration' filt write-trace --
unlike " $(complete_line filt write-trace --) " ' --format ' 'a subcommand has options of its own'
unlike " $(complete_line filt debug --) " ' --format ' 'and not those of another that its help speaks of'

completes 'asm' filt -d --format a
completes 'asm' filt -d --format = a
completes 'asm c d dd ddd ebpf ebpf-c elf iptables json tc' filt -d --format =
completes 'cgroup nf socket tc xdp' filt -d --format ebpf --at =
completes 'pcap pcapng' filt -w x --format p
completes 'unoptimized' filt explain --stage u
completes 'in inout' filt -Q i
completes 'in inout out' filt --direction ''
completes 'micro nano' filt --time-stamp-precision ''
offers any filt -i ''
offers lo filt -i ''
completes 'lo' filt --interface l
completes 'EN10MB ENC' filt -d -y EN
completes 'pcaps/ping-s40.pcap pcaps/ping.pcap' filt -r pcaps/ping
completes 'pcaps/ping.pcap' filt --program pcaps/ping.
completes 'pcaps/ping.pcap' filt compare -r pcaps/ping.
completes '' filt -c ''
completes '' filt compare --duration ''
completes 'true truncate' filt write-trace -- tru

# It offers exactly what exists.
is "$(complete_line filt -y '')" "$(grep -v '^#' tests/corpus.txt | cut -f 1 | grep . | LC_ALL=C sort -u | paste -sd ' ')" \
        'the link types are those of the corpus'
keywords=$(bash --norc -c '. "$0" && _filt_words_of ""' "$completion")
is "$(tr ' ' '\n' <<<"$keywords" | grep -v '^in$' | grep -c .)" "$(cat cbpf/syntax/lex.c cbpf/syntax/dialect.c | grep -Eo '\{"[a-z][^"]*", (TOKEN|DIALECT)_' | sort -u | grep -c .)" 'the keywords are all of the compiler'\''s'
missing=
for word in $(grep -vh '^#' tests/expressions.txt tests/corpus.txt | sed 's/^[^\t]*\t//' | grep -oE '\b[a-z][a-z0-9-]*[a-z0-9]\b' | sort -u); do
        [[ " $keywords " == *" $word "* ]] && continue
        "$filt" -d -- "$word" >"$scratch/out" 2>&1 && missing+=" $word"
done
is "$missing" '' 'no other word of the corpus stands for a filter'
for option in $("$filt" --help | grep -oE -- '--[a-z-]+[a-z]' | sort -u); do
        [[ " $(complete_line filt "$option") " == *" $option "* ]] || echo "$option"
done >"$scratch/missing"
is "$(cat "$scratch/missing")" '' 'every option that --help tells of is offered'

# --- In use

printf '%s\n' ". '$completion'" $'filt -d -y RAW \'ip and po\t 5\' | sed s/ret/found/' exit |
        TERM=dumb timeout 20 script -qec 'bash --norc -i' /dev/null >"$scratch/typed" 2>&1
like "$(cat "$scratch/typed")" 'found +#262144' 'a tab key inside quotes, in an interactive bash'

printf '%s\n' 'autoload -U compinit; compinit -u -D' ". '${completion%bash}zsh'" \
        $'filt expl\t --stage=unop\t -y RA\t icmp and ip\t6 | sed s/ret/found/' exit |
        TERM=dumb timeout 20 script -qec 'zsh -f -i' /dev/null >"$scratch/typed" 2>&1
like "$(cat "$scratch/typed")" 'found +#262144' 'tab keys in an interactive zsh'

printf '%s\n' 'autoload -U compinit; compinit -u -D' ". '${completion%bash}zsh'" \
        $'filt -d tcp portr\t 5-6 and \'udp sr\t portr\t 7-8\' | sed s/ret/found/' exit |
        TERM=dumb timeout 20 script -qec 'zsh -f -i' /dev/null >"$scratch/typed" 2>&1
like "$(cat "$scratch/typed")" 'found +#' 'words that may follow, in and without quotes'

# fish_offers WANTED LINE: what fish offers at the end of the line.
fish_offers() {
        is "$(fish --no-config -c '. $argv[1]; complete -C $argv[2]' "${completion%bash}fish" "$2" 2>&1 |
                cut -f 1 | sort | paste -sd ' ')" "$1" "fish: $2"
}
fish_offers 'explain' 'filt exp'
fish_offers '--stage' 'filt explain -y RAW --sta'
fish_offers 'ast cbpf ebpf graph native passes unoptimized' 'filt explain --stage '
fish_offers 'pcap pcapng' 'filt -w x --format '
fish_offers 'asm' 'filt -d --format a'
fish_offers 'lo' 'filt -i l'
fish_offers 'pcaps/ping-s40.pcap pcaps/ping.pcap' 'filt compare -r pcaps/ping'
fish_offers 'EN10MB ENC' 'filt -y EN'
fish_offers 'port portrange' 'filt icmp or por'
fish_offers '[ and dst or port portrange src' 'filt -n tcp '
fish_offers 'and or' 'filt port 80 '
fish_offers 'port portrange' 'filt tcp por'
fish_offers 'and or port portrange' 'filt tcp dst '
fish_offers 'and host net or port portrange' 'filt udp and src '
fish_offers 'no-route no-rule' 'filt demo no-'
fish_offers 'true truncate' 'filt write-trace -- tru'

done_testing
