/* Outlining of values: merges parts of the graph that differ only in the values they compare with,
 * as the tests behind the first one of `(src host a and dst host b and port p) or …` do. What they
 * have in common is made once, with variables for the values; in the place of each part, a call
 * passes its own.
 *
 * A part is a switch with those below it that nothing else leads to. Whatever else it leads to is
 * the same for all parts that are merged, and never leads back into what they become: so all parts
 * can use the same variables. The passes do not know variables, so this runs after them. */
#include "base/array.h"
#include "rewrite.h"

#include <stdlib.h>
#include <string.h>

enum {
        MAX_VALUES = 8, /* different ones, of a part */
        MAX_PASSED = 4, /* of these, that are not the same for all parts */
        IN_REGISTERS = 2,
        MAX_ARMS = 64, /* of a switch in a part */
        MAX_WEIGHT = 200,
        MIN_MEMBERS = 4,
        MAX_PARENTS = 4,        /* of a node in a part other than its first, */
        SHARED_MAX_WEIGHT = 40, /* if it has several, as there is one of it for each then */
};

/* The part that begins at a node. */
struct part {
        uint64_t shape; /* hash, equal where only the values differ */
        uint32_t values[MAX_VALUES];
        uint16_t weight; /* comparisons and loads */
        uint8_t count;   /* values */
        bool uses_x;     /* what the call before has passed in X */
};

/* Parts of one shape. */
struct class
{
        uint64_t shape;
        uint32_t first; /* the node of one */
        uint32_t members;
        uint8_t varying; /* a bit for each value: not the same for all */
        uint32_t model;  /* the node of the part from which `body` was made */
        uint32_t body;   /* or GRAPH_NONE */
};

struct outlining {
        struct rewrite rewrite;
        struct graph *graph;
        uint32_t argument[IN_REGISTERS]; /* terms: what calls pass in A and in X */
        uint32_t *parents;               /* by node: how many nodes lead to it, up to 2 */
        struct part *parts;
        uint8_t *alike; /* by the low bits of a shape: its parts, up to MIN_MEMBERS */
        uint32_t alike_mask;
        uint32_t *class_of; /* by node, or GRAPH_NONE */
        uint32_t *inside;   /* by node: from how many of its parents it is in a part that is merged
                             */
        bool *chosen;       /* by node: such a part begins here */
        struct class *classes;
        uint32_t class_count, class_room;
        struct hash_table table;
};

/* --- Parts --- */

static void count_parents(struct outlining *outlining)
{
        struct rewrite *rewrite = &outlining->rewrite;
        uint32_t *last = rewrite_take(rewrite, rewrite->nodes * sizeof *last);

        for (uint32_t i = rewrite->nodes; last && i-- > 0;) {
                const struct node *node = rewrite_node(rewrite, i);

                for (uint32_t arm = 0; rewrite->reached[i] && arm < node->count; arm++) {
                        uint32_t to = node->arms[arm].to;

                        outlining->parents[to] += last[to] != i + 1;
                        last[to] = i + 1;
                }
        }
}

/* If the switch asks whether a field has one value, returns that arm; otherwise its arms' number.
 */
static uint32_t single_value(const struct graph *graph, const struct node *node)
{
        const struct term *term = &graph->terms[node->term];
        bool between = node->count == 3 && node->arms[0].to == node->arms[2].to;

        if (term->kind != TERM_LOAD || (node->count != 2 && !between))
                return node->count;
        if (between)
                return node->arms[2].from == node->arms[1].from + 1 ? 1 : node->count;
        if (node->arms[1].from == term->high)
                return 1;
        return node->arms[1].from == term->low + 1 ? 0 : node->count;
}

static uint32_t value_of_arm(const struct graph *graph, const struct node *node, uint32_t arm)
{
        return arm == 0 ? graph->terms[node->term].low : node->arms[arm].from;
}

/* The number of a value in a part, which is given one if there is room; else MAX_VALUES. */
static uint32_t number_value(struct part *part, uint32_t value)
{
        uint32_t number = 0;

        while (number < part->count && part->values[number] != value)
                number++;
        if (number == part->count && number < MAX_VALUES)
                part->values[part->count++] = value;
        return number;
}

/* True if the part that begins at the node is in those of what leads to it. */
static bool is_within(const struct outlining *outlining, uint32_t node)
{
        const struct part *part = &outlining->parts[node];
        uint32_t parents = outlining->parents[node];

        return part->weight > 0 &&
               part->weight <= (parents == 1 ? MAX_WEIGHT : SHARED_MAX_WEIGHT) &&
               parents <= MAX_PARENTS && part->count > 0;
}

