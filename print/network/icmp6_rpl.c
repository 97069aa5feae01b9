/* RPL in ICMPv6, RFC 6550. */
#include "network.h"

#include "base/array.h"

enum { HEADER = 4, ADDRESS = 16 };

static void options_print(struct printer *printer, struct packet packet)
{
        enum { PAD1 = 0 };
        static const struct name options[] = {
            {PAD1, "pad1"},       {1, "padN"},      {2, "metrics"},     {3, "routinginfo"},
            {4, "config"},        {5, "rpltarget"}, {6, "transitinfo"}, {8, "destprefix"},
            {9, "rpltargetdesc"}, {0, NULL}};

        while (packet.length > 0) {
                uint8_t type = get8(printer, packet, 0);
                uint32_t size = 1;

                if (type == PAD1) {
                        put(printer, " opt:pad1");
                } else {
                        struct packet value;

                        if (packet.length < 2)
                                printer_abandon_softly(printer);
                        size = 2u + get8(printer, packet, 1);
                        put(printer, " opt:");
                        put_name(printer, options, "subopt:%u", type);
                        putf(printer, " len:%u ", size);
                        if (size > packet.length)
                                printer_abandon_softly(printer);
                        value = packet_cut(packet_from(packet, 2), size - 2);
                        need(printer, packet, 0, size);
                        if (printer->options.verbose > 2)
                                dump_hex(printer, " ", value, value.length);
                }
                packet = packet_from(packet, size);
        }
}

static void information_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 24, GROUNDED = 0x80 };
        static const char *const modes[] = {
            "nonstoring", "storing", "nonstoring-multicast", "storing-multicast", "mop4", "mop5",
            "mop6",       "mop7"};
        uint8_t flags;

        if (packet.length < FIXED) {
                putf(printer, " [length %u < %u]", packet.length, FIXED);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, FIXED);
        put_ipv6_labelled(printer, " [dagid:", packet, 8);
        flags = get8(printer, packet, 4);
        putf(printer, ",seq:%u,instance:%u,rank:%u,%smop:%s,prf:%u]", get8(printer, packet, 5),
             get8(printer, packet, 0), get16(printer, packet, 2),
             flags & GROUNDED ? "grounded," : "", modes[flags >> 3 & 7], flags & 7);
        if (printer->options.verbose > 1)
                options_print(printer, packet_from(packet, FIXED));
}

/* An advertisement, or its acknowledgment: the graph's identifier may be left out. Returns the size
 * of what stands before the options. */
static uint32_t graph_print(struct printer *printer, struct packet packet, uint8_t flags,
                            uint8_t with)
{
        if (!(flags & with)) {
                put(printer, " [dagid:<elided>");
                return 4;
        }
        need_length(printer, packet, 4 + ADDRESS);
        need(printer, packet, 4, ADDRESS);
        put_ipv6_labelled(printer, " [dagid:", packet, 4);
        return 4 + ADDRESS;
}

static void advertisement_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 4, WANTS_ACK = 0x80, HAS_GRAPH = 0x40 };
        uint8_t flags;
        uint32_t at;

        need_length(printer, packet, FIXED + ADDRESS); /* even if there is none */
        need(printer, packet, 0, FIXED + ADDRESS);
        flags = get8(printer, packet, 1);
        at = graph_print(printer, packet, flags, HAS_GRAPH);
        putf(printer, ",seq:%u,instance:%u%s%s,%02x]", get8(printer, packet, 3),
             get8(printer, packet, 0), flags & WANTS_ACK ? ",acK" : "",
             flags & HAS_GRAPH ? ",Dagid" : "", flags);
        if (printer->options.verbose > 1)
                options_print(printer, packet_from(packet, at));
}

static void acknowledgment_print(struct printer *printer, struct packet packet)
{
        enum { FIXED = 4, HAS_GRAPH = 0x80 };
        uint32_t at;

        need_length(printer, packet, FIXED);
        need(printer, packet, 0, FIXED);
        at = graph_print(printer, packet, get8(printer, packet, 1), HAS_GRAPH);
        putf(printer, ",seq:%u,instance:%u,status:%u]", get8(printer, packet, 2),
             get8(printer, packet, 0), get8(printer, packet, 3));
        if (printer->options.verbose > 1)
                options_print(printer, packet_from(packet, at));
}

void rpl_print(struct printer *printer, struct packet packet)
{
        enum { SECURE = 0x80 };
        static const struct {
                const char *name;
                protocol_printer *print; /* NULL if there is nothing to say */
        } messages[] = {{"DODAG Information Solicitation", NULL},
                        {"DODAG Information Object", information_print},
                        {"Destination Advertisement Object", advertisement_print},
                        {"Destination Advertisement Object Ack", acknowledgment_print}};
        uint8_t code = get8(printer, packet, 1);

        if (code & SECURE) {
                put(printer, ", (SEC) [worktodo]");
                return;
        }
        put(printer, ", (CLR)");
        if (code >= array_count(messages)) {
                putf(printer, "RPL message, unknown code %u", code);
                return;
        }
        put(printer, messages[code].name);
        if (printer->options.verbose && messages[code].print)
                messages[code].print(printer, packet_from(packet, HEADER));
}
