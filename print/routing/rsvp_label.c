/* RSVP's labels, RFC 3209, 4.1 and 4.2, RFC 3473, and those of a user network interface. */
#include "rsvp.h"

enum rsvp_result rsvp_label_print(struct printer *printer, struct packet value, uint8_t type,
                                  const char *indent)
{
        enum { LABEL = 1, GENERALIZED, WAVEBAND };

        switch (type) {
        case LABEL:
                for (; value.length >= 4; value = packet_from(value, 4))
                        putf(printer, "%s  Label: %u", indent, get32(printer, value, 0));
                break;
        case GENERALIZED:
                putf(printer, "%s  Generalized Label: %u", indent, get32(printer, value, 0));
                break;
        case WAVEBAND:
                putf(printer, "%s  Waveband ID: %u%s  Start Label: %u, Stop Label: %u", indent,
                     get32(printer, value, 0), indent, get32(printer, value, 4),
                     get32(printer, value, 8));
                break;
        }
        return RSVP_SHOWN;
}

/* Which protocol the path is to carry. */
static void put_protocol(struct printer *printer, struct packet value, const char *indent)
{
        putf(printer, "%s  L3 Protocol ID: ", indent);
        put_name(printer, ethertype_names, "Unknown Protocol (0x%04x)", get16(printer, value, 2));
}

enum rsvp_result rsvp_label_request_print(struct printer *printer, struct packet value,
                                          uint8_t type, const char *indent)
{
        enum { PLAIN = 1, ATM, FRAME_RELAY, GENERALIZED };
        static const struct name dlci_sizes[] = {{0, "10"}, {2, "23"}, {0, NULL}};

        switch (type) {
        case PLAIN:
                for (; value.length >= 4; value = packet_from(value, 4))
                        put_protocol(printer, value, indent);
                break;
        case ATM:
                put_protocol(printer, value, indent);
                putf(printer, ",%s merge capability",
                     get16(printer, value, 4) & 0x8000 ? "no" : "");
                putf(printer, "%s  Minimum VPI/VCI: %u/%u", indent,
                     get16(printer, value, 4) & 0xfffu, get16(printer, value, 6) & 0xfffu);
                putf(printer, "%s  Maximum VPI/VCI: %u/%u", indent,
                     get16(printer, value, 8) & 0xfffu, get16(printer, value, 10) & 0xfffu);
                break;
        case FRAME_RELAY: {
                uint32_t least = get32(printer, value, 4);

                put_protocol(printer, value, indent);
                putf(printer, "%s  Minimum/Maximum DLCI: %u/%u, %s bit DLCI", indent,
                     least & 0x7fffff, get32(printer, value, 8) & 0x7fffff,
                     name_or(dlci_sizes, least >> 23 & 3, ""));
                break;
        }
        case GENERALIZED: {
                uint8_t encoding = get8(printer, value, 0);
                uint8_t switching = get8(printer, value, 1);
                uint16_t payload = get16(printer, value, 2);

                putf(printer, "%s  LSP Encoding Type: %s (%u)", indent,
                     name_or(gmpls_encodings, encoding, "Unknown"), encoding);
                putf(printer, "%s  Switching Type: %s (%u), Payload ID: %s (0x%04x)", indent,
                     name_or(gmpls_switchings, switching, "Unknown"), switching,
                     name_or(gmpls_payloads, payload, "Unknown"), payload);
                break;
        }
        }
        return RSVP_SHOWN;
}

enum rsvp_result rsvp_label_set_print(struct printer *printer, struct packet value, uint8_t type,
                                      const char *indent)
{
        enum { RANGE = 2, RANGE_EXCLUDED = 3 };
        static const struct name actions[] = {{0, "Inclusive list"},
                                              {1, "Exclusive list"},
                                              {RANGE, "Inclusive range"},
                                              {RANGE_EXCLUDED, "Exclusive range"},
                                              {0, NULL}};
        uint32_t action = get8(printer, value, 0);
        uint32_t count = 1;

        (void)type;
        putf(printer, "%s  Action: %s (%u), Label type: %u", indent,
             name_or(actions, action, "Unknown"), action, get8(printer, value, 3) & 0x7fu);
        value = packet_from(value, 4);
        if (action == RANGE || action == RANGE_EXCLUDED) {
                if (value.length < 8)
                        return rsvp_fault(printer, indent, "object is too short");
                putf(printer, "%s  Start range: %u, End range: %u", indent,
                     get32(printer, value, 0), get32(printer, value, 4));
                return RSVP_SHOWN;
        }
        for (; value.length >= 4; value = packet_from(value, 4))
                putf(printer, "%s  Subchannel #%u: %u", indent, count++, get32(printer, value, 0));
        return RSVP_SHOWN;
}

/* Of the OIF's user network interface. */
enum rsvp_result rsvp_uni_print(struct printer *printer, struct packet value, uint8_t type,
                                const char *indent)
{
        enum { HEADER = 4, SOURCE = 1, DESTINATION, DIVERSITY, EGRESS_LABEL, SERVICE_LEVEL };
        static const struct name kinds[] = {
            {SOURCE, "Source TNA address"},   {DESTINATION, "Destination TNA address"},
            {DIVERSITY, "Diversity"},         {EGRESS_LABEL, "Egress label"},
            {SERVICE_LEVEL, "Service level"}, {0, NULL}};
        static const char too_short[] = "sub-object is too short";
        enum rsvp_result result = RSVP_SHOWN;

        (void)type;
        while (value.length > 0) {
                uint32_t size;
                uint8_t kind, family;

                if (value.length < HEADER) {
                        put_invalid(printer);
                        return RSVP_FAULT;
                }
                size = get16(printer, value, 0);
                kind = get8(printer, value, 2);
                family = get8(printer, value, 3);
                putf(printer, "%s  Subobject Type: %s (%u), AF: %s (%u), length: %u", indent,
                     name_or(kinds, kind, "Unknown"), kind,
                     name_or(address_family_names, family, "Unknown"), family, size);
                if (size < HEADER || size > value.length) {
                        put_invalid(printer);
                        return RSVP_FAULT;
                }
                switch (kind) {
                case SOURCE:
                case DESTINATION:
                        if (family == FAMILY_IPV4) {
                                if (size < 8)
                                        return rsvp_fault(printer, indent, too_short);
                                putf(printer, "%s    UNI IPv4 TNA address: ", indent);
                                put_ipv4_at(printer, value, HEADER);
                        } else if (family == FAMILY_IPV6) {
                                if (size < 20)
                                        return rsvp_fault(printer, indent, too_short);
                                putf(printer, "%s    UNI IPv6 TNA address: ", indent);
                                put_ipv6_at(printer, value, HEADER);
                        } else if (family == FAMILY_NSAP) {
                                result = RSVP_UNKNOWN;
                        }
                        break;
                case EGRESS_LABEL:
                        if (size < 16)
                                return rsvp_fault(printer, indent, too_short);
                        putf(printer, "%s    U-bit: %x, Label type: %u, Logical port id: %u, ",
                             indent, get32(printer, value, 4) >> 31, get8(printer, value, 7),
                             get32(printer, value, 8));
                        putf(printer, "Label: %u", get32(printer, value, 12));
                        break;
                case SERVICE_LEVEL:
                        if (size < 8)
                                return rsvp_fault(printer, indent, too_short);
                        putf(printer, "%s    Service level: %u", indent,
                             get8(printer, value, HEADER));
                        break;
                default: result = RSVP_UNKNOWN;
                }
                value = packet_from(value, size);
        }
        return result;
}