/* Takes the part below into this one; false if there is no room. */
static bool take_in(struct part *part, const struct part *below)
{
        part->shape = hash_mix(part->shape, below->shape);
        part->weight += below->weight;
        part->uses_x |= below->uses_x;
        for (uint32_t i = 0; i < below->count; i++) {
                uint32_t number = number_value(part, below->values[i]);

                if (number == MAX_VALUES)
                        return false;
                part->shape = hash_mix(part->shape, number);
        }
        return part->weight <= MAX_WEIGHT;
}

/* What is no part, has no weight. */
static void find_part(struct outlining *outlining, uint32_t number)
{
        const struct node *node = rewrite_node(&outlining->rewrite, number);
        const struct graph *graph = outlining->graph;
        struct part *part = &outlining->parts[number];
        uint32_t single;

        if (node->kind != NODE_SWITCH || node->count > MAX_ARMS ||
            graph_contains(graph, node->term, outlining->argument[0]))
                return;
        part->uses_x = graph_contains(graph, node->term, outlining->argument[1]);
        single = single_value(graph, node);
        part->shape = hash_mix(hash_mix(node->term, node->count), single);
        part->weight = (uint16_t)node->count;
        if (single < node->count)
                number_value(part, value_of_arm(graph, node, single));
        for (uint32_t arm = 0; arm < node->count; arm++) {
                uint32_t to = node->arms[arm].to;

                if (single == node->count)
                        part->shape = hash_mix(part->shape, node->arms[arm].from);
                if (!is_within(outlining, to)) {
                        part->shape = hash_mix(part->shape, to);
                } else if (!take_in(part, &outlining->parts[to])) {
                        *part = (struct part){0};
                        return;
                }
        }
}

/* --- Classes --- */

/* Counts parts, so that there are no classes of those with too few like them. */
static void count_alike(struct outlining *outlining)
{
        uint32_t size = 64;

        while (size < outlining->rewrite.nodes)
                size *= 2;
        outlining->alike_mask = size - 1;
        outlining->alike = rewrite_take(&outlining->rewrite, size);
        for (uint32_t i = 0; i < outlining->rewrite.nodes && outlining->alike; i++) {
                const struct part *part = &outlining->parts[i];
                uint8_t *count = &outlining->alike[part->shape & outlining->alike_mask];

                if (part->count > 0 && *count < MIN_MEMBERS)
                        ++*count;
        }
}

static void classify(struct outlining *outlining, uint32_t number)
{
        const struct part *part = &outlining->parts[number];
        uint32_t hash = hash_fold(part->shape), at = hash, item;
        struct class *class;

        outlining->class_of[number] = GRAPH_NONE;
        if (part->count == 0 || outlining->alike[part->shape & outlining->alike_mask] < MIN_MEMBERS)
                return;
        while ((item = hash_next(&outlining->table, hash, &at)) != HASH_NONE)
                if (outlining->classes[item].shape == part->shape)
                        break;
        if (item == HASH_NONE) {
                item = outlining->class_count;
                if (!array_grow(outlining->classes, outlining->class_room, item + (size_t)1) ||
                    !hash_put(&outlining->table, hash, item)) {
                        outlining->graph->failed = true;
                        return;
                }
                outlining->classes[outlining->class_count++] =
                    (struct class){.shape = part->shape, .first = number, .body = GRAPH_NONE};
        }
        class = &outlining->classes[item];
        class->members++;
        for (uint32_t i = 0; i < part->count; i++)
                if (part->values[i] != outlining->parts[class->first].values[i])
                        class->varying |= (uint8_t)(1u << i);
        outlining->class_of[number] = item;
}

static uint32_t passed_values(const struct class *class)
{
        return (uint32_t)__builtin_popcount(class->varying);
}

/* How many values are passed in registers: X is left to what was passed in it before. */
static uint32_t registers_for(const struct part *part)
{
        return part->uses_x ? 1 : IN_REGISTERS;
}

/* True if merging saves instructions: each part gives way to a call, and what they have in common
 * is there once, with the values put into scratch memory and fetched from there. */
