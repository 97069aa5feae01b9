#!/bin/bash
# -E decrypts ESP and -M verifies TCP's digests, as tcpdump does; where tcpdump crashes or errs, by the RFCs. Secrets
# are not in messages, and the sandbox holds.
. "$(dirname "$0")/../tap.sh"
needs tcpdump

des3=3des-cbc:3des-secret-of-24-bytes!
aes=aes128-cbc:aes-secret-of-16

# as_tcpdump NAME CAPTURE ARGUMENT...: the same lines under several options.
as_tcpdump() {
        local name=$1 capture=$2 option
        shift 2
        for option in -n -nv -nvv -nX -neA -nq; do
                tcpdump $option -r "$capture" "$@" >"$scratch/theirs" 2>/dev/null
                "$filt" tcpdump $option -r "$capture" "$@" >"$scratch/ours" 2>"$scratch/err"
                cmp -s "$scratch/theirs" "$scratch/ours" && continue
                report 1 "$name" || note "$option: $(diff "$scratch/theirs" "$scratch/ours" | head -6; cat "$scratch/err")"
                return
        done
        report 0 "$name"
}

all="0x100@192.0.2.2 $des3,0x300@192.0.2.2 $aes,0x301@192.0.2.2 aes128-hmac96:aes-secret-of-16"
all+=",0x200@192.0.2.2 3des-cbc-hmac96:0x336465732d7365637265742d6f662d32342d627974657321"
all+=",0x302@192.0.2.2 aes256:aes-secret-of-thirty-two-bytes!!,771@192.0.2.2 aes-128-ctr:aes-secret-of-16"
all+=",0x500@2001:db8::2 $des3,0x501@2001:db8:0:0::2 $aes"
as_tcpdump 'several secrets, IPv4 and IPv6' pcaps/esp.pcap -E "$all"
as_tcpdump 'one secret for all' pcaps/esp.pcap -E "$des3"
as_tcpdump 'that of an SPI before that of all' pcaps/esp.pcap -E "0x300@192.0.2.2 $aes,$des3"
as_tcpdump 'a wrong secret' pcaps/esp.pcap -E '0x100@192.0.2.2 3des:wrong'
as_tcpdump 'of two for one SPI, the last' pcaps/esp.pcap -E "0x100@192.0.2.2 3des:x,0x100@192.0.2.2 $des3"
as_tcpdump 'white space' pcaps/esp.pcap -E "0x100@192.0.2.2 	 $des3"$'\n'"0x300@192.0.2.2 $aes"
as_tcpdump 'a bare name, an odd digit' pcaps/esp.pcap -E '0x100@192.0.2.2 DES3:0x616'
as_tcpdump 'another address and SPI' pcaps/esp.pcap -E "0x100@192.0.2.9 $des3,0x102@192.0.2.2 $des3"
as_tcpdump 'other modes' pcaps/esp.pcap -E 'aes-128-gcm:foo'
for length in 58 59 66 74; do
        "$filt" -r pcaps/esp.pcap -w "$scratch/whole.pcap" 2>/dev/null
        perl -e 'my ($cut) = @ARGV; binmode STDIN; local $/; my $file = <STDIN>; print substr $file, 0, 24; my $at = 24;
                while ($at < length $file) { my ($s, $u, $have, $long) = unpack "V4", substr $file, $at;
                        my $kept = $have < $cut ? $have : $cut;
                        print pack("V4", $s, $u, $kept, $long), substr $file, $at + 16, $kept; $at += 16 + $have }' \
                "$length" <"$scratch/whole.pcap" >"$scratch/cut.pcap"
        as_tcpdump "packets cut to $length bytes" "$scratch/cut.pcap" -E "$all"
done

printf '#secrets\n\n0x300@192.0.2.2 %s\r\n0x100@192.0.2.2 %s' "$aes" "$des3" >"$scratch/secrets"
chmod 755 "$scratch" # tcpdump reads it as another user
as_tcpdump 'file' pcaps/esp.pcap -E "file $scratch/secrets"
as_tcpdump 'file, and another' pcaps/esp.pcap -E "file $scratch/secrets,0x500@2001:db8::2 $des3"
run "$filt" -nr pcaps/esp.pcap -E "0x100@192.0.2.2 $des3" -E "0x300@192.0.2.2 $aes"
is "$(grep -c 'length 40: 1000 > 2000: UDP, length 5$' <<<"$out")" \
        "$(tcpdump -nr pcaps/esp.pcap -E "file $scratch/secrets" 2>/dev/null | grep -c 'length 40: 1000 > 2000: UDP, length 5$')" '-E twice'

