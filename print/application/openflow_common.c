/* What the messages of OpenFlow 1.0 and 1.3 have in common. */
#include "openflow.h"

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

enum openflow_result openflow_frame_print(struct printer *printer, struct packet frame)
{
        enum { LEVEL = 3 };

        if (frame.length == 0)
                return OPENFLOW_FINE;
        putf(printer, "\n\t data (%u octets)", frame.length);
        if (printer->options.verbose < LEVEL)
                return OPENFLOW_FINE;
        put(printer, ", frame decoding below\n");
        printer->options.verbose -= LEVEL;
        protocol_print_quote(printer, TUNNEL, ETHERTYPE_BRIDGING, packet_claimed(frame));
        printer->options.verbose += LEVEL;
        return OPENFLOW_DECODED;
}

void openflow_bits_print(struct printer *printer, const struct name *table, uint32_t unnamed,
                         uint32_t value)
{
        uint32_t known = 0;

        for (const struct name *flag = table; flag->name; flag++)
                known |= flag->value;
        if (value & (known | unnamed)) {
                put(printer, " (");
                if (value & known)
                        put_flags(printer, table, ", ", value);
                put_char(printer, ')');
        }
        if (value & ~(known | unnamed))
                put_damage(printer, " (bogus)");
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