static bool is_worth(const struct outlining *outlining, const struct class *class)
{
        const struct part *part = &outlining->parts[class->first];
        uint64_t passed = passed_values(class), members = class->members;
        uint64_t weight = part->weight, call = passed + 1;

        if (members < MIN_MEMBERS || passed == 0 || passed > MAX_PASSED)
                return false;
        if (passed > registers_for(part))
                call += passed - registers_for(part);
        return weight * (members - 1) > call * members + 3 * passed;
}

/* Roughly the instructions that a call saves in the place of a part: a test of one value takes two,
 * and a call in A and a jump is as short as the detour it often replaces. */
static uint32_t saved_by_call(const struct outlining *outlining, const struct class *class)
{
        uint32_t passed = passed_values(class), weight = outlining->parts[class->first].weight;
        uint32_t call = passed == 1 ? 1 : passed + 1;

        return weight * 2 / 3 > call ? weight * 2 / 3 - call : 0;
}

/* Parts that are as large as possible. Returns what calling what they have in common saves. */
static uint64_t choose_parts(struct outlining *outlining)
{
        uint64_t saved = 0;

        for (uint32_t i = outlining->rewrite.nodes; i-- > 0;) {
                const struct node *node = rewrite_node(&outlining->rewrite, i);
                bool inside =
                    outlining->inside[i] > 0 && outlining->inside[i] == outlining->parents[i];
                uint32_t before = GRAPH_NONE;

                if (!outlining->rewrite.reached[i] || node->kind != NODE_SWITCH)
                        continue;
                if (!inside && outlining->class_of[i] != GRAPH_NONE)
                        inside = outlining->chosen[i] =
                            is_worth(outlining, &outlining->classes[outlining->class_of[i]]);
                if (outlining->chosen[i])
                        saved +=
                            saved_by_call(outlining, &outlining->classes[outlining->class_of[i]]);
                for (uint32_t arm = 0; inside && arm < node->count; arm++) {
                        uint32_t to = node->arms[arm].to;

                        if (to != before && is_within(outlining, to))
                                outlining->inside[before = to]++;
                }
        }
        return saved;
}

/* --- Building --- */

static uint32_t number_of(const struct part *part, uint32_t value)
{
        uint32_t number = 0;

        while (number < part->count && part->values[number] != value)
                number++;
        return number;
}

/* Two parts, and the nodes at hand in them. */
struct match {
        const struct part *one, *other;
};

/* True if they differ only in their values; shapes are hashes. The recursion is as deep as a part's
 * weight allows. */
static bool same_parts(const struct outlining *outlining, const struct match *match, uint32_t one,
                       uint32_t other)
{
        const struct graph *graph = outlining->graph;
        const struct node *a = &graph->nodes[one], *b = &graph->nodes[other];
        uint32_t single = single_value(graph, a);

        if (a->term != b->term || a->count != b->count || single_value(graph, b) != single)
                return false;
        if (single < a->count && number_of(match->one, value_of_arm(graph, a, single)) !=
                                     number_of(match->other, value_of_arm(graph, b, single)))
                return false;
        for (uint32_t arm = 0; arm < a->count; arm++) {
                uint32_t to = a->arms[arm].to, other_to = b->arms[arm].to;
                bool within = is_within(outlining, to);

                if ((single == a->count && a->arms[arm].from != b->arms[arm].from) ||
                    within != is_within(outlining, other_to) ||
                    (within ? !same_parts(outlining, match, to, other_to) : to != other_to))
                        return false;
        }
        return true;
}

/* The variable that holds value number `value` of a part, GRAPH_NONE if that does not vary. */
static uint32_t variable_of(const struct class *class, uint32_t value)
{
        if (!(class->varying & 1u << value))
                return GRAPH_NONE;
        return (uint32_t)__builtin_popcount(class->varying & ((1u << value) - 1));
}

static uint32_t build_part(struct outlining *outlining, const struct class *class, uint32_t number)
{
        struct graph *graph = outlining->graph;
        const struct node node = graph->nodes[number];
        uint32_t single = single_value(graph, &node), variable = GRAPH_NONE;
        struct arm arms[MAX_ARMS];

        for (uint32_t arm = 0; arm < node.count; arm++) {
                uint32_t to = node.arms[arm].to;

                arms[arm] = (struct arm){node.arms[arm].from, is_within(outlining, to)
                                                                  ? build_part(outlining, class, to)
                                                                  : outlining->rewrite.copy[to]};
        }
        if (single < node.count)
                variable = variable_of(class, number_of(&outlining->parts[class->model],
                                                        value_of_arm(graph, &node, single)));
        if (variable == GRAPH_NONE)
                return graph_switch(graph, node.term, arms, node.count);
        arms[0] = (struct arm){0, arms[!single].to};
        arms[1] = (struct arm){1, arms[single].to};
        return graph_switch(
            graph, graph_comparison(graph, TERM_EQUAL, node.term, graph_variable(graph, variable)),
            arms, 2);
}

