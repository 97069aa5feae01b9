/* Ethernet: the header and IEEE 802.1Q tags. */
#include "ethernet.h"
#include "link.h"

enum { ADDRESSES = 12, HEADER = 14, TAG = 4 };

/* "ethertype IPv4 (0x0800)", shorter with -q. */
static void put_type(struct printer *printer, uint16_t type)
{
        if (printer->options.quiet) {
                put_name_as(printer, ROLE_PROTOCOL, ethertype_names, "Unknown Ethertype (0x%04x)",
                            type);
                return;
        }
        put(printer, "ethertype ");
        put_as(printer, ROLE_PROTOCOL, name_or(ethertype_names, type, "Unknown"));
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

/* The type field, and the first time the length of the frame; or of what follows, where the field
 * is a length. */
static void put_type_field(struct printer *printer, struct ethernet *ethernet, uint16_t type)
{
        uint32_t length = ethernet->length;

        if (type > ETHERNET_MAX_LENGTH) {
                put_type(printer, type);
                put(printer, ", ");
        } else {
                put_as(printer, ROLE_PROTOCOL, "802.3");
                if (!ethernet->length_shown)
                        put(printer, ", ");
                length = ethernet->inner.length < type ? ethernet->inner.length : type;
        }
        if (ethernet->length_shown)
                return;
        put_number_as(printer, ROLE_LENGTH, "length ", length);
        put(printer, ": ");
        ethernet->length_shown = true;
}

/* Tag control: priority, drop eligible, VLAN number. IEEE 802.1Q, 9.6. */
void vlan_tag_print(struct printer *printer, uint16_t tag)
{
        putf(printer, "vlan %u, p %u%s, ", tag & 0xfffu, (unsigned)tag >> 13,
             tag & 0x1000 ? ", DEI" : "");
}

/* The tags, as far as they go. Returns the type behind them. */
static uint16_t vlan_tags_print(struct printer *printer, struct ethernet *ethernet, uint16_t type)
{
        while (net_is_vlan(type)) {
                uint16_t tag;

                printer->protocol = "vlan";
                if (!has(packet_claimed(ethernet->inner), 0, TAG))
                        ethernet_cut_abandon(printer, ethernet);
                *ethernet->link_header += TAG;
                if (printer->options.link_header)
                        put_type_field(printer, ethernet, type);
                tag = get16(printer, ethernet->inner, 0);
                type = get16(printer, ethernet->inner, 2);
                if (printer->options.link_header)
                        vlan_tag_print(printer, tag);
                ethernet->inner = packet_from(ethernet->inner, TAG);
        }
        return type;
}

static void inner_skip(struct ethernet *ethernet, uint32_t size)
{
        ethernet->inner = packet_from(ethernet->inner, size);
        *ethernet->link_header += size;
}

/* The type field behind a tag that ends without one of its own. False if it is missing. */
static bool type_take(struct printer *printer, struct ethernet *ethernet, uint16_t *type)
{
        need_hard(printer, ethernet->inner, 0, 2);
        if (ethernet->inner.length < 2) {
                putf(printer, " [caplen %u < 2]", ethernet->inner.length);
                return false;
        }
        *type = get16(printer, ethernet->inner, 0);
        inner_skip(ethernet, 2);
        return true;
}

/* A payload that no printer knows: with the header, if that was not shown. */
static void unknown_print(struct printer *printer, struct ethernet *ethernet, uint16_t type)
{
        if (!printer->options.link_header) {
                put_stations(printer, printer->stations);
                ethernet->length_shown = false;
                put_type_field(printer, ethernet, type);
        }
        if (!printer->options.quiet)
                put_unknown(printer, ethernet->inner, ethernet->inner.length);
}

/* What the type field says, if that is no tag. */
static void payload_print(struct printer *printer, struct ethernet *ethernet, uint16_t type)
{
        struct packet inner = ethernet->inner;

        if (printer->options.link_header && type != ETHERTYPE_JUMBO)
                put_type_field(printer, ethernet, type);
        if (type <= ETHERNET_MAX_LENGTH || type == ETHERTYPE_JUMBO) {
                if (type != ETHERTYPE_JUMBO)
                        inner = packet_cut(inner, type < inner.length ? type : inner.length);
                if (!llc_print(printer, inner, printer->stations) && !printer->options.quiet)
                        put_unknown(printer, inner, inner.length);
        } else if (!protocol_print(printer, ETHERTYPE, type, inner)) {
                unknown_print(printer, ethernet, type);
        }
}

void ethernet_print_tagged(struct printer *printer, struct packet frame, uint32_t tag_size,
                           protocol_printer *tag_print)
{
        const uint32_t header = HEADER + tag_size;
        struct ethernet ethernet = {
            .inner = packet_from(frame, header),
            .length = frame.length,
            .link_header = printer->tunnels ? &(uint32_t){0} : &printer->link_header,
        };
        uint16_t type;

        if (frame.length < frame.captured) {
                putf(printer, "[length %u < caplen %u]", frame.length, frame.captured);
                put_invalid(printer);
                return;
        }
        *ethernet.link_header += header;
        need(printer, frame, 0, header);
        printer->stations = (struct stations){frame.data + 6, frame.data};
        type = get16(printer, frame, header - 2);
        if (printer->options.link_header)
                put_stations(printer, printer->stations);
        if (tag_print)
                tag_print(printer, packet_from(frame, ADDRESSES));
        for (;;) {
                if (type == ETHERTYPE_MACSEC) {
                        if (printer->options.link_header)
                                put_type_field(printer, &ethernet, type);
                        if (!macsec_print(printer, &ethernet) ||
                            !type_take(printer, &ethernet, &type))
                                return;
                }
                type = vlan_tags_print(printer, &ethernet, type);
                if (type != ETHERTYPE_ARISTA)
                        break;
                if (!has(packet_claimed(ethernet.inner), 0, 2)) {
                        put_damage(printer, "[|arista]");
                        inner_skip(&ethernet, packet_claimed(ethernet.inner).captured);
                        return;
                }
                ethernet.length_shown = false;
                put_type_field(printer, &ethernet, type);
                if (!arista_print(printer, &ethernet)) {
                        unknown_print(printer, &ethernet, type);
                        return;
                }
                type = get16(printer, ethernet.inner, 0);
                inner_skip(&ethernet, 2);
                ethernet.length_shown = false;
        }
        payload_print(printer, &ethernet, type);
}

void ethernet_print(struct printer *printer, struct packet frame)
{
        printer->protocol = "ether";
        ethernet_print_tagged(printer, frame, 0, NULL);
}

void ethernet_print_inside(struct printer *printer, struct packet packet)
{
        printer->tunnels++;
        ethernet_print(printer, packet);
        printer->tunnels--;
}

/* Bridged, RFC 2684: there may be padding before the frame. */
void ethernet_print_bridged(struct printer *printer, struct packet packet)
{
        need(printer, packet, 0, printer->bridge_padding);
        ethernet_print_inside(printer, packet_from(packet, printer->bridge_padding));
}

/* As an IP protocol, RFC 8986. */
void ethernet_ip_print(struct printer *printer, struct packet packet)
{
        if (printer->network->version == 6)
                ethernet_print_inside(printer, packet);
        else
                put_damage(printer, "[Ethernet requires IPv6] (invalid)");
}
