/* Graphs as diagrams: which variables there are, and a switch of a term as one of its bytes. */
#include "encoding.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_TARGETS = 64, /* of a switch that is made by choices */
        BYTES = 4,
        MAX_BYTE = 255,
        MAX_VARIABLES = 4000, /* recursion is as deep */
};

uint32_t encoding_ancillary(const struct graph *graph, uint32_t term)
{
        const struct term *load = &graph->terms[term];

        return load->kind == TERM_LOAD && load->a == GRAPH_NONE && load->k > INT32_MAX ? load->k
                                                                                       : GRAPH_NONE;
}

bool encoding_compose(const struct graph *graph, uint32_t term, struct composed *composed)
{
        const struct term *content = &graph->terms[term];
        uint32_t k;

        if (content->kind == TERM_LOAD) {
                uint32_t size = graph_load_size(content);

                *composed = (struct composed){content->a, content->k, size,
                                              UINT32_MAX >> (8 * (BYTES - size)), 0};
                return encoding_ancillary(graph, term) == GRAPH_NONE &&
                       content->k <= UINT32_MAX - BYTES;
        }
        if (content->kind != TERM_OPERATION || content->b == GRAPH_NONE ||
            !graph_is_constant(graph, content->b) || !encoding_compose(graph, content->a, composed))
                return false;
        k = graph->terms[content->b].k;
        switch (content->code) {
        case BPF_AND:
                composed->mask &=
                    composed->shift >= 0 ? k >> composed->shift : k << -composed->shift;
                return true;
        case BPF_LSH:
                if (k > 31 || composed->shift + (int)k > 31)
                        return false;
                composed->shift += (int)k;
                if (composed->shift > 0)
                        composed->mask &= UINT32_MAX >> composed->shift;
                return true;
        case BPF_RSH:
                if (k > 31 || composed->shift - (int)k < -31)
                        return false;
                composed->shift -= (int)k;
                if (composed->shift < 0)
                        composed->mask &= UINT32_MAX << -composed->shift;
                return true;
        }
        return false;
}

/* Variables */

static int compare_variables(const void *one, const void *other)
{
        const struct variable *a = one, *b = other;

        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        if (a->base != b->base)
                return a->base < b->base ? -1 : 1;
        return a->k < b->k ? -1 : a->k > b->k;
}

uint32_t encoding_variable(const struct encoding *encoding, struct variable variable)
{
        const struct variable *found =
            encoding->count ? bsearch(&variable, encoding->variables, encoding->count,
                                      sizeof variable, compare_variables)
                            : NULL;

        return found ? (uint32_t)(found - encoding->variables) : UINT32_MAX;
}

static struct variable value_of(const struct encoding *encoding, uint32_t term)
{
        uint32_t ancillary = encoding_ancillary(encoding->graph, term);

        if (ancillary != GRAPH_NONE)
                return (struct variable){VARIABLE_ANCILLARY, GRAPH_NONE, ancillary};
        return (struct variable){graph_contains(encoding->graph, term, encoding->captured)
                                     ? VARIABLE_ROOM
                                     : VARIABLE_VALUE,
                                 term, 0};
}

/* Byte number `i`, from the most significant. */
static struct variable byte_of(const struct composed *composed, uint32_t i)
{
        return (struct variable){composed->base == GRAPH_NONE ? VARIABLE_BYTE : VARIABLE_FAR_BYTE,
                                 composed->base, composed->offset + i};
}

/* The bits of the load that byte number `i` holds and that matter. */
static uint32_t byte_mask(const struct composed *composed, uint32_t i)
{
        return composed->mask >> (8 * (composed->size - 1 - i)) & MAX_BYTE;
}

static void add(struct encoding *encoding, struct variable variable)
{
        if (!array_grow(encoding->variables, encoding->room, encoding->count + (size_t)1)) {
                encoding->diagrams->failed = true;
                return;
        }
        encoding->variables[encoding->count++] = variable;
}

