/* Connectivity fault management, IEEE 802.1ag: messages of a common header, fixed fields by
 * operation, and type-length-value fields. */
#include "link.h"

enum { HEADER = 4, FIELD_HEADER = 3 };

enum operation {
        CONTINUITY_CHECK = 1,
        LOOPBACK_REPLY = 2,
        LOOPBACK = 3,
        LINKTRACE_REPLY = 4,
        LINKTRACE = 5
};

enum type { END = 0, SENDER = 1, PORT_STATUS = 2, INTERFACE_STATUS = 3, ORGANIZATION = 31 };

static const struct name operations[] = {
    {CONTINUITY_CHECK, "Continuity Check Message"},
    {LOOPBACK_REPLY, "Loopback Reply"},
    {LOOPBACK, "Loopback Message"},
    {LINKTRACE_REPLY, "Linktrace Reply"},
    {LINKTRACE, "Linktrace Message"},
    {0, NULL},
};

/* Of types, and the least length of what has fixed fields. */
static const struct name types[] = {
    {END, "End"},
    {SENDER, "Sender ID"},
    {PORT_STATUS, "Port status"},
    {INTERFACE_STATUS, "Interface status"},
    {4, "Data"},
    {5, "Reply Ingress"},
    {6, "Reply Egress"},
    {ORGANIZATION, "Organization Specific"},
    {0, NULL},
};

#define TOO_SHORT "\n\t  (TLV too short)"

static void put_short(struct printer *printer)
{
        put_damage(printer, "\n\t\t packet is too short");
}

/* ---- Fixed fields, behind the common header ---- */

enum { NAMES = 6, NAMES_SIZE = 48, CHECK_SIZE = 70, TRACE_REPLY_SIZE = 6, TRACE_SIZE = 17 };

enum domain_format { NO_DOMAIN = 1, DNS = 2, DOMAIN_MAC = 3, DOMAIN_TEXT = 4 };

enum association_format { ASSOCIATION_TEXT = 2 };

static const struct name domain_formats[] = {
    {0, "IEEE 802.1"},
    {NO_DOMAIN, "No MD Name present"},
    {DNS, "DNS string"},
    {DOMAIN_MAC, "MAC + 16Bit Integer"},
    {DOMAIN_TEXT, "Character string"},
    {0, NULL},
};

static const struct name association_formats[] = {
    {0, "IEEE 802.1"},    {1, "Primary VID"},    {ASSOCIATION_TEXT, "Character string"},
    {3, "16Bit Integer"}, {4, "RFC2685 VPN-ID"}, {0, NULL},
};

/* Whether a name has room in what is left of its field. */
static bool name_fits(struct printer *printer, uint32_t size, uint32_t left)
{
        if (size <= left)
                return true;
        put_damage(printer, " (too large, must be <= %u)", left);
        return false;
}

static void put_mac_name(struct printer *printer, struct packet name)
{
        put(printer, "\n\t  MAC ");
        if (name.length == 6)
                put_ethernet(printer, bytes_at(printer, name, 0, 6));
        else
                put_damage(printer, "(length invalid)");
}

/* The names of the maintenance domain and association, in a field of fixed size. */
static bool names_print(struct printer *printer, struct packet packet)
{
        uint32_t at = NAMES, end = NAMES + NAMES_SIZE, size;
        uint8_t format = get8(printer, packet, at++);

        putf(printer, "\n\t  MD Name Format %s (%u)", name_or(domain_formats, format, "Unknown"),
             format);
        if (format != NO_DOMAIN) {
                size = get8(printer, packet, at++);
                putf(printer, ", MD Name length %u", size);
                /* Of the longest that would fit tcpdump leaves out one byte more. */
                if (size + 2 == end - at)
                        size = UINT32_MAX;
                if (!name_fits(printer, size, end - at - 2))
                        return false;
                put(printer, "\n\t  MD Name: ");
                if (format == DNS || format == DOMAIN_TEXT)
                        put_until_zero(printer, packet_cut(packet_from(packet, at), size));
                else if (format == DOMAIN_MAC)
                        put_mac_name(printer, packet_cut(packet_from(packet, at), size));
                else
                        dump_hex(printer, "\n\t    ", packet_from(packet, at), size);
                at += size;
        }
        format = get8(printer, packet, at++);
        putf(printer, "\n\t  MA Name-Format %s (%u)",
             name_or(association_formats, format, "Unknown"), format);
        size = get8(printer, packet, at++);
        putf(printer, ", MA name length %u", size);
        if (!name_fits(printer, size, end - at))
                return false;
        put(printer, "\n\t  MA Name: ");
        if (format == ASSOCIATION_TEXT)
                put_until_zero(printer, packet_cut(packet_from(packet, at), size));
        else
                dump_hex(printer, "\n\t    ", packet_from(packet, at), size);
        return true;
}

