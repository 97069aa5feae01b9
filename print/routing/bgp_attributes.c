/* The path attributes of a BGP update, RFC 4271, 4.3, and of the RFCs named below. */
#include "bgp.h"

enum attribute {
        ORIGIN = 1,
        AS_PATH,
        NEXT_HOP,
        DISCRIMINATOR,
        LOCAL_PREFERENCE,
        ATOMIC_AGGREGATE,
        AGGREGATOR,
        COMMUNITY,
        ORIGINATOR,
        CLUSTERS,
        REACH = 14,
        UNREACH,
        EXTENDED_COMMUNITY,
        AS4_PATH,
        AGGREGATOR4,
        PROVIDER_TUNNEL = 22,
        ACCUMULATED_METRIC = 26,
        LARGE_COMMUNITY = 32,
        SET = 128
};

static const struct name attributes[] = {{ORIGIN, "Origin"},
                                         {AS_PATH, "AS Path"},
                                         {NEXT_HOP, "Next Hop"},
                                         {DISCRIMINATOR, "Multi Exit Discriminator"},
                                         {LOCAL_PREFERENCE, "Local Preference"},
                                         {ATOMIC_AGGREGATE, "Atomic Aggregate"},
                                         {AGGREGATOR, "Aggregator"},
                                         {COMMUNITY, "Community"},
                                         {ORIGINATOR, "Originator ID"},
                                         {CLUSTERS, "Cluster List"},
                                         {11, "DPA"},
                                         {12, "Advertisers"},
                                         {13, "RCID Path / Cluster ID"},
                                         {REACH, "Multi-Protocol Reach NLRI"},
                                         {UNREACH, "Multi-Protocol Unreach NLRI"},
                                         {EXTENDED_COMMUNITY, "Extended Community"},
                                         {AS4_PATH, "AS4 Path"},
                                         {AGGREGATOR4, "Aggregator4"},
                                         {PROVIDER_TUNNEL, "PMSI Tunnel"},
                                         {23, "Tunnel Encapsulation"},
                                         {24, "Traffic Engineering"},
                                         {25, "IPv6 Extended Community"},
                                         {ACCUMULATED_METRIC, "Accumulated IGP Metric"},
                                         {27, "PE Distinguisher Label"},
                                         {28, "Entropy Label"},
                                         {LARGE_COMMUNITY, "Large Community"},
                                         {SET, "Attribute Set"},
                                         {255, "Reserved for development"},
                                         {0, NULL}};

static bool set_print(struct printer *printer, struct packet packet, unsigned level,
                      uint32_t *left);

static void put_invalid_length(struct printer *printer)
{
        put_damage(printer, "invalid len");
}

/* ---- Paths: segments of autonomous systems ---- */

static const struct segment_form {
        const char *open, *close;
} segment_forms[] = {{"?", "?"}, {"{ ", "}"}, {"", ""}, {"( ", ")"}, {"({ ", "})"}};

static const struct segment_form *segment_form(uint8_t type)
{
        return &segment_forms[type < sizeof segment_forms / sizeof *segment_forms ? type : 0];
}

/* The bytes of each number, which only the session tells: two, unless segments of two do not fit
 * (RFC 6793). */
static uint32_t as_size(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                uint32_t size;
                uint8_t type;

                need_hard(printer, packet, 0, 2);
                type = packet.data[0];
                if (type < 1 || type >= sizeof segment_forms / sizeof *segment_forms)
                        return 4;
                size = 2 + packet.data[1] * 2u;
                if (size > packet.length)
                        return 4;
                packet = packet_from(packet, size);
        }
        return 2;
}