static void add_term(struct encoding *encoding, uint32_t term)
{
        struct composed composed;

        if (!encoding_compose(encoding->graph, term, &composed)) {
                add(encoding, value_of(encoding, term));
                return;
        }
        for (uint32_t i = 0; i < composed.size; i++)
                if (byte_mask(&composed, i))
                        add(encoding, byte_of(&composed, i));
}

static bool has_term(const struct node *node)
{
        return node->kind == NODE_SWITCH || node->kind == NODE_RETURN_TERM;
}

/* Marks what stands below the roots; nodes have greater numbers than those below them. */
static void mark(const struct graph *graph, bool *reached)
{
        for (uint32_t i = graph->node_count; i-- > 0;)
                for (uint32_t arm = 0; reached[i] && arm < graph->nodes[i].count; arm++)
                        reached[graph->nodes[i].arms[arm].to] = true;
}

void encoding_find_variables(struct encoding *encoding, const uint32_t *roots, size_t count)
{
        const struct graph *graph = encoding->graph;
        bool *reached = calloc(graph->node_count + (size_t)1, sizeof *reached);
        bool *asked = calloc(graph->term_count + (size_t)1, sizeof *asked);
        uint32_t kept = 0;

        if (!reached || !asked)
                encoding->diagrams->failed = true;
        for (size_t i = 0; reached && i < count; i++)
                reached[roots[i]] = true;
        if (reached)
                mark(graph, reached);
        for (uint32_t i = 0; reached && asked && i < graph->node_count; i++)
                if (reached[i] && has_term(&graph->nodes[i]))
                        asked[graph->nodes[i].term] = true;
        for (uint32_t i = 0; reached && asked && i < graph->term_count; i++)
                if (asked[i])
                        add_term(encoding, i);
        free(reached);
        free(asked);
        if (encoding->count)
                qsort(encoding->variables, encoding->count, sizeof *encoding->variables,
                      compare_variables);
        for (uint32_t i = 0; i < encoding->count; i++)
                if (kept == 0 ||
                    compare_variables(&encoding->variables[kept - 1], &encoding->variables[i]))
                        encoding->variables[kept++] = encoding->variables[i];
        encoding->count = kept;
        if (kept > MAX_VARIABLES)
                encoding->diagrams->exhausted = true;
}

/* Switches */

/* A switch being made of bytes: what stands at the end of each arm. */
struct spread {
        struct encoding *encoding;
        const struct node *node; /* the arms */
        const uint32_t *leaves;  /* by arm */
        struct composed composed;
};

/* The value that the term gets from byte number `i` alone. */
static uint32_t part_of(const struct composed *composed, uint32_t i, uint32_t byte)
{
        uint32_t bits = (byte << (8 * (composed->size - 1 - i))) & composed->mask;

        return composed->shift >= 0 ? bits << composed->shift : bits >> -composed->shift;
}

static uint32_t spread_from(const struct spread *spread, uint32_t i, uint32_t low, uint32_t high);

static uint32_t spread_byte(const struct spread *spread, uint32_t i, uint32_t low, uint32_t high,
                            uint32_t variable)
{
        const struct composed *composed = &spread->composed;
        struct diagrams *diagrams = spread->encoding->diagrams;
        uint32_t mask = byte_mask(composed, i), rest = high - low - part_of(composed, i, MAX_BYTE);
        uint32_t stride = mask == MAX_BYTE ? part_of(composed, i, 1) : 0;
        uint32_t known[MAX_BYTE + 1];
        bool is_known[MAX_BYTE + 1] = {false};
        size_t start = diagram_start(diagrams);

        for (uint32_t byte = 0; byte <= MAX_BYTE && !diagrams_stopped(diagrams); byte++) {
                uint32_t masked = byte & mask, from = low + part_of(composed, i, byte);
                uint32_t arm, same;

                if (!is_known[masked]) {
                        known[masked] = spread_from(spread, i + 1, from, from + rest);
                        is_known[masked] = true;
                }
                diagram_put(diagrams, start, byte, known[masked]);
                if (!stride)
                        continue;
                arm = graph_arm(spread->node, from); /* the bytes that stay within it */
                same = (graph_arm_end(spread->node, arm) - from) / stride;
                if (graph_arm_end(spread->node, arm) - from >= rest && same > 1) {
                        if (graph_arm_end(spread->node, arm) - from - same * stride < rest)
                                same--;
                        byte += same < MAX_BYTE - byte ? same : MAX_BYTE - byte;
                }
        }
        return diagram_take(diagrams, start, variable);
}

