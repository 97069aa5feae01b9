/* The verifier of graphs and programs. It checks all terms and nodes, also those that are
 * unreachable by now: the same functions made them. Only debug builds and tests run it; it may take
 * as long as the optimizer. */
#include "base/array.h"
#include "ir.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static bool broken(char *message, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(message, VERIFY_MESSAGE, format, arguments);
        va_end(arguments);
        return false;
}

static bool has_operands(const struct term *term, uint32_t number)
{
        switch (term->kind) {
        case TERM_CONSTANT:
        case TERM_LENGTH:
        case TERM_ARGUMENT:
        case TERM_VARIABLE: return true;
        case TERM_LOAD: return term->a == GRAPH_NONE || term->a < number;
        case TERM_OPERATION:
                if (term->code == BPF_NEG)
                        return term->a < number;
                return term->a < number && term->b < number;
        case TERM_EQUAL:
        case TERM_GREATER: return term->a < number && term->b < number;
        }
        return false;
}

static bool check_terms(const struct graph *graph, char *message)
{
        for (uint32_t i = 0; i < graph->term_count; i++) {
                const struct term *term = &graph->terms[i];

                if (!has_operands(term, i))
                        return broken(message,
                                      "term %u (kind %u, code %#x) is made of %u and %u, which are "
                                      "not below it",
                                      i, term->kind, term->code, term->a, term->b);
                if (term->low > term->high)
                        return broken(message, "term %u (kind %u) is from %u to %u", i, term->kind,
                                      term->low, term->high);
        }
        return true;
}

static bool check_switch(const struct graph *graph, uint32_t number, char *message)
{
        const struct node *node = &graph->nodes[number];

        if (node->term >= graph->term_count)
                return broken(message, "node %u tests term %u of %u", number, node->term,
                              graph->term_count);
        if (node->count < 2 || node->arms[0].from != 0)
                return broken(message, "node %u has %u arms, the first from %u", number,
                              node->count, node->count ? node->arms[0].from : 0);
        for (uint32_t i = 0; i < node->count; i++) {
                const struct arm *arm = &node->arms[i];

                if (arm->to >= number)
                        return broken(message, "arm %u of node %u leads to node %u, not below it",
                                      i, number, arm->to);
                if (i > 0 && (arm->from <= arm[-1].from || arm->to == arm[-1].to))
                        return broken(message,
                                      "arms %u and %u of node %u: from %u to node %u, from %u to "
                                      "node %u",
                                      i - 1, i, number, arm[-1].from, arm[-1].to, arm->from,
                                      arm->to);
        }
        return true;
}

static bool check_call(const struct graph *graph, uint32_t number, char *message)
{
        const struct node *node = &graph->nodes[number];

        if (node->count != 1 || node->arms[0].to >= number)
                return broken(message, "call %u has %u arms, or leads to a node not below it",
                              number, node->count);
        if ((node->term != GRAPH_NONE && node->term >= graph->term_count) ||
            (node->k != GRAPH_NONE && node->k >= graph->term_count))
                return broken(message, "call %u passes terms %u and %u of %u", number, node->term,
                              node->k, graph->term_count);
        return true;
}

/* Nodes above the root are of attempts with variables of their own. */
static bool check_set(const struct graph *graph, uint32_t number, char *message)
{
        const struct node *node = &graph->nodes[number];
        uint32_t variables = number > graph->root ? GRAPH_MAX_VARIABLES : graph->variables;

        if (node->count != 1 || node->arms[0].to >= number)
                return broken(message, "set %u has %u arms, or leads to a node not below it",
                              number, node->count);
        if (node->term >= graph->term_count || node->k >= variables ||
            (node->arms[0].from != GRAPH_NONE && node->arms[0].from >= graph->term_count))
                return broken(message, "set %u sets variable %u of %u to term %u of %u", number,
                              node->k, variables, node->term, graph->term_count);
        return true;
}

