/* The pass manager: the passes take turns until nothing changes.
 *
 * No pass copies a node, so none makes the graph larger. */
#include "pass.h"
#include "base/array.h"

#include <string.h>

enum {
        MAX_ROUNDS = 16,
        MANY_ROUNDS_MAX_SIZE = 20000, /* in larger graphs the first round finds nearly all */
};

typedef void pass_function(struct graph *graph, unsigned variant);

extern pass_function jump_threading, post_dominator_bypass, switch_formation, test_reordering;

static const struct pass {
        const char *name;
        pass_function *run;
        const char *summary;
} passes[] = {
    {"jump-threading", jump_threading, "lead each arm past the tests that its values decide"},
    {"post-dominator-bypass", post_dominator_bypass, "skip the tests that decide nothing"},
    {"switch-formation", switch_formation, "consecutive switches of one term become one switch"},
    {"test-reordering", test_reordering, "move tests of one term together, over those between"},
};

const char *cbpf_pass(size_t number, const char **summary)
{
        if (number >= array_count(passes))
                return NULL;
        if (summary)
                *summary = passes[number].summary;
        return passes[number].name;
}

static bool has_calls(const struct graph *graph)
{
        for (uint32_t i = 0; i <= graph->root; i++)
                if (graph->nodes[i].kind == NODE_CALL)
                        return true;
        return false;
}

int cbpf_run_pass(const char *name, struct graph *graph)
{
        if (has_calls(graph))
                return 1;
        for (size_t i = 0; i < array_count(passes); i++)
                if (strcmp(passes[i].name, name) == 0) {
                        passes[i].run(graph, 0);
                        return graph->failed ? -1 : 0;
                }
        return 1;
}

size_t pass_graph_size(const struct graph *graph)
{
        size_t size = 0;

        for (uint32_t i = 0; i <= graph->root; i++)
                size += graph->nodes[i].count;
        return size;
}

int passes_run(struct graph *graph, unsigned variant, const struct cbpf_pass_observer *observer)
{
        unsigned rounds = pass_graph_size(graph) < MANY_ROUNDS_MAX_SIZE ? MAX_ROUNDS : 1;
        size_t count = array_count(passes), unchanged = 0; /* passes, the last ones */

        for (size_t i = 0; i < rounds * count && unchanged < count && !graph->failed; i++) {
                const struct pass *pass = &passes[i % count];
                struct cbpf_pass_event event = {pass->name, (unsigned)(i / count) + 1, graph, true};
                uint32_t before = graph->root;

                pass->run(graph, variant);
                event.changed = graph->root != before;
                unchanged = event.changed ? 0 : unchanged + 1;
                if (observer && !graph->failed)
                        observer->after(observer->context, &event);
        }
        return graph->failed ? -1 : 0;
}
