/* How far into the packet all accepting paths look.
 *
 * A load past the end rejects, so a packet that is too short for what every accepting path from a
 * node loads can be rejected at that node. */
#include "base/array.h"
#include "code.h"

#include <stdlib.h>

enum {
        MAX_LOOKED_AT = 4096, /* terms within one */
        MAX_TRACKED = 16,     /* bases; what is loaded from others is found node by node */
};

bool is_packet_load(const struct term *term)
{
        return term->kind == TERM_LOAD && (term->a != GRAPH_NONE || term->k <= INT32_MAX);
}

uint32_t needs_base(const struct needs *needs, uint32_t term)
{
        uint32_t i = 0;

        while (i < needs->count && needs->bases[i].term != term)
                i++;
        return i;
}

uint32_t needs_origin(const struct base *base)
{
        uint32_t best = 0;

        for (uint32_t i = 1; i < 4; i++)
                if (base->weights[i] > base->weights[best])
                        best = i;
        return base->lowest - ((base->lowest - best) & 3);
}

static struct base *note_base(struct needs *needs, uint32_t term, uint32_t offset)
{
        uint32_t at = needs_base(needs, term);

        if (at == needs->count) {
                if (!array_grow(needs->bases, needs->room, needs->count + (size_t)1)) {
                        needs->failed = true;
                        return NULL;
                }
                needs->bases[needs->count++] = (struct base){.term = term, .lowest = offset};
        }
        if (offset < needs->bases[at].lowest)
                needs->bases[at].lowest = offset;
        return &needs->bases[at];
}

/* What one term loads from the bases. */
struct extents {
        struct needs *needs;
        const struct graph *graph;
        uint32_t node;
        int left;
};

static void note_loads(struct extents *extents, uint32_t number)
{
        const struct term *term = &extents->graph->terms[number];
        uint64_t end;
        struct base *base;

        if (term->kind < TERM_LOAD || extents->left-- <= 0)
                return;
        if (is_packet_load(term) && term->k <= INT32_MAX) {
                end = (uint64_t)term->k + graph_load_size(term);
                base = note_base(extents->needs, term->a, term->k);
                if (base && term->code != BPF_B) {
                        base->weights[term->k & 3] += term->code == BPF_W ? 2 : 1;
                        base->weights[(term->k + 2) & 3] += term->code == BPF_H;
                }
                if (base && base->need && end > base->need[extents->node])
                        base->need[extents->node] = (uint32_t)end;
        }
        if (term->a != GRAPH_NONE)
                note_loads(extents, term->a);
        if (term->kind > TERM_LOAD && term->b != GRAPH_NONE)
                note_loads(extents, term->b);
}

static void note_node(struct needs *needs, const struct graph *graph, uint32_t number)
{
        const struct node *node = &graph->nodes[number];
        struct extents extents = {needs, graph, number, MAX_LOOKED_AT};

        if (node->kind != NODE_RETURN && node->term != GRAPH_NONE)
                note_loads(&extents, node->term);
        if (node->kind == NODE_SET && node->arms[0].from != GRAPH_NONE)
                note_loads(&extents, node->arms[0].from);
        if (node->kind == NODE_CALL && node->k != GRAPH_NONE)
                note_loads(&extents, node->k);
}

/* What all paths from here load that accept; a base that changes at this node is another one behind
 * it. */
static void add_paths(struct needs *needs, const struct graph *graph, uint32_t number)
{
        const struct node *node = &graph->nodes[number];

        for (uint32_t i = 0; i < needs->count; i++) {
                struct base *base = &needs->bases[i];
                uint32_t least = UINT32_MAX;

                if (!base->need || (base->term != GRAPH_NONE && node->kind != NODE_SWITCH))
                        continue;
                for (uint32_t arm = 0; arm < node->count; arm++) {
                        const struct node *to = &graph->nodes[node->arms[arm].to];

                        if ((to->kind != NODE_RETURN || to->k != 0) &&
                            base->need[node->arms[arm].to] < least)
                                least = base->need[node->arms[arm].to];
                }
                if (least != UINT32_MAX && least > base->need[number])
                        base->need[number] = least;
        }
}

static void find_reached(struct needs *needs, const struct graph *graph)
{
        needs->reached[graph->root] = true;
        for (uint32_t i = graph->root + 1; i-- > 0;)
                for (uint32_t arm = 0; needs->reached[i] && arm < graph->nodes[i].count; arm++)
                        needs->reached[graph->nodes[i].arms[arm].to] = true;
}

static void each_node(struct needs *needs, const struct graph *graph,
                      void (*visit)(struct needs *, const struct graph *, uint32_t))
{
        for (uint32_t i = 0; i <= graph->root && !needs->failed; i++)
                if (needs->reached[i])
                        visit(needs, graph, i);
}

static void make_room(struct needs *needs, const struct graph *graph)
{
        for (uint32_t i = 0; i < needs->count && i < MAX_TRACKED; i++) {
                needs->bases[i].need =
                    calloc(graph->root + (size_t)1, sizeof *needs->bases[i].need);
                needs->failed |= !needs->bases[i].need;
        }
}

void needs_find(struct needs *needs, const struct graph *graph)
{
        *needs = (struct needs){.reached = calloc(graph->root + (size_t)1, sizeof *needs->reached)};
        needs->failed = !needs->reached;
        if (needs->failed)
                return;
        find_reached(needs, graph);
        note_base(needs, GRAPH_NONE, UINT32_MAX);
        each_node(needs, graph, note_node);
        if (!needs->failed)
                make_room(needs, graph);
        each_node(needs, graph, note_node);
        each_node(needs, graph, add_paths);
}

void needs_free(struct needs *needs)
{
        for (uint32_t i = 0; i < needs->count; i++)
                free(needs->bases[i].need);
        free(needs->bases);
        free(needs->reached);
}
