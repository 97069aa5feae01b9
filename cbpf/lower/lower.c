/* From the tree to the graph, in two passes. The forward pass makes the terms of arithmetic and
 * finds where each test's headers are, as `vlan`, `mpls` and `pppoes` move them for all tests to
 * the right. The backward pass makes the nodes. To the right of a `vlan` for a live Ethernet socket
 * each test has two: one for paths on which the tag is (or was looked for) in the frame, one for
 * the others. */
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
        uint32_t yes[2], no[2], next[2];
        bool has_next;
};

struct walk {
        struct lower lower;
        struct numbers numbers;
        struct item *items;
        size_t item_count, item_room;
        size_t split; /* the item of the `vlan` after which tests have two nodes */
        bool related; /* a relation was read */
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

/* NULL: foreign; TREE_PROTOCHAIN jumps back, TREE_GENEVE has headers of computed length. */
static lower_test *const tests[] = {[TREE_IPV4] = lower_ipv4,
                                    [TREE_IPV6] = lower_ipv6,
                                    [TREE_MAC] = lower_mac,
                                    [TREE_DECNET] = lower_decnet,
                                    [TREE_PORT] = lower_ports,
                                    [TREE_PORT_RANGE] = lower_ports,
                                    [TREE_PROTO] = lower_proto,
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
                                    [TREE_PAIRS] = lower_pairs};

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
        lower_move(lower, tree, moved);
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
        if (lower_splits(lower, tree))
                walk->split = walk->item_count;
        /* libpcap keeps the 4 bytes in scratch memory, which earlier relations may overwrite: it
         * then looks for headers at odd offsets. */
        if (walk->split == walk->item_count && walk->related)
                lower_foreign(lower);
        walk->related |= tree->kind == TREE_RELATION;
        walk->items[walk->item_count++] = item;
        move_headers(lower, tree);
}

/* --- Back --- */

/* Where an operand of the innermost open node leads to. */
static void find_targets(const struct open *open, uint32_t yes[2], uint32_t no[2])
{
        for (int i = 0; i < 2; i++) {
                bool not = open->tree->kind == TREE_NOT;

                yes[i] = not ? open->no[i] : open->yes[i];
                no[i] = not ? open->yes[i] : open->no[i];
                if (open->has_next && open->tree->kind == TREE_AND)
                        yes[i] = open->next[i];
                if (open->has_next && open->tree->kind == TREE_OR)
                        no[i] = open->next[i];
        }
}

static void open_node(struct walk *walk, const struct tree *tree, const uint32_t yes[2],
                      const uint32_t no[2])
{
        if (!array_grow(walk->opens, walk->open_room, walk->open_count + 1)) {
                walk->lower.graph->failed = true;
                return;
        }
        walk->opens[walk->open_count++] =
            (struct open){.tree = tree, .yes = {yes[0], yes[1]}, .no = {no[0], no[1]}};
}

/* `tree` begins at these nodes. So does what it is the first operand of. */
static void close_nodes(struct walk *walk, const struct tree *tree, const uint32_t begin[2])
{
        while (walk->open_count > 0) {
                struct open *open = &walk->opens[walk->open_count - 1];

                open->next[0] = begin[0];
                open->next[1] = begin[1];
                open->has_next = true;
                if (open->tree->operands != tree)
                        return;
                tree = open->tree;
                walk->open_count--;
        }
        walk->lower.graph->root = begin[0];
}

static uint32_t lower_item(struct lower *lower, const struct item *item, uint32_t yes, uint32_t no)
{
        if (item->relation)
                return lower_relation(lower, item->tree, item->relation, yes, no);
        return tests[item->tree->kind](lower, item->tree, yes, no);
}

static void lower_back(struct walk *walk, size_t number, const uint32_t *root_yes,
                       const uint32_t *root_no)
{
        const struct item *item = &walk->items[number];
        struct lower *lower = &walk->lower;
        uint32_t yes[2] = {root_yes[0], root_yes[1]}, no[2] = {root_no[0], root_no[1]}, begin[2];

        if (walk->open_count > 0)
                find_targets(&walk->opens[walk->open_count - 1], yes, no);
        if (item->tree->kind <= TREE_NOT) {
                open_node(walk, item->tree, yes, no);
                return;
        }
        lower->headers = item->headers;
        lower->shift = 0;
        begin[0] = number == walk->split ? lower_live_vlan(lower, item->tree, yes, no)
                                         : lower_item(lower, item, yes[0], no[0]);
        begin[1] = begin[0];
        if (walk->split < number) {
                lower->shift = 4;
                begin[1] = lower_item(lower, item, yes[1], no[1]);
        }
        close_nodes(walk, item->tree, begin);
}

static void lower_tree(struct walk *walk, const struct tree *tree)
{
        struct lower *lower = &walk->lower;
        uint32_t accept = graph_return(lower->graph, lower->target->snapshot_length);
        uint32_t reject = graph_return(lower->graph, 0);
        uint32_t yes[2] = {accept, accept}, no[2] = {reject, reject};

        lower->graph->root = accept;
        for (const struct tree *node = tree ? tree_first(tree) : NULL;
             node && !lower->foreign && !lower->graph->failed; node = tree_next(node))
                read_node(walk, node);
        for (size_t i = walk->item_count; i-- > 0 && !lower->foreign && !lower->graph->failed;)
                lower_back(walk, i, yes, no);
}

int graph_lower(struct graph *graph, const struct tree *tree, const struct lists *lists,
                const struct cbpf_target *target)
{
        struct walk walk = {
            .lower = {.graph = graph, .lists = lists, .target = target},
            .split = SIZE_MAX,
        };
        struct headers headers = {.link = NULL};

        if (!lower_set_link(&headers, target->link_type, 0) || target->snapshot_length == 0)
                return 1;
        walk.lower.headers = &headers;
        walk.lower.cooked = target->place == CBPF_LIVE && headers.link_type->cooked;
        if (lists)
                lists_sort(lists);
        lower_tree(&walk, tree);
        free(walk.numbers.numbers);
        free(walk.items);
        free(walk.opens);
        arena_free(&walk.lower.arena);
        if (graph->failed)
                return -1;
        return walk.lower.foreign ? 1 : 0;
}
