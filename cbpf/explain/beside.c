/* Puts the classic program and the extended one of a filter beside one another: both come from the
 * nodes of one graph, and each instruction knows for which.
 *
 * An instruction of the classic program may be for several nodes: then these, and what both
 * programs have for them, are one test here. Where the classic program was emitted from another
 * way to ask the same, its nodes are those that ask the same of the same term. */
#include "base/array.h"
#include "base/text.h"
#include "extended_notes.h"
#include "graph_listing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        PLACE_REGISTER = 9,

        /* Tests for what is for no node, behind those that nodes are in. */
        BEGIN = 0,
        TOO_SHORT,
        UNKNOWN, /* classic instructions of libpcap's */
        OTHERS,
};

struct listed {
        char *text;
        struct node_text *places;
};

struct joining {
        const struct cbpf_target *target;
        struct cbpf_beside *beside;
        struct bpf_program classic;
        struct cbpf_extended_program extended;
        struct cbpf_notes notes; /* of the classic program */
        struct extended_notes extended_notes;
        struct listed optimized, emitted; /* what the nodes ask */
        const char **names;               /* by extended instruction: what its register holds */
        uint8_t *verdicts;                /* by node: enum verdict */
        uint32_t nodes;                   /* of both graphs */
        uint32_t *joined; /* by node, then OTHERS: another that it is one test with, or itself */
        uint32_t *like;   /* by node of the emitted graph: one of the other */
        struct cbpf_origin *origins; /* of the classic program */
        uint32_t origin_count;
        bool is_foreign;   /* libpcap's program is kept */
        uint32_t *test_of; /* by joined node: which test; or GRAPH_NONE */
        uint32_t *order;   /* the joined nodes, as tests come */
        uint32_t begin;    /* extended instructions before those of any node */
        bool has_direct;   /* instructions that are not by copies */
        bool failed;
};

static void *take(struct joining *joining, size_t size)
{
        void *memory = arena_take(&joining->beside->memory, size);

        joining->failed |= !memory;
        return memory;
}

__attribute__((format(printf, 2, 3))) static const char *format(struct joining *joining,
                                                                const char *form, ...)
{
        char text[512], *kept;
        va_list arguments;
        size_t length;

        va_start(arguments, form);
        vsnprintf(text, sizeof text, form, arguments);
        va_end(arguments);
        length = strlen(text);
        kept = take(joining, length + 1);
        return kept ? memcpy(kept, text, length + 1) : "";
}

/* Joining */

static uint32_t representative(const struct joining *joining, uint32_t node)
{
        uint32_t *joined = joining->joined;

        while (joined[node] != node) {
                joined[node] = joined[joined[node]];
                node = joined[node];
        }
        return node;
}

static void join(struct joining *joining, uint32_t one, uint32_t other)
{
        joining->joined[representative(joining, one)] = representative(joining, other);
}

static bool is_listed(const struct listed *listed, uint32_t node)
{
        return listed->places[node].end > listed->places[node].start;
}

static bool same_question(const struct node *one, const struct node *other)
{
        if (one->kind != other->kind || one->term != other->term || one->count != other->count)
                return false;
        for (uint32_t i = 0; i < one->count; i++)
                if (one->arms[i].from != other->arms[i].from)
                        return false;
        return true;
}

/* Finds for each node of the emitted graph that is not in the optimized one the node there that
 * asks the same; failing that, one that asks for the same term. */
static void find_like(struct joining *joining, const struct graph *graph)
{
        uint32_t *first = calloc(graph->term_count, sizeof *first);
        uint32_t *next = calloc(joining->nodes, sizeof *next); /* of the same term */

        joining->failed |= !first || !next;
        for (uint32_t i = 0; i < joining->nodes && !joining->failed; i++) {
                const struct node *node = &graph->nodes[i];

                if (!is_listed(&joining->optimized, i) || node->kind != NODE_SWITCH)
                        continue;
                next[i] = first[node->term];
                first[node->term] = i;
        }
        for (uint32_t i = 0; i < joining->nodes && !joining->failed; i++) {
                const struct node *node = &graph->nodes[i];

                if (!is_listed(&joining->emitted, i) || is_listed(&joining->optimized, i) ||
                    node->kind != NODE_SWITCH)
                        continue;
                for (uint32_t other = first[node->term]; other; other = next[other])
                        if (joining->like[i] == i || same_question(node, &graph->nodes[other]))
                                joining->like[i] = other;
        }
        free(first);
        free(next);
}

