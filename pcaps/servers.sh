# shellcheck shell=bash
# Scenes with Debian's servers and clients, for pcaps/make, which sources this. Each program gets its files
# below $scratch, runs in the foreground and is ended with the scene. Names of this machine are hidden from
# those that would tell them (`as_host`).

# as_host NAME NAMESPACE COMMAND...: on the host, which believes that it is called NAME.
# shellcheck disable=SC2016 # for the inner shell
as_host() {
        local name=$1 namespace=$2
        shift 2
        ip netns exec "$namespace" unshare -u bash -c 'hostname "$0"; exec "$@"' "$name" "$@"
}

# start NAMESPACE COMMAND...: in the background until stop_servers.
start() {
        local namespace=$1
        shift
        as_host "host-${namespace##*-}" "$namespace" "$@" >"$scratch/log.$RANDOM" 2>&1 &
        servers+=($!)
}

scene_vxlan() {
        ip -n "$a" link add x0 address 02:00:00:00:01:01 type vxlan id 42 remote 192.0.2.2 local 192.0.2.1 dev a0 dstport 4789
        ip -n "$b" link add x0 address 02:00:00:00:01:02 type vxlan id 42 remote 192.0.2.1 local 192.0.2.2 dev b0 dstport 4789
        ip -n "$a" addr add 10.0.0.1/24 dev x0
        ip -n "$b" addr add 10.0.0.2/24 dev x0
        ip -n "$a" link set x0 addrgenmode none up
        ip -n "$b" link set x0 addrgenmode none up
        record vxlan-kernel a0 udp port 4789 -- in_a ping -c 2 -i 0.2 10.0.0.2
        ip -n "$a" link del x0
        ip -n "$b" link del x0
}

# Two bridges, joined twice: one link gets blocked. One of them asks for groups.
scene_bridge() {
        local i
        for i in 0 1; do
                ip link add "s$i" netns "$a" address "02:00:00:00:02:0$i" type veth peer name "s$i" netns "$b" \
                        address "02:00:00:00:03:0$i"
                ip -n "$a" link set "s$i" addrgenmode none up # it must be, to be captured from
        done
        bridge() {
                ip -n "$1" link add br0 address "$2" type bridge stp_state 1 forward_delay 200 hello_time 100 \
                        mcast_querier 1 mcast_query_interval 200 mcast_startup_query_interval 100
                ip -n "$1" link set br0 addrgenmode none up
                for i in 0 1; do ip -n "$1" link set "s$i" addrgenmode none master br0 up; done
        }
        both() {
                bridge "$a" 02:00:00:00:02:aa
                bridge "$b" 02:00:00:00:03:aa
                sleep 5
                ip -n "$b" link set s1 down
                sleep 2
        }
        record stp-kernel s0 ether dst 01:80:c2:00:00:00 -- both
        ip -n "$a" link del br0
        ip -n "$b" link del br0
        record igmp-kernel s1 igmp or icmp6 -- both
        for i in 0 1; do ip -n "$a" link del "s$i"; done
        ip -n "$a" link del br0
        ip -n "$b" link del br0
}

scene_groups() {
        record groups a0 igmp or icmp6 -- in_a python3 -c '
import socket, struct, time
def v4(group, source=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    mine = socket.inet_aton("192.0.2.1")
    if source:
        s.setsockopt(socket.IPPROTO_IP, 39, socket.inet_aton(group) + mine + socket.inet_aton(source))
    else:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + mine)
    return s
def v6(group):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP,
                 socket.inet_pton(socket.AF_INET6, group) + struct.pack("@I", socket.if_nametoindex("a0")))
    return s
held = [v4("239.1.2.3"), v4("232.1.2.4", "192.0.2.9"), v6("ff05::1:3")]
time.sleep(2)
for s in held:
    s.close()
time.sleep(2)'
}