static bool path_print(struct printer *printer, struct packet packet, uint8_t attribute)
{
        uint32_t size = 4;

        if (packet.length % 2 != 0) {
                put_invalid_length(printer);
                return true;
        }
        if (packet.length == 0)
                put(printer, "empty");
        if (attribute == AS_PATH)
                size = as_size(printer, packet);
        while (packet.length > 0) {
                const struct segment_form *form;
                uint32_t count;

                if (!has(packet, 0, 1))
                        return false;
                form = segment_form(packet.data[0]);
                put(printer, form->open);
                count = get8(printer, packet, 1);
                for (uint32_t i = 0; i < count; i++) {
                        uint32_t at = 2 + i * size;

                        if (!has(packet, at, size))
                                return false;
                        put_autonomous_system(printer, size == 2 ? get16(printer, packet, at)
                                                                 : get32(printer, packet, at));
                        put_char(printer, ' ');
                }
                put(printer, form->close);
                packet = packet_from(packet, 2 + count * size);
        }
        return true;
}

/* ---- Other attributes ---- */

static bool origin_print(struct printer *printer, struct packet packet)
{
        static const struct name origins[] = {{0, "IGP"}, {1, "EGP"}, {2, "Incomplete"}, {0, NULL}};

        if (packet.length != 1) {
                put_invalid_length(printer);
                return true;
        }
        put(printer, name_or(origins, get8(printer, packet, 0), "Unknown Origin Typecode"));
        return true;
}

static bool address_print(struct printer *printer, struct packet packet)
{
        if (packet.length != 4)
                put_invalid_length(printer);
        else if (!has(packet, 0, 4))
                return false;
        else
                put_ipv4_at(printer, packet, 0);
        return true;
}

static bool number_print(struct printer *printer, struct packet packet)
{
        if (packet.length != 4)
                put_invalid_length(printer);
        else if (!has(packet, 0, 4))
                return false;
        else
                put_decimal(printer, get32(printer, packet, 0));
        return true;
}

static bool aggregator_print(struct printer *printer, struct packet packet, uint8_t attribute)
{
        uint32_t size = packet.length - 4;

        if (packet.length != 8 && (packet.length != 6 || attribute == AGGREGATOR4)) {
                put_invalid_length(printer);
                return true;
        }
        if (!has(packet, 0, packet.length))
                return false;
        put(printer, " AS #");
        put_autonomous_system(printer,
                              size == 4 ? get32(printer, packet, 0) : get16(printer, packet, 0));
        put(printer, ", origin ");
        put_ipv4_at(printer, packet, size);
        return true;
}

static bool clusters_print(struct printer *printer, struct packet packet)
{
        if (packet.length % 4 != 0) {
                put_invalid_length(printer);
                return true;
        }
        for (; packet.length > 0; packet = packet_from(packet, 4)) {
                if (!has(packet, 0, 4))
                        return false;
                put_ipv4_at(printer, packet, 0);
                put(printer, packet.length > 4 ? ", " : "");
        }
        return true;
}

/* RFC 6514, 5. */
static bool tunnel_print(struct printer *printer, struct packet packet)
{
        enum {
                RSVP = 1,
                LDP_MULTIPOINT,
                PIM_SSM,
                PIM_SM,
                PIM_BIDIRECTIONAL,
                INGRESS,
                LDP_BOTH_WAYS
        };
        static const struct name kinds[] = {{RSVP, "RSVP-TE P2MP LSP"},
                                            {LDP_MULTIPOINT, "LDP P2MP LSP"},
                                            {PIM_SSM, "PIM-SSM Tree"},
                                            {PIM_SM, "PIM-SM Tree"},
                                            {PIM_BIDIRECTIONAL, "PIM-Bidir Tree"},
                                            {INGRESS, "Ingress Replication"},
                                            {LDP_BOTH_WAYS, "LDP MP2MP LSP"},
                                            {0, NULL}};
        static const struct name flags[] = {{1, "Leaf Information required"}, {0, NULL}};
        uint8_t kind;

        if (packet.length < 5 || !has(packet, 0, 5))
                return false;
        kind = get8(printer, packet, 1);
        putf(printer, "\n\t    Tunnel-type %s (%u)", name_or(kinds, kind, "Unknown"), kind);
        put_flag_list(printer, ", Flags [", flags, get8(printer, packet, 0));
        putf(printer, ", MPLS Label %u", get24(printer, packet, 2) >> 4);
        packet = packet_from(packet, 5);
        if (!name_find(kinds, kind)) {
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t      ", packet, packet.length);
                return true;
        }
        need_hard(printer, packet, 0, kind == INGRESS ? 4 : 8);
        switch (kind) {
        case PIM_SM:
        case PIM_BIDIRECTIONAL: put(printer, "\n\t      Sender "); break;
        case PIM_SSM:
        case LDP_MULTIPOINT:
        case LDP_BOTH_WAYS: put(printer, "\n\t      Root-Node "); break;
        case RSVP: put(printer, "\n\t      Extended-Tunnel-ID "); break;
        case INGRESS: put(printer, "\n\t      Tunnel-Endpoint "); break;
        }
        put_ipv4_at(printer, packet, 0);
        switch (kind) {
        case PIM_SSM:
        case PIM_SM:
        case PIM_BIDIRECTIONAL: put_ipv4_labelled(printer, ", P-Group ", packet, 4); break;
        case LDP_MULTIPOINT:
        case LDP_BOTH_WAYS: putf(printer, ", LSP-ID 0x%08x", get32(printer, packet, 4)); break;
        case RSVP: putf(printer, ", P2MP-ID 0x%08x", get32(printer, packet, 4)); break;
        }
        return true;
}

