/* From the tree to the graph, in two passes. The forward pass makes the terms of arithmetic and
 * finds where each test's headers are, as `vlan`, `mpls` and `pppoes` move them for all tests to
 * the right. The backward pass makes the nodes.
 *
 * Behind `geneve` headers are where the packet says, and for a packet that has passed no such test,
 * where libpcap's scratch memory says that it has never written: at 0. So the tests between one
 * `geneve` and the next, a stretch, take the two passes once for each context: each set of places
 * that headers may have there. The last stretch is first, as nodes are made from the end.
 *
 * Where the headers of the link type vary in length, too, libpcap finds where they start, but keeps
 * that where the last stretch looks for headers. All others, the outermost included, are at 0. */
#include "base/array.h"
#include "lowering.h"

#include <stdlib.h>
#include <string.h>

/* A node of the tree but for numbers. Where it leads to are numbers of items, or beyond them. */
struct item {
        const struct tree *tree;
        const struct headers *headers;
        struct relation *relation;
        uint32_t yes, no;
        bool used[STARTS];        /* starts of headers, where these vary in length */
        uint32_t numbers[STARTS]; /* of the relation, up to the first that uses the start */
};

/* An open `and`, `or` or `not`: its own targets, and where its next operand begins. */
struct open {
        const struct tree *tree;
        uint32_t yes, no, next;
        bool has_next;
};

/* Items up to and with a `geneve`, or the last ones. */
struct stretch {
        const struct tree *tree; /* the first */
        uint32_t first, end;     /* items */
        uint32_t context_count;
        const struct inside *contexts; /* of the first stretch, 1 that says nothing; of others, the
                                          first is where no `geneve` was passed */
        uint32_t *begins;              /* by context and item, the node that begins there */
        struct geneve_variables variables;
        struct headers outside; /* where headers are at the `geneve` before, but for contexts */
        bool skipped_to;        /* its first context matters */
};

enum {
        MAX_STRETCHES = 5,
        MAX_CONTEXTS = 32,     /* in a stretch */
        MIN_CONDENSED = 16384, /* nodes, and half of those that there were before */
};

/* The tree lowered for one combination of starts. */
struct made {
        uint32_t starts[STARTS];
        uint32_t node;
};

struct walk {
        struct lower lower; /* the first member: steps get a pointer to it */
        const struct tree *tree;
        bool keep_starts;
        struct made made[8];
        uint32_t made_count;
        struct numbers numbers;
        struct item *items;
        size_t item_count, item_room;
        uint32_t unused[STARTS]; /* numbers of a relation, before one uses the start */
        struct open *opens;
        size_t open_count, open_room;
        struct stretch stretches[MAX_STRETCHES + 1];
        uint32_t stretch_count;
        uint32_t first;           /* item */
        uint32_t accept, reject;  /* nodes */
        uint32_t variable_count;  /* of those for what is inside of tunnels */
        lower_condense *condense; /* NULL: never */
        uint32_t condense_at;     /* nodes */
};

static uint32_t less(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        return lower_jump(lower, BPF_JGT, lower_length(lower), tree->test->number, no, yes);
}

static uint32_t greater(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        return lower_jump(lower, BPF_JGE, lower_length(lower), tree->test->number, yes, no);
}

/* NULL: foreign; TREE_GENEVE ends a stretch. */
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

/* Takes the items of one stretch in one context as they come; `*next` is the next one's number. */
static void read_node(struct walk *walk, const struct tree *tree, uint32_t *next)
{
        struct lower *lower = &walk->lower;
        struct item *item;

        if (tree->kind >= TREE_NUMBER && tree->kind <= TREE_CALCULATE) {
                lower_number(lower, &walk->numbers, tree);
                count_numbers(walk);
                return;
        }
        item = &walk->items[(*next)++];
        item->headers = lower->headers;
        if (tree->kind == TREE_RELATION) {
                item->relation = lower_read_relation(lower, &walk->numbers);
                memcpy(item->numbers, walk->unused, sizeof item->numbers);
                memcpy(item->used, lower->used, sizeof item->used);
                memset(walk->unused, 0, sizeof walk->unused);
                memset(lower->used, 0, sizeof lower->used);
        }
        if (tree->kind > TREE_CALCULATE && tree->kind != TREE_GENEVE && !tests[tree->kind])
                lower_foreign(lower);
        move_headers(lower, tree);
}

static void read_stretch(struct walk *walk, const struct stretch *stretch)
{
        uint32_t next = stretch->first;

        for (const struct tree *node = stretch->tree;
             next < stretch->end && !walk->lower.foreign && !walk->lower.graph->failed;
             node = tree_next(node))
                read_node(walk, node, &next);
}

