/* The label distribution protocol, RFC 5036: messages and their TLVs. */
#include "ldp.h"

enum { PDU_HEADER = 10, MESSAGE_HEADER = 8, TLV_HEADER = 4 };

enum message {
        NOTIFICATION = 0x0001,
        HELLO = 0x0100,
        INITIALIZATION = 0x0200,
        KEEPALIVE = 0x0201,
        ADDRESS = 0x0300,
        ADDRESS_WITHDRAW = 0x0301,
        MAPPING = 0x0400,
        REQUEST = 0x0401,
        WITHDRAW = 0x0402,
        RELEASE = 0x0403,
        ABORT = 0x0404
};

enum tlv {
        CLASS = 0x0100,
        ADDRESSES = 0x0101,
        LABEL = 0x0200,
        STATUS = 0x0300,
        COMMON_HELLO = 0x0400,
        ADDRESS_4 = 0x0401,
        SEQUENCE = 0x0402,
        ADDRESS_6 = 0x0403,
        COMMON_SESSION = 0x0500,
        FAULT_TOLERANCE = 0x0503,
        MTU = 0x0601
};

static void addresses_print(struct printer *printer, struct packet value)
{
        uint16_t family = get16(printer, value, 0);

        put(printer, "\n\t      Address Family: ");
        put_name(printer, address_family_names, "Unknown (%u)", family);
        put(printer, ", addresses");
        value = packet_from(value, 2);
        for (; family == FAMILY_IPV4 && value.length >= 4; value = packet_from(value, 4)) {
                need_hard(printer, value, 0, 4);
                put_ipv4_labelled(printer, " ", value, 0);
        }
        for (; family == FAMILY_IPV6 && value.length >= 16; value = packet_from(value, 16)) {
                need_hard(printer, value, 0, 16);
                put_ipv6_labelled(printer, " ", value, 0);
        }
}

static void status_print(struct printer *printer, struct packet value)
{
        enum { FATAL = 0x80000000, FORWARD = 0x40000000 };
        uint32_t status = get32(printer, value, 0);
        uint32_t message;

        putf(printer, "\n\t      Status: 0x%02x, Flags: [%s and %s forward]", status & 0x3fffffff,
             status & FATAL ? "Fatal error" : "Advisory Notification",
             status & FORWARD ? "do" : "don't");
        message = get32(printer, value, 4);
        if (message)
                putf(printer, ", causing Message ID: 0x%08x", message);
}

/* RFC 3479. */
static void fault_tolerance_print(struct printer *printer, struct packet value)
{
        enum { RECONNECT = 0x8000, SAVE = 8, ALL_LABELS = 4, SEQUENCE_NUMBERED = 2, RELEARN = 1 };
        uint16_t flags = get16(printer, value, 0);

        putf(printer,
             "\n\t      Flags: [%sReconnect, %sSave State, %sAll-Label Protection, %s Checkpoint, "
             "%sRe-Learn State]",
             flags & RECONNECT ? "" : "No ", flags & SAVE ? "" : "Don't ",
             flags & ALL_LABELS ? "" : "No ",
             flags & SEQUENCE_NUMBERED ? "Sequence Numbered Label" : "All Labels",
             flags & RELEARN ? "" : "Don't ");
        if (get32(printer, value, 4))
                putf(printer, ", Reconnect Timeout: %ums", get32(printer, value, 4));
        if (get32(printer, value, 8))
                putf(printer, ", Recovery Time: %ums", get32(printer, value, 8));
}