static void join_nodes(struct joining *joining)
{
        uint32_t before = GRAPH_NONE;

        for (uint32_t i = 0; i < joining->origin_count; i++) {
                struct cbpf_origin *origin = &joining->origins[i];

                origin->node = joining->like[origin->node];
                if (i > 0 && origin->instruction == before)
                        join(joining, origin->node, joining->origins[i - 1].node);
                before = origin->instruction;
        }
}

/* What is known while the graph is there */

static int by_node(const void *one, const void *other)
{
        const struct named_term *a = one, *b = other;

        if (a->node != b->node)
                return a->node < b->node ? -1 : 1;
        return a->number < b->number ? -1 : a->number > b->number;
}

/* Names what the extended program's registers hold, and lists the optimized graph. */
static void name_registers(struct joining *joining, struct graph *graph)
{
        const struct cbpf_extended_program *program = &joining->extended;
        struct named_terms names = {calloc(program->count + (size_t)1, sizeof *names.terms), 0};

        joining->failed |= !names.terms;
        for (uint32_t i = 0; i < program->count && names.terms; i++) {
                const struct cbpf_extended_origin *origin = &program->origins[i];

                if (origin->node != GRAPH_NONE && origin->term != GRAPH_NONE)
                        names.terms[names.count++] = (struct named_term){
                            .node = origin->node, .term = origin->term, .number = i};
        }
        if (names.terms) {
                qsort(names.terms, names.count, sizeof *names.terms, by_node);
                joining->optimized.text =
                    graph_list(graph, joining->target, joining->optimized.places, &names);
        }
        joining->failed |= !joining->optimized.text;
        for (uint32_t i = 0; i < names.count && !joining->failed; i++)
                joining->names[names.terms[i].number] = format(joining, "%s", names.terms[i].name);
        free(names.terms);
}

static void forget_listed(struct listed *listed)
{
        free(listed->text);
        free(listed->places);
        *listed = (struct listed){0};
}

static void forget(struct joining *joining)
{
        forget_listed(&joining->optimized);
        forget_listed(&joining->emitted);
        extended_notes_free(&joining->extended_notes);
        arena_free(&joining->beside->memory);
}

static void take_tables(struct joining *joining, const struct graph *graph)
{
        uint32_t nodes = graph->node_count;

        joining->nodes = nodes;
        joining->joined = take(joining, (nodes + (size_t)OTHERS) * sizeof *joining->joined);
        joining->like = take(joining, (nodes + (size_t)OTHERS) * sizeof *joining->like);
        joining->names =
            take(joining, (joining->extended.count + (size_t)1) * sizeof *joining->names);
        joining->verdicts = take(joining, nodes * sizeof *joining->verdicts);
        joining->optimized.places = calloc(nodes, sizeof *joining->optimized.places);
        joining->emitted.places = calloc(nodes, sizeof *joining->emitted.places);
        joining->failed |= !joining->optimized.places || !joining->emitted.places;
        for (uint32_t i = 0; i < nodes + OTHERS && !joining->failed; i++)
                joining->joined[i] = joining->like[i] = i;
}

/* The graph is gone when the programs are there, so all that is asked of it is asked now. */
static void learn(void *context, const struct cbpf_emitted *emitted)
{
        struct joining *joining = context;
        struct graph *graph;

        joining->is_foreign = !emitted;
        if (!emitted)
                return;
        graph = emitted->graph;
        forget(joining);
        graph->root = emitted->optimized;
        take_tables(joining, graph);
        joining->failed |= !extended_notes_find(&joining->extended_notes, graph);
        if (!joining->failed)
                name_registers(joining, graph);
        graph->root = emitted->emitted;
        if (!joining->failed)
                joining->emitted.text =
                    graph_list(graph, joining->target, joining->emitted.places, NULL);
        joining->failed |= !joining->emitted.text;
        joining->origins = take(joining, (emitted->count + (size_t)1) * sizeof *joining->origins);
        joining->origin_count = emitted->count;
        if (joining->failed)
                return;
        memcpy(joining->origins, emitted->origins, emitted->count * sizeof *joining->origins);
        find_like(joining, graph);
        for (uint32_t i = 0; i < joining->nodes; i++) {
                const struct node *node = &graph->nodes[i];

                if (node->kind != NODE_RETURN)
                        continue;
                joining->verdicts[i] = node->k ? VERDICT_ACCEPT : VERDICT_REJECT;
                if (node->k == 0)
                        joining->joined[joining->nodes + TOO_SHORT] = i;
        }
}

