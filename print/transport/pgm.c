/* PGM, reliable multicast, RFC 3208, and the options of its congestion control, PGMCC. */
#include "print/printer/printer.h"

#include "base/array.h"

enum { HEADER = 16, PGM = 113 };

/* Behind the header: sequence numbers and addresses. Each returns where the next field begins. */

static uint32_t address_size(struct printer *printer, struct packet packet, uint32_t family_at)
{
        enum { IPV4 = 1, IPV6 = 2 };

        switch (get16(printer, packet, family_at)) {
        case IPV4: return 4;
        case IPV6: return 16;
        default: printer_abandon_softly(printer);
        }
}

static uint32_t put_address(struct printer *printer, struct packet packet, uint32_t at,
                            uint32_t size)
{
        if (size == 4)
                put_ipv4_numeric_at(printer, packet, at);
        else
                put_ipv6_numeric_at(printer, packet, at);
        return at + size;
}

static uint32_t spm_print(struct printer *printer, struct packet packet, uint32_t at)
{
        uint32_t size;

        need(printer, packet, at, 16);
        size = address_size(printer, packet, at + 12);
        need(printer, packet, at + 16, size);
        putf(printer, "SPM seq %u trail %u lead %u nla ", get32(printer, packet, at),
             get32(printer, packet, at + 4), get32(printer, packet, at + 8));
        return put_address(printer, packet, at + 16, size);
}

static uint32_t poll_print(struct printer *printer, struct packet packet, uint32_t at)
{
        uint32_t size;

        need(printer, packet, at, 12);
        size = address_size(printer, packet, at + 8);
        need(printer, packet, at + 12, size);
        need_hard(printer, packet, at + 12, size + 12);
        putf(printer, "POLL seq %u round %u nla ", get32(printer, packet, at),
             get16(printer, packet, at + 4));
        at = put_address(printer, packet, at + 12, size);
        putf(printer, " ivl %u", get32(printer, packet, at));
        putf(printer, " rnd 0x%08x", get32(printer, packet, at + 4));
        putf(printer, " mask 0x%08x", get32(printer, packet, at + 8));
        return at + 12;
}

static uint32_t polr_print(struct printer *printer, struct packet packet, uint32_t at)
{
        need(printer, packet, at, 8);
        putf(printer, "POLR seq %u round %u", get32(printer, packet, at),
             get16(printer, packet, at + 4));
        return at + 8;
}

static uint32_t data_print(struct printer *printer, struct packet packet, uint32_t at,
                           const char *name)
{
        need(printer, packet, at, 8);
        putf(printer, "%s trail %u seq %u", name, get32(printer, packet, at + 4),
             get32(printer, packet, at));
        return at + 8;
}

/* Of the group, tcpdump takes for the address what begins at its family. */
static uint32_t nak_print(struct printer *printer, struct packet packet, uint32_t at,
                          const char *name)
{
        uint32_t size, group, group_size;

        need(printer, packet, at, 8);
        size = address_size(printer, packet, at + 4);
        need(printer, packet, at + 8, size);
        group = at + 8 + size + 4;
        group_size = address_size(printer, packet, group);
        need(printer, packet, group, group_size);
        putf(printer, "%s (", name);
        put_address(printer, packet, at + 8, size);
        put(printer, " -> ");
        put_address(printer, packet, group, group_size);
        putf(printer, "), seq %u", get32(printer, packet, at));
        return group + group_size;
}

static uint32_t ack_print(struct printer *printer, struct packet packet, uint32_t at)
{
        need(printer, packet, at, 8);
        putf(printer, "ACK seq %u", get32(printer, packet, at));
        return at + 8;
}

/* Returns where tcpdump takes the options from, which behind an SPMR is wrong. */
static uint32_t body_print(struct printer *printer, struct packet packet, uint8_t type)
{
        switch (type) {
        case 0: return spm_print(printer, packet, HEADER);
        case 1: return poll_print(printer, packet, HEADER);
        case 2: return polr_print(printer, packet, HEADER);
        case 4: return data_print(printer, packet, HEADER, "ODATA");
        case 5: return data_print(printer, packet, HEADER, "RDATA");
        case 8: return nak_print(printer, packet, HEADER, "NAK");
        case 9: return nak_print(printer, packet, HEADER, "NNAK");
        case 10: return nak_print(printer, packet, HEADER, "NCF");
        case 11: return ack_print(printer, packet, HEADER);
        case 12: put(printer, "SPMR"); return 0;
        default: putf(printer, "UNKNOWN type 0x%02x", type); return 0;
        }
}

/* ---- Options ---- */

enum { OPTION_HEADER = 4 };

/* An option of a size of its own, with numbers behind the header. */
struct plain_option {
        uint8_t type;
        const char *name;
        uint8_t size;
        const char *labels[3];
};

