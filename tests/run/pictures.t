#!/bin/bash
# filt explain --dot, --svg and --html: the graph matches the program, and the page steps packets as
# cbpf_execute() does, in a real browser and using its keys.

. "$(dirname "$0")/../tap.sh" || exit 1
needs dot chromium perl

steps=${BUILD:-build}/tests/tools/steps
page=$scratch/page.html
long='tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)'

# edges EXPRESSION: the edges the graph should have, from the program: for each jump, the instruction that
# ends the block, its branch and its target.
edges() {
        "$filt" -ddd "$1" | perl -ne '
                ($code, $jt, $jf, $k) = split; $i = $. - 2; next if $i < 0;
                if (($code & 7) == 5 && $code & 0xf0) {
                        push @edges, $jt == $jf ? [$i, "", $i + 1 + $jt]
                                : ([$i, "t", $i + 1 + $jt], [$i, "f", $i + 1 + $jf]);
                } elsif (($code & 7) == 5) { push @edges, [$i, "", $i + 1 + $k] }
                $ends{$i} = 1 if ($code & 7) >= 5 && ($code & 7) <= 6;
                END {
                        $start{$_->[2]} = 1 for @edges; $start{$_ + 1} = 1 for keys %ends; $start{0} = 1;
                        for $at (0 .. $i) { $block = $at if $start{$at}; $block[$at] = $block }
                        $ends{$_ - 1} or push @edges, [$_ - 1, "", $_] for grep { $_ && $_ <= $i } keys %start;
                        print map { "b$block[$_->[0]] -> b$_->[2] e$block[$_->[0]]$_->[1]\n" } @edges;
                }' | sort
}

for expression in 'port 80' "$long" 'icmp6 or vlan 5 and host 192.0.2.1' ''; do
        run "$filt" explain --dot "$expression"
        is "$status $err" '0 ' "--dot '$expression'"
        is "$(sed -n 's/^\t\(b[0-9]* -> b[0-9]*\) \[id="\(e[0-9tf]*\)".*/\1 \2/p' "$scratch/out" | sort)" \
                "$(edges "$expression")" 'its edges are the jumps of the program'
        ok 'Graphviz reads it' dot -Tcanon -o /dev/null "$scratch/out"
done
run "$filt" explain --optimize=size --dot port 80
like "$out" 'id="e18f"[^;]*label="jf"' 'edges are labelled'
like "$out" 'b21 .*class="reject".*fillcolor="#f' 'a reject is coloured'
like "$out" '0  ldh  \[12\] *EtherType' 'instructions have their notes'
like "$("$filt" explain --dot 'len < 5 & 0xff')" 'label="len < 5 &amp; 0xff' 'the expression is escaped'

run "$filt" explain --optimize=size --svg "$scratch/graph.svg" port 80
is "$status $out$err" '0 ' '--svg'
like "$(cat "$scratch/graph.svg")" '<svg.*EtherType.*id="b20" class="node accept".*</svg>' 'it is a drawing'
is "$("$filt" explain --optimize=size --svg - port 80)" "$(cat "$scratch/graph.svg")" '- is standard output'

# What the tests ask a page: step() says what it shows, in the words of tests/tools/steps; walk() all steps
# of all packets, going there by keys.
helpers=$(tr '\n' ' ' <<'SCRIPT'
window.$ = (id) => document.getElementById(id);
window.ids = (selector) => [...document.querySelectorAll(selector)].map((element) => element.id).sort().join(' ');
window.step = () => {
        const [packet, step] = $('step-count').textContent.match(/[0-9]+/g);
        const bytes = [...document.querySelectorAll('#bytes .byte')];
        const read = bytes.filter((byte) => byte.classList.contains('read'));
        const registers = [...$('registers').children].map((group) =>
                group.children[0].textContent + '=' + parseInt(group.children[1].textContent));
        const at = document.querySelector('[aria-current=step] .number').textContent;
        return [packet, step, at, ...registers].join(' ') +
                (read.length ? ' reads ' + bytes.indexOf(read[0]) + ' ' + read.length : '');
};
window.walk = () => {
        const press = (key) => document.dispatchEvent(new KeyboardEvent('keydown', {key}));
        const lines = [];
        for (;;) {
                press('Home');
                lines.push(step());
                while (!$('forward').disabled) {
                        press('ArrowRight');
                        lines.push(step());
                }
                lines.push(lines.at(-1).split(' ')[0] + ' ' + /(accepted|rejected)\.$/.exec($('effect').textContent)[1]);
                if ($('next').disabled)
                        return lines.join('\n');
                press('j');
        }
};
'helpers'
SCRIPT
)

