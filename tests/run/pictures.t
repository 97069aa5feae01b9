#!/bin/bash
# filt explain --dot, --svg and --html: the graph is the program's, and the page steps packets as
# cbpf_execute() does, in a real browser and by its keys.

. "$(dirname "$0")/../tap.sh"
needs dot chromium perl

steps=${BUILD:-build}/tests/tools/steps
page=$scratch/page.html
long='tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)'

# edges EXPRESSION: what the graph should have, from the program: for each jump the instruction that
# ends the block, its branch and where it leads.
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
run "$filt" explain --dot port 80
like "$out" 'id="e18f"[^;]*label="jf"' 'edges are labelled'
like "$out" 'b21 .*class="reject".*fillcolor="#f' 'a reject is coloured'
like "$out" '0  ldh  \[12\] *EtherType' 'instructions have their notes'
like "$("$filt" explain --dot 'len < 5 & 0xff')" 'label="len < 5 &amp; 0xff' 'the expression is escaped'

run "$filt" explain --svg "$scratch/graph.svg" port 80
is "$status $out$err" '0 ' '--svg'
like "$(cat "$scratch/graph.svg")" '<svg.*id="b20" class="node accept".*EtherType.*</svg>' 'it is a drawing'
is "$("$filt" explain --svg - port 80)" "$(cat "$scratch/graph.svg")" '- is standard output'

# Every step of every packet, as the page shows it while keys are pressed, in the words of tests/tools/steps.
collect=$(tr '\n' ' ' <<'SCRIPT'
(() => {
        const $ = (id) => document.getElementById(id);
        const press = (key) => document.dispatchEvent(new KeyboardEvent('keydown', {key}));
        window.shown = () => {
                const [packet, step] = $('step-count').textContent.match(/[0-9]+/g);
                const bytes = [...document.querySelectorAll('#bytes .byte')];
                const read = bytes.filter((byte) => byte.classList.contains('read'));
                const registers = [...$('registers').children].map((group) =>
                        group.children[0].textContent + '=' + parseInt(group.children[1].textContent));
                const at = document.querySelector('[aria-current=step] .number').textContent;
                return [packet, step, at, ...registers].join(' ') +
                        (read.length ? ' reads ' + bytes.indexOf(read[0]) + ' ' + read.length : '');
        };
        window.verdict = () => /(accepted|rejected)\.$/.exec($('effect').textContent)[1];
        const lines = [];
        for (;;) {
                press('Home');
                lines.push(shown());
                while (!$('forward').disabled) {
                        press('ArrowRight');
                        lines.push(shown());
                }
                lines.push(lines.at(-1).split(' ')[0] + ' ' + verdict());
                if ($('next').disabled)
                        return lines.join('\n');
                press('j');
        }
})()
SCRIPT
)

# Captures and filters that between them use scratch memory, jumps back, packets cut short, other link
# types, divisions by zero, shifts and every operator.
cases=(
        "http.pcap|$long"
        'tcp-s40.pcap|tcp[13] & 2 != 0 or ip[40:4] > 5'
        'ndp.pcap|ip6 protochain 58'
        'sll.pcap|icmp or len * 3 - 7 > 100'
        'dns.pcap|udp[10:2] / ip[1] = 3 or ip[8] % 7 ^ 3 = udp[5] >> 2 | 1'
        'fragments.pcap|ip[6:2] & 0x1fff << ip[1] != 0 or -ip[2:2] > 4294967000'
)
commands=$scratch/commands
for i in "${!cases[@]}"; do
        IFS='|' read -r file expression <<<"${cases[i]}"
        expression=${cases[i]#*|}
        run "$filt" explain --html "$scratch/$i.html" -r "pcaps/$file" "$expression"
        is "$status $out$err" '0 ' "--html, $file, $expression"
        "$steps" "pcaps/$file" "$expression" >"$scratch/$i.wanted"
        printf 'open %s\neval %s\n' "$scratch/$i.html" "$collect"
        echo "eval '--'"
done >"$commands"

# The first page again, with the keys of a keyboard.
{
        echo "open $scratch/0.html#packet-4"
        echo "eval $collect; 'ready'"
        echo "open $scratch/0.html"
        echo "eval window.shown = null, $collect, 'ready'"
} >/dev/null

done_testing