static const struct plain_option plain_options[] = {
    {1, "OPT_FRAGMENT", 16, {" FRAG seq ", " off ", " len "}},
    {3, "OPT_JOIN", 8, {" JOIN "}},
    {4, "OPT_NAK_BO_IVL", 12, {" BACKOFF ivl ", " ivlseq "}},
    {5, "OPT_NAK_BO_RNG", 12, {" BACKOFF max ", " min "}},
    {8, "OPT_PARITY_PRM", 8, {" PARITY MAXTGS "}},
    {9, "OPT_PARITY_GRP", 8, {" PARITY GROUP "}},
    {10, "OPT_CURR_TGSIZE", 8, {" PARITY ATGS "}},
    {11, "OPT_NBR_UNREACH", 4, {" NBR_UNREACH"}},
    {13, "OPT_SYN", 4, {" SYN"}},
    {14, "OPT_FIN", 4, {" FIN"}},
    {15, "OPT_RST", 4, {" RST"}},
    {17, "OPT_CRQST", 4, {" CRQST"}},
};

/* What is left of the packet from an option on, and of the options' total size. */
struct options {
        struct packet packet;
        uint32_t left;
};

static void options_advance(struct options *options, uint32_t size)
{
        options->packet = packet_from(options->packet, size);
        options->left -= size;
}

/* False if the option is malformed. */
static bool plain_print(struct printer *printer, struct options *options,
                        const struct plain_option *option, uint8_t size)
{
        if (size != option->size) {
                putf(printer, "[Bad %s option, length %u != %u]", option->name, size, option->size);
                return false;
        }
        if (size == OPTION_HEADER)
                put(printer, option->labels[0]);
        for (uint32_t at = OPTION_HEADER; at < size; at += 4)
                put_labelled(printer, option->labels[at / 4 - 1],
                             get32(printer, options->packet, at));
        options_advance(options, size);
        return true;
}

static bool nak_list_print(struct printer *printer, struct options *options, uint8_t size)
{
        uint32_t at = OPTION_HEADER;

        put(printer, " NAK LIST");
        for (; at + 4 <= size; at += 4)
                putf(printer, " %u", get32(printer, options->packet, at));
        if (at != size) {
                put(printer, "[Option length not a multiple of 4]");
                return false;
        }
        /* tcpdump does not count the option's header. */
        options->packet = packet_from(options->packet, size);
        options->left -= size - OPTION_HEADER;
        return true;
}

/* An option with an address of either family. PGMCC's have a time stamp in front of it. */
static bool address_option_print(struct printer *printer, struct options *options,
                                 const char *names[2], const char *label, bool stamped,
                                 uint8_t size)
{
        uint32_t front = stamped ? 12 : 8, address;

        if (size < front) {
                putf(printer, "[Bad %s option, length %u < %u]", names[0], size, front);
                return false;
        }
        address = address_size(printer, options->packet, front - 4);
        if (size != front + address) {
                putf(printer, "[Bad %s option, length %u != %u + address size]", names[1], size,
                     front);
                return false;
        }
        put(printer, label);
        if (stamped)
                putf(printer, "%u ", get32(printer, options->packet, 4));
        put_address(printer, options->packet, front, address);
        options_advance(options, size);
        return true;
}

static bool redirect_print(struct printer *printer, struct options *options, uint8_t size)
{
        return address_option_print(printer, options,
                                    (const char *[]){"OPT_REDIRECT", "OPT_REDIRECT"}, " REDIRECT ",
                                    false, size);
}

static bool pgmcc_data_print(struct printer *printer, struct options *options, uint8_t size)
{
        return address_option_print(printer, options,
                                    (const char *[]){"OPT_PGMCC_DATA", "OPT_PGMCC_DATA"},
                                    " PGMCC DATA ", true, size);
}

static bool pgmcc_feedback_print(struct printer *printer, struct options *options, uint8_t size)
{
        return address_option_print(
            printer, options, (const char *[]){"PGM_OPT_PGMCC_FEEDBACK", "OPT_PGMCC_FEEDBACK"},
            " PGMCC FEEDBACK ", true, size);
}

/* The total may only stand first. */
static bool length_print(struct printer *printer, struct options *options, uint8_t size)
{
        if (size != OPTION_HEADER) {
                putf(printer, "[Bad OPT_LENGTH option, length %u != 4]", size);
                return false;
        }
        putf(printer, " OPTS LEN (extra?) %u", get16(printer, options->packet, 2));
        options_advance(options, size);
        return true;
}

/* Those whose values tcpdump leaves out; it goes on two bytes too far behind them. */
static void opaque_print(struct printer *printer, struct options *options, uint8_t type,
                         uint8_t size)
{
        enum { PATH = 0x0c, CR = 0x10 };
        static const char digits[] = "0123456789ABCDEF";

        if ((type & 0x7f) == PATH)
                putf(printer, " PATH_NLA [%u]", size);
        else if ((type & 0x7f) == CR)
                put(printer, " CR");
        else
                putf(printer, " OPT_%c%c [%u] ", digits[type >> 4], digits[type & 15], size);
        options->packet = packet_from(options->packet, size + 2u);
        options->left -= size;
}

