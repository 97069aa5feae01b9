/* Reading a decision graph from text. text.h has the grammar. */
#include "base/array.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SPARE_NAMES = 1000, /* names may be this much greater than the text is long */
        MAX_DEPTH = 4096,   /* terms within terms */
};

/* What a %N stands for. */
struct name {
        bool defined;
        uint32_t term;
        uint32_t depth;
};

/* What an nN stands for. */
struct label {
        bool used, defined;
        size_t use;    /* where in the text it is first used */
        uint32_t node; /* made in the end */
};

struct target {
        bool is_label;
        uint32_t number; /* of the label, or the node */
};

struct interval {
        uint32_t from, to;
        struct target target;
};

/* A node as it is read; those it leads to are yet to come. */
struct body {
        uint8_t kind;
        uint32_t label;
        uint32_t a, x, passed; /* terms */
        uint32_t first, count; /* intervals */
        struct target target;  /* of `else`, or of the call, or the leaf itself */
};

struct reader {
        struct graph *graph;
        const char *text;
        size_t length, at;
        struct name *names;
        struct label *labels;
        struct interval *intervals;
        struct body *bodies;
        uint32_t interval_count, interval_room, body_count, body_room;
        struct error *error;
};

__attribute__((format(printf, 3, 4))) static bool refuse(struct reader *reader, size_t offset,
                                                         const char *format, ...)
{
        char *message = reader->error->message;
        size_t room = sizeof reader->error->message, line = 1, column = 1;
        va_list arguments;
        int used;

        for (size_t i = 0; i < offset; i++) {
                column = reader->text[i] == '\n' ? 1 : column + 1;
                line += reader->text[i] == '\n';
        }
        used = snprintf(message, room, "line %zu, column %zu: ", line, column);
        va_start(arguments, format);
        vsnprintf(message + used, room - (size_t)used, format, arguments);
        va_end(arguments);
        reader->error->offset = offset;
        reader->error->length = 1;
        return false;
}

static bool out_of_memory(struct reader *reader)
{
        reader->graph->failed = true;
        return refuse(reader, reader->at, "out of memory");
}

static char peek(const struct reader *reader)
{
        return reader->at < reader->length ? reader->text[reader->at] : '\0';
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
        return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
}

/* Passes white space and comments. */
static void pass_blanks(struct reader *reader)
{
        bool comment = false;

        for (; reader->at < reader->length; reader->at++) {
                char c = reader->text[reader->at];

                comment = c == '#' || (comment && c != '\n');
                if (!comment && c != ' ' && c != '\t' && c != '\r' && c != '\n')
                        return;
        }
}

/* The next byte that is no blank and in no comment. */
static char next(struct reader *reader)
{
        pass_blanks(reader);
        return peek(reader);
}

/* The length of the word here; load.h is one. */
static size_t word_length(const struct reader *reader)
{
        size_t end = reader->at;

        while (end < reader->length && (is_word(reader->text[end]) ||
                                        (reader->text[end] == '.' && end + 1 < reader->length &&
                                         is_word(reader->text[end + 1]))))
                end++;
        return end - reader->at;
}

static bool expected(struct reader *reader, const char *what)
{
        size_t length = word_length(reader);
        char c = peek(reader);

        if (reader->at >= reader->length)
                return refuse(reader, reader->at, "expected %s, not the end of the text", what);
        if (length > 0)
                return refuse(reader, reader->at, "expected %s, not '%.*s'", what,
                              length < 40 ? (int)length : 40, reader->text + reader->at);
        return refuse(reader, reader->at, "expected %s, not '%c'", what,
                      c > ' ' && c <= '~' ? c : '?');
}

/* Passes `token`, punctuation or a word, if it stands here. */
static bool pass(struct reader *reader, const char *token)
{
        size_t length = strlen(token);

        pass_blanks(reader);
        if (is_word(*token) ? word_length(reader) != length : reader->length - reader->at < length)
                return false;
        if (memcmp(reader->text + reader->at, token, length) != 0)
                return false;
        reader->at += length;
        return true;
}

static bool demand(struct reader *reader, const char *token)
{
        char what[16];

        if (pass(reader, token))
                return true;
        snprintf(what, sizeof what, "'%s'", token);
        return expected(reader, what);
}

