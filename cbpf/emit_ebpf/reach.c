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
