/* Finding tuples in the tree. Only neighbours are gathered, as with pairs.
 *
 * `host a and host b`, where no address is both, asks for one at each end: it makes two tuples, one
 * a way. The destination's address is loaded in any case then, as only one of the two tests can
 * have matched at the source. So it is with ports. */
#include "base/array.h"
#include "lists.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
        FEWEST = 4, /* operands; fewer are shorter as they are */
        FORTH = 0,  /* ways */
        BACK = 1,
        WAYS = 2,
};

/* What an operand asks for. */
struct tuple {
        struct tuples_shape shape;
        struct interval values[WAYS][TUPLES_MAX_FIELDS];
        uint32_t ways;
        struct list *list; /* of values for the last field, or NULL */
};

static const struct tree *plain_test(struct tree *tree)
{
        bool negated = false;

        tree = lists_below(tree, &negated);
        return negated || tree->kind <= TREE_NOT ? NULL : tree;
}

static uint8_t direction_of(const struct tree *test)
{
        uint8_t direction = test->test->qualifiers.direction;

        return direction == DIRECTION_OR ? DIRECTION_DEFAULT : direction;
}

/* --- Fields --- */

static bool add_field(struct tuple *tuple, struct tuple_field field, struct interval forth,
                      struct interval back)
{
        uint8_t number = tuple->shape.count;

        if (number == TUPLES_MAX_FIELDS)
                return false;
        tuple->shape.fields[number] = field;
        tuple->values[FORTH][number] = forth;
        tuple->values[BACK][number] = back;
        tuple->shape.count++;
        return true;
}

/* The words that a value asks for. */
static uint32_t words_of(const struct value *value, uint32_t words)
{
        uint32_t word = 0;

        while (!lists_value_ends(value, word, words))
                word++;
        return word + 1;
}

/* An address at one end; `back` is the one looked for there the other way round. */
static bool add_address(struct tuple *tuple, uint8_t kind, uint8_t direction,
                        const struct value *forth, const struct value *back)
{
        uint32_t words = words_of(forth, lists_words(kind));
        bool done = words == words_of(back, lists_words(kind));

        for (uint32_t word = 0; word < words && done; word++)
                done = add_field(tuple, (struct tuple_field){kind, direction, (uint8_t)word},
                                 forth->words[word], back->words[word]);
        return done;
}

static bool note_host(struct tuple *tuple, const struct tree *test)
{
        struct tuples_shape *shape = &tuple->shape;
        uint8_t protocol = test->test->qualifiers.protocol;
        bool ipv4 = test->kind == TREE_IPV4;

        if ((shape->host && shape->host != test->kind) ||
            (protocol != PROTOCOL_DEFAULT && protocol != (ipv4 ? PROTOCOL_IP : PROTOCOL_IP6)))
                return false;
        shape->host = test->kind;
        shape->only_ip |= ipv4 && protocol == PROTOCOL_IP;
        return true;
}

static bool are_disjoint(const struct value *one, const struct value *other, uint32_t words)
{
        for (uint32_t i = 0; i < words; i++)
                if (one->words[i].last < other->words[i].first ||
                    other->words[i].last < one->words[i].first)
                        return true;
        return false;
}

static bool add_port(struct tuple *tuple, uint8_t transport, uint8_t direction,
                     struct interval forth, struct interval back)
{
        struct tuples_shape *shape = &tuple->shape;

        if (shape->ports && shape->transport != transport)
                return false;
        shape->ports = true;
        shape->transport = transport;
        return add_field(tuple, (struct tuple_field){TREE_PORT, direction, 0}, forth, back);
}

/* True if `second` asks for another value than `test` at either end, as that does. */
static bool is_other(const struct tree *test, const struct tree *second)
{
        struct value one = lists_value(test), other;

        if (!second || second->list || lists_kind_of_value(second) != lists_kind_of_value(test) ||
            direction_of(second) != DIRECTION_DEFAULT)
                return false;
        other = lists_value(second);
        return are_disjoint(&one, &other, lists_words(lists_kind_of_value(test)));
}

