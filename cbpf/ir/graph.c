/* Making terms and nodes: folding, normal forms, and one number for equal things. */
#include "graph.h"

#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

void graph_free(struct graph *graph)
{
        free(graph->terms);
        free(graph->nodes);
        free(graph->term_table.slots);
        free(graph->node_table.slots);
        arena_free(&graph->arena);
        *graph = (struct graph){0};
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
        hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
        return hash ^ hash >> 29;
}

/* Room for one more item in an array that doubles. */
static bool make_room(struct graph *graph, void **items, size_t size, uint32_t count,
                      uint32_t *room)
{
        uint32_t more = *room ? *room * 2 : 64;
        void *grown;

        if (count < *room)
                return true;
        grown = more < UINT32_MAX / 2 ? realloc(*items, more * size) : NULL;
        if (!grown) {
                graph->failed = true;
                return false;
        }
        *items = grown;
        *room = more;
        return true;
}

/* The hash as it stands in a slot: few items need a closer look. */
static uint32_t fold(uint64_t hash)
{
        return (uint32_t)(hash ^ hash >> 32);
}

static void put(struct table *table, uint32_t hash, uint32_t item)
{
        uint32_t slot = hash & (table->size - 1);

        while (table->slots[slot].item)
                slot = (slot + 1) & (table->size - 1);
        table->slots[slot] = (struct slot){hash, item + 1};
}

/* Keeps the table at most half full, so that looking up always ends. */
static bool grow_table(struct graph *graph, struct table *table, uint32_t count)
{
        struct table grown = {.size = table->size ? table->size * 2 : 256};

        if (count < table->size / 2)
                return true;
        grown.slots = calloc(grown.size, sizeof *grown.slots);
        if (!grown.slots) {
                graph->failed = true;
                return false;
        }
        for (uint32_t i = 0; i < table->size; i++)
                if (table->slots[i].item)
                        put(&grown, table->slots[i].hash, table->slots[i].item - 1);
        free(table->slots);
        *table = grown;
        return true;
}

/* Terms */

static uint32_t hash_term(const struct term *term)
{
        uint64_t hash = mix(term->kind, term->code);

        hash = mix(hash, (uint64_t)term->a << 32 | term->b);
        return fold(mix(hash, term->k));
}

static bool same_term(const struct term *one, const struct term *other)
{
        return one->kind == other->kind && one->code == other->code && one->a == other->a &&
               one->b == other->b && one->k == other->k;
}

/* All bits up to the highest of `value`. */
static uint32_t bits_up_to(uint32_t value)
{
        return value ? UINT32_MAX >> __builtin_clz(value) : 0;
}

/* The range of a sum, product … computed in 64 bits; unknown if it may wrap. */
static void set_range(struct term *term, uint64_t low, uint64_t high)
{
        if (high > UINT32_MAX)
                return;
        term->low = (uint32_t)low;
        term->high = (uint32_t)high;
        term->possible = bits_up_to((uint32_t)high);
}

static void bound_with_constant(struct term *term, const struct term *a, uint32_t k)
{
        uint64_t low = a->low, high = a->high;

        if (k == 0 && (term->code == BPF_DIV || term->code == BPF_MOD))
                return;
        switch (term->code) {
        case BPF_MUL: set_range(term, low * k, high * k); break;
        case BPF_DIV: set_range(term, low / k, high / k); break;
        case BPF_MOD: set_range(term, 0, high < k ? high : k - 1); break;
        case BPF_LSH:
                if (k > 31)
                        break;
                set_range(term, low << k, high << k);
                term->possible = a->possible << k;
                break;
        case BPF_RSH:
                if (k > 31)
                        break;
                set_range(term, low >> k, high >> k);
                term->possible = a->possible >> k;
                break;
        }
}

static void bound_operation(struct term *term, const struct term *a, const struct term *b)
{
        switch (term->code) {
        case BPF_ADD:
                set_range(term, (uint64_t)a->low + b->low, (uint64_t)a->high + b->high);
                break;
        case BPF_AND:
                term->possible = a->possible & b->possible;
                term->high = term->possible;
                break;
        case BPF_OR:
        case BPF_XOR:
                term->possible = a->possible | b->possible;
                term->high = term->possible;
                break;
        default:
                if (b->kind == TERM_CONSTANT)
                        bound_with_constant(term, a, b->k);
                else if (term->code == BPF_DIV || term->code == BPF_MOD)
                        set_range(term, 0, a->high);
        }
}