# browse PAGE: gives standard input to tests/browser, `helpers` being what it calls the script above, and
# `--` a line of that; leaves $answers, what came between these lines.
browse() {
        sed -e "s/^helpers$/eval @/; s/^--$/eval '--'/" | HELPERS=$helpers perl -pe 's/^eval \@$/eval $ENV{HELPERS}/' |
                tests/browser "$1" >"$scratch/answers" 2>"$scratch/browser.err"
        is "$? $(cat "$scratch/browser.err")" '0 ' 'the browser'
        mapfile -d $'\x1e' -t answers < <(sed -e '/^helpers$/d' -e 's/^--$/\x1e/' "$scratch/answers")
}

# answer: the next of them.
answered=0
answer() {
        got=$(sed '/^$/d' <<<"${answers[answered]:-}")
        answered=$((answered + 1))
}

# Captures and filters that together cover scratch memory, backward jumps, truncated packets, another link
# type, divisions, shifts and all other operators.
cases=(
        "http.pcap|$long"
        'tcp-s40.pcap|tcp[13] & 2 != 0 or ip[40:4] > 5'
        'ndp.pcap|ip6 protochain 58'
        'sll.pcap|icmp or len * 3 - 7 > 100'
        'dns.pcap|udp[10:2] / ip[1] = 3 or ip[8] % 7 ^ 3 = udp[5] >> 2 | 1'
        'ping.pcap|ip[8] >= 64 and not ip[9] > 1'
        'fragments.pcap|ip[6:2] & 0x1fff << ip[1] != 0 or -ip[2:2] > 4294967000'
)
for i in "${!cases[@]}"; do
        file=${cases[i]%%|*}
        expression=${cases[i]#*|}
        run "$filt" explain --html "$scratch/$i.html" -r "pcaps/$file" "$expression"
        is "$status $out$err" '0 ' "--html, $file, $expression"
        "$steps" "pcaps/$file" "$expression" >"$scratch/$i.wanted"
        ok 'it has steps' test -s "$scratch/$i.wanted"
done

# Text that looks like markup: in a packet (whose IP header has options, for a change), the file's
# name, the expression.
evil="</script ><script >document.title='owned'</script ><img src=x onerror=document.title='owned'><!--<script "
evil_file="$scratch/<b title='x'>&amp;"$'\xff.pcap'
evil_expression='len<1000&0xfff and tcp dst port 80'
EVIL=$evil perl -e '
        my $http = "GET /$ENV{EVIL} HTTP/1.1\r\n\r\n";
        my $tcp = pack("nnNNCCnnn", 1024, 80, 1, 1, 0x50, 0x18, 100, 0, 0) . $http;
        my $packet = pack("H*", "0200000000020200000000010800") . pack("CCnnnCCna4a4", 0x48, 0, 32 + length $tcp, 1, 0, 64,
                6, 0, "\xc0\0\2\1", "\xc0\0\2\2") . "\1" x 12 . $tcp;
        print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1), pack("VVVV", 0, 0, (length $packet) x 2), $packet;
' >"$evil_file"
run "$filt" explain --html "$scratch/evil.html" -r "$evil_file" "$evil_expression"
is "$status $out$err" '0 ' '--html of a capture with markup in it'
"$filt" explain --optimize=size --html "$scratch/bare.html" 'port 80'
"$filt" explain --html "$scratch/beside.html" -r pcaps/http.pcap 'tcp port 80'
"$filt" explain --html "$scratch/tc.html" --at tc 'tcp port 80'

# The program of a thousand hosts is too large for a page to show its graph.
perl -e 'srand 7; print join " or ", map { "host " . join ".", map { 1 + int rand 254 } 1 .. 4 } 1 .. 1000' >"$scratch/hosts"
run timeout 20 "$filt" explain --html "$scratch/large.html" -r pcaps/http.pcap -F "$scratch/hosts"
like "$status $err" '^0 filt: --html: a graph of [0-9]+ blocks is large: the page goes without' 'a large program'

