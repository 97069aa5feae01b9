#!/bin/bash
# filt --json: every line is JSON in UTF-8 as docs/filt.schema.json has it, for whole and for damaged packets; fields have
# the values that tshark finds; what docs/json.md shows is so.
. "$(dirname "$0")/../tap.sh"
needs tshark jq python3 perl

# lines_of FILE...: what --json writes of each.
lines_of() { for capture; do "$filt" --json -r "$capture" 2>/dev/null; done; }

pcaps/craft "$scratch" damaged
lines_of pcaps/*.pcap pcaps/*.pcapng "$scratch/damaged.pcap" >"$scratch/lines"
tests/json_lines docs/filt.schema.json <"$scratch/lines" >"$scratch/report"
report $? 'every packet of pcaps/ is as the schema has it' || note "$(cat "$scratch/report")"
like "$(cat "$scratch/report")" '^[0-9]{5,} lines: .* dhcp [0-9]+ dhcpv6 [0-9]+ dns [0-9]+ ' 'and there are many'

for capture in fields dhcp-isc dhcp6-isc http icmp-errors radiotap geneve tcp tls quic quic-pieces tls-pieces tls-records; do
        tests/vary "pcaps/$capture.pcap" 1 5 >"$scratch/$capture.pcap"
        lines_of "$scratch/$capture.pcap"
done >"$scratch/lines"
tests/json_lines docs/filt.schema.json <"$scratch/lines" >"$scratch/report"
report $? 'so are packets that are cut or changed' || note "$(cat "$scratch/report")"

# same CAPTURE FIELD...: all values of the fields in each packet, by filt and by tshark, which writes bytes without colons.
same() {
        local capture=$1
        [ -e "$capture" ] || capture=pcaps/$1.pcap
        shift
        "$filt" --json -r "$capture" 2>/dev/null | jq -r '
                [$ARGS.positional[] as $field | [.. | objects | select(has($field))[$field]] | flatten |
                        map(if . == true then 1 elif . == false then 0 else . end | tostring |
                                if test("^[0-9a-f]{2}(:[0-9a-f]{2}){7,}$") then gsub(":"; "") else . end) | join(",")] | join("|")' \
                --args "$@" >"$scratch/ours"
        tshark -n -r "$capture" -d udp.port==4433,quic -o ip.defragment:FALSE -o tcp.desegment_tcp_streams:FALSE -T fields \
                -E 'separator=|' -E occurrence=a -E aggregator=, "${@/#/-e}" 2>/dev/null | sed 's/<Root>/./g' >"$scratch/theirs"
        cmp -s "$scratch/ours" "$scratch/theirs" && grep -q '[^|]' "$scratch/ours"
        report $? "$(basename "$capture" .pcap): $*" || note "$(diff "$scratch/theirs" "$scratch/ours" | head -20)"
}

same tcp tcp.stream tcp.len tcp.srcport tcp.seq_raw tcp.flags.syn tcp.option_kind tcp.options.mss_val tcp.options.wscale.shift \
        tcp.options.timestamp.tsval tcp.options.timestamp.tsecr
same http tcp.stream tcp.len http.request.method http.request.uri http.host http.user_agent http.response.code \
        http.response.phrase http.content_type http.content_length http.server
same tcp-mptcp tcp.stream tcp.options.mptcp.subtype
same ports tcp.stream udp.stream
same tls tcp.stream tls.handshake.extensions_server_name tls.handshake.extensions_alpn_str \
        tls.handshake.extensions.supported_version tls.alert_message.desc
# tshark does not know the draft of version 2.
"$filt" -r pcaps/quic.pcap -w "$scratch/quic-ids.pcap" 'not udp port (50065)' 2>/dev/null
same "$scratch/quic-ids.pcap" udp.stream quic.header_form quic.dcid quic.scid
"$filt" -r pcaps/quic.pcap -w "$scratch/quic-initial.pcap" 'udp[8] & 0xf0 == 0xc0 and udp[9:4] == 1' 2>/dev/null
same "$scratch/quic-initial.pcap" udp.stream quic.version quic.token quic.packet_number tls.handshake.type tls.handshake.version \
        tls.handshake.extensions_server_name tls.handshake.extensions_alpn_str tls.handshake.extensions.supported_version
"$filt" -r "$scratch/quic-initial.pcap" -w "$scratch/quic-client.pcap" 'dst host 192.0.2.2' 2>/dev/null
same "$scratch/quic-client.pcap" quic.packet_length quic.header_form quic.fixed_bit quic.long.packet_type quic.dcil quic.dcid quic.scil quic.scid \
        quic.token_length quic.length quic.frame_type tls.handshake.ciphersuite
# Hellos in pieces, except for one that is sent twice.
"$filt" -r pcaps/quic-pieces.pcap -w "$scratch/pieces.pcap" 'not udp src port 50004' 2>/dev/null
same "$scratch/pieces.pcap" quic.packet_number quic.dcid tls.handshake.type tls.handshake.extensions_server_name
for capture in hellos tls-pieces tls-records tls-fragments; do
        "$filt" -r "pcaps/$capture.pcap" -w "$scratch/once.pcap" 'tcp and not src port (2005 or 2006 or 2106 or 2108 or 2110)' 2>/dev/null
        for field in type extensions_server_name extensions_alpn_str; do
                is "$("$filt" --json -r "$scratch/once.pcap" 2>/dev/null | jq -r ".layers[].records[]?.messages[]?[\"tls.handshake.$field\"] | values | arrays[], scalars")" \
                        "$(tshark -n -r "$scratch/once.pcap" -o tcp.reassemble_out_of_order:TRUE -T fields -e "tls.handshake.$field" 2>/dev/null | tr ',' '\n' | grep .)" \
                        "$capture: $field of messages in several records or segments"
        done
done
same fields tcp.stream tcp.options.sack_le tcp.options.user_to_val tcp.options.ao.keyid gtp.teid gtp.message dns.ns dns.soa.mname \
        dns.soa.serial_number dns.naptr.replacement dns.svcb.targetname dns.caa.value dns.tlsa.selector dns.rrsig.labels dns.spf \
        icmp.redir_gw icmp.address_mask icmpv6.mld.multicast_address http.location http.referer dhcp.option.tftp_server_address \
        dhcp.option.mudurl dhcp.option.dhcp_dns_domain_search_list_fqdn
same tunnels tcp.stream udp.stream tcp.len ah.spi ah.sequence
same udp udp.stream udp.length
same dns udp.stream dns.id dns.qry.name dns.qry.type dns.resp.type dns.resp.ttl dns.a dns.aaaa dns.cname dns.ptr.domain_name \
        dns.mx.mail_exchange dns.mx.preference dns.srv.target dns.srv.port dns.txt dns.count.add_rr
same mdns-avahi dns.qry.name dns.qry.qu dns.resp.type dns.resp.ttl dns.srv.target dns.ptr.domain_name dns.a dns.aaaa
same dhcp-isc dhcp.option.dhcp dhcp.option.hostname dhcp.fqdn.name dhcp.option.requested_ip_address dhcp.option.router \
        dhcp.option.domain_name dhcp.option.domain_name_server dhcp.option.request_list_item dhcp.option.ip_address_lease_time \
        dhcp.ip.your dhcp.hw.mac_addr dhcp.file
same dhcp6-isc dhcpv6.msgtype dhcpv6.option.type dhcpv6.iaaddr.ip dhcpv6.iaprefix.pref_addr dhcpv6.dns_server
same icmp-errors udp.stream ip.src ip.dst ipv6.src ipv6.dst icmp.type icmp.code icmp.mtu icmp.ident icmp.seq icmpv6.type icmpv6.mtu
same ndp icmpv6.type icmpv6.nd.ns.target_address icmpv6.nd.na.target_address icmpv6.opt.type icmpv6.opt.rdnss
same rx rx.cid rx.callnumber rx.seq rx.serial rx.type rx.flags rx.flags.free_packet rx.flags.more_packets rx.flags.last_packet \
        rx.flags.request_ack rx.flags.client_init rx.userstatus rx.securityindex rx.serviceid
# Calls of AFS.
"$filt" -r pcaps/rx.pcap -w "$scratch/afs.pcap" 'udp[29] & 1 = 1 and udp[20:4] = 1' 2>/dev/null
same "$scratch/afs.pcap" afs.fs.opcode afs.cb.opcode afs.prot.opcode afs.vldb.opcode afs.kauth.opcode afs.bos.opcode
same "$scratch/afs.pcap" afs.fs.fid.volume afs.fs.fid.vnode afs.fs.fid.uniq afs.fs.offset afs.fs.length afs.fs.flength afs.fs.offset64 \
        afs.fs.length64 afs.fs.flength64 afs.fs.name afs.fs.oldname afs.fs.newname afs.fs.symlink.name afs.fs.symlink.content \
        afs.fs.volname afs.fs.volid afs.fs.status.mask afs.fs.status.owner
same "$scratch/afs.pcap" afs.cb.fid.volume afs.cb.fid.uniq afs.cb.callback.version afs.cb.callback.type
same "$scratch/afs.pcap" afs.prot.name afs.prot.oldid afs.prot.newid afs.prot.pos afs.prot.uid afs.prot.gid afs.prot.flag
same "$scratch/afs.pcap" afs.vldb.id afs.vldb.type afs.vldb.name afs.vldb.index afs.vldb.bump
same "$scratch/afs.pcap" afs.kauth.princ afs.kauth.realm afs.kauth.domain afs.kauth.kvno afs.kauth.name afs.kauth.data
same "$scratch/afs.pcap" afs.bos.type afs.bos.instance afs.bos.status afs.bos.number afs.bos.content afs.bos.path afs.bos.cmd afs.bos.file \
        afs.bos.user afs.bos.size afs.bos.flags afs.bos.date
same "$scratch/afs.pcap" afs.ubik.state afs.ubik.file afs.ubik.position afs.ubik.length afs.ubik.locktype
run "$filt" --json -r pcaps/rx.pcap
like "$out" '"afs.vldb.opcode":503,"results":\[\{"afs.vldb.name":"root.cell","afs.vldb.numservers":3,"afs.vldb.server":\["0.0.0.20","0.0.0.21","0.0.0.22"\],"afs.vldb.rwvol":44' \
        'a reply of AFS is that of its call'
like "$out" '"afs.prot.opcode":505,"results":\[\{"afs.prot.name":"user"\},\{"afs.prot.name":"group"\}\]' 'a list is several results'
run "$filt" --json -r pcaps/rx-replies.pcap
like "$out" '"afs.fs":true,"afs.fs.opcode":153,"afs.fs.errcode":1000000000\}' 'and what failed says why'
same arp arp.opcode arp.src.hw_mac arp.src.proto_ipv4 arp.dst.proto_ipv4
same vlan vlan.id vlan.priority vlan.etype ip.src
same gre gre.key gre.sequence_number
same vxlan-kernel vxlan.vni eth.dst ip.src udp.stream
same mpls mpls.label mpls.exp mpls.bottom mpls.ttl
same wlan wlan.fc.type wlan.fc.subtype wlan.ra wlan.ta wlan.sa wlan.da wlan.bssid wlan.seq

# A connection keeps its number; another on the same ports gets another.
run jq -c '[.layers[]["tcp.stream"] | values]' <("$filt" --json -r pcaps/tcp.pcap 2>/dev/null)
is "$(sort -u <<<"$out" | wc -l)" "$(tshark -n -r pcaps/tcp.pcap -T fields -e tcp.stream 2>/dev/null | sort -u | wc -l)" \
        'as many streams as tshark has'

# Bytes that are no UTF-8, backslashes, quotes and control characters, of C1, too.
run "$filt" --json -r pcaps/fields.pcap
like "$out" '"dns.qry.name":"b\\\\x5cc\.é\\\\xff\.a\\"\\u0001\\u009b"' 'text of the packet is UTF-8, and the rest escaped'
like "$out" '"dns.txt":\["€!","\\\\xe2\\\\x82"\]' 'also where a character is cut'
unlike "$out" $'[\x01-\x09\x7f]|\xc2[\x80-\x9f]' 'no control characters'

# The document's examples, where they look like the source tree.
mkdir "$scratch/tree"
ln -s "$filt" "$PWD/pcaps" "$PWD/docs" "$PWD/Makefile" "$scratch/tree"
export FILT_ROOT=$PWD FILT_LOCK=$scratch/lock
(cd "$scratch/tree" && perl "$FILT_ROOT/tests/examples.pl" docs/json.md) >"$scratch/results" 2>&1
report $? 'docs/json.md' || note "$(cat "$scratch/results")"
unlike "$(cat "$scratch/results")" 'not ok' 'its examples' || note "$(cat "$scratch/results")"

# What the document lists, the schema has; and what the schema has, the sources write: names of AFS in parts.
jq -r '.. | .properties? | objects | keys[] | select(contains("."))' docs/filt.schema.json | grep -v '^frame' | sort -u >"$scratch/names"
lines_of pcaps/rx*.pcap >"$scratch/afs"
absent=
while read -r name; do
        [[ $name = afs.* ]] && sources=("$scratch/afs") || sources=(net print cli/drops cli/fate cli/process --include='*.c')
        grep -rqF -e "\"$name\"" -e "\\\"$name\\\"" "${sources[@]}" || absent+=" $name"
done <"$scratch/names"
is "$absent" '' 'the schema has no field that is never written'
grep -o '`[a-z0-9]*\.[a-z0-9_.]*[a-z0-9_]`' docs/json.md | tr -d '`' | grep -v '^frame\|json$' | sort -u | comm -23 - "$scratch/names" >"$scratch/unknown"
is "$(cat "$scratch/unknown")" 'ipv6.fraghdr' 'the document names no other (but a header)'
done_testing
