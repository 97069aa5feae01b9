/* IS-IS: the neighbors and prefixes that a node reaches, old (ISO 10589, RFC 1195) and extended
 * (RFC 5305, RFC 5308), with their subfields. */
#include "isis.h"

#include <stdbool.h>

/* Bits of an old metric. */
enum { UNSUPPORTED = 0x80, EXTERNAL = 0x40, METRIC = 0x3f };

#define LINE "\n\t      "
#define DEEP "\n\t        "

static const char *origin(uint8_t metric)
{
        return metric & EXTERNAL ? "External" : "Internal";
}

static void metrics_print(struct printer *printer, struct packet packet, const char *indent)
{
        static const char *const names[] = {NULL, "Delay", "Expense", "Error"};

        for (uint32_t i = 1; i < 4; i++) {
                uint8_t metric = get8(printer, packet, i);

                if (!(metric & UNSUPPORTED))
                        putf(printer, "%s%s Metric: %u, %s", indent, names[i], metric & METRIC,
                             origin(metric));
        }
}

/* Four metrics, of which the first must be there. */
enum isis_result isis_metric_block_print(struct printer *printer, struct packet packet)
{
        uint8_t metric = get8(printer, packet, 0);

        putf(printer, ", Default Metric: %u, %s", metric & METRIC, origin(metric));
        metrics_print(printer, packet, "\n\t\t  ");
        return ISIS_DONE;
}

/* The length of the prefix, or -1 if the mask is none. */
static int prefix_length(uint32_t mask)
{
        int length = 0;

        while (length < 32 && mask & (0x80000000u >> length))
                length++;
        return length == 32 || (mask << length) == 0 ? length : -1;
}

/* "      192.0.2.0/24": right-aligned in 15 columns, if it is not longer. */
static void put_prefix(struct printer *printer, struct packet packet, uint32_t offset, int length)
{
        enum { COLUMNS = 15 };
        size_t start = printer->text.length, size;
        char address[COLUMNS + 1];

        put_ipv4_at(printer, packet, offset);
        size = printer->text.length - start;
        if (size < COLUMNS) {
                memcpy(address, printer->text.start + start, size);
                address[size] = '\0';
                output_take_back(printer, start);
                putf_as(printer, ROLE_ADDRESS, "%15s", address);
        }
        putf(printer, "/%d", length);
}

enum isis_result isis_old_prefixes_print(struct printer *printer, struct packet value)
{
        enum { ENTRY = 12, DOWN = 0x80 };

        for (; value.length > 0; value = packet_from(value, ENTRY)) {
                uint8_t metric;
                int length;

                if (value.length < ENTRY) {
                        putf(printer, "short IPv4 Reachability (%u vs %u)", value.length, ENTRY);
                        return ISIS_INVALID;
                }
                if (!has(value, 0, ENTRY))
                        return ISIS_INVALID;
                length = prefix_length(get32(printer, value, 8));
                put(printer, LINE "IPv4 prefix: ");
                if (length < 0) {
                        put_ipv4_at(printer, value, 4);
                        put_ipv4_labelled(printer, " mask ", value, 8);
                } else {
                        put_prefix(printer, value, 4, length);
                }
                metric = get8(printer, value, 0);
                putf(printer, ", Distribution: %s, Metric: %u, %s", metric & DOWN ? "down" : "up",
                     metric & METRIC, origin(metric));
                metrics_print(printer, value, DEEP);
        }
        return ISIS_DONE;
}

/* ---- Extended neighbors ---- */

