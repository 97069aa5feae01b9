/* Sets become what lists are made of: a test for each kind of value that the set has, which stands
 * for all values of that kind. A set of addresses of both families becomes two tests joined by
 * `or`, pairs of a host and a port become a run of pairs or, as long as they are few, tests. */
#include "base/array.h"
#include "lists.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct spreading {
        struct lists *lists;
        const struct tree_test *test; /* of the set at hand */
        struct tree *first, **end;    /* what it becomes, a list */
        uint32_t count;
        bool failed;
};

static uint8_t transport_of(uint8_t protocol)
{
        switch (protocol) {
        case PROTOCOL_TCP: return IPPROTO_TCP;
        case PROTOCOL_UDP: return IPPROTO_UDP;
        case PROTOCOL_SCTP: return IPPROTO_SCTP;
        default: return 0;
        }
}

static void *take(struct spreading *spreading, size_t size)
{
        void *memory = arena_take(spreading->lists->arena, size);

        spreading->failed |= !memory;
        return memory;
}

static struct tree *new_node(struct spreading *spreading, enum tree_kind kind)
{
        struct tree *node = take(spreading, sizeof *node);

        if (node)
                node->kind = (uint8_t)kind;
        return node;
}

/* A test with the set's qualifiers but for the type; NULL if memory is short. */
static struct tree *new_leaf(struct spreading *spreading, enum tree_kind kind, enum tree_type type,
                             struct tree_test **test)
{
        struct tree *leaf = new_node(spreading, kind);

        *test = take(spreading, sizeof **test);
        if (!leaf || !*test)
                return NULL;
        (*test)->qualifiers = spreading->test->qualifiers;
        (*test)->qualifiers.type = (uint8_t)type;
        leaf->test = *test;
        return leaf;
}

static struct tree *new_operator(struct spreading *spreading, enum tree_kind kind,
                                 struct tree *operands, uint32_t count)
{
        struct tree *node = new_node(spreading, kind);

        if (!node)
                return NULL;
        node->operands = operands;
        node->operand_count = count;
        for (; operands; operands = operands->next)
                operands->parent = node;
        return node;
}

static void add(struct spreading *spreading, struct tree *tree)
{
        if (!tree)
                return;
        *spreading->end = tree;
        spreading->end = &tree->next;
        spreading->count++;
}

/* --- Single values --- */

/* A network of IPv4, as `mask` says, or a host. */
static struct tree *ipv4_leaf(struct spreading *spreading, uint32_t address, uint32_t mask)
{
        struct tree_test *test;
        struct tree *leaf =
            new_leaf(spreading, TREE_IPV4, mask == UINT32_MAX ? TYPE_HOST : TYPE_NET, &test);

        if (leaf) {
                test->ipv4.address = address;
                test->ipv4.mask = mask;
        }
        return leaf;
}

static struct tree *ipv6_leaf(struct spreading *spreading, const struct set_prefix *prefix)
{
        struct tree_test *test;
        struct tree *leaf =
            new_leaf(spreading, TREE_IPV6, prefix->bits == 128 ? TYPE_HOST : TYPE_NET, &test);

        if (leaf) {
                memcpy(test->ipv6.address, prefix->address, sizeof test->ipv6.address);
                test->ipv6.prefix = prefix->bits;
        }
        return leaf;
}

static struct tree *port_leaf(struct spreading *spreading, const struct set_range *ports)
{
        bool one = ports->first == ports->last;
        struct tree_test *test;
        struct tree *leaf = new_leaf(spreading, one ? TREE_PORT : TREE_PORT_RANGE,
                                     one ? TYPE_PORT : TYPE_PORTRANGE, &test);

        if (leaf) {
                test->ports.first = (uint16_t)ports->first;
                test->ports.last = (uint16_t)ports->last;
                test->ports.transport = transport_of(test->qualifiers.protocol);
        }
        return leaf;
}

static struct tree *mac_leaf(struct spreading *spreading, const uint8_t mac[6])
{
        struct tree_test *test;
        struct tree *leaf = new_leaf(spreading, TREE_MAC, TYPE_HOST, &test);

        if (leaf)
                memcpy(test->mac, mac, sizeof test->mac);
        return leaf;
}

/* --- Lists --- */

/* Starts the list of `leaf`, whose values the caller fills in; NULL if memory is short. */
static struct value *start_list(struct spreading *spreading, struct tree *leaf, uint32_t count)
{
        struct lists *lists = spreading->lists;
        struct list *list;

