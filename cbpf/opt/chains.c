/* Chains of switches: what switch formation and test reordering have in common. */
#include "chains.h"

#include <stdlib.h>
#include <string.h>

/* The value that a term is a masked part of: who holds it in the accumulator need not load it. */
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

static void count_parents(struct chains *chains)
{
        uint32_t *last = rewrite_take(&chains->rewrite, chains->rewrite.nodes *
                                                            sizeof *last); /* parent counted, + 1 */

        chains->parents =
            rewrite_take(&chains->rewrite, chains->rewrite.nodes * sizeof *chains->parents);
        chains->parent_value =
            rewrite_take(&chains->rewrite, chains->rewrite.nodes * sizeof *chains->parent_value);
        chains->next = rewrite_take(&chains->rewrite, chains->rewrite.nodes * sizeof *chains->next);
        chains->absorbed =
            rewrite_take(&chains->rewrite, chains->rewrite.nodes * sizeof *chains->absorbed);
        if (chains->rewrite.graph->failed)
                return;
        memset(chains->next, 0xff, chains->rewrite.nodes * sizeof *chains->next);
        chains->rewrite.reached[chains->rewrite.graph->root] = true;
        for (uint32_t i = chains->rewrite.graph->root + 1; i-- > 0;) {
                const struct node *node = rewrite_node(&chains->rewrite, i);

                for (uint32_t arm = 0; chains->rewrite.reached[i] && arm < node->count; arm++) {
                        uint32_t to = node->arms[arm].to;

                        chains->rewrite.reached[to] = true;
                        if (last[to] != i + 1)
                                note_parent(chains, to, node->term);
                        last[to] = i + 1;
                }
        }
}

static int by_low(const void *one, const void *other)
{
        const struct claim *a = one, *b = other;

        return a->low < b->low ? -1 : a->low > b->low;
}

/* A heap of claims, that of the lowest priority number first. */
static void heap_up(struct claim *heap, uint32_t at)
{
        while (at > 0 && heap[at].priority < heap[(at - 1) / 2].priority) {
                struct claim swapped = heap[at];

                heap[at] = heap[(at - 1) / 2];
                heap[(at - 1) / 2] = swapped;
                at = (at - 1) / 2;
        }
}

static void heap_pop(struct claim *heap, uint32_t *count)
{
        uint32_t at = 0, least;

        heap[0] = heap[--*count];
        for (;; at = least) {
                struct claim swapped = heap[at];

                least = at;
                for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < *count; child++)
                        if (heap[child].priority < heap[least].priority)
                                least = child;
                if (least == at)
                        return;
                heap[at] = heap[least];
                heap[least] = swapped;
        }
}

/* The arms in which each value goes where the first claim to it says; every value has a claim.
 * `arms` has room for two a claim. */
static uint32_t settle(struct claim *claims, uint32_t count, struct claim *heap, struct arm *arms)
{
        uint32_t active = 0, arm_count = 0, next = 0;
        uint64_t at = 0;

        qsort(claims, count, sizeof *claims, by_low);
        while (at <= UINT32_MAX) {
                uint64_t end;

                for (; next < count && claims[next].low <= at; next++) {
                        heap[active] = claims[next];
                        heap_up(heap, active++);
                }
                while (active > 0 && heap[0].high < at)
                        heap_pop(heap, &active);
                if (active == 0)
                        break; /* not with a claim for every value */
                if (arm_count == 0 || arms[arm_count - 1].to != heap[0].to)
                        arms[arm_count++] = (struct arm){(uint32_t)at, heap[0].to};
                end = (uint64_t)heap[0].high + 1;
                at = next < count && claims[next].low < end ? claims[next].low : end;
        }
        return arm_count;
}

void claims_add(struct claims *claims, const struct node *node, uint32_t arm, uint32_t to,
                uint32_t priority)
{
        claims->items[claims->count++] =
            (struct claim){node->arms[arm].from, graph_arm_end(node, arm), to, priority};
}

uint32_t claims_switch(struct chains *chains, uint32_t term, struct claims *claims)
{
        struct claim *heap = malloc((claims->count + (size_t)1) * sizeof *heap);
        struct arm *arms = malloc((claims->count * (size_t)2 + 1) * sizeof *arms);
        uint32_t node = 0;

        if (heap && arms)
                node = graph_switch(chains->rewrite.graph, term, arms,
                                    settle(claims->items, claims->count, heap, arms));
        else
                chains->rewrite.graph->failed = true;
        free(heap);
        free(arms);
        return node;
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
        *chains = (struct chains){.parents = NULL};
        rewrite_start(&chains->rewrite, graph);
        count_parents(chains);
}

void chains_end(struct chains *chains)
{
        rewrite_end(&chains->rewrite);
}