/* Instructions of libpcap's are for no node. */
static void take_foreign(struct joining *joining)
{
        joining->origin_count = joining->classic.bf_len;
        joining->origins = take(joining, joining->origin_count * sizeof *joining->origins);
        for (uint32_t i = 0; i < joining->origin_count && !joining->failed; i++)
                joining->origins[i] = (struct cbpf_origin){i, joining->nodes + UNKNOWN};
}

/* Which tests there are */

/* The node of an extended instruction; or what stands for none. */
static uint32_t extended_node(const struct joining *joining, uint32_t at)
{
        uint32_t node = joining->extended.origins[at].node;

        if (node == GRAPH_NONE)
                node = joining->nodes + (at < joining->begin ? BEGIN : TOO_SHORT);
        return representative(joining, node);
}

/* Tests come in the order of the classic program; those it does not have, behind what the extended
 * one has before them. */
static void order_tests(struct joining *joining)
{
        struct cbpf_beside *beside = joining->beside;
        uint32_t *next = calloc(joining->nodes + (size_t)OTHERS + 1, sizeof *next);
        uint32_t end = joining->nodes + OTHERS, last = end, before = end;

        joining->test_of = take(joining, (end + (size_t)1) * sizeof *joining->test_of);
        joining->order = take(joining, (end + (size_t)1) * sizeof *joining->order);
        joining->failed |= !next;
        if (joining->failed) {
                free(next);
                return;
        }
        for (uint32_t i = 0; i <= end; i++)
                next[i] = GRAPH_NONE;
        for (uint32_t i = 0; i < joining->origin_count; i++) {
                uint32_t node = representative(joining, joining->origins[i].node);

                if (next[node] != GRAPH_NONE || node == last)
                        continue;
                next[last] = node;
                last = node;
        }
        next[last] = end; /* a ring */
        for (uint32_t i = 0; i < joining->extended.count; i++) {
                uint32_t node = extended_node(joining, i);

                if (next[node] == GRAPH_NONE) {
                        next[node] = next[before];
                        next[before] = node;
                }
                before = node;
        }
        for (uint32_t node = next[end]; node != end; node = next[node]) {
                joining->test_of[node] = beside->count;
                joining->order[beside->count++] = node;
        }
        free(next);
}

/* Lines */

static const char *classic_text(struct joining *joining, uint32_t at)
{
        char listed[96], operation[16] = "", operand[64] = "", *branch;

        cbpf_list_instruction(&joining->classic.bf_insns[at], at, listed, sizeof listed);
        for (char *c = listed; *c; c++)
                if (*c == '\t')
                        *c = ' ';
        branch = strstr(listed, " jt ");
        if (branch)
                *branch++ = '\0';
        sscanf(listed, "(%*u) %15s %63[^\n]", operation, operand);
        for (size_t end = strlen(operand); end > 0 && operand[end - 1] == ' ';)
                operand[--end] = '\0';
        return branch ? format(joining, "%-4s %s  %s", operation, operand, branch)
                      : format(joining, "%-4s %s", operation, operand);
}

static void put_classic(struct joining *joining, struct cbpf_beside_side *side, uint32_t at)
{
        side->lines[side->count++] =
            (struct cbpf_beside_line){at, classic_text(joining, at),
                                      format(joining, "%s", joining->notes.notes[at].text), ""};
}

/* The text of line `line` of a listing, with jumps to numbers in place of distances. */
static const char *extended_text(struct joining *joining, uint32_t at, const char *line)
{
        const char *text = strstr(line, ") ") + 2, *end = strchr(text, '\n');
        const char *distance = strstr(text, "goto pc");
        uint32_t to;

        if (distance && distance < end && extended_jump(&joining->extended, at, &to))
                return format(joining, "%.*s %u", (int)(distance + 4 - text), text, to);
        return format(joining, "%.*s", (int)(end - text), text);
}

static const char *extended_line_note(struct joining *joining, uint32_t at)
{
        const struct cbpf_extended_instruction *instruction = &joining->extended.instructions[at];
        const struct cbpf_extended_origin *origin = &joining->extended.origins[at];
        bool place = instruction->destination == PLACE_REGISTER;
        char note[EXTENDED_NOTE];
        uint32_t to;

        if (joining->names[at] && *joining->names[at])
                return format(joining, "r%u = %s%s%s", instruction->destination,
                              place && !origin->by_copies ? "the packet's start + " : "",
                              joining->names[at], origin->swapped ? ", bytes swapped" : "");
        extended_note(&joining->extended_notes, &joining->extended, at, note);
        if (!extended_jump(&joining->extended, at, &to))
                return format(joining, "%s", note);
        note[strcspn(note, "?")] = '\0'; /* where it leads is told apart */
        return strncmp(note, "are ", 4) == 0 ? format(joining, "%s?", note) : "";
}