/* What becomes of values from `low` to `high`, of which the bytes from number `i` on are open. */
static uint32_t spread_from(const struct spread *spread, uint32_t i, uint32_t low, uint32_t high)
{
        uint32_t arm = graph_arm(spread->node, low), variable;

        if (graph_arm_end(spread->node, arm) >= high)
                return spread->leaves[arm];
        while (!byte_mask(&spread->composed, i))
                i++;
        variable = encoding_variable(spread->encoding, byte_of(&spread->composed, i));
        return spread_byte(spread, i, low, high, variable);
}

/* The greatest variable that the term has. */
static uint32_t last_variable(const struct encoding *encoding, uint32_t term)
{
        struct composed composed;
        uint32_t last = 0;

        if (!encoding_compose(encoding->graph, term, &composed))
                return encoding_variable(encoding, value_of(encoding, term));
        for (uint32_t i = 0; i < composed.size; i++)
                if (byte_mask(&composed, i))
                        last = encoding_variable(encoding, byte_of(&composed, i));
        return last;
}

/* A switch of the term of `node` with these leaves, which ask greater variables only. */
static uint32_t make_switch(struct encoding *encoding, const struct node *node,
                            const uint32_t *leaves)
{
        struct spread spread = {.encoding = encoding, .node = node, .leaves = leaves};
        size_t start = diagram_start(encoding->diagrams);
        uint32_t high = 0;

        if (encoding_compose(encoding->graph, node->term, &spread.composed)) {
                for (uint32_t i = 0; i < spread.composed.size; i++)
                        high += part_of(&spread.composed, i, MAX_BYTE);
                return spread_from(&spread, 0, 0, high);
        }
        for (uint32_t i = 0; i < node->count; i++)
                diagram_put(encoding->diagrams, start, node->arms[i].from, leaves[i]);
        return diagram_take(encoding->diagrams, start,
                            encoding_variable(encoding, value_of(encoding, node->term)));
}

/* True if the leaves can stand below a switch of the term. */
static bool are_below(const struct encoding *encoding, uint32_t term, const uint32_t *leaves,
                      uint32_t count)
{
        uint32_t last = last_variable(encoding, term);

        for (uint32_t i = 0; i < count; i++)
                if (diagram_variable(encoding->diagrams, leaves[i]) <= last)
                        return false;
        return true;
}

/* By choices between the targets, one after the other. */
static uint32_t choose_target(struct encoding *encoding, const struct node *node,
                              const uint32_t *leaves, uint32_t *where)
{
        uint32_t targets[MAX_TARGETS] = {leaves[0]}, count = 1, result;

        for (uint32_t i = 0; i < node->count; i++) {
                uint32_t known = 0;

                while (known < count && targets[known] != leaves[i])
                        known++;
                if (known == MAX_TARGETS) {
                        encoding->diagrams->exhausted = true;
                        return DIAGRAM_FALSE;
                }
                if (known == count)
                        targets[count++] = leaves[i];
        }
        result = targets[0];
        for (uint32_t j = 1; j < count; j++) {
                for (uint32_t i = 0; i < node->count; i++)
                        where[i] = leaves[i] == targets[j] ? DIAGRAM_TRUE : DIAGRAM_FALSE;
                result = diagram_choose(encoding->diagrams, make_switch(encoding, node, where),
                                        targets[j], result);
        }
        return result;
}

