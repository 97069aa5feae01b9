/* Tables of headers: their fields, and which number announces which header. To add a protocol: its
 * fields, its header, and a row of `next_headers`. Wireshark's names of fields are at
 * https://www.wireshark.org/docs/dfref/. */
#include "headers.h"
#include "protocols.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
        SNAP = 0xaa,       /* a SAP of IEEE 802.2 */
        UNNUMBERED = 3,    /* information, of 802.2's control field */
        MAX_LENGTH = 1500, /* of an 802.3 frame; above that, it is an EtherType */
};

static const struct net_field ethernet_fields[] = {
    NET_FIELD(0, 6, NET_MAC_ADDRESS, "destination MAC", "eth.dst", .complete = true),
    NET_FIELD(6, 6, NET_MAC_ADDRESS, "source MAC", "eth.src", .complete = true),
    NET_FIELD(12, 2, NET_ETHERTYPE, "EtherType", "eth.type", .role = NET_TYPE_OR_LENGTH,
              .complete = true),
};

static const struct net_field vlan_fields[] = {
    NET_FIELD(0, 2, NET_VLAN_TAG, "tag", NULL),
    NET_PART(0, 2, 0xe000, NET_NUMBER, NULL, "vlan.priority"),
    NET_PART(0, 2, 0x1000, NET_FLAG, NULL, "vlan.dei"),
    NET_PART(0, 2, 0xfff, NET_VLAN_NUMBER, "number", "vlan.id"),
    NET_FIELD(2, 2, NET_ETHERTYPE, "EtherType behind the VLAN tag", "vlan.etype", .complete = true),
};

static const struct net_field mpls_fields[] = {
    NET_FIELD(0, 4, NET_MPLS_LABEL, "header", NULL),
    NET_PART(0, 4, 0xfffff000, NET_MPLS_LABEL, "label", "mpls.label"),
    NET_PART(0, 4, 0xe00, NET_NUMBER, NULL, "mpls.exp"),
    NET_PART(0, 4, 0x100, NET_FLAG, NULL, "mpls.bottom"),
    NET_PART(0, 4, 0xff, NET_NUMBER, NULL, "mpls.ttl"),
};

static const struct net_field pppoe_fields[] = {
    NET_FIELD(0, 1, NET_BITS, "version and type", NULL),
    NET_PART(0, 1, 0xf0, NET_NUMBER, NULL, "pppoe.version"),
    NET_PART(0, 1, 0xf, NET_NUMBER, NULL, "pppoe.type"),
    NET_FIELD(1, 1, NET_NUMBER, "code", "pppoe.code"),
    NET_FIELD(2, 2, NET_IDENTIFIER, "session", "pppoe.session_id"),
    NET_PART(0, 4, 0xffff, NET_NUMBER, "session", NULL),
    NET_FIELD(4, 2, NET_NUMBER, "length", "pppoe.payload_length"),
};

static const struct net_field ppp_fields[] = {
    NET_FIELD(0, 2, NET_PPP_PROTOCOL, "protocol", "ppp.protocol"),
};

static const struct net_field llc_fields[] = {
    NET_FIELD(0, 1, NET_SAP, "DSAP", "llc.dsap"),
    NET_FIELD(1, 1, NET_SAP, "SSAP", "llc.ssap"),
    NET_FIELD(2, 1, NET_BITS, "control field", "llc.control"),
    NET_FIELD(3, 3, NET_BITS, "organization", "llc.oui", NET_TYPES(SNAP)),
    NET_FIELD(6, 2, NET_ETHERTYPE, "EtherType", "llc.type", NET_TYPES(SNAP)),
};

static const struct net_field iso_fields[] = {
    NET_FIELD(0, 1, NET_BITS, "network protocol", NULL),
    NET_FIELD(4, 1, NET_NUMBER, "IS-IS packet type", NULL, .complete = true),
};

static const struct net_field arp_fields[] = {
    NET_FIELD(0, 2, NET_NUMBER, "hardware type", "arp.hw.type"),
    NET_FIELD(2, 2, NET_ETHERTYPE, "protocol type", "arp.proto.type", .role = NET_ADDRESS_TYPE),
    NET_FIELD(4, 1, NET_NUMBER, "hardware address length", "arp.hw.size"),
    NET_FIELD(5, 1, NET_NUMBER, "protocol address length", "arp.proto.size"),
    NET_FIELD(6, 2, NET_NUMBER, "operation", "arp.opcode"),
    NET_FIELD(8, 6, NET_MAC_ADDRESS, "sender MAC", "arp.src.hw_mac"),
    NET_FIELD(14, 4, NET_IPV4_ADDRESS, "sender address", "arp.src.proto_ipv4"),
    NET_FIELD(18, 6, NET_MAC_ADDRESS, "target MAC", "arp.dst.hw_mac"),
    NET_FIELD(24, 4, NET_IPV4_ADDRESS, "target address", "arp.dst.proto_ipv4"),
};

static const struct net_field raw_fields[] = {
    NET_FIELD(0, 1, NET_VERSION_AND_LENGTH, "version and header length", NULL),
    NET_PART(0, 1, 0xf0, NET_VERSION, "version", NULL),
};