/* The values at both ends: the first test is for either, and so must be the second one. */
static bool add_both(struct tuple *tuple, const struct tree *test, const struct tree *second)
{
        struct value one = lists_value(test), other;
        uint8_t transport = test->test->ports.transport;

        if (tuple->ways == WAYS || !is_other(test, second))
                return false;
        other = lists_value(second);
        tuple->ways = WAYS;
        if (lists_kind_of_value(test) == TREE_PORT)
                return transport == second->test->ports.transport &&
                       add_port(tuple, transport, DIRECTION_SRC, one.words[0], other.words[0]) &&
                       add_port(tuple, transport, DIRECTION_DST, other.words[0], one.words[0]);
        return note_host(tuple, second) &&
               add_address(tuple, test->kind, DIRECTION_SRC, &one, &other) &&
               add_address(tuple, test->kind, DIRECTION_DST, &other, &one);
}

/* A protocol that is asked for by name. */
static bool add_protocol(struct tuple *tuple, const struct tree *test)
{
        static const struct {
                uint8_t name, number;
        } protocols[] = {
            {PROTOCOL_IP, 0},
            {PROTOCOL_TCP, IPPROTO_TCP},
            {PROTOCOL_UDP, IPPROTO_UDP},
            {PROTOCOL_SCTP, IPPROTO_SCTP},
            {PROTOCOL_ICMP, IPPROTO_ICMP},
        };
        struct tuples_shape *shape = &tuple->shape;

        for (size_t i = 0; i < array_count(protocols); i++) {
                if (protocols[i].name != test->test->qualifiers.protocol)
                        continue;
                if (shape->protocol && shape->protocol != protocols[i].number)
                        return false;
                shape->protocol = protocols[i].number;
                shape->only_ip = true;
                return true;
        }
        return false;
}

/* Adds a test, which may be together with the `next` one; then `*both`. */
static bool add_test(struct lists *lists, struct tuple *tuple, const struct tree *test,
                     const struct tree *next, bool *both)
{
        bool at_both_ends = test->kind >= TREE_IPV4 && test->kind <= TREE_PORT_RANGE &&
                            direction_of(test) == DIRECTION_AND;
        uint8_t direction = at_both_ends ? DIRECTION_SRC : DIRECTION_DEFAULT;
        struct value value;
        int kind;

        if (test->kind == TREE_PROTOCOL)
                return add_protocol(tuple, test);
        kind = lists_kind_of_value(test);
        if (kind != TREE_IPV4 && kind != TREE_IPV6 && kind != TREE_PORT)
                return false;
        if (!at_both_ends)
                direction = direction_of(test);
        if (test->list) {
                tuple->list = &lists->lists[test->list - 1];
                if (next || kind == TREE_IPV6)
                        return false;
        }
        value = test->list ? (struct value){{{0, 0}}} : lists_value(test);
        if (kind != TREE_PORT && !note_host(tuple, test))
                return false;
        if (direction == DIRECTION_DEFAULT && (kind != TREE_PORT || next)) {
                *both = true;
                return !test->list && add_both(tuple, test, next);
        }
        for (;; direction = DIRECTION_DST) {
                bool added = kind == TREE_PORT
                                 ? add_port(tuple, test->test->ports.transport, direction,
                                            value.words[0], value.words[0])
                                 : add_address(tuple, (uint8_t)kind, direction, &value, &value);

                if (!added || !at_both_ends || direction == DIRECTION_DST)
                        return added;
        }
}

/* A protocol that is asked for beside ports is theirs. */
static bool settle_protocol(struct tuples_shape *shape)
{
        if (shape->host == TREE_IPV6)
                return !shape->only_ip;
        if (!shape->protocol)
                return true;
        if (shape->ports && !shape->transport)
                shape->transport = shape->protocol;
        return shape->host == TREE_IPV4 && (!shape->ports || shape->transport == shape->protocol);
}

/* Finds what an operand of a `cluster` asks for; false if it is no tuple. */
static bool find_tuple(struct lists *lists, enum tree_kind cluster, struct tree *operand,
                       struct tuple *tuple)
{
        bool negated = false, both;
        struct tree *all = lists_below(operand, &negated), *first = all, *end = all->next;