/* --- Structure --- */

static void add_item(struct walk *walk, const struct tree *tree)
{
        if (!array_grow(walk->items, walk->item_room, walk->item_count + 1)) {
                walk->lower.graph->failed = true;
                return;
        }
        walk->items[walk->item_count++] = (struct item){.tree = tree};
}

static void end_stretch(struct walk *walk, const struct tree *next)
{
        struct stretch *stretch = &walk->stretches[walk->stretch_count++];

        stretch->end = (uint32_t)walk->item_count;
        stretch[1] = (struct stretch){.tree = next, .first = stretch->end};
}

/* Items and stretches. */
static void read_tree(struct walk *walk)
{
        const struct tree *tree = walk->tree ? tree_first(walk->tree) : NULL;

        walk->item_count = walk->stretch_count = 0;
        walk->stretches[0] = (struct stretch){.tree = tree};
        for (; tree && !walk->lower.graph->failed; tree = tree_next(tree)) {
                if (tree->kind >= TREE_NUMBER && tree->kind <= TREE_CALCULATE)
                        continue;
                add_item(walk, tree);
                if (tree->kind != TREE_GENEVE)
                        continue;
                if (walk->stretch_count + 1 == MAX_STRETCHES || walk->lower.layers ||
                    walk->lower.cooked) {
                        lower_foreign(&walk->lower);
                        return;
                }
                end_stretch(walk, tree_next(tree));
        }
        end_stretch(walk, NULL);
}

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

/* `tree` begins at this item. So does what it is the first operand of. */
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
        walk->first = begin;
}

static uint32_t accepting(const struct walk *walk)
{
        return (uint32_t)walk->item_count;
}

static void find_all_targets(struct walk *walk)
{
        walk->first = accepting(walk);
        for (uint32_t i = (uint32_t)walk->item_count; i-- > 0 && !walk->lower.graph->failed;) {
                struct item *item = &walk->items[i];

                item->yes = accepting(walk);
                item->no = accepting(walk) + 1;
                if (walk->open_count > 0)
                        find_targets(&walk->opens[walk->open_count - 1], &item->yes, &item->no);
                if (item->tree->kind <= TREE_NOT)
                        open_node(walk, item->tree, item->yes, item->no);
                else
                        close_nodes(walk, item->tree, i);
        }
}

/* The stretch that item `target` is in; the number of stretches for no item. */
static uint32_t stretch_of(const struct walk *walk, uint32_t target)
{
        uint32_t i = 0;

        while (i < walk->stretch_count && target >= walk->stretches[i].end)
                i++;
        return i;
}

/* Finds which stretches packets come to that have not passed the `geneve` before. */
static void find_skipped_to(struct walk *walk)
{
        for (uint32_t i = 0; i + 1 < walk->stretch_count; i++)
                for (uint32_t j = walk->stretches[i].first; j < walk->stretches[i].end; j++) {
                        const struct item *item = &walk->items[j];
                        uint32_t yes = stretch_of(walk, item->yes), no = stretch_of(walk, item->no);

                        if (item->tree->kind <= TREE_NOT)
                                continue;
                        if (yes > i && (yes > i + 1 || item->tree->kind != TREE_GENEVE))
                                walk->stretches[yes].skipped_to = true;
                        if (no > i)
                                walk->stretches[no].skipped_to = true;
                }
}

/* --- Contexts --- */

static uint32_t outermost_start(struct walk *walk, enum start start)
{
        uint32_t found = walk->lower.starts[start];

        return found != GRAPH_NONE && walk->lower.tunnels ? graph_constant(walk->lower.graph, 0)
                                                          : found;
}

/* Where headers are at the beginning of a stretch. */
static void begin_headers(struct walk *walk, const struct stretch *stretch, uint32_t context,
                          struct headers *headers)
{
        struct lower *lower = &walk->lower;

        *headers = (struct headers){.link = NULL};
        if (stretch != walk->stretches) {
                lower_set_inside(headers, &stretch->outside, &stretch->contexts[context]);
                return;
        }
        lower_set_link(headers, lower->target->link_type);
        headers->link_header.base = outermost_start(walk, START_LINK);
        headers->type.base = headers->payload.base = outermost_start(walk, START_PAYLOAD);
}

static uint32_t new_variable(struct walk *walk)
{
        if (walk->variable_count == GRAPH_MAX_VARIABLES)
                return lower_foreign(&walk->lower);
        return graph_variable(walk->lower.graph, walk->variable_count++);
}