static uint32_t encode_switch(struct encoding *encoding, const struct node *node,
                              const uint32_t *made)
{
        uint32_t *leaves = malloc(node->count * 2 * sizeof *leaves), result;

        if (!leaves) {
                encoding->diagrams->failed = true;
                return DIAGRAM_FALSE;
        }
        for (uint32_t i = 0; i < node->count; i++)
                leaves[i] = made[node->arms[i].to];
        if (are_below(encoding, node->term, leaves, node->count))
                result = make_switch(encoding, node, leaves);
        else
                result = choose_target(encoding, node, leaves, leaves + node->count);
        free(leaves);
        return result;
}

uint32_t encoding_term_span(struct encoding *encoding, uint32_t term, uint32_t low, uint32_t high)
{
        struct arm arms[] = {{0, 0}, {low, 0}, {high + 1, 0}};
        uint32_t leaves[] = {DIAGRAM_FALSE, DIAGRAM_TRUE, DIAGRAM_FALSE};
        uint32_t first = low == 0;
        struct node node = {.kind = NODE_SWITCH,
                            .term = term,
                            .count = 3 - first - (high == UINT32_MAX),
                            .arms = arms + first};

        return make_switch(encoding, &node, leaves + first);
}

static bool is_accepting(const struct encoding *encoding, uint32_t k)
{
        return encoding->only ? k == encoding->only : k != 0 && k != ENCODING_ASIDE;
}

static uint32_t encode_node(struct encoding *encoding, const struct node *node,
                            const uint32_t *made)
{
        switch (node->kind) {
        case NODE_RETURN: return is_accepting(encoding, node->k) ? DIAGRAM_TRUE : DIAGRAM_FALSE;
        case NODE_RETURN_TERM:
                return encoding->only ? DIAGRAM_FALSE
                                      : encoding_term_span(encoding, node->term, 1, UINT32_MAX);
        case NODE_SWITCH: return encode_switch(encoding, node, made);
        }
        encoding->diagrams->exhausted = true; /* graphs of programs have no others */
        return DIAGRAM_FALSE;
}

uint32_t encoding_of(struct encoding *encoding, uint32_t root)
{
        const struct graph *graph = encoding->graph;
        bool *reached = calloc(root + (size_t)1, sizeof *reached);
        uint32_t *made = malloc((root + (size_t)1) * sizeof *made), result = DIAGRAM_FALSE;

        if (!reached || !made) {
                encoding->diagrams->failed = true;
        } else {
                reached[root] = true;
                for (uint32_t i = root + 1; i-- > 0;)
                        for (uint32_t arm = 0; reached[i] && arm < graph->nodes[i].count; arm++)
                                reached[graph->nodes[i].arms[arm].to] = true;
                for (uint32_t i = 0; i <= root && !diagrams_stopped(encoding->diagrams); i++)
                        if (reached[i])
                                made[i] = encode_node(encoding, &graph->nodes[i], made);
                if (!diagrams_stopped(encoding->diagrams))
                        result = made[root];
        }
        free(reached);
        free(made);
        return result;
}

uint32_t encoding_span(struct encoding *encoding, uint32_t variable, uint32_t low, uint32_t high)
{
        struct diagrams *diagrams = encoding->diagrams;
        size_t start = diagram_start(diagrams);

        if (low > 0)
                diagram_put(diagrams, start, 0, DIAGRAM_FALSE);
        diagram_put(diagrams, start, low, DIAGRAM_TRUE);
        if (high < UINT32_MAX)
                diagram_put(diagrams, start, high + 1, DIAGRAM_FALSE);
        return diagram_take(diagrams, start, variable);
}

void encoding_free(struct encoding *encoding)
{
        free(encoding->variables);
        encoding->variables = NULL;
        encoding->count = encoding->room = 0;
}
