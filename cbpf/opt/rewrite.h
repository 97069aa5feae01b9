/* Inside the optimizer: what its passes share. */
#ifndef CBPF_REWRITE_H
#define CBPF_REWRITE_H

#include "value_range.h"

/* One arm's values, or a part of them. */
struct piece {
        uint32_t low, high;
        uint32_t to;
        uint32_t arm;
};

/* On how many ways from a node, the first ones, another node was met. */
struct visit {
        uint32_t from;
        uint32_t ways;
};

struct rewrite {
        struct graph *graph;
        struct knowledge knowledge;
        struct arena arena;
        uint32_t nodes; /* there were at the start */
        bool *reached;
        const struct facts **facts; /* by node */
        uint32_t *copy;             /* by node: what it becomes */
        struct node *changed;       /* by node: what it becomes, still with old targets */
        uint32_t *parents;          /* by node: how many nodes lead to it */
        uint32_t *parent_value; /* by node: what all parents test, but for masks, or GRAPH_NONE */
        uint32_t *next;         /* by node: what follows it in its chain, or GRAPH_NONE */
        bool *absorbed;         /* by node: it is in the chain of another */
        bool reuse;             /* PASS_REUSE */
        uint32_t *exit;         /* by node: the exit of the run it heads */
        uint32_t *useless;      /* by node: the exit of a run through it that is of no use */
        size_t steps;           /* left for follow() */
        const bool *stops;      /* by node: where follow() stops; NULL: nowhere */
        struct visit *visits;   /* by node */
        uint64_t *classes;      /* by term: knowledge_classes() */
        uint64_t *asked;        /* by node: the classes asked about there and behind it */
        uint64_t *told;         /* by node: the classes something is known of, and asked */
        uint64_t telling;       /* the classes something is known of behind the node at hand */
        uint32_t *targets;      /* by node: pieces that lead to it; 0 but in sort_pieces() */
        uint32_t visit;         /* the number of the last node whose ways were compared */
        const struct facts *before; /* known at the node at hand */
        bool laziest;               /* PASS_LAZIEST */
        bool ahead;                 /* PASS_AHEAD */
        struct piece *pieces;       /* of the node at hand */
        uint32_t *order;
        uint32_t piece_count, piece_room;
};

void rewrite_start(struct rewrite *rewrite, struct graph *graph);
void rewrite_end(struct rewrite *rewrite);

/* Memory that lasts as long as the pass; NULL, and graph->failed, if there is none. */
void *rewrite_take(struct rewrite *rewrite, size_t size);

static inline const struct node *rewrite_node(const struct rewrite *rewrite, uint32_t node)
{
        return &rewrite->graph->nodes[node];
}

/* Node `number`, which is `node` now, with its targets replaced by their copies. */
uint32_t rewrite_rebuild(struct rewrite *rewrite, uint32_t number, const struct node *node);

#endif
