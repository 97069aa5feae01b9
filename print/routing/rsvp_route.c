/* RSVP's explicit and recorded routes, RFC 3209, 4.3 and 4.4, and parameters of integrated
 * services, RFC 2210. */
#include "rsvp.h"

static void prefix_print(struct printer *printer, struct packet part, bool loose)
{
        static const struct name flags[] = {{0x01, "Local protection available"},
                                            {0x02, "Local protection in use"},
                                            {0x04, "Bandwidth protection"},
                                            {0x08, "Node protection"},
                                            {0, NULL}};

        putf(printer, ", %s, ", loose ? "Loose" : "Strict");
        put_ipv4_at(printer, part, 2);
        putf(printer, "/%u", get8(printer, part, 6));
        put_flag_list(printer, ", Flags: [", flags, get8(printer, part, 7));
}

static void label_print(struct printer *printer, struct packet part)
{
        static const struct name flags[] = {{1, "Global"}, {0, NULL}};
        static const struct name types[] = {{1, "IPv4"}, {0, NULL}};
        uint8_t bits = get8(printer, part, 2);
        uint8_t type = get8(printer, part, 3);

        put_flag_list(printer, ", Flags: [", flags, bits);
        putf(printer, bits ? " (0x%x)" : " (%x)", bits);
        putf(printer, ", Class-Type: %s (%u), %u", name_or(types, type, "Unknown"), type,
             get32(printer, part, 4));
}

enum rsvp_result rsvp_route_print(struct printer *printer, struct packet value, uint8_t type,
                                  const char *indent)
{
        enum { LOOSE = 0x80, IPV4 = 1, LABEL = 3, SIZE = 8 };
        static const struct name kinds[] = {{0, "Reserved"},
                                            {IPV4, "IPv4 prefix"},
                                            {2, "IPv6 prefix"},
                                            {LABEL, "Label"},
                                            {32, "Autonomous system number"},
                                            {64, "MPLS label switched path termination"},
                                            {0, NULL}};

        (void)type;
        while (value.length >= 4) {
                uint8_t kind = get8(printer, value, 0);
                uint8_t size = get8(printer, value, 1);

                putf(printer, "%s  Subobject Type: ", indent);
                put_name(printer, kinds, "Unknown %u", kind & 0x7f);
                putf(printer, ", length %u", size);
                if (size == 0) {
                        put_damage(printer, "%s  ERROR: zero length ERO subtype", indent);
                        break;
                }
                if (size > value.length) {
                        put_damage(printer, "%s  ERROR: ERO subobject length > object length",
                                   indent);
                        break;
                }
                kind &= 0x7f;
                if ((kind == IPV4 || kind == LABEL) && size != SIZE) {
                        put_damage(printer, " ERROR: length != %u", SIZE);
                        put_invalid(printer);
                        return RSVP_FAULT;
                }
                if (kind == IPV4 && get8(printer, value, 6) != 32) {
                        put_damage(printer, " ERROR: Prefix length %u != 32",
                                   get8(printer, value, 6));
                        put_invalid(printer);
                        return RSVP_FAULT;
                }
                if (kind == IPV4)
                        prefix_print(printer, value, get8(printer, value, 0) & LOOSE);
                else if (kind == LABEL)
                        label_print(printer, value);
                value = packet_from(value, size);
        }
        return RSVP_SHOWN;
}

/* ---- Integrated services ---- */

enum parameter {
        HOPS = 4,
        BANDWIDTH = 6,
        LATENCY = 8,
        MTU = 10,
        TOKEN_BUCKET = 127,
        RATE = 130,
        TOTAL_C = 133,
        TOTAL_D,
        PARTIAL_C,
        PARTIAL_D
};

