/* Programs that walk the layers of a packet, as `deep` makes them, keep two places in scratch
 * memory, and marks (cbpf/lower/layers.h). What these hold differs from path to path, and what they
 * mean does not: so here a place is a term of its own from where it is stored, and facts about
 * bytes are made facts about bytes at that place. Each time it is stored anew, all that was known
 * of it is forgotten. */
#include "walk.h"
#include "cbpf/program/program.h"
#include "field.h"

#include <linux/filter.h>

static bool holds(const struct graph *graph, uint32_t term, uint32_t place)
{
        return term != GRAPH_NONE && graph_contains(graph, term, place);
}

/* Splits a term into another, or GRAPH_NONE, and the number that is added to it. */
static uint32_t split(const struct graph *graph, uint32_t term, uint32_t *added)
{
        const struct term *at = &graph->terms[term];

        *added = 0;
        if (at->kind == TERM_CONSTANT) {
                *added = at->k;
                return GRAPH_NONE;
        }
        if (at->kind != TERM_OPERATION || at->code != BPF_ADD || !graph_is_constant(graph, at->b))
                return term;
        *added = graph->terms[at->b].k;
        return at->a;
}

/* The term for the same bytes, from the place that is at `base` plus `added`; GRAPH_NONE if it is
 * of other bytes, or not of bytes. */
static uint32_t seen_from(struct graph *graph, uint32_t term, uint32_t base, uint32_t added,
                          uint32_t place)
{
        const struct term at = graph->terms[term];
        uint32_t inner;

        if (at.kind == TERM_LOAD && at.a == base && at.k >= added && at.k < SKF_NET_OFF + 0u)
                return graph_load(graph, at.code, place, at.k - added);
        if (at.kind != TERM_OPERATION || at.code != BPF_AND || !graph_is_constant(graph, at.b))
                return GRAPH_NONE;
        inner = seen_from(graph, at.a, base, added, place);
        return inner == GRAPH_NONE ? inner : graph_operation(graph, at.code, inner, at.b);
}

/* Keeps what is known of the packet as seen from the place. */
static void move_knowledge(struct graph *graph, struct knowledge *knowledge, uint32_t base,
                           uint32_t added, uint32_t word)
{
        uint32_t place = graph_variable(graph, word), passed = graph_variable(graph, PLACE_PASSED);
        struct knowledge before = *knowledge;

        knowledge->count = 0;
        for (uint32_t i = 0; i < before.count; i++) {
                const struct fact *fact = &before.facts[i];
                uint32_t moved = seen_from(graph, fact->term, base, added, place);

                if (moved != GRAPH_NONE)
                        knowledge_add(knowledge, graph, moved, fact->low, fact->high);
                else if (word == PLACE_BODY && !holds(graph, fact->term, place) &&
                         !holds(graph, fact->term, passed))
                        knowledge_add(knowledge, graph, fact->term, fact->low, fact->high);
        }
}

/* Marks are a term of their own, too, of which nothing is known from then on. */
static void store_marks(struct graph *graph, uint32_t *registers, struct knowledge *knowledge,
                        uint32_t at)
{
        uint32_t marks = graph_variable(graph, WALK_MARKS), value = registers[WALK_MARKS];
        struct knowledge before = *knowledge;

        knowledge->count = 0;
        for (uint32_t i = 0; i < before.count; i++)
                if (!holds(graph, before.facts[i].term, marks))
                        knowledge_add(knowledge, graph, before.facts[i].term, before.facts[i].low,
                                      before.facts[i].high);
        for (uint32_t i = 0; i < CBPF_REGISTERS; i++)
                if (i == WALK_MARKS || ((i == CBPF_A || i == CBPF_X) && registers[i] == value))
                        registers[i] = marks;
                else if (holds(graph, registers[i], marks))
                        registers[i] = field_varying(graph, at, i);
}

void walk_store(struct graph *graph, uint32_t *registers, struct knowledge *knowledge,
                uint32_t word, uint32_t at)
{
        uint32_t place = graph_variable(graph, word), passed = graph_variable(graph, PLACE_PASSED);
        uint32_t body = graph_variable(graph, PLACE_BODY);
        uint32_t value = registers[word], added, base = split(graph, value, &added);

        if (word == WALK_MARKS) {
                store_marks(graph, registers, knowledge, at);
                return;
        }
        move_knowledge(graph, knowledge, base, added, word);
        for (uint32_t i = 0; i < CBPF_REGISTERS; i++) {
                uint32_t held = registers[i];
                bool is_register = i == CBPF_A || i == CBPF_X;

                if (i == word || (is_register && held == value))
                        registers[i] = place;
                else if (is_register && word == PLACE_BODY && held == place)
                        registers[i] = passed;
                else if (holds(graph, held, place) || holds(graph, held, body) ||
                         holds(graph, held, passed))
                        registers[i] = field_varying(graph, at, i);
        }
}