static const struct net_field ipv4_fields[] = {
    NET_FIELD(0, 1, NET_VERSION_AND_LENGTH, "version and header length", NULL),
    NET_PART(0, 1, 0xf0, NET_VERSION, "version", "ip.version"),
    NET_PART(0, 1, 0xf, NET_NUMBER, NULL, "ip.hdr_len", .unit = 4),
    NET_FIELD(1, 1, NET_BITS, "type of service", "ip.dsfield"),
    NET_FIELD(2, 2, NET_NUMBER, "total length", "ip.len"),
    NET_FIELD(4, 2, NET_IDENTIFIER, "identification", "ip.id"),
    NET_FIELD(6, 2, NET_FRAGMENT, "flags and fragment offset", NULL),
    NET_PART(6, 2, 0x8000, NET_FLAG, NULL, "ip.flags.rb"),
    NET_PART(6, 2, 0x4000, NET_FLAG, NULL, "ip.flags.df"),
    NET_PART(6, 2, 0x2000, NET_FLAG, NULL, "ip.flags.mf"),
    NET_PART(6, 2, 0x1fff, NET_NUMBER, "fragment offset", "ip.frag_offset", .unit = 8),
    NET_FIELD(8, 1, NET_NUMBER, "TTL", "ip.ttl"),
    NET_FIELD(9, 1, NET_IP_PROTOCOL, "protocol", "ip.proto"),
    NET_FIELD(10, 2, NET_BITS, "header checksum", "ip.checksum"),
    NET_FIELD(12, 4, NET_IPV4_ADDRESS, "source address", "ip.src"),
    NET_FIELD(16, 4, NET_IPV4_ADDRESS, "destination address", "ip.dst"),
};

static const struct net_field ipv6_fields[] = {
    NET_FIELD(0, 4, NET_BITS, "version, traffic class and flow label", NULL),
    NET_PART(0, 1, 0xf0, NET_NUMBER, NULL, "ipv6.version"),
    NET_PART(0, 2, 0xff0, NET_BITS, NULL, "ipv6.tclass"),
    NET_PART(0, 4, 0xfffff, NET_BITS, NULL, "ipv6.flow"),
    NET_FIELD(4, 2, NET_NUMBER, "payload length", "ipv6.plen"),
    NET_FIELD(6, 1, NET_IP_PROTOCOL, "next header", "ipv6.nxt"),
    NET_FIELD(7, 1, NET_NUMBER, "hop limit", "ipv6.hlim"),
    NET_FIELD(8, 16, NET_IPV6_ADDRESS, "source address", "ipv6.src"),
    NET_FIELD(24, 16, NET_IPV6_ADDRESS, "destination address", "ipv6.dst"),
};

static const struct net_field ipv6_fragment_fields[] = {
    NET_FIELD(0, 1, NET_IP_PROTOCOL, "next header", "ipv6.fraghdr.nxt"),
    NET_FIELD(2, 2, NET_BITS, "offset and flags", NULL),
    NET_PART(2, 2, 0xfff8, NET_NUMBER, NULL, "ipv6.fraghdr.offset"),
    NET_PART(2, 2, 0x1, NET_FLAG, NULL, "ipv6.fraghdr.more"),
    NET_FIELD(4, 4, NET_BITS, "identification", "ipv6.fraghdr.ident"),
};

static const struct net_field tcp_fields[] = {
    NET_FIELD(0, 2, NET_NUMBER, "source port", "tcp.srcport", .role = NET_SOURCE_PORT),
    NET_FIELD(2, 2, NET_NUMBER, "destination port", "tcp.dstport", .role = NET_DESTINATION_PORT),
    NET_FIELD(4, 4, NET_NUMBER, "sequence number", "tcp.seq_raw"),
    NET_FIELD(8, 4, NET_NUMBER, "acknowledgment number", "tcp.ack_raw"),
    NET_FIELD(12, 1, NET_BITS, "header length (in the upper 4 bits)", NULL,
              .role = NET_HEADER_LENGTH),
    NET_PART(12, 1, 0xf0, NET_NUMBER, NULL, "tcp.hdr_len", .unit = 4),
    NET_PART(12, 2, 0xfff, NET_BITS, NULL, "tcp.flags"),
    NET_FIELD(13, 1, NET_TCP_FLAGS, "flags", NULL),
    NET_PART(13, 1, 0x80, NET_FLAG, NULL, "tcp.flags.cwr"),
    NET_PART(13, 1, 0x40, NET_FLAG, NULL, "tcp.flags.ece"),
    NET_PART(13, 1, 0x20, NET_FLAG, NULL, "tcp.flags.urg"),
    NET_PART(13, 1, 0x10, NET_FLAG, NULL, "tcp.flags.ack"),
    NET_PART(13, 1, 0x8, NET_FLAG, NULL, "tcp.flags.push"),
    NET_PART(13, 1, 0x4, NET_FLAG, NULL, "tcp.flags.reset"),
    NET_PART(13, 1, 0x2, NET_FLAG, NULL, "tcp.flags.syn"),
    NET_PART(13, 1, 0x1, NET_FLAG, NULL, "tcp.flags.fin"),
    NET_FIELD(14, 2, NET_NUMBER, "window", "tcp.window_size_value"),
    NET_FIELD(16, 2, NET_BITS, "checksum", "tcp.checksum"),
    NET_FIELD(18, 2, NET_NUMBER, "urgent pointer", "tcp.urgent_pointer"),
};

static const struct net_field udp_fields[] = {
    NET_FIELD(0, 2, NET_NUMBER, "source port", "udp.srcport", .role = NET_SOURCE_PORT),
    NET_FIELD(2, 2, NET_NUMBER, "destination port", "udp.dstport", .role = NET_DESTINATION_PORT),
    NET_FIELD(4, 2, NET_NUMBER, "length", "udp.length"),
    NET_FIELD(6, 2, NET_BITS, "checksum", "udp.checksum"),
};