# Options that few use: keyed digests, data in the first segment, several paths.
scene_tcp_options() {
        local python='
import socket, struct, sys, time
side, kind = sys.argv[1:]
protocol = 262 if kind == "mptcp" else 6
def key(s, peer):
    s.setsockopt(6, 14, struct.pack("HH4s120xBBHI80s", 2, 0, socket.inet_aton(peer), 0, 0, 3, 0, b"key"))
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
if side == "server":
    s.bind(("192.0.2.2", 5000))
    if kind == "md5":
        key(s, "192.0.2.1")
    if kind == "fastopen":
        s.setsockopt(6, 23, 5)
    s.listen()
    for turn in range(2 if kind == "fastopen" else 1):
        c = s.accept()[0]
        c.sendall(c.recv(100).upper())
        c.recv(1)
        c.close()
else:
    if kind == "md5":
        key(s, "192.0.2.2")
    if kind == "fastopen":
        for turn in range(2):
            s = socket.socket()
            s.sendto(b"early", 0x20000000, ("192.0.2.2", 5000))
            s.recv(100)
            s.close()
            time.sleep(0.1)
    else:
        s.connect(("192.0.2.2", 5000))
        s.sendall(b"hello")
        s.recv(100)
        time.sleep(0.3)
        s.close()
'
        local kind
        in_a sysctl -qw net.ipv4.tcp_fastopen=3
        in_b sysctl -qw net.ipv4.tcp_fastopen=3
        in_b ip mptcp limits set add_addr_accepted 2 subflows 2
        in_a ip mptcp limits set add_addr_accepted 2 subflows 2
        in_b ip mptcp endpoint add 198.51.100.2 dev b1 signal
        for kind in md5 fastopen mptcp; do
                serve "$b" tcp 5000 python3 -c "$python" server "$kind"
                record "tcp-$kind" a0 tcp -- in_a timeout 10 python3 -c "$python" client "$kind"
                stop_servers
        done
}

scene_dhcp_isc() {
        mkdir -p "$scratch/dhcp"
        cat >"$scratch/dhcp/4" <<'E'
default-lease-time 600; max-lease-time 7200; authoritative;
option domain-name "example.org"; option domain-name-servers 192.0.2.53, 192.0.2.54; option ntp-servers 192.0.2.123;
option domain-search "example.org", "example.com"; option interface-mtu 1400; option time-offset 3600;
subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.100 192.0.2.110; option routers 192.0.2.2;
  option broadcast-address 192.0.2.255; next-server 192.0.2.2; filename "boot.img"; server-name "boot.example.org"; }
E
        cat >"$scratch/dhcp/6" <<'E'
default-lease-time 600; option dhcp6.name-servers 2001:db8::53; option dhcp6.domain-search "example.org";
option dhcp6.sntp-servers 2001:db8::123;
subnet6 2001:db8::/64 { range6 2001:db8::100 2001:db8::1ff; prefix6 2001:db8:100:: 2001:db8:1ff:: /56; }
E
        : >"$scratch/dhcp/leases4"
        : >"$scratch/dhcp/leases6"
        printf '#!/bin/sh\n' >"$scratch/dhcp/script"
        chmod +x "$scratch/dhcp/script"
        echo 'send host-name "host-a"; send dhcp-client-identifier "client-7"; send fqdn.fqdn "host-a.example.org";' \
                >"$scratch/dhcp/conf"
        client() {
                local version=$1
                shift
                as_host host-a "$a" timeout 15 dhclient "$version" -sf "$scratch/dhcp/script" -lf "$scratch/dhcp/client$version" \
                        -pf "$scratch/dhcp/pid$version" -cf "$scratch/dhcp/conf" "$@" a0
        }
        start "$b" dhcpd -4 -f -q -cf "$scratch/dhcp/4" -lf "$scratch/dhcp/leases4" -pf "$scratch/dhcp/server4" b0
        start "$b" dhcpd -6 -f -q -cf "$scratch/dhcp/6" -lf "$scratch/dhcp/leases6" -pf "$scratch/dhcp/server6" b0
        sleep 1.5
        four() {
                client -4 -1 -v
                client -4 -r
        }
        six() {
                client -6 -1 -v -P -N
                client -6 -r
                client -6 -S -1
        }
        record dhcp-isc a0 udp port 67 or udp port 68 -- four
        record dhcp6-isc a0 udp port 546 or udp port 547 -- six
        stop_servers
}