/* RFC 7311. */
static bool accumulated_metric_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 3, METRIC = 1 };

        while (packet.length >= HEADER) {
                uint32_t size;
                uint8_t type;

                if (!has(packet, 0, HEADER))
                        return false;
                type = get8(printer, packet, 0);
                size = get16(printer, packet, 1);
                putf(printer, "\n\t    %s TLV (%u), length %u", type == METRIC ? "AIGP" : "Unknown",
                     type, size);
                if (size < HEADER)
                        return false;
                packet = packet_from(packet, HEADER);
                size -= HEADER;
                if (size > packet.length || !has(packet, 0, size))
                        return false;
                if (type == METRIC) {
                        if (size < 8)
                                return false;
                        putf(printer, ", metric %llu",
                             (unsigned long long)get64(printer, packet, 0));
                } else if (printer->options.verbose < 2) {
                        dump_hex(printer, "\n\t      ", packet, size);
                }
                packet = packet_from(packet, size);
        }
        return true;
}

/* `*left` are the bytes that -vv dumps: the whole attribute, unless reading it used them up. */
static bool attribute_print(struct printer *printer, struct packet packet, uint8_t type,
                            unsigned level, uint32_t *left)
{
        *left = packet.length;
        switch (type) {
        case ORIGIN: return origin_print(printer, packet);
        case AS_PATH:
        case AS4_PATH: return path_print(printer, packet, type);
        case NEXT_HOP:
        case ORIGINATOR: return address_print(printer, packet);
        case DISCRIMINATOR:
        case LOCAL_PREFERENCE: return number_print(printer, packet);
        case ATOMIC_AGGREGATE:
                if (packet.length != 0)
                        put_invalid_length(printer);
                return true;
        case AGGREGATOR:
        case AGGREGATOR4: return aggregator_print(printer, packet, type);
        case COMMUNITY: return bgp_communities_print(printer, packet);
        case CLUSTERS: return clusters_print(printer, packet);
        case REACH: return bgp_reach_print(printer, packet);
        case UNREACH: return bgp_unreach_print(printer, packet);
        case EXTENDED_COMMUNITY: return bgp_extended_communities_print(printer, packet);
        case PROVIDER_TUNNEL: return tunnel_print(printer, packet);
        case ACCUMULATED_METRIC: return accumulated_metric_print(printer, packet);
        case LARGE_COMMUNITY:
                if (packet.length % 12 == 0)
                        *left = 0;
                return bgp_large_communities_print(printer, packet);
        case SET: return set_print(printer, packet, level, left);
        default:
                putf(printer, "\n\t    no Attribute %u decoder", type);
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t    ", packet, packet.length);
                return true;
        }
}