static bool check_nodes(const struct graph *graph, char *message)
{
        for (uint32_t i = 0; i < graph->node_count; i++) {
                const struct node *node = &graph->nodes[i];

                if (node->kind == NODE_SWITCH && !check_switch(graph, i, message))
                        return false;
                if (node->kind == NODE_CALL && !check_call(graph, i, message))
                        return false;
                if (node->kind == NODE_SET && !check_set(graph, i, message))
                        return false;
                if (node->kind == NODE_RETURN_TERM && node->term >= graph->term_count)
                        return broken(message, "node %u returns term %u of %u", i, node->term,
                                      graph->term_count);
        }
        if (graph->root >= graph->node_count)
                return broken(message, "the root is node %u of %u", graph->root, graph->node_count);
        return true;
}

/* Duplicates are found by sorting. */

static int compare_terms(const void *one, const void *other, void *graph)
{
        const struct term *terms = ((const struct graph *)graph)->terms;
        const struct term *a = &terms[*(const uint32_t *)one];
        const struct term *b = &terms[*(const uint32_t *)other];
        uint32_t as[] = {a->kind, a->code, a->a, a->b, a->k};
        uint32_t bs[] = {b->kind, b->code, b->a, b->b, b->k};

        return memcmp(as, bs, sizeof as);
}

static int compare_nodes(const void *one, const void *other, void *graph)
{
        const struct node *nodes = ((const struct graph *)graph)->nodes;
        const struct node *a = &nodes[*(const uint32_t *)one];
        const struct node *b = &nodes[*(const uint32_t *)other];
        uint32_t as[] = {a->kind, a->term, a->k, a->count};
        uint32_t bs[] = {b->kind, b->term, b->k, b->count};
        int order = memcmp(as, bs, sizeof as);

        return order || a->count == 0 ? order
                                      : memcmp(a->arms, b->arms, a->count * sizeof *a->arms);
}

static bool check_twins(const struct graph *graph, uint32_t count, const char *what,
                        int (*compare)(const void *, const void *, void *), char *message)
{
        uint32_t *numbers = malloc((count + (size_t)1) * sizeof *numbers);
        bool differ = true;

        if (!numbers)
                return broken(message, "out of memory");
        for (uint32_t i = 0; i < count; i++)
                numbers[i] = i;
        qsort_r(numbers, count, sizeof *numbers, compare, (void *)graph);
        for (uint32_t i = 1; i < count && differ; i++)
                if (compare(&numbers[i - 1], &numbers[i], (void *)graph) == 0)
                        differ = broken(message, "%ss %u and %u are equal", what, numbers[i - 1],
                                        numbers[i]);
        free(numbers);
        return differ;
}

bool verify_graph(const struct graph *graph, char message[VERIFY_MESSAGE])
{
        return check_terms(graph, message) && check_nodes(graph, message) &&
               check_twins(graph, graph->term_count, "term", compare_terms, message) &&
               check_twins(graph, graph->node_count, "node", compare_nodes, message);
}

/* Writing a graph anew with no switch below another of the same term: the arms of the lower one
 * that lie within the upper one's arm take that arm's place. Unlike switch formation it copies what
 * several nodes lead to, so the result does not depend on what the emitter shared. And it takes a
 * comparison of two terms for a switch of their difference where that is above or below: the
 * emitter's comparison of a difference with 0 is lifted as one of the two. */
struct expansion {
        struct graph *graph;
        bool *reached;      /* by node */
        uint32_t *expanded; /* by node */
        struct arm *arms;   /* of the node at hand */
        uint32_t count, room;
};

static void add_arm(struct expansion *expansion, uint32_t from, uint32_t to)
{
        if (!array_grow(expansion->arms, expansion->room, expansion->count + (size_t)1)) {
                expansion->graph->failed = true;
                return;
        }
        expansion->arms[expansion->count++] = (struct arm){from, to};
}

/* Moves `*value` up to the least value that the term can have. False if there is none. */
static bool next_possible(const struct term *term, uint32_t *value)
{
        uint64_t next =
            graph_next_possible(*value > term->low ? *value : term->low, term->possible);

        *value = (uint32_t)next;
        return next <= term->high;
}

/* Among values that the term cannot have, an arm may begin anywhere; moves each boundary up to a
 * possible one. */
static void begin_at_possible(struct expansion *expansion, const struct term *term)
{
        uint32_t count = 1;

        next_possible(term, &expansion->arms[0].from);
        for (uint32_t i = 1; i < expansion->count; i++) {
                struct arm arm = expansion->arms[i];

                if (!next_possible(term, &arm.from))
                        break;
                count -= expansion->arms[count - 1].from == arm.from;
                expansion->arms[count++] = arm;
        }
        expansion->count = count;
        expansion->arms[0].from = 0;
}

