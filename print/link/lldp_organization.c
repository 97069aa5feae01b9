/* Organizationally specific TLVs of LLDP: IEEE 802.1 (bridges and data center bridging), IEEE
 * 802.3, and TIA's media endpoint discovery, TIA-1057. Fields of a value that is too short are left
 * out. */
#include "lldp.h"

#include "base/array.h"

enum { OUI_BRIDGED = 0x0080c2, OUI_802_3 = 0x00120f, OUI_MEDIA = 0x0012bb, OUI_DCBX = 0x001b21 };

/* ---- IEEE 802.1 ---- */

static void aggregation_print(struct printer *printer, struct packet packet)
{
        static const struct name states[] = {{1, "supported"}, {2, "enabled"}, {0, NULL}};

        put_flag_list(printer, "\n\t    aggregation status [", states, get8(printer, packet, 4));
        putf(printer, ", aggregation port ID %u", get32(printer, packet, 5));
}

/* One bit per priority, lowest first. */
static void put_priority_bits(struct printer *printer, const char *title, uint8_t bits)
{
        putf(printer,
             "\n\t    %s\n\t     Priority : 0  1  2  3  4  5  6  7\n\t     Value    : ", title);
        for (unsigned i = 0; i < 8; i++)
                putf(printer, "%-2u ", bits >> i & 1u);
}

static void put_octets(struct printer *printer, struct packet packet, uint32_t offset)
{
        for (uint32_t i = 0; i < 8; i++)
                putf(printer, "%-3u%s", get8(printer, packet, offset + i), i < 7 ? " " : "");
}

/* Bandwidth shares, of a configuration or a recommendation; `packet` starts at the priorities. */
static void bandwidth_print(struct printer *printer, struct packet packet)
{
        put(printer,
            "\n\t    Priority Assignment Table\n\t     Priority : 0   1   2   3   4   5   6   "
            "7\n\t     Value    : ");
        for (uint32_t i = 0; i < 8; i++)
                putf(printer, "%-3u%s", get8(printer, packet, i / 2) >> (i % 2 ? 0 : 4) & 15u,
                     i < 7 ? " " : "");
        put(printer,
            "\n\t    TC Bandwidth Table\n\t     TC%   : 0   1   2   3   4   5   6   7\n\t     "
            "Value : ");
        put_octets(printer, packet, 4);
        put(printer,
            "\n\t    TSA Assignment Table\n\t     Traffic Class: 0   1   2   3   4   5   6   "
            "7\n\t     Value        : ");
        put_octets(printer, packet, 12);
}

static void applications_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t    RES: %u", get8(printer, packet, 4));
        packet = packet_from(packet, 5);
        if (packet.length == 0 || packet.length % 3 != 0)
                return;
        put(printer, "\n\t    Application Priority Table");
        for (; packet.length > 0; packet = packet_from(packet, 3)) {
                uint8_t first = get8(printer, packet, 0);

                putf(printer, "\n\t      Priority: %u, RES: %u, Sel: %u, Protocol ID: %u",
                     first >> 5, first >> 3 & 3u, first & 7u, get16(printer, packet, 1));
        }
}

/* Edge virtual bridging. */
static void edge_print(struct printer *printer, struct packet packet)
{
        static const struct name modes[] = {{0, "Not Supported"},
                                            {1, "EVB Bridge"},
                                            {2, "EVB Station"},
                                            {3, "Reserved for future Standardization"},
                                            {0, NULL}};
        uint8_t bridge = get8(printer, packet, 4), station = get8(printer, packet, 5);
        uint8_t mode = get8(printer, packet, 6), last = get8(printer, packet, 8);
        uint8_t delay = get8(printer, packet, 7);

        putf(printer, "\n\t    EVB Bridge Status\n\t      RES: %u, BGID: %u, RRCAP: %u, RRCTR: %u",
             bridge >> 3, bridge >> 2 & 1u, bridge >> 1 & 1u, bridge & 1u);
        putf(printer, "\n\t    EVB Station Status\n\t      RES: %u, SGID: %u, RRREQ: %u,RRSTAT: %u",
             station >> 4, station >> 3 & 1u, station >> 2 & 1u, station & 3u);
        putf(printer, "\n\t    R: %u, RTE: %u, EVB Mode: %s [%u]", mode >> 5, mode & 31u,
             name_find(modes, delay >> 6), delay >> 6);
        putf(printer, "\n\t    ROL: %u, RWD: %u, RES: %u, ROL: %u, RKA: %u", delay >> 5 & 1u,
             delay & 31u, last >> 6, last >> 5 & 1u, last & 31u);
}