        *tuple = (struct tuple){.ways = 1};
        if (negated != (cluster == TREE_AND))
                return false;
        if (all->kind == TREE_AND) {
                first = all->operands;
                end = NULL;
        }
        for (struct tree *part = first; part != end; part = part->next) {
                const struct tree *test = plain_test(part), *next = NULL;

                if (part->next != end && !(next = plain_test(part->next)))
                        return false;
                both = false;
                if (!test || !add_test(lists, tuple, test, next, &both))
                        return false;
                if (both)
                        part = part->next;
        }
        return tuple->shape.count >= 2 && settle_protocol(&tuple->shape);
}

/* --- Runs --- */

static int add_tuple(struct tuples *tuples, const struct tuple *tuple)
{
        const struct value *last = tuple->list ? tuple->list->values : NULL;
        uint32_t count = tuple->list ? tuple->list->count : 1, fields = tuples->shape.count;

        if (!array_grow(tuples->values, tuples->room,
                        (tuples->count + (size_t)count * tuple->ways) * fields))
                return -1;
        for (uint32_t way = 0; way < tuple->ways; way++)
                for (uint32_t i = 0; i < count; i++) {
                        struct interval *values = tuples->values + (size_t)tuples->count++ * fields;

                        memcpy(values, tuple->values[way], fields * sizeof *values);
                        if (last)
                                values[fields - 1] = last[i].words[0];
                }
        if (tuple->list)
                tuple->list->count = 0;
        return 0;
}

static bool same_shape(const struct tuple *one, const struct tuple *other)
{
        return memcmp(&one->shape, &other->shape, sizeof one->shape) == 0;
}

/* The end of the run of tuples that starts with `first`; `*count` is how many operands they are. */
static struct tree *end_of_run(struct lists *lists, enum tree_kind cluster, struct tree *first,
                               const struct tuple *like, uint32_t *count)
{
        struct tuple tuple;

        *count = 0;
        for (; first; first = first->next, ++*count)
                if (!find_tuple(lists, cluster, first, &tuple) || !same_shape(like, &tuple))
                        return first;
        return NULL;
}

static int replace_run(struct lists *lists, struct tree *cluster, struct tree **link,
                       struct tree *end, const struct tuple *like)
{
        const struct tree *test = *link;
        struct tuples *tuples;
        struct tuple tuple;

        if (!array_grow(lists->tuples, lists->tuple_room, lists->tuple_runs + (size_t)1))
                return -1;
        tuples = &lists->tuples[lists->tuple_runs++];
        *tuples = (struct tuples){.shape = like->shape};
        for (struct tree *operand = *link; operand != end; operand = operand->next) {
                find_tuple(lists, cluster->kind, operand, &tuple);
                if (add_tuple(tuples, &tuple) < 0)
                        return -1;
        }
        while (test->kind <= TREE_NOT)
                test = test->operands;
        return lists_put_leaf(
            lists, cluster, link, end,
            (struct tree){.kind = TREE_TUPLES, .list = lists->tuple_runs, .test = test->test});
}

int tuples_gather(struct lists *lists, struct tree *cluster)
{
        for (struct tree **link = &cluster->operands; *link; link = &(*link)->next) {
                struct tuple tuple;
                struct tree *end;
                uint32_t count;

                if (!find_tuple(lists, cluster->kind, *link, &tuple))
                        continue;
                end = end_of_run(lists, cluster->kind, *link, &tuple, &count);
                if (count >= FEWEST) {
                        if (replace_run(lists, cluster, link, end, &tuple) < 0)
                                return -1;
                        continue;
                }
                while ((*link)->next != end)
                        link = &(*link)->next;
        }
        return 0;
}

size_t tuples_count(const struct lists *lists)
{
        size_t count = 0;

        for (uint32_t i = 0; i < lists->tuple_runs; i++)
                count += lists->tuples[i].count;
        return count;
}

void tuples_free(struct lists *lists)
{
        for (uint32_t i = 0; i < lists->tuple_runs; i++)
                free(lists->tuples[i].values);
        free(lists->tuples);
}
