/* What IPv4 and IPv6 share: which of them a packet is, the transports by protocol number, and the
 * Internet checksum. */
#include "print/internal.h"

#include <netinet/in.h>

static void ipv4_inside(struct printer *printer, struct view view, const struct network *network)
{
        (void)network;
        ipv4_print(printer, view);
}

static void ipv6_inside(struct printer *printer, struct view view, const struct network *network)
{
        (void)network;
        ipv6_print(printer, view);
}

/* Each of these belongs to one version of IP. */
static void igmp_inside(struct printer *printer, struct view view, const struct network *network)
{
        if (network->version == 4)
                igmp_print(printer, view, network);
        else
                put(printer, "[IGMP requires IPv4] (invalid)");
}

static void icmp_inside(struct printer *printer, struct view view, const struct network *network)
{
        if (network->version == 4)
                icmp_print(printer, view, network);
        else
                put(printer, "[ICMP requires IPv4] (invalid)");
}

static void icmp6_inside(struct printer *printer, struct view view, const struct network *network)
{
        if (network->version == 6)
                icmp6_print(printer, view, network);
        else
                put(printer, "[ICMPv6 requires IPv6] (invalid)");
}

static void ethernet_inside(struct printer *printer, struct view view,
                            const struct network *network)
{
        if (network->version == 6)
                ethernet_print_inside(printer, view);
        else
                put(printer, "[Ethernet requires IPv6] (invalid)");
}

static void none_inside(struct printer *printer, struct view view, const struct network *network)
{
        (void)view;
        (void)network;
        put(printer, "no next header");
}

/* By protocol number; https://www.iana.org/assignments/protocol-numbers. `name` is what -v shows.
 */
static const struct transport {
        const char *name;
        transport_printer *print;
        bool ports; /* prints the addresses itself, with ports behind them */
} transports[256] = {
    [IPPROTO_HOPOPTS] = {"Options", NULL, false},
    [IPPROTO_ICMP] = {"ICMP", icmp_inside, false},
    [IPPROTO_IGMP] = {"IGMP", igmp_inside, false},
    [IPPROTO_IPIP] = {"IPIP", ipv4_inside, false},
    [IPPROTO_TCP] = {"TCP", tcp_print, true},
    [IPPROTO_EGP] = {"EGP", NULL, false},
    [9] = {"IGRP", NULL, false},
    [IPPROTO_UDP] = {"UDP", udp_print, true},
    [IPPROTO_DCCP] = {"DCCP", NULL, false},
    [IPPROTO_IPV6] = {"IPv6", ipv6_inside, false},
    [IPPROTO_ROUTING] = {"Routing", NULL, false},
    [IPPROTO_FRAGMENT] = {"Fragment", NULL, false},
    [IPPROTO_RSVP] = {"RSVP", NULL, false},
    [IPPROTO_GRE] = {"GRE", gre_print, false},
    [IPPROTO_ESP] = {"ESP", esp_print, false},
    [IPPROTO_AH] = {"AH", ah_print, false},
    [55] = {"Mobile IP", NULL, false},
    [62] = {"Mobile IP (old)", NULL, false},
    [IPPROTO_ICMPV6] = {"ICMPv6", icmp6_inside, false},
    [IPPROTO_NONE] = {NULL, none_inside, false},
    [88] = {"EIGRP", NULL, false},
    [89] = {"OSPF", ospf_print, false},
    [IPPROTO_PIM] = {"PIM", pim_print, false},
    [IPPROTO_COMP] = {"Compressed IP", ipcomp_print, false},
    [112] = {"VRRP", vrrp_print, false},
    [113] = {"PGM", NULL, false},
    [IPPROTO_SCTP] = {"SCTP", sctp_print, true},
    [135] = {"Mobility", NULL, false},
    [143] = {"Ethernet", ethernet_inside, false},
};

const char *transport_name(uint8_t protocol)
{
        return transports[protocol].name;
}

bool transport_has_ports(uint8_t protocol)
{
        return transports[protocol].ports;
}

void transport_print(struct printer *printer, struct view view, const struct network *network)
{
        const struct transport *transport = &transports[network->protocol];

        if (transport->print)
                transport->print(printer, view, network);
        else
                putf(printer, " ip-proto-%u %u", network->protocol, view.length);
}

void put_network_address(struct printer *printer, const struct network *network,
                         const uint8_t *address)
{
        if (network->version == 4)
                put_ipv4(printer, address);
        else
                put_ipv6(printer, address);
}

void endpoints_print(struct printer *printer, const struct network *network, int ip_protocol,
                     uint16_t source, uint16_t destination)
{
        if (network->addressed) {
                put_network_address(printer, network, network->source);
                put_char(printer, '.');
        }
        put_port(printer, ip_protocol, source);
        put_bytes(printer, " > ", 3);
        if (network->addressed) {
                put_network_address(printer, network, network->destination);
                put_char(printer, '.');
        }
        put_port(printer, ip_protocol, destination);
        put_bytes(printer, ": ", 2);
}

void endpoints_print_short(struct printer *printer, const struct network *network, const char *end)
{
        put_network_address(printer, network, network->source);
        put(printer, " > ");
        put_network_address(printer, network, network->destination);
        put(printer, end);
}

void ip_print_any(struct printer *printer, struct view view)
{
        uint8_t version = get8(printer, view, 0) >> 4;

        if (version == 4)
                ipv4_print(printer, view);
        else if (version == 6)
                ipv6_print(printer, view);
        else
                putf(printer, "unknown ip %u", version);
}

uint32_t checksum_add(uint32_t sum, const uint8_t *data, uint32_t length)
{
        uint32_t i = 0;

        for (; i + 1 < length; i += 2)
                sum += (uint32_t)data[i] << 8 | data[i + 1];
        if (i < length)
                sum += (uint32_t)data[i] << 8;
        return checksum_fold(sum);
}

uint16_t checksum_fold(uint32_t sum)
{
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)sum;
}

uint16_t checksum_transport(const struct network *network, struct view view, uint32_t length)
{
        uint32_t address = network->version == 4 ? 4 : 16;
        uint32_t sum = network->protocol + (length >> 16) + (length & 0xffff);

        sum = checksum_add(sum, network->source, address);
        sum = checksum_add(sum, network->final, address);
        sum = checksum_add(sum, view.data, length);
        return (uint16_t)~checksum_fold(sum);
}

uint16_t checksum_expected(uint16_t found, uint16_t sum)
{
        /* RFC 1624: taking the field's own value out of the sum again. */
        return checksum_fold((uint32_t)found + sum);
}