/* True if `comparison` is what a switch compares where it only asks whether `difference` is 0. */
static bool compares(const struct graph *graph, uint32_t comparison, uint32_t difference)
{
        const struct term *equal = &graph->terms[comparison], *of = &graph->terms[difference];

        return equal->kind == TERM_EQUAL && of->kind == TERM_OPERATION &&
               (of->code == BPF_SUB || of->code == BPF_XOR) &&
               ((equal->a == of->a && equal->b == of->b) ||
                (equal->a == of->b && equal->b == of->a));
}

/* A node as a switch of `term`; `zero` is room for its arms if it compares what that is the
 * difference of. False if it is no such switch. */
static bool switch_of(const struct graph *graph, uint32_t number, uint32_t term, struct arm zero[2],
                      struct node *node)
{
        *node = graph->nodes[number];
        if (node->kind != NODE_SWITCH)
                return false;
        if (node->term == term)
                return true;
        if (!compares(graph, node->term, term))
                return false;
        zero[0] = (struct arm){0, node->arms[1].to};
        zero[1] = (struct arm){1, node->arms[0].to};
        node->term = term;
        node->arms = zero;
        return true;
}

/* The term that a switch is to be expanded as one of: a difference that a switch below asks more
 * about, or its own. */
static uint32_t term_to_expand(const struct expansion *expansion, uint32_t number)
{
        const struct graph *graph = expansion->graph;
        const struct node *node = &graph->nodes[number];

        for (uint32_t arm = 0; arm < node->count; arm++) {
                const struct node *below = &graph->nodes[expansion->expanded[node->arms[arm].to]];

                if (below->kind == NODE_SWITCH && compares(graph, node->term, below->term))
                        return below->term;
        }
        return node->term;
}

static void expand_arm(struct expansion *expansion, const struct node *node, uint32_t arm)
{
        uint32_t low = node->arms[arm].from, high = graph_arm_end(node, arm);
        uint32_t to = expansion->expanded[node->arms[arm].to];
        struct arm zero[2];
        struct node below;

        if (!switch_of(expansion->graph, to, node->term, zero, &below)) {
                add_arm(expansion, low, to);
                return;
        }
        for (uint32_t i = graph_arm(&below, low); i < below.count && below.arms[i].from <= high;
             i++) {
                uint32_t from = below.arms[i].from;

                add_arm(expansion, from > low ? from : low, below.arms[i].to);
        }
}

static uint32_t expand_node(struct expansion *expansion, uint32_t number)
{
        struct arm zero[2];
        struct node node;

        if (!switch_of(expansion->graph, number, term_to_expand(expansion, number), zero, &node))
                return number;
        expansion->count = 0;
        for (uint32_t arm = 0; arm < node.count; arm++)
                expand_arm(expansion, &node, arm);
        begin_at_possible(expansion, &expansion->graph->terms[node.term]);
        return graph_switch(expansion->graph, node.term, expansion->arms, expansion->count);
}

static void expand_all(struct expansion *expansion, uint32_t root)
{
        const struct graph *graph = expansion->graph;

        expansion->reached[root] = true;
        for (uint32_t i = root + 1; i-- > 0;)
                if (expansion->reached[i] && graph->nodes[i].kind == NODE_SWITCH)
                        for (uint32_t arm = 0; arm < graph->nodes[i].count; arm++)
                                expansion->reached[graph->nodes[i].arms[arm].to] = true;
        for (uint32_t i = 0; i <= root && !graph->failed; i++)
                if (expansion->reached[i])
                        expansion->expanded[i] = expand_node(expansion, i);
}

/* The node that the graph from `root` becomes. */
static uint32_t expanded(struct graph *graph, uint32_t root)
{
        struct expansion expansion = {
            .graph = graph,
            .reached = calloc(root + (size_t)1, sizeof *expansion.reached),
            .expanded = malloc((root + (size_t)1) * sizeof *expansion.expanded),
        };
        uint32_t result = root;

        if (!expansion.reached || !expansion.expanded)
                graph->failed = true;
        if (!graph->failed)
                expand_all(&expansion, root);
        if (!graph->failed)
                result = expansion.expanded[root];
        free(expansion.reached);
        free(expansion.expanded);
        free(expansion.arms);
        return result;
}

