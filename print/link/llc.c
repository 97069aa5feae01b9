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
        POLL_FINAL = 0x10,
        OUI_ETHERNET = 0x000000,
        OUI_CISCO = 0x00000c,
        OUI_CISCO_BRIDGED = 0x0000f8,
};

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

/* Dumps leave out this header too, but not where there is no frame around it (cooked captures). */
static void header_add(struct printer *printer, struct stations stations, uint32_t size)
{
        if (stations.source && printer->tunnels == 0)
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

/* Returns true if the payload was printed. */
static bool snap_print(struct printer *printer, struct packet packet, struct stations stations)
{
        uint32_t oui;
        uint16_t type;
        struct packet inner = packet_from(packet, 5);
        const char *type_name;
        bool ethernet;

        printer->protocol = "snap";
        header_add(printer, stations, 5);
        need(printer, packet, 0, 5);
        oui = get24(printer, packet, 0);
        type = get16(printer, packet, 3);
        type_name = name_or(ethertype_names, type, "Unknown");
        ethernet = oui == OUI_ETHERNET || oui == OUI_CISCO_BRIDGED;
        if (printer->options.link_header)
                putf(printer, "oui %s (0x%06x), %s %s (0x%04x), length %u: ",
                     name_or(oui_names, oui, "Unknown"), oui, ethernet ? "ethertype" : "pid",
                     ethernet ? type_name : "Unknown", type, inner.length);
        if (ethernet && protocol_print(printer, ETHERTYPE, type, inner))
                return true;
        if (!printer->options.link_header) {
                put_stations(printer, stations);
                put(printer, "SNAP, ");
                if (ethernet)
                        putf(printer, "ethertype %s", type_name);
                else
                        putf(printer, "oui %s (0x%06x), pid Unknown",
                             name_or(oui_names, oui, "Unknown"), oui);
                putf(printer, " (0x%04x), length %u: ", type, inner.length);
        }
        return printer->options.quiet;
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
                put_name(printer, saps, "Unknown SSAP 0x%02x", source_name);
                put_char(printer, ' ');
        }
        if (stations.source || source_name != destination)
                put(printer, "> ");
        if (stations.destination) {
                put_ethernet(printer, stations.destination);
                put_char(printer, ' ');
        }
        put_name(printer, saps, "Unknown DSAP 0x%02x", destination);
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

/* Too short for its own header: shown whole, whatever the options say. */
static bool cut_print(struct printer *printer, struct packet packet, struct stations stations)
{
        put_truncated(printer);
        dump_hex_ascii(printer, "\n\t", packet, packet.captured);
        header_add(printer, stations, packet.captured);
        return true;
}

bool llc_print(struct printer *printer, struct packet packet, struct stations stations)
{
        uint8_t destination, source, name;
        uint16_t control;
        uint32_t header = 3;
        bool wide;

        printer->protocol = "llc";
        if (packet.captured < 3)
                return cut_print(printer, packet, stations);
        destination = get8(printer, packet, 0);
        source = get8(printer, packet, 1);
        control = get8(printer, packet, 2);
        wide = (control & FORMAT_MASK) != UNNUMBERED;
        if (wide) {
                if (packet.captured < 4)
                        return cut_print(printer, packet, stations);
                control = (uint16_t)(control | get8(printer, packet, 3) << 8);
                header = 4;
        }
        header_add(printer, stations, header);
        name = destination & ~GROUP;
        if (printer->options.link_header) {
                putf(printer, "LLC, dsap %s (0x%02x) %s, ", name_or(saps, name, "Unknown"), name,
                     destination & GROUP ? "Group" : "Individual");
                putf(printer, "ssap %s (0x%02x) %s, ctrl 0x",
                     name_or(saps, source & ~GROUP, "Unknown"), source & ~GROUP,
                     source & GROUP ? "Response" : "Command");
                put_hex(printer, control, wide ? 4 : 2);
                put(printer, ": ");
        }
        if ((source & ~GROUP) == SAP_SNAP && name == SAP_SNAP && control == UI)
                return snap_print(printer, packet_from(packet, header), stations);
        if ((source & ~GROUP) == name && control == UI &&
            protocol_print(printer, LLC_SAP, name, packet_from(packet, header)))
                return true;
        put_endpoints(printer, stations, source, name);
        control_print(printer, control, wide, source, packet.length);
        return printer->options.quiet || (wide && (control & FORMAT_MASK) == SUPERVISORY);
}
