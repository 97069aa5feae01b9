#!/bin/bash
# The memory of compiling a long expression is proportional to it, and little: at most so many bytes for a byte of text,
# whatever its shape. What is counted is what malloc() is asked for, which is the same on all machines.

. "$(dirname "$0")/../tap.sh"
needs perl

most=64       # bytes for a byte of text,
fixed=1000000 # beside what a short expression takes
# Where the graph itself is large, as each part asks for other bytes, or for four words of addresses, so many.
declare -A more=([wlan]=75 ['vlan and port']=120)
# Where parts that come in pairs are looked for in a long program, which makes it shorter, so many.
more+=(['ether host and host']=120 ['len and host']=90 ['port and port']=70)
length=150000 # of each expression, at least
library=$PWD/${BUILD:-build}/tests/preload/count_memory.so

# Writes each expression to a file named after its shape.
mkdir "$scratch/expressions"
perl -e '
        my ($folder, $length) = @ARGV;
        sub mixed { $_[0] * 2654435761 & 0xffffffff }
        sub host { join ".", 1 + (mixed($_[0]) >> 24) % 223, unpack "xC3", pack "N", mixed($_[0]) }
        sub net { join(".", unpack("C3", pack "N", mixed($_[0])), 0) . "/24" }
        sub mac { sprintf "02:00:%02x:%02x:%02x:%02x", unpack "C4", pack "N", mixed($_[0]) }
        sub port { mixed($_[0]) % 65536 }
        my $i;
        my %part = (
                "host" => sub { "host " . host($i) },
                "net" => sub { "net " . net($i) },
                "ip6 host" => sub { sprintf "host 2001:db8:%x::%x", unpack "n2", pack "N", mixed($i) },
                "ether host" => sub { "ether host " . mac($i) },
                "port" => sub { "port " . port($i) },
                "not host" => sub { "not host " . host($i) },
                "host and host" => sub { "(host " . host($i) . " and host " . host(-$i) . ")" },
                "host and host or host" => sub { "host " . host($i) . " and host " . host(-$i) },
                "not (host and host)" => sub { "not (host " . host($i) . " and host " . host(-$i) . ")" },
                "ether host and ether host" => sub { "(ether host " . mac($i) . " and ether host " . mac(-$i) . ")" },
                "ether host and host" => sub { "(ether host " . mac($i) . " and host " . host($i) . ")" },
                "host and net" => sub { "(host " . host($i) . " and net " . net($i) . ")" },
                "host and port" => sub { "(host " . host($i) . " and port " . port($i) . ")" },
                "port and port" => sub { "(port " . port($i) . " and port " . port(-$i) . ")" },
                "src and dst host" => sub { "src and dst host " . host($i) },
                "src, dst and port" => sub { "(src " . host($i) . " and dst " . host(-$i) . " and port " . port($i) . ")" },
                "tcp, udp" => sub { "(tcp and host " . host($i) . ") or (udp and port " . port($i) . ")" },
                "len and host" => sub { "(len > $i and host " . host($i) . ")" },
                "bytes" => sub { "ether[$i] = " . $i % 256 },
                "halves" => sub { "ether[$i:2] > " . $i % 256 },
                "bits" => sub { "ether[$i] & " . (1 + $i % 255) . " != 0" },
                "sums" => sub { "ip[2:2] + ip[4:2] * $i = " . 3 * $i },
                "vlan and host" => sub { "(vlan " . $i % 4096 . " and host " . host($i) . ")" },
                "vlan and not host" => sub { "(vlan " . $i % 4096 . " and not host " . host($i) . ")" },
                "vlan and port" => sub { "(vlan " . $i % 4096 . " and port " . port($i) . ")" },
                "vlan, vlan and host" => sub { "(vlan " . $i % 4096 . " and vlan " . ($i + 1) % 4096 . " and host " . host($i) . ")" },
                "mpls and host" => sub { "(mpls $i and host " . host($i) . ")" },
                "pf" => sub { "(on if" . $i % 50 . " and action pass and host " . host($i) . ")" },
                "wlan" => sub { "(wlan host " . mac($i) . " and host " . host($i) . ")" },
                "wlan, mixed" => sub { "(type mgt and wlan addr1 " . mac($i) . ") or host " . host($i) . " or port " . port($i) },
        );
        for my $name (keys %part) {
                my $and = $name =~ /^not/ ? " and " : " or ";
                my $text = "";
                for ($i = 1; length $text < $length; $i++) { $text .= ($text ? $and : "") . $part{$name}->() }
                open my $file, ">", "$folder/$name" or die "$name: $!\n";
                print $file $text;
                close $file or die "$name: $!\n";
        }
' "$scratch/expressions" $length || exit

for expression in "$scratch/expressions"/*; do
        name=${expression##*/}
        case $name in
        pf) type=PFLOG ;;
        wlan*) type=IEEE802_11_RADIO ;;
        *) type=EN10MB ;;
        esac
        run env LD_PRELOAD="$library" FILT_MEMORY="$scratch/memory" "$filt" -ddd -y $type -F "$expression"
        is "$status" 0 "$name: is compiled"
        text=$(stat -c %s "$expression")
        taken=$(cat "$scratch/memory")
        bound=${more[$name]:-$most}
        ok "$name: at most $bound bytes for a byte ($((taken > fixed ? (taken - fixed) / text : 0)))" \
                test "$taken" -le $((bound * text + fixed))
done

done_testing
