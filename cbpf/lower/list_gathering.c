/* Gathering lists in the tree.
 *
 * Which tests may share one place? Tests of one shape read the same fields in the same order, so
 * gathering them where the first one is adds no load to any path that accepts without it, with one
 * exception: the second word of a value of several words (IPv6) is loaded only if the first one
 * matched. Such tests move ahead only of tests that cannot accept a packet with fewer bytes.
 *
 * No test moves ahead of one that rejects packets of which nothing is missing, whatever the tests
 * after it say: by a division by zero, or a load that no packet is long enough for.
 *
 * A test of both source and destination (`src and dst`) asks for the same value in both places, so
 * it does not belong in a list. */
#include "base/array.h"
#include "lists.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_INDEX = 100, /* nodes of an offset that are looked at; a longer one may be anything */
        MAX_SHAPES = 64, /* in one `and` or `or`; tests of any further shape stay as they are */
};

static bool same_shape(const struct shape *a, const struct shape *b)
{
        return a->kind == b->kind && a->transport == b->transport &&
               memcmp(&a->qualifiers, &b->qualifiers, sizeof a->qualifiers) == 0;
}

static int add_values(struct list *list, const struct value *values, uint32_t count)
{
        if (!array_grow(list->values, list->room, (size_t)list->count + count))
                return -1;
        memcpy(list->values + list->count, values, count * sizeof *values);
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
        if (tree->list)
                return 0;
        if (!array_grow(lists->lists, lists->room, lists->count + 1))
                return -1;
        lists->lists[lists->count] =
            (struct list){.shape = *shape, .words = lists_words(shape->kind)};
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
        struct tree *test = lists_below(operand, &negated);

        return test->kind > TREE_NOT && negated == (cluster == TREE_AND) ? test : NULL;
}

/* True if a test of several words may be moved ahead of this one: it cannot accept a packet whose
 * addresses are not all there, or does not look at IPv6 at all. */
static bool may_be_passed(const struct tree *test, const struct shape *shape)
{
        return test && (lists_kind(test) == TREE_IPV4 || shape->kind == TREE_PORT);
}

enum {
        NEAR_OFFSET = 0x8000, /* packets are longer than what a test looks at below this offset */
};

/* A division by what may be zero rejects then. */
static bool may_divide_by_zero(const struct tree *tree)
{
        const struct tree *divisor = tree->kind == TREE_CALCULATE ? tree->operands->next : NULL;

        return divisor && (tree->operation == TREE_DIVIDE || tree->operation == TREE_MODULO) &&
               (divisor->kind != TREE_NUMBER || divisor->number == 0);
}

/* True if no packet may have what is loaded: at an offset that is far away or counts from the end,
 * or computed from constants, as it may then be negative. */
static bool may_be_out_of_reach(const struct tree *load)
{
        const struct tree *index = load->operands;
        bool loads = false;
        int looked_at = 0;

        if (index->kind == TREE_NUMBER)
                return index->number >= NEAR_OFFSET;
        /* Loads in loads would be looked at again and again. */
        for (const struct tree *node = index; node->operands; node = node->operands)
                if (++looked_at > MAX_INDEX)
                        return true;
        for (const struct tree *node = tree_first(index); node != load; node = tree_next(node)) {
                if (++looked_at > MAX_INDEX)
                        return true;
                if (node->kind == TREE_LENGTH ||
                    (node->kind == TREE_NUMBER && node->number >= NEAR_OFFSET))
                        return true;
                loads |= node->kind == TREE_LOAD;
        }
        return !loads;
}

/* Files lack what the tests at the end ask the kernel for. */
static bool may_reject(const struct tree *tree)
{
        switch (tree->kind) {
        case TREE_CALCULATE: return may_divide_by_zero(tree);
        case TREE_LOAD: return may_be_out_of_reach(tree);
        case TREE_BYTE: return tree->test->index >= NEAR_OFFSET;
        case TREE_INBOUND:
        case TREE_OUTBOUND:
        case TREE_IFINDEX: return true;
        default: return false;
        }
}

static bool moves_headers(const struct tree *tree)
{
        switch (tree->kind) {
        case TREE_VLAN:
        case TREE_MPLS:
        case TREE_PPPOES:
        case TREE_GENEVE:
        case TREE_ATM: return true; /* lane */
        default: return false;
        }
}

/* Marks these, and all that contains one. */
static void mark_tests(struct tree *tree)
{
        for (struct tree *node = (struct tree *)tree_first(tree); node;
             node = (struct tree *)tree_next(node)) {
                node->moves_headers |= moves_headers(node);
                node->may_reject |= may_reject(node);
                if (!node->parent)
                        continue;
                node->parent->moves_headers |= node->moves_headers;
                node->parent->may_reject |= node->may_reject;
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
        if (lists->gather_pairs && (pairs_gather(lists, cluster) < 0 ||
                                    (!lists->within_layers && tuples_gather(lists, cluster) < 0)))
                return -1;
        while (*link) {
                struct tree *test = test_of(cluster->kind, *link);
                struct shape shape;
                size_t i = 0;

                if (!test || !lists_shape(test, &shape))
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
                if ((*link)->moves_headers || (*link)->may_reject)
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

int lists_gather(struct lists *lists, struct tree *tree)
{
        mark_tests(tree);
        for (struct tree *node = (struct tree *)tree_first(tree); node;
             node = (struct tree *)tree_next(node)) {
                bool cluster = node->kind == TREE_AND || node->kind == TREE_OR;
                bool top = !node->parent || node->parent->kind != node->kind;

                if (cluster && top && gather_cluster(lists, node) < 0)
                        return -1;
        }
        return 0;
}

void lists_free(struct lists *lists)
{
        for (uint32_t i = 0; i < lists->count; i++)
                free(lists->lists[i].values);
        free(lists->lists);
        pairs_free(lists);
        tuples_free(lists);
        *lists = (struct lists){.arena = lists->arena};
}
