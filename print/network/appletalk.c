/* AppleTalk ("Inside AppleTalk", second edition): the link layer of LocalTalk (LLAP), AARP, DDP,
 * and of what that carries the name binding and transaction protocols. */
#include "base/array.h"
#include "network.h"

enum {
        LONG_HEADER = 13, /* of DDP */
        SHORT_HEADER = 5,
        PROTOCOL_NBP = 2,
        PROTOCOL_ATP = 3,
        PROTOCOL_EIGRP = 88,
};

/* Where a datagram comes from. */
struct appletalk_source {
        uint16_t network;
        uint8_t node, socket;
};

/* All nodes of a network are not said. */
static void put_node(struct printer *printer, unsigned network, unsigned node)
{
        enum { BROADCAST = 0xff };
        size_t start = span_start(printer);

        put_decimal(printer, network);
        if (node != BROADCAST)
                put_labelled(printer, ".", node);
        span_end(printer, ROLE_ADDRESS, start);
}

/* ---- Name binding ---- */

enum {
        NBP_HEADER = 2,
        TUPLE = 5, /* without the name: network, node, socket, enumerator */
        MAX_NAME = 32,
};

/* One of a name's three strings. Returns where it ends; 0 if that is not known. */
static uint32_t string_print(struct printer *printer, struct packet packet, uint32_t at)
{
        uint32_t size;

        if (!has(packet, at, 1)) {
                put_truncated(printer);
                return 0;
        }
        size = get8(printer, packet, at++);
        if (size > MAX_NAME) {
                putf(printer, "[len=%u]", size);
                return 0;
        }
        for (; size > 0; size--, at++) {
                if (!has(packet, at, 1)) {
                        put_truncated(printer);
                        return 0;
                }
                put_visible(printer, get8(printer, packet, at));
        }
        return at;
}

static uint32_t name_print(struct printer *printer, struct packet packet, uint32_t at)
{
        static const char separators[] = {'"', ':', '@'};

        put_char(printer, ' ');
        for (size_t i = 0; i < array_count(separators); i++) {
                put_char(printer, separators[i]);
                at = string_print(printer, packet, at);
                if (at == 0)
                        return 0;
        }
        put_char(printer, '"');
        return at;
}

/* What a reply says of a name; the address is not shown if it is the sender's. Returns the next
 * one's place; 0 if that is not known. */
static uint32_t tuple_print(struct printer *printer, struct packet packet, uint32_t at,
                            struct appletalk_source source)
{
        uint32_t end;
        uint16_t network;
        uint8_t node, socket, enumerator;

        if (!has(packet, at, TUPLE)) {
                put_truncated(printer);
                return 0;
        }
        network = get16(printer, packet, at);
        node = get8(printer, packet, at + 2);
        socket = get8(printer, packet, at + 3);
        enumerator = get8(printer, packet, at + 4);
        end = name_print(printer, packet, at + TUPLE);
        if (enumerator != 1)
                putf(printer, "(%u)", enumerator);
        if (socket != source.socket)
                putf(printer, " %u", socket);
        if (network != source.network || node != source.node) {
                put(printer, " [addr=");
                put_node(printer, network, node);
                put_char(printer, ']');
        }
        return end;
}

/* A question is about one name. */
static void lookup_print(struct printer *printer, struct packet packet, unsigned tuples,
                         struct appletalk_source source)
{
        uint32_t at = NBP_HEADER;
        uint16_t network;
        uint8_t node, socket;

        need(printer, packet, at, TUPLE);
        name_print(printer, packet, at + TUPLE);
        if (tuples != 1)
                putf(printer, " [ntup=%u]", tuples);
        if (get8(printer, packet, at + 4) != 0)
                putf(printer, " [enum=%u]", get8(printer, packet, at + 4));
        network = get16(printer, packet, at);
        node = get8(printer, packet, at + 2);
        socket = get8(printer, packet, at + 3);
        if (network != source.network || node != source.node || socket != source.socket) {
                put(printer, " [addr=");
                put_node(printer, network, node);
                putf(printer, ".%u]", socket);
        }
}

static void nbp_print(struct printer *printer, struct packet packet, struct appletalk_source source)
{
        enum { BROADCAST_REQUEST = 1, LOOKUP, REPLY, LEAST = 10 };
        unsigned function, tuples, id;
        uint32_t at = NBP_HEADER;

        if (packet.length < LEAST) {
                put_damage(printer, " truncated-nbp %u", packet.length);
                return;
        }
        need(printer, packet, 0, NBP_HEADER);
        function = get8(printer, packet, 0) >> 4;
        tuples = get8(printer, packet, 0) & 15;
        id = get8(printer, packet, 1);
        switch (function) {
        case BROADCAST_REQUEST:
        case LOOKUP:
                putf(printer, " nbp-%s %u:", function == LOOKUP ? "lkup" : "brRq", id);
                lookup_print(printer, packet, tuples, source);
                break;
        case REPLY:
                putf(printer, " nbp-reply %u:", id);
                for (; tuples > 0 && at > 0; tuples--)
                        at = tuple_print(printer, packet, at, source);
                break;
        default:
                putf(printer, " nbp-0x%x  %u (%u)", get8(printer, packet, 0), id,
                     packet.length - NBP_HEADER);
        }
}