static void bound_comparison(struct term *term, const struct term *a, const struct term *b)
{
        term->high = 1;
        if (term->kind == TERM_GREATER) {
                term->high = a->high > b->low;
                term->low = a->low > b->high;
        } else if (a->low > b->high || b->low > a->high) {
                term->high = 0;
        }
        term->possible = term->high;
}

/* The kernel's ancillary data are words, whatever the size of the load says. */
static bool is_ancillary(const struct term *term)
{
        return term->a == GRAPH_NONE && term->k >= (uint32_t)SKF_AD_OFF;
}

static void bound(const struct graph *graph, struct term *term)
{
        term->high = term->possible = UINT32_MAX;
        switch (term->kind) {
        case TERM_CONSTANT: term->low = term->high = term->possible = term->k; break;
        case TERM_LOAD:
                if (term->code != BPF_W && !is_ancillary(term))
                        set_range(term, 0, term->code == BPF_H ? UINT16_MAX : UINT8_MAX);
                break;
        case TERM_OPERATION:
                if (term->code != BPF_NEG)
                        bound_operation(term, &graph->terms[term->a], &graph->terms[term->b]);
                break;
        case TERM_EQUAL:
        case TERM_GREATER:
                bound_comparison(term, &graph->terms[term->a], &graph->terms[term->b]);
                break;
        }
}

static uint32_t make_term(struct graph *graph, struct term term)
{
        uint32_t hash = hash_term(&term);
        struct table *table = &graph->term_table;

        if (!grow_table(graph, table, graph->term_count))
                return 0;
        for (uint32_t slot = hash & (table->size - 1); table->slots[slot].item;
             slot = (slot + 1) & (table->size - 1))
                if (table->slots[slot].hash == hash &&
                    same_term(&graph->terms[table->slots[slot].item - 1], &term))
                        return table->slots[slot].item - 1;
        if (!make_room(graph, (void **)&graph->terms, sizeof term, graph->term_count,
                       &graph->term_room))
                return 0;
        bound(graph, &term);
        graph->terms[graph->term_count] = term;
        put(table, hash, graph->term_count);
        return graph->term_count++;
}

uint32_t graph_constant(struct graph *graph, uint32_t k)
{
        return make_term(graph, (struct term){.kind = TERM_CONSTANT, .k = k});
}

uint32_t graph_length(struct graph *graph)
{
        return make_term(graph, (struct term){.kind = TERM_LENGTH});
}

uint32_t graph_argument(struct graph *graph, uint32_t k)
{
        return make_term(graph, (struct term){.kind = TERM_ARGUMENT, .k = k});
}

uint32_t graph_comparison(struct graph *graph, unsigned kind, uint32_t a, uint32_t b)
{
        return make_term(graph, (struct term){.kind = (uint8_t)kind, .a = a, .b = b});
}

static bool is_operation(const struct graph *graph, uint32_t term, unsigned operation)
{
        return graph->terms[term].kind == TERM_OPERATION && graph->terms[term].code == operation;
}

/* True for `a operation constant`. */
static bool is_with_constant(const struct graph *graph, uint32_t term, unsigned operation)
{
        return is_operation(graph, term, operation) &&
               graph_is_constant(graph, graph->terms[term].b);
}

static uint32_t constant_of(const struct graph *graph, uint32_t term)
{
        return graph->terms[graph->terms[term].b].k;
}

bool graph_is_header_length(const struct graph *graph, uint32_t term, uint32_t *k)
{
        const struct term *terms = graph->terms;
        uint32_t masked;

        if (!is_with_constant(graph, term, BPF_LSH) || constant_of(graph, term) != 2)
                return false;
        masked = terms[term].a;
        if (!is_with_constant(graph, masked, BPF_AND) || constant_of(graph, masked) != 0xf)
                return false;
        *k = terms[terms[masked].a].k;
        return terms[terms[masked].a].kind == TERM_LOAD && terms[terms[masked].a].code == BPF_B &&
               terms[terms[masked].a].a == GRAPH_NONE && *k <= INT32_MAX;
}

