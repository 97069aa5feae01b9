/* Traffic engineering in OSPF's opaque link states, RFC 3630, 4124 and 4203. */
#include "ospf.h"

enum { HEADER = 4 };

enum part {
        LINK_TYPE_PART = 1,
        LINK_ID,
        LOCAL_ADDRESS,
        REMOTE_ADDRESS,
        METRIC,
        BANDWIDTH,
        RESERVABLE,
        UNRESERVED,
        GROUP,
        LINK_IDS = 11,
        PROTECTION = 14,
        SWITCHING = 15,
        RISK_GROUP = 16,
        CONSTRAINTS = 17
};

static const struct name parts[] = {{LINK_TYPE_PART, "Link Type"},
                                    {LINK_ID, "Link ID"},
                                    {LOCAL_ADDRESS, "Local Interface IP address"},
                                    {REMOTE_ADDRESS, "Remote Interface IP address"},
                                    {METRIC, "Traffic Engineering Metric"},
                                    {BANDWIDTH, "Maximum Bandwidth"},
                                    {RESERVABLE, "Maximum Reservable Bandwidth"},
                                    {UNRESERVED, "Unreserved Bandwidth"},
                                    {GROUP, "Administrative Group"},
                                    {LINK_IDS, "Link Local/Remote Identifier"},
                                    {PROTECTION, "Link Protection Type"},
                                    {SWITCHING, "Interface Switching Capability"},
                                    {RISK_GROUP, "Shared Risk Link Group"},
                                    {CONSTRAINTS, "Bandwidth Constraints"},
                                    {0, NULL}};

static bool put_wrong(struct printer *printer, const char *rule)
{
        put(printer, rule);
        put_invalid(printer);
        return false;
}

/* `count` bandwidths, a line each. */
static void bandwidths_print(struct printer *printer, struct packet value, const char *title,
                             uint32_t count)
{
        for (uint32_t i = 0; i < count; i++) {
                putf(printer, "\n\t\t%s%u: ", title, i);
                put_megabits(printer, value, 4 * i);
                put(printer, " Mbps");
        }
}

/* RFC 4124. */
static bool constraints_print(struct printer *printer, struct packet value)
{
        enum { CLASSES = 8 };
        uint8_t model;

        if (value.length < 4)
                return put_wrong(printer, " < 4");
        model = get8(printer, value, 0);
        putf(printer, "\n\t\tBandwidth Constraints Model ID: %s (%u)",
             name_or(bandwidth_models, model, "unknown"), model);
        if (value.length % 4 != 0) {
                putf(printer, "\n\t\tlength %u", value.length);
                return put_wrong(printer, " != N x 4");
        }
        if (value.length > 4 + 4 * CLASSES) {
                putf(printer, "\n\t\tlength %u", value.length);
                return put_wrong(printer, " > 36");
        }
        bandwidths_print(printer, packet_from(value, 4), "  Bandwidth constraint CT",
                         value.length / 4 - 1);
        return true;
}

/* RFC 4203. */
static bool switching_print(struct printer *printer, struct packet value)
{
        if (value.length < 36)
                return put_wrong(printer, " < 36");
        putf(printer, "\n\t\tInterface Switching Capability: %s",
             name_or(gmpls_switchings, get8(printer, value, 0), "Unknown"));
        putf(printer, "\n\t\tLSP Encoding: %s\n\t\tMax LSP Bandwidth:",
             name_or(gmpls_encodings, get8(printer, value, 1), "Unknown"));
        bandwidths_print(printer, packet_from(value, 4), "  priority level ", 8);
        return true;
}

static void put_link_id(struct printer *printer, struct packet value, uint32_t offset)
{
        put_ipv4_labelled(printer, ", ", value, offset);
        putf(printer, " (0x%08x)", get32(printer, value, offset));
}

