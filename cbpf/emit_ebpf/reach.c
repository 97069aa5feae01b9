/* What is read in one go, by the emitter and by the writer of C: how far a comparison with the
 * packet's end, or a copy, reaches. */
#include "emission.h"

/* How far what is copied from a base may reach, as it has its room from the origin on, which may
 * lie before the base. */
static uint64_t copied_reach(const struct base *base)
{
        int64_t origin = (int32_t)needs_origin(base);

        return (uint64_t)(origin + (base->term == GRAPH_NONE ? START_ROOM : BASE_ROOM));
}

/* How far a comparison may reach: the offset of a load, with the base's value, is a number of 16
 * bits. */
static uint64_t direct_reach(const struct graph *graph, const struct base *base)
{
        return (uint64_t)INT16_MAX -
               (base->term == GRAPH_NONE ? 0 : (uint64_t)graph->terms[base->term].high);
}

static bool is_within(const struct graph *graph, const struct base *base, enum way way,
                      uint64_t end)
{
        if (way == BY_COPIES)
                return end <= copied_reach(base);
        return (base->term == GRAPH_NONE || graph->terms[base->term].high <= INT16_MAX) &&
               end <= direct_reach(graph, base);
}

bool reach_is_near(const struct graph *graph, const struct needs *needs, enum way way,
                   const struct term *load)
{
        return load->k <= INT32_MAX && is_within(graph, &needs->bases[needs_base(needs, load->a)],
                                                 way, (uint64_t)load->k + graph_load_size(load));
}

uint32_t reach_end(const struct graph *graph, const struct needs *needs, enum way way,
                   uint32_t base, uint32_t node, uint32_t own)
{
        const struct base *found = &needs->bases[base];

        return found->need && found->need[node] > own &&
                       is_within(graph, found, way, found->need[node])
                   ? found->need[node]
                   : own;
}

int reach_single(const uint32_t singles[SINGLES], uint32_t number)
{
        for (int i = 0; i < SINGLES; i++)
                if (singles[i] == number)
                        return i;
        return -1;
}

/* Preparing */

struct preparing {
        const struct reach *reach;
        uint32_t node, own_base;
        int left; /* terms that may be looked at */
};

static bool is_placed(const struct reach *reach, const struct term *term)
{
        return is_packet_load(term) && term->a != GRAPH_NONE && *reach->base > 0 &&
               *reach->base == needs_base(reach->needs, term->a) &&
               reach_is_near(reach->graph, reach->needs, reach->way, term);
}

static void prepare_single(const struct reach *reach, uint32_t number)
{
        int slot;

        if (reach_single(reach->singles, number) >= 0)
                return;
        slot = reach_single(reach->singles, GRAPH_NONE);
        if (slot < 0) {
                *reach->impossible = true;
                return;
        }
        reach->copy_single(reach->context, number, (unsigned)slot);
        reach->singles[slot] = number;
}

static void prepare_load(struct preparing *preparing, uint32_t number)
{
        const struct reach *reach = preparing->reach;
        const struct term *load = &reach->graph->terms[number];
        uint32_t end = load->k + graph_load_size(load), base = needs_base(reach->needs, load->a);

        if (!reach_is_near(reach->graph, reach->needs, reach->way, load) ||
            (base > 0 && preparing->own_base > 0 && preparing->own_base != base)) {
                prepare_single(reach, number);
        } else if (base == 0) {
                reach->look_at_start(reach->context, preparing->node, end);
        } else {
                preparing->own_base = base;
                reach->look_at_base(reach->context, preparing->node, base, end);
        }
}

static void prepare(struct preparing *preparing, uint32_t number)
{
        const struct reach *reach = preparing->reach;
        const struct term *term = &reach->graph->terms[number];

        if (term->kind < TERM_LOAD || *reach->impossible)
                return;
        if (preparing->left-- <= 0) {
                *reach->impossible = true;
                return;
        }
        if (term->a != GRAPH_NONE && !is_placed(reach, term))
                prepare(preparing, term->a);
        if (term->kind > TERM_LOAD && term->b != GRAPH_NONE)
                prepare(preparing, term->b);
        if (is_packet_load(term))
                prepare_load(preparing, number);
}

void reach_prepare(const struct reach *reach, uint32_t node, uint32_t term)
{
        struct preparing preparing = {.reach = reach, .node = node, .left = REACH_MAX_TERMS};

        for (int i = 0; i < SINGLES; i++)
                reach->singles[i] = GRAPH_NONE;
        prepare(&preparing, term);
}
