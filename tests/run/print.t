#!/bin/bash
# Every capture in pcaps/, and one of damaged packets, printed as tcpdump prints it, byte for byte. Those of one link type
# and byte order are compared as one, because there are many; only if that fails is each compared alone.
. "$(dirname "$0")/../tap.sh"
needs tcpdump perl

pcaps/craft "$scratch" damaged

# The kind of a pcap file: byte order, precision and link type, from its header.
kind_of() { od -An -tx1 -v -N 24 "$1" | tr -d ' \n' | cut -c 1-8,41-48; }

declare -A groups
for capture in pcaps/*.pcap "$scratch/damaged.pcap"; do groups[$(kind_of "$capture")]+=" $capture"; done
for kind in "${!groups[@]}"; do
        read -ra captures <<<"${groups[$kind]}"
        joined=$scratch/$kind.pcap
        # Of the headers, with a snapshot length that cuts nothing: 262144.
        [[ $kind = a1* ]] && length='\0\4\0\0' || length='\0\0\4\0'
        {
                head -c 16 "${captures[0]}"
                printf '%b' "$length"
                head -c 24 "${captures[0]}" | tail -c 4
                for capture in "${captures[@]}"; do tail -c +25 "$capture"; done
        } >"$joined"
        if tests/compare_print "$joined" >"$scratch/joined.out"; then
                for capture in "${captures[@]}"; do report 0 "${capture#"$scratch/"}"; done
                continue
        fi
        for capture in "${captures[@]}"; do
                tests/compare_print "$capture" >"$scratch/out"
                report $? "$capture" || note "$(head -c 1500 "$scratch/out")"
        done
        # Only together, not alone: something is remembered from packet to packet.
        report 1 "all of kind $kind together" || note "$(head -c 1500 "$scratch/joined.out")"
done
for capture in pcaps/*.pcapng; do
        tests/compare_print "$capture" >"$scratch/out"
        report $? "$capture" || note "$(head -c 1500 "$scratch/out")"
done

# -H takes what follows for a mesh header.
tests/compare_print -o -nH -o -nevH pcaps/wlan-data.pcap >"$scratch/out"
report $? "-H" || note "$(head -c 1500 "$scratch/out")"

# VRRP's number is CARP's, too.
tests/compare_print -o '-n -T carp' -o '-nvv -T carp' pcaps/carp.pcap pcaps/vrrp.pcap >"$scratch/out"
report $? "-T carp" || note "$(head -c 1500 "$scratch/out")"

# Where a packet is cut decides whether its dump has the link header, also of what only -v reads.
tests/compare_print -o -nvvX -o -nvvvX "$scratch/damaged.pcap" pcaps/telnet.pcap >"$scratch/out"
report $? "dumps of what -vv reads" || note "$(head -c 1500 "$scratch/out")"

# -T takes what no port tells.
tests/compare_print -o '-nv -T rtp' -o '-nvv -T rtp' -o '-n -T rtcp' -o '-nvv -T rtcp' -o '-nvv -T vat' pcaps/rtp.pcap >"$scratch/out"
report $? "-T rtp, rtcp and vat" || note "$(head -c 1500 "$scratch/out")"
for type in cnfp pgm pgm_zmtp1 rpc wb zmtp1; do
        case $type in
        pgm_zmtp1) capture=pgm ;;
        rpc) capture=sunrpc ;;
        *) capture=$type ;;
        esac
        tests/compare_print -o "-n -T $type" -o "-vv -T $type" -o "-nvvvX -T $type" -o "-nq -T $type" "pcaps/$capture.pcap" >"$scratch/out"
        report $? "-T $type" || note "$(head -c 1500 "$scratch/out")"
done
tests/compare_print -o '-nv -T resp' -o '-nv -T domain' -o '-nv -T carp' pcaps/resp.pcap pcaps/http.pcap pcaps/dns.pcap >"$scratch/out"
report $? "-T over TCP and UDP" || note "$(head -c 1500 "$scratch/out")"

# Times that packets carry, some of them in the local time zone.
TZ=America/New_York tests/compare_print -o -nvv pcaps/zep.pcap pcaps/radius-attributes.pcap pcaps/arista.pcap pcaps/ntp.pcap pcaps/rx-values.pcap pcaps/ahcp.pcap >"$scratch/out"
report $? 'times in another time zone' || note "$(head -c 1500 "$scratch/out")"

# --json names the fields of application protocols and inside tunnels, too.
for want in 'dhcp-isc "layer":"dhcp","dhcp.type":1,.*"dhcp.hw.mac_addr":"02:00:00:00:00:01"' \
        'dhcp6-isc "layer":"dhcpv6","dhcpv6.msgtype":1,"dhcpv6.xid":"0x' \
        'pppoe "layer":"pppoes",.*"layer":"ppp","ppp.protocol":"0x0021".,."layer":"ip",' \
        'ppp "layer":"ppp","ppp.address":"0xff","ppp.control":"0x03","ppp.protocol":"0x0021".,."layer":"ip",' \
        'geneve "layer":"geneve",.*"geneve.vni":42.,."layer":"eth",.*"layer":"icmp",' \
        'ping "icmp.type":8,"icmp.code":0,"icmp.checksum":"0xa90f","icmp.ident":29033,"icmp.seq":1}' \
        'ndp "icmpv6.type":128,"icmpv6.code":0,"icmpv6.checksum":"0x[0-9a-f]*","icmpv6.echo.identifier":"0x7905","icmpv6.echo.sequence_number":1}' \
        'icmp-errors "icmp.type":3,"icmp.code":[0-9]*,"icmp.checksum":"0x[0-9a-f]{4}","quoted":' \
        'ntp-chrony "layer":"ntp","ntp.flags":"0x23","ntp.flags.li":0,"ntp.flags.vn":4,"ntp.flags.mode":3,'; do
        run "$filt" --json -r "pcaps/${want%% *}.pcap"
        like "$out" "${want#* }" "--json: ${want%% *}"
done
done_testing