        if (!leaf || !array_grow(lists->lists, lists->room, lists->count + 1)) {
                spreading->failed = true;
                return NULL;
        }
        list = &lists->lists[lists->count];
        *list = (struct list){0};
        if (!lists_shape(leaf, &list->shape) || !array_grow(list->values, list->room, count)) {
                spreading->failed = true;
                return NULL;
        }
        list->words = lists_words(list->shape.kind);
        list->count = count;
        leaf->list = ++lists->count;
        add(spreading, leaf);
        return list->values;
}

static void spread_ipv4(struct spreading *spreading, const struct set *set)
{
        struct set_range rest;
        struct value *values;
        bool left;
        uint32_t mask;

        if (set->ipv4_count == 0)
                return;
        rest = set->ipv4[0];
        mask = set_cut_prefix(&rest, &left);
        if (set->ipv4_count == 1 && !left) {
                add(spreading, ipv4_leaf(spreading, set->ipv4[0].first, mask));
                return;
        }
        values = start_list(spreading, ipv4_leaf(spreading, set->ipv4[0].first, UINT32_MAX),
                            set->ipv4_count);
        for (uint32_t i = 0; values && i < set->ipv4_count; i++)
                values[i] = (struct value){{{set->ipv4[i].first, set->ipv4[i].last}}};
}

static void spread_ipv6(struct spreading *spreading, const struct set *set)
{
        struct value *values;

        if (set->ipv6_count < 2) {
                if (set->ipv6_count == 1)
                        add(spreading, ipv6_leaf(spreading, &set->ipv6[0]));
                return;
        }
        values = start_list(spreading, ipv6_leaf(spreading, &set->ipv6[0]), set->ipv6_count);
        for (uint32_t i = 0; values && i < set->ipv6_count; i++)
                values[i] = lists_ipv6_value(set->ipv6[i].address, set->ipv6[i].bits);
}

static void spread_ports(struct spreading *spreading, const struct set *set)
{
        struct value *values;

        if (set->port_count < 2) {
                if (set->port_count == 1)
                        add(spreading, port_leaf(spreading, &set->ports[0]));
                return;
        }
        values = start_list(spreading, port_leaf(spreading, &set->ports[0]), set->port_count);
        for (uint32_t i = 0; values && i < set->port_count; i++)
                values[i] = (struct value){{{set->ports[i].first, set->ports[i].last}}};
}

static void spread_macs(struct spreading *spreading, const struct set *set)
{
        struct value *values;

        /* The addresses of 802.11 by their numbers are not gathered. */
        if (set->mac_count < 2 || spreading->test->qualifiers.direction >= DIRECTION_AND) {
                for (uint32_t i = 0; i < set->mac_count; i++)
                        add(spreading, mac_leaf(spreading, set->macs[i]));
                return;
        }
        values = start_list(spreading, mac_leaf(spreading, set->macs[0]), set->mac_count);
        for (uint32_t i = 0; values && i < set->mac_count; i++)
                values[i] = lists_mac_value(set->macs[i]);
}

/* --- Pairs --- */

/* `host` is a test of its own already. */
static void add_pair(struct spreading *spreading, struct tree *host, const struct set_range *ports)
{
        uint8_t protocol = spreading->test->qualifiers.protocol;
        struct tree *port = port_leaf(spreading, ports);

        if (!host || !port)
                return;
        if (transport_of(protocol))
                ((struct tree_test *)host->test)->qualifiers.protocol = PROTOCOL_DEFAULT;
        else
                ((struct tree_test *)port->test)->qualifiers.protocol = PROTOCOL_DEFAULT;
        host->next = port;
        add(spreading, new_operator(spreading, TREE_AND, host, 2));
}

static void spread_pairs_to_tests(struct spreading *spreading, const struct set *set, bool ipv6)
{
        for (uint32_t i = 0; ipv6 && i < set->ipv6_count; i++)
                add_pair(spreading, ipv6_leaf(spreading, &set->ipv6[i]), &set->ipv6_ports[i]);
        for (uint32_t i = 0; !ipv6 && i < set->ipv4_count; i++) {
                struct set_range range = set->ipv4[i];

                for (bool left = true; left && !spreading->failed;) {
                        uint32_t first = range.first, mask = set_cut_prefix(&range, &left);

                        add_pair(spreading, ipv4_leaf(spreading, first, mask), &set->ipv4_ports[i]);
                }
        }
}

