/* ISO's connectionless network protocol, ISO 8473. */
#include "osi.h"

enum { HEADER = 9, SEGMENT = 6, VERSION = 1 };

enum pdu {
        ERROR_REPORT = 1,
        MULTICAST_DATA = 29,
        DATA = 28,
        ECHO_REQUEST = 30,
        ECHO_RESPONSE = 31
};

enum flag { SEGMENTATION = 0x80 };

enum option {
        DISCARD_REASON = 193,
        QUALITY = 195,
        SECURITY = 197,
        SOURCE_ROUTE = 200,
        RECORD_ROUTE = 203,
        PADDING = 204,
        PRIORITY = 205
};

static const struct name pdus[] = {
    {ERROR_REPORT, "Error Report"}, {MULTICAST_DATA, "MD"},           {DATA, "Data"},
    {ECHO_REQUEST, "Echo Request"}, {ECHO_RESPONSE, "Echo Response"}, {0, NULL},
};

static const struct name flag_names[] = {{SEGMENTATION, "Segmentation permitted"},
                                         {0x40, "more Segments"},
                                         {0x20, "request Error Report"},
                                         {0, NULL}};

static const struct name option_names[] = {
    {DISCARD_REASON, "Discard Reason"},
    {QUALITY, "QoS Maintenance"},
    {SECURITY, "Security"},
    {SOURCE_ROUTE, "Source Routing"},
    {RECORD_ROUTE, "Route Recording"},
    {PADDING, "Padding"},
    {PRIORITY, "Priority"},
    {0, NULL},
};

static const struct name scopes[] = {
    {0x40, "Source Address Specific"},
    {0x80, "Destination Address Specific"},
    {0xc0, "Globally unique"},
    {0, NULL},
};

enum { SCOPE = 0xc0, GLOBAL = 0xc0 };

/* ISO 8473-1, table 9: class in the high half, reason in the low. */
static const struct name error_classes[] = {
    {0, "General"},   {8, "Address"},        {9, "Source Routeing"},
    {10, "Lifetime"}, {11, "PDU Discarded"}, {12, "Reassembly"},
    {0, NULL},
};

static const struct name errors[] = {
    {0x00, "Reason not specified"},
    {0x01, "Protocol procedure error"},
    {0x02, "Incorrect checksum"},
    {0x03, "PDU discarded due to congestion"},
    {0x04, "Header syntax error (cannot be parsed)"},
    {0x05, "Segmentation needed but not permitted"},
    {0x06, "Incomplete PDU received"},
    {0x07, "Duplicate option"},
    {0x80, "Destination address unreachable"},
    {0x81, "Destination address unknown"},
    {0x90, "Unspecified source routeing error"},
    {0x91, "Syntax error in source routeing field"},
    {0x92, "Unknown address in source routeing field"},
    {0x93, "Path not acceptable"},
    {0xa0, "Lifetime expired while data unit in transit"},
    {0xa1, "Lifetime expired during reassembly"},
    {0xb0, "Unsupported option not specified"},
    {0xb1, "Unsupported protocol version"},
    {0xb2, "Unsupported security option"},
    {0xb3, "Unsupported source routeing option"},
    {0xb4, "Unsupported recording of route option"},
    {0xc0, "Reassembly interference"},
    {0, NULL},
};

/* A list of addresses, and where in it the packet is. */
static void route_print(struct printer *printer, struct packet value, uint8_t option)
{
        static const struct name kinds[] = {{0, "partial"}, {1, "complete"}, {0, NULL}};
        uint32_t offset;

        putf(printer, "%s %s", name_or(kinds, get8(printer, value, 0), "Unknown"),
             option == SOURCE_ROUTE ? "source routing" : "recording of route in progress");
        offset = get8(printer, value, 1);
        if (offset == 0) {
                put(printer, " Bad NSAP offset (0)");
                return;
        }
        offset--;
        if (offset > value.length) {
                put(printer, " Bad NSAP offset (past end of option)");
                return;
        }
        value = packet_from(value, offset);
        /* As in tcpdump, the first address stands for all. */
        for (uint32_t left = value.length; left > 0;) {
                uint32_t size = get8(printer, value, 0);

                left--;
                if (size > left) {
                        put(printer, "\n\t    NSAP address goes past end of option");
                        return;
                }
                if (size > 0) {
                        putf(printer, "\n\t    NSAP address (length %u): ", size);
                        put_nsap(printer, value, 1, size);
                }
                left -= size;
        }
}

