/* Ethernet: the header, IEEE 802.1Q tags, and the EtherTypes. */
#include "print/internal.h"

enum { HEADER = 14, TAG = 4 };

/* The names shown for EtherTypes, whether or not there is a dissector. */
const struct name ethertype_names[] = {
    {0x8100, "802.1Q"},
    {0x88a8, "802.1Q-QinQ"},
    {0x9100, "802.1Q-9100"},
    {0x9200, "802.1Q-9200"},
    {0x880b, "PPP"},
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

static const struct {
        uint16_t type;
        void (*print)(struct printer *printer, struct view view);
} ethertypes[] = {
    {ETHERTYPE_IPV4, ipv4_print}, {ETHERTYPE_IPV6, ipv6_print}, {ETHERTYPE_ARP, arp_print},
    {0x8035, arp_print},          {0x8847, mpls_print},         {0x8848, mpls_print},
    {0x8863, pppoe_print},        {0x8864, pppoe_print},        {0x888e, eapol_print},
    {0x88cc, lldp_print},
};

bool ethertype_print(struct printer *printer, uint16_t type, struct view view)
{
        for (size_t i = 0; i < sizeof ethertypes / sizeof *ethertypes; i++) {
                if (ethertypes[i].type == type) {
                        ethertypes[i].print(printer, view);
                        return true;
                }
        }
        return false;
}

/* "ethertype IPv4 (0x0800)", shorter with -q. */
static void put_type(struct printer *printer, uint16_t type)
{
        const char *name = name_find(ethertype_names, type);

        if (!printer->options.quiet) {
                put(printer, "ethertype ");
                put(printer, name ? name : "Unknown");
                put(printer, " (0x");
                put_hex(printer, type, 4);
                put_char(printer, ')');
        } else if (name) {
                put(printer, name);
        } else {
                putf(printer, "Unknown Ethertype (0x%04x)", type);
        }
}

static void put_stations(struct printer *printer, struct stations stations)
{
        put_ethernet(printer, stations.source);
        put(printer, " > ");
        put_ethernet(printer, stations.destination);
        put(printer, ", ");
}

/* What the type field says, and with the outermost header how long the frame is. */
static void put_type_field(struct printer *printer, uint16_t type, bool outermost, uint32_t length)
{
        if (type > ETHERNET_MAX_LENGTH) {
                put_type(printer, type);
                put(printer, ", ");
        } else {
                put(printer, "802.3");
                if (outermost)
                        put(printer, ", ");
                length = length - HEADER < type ? length - HEADER : type;
        }
        if (!outermost)
                return;
        put_labelled(printer, "length ", length);
        put(printer, ": ");
}

/* Tag control: priority, drop eligible, VLAN number. IEEE 802.1Q, 9.6. */
void vlan_tag_print(struct printer *printer, uint16_t tag)
{
        putf(printer, "vlan %u, p %u%s, ", tag & 0xfffu, (unsigned)tag >> 13,
             tag & 0x1000 ? ", DEI" : "");
}

void ethernet_print(struct printer *printer, struct view frame)
{
        struct view inner = view_from(frame, HEADER);
        uint32_t *link_header = printer->tunnels ? &(uint32_t){0} : &printer->link_header;
        bool shown = printer->options.link_header;
        struct stations stations;
        uint16_t type;

        printer->protocol = "ether";
        *link_header = HEADER;
        need(printer, frame, 0, HEADER);
        stations = (struct stations){frame.data + 6, frame.data};
        type = get16(printer, frame, 12);
        if (shown)
                put_stations(printer, stations);
        while (net_is_vlan(type)) {
                uint16_t tag;

                printer->protocol = "vlan";
                *link_header += TAG;
                need(printer, inner, 0, TAG);
                if (shown)
                        put_type_field(printer, type, *link_header == HEADER + TAG, frame.length);
                tag = get16(printer, inner, 0);
                type = get16(printer, inner, 2);
                if (shown)
                        vlan_tag_print(printer, tag);
                inner = view_from(inner, TAG);
        }
        if (shown)
                put_type_field(printer, type, *link_header == HEADER, frame.length);
        if (type <= ETHERNET_MAX_LENGTH) {
                if (inner.length > type)
                        inner = view_cut(inner, type);
                if (!llc_print(printer, inner, stations))
                        put_unknown(printer, inner, inner.captured);
        } else if (!ethertype_print(printer, type, inner)) {
                if (!shown) {
                        put_stations(printer, stations);
                        put_type_field(printer, type, true, frame.length);
                }
                if (!printer->options.quiet)
                        put_unknown(printer, inner, inner.captured);
        }
}

void ethernet_print_inside(struct printer *printer, struct view view)
{
        printer->tunnels++;
        ethernet_print(printer, view);
        printer->tunnels--;
}