static const struct net_field sctp_fields[] = {
    NET_FIELD(0, 2, NET_NUMBER, "source port", "sctp.srcport", .role = NET_SOURCE_PORT),
    NET_FIELD(2, 2, NET_NUMBER, "destination port", "sctp.dstport", .role = NET_DESTINATION_PORT),
    NET_FIELD(4, 4, NET_BITS, "verification tag", "sctp.verification_tag"),
    NET_FIELD(8, 4, NET_BITS, "checksum", "sctp.checksum"),
};

static const struct net_field icmp_fields[] = {
    NET_FIELD(0, 1, NET_ICMP_TYPE, "type", "icmp.type"),
    NET_FIELD(1, 1, NET_NUMBER, "code", "icmp.code"),
    NET_FIELD(2, 2, NET_BITS, "checksum", "icmp.checksum"),
    /* Echo, time stamps, and the obsolete information and address mask, RFC 792 and 950. */
    NET_FIELD(4, 2, NET_NUMBER, NULL, "icmp.ident", NET_TYPES(0, 8, 13, 14, 15, 16, 17, 18)),
    NET_FIELD(6, 2, NET_NUMBER, NULL, "icmp.seq", NET_TYPES(0, 8, 13, 14, 15, 16, 17, 18)),
    NET_FIELD(4, 4, NET_IPV4_ADDRESS, NULL, "icmp.redir_gw", NET_TYPES(5)),
    NET_FIELD(6, 2, NET_NUMBER, NULL, "icmp.lifetime", NET_TYPES(9)),
    NET_FIELD(4, 1, NET_NUMBER, NULL, "icmp.pointer", NET_TYPES(12)),
    NET_FIELD(8, 4, NET_NUMBER, NULL, "icmp.originate_timestamp", NET_TYPES(13, 14)),
    NET_FIELD(12, 4, NET_NUMBER, NULL, "icmp.receive_timestamp", NET_TYPES(13, 14)),
    NET_FIELD(16, 4, NET_NUMBER, NULL, "icmp.transmit_timestamp", NET_TYPES(13, 14)),
    NET_FIELD(8, 4, NET_IPV4_ADDRESS, NULL, "icmp.address_mask", NET_TYPES(17, 18)),
};

static const struct net_field icmp6_fields[] = {
    NET_FIELD(0, 1, NET_ICMP6_TYPE, "type", "icmpv6.type"),
    NET_FIELD(1, 1, NET_NUMBER, "code", "icmpv6.code"),
    NET_FIELD(2, 2, NET_BITS, "checksum", "icmpv6.checksum"),
    NET_FIELD(4, 2, NET_IDENTIFIER, NULL, "icmpv6.echo.identifier", NET_TYPES(128, 129)),
    NET_FIELD(6, 2, NET_NUMBER, NULL, "icmpv6.echo.sequence_number", NET_TYPES(128, 129)),
    NET_FIELD(4, 4, NET_NUMBER, NULL, "icmpv6.mtu", NET_TYPES(2)),
    NET_FIELD(4, 4, NET_NUMBER, NULL, "icmpv6.pointer", NET_TYPES(4)),
    NET_FIELD(8, 16, NET_IPV6_ADDRESS, NULL, "icmpv6.mld.multicast_address",
              NET_TYPES(130, 131, 132)),
    NET_FIELD(4, 1, NET_NUMBER, NULL, "icmpv6.nd.ra.cur_hop_limit", NET_TYPES(134)),
    NET_PART(5, 1, 0x80, NET_FLAG, NULL, "icmpv6.nd.ra.flag.m", NET_TYPES(134)),
    NET_PART(5, 1, 0x40, NET_FLAG, NULL, "icmpv6.nd.ra.flag.o", NET_TYPES(134)),
    NET_FIELD(6, 2, NET_NUMBER, NULL, "icmpv6.nd.ra.router_lifetime", NET_TYPES(134)),
    NET_FIELD(8, 16, NET_IPV6_ADDRESS, NULL, "icmpv6.nd.ns.target_address", NET_TYPES(135)),
    NET_PART(4, 1, 0x80, NET_FLAG, NULL, "icmpv6.nd.na.flag.r", NET_TYPES(136)),
    NET_PART(4, 1, 0x40, NET_FLAG, NULL, "icmpv6.nd.na.flag.s", NET_TYPES(136)),
    NET_PART(4, 1, 0x20, NET_FLAG, NULL, "icmpv6.nd.na.flag.o", NET_TYPES(136)),
    NET_FIELD(8, 16, NET_IPV6_ADDRESS, NULL, "icmpv6.nd.na.target_address", NET_TYPES(136)),
    NET_FIELD(8, 16, NET_IPV6_ADDRESS, NULL, "icmpv6.nd.rd.target_address", NET_TYPES(137)),
    NET_FIELD(24, 16, NET_IPV6_ADDRESS, NULL, "icmpv6.rd.na.destination_address", NET_TYPES(137)),
};

static const struct net_field igmp_fields[] = {
    NET_FIELD(0, 1, NET_BITS, "type", "igmp.type"),
    NET_FIELD(2, 2, NET_BITS, NULL, "igmp.checksum"),
    NET_FIELD(4, 4, NET_IPV4_ADDRESS, "group address", NULL),
    NET_FIELD(4, 4, NET_IPV4_ADDRESS, NULL, "igmp.maddr", NET_TYPES(0x11, 0x12, 0x16, 0x17)),
};

static const struct net_field esp_fields[] = {
    NET_FIELD(0, 4, NET_IDENTIFIER, NULL, "esp.spi"),
    NET_FIELD(4, 4, NET_NUMBER, NULL, "esp.sequence"),
};

