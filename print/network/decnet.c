/* DECnet Phase IV: routing, and the network services protocol (NSP) above it. */
#include "network.h"

/* ---- Routing ---- */

enum { LENGTH_FIELD = 2, SHORT_HEADER = 6, LONG_HEADER = 21 };

enum flag {
        CONTROL = 0x01,
        CONTROL_TYPE = 0x0e,
        FORM = 0x07,
        SHORT_FORM = 0x02,
        LONG_FORM = 0x06,
        RETURN_REQUESTED = 0x08,
        RETURNING = 0x10,
        INTRA_ETHERNET = 0x20,
        FUTURE_VERSION = 0x40,
        PADDING = 0x80,
        PADDING_LENGTH = 0x7f,
};

static void put_node(struct printer *printer, struct packet packet, uint32_t offset)
{
        uint16_t address = get16_little(printer, packet, offset);

        putf_as(printer, ROLE_ADDRESS, "%u.%u", address >> 10, address & 0x3ffu);
}

/* What kind of node it is, and what it wants: the bits of this differ. */
static void kind_print(struct printer *printer, uint8_t kind, uint8_t no_multicast,
                       uint8_t blocking)
{
        static const char *const kinds[] = {"reserved-ntype?", "l2rout", "l1rout", "endnode"};

        putf(printer, "%s ", kinds[kind & 3]);
        if (kind & 4)
                put(printer, "verif ");
        if (kind & no_multicast)
                put(printer, "nomcast ");
        if (kind & blocking)
                put(printer, "blo ");
}

static void version_print(struct printer *printer, struct packet packet, uint32_t offset)
{
        putf(printer, "vers %u eco %u ueco %u ", get8(printer, packet, offset),
             get8(printer, packet, offset + 1), get8(printer, packet, offset + 2));
}

static void initialization_print(struct printer *printer, struct packet packet)
{
        kind_print(printer, get8(printer, packet, 3), 0, 0x08);
        put(printer, "src ");
        put_node(printer, packet, 1);
        putf(printer, "blksize %u ", get16_little(printer, packet, 4));
        version_print(printer, packet, 6);
        putf(printer, "hello %u", get16_little(printer, packet, 9));
}

static void check_print(struct printer *printer, struct packet packet, const char *name)
{
        put(printer, "src ");
        put_node(printer, packet, 1);
        putf(printer, " %s ", name);
        put_octal(printer, get8(printer, packet, 3));
}

/* Runs of nodes or areas, and how far they are; a checksum ends them. */
static void routes_print(struct printer *printer, struct packet packet, const char *name)
{
        enum { HEADER = 4, ROUTE = 6, MAX_COUNT = 1024 };

        put(printer, "src ");
        put_node(printer, packet, 1);
        put_char(printer, ' ');
        for (packet = packet_from(packet, HEADER); packet.length > ROUTE;
             packet = packet_from(packet, ROUTE)) {
                unsigned count, first, distance;

                need_hard(printer, packet, 0, ROUTE);
                count = get16_little(printer, packet, 0);
                if (count > MAX_COUNT)
                        return;
                first = get16_little(printer, packet, 2);
                distance = get16_little(printer, packet, 4);
                putf(printer, "{%s %u-%u cost %u hops %u} ", name, first, first + count,
                     distance & 0x1ff, distance >> 10 & 0x1f);
        }
}

static void router_hello_print(struct printer *printer, struct packet packet)
{
        kind_print(printer, get8(printer, packet, 10), 0x20, 0x40);
        version_print(printer, packet, 1);
        put(printer, "src ");
        put_node(printer, packet, 8);
        putf(printer, " blksize %u pri %u hello %u", get16_little(printer, packet, 11),
             get8(printer, packet, 13), get16_little(printer, packet, 15));
}

static void endnode_hello_print(struct printer *printer, struct packet packet)
{
        kind_print(printer, get8(printer, packet, 10), 0x20, 0x40);
        version_print(printer, packet, 1);
        put(printer, "src ");
        put_node(printer, packet, 8);
        putf(printer, " blksize %u rtr ", get16_little(printer, packet, 11));
        put_node(printer, packet, 26);
        putf(printer, " hello %u data ", get16_little(printer, packet, 28));
        put_octal(printer, get8(printer, packet, 31));
}

enum control_type { INITIALIZATION, VERIFICATION, TEST, LEVEL_1, LEVEL_2, ROUTER, ENDNODE, NONE };

