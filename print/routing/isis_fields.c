/* IS-IS: the type-length-value fields. */
#include "isis.h"

enum field {
        AREAS = 1,
        OLD_NEIGHBORS = 2,
        END_SYSTEMS = 3,
        PARTITION = 4,
        PREFIX_NEIGHBORS = 5,
        LAN_NEIGHBORS = 6,
        INSTANCE = 7,
        PADDING = 8,
        LSPS = 9,
        AUTHENTICATION = 10,
        CHECKSUM = 12,
        PURGE_ORIGINATOR = 13,
        BUFFER_SIZE = 14,
        NEIGHBORS = 22,
        ALIAS = 24,
        OLD_PREFIXES = 128,
        PROTOCOLS = 129,
        OLD_EXTERNAL_PREFIXES = 130,
        INTER_DOMAIN = 131,
        ADDRESSES = 132,
        ROUTER_ID = 134,
        PREFIXES = 135,
        HOSTNAME = 137,
        RISK_GROUP = 138,
        PORT_CAPABILITY = 143,
        CAPABILITY = 144,
        RESTART = 211,
        TOPOLOGY_NEIGHBORS = 222,
        TOPOLOGIES = 229,
        ADDRESSES_6 = 232,
        TOPOLOGY_PREFIXES = 235,
        PREFIXES_6 = 236,
        TOPOLOGY_PREFIXES_6 = 237,
        ADJACENCY = 240,
        SEQUENCE = 241,
        ROUTER_CAPABILITY = 242,
        VENDOR = 250
};

/* https://www.iana.org/assignments/isis-tlv-codepoints */
static const struct name names[] = {
    {AREAS, "Area address(es)"},
    {OLD_NEIGHBORS, "IS Reachability"},
    {END_SYSTEMS, "ES Neighbor(s)"},
    {PARTITION, "Partition DIS"},
    {PREFIX_NEIGHBORS, "Prefix Neighbors"},
    {LAN_NEIGHBORS, "IS Neighbor(s)"},
    {INSTANCE, "Instance Identifier"},
    {PADDING, "Padding"},
    {LSPS, "LSP entries"},
    {AUTHENTICATION, "Authentication"},
    {CHECKSUM, "Checksum"},
    {PURGE_ORIGINATOR, "Purge Originator Identifier"},
    {BUFFER_SIZE, "LSP Buffersize"},
    {NEIGHBORS, "Extended IS Reachability"},
    {ALIAS, "IS Alias ID"},
    {42, "DECnet Phase IV"},
    {66, "Lucent Proprietary"},
    {OLD_PREFIXES, "IPv4 Internal Reachability"},
    {PROTOCOLS, "Protocols supported"},
    {OLD_EXTERNAL_PREFIXES, "IPv4 External Reachability"},
    {INTER_DOMAIN, "Inter-Domain Information Type"},
    {ADDRESSES, "IPv4 Interface address(es)"},
    {133, "IPv4 authentication (deprecated)"},
    {ROUTER_ID, "Traffic Engineering Router ID"},
    {PREFIXES, "Extended IPv4 Reachability"},
    {HOSTNAME, "Hostname"},
    {RISK_GROUP, "Shared Risk Link Group"},
    {PORT_CAPABILITY, "Multi-Topology-Aware Port Capability"},
    {CAPABILITY, "Multi-Topology Capability"},
    {176, "Nortel Proprietary"},
    {177, "Nortel Proprietary"},
    {RESTART, "Restart Signaling"},
    {TOPOLOGY_NEIGHBORS, "Multi Topology IS Reachability"},
    {TOPOLOGIES, "Multi Topology"},
    {ADDRESSES_6, "IPv6 Interface address(es)"},
    {TOPOLOGY_PREFIXES, "Multi-Topology IPv4 Reachability"},
    {PREFIXES_6, "IPv6 reachability"},
    {TOPOLOGY_PREFIXES_6, "Multi-Topology IP6 Reachability"},
    {ADJACENCY, "Point-to-point Adjacency State"},
    {SEQUENCE, "Hello PDU Sequence Number"},
    {ROUTER_CAPABILITY, "IS-IS Router Capability"},
    {VENDOR, "Vendor Private"},
    {0, NULL},
};