bool graph_is_beyond(const struct graph *graph, uint32_t base, uint32_t offset)
{
        uint64_t sum;

        if (base == GRAPH_NONE || !graph_is_constant(graph, base))
                return false;
        sum = (uint64_t)graph->terms[base].k + offset;
        return sum > INT32_MAX && sum <= UINT32_MAX;
}

/* Offsets past INT32_MAX are the kernel's special areas for absolute loads, and wrap for indexed
 * ones (where libpcap's interpreter rejects): what comes near is left as it was written. */
uint32_t graph_load(struct graph *graph, unsigned size, uint32_t base, uint32_t offset)
{
        if (base != GRAPH_NONE) {
                uint64_t farthest = (uint64_t)graph->terms[base].high + offset;

                if (graph_is_constant(graph, base) && farthest <= INT32_MAX) {
                        offset += graph->terms[base].k;
                        base = GRAPH_NONE;
                } else if (is_with_constant(graph, base, BPF_ADD) && farthest <= INT32_MAX &&
                           graph->terms[graph->terms[base].a].high <= INT32_MAX) {
                        offset += constant_of(graph, base);
                        base = graph->terms[base].a;
                }
        }
        return make_term(
            graph, (struct term){.kind = TERM_LOAD, .code = (uint8_t)size, .a = base, .k = offset});
}

bool graph_contains(const struct graph *graph, uint32_t term, uint32_t part, int depth)
{
        const struct term *content = &graph->terms[term];

        if (term == part)
                return true;
        if (depth == 0 || term < part || content->kind < TERM_LOAD)
                return false;
        if (content->a != GRAPH_NONE && graph_contains(graph, content->a, part, depth - 1))
                return true;
        return content->kind != TERM_LOAD && content->b != GRAPH_NONE &&
               graph_contains(graph, content->b, part, depth - 1);
}

/* `defined` is cleared where the kernel and libpcap's interpreter differ, or reject. */
static uint32_t compute(unsigned operation, uint32_t a, uint32_t b, bool *defined)
{
        switch (operation) {
        case BPF_ADD: return a + b;
        case BPF_SUB: return a - b;
        case BPF_MUL: return a * b;
        case BPF_AND: return a & b;
        case BPF_OR: return a | b;
        case BPF_XOR: return a ^ b;
        case BPF_NEG: return -a;
        case BPF_LSH: *defined = b < 32; return *defined ? a << b : 0;
        case BPF_RSH: *defined = b < 32; return *defined ? a >> b : 0;
        case BPF_DIV: *defined = b != 0; return *defined ? a / b : 0;
        case BPF_MOD: *defined = b != 0; return *defined ? a % b : 0;
        }
        *defined = false;
        return 0;
}

static bool commutes(unsigned operation)
{
        return operation == BPF_ADD || operation == BPF_MUL || operation == BPF_AND ||
               operation == BPF_OR || operation == BPF_XOR;
}

static bool is_power_of_two(uint32_t value)
{
        return value && !(value & (value - 1));
}

static uint32_t make_operation(struct graph *graph, unsigned operation, uint32_t a, uint32_t b)
{
        return make_term(
            graph,
            (struct term){.kind = TERM_OPERATION, .code = (uint8_t)operation, .a = a, .b = b});
}

/* Two constants in a row, a + 1 + 2, become one. */
static uint32_t join_constants(struct graph *graph, unsigned operation, uint32_t a, uint32_t k)
{
        uint32_t inner = constant_of(graph, a);
        uint32_t below = graph->terms[a].a;

        switch (operation) {
        case BPF_ADD: k += inner; break;
        case BPF_MUL: k *= inner; break;
        case BPF_AND: k &= inner; break;
        case BPF_OR: k |= inner; break;
        case BPF_XOR: k ^= inner; break;
        default: /* the shifts */
                if (k > 31 || inner > 31)
                        return make_operation(graph, operation, a, graph_constant(graph, k));
                if (k + inner > 31)
                        return graph_constant(graph, 0);
                k += inner;
        }
        return graph_operation(graph, operation, below, graph_constant(graph, k));
}