static const struct net_field ah_fields[] = {
    NET_FIELD(0, 1, NET_IP_PROTOCOL, NULL, "ah.next_header"),
    NET_FIELD(4, 4, NET_IDENTIFIER, NULL, "ah.spi"),
    NET_FIELD(8, 4, NET_NUMBER, NULL, "ah.sequence"),
};

static const struct net_field gre_fields[] = {
    NET_FIELD(0, 2, NET_BITS, NULL, "gre.flags_and_version"),
    NET_FIELD(2, 2, NET_ETHERTYPE, NULL, "gre.proto"),
};

static const struct net_field vxlan_fields[] = {
    NET_FIELD(0, 2, NET_BITS, NULL, "vxlan.flags"),
    NET_PART(4, 4, 0xffffff00, NET_NUMBER, NULL, "vxlan.vni"),
};

static const struct net_field geneve_fields[] = {
    NET_FIELD(0, 1, NET_BITS, "version and length of options", NULL),
    NET_PART(0, 1, 0xc0, NET_NUMBER, NULL, "geneve.version"),
    NET_PART(1, 1, 0x80, NET_FLAG, NULL, "geneve.flags.oam"),
    NET_PART(1, 1, 0x40, NET_FLAG, NULL, "geneve.flags.critical"),
    NET_FIELD(2, 2, NET_ETHERTYPE, "protocol type", "geneve.proto_type"),
    NET_FIELD(4, 4, NET_BITS, "VNI and a reserved byte", NULL),
    NET_PART(4, 4, 0xffffff00, NET_NUMBER, NULL, "geneve.vni"),
};

static const struct net_field vxlan_gpe_fields[] = {
    NET_FIELD(0, 1, NET_BITS, NULL, "vxlan.flags"),
    NET_FIELD(3, 1, NET_NUMBER, NULL, "vxlan.next_proto"),
    NET_PART(4, 4, 0xffffff00, NET_NUMBER, NULL, "vxlan.vni"),
};

static const struct net_field gtp_fields[] = {
    NET_FIELD(0, 1, NET_BITS, NULL, "gtp.flags"),
    NET_FIELD(1, 1, NET_IDENTIFIER, NULL, "gtp.message"),
    NET_FIELD(2, 2, NET_NUMBER, NULL, "gtp.length"),
    NET_FIELD(4, 4, NET_IDENTIFIER, NULL, "gtp.teid"),
};

static const struct net_field dhcp_fields[] = {
    NET_FIELD(0, 1, NET_NUMBER, NULL, "dhcp.type"),
    NET_FIELD(1, 1, NET_BITS, NULL, "dhcp.hw.type"),
    NET_FIELD(2, 1, NET_NUMBER, NULL, "dhcp.hw.len"),
    NET_FIELD(3, 1, NET_NUMBER, NULL, "dhcp.hops"),
    NET_FIELD(4, 4, NET_IDENTIFIER, NULL, "dhcp.id"),
    NET_FIELD(8, 2, NET_NUMBER, NULL, "dhcp.secs"),
    NET_FIELD(10, 2, NET_BITS, NULL, "dhcp.flags"),
    NET_FIELD(12, 4, NET_IPV4_ADDRESS, NULL, "dhcp.ip.client"),
    NET_FIELD(16, 4, NET_IPV4_ADDRESS, NULL, "dhcp.ip.your"),
    NET_FIELD(20, 4, NET_IPV4_ADDRESS, NULL, "dhcp.ip.server"),
    NET_FIELD(24, 4, NET_IPV4_ADDRESS, NULL, "dhcp.ip.relay"),
    NET_FIELD(28, 6, NET_MAC_ADDRESS, NULL, "dhcp.hw.mac_addr"),
};

static const struct net_field dhcp6_fields[] = {
    NET_FIELD(0, 1, NET_NUMBER, NULL, "dhcpv6.msgtype"),
    /* Those of relays have none. */
    NET_PART(0, 4, 0xffffff, NET_IDENTIFIER, NULL, "dhcpv6.xid",
             NET_TYPES(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23)),
};

static const struct net_field ntp_fields[] = {
    NET_FIELD(0, 1, NET_BITS, NULL, "ntp.flags"),
    NET_PART(0, 1, 0xc0, NET_NUMBER, NULL, "ntp.flags.li"),
    NET_PART(0, 1, 0x38, NET_NUMBER, NULL, "ntp.flags.vn"),
    NET_PART(0, 1, 0x7, NET_NUMBER, NULL, "ntp.flags.mode"),
    NET_FIELD(1, 1, NET_NUMBER, NULL, "ntp.stratum"),
    NET_FIELD(2, 1, NET_NUMBER, NULL, "ntp.ppoll"),
    NET_FIELD(12, 4, NET_IDENTIFIER, NULL, "ntp.refid"),
};

