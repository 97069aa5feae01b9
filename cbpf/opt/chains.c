/* Chains of switches: what switch formation and test reordering have in common. */
#include "chains.h"

#include <stdlib.h>
#include <string.h>

uint32_t chains_unmasked(const struct graph *graph, uint32_t term)
{
        const struct term *content = &graph->terms[term];

        if (content->kind == TERM_OPERATION && content->code == BPF_AND &&
            graph_is_constant(graph, content->b))
                return content->a;
        return term;
}

static void note_parent(struct chains *chains, uint32_t node, uint32_t term)
{
        uint32_t value = chains_unmasked(chains->rewrite.graph, term);

        if (chains->parents[node]++ == 0)
                chains->parent_value[node] = value;
        else if (chains->parent_value[node] != value)
                chains->parent_value[node] = GRAPH_NONE;
}

static void count_parents(struct chains *chains, uint32_t *last)
{
        struct rewrite *rewrite = &chains->rewrite;

        rewrite_mark_reached(rewrite);
        for (uint32_t i = rewrite->nodes; i-- > 0;) {
                const struct node *node = rewrite_node(rewrite, i);

                for (uint32_t arm = 0; rewrite->reached[i] && arm < node->count; arm++) {
                        uint32_t to = node->arms[arm].to;

                        if (last[to] != i + 1)
                                note_parent(chains, to, node->term);
                        last[to] = i + 1;
                }
        }
}

static int by_from(const void *one, const void *other)
{
        const struct arm *a = one, *b = other;

        return a->from < b->from ? -1 : a->from > b->from;
}

void claims_add(struct claims *claims, const struct node *node, uint32_t arm, uint32_t to)
{
        claims->items[claims->count++] =
            (struct claim){node->arms[arm].from, graph_arm_end(node, arm), to};
}

/* Makes an arm begin wherever a claim begins or has ended; returns how many arms there are. */
static uint32_t cut(const struct claims *claims, struct arm *arms)
{
        uint32_t count = 0, kept = 0;

        for (uint32_t i = 0; i < claims->count; i++) {
                if (count == 0 || arms[count - 1].from != claims->items[i].low)
                        arms[count++].from = claims->items[i].low;
                if (claims->items[i].high < UINT32_MAX)
                        arms[count++].from = claims->items[i].high + 1;
        }
        qsort(arms, count, sizeof *arms, by_from);
        for (uint32_t i = 0; i < count; i++)
                if (kept == 0 || arms[kept - 1].from != arms[i].from)
                        arms[kept++] = arms[i];
        return kept;
}

/* The first arm from `arm` on that no claim holds yet. `next` leads from each arm on to it. */
static uint32_t find_free(uint32_t *next, uint32_t arm)
{
        while (next[arm] != arm)
                arm = next[arm] = next[next[arm]];
        return arm;
}

uint32_t claims_switch(struct chains *chains, uint32_t term, const struct claims *claims)
{
        size_t room = claims->count * (size_t)2 + 1;
        struct arm *arms = rewrite_take(&chains->rewrite, room * sizeof *arms);
        uint32_t *next = rewrite_take(&chains->rewrite, room * sizeof *next);
        struct node node = {.arms = arms};

        if (!arms || !next)
                return 0;
        node.count = cut(claims, arms);
        for (uint32_t i = 0; i <= node.count; i++)
                next[i] = i;
        for (uint32_t i = 0; i < claims->count; i++) {
                const struct claim *claim = &claims->items[i];
                uint32_t arm = find_free(next, graph_arm(&node, claim->low));

                for (; arm < node.count && arms[arm].from <= claim->high;
                     arm = find_free(next, arm)) {
                        arms[arm].to = claim->to;
                        next[arm] = arm + 1;
                }
        }
        return graph_switch(chains->rewrite.graph, term, arms, node.count);
}

void chains_rebuild(struct chains *chains, uint32_t (*rebuild)(struct chains *, uint32_t head))
{
        struct graph *graph = chains->rewrite.graph;
        uint32_t root = graph->root;

        for (uint32_t i = 0; i <= root && !graph->failed; i++) {
                struct node node = *rewrite_node(&chains->rewrite, i);

                if (!chains->rewrite.reached[i] || chains->absorbed[i])
                        continue;
                chains->rewrite.copy[i] = chains->next[i] == GRAPH_NONE
                                              ? rewrite_rebuild(&chains->rewrite, i, &node)
                                              : rebuild(chains, i);
        }
        if (!graph->failed)
                graph->root = chains->rewrite.copy[root];
}

void chains_start(struct chains *chains, struct graph *graph)
{
        struct rewrite *rewrite = &chains->rewrite;
        uint32_t *last; /* by node: the parent counted last, + 1 */

        rewrite_start(rewrite, graph);
        last = rewrite_take(rewrite, rewrite->nodes * sizeof *last);
        chains->parents = rewrite_take(rewrite, rewrite->nodes * sizeof *chains->parents);
        chains->parent_value = rewrite_take(rewrite, rewrite->nodes * sizeof *chains->parent_value);
        chains->next = rewrite_take(rewrite, rewrite->nodes * sizeof *chains->next);
        chains->absorbed = rewrite_take(rewrite, rewrite->nodes * sizeof *chains->absorbed);
        if (graph->failed)
                return;
        memset(chains->next, 0xff, rewrite->nodes * sizeof *chains->next);
        count_parents(chains, last);
}