#define LINE "\n\t      "

/* `label`, and the identifiers of `size` bytes that the value holds. */
static void ids_print(struct printer *printer, struct packet value, const char *label,
                      uint32_t size)
{
        for (; value.length >= size; value = packet_from(value, size)) {
                need(printer, value, 0, size);
                put(printer, label);
                isis_put_id(printer, value, 0, size);
        }
}

static void areas_print(struct printer *printer, struct packet value)
{
        while (value.length > 0) {
                uint32_t size = get8(printer, value, 0);

                value = packet_from(value, 1);
                if (value.length < size)
                        return;
                need_hard(printer, value, 0, size);
                putf(printer, LINE "Area address (length: %u): ", size);
                put_nsap(printer, value, 0, size);
                value = packet_from(value, size);
        }
}

static void old_neighbors_print(struct printer *printer, struct packet value)
{
        enum { ENTRY = 11 };
        static const struct name kinds[] = {{0, "IsNotVirtual"}, {1, "IsVirtual"}, {0, NULL}};

        if (value.length < 1)
                return;
        put_named8(printer, LINE, kinds, "bogus virtual flag 0x%02x", value, 0);
        for (value = packet_from(value, 1); value.length >= ENTRY;
             value = packet_from(value, ENTRY)) {
                need(printer, value, 0, ENTRY);
                put(printer, LINE "IS Neighbor: ");
                isis_put_id(printer, value, 4, ISIS_NODE);
                isis_metric_block_print(printer, value);
        }
}

static void end_systems_print(struct printer *printer, struct packet value)
{
        enum { ENTRY = 10 };

        for (; value.length >= ENTRY; value = packet_from(value, ENTRY)) {
                need(printer, value, 0, ENTRY);
                put(printer, LINE "ES Neighbor: ");
                isis_put_id(printer, value, 4, ISIS_SYSTEM);
                isis_metric_block_print(printer, value);
        }
}

/* Sizes are in half bytes. */
static void prefix_neighbors_print(struct printer *printer, struct packet value)
{
        enum { METRICS = 4 };

        if (value.length < METRICS)
                return;
        need(printer, value, 0, METRICS);
        put(printer, LINE "Metric Block");
        isis_metric_block_print(printer, value);
        for (value = packet_from(value, METRICS); value.length > 0;) {
                uint32_t halves = get8(printer, value, 0);

                value = packet_from(value, 1);
                if (halves < 2) {
                        putf(printer, "\n\t\tAddress: prefix length %u < 2", halves);
                        return;
                }
                if (value.length < halves / 2)
                        return;
                need_hard(printer, value, 0, halves / 2);
                put(printer, "\n\t\tAddress: ");
                put_nsap(printer, value, 0, halves / 2);
                putf(printer, "/%u", halves * 4);
                value = packet_from(value, halves / 2);
        }
}

/* RFC 8202. */
static void instance_print(struct printer *printer, struct packet value)
{
        uint32_t count;

        if (value.length < 4)
                return;
        count = (value.length - 2) / 2;
        putf(printer, LINE "Instance ID: %u", get16(printer, value, 0));
        putf(printer, ", ITIDs(%u)%s", count, count > 0 ? ": " : "");
        for (uint32_t i = 1; i <= count; i++)
                putf(printer, i < count ? "%u, " : "%u", get16(printer, value, 2 * i));
}

static void lsps_print(struct printer *printer, struct packet value)
{
        enum { ENTRY = 16 };

        for (; value.length >= ENTRY; value = packet_from(value, ENTRY)) {
                need(printer, value, 2, ISIS_LSP);
                put(printer, LINE "lsp-id: ");
                isis_put_id(printer, value, 2, ISIS_LSP);
                putf(printer, ", seq: 0x%08x", get32(printer, value, 10));
                putf(printer, ", lifetime: %5us", get16(printer, value, 0));
                putf(printer, ", chksum: 0x%04x", get16(printer, value, 14));
        }
}