static enum isis_result neighbor_print(struct printer *printer, struct packet value, bool alias,
                                       uint32_t *taken)
{
        uint32_t at = ISIS_NODE, left;

        if (!has(value, 0, ISIS_NODE) || value.length < ISIS_NODE)
                return ISIS_CUT;
        put(printer, LINE "IS Neighbor: ");
        isis_put_id(printer, value, 0, ISIS_NODE);
        if (!alias) {
                if (!has(value, at, 3) || value.length < at + 3)
                        return ISIS_CUT;
                putf(printer, ", Metric: %u", get24(printer, value, at));
                at += 3;
        }
        if (!has(value, at, 1) || value.length < at + 1)
                return ISIS_CUT;
        left = get8(printer, value, at++);
        *taken = at + left;
        if (left == 0) {
                put(printer, ", no sub-TLVs present");
                return ISIS_DONE;
        }
        putf(printer, ", sub-TLVs present (%u)", left);
        while (left > 0) {
                struct packet sub;
                uint8_t type;
                uint32_t size;

                if (!has(value, at, 2))
                        return ISIS_CUT;
                if (value.length < at + 2) {
                        put(printer, DEEP "Remaining data in TLV shorter than a subTLV header");
                        *taken = value.length;
                        break;
                }
                if (left < 2) {
                        put(printer, DEEP "Remaining data in subTLVs shorter than a subTLV header");
                        break;
                }
                type = get8(printer, value, at);
                size = get8(printer, value, at + 1);
                sub = (struct packet){value.data + at + 2, value.captured - at - 2, size};
                putf(printer, DEEP "%s subTLV #%u, length: %u", isis_link_subfield_name(type), type,
                     size);
                if (left < size + 2) {
                        put(printer,
                            " (remaining data in subTLVs shorter than the current subTLV)");
                        break;
                }
                if (value.length < at + 2 + size) {
                        put(printer, " (> remaining tlv length)");
                        *taken = value.length;
                        break;
                }
                isis_link_subfield_print(printer, sub, type);
                value.length += isis_link_uncounted(type, size);
                at += 2 + size;
                left -= 2 + size;
        }
        return ISIS_DONE;
}

static bool taken_check(struct printer *printer, struct packet value, uint32_t taken)
{
        if (value.length >= taken)
                return true;
        putf(printer, " [remaining tlv length %u < %u]", value.length, taken);
        put_invalid(printer);
        return false;
}

enum isis_result isis_neighbors_print(struct printer *printer, struct packet value, bool alias)
{
        while (value.length > 0) {
                uint32_t taken = 0;
                enum isis_result result = neighbor_print(printer, value, alias, &taken);

                if (result != ISIS_DONE)
                        return result;
                if (!taken_check(printer, value, taken))
                        break;
                value = packet_from(value, taken);
        }
        return ISIS_DONE;
}

/* ---- Extended prefixes ---- */

enum prefix_field { TAG_32 = 1, TAG_64 = 2, SEGMENT = 3, COLOR = 117 };

static const struct name prefix_fields[] = {
    {TAG_32, "32-Bit Administrative tag"},
    {TAG_64, "64-Bit Administrative tag"},
    {SEGMENT, "Prefix SID"},
    {COLOR, "Management Prefix Color"},
    {0, NULL},
};

/* RFC 8667, 2.1. */
static enum isis_result segment_print(struct printer *printer, struct packet value)
{
        enum { VALUE = 0x08 };
        static const struct name flag_names[] = {
            {0x80, "Readvertisement"}, {0x40, "Node"},  {0x20, "No-PHP"}, {0x10, "Explicit NULL"},
            {VALUE, "Value"},          {0x04, "Local"}, {0, NULL},
        };
        static const struct name algorithms[] = {{0, "SPF"}, {1, "strict-SPF"}, {0, NULL}};
        uint8_t flags = get8(printer, value, 0), algorithm = get8(printer, value, 1);

        if (!has(value, 2, flags & VALUE ? 3 : 4) || value.length < (flags & VALUE ? 5 : 6))
                return ISIS_CUT;
        put(printer, ", Flags [");
        if (flags & 0xfc)
                put_flags(printer, flag_names, ", ", flags);
        else
                put(printer, "None");
        putf(printer, "], Algo %s (%u), ", name_or(algorithms, algorithm, "Unknown"), algorithm);
        if (flags & VALUE)
                putf(printer, "label %u", get24(printer, value, 2));
        else
                putf(printer, "index %u", get32(printer, value, 2));
        return ISIS_DONE;
}

