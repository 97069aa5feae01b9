/* Lists for libpcap: a marker takes their place in the text, and their values take the marker's
 * place in the graph of libpcap's program. */
#include "base/array.h"
#include "lists.h"

#include <stdlib.h>

static uint32_t next_random(uint32_t *state)
{
        *state = *state * 1664525u + 1013904223u;
        return *state >> 16 | *state << 16;
}

/* True if the tree has `word` in some test, so that it would not be unmistakable as a marker. */
static bool is_said(const struct tree *tree, uint32_t word)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node)) {
                const struct tree_test *test = node->kind >= TREE_IPV4 ? node->test : NULL;
                struct shape shape;
                struct value value;

                if (node->kind == TREE_NUMBER ? node->number == word : test && test->number == word)
                        return true;
                if (!test || !lists_shape(node, &shape))
                        continue;
                value = lists_value(node);
                for (uint32_t i = 0; i < lists_words(shape.kind); i++)
                        if (value.words[i].first == word || value.words[i].last + 1 == word)
                                return true;
        }
        return false;
}

static bool is_taken(const struct lists *lists, uint32_t word)
{
        for (uint32_t i = 0; i < lists->count; i++)
                for (uint32_t j = 0; j < lists->lists[i].words; j++)
                        if (lists->lists[i].marker[j] == word)
                                return true;
        return false;
}

/* A word that occurs nowhere else. One of 16 bits is above all EtherTypes that libpcap knows. */
static uint32_t choose_word(const struct lists *lists, const struct tree *tree, unsigned bits,
                            uint32_t *state)
{
        uint32_t word;

        do {
                word = bits == 16 ? 0xa000 + next_random(state) % 0x5000
                                  : 0x40000000 + (next_random(state) >> 2);
        } while (is_taken(lists, word) || is_said(tree, word));
        return word;
}

static void put_word(uint8_t *bytes, uint32_t word)
{
        for (int i = 0; i < 4; i++)
                bytes[i] = (uint8_t)(word >> (24 - 8 * i));
}

/* The test for the marker, in the tree's terms. */
static void set_marker_test(struct tree_test *test, const struct list *list)
{
        switch (list->shape.kind) {
        case TREE_IPV4:
                test->qualifiers.type = TYPE_HOST;
                test->ipv4.address = list->marker[0];
                test->ipv4.mask = UINT32_MAX;
                break;
        case TREE_IPV6:
                test->qualifiers.type = TYPE_HOST;
                test->ipv6.prefix = 128;
                for (int i = 0; i < 4; i++)
                        put_word(test->ipv6.address + 4 * i, list->marker[i]);
                break;
        case TREE_MAC:
                put_word(test->mac + 2, list->marker[0]);
                test->mac[0] = (uint8_t)(list->marker[1] >> 8);
                test->mac[1] = (uint8_t)list->marker[1];
                break;
        default:
                test->qualifiers.type = TYPE_PORT;
                test->ports.first = test->ports.last = (uint16_t)list->marker[0];
        }
}

/* Has `tree`, the first test of a list, ask for a marker. */
static int set_marker(struct lists *lists, struct tree *root, struct tree *tree, uint32_t *state)
{
        struct list *list = &lists->lists[tree->list - 1];
        struct tree_test *test = arena_take(lists->arena, sizeof *test);

        if (!test)
                return -1;
        for (uint32_t i = 0; i < list->words; i++) {
                bool half =
                    list->shape.kind == TREE_PORT || (list->shape.kind == TREE_MAC && i == 1);

                list->marker[i] = choose_word(lists, root, half ? 16 : 32, state);
        }
        *test = *tree->test;
        set_marker_test(test, list);
        tree->test = test;
        tree->kind = list->shape.kind;
        return 0;
}

int lists_mark(struct lists *lists, struct tree *tree, uint32_t seed)
{
        for (struct tree *node = (struct tree *)tree_first(tree); node;
             node = (struct tree *)tree_next(node))
                if (node->list && set_marker(lists, tree, node, &seed) < 0)
                        return -1;
        return 0;
}

/* Replacing is done node by node in ascending order, so that what a node leads to is there. */
struct replacing {
        const struct lists *lists;
        struct graph *graph;
        uint32_t *replaced; /* by node: what stands for it now */
        bool *found;        /* by list */
        struct arms arms;
        bool wrong;
};

/* The arm for exactly the value `word`, or -1. */
static int marker_arm(const struct node *node, uint32_t word)
{
        uint32_t arm;

        if (node->kind != NODE_SWITCH)
                return -1;
        arm = graph_arm(node, word);
        return node->arms[arm].from == word && graph_arm_end(node, arm) == word ? (int)arm : -1;
}

static uint32_t put_values(struct replacing *replacing, const struct list *list, uint32_t word,
                           const struct value *values, uint32_t count, uint32_t node);

/* What the match of `word` leads to for the first of `values` and those that have the same word:
 * the next word, or, when the rest does not matter, what follows the last one. */