static void authentication_print(struct printer *printer, struct packet value)
{
        enum { PLAIN = 1, GENERIC = 3, MD5 = 54, MD5_SIZE = 17 };
        static const struct name kinds[] = {
            {PLAIN, "simple text password"},
            {GENERIC, "Generic Crypto key-id"},
            {MD5, "HMAC-MD5 password"},
            {255, "Routing Domain private password"},
            {0, NULL},
        };
        uint8_t kind;

        if (value.length < 1)
                return;
        kind = get8(printer, value, 0);
        put(printer, LINE);
        put_name(printer, kinds, "unknown Authentication type 0x%02x", kind);
        put(printer, ": ");
        switch (kind) {
        case PLAIN:
                for (uint32_t i = 1; i < value.length && get8(printer, value, i) != 0; i++)
                        put_visible(printer, value.data[i]);
                break;
        case MD5:
                put_hex_bytes(printer, value, 1, value.length - 1);
                if (value.length != MD5_SIZE)
                        put_damage(printer, ", (invalid subTLV) ");
                put(printer, " (unchecked)");
                break;
        case GENERIC:
                if (value.length < 3)
                        break;
                putf(printer, "%u, password: ", get16(printer, value, 1));
                for (uint32_t i = 3; i < value.length; i++)
                        put_hex(printer, get8(printer, value, i), 2);
                break;
        default: dump_hex(printer, "\n\t\t  ", packet_from(value, 1), value.length - 1);
        }
}

static void checksum_print(struct printer *printer, struct packet pdu, struct packet value)
{
        uint16_t checksum;

        if (value.length < 2)
                return;
        need(printer, value, 0, 2);
        checksum = get16(printer, value, 0);
        putf(printer, LINE "checksum: 0x%04x ", checksum);
        iso_checksum_print(printer, pdu, checksum, (uint32_t)(value.data - pdu.data), pdu.length);
}

/* RFC 6232. */
static void purge_originator_print(struct printer *printer, struct packet value)
{
        uint8_t count;

        if (value.length < 1)
                return;
        count = get8(printer, value, 0);
        if (count == 0) {
                put(printer, " No system IDs supplied");
                return;
        }
        if (value.length < 1 + ISIS_SYSTEM)
                return;
        need(printer, value, 1, ISIS_SYSTEM);
        put(printer, LINE "Purge Originator System-ID: ");
        isis_put_id(printer, value, 1, ISIS_SYSTEM);
        if (count == 1 || value.length < 1 + 2 * ISIS_SYSTEM)
                return;
        /* tcpdump wants more to be captured than it reads. */
        need(printer, value, 1 + ISIS_SYSTEM, 2 * ISIS_SYSTEM + 1);
        put(printer, LINE "Received from System-ID: ");
        isis_put_id(printer, value, 1 + ISIS_SYSTEM, ISIS_SYSTEM);
}

static void protocols_print(struct printer *printer, struct packet value)
{
        put(printer, LINE "NLPID(s): ");
        for (uint32_t i = 0; i < value.length; i++) {
                uint8_t number = get8(printer, value, i);

                putf(printer, "%s (0x%02x)%s", name_or(nlpid_names, number, "unknown"), number,
                     i + 1 < value.length ? ", " : "");
        }
}

static void inter_domain_print(struct printer *printer, struct packet value)
{
        enum { AS = 2 };
        static const struct name kinds[] = {
            {0, "Reserved"}, {1, "Routing-Domain Specific"}, {AS, "AS Number Tag"}, {0, NULL}};
        uint8_t kind;

        if (value.length < 1)
                return;
        kind = get8(printer, value, 0);
        put(printer, LINE "Inter-Domain Information Type: ");
        put_name(printer, kinds, "Unknown (0x%02x)", kind);
        if (kind != AS)
                dump_hex(printer, LINE, packet_from(value, 1), value.length - 1);
        else if (value.length >= 3)
                putf(printer, "AS Number: %u", get16(printer, value, 1));
}