/* What all parts of a class have in common, which begins with the values passed in registers. */
static uint32_t build_body(struct outlining *outlining, struct class *class)
{
        uint32_t registers = registers_for(&outlining->parts[class->model]);
        uint32_t passed = passed_values(class), body;

        body = build_part(outlining, class, class->model);
        for (uint32_t i = passed < registers ? passed : registers; i-- > 0;)
                body = graph_set(outlining->graph, i, outlining->argument[i], GRAPH_NONE, body);
        return body;
}

/* The call that replaces a part; GRAPH_NONE if it is none of the class after all. */
static uint32_t call_body(struct outlining *outlining, uint32_t number)
{
        struct class *class = &outlining->classes[outlining->class_of[number]];
        const struct part *part = &outlining->parts[number];
        uint32_t terms[MAX_PASSED] = {0}, count = 0, registers = registers_for(part), node;
        uint32_t x = part->uses_x ? outlining->argument[1] : GRAPH_NONE;
        struct match match;

        if (class->body == GRAPH_NONE) {
                class->model = number;
                class->body = build_body(outlining, class);
        }
        match = (struct match){&outlining->parts[class->model], part};
        if (!same_parts(outlining, &match, class->model, number))
                return GRAPH_NONE;
        for (uint32_t value = 0; value < part->count; value++)
                if (class->varying & 1u << value)
                        terms[count++] = graph_constant(outlining->graph, part->values[value]);
        if (!part->uses_x && count > 1)
                x = terms[1];
        node = graph_call(outlining->graph, terms[0], x, class->body);
        for (uint32_t i = registers; i < count; i++)
                node = graph_set(outlining->graph, i, terms[i], GRAPH_NONE, node);
        return node;
}

static uint32_t rebuild(struct outlining *outlining)
{
        struct rewrite *rewrite = &outlining->rewrite;

        for (uint32_t i = 0; i < rewrite->nodes && !outlining->graph->failed; i++) {
                struct node node = *rewrite_node(rewrite, i);

                rewrite->copy[i] = outlining->chosen[i] ? call_body(outlining, i) : GRAPH_NONE;
                if (rewrite->copy[i] == GRAPH_NONE && rewrite->reached[i])
                        rewrite->copy[i] = rewrite_rebuild(rewrite, i, &node);
        }
        return rewrite->copy[rewrite->nodes - 1];
}

uint32_t value_outlining(struct graph *graph, uint32_t least)
{
        struct outlining outlining = {.graph = graph};
        struct rewrite *rewrite = &outlining.rewrite;
        uint32_t root = GRAPH_NONE, nodes;

        rewrite_start(rewrite, graph);
        nodes = rewrite->nodes;
        outlining.parents = rewrite_take(rewrite, nodes * sizeof *outlining.parents);
        outlining.parts = rewrite_take(rewrite, nodes * sizeof *outlining.parts);
        outlining.class_of = rewrite_take(rewrite, nodes * sizeof *outlining.class_of);
        outlining.inside = rewrite_take(rewrite, nodes * sizeof *outlining.inside);
        outlining.chosen = rewrite_take(rewrite, nodes * sizeof *outlining.chosen);
        for (uint32_t i = 0; i < IN_REGISTERS; i++)
                outlining.argument[i] = graph_argument(graph, i);
        if (!graph->failed) {
                rewrite_mark_reached(rewrite);
                count_parents(&outlining);
        }
        for (uint32_t i = 0; i < nodes && !graph->failed; i++)
                if (rewrite->reached[i])
                        find_part(&outlining, i);
        if (!graph->failed)
                count_alike(&outlining);
        for (uint32_t i = 0; i < nodes && !graph->failed; i++)
                if (rewrite->reached[i])
                        classify(&outlining, i);
        if (!graph->failed && choose_parts(&outlining) > least)
                root = rebuild(&outlining);
        free(outlining.classes);
        hash_free(&outlining.table);
        rewrite_end(rewrite);
        return graph->failed ? GRAPH_NONE : root;
}
