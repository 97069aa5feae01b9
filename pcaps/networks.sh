# shellcheck shell=bash disable=SC2154 # what it uses is make's
# Scenes of pcaps/make: what joins networks: virtual switches, key exchange, tunnels of PPP, more of routers. Sourced by it.

# Open vSwitch on both hosts, with its datapath in user space. switch NAMESPACE COMMAND...: configures the one there.
switches_up() {
        local namespace folder
        for namespace in "$a" "$b"; do
                folder=$scratch/switch${namespace##*-}
                mkdir -p "$folder"
                ovsdb-tool create "$folder/database" /usr/share/openvswitch/vswitch.ovsschema
                start "$namespace" env OVS_RUNDIR="$folder" ovsdb-server "$folder/database" --remote="punix:$folder/socket" \
                        --unixctl="$folder/database-control"
                wait_for test -S "$folder/socket"
                start "$namespace" env OVS_RUNDIR="$folder" ovs-vswitchd "unix:$folder/socket" --disable-system \
                        --unixctl="$folder/control" --pidfile="$folder/pid"
                switch "$namespace" init
        done
}
switch() {
        ip netns exec "$1" env OVS_RUNDIR="$scratch/switch${1##*-}" ovs-vsctl --db="unix:$scratch/switch${1##*-}/socket" --timeout=5 "${@:2}"
}
switches() { switch "$a" "$@"; switch "$b" "$@"; }

scene_switch_ovs() {
        local i namespace n
        switches_up
        for i in 0 1; do
                ip link add "s$i" netns "$a" address "02:00:00:00:02:0$i" type veth peer name "s$i" netns "$b" \
                        address "02:00:00:00:03:0$i"
                for namespace in "$a" "$b"; do ip -n "$namespace" link set "s$i" addrgenmode none up; done
        done
        lacp() {
                switches add-br br0 -- set bridge br0 datapath_type=netdev -- \
                        add-bond br0 bond0 s0 s1 lacp=active other_config:lacp-time=fast bond_mode=balance-tcp
                sleep 3
                switches del-br br0
        }
        cfm() {
                n=0
                for namespace in "$a" "$b"; do
                        switch "$namespace" add-br br0 -- set bridge br0 datapath_type=netdev -- add-port br0 s0 -- \
                                set interface s0 cfm_mpid=$((++n)) other_config:cfm_interval=500
                done
                sleep 3
                switches del-br br0
        }
        rstp() {
                switches add-br br0 -- set bridge br0 datapath_type=netdev rstp_enable=true other-config:rstp-hello-time=1 \
                        other-config:rstp-forward-delay=4 -- add-port br0 s0 -- add-port br0 s1
                sleep 5
                ip -n "$b" link set s1 down
                sleep 2
                switches del-br br0
        }
        record lacp-ovs s0 ether proto 0x8809 -- lacp
        record cfm-ovs s0 ether proto 0x8902 -- cfm
        record rstp-ovs s0 ether dst 01:80:c2:00:00:00 -- rstp
        stop_servers
        for i in 0 1; do ip -n "$a" link del "s$i"; done
}

# A switch and those that tell it what to do, with each version of the protocol.
scene_openflow_ovs() {
        local version port
        switches_up
        ip -n "$a" link add p0 type veth peer name p1
        ip -n "$a" link set p0 addrgenmode none up
        ip -n "$a" link set p1 address 02:00:00:00:09:01 addrgenmode none up
        ip -n "$a" addr add 10.9.0.1/24 dev p1
        ask() { in_b ovs-ofctl -O "OpenFlow$version" --no-names --timeout=3 "$1" "tcp:192.0.2.1:$port" "${@:2}"; }
        talk() {
                switch "$a" add-br br0 -- set bridge br0 datapath_type=netdev "protocols=OpenFlow$version" fail-mode=secure \
                        other-config:hwaddr=02:00:00:00:09:00 -- add-port br0 p0
                switch "$a" set-controller br0 "tcp:192.0.2.2:$port" -- set controller br0 max_backoff=1000
                sleep 1.5
                in_a ping -c 1 -W 1 10.9.0.77
                switch "$a" set-controller br0 "ptcp:$port"
                sleep 1
                for command in show get-config dump-desc dump-ports; do ask "$command"; done
                ask add-flow 'table=0,priority=5,tcp,nw_src=10.0.0.0/8,tp_dst=80,idle_timeout=7,cookie=0x77 actions=mod_nw_dst:10.1.1.2,output:1,controller(max_len=128)'
                ask add-flow 'in_port=1,arp,dl_vlan=7,actions=drop'
                ask add-group 'group_id=7,type=select,bucket=weight:5,actions=output:1'
                ask add-meter 'meter=1,kbps,burst,stats,bands=type=drop,rate=100,burst_size=10'
                for command in dump-flows dump-aggregate dump-groups dump-meters; do ask "$command"; done
                ask mod-port 1 no-flood
                ask packet-out 'in_port=controller packet=02000000000202000000000188b50102 actions=output:1'
                ask del-flows tcp

                ask probe
                switch "$a" del-br br0
        }
        for version in 10 13; do
                port=$([ "$version" = 10 ] && echo 6633 || echo 6653)
                start "$b" env OVS_RUNDIR="$scratch" ovs-testcontroller -O "OpenFlow$version" "ptcp:$port" "--unixctl=$scratch/controller$port"
                wait_for listens "$b" t "$port"
                record "openflow-ovs-$version" a0 tcp port "$port" -- talk
        done
        stop_servers
        ip -n "$a" link del p0
}

# Keys for IPsec, which itself runs in user space and so in UDP.
scene_ike_strongswan() {
        local letter n name version
        for letter in a b; do
                n=$([ "$letter" = a ] && echo 1 || echo 2)
                mkdir -p "$scratch/ike$letter"
                cat >"$scratch/ike$letter/strongswan.conf" <<E
charon {
        load = random nonce aes des sha1 sha2 md5 hmac curve25519 gmp openssl kdf kernel-libipsec kernel-netlink socket-default vici eap-identity eap-md5 xauth-generic
        retransmit_tries = 1
        cisco_unity = yes
        send_vendor_id = yes
        install_routes = no
        plugins { vici { socket = unix://$scratch/ike$letter/vici } }
}
swanctl { socket = unix://$scratch/ike$letter/vici }
E
                {
                        echo 'connections {'
                        for name in second:2:psk eap:2:eap-md5 main:1:psk aggressive:1:psk; do
                                IFS=: read -r name version how <<<"$name"
                                cat <<E
$name {
        version = $version
        aggressive = $([ "$name" = aggressive ] && echo yes || echo no)
        local_addrs = 192.0.2.$n
        remote_addrs = 192.0.2.$((3 - n))
        proposals = aes128-sha1-modp1024,3des-md5-modp768,aes256-sha512-curve25519
        local-1 {
                id = host-$n@example.org
                auth = $([ "$letter" = a ] && echo "$how" || echo psk)
        }
        remote-1 {
                id = host-$((3 - n))@example.org
                auth = $([ "$letter" = b ] && echo "$how" || echo psk)
        }
        children { $name { esp_proposals = aes128-sha1,aes256gcm16-modp2048 } }
}
E
                        done
                        printf '}\nsecrets {\n ike-1 { secret = words }\n eap-1 {\n id = host-1@example.org\n secret = words\n }\n}\n'
                } >"$scratch/ike$letter/swanctl.conf"
        done
        # shellcheck disable=SC2016 # for the inner shell
        for letter in a b; do
                start "$([ "$letter" = a ] && echo "$a" || echo "$b")" unshare -m bash -c 'mount -t tmpfs none /run && exec "$@"' - \
                        env STRONGSWAN_CONF="$scratch/ike$letter/strongswan.conf" /usr/lib/ipsec/charon
                wait_for test -S "$scratch/ike$letter/vici"
        done
        ask() { # LETTER OPTION...
                SWANCTL_DIR=$scratch/ike$1 STRONGSWAN_CONF=$scratch/ike$1/strongswan.conf timeout 8 swanctl "${@:2}"
        }
        ask a --load-all --file "$scratch/ikea/swanctl.conf"
        ask b --load-all --file "$scratch/ikeb/swanctl.conf"
        talk() {
                local name
                for name in "$@"; do
                        ask a --initiate --child "$name"
                        in_a ping -c 1 -W 1 192.0.2.2
                        ask a --rekey --child "$name"
                        sleep 0.5
                        ask a --terminate --ike "$name"
                        sleep 0.3
                done
        }
        record ike2-strongswan a0 udp port 500 or udp port 4500 -- talk second eap
        record ike1-strongswan a0 udp port 500 or udp port 4500 -- talk main aggressive
        stop_servers
}

# What switches of several makers say of themselves.
scene_discovery_lldpd() {
        mkdir -m 777 "$scratch/discovery"
        chmod 755 "$scratch"
        talk() {
                start "$b" "${apart[@]}" lldpd -d -u "$scratch/discovery/socket" -I b0 -P Linux -S 'a host' -M 3 -ccc -eee -fff -sss
                sleep 2
                in_b lldpcli -u "$scratch/discovery/socket" configure system hostname switch
                in_b lldpcli -u "$scratch/discovery/socket" update
                sleep 4
        }
        record discovery-lldpd a0 -- talk
        stop_servers
}

scene_tunnels_ppp() {
        printf 'option %s/options\nlocalip 10.0.0.1\nremoteip 10.0.0.2\n' "$scratch" >"$scratch/pptpd"
        : >"$scratch/options"
        printf '%s\n' '[lns default]' 'ip range = 10.5.0.2-10.5.0.9' 'local ip = 10.5.0.1' 'length bit = yes' 'challenge = yes' >"$scratch/l2tpb"
        printf '%s\n' '[lac one]' 'lns = 192.0.2.2' 'autodial = yes' 'challenge = yes' >"$scratch/l2tpa"
        echo '* * words' >"$scratch/secrets"
        chmod 600 "$scratch/secrets"
        pptp_traffic() {
                start "$b" pptpd -f -c "$scratch/pptpd" -o "$scratch/options" -l 192.0.2.2 -p "$scratch/pid"
                wait_for listens "$b" t 1723
                in_a timeout 3 pptp 192.0.2.2 --nolaunchpppd </dev/null
        }
        l2tp_traffic() {
                local namespace letter
                for namespace in "$b" "$a"; do
                        letter=${namespace##*-}
                        start "$namespace" "${apart[@]}" xl2tpd -D -c "$scratch/l2tp$letter" -s "$scratch/secrets" -p "$scratch/pid$letter" -C "$scratch/control$letter"
                        sleep 0.5
                done
                sleep 4
                stop_servers
        }
        record pptp-pptpd a0 tcp port 1723 or proto 47 -- pptp_traffic
        record l2tp-xl2tpd a0 udp port 1701 -- l2tp_traffic
}

# Routes of many kinds.
scene_families_frr() {
        frr_configure zebra 'interface @L0
 ip address 192.0.2.@N/24'
        frr_configure bgpd 'router bgp 6500@N
 bgp router-id 192.0.2.@N
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 neighbor 192.0.2.@O remote-as external
 neighbor 192.0.2.@O timers 1 3
 neighbor 192.0.2.@O capability extended-nexthop
 address-family ipv4 unicast
  network 10.@N.0.0/16
  neighbor 192.0.2.@O activate
  neighbor 192.0.2.@O addpath-tx-all-paths
  neighbor 192.0.2.@O route-map communities out
 exit-address-family
 address-family ipv4 multicast
  network 10.@N.0.0/16
  neighbor 192.0.2.@O activate
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:@N::/48
  neighbor 192.0.2.@O activate
 exit-address-family
 address-family ipv4 vpn
  network 10.@N.7.0/24 rd 6500@N:7 label 16007
  network 10.@N.8.0/23 rd 192.0.2.@N:8 label 16008
  neighbor 192.0.2.@O activate
 exit-address-family
 address-family ipv6 vpn
  network 2001:db8:@N:7::/64 rd 6500@N:7 label 16009
  neighbor 192.0.2.@O activate
 exit-address-family
 address-family l2vpn evpn
  neighbor 192.0.2.@O activate
  advertise-all-vni
  network 10.@N.9.0/24 rd 6500@N:9 ethtag 0 label 99 esi 00:01:02:03:04:05:06:07:08:09 gwip 192.0.2.@N routermac 02:00:00:00:00:0@N
 exit-address-family
route-map communities permit 10
 set community 65000:1 no-export
 set large-community 65000:1:2 65000:3:4
 set extcommunity rt 65000:1 192.0.2.1:5
 set extcommunity soo 65000:9
 set extcommunity bandwidth 1000
 set metric 7
 set as-path prepend 65100 4200000000'
        frr_talk 1 zebra
        record bgp-families-frr a0 tcp port 179 -- frr_talk 6 bgpd
        stop_servers
}

scene_kerberos_mit() {
        printf '%s\n' '[libdefaults]' 'default_realm = EXAMPLE.ORG' 'dns_lookup_kdc = false' '[realms]' 'EXAMPLE.ORG = {' \
                'kdc = 192.0.2.2' 'admin_server = 192.0.2.2' '}' >"$scratch/krb5"
        printf '%s\n' '[realms]' 'EXAMPLE.ORG = {' "database_name = $scratch/principal" "key_stash_file = $scratch/stash" '}' >"$scratch/kdc"
        local files=(env KRB5_CONFIG="$scratch/krb5" KRB5_KDC_PROFILE="$scratch/kdc" KRB5CCNAME="$scratch/tickets")
        "${files[@]}" kdb5_util create -s -P words -r EXAMPLE.ORG
        "${files[@]}" kadmin.local -q 'addprinc -pw words someone'
        "${files[@]}" kadmin.local -q 'addprinc +requires_preauth -pw words other'
        "${files[@]}" kadmin.local -q 'addprinc -randkey host/b.example.org'
        start "$b" "${files[@]}" krb5kdc -n
        wait_for listens "$b" u 88
        talk() {
                local who
                for who in someone:words other:words other:wrong nobody:words; do in_a "${files[@]}" kinit "${who%:*}" <<<"${who#*:}"; done
                in_a "${files[@]}" kvno host/b.example.org
        }
        record kerberos-mit a0 port 88 -- talk
        stop_servers
}

# A file server in user space.
scene_nfs_ganesha() {
        mkdir -p "$scratch/files"
        echo hello >"$scratch/files/file"
        cat >"$scratch/ganesha" <<E
NFS_CORE_PARAM { Protocols = 3; Bind_addr = 192.0.2.2; Enable_NLM = false; }
EXPORT {
        Export_Id = 1;
        Path = $scratch/files;
        Pseudo = /files;
        Access_Type = RW;
        Squash = None;
        Protocols = 3;
        FSAL { Name = VFS; }
}
E
        # shellcheck disable=SC2016 # for the inner shell
        start "$b" "${apart[@]}" bash -c 'rpcbind -w -f -i -h 192.0.2.2 & sleep 1; exec ganesha.nfsd -F -L STDERR -f "$0" -p "$0.pid"' "$scratch/ganesha"
        wait_for listens "$b" t 2049
        sleep 2
        talk() {
                local folder=nfs://192.0.2.2$scratch/files
                in_a timeout 3 rpcinfo -p 192.0.2.2
                in_a timeout 3 rpcinfo -T udp 192.0.2.2 100003 3
                in_a timeout 5 nfs-ls "$folder?version=3"
                in_a timeout 5 nfs-cat "$folder/file?version=3"
                in_a timeout 5 nfs-cat "$folder/missing?version=3"
        }
        record nfs-ganesha a0 port 111 or port 2049 -- talk
        stop_servers
}