/* What AFS's calls are packed into. */
static const struct net_field rx_fields[] = {
    NET_FIELD(4, 4, NET_NUMBER, NULL, "rx.cid"),
    NET_FIELD(8, 4, NET_NUMBER, NULL, "rx.callnumber"),
    NET_FIELD(12, 4, NET_NUMBER, NULL, "rx.seq"),
    NET_FIELD(16, 4, NET_NUMBER, NULL, "rx.serial"),
    NET_FIELD(20, 1, NET_NUMBER, NULL, "rx.type"),
    NET_FIELD(21, 1, NET_BITS, NULL, "rx.flags"),
    NET_PART(21, 1, 0x10, NET_FLAG, NULL, "rx.flags.free_packet"),
    NET_PART(21, 1, 0x08, NET_FLAG, NULL, "rx.flags.more_packets"),
    NET_PART(21, 1, 0x04, NET_FLAG, NULL, "rx.flags.last_packet"),
    NET_PART(21, 1, 0x02, NET_FLAG, NULL, "rx.flags.request_ack"),
    NET_PART(21, 1, 0x01, NET_FLAG, NULL, "rx.flags.client_init"),
    NET_FIELD(22, 1, NET_NUMBER, NULL, "rx.userstatus"),
    NET_FIELD(23, 1, NET_NUMBER, NULL, "rx.securityindex"),
    NET_FIELD(26, 2, NET_NUMBER, NULL, "rx.serviceid"),
};

/* In a message that starts at `at`. */
#define DNS_FIELDS(at)                                                               \
        NET_FIELD((at), 2, NET_IDENTIFIER, NULL, "dns.id"),                          \
            NET_PART((at) + 2, 2, 0x8000, NET_FLAG, NULL, "dns.flags.response"),     \
            NET_PART((at) + 2, 2, 0x7800, NET_NUMBER, NULL, "dns.flags.opcode"),     \
            NET_PART((at) + 2, 2, 0x400, NET_FLAG, NULL, "dns.flags.authoritative"), \
            NET_PART((at) + 2, 2, 0x200, NET_FLAG, NULL, "dns.flags.truncated"),     \
            NET_PART((at) + 2, 2, 0x100, NET_FLAG, NULL, "dns.flags.recdesired"),    \
            NET_PART((at) + 2, 2, 0x80, NET_FLAG, NULL, "dns.flags.recavail"),       \
            NET_PART((at) + 2, 2, 0x20, NET_FLAG, NULL, "dns.flags.authenticated"),  \
            NET_PART((at) + 2, 2, 0x10, NET_FLAG, NULL, "dns.flags.checkdisable"),   \
            NET_PART((at) + 2, 2, 0xf, NET_NUMBER, NULL, "dns.flags.rcode"),         \
            NET_FIELD((at) + 4, 2, NET_NUMBER, NULL, "dns.count.queries"),           \
            NET_FIELD((at) + 6, 2, NET_NUMBER, NULL, "dns.count.answers"),           \
            NET_FIELD((at) + 8, 2, NET_NUMBER, NULL, "dns.count.auth_rr"),           \
            NET_FIELD((at) + 10, 2, NET_NUMBER, NULL, "dns.count.add_rr")

static const struct net_field dns_fields[] = {DNS_FIELDS(0)};

/* Over TCP, its length comes first. */
static const struct net_field dns_tcp_fields[] = {
    NET_FIELD(0, 2, NET_NUMBER, NULL, "dns.length"),
    DNS_FIELDS(2),
};

/* IEEE 802.11's frame control, in little-endian order. */
static const struct net_field wlan_fields[] = {
    NET_PART(0, 1, 0xc, NET_NUMBER, NULL, "wlan.fc.type"),
    NET_PART(0, 1, 0xf0, NET_NUMBER, NULL, "wlan.fc.subtype"),
    NET_PART(1, 1, 0x1, NET_FLAG, NULL, "wlan.fc.tods"),
    NET_PART(1, 1, 0x2, NET_FLAG, NULL, "wlan.fc.fromds"),
    NET_PART(1, 1, 0x4, NET_FLAG, NULL, "wlan.fc.frag"),
    NET_PART(1, 1, 0x8, NET_FLAG, NULL, "wlan.fc.retry"),
    NET_PART(1, 1, 0x10, NET_FLAG, NULL, "wlan.fc.pwrmgt"),
    NET_PART(1, 1, 0x20, NET_FLAG, NULL, "wlan.fc.moredata"),
    NET_PART(1, 1, 0x40, NET_FLAG, NULL, "wlan.fc.protected"),
    NET_PART(1, 1, 0x80, NET_FLAG, NULL, "wlan.fc.order"),
};

const struct net_header net_ethernet = NET_HEADER("Ethernet", "eth", ethernet_fields, NET_LINK, 14,
                                                  .numbers = NET_ETHERTYPES, .next_offset = 12);
const struct net_header net_vlan = NET_HEADER("VLAN", "vlan", vlan_fields, NET_LINK, 4,
                                              .numbers = NET_ETHERTYPES, .next_offset = 2);
const struct net_header net_mpls =
    NET_HEADER("MPLS", "mpls", mpls_fields, NET_LINK, 4, .numbers = NET_LABELS);
const struct net_header net_ppp =
    NET_HEADER("PPP", "ppp", ppp_fields, NET_LINK, 2, .numbers = NET_PPP_PROTOCOLS);
const struct net_header net_pppoe =
    NET_HEADER("PPPoE", "pppoes", pppoe_fields, NET_LINK, 6, .next = &net_ppp);
static const struct net_header pppoe_discovery =
    NET_HEADER("PPPoE", "pppoed", pppoe_fields, NET_LINK, 6);
const struct net_header net_llc = NET_HEADER("802.2", "llc", llc_fields, NET_OTHER_LEVEL, 3);
const struct net_header net_iso = NET_HEADER("OSI", NULL, iso_fields, NET_OTHER_LEVEL, 1);
static const struct net_header decnet = {.name = "DECnet", .level = NET_OTHER_LEVEL};
const struct net_header net_arp = NET_HEADER("ARP", "arp", arp_fields, NET_NETWORK, 28);
static const struct net_header rarp = NET_HEADER("RARP", "arp", arp_fields, NET_NETWORK, 28);
/* No header: IP of whichever version its first byte says. */
const struct net_header net_raw =
    NET_HEADER("IP", "raw", raw_fields, NET_LINK, 0, .numbers = NET_VERSIONS);
