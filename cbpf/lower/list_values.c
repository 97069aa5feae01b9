/* Lists of values: what a test asks for, values in order, and the switches that test for them. */
#include "base/array.h"
#include "lists.h"
#include "net/headers.h"

#include <stdlib.h>

enum {
        REORDERING_MIN_VALUES = 256,
};

struct value lists_ipv6_value(const uint8_t address[16], unsigned prefix)
{
        struct value value;

        for (int i = 0; i < 4; i++) {
                int bits = (int)prefix - 32 * i; /* of this word */
                uint32_t any = bits >= 32 ? 0 : bits <= 0 ? UINT32_MAX : UINT32_MAX >> bits;
                uint32_t word = net_read(address + 4 * i, 4) & ~any;

                value.words[i] = (struct interval){word, word | any};
        }
        return value;
}

/* libpcap tests the last four bytes of a MAC address first. */
struct value lists_mac_value(const uint8_t mac[6])
{
        uint32_t low = net_read(mac + 2, 4), high = net_read(mac, 2);

        return (struct value){{{low, low}, {high, high}}};
}

struct value lists_value(const struct tree *tree)
{
        const struct tree_test *test = tree->test;
        uint32_t first, last;

        switch (tree->kind) {
        case TREE_IPV4:
                first = test->ipv4.address & test->ipv4.mask;
                return (struct value){{{first, first | ~test->ipv4.mask}}};
        case TREE_IPV6: return lists_ipv6_value(test->ipv6.address, test->ipv6.prefix);
        case TREE_MAC: return lists_mac_value(test->mac);
        default:
                first = test->ports.first;
                last = test->ports.last;
                return (struct value){{{first < last ? first : last, first < last ? last : first}}};
        }
}

struct tree *lists_below(struct tree *tree, bool *negated)
{
        while (tree->kind <= TREE_NOT && tree->operand_count == 1) {
                *negated ^= tree->kind == TREE_NOT;
                tree = tree->operands;
        }
        return tree;
}

int lists_put_leaf(struct lists *lists, struct tree *cluster, struct tree **link, struct tree *end,
                   struct tree leaf)
{
        struct tree *put = arena_take(lists->arena, sizeof *put), *not ;

        if (!put)
                return -1;
        for (struct tree *operand = *link; operand != end; operand = operand->next)
                cluster->operand_count--;
        cluster->operand_count++;
        leaf.next = end;
        leaf.parent = cluster;
        *put = leaf;
        *link = put;
        if (cluster->kind == TREE_OR)
                return 0;
        not = arena_take(lists->arena, sizeof *not ); /* an `and` asks that none be there */
        if (!not )
                return -1;
        *not = (struct tree){
            .kind = TREE_NOT, .operand_count = 1, .operands = put, .next = end, .parent = cluster};
        put->next = NULL;
        put->parent = not ;
        *link = not ;
        return 0;
}

static bool is_prefix(uint32_t mask)
{
        return (~mask & (~mask + 1)) == 0;
}

int lists_kind_of_value(const struct tree *tree)
{
        if (tree->kind < TREE_IPV4 || tree->test->qualifiers.direction > DIRECTION_AND)
                return -1;
        switch (tree->kind) {
        case TREE_IPV4:
                if (!is_prefix(tree->test->ipv4.mask))
                        return -1;
                __attribute__((fallthrough));
        case TREE_IPV6:
        case TREE_MAC: return tree->test->qualifiers.type != TYPE_GATEWAY ? tree->kind : -1;
        case TREE_PORT:
        case TREE_PORT_RANGE: return TREE_PORT;
        default: return -1;
        }
}

int lists_kind(const struct tree *tree)
{
        int kind = lists_kind_of_value(tree);

        return kind < 0 || tree->test->qualifiers.direction == DIRECTION_AND ? -1 : kind;
}

bool lists_shape(const struct tree *tree, struct shape *shape)
{
        int kind = lists_kind(tree);

        if (kind < 0)
                return false;
        *shape = (struct shape){.kind = (uint8_t)kind, .qualifiers = tree->test->qualifiers};
        shape->qualifiers.type = kind == TREE_PORT ? TYPE_PORT : TYPE_HOST;
        shape->transport = kind == TREE_PORT ? tree->test->ports.transport : 0;
        if (shape->transport)
                shape->qualifiers.protocol = PROTOCOL_DEFAULT; /* it is said twice */
        return true;
}

