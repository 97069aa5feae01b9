/* The slow protocols of IEEE 802.3, annex 57A: link aggregation (802.1AX), its marker protocol, and
 * operations, administration and maintenance (802.3, clause 57). */
#include "link.h"

enum subtype { LACP = 1, MARKER = 2, OAM = 3 };

enum { FIELD_HEADER = 2, VERSION_1 = 1 };

static const struct name subtypes[] = {{LACP, "LACP"}, {MARKER, "MARKER"}, {OAM, "OAM"}, {0, NULL}};

static void put_short(struct printer *printer)
{
        put(printer,
            printer->options.verbose ? "\n\t\t packet is too short" : " (packet is too short)");
}

/* ---- Link aggregation ---- */

enum lacp_field { TERMINATOR = 0, ACTOR = 1, PARTNER = 2, COLLECTOR = 3 };

static const struct name lacp_fields[] = {
    {TERMINATOR, "Terminator"},
    {ACTOR, "Actor Information"},
    {PARTNER, "Partner Information"},
    {COLLECTOR, "Collector Information"},
    {0, NULL},
};

enum { MARKER_INFORMATION = 1 };

static const struct name marker_fields[] = {
    {TERMINATOR, "Terminator"}, {MARKER_INFORMATION, "Marker Information"}, {0, NULL}};

static const struct name state_flags[] = {
    {0x01, "Activity"},        {0x02, "Timeout"},    {0x04, "Aggregation"},
    {0x08, "Synchronization"}, {0x10, "Collecting"}, {0x20, "Distributing"},
    {0x40, "Default"},         {0x80, "Expired"},    {0, NULL},
};

static bool size_check(struct printer *printer, struct packet value, uint32_t size)
{
        if (value.length + FIELD_HEADER == size)
                return true;
        put_damage(printer, "\n\t    ERROR: illegal length - should be %u", size);
        return false;
}

/* The values lie behind the field's header. */
static void end_print(struct printer *printer, struct packet value)
{
        if (!size_check(printer, value, 20))
                return;
        put(printer, "\n\t  System ");
        put_ethernet(printer, bytes_at(printer, value, 2, 6));
        putf(printer, ", System Priority %u, Key %u, Port %u, Port Priority %u",
             get16(printer, value, 0), get16(printer, value, 8), get16(printer, value, 12),
             get16(printer, value, 10));
        put_flag_list(printer, "\n\t  State Flags [", state_flags, get8(printer, value, 14));
}

static void collector_print(struct printer *printer, struct packet value)
{
        if (!size_check(printer, value, 16))
                return;
        putf(printer, "\n\t  Max Delay %u", get16(printer, value, 0));
}

static void marker_print(struct printer *printer, struct packet value)
{
        if (!size_check(printer, value, 16))
                return;
        put(printer, "\n\t  Request System ");
        put_ethernet(printer, bytes_at(printer, value, 2, 6));
        putf(printer, ", Request Port %u, Request Transaction ID 0x%08x", get16(printer, value, 0),
             get32(printer, value, 8));
}

/* Returns false if there is no printer for this field. */
static bool aggregation_field_print(struct printer *printer, struct packet value, uint8_t subtype,
                                    uint8_t type)
{
        if (subtype == MARKER && type == MARKER_INFORMATION)
                marker_print(printer, value);
        else if (subtype == LACP && (type == ACTOR || type == PARTNER))
                end_print(printer, value);
        else if (subtype == LACP && type == COLLECTOR)
                collector_print(printer, value);
        else
                return false;
        return true;
}

static void aggregation_print(struct printer *printer, struct packet packet, uint8_t subtype)
{
        const struct name *names = subtype == LACP ? lacp_fields : marker_fields;

        while (packet.length > 0) {
                uint8_t type;
                uint32_t size;
                struct packet value;

                if (packet.length < FIELD_HEADER) {
                        put_short(printer);
                        return;
                }
                type = get8(printer, packet, 0);
                size = get8(printer, packet, 1);
                putf(printer, "\n\t%s TLV (0x%02x), length %u", name_or(names, type, "Unknown"),
                     type, size);
                if (type == TERMINATOR)
                        return;
                if (size < FIELD_HEADER) {
                        put_damage(printer, "\n\t    ERROR: illegal length - should be >= 2");
                        return;
                }
                if (packet.length < size) {
                        put_short(printer);
                        return;
                }
                need_hard(printer, packet, 0, size);
                value = packet_from(packet_cut(packet, size), FIELD_HEADER);
                if (!aggregation_field_print(printer, value, subtype, type) ||
                    printer->options.verbose > 1)
                        dump_hex(printer, "\n\t  ", value, value.length);
                packet = packet_from(packet, size);
        }
}

