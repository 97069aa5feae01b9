/* LSP ping, RFC 4379 and 8029: asks whether a label switched path leads where it should. */
#include "routing.h"

enum { HEADER = 32, TLV_HEADER = 4 };

enum tlv {
        TARGETS = 1,
        DOWNSTREAM = 2,
        PAD = 3,
        VENDOR = 5,
        LABELS = 7,
        ERROR_CODE = 9,
        REPLY_TOS = 10,
        BFD_DISCRIMINATOR = 15,
        VENDOR_PRIVATE = 0xfc00
};

static const struct name tlvs[] = {{TARGETS, "Target FEC Stack"},
                                   {DOWNSTREAM, "Downstream Mapping"},
                                   {PAD, "Pad"},
                                   {VENDOR, "Vendor Enterprise Code"},
                                   {LABELS, "Interface Label Stack"},
                                   {ERROR_CODE, "Error Code"},
                                   {REPLY_TOS, "Reply TOS Byte"},
                                   {BFD_DISCRIMINATOR, "BFD Discriminator"},
                                   {VENDOR_PRIVATE, "Vendor Private Code"},
                                   {0, NULL}};

/* ---- What the path leads to ---- */

enum target {
        LDP_4 = 1,
        LDP_6,
        RSVP_4,
        RSVP_6,
        VPN_4 = 6,
        VPN_6,
        LAYER2_VPN,
        PSEUDOWIRE_OLD,
        PSEUDOWIRE,
        LABELLED_4 = 12,
        LABELLED_6
};

static const struct target_form {
        uint16_t type;
        uint16_t size; /* the only valid one */
        const char *name;
} targets[] = {
    {LDP_4, 5, "LDP IPv4 prefix"},
    {LDP_6, 17, "LDP IPv6 prefix"},
    {RSVP_4, 20, "RSVP IPv4 Session Query"},
    {RSVP_6, 56, "RSVP IPv6 Session Query"},
    {5, 0, "Reserved"},
    {VPN_4, 13, "VPN IPv4 prefix"},
    {VPN_6, 25, "VPN IPv6 prefix"},
    {LAYER2_VPN, 14, "L2 VPN endpoint"},
    {PSEUDOWIRE_OLD, 10, "FEC 128 pseudowire (old)"},
    {PSEUDOWIRE, 14, "FEC 128 pseudowire"},
    {LABELLED_4, 5, "BGP labeled IPv4 prefix"},
    {LABELLED_6, 17, "BGP labeled IPv6 prefix"},
};

static const struct target_form *target_find(uint16_t type)
{
        static const struct target_form unknown = {0, 0, "Unknown"};

        for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
                if (targets[i].type == type)
                        return &targets[i];
        return &unknown;
}

static void prefix_print(struct printer *printer, struct packet value, uint32_t offset,
                         uint32_t size)
{
        if (size == 4)
                put_ipv4_at(printer, value, offset);
        else
                put_ipv6_at(printer, value, offset);
        putf(printer, "/%u", get8(printer, value, offset + size));
}

static void distinguisher_print(struct printer *printer, struct packet value, const char *after)
{
        put(printer, "\n\t      RD: ");
        put_route_distinguisher(printer, value, 0);
        put(printer, after);
}

static void put_pseudowire_type(struct printer *printer, const char *label, uint16_t type)
{
        putf(printer, "%s%s (%u)", label, name_or(pseudowire_types, type, "unknown"), type);
}

