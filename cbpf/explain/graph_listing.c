/* Lists the decision graph of a program in words, for people; ir/text.c writes the form that can be
 * read back. A node that several paths lead to is named by what is known on all of them. */
#include "graph_listing.h"
#include "base/text.h"
#include "field.h"

#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>

struct writer {
        struct text out;
        struct graph *graph;
        struct scene scene;
        struct knowledge *known; /* of each node */
        bool *reached;
        struct node_text *places;  /* by node, or NULL */
        struct named_terms *names; /* or NULL */
        uint32_t unnamed;          /* of these, that are of nodes still to come */
};

/* Merges what is known on a path to `node` with what was known on others. */
static void arrive(struct writer *writer, uint32_t node, const struct knowledge *knowledge)
{
        if (writer->reached[node])
                knowledge_meet(&writer->known[node], knowledge);
        else
                writer->known[node] = *knowledge;
        writer->reached[node] = true;
}

static void write_target(struct writer *writer, uint32_t target)
{
        const struct node *node = &writer->graph->nodes[target];

        if (node->kind == NODE_RETURN)
                text_format(&writer->out, "%s\n", node->k ? "accept" : "reject");
        else
                text_format(&writer->out, "n%u\n", target);
}

static void write_arms(struct writer *writer, const struct node *node, const struct field *field)
{
        uint32_t usual = graph_usual_target(node);
        char from[64], to[64], values[160];

        for (uint32_t i = 0; i < node->count; i++) {
                uint32_t end = graph_arm_end(node, i);

                if (node->arms[i].to == usual)
                        continue;
                field_value(from, sizeof from, field, node->arms[i].from);
                field_value(to, sizeof to, field, end);
                if (end == node->arms[i].from)
                        snprintf(values, sizeof values, "%s", from);
                else if (end >= writer->graph->terms[node->term].high)
                        snprintf(values, sizeof values, "%s and more", from);
                else
                        snprintf(values, sizeof values, "%s to %s", from, to);
                text_format(&writer->out, "      %-32s -> ", values);
                write_target(writer, node->arms[i].to);
        }
        text_format(&writer->out, "      %-32s -> ", "otherwise");
        write_target(writer, usual);
}

static void write_switch(struct writer *writer, uint32_t number)
{
        const struct node *node = &writer->graph->nodes[number];
        struct layers layers;
        struct field field;

        layers_find(&layers, &writer->scene, &writer->known[number]);
        field_name(&field, &writer->scene, &layers, node->term);
        text_format(&writer->out, "n%u: %s%s%s\n", number, field.prefix, field.name, field.aside);
        write_arms(writer, node, &field);
        for (uint32_t i = 0; i < node->count; i++) {
                struct knowledge knowledge = writer->known[number];

                if (knowledge_add(&knowledge, writer->graph, node->term, node->arms[i].from,
                                  graph_arm_end(node, i)))
                        arrive(writer, node->arms[i].to, &knowledge);
                else
                        writer->reached[node->arms[i].to] = true;
        }
}

/* Behind it nothing is known: terms may be those of another place. */
static void write_store(struct writer *writer, uint32_t number)
{
        static const struct knowledge nothing;

        text_format(&writer->out, "n%u: keep a place or a value\n", number);
        arrive(writer, writer->graph->nodes[number].arms[0].to, &nothing);
}

/* Names the terms that are wanted at a node. */
static void name_terms(struct writer *writer, uint32_t number)
{
        struct layers layers;
        struct field field;

        layers_find(&layers, &writer->scene, &writer->known[number]);
        while (writer->unnamed > 0 && writer->names->terms[writer->unnamed - 1].node >= number) {
                struct named_term *named = &writer->names->terms[--writer->unnamed];

                if (named->node != number)
                        continue;
                field_name(&field, &writer->scene, &layers, named->term);
                snprintf(named->name, sizeof named->name, "%s%.*s", field.prefix,
                         (int)(sizeof named->name - sizeof field.prefix), field.name);
        }
}

/* Nodes refer only to nodes with lower numbers, so this visits a node after all that lead to it. */
static void write_nodes(struct writer *writer)
{
        static const struct knowledge nothing;

        arrive(writer, writer->graph->root, &nothing);
        for (uint32_t i = writer->graph->root + 1; i-- > 0;) {
                const struct node *node = &writer->graph->nodes[i];

                if (!writer->reached[i])
                        continue;
                if (writer->names)
                        name_terms(writer, i);
                if (writer->places)
                        writer->places[i].start = writer->out.length;
                if (node->kind == NODE_SWITCH)
                        write_switch(writer, i);
                else if (node->kind == NODE_SET || node->kind == NODE_CALL)
                        write_store(writer, i);
                else if (node->kind == NODE_RETURN_TERM)
                        text_format(&writer->out, "n%u: keep as many bytes as calculated\n", i);
                else if (i == writer->graph->root)
                        write_target(writer, i);
                if (writer->places)
                        writer->places[i].end = writer->out.length;
        }
}

char *graph_list(struct graph *graph, const struct cbpf_target *target, struct node_text *places,
                 struct named_terms *names)
{
        struct writer writer = {
            .graph = graph,
            .scene = scene_of(graph, target),
            .known = calloc(graph->node_count + (size_t)1, sizeof *writer.known),
            .reached = calloc(graph->node_count + (size_t)1, sizeof *writer.reached),
            .places = places,
            .names = names,
            .unnamed = names ? names->count : 0,
        };

        writer.out.failed = !writer.known || !writer.reached;
        if (!writer.out.failed)
                write_nodes(&writer);
        writer.out.failed |= graph->failed;
        free(writer.known);
        free(writer.reached);
        return text_take(&writer.out);
}

int cbpf_write_graph(const struct bpf_program *program, const struct cbpf_target *target,
                     char **text)
{
        struct graph graph = {0};
        int status = graph_lift(&graph, program);

        *text = NULL;
        if (status == 0) {
                *text = graph_list(&graph, target, NULL, NULL);
                status = *text ? 0 : -1;
        }
        graph_free(&graph);
        return status;
}