/* ---- Operations, administration and maintenance ---- */

enum code { INFORMATION = 0, EVENT = 1, LOOPBACK = 4 };

static const struct name codes[] = {
    {INFORMATION, "Information"},
    {EVENT, "Event Notification"},
    {2, "Variable Request"},
    {3, "Variable Response"},
    {LOOPBACK, "Loopback Control"},
    {0xfe, "Vendor Private"},
    {0, NULL},
};

static const struct name oam_flags[] = {
    {0x01, "Link Fault"},     {0x02, "Dying Gasp"},
    {0x04, "Critical Event"}, {0x08, "Local Evaluating"},
    {0x10, "Local Stable"},   {0x20, "Remote Evaluating"},
    {0x40, "Remote Stable"},  {0, NULL},
};

enum information { LOCAL = 1, REMOTE = 2 };

static const struct name information_types[] = {
    {0, "End of TLV marker"},       {LOCAL, "Local"}, {REMOTE, "Remote"},
    {254, "Organization specific"}, {0, NULL},
};

static const struct name event_types[] = {
    {0, "End of TLV marker"},
    {1, "Errored Symbol Period Event"},
    {2, "Errored Frame Event"},
    {3, "Errored Frame Period Event"},
    {4, "Errored Frame Seconds Summary Event"},
    {254, "Organization specific"},
    {0, NULL},
};

static bool information_print(struct printer *printer, uint8_t type, struct packet value)
{
        static const struct name actions[] = {
            {0, "forwarding"}, {1, "looping back"}, {2, "discarding"}, {3, "reserved"}, {0, NULL}};
        static const struct name abilities[] = {
            {0x01, "Active"},      {0x02, "Unidirectional"},     {0x04, "Remote-Loopback"},
            {0x08, "Link-Events"}, {0x10, "Variable-Retrieval"}, {0, NULL},
        };
        uint8_t state;
        uint32_t oui;

        if ((type != LOCAL && type != REMOTE) || !size_check(printer, value, 16))
                return false;
        putf(printer, "\n\t    OAM-Version %u, Revision %u", get8(printer, value, 0),
             get16(printer, value, 1));
        state = get8(printer, value, 3);
        putf(printer, "\n\t    State-Parser-Action %s, State-MUX-Action %s",
             name_find(actions, state & 3), state & 4 ? "discarding" : "forwarding");
        put_flag_list(printer, "\n\t    OAM-Config Flags [", abilities, get8(printer, value, 4));
        putf(printer, ", OAM-PDU-Config max-PDU size %u", get16(printer, value, 5) & 0x7ffu);
        oui = get24(printer, value, 7);
        putf(printer, "\n\t    OUI %s (0x%06x), Vendor-Private 0x%08x",
             name_or(oui_names, oui, "Unknown"), oui, get32(printer, value, 10));
        return true;
}

/* The fields of an OAM packet: `kind` is what their type is one of, and `print` shows a value,
 * unless it returns false. */
static void oam_fields_print(struct printer *printer, struct packet packet,
                             const struct name *types, const char *kind,
                             bool (*print)(struct printer *, uint8_t type, struct packet value))
{
        while (packet.length > 0) {
                uint8_t type;
                uint32_t size;
                bool shown;

                if (packet.length < FIELD_HEADER) {
                        put_short(printer);
                        return;
                }
                type = get8(printer, packet, 0);
                size = get8(printer, packet, 1);
                putf(printer, "\n\t  %s %s Type (%u), length %u", name_or(types, type, "Reserved"),
                     kind, type, size);
                if (type == 0)
                        return;
                if (size < FIELD_HEADER) {
                        put_damage(printer, "\n\t    ERROR: illegal length - should be >= 2");
                        return;
                }
                if (packet.length < size) {
                        put_short(printer);
                        return;
                }
                need_hard(printer, packet, 0, size);
                shown = print(printer, type, packet_from(packet_cut(packet, size), FIELD_HEADER));
                if (!shown || printer->options.verbose > 1)
                        dump_hex(printer, "\n\t  ", packet, size);
                packet = packet_from(packet, size);
        }
}

