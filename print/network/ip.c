/* What IPv4 and IPv6 share: the transports by protocol number. */
#include "network.h"

#include <netinet/in.h>

/* https://www.iana.org/assignments/protocol-numbers, as -v names them. */
static const struct name names[] = {
    {IPPROTO_HOPOPTS, "Options"},
    {IPPROTO_ICMP, "ICMP"},
    {IPPROTO_IGMP, "IGMP"},
    {IPPROTO_IPIP, "IPIP"},
    {IPPROTO_TCP, "TCP"},
    {IPPROTO_EGP, "EGP"},
    {9, "IGRP"},
    {IPPROTO_UDP, "UDP"},
    {IPPROTO_DCCP, "DCCP"},
    {IPPROTO_IPV6, "IPv6"},
    {IPPROTO_ROUTING, "Routing"},
    {IPPROTO_FRAGMENT, "Fragment"},
    {IPPROTO_RSVP, "RSVP"},
    {IPPROTO_GRE, "GRE"},
    {IPPROTO_ESP, "ESP"},
    {IPPROTO_AH, "AH"},
    {55, "Mobile IP"},
    {62, "Mobile IP (old)"},
    {IPPROTO_ICMPV6, "ICMPv6"},
    {88, "EIGRP"},
    {89, "OSPF"},
    {IPPROTO_PIM, "PIM"},
    {IPPROTO_COMP, "Compressed IP"},
    {112, "VRRP"},
    {113, "PGM"},
    {IPPROTO_SCTP, "SCTP"},
    {135, "Mobility"},
    {143, "Ethernet"},
    {0, NULL},
};

const char *transport_name(uint8_t protocol)
{
        return name_or(names, protocol, "unknown");
}

bool transport_has_ports(uint8_t protocol)
{
        return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
               protocol == IPPROTO_DCCP;
}

void no_next_header_print(struct printer *printer, struct packet packet)
{
        (void)packet;
        put(printer, "no next header");
}

/* Sun's disks over the network. */
void nd_print(struct printer *printer, struct packet packet)
{
        put(printer, " nd");
        put_number_as(printer, ROLE_LENGTH, " ", packet.length);
}

void transport_print(struct printer *printer, struct packet packet, const struct network *network)
{
        const struct network *outer = printer->network;

        printer->network = network;
        if (!protocol_print(printer, IP_PROTOCOL, network->protocol, packet)) {
                put_char(printer, ' ');
                put_ip_protocol(printer, network->protocol);
                put_number_as(printer, ROLE_LENGTH, " ", packet.length);
        }
        printer->network = outer;
}
