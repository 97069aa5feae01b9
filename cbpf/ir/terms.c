/* Making terms: folding, normal forms, and one number for equal terms. */
#include "base/array.h"
#include "hashing.h"

uint32_t graph_hash_term(const struct term *term)
{
        uint64_t hash = hash_mix(term->kind, term->code);

        hash = hash_mix(hash, (uint64_t)term->a << 32 | term->b);
        return hash_fold(hash_mix(hash, term->k));
}

static bool same_term(const struct term *one, const struct term *other)
{
        return one->kind == other->kind && one->code == other->code && one->a == other->a &&
               one->b == other->b && one->k == other->k;
}

/* The range of a sum, product … computed in 64 bits; unknown if it may wrap. */
static void set_range(struct term *term, uint64_t low, uint64_t high)
{
        if (high > UINT32_MAX)
                return;
        term->low = (uint32_t)low;
        term->high = (uint32_t)high;
        term->possible = graph_bits_up_to((uint32_t)high);
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

enum {
        MAX_SUMMANDS = 16,
        NEAR_END = 65535, /* longer packets are rare */
        MAX_LOOKED_AT = 4096,
};

/* True for the packet's length with something added. */
static bool is_past_length(const struct graph *graph, uint32_t term)
{
        for (int i = 0; i < MAX_SUMMANDS; i++) {
                const struct term *sum = &graph->terms[term];

                if (sum->kind == TERM_LENGTH)
                        return true;
                if (sum->kind != TERM_OPERATION || sum->code != BPF_ADD)
                        return false;
                term = graph->terms[sum->b].kind == TERM_LENGTH ? sum->b : sum->a;
        }
        return false;
}

static bool is_far(const struct graph *graph, const struct term *load)
{
        if (load->a == GRAPH_NONE)
                return !is_ancillary(load) && load->k > NEAR_END - graph_load_size(load);
        return load->k > NEAR_END - graph_load_size(load) || graph_is_constant(graph, load->a) ||
               is_past_length(graph, load->a);
}

static uint8_t owed(const struct graph *graph, const struct term *term)
{
        uint8_t owed = 0;

        if (term->kind < TERM_LOAD)
                return 0;
        if (term->kind == TERM_LOAD)
                owed = is_far(graph, term)  ? OWED_ANYWHERE | OWED_IN_FILE
                       : is_ancillary(term) ? OWED_IN_FILE
                                            : 0;
        else if (term->b != GRAPH_NONE)
                owed = graph->terms[term->b].owed;
        return term->a != GRAPH_NONE ? owed | graph->terms[term->a].owed : owed;
}

/* A load that may be owed has values that it never has, for graph_owe() to ask for. */
static void bound(const struct graph *graph, struct term *term)
{
        term->high = term->possible = UINT32_MAX;
        switch (term->kind) {
        case TERM_CONSTANT: term->low = term->high = term->possible = term->k; break;
        case TERM_LOAD:
                if (term->code != BPF_W && !is_ancillary(term) && !is_far(graph, term))
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
        uint32_t hash = graph_hash_term(&term), at = hash, item;

        while ((item = hash_next(&graph->term_table, hash, &at)) != HASH_NONE)
                if (same_term(&graph->terms[item], &term))
                        return item;
        if (!array_grow(graph->terms, graph->term_room, graph->term_count + (size_t)1) ||
            !hash_put(&graph->term_table, hash, graph->term_count)) {
                graph->failed = true;
                return 0;
        }
        bound(graph, &term);
        term.owed = owed(graph, &term);
        graph->terms[graph->term_count] = term;
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

uint32_t graph_variable(struct graph *graph, uint32_t k)
{
        if (graph->variables <= k)
                graph->variables = k + 1;
        return make_term(graph, (struct term){.kind = TERM_VARIABLE, .k = k});
}

uint32_t graph_comparison(struct graph *graph, unsigned kind, uint32_t a, uint32_t b)
{
        bool swap = kind == TERM_EQUAL && a > b;

        if (a == b)
                return graph_constant(graph, kind == TERM_EQUAL);
        return make_term(
            graph, (struct term){.kind = (uint8_t)kind, .a = swap ? b : a, .b = swap ? a : b});
}

/* True for `a operation constant`. */
static bool is_with_constant(const struct graph *graph, uint32_t term, unsigned operation)
{
        const struct term *content = &graph->terms[term];

        return content->kind == TERM_OPERATION && content->code == operation &&
               graph_is_constant(graph, content->b);
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

bool graph_is_owed(const struct graph *graph, uint32_t term, bool file)
{
        const struct term *load = &graph->terms[term];

        return load->kind == TERM_LOAD && ((file && is_ancillary(load)) || is_far(graph, load));
}

/* Offsets past INT32_MAX are the kernel's special areas for absolute loads, and wrap for indexed
 * ones (where libpcap's interpreter rejects): loads near them are left as they are. */
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

/* Counts the terms looked at: sums of sums that share summands have as many ways down as 2 to the
 * power of their depth. */
static bool contains(const struct graph *graph, uint32_t term, uint32_t part, int *left)
{
        const struct term *content = &graph->terms[term];

        if (term == part)
                return true;
        if (term < part || content->kind < TERM_LOAD || (*left)-- <= 0)
                return false;
        if (content->a != GRAPH_NONE && contains(graph, content->a, part, left))
                return true;
        return content->kind != TERM_LOAD && content->b != GRAPH_NONE &&
               contains(graph, content->b, part, left);
}

bool graph_contains(const struct graph *graph, uint32_t term, uint32_t part)
{
        int left = MAX_LOOKED_AT;

        return contains(graph, term, part, &left);
}

uint32_t graph_compute(unsigned operation, uint32_t a, uint32_t b, bool *defined)
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
                uint32_t result = graph_compute(operation, graph->terms[a].k, k, &defined);

                if (defined)
                        return graph_constant(graph, result);
        }
        if (operation == BPF_NEG)
                return make_operation(graph, operation, a, GRAPH_NONE);
        if (graph_commutes(operation) && (a_constant || (!b_constant && a > b))) {
                uint32_t swapped = a;

                a = b;
                b = swapped;
        }
        if (graph_is_constant(graph, b))
                return with_constant(graph, operation, a, graph->terms[b].k);
        return a == b ? with_itself(graph, operation, a) : make_operation(graph, operation, a, b);
}