const struct net_header net_ipv4 = NET_HEADER("IPv4", "ip", ipv4_fields, NET_NETWORK, 20,
                                              .numbers = NET_IP_PROTOCOLS, .next_offset = 9);
const struct net_header net_ipv6 = NET_HEADER("IPv6", "ipv6", ipv6_fields, NET_NETWORK, 40,
                                              .numbers = NET_IP_PROTOCOLS, .next_offset = 6);
const struct net_header net_ipv6_fragment =
    NET_HEADER("IPv6 fragment", "ipv6.fraghdr", ipv6_fragment_fields, NET_OTHER_LEVEL, 8,
               .numbers = NET_IP_PROTOCOLS);
const struct net_header net_tcp = NET_HEADER("TCP", "tcp", tcp_fields, NET_TRANSPORT, 20);
const struct net_header net_udp =
    NET_HEADER("UDP", "udp", udp_fields, NET_TRANSPORT, 8, .numbers = NET_PORTS);
static const struct net_header sctp = NET_HEADER("SCTP", "sctp", sctp_fields, NET_TRANSPORT, 12);
const struct net_header net_icmp = NET_HEADER("ICMP", "icmp", icmp_fields, NET_TRANSPORT, 4);
const struct net_header net_icmp6 = NET_HEADER("ICMPv6", "icmpv6", icmp6_fields, NET_TRANSPORT, 4);
static const struct net_header igmp = NET_HEADER("IGMP", "igmp", igmp_fields, NET_TRANSPORT, 4);
static const struct net_header esp = NET_HEADER("ESP", "esp", esp_fields, NET_TRANSPORT, 8);
static const struct net_header ah =
    NET_HEADER("AH", "ah", ah_fields, NET_TRANSPORT, 12, .numbers = NET_IP_PROTOCOLS);
const struct net_header net_gre = NET_HEADER("GRE", "gre", gre_fields, NET_OTHER_LEVEL, 4,
                                             .numbers = NET_ETHERTYPES, .next_offset = 2);
static const struct net_header vxlan =
    NET_HEADER("VXLAN", "vxlan", vxlan_fields, NET_OTHER_LEVEL, 8, .next = &net_ethernet);
static const struct net_header vxlan_gpe =
    NET_HEADER("VXLAN-GPE", "vxlan", vxlan_gpe_fields, NET_OTHER_LEVEL, 8);
const struct net_header net_gtp =
    NET_HEADER("GTP", "gtp", gtp_fields, NET_OTHER_LEVEL, 8, .numbers = NET_VERSIONS);
static const struct net_header geneve =
    NET_HEADER("Geneve", "geneve", geneve_fields, NET_OTHER_LEVEL, 8, .numbers = NET_ETHERTYPES,
               .next_offset = 2);
const struct net_header net_dns = NET_HEADER("DNS", "dns", dns_fields, NET_OTHER_LEVEL, 12);
const struct net_header net_mdns = NET_HEADER("DNS", "dns", dns_fields, NET_OTHER_LEVEL, 12);
const struct net_header net_dns_tcp = NET_HEADER("DNS", "dns", dns_tcp_fields, NET_OTHER_LEVEL, 14);
const struct net_header net_tls = {.name = "TLS", .filter = "tls", .level = NET_OTHER_LEVEL};
const struct net_header net_quic = {.name = "QUIC", .filter = "quic", .level = NET_OTHER_LEVEL};
/* Its calls and replies begin with Rx's header. */
const struct net_header net_afs = {.name = "AFS", .filter = "afs", .level = NET_OTHER_LEVEL};
const struct net_header net_http = {.name = "HTTP", .filter = "http", .level = NET_OTHER_LEVEL};
/* Of IEEE 802.11, and what precedes it. How long they are, their printers know. */
const struct net_header net_wlan = NET_HEADER("802.11", "wlan", wlan_fields, NET_LINK, 2);
const struct net_header net_wlan_padded = NET_HEADER("802.11", "wlan", wlan_fields, NET_LINK, 2);
const struct net_header net_radiotap = {
    .name = "radiotap", .filter = "radiotap", .level = NET_LINK, .size = 8};
const struct net_header net_ppi = {.name = "PPI", .filter = "ppi", .level = NET_LINK, .size = 8};
const struct net_header net_avs = {
    .name = "AVS", .filter = "wlancap", .level = NET_LINK, .size = 8, .next = &net_wlan};
const struct net_header net_prism = {
    .name = "Prism", .filter = "prism", .level = NET_LINK, .size = 144, .next = &net_wlan};
const struct net_header net_dhcp = NET_HEADER("DHCP", "dhcp", dhcp_fields, NET_OTHER_LEVEL, 236);
const struct net_header net_dhcp6 =
    NET_HEADER("DHCPv6", "dhcpv6", dhcp6_fields, NET_OTHER_LEVEL, 4);
static const struct net_header ntp = NET_HEADER("NTP", "ntp", ntp_fields, NET_OTHER_LEVEL, 48);
const struct net_header net_rx = NET_HEADER("Rx", "rx", rx_fields, NET_OTHER_LEVEL, 28);