scene_ntp_chrony() {
        cat >"$scratch/chrony" <<E
local stratum 3
allow
cmdport 0
pidfile $scratch/chrony.pid
bindcmdaddress /
keyfile $scratch/chrony.keys
E
        echo '7 MD5 ASCII:words' >"$scratch/chrony.keys"
        start "$b" chronyd -x -d -u root -f "$scratch/chrony"
        wait_for listens "$b" u 123
        ask() {
                ip netns exec "$a" timeout 8 chronyd -Q -t 3 -u root "$@" "pidfile $scratch/chrony.q" 'cmdport 0'
        }
        both() {
                ask 'server 192.0.2.2 iburst maxsamples 1'
                ask 'server 192.0.2.2 key 7 iburst maxsamples 1' "keyfile $scratch/chrony.keys"
        }
        record ntp-chrony a0 udp port 123 -- both
        stop_servers
}

scene_snmp_net() {
        mkdir -p "$scratch/snmp"
        cat >"$scratch/snmp/conf" <<'E'
rocommunity public
rwcommunity private
createUser someone SHA wordsandwords AES wordsandwords
createUser plain MD5 wordsandwords
rouser someone authPriv
rouser plain auth
sysLocation nowhere
sysContact someone@example.org
sysName host-b
sysDescr a host
agentAddress udp:192.0.2.2:161
E
        start "$b" env SNMP_PERSISTENT_DIR="$scratch/snmp" snmpd -f -C -c "$scratch/snmp/conf" -p "$scratch/snmp/pid" -Lo
        wait_for listens "$b" u 161
        ask() {
                local to=192.0.2.2 system=1.3.6.1.2.1.1 quick=(-On -t 1 -r 0 -m '')
                in_a snmpget "${quick[@]}" -v 1 -c public $to $system.5.0 $system.3.0
                in_a snmpget "${quick[@]}" -v 1 -c public $to $system.99.0
                in_a snmpgetnext "${quick[@]}" -v 2c -c public $to $system.1 1.3.6.1.2.1.2.2.1.6
                in_a snmpbulkget "${quick[@]}" -v 2c -c public -Cn1 -Cr4 $to $system.5 1.3.6.1.2.1.4.20
                in_a snmpget "${quick[@]}" -v 2c -c public $to $system.99.0
                in_a snmpset "${quick[@]}" -v 2c -c private $to $system.99.0 s text
                in_a snmpget "${quick[@]}" -v 3 -u plain -l authNoPriv -a MD5 -A wordsandwords $to $system.5.0
                in_a snmpget "${quick[@]}" -v 3 -u someone -l authPriv -a SHA -A wordsandwords -x AES -X wordsandwords $to $system.5.0
                in_a snmptrap -m '' -v 1 -c public $to 1.3.6.1.4.1.8072 192.0.2.1 6 17 4711 $system.5.0 s host-a
                in_a snmptrap -m '' -v 2c -c public $to 4711 1.3.6.1.6.3.1.1.5.3 $system.5.0 s host-a
                in_a timeout 3 snmpinform -m '' -t 1 -r 0 -v 2c -c public $to 4711 1.3.6.1.6.3.1.1.5.4
        }
        record snmp-net a0 udp port 161 or udp port 162 -- ask
        stop_servers
}

scene_tftp_hpa() {
        mkdir -p "$scratch/tftp"
        head -c 1300 /dev/zero | tr '\0' x >"$scratch/tftp/file"
        : >"$scratch/tftp/new"
        chmod 777 "$scratch/tftp" "$scratch/tftp/new"
        chmod 755 "$scratch"
        serve "$b" udp 69 in.tftpd -L -u root -R 5500:5599 -s "$scratch/tftp"
        move() {
                in_a tftp -m binary 192.0.2.2 -c get file "$scratch/got"
                in_a tftp -m ascii 192.0.2.2 -c get nothing "$scratch/got"
                in_a tftp -m binary 192.0.2.2 -c put "$scratch/got" new
                in_a timeout 3 curl -s --tftp-blksize 1024 -o /dev/null tftp://192.0.2.2/file
        }
        record tftp-hpa a0 udp -- move
        stop_servers
}