static void put_attribute_flags(struct printer *printer, uint8_t flags)
{
        static const struct name names[] = {
            {0x80, "O"}, {0x40, "T"}, {0x20, "P"}, {0x10, "E"}, {0, NULL}};

        put(printer, ", Flags [");
        if (flags & 0xf0)
                put_flags(printer, names, "", flags);
        if (flags & 0x0f)
                putf(printer, "+%x", flags & 0x0fu);
        put(printer, "]: ");
}

/* The bytes of the attribute's flags, type and length. */
static uint32_t header_size(struct printer *printer, struct packet packet)
{
        enum { EXTENDED = 0x10 };

        return get8(printer, packet, 0) & EXTENDED ? 4 : 3;
}

/* Prints the header, all of which is captured. Returns the length in it. */
static uint32_t header_print(struct printer *printer, struct packet packet, const char *indent)
{
        uint8_t flags = get8(printer, packet, 0);
        uint8_t type = get8(printer, packet, 1);
        uint32_t size = header_size(printer, packet) == 4 ? get16(printer, packet, 2)
                                                          : get8(printer, packet, 2);

        putf(printer, "%s%s (%u), length: %u", indent,
             name_or(attributes, type, "Unknown Attribute"), type, size);
        if (flags)
                put_attribute_flags(printer, flags);
        return size;
}

static bool value_print(struct printer *printer, struct packet packet, uint8_t type, unsigned level)
{
        uint32_t left = packet.length;

        if (!attribute_print(printer, packet, type, level, &left))
                return false;
        if (printer->options.verbose > 1 && left > 0)
                dump_hex(printer, "\n\t    ", packet, left);
        return true;
}

/* RFC 6368: the attributes of a customer's network. `*left` are the bytes of what is too short. */
static bool set_print(struct printer *printer, struct packet packet, unsigned level, uint32_t *left)
{
        enum { MOST_LEVELS = 10 };

        if (packet.length < 4 || !has(packet, 0, 4))
                return false;
        put(printer, "\n\t    Origin AS: ");
        put_autonomous_system(printer, get32(printer, packet, 0));
        packet = packet_from(packet, 4);
        while (packet.length > 0) {
                uint32_t header, size;
                uint8_t type;

                *left = packet.length;
                if (!has(packet, 0, 2))
                        return false;
                header = packet.length < 2 ? 2 : header_size(printer, packet);
                if (!has(packet, 0, header))
                        return false;
                if (packet.length < header) {
                        *left = packet.length < 2 ? packet.length : packet.length - 2;
                        put_damage(printer, " [path attr too short]");
                        return true;
                }
                type = packet.data[1];
                size = header_print(printer, packet, "\n\t      ");
                if (packet.data[0] == 0)
                        put(printer, ": ");
                packet = packet_from(packet, header);
                *left = packet.length;
                if (size > packet.length) {
                        put_damage(printer, " [path attr too short]");
                        return true;
                }
                if (level + 1 > MOST_LEVELS)
                        put(printer, "(too many nested levels, not recursing)");
                else if (!value_print(printer, packet_part(packet, size), type, level + 1))
                        return false;
                packet = packet_from(packet, size);
        }
        *left = 0;
        return true;
}

bool bgp_attributes_print(struct printer *printer, struct packet packet, uint32_t length)
{
        while (length > 0) {
                uint32_t header, size;
                uint8_t type;

                if (!has(packet, 0, 2) || packet.length < 2)
                        return false;
                header = length < 2 ? 3 : header_size(printer, packet);
                if (length >= 2 && (!has(packet, 0, header) || packet.length < header))
                        return false;
                if (length < header) {
                        put_damage(printer, "\n\t  [path attrs too short]");
                        return true;
                }
                type = packet.data[1];
                size = header_print(printer, packet, "\n\t  ");
                packet = packet_from(packet, header);
                length -= header;
                if (size > length) {
                        put_damage(printer, " [path attrs too short]");
                        return true;
                }
                if (!value_print(printer, packet_part(packet, size), type, 0))
                        return false;
                packet = packet_from(packet, size);
                length -= size;
        }
        return true;
}
