/* Making nodes: switches in normal form, and one number for equal nodes. */
#include "base/array.h"
#include "hashing.h"

#include <stdlib.h>
#include <string.h>

void graph_free(struct graph *graph)
{
        free(graph->terms);
        free(graph->nodes);
        hash_free(&graph->term_table);
        hash_free(&graph->node_table);
        arena_free(&graph->arena);
        *graph = (struct graph){0};
}

bool graph_start(struct graph *graph)
{
        if (!array_grow(graph->terms, graph->term_room, 1) ||
            !array_grow(graph->nodes, graph->node_room, 1))
                graph->failed = true;
        if (graph->terms && graph->term_count == 0)
                graph->terms[0] = (struct term){0};
        if (graph->nodes && graph->node_count == 0)
                graph->nodes[0] = (struct node){0};
        return !graph->failed;
}

uint32_t graph_hash_node(const struct node *node)
{
        uint64_t hash = hash_mix(node->kind, (uint64_t)node->term << 32 | node->k);

        for (uint32_t i = 0; i < node->count; i++)
                hash = hash_mix(hash, (uint64_t)node->arms[i].from << 32 | node->arms[i].to);
        return hash_fold(hash);
}

static bool same_node(const struct node *one, const struct node *other)
{
        return one->kind == other->kind && one->term == other->term && one->k == other->k &&
               one->count == other->count &&
               (one->count == 0 ||
                memcmp(one->arms, other->arms, one->count * sizeof *one->arms) == 0);
}

static uint32_t make_node(struct graph *graph, struct node node)
{
        uint32_t hash = graph_hash_node(&node), at = hash, item;
        struct arm *arms = NULL;

        while ((item = hash_next(&graph->node_table, hash, &at)) != HASH_NONE)
                if (same_node(&graph->nodes[item], &node))
                        return item;
        if (node.count > 0)
                arms = arena_take(&graph->arena, node.count * sizeof *arms);
        if ((node.count > 0 && !arms) ||
            !array_grow(graph->nodes, graph->node_room, graph->node_count + (size_t)1) ||
            !hash_put(&graph->node_table, hash, graph->node_count)) {
                graph->failed = true;
                return 0;
        }
        if (arms)
                node.arms = memcpy(arms, node.arms, node.count * sizeof *arms);
        graph->nodes[graph->node_count] = node;
        return graph->node_count++;
}

uint32_t graph_return(struct graph *graph, uint32_t k)
{
        return make_node(graph, (struct node){.kind = NODE_RETURN, .k = k});
}

uint32_t graph_return_term(struct graph *graph, uint32_t term)
{
        if (graph_is_constant(graph, term))
                return graph_return(graph, graph->terms[term].k);
        return make_node(graph, (struct node){.kind = NODE_RETURN_TERM, .term = term});
}

uint32_t graph_call(struct graph *graph, uint32_t a, uint32_t x, uint32_t to)
{
        struct arm arm = {0, to};

        return make_node(
            graph, (struct node){.kind = NODE_CALL, .term = a, .k = x, .count = 1, .arms = &arm});
}

uint32_t graph_set(struct graph *graph, uint32_t k, uint32_t term, uint32_t a, uint32_t to)
{
        struct arm arm = {a, to};

        graph_variable(graph, k);
        return make_node(
            graph, (struct node){.kind = NODE_SET, .term = term, .k = k, .count = 1, .arms = &arm});
}