static void addresses_print(struct printer *printer, struct packet value, bool ipv6)
{
        uint32_t size = ipv6 ? 16 : 4;

        for (; value.length >= size; value = packet_from(value, size)) {
                need_hard(printer, value, 0, size);
                if (ipv6)
                        put_ipv6_labelled(printer, LINE "IPv6 interface address: ", value, 0);
                else
                        put_ipv4_labelled(printer, LINE "IPv4 interface address: ", value, 0);
        }
}

/* RFC 5307. */
static void risk_group_print(struct printer *printer, struct packet value)
{
        static const char *const labels[] = {LINE "IPv4 interface address: ",
                                             LINE "IPv4 neighbor address: "};

        if (value.length < ISIS_NODE)
                return;
        need(printer, value, 0, ISIS_NODE);
        put(printer, LINE "IS Neighbor: ");
        isis_put_id(printer, value, 0, ISIS_NODE);
        value = packet_from(value, ISIS_NODE);
        if (value.length < 1)
                return;
        putf(printer, ", Flags: [%s]", get8(printer, value, 0) & 1 ? "numbered" : "unnumbered");
        value = packet_from(value, 1);
        for (int i = 0; i < 2; i++, value = packet_from(value, 4)) {
                if (value.length < 4)
                        return;
                need_hard(printer, value, 0, 4);
                put_ipv4_labelled(printer, labels[i], value, 0);
        }
        for (; value.length >= 4; value = packet_from(value, 4))
                putf(printer, LINE "Link-ID: 0x%08x", get32(printer, value, 0));
}

/* RFC 5306. */
static void restart_print(struct printer *printer, struct packet value)
{
        static const struct name flags[] = {{0x01, "Restart Request"},
                                            {0x02, "Restart Acknowledgement"},
                                            {0x04, "Suppress adjacency advertisement"},
                                            {0, NULL}};

        if (value.length < 1)
                return;
        need(printer, value, 0, 1);
        put_flag_list(printer, LINE "Flags [", flags, get8(printer, value, 0));
        if (value.length < 3)
                return;
        need(printer, value, 1, 2);
        putf(printer, ", Remaining holding time %us", get16(printer, value, 1));
        if (value.length != 3 + ISIS_SYSTEM)
                return;
        need(printer, value, 3, ISIS_SYSTEM);
        put(printer, ", for ");
        isis_put_id(printer, value, 3, ISIS_SYSTEM);
}

static void topologies_print(struct printer *printer, struct packet value)
{
        for (; value.length > 0; value = packet_from(value, 2)) {
                if (!isis_topology_print(printer, value)) {
                        put_damage(printer, LINE "invalid MT-ID");
                        return;
                }
        }
}

bool isis_topology_print(struct printer *printer, struct packet value)
{
        static const struct name topologies[] = {
            {0, "IPv4 unicast"},
            {1, "In-Band Management"},
            {2, "IPv6 unicast"},
            {3, "Multicast"},
            {4095, "Development, Experimental or Proprietary"},
            {0, NULL},
        };
        static const struct name flags[] = {
            {0x4000, "ATT bit set"}, {0x8000, "Overload bit set"}, {0, NULL}};
        uint16_t topology;

        if (value.length < 2)
                return false;
        topology = get16(printer, value, 0);
        putf(printer, LINE "%s Topology (0x%03x)",
             name_or(topologies, topology & 0xfff, "Reserved for IETF Consensus"),
             topology & 0xfffu);
        put_flag_list(printer, ", Flags: [", flags, topology & 0xf000);
        return true;
}

