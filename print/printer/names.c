/* Numbers with names, and the tables that more than one protocol uses. */
#include "printer.h"

/* https://www.iana.org/assignments/ieee-802-numbers */
const struct name ethertype_names[] = {
    {0x8100, "802.1Q"},
    {0x88a8, "802.1Q-QinQ"},
    {0x9100, "802.1Q-9100"},
    {0x9200, "802.1Q-9200"},
    {0x880b, "PPP"},
    {0x00fe, "GRE-OSI"},
    {0x0200, "PUP"},
    {0x0500, "Sprite"},
    {0x0600, "NS"},
    {0x0707, "GeoNet (old)"},
    {0x0800, "IPv4"},
    {0x0806, "ARP"},
    {0x1000, "Trail"},
    {0x1111, "CALM FAST"},
    {0x6001, "MOP DL"},
    {0x6002, "MOP RC"},
    {0x6003, "DN"},
    {0x6004, "LAT"},
    {0x6007, "SCA"},
    {0x6558, "TEB"},
    {0x8035, "Reverse ARP"},
    {0x8038, "Lanbridge"},
    {0x803c, "DEC DNS"},
    {0x803e, "DEC DTS"},
    {0x805b, "VEXP"},
    {0x805c, "VPROD"},
    {0x809b, "Appletalk"},
    {0x80f3, "Appletalk ARP"},
    {0x8137, "IPX"},
    {0x86dd, "IPv6"},
    {0x8808, "MPCP"},
    {0x8809, "Slow Protocols"},
    {0x8847, "MPLS unicast"},
    {0x8848, "MPLS multicast"},
    {0x8863, "PPPoE D"},
    {0x8864, "PPPoE S"},
    {0x886f, "MS NLB heartbeat"},
    {0x8870, "Jumbo"},
    {0x888e, "EAPOL"},
    {0x8899, "Realtek protocols"},
    {0x88a2, "AoE"},
    {0x88ca, "TIPC"},
    {0x88cc, "LLDP"},
    {0x88e5, "802.1AE MACsec"},
    {0x88f7, "PTP"},
    {0x8902, "CFM"},
    {0x893a, "IEEE1905.1"},
    {0x8947, "GeoNet"},
    {0x894f, "NSH"},
    {0x9000, "Loopback"},
    {0xabcd, "CFM (old)"},
    {0xd28b, "Arista Vendor Specific Protocol"},
    {0xfefe, "OSI"},
    {0, NULL},
};

/* https://www.iana.org/assignments/enterprise-numbers, those that PPP and RADIUS name. */
const struct name enterprise_names[] = {{0, "IETF (reserved)"},
                                        {5, "ACC"},
                                        {9, "Cisco"},
                                        {11, "Hewlett Packard"},
                                        {42, "Sun Microsystems"},
                                        {61, "Merit"},
                                        {74, "AT&T"},
                                        {161, "Motorola"},
                                        {166, "Shiva"},
                                        {193, "Ericsson AB"},
                                        {255, "Cisco VPN 5000"},
                                        {307, "Livingston"},
                                        {311, "Microsoft"},
                                        {429, "3Com"},
                                        {529, "Ascend"},
                                        {1584, "Bay Networks"},
                                        {1991, "Foundry"},
                                        {2180, "Versanet"},
                                        {2352, "Redback"},
                                        {2636, "Juniper Networks"},
                                        {2637, "Aptis"},
                                        {2937, "Deutsche Telekom AG"},
                                        {3054, "Ixia Communications"},
                                        {3076, "Cisco VPN 3000"},
                                        {3085, "CoSine Communications"},
                                        {3199, "Shasta"},
                                        {3224, "Netscreen"},
                                        {3309, "Nomadix"},
                                        {3414, "T-Mobile"},
                                        {3561, "The Broadband Forum"},
                                        {3902, "ZTE"},
                                        {4329, "Siemens"},
                                        {4491, "CableLabs"},
                                        {4874, "Unisphere Networks"},
                                        {5263, "Cisco BBSM"},
                                        {5535, "3rd Generation Partnership Project 2 (3GPP2)"},
                                        {5806, "SK Telecom"},
                                        {5925, "ipUnplugged"},
                                        {5948, "Issanni Communications"},
                                        {5951, "Netscaler"},
                                        {6490, "T-Mobile"},
                                        {6618, "Quintum"},
                                        {6728, "Interlink"},
                                        {7951, "CNCTC"},
                                        {8164, "Starent Networks"},
                                        {8744, "Colubris"},
                                        {10415, "3GPP"},
                                        {10529, "Gemtek-Systems"},
                                        {10704, "Barracuda Networks"},
                                        {10923, "Ericsson AB - Packet Core Networks"},
                                        {11665, "dacom"},
                                        {11862, "Columbia University"},
                                        {12356, "Fortinet"},
                                        {12951, "Verizon Wireless"},
                                        {13745, "Plixer"},
                                        {14122, "Wi-Fi Alliance"},
                                        {16787, "T-Systems Nova"},
                                        {20942, "China Telecom - Guangzhou Research Institute"},
                                        {26866, "Gigamon Systems"},
                                        {0, NULL}};