static void target_print(struct printer *printer, struct packet value, uint16_t type)
{
        switch (type) {
        case LDP_4:
        case LABELLED_4:
                put(printer, "\n\t      ");
                prefix_print(printer, value, 0, 4);
                break;
        case LDP_6:
        case LABELLED_6:
                put(printer, "\n\t      ");
                prefix_print(printer, value, 0, 16);
                break;
        case RSVP_4:
                put_ipv4_labelled(printer, "\n\t      tunnel end-point ", value, 0);
                put_ipv4_labelled(printer, ", tunnel sender ", value, 12);
                putf(printer, ", lsp-id 0x%04x", get16(printer, value, 18));
                putf(printer, "\n\t      tunnel-id 0x%04x", get16(printer, value, 6));
                put_ipv4_labelled(printer, ", extended tunnel-id ", value, 8);
                break;
        case RSVP_6:
                put_ipv6_labelled(printer, "\n\t      tunnel end-point ", value, 0);
                put_ipv6_labelled(printer, ", tunnel sender ", value, 36);
                putf(printer, ", lsp-id 0x%04x", get16(printer, value, 54));
                putf(printer, "\n\t      tunnel-id 0x%04x", get16(printer, value, 18));
                put_ipv6_labelled(printer, ", extended tunnel-id ", value, 20);
                break;
        case VPN_4:
                distinguisher_print(printer, value, ", ");
                prefix_print(printer, value, 8, 4);
                break;
        case VPN_6:
                distinguisher_print(printer, value, ", ");
                prefix_print(printer, value, 8, 16);
                break;
        case LAYER2_VPN:
                distinguisher_print(printer, value, "");
                putf(printer, ", Sender VE ID: %u, Receiver VE ID: %u", get16(printer, value, 8),
                     get16(printer, value, 10));
                put_pseudowire_type(printer,
                                    "\n\t      Encapsulation Type: ", get16(printer, value, 12));
                break;
        case PSEUDOWIRE_OLD:
                put_ipv4_labelled(printer, "\n\t      Remote PE: ", value, 0);
                putf(printer, "\n\t      PW ID: 0x%08x", get32(printer, value, 4));
                put_pseudowire_type(printer, ", PW Type: ", get16(printer, value, 8));
                break;
        case PSEUDOWIRE:
                put_ipv4_labelled(printer, "\n\t      Sender PE: ", value, 0);
                put_ipv4_labelled(printer, ", Remote PE: ", value, 4);
                putf(printer, "\n\t      PW ID: 0x%08x", get32(printer, value, 8));
                put_pseudowire_type(printer, ", PW Type: ", get16(printer, value, 12));
                break;
        }
}

static bool put_too_short(struct printer *printer)
{
        put_damage(printer, "\n\t      TLV is too short");
        return false;
}

/* Those below return whether all of the TLV was shown, so that only -vv dumps it. */

static bool targets_print(struct printer *printer, struct packet tlv)
{
        while (tlv.length > 0) {
                const struct target_form *form;
                struct packet value;
                bool shown = true;
                uint16_t type;
                uint32_t size, padded;

                if (tlv.length < TLV_HEADER)
                        return put_too_short(printer);
                need_hard(printer, tlv, 0, TLV_HEADER);
                type = get16(printer, tlv, 0);
                size = get16(printer, tlv, 2);
                value = packet_from(tlv, TLV_HEADER);
                if (size > value.length)
                        return put_too_short(printer);
                form = target_find(type);
                putf(printer, "\n\t    %s subTLV (%u), length: %u", form->name, type, size);
                need_hard(printer, value, 0, size);
                if (form->size == 0) {
                        shown = false;
                } else if (size != form->size) {
                        put_damage(printer, "\n\t      invalid subTLV length, should be %u",
                                   form->size);
                        shown = false;
                } else {
                        target_print(printer, value, type);
                }
                if (!shown || printer->options.verbose > 1)
                        dump_hex(printer, "\n\t      ", value, size);
                padded = (size + 3) & ~3u;
                if (padded > value.length) {
                        put_damage(printer, "\n\t\t TLV is too short");
                        printer_abandon_silently(printer); /* nothing more of the message */
                }
                /* tcpdump counts the header, but does not step over it. */
                tlv = packet_part(packet_from(tlv, padded), value.length - padded);
        }
        return true;
}

