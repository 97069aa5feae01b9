/* Signalling of Frame Relay, ITU-T Q.933 with annex A, and ANSI T1.617 with annex D: the state of a
 * link and of the permanent virtual circuits on it. */
#include "link.h"

enum {
        SINGLE_OCTET = 0x80, /* in an element's number: it has no length and value */
        SHIFT_MASK = 0xf0,
        SHIFT = 0x90,
        NOT_LOCKING = 8, /* of a shift: for the next element only */
        CODESET = 7,
        ANSI_CODESET = 5,
        ANSI_SHIFT = SHIFT | ANSI_CODESET,
};

enum element {
        ANSI_REPORT_TYPE = 0x01,
        ANSI_LINK_VERIFY = 0x03,
        ANSI_PVC_STATUS = 0x07,
        ANSI_OLD_LINK_VERIFY = 0x19,
        CCITT_REPORT_TYPE = 0x51,
        CCITT_LINK_VERIFY = 0x53,
        CCITT_PVC_STATUS = 0x57,
};

static const struct name elements[] = {
    {ANSI_REPORT_TYPE, "ANSI Report Type"},   {ANSI_OLD_LINK_VERIFY, "ANSI Link Verify"},
    {ANSI_LINK_VERIFY, "ANSI Link Verify"},   {ANSI_PVC_STATUS, "ANSI PVC Status"},
    {CCITT_REPORT_TYPE, "CCITT Report Type"}, {CCITT_LINK_VERIFY, "CCITT Link Verify"},
    {CCITT_PVC_STATUS, "CCITT PVC Status"},   {0, NULL},
};

static const struct name messages[] = {
    {0x00, "ESC to National"}, {0x01, "Alert"},        {0x02, "Call proceeding"},
    {0x03, "Progress"},        {0x05, "Setup"},        {0x07, "Connect"},
    {0x0f, "Connect ACK"},     {0x45, "Disconnect"},   {0x46, "Restart"},
    {0x4d, "Release"},         {0x4e, "Restart ACK"},  {0x5a, "Release Complete"},
    {0x75, "Status Enquiry"},  {0x7d, "Status Reply"}, {0, NULL},
};

static void report_type_print(struct printer *printer, struct packet value)
{
        static const struct name types[] = {
            {0, "Full Status"}, {1, "Link verify"}, {2, "Async PVC Status"}, {0, NULL}};
        uint8_t type;

        if (!printer->options.verbose)
                return;
        type = get8(printer, value, 0);
        putf(printer, "%s (%u)", name_or(types, type, "unknown"), type);
}

/* In front of what an element says: its own line has it already. */
static const char *comma(const struct printer *printer)
{
        return printer->options.verbose ? "" : ", ";
}

static void link_verify_print(struct printer *printer, struct packet value)
{
        put(printer, comma(printer));
        if (value.length < 2)
                put_damage(printer, "Invalid LINK VERIFY IE");
        else
                putf(printer, "TX Seq: %3u, RX Seq: %3u", get8(printer, value, 0),
                     get8(printer, value, 1));
}

/* The address of a circuit ends with the first byte that has its upper bit set, which is the last
 * but one. */
static bool circuit_is_valid(struct packet value)
{
        enum { LAST = 0x80 };

        if (value.length < 3 || value.length > 5)
                return false;
        for (uint32_t i = 0; i < value.length; i++)
                if (!(value.data[i] & LAST) != (i + 2 < value.length))
                        return false;
        return true;
}

static void circuit_print(struct printer *printer, struct packet value)
{
        enum { NEW = 8, ACTIVE = 2 };
        const uint8_t *data = value.data;
        uint32_t circuit;
        uint8_t status;

        put(printer, comma(printer));
        if (!circuit_is_valid(value)) {
                put_damage(printer, "Invalid DLCI in PVC STATUS IE");
                return;
        }
        circuit = (data[0] & 0x3fu) << 4 | (data[1] & 0x78u) >> 3;
        if (value.length == 4) /* six bits more */
                circuit = circuit << 6 | (data[2] & 0x7eu) >> 1;
        else if (value.length == 5) /* 13 bits more; tcpdump lays the first seven over the others */
                circuit = circuit << 13 | (data[2] & 0x7fu) | (data[3] & 0x7eu) >> 1;
        status = data[value.length - 1];
        putf(printer, "DLCI %u: status %s%s", circuit, status & NEW ? "New, " : "",
             status & ACTIVE ? "Active" : "Inactive");
}