/* S-channels of a bridge port. */
static void channels_print(struct printer *printer, struct packet packet)
{
        uint8_t role = get8(printer, packet, 4);

        putf(printer, "\n\t    Role: %u, RES: %u, Scomp: %u ChnCap: %u", role >> 7, role >> 4 & 7u,
             role >> 3 & 1u, get16(printer, packet, 6) & 0xfffu);
        packet = packet_from(packet, 8);
        if (packet.length % 3 != 0)
                return;
        for (; packet.length > 0; packet = packet_from(packet, 3)) {
                uint32_t pair = get24(printer, packet, 0);

                putf(printer, "\n\t    SCID: %u, SVID: %u", pair >> 12, pair & 0xfff);
        }
}

static void vlan_name_print(struct printer *printer, struct packet packet)
{
        uint32_t size;

        putf(printer, "\n\t    vlan id (VID): %u", get16(printer, packet, 4));
        if (packet.length < 7)
                return;
        size = get8(printer, packet, 6);
        if (packet.length < 7 + size)
                return;
        put(printer, "\n\t    vlan name: ");
        put_until_zero(printer, packet_from(packet_cut(packet, 7 + size), 7));
}

static void port_vlan_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t    port vlan id (PVID): %u", get16(printer, packet, 4));
}

static void protocol_vlan_print(struct printer *printer, struct packet packet)
{
        static const struct name names[] = {{2, "supported"}, {4, "enabled"}, {0, NULL}};
        uint8_t flags = get8(printer, packet, 4);

        putf(printer, "\n\t    port and protocol vlan id (PPVID): %u", get16(printer, packet, 5));
        put_flag_list(printer, ", flags [", names, flags);
        putf(printer, " (0x%02x)", flags);
}

static void protocol_identity_print(struct printer *printer, struct packet packet)
{
        uint32_t end = 5u + get8(printer, packet, 4);

        if (packet.length < end)
                return;
        put(printer, "\n\t    protocol identity: ");
        put_until_zero(printer, packet_from(packet_cut(packet, end), 5));
}

static void congestion_print(struct printer *printer, struct packet packet)
{
        put_priority_bits(printer, "Pre-Priority CNPV Indicator", get8(printer, packet, 4));
        put_priority_bits(printer, "Pre-Priority Ready Indicator", get8(printer, packet, 5));
}

static void transmission_print(struct printer *printer, struct packet packet)
{
        uint8_t first = get8(printer, packet, 4);

        putf(printer, "\n\t    Willing:%u, CBS:%u, RES:%u, Max TCs:%u", first >> 7, first >> 6 & 2u,
             first >> 3 & 7u, first & 7u);
        bandwidth_print(printer, packet_from(packet, 5));
}

static void recommendation_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t    RES: %u", get8(printer, packet, 4));
        bandwidth_print(printer, packet_from(packet, 5));
}

static void flow_control_print(struct printer *printer, struct packet packet)
{
        uint8_t first = get8(printer, packet, 4);

        putf(printer, "\n\t    Willing: %u, MBC: %u, RES: %u, PFC cap:%u ", first >> 7,
             first >> 6 & 1u, first >> 4 & 3u, first & 15u);
        put_priority_bits(printer, "PFC Enable", get8(printer, packet, 5));
}

/* ---- IEEE 802.3 ---- */

