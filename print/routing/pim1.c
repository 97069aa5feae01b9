/* PIM, version 1 (draft-ietf-idmr-pim-spec, 1995): a message of IGMP. */
#include "routing.h"

enum { HEADER = 8, ALL = 0xffffffff };

enum code { QUERY, REGISTER, REGISTER_STOP, JOIN_PRUNE, RP_REACHABLE, ASSERT, GRAFT, GRAFT_ACK };

/* Nothing where it is that of a host. */
static void put_mask(struct printer *printer, struct packet packet, uint32_t at)
{
        if (get32(printer, packet, at) != ALL)
                put_ipv4_labelled(printer, "/", packet, at);
}

static void put_group(struct printer *printer, struct packet packet, uint32_t at)
{
        put_ipv4_at(printer, packet, at);
        put_mask(printer, packet, at + 4);
}

static void put_source_kind(struct printer *printer, struct packet packet)
{
        enum { SPARSE = 0x01, WILDCARD = 0x80, SHARED_TREE = 0x40 };
        uint8_t flags = get8(printer, packet, 1);

        putf(printer, "%s %s%s", get8(printer, packet, 0) & SPARSE ? "Sparse" : "Dense",
             flags & WILDCARD ? "WC " : "", flags & SHARED_TREE ? "RP" : "SPT");
}

static void put_source(struct printer *printer, struct packet packet)
{
        put_ipv4_at(printer, packet, 2);
        putf(printer, "/%u", get8(printer, packet, 1) & 0x3fu);
}

enum { GROUPS = 12, GROUP = 12, SOURCE = 6 };

/* One source of one group. */
static bool is_single(struct printer *printer, struct packet packet)
{
        return packet.length >= GROUPS + GROUP + SOURCE &&
               has(packet, 0, GROUPS + GROUP + SOURCE) && get8(printer, packet, 11) == 1 &&
               get16(printer, packet, 20) + get16(printer, packet, 22) == 1;
}

static void single_print(struct printer *printer, struct packet packet)
{
        struct packet source = packet_from(packet, GROUPS + GROUP);

        put_ipv4_labelled(printer, " RPF ", packet, 0);
        put(printer, " Hold ");
        put_duration(printer, get16(printer, packet, 6));
        put(printer, get8(printer, packet, 21) ? "Join (" : "Prune (");
        put_source(printer, source);
        put(printer, ", ");
        put_group(printer, packet, GROUPS);
        put(printer, ") ");
        put_source_kind(printer, source);
}

/* Whether the message has fewer bytes. That they were not captured is another matter. */
static bool is_short(struct printer *printer, struct packet packet, uint32_t size)
{
        if (packet.length >= size)
                return false;
        put_truncated(printer);
        return true;
}

static bool sources_print(struct printer *printer, struct packet *packet, uint32_t count,
                          const char *label)
{
        for (; count > 0; count--) {
                if (is_short(printer, *packet, SOURCE))
                        return false;
                need_hard(printer, *packet, 0, SOURCE);
                put(printer, label);
                put_source_kind(printer, *packet);
                put_char(printer, ' ');
                put_source(printer, *packet);
                *packet = packet_from(*packet, SOURCE);
        }
        return true;
}

static void groups_print(struct printer *printer, struct packet packet, uint32_t count)
{
        for (; count > 0; count--) {
                uint32_t joined, pruned;

                if (is_short(printer, packet, 4))
                        return;
                need_hard(printer, packet, 0, 4);
                put_ipv4_labelled(printer, "\n\tGroup: ", packet, 0);
                if (is_short(printer, packet, 8))
                        return;
                put_mask(printer, packet, 4);
                if (is_short(printer, packet, GROUP))
                        return;
                joined = get16(printer, packet, 8);
                pruned = get16(printer, packet, 10);
                putf(printer, " joined: %u pruned: %u", joined, pruned);
                packet = packet_from(packet, GROUP);
                if (!sources_print(printer, &packet, joined, "\n\tJoin  ") ||
                    !sources_print(printer, &packet, pruned, "\n\tPrune "))
                        return;
        }
}

