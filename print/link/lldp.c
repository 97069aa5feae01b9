/* The link layer discovery protocol, IEEE 802.1AB: the system's name, and with -v all there is.
 * What organizations add is in lldp_organization.c. */
#include "lldp.h"

#include <stdio.h>

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

enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2, FAMILY_802 = 6 };

/* "AFI IPv4 (1): 192.0.2.1". False if the address is not all there. */
static bool put_address(struct printer *printer, struct packet packet, const char *before)
{
        uint8_t family;

        if (packet.length < 1)
                return false;
        family = get8(printer, packet, 0);
        if ((family == FAMILY_IPV4 && packet.length < 5) ||
            (family == FAMILY_IPV6 && packet.length < 17) ||
            (family == FAMILY_802 && packet.length < 7))
                return false;
        putf(printer, "%sAFI %s (%u)", before, name_or(address_family_names, family, "Unknown"),
             family);
        switch (family) {
        case FAMILY_IPV4: put_ipv4_labelled(printer, ": ", packet, 1); break;
        case FAMILY_IPV6: put_ipv6_labelled(printer, ": ", packet, 1); break;
        case FAMILY_802:
                put(printer, ": ");
                put_ethernet(printer, bytes_at(printer, packet, 1, 6));
                break;
        default: put(printer, ", no AF printer !");
        }
        return true;
}

/* A chassis or port ID. Their subtypes are numbered differently. */
static enum lldp_result identity_print(struct printer *printer, struct packet packet,
                                       const struct name *kinds, uint8_t mac, uint8_t network)
{
        uint8_t kind;

        if (packet.length < 2)
                return LLDP_CUT;
        kind = get8(printer, packet, 0);
        putf(printer, "\n\t  Subtype %s (%u): ", name_or(kinds, kind, "Unknown"), kind);
        if (kind == mac) {
                if (packet.length < 7)
                        return LLDP_CUT;
                put_ethernet(printer, bytes_at(printer, packet, 1, 6));
        } else if (kind == network) {
                return put_address(printer, packet_from(packet, 1), "") ? LLDP_SHOWN : LLDP_CUT;
        } else if (kind >= 1 && kind <= 7) {
                put_until_zero(printer, packet_from(packet, 1));
        } else {
                return LLDP_UNKNOWN;
        }
        return LLDP_SHOWN;
}

static enum lldp_result management_print(struct printer *printer, struct packet packet)
{
        static const struct name numberings[] = {
            {2, "Interface Index"}, {3, "System Port Number"}, {0, NULL}};
        char before[64];
        uint32_t size = get8(printer, packet, 0);
        uint8_t numbering;

        packet = packet_from(packet, 1);
        if (packet.length < size)
                return LLDP_CUT;
        snprintf(before, sizeof before, "\n\t  Management Address length %u, ", size);
        if (!put_address(printer, packet_cut(packet, size), before))
                return LLDP_CUT;
        packet = packet_from(packet, size);
        if (packet.length < 5)
                return LLDP_CUT;
        numbering = get8(printer, packet, 0);
        putf(printer, "\n\t  %s Interface Numbering (%u): %u",
             name_or(numberings, numbering, "Unknown"), numbering, get32(printer, packet, 1));
        packet = packet_from(packet, 5);
        if (packet.length == 0)
                return LLDP_SHOWN;
        size = get8(printer, packet, 0);
        packet = packet_from(packet, 1);
        if (packet.length < size)
                return LLDP_CUT;
        if (size > 0) {
                putf(printer, "\n\t  OID length %u", size);
                put_until_zero(printer, packet_cut(packet, size));
        }
        return LLDP_SHOWN;
}

static enum lldp_result value_print(struct printer *printer, struct packet packet, uint8_t type)
{
        switch (type) {
        case CHASSIS: return identity_print(printer, packet, chassis_kinds, 4, 5);
        case PORT: return identity_print(printer, packet, port_kinds, 3, 4);
        case LIFETIME:
                if (packet.length < 2)
                        return LLDP_CUT;
                putf(printer, ": TTL %us", get16(printer, packet, 0));
                return LLDP_SHOWN;
        case PORT_DESCRIPTION:
        case SYSTEM_NAME:
                put(printer, ": ");
                put_until_zero(printer, packet);
                return LLDP_SHOWN;
        case SYSTEM_DESCRIPTION:
                put(printer, "\n\t  ");
                put_until_zero(printer, packet);
                return LLDP_SHOWN;
        case CAPABILITIES:
                if (packet.length < 4)
                        return LLDP_CUT;
                put_flag_list(printer, "\n\t  System  Capabilities [", capabilities,
                              get16(printer, packet, 0));
                putf(printer, " (0x%04x)", get16(printer, packet, 0));
                put_flag_list(printer, "\n\t  Enabled Capabilities [", capabilities,
                              get16(printer, packet, 2));
                putf(printer, " (0x%04x)", get16(printer, packet, 2));
                return LLDP_SHOWN;
        case MANAGEMENT: return management_print(printer, packet);
        case ORGANIZATION: return lldp_organization_print(printer, packet);
        default: return LLDP_UNKNOWN;
        }
}

/* What -v shows of one TLV, and -vv in hex. False if it is cut. */
static bool tlv_print(struct printer *printer, struct packet value, uint8_t type)
{
        switch (value_print(printer, value, type)) {
        case LLDP_CUT: put_truncated(printer); return false;
        case LLDP_UNKNOWN: break;
        case LLDP_SHOWN:
                if (printer->options.verbose < 2)
                        return true;
        }
        dump_hex(printer, "\n\t  ", value, value.length);
        return true;
}

void lldp_print(struct printer *printer, struct packet packet)
{
        bool verbose = printer->options.verbose > 0;

        printer->protocol = "lldp";
        put_as(printer, ROLE_PROTOCOL, "LLDP");
        putf(printer, ", length %u", packet.length);
        while (packet.length >= 2) {
                struct packet value = packet_from(packet, 2);
                uint32_t size;
                uint8_t type;

                need(printer, packet, 0, 2);
                type = get8(printer, packet, 0) >> 1;
                size = get16(printer, packet, 0) & 511u;
                if (verbose)
                        putf(printer, "\n\t%s TLV (%u), length %u", name_or(tlvs, type, "Unknown"),
                             type, size);
                /* Only the end may be empty, and must be: anything else ends parsing. */
                if (type == END || size == 0)
                        return;
                if (size > value.length) {
                        put_truncated(printer);
                        return;
                }
                value = packet_cut(value, size);
                need(printer, value, 0, size);
                if (!verbose && type == SYSTEM_NAME) {
                        put(printer, ": ");
                        put_until_zero(printer, value);
                }
                if (verbose && !tlv_print(printer, value, type))
                        return;
                packet = packet_from(packet, 2 + size);
        }
}