static bool check_print(struct printer *printer, struct packet packet, uint8_t flags)
{
        /* The interval, and 3.25 and 3.5 times it, 802.1ag, 20.8. */
        static const char *const intervals[][3] = {
            {NULL, NULL, NULL},
            {"0.003", "0.011", "0.012"},
            {"0.010", "0.032", "0.035"},
            {"0.100", "0.325", "0.350"},
            {"1.000", "3.250", "3.500"},
            {"10.000", "32.500", "35.000"},
            {"60.000", "195.000", "210.000"},
            {"600.000", "1950.000", "2100.000"},
        };
        unsigned interval = flags & 7;

        putf(printer, ", Flags [CCM Interval %u%s]", interval, flags & 0x80 ? ", RDI" : "");
        if (interval != 0)
                putf(printer, "\n\t  CCM Interval %ss, min CCM Lifetime %ss, max CCM Lifetime %ss",
                     intervals[interval][0], intervals[interval][1], intervals[interval][2]);
        need(printer, packet, 0, NAMES);
        putf(printer, "\n\t  Sequence Number 0x%08x, MA-End-Point-ID 0x%04x",
             get32(printer, packet, 0), get16(printer, packet, 4));
        return names_print(printer, packet);
}

static void trace_print(struct printer *printer, struct packet packet, uint8_t flags)
{
        static const struct name names[] = {{0x80, "Use Forwarding-DB only"}, {0, NULL}};

        put_flag_list(printer, ", Flags [", names, flags);
        putf(printer, "\n\t  Transaction-ID 0x%08x, ttl %u", get32(printer, packet, 0),
             get8(printer, packet, 4));
        put(printer, "\n\t  Original-MAC ");
        put_ethernet(printer, bytes_at(printer, packet, 5, 6));
        put(printer, ", Target-MAC ");
        put_ethernet(printer, bytes_at(printer, packet, 11, 6));
}

static void trace_reply_print(struct printer *printer, struct packet packet, uint8_t flags)
{
        static const struct name names[] = {
            {0x80, "UseFDB Only"}, {0x40, "FwdYes"}, {0x20, "Terminal MEP"}, {0, NULL}};
        static const struct name actions[] = {
            {1, "Exact Match"}, {2, "Filtering DB"}, {3, "MIP CCM DB"}, {0, NULL}};
        uint8_t action;

        put_flag_list(printer, ", Flags [", names, flags);
        putf(printer, "\n\t  Transaction-ID 0x%08x, ttl %u", get32(printer, packet, 0),
             get8(printer, packet, 4));
        action = get8(printer, packet, 5);
        putf(printer, "\n\t  Replay-Action %s (%u)", name_or(actions, action, "Unknown"), action);
}

/* The bytes that come before the fields: what they must be at least, and their printers. */
static bool fixed_print(struct printer *printer, struct packet packet, uint8_t operation,
                        uint8_t flags, uint32_t first)
{
        /* The first number is what tcpdump calls the size. */
        static const struct {
                unsigned named, least;
        } sizes[] = {[CONTINUITY_CHECK] = {1, CHECK_SIZE},
                     [LINKTRACE_REPLY] = {5, TRACE_REPLY_SIZE},
                     [LINKTRACE] = {4, TRACE_SIZE}};
        uint32_t least = operation <= LINKTRACE ? sizes[operation].least : 0;

        if (first < least) {
                put_damage(printer, " (too small %u, must be >= %u)", sizes[operation].named,
                           least);
                return false;
        }
        need(printer, packet, 0, least);
        switch (operation) {
        case CONTINUITY_CHECK: return check_print(printer, packet, flags);
        case LINKTRACE: trace_print(printer, packet, flags); break;
        case LINKTRACE_REPLY: trace_reply_print(printer, packet, flags); break;
        default: dump_hex(printer, "\n\t  ", packet, packet.length - first); break;
        }
        return true;
}

