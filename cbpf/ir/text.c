/* Writing a decision graph as text. text.h has the grammar. */
#include "text.h"

#include "base/text.h"

#include <stdlib.h>

const struct text_operation text_operations[TEXT_OPERATIONS] = {
    {"add", TERM_OPERATION, BPF_ADD, true, false},  {"sub", TERM_OPERATION, BPF_SUB, false, false},
    {"mul", TERM_OPERATION, BPF_MUL, true, false},  {"div", TERM_OPERATION, BPF_DIV, false, false},
    {"mod", TERM_OPERATION, BPF_MOD, false, false}, {"lsh", TERM_OPERATION, BPF_LSH, false, false},
    {"rsh", TERM_OPERATION, BPF_RSH, false, false}, {"and", TERM_OPERATION, BPF_AND, true, true},
    {"or", TERM_OPERATION, BPF_OR, true, true},     {"xor", TERM_OPERATION, BPF_XOR, true, true},
    {"neg", TERM_OPERATION, BPF_NEG, false, false}, {"eq", TERM_EQUAL, 0, true, false},
    {"gt", TERM_GREATER, 0, false, false},
};

const struct text_load text_loads[TEXT_LOADS] = {
    {"load.b", BPF_B}, {"load.h", BPF_H}, {"load.w", BPF_W}};

enum {
        ARMS_IN_A_LINE = 4, /* a switch of more has a line for each target */
        VALUES_IN_A_LINE = 8,
};

struct writer {
        struct text *out;
        const struct graph *graph;
        uint32_t *names;   /* by term, 0: not written yet */
        uint32_t *labels;  /* by node, 0: not reached, or a leaf, written where it is used */
        uint32_t *pending; /* terms */
        uint32_t pending_count, name_count;
};

static bool is_leaf(const struct node *node)
{
        return node->kind == NODE_RETURN || node->kind == NODE_RETURN_TERM;
}

/* Labels the nodes in the order in which they are written: no node leads to a higher number. */
static void label_nodes(struct writer *writer)
{
        const struct graph *graph = writer->graph;
        uint32_t count = 0;

        writer->labels[graph->root] = 1;
        for (uint32_t i = graph->root + 1; i-- > 0;) {
                const struct node *node = &graph->nodes[i];

                if (!writer->labels[i])
                        continue;
                writer->labels[i] = ++count;
                for (uint32_t arm = 0; arm < node->count; arm++)
                        if (!is_leaf(&graph->nodes[node->arms[arm].to]))
                                writer->labels[node->arms[arm].to] = 1;
        }
}

static void write_number(const struct writer *writer, uint32_t k)
{
        text_format(writer->out, k < 10 ? "%u" : "0x%x", k);
}

static void write_operand(const struct writer *writer, uint32_t operand, bool bits)
{
        const struct term *term = &writer->graph->terms[operand];

        if (term->kind != TERM_CONSTANT)
                text_format(writer->out, "%%%u", writer->names[operand]);
        else if (bits)
                write_number(writer, term->k);
        else
                text_format(writer->out, "%u", term->k);
}

static void write_load(const struct writer *writer, const struct term *term)
{
        const struct ancillary *ancillary = cbpf_ancillary(term->k);
        uint8_t i = 0;

        while (text_loads[i].size != term->code)
                i++;
        text_format(writer->out, "%s ", text_loads[i].name);
        if (term->a != GRAPH_NONE) {
                write_operand(writer, term->a, false);
                text_string(writer->out, " + ");
        }
        if (term->a == GRAPH_NONE && ancillary)
                text_string(writer->out, ancillary->listed);
        else
                text_format(writer->out, term->k > INT32_MAX ? "0x%x" : "%u", term->k);
}

/* Operands that commute are written in the order of their names, not of their numbers. */
static void write_operation(const struct writer *writer, const struct term *term)
{
        uint32_t a = term->a, b = term->b;
        uint8_t i = 0;

        while (text_operations[i].kind != term->kind ||
               (term->kind == TERM_OPERATION && text_operations[i].code != term->code))
                i++;
        if (text_operations[i].commutes && !graph_is_constant(writer->graph, b) &&
            writer->names[a] > writer->names[b]) {
                a = term->b;
                b = term->a;
        }
        text_format(writer->out, "%s ", text_operations[i].name);
        write_operand(writer, a, text_operations[i].bits);
        if (b == GRAPH_NONE)
                return;
        text_string(writer->out, ", ");
        write_operand(writer, b, text_operations[i].bits);
}

static void write_term(struct writer *writer, uint32_t number)
{
        const struct term *term = &writer->graph->terms[number];

        writer->names[number] = ++writer->name_count;
        text_format(writer->out, "%%%u = ", writer->name_count);
        switch (term->kind) {
        case TERM_LENGTH: text_string(writer->out, "length"); break;
        case TERM_ARGUMENT: text_format(writer->out, "argument %c", term->k ? 'x' : 'a'); break;
        case TERM_VARIABLE: text_format(writer->out, "variable %u", term->k); break;
        case TERM_LOAD: write_load(writer, term); break;
        default: write_operation(writer, term);
        }
        text_char(writer->out, '\n');
}

static void need_term(struct writer *writer, uint32_t number)
{
        if (number == GRAPH_NONE || writer->names[number] ||
            graph_is_constant(writer->graph, number))
                return;
        writer->names[number] = UINT32_MAX;
        writer->pending[writer->pending_count++] = number;
}

