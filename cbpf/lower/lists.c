/* Lists of values: gathered in the tree, put back in the graph.
 *
 * Which tests may share one place? Tests of one shape read the same fields in the same order, so
 * gathering them where the first stands adds no load to any path that accepts without it, with one
 * exception: a value of several words (IPv6) has its second word read only if the first one
 * matched. Such tests move ahead only of tests that cannot accept a packet with fewer bytes.
 *
 * A test of both source and destination (`src and dst`) asks for the same value in both places: not
 * for a list. */
#include "lists.h"
#include "pairs.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
        MAX_WORDS = LISTS_MAX_WORDS,
        WORTH_REORDERING = 256, /* values */
        MAX_SHAPES = 64,        /* in one `and` or `or`; what is beyond stays as it is */
};

/* What two tests have in common that can be gathered. */
struct shape {
        uint8_t kind; /* TREE_IPV4, TREE_IPV6, TREE_MAC or TREE_PORT */
        struct tree_qualifiers qualifiers;
        uint8_t transport;
};

struct list {
        struct shape shape;
        uint32_t words; /* of each value */
        uint32_t marker[MAX_WORDS];
        struct value *values;
        uint32_t count, room;
};

/* --- Values --- */

static uint32_t word_at(const uint8_t *bytes)
{
        return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
               bytes[3];
}

static struct value ipv6_value(const struct tree_test *test)
{
        struct value value;

        for (int i = 0; i < 4; i++) {
                int bits = test->ipv6.prefix - 32 * i; /* of this word */
                uint32_t any = bits >= 32 ? 0 : bits <= 0 ? UINT32_MAX : UINT32_MAX >> bits;
                uint32_t word = word_at(test->ipv6.address + 4 * i) & ~any;

                value.words[i] = (struct interval){word, word | any};
        }
        return value;
}

/* libpcap tests the last four bytes of a MAC address first. */
static struct value mac_value(const uint8_t mac[6])
{
        uint32_t low = word_at(mac + 2);
        uint32_t high = (uint32_t)mac[0] << 8 | mac[1];

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
        case TREE_IPV6: return ipv6_value(test);
        case TREE_MAC: return mac_value(test->mac);
        default:
                first = test->ports.first;
                last = test->ports.last;
                return (struct value){{{first < last ? first : last, first < last ? last : first}}};
        }
}

static uint32_t words_of(const struct shape *shape)
{
        return shape->kind == TREE_IPV6 ? 4 : shape->kind == TREE_MAC ? 2 : 1;
}

/* --- Gathering --- */

static bool is_prefix(uint32_t mask)
{
        return (~mask & (~mask + 1)) == 0;
}

/* The kind under which a test can be gathered, or -1. */
int lists_kind(const struct tree *tree)
{
        if (tree->kind < TREE_IPV4 || tree->test->qualifiers.direction >= DIRECTION_AND)
                return -1;
        switch (tree->kind) {
        case TREE_IPV4:
                return tree->test->qualifiers.type != TYPE_GATEWAY &&
                               is_prefix(tree->test->ipv4.mask)
                           ? TREE_IPV4
                           : -1;
        case TREE_IPV6:
        case TREE_MAC: return tree->test->qualifiers.type != TYPE_GATEWAY ? tree->kind : -1;
        case TREE_PORT:
        case TREE_PORT_RANGE: return TREE_PORT;
        default: return -1;
        }
}

static bool shape_of(const struct tree *tree, struct shape *shape)
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

static bool same_shape(const struct shape *a, const struct shape *b)
{
        return a->kind == b->kind && a->transport == b->transport &&
               memcmp(&a->qualifiers, &b->qualifiers, sizeof a->qualifiers) == 0;
}

/* Room for `extra` more of `size` bytes in an array of `count`. Returns NULL if memory is short. */
static void *grow(void *array, uint32_t count, uint32_t extra, uint32_t *room, size_t size)
{
        uint64_t wanted = (uint64_t)count + extra;

        if (wanted <= *room)
                return array;
        wanted = wanted < 8 ? 8 : wanted * 2;
        array = wanted < UINT32_MAX ? realloc(array, wanted * size) : NULL;
        *room = array ? (uint32_t)wanted : *room;
        return array;
}

static int add_values(struct list *list, const struct value *values, uint32_t count)
{
        struct value *larger = grow(list->values, list->count, count, &list->room, sizeof *values);

        if (!larger)
                return -1;
        list->values = larger;
        memcpy(larger + list->count, values, count * sizeof *values);
        list->count += count;
        return 0;
}