/* ---- Fields ---- */

/* How the sender's chassis is identified. */
enum chassis_type { COMPONENT = 1, MAC = 4, NETWORK = 5, LOCAL = 7 };

/* Returns whether the address is one that is known, and as long as such a one is. */
static bool network_address_print(struct printer *printer, struct packet value)
{
        enum { IPV4 = 1, IPV6 = 2 };
        uint8_t family = get8(printer, value, 0);

        putf(printer, "\n\t  Network Address Type %s (%u)",
             name_or(address_family_names, family, "Unknown"), family);
        value = packet_from(value, 1);
        if (family == IPV4) {
                if (value.length != 4) {
                        put_damage(printer, "(invalid IPv4 address length %u)", value.length);
                        return false;
                }
                put_ipv4_labelled(printer, ", ", value, 0);
                return true;
        }
        if (family == IPV6) {
                if (value.length != 16) {
                        put_damage(printer, "(invalid IPv6 address length %u)", value.length);
                        return false;
                }
                put_ipv6_labelled(printer, ", ", value, 0);
                return true;
        }
        return false;
}

/* Returns whether it is understood. */
static bool chassis_print(struct printer *printer, struct packet chassis, uint8_t type)
{
        if (type == MAC && chassis.length == 6) {
                put(printer, "\n\t  MAC ");
                put_ethernet(printer, bytes_at(printer, chassis, 0, 6));
                return true;
        }
        if (type == MAC) {
                put_damage(printer, " (invalid MAC address length)");
                return false;
        }
        if (type == NETWORK)
                return network_address_print(printer, chassis);
        if (type < COMPONENT || type > LOCAL)
                return false;
        put_until_zero(printer, chassis);
        return true;
}

/* The address that manages the sender: its kind and itself, each behind its length. `*rest` is how
 * many bytes follow. Returns false if what follows cannot be trusted. */
static bool management_print(struct printer *printer, struct packet value, uint32_t *rest)
{
        uint32_t size = get8(printer, value, 0);

        value = packet_from(value, 1);
        putf(printer, "\n\t  Management Address Domain Length %u", size);
        if (value.length < size) {
                put(printer, TOO_SHORT);
                return true;
        }
        *rest = value.length;
        if (size == 0)
                return true;
        put(printer, "\n\t  Management Address Domain: ");
        dump_hex(printer, "", packet_cut(value, size), size);
        value = packet_from(value, size);
        *rest = value.length;
        if (value.length == 0) {
                put(printer, " (Management Address Length is missing)");
                return true;
        }
        size = get8(printer, value, 0);
        value = packet_from(value, 1);
        putf(printer, "\n\t  Management Address Length %u", size);
        if (value.length < size) {
                put(printer, TOO_SHORT);
                return false;
        }
        if (size > 0) {
                put(printer, "\n\t  Management Address: ");
                dump_hex(printer, "", packet_cut(value, size), size);
        }
        *rest = value.length - size;
        return true;
}

/* Returns how many bytes further the next field is, which is not always the value's length; or
 * UINT32_MAX if nothing more is to be printed. */
static uint32_t sender_print(struct printer *printer, struct packet value)
{
        static const struct name chassis_types[] = {
            {0, "Reserved"},
            {COMPONENT, "Chassis component"},
            {2, "Interface alias"},
            {3, "Port component"},
            {MAC, "MAC address"},
            {NETWORK, "Network address"},
            {6, "Interface name"},
            {LOCAL, "Locally assigned"},
            {0, NULL},
        };
        struct packet whole = value;
        uint32_t size = get8(printer, value, 0), rest = 0;
        bool understood = true;

        value = packet_from(value, 1);
        if (size > 0) {
                uint8_t type;

                if (value.length < 1) {
                        put(printer, TOO_SHORT);
                        return whole.length;
                }
                type = get8(printer, value, 0);
                value = packet_from(value, 1);
                putf(printer, "\n\t  Chassis-ID Type %s (%u), Chassis-ID length %u",
                     name_or(chassis_types, type, "Unknown"), type, size);
                if (value.length < size) {
                        put(printer, TOO_SHORT);
                        return whole.length - 1;
                }
                understood = chassis_print(printer, packet_cut(value, size), type);
                value = packet_from(value, size);
        }
        if (value.length > 0 && !management_print(printer, value, &rest))
                return UINT32_MAX;
        /* As many bytes as are left, but from the start, as in tcpdump. */
        if (printer->options.verbose > 1 || !understood)
                dump_hex(printer, "\n\t  ", whole, rest);
        return whole.length;
}