scene_radius_free() {
        cp -r /etc/freeradius/3.0 "$scratch/radius"
        printf 'client test {\n ipaddr = 192.0.2.1\n secret = words\n}\n' >>"$scratch/radius/clients.conf"
        {
                echo 'someone Cleartext-Password := "word"'
                echo ' Service-Type = Framed-User, Framed-Protocol = PPP, Framed-IP-Address = 192.0.2.77,'
                echo ' Framed-IP-Netmask = 255.255.255.0, Reply-Message = "welcome", Session-Timeout = 3600, Framed-MTU = 1400'
        } >"$scratch/radius/mods-config/files/authorize"
        sed -i 's/^\(\s*\)\(user\|group\) = .*/\1# &/' "$scratch/radius/radiusd.conf"
        start "$b" freeradius -f -l stdout -d "$scratch/radius"
        wait_for listens "$b" u 1812
        local who='User-Name = "someone", NAS-IP-Address = 192.0.2.1'
        ask() {
                local word
                for word in word wrong; do
                        echo "$who, User-Password = \"$word\", NAS-Port = 7, NAS-Port-Type = Ethernet," \
                                'Called-Station-Id = "02-00-00-00-00-02", Calling-Station-Id = "02-00-00-00-00-01",' \
                                'NAS-Identifier = "nas", Message-Authenticator = 0x00' |
                                in_a radclient -t 2 -r 1 192.0.2.2:1812 auth words
                done
                echo "$who, Acct-Status-Type = Start, Acct-Session-Id = \"s1\", Acct-Authentic = RADIUS" |
                        in_a radclient -t 2 -r 1 192.0.2.2:1813 acct words
                echo "$who, Acct-Status-Type = Stop, Acct-Session-Id = \"s1\", Acct-Session-Time = 60," \
                        'Acct-Input-Octets = 1000, Acct-Output-Octets = 2000, Acct-Terminate-Cause = User-Request' |
                        in_a radclient -t 2 -r 1 192.0.2.2:1813 acct words
                echo 'Message-Authenticator = 0x00' | in_a radclient -t 2 -r 1 192.0.2.2:1812 status words
        }
        record radius-free a0 udp port 1812 or udp port 1813 -- ask
        stop_servers
}

# apart COMMAND...: with a /run of its own, for programs that insist on a file there.
# shellcheck disable=SC2016
apart=(unshare -m bash -c 'mount -t tmpfs none /run && mkdir -m 777 /run/frr && mkdir /run/lldpd && echo "127.0.0.1 $(hostname)" >/run/hosts && mount --bind /run/hosts /etc/hosts && exec "$@"' -)

scene_lldp_lldpd() {
        talk() {
                local namespace
                for namespace in "$a" "$b"; do
                        start "$namespace" "${apart[@]}" lldpd -d -u "$scratch/lldp${namespace##*-}" -L /bin/true \
                                -I "${namespace##*-}0" -P Linux -S 'a host' -M 1
                done
                sleep 3
        }
        record lldp-lldpd a0 ether proto 0x88cc -- talk
        stop_servers
}

