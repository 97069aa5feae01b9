/* Tuples as sorted searches: for the first field, then for the next one among the tuples whose
 * first field matches, and so on.
 *
 * libpcap tests tuple by tuple. The searches load what it loads: a field only where the fields
 * before it match in some tuple, and then libpcap gets to it as well, unless it has accepted the
 * packet before, with all fields loaded. Where the last field is a port at either end, the
 * destination's is loaded only where no tuple has the source's. */
#include "base/array.h"
#include "lowering.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_REPEATS = 8,   /* how often each tuple may be looked at for overlaps, on average, */
        FEW_REPEATS = 256, /* and in all; if there is more, tuples are tested one by one */
};

struct search {
        struct lower *lower;
        const struct tuples *tuples;
        uint32_t type;                        /* of the network header */
        uint32_t terms[TUPLES_MAX_FIELDS][2]; /* by field: of the source, of the destination */
        uint32_t first_port;                  /* the first field that is a port */
        uint32_t yes, no;
        struct arms arms;
        size_t repeats; /* left */
        bool too_many;
};

/* A tuple with its value in the field at hand. */
struct key {
        struct interval at;
        uint32_t tuple;
};

static struct interval value_at(const struct search *search, uint32_t tuple, uint32_t field)
{
        return search->tuples->values[(size_t)tuple * search->tuples->shape.count + field];
}

static int by_value(const void *one, const void *other)
{
        const struct key *a = one, *b = other;

        if (a->at.first != b->at.first)
                return a->at.first < b->at.first ? -1 : 1;
        if (a->at.last != b->at.last)
                return a->at.last < b->at.last ? -1 : 1;
        return a->tuple < b->tuple ? -1 : a->tuple > b->tuple;
}

static uint32_t search_fields(struct search *search, uint32_t field, const struct key *tuples,
                              uint32_t count);

/* A port at either end, in no more fields. */
static uint32_t search_either_port(struct search *search, uint32_t field, const struct key *tuples,
                                   uint32_t count)
{
        const uint32_t *terms = search->terms[field];
        struct graph *graph = search->lower->graph;
        struct value *values = lower_take(search->lower, count * sizeof *values);
        uint32_t no;

        if (!values)
                return search->no;
        for (uint32_t i = 0; i < count; i++)
                values[i] = (struct value){{value_at(search, tuples[i].tuple, field)}};
        count = lists_order(values, count, 1);
        no = lists_switch_values(graph, values, count, 1, &terms[1], search->yes, search->no);
        return lists_switch_values(graph, values, count, 1, &terms[0], search->yes, no);
}

static void push_arm(struct search *search, uint32_t from, uint32_t to)
{
        lists_push_arm(&search->arms, search->lower->graph, from, to);
}

/* Values that overlap: each slice of them has its own tuples. */
static void search_slices(struct search *search, uint32_t field, const struct key *keys,
                          uint32_t count)
{
        struct key *active = lower_take(search->lower, count * sizeof *active);
        uint32_t active_count = 0, next = 0;
        uint64_t from = keys[0].at.first;

        while (active && !search->too_many && (next < count || active_count > 0)) {
                uint64_t end = UINT64_MAX;
                uint32_t kept = 0;

                for (; next < count && keys[next].at.first == from; next++)
                        active[active_count++] = keys[next];
                for (uint32_t i = 0; i < active_count; i++)
                        if (active[i].at.last >= from)
                                active[kept++] = active[i];
                active_count = kept;
                search->too_many = search->repeats < active_count;
                search->repeats -= search->too_many ? 0 : active_count;
                for (uint32_t i = 0; i < active_count; i++)
                        if (active[i].at.last + (uint64_t)1 < end)
                                end = active[i].at.last + (uint64_t)1;
                if (next < count && keys[next].at.first < end)
                        end = keys[next].at.first;
                if (from <= UINT32_MAX && active_count > 0 && !search->too_many)
                        push_arm(search, (uint32_t)from,
                                 search_fields(search, field + 1, active, active_count));
                from = end;
        }
}

/* The end of the values that overlap the first one; `*last` is the last value that is in one. */
static uint32_t end_of_overlap(const struct key *keys, uint32_t start, uint32_t count,
                               uint32_t *last, bool *equal)
{
        uint32_t end = start;

        *last = keys[start].at.last;
        *equal = true;
        for (; end < count && keys[end].at.first <= *last; end++) {
                *equal &= lists_same_interval(keys[end].at, keys[start].at);
                if (keys[end].at.last > *last)
                        *last = keys[end].at.last;
        }
        return end;
}

static uint32_t search_field(struct search *search, uint32_t field, const struct key *tuples,
                             uint32_t count)
{
        struct key *keys = lower_take(search->lower, count * sizeof *keys);
        uint32_t start = search->arms.count, last, end;
        uint8_t direction = search->tuples->shape.fields[field].direction;
        bool equal;

        for (uint32_t i = 0; keys && i < count; i++)
                keys[i] = (struct key){value_at(search, tuples[i].tuple, field), tuples[i].tuple};
        if (!keys)
                return search->no;
        qsort(keys, count, sizeof *keys, by_value);
        if (keys[0].at.first > 0)
                push_arm(search, 0, search->no);
        for (uint32_t i = 0; i < count && !search->too_many; i = end) {
                end = end_of_overlap(keys, i, count, &last, &equal);
                if (equal)
                        push_arm(search, keys[i].at.first,
                                 search_fields(search, field + 1, keys + i, end - i));
                else
                        search_slices(search, field, keys + i, end - i);
                if (last < UINT32_MAX && (end == count || keys[end].at.first > last + 1))
                        push_arm(search, last + 1, search->no);
        }
        if (search->too_many) {
                search->arms.count = start;
                return search->no;
        }
        return lists_pop_switch(&search->arms, search->lower->graph, start,
                                search->terms[field][direction == DIRECTION_DST]);
}

