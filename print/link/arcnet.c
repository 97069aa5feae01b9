/* ARCNET (RFC 1201): addresses of one byte, a protocol and, but for the oldest ones, what a
 * fragment is of. LINKTYPE_ARCNET_BSD has it as it is on the wire, LINKTYPE_ARCNET_LINUX with an
 * offset in it. */
#include "link.h"

enum {
        PROTOCOL_OLD_IP = 0xf0, /* RFC 1051 */
        PROTOCOL_OLD_ARP = 0xf1,
        PROTOCOL_DIAGNOSE = 0x80,
};

static const struct arcnet_protocol {
        uint8_t number;
        const char *name;
        enum number_space space; /* in which the same protocol has a number; or NUMBER_SPACES */
        uint16_t number_there;
} protocols_known[] = {
    {PROTOCOL_OLD_IP, "oldip", ETHERTYPE, ETHERTYPE_IPV4},
    {PROTOCOL_OLD_ARP, "oldarp", ETHERTYPE, ETHERTYPE_ARP},
    {0xd4, "ip", ETHERTYPE, ETHERTYPE_IPV4},
    {0xd5, "arp", ETHERTYPE, ETHERTYPE_ARP},
    {0xd6, "rarp", ETHERTYPE, ETHERTYPE_ARP},
    {0xdd, "atalk", ETHERTYPE, ETHERTYPE_ATALK},
    {0xf7, "banyan", NUMBER_SPACES, 0},
    {0xfa, "ipx", LLC_SAP, SAP_IPX},
    {0xc4, "ipv6", ETHERTYPE, ETHERTYPE_IPV6},
    {PROTOCOL_DIAGNOSE, "diag", NUMBER_SPACES, 0},
    {0, NULL, NUMBER_SPACES, 0},
};

static const struct arcnet_protocol *protocol_of(uint8_t number)
{
        const struct arcnet_protocol *protocol = protocols_known;

        while (protocol->name && protocol->number != number)
                protocol++;
        return protocol;
}

static void put_protocol(struct printer *printer, uint8_t number)
{
        const char *name = protocol_of(number)->name;

        if (name)
                put(printer, name);
        else
                put_hex(printer, number, 2);
        put_char(printer, ' ');
}

static bool is_old(uint8_t number)
{
        return number == PROTOCOL_OLD_IP || number == PROTOCOL_OLD_ARP ||
               number == PROTOCOL_DIAGNOSE;
}

/* An unknown one is shown in any case. */
static void payload_print(struct printer *printer, struct packet inner, uint8_t number)
{
        const struct arcnet_protocol *protocol = protocol_of(number);

        if (protocol->space != NUMBER_SPACES &&
            protocol_print(printer, protocol->space, protocol->number_there, inner))
                return;
        dump_hex_ascii(printer, "\n\t", inner, inner.captured);
}

/* What is known of a fragment; `flag` is 0 in what is none. RFC 1201 codes it so that it is odd in
 * the first one, which says how many there are. */
struct fragment {
        bool is_said;
        uint8_t flag;
        uint16_t sequence;
};

static void header_print(struct printer *printer, struct packet packet, uint8_t number,
                         struct fragment fragment)
{
        putf(printer, "%02x %02x ", get8(printer, packet, 0), get8(printer, packet, 1));
        if (!printer->options.quiet) {
                put_protocol(printer, number);
                if (fragment.is_said)
                        putf(printer, "seqid %04x ", fragment.sequence);
                if (fragment.flag % 2 == 1)
                        putf(printer, "(first of %u fragments) ", fragment.flag / 2u + 2);
                else if (fragment.flag > 0)
                        putf(printer, "(fragment %u) ", fragment.flag / 2u + 1);
        }
        putf(printer, "%u: ", packet.length);
}

void arcnet_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 3, TYPE = 2, NEW_HEADER = 6, EXTENDED_HEADER = 10, IS_EXTENDED = 0xff };
        bool shown = printer->options.link_header;
        struct fragment fragment = {.is_said = false};
        uint32_t size = HEADER;
        uint8_t number;

        printer->protocol = "arcnet";
        need_hard(printer, packet, 0, HEADER);
        number = get8(printer, packet, TYPE);
        if (!is_old(number)) {
                bool is_extended;

                size = NEW_HEADER;
                is_extended = has(packet, 0, size) && packet.data[3] == IS_EXTENDED;
                if (is_extended)
                        size = EXTENDED_HEADER;
                if (!has(packet, 0, size)) {
                        header_print(printer, packet, number, fragment);
                        put(printer, is_extended ? " phds extended" : " phds");
                        printer_abandon_short(printer);
                }
                fragment.is_said = true;
                fragment.flag = packet.data[is_extended ? 7 : 3];
                fragment.sequence = get16(printer, packet, is_extended ? 8 : 4);
        }
        printer->link_header = size;
        if (shown)
                header_print(printer, packet, number, fragment);
        if (fragment.flag % 2 == 1 || fragment.flag == 0)
                payload_print(printer, packet_from(packet, size), number);
}

/* The offset stands where tcpdump looks for the protocol to show. */
void arcnet_linux_print(struct printer *printer, struct packet packet)
{
        enum { OLD_HEADER = 5, OFFSET = 2, TYPE = 4, HEADER = 8 };
        uint32_t size = OLD_HEADER;
        uint8_t number;

        printer->protocol = "arcnet_linux";
        need_hard(printer, packet, 0, OLD_HEADER);
        number = get8(printer, packet, TYPE);
        if (!is_old(number))
                size = HEADER;
        need_hard(printer, packet, 0, size);
        printer->link_header = size;
        if (printer->options.link_header) {
                putf(printer, "%02x %02x ", get8(printer, packet, 0), get8(printer, packet, 1));
                if (!printer->options.quiet)
                        put_protocol(printer, get8(printer, packet, OFFSET));
                putf(printer, "%u: ", packet.length);
        }
        payload_print(printer, packet_from(packet, size), number);
}
