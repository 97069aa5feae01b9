/* The Network Service Header, RFC 8300. */
#include "link.h"

enum { BASE = 8, WORD = 4, FIXED_CONTEXT_WORDS = 6, CONTEXT_HEADER = 4 };

enum metadata { FIXED = 1, VARIABLE = 2 };

enum next { IPV4 = 1, IPV6 = 2, ETHERNET = 3 };

static const struct name flag_names[] = {{0x20, "O"}, {0, NULL}};

static const struct name metadata_types[] = {
    {0, "reserved"}, {FIXED, "1"}, {VARIABLE, "2"}, {15, "experimental"}, {0, NULL}};

static const struct name next_protocols[] = {
    {IPV4, "IPv4"}, {IPV6, "IPv6"},         {ETHERNET, "Ethernet"}, {4, "NSH"},
    {5, "MPLS"},    {0xfe, "Experiment 1"}, {0xff, "Experiment 2"}, {0, NULL},
};

/* Returns false if it is malformed. */
static bool variable_print(struct printer *printer, struct packet rest)
{
        while (rest.length > 0) {
                uint32_t size, padded;

                need_hard(printer, rest, 0, CONTEXT_HEADER);
                size = get8(printer, rest, 3) & 0x7f;
                putf(printer, "\n        TLV Class %u, Type %u, Len %u", get16(printer, rest, 0),
                     get8(printer, rest, 2), size);
                rest = packet_from(rest, CONTEXT_HEADER);
                padded = (size + WORD - 1) / WORD * WORD;
                if (rest.length < padded) {
                        put(printer, " (length too big)");
                        return false;
                }
                if (size > 0) {
                        put(printer, "\n            Value: ");
                        for (uint32_t i = 0; i < size; i++)
                                putf(printer, i > 0 ? ":%02x" : "0x%02x", get8(printer, rest, i));
                }
                rest = packet_from(rest, padded);
        }
        return true;
}

/* With -vvv: what the header carries besides the path. */
static bool metadata_print(struct printer *printer, struct packet rest, uint8_t type)
{
        if (type == VARIABLE)
                return variable_print(printer, rest);
        if (type != FIXED)
                return true;
        if (rest.length != (FIXED_CONTEXT_WORDS - 2) * WORD) {
                put_damage(printer, " (invalid length for the MD type)");
                return false;
        }
        for (uint32_t i = 0; i < rest.length; i += WORD)
                putf(printer, "\n        Context[%02u]: 0x%08x", i / WORD, get32(printer, rest, i));
        return true;
}

static void payload_print(struct printer *printer, struct packet packet, uint8_t next)
{
        switch (next) {
        case IPV4: protocol_print(printer, TUNNEL, ETHERTYPE_IPV4, packet); break;
        case IPV6: protocol_print(printer, TUNNEL, ETHERTYPE_IPV6, packet); break;
        case ETHERNET: protocol_print(printer, TUNNEL, ETHERTYPE_BRIDGING, packet); break;
        default: put_damage(printer, "ERROR: unknown-next-protocol");
        }
}

void nsh_print(struct printer *printer, struct packet packet)
{
        int verbose = printer->options.verbose;
        uint8_t flags, version, type, next;
        uint32_t words, size;

        printer->protocol = "nsh";
        if (packet.length < BASE) {
                putf(printer, " (packet length %u < %u)", packet.length, BASE);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, BASE / 2);
        put_as(printer, ROLE_PROTOCOL, "NSH, ");
        flags = get8(printer, packet, 0);
        version = flags >> 6;
        if (verbose > 1)
                putf(printer, "ver %u, ", version);
        if (version != 0)
                return;
        put_flag_list(printer, "flags [", flag_names, flags & 0x30);
        put(printer, ", ");
        words = get8(printer, packet, 1);
        if (verbose > 2) {
                putf(printer, "TTL %u, ", (flags & 0x0fu) << 2 | words >> 6);
                putf(printer, "length %u, ", words & 0x3f);
        }
        words &= 0x3f;
        type = get8(printer, packet, 2) & 0x0f;
        if (verbose > 2) {
                put(printer, "md type ");
                put_name(printer, metadata_types, "unknown (0x%02x)", type);
                put(printer, ", ");
        }
        next = get8(printer, packet, 3);
        if (verbose > 1) {
                put(printer, "next-protocol ");
                put_name(printer, next_protocols, "unknown (0x%02x)", next);
                put(printer, ", ");
        }
        size = words * WORD;
        if (size > packet.length) {
                putf(printer, " (too many headers for packet length %u)", packet.length);
                put_invalid(printer);
                return;
        }
        putf(printer, "service-path-id 0x%06x, ", get24(printer, packet, 4));
        putf(printer, "service-index 0x%x", get8(printer, packet, 7));
        if (size < BASE) {
                put(printer, " (less than two headers)");
                put_invalid(printer);
                return;
        }
        if (verbose > 2 &&
            !metadata_print(printer, packet_from(packet_cut(packet, size), BASE), type)) {
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, size);
        put(printer, verbose ? "\n    " : ": ");
        payload_print(printer, packet_from(packet, size), next);
}
