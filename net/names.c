/* Names of values, in words. */
#include "headers.h"
#include "protocols.h"

#include <netinet/in.h>
#include <sys/socket.h>

static const struct {
        uint8_t kind; /* enum net_value */
        uint32_t value;
        const char *name;
} names[] = {
    {NET_ETHERTYPE, ETHERTYPE_IPV4, "IPv4"},
    {NET_ETHERTYPE, ETHERTYPE_ARP, "ARP"},
    {NET_ETHERTYPE, ETHERTYPE_MOPDL, "MOP download"},
    {NET_ETHERTYPE, ETHERTYPE_MOPRC, "MOP remote console"},
    {NET_ETHERTYPE, ETHERTYPE_DECNET, "DECnet"},
    {NET_ETHERTYPE, ETHERTYPE_LAT, "LAT"},
    {NET_ETHERTYPE, ETHERTYPE_SCA, "SCA"},
    {NET_ETHERTYPE, ETHERTYPE_RARP, "RARP"},
    {NET_ETHERTYPE, ETHERTYPE_ATALK, "AppleTalk"},
    {NET_ETHERTYPE, ETHERTYPE_AARP, "AppleTalk ARP"},
    {NET_ETHERTYPE, ETHERTYPE_VLAN, "VLAN"},
    {NET_ETHERTYPE, ETHERTYPE_PROVIDER_VLAN, "provider VLAN"},
    {NET_ETHERTYPE, ETHERTYPE_OLD_PROVIDER_VLAN, "old provider VLAN"},
    {NET_ETHERTYPE, ETHERTYPE_IPX, "IPX"},
    {NET_ETHERTYPE, ETHERTYPE_IPV6, "IPv6"},
    {NET_ETHERTYPE, ETHERTYPE_MPLS, "MPLS"},
    {NET_ETHERTYPE, ETHERTYPE_PPPOED, "PPPoE discovery"},
    {NET_ETHERTYPE, ETHERTYPE_PPPOES, "PPPoE session"},
    {NET_ETHERTYPE, 0x0842, "Wake-on-LAN"},
    {NET_ETHERTYPE, 0x8809, "slow protocols, such as LACP"},
    {NET_ETHERTYPE, ETHERTYPE_MPLS_MULTICAST, "MPLS multicast"},
    {NET_ETHERTYPE, 0x888e, "EAPOL"},
    {NET_ETHERTYPE, 0x88cc, "LLDP"},
    {NET_ETHERTYPE, 0x88e5, "MACsec"},
    {NET_ETHERTYPE, 0x88f7, "PTP"},
    {NET_PPP_PROTOCOL, PPP_IPV4, "IPv4"},
    {NET_PPP_PROTOCOL, PPP_IPV6, "IPv6"},
    {NET_PPP_PROTOCOL, PPP_ISO, "OSI"},
    {NET_PPP_PROTOCOL, PPP_XNS, "Xerox NS"},
    {NET_PPP_PROTOCOL, PPP_DECNET, "DECnet"},
    {NET_PPP_PROTOCOL, PPP_ATALK, "AppleTalk"},
    {NET_PPP_PROTOCOL, PPP_IPX, "IPX"},
    {NET_PPP_PROTOCOL, PPP_BRIDGING, "bridging"},
    {NET_PPP_PROTOCOL, PPP_MPLS, "MPLS"},
    {NET_IP_PROTOCOL, 0, "hop-by-hop options"},
    {NET_IP_PROTOCOL, IPPROTO_ICMP, "ICMP"},
    {NET_IP_PROTOCOL, IPPROTO_IGMP, "IGMP"},
    {NET_IP_PROTOCOL, IPPROTO_TCP, "TCP"},
    {NET_IP_PROTOCOL, IPPROTO_UDP, "UDP"},
    {NET_IP_PROTOCOL, 9, "IGRP"},
    {NET_IP_PROTOCOL, IPPROTO_ROUTING, "routing header"},
    {NET_IP_PROTOCOL, IPPROTO_FRAGMENT, "fragment header"},
    {NET_IP_PROTOCOL, IPPROTO_GRE, "GRE"},
    {NET_IP_PROTOCOL, IPPROTO_ESP, "ESP"},
    {NET_IP_PROTOCOL, IPPROTO_AH, "AH"},
    {NET_IP_PROTOCOL, IPPROTO_ICMPV6, "ICMPv6"},
    {NET_IP_PROTOCOL, IPPROTO_NONE, "no next header"},
    {NET_IP_PROTOCOL, IPPROTO_DSTOPTS, "destination options"},
    {NET_IP_PROTOCOL, IPPROTO_PIM, "PIM"},
    {NET_IP_PROTOCOL, 112, "VRRP"},
    {NET_IP_PROTOCOL, IPPROTO_SCTP, "SCTP"},
    {NET_FAMILY, AF_INET, "IPv4"},
    {NET_FAMILY, AF_INET6, "IPv6"},
    {NET_VERSION, 0x40, "IPv4"},
    {NET_VERSION, 0x60, "IPv6"},
    {NET_PACKET_TYPE, 0, "to this host"},
    {NET_PACKET_TYPE, 1, "broadcast"},
    {NET_PACKET_TYPE, 2, "multicast"},
    {NET_PACKET_TYPE, 3, "to another host"},
    {NET_PACKET_TYPE, 4, "outgoing"},
    {NET_ICMP_TYPE, 0, "echo reply"},
    {NET_ICMP_TYPE, 3, "unreachable"},
    {NET_ICMP_TYPE, 5, "redirect"},
    {NET_ICMP_TYPE, 8, "echo request"},
    {NET_ICMP_TYPE, 11, "time exceeded"},
    {NET_ICMP6_TYPE, 1, "unreachable"},
    {NET_ICMP6_TYPE, 2, "packet too big"},
    {NET_ICMP6_TYPE, 128, "echo request"},
    {NET_ICMP6_TYPE, 129, "echo reply"},
    {NET_ICMP6_TYPE, 133, "router solicitation"},
    {NET_ICMP6_TYPE, 134, "router advertisement"},
    {NET_ICMP6_TYPE, 135, "neighbor solicitation"},
    {NET_ICMP6_TYPE, 136, "neighbor advertisement"},
    {NET_SAP, SAP_IP, "IP"},
    {NET_SAP, SAP_SPANNING_TREE, "spanning tree"},
    {NET_SAP, SAP_SNAP, "SNAP"},
    {NET_SAP, SAP_IPX, "IPX"},
    {NET_SAP, SAP_NETBEUI, "NetBEUI"},
    {NET_SAP, SAP_ISO, "OSI"},
    {NET_SAPS, 0xfefe, "OSI"},
    {NET_SAPS, 0x0606, "IP in 802.2"},
    {NET_SAPS, 0xf0f0, "NetBEUI"},
    {NET_SAPS, 0xffff, "IPX without 802.2"},
    {NET_SAPS, 0xaaaa, "SNAP"},
};

const char *net_value_name(enum net_value kind, uint32_t value)
{
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (names[i].kind == kind && names[i].value == value)
                        return names[i].name;
        return NULL;
}