static uint32_t put_group(struct replacing *replacing, const struct list *list, uint32_t word,
                          const struct value *values, uint32_t count, uint32_t node)
{
        const struct node *nodes = replacing->graph->nodes;
        bool ends = lists_value_ends(values, word, list->words);

        for (uint32_t i = word; i < list->words; i++) {
                int arm = marker_arm(&nodes[node], list->marker[i]);

                if (arm < 0) {
                        replacing->wrong = true;
                        return 0;
                }
                node = nodes[node].arms[arm].to;
                if (!ends)
                        return put_values(replacing, list, word + 1, values, count, node);
        }
        return replacing->replaced[node];
}

/* Pushes the arms of `old` for the values from `from` to `to`; the marker's own value is like its
 * neighbour's. */
static void push_old(struct replacing *replacing, const struct node *old, uint32_t marker,
                     uint32_t from, uint32_t to)
{
        for (uint32_t arm = graph_arm(old, from); arm < old->count && old->arms[arm].from <= to;
             arm++) {
                uint32_t like = arm != marker ? arm : arm > 0 ? arm - 1 : arm + 1;
                uint32_t start = old->arms[arm].from;

                lists_push_arm(&replacing->arms, replacing->graph, start > from ? start : from,
                               replacing->replaced[old->arms[like].to]);
        }
}

/* The switch `node`, which tests word number `word` for the list's marker, for these values. */
static uint32_t put_values(struct replacing *replacing, const struct list *list, uint32_t word,
                           const struct value *values, uint32_t count, uint32_t node)
{
        struct node old = replacing->graph->nodes[node];
        int marker = marker_arm(&old, list->marker[word]);
        uint32_t start = replacing->arms.count;
        uint64_t next = 0; /* the first value not covered yet */

        if (marker < 0 || old.count < 2) {
                replacing->wrong = true;
                return 0;
        }
        for (uint32_t i = 0, same; i < count; i = same) {
                struct interval interval = values[i].words[word];
                uint32_t target;

                for (same = i + 1; same < count; same++)
                        if (!lists_same_interval(values[same].words[word], interval))
                                break;
                if (next < interval.first)
                        push_old(replacing, &old, (uint32_t)marker, (uint32_t)next,
                                 interval.first - 1);
                target = put_group(replacing, list, word, values + i, same - i, node);
                lists_push_arm(&replacing->arms, replacing->graph, interval.first, target);
                next = (uint64_t)interval.last + 1;
        }
        if (next <= UINT32_MAX)
                push_old(replacing, &old, (uint32_t)marker, (uint32_t)next, UINT32_MAX);
        return lists_pop_switch(&replacing->arms, replacing->graph, start, old.term);
}

/* A switch that has no marker, with what its arms lead to replaced. */
static uint32_t put_plain(struct replacing *replacing, uint32_t number)
{
        struct node old = replacing->graph->nodes[number];

        if (old.kind != NODE_SWITCH)
                return number;
        for (uint32_t i = 0; i < old.count; i++)
                lists_push_arm(&replacing->arms, replacing->graph, old.arms[i].from,
                               replacing->replaced[old.arms[i].to]);
        return lists_pop_switch(&replacing->arms, replacing->graph, 0, old.term);
}

static uint32_t put_node(struct replacing *replacing, uint32_t number)
{
        for (uint32_t i = 0; i < replacing->lists->count; i++) {
                const struct list *list = &replacing->lists->lists[i];

                if (!list->count ||
                    marker_arm(&replacing->graph->nodes[number], list->marker[0]) < 0)
                        continue;
                replacing->found[i] = true;
                return put_values(replacing, list, 0, list->values, list->count, number);
        }
        return put_plain(replacing, number);
}

static int put_back(struct replacing *replacing)
{
        struct graph *graph = replacing->graph;
        uint32_t count = graph->root + 1;

        for (uint32_t i = 0; i < count && !graph->failed && !replacing->wrong; i++)
                replacing->replaced[i] = put_node(replacing, i);
        for (uint32_t i = 0; i < replacing->lists->count; i++)
                if (replacing->lists->lists[i].count && !replacing->found[i])
                        replacing->wrong = true;
        if (graph->failed)
                return -1;
        graph->root = replacing->replaced[graph->root];
        return replacing->wrong;
}

int lists_put_back(const struct lists *lists, struct graph *graph)
{
        struct replacing replacing = {.lists = lists, .graph = graph};
        int status = -1;

        if (lists->count == 0)
                return 0;
        lists_sort(lists);
        replacing.replaced = calloc((size_t)graph->root + 1, sizeof *replacing.replaced);
        replacing.found = calloc(lists->count, sizeof *replacing.found);
        if (replacing.replaced && replacing.found)
                status = put_back(&replacing);
        free(replacing.replaced);
        free(replacing.found);
        free(replacing.arms.arms);
        return status;
}