scene_vrrp_keepalived() {
        local namespace interface
        for namespace in "$a" "$b"; do
                interface=${namespace##*-}0
                cat >"$scratch/keepalived.$interface" <<E
global_defs {
  router_id router
}
vrrp_instance two {
  interface $interface
  virtual_router_id 5
  authentication {
    auth_type PASS
    auth_pass words
  }
  virtual_ipaddress {
    192.0.2.100
    192.0.2.101
  }
}
vrrp_instance three {
  interface $interface
  version 3
  virtual_router_id 6
  priority 120
  advert_int 0.5
  virtual_ipaddress {
    192.0.2.102
  }
}
vrrp_instance six {
  interface $interface
  version 3
  native_ipv6
  virtual_router_id 7
  virtual_ipaddress {
    fe80::100
    2001:db8::100
  }
}
E
        done
        talk() {
                for namespace in "$a" "$b"; do
                        start "$namespace" keepalived -n -l -P -f "$scratch/keepalived.${namespace##*-}0" \
                                -p "$scratch/k.${namespace##*-}" -r "$scratch/kv.${namespace##*-}"
                done
                sleep 6
                kill "${servers[0]}"
                sleep 1
        }
        record vrrp-keepalived a0 proto 112 or ip6 proto 112 -- talk
        stop_servers
}

# Routers from FRR: frr_configure DAEMON TEXT writes the configuration of a daemon on both hosts, with @L, @N
# and @O in TEXT for the letter and the number of the host, and the number of the other.
frr_configure() {
        local letter n folder
        for letter in a b; do
                folder=$scratch/frr$letter
                n=$([ "$letter" = a ] && echo 1 || echo 2)
                mkdir -p "$folder"
                chmod 755 "$scratch" # what is not root must get there
                chmod 777 "$folder"
                sed "s/@L/$letter/g; s/@N/$n/g; s/@O/$((3 - n))/g" <<<"$2" >"$folder/$1"
        done
}
frr_run() { # DAEMON NAMESPACE
        local folder=$scratch/frr${2##*-}
        start "$2" "${apart[@]}" "/usr/lib/frr/$1" -u frr -g frr -z "$folder/z" --vty_socket "$folder" \
                -i "$folder/$1.pid" -f "$folder/$1" -A 127.0.0.1 -P 0
}
frr_talk() { # SECONDS DAEMON...
        local namespace daemon
        for daemon in "${@:2}"; do
                for namespace in "$a" "$b"; do frr_run "$daemon" "$namespace"; done
        done
        sleep "$1"
}

scene_routing_frr() {
        frr_configure zebra 'interface @L0
 ip address 192.0.2.@N/24'
        frr_configure ospfd 'interface @L0
 ip ospf hello-interval 1
 ip ospf dead-interval 4
router ospf
 ospf router-id 192.0.2.@N
 redistribute kernel
 redistribute connected
 network 192.0.2.0/24 area 0
 network 198.51.100.0/24 area 1'
        frr_configure ospf6d 'interface @L0
 ipv6 ospf6 area 0
 ipv6 ospf6 hello-interval 1
 ipv6 ospf6 dead-interval 4
router ospf6
 ospf6 router-id 192.0.2.@N
 redistribute connected'
        printf 'interface b1\n ipv6 ospf6 area 1\n' >>"$scratch/frrb/ospf6d"
        frr_configure pimd 'ip pim rp 192.0.2.2 224.0.0.0/4
interface @L0
 ip pim
 ip pim hello 1
 ip igmp
 ip igmp join 239.1.2.3
 ip igmp join 232.1.2.3 192.0.2.9'
        frr_talk 1 zebra
        record ospf-frr a0 proto 89 -- frr_talk 9 ospfd
        record ospf6-frr a0 ip6 proto 89 -- frr_talk 9 ospf6d
        record pim-frr a0 proto 103 or igmp -- frr_talk 5 pimd
        stop_servers
}

babel_talk() {
        local namespace letter
        for namespace in "$a" "$b"; do
                letter=${namespace##*-}
                start "$namespace" babeld -I "$scratch/babel$letter.pid" -S "$scratch/babel$letter" -h 1 -H 1 \
                        -C 'redistribute local' -C 'redistribute ip 198.51.100.0/24 allow' "${letter}0"
        done
        sleep 8
}

# Two autonomous systems, a label switched path, and the older protocols.
scene_peering_frr() {
        frr_configure zebra 'interface @L0
 ip address 192.0.2.@N/24'
        frr_configure bfdd 'bfd
 peer 192.0.2.@O interface @L0'
        frr_configure bgpd 'router bgp 6500@N
 bgp router-id 192.0.2.@N
 no bgp ebgp-requires-policy
 neighbor 192.0.2.@O remote-as external
 neighbor 192.0.2.@O timers 1 3
 neighbor 2001:db8::@O remote-as external
 neighbor 2001:db8::@O timers 1 3
 address-family ipv4 unicast
  redistribute connected
 exit-address-family
 address-family ipv6 unicast
  redistribute connected
  neighbor 2001:db8::@O activate
 exit-address-family'
        frr_configure isisd 'interface @L0
 ip router isis one
 ipv6 router isis one
 isis hello-interval 1
 isis network point-to-point
router isis one
 net 49.0001.0000.0000.000@N.00
 is-type level-1-2
 redistribute ipv4 connected level-2'
        frr_configure eigrpd 'router eigrp 1
 eigrp router-id 192.0.2.@N
 network 192.0.2.0/24
 redistribute connected'
        frr_configure ripd 'router rip
 network @L0
 redistribute connected
 timers basic 5 15 15'
        frr_configure ripngd 'router ripng
 network @L0
 redistribute connected
 timers basic 5 15 15'
        frr_configure ldpd 'mpls ldp
 router-id 192.0.2.@N
 address-family ipv4
  discovery transport-address 192.0.2.@N
  interface @L0
 exit-address-family'
        frr_talk 1 zebra
        record bgp-frr a0 tcp port 179 -- frr_talk 7 bgpd
        record bfd-frr a0 udp port 3784 -- frr_talk 4 bfdd
        record isis-frr a0 isis -- frr_talk 8 isisd
        record eigrp-frr a0 proto 88 -- frr_talk 8 eigrpd
        record rip-frr a0 udp port 520 -- frr_talk 8 ripd
        record ripng-frr a0 udp port 521 -- frr_talk 8 ripngd
        record ldp-frr a0 port 646 -- frr_talk 9 ldpd
        record babel-babeld a0 udp port 6696 -- babel_talk
        stop_servers
}

scene_ptp_linuxptp() {
        talk() {
                start "$b" ptp4l -S -4 -i b0 --clockIdentity 020000.fffe.000002 --priority1 1
                start "$a" ptp4l -S -4 -i a0 -s
                sleep 9
        }
        record ptp-linuxptp a0 udp port 319 or udp port 320 -- talk
        stop_servers
}

scene_resp_redis() {
        serve "$b" tcp 6379 redis-server --bind 192.0.2.2 --protected-mode no --save '' --dir "$scratch"
        talk() {
                printf '%s\n' 'SET name "a value"' 'GET name' 'GET nothing' 'INCR name' 'RPUSH list one two three' \
                        'LRANGE list 0 -1' 'HSET table field value' 'HGETALL table' MULTI PING EXEC |
                        in_a redis-cli -h 192.0.2.2
                in_a redis-cli -3 -h 192.0.2.2 HGETALL table
        }
        record resp-redis a0 tcp port 6379 -- talk
        stop_servers
}

scene_mdns_avahi() {
        cat >"$scratch/avahi" <<'E'
[server]
host-name=host-b
enable-dbus=no
allow-interfaces=b0
[wide-area]
enable-wide-area=no
[publish]
publish-hinfo=yes
publish-workstation=yes
[rlimits]
E
        talk() {
                start "$b" "${apart[@]}" avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$scratch/avahi"
                sleep 4
                in_a dig +time=1 +tries=1 -p 5353 @224.0.0.251 host-b.local A
                in_a dig +time=1 +tries=1 -p 5353 @224.0.0.251 _workstation._tcp.local PTR
                stop_servers
                sleep 0.5
        }
        ip -n "$a" route add 224.0.0.0/4 dev a0
        record mdns-avahi a0 udp port 5353 -- talk
        ip -n "$a" route del 224.0.0.0/4 dev a0
}

scene_syslog_logger() {
        talk() {
                as_host host-a "$a" logger -d -n 192.0.2.2 -P 514 --rfc3164 -t app -p auth.crit 'a message'
                as_host host-a "$a" logger -d -n 192.0.2.2 -P 514 --rfc5424=notime -t app -p local7.debug 'another'
                as_host host-a "$a" logger -d -n 2001:db8::2 -P 514 --rfc3164 -t app -p daemon.info 'over IPv6'
        }
        record syslog-logger a0 udp port 514 -- talk
}

# IEEE 802.1X on a wire.
scene_eapol_hostapd() {
        printf '%s\n' interface=b0 driver=wired ieee8021x=1 eap_server=1 eapol_version=2 use_pae_group_addr=1 \
                "eap_user_file=$scratch/eap_users" >"$scratch/hostapd"
        printf '"someone" MD5 "words"\n' >"$scratch/eap_users"
        printf '%s\n' ap_scan=0 eapol_version=2 'network={' key_mgmt=IEEE8021X eap=MD5 'identity="someone"' \
                'password="words"' eapol_flags=0 '}' >"$scratch/supplicant"
        talk() {
                start "$b" hostapd "$scratch/hostapd"
                sleep 1
                start "$a" wpa_supplicant -D wired -i a0 -c "$scratch/supplicant"
                sleep 3
                kill "${servers[1]}"
                sleep 0.3
        }
        record eapol-hostapd a0 ether proto 0x888e -- talk
        stop_servers
}

# Discovery only: sessions need a kernel with PPP.
scene_pppoe_discovery() {
        talk() {
                start "$b" pppoe-server -I b0 -F -C access -S internet
                sleep 0.5
                in_a timeout 5 pppoe-discovery -I a0 -a 1 -t 1
                in_a timeout 5 pppoe-discovery -I a0 -S internet -a 1 -t 1
        }
        record pppoe-discovery a0 pppoed -- talk
        stop_servers
}