static unsigned long long wide(struct printer *printer, struct packet packet, uint32_t offset)
{
        return get64(printer, packet, offset);
}

/* Of a kind of error, how many there were in a window, and ever. All are wanted to have the size of
 * the first, as tcpdump wants it. */
static bool event_print(struct printer *printer, uint8_t type, struct packet value)
{
        if (type < 1 || type > 4)
                return false;
        if (!size_check(printer, value, 40))
                return false;
        putf(printer, "\n\t    Timestamp %u ms, Errored Window %llu",
             get16(printer, value, 0) * 100u, wide(printer, value, 2));
        putf(printer, "\n\t    Errored Threshold %llu", wide(printer, value, 10));
        putf(printer, "\n\t    Errors %llu", wide(printer, value, 18));
        putf(printer, "\n\t    Error Running Total %llu", wide(printer, value, 26));
        putf(printer, "\n\t    Event Running Total %u", get32(printer, value, 34));
        return true;
}

static void events_print(struct printer *printer, struct packet packet)
{
        if (packet.length < 2) {
                put_short(printer);
                return;
        }
        putf(printer, "\n\t  Sequence Number %u", get16(printer, packet, 0));
        packet = packet_from(packet, 2);
        oam_fields_print(printer, packet, event_types, "Link Event", event_print);
}

static void loopback_print(struct printer *printer, struct packet packet)
{
        static const struct name commands[] = {
            {1, "Enable OAM Remote Loopback"}, {2, "Disable OAM Remote Loopback"}, {0, NULL}};
        uint8_t command;

        if (packet.length < 1) {
                put_short(printer);
                return;
        }
        command = get8(printer, packet, 0);
        putf(printer, "\n\t  Command %s (%u)", name_or(commands, command, "Unknown"), command);
}

static void oam_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 3 };
        uint8_t code;

        if (packet.length < HEADER) {
                put_short(printer);
                return;
        }
        code = get8(printer, packet, 2);
        put(printer, "\n\tCode ");
        put_name(printer, codes, "Unknown (%u)", code);
        put_flag_list(printer, " OAM PDU, Flags [", oam_flags, get16(printer, packet, 0));
        packet = packet_from(packet, HEADER);
        switch (code) {
        case INFORMATION:
                oam_fields_print(printer, packet, information_types, "Information",
                                 information_print);
                break;
        case EVENT: events_print(printer, packet); break;
        case LOOPBACK: loopback_print(printer, packet); break;
        default:
                if (printer->options.verbose == 1)
                        dump_hex(printer, "\n\t  ", packet, packet.length);
                break;
        }
}

/* The length of the whole is told behind the name. */
void slow_print(struct printer *printer, struct packet packet)
{
        struct packet whole = packet;
        uint8_t subtype;

        printer->protocol = "slow";
        if (packet.length < 1) {
                put_short(printer);
                return;
        }
        subtype = get8(printer, packet, 0);
        if (subtype == LACP || subtype == MARKER) {
                uint8_t version;

                if (packet.length < 2) {
                        put_short(printer);
                        return;
                }
                version = get8(printer, packet, 1);
                if (version != VERSION_1) {
                        putf(printer, "%s version %u packet not supported",
                             name_find(subtypes, subtype), version);
                        return;
                }
                putf(printer, "%sv%u, length %u", name_find(subtypes, subtype), version,
                     whole.length);
                if (printer->options.verbose)
                        aggregation_print(printer, packet_from(packet, 2), subtype);
        } else if (subtype == OAM) {
                put_as(printer, ROLE_PROTOCOL, "OAM");
                putf(printer, ", length %u", whole.length);
                if (printer->options.verbose)
                        oam_print(printer, packet_from(packet, 1));
        } else {
                putf(printer, "unknown (%u), length %u", subtype, whole.length);
                dump_hex(printer, "\n\t", whole, whole.length);
        }
}