static uint32_t with_constant(struct graph *graph, unsigned operation, uint32_t a, uint32_t k)
{
        uint32_t possible = graph->terms[a].possible;

        switch (operation) {
        case BPF_SUB: return graph_operation(graph, BPF_ADD, a, graph_constant(graph, -k));
        case BPF_MUL:
                if (k == 0)
                        return graph_constant(graph, 0);
                if (is_power_of_two(k))
                        return graph_operation(graph, BPF_LSH, a,
                                               graph_constant(graph, __builtin_ctz(k)));
                break;
        case BPF_DIV:
                if (is_power_of_two(k))
                        return graph_operation(graph, BPF_RSH, a,
                                               graph_constant(graph, __builtin_ctz(k)));
                break;
        case BPF_MOD:
                if (is_power_of_two(k))
                        return graph_operation(graph, BPF_AND, a, graph_constant(graph, k - 1));
                break;
        case BPF_AND:
                if ((possible & k) == possible)
                        return a;
                k &= possible;
                if (k == 0)
                        return graph_constant(graph, 0);
                break;
        case BPF_OR:
                if (k == UINT32_MAX)
                        return graph_constant(graph, k);
        }
        if (k == 0 && operation != BPF_DIV && operation != BPF_MOD)
                return a; /* neutral to all the others */
        if (is_with_constant(graph, a, operation) && operation != BPF_DIV && operation != BPF_MOD)
                return join_constants(graph, operation, a, k);
        return make_operation(graph, operation, a, graph_constant(graph, k));
}

static uint32_t with_itself(struct graph *graph, unsigned operation, uint32_t a)
{
        if (operation == BPF_SUB || operation == BPF_XOR)
                return graph_constant(graph, 0);
        if (operation == BPF_AND || operation == BPF_OR)
                return a;
        return make_operation(graph, operation, a, a);
}

uint32_t graph_operation(struct graph *graph, unsigned operation, uint32_t a, uint32_t b)
{
        bool a_constant = graph_is_constant(graph, a);
        bool b_constant = b == GRAPH_NONE || graph_is_constant(graph, b);
        bool defined = true;

        if (a_constant && b_constant) {
                uint32_t k = b == GRAPH_NONE ? 0 : graph->terms[b].k;
                uint32_t result = compute(operation, graph->terms[a].k, k, &defined);

                if (defined)
                        return graph_constant(graph, result);
        }
        if (operation == BPF_NEG)
                return make_operation(graph, operation, a, GRAPH_NONE);
        if (commutes(operation) && (a_constant || (!b_constant && a > b))) {
                uint32_t swapped = a;

                a = b;
                b = swapped;
        }
        if (graph_is_constant(graph, b))
                return with_constant(graph, operation, a, graph->terms[b].k);
        return a == b ? with_itself(graph, operation, a) : make_operation(graph, operation, a, b);
}

/* Nodes */