/* RFC 5303. Parts that are missing are passed over all the same. */
static void adjacency_print(struct printer *printer, struct packet value)
{
        static const struct name states[] = {
            {0, "Up"}, {1, "Initializing"}, {2, "Down"}, {0, NULL}};
        uint32_t left = value.length;

        if (left >= 1) {
                uint8_t state = get8(printer, value, 0);

                putf(printer, LINE "Adjacency State: %s (%u)", name_or(states, state, "unknown"),
                     state);
                left--;
        }
        if (left > 4) {
                putf(printer, LINE "Extended Local circuit-ID: 0x%08x", get32(printer, value, 1));
                left -= 4;
        }
        if (left >= ISIS_SYSTEM) {
                need(printer, value, 5, ISIS_SYSTEM);
                put(printer, LINE "Neighbor System-ID: ");
                isis_put_id(printer, value, 5, ISIS_SYSTEM);
                left -= ISIS_SYSTEM;
        }
        if (left >= 4)
                putf(printer, LINE "Neighbor Extended Local circuit-ID: 0x%08x",
                     get32(printer, value, 11));
}

/* RFC 8667, 3.1: a range of labels, whose first is in a field of its own. */
static void segment_routing_print(struct printer *printer, struct packet value)
{
        enum { LABEL = 1, LEAST = 5 };
        static const struct name flags[] = {{0x80, "ipv4"}, {0x40, "ipv6"}, {0, NULL}};
        uint8_t left = (uint8_t)(value.length - 4); /* wraps around, as in tcpdump */

        need_hard(printer, value, 0, 4);
        put(printer, ", Flags [");
        if (get8(printer, value, 0) & 0xc0)
                put_flags(printer, flags, ", ", value.data[0]);
        else
                put(printer, "None");
        putf(printer, "], Range %u", get24(printer, value, 1));
        for (value = packet_from((struct packet){value.data, value.captured, UINT32_MAX}, 4);
             left >= LEAST;) {
                uint8_t type = get8(printer, value, 0);
                uint32_t size = get8(printer, value, 1);

                value = packet_from(value, 2);
                if (size + 2 > left)
                        return;
                if (type == LABEL && (size == 3 || size == 4))
                        putf(printer, ", SID value %u",
                             size == 4 ? get32(printer, value, 0) : get24(printer, value, 0));
                else if (type == LABEL)
                        putf(printer, ", Unknown SID length%u", size);
                else
                        dump_hex(printer, "\n\t\t  ", value, size);
                value = packet_from(value, size);
                left = (uint8_t)(left - 2 - size);
        }
}

/* RFC 7981. */
static enum isis_result router_capability_print(struct printer *printer, struct packet value)
{
        enum { SEGMENT_ROUTING = 2 };
        static const struct name flags[] = {{0x01, "S bit"}, {0x02, "D bit"}, {0, NULL}};

        if (value.length < 5) {
                putf(printer, " [object length %u < 5]", value.length);
                put_invalid(printer);
                return ISIS_DONE;
        }
        need_hard(printer, value, 0, 4);
        put_ipv4_labelled(printer, LINE "Router-ID ", value, 0);
        put_flag_list(printer, ", Flags [", flags, get8(printer, value, 4));
        value = packet_from(value, 5);
        while (value.length >= 2) {
                uint8_t type;
                uint32_t size;
                struct packet sub;

                type = get8(printer, value, 0);
                size = get8(printer, value, 1);
                value = packet_from(value, 2);
                putf(printer, "\n\t\t%s subTLV #%u, length: %u",
                     type == SEGMENT_ROUTING ? "SR-Capabilities" : "unknown", type, size);
                if (size > value.length)
                        break;
                sub = value;
                sub.length = size;
                if (!has(sub, 0, size))
                        break;
                if (type == SEGMENT_ROUTING)
                        segment_routing_print(printer, sub);
                else
                        dump_hex(printer, "\n\t\t", sub, size);
                value = packet_from(value, size);
        }
        return ISIS_DONE;
}

static void vendor_print(struct printer *printer, struct packet value)
{
        uint32_t oui;

        if (value.length < 3)
                return;
        oui = get24(printer, value, 0);
        putf(printer, LINE "Vendor: %s (%u)", name_or(oui_names, oui, "Unknown"), oui);
        if (value.length > 3)
                dump_hex(printer, "\n\t\t", packet_from(value, 3), value.length - 3);
}