/* Where they are at its end. */
static void end_headers(struct walk *walk, const struct stretch *stretch, uint32_t context,
                        struct headers *headers)
{
        begin_headers(walk, stretch, context, headers);
        for (uint32_t i = stretch->first; i < stretch->end; i++)
                lower_move(walk->items[i].tree, headers);
}

/* Contexts of the stretch behind `stretch`, one in each way from each of its own. */
static void add_ways(struct walk *walk, const struct stretch *stretch, struct inside *contexts)
{
        struct lower *lower = &walk->lower;
        const struct headers *before = lower->headers;
        struct headers headers;

        for (uint32_t context = 0; context < stretch->context_count; context++) {
                end_headers(walk, stretch, context, &headers);
                lower->headers = &headers;
                lower_geneve_ways(lower, contexts + context * GENEVE_WAYS);
        }
        lower->headers = before;
}

static const struct inside no_context;

static void find_outsides(struct walk *walk)
{
        for (uint32_t i = 0; i < walk->stretch_count; i++) {
                walk->stretches[i].contexts = &no_context;
                walk->stretches[i].context_count = 1;
                if (i > 0)
                        end_headers(walk, &walk->stretches[i - 1], 0, &walk->stretches[i].outside);
        }
}

/* Where headers are for packets that have not passed the `geneve` before: `pppoes` has its link
 * header where the payload was. */
static struct inside not_inside(struct walk *walk, const struct stretch *stretch)
{
        const uint32_t *found = walk->lower.starts;
        uint32_t zero = graph_constant(walk->lower.graph, 0);
        struct inside inside = {.type = zero, .link = zero, .payload = zero};
        bool keeps_link = true;

        if (stretch + 1 != walk->stretches + walk->stretch_count)
                return inside;
        for (uint32_t i = stretch->first; i < stretch->end; i++)
                keeps_link &= walk->items[i].tree->kind != TREE_PPPOES;
        if (found[START_LINK] != GRAPH_NONE && keeps_link)
                inside.link = found[START_LINK];
        if (found[START_PAYLOAD] != GRAPH_NONE)
                inside.payload = found[START_PAYLOAD];
        return inside;
}

static struct inside keep_inside(struct walk *walk, struct geneve_variables *variables)
{
        variables->start = new_variable(walk);
        variables->link = new_variable(walk);
        variables->payload = new_variable(walk);
        variables->type = new_variable(walk);
        return (struct inside){
            .type = variables->type, .link = variables->link, .payload = variables->payload};
}

static void find_contexts(struct walk *walk, struct stretch *stretch)
{
        struct lower *lower = &walk->lower;
        const struct stretch *before = stretch - 1;
        struct inside *contexts;

        if (stretch == walk->stretches)
                return;
        stretch->context_count += walk->keep_starts ? 1 : before->context_count * GENEVE_WAYS;
        if (stretch->context_count > MAX_CONTEXTS) {
                lower_foreign(lower);
                return;
        }
        contexts = lower_take(lower, stretch->context_count * sizeof *contexts);
        if (!contexts)
                return;
        contexts[0] = not_inside(walk, stretch);
        if (walk->keep_starts)
                contexts[1] = keep_inside(walk, &stretch->variables);
        else
                add_ways(walk, before, contexts + 1);
        stretch->contexts = contexts;
}

/* Leaves away the variables that nothing in the stretch asks for. */
static void leave_unused(struct walk *walk, struct geneve_variables *variables, unsigned used)
{
        struct graph *graph = walk->lower.graph;
        unsigned other = used & ~(1u << HEADER_LINK | 1u << HEADER_TYPE);

        if (used == 0)
                walk->variable_count = graph->terms[variables->start].k;
        else if (!(used & 1u << HEADER_TYPE))
                walk->variable_count--;
        graph->variables = walk->variable_count;
        if (used == 0)
                variables->start = variables->link = GRAPH_NONE;
        if (!other)
                variables->payload = GRAPH_NONE;
        if (!(used & 1u << HEADER_TYPE))
                variables->type = GRAPH_NONE;
}

/* --- Back --- */

/* The node that begins at `target`, for an item of `stretch` in that context. */
static uint32_t begin_at(const struct walk *walk, const struct stretch *stretch, uint32_t context,
                         uint32_t target)
{
        const struct stretch *other = &walk->stretches[stretch_of(walk, target)];

        if (target >= accepting(walk))
                return target == accepting(walk) ? walk->accept : walk->reject;
        if (other != stretch)
                context = 0;
        return other->begins[context * (other->end - other->first) + target - other->first];
}

