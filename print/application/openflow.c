/* OpenFlow, opennetworking.org: the messages in a TCP segment, and what versions 1.0 and 1.3 have
 * in common. */
#include "openflow.h"

enum { HEADER = 8 };

enum openflow_result openflow_data_print(struct printer *printer, struct packet data)
{
        if (data.length == 0)
                return OPENFLOW_FINE;
        putf(printer, "\n\t data (%u octets)", data.length);
        if (printer->options.verbose >= 2)
                dump_hex_ascii(printer, "\n\t  ", data, data.length);
        need_hard(printer, data, 0, data.length);
        return OPENFLOW_FINE;
}

void openflow_frame_print(struct printer *printer, struct packet frame)
{
        enum { LEVEL = 3 };

        if (frame.length == 0)
                return;
        putf(printer, "\n\t data (%u octets)", frame.length);
        if (printer->options.verbose < LEVEL)
                return;
        put(printer, ", frame decoding below\n");
        printer->options.verbose -= LEVEL;
        protocol_print(printer, TUNNEL, ETHERTYPE_BRIDGING, frame);
        printer->options.verbose += LEVEL;
}

void openflow_bits_print(struct printer *printer, const struct name *table, uint32_t unnamed,
                         uint32_t value)
{
        uint32_t known = 0;

        for (const struct name *flag = table; flag->name; flag++)
                known |= flag->value;
        if (value & known) {
                put(printer, " (");
                put_flags(printer, table, ", ", value);
                put_char(printer, ')');
        }
        if (value & ~(known | unnamed))
                put(printer, " (bogus)");
}

void openflow_flags_print(struct printer *printer, const char *label, const struct name *table,
                          uint32_t value)
{
        putf(printer, "%s0x%08x", label, value);
        openflow_bits_print(printer, table, 0, value);
}

void openflow_text_print(struct printer *printer, const char *label, struct packet packet,
                         uint32_t at, uint32_t size)
{
        struct packet text = packet_from(packet, at);

        if (text.length > size)
                text.length = size;
        putf(printer, "%s'", label);
        put_until_zero(printer, text);
        put_char(printer, '\'');
}

void openflow_vendor_print(struct printer *printer, uint32_t vendor)
{
        static const struct name experimenters[] = {
            {0x4f4e4600, "ONF Extensions"},
            {0xff000001, "Budapest University of Technology and Economics"},
            {0xff000002, "NoviFlow"},
            {0xff000003, "L3+ Extensions, Vendor Neutral"},
            {0xff000004, "L4-L7 Extensions"},
            {0xff000005, "Wireless and Mobility Extensions"},
            {0xff000006, "Forwarding Abstractions Extensions"},
            {0xff000007, "Optical Transport Extensions"},
            {0xff000008, "Network Benchmarking Lab, NCTU"},
            {0xff000009, "Mobile Packet Core Extensions"},
            {0xff00000a, "MPLS-TP OpenFlow Extensions for SPTN"},
            {0, NULL},
        };

        putf(printer, "0x%08x (%s)", vendor,
             name_or(vendor < 1 << 24 ? oui_names : experimenters, vendor, "unknown"));
}

void openflow_buffer_print(struct printer *printer, const char *label, uint32_t buffer)
{
        enum { NONE = 0xffffffff };

        if (buffer == (uint32_t)NONE)
                putf(printer, "%sNONE", label);
        else
                putf(printer, "%s0x%08x", label, buffer);
}

enum openflow_result openflow_error_print(struct printer *printer, struct packet body,
                                          const struct name *types, const struct name *const *codes)
{
        static const struct name none[] = {{0, NULL}};
        uint16_t type = get16(printer, body, 0), code;
        const struct name *table = none;

        put(printer, "\n\t type ");
        put_name(printer, types, "invalid (0x%04x)", type);
        for (size_t i = 0; types[i].name; i++)
                if (types[i].value == type && codes[i])
                        table = codes[i];
        code = get16(printer, body, 2);
        put(printer, ", code ");
        put_name(printer, table, "invalid (0x%04x)", code);
        return openflow_data_print(printer, packet_from(body, 4));
}

static const struct openflow_message *message_find(uint8_t version, uint8_t type)
{
        if (version == 1 && type < openflow10_message_count)
                return &openflow10_messages[type];
        if (version == 4 && type < openflow13_message_count)
                return &openflow13_messages[type];
        return NULL;
}

/* The body of a message whose type and length have been printed. */
static void body_print(struct printer *printer, struct packet body, uint8_t version, uint8_t type)
{
        const struct openflow_message *message = message_find(version, type);
        enum openflow_result result = OPENFLOW_FINE;

        if (message && (body.length < message->least || body.length > message->most))
                result = OPENFLOW_INVALID;
        else if (message && message->print && printer->options.verbose)
                result = message->print(printer, body);
        if (result == OPENFLOW_INVALID)
                put_invalid(printer);
        if (result != OPENFLOW_UNKNOWN)
                need_hard(printer, body, 0, body.length);
}

/* A message. Returns its size, 0 if nothing can follow. */
static uint32_t message_print(struct printer *printer, struct packet packet)
{
        static const struct name versions[] = {{1, "1.0"}, {2, "1.1"}, {3, "1.2"}, {4, "1.3"},
                                               {5, "1.4"}, {6, "1.5"}, {0, NULL}};
        const struct openflow_message *message;
        uint8_t version, type;
        uint32_t length;
        struct packet body;

        version = get8(printer, packet, 0);
        put(printer, "\n\tversion ");
        put_name(printer, versions, "unknown (0x%02x)", version);
        if (packet.length < 2)
                goto end;
        type = get8(printer, packet, 1);
        message = message_find(version, type);
        if (message)
                putf(printer, ", type %s", message->name);
        else
                putf(printer, ", type unknown (0x%02x)", type);
        if (packet.length < 4)
                goto end;
        length = get16(printer, packet, 2);
        putf(printer, ", length %u%s", length, length < HEADER ? " (too short!)" : "");
        if (packet.length < HEADER)
                goto end;
        putf(printer, ", xid 0x%08x", get32(printer, packet, 4));
        if (length < HEADER) {
                put_invalid_rest(printer, packet);
                return 0;
        }
        body = packet_from(packet, HEADER);
        body.length = length - HEADER;
        body_print(printer, body, version, type);
        return length;
end:
        put(printer, " (end of TCP payload)");
        need_hard(printer, packet, 0, packet.length);
        return 0;
}

void openflow_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "openflow";
        put(printer, ": OpenFlow");
        while (packet.length > 0) {
                uint32_t size = message_print(printer, packet);

                if (size == 0)
                        return;
                packet = packet_from(packet, size);
        }
}