static void quality_print(struct printer *printer, struct packet value)
{
        static const struct name flags[] = {
            {0x20, "reserved"},
            {0x10, "sequencing vs. delay"},
            {0x08, "congested"},
            {0x04, "delay vs. cost"},
            {0x02, "error vs. delay"},
            {0x01, "error vs. cost"},
            {0, NULL},
        };
        uint8_t byte = get8(printer, value, 0);

        putf(printer, "\n\t    Format Code: %s", name_or(scopes, byte & SCOPE, "Reserved"));
        if ((byte & SCOPE) == GLOBAL)
                put_flag_list(printer, "\n\t    QoS Flags [", flags, byte & ~SCOPE);
}

static void discard_print(struct printer *printer, struct packet value)
{
        uint8_t reason = get8(printer, value, 0);

        putf(printer, "\n\t    Class: %s Error (0x%01x), %s (0x%01x)",
             name_or(error_classes, reason >> 4, "Unknown"), reason >> 4,
             name_or(errors, reason, "Unknown"), reason & 15u);
}

/* False if the option is too short. */
static bool option_print(struct printer *printer, struct packet value, uint8_t option)
{
        uint32_t least = option == SOURCE_ROUTE || option == RECORD_ROUTE || option == SECURITY ? 2
                         : option == PADDING || !name_find(option_names, option)                ? 0
                                                                                                : 1;

        if (value.length < least) {
                put_damage(printer, ", bad opt len");
                return false;
        }
        switch (option) {
        case SOURCE_ROUTE:
        case RECORD_ROUTE: route_print(printer, value, option); break;
        case PRIORITY: putf(printer, "0x%01x", get8(printer, value, 0) & 15u); break;
        case QUALITY: quality_print(printer, value); break;
        case SECURITY:
                putf(printer, "\n\t    Format Code: %s, Security-Level %u",
                     name_or(scopes, get8(printer, value, 0) & SCOPE, "Reserved"),
                     get8(printer, value, 1));
                break;
        case DISCARD_REASON: discard_print(printer, value); break;
        case PADDING: put(printer, "padding data"); break;
        default: dump_hex(printer, "\n\t  ", value, value.length); break;
        }
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t  ", value, value.length);
        return true;
}

static bool options_print(struct printer *printer, struct packet rest)
{
        while (rest.length > 0) {
                uint8_t option;
                uint32_t size;

                if (rest.length < 2) {
                        put_damage(printer, ", bad opts/li");
                        return false;
                }
                need_hard(printer, rest, 0, 2);
                option = get8(printer, rest, 0);
                size = get8(printer, rest, 1);
                rest = packet_from(rest, 2);
                if (size > rest.length) {
                        put_damage(printer, ", opt (%u) too long", option);
                        return false;
                }
                need(printer, rest, 0, size);
                putf(printer, "\n\t  %s Option #%u, length %u, value: ",
                     name_or(option_names, option, "Unknown"), option, size);
                if (!option_print(printer, packet_cut(rest, size), option))
                        return false;
                rest = packet_from(rest, size);
        }
        return true;
}

/* An address behind its size, within the header. NULL if it is cut off by the header's end. */
static bool address_take(struct printer *printer, struct packet *rest, struct packet *address)
{
        uint32_t size;

        if (rest->length < 1)
                return false;
        size = get8(printer, *rest, 0);
        *rest = packet_from(*rest, 1);
        if (rest->length < size)
                return false;
        need(printer, *rest, 0, size);
        *address = packet_cut(*rest, size);
        *rest = packet_from(*rest, size);
        return true;
}