static bool ends_path(const struct cbpf_extended_instruction *instruction)
{
        enum { EXIT = 0x95, GOTO = 0x05, FAR_GOTO = 0x06 };

        return instruction->code == EXIT || instruction->code == GOTO ||
               instruction->code == FAR_GOTO;
}

/* The number of the instruction behind one, which may take two. */
static uint32_t behind(const struct joining *joining, uint32_t at)
{
        return at + (joining->extended.instructions[at].code == CBPF_EXTENDED_LOAD ? 2 : 1);
}

/* Where an instruction leads to elsewhere. */
static const char *extended_next(struct joining *joining, uint32_t at)
{
        const struct cbpf_extended_program *program = &joining->extended;
        char target[EXTENDED_NOTE] = "", rest[EXTENDED_NOTE] = "";
        uint32_t to, follows = behind(joining, at);
        bool leaves = follows < program->count && !ends_path(&program->instructions[at]) &&
                      extended_enters(program, follows);

        if (extended_jump(program, at, &to))
                extended_note_target(&joining->extended_notes, program, to, target);
        if (leaves)
                extended_note_target(&joining->extended_notes, program, follows, rest);
        return format(joining, "%s%s%s", target, *target && *rest ? ", else " : "", rest);
}

/* Instructions by copies say the same again, if there are others. */
static bool is_again(const struct joining *joining, uint32_t at)
{
        return joining->has_direct && joining->extended.origins[at].by_copies;
}

static void put_extended(struct joining *joining, struct cbpf_beside_test *test, uint32_t at,
                         const char *line)
{
        struct cbpf_beside_side *side = &test->extended;

        side->lines[side->count++] =
            (struct cbpf_beside_line){at, extended_text(joining, at, line),
                                      extended_line_note(joining, at), extended_next(joining, at)};
}

static void note_copies(struct joining *joining, struct cbpf_beside_test *test, uint32_t from,
                        uint32_t to)
{
        test->copies =
            format(joining, "%s%s%u to %u", test->copies, *test->copies ? ", " : "", from, to);
}

static struct cbpf_beside_test *test_at(struct joining *joining, uint32_t node)
{
        return &joining->beside->tests[joining->test_of[representative(joining, node)]];
}

/* Counts the lines of each side, and takes memory for them. */
static void take_lines(struct joining *joining)
{
        struct cbpf_beside *beside = joining->beside;

        beside->tests = take(joining, (beside->count + (size_t)1) * sizeof *beside->tests);
        if (joining->failed)
                return;
        for (uint32_t i = 0; i < joining->origin_count; i++)
                test_at(joining, joining->origins[i].node)->classic.count++;
        for (uint32_t i = 0; i < joining->extended.count; i++)
                test_at(joining, extended_node(joining, i))->extended.count++;
        for (uint32_t i = 0; i < beside->count; i++) {
                struct cbpf_beside_test *test = &beside->tests[i];

                test->copies = test->question = "";
                test->classic.lines =
                    take(joining, (test->classic.count + (size_t)1) * sizeof *test->classic.lines);
                test->extended.lines = take(joining, (test->extended.count + (size_t)1) *
                                                         sizeof *test->extended.lines);
                test->classic.count = test->extended.count = 0;
        }
}

static void put_lines(struct joining *joining, const char *lines)
{
        uint32_t from = GRAPH_NONE, before = GRAPH_NONE, at;

        for (uint32_t i = 0; i < joining->origin_count; i++) {
                const struct cbpf_origin *origin = &joining->origins[i];

                if (origin->instruction != before)
                        put_classic(joining, &test_at(joining, origin->node)->classic,
                                    origin->instruction);
                before = origin->instruction;
        }
        for (uint32_t i = 0; i < joining->extended.count; i++)
                joining->has_direct |= joining->extended.origins[i].node != GRAPH_NONE &&
                                       joining->extended.origins[i].term != GRAPH_NONE &&
                                       !joining->extended.origins[i].by_copies;
        for (const char *line = lines; *line && !joining->failed; line = strchr(line, '\n') + 1) {
                struct cbpf_beside_test *test;

                at = (uint32_t)strtoul(line, NULL, 10);
                test = test_at(joining, extended_node(joining, at));
                if (!is_again(joining, at)) {
                        put_extended(joining, test, at, line);
                        continue;
                }
                if (from == GRAPH_NONE)
                        from = at;
                if (behind(joining, at) >= joining->extended.count ||
                    extended_enters(&joining->extended, behind(joining, at))) {
                        note_copies(joining, test, from, behind(joining, at) - 1);
                        from = GRAPH_NONE;
                }
        }
}