/* `*skip` is how far the next field is, `*dump` whether the value is also to be shown in hex. */
static void value_print(struct printer *printer, struct packet value, uint8_t type, uint32_t *skip,
                        bool *dump)
{
        static const struct name port_states[] = {{1, "Blocked"}, {2, "Up"}, {0, NULL}};
        static const struct name interface_states[] = {
            {1, "Up"},      {2, "Down"},        {3, "Testing"},
            {5, "Dormant"}, {6, "not present"}, {7, "lower Layer down"},
            {0, NULL},
        };
        static const struct name least[] = {{SENDER, "1"},
                                            {PORT_STATUS, "1"},
                                            {INTERFACE_STATUS, "1"},
                                            {ORGANIZATION, "4"},
                                            {0, NULL}};
        const char *minimum = name_find(least, type);

        if (minimum && value.length < (uint32_t)(minimum[0] - '0')) {
                put_damage(printer, " (too short, must be >= %s)", minimum);
                if (type != SENDER)
                        *skip = UINT32_MAX;
                *dump = false;
                return;
        }
        if (type == PORT_STATUS || type == INTERFACE_STATUS) {
                uint8_t state = get8(printer, value, 0);

                putf(
                    printer, ", Status: %s (%u)",
                    name_or(type == PORT_STATUS ? port_states : interface_states, state, "Unknown"),
                    state);
                return;
        }
        if (type == SENDER) {
                *skip = sender_print(printer, value);
                *dump = false;
                return;
        }
        if (type == ORGANIZATION) {
                uint32_t oui = get24(printer, value, 0);

                putf(printer, ", Vendor: %s (%u), Sub-Type %u", name_or(oui_names, oui, "Unknown"),
                     oui, get8(printer, value, 3));
        }
        *dump = true;
}

static void fields_print(struct printer *printer, struct packet packet)
{
        while (packet.length > 0) {
                uint8_t type = get8(printer, packet, 0);
                struct packet value;
                uint32_t size, skip;
                bool dump;

                putf(printer, "\n\t%s TLV (0x%02x)", name_or(types, type, "Unknown"), type);
                if (type == END)
                        return;
                if (packet.length < FIELD_HEADER) {
                        put_short(printer);
                        return;
                }
                need(printer, packet, 0, FIELD_HEADER);
                size = get16(printer, packet, 1);
                putf(printer, ", length %u", size);
                packet = packet_from(packet, FIELD_HEADER);
                if (packet.length < size) {
                        put_short(printer);
                        return;
                }
                need(printer, packet, 0, size);
                value = packet_cut(packet, size);
                skip = size;
                dump = printer->options.verbose > 1;
                value_print(printer, value, type, &skip, &dump);
                if (skip == UINT32_MAX)
                        return;
                if (dump)
                        dump_hex(printer, "\n\t  ", value, size);
                packet = packet_from(packet, skip);
        }
}

void cfm_print(struct printer *printer, struct packet packet)
{
        uint8_t version, operation, flags;
        uint32_t first;

        printer->protocol = "cfm";
        if (packet.length < HEADER) {
                put_short(printer);
                return;
        }
        need(printer, packet, 0, HEADER);
        version = get8(printer, packet, 0) & 0x1f;
        if (version != 0) {
                putf(printer, "CFMv%u not supported, length %u", version, packet.length);
                return;
        }
        operation = get8(printer, packet, 1);
        put_as(printer, ROLE_PROTOCOL, "CFMv0 ");
        put_name(printer, operations, "unknown (%u)", operation);
        putf(printer, ", MD Level %u, length %u", get8(printer, packet, 0) >> 5, packet.length);
        if (!printer->options.verbose)
                return;
        flags = get8(printer, packet, 2);
        first = get8(printer, packet, 3);
        packet = packet_from(packet, HEADER);
        putf(printer, "\n\tFirst TLV offset %u", first);
        if (first > packet.length) {
                put_damage(printer, " (too large, must be <= %u)", packet.length);
                return;
        }
        if (fixed_print(printer, packet, operation, flags, first))
                fields_print(printer, packet_from(packet, first));
}