/* ---- Transactions ---- */

enum { ATP_STATUS = 0x08, ATP_END = 0x10, ATP_ONCE = 0x20 };

/* Which responses are wanted: a range if they are the first ones. */
static void bitmap_print(struct printer *printer, unsigned bitmap)
{
        const char *before = "<";

        if ((bitmap & (bitmap + 1)) == 0) {
                unsigned last = 0;

                while (bitmap >> last > 1)
                        last++;
                putf(printer, last > 0 ? "<0-%u>" : "<0>", last);
                return;
        }
        for (unsigned bit = 0; bit < 8; bit++) {
                if (bitmap & 1u << bit) {
                        putf(printer, "%s%u", before, bit);
                        before = ",";
                }
        }
        put_char(printer, '>');
}

static void atp_flags_print(struct printer *printer, const char *before, unsigned flags)
{
        static const struct name names[] = {
            {ATP_ONCE, "XO"}, {ATP_END, "EOM"}, {ATP_STATUS, "STS"}, {0, NULL}};

        if (flags == 0)
                return;
        put(printer, before);
        put_flags(printer, names, ",", flags);
        put_char(printer, ']');
}

static void atp_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 8, FUNCTION = 0xc0, REQUEST = 0x40, RESPONSE = 0x80, RELEASE = 0xc0 };
        unsigned control, bitmap, id;
        uint32_t size = packet.length - HEADER, user;

        if (packet.length < HEADER) {
                put_truncated(printer);
                return;
        }
        need(printer, packet, 0, HEADER);
        control = get8(printer, packet, 0);
        bitmap = get8(printer, packet, 1);
        id = get16(printer, packet, 2);
        user = get32(printer, packet, 4);
        switch (control & FUNCTION) {
        case REQUEST:
                putf(printer, " atp-req%s %u", control & ATP_ONCE ? " " : "*", id);
                bitmap_print(printer, bitmap);
                if (size > 0)
                        putf(printer, " [len=%u]", size);
                atp_flags_print(printer, " [", control & (ATP_END | ATP_STATUS));
                break;
        case RESPONSE:
                putf(printer, " atp-resp%s%u:%u (%u)", control & ATP_END ? "*" : " ", id, bitmap,
                     size);
                atp_flags_print(printer, " [", control & (ATP_ONCE | ATP_STATUS));
                break;
        case RELEASE:
                putf(printer, " atp-rel  %u", id);
                bitmap_print(printer, bitmap);
                if (size > 0)
                        putf(printer, " [len=%u]", size);
                atp_flags_print(printer, "[", control & (ATP_ONCE | ATP_END | ATP_STATUS));
                break;
        default: putf(printer, " atp-0x%x  %u (%u)", control, id, size);
        }
        if (user != 0)
                putf(printer, " 0x%x", user);
}

/* ---- DDP ---- */

static void payload_print(struct printer *printer, struct packet packet, uint8_t protocol,
                          struct appletalk_source source)
{
        static const struct name names[] = {{1, "rtmp"}, {4, "echo"},  {5, "rtmpReq"}, {22, "IP"},
                                            {23, "ARP"}, {75, "KLAP"}, {0, NULL}};

        switch (protocol) {
        case PROTOCOL_NBP: nbp_print(printer, packet, source); return;
        case PROTOCOL_ATP: atp_print(printer, packet); return;
        case PROTOCOL_EIGRP: protocol_print(printer, IP_PROTOCOL, PROTOCOL_EIGRP, packet); return;
        default:
                put(printer, " at-");
                put_name(printer, names, "#%u", protocol);
                putf(printer, " %u", packet.length);
        }
}

/* Named where ports are. */
static void put_socket(struct printer *printer, unsigned socket)
{
        static const struct name names[] = {
            {1, "rtmp"}, {2, "nis"}, {4, "echo"}, {6, "zip"}, {0, NULL}};

        put_char(printer, '.');
        if (printer->options.names.port)
                put_name_as(printer, ROLE_PORT, names, "%u", socket);
        else
                putf_as(printer, ROLE_PORT, "%u", socket);
}

static void put_addresses(struct printer *printer, struct appletalk_source source, unsigned network,
                          unsigned node, unsigned socket)
{
        put_node(printer, source.network, source.node);
        put_socket(printer, source.socket);
        put(printer, " > ");
        put_node(printer, network, node);
        put_socket(printer, socket);
        put_char(printer, ':');
}

static void header_need(struct printer *printer, struct packet packet, uint32_t size,
                        const char *name)
{
        const char *protocol = printer->protocol;

        printer->protocol = name;
        need(printer, packet, 0, size);
        printer->protocol = protocol;
}