/* Questions */

static void put_question(const struct joining *joining, struct text *text, uint32_t node)
{
        const struct listed *listed =
            is_listed(&joining->optimized, node) ? &joining->optimized : &joining->emitted;
        const struct node_text *place = &listed->places[node];

        if (joining->verdicts[node] != VERDICT_NONE)
                text_string(text,
                            joining->verdicts[node] == VERDICT_ACCEPT ? "accept\n" : "reject\n");
        else
                text_put(text, listed->text + place->start, place->end - place->start);
}

static void put_questions(struct joining *joining)
{
        static const char *const others[OTHERS] = {
            [BEGIN] = "begin\n",
            [TOO_SHORT] = "reject\n",
            [UNKNOWN] =
                "this classic program is libpcap's own, so which test is where is not known\n"};
        struct cbpf_beside *beside = joining->beside;
        struct text *texts = calloc(beside->count + (size_t)1, sizeof *texts);

        joining->failed |= !texts;
        for (uint32_t i = joining->nodes; i-- > 0 && !joining->failed;) {
                uint32_t node = representative(joining, i), test = joining->test_of[node];

                if (beside->count > 0 && joining->order[test] == node && joining->like[i] == i)
                        put_question(joining, &texts[test], i);
        }
        for (uint32_t i = 0; i < OTHERS && !joining->failed; i++) {
                uint32_t node = representative(joining, joining->nodes + i);

                if (beside->count > 0 && joining->order[joining->test_of[node]] == node &&
                    node == joining->nodes + i)
                        text_string(&texts[joining->test_of[node]], others[i]);
        }
        for (uint32_t i = 0; texts && i < beside->count; i++) {
                char *text = text_take(&texts[i]);
                char *kept = text ? take(joining, strlen(text) + 1) : NULL;

                joining->failed |= !kept;
                if (kept)
                        beside->tests[i].question = strcpy(kept, text);
                free(text);
        }
        free(texts);
}

static void put_together(struct joining *joining)
{
        char *lines = cbpf_list_extended(&joining->extended);

        joining->failed |=
            !lines || cbpf_annotate(&joining->classic, joining->target, &joining->notes) < 0;
        while (joining->begin < joining->extended.count &&
               joining->extended.origins[joining->begin].node == GRAPH_NONE)
                joining->begin++;
        if (!joining->failed && joining->is_foreign)
                take_foreign(joining);
        if (!joining->failed) {
                join_nodes(joining);
                order_tests(joining);
        }
        if (!joining->failed)
                take_lines(joining);
        if (!joining->failed)
                put_lines(joining, lines);
        if (!joining->failed)
                put_questions(joining);
        joining->beside->classic_count = joining->classic.bf_len;
        joining->beside->extended_count = joining->extended.count;
        free(lines);
}

int cbpf_put_beside(const char *expression, const struct cbpf_target *target,
                    const struct cbpf_extended_target *place, struct cbpf_beside *beside,
                    struct error *error)
{
        struct joining joining = {.target = target,
                                  .beside = beside,
                                  .extended_notes.only_copies =
                                      place->context == CBPF_CONTEXT_SOCKET};
        int result;

        *beside = (struct cbpf_beside){0};
        result = cbpf_compile_beside(expression, target, place, learn, &joining, &joining.classic,
                                     &joining.extended, error);
        if (result == 0 && !joining.failed)
                put_together(&joining);
        if (result == 0 && joining.failed) {
                error_memory(error);
                result = -1;
        }
        forget_listed(&joining.optimized);
        forget_listed(&joining.emitted);
        extended_notes_free(&joining.extended_notes);
        cbpf_notes_free(&joining.notes);
        cbpf_program_free(&joining.classic);
        cbpf_extended_free(&joining.extended);
        if (result < 0)
                cbpf_beside_free(beside);
        return result;
}

void cbpf_beside_free(struct cbpf_beside *beside)
{
        arena_free(&beside->memory);
        *beside = (struct cbpf_beside){0};
}