static void value_print(struct printer *printer, struct packet value, uint16_t type)
{
        switch (type) {
        case CLASS: ldp_class_print(printer, value); break;
        case ADDRESSES: addresses_print(printer, value); break;
        case LABEL: putf(printer, "\n\t      Label: %u", get32(printer, value, 0) & 0xfffff); break;
        case STATUS: status_print(printer, value); break;
        case COMMON_HELLO: {
                uint16_t flags = get16(printer, value, 2);

                putf(printer, "\n\t      Hold Time: %us, Flags: [%s Hello%s]",
                     get16(printer, value, 0), flags & 0x8000 ? "Targeted" : "Link",
                     flags & 0x4000 ? ", Request for targeted Hellos" : "");
                break;
        }
        case ADDRESS_4:
                need_hard(printer, value, 0, 4);
                put_ipv4_labelled(printer, "\n\t      IPv4 Transport Address: ", value, 0);
                break;
        case ADDRESS_6:
                need_hard(printer, value, 0, 16);
                put_ipv6_labelled(printer, "\n\t      IPv6 Transport Address: ", value, 0);
                break;
        case SEQUENCE:
                putf(printer, "\n\t      Sequence Number: %u", get32(printer, value, 0));
                break;
        case COMMON_SESSION: {
                /* The flags are in the byte before: tcpdump reads the longest message's length. */
                uint16_t flags = get16(printer, value, 6);

                putf(printer,
                     "\n\t      Version: %u, Keepalive: %us, Flags: [Downstream %s, "
                     "Loop Detection %s]",
                     get16(printer, value, 0), get16(printer, value, 2),
                     flags & 0x8000 ? "On Demand" : "Unsolicited",
                     flags & 0x4000 ? "Enabled" : "Disabled");
                break;
        }
        case FAULT_TOLERANCE: fault_tolerance_print(printer, value); break;
        case MTU: putf(printer, "\n\t      MTU: %u", get16(printer, value, 0)); break;
        default:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t      ", value, value.length);
        }
}

static const struct tlv_form {
        uint16_t type;
        uint16_t least; /* of bytes */
        const char *name;
} tlvs[] = {
    {CLASS, 1, "FEC"},
    {ADDRESSES, 2, "Address List"},
    {0x0103, 0, "Hop Count"},
    {0x0104, 0, "Path Vector"},
    {LABEL, 4, "Generic Label"},
    {0x0201, 0, "ATM Label"},
    {0x0202, 0, "Frame-Relay Label"},
    {STATUS, 8, "Status"},
    {0x0301, 0, "Extended Status"},
    {0x0302, 0, "Returned PDU"},
    {0x0303, 0, "Returned Message"},
    {COMMON_HELLO, 4, "Common Hello Parameters"},
    {ADDRESS_4, 4, "IPv4 Transport Address"},
    {SEQUENCE, 4, "Configuration Sequence Number"},
    {ADDRESS_6, 16, "IPv6 Transport Address"},
    {COMMON_SESSION, 8, "Common Session Parameters"},
    {0x0501, 0, "ATM Session Parameters"},
    {0x0502, 0, "Frame-Relay Session Parameters"},
    {FAULT_TOLERANCE, 12, "Fault-Tolerant Session Parameters"},
    {0x0600, 0, "Label Request Message ID"},
    {MTU, 2, "MTU"},
};

static const struct tlv_form *tlv_find(uint16_t type)
{
        static const struct tlv_form unknown = {0, 0, "Unknown"};

        for (size_t i = 0; i < sizeof tlvs / sizeof *tlvs; i++)
                if (tlvs[i].type == type)
                        return &tlvs[i];
        return &unknown;
}

/* Returns the TLV's size, 0 if it does not fit. */
static uint32_t tlv_print(struct printer *printer, struct packet packet)
{
        enum { TYPE = 0x3fff, CONTINUE = 0x8000, FORWARD = 0x4000 };
        const struct tlv_form *form;
        uint16_t type;
        uint32_t size;

        type = get16(printer, packet, 0);
        size = get16(printer, packet, 2);
        packet = packet_from(packet, TLV_HEADER);
        if (size > packet.length) {
                put(printer, "\n\t\t TLV contents go past end of message");
                return 0;
        }
        form = tlv_find(type & TYPE);
        putf(printer, "\n\t    %s TLV (0x%04x), length: %u, Flags: [%s and %s forward if unknown]",
             form->name, type & TYPE, size, type & CONTINUE ? "continue processing" : "ignore",
             type & FORWARD ? "do" : "don't");
        packet.length = size;
        if (ldp_long_enough(printer, packet, form->least))
                value_print(printer, packet, type & TYPE);
        return TLV_HEADER + size;
}

