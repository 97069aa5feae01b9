/* Passes, from text to text: each file of tests/passes/ is named for a pass and holds cases. A case
 * is a line `== what it shows`, a graph, a line `=>`, and the graph that the pass makes of it; in
 * normal-form.txt, the graph as it was read. And the text itself: a written graph is read back
 * unchanged, and what is not a graph is refused. */
#include "cbpf/compile.h"
#include "cbpf/ir/ir.h"
#include "cbpf/opt/pass.h"
#include "tests/lib/corpus.h"
#include "tests/unit/unit.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_graph(struct graph *graph, const char *text, const char *name)
{
        struct error error;

        *graph = (struct graph){0};
        ck_assert_msg(graph_read(graph, text, strlen(text), &error) == 0, "%s: %s in\n%s", name,
                      error.message, text);
}

static void assert_sound(const struct graph *graph, const char *name)
{
        char message[VERIFY_MESSAGE];

        ck_assert_msg(verify_graph(graph, message), "%s: %s", name, message);
}

/* Outlining stops at the first merge. */
static bool first(void *context, uint32_t root)
{
        ((struct graph *)context)->root = root;
        return true;
}

static void run_pass(const char *pass, struct graph *graph)
{
        int tries = 1;
        uint32_t root;

        if (strcmp(pass, "outlining") == 0) {
                outlining(graph, 0, false, &tries, first, graph);
        } else if (strcmp(pass, "value-outlining") == 0) {
                root = value_outlining(graph, 0);
                graph->root = root == GRAPH_NONE ? graph->root : root;
        } else if (strcmp(pass, "normal-form") != 0) {
                ck_assert_msg(cbpf_run_pass(pass, graph) == 0, "no pass %s", pass);
        }
        ck_assert(!graph->failed);
}

static void assert_pass(const char *pass, const char *title, const char *input,
                        const char *expected)
{
        struct graph graph;
        char *got;

        read_graph(&graph, input, title);
        run_pass(pass, &graph);
        assert_sound(&graph, title);
        got = cbpf_graph_text(&graph);
        ck_assert_ptr_nonnull(got);
        ck_assert_msg(strcmp(got, expected) == 0, "%s: %s: the graph is\n%s\nand not\n%s", pass,
                      title, got, expected);
        free(got);
        graph_free(&graph);
}

/* Leaves one newline at the end of `text`. */
static void trim(char *text)
{
        size_t length = strlen(text);

        while (length > 1 && text[length - 2] == '\n')
                text[--length] = '\0';
}

/* Runs the case that begins with its title. */
static void run_case(const char *pass, char *title)
{
        char *input = strchr(title, '\n'), *expected = strstr(title, "\n=>\n");

        ck_assert_msg(input && expected, "%s: there is no => in: %s", pass, title);
        *input = *expected = '\0';
        expected += strlen("\n=>\n");
        trim(expected);
        assert_pass(pass, title, input + 1, expected);
}

static void read_file(const char *path, char *text, size_t room)
{
        FILE *file = fopen(path, "r");
        size_t length;

        ck_assert_msg(file, "%s", path);
        length = fread(text, 1, room, file);
        ck_assert_msg(length < room, "%s is too long", path);
        text[length] = '\0';
        fclose(file);
}

static glob_t files; /* the paths of tests/passes/ */

START_TEST(passes_do_as_their_cases_say)
{
        static char text[1 << 16];
        const char *path = files.gl_pathv[_i];
        char pass[64], *next, *title;
        int count = 0;

        ck_assert_int_eq(sscanf(path, "tests/passes/%63[^.]", pass), 1);
        read_file(path, text, sizeof text);
        for (title = strstr(text, "\n== "); title; title = next, count++) {
                title += strlen("\n== ");
                next = strstr(title, "\n== ");
                if (next)
                        *next = '\0';
                run_case(pass, title);
        }
        ck_assert_int_ge(count, 3);
}
END_TEST

