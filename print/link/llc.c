/* IEEE 802.2 logical link control and SNAP, what an Ethernet frame holds when its type field is a
 * length. */
#include "link.h"

enum {
        SAP_NULL = 0x00,
        SAP_GLOBAL = 0xff,
        GROUP = 1, /* in the destination: a group address; in the source: a response */
        UNNUMBERED = 3,
        SUPERVISORY = 1,
        FORMAT_MASK = 3,
        UI = 0x03,
        XID = 0xaf,
        XID_FORMAT = 0x81,
        POLL_FINAL = 0x10,
        SNAP_HEADER = 5,
        BRIDGE_PADDING = 2,
        OUI_ETHERNET = 0x000000,
        OUI_CISCO = 0x00000c,
        OUI_CISCO_BRIDGED = 0x0000f8,
        OUI_BRIDGED = 0x0080c2,
        OUI_APPLE = 0x080007,
};

static const struct name cisco_protocols[] = {
    {0x010b, "PVST"}, {0x010c, "VLAN Bridge"}, {0x0111, "UDLD"}, {0x2000, "CDP"},
    {0x2003, "VTP"},  {0x2004, "DTP"},         {0, NULL},
};

/* RFC 2684, appendix B. */
static const struct name bridged_protocols[] = {
    {1, "Ethernet + FCS"},
    {2, "802.4 + FCS"},
    {3, "Token Ring + FCS"},
    {4, "FDDI + FCS"},
    {5, "802.6 + FCS"},
    {7, "Ethernet w/o FCS"},
    {8, "802.4 w/o FCS"},
    {9, "Token Ring w/o FCS"},
    {10, "FDDI w/o FCS"},
    {11, "802.6 w/o FCS"},
    {14, "BPDU"},
    {0, NULL},
};

static const struct name no_protocols[] = {{0, NULL}};

/* Whose numbers follow an organization's, by what names they go, and what they are looked up as. */
static const struct organization {
        uint32_t number;
        const struct name *names;
        enum number_space space;
} organizations[] = {
    {OUI_ETHERNET, ethertype_names, ETHERTYPE},      {OUI_CISCO, cisco_protocols, SNAP_CISCO},
    {OUI_CISCO_BRIDGED, ethertype_names, ETHERTYPE}, {OUI_BRIDGED, bridged_protocols, SNAP_BRIDGED},
    {OUI_APPLE, ethertype_names, SNAP_APPLE},
};

static const struct organization unknown_organization = {0, no_protocols, NUMBER_SPACES};

static const struct organization *organization_find(uint32_t number)
{
        for (size_t i = 0; i < sizeof organizations / sizeof *organizations; i++)
                if (organizations[i].number == number)
                        return &organizations[i];
        return &unknown_organization;
}

static const struct name saps[] = {
    {SAP_NULL, "Null"},  {0x02, "802.1B I"},         {0x03, "802.1B G"}, {SAP_IP, "IP"},
    {0x0e, "ProWay NM"}, {SAP_SPANNING_TREE, "STP"}, {0x4e, "RS511"},    {0x7e, "ISO8208"},
    {0x8e, "ProWay"},    {SAP_SNAP, "SNAP"},         {SAP_IPX, "IPX"},   {0xf0, "NetBeui"},
    {SAP_ISO, "OSI"},    {SAP_GLOBAL, "Global"},     {0x04, "SNA"},      {0, NULL},
};

static const struct name responses[] = {
    {0, "Command"}, {GROUP, "Response"}, {POLL_FINAL, "Poll"}, {GROUP | POLL_FINAL, "Final"},
    {0, NULL},
};

static const struct name unnumbered[] = {
    {0x03, "ui"}, {0xe3, "test"}, {0xaf, "xid"},  {0x6f, "sabme"}, {0x43, "disc"},
    {0x63, "ua"}, {0x0f, "dm"},   {0x87, "frmr"}, {0, NULL},
};