static int digit_value(char c)
{
        if (is_digit(c))
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* `what` it is, for a message. */
static bool read_number(struct reader *reader, const char *what, uint32_t *number)
{
        uint64_t value = 0;
        int base = 10;
        size_t start;

        if (!is_digit(next(reader)))
                return expected(reader, what);
        start = reader->at;
        if (reader->length - start > 2 && memcmp(reader->text + start, "0x", 2) == 0 &&
            digit_value(reader->text[start + 2]) < 16) {
                base = 16;
                reader->at += 2;
        }
        for (; digit_value(peek(reader)) < base; reader->at++) {
                value = value * (unsigned)base + (unsigned)digit_value(peek(reader));
                if (value > UINT32_MAX)
                        return refuse(reader, start, "the number is more than %u", UINT32_MAX);
        }
        if (is_word(peek(reader)))
                return expected(reader, "the end of the number");
        *number = (uint32_t)value;
        return true;
}

/* The number behind % or n. There are no more names than there may be in a text of this length, so
 * that a table of them is no larger than the text. */
static bool read_name_number(struct reader *reader, const char *what, uint32_t *number)
{
        size_t start = reader->at++;

        if (!is_digit(peek(reader))) {
                reader->at = start;
                return expected(reader, what);
        }
        if (!read_number(reader, what, number))
                return false;
        return *number < reader->length + SPARE_NAMES ||
               refuse(reader, start, "%s of a text this long is numbered up to %zu", what,
                      reader->length + SPARE_NAMES - 1);
}

static bool read_term_use(struct reader *reader, struct name *name)
{
        uint32_t number;
        size_t start;

        if (next(reader) != '%')
                return expected(reader, "a term");
        start = reader->at;
        if (!read_name_number(reader, "a term", &number))
                return false;
        *name = reader->names[number];
        return name->defined || refuse(reader, start, "%%%u is not defined above", number);
}

static bool read_operand(struct reader *reader, struct name *name)
{
        uint32_t k;

        if (next(reader) == '%')
                return read_term_use(reader, name);
        if (!read_number(reader, "a term or a number", &k))
                return false;
        *name = (struct name){true, graph_constant(reader->graph, k), 0};
        return true;
}

static bool read_variable(struct reader *reader, uint32_t *k)
{
        size_t start;

        pass_blanks(reader);
        start = reader->at;
        return read_number(reader, "a variable's number", k) &&
               (*k < GRAPH_MAX_VARIABLES ||
                refuse(reader, start, "variables are numbered up to %d", GRAPH_MAX_VARIABLES - 1));
}

static bool read_load(struct reader *reader, unsigned size, struct name *result)
{
        struct name base = {.term = GRAPH_NONE};
        uint32_t offset;
        size_t length;

        pass_blanks(reader);
        length = word_length(reader);
        offset = cbpf_ancillary_offset(reader->text + reader->at, length);
        if (length > 0 && offset) {
                reader->at += length;
        } else {
                if (peek(reader) == '%' && (!read_term_use(reader, &base) || !demand(reader, "+")))
                        return false;
                if (!read_number(reader, "an offset", &offset))
                        return false;
                /* Out of reach of every packet, by a sum that is not taken. */
                if (base.term == GRAPH_NONE && pass(reader, "+")) {
                        base.term = graph_constant(reader->graph, offset);
                        if (!read_number(reader, "an offset", &offset))
                                return false;
                }
        }
        result->term = graph_load(reader->graph, size, base.term, offset);
        result->depth = base.depth + 1;
        return true;
}

static bool read_operation(struct reader *reader, const struct text_operation *operation,
                           struct name *result)
{
        struct graph *graph = reader->graph;
        struct name a, b = {.term = GRAPH_NONE};
        size_t start = reader->at;

        if (!read_operand(reader, &a))
                return false;
        if (operation->code != BPF_NEG && (!demand(reader, ",") || !read_operand(reader, &b)))
                return false;
        if (graph->failed)
                return out_of_memory(reader);
        result->depth = (a.depth > b.depth ? a.depth : b.depth) + 1;
        if (operation->kind == TERM_OPERATION) {
                result->term = graph_operation(graph, operation->code, a.term, b.term);
                return true;
        }
        if (graph_is_constant(graph, a.term) || graph_is_constant(graph, b.term))
                return refuse(reader, start,
                              "%s compares two terms that vary; a switch compares with constants",
                              operation->name);
        result->term = graph_comparison(graph, operation->kind, a.term, b.term);
        return true;
}

static bool read_value(struct reader *reader, struct name *result)
{
        result->depth = 1;
        if (pass(reader, "length")) {
                result->term = graph_length(reader->graph);
                return true;
        }
        if (pass(reader, "argument")) {
                bool x = pass(reader, "x");

                result->term = graph_argument(reader->graph, x);
                return x || pass(reader, "a") || expected(reader, "a or x");
        }
        if (pass(reader, "variable")) {
                uint32_t k;

                if (!read_variable(reader, &k))
                        return false;
                result->term = graph_variable(reader->graph, k);
                return true;
        }
        for (int i = 0; i < TEXT_LOADS; i++)
                if (pass(reader, text_loads[i].name))
                        return read_load(reader, text_loads[i].size, result);
        for (int i = 0; i < TEXT_OPERATIONS; i++)
                if (pass(reader, text_operations[i].name))
                        return read_operation(reader, &text_operations[i], result);
        return expected(reader, "length, argument, variable, a load or an operation");
}

static bool read_term(struct reader *reader)
{
        struct name name = {.defined = true};
        size_t start = reader->at;
        uint32_t number;

        if (!read_name_number(reader, "a term", &number) || !demand(reader, "="))
                return false;
        if (reader->names[number].defined)
                return refuse(reader, start, "%%%u is defined twice", number);
        if (!read_value(reader, &name))
                return false;
        if (name.depth > MAX_DEPTH)
                return refuse(reader, start, "terms are nested more than %d deep", MAX_DEPTH);
        reader->names[number] = name;
        return true;
}

/* accept, reject or return; `found` says whether one stands here. */
static bool read_leaf(struct reader *reader, struct target *target, bool *found)
{
        struct name name;
        uint32_t k;

        *found = true;
        target->is_label = false;
        if (pass(reader, "reject")) {
                target->number = graph_return(reader->graph, 0);
        } else if (pass(reader, "accept")) {
                if (!read_number(reader, "a number", &k))
                        return false;
                if (k == 0)
                        return refuse(reader, reader->at - 1, "to accept 0 bytes is to reject");
                target->number = graph_return(reader->graph, k);
        } else if (pass(reader, "return")) {
                if (!read_term_use(reader, &name))
                        return false;
                target->number = graph_return_term(reader->graph, name.term);
        } else {
                *found = false;
        }
        return true;
}

static bool read_label_use(struct reader *reader, struct target *target)
{
        struct label *label;
        size_t start;

        if (next(reader) != 'n')
                return expected(reader, "a node, accept, reject or return");
        start = reader->at;
        if (!read_name_number(reader, "a node", &target->number))
                return false;
        target->is_label = true;
        label = &reader->labels[target->number];
        if (label->defined)
                return refuse(reader, start,
                              "n%u is defined above; a node leads only to nodes below it",
                              target->number);
        if (!label->used)
                label->use = start;
        label->used = true;
        return true;
}

static bool read_target(struct reader *reader, struct target *target)
{
        bool is_leaf;

        return read_leaf(reader, target, &is_leaf) && (is_leaf || read_label_use(reader, target));
}

/* Intervals with the same target, which is filled in for all of them. `next` is the least value
 * that the first may begin with. */
static bool read_arm(struct reader *reader, uint64_t *next)
{
        uint32_t first = reader->interval_count;
        struct target target;

        do {
                struct interval interval;
                size_t start;

                pass_blanks(reader);
                start = reader->at;
                if (!read_number(reader, "a number or else", &interval.from))
                        return false;
                interval.to = interval.from;
                if (pass(reader, "..") && !read_number(reader, "a number", &interval.to))
                        return false;
                if (interval.from < *next || interval.to < interval.from)
                        return refuse(reader, start, "the values of a switch must ascend");
                *next = (uint64_t)interval.to + 1;
                if (!array_grow(reader->intervals, reader->interval_room,
                                reader->interval_count + 1))
                        return out_of_memory(reader);
                reader->intervals[reader->interval_count++] = interval;
        } while (pass(reader, ","));
        if (!demand(reader, "->") || !read_target(reader, &target))
                return false;
        for (uint32_t i = first; i < reader->interval_count; i++)
                reader->intervals[i].target = target;
        return demand(reader, ";");
}

static bool read_switch(struct reader *reader, struct body *body)
{
        uint64_t next = 0;
        struct name name;

        if (!read_term_use(reader, &name) || !demand(reader, "{"))
                return false;
        body->kind = NODE_SWITCH;
        body->a = name.term;
        body->first = reader->interval_count;
        while (!pass(reader, "else"))
                if (!read_arm(reader, &next))
                        return false;
        body->count = reader->interval_count - body->first;
        return demand(reader, "->") && read_target(reader, &body->target) && demand(reader, "}");
}

/* What a call passes in `reg`, "a" or "x"; GRAPH_NONE if nothing. */
static bool read_passed(struct reader *reader, const char *reg, uint32_t *term)
{
        struct name name = {.term = GRAPH_NONE};

        if (pass(reader, reg) && (!demand(reader, "=") || !read_operand(reader, &name)))
                return false;
        *term = name.term;
        return true;
}

static bool read_call(struct reader *reader, struct body *body)
{
        body->kind = NODE_CALL;
        return read_target(reader, &body->target) && read_passed(reader, "a", &body->a) &&
               read_passed(reader, "x", &body->x);
}

static bool read_set(struct reader *reader, struct body *body)
{
        struct name name;

        body->kind = NODE_SET;
        if (!read_variable(reader, &body->x) || !demand(reader, "=") ||
            !read_operand(reader, &name) || !demand(reader, ","))
                return false;
        body->a = name.term;
        return read_target(reader, &body->target) && read_passed(reader, "a", &body->passed);
}

static bool read_node(struct reader *reader)
{
        struct body body = {.kind = NODE_RETURN};
        size_t start = reader->at;
        struct label *label;
        bool found, done;

        if (!read_name_number(reader, "a node", &body.label) || !demand(reader, ":"))
                return false;
        label = &reader->labels[body.label];
        if (label->defined)
                return refuse(reader, start, "n%u is defined twice", body.label);
        if (!label->used && reader->body_count > 0)
                return refuse(reader, start, "nothing above leads to n%u", body.label);
        label->defined = true;
        if (pass(reader, "switch"))
                done = read_switch(reader, &body);
        else if (pass(reader, "call"))
                done = read_call(reader, &body);
        else if (pass(reader, "set"))
                done = read_set(reader, &body);
        else
                done = read_leaf(reader, &body.target, &found) &&
                       (found || expected(reader, "switch, call, set, accept, reject or return"));
        if (!done)
                return false;
        if (!array_grow(reader->bodies, reader->body_room, reader->body_count + 1))
                return out_of_memory(reader);
        reader->bodies[reader->body_count++] = body;
        return true;
}

static uint32_t node_of(const struct reader *reader, struct target target)
{
        return target.is_label ? reader->labels[target.number].node : target.number;
}

static uint32_t make_switch(struct reader *reader, const struct body *body)
{
        struct arm *arms = malloc((body->count * (size_t)2 + 1) * sizeof *arms);
        uint32_t otherwise = node_of(reader, body->target), count = 0, node;
        uint64_t next = 0;

        if (!arms) {
                reader->graph->failed = true;
                return 0;
        }
        for (uint32_t i = body->first; i < body->first + body->count; i++) {
                const struct interval *interval = &reader->intervals[i];

                if (interval->from > next)
                        arms[count++] = (struct arm){(uint32_t)next, otherwise};
                arms[count++] = (struct arm){interval->from, node_of(reader, interval->target)};
                next = (uint64_t)interval->to + 1;
        }
        if (next <= UINT32_MAX)
                arms[count++] = (struct arm){(uint32_t)next, otherwise};
        node = graph_switch(reader->graph, body->a, arms, count);
        free(arms);
        return node;
}

/* Makes the nodes from the last to the first, so that those a node leads to are there. */
static bool make_nodes(struct reader *reader)
{
        for (uint32_t i = reader->body_count; i-- > 0 && !reader->graph->failed;) {
                const struct body *body = &reader->bodies[i];
                uint32_t node = node_of(reader, body->target);

                if (body->kind == NODE_SWITCH)
                        node = make_switch(reader, body);
                else if (body->kind == NODE_CALL)
                        node = graph_call(reader->graph, body->a, body->x, node);
                else if (body->kind == NODE_SET)
                        node = graph_set(reader->graph, body->x, body->a, body->passed, node);
                reader->labels[body->label].node = node;
        }
        reader->graph->root = reader->labels[reader->bodies[0].label].node;
        return !reader->graph->failed || out_of_memory(reader);
}

static bool read_all(struct reader *reader)
{
        for (pass_blanks(reader); reader->at < reader->length; pass_blanks(reader)) {
                bool is_node = peek(reader) == 'n';

                if (!is_node && peek(reader) != '%')
                        return expected(reader, "a term or a node");
                if (!(is_node ? read_node : read_term)(reader))
                        return false;
                if (reader->graph->failed)
                        return out_of_memory(reader);
        }
        if (reader->body_count == 0)
                return refuse(reader, reader->at, "there is no node");
        for (size_t i = 0; i < reader->length + SPARE_NAMES; i++)
                if (reader->labels[i].used && !reader->labels[i].defined)
                        return refuse(reader, reader->labels[i].use, "n%zu is not defined below",
                                      i);
        return make_nodes(reader);
}

int graph_read(struct graph *graph, const char *text, size_t length, struct error *error)
{
        size_t names = length + SPARE_NAMES;
        struct reader reader = {
            .graph = graph,
            .text = text,
            .length = length,
            .names = calloc(names, sizeof *reader.names),
            .labels = calloc(names, sizeof *reader.labels),
            .error = error,
        };
        bool done;

        *error = (struct error){.offset = ERROR_NO_OFFSET};
        if (length >= UINT32_MAX / 4)
                done = refuse(&reader, 0, "the text is too long");
        else
                done = reader.names && reader.labels ? read_all(&reader) : out_of_memory(&reader);
        free(reader.names);
        free(reader.labels);
        free(reader.intervals);
        free(reader.bodies);
        return done ? 0 : -1;
}