/* False if no printer knows it. */
static bool value_print(struct printer *printer, struct packet value, uint8_t element)
{
        switch (element) {
        case ANSI_REPORT_TYPE:
        case CCITT_REPORT_TYPE: report_type_print(printer, value); return true;
        case ANSI_LINK_VERIFY:
        case ANSI_OLD_LINK_VERIFY:
        case CCITT_LINK_VERIFY: link_verify_print(printer, value); return true;
        case ANSI_PVC_STATUS:
        case CCITT_PVC_STATUS: circuit_print(printer, value); return true;
        default: return false;
        }
}

static void cut_print(struct printer *printer, struct packet message, bool headed)
{
        if (!headed || !printer->options.verbose)
                putf(printer, "%slength %u", headed ? ", " : "", message.length);
        printer_abandon_softly(printer);
}

/* Only codesets 0 and 5 are known. Returns false if the message ends with it. */
static bool element_print(struct printer *printer, struct packet message, struct packet value,
                          uint8_t element, unsigned codeset)
{
        bool known = codeset == 0 || codeset == ANSI_CODESET;

        if (printer->options.verbose)
                putf(printer, "\n\t%s IE (0x%02x), length %u: ",
                     known ? name_or(elements, element, "unknown") : "unknown", element,
                     value.length);
        if (element == 0 || value.length == 0)
                return false;
        if (!has(value, 0, value.length))
                cut_print(printer, message, true);
        known = known && value_print(printer, value, element);
        if (!known && printer->options.verbose == 1)
                dump_hex(printer, "\n\t", value, value.length);
        if (printer->options.verbose > 1)
                dump_hex(printer, known ? "\n\t  " : "\n\t", value, value.length);
        return true;
}

static void elements_print(struct printer *printer, struct packet message, struct packet rest,
                           unsigned codeset, unsigned locked)
{
        while (rest.length > 0) {
                uint8_t element;

                if (!has(rest, 0, 1))
                        cut_print(printer, message, true);
                element = rest.data[0];
                if (element & SINGLE_OCTET) {
                        bool shift = (element & SHIFT_MASK) == SHIFT;

                        if (shift && element & NOT_LOCKING)
                                locked = codeset;
                        else if (shift)
                                locked = element & CODESET;
                        codeset = shift ? element & CODESET : locked;
                        rest = packet_from(rest, 1);
                        continue;
                }
                if (!has(rest, 0, 2))
                        cut_print(printer, message, true);
                if (!element_print(printer, message,
                                   (struct packet){rest.data + 2, rest.captured - 2, rest.data[1]},
                                   element, codeset))
                        return;
                codeset = locked;
                rest = packet_from(rest, 2u + rest.data[1]);
        }
        if (!printer->options.verbose)
                putf(printer, ", length %u", message.length);
}

void q933_print(struct printer *printer, struct packet packet)
{
        enum { REFERENCE_SIZE = 0x0f };
        struct packet rest = packet;
        uint32_t reference;
        unsigned codeset = 0, locked = 0;
        bool ansi;
        uint8_t type;

        printer->protocol = "q.933";
        if (!printer->options.link_header)
                put(printer, "Q.933, ");
        if (!has(packet, 0, 1))
                cut_print(printer, packet, false);
        reference = packet.data[0] & REFERENCE_SIZE;
        if (!has(packet, 1, reference + 1))
                cut_print(printer, packet, false);
        type = packet.data[1 + reference];
        rest = packet_from(packet, 2 + reference);
        if (rest.length > 0 && rest.captured == 0)
                cut_print(printer, packet, false);
        ansi = rest.captured > 0 && rest.data[0] == ANSI_SHIFT;
        if (rest.captured > 0 && (rest.data[0] & SHIFT_MASK) == SHIFT) {
                codeset = rest.data[0] & CODESET;
                locked = rest.data[0] & NOT_LOCKING ? 0 : codeset;
                rest = packet_from(rest, 1);
        }
        putf(printer, "%s, codeset %u", ansi ? "ANSI" : "CCITT", codeset);
        /* tcpdump takes a byte behind for a reference that is zero. */
        if (reference > 1 || (reference == 1 && get8(printer, rest, 0) != 0)) {
                put(printer, ", Call Ref: 0x");
                put_hex_bytes(printer, packet, 1, reference);
        }
        put(printer, ", ");
        if (printer->options.verbose)
                putf(printer, "%s (0x%02x), length %u", name_or(messages, type, "unknown message"),
                     type, packet.length);
        else
                put_name(printer, messages, "unknown message 0x%02x", type);
        elements_print(printer, packet, rest, codeset, locked);
}

/* Behind its number among ISO's network layer protocols. */
void osi_q933_print(struct printer *printer, struct packet packet)
{
        q933_print(printer, packet_from(packet, 1));
}