/* https://www.iana.org/assignments/address-family-numbers */
const struct name address_family_names[] = {
    {0, "Reserved"},
    {1, "IPv4"},
    {2, "IPv6"},
    {3, "NSAP"},
    {4, "HDLC"},
    {5, "BBN 1822"},
    {6, "802"},
    {7, "E.163"},
    {8, "E.164"},
    {9, "F.69"},
    {10, "X.121"},
    {11, "Novell IPX"},
    {12, "Appletalk"},
    {13, "Decnet IV"},
    {14, "Banyan Vines"},
    {15, "E.164 with NSAP subaddress"},
    {25, "VPLS"},
    {196, "Layer-2 VPN"},
    {0, NULL},
};

/* https://standards-oui.ieee.org/oui/oui.txt, those that tcpdump names. */
const struct name oui_names[] = {{0x000000, "Ethernet"},
                                 {0x00000c, "Cisco"},
                                 {0x00005e, "IANA"},
                                 {0x000081, "Nortel Networks SONMP"},
                                 {0x0000f8, "Cisco bridged"},
                                 {0x00049f, "Freescale"},
                                 {0x0004ea, "HP-Labs"},
                                 {0x001018, "Broadcom"},
                                 {0x00120f, "IEEE 802.3 Private"},
                                 {0x0012bb, "ANSI/TIA"},
                                 {0x0015ad, "Netronome"},
                                 {0x001b21, "DCBX"},
                                 {0x002320, "Nicira Networks"},
                                 {0x002481, "HP"},
                                 {0x0080c2, "Ethernet bridged"},
                                 {0x009069, "Juniper"},
                                 {0x00a03e, "ATM Forum"},
                                 {0x00e004, "PMC-Sierra"},
                                 {0x00e02f, "DOCSIS Spanning Tree"},
                                 {0x080007, "Appletalk"},
                                 {0x080009, "Hewlett-Packard"},
                                 {0x5c16c7, "Big Switch Networks"},
                                 {0x748771, "Infoblox Inc"},
                                 {0xa42305, "Open Networking Lab"},
                                 {0xb0d2f5, "Vello Systems"},
                                 {0xd0f0db, "Ericsson"},
                                 {0, NULL}};

const char *name_find(const struct name *table, uint32_t value)
{
        for (; table->name; table++)
                if (table->value == value)
                        return table->name;
        return NULL;
}

const char *name_or(const struct name *table, uint32_t value, const char *unknown)
{
        const char *name = name_find(table, value);

        return name ? name : unknown;
}

void put_name(struct printer *printer, const struct name *table, const char *unknown,
              uint32_t value)
{
        const char *name = name_find(table, value);

        if (name) {
                put(printer, name);
                return;
        }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
        putf(printer, unknown, value);
#pragma GCC diagnostic pop
}

void put_name_as(struct printer *printer, enum role role, const struct name *table,
                 const char *unknown, uint32_t value)
{
        size_t start = span_start(printer);

        put_name(printer, table, unknown, value);
        span_end(printer, role, start);
}

void put_flags(struct printer *printer, const struct name *table, const char *separator,
               uint32_t value)
{
        size_t start = span_start(printer);
        bool any = false;

        for (; table->name; table++) {
                if (table->value == 0 || (value & table->value) != table->value)
                        continue;
                if (any)
                        put(printer, separator);
                put(printer, table->name);
                any = true;
        }
        if (any)
                span_end(printer, ROLE_FLAGS, start);
        else
                put(printer, "none");
}

void put_flag_list(struct printer *printer, const char *title, const struct name *table,
                   uint32_t value)
{
        put(printer, title);
        put_flags(printer, table, ", ", value);
        put_char(printer, ']');
}

void put_frame_station(struct printer *printer, const uint8_t *address)
{
        enum { EUI64 = 8 };

        if (printer->stations_are_eui64)
                put_link_address(printer, (struct packet){address, EUI64, EUI64}, 0, EUI64);
        else
                put_ethernet(printer, address);
}

void put_ethernet(struct printer *printer, const uint8_t *address)
{
        const struct print_names *names = &printer->options.names;
        const char *name = names->station ? names->station(names->context, address) : NULL;
        uint32_t maker = (uint32_t)address[0] << 16 | (uint32_t)address[1] << 8 | address[2];

        if (name) {
                size_t start = span_start(printer);

                put_utf8(printer, name, strlen(name));
                span_end(printer, ROLE_ADDRESS, start);
                return;
        }
        put_ethernet_numeric(printer, address);
        if (names->station)
                putf(printer, " (oui %s)", name_or(oui_names, maker, "Unknown"));
}