static uint32_t hash_node(const struct node *node)
{
        uint64_t hash = mix(node->kind, (uint64_t)node->term << 32 | node->k);

        for (uint32_t i = 0; i < node->count; i++)
                hash = mix(hash, (uint64_t)node->arms[i].from << 32 | node->arms[i].to);
        return fold(hash);
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
        uint32_t hash = hash_node(&node);
        struct table *table = &graph->node_table;

        if (!grow_table(graph, table, graph->node_count))
                return 0;
        for (uint32_t slot = hash & (table->size - 1); table->slots[slot].item;
             slot = (slot + 1) & (table->size - 1))
                if (table->slots[slot].hash == hash &&
                    same_node(&graph->nodes[table->slots[slot].item - 1], &node))
                        return table->slots[slot].item - 1;
        if (!make_room(graph, (void **)&graph->nodes, sizeof node, graph->node_count,
                       &graph->node_room))
                return 0;
        if (node.count > 0) {
                struct arm *arms = arena_take(&graph->arena, node.count * sizeof *arms);

                if (!arms) {
                        graph->failed = true;
                        return 0;
                }
                memcpy(arms, node.arms, node.count * sizeof *arms);
                node.arms = arms;
        }
        graph->nodes[graph->node_count] = node;
        put(table, hash, graph->node_count);
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

/* A switch on its way to normal form. Its arms are a private copy with some room for more. */
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

static uint64_t stay(uint64_t from, uint32_t k)
{
        (void)k;
        return from;
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
        above = ~bits_up_to(outside);
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

        if ((uint64_t)below->high + k <= UINT32_MAX) {
                shape->term = a;
                move_boundaries(graph, shape, subtract, k);
                return true;
        }
        if ((uint64_t)below->low + k > UINT32_MAX) {
                shape->term = a;
                move_boundaries(graph, shape, add, -k);
                return true;
        }
        rotated = malloc((shape->count + (size_t)2) * sizeof *rotated);
        if (!rotated) {
                graph->failed = true;
                return false;
        }
        shape->term = a;
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

/* A mask that keeps the order of its operand's values: within the bits that those can have, it
 * clears only the lowest. */
static bool keeps_order(uint32_t mask, uint32_t high)
{
        uint32_t cleared = ~mask & bits_up_to(high);

        return (cleared & (cleared + 1)) == 0;
}

/* One step from a switch over f(a) to a switch over a. False when there is none. */
static bool replace_term(struct graph *graph, struct shape *shape)
{
        const struct term term = graph->terms[shape->term];
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
        case BPF_RSH:
                if (k > 31)
                        return false;
                shape->term = term.a;
                move_boundaries(graph, shape, shift_up, k);
                return true;
        case BPF_LSH:
                if (k > 31 || (uint64_t)graph->terms[term.a].high << k > UINT32_MAX)
                        return false;
                shape->term = term.a;
                move_boundaries(graph, shape, shift_down, k);
                return true;
        case BPF_DIV:
                if (k == 0)
                        return false;
                shape->term = term.a;
                move_boundaries(graph, shape, multiply, k);
                return true;
        case BPF_ADD: return replace_sum(graph, shape, term.a, k);
        case BPF_AND:
                if (!keeps_order(k, graph->terms[term.a].high)) {
                        move_boundaries(graph, shape, graph_next_possible, k);
                        return false;
                }
                shape->term = term.a;
                move_boundaries(graph, shape, round_up, k);
                return true;
        }
        return false;
}

/* Drops what the term's range excludes and joins neighbours with the same target. */
static void trim(const struct graph *graph, struct shape *shape)
{
        uint32_t low = graph->terms[shape->term].low;
        uint32_t kept = 0;

        move_boundaries(graph, shape, stay, 0);
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
        struct term equal = {.kind = TERM_EQUAL, .a = term.a, .b = term.b};

        if (term.kind != TERM_OPERATION || (term.code != BPF_SUB && term.code != BPF_XOR) ||
            graph_is_constant(graph, term.b) || graph_is_constant(graph, term.a))
                return false;
        if (shape->count != 2 || shape->arms[1].from != 1)
                return false;
        if (equal.a > equal.b) {
                equal.a = term.b;
                equal.b = term.a;
        }
        shape->term = make_term(graph, equal);
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
        FEW_ARMS = 16,
};

uint32_t graph_switch(struct graph *graph, uint32_t term, const struct arm *arms, uint32_t count)
{
        /* Sums nest, and each may add an arm before the range of values takes it away again. */
        struct arm few[FEW_ARMS * 2];
        struct shape shape = {.term = term, .arms = few, .count = count, .room = count + FEW_ARMS};
        uint32_t node;

        if (graph->failed)
                return 0;
        if (count > FEW_ARMS)
                shape.arms = malloc((count + (size_t)FEW_ARMS) * sizeof *shape.arms);
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
        struct term term = {.kind = jump == BPF_JEQ ? TERM_EQUAL : TERM_GREATER, .a = a, .b = b};
        struct arm arms[2] = {{0, no}, {1, yes}};

        if (a == b)
                return jump == BPF_JGT ? no : yes;
        if (jump == BPF_JGE) { /* not b > a */
                arms[0].to = yes;
                arms[1].to = no;
        }
        if (jump == BPF_JGE || (jump == BPF_JEQ && a > b)) {
                term.a = b;
                term.b = a;
        }
        return graph_switch(graph, make_term(graph, term), arms, 2);
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