static void control_print(struct printer *printer, struct packet packet)
{
        static const struct {
                const char *name;
                uint32_t size;
        } types[NONE] = {
            [INITIALIZATION] = {"init ", 12},
            [VERIFICATION] = {"verification ", 4},
            [TEST] = {"test ", 4},
            [LEVEL_1] = {"lev-1-routing ", 4},
            [LEVEL_2] = {"lev-2-routing ", 4},
            [ROUTER] = {"router-hello ", 18},
            [ENDNODE] = {"endnode-hello ", 32},
        };
        enum control_type type = (get8(printer, packet, 0) & CONTROL_TYPE) >> 1;

        if (type == NONE) {
                put(printer, "unknown control message");
                dump_hex_ascii(printer, "\n\t", packet, packet.length);
                need_hard(printer, packet, 0, packet.length);
                return;
        }
        put(printer, types[type].name);
        if (packet.length < types[type].size) {
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, types[type].size);
        switch (type) {
        case INITIALIZATION: initialization_print(printer, packet); break;
        case VERIFICATION: check_print(printer, packet, "fcnval"); break;
        case TEST: check_print(printer, packet, "data"); break;
        case LEVEL_1: routes_print(printer, packet, "ids"); break;
        case LEVEL_2: routes_print(printer, packet, "areas"); break;
        case ROUTER: router_hello_print(printer, packet); break;
        case ENDNODE: endnode_hello_print(printer, packet); break;
        case NONE: break;
        }
}

/* ---- Network services ---- */

enum { NSP_HEADER = 5, TYPE = 0x0c, SUBTYPE = 0x70 };

enum type { DATA = 0x00, ACKNOWLEDGEMENT = 0x04, CONNECTION = 0x08 };

enum subtype {
        MIDDLE = 0x00,
        LINK_SERVICE = 0x10,
        BEGINNING = 0x20,
        INTERRUPT = 0x30,
        END = 0x40,
        BEGINNING_END = 0x60,

        DATA_ACKNOWLEDGEMENT = 0x00,
        OTHER_ACKNOWLEDGEMENT = 0x10,
        CONNECT_ACKNOWLEDGEMENT = 0x20,

        CONNECT = 0x10,
        CONFIRM = 0x20,
        DISCONNECT = 0x30,
        DISCONNECTED = 0x40,
        RETRANSMITTED_CONNECT = 0x60,
};

static const struct name reasons[] = {
    {0, "object rejected connect"},
    {1, "insufficient resources"},
    {2, "unrecognized node name"},
    {3, "node is shutting down"},
    {4, "unrecognized object"},
    {5, "invalid object name format"},
    {6, "object too busy"},
    {7, "protocol error discovered"},
    {8, "third party abort"},
    {9, "user abort"},
    {10, "invalid node name format"},
    {11, "local node shutting down"},
    {32, "insufficient local resources"},
    {33, "insufficient remote user resources"},
    {34, "invalid access control information"},
    {36, "bad ACCOUNT information"},
    {38, "no response from object"},
    {39, "node unreachable"},
    {41, "no link terminate"},
    {42, "disconnect complete"},
    {43, "bad image data in connect"},
    {54, "cryptographic service mismatch"},
    {0, NULL},
};

/* What is acknowledged, of this subchannel and of the other, each of which may be missing: `need`
 * says of how many bytes must be there. Returns the offset behind, or 0 if the segment is too short
 * for what must follow. */
static uint32_t acknowledgements_print(struct printer *printer, struct packet packet,
                                       const char *other, uint32_t following)
{
        enum { ACKNOWLEDGED = 0x8000, REFUSED = 0x1000, OTHER = 0xa000, NUMBER = 0x0fff };
        uint32_t offset = NSP_HEADER;
        uint16_t number;

        if (packet.length < offset + following)
                return 0;
        number = get16_little(printer, packet, offset);
        if (!(number & ACKNOWLEDGED))
                return offset;
        putf(printer, number & REFUSED ? "nak %u " : "ack %u ", number & NUMBER);
        offset += 2;
        if (packet.length < offset + following)
                return 0;
        if (packet.length < offset + 2)
                return offset;
        number = get16_little(printer, packet, offset);
        if (!(number & OTHER))
                return offset;
        putf(printer,
             (number & (OTHER | REFUSED)) == (OTHER | REFUSED) ? "%snak%s %u " : "%sack%s %u ",
             *other == 'o' ? other : "", *other == 'o' ? "" : other, number & NUMBER);
        offset += 2;
        return packet.length < offset + following ? 0 : offset;
}

/* Those and the segment's own number. False if it is too short. */
static bool segment_print(struct printer *printer, struct packet packet, const char *other)
{
        uint32_t offset = acknowledgements_print(printer, packet, other, 2);

        if (offset != 0)
                putf(printer, "seg %u ", get16_little(printer, packet, offset) & 0xfffu);
        return offset != 0;
}