size_t lists_values(const struct lists *lists)
{
        size_t values = 0;

        for (uint32_t i = 0; i < lists->count; i++)
                values += lists->lists[i].count;
        return values;
}

static int compare_values(const void *left, const void *right)
{
        const struct value *a = left, *b = right;

        for (int i = 0; i < LISTS_MAX_WORDS; i++) {
                if (a->words[i].first != b->words[i].first)
                        return a->words[i].first < b->words[i].first ? -1 : 1;
                if (a->words[i].last != b->words[i].last) /* the larger one first */
                        return a->words[i].last > b->words[i].last ? -1 : 1;
        }
        return 0;
}

enum {
        DIGIT_BITS = 11,
        DIGITS = 1 << DIGIT_BITS,
        RADIX_MIN_VALUES = 1024, /* fewer are sorted by comparisons */
};

/* Sorts values of one word by where they begin, digit by digit from the lowest; `from` and `to`
 * have room for them. Returns which of the two has them in the end. */
static struct interval *sort_digits(struct interval *from, struct interval *to, uint32_t count)
{
        for (unsigned shift = 0; shift < 32; shift += DIGIT_BITS) {
                uint32_t places[DIGITS] = {0}, place = 0;
                struct interval *sorted = to;

                for (uint32_t i = 0; i < count; i++)
                        places[from[i].first >> shift & (DIGITS - 1)]++;
                for (uint32_t digit = 0; digit < DIGITS; digit++) {
                        uint32_t next = place + places[digit];

                        places[digit] = place;
                        place = next;
                }
                for (uint32_t i = 0; i < count; i++)
                        sorted[places[from[i].first >> shift & (DIGITS - 1)]++] = from[i];
                to = from;
                from = sorted;
        }
        return from;
}

/* Sorts values of one word and joins those that overlap, in time O(n). Returns how many are left,
 * or 0 if memory is short. */
static uint32_t order_words(struct value *values, uint32_t count)
{
        struct interval *room = malloc(2 * (size_t)count * sizeof *room), *sorted;
        uint32_t kept = 0;

        if (!room)
                return 0;
        for (uint32_t i = 0; i < count; i++)
                room[i] = values[i].words[0];
        sorted = sort_digits(room, room + count, count);
        for (uint32_t i = 0; i < count; i++) {
                struct interval *last = kept ? &values[kept - 1].words[0] : NULL;

                if (last && sorted[i].first <= last->last) {
                        if (sorted[i].last > last->last)
                                last->last = sorted[i].last;
                } else {
                        values[kept++] = (struct value){{sorted[i]}};
                }
        }
        free(room);
        return kept;
}

static bool contains(const struct value *a, const struct value *b, uint32_t words)
{
        for (uint32_t i = 0; i < words; i++)
                if (b->words[i].first < a->words[i].first || b->words[i].last > a->words[i].last)
                        return false;
        return true;
}

/* Only values of one word can overlap without one containing the other: port ranges. */
uint32_t lists_order(struct value *values, uint32_t count, uint32_t words)
{
        uint32_t kept = words == 1 && count >= RADIX_MIN_VALUES ? order_words(values, count) : 0;

        if (kept > 0)
                return kept;
        qsort(values, count, sizeof *values, compare_values);
        for (uint32_t i = 0; i < count; i++) {
                struct value *last = kept ? &values[kept - 1] : NULL;
                struct value *value = &values[i];

                if (last && contains(last, value, words))
                        continue;
                if (last && words == 1 && value->words[0].first <= last->words[0].last)
                        last->words[0].last = value->words[0].last;
                else
                        values[kept++] = *value;
        }
        return kept;
}

void lists_sort(const struct lists *lists)
{
        for (uint32_t i = 0; i < lists->count; i++)
                lists->lists[i].count = lists_order(lists->lists[i].values, lists->lists[i].count,
                                                    lists->lists[i].words);
}

void lists_push_arm(struct arms *arms, struct graph *graph, uint32_t from, uint32_t to)
{
        if (array_grow(arms->arms, arms->room, arms->count + 1))
                arms->arms[arms->count++] = (struct arm){from, to};
        else
                graph->failed = true;
}

