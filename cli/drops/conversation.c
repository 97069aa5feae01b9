/* Who sends to whom: the ends of an IP packet, for words and for rules. */
#include "drop.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <string.h>

/* Where the addresses and the payload are, and what it is. */
struct ends {
        int family;
        const uint8_t *source, *destination;
        uint32_t payload;
        uint8_t protocol;
        bool has_ports; /* not in later fragments */
};

static bool find_ipv4(const struct drops_record *record, struct ends *ends)
{
        enum { HEADER = 20, OFFSET = 0x1fff };
        const uint8_t *bytes = record->bytes;

        if (record->captured < HEADER)
                return false;
        *ends = (struct ends){
            .family = AF_INET,
            .source = bytes + 12,
            .destination = bytes + 16,
            .payload = (bytes[0] & 15) * 4u,
            .protocol = bytes[9],
            .has_ports = ((bytes[6] << 8 | bytes[7]) & OFFSET) == 0,
        };
        return true;
}

/* Passes extension headers that have a length of their own. */
static void pass_extensions(const struct drops_record *record, struct ends *ends)
{
        enum { FRAGMENT = 44, FRAGMENT_HEADER = 8 };

        while (ends->payload + 8 <= record->captured) {
                const uint8_t *at = record->bytes + ends->payload;

                if (ends->protocol == FRAGMENT) {
                        ends->has_ports = (at[2] << 8 | (at[3] & 0xf8)) == 0;
                        ends->payload += FRAGMENT_HEADER;
                } else if (ends->protocol == IPPROTO_HOPOPTS || ends->protocol == IPPROTO_ROUTING ||
                           ends->protocol == IPPROTO_DSTOPTS) {
                        ends->payload += at[1] * 8u + 8;
                } else {
                        return;
                }
                ends->protocol = at[0];
        }
}

static bool find_ipv6(const struct drops_record *record, struct ends *ends)
{
        enum { HEADER = 40 };

        if (record->captured < HEADER)
                return false;
        *ends = (struct ends){
            .family = AF_INET6,
            .source = record->bytes + 8,
            .destination = record->bytes + 24,
            .payload = HEADER,
            .protocol = record->bytes[6],
            .has_ports = true,
        };
        pass_extensions(record, ends);
        return true;
}

static void put_end(struct text *text, const struct ends *ends, const uint8_t *address,
                    const uint8_t *port)
{
        char shown[INET6_ADDRSTRLEN];

        inet_ntop(ends->family, address, shown, sizeof shown);
        text_string(text, shown);
        if (port)
                text_format(text, ".%u", port[0] << 8 | port[1]);
}

static const char *protocol_name(uint8_t protocol)
{
        switch (protocol) {
        case IPPROTO_ICMP: return "ICMP";
        case IPPROTO_IGMP: return "IGMP";
        case IPPROTO_TCP: return "TCP";
        case IPPROTO_UDP: return "UDP";
        case IPPROTO_ICMPV6: return "ICMPv6";
        case IPPROTO_SCTP: return "SCTP";
        case IPPROTO_DCCP: return "DCCP";
        case IPPROTO_UDPLITE: return "UDP-Lite";
        default: return NULL;
        }
}

static bool has_ports(uint8_t protocol)
{
        return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
               protocol == IPPROTO_DCCP || protocol == IPPROTO_UDPLITE;
}

static bool find_ends(const struct drops_record *record, struct ends *ends)
{
        if (record->protocol == ETHERTYPE_IP)
                return find_ipv4(record, ends);
        return record->protocol == ETHERTYPE_IPV6 && find_ipv6(record, ends);
}

/* NULL if there are none, or they are not among the bytes. */
static const uint8_t *find_ports(const struct drops_record *record, const struct ends *ends)
{
        return ends->has_ports && has_ports(ends->protocol) && ends->payload + 4 <= record->captured
                   ? record->bytes + ends->payload
                   : NULL;
}

void drop_conversation(struct text *text, const struct drops_record *record)
{
        struct ends ends;
        const uint8_t *ports;
        const char *name;

        if (record->protocol == ETHERTYPE_ARP) {
                text_string(text, "ARP");
                return;
        }
        if (!find_ends(record, &ends)) {
                text_format(text, "ethertype 0x%04x", record->protocol);
                return;
        }
        ports = find_ports(record, &ends);
        put_end(text, &ends, ends.source, ports);
        text_string(text, " > ");
        put_end(text, &ends, ends.destination, ports ? ports + 2 : NULL);
        name = protocol_name(ends.protocol);
        if (name)
                text_format(text, " %s", name);
        else
                text_format(text, " protocol %u", ends.protocol);
}

void drop_describe(const struct drops_record *record, bool sent, struct rules_packet *packet)
{
        const char *name = *record->name ? record->name : NULL;
        struct ends ends;
        const uint8_t *ports;
        size_t size;

        *packet = (struct rules_packet){.in = sent ? NULL : name, .out = sent ? name : NULL};
        if (!find_ends(record, &ends))
                return;
        size = ends.family == AF_INET ? 4 : 16;
        packet->family = ends.family;
        packet->protocol = ends.protocol;
        memcpy(packet->source, ends.source, size);
        memcpy(packet->destination, ends.destination, size);
        ports = find_ports(record, &ends);
        packet->has_ports = ports;
        if (ports) {
                packet->source_port = (uint16_t)(ports[0] << 8 | ports[1]);
                packet->destination_port = (uint16_t)(ports[2] << 8 | ports[3]);
        }
        packet->has_type = ends.has_ports && ends.payload < record->captured;
        if (packet->has_type)
                packet->type = record->bytes[ends.payload];
}