static void status_print(struct printer *printer, struct packet packet)
{
        static const struct name negotiation[] = {{1, "supported"}, {2, "enabled"}, {0, NULL}};
        static const struct name abilities[] = {
            {0x4000, "10BASE-T hdx"},
            {0x2000, "10BASE-T fdx"},
            {0x1000, "100BASE-T4"},
            {0x0800, "100BASE-TX hdx"},
            {0x0400, "100BASE-TX fdx"},
            {0x0200, "100BASE-T2 hdx"},
            {0x0100, "100BASE-T2 fdx"},
            {0x0080, "Pause for fdx links"},
            {0x0040, "Asym PAUSE for fdx"},
            {0x0020, "Sym PAUSE for fdx"},
            {0x0010, "Asym and Sym PAUSE for fdx"},
            {0x0008, "1000BASE-{X LX SX CX} hdx"},
            {0x0004, "1000BASE-{X LX SX CX} fdx"},
            {0x0002, "1000BASE-T hdx"},
            {0x0001, "1000BASE-T fdx"},
            {0, NULL},
        };
        /* By the numbers of RFC 4836, dot3MauType. */
        static const char *const types[] = {"Unknown",
                                            "AUI",
                                            "10BASE_5",
                                            "FOIRL",
                                            "10BASE2",
                                            "10BASET duplex mode unknown",
                                            "10BASEFP",
                                            "10BASEFB",
                                            "10BASEFL duplex mode unknown",
                                            "10BROAD36",
                                            "10BASET hdx",
                                            "10BASET fdx",
                                            "10BASEFL hdx",
                                            "10BASEFL fdx",
                                            "100BASET4",
                                            "100BASETX hdx",
                                            "100BASETX fdx",
                                            "100BASEFX hdx",
                                            "100BASEFX fdx",
                                            "100BASET2 hdx",
                                            "100BASET2 fdx",
                                            "1000BASEX hdx",
                                            "1000BASEX fdx",
                                            "1000BASELX hdx",
                                            "1000BASELX fdx",
                                            "1000BASESX hdx",
                                            "1000BASESX fdx",
                                            "1000BASECX hdx",
                                            "1000BASECX fdx",
                                            "1000BASET hdx",
                                            "1000BASET fdx",
                                            "10GBASEX",
                                            "10GBASELX4",
                                            "10GBASER",
                                            "10GBASEER",
                                            "10GBASELR",
                                            "10GBASESR",
                                            "10GBASEW",
                                            "10GBASEEW",
                                            "10GBASELW",
                                            "10GBASESW"};
        uint16_t ability = get16(printer, packet, 5), type = get16(printer, packet, 7);

        put_flag_list(printer, "\n\t    autonegotiation [", negotiation, get8(printer, packet, 4));
        putf(printer, " (0x%02x)\n\t    PMD autoneg capability [", get8(printer, packet, 4));
        if (ability & 0x7fff)
                put_flags(printer, abilities, ", ", ability);
        else
                put(printer, "unknown");
        putf(printer, "] (0x%04x)\n\t    MAU type %s (0x%04x)", ability,
             type < array_count(types) ? types[type] : "unknown", type);
}

static void power_print(struct printer *printer, struct packet packet)
{
        static const struct name support[] = {
            {1, "PSE"}, {2, "supported"}, {4, "enabled"}, {8, "can be controlled"}, {0, NULL}};
        static const struct name pairs[] = {{1, "signal"}, {2, "spare"}, {0, NULL}};
        static const struct name classes[] = {{1, "class0"}, {2, "class1"}, {3, "class2"},
                                              {4, "class3"}, {5, "class4"}, {0, NULL}};

        put_flag_list(printer, "\n\t    MDI power support [", support, get8(printer, packet, 4));
        putf(printer, ", power pair %s, power class %s",
             name_or(pairs, get8(printer, packet, 5), "unknown"),
             name_or(classes, get8(printer, packet, 6), "unknown"));
}

static void frame_size_print(struct printer *printer, struct packet packet)
{
        putf(printer, "\n\t    MTU size %u", get16(printer, packet, 4));
}

/* ---- Media endpoints ---- */

static void capabilities_print(struct printer *printer, struct packet packet)
{
        static const struct name abilities[] = {{1, "LLDP-MED capabilities"},
                                                {2, "network policy"},
                                                {4, "location identification"},
                                                {8, "extended power via MDI-PSE"},
                                                {16, "extended power via MDI-PD"},
                                                {32, "Inventory"},
                                                {0, NULL}};
        static const struct name devices[] = {{1, "endpoint class 1"},
                                              {2, "endpoint class 2"},
                                              {3, "endpoint class 3"},
                                              {4, "network connectivity"},
                                              {0, NULL}};
        uint16_t ability = get16(printer, packet, 4);
        uint8_t device = get8(printer, packet, 6);

        put_flag_list(printer, "\n\t    Media capabilities [", abilities, ability);
        putf(printer, " (0x%04x)\n\t    Device type [%s] (0x%02x)", ability,
             name_or(devices, device, "unknown"), device);
}

