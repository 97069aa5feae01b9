/* What Juniper's cards for ATM put behind the header that juniper.c prints. */
#include "juniper.h"

enum { CONTROL_WORD = 4, LLC_SNAP = 0xaaaa03, LLC_ISO = 0xfefe03, UNNUMBERED = 0x03 };

/* LLC, RFC 2684. False if the packet does not begin with its most frequent headers, or what follows
 * them is not known. */
static bool logical_link_print(struct printer *printer, struct packet packet)
{
        uint32_t first = get24(printer, packet, 0);
        bool known;

        if (first != LLC_SNAP && first != LLC_ISO)
                return false;
        printer->tunnels++; /* dumps show its header */
        known = llc_print(printer, packet, (struct stations){NULL, NULL});
        printer->tunnels--;
        return known;
}

/* A control byte and ISO's protocols. */
static bool control_print(struct printer *printer, struct packet packet)
{
        if (get8(printer, packet, 0) != UNNUMBERED)
                return false;
        return protocol_print(printer, LLC_SAP, SAP_ISO, packet_from(packet, 1));
}

void juniper_atm1_print(struct printer *printer, struct packet packet)
{
        enum { MANAGEMENT = 0x80 };
        static const struct juniper_pic pic = {
            .protocol = "juniper_atm1", .name = "ATM1", .cookie_size = 4};
        struct juniper juniper;

        if (!juniper_header_take(printer, &packet, &pic, &juniper))
                return;
        if (juniper.cookie[0] == MANAGEMENT)
                atm_cell_print(printer, packet, 0);
        else if (!logical_link_print(printer, packet) && !control_print(printer, packet))
                juniper_ip_print(printer, packet);
}

/* PPP in ATM (RFC 2364), known by its protocols. */
static bool point_to_point_print(struct printer *printer, struct packet packet)
{
        static const uint16_t protocols[] = {0x0021, 0x0023, 0x003d, 0x0057, 0x0281, 0x0283, 0x8021,
                                             0x8023, 0x8057, 0x8281, 0xc021, 0xc023, 0xc223};
        uint16_t protocol = get16(printer, packet, 0);

        for (size_t i = 0; i < array_count(protocols); i++) {
                if (protocols[i] == protocol) {
                        ppp_print_inside(printer, packet);
                        return true;
                }
        }
        return false;
}

/* Where the cookie says that there is a control word: it may be one that says nothing, which is
 * taken off. */
static void control_word_print(struct printer *printer, struct packet packet,
                               struct juniper *juniper)
{
        enum { TELLS_NOTHING = 0x08000000 };
        uint32_t word = get32(printer, packet, juniper->header);

        if (printer->options.link_header)
                putf(printer, "control-word 0x%08x ", word);
        if (word == 0 || word == TELLS_NOTHING)
                juniper->header += CONTROL_WORD;
}

void juniper_atm2_print(struct printer *printer, struct packet packet)
{
        enum { WORD = 7, WORD_MASK = 0x70, GAP = 3, GAP_MASK = 0x3f };
        static const struct juniper_pic pic = {
            .protocol = "juniper_atm2", .name = "ATM2", .cookie_size = 8};
        struct juniper juniper;
        uint32_t header;
        bool word;

        if (!juniper_header_print(printer, packet, &pic, &juniper))
                return;
        need_hard(printer, packet, juniper.header, CONTROL_WORD);
        word = juniper.cookie[WORD] & WORD_MASK;
        header = juniper.header;
        if (word)
                control_word_print(printer, packet, &juniper);
        juniper_header_end(printer, &packet, &juniper);
        if (word) {
                packet.length += juniper.header - header; /* as tcpdump counts */
                atm_cell_print(printer, packet, 0);
        } else if (logical_link_print(printer, packet)) {
                return;
        } else if (!juniper.in && juniper.cookie[GAP] & GAP_MASK) {
                protocol_print(printer, TUNNEL, ETHERTYPE_BRIDGING, packet);
        } else if (!control_print(printer, packet) && !point_to_point_print(printer, packet)) {
                juniper_ip_print(printer, packet);
        }
}
