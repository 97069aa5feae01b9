/* IS-IS: traffic engineering of links (RFC 5305, RFC 5307), shortest path bridging (RFC 6329) and
 * segments (RFC 8667), which are subfields of neighbors. */
#include "isis.h"
#include "routing.h"

#define DEEP "\n\t        "

enum field {
        GROUPS = 3,
        IDENTIFIERS = 4,
        REMOTE_IDENTIFIER = 5,
        ADDRESS = 6,
        NEIGHBOR_ADDRESS = 8,
        BANDWIDTH = 9,
        RESERVABLE = 10,
        UNRESERVED = 11,
        CONSTRAINTS_OLD = 12,
        METRIC = 18,
        ATTRIBUTES = 19,
        PROTECTION = 20,
        SWITCHING = 21,
        CONSTRAINTS = 22,
        SPB_METRIC = 29,
        LAN_SEGMENT = 32
};

static const struct name names[] = {
    {GROUPS, "Administrative groups"},
    {IDENTIFIERS, "Link Local/Remote Identifier"},
    {REMOTE_IDENTIFIER, "Link Remote Identifier"},
    {ADDRESS, "IPv4 interface address"},
    {NEIGHBOR_ADDRESS, "IPv4 neighbor address"},
    {BANDWIDTH, "Maximum link bandwidth"},
    {RESERVABLE, "Reservable link bandwidth"},
    {UNRESERVED, "Unreserved bandwidth"},
    {CONSTRAINTS_OLD, "Bandwidth Constraints (old)"},
    {METRIC, "Traffic Engineering Metric"},
    {ATTRIBUTES, "Link Attribute"},
    {PROTECTION, "Link Protection Type"},
    {SWITCHING, "Interface Switching Capability"},
    {CONSTRAINTS, "Bandwidth Constraints"},
    {SPB_METRIC, "SPB Metric"},
    {LAN_SEGMENT, "LAN Adjacency Segment Identifier"},
    {250, "Reserved for cisco specific extensions"},
    {251, "Reserved for cisco specific extensions"},
    {252, "Reserved for cisco specific extensions"},
    {253, "Reserved for cisco specific extensions"},
    {254, "Reserved for cisco specific extensions"},
    {255, "Reserved for future expansion"},
    {0, NULL},
};

static void identifiers_print(struct printer *printer, struct packet value)
{
        if (value.length >= 4)
                putf(printer, ", 0x%08x", get32(printer, value, 0));
        if (value.length == 8)
                putf(printer, ", 0x%08x", get32(printer, value, 4));
}

/* RFC 4124. */
static void constraints_print(struct printer *printer, struct packet value)
{
        uint8_t model;

        if (value.length < 1)
                return;
        model = get8(printer, value, 0);
        putf(printer, DEEP "Bandwidth Constraints Model ID: %s (%u)",
             name_or(bandwidth_models, model, "unknown"), model);
        for (uint32_t i = 0; i < (value.length - 1) / 4; i++) {
                putf(printer, DEEP "  Bandwidth constraint CT%u: ", i);
                put_mbps(printer, value, 1 + 4 * i);
        }
}

static void attributes_print(struct printer *printer, struct packet value)
{
        static const struct name bits[] = {{0x01, "Local Protection Available"},
                                           {0x02, "Link excluded from local protection path"},
                                           {0x04, "Local maintenance required"},
                                           {0, NULL}};
        uint16_t attributes = get16(printer, value, 0);

        put(printer, ", [ ");
        if (attributes & 7)
                put_flags(printer, bits, ", ", attributes);
        else
                put(printer, "Unknown");
        putf(printer, " ] (0x%04x)", attributes);
}

static void protection_print(struct printer *printer, struct packet value)
{
        static const struct name bits[] = {
            {0x01, "Extra Traffic"}, {0x02, "Unprotected"},   {0x04, "Shared"},
            {0x08, "Dedicated 1:1"}, {0x10, "Dedicated 1+1"}, {0x20, "Enhanced"},
            {0x40, "Reserved"},      {0x80, "Reserved"},      {0, NULL},
        };

        need_hard(printer, value, 0, 2);
        put(printer, ", ");
        put_flags(printer, bits, ", ", get8(printer, value, 0));
        putf(printer, ", Priority %u", get8(printer, value, 1));
}