static bool link_service_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 13, INTERPRETATION = 0x0c, MODE = 0x03 };
        static const char *const modes[] = {"", "donotsend-data ", "send-data "};
        uint8_t flags, value;

        if (packet.length < SIZE)
                return false;
        segment_print(printer, packet, "dat");
        flags = get8(printer, packet, 11);
        value = get8(printer, packet, 12);
        switch (flags & INTERPRETATION) {
        case 0:
                putf(printer, "dat seg count %u ", value);
                if ((flags & MODE) == MODE)
                        putf(printer, "reserved-fcmod? %x", flags);
                else
                        put(printer, modes[flags & MODE]);
                break;
        case 4: putf(printer, "intr req count %u ", value); break;
        default: putf(printer, "reserved-fcval-int? %x", flags);
        }
        return true;
}

static void services_print(struct printer *printer, struct packet packet)
{
        static const char *const versions[] = {"3.2", "3.1", "4.0", "4.1"};
        uint8_t services = get8(printer, packet, 5);

        switch (services & 0x0c) {
        case 4: put(printer, "seg "); break;
        case 8: put(printer, "msg "); break;
        default: break;
        }
        putf(printer, "ver %s segsize %u ", versions[get8(printer, packet, 6) & 3],
             get16_little(printer, packet, 7));
}

static void put_reason(struct printer *printer, struct packet packet)
{
        put_name(printer, reasons, "reason-%u", get16_little(printer, packet, 5));
        put_char(printer, ' ');
}

static void put_option_length(struct printer *printer, uint8_t length)
{
        if (length > 0)
                putf(printer, "optlen %u ", length);
}

/* ---- The types of messages; false if one is too short ---- */

struct message {
        uint8_t flags;
        unsigned from, to;
};

static void put_links(struct printer *printer, const struct message *message, const char *name)
{
        putf(printer, "%s %u>%u ", name, message->from, message->to);
}

static void put_reserved(struct printer *printer, const struct message *message, const char *what)
{
        putf(printer, "reserved-%s? %x %u > %u", what, message->flags, message->from, message->to);
}

static bool data_print(struct printer *printer, struct packet packet, const struct message *message)
{
        switch (message->flags & SUBTYPE) {
        case MIDDLE:
        case BEGINNING:
        case END:
        case BEGINNING_END:
                put_links(printer, message, "data");
                return segment_print(printer, packet, "o");
        case LINK_SERVICE:
                put_links(printer, message, "link-service");
                return link_service_print(printer, packet);
        case INTERRUPT: put(printer, "intr "); return segment_print(printer, packet, "dat");
        default: put_reserved(printer, message, "subtype"); return true;
        }
}

static bool acknowledgement_print(struct printer *printer, struct packet packet,
                                  const struct message *message)
{
        enum { SIZE = 9 };
        bool other;

        switch (message->flags & SUBTYPE) {
        case DATA_ACKNOWLEDGEMENT:
        case OTHER_ACKNOWLEDGEMENT:
                other = (message->flags & SUBTYPE) == OTHER_ACKNOWLEDGEMENT;
                put_links(printer, message, other ? "ils-ack" : "data-ack");
                if (packet.length < SIZE)
                        return false;
                need_hard(printer, packet, 0, SIZE);
                acknowledgements_print(printer, packet, other ? "dat" : "o", 0);
                return true;
        case CONNECT_ACKNOWLEDGEMENT: putf(printer, "conn-ack %u", message->to); return true;
        default: put_reserved(printer, message, "acktype"); return true;
        }
}

static bool connection_print(struct printer *printer, struct packet packet,
                             const struct message *message)
{
        enum { CONNECT_SIZE = 9, CONFIRM_SIZE = 10, DISCONNECT_SIZE = 8, DISCONNECTED_SIZE = 7 };

        switch (message->flags & SUBTYPE) {
        case CONNECT:
        case RETRANSMITTED_CONNECT:
                put_links(printer, message,
                          (message->flags & SUBTYPE) == CONNECT ? "conn-initiate"
                                                                : "retrans-conn-initiate");
                if (packet.length < CONNECT_SIZE)
                        return false;
                need_hard(printer, packet, 0, CONNECT_SIZE);
                services_print(printer, packet);
                return true;
        case CONFIRM:
                put_links(printer, message, "conn-confirm");
                if (packet.length < CONFIRM_SIZE)
                        return false;
                need_hard(printer, packet, 0, CONFIRM_SIZE);
                services_print(printer, packet);
                put_option_length(printer, get8(printer, packet, 9));
                return true;
        case DISCONNECT:
                put_links(printer, message, "disconn-initiate");
                if (packet.length < DISCONNECT_SIZE)
                        return false;
                need_hard(printer, packet, 0, DISCONNECT_SIZE);
                put_reason(printer, packet);
                put_option_length(printer, get8(printer, packet, 7));
                return true;
        case DISCONNECTED:
                put_links(printer, message, "disconn-confirm");
                need_hard(printer, packet, 0, DISCONNECTED_SIZE);
                put_reason(printer, packet);
                return true;
        default: put_reserved(printer, message, "ctltype"); return true;
        }
}

