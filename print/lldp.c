/* The link layer discovery protocol, IEEE 802.1AB: the system's name, and with -v all there is. */
#include "print/internal.h"

enum tlv {
        END = 0,
        CHASSIS = 1,
        PORT = 2,
        LIFETIME = 3,
        PORT_DESCRIPTION = 4,
        SYSTEM_NAME = 5,
        SYSTEM_DESCRIPTION = 6,
        CAPABILITIES = 7,
        MANAGEMENT = 8,
        ORGANIZATION = 127,
};

enum { OUI_BRIDGED = 0x0080c2, OUI_802_3 = 0x00120f, OUI_MEDIA = 0x0012bb };

static const struct name tlvs[] = {
    {END, "End"},
    {CHASSIS, "Chassis ID"},
    {PORT, "Port ID"},
    {LIFETIME, "Time to Live"},
    {PORT_DESCRIPTION, "Port Description"},
    {SYSTEM_NAME, "System Name"},
    {SYSTEM_DESCRIPTION, "System Description"},
    {CAPABILITIES, "System Capabilities"},
    {MANAGEMENT, "Management Address"},
    {ORGANIZATION, "Organization specific"},
    {0, NULL},
};

static const struct name ouis[] = {
    {0x000000, "Ethernet"},
    {0x00000c, "Cisco"},
    {0x000142, "Cisco"},
    {0x0000f8, "Cisco bridged"},
    {OUI_BRIDGED, "Ethernet bridged"},
    {0x00a03e, "ATM Forum"},
    {0x00400b, "Cable Broadband"},
    {0x080007, "Appletalk"},
    {0x009069, "Juniper"},
    {OUI_802_3, "IEEE 802.3 Private"},
    {OUI_MEDIA, "ANSI/TIA"},
    {0x001018, "Broadcom"},
    {0x000ecf, "PROFIBUS"},
    {0, NULL},
};

static const struct name chassis_kinds[] = {
    {1, "Chassis component"}, {2, "Interface alias"}, {3, "Port component"}, {4, "MAC address"},
    {5, "Network address"},   {6, "Interface name"},  {7, "Local"},          {0, NULL},
};

static const struct name port_kinds[] = {
    {1, "Interface alias"}, {2, "Port component"},   {3, "MAC address"}, {4, "Network Address"},
    {5, "Interface Name"},  {6, "Agent circuit ID"}, {7, "Local"},       {0, NULL},
};

static const struct name capabilities[] = {
    {0x01, "Other"},   {0x02, "Repeater"},     {0x04, "Bridge"},
    {0x08, "WLAN AP"}, {0x10, "Router"},       {0x20, "Telephone"},
    {0x40, "Docsis"},  {0x80, "Station Only"}, {0, NULL},
};

static const struct name families[] = {{1, "IPv4"}, {2, "IPv6"}, {0, NULL}};

/* A TLV's value; reading past its end is reading past the packet. */
static void put_text(struct printer *printer, struct view view, uint32_t offset)
{
        for (; offset < view.length; offset++)
                put_visible(printer, get8(printer, view, offset));
}

/* An address family and an address. */
static bool put_address(struct printer *printer, struct view view, uint32_t offset, uint32_t size)
{
        uint8_t family;

        if (size < 1)
                return false;
        family = get8(printer, view, offset);
        put(printer, "AFI ");
        put_name(printer, families, "Unknown", family);
        putf(printer, " (%u)", family);
        if ((family == 1 && size < 5) || (family == 2 && size < 17))
                return false;
        if (family == 1 || family == 2) {
                put(printer, ": ");
                if (family == 1)
                        put_ipv4(printer, bytes_at(printer, view, offset + 1, 4));
                else
                        put_ipv6(printer, bytes_at(printer, view, offset + 1, 16));
        } else {
                printer->protocol = "lldp";
                put(printer, ": no AFI printer");
        }
        return true;
}