/* Adds the values for which `tree` stands to `list`. */
static int add_test(struct lists *lists, uint32_t list, const struct tree *tree)
{
        struct value value;
        struct list *from;
        int failed;

        if (!tree->list) {
                value = lists_value(tree);
                return add_values(&lists->lists[list], &value, 1);
        }
        from = &lists->lists[tree->list - 1];
        failed = add_values(&lists->lists[list], from->values, from->count);
        from->count = 0;
        return failed;
}

/* Makes `tree` stand for a list. */
static int start_list(struct lists *lists, struct tree *tree, const struct shape *shape)
{
        struct list *larger;

        if (tree->list)
                return 0;
        larger = grow(lists->lists, lists->count, 1, &lists->room, sizeof *larger);
        if (!larger)
                return -1;
        lists->lists = larger;
        lists->lists[lists->count] = (struct list){.shape = *shape, .words = words_of(shape)};
        if (add_test(lists, lists->count, tree) < 0)
                return -1;
        tree->list = ++lists->count;
        return 0;
}

/* Replaces operands that are of the cluster's own kind by their operands: `a or (b or c)` is a list
 * of three. */
static void flatten(struct tree *cluster)
{
        struct tree **end = &cluster->operands;
        struct tree *node = cluster->operands;
        uint32_t count = 0;

        while (node) {
                struct tree *next = node->next;

                if (node->kind == cluster->kind) {
                        node = node->operands;
                        continue;
                }
                for (struct tree *up = node->parent; !next && up != cluster; up = up->parent)
                        next = up->next;
                node->parent = cluster;
                *end = node;
                end = &node->next;
                count++;
                node = next;
        }
        *end = NULL;
        cluster->operand_count = count;
}

/* The test an operand comes down to: below `not` in an `and`, as it is in an `or`; NULL if it is
 * not a single test. */
static struct tree *test_of(enum tree_kind cluster, struct tree *operand)
{
        bool negated = false;

        while (operand->kind <= TREE_NOT) {
                if (operand->operand_count != 1)
                        return NULL;
                negated ^= operand->kind == TREE_NOT;
                operand = operand->operands;
        }
        return negated == (cluster == TREE_AND) ? operand : NULL;
}

/* True if a test of several words may be moved ahead of this one: it cannot accept a packet whose
 * addresses are not all there, or does not look at IPv6 at all. */
static bool may_be_passed(const struct tree *test, const struct shape *shape)
{
        return test && (lists_kind(test) == TREE_IPV4 || shape->kind == TREE_PORT);
}

/* Marks the tests after which headers are looked for elsewhere, and all that contains one. */
static void mark_moves(struct tree *tree)
{
        for (struct tree *node = (struct tree *)tree_first(tree); node;
             node = (struct tree *)tree_next(node)) {
                switch (node->kind) {
                case TREE_VLAN:
                case TREE_MPLS:
                case TREE_PPPOES:
                case TREE_GENEVE:
                case TREE_ATM: /* lane */ node->moves_headers = true; break;
                }
                if (node->moves_headers && node->parent)
                        node->parent->moves_headers = true;
        }
}

struct place {
        struct shape shape;
        struct tree *first;
};

/* Gathers the lists among the operands of one `and` or `or`. */
static int gather_cluster(struct lists *lists, struct tree *cluster)
{
        struct place places[MAX_SHAPES];
        struct tree **link = &cluster->operands;
        size_t used = 0;

        flatten(cluster);
        if (lists->gather_pairs && pairs_gather(lists, cluster) < 0)
                return -1;
        while (*link) {
                struct tree *test = test_of(cluster->kind, *link);
                struct shape shape;
                size_t i = 0;

                if (!test || !shape_of(test, &shape))
                        test = NULL;
                while (test && i < used && !same_shape(&places[i].shape, &shape))
                        i++;
                if (test && i < used) {
                        if (start_list(lists, places[i].first, &shape) < 0 ||
                            add_test(lists, places[i].first->list - 1, test) < 0)
                                return -1;
                        *link = (*link)->next;
                        cluster->operand_count--;
                        continue;
                }
                if ((*link)->moves_headers)
                        used = 0;
                /* What moves over this operand from now on is what comes after it. */
                for (size_t j = 0; j < used;)
                        if (places[j].shape.kind == TREE_IPV6 && !may_be_passed(test, &shape))
                                places[j] = places[--used];
                        else
                                j++;
                if (test && used < MAX_SHAPES)
                        places[used++] = (struct place){shape, test};
                link = &(*link)->next;
        }
        return 0;
}

/* --- Markers --- */

static uint32_t next_random(uint32_t *state)
{
        *state = *state * 1664525u + 1013904223u;
        return *state >> 16 | *state << 16;
}

