/* Switches to comparisons: a short one is a chain, a long one a search that ends in chains.
 *
 * A field of the packet is compared as it was loaded, without swapping its bytes, where only
 * equality is asked. */
#include "emission.h"

#include <endian.h>

enum {
        MAX_CHAIN = 4, /* arms, beside that for what is left */
};

struct comparison {
        struct emission *emission;
        const struct node *node;
        unsigned value; /* register */
        uint8_t swap;   /* bytes of the load, whose order constants get; 0: that of this machine */
};

static uint32_t constant(const struct comparison *comparison, uint32_t k)
{
        return comparison->swap == 4   ? htobe32(k)
               : comparison->swap == 2 ? htobe16((uint16_t)k)
                                       : k;
}

static void jump(const struct comparison *comparison, unsigned operation, uint32_t k,
                 uint32_t label)
{
        code_jump(&comparison->emission->code, CLASS_JMP32 | operation, comparison->value, 0,
                  (int32_t)constant(comparison, k), label);
}

static uint32_t to_node(const struct comparison *comparison, uint32_t node)
{
        return emission_target(comparison->emission, comparison->emission->way, node);
}

/* The target of most arms between two; of those that have as many, a return. */
static uint32_t usual_target(const struct comparison *comparison, uint32_t first, uint32_t last)
{
        const struct node *node = comparison->node;
        uint32_t usual = node->arms[first].to, most = 0;

        for (uint32_t i = first; i <= last; i++) {
                uint32_t to = node->arms[i].to, count = 0;

                for (uint32_t j = first; j <= last; j++)
                        count += node->arms[j].to == to;
                if (count > most || (count == most && emission_ends(comparison->emission, to) &&
                                     !emission_ends(comparison->emission, usual))) {
                        most = count;
                        usual = to;
                }
        }
        return usual;
}

/* Tests for one arm, after those before it: jumps to its node, or, with `opposite`, to `usual` for
 * all other values. */
static void test_arm(const struct comparison *comparison, uint32_t arm, uint32_t first,
                     uint32_t last, uint32_t usual, bool opposite)
{
        const struct node *node = comparison->node;
        uint32_t low = node->arms[arm].from, high = graph_arm_end(node, arm);
        uint32_t to = to_node(comparison, opposite ? usual : node->arms[arm].to);

        if (low == high) {
                jump(comparison, opposite ? JUMP_NE : JUMP_EQ, low, to);
        } else if (arm == first) {
                jump(comparison, opposite ? JUMP_GT : JUMP_LE, high, to);
        } else if (arm == last) {
                jump(comparison, opposite ? JUMP_LT : JUMP_GE, low, to);
        } else {
                jump(comparison, JUMP_LT, low, to_node(comparison, usual));
                jump(comparison, opposite ? JUMP_GT : JUMP_LE, high, to);
        }
}

/* Tests arm after arm. Values of arms before `first` and behind `last` do not come here. */
static void test_chain(const struct comparison *comparison, uint32_t first, uint32_t last)
{
        const struct node *node = comparison->node;
        uint32_t usual = usual_target(comparison, first, last), tested = GRAPH_NONE;

        for (uint32_t arm = first; arm <= last; arm++) {
                if (node->arms[arm].to == usual)
                        continue;
                if (tested != GRAPH_NONE)
                        test_arm(comparison, tested, first, last, usual, false);
                tested = arm;
        }
        if (tested == GRAPH_NONE) {
                emission_go(comparison->emission, usual);
        } else if (emission_ends(comparison->emission, usual)) {
                test_arm(comparison, tested, first, last, usual, true);
                emission_go(comparison->emission, node->arms[tested].to);
        } else {
                test_arm(comparison, tested, first, last, usual, false);
                emission_go(comparison->emission, usual);
        }
}

static uint32_t tests_between(const struct comparison *comparison, uint32_t first, uint32_t last)
{
        uint32_t usual, tests = 0;

        if (last - first > 4 * MAX_CHAIN)
                return UINT32_MAX;
        usual = usual_target(comparison, first, last);
        for (uint32_t i = first; i <= last; i++)
                tests += comparison->node->arms[i].to != usual;
        return tests;
}

