/* The protocol between RPKI caches and routers, version 0, RFC 6810: which AS may originate which
 * prefix. */
#include "routing.h"

enum { HEADER = 8 };

enum type {
        SERIAL_NOTIFY,
        SERIAL_QUERY,
        RESET_QUERY,
        CACHE_RESPONSE,
        PREFIX_4,
        PREFIX_6 = 6,
        END_OF_DATA,
        CACHE_RESET,
        ERROR_REPORT = 10
};

/* Exact lengths; an error report's is at least that. */
static const struct unit_form {
        uint32_t size;
        const char *name;
} units[] = {
    [SERIAL_NOTIFY] = {12, "Serial Notify"}, [SERIAL_QUERY] = {12, "Serial Query"},
    [RESET_QUERY] = {8, "Reset Query"},      [CACHE_RESPONSE] = {8, "Cache Response"},
    [PREFIX_4] = {20, "IPV4 Prefix"},        [PREFIX_6] = {32, "IPV6 Prefix"},
    [END_OF_DATA] = {12, "End of Data"},     [CACHE_RESET] = {8, "Cache Reset"},
    [ERROR_REPORT] = {12, "Error Report"},
};

static const struct unit_form unknown = {HEADER, "Unknown"};

static const struct unit_form *unit_find(uint8_t type)
{
        return type < sizeof units / sizeof *units && units[type].name ? &units[type] : &unknown;
}

static uint32_t unit_print(struct printer *printer, struct packet packet, bool inner);

/* The offending unit, and why it offends. False if its lengths contradict one another. */
static bool error_print(struct printer *printer, struct packet packet, const char *indent,
                        bool inner)
{
        enum { FIXED = 12 };
        static const struct name codes[] = {{0, "Corrupt Data"},
                                            {1, "Internal Error"},
                                            {2, "No Data Available"},
                                            {3, "Invalid Request"},
                                            {4, "Unsupported Protocol Version"},
                                            {5, "Unsupported PDU Type"},
                                            {6, "Withdrawal of Unknown Record"},
                                            {7, "Duplicate Announcement Received"},
                                            {0, NULL}};
        uint16_t code = get16(printer, packet, 2);
        uint32_t size = get32(printer, packet, 8);

        putf(printer, "%sError code: %s (%u), Encapsulated PDU length: %u", indent,
             name_or(codes, code, "Unknown"), code, size);
        packet = packet_from(packet, FIXED);
        if (size > packet.length)
                return false;
        /* An error is not to answer an error. */
        if (size > 0 && !inner) {
                putf(printer, "%s  -----encapsulated PDU-----", indent);
                unit_print(printer, packet_part(packet, size), true);
        }
        packet = packet_from(packet, size);
        if (packet.length < 4)
                return false;
        size = get32(printer, packet, 0);
        packet = packet_from(packet, 4);
        if (size > packet.length)
                return false;
        if (size > 0) {
                putf(printer, "%sError text: ", indent);
                if (!characters_print(printer, packet, 0, size))
                        printer_abandon_short(printer);
        }
        return true;
}

static bool body_print(struct printer *printer, struct packet packet, uint8_t type,
                       const char *indent, bool inner)
{
        switch (type) {
        case SERIAL_NOTIFY:
        case SERIAL_QUERY:
        case END_OF_DATA:
                putf(printer, "%sSession ID: 0x%04x, Serial: %u", indent, get16(printer, packet, 2),
                     get32(printer, packet, 8));
                break;
        case CACHE_RESPONSE:
                putf(printer, "%sSession ID: 0x%04x", indent, get16(printer, packet, 2));
                break;
        case PREFIX_4:
                putf(printer, "%sIPv4 Prefix ", indent);
                put_ipv4_at(printer, packet, 12);
                putf(printer, "/%u-%u, origin-as %u, flags 0x%02x", get8(printer, packet, 9),
                     get8(printer, packet, 10), get32(printer, packet, 16),
                     get8(printer, packet, 8));
                break;
        case PREFIX_6:
                putf(printer, "%sIPv6 Prefix ", indent);
                put_ipv6_at(printer, packet, 12);
                putf(printer, "/%u-%u, origin-as %u, flags 0x%02x", get8(printer, packet, 9),
                     get8(printer, packet, 10), get32(printer, packet, 28),
                     get8(printer, packet, 8));
                break;
        case ERROR_REPORT: return error_print(printer, packet, indent, inner);
        case RESET_QUERY:
        case CACHE_RESET: break;
        default:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t  ", packet, packet.length);
        }
        return true;
}

/* One protocol data unit. Returns its size, 0 if nothing can follow. */
static uint32_t unit_print(struct printer *printer, struct packet packet, bool inner)
{
        const struct unit_form *form;
        uint8_t version, type;
        uint32_t size;
        bool fits;

        need_hard(printer, packet, 0, 1);
        version = packet.data[0];
        if (version != 0) {
                putf(printer, "\n\tRPKI-RTRv%u (unknown)", version);
                return 0;
        }
        if (packet.length < HEADER) {
                putf(printer, "(%u bytes is too few to decode)", packet.length);
                put_invalid(printer);
                need_hard(printer, packet, 0, packet.length);
                return 0;
        }
        need_hard(printer, packet, 0, HEADER);
        type = get8(printer, packet, 1);
        size = get32(printer, packet, 4);
        form = unit_find(type);
        putf(printer, "\n\tRPKI-RTRv%u, %s PDU (%u), length: %u", version, form->name, type, size);
        fits = size >= form->size && size <= packet.length &&
               (size == form->size || type == ERROR_REPORT || form == &unknown);
        if (fits && type != ERROR_REPORT)
                need_hard(printer, packet, 0, size);
        if (!fits || !body_print(printer, packet_part(packet, size), type,
                                 inner ? "\n\t    " : "\n\t  ", inner)) {
                put_invalid(printer);
                need_hard(printer, packet, 0, packet.length);
                return 0;
        }
        if (printer->options.verbose > 1)
                dump_hex(printer, "\n\t  ", packet, size);
        return size;
}

void rpki_rtr_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "rpki_rtr";
        if (!printer->options.verbose) {
                put(printer, ", RPKI-RTR");
                return;
        }
        while (packet.length > 0) {
                uint32_t size = unit_print(printer, packet, false);

                if (size == 0)
                        return;
                packet = packet_from(packet, size);
        }
}