/* True if the tree says one of the words of `marker` somewhere, so that it would not be
 * unmistakable. */
static bool is_said(const struct tree *tree, uint32_t word)
{
        for (const struct tree *node = tree_first(tree); node; node = tree_next(node)) {
                const struct tree_test *test = node->kind >= TREE_IPV4 ? node->test : NULL;
                struct shape shape;
                struct value value;

                if (node->kind == TREE_NUMBER ? node->number == word : test && test->number == word)
                        return true;
                if (!test || !shape_of(node, &shape))
                        continue;
                value = lists_value(node);
                for (uint32_t i = 0; i < words_of(&shape); i++)
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

/* A word no one else says. Of 16 bits it is above all EtherTypes libpcap knows of. */
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

int lists_gather(struct lists *lists, struct tree *tree)
{
        mark_moves(tree);
        for (struct tree *node = (struct tree *)tree_first(tree); node;
             node = (struct tree *)tree_next(node)) {
                bool cluster = node->kind == TREE_AND || node->kind == TREE_OR;
                bool top = !node->parent || node->parent->kind != node->kind;

                if (cluster && top && gather_cluster(lists, node) < 0)
                        return -1;
        }
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

void lists_free(struct lists *lists)
{
        for (uint32_t i = 0; i < lists->count; i++)
                free(lists->lists[i].values);
        free(lists->lists);
        pairs_free(lists);
        *lists = (struct lists){.arena = lists->arena};
}

const struct value *lists_values_of(const struct lists *lists, uint32_t list, uint32_t *count)
{
        *count = lists->lists[list - 1].count;
        return lists->lists[list - 1].values;
}

void lists_forget(struct lists *lists, uint32_t list)
{
        lists->lists[list - 1].count = 0;
}

size_t lists_values(const struct lists *lists)
{
        size_t values = 0;

        for (uint32_t i = 0; i < lists->count; i++)
                values += lists->lists[i].count;
        return values;
}

/* --- Order --- */

static int compare_values(const void *left, const void *right)
{
        const struct value *a = left, *b = right;

        for (int i = 0; i < MAX_WORDS; i++) {
                if (a->words[i].first != b->words[i].first)
                        return a->words[i].first < b->words[i].first ? -1 : 1;
                if (a->words[i].last != b->words[i].last) /* the larger one first */
                        return a->words[i].last > b->words[i].last ? -1 : 1;
        }
        return 0;
}

static bool contains(const struct value *a, const struct value *b, uint32_t words)
{
        for (uint32_t i = 0; i < words; i++)
                if (b->words[i].first < a->words[i].first || b->words[i].last > a->words[i].last)
                        return false;
        return true;
}

/* Sorts the values and drops those that others contain. Of one word, values may overlap otherwise
 * too (port ranges): then they are joined. */
uint32_t lists_order(struct value *values, uint32_t count, uint32_t words)
{
        uint32_t kept = 0;

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

/* --- Switches --- */

/* The arms to be made, a stack: a word's are made while those of the word before are. */
struct arms {
        struct arm *arms;
        uint32_t count, room;
};

static void add_arm(struct graph *graph, struct arms *arms, uint32_t from, uint32_t to)
{
        struct arm *larger = grow(arms->arms, arms->count, 1, &arms->room, sizeof *larger);

        if (!larger) {
                graph->failed = true;
                return;
        }
        arms->arms = larger;
        larger[arms->count++] = (struct arm){from, to};
}

/* True if words after this one do not matter to a value. */
static bool ends_with(const struct value *value, uint32_t word, uint32_t words)
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
        uint32_t start = arms->count, result;

        add_arm(graph, arms, 0, no);
        for (uint32_t i = 0, same; i < count && !graph->failed; i = same) {
                struct interval interval = values[i].words[word];
                uint32_t target = yes;

                for (same = i + 1; same < count; same++)
                        if (values[same].words[word].first != interval.first ||
                            values[same].words[word].last != interval.last)
                                break;
                if (!ends_with(&values[i], word, words))
                        target = switch_values(graph, arms, words, word + 1, values + i, same - i,
                                               terms, yes, no);
                add_arm(graph, arms, interval.first, target);
                if (interval.last < UINT32_MAX)
                        add_arm(graph, arms, interval.last + 1, no);
        }
        if (graph->failed)
                return 0;
        result = graph_switch(graph, terms[word], arms->arms + start, arms->count - start);
        arms->count = start;
        return result;
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
                if (list->values[i].words[word].first != first.first ||
                    list->values[i].words[word].last != first.last)
                        return WORD_VARIES;
        return first.first == 0 && first.last == UINT32_MAX ? WORD_ANY : WORD_COMMON;
}

/* The words stay in order otherwise, and so do the values. */
uint32_t lists_switch_reordered(const struct lists *lists, uint32_t list, struct graph *graph,
                                const uint32_t *terms, uint32_t yes, uint32_t no)
{
        const struct list *content = &lists->lists[list - 1];
        uint32_t reordered[MAX_WORDS], order[MAX_WORDS], count = 0, node;
        struct value *values;

        if (content->count < WORTH_REORDERING)
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

/* --- Putting back --- */

/* Replacing is done node by node in ascending order, so that what a node leads to is there. */
struct replacing {
        const struct lists *lists;
        struct graph *graph;
        uint32_t *replaced; /* by node: what stands for it now */
        bool *found;        /* by list */
        struct arm *arms;   /* scratch, a stack */
        uint32_t arms_used, arms_room;
        int wrong;
};

static void push_arm(struct replacing *replacing, uint32_t from, uint32_t to)
{
        struct arm *larger =
            grow(replacing->arms, replacing->arms_used, 1, &replacing->arms_room, sizeof *larger);

        if (!larger) {
                replacing->graph->failed = true;
                return;
        }
        replacing->arms = larger;
        larger[replacing->arms_used++] = (struct arm){from, to};
}

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
        bool rest = false;

        for (uint32_t i = word + 1; i < list->words; i++)
                rest |= values->words[i].first != 0 || values->words[i].last != UINT32_MAX;
        for (uint32_t i = word; i < list->words; i++) {
                int arm = marker_arm(&nodes[node], list->marker[i]);

                if (arm < 0) {
                        replacing->wrong = 1;
                        return 0;
                }
                node = nodes[node].arms[arm].to;
                if (rest)
                        return put_values(replacing, list, word + 1, values, count, node);
        }
        return replacing->replaced[node];
}

/* The switch `node`, which tests word number `word` for the list's marker, for these values. */
static uint32_t put_values(struct replacing *replacing, const struct list *list, uint32_t word,
                           const struct value *values, uint32_t count, uint32_t node)
{
        struct node old = replacing->graph->nodes[node];
        int marker = marker_arm(&old, list->marker[word]);
        uint32_t start = replacing->arms_used;
        uint32_t next = 0; /* the first value not covered yet; 2^32 shows as `done` */
        uint32_t arm = 0;
        bool done = false;
        uint32_t result;

        if (marker < 0 || old.count < 2) {
                replacing->wrong = 1;
                return 0;
        }
        for (uint32_t i = 0; i < count || !done;) {
                uint32_t first = i < count ? values[i].words[word].first : UINT32_MAX;
                uint32_t last = i < count ? values[i].words[word].last : UINT32_MAX;
                uint32_t same = i, target;

                /* The old arms up to `first`; the marker's own value is like its neighbour's. */
                while (!done && (i == count || next < first)) {
                        uint32_t like = (int)arm != marker ? arm : arm > 0 ? arm - 1 : arm + 1;

                        push_arm(replacing, next, replacing->replaced[old.arms[like].to]);
                        if (graph_arm_end(&old, arm) >= first && i < count)
                                break;
                        done = graph_arm_end(&old, arm) == UINT32_MAX;
                        next = graph_arm_end(&old, arm) + 1;
                        arm++;
                }
                if (i == count)
                        break;
                while (same < count && values[same].words[word].first == first &&
                       values[same].words[word].last == last)
                        same++;
                target = put_group(replacing, list, word, values + i, same - i, node);
                push_arm(replacing, first, target);
                done = last == UINT32_MAX;
                next = last + 1;
                while (!done && graph_arm_end(&old, arm) < next)
                        arm++;
                i = same;
                if (done && i == count)
                        break;
        }
        if (replacing->graph->failed)
                return 0;
        result = graph_switch(replacing->graph, old.term, replacing->arms + start,
                              replacing->arms_used - start);
        replacing->arms_used = start;
        return result;
}

/* A switch that has no marker, with what its arms lead to replaced. */
static uint32_t put_plain(struct replacing *replacing, uint32_t number)
{
        struct node old = replacing->graph->nodes[number];
        uint32_t result;

        if (old.kind != NODE_SWITCH)
                return number;
        for (uint32_t i = 0; i < old.count; i++)
                push_arm(replacing, old.arms[i].from, replacing->replaced[old.arms[i].to]);
        if (replacing->graph->failed)
                return 0;
        result = graph_switch(replacing->graph, old.term, replacing->arms, replacing->arms_used);
        replacing->arms_used = 0;
        return result;
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
                        replacing->wrong = 1;
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
        free(replacing.arms);
        return status;
}