static void nsp_print(struct printer *printer, struct packet packet)
{
        struct message message;
        bool whole = true;

        if (packet.length < NSP_HEADER) {
                putf(printer, " (nsplen %u < %u)", packet.length, NSP_HEADER);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, NSP_HEADER);
        message.flags = get8(printer, packet, 0);
        message.to = get16_little(printer, packet, 1);
        message.from = get16_little(printer, packet, 3);
        switch (message.flags & TYPE) {
        case DATA: whole = data_print(printer, packet, &message); break;
        case ACKNOWLEDGEMENT: whole = acknowledgement_print(printer, packet, &message); break;
        case CONNECTION: whole = connection_print(printer, packet, &message); break;
        default: put_reserved(printer, &message, "type");
        }
        if (!whole)
                put_invalid(printer);
}

/* ---- Packets ---- */

/* With a header of `size`, in which the addresses are at `to` and `from`. */
static void routed_print(struct printer *printer, struct packet packet, uint32_t length,
                         uint32_t size, uint32_t to, uint32_t from)
{
        uint8_t flags = get8(printer, packet, 0);
        struct packet inner;

        if (size == LONG_HEADER && packet.length < size) {
                putf(printer, " (length %u < %u)", packet.length, size);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, size);
        put_node(printer, packet, from);
        put(printer, " > ");
        put_node(printer, packet, to);
        putf(printer, " %u ", length);
        if (printer->options.verbose) {
                if (flags & RETURN_REQUESTED)
                        put(printer, "RQR ");
                if (flags & RETURNING)
                        put(printer, "RTS ");
                if (flags & INTRA_ETHERNET)
                        put(printer, "IE ");
                if (size == SHORT_HEADER)
                        putf(printer, "%u hops ", (get8(printer, packet, 5) & 0x3fu) + 1);
                else
                        putf(printer, "%u hops ", get8(printer, packet, 18));
        }
        inner = packet_from(packet, size);
        /* It may be a large number, for less than nothing, as in tcpdump. */
        inner.length = packet.length - size;
        nsp_print(printer, inner);
}

void decnet_print(struct printer *printer, struct packet packet)
{
        struct packet whole = packet, rest;
        uint32_t length;
        uint8_t flags;

        printer->protocol = "decnet";
        if (packet.length < LENGTH_FIELD + SHORT_HEADER - 2) {
                putf(printer, " (length %u < %u)", packet.length, SHORT_HEADER);
                put_invalid(printer);
                return;
        }
        need_hard(printer, packet, 0, 2);
        length = get16_little(printer, packet, 0);
        if (length < SHORT_HEADER) {
                putf(printer, " (pktlen %u < %u)", length, SHORT_HEADER);
                put_invalid(printer);
                return;
        }
        if (length > packet.length) {
                putf(printer, " (pktlen %u > %u)", length, packet.length);
                put_invalid(printer);
                return;
        }
        whole.length = length;
        rest = packet_from(packet, LENGTH_FIELD);
        rest.length = length;
        flags = get8(printer, rest, 0);
        if (flags & PADDING) {
                uint32_t padding = flags & PADDING_LENGTH;

                if (printer->options.verbose)
                        putf(printer, "[pad:%u] ", padding);
                if (length < padding + 2) {
                        putf(printer, " (length %u < %u)", length, padding + 2);
                        put_invalid(printer);
                        return;
                }
                need_hard(printer, rest, padding, 1);
                rest = packet_from(rest, padding);
                whole = packet_from(whole, padding);
                flags = get8(printer, rest, 0);
        }
        if (flags & FUTURE_VERSION) {
                put(printer, "future-version-decnet");
                dump_hex_ascii(printer, "\n\t", whole, whole.length);
        } else if (flags & CONTROL) {
                control_print(printer, rest);
        } else if ((flags & FORM) == LONG_FORM) {
                routed_print(printer, rest, length, LONG_HEADER, 7, 15);
        } else if ((flags & FORM) == SHORT_FORM) {
                routed_print(printer, rest, length, SHORT_HEADER, 1, 3);
        } else {
                put(printer, "unknown message flags under mask");
                dump_hex_ascii(printer, "\n\t", whole, whole.length);
        }
}