/* A parameter of `value`; nothing if it is not as long as it has to be. */
static void value_print(struct printer *printer, struct packet value, uint8_t id)
{
        switch (id) {
        case HOPS: putf(printer, "\n\t\tIS hop count: %u", get32(printer, value, 0)); break;
        case BANDWIDTH:
                put(printer, "\n\t\tPath b/w estimate: ");
                put_megabits_short(printer, value, 0);
                put(printer, " Mbps");
                break;
        case LATENCY:
                put(printer, "\n\t\tMinimum path latency: ");
                if (get32(printer, value, 0) == 0xffffffff)
                        put(printer, "don't care");
                else
                        put_decimal(printer, get32(printer, value, 0));
                break;
        case MTU: putf(printer, "\n\t\tComposed MTU: %u bytes", get32(printer, value, 0)); break;
        case TOKEN_BUCKET:
                put(printer, "\n\t\tToken Bucket Rate: ");
                put_megabits_short(printer, value, 0);
                put(printer, " Mbps\n\t\tToken Bucket Size: ");
                put_float(printer, value, 4);
                put(printer, " bytes\n\t\tPeak Data Rate: ");
                put_megabits_short(printer, value, 8);
                putf(printer,
                     " Mbps\n\t\tMinimum Policed Unit: %u bytes"
                     "\n\t\tMaximum Packet Size: %u bytes",
                     get32(printer, value, 12), get32(printer, value, 16));
                break;
        case RATE:
                put(printer, "\n\t\tRate: ");
                put_megabits_short(printer, value, 0);
                putf(printer, " Mbps\n\t\tSlack Term: %u", get32(printer, value, 4));
                break;
        case TOTAL_C:
        case TOTAL_D:
        case PARTIAL_C:
        case PARTIAL_D: putf(printer, "\n\t\tValue: %u", get32(printer, value, 0)); break;
        }
}

/* Returns the parameter's size, 0 if it does not fit. */
static uint32_t parameter_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 4 };
        static const struct name names[] = {{HOPS, "IS hop cnt"},
                                            {BANDWIDTH, "Path b/w estimate"},
                                            {LATENCY, "Minimum path latency"},
                                            {MTU, "Composed MTU"},
                                            {TOKEN_BUCKET, "Token Bucket TSpec"},
                                            {RATE, "Guaranteed Service RSpec"},
                                            {TOTAL_C, "End-to-end composed value for C"},
                                            {TOTAL_D, "End-to-end composed value for D"},
                                            {PARTIAL_C, "Since-last-reshaping point composed C"},
                                            {PARTIAL_D, "Since-last-reshaping point composed D"},
                                            {0, NULL}};
        uint8_t id = get8(printer, packet, 0);
        uint32_t size = get16(printer, packet, 2) * 4u;
        uint32_t right;

        putf(printer, "\n\t      Parameter ID: %s (%u), length: %u, Flags: [0x%02x]",
             name_or(names, id, "unknown"), id, size, get8(printer, packet, 1));
        packet = packet_from(packet, HEADER);
        if (size > packet.length)
                return 0;
        right = id == TOKEN_BUCKET ? 20 : id == RATE ? 8 : 4;
        if (!name_find(names, id)) {
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t\t", packet, size);
        } else if (size == right) {
                value_print(printer, packet, id);
        }
        return HEADER + size;
}

enum rsvp_result rsvp_intserv_print(struct printer *printer, struct packet value, uint8_t type,
                                    const char *indent)
{
        enum { HEADER = 4 };
        static const struct name services[] = {{1, "Default/Global Information"},
                                               {2, "Guaranteed Service"},
                                               {5, "Controlled Load"},
                                               {0, NULL}};

        (void)type;
        putf(printer, "%s  Msg-Version: %u, length: %u", indent, get8(printer, value, 0) >> 4,
             get16(printer, value, 2) * 4u);
        value = packet_from(value, HEADER);
        while (value.length >= HEADER) {
                uint8_t service = get8(printer, value, 0);
                uint32_t left = get16(printer, value, 2) * 4u;

                putf(printer, "%s  Service Type: %s (%u), break bit %sset, Service length: %u",
                     indent, name_or(services, service, "unknown"), service,
                     get8(printer, value, 1) & 0x80 ? "" : "not ", left);
                value = packet_from(value, HEADER);
                while (left >= HEADER && value.length >= HEADER) {
                        uint32_t size = parameter_print(printer, value);

                        if (size == 0)
                                break;
                        value = packet_from(value, size);
                        left -= size; /* may wrap, as tcpdump's */
                }
        }
        return RSVP_SHOWN;
}