static bool downstream_print(struct printer *printer, struct packet tlv)
{
        enum { IPV4 = 1, UNNUMBERED_4, IPV6, UNNUMBERED_6, FIXED = 4, AFTER = 4 };
        static const struct name kinds[] = {{IPV4, "IPv4"},
                                            {UNNUMBERED_4, "Unnumbered IPv4"},
                                            {IPV6, "IPv6"},
                                            {UNNUMBERED_6, "IPv6"},
                                            {0, NULL}};
        static const uint8_t sizes[] = {
            [IPV4] = 8, [UNNUMBERED_4] = 8, [IPV6] = 32, [UNNUMBERED_6] = 20};
        uint8_t kind;

        if (tlv.length < FIXED)
                return put_too_short(printer);
        need_hard(printer, tlv, 0, FIXED);
        kind = get8(printer, tlv, 2);
        putf(printer, "\n\t    MTU: %u, Address-Type: %s (%u)", get16(printer, tlv, 0),
             name_or(kinds, kind, "unknown"), kind);
        tlv = packet_from(tlv, FIXED);
        if (!name_find(kinds, kind))
                return false;
        if (tlv.length < sizes[kind])
                return put_too_short(printer);
        need_hard(printer, tlv, 0, sizes[kind]);
        switch (kind) {
        case IPV4:
                put_ipv4_labelled(printer, "\n\t    Downstream IP: ", tlv, 0);
                put_ipv4_labelled(printer, "\n\t    Downstream Interface IP: ", tlv, 4);
                break;
        case UNNUMBERED_4:
                put_ipv4_labelled(printer, "\n\t    Downstream IP: ", tlv, 0);
                putf(printer, "\n\t    Downstream Interface Index: 0x%08x", get32(printer, tlv, 4));
                break;
        case IPV6:
                put_ipv6_labelled(printer, "\n\t    Downstream IP: ", tlv, 0);
                put_ipv6_labelled(printer, "\n\t    Downstream Interface IP: ", tlv, 16);
                break;
        case UNNUMBERED_6:
                put_ipv6_labelled(printer, "\n\t    Downstream IP: ", tlv, 0);
                putf(printer, "\n\t    Downstream Interface Index: 0x%08x",
                     get32(printer, tlv, 16));
                break;
        }
        tlv = packet_from(tlv, sizes[kind]);
        if (tlv.length < AFTER)
                return put_too_short(printer);
        need_hard(printer, tlv, 0, AFTER);
        return false; /* the labels are not */
}

static bool tlv_print(struct printer *printer, struct packet tlv, uint16_t type)
{
        switch (type) {
        case TARGETS: return targets_print(printer, tlv);
        case DOWNSTREAM: return downstream_print(printer, tlv);
        case BFD_DISCRIMINATOR:
                if (tlv.length < 4)
                        return put_too_short(printer);
                need_hard(printer, tlv, 0, 4);
                putf(printer, "\n\t    BFD Discriminator 0x%08x", get32(printer, tlv, 0));
                return true;
        case VENDOR: {
                uint32_t vendor;

                if (tlv.length < 4)
                        return put_too_short(printer);
                need_hard(printer, tlv, 0, 4);
                vendor = get32(printer, tlv, 0);
                putf(printer, "\n\t    Vendor: %s (0x%04x)",
                     name_or(enterprise_names, vendor, "Unknown"), vendor);
                return true;
        }
        default: return false;
        }
}

static void tlvs_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                uint32_t size, padded;
                uint16_t type;

                if (packet.length < TLV_HEADER) {
                        put_damage(printer, "\n\t\t packet is too short");
                        return;
                }
                need_hard(printer, packet, 0, TLV_HEADER);
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                putf(printer, "\n\t  %s TLV (%u), length: %u", name_or(tlvs, type, "Unknown"), type,
                     size);
                packet = packet_from(packet, TLV_HEADER);
                if (size == 0)
                        continue;
                if (size > packet.length) {
                        put_damage(printer, "\n\t\t packet is too short");
                        return;
                }
                need_hard(printer, packet, 0, size);
                if (!tlv_print(printer, packet_part(packet, size), type) ||
                    printer->options.verbose > 1)
                        dump_hex(printer, "\n\t    ", packet, size);
                padded = (size + 3) & ~3u;
                if (padded > packet.length) {
                        put_damage(printer, "\n\t\t packet is too short");
                        return;
                }
                packet = packet_from(packet, padded);
        }
}

