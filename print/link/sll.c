/* Linux cooked captures: what the `any` device delivers, as no one link header fits all devices.
 * The pseudo headers are LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 at
 * https://www.tcpdump.org/linktypes.html */
#include "link.h"

#include <net/if.h>
#include <string.h>

enum {
        SLL_HEADER = 16,
        SLL2_HEADER = 20,
        ADDRESS_ROOM = 8,
        /* Protocol numbers below the EtherTypes, from <linux/if_ether.h>. */
        ETH_P_802_3 = 1,
        ETH_P_802_2 = 4,
};

static const struct name packet_types[] = {
    {0, "In"}, {1, "B"}, {2, "M"}, {3, "P"}, {4, "Out"}, {0, NULL},
};

/* Fields of both versions. */
struct sll {
        uint16_t packet_type, protocol, address_size;
        uint32_t interface; /* its index; version 2 only */
        const uint8_t *address;
};

static const char *packet_type_name(uint16_t type)
{
        const char *name = name_find(packet_types, type);

        return name ? name : "?";
}

/* Only 6-byte addresses are shown. */
static void put_address(struct printer *printer, const struct sll *sll)
{
        if (sll->address_size != 6)
                return;
        put_ethernet(printer, sll->address);
        put_char(printer, ' ');
}

static void put_protocol(struct printer *printer, const struct sll *sll, uint32_t length)
{
        const char *name = name_find(ethertype_names, sll->protocol);

        if (printer->options.quiet)
                return;
        if (sll->protocol == ETH_P_802_3)
                put(printer, "802.3");
        else if (sll->protocol == ETH_P_802_2)
                put(printer, "802.2");
        else
                putf(printer, "ethertype %s (0x%04x)", name ? name : "Unknown", sll->protocol);
        putf(printer, ", length %u: ", length);
}

typedef void header_printer(struct printer *printer, const struct sll *sll, uint32_t length);

/* Tags are shown even without -e. Provider tags (0x88a8 and so on) are not decoded here, as in
 * tcpdump. */
static uint16_t tags_print(struct printer *printer, uint16_t protocol, struct packet *inner)
{
        enum { TAG = 4, VLAN = 0x8100 };

        while (protocol == VLAN) {
                const char *name;
                uint16_t tag;

                printer->protocol = "vlan";
                printer->link_header += TAG;
                need(printer, *inner, 0, TAG);
                tag = get16(printer, *inner, 0);
                protocol = get16(printer, *inner, 2);
                if (printer->options.link_header)
                        vlan_tag_print(printer, tag);
                name = name_find(ethertype_names, protocol);
                if (protocol <= ETHERNET_MAX_LENGTH)
                        protocol = ETH_P_802_2;
                if (!printer->options.quiet)
                        putf(printer, "ethertype %s, ", name ? name : "Unknown");
                *inner = packet_from(*inner, TAG);
        }
        return protocol;
}

/* Prints the payload. For an EtherType without a printer it prints the pseudo header. */
static void payload_print(struct printer *printer, const struct sll *sll, struct packet inner,
                          uint32_t header_size, header_printer *header)
{
        uint16_t protocol = tags_print(printer, sll->protocol, &inner);
        bool known;

        if (protocol == ETH_P_802_2)
                known = llc_print(printer, inner, (struct stations){NULL, NULL});
        else
                known = protocol_print(printer, ETHERTYPE, protocol, inner);
        if (known)
                return;
        if (!printer->options.link_header && protocol > ETHERNET_MAX_LENGTH)
                header(printer, sll, inner.length + header_size);
        if (protocol == ETH_P_802_2 || !printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}

static void sll_header(struct printer *printer, const struct sll *sll, uint32_t length)
{
        putf(printer, "%3s ", packet_type_name(sll->packet_type));
        put_address(printer, sll);
        put_protocol(printer, sll, length);
}

void sll_print(struct printer *printer, struct packet packet)
{
        struct sll sll;

        printer->protocol = "sll";
        need(printer, packet, 0, SLL_HEADER);
        printer->link_header = SLL_HEADER;
        sll.packet_type = get16(printer, packet, 0);
        sll.address_size = get16(printer, packet, 4);
        sll.address = bytes_at(printer, packet, 6, ADDRESS_ROOM);
        sll.protocol = get16(printer, packet, 14);
        if (printer->options.link_header)
                sll_header(printer, &sll, packet.length);
        payload_print(printer, &sll, packet_from(packet, SLL_HEADER), SLL_HEADER, sll_header);
}

/* The interface's name as this machine has it now, looked up again once a second of packet time. */
static const char *interface_name(struct printer *printer, uint32_t index)
{
        enum { SLOTS = sizeof printer->interfaces / sizeof *printer->interfaces };
        struct interface_name *slot = &printer->interfaces[index % SLOTS];

        if (slot->name[0] != '\0' && slot->index == index && slot->second == printer->now.tv_sec)
                return slot->name;
        slot->index = index;
        slot->second = printer->now.tv_sec;
        if (!if_indextoname(index, slot->name))
                strcpy(slot->name, "?");
        return slot->name;
}

static void sll2_header(struct printer *printer, const struct sll *sll, uint32_t length)
{
        putf(printer, "ifindex %u ", sll->interface);
        put_address(printer, sll);
        put_protocol(printer, sll, length);
}

void sll2_print(struct printer *printer, struct packet packet)
{
        struct sll sll;

        printer->protocol = "sll2";
        need(printer, packet, 0, SLL2_HEADER);
        printer->link_header = SLL2_HEADER;
        sll.protocol = get16(printer, packet, 0);
        sll.packet_type = get8(printer, packet, 10);
        sll.address_size = get8(printer, packet, 11);
        sll.address = bytes_at(printer, packet, 12, ADDRESS_ROOM);
        sll.interface = get32(printer, packet, 4);
        putf(printer, "%-5s %-3s ", interface_name(printer, sll.interface),
             packet_type_name(sll.packet_type));
        if (printer->options.link_header)
                sll2_header(printer, &sll, packet.length);
        payload_print(printer, &sll, packet_from(packet, SLL2_HEADER), SLL2_HEADER, sll2_header);
}
