/* The headers of a packet as JSON, outermost first: the fields at fixed places by the tables of
 * net/headers.c, then what the protocol's own function finds; the table of these is below. The list
 * silently ends with the captured bytes, and after MAX_HEADERS. */
#include "forms.h"
#include "print/printer/fields.h"

#include "net/link_types.h"

#include <netinet/in.h>
#include <pcap/dlt.h>

enum { MAX_HEADERS = 32 };

typedef void fields_printer(struct printer *printer, struct packet packet);

/* What a header has besides fixed fields. */
/* clang-format off */
#define LAYERS(X) \
        X(net_tcp, tcp_fields) \
        X(net_udp, udp_fields) \
        X(net_icmp, icmp_fields) \
        X(net_icmp6, icmp6_fields) \
        X(net_gre, gre_fields) \
        X(net_dns, dns_fields) \
        X(net_mdns, mdns_fields) \
        X(net_dns_tcp, dns_tcp_fields) \
        X(net_http, http_fields) \
        X(net_tls, tls_fields) \
        X(net_quic, quic_fields) \
        X(net_dhcp, dhcp_fields) \
        X(net_dhcp6, dhcp6_fields) \
        X(net_afs, afs_fields) \
        X(net_radiotap, radiotap_fields) \
        X(net_wlan, ieee80211_fields) \
        X(net_wlan_padded, ieee80211_fields)
/* clang-format on */

#define DECLARE(header, print) fields_printer print;
LAYERS(DECLARE)

#define ROW(header, print) {&(header), print},
static const struct {
        const struct net_header *header;
        fields_printer *fields;
} layers[] = {LAYERS(ROW)};

/* ---- One header ---- */

static void put_field(struct printer *printer, const struct net_field *field, const uint8_t *data)
{
        uint32_t value = field->size <= 4 ? net_read(data, field->size) : 0;

        if (field->mask)
                value = (value & field->mask) >> __builtin_ctz(field->mask);
        field_key_sized(printer, field->filter, field->filter_size);
        switch (field->value) {
        case NET_FLAG: put(printer, value ? "true" : "false"); return;
        case NET_BITS:
        case NET_IDENTIFIER:
        case NET_ETHERTYPE:
        case NET_PPP_PROTOCOL:
        case NET_SAP:
                put(printer, "\"0x");
                put_hex(printer, value, field->size * 2u);
                break;
        case NET_IPV4_ADDRESS:
                put_char(printer, '"');
                put_ipv4_numeric(printer, data);
                break;
        case NET_IPV6_ADDRESS:
                put_char(printer, '"');
                put_ipv6_numeric(printer, data);
                break;
        case NET_MAC_ADDRESS:
                put_char(printer, '"');
                put_ethernet_numeric(printer, data);
                break;
        default: put_decimal(printer, (uint64_t)value * (field->unit ? field->unit : 1)); return;
        }
        put_char(printer, '"');
}

static void put_fields(struct printer *printer, const struct net_header *header,
                       struct packet packet)
{
        for (uint32_t i = 0; i < header->field_count; i++) {
                const struct net_field *field = &header->fields[i];

                if (field->filter && has(packet, field->offset, field->size) &&
                    net_has_field(field, packet.data))
                        put_field(printer, field, packet.data + field->offset);
        }
        field_done(printer);
}

static void put_header(struct printer *printer, const struct net_header *header,
                       struct packet packet)
{
        put_fields(printer, header, packet);
        for (size_t i = 0; i < array_count(layers); i++) {
                if (layers[i].header == header) {
                        layers[i].fields(printer, packet);
                        break;
                }
        }
}

/* ---- From header to header ---- */

/* The packet without what follows it in a frame, such as padding: as long as its header says. */
static struct packet cut(const struct net_header *header, struct packet packet)
{
        uint32_t length = packet.length;

        if (packet.captured < header->size)
                return packet;
        if (header == &net_ipv4)
                length = net_read(packet.data + 2, 2);
        else if (header == &net_ipv6 && net_read(packet.data + 4, 2) != 0)
                length = header->size + net_read(packet.data + 4, 2);
        else if (header == &net_udp && net_read(packet.data + 4, 2) < length)
                length = net_read(packet.data + 4, 2);
        /* A segment to be divided by the device has no length yet. */
        return length < header->size ? packet : packet_cut(packet, length);
}

/* Takes what transport protocols, and what they carry, need to know. */
static void enter_network(struct printer *printer, struct network *network,
                          const struct net_header *header, struct packet packet)
{
        bool ipv4 = header == &net_ipv4;

        if (header == &net_tcp || header == &net_udp) {
                network->protocol = header == &net_tcp ? IPPROTO_TCP : IPPROTO_UDP;
                printer->source_port = get16(printer, packet, 0);
                printer->destination_port = get16(printer, packet, 2);
        }
        if ((!ipv4 && header != &net_ipv6) || packet.captured < header->size)
                return;
        network->version = ipv4 ? 4 : 6;
        network->source = packet.data + (ipv4 ? 12 : 8);
        network->destination = packet.data + (ipv4 ? 16 : 24);
        printer->network = network;
}

