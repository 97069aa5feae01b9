/* Finding pairs in the tree. Only neighbours are gathered: moving a pair past another test could
 * add loads of ports to a path on which that test accepts without them. */
#include "base/array.h"
#include "lists.h"

#include <stdlib.h>

enum {
        FEWEST = 4, /* pairs; fewer are shorter as they are */
};

/* The two tests that a pair consists of. */
struct parts {
        const struct tree *first, *second;
        struct pairs_shape shape;
};

static const struct tree *plain_test(struct tree *tree)
{
        bool negated = false;

        tree = lists_below(tree, &negated);
        return negated || tree->kind <= TREE_NOT ? NULL : tree;
}

static bool is_host(const struct tree *test, int kind)
{
        uint8_t protocol = test->test->qualifiers.protocol;

        if (protocol == PROTOCOL_DEFAULT)
                return kind == TREE_IPV4 || kind == TREE_IPV6;
        return (kind == TREE_IPV4 && protocol == PROTOCOL_IP) ||
               (kind == TREE_IPV6 && protocol == PROTOCOL_IP6);
}

static uint8_t direction_of(const struct tree *test)
{
        uint8_t direction = test->test->qualifiers.direction;

        return direction == DIRECTION_OR ? DIRECTION_DEFAULT : direction;
}

static bool find_shape(struct parts *parts)
{
        int first = lists_kind(parts->first), second = lists_kind(parts->second);
        bool port_first = first == TREE_PORT;
        const struct tree *host = port_first ? parts->second : parts->first;
        const struct tree *port = port_first ? parts->first : parts->second;

        if (first < 0 || second < 0 || (first == TREE_PORT) == (second == TREE_PORT) ||
            !is_host(host, port_first ? second : first))
                return false;
        parts->shape = (struct pairs_shape){
            .host = (uint8_t)(port_first ? second : first),
            .host_direction = direction_of(host),
            .port_direction = direction_of(port),
            .port_first = port_first,
        };
        return true;
}

/* Finds the parts of an operand of a `cluster`; false if it is no pair. */
static bool find_parts(enum tree_kind cluster, struct tree *operand, struct parts *parts)
{
        bool negated = false;
        struct tree *both = lists_below(operand, &negated);

        if (both->kind != TREE_AND || both->operand_count != 2 || negated != (cluster == TREE_AND))
                return false;
        parts->first = plain_test(both->operands);
        parts->second = plain_test(both->operands->next);
        return parts->first && parts->second && parts->first->list == 0 && find_shape(parts);
}

static bool same_shape(const struct pairs_shape *one, const struct pairs_shape *other)
{
        return one->host == other->host && one->host_direction == other->host_direction &&
               one->port_direction == other->port_direction && one->port_first == other->port_first;
}

/* Adds the pairs that an operand stands for: its second part may be a list, which is emptied, as in
 * `host a and (port p or port q)`. */
static int add_pairs(struct lists *lists, struct pairs *pairs, const struct parts *parts)
{
        bool port_first = pairs->shape.port_first;
        struct list *list = parts->second->list ? &lists->lists[parts->second->list - 1] : NULL;
        struct value first = lists_value(parts->first), single;
        const struct value *second = list ? list->values : &single;
        uint32_t count = list ? list->count : 1;

        if (!list)
                single = lists_value(parts->second);
        if (!array_grow(pairs->pairs, pairs->room, (size_t)pairs->count + count))
                return -1;
        for (uint32_t i = 0; i < count; i++)
                pairs->pairs[pairs->count++] = (struct pair){
                    .host = port_first ? second[i] : first,
                    .port = port_first ? first.words[0] : second[i].words[0],
                    .transport = (port_first ? parts->first : parts->second)->test->ports.transport,
                };
        if (list)
                list->count = 0;
        return 0;
}

/* The operands from `first` up to `end` give way to a leaf. */
static int replace_run(struct lists *lists, struct tree *cluster, struct tree **link,
                       struct tree *end, struct pairs_shape shape)
{
        bool room = array_grow(lists->pairs, lists->pair_room, lists->pair_runs + (size_t)1);
        struct pairs *pairs;
        struct parts parts = {0};

        if (!room)
                return -1;
        pairs = &lists->pairs[lists->pair_runs++];
        *pairs = (struct pairs){.shape = shape};
        for (struct tree *operand = *link; operand != end; operand = operand->next) {
                find_parts(cluster->kind, operand, &parts);
                if (add_pairs(lists, pairs, &parts) < 0)
                        return -1;
        }
        return lists_put_leaf(
            lists, cluster, link, end,
            (struct tree){.kind = TREE_PAIRS, .list = lists->pair_runs, .test = parts.first->test});
}

/* The end of the run of pairs that starts with `first`; `*count` is how many they are. */
static struct tree *end_of_run(enum tree_kind cluster, struct tree *first,
                               const struct pairs_shape *shape, uint32_t *count)
{
        struct parts parts;

        *count = 0;
        for (; first; first = first->next, ++*count)
                if (!find_parts(cluster, first, &parts) || !same_shape(shape, &parts.shape))
                        return first;
        return NULL;
}

int pairs_gather(struct lists *lists, struct tree *cluster)
{
        for (struct tree **link = &cluster->operands; *link; link = &(*link)->next) {
                struct parts parts;
                struct tree *end;
                uint32_t count;

                if (!find_parts(cluster->kind, *link, &parts))
                        continue;
                end = end_of_run(cluster->kind, *link, &parts.shape, &count);
                if (count >= FEWEST) {
                        if (replace_run(lists, cluster, link, end, parts.shape) < 0)
                                return -1;
                        continue;
                }
                while ((*link)->next != end)
                        link = &(*link)->next;
        }
        return 0;
}

size_t pairs_count(const struct lists *lists)
{
        size_t count = 0;

        for (uint32_t i = 0; i < lists->pair_runs; i++)
                count += lists->pairs[i].count;
        return count;
}

void pairs_free(struct lists *lists)
{
        for (uint32_t i = 0; i < lists->pair_runs; i++)
                free(lists->pairs[i].pairs);
        free(lists->pairs);
}