uint32_t lists_pop_switch(struct arms *arms, struct graph *graph, uint32_t start, uint32_t term)
{
        uint32_t count = arms->count - start;

        arms->count = start;
        return graph->failed ? 0 : graph_switch(graph, term, arms->arms + start, count);
}

bool lists_value_ends(const struct value *value, uint32_t word, uint32_t words)
{
        while (++word < words)
                if (value->words[word].first != 0 || value->words[word].last != UINT32_MAX)
                        return false;
        return true;
}

/* Tests words from number `word` on for these values, which are in order. */
static uint32_t switch_values(struct graph *graph, struct arms *arms, uint32_t words, uint32_t word,
                              const struct value *values, uint32_t count, const uint32_t *terms,
                              uint32_t yes, uint32_t no)
{
        uint32_t start = arms->count;

        if (!array_grow(arms->arms, arms->room, start + 2 * (size_t)count + 1))
                graph->failed = true;
        if (count == 0 || values[0].words[word].first > 0)
                lists_push_arm(arms, graph, 0, no);
        for (uint32_t i = 0, same; i < count && !graph->failed; i = same) {
                struct interval interval = values[i].words[word];
                uint32_t target = yes;

                for (same = i + 1; same < count; same++)
                        if (!lists_same_interval(values[same].words[word], interval))
                                break;
                if (!lists_value_ends(&values[i], word, words))
                        target = switch_values(graph, arms, words, word + 1, values + i, same - i,
                                               terms, yes, no);
                if (i == 0 || graph->failed || arms->arms[arms->count - 1].to != target)
                        lists_push_arm(arms, graph, interval.first, target);
                if (interval.last < UINT32_MAX &&
                    (same == count || values[same].words[word].first > interval.last + 1))
                        lists_push_arm(arms, graph, interval.last + 1, no);
        }
        return lists_pop_switch(arms, graph, start, terms[word]);
}

uint32_t lists_switch_values(struct graph *graph, const struct value *values, uint32_t count,
                             uint32_t words, const uint32_t *terms, uint32_t yes, uint32_t no)
{
        struct arms arms = {0};
        uint32_t node = switch_values(graph, &arms, words, 0, values, count, terms, yes, no);

        free(arms.arms);
        return node;
}

uint32_t lists_switch(const struct lists *lists, uint32_t list, struct graph *graph,
                      const uint32_t *terms, uint32_t yes, uint32_t no)
{
        const struct list *content = &lists->lists[list - 1];

        return lists_switch_values(graph, content->values, content->count, content->words, terms,
                                   yes, no);
}

/* What a word is for all values. */
enum word_use {
        WORD_COMMON, /* the same, and asked for */
        WORD_VARIES,
        WORD_ANY, /* never asked for */
        WORD_USES,
};

static enum word_use use_of(const struct list *list, uint32_t word)
{
        struct interval first = list->values[0].words[word];

        for (uint32_t i = 1; i < list->count; i++)
                if (!lists_same_interval(list->values[i].words[word], first))
                        return WORD_VARIES;
        return first.first == 0 && first.last == UINT32_MAX ? WORD_ANY : WORD_COMMON;
}

/* The words stay in order otherwise, and so do the values. */
uint32_t lists_switch_reordered(const struct lists *lists, uint32_t list, struct graph *graph,
                                const uint32_t *terms, uint32_t yes, uint32_t no)
{
        const struct list *content = &lists->lists[list - 1];
        uint32_t reordered[LISTS_MAX_WORDS], order[LISTS_MAX_WORDS], count = 0, node;
        struct value *values;

        if (content->count < REORDERING_MIN_VALUES)
                return lists_switch(lists, list, graph, terms, yes, no);
        for (enum word_use use = 0; use < WORD_USES; use++)
                for (uint32_t word = 0; word < content->words; word++)
                        if (use_of(content, word) == use)
                                order[count++] = word;
        values = malloc(content->count * sizeof *values);
        if (!values) {
                graph->failed = true;
                return 0;
        }
        for (uint32_t word = 0; word < content->words; word++) {
                reordered[word] = terms[order[word]];
                for (uint32_t i = 0; i < content->count; i++)
                        values[i].words[word] = content->values[i].words[order[word]];
        }
        node =
            lists_switch_values(graph, values, content->count, content->words, reordered, yes, no);
        free(values);
        return node;
}