/* RFC 5307, 1.3. */
static void switching_print(struct printer *printer, struct packet value)
{
        enum { PACKET_1 = 1, PACKET_4 = 4, TIME_DIVISION = 100, FIXED = 36 };
        static const struct name indications[] = {
            {0, "Standard SONET/SDH"}, {1, "Arbitrary SONET/SDH"}, {0, NULL}};
        uint8_t capability;
        struct packet rest;

        if (value.length < FIXED)
                return;
        capability = get8(printer, value, 0);
        putf(printer, DEEP "  Interface Switching Capability:%s",
             name_or(gmpls_switchings, capability, "Unknown"));
        putf(printer, ", LSP Encoding: %s",
             name_or(gmpls_encodings, get8(printer, value, 1), "Unknown"));
        put(printer, DEEP "  Max LSP Bandwidth:");
        for (uint32_t i = 0; i < 8; i++) {
                need_hard(printer, value, 4 + 4 * i, 4);
                putf(printer, DEEP "    priority level %u: ", i);
                put_mbps(printer, value, 4 + 4 * i);
        }
        rest = packet_from(value, FIXED);
        if (capability >= PACKET_1 && capability <= PACKET_4) {
                if (rest.length < 6)
                        return;
                need_hard(printer, rest, 0, 4);
                put(printer, DEEP "  Min LSP Bandwidth: ");
                put_mbps(printer, rest, 0);
                putf(printer, DEEP "  Interface MTU: %u", get16(printer, rest, 4));
        } else if (capability == TIME_DIVISION) {
                if (rest.length < 8)
                        return;
                need_hard(printer, rest, 0, 4);
                put(printer, DEEP "  Min LSP Bandwidth: ");
                put_mbps(printer, rest, 0);
                put_named8(printer, DEEP "  Indication ", indications, "Unknown (%u)", rest, 4);
        } else if (rest.length > 0) {
                dump_hex(printer, "\n\t\t    ", rest, rest.length);
        }
}

/* RFC 8667, 2.2.2. */
static void lan_segment_print(struct printer *printer, struct packet value)
{
        enum { VALUE = 0x20, LOCAL = 0x10 };
        static const struct name flag_names[] = {
            {0x80, "Address family IPv6"},
            {0x40, "Backup"},
            {VALUE, "Value"},
            {LOCAL, "Local significance"},
            {0x08, "Set of adjacencies"},
            {0x04, "Persistent"},
            {0, NULL},
        };
        uint8_t flags;

        if (value.length < 8)
                return;
        flags = get8(printer, value, 0);
        put_flag_list(printer, DEEP "  Flags: [", flag_names, flags);
        putf(printer, DEEP "  Weight: %u", get8(printer, value, 1));
        need_hard(printer, value, 2, ISIS_SYSTEM);
        put(printer, DEEP "  Neighbor System-ID: ");
        isis_put_id(printer, value, 2, ISIS_SYSTEM);
        switch (flags & (VALUE | LOCAL)) {
        case VALUE | LOCAL: putf(printer, DEEP "  Label: %u", get24(printer, value, 8)); break;
        case 0: putf(printer, DEEP "  Index: %u", get32(printer, value, 8)); break;
        default: put_invalid(printer);
        }
}

const char *isis_link_subfield_name(uint8_t type)
{
        return name_or(names, type, "unknown");
}

void isis_link_subfield_print(struct printer *printer, struct packet value, uint8_t type)
{
        need(printer, value, 0, value.length);
        switch (type) {
        case GROUPS:
        case IDENTIFIERS:
        case REMOTE_IDENTIFIER: identifiers_print(printer, value); break;
        case ADDRESS:
        case NEIGHBOR_ADDRESS:
                if (value.length >= 4)
                        put_ipv4_labelled(printer, ", ", value, 0);
                break;
        case BANDWIDTH:
        case RESERVABLE:
                if (value.length >= 4) {
                        put(printer, ", ");
                        put_mbps(printer, value, 0);
                }
                break;
        case UNRESERVED:
                for (uint32_t i = 0; i < 8 && value.length >= 32; i++) {
                        putf(printer, DEEP "  TE-Class %u: ", i);
                        put_mbps(printer, value, 4 * i);
                }
                break;
        case CONSTRAINTS:
        case CONSTRAINTS_OLD: constraints_print(printer, value); break;
        case METRIC:
                if (value.length >= 3)
                        putf(printer, ", %u", get24(printer, value, 0));
                break;
        case ATTRIBUTES:
                if (value.length == 2)
                        attributes_print(printer, value);
                break;
        case PROTECTION:
                if (value.length >= 2)
                        protection_print(printer, value);
                break;
        case SWITCHING: switching_print(printer, value); break;
        case SPB_METRIC:
                if (value.length < 6)
                        break;
                putf(printer, ", LM: %u", get24(printer, value, 0));
                putf(printer, ", P: %u", get8(printer, value, 3));
                putf(printer, ", P-ID: %u", get16(printer, value, 4));
                break;
        case LAN_SEGMENT: lan_segment_print(printer, value); break;
        default: dump_hex(printer, "\n\t\t    ", value, value.length);
        }
}

uint32_t isis_link_uncounted(uint8_t type, uint32_t size)
{
        switch (type) {
        case UNRESERVED: return size >= 32 ? 32 : 0;
        case CONSTRAINTS:
        case CONSTRAINTS_OLD: return size > 0 ? 1 + (size - 1) / 4 * 4 : 0;
        case SWITCHING: return size >= 36 ? 36 : 0;
        case SPB_METRIC: return size >= 6 ? 4 : 0;
        case LAN_SEGMENT: return size >= 8 ? 2 : 0;
        default: return 0;
        }
}