static const struct {
        uint8_t numbers; /* enum net_numbers */
        uint16_t number;
        const struct net_header *header;
} next_headers[] = {
    {NET_ETHERTYPES, ETHERTYPE_IPV4, &net_ipv4},
    {NET_ETHERTYPES, ETHERTYPE_IPV6, &net_ipv6},
    {NET_ETHERTYPES, ETHERTYPE_ARP, &net_arp},
    {NET_ETHERTYPES, ETHERTYPE_RARP, &rarp},
    {NET_ETHERTYPES, ETHERTYPE_DECNET, &decnet},
    {NET_ETHERTYPES, ETHERTYPE_VLAN, &net_vlan},
    {NET_ETHERTYPES, ETHERTYPE_PROVIDER_VLAN, &net_vlan},
    {NET_ETHERTYPES, ETHERTYPE_OLD_PROVIDER_VLAN, &net_vlan},
    {NET_ETHERTYPES, ETHERTYPE_OLD_PROVIDER_VLAN_2, &net_vlan},
    {NET_ETHERTYPES, ETHERTYPE_MPLS, &net_mpls},
    {NET_ETHERTYPES, ETHERTYPE_MPLS_MULTICAST, &net_mpls},
    {NET_ETHERTYPES, ETHERTYPE_PPPOED, &pppoe_discovery},
    {NET_ETHERTYPES, ETHERTYPE_PPPOES, &net_pppoe},
    {NET_ETHERTYPES, ETHERTYPE_BRIDGING, &net_ethernet},
    {NET_PPP_PROTOCOLS, PPP_IPV4, &net_ipv4},
    {NET_PPP_PROTOCOLS, PPP_IPV6, &net_ipv6},
    {NET_PPP_PROTOCOLS, PPP_DECNET, &decnet},
    {NET_PPP_PROTOCOLS, PPP_ISO, &net_iso},
    {NET_PPP_PROTOCOLS, PPP_MPLS, &net_mpls},
    {NET_FAMILIES, AF_INET, &net_ipv4},
    {NET_FAMILIES, AF_INET6, &net_ipv6},
    {NET_VERSIONS, 4, &net_ipv4},
    {NET_VERSIONS, 6, &net_ipv6},
    {NET_IP_PROTOCOLS, IPPROTO_ICMP, &net_icmp},
    {NET_IP_PROTOCOLS, IPPROTO_IGMP, &igmp},
    {NET_IP_PROTOCOLS, IPPROTO_IPIP, &net_ipv4},
    {NET_IP_PROTOCOLS, IPPROTO_TCP, &net_tcp},
    {NET_IP_PROTOCOLS, IPPROTO_UDP, &net_udp},
    {NET_IP_PROTOCOLS, IPPROTO_IPV6, &net_ipv6},
    {NET_IP_PROTOCOLS, IPPROTO_FRAGMENT, &net_ipv6_fragment},
    {NET_IP_PROTOCOLS, IPPROTO_GRE, &net_gre},
    {NET_IP_PROTOCOLS, IPPROTO_ESP, &esp},
    {NET_IP_PROTOCOLS, IPPROTO_AH, &ah},
    {NET_IP_PROTOCOLS, IPPROTO_ICMPV6, &net_icmp6},
    {NET_IP_PROTOCOLS, IPPROTO_SCTP, &sctp},
    {NET_PORTS, 53, &net_dns},
    {NET_PORTS, 5353, &net_mdns},
    {NET_PORTS, 5355, &net_dns},
    {NET_PORTS, 67, &net_dhcp},
    {NET_PORTS, 68, &net_dhcp},
    {NET_PORTS, 546, &net_dhcp6},
    {NET_PORTS, 547, &net_dhcp6},
    {NET_PORTS, 123, &ntp},
    {NET_PORTS, 7000, &net_rx},
    {NET_PORTS, 7001, &net_rx},
    {NET_PORTS, 7002, &net_rx},
    {NET_PORTS, 7003, &net_rx},
    {NET_PORTS, 7004, &net_rx},
    {NET_PORTS, 7005, &net_rx},
    {NET_PORTS, 7006, &net_rx},
    {NET_PORTS, 7007, &net_rx},
    {NET_PORTS, 7008, &net_rx},
    {NET_PORTS, 7009, &net_rx},
    {NET_PORTS, 4789, &vxlan},
    {NET_PORTS, 4790, &vxlan_gpe},
    {NET_PORTS, 6081, &geneve},
    {NET_PORTS, 2152, &net_gtp},
    {NET_PORTS, 6635, &net_mpls},
};

const struct net_header *net_header_by(enum net_numbers numbers, uint32_t number)
{
        for (size_t i = 0; i < array_count(next_headers); i++)
                if (next_headers[i].numbers == numbers && next_headers[i].number == number)
                        return next_headers[i].header;
        return NULL;
}

/* --- From header to header --- */

/* IP, of the version that its first byte says. */
static const struct net_header *by_version(const uint8_t *data, uint32_t captured, uint32_t offset)
{
        return offset < captured ? net_header_by(NET_VERSIONS, data[offset] >> 4) : NULL;
}

/* The first row that has either port decides, as it does for what is printed. */
static const struct net_header *by_port(const uint8_t *data)
{
        uint32_t source = net_read(data, 2), destination = net_read(data + 2, 2);

        for (size_t i = 0; i < array_count(next_headers); i++)
                if (next_headers[i].numbers == NET_PORTS &&
                    (next_headers[i].number == source || next_headers[i].number == destination))
                        return next_headers[i].header;
        return NULL;
}