static const struct name supervisory[] = {
    {0, "Receiver Ready"},
    {1, "Receiver not Ready"},
    {2, "Reject"},
    {0, NULL},
};

/* Dumps leave out this header too. */
static void header_add(struct printer *printer, uint32_t size)
{
        if (printer->tunnels == 0)
                printer->link_header += size;
}

static void put_stations(struct printer *printer, struct stations stations)
{
        if (!stations.source)
                return;
        put_ethernet(printer, stations.source);
        put(printer, " > ");
        put_ethernet(printer, stations.destination);
        put_char(printer, ' ');
}

/* "oui Cisco (0x00000c), pid CDP (0x2000), length 50: " */
static void put_snap(struct printer *printer, const struct organization *organization, uint32_t oui,
                     uint16_t type, uint32_t length)
{
        bool linked = printer->options.link_header;
        const char *name = name_or(organization->names, type, "Unknown");

        if (linked || oui != OUI_ETHERNET)
                putf(printer, "oui %s (0x%06x), ", name_or(oui_names, oui, "Unknown"), oui);
        put(printer, oui == OUI_ETHERNET ? "ethertype " : "pid ");
        put_as(printer, ROLE_PROTOCOL, name);
        putf(printer, " (0x%04x)", type);
        put_number_as(printer, ROLE_LENGTH, ", length ", length);
        put(printer, ": ");
}

bool snap_print(struct printer *printer, struct packet packet, struct stations stations,
                uint32_t padding)
{
        const struct organization *organization;
        uint32_t oui;
        uint16_t type;
        struct packet inner = packet_from(packet, SNAP_HEADER);

        printer->protocol = "snap";
        printer->bridge_padding = padding;
        need(printer, packet_claimed(packet), 0, SNAP_HEADER);
        oui = get24(printer, packet, 0);
        type = get16(printer, packet, 3);
        organization = organization_find(oui);
        if (printer->options.link_header)
                put_snap(printer, organization, oui, type, inner.length);
        if (organization->space != NUMBER_SPACES &&
            protocol_print(printer, organization->space, type, inner))
                return true;
        if (!printer->options.link_header) {
                put_stations(printer, stations);
                put_as(printer, ROLE_PROTOCOL, "SNAP, ");
                put_snap(printer, organization, oui, type, inner.length);
        }
        return false;
}

/* "src > dst Sap" for a frame whose payload has no printer. */
static void put_endpoints(struct printer *printer, struct stations stations, uint8_t source,
                          uint8_t destination)
{
        uint8_t source_name = source & ~GROUP;

        if (printer->options.link_header)
                return;
        if (stations.source) {
                put_ethernet(printer, stations.source);
                put_char(printer, ' ');
        }
        if (source_name != destination) {
                put_name_as(printer, ROLE_PROTOCOL, saps, "Unknown SSAP 0x%02x", source_name);
                put_char(printer, ' ');
        }
        if (stations.source || source_name != destination)
                put(printer, "> ");
        if (stations.destination) {
                put_ethernet(printer, stations.destination);
                put_char(printer, ' ');
        }
        put_name_as(printer, ROLE_PROTOCOL, saps, "Unknown DSAP 0x%02x", destination);
        put_char(printer, ' ');
}

/* The control field. */
static void control_print(struct printer *printer, uint16_t control, bool wide, uint8_t source,
                          uint32_t length)
{
        uint32_t response;

        if (!wide) {
                response = (source & GROUP) | (control & POLL_FINAL);
                put(printer, "Unnumbered, ");
                put_name(printer, unnumbered, "%02x", control & ~POLL_FINAL & 0xffu);
        } else {
                response = (source & GROUP) | (control & 0x100 ? POLL_FINAL : 0);
                if ((control & FORMAT_MASK) == SUPERVISORY) {
                        putf(printer, "Supervisory, %s, rcv seq %u",
                             name_or(supervisory, control >> 2 & 3, "?"), (unsigned)control >> 9);
                } else {
                        putf(printer, "Information, send seq %u, rcv seq %u", control >> 1 & 0x7fu,
                             (unsigned)control >> 9);
                }
        }
        putf(printer, ", Flags [%s], length %u", name_or(responses, response, "?"), length);
}