static void policy_print(struct printer *printer, struct packet packet)
{
        static const struct name applications[] = {{1, "voice"},
                                                   {2, "voice signaling"},
                                                   {3, "guest voice"},
                                                   {4, "guest voice signaling"},
                                                   {5, "softphone voice"},
                                                   {6, "video conferencing"},
                                                   {7, "streaming video"},
                                                   {8, "video signaling"},
                                                   {0, NULL}};
        static const struct name flags[] = {
            {0x80, "Unknown"}, {0x40, "Tagged"}, {0x20, "reserved"}, {0, NULL}};
        uint8_t application = get8(printer, packet, 4);

        putf(printer, "\n\t    Application type [%s] (0x%02x)",
             name_or(applications, application, "none"), application);
        put_flag_list(printer, ", Flags [", flags, get8(printer, packet, 5));
        putf(printer, "\n\t    Vlan id %u, L2 priority %u, DSCP value %u",
             get16(printer, packet, 5) >> 1 & 0xfffu, get16(printer, packet, 6) >> 6 & 7u,
             get8(printer, packet, 7) & 63u);
}

/* RFC 6225: degrees with 9 bits before the point and 25 behind. */
static void coordinates_print(struct printer *printer, struct packet packet)
{
        static const struct name altitudes[] = {{1, "meters"}, {2, "floors"}, {0, NULL}};
        static const struct name datums[] = {
            {1, "World Geodesic System 1984"},
            {2, "North American Datum 1983 (NAVD88)"},
            {3, "North American Datum 1983 (MLLW)"},
            {0, NULL},
        };
        uint64_t latitude = get64(printer, packet, 5) >> 24,
                 longitude = get64(printer, packet, 10) >> 24;
        uint64_t altitude = get64(printer, packet, 13) >> 8 & 0xffffffffff;
        uint32_t kind = (uint32_t)(altitude >> 36);
        uint8_t datum = get8(printer, packet, 20);

        putf(printer, "\n\t    Latitude resolution %u, latitude value %llu",
             (unsigned)(latitude >> 34), (unsigned long long)(latitude & 0x3ffffffff));
        putf(printer, "\n\t    Longitude resolution %u, longitude value %llu",
             (unsigned)(longitude >> 34), (unsigned long long)(longitude & 0x3ffffffff));
        putf(printer,
             "\n\t    Altitude type %s (%u)\n\t    Altitude resolution %u, altitude value 0x%x",
             name_or(altitudes, kind, "unknown"), kind, (unsigned)(altitude >> 30 & 63),
             (unsigned)(altitude & 0x3fffffff));
        putf(printer, "\n\t    Datum %s (0x%02x)", name_or(datums, datum, "unknown"), datum);
}

static void location_print(struct printer *printer, struct packet packet)
{
        enum { COORDINATES = 1, CIVIC = 2, NUMBER = 3, COORDINATES_SIZE = 16 };
        static const struct name formats[] = {{COORDINATES, "coordinate-based LCI"},
                                              {CIVIC, "civic address LCI"},
                                              {NUMBER, "ECS ELIN"},
                                              {0, NULL}};
        uint8_t format = get8(printer, packet, 4);

        putf(printer, "\n\t    Location data format %s (0x%02x)",
             name_or(formats, format, "unknown"), format);
        switch (format) {
        case COORDINATES:
                if (packet.length >= 5 + COORDINATES_SIZE)
                        coordinates_print(printer, packet);
                break;
        case CIVIC: break;
        case NUMBER:
                put(printer, "\n\t    ECS ELIN id ");
                put_until_zero(printer, packet_from(packet, 5));
                break;
        default:
                put(printer, "\n\t    Location ID ");
                dump_hex(printer, "\n\t      ", packet_from(packet, 5), packet.length - 5);
        }
}