/* The header after IPv6's extension headers, of which only the fragment header is in the table. */
static const struct net_header *behind_extensions(const uint8_t *data, uint32_t captured,
                                                  uint8_t protocol, uint32_t *offset)
{
        while (protocol == IPPROTO_HOPOPTS || protocol == IPPROTO_DSTOPTS ||
               protocol == IPPROTO_ROUTING) {
                if (captured < 2 || *offset > captured - 2)
                        return NULL;
                protocol = data[*offset];
                *offset += (data[*offset + 1] + 1u) * 8;
        }
        return net_header_by(NET_IP_PROTOCOLS, protocol);
}

/* Behind a header of GTP's user plane, 3GPP TS 29.281, 5.1: with any of three flags there are four
 * bytes more, the last of which says whether extensions follow. Returns false if it carries no
 * packet. */
static bool add_gtp_extensions(const uint8_t *data, uint32_t captured, uint32_t *offset)
{
        enum { VERSION_1 = 0x30, VERSION = 0xf0, EXTENSION = 4, OPTIONAL = 7, PACKET = 255 };

        if ((data[0] & VERSION) != VERSION_1 || data[1] != PACKET)
                return false;
        if (!(data[0] & OPTIONAL))
                return true;
        *offset += 4;
        if (!(data[0] & EXTENSION))
                return true;
        while (*offset <= captured && data[*offset - 1] != 0) {
                if (*offset == captured || data[*offset] == 0)
                        return false;
                *offset += data[*offset] * 4u;
        }
        return *offset <= captured;
}

/* Adjusts `offset` to the actual length of a header. Returns false if no header follows this one.
 */
static bool add_options(const struct net_header *header, const uint8_t *data, uint32_t captured,
                        uint32_t *offset)
{
        if (header == &net_ipv4) {
                *offset = (data[0] & 15) * 4u;
                return *offset >= header->size && (net_read(data + 6, 2) & 0x1fff) == 0;
        }
        if (header == &net_ipv6_fragment)
                return (net_read(data + 2, 2) & ~7u) == 0;
        if (header == &net_pppoe)
                return data[1] == 0; /* session data */
        if (header == &ah) {
                *offset = (data[1] + 2u) * 4;
                return *offset >= header->size;
        }
        if (header == &net_gre) {
                uint32_t flags = net_read(data, 2);

                *offset +=
                    (flags & 0x8000 ? 4 : 0) + (flags & 0x2000 ? 4 : 0) + (flags & 0x1000 ? 4 : 0);
                return (flags & 0x4007) == 0;
        }
        if (header == &geneve) {
                *offset += (data[0] & 63) * 4u;
                return data[0] >> 6 == 0;
        }
        if (header == &net_avs) {
                *offset = net_read(data + 4, 4);
                return *offset >= header->size && *offset <= captured;
        }
        if (header == &net_gtp)
                return add_gtp_extensions(data, captured, offset);
        return true;
}

/* By an EtherType; the length of an IEEE 802.3 frame announces 802.2. */
static const struct net_header *by_ethertype(const struct net_header *header, uint32_t number)
{
        bool may_be_length = header == &net_ethernet || header == &net_vlan;

        return may_be_length && number <= MAX_LENGTH ? &net_llc
                                                     : net_header_by(NET_ETHERTYPES, number);
}

/* Behind 802.2: IP by its SAP, or by an EtherType in SNAP. */
static const struct net_header *behind_llc(const uint8_t *data, uint32_t captured, uint32_t *offset)
{
        enum { SNAP_HEADER = 8, ETHERNET = 0, BRIDGED_ETHERNET = 0xf8 };
        uint32_t organization;

        if (data[0] != data[1] || data[2] != UNNUMBERED)
                return NULL;
        if (data[0] != SNAP)
                return data[0] == SAP_IP ? &net_ipv4 : NULL;
        if (captured < SNAP_HEADER)
                return NULL;
        *offset = SNAP_HEADER;
        organization = net_read(data + 3, 3);
        return organization == ETHERNET || organization == BRIDGED_ETHERNET
                   ? net_header_by(NET_ETHERTYPES, net_read(data + 6, 2))
                   : NULL;
}

static const struct net_header *behind_vxlan_gpe(uint8_t next)
{
        enum { IPV4 = 1, IPV6, ETHERNET };

        return next == IPV4       ? &net_ipv4
               : next == IPV6     ? &net_ipv6
               : next == ETHERNET ? &net_ethernet
                                  : NULL;
}

const struct net_header *net_next_header(const struct net_header *header, const uint8_t *data,
                                         uint32_t captured, uint32_t *offset)
{
        const uint8_t *next = data + header->next_offset;

        *offset = header->size;
        if (captured < header->size || !add_options(header, data, captured, offset))
                return NULL;
        if (header->next)
                return header->next;
        if (header == &net_llc)
                return behind_llc(data, captured, offset);
        if (header == &vxlan_gpe)
                return behind_vxlan_gpe(data[3]);
        switch (header->numbers) {
        case NET_ETHERTYPES: return by_ethertype(header, net_read(next, 2));
        case NET_PPP_PROTOCOLS: return net_header_by(header->numbers, net_read(next, 2));
        case NET_IP_PROTOCOLS:
                return header == &net_ipv4 ? net_header_by(header->numbers, *next)
                                           : behind_extensions(data, captured, *next, offset);
        case NET_PORTS: return by_port(data);
        case NET_LABELS: return data[2] & 1 ? by_version(data, captured, *offset) : header;
        case NET_FAMILIES:
        case NET_HOST_FAMILIES: /* systems number IPv6 differently */
        case NET_VERSIONS: return by_version(data, captured, *offset);
        default: return NULL;
        }
}

bool net_has_field(const struct net_field *field, const uint8_t *header)
{
        return !field->types || memchr(field->types, header[0], field->type_count);
}