/* An outlined graph stays as it is: no pass supports calls. */
START_TEST(graphs_with_calls_are_refused)
{
        static const char text[] = "%1 = load.h 12\n"
                                   "n1: switch %1 { 0x800 -> n2; else -> reject }\n"
                                   "n2: call n3 x=40\n\n"
                                   "%2 = argument x\n"
                                   "%3 = load.h %2 + 14\n"
                                   "n3: switch %3 { 80 -> accept 1; else -> reject }\n";
        const char *pass;
        struct graph graph;
        uint32_t root;

        for (size_t i = 0; (pass = cbpf_pass(i, NULL)); i++) {
                read_graph(&graph, text, pass);
                root = graph.root;
                ck_assert_int_eq(cbpf_run_pass(pass, &graph), 1);
                ck_assert_uint_eq(graph.root, root);
                ck_assert(!graph.failed);
                assert_sound(&graph, pass);
                graph_free(&graph);
        }
}
END_TEST

START_TEST(every_pass_has_cases)
{
        const char *pass;
        char path[64];
        size_t count = 0;

        for (; (pass = cbpf_pass(count, NULL)); count++) {
                snprintf(path, sizeof path, "tests/passes/%s.txt", pass);
                ck_assert_msg(access(path, R_OK) == 0, "there is no %s", path);
        }
        /* And for what is no pass: outlining, value-outlining, normal-form. */
        ck_assert_uint_ge(files.gl_pathc, count + 3);
}
END_TEST

/* Text -> graph -> the same text; `context` counts. */
static void read_back(void *context, const struct cbpf_pass_event *event)
{
        char *text = cbpf_graph_text(event->graph), *again;
        struct graph graph;

        read_graph(&graph, text, event->pass);
        assert_sound(&graph, text);
        again = cbpf_graph_text(&graph);
        ck_assert_msg(strcmp(text, again) == 0, "%s\nis read back as\n%s", text, again);
        graph_free(&graph);
        free(text);
        free(again);
        ++*(int *)context;
}

static void read_back_every_graph(void *observer, int link_type, const char *expression)
{
        struct cbpf_target target = {
            .link_type = link_type, .snapshot_length = 262144, .place = CBPF_FILE};
        struct bpf_program program;
        struct error error;

        ck_assert_msg(cbpf_compile_and_observe(expression, &target, observer, &program, &error) ==
                          0,
                      "%s: %s", expression, error.message);
        cbpf_program_free(&program);
}

/* The graphs of the whole corpus, after each pass, outlined ones included. */
START_TEST(the_corpus_is_read_back)
{
        struct cbpf_pass_observer observer = {.after = read_back, .context = &(int){0}};

        ck_assert_uint_gt(corpus_visit(read_back_every_graph, &observer), 0);
        ck_assert_int_gt(*(int *)observer.context, 10000);
}
END_TEST