static bool identity_print(struct printer *printer, struct view view, const struct name *kinds,
                           uint8_t mac, uint8_t network)
{
        uint8_t kind;

        if (view.length < 2)
                return false;
        kind = get8(printer, view, 0);
        put(printer, "\n\t  Subtype ");
        put_name(printer, kinds, "Unknown", kind);
        putf(printer, " (%u): ", kind);
        if (kind == mac) {
                if (view.length < 7)
                        return false;
                put_ethernet(printer, bytes_at(printer, view, 1, 6));
        } else if (kind == network) {
                return put_address(printer, view, 1, view.length - 1);
        } else if (kind >= 1 && kind <= 7) {
                put_text(printer, view, 1);
        } else {
                dump_hex(printer, "\n\t  ", view_from(view, 1), view.length - 1);
        }
        return true;
}

static bool management_print(struct printer *printer, struct view view)
{
        static const struct name numberings[] = {
            {2, "Interface Index"}, {3, "System Port Number"}, {0, NULL}};
        uint32_t size, at, object;

        if (view.length < 1)
                return false;
        size = get8(printer, view, 0);
        putf(printer, "\n\t  Management Address length %u", size);
        if (view.length < size + 1)
                return false;
        put(printer, ", ");
        if (!put_address(printer, view, 1, size))
                return false;
        at = 1 + size;
        if (view.length - at < 5)
                return false;
        put(printer, "\n\t  ");
        put_name(printer, numberings, "Unknown", get8(printer, view, at));
        putf(printer, " Interface Numbering (%u): %u", get8(printer, view, at),
             get32(printer, view, at + 1));
        at += 5;
        if (view.length - at < 1)
                return true;
        object = get8(printer, view, at);
        if (object == 0)
                return true;
        if (view.length - at - 1 < object)
                return false;
        putf(printer, "\n\t  OID length %u: ", object);
        for (uint32_t i = 0; i < object; i++)
                put_visible(printer, get8(printer, view, at + 1 + i));
        return true;
}

static bool bridged_print(struct printer *printer, struct view view)
{
        static const struct name kinds[] = {{1, "Port VLAN Id"},
                                            {2, "Port and Protocol VLAN ID"},
                                            {3, "VLAN name"},
                                            {4, "Protocol Identity"},
                                            {8, "Congestion Notification"},
                                            {9, "ETS Configuration"},
                                            {10, "ETS Recommendation"},
                                            {11, "Priority Flow Control Configuration"},
                                            {12, "Application Priority"},
                                            {15, "EVB"},
                                            {14, "CDCP"},
                                            {0, NULL}};
        static const struct name port_flags[] = {{2, "supported"}, {4, "enabled"}, {0, NULL}};
        uint8_t kind = get8(printer, view, 3);

        put(printer, "\n\t  ");
        put_name(printer, kinds, "unknown", kind);
        putf(printer, " Subtype (%u)", kind);
        switch (kind) {
        case 1:
                if (view.length < 6)
                        return false;
                putf(printer, "\n\t    port vlan id (PVID): %u", get16(printer, view, 4));
                return true;
        case 2:
                if (view.length < 7)
                        return false;
                putf(printer, "\n\t    port and protocol vlan id (PPVID): %u, flags [",
                     get16(printer, view, 5));
                put_flags(printer, port_flags, ", ", get8(printer, view, 4));
                putf(printer, "] (0x%02x)", get8(printer, view, 4));
                return true;
        case 3:
                if (view.length < 6)
                        return false;
                putf(printer, "\n\t    vlan id (VID): %u", get16(printer, view, 4));
                if (view.length < 7u + get8(printer, view, 6))
                        return false;
                put(printer, "\n\t    vlan name: ");
                put_text(printer, view_cut(view, 7u + view.data[6]), 7);
                return true;
        case 4:
                if (view.length < 5u + get8(printer, view, 4))
                        return false;
                put(printer, "\n\t    protocol identity: ");
                put_text(printer, view_cut(view, 5u + view.data[4]), 5);
                return true;
        default: return true;
        }
}

