/* What Symantec's firewall captures (LINKTYPE_SYMANTEC_FIREWALL): an EtherType amid fields that are
 * not shown. */
#include "link.h"

enum { HEADER = 44, TYPE = 6 };

static void type_print(struct printer *printer, uint16_t type, uint32_t length)
{
        if (type <= ETHERNET_MAX_LENGTH)
                put_damage(printer, "invalid ethertype %u", type);
        else if (printer->options.quiet)
                put_name(printer, ethertype_names, "Unknown Ethertype (0x%04x)", type);
        else
                putf(printer, "ethertype %s (0x%04x)", name_or(ethertype_names, type, "Unknown"),
                     type);
        putf(printer, ", length %u: ", length);
}

void symantec_print(struct printer *printer, struct packet packet)
{
        struct packet inner = packet_from(packet, HEADER);
        uint16_t type;

        printer->protocol = "symantec";
        need_hard(printer, packet, 0, HEADER);
        printer->link_header += HEADER;
        type = get16(printer, packet, TYPE);
        if (printer->options.link_header)
                type_print(printer, type, packet.length);
        if (type > ETHERNET_MAX_LENGTH && protocol_print(printer, ETHERTYPE, type, inner))
                return;
        if (!printer->options.link_header)
                type_print(printer, type, packet.length);
        if (!printer->options.quiet)
                put_unknown(printer, inner, inner.captured);
}