/* Halves the arms until few are left. The recursion is as deep as the logarithm of their number. */
static void search(const struct comparison *comparison, uint32_t first, uint32_t last)
{
        struct code *code = &comparison->emission->code;
        uint32_t middle = first + (last - first + 1) / 2, label;

        if (tests_between(comparison, first, last) <= MAX_CHAIN) {
                test_chain(comparison, first, last);
                return;
        }
        label = code_label(code);
        jump(comparison, JUMP_GE, comparison->node->arms[middle].from, label);
        search(comparison, first, middle - 1);
        code_here(code, label);
        search(comparison, middle, last);
}

/* Two terms. The first arm is for 0. */
static void compare_terms(struct emission *emission, const struct node *node)
{
        const struct term *term = &emission->graph->terms[node->term];
        uint32_t no = node->arms[0].to, yes = node->arms[node->count - 1].to;
        bool opposite = emission_ends(emission, no);
        unsigned operation = term->kind == TERM_EQUAL ? opposite ? JUMP_NE : JUMP_EQ
                             : opposite               ? JUMP_LE
                                                      : JUMP_GT;
        unsigned a = values_compute(emission, term->a, false), b;

        emission->pinned |= (uint8_t)(1u << a);
        b = values_compute(emission, term->b, false);
        emission->pinned = 0;
        code_jump(&emission->code, CLASS_JMP32 | operation | BY_REGISTER, a, b, 0,
                  emission_target(emission, emission->way, opposite ? no : yes));
        emission_go(emission, opposite ? yes : no);
}

/* A load of more than a byte, of which nothing but equality with constants is asked. */
static uint8_t swappable(const struct emission *emission, uint32_t number)
{
        const struct term *term = &emission->graph->terms[number];

        return is_packet_load(term) && term->code != BPF_B ? (uint8_t)graph_load_size(term) : 0;
}

/* True if all comparisons of the switch are with one value each. */
static bool only_equality(const struct comparison *comparison)
{
        const struct node *node = comparison->node;
        uint32_t last = node->count - 1, usual;

        if (tests_between(comparison, 0, last) > MAX_CHAIN)
                return false;
        usual = usual_target(comparison, 0, last);
        for (uint32_t i = 0; i <= last; i++)
                if (node->arms[i].to != usual && node->arms[i].from != graph_arm_end(node, i))
                        return false;
        return true;
}

/* Bits: no value but 0 has an arm of its own. */
static bool test_bits(struct comparison *comparison)
{
        struct emission *emission = comparison->emission;
        const struct node *node = comparison->node;
        const struct term *term = &emission->graph->terms[node->term], *mask;

        if (term->kind != TERM_OPERATION || term->code != BPF_AND || node->count != 2 ||
            node->arms[1].from != 1)
                return false;
        mask = &emission->graph->terms[term->b];
        if (mask->kind != TERM_CONSTANT)
                return false;
        for (unsigned i = 0; i < VALUES; i++)
                if (emission->state.values[i] == node->term)
                        return false; /* it is there already */
        comparison->swap = swappable(emission, term->a);
        comparison->value = values_compute(emission, term->a, comparison->swap > 0);
        jump(comparison, JUMP_SET, mask->k, to_node(comparison, node->arms[1].to));
        emission_go(emission, node->arms[0].to);
        return true;
}

void switch_emit(struct emission *emission, uint32_t number)
{
        const struct node *node = &emission->graph->nodes[number];
        struct comparison comparison = {.emission = emission, .node = node};
        unsigned kind = emission->graph->terms[node->term].kind;
        struct set set;

        if (set_find(emission, number, &set)) {
                set_emit(emission, number, &set);
                return;
        }
        values_prepare(emission, number, node->term);
        if (kind == TERM_EQUAL || kind == TERM_GREATER) {
                compare_terms(emission, node);
                return;
        }
        if (test_bits(&comparison))
                return;
        if (only_equality(&comparison))
                comparison.swap = swappable(emission, node->term);
        comparison.value = values_compute(emission, node->term, comparison.swap > 0);
        search(&comparison, 0, node->count - 1);
}