# What is wrong with secrets is said at the first packet that they may be for, in tcpdump's words; a wrong digit or file
# ends the program there. Where nothing is printed, nothing is said. These are read late by tcpdump, at once by filt.
# same NAME ARGUMENT...: the same lines, messages and status.
same() {
        local name=$1
        shift
        { tcpdump "$@" 2>"$scratch/their.err"; echo "$?"; } >"$scratch/theirs"
        { "$filt" tcpdump "$@" 2>"$scratch/our.err"; echo "$?"; } >"$scratch/ours"
        is "$(cat "$scratch/ours" "$scratch/our.err")" "$(cat "$scratch/theirs"; grep -v 'ciphertext size' "$scratch/their.err")" "$name"
}
printf 'ikev2\tx\n\n  \n# x\n #y\nikev2x:y\nbare\nzz@ 3des:x\n3des:0xzz\nbehind' >"$scratch/bad"
printf 'bare\0more\n%3000s\n' x >"$scratch/odd"
for capture in pcaps/esp.pcap pcaps/isakmp-1.pcap; do
        for secrets in '' , bare, ,,bare nosuch:abc :abc '3des:' '3des:0x' '3des:0x6' '3des:0x66g' '3des:0xzz' 'bare,3des:0xzz' 'nosuch:0xzz' \
                'aes-128-cbc:abc' 'foo-cbc-hmac96:abc' '12 3des:abc' '12z 3des:abc' '12z@192.0.2.2 3des:a' '08@192.0.2.2 3des:a' \
                '99999999999999999999999@192.0.2.2 3des:a' '@x y:z' '0x100@::g 3des:a' '0x100@host 3des:a' 'ikev2 x' 'IKEV2'$'\t''x' ikev2 \
                'file -' "file $scratch/none" "bare,file $scratch/none,bare" "file $scratch/bad" "file $scratch/odd" 'file /' "file  /"; do
                same "$capture, $secrets" -nr "$capture" -E "$secrets"
        done
done
for options in -nX -nv -ne '-n --number' '-n -tttt' '-n --count' "-n -w $scratch/written" "-n --print -w $scratch/written" '-n -c 1'; do
        # shellcheck disable=SC2086
        same "$options" $options -r pcaps/esp.pcap -E 'bare,3des:0xzz'
done
same 'the last -E counts' -nr pcaps/esp.pcap -c 2 -E '3des:0xzz' -E bare
same 'no packet that they are for' -nr pcaps/ping.pcap -E "bare,file $scratch/none"

as_tcpdump '-M: right and wrong digests' pcaps/tcp-digests.pcap -M key
as_tcpdump '-M: a real connection' pcaps/tcp-md5.pcap -M key
as_tcpdump '-M: another secret' pcaps/tcp-md5.pcap -M words
as_tcpdump '-M: an empty one' pcaps/tcp-md5.pcap -M ''
as_tcpdump '-M, the last one' pcaps/tcp-md5.pcap -M words -M key
like "$("$filt" -nr pcaps/tcp-md5.pcap -M key 2>/dev/null)" 'md5 valid' '-M key is right'

# tcpdump crashes of ciphers in OpenSSL's legacy provider, and has no "none".
old='des-cbc:8 bytes!,0x401@192.0.2.2 blowfish-cbc:blowfish-of-16-b,0x402@192.0.2.2 cast128-cbc:cast128-16-bytes'
old+=',0x403@192.0.2.2 none:x,0x404@192.0.2.2 none-hmac96:x'
run "$filt" -tnr pcaps/esp-more.pcap -E "0x400@192.0.2.2 $old" -M key
is "$(sed 's/.*\(UDP, length\|md5\)/\1/' <<<"$out")" 'UDP, length 5
UDP, length 5
UDP, length 5
UDP, length 5
UDP, length 5
md5 valid], length 4: BGP
md5 valid], length 0
md5  (invalid)], length 0' 'what tcpdump does not'
run "$filt" -nr pcaps/esp.pcap -c 11 -E '0x300@192.0.2.2 aes-128-cbc:aes-secret-of-16'
like "$out" 'length 40: 1000 > 2000: UDP, length 5$' "a cipher by OpenSSL's name"

# refused STATUS MESSAGE SECRETS
refused() {
        run "$filt" -nr pcaps/esp.pcap -E "$3"
        is "$status: $(said | grep -c 'hidden\|68696464')" "$1: 0" "status $1, nothing of it shown: $3"
        like "$(said)" "$2" "$2"
}
refused 0 "warning: option -E, secret 1: no ':' between" hidden
refused 0 'secret 2: the algorithm in front' "$des3,0x1@192.0.2.2 hidden:hidden"
refused 0 'the SPI in front' 'hidden@192.0.2.2 3des:hidden'
refused 0 "no '@'" 'hidden 3des:hidden'
refused 0 'not an IP address' '0x1@hidden 3des:hidden'
refused 0 'no hex digits' '3des:0x'
refused 2 'option -E, secret 1: the secret begins with 0x' '3des:0x68696464zz'
refused 1 'No such file' "file $scratch/none"
printf 'ikev2 I hidden\nhidden\n3des:0x6869646465hidden' >"$scratch/bad"
refused 2 "bad, line 2: no ':'" "file $scratch/bad"
like "$(said)" 'bad, line 1: keys of IKEv2' 'those of IKEv2 are not used'
like "$(said)" 'bad, line 3: the secret begins' 'the line is told'
is "$("$filt" -r pcaps/esp.pcap -n -E hidden 2>/dev/null | cksum)" "$("$filt" -r pcaps/esp.pcap -n 2>/dev/null | cksum)" \
        'with no usable secret, all is printed as without'

# The library is read before the sandbox is entered: for these options, and for QUIC, which tcpdump does not print.
if command -v strace >/dev/null; then
        opened() { strace -f -e trace=openat,seccomp,prctl -o "$scratch/trace" "$filt" tcpdump -nr "$@" >/dev/null 2>&1; }
        opened pcaps/ping.pcap
        is "$(grep -c libcrypto "$scratch/trace")" 0 'not loaded without -E and -M'
        opened pcaps/esp-more.pcap -E "0x400@192.0.2.2 $old" -M key
        is "$(sed -n '/SECCOMP/,$p' "$scratch/trace" | grep -c 'openat.*\(ssl\|crypto\)\|EPERM')" 0 'nothing is opened in the sandbox'
        like "$(cat "$scratch/trace")" 'openat.*libcrypto' 'loaded with them'
fi
done_testing