static void put_return_code(struct printer *printer, uint8_t code, uint8_t depth)
{
        static const struct name codes[] = {
            {0, "No return code or return code contained in the Error Code TLV"},
            {1, "Malformed echo request received"},
            {2, "One or more of the TLVs was not understood"},
            {3, "Replying router is an egress for the FEC at stack depth %u"},
            {4, "Replying router has no mapping for the FEC at stack depth %u"},
            {5, "Reserved"},
            {6, "Reserved"},
            {7, "Reserved"},
            {8, "Label switched at stack-depth %u"},
            {9, "Label switched but no MPLS forwarding at stack-depth"},
            {10, "Mapping for this FEC is not the given label at stack depth %u"},
            {11, "No label entry at stack-depth %u"},
            {12, "Protocol not associated with interface at FEC stack depth %u"},
            {13, "Premature termination of ping due to label stack shrinking to a single label"},
            {0, NULL}};
        const char *text = name_or(codes, code, "unknown");
        const char *place = strchr(text, '%');

        put(printer, "\n\t  Return Code: ");
        if (place) {
                put_bytes(printer, text, (size_t)(place - text));
                put_decimal(printer, depth);
        } else {
                put(printer, text);
        }
        putf(printer, " (%u)", code);
        putf(printer, "\n\t  Return Subcode: (%u)", depth);
}

void lsp_ping_print(struct printer *printer, struct packet packet)
{
        static const struct name messages[] = {
            {1, "MPLS Echo Request"}, {2, "MPLS Echo Reply"}, {0, NULL}};
        static const struct name modes[] = {
            {1, "Do not reply"},
            {2, "Reply via an IPv4/IPv6 UDP packet"},
            {3, "Reply via an IPv4/IPv6 UDP packet with Router Alert"},
            {4, "Reply via application level control channel"},
            {0, NULL}};
        uint16_t version;
        uint8_t type, mode;

        printer->protocol = "lspping";
        if (packet.length < HEADER) {
                put_damage(printer, "\n\t\t packet is too short");
                return;
        }
        need_hard(printer, packet, 0, HEADER);
        version = get16(printer, packet, 0);
        if (version != 1) {
                putf(printer, "LSP-PING version %u packet not supported", version);
                return;
        }
        type = get8(printer, packet, 4);
        mode = get8(printer, packet, 5);
        if (!printer->options.verbose) {
                put_as(printer, ROLE_PROTOCOL, "LSP-PINGv1, ");
                put_name(printer, messages, "unknown (%u)", type);
                putf(printer, ", seq %u, length: %u", get32(printer, packet, 12), packet.length);
                return;
        }
        putf(printer, "\n\tLSP-PINGv1, msg-type: %s (%u), length: %u",
             name_or(messages, type, "unknown"), type, packet.length);
        putf(printer, "\n\t  reply-mode: %s (%u)", name_or(modes, mode, "unknown"), mode);
        put_return_code(printer, get8(printer, packet, 6), get8(printer, packet, 7));
        putf(printer, "\n\t  Sender Handle: 0x%08x, Sequence: %u", get32(printer, packet, 8),
             get32(printer, packet, 12));
        put(printer, "\n\t  Sender Timestamp: ");
        put_ntp_time(printer, packet, 16);
        put(printer, " Receiver Timestamp: ");
        if (get64(printer, packet, 24) == 0)
                put(printer, "no timestamp");
        else
                put_ntp_time(printer, packet, 24);
        tlvs_print(printer, packet_from(packet, HEADER));
}
