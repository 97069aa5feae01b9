/* Garbage collection: each pass makes new nodes and leaves the old ones behind. What nothing leads
 * to any more gives way to the rest, which keeps its order. */
#include "hashing.h"

#include <stdlib.h>
#include <string.h>

enum {
        WASTE_PART = 4, /* such a part of what is kept may be wasted beside it */
        SPARE = 64,     /* terms and nodes, for the constants and leaves that emitting asks for */
};

/* What is kept, and then what number it gets. */
struct collection {
        struct graph *graph;
        uint32_t *terms, *nodes;
};

static void keep(uint32_t *kept, uint32_t number)
{
        if (number != GRAPH_NONE)
                kept[number] = 1;
}

static void keep_below(const struct collection *collection, const struct node *node)
{
        if (node->kind != NODE_RETURN)
                keep(collection->terms, node->term);
        if (node->kind == NODE_CALL)
                keep(collection->terms, node->k);
        if (node->kind == NODE_SET)
                keep(collection->terms, node->arms->from);
        for (uint32_t arm = 0; arm < node->count; arm++)
                keep(collection->nodes, node->arms[arm].to);
}

static bool has_a(const struct term *term)
{
        return term->kind >= TERM_LOAD && term->a != GRAPH_NONE;
}

static bool has_b(const struct term *term)
{
        return term->kind >= TERM_OPERATION && term->b != GRAPH_NONE;
}

/* What something is made of has lower numbers. */
static void mark(const struct collection *collection)
{
        const struct graph *graph = collection->graph;

        for (uint32_t i = 0; i < (graph->keeps_terms ? graph->term_count : 1); i++)
                keep(collection->terms, i);
        keep(collection->nodes, 0);
        for (uint32_t i = graph->node_count; i-- > 0;)
                if (collection->nodes[i])
                        keep_below(collection, &graph->nodes[i]);
        for (uint32_t i = graph->term_count; i-- > 0;) {
                const struct term *term = &graph->terms[i];

                if (collection->terms[i] && has_a(term))
                        keep(collection->terms, term->a);
                if (collection->terms[i] && has_b(term))
                        keep(collection->terms, term->b);
        }
}

/* Replaces each mark by a number, GRAPH_NONE where there is none. */
static void number(uint32_t *kept, uint32_t count)
{
        uint32_t next = 0;

        for (uint32_t i = 0; i < count; i++)
                kept[i] = kept[i] ? next++ : GRAPH_NONE;
}

static uint32_t renumbered(const uint32_t *numbers, uint32_t number)
{
        return number == GRAPH_NONE ? number : numbers[number];
}

static bool put_term(const struct collection *collection, struct term term)
{
        struct graph *graph = collection->graph;

        if (has_a(&term))
                term.a = collection->terms[term.a];
        if (has_b(&term))
                term.b = collection->terms[term.b];
        graph->terms[graph->term_count] = term;
        return hash_put(&graph->term_table, graph_hash_term(&term), graph->term_count++);
}

static bool put_node(const struct collection *collection, struct node node)
{
        struct graph *graph = collection->graph;
        struct arm *arms = NULL;

        if (node.count > 0) {
                arms = arena_take(&graph->arena, node.count * sizeof *arms);
                if (!arms)
                        return false;
                node.arms = memcpy(arms, node.arms, node.count * sizeof *arms);
        }
        for (uint32_t arm = 0; arm < node.count; arm++)
                arms[arm].to = collection->nodes[arms[arm].to];
        if (node.kind != NODE_RETURN)
                node.term = renumbered(collection->terms, node.term);
        if (node.kind == NODE_CALL)
                node.k = renumbered(collection->terms, node.k);
        if (node.kind == NODE_SET)
                arms->from = renumbered(collection->terms, arms->from);
        graph->nodes[graph->node_count] = node;
        return hash_put(&graph->node_table, graph_hash_node(&node), graph->node_count++);
}

/* Makes the graph anew from what is kept. The tables are freed first, as they are made anew, too.
 */
static bool rebuild(const struct collection *collection)
{
        struct graph *graph = collection->graph;
        uint32_t terms = graph->term_count, nodes = graph->node_count;
        struct arena before = graph->arena;
        bool done = true;

        hash_free(&graph->term_table);
        hash_free(&graph->node_table);
        graph->arena = (struct arena){0};
        graph->term_count = graph->node_count = 0;
        for (uint32_t i = 0; i < terms && done; i++)
                if (collection->terms[i] != GRAPH_NONE)
                        done = put_term(collection, graph->terms[i]);
        for (uint32_t i = 0; i < nodes && done; i++)
                if (collection->nodes[i] != GRAPH_NONE)
                        done = put_node(collection, graph->nodes[i]);
        arena_free(&before);
        return done;
}

/* What has been marked, and what there is in all: nodes and arms, which the terms are in proportion
 * to. */
static bool is_worth(const struct collection *collection)
{
        const struct graph *graph = collection->graph;
        size_t kept = 0, all = 0;

        for (uint32_t i = 0; i < graph->node_count; i++) {
                size_t size = 1 + (size_t)graph->nodes[i].count;

                all += size;
                if (collection->nodes[i])
                        kept += size;
        }
        return kept + kept / WASTE_PART < all;
}

/* Leaves room for so many. If that fails, there is more. */
static void give_back_room(struct graph *graph, uint32_t terms, uint32_t nodes)
{
        void *shrunk =
            graph->term_room > terms ? realloc(graph->terms, terms * sizeof *graph->terms) : NULL;

        if (shrunk) {
                graph->terms = shrunk;
                graph->term_room = terms;
        }
        shrunk =
            graph->node_room > nodes ? realloc(graph->nodes, nodes * sizeof *graph->nodes) : NULL;
        if (shrunk) {
                graph->nodes = shrunk;
                graph->node_room = nodes;
        }
}

void graph_collect(struct graph *graph, uint32_t *const *held, size_t held_count)
{
        struct collection collection = {
            .graph = graph,
            .terms = calloc(graph->term_count, sizeof *collection.terms),
            .nodes = calloc(graph->node_count, sizeof *collection.nodes),
        };
        bool done = collection.terms && collection.nodes;

        if (done) {
                keep(collection.nodes, graph->root);
                for (size_t i = 0; i < held_count; i++)
                        keep(collection.nodes, *held[i]);
                mark(&collection);
        }
        if (done && is_worth(&collection)) {
                number(collection.terms, graph->term_count);
                number(collection.nodes, graph->node_count);
                done = rebuild(&collection);
                /* One more copy of the graph needs as much. */
                give_back_room(graph, 2 * graph->term_count, 2 * graph->node_count);
                graph->root = collection.nodes[graph->root];
                for (size_t i = 0; i < held_count; i++)
                        *held[i] = renumbered(collection.nodes, *held[i]);
        }
        graph->failed |= !done;
        free(collection.terms);
        free(collection.nodes);
}

void graph_trim(struct graph *graph)
{
        give_back_room(graph, graph->term_count + SPARE, graph->node_count + SPARE);
}
