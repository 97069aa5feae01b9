/* Making the nodes of the walk. */
#include "layers.h"

struct place walk_variable(struct walk *walk, enum layer_variable number)
{
        return (struct place){graph_variable(walk->lower.graph, number), 0};
}

uint32_t walk_constant(struct walk *walk, uint32_t value)
{
        return graph_constant(walk->lower.graph, value);
}

uint32_t walk_operation(struct walk *walk, unsigned code, uint32_t a, uint32_t b)
{
        return graph_operation(walk->lower.graph, code, a, b);
}

uint32_t walk_load(struct walk *walk, struct place place, uint32_t offset, unsigned size)
{
        return layer_load_at(walk->lower.graph, place.base, walk->origin + place.add + offset,
                             size);
}

uint32_t walk_term(struct walk *walk, struct place place)
{
        if (place.base == GRAPH_NONE)
                return walk_constant(walk, place.add);
        return walk_operation(walk, BPF_ADD, place.base, walk_constant(walk, place.add));
}

uint32_t walk_set(struct walk *walk, enum layer_variable number, uint32_t term, uint32_t to)
{
        if (term == graph_variable(walk->lower.graph, number))
                return to;
        return graph_set(walk->lower.graph, number, term, GRAPH_NONE, to);
}

uint32_t walk_passed(struct walk *walk)
{
        return graph_argument(walk->lower.graph, 0);
}

uint32_t walk_pass(struct walk *walk, uint32_t term, uint32_t to)
{
        return graph_call(walk->lower.graph, term, GRAPH_NONE, to);
}

uint32_t walk_move(struct walk *walk, enum layer_variable number, struct place place, uint32_t to)
{
        uint32_t term = walk_term(walk, place);

        if (term == graph_variable(walk->lower.graph, number))
                return to;
        return walk_pass(walk, term, walk_set(walk, number, walk_passed(walk), to));
}

void walk_begin_values(struct values *values, uint32_t otherwise)
{
        values->arms[0] = (struct arm){0, otherwise};
        values->count = 1;
        values->otherwise = otherwise;
}

void walk_add_value(struct values *values, uint32_t value, uint32_t to)
{
        struct arm *last = &values->arms[values->count - 1];

        if (last->from == value)
                last->to = to;
        else
                values->arms[values->count++] = (struct arm){value, to};
        values->arms[values->count++] = (struct arm){value + 1, values->otherwise};
}

uint32_t walk_end_values(struct walk *walk, struct values *values, uint32_t term)
{
        return graph_switch(walk->lower.graph, term, values->arms, values->count);
}

uint32_t walk_by_version(struct walk *walk, struct place place, const struct entries *entries)
{
        uint32_t version = walk_load(walk, place, 0, BPF_B);
        uint32_t node =
            lower_masked(&walk->lower, version, 0xf0, 0x60, entries->ipv6, entries->other);

        return lower_masked(&walk->lower, version, 0xf0, 0x40, entries->ipv4, node);
}

uint32_t walk_mark(struct walk *walk, uint32_t bit, uint32_t to)
{
        uint32_t marks = graph_variable(walk->lower.graph, LAYER_MARKS);

        return walk_set(walk, LAYER_MARKS,
                        walk_operation(walk, BPF_OR, marks, walk_constant(walk, bit)), to);
}

static uint32_t facts_mask(const struct walk *walk)
{
        return (uint32_t)((1ull << walk->layers->fact_count) - 1);
}

uint32_t walk_forget_facts(struct walk *walk, uint32_t to)
{
        uint32_t marks = graph_variable(walk->lower.graph, LAYER_MARKS);

        if (walk->layers->fact_count == 0)
                return to;
        return walk_set(
            walk, LAYER_MARKS,
            walk_operation(walk, BPF_AND, marks, walk_constant(walk, ~facts_mask(walk))), to);
}

uint32_t walk_is_number(struct walk *walk, uint32_t number, const uint32_t *numbers,
                        bool either_order, uint32_t yes, uint32_t no)
{
        for (; *numbers; numbers++) {
                no = lower_equal(&walk->lower, number, *numbers, yes, no);
                if (either_order)
                        no =
                            lower_equal(&walk->lower, number, __builtin_bswap32(*numbers), yes, no);
        }
        return no;
}

uint32_t walk_note_facts(struct walk *walk, enum tree_kind kind, walk_fact_test *test,
                         struct place place, uint32_t to)
{
        for (uint32_t i = walk->layers->fact_count; i-- > 0;) {
                const struct fact *fact = &walk->layers->facts[i];

                if (fact->tree->kind == kind && walk_asks(fact, walk->level))
                        to = test(walk, fact->tree, place, walk_mark(walk, fact->mark, to), to);
        }
        return to;
}

uint32_t walk_frame_fact(struct walk *walk, const struct tree *tree, struct place place,
                         uint32_t yes, uint32_t no)
{
        struct layer layer = {
            .origin = walk->origin, .class = CLASS_OTHER, .number = NO_NUMBER, .head = place};

        walk->lower.layer = &layer;
        return layer_frame_fact(&walk->lower, tree, place, yes, no);
}

uint32_t walk_note_frame(struct walk *walk, walk_fact_test *test, struct place place, uint32_t to)
{
        static const uint8_t kinds[] = {TREE_MAC, TREE_BROADCAST, TREE_MULTICAST, TREE_RELATION};

        for (size_t i = 0; i < sizeof kinds; i++)
                to = walk_note_facts(walk, kinds[i], test, place, to);
        return to;
}