static uint32_t lower_tunnel(struct walk *walk, const struct stretch *stretch, uint32_t context,
                             const struct item *item, uint32_t no)
{
        const struct stretch *inside = stretch + 1;
        uint32_t entries[GENEVE_WAYS];
        bool enters = stretch_of(walk, item->yes) == (uint32_t)(inside - walk->stretches);
        bool kept = walk->keep_starts;

        for (uint32_t way = 0; way < GENEVE_WAYS; way++)
                entries[way] = begin_at(walk, enters ? inside : stretch,
                                        kept ? 1 : 1 + context * GENEVE_WAYS + way, item->yes);
        return kept
                   ? lower_geneve_kept(&walk->lower, item->tree, &inside->variables, entries[0], no)
                   : lower_geneve(&walk->lower, item->tree, entries, no);
}

static uint32_t lower_item(struct walk *walk, const struct stretch *stretch, uint32_t context,
                           const struct item *item)
{
        struct lower *lower = &walk->lower;
        uint32_t no = begin_at(walk, stretch, context, item->no), yes;

        if (item->tree->kind == TREE_GENEVE)
                return lower_tunnel(walk, stretch, context, item, no);
        yes = begin_at(walk, stretch, context, item->yes);
        if (item->relation)
                return lower_relation(lower, item->tree, item->relation, yes, no);
        return tests[item->tree->kind](lower, item->tree, yes, no);
}

/* Makes the nodes from `item` on fewer, in a graph without owed loads, which are looked for later.
 * What it and the items in front of it lead to is put behind one root, a switch of a value that
 * nothing else asks for. */
static void condense(struct walk *walk, uint32_t item)
{
        struct graph *graph = walk->lower.graph;
        uint32_t *begins = walk->stretches->begins, variables = graph->variables, count = 0;
        uint32_t *const held[] = {&walk->accept, &walk->reject};
        uint32_t selector = graph_variable(graph, GRAPH_MAX_VARIABLES);
        bool *needed = lower_take(&walk->lower, walk->item_count + 2);
        struct arm *arms = lower_take(&walk->lower, walk->item_count * sizeof *arms);
        const struct node *root;

        if (!needed || !arms)
                return;
        needed[item] = true;
        for (uint32_t i = 0; i < item; i++)
                if (walk->items[i].tree->kind > TREE_NOT)
                        needed[walk->items[i].yes] = needed[walk->items[i].no] = true;
        for (uint32_t i = item; i < walk->item_count; i++)
                if (needed[i])
                        arms[count++] = (struct arm){i, begins[i]};
        arms[0].from = 0;
        graph->root = graph_switch(graph, selector, arms, count);
        graph->keeps_terms = true;
        graph->failed |= walk->condense(graph, held, array_count(held)) < 0;
        graph->keeps_terms = false;
        graph->variables = variables;
        root = &graph->nodes[graph->root];
        for (uint32_t i = item; i < walk->item_count; i++)
                if (needed[i])
                        begins[i] = root->kind == NODE_SWITCH && root->term == selector
                                        ? root->arms[graph_arm(root, i)].to
                                        : graph->root;
        walk->condense_at = graph->node_count + graph->node_count / 2;
        if (walk->condense_at < graph->node_count + MIN_CONDENSED)
                walk->condense_at = graph->node_count + MIN_CONDENSED;
}

static void lower_back(struct walk *walk, struct stretch *stretch, uint32_t context)
{
        struct lower *lower = &walk->lower;
        uint32_t *begins = stretch->begins + context * (size_t)(stretch->end - stretch->first);

        for (uint32_t i = stretch->end;
             i-- > stretch->first && !lower->foreign && !lower->graph->failed;) {
                struct item *item = &walk->items[i];

                if (item->tree->kind <= TREE_NOT)
                        continue;
                lower->headers = item->headers;
                memset(lower->used, 0, sizeof lower->used);
                begins[i - stretch->first] = lower_item(walk, stretch, context, item);
                if (lower->graph->node_count >= walk->condense_at &&
                    !graph_has_owed(lower->graph, lower->target->place == CBPF_FILE))
                        condense(walk, i);
                for (uint32_t j = 0; j < STARTS; j++)
                        item->used[j] |= lower->used[j];
        }
}

/* Words of scratch memory that a `geneve` not passed has not written, relations may have. */
static bool has_relation_before(const struct walk *walk, const struct stretch *stretch)
{
        for (uint32_t i = 0; i < stretch->first; i++)
                if (walk->items[i].tree->kind == TREE_RELATION)
                        return true;
        return false;
}