"$filt" explain --dot "$long" >"$scratch/0.dot"
browse "$scratch/0.html" < <(
        for i in "${!cases[@]}"; do
                printf 'open %s\nhelpers\neval walk()\n--\n' "$scratch/$i.html"
        done
        # The first page again, from its start, using the keyboard.
        cat <<COMMANDS
open $scratch/0.html#packet-4
helpers
eval step()
key ArrowRight 7
eval step()
key ArrowLeft
eval step()
key End
eval step()
eval ids('#graph .node.path')
eval ids('#graph .edge.path')
--
key j
eval step()
key ArrowDown 2
key k
key PageDown
key ArrowUp
eval step()
eval \$('packets').getAttribute('aria-activedescendant') + ' ' + ids('[aria-selected=true]')
key PageDown 9
eval step() + ' ' + \$('next').disabled
--
eval \$('forward').focus()
key Enter 2
eval step()
eval \$('graph').focus()
key ArrowDown
key PageUp
eval step()
--
size 400 800
eval (document.documentElement.scrollWidth <= 400) + ' ' + getComputedStyle(\$('controls')).position
eval Math.max(...[...document.querySelectorAll('#bytes .row')].map((row) => row.getBoundingClientRect().right)) <= 400
eval document.querySelectorAll('#bytes .read').length
size 1280 800
eval document.documentElement.scrollWidth + ' ' + document.documentElement.scrollHeight
eval [...document.querySelectorAll('button')].every((button) => button.getAttribute('aria-label'))
--
open $scratch/evil.html
helpers
eval walk()
eval document.title
eval document.querySelector('.packet .line').textContent.includes("$evil")
eval document.querySelector('header p').textContent.includes("<b title='x'>&amp;\ufffd.pcap")
eval document.images.length + ' ' + document.scripts.length
--
open $scratch/bare.html
key ArrowRight
key j
eval document.querySelectorAll('.instruction').length + ' ' + document.querySelectorAll('#graph .node').length
eval getComputedStyle(document.getElementById('controls')).display
eval [...document.querySelectorAll('.instruction')].map((row) => row.querySelector('.number').textContent + ' ' + (row.querySelector('.header') || {}).textContent).filter((line) => !line.includes('undefined')).join(', ')
eval getComputedStyle(document.getElementById('beside-button')).display
--
open $scratch/beside.html
helpers
key b
eval \$('program').hidden + ' ' + \$('beside').hidden + ' ' + \$('beside-button').getAttribute('aria-pressed')
eval document.querySelectorAll('.both .classic li').length + ' ' + document.querySelectorAll('.both .extended li').length
eval window.ports = [...document.querySelectorAll('.both')].find((test) => /TCP source port/.test(test.querySelector('.question').textContent)), ports.querySelector('.question').textContent.match(/TCP source port/g).length
eval [...ports.querySelectorAll('.classic .text')].some((text) => /ldh +\[x \+ 14\]/.test(text.textContent)) + ' ' + [...ports.querySelectorAll('.extended .text')].filter((text) => /r9 \+14|r7 \+54/.test(text.textContent)).length
eval ports.dispatchEvent(new MouseEvent('mouseenter')), [...document.querySelectorAll('#graph text.lit')].map((text) => parseInt(text.textContent)).join(' ')
eval ports.dispatchEvent(new MouseEvent('mouseleave')), document.querySelectorAll('#graph text.lit').length
eval ports.focus(), 1
key Enter
eval ports.getAttribute('aria-current') + ' ' + getComputedStyle(ports).borderLeftColor + ' ' + document.querySelectorAll('#graph text.lit').length
--
key Home
key ArrowRight
eval document.querySelector('.both.current').querySelector('.question').textContent.includes('EtherType') + ' ' + document.querySelector('.both li.now .text').textContent
key b
eval \$('program').hidden + ' ' + \$('beside').hidden
--
open $scratch/tc.html
helpers
eval document.body.classList.contains('alone') + ' ' + document.querySelector('#beside .about').textContent.includes('for tc and link type EN10MB')
--
open $scratch/large.html
helpers
key End
eval document.querySelectorAll('.instruction').length + ' ' + /(accepted|rejected)/.exec(\$('effect').textContent)[1]
--
COMMANDS
)

for i in "${!cases[@]}"; do
        answer
        is "$got" "$(cat "$scratch/$i.wanted")" "each step shown is the machine's: ${cases[i]}"
done
# of_packet N I: its step I of the first case, counted from 1.
of_packet() { grep "^$1 $2 " "$scratch/0.wanted"; }