static enum isis_result value_print(struct printer *printer, struct packet pdu, struct packet value,
                                    uint8_t type)
{
        switch (type) {
        case AREAS: areas_print(printer, value); break;
        case OLD_NEIGHBORS: old_neighbors_print(printer, value); break;
        case END_SYSTEMS: end_systems_print(printer, value); break;
        case PARTITION: ids_print(printer, value, LINE, ISIS_SYSTEM); break;
        case PREFIX_NEIGHBORS: prefix_neighbors_print(printer, value); break;
        case LAN_NEIGHBORS: ids_print(printer, value, LINE "SNPA: ", ISIS_SYSTEM); break;
        case INSTANCE: instance_print(printer, value); break;
        case PADDING: break;
        case LSPS: lsps_print(printer, value); break;
        case AUTHENTICATION: authentication_print(printer, value); break;
        case CHECKSUM: checksum_print(printer, pdu, value); break;
        case PURGE_ORIGINATOR: purge_originator_print(printer, value); break;
        case BUFFER_SIZE:
                if (value.length >= 2)
                        putf(printer, LINE "LSP Buffersize: %u", get16(printer, value, 0));
                break;
        case NEIGHBORS: return isis_neighbors_print(printer, value, false);
        case ALIAS: return isis_neighbors_print(printer, value, true);
        case TOPOLOGY_NEIGHBORS:
                if (!isis_topology_print(printer, value))
                        return ISIS_CUT;
                return isis_neighbors_print(printer, packet_from(value, 2), false);
        case OLD_PREFIXES:
        case OLD_EXTERNAL_PREFIXES: return isis_old_prefixes_print(printer, value);
        case PROTOCOLS: protocols_print(printer, value); break;
        case INTER_DOMAIN: inter_domain_print(printer, value); break;
        case ADDRESSES: addresses_print(printer, value, false); break;
        case ADDRESSES_6: addresses_print(printer, value, true); break;
        case ROUTER_ID:
                if (value.length < 4)
                        break;
                need_hard(printer, value, 0, 4);
                put_ipv4_labelled(printer, LINE "Traffic Engineering Router ID: ", value, 0);
                break;
        case PREFIXES: return isis_prefixes_print(printer, value, false);
        case PREFIXES_6: return isis_prefixes_print(printer, value, true);
        case TOPOLOGY_PREFIXES:
        case TOPOLOGY_PREFIXES_6:
                if (!isis_topology_print(printer, value))
                        return ISIS_CUT;
                return isis_prefixes_print(printer, packet_from(value, 2),
                                           type == TOPOLOGY_PREFIXES_6);
        case HOSTNAME:
                put(printer, LINE "Hostname: ");
                put_until_zero(printer, value);
                break;
        case RISK_GROUP: risk_group_print(printer, value); break;
        case PORT_CAPABILITY: return isis_port_capability_print(printer, value);
        case CAPABILITY: return isis_capability_print(printer, value);
        case RESTART: restart_print(printer, value); break;
        case TOPOLOGIES: topologies_print(printer, value); break;
        case ADJACENCY: adjacency_print(printer, value); break;
        case SEQUENCE:
                if (value.length >= 4)
                        putf(printer, LINE "Sequence number: %u", get32(printer, value, 0));
                break;
        case ROUTER_CAPABILITY: return router_capability_print(printer, value);
        case VENDOR: vendor_print(printer, value); break;
        default:
                if (printer->options.verbose <= 1)
                        dump_hex(printer, "\n\t\t", value, value.length);
        }
        return ISIS_DONE;
}

void isis_field_name_print(struct printer *printer, uint8_t type, uint32_t size)
{
        putf(printer, "\n\t    %s TLV #%u, length: %u", name_or(names, type, "unknown"), type,
             size);
}

enum isis_result isis_field_print(struct printer *printer, struct packet pdu, struct packet value,
                                  uint8_t type)
{
        enum isis_result result = value_print(printer, pdu, value, type);

        if (result == ISIS_DONE && printer->options.verbose > 1)
                dump_hex(printer, LINE, value, value.length);
        return result;
}
