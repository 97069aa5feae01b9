/* Ethernet: the header and IEEE 802.1Q tags. */
#include "link.h"

enum { HEADER = 14, TAG = 4 };

/* "ethertype IPv4 (0x0800)", shorter with -q. */
static void put_type(struct printer *printer, uint16_t type)
{
        if (printer->options.quiet) {
                put_name(printer, ethertype_names, "Unknown Ethertype (0x%04x)", type);
                return;
        }
        put(printer, "ethertype ");
        put(printer, name_or(ethertype_names, type, "Unknown"));
        put(printer, " (0x");
        put_hex(printer, type, 4);
        put_char(printer, ')');
}

static void put_stations(struct printer *printer, struct stations stations)
{
        put_ethernet(printer, stations.source);
        put(printer, " > ");
        put_ethernet(printer, stations.destination);
        put(printer, ", ");
}

/* The type field, and for the outermost header the length of the frame. */
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

void ethernet_print(struct printer *printer, struct packet frame)
{
        struct packet inner = packet_from(frame, HEADER);
        uint32_t *link_header = printer->tunnels ? &(uint32_t){0} : &printer->link_header;
        bool shown = printer->options.link_header;
        struct stations stations;
        uint16_t type;

        printer->protocol = "ether";
        *link_header = HEADER;
        need(printer, frame, 0, HEADER);
        stations = (struct stations){frame.data + 6, frame.data};
        printer->stations = stations;
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
                inner = packet_from(inner, TAG);
        }
        if (shown)
                put_type_field(printer, type, *link_header == HEADER, frame.length);
        if (type <= ETHERNET_MAX_LENGTH) {
                if (inner.length > type)
                        inner = packet_cut(inner, type);
                if (!llc_print(printer, inner, stations))
                        put_unknown(printer, inner, inner.captured);
        } else if (!protocol_print(printer, ETHERTYPE, type, inner)) {
                if (!shown) {
                        put_stations(printer, stations);
                        put_type_field(printer, type, true, frame.length);
                }
                if (!printer->options.quiet)
                        put_unknown(printer, inner, inner.captured);
        }
}

void ethernet_print_inside(struct printer *printer, struct packet packet)
{
        printer->tunnels++;
        ethernet_print(printer, packet);
        printer->tunnels--;
}

/* Bridged, RFC 2684: two bytes of padding before the frame. */
void ethernet_print_bridged(struct printer *printer, struct packet packet)
{
        enum { PADDING = 2 };

        ethernet_print_inside(printer, packet_from(packet, PADDING));
}

/* As an IP protocol, RFC 8986. */
void ethernet_ip_print(struct printer *printer, struct packet packet)
{
        if (printer->network->version == 6)
                ethernet_print_inside(printer, packet);
        else
                put(printer, "[Ethernet requires IPv6] (invalid)");
}