static void lower_in_context(struct walk *walk, struct stretch *stretch, uint32_t context)
{
        struct lower *lower = &walk->lower;
        const struct headers *before = lower->headers;
        struct headers headers;

        begin_headers(walk, stretch, context, &headers);
        lower->headers = &headers;
        lower->used_headers = 0;
        lower->reach = (struct reach){0};
        read_stretch(walk, stretch);
        lower_back(walk, stretch, context);
        lower->headers = before;
}

static void lower_stretch(struct walk *walk, struct stretch *stretch)
{
        struct lower *lower = &walk->lower;
        bool is_first = stretch == walk->stretches;
        size_t items = stretch->end - stretch->first;
        unsigned used = 0;

        stretch->begins =
            lower_take(lower, (items * stretch->context_count + 1) * sizeof *stretch->begins);
        if (!stretch->begins)
                return;
        for (uint32_t i = is_first || stretch->skipped_to ? 0 : 1;
             i < stretch->context_count && !lower->foreign && !lower->graph->failed; i++) {
                lower_in_context(walk, stretch, i);
                if (!is_first && i == 0 && lower->used_headers &&
                    has_relation_before(walk, stretch))
                        lower_foreign(lower);
                used = lower->used_headers;
        }
        if (!is_first && walk->keep_starts && !lower->foreign)
                leave_unused(walk, &stretch->variables, used);
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

        walk->accept = graph_return(lower->graph, lower->target->snapshot_length);
        walk->reject = graph_return(lower->graph, 0);
        walk->variable_count = 0;
        read_tree(walk);
        walk->condense_at = walk->condense && walk->stretch_count == 1 ? MIN_CONDENSED : UINT32_MAX;
        find_all_targets(walk);
        find_skipped_to(walk);
        find_outsides(walk);
        for (uint32_t i = 0; i < walk->stretch_count && !walk->keep_starts && !lower->foreign; i++)
                find_contexts(walk, &walk->stretches[i]);
        for (uint32_t i = walk->stretch_count;
             i-- > 0 && !lower->foreign && !lower->graph->failed;) {
                if (walk->keep_starts)
                        find_contexts(walk, &walk->stretches[i]);
                if (!lower->foreign && !lower->graph->failed)
                        lower_stretch(walk, &walk->stretches[i]);
        }
        for (uint32_t i = 0; i < STARTS; i++)
                if (lower->starts[i] != GRAPH_NONE && is_overwritten(walk, (enum start)i))
                        lower_foreign(lower);
        if (lower->foreign || lower->graph->failed)
                return walk->reject;
        return begin_at(walk, walk->stretches, 0, walk->first);
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

static bool has_tunnels(const struct tree *tree)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node))
                if (node->kind == TREE_GENEVE)
                        return true;
        return false;
}

static uint32_t lower_whole(struct walk *walk, const struct link *link)
{
        struct lower *lower = &walk->lower;

        if (!link->find || !walk->tree)
                return lower_tree(walk);
        lower->tunnels = has_tunnels(walk->tree);
        if (!walk->keep_starts || lower->tunnels)
                return link->find(lower);
        if (link->in_front)
                lower->starts[START_LINK] = graph_variable(lower->graph, START_LINK);
        lower->starts[START_PAYLOAD] = graph_variable(lower->graph, START_PAYLOAD);
        return lower_tree(walk);
}

int graph_lower(struct graph *graph, const struct tree *tree, const struct lists *lists,
                const struct layers *layers, const struct cbpf_target *target, bool keep_starts,
                lower_condense *condense)
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
            .keep_starts = keep_starts,
            .condense = condense,
        };
        struct headers headers;

        if (!lower_set_link(&headers, target->link_type) || target->snapshot_length == 0)
                return 1;
        walk.lower.headers = &headers;
        walk.lower.cooked =
            target->place == CBPF_LIVE && headers.link_type && headers.link_type->cooked;
        if (lists)
                lists_sort(lists);
        if (graph_start(graph))
                graph->root = lower_whole(&walk, headers.link);
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

        return lower_set_link(&headers, target->link_type) && headers.link->find;
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

        if (!graph_starts_vary(target))
                return 0;
        find_asked(graph, lower.asked);
        lower_set_link(&headers, target->link_type);
        lower.headers = &headers;
        if (!graph->failed)
                graph->root = headers.link->find(&lower);
        return graph->failed ? -1 : 0;
}
