/* Linux cooked captures: what the `any` device delivers, as no one link header fits all devices.
 * The pseudo headers are LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 at
 * https://www.tcpdump.org/linktypes.html */
#include "ieee80211.h"
#include "link.h"

#include <string.h>

enum {
        SLL_HEADER = 16,
        SLL2_HEADER = 20,
        /* Protocol numbers below the EtherTypes, from <linux/if_ether.h>. */
        ETH_P_802_3 = 1,
        ETH_P_802_2 = 4,
        /* A type of hardware, from <linux/if_arp.h>: in monitor mode. */
        RADIOTAP = 803,
};

/* Fields of both versions. */
struct sll {
        uint32_t header; /* the size of the pseudo header, by which the versions are told apart */
        uint16_t packet_type, hardware, protocol, address_size;
        const uint8_t *address;
        uint32_t interface; /* its index; version 2 only */
};

static const char *packet_type_name(uint16_t type)
{
        static const struct name names[] = {{0, "In"}, {1, "B"},   {2, "M"},
                                            {3, "P"},  {4, "Out"}, {0, NULL}};

        return name_or(names, type, "?");
}

static const char *type_name(uint16_t protocol)
{
        const char *name = name_or(ethertype_names, protocol, "Unknown");

        return protocol > ETHERNET_MAX_LENGTH ? name : "Unknown";
}

/* Only 6-byte addresses are shown. */
static void header_print(struct printer *printer, const struct sll *sll, uint32_t length)
{
        if (sll->header == SLL2_HEADER)
                putf(printer, "ifindex %u ", sll->interface);
        else
                putf(printer, "%3s ", packet_type_name(sll->packet_type));
        if (sll->address_size == 6) {
                put_ethernet(printer, sll->address);
                put_char(printer, ' ');
        }
        if (printer->options.quiet)
                return;
        if (sll->protocol == ETH_P_802_3)
                put(printer, "802.3");
        else if (sll->protocol == ETH_P_802_2)
                put(printer, "802.2");
        else
                putf(printer, "ethertype %s (0x%04x)", type_name(sll->protocol), sll->protocol);
        putf(printer, ", length %u: ", length);
}

/* Tags are shown even without -e. Provider tags (0x88a8 and so on) are not decoded here, as in
 * tcpdump. */
static uint16_t tags_print(struct printer *printer, uint16_t protocol, struct packet *inner)
{
        enum { TAG = 4, VLAN = 0x8100 };

        while (protocol == VLAN) {
                uint16_t tag;

                printer->protocol = "vlan";
                printer->link_header += TAG;
                need(printer, *inner, 0, TAG);
                tag = get16(printer, *inner, 0);
                protocol = get16(printer, *inner, 2);
                if (printer->options.link_header)
                        vlan_tag_print(printer, tag);
                if (!printer->options.quiet)
                        putf(printer, "ethertype %s, ", type_name(protocol));
                if (protocol <= ETHERNET_MAX_LENGTH)
                        protocol = ETH_P_802_2;
                *inner = packet_from(*inner, TAG);
        }
        return protocol;
}

/* What follows the fields. For an EtherType without a printer the pseudo header is printed anyway.
 */
static void packet_print(struct printer *printer, struct packet packet, const struct sll *sll)
{
        struct packet inner = packet_from(packet, sll->header);
        uint32_t link_header;
        uint16_t protocol;
        bool known;

        if (printer->options.link_header)
                header_print(printer, sll, packet.length);
        if (sll->hardware == RADIOTAP) {
                radiotap_frame_print(printer, inner);
                return;
        }
        protocol = tags_print(printer, sll->protocol, &inner);
        link_header = printer->link_header; /* without LLC's, if that is not understood */
        if (protocol == ETH_P_802_2)
                known = llc_print(printer, inner, (struct stations){NULL, NULL});
        else if (protocol == ETH_P_802_3) /* Novell's, without LLC */
                known = protocol_print(printer, LLC_SAP, SAP_IPX, inner);
        else
                known = protocol_print(printer, ETHERTYPE, protocol, inner);
        if (known)
                return;
        printer->link_header = link_header;
        if (!printer->options.link_header && protocol > ETHERNET_MAX_LENGTH)
                header_print(printer, sll, inner.length + sll->header);
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}

void sll_print(struct printer *printer, struct packet packet)
{
        struct sll sll = {.header = SLL_HEADER, .address = packet.data + 6};

        printer->protocol = "sll";
        need_hard(printer, packet, 0, SLL_HEADER);
        printer->link_header = SLL_HEADER;
        sll.packet_type = get16(printer, packet, 0);
        sll.hardware = get16(printer, packet, 2);
        sll.address_size = get16(printer, packet, 4);
        sll.protocol = get16(printer, packet, 14);
        packet_print(printer, packet, &sll);
}

static const char *interface_name(struct printer *printer, uint32_t index)
{
        const struct print_names *names = &printer->options.names;
        const char *name = printer->current->interface;

        if (!name || strcmp(name, "any") == 0)
                name = names->interface ? names->interface(names->interfaces, index) : NULL;
        return name ? name : "?";
}

void sll2_print(struct printer *printer, struct packet packet)
{
        struct sll sll = {.header = SLL2_HEADER, .address = packet.data + 12};

        printer->protocol = "sll2";
        need_hard(printer, packet, 0, SLL2_HEADER);
        printer->link_header = SLL2_HEADER;
        sll.protocol = get16(printer, packet, 0);
        sll.interface = get32(printer, packet, 4);
        sll.hardware = get16(printer, packet, 8);
        sll.packet_type = get8(printer, packet, 10);
        sll.address_size = get8(printer, packet, 11);
        put_passage(printer, interface_name(printer, sll.interface),
                    packet_type_name(sll.packet_type));
        packet_print(printer, packet, &sll);
}