uint32_t graph_arm(const struct node *node, uint32_t value)
{
        uint32_t low = 0, high = node->count;

        while (high - low > 1) {
                uint32_t middle = low + (high - low) / 2;

                if (node->arms[middle].from <= value)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

uint32_t graph_usual_target(const struct node *node)
{
        uint32_t widest = 0;

        for (uint32_t i = 1; i < node->count; i++)
                if (graph_arm_end(node, i) - node->arms[i].from >
                    graph_arm_end(node, widest) - node->arms[widest].from)
                        widest = i;
        return node->arms[widest].to;
}

/* A switch being brought to normal form. Its arms are a private copy with some room for more. */
struct shape {
        uint32_t term;
        struct arm *arms;
        uint32_t count, room;
};

/* Moves each boundary by `move`, which returns more than UINT32_MAX if the term never gets there.
 */
static void move_boundaries(const struct graph *graph, struct shape *shape,
                            uint64_t (*move)(uint64_t from, uint32_t k), uint32_t k)
{
        uint32_t high = graph->terms[shape->term].high;
        uint32_t kept = 1;

        for (uint32_t i = 1; i < shape->count; i++) {
                uint64_t from = move(shape->arms[i].from, k);

                if (from > high)
                        break;
                while (kept > 0 && shape->arms[kept - 1].from >= from)
                        kept--; /* nothing is left of that arm */
                shape->arms[kept++] = (struct arm){(uint32_t)from, shape->arms[i].to};
        }
        shape->arms[0].from = 0;
        shape->count = kept;
}

static uint64_t shift_up(uint64_t from, uint32_t k)
{
        return from << k;
}

static uint64_t shift_down(uint64_t from, uint32_t k)
{
        return (from + (1u << k) - 1) >> k;
}

static uint64_t multiply(uint64_t from, uint32_t k)
{
        return from * k;
}

static uint64_t subtract(uint64_t from, uint32_t k)
{
        return from > k ? from - k : 0;
}

static uint64_t add(uint64_t from, uint32_t k)
{
        return from + k;
}

/* The next multiple of the mask's lowest bit. */
static uint64_t round_up(uint64_t from, uint32_t mask)
{
        uint64_t step = mask & -mask;

        return (from + step - 1) / step * step;
}

uint64_t graph_next_possible(uint64_t from, uint32_t mask)
{
        uint32_t outside = (uint32_t)from & ~mask;
        uint32_t above, free_bits, bit;

        if (!outside)
                return from;
        above = ~graph_bits_up_to(outside);
        free_bits = mask & above & ~(uint32_t)from;
        if (!free_bits)
                return UINT64_MAX;
        bit = free_bits & -free_bits;
        return ((uint32_t)from & -bit) | bit;
}

/* v = a + k may wrap: the values of a below -k are v's from k on, the others v's below k. */
static void rotate(struct shape *shape, struct arm *rotated, uint32_t k)
{
        struct node whole = {.count = shape->count, .arms = shape->arms};
        uint32_t first = graph_arm(&whole, k);
        uint32_t count = 0;

        rotated[count++] = (struct arm){0, shape->arms[first].to};
        for (uint32_t i = first + 1; i < shape->count; i++)
                rotated[count++] = (struct arm){shape->arms[i].from - k, shape->arms[i].to};
        for (uint32_t i = 0; i < shape->count && (i == 0 || shape->arms[i].from < k); i++)
                rotated[count++] = (struct arm){shape->arms[i].from - k, shape->arms[i].to};
        memcpy(shape->arms, rotated, count * sizeof *rotated);
        shape->count = count;
}

static bool replace_sum(struct graph *graph, struct shape *shape, uint32_t a, uint32_t k)
{
        const struct term *below = &graph->terms[a];
        struct arm *rotated;

        shape->term = a;
        if ((uint64_t)below->high + k <= UINT32_MAX) {
                move_boundaries(graph, shape, subtract, k);
                return true;
        }
        if ((uint64_t)below->low + k > UINT32_MAX) {
                move_boundaries(graph, shape, add, -k);
                return true;
        }
        rotated = malloc((shape->count + (size_t)2) * sizeof *rotated);
        if (!rotated) {
                graph->failed = true;
                return false;
        }
        rotate(shape, rotated, k);
        free(rotated);
        return true;
}

/* v = k - a: what the arms are in terms of -1 - v = a - (k + 1). */
static bool replace_difference_from(struct graph *graph, struct shape *shape, uint32_t a,
                                    uint32_t k)
{
        for (uint32_t i = 0; i < shape->count; i++)
                shape->arms[i].from =
                    ~(i + 1 < shape->count ? shape->arms[i + 1].from - 1 : UINT32_MAX);
        for (uint32_t i = 0; i < shape->count / 2; i++) {
                struct arm swapped = shape->arms[i];

                shape->arms[i] = shape->arms[shape->count - 1 - i];
                shape->arms[shape->count - 1 - i] = swapped;
        }
        return replace_sum(graph, shape, a, -(k + 1));
}

/* True if the mask keeps the order of its operand's values: of the bits they can have, it clears
 * only the lowest. */
static bool keeps_order(uint32_t mask, uint32_t high)
{
        uint32_t cleared = ~mask & graph_bits_up_to(high);

        return (cleared & (cleared + 1)) == 0;
}

/* One step from a switch over f(a) to a switch over a. False when there is none. */
static bool replace_term(struct graph *graph, struct shape *shape)
{
        const struct term term = graph->terms[shape->term];
        uint64_t (*move)(uint64_t from, uint32_t k) = NULL;
        uint32_t k;

        if (term.kind != TERM_OPERATION || shape->count == shape->room)
                return false;
        if (term.code == BPF_NEG)
                return replace_difference_from(graph, shape, term.a, 0);
        if (term.code == BPF_SUB && graph_is_constant(graph, term.a))
                return replace_difference_from(graph, shape, term.b, graph->terms[term.a].k);
        if (!graph_is_constant(graph, term.b))
                return false;
        k = graph->terms[term.b].k;
        switch (term.code) {
        case BPF_RSH: move = k <= 31 ? shift_up : NULL; break;
        case BPF_LSH:
                if (k <= 31 && (uint64_t)graph->terms[term.a].high << k <= UINT32_MAX)
                        move = shift_down;
                break;
        case BPF_DIV: move = k > 0 ? multiply : NULL; break;
        case BPF_ADD: return replace_sum(graph, shape, term.a, k);
        case BPF_AND:
                if (keeps_order(k, graph->terms[term.a].high))
                        move = round_up;
                else
                        move_boundaries(graph, shape, graph_next_possible, k);
                break;
        }
        if (!move)
                return false;
        shape->term = term.a;
        move_boundaries(graph, shape, move, k);
        return true;
}

/* Drops what the term's range excludes and joins neighbours with the same target. */
static void trim(const struct graph *graph, struct shape *shape)
{
        uint32_t low = graph->terms[shape->term].low;
        uint32_t kept = 0;

        move_boundaries(graph, shape, add, 0);
        for (uint32_t i = 0; i < shape->count; i++) {
                if (i + 1 < shape->count && shape->arms[i + 1].from <= low)
                        continue;
                if (kept == 0 || shape->arms[kept - 1].to != shape->arms[i].to)
                        shape->arms[kept++] = shape->arms[i];
        }
        shape->arms[0].from = 0;
        shape->count = kept;
}

/* a - b or a ^ b compared with 0 is a compared with b. */
static bool replace_difference(struct graph *graph, struct shape *shape)
{
        const struct term term = graph->terms[shape->term];

        if (term.kind != TERM_OPERATION || (term.code != BPF_SUB && term.code != BPF_XOR) ||
            graph_is_constant(graph, term.b) || graph_is_constant(graph, term.a))
                return false;
        if (shape->count != 2 || shape->arms[1].from != 1)
                return false;
        shape->term = graph_comparison(graph, TERM_EQUAL, term.a, term.b);
        shape->arms[1].to = shape->arms[0].to;
        shape->arms[0].to = 0;
        return true;
}

static uint32_t switch_of_shape(struct graph *graph, struct shape *shape)
{
        uint32_t unequal;

        do
                trim(graph, shape);
        while (shape->count > 1 && replace_term(graph, shape));
        trim(graph, shape);
        if (shape->count == 1)
                return shape->arms[0].to;
        unequal = shape->arms[1].to;
        if (replace_difference(graph, shape)) {
                shape->arms[0].to = unequal;
                trim(graph, shape);
                if (shape->count == 1)
                        return shape->arms[0].to;
        }
        return make_node(graph, (struct node){.kind = NODE_SWITCH,
                                              .term = shape->term,
                                              .count = shape->count,
                                              .arms = shape->arms});
}

enum {
        SPARE_ARMS = 16,
};

/* True if the arms need no change. */
static bool is_normal(const struct graph *graph, uint32_t term, const struct arm *arms,
                      uint32_t count)
{
        const struct term *tested = &graph->terms[term];

        if (tested->kind != TERM_LOAD || count < 2 || arms[0].from != 0 ||
            arms[1].from <= tested->low || arms[count - 1].from > tested->high)
                return false;
        for (uint32_t i = 1; i < count; i++)
                if (arms[i].from <= arms[i - 1].from || arms[i].to == arms[i - 1].to)
                        return false;
        return true;
}

uint32_t graph_switch(struct graph *graph, uint32_t term, const struct arm *arms, uint32_t count)
{
        /* Sums nest, and each may add an arm before trimming removes it. */
        struct arm few[SPARE_ARMS * 2];
        struct shape shape = {
            .term = term, .arms = few, .count = count, .room = count + SPARE_ARMS};
        uint32_t node;

        if (graph->failed)
                return 0;
        if (is_normal(graph, term, arms, count))
                return make_node(
                    graph,
                    (struct node){.kind = NODE_SWITCH, .term = term, .count = count, .arms = arms});
        if (count > SPARE_ARMS)
                shape.arms = malloc((count + (size_t)SPARE_ARMS) * sizeof *shape.arms);
        if (!shape.arms) {
                graph->failed = true;
                return 0;
        }
        memcpy(shape.arms, arms, count * sizeof *arms);
        node = switch_of_shape(graph, &shape);
        if (shape.arms != few)
                free(shape.arms);
        return node;
}

static uint32_t branch_on_constant(struct graph *graph, unsigned jump, uint32_t a, uint32_t k,
                                   uint32_t yes, uint32_t no)
{
        struct arm arms[3] = {{0, no}, {k, yes}, {k + 1, no}};

        switch (jump) {
        case BPF_JGT:
                if (k == UINT32_MAX)
                        return no;
                arms[1] = (struct arm){k + 1, yes};
                return graph_switch(graph, a, arms, 2);
        case BPF_JGE: return k == 0 ? yes : graph_switch(graph, a, arms, 2);
        case BPF_JSET:
                a = graph_operation(graph, BPF_AND, a, graph_constant(graph, k));
                arms[1].from = 1;
                return graph_switch(graph, a, arms, 2);
        }
        if (k == 0)
                return graph_switch(graph, a, arms + 1, 2);
        return graph_switch(graph, a, arms, k == UINT32_MAX ? 2 : 3);
}

static uint32_t branch_on_terms(struct graph *graph, unsigned jump, uint32_t a, uint32_t b,
                                uint32_t yes, uint32_t no)
{
        unsigned kind = jump == BPF_JEQ ? TERM_EQUAL : TERM_GREATER;
        struct arm arms[2] = {{0, no}, {1, yes}};

        if (jump == BPF_JGE) /* not b > a */
                return branch_on_terms(graph, BPF_JGT, b, a, no, yes);
        return graph_switch(graph, graph_comparison(graph, kind, a, b), arms, 2);
}

uint32_t graph_branch(struct graph *graph, unsigned jump, uint32_t a, uint32_t b, uint32_t yes,
                      uint32_t no)
{
        if (yes == no)
                return yes;
        if (graph_is_constant(graph, b))
                return branch_on_constant(graph, jump, a, graph->terms[b].k, yes, no);
        if (jump == BPF_JSET)
                return graph_branch(graph, BPF_JGT, graph_operation(graph, BPF_AND, a, b),
                                    graph_constant(graph, 0), yes, no);
        if (!graph_is_constant(graph, a))
                return branch_on_terms(graph, jump, a, b, yes, no);
        if (jump == BPF_JEQ)
                return branch_on_constant(graph, jump, b, graph->terms[a].k, yes, no);
        /* a > b is not b >= a */
        return branch_on_constant(graph, jump == BPF_JGT ? BPF_JGE : BPF_JGT, b, graph->terms[a].k,
                                  no, yes);
}