/* What is said of a link. Returns false if its length is wrong. */
static bool part_print(struct printer *printer, struct packet value, uint16_t type)
{
        static const struct name link_types[] = {
            {1, "Point-to-point"}, {2, "Multi-Access"}, {0, NULL}};
        static const struct name protections[] = {
            {0x01, "Extra Traffic"}, {0x02, "Unprotected"},   {0x04, "Shared"},
            {0x08, "Dedicated 1:1"}, {0x10, "Dedicated 1+1"}, {0x20, "Enhanced"},
            {0x40, "Reserved"},      {0x80, "Reserved"},      {0, NULL}};

        switch (type) {
        case LINK_TYPE_PART:
                if (value.length != 1)
                        return put_wrong(printer, " != 1");
                putf(printer, ", %s (%u)", name_or(link_types, get8(printer, value, 0), "unknown"),
                     get8(printer, value, 0));
                return true;
        case LINK_ID:
        case LINK_IDS:
                if (value.length != 4 && value.length != 8)
                        return put_wrong(printer, " != 4 && != 8");
                put_link_id(printer, value, 0);
                if (value.length == 8)
                        put_link_id(printer, value, 4);
                return true;
        case UNRESERVED:
                if (value.length != 32)
                        return put_wrong(printer, " != 32");
                bandwidths_print(printer, value, "TE-Class ", 8);
                return true;
        case CONSTRAINTS: return constraints_print(printer, value);
        case SWITCHING: return switching_print(printer, value);
        case RISK_GROUP:
                if (value.length % 4 != 0)
                        return put_wrong(printer, " != N x 4");
                put(printer, "\n\t\t  Shared risk group");
                for (uint32_t at = 0; at < value.length; at += 4)
                        putf(printer, "%s%u", at == 0 ? ": " : ", ", get32(printer, value, at));
                return true;
        case LOCAL_ADDRESS:
        case REMOTE_ADDRESS:
        case METRIC:
        case BANDWIDTH:
        case RESERVABLE:
        case GROUP:
        case PROTECTION: break;
        default:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t\t", value, value.length);
                return true;
        }
        if (value.length != 4)
                return put_wrong(printer, " != 4");
        switch (type) {
        case LOCAL_ADDRESS:
        case REMOTE_ADDRESS: put_ipv4_labelled(printer, ", ", value, 0); break;
        case METRIC: putf(printer, ", Metric %u", get32(printer, value, 0)); break;
        case GROUP: putf(printer, ", 0x%08x", get32(printer, value, 0)); break;
        case PROTECTION:
                put(printer, ", ");
                put_flags(printer, protections, ", ", get8(printer, value, 0));
                break;
        default:
                put(printer, ", ");
                put_megabits(printer, value, 0);
                put(printer, " Mbps");
        }
        return true;
}

static bool put_remaining(struct printer *printer, uint32_t left, uint32_t size)
{
        putf(printer, "\n\t    Remaining TLV length %u < %u", left, size);
        return false;
}

/* The next `left` bytes. Where they end, `*packet` goes on; it does not if they are false. */
static bool link_print(struct printer *printer, struct packet *packet, uint32_t left)
{
        while (left > 0) {
                uint32_t size, padded;
                uint16_t type;

                if (left < HEADER)
                        return put_remaining(printer, left, HEADER);
                need_hard(printer, *packet, 0, HEADER);
                type = get16(printer, *packet, 0);
                size = get16(printer, *packet, 2);
                padded = (size + 3) & ~3u;
                *packet = packet_from(*packet, HEADER);
                left -= HEADER;
                /* tcpdump fears that it might not get on. */
                if (type == 0 || size == 0)
                        return put_wrong(printer, "");
                putf(printer, "\n\t      %s subTLV (%u), length: %u",
                     name_or(parts, type, "unknown"), type, size);
                if (size > left)
                        return put_remaining(printer, HEADER + left, HEADER + size);
                if (!has(*packet, 0, size) ||
                    !part_print(printer, packet_part(*packet, size), type))
                        return false;
                if (padded > left)
                        return put_remaining(printer, HEADER + left, HEADER + padded);
                /* tcpdump steps over the groups twice. */
                *packet = packet_from(*packet, type == RISK_GROUP ? size + padded : padded);
                left -= padded;
        }
        return true;
}

bool ospf_te_print(struct printer *printer, struct packet packet)
{
        enum { ROUTER = 1, LINK };
        static const struct name names[] = {{ROUTER, "Router Address"}, {LINK, "Link"}, {0, NULL}};
        uint32_t left = packet.length;

        packet.length = UINT32_MAX; /* bounded by `left` */
        while (left > 0) {
                uint32_t size, padded;
                uint16_t type;

                if (!has(packet, 0, HEADER))
                        return false;
                if (left < HEADER) {
                        putf(printer, "\n\t    Remaining LS length %u < %u", left, HEADER);
                        return false;
                }
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                padded = (size + 3) & ~3u;
                packet = packet_from(packet, HEADER);
                left -= HEADER;
                putf(printer, "\n\t    %s TLV (%u), length: %u", name_or(names, type, "unknown"),
                     type, size);
                if (size > left) {
                        putf(printer, "\n\t    Bogus length %u > %u", size, left);
                        return false;
                }
                if (type == 0 || size == 0)
                        return false;
                switch (type) {
                case LINK:
                        if (!link_print(printer, &packet, size))
                                return false;
                        /* tcpdump does not count what it just read. */
                        continue;
                case ROUTER:
                        if (size < 4) {
                                putf(printer, "\n\t    TLV length %u < 4", size);
                                return false;
                        }
                        need_hard(printer, packet, 0, 4);
                        put_ipv4_labelled(printer, ", ", packet, 0);
                        break;
                default:
                        if (printer->options.verbose < 2)
                                dump_hex(printer, "\n\t      ", packet, size);
                }
                if (padded > left) {
                        putf(printer, "\n\t    Bogus padded length %u > %u", padded, left);
                        return false;
                }
                packet = packet_from(packet, padded);
                left -= padded;
        }
        return true;
}