static bool pdu_print(struct printer *printer, struct packet packet);

static void data_print(struct printer *printer, struct packet packet, uint8_t pdu)
{
        bool answer = pdu == ERROR_REPORT || pdu == ECHO_RESPONSE;

        if (answer && has(packet, 0, 1) && packet.data[0] == 0x81) {
                put(printer, "\n\t-----original packet-----\n\t");
                if (packet.length > 0 && printer->depth < MAX_DEPTH) {
                        printer->depth++;
                        pdu_print(printer, packet);
                        printer->depth--;
                }
                return;
        }
        if (packet.length > 0) {
                putf(printer, "\n\t  undecoded non-header data, length %u", packet.length);
                dump_hex(printer, "\n\t  ", packet, packet.length);
        }
}

/* Returns false if the packet is malformed. */
static bool pdu_print(struct printer *printer, struct packet packet)
{
        struct packet header = packet, destination, source;
        bool shown = printer->options.link_header;
        uint8_t size, type, pdu;

        need(printer, packet, 0, HEADER);
        size = get8(printer, packet, 1);
        if (!shown)
                put(printer, "CLNP");
        if (get8(printer, packet, 2) != VERSION) {
                putf(printer, "version %u packet not supported", get8(printer, packet, 2));
                return false;
        }
        if (size > packet.length) {
                putf(printer, " length indicator(%u) > PDU size (%u)!", size, packet.length);
                return false;
        }
        if (size < HEADER) {
                osi_short_print(printer, packet, size);
                return false;
        }
        header.length = size;
        header = packet_from(header, HEADER);
        type = get8(printer, packet, 4);
        pdu = type & 0x1f;
        if (!address_take(printer, &header, &destination) ||
            !address_take(printer, &header, &source)) {
                put(printer, "li < size of fixed part of CLNP header and addresses");
                return false;
        }
        if (!printer->options.verbose) {
                put(printer, shown ? "" : ", ");
                put_nsap(printer, source, 0, source.length);
                put(printer, " > ");
                put_nsap(printer, destination, 0, destination.length);
                put(printer, ", ");
                put_name(printer, pdus, "unknown (%u)", pdu);
                putf(printer, ", length %u", packet.length);
                return true;
        }
        putf(printer, "%slength %u\n\t", shown ? "" : ", ", packet.length);
        put_name(printer, pdus, "unknown (%u)", pdu);
        putf(printer, " PDU, hlen: %u, v: %u, lifetime: %u.%us, Segment PDU length: %u, ", size,
             VERSION, get8(printer, packet, 3) / 2, get8(printer, packet, 3) % 2 * 5,
             get16(printer, packet, 5));
        putf(printer, "checksum: 0x%04x", get16(printer, packet, 7));
        iso_checksum_print(printer, packet, get16(printer, packet, 7), 7, size);
        put_flag_list(printer, "\n\tFlags [", flag_names, type & ~0x1f);
        putf(printer, "\n\tsource address (length %u): ", source.length);
        put_nsap(printer, source, 0, source.length);
        putf(printer, "\n\tdest   address (length %u): ", destination.length);
        put_nsap(printer, destination, 0, destination.length);
        if (type & SEGMENTATION) {
                if (header.length < SEGMENT) {
                        put(printer, "li < size of fixed part of CLNP header, addresses, and "
                                     "segment part");
                        return false;
                }
                need(printer, header, 0, SEGMENT);
                putf(printer, "\n\tData Unit ID: 0x%04x, Segment Offset: %u, Total PDU Length: %u",
                     get16(printer, header, 0), get16(printer, header, 2),
                     get16(printer, header, 4));
                header = packet_from(header, SEGMENT);
        }
        if (!options_print(printer, header))
                return false;
        if (pdu == ERROR_REPORT || pdu == ECHO_RESPONSE)
                need_hard(printer, packet, size, 1);
        data_print(printer, packet_from(packet, size), pdu);
        return true;
}

void clnp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "clnp";
        if (!pdu_print(printer, packet))
                dump_hex(printer, "\n\t", packet, packet.length);
}
