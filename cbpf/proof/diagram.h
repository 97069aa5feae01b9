/* Ordered decision diagrams: functions of variables to true or false, in a form that equal
 * functions share (Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986; with
 * intervals of values in place of bits: Strehl and Thiele, "Interval Diagram Techniques", 1998).
 *
 * A variable is a number; on each path they ascend. Nodes are numbers, too: DIAGRAM_FALSE,
 * DIAGRAM_TRUE, and above these switches of a variable over all its values. */
#pragma once

#include "cbpf/ir/ir.h"

enum { DIAGRAM_FALSE, DIAGRAM_TRUE };

struct diagram {
        uint32_t variable;
        uint32_t count; /* arms: ascending, the first from 0, neighbours lead to different nodes */
        const struct arm *arms;
};

struct diagram_choice {
        uint32_t condition, yes, no, result;
};

/* All zero but for `budget` is a set without diagrams. */
struct diagrams {
        struct arena arena;
        struct diagram *nodes;
        uint32_t count, room;
        struct hash_table table;
        struct diagram_choice *choices; /* those made of late, by hash */
        size_t choices_room;
        struct arm *stack; /* of switches being made */
        size_t stack_count, stack_room;
        size_t steps;   /* done */
        size_t budget;  /* steps; with more of them the set is `exhausted` */
        bool failed;    /* memory was short: any number is returned, and only the end looks */
        bool exhausted; /* likewise */
};

void diagrams_free(struct diagrams *diagrams);

/* True once nothing comes of going on. */
static inline bool diagrams_stopped(const struct diagrams *diagrams)
{
        return diagrams->failed || diagrams->exhausted;
}

static inline bool diagram_is_leaf(uint32_t diagram)
{
        return diagram <= DIAGRAM_TRUE;
}

/* Switches being made: put the arms down in order, from a `start` on, then take them as a node.
 * Other switches may be made in between. */
static inline size_t diagram_start(const struct diagrams *diagrams)
{
        return diagrams->stack_count;
}
void diagram_put(struct diagrams *diagrams, size_t start, uint32_t from, uint32_t to);
uint32_t diagram_take(struct diagrams *diagrams, size_t start, uint32_t variable);

/* The variable that a diagram asks first; UINT32_MAX for a leaf. */
uint32_t diagram_variable(const struct diagrams *diagrams, uint32_t diagram);

/* Where `condition` is true `yes`, elsewhere `no`. */
uint32_t diagram_choose(struct diagrams *diagrams, uint32_t condition, uint32_t yes, uint32_t no);

static inline uint32_t diagram_and(struct diagrams *diagrams, uint32_t a, uint32_t b)
{
        return diagram_choose(diagrams, a, b, DIAGRAM_FALSE);
}

static inline uint32_t diagram_not(struct diagrams *diagrams, uint32_t a)
{
        return diagram_choose(diagrams, a, DIAGRAM_FALSE, DIAGRAM_TRUE);
}

/* The greatest value of arm number `arm`. */
static inline uint32_t diagram_arm_end(const struct diagram *diagram, uint32_t arm)
{
        return arm + 1 < diagram->count ? diagram->arms[arm + 1].from - 1 : UINT32_MAX;
}