static void extended_power_print(struct printer *printer, struct packet packet)
{
        enum { RESERVED_FROM = 1024 };
        static const struct name sources[] = {{1, "PSE - primary power source"},
                                              {2, "local - backup power source"},
                                              {3, "PSE+local - reserved"},
                                              {0, NULL}};
        static const struct name priorities[] = {
            {1, "critical"}, {2, "high"}, {3, "low"}, {0, NULL}};
        uint8_t first = get8(printer, packet, 4);
        uint32_t tenths = get16(printer, packet, 5);

        /* The type has its place in the upper two bits; tcpdump looks at these. */
        putf(printer, "\n\t    Power type [%s device], Power source [%s]", first & 3 ? "PD" : "PSE",
             name_or(sources, first >> 4 & 3, "none"));
        putf(printer, "\n\t    Power priority [%s] (0x%02x), Power ",
             name_or(priorities, first & 15, "none"), first & 15u);
        if (tenths < RESERVED_FROM)
                putf(printer, "%u.%u Watts", tenths / 10, tenths % 10);
        else
                putf(printer, "%u (Reserved)", tenths);
}

static void inventory_print(struct printer *printer, struct packet packet)
{
        enum { FIRST = 5 }; /* its subtype */
        static const char *const names[] = {
            "Hardware revision", "Firmware revision", "Software revision", "Serial number",
            "Manufacturer name", "Model name",        "Asset ID"};

        putf(printer, "\n\t  %s ", names[get8(printer, packet, 3) - FIRST]);
        put_until_zero(printer, packet_from(packet, 4));
}

/* ---- Dispatch ---- */

struct kind {
        uint8_t kind;
        uint8_t least; /* the minimum length */
        const char *name;
        void (*print)(struct printer *printer, struct packet packet);
};

static const struct kind bridged_kinds[] = {
    {1, 6, "Port VLAN Id", port_vlan_print},
    {2, 7, "Port and Protocol VLAN ID", protocol_vlan_print},
    {3, 6, "VLAN name", vlan_name_print},
    {4, 5, "Protocol Identity", protocol_identity_print},
    {7, 9, "Link aggregation", aggregation_print},
    {8, 6, "Congestion Notification", congestion_print},
    {9, 25, "ETS Configuration", transmission_print},
    {10, 25, "ETS Recommendation", recommendation_print},
    {11, 6, "Priority Flow Control Configuration", flow_control_print},
    {12, 5, "Application Priority", applications_print},
    {13, 9, "EVB", edge_print},
    {14, 8, "CDCP", channels_print},
    {0, 0, NULL, NULL},
};

static const struct kind private_kinds[] = {
    {1, 9, "MAC/PHY configuration/status", status_print},
    {2, 7, "Power via MDI", power_print},
    {3, 9, "Link aggregation", aggregation_print},
    {4, 6, "Max frame size", frame_size_print},
    {0, 0, NULL, NULL},
};

static const struct kind media_kinds[] = {
    {1, 7, "LLDP-MED Capabilities", capabilities_print},
    {2, 8, "Network policy", policy_print},
    {3, 5, "Location identification", location_print},
    {4, 7, "Extended power-via-MDI", extended_power_print},
    {5, 4, "Inventory - hardware revision", inventory_print},
    {6, 4, "Inventory - firmware revision", inventory_print},
    {7, 4, "Inventory - software revision", inventory_print},
    {8, 4, "Inventory - serial number", inventory_print},
    {9, 4, "Inventory - manufacturer name", inventory_print},
    {10, 4, "Inventory - model name", inventory_print},
    {11, 4, "Inventory - asset ID", inventory_print},
    {0, 0, NULL, NULL},
};

enum lldp_result lldp_organization_print(struct printer *printer, struct packet packet)
{
        const struct kind *kind;
        uint32_t oui;
        uint8_t number;

        if (packet.length < 3)
                return LLDP_CUT;
        oui = get24(printer, packet, 0);
        putf(printer, ": OUI %s (0x%06x)", name_or(oui_names, oui, "Unknown"), oui);
        switch (oui) {
        case OUI_BRIDGED: kind = bridged_kinds; break;
        case OUI_802_3: kind = private_kinds; break;
        case OUI_MEDIA: kind = media_kinds; break;
        case OUI_DCBX: kind = NULL; break;
        default: return LLDP_UNKNOWN;
        }
        if (packet.length < 4)
                return LLDP_SHOWN;
        if (!kind)
                return lldp_dcbx_print(printer, packet);
        number = get8(printer, packet, 3);
        while (kind->name && kind->kind != number)
                kind++;
        putf(printer, "\n\t  %s Subtype (%u)", kind->name ? kind->name : "unknown", number);
        if (!kind->name)
                return LLDP_UNKNOWN;
        if (packet.length >= kind->least)
                kind->print(printer, packet);
        return LLDP_SHOWN;
}