/* False if nothing more of the packet is to be printed. */
static bool option_print(struct printer *printer, struct options *options, uint8_t type,
                         uint8_t size)
{
        for (size_t i = 0; i < array_count(plain_options); i++)
                if (plain_options[i].type == (type & 0x7f))
                        return plain_print(printer, options, &plain_options[i], size);
        switch (type & 0x7f) {
        case 0x00: return length_print(printer, options, size);
        case 0x02: return nak_list_print(printer, options, size);
        case 0x07: return redirect_print(printer, options, size);
        case 0x12: return pgmcc_data_print(printer, options, size);
        case 0x13: return pgmcc_feedback_print(printer, options, size);
        default: opaque_print(printer, options, type, size); return true;
        }
}

/* The options from `*at` on, which moves behind them. False as above. */
static bool options_print(struct printer *printer, struct packet packet, uint32_t *at)
{
        enum { LAST = 0x80, LENGTH = 0 };
        struct options options = {packet_from(packet, *at), 0};
        uint8_t type;
        uint32_t total;

        need(printer, options.packet, 0, OPTION_HEADER);
        if ((get8(printer, options.packet, 0) & 0x7f) != LENGTH) {
                putf(printer, "[First option bad, should be PGM_OPT_LENGTH, is %u]",
                     get8(printer, options.packet, 0) & 0x7f);
                return false;
        }
        if (get8(printer, options.packet, 1) != OPTION_HEADER) {
                putf(printer, "[Bad OPT_LENGTH option, length %u != 4]",
                     get8(printer, options.packet, 1));
                return false;
        }
        total = get16(printer, options.packet, 2);
        if (total < OPTION_HEADER) {
                putf(printer, "[Bad total option length %u < 4]", total);
                return false;
        }
        putf(printer, " OPTS LEN %u", total);
        options.left = total;
        options_advance(&options, OPTION_HEADER);
        while (options.left > 0) {
                uint8_t size;

                if (options.left < OPTION_HEADER) {
                        put(printer, "[Total option length leaves no room for final option]");
                        return false;
                }
                type = get8(printer, options.packet, 0);
                size = get8(printer, options.packet, 1);
                if (size < OPTION_HEADER) {
                        putf(printer, "[Bad option, length %u < 4]", size);
                        options_advance(&options, 2);
                        break;
                }
                if (size > options.left) {
                        put(printer, "[Total option length leaves no room for final option]");
                        return false;
                }
                need(printer, options.packet, 0, size);
                if (!option_print(printer, &options, type, size))
                        return false;
                if (type & LAST)
                        break;
        }
        *at = packet.length - options.packet.length;
        return true;
}

static bool is_data(uint8_t type)
{
        return type == 4 || type == 5;
}

static void details_print(struct printer *printer, struct packet packet)
{
        enum { OPTIONS_PRESENT = 1 };
        uint8_t type = get8(printer, packet, 4);
        struct packet data;
        uint32_t at;

        put(printer, " 0x");
        put_hex_bytes(printer, packet, 8, 6);
        put_char(printer, ' ');
        at = body_print(printer, packet, type);
        if ((get8(printer, packet, 5) & OPTIONS_PRESENT) && !options_print(printer, packet, &at))
                return;
        putf(printer, " [%u]", packet.length);
        if (!is_data(type))
                return;
        /* The length that the header claims may be less than what a printer reads. */
        data = packet_from(packet, at);
        data.length = get16(printer, packet, 14);
        protocol_print(printer, FORCED_PGM_TYPE, (uint32_t)printer->options.type, data);
}

/* A port, with its address if neither UDP nor a header in front of this one has printed it. */
static void put_end(struct printer *printer, const uint8_t *address, uint16_t port)
{
        if (printer->network->next == PGM) {
                put_network_address(printer, printer->network, address);
                put_char(printer, '.');
        }
        put_port(printer, PGM, port);
}

void pgm_print(struct printer *printer, struct packet packet)
{
        const struct network *network = printer->network;

        printer->protocol = "pgm";
        if (!has(packet, 0, 4)) {
                endpoints_print_short(printer, network, ":");
                printer_abandon_softly(printer);
        }
        put_end(printer, network->source, get16(printer, packet, 0));
        put(printer, " > ");
        put_end(printer, network->destination, get16(printer, packet, 2));
        put(printer, ": ");
        need(printer, packet, 0, HEADER);
        putf(printer, "PGM, length %u", get16(printer, packet, 14));
        if (printer->options.verbose)
                details_print(printer, packet);
}