static enum isis_result prefix_subfield_print(struct printer *printer, struct packet value,
                                              uint8_t type)
{
        putf(printer, DEEP "%s subTLV #%u, length: %u", name_or(prefix_fields, type, "unknown"),
             type, value.length);
        if (!has(value, 0, value.length))
                return ISIS_CUT;
        switch (type) {
        case TAG_32:
        case COLOR:
                for (uint32_t i = 0; i + 4 <= value.length; i += 4)
                        putf(printer, ", 0x%08x (=%u)", get32(printer, value, i),
                             get32(printer, value, i));
                break;
        case TAG_64:
                for (uint32_t i = 0; i + 8 <= value.length; i += 8)
                        putf(printer, ", 0x%08x%08x", get32(printer, value, i),
                             get32(printer, value, i + 4));
                break;
        case SEGMENT: return segment_print(printer, value);
        default: dump_hex(printer, "\n\t\t    ", value, value.length);
        }
        return ISIS_DONE;
}

static enum isis_result prefix_subfields_print(struct printer *printer, struct packet value,
                                               uint32_t *at)
{
        uint32_t left;

        left = get8(printer, value, (*at)++);
        putf(printer, " (%u)", left);
        /* As in tcpdump, subfields longer than what is left wrap around. */
        while (left > 0) {
                struct packet sub;
                uint8_t type;
                uint32_t size;

                type = get8(printer, value, *at);
                size = get8(printer, value, *at + 1);
                sub = (struct packet){value.data + *at + 2, value.captured - *at - 2, size};
                if (prefix_subfield_print(printer, sub, type) != ISIS_DONE) {
                        put_truncated(printer);
                        return ISIS_CUT;
                }
                *at += 2 + size;
                left -= 2 + size;
        }
        return ISIS_DONE;
}

static enum isis_result prefix_print(struct printer *printer, struct packet value, bool ipv6,
                                     uint32_t *at)
{
        enum { DOWN = 0x80, SUBFIELDS = 0x40, SUBFIELDS_6 = 0x20 };
        uint8_t prefix[16] = {0};
        uint32_t metric, bits, bytes, start = ipv6 ? 6 : 5;
        uint8_t status;

        metric = get32(printer, value, 0);
        status = get8(printer, value, 4);
        bits = ipv6 ? get8(printer, value, 5) : status & 0x3fu;
        if (bits > (ipv6 ? 128u : 32u)) {
                put_damage(printer, LINE "IPv%d prefix: bad bit length %u", ipv6 ? 6 : 4, bits);
                return ISIS_CUT;
        }
        bytes = (bits + 7) / 8;
        memcpy(prefix, bytes_at(printer, value, start, bytes), bytes);
        *at = start + bytes;
        putf(printer, LINE "IPv%d prefix: ", ipv6 ? 6 : 4);
        if (ipv6) {
                put_ipv6(printer, prefix);
                putf(printer, "/%u", bits);
        } else {
                put_prefix(printer, (struct packet){prefix, 4, 4}, 0, (int)bits);
        }
        putf(printer, ", Distribution: %s, Metric: %u", status & DOWN ? "down" : "up", metric);
        if (ipv6)
                putf(printer, ", %s", origin(status));
        if (!(status & (ipv6 ? SUBFIELDS_6 : SUBFIELDS)))
                return ISIS_DONE;
        put(printer, ", sub-TLVs present");
        return prefix_subfields_print(printer, value, at);
}

enum isis_result isis_prefixes_print(struct printer *printer, struct packet value, bool ipv6)
{
        while (value.length > 0) {
                uint32_t taken = 0;
                enum isis_result result = prefix_print(printer, value, ipv6, &taken);

                if (result != ISIS_DONE)
                        return result;
                if (!taken_check(printer, value, taken))
                        break;
                value = packet_from(value, taken);
        }
        return ISIS_DONE;
}
