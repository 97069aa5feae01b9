/* Transparent inter-process communication, version 2, of the TIPC project: messages of words, whose
 * first two say what the others are. */
#include "link.h"

enum user {
        DATA_LOW = 0,
        DATA_CRITICAL = 3,
        BROADCAST = 5,
        BUNDLER = 6,
        LINK_STATE = 7,
        CONNECTION = 8,
        CHANGEOVER = 10,
        NAMES = 11,
        FRAGMENTER = 12,
        NEIGHBORS = 13
};

static const struct name users[] = {
    {DATA_LOW, "Low Importance Data payload"},
    {1, "Medium Importance Data payload"},
    {2, "High Importance Data payload"},
    {DATA_CRITICAL, "Critical Importance Data payload"},
    {BROADCAST, "Broadcast Link Protocol internal"},
    {BUNDLER, "Message Bundler Protocol internal"},
    {LINK_STATE, "Link State Protocol internal"},
    {CONNECTION, "Connection Manager internal"},
    {CHANGEOVER, "Link Changeover Protocol internal"},
    {NAMES, "Name Table Update Protocol internal"},
    {FRAGMENTER, "Message Fragmentation Protocol internal"},
    {NEIGHBORS, "Neighbor Detection Protocol internal"},
    {0, NULL},
};

static const struct name types[] = {
    {0, "CONN_MSG"}, {1, "MCAST_MSG"}, {2, "NAMED_MSG"}, {3, "DIRECT_MSG"}, {0, NULL}};

/* What the first word says. */
struct tipc {
        uint8_t version, user;
        uint32_t header, size;
};

static uint32_t word(struct printer *printer, struct packet packet, uint32_t index)
{
        return get32(printer, packet, 4 * index);
}

/* Zone, cluster, node. */
static void put_node(struct printer *printer, uint32_t address)
{
        putf_as(printer, ROLE_ADDRESS, "%u.%u.%u", address >> 24, address >> 12 & 0xfff,
                address & 0xfff);
}

static void put_header(struct printer *printer, const struct tipc *tipc, const struct name *table,
                       uint32_t type)
{
        putf(printer, ", headerlength %u bytes, MessageSize %u bytes, %s, messageType %s",
             tipc->header, tipc->size, name_find(users, tipc->user),
             name_or(table, type, "Unknown"));
}

/* A header of six words has no nodes. */
static void payload_print(struct printer *printer, struct packet packet, const struct tipc *tipc)
{
        enum { SHORT = 24 };
        uint32_t first, second, previous, from, to;

        need_hard(printer, packet, 0, SHORT);
        first = word(printer, packet, 1);
        second = word(printer, packet, 2);
        previous = word(printer, packet, 3);
        from = word(printer, packet, 4);
        to = word(printer, packet, 5);
        if (tipc->header <= SHORT) {
                putf_as(printer, ROLE_PROTOCOL, "TIPC v%u.0 ", tipc->version);
                put_node(printer, previous);
                putf(printer, ":%u > %u", from, to);
                put_header(printer, tipc, types, first >> 29);
                return;
        }
        need_hard(printer, packet, SHORT, 8);
        putf_as(printer, ROLE_PROTOCOL, "TIPC v%u.0 ", tipc->version);
        put_node(printer, word(printer, packet, 6));
        putf(printer, ":%u > ", from);
        put_node(printer, word(printer, packet, 7));
        putf(printer, ":%u", to);
        put_header(printer, tipc, types, first >> 29);
        if (!printer->options.verbose)
                return;
        put(printer, "\n\tPrevious Node ");
        put_node(printer, previous);
        putf(printer, ", Broadcast Ack %u, Link Ack %u, Link Sequence %u", first & 0xffff,
             second >> 16, second & 0xffff);
}

static void internal_print(struct printer *printer, struct packet packet, const struct tipc *tipc)
{
        uint32_t first, second, fourth;

        need_hard(printer, packet, 0, 32);
        first = word(printer, packet, 1);
        putf_as(printer, ROLE_PROTOCOL, "TIPC v%u.0 ", tipc->version);
        put_node(printer, word(printer, packet, 6));
        put(printer, " > ");
        put_node(printer, word(printer, packet, 7));
        put_header(printer, tipc, types, first >> 29);
        putf(printer, " (0x%08x)", first);
        if (!printer->options.verbose)
                return;
        need_hard(printer, packet, 32, 8);
        second = word(printer, packet, 2);
        fourth = word(printer, packet, 4);
        put(printer, "\n\tPrevious Node ");
        put_node(printer, word(printer, packet, 3));
        putf(printer, ", Session No. %u, Broadcast Ack %u, Sequence Gap %u, ",
             word(printer, packet, 5) >> 16, first & 0xffff, first >> 16 & 0x1fff);
        putf(printer, " Broadcast Gap After %u, Broadcast Gap To %u, ", second >> 16,
             second & 0xffff);
        putf(printer, "Last Sent Packet No. %u, Next sent Packet No. %u, ", fourth >> 16,
             fourth & 0xffff);
        putf(printer, "Transport Sequence %u, msg_count %u, Link Tolerance %u",
             word(printer, packet, 8), word(printer, packet, 9) >> 16,
             word(printer, packet, 9) & 0xffff);
}

static void neighbors_print(struct printer *printer, struct packet packet, const struct tipc *tipc)
{
        static const struct name link_types[] = {
            {0, "Link request"}, {1, "Link response"}, {0, NULL}};
        uint32_t first;

        need_hard(printer, packet, 0, 16);
        first = word(printer, packet, 1);
        putf_as(printer, ROLE_PROTOCOL, "TIPC v%u.0 ", tipc->version);
        put_node(printer, word(printer, packet, 3));
        put(printer, " > ");
        put_node(printer, word(printer, packet, 2));
        put_header(printer, tipc, link_types, first >> 29);
        if (!printer->options.verbose)
                return;
        need_hard(printer, packet, 16, 8);
        putf(printer, "\n\tNodeSignature %u, network_id %u, media_id %u", first & 0xffff,
             word(printer, packet, 4), word(printer, packet, 5) & 0xff);
}

void tipc_print(struct printer *printer, struct packet packet)
{
        struct tipc tipc;
        uint32_t first;

        printer->protocol = "tipc";
        need_hard(printer, packet, 0, 4);
        first = word(printer, packet, 0);
        tipc = (struct tipc){.version = (uint8_t)(first >> 29),
                             .user = first >> 25 & 15,
                             .header = (first >> 21 & 15) * 4,
                             .size = first & 0x1ffff};
        switch (tipc.user) {
        case DATA_LOW ... DATA_CRITICAL:
        case CONNECTION:
        case NAMES: payload_print(printer, packet, &tipc); break;
        case BROADCAST:
        case BUNDLER:
        case LINK_STATE:
        case CHANGEOVER:
        case FRAGMENTER: internal_print(printer, packet, &tipc); break;
        case NEIGHBORS: neighbors_print(printer, packet, &tipc); break;
        default: break;
        }
}