static int by_number(const void *one, const void *other)
{
        uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

        return (a > b) - (a < b);
}

/* Writes the terms that are needed and all that they are made of. */
static void write_terms(struct writer *writer)
{
        for (uint32_t i = 0; i < writer->pending_count; i++) {
                const struct term *term = &writer->graph->terms[writer->pending[i]];

                if (term->kind >= TERM_LOAD)
                        need_term(writer, term->a);
                if (term->kind > TERM_LOAD)
                        need_term(writer, term->b);
        }
        qsort(writer->pending, writer->pending_count, sizeof *writer->pending, by_number);
        for (uint32_t i = 0; i < writer->pending_count; i++)
                write_term(writer, writer->pending[i]);
        writer->pending_count = 0;
}

static void write_target(const struct writer *writer, uint32_t target)
{
        const struct node *node = &writer->graph->nodes[target];

        if (node->kind == NODE_RETURN_TERM)
                text_format(writer->out, "return %%%u", writer->names[node->term]);
        else if (node->kind == NODE_RETURN && node->k == 0)
                text_string(writer->out, "reject");
        else if (node->kind == NODE_RETURN)
                text_format(writer->out, "accept %u", node->k);
        else
                text_format(writer->out, "n%u", writer->labels[target]);
}

static void write_switch(const struct writer *writer, const struct node *node)
{
        const char *separator = node->count > ARMS_IN_A_LINE ? "\n    " : " ";
        uint32_t usual = graph_usual_target(node), values = 0;
        uint32_t before = GRAPH_NONE; /* the target of the values before */

        text_format(writer->out, "switch %%%u {", writer->names[node->term]);
        for (uint32_t i = 0; i < node->count; i++) {
                const struct arm *arm = &node->arms[i];

                if (arm->to == usual)
                        continue;
                if (before != GRAPH_NONE && arm->to != before) {
                        text_string(writer->out, " -> ");
                        write_target(writer, before);
                        text_char(writer->out, ';');
                }
                values = arm->to == before ? values + 1 : 0;
                if (values > 0)
                        text_string(writer->out, values % VALUES_IN_A_LINE ? ", " : ",\n    ");
                else
                        text_string(writer->out, separator);
                write_number(writer, arm->from);
                if (graph_arm_end(node, i) > arm->from) {
                        text_string(writer->out, "..");
                        write_number(writer, graph_arm_end(node, i));
                }
                before = arm->to;
        }
        text_string(writer->out, " -> ");
        write_target(writer, before);
        text_format(writer->out, ";%selse -> ", separator);
        write_target(writer, usual);
        text_string(writer->out, node->count > ARMS_IN_A_LINE ? "\n}" : " }");
}

static void write_call(const struct writer *writer, const struct node *node)
{
        text_string(writer->out, "call ");
        write_target(writer, node->arms[0].to);
        if (node->term != GRAPH_NONE) {
                text_string(writer->out, " a=");
                write_operand(writer, node->term, false);
        }
        if (node->k != GRAPH_NONE) {
                text_string(writer->out, " x=");
                write_operand(writer, node->k, false);
        }
}

static void write_set(const struct writer *writer, const struct node *node)
{
        text_format(writer->out, "set %u = ", node->k);
        write_operand(writer, node->term, false);
        text_string(writer->out, ", ");
        write_target(writer, node->arms[0].to);
        if (node->arms[0].from != GRAPH_NONE) {
                text_string(writer->out, " a=");
                write_operand(writer, node->arms[0].from, false);
        }
}

/* A node with the terms that no node above needed. */
static void write_node(struct writer *writer, uint32_t number)
{
        const struct node *node = &writer->graph->nodes[number];

        if (node->kind != NODE_RETURN)
                need_term(writer, node->term);
        if (node->kind == NODE_CALL)
                need_term(writer, node->k);
        if (node->kind == NODE_SET)
                need_term(writer, node->arms[0].from);
        for (uint32_t i = 0; i < node->count; i++)
                if (writer->graph->nodes[node->arms[i].to].kind == NODE_RETURN_TERM)
                        need_term(writer, writer->graph->nodes[node->arms[i].to].term);
        if (writer->labels[number] > 1 && writer->pending_count > 0)
                text_char(writer->out, '\n');
        write_terms(writer);
        text_format(writer->out, "n%u: ", writer->labels[number]);
        switch (node->kind) {
        case NODE_SWITCH: write_switch(writer, node); break;
        case NODE_CALL: write_call(writer, node); break;
        case NODE_SET: write_set(writer, node); break;
        default: write_target(writer, number);
        }
        text_char(writer->out, '\n');
}

char *cbpf_graph_text(const struct graph *graph)
{
        struct text text = {0};
        struct writer writer = {
            .out = &text,
            .graph = graph,
            .names = calloc(graph->term_count + (size_t)1, sizeof *writer.names),
            .pending = calloc(graph->term_count + (size_t)1, sizeof *writer.pending),
            .labels = calloc(graph->root + (size_t)1, sizeof *writer.labels),
        };

        text.failed = !writer.names || !writer.pending || !writer.labels;
        if (!text.failed) {
                label_nodes(&writer);
                for (uint32_t i = graph->root + 1; i-- > 0;)
                        if (writer.labels[i])
                                write_node(&writer, i);
        }
        free(writer.names);
        free(writer.pending);
        free(writer.labels);
        return text_take(&text);
}
