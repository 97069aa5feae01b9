/* From the tree to the graph, in two passes. The forward pass makes the terms of arithmetic and
 * finds where each test's headers are, as `vlan`, `mpls` and `pppoes` move them for all tests to
 * the right. The backward pass makes the nodes. */
#include "base/array.h"
#include "lowering.h"

#include <stdlib.h>

/* A node of the tree but for numbers. */
struct item {
        const struct tree *tree;
        const struct headers *headers;
        struct relation *relation;
};

/* An open `and`, `or` or `not`: its own targets, and where its next operand begins. */
struct open {
        const struct tree *tree;
        uint32_t yes, no, next;
        bool has_next;
};

struct walk {
        struct lower lower;
        struct numbers numbers;
        struct item *items;
        size_t item_count, item_room;
        struct open *opens;
        size_t open_count, open_room;
};

static uint32_t less(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        return lower_jump(lower, BPF_JGT, lower_length(lower), tree->test->number, no, yes);
}

static uint32_t greater(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        return lower_jump(lower, BPF_JGE, lower_length(lower), tree->test->number, yes, no);
}

/* NULL: foreign; TREE_GENEVE has headers of computed length. */
static lower_test *const tests[] = {[TREE_IPV4] = lower_ipv4,
                                    [TREE_IPV6] = lower_ipv6,
                                    [TREE_MAC] = lower_mac,
                                    [TREE_DECNET] = lower_decnet,
                                    [TREE_PORT] = lower_ports,
                                    [TREE_PORT_RANGE] = lower_ports,
                                    [TREE_PROTO] = lower_proto,
                                    [TREE_PROTOCHAIN] = lower_protochain,
                                    [TREE_PROTOCOL] = lower_named_protocol,
                                    [TREE_BROADCAST] = lower_broadcast,
                                    [TREE_MULTICAST] = lower_multicast,
                                    [TREE_INBOUND] = lower_direction,
                                    [TREE_OUTBOUND] = lower_direction,
                                    [TREE_PPPOED] = lower_pppoed,
                                    [TREE_LESS] = less,
                                    [TREE_GREATER] = greater,
                                    [TREE_IFINDEX] = lower_ifindex,
                                    [TREE_BYTE] = lower_byte,
                                    [TREE_VLAN] = lower_vlan,
                                    [TREE_MPLS] = lower_mpls,
                                    [TREE_PPPOES] = lower_pppoes,
                                    [TREE_LLC] = lower_llc,
                                    [TREE_PAIRS] = lower_pairs,
                                    [TREE_LAYERS] = lower_layers,
                                    [TREE_TUNNEL] = NULL};

/* --- Forward --- */

/* Headers do not change once a test points at them. */
static void move_headers(struct lower *lower, const struct tree *tree)
{
        struct headers *moved;

        if (tree->kind != TREE_VLAN && tree->kind != TREE_MPLS && tree->kind != TREE_PPPOES)
                return;
        moved = lower_take(lower, sizeof *moved);
        if (!moved)
                return;
        *moved = *lower->headers;
        lower_move(tree, moved);
        lower->headers = moved;
}

static void read_node(struct walk *walk, const struct tree *tree)
{
        struct lower *lower = &walk->lower;
        struct item item = {.tree = tree, .headers = lower->headers};

        if (tree->kind >= TREE_NUMBER && tree->kind <= TREE_CALCULATE) {
                lower_number(lower, &walk->numbers, tree);
                return;
        }
        if (tree->kind == TREE_RELATION)
                item.relation = lower_read_relation(lower, &walk->numbers);
        if (!array_grow(walk->items, walk->item_room, walk->item_count + 1)) {
                lower->graph->failed = true;
                return;
        }
        if (tree->kind > TREE_CALCULATE && !tests[tree->kind])
                lower_foreign(lower);
        walk->items[walk->item_count++] = item;
        move_headers(lower, tree);
}

/* --- Back --- */

/* Where an operand of the innermost open node leads to. */
static void find_targets(const struct open *open, uint32_t *yes, uint32_t *no)
{
        bool not = open->tree->kind == TREE_NOT;

        *yes = not ? open->no : open->yes;
        *no = not ? open->yes : open->no;
        if (open->has_next && open->tree->kind == TREE_AND)
                *yes = open->next;
        if (open->has_next && open->tree->kind == TREE_OR)
                *no = open->next;
}

static void open_node(struct walk *walk, const struct tree *tree, uint32_t yes, uint32_t no)
{
        if (!array_grow(walk->opens, walk->open_room, walk->open_count + 1)) {
                walk->lower.graph->failed = true;
                return;
        }
        walk->opens[walk->open_count++] = (struct open){.tree = tree, .yes = yes, .no = no};
}

/* `tree` begins at this node. So does what it is the first operand of. */
static void close_nodes(struct walk *walk, const struct tree *tree, uint32_t begin)
{
        while (walk->open_count > 0) {
                struct open *open = &walk->opens[walk->open_count - 1];

                open->next = begin;
                open->has_next = true;
                if (open->tree->operands != tree)
                        return;
                tree = open->tree;
                walk->open_count--;
        }
        walk->lower.graph->root = begin;
}

static uint32_t lower_item(struct lower *lower, const struct item *item, uint32_t yes, uint32_t no)
{
        if (item->relation)
                return lower_relation(lower, item->tree, item->relation, yes, no);
        return tests[item->tree->kind](lower, item->tree, yes, no);
}

static void lower_back(struct walk *walk, const struct item *item, uint32_t yes, uint32_t no)
{
        if (walk->open_count > 0)
                find_targets(&walk->opens[walk->open_count - 1], &yes, &no);
        if (item->tree->kind <= TREE_NOT) {
                open_node(walk, item->tree, yes, no);
                return;
        }
        walk->lower.headers = item->headers;
        close_nodes(walk, item->tree, lower_item(&walk->lower, item, yes, no));
}

static void lower_tree(struct walk *walk, const struct tree *tree)
{
        struct lower *lower = &walk->lower;
        uint32_t accept = graph_return(lower->graph, lower->target->snapshot_length);
        uint32_t reject = graph_return(lower->graph, 0);

        lower->graph->root = accept;
        for (const struct tree *node = tree ? tree_first(tree) : NULL;
             node && !lower->foreign && !lower->graph->failed; node = tree_next(node))
                read_node(walk, node);
        for (size_t i = walk->item_count; i-- > 0 && !lower->foreign && !lower->graph->failed;)
                lower_back(walk, &walk->items[i], accept, reject);
}

/* Of what is saved, it depends on the system: foreign. */
static bool is_family(enum net_numbers numbers)
{
        return numbers == NET_FAMILIES || numbers == NET_HOST_FAMILIES;
}

int graph_lower(struct graph *graph, const struct tree *tree, const struct lists *lists,
                const struct layers *layers, const struct cbpf_target *target)
{
        struct walk walk = {
            .lower = {.graph = graph, .lists = lists, .layers = layers, .target = target},
        };
        struct headers headers = {.link = NULL};

        if (!lower_set_link(&headers, target->link_type, 0) || target->snapshot_length == 0 ||
            (target->saved && is_family(headers.link_type->header->numbers)))
                return 1;
        walk.lower.headers = &headers;
        walk.lower.cooked = target->place == CBPF_LIVE && headers.link_type->cooked;
        if (lists)
                lists_sort(lists);
        if (graph_start(graph))
                lower_tree(&walk, tree);
        free(walk.numbers.numbers);
        free(walk.items);
        free(walk.opens);
        arena_free(&walk.lower.arena);
        if (graph->failed)
                return -1;
        return walk.lower.foreign ? 1 : 0;
}