static bool private_print(struct printer *printer, struct view view)
{
        static const struct name kinds[] = {{1, "MAC/PHY configuration/status"},
                                            {2, "Power via MDI"},
                                            {3, "Link aggregation"},
                                            {4, "Max frame size"},
                                            {0, NULL}};
        static const struct name aggregation[] = {{1, "supported"}, {2, "enabled"}, {0, NULL}};
        uint8_t kind = get8(printer, view, 3);

        put(printer, "\n\t  ");
        put_name(printer, kinds, "unknown", kind);
        putf(printer, " Subtype (%u)", kind);
        switch (kind) {
        case 3:
                if (view.length < 9)
                        return false;
                put(printer, "\n\t    aggregation status [");
                put_flags(printer, aggregation, ", ", get8(printer, view, 4));
                putf(printer, "], aggregation port ID %u", get32(printer, view, 5));
                return true;
        case 4:
                if (view.length < 6)
                        return false;
                putf(printer, "\n\t    MTU size %u", get16(printer, view, 4));
                return true;
        default: return true;
        }
}

static bool organization_print(struct printer *printer, struct view view)
{
        uint32_t oui;

        if (view.length < 4)
                return false;
        oui = get24(printer, view, 0);
        put(printer, ": OUI ");
        put_name(printer, ouis, "Unknown", oui);
        putf(printer, " (0x%06x)", oui);
        if (oui == OUI_BRIDGED)
                return bridged_print(printer, view);
        if (oui == OUI_802_3)
                return private_print(printer, view);
        if (printer->options.verbose < 2)
                dump_hex(printer, "\n\t  ", view, view.length);
        return true;
}

static bool value_print(struct printer *printer, struct view view, uint8_t type)
{
        switch (type) {
        case CHASSIS: return identity_print(printer, view, chassis_kinds, 4, 5);
        case PORT: return identity_print(printer, view, port_kinds, 3, 4);
        case LIFETIME:
                if (view.length < 2)
                        return false;
                putf(printer, ": TTL %us", get16(printer, view, 0));
                return true;
        case PORT_DESCRIPTION:
        case SYSTEM_NAME:
                put(printer, ": ");
                put_text(printer, view, 0);
                return true;
        case SYSTEM_DESCRIPTION:
                put(printer, "\n\t  ");
                put_text(printer, view, 0);
                return true;
        case CAPABILITIES:
                if (view.length < 4)
                        return false;
                put(printer, "\n\t  System  Capabilities [");
                put_flags(printer, capabilities, ", ", get16(printer, view, 0));
                putf(printer, "] (0x%04x)\n\t  Enabled Capabilities [", get16(printer, view, 0));
                put_flags(printer, capabilities, ", ", get16(printer, view, 2));
                putf(printer, "] (0x%04x)", get16(printer, view, 2));
                return true;
        case MANAGEMENT: return management_print(printer, view);
        case ORGANIZATION: return organization_print(printer, view);
        case END: return true;
        default:
                if (printer->options.verbose < 2)
                        dump_hex(printer, "\n\t  ", view, view.length);
                return true;
        }
}

void lldp_print(struct printer *printer, struct view view)
{
        bool verbose = printer->options.verbose > 0;

        printer->protocol = "lldp";
        putf(printer, "LLDP, length %u", view.length);
        while (view.length >= 2) {
                struct view value = view_from(view, 2);
                uint16_t tag;
                uint8_t type;

                need(printer, view, 0, 2);
                tag = get16(printer, view, 0);
                type = (uint8_t)(tag >> 9);
                if (verbose) {
                        put(printer, "\n\t");
                        put_name(printer, tlvs, "Unknown", type);
                        putf(printer, " TLV (%u), length %u", type, tag & 511u);
                }
                if (value.length < (tag & 511u)) {
                        put_truncated(printer);
                        return;
                }
                value = view_cut(value, tag & 511u);
                need(printer, value, 0, value.length);
                if (!verbose && type == SYSTEM_NAME) {
                        put(printer, ": ");
                        put_text(printer, value, 0);
                }
                if (verbose && !value_print(printer, value, type)) {
                        put_truncated(printer);
                        return;
                }
                if (printer->options.verbose > 1)
                        dump_hex(printer, "\n\t  ", value, value.length);
                if (type == END)
                        return;
                view = view_from(view, 2u + value.length);
        }
}