/* The parameters of a message of `size` bytes, which counts the identifier before them, too. */
static void message_print(struct printer *printer, struct packet packet, uint16_t type,
                          uint32_t size)
{
        bool known = true;

        switch (type) {
        case NOTIFICATION:
        case HELLO:
        case INITIALIZATION:
        case KEEPALIVE:
        case ADDRESS:
        case ADDRESS_WITHDRAW:
        case MAPPING:
        case WITHDRAW:
                for (struct packet rest = packet; rest.length >= TLV_HEADER;) {
                        uint32_t tlv = tlv_print(printer, rest);

                        if (tlv == 0)
                                break;
                        rest = packet_from(rest, tlv);
                }
                break;
        default: known = false;
        }
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t  ", packet, size);
        else if (!known)
                dump_hex(printer, "\n\t  ", packet, packet.length);
}

/* False where nothing can follow. */
static bool messages_print(struct printer *printer, struct packet packet)
{
        enum { TYPE = 0x7fff, CONTINUE = 0x8000, LEAST = 4 };
        static const struct name messages[] = {{NOTIFICATION, "Notification"},
                                               {HELLO, "Hello"},
                                               {INITIALIZATION, "Initialization"},
                                               {KEEPALIVE, "Keepalive"},
                                               {ADDRESS, "Address"},
                                               {ADDRESS_WITHDRAW, "Address Withdraw"},
                                               {MAPPING, "Label Mapping"},
                                               {REQUEST, "Label Request"},
                                               {WITHDRAW, "Label Withdraw"},
                                               {RELEASE, "Label Release"},
                                               {ABORT, "Label Abort Request"},
                                               {0, NULL}};

        while (packet.length > 0) {
                uint16_t type;
                uint32_t size, left;

                need_hard(printer, packet, 0, MESSAGE_HEADER);
                type = get16(printer, packet, 0);
                size = get16(printer, packet, 2);
                putf(printer, "\n\t  %s Message (0x%04x), length: %u",
                     name_or(messages, type & TYPE, "Unknown"), type & TYPE, size);
                if (size < LEAST) {
                        put_damage(printer, " (too short, < %u)", LEAST);
                        return false;
                }
                putf(printer, ", Message ID: 0x%08x, Flags: [%s if unknown]",
                     get32(printer, packet, 4), type & CONTINUE ? "continue processing" : "ignore");
                need_hard(printer, packet, 0, size);
                message_print(printer,
                              packet_part(packet_from(packet, MESSAGE_HEADER), size - LEAST),
                              type & TYPE, size);
                /* A message that ends after its unit unbounds tcpdump's count of what is left. */
                left = packet.length - (LEAST + size);
                packet = packet_part(packet_from(packet, LEAST + size), left);
        }
        return true;
}

/* Returns the size of the protocol data unit; 0 if nothing can follow. */
static uint32_t unit_print(struct printer *printer, struct packet packet)
{
        enum { VERSION = 1, LEAST = 6 };
        uint32_t size;

        need_hard(printer, packet, 0, PDU_HEADER);
        size = get16(printer, packet, 2);
        put(printer, printer->options.verbose ? "\n\tLDP" : "LDP");
        if (get16(printer, packet, 0) != VERSION) {
                putf(printer, " version %u packet not supported", get16(printer, packet, 0));
                return 0;
        }
        if (size < LEAST) {
                put_damage(printer, ", pdu-length: %u (too short, < %u)", size, LEAST);
                return 0;
        }
        put_ipv4_labelled(printer, ", Label-Space-ID: ", packet, 4);
        putf(printer, ":%u, pdu-length: %u", get16(printer, packet, 8), size);
        if (!printer->options.verbose ||
            !messages_print(printer, packet_part(packet_from(packet, PDU_HEADER), size - LEAST)))
                return 0;
        return 4 + size;
}

void ldp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "ldp";
        while (packet.length > PDU_HEADER + MESSAGE_HEADER) {
                uint32_t size = unit_print(printer, packet);

                if (size == 0)
                        return;
                /* It was read as far as it claims to go. */
                if (size > packet.length) {
                        putf(printer, " [remaining length %u < %u]", packet.length, size);
                        put_invalid(printer);
                        return;
                }
                packet = packet_from(packet, size);
        }
}