/* The transport in front of the ports. */
static uint32_t search_behind_transport(struct search *search, uint32_t node)
{
        uint8_t wanted = search->tuples->shape.transport;
        uint32_t no = search->no;

        for (const uint8_t *transport = lower_transports; *transport; transport++)
                if (!wanted || wanted == *transport)
                        no = lower_transport(search->lower, search->type, *transport, node, no);
        return no;
}

/* Searches fields from number `field` on for `tuples`, at least one, whose fields before it match.
 * The recursion is as deep as there are fields. */
static uint32_t search_fields(struct search *search, uint32_t field, const struct key *tuples,
                              uint32_t count)
{
        const struct tuples_shape *shape = &search->tuples->shape;
        uint32_t node;

        if (field == shape->count)
                return search->yes;
        node = shape->fields[field].direction == DIRECTION_DEFAULT
                   ? search_either_port(search, field, tuples, count)
                   : search_field(search, field, tuples, count);
        return field == search->first_port ? search_behind_transport(search, node) : node;
}

static uint32_t search_one_by_one(struct search *search, const struct key *tuples)
{
        for (uint32_t i = search->tuples->count; i-- > 0 && !search->lower->graph->failed;)
                search->no = search_fields(search, 0, tuples + i, 1);
        return search->no;
}

static uint32_t search_all(struct search *search)
{
        uint32_t count = search->tuples->count, node;
        struct key *tuples = lower_take(search->lower, count * sizeof *tuples);

        if (!tuples || count == 0)
                return search->no;
        for (uint32_t i = 0; i < count; i++)
                tuples[i].tuple = i;
        search->repeats = (size_t)count * MAX_REPEATS + FEW_REPEATS;
        node = search_fields(search, 0, tuples, count);
        if (search->too_many) {
                search->too_many = false;
                node = search_one_by_one(search, tuples);
        }
        free(search->arms.arms);
        return node;
}

uint32_t lower_tuple_search(struct lower *lower, const struct tuples *tuples,
                            const uint32_t (*terms)[2], uint32_t yes, uint32_t no)
{
        struct search search = {.lower = lower,
                                .tuples = tuples,
                                .first_port = tuples->shape.count, /* their transport is known */
                                .yes = yes,
                                .no = no};

        memcpy(search.terms, terms, tuples->shape.count * sizeof *terms);
        return search_all(&search);
}

/* Where a field is in a packet of the type at hand. */
static uint32_t term_of(struct search *search, const struct tuple_field *field, bool destination)
{
        struct lower *lower = search->lower;
        bool ipv4 = search->type == ETHERTYPE_IPV4;

        if (field->kind == TREE_IPV6)
                return lower_load(lower, HEADER_NETWORK,
                                  (destination ? 24 : 8) + 4 * (uint32_t)field->word, BPF_W);
        if (field->kind == TREE_IPV4)
                return lower_load(lower, HEADER_NETWORK,
                                  ipv4 ? (destination ? 16 : 12) : (destination ? 24 : 14), BPF_W);
        return ipv4 ? lower_load_transport(lower, GRAPH_NONE, destination ? 2 : 0, BPF_H)
                    : lower_load(lower, HEADER_NETWORK, destination ? 42 : 40, BPF_H);
}

/* Asks for the tuples in packets of one type, and goes on at `no`. */
static uint32_t test_type(struct lower *lower, const struct tuples *tuples, uint32_t type,
                          uint32_t yes, uint32_t no)
{
        const struct tuples_shape *shape = &tuples->shape;
        struct search search = {.lower = lower,
                                .tuples = tuples,
                                .type = type,
                                .first_port = shape->count,
                                .yes = yes,
                                .no = no};
        uint32_t node;

        for (uint32_t i = shape->count; i-- > 0;) {
                if (shape->fields[i].kind == TREE_PORT)
                        search.first_port = i;
                for (uint32_t end = 0; end < 2; end++)
                        search.terms[i][end] = term_of(&search, &shape->fields[i], end);
        }
        node = search_all(&search);
        if (shape->protocol)
                node = lower_equal(lower, lower_load(lower, HEADER_NETWORK, 9, BPF_B),
                                   shape->protocol, node, no);
        return lower_type(lower, type, node, no);
}

uint32_t lower_tuples(struct lower *lower, const struct tree *tree, uint32_t yes, uint32_t no)
{
        const struct tuples *tuples = &lower->lists->tuples[tree->list - 1];
        const struct tuples_shape *shape = &tuples->shape;

        if (shape->host == TREE_IPV6)
                return test_type(lower, tuples, ETHERTYPE_IPV6, yes, no);
        if (shape->host == 0 && !shape->only_ip)
                return test_type(lower, tuples, ETHERTYPE_IPV6, yes,
                                 test_type(lower, tuples, ETHERTYPE_IPV4, yes, no));
        if (!shape->ports && !shape->only_ip && lower->headers->mpls_labels == 0) {
                no = test_type(lower, tuples, ETHERTYPE_RARP, yes, no);
                no = test_type(lower, tuples, ETHERTYPE_ARP, yes, no);
        }
        return test_type(lower, tuples, ETHERTYPE_IPV4, yes, no);
}