/* Exchange identification: the classes of service and the window, IEEE 802.2, 5.4.1.1.2. */
static bool exchange_print(struct printer *printer, struct packet packet)
{
        packet = packet_claimed(packet);
        if (packet.length == 0)
                return true;
        if (has(packet, 0, 1) && packet.data[0] != XID_FORMAT)
                return false;
        if (has(packet, 0, 3)) {
                putf(printer, ": %02x %02x", packet.data[1], packet.data[2]);
        } else {
                put_truncated(printer);
                dump_hex_ascii(printer, "\n\t", packet, packet.captured);
        }
        return true;
}

/* Too short for its own header: shown whole, whatever the options say. */
static bool cut_print(struct printer *printer, struct packet packet)
{
        packet = packet_claimed(packet);
        put_truncated(printer);
        dump_hex_ascii(printer, "\n\t", packet, packet.captured);
        header_add(printer, packet.captured);
        return true;
}

bool llc_print(struct printer *printer, struct packet packet, struct stations stations)
{
        uint8_t destination, source, name;
        uint16_t control;
        uint32_t header = 3;
        bool wide;

        printer->stations = stations;
        printer->protocol = "llc";
        if (packet.captured < 3 || packet.length < 3)
                return cut_print(printer, packet);
        destination = get8(printer, packet, 0);
        source = get8(printer, packet, 1);
        control = get8(printer, packet, 2);
        wide = (control & FORMAT_MASK) != UNNUMBERED;
        if (wide) {
                if (packet.captured < 4 || packet.length < 4)
                        return cut_print(printer, packet);
                control = (uint16_t)(control | get8(printer, packet, 3) << 8);
                header = 4;
        }
        if (source == SAP_GLOBAL && destination == SAP_GLOBAL) {
                /* Novell's raw frames have no such header: this is a checksum field of ones. */
                if (printer->options.link_header)
                        put_as(printer, ROLE_PROTOCOL, "IPX 802.3: ");
                return protocol_print(printer, LLC_SAP, SAP_IPX, packet);
        }
        header_add(printer, header);
        name = destination & ~GROUP;
        if (printer->options.link_header) {
                put_as(printer, ROLE_PROTOCOL, "LLC");
                putf(printer, ", dsap %s (0x%02x) %s, ", name_or(saps, name, "Unknown"), name,
                     destination & GROUP ? "Group" : "Individual");
                putf(printer, "ssap %s (0x%02x) %s, ctrl 0x",
                     name_or(saps, source & ~GROUP, "Unknown"), source & ~GROUP,
                     source & GROUP ? "Response" : "Command");
                put_hex(printer, control, wide ? 4 : 2);
                put(printer, ": ");
        }
        if ((source & ~GROUP) == SAP_SNAP && name == SAP_SNAP && control == UI) {
                header_add(printer, SNAP_HEADER);
                return snap_print(printer, packet_from(packet, header), stations, BRIDGE_PADDING);
        }
        if ((source & ~GROUP) == name && name == SAP_IPX && control == UI &&
            printer->options.link_header)
                put_as(printer, ROLE_PROTOCOL, "IPX 802.2: ");
        if ((source & ~GROUP) == name && control == UI &&
            protocol_print(printer, LLC_SAP, name, packet_from(packet, header)))
                return true;
        put_endpoints(printer, stations, source, name);
        control_print(printer, control, wide, source, packet.length);
        if (wide)
                return (control & FORMAT_MASK) == SUPERVISORY;
        if ((control & ~POLL_FINAL) == XID)
                return exchange_print(printer, packet_from(packet, header));
        return false;
}