static const struct {
        const char *text, *message;
} refused[] = {
    {"", "line 1, column 1: there is no node"},
    {"# nothing\n", "line 2, column 1: there is no node"},
    {"%1 = load.h 12", "line 1, column 15: there is no node"},
    {"%1 = load.q 12\nn1: reject",
     "line 1, column 6: expected length, argument, variable, a load or an operation, not 'load.q'"},
    {"%1 = load.h x\nn1: reject", "line 1, column 13: expected an offset, not 'x'"},
    {"%1 = load.h %2 + 4\nn1: reject", "line 1, column 13: %2 is not defined above"},
    {"%1 = length\n%1 = length\nn1: reject", "line 2, column 1: %1 is defined twice"},
    {"%1 = and 4294967296, 1\nn1: reject", "line 1, column 10: the number is more than 4294967295"},
    {"%1 = and 12x, 1\nn1: reject", "line 1, column 12: expected the end of the number, not 'x'"},
    {"%1 = length\n%2 = eq %1, 5\nn1: reject",
     "line 2, column 8: eq compares two terms that vary; a switch compares with constants"},
    {"%99999999 = length\nn1: reject",
     "line 1, column 1: a term of a text this long is numbered up to 1028"},
    {"n1: switch %1 { else -> reject }", "line 1, column 12: %1 is not defined above"},
    {"%1 = length\nn1: switch %1 { 5 -> reject }", "line 2, column 29: expected ';', not '}'"},
    {"%1 = length\nn1: switch %1 { 5 -> reject; }",
     "line 2, column 30: expected a number or else, not '}'"},
    {"%1 = length\nn1: switch %1 { 5 -> reject; 5 -> accept 1; else -> reject }",
     "line 2, column 30: the values of a switch must ascend"},
    {"%1 = length\nn1: switch %1 { 5..4 -> reject; else -> reject }",
     "line 2, column 17: the values of a switch must ascend"},
    {"%1 = length\nn1: switch %1 { 5 -> n2; else -> reject }",
     "line 2, column 22: n2 is not defined below"},
    {"%1 = length\nn1: switch %1 { 5 -> n1; else -> reject }",
     "line 2, column 22: n1 is defined above; a node leads only to nodes below it"},
    {"n1: reject n2: reject", "line 1, column 12: nothing above leads to n2"},
    {"n1: reject n1: reject", "line 1, column 12: n1 is defined twice"},
    {"n1: accept 0", "line 1, column 12: to accept 0 bytes is to reject"},
    {"n1:#", "line 1, column 5: expected switch, call, set, accept, reject or return, not the end "
             "of the text"},
    {"n1: drop",
     "line 1, column 5: expected switch, call, set, accept, reject or return, not 'drop'"},
    {"n1: call n2 a", "line 1, column 14: expected '=', not the end of the text"},
    {"n1: return 5", "line 1, column 12: expected a term, not '5'"},
    {"\xff", "line 1, column 1: expected a term or a node, not '?'"},
};

START_TEST(text_is_refused_with_the_place)
{
        struct graph graph = {0};
        struct error error;

        ck_assert_int_eq(graph_read(&graph, refused[_i].text, strlen(refused[_i].text), &error),
                         -1);
        ck_assert_str_eq(error.message, refused[_i].message);
        graph_free(&graph);
}
END_TEST

/* Deeply nested terms: the work for a text stays proportional to its length. */
START_TEST(deep_terms_are_refused)
{
        enum { DEPTH = 5000 };
        char *text = malloc(DEPTH * 40), *end = text;
        struct graph graph = {0};
        struct error error;

        end += sprintf(end, "%%0 = load.w 0\n");
        for (int i = 1; i < DEPTH; i++)
                end += sprintf(end, "%%%d = %s %%%d, 3\n", i, i % 2 ? "mul" : "xor", i - 1);
        end += sprintf(end, "n1: return %%%d\n", DEPTH - 1);
        ck_assert_int_eq(graph_read(&graph, text, (size_t)(end - text), &error), -1);
        ck_assert_ptr_nonnull(strstr(error.message, "nested"));
        graph_free(&graph);
        free(text);
}
END_TEST

void unit_tests(Suite *suite)
{
        TCase *tests = unit_case(suite, "passes", UNIT_SECONDS);
        TCase *corpus = unit_case(suite, "corpus", 30);

        glob("tests/passes/*.txt", 0, NULL, &files);
        tcase_add_loop_test(tests, passes_do_as_their_cases_say, 0, (int)files.gl_pathc);
        tcase_add_test(tests, graphs_with_calls_are_refused);
        tcase_add_test(tests, every_pass_has_cases);
        tcase_add_loop_test(tests, text_is_refused_with_the_place, 0, COUNT(refused));
        tcase_add_test(tests, deep_terms_are_refused);
        tcase_add_test(corpus, the_corpus_is_read_back);
}