/* As one run. */
static void spread_pairs_to_run(struct spreading *spreading, const struct set *set, bool ipv6)
{
        struct lists *lists = spreading->lists;
        uint32_t count = ipv6 ? set->ipv6_count : set->ipv4_count;
        uint8_t direction = spreading->test->qualifiers.direction;
        struct tree *leaf = new_node(spreading, TREE_PAIRS);
        struct pairs *pairs;

        if (direction == DIRECTION_OR)
                direction = DIRECTION_DEFAULT;
        if (!leaf || !array_grow(lists->pairs, lists->pair_room, lists->pair_runs + (size_t)1)) {
                spreading->failed = true;
                return;
        }
        pairs = &lists->pairs[lists->pair_runs++];
        *pairs = (struct pairs){.shape = {.host = ipv6 ? TREE_IPV6 : TREE_IPV4,
                                          .host_direction = direction,
                                          .port_direction = direction}};
        leaf->list = lists->pair_runs;
        leaf->test = spreading->test;
        if (!array_grow(pairs->pairs, pairs->room, count)) {
                spreading->failed = true;
                return;
        }
        for (uint32_t i = 0; i < count; i++) {
                const struct set_range *ports = ipv6 ? &set->ipv6_ports[i] : &set->ipv4_ports[i];

                pairs->pairs[i] =
                    (struct pair){.port = {ports->first, ports->last},
                                  .transport = transport_of(spreading->test->qualifiers.protocol)};
                if (ipv6)
                        pairs->pairs[i].host =
                            lists_ipv6_value(set->ipv6[i].address, set->ipv6[i].bits);
                else
                        pairs->pairs[i].host.words[0] =
                            (struct interval){set->ipv4[i].first, set->ipv4[i].last};
        }
        pairs->count = count;
        add(spreading, leaf);
}

static void spread_pairs(struct spreading *spreading, const struct set *set, bool ipv6)
{
        uint32_t count = ipv6 ? set->ipv6_count : set->ipv4_count;

        if (spreading->lists->gather_pairs && count > PAIRS_MAX_BOTH_TRIED)
                spread_pairs_to_run(spreading, set, ipv6);
        else
                spread_pairs_to_tests(spreading, set, ipv6);
}

/* --- Sets --- */

/* What is asked of the addresses of one family. */
static void spread_family(struct spreading *spreading, const struct set *set, bool ipv6)
{
        uint8_t protocol = spreading->test->qualifiers.protocol;
        bool no_ipv6 =
            protocol == PROTOCOL_IP || protocol == PROTOCOL_ARP || protocol == PROTOCOL_RARP;

        if (ipv6 ? no_ipv6 : protocol == PROTOCOL_IP6)
                return;
        if (set->kind == SET_PAIRS)
                spread_pairs(spreading, set, ipv6);
        else if (ipv6)
                spread_ipv6(spreading, set);
        else
                spread_ipv4(spreading, set);
}

/* What never holds. */
static struct tree *never(struct spreading *spreading)
{
        struct tree_test *test;
        struct tree *leaf = new_leaf(spreading, TREE_GREATER, TYPE_DEFAULT, &test);

        if (!leaf)
                return NULL;
        test->has_number = true;
        return new_operator(spreading, TREE_NOT, leaf, 1);
}

/* Puts `tree` into the place of `node`. */
static void replace(struct tree *node, const struct tree *tree)
{
        struct tree before = *node;

        *node = *tree;
        node->next = before.next;
        node->parent = before.parent;
        node->offset = before.offset;
        node->length = before.length;
        for (struct tree *operand = node->operands; operand; operand = operand->next)
                operand->parent = node;
}

static int spread(struct lists *lists, struct tree *node)
{
        struct spreading spreading = {.lists = lists, .test = node->test};
        const struct set *set = node->test->set.values;
        struct tree *tree;

        spreading.end = &spreading.first;
        spread_family(&spreading, set, set->ipv6_first);
        spread_family(&spreading, set, !set->ipv6_first);
        spread_ports(&spreading, set);
        spread_macs(&spreading, set);
        if (spreading.count == 0)
                tree = never(&spreading);
        else if (spreading.count == 1)
                tree = spreading.first;
        else
                tree = new_operator(&spreading, TREE_OR, spreading.first, spreading.count);
        if (spreading.failed)
                return -1;
        replace(node, tree);
        return 0;
}

int lists_spread_sets(struct lists *lists, struct tree *tree)
{
        for (struct tree *node = (struct tree *)tree_first(tree), *next; node; node = next) {
                next = (struct tree *)tree_next(node);
                if (node->kind == TREE_SET && spread(lists, node) < 0)
                        return -1;
                if (node->kind == TREE_LAYERS &&
                    lists_spread_sets(lists, (struct tree *)node->test->inside) < 0)
                        return -1;
        }
        return 0;
}
