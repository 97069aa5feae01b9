/* Owed loads: what keeps them in the graph where nothing needs their values. */
#include "ir.h"

#include <stdlib.h>

/* An owed load in a term, or GRAPH_NONE. */
static uint32_t find_owed(const struct graph *graph, uint32_t term, bool file)
{
        const struct term *terms = graph->terms;
        uint8_t wanted = file ? OWED_IN_FILE : OWED_ANYWHERE;

        if (!(terms[term].owed & wanted))
                return GRAPH_NONE;
        while (!graph_is_owed(graph, term, file)) {
                uint32_t a = terms[term].a;

                term = a != GRAPH_NONE && terms[a].owed & wanted ? a : terms[term].b;
        }
        return term;
}

bool graph_has_owed(const struct graph *graph, bool file)
{
        for (uint32_t i = 0; i < graph->term_count; i++)
                if (find_owed(graph, i, file) != GRAPH_NONE)
                        return true;
        return false;
}

/* Loads of less than a word never have the greatest value, but nothing knows that of owed ones. */
uint32_t graph_owe(struct graph *graph, uint32_t load, uint32_t node)
{
        uint32_t reject = graph_return(graph, 0), one = graph_constant(graph, 1);
        struct arm arms[] = {{0, node}, {UINT32_MAX, reject}};

        if (graph->terms[load].code == BPF_W && graph->terms[load].k < (uint32_t)SKF_AD_OFF)
                return graph_branch(graph, BPF_JEQ, graph_operation(graph, BPF_OR, load, one),
                                    graph_constant(graph, 0), reject, node);
        return graph_switch(graph, load, arms, 2);
}

static bool has_term(const struct node *node)
{
        return node->kind == NODE_SWITCH || node->kind == NODE_RETURN_TERM;
}

uint32_t graph_owe_unasked(struct graph *graph, uint32_t load, uint32_t node)
{
        if (has_term(&graph->nodes[node]) && graph_contains(graph, graph->nodes[node].term, load))
                return node;
        return graph_owe(graph, load, node);
}

static uint32_t copy_node(struct graph *graph, const struct node *node, const uint32_t *copy)
{
        struct arm *arms = malloc(node->count * sizeof *arms);
        uint32_t made;

        if (!arms) {
                graph->failed = true;
                return 0;
        }
        for (uint32_t i = 0; i < node->count; i++)
                arms[i] = (struct arm){node->arms[i].from, copy[node->arms[i].to]};
        made = graph_switch(graph, node->term, arms, node->count);
        free(arms);
        return made;
}

static uint32_t owe_at(struct graph *graph, uint32_t number, const uint32_t *copy, bool file,
                       bool reject)
{
        const struct node node = graph->nodes[number];
        uint32_t load;

        if (node.kind == NODE_SET)
                return graph_set(graph, node.k, node.term, node.arms[0].from,
                                 copy[node.arms[0].to]);
        if (!has_term(&node))
                return number;
        load = find_owed(graph, node.term, file);
        if (load != GRAPH_NONE && reject)
                return graph_return(graph, 0);
        if (node.kind == NODE_SWITCH)
                number = copy_node(graph, &node, copy);
        return load == GRAPH_NONE ? number : graph_owe(graph, load, number);
}

static bool has_owed(const struct graph *graph, bool file)
{
        for (uint32_t i = 0; i < graph->term_count; i++)
                if (graph_is_owed(graph, i, file))
                        return true;
        return false;
}

uint32_t graph_owe_all(struct graph *graph, uint32_t root, bool file, bool reject)
{
        uint32_t *copy;

        if (!has_owed(graph, file))
                return root;
        copy = malloc((root + (size_t)1) * sizeof *copy);
        if (!copy)
                graph->failed = true;
        for (uint32_t i = 0; i <= root && !graph->failed; i++)
                copy[i] = owe_at(graph, i, copy, file, reject);
        if (!graph->failed)
                root = copy[root];
        free(copy);
        return root;
}