static const struct net_header *outermost(int link_type)
{
        static const struct {
                int link_type;
                const struct net_header *header;
        } others[] = {
            {DLT_IEEE802_11, &net_wlan},
            {DLT_IEEE802_11_RADIO, &net_radiotap},
            {DLT_PPI, &net_ppi},
            {DLT_IEEE802_11_RADIO_AVS, &net_avs},
            {DLT_PRISM_HEADER, &net_prism},
        };
        const struct net_link_type *link = net_link_type(link_type);

        for (size_t i = 0; i < array_count(others); i++)
                if (others[i].link_type == link_type)
                        return others[i].header;
        return link ? link->header : NULL;
}

/* What TCP carries: told by its ports, or by what it looks like. */
static const struct net_header *behind_tcp(struct printer *printer, struct packet segment,
                                           uint32_t *offset)
{
        enum { MIN_HEADER = 20, PORT_DNS = 53 };
        struct packet payload;

        if (segment.captured < MIN_HEADER)
                return NULL;
        *offset = (segment.data[12] >> 4) * 4u;
        payload = packet_from(segment, *offset);
        if (*offset < MIN_HEADER || payload.captured == 0)
                return NULL;
        if ((net_read(segment.data, 2) == PORT_DNS || net_read(segment.data + 2, 2) == PORT_DNS) &&
            dns_tcp_starts(payload))
                return &net_dns_tcp;
        return http_starts(payload) ? &net_http : tls_starts(printer, payload) ? &net_tls : NULL;
}

/* What UDP carries: told by its ports, or by what it looks like. */
static const struct net_header *behind_udp(struct printer *printer, struct packet datagram,
                                           uint32_t *offset)
{
        const struct net_header *next =
            net_next_header(&net_udp, datagram.data, datagram.captured, offset);
        struct packet payload = packet_from(datagram, net_udp.size);

        if (next || payload.captured == 0 ||
            !quic_starts(printer, payload, (uint16_t)net_read(datagram.data, 2),
                         (uint16_t)net_read(datagram.data + 2, 2)))
                return next;
        *offset = net_udp.size;
        return &net_quic;
}

static const struct net_header *next_header(struct printer *printer,
                                            const struct net_header *header, struct packet packet,
                                            uint32_t *offset)
{
        if (header == &net_tcp)
                return behind_tcp(printer, packet, offset);
        if (header == &net_udp)
                return behind_udp(printer, packet, offset);
        if (header == &net_dns_tcp) {
                *offset = 2u + get16(printer, packet, 0);
                return dns_tcp_starts(packet_from(packet, *offset)) ? header : NULL;
        }
        if (header == &net_rx) {
                *offset = 0;
                return afs_starts(printer, packet) ? &net_afs : NULL;
        }
        if (header == &net_radiotap)
                return radiotap_pads(printer, packet, offset) ? &net_wlan_padded : &net_wlan;
        if (header == &net_ppi) {
                *offset = get16_little(printer, packet, 2);
                return *offset < header->size ? NULL
                                              : outermost((int)get32_little(printer, packet, 4));
        }
        if (header == &net_wlan || header == &net_wlan_padded) {
                *offset = ieee80211_data(printer, packet, header == &net_wlan_padded);
                return *offset ? &net_llc : NULL;
        }
        return net_next_header(header, packet.data, packet.captured, offset);
}

/* The packet that a message of ICMP quotes; NULL if it does not. It may go on further than what is
 * quoted of it. */
static const struct net_header *quoted(const struct net_header *header, struct packet packet)
{
        if (header == &net_icmp && icmp_quotes(packet))
                return &net_ipv4;
        return header == &net_icmp6 && icmp6_quotes(packet) ? &net_ipv6 : NULL;
}

static void put_layers(struct printer *printer, const struct net_header *header,
                       struct packet packet, bool in_quote)
{
        enum { QUOTE = 8 };
        struct network network = {.version = 0};

        for (int i = 0; i < MAX_HEADERS && header && header->filter; i++) {
                uint32_t next;

                packet = cut(header, packet);
                enter_network(printer, &network, header, packet);
                field_open(printer, NULL, '{');
                field_key(printer, "layer");
                put_char(printer, '"');
                put(printer, header->filter);
                put_char(printer, '"');
                put_header(printer, header, packet);
                if (!in_quote && quoted(header, packet)) {
                        field_open(printer, "quoted", '[');
                        put_layers(printer, quoted(header, packet), packet_from(packet, QUOTE),
                                   true);
                        field_close(printer);
                }
                field_close(printer);
                header = next_header(printer, header, packet, &next);
                if (header)
                        packet = packet_from(packet, next);
        }
}

/* Where the packet ends in the middle of something, its list ends there. */
void layers_print(struct printer *printer, struct packet packet, int link_type)
{
        jmp_buf outer;
        int reason;

        printer->fields.depth = 0;
        field_open(printer, "layers", '[');
        memcpy(&outer, &printer->abandon, sizeof outer);
        reason = setjmp(printer->abandon);
        if (reason == 0)
                put_layers(printer, outermost(link_type), packet, false);
        memcpy(&printer->abandon, &outer, sizeof outer);
        if (reason == ABANDON_MEMORY)
                longjmp(printer->abandon, reason);
        fields_end(printer, 0);
}