answer
last=$(grep -c '^4 .*A=' "$scratch/0.wanted")
# The blocks and edges on the path of packet 4.
lit=$(perl -ne '
        $block{$1} = 1 if /^\tb(\d+) \[id/;
        $edge{"$1 $2"} = $3 if /^\tb(\d+) -> b(\d+) \[id="(\w+)"/;
        push @way, $1 if /^4 \d+ (\d+) A=/;
        END {
                @way = grep { $block{$_} } @way;
                print join(" ", sort map { "b$_" } @way), "\n";
                print join(" ", sort map { $edge{"$way[$_ - 1] $way[$_]"} } 1 .. $#way), "\n";
        }' "$scratch/0.dot" "$scratch/0.wanted")
like "$lit" 'b0.* .*e.*f.*e.*t' 'packet 4 goes by several blocks'
is "$got" "$(of_packet 4 1; of_packet 4 8; of_packet 4 7; of_packet 4 "$last"; echo "$lit")" \
        'keys step forward and back, to the end and from a fragment; the path lights up'
answer
is "$got" "$(of_packet 5 1; of_packet 15 1; echo 'packet-15 packet-15'; echo "$(of_packet 22 1) true")" 'keys choose packets'
answer
is "$got" "undefined
$(of_packet 22 3)
undefined
$(of_packet 22 3)" 'buttons work by Enter, and a part that has the focus scrolls instead'
answer
is "$got" 'true fixed
true
2
1280 800
true' 'it fits 400 pixels and 1280'
answer
is "$got" "$("$steps" "$evil_file" "$evil_expression")
$evil_expression - filt
true
true
0 2" 'markup from outside is text'
answer
is "$got" "22 $("$filt" explain --optimize=size --dot port 80 | grep -c '^.b[0-9]* \[id')
none
0 Ethernet, 3 IPv6, 9 IPv4, 13 IPv4, 15 IPv4, 16 UDP or TCP or SCTP, 18 UDP or TCP or SCTP
none" 'without a capture: graph, program, and which header each load reads'
answer
is "$got" "true false true
18 44
2
true 2
5 6 12 13 11
0
1
true rgb(11, 87, 194) 5" 'classic beside extended: pointing at a test, or choosing it, lights up both sides and the graph'
answer
is "$got" "true jeq  #0x800  jt 7  jf 2
false true" 'steps show where they are on both sides'
answer
is "$got" 'false true' 'the place can be chosen'
answer
is "$got" "$("$filt" -ddd -F "$scratch/hosts" | head -n 1) rejected" 'a large program can be stepped'

# An error is one line, and nothing is left half done.
fails() {
        local wanted=$1
        shift
        run "$@"
        is "$status $(wc -l <"$scratch/err")" '1 1' "$wanted: fails with one line"
        like "$err" "$wanted" 'which says so'
}
mkdir "$scratch/folder" "$scratch/bin"
echo before >"$scratch/folder/old.html"
fails 'no/graph.svg: No such file or directory' "$filt" explain --svg "$scratch/no/graph.svg" icmp
fails 'folder: Is a directory' "$filt" explain --html "$scratch/folder" icmp
fails '/dev/full: No space left' "$filt" explain --html /dev/full icmp
fails 'truncated.pcap' "$filt" explain --html "$scratch/folder/old.html" -r pcaps/broken/truncated.pcap icmp
cp pcaps/ping.pcap "$scratch/folder/ping.pcap"
fails 'ping.pcap: is the file being read' "$filt" explain --html "$scratch/folder/ping.pcap" -r "$scratch/folder/ping.pcap" icmp
printf '#!/bin/sh\necho "cannot draw" >&2\nexit 3\n' >"$scratch/bin/dot"
chmod +x "$scratch/bin/dot"
fails "dot failed: cannot draw" tests/in_front "$scratch/bin" "$filt" explain --svg "$scratch/folder/old.html" icmp
hide='for dot in $(type -ap dot) /usr/bin/dot; do mount --bind /dev/null "$dot"; done; exec "$@"'
namespace=-m
[ "$(id -u)" = 0 ] || namespace=-rm
for option in --svg --html; do
        fails 'install Graphviz' unshare $namespace bash -c "$hide" bash "$filt" explain $option "$scratch/folder/old.html" icmp
done
is "$(ls "$scratch/folder") $(cat "$scratch/folder/old.html")" 'old.html
ping.pcap before' 'and what was there is there still, alone'
ok 'the capture, too' cmp pcaps/ping.pcap "$scratch/folder/ping.pcap"
ln -s old.html "$scratch/folder/link.html"
run "$filt" explain --html "$scratch/folder/link.html" icmp
is "$status $(readlink "$scratch/folder/link.html") $(tail -n 1 "$scratch/folder/old.html")" '0 old.html </html>' \
        'a link stays, what it leads to is written'

done_testing