static void join_prune_print(struct printer *printer, struct packet packet)
{
        const bool lines = printer->options.verbose > 1;

        if (is_single(printer, packet)) {
                single_print(printer, packet);
                return;
        }
        if (is_short(printer, packet, 4))
                return;
        if (lines)
                put_char(printer, '\n');
        need_hard(printer, packet, 0, 4);
        put_ipv4_labelled(printer, " Upstream Nbr: ", packet, 0);
        if (is_short(printer, packet, 8))
                return;
        if (lines)
                put_char(printer, '\n');
        put(printer, " Hold time: ");
        put_duration(printer, get16(printer, packet, 6));
        if (lines && !is_short(printer, packet, GROUPS))
                groups_print(printer, packet_from(packet, GROUPS), get8(printer, packet, 11));
}

static void query_print(struct printer *printer, struct packet packet)
{
        static const struct name modes[] = {
            {0, " Dense-mode"}, {1, " Sparse-mode"}, {2, " Sparse-Dense-mode"}, {0, NULL}};

        if (has(packet, 0, 1))
                put_name(printer, modes, " mode-%u", packet.data[0] >> 4);
        if (!printer->options.verbose)
                return;
        put(printer, " (Hold-time ");
        put_duration(printer, get16(printer, packet, 2));
        put_char(printer, ')');
}

static void put_pair(struct printer *printer, struct packet packet, uint32_t first, uint32_t second)
{
        need_hard(printer, packet, first, 4);
        need_hard(printer, packet, second, 4);
        put_ipv4_labelled(printer, " for ", packet, first);
        put_ipv4_labelled(printer, " > ", packet, second);
}

static void reachable_print(struct printer *printer, struct packet packet)
{
        need_hard(printer, packet, 0, 4);
        put(printer, " group ");
        put_group(printer, packet, 0);
        need_hard(printer, packet, 8, 4);
        put_ipv4_labelled(printer, " RP ", packet, 8);
        put(printer, " hold ");
        put_duration(printer, get16(printer, packet, 14));
}

static void assert_print(struct printer *printer, struct packet packet)
{
        enum { SHARED_TREE = 0x80000000u };
        uint32_t preference;

        need_hard(printer, packet, 0, 12);
        put_ipv4_labelled(printer, " for ", packet, 8);
        put(printer, " > ");
        put_group(printer, packet, 0);
        need_hard(printer, packet, 12, 8);
        preference = get32(printer, packet, 12);
        putf(printer, " %s pref %u metric %u", preference & SHARED_TREE ? "RP-tree" : "SPT",
             preference & ~SHARED_TREE, get32(printer, packet, 16));
}

/* Returns false where it was cut off. */
static bool message_print(struct printer *printer, struct packet packet, uint8_t code)
{
        enum { IPV4 = 20 };
        const uint32_t length = packet.length;

        packet = packet_from(packet, HEADER);
        switch (code) {
        case QUERY: query_print(printer, packet); break;
        case REGISTER:
                if (!has(packet, 0, IPV4)) {
                        put_truncated(printer);
                        return false;
                }
                put_pair(printer, packet, 12, 16);
                break;
        case REGISTER_STOP: put_pair(printer, packet, 0, 4); break;
        case RP_REACHABLE:
                if (printer->options.verbose)
                        reachable_print(printer, packet);
                break;
        case ASSERT: assert_print(printer, packet); break;
        case JOIN_PRUNE:
        case GRAFT:
        case GRAFT_ACK:
                if (!printer->options.verbose)
                        break;
                if (length < HEADER) {
                        put_truncated(printer);
                        return false;
                }
                join_prune_print(printer, packet);
        }
        return true;
}

void pim1_print(struct printer *printer, struct packet packet)
{
        static const struct name codes[] = {{QUERY, " Query"},
                                            {REGISTER, " Register"},
                                            {REGISTER_STOP, " Register-Stop"},
                                            {JOIN_PRUNE, " Join/Prune"},
                                            {RP_REACHABLE, " RP-reachable"},
                                            {ASSERT, " Assert"},
                                            {GRAFT, " Graft"},
                                            {GRAFT_ACK, " Graft-ACK"},
                                            {0, NULL}};
        uint8_t code, version;

        put(printer, "igmp pimv1");
        printer->protocol = "pimv1";
        code = get8(printer, packet, 1);
        put_name(printer, codes, " [type %u]", code);
        if (!message_print(printer, packet, code))
                return;
        version = get8(printer, packet, 4) >> 4;
        if (version != 1)
                putf(printer, " [v%u]", version);
}
