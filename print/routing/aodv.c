/* Ad hoc on-demand distance vector routing, RFC 3561, with the addresses of IPv4 and IPv6. */
#include "print/printer/printer.h"

enum {
        REQUEST = 1,
        REPLY,
        ERROR,
        ACKNOWLEDGEMENT,
        DRAFT = 15, /* added to the types, by an early draft for IPv6 */
        HEADER = 4,
        IPV4_SIZE = 4,
        IPV6_SIZE = 16,
};

/* Where the fields of a request or a reply are. */
struct layout {
        uint32_t destination, destination_sequence, source, source_sequence, end;
};

static void address_print(struct printer *printer, struct packet packet, uint32_t offset,
                          uint32_t size)
{
        if (size == IPV4_SIZE)
                put_ipv4_at(printer, packet, offset);
        else
                put_ipv6_at(printer, packet, offset);
}

/* At most one is shown. */
static void extension_print(struct printer *printer, struct packet packet)
{
        enum { HELLO_INTERVAL = 1, EXTENSION_HEADER = 2 };
        uint8_t type, size;

        if (packet.length < EXTENSION_HEADER)
                return;
        need(printer, packet, 0, EXTENSION_HEADER);
        type = get8(printer, packet, 0);
        if (type != HELLO_INTERVAL) {
                putf(printer, "\n\text %u %u", type, get8(printer, packet, 1));
                return;
        }
        size = get8(printer, packet, 1);
        need_length(printer, packet, EXTENSION_HEADER + 4);
        need(printer, packet, 0, EXTENSION_HEADER + 4);
        if (size < 4) {
                put_damage(printer, "\n\text HELLO - bad length %u", size);
                return;
        }
        putf(printer, "\n\text HELLO %u ms", get32(printer, packet, EXTENSION_HEADER));
}

static void request_print(struct printer *printer, struct packet packet, uint32_t size, bool draft)
{
        static const struct layout layouts[] = {{8, 12, 16, 20, 24}, {8, 24, 28, 44, 48}};
        static const struct layout draft_layout = {16, 8, 32, 12, 48};
        const struct layout *at = draft ? &draft_layout : &layouts[size == IPV6_SIZE];

        need(printer, packet, 0, at->end);
        need_length(printer, packet, at->end);
        /* tcpdump takes the type for the flags: the draft's shows one. */
        putf(printer, " %srreq %u %shops %u id 0x%08x\n\tdst ",
             size == IPV6_SIZE && !draft ? "v6 " : "", packet.length, draft ? "[D] " : " ",
             get8(printer, packet, 3), get32(printer, packet, 4));
        address_print(printer, packet, at->destination, size);
        putf(printer, " seq %u src ", get32(printer, packet, at->destination_sequence));
        address_print(printer, packet, at->source, size);
        putf(printer, " seq %u", get32(printer, packet, at->source_sequence));
        extension_print(printer, packet_from(packet, at->end));
}

static void reply_print(struct printer *printer, struct packet packet, uint32_t size, bool draft)
{
        static const struct layout layouts[] = {{4, 8, 12, 0, 20}, {4, 20, 24, 0, 44}};
        static const struct layout draft_layout = {8, 4, 24, 0, 44};
        const struct layout *at = draft ? &draft_layout : &layouts[size == IPV6_SIZE];

        need(printer, packet, 0, at->end);
        need_length(printer, packet, at->end);
        putf(printer, " rrep %u  prefix %u hops %u\n\tdst ", packet.length,
             get8(printer, packet, 2) & 0x1f, get8(printer, packet, 3));
        address_print(printer, packet, at->destination, size);
        putf(printer, " dseq %u src ", get32(printer, packet, at->destination_sequence));
        address_print(printer, packet, at->source, size);
        putf(printer, " %u ms", get32(printer, packet, at->end - 4));
        extension_print(printer, packet_from(packet, at->end));
}

static void error_print(struct printer *printer, struct packet packet, uint32_t size)
{
        enum { NO_DELETE = 0x80 };
        uint8_t count;

        need(printer, packet, 0, HEADER);
        need_length(printer, packet, HEADER);
        count = get8(printer, packet, 3);
        putf(printer,
             " rerr %s [items %u] [%u]:", get8(printer, packet, 1) & NO_DELETE ? "[D]" : "", count,
             packet.length);
        packet = packet_from(packet, HEADER);
        for (; count > 0; count--) {
                need_length(printer, packet, size + 4);
                need(printer, packet, 0, size + 4);
                put(printer, " {");
                address_print(printer, packet, 0, size);
                putf(printer, "}(%u)", get32(printer, packet, size));
                packet = packet_from(packet, size + 4);
        }
}

void aodv_print(struct printer *printer, struct packet packet)
{
        uint8_t type;
        bool draft;
        uint32_t size;

        printer->protocol = "aodv";
        type = get8(printer, packet, 0);
        draft = type > DRAFT && type <= DRAFT + ACKNOWLEDGEMENT;
        size = draft || printer->network->version == 6 ? IPV6_SIZE : IPV4_SIZE;
        put(printer, " aodv");
        switch (draft ? type - DRAFT : type) {
        case REQUEST: request_print(printer, packet, size, draft); break;
        case REPLY: reply_print(printer, packet, size, draft); break;
        case ERROR: error_print(printer, packet, size); break;
        case ACKNOWLEDGEMENT: put_labelled(printer, " rrep-ack ", packet.length); break;
        default: putf(printer, " type %u %u", type, packet.length);
        }
}
