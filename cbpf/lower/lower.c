/* From the tree to the graph, in two passes. The forward pass makes the terms of arithmetic and
 * finds where each test's headers are, as `vlan`, `mpls` and `pppoes` move them for all tests to
 * the right. The backward pass makes the nodes. */
#include "base/array.h"
#include "lowering.h"

#include <stdlib.h>
#include <string.h>

/* A node of the tree but for numbers. */
struct item {
        const struct tree *tree;
        const struct headers *headers;
        struct relation *relation;
        bool used[STARTS];        /* starts of headers, where these vary in length */
        uint32_t numbers[STARTS]; /* of the relation, up to the first that uses the start */
};

/* An open `and`, `or` or `not`: its own targets, and where its next operand begins. */
struct open {
        const struct tree *tree;
        uint32_t yes, no, next;
        bool has_next;
};

/* The tree lowered for one combination of starts. */
struct made {
        uint32_t starts[STARTS];
        uint32_t node;
};

struct walk {
        struct lower lower; /* the first member: steps get a pointer to it */
        const struct tree *tree;
        struct made made[8];
        uint32_t made_count;
        struct numbers numbers;
        struct item *items;
        size_t item_count, item_room;
        uint32_t unused[STARTS]; /* numbers of a relation, before one uses the start */
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
                                    [TREE_PF_INTERFACE] = lower_pf_text,
                                    [TREE_PF_RULESET] = lower_pf_text,
                                    [TREE_PF_RULE] = lower_pf_number,
                                    [TREE_PF_SUBRULE] = lower_pf_number,
                                    [TREE_PF_REASON] = lower_pf_number,
                                    [TREE_PF_ACTION] = lower_pf_number,
                                    [TREE_WLAN_TYPE] = lower_wlan_type,
                                    [TREE_WLAN_DIRECTION] = lower_wlan_direction,
                                    [TREE_PAIRS] = lower_pairs,
                                    [TREE_TUPLES] = lower_tuples,
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

/* Who loads from a payload makes sure of its type next, which the link header tells. */
static void count_numbers(struct walk *walk)
{
        const bool *used = walk->lower.used;

        walk->unused[START_PAYLOAD] += !used[START_PAYLOAD];
        walk->unused[START_LINK] += !used[START_LINK] && !used[START_PAYLOAD];
}

static void read_node(struct walk *walk, const struct tree *tree)
{
        struct lower *lower = &walk->lower;
        struct item item = {.tree = tree, .headers = lower->headers};

        if (tree->kind >= TREE_NUMBER && tree->kind <= TREE_CALCULATE) {
                lower_number(lower, &walk->numbers, tree);
                count_numbers(walk);
                return;
        }
        if (tree->kind == TREE_RELATION) {
                item.relation = lower_read_relation(lower, &walk->numbers);
                memcpy(item.numbers, walk->unused, sizeof item.numbers);
                memcpy(item.used, lower->used, sizeof item.used);
                memset(walk->unused, 0, sizeof walk->unused);
                memset(lower->used, 0, sizeof lower->used);
        }
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

static void lower_back(struct walk *walk, struct item *item, uint32_t yes, uint32_t no)
{
        uint32_t begin;

        if (walk->open_count > 0)
                find_targets(&walk->opens[walk->open_count - 1], &yes, &no);
        if (item->tree->kind <= TREE_NOT) {
                open_node(walk, item->tree, yes, no);
                return;
        }
        walk->lower.headers = item->headers;
        memset(walk->lower.used, 0, sizeof walk->lower.used);
        begin = lower_item(&walk->lower, item, yes, no);
        for (uint32_t i = 0; i < STARTS; i++)
                item->used[i] |= walk->lower.used[i];
        close_nodes(walk, item->tree, begin);
}

/* libpcap keeps a start in scratch memory from the beginning of the program, but chooses the word
 * when it first needs it. What relations before that have in the same word overwrites it. */
static bool is_overwritten(const struct walk *walk, enum start start)
{
        enum { MAX_NUMBERS = 10 }; /* that surely get words of their own */
        bool overwritten = false;

        for (size_t i = 0; i < walk->item_count; i++) {
                const struct item *item = &walk->items[i];

                if (item->used[start])
                        return overwritten || item->numbers[start] > MAX_NUMBERS;
                overwritten |= item->relation != NULL;
        }
        return false;
}

/* The node that the whole tree begins at, with headers that start as it has been found. */
static uint32_t lower_tree(struct walk *walk)
{
        struct lower *lower = &walk->lower;
        const struct tree *tree = walk->tree;
        uint32_t accept = graph_return(lower->graph, lower->target->snapshot_length);
        uint32_t reject = graph_return(lower->graph, 0);
        const struct headers *before = lower->headers;
        struct headers headers = {.link = NULL};

        lower_set_link(&headers, lower->target->link_type, 0);
        headers.link_header.base = lower->starts[START_LINK];
        headers.type.base = headers.payload.base = lower->starts[START_PAYLOAD];
        lower->headers = &headers;
        walk->item_count = 0;
        lower->graph->root = accept;
        for (const struct tree *node = tree ? tree_first(tree) : NULL;
             node && !lower->foreign && !lower->graph->failed; node = tree_next(node))
                read_node(walk, node);
        for (size_t i = walk->item_count; i-- > 0 && !lower->foreign && !lower->graph->failed;)
                lower_back(walk, &walk->items[i], accept, reject);
        for (uint32_t i = 0; i < STARTS; i++)
                if (lower->starts[i] != GRAPH_NONE && is_overwritten(walk, (enum start)i))
                        lower_foreign(lower);
        lower->headers = before;
        return lower->graph->root;
}

/* --- Headers of varying length --- */

/* The tree behind headers that start as found. Several ways lead to the same. */
static uint32_t lower_behind(struct lower *lower)
{
        struct walk *walk = (struct walk *)lower;
        struct made *made;

        for (uint32_t i = 0; i < walk->made_count; i++)
                if (memcmp(walk->made[i].starts, lower->starts, sizeof lower->starts) == 0)
                        return walk->made[i].node;
        if (walk->made_count == array_count(walk->made) || lower->foreign || lower->graph->failed)
                return lower_foreign(lower);
        made = &walk->made[walk->made_count++];
        memcpy(made->starts, lower->starts, sizeof lower->starts);
        return made->node = lower_tree(walk);
}

static uint32_t lower_whole(struct walk *walk, const struct link *link, bool keep_starts)
{
        struct lower *lower = &walk->lower;

        if (!link->find || !walk->tree)
                return lower_tree(walk);
        if (lower->layers)
                return lower_foreign(lower);
        if (!keep_starts)
                return link->find(lower);
        if (link->in_front)
                lower->starts[START_LINK] = graph_variable(lower->graph, START_LINK);
        lower->starts[START_PAYLOAD] = graph_variable(lower->graph, START_PAYLOAD);
        return lower_tree(walk);
}

int graph_lower(struct graph *graph, const struct tree *tree, const struct lists *lists,
                const struct layers *layers, const struct cbpf_target *target, bool keep_starts)
{
        struct walk walk = {
            .lower = {.graph = graph,
                      .lists = lists,
                      .layers = layers,
                      .target = target,
                      .starts = {GRAPH_NONE, GRAPH_NONE},
                      .asked = {true, true},
                      .rest = lower_behind},
            .tree = tree,
        };
        struct headers headers;

        if (!lower_set_link(&headers, target->link_type, 0) || target->snapshot_length == 0)
                return 1;
        walk.lower.headers = &headers;
        walk.lower.cooked =
            target->place == CBPF_LIVE && headers.link_type && headers.link_type->cooked;
        if (lists)
                lists_sort(lists);
        if (graph_start(graph))
                graph->root = lower_whole(&walk, headers.link, keep_starts);
        free(walk.numbers.numbers);
        free(walk.items);
        free(walk.opens);
        arena_free(&walk.lower.arena);
        if (graph->failed)
                return -1;
        return walk.lower.foreign ? 1 : 0;
}

/* --- Starts that are kept --- */

bool graph_starts_vary(const struct cbpf_target *target)
{
        struct headers headers;

        return lower_set_link(&headers, target->link_type, 0) && headers.link->find;
}

/* Finds the starts that something in the graph asks for. */
static void find_asked(struct graph *graph, bool asked[STARTS])
{
        uint32_t variables[STARTS];
        bool *reached = calloc(graph->root + (size_t)1, sizeof *reached);

        for (uint32_t i = 0; i < STARTS; i++)
                variables[i] = graph_variable(graph, i);
        if (!reached) {
                graph->failed = true;
                return;
        }
        reached[graph->root] = true;
        for (uint32_t i = graph->root + 1; i-- > 0;) {
                const struct node *node = &graph->nodes[i];

                if (!reached[i])
                        continue;
                for (uint32_t arm = 0; arm < node->count; arm++)
                        reached[node->arms[arm].to] = true;
                for (uint32_t start = 0; start < STARTS && node->kind != NODE_RETURN; start++)
                        asked[start] |= graph_contains(graph, node->term, variables[start]);
        }
        free(reached);
}

static uint32_t return_root(struct lower *lower)
{
        return lower->graph->root;
}

int graph_find_starts(struct graph *graph, const struct cbpf_target *target)
{
        struct lower lower = {.graph = graph,
                              .target = target,
                              .starts = {GRAPH_NONE, GRAPH_NONE},
                              .keeps_starts = true,
                              .rest = return_root};
        struct headers headers;

        find_asked(graph, lower.asked);
        lower_set_link(&headers, target->link_type, 0);
        lower.headers = &headers;
        if (!graph->failed)
                graph->root = headers.link->find(&lower);
        return graph->failed ? -1 : 0;
}