/* A header is shown with `after` behind it. */
static void long_print(struct printer *printer, struct packet packet, const char *after)
{
        struct appletalk_source source;

        header_need(printer, packet, LONG_HEADER, "ddp");
        source.network = get16(printer, packet, 6);
        source.node = get8(printer, packet, 9);
        source.socket = get8(printer, packet, 11);
        put_addresses(printer, source, get16(printer, packet, 4), get8(printer, packet, 8),
                      get8(printer, packet, 10));
        put(printer, after);
        payload_print(printer, packet_from(packet, LONG_HEADER), get8(printer, packet, 12), source);
}

void appletalk_family_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "atalk";
        if (!printer->options.link_header)
                put_as(printer, ROLE_PROTOCOL, "AT ");
        if (packet.length < LONG_HEADER)
                put_damage(printer, " [|ddp %u]", packet.length);
        else
                long_print(printer, packet, " ");
}

/* In Ethernet. */
void appletalk_print(struct printer *printer, struct packet packet)
{
        if (printer->options.verbose)
                put(printer, "et1 ");
        appletalk_family_print(printer, packet);
}

/* LLAP: destination, source, type. Nodes are all that is needed within one network. */
void localtalk_print(struct printer *printer, struct packet packet)
{
        enum { HEADER = 3, SHORT_DDP = 1, LONG_DDP = 2 };
        struct packet inner = packet_from(packet, HEADER);
        unsigned destination, sender, type;
        uint32_t header;

        printer->protocol = "llap";
        printer->link_header = packet.length;
        if (packet.length < HEADER) {
                put_damage(printer, " [|llap %u]", packet.length);
                return;
        }
        need(printer, packet, 0, HEADER);
        destination = get8(printer, packet, 0);
        sender = get8(printer, packet, 1);
        type = get8(printer, packet, 2);
        if (type != SHORT_DDP && type != LONG_DDP) {
                printer->link_header = HEADER;
                putf(printer, "%u > %u at-lap#%u %u", sender, destination, type, inner.length);
                return;
        }
        header = type == SHORT_DDP ? SHORT_HEADER : LONG_HEADER;
        if (inner.length < header) {
                printer->link_header = inner.length > 0 ? inner.length : HEADER;
                put_damage(printer, type == SHORT_DDP ? " [|sddp %u]" : " [|ddp %u]", inner.length);
                return;
        }
        printer->link_header = HEADER + header;
        header_need(printer, inner, header, type == SHORT_DDP ? "sddp" : "ddp");
        if (type == SHORT_DDP) {
                struct appletalk_source source = {0, (uint8_t)sender, get8(printer, inner, 3)};

                put_addresses(printer, source, 0, destination, get8(printer, inner, 2));
                payload_print(printer, packet_from(inner, header), get8(printer, inner, 4), source);
        } else {
                long_print(printer, inner, "");
        }
}

/* In UDP, with LocalTalk's header. */
void kip_print(struct printer *printer, struct packet packet)
{
        enum { LINK_HEADER = 3 };
        struct packet inner = packet_from(packet, LINK_HEADER);

        printer->protocol = "llap";
        if (printer->options.verbose)
                put(printer, "kip ");
        if (packet.length < LINK_HEADER)
                put_damage(printer, " [|llap %u]", packet.length);
        else if (inner.length < LONG_HEADER)
                put_damage(printer, " [|ddp %u]", inner.length);
        else
                long_print(printer, inner, "");
}

/* ---- Address resolution ---- */

/* Of Ethernet and AppleTalk addresses; a byte of zero precedes the latter. */
void aarp_print(struct printer *printer, struct packet packet)
{
        enum { SIZE = 28, ETHERNET = 1, SENDER = 8, SENDER_NODE = 15, TARGET_NODE = 25 };
        enum { REQUEST = 1, REPLY, PROBE };
        unsigned hardware, protocol, hardware_size, protocol_size, operation;

        printer->protocol = "aarp";
        put(printer, "aarp ");
        need(printer, packet, 0, SIZE);
        hardware = get16(printer, packet, 0);
        protocol = get16(printer, packet, 2);
        hardware_size = get8(printer, packet, 4);
        protocol_size = get8(printer, packet, 5);
        operation = get16(printer, packet, 6);
        if (hardware == ETHERNET && protocol == ETHERTYPE_ATALK && hardware_size == 6 &&
            protocol_size == 4 && operation >= REQUEST && operation <= PROBE) {
                static const char *const verbs[] = {
                    [REQUEST] = "who-has ", [REPLY] = "reply ", [PROBE] = "probe "};
                uint32_t first = operation == REPLY ? SENDER_NODE : TARGET_NODE;

                put(printer, verbs[operation]);
                put_node(printer, get16(printer, packet, first), get8(printer, packet, first + 2));
                if (operation == REPLY) {
                        put(printer, " is-at ");
                        put_ethernet(printer, packet.data + SENDER);
                } else {
                        put(printer, " tell ");
                        put_node(printer, get16(printer, packet, SENDER_NODE),
                                 get8(printer, packet, SENDER_NODE + 2));
                }
                return;
        }
        putf(printer, "len %u op %u htype %u ptype %s%x halen %u palen %u", packet.length,
             operation, hardware, protocol != 0 ? "0x" : "", protocol, hardware_size,
             protocol_size);
}