static uint32_t optimized(struct graph *graph, uint32_t root,
                          int (*optimize)(struct graph *graph, unsigned variant))
{
        graph->root = root;
        optimize(graph, 0);
        return graph->root;
}

/* Calculations after which two graphs that ask the same may differ. A division rejects by itself
 * where the graph has a test of its divisor, and the test that lifting makes of that need not stand
 * in the same place; and [x + 26] is emitted as [(x + 14) + 12] where a load before has shown that
 * x + 14 does not wrap. */
static bool is_ambiguous(const struct bpf_program *program)
{
        static const uint16_t operations[] = {BPF_DIV, BPF_MOD};

        for (uint32_t i = 0; i + 1 < program->bf_len; i++)
                if (program->bf_insns[i].code == (BPF_ALU | BPF_ADD | BPF_K) &&
                    program->bf_insns[i + 1].code == (BPF_MISC | BPF_TAX))
                        return true;
        for (uint32_t i = 0; i < program->bf_len; i++)
                for (size_t j = 0; j < sizeof operations / sizeof *operations; j++)
                        if (program->bf_insns[i].code == (BPF_ALU | BPF_X | operations[j]))
                                return true;
        return false;
}

/* Comparisons lifted are switches of two arms; expanded, they are the whole switches again. Where
 * the emitter tests bits in place of values (the odd ones of a few ports), it takes the optimizer
 * to see that they ask the same. */
/* Owed loads keep tests in places that depend on the order of the passes, so that graphs with any
 * are compared as if those rejected. */
static bool same_but_for_owed(struct graph *graph, uint32_t one, uint32_t other,
                              int (*optimize)(struct graph *graph, unsigned variant))
{
        uint32_t first = graph_owe_all(graph, one, true, true);
        uint32_t second = graph_owe_all(graph, other, true, true);

        return (first != one || second != other) &&
               optimized(graph, first, optimize) == optimized(graph, second, optimize);
}

static bool check_meaning(struct graph *graph, const struct bpf_program *program,
                          int (*optimize)(struct graph *graph, unsigned variant), char *message)
{
        uint32_t root = graph->root, lifted;
        int result = graph_lift(graph, program);
        bool same;

        lifted = graph->root;
        same = result == 0 &&
               (lifted == root || expanded(graph, lifted) == expanded(graph, root) ||
                optimized(graph, lifted, optimize) == optimized(graph, root, optimize) ||
                same_but_for_owed(graph, lifted, root, optimize));
        graph->root = root;
        if (result < 0 || graph->failed)
                return broken(message, "out of memory");
        /* Where values are passed, code is lifted once for each place that passes some. */
        if (result > 0 && program->bf_len > CBPF_KERNEL_MAX)
                return true;
        if (result > 0)
                return broken(message, "the program emitted cannot be lifted");
        if (!same && !is_ambiguous(program))
                return broken(message, "the graph is node %u, the program emitted for it node %u",
                              root, lifted);
        return true;
}

bool verify_program(struct graph *graph, const struct bpf_program *program,
                    int (*optimize)(struct graph *graph, unsigned variant),
                    char message[VERIFY_MESSAGE])
{
        struct cbpf_violation violation;

        if (cbpf_check(program, &violation) != 0 && violation.instruction != CBPF_KERNEL_MAX)
                return broken(message, "of the program emitted, %s", violation.message);
        return check_meaning(graph, program, optimize, message);
}

bool verify_whole(struct graph *graph,
                  int (*emit)(struct graph *graph, struct bpf_program *program),
                  int (*optimize)(struct graph *graph, unsigned variant),
                  char message[VERIFY_MESSAGE])
{
        struct bpf_program program;
        bool sound;

        if (!verify_graph(graph, message))
                return false;
        if (graph->variables > 0)
                return true; /* the program cannot be lifted into the same graph */
        switch (emit(graph, &program)) {
        case 1: return true;
        case -1: return false;
        }
        sound = verify_program(graph, &program, optimize, message);
        cbpf_program_free(&program);
        return sound;
}
