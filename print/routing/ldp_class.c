/* LDP's forwarding equivalence classes: prefixes, RFC 5036, and pseudowires, RFC 4447. */
#include "ldp.h"

/* What an interface has to agree on, RFC 4446 and 5085. Values have two bytes more in their length.
 */
static void parameter_print(struct printer *printer, struct packet value, uint8_t type,
                            uint32_t size)
{
        enum { MTU = 1, DESCRIPTION = 3, VERIFICATION = 12 };
        static const struct name names[] = {
            {MTU, "MTU"}, {DESCRIPTION, "Description"}, {VERIFICATION, "VCCV"}, {0, NULL}};
        static const struct name channels[] = {{1, "PWE3 control word"},
                                               {2, "MPLS Router Alert Label"},
                                               {4, "MPLS inner label TTL = 1"},
                                               {0, NULL}};
        static const struct name verifications[] = {
            {1, "ICMP Ping"}, {2, "LSP Ping"}, {4, "BFD"}, {0, NULL}};

        putf(printer, "\n\t\tInterface Parameter: %s (0x%02x), len %u",
             name_or(names, type, "Unknown"), type, size);
        switch (type) {
        case MTU: putf(printer, ": %u", get16(printer, value, 0)); break;
        case DESCRIPTION:
                put(printer, ": ");
                for (uint32_t i = 0; i < value.length; i++)
                        put_visible(printer, get8(printer, value, i));
                break;
        case VERIFICATION:
                putf(printer, "\n\t\t  Control Channels (0x%02x) = [", get8(printer, value, 0));
                put_flags(printer, channels, ", ", get8(printer, value, 0));
                put(printer, "]");
                putf(printer, "\n\t\t  CV Types (0x%02x) = [", get8(printer, value, 1));
                put_flags(printer, verifications, ", ", get8(printer, value, 1));
                put(printer, "]");
                break;
        default: dump_hex(printer, "\n\t\t  ", value, value.length);
        }
}

static void pseudowire_print(struct printer *printer, struct packet value)
{
        enum { FIXED = 7, PARAMETERS = 11, CONTROL_WORD = 0x8000 };
        uint32_t left;
        uint16_t type;

        if (!ldp_long_enough(printer, value, FIXED))
                return;
        type = get16(printer, value, 0);
        left = get8(printer, value, 2);
        if (left > 0 && !ldp_long_enough(printer, value, PARAMETERS))
                return;
        need_hard(printer, value, 0, left > 0 ? PARAMETERS : FIXED);
        putf(printer, ": %s, %scontrol word, group-ID %u",
             name_or(pseudowire_types, type & 0x7fff, "Unknown"), type & CONTROL_WORD ? "" : "no ",
             get32(printer, value, 3));
        if (left == 0) {
                put(printer, ", VC-info-length: 0");
                return;
        }
        putf(printer, ", VC-ID %u, VC-info-length: %u", get32(printer, value, FIXED), left);
        value = packet_from(value, PARAMETERS);
        if (left < 4) { /* not even for the VC-ID */
                put_damage(printer, " (invalid, < 4");
                return;
        }
        left -= 4;
        if (!ldp_long_enough(printer, value, left))
                return;
        while (left > 2) {
                uint32_t size;

                need_hard(printer, value, 0, 2);
                size = get8(printer, value, 1);
                if (size < 2 || size > left)
                        return;
                parameter_print(printer, packet_part(packet_from(value, 2), size - 2),
                                value.data[0], size);
                value = packet_from(value, size);
                left -= size;
        }
}

static void prefix_print(struct printer *printer, struct packet value)
{
        uint8_t address[16] = {0};
        uint32_t bits, octets, width;
        uint16_t family;

        if (!ldp_long_enough(printer, value, 2))
                return;
        family = get16(printer, value, 0);
        if (family != 1 && family != 2) {
                putf(printer, ": Address family %u prefix", family);
                return;
        }
        width = family == 1 ? 32 : 128;
        if (value.length < 3)
                printer_abandon_short(printer);
        need_hard(printer, value, 2, 1);
        bits = get8(printer, value, 2);
        if (bits > width) {
                put_damage(printer, ": IPv%u prefix (invalid length)", family == 1 ? 4 : 6);
                return;
        }
        octets = (bits + 7) / 8;
        if (value.length < 3 + octets)
                printer_abandon_short(printer);
        need_hard(printer, value, 3, octets);
        for (uint32_t i = 0; i < octets; i++)
                address[i] = get8(printer, value, 3 + i);
        if (bits % 8 != 0)
                address[octets - 1] &= (uint8_t)(0xff00 >> bits % 8);
        putf(printer, ": IPv%u prefix ", family == 1 ? 4 : 6);
        if (width == 32)
                put_ipv4(printer, address);
        else
                put_ipv6(printer, address);
        putf(printer, "/%u", bits);
}

void ldp_class_print(struct printer *printer, struct packet value)
{
        enum { WILDCARD = 1, PREFIX, HOST, PSEUDOWIRE = 0x80 };
        static const struct name names[] = {{WILDCARD, "Wildcard"},
                                            {PREFIX, "Prefix"},
                                            {HOST, "Host address"},
                                            {PSEUDOWIRE, "Martini VC"},
                                            {0, NULL}};
        uint8_t type = get8(printer, value, 0);

        putf(printer, "\n\t      %s FEC (0x%02x)", name_or(names, type, "Unknown"), type);
        value = packet_from(value, 1);
        if (type == PREFIX)
                prefix_print(printer, value);
        else if (type == PSEUDOWIRE)
                pseudowire_print(printer, value);
}
